/* Questions of readers: one table of queries, one maker of JSON rows. */
#include "zhi/browse.h"

#include "store/export.h"
#include "zhi/json.h"
#include "zhi/request.h"

enum { ADDRESS_MAX = 1 << 17 };

#define SHOWN "NOT " ZHI_SUPPRESSED_SQL
#define HOST  "substr(o.origin, instr(o.origin, '://') + 3)"
#define BRIEF                                                                                      \
  "v.capture_id AS id, u.url, d.title, d.publisher, d.doc_no, d.validity, d.column_name, "         \
  "coalesce(d.date_published, d.date_written, d.date_printed, d.date_generated, d.date_updated) "  \
  "AS date, d.kind, v.number AS version, d.attachment_count, c.fetched_ms AS captured_ms, "        \
  "v.last_ms AS last_seen_ms, " HOST " AS host, " STORE_VERSION_STATE " AS state"
/* Become "address" (add_address). */
#define POST                                                                                       \
  "CASE WHEN u.method = 'POST' THEN coalesce(u.body, '') END AS post_body, "                       \
  "u.headers AS post_headers, "
#define OF_VERSION                                                                                 \
  " JOIN capture c ON c.id = v.capture_id JOIN document d ON d.capture_id = v.capture_id "         \
  "JOIN url u ON u.id = c.url_id JOIN origin o ON o.id = u.origin_id "

/* ?8 and ?9 are limit and offset. */
static const char *const queries[ZHI_BROWSE_COUNT] = {
    [ZHI_BROWSE_ROWS] = "SELECT " BRIEF " FROM json_each(?1) j JOIN version v "
                        "ON v.capture_id = j.value" OF_VERSION "WHERE " SHOWN " ORDER BY j.key",
    [ZHI_BROWSE_LATEST] =
        "SELECT v.capture_id AS id, v.number AS version, u.url FROM capture c "
        "JOIN version v ON v.capture_id = c.id JOIN document d ON d.capture_id = c.id "
        "JOIN url u ON u.id = c.url_id WHERE c.url_key = ?1 AND " SHOWN
        " ORDER BY u.version_id IS v.capture_id DESC, c.fetched_ms DESC",
    [ZHI_BROWSE_DOCUMENT] =
        "SELECT " BRIEF ", c.url_key, c.id AS capture_id, c.status, c.mime, c.charset, "
        "c.charset_source, c.ip, c.payload_digest, c.record_id, w.name AS warc_file, "
        "c.warc_offset, c.warc_length, c.body_bytes, d.text_digest, d.body_chars, "
        "d.extractor_version, d.site_name, d.fields AS fields_json, d.attachments AS "
        "attachments_json, d.findings AS findings_json, d.masked AS masked_json, "
        "u.first_seen_ms, u.last_ok_ms, u.gone_since_ms, u.life, u.moved_to, u.delisted_ms, "
        "r.name AS crawl FROM version v" OF_VERSION "JOIN crawl r ON r.id = c.crawl_id "
        "LEFT JOIN warc_file w ON w.id = c.warc_file_id WHERE v.capture_id = ?1 AND " SHOWN,
    [ZHI_BROWSE_TEXT] = "SELECT t.text FROM document_text t JOIN version v ON v.content_id = "
                        "t.capture_id OR v.capture_id = t.capture_id "
                        "JOIN capture c ON c.id = v.capture_id JOIN url u ON u.id = c.url_id "
                        "WHERE v.capture_id = ?1 AND " SHOWN " ORDER BY t.capture_id DESC",
    [ZHI_BROWSE_URL] =
        "SELECT DISTINCT u.url, u.state, u.verdict, u.life, u.first_seen_ms, u.last_seen_ms, "
        "u.last_ok_ms, u.gone_since_ms, u.moved_to, u.delisted_ms, u.reason, u.detail "
        "FROM capture c JOIN url u ON u.id = c.url_id WHERE c.url_key = ?1 AND " SHOWN,
    [ZHI_BROWSE_CAPTURES] =
        "SELECT c.id, u.url, " POST "c.fetched_ms AS captured_ms, c.verdict, c.status, c.mime, "
        "c.body_bytes, c.payload_digest, c.redirect_to, c.error, c.truncated, c.revisit_of, "
        "w.name AS warc_file, c.warc_offset, c.warc_length, v.number AS version, r.name AS crawl "
        "FROM capture c JOIN url u ON u.id = c.url_id JOIN crawl r ON r.id = c.crawl_id "
        "LEFT JOIN warc_file w ON w.id = c.warc_file_id LEFT JOIN version v ON v.capture_id = c.id "
        "WHERE c.url_key = ?1 AND " SHOWN " ORDER BY c.fetched_ms, c.id",
    [ZHI_BROWSE_VERSIONS] =
        "SELECT v.capture_id AS id, v.number AS version, u.url, " POST
        "c.fetched_ms AS captured_ms, "
        "v.last_ms AS last_seen_ms, d.title, d.validity, d.text_digest, c.payload_digest, "
        "(SELECT max(b.fetched_ms) FROM capture b WHERE b.url_key = c.url_key AND "
        "b.url_id = c.url_id AND b.fetched_ms < c.fetched_ms AND b.verdict IN ('ok', "
        "'not_modified')) AS before_ms "
        "FROM capture c JOIN version v ON v.capture_id = c.id JOIN url u ON u.id = c.url_id "
        "LEFT JOIN document d ON d.capture_id = c.id WHERE c.url_key = ?1 AND " SHOWN
        " ORDER BY c.fetched_ms",
    [ZHI_BROWSE_LISTED] =
        "SELECT DISTINCT f.url, coalesce(ld.column_name, ld.title, f.text) AS name "
        "FROM (SELECT DISTINCT c.url_id FROM capture c JOIN url u ON u.id = c.url_id "
        "WHERE c.url_key = ?1 AND " SHOWN ") k JOIN column_item i ON i.item_id = k.url_id "
        "JOIN list_page p ON p.url_id = i.page_id JOIN url f ON f.id = p.first_id "
        "LEFT JOIN list_page fp ON fp.url_id = p.first_id "
        "LEFT JOIN document ld ON ld.capture_id = fp.capture_id",
    [ZHI_BROWSE_POSTS] =
        "SELECT u.url, " POST "p.page, c.fetched_ms AS captured_ms FROM (SELECT DISTINCT c.url_id "
        "FROM capture c WHERE c.url_key = ?1) k JOIN list_page p ON p.first_id = k.url_id "
        "JOIN url u ON u.id = p.url_id JOIN capture c ON c.id = p.capture_id "
        "WHERE u.method = 'POST' AND c.warc_file_id IS NOT NULL AND " SHOWN
        " ORDER BY p.page, u.id",
    [ZHI_BROWSE_COLUMNS] = "SELECT * FROM columns ORDER BY host, items_found DESC, url",
    [ZHI_BROWSE_CRAWLS] = "SELECT r.id, r.name, r.state, r.started_ms, r.finished_ms, "
                          "(SELECT count(*) FROM capture c WHERE c.crawl_id = r.id) AS captures "
                          "FROM crawl r ORDER BY r.id DESC",
    [ZHI_BROWSE_HOSTS] =
        "SELECT o.origin, " HOST " AS host, o.robots_state AS robots, "
        "o.due + o.waiting + o.done + o.failed + o.excluded AS urls, o.due, o.waiting, o.done, "
        "o.failed, o.excluded, CASE WHEN g.blocked_until_ms > 0 THEN g.blocked_until_ms END "
        "AS blocked_until_ms FROM origin o JOIN host_group g ON g.id = o.group_id "
        "ORDER BY o.done DESC, o.origin",
    [ZHI_BROWSE_GONE] =
        "SELECT v.capture_id AS id, u.url, d.title, d.publisher, d.doc_no, " HOST " AS host, "
        "CASE WHEN u.life IN ('removed', 'moved') THEN u.life ELSE 'delisted' END AS state, "
        "u.first_seen_ms, u.last_seen_ms, coalesce(u.gone_since_ms, u.delisted_ms) AS since_ms, "
        "u.moved_to, u.gone_crawls FROM url u JOIN version v ON v.capture_id = u.version_id "
        "JOIN capture c ON c.id = v.capture_id JOIN document d ON d.capture_id = v.capture_id "
        "JOIN origin o ON o.id = u.origin_id WHERE (u.life IN ('removed', 'moved') OR "
        "u.delisted_ms IS NOT NULL) AND d.kind = 'document' AND " SHOWN
        " ORDER BY since_ms DESC, u.url",
    [ZHI_BROWSE_ALIASES] = "SELECT * FROM aliases ORDER BY origin",
    [ZHI_BROWSE_MONTHS] =
        "SELECT strftime('%Y-%m', c.fetched_ms / 1000, 'unixepoch') AS month, "
        "count(*) AS captures, count(v.capture_id) AS versions FROM capture c "
        "LEFT JOIN version v ON v.capture_id = c.id GROUP BY month ORDER BY month",
    [ZHI_BROWSE_RECENT] = "SELECT " BRIEF " FROM version v" OF_VERSION
                          "WHERE d.kind = 'document' AND " SHOWN " ORDER BY v.capture_id DESC",
};

static json_t *time_of(int64_t ms) {
  char iso[ZHI_ISO_SIZE];
  zhi_time_iso(ms, iso);
  return json_string(iso);
}

static bool ends(const char *name, const char *with, size_t *stem) {
  size_t n = strlen(name), k = strlen(with);
  *stem = n - k;
  return n > k && strcmp(name + n - k, with) == 0;
}

/* "NAME_ms" becomes the time NAME, "NAME_json" the value NAME; the rest as it is. */
static void add_member(json_t *o, sqlite3_stmt *st, int i) {
  const char *name = sqlite3_column_name(st, i);
  char stem[64];
  size_t n;
  json_t *v;
  if (sqlite3_column_type(st, i) == SQLITE_NULL)
    v = json_null();
  else if (ends(name, "_ms", &n))
    v = time_of(zhi_col_int(st, i));
  else if (ends(name, "_json", &n))
    v = json_loads(zhi_col_text(st, i), 0, NULL);
  else if (sqlite3_column_type(st, i) == SQLITE_INTEGER)
    v = json_integer(zhi_col_int(st, i));
  else
    v = zhi_json_str(zhi_col_str(st, i));
  bool shorter = ends(name, "_ms", &n) || ends(name, "_json", &n);
  snprintf(stem, sizeof stem, "%.*s", shorter ? (int)n : (int)strlen(name), name);
  json_object_set_new(o, stem, v ? v : json_null());
}

static struct zhi_str text_of(const json_t *o, const char *name) {
  const json_t *v = json_object_get(o, name);
  return zhi_str_n(json_string_value(v), json_string_length(v));
}

/* "post_body" and "post_headers" become "address": what a capture of a POST is found and replayed by. */
static void add_address(json_t *o) {
  struct zhi_buf b;
  zhi_buf_init(&b, ADDRESS_MAX);
  if (json_is_string(json_object_get(o, "post_body"))) {
    const struct zhi_ask ask = {.body = text_of(o, "post_body"),
                                .headers = text_of(o, "post_headers")};
    zhi_ask_url(text_of(o, "url"), &ask, &b);
    json_object_set_new(o, "address", zhi_json_str(zhi_buf_view(&b)));
  }
  json_object_del(o, "post_body");
  json_object_del(o, "post_headers");
  zhi_buf_release(&b);
}

enum zhi_code zhi_browse(struct zhi_store *s, enum zhi_browse what, const struct zhi_str *args,
                         size_t arg_count, int64_t limit, int64_t offset, json_t **rows,
                         struct zhi_err *e) {
  struct zhi_buf sql;
  sqlite3_stmt *st = NULL;
  bool more = false;
  zhi_buf_init(&sql, 8192);
  zhi_buf_addf(&sql, "%s LIMIT ?8 OFFSET ?9", queries[what]);
  enum zhi_code rc = zhi_db_prepare(s, sql.p, &st, e);
  json_t *out = json_array();
  for (size_t i = 0; i < arg_count && !rc; i++)
    zhi_bind_text(st, (int)i + 1, args[i]);
  if (!rc) {
    zhi_bind_int(st, 8, limit);
    zhi_bind_int(st, 9, offset);
  }
  while (!rc && (rc = zhi_db_step(s, st, &more, e)) == ZHI_OK && more) {
    json_t *o = json_object();
    for (int i = 0; i < sqlite3_column_count(st); i++)
      add_member(o, st, i);
    add_address(o);
    json_array_append_new(out, o);
  }
  sqlite3_finalize(st);
  zhi_buf_release(&sql);
  if (rc)
    json_decref(out);
  else
    *rows = out;
  return rc;
}

/* --- every document ------------------------------------------------------------------------------------------ */

static const char *const row_columns[] = {
    "url",          "captured_at",      "state",          "version",
    "kind",         "column_name",      "publisher",      "validity",
    "topic_class",  "attachment_count", "date_published", "date_written",
    "date_printed", "date_generated",   "date_updated"};
enum { ROW_COLUMNS = sizeof row_columns / sizeof *row_columns, ROW_DATES = 10 };

struct each {
  size_t at[ROW_COLUMNS];
  enum zhi_code (*fn)(void *ctx, const struct zhi_browse_row *r, struct zhi_err *e);
  void *ctx;
};

static int64_t number_of(struct zhi_str s) {
  unsigned long long v;
  return zhi_str_u64(s, INT64_MAX, &v) ? (int64_t)v : 0;
}

static enum zhi_code take(void *ctx, const struct zhi_str *cells, int64_t capture,
                          struct zhi_err *e) {
  const struct each *x = ctx;
  struct zhi_str v[ROW_COLUMNS];
  for (size_t i = 0; i < ROW_COLUMNS; i++)
    v[i] = cells[x->at[i]];
  struct zhi_browse_row r = {.version_id = capture,
                             .url = v[0],
                             .host = export_host(v[0]),
                             .captured_at = v[1],
                             .state = v[2],
                             .version = number_of(v[3]),
                             .kind = v[4],
                             .column = v[5],
                             .publisher = v[6],
                             .validity = v[7],
                             .topic = v[8],
                             .attachments = number_of(v[9]),
                             .day = export_first_day(v + ROW_DATES, ROW_COLUMNS - ROW_DATES)};
  return x->fn(x->ctx, &r, e);
}

enum zhi_code zhi_browse_each(struct zhi_store *s,
                              enum zhi_code (*fn)(void *ctx, const struct zhi_browse_row *r,
                                                  struct zhi_err *e),
                              void *ctx, struct zhi_err *e) {
  struct zhi_column columns[ZHI_COLUMN_MAX];
  bool wanted[ZHI_COLUMN_MAX] = {false};
  struct each x = {.fn = fn, .ctx = ctx};
  size_t n = zhi_columns(columns);
  for (size_t i = 0; i < ROW_COLUMNS; i++)
    for (size_t k = 0; k < n; k++)
      if (strcmp(columns[k].name, row_columns[i]) == 0) {
        x.at[i] = k;
        wanted[k] = true;
      }
  struct zhi_rows_query q = {.wanted = wanted, .latest = true, .row = take, .ctx = &x};
  return zhi_rows_each(s, &q, e);
}

enum zhi_code zhi_browse_generation(struct zhi_store *s, int64_t *out, struct zhi_err *e) {
  return zhi_db_int(s, "SELECT CAST(value AS INTEGER) FROM archive WHERE key = 'commits'", out, e);
}

enum zhi_code zhi_browse_name(struct zhi_store *s, struct zhi_buf *out, struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  bool row = false;
  struct zhi_str folder = zhi_str_of(s->dir);
  while (folder.len > 1 && folder.p[folder.len - 1] == '/')
    folder.len--;
  enum zhi_code rc = zhi_db_prepare(s, "SELECT config FROM crawl ORDER BY id DESC LIMIT 1", &st, e);
  if (!rc && (rc = zhi_db_step(s, st, &row, e)) == ZHI_OK)
    export_name(out, row ? zhi_col_text(st, 0) : "", folder);
  sqlite3_finalize(st);
  return rc;
}
