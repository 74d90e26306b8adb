/* The versions of documents as a stream, over the captures in order of URL key and time, one pending row.
 *
 * Walking one URL key, a capture with new content closes the pending version (superseded) and opens the next; a
 * capture that confirms it (same content, 304, revisit) moves its last_seen; `gone` in two crawls since then removes
 * it. So memory holds one row however many there are, and the order is that of an index. */
#include <stdio.h>
#include <stdlib.h>

#include "store/internal.h"

enum { ROW_MAX_BYTES = 1 << 28, QUERY_MAX_BYTES = 64 * 1024, FIXED = 9 };

struct version {
  bool open;
  struct zhi_buf cells; /* one after another */
  size_t end[ZHI_COLUMN_MAX];
  int64_t capture, number, first_ms, last_ms;
  int64_t gone_crawl; /* last crawl in which it was gone, and in how many */
  int gone;
};

struct rows {
  struct zhi_column columns[ZHI_COLUMN_MAX];
  size_t column_count;
  const struct zhi_rows_query *q;
  struct zhi_buf key, payload, text; /* key walked; content of its last document capture */
  struct version v;
};

static bool wanted(const struct rows *r, size_t column) {
  return !r->q->wanted || r->q->wanted[column];
}

/* A cell made of several captures; `room` holds its text. */
static struct zhi_str computed(const struct rows *r, const char *name, const char *state,
                               char room[ZHI_ISO_SIZE]) {
  if (strcmp(name, "state") == 0)
    return zhi_str_of(state);
  if (strcmp(name, "version") == 0)
    snprintf(room, ZHI_ISO_SIZE, "%lld", (long long)r->v.number);
  else
    zhi_time_iso(strcmp(name, "first_seen") == 0 ? r->v.first_ms : r->v.last_ms, room);
  return zhi_str_of(room);
}

static enum zhi_code close_version(struct rows *r, const char *state, struct zhi_err *e) {
  struct version *v = &r->v;
  struct zhi_str cells[ZHI_COLUMN_MAX], all = zhi_buf_view(&v->cells);
  char room[ZHI_COLUMN_MAX][ZHI_ISO_SIZE];
  if (!v->open)
    return ZHI_OK;
  v->open = false;
  if (r->q->latest && strcmp(state, "superseded") == 0)
    return ZHI_OK;
  enum zhi_code rc = zhi_buf_check(&v->cells, "a row of documents", e);
  if (rc)
    return rc;
  for (size_t i = 0, from = 0; i < r->column_count; from = v->end[i++])
    cells[i] = r->columns[i].sql ? zhi_str_sub(all, from, v->end[i])
               : wanted(r, i)    ? computed(r, r->columns[i].name, state, room[i])
                                 : ZHI_STR_NONE;
  return r->q->row(r->q->ctx, cells, v->capture, e);
}

static void open_version(struct rows *r, sqlite3_stmt *st, int64_t ms) {
  struct version *v = &r->v;
  zhi_buf_clear(&v->cells);
  for (size_t i = 0; i < r->column_count; i++) {
    if (r->columns[i].sql && wanted(r, i))
      zhi_buf_addstr(&v->cells, zhi_col_str(st, FIXED + (int)i));
    v->end[i] = v->cells.len;
  }
  if (v->number++ == 0)
    v->first_ms = ms;
  v->capture = zhi_col_int(st, 8);
  v->last_ms = ms;
  v->gone = 0;
  v->gone_crawl = 0;
  v->open = true;
}

static const char *last_state(const struct rows *r) {
  return r->v.gone >= 2 ? "removed" : "current";
}

static enum zhi_code next_key(struct rows *r, struct zhi_str key, struct zhi_err *e) {
  enum zhi_code rc = close_version(r, last_state(r), e);
  zhi_buf_clear(&r->key);
  zhi_buf_addstr(&r->key, key);
  zhi_buf_clear(&r->payload);
  zhi_buf_clear(&r->text);
  r->v.number = 0;
  return rc;
}

static bool same(const struct zhi_buf *before, struct zhi_str now) {
  return now.len && zhi_str_eq(zhi_buf_view(before), now);
}

/* Columns: 0 url_key, 1 fetched_ms, 2 crawl_id, 3 verdict, 4 payload, 5 is a revisit, 6 text digest, 7 has a row,
 * 8 the capture. */
static enum zhi_code take_capture(struct rows *r, sqlite3_stmt *st, struct zhi_err *e) {
  struct zhi_str key = zhi_col_str(st, 0), verdict = zhi_col_str(st, 3);
  struct zhi_str payload = zhi_col_str(st, 4), text = zhi_col_str(st, 6);
  int64_t ms = zhi_col_int(st, 1), crawl = zhi_col_int(st, 2);
  enum zhi_code rc = ZHI_OK;
  if (!zhi_str_eq(zhi_buf_view(&r->key), key) && (rc = next_key(r, key, e)))
    return rc;
  if (zhi_col_int(st, 7)) {
    bool first = r->v.number == 0;
    if (first || (!same(&r->payload, payload) && !same(&r->text, text))) {
      if ((rc = close_version(r, "superseded", e)))
        return rc;
      open_version(r, st, ms);
    }
    zhi_buf_clear(&r->payload);
    zhi_buf_addstr(&r->payload, payload);
    zhi_buf_clear(&r->text);
    zhi_buf_addstr(&r->text, text);
  } else if (zhi_str_is(verdict, "gone") || zhi_str_is(verdict, "soft_404")) {
    r->v.gone += r->v.gone_crawl != crawl;
    r->v.gone_crawl = crawl;
    return ZHI_OK;
  } else if (!zhi_str_is(verdict, "not_modified") && !zhi_col_int(st, 5)) {
    return ZHI_OK; /* blocked, failed: says nothing about the document */
  }
  r->v.last_ms = ms;
  r->v.gone = 0;
  r->v.gone_crawl = 0;
  return ZHI_OK;
}

static enum zhi_code prepare(struct zhi_store *s, const struct rows *r, sqlite3_stmt **st,
                             struct zhi_err *e) {
  struct zhi_buf sql;
  zhi_buf_init(&sql, QUERY_MAX_BYTES);
  zhi_buf_addf(&sql,
               "SELECT c.url_key, c.fetched_ms, c.crawl_id, c.verdict, c.payload_digest, "
               "c.revisit_of IS NOT NULL, d.text_digest, d.kind IN %s, c.id",
               zhi_document_kinds_sql);
  for (size_t i = 0; i < r->column_count; i++)
    zhi_buf_addf(&sql, ", %s", r->columns[i].sql && wanted(r, i) ? r->columns[i].sql : "NULL");
  zhi_buf_adds(&sql, " FROM capture c INDEXED BY capture_by_key LEFT JOIN document d "
                     "ON d.capture_id = c.id LEFT JOIN url u ON u.id = c.url_id "
                     "LEFT JOIN warc_file w ON w.id = c.warc_file_id "
                     "ORDER BY c.url_key, c.fetched_ms, c.id");
  enum zhi_code rc = zhi_buf_check(&sql, "a query", e);
  if (rc == ZHI_OK)
    rc = zhi_db_prepare(s, sql.p, st, e);
  zhi_buf_release(&sql);
  return rc;
}

enum zhi_code zhi_rows_each(struct zhi_store *s, const struct zhi_rows_query *q,
                            struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  bool more = false;
  struct rows *r = calloc(1, sizeof *r);
  if (!r)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for the documents");
  r->q = q;
  r->column_count = zhi_columns(r->columns);
  zhi_buf_init(&r->key, ROW_MAX_BYTES);
  zhi_buf_init(&r->payload, ROW_MAX_BYTES);
  zhi_buf_init(&r->text, ROW_MAX_BYTES);
  zhi_buf_init(&r->v.cells, ROW_MAX_BYTES);
  enum zhi_code rc = prepare(s, r, &st, e);
  while (rc == ZHI_OK && (rc = zhi_db_step(s, st, &more, e)) == ZHI_OK && more)
    rc = take_capture(r, st, e);
  if (rc == ZHI_OK)
    rc = close_version(r, last_state(r), e);
  sqlite3_finalize(st);
  zhi_buf_release(&r->key);
  zhi_buf_release(&r->payload);
  zhi_buf_release(&r->text);
  zhi_buf_release(&r->v.cells);
  free(r);
  return rc;
}
