/* Changes are found in three walks: versions that began since then; files that are attached somewhere; URLs that
 * went, moved, or came back. A walk first gathers its rows in the set, and then what was there before is compared with
 * what stood there, so that no read stays open for long. */
#include "zhi/changes.h"
#include "zhi/json.h"

#include "store/changes_set.h"
#include "store/shown.h"

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
  DESCRIPTION_MAX = 1 << 16,
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

#define HOST "substr(o.origin, instr(o.origin, '://') + 3)"
#define OF_VERSION                                                                                 \
  "FROM version v JOIN capture c ON c.id = v.capture_id JOIN url u ON u.id = c.url_id "            \
  "JOIN origin o ON o.id = u.origin_id LEFT JOIN document d ON d.capture_id = v.capture_id "
#define SHOWN "NOT " ZHI_SUPPRESSED_SQL

/* The columns of store/changes_set.h. ?1 and ?2 are struct since. */
static const char of_documents[] =
    "SELECT v.capture_id, u.url, d.title, " HOST ", d.column_name, "
    "CASE WHEN NOT EXISTS (SELECT 1 FROM capture p JOIN version q ON q.capture_id = p.id "
    "WHERE p.url_key = c.url_key AND p.id < c.id) THEN 'new' END, NULL, c.fetched_ms, d.doc_no, "
    "NULL " OF_VERSION "WHERE c.crawl_id > ?1 AND (?1 OR c.fetched_ms > ?2) "
    "AND d.kind = 'document' AND " SHOWN;
static const char of_files[] =
    "SELECT v.capture_id, u.url, coalesce(h.title, u.text), " HOST ", h.column_name, NULL, NULL, "
    "c.fetched_ms, NULL, p.url " OF_VERSION
    "LEFT JOIN url p ON p.id = u.via_id LEFT JOIN document h ON h.capture_id = p.version_id "
    "WHERE c.crawl_id > ?1 AND (?1 OR c.fetched_ms > ?2) AND v.number > 1 "
    "AND coalesce(d.kind, 'other') NOT IN ('document', 'list', 'home') "
    "AND (coalesce(u.found_priority, u.priority) = 4 OR (c.mime LIKE 'application/%' "
    "AND c.mime NOT LIKE '%json' AND c.mime NOT LIKE '%xml' AND c.mime NOT LIKE '%script')) "
    "AND " SHOWN;
static const char of_urls[] =
    "SELECT id, url, title, host, column_name, life, last_ok_ms, to_ms, moved_to, NULL FROM ("
    "SELECT u.life, v.capture_id AS id, u.url, d.title, " HOST
    " AS host, d.column_name, u.last_ok_ms, "
    "CASE u.life WHEN 'removed' THEN u.gone_since_ms ELSE (SELECT min(f.fetched_ms) FROM capture f "
    "WHERE f.url_key = c.url_key AND f.url_id = u.id AND CASE u.life "
    "WHEN 'moved' THEN f.verdict = 'redirect' AND f.fetched_ms > u.last_ok_ms "
    "ELSE f.verdict IN ('ok', 'not_modified') AND f.fetched_ms > (SELECT max(g.fetched_ms) "
    "FROM capture g WHERE g.url_key = c.url_key AND g.url_id = u.id "
    "AND g.verdict IN ('gone', 'soft_404', 'redirect')) END) END AS to_ms, u.moved_to, "
    "u.life = 'removed' AND u.gone_crawls = 2 AND u.gone_crawl_id > ?1 AND ?1 AS confirmed "
    "FROM url u JOIN version v ON v.capture_id = u.version_id JOIN capture c ON c.id = "
    "v.capture_id "
    "JOIN origin o ON o.id = u.origin_id JOIN document d ON d.capture_id = v.capture_id "
    "WHERE u.life IN ('removed', 'moved', 'reappeared') "
    "AND d.kind = 'document' AND " SHOWN ") "
    "WHERE to_ms > ?2 OR confirmed";

static int64_t weight_of_change(struct zhi_str change, bool numbered) {
  return zhi_str_is(change, "removed")      ? WEIGHT_REMOVED
         : zhi_str_is(change, "reappeared") ? WEIGHT_REAPPEARED
         : zhi_str_is(change, "moved")      ? WEIGHT_MOVED
                                            : WEIGHT_NEW + (numbered ? WEIGHT_NUMBERED : 0);
}

static struct zhi_str time_col(sqlite3_stmt *st, int i, char iso[ZHI_ISO_SIZE]) {
  if (sqlite3_column_type(st, i) == SQLITE_NULL)
    return ZHI_STR_NONE;
  zhi_time_iso(zhi_col_int(st, i), iso);
  return zhi_str_of(iso);
}

static enum zhi_code take_row(struct zhi_changes *x, sqlite3_stmt *st, struct zhi_str archive,
                              struct zhi_err *e) {
  char from[ZHI_ISO_SIZE], to[ZHI_ISO_SIZE];
  struct zhi_change c = {.id = zhi_col_int(st, 0),
                         .url = zhi_col_str(st, 1),
                         .title = zhi_col_str(st, 2),
                         .host = zhi_col_str(st, 3),
                         .column = zhi_col_str(st, 4),
                         .change = zhi_col_str(st, 5),
                         .from = time_col(st, 6, from),
                         .to = time_col(st, 7, to),
                         .detail = zhi_str_clip(zhi_col_str(st, 8), DETAIL_MAX),
                         .page = zhi_col_str(st, 9),
                         .archive = archive};
  c.weight = weight_of_change(c.change, c.detail.len);
  return zhi_changes_set_add(x, &c, e);
}

static enum zhi_code gather(struct zhi_changes *x, struct zhi_store *s, const char *sql,
                            const struct since *since, struct zhi_str archive, struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  bool row = false;
  enum zhi_code rc = zhi_db_prepare(s, sql, &st, e);
  if (!rc) {
    zhi_bind_int(st, 1, since->crawl);
    zhi_bind_int(st, 2, since->ms);
  }
  while (!rc && (rc = zhi_db_step(s, st, &row, e)) == ZHI_OK && row)
    rc = take_row(x, st, archive, e);
  sqlite3_finalize(st);
  return rc;
}

/* --- what became of it ------------------------------------------------------------------------------------------- */

static int64_t number_of(const json_t *o, const char *key) {
  return json_integer_value(json_object_get(o, key));
}

static void add_value(struct zhi_buf *b, const json_t *f, const char *raw, const char *value) {
  const char *s = zhi_json_text(f, raw);
  struct zhi_str v = zhi_str_of(s[0] ? s : zhi_json_text(f, value));
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
    zhi_buf_addf(b, "%s%s ", b->len ? and : "", zhi_json_text(o, zh ? "zh" : "name"));
    add_value(b, o, "from_raw", "from");
    zhi_buf_adds(b, " → ");
    add_value(b, o, "to_raw", "to");
  }
  json_array_foreach(json_object_get(c, "attachments"), i, o)
      zhi_buf_addf(b, zh ? "%s%s：%s" : "%sattachment %s: %s", b->len ? and : "",
                   word_of(zhi_json_text(o, "change"), zh), zhi_json_text(o, "name"));
  if (number_of(c, "text_changes"))
    zhi_buf_addf(b, zh ? "%s正文增 %lld 字，删 %lld 字" : "%stext +%lld -%lld characters",
                 b->len ? and : "", (long long)number_of(c, "added_chars"),
                 (long long)number_of(c, "removed_chars"));
  if (json_is_true(json_object_get(c, "file_replaced")))
    zhi_buf_addf(b, "%s → %s", zhi_json_text(json_object_get(c, "a"), "payload_digest"),
                 zhi_json_text(json_object_get(c, "b"), "payload_digest"));
  if (strcmp(zhi_json_text(c, "verdict"), "outside") == 0)
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
  return strcmp(zhi_json_text(first, "name"), "validity") == 0;
}

/* A version that is not new, compared with what stood there before. *keep false: nothing but noise. */
static enum zhi_code compare(struct zhi_store *s, bool is_file, struct zhi_change *row,
                             struct zhi_buf detail[2], char from[ZHI_ISO_SIZE], bool *keep,
                             struct zhi_err *e) {
  json_t *c = NULL;
  enum zhi_code rc = zhi_compare_version(s, row->id, &c, e);
  *keep = false;
  if (rc)
    return rc == ZHI_EOF ? ZHI_OK : rc; /* it is gone: a rebuild */
  const char *verdict = zhi_json_text(c, "verdict");
  *keep = strcmp(verdict, "changed") == 0 || strcmp(verdict, "outside") == 0;
  for (int zh = 0; zh < 2; zh++) {
    zhi_buf_clear(&detail[zh]);
    describe(&detail[zh], c, zh);
  }
  snprintf(from, ZHI_ISO_SIZE, "%s", zhi_json_text(json_object_get(c, "a"), "captured"));
  row->from = zhi_str_of(from);
  row->detail = zhi_str_clip(zhi_buf_view(&detail[0]), DETAIL_MAX);
  row->detail_zh = zhi_str_clip(zhi_buf_view(&detail[1]), DETAIL_MAX);
  row->change = is_file      ? ZHI_STR("attachment")
                : is_flip(c) ? ZHI_STR("validity")
                             : ZHI_STR("edited");
  row->weight = is_file ? WEIGHT_ATTACHMENT : weight_of(c);
  json_decref(c);
  return ZHI_OK;
}

/* Those after `place`. */
static enum zhi_code compare_open(struct zhi_changes *x, struct zhi_store *s, int64_t place,
                                  bool files, struct zhi_err *e) {
  struct zhi_change row;
  struct zhi_buf detail[2]; /* in English and Chinese */
  char from[ZHI_ISO_SIZE];
  bool keep;
  enum zhi_code rc;
  zhi_buf_init(&detail[0], DESCRIPTION_MAX);
  zhi_buf_init(&detail[1], DESCRIPTION_MAX);
  while ((rc = zhi_changes_set_open(x, &place, &row.id, e)) == ZHI_OK && place) {
    if ((rc = compare(s, files, &row, detail, from, &keep, e)) ||
        (rc = zhi_changes_set_settle(x, place, keep ? &row : NULL, e)))
      break;
  }
  zhi_buf_release(&detail[0]);
  zhi_buf_release(&detail[1]);
  return rc;
}

enum zhi_code zhi_changes_add(struct zhi_changes *x, struct zhi_store *s, struct zhi_str since,
                              struct zhi_str archive, zhi_change_filter *filter, void *ctx,
                              struct zhi_err *e) {
  static const char *const walks[] = {of_documents, of_files, of_urls};
  struct since from;
  int64_t before = zhi_changes_set_last(x);
  enum zhi_code rc = since_of(s, since, &from, e);
  for (size_t i = 0; !rc && i < sizeof walks / sizeof *walks; i++) {
    int64_t known = zhi_changes_set_last(x);
    rc = gather(x, s, walks[i], &from, archive, e);
    if (!rc)
      rc = compare_open(x, s, known, walks[i] == of_files, e);
  }
  return rc || !filter ? rc : zhi_changes_set_filter(x, before, s, filter, ctx, e);
}
