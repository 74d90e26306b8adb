/* Explaining: every candidate with its place on the page. Only when asked for; the page's arena pays. */
#include "extract/ctx.h"

enum { PATH_MAX_STEPS = 40, STEP_MAX_BYTES = 40 };

/* The text node that holds place `pos` of the flat text. */
static uint32_t node_at(const struct zhi_ctx *c, uint32_t pos) {
  for (uint32_t i = c->html.body; i < c->html.count; i++)
    if (c->html.nodes[i].kind == ZHI_NODE_TEXT && c->flat.from[i] <= pos && pos < c->flat.to[i])
      return i;
  return 0;
}

static uint32_t line_of(const struct zhi_ctx *c, uint32_t node) {
  uint32_t line = 1, end = c->html.nodes[node].offset;
  for (uint32_t i = 0; i < end && i < c->source.len; i++)
    line += c->source.p[i] == '\n';
  return line;
}

/* tag#id, tag.class or tag[n], n among its like-named siblings when there are several. */
static struct zhi_str step(struct zhi_ctx *c, uint32_t i) {
  const struct zhi_node *n = &c->html.nodes[i];
  struct zhi_str id = zhi_node_attr(n, "id"), cls = zhi_node_attr(n, "class");
  if (id.len && id.len < STEP_MAX_BYTES)
    return zhi_arena_printf(c->a, "%.*s#%.*s", ZHI_STR_ARGS(n->text), ZHI_STR_ARGS(id));
  if (cls.len && cls.len < STEP_MAX_BYTES && !memchr(cls.p, ' ', cls.len))
    return zhi_arena_printf(c->a, "%.*s.%.*s", ZHI_STR_ARGS(n->text), ZHI_STR_ARGS(cls));
  unsigned at = 0, all = 0;
  for (uint32_t k = zhi_html_first_child(&c->html, n->parent); k;
       k = zhi_html_next_sibling(&c->html, k)) {
    all += zhi_str_eq(c->html.nodes[k].text, n->text);
    at = k == i ? all : at;
  }
  return all > 1 ? zhi_arena_printf(c->a, "%.*s[%u]", ZHI_STR_ARGS(n->text), at) : n->text;
}

static struct zhi_str path_of(struct zhi_ctx *c, uint32_t node) {
  struct zhi_str path = ZHI_STR("");
  int steps = 0;
  for (uint32_t i = node; i && steps < PATH_MAX_STEPS; i = c->html.nodes[i].parent) {
    if (c->html.nodes[i].kind != ZHI_NODE_ELEMENT)
      continue;
    struct zhi_str s = step(c, i);
    path = steps++ ? zhi_arena_printf(c->a, "%.*s/%.*s", ZHI_STR_ARGS(s), ZHI_STR_ARGS(path)) : s;
  }
  return path;
}

static void add(struct zhi_ctx *c, const struct zhi_candidate *k) {
  struct zhi_doc *d = c->doc;
  struct zhi_field_value v = {0};
  uint32_t node = k->node ? k->node : k->pos ? node_at(c, k->pos) : 0;
  struct zhi_doc_candidate *x = &d->candidates[d->candidate_count++];
  *x = (struct zhi_doc_candidate){.field = k->field,
                                  .raw = k->raw,
                                  .value = zhi_field_normalise(c, k, &v),
                                  .source = k->source,
                                  .confidence = k->confidence,
                                  .line = node ? line_of(c, node) : 0,
                                  .path = node ? path_of(c, node) : ZHI_STR(""),
                                  .won = k->won,
                                  .why = k->why ? k->why : "not looked at"};
  if (x->won && d->fields[k->field].state == ZHI_FIELD_ABSENT) {
    x->won = false;
    x->why = "left out: on such a page it speaks of an item";
  }
}

void zhi_explain(struct zhi_ctx *c) {
  c->doc->candidates = zhi_arena_alloc(c->a, (c->cand_count + 1) * sizeof *c->doc->candidates);
  for (unsigned f = 0; f < ZHI_FIELD_COUNT; f++)
    for (uint32_t k = 0; k < c->cand_count; k++)
      if (c->cands[k].field == f)
        add(c, &c->cands[k]);
}
