/* The sums that an annual report's tables must satisfy: in table 3 the six kinds of applicants add up to 总计 in
 * every row; results 三(一)…(六) add up to 三(七), and 一 + 二 = 三(七) + 四, in every column; in table 4 each
 * group's four outcomes add up to its 总计. A blank or a dash counts as 0, a word makes a sum unknown. */
#include <stdlib.h>

#include "extract/annual.h"

enum { TOLD_MAX = 12 };

struct sums {
  struct zhi_annual_read *r;
  int told;
  bool result[ZHI_ANNUAL_MAX_CELLS]; /* by cell */
};

static bool value_of(const struct zhi_annual_cell *x, long long *out) {
  *out = 0;
  if (!x->number.len)
    return !x->raw.len || zhi_is_placeholder(x->raw);
  unsigned long long v;
  if (!zhi_str_u64(x->number, 1000000000, &v))
    return false;
  *out = (long long)v;
  return true;
}

static void verdict(struct sums *s, struct zhi_annual_cell *x, bool known, long long sum,
                    const char *what) {
  long long said;
  if (!known || !value_of(x, &said) || !x->number.len)
    return;
  if (said == sum && x->check != ZHI_ANNUAL_FAILS)
    x->check = ZHI_ANNUAL_HOLDS;
  if (said == sum)
    return;
  x->check = ZHI_ANNUAL_FAILS;
  if (s->told++ < TOLD_MAX)
    zhi_ctx_finding(s->r->c, "annual_sum",
                    zhi_arena_printf(s->r->c->a, "table %d, %.*s, %.*s: %s give %lld, not %lld",
                                     x->table, ZHI_STR_ARGS(x->item), ZHI_STR_ARGS(x->measure),
                                     what, sum, said));
}

static bool same_row(const struct zhi_annual_cell *a, const struct zhi_annual_cell *b) {
  return a->table == b->table && zhi_str_eq(a->item, b->item);
}

/* Rows of table 3 and groups of table 4: everything before the total. */
static void row_sums(struct sums *s) {
  struct zhi_annual *a = s->r->report;
  for (size_t i = 0; i < a->cell_count;) {
    size_t from = i;
    long long sum = 0, v;
    bool known = true;
    struct zhi_annual_cell *total = NULL;
    for (; i < a->cell_count && same_row(&a->cells[from], &a->cells[i]) && !total; i++) {
      if (zhi_str_is(a->cells[i].measure, "total"))
        total = &a->cells[i];
      else
        known = value_of(&a->cells[i], &v) && known;
      sum += total ? 0 : v;
    }
    if (total && total->table >= 3)
      verdict(s, total, known, sum, "the parts of the row");
  }
}

static struct zhi_annual_cell *cell3(struct zhi_annual *a, const char *item,
                                     struct zhi_str measure) {
  for (size_t i = 0; i < a->cell_count; i++)
    if (a->cells[i].table == 3 && zhi_str_is(a->cells[i].item, item) &&
        zhi_str_eq(a->cells[i].measure, measure))
      return &a->cells[i];
  return NULL;
}

/* Has the row parts of its own (3.3 when there is 3.3.1)? */
static bool has_parts(const struct zhi_annual *a, struct zhi_str item) {
  for (size_t i = 0; i < a->cell_count; i++) {
    struct zhi_str x = a->cells[i].item;
    if (a->cells[i].table == 3 && x.len > item.len && x.p[item.len] == '.' &&
        memcmp(x.p, item.p, item.len) == 0)
      return true;
  }
  return false;
}

/* Rows of results that count: the innermost of 3.1 to 3.6. */
static void mark_results(struct sums *s) {
  const struct zhi_annual *a = s->r->report;
  for (size_t i = 0; i < a->cell_count; i++) {
    const struct zhi_annual_cell *x = &a->cells[i];
    s->result[i] = x->table == 3 && x->item.len >= 3 && zhi_str_starts(x->item, "3.") &&
                   x->item.p[2] >= '1' && x->item.p[2] <= '6' && !has_parts(a, x->item);
  }
}

static void column_sums(struct sums *s, struct zhi_str measure) {
  struct zhi_annual *a = s->r->report;
  struct zhi_annual_cell *fresh = cell3(a, "1", measure), *carried = cell3(a, "2", measure),
                         *all = cell3(a, "3.7", measure), *next = cell3(a, "4", measure);
  long long sum = 0, v, f, c, d;
  bool known = true, any = false;
  for (size_t i = 0; i < a->cell_count; i++)
    if (s->result[i] && zhi_str_eq(a->cells[i].measure, measure)) {
      known = value_of(&a->cells[i], &v) && known;
      sum += v;
      any = true;
    }
  if (all && any)
    verdict(s, all, known, sum, "the results");
  if (fresh && carried && all && next && value_of(fresh, &f) && value_of(carried, &c) &&
      value_of(all, &d))
    verdict(s, next, true, f + c - d, "received, carried over and settled");
}

void zhi_annual_sums(struct zhi_annual_read *r) {
  struct sums s = {.r = r};
  struct zhi_annual *a = r->report;
  row_sums(&s);
  mark_results(&s);
  for (size_t i = 0; i < a->cell_count; i++)
    if (a->cells[i].table == 3 && zhi_str_is(a->cells[i].item, "3.7"))
      column_sums(&s, a->cells[i].measure);
}
