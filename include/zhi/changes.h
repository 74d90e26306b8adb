/* Changes: what a reader of an archive would want to be told of since some crawl or time, as JSON.
 *
 * A change is {id, change, url, from, to, title, host, column, weight, detail}: `change` is new, edited, removed,
 * reappeared, moved, validity or attachment; it happened after `from` and no later than `to` (captures; `from` is null
 * of what is new); `id` is the version shown now, 0 of a file without one. Differences that are noise are none. What is
 * taken down is left out. Thread: the handle's. */
#ifndef ZHI_CHANGES_H
#define ZHI_CHANGES_H

#include <jansson.h>

#include "zhi/store.h"

/* Append to the array `out`, unordered. `since`: a crawl (its name, or number), "last": all but the latest crawl's are
 * known, a time as of compare.h, or empty: all after the first crawl.
 * ZHI_EUSAGE: no such crawl, with the nearest, and not a time. */
ZHI_NODISCARD enum zhi_code zhi_changes(struct zhi_store *s, struct zhi_str since, json_t *out,
                                        struct zhi_err *e);

#endif
