/* Rows of a query as JSON: for status and reports. Private to store/. A column becomes a member under its own name; NAME_ms
 * becomes the time NAME (null when there is none). */
#ifndef ZHI_STORE_JSON_ROWS_H
#define ZHI_STORE_JSON_ROWS_H

#include "store/internal.h"

#define STORE_PROPOSED_HOSTS                                                                       \
  "SELECT host, name, caption, caption_group, place, reason, site_code, via FROM "                 \
  "discovered_host WHERE state = 'proposed' ORDER BY reason IS NOT NULL, reason, host"

typedef void zhi_row_fn(sqlite3_stmt *st, json_t *into);
/* Run `sql`, binding as many of `args` as it has parameters, and hand each row to `row`. */
enum zhi_code zhi_json_rows(struct zhi_store *s, const char *sql, const int64_t *args, size_t n,
                            zhi_row_fn *row, json_t *into, struct zhi_err *e);

json_t *zhi_row_json(sqlite3_stmt *st);
void zhi_take_row(sqlite3_stmt *st, json_t *into);     /* append to an array */
void zhi_take_members(sqlite3_stmt *st, json_t *into); /* join an object */
void zhi_take_count(sqlite3_stmt *st, json_t *into);   /* two columns: a key and its number */
json_t *zhi_json_time(int64_t ms);

#endif
