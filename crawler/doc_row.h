/* Rows of the catalogue made of what extraction found. Pure; any thread; strings are copied into the caller's arena. */
#ifndef ZHI_CRAWLER_DOC_ROW_H
#define ZHI_CRAWLER_DOC_ROW_H

#include "crawler/config.h"
#include "zhi/doc.h"
#include "zhi/store.h"

/* Copy a document into a row whose strings live in `a`. */
void zhi_doc_to_row(struct zhi_arena *a, const struct zhi_doc *d, struct zhi_doc_row *row);
/* Its list, with cleaned URLs, in `a`; NULL when it is none. `scratch` is overwritten. */
const struct zhi_list_row *zhi_list_to_row(struct zhi_arena *a, const struct zhi_doc *d,
                                           struct zhi_buf *scratch);
/* Is this a document to keep in the catalogue? `config` NULL: noindex is not asked. */
bool zhi_keeps_document(const struct zhi_doc *d, const struct zhi_config *config);

#endif
