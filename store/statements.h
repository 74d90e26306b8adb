/* Every SQL statement that is prepared once and kept: X(NAME, "sql"). Parameters are numbered in the order in
 * which the one function that uses the statement binds them. Private to store/. */
#ifndef ZHI_STORE_STATEMENTS_H
#define ZHI_STORE_STATEMENTS_H

/* A struct zhi_original, of capture o and its url ou. */
#define ORIGINAL_COLUMNS "o.id, o.record_id, ou.url, o.payload_digest, o.fetched_ms"

/* DUE_AGAIN: ?1 now, ?2 lists, ?3 and ?4 documents, least and most. A sixteenth, at most an hour, is forgiven, since
 * timers do not start to the second. Guesses and the crawl's own requests are not repeated. */
#define ZHI_STATEMENTS(X)                                                                          \
  X(BEGIN, "BEGIN IMMEDIATE")                                                                      \
  X(COMMIT, "COMMIT")                                                                              \
  X(GET_FACT, "SELECT value FROM archive WHERE key = ?1")                                          \
  X(SET_FACT, "INSERT INTO archive (key, value) VALUES (?1, ?2) "                                  \
              "ON CONFLICT (key) DO UPDATE SET value = excluded.value")                            \
  X(COUNT_COMMIT, "UPDATE archive SET value = value + 1 WHERE key = 'commits'")                    \
  /* crawls */                                                                                     \
  X(LAST_CRAWL, "SELECT id, name, started_ms, finished_ms, state, next_warc_serial, config "       \
                "FROM crawl ORDER BY id DESC LIMIT 1")                                             \
  X(ADD_CRAWL, "INSERT INTO crawl (id, name, started_ms, state, config) "                          \
               "VALUES (?1, ?2, ?3, 'running', ?4)")                                               \
  X(END_CRAWL, "UPDATE crawl SET state = ?2, finished_ms = ?3 WHERE id = ?1")                      \
  X(SET_CRAWL_CONFIG, "UPDATE crawl SET config = ?2 WHERE id = ?1")                                \
  X(NAME_IMPORT, "UPDATE crawl SET name = name || '-import' WHERE id = ?1")                        \
  X(NAME_CAPTURE, "UPDATE crawl SET name = name || '-capture' WHERE id = ?1")                      \
  X(RAISE_SERIAL, "UPDATE crawl SET next_warc_serial = max(next_warc_serial, ?2) WHERE id = ?1")   \
  X(DUE_AGAIN,                                                                                     \
    "UPDATE url SET state = 'due', attempts = 0, retry_ms = NULL, reason = NULL, detail = NULL, "  \
    "found_priority = coalesce(found_priority, priority), "                                        \
    "priority = CASE WHEN priority <= 2 OR good_capture_id IS NULL THEN priority "                 \
    "WHEN is_list THEN 2 ELSE 6 END FROM (SELECT u.id AS due_id, "                                 \
    "CASE WHEN u.priority <= 2 OR u.is_list THEN ?2 WHEN u.gone_crawls = 1 THEN 0 "                \
    "ELSE min(max(coalesce(u.interval_ms, ?3), ?3), max(?3, ?4)) END AS pause, "                   \
    "coalesce(r.started_ms, 0) AS since FROM url u LEFT JOIN crawl r ON r.id = u.crawl_id) AS t "  \
    "WHERE url.id = t.due_id AND (state = 'waiting' OR state = 'failed' OR (state = 'excluded' "   \
    "AND verdict IS NOT NULL) OR (state = 'done' AND coalesce(found_priority, priority) <= 5 "     \
    "AND t.since + t.pause - min(t.pause / 16, 3600000) <= ?1))")                                  \
  X(COUNT_NOT_DUE,                                                                                 \
    "UPDATE crawl SET not_due = (SELECT count(*) FROM url WHERE state = 'done' AND "               \
    "coalesce(found_priority, priority) <= 5) WHERE id = ?1")                                      \
  X(FORGET_ATTEMPTS, "UPDATE url SET attempts = 0 WHERE attempts > 0")                             \
  X(RECOUNT,                                                                                       \
    "UPDATE origin SET due = n.due, waiting = n.waiting, done = n.done, failed = n.failed, "       \
    "excluded = n.excluded FROM (SELECT origin_id, sum(state = 'due') AS due, "                    \
    "sum(state = 'waiting') AS waiting, sum(state = 'done') AS done, "                             \
    "sum(state = 'failed') AS failed, sum(state = 'excluded') AS excluded "                        \
    "FROM url GROUP BY origin_id) AS n WHERE origin.id = n.origin_id")                             \
  /* groups and origins */                                                                         \
  X(ALL_GROUPS, "SELECT id, next_ms, blocked_until_ms, backoff_ms, delay_ms FROM host_group")      \
  X(ALL_ORIGINS, "SELECT id, origin, group_id, due, waiting, done, failed, excluded FROM origin")  \
  X(ALL_ADDRESSES, "SELECT address, group_id FROM address")                                        \
  X(ALL_DUE, "SELECT origin_id, priority, count(*) FROM url INDEXED BY url_due "                   \
             "WHERE state = 'due' GROUP BY origin_id, priority")                                   \
  X(ADD_GROUP, "INSERT INTO host_group (id, next_ms, blocked_until_ms, backoff_ms, delay_ms) "     \
               "VALUES (?1, ?2, ?3, ?4, ?5)")                                                      \
  X(SET_GROUP, "UPDATE host_group SET next_ms = ?2, blocked_until_ms = ?3, backoff_ms = ?4, "      \
               "delay_ms = ?5 WHERE id = ?1")                                                      \
  X(DROP_GROUP, "DELETE FROM host_group WHERE id = ?1")                                            \
  X(ADD_ORIGIN, "INSERT INTO origin (origin, group_id) VALUES (?1, ?2)")                           \
  X(MOVE_ORIGIN, "UPDATE origin SET group_id = ?2 WHERE id = ?1")                                  \
  X(MOVE_ORIGINS, "UPDATE origin SET group_id = ?2 WHERE group_id = ?1")                           \
  X(MOVE_ADDRESSES, "UPDATE address SET group_id = ?2 WHERE group_id = ?1")                        \
  X(ADD_ADDRESS, "INSERT INTO address (address, group_id) VALUES (?1, ?2)")                        \
  X(DROP_ADDRESSES, "DELETE FROM address")                                                         \
  X(SET_ORIGIN_ADDRESS, "UPDATE origin SET address = ?2 WHERE id = ?1 AND address IS NOT ?2")      \
  X(SET_ORIGIN_ROBOTS, "UPDATE origin SET robots_fetched_ms = ?2, robots_state = ?3, "             \
                       "robots_text = ?4 WHERE id = ?1")                                           \
  X(SET_ORIGIN_PROBE, "UPDATE origin SET probe = ?2, probe_crawl_id = ?3 WHERE id = ?1")           \
  X(COUNT_ORIGIN, "UPDATE origin SET due = due + ?2, waiting = waiting + ?3, done = done + ?4, "   \
                  "failed = failed + ?5, excluded = excluded + ?6 WHERE id = ?1")                  \
  X(SUM_ORIGINS, "SELECT total(due), total(waiting), total(done), total(failed), "                 \
                 "total(excluded) FROM origin")                                                    \
  /* URLs */                                                                                       \
  X(FIND_URL, "SELECT id FROM url WHERE hash = ?1")                                                \
  X(ADD_URL,                                                                                       \
    "INSERT INTO url (hash, url, origin_id, state, priority, depth, found_ms, reason, "            \
    "hops, list_date, text, via_id, via_other, method, body, headers, asker) "                     \
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)")         \
  X(RENEW_BODY,                                                                                    \
    "UPDATE url SET body = ?2 WHERE id = ?1 AND method IS NOT NULL AND body IS NOT ?2")            \
  X(SET_RESULT, "UPDATE url SET state = ?2, verdict = ?3, reason = ?4, detail = ?5, "              \
                "retry_ms = ?6, attempts = attempts + ?7, crawl_id = ?8 WHERE id = ?1")            \
  X(DUE_IDS, "SELECT id FROM url INDEXED BY url_due WHERE state = 'due' AND origin_id = ?1 "       \
             "AND priority = ?2 ORDER BY id LIMIT ?3")                                             \
  X(ASKED_IDS,                                                                                     \
    "SELECT id FROM url INDEXED BY url_asked WHERE asked AND state = 'due' AND origin_id = ?1 "    \
    "AND priority = ?2 ORDER BY id LIMIT ?3")                                                      \
  X(STATE_OF_URL, "SELECT origin_id, priority, state, asked FROM url WHERE id = ?1")               \
  X(ASK_URL, "UPDATE url SET asked = 1, state = 'due', attempts = 0, retry_ms = NULL, "            \
             "reason = NULL, detail = NULL, priority = ?2 WHERE id = ?1")                          \
  X(COUNT_ASKED,                                                                                   \
    "SELECT total(state = 'due'), total(state = 'waiting'), total(state = 'done'), "               \
    "total(state = 'failed'), total(state = 'excluded'), "                                         \
    "coalesce(min(CASE state WHEN 'waiting' THEN retry_ms END), 9223372036854775807) "             \
    "FROM url INDEXED BY url_asked WHERE asked")                                                   \
  X(JOB, "SELECT u.url, coalesce(v.url, u.via_other), u.hops, u.depth, u.attempts, c.etag, "       \
         "c.last_modified, u.method, u.body, u.headers, u.asker, "                                 \
         "coalesce(u.found_priority, u.priority), d.extractor_version, " ORIGINAL_COLUMNS          \
         " FROM url u LEFT JOIN url v ON v.id = u.via_id "                                         \
         "LEFT JOIN capture c ON c.id = u.good_capture_id "                                        \
         "LEFT JOIN capture o ON o.id = coalesce(c.original_id, c.id) "                            \
         "LEFT JOIN url ou ON ou.id = o.url_id "                                                   \
         "LEFT JOIN version n ON n.capture_id = u.version_id "                                     \
         "LEFT JOIN document d ON d.capture_id = n.content_id WHERE u.id = ?1")                    \
  X(FIND_PAYLOAD, "SELECT " ORIGINAL_COLUMNS " FROM payload p JOIN capture o ON o.id = "           \
                  "p.capture_id JOIN url ou ON ou.id = o.url_id "                                  \
                  "WHERE p.head = ?1 AND o.payload_digest = ?2")                                   \
  X(ORIGINAL_PLACE,                                                                                \
    "SELECT ow.name, o.warc_offset, o.warc_length FROM warc_file w "                               \
    "JOIN capture c INDEXED BY capture_by_place ON c.warc_file_id = w.id "                         \
    "JOIN capture o ON o.id = c.original_id JOIN warc_file ow ON ow.id = o.warc_file_id "          \
    "WHERE w.name = ?1 AND c.warc_offset = ?2 AND c.warc_file_id IS NOT NULL")                     \
  X(ADD_PAYLOAD, "INSERT OR IGNORE INTO payload (head, capture_id) VALUES (?1, ?2)")               \
  /* the ledger */                                                                                 \
  X(GET_LIFE, "SELECT life, first_seen_ms, last_seen_ms, last_ok_ms, gone_since_ms, "              \
              "gone_crawl_id, gone_crawls, moved_to, interval_ms, version_id, is_list, "           \
              "good_capture_id FROM url WHERE id = ?1")                                            \
  X(SET_LIFE, "UPDATE url SET life = ?2, first_seen_ms = ?3, last_seen_ms = ?4, "                  \
              "last_ok_ms = ?5, gone_since_ms = ?6, gone_crawl_id = ?7, gone_crawls = ?8, "        \
              "moved_to = ?9, interval_ms = ?10, version_id = ?11, is_list = ?12, "                \
              "good_capture_id = ?13 WHERE id = ?1")                                               \
  X(SET_REFUSED, "UPDATE url SET life = ?2 WHERE id = ?1 AND life IS NOT 'removed'")               \
  X(VERSION_OF, "SELECT v.capture_id, v.number, c.payload_digest, d.text_digest FROM version v "   \
                "JOIN capture c ON c.id = v.content_id "                                           \
                "LEFT JOIN document d ON d.capture_id = v.content_id WHERE v.capture_id = ?1")     \
  X(SAME_AT_KEY, "SELECT v.capture_id, v.number, b.payload_digest, d.text_digest "                 \
                 "FROM capture c INDEXED BY capture_by_key JOIN version v ON v.capture_id = c.id " \
                 "JOIN capture b ON b.id = v.content_id "                                          \
                 "LEFT JOIN document d ON d.capture_id = v.content_id "                            \
                 "WHERE c.url_key = ?1 AND v.capture_id > ?2 "                                     \
                 "AND (b.payload_digest = ?3 OR d.text_digest = ?4) "                              \
                 "ORDER BY v.capture_id DESC LIMIT 1")                                             \
  X(ADD_VERSION, "INSERT INTO version (capture_id, number, content_id, last_capture_id, last_ms) " \
                 "VALUES (?1, ?2, ?1, ?1, ?3)")                                                    \
  X(CONFIRM_VERSION, "UPDATE version SET last_capture_id = ?2, last_ms = ?3, "                     \
                     "content_id = coalesce(?4, content_id) WHERE capture_id = ?1")                \
  X(RIPE, "SELECT id, origin_id, priority FROM url INDEXED BY url_waiting "                        \
          "WHERE state = 'waiting' AND retry_ms <= ?1 ORDER BY retry_ms LIMIT ?2")                 \
  X(SET_DUE, "UPDATE url SET state = 'due', retry_ms = NULL WHERE id = ?1")                        \
  X(NEXT_RETRY, "SELECT min(retry_ms) FROM url INDEXED BY url_waiting WHERE state = 'waiting'")    \
  X(NEXT_EXCLUDED,                                                                                 \
    "SELECT u.id, u.url, o.origin, u.priority, u.depth, u.hops, v.url, u.text, u.list_date, "      \
    "u.reason FROM url u JOIN origin o ON o.id = u.origin_id LEFT JOIN url v ON v.id = u.via_id "  \
    "WHERE u.id > ?1 AND u.state = 'excluded' AND u.verdict IS NULL ORDER BY u.id LIMIT 1")        \
  X(SET_EXCLUSION, "UPDATE url SET state = ?2, reason = ?3 WHERE id = ?1")                         \
  X(PUT_HOST,                                                                                      \
    "INSERT INTO discovered_host (host, url, name, caption, caption_group, place, state, reason, " \
    "site_code, via, weight, found_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "     \
    "?12) ON CONFLICT (host) DO UPDATE SET url = excluded.url, name = excluded.name, "             \
    "caption = excluded.caption, caption_group = excluded.caption_group, place = excluded.place, " \
    "state = excluded.state, reason = excluded.reason, "                                           \
    "site_code = coalesce(excluded.site_code, site_code), via = excluded.via, "                    \
    "weight = excluded.weight WHERE excluded.weight > weight OR "                                  \
    "(excluded.weight = weight AND excluded.state IS NOT state)")                                  \
  /* lists */                                                                                      \
  X(GET_LIST_PAGE, "SELECT first_id, capture_id, page, total FROM list_page WHERE url_id = ?1")    \
  X(ADD_LIST_PAGE, "INSERT INTO list_page (url_id, first_id) VALUES (?1, ?2)")                     \
  X(SET_LIST_PAGE, "UPDATE list_page SET capture_id = ?2, adapter = ?3, page = ?4, pages = ?5, "   \
                   "total = ?6 WHERE url_id = ?1")                                                 \
  X(CLEAR_LIST_PAGE, "UPDATE list_page SET capture_id = NULL WHERE url_id = ?1")                   \
  X(MOVE_COLUMN, "UPDATE list_page SET first_id = ?2 WHERE first_id = ?1")                         \
  X(DROP_ITEMS, "DELETE FROM column_item WHERE page_id = ?1")                                      \
  X(ADD_ITEM, "INSERT OR IGNORE INTO column_item (page_id, item_id) VALUES (?1, ?2)")              \
  X(CAPTURE_OF, "SELECT id, url_id FROM capture WHERE capture_id = ?1")                            \
  X(URL_OF_CAPTURE, "SELECT url_id FROM capture WHERE id = ?1")                                    \
  /* captures and documents */                                                                     \
  X(FIND_WARC, "SELECT id FROM warc_file WHERE name = ?1")                                         \
  X(ADD_WARC, "INSERT INTO warc_file (name) VALUES (?1)")                                          \
  X(SET_WARC, "UPDATE warc_file SET committed_bytes = ?2, closed = ?3 WHERE id = ?1")              \
  X(NEXT_UNSHIPPED,                                                                                \
    "SELECT id, name FROM warc_file WHERE closed AND shipped_ms IS NULL AND committed_bytes > 0 "  \
    "AND id > ?1 ORDER BY id LIMIT 1")                                                             \
  X(SET_SHIPPED, "UPDATE warc_file SET shipped_ms = ?2 WHERE id = ?1")                             \
  X(ADD_CAPTURE,                                                                                   \
    "INSERT INTO capture (capture_id, crawl_id, url_id, url_key, fetched_ms, verdict, status, "    \
    "mime, charset, charset_source, ip, payload_digest, etag, last_modified, redirect_to, "        \
    "truncated, body_bytes, duration_ms, warc_file_id, warc_offset, warc_length, record_id, "      \
    "revisit_of, error, original_id, tls) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "  \
    "?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26) ON CONFLICT "      \
    "(capture_id) DO NOTHING")                                                                     \
  /* take-downs */                                                                                 \
  X(ADD_SUPPRESSION, "INSERT INTO suppression (what, url_key, pattern, reason, added_ms) "         \
                     "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (what) DO UPDATE SET "               \
                     "reason = excluded.reason")                                                   \
  X(DROP_SUPPRESSION, "DELETE FROM suppression WHERE what = ?1")                                   \
  X(COUNT_SUPPRESSED, "SELECT count(*) FROM suppression x, capture c JOIN url u "                  \
                      "ON u.id = c.url_id WHERE x.what = ?1 "                                      \
                      "AND (c.url_key = x.url_key OR u.url GLOB x.pattern)")                       \
  X(IS_SUPPRESSED, "SELECT 1 FROM suppression x WHERE x.url_key = ?2 OR ?1 GLOB x.pattern")        \
  X(KEY_FROM, "SELECT c.url_key, u.url FROM capture c JOIN url u ON u.id = c.url_id "              \
              "WHERE c.url_key >= ?1 AND NOT " ZHI_SUPPRESSED_SQL " ORDER BY c.url_key LIMIT 1")   \
  X(KEY_BELOW,                                                                                     \
    "SELECT c.url_key, u.url FROM capture c JOIN url u ON u.id = c.url_id "                        \
    "WHERE c.url_key < ?1 AND NOT " ZHI_SUPPRESSED_SQL " ORDER BY c.url_key DESC LIMIT 1")         \
  X(DROP_DOCUMENT, "DELETE FROM document WHERE capture_id = ?1")                                   \
  X(ADD_TEXT, "INSERT INTO document_text (capture_id, text) VALUES (?1, ?2)")                      \
  X(ADD_ANNUAL,                                                                                    \
    "INSERT INTO annual_report (capture_id, year, organ, form) VALUES (?1, ?2, ?3, ?4)")           \
  X(ADD_ANNUAL_CELL, "INSERT INTO annual_cell VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")

enum zhi_statement {
#define X(name, sql) ST_##name,
  ZHI_STATEMENTS(X)
#undef X
      ST_COUNT
};

#endif
