/* What each label says: the second pass over the hits.
 *
 * A label has what lies between it and the next one: the rest of its block, or the next cell, or the next sibling,
 * or text that stands loose behind its block; for a row of labels, the cell below. What a script fills in counts where
 * nothing stands. Last, hits that follow one another are numbered as runs. */
#include "extract/hits.h"

enum { FAR_MAX = 240, RUN_GAP = 36, SCRIPT_BYTES_MAX = 4 << 20 };

/* A colon and nothing else, as in a cell of its own. */
static bool is_colon(struct zhi_str s) {
  uint32_t n;
  return zhi_colon_at(s.p, s.p + s.len, &n) && n == s.len;
}

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

/* Are a paragraph and the next one all that their parent holds? A label alone in a paragraph among others says nothing. */
static bool is_pair(const struct zhi_html *html, uint32_t p) {
  uint32_t parent = html->nodes[p].parent, next = zhi_html_next_sibling(html, p);
  return parent && zhi_html_first_child(html, parent) == p && next &&
         !zhi_html_next_sibling(html, next);
}

/* The element whose text is the value of a label that fills `block`: next cell, dd or sibling; 0: none. */
static uint32_t element_beside(const struct zhi_hit *h, const struct zhi_flat *f, uint32_t *block) {
  const struct zhi_html *html = f->h;
  uint8_t tag = html->nodes[*block].tag;
  if (h->colon && tag == ZHI_TAG_P && !is_pair(html, *block))
    return 0;
  uint32_t sib = zhi_html_next_sibling(html, *block);
  if (!sib && !zhi_is_cell(tag) && tag != ZHI_TAG_DT) {
    *block = widest(f, *block);
    sib =
        html->nodes[*block].tag == ZHI_TAG_LI && h->colon ? 0 : zhi_html_next_sibling(html, *block);
    tag = html->nodes[*block].tag;
  }
  if (sib && zhi_is_cell(tag) && is_colon(zhi_flat_text(f, sib)))
    sib = zhi_html_next_sibling(html, sib);
  if (!sib || html->nodes[sib].tag == ZHI_TAG_SCRIPT)
    return 0;
  if (zhi_is_cell(tag) && !zhi_is_cell(html->nodes[sib].tag))
    return 0;
  if (tag == ZHI_TAG_LI && h->colon &&
      zhi_str_eq(zhi_node_attr(&html->nodes[*block], "class"),
                 zhi_node_attr(&html->nodes[sib], "class")))
    return 0;
  return sib;
}

/* Text that stands loose behind the label's own block: <div><div>来源：</div>某报</div>. */
static bool value_loose(struct zhi_hit *h, const struct zhi_flat *f, uint32_t block,
                        uint32_t next_pos) {
  const struct zhi_html *html = f->h;
  uint32_t i = html->nodes[block].end, stop = html->nodes[html->nodes[block].parent].end;
  uint8_t tag = html->nodes[block].tag;
  if (!h->colon || tag == ZHI_TAG_P || zhi_is_cell(tag))
    return false;
  while (i < stop && html->nodes[i].kind != ZHI_NODE_ELEMENT && f->to[i] == f->from[i])
    i++;
  if (i >= stop || html->nodes[i].kind != ZHI_NODE_TEXT || next_pos < f->to[i])
    return false;
  uint32_t from = zhi_flat_start(f, i), to = f->to[i];
  while (i < stop && !zhi_is_block(f, i)) {
    to = f->to[i] > to ? f->to[i] : to;
    i = html->nodes[i].kind == ZHI_NODE_ELEMENT ? html->nodes[i].end : i + 1;
  }
  if (to > next_pos)
    to = next_pos;
  if (to <= from || to - from > FAR_MAX)
    return false;
  set_value(h, f, from, to);
  return true;
}

static void value_beside(struct zhi_hit *h, const struct zhi_flat *f, uint32_t block,
                         uint32_t next_pos) {
  if (value_loose(h, f, block, next_pos))
    return;
  uint32_t sib = element_beside(h, f, &block);
  uint8_t tag = f->h->nodes[block].tag;
  h->source = source_of(tag);
  if (!sib)
    return;
  uint32_t from = zhi_flat_start(f, sib), to = f->to[sib];
  if (next_pos < to)
    to = next_pos < from ? from : next_pos;
  if (to - from > ZHI_VALUE_MAX * 3)
    return;
  h->value_cell = zhi_is_cell(tag) || tag == ZHI_TAG_DT;
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
  if (h->elem && (zhi_is_cell(tag) || tag == ZHI_TAG_DT))
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
  static const char *const tails[] = {"【", "［", "（", "〔", "[",  "(",  "|",
                                      "｜", "·",  "/",  "丨", "：", "；", ";"};
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
  while (h->from < h->to && zhi_colon_at(f->text + h->from, f->text + h->to, &n))
    h->from += n;
  while (h->from < h->to && zhi_flat_break(f->text[h->from]))
    h->from++;
}

/* The next row, from thead on to tbody; of divs, spans or items the next element of its kind. */
static uint32_t row_below(const struct zhi_html *html, uint32_t row) {
  uint32_t below = zhi_html_next_sibling(html, row), part = html->nodes[row].parent;
  if (!below && zhi_node_is(&html->nodes[part], ZHI_TAG_THEAD) &&
      (part = zhi_html_next_sibling(html, part)) != 0)
    below = zhi_html_first_child(html, part);
  return below && zhi_node_is(&html->nodes[below], html->nodes[row].tag) ? below : 0;
}

static uint32_t count_children(const struct zhi_html *html, uint32_t i) {
  uint32_t n = 0;
  for (uint32_t k = zhi_html_first_child(html, i); k; k = zhi_html_next_sibling(html, k))
    n++;
  return n;
}

/* May `below` hold the values of n labels? Two labels may be label and value; what is no table may be tabs and panes. */
static bool holds_values(const struct zhi_ctx *c, const struct zhi_hit *h, uint32_t n,
                         uint32_t below) {
  const struct zhi_html *html = c->flat.h;
  bool table = html->nodes[below].tag == ZHI_TAG_TR;
  if (n < (table ? 2 : 3) || (!table && count_children(html, below) != n))
    return false;
  for (uint32_t i = 0; i < n && n == 2; i++)
    if (!h[i].label || h[i].label->cls != ZHI_LABEL_STRONG)
      return false;
  for (uint32_t i = zhi_html_first_child(html, below); i && !table;
       i = zhi_html_next_sibling(html, i))
    if (zhi_flat_len(&c->flat, i) > FAR_MAX || c->flat.link[i])
      return false;
  return true;
}

/* A row of labels over a row of values: pair them by column. */
static void header_row(struct zhi_ctx *c, uint32_t k) {
  const struct zhi_flat *f = &c->flat;
  const struct zhi_html *html = f->h;
  uint32_t row = html->nodes[c->hits[k].elem].parent, n = 0;
  while (k + n < c->hit_count && c->hits[k + n].elem &&
         html->nodes[c->hits[k + n].elem].parent == row)
    n++;
  if (n < 2 || row == html->body || count_children(html, row) != n)
    return;
  uint32_t below = row_below(html, row), next = k + n;
  while (next < c->hit_count && c->hits[next].date) /* a value, no label */
    next++;
  if (!below || (next < c->hit_count && c->hits[next].pos < f->to[below]) ||
      !holds_values(c, &c->hits[k], n, below))
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

void zhi_give_values(struct zhi_ctx *c) {
  size_t left = SCRIPT_BYTES_MAX;
  for (uint32_t k = 0; k < c->hit_count; k++) {
    struct zhi_hit *h = &c->hits[k];
    give_value(c, k);
    if ((h->from == h->to || h->beside) && h->label && (h->colon || h->value_cell) &&
        written_value(c, k, &left))
      h->from = h->to = h->after; /* what stands beside is not what a script fills in */
  }
  header_rows(c);
  for (uint32_t k = 0; k < c->hit_count; k++)
    if (!c->hits[k].date)
      trim_value(&c->hits[k], &c->flat);
  number_runs(c);
}
