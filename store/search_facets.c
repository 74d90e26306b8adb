/* Facets: counts by value over all that was found. Ids are small and dense, so a count is a step in an array. */
#include <stdio.h>
#include <stdlib.h>

#include "store/search.h"

enum { SHOWN_VALUES = 50 };

enum zhi_code search_facets_add(struct search_facets *f, const int32_t ids[SEARCH_FACETS],
                                struct zhi_err *e) {
  for (int i = 0; i < SEARCH_FACETS; i++) {
    size_t id = ids[i] > 0 ? (size_t)ids[i] : 0;
    if (id >= f->cap[i]) {
      size_t cap = 2 * id + 64;
      int64_t *more = realloc(f->count[i], cap * sizeof *more);
      if (!more)
        return zhi_fail(e, ZHI_ENOMEM, "out of memory for counting values");
      memset(more + f->cap[i], 0, (cap - f->cap[i]) * sizeof *more);
      f->count[i] = more;
      f->cap[i] = cap;
    }
    f->count[i][id]++;
  }
  return ZHI_OK;
}

static void add(struct search_facets *f, int facet, const char *value, int64_t n) {
  json_int_t old = json_integer_value(json_object_get(f->named[facet], value));
  json_object_set_new(f->named[facet], value, json_integer(old + n));
}

static enum zhi_code name_values(struct search_facets *f, int facet, sqlite3_stmt *st,
                                 struct zhi_store *s, struct zhi_err *e) {
  enum zhi_code rc = ZHI_OK;
  for (size_t id = 1; id < f->cap[facet] && !rc; id++) {
    bool row = false;
    char year[24];
    if (!f->count[facet][id])
      continue;
    if (facet == SEARCH_YEAR) {
      snprintf(year, sizeof year, "%zu", id);
      add(f, facet, year, f->count[facet][id]);
      continue;
    }
    zhi_bind_int(st, 1, (int64_t)id);
    if ((rc = zhi_db_step(s, st, &row, e)) == ZHI_OK && row)
      add(f, facet, zhi_col_text(st, 0), f->count[facet][id]);
    sqlite3_reset(st);
  }
  return rc;
}

enum zhi_code search_facets_name(struct search_facets *f, struct zhi_store *s, struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  enum zhi_code rc = zhi_db_prepare(s, "SELECT text FROM ix.value WHERE id = ?1", &st, e);
  for (int i = 0; i < SEARCH_FACETS && !rc; i++) {
    if (!f->named[i])
      f->named[i] = json_object();
    rc = name_values(f, i, st, s, e);
    if (f->cap[i])
      memset(f->count[i], 0, f->cap[i] * sizeof *f->count[i]);
  }
  sqlite3_finalize(st);
  return rc;
}

struct row {
  const char *value;
  json_int_t count;
};

static int by_count(const void *pa, const void *pb) {
  const struct row *a = pa, *b = pb;
  if (a->count != b->count)
    return a->count > b->count ? -1 : 1;
  return strcmp(a->value, b->value);
}

static int latest_first(const void *pa, const void *pb) {
  const struct row *a = pa, *b = pb;
  return strcmp(b->value, a->value);
}

static json_t *rows_of(json_t *named, bool years) {
  json_t *out = json_array(), *count;
  const char *value;
  size_t n = 0;
  struct row *rows = calloc(json_object_size(named) + 1, sizeof *rows);
  if (!rows)
    return out;
  json_object_foreach(named, value, count) rows[n++] =
      (struct row){value, json_integer_value(count)};
  qsort(rows, n, sizeof *rows, years ? latest_first : by_count);
  for (size_t i = 0; i < n && i < SHOWN_VALUES; i++)
    json_array_append_new(out,
                          json_pack("{s:s, s:I}", "value", rows[i].value, "count", rows[i].count));
  free(rows);
  return out;
}

json_t *search_facets_json(const struct search_facets *f) {
  json_t *out = json_object();
  for (int i = 0; i < SEARCH_FACETS; i++)
    json_object_set_new(out, i == SEARCH_YEAR ? "year" : search_value_name[i],
                        rows_of(f->named[i], i == SEARCH_YEAR));
  return out;
}

void search_facets_release(struct search_facets *f) {
  for (int i = 0; i < SEARCH_FACETS; i++) {
    free(f->count[i]);
    json_decref(f->named[i]);
  }
}
