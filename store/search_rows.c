/* What the index says of a version, packed: blocks of rows of `doc` by their id, so that a word which nearly every
 * document has costs a step in an array for each, not a look-up in a tree.
 *
 * The table `packed` is made from `doc` at the end of each change. A row without a version is none (any more): its
 * words are still in `grams`. What only facets need stands apart and is read for them alone. Numbers are
 * little-endian. */
#include <endian.h>
#include <stdlib.h>

#include "store/search.h"

enum { BLOCK = 256 }; /* rows; part of the format */

struct packed {
  int64_t url_id, version_id, captured_ms, last_ms;
  int32_t day, latest;
};
struct packed_facets {
  int32_t value[SV_COUNT];
};

/* --- packing ------------------------------------------------------------------------------------------------------ */

struct packer {
  struct zhi_store *ix;
  sqlite3_stmt *old, *put;
  int64_t block;
  struct packed rows[BLOCK];
  struct packed_facets facets[BLOCK];
};

static bool is_blob(sqlite3_stmt *st, int column, const void *p, size_t n) {
  const void *b = sqlite3_column_blob(st, column);
  return b && (size_t)sqlite3_column_bytes(st, column) == n && memcmp(b, p, n) == 0;
}

/* Written only where it is another one, and the next one begun. */
static enum zhi_code put_block(struct packer *p, struct zhi_err *e) {
  bool row = false;
  zhi_bind_int(p->old, 1, p->block);
  enum zhi_code rc = zhi_db_step(p->ix, p->old, &row, e);
  bool same = !rc && row && is_blob(p->old, 0, p->rows, sizeof p->rows) &&
              is_blob(p->old, 1, p->facets, sizeof p->facets);
  sqlite3_reset(p->old);
  if (!rc && !same) {
    zhi_bind_int(p->put, 1, p->block);
    sqlite3_bind_blob(p->put, 2, p->rows, sizeof p->rows, SQLITE_STATIC);
    sqlite3_bind_blob(p->put, 3, p->facets, sizeof p->facets, SQLITE_STATIC);
    rc = zhi_db_run(p->ix, p->put, e);
  }
  p->block++;
  memset(p->rows, 0, sizeof p->rows);
  memset(p->facets, 0, sizeof p->facets);
  return rc;
}

static enum zhi_code pack_row(struct packer *p, sqlite3_stmt *st, struct zhi_err *e) {
  int64_t id = zhi_col_int(st, 0);
  while (p->block < id / BLOCK) {
    enum zhi_code rc = put_block(p, e);
    if (rc)
      return rc;
  }
  struct packed *r = &p->rows[id % BLOCK];
  r->url_id = (int64_t)htole64((uint64_t)zhi_col_int(st, 1));
  r->version_id = (int64_t)htole64((uint64_t)zhi_col_int(st, 2));
  r->captured_ms = (int64_t)htole64((uint64_t)zhi_col_int(st, 3));
  r->last_ms = (int64_t)htole64((uint64_t)zhi_col_int(st, 4));
  r->latest = (int32_t)htole32((uint32_t)zhi_col_int(st, 5));
  r->day = (int32_t)htole32((uint32_t)zhi_col_int(st, 6));
  for (int v = 0; v < SV_COUNT; v++)
    p->facets[id % BLOCK].value[v] = (int32_t)htole32((uint32_t)zhi_col_int(st, 7 + v));
  return ZHI_OK;
}

static enum zhi_code pack_all(struct packer *p, struct zhi_err *e) {
  struct zhi_buf sql;
  sqlite3_stmt *st = NULL;
  bool row = false;
  int64_t last = 0;
  zhi_buf_init(&sql, 1024);
  zhi_buf_adds(&sql, "SELECT id, url_id, version_id, captured_ms, last_ms, latest, "
                     "CAST(replace(substr(day || '-00-00', 1, 10), '-', '') AS INTEGER)");
  for (int v = 0; v < SV_COUNT; v++)
    zhi_buf_addf(&sql, ", %s", search_value_name[v]);
  zhi_buf_adds(&sql, " FROM doc ORDER BY id");
  enum zhi_code rc = zhi_buf_check(&sql, "a query", e);
  if (!rc)
    rc = zhi_db_int(p->ix, "SELECT coalesce(max(block), 0) FROM packed", &last, e);
  if (!rc)
    rc = zhi_db_prepare(p->ix, sql.p, &st, e);
  while (!rc && (rc = zhi_db_step(p->ix, st, &row, e)) == ZHI_OK && row)
    rc = pack_row(p, st, e);
  do
    rc = rc ? rc : put_block(p, e);
  while (!rc && p->block <= last); /* of which no row is left */
  sqlite3_finalize(st);
  zhi_buf_release(&sql);
  return rc;
}

enum zhi_code search_rows_pack(struct zhi_store *ix, struct zhi_err *e) {
  struct packer *p = calloc(1, sizeof *p);
  if (!p)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for an index");
  p->ix = ix;
  enum zhi_code rc =
      zhi_db_prepare(ix, "SELECT rows, facets FROM packed WHERE block = ?1", &p->old, e);
  if (!rc)
    rc = zhi_db_prepare(ix, "INSERT OR REPLACE INTO packed VALUES (?1, ?2, ?3)", &p->put, e);
  if (!rc)
    rc = pack_all(p, e);
  sqlite3_finalize(p->old);
  sqlite3_finalize(p->put);
  free(p);
  return rc;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

enum zhi_code search_rows_open(struct zhi_store *s, bool facets, struct search_rows *out,
                               struct zhi_err *e) {
  *out = (struct search_rows){.s = s, .block = -1};
  return zhi_db_prepare(s,
                        facets ? "SELECT rows, facets FROM ix.packed WHERE block = ?1"
                               : "SELECT rows FROM ix.packed WHERE block = ?1",
                        &out->st, e);
}

void search_rows_close(struct search_rows *r) {
  sqlite3_finalize(r->st);
  r->st = NULL;
}

/* The blobs stay where they are until the statement is used again. */
static enum zhi_code read_block(struct search_rows *r, int64_t block, struct zhi_err *e) {
  bool row = false;
  sqlite3_reset(r->st);
  zhi_bind_int(r->st, 1, block);
  enum zhi_code rc = zhi_db_step(r->s, r->st, &row, e);
  if (rc)
    return rc;
  r->block = block;
  r->rows = row && sqlite3_column_bytes(r->st, 0) == sizeof(struct packed[BLOCK])
                ? sqlite3_column_blob(r->st, 0)
                : NULL;
  r->facets = r->rows && sqlite3_column_count(r->st) > 1 &&
                      sqlite3_column_bytes(r->st, 1) == sizeof(struct packed_facets[BLOCK])
                  ? sqlite3_column_blob(r->st, 1)
                  : NULL;
  return ZHI_OK;
}

enum zhi_code search_rows_get(struct search_rows *r, int64_t id, struct search_row *out, bool *live,
                              struct zhi_err *e) {
  struct packed p = {0};
  *live = false;
  if (r->block != id / BLOCK) {
    enum zhi_code rc = read_block(r, id / BLOCK, e);
    if (rc)
      return rc;
  }
  size_t at = (size_t)id % BLOCK;
  if (r->rows)
    memcpy(&p, r->rows + at * sizeof p, sizeof p);
  if (!p.version_id)
    return ZHI_OK;
  *live = true;
  out->id = id;
  out->url_id = (int64_t)le64toh((uint64_t)p.url_id);
  out->version_id = (int64_t)le64toh((uint64_t)p.version_id);
  out->captured_ms = (int64_t)le64toh((uint64_t)p.captured_ms);
  out->last_ms = (int64_t)le64toh((uint64_t)p.last_ms);
  out->latest = p.latest != 0;
  out->day = (int32_t)le32toh((uint32_t)p.day);
  if (r->facets) {
    struct packed_facets f;
    memcpy(&f, r->facets + at * sizeof f, sizeof f);
    for (int v = 0; v < SV_COUNT; v++)
      out->facet[v] = (int32_t)le32toh((uint32_t)f.value[v]);
    out->facet[SEARCH_YEAR] = out->day / 10000;
  }
  return ZHI_OK;
}
