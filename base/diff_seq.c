/* What two sequences have in common.
 *
 * Equal ends are taken off, then Myers' greedy algorithm runs with a bound on the number of edits; its trace is kept,
 * so that the path can be walked back. Past the bound the elements that stand once on either side are lined up
 * (patience: the longest ascending run of them), and what lies between two of these is compared in the same way. What
 * still is too different has nothing in common. Time is O((n + m) · EDITS_MAX), memory O(n + m + EDITS_MAX²). */
#include <stdlib.h>

#include "zhi/diff.h"

enum { EDITS_MAX = 600 };

struct seq {
  struct zhi_arena *arena;
  const uint64_t *a, *b;
  bool *keep_a, *keep_b;
  int32_t *trace; /* furthest points after each number of edits: row d begins at d * d */
};

struct span {
  size_t a, a_end, b, b_end;
};

static bool trim(const struct seq *s, struct span *x) {
  while (x->a < x->a_end && x->b < x->b_end && s->a[x->a] == s->b[x->b])
    s->keep_a[x->a++] = s->keep_b[x->b++] = true;
  while (x->a < x->a_end && x->b < x->b_end && s->a[x->a_end - 1] == s->b[x->b_end - 1])
    s->keep_a[--x->a_end] = s->keep_b[--x->b_end] = true;
  return x->a < x->a_end && x->b < x->b_end;
}

/* --- Myers ----------------------------------------------------------------------------------------------------- */

/* Row d holds diagonals -d..d at its indexes 0..2d. */
static int32_t *row_of(const struct seq *s, int32_t d) { return s->trace + (size_t)d * (size_t)d; }

/* Where the path with d edits comes to diagonal k from: down (an element of b) or right (one of a). */
static bool comes_down(const int32_t *before, int32_t d, int32_t k) {
  if (k == -d)
    return true;
  if (k == d)
    return false;
  return before[k - 1 + d - 1] < before[k + 1 + d - 1];
}

static void walk_back(const struct seq *s, const struct span *x, int32_t d, int32_t k) {
  for (; d >= 0; d--) {
    int32_t i = row_of(s, d)[k + d], start = 0, from_k = k;
    if (d > 0) {
      const int32_t *before = row_of(s, d - 1);
      bool down = comes_down(before, d, k);
      from_k = down ? k + 1 : k - 1;
      start = before[from_k + d - 1] + !down;
    }
    for (; i > start; i--)
      s->keep_a[x->a + (size_t)i - 1] = s->keep_b[x->b + (size_t)(i - k) - 1] = true;
    k = from_k;
  }
}

static bool myers(const struct seq *s, const struct span *x) {
  int32_t n = (int32_t)(x->a_end - x->a), m = (int32_t)(x->b_end - x->b);
  for (int32_t d = 0; d <= EDITS_MAX; d++) {
    int32_t *row = row_of(s, d);
    const int32_t *before = d ? row_of(s, d - 1) : NULL;
    for (int32_t k = -d; k <= d; k += 2) {
      int32_t i = 0;
      if (d)
        i = comes_down(before, d, k) ? before[k + 1 + d - 1] : before[k - 1 + d - 1] + 1;
      if (i > n || i - k > m || i - k < 0) { /* off the board: no way leads back from there */
        row[k + d] = i > n ? n + 1 : i;
        continue;
      }
      while (i < n && i - k < m && s->a[x->a + (size_t)i] == s->b[x->b + (size_t)(i - k)])
        i++;
      row[k + d] = i;
      if (i == n && i - k == m) {
        walk_back(s, x, d, k);
        return true;
      }
    }
    zhi_arena_check(s->arena);
  }
  return false;
}

/* --- patience ---------------------------------------------------------------------------------------------------- */

struct item {
  uint64_t id;
  size_t at;
};
struct anchor {
  size_t a, b, before; /* before: the anchor in front of it in its run, or SIZE_MAX */
};

static int by_id(const void *p, const void *q) {
  const struct item *x = p, *y = q;
  if (x->id != y->id)
    return x->id < y->id ? -1 : 1;
  return x->at < y->at ? -1 : x->at > y->at;
}
static int by_place(const void *p, const void *q) {
  const struct anchor *x = p, *y = q;
  return x->a < y->a ? -1 : x->a > y->a;
}

static struct item *sorted(const struct seq *s, const uint64_t *ids, size_t from, size_t to) {
  struct item *items = zhi_arena_alloc(s->arena, (to - from + 1) * sizeof *items);
  for (size_t i = from; i < to; i++)
    items[i - from] = (struct item){ids[i], i};
  qsort(items, to - from, sizeof *items, by_id);
  return items;
}

static size_t same_ids(const struct item *x, size_t i, size_t n) {
  size_t k = i + 1;
  while (k < n && x[k].id == x[i].id)
    k++;
  return k - i;
}

/* What stands once in either span, in the order of a. */
static size_t find_anchors(const struct seq *s, const struct span *x, struct anchor **out) {
  size_t n = x->a_end - x->a, m = x->b_end - x->b, count = 0, i = 0, j = 0;
  struct item *p = sorted(s, s->a, x->a, x->a_end), *q = sorted(s, s->b, x->b, x->b_end);
  struct anchor *found = zhi_arena_alloc(s->arena, (n < m ? n : m) * sizeof *found);
  while (i < n && j < m) {
    if (p[i].id == q[j].id) {
      size_t in_a = same_ids(p, i, n), in_b = same_ids(q, j, m);
      if (in_a == 1 && in_b == 1)
        found[count++] = (struct anchor){p[i].at, q[j].at, SIZE_MAX};
      i += in_a;
      j += in_b;
    } else if (p[i].id < q[j].id) {
      i++;
    } else {
      j++;
    }
  }
  qsort(found, count, sizeof *found, by_place);
  *out = found;
  return count;
}

/* The longest run of anchors that ascends in b too, as indexes in order. */
static size_t longest_run(const struct seq *s, struct anchor *x, size_t count, size_t **out) {
  size_t *last = zhi_arena_alloc(s->arena, (count + 1) * sizeof *last), len = 0;
  for (size_t i = 0; i < count; i++) {
    size_t lo = 0, hi = len;
    while (lo < hi) {
      size_t mid = (lo + hi) / 2;
      if (x[last[mid]].b < x[i].b)
        lo = mid + 1;
      else
        hi = mid;
    }
    x[i].before = lo ? last[lo - 1] : SIZE_MAX;
    last[lo] = i;
    len = lo == len ? len + 1 : len;
  }
  for (size_t k = len, i = len ? last[len - 1] : 0; k-- > 0; i = x[i].before)
    last[k] = i;
  *out = last;
  return len;
}

static void compare(const struct seq *s, struct span x, bool again) {
  struct anchor *anchors;
  size_t *run, count, at_a, at_b;
  if (!trim(s, &x) || myers(s, &x) || !again)
    return;
  count = find_anchors(s, &x, &anchors);
  count = longest_run(s, anchors, count, &run);
  at_a = x.a;
  at_b = x.b;
  for (size_t i = 0; i < count; i++) {
    const struct anchor *k = &anchors[run[i]];
    compare(s, (struct span){at_a, k->a, at_b, k->b}, false);
    s->keep_a[k->a] = s->keep_b[k->b] = true;
    at_a = k->a + 1;
    at_b = k->b + 1;
  }
  if (count)
    compare(s, (struct span){at_a, x.a_end, at_b, x.b_end}, false);
}

void zhi_diff_sequences(struct zhi_arena *arena, const uint64_t *a, size_t n, const uint64_t *b,
                        size_t m, bool *keep_a, bool *keep_b) {
  struct seq s = {arena, a, b, keep_a, keep_b, NULL};
  memset(keep_a, 0, n * sizeof *keep_a);
  memset(keep_b, 0, m * sizeof *keep_b);
  if (!n || !m || n > INT32_MAX / 2 || m > INT32_MAX / 2)
    return;
  size_t most = n + m < EDITS_MAX ? n + m : EDITS_MAX;
  s.trace = zhi_arena_alloc(arena, (most + 1) * (most + 1) * sizeof *s.trace);
  compare(&s, (struct span){0, n, 0, m}, true);
}
