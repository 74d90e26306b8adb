/* Diff of two texts: lines first, then, where lines differ, which of them replaced which, then words.
 *
 * Lines of a hunk that are noise as a whole are set aside as masked. If the rest says the same on both sides in other
 * lines it is layout. Else lines are paired by the words they share (an alignment that keeps their order), and a pair is
 * compared word by word. A few equal words between two edits are part of the edit: people read phrases, not islands. */
#include <stdlib.h>

#include "base/diff.h"

enum {
  PAIR_MAX_CELLS = 1 << 14, /* larger hunks are paired in order */
  ISLAND_MAX_CHARS = 6,
  ALIKE_PERCENT = 30 /* a pair has at least this much in common */
};

const char *const zhi_diff_op_name[] = {"same", "removed", "added", "changed", "masked"};

struct side {
  const struct zhi_diff_line *lines;
  size_t n;
  struct diff_word **words; /* of a line; NULL: not split yet */
  size_t *counts;
  bool *keep;
};

struct work {
  struct zhi_arena *arena;
  struct diff_splitter *splitter;
  struct side a, b;
  struct zhi_diff *out;
  uint32_t row_cap;
};

static void words_of(struct work *w, struct side *s, size_t line, struct diff_word **words,
                     size_t *count) {
  if (!s->words[line])
    s->words[line] = zhi_diff_words(w->arena, w->splitter, &s->lines[line], &s->counts[line]);
  *words = s->words[line];
  *count = s->counts[line];
}

static struct zhi_diff_row *add_row(struct work *w, enum zhi_diff_op op, size_t line_a,
                                    size_t line_b) {
  struct zhi_diff *d = w->out;
  if (d->row_count == w->row_cap) {
    uint32_t cap = w->row_cap ? 2 * w->row_cap : 64;
    d->rows =
        zhi_arena_grow(w->arena, d->rows, w->row_cap * sizeof *d->rows, cap * sizeof *d->rows);
    w->row_cap = cap;
  }
  struct zhi_diff_row *r = &d->rows[d->row_count++];
  *r = (struct zhi_diff_row){.op = op, .line_a = (uint32_t)line_a, .line_b = (uint32_t)line_b};
  return r;
}

static void one_part(struct work *w, struct zhi_diff_row *r, enum zhi_diff_op op, struct zhi_str a,
                     struct zhi_str b, enum zhi_noise_kind noise) {
  r->parts = zhi_arena_alloc(w->arena, sizeof *r->parts);
  r->parts[0] = (struct zhi_diff_part){op, noise, a, b};
  r->part_count = 1;
}

static bool is_noise_line(const struct zhi_diff_line *l) {
  return l->noise != ZHI_NOISE_NONE && l->noise != ZHI_NOISE_NUMBER;
}

/* --- words of a pair of lines -------------------------------------------------------------------------------------- */

/* A stretch of words on both sides: equal, or one replaced by the other. */
struct run {
  size_t a, a_end, b, b_end;
  bool same;
};

struct pair {
  struct work *w;
  struct zhi_str text_a, text_b;
  struct diff_word *a, *b;
  size_t n, m;
  struct run *runs;
  size_t run_count;
};

static uint64_t *ids_of(struct work *w, const struct diff_word *words, size_t n) {
  uint64_t *ids = zhi_arena_alloc(w->arena, (n + 1) * sizeof *ids);
  for (size_t i = 0; i < n; i++)
    ids[i] = words[i].id;
  return ids;
}

static void find_runs(struct pair *p) {
  struct work *w = p->w;
  bool *keep_a = zhi_arena_alloc(w->arena, p->n + 1), *keep_b = zhi_arena_alloc(w->arena, p->m + 1);
  zhi_diff_sequences(w->arena, ids_of(w, p->a, p->n), p->n, ids_of(w, p->b, p->m), p->m, keep_a,
                     keep_b);
  p->runs = zhi_arena_alloc(w->arena, (p->n + p->m + 1) * sizeof *p->runs);
  for (size_t i = 0, j = 0; i < p->n || j < p->m;) {
    struct run *r = &p->runs[p->run_count++];
    *r = (struct run){i, i, j, j, i < p->n && j < p->m && keep_a[i] && keep_b[j]};
    if (r->same) {
      while (i < p->n && j < p->m && keep_a[i] && keep_b[j])
        i++, j++;
    } else {
      while (i < p->n && !keep_a[i])
        i++;
      while (j < p->m && !keep_b[j])
        j++;
    }
    r->a_end = i;
    r->b_end = j;
  }
}

static struct zhi_str words_text(struct zhi_str text, const struct diff_word *words, size_t from,
                                 size_t to) {
  return from < to ? zhi_str_sub(text, words[from].from, words[to - 1].to)
                   : zhi_str_sub(text, 0, 0);
}

static size_t chars(struct zhi_str s) { return zhi_utf8_count(s); }

static bool has_anchor(const struct diff_word *words, size_t from, size_t to) {
  for (size_t i = from; i < to; i++)
    if (words[i].noise)
      return true;
  return false;
}

/* Is the equal run between two edits no more than they are, and a few characters? */
static bool is_island(const struct pair *p, const struct run *before, const struct run *r,
                      const struct run *after) {
  size_t n = chars(words_text(p->text_a, p->a, r->a, r->a_end));
  size_t left_a = chars(words_text(p->text_a, p->a, before->a, before->a_end));
  size_t left_b = chars(words_text(p->text_b, p->b, before->b, before->b_end));
  size_t right_a = chars(words_text(p->text_a, p->a, after->a, after->a_end));
  size_t right_b = chars(words_text(p->text_b, p->b, after->b, after->b_end));
  size_t left = left_a > left_b ? left_a : left_b, right = right_a > right_b ? right_a : right_b;
  for (size_t i = r->a; i < r->a_end; i++)
    if (p->a[i].boundary && n > 1)
      return false;
  return n <= ISLAND_MAX_CHARS && n <= left && n <= right && !has_anchor(p->a, r->a, r->a_end);
}

static void join_islands(struct pair *p) {
  size_t kept = 0;
  for (size_t i = 0; i < p->run_count; i++) {
    struct run *last = kept ? &p->runs[kept - 1] : NULL;
    if (last && !last->same && p->runs[i].same && i + 1 < p->run_count &&
        is_island(p, last, &p->runs[i], &p->runs[i + 1])) {
      last->a_end = p->runs[i + 1].a_end;
      last->b_end = p->runs[i + 1].b_end;
      i++;
    } else {
      p->runs[kept++] = p->runs[i];
    }
  }
  p->run_count = kept;
}

static size_t same_percent(const struct pair *p) {
  size_t same = 0, all = chars(p->text_a) + chars(p->text_b);
  for (size_t i = 0; i < p->run_count; i++)
    if (p->runs[i].same)
      same += 2 * chars(words_text(p->text_a, p->a, p->runs[i].a, p->runs[i].a_end));
  return all ? same * 100 / all : 100;
}

struct parts {
  struct work *w;
  struct zhi_diff_row *row;
  uint32_t cap;
};

static void add_part(struct parts *o, enum zhi_diff_op op, struct zhi_str a, struct zhi_str b,
                     enum zhi_noise_kind noise) {
  struct zhi_diff_row *r = o->row;
  struct zhi_diff_part *last = r->part_count ? &r->parts[r->part_count - 1] : NULL;
  if (last && last->op == op && op != ZHI_DIFF_MASKED) { /* contiguous by construction */
    last->a.len += a.len;
    last->b.len += b.len;
    return;
  }
  if (r->part_count == o->cap) {
    uint32_t cap = o->cap ? 2 * o->cap : 8;
    r->parts =
        zhi_arena_grow(o->w->arena, r->parts, o->cap * sizeof *r->parts, cap * sizeof *r->parts);
    o->cap = cap;
  }
  r->parts[r->part_count++] = (struct zhi_diff_part){op, noise, a, b};
}

static void add_same(struct parts *o, const struct pair *p, const struct run *r) {
  for (size_t i = r->a, j = r->b; i < r->a_end; i++, j++) {
    struct zhi_str a = words_text(p->text_a, p->a, i, i + 1);
    struct zhi_str b = words_text(p->text_b, p->b, j, j + 1);
    bool masked = p->a[i].noise && !zhi_str_eq(zhi_str_trim(a), zhi_str_trim(b));
    add_part(o, masked ? ZHI_DIFF_MASKED : ZHI_DIFF_SAME, a, b, masked ? p->a[i].noise : 0);
    o->w->out->masked += masked;
  }
}

/* The words of one side of an edit; true when one of them is more than noise. */
static bool add_edit(struct parts *o, struct zhi_str text, const struct diff_word *words,
                     size_t from, size_t to, enum zhi_diff_op op) {
  struct zhi_str none = ZHI_STR_NONE;
  bool real = false;
  for (size_t i = from; i < to; i++) {
    struct zhi_str s = words_text(text, words, i, i + 1);
    enum zhi_diff_op mine = words[i].noise ? ZHI_DIFF_MASKED : op;
    add_part(o, mine, op == ZHI_DIFF_REMOVED ? s : none, op == ZHI_DIFF_ADDED ? s : none,
             words[i].noise);
    real |= !words[i].noise;
    o->w->out->masked += words[i].noise != ZHI_NOISE_NONE;
    if (!words[i].noise)
      *(op == ZHI_DIFF_ADDED ? &o->w->out->added_chars : &o->w->out->removed_chars) += chars(s);
  }
  return real;
}

static void emit_row(struct work *w, enum zhi_diff_op op, struct side *s, size_t line) {
  bool removed = op == ZHI_DIFF_REMOVED;
  struct zhi_str text = s->lines[line].text;
  struct zhi_diff_row *r = add_row(w, op, removed ? line + 1 : 0, removed ? 0 : line + 1);
  if (is_noise_line(&s->lines[line])) {
    r->op = ZHI_DIFF_MASKED;
    r->noise = s->lines[line].noise;
    one_part(w, r, ZHI_DIFF_MASKED, removed ? text : ZHI_STR_NONE, removed ? ZHI_STR_NONE : text,
             r->noise);
    w->out->masked++;
    return;
  }
  struct parts o = {w, r, 0};
  struct diff_word *words;
  size_t n;
  words_of(w, s, line, &words, &n);
  if (add_edit(&o, text, words, 0, n, op)) {
    w->out->changes++;
  } else {
    r->op = ZHI_DIFF_MASKED;
    r->noise = n ? words[0].noise : ZHI_NOISE_LAYOUT;
  }
}

/* Two lines that stand for one another. `sure`: they are equal but for noise. */
static void emit_pair(struct work *w, size_t line_a, size_t line_b, bool sure) {
  struct pair p = {.w = w, .text_a = w->a.lines[line_a].text, .text_b = w->b.lines[line_b].text};
  if (sure && zhi_str_eq(p.text_a, p.text_b)) {
    one_part(w, add_row(w, ZHI_DIFF_SAME, line_a + 1, line_b + 1), ZHI_DIFF_SAME, p.text_a,
             p.text_b, ZHI_NOISE_NONE);
    return;
  }
  if (is_noise_line(&w->a.lines[line_a]) && is_noise_line(&w->b.lines[line_b])) {
    struct zhi_diff_row *r = add_row(w, ZHI_DIFF_MASKED, line_a + 1, line_b + 1);
    r->noise = w->a.lines[line_a].noise;
    one_part(w, r, ZHI_DIFF_MASKED, p.text_a, p.text_b, r->noise);
    w->out->masked++;
    return;
  }
  words_of(w, &w->a, line_a, &p.a, &p.n);
  words_of(w, &w->b, line_b, &p.b, &p.m);
  find_runs(&p);
  join_islands(&p);
  if (!sure && same_percent(&p) < ALIKE_PERCENT) {
    emit_row(w, ZHI_DIFF_REMOVED, &w->a, line_a);
    emit_row(w, ZHI_DIFF_ADDED, &w->b, line_b);
    return;
  }
  struct zhi_diff_row *row = add_row(w, ZHI_DIFF_SAME, line_a + 1, line_b + 1);
  struct parts o = {w, row, 0};
  bool real = false;
  for (size_t i = 0; i < p.run_count; i++) {
    const struct run *r = &p.runs[i];
    if (r->same) {
      add_same(&o, &p, r);
      continue;
    }
    real |= add_edit(&o, p.text_a, p.a, r->a, r->a_end, ZHI_DIFF_REMOVED);
    real |= add_edit(&o, p.text_b, p.b, r->b, r->b_end, ZHI_DIFF_ADDED);
  }
  row->op = real ? ZHI_DIFF_CHANGED : ZHI_DIFF_SAME;
  w->out->changes += real;
}

/* --- hunks of lines -------------------------------------------------------------------------------------------------- */

/* The lines of [from, to) that are more than noise, as indexes. */
static size_t plain_lines(struct work *w, const struct side *s, size_t from, size_t to,
                          size_t **out) {
  size_t n = 0, *lines = zhi_arena_alloc(w->arena, (to - from + 1) * sizeof *lines);
  for (size_t i = from; i < to; i++)
    if (!is_noise_line(&s->lines[i]))
      lines[n++] = i;
  *out = lines;
  return n;
}

static int by_value(const void *p, const void *q) {
  uint64_t x = *(const uint64_t *)p, y = *(const uint64_t *)q;
  return x < y ? -1 : x > y;
}

struct bag {
  uint64_t *ids;
  size_t n;
};

static struct bag *bags_of(struct work *w, struct side *s, const size_t *lines, size_t n) {
  struct bag *bags = zhi_arena_alloc(w->arena, (n + 1) * sizeof *bags);
  for (size_t i = 0; i < n; i++) {
    struct diff_word *words;
    words_of(w, s, lines[i], &words, &bags[i].n);
    bags[i].ids = ids_of(w, words, bags[i].n);
    qsort(bags[i].ids, bags[i].n, sizeof *bags[i].ids, by_value);
  }
  return bags;
}

/* Percent of words shared; 0 when too few to call one the successor of the other. */
static uint32_t likeness(const struct bag *x, const struct bag *y) {
  size_t i = 0, j = 0, same = 0;
  while (i < x->n && j < y->n) {
    if (x->ids[i] == y->ids[j])
      i++, j++, same++;
    else if (x->ids[i] < y->ids[j])
      i++;
    else
      j++;
  }
  size_t percent = x->n + y->n ? same * 200 / (x->n + y->n) : 100;
  return percent < ALIKE_PERCENT ? 0 : (uint32_t)percent;
}

/* The pairing of lines that keeps their order and shares most: partner[i] is an index of b, SIZE_MAX without one. */
static void align(struct work *w, const size_t *a, size_t n, const size_t *b, size_t m,
                  size_t *partner) {
  for (size_t i = 0; i < n; i++)
    partner[i] = n * m > PAIR_MAX_CELLS && i < m ? i : SIZE_MAX;
  if (!n || !m || n * m > PAIR_MAX_CELLS)
    return;
  struct bag *x = bags_of(w, &w->a, a, n), *y = bags_of(w, &w->b, b, m);
  uint32_t *like = zhi_arena_alloc(w->arena, n * m * sizeof *like);
  uint32_t *best = zhi_arena_zalloc(w->arena, (n + 1) * (m + 1) * sizeof *best);
  for (size_t i = n; i-- > 0;) {
    for (size_t j = m; j-- > 0;) {
      uint32_t here = like[i * m + j] = likeness(&x[i], &y[j]);
      uint32_t with = here ? here + best[(i + 1) * (m + 1) + j + 1] : 0;
      uint32_t skip_a = best[(i + 1) * (m + 1) + j], skip_b = best[i * (m + 1) + j + 1];
      uint32_t skip = skip_a > skip_b ? skip_a : skip_b;
      best[i * (m + 1) + j] = with > skip ? with : skip;
    }
    zhi_arena_check(w->arena);
  }
  for (size_t i = 0, j = 0; i < n && j < m;) {
    uint32_t here = like[i * m + j], all = best[i * (m + 1) + j];
    if (here && here + best[(i + 1) * (m + 1) + j + 1] == all)
      partner[i++] = j++;
    else if (best[(i + 1) * (m + 1) + j] == all)
      i++;
    else
      j++;
  }
}

/* Do both sides say the same in other lines? */
static bool is_layout(struct work *w, const size_t *a, size_t n, const size_t *b, size_t m) {
  struct diff_word *x = NULL, *y = NULL;
  size_t i = 0, j = 0, at_x = 0, at_y = 0, len_x = 0, len_y = 0;
  if (!n || !m || n + m < 3)
    return false;
  for (;;) {
    while (at_x == len_x && i < n)
      words_of(w, &w->a, a[i++], &x, &len_x), at_x = 0;
    while (at_y == len_y && j < m)
      words_of(w, &w->b, b[j++], &y, &len_y), at_y = 0;
    if (at_x == len_x || at_y == len_y)
      return at_x == len_x && at_y == len_y;
    if (x[at_x++].id != y[at_y++].id)
      return false;
  }
}

static void emit_layout(struct work *w, const size_t *a, size_t n, const size_t *b, size_t m) {
  for (size_t i = 0; i < n || i < m; i++) {
    struct zhi_diff_row *r =
        add_row(w, ZHI_DIFF_MASKED, i < n ? a[i] + 1 : 0, i < m ? b[i] + 1 : 0);
    r->noise = ZHI_NOISE_LAYOUT;
    one_part(w, r, ZHI_DIFF_MASKED, i < n ? w->a.lines[a[i]].text : ZHI_STR_NONE,
             i < m ? w->b.lines[b[i]].text : ZHI_STR_NONE, ZHI_NOISE_LAYOUT);
  }
  w->out->masked++;
}

static void emit_noise(struct work *w, enum zhi_diff_op op, struct side *s, size_t from,
                       size_t to) {
  for (size_t i = from; i < to; i++)
    if (is_noise_line(&s->lines[i]))
      emit_row(w, op, s, i);
}

static void emit_hunk(struct work *w, size_t a, size_t a_end, size_t b, size_t b_end) {
  size_t *in_a, *in_b, n = plain_lines(w, &w->a, a, a_end, &in_a);
  size_t m = plain_lines(w, &w->b, b, b_end, &in_b), j = 0;
  if (is_layout(w, in_a, n, in_b, m)) {
    emit_layout(w, in_a, n, in_b, m);
  } else {
    size_t *partner = zhi_arena_alloc(w->arena, (n + 1) * sizeof *partner);
    align(w, in_a, n, in_b, m, partner);
    for (size_t i = 0; i < n; i++) {
      if (partner[i] == SIZE_MAX) {
        emit_row(w, ZHI_DIFF_REMOVED, &w->a, in_a[i]);
        continue;
      }
      for (; j < partner[i]; j++)
        emit_row(w, ZHI_DIFF_ADDED, &w->b, in_b[j]);
      emit_pair(w, in_a[i], in_b[j++], false);
    }
    for (; j < m; j++)
      emit_row(w, ZHI_DIFF_ADDED, &w->b, in_b[j]);
  }
  emit_noise(w, ZHI_DIFF_REMOVED, &w->a, a, a_end);
  emit_noise(w, ZHI_DIFF_ADDED, &w->b, b, b_end);
}

/* --- the whole ---------------------------------------------------------------------------------------------------------- */

static uint64_t *open_side(struct work *w, struct side *s, const struct zhi_diff_line *lines,
                           size_t n) {
  uint64_t *ids = zhi_arena_alloc(w->arena, (n + 1) * sizeof *ids);
  s->lines = lines;
  s->n = n;
  s->words = zhi_arena_zalloc(w->arena, (n + 1) * sizeof *s->words);
  s->counts = zhi_arena_zalloc(w->arena, (n + 1) * sizeof *s->counts);
  s->keep = zhi_arena_zalloc(w->arena, (n + 1) * sizeof *s->keep);
  for (size_t i = 0; i < n; i++)
    ids[i] = zhi_diff_line_id(w->arena, &lines[i]);
  return ids;
}

static void emit_all(struct work *w) {
  const struct side *a = &w->a, *b = &w->b;
  for (size_t i = 0, j = 0; i < a->n || j < b->n;) {
    size_t from_a = i, from_b = j;
    while (i < a->n && !a->keep[i])
      i++;
    while (j < b->n && !b->keep[j])
      j++;
    if (i > from_a || j > from_b)
      emit_hunk(w, from_a, i, from_b, j);
    else
      emit_pair(w, i++, j++, true);
  }
}

bool zhi_diff_texts(struct zhi_arena *arena, const struct zhi_diff_line *a, size_t n,
                    const struct zhi_diff_line *b, size_t m, struct zhi_diff *out) {
  struct work w = {.arena = arena, .out = out, .splitter = zhi_diff_splitter_new()};
  struct diff_splitter *splitter = w.splitter;
  jmp_buf here, *outer = arena->escape;
  *out = (struct zhi_diff){0};
  arena->escape = &here;
  bool whole = true;
  if (setjmp(here)) {
    whole = false; /* ICU's memory is not the arena's: it goes back all the same */
  } else {
    uint64_t *ids_a = open_side(&w, &w.a, a, n), *ids_b = open_side(&w, &w.b, b, m);
    zhi_diff_sequences(arena, ids_a, n, ids_b, m, w.a.keep, w.b.keep);
    emit_all(&w);
  }
  zhi_diff_splitter_free(splitter);
  arena->escape = outer;
  if (!whole)
    *out = (struct zhi_diff){0};
  return whole;
}
