/* The tree of an archived page written again from a list of what is harmless: tags of one table, few attributes, and
 * addresses that lead into the archive. What is not in the table is passed through to its children, or left out whole. */
#include "serve/sanitise.h"

#include "serve/html.h"
#include "zhi/html.h"
#include "zhi/links.h"

enum { OPEN_MAX = 200, SPAN_MAX = 1000 };

enum how { THROUGH, KEEP, DROP, EMPTY, LINK, CELL, PICTURE, FRAME };
static const unsigned char how_of[ZHI_TAG_COUNT] = {
    [ZHI_TAG_P] = KEEP,          [ZHI_TAG_DIV] = KEEP,        [ZHI_TAG_SPAN] = THROUGH,
    [ZHI_TAG_H1] = KEEP,         [ZHI_TAG_H2] = KEEP,         [ZHI_TAG_H3] = KEEP,
    [ZHI_TAG_H4] = KEEP,         [ZHI_TAG_H5] = KEEP,         [ZHI_TAG_H6] = KEEP,
    [ZHI_TAG_UL] = KEEP,         [ZHI_TAG_OL] = KEEP,         [ZHI_TAG_LI] = KEEP,
    [ZHI_TAG_DL] = KEEP,         [ZHI_TAG_DT] = KEEP,         [ZHI_TAG_DD] = KEEP,
    [ZHI_TAG_TABLE] = KEEP,      [ZHI_TAG_THEAD] = KEEP,      [ZHI_TAG_TBODY] = KEEP,
    [ZHI_TAG_TFOOT] = KEEP,      [ZHI_TAG_TR] = KEEP,         [ZHI_TAG_CAPTION] = KEEP,
    [ZHI_TAG_TD] = CELL,         [ZHI_TAG_TH] = CELL,         [ZHI_TAG_B] = KEEP,
    [ZHI_TAG_STRONG] = KEEP,     [ZHI_TAG_I] = KEEP,          [ZHI_TAG_EM] = KEEP,
    [ZHI_TAG_U] = KEEP,          [ZHI_TAG_S] = KEEP,          [ZHI_TAG_SUB] = KEEP,
    [ZHI_TAG_SUP] = KEEP,        [ZHI_TAG_PRE] = KEEP,        [ZHI_TAG_CODE] = KEEP,
    [ZHI_TAG_BLOCKQUOTE] = KEEP, [ZHI_TAG_SMALL] = KEEP,      [ZHI_TAG_ADDRESS] = KEEP,
    [ZHI_TAG_FIGURE] = KEEP,     [ZHI_TAG_FIGCAPTION] = KEEP, [ZHI_TAG_BR] = EMPTY,
    [ZHI_TAG_HR] = EMPTY,        [ZHI_TAG_A] = LINK,          [ZHI_TAG_AREA] = LINK,
    [ZHI_TAG_IMG] = PICTURE,     [ZHI_TAG_IFRAME] = FRAME,    [ZHI_TAG_FRAME] = FRAME,
    [ZHI_TAG_HEAD] = DROP,       [ZHI_TAG_SCRIPT] = DROP,     [ZHI_TAG_STYLE] = DROP,
    [ZHI_TAG_TEMPLATE] = DROP,   [ZHI_TAG_OBJECT] = DROP,     [ZHI_TAG_EMBED] = DROP,
    [ZHI_TAG_SELECT] = DROP,     [ZHI_TAG_TEXTAREA] = DROP,   [ZHI_TAG_INPUT] = DROP,
    [ZHI_TAG_BUTTON] = DROP,     [ZHI_TAG_AUDIO] = DROP,      [ZHI_TAG_VIDEO] = DROP,
    [ZHI_TAG_TITLE] = DROP};

struct writer {
  struct zhi_arena *a;
  const struct sanitise *s;
  struct html h;
  struct zhi_str base;
  const struct zhi_html *tree;
  struct {
    uint32_t end;
    const char *name;
    size_t len;
  } open[OPEN_MAX];
  size_t depth;
};

static void close_until(struct writer *w, uint32_t at) {
  while (w->depth && w->open[w->depth - 1].end <= at) {
    w->depth--;
    html(&w->h, "</%S>", zhi_str_n(w->open[w->depth].name, w->open[w->depth].len));
  }
}

/* Its end is noted, so that it is closed; false when elements are nested too deep. */
static bool begin(struct writer *w, uint32_t i, struct zhi_str name) {
  if (w->depth == OPEN_MAX)
    return false;
  w->open[w->depth].end = w->tree->nodes[i].end;
  w->open[w->depth].name = name.p;
  w->open[w->depth++].len = name.len;
  html(&w->h, "<%S", name);
  return true;
}

static struct zhi_str resolve(struct writer *w, struct zhi_str raw) {
  return raw.len ? zhi_link_resolve(w->a, w->base, w->s->enc, raw) : ZHI_STR_NONE;
}

static void add_link(struct writer *w, uint32_t i, const struct zhi_node *n) {
  struct zhi_str to = resolve(w, zhi_node_attr(n, "href"));
  if (!to.p || !begin(w, i, ZHI_STR("a")))
    return;
  html(&w->h, " href=\"/reader/%S/%S\">", w->s->time, to);
  if (n->tag == ZHI_TAG_AREA)
    html(&w->h, "%S ", zhi_node_attr(n, "alt").len ? zhi_node_attr(n, "alt") : to);
}

static void add_picture(struct writer *w, const struct zhi_node *n) {
  static const char *const places[] = {"data-original", "data-src", "src"};
  struct zhi_str to = ZHI_STR_NONE;
  for (size_t i = 0; i < sizeof places / sizeof *places && !to.p; i++)
    to = resolve(w, zhi_node_attr(n, places[i]));
  if (to.p)
    html(&w->h, "<img loading=lazy src=\"%S%Sid_/%S\" alt=\"%S\">", w->s->bytes_at, w->s->time, to,
         zhi_node_attr(n, "alt"));
}

static void add_cell(struct writer *w, uint32_t i, const struct zhi_node *n) {
  static const char *const spans[] = {"colspan", "rowspan"};
  if (!begin(w, i, n->text))
    return;
  for (size_t k = 0; k < 2; k++) {
    unsigned long long v;
    if (zhi_str_u64(zhi_node_attr(n, spans[k]), SPAN_MAX, &v) && v > 1)
      html(&w->h, " %s=%d", spans[k], (int64_t)v);
  }
  html(&w->h, ">");
}

static void add_frame(struct writer *w, const struct zhi_node *n) {
  struct zhi_str to = resolve(w, zhi_node_attr(n, "src"));
  if (to.p)
    html(&w->h, "<p><a href=\"/reader/%S/%S\">{embedded_page} %S</a></p>", w->s->time, to, to);
}

/* Returns the next node to look at. */
static uint32_t add_element(struct writer *w, uint32_t i, const struct zhi_node *n) {
  enum how how = (enum how)how_of[n->tag];
  if (n->tag == ZHI_TAG_OTHER && (zhi_str_is(n->text, "svg") || zhi_str_is(n->text, "math")))
    how = DROP;
  switch (how) {
  case THROUGH: break;
  case KEEP:
    if (begin(w, i, n->text))
      html(&w->h, ">");
    break;
  case DROP: return n->end;
  case EMPTY: html(&w->h, "<%S>", n->text); break;
  case LINK: add_link(w, i, n); break;
  case CELL: add_cell(w, i, n); break;
  case PICTURE: add_picture(w, n); break;
  case FRAME: add_frame(w, n); return n->end;
  }
  return i + 1;
}

static struct zhi_str base_of(struct writer *w) {
  for (uint32_t i = 0; i < w->tree->count; i++)
    if (zhi_node_is(&w->tree->nodes[i], ZHI_TAG_BASE)) {
      struct zhi_str to = resolve(w, zhi_node_attr(&w->tree->nodes[i], "href"));
      return to.p ? to : w->s->url;
    }
  return w->s->url;
}

void sanitise(struct zhi_arena *a, const struct sanitise *s, struct zhi_str text,
              struct zhi_buf *out) {
  struct zhi_html tree;
  zhi_html_parse(a, text, &tree);
  struct writer *w = zhi_arena_zalloc(a, sizeof *w);
  *w = (struct writer){.a = a, .s = s, .h = {out, SERVE_ZH}, .base = s->url, .tree = &tree};
  w->base = base_of(w);
  for (uint32_t i = 1; i < tree.count;) {
    const struct zhi_node *n = &tree.nodes[i];
    close_until(w, i);
    if (n->kind == ZHI_NODE_ELEMENT) {
      i = add_element(w, i, n);
      continue;
    }
    if (n->kind == ZHI_NODE_TEXT)
      html_text(&w->h, n->text);
    i++;
  }
  close_until(w, UINT32_MAX);
}
