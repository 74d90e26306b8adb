/* Commit thread: sole owner of the WARC file and of the database. Nothing is done before it is durable.
 *
 * It gathers items into batches and, for each: appends the packed records, syncs the file, then commits ONE
 * transaction with captures, documents, found URLs, results, politeness and the file's length. It also feeds
 * the net loop: groups are leased, topped up and given back here, so that the database has one user.
 * Trouble with the disk cuts the file back to its committed length and waits for room; the batch is kept. */
#ifndef ZHI_CRAWLER_COMMIT_H
#define ZHI_CRAWLER_COMMIT_H

#include "crawler/config.h"
#include "crawler/net.h"
#include "crawler/ship.h"
#include "crawler/worker.h"
#include "zhi/queue.h"
#include "zhi/store.h"
#include "zhi/warc.h"

struct zhi_commit_options {
  const struct zhi_config *config;
  const struct zhi_clock *clock;
  struct zhi_store *store; /* lent for the life of the thread */
  struct zhi_net *net;
  struct zhi_queue *queue;
  struct zhi_progress *progress;
  struct zhi_warcinfo_id *warcinfo;
  const struct zhi_crawl_info *crawl;
  struct zhi_ids *ids;
  const char *warc_dir;
  struct zhi_shipper *shipper;                                             /* may be NULL */
  struct zhi_str info_fields;                                              /* warcinfo lines */
  enum zhi_code (*before_end)(void *ctx, size_t *more, struct zhi_err *e); /* as the feeder's */
  void *before_end_ctx;
};

struct zhi_committer;
ZHI_NODISCARD enum zhi_code zhi_committer_new(const struct zhi_commit_options *o,
                                              struct zhi_committer **out, struct zhi_err *e);
void zhi_committer_free(struct zhi_committer *c);
/* A resource record of the crawl itself (its config), in the first file. Before run. It becomes durable with the
 * first batch; a run that brings none leaves no file. ZHI_EIO: the disk refused it. */
ZHI_NODISCARD enum zhi_code zhi_committer_resource(struct zhi_committer *c, struct zhi_str url,
                                                   struct zhi_str content_type, struct zhi_str data,
                                                   struct zhi_err *e);
/* On its own thread: until the queue is closed and empty. ZHI_EIO: the disk stayed full until a stop. */
ZHI_NODISCARD enum zhi_code zhi_committer_run(struct zhi_committer *c, struct zhi_err *e);

#endif
