/* Probe: what a host says about a page that cannot exist.
 *
 * Many servers answer 200 for anything: with an error page, or their front page. So one path, derived
 * from the host's name, is asked once a crawl of each host whose pages are fetched, as politely as any other and
 * captured like any other. What looks the same afterwards is a soft 404. A host that answers 404 is honest, and one
 * that does not answer teaches nothing.
 * Thread: the table is shared by all, with a lock of its own; the rest is pure. */
#ifndef ZHI_CRAWLER_PROBE_H
#define ZHI_CRAWLER_PROBE_H

#include "crawler/item.h"
#include "zhi/doc.h"
#include "zhi/url.h"

struct zhi_probe_answer {
  bool page;      /* a page came, with status 2xx; shape and chars tell it */
  uint64_t shape; /* zhi_doc.shape; 0 = none */
  int64_t chars;  /* of the text */
};

/* The path to ask a host for, appended: the same at every crawl. `origin`: "http://www.x.gov.cn[:port]". */
void zhi_probe_path(struct zhi_str origin, struct zhi_buf *out);
/* As one word of text, appended, and back (false: not one). */
void zhi_probe_format(const struct zhi_probe_answer *a, struct zhi_buf *out);
bool zhi_probe_parse(struct zhi_str text, struct zhi_probe_answer *out);

/* Answers by origin. */
struct zhi_probes;
ZHI_NODISCARD enum zhi_code zhi_probes_new(struct zhi_probes **out, struct zhi_err *e);
void zhi_probes_free(struct zhi_probes *p);
ZHI_NODISCARD enum zhi_code zhi_probes_put(struct zhi_probes *p, struct zhi_str origin,
                                           const struct zhi_probe_answer *a, struct zhi_err *e);
/* The probe's own exchange has ended: into the table and, for the next run, the item's origin state. `d` may be NULL. */
void zhi_probe_learn(struct zhi_probes *p, struct zhi_item *it, const struct zhi_doc *d);
/* An exchange looks like the probe's: its verdict becomes soft_404. Never a host's front page. `d` may be NULL. */
void zhi_probe_judge(struct zhi_probes *p, struct zhi_item *it, const struct zhi_url *url,
                     const struct zhi_doc *d);

#endif
