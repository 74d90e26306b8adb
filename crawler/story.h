/* Story: a URL's whole story: what the catalogue knows, and what scope and robots.txt say of it today. */
#ifndef ZHI_CRAWLER_STORY_H
#define ZHI_CRAWLER_STORY_H

#include <jansson.h>

#include "zhi/store.h"

/* The members of zhi_store_story, and {"url", "scope": {"decision", "reason", "sentence"}, "robots": {"state",
 * "fetched", "allowed", "line", "rule"}, "nearest"}. By the config of the archive's last crawl. New reference.
 * ZHI_EUSAGE: no http URL, or nothing was crawled. */
ZHI_NODISCARD enum zhi_code zhi_url_story(struct zhi_store *s, const char *archive, const char *url,
                                          json_t **out, struct zhi_err *e);

#endif
