/* Marks: where in a stored text the words of a query stand, and the piece of it that shows most of them.
 *
 * The text is split as the index was; a term matches where its words come one behind the other. */
#include "store/search.h"

enum { RING = 64, WORD_BYTES = 80, BEFORE = 45 };

struct seen {
  char word[WORD_BYTES];
  size_t len, from, to;
};

struct marker {
  const struct search_plan *plan;
  struct search_marks *out;
  struct zhi_str text;
  struct seen ring[RING];
  size_t count;
};

static struct zhi_str seen_word(const struct seen *w) { return zhi_str_n(w->word, w->len); }

static void put(struct search_marks *m, size_t from, size_t to) {
  while (m->count && m->at[m->count - 1].to >= from) { /* overlaps: one stretch */
    m->count--;
    if (m->at[m->count].from < from)
      from = m->at[m->count].from;
    if (m->at[m->count].to > to)
      to = m->at[m->count].to;
  }
  if (m->count < SEARCH_MARKS_MAX) {
    m->at[m->count].from = from;
    m->at[m->count++].to = to;
  }
}

static void try_term(struct marker *m, const struct search_term *t) {
  size_t n = t->count < RING ? t->count : RING, skipped = t->count - n;
  if (!t->wanted || m->count < n || !n)
    return;
  for (size_t i = n; i-- > 0;) {
    struct zhi_str word = seen_word(&m->ring[(m->count - n + i) % RING]);
    struct zhi_str want = t->words[skipped + i];
    bool prefix = t->prefix && i + 1 == n;
    if (prefix ? word.len < want.len || memcmp(word.p, want.p, want.len) != 0
               : !zhi_str_eq(word, want))
      return;
  }
  const struct seen *first = &m->ring[(m->count - n) % RING],
                    *last = &m->ring[(m->count - 1) % RING];
  size_t to = last->to;
  if (t->prefix && last->len > t->words[t->count - 1].len) { /* of a pair only the first */
    unsigned c;
    to = last->from + zhi_utf8_next(m->text.p + last->from, m->text.len - last->from, &c);
  }
  put(m->out, first->from, to);
}

static void take(void *ctx, const struct zhi_token *t) {
  struct marker *m = ctx;
  struct seen *w = &m->ring[m->count++ % RING];
  w->len = t->word.len < WORD_BYTES ? t->word.len : WORD_BYTES;
  memcpy(w->word, t->word.p, w->len);
  w->from = t->from;
  w->to = t->to;
  for (size_t i = 0; i < m->plan->term_count && m->out->count < SEARCH_MARKS_MAX; i++)
    try_term(m, &m->plan->term[i]);
}

void search_mark(struct zhi_fold *f, struct zhi_str text, const struct search_plan *p,
                 struct search_marks *out) {
  struct marker m = {.plan = p, .out = out, .text = text};
  out->count = 0;
  zhi_split(f, text, ZHI_SPLIT_TEXT, take, &m, NULL);
}

/* --- the piece shown ------------------------------------------------------------------------------------------- */

/* The mark from which on most marks stand within `max` bytes. */
static size_t densest(const struct search_marks *m, size_t max) {
  size_t best = 0, most = 0;
  for (size_t i = 0, k = 0; i < m->count; i++) {
    while (k < m->count && m->at[k].to <= m->at[i].from + max)
      k++;
    if (k > i && k - i > most) {
      most = k - i;
      best = i;
    }
  }
  return best;
}

static size_t to_character(struct zhi_str s, size_t at) {
  while (at > 0 && at < s.len && ((unsigned char)s.p[at] & 0xC0) == 0x80)
    at--;
  return at < s.len ? at : s.len;
}

static void add(json_t *out, struct zhi_str text, const char *before, const char *after,
                bool marked) {
  struct zhi_buf b;
  if (!text.len)
    return;
  zhi_buf_init(&b, text.len + 16);
  zhi_buf_adds(&b, before);
  for (size_t i = 0; i < text.len; i++)
    zhi_buf_addc(&b, (unsigned char)text.p[i] < 0x20 ? ' ' : text.p[i]);
  zhi_buf_adds(&b, after);
  json_array_append_new(out, json_pack("[o, b]", zhi_json_str(zhi_buf_view(&b)), marked));
  zhi_buf_release(&b);
}

json_t *search_marked(struct zhi_str text, const struct search_marks *m, size_t max) {
  json_t *out = json_array();
  size_t from = 0, to = text.len, first = 0;
  if (max && text.len > max) {
    first = m->count ? densest(m, max - BEFORE) : 0;
    if (m->count && m->at[first].from > BEFORE)
      from = to_character(text, m->at[first].from - BEFORE);
    to = to_character(text, from + max < text.len ? from + max : text.len);
  }
  const char *before = from ? "…" : "", *after = to < text.len ? "…" : "";
  size_t at = from;
  for (size_t i = 0; i < m->count && m->at[i].from < to; i++) {
    if (m->at[i].from < at)
      continue;
    size_t end = m->at[i].to < to ? m->at[i].to : to;
    if (m->at[i].from > at)
      add(out, zhi_str_sub(text, at, m->at[i].from), at == from ? before : "", "", false);
    add(out, zhi_str_sub(text, m->at[i].from, end), "", "", true);
    at = end;
  }
  add(out, zhi_str_sub(text, at, to), at == from ? before : "", after, false);
  return out;
}
