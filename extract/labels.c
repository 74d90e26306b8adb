/* The label table: config/fields.yaml read into two hash maps. */
#include "extract/labels.h"

#include <stdlib.h>

#include "extract/table.h"
#include "extract/values.h"
#include "zhi/embed.h"

ZHI_EMBED(fields_yaml, "config/fields.yaml")

enum { LABEL_MAX_BYTES = 96 };

struct reader {
  struct zhi_labels *l;
  struct zhi_err *e;
  bool noise;
  enum zhi_field field;
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
  struct zhi_label row = {r->noise ? ZHI_FIELD_COUNT : r->field, cls, r->rank,
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

static enum zhi_code add_name(struct reader *r, struct zhi_map *to, struct zhi_str text,
                              bool site) {
  char low[64];
  struct zhi_meta_name row = {r->field, r->rank, site};
  if (text.len >= sizeof low)
    return zhi_fail(r->e, ZHI_EPARSE, "name too long");
  for (size_t i = 0; i < text.len; i++)
    low[i] = (char)(text.p[i] >= 'A' && text.p[i] <= 'Z' ? text.p[i] | 32 : text.p[i]);
  return put(to, zhi_str_n(low, text.len), &row, sizeof row, r->e);
}

static enum zhi_code word(void *ctx, const struct zhi_table_row *row, struct zhi_err *e) {
  struct reader *r = ctx;
  r->rank = row->rank;
  r->noise = strcmp(row->key[0], "noise") == 0;
  if (r->noise && row->depth == 1)
    return add_label(r, row->word, ZHI_LABEL_NOISE);
  if (strcmp(row->key[0], "fields") != 0 || row->depth != 3)
    return zhi_fail(e, ZHI_EPARSE, "unknown key '%s'", row->key[0]);
  r->field = zhi_field_of(zhi_str_of(row->key[1]));
  if (r->field >= ZHI_FIELD_COUNT)
    return zhi_fail(e, ZHI_EPARSE, "unknown field '%s'", row->key[1]);
  if (strcmp(row->key[2], "labels") == 0)
    return add_label(r, row->word, ZHI_LABEL_STRONG);
  if (strcmp(row->key[2], "weak") == 0)
    return add_label(r, row->word, ZHI_LABEL_WEAK);
  if (strcmp(row->key[2], "meta") == 0 || strcmp(row->key[2], "site_meta") == 0)
    return add_name(r, &r->l->by_meta, row->word, row->key[2][0] == 's');
  if (strcmp(row->key[2], "script") == 0)
    return add_name(r, &r->l->by_script, row->word, false);
  return zhi_fail(e, ZHI_EPARSE, "unknown key '%s'", row->key[2]);
}

enum zhi_code zhi_labels_load(struct zhi_labels *l, struct zhi_str yaml, struct zhi_err *e) {
  memset(l, 0, sizeof *l);
  zhi_map_init(&l->by_label);
  zhi_map_init(&l->by_meta);
  zhi_map_init(&l->by_script);
  struct reader r = {.l = l, .e = e};
  zhi_arena_init(&r.a, (size_t)1 << 20);
  enum zhi_code rc = zhi_table_read(yaml, "fields.yaml", word, &r, e);
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
  free_values(&l->by_script);
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

static const struct zhi_meta_name *name_of(const struct zhi_map *m, struct zhi_str name) {
  char low[64];
  name = zhi_str_trim(name);
  if (name.len >= sizeof low)
    return NULL;
  for (size_t i = 0; i < name.len; i++)
    low[i] = (char)(name.p[i] >= 'A' && name.p[i] <= 'Z' ? name.p[i] | 32 : name.p[i]);
  return zhi_map_get(m, zhi_str_n(low, name.len));
}

const struct zhi_meta_name *zhi_meta_of(const struct zhi_labels *l, struct zhi_str name) {
  return name_of(&l->by_meta, name);
}

const struct zhi_meta_name *zhi_script_name_of(const struct zhi_labels *l, struct zhi_str name) {
  return name.len ? name_of(&l->by_script, name) : NULL;
}
