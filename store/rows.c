/* The versions of documents as a stream, in order of URL key and number: the order of an index, one row in memory. */
#include "store/internal.h"

enum { QUERY_MAX_BYTES = 64 * 1024 };

static const char *value_sql(const struct zhi_rows_query *q, const struct zhi_column *c, size_t i) {
  const char *ms = zhi_column_ms(c);
  return q->wanted && !q->wanted[i] ? "NULL" : ms ? ms : c->sql;
}

static enum zhi_code prepare(struct zhi_store *s, const struct zhi_rows_query *q,
                             const struct zhi_column *columns, size_t n, sqlite3_stmt **st,
                             struct zhi_err *e) {
  struct zhi_buf sql;
  zhi_buf_init(&sql, QUERY_MAX_BYTES);
  zhi_buf_adds(&sql, "SELECT v.capture_id");
  for (size_t i = 0; i < n; i++)
    zhi_buf_addf(&sql, ", %s", value_sql(q, &columns[i], i));
  zhi_buf_addf(&sql, "\n%s%s ORDER BY c.url_key, v.number", zhi_versions_sql,
               q->latest ? " AND u.version_id = v.capture_id" : "");
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

enum zhi_code zhi_rows_each(struct zhi_store *s, const struct zhi_rows_query *q,
                            struct zhi_err *e) {
  struct zhi_column columns[ZHI_COLUMN_MAX];
  struct zhi_str cells[ZHI_COLUMN_MAX];
  char room[ZHI_COLUMN_MAX][ZHI_ISO_SIZE];
  bool is_time[ZHI_COLUMN_MAX], more = false;
  size_t n = zhi_columns(columns);
  for (size_t i = 0; i < n; i++)
    is_time[i] = zhi_column_ms(&columns[i]) != NULL;
  sqlite3_stmt *st = NULL;
  enum zhi_code rc = prepare(s, q, columns, n, &st, e);
  while (rc == ZHI_OK && (rc = zhi_db_step(s, st, &more, e)) == ZHI_OK && more) {
    for (size_t i = 0; i < n; i++)
      cells[i] = is_time[i] ? time_of(st, 1 + (int)i, room[i]) : zhi_col_str(st, 1 + (int)i);
    rc = q->row(q->ctx, cells, zhi_col_int(st, 0), e);
  }
  sqlite3_finalize(st);
  return rc;
}
