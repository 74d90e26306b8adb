/* TimeMaps in pages of a size. Thread: the call's. */
#ifndef ZHI_SERVE_TIMEMAP_H
#define ZHI_SERVE_TIMEMAP_H

#include <stdbool.h>

#include "serve/http.h"

/* Answer with the mementos from the time in the address on: some `per_page` of them, since a page ends with a whole
 * second. ZHI_EOF: there are none. */
ZHI_NODISCARD enum zhi_code timemap_answer(struct serve_call *c, bool json, size_t per_page,
                                           struct zhi_err *e);
/* The URL behind the route, its "http:/" mended, into `room`; *ms, unless NULL, the time before it, 0 without one. */
ZHI_NODISCARD enum zhi_code memento_url(const struct serve_call *c, struct zhi_buf *room,
                                        struct zhi_str *url, int64_t *ms, struct zhi_err *e);

#endif
