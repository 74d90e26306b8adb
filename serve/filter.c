/* Lists: which rows meet a filter, and how many would for each other value. One pass: a row that fails in one facet
 * alone still counts for that facet, so that its other values can be chosen. */
#include <stdlib.h>

#include "serve/index.h"
#include "zhi/clock.h"
#include "zhi/export.h"

const char *const serve_sort_name[SORT_COUNT] = {"date", "date-up", "captured", "url"};

/* --- reading ---------------------------------------------------------------------------------------------------- */

static enum zhi_code read_day(const struct serve_request *rq, const char *name, int32_t *out,
                              struct zhi_err *e) {
  static const int32_t max[3] = {9999, 12, 31};
  static const int32_t scale[3] = {10000, 100, 1};
  struct zhi_str s = serve_param(rq, name), rest = s;
  int32_t day = 0;
  bool good = s.len <= 10;
  for (int i = 0; i < 3 && rest.p && good; i++) {
    unsigned long long v = 0;
    struct zhi_str part = zhi_str_cut(&rest, '-');
    good = part.len == (i ? 2 : 4) && zhi_str_u64(part, (unsigned long long)max[i], &v) && v;
    day += (int32_t)v * scale[i];
  }
  if (!s.len) {
    *out = 0;
    return ZHI_OK;
  }
  if (!good || rest.p || (day % 100 && !zhi_date_valid(day / 10000, day / 100 % 100, day % 100)))
    return zhi_fail(e, ZHI_EUSAGE, "%s is a date: 2018, 2018-03 or 2018-03-29", name);
  *out = day;
  return ZHI_OK;
}

/* As far as the less exact of both goes. */
static int compare_days(int32_t a, int32_t b) {
  if (a % 10000 == 0 || b % 10000 == 0)
    a /= 10000, b /= 10000;
  else if (a % 100 == 0 || b % 100 == 0)
    a /= 100, b /= 100;
  return a < b ? -1 : a > b;
}

enum zhi_code serve_filter_read(const struct serve_request *rq, struct serve_filter *f,
                                struct zhi_err *e) {
  *f = (struct serve_filter){0};
  for (size_t i = 0; i < rq->param_count; i++)
    for (int k = FACET_YEAR + 1; k < FACET_COUNT; k++)
      if (zhi_str_is(rq->param[i].name, serve_facet_name[k])) {
        if (f->want_count == FILTER_VALUES_MAX)
          return zhi_fail(e, ZHI_EUSAGE, "more than %d values", FILTER_VALUES_MAX);
        f->want[f->want_count].facet = (enum serve_facet)k;
        f->want[f->want_count++].value = rq->param[i].value;
      }
  struct zhi_str sort = serve_param(rq, "sort");
  bool known = !sort.len;
  for (int k = 0; k < SORT_COUNT; k++)
    if (zhi_str_is(sort, serve_sort_name[k])) {
      f->sort = (enum serve_sort)k;
      known = true;
    }
  if (!known)
    return zhi_fail(e, ZHI_EUSAGE, "sort is date, date-up, captured or url");
  enum zhi_code rc = read_day(rq, "from", &f->from, e);
  if (!rc)
    rc = read_day(rq, "to", &f->to, e);
  if (!rc && f->from && f->to && compare_days(f->from, f->to) > 0)
    rc = zhi_fail(e, ZHI_EUSAGE, "from is after to");
  return rc;
}

/* --- finding ----------------------------------------------------------------------------------------------------- */

struct plan {
  bool *allowed[FACET_COUNT];          /* by value; NULL: all */
  enum serve_facet asked[FACET_COUNT]; /* those that are not NULL */
  int asked_count;
  const struct serve_filter *f;
};

static enum zhi_code make_plan(const struct serve_index *x, const struct serve_filter *f,
                               struct plan *p, struct zhi_err *e) {
  *p = (struct plan){.f = f};
  for (size_t i = 0; i < f->want_count; i++) {
    enum serve_facet k = f->want[i].facet;
    const struct serve_values *v = &x->values[k];
    if (!p->allowed[k] && !(p->allowed[k] = calloc(v->count + 1, sizeof(bool))))
      return zhi_fail(e, ZHI_ENOMEM, "out of memory for a list");
    for (size_t n = 0; n < v->count; n++)
      p->allowed[k][n] |= zhi_export_holds(v->name[n], f->want[i].value);
  }
  for (int k = 0; k < FACET_COUNT; k++)
    if (p->allowed[k])
      p->asked[p->asked_count++] = (enum serve_facet)k;
  return ZHI_OK;
}

static bool day_fits(const struct serve_filter *f, int32_t day) {
  if (!f->from && !f->to)
    return true;
  return day && (!f->from || compare_days(day, f->from) >= 0) &&
         (!f->to || compare_days(day, f->to) <= 0);
}

/* The facets a row fails in: how many, and the last of them. */
static int failures(const struct plan *p, const struct serve_row *r, enum serve_facet *last) {
  int n = 0;
  if (!day_fits(p->f, r->day)) {
    *last = FACET_YEAR;
    n++;
  }
  for (int i = 0; i < p->asked_count && n < 2; i++)
    if (!p->allowed[p->asked[i]][r->value[p->asked[i]]]) {
      *last = p->asked[i];
      n++;
    }
  return n;
}

static const struct serve_row *row_at(const struct serve_index *x, enum serve_sort sort, size_t i) {
  switch (sort) {
  case SORT_DATE_UP: return &x->row[x->count - 1 - i];
  case SORT_CAPTURED: return &x->row[x->by_captured[i]];
  case SORT_URL: return &x->row[x->by_url[i]];
  case SORT_DATE:
  case SORT_COUNT: break;
  }
  return &x->row[i];
}

/* All rows: their counts are known. */
static void take_all(const struct serve_index *x, enum serve_sort sort, size_t offset, size_t limit,
                     struct serve_found *out) {
  for (int k = 0; k < FACET_COUNT; k++)
    memcpy(out->counts[k], x->all[k], x->values[k].count * sizeof *out->counts[k]);
  out->total = x->count;
  for (size_t i = offset; i < x->count && out->count < limit; i++)
    out->id[out->count++] = row_at(x, sort, i)->id;
}

static void walk(const struct serve_index *x, const struct plan *p, size_t offset, size_t limit,
                 struct serve_found *out) {
  for (size_t i = 0; i < x->count; i++) {
    const struct serve_row *r = row_at(x, p->f->sort, i);
    enum serve_facet alone = FACET_YEAR;
    int failed = failures(p, r, &alone);
    if (failed == 1) {
      out->counts[alone][r->value[alone]]++;
      out->undated += alone == FACET_YEAR && !r->day;
    }
    if (failed)
      continue;
    for (int k = 0; k < FACET_COUNT; k++)
      out->counts[k][r->value[k]]++;
    if (out->total >= offset && out->count < limit)
      out->id[out->count++] = r->id;
    out->total++;
  }
}

enum zhi_code serve_index_find(const struct serve_index *x, const struct serve_filter *f,
                               size_t offset, size_t limit, struct serve_found *out,
                               struct zhi_err *e) {
  struct plan p;
  *out = (struct serve_found){0};
  enum zhi_code rc = make_plan(x, f, &p, e);
  bool good = (out->id = calloc(limit + 1, sizeof *out->id)) != NULL;
  for (int k = 0; k < FACET_COUNT; k++)
    good &= (out->counts[k] = calloc(x->values[k].count + 1, sizeof(uint32_t))) != NULL;
  if (!rc && !good)
    rc = zhi_fail(e, ZHI_ENOMEM, "out of memory for a list");
  if (!rc && !f->want_count && !f->from && !f->to)
    take_all(x, f->sort, offset, limit, out);
  else if (!rc)
    walk(x, &p, offset, limit, out);
  for (int k = 0; k < FACET_COUNT; k++)
    free(p.allowed[k]);
  if (rc)
    serve_found_release(out);
  return rc;
}

void serve_found_release(struct serve_found *f) {
  free(f->id);
  for (int k = 0; k < FACET_COUNT; k++)
    free(f->counts[k]);
  *f = (struct serve_found){0};
}
