/* Moments of an archived URL: "20180329080000id_/http://…" read, times padded and written. Thread: any. */
#ifndef ZHI_SERVE_MOMENT_H
#define ZHI_SERVE_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "zhi/str.h"

struct moment {
  struct zhi_str time; /* 0 to 14 digits as they came */
  struct zhi_str mod;  /* "id_", "mp_" …; may be empty */
  struct zhi_str url;  /* as it came: raw, query and all */
  int64_t ms;          /* of `time`, padded; INT64_MAX when there is none: the latest */
};
/* ZHI_EUSAGE: not of that form, or the URL is not http or https. A slash lost from "http:/host" is put back into
 * `room`, which must outlive *out. */
ZHI_NODISCARD enum zhi_code moment_read(struct zhi_str rest, struct zhi_buf *room,
                                        struct moment *out, struct zhi_err *e);
/* "2018", "201803" … as the first or last second that it can mean. False: no time. */
bool moment_pad(struct zhi_str digits, bool last, int64_t *ms);

enum { MOMENT_HTTP_SIZE = 40 };
/* "Thu, 29 Mar 2018 08:00:00 GMT" (RFC 9110 5.6.7). */
void moment_http(int64_t ms, char out[MOMENT_HTTP_SIZE]);

#endif
