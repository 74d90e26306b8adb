/* The versions of documents as a stream, in order of URL key and number: the order of an index, one row in memory. */
#include <stdlib.h>

#include "store/internal.h"

enum { QUERY_MAX_BYTES = 64 * 1024 };

static const char *value_sql(const struct zhi_rows_query *q, const struct zhi_column *c, size_t i) {
  const char *ms = zhi_column_ms(c);
  return q->wanted && !q->wanted[i] ? "NULL" : ms ? ms : c->sql;
}

struct zhi_rows {
  struct zhi_store *s;
  struct zhi_rows_query q;
  sqlite3_stmt *st;
  size_t n;
  bool is_time[ZHI_COLUMN_MAX];
};

/* A key is text, and every blob is greater than every text. */
static enum zhi_code prepare(struct zhi_store *s, const struct zhi_rows_query *q,
                             const struct zhi_column *columns, size_t n, sqlite3_stmt **st,
                             struct zhi_err *e) {
  struct zhi_buf sql;
  zhi_buf_init(&sql, QUERY_MAX_BYTES);
  zhi_buf_adds(&sql, "SELECT v.capture_id");
  for (size_t i = 0; i < n; i++)
    zhi_buf_addf(&sql, ", %s", value_sql(q, &columns[i], i));
  zhi_buf_addf(&sql,
               "\n%s%s AND c.url_key >= ?1 AND c.url_key < coalesce(?2, x'')"
               " ORDER BY c.url_key, v.number",
               zhi_versions_sql, q->latest ? " AND u.version_id = v.capture_id" : "");
  enum zhi_code rc = zhi_buf_check(&sql, "a query", e);
  if (rc == ZHI_OK)
    rc = zhi_db_prepare(s, sql.p, st, e);
  zhi_buf_release(&sql);
  return rc;
}

static struct zhi_str time_of(sqlite3_stmt *st, int column, char room[ZHI_ISO_SIZE]) {
  if (sqlite3_column_type(st, column) == SQLITE_NULL)
    return ZHI_STR_NONE;
  zhi_time_iso(zhi_col_int(st, column), room);
  return zhi_str_of(room);
}

enum zhi_code zhi_rows_open(struct zhi_store *s, const struct zhi_rows_query *q,
                            struct zhi_rows **out, struct zhi_err *e) {
  struct zhi_column columns[ZHI_COLUMN_MAX];
  struct zhi_rows *r = calloc(1, sizeof *r);
  if (!r)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a query");
  r->s = s;
  r->q = *q;
  r->n = zhi_columns(columns);
  for (size_t i = 0; i < r->n; i++)
    r->is_time[i] = zhi_column_ms(&columns[i]) != NULL;
  enum zhi_code rc = prepare(s, q, columns, r->n, &r->st, e);
  if (rc)
    free(r);
  else
    *out = r;
  return rc;
}

enum zhi_code zhi_rows_between(struct zhi_rows *r, struct zhi_str from, struct zhi_str until,
                               struct zhi_err *e) {
  struct zhi_str cells[ZHI_COLUMN_MAX];
  char room[ZHI_COLUMN_MAX][ZHI_ISO_SIZE];
  bool more = false;
  sqlite3_reset(r->st);
  zhi_bind_text(r->st, 1, from);
  zhi_bind_str(r->st, 2, until);
  enum zhi_code rc;
  while ((rc = zhi_db_step(r->s, r->st, &more, e)) == ZHI_OK && more) {
    for (size_t i = 0; i < r->n; i++)
      cells[i] =
          r->is_time[i] ? time_of(r->st, 1 + (int)i, room[i]) : zhi_col_str(r->st, 1 + (int)i);
    if ((rc = r->q.row(r->q.ctx, cells, zhi_col_int(r->st, 0), e)))
      break;
  }
  sqlite3_reset(r->st);
  return rc;
}

void zhi_rows_close(struct zhi_rows *r) {
  if (!r)
    return;
  sqlite3_finalize(r->st);
  free(r);
}

enum zhi_code zhi_rows_each(struct zhi_store *s, const struct zhi_rows_query *q,
                            struct zhi_err *e) {
  struct zhi_rows *r = NULL;
  enum zhi_code rc = zhi_rows_open(s, q, &r, e);
  if (!rc)
    rc = zhi_rows_between(r, ZHI_STR_NONE, ZHI_STR_NONE, e);
  zhi_rows_close(r);
  return rc;
}
