/* Values whose label is no text: <td title="文号">V</td>, <td data-label="文号">V</td> whose label a style sheet shows,
 * <i data-name="文号" data-value="V">, and the elements that some systems made up, <publishtime>. Such labels count in
 * company only: two different strong ones on one page. */
#include "extract/ctx.h"

enum { TEXT_MAX = 300, TITLED_MAX = 200, LABEL_MAX = 90 };

/* The strong label that an attribute is; NULL: it is none. */
static const struct zhi_label *label_in(const struct zhi_ctx *c, const struct zhi_attr *at) {
  unsigned cp = 0;
  if (!at->value.len || at->value.len > LABEL_MAX ||
      !(zhi_str_is(at->name, "title") || zhi_str_starts(at->name, "data-")))
    return NULL;
  zhi_utf8_next(at->value.p, at->value.len, &cp);
  if (cp < 0x80)
    return NULL;
  const struct zhi_label *l = zhi_label_of(c->labels, c->a, at->value);
  return l && l->cls == ZHI_LABEL_STRONG ? l : NULL;
}

/* The strong label that element i has as an attribute and does not show itself; NULL: none. */
static const struct zhi_label *titled(const struct zhi_ctx *c, uint32_t i) {
  const struct zhi_node *n = &c->html.nodes[i];
  const struct zhi_label *l = NULL;
  if (n->tag == ZHI_TAG_A || n->tag == ZHI_TAG_IMG || n->tag == ZHI_TAG_INPUT || !n->attr_count ||
      zhi_flat_len(&c->flat, i) > TEXT_MAX)
    return NULL;
  for (uint32_t k = 0; k < n->attr_count && !l; k++)
    l = label_in(c, &n->attrs[k]);
  if (!l || zhi_label_of(c->labels, c->a, zhi_flat_text(&c->flat, i)))
    return NULL;
  return l;
}

/* What the element says: its text, else the attribute that holds a value. */
static struct zhi_str said(const struct zhi_ctx *c, uint32_t i) {
  static const char *const names[] = {"data-value", "data-val", "data-content", "data-text"};
  struct zhi_str v = zhi_flat_text(&c->flat, i);
  for (size_t k = 0; k < sizeof names / sizeof *names && !v.len; k++) {
    v = zhi_node_attr(&c->html.nodes[i], names[k]);
    if (v.len > TEXT_MAX || zhi_label_of(c->labels, c->a, v))
      v = ZHI_STR("");
  }
  return v;
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
    zhi_ctx_candidate(c, l->field, zhi_collapse(c->a, said(c, found[k])), "table", 0.9F,
                      zhi_flat_start(&c->flat, found[k]));
    c->cands[c->cand_count - 1].node = found[k];
    c->cands[c->cand_count - 1].yes_no = l->yes_no;
  }
}
