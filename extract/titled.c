/* Values whose label is no text: <td title="文号">V</td>, and the elements that some systems made up, <publishtime>.
 * Titles count in company only: two different strong labels on one page. */
#include "extract/ctx.h"

enum { TEXT_MAX = 300, TITLED_MAX = 200 };

/* The strong label that element i has as its title and does not show itself; NULL: none. */
static const struct zhi_label *titled(const struct zhi_ctx *c, uint32_t i) {
  const struct zhi_node *n = &c->html.nodes[i];
  if (n->tag == ZHI_TAG_A || n->tag == ZHI_TAG_IMG || n->tag == ZHI_TAG_INPUT || !n->attr_count ||
      zhi_flat_len(&c->flat, i) > TEXT_MAX)
    return NULL;
  struct zhi_str title = zhi_node_attr(n, "title");
  const struct zhi_label *l = title.len ? zhi_label_of(c->labels, c->a, title) : NULL;
  if (!l || l->cls != ZHI_LABEL_STRONG || zhi_label_of(c->labels, c->a, zhi_flat_text(&c->flat, i)))
    return NULL;
  return l;
}

static void made_up(struct zhi_ctx *c, uint32_t i) {
  static const struct {
    const char *tag;
    enum zhi_field field;
  } tags[] = {{"publishtime", ZHI_F_DATE_PUBLISHED}, {"ucaptitle", ZHI_F_TITLE}};
  for (size_t k = 0; k < sizeof tags / sizeof *tags; k++)
    if (zhi_str_is(c->html.nodes[i].text, tags[k].tag) && zhi_flat_len(&c->flat, i))
      zhi_ctx_candidate(c, tags[k].field, zhi_collapse(c->a, zhi_flat_text(&c->flat, i)), "inline",
                        0.9F, zhi_flat_start(&c->flat, i));
}

void zhi_titled_candidates(struct zhi_ctx *c) {
  uint32_t found[TITLED_MAX], n = 0;
  uint64_t fields = 0;
  for (uint32_t i = c->html.body; i < c->html.count && n < TITLED_MAX; i++) {
    const struct zhi_node *x = &c->html.nodes[i];
    if (x->kind != ZHI_NODE_ELEMENT)
      continue;
    if (x->tag == ZHI_TAG_OTHER)
      made_up(c, i);
    const struct zhi_label *l = titled(c, i);
    if (!l)
      continue;
    fields |= (uint64_t)1 << l->field;
    found[n++] = i;
  }
  if ((fields & (fields - 1)) == 0)
    return;
  for (uint32_t k = 0; k < n; k++) {
    const struct zhi_label *l = titled(c, found[k]);
    zhi_ctx_candidate(c, l->field, zhi_collapse(c->a, zhi_flat_text(&c->flat, found[k])), "table",
                      0.9F, zhi_flat_start(&c->flat, found[k]));
    c->cands[c->cand_count - 1].node = found[k];
    c->cands[c->cand_count - 1].yes_no = l->yes_no;
  }
}
