/* Metrics of a running crawl as a file that node-exporter's textfile collector reads: written whole or not at all.
 * The names are a contract: docs/metrics.md. Thread: one. */
#ifndef ZHI_CRAWLER_METRICS_H
#define ZHI_CRAWLER_METRICS_H

#include "crawler/net.h"

struct zhi_metrics {
  const char *path, *cluster; /* borrowed; path NULL or "" = nothing is written */
  const struct zhi_clock *clock;
  int64_t started_ms;
  int64_t next_mono_ms; /* not before this again */
  bool warned;
};

void zhi_metrics_init(struct zhi_metrics *m, const struct zhi_config *c,
                      const struct zhi_clock *clock);
/* Call often; writes when it is time. A file that cannot be written is warned of once and stops no crawl. */
void zhi_metrics_update(struct zhi_metrics *m, struct zhi_progress *p);
/* The last word of a run. `finished`: nothing was left to do. */
void zhi_metrics_end(struct zhi_metrics *m, struct zhi_progress *p, bool finished);

#endif
