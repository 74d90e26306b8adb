/* The catalogue: documents in and out, walks over WARC files, origins and captures.
 *
 * Walks read one row a transaction, by key, so that a long one never pins the log and its call back may write. */
#include "store/internal.h"

enum { DOC_FIXED = 13, INSERT_MAX_BYTES = 8192 };

static sqlite3_stmt *add_document(struct zhi_store *s, struct zhi_err *e) {
  if (s->add_document)
    return s->add_document;
  struct zhi_buf sql;
  zhi_buf_init(&sql, INSERT_MAX_BYTES);
  zhi_buf_adds(
      &sql,
      "INSERT INTO document (capture_id, kind, extractor_version, body_chars, "
      "text_digest, attachment_count, attachments, findings, list, fields, masked, part_of, part");
  for (int f = 0; f < ZHI_FIELD_COUNT; f++)
    zhi_buf_addf(&sql, ", \"%s\"", zhi_field_table[f].name);
  zhi_buf_adds(&sql, ") VALUES (?1");
  for (int i = 2; i <= DOC_FIXED + ZHI_FIELD_COUNT; i++)
    zhi_buf_addf(&sql, ", ?%d", i);
  zhi_buf_addc(&sql, ')');
  if (zhi_buf_check(&sql, "a statement", e) == ZHI_OK &&
      sqlite3_prepare_v3(s->db, sql.p, -1, SQLITE_PREPARE_PERSISTENT, &s->add_document, NULL))
    zhi_db_fail(s, e, "use");
  zhi_buf_release(&sql);
  return s->add_document;
}

/* An empty list or object is as good as none. */
static struct zhi_str json_or_none(struct zhi_str s) {
  return zhi_str_is(s, "[]") || zhi_str_is(s, "{}") ? ZHI_STR_NONE : s;
}

enum zhi_code zhi_doc_insert(struct zhi_store *s, int64_t capture_id, const struct zhi_doc_row *d,
                             struct zhi_err *e) {
  sqlite3_stmt *st = add_document(s, e);
  if (!st)
    return ZHI_EIO;
  zhi_bind_int(st, 1, capture_id);
  zhi_bind_text(st, 2, zhi_str_of(d->kind));
  zhi_bind_text(st, 3, zhi_str_of(d->extractor_version));
  zhi_bind_int(st, 4, d->body_chars);
  zhi_bind_str(st, 5, d->text_digest);
  zhi_bind_int(st, 6, d->attachment_count);
  zhi_bind_str(st, 7, json_or_none(d->attachments_json));
  zhi_bind_str(st, 8, json_or_none(d->findings_json));
  zhi_bind_str(st, 9, json_or_none(d->list_json));
  zhi_bind_str(st, 10, json_or_none(d->fields_json));
  zhi_bind_str(st, 11, json_or_none(d->masked_json));
  zhi_bind_str(st, 12, d->part_of);
  zhi_bind_int(st, 13, d->part);
  for (int f = 0; f < ZHI_FIELD_COUNT; f++)
    zhi_bind_str(st, DOC_FIXED + 1 + f, d->field[f]);
  enum zhi_code rc = zhi_db_run(s, st, e);
  if (rc == ZHI_OK && d->annual)
    rc = zhi_annual_put(s, capture_id, d->annual, e);
  if (rc || d->text.len == 0)
    return rc;
  if (!(st = zhi_db_get(s, ST_ADD_TEXT, e)))
    return ZHI_EIO;
  zhi_bind_int(st, 1, capture_id);
  zhi_bind_text(st, 2, d->text);
  return zhi_db_run(s, st, e);
}

/* Captures come in the order of their time, so the last one of a URL has the last word. */
static enum zhi_code put_list_of(struct zhi_store *s, int64_t capture, const struct zhi_doc_row *d,
                                 struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, ST_URL_OF_CAPTURE, e);
  bool row = false;
  if (!st)
    return ZHI_EIO;
  zhi_bind_int(st, 1, capture);
  enum zhi_code rc = zhi_db_step(s, st, &row, e);
  if (rc || !row)
    return rc;
  int64_t url_id = zhi_col_int(st, 0);
  sqlite3_reset(st);
  return zhi_lists_put(s, url_id, capture, d ? d->list : NULL, e);
}

enum zhi_code zhi_store_put_docs(struct zhi_store *s, const int64_t *capture_rowids,
                                 const struct zhi_doc_row *const *docs, size_t n,
                                 struct zhi_err *e) {
  enum zhi_code rc = zhi_db_begin(s, true, e);
  if (rc)
    return rc;
  for (size_t i = 0; i < n && rc == ZHI_OK; i++) {
    sqlite3_stmt *st = zhi_db_get(s, ST_DROP_DOCUMENT, e);
    rc = ZHI_EIO;
    if (!st)
      break;
    zhi_bind_int(st, 1, capture_rowids[i]);
    rc = zhi_db_run(s, st, e);
    if (rc == ZHI_OK && docs[i])
      rc = zhi_doc_insert(s, capture_rowids[i], docs[i], e);
    if (rc == ZHI_OK)
      rc = put_list_of(s, capture_rowids[i], docs[i], e);
  }
  if (rc == ZHI_OK && n) {
    sqlite3_stmt *st = zhi_db_get(s, ST_COUNT_COMMIT, e);
    rc = st ? zhi_db_run(s, st, e) : ZHI_EIO;
  }
  return zhi_db_end(s, rc, e);
}

/* --- walks -------------------------------------------------------------------------------------------------- */

/* A walk: `sql` gives the first row whose key is above ?1… (the key's parts are its last columns); `row` takes it. */
struct walk {
  const char *sql;
  int keys, key_column;
  enum zhi_code (*row)(sqlite3_stmt *st, void *ctx, struct zhi_err *e);
  void *ctx;
};

static enum zhi_code walk(struct zhi_store *s, const struct walk *w, struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  int64_t key[3] = {-1, -1, -1};
  enum zhi_code rc = zhi_db_prepare(s, w->sql, &st, e);
  while (rc == ZHI_OK) {
    bool row = false;
    for (int i = 0; i < w->keys; i++)
      zhi_bind_int(st, i + 1, key[i]);
    if ((rc = zhi_db_step(s, st, &row, e)) || !row)
      break;
    for (int i = 0; i < w->keys; i++)
      key[i] = zhi_col_int(st, w->key_column + i);
    rc = w->row(st, w->ctx, e);
    sqlite3_reset(st);
  }
  sqlite3_finalize(st);
  return rc;
}

struct warc_walk {
  enum zhi_code (*fn)(void *ctx, const struct zhi_warc_state *w, struct zhi_err *e);
  void *ctx;
};

static enum zhi_code warc_row(sqlite3_stmt *st, void *ctx, struct zhi_err *e) {
  struct warc_walk *w = ctx;
  struct zhi_warc_state x = {zhi_col_text(st, 0), zhi_col_int(st, 1), zhi_col_int(st, 2) != 0};
  return w->fn(w->ctx, &x, e);
}

enum zhi_code zhi_store_each_warc(struct zhi_store *s,
                                  enum zhi_code (*fn)(void *ctx, const struct zhi_warc_state *w,
                                                      struct zhi_err *e),
                                  void *ctx, struct zhi_err *e) {
  struct warc_walk w = {fn, ctx};
  return walk(s,
              &(struct walk){"SELECT name, committed_bytes, closed, id FROM warc_file "
                             "WHERE id > ?1 ORDER BY id LIMIT 1",
                             1, 3, warc_row, &w},
              e);
}

struct origin_walk {
  enum zhi_code (*fn)(void *ctx, const struct zhi_origin_state *o, const struct zhi_group_state *g,
                      struct zhi_err *e);
  void *ctx;
};

static enum zhi_code origin_row(sqlite3_stmt *st, void *ctx, struct zhi_err *e) {
  struct origin_walk *w = ctx;
  const char *state = zhi_col_text(st, 3);
  struct zhi_origin_state o = {.origin = zhi_col_str(st, 0),
                               .address = zhi_col_str(st, 1),
                               .robots_fetched_ms = zhi_col_int(st, 2),
                               .robots_state = state[0] ? state : NULL,
                               .robots_text = zhi_col_str(st, 4),
                               .probe = zhi_col_str(st, 10)};
  struct zhi_group_state g = {.group_id = zhi_col_int(st, 5),
                              .next_ms = zhi_col_int(st, 6),
                              .blocked_until_ms = zhi_col_int(st, 7),
                              .backoff_ms = zhi_col_int(st, 8),
                              .delay_ms = zhi_col_int(st, 9)};
  return w->fn(w->ctx, &o, &g, e);
}

enum zhi_code zhi_store_each_origin(struct zhi_store *s,
                                    enum zhi_code (*fn)(void *ctx, const struct zhi_origin_state *o,
                                                        const struct zhi_group_state *g,
                                                        struct zhi_err *e),
                                    void *ctx, struct zhi_err *e) {
  struct origin_walk w = {fn, ctx};
  return walk(
      s,
      &(struct walk){"SELECT o.origin, o.address, o.robots_fetched_ms, o.robots_state, "
                     "o.robots_text, g.id, g.next_ms, g.blocked_until_ms, g.backoff_ms, "
                     "g.delay_ms, CASE WHEN o.probe_crawl_id = (SELECT max(id) FROM crawl) "
                     "THEN o.probe END, o.id FROM origin o JOIN host_group g ON g.id = o.group_id "
                     "WHERE o.id > ?1 ORDER BY o.id LIMIT 1",
                     1, 11, origin_row, &w},
      e);
}

struct capture_walk {
  enum zhi_code (*fn)(void *ctx, const struct zhi_capture_ref *c, struct zhi_err *e);
  void *ctx;
};

static const char *text_or_null(sqlite3_stmt *st, int i) {
  return (const char *)sqlite3_column_text(st, i);
}

static enum zhi_code capture_row(sqlite3_stmt *st, void *ctx, struct zhi_err *e) {
  struct capture_walk *w = ctx;
  struct zhi_capture_ref c = {.url = zhi_col_text(st, 0),
                              .warc_file = zhi_col_text(st, 1),
                              .record_id = text_or_null(st, 2),
                              .payload_digest = text_or_null(st, 3),
                              .mime = text_or_null(st, 4),
                              .verdict = zhi_col_text(st, 5),
                              .warc_length = zhi_col_int(st, 6),
                              .fetched_ms = zhi_col_int(st, 7),
                              .status = (int)zhi_col_int(st, 8),
                              .has_doc = zhi_col_int(st, 9) != 0,
                              .warc_offset = zhi_col_int(st, 11),
                              .capture_rowid = zhi_col_int(st, 12),
                              .ask = {.headers = zhi_col_str(st, 13), .asker = zhi_col_str(st, 14)},
                              .body_file = zhi_col_text(st, 15),
                              .body_offset = zhi_col_int(st, 16),
                              .is_revisit = zhi_col_int(st, 17) != 0};
  return w->fn(w->ctx, &c, e);
}

#define CAPTURE_REF                                                                                \
  "SELECT u.url, w.name, c.record_id, c.payload_digest, c.mime, c.verdict, "                       \
  "c.warc_length, c.fetched_ms, c.status, EXISTS (SELECT 1 FROM document d "                       \
  "WHERE d.capture_id = c.id), c.warc_file_id, c.warc_offset, c.id, u.headers, "                   \
  "u.asker, coalesce(ow.name, w.name), coalesce(o.warc_offset, c.warc_offset), "                   \
  "c.revisit_of IS NOT NULL "
#define CAPTURE_REF_JOINS                                                                          \
  "JOIN url u ON u.id = c.url_id JOIN warc_file w ON w.id = c.warc_file_id "                       \
  "LEFT JOIN capture o ON o.id = c.original_id "                                                   \
  "LEFT JOIN warc_file ow ON ow.id = o.warc_file_id "

enum zhi_code zhi_store_each_capture(struct zhi_store *s,
                                     enum zhi_code (*fn)(void *ctx, const struct zhi_capture_ref *c,
                                                         struct zhi_err *e),
                                     void *ctx, struct zhi_err *e) {
  struct capture_walk w = {fn, ctx};
  return walk(s,
              &(struct walk){CAPTURE_REF
                             "FROM capture c INDEXED BY capture_by_place " CAPTURE_REF_JOINS
                             "WHERE c.warc_file_id IS NOT NULL "
                             "AND (c.warc_file_id, c.warc_offset, c.id) > (?1, ?2, ?3) "
                             "ORDER BY c.warc_file_id, c.warc_offset, c.id LIMIT 1",
                             3, 10, capture_row, &w},
              e);
}

/* Made once, because the question looks at every version of the crawl; then read one a transaction. */
static const char outdated_sql[] =
    "CREATE TEMP TABLE IF NOT EXISTS outdated (id INTEGER PRIMARY KEY); DELETE FROM outdated; "
    "INSERT OR IGNORE INTO outdated SELECT v.content_id FROM version n "
    "JOIN capture a ON a.id = n.capture_id JOIN document d ON d.capture_id = a.id "
    "JOIN capture b INDEXED BY capture_by_key ON b.url_key = a.url_key AND b.id < a.id "
    "JOIN version v ON v.capture_id = b.id JOIN document x ON x.capture_id = v.content_id "
    "WHERE n.number > 1 AND a.crawl_id = (SELECT max(id) FROM crawl) "
    "AND x.extractor_version <> d.extractor_version";

enum zhi_code zhi_store_each_outdated(struct zhi_store *s,
                                      enum zhi_code (*fn)(void *ctx,
                                                          const struct zhi_capture_ref *c,
                                                          struct zhi_err *e),
                                      void *ctx, size_t *count, struct zhi_err *e) {
  struct capture_walk w = {fn, ctx};
  int64_t n = 0;
  enum zhi_code rc = zhi_db_exec(s, outdated_sql, e);
  if (rc == ZHI_OK)
    rc = zhi_db_int(s, "SELECT count(*) FROM outdated", &n, e);
  *count = (size_t)n;
  if (rc || n == 0)
    return rc;
  return walk(s,
              &(struct walk){CAPTURE_REF
                             "FROM outdated x JOIN capture c ON c.id = x.id " CAPTURE_REF_JOINS
                             "WHERE x.id > ?1 ORDER BY x.id LIMIT 1",
                             1, 12, capture_row, &w},
              e);
}
