/* Propose: a config for a portal that nobody has crawled yet, out of a short look at it. The look is a crawl like any
 * other, of a handful of pages, into an archive that is thrown away; what it found stands as comments beside the
 * values. */
#ifndef ZHI_CRAWLER_PROPOSE_H
#define ZHI_CRAWLER_PROPOSE_H

#include "zhi/clock.h"
#include "zhi/str.h"

struct zhi_propose_options {
  const char *url;
  const char *operator_name, *operator_contact; /* both NULL: the config gets a line to fill in */
  const char *connect_to;                       /* one row in libcurl's form; NULL = none */
  bool allow_private;
  const char *state_dir; /* as a crawl's */
  const struct zhi_clock *clock;
};

/* Append the proposed YAML to *out. Blocks for the time of the look (at most a minute); SIGINT ends it. Makes and
 * removes a folder under $TMPDIR. ZHI_EUSAGE: the URL or a flag is wrong; ZHI_EIO: nothing was answered (the message
 * says what the server did), or the disk. */
ZHI_NODISCARD enum zhi_code zhi_propose(const struct zhi_propose_options *o, struct zhi_buf *out,
                                        struct zhi_err *e);

#endif
