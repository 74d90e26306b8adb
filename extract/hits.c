/* Labels in the flat text, and the ranges of their values.
 *
 * All of the label/value idioms come down to one question: a known word stands at the beginning of a piece of
 * text (after a tag, a wide gap, a line, a bracket or a bar) and is ended by a colon, a bracket or the end of
 * its element; where does its value end? Two passes: the first finds the labels (and dates that stand alone,
 * and unknown labels, which both end a value), the second gives each label what lies between it and the next
 * one: the rest of its block, or the next cell, or the next sibling. Runs of labels that follow one another
 * with nothing foreign between tell an information table from a word in a sentence. */
#include "extract/ctx.h"

enum {
  LABEL_CHARS = 14,
  VALUE_MAX = 600,
  FAR_MAX = 240,
  RUN_GAP = 36,
  HITS_MAX = 4000,
  SCRIPT_BYTES_MAX = 4 << 20
};

struct reading {
  uint32_t after;
  const struct zhi_label *label;
  bool colon;
};

static bool is_colon_at(const char *p, const char *end, uint32_t *n) {
  if (p < end && *p == ':')
    return *n = 1, true;
  if (end - p >= 3 &&
      (memcmp(p, "：", 3) == 0 || memcmp(p, "∶", 3) == 0 || memcmp(p, "﹕", 3) == 0))
    return *n = 3, true;
  return false;
}

/* A colon and nothing else, as in a cell of its own. */
static bool is_colon(struct zhi_str s) {
  uint32_t n;
  return is_colon_at(s.p, s.p + s.len, &n) && n == s.len;
}

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
  return (uint32_t)((q < end && is_colon_at(q, end, &n) ? q + n : p) - f->text);
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
    bool colon = is_colon_at(p, end, &n) || (bracketed && (n = bracket_at(p, end, false)) > 0);
    if (colon) {
      const struct zhi_label *l = zhi_label_get(c->labels, zhi_str_n(w.buf, w.len));
      if (!l && !(w.han && !w.gap && w.chars >= 2 && w.chars <= 10))
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

/* Does the text at pos follow the last label at once, as its value? */
static bool follows_label(const struct zhi_ctx *c, uint32_t pos) {
  if (!c->hit_count)
    return false;
  const struct zhi_hit *last = &c->hits[c->hit_count - 1];
  uint32_t at = last->after;
  uint32_t n = 0;
  while (at < pos && (zhi_flat_break(c->flat.text[at]) ||
                      is_colon_at(c->flat.text + at, c->flat.text + pos, &n)))
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

/* May a bracket or a bar begin with this byte? Nearly none does. */
static bool may_lead(char c) {
  return c == '(' || c == '[' || (unsigned char)c == 0xe3 || (unsigned char)c == 0xef;
}

/* What scan_text() looks at within a text: these, breaks and bars. */
static const bool ends_run[256] = {
    1, 1, 1, 1, 1, 1, 1, 1,         1,         1,         1,          1,         1,
    1, 1, 1, 1, 1, 1, 1, 1,         1,         1,         1,          1,         1,
    1, 1, 1, 1, 1, 1, 1, ['('] = 1, ['['] = 1, ['|'] = 1, [0xe3] = 1, [0xef] = 1};

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
    uint32_t n = bracket_at(f->text + i, end, true), before = c->hit_count;
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
    if (start) {
      try_at(c, t, i, false);
      i = behind(c, before, i, &start);
      continue;
    }
    i++;
  }
}

/* --- values ---------------------------------------------------------------------------------------- */

/* Climb while the parent holds nothing but this element's text. */
static uint32_t widest(const struct zhi_flat *f, uint32_t i) {
  for (int k = 0; k < 4; k++) {
    uint32_t p = f->h->nodes[i].parent;
    if (!p || p == f->h->body || f->to[p] != f->to[i] ||
        zhi_flat_start(f, p) != zhi_flat_start(f, i))
      break;
    i = p;
  }
  return i;
}

static void set_value(struct zhi_hit *h, const struct zhi_flat *f, uint32_t from, uint32_t to) {
  while (from < to && zhi_flat_break(f->text[from]))
    from++;
  while (from < to && zhi_flat_break(f->text[to - 1]))
    to--;
  h->from = from;
  h->to = to;
}

static bool is_cell(uint8_t tag) { return tag == ZHI_TAG_TD || tag == ZHI_TAG_TH; }

static const char *source_of(uint8_t tag) {
  switch (tag) {
  case ZHI_TAG_TD:
  case ZHI_TAG_TH:
  case ZHI_TAG_TR: return "table";
  case ZHI_TAG_LI: return "list";
  case ZHI_TAG_DT:
  case ZHI_TAG_DD: return "dl";
  default: return "inline";
  }
}

/* The element whose text is the value of a label that fills `block`: next cell, dd or sibling; 0: none. */
static uint32_t element_beside(const struct zhi_hit *h, const struct zhi_flat *f, uint32_t *block) {
  const struct zhi_html *html = f->h;
  uint8_t tag = html->nodes[*block].tag;
  if (h->colon && tag == ZHI_TAG_P)
    return 0;
  uint32_t sib = zhi_html_next_sibling(html, *block);
  if (!sib && !is_cell(tag) && tag != ZHI_TAG_DT) {
    *block = widest(f, *block);
    sib =
        html->nodes[*block].tag == ZHI_TAG_LI && h->colon ? 0 : zhi_html_next_sibling(html, *block);
    tag = html->nodes[*block].tag;
  }
  if (sib && is_cell(tag) && is_colon(zhi_flat_text(f, sib)))
    sib = zhi_html_next_sibling(html, sib);
  if (!sib || html->nodes[sib].tag == ZHI_TAG_SCRIPT)
    return 0;
  if (is_cell(tag) && !is_cell(html->nodes[sib].tag))
    return 0;
  if (tag == ZHI_TAG_LI && h->colon &&
      zhi_str_eq(zhi_node_attr(&html->nodes[*block], "class"),
                 zhi_node_attr(&html->nodes[sib], "class")))
    return 0;
  return sib;
}

static void value_beside(struct zhi_hit *h, const struct zhi_flat *f, uint32_t block,
                         uint32_t next_pos) {
  uint32_t sib = element_beside(h, f, &block);
  uint8_t tag = f->h->nodes[block].tag;
  h->source = source_of(tag);
  if (!sib)
    return;
  uint32_t from = zhi_flat_start(f, sib), to = f->to[sib];
  if (next_pos < to)
    to = next_pos < from ? from : next_pos;
  if (to - from > VALUE_MAX * 3)
    return;
  h->value_cell = is_cell(tag) || tag == ZHI_TAG_DT;
  h->beside = !h->value_cell;
  if (tag == f->h->nodes[sib].tag && (tag == ZHI_TAG_LI || tag == ZHI_TAG_DIV))
    h->value_cell = !zhi_str_eq(zhi_node_attr(&f->h->nodes[block], "class"),
                                zhi_node_attr(&f->h->nodes[sib], "class"));
  set_value(h, f, from, to);
  h->far = !h->value_cell && tag != ZHI_TAG_DIV && tag != ZHI_TAG_LI;
}

/* The value in the rest of the label's block, up to the next label or the end of its first line. */
static bool value_inside(struct zhi_hit *h, const struct zhi_flat *f, uint32_t block,
                         uint32_t next_pos) {
  uint32_t to = f->to[block] < next_pos ? f->to[block] : next_pos, from = h->after;
  uint8_t tag = f->h->nodes[block].tag;
  bool line = false;
  while (from < to && zhi_flat_break(f->text[from])) {
    line = line || f->text[from] == '\n' || f->text[from] == '\t';
    from++;
  }
  if (from >= to)
    return to == next_pos && next_pos < f->to[block]; /* another label follows at once: empty */
  uint32_t stop = from;
  while (stop < to && f->text[stop] != '\n' && f->text[stop] != '\t')
    stop++;
  h->source = source_of(tag);
  if (line &&
      (stop - from > FAR_MAX || (tag != ZHI_TAG_LI && zhi_flat_len(f, block) > FAR_MAX * 4)))
    return true;
  h->far = line;
  set_value(h, f, from, stop);
  return true;
}

static void give_value(struct zhi_ctx *c, uint32_t k) {
  const struct zhi_flat *f = &c->flat;
  struct zhi_hit *h = &c->hits[k];
  uint32_t next_pos = f->len;
  for (uint32_t j = k + 1; j < c->hit_count && next_pos == f->len; j++)
    if (c->hits[j].pos >= h->after)
      next_pos = c->hits[j].pos;
  if (h->date)
    return;
  uint32_t block = h->elem && zhi_is_block(f, h->elem) ? h->elem : zhi_flat_block(f, h->node);
  uint8_t tag = h->elem ? f->h->nodes[h->elem].tag : 0;
  if (h->elem && (is_cell(tag) || tag == ZHI_TAG_DT))
    value_beside(h, f, h->elem, next_pos);
  else if (!value_inside(h, f, block, next_pos))
    value_beside(h, f, block, next_pos);
}

/* What scripts fill in before the next label. True: a script stands in the label's block, though it may fill in
 * nothing. */
static bool written_value(struct zhi_ctx *c, uint32_t k, size_t *left) {
  struct zhi_hit *h = &c->hits[k];
  uint32_t block = zhi_flat_block(&c->flat, h->node), end = c->html.nodes[block].end;
  uint32_t next = k + 1 < c->hit_count ? c->hits[k + 1].node : c->html.count;
  bool own = zhi_script_value(&c->html, h->node, next < end ? next : end, left, &h->written);
  uint32_t beside = own || h->beside ? 0 : element_beside(h, &c->flat, &block);
  if (beside && beside < next) {
    end = c->html.nodes[beside].end;
    zhi_script_value(&c->html, beside, next < end ? next : end, left, &h->written);
  }
  if (h->written.p)
    h->source = "script";
  return own;
}

/* Brackets, bars and colons that belong to what follows or encloses. */
static void trim_value(struct zhi_hit *h, const struct zhi_flat *f) {
  static const char *const tails[] = {"【", "［", "（", "〔", "[",  "(",
                                      "|",  "｜", "·",  "/",  "丨", "："};
  for (bool again = true; again && h->from < h->to;) {
    again = false;
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
      uint32_t n = (uint32_t)strlen(tails[i]);
      if (h->to - h->from >= n && memcmp(f->text + h->to - n, tails[i], n) == 0) {
        h->to -= n;
        again = true;
      }
    }
    while (h->from < h->to && zhi_flat_break(f->text[h->to - 1]))
      h->to--;
  }
  static const char *const pairs[][2] = {{"）", "（"}, {"】", "【"}, {")", "("}, {"]", "["}};
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs;
       i++) { /* a closing bracket that was opened before */
    struct zhi_str v = zhi_str_n(f->text + h->from, h->to - h->from);
    if (zhi_str_ends(v, pairs[i][0]) && !zhi_str_find(v, zhi_str_of(pairs[i][1])))
      h->to -= (uint32_t)strlen(pairs[i][0]);
  }
  uint32_t n;
  while (h->from < h->to && is_colon_at(f->text + h->from, f->text + h->to, &n))
    h->from += n;
  while (h->from < h->to && zhi_flat_break(f->text[h->from]))
    h->from++;
}

/* The next row, from thead on to tbody. */
static uint32_t row_below(const struct zhi_html *html, uint32_t row) {
  uint32_t below = zhi_html_next_sibling(html, row), part = html->nodes[row].parent;
  if (!below && zhi_node_is(&html->nodes[part], ZHI_TAG_THEAD) &&
      (part = zhi_html_next_sibling(html, part)) != 0)
    below = zhi_html_first_child(html, part);
  return below && zhi_node_is(&html->nodes[below], ZHI_TAG_TR) ? below : 0;
}

/* A row of labels over a row of values: pair them by column. */
static void header_row(struct zhi_ctx *c, uint32_t k) {
  const struct zhi_flat *f = &c->flat;
  const struct zhi_html *html = f->h;
  uint32_t row = html->nodes[c->hits[k].elem].parent, n = 0, cells = 0;
  if (!zhi_node_is(&html->nodes[row], ZHI_TAG_TR))
    return;
  while (k + n < c->hit_count && c->hits[k + n].elem &&
         html->nodes[c->hits[k + n].elem].parent == row)
    n++;
  for (uint32_t i = zhi_html_first_child(html, row); i; i = zhi_html_next_sibling(html, i))
    cells++;
  uint32_t below = row_below(html, row);
  uint32_t next = k + n;
  while (next < c->hit_count && c->hits[next].date) /* a value, no label */
    next++;
  if (n < 3 || cells != n || !below || (next < c->hit_count && c->hits[next].pos < f->to[below]))
    return;
  uint32_t i = zhi_html_first_child(html, below);
  for (uint32_t j = 0; j < n && i; j++, i = zhi_html_next_sibling(html, i)) {
    c->hits[k + j].value_cell = true;
    set_value(&c->hits[k + j], f, zhi_flat_start(f, i), f->to[i]);
  }
}

static void header_rows(struct zhi_ctx *c) {
  uint32_t row = 0;
  for (uint32_t k = 0; k < c->hit_count; k++) {
    const struct zhi_hit *h = &c->hits[k];
    uint32_t mine = h->elem && h->label ? c->html.nodes[h->elem].parent : 0;
    if (mine && mine != row)
      header_row(c, k);
    row = mine;
  }
}

/* How much foreign text lies in [from, to)? Separators do not count. */
static uint32_t foreign(const struct zhi_flat *f, uint32_t from, uint32_t to) {
  uint32_t n = 0;
  for (uint32_t i = from; i < to && n <= RUN_GAP; i++)
    n += !zhi_flat_break(f->text[i]) && f->text[i] != '|';
  return n;
}

static void number_runs(struct zhi_ctx *c) {
  uint32_t run = 0, end = 0;
  for (uint32_t k = 0; k < c->hit_count; k++) {
    struct zhi_hit *h = &c->hits[k];
    if (k && h->pos > end && foreign(&c->flat, end, h->pos) > RUN_GAP)
      run++;
    h->run = run;
    uint32_t mine = h->to > h->after ? h->to : h->after;
    end = mine > end ? mine : end;
  }
}

void zhi_scan_labels(struct zhi_ctx *c) {
  for (uint32_t i = c->html.body; i < c->html.count; i++)
    if (c->html.nodes[i].kind == ZHI_NODE_TEXT && c->flat.to[i] > c->flat.from[i])
      scan_text(c, i);
  size_t left = SCRIPT_BYTES_MAX;
  for (uint32_t k = 0; k < c->hit_count; k++) {
    struct zhi_hit *h = &c->hits[k];
    give_value(c, k);
    if ((h->from == h->to || h->beside) && h->label && h->colon && written_value(c, k, &left))
      h->from = h->to = h->after; /* what stands beside is not what a script fills in */
  }
  header_rows(c);
  for (uint32_t k = 0; k < c->hit_count; k++)
    if (!c->hits[k].date)
      trim_value(&c->hits[k], &c->flat);
  number_runs(c);
}
