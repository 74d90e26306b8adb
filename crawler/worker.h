/* Worker: what one exchange is worth. Pure work on one thread each: content coding undone, page extracted,
 * links judged by scope, WARC records serialised and compressed, catalogue rows filled in. */
#ifndef ZHI_CRAWLER_WORKER_H
#define ZHI_CRAWLER_WORKER_H

#include <pthread.h>

#include "crawler/cluster.h"
#include "crawler/config.h"
#include "crawler/item.h"
#include "crawler/probe.h"
#include "crawler/scope.h"
#include "zhi/doc.h"

/* The current WARC file's warcinfo id, set by the commit thread, read by workers. */
struct zhi_warcinfo_id {
  pthread_mutex_t lock;
  char id[64];
};

void zhi_warcinfo_get(struct zhi_warcinfo_id *w, char out[64]);

struct zhi_worker_options {
  const struct zhi_config *config;
  const struct zhi_scope *scope; /* read-only while workers run */
  struct zhi_warcinfo_id *warcinfo;
  struct zhi_probes *probes;
  struct zhi_cluster *cluster;
  struct zhi_ids *ids;
  const char *spool_dir;
  bool only_asked; /* every page fetched was asked for: it is in scope wherever it is */
};

struct zhi_worker;
ZHI_NODISCARD enum zhi_code zhi_worker_new(const struct zhi_worker_options *o,
                                           struct zhi_worker **out, struct zhi_err *e);
void zhi_worker_free(struct zhi_worker *w);
/* Fills in everything the commit thread needs; whatever the exchange is, it comes out committable unless
 * memory or the disk for temporary files fails (then packed_ok is false and the result is a retry). */
void zhi_worker_process(struct zhi_worker *w, struct zhi_item *it);

#endif
