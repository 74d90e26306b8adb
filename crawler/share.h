/* Share: the net loop's side of politeness among the crawls of a machine (zhi/servers.h).
 *
 * Before the first request to an address its lease is taken, and the group made as patient as the last holder left the
 * server. The lease is held over many requests, given back when the address has been idle, and, after a slice of time,
 * to whoever stands in line. It is never held past its time with a request to come: a crawl that is stopped for long
 * asks again. Trouble with the database defers, and says so. Net thread only. */
#ifndef ZHI_CRAWLER_SHARE_H
#define ZHI_CRAWLER_SHARE_H

#include "crawler/group.h"
#include "zhi/err.h"

struct zhi_share;

enum {
  ZHI_SHARE_LEASE_MS = 30 * 1000,
  ZHI_SHARE_SLICE_MS = 5 * 1000, /* then others have their turn */
  ZHI_SHARE_IDLE_MS = 3 * 1000,
  ZHI_SHARE_POLL_MS = 200 /* between two looks whether it is our turn */
};

/* `dir` is the state folder. In *full the bit ZHI_FULL_STATE tells that no lease can be taken because its disk takes no
 * more; borrowed. */
ZHI_NODISCARD enum zhi_code zhi_share_open(const char *dir, int64_t now_ms, _Atomic unsigned *full,
                                           struct zhi_share **out, struct zhi_err *e);
/* Gives back all leases. */
void zhi_share_close(struct zhi_share *s);
/* May a request to this address be sent now, as far as other crawls go? A newly taken lease raises the group's times:
 * ask zhi_group_ready_at again. Else *again_ms is when to ask again. `port` tells servers of one's own machine apart.
 * A NULL share knows no other crawls: always true. */
bool zhi_share_may_start(struct zhi_share *s, const char *address, uint16_t port,
                         struct zhi_group *g, const struct zhi_politeness *p, int64_t now_ms,
                         int64_t *again_ms);
void zhi_share_started(struct zhi_share *s, const char *address, uint16_t port, int64_t now_ms);
/* It ended; the group knows already how. */
void zhi_share_ended(struct zhi_share *s, const char *address, uint16_t port,
                     const struct zhi_group *g, int64_t now_ms);
/* Several times a lease: renew, give back. */
void zhi_share_tick(struct zhi_share *s, int64_t now_ms);

#endif
