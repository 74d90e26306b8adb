/* The stored form of a received HTTP head (private to warc/). */
#ifndef ZHI_WARC_HEAD_H
#define ZHI_WARC_HEAD_H

#include <stdint.h>

#include "zhi/str.h"

struct head_rules {
  bool was_chunked;    /* transfer coding was removed from the body */
  bool keep_length;    /* truncated: the server's Content-Length stays unless transfer coding was
                          removed */
  bool no_entity;      /* the entity is not known (304): lengths are neither moved nor added */
  uint64_t body_bytes; /* the stored entity */
};

/* The head to store: `head` itself when nothing has to change, else a view into `out`. `out` and
 * `changed` (names of changed headers, ", " between them) are cleared first; check both for failure
 * afterwards. */
struct zhi_str zhi_warc_head_stored(struct zhi_str head, const struct head_rules *rules,
                                    struct zhi_buf *out, struct zhi_buf *changed);

#endif
