/* A URL's whole story out of the catalogue: where it was found, what was tried, what became of it and when it is next. */
#include "store/json_rows.h"

enum { CHAIN_MAX = 64 };

/* ?1 URL, ?2 lists, ?3 documents at least, ?4 at most: when a crawl may look again, as begin_crawl decides. */
static const char about[] =
    "SELECT coalesce(u.method, 'GET') AS method, o.origin, u.state, u.verdict, u.reason, u.detail, "
    "CASE coalesce(u.found_priority, u.priority) WHEN 0 THEN 'seed' WHEN 1 THEN 'sitemap' WHEN 2 "
    "THEN 'list' WHEN 3 THEN 'page' WHEN 4 THEN 'attachment' WHEN 5 THEN 'requisite' WHEN 6 THEN "
    "'revisit' WHEN 7 THEN 'guess' ELSE 'own' END AS kind, u.depth, u.hops, u.text, u.list_date, "
    "u.found_ms, u.attempts, u.retry_ms, u.life, u.first_seen_ms, u.last_seen_ms, u.last_ok_ms, "
    "u.gone_since_ms, u.gone_crawls, u.moved_to, u.delisted_ms, v.number AS version, "
    "r.name AS last_crawl, CASE WHEN u.state = 'due' THEN ?5 WHEN u.state = 'waiting' THEN "
    "u.retry_ms WHEN u.state = 'done' AND coalesce(u.found_priority, u.priority) <= 5 THEN "
    "r.started_ms + CASE WHEN u.priority <= 2 OR u.is_list THEN ?2 WHEN u.gone_crawls = 1 THEN 0 "
    "ELSE min(max(coalesce(u.interval_ms, ?3), ?3), max(?3, ?4)) END END AS next_visit_ms, "
    "max(g.blocked_until_ms, 0) AS blocked_until_ms FROM url u JOIN origin o ON o.id = u.origin_id "
    "JOIN host_group g ON "
    "g.id = o.group_id LEFT JOIN version v ON v.capture_id = u.version_id LEFT JOIN crawl r ON "
    "r.id = u.crawl_id WHERE u.id = ?1";
static const char chain[] =
    "WITH RECURSIVE up (id, n) AS (SELECT ?1, 0 UNION SELECT u.via_id, up.n + 1 FROM up JOIN url u "
    "ON u.id = up.id WHERE u.via_id IS NOT NULL AND up.n < ?2) SELECT coalesce(v.url, u.via_other) "
    "AS url, u.text, u.hops FROM up JOIN url u ON u.id = up.id LEFT JOIN url v ON v.id = u.via_id "
    "WHERE coalesce(v.url, u.via_other) IS NOT NULL ORDER BY up.n";
static const char attempts[] =
    "SELECT c.fetched_ms AS at_ms, r.name AS crawl, c.verdict, c.status, c.mime, c.ip, "
    "c.body_bytes, c.duration_ms + 0 AS took, c.redirect_to, c.truncated, c.error, d.kind, "
    "v.number AS version, w.name AS warc_file, c.warc_offset, c.warc_length, c.record_id, "
    "c.revisit_of FROM capture c JOIN crawl r ON r.id = c.crawl_id LEFT JOIN document d ON "
    "d.capture_id = c.id LEFT JOIN version v ON v.capture_id = c.id LEFT JOIN warc_file w ON "
    "w.id = c.warc_file_id WHERE c.url_key = (SELECT url_key FROM capture WHERE url_id = ?1 LIMIT "
    "1) AND c.url_id = ?1 ORDER BY c.id";
static const char listed_by[] =
    "SELECT DISTINCT f.url, f.text AS name FROM column_item i JOIN list_page p ON p.url_id = "
    "i.page_id JOIN url f ON f.id = p.first_id WHERE i.item_id = ?1 ORDER BY f.url";

static enum zhi_code fill(struct zhi_store *s, int64_t id, json_t *o, struct zhi_err *e) {
  static const struct {
    const char *key, *sql;
  } lists[] = {{"via", chain}, {"attempts", attempts}, {"listed_by", listed_by}};
  int64_t args[] = {id, s->recrawl.lists_ms, s->recrawl.documents_min_ms,
                    s->recrawl.documents_max_ms, store_now(s)};
  enum zhi_code rc = zhi_json_rows(s, about, args, 5, zhi_take_members, o, e);
  args[1] = CHAIN_MAX;
  for (size_t i = 0; i < 3 && !rc; i++) {
    json_t *into = json_array();
    json_object_set_new(o, lists[i].key, into);
    rc = zhi_json_rows(s, lists[i].sql, args, 2, zhi_take_row, into, e);
  }
  return rc;
}

enum zhi_code zhi_store_story(struct zhi_store *s, struct zhi_str url, json_t **out,
                              struct zhi_err *e) {
  int64_t id = 0;
  json_t *o = json_object();
  if (!o)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a URL's story");
  enum zhi_code rc = zhi_urls_find(s, url, &id, e);
  json_object_set_new(o, "known", json_boolean(id != 0));
  if (!rc && id)
    rc = fill(s, id, o, e);
  if (rc)
    json_decref(o);
  else
    *out = o;
  return rc;
}
