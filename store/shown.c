/* Captures by URL and time, as readers ask for them. */
#include "store/shown.h"

#include "zhi/url.h"

enum { KEY_MAX_BYTES = 1 << 16, DAY_MS = 24 * 3600 * 1000, DIGITS_OF_DAY = 8 };

enum zhi_code zhi_never_captured(struct zhi_store *s, struct zhi_str url, struct zhi_err *e) {
  struct zhi_buf near;
  zhi_buf_init(&near, KEY_MAX_BYTES);
  bool found = zhi_store_nearest_url(s, url, &near, NULL) == ZHI_OK && near.len;
  enum zhi_code rc =
      zhi_fail(e, ZHI_EOF, "'%.*s' was never captured%s%.*s%s",
               ZHI_STR_ARGS(zhi_str_clip(url, 150)), found ? "; the nearest that was is '" : "",
               found ? 200 : 0, found ? near.p : "", found ? "'" : "");
  zhi_buf_release(&near);
  return rc;
}

/* "2018", "2018-03" and "20180329" stand for all of that time: its last millisecond. */
static bool last_of_period(struct zhi_str s, int64_t *ms) {
  char digits[DIGITS_OF_DAY + 1];
  size_t n = 0;
  for (size_t i = 0; i < s.len; i++) {
    if (s.p[i] == '-' && (n == 4 || n == 6))
      continue;
    if (s.p[i] < '0' || s.p[i] > '9' || n == DIGITS_OF_DAY)
      return false;
    digits[n++] = s.p[i];
  }
  digits[n] = '\0';
  if (n != 4 && n != 6 && n != DIGITS_OF_DAY)
    return false;
  int v[DIGITS_OF_DAY] = {0};
  for (size_t i = 0; i < n; i++)
    v[i] = digits[i] - '0';
  int year = v[0] * 1000 + v[1] * 100 + v[2] * 10 + v[3];
  int month = n > 4 ? v[4] * 10 + v[5] : 12, day = n > 6 ? v[6] * 10 + v[7] : 1;
  if (!zhi_date_valid(year, month, day))
    return false;
  int64_t next = n > 6         ? zhi_days_from_civil(year, month, day) + 1
                 : month == 12 ? zhi_days_from_civil(year + 1, 1, 1)
                               : zhi_days_from_civil(year, month + 1, 1);
  *ms = next * DAY_MS - 1;
  return true;
}

enum zhi_code zhi_shown_until(struct zhi_str text, int64_t *ms, struct zhi_err *e) {
  *ms = INT64_MAX;
  if (!text.len || last_of_period(text, ms))
    return ZHI_OK;
  if (!zhi_time_parse(text, ms))
    return zhi_fail(e, ZHI_EUSAGE,
                    "not a time: '%.*s' (2018, 2018-03-29, 20180329080000 or "
                    "2018-03-29T08:00:00Z)",
                    ZHI_STR_ARGS(zhi_str_clip(text, 60)));
  *ms += 999; /* times are shown to the second */
  return ZHI_OK;
}

/* The scores stand in an inner query: SQLite 3.40 lets no ORDER BY look outwards. */
#define SHOWN                                                                                      \
  "SELECT c.id, c.url_id, c.crawl_id, c.fetched_ms, u.url, c.url_key, r.name, c.payload_digest, "  \
  "c.record_id, w.name, c.verdict, c.ip, c.mime, c.status, c.warc_offset, c.warc_length, "         \
  "c.original_id, v.capture_id, v.number, v.content_id "                                           \
  "FROM capture c JOIN url u ON u.id = c.url_id JOIN crawl r ON r.id = c.crawl_id "                \
  "LEFT JOIN warc_file w ON w.id = c.warc_file_id JOIN version v "                                 \
  "WHERE v.capture_id = (SELECT id FROM (SELECT x.capture_id AS id, "                              \
  "x.last_capture_id >= c.id AS confirmed, f.url_id = c.url_id AS own "                            \
  "FROM capture f JOIN version x ON x.capture_id = f.id "                                          \
  "WHERE f.url_key = c.url_key AND f.id <= c.id) ORDER BY confirmed DESC, own DESC, id DESC "      \
  "LIMIT 1) AND c.url_key = ?1 AND c.verdict IN ('ok', 'not_modified') AND "                       \
  "NOT " ZHI_SUPPRESSED_SQL

static const char *text_of(sqlite3_stmt *st, int i, struct zhi_arena *a) {
  return sqlite3_column_type(st, i) == SQLITE_NULL ? NULL : zhi_arena_str(a, zhi_col_str(st, i)).p;
}

static struct zhi_shown shown_of(sqlite3_stmt *st, struct zhi_arena *a) {
  return (struct zhi_shown){.capture_id = zhi_col_int(st, 0),
                            .url_id = zhi_col_int(st, 1),
                            .crawl_id = zhi_col_int(st, 2),
                            .fetched_ms = zhi_col_int(st, 3),
                            .url = text_of(st, 4, a),
                            .url_key = text_of(st, 5, a),
                            .crawl = text_of(st, 6, a),
                            .payload_digest = text_of(st, 7, a),
                            .record_id = text_of(st, 8, a),
                            .warc_file = text_of(st, 9, a),
                            .verdict = text_of(st, 10, a),
                            .ip = text_of(st, 11, a),
                            .mime = text_of(st, 12, a),
                            .status = zhi_col_int(st, 13),
                            .warc_offset = zhi_col_int(st, 14),
                            .warc_length = zhi_col_int(st, 15),
                            .original_id = zhi_col_int(st, 16),
                            .version_id = zhi_col_int(st, 17),
                            .version = zhi_col_int(st, 18),
                            .content_id = zhi_col_int(st, 19)};
}

/* The one row of a question; ?1 is the URL's key, ?2 what `bound` says. */
static enum zhi_code ask(struct zhi_store *s, const char *sql, struct zhi_str key, int64_t bound,
                         struct zhi_arena *a, struct zhi_shown *out, bool *found,
                         struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  enum zhi_code rc = zhi_db_prepare(s, sql, &st, e);
  *found = false;
  if (!rc) {
    zhi_bind_text(st, 1, key);
    zhi_bind_int(st, 2, bound);
    rc = zhi_db_step(s, st, found, e);
  }
  if (!rc && *found)
    *out = shown_of(st, a);
  sqlite3_finalize(st);
  return rc;
}

static enum zhi_code at_key(struct zhi_store *s, struct zhi_str key, int64_t until,
                            struct zhi_arena *a, struct zhi_shown *out, bool *found,
                            struct zhi_err *e) {
  enum zhi_code rc =
      ask(s, SHOWN " AND c.fetched_ms <= ?2 ORDER BY c.fetched_ms DESC, c.id DESC LIMIT 1", key,
          until, a, out, found, e);
  if (!rc && !*found)
    rc = ask(s, SHOWN " AND c.fetched_ms > ?2 ORDER BY c.fetched_ms, c.id LIMIT 1", key, until, a,
             out, found, e);
  return rc;
}

enum zhi_code zhi_shown_at(struct zhi_store *s, struct zhi_str url, struct zhi_str until,
                           struct zhi_arena *a, struct zhi_shown *out, struct zhi_err *e) {
  struct zhi_buf key;
  int64_t ms;
  bool found = false;
  enum zhi_code rc = zhi_shown_until(until, &ms, e);
  zhi_buf_init(&key, KEY_MAX_BYTES);
  if (!rc && !zhi_str_find(url, ZHI_STR("://")))
    rc = zhi_fail(e, ZHI_EUSAGE, "no absolute URL: '%.*s'", ZHI_STR_ARGS(zhi_str_clip(url, 200)));
  if (!rc) {
    zhi_surt(url, &key);
    rc = zhi_buf_check(&key, "a URL", e);
  }
  if (!rc)
    rc = at_key(s, zhi_buf_view(&key), ms, a, out, &found, e);
  if (!rc && !found)
    rc = zhi_never_captured(s, url, e);
  zhi_buf_release(&key);
  return rc;
}

enum zhi_code zhi_shown_before(struct zhi_store *s, const struct zhi_shown *b, struct zhi_arena *a,
                               struct zhi_shown *out, bool *found, struct zhi_err *e) {
  return ask(s,
             SHOWN " AND c.id < ?2 AND v.capture_id <> ?2 "
                   "ORDER BY c.fetched_ms DESC, c.id DESC LIMIT 1",
             zhi_str_of(b->url_key), b->version_id, a, out, found, e);
}

enum zhi_code zhi_shown_first(struct zhi_store *s, struct zhi_str key, struct zhi_arena *a,
                              struct zhi_shown *out, bool *found, struct zhi_err *e) {
  return ask(s, SHOWN " AND c.id > ?2 ORDER BY c.fetched_ms, c.id LIMIT 1", key, 0, a, out, found,
             e);
}

enum zhi_code zhi_shown_in_crawl(struct zhi_store *s, struct zhi_str key, int64_t crawl_id,
                                 struct zhi_arena *a, struct zhi_shown *out, bool *found,
                                 struct zhi_err *e) {
  return ask(s, SHOWN " AND c.crawl_id <= ?2 ORDER BY c.fetched_ms DESC, c.id DESC LIMIT 1", key,
             crawl_id, a, out, found, e);
}

enum zhi_code zhi_shown_capture(struct zhi_store *s, int64_t capture_id, struct zhi_arena *a,
                                struct zhi_shown *out, bool *found, struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  bool row = false;
  enum zhi_code rc = zhi_db_prepare(s, "SELECT url_key FROM capture WHERE id = ?1", &st, e);
  *found = false;
  if (!rc) {
    zhi_bind_int(st, 1, capture_id);
    rc = zhi_db_step(s, st, &row, e);
  }
  if (!rc && row)
    rc = ask(s, SHOWN " AND c.id = ?2", zhi_col_str(st, 0), capture_id, a, out, found, e);
  sqlite3_finalize(st);
  return rc;
}

enum zhi_code zhi_shown_original(struct zhi_store *s, const struct zhi_shown *c,
                                 struct zhi_arena *a, struct zhi_shown *out, bool *found,
                                 struct zhi_err *e) {
  *found = false;
  return c->original_id ? zhi_shown_capture(s, c->original_id, a, out, found, e) : ZHI_OK;
}
