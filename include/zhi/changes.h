/* Changes: what a reader of an archive would want to be told of since some crawl or time.
 *
 * `change` is new, edited, removed, reappeared, moved, validity or attachment; it happened after `from` and no later than
 * `to` (captures; no `from`: what is new); `id` is the version shown now, 0 of a file without one. Differences that
 * are noise are none. What is taken down is left out.
 * They are gathered in a temporary file, so that memory does not grow with their number. Thread: one at a time. */
#ifndef ZHI_CHANGES_H
#define ZHI_CHANGES_H

#include "zhi/changes_view.h"
#include "zhi/store.h"

struct zhi_changes;

/* ZHI_ENOMEM, ZHI_EIO. */
ZHI_NODISCARD enum zhi_code zhi_changes_open(struct zhi_changes **out, struct zhi_err *e);
void zhi_changes_close(struct zhi_changes *x); /* NULL is allowed */

/* Whether a change of the archive `s` is told of; may set c->watched to what lives as long as `ctx`. */
typedef enum zhi_code zhi_change_filter(void *ctx, struct zhi_store *s, struct zhi_change *c,
                                        bool *keep, struct zhi_err *e);
/* Gather those of one archive. `since`: a crawl (its name, or number), "last": all but the latest crawl's are
 * known, a time as of compare.h, or empty: all after the first crawl. `archive`: what each says it is from, or the NULL
 * view. `filter` NULL: all.
 * ZHI_EUSAGE: no such crawl, with the nearest, and not a time. */
ZHI_NODISCARD enum zhi_code zhi_changes_add(struct zhi_changes *x, struct zhi_store *s,
                                            struct zhi_str since, struct zhi_str archive,
                                            zhi_change_filter *filter, void *ctx,
                                            struct zhi_err *e);

/* How many, and when the latest was seen (ISO, empty when there is none). */
ZHI_NODISCARD enum zhi_code zhi_changes_sum(struct zhi_changes *x, int64_t *count,
                                            char latest[ZHI_ISO_SIZE], struct zhi_err *e);
/* In the order to read them in: by host and column, the group with the weightiest change first, within a group the
 * weightiest first, then the latest. ZHI_EOF of `take` ends it early, which is no failure. */
typedef enum zhi_code zhi_change_taker(void *ctx, const struct zhi_change *c, struct zhi_err *e);
ZHI_NODISCARD enum zhi_code zhi_changes_each(struct zhi_changes *x, zhi_change_taker *take,
                                             void *ctx, struct zhi_err *e);

#endif
