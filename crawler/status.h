/* Status of an archive: what the store counts, and what its last crawl's config says of the hours. */
#ifndef ZHI_CRAWLER_STATUS_H
#define ZHI_CRAWLER_STATUS_H

#include <jansson.h>

#include "zhi/store.h"

/* The members of zhi_store_status, and "hours_until": when politeness.hours let the next request go, null when they do
 * at `now_ms`. New reference; NULL on an error. */
ZHI_NODISCARD enum zhi_code zhi_archive_status(struct zhi_store *s, bool lists, int64_t now_ms,
                                               json_t **out, struct zhi_err *e);

#endif
