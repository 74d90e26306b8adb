/* Anchors: the links that a reader sees, each with why it is no part of what the page says, if it is none.
 *
 * On a document the body container is the content, but for lines of it that are noise (上一篇, 相关阅读, 打印); on a
 * list its items are; on a portal whatever stands outside header, footer and menus. Attachments are left out: they are
 * told apart. Only for comparing, so only on demand. */
#include <stdlib.h>

#include "extract/ctx.h"
#include "extract/links.h"
#include "zhi/diff.h"
#include "zhi/limits.h"

enum { CHECK_NODES = 4096 };

struct anchors {
  struct zhi_ctx *c;
  struct zhi_diff_line *lines; /* of the body container */
  size_t line_count, line;
  struct zhi_str *items, *attachments; /* URLs, sorted */
  size_t cap;
  uint32_t beside_end; /* nodes before it are within something beside the text */
};

static int by_text(const void *a, const void *b) {
  const struct zhi_str *p = a, *q = b;
  int d = memcmp(p->p, q->p, p->len < q->len ? p->len : q->len);
  return d ? d : (p->len > q->len) - (p->len < q->len);
}

static bool has(const struct zhi_str *sorted, size_t n, struct zhi_str url) {
  return n && bsearch(&url, sorted, n, sizeof *sorted, by_text);
}

static void prepare(struct anchors *x) {
  struct zhi_ctx *c = x->c;
  const struct zhi_doc *d = c->doc;
  x->items = zhi_arena_alloc(c->a, (d->list.item_count + 1) * sizeof *x->items);
  for (size_t i = 0; i < d->list.item_count; i++)
    x->items[i] = d->list.items[i].url;
  x->attachments = zhi_arena_alloc(c->a, (d->attachment_count + 1) * sizeof *x->attachments);
  for (size_t i = 0; i < d->attachment_count; i++)
    x->attachments[i] = d->attachments[i].url;
  qsort(x->items, d->list.item_count, sizeof *x->items, by_text);
  qsort(x->attachments, d->attachment_count, sizeof *x->attachments, by_text);
  if (!c->main)
    return;
  uint32_t from = c->flat.from[c->main];
  struct zhi_str text =
      zhi_arena_str(c->a, zhi_str_n(c->flat.text + from, c->flat.to[c->main] - from));
  for (char *p = (char *)(uintptr_t)text.p;
       (p = memchr(p, ZHI_GAP, text.len - (size_t)(p - text.p)));)
    *p = ' ';
  x->lines = zhi_diff_lines(c->a, text, &x->line_count);
}

/* Why the line that node `i` of the body stands in is noise. Nodes come in document order. */
static enum zhi_noise_kind noise_of_line(struct anchors *x, uint32_t i) {
  const struct zhi_flat *f = &x->c->flat;
  size_t at = zhi_flat_start(f, i) - f->from[x->c->main];
  while (x->line + 1 < x->line_count && x->lines[x->line + 1].text.p <= x->lines[0].text.p + at)
    x->line++;
  return x->line_count ? x->lines[x->line].noise : ZHI_NOISE_NONE;
}

static enum zhi_noise_kind noise_of(struct anchors *x, uint32_t i, struct zhi_str url) {
  const struct zhi_ctx *c = x->c;
  enum zhi_kind kind = c->doc->kind;
  if (kind == ZHI_KIND_LIST)
    return has(x->items, c->doc->list.item_count, url) ? ZHI_NOISE_NONE : ZHI_NOISE_ELSEWHERE;
  if (kind == ZHI_KIND_HOME || !c->main)
    return zhi_in_site_frame(c, i) ? ZHI_NOISE_ELSEWHERE : ZHI_NOISE_NONE;
  if (i <= c->main || i >= c->html.nodes[c->main].end)
    return ZHI_NOISE_ELSEWHERE;
  enum zhi_noise_kind noise = noise_of_line(x, i);
  return noise ? noise : i < x->beside_end ? ZHI_NOISE_ELSEWHERE : ZHI_NOISE_NONE;
}

static struct zhi_str label_of(struct zhi_ctx *c, uint32_t i) {
  struct zhi_str label = zhi_link_label(c, i);
  for (uint32_t k = i + 1; !label.len && k < c->html.nodes[i].end; k++)
    if (zhi_node_is(&c->html.nodes[k], ZHI_TAG_IMG))
      label = zhi_str_trim(zhi_node_attr(&c->html.nodes[k], "alt"));
  return label.p ? zhi_str_clip(label, ZHI_FIELD_MAX_BYTES) : ZHI_STR("");
}

static void add(struct anchors *x, struct collector *links, uint32_t i) {
  struct zhi_ctx *c = x->c;
  const struct zhi_node *n = &c->html.nodes[i];
  bool frame = n->tag == ZHI_TAG_IFRAME;
  struct zhi_str href = zhi_str_trim(zhi_node_attr(n, frame ? "src" : "href"));
  if (!href.len || *href.p == '#')
    return;
  const struct zhi_link *l = links_add(links, href, ZHI_LINK_PAGE, false);
  if (!l || has(x->attachments, c->doc->attachment_count, l->url))
    return;
  struct zhi_doc *d = c->doc;
  *(struct zhi_anchor *)ZHI_PUSH(c, d->anchors, d->anchor_count, x->cap) =
      (struct zhi_anchor){l->url, label_of(c, i), noise_of(x, i, l->url)};
}

static void walk(struct collector *links, void *arg) {
  struct anchors *x = arg;
  struct zhi_ctx *c = x->c;
  const struct zhi_html *h = &c->html;
  links_set_base(links, c->base);
  for (uint32_t i = h->body; i < h->count && c->doc->anchor_count < ZHI_PAGE_MAX_ANCHORS; i++) {
    const struct zhi_node *n = &h->nodes[i];
    if (i % CHECK_NODES == 0)
      zhi_arena_check(c->a);
    if (n->kind != ZHI_NODE_ELEMENT)
      continue;
    if (c->main && i > c->main && i >= x->beside_end && i < h->nodes[c->main].end &&
        zhi_is_beside_text(c, i))
      x->beside_end = n->end;
    if (n->tag == ZHI_TAG_A || n->tag == ZHI_TAG_AREA || n->tag == ZHI_TAG_IFRAME)
      add(x, links, i);
  }
}

void zhi_find_anchors(struct zhi_ctx *c) {
  struct anchors x = {.c = c};
  struct zhi_links unused;
  prepare(&x);
  links_run(c->a, &(struct zhi_links_in){.url = c->page->url, .enc = c->enc}, walk, &x, &unused);
}
