/* Annual reports in the catalogue: one row a report, one a cell of its tables. They go with their document. */
#include "store/internal.h"

static enum zhi_code put_cell(struct zhi_store *s, int64_t capture_id, size_t place,
                              const struct zhi_annual_cell *x, struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, ST_ADD_ANNUAL_CELL, e);
  if (!st)
    return ZHI_EIO;
  zhi_bind_int(st, 1, capture_id);
  zhi_bind_int(st, 2, (int64_t)place);
  zhi_bind_int(st, 3, x->table);
  zhi_bind_text(st, 4, x->item);
  zhi_bind_text(st, 5, x->item_label);
  zhi_bind_text(st, 6, x->measure);
  zhi_bind_text(st, 7, x->measure_label);
  zhi_bind_text(st, 8, x->raw);
  zhi_bind_str(st, 9, x->number);
  zhi_bind_str(st, 10, zhi_str_of(zhi_annual_check_name(x->check)));
  return zhi_db_run(s, st, e);
}

enum zhi_code zhi_annual_put(struct zhi_store *s, int64_t capture_id, const struct zhi_annual *a,
                             struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, ST_ADD_ANNUAL, e);
  if (!st)
    return ZHI_EIO;
  zhi_bind_int(st, 1, capture_id);
  if (a->year)
    zhi_bind_int(st, 2, a->year);
  else
    sqlite3_bind_null(st, 2);
  zhi_bind_str(st, 3, a->organ);
  zhi_bind_text(st, 4, zhi_str_of(zhi_annual_form_name(a->form)));
  enum zhi_code rc = zhi_db_run(s, st, e);
  for (size_t i = 0; i < a->cell_count && rc == ZHI_OK; i++)
    rc = put_cell(s, capture_id, i + 1, &a->cells[i], e);
  return rc;
}
