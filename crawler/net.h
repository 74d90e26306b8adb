/* Net loop: libcurl multi (socket-action) on libuv, one thread. Sole owner of connections, host look-ups,
 * robots rules and politeness; it never parses pages, compresses or touches the database.
 *
 * In: notes (leases, regroupings, block pages) from the commit thread. Out: items to the workers (exchanges)
 * and to the commit thread (verdicts without an exchange, regroup requests). When the pipeline is full it
 * keeps what it has and starts nothing new. */
#ifndef ZHI_CRAWLER_NET_H
#define ZHI_CRAWLER_NET_H

#include <stdatomic.h>

#include "crawler/config.h"
#include "crawler/item.h"
#include "zhi/clock.h"
#include "zhi/queue.h"
#include "zhi/store.h"

/* What takes no more, so that the crawl waits. */
enum zhi_full { ZHI_FULL_ARCHIVE = 1, ZHI_FULL_STATE = 2 /* the folder of shared politeness */ };

/* Counters that any thread may read. */
struct zhi_progress {
  _Atomic int64_t pages;     /* exchanges finished */
  _Atomic int64_t documents; /* documents committed */
  _Atomic int64_t bytes;     /* body bytes received */
  _Atomic int64_t blocked, failed, committed;
  _Atomic int64_t due, known; /* frontier, as of the last commit */
  _Atomic int64_t in_flight;
  _Atomic int64_t next_ms;    /* when the next request may start; 0 = now */
  _Atomic unsigned disk_full; /* of zhi_full; 0 = there is room */
  _Atomic(int64_t) items;     /* items alive in the whole pipeline */
};

struct zhi_scope;
struct zhi_share;
struct zhi_net_options {
  const struct zhi_config *config;
  const struct zhi_scope *scope;
  const struct zhi_clock *clock;
  struct zhi_ids *ids;
  const char *spool_dir;
  struct zhi_share *share;    /* lent to the loop; NULL = no other crawls */
  struct zhi_queue *work_q;   /* exchanges → workers */
  struct zhi_queue *commit_q; /* everything else → commit */
  struct zhi_progress *progress;
  int64_t max_pages;  /* of this run; 0 = no limit */
  int64_t max_bytes;  /* bodies received in this run; 0 = no limit */
  int64_t stop_at_ms; /* clock; 0 = no limit */
};

struct zhi_net;
ZHI_NODISCARD enum zhi_code zhi_net_new(const struct zhi_net_options *o, struct zhi_net **out,
                                        struct zhi_err *e);
void zhi_net_free(struct zhi_net *net);
/* Before run: an origin known from an earlier run (robots, address, group, politeness). */
ZHI_NODISCARD enum zhi_code zhi_net_restore(struct zhi_net *net, const struct zhi_origin_state *o,
                                            const struct zhi_group_state *g, struct zhi_err *e);
/* The loop, on its own thread: returns when stopped and nothing is in flight. */
void zhi_net_run(struct zhi_net *net);

/* From any thread. */
enum zhi_stop { ZHI_STOP_NONE, ZHI_STOP_DONE, ZHI_STOP_SIGNAL, ZHI_STOP_BUDGET, ZHI_STOP_ERROR };
void zhi_net_lease(struct zhi_net *net, struct zhi_lease *lease); /* ownership moves */
void zhi_net_regrouped(struct zhi_net *net, struct zhi_str origin, int64_t group_id);
void zhi_net_blocked(struct zhi_net *net, int64_t group_id); /* a block page was recognised */
/* Start nothing new; exchanges in flight get `grace_ms` to end. The first reason given stays. */
void zhi_net_stop(struct zhi_net *net, enum zhi_stop why, int64_t grace_ms);
enum zhi_stop zhi_net_stop_reason(const struct zhi_net *net);

#endif
