/* The document that an address asks for: ?url=, and ?v= for a version. */
#ifndef ZHI_SERVE_FIND_H
#define ZHI_SERVE_FIND_H

#include <jansson.h>

#include "serve/http.h"
#include "zhi/browse.h"

/* What ?url= says. ZHI_EUSAGE: nothing, or no absolute URL. */
ZHI_NODISCARD enum zhi_code find_url(const struct serve_call *c, struct zhi_str *url,
                                     struct zhi_err *e);
/* Its key, appended. */
ZHI_NODISCARD enum zhi_code find_key(const struct serve_call *c, struct zhi_buf *key,
                                     struct zhi_err *e);
/* All rows of a question about that key; a new reference. */
ZHI_NODISCARD enum zhi_code find_rows(const struct serve_call *c, enum zhi_browse what,
                                      json_t **rows, struct zhi_err *e);
/* The version asked for, with "captures", "versions", "urls" and "columns"; a new reference. Without a document the
 * object has no "document". ZHI_EOF: never captured; the message names the nearest URL that was. */
ZHI_NODISCARD enum zhi_code find_document(const struct serve_call *c, json_t **out,
                                          struct zhi_err *e);

#endif
