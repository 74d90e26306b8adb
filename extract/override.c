/* What the config's XPath expressions found becomes candidates that beat all others, and list items. */
#include "extract/adapters/adapters.h"
#include "extract/xpath.h"
#include "zhi/limits.h"

/* The page's host, without port. */
static struct zhi_str host_of(struct zhi_str url) {
  const char *p = zhi_str_find(url, ZHI_STR("://"));
  if (!p)
    return ZHI_STR_NONE;
  struct zhi_str rest = zhi_str_sub(url, (size_t)(p - url.p) + 3, url.len);
  size_t n = 0;
  while (n < rest.len && rest.p[n] != '/' && rest.p[n] != '?' && rest.p[n] != ':')
    n++;
  return zhi_str_sub(rest, 0, n);
}

/* The text of a result: what the page shows there, or what is written there (in <head>, in a script). */
static struct zhi_str text_of(struct zhi_ctx *c, const struct zhi_xpath_hit *hit) {
  if (!hit->node)
    return zhi_collapse(c->a, hit->text);
  struct zhi_str shown = zhi_collapse(c->a, zhi_flat_text(&c->flat, hit->node));
  return shown.len ? shown : zhi_html_text(c->a, &c->html, hit->node);
}

static struct zhi_str joined(struct zhi_ctx *c, struct zhi_str a, struct zhi_str b) {
  if (!a.len || !b.len)
    return a.len ? a : b;
  return zhi_arena_printf(c->a, "%.*s; %.*s", ZHI_STR_ARGS(a), ZHI_STR_ARGS(b));
}

/* One candidate: the first result with text; of fields that are lists all results. No text: shown but empty. */
static void field_override(struct zhi_ctx *c, const struct zhi_override *v) {
  bool list = zhi_field_table[v->field].type == ZHI_FT_LIST;
  struct zhi_str raw = ZHI_STR("");
  uint32_t node = 0;
  for (size_t i = 0; i < v->hit_count && raw.len < ZHI_FIELD_MAX_BYTES && (list || !raw.len); i++) {
    raw = joined(c, raw, text_of(c, &v->hits[i]));
    node = node ? node : v->hits[i].node;
  }
  bool shown = node != 0 || raw.len;
  if (shown)
    zhi_ctx_candidate(c, v->field, raw, "override", 1, 0)->node = node;
}

void zhi_override_candidates(struct zhi_ctx *c) {
  struct zhi_overrides *o = c->overrides;
  struct zhi_err e = {0};
  if (!o->n)
    return;
  if (zhi_overrides_run(o, &c->html, host_of(c->page->url), &e)) {
    zhi_ctx_finding(c, "override_skipped", zhi_arena_str(c->a, zhi_str_of(e.msg)));
    return;
  }
  for (size_t i = 0; i < o->n; i++) {
    const struct zhi_override *v = &o->v[i];
    if (v->spent)
      zhi_ctx_finding(c, "override_skipped",
                      zhi_arena_printf(c->a, "%s: the page is too large for its XPath",
                                       v->field == ZHI_FIELD_COUNT
                                           ? "list_items"
                                           : zhi_field_table[v->field].name));
    else if (v->field != ZHI_FIELD_COUNT)
      field_override(c, v);
  }
}

/* The link of an item: the result itself, or the first link with an address inside it. */
static uint32_t link_in(const struct zhi_html *h, uint32_t box) {
  for (uint32_t i = box; i < h->nodes[box].end; i++)
    if (zhi_node_is(&h->nodes[i], ZHI_TAG_A) && zhi_node_attr(&h->nodes[i], "href").len)
      return i;
  return 0;
}

bool zhi_override_list(struct zhi_ctx *c) {
  size_t cap = 0;
  bool found = false;
  for (size_t i = 0; i < c->overrides->n; i++) {
    const struct zhi_override *v = &c->overrides->v[i];
    if (v->field != ZHI_FIELD_COUNT)
      continue;
    for (size_t k = 0; k < v->hit_count; k++) {
      uint32_t box = v->hits[k].node, a = box ? link_in(&c->html, box) : 0;
      if (!a)
        continue;
      if (!found)
        c->doc->list.items = NULL, c->doc->list.item_count = 0;
      found = true;
      zhi_list_add(c, a, box, &cap);
    }
  }
  return found;
}
