/* Changes are found in three walks: versions that began since then, each compared with what stood there before; files
 * that are attached somewhere; URLs that went, moved, or came back. A walk first gathers its rows and then asks about
 * each, so that no read stays open for long. */
#include "zhi/changes.h"

#include "store/shown.h"
#include "zhi/json.h"

enum {
  WEIGHT_REMOVED = 90,
  WEIGHT_ATTACHMENT = 70,
  WEIGHT_REAPPEARED = 60,
  WEIGHT_MOVED = 50,
  WEIGHT_TEXT = 30, /* and as much again for many characters */
  WEIGHT_NEW = 20,
  WEIGHT_NUMBERED = 5, /* more, for a new document with a number */
  CHARS_A_POINT = 20,
  DETAIL_MAX = 4000,
  VALUE_MAX = 120
};

/* Both are to be exceeded. */
struct since {
  int64_t crawl, ms;
};

/* --- since when ------------------------------------------------------------------------------------------------ */

static enum zhi_code crawl_of(struct zhi_store *s, struct zhi_str text, struct since *out,
                              bool *found, struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  enum zhi_code rc = zhi_db_prepare(
      s,
      "WITH k(id) AS (SELECT CASE ?1 WHEN '' THEN (SELECT min(id) FROM crawl) "
      "WHEN 'last' THEN (SELECT coalesce(max(id), 1) - 1 FROM crawl) "
      "ELSE (SELECT id FROM crawl WHERE name = ?1 OR (length(?1) < 4 AND id = CAST(?1 AS "
      "INTEGER))) "
      "END) SELECT k.id, (SELECT min(started_ms) - 1 FROM crawl r WHERE r.id > k.id) FROM k "
      "WHERE k.id IS NOT NULL",
      &st, e);
  *found = false;
  if (rc)
    return rc;
  zhi_bind_text(st, 1, text);
  rc = zhi_db_step(s, st, found, e);
  if (!rc && *found) {
    bool later = sqlite3_column_type(st, 1) != SQLITE_NULL;
    *out = (struct since){zhi_col_int(st, 0), later ? zhi_col_int(st, 1) : INT64_MAX};
  }
  sqlite3_finalize(st);
  return rc;
}

static enum zhi_code unknown_crawl(struct zhi_store *s, struct zhi_str since, struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  bool row = false;
  enum zhi_code rc = zhi_db_prepare(s, "SELECT name FROM crawl ORDER BY id DESC LIMIT 1", &st, e);
  if (!rc && (rc = zhi_db_step(s, st, &row, e)) == ZHI_OK)
    rc = zhi_fail(e, ZHI_EUSAGE, "neither a crawl nor a time: '%.*s'%s%s%s",
                  ZHI_STR_ARGS(zhi_str_clip(since, 80)), row ? " (the latest crawl is '" : "",
                  row ? zhi_col_text(st, 0) : "", row ? "')" : "");
  sqlite3_finalize(st);
  return rc;
}

static enum zhi_code since_of(struct zhi_store *s, struct zhi_str text, struct since *out,
                              struct zhi_err *e) {
  bool found;
  *out = (struct since){0, INT64_MAX};
  enum zhi_code rc = crawl_of(s, text, out, &found, e);
  if (rc || found || !text.len)
    return rc;
  out->crawl = 0;
  return zhi_shown_until(text, &out->ms, NULL) ? unknown_crawl(s, text, e) : ZHI_OK;
}

/* --- walks ------------------------------------------------------------------------------------------------------ */

#define HOST "substr(o.origin, instr(o.origin, '://') + 3) AS host"
#define OF_VERSION                                                                                 \
  "FROM version v JOIN capture c ON c.id = v.capture_id JOIN url u ON u.id = c.url_id "            \
  "JOIN origin o ON o.id = u.origin_id LEFT JOIN document d ON d.capture_id = v.capture_id "
#define SHOWN "NOT " ZHI_SUPPRESSED_SQL

/* Members as a change has them; times end in "_ms". ?1 and ?2 are struct since. */
static const char of_documents[] =
    "SELECT v.capture_id AS id, u.url, d.title, " HOST ", d.column_name AS \"column\", "
    "c.fetched_ms AS to_ms, d.doc_no, EXISTS (SELECT 1 FROM capture p JOIN version q "
    "ON q.capture_id = p.id WHERE p.url_key = c.url_key AND p.id < c.id) AS known " OF_VERSION
    "WHERE c.crawl_id > ?1 AND (?1 OR c.fetched_ms > ?2) "
    "AND d.kind IN ('document', 'attachment_page') AND " SHOWN;
static const char of_files[] =
    "SELECT v.capture_id AS id, u.url, coalesce(h.title, u.text) AS title, " HOST ", "
    "h.column_name AS \"column\", c.fetched_ms AS to_ms, 1 AS known, p.url AS page " OF_VERSION
    "LEFT JOIN url p ON p.id = u.via_id LEFT JOIN document h ON h.capture_id = p.version_id "
    "WHERE c.crawl_id > ?1 AND (?1 OR c.fetched_ms > ?2) AND v.number > 1 "
    "AND coalesce(d.kind, 'other') NOT IN ('document', 'attachment_page', 'list', 'home') "
    "AND (coalesce(u.found_priority, u.priority) = 4 OR (c.mime LIKE 'application/%' "
    "AND c.mime NOT LIKE '%json' AND c.mime NOT LIKE '%xml' AND c.mime NOT LIKE '%script')) "
    "AND " SHOWN;
static const char of_urls[] =
    "SELECT * FROM (SELECT u.life AS change, v.capture_id AS id, u.url, d.title, " HOST
    ", d.column_name AS \"column\", u.last_ok_ms AS from_ms, "
    "CASE u.life WHEN 'removed' THEN u.gone_since_ms ELSE (SELECT min(f.fetched_ms) FROM capture f "
    "WHERE f.url_key = c.url_key AND f.url_id = u.id AND CASE u.life "
    "WHEN 'moved' THEN f.verdict = 'redirect' AND f.fetched_ms > u.last_ok_ms "
    "ELSE f.verdict IN ('ok', 'not_modified') AND f.fetched_ms > (SELECT max(g.fetched_ms) "
    "FROM capture g WHERE g.url_key = c.url_key AND g.url_id = u.id "
    "AND g.verdict IN ('gone', 'soft_404', 'redirect')) END) END AS to_ms, u.moved_to AS detail, "
    "u.life = 'removed' AND u.gone_crawls = 2 AND u.gone_crawl_id > ?1 AND ?1 AS confirmed "
    "FROM url u JOIN version v ON v.capture_id = u.version_id JOIN capture c ON c.id = "
    "v.capture_id "
    "JOIN origin o ON o.id = u.origin_id JOIN document d ON d.capture_id = v.capture_id "
    "WHERE u.life IN ('removed', 'moved', 'reappeared') "
    "AND d.kind IN ('document', 'attachment_page') AND " SHOWN ") "
    "WHERE to_ms > ?2 OR confirmed";

static json_t *cell(sqlite3_stmt *st, int i, bool time) {
  char iso[ZHI_ISO_SIZE];
  if (sqlite3_column_type(st, i) == SQLITE_NULL)
    return json_null();
  if (sqlite3_column_type(st, i) == SQLITE_TEXT)
    return zhi_json_str(zhi_col_str(st, i));
  if (!time)
    return json_integer(zhi_col_int(st, i));
  zhi_time_iso(zhi_col_int(st, i), iso);
  return json_string(iso);
}

static json_t *row_of(sqlite3_stmt *st) {
  json_t *o = json_pack("{s:s, s:n}", "change", "", "from");
  for (int i = 0; i < sqlite3_column_count(st); i++) {
    char name[32];
    size_t n = (size_t)snprintf(name, sizeof name, "%s", sqlite3_column_name(st, i));
    bool time = n > 3 && strcmp(name + n - 3, "_ms") == 0;
    if (time)
      name[n - 3] = '\0';
    json_object_set_new(o, name, cell(st, i, time));
  }
  return o;
}

static enum zhi_code gather(struct zhi_store *s, const char *sql, const struct since *since,
                            json_t **out, struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  bool row = false;
  json_t *rows = json_array();
  enum zhi_code rc = zhi_db_prepare(s, sql, &st, e);
  if (!rc) {
    zhi_bind_int(st, 1, since->crawl);
    zhi_bind_int(st, 2, since->ms);
  }
  while (!rc && (rc = zhi_db_step(s, st, &row, e)) == ZHI_OK && row)
    json_array_append_new(rows, row_of(st));
  sqlite3_finalize(st);
  if (rc)
    json_decref(rows);
  else
    *out = rows;
  return rc;
}

/* --- what became of it ------------------------------------------------------------------------------------------- */

static const char *text_of(const json_t *o, const char *key) {
  const char *s = json_string_value(json_object_get(o, key));
  return s ? s : "";
}

static int64_t number_of(const json_t *o, const char *key) {
  return json_integer_value(json_object_get(o, key));
}

static void add_value(struct zhi_buf *b, const json_t *f, const char *raw, const char *value) {
  const char *s = text_of(f, raw);
  struct zhi_str v = zhi_str_of(s[0] ? s : text_of(f, value));
  zhi_buf_addstr(b, v.len ? zhi_str_clip(v, VALUE_MAX) : ZHI_STR("-"));
}

/* The words of a description, in Chinese and English. */
static const char *word_of(const char *change, bool zh) {
  static const struct {
    const char *change, *zh;
  } words[] = {{"added", "新增附件"},
               {"removed", "删除附件"},
               {"replaced", "附件被替换"},
               {"renamed", "附件改名"}};
  for (size_t i = 0; zh && i < sizeof words / sizeof *words; i++)
    if (strcmp(words[i].change, change) == 0)
      return words[i].zh;
  return change;
}

/* What differs, in words, the weightiest first. */
static void describe(struct zhi_buf *b, const json_t *c, bool zh) {
  const char *and = zh ? "；" : "; ";
  size_t i;
  json_t *o;
  json_array_foreach(json_object_get(c, "fields"), i, o) {
    if (json_object_get(o, "noise"))
      continue;
    zhi_buf_addf(b, "%s%s ", b->len ? and : "", text_of(o, zh ? "zh" : "name"));
    add_value(b, o, "from_raw", "from");
    zhi_buf_adds(b, " → ");
    add_value(b, o, "to_raw", "to");
  }
  json_array_foreach(json_object_get(c, "attachments"), i, o)
      zhi_buf_addf(b, zh ? "%s%s：%s" : "%sattachment %s: %s", b->len ? and : "",
                   word_of(text_of(o, "change"), zh), text_of(o, "name"));
  if (number_of(c, "text_changes"))
    zhi_buf_addf(b, zh ? "%s正文增 %lld 字，删 %lld 字" : "%stext +%lld -%lld characters",
                 b->len ? and : "", (long long)number_of(c, "added_chars"),
                 (long long)number_of(c, "removed_chars"));
  if (json_is_true(json_object_get(c, "file_replaced")))
    zhi_buf_addf(b, "%s → %s", text_of(json_object_get(c, "a"), "payload_digest"),
                 text_of(json_object_get(c, "b"), "payload_digest"));
  if (strcmp(text_of(c, "verdict"), "outside") == 0)
    zhi_buf_adds(b, zh ? "文档之外的一句话" : "a sentence beside the document");
}

static int64_t weight_of(const json_t *c) {
  int64_t chars = number_of(c, "added_chars") + number_of(c, "removed_chars");
  int64_t points = chars / CHARS_A_POINT;
  int64_t weight = number_of(c, "text_changes")
                       ? WEIGHT_TEXT + (points < WEIGHT_TEXT ? points : WEIGHT_TEXT)
                       : 1;
  size_t i;
  json_t *o;
  json_array_foreach(json_object_get(c, "fields"), i, o) if (number_of(o, "weight") > weight)
      weight = number_of(o, "weight");
  return json_array_size(json_object_get(c, "attachments")) && weight < WEIGHT_ATTACHMENT
             ? WEIGHT_ATTACHMENT
             : weight;
}

static bool is_flip(const json_t *c) {
  const json_t *first = json_array_get(json_object_get(c, "fields"), 0);
  return strcmp(text_of(first, "name"), "validity") == 0;
}

static void settle(json_t *row, const char *change, int64_t weight, const char *detail) {
  json_object_set_new(row, "change", json_string(change));
  json_object_set_new(row, "weight", json_integer(weight));
  json_object_set_new(row, "detail", zhi_json_str(zhi_str_clip(zhi_str_of(detail), DETAIL_MAX)));
  json_object_del(row, "known");
  json_object_del(row, "confirmed");
}

/* The same in Chinese, for Chinese readers. */
static void describe_zh(json_t *row, const json_t *c) {
  struct zhi_buf zh;
  zhi_buf_init(&zh, 1 << 16);
  describe(&zh, c, true);
  if (zh.len)
    json_object_set_new(row, "detail_zh",
                        zhi_json_str(zhi_str_clip(zhi_buf_view(&zh), DETAIL_MAX)));
  zhi_buf_release(&zh);
}

/* *keep false: nothing but noise. */
static enum zhi_code compare_row(struct zhi_store *s, json_t *row, bool is_file, bool *keep,
                                 struct zhi_err *e) {
  json_t *c = NULL;
  struct zhi_buf detail;
  enum zhi_code rc = zhi_compare_version(s, number_of(row, "id"), &c, e);
  *keep = false;
  if (rc)
    return rc == ZHI_EOF ? ZHI_OK : rc; /* it is gone: a rebuild */
  const char *verdict = text_of(c, "verdict");
  *keep = strcmp(verdict, "changed") == 0 || strcmp(verdict, "outside") == 0;
  zhi_buf_init(&detail, 1 << 16);
  describe(&detail, c, false);
  describe_zh(row, c);
  json_object_set(row, "from", json_object_get(json_object_get(c, "a"), "captured"));
  if (is_file)
    settle(row, "attachment", WEIGHT_ATTACHMENT, detail.len ? detail.p : "");
  else
    settle(row, is_flip(c) ? "validity" : "edited", weight_of(c), detail.len ? detail.p : "");
  zhi_buf_release(&detail);
  json_decref(c);
  return ZHI_OK;
}

static enum zhi_code take_versions(struct zhi_store *s, const struct since *since, bool files,
                                   json_t *out, struct zhi_err *e) {
  json_t *rows = NULL, *row;
  size_t i;
  enum zhi_code rc = gather(s, files ? of_files : of_documents, since, &rows, e);
  json_array_foreach(rows, i, row) {
    bool keep = true;
    if (number_of(row, "known"))
      rc = compare_row(s, row, files, &keep, e);
    else
      settle(row, "new", WEIGHT_NEW + (text_of(row, "doc_no")[0] ? WEIGHT_NUMBERED : 0),
             text_of(row, "doc_no"));
    json_object_del(row, "doc_no");
    if (rc)
      break;
    if (keep)
      json_array_append(out, row);
  }
  json_decref(rows);
  return rc;
}

static enum zhi_code take_urls(struct zhi_store *s, const struct since *since, json_t *out,
                               struct zhi_err *e) {
  json_t *rows = NULL, *row;
  size_t i;
  enum zhi_code rc = gather(s, of_urls, since, &rows, e);
  json_array_foreach(rows, i, row) {
    char change[16];
    snprintf(change, sizeof change, "%s", text_of(row, "change"));
    settle(row, change,
           strcmp(change, "removed") == 0 ? WEIGHT_REMOVED
           : strcmp(change, "moved") == 0 ? WEIGHT_MOVED
                                          : WEIGHT_REAPPEARED,
           text_of(row, "detail"));
    json_array_append(out, row);
  }
  json_decref(rows);
  return rc;
}

enum zhi_code zhi_changes(struct zhi_store *s, struct zhi_str since, json_t *out,
                          struct zhi_err *e) {
  struct since from;
  enum zhi_code rc = since_of(s, since, &from, e);
  if (!rc)
    rc = take_versions(s, &from, false, out, e);
  if (!rc)
    rc = take_versions(s, &from, true, out, e);
  return rc ? rc : take_urls(s, &from, out, e);
}
