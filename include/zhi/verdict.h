/* Verdicts: what became of an exchange (one each), as they stand in the database and in reports. */
#ifndef ZHI_VERDICT_H
#define ZHI_VERDICT_H

#include "zhi/str.h"

#define ZHI_VERDICTS(X)                                                                            \
  X(OK, "ok")                     /* 2xx with content */                                           \
  X(NOT_MODIFIED, "not_modified") /* 304 */                                                        \
  X(REDIRECT, "redirect")         /* 3xx with a Location */                                        \
  X(GONE, "gone")                 /* 404, 410 */                                                   \
  X(CLIENT_ERROR, "client_error") /* other 4xx */                                                  \
  X(SERVER_ERROR, "server_error") /* 5xx */                                                        \
  X(BLOCKED, "blocked")           /* challenge, WAF or login page: not content, not a deletion */  \
  X(SOFT_404, "soft_404")         /* 200 that says "not found" */                                  \
  X(ROBOTS_DENIED, "robots_denied") /* never requested */                                          \
  X(OUT_OF_SCOPE, "out_of_scope")   /* never requested */                                          \
  X(TOO_LARGE, "too_large")         /* over body_max; stored, WARC-Truncated: length */            \
  X(TIMEOUT, "timeout")             /* over the time; stored as far as it came, "time" */          \
  X(DNS, "dns")                                                                                    \
  X(TLS, "tls")                                                                                    \
  X(CONNECTION, "connection")                                                                      \
  X(TRUNCATED, "truncated") /* cut off by the server; stored, "disconnect" */                      \
  X(INVALID, "invalid")     /* not HTTP, a header flood, an unusable URL */

enum zhi_verdict {
#define X(name, text) ZHI_V_##name,
  ZHI_VERDICTS(X)
#undef X
      ZHI_VERDICT_COUNT
};

/* The verdict's text, and back (ZHI_VERDICT_COUNT when unknown). */
const char *zhi_verdict_name(enum zhi_verdict v);
enum zhi_verdict zhi_verdict_of(struct zhi_str name);

/* What an answer with this status is before anybody looks at its content. */
enum zhi_verdict zhi_verdict_of_status(int status);

#endif
