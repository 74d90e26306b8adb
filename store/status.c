/* Status: one JSON object that says what is done, due, blocked, and why the crawl has not finished.
 *
 *   {"archive", "schema", "running", "waits_for_room", "free_bytes": n | null, "now", "crawl": {"id","name","state","started","finished"} | null,
 *    "urls": {"known","due","waiting","done","failed","excluded","not_due"}, "next_due": TIME | null,
 *    "captures": {"total","this_crawl"}, "verdicts": {VERDICT: n}, "documents": {KIND: n},
 *    "excluded_by_reason": {REASON: n}, "failed_by_reason": {REASON: n},
 *    "columns": {"total","complete","incomplete","undeclared","items","captured","missing"},
 *    "discovered": {STATE: n}, "proposed_hosts": [{"host","name","caption","caption_group","place","reason",…}],
 *    "ledger": {STATE: n}, "warc": {"files","bytes"}, "why_unfinished": [TEXT],
 *    "hosts": [{"origin","address","server","robots","known","due","waiting","done","failed","excluded"}],
 *    "blocked": [{"server","hosts":[…],"until"}], "retries": [{"reason","urls","first","last"}],
 *    "excluded": [{"url","reason","detail","via"}], "failed": […], "incomplete_columns": […], "discovered_hosts": […],
 *    "blocked_urls": […]}        (the last five: lists)
 * Works from the database alone, so that a reader can ask while a crawl runs; what is leased counts as due. */
#include <sys/statvfs.h>

#include "store/json_rows.h"

/* The hosts of a blocked group come as one text with spaces between. */
static void take_blocked(sqlite3_stmt *st, json_t *into) {
  json_t *o = zhi_row_json(st), *hosts = json_array();
  struct zhi_str rest = zhi_str_of(json_string_value(json_object_get(o, "hosts")));
  while (rest.p) {
    struct zhi_str one = zhi_str_cut(&rest, ' ');
    if (one.len)
      json_array_append_new(hosts, json_stringn(one.p, one.len));
  }
  json_object_set_new(o, "hosts", hosts);
  json_array_append_new(into, o);
}

#define URL_LIST(condition)                                                                        \
  "SELECT u.url, coalesce(u.reason, u.verdict) AS reason, u.detail, "                              \
  "coalesce(v.url, u.via_other) AS via FROM url u LEFT JOIN url v ON v.id = u.via_id "             \
  "WHERE " condition " ORDER BY u.url"

struct part {
  const char *key;
  bool array, list; /* list: only when lists are asked for */
  const char *sql;
  void (*row)(sqlite3_stmt *st, json_t *into);
};

static const struct part parts[] = {
    {"urls", false, false,
     "SELECT coalesce(sum(due + waiting + done + failed + excluded), 0) AS known, "
     "coalesce(sum(due), 0) AS due, coalesce(sum(waiting), 0) AS waiting, "
     "coalesce(sum(done), 0) AS done, coalesce(sum(failed), 0) AS failed, "
     "coalesce(sum(excluded), 0) AS excluded, coalesce((SELECT not_due FROM crawl ORDER BY id DESC "
     "LIMIT 1), 0) AS not_due FROM origin",
     zhi_take_members},
    {"captures", false, false,
     "SELECT count(*) AS total, coalesce(sum(crawl_id = (SELECT max(id) FROM crawl)), 0) "
     "AS this_crawl FROM capture",
     zhi_take_members},
    {"verdicts", false, false,
     "SELECT verdict, count(*) FROM capture WHERE crawl_id = (SELECT max(id) FROM crawl) "
     "GROUP BY verdict ORDER BY verdict",
     zhi_take_count},
    {"documents", false, false, "SELECT kind, count(*) FROM document GROUP BY kind ORDER BY kind",
     zhi_take_count},
    {"excluded_by_reason", false, false,
     "SELECT coalesce(reason, verdict), count(*) FROM url WHERE state = 'excluded' "
     "GROUP BY 1 ORDER BY 1",
     zhi_take_count},
    {"failed_by_reason", false, false,
     "SELECT coalesce(reason, verdict), count(*) FROM url WHERE state = 'failed' "
     "GROUP BY 1 ORDER BY 1",
     zhi_take_count},
    {"columns", false, false,
     "SELECT count(*) AS total, coalesce(sum(state = 'complete'), 0) AS complete, "
     "coalesce(sum(state = 'incomplete'), 0) AS incomplete, "
     "coalesce(sum(state = 'undeclared'), 0) AS undeclared, coalesce(sum(items_found), 0) AS "
     "items, "
     "coalesce(sum(items_captured), 0) AS captured, coalesce(sum(max(missing, 0)), 0) AS missing "
     "FROM columns",
     zhi_take_members},
    {"ledger", false, false,
     "SELECT life, count(*) FROM url WHERE life IS NOT NULL GROUP BY life ORDER BY life",
     zhi_take_count},
    {"discovered", false, false,
     "SELECT state, count(*) FROM discovered_host GROUP BY state ORDER BY state", zhi_take_count},
    {"proposed_hosts", true, false, STORE_PROPOSED_HOSTS, zhi_take_row},
    {"discovered_hosts", true, true,
     "SELECT host, url, name, caption, caption_group, place, state, reason, site_code, via FROM "
     "discovered_host ORDER BY host",
     zhi_take_row},
    {"warc", false, false,
     "SELECT count(*) AS files, coalesce(sum(committed_bytes), 0) AS bytes FROM warc_file",
     zhi_take_members},
    {"hosts", true, false,
     "SELECT origin, address, group_id AS server, robots_state AS robots, "
     "due + waiting + done + failed + excluded AS known, due, waiting, done, failed, excluded "
     "FROM origin WHERE due + waiting + done + failed > 0 ORDER BY done DESC, origin",
     zhi_take_row},
    {"blocked", true, false,
     "SELECT g.id AS server, g.blocked_until_ms AS until_ms, group_concat(o.origin, ' ') AS hosts "
     "FROM host_group g JOIN origin o ON o.group_id = g.id WHERE g.blocked_until_ms > ?1 "
     "GROUP BY g.id ORDER BY g.blocked_until_ms",
     take_blocked},
    {"retries", true, false,
     "SELECT coalesce(reason, verdict, 'unknown') AS reason, count(*) AS urls, min(retry_ms) AS "
     "first_ms, max(retry_ms) AS last_ms FROM url WHERE state = 'waiting' GROUP BY 1 "
     "ORDER BY min(retry_ms)",
     zhi_take_row},
    {"excluded", true, true, URL_LIST("u.state = 'excluded'"), zhi_take_row},
    {"failed", true, true, URL_LIST("u.state = 'failed'"), zhi_take_row},
    {"incomplete_columns", true, true,
     "SELECT url, name, department, adapter, declared_total, declared_pages, pages_captured, "
     "items_found, items_captured, items_failed, items_excluded, items_due, missing FROM columns "
     "WHERE state = 'incomplete' ORDER BY missing DESC, url",
     zhi_take_row},
    {"blocked_urls", true, true, URL_LIST("u.verdict = 'blocked'"), zhi_take_row},
};

static int64_t member(const json_t *o, const char *object, const char *key) {
  return json_integer_value(json_object_get(json_object_get(o, object), key));
}

static void add_why(json_t *why, int64_t n, const char *text) {
  if (n > 0)
    json_array_append_new(why, json_sprintf("%lld %s", (long long)n, text));
}

static json_t *why_json(const json_t *o) {
  json_t *why = json_array();
  const char *state = json_string_value(json_object_get(json_object_get(o, "crawl"), "state"));
  if (!state) {
    json_array_append_new(why, json_string("no crawl was begun"));
  } else if (strcmp(state, "finished") != 0) {
    add_why(why, member(o, "urls", "due"), "URLs are due");
    add_why(why, member(o, "urls", "waiting"), "URLs wait for another try");
    add_why(why, (int64_t)json_array_size(json_object_get(o, "blocked")),
            "servers asked us to stay away for now");
    if (json_array_size(why) == 0)
      json_array_append_new(why, json_string("the run was stopped before it could say so"));
  }
  return why;
}

/* What an ordinary user may still write there. */
static json_t *free_bytes(const struct zhi_store *s) {
  struct statvfs v;
  return statvfs(s->dir, &v) == 0 ? json_integer((json_int_t)v.f_bavail * (json_int_t)v.f_frsize)
                                  : json_null();
}

static enum zhi_code fill(struct zhi_store *s, bool with_lists, json_t *o, struct zhi_err *e) {
  int64_t schema = 0, retry = 0, now = store_now(s);
  json_t *crawl = json_object();
  enum zhi_code rc = zhi_db_int(s, "PRAGMA user_version", &schema, e);
  json_object_set_new(o, "archive", json_string(s->dir));
  json_object_set_new(o, "schema", json_integer(schema));
  json_object_set_new(o, "running", json_boolean(zhi_somebody_writes(s)));
  json_object_set_new(o, "waits_for_room", json_boolean(zhi_somebody_waits_for_room(s)));
  json_object_set_new(o, "free_bytes", free_bytes(s));
  json_object_set_new(o, "now", zhi_json_time(now));
  if (rc == ZHI_OK)
    rc =
        zhi_json_rows(s,
                      "SELECT id, name, state, started_ms, finished_ms FROM crawl ORDER BY id DESC "
                      "LIMIT 1",
                      NULL, 0, zhi_take_members, crawl, e);
  bool none = json_object_size(crawl) == 0;
  json_object_set_new(o, "crawl", none ? json_null() : json_incref(crawl));
  json_decref(crawl);
  for (size_t i = 0; i < sizeof parts / sizeof *parts && rc == ZHI_OK; i++) {
    const struct part *p = &parts[i];
    if (p->list && !with_lists)
      continue;
    json_t *into = p->array ? json_array() : json_object();
    json_object_set_new(o, p->key, into);
    rc = zhi_json_rows(s, p->sql, &now, 1, p->row, into, e);
  }
  if (rc == ZHI_OK)
    rc = zhi_db_int(s, "SELECT coalesce(min(retry_ms), 0) FROM url WHERE state = 'waiting'", &retry,
                    e);
  json_object_set_new(o, "next_due", zhi_json_time(retry));
  json_object_set_new(o, "why_unfinished", why_json(o));
  return rc;
}

enum zhi_code zhi_store_status(struct zhi_store *s, bool with_lists, json_t **out,
                               struct zhi_err *e) {
  json_t *o = json_object();
  if (!o)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for the status");
  /* one snapshot, so that the numbers agree */
  enum zhi_code rc = zhi_db_exec(s, "BEGIN", e);
  if (rc == ZHI_OK) {
    rc = fill(s, with_lists, o, e);
    sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL);
  }
  if (rc) {
    json_decref(o);
    return rc;
  }
  *out = o;
  return ZHI_OK;
}
