/* Report: one JSON object about one crawl (docs/formats.md, "Reports").
 *
 * Every URL that the archive knows is in exactly one class, so that the classes of a host add up to its URLs:
 *   new changed unchanged   content came, or the server said that it is the same
 *   redirected gone blocked the last answer of the crawl
 *   failed excluded due     no answer that counts; not asked for; still to be asked for
 *   not_due                 not looked at in this crawl: its time had not come
 * What the crawl asks for on its own account (robots.txt, probes) is in the requests, not among the URLs. An answer is
 * that of the crawl asked about; what was never asked for stands as it is now (`as_of`). */
#include "store/json_rows.h"
#include "zhi/browse.h"
#include "zhi/json.h"

/* Every URL with its class: made once a report, for all parts. ?1 crawl, ?2 its start, ?3 the start of the next. */
#define CLASSED                                                                                    \
  "INSERT INTO temp.k WITH own AS MATERIALIZED (SELECT c.url_id, max(c.id) AS id, count(*) AS "    \
  "requests, "                                                                                     \
  "sum(c.body_bytes) AS bytes, sum(c.duration_ms) AS ms, max(c.duration_ms) AS slowest, "          \
  "sum(c.verdict = 'blocked' OR c.status IN (429, 503)) AS refusals, "                             \
  "sum(c.verdict = 'timeout') AS timeouts, max(v.number > 1) AS edited "                           \
  "FROM capture c LEFT JOIN version v ON v.capture_id = c.id WHERE c.crawl_id = ?1 "               \
  "GROUP BY c.url_id) SELECT u.id, u.origin_id, own.id, u.priority = 9 AS apart, "                 \
  "u.found_ms >= ?2 AND u.found_ms < ?3 AS found, "                                                \
  "coalesce(u.life = 'removed' AND u.gone_crawls = 2 AND u.gone_crawl_id = ?1, 0) AS removed, "    \
  "coalesce(u.delisted_ms >= ?2 AND u.delisted_ms < ?3, 0) AS delisted, "                          \
  "coalesce(u.reason, l.verdict, u.verdict) AS reason, "                                           \
  "own.requests, own.bytes, own.ms, own.slowest, own.refusals, own.timeouts, CASE "                \
  "WHEN l.verdict IN ('ok', 'not_modified', 'too_large') THEN CASE "                               \
  "WHEN u.first_seen_ms >= ?2 THEN 'new' WHEN own.edited THEN 'changed' ELSE 'unchanged' END "     \
  "WHEN l.verdict = 'redirect' THEN 'redirected' "                                                 \
  "WHEN l.verdict IN ('gone', 'soft_404') THEN 'gone' WHEN l.verdict = 'blocked' THEN 'blocked' "  \
  "WHEN u.state = 'excluded' THEN 'excluded' WHEN u.state IN ('due', 'waiting') THEN 'due' "       \
  "WHEN u.state = 'failed' OR l.id IS NOT NULL THEN 'failed' ELSE 'not_due' END AS class "         \
  "FROM url u LEFT JOIN own ON own.url_id = u.id LEFT JOIN capture l ON l.id = own.id"
#define CLASSES_TABLE                                                                              \
  "CREATE TEMP TABLE k (id INTEGER PRIMARY KEY, origin_id, last_id, apart, found, removed, "       \
  "delisted, "                                                                                     \
  "reason, requests, bytes, ms, slowest, refusals, timeouts, class)"
#define COUNT(name) "coalesce(sum(NOT k.apart AND k.class = '" #name "'), 0) AS \"" #name "\", "
#define CLASSES                                                                                    \
  COUNT(new)                                                                                       \
  COUNT(changed)                                                                                   \
  COUNT(unchanged)                                                                                 \
  COUNT(redirected)                                                                                \
  COUNT(gone) COUNT(blocked) COUNT(failed) COUNT(excluded) COUNT(due) COUNT(not_due)
#define SUMS                                                                                       \
  "coalesce(sum(NOT k.apart), 0) AS known, coalesce(sum(NOT k.apart AND k.found), 0) AS found, "   \
  "coalesce(sum(NOT k.apart AND k.class IN ('new', 'changed', 'unchanged')), 0) AS "               \
  "captured, " CLASSES                                                                             \
  "coalesce(sum(k.removed), 0) AS removed, coalesce(sum(k.delisted), 0) AS delisted, "             \
  "coalesce(sum(k.requests), 0) AS requests, coalesce(sum(k.bytes), 0) AS bytes, "                 \
  "CAST(coalesce(sum(k.ms) / sum(k.requests), 0) AS INTEGER) AS mean_response, "                   \
  "coalesce(max(k.slowest), 0) AS slowest_response, coalesce(sum(k.refusals), 0) AS refusals, "    \
  "coalesce(sum(k.timeouts), 0) AS timeouts "
#define LIST_MAX "500"

struct part {
  const char *key;
  bool array;
  zhi_row_fn *row;
  const char *sql;
};

static const struct part parts[] = {
    {"totals", false, zhi_take_members, "SELECT " SUMS "FROM k"},
    {"verdicts", false, zhi_take_count,
     "SELECT verdict, count(*) FROM capture WHERE crawl_id = ?1 GROUP BY verdict ORDER BY 1"},
    {"reasons", true, zhi_take_row,
     "SELECT k.class, k.reason, count(*) AS urls, min(u.url) AS example FROM k JOIN url u ON u.id "
     "= k.id WHERE NOT apart "
     "AND class IN ('gone', 'blocked', 'failed', 'excluded') GROUP BY 1, 2 "
     "ORDER BY 1, 3 DESC, 2"},
    {"hosts", true, zhi_take_row,
     "SELECT o.origin, o.address, o.robots_state AS robots, " SUMS
     ", CASE WHEN g.blocked_until_ms > ?4 THEN g.blocked_until_ms END AS blocked_until_ms "
     "FROM k JOIN origin o ON o.id = k.origin_id JOIN host_group g ON g.id = o.group_id "
     "GROUP BY o.id ORDER BY requests DESC, known DESC, o.origin"},
    {"host_reasons", true, zhi_take_row,
     "SELECT o.origin, k.class, k.reason, count(*) AS urls FROM k JOIN origin o "
     "ON o.id = k.origin_id WHERE NOT k.apart AND k.class IN ('gone', 'blocked', "
     "'failed', 'excluded') GROUP BY o.id, k.class, k.reason ORDER BY o.origin, 4 DESC, 3"},
    {"columns", true, zhi_take_row,
     "WITH x AS (SELECT DISTINCT p.first_id, i.item_id FROM list_page p JOIN column_item i ON "
     "i.page_id = p.url_id WHERE p.page >= 0 OR NOT EXISTS (SELECT 1 FROM list_page q WHERE "
     "q.first_id = p.first_id AND q.page >= 0 AND q.capture_id IS NOT NULL)), "
     "n AS MATERIALIZED (SELECT f.url AS first, " CLASSES
     "coalesce(sum(k.removed), 0) AS removed FROM x JOIN k ON k.id = x.item_id JOIN url f ON "
     "f.id = x.first_id GROUP BY x.first_id) SELECT c.*, n.new, n.changed, n.unchanged, "
     "n.redirected, n.gone, n.blocked, n.failed, n.excluded, n.due, n.not_due, n.removed "
     "FROM columns c LEFT JOIN n ON n.first = c.url ORDER BY c.missing DESC, c.url"},
    {"ledger", false, zhi_take_count,
     "SELECT life, count(*) FROM url WHERE life IS NOT NULL GROUP BY life ORDER BY life"},
    {"growth", true, zhi_take_row,
     "SELECT r.name AS crawl, r.state, r.started_ms, r.finished_ms, count(c.id) AS requests, "
     "coalesce(sum(c.verdict IN ('ok', 'not_modified', 'too_large')), 0) AS captured, "
     "coalesce(sum(v.number = 1), 0) AS \"new\", coalesce(sum(v.number > 1), 0) AS changed, "
     "coalesce(sum(c.verdict = 'redirect'), 0) AS redirected, "
     "coalesce(sum(c.verdict IN ('gone', 'soft_404')), 0) AS gone, "
     "coalesce(sum(c.verdict = 'blocked'), 0) AS blocked, coalesce(sum(c.verdict IN "
     "('client_error', 'server_error', 'timeout', 'dns', 'tls', 'connection', 'truncated', "
     "'invalid')), 0) AS failed, coalesce(sum(c.body_bytes), 0) AS bytes, "
     "coalesce(sum(c.warc_length), 0) AS stored FROM crawl r LEFT JOIN capture c ON c.crawl_id = "
     "r.id LEFT JOIN version v ON v.capture_id = c.id WHERE r.id <= ?1 GROUP BY r.id ORDER BY "
     "r.id"},
    {"changed", true, zhi_take_row,
     "SELECT u.url, d.title, v.number AS version FROM k JOIN url u ON u.id = k.id LEFT JOIN "
     "version v ON "
     "v.capture_id = u.version_id LEFT JOIN document d ON d.capture_id = v.capture_id "
     "WHERE NOT k.apart AND k.class = 'changed' ORDER BY u.url LIMIT " LIST_MAX},
    {"removed", true, zhi_take_row,
     "SELECT u.url, d.title, u.first_seen_ms, u.last_seen_ms, u.gone_since_ms FROM url u LEFT JOIN "
     "document d ON d.capture_id = u.version_id WHERE u.life = 'removed' AND u.gone_crawls = 2 AND "
     "u.gone_crawl_id = ?1 "
     "ORDER BY u.url LIMIT " LIST_MAX},
    {"failed", true, zhi_take_row,
     "SELECT u.url, k.class, k.reason, coalesce(l.error, u.detail) AS detail FROM k JOIN url u ON "
     "u.id = k.id LEFT JOIN capture l ON l.id = k.last_id WHERE NOT k.apart AND k.class IN "
     "('failed', "
     "'blocked') ORDER BY k.class, k.reason, u.url LIMIT " LIST_MAX},
    {"proposed_hosts", true, zhi_take_row, STORE_PROPOSED_HOSTS},
};

static int64_t number(const json_t *o, const char *key) {
  return json_integer_value(json_object_get(o, key));
}

static void add(json_t *o, const char *key, int64_t n) {
  json_object_set_new(o, key, json_integer(number(o, key) + n));
}

/* Records that a column has, as far as anybody says. */
static int64_t expected(const json_t *column) {
  int64_t declared = number(column, "declared_total"), found = number(column, "items_found");
  return declared > found ? declared : found;
}

static void sum_column(json_t *into, const json_t *column) {
  const char *state = zhi_json_text(column, "state");
  int64_t missing = number(column, "missing");
  add(into, "columns", 1);
  add(into, "complete", strcmp(state, "complete") == 0);
  add(into, "incomplete", strcmp(state, "incomplete") == 0);
  add(into, "undeclared", strcmp(state, "undeclared") == 0);
  add(into, "declared", number(column, "declared_total"));
  add(into, "expected", expected(column));
  add(into, "found", number(column, "items_found"));
  add(into, "captured", number(column, "items_captured"));
  add(into, "failed", number(column, "items_failed"));
  add(into, "excluded", number(column, "items_excluded"));
  add(into, "due", number(column, "items_due"));
  add(into, "missing", missing > 0 ? missing : 0);
}

/* Per department and over all: declared against captured. A column without a department counts under its host. */
static void add_completeness(json_t *o) {
  json_t *all = json_object(), *departments = json_object(), *list = json_array(), *c, *d;
  size_t i;
  const char *name;
  json_array_foreach(json_object_get(o, "columns"), i, c) {
    const char *key = zhi_json_text(c, "department");
    if (!key[0])
      key = zhi_json_text(c, "host");
    d = json_object_get(departments, key);
    if (!d) {
      d = json_pack("{s:s}", "department", key);
      json_object_set_new(departments, key, d);
    }
    sum_column(d, c);
    sum_column(all, c);
  }
  json_object_foreach(departments, name, d) json_array_append(list, d);
  json_decref(departments);
  json_object_set_new(o, "completeness", all);
  json_object_set_new(o, "departments", list);
}

/* host_reasons join their hosts as "why": {CLASS: {REASON: n}}. */
static void join_reasons(json_t *o) {
  json_t *hosts = json_object_get(o, "hosts"), *by = json_object(), *h, *r;
  size_t i;
  json_array_foreach(hosts, i, h) {
    json_object_set_new(h, "why", json_object());
    json_object_set(by, json_string_value(json_object_get(h, "origin")), h);
  }
  json_array_foreach(json_object_get(o, "host_reasons"), i, r) {
    h = json_object_get(by, json_string_value(json_object_get(r, "origin")));
    json_t *why = json_object_get(h, "why");
    const char *class = json_string_value(json_object_get(r, "class"));
    const char *reason = json_string_value(json_object_get(r, "reason"));
    json_t *of = json_object_get(why, class);
    if (!of) {
      of = json_object();
      json_object_set_new(why, class, of);
    }
    add(of, reason ? reason : "unknown", number(r, "urls"));
  }
  json_decref(by);
  json_object_del(o, "host_reasons");
}

/* The crawl before, as it stands in "growth". */
static void add_before(json_t *o) {
  const json_t *growth = json_object_get(o, "growth");
  size_t n = json_array_size(growth);
  json_object_set(o, "this", json_array_get(growth, n - 1));
  json_object_set_new(o, "before",
                      n > 1 ? json_incref(json_array_get(growth, n - 2)) : json_null());
}

static enum zhi_code find_crawl(struct zhi_store *s, struct zhi_str name, int64_t args[4],
                                json_t *o, struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  bool row = false;
  enum zhi_code rc = zhi_db_prepare(
      s,
      "SELECT r.id, r.started_ms, coalesce((SELECT min(n.started_ms) FROM crawl n WHERE n.id > "
      "r.id), 9223372036854775807), r.name, r.state, r.finished_ms, coalesce((SELECT c.fetched_ms "
      "FROM capture c WHERE c.crawl_id = r.id ORDER BY c.id DESC LIMIT 1), 0) FROM crawl r WHERE "
      "?1 = '' OR "
      "r.name = ?1 OR CAST(r.id AS TEXT) = ?1 ORDER BY r.id DESC LIMIT 1",
      &st, e);
  if (!rc)
    zhi_bind_text(st, 1, name);
  if (!rc && (rc = zhi_db_step(s, st, &row, e)) == ZHI_OK && !row)
    rc = name.len
             ? zhi_fail(e, ZHI_EUSAGE, "'%s': there is no crawl '%.*s'", s->dir, ZHI_STR_ARGS(name))
             : zhi_fail(e, ZHI_EUSAGE, "'%s': nothing was crawled yet", s->dir);
  if (!rc) {
    for (int i = 0; i < 3; i++)
      args[i] = zhi_col_int(st, i);
    json_t *crawl = json_pack("{s:I,s:s,s:s}", "id", (json_int_t)args[0], "name",
                              zhi_col_text(st, 3), "state", zhi_col_text(st, 4));
    json_object_set_new(crawl, "started", zhi_json_time(args[1]));
    json_object_set_new(crawl, "finished", zhi_json_time(zhi_col_int(st, 5)));
    json_object_set_new(crawl, "last_request", zhi_json_time(zhi_col_int(st, 6)));
    json_object_set_new(o, "crawl", crawl);
  }
  sqlite3_finalize(st);
  return rc;
}

static enum zhi_code classify(struct zhi_store *s, const int64_t args[3], struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  enum zhi_code rc = zhi_db_exec(s, CLASSES_TABLE, e);
  if (!rc)
    rc = zhi_db_prepare(s, CLASSED, &st, e);
  for (int i = 0; i < 3 && !rc; i++)
    zhi_bind_int(st, i + 1, args[i]);
  if (!rc)
    rc = zhi_db_run(s, st, e);
  sqlite3_finalize(st);
  return rc;
}

static enum zhi_code fill(struct zhi_store *s, struct zhi_str crawl, json_t *o, struct zhi_err *e) {
  int64_t args[4] = {0};
  enum zhi_code rc = find_crawl(s, crawl, args, o, e);
  args[3] = store_now(s);
  json_object_set_new(o, "as_of", zhi_json_time(args[3]));
  if (!rc)
    rc = classify(s, args, e);
  for (size_t i = 0; i < sizeof parts / sizeof *parts && rc == ZHI_OK; i++) {
    json_t *into = parts[i].array ? json_array() : json_object();
    json_object_set_new(o, parts[i].key, into);
    rc = zhi_json_rows(s, parts[i].sql, args, 4, parts[i].row, into, e);
  }
  if (rc)
    return rc;
  add_completeness(o);
  join_reasons(o);
  add_before(o);
  return ZHI_OK;
}

enum zhi_code zhi_store_report(struct zhi_store *s, struct zhi_str crawl, json_t **out,
                               struct zhi_err *e) {
  struct zhi_buf name;
  json_t *o = json_pack("{s:i}", "report", ZHI_REPORT_VERSION);
  if (!o)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a report");
  zhi_buf_init(&name, 4096);
  enum zhi_code rc = zhi_browse_name(s, &name, e);
  json_object_set_new(o, "archive", zhi_json_str(zhi_buf_view(&name)));
  zhi_buf_release(&name);
  if (!rc && (rc = zhi_db_exec(s, "BEGIN", e)) == ZHI_OK) { /* one snapshot */
    rc = fill(s, crawl, o, e);
    sqlite3_exec(s->db, "DROP TABLE IF EXISTS temp.k; COMMIT", NULL, NULL, NULL);
  }
  if (rc)
    json_decref(o);
  else
    *out = o;
  return rc;
}
