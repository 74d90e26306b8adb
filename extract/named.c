/* Values that scripts, hidden inputs and data attributes hold by name:
 *   var pubdate = "V", <input type=hidden id=wh value=V>, <div data-wh=V>   only where V has the field's form
 *   window._CONFIG = {DETAIL: {…}}                         gkmlpt: the document's own record */
#include "extract/ctx.h"

enum { NAMED_MAX = 200, NAME_MAX = 32 };

static bool is_word(char ch) {
  return (ch >= '0' && ch <= '9') || ((ch | 32) >= 'a' && (ch | 32) <= 'z') || ch == '_';
}

static const char *skip_space(const char *p, const char *end) {
  while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
    p++;
  return p;
}

/* --- by name ------------------------------------------------------------------------------------------- */

/* Has the value its field's form? What has none of its own does not count here. */
static bool has_form(struct zhi_ctx *c, enum zhi_field f, struct zhi_str v) {
  struct zhi_date d;
  enum zhi_field_type type = zhi_field_table[f].type;
  if (!v.len || v.len > NAMED_MAX)
    return false;
  if (type == ZHI_FT_DATE || type == ZHI_FT_DATETIME)
    return zhi_date_parse(v, &d) && d.precision >= ZHI_PRECISION_DAY && !zhi_date_is_odd(&d);
  if (f == ZHI_F_DOC_NO)
    return zhi_doc_no_line(c->a, v).p != NULL;
  return f == ZHI_F_INDEX_NO && strcmp(zhi_index_grammar(v), "other") != 0;
}

static void named(struct zhi_ctx *c, struct zhi_str name, struct zhi_str v, uint32_t node) {
  const struct zhi_meta_name *m = zhi_script_name_of(c->labels, name);
  if (!m)
    return;
  v = zhi_collapse(c->a, v);
  if (has_form(c, m->field, v))
    zhi_ctx_candidate(c, m->field, v, "script", 0.45F, 0)->node = node;
}

/* name = "V" in a script. */
static void variables(struct zhi_ctx *c, struct zhi_str s) {
  const char *end = s.p + s.len;
  for (const char *p = s.p; p && (p = memchr(p, '=', (size_t)(end - p))) != NULL; p++) {
    const char *q = skip_space(p + 1, end), *to = p;
    if (q >= end || (*q != '"' && *q != '\''))
      continue;
    while (to > s.p && to[-1] == ' ')
      to--;
    const char *from = to;
    while (from > s.p && is_word(from[-1]) && to - from <= NAME_MAX)
      from--;
    if (to - from < 2 || to - from > NAME_MAX)
      continue;
    struct zhi_str name = zhi_str_n(from, (size_t)(to - from));
    const char *close = memchr(q + 1, *q, (size_t)(end - q - 1));
    if (close && zhi_script_name_of(c->labels, name))
      named(c, name, zhi_str_n(q + 1, (size_t)(close - q - 1)), 0);
  }
}

static void hidden_input(struct zhi_ctx *c, uint32_t i) {
  const struct zhi_node *n = &c->html.nodes[i];
  struct zhi_str value = zhi_node_attr(n, "value"), id = zhi_node_attr(n, "id");
  if (!value.len || !zhi_str_iis(zhi_node_attr(n, "type"), "hidden"))
    return;
  named(c, id.len && zhi_script_name_of(c->labels, id) ? id : zhi_node_attr(n, "name"), value, i);
}

static void data_attributes(struct zhi_ctx *c, uint32_t i) {
  const struct zhi_node *n = &c->html.nodes[i];
  for (uint32_t k = 0; k < n->attr_count; k++)
    if (zhi_str_starts(n->attrs[k].name, "data-") && n->attrs[k].value.len <= NAMED_MAX)
      named(c, zhi_str_sub(n->attrs[k].name, 5, n->attrs[k].name.len), n->attrs[k].value, i);
}

/* --- gkmlpt --------------------------------------------------------------------------------------------- */

static void record(struct zhi_ctx *c, json_t *detail) {
  static const struct {
    const char *key;
    enum zhi_field field;
  } keys[] = {{"identifier", ZHI_F_INDEX_NO},
              {"document_number", ZHI_F_DOC_NO},
              {"publisher", ZHI_F_PUBLISHER},
              {"first_publish_time", ZHI_F_DATE_PUBLISHED},
              {"created_at", ZHI_F_DATE_PUBLISHED},
              {"date", ZHI_F_DATE_WRITTEN},
              {"abstract", ZHI_F_ABSTRACT},
              {"keywords", ZHI_F_KEYWORDS},
              {"classify_theme_name", ZHI_F_TOPIC_CLASS},
              {"classify_genre_name", ZHI_F_GENRE_CLASS}};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    json_t *v = json_object_get(detail, keys[i].key);
    struct zhi_str s = ZHI_STR_NONE;
    if (json_is_string(v))
      s = zhi_strip_tags(c->a, zhi_str_n(json_string_value(v), json_string_length(v)));
    else if (json_is_integer(v) && json_integer_value(v) > 0)
      s = zhi_arena_printf(c->a, "%lld", (long long)json_integer_value(v));
    if (s.p)
      zhi_ctx_candidate(c, keys[i].field, s, "script", 0.9F - 0.01F * (float)i, 0);
  }
}

static void config_detail(struct zhi_ctx *c, struct zhi_str s) {
  const char *p = zhi_str_find(s, ZHI_STR("_CONFIG"));
  if (!p)
    return;
  struct zhi_str rest = zhi_str_n(p, (size_t)(s.p + s.len - p));
  p = zhi_str_find(rest, ZHI_STR("DETAIL"));
  p = p ? memchr(p, '{', (size_t)(s.p + s.len - p)) : NULL;
  if (!p)
    return;
  json_decref(*c->json); /* the extractor frees it: a jump may leave this function */
  *c->json = json_loadb(p, (size_t)(s.p + s.len - p), JSON_DISABLE_EOF_CHECK, NULL);
  record(c, *c->json);
}

void zhi_script_candidates(struct zhi_ctx *c) {
  for (uint32_t k = 0; k < c->script_count; k++) {
    variables(c, c->scripts[k]);
    config_detail(c, c->scripts[k]);
  }
  for (uint32_t i = c->html.body; i < c->html.count; i++)
    if (zhi_node_is(&c->html.nodes[i], ZHI_TAG_INPUT))
      hidden_input(c, i);
    else if (c->html.nodes[i].attr_count)
      data_attributes(c, i);
}
