/* The net loop's own structures; private to net.c, dispatch.c and origin.c. Net thread only, but for the inbox. */
#ifndef ZHI_CRAWLER_NET_INTERNAL_H
#define ZHI_CRAWLER_NET_INTERNAL_H

#include <curl/curl.h>
#include <pthread.h>
#include <uv.h>

#include "crawler/fetch.h"
#include "crawler/group.h"
#include "crawler/net.h"
#include "crawler/share.h"
#include "zhi/map.h"
#include "zhi/robots.h"

struct item_list {
  struct zhi_item *head, *tail;
  size_t count;
};

struct lease_node {
  struct lease_node *next;
  struct zhi_lease *lease;
  size_t at; /* first job not yet taken */
};

/* A server group as the loop knows it. id 0: only its address is known (robots redirected there). */
struct grp {
  struct zhi_net *net;
  int64_t id, token; /* token 0: not leased */
  struct zhi_group polite;
  uv_timer_t timer;                         /* its next start */
  struct lease_node *leases, **leases_tail; /* jobs to take, in order */
  struct item_list ready; /* jobs that waited for a look-up or robots: they go first */
  size_t running;
};

enum address_state { ADDRESS_UNKNOWN, ADDRESS_LOOKING, ADDRESS_KNOWN, ADDRESS_FAILED };
enum robots_state { ROBOTS_UNKNOWN, ROBOTS_FETCHING, ROBOTS_KNOWN };

/* scheme://host:port */
struct origin {
  struct zhi_net *net;
  char *name;
  char *host;    /* without brackets */
  uint16_t port; /* to connect to, after connect_to */
  enum address_state address_state;
  char address[64];       /* pinned for this crawl */
  int64_t group_id;       /* frontier group this origin is in; 0 = unknown */
  char group_address[64]; /* the address that group was made for */
  bool regrouping;
  enum robots_state robots_state;
  struct zhi_robots *robots;
  int64_t robots_until_ms;         /* cached so long */
  int robots_failures;             /* in a row; */
  enum zhi_verdict robots_verdict; /* of the last */
  bool probed;                     /* asked for a page that cannot exist, in this crawl */
  int64_t pages, bytes;            /* exchanges and body bytes of this run */
  struct item_list waiting;        /* parked jobs of this origin */
  uv_getaddrinfo_t look_up;
  char error[120]; /* of the look-up */
};

struct note {
  struct note *next;
  enum { NOTE_LEASE, NOTE_REGROUPED, NOTE_BLOCKED, NOTE_STOP } kind;
  struct zhi_lease *lease;
  char *origin;
  int64_t group_id, grace_ms;
  enum zhi_stop why;
};

struct zhi_net {
  struct zhi_net_options o;
  struct zhi_fetch_env env;
  struct zhi_politeness polite;
  char *user_agent;
  uv_loop_t loop;
  CURLM *multi;
  uv_timer_t curl_timer, tick, grace;
  uv_async_t wake;
  struct zhi_map origins; /* name → struct origin */
  struct zhi_map groups;  /* decimal id → struct grp */
  struct zhi_fetch *running, *idle;
  size_t running_count, looking;
  struct item_list overflow_work, overflow_commit; /* what a full queue refused */
  int64_t pages;                                   /* exchanges started in this run */
  uint64_t seed;
  bool stopping, cancelled_all;
  pthread_mutex_t lock; /* guards the inbox */
  struct note *inbox, **inbox_tail;
  _Atomic int stop_reason;
  atomic_bool
      starved; /* work was lost for want of memory: the run ends, the next one has it again */
};

/* lists */
void item_push(struct item_list *l, struct zhi_item *it);
void item_push_front(struct item_list *l, struct zhi_item *it);
struct zhi_item *item_pop(struct item_list *l);
void item_splice_front(struct item_list *to, struct item_list *from);

/* net.c */
/* Send the request. Takes the item; on failure it has gone to the commit thread as a retry. */
void net_start(struct zhi_net *net, struct grp *g, struct origin *o, struct zhi_item *it);
/* A verdict without an exchange. */
void net_settle(struct zhi_net *net, struct zhi_item *it, enum zhi_url_outcome outcome,
                enum zhi_verdict verdict, const char *reason, const char *detail, int64_t retry_ms);
/* Hand on; never blocks: what does not fit waits in an overflow list. */
void net_send_work(struct zhi_net *net, struct zhi_item *it);
void net_send_commit(struct zhi_net *net, struct zhi_item *it);
/* Work was lost for want of memory (any thread). */
void net_starved(struct zhi_net *net);
int64_t net_now(const struct zhi_net *net);
bool net_may_start(const struct zhi_net *net); /* pipeline has room, not stopping, budget left */

/* dispatch.c */
struct grp *group_of(struct zhi_net *net, int64_t id); /* made when new; NULL when out of memory */
void group_lease(struct zhi_net *net, struct zhi_lease *lease);
void group_pump(struct grp *g);
void group_pump_all(struct zhi_net *net);
/* An exchange of group g at origin o ended: politeness, robots, hand-over. */
void group_done(struct zhi_net *net, struct grp *g, struct origin *o, struct zhi_item *it);
/* Give up the lease: jobs not started are forgotten (the frontier has them). */
void group_drop_lease(struct grp *g);

/* origin.c */
struct origin *origin_of(struct zhi_net *net, struct zhi_str name);
void origin_free(struct origin *o);
void origin_look_up(struct origin *o);
/* Its parked jobs get the verdict of a failed look-up. */
void origin_settle(struct origin *o);
/* The frontier group's lease is given up because the origin belongs elsewhere. */
void origin_regroup(struct origin *o, struct grp *g);
/* Free an item that the frontier, or its origin, will bring again. */
void item_forget(struct zhi_net *net, struct zhi_item *it);
/* A new robots.txt request for o (hop 0), or NULL when out of memory. */
struct zhi_item *origin_robots_job(struct origin *o, struct grp *g, struct zhi_str url,
                                   struct zhi_str via, uint16_t hop);
enum { ROBOTS_CACHE_MS = 24 * 3600 * 1000, ROBOTS_TRIES = 3 };
/* The exchange of a robots job ended: learn, or give back the next hop (caller starts it). */
struct zhi_item *origin_robots_done(struct origin *o, struct grp *g, struct zhi_item *it);
/* A job of an origin whose robots.txt cannot be had: later, or after ROBOTS_TRIES never. */
void origin_robots_unreachable(struct origin *o, struct zhi_item *it);
/* Is robots.txt's answer still good? */
bool origin_robots_fresh(const struct origin *o, int64_t now_ms);
/* Parked jobs go back to their groups and are tried again. */
void origin_wake(struct origin *o);

#endif
