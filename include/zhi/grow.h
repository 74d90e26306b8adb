/* Arrays that double: room for one more item.
 *
 *   struct item *v = zhi_grown(x->v, &x->cap, x->count, sizeof *v);
 *   if (!v)
 *     return zhi_fail(e, ZHI_ENOMEM, "out of memory for items");
 *   x->v = v;
 *   x->v[x->count++] = item;
 *
 * For what malloc owns; within an arena: zhi_arena_grow. Any thread, if the array is its own. */
#ifndef ZHI_GROW_H
#define ZHI_GROW_H

#include <stddef.h>

/* `p` itself when count < *cap, else p moved to where twice as many items of `size` bytes fit (*cap says how many;
 * free() it). NULL: out of memory, p and *cap are as they were. */
void *zhi_grown(void *p, size_t *cap, size_t count, size_t size);

#endif
