/* What the index has of each version of each document: all of it, or what has changed since (search_file.c: the file).
 *
 * search.db holds no text. `grams` is FTS5 without content over the words of split.c; `doc` says which version of
 * which document a row of it is, with what one filters by and counts, and `packed` says so once more, for quick reading
 * (search_rows.c); `value` has the values themselves. A row of `grams` can not be taken out of an index without content:
 * it only loses its row in `doc`, without which it is in no answer, and when too many have, all is made anew. What is
 * taken down has no row. A version is looked at again when its stamp, a hash of all that was indexed, has changed. */
#include <stdlib.h>

#include "store/export.h"
#include "store/search.h"
#include "zhi/browse.h"

enum { FEW = 1000 }; /* versions that are always added in place */

static const char schema[] =
    "CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE fold (traditional INTEGER PRIMARY KEY, simplified INTEGER NOT NULL);"
    "CREATE TABLE value (id INTEGER PRIMARY KEY, field TEXT NOT NULL, text TEXT NOT NULL,"
    " folded TEXT NOT NULL, UNIQUE (field, text));"
    "CREATE TABLE doc (id INTEGER PRIMARY KEY, version_id INTEGER NOT NULL UNIQUE,"
    " url_id INTEGER NOT NULL, number INTEGER NOT NULL, latest INTEGER NOT NULL,"
    " captured_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, day TEXT, year INTEGER,"
    " host INTEGER, publisher INTEGER, topic INTEGER, validity INTEGER, kind INTEGER,"
    " column_name INTEGER, stamp INTEGER NOT NULL);"
    "CREATE TABLE packed (block INTEGER PRIMARY KEY, rows BLOB NOT NULL, facets BLOB NOT NULL);"
    "CREATE VIRTUAL TABLE grams USING fts5(" SEARCH_COLUMNS ", content='',"
    " tokenize=\"unicode61 remove_diacritics 0 tokenchars '" ZHI_SPLIT_BREAK "'\");"
    "CREATE VIRTUAL TABLE field_grams USING fts5(words, content='', columnsize=0,"
    " tokenize=\"unicode61 remove_diacritics 0 tokenchars '" ZHI_SPLIT_BREAK SEARCH_OF "'\");"
    /* how much of each is gathered in memory */
    "INSERT INTO grams (grams, rank) VALUES ('hashsize', 16777216);"
    "INSERT INTO field_grams (field_grams, rank) VALUES ('hashsize', 2097152);";

const char search_fields_sql[] =
#define X(id, name, type, zh, en) ", d.\"" name "\""
    ZHI_FIELDS(X)
#undef X
    ;

/* Columns of the query over the catalogue; the fields follow. */
enum {
  C_VERSION,
  C_URL_ID,
  C_NUMBER,
  C_LATEST,
  C_CAPTURED,
  C_LAST,
  C_KIND,
  C_DIGEST,
  C_EXTRACTOR,
  C_CONTENT,
  C_URL,
  C_ATTACHMENTS,
  C_FIELDS
};

struct old_row { /* of `doc` */
  int64_t version, id, stamp, last_ms, number;
  bool latest;
};

struct builder {
  struct zhi_store *from, *ix;
  struct zhi_fold *fold;
  struct old_row *old;
  size_t old_count, old_at;
  struct zhi_map values;
  int64_t next_id, next_value;
  sqlite3_stmt *rows, *text, *add_gram, *add_field_gram, *add_doc, *touch, *drop, *add_value;
  struct search_texts texts;
  struct zhi_buf fields, title, body, scratch, fields_words, named, attached, digests;
  struct zhi_search_done *done;
};

static enum zhi_code store_fold(struct builder *b, struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  unsigned from = 0, to = 0;
  enum zhi_code rc = zhi_db_prepare(b->ix, "INSERT INTO fold VALUES (?1, ?2)", &st, e);
  while (!rc && zhi_fold_each(b->fold, &from, &to)) {
    zhi_bind_int(st, 1, from);
    zhi_bind_int(st, 2, to);
    rc = zhi_db_run(b->ix, st, e);
  }
  sqlite3_finalize(st);
  return rc;
}

static enum zhi_code set_about(struct zhi_store *ix, const char *key, int64_t value,
                               struct zhi_err *e) {
  char sql[128];
  snprintf(sql, sizeof sql, "INSERT OR REPLACE INTO about VALUES ('%s', %lld)", key,
           (long long)value);
  return zhi_db_exec(ix, sql, e);
}

/* --- one version -------------------------------------------------------------------------------------------------- */

void search_fields_text(sqlite3_stmt *st, int first, struct zhi_buf *out) {
  for (int f = 0; f < ZHI_FIELD_COUNT; f++) {
    struct zhi_str v = zhi_col_str(st, first + f);
    if (!search_has_field((enum zhi_field)f) || !v.len)
      continue;
    zhi_buf_addstr(out, v);
    zhi_buf_addc(out, '\n');
  }
}

static struct zhi_str field(const struct builder *b, enum zhi_field f) {
  return zhi_col_str(b->rows, C_FIELDS + (int)f);
}

static enum zhi_code value_id(struct builder *b, enum search_value v, struct zhi_str text,
                              int64_t *id, struct zhi_err *e) {
  struct zhi_buf *key = &b->scratch;
  *id = 0;
  if (!text.len)
    return ZHI_OK;
  zhi_buf_clear(key);
  zhi_buf_addf(key, "%d\t", (int)v);
  zhi_buf_addstr(key, text);
  size_t len = key->len;
  void *known = zhi_map_get(&b->values, zhi_buf_view(key));
  if (known) {
    *id = (int64_t)(intptr_t)known;
    return ZHI_OK;
  }
  *id = ++b->next_value;
  enum zhi_code rc = zhi_map_put(&b->values, zhi_buf_view(key), (void *)(intptr_t)*id, NULL, e);
  if (rc)
    return rc;
  zhi_fold_text(b->fold, text, key);
  if ((rc = zhi_buf_check(key, "a value", e)))
    return rc;
  zhi_bind_int(b->add_value, 1, *id);
  zhi_bind_text(b->add_value, 2, zhi_str_of(search_value_name[v]));
  zhi_bind_text(b->add_value, 3, text);
  zhi_bind_text(b->add_value, 4, zhi_str_sub(zhi_buf_view(key), len, key->len));
  return zhi_db_run(b->ix, b->add_value, e);
}

static struct zhi_str day_of(const struct builder *b) {
  static const enum zhi_field dates[] = {ZHI_F_DATE_PUBLISHED, ZHI_F_DATE_WRITTEN,
                                         ZHI_F_DATE_PRINTED, ZHI_F_DATE_GENERATED,
                                         ZHI_F_DATE_UPDATED};
  struct zhi_str v[sizeof dates / sizeof *dates];
  for (size_t i = 0; i < sizeof dates / sizeof *dates; i++)
    v[i] = field(b, dates[i]);
  return export_first_day(v, sizeof dates / sizeof *dates);
}

static enum zhi_code add_doc(struct builder *b, int64_t stamp, struct zhi_err *e) {
  sqlite3_stmt *st = b->add_doc;
  const struct zhi_str values[SV_COUNT] = {[SV_HOST] = export_host(zhi_col_str(b->rows, C_URL)),
                                           [SV_PUBLISHER] = field(b, ZHI_F_PUBLISHER),
                                           [SV_TOPIC] = field(b, ZHI_F_TOPIC_CLASS),
                                           [SV_VALIDITY] = field(b, ZHI_F_VALIDITY),
                                           [SV_KIND] = zhi_col_str(b->rows, C_KIND),
                                           [SV_COLUMN] = field(b, ZHI_F_COLUMN_NAME)};
  struct zhi_str day = day_of(b);
  unsigned long long year = 0;
  for (int v = 0; v < SV_COUNT; v++) {
    int64_t id;
    enum zhi_code rc = value_id(b, (enum search_value)v, values[v], &id, e);
    if (rc)
      return rc;
    zhi_bind_int(st, 10 + v, id);
  }
  if (!zhi_str_u64(zhi_str_sub(day, 0, 4), 9999, &year))
    year = 0;
  zhi_bind_int(st, 1, b->next_id);
  for (int i = C_VERSION; i <= C_LAST; i++)
    zhi_bind_int(st, 2 + i, zhi_col_int(b->rows, i));
  zhi_bind_str(st, 8, day);
  zhi_bind_int(st, 9, (int64_t)year);
  zhi_bind_int(st, 10 + SV_COUNT, stamp);
  return zhi_db_run(b->ix, st, e);
}

/* What there is room for: the attachments of one document may be many and long. */
static void add_attached(void *ctx, const char *url, struct zhi_str digest, struct zhi_str text) {
  struct builder *b = ctx;
  (void)url;
  (void)digest;
  if (b->attached.len + 4 * text.len < b->attached.max) {
    zhi_split_add(b->fold, text, &b->attached);
    zhi_buf_adds(&b->attached, ZHI_SPLIT_BREAK " ");
  }
}

static enum zhi_code add_words(struct builder *b, struct zhi_err *e) {
  bool row = false;
  zhi_bind_int(b->text, 1, zhi_col_int(b->rows, C_CONTENT));
  zhi_bind_int(b->text, 2, zhi_col_int(b->rows, C_VERSION));
  enum zhi_code rc = zhi_db_step(b->from, b->text, &row, e);
  if (rc)
    return rc;
  zhi_buf_clear(&b->title);
  zhi_buf_clear(&b->body);
  zhi_buf_clear(&b->fields_words);
  zhi_split_add(b->fold, field(b, ZHI_F_TITLE), &b->title);
  zhi_split_add(b->fold, zhi_buf_view(&b->fields), &b->fields_words);
  if (row)
    zhi_split_add(b->fold, zhi_col_str(b->text, 0), &b->body);
  sqlite3_reset(b->text);
  zhi_buf_clear(&b->attached);
  if ((rc = zhi_buf_check(&b->body, "the words of a document", e)) ||
      (rc = search_texts_each(&b->texts, zhi_col_str(b->rows, C_ATTACHMENTS), add_attached, b, e)))
    return rc;
  zhi_bind_int(b->add_gram, 1, b->next_id);
  zhi_bind_text(b->add_gram, 2, zhi_buf_view(&b->title));
  zhi_bind_text(b->add_gram, 3, zhi_buf_view(&b->body));
  zhi_bind_text(b->add_gram, 4, zhi_buf_view(&b->fields_words));
  zhi_bind_text(b->add_gram, 5, zhi_buf_view(&b->attached));
  return zhi_db_run(b->ix, b->add_gram, e);
}

struct naming {
  struct zhi_buf *out;
  const char *field;
};

static void add_named(void *ctx, const struct zhi_token *t) {
  const struct naming *n = ctx;
  zhi_buf_addf(n->out, "%s" SEARCH_OF "%.*s ", n->field, ZHI_STR_ARGS(t->word));
}

static enum zhi_code add_field_words(struct builder *b, struct zhi_err *e) {
  zhi_buf_clear(&b->named);
  for (int f = 0; f < ZHI_FIELD_COUNT; f++) {
    struct naming n = {&b->named, zhi_field_table[f].name};
    if (search_has_field((enum zhi_field)f))
      zhi_split(b->fold, field(b, (enum zhi_field)f), ZHI_SPLIT_TEXT, add_named, &n, NULL);
  }
  enum zhi_code rc = zhi_buf_check(&b->named, "the fields of a document", e);
  if (rc || !b->named.len)
    return rc;
  zhi_bind_int(b->add_field_gram, 1, b->next_id);
  zhi_bind_text(b->add_field_gram, 2, zhi_buf_view(&b->named));
  return zhi_db_run(b->ix, b->add_field_gram, e);
}

static void add_digest(void *ctx, const char *url, struct zhi_str digest, struct zhi_str text) {
  (void)url;
  (void)text;
  zhi_buf_addstr(ctx, digest);
}

static int64_t stamp_of(struct builder *b) {
  struct zhi_buf *all = &b->scratch;
  zhi_buf_clear(&b->fields);
  search_fields_text(b->rows, C_FIELDS, &b->fields);
  zhi_buf_clear(all);
  zhi_buf_addstr(all, field(b, ZHI_F_TITLE));
  for (int i = C_KIND; i <= C_CONTENT; i++) {
    zhi_buf_addc(all, '\t');
    zhi_buf_addstr(all, zhi_col_str(b->rows, i));
  }
  zhi_buf_addstr(all, zhi_buf_view(&b->fields));
  zhi_buf_addstr(all, zhi_buf_view(&b->digests));
  return (int64_t)zhi_hash64(zhi_buf_view(all));
}

static enum zhi_code drop_old(struct builder *b, const struct old_row *o, struct zhi_err *e) {
  zhi_bind_int(b->drop, 1, o->id);
  b->done->dropped++;
  return zhi_db_run(b->ix, b->drop, e);
}

static enum zhi_code touch(struct builder *b, const struct old_row *o, struct zhi_err *e) {
  int64_t number = zhi_col_int(b->rows, C_NUMBER), last = zhi_col_int(b->rows, C_LAST);
  bool latest = zhi_col_int(b->rows, C_LATEST) != 0;
  if (o->number == number && o->latest == latest && o->last_ms == last)
    return ZHI_OK;
  zhi_bind_int(b->touch, 1, o->id);
  zhi_bind_int(b->touch, 2, number);
  zhi_bind_int(b->touch, 3, latest);
  zhi_bind_int(b->touch, 4, last);
  return zhi_db_run(b->ix, b->touch, e);
}

/* Both sides come by version: what is only in the old index goes, what is in both is compared. */
static enum zhi_code take_version(struct builder *b, struct zhi_err *e) {
  int64_t version = zhi_col_int(b->rows, C_VERSION);
  zhi_buf_clear(&b->digests);
  enum zhi_code rc =
      search_texts_each(&b->texts, zhi_col_str(b->rows, C_ATTACHMENTS), add_digest, &b->digests, e);
  int64_t stamp = stamp_of(b);
  if (!rc)
    rc = zhi_buf_check(&b->scratch, "the fields of a document", e);
  while (!rc && b->old_at < b->old_count && b->old[b->old_at].version < version)
    rc = drop_old(b, &b->old[b->old_at++], e);
  b->done->total++;
  if (!rc && b->old_at < b->old_count && b->old[b->old_at].version == version) {
    const struct old_row *o = &b->old[b->old_at++];
    if (o->stamp == stamp)
      return touch(b, o, e);
    rc = drop_old(b, o, e);
  }
  b->next_id++;
  if (!rc)
    rc = add_doc(b, stamp, e);
  if (!rc)
    rc = add_words(b, e);
  if (!rc)
    rc = add_field_words(b, e);
  b->done->added++;
  return rc;
}

/* --- all of them ---------------------------------------------------------------------------------------------------- */

static enum zhi_code load_old(struct builder *b, struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  bool row = false;
  int64_t n = 0;
  enum zhi_code rc = zhi_db_int(b->ix, "SELECT count(*) FROM doc", &n, e);
  if (!rc)
    rc = zhi_db_int(b->ix, "SELECT max(id) FROM grams_docsize", &b->next_id, e);
  if (!rc)
    rc = zhi_db_int(b->ix, "SELECT max(id) FROM value", &b->next_value, e);
  if (!rc && n && !(b->old = calloc((size_t)n, sizeof *b->old)))
    rc = zhi_fail(e, ZHI_ENOMEM, "out of memory for an index");
  if (!rc)
    rc = zhi_db_prepare(b->ix,
                        "SELECT version_id, id, stamp, last_ms, number, latest FROM doc "
                        "ORDER BY version_id",
                        &st, e);
  while (!rc && (rc = zhi_db_step(b->ix, st, &row, e)) == ZHI_OK && row && b->old_count < (size_t)n)
    b->old[b->old_count++] =
        (struct old_row){zhi_col_int(st, 0), zhi_col_int(st, 1), zhi_col_int(st, 2),
                         zhi_col_int(st, 3), zhi_col_int(st, 4), zhi_col_int(st, 5) != 0};
  sqlite3_finalize(st);
  st = NULL;
  if (!rc)
    rc = zhi_db_prepare(b->ix, "SELECT id, field, text FROM value", &st, e);
  while (!rc && (rc = zhi_db_step(b->ix, st, &row, e)) == ZHI_OK && row)
    for (int v = 0; v < SV_COUNT && !rc; v++)
      if (zhi_str_is(zhi_col_str(st, 1), search_value_name[v])) {
        zhi_buf_clear(&b->scratch);
        zhi_buf_addf(&b->scratch, "%d\t", v);
        zhi_buf_addstr(&b->scratch, zhi_col_str(st, 2));
        rc = zhi_map_put(&b->values, zhi_buf_view(&b->scratch),
                         (void *)(intptr_t)zhi_col_int(st, 0), NULL, e);
      }
  sqlite3_finalize(st);
  return rc;
}

static enum zhi_code prepare(struct builder *b, struct zhi_err *e) {
  struct zhi_buf sql;
  zhi_buf_init(&sql, 16384);
  zhi_buf_addf(
      &sql,
      "SELECT v.capture_id, u.id, v.number, u.version_id IS v.capture_id, c.fetched_ms, "
      "v.last_ms, d.kind, d.text_digest, d.extractor_version, v.content_id, u.url, d.attachments%s "
      "FROM version v JOIN capture c ON c.id = v.capture_id JOIN document d "
      "ON d.capture_id = v.capture_id JOIN url u ON u.id = c.url_id WHERE d.kind IN "
      "('document', 'part') AND NOT " ZHI_SUPPRESSED_SQL " ORDER BY v.capture_id",
      search_fields_sql);
  enum zhi_code rc = zhi_buf_check(&sql, "a query", e);
  if (!rc)
    rc = zhi_db_prepare(b->from, sql.p, &b->rows, e);
  zhi_buf_release(&sql);
  const struct {
    struct zhi_store *s;
    sqlite3_stmt **st;
    const char *sql;
  } all[] = {
      {b->from, &b->text,
       "SELECT text FROM document_text WHERE capture_id IN (?1, ?2) ORDER BY capture_id DESC "
       "LIMIT 1"},
      {b->ix, &b->add_gram,
       "INSERT INTO grams (rowid, " SEARCH_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5)"},
      {b->ix, &b->add_field_gram, "INSERT INTO field_grams (rowid, words) VALUES (?1, ?2)"},
      {b->ix, &b->add_doc,
       "INSERT INTO doc VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, nullif(?9, 0), nullif(?10, 0), "
       "nullif(?11, 0), nullif(?12, 0), nullif(?13, 0), nullif(?14, 0), nullif(?15, 0), ?16)"},
      {b->ix, &b->touch, "UPDATE doc SET number = ?2, latest = ?3, last_ms = ?4 WHERE id = ?1"},
      {b->ix, &b->drop, "DELETE FROM doc WHERE id = ?1"},
      {b->ix, &b->add_value, "INSERT INTO value VALUES (?1, ?2, ?3, ?4)"}};
  for (size_t i = 0; i < sizeof all / sizeof *all && !rc; i++)
    rc = zhi_db_prepare(all[i].s, all[i].sql, all[i].st, e);
  return rc;
}

/* Inside a transaction of the index. */
static enum zhi_code fill(struct builder *b, struct zhi_err *e) {
  bool row = false;
  int64_t generation = 0;
  enum zhi_code rc = search_texts_attach(b->from, &b->texts, e);
  if (rc || (rc = zhi_db_exec(b->from, "BEGIN", e))) /* one state of the catalogue */
    return rc;
  rc = zhi_browse_generation(b->from, &generation, e);
  if (!rc)
    rc = load_old(b, e);
  if (!rc)
    rc = prepare(b, e);
  while (!rc && (rc = zhi_db_step(b->from, b->rows, &row, e)) == ZHI_OK && row)
    rc = take_version(b, e);
  while (!rc && b->old_at < b->old_count)
    rc = drop_old(b, &b->old[b->old_at++], e);
  if (!rc)
    rc = search_rows_pack(b->ix, e);
  if (!rc)
    rc = set_about(b->ix, "format", SEARCH_FORMAT, e);
  if (!rc)
    rc = set_about(b->ix, "generation", generation, e);
  if (!rc)
    rc = set_about(b->ix, "texts", b->texts.serial, e);
  if (b->rows)
    sqlite3_reset(b->rows);
  search_texts_release(&b->texts);
  sqlite3_exec(b->from->db, "COMMIT; DETACH texts", NULL, NULL, NULL);
  return rc;
}

static void init(struct builder *b, struct zhi_store *from, struct zhi_search_done *done) {
  *b = (struct builder){.from = from, .done = done};
  *done = (struct zhi_search_done){0};
  zhi_map_init(&b->values);
  struct zhi_buf *const all[] = {&b->fields,       &b->title, &b->body,     &b->scratch,
                                 &b->fields_words, &b->named, &b->attached, &b->digests};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    zhi_buf_init(all[i], (size_t)4 * SEARCH_TEXT_MAX_BYTES);
}

static void release(struct builder *b) {
  sqlite3_stmt *const st[] = {b->rows,    b->text,  b->add_gram, b->add_field_gram,
                              b->add_doc, b->touch, b->drop,     b->add_value};
  for (size_t i = 0; i < sizeof st / sizeof *st; i++)
    sqlite3_finalize(st[i]);
  zhi_store_close(b->ix);
  zhi_fold_free(b->fold);
  zhi_map_release(&b->values);
  free(b->old);
  struct zhi_buf *const all[] = {&b->fields,       &b->title, &b->body,     &b->scratch,
                                 &b->fields_words, &b->named, &b->attached, &b->digests};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    zhi_buf_release(all[i]);
}

enum zhi_code search_build(struct zhi_store *catalogue, const char *path,
                           struct zhi_search_done *done, struct zhi_err *e) {
  struct builder b;
  init(&b, catalogue, done);
  enum zhi_code rc = zhi_fold_new(true, &b.fold, e);
  if (!rc)
    rc = search_open_file(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &b.ix, e);
  if (!rc) /* synced as a whole before it gets its name */
    rc = zhi_db_exec(b.ix, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN", e);
  if (!rc)
    rc = zhi_db_exec(b.ix, schema, e);
  if (!rc)
    rc = store_fold(&b, e);
  if (!rc)
    rc = fill(&b, e);
  if (!rc)
    rc = zhi_db_exec(b.ix,
                     "INSERT INTO grams (grams) VALUES ('optimize');"
                     "INSERT INTO field_grams (field_grams) VALUES ('optimize')",
                     e);
  if (!rc)
    rc = zhi_db_exec(b.ix, "COMMIT", e);
  release(&b);
  return rc;
}

/* Few enough changes to make them in place? */
static bool worth_it(struct zhi_store *catalogue, struct zhi_store *ix) {
  int64_t live = 0, rows = 0, versions = 0, format = 0;
  if (zhi_db_int(ix, "SELECT value + 0 FROM about WHERE key = 'format'", &format, NULL) ||
      format != SEARCH_FORMAT || zhi_db_int(ix, "SELECT count(*) FROM doc", &live, NULL) ||
      zhi_db_int(ix, "SELECT max(id) FROM grams_docsize", &rows, NULL) ||
      zhi_db_int(catalogue, "SELECT count(*) FROM version", &versions, NULL))
    return false;
  return versions - live < live / 4 + FEW && rows < 2 * live + FEW;
}

enum zhi_code search_update_in_place(struct zhi_store *catalogue, const char *path, bool *made,
                                     struct zhi_search_done *done, struct zhi_err *e) {
  struct builder b;
  init(&b, catalogue, done);
  *made = false;
  enum zhi_code rc = search_open_file(path, SQLITE_OPEN_READWRITE, &b.ix, NULL);
  if (rc || !worth_it(catalogue, b.ix)) {
    release(&b);
    return ZHI_OK;
  }
  rc = zhi_fold_new(false, &b.fold, e);
  if (!rc)
    rc = search_load_fold(b.ix, b.fold, e);
  if (!rc)
    rc = zhi_db_exec(b.ix, "BEGIN IMMEDIATE", e);
  if (!rc)
    rc = fill(&b, e);
  if (!rc)
    rc = zhi_db_exec(b.ix, "COMMIT", e);
  release(&b); /* rolls back what was not committed */
  *made = !rc;
  return rc;
}
