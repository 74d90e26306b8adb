/* HTML tree: Gumbo's parse, flattened into one preorder array.
 *
 * Gumbo is kept on a leash. It allocates from the page's arena and frees nothing, so a spent budget may
 * longjmp out of it at any allocation and the arena takes all back; max_errors = 0, because its error list
 * holds a copy of the stack of open elements for each error. Its only recursion is where a <frameset> throws
 * away the body built so far, which is bounded here by the number of tags. Flattening keeps its own stack
 * (depth is the attacker's choice), copies attributes into one block per element, and joins neighbouring
 * text nodes, which foster parenting leaves apart.
 * Foreign elements (SVG, MathML) are OTHER, so that an icon's <title> is not taken for the page's. */
#include "zhi/html.h"

#include <gumbo.h>
#include <stdint.h>

#include "extract/condense.h"
#include "extract/html_whole.h"

enum {
  FRAMESET_MAX_TAGS = 10000, /* bounds the recursion described above: under 2 MB of stack */
  FIRST_DEPTH = 64
};

static const uint8_t tag_of[GUMBO_TAG_LAST + 1] = {
#define X(t) [GUMBO_TAG_##t] = ZHI_TAG_##t,
    ZHI_TAGS(X)
#undef X
};

struct parse {
  struct zhi_arena *arena;
  size_t gumbo_nodes; /* allocations of a node's size: an upper bound of the nodes in the tree */
};

static void *gumbo_take(void *user, size_t n) {
  struct parse *p = user;
  p->gumbo_nodes += n == sizeof(GumboNode);
  return zhi_arena_alloc(p->arena, n);
}

static void gumbo_drop(void *user, void *ptr) {
  (void)user;
  (void)ptr;
}

/* --- flattening ------------------------------------------------------------------------------------ */

struct level {
  const GumboVector *children;
  unsigned next;  /* child to look at next */
  uint32_t index; /* of the parent in the array */
};

struct flat {
  struct zhi_arena *arena;
  struct zhi_condensed *source;
  struct zhi_node *nodes;
  uint32_t count, cap;
  struct level *stack;
  size_t depth, depth_cap;
  uint32_t head, body;
};

static struct zhi_node *node_add(struct flat *f, enum zhi_node_kind kind, uint32_t parent) {
  if (f->count == f->cap) {
    size_t cap = (size_t)f->cap * 2;
    f->nodes =
        zhi_arena_grow(f->arena, f->nodes, f->cap * sizeof *f->nodes, cap * sizeof *f->nodes);
    f->cap = (uint32_t)cap;
  }
  struct zhi_node *n = &f->nodes[f->count++];
  *n = (struct zhi_node){.kind = (uint8_t)kind, .parent = parent, .end = f->count};
  return n;
}

static uint32_t source_offset(struct flat *f, const char *p) {
  struct zhi_str text = f->source->text;
  return p && p >= text.p && p < text.p + text.len
             ? zhi_condensed_offset(f->source, (uint32_t)(p - text.p))
             : 0;
}

static struct zhi_str whole(struct flat *f, const char *s) {
  return zhi_condensed_expand(f->arena, f->source, zhi_str_of(s));
}

static bool is_text(const GumboNode *g) {
  return g->type == GUMBO_NODE_TEXT || g->type == GUMBO_NODE_WHITESPACE ||
         g->type == GUMBO_NODE_CDATA;
}

/* Text nodes from children[i] on, joined; returns how many there were. */
static unsigned add_text(struct flat *f, const struct level *l) {
  const GumboNode *first = l->children->data[l->next];
  unsigned end = l->next + 1;
  while (end < l->children->length && is_text(l->children->data[end]))
    end++;
  struct zhi_str text = zhi_str_of(first->v.text.text);
  if (end - l->next > 1) {
    size_t total = 0, at = 0;
    for (unsigned i = l->next; i < end; i++)
      total += strlen(((const GumboNode *)l->children->data[i])->v.text.text);
    char *joined = zhi_arena_alloc(f->arena, total + 1);
    for (unsigned i = l->next; i < end; i++) {
      const char *part = ((const GumboNode *)l->children->data[i])->v.text.text;
      size_t n = strlen(part);
      memcpy(joined + at, part, n);
      at += n;
    }
    joined[at] = '\0';
    text = zhi_str_n(joined, at);
  }
  struct zhi_node *n = node_add(f, ZHI_NODE_TEXT, l->index);
  n->text = zhi_condensed_expand(f->arena, f->source, text);
  n->offset = source_offset(f, first->v.text.original_text.data);
  return end - l->next;
}

static void add_comment(struct flat *f, const GumboNode *g, uint32_t parent) {
  struct zhi_node *n = node_add(f, ZHI_NODE_COMMENT, parent);
  n->text = whole(f, g->v.text.text);
  n->offset = source_offset(f, g->v.text.original_text.data);
}

/* The name of an element that Gumbo has no number for, or of a foreign one, lower-cased. */
static struct zhi_str unknown_name(struct flat *f, const GumboElement *e) {
  GumboStringPiece piece = e->original_tag;
  if (!piece.data || piece.length < 2)
    return zhi_str_of(gumbo_normalized_tagname(e->tag));
  uint32_t from = source_offset(f, piece.data);
  uint32_t to = source_offset(f, piece.data + piece.length - 1) + 1;
  piece = (GumboStringPiece){f->source->source.p + from, to - from};
  gumbo_tag_from_original_text(&piece);
  char *name = zhi_arena_alloc(f->arena, piece.length + 1);
  for (size_t i = 0; i < piece.length; i++) {
    char c = piece.data[i];
    name[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
  }
  name[piece.length] = '\0';
  return zhi_str_n(name, piece.length);
}

static const struct zhi_attr *copy_attrs(struct flat *f, const GumboVector *v, uint16_t *count) {
  *count = v->length > UINT16_MAX ? UINT16_MAX : (uint16_t)v->length;
  if (!*count)
    return NULL;
  if (*count == 1) {
    uint16_t n;
    const struct zhi_attr *all =
        zhi_condensed_attrs(f->arena, f->source, ((const GumboAttribute *)v->data[0])->name, &n);
    if (all) {
      *count = n;
      return all;
    }
  }
  struct zhi_attr *attrs = zhi_arena_alloc(f->arena, *count * sizeof *attrs);
  for (unsigned i = 0; i < *count; i++) {
    const GumboAttribute *g = v->data[i];
    attrs[i].name = zhi_str_of(g->name);
    attrs[i].value = whole(f, g->value);
  }
  return attrs;
}

static void push(struct flat *f, const GumboVector *children, uint32_t index) {
  if (f->depth == f->depth_cap) {
    size_t cap = f->depth_cap * 2;
    f->stack =
        zhi_arena_grow(f->arena, f->stack, f->depth_cap * sizeof *f->stack, cap * sizeof *f->stack);
    f->depth_cap = cap;
  }
  f->stack[f->depth++] = (struct level){children, 0, index};
}

static void add_element(struct flat *f, const GumboNode *g, uint32_t parent) {
  const GumboElement *e = &g->v.element;
  uint32_t index = f->count;
  struct zhi_node *n = node_add(f, ZHI_NODE_ELEMENT, parent);
  bool html = e->tag_namespace == GUMBO_NAMESPACE_HTML;
  uint8_t tag = tag_of[e->tag];
  if (!html && tag != ZHI_TAG_A && tag != ZHI_TAG_SCRIPT && tag != ZHI_TAG_STYLE)
    tag = ZHI_TAG_OTHER;
  n->tag = tag;
  n->text = html && e->tag != GUMBO_TAG_UNKNOWN ? zhi_str_of(gumbo_normalized_tagname(e->tag))
                                                : unknown_name(f, e);
  n->offset = source_offset(f, e->original_tag.data);
  n->attrs = copy_attrs(f, &e->attributes, &n->attr_count);
  if (tag == ZHI_TAG_HEAD && !f->head)
    f->head = index;
  if (tag == ZHI_TAG_BODY && !f->body)
    f->body = index;
  push(f, &e->children, index);
}

static void flatten(struct flat *f, const GumboNode *document) {
  node_add(f, ZHI_NODE_DOCUMENT, 0);
  push(f, &document->v.document.children, 0);
  while (f->depth) {
    struct level *l = &f->stack[f->depth - 1];
    if (l->next >= l->children->length) {
      f->nodes[l->index].end = f->count;
      f->depth--;
      continue;
    }
    const GumboNode *g = l->children->data[l->next];
    if (is_text(g)) {
      l->next += add_text(f, l);
      continue;
    }
    l->next++;
    if (g->type == GUMBO_NODE_COMMENT)
      add_comment(f, g, l->index);
    else if (g->type == GUMBO_NODE_ELEMENT || g->type == GUMBO_NODE_TEMPLATE)
      add_element(f, g, l->index);
  }
}

static bool frameset_is_too_deep(struct zhi_str text) {
  bool frameset = false;
  size_t tags = 0;
  for (const char *p = text.p, *end = p + text.len; (p = memchr(p, '<', (size_t)(end - p))); p++) {
    tags++;
    if (!frameset && end - p > 9 && (p[1] | 0x20) == 'f')
      frameset = zhi_str_iis(zhi_str_n(p + 1, 8), "frameset");
  }
  return frameset && tags > FRAMESET_MAX_TAGS;
}

static void build(struct zhi_arena *a, struct zhi_condensed *source, struct zhi_html *out) {
  if (frameset_is_too_deep(source->text))
    zhi_arena_alloc(a, SIZE_MAX); /* never returns: over any budget */
  struct parse parse = {.arena = a};
  GumboOptions options = kGumboDefaultOptions;
  options.allocator = gumbo_take;
  options.deallocator = gumbo_drop;
  options.userdata = &parse;
  options.max_errors = 0;
  const GumboOutput *g = gumbo_parse_with_options(&options, source->text.p, source->text.len);
  struct flat f = {.arena = a, .source = source};
  f.cap = (uint32_t)(parse.gumbo_nodes + 1);
  f.nodes = zhi_arena_alloc(a, f.cap * sizeof *f.nodes);
  f.depth_cap = FIRST_DEPTH;
  f.stack = zhi_arena_alloc(a, f.depth_cap * sizeof *f.stack);
  flatten(&f, g->document);
  *out = (struct zhi_html){.nodes = f.nodes, .count = f.count, .head = f.head, .body = f.body};
}

void zhi_html_parse(struct zhi_arena *a, struct zhi_str text, struct zhi_html *out) {
  struct zhi_condensed source;
  if (!text.p)
    text = ZHI_STR("");
  if (text.len > UINT32_MAX)
    zhi_arena_alloc(a, SIZE_MAX);
  zhi_condense(a, text, &source);
  build(a, &source, out);
}

void zhi_html_parse_whole(struct zhi_arena *a, struct zhi_str text, struct zhi_html *out) {
  struct zhi_condensed source = {.source = text, .text = text};
  build(a, &source, out);
}

/* --- reading the tree ------------------------------------------------------------------------------ */

static uint32_t next_element(const struct zhi_html *h, uint32_t i, uint32_t end) {
  while (i < end && h->nodes[i].kind != ZHI_NODE_ELEMENT)
    i = h->nodes[i].end;
  return i < end ? i : 0;
}

uint32_t zhi_html_first_child(const struct zhi_html *h, uint32_t i) {
  return next_element(h, i + 1, h->nodes[i].end);
}

uint32_t zhi_html_next_sibling(const struct zhi_html *h, uint32_t i) {
  return i == 0 ? 0 : next_element(h, h->nodes[i].end, h->nodes[h->nodes[i].parent].end);
}

/* --- text ------------------------------------------------------------------------------------------ */

/* Length of the white space at s[0..len): ASCII, U+00A0, U+1680, U+2000–200A, 2028/9, 202F, 205F, 3000. */
static size_t space_at(const unsigned char *s, size_t len) {
  if (s[0] <= 0x20)
    return s[0] == ' ' || (s[0] >= '\t' && s[0] <= '\r') ? 1 : 0;
  if (s[0] < 0xC2)
    return 0;
  if (s[0] == 0xC2)
    return len > 1 && s[1] == 0xA0 ? 2 : 0;
  if (len < 3)
    return 0;
  if (s[0] == 0xE3)
    return s[1] == 0x80 && s[2] == 0x80 ? 3 : 0;
  if (s[0] == 0xE1)
    return s[1] == 0x9A && s[2] == 0x80 ? 3 : 0;
  if (s[0] != 0xE2)
    return 0;
  if (s[1] == 0x80)
    return (s[2] >= 0x80 && s[2] <= 0x8A) || s[2] == 0xA8 || s[2] == 0xA9 || s[2] == 0xAF ? 3 : 0;
  return s[1] == 0x81 && s[2] == 0x9F ? 3 : 0;
}

struct text_out {
  char *p;
  size_t len, max;
  bool gap; /* white space owed before the next character */
};

static void add_collapsed(struct text_out *o, struct zhi_str t) {
  for (size_t i = 0; i < t.len && o->len < o->max;) {
    size_t sp = space_at((const unsigned char *)t.p + i, t.len - i);
    if (sp) {
      o->gap = true;
      i += sp;
      continue;
    }
    if (o->gap && o->len)
      o->p[o->len++] = ' ';
    o->gap = false;
    do
      o->p[o->len++] = t.p[i++];
    while (i < t.len && o->len < o->max && !space_at((const unsigned char *)t.p + i, t.len - i));
  }
}

/* Elements that flow within a line: no break around them. */
static bool is_inline(uint8_t tag) {
  switch ((enum zhi_tag)tag) {
  case ZHI_TAG_OTHER:
  case ZHI_TAG_A:
  case ZHI_TAG_ABBR:
  case ZHI_TAG_B:
  case ZHI_TAG_CODE:
  case ZHI_TAG_EM:
  case ZHI_TAG_FONT:
  case ZHI_TAG_I:
  case ZHI_TAG_LABEL:
  case ZHI_TAG_S:
  case ZHI_TAG_SMALL:
  case ZHI_TAG_SPAN:
  case ZHI_TAG_STRONG:
  case ZHI_TAG_SUB:
  case ZHI_TAG_SUP:
  case ZHI_TAG_U:
  case ZHI_TAG_SCRIPT:
  case ZHI_TAG_STYLE: return true;
  default: return false;
  }
}

static size_t text_bytes(const struct zhi_html *h, uint32_t i, uint32_t end) {
  size_t total = 0;
  for (; i < end; i++)
    if (h->nodes[i].kind == ZHI_NODE_TEXT)
      total += h->nodes[i].text.len + 1;
  return total;
}

static void collect_text(struct text_out *o, const struct zhi_html *h, uint32_t root,
                         uint32_t end) {
  uint32_t open = root; /* innermost element around node i */
  for (uint32_t i = root; i < end && o->len < o->max;) {
    const struct zhi_node *n = &h->nodes[i];
    for (; i >= h->nodes[open].end; open = h->nodes[open].parent)
      o->gap |= !is_inline(h->nodes[open].tag);
    if (n->kind == ZHI_NODE_TEXT)
      add_collapsed(o, n->text);
    if (n->kind == ZHI_NODE_ELEMENT) {
      o->gap |= !is_inline(n->tag);
      open = i;
      if (i != root && (n->tag == ZHI_TAG_SCRIPT || n->tag == ZHI_TAG_STYLE)) {
        i = n->end;
        continue;
      }
    }
    i++;
  }
}

struct zhi_str zhi_html_text(struct zhi_arena *a, const struct zhi_html *h, uint32_t i) {
  uint32_t end = h->nodes[i].end;
  struct text_out o = {.p = zhi_arena_alloc(a, text_bytes(h, i, end) + 1), .max = SIZE_MAX};
  collect_text(&o, h, i, end);
  o.p[o.len] = '\0';
  return zhi_str_n(o.p, o.len);
}

struct zhi_str zhi_html_text_max(struct zhi_arena *a, const struct zhi_html *h, uint32_t i,
                                 size_t max) {
  uint32_t end = h->nodes[i].end;
  if (end - i > max)
    end = i + (uint32_t)max;
  struct text_out o = {.p = zhi_arena_alloc(a, max + 3), .max = max};
  collect_text(&o, h, i, end);
  if (o.len > max)
    o.len = max;
  size_t cut = o.len; /* a character that does not end at o.len goes */
  while (o.len == max && cut > 0 && ((unsigned char)o.p[cut - 1] & 0xC0) == 0x80)
    cut--;
  if (o.len == max && cut > 0 && (unsigned char)o.p[cut - 1] >= 0xC0) {
    unsigned cp;
    if (zhi_utf8_next(o.p + cut - 1, o.len - cut + 1, &cp) != o.len - cut + 1 || cp == 0xFFFD)
      o.len = cut - 1;
  }
  return zhi_str_n(o.p, o.len);
}
