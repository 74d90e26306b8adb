/* Queue: bounded, move-only, between threads. Pushing gives ownership away.
 *
 * Bounded by count and by bytes, so that the pipeline's memory is bounded too; one item larger than
 * the byte bound is let through alone. Thread: any number of pushers and poppers. */
#ifndef ZHI_QUEUE_H
#define ZHI_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "zhi/err.h"

struct zhi_queue;

ZHI_NODISCARD enum zhi_code zhi_queue_new(size_t max_items, size_t max_bytes,
                                          struct zhi_queue **out, struct zhi_err *e);
void zhi_queue_free(
    struct zhi_queue *q); /* items still inside are the caller's loss: drain first */
/* Blocks while full. False when the queue was closed: the item stays the caller's. */
bool zhi_queue_push(struct zhi_queue *q, void *item, size_t bytes);
/* Never blocks; false when full or closed. */
bool zhi_queue_try_push(struct zhi_queue *q, void *item, size_t bytes);
/* Blocks until an item comes; NULL when closed and empty. */
void *zhi_queue_pop(struct zhi_queue *q);
/* As pop, but gives NULL after `ms` (0 = at once). *closed (may be NULL): closed and empty. */
void *zhi_queue_pop_wait(struct zhi_queue *q, int64_t ms, bool *closed);
/* No more pushes; poppers drain what is there. */
void zhi_queue_close(struct zhi_queue *q);
/* Called (on the popping thread, outside the lock) whenever room appears in a queue that was full. */
void zhi_queue_on_room(struct zhi_queue *q, void (*wake)(void *ctx), void *ctx);

#endif
