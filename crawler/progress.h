/* Progress: one line that renews itself on a terminal, plain lines elsewhere, JSON lines for machines. */
#ifndef ZHI_CRAWLER_PROGRESS_H
#define ZHI_CRAWLER_PROGRESS_H

#include "crawler/crawl.h"

struct zhi_display {
  enum zhi_progress_mode mode;
  const struct zhi_clock *clock;
  int64_t started_mono_ms, last_mono_ms, last_pages;
  double rate; /* pages a second, smoothed */
  bool terminal, drawn;
};

void zhi_display_init(struct zhi_display *d, enum zhi_progress_mode mode,
                      const struct zhi_clock *clock);
/* Call often; draws when it is time. `last`: the closing line. */
void zhi_display_update(struct zhi_display *d, struct zhi_progress *p, bool last);
/* Give log lines back to stderr. */
void zhi_display_end(struct zhi_display *d);

#endif
