/* Rows as JSON: one rule for names and times. */
#include "store/json_rows.h"

#include "zhi/json.h"

json_t *zhi_json_time(int64_t ms) {
  char iso[ZHI_ISO_SIZE];
  if (ms <= 0)
    return json_null();
  zhi_time_iso(ms, iso);
  return json_string(iso);
}

enum zhi_code zhi_json_rows(struct zhi_store *s, const char *sql, const int64_t *args, size_t n,
                            zhi_row_fn *row, json_t *into, struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  bool more = false;
  enum zhi_code rc = zhi_db_prepare(s, sql, &st, e);
  int wanted = rc ? 0 : sqlite3_bind_parameter_count(st);
  for (int i = 0; i < wanted && (size_t)i < n; i++)
    zhi_bind_int(st, i + 1, args[i]);
  while (rc == ZHI_OK && (rc = zhi_db_step(s, st, &more, e)) == ZHI_OK && more)
    row(st, into);
  sqlite3_finalize(st);
  return rc;
}

json_t *zhi_row_json(sqlite3_stmt *st) {
  json_t *o = json_object();
  for (int i = 0; i < sqlite3_column_count(st); i++) {
    char name[64];
    snprintf(name, sizeof name, "%s", sqlite3_column_name(st, i));
    size_t n = strlen(name);
    if (n > 3 && strcmp(name + n - 3, "_ms") == 0) {
      name[n - 3] = '\0';
      json_object_set_new(o, name, zhi_json_time(zhi_col_int(st, i)));
    } else if (sqlite3_column_type(st, i) == SQLITE_INTEGER) {
      json_object_set_new(o, name, json_integer(zhi_col_int(st, i)));
    } else {
      json_object_set_new(o, name, zhi_json_str(zhi_col_str(st, i)));
    }
  }
  return o;
}

void zhi_take_row(sqlite3_stmt *st, json_t *into) { json_array_append_new(into, zhi_row_json(st)); }

void zhi_take_members(sqlite3_stmt *st, json_t *into) {
  json_t *o = zhi_row_json(st);
  json_object_update(into, o);
  json_decref(o);
}

void zhi_take_count(sqlite3_stmt *st, json_t *into) {
  const char *key = zhi_col_text(st, 0);
  json_object_set_new(into, key[0] ? key : "unknown", json_integer(zhi_col_int(st, 1)));
}
