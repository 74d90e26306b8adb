/* Shipping: which closed WARC files the hook has not taken yet. */
#include "store/internal.h"

enum zhi_code zhi_store_next_unshipped(struct zhi_store *s, int64_t after, int64_t *id,
                                       char name[192], struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, ST_NEXT_UNSHIPPED, e);
  bool row = false;
  *id = 0;
  if (!st)
    return ZHI_EIO;
  zhi_bind_int(st, 1, after);
  enum zhi_code rc = zhi_db_step(s, st, &row, e);
  if (rc || !row)
    return rc;
  *id = zhi_col_int(st, 0);
  snprintf(name, 192, "%s", zhi_col_text(st, 1));
  sqlite3_reset(st);
  return ZHI_OK;
}

enum zhi_code zhi_store_shipped(struct zhi_store *s, int64_t id, struct zhi_err *e) {
  enum zhi_code rc = zhi_db_begin(s, true, e);
  if (rc)
    return rc;
  sqlite3_stmt *st = zhi_db_get(s, ST_SET_SHIPPED, e);
  if (st) {
    zhi_bind_int(st, 1, id);
    zhi_bind_int(st, 2, store_now(s));
  }
  return zhi_db_end(s, st ? zhi_db_run(s, st, e) : ZHI_EIO, e);
}
