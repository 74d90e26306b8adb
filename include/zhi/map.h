/* Map: bytes → pointer, in memory; and a bounded set of 128-bit hashes for "seen lately".
 * Thread: one owner. */
#ifndef ZHI_MAP_H
#define ZHI_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "zhi/digest.h"
#include "zhi/str.h"

struct zhi_map {
  struct zhi_map_slot *slots;
  size_t cap, len;
};

void zhi_map_init(struct zhi_map *m);
/* Values are the caller's to free first: walk with zhi_map_each. */
void zhi_map_release(struct zhi_map *m);
void *zhi_map_get(const struct zhi_map *m, struct zhi_str key);
/* Copies the key; replaces an old value (returned through *old if not NULL). `value` must not be NULL. */
ZHI_NODISCARD enum zhi_code zhi_map_put(struct zhi_map *m, struct zhi_str key, void *value,
                                        void **old, struct zhi_err *e);
/* Iterate: size_t i = 0; while (zhi_map_each(&m, &i, &key, &value)) … Order is arbitrary. */
bool zhi_map_each(const struct zhi_map *m, size_t *i, struct zhi_str *key, void **value);

/* A fixed-size cache: forgets at random when full; "yes" is always true, "no" may be wrong. */
struct zhi_seen {
  struct zhi_hash128 *slots;
  size_t mask;
};
/* `entries` is rounded up to a power of two; 16 bytes each. */
ZHI_NODISCARD enum zhi_code zhi_seen_init(struct zhi_seen *s, size_t entries, struct zhi_err *e);
void zhi_seen_release(struct zhi_seen *s);
void zhi_seen_clear(struct zhi_seen *s); /* forget all */
bool zhi_seen_has(const struct zhi_seen *s, struct zhi_hash128 h);
void zhi_seen_add(struct zhi_seen *s, struct zhi_hash128 h);

#endif
