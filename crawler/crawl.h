/* Crawl: the conductor. Opens the archive, mends what a crash left, starts the threads, waits, and leaves an
 * archive that is whole: files closed, index and documents.csv written, database checkpointed. */
#ifndef ZHI_CRAWLER_CRAWL_H
#define ZHI_CRAWLER_CRAWL_H

#include "crawler/config.h"
#include "crawler/net.h"

enum zhi_progress_mode {
  ZHI_PROGRESS_AUTO,
  ZHI_PROGRESS_PLAIN,
  ZHI_PROGRESS_JSON,
  ZHI_PROGRESS_OFF
};

struct zhi_crawl_options {
  const struct zhi_config *config;
  const char *archive; /* folder; made when missing */
  int64_t max_pages;   /* exchanges in this run; 0 = the config's budget */
  int64_t max_time_ms; /* of this run; 0 = the config's budget */
  bool fresh;          /* begin a new crawl although one is unfinished */
  /* Instead of a crawl: capture these http URLs, what their pages need, and nothing else; NULL = crawl */
  const char *const *only;
  size_t only_count;
  const char *state_dir; /* politeness shared with other crawls; NULL = with none */
  enum zhi_progress_mode progress;
  const struct zhi_clock *clock;
};

struct zhi_crawl_outcome {
  enum zhi_stop stop;
  int64_t failed_urls; /* of the crawl, at its end */
};

/* Runs until the frontier is exhausted, a budget is spent, or SIGINT/SIGTERM (which it handles itself: the
 * first pauses, the second gives up exchanges in flight). Errors: ZHI_ECONFLICT another crawl holds the
 * archive; ZHI_EIO disk; ZHI_EPARSE a WARC file is shorter than the catalogue says. */
ZHI_NODISCARD enum zhi_code zhi_crawl_run(const struct zhi_crawl_options *o,
                                          struct zhi_crawl_outcome *out, struct zhi_err *e);

#endif
