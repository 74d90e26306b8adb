/* Comparison of two captures as their pages were: zhi_compare (compare.h), which knows what the catalogue has, with
 * the links and what stands beside the text, which only the WARC records have. Thread: the handle's. */
#ifndef ZHI_CRAWLER_COMPARE_H
#define ZHI_CRAWLER_COMPARE_H

#include "zhi/compare.h"
#include "zhi/doc.h"

/* As zhi_compare, with "beside", "links" and "links_left_out" (docs/formats.md). Where a record cannot be read,
 * "warnings" name it and these are empty; that is ZHI_OK. `archive`: its folder. */
ZHI_NODISCARD enum zhi_code zhi_archive_compare(struct zhi_store *s, const char *archive,
                                                struct zhi_str url, struct zhi_str from,
                                                struct zhi_str to, json_t **out, struct zhi_err *e);

/* Add to a comparison what became of the links of two readings of a page, both made with `compared`; also to its
 * counts and verdict. ZHI_ENOMEM. */
ZHI_NODISCARD enum zhi_code zhi_compare_links(json_t *comparison, const struct zhi_anchor *a,
                                              size_t n, const struct zhi_anchor *b, size_t m,
                                              struct zhi_err *e);

#endif
