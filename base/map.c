/* Map: open addressing with linear probing over XXH3; keys are copied. */
#include "zhi/map.h"

#include <stdlib.h>

struct zhi_map_slot {
  uint64_t hash;
  char *key; /* NULL = empty */
  size_t key_len;
  void *value;
};

void zhi_map_init(struct zhi_map *m) { *m = (struct zhi_map){0}; }

void zhi_map_release(struct zhi_map *m) {
  for (size_t i = 0; i < m->cap; i++)
    free(m->slots[i].key);
  free(m->slots);
  zhi_map_init(m);
}

static struct zhi_map_slot *slot_of(const struct zhi_map *m, struct zhi_str key, uint64_t hash) {
  for (size_t i = hash & (m->cap - 1);; i = (i + 1) & (m->cap - 1)) {
    struct zhi_map_slot *s = &m->slots[i];
    if (!s->key || (s->hash == hash && zhi_str_eq(zhi_str_n(s->key, s->key_len), key)))
      return s;
  }
}

void *zhi_map_get(const struct zhi_map *m, struct zhi_str key) {
  return m->cap ? slot_of(m, key, zhi_hash64(key))->value : NULL;
}

static enum zhi_code grow(struct zhi_map *m, struct zhi_err *e) {
  struct zhi_map bigger = {.cap = m->cap ? m->cap * 2 : 64, .len = m->len};
  bigger.slots = calloc(bigger.cap, sizeof *bigger.slots);
  if (!bigger.slots)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a map of %zu entries", bigger.cap);
  for (size_t i = 0; i < m->cap; i++)
    if (m->slots[i].key)
      *slot_of(&bigger, zhi_str_n(m->slots[i].key, m->slots[i].key_len), m->slots[i].hash) =
          m->slots[i];
  free(m->slots);
  *m = bigger;
  return ZHI_OK;
}

enum zhi_code zhi_map_put(struct zhi_map *m, struct zhi_str key, void *value, void **old,
                          struct zhi_err *e) {
  if (m->len * 4 >= m->cap * 3) {
    enum zhi_code rc = grow(m, e);
    if (rc)
      return rc;
  }
  uint64_t hash = zhi_hash64(key);
  struct zhi_map_slot *s = slot_of(m, key, hash);
  if (old)
    *old = s->value;
  if (!s->key) {
    char *copy = malloc(key.len + 1);
    if (!copy)
      return zhi_fail(e, ZHI_ENOMEM, "out of memory for a map key");
    if (key.len)
      memcpy(copy, key.p, key.len);
    copy[key.len] = '\0';
    *s = (struct zhi_map_slot){hash, copy, key.len, NULL};
    m->len++;
  }
  s->value = value;
  return ZHI_OK;
}

bool zhi_map_each(const struct zhi_map *m, size_t *i, struct zhi_str *key, void **value) {
  for (; *i < m->cap; (*i)++) {
    struct zhi_map_slot *s = &m->slots[*i];
    if (!s->key)
      continue;
    if (key)
      *key = zhi_str_n(s->key, s->key_len);
    if (value)
      *value = s->value;
    (*i)++;
    return true;
  }
  return false;
}

enum zhi_code zhi_seen_init(struct zhi_seen *s, size_t entries, struct zhi_err *e) {
  size_t cap = 16;
  while (cap < entries)
    cap *= 2;
  s->slots = calloc(cap, sizeof *s->slots);
  if (!s->slots)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for %zu hashes", cap);
  s->mask = cap - 1;
  return ZHI_OK;
}

void zhi_seen_release(struct zhi_seen *s) {
  free(s->slots);
  *s = (struct zhi_seen){0};
}

void zhi_seen_clear(struct zhi_seen *s) { memset(s->slots, 0, (s->mask + 1) * sizeof *s->slots); }

bool zhi_seen_has(const struct zhi_seen *s, struct zhi_hash128 h) {
  for (size_t way = 0; way < 4; way++) {
    const struct zhi_hash128 *x = &s->slots[(h.lo + way) & s->mask];
    if (x->lo == h.lo && x->hi == h.hi)
      return true;
  }
  return false;
}

void zhi_seen_add(struct zhi_seen *s, struct zhi_hash128 h) {
  for (size_t way = 0; way < 4; way++) {
    struct zhi_hash128 *x = &s->slots[(h.lo + way) & s->mask];
    if ((x->lo | x->hi) == 0 || (x->lo == h.lo && x->hi == h.hi)) {
      *x = h;
      return;
    }
  }
  s->slots[(h.lo + (h.hi & 3)) & s->mask] = h;
}
