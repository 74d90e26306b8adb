/* Feeder: keeps the net loop supplied with leased work and says when there is none left. Part of the commit
 * thread: it uses the store's writing handle. Counts what is outstanding under each lease (handed out, result
 * not yet committed), so that a group is given back only when all of it has come home. */
#ifndef ZHI_CRAWLER_FEED_H
#define ZHI_CRAWLER_FEED_H

#include "crawler/net.h"
#include "crawler/trap.h"
#include "zhi/store.h"

struct zhi_feeder_options {
  struct zhi_store *store;
  struct zhi_net *net;
  const struct zhi_clock *clock;
  const struct zhi_traps *traps;
  size_t max_groups;
  /* Nothing is left to do: is there after all? *more > 0 when URLs are due now. May be NULL. */
  enum zhi_code (*before_end)(void *ctx, size_t *more, struct zhi_err *e);
  void *before_end_ctx;
};

struct zhi_feeder;
ZHI_NODISCARD enum zhi_code zhi_feeder_new(const struct zhi_feeder_options *o,
                                           struct zhi_feeder **out, struct zhi_err *e);
void zhi_feeder_free(struct zhi_feeder *f);
/* Lease, top up, renew, give back; stops the net loop when the frontier is exhausted. Cheap when nothing changed. */
ZHI_NODISCARD enum zhi_code zhi_feeder_feed(struct zhi_feeder *f, struct zhi_progress *p,
                                            struct zhi_err *e);
/* A result under this lease was committed. */
void zhi_feeder_returned(struct zhi_feeder *f, int64_t token);
/* The frontier may have new due URLs. */
void zhi_feeder_changed(struct zhi_feeder *f);
/* The loop has dropped the lease (its origin belongs to another group). */
ZHI_NODISCARD enum zhi_code zhi_feeder_release(struct zhi_feeder *f, int64_t group_id,
                                               int64_t token, struct zhi_err *e);

#endif
