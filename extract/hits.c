/* Labels in the flat text.
 *
 * All of the label/value idioms come down to one question: a known word stands at the beginning of a piece of
 * text (after a tag, a wide gap, a line, a bracket or a bar) and is ended by a colon, a bracket or the end of
 * its element; where does its value end? Two passes: this one finds the labels (and dates that stand alone, and
 * unknown labels, which both end a value), the second gives each label what lies between it and the next one
 * (hit_values.c). Within a value a known label with its colon begins the next one, gap or no gap. Runs of labels
 * that follow one another with nothing foreign between tell an information table from a word in a sentence. */
#include "extract/hits.h"

enum { LABEL_CHARS = 14, HITS_MAX = 4000 };

struct reading {
  uint32_t after;
  const struct zhi_label *label;
  bool colon;
};

static uint32_t bracket_at(const char *p, const char *end, bool open) {
  static const char *const opens[] = {"【", "［", "（", "〔", "「"};
  static const char *const closes[] = {"】", "］", "）", "〕", "」"};
  if (p < end && (*p == '[' || *p == '(') && open)
    return 1;
  if (p < end && (*p == ']' || *p == ')') && !open)
    return 1;
  if (end - p < 3 || ((unsigned char)*p != 0xe3 && (unsigned char)*p != 0xef))
    return 0; /* all of them start with one of these; nearly no character does */
  for (int i = 0; i < 5; i++)
    if (memcmp(p, open ? opens[i] : closes[i], 3) == 0)
      return 3;
  return 0;
}

static bool is_han(unsigned cp) { return cp >= 0x4e00 && cp <= 0x9fff; }

/* A label's characters as they are gathered: white space dropped, full-width ASCII folded. */
struct word {
  char buf[64];
  size_t len;
  int chars;
  bool han, gap;
};

static void add_char(struct word *w, const char *p, size_t n, unsigned cp) {
  if (cp >= 0xff01 && cp <= 0xff5e)
    cp -= 0xfee0;
  w->han = w->han && is_han(cp);
  if (cp < 0x80) {
    w->buf[w->len++] = (char)cp;
  } else {
    memcpy(w->buf + w->len, p, n);
    w->len += n;
  }
  w->chars++;
}

/* The colon behind a bracket, 【发布日期】：, belongs to the label. */
static uint32_t behind_colon(const struct zhi_flat *f, const char *p) {
  const char *end = f->text + f->len, *q = p;
  uint32_t n;
  while (q < end && *q == ' ')
    q++;
  return (uint32_t)((q < end && zhi_colon_at(q, end, &n) ? q + n : p) - f->text);
}

/* Read a label at `pos`; `node_end` is where its text node ends. False when there is none. */
static bool read_label(const struct zhi_ctx *c, uint32_t pos, uint32_t node_end, bool bracketed,
                       struct reading *out) {
  const struct zhi_flat *f = &c->flat;
  const char *end = f->text + f->len, *p = f->text + pos;
  struct word w = {.han = true};
  *out = (struct reading){0};
  while (p < end && *p != '\n' && *p != '\t' && w.chars <= LABEL_CHARS &&
         w.len + 4 < sizeof w.buf) {
    uint32_t n;
    if (zhi_flat_break(*p)) {
      w.gap = true;
      p++;
      continue;
    }
    bool colon = zhi_colon_at(p, end, &n) || (bracketed && (n = bracket_at(p, end, false)) > 0);
    if (colon) {
      const struct zhi_label *l = zhi_label_get(c->labels, zhi_str_n(w.buf, w.len));
      if (!l && !(w.han && w.chars >= 2 && w.chars <= (w.gap ? 4 : 10)))
        break;
      *out = (struct reading){behind_colon(f, p + n), l, true};
      return true;
    }
    unsigned cp;
    size_t k = zhi_utf8_next(p, (size_t)(end - p), &cp);
    add_char(&w, p, k, cp);
    p += k;
    uint32_t at = (uint32_t)(p - f->text);
    if (at >= node_end) {
      const struct zhi_label *l = zhi_label_get(c->labels, zhi_str_n(w.buf, w.len));
      if (l)
        *out = (struct reading){at, l, false};
    }
  }
  return out->label != NULL;
}

/* The outermost element whose text is exactly [pos, end). */
static uint32_t exact_element(const struct zhi_flat *f, uint32_t node, uint32_t pos, uint32_t end) {
  uint32_t best = 0;
  for (uint32_t i = f->h->nodes[node].parent; i && i != f->h->body; i = f->h->nodes[i].parent) {
    if (zhi_flat_start(f, i) != pos || f->to[i] > end)
      break;
    if (f->to[i] == end)
      best = i;
    if (zhi_is_cell(f->h->nodes[i].tag) && zhi_html_next_sibling(f->h, i))
      break; /* the value's cell is empty: the row is no label */
  }
  return best;
}

static struct zhi_hit *add_hit(struct zhi_ctx *c, uint32_t node, uint32_t pos, uint32_t after) {
  const struct zhi_flat *f = &c->flat;
  struct zhi_hit *h = ZHI_PUSH(c, c->hits, c->hit_count, c->hit_cap);
  *h = (struct zhi_hit){.pos = pos,
                        .after = after,
                        .node = node,
                        .from = after,
                        .to = after,
                        .in_link = f->flags[node] & ZHI_FLAT_LINK,
                        .source = "inline"};
  h->block_bytes = zhi_flat_len(f, zhi_flat_block(f, node));
  return h;
}

static bool ends_date(const char *p, const char *end) {
  return p >= end || zhi_flat_break(*p) || *p == '|' || *p == ']' || *p == ')' ||
         bracket_at(p, end, true) || bracket_at(p, end, false) ||
         (end - p >= 3 && (memcmp(p, "｜", 3) == 0 || memcmp(p, "来", 3) == 0));
}

static bool is_date_field(enum zhi_field f) {
  return f < ZHI_FIELD_COUNT &&
         (zhi_field_table[f].type == ZHI_FT_DATE || zhi_field_table[f].type == ZHI_FT_DATETIME);
}

/* Does the text at pos follow the last label at once, as its value? A date may do so in brackets. */
static bool follows_label(const struct zhi_ctx *c, uint32_t pos) {
  if (!c->hit_count)
    return false;
  const struct zhi_hit *last = &c->hits[c->hit_count - 1];
  uint32_t at = last->after;
  uint32_t n = 0;
  if (last->label && is_date_field(last->label->field) && pos > at) {
    const char *p = c->flat.text + pos;
    if (p[-1] == '[' || p[-1] == '(')
      pos--;
    else if (pos - at >= 3 && bracket_at(p - 3, p, true) == 3)
      pos -= 3;
  }
  while (at < pos && (zhi_flat_break(c->flat.text[at]) ||
                      zhi_colon_at(c->flat.text + at, c->flat.text + pos, &n)))
    at += zhi_flat_break(c->flat.text[at]) ? 1 : n;
  if (at < pos || last->date)
    return false;
  return last->colon || (last->label && last->label->cls != ZHI_LABEL_NOISE);
}

/* A date that stands alone, "2018-03-29 10:20", and is not the value of the label before it. */
static bool try_date(struct zhi_ctx *c, uint32_t node, uint32_t pos) {
  const struct zhi_flat *f = &c->flat;
  unsigned char b = (unsigned char)f->text[pos];
  struct zhi_date d;
  size_t from, to;
  if (!(b == '1' || b == '2' || b == 0xe4))
    return false;
  struct zhi_str s = zhi_str_n(f->text + pos, f->len - pos < 64 ? f->len - pos : 64);
  if (!zhi_date_find(s, ZHI_PRECISION_DAY, &d, &from, &to) || from != 0 || zhi_date_is_odd(&d))
    return false;
  if (!ends_date(s.p + to, s.p + s.len) || follows_label(c, pos))
    return false;
  struct zhi_hit *h = add_hit(c, node, pos, pos);
  h->date = true;
  h->to = pos + (uint32_t)to;
  return true;
}

static void try_at(struct zhi_ctx *c, uint32_t node, uint32_t pos, bool bracketed) {
  const struct zhi_flat *f = &c->flat;
  unsigned cp;
  struct reading r;
  if (c->hit_count >= HITS_MAX || pos >= f->len || try_date(c, node, pos))
    return;
  zhi_utf8_next(f->text + pos, f->len - pos, &cp);
  if (!is_han(cp) && !zhi_label_may_begin(c->labels, cp))
    return;
  if (!read_label(c, pos, f->to[node], bracketed, &r))
    return;
  uint32_t elem = exact_element(f, node, pos, r.after);
  bool noise = r.label && r.label->cls == ZHI_LABEL_NOISE;
  if (!r.colon && (!elem || ((f->flags[node] & ZHI_FLAT_LINK) && !noise)))
    return;
  struct zhi_hit *h = add_hit(c, node, pos, r.after);
  h->label = r.label;
  h->colon = r.colon;
  h->elem = elem;
}

/* Titles and abstracts are texts: a word and a colon in them are theirs. */
static bool is_prose(const struct zhi_label *l) {
  return l && (l->field == ZHI_F_ABSTRACT || l->field == ZHI_F_TITLE);
}

/* A known label that stands without a gap in the value of the one before, 来源：某报编辑：某人; its colon is at `at`. */
static void try_glued(struct zhi_ctx *c, uint32_t node, uint32_t at, uint32_t colon) {
  enum { SHORT_VALUE = 60 };
  const struct zhi_flat *f = &c->flat;
  const struct zhi_hit *last = c->hit_count ? &c->hits[c->hit_count - 1] : NULL;
  const struct zhi_label *best = NULL;
  if (!last || !last->colon || last->after > at || at - last->after > ZHI_VALUE_MAX ||
      c->hit_count >= HITS_MAX)
    return;
  uint32_t end = at, pos = at;
  while (end > last->after && f->text[end - 1] == ' ')
    end--;
  for (uint32_t i = end; end - i < LABEL_CHARS * 3 && i >= last->after + 3;) {
    unsigned cp;
    i -= 3;
    if (zhi_utf8_next(f->text + i, 3, &cp) != 3 || !is_han(cp))
      break;
    const struct zhi_label *l = zhi_label_may_begin(c->labels, cp)
                                    ? zhi_label_get(c->labels, zhi_str_n(f->text + i, end - i))
                                    : NULL;
    if (l && l->cls != ZHI_LABEL_NOISE)
      best = l, pos = i;
  }
  if (!best ||
      (pos > last->after && (is_prose(last->label) || is_prose(best) ||
                             (best->cls == ZHI_LABEL_WEAK && pos - last->after > SHORT_VALUE))))
    return;
  for (uint32_t i = last->after; i < pos; i++)
    if (f->text[i] == '\n' || f->text[i] == '\t')
      return;
  struct zhi_hit *h = add_hit(c, node, pos, at + colon);
  h->label = best;
  h->colon = true;
}

/* End of the date that follows a label at once, or `at`. */
static uint32_t date_end(const struct zhi_flat *f, uint32_t at) {
  struct zhi_date d;
  size_t from, to;
  uint32_t i = at;
  while (i < f->len && zhi_flat_break(f->text[i]) && f->text[i] != '\n' && f->text[i] != '\t')
    i++;
  if (i >= f->len || (f->text[i] != '1' && f->text[i] != '2'))
    return at;
  struct zhi_str s = zhi_str_n(f->text + i, f->len - i < 48 ? f->len - i : 48);
  return zhi_date_find(s, ZHI_PRECISION_DAY, &d, &from, &to) && from == 0 ? i + (uint32_t)to : at;
}

/* Where the scan goes on behind what was found at i; *start: may a label begin there? */
static uint32_t behind(const struct zhi_ctx *c, uint32_t before, uint32_t i, bool *start) {
  *start = false;
  if (c->hit_count == before)
    return i + 1;
  const struct zhi_hit *h = &c->hits[before];
  uint32_t stop = h->date ? h->to : h->after;
  if (h->label && h->colon)
    stop = date_end(&c->flat, stop);
  *start = stop > h->after; /* 2018-03-29来源：… */
  return stop > i ? stop : i + 1;
}

/* (…) and （…） hold remarks; 【…】 and […] may hold a label that needs no colon. */
static bool is_paren(const char *p) { return *p == '(' || memcmp(p, "（", 3) == 0; }

/* May a bracket, a bar or a colon begin with this byte? Nearly none does. */
static bool may_lead(char c) {
  return c == '(' || c == '[' || c == ':' || (unsigned char)c == 0xe3 || (unsigned char)c == 0xef;
}

/* What scan_text() looks at within a text: these, breaks and bars. */
static const bool ends_run[256] = {
    1, 1, 1, 1, 1, 1, 1, 1,         1,         1,         1,         1,          1,
    1, 1, 1, 1, 1, 1, 1, 1,         1,         1,         1,         1,          1,
    1, 1, 1, 1, 1, 1, 1, ['('] = 1, ['['] = 1, [':'] = 1, ['|'] = 1, [0xe3] = 1, [0xef] = 1};

/* Bytes of a mark before a label, ·来源： or ■文号：; 0: none. */
static uint32_t bullet_at(const char *p, const char *end) {
  static const char *const marks[] = {"·", "•", "■", "▪", "●", "◆", "★", "※", "*"};
  for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
    size_t n = strlen(marks[i]);
    if ((size_t)(end - p) >= n && memcmp(p, marks[i], n) == 0)
      return (uint32_t)n;
  }
  return 0;
}

/* Try each place in text node t where a label may begin. */
static void scan_text(struct zhi_ctx *c, uint32_t t) {
  const struct zhi_flat *f = &c->flat;
  uint32_t to = f->to[t];
  const char *end = f->text + f->len;
  bool start = true;
  for (uint32_t i = zhi_flat_start(f, t); i < to;) {
    char ch = f->text[i];
    if (zhi_flat_break(ch) || ch == '|') {
      start = true;
      i++;
      continue;
    }
    if (!start && !may_lead(ch)) {
      do
        i++;
      while (i < to && !ends_run[(unsigned char)f->text[i]]);
      continue;
    }
    uint32_t n, before = c->hit_count;
    if (!start && zhi_colon_at(f->text + i, end, &n)) {
      try_glued(c, t, i, n);
      i = c->hit_count > before ? behind(c, before, i, &start) : i + n;
      continue;
    }
    n = bracket_at(f->text + i, end, true);
    if (n) {
      try_at(c, t, i + n, !is_paren(f->text + i));
      i = c->hit_count > before ? behind(c, before, i + n, &start) : i + n;
      continue;
    }
    if (to - i >= 3 && (memcmp(f->text + i, "｜", 3) == 0 || memcmp(f->text + i, "】", 3) == 0)) {
      i += 3;
      start = true;
      continue;
    }
    n = start ? bullet_at(f->text + i, f->text + to) : 0;
    if (n) {
      i += n;
      continue;
    }
    if (start) {
      try_at(c, t, i, false);
      i = behind(c, before, i, &start);
      continue;
    }
    i++;
  }
}

void zhi_scan_labels(struct zhi_ctx *c) {
  for (uint32_t i = c->html.body; i < c->html.count; i++)
    if (c->html.nodes[i].kind == ZHI_NODE_TEXT && c->flat.to[i] > c->flat.from[i])
      scan_text(c, i);
  zhi_give_values(c);
}
