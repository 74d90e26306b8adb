/* Options as documents: the Markdown reference and the JSON form, both generated from the table. */
#include <stdlib.h>

#include "base/option_value.h"
#include "zhi/option.h"

static struct zhi_str group_of(const char *name) {
  const char *dot = strrchr(name, '.');
  return dot ? zhi_str_n(name, (size_t)(dot - name)) : ZHI_STR("");
}

static void range_text(const struct zhi_option *o, struct zhi_buf *out) {
  if (o->type == ZHI_OPT_ENUM) {
    for (size_t i = 0; o->names[i]; i++)
      zhi_buf_addf(out, "%s`%s`", i ? " " : "", o->names[i]);
  } else if (o->type == ZHI_OPT_INT || o->type == ZHI_OPT_MS || o->type == ZHI_OPT_BYTES ||
             o->type == ZHI_OPT_MILLI) {
    zhi_buf_addf(out, "%s, ", zhi_option_type_name(o->type));
    zhi_option_format(o, o->min, out);
    zhi_buf_adds(out, " to ");
    zhi_option_format(o, o->max, out);
  } else {
    zhi_buf_adds(out, zhi_option_type_name(o->type));
  }
}

/* Cells must not hold a bar. */
static void cell(struct zhi_buf *out, const char *s) {
  for (; *s; s++) {
    if (*s == '|')
      zhi_buf_addc(out, '\\');
    zhi_buf_addc(out, *s);
  }
}

static void row_text(const struct zhi_option *o, struct zhi_buf *out) {
  zhi_buf_addf(out, "| `%s` | ", o->name);
  range_text(o, out);
  zhi_buf_adds(out, " | ");
  if (o->required)
    zhi_buf_adds(out, "required");
  else if (o->def && o->def[0])
    zhi_buf_addf(out, "`%s`", o->def);
  zhi_buf_adds(out, " | ");
  cell(out, o->help);
  zhi_buf_adds(out, " |\n");
}

void zhi_option_markdown(const struct zhi_option *rows, struct zhi_buf *out) {
  struct zhi_str group = ZHI_STR("-");
  for (const struct zhi_option *o = rows; o->name; o++) {
    struct zhi_str own = group_of(o->name);
    if (!zhi_str_eq(own, group)) {
      group = own;
      if (own.len)
        zhi_buf_addf(out, "\n## %.*s\n", ZHI_STR_ARGS(own));
      zhi_buf_adds(out, "\n| key | value | default | meaning |\n|---|---|---|---|\n");
    }
    row_text(o, out);
  }
}

static json_t *strings_json(const struct zhi_strings *l, bool map) {
  json_t *out = map ? json_object() : json_array();
  for (size_t i = 0; out && i < l->n; i++) {
    json_t *v = json_string(l->v[i]);
    if (map ? json_object_set_new(out, l->key[i], v) : json_array_append_new(out, v)) {
      json_decref(out);
      return NULL;
    }
  }
  return out;
}

static json_t *value_json(const struct zhi_option *o, const void *target) {
  const void *at = (const char *)target + o->offset;
  if (o->type == ZHI_OPT_LIST || o->type == ZHI_OPT_MAP)
    return strings_json(at, o->type == ZHI_OPT_MAP);
  if (o->type == ZHI_OPT_BOOL)
    return json_boolean(*(const bool *)at);
  if (o->type == ZHI_OPT_INT)
    return json_integer(*(const int64_t *)at);
  struct zhi_buf b;
  zhi_buf_init(&b, (size_t)1 << 20);
  zhi_option_text(o, target, &b);
  json_t *v = json_stringn(b.len ? b.p : "", b.len);
  zhi_buf_release(&b);
  return v;
}

json_t *zhi_option_json(const struct zhi_option *rows, const void *target) {
  json_t *root = json_object();
  for (const struct zhi_option *o = rows; root && o->name; o++) {
    json_t *at = root;
    struct zhi_str rest = zhi_str_of(o->name), part = zhi_str_cut(&rest, '.');
    for (; at && rest.p; part = zhi_str_cut(&rest, '.')) {
      json_t *inner = json_object_getn(at, part.p, part.len);
      if (!inner && json_object_setn_new(at, part.p, part.len, json_object()) == 0)
        inner = json_object_getn(at, part.p, part.len);
      at = inner;
    }
    if (!at || json_object_setn_new(at, part.p, part.len, value_json(o, target)) != 0) {
      json_decref(root);
      root = NULL;
    }
  }
  return root;
}
