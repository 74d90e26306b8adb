/* The flat text: see flat.h. One walk in document order; `open` is the innermost element around the node, and
 * leaving an element is noticed when the walk passes its end. A separator is pending until text follows. */
#include "extract/flat.h"

enum { SEP_NONE, SEP_SPACE, SEP_GAP, SEP_LINE, SEP_CELL, SEP_ROW };
static const char sep_bytes[] = {0, ' ', ZHI_GAP, '\n', '\t', '\n'};

enum { FILLER_MAX_BYTES = 24 };

struct walk {
  struct zhi_flat *f;
  int pending;
};

static bool is_inline(uint8_t tag) {
  switch (tag) {
  case ZHI_TAG_OTHER:
  case ZHI_TAG_A:
  case ZHI_TAG_ABBR:
  case ZHI_TAG_B:
  case ZHI_TAG_CODE:
  case ZHI_TAG_EM:
  case ZHI_TAG_FONT:
  case ZHI_TAG_I:
  case ZHI_TAG_IMG:
  case ZHI_TAG_INPUT:
  case ZHI_TAG_LABEL:
  case ZHI_TAG_S:
  case ZHI_TAG_SMALL:
  case ZHI_TAG_SPAN:
  case ZHI_TAG_STRONG:
  case ZHI_TAG_SUB:
  case ZHI_TAG_SUP:
  case ZHI_TAG_U:
  case ZHI_TAG_BUTTON:
  case ZHI_TAG_IFRAME:
  case ZHI_TAG_SCRIPT:
  case ZHI_TAG_STYLE:
  case ZHI_TAG_LINK:
  case ZHI_TAG_META:
  case ZHI_TAG_SELECT:
  case ZHI_TAG_OBJECT:
  case ZHI_TAG_EMBED: return true;
  default: return false;
  }
}

static bool is_left_out(uint8_t tag) {
  switch (tag) {
  case ZHI_TAG_HEAD:
  case ZHI_TAG_SCRIPT:
  case ZHI_TAG_STYLE:
  case ZHI_TAG_NOSCRIPT:
  case ZHI_TAG_SELECT:
  case ZHI_TAG_TEXTAREA:
  case ZHI_TAG_TEMPLATE:
  case ZHI_TAG_OBJECT:
  case ZHI_TAG_IFRAME: return true;
  default: return false;
  }
}

static int separator_of(uint8_t tag) {
  switch (tag) {
  case ZHI_TAG_TD:
  case ZHI_TAG_TH: return SEP_CELL;
  case ZHI_TAG_TR:
  case ZHI_TAG_TABLE: return SEP_ROW;
  default: return SEP_LINE;
  }
}

static void want(struct walk *w, int sep) {
  if (w->pending < sep)
    w->pending = sep;
}

static bool is_wide(unsigned cp) {
  return cp == 0xa0 || cp == 0x3000 || (cp >= 0x2000 && cp <= 0x200a);
}

static bool is_nothing(unsigned cp) {
  return (cp >= 0x200b && cp <= 0x200f) || cp == 0xfeff || cp == 0xad || cp == 0x2060 || cp == 0;
}

/* Up to the first byte that may be or begin white space or nothing. */
static const char *ink_end(const char *p, const char *end) {
  for (; p < end; p++) {
    unsigned char c = (unsigned char)*p;
    if (c <= ' ' || c == 0xc2 || c == 0xe2 || c == 0xe3 || c == 0xef)
      break;
  }
  return p;
}

static void put(struct walk *w, const char *p, size_t n) {
  struct zhi_flat *f = w->f;
  if (w->pending) {
    if (f->len)
      f->text[f->len++] = sep_bytes[w->pending];
    w->pending = SEP_NONE;
  }
  memcpy(f->text + f->len, p, n);
  f->len += (uint32_t)n;
}

static void add_text(struct walk *w, struct zhi_str s) {
  const char *p = s.p, *end = s.p + s.len;
  while (p < end) {
    const char *stop = ink_end(p, end);
    if (stop > p) {
      put(w, p, (size_t)(stop - p));
      p = stop;
      continue;
    }
    unsigned char c = (unsigned char)*p;
    unsigned cp = c;
    size_t n = 1;
    if (c > ' ')
      n = zhi_utf8_next(p, (size_t)(end - p), &cp);
    if (c <= ' ' || is_wide(cp)) {
      want(w, c <= ' ' ? SEP_SPACE : SEP_GAP);
      p += n;
      continue;
    }
    if (!is_nothing(cp))
      put(w, p, n);
    p += n;
  }
}

/* Is `word` in a style attribute, spaces and case aside? */
static bool style_has(struct zhi_str style, const char *word) {
  for (size_t i = 0; i < style.len; i++) {
    if ((style.p[i] | 32) != *word) /* all words begin with a letter */
      continue;
    size_t k = i;
    const char *w = word;
    while (*w && k < style.len) {
      char c = style.p[k];
      if (c >= 'A' && c <= 'Z')
        c = (char)(c | 32);
      if (c == *w)
        w++;
      else if (c > ' ')
        break;
      k++;
    }
    if (!*w)
      return true;
  }
  return false;
}

static bool is_hidden(const struct zhi_node *n) {
  if (!n->attr_count)
    return false;
  struct zhi_str style = zhi_node_attr(n, "style");
  return (style.len && style_has(style, "display:none")) || zhi_node_attr(n, "hidden").p;
}

/* Filler in a label, <span style="color:#fff">xx</span>: a short inline element that nobody sees. A hidden label,
 * 来源：, is none. */
static bool is_filler(const struct zhi_html *h, uint32_t i) {
  const struct zhi_node *n = &h->nodes[i], *t = n + 1;
  if (!n->attr_count || !is_inline(n->tag) || n->end != i + 2 || t->kind != ZHI_NODE_TEXT ||
      t->text.len > FILLER_MAX_BYTES || zhi_str_ends(zhi_str_trim(t->text), "：") ||
      zhi_str_ends(zhi_str_trim(t->text), ":"))
    return false;
  struct zhi_str style = zhi_node_attr(n, "style");
  if (!style.len)
    return false;
  if (style_has(style, "display:none") || style_has(style, "visibility:hidden") ||
      style_has(style, "opacity:0;") || style_has(style, "font-size:0"))
    return true;
  bool ascii = true;
  for (size_t k = 0; k < t->text.len; k++)
    ascii = ascii && (unsigned char)t->text.p[k] < 0x80;
  return ascii && t->text.len <= 8 &&
         (style_has(style, "color:#fff") || style_has(style, "color:white") ||
          style_has(style, "color:transparent"));
}

static void leave(struct walk *w, uint32_t i) {
  struct zhi_flat *f = w->f;
  f->to[i] = f->len;
  if (f->flags[i] & ZHI_FLAT_BLOCK)
    want(w, separator_of(f->h->nodes[i].tag));
}

static void enter(struct walk *w, uint32_t i) {
  struct zhi_flat *f = w->f;
  const struct zhi_node *n = &f->h->nodes[i];
  uint8_t up = i ? f->flags[n->parent] & (ZHI_FLAT_HIDDEN | ZHI_FLAT_LINK | ZHI_FLAT_OUT) : 0;
  f->flags[i] = up;
  if (n->kind == ZHI_NODE_ELEMENT) {
    if (n->tag == ZHI_TAG_A)
      f->flags[i] |= ZHI_FLAT_LINK;
    if (is_left_out(n->tag) || is_filler(f->h, i))
      f->flags[i] |= ZHI_FLAT_OUT;
    if (is_hidden(n))
      f->flags[i] |= ZHI_FLAT_HIDDEN;
    if (!is_inline(n->tag)) {
      f->flags[i] |= ZHI_FLAT_BLOCK;
      want(w, separator_of(n->tag));
    }
  }
  f->from[i] = f->len;
}

void zhi_flat_build(struct zhi_flat *f, struct zhi_arena *a, const struct zhi_html *h) {
  size_t bytes = 1;
  for (uint32_t i = 0; i < h->count; i++)
    if (h->nodes[i].kind == ZHI_NODE_TEXT)
      bytes += h->nodes[i].text.len + 1;
  *f = (struct zhi_flat){.a = a, .h = h, .text = zhi_arena_alloc(a, bytes)};
  f->from = zhi_arena_alloc(a, (h->count + 1) * sizeof *f->from);
  f->to = zhi_arena_alloc(a, (h->count + 1) * sizeof *f->to);
  f->link = zhi_arena_zalloc(a, (h->count + 1) * sizeof *f->link);
  f->flags = zhi_arena_alloc(a, h->count + 1);
  struct walk w = {f, SEP_NONE};
  uint32_t open = 0;
  for (uint32_t i = 0; i < h->count; i++) {
    for (; open && i >= h->nodes[open].end; open = h->nodes[open].parent)
      leave(&w, open);
    enter(&w, i);
    const struct zhi_node *n = &h->nodes[i];
    if (n->kind == ZHI_NODE_TEXT && !(f->flags[i] & ZHI_FLAT_OUT)) {
      add_text(&w, n->text);
      if (f->flags[i] & ZHI_FLAT_LINK)
        f->link[i] = f->len - f->from[i];
    }
    f->to[i] = f->len;
    if (n->kind == ZHI_NODE_ELEMENT || i == 0)
      open = i;
  }
  for (; open; open = h->nodes[open].parent)
    leave(&w, open);
  if (h->count)
    f->to[0] = f->len;
  for (uint32_t i = h->count; i-- > 1;)
    f->link[h->nodes[i].parent] += f->link[i];
  f->text[f->len] = '\0';
}

uint32_t zhi_flat_block(const struct zhi_flat *f, uint32_t i) {
  while (i && !zhi_is_block(f, i))
    i = f->h->nodes[i].parent;
  return i;
}
