/* The label table: config/fields.yaml read with libyaml's events into two hash maps. The file has two levels
 * of mappings with lists at the bottom, so the reader keeps only the last two keys. */
#include "extract/labels.h"

#include <stdlib.h>
#include <yaml.h>

#include "extract/values.h"
#include "zhi/embed.h"

ZHI_EMBED(fields_yaml, "config/fields.yaml")

enum { LABEL_MAX_BYTES = 96 };

struct reader {
  struct zhi_labels *l;
  struct zhi_err *e;
  int depth; /* mappings open */
  bool in_list, noise;
  enum zhi_field field;
  char key[32]; /* "labels" "weak" "meta" "site_meta" */
  bool expect_value;
  unsigned rank;
  struct zhi_arena a;
};

static enum zhi_code put(struct zhi_map *m, struct zhi_str key, const void *row, size_t n,
                         struct zhi_err *e) {
  void *old = NULL, *copy = malloc(n);
  if (!copy)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for labels");
  memcpy(copy, row, n);
  enum zhi_code rc = zhi_map_put(m, key, copy, &old, e);
  free(rc ? copy : old);
  return rc;
}

static enum zhi_code add_label(struct reader *r, struct zhi_str text, enum zhi_label_class cls) {
  struct zhi_label row = {r->noise ? ZHI_FIELD_COUNT : r->field, cls, r->rank++,
                          zhi_str_starts(text, "是否")};
  struct zhi_str s = zhi_squeeze(&r->a, text, LABEL_MAX_BYTES);
  unsigned cp;
  if (s.len == 0)
    return ZHI_OK;
  zhi_utf8_next(s.p, s.len, &cp);
  r->l->first[(cp & 0xffff) >> 6] |= (uint64_t)1 << (cp & 63);
  if (s.len > r->l->longest)
    r->l->longest = s.len;
  return put(&r->l->by_label, s, &row, sizeof row, r->e);
}

static enum zhi_code add_meta(struct reader *r, struct zhi_str text, bool site) {
  char low[64];
  struct zhi_meta_name row = {r->field, r->rank++, site};
  if (text.len >= sizeof low)
    return zhi_fail(r->e, ZHI_EPARSE, "meta name too long");
  for (size_t i = 0; i < text.len; i++)
    low[i] = (char)(text.p[i] >= 'A' && text.p[i] <= 'Z' ? text.p[i] | 32 : text.p[i]);
  return put(&r->l->by_meta, zhi_str_n(low, text.len), &row, sizeof row, r->e);
}

static enum zhi_code list_item(struct reader *r, struct zhi_str s) {
  if (r->noise)
    return add_label(r, s, ZHI_LABEL_NOISE);
  if (strcmp(r->key, "labels") == 0)
    return add_label(r, s, ZHI_LABEL_STRONG);
  if (strcmp(r->key, "weak") == 0)
    return add_label(r, s, ZHI_LABEL_WEAK);
  if (strcmp(r->key, "meta") == 0 || strcmp(r->key, "site_meta") == 0)
    return add_meta(r, s, r->key[0] == 's');
  return zhi_fail(r->e, ZHI_EPARSE, "unknown key '%s'", r->key);
}

static enum zhi_code scalar(struct reader *r, struct zhi_str s) {
  if (r->in_list)
    return list_item(r, s);
  if (r->depth == 1) {
    r->noise = zhi_str_is(s, "noise");
    return r->noise || zhi_str_is(s, "fields")
               ? ZHI_OK
               : zhi_fail(r->e, ZHI_EPARSE, "unknown key '%.*s'", ZHI_STR_ARGS(s));
  }
  if (r->depth == 2) {
    r->field = zhi_field_of(s);
    return r->field < ZHI_FIELD_COUNT
               ? ZHI_OK
               : zhi_fail(r->e, ZHI_EPARSE, "unknown field '%.*s'", ZHI_STR_ARGS(s));
  }
  size_t n = s.len < sizeof r->key - 1 ? s.len : sizeof r->key - 1;
  memcpy(r->key, s.p, n);
  r->key[n] = '\0';
  return ZHI_OK;
}

static enum zhi_code event(struct reader *r, const yaml_event_t *ev) {
  switch (ev->type) {
  case YAML_MAPPING_START_EVENT: r->depth++; break;
  case YAML_MAPPING_END_EVENT: r->depth--; break;
  case YAML_SEQUENCE_START_EVENT:
    r->in_list = true;
    r->rank = 0;
    break;
  case YAML_SEQUENCE_END_EVENT: r->in_list = false; break;
  case YAML_SCALAR_EVENT:
    return scalar(r, zhi_str_n((const char *)ev->data.scalar.value, ev->data.scalar.length));
  default: break;
  }
  return ZHI_OK;
}

enum zhi_code zhi_labels_load(struct zhi_labels *l, struct zhi_str yaml, struct zhi_err *e) {
  memset(l, 0, sizeof *l);
  zhi_map_init(&l->by_label);
  zhi_map_init(&l->by_meta);
  struct reader r = {.l = l, .e = e};
  zhi_arena_init(&r.a, (size_t)1 << 20);
  yaml_parser_t p;
  enum zhi_code rc = ZHI_OK;
  if (!yaml_parser_initialize(&p)) {
    rc = zhi_fail(e, ZHI_ENOMEM, "out of memory for labels");
    goto out;
  }
  yaml_parser_set_input_string(&p, (const unsigned char *)yaml.p, yaml.len);
  for (bool done = false; !done && rc == ZHI_OK;) {
    yaml_event_t ev;
    if (!yaml_parser_parse(&p, &ev)) {
      rc = zhi_fail(e, ZHI_EPARSE, "%s", p.problem ? p.problem : "malformed");
      break;
    }
    done = ev.type == YAML_STREAM_END_EVENT;
    rc = event(&r, &ev);
    if (rc)
      zhi_err_prefix(e, "fields.yaml:%zu", ev.start_mark.line + 1);
    yaml_event_delete(&ev);
  }
  yaml_parser_delete(&p);
out:
  zhi_arena_release(&r.a);
  if (rc)
    zhi_labels_release(l);
  return rc;
}

enum zhi_code zhi_labels_init(struct zhi_labels *l, struct zhi_err *e) {
  return zhi_labels_load(l, fields_yaml(), e);
}

static void free_values(struct zhi_map *m) {
  size_t i = 0;
  struct zhi_str key;
  void *value;
  while (zhi_map_each(m, &i, &key, &value))
    free(value);
  zhi_map_release(m);
}

void zhi_labels_release(struct zhi_labels *l) {
  free_values(&l->by_label);
  free_values(&l->by_meta);
}

const struct zhi_label *zhi_label_get(const struct zhi_labels *l, struct zhi_str s) {
  return s.len && s.len <= l->longest ? zhi_map_get(&l->by_label, s) : NULL;
}

static bool strip(struct zhi_str *s, const char *head, const char *tail) {
  if (head && zhi_str_starts(*s, head)) {
    *s = zhi_str_sub(*s, strlen(head), s->len);
    return true;
  }
  if (tail && s->len && zhi_str_ends(*s, tail)) {
    s->len -= strlen(tail);
    return true;
  }
  return false;
}

const struct zhi_label *zhi_label_of(const struct zhi_labels *l, struct zhi_arena *a,
                                     struct zhi_str s) {
  s = zhi_squeeze(a, s, LABEL_MAX_BYTES * 2);
  while (strip(&s, NULL, ":") || strip(&s, NULL, "∶") || strip(&s, "[", "]") ||
         strip(&s, "【", "】") || strip(&s, "·", NULL))
    ;
  return zhi_label_get(l, s);
}

const struct zhi_meta_name *zhi_meta_of(const struct zhi_labels *l, struct zhi_str name) {
  char low[64];
  name = zhi_str_trim(name);
  if (name.len >= sizeof low)
    return NULL;
  for (size_t i = 0; i < name.len; i++)
    low[i] = (char)(name.p[i] >= 'A' && name.p[i] <= 'Z' ? name.p[i] | 32 : name.p[i]);
  return zhi_map_get(&l->by_meta, zhi_str_n(low, name.len));
}
