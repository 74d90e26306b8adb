/* HTML tree: one HTML5 parse (Gumbo) of a page, flattened into an array in document order.
 *
 * Node 0 is the document. Children of node i lie in (i, nodes[i].end): the whole subtree is one range, so a
 * walk is a loop. Everything lives in the arena given; on a spent budget the parser longjmps out through
 * it (arena.h). Only html.c sees Gumbo. Thread: the arena's owner. */
#ifndef ZHI_HTML_H
#define ZHI_HTML_H

#include <stdbool.h>
#include <stdint.h>

#include "zhi/arena.h"
#include "zhi/str.h"

/* Tags the program looks at; everything else is OTHER (its name is in `name`). */
// clang-format off
#define ZHI_TAGS(X) \
  X(A) X(ABBR) X(ADDRESS) X(AREA) X(ARTICLE) X(ASIDE) X(AUDIO) X(B) X(BASE) X(BLOCKQUOTE) \
  X(BODY) X(BR) X(BUTTON) X(CAPTION) X(CENTER) X(CODE) X(COL) X(COLGROUP) X(DD) X(DIV) X(DL) \
  X(DT) X(EM) X(EMBED) X(FIELDSET) X(FIGCAPTION) X(FIGURE) X(FONT) X(FOOTER) X(FORM) X(FRAME) \
  X(FRAMESET) X(H1) X(H2) X(H3) X(H4) X(H5) X(H6) X(HEAD) X(HEADER) X(HR) X(HTML) X(I) \
  X(IFRAME) X(IMG) X(INPUT) X(LABEL) X(LEGEND) X(LI) X(LINK) X(MAIN) X(MAP) X(META) X(NAV) \
  X(NOSCRIPT) X(OBJECT) X(OL) X(OPTGROUP) X(OPTION) X(P) X(PARAM) X(PRE) X(S) X(SCRIPT) \
  X(SECTION) X(SELECT) X(SMALL) X(SOURCE) X(SPAN) X(STRONG) X(STYLE) X(SUB) X(SUP) X(TABLE) \
  X(TBODY) X(TD) X(TEMPLATE) X(TEXTAREA) X(TFOOT) X(TH) X(THEAD) X(TITLE) X(TR) X(TRACK) X(U) \
  X(UL) X(VIDEO)
// clang-format on

enum zhi_tag {
  ZHI_TAG_OTHER,
#define X(t) ZHI_TAG_##t,
  ZHI_TAGS(X)
#undef X
      ZHI_TAG_COUNT
};

enum zhi_node_kind { ZHI_NODE_DOCUMENT, ZHI_NODE_ELEMENT, ZHI_NODE_TEXT, ZHI_NODE_COMMENT };

struct zhi_attr {
  struct zhi_str name;  /* lower case */
  struct zhi_str value; /* character references decoded */
};

struct zhi_node {
  uint8_t kind; /* enum zhi_node_kind */
  uint8_t tag;  /* enum zhi_tag, elements only */
  uint16_t attr_count;
  uint32_t parent;     /* index; 0 for children of the document */
  uint32_t end;        /* one past the last node of the subtree */
  uint32_t offset;     /* byte offset in the source text, 0 when implied */
  struct zhi_str text; /* text and comments: content; elements: the tag's name, lower case */
  const struct zhi_attr *attrs;
};

struct zhi_html {
  const struct zhi_node *nodes;
  uint32_t count;
  uint32_t head, body; /* indexes, 0 when missing */
};

/* Parse UTF-8 text. Never fails but through the arena's escape, which must be set. */
void zhi_html_parse(struct zhi_arena *a, struct zhi_str text, struct zhi_html *out);
/* The attribute's value; the NULL view when it is not there. */
static inline struct zhi_str zhi_node_attr(const struct zhi_node *n, const char *name) {
  for (unsigned i = 0; i < n->attr_count; i++)
    if (zhi_str_is(n->attrs[i].name, name))
      return n->attrs[i].value;
  return ZHI_STR_NONE;
}
static inline bool zhi_node_is(const struct zhi_node *n, enum zhi_tag tag) {
  return n->kind == ZHI_NODE_ELEMENT && n->tag == tag;
}
/* First element child / next sibling of i within its parent; 0 when there is none. */
uint32_t zhi_html_first_child(const struct zhi_html *h, uint32_t i);
uint32_t zhi_html_next_sibling(const struct zhi_html *h, uint32_t i);
/* All text below i, scripts, styles and comments left out; white space runs (incl. U+00A0, U+3000), <br> and the
 * edges of block elements become one space; trimmed; in the arena. i may also be a text node, or a script (then
 * its own text). */
struct zhi_str zhi_html_text(struct zhi_arena *a, const struct zhi_html *h, uint32_t i);
/* The same, cut to at most `max` bytes at a character's edge, and looking at no more than `max` nodes: for labels,
 * which unclosed elements can make as long as the page. */
struct zhi_str zhi_html_text_max(struct zhi_arena *a, const struct zhi_html *h, uint32_t i,
                                 size_t max);

#endif
