/* Server group: politeness towards hosts that answer from one address. A pure state machine.
 *
 * Time comes in as an argument, randomness from a seed, so that every rule is testable without a sleep.
 *
 *   delay  = max(min_delay, factor × last response time), at most max_delay;
 *            at least Crawl-delay, which is honoured up to max(max_delay, ZHI_CRAWL_DELAY_CAP_MS);
 *            at least the slow-down step; plus up to jitter percent
 *   next   = end of the last response + delay (and start of the last request + delay)
 *   429, 503, block page: the whole group is blocked for Retry-After (at most ZHI_RETRY_AFTER_CAP_MS), else
 *            60 s, doubling to a day; after three refusals in a row the doubling holds even when
 *            Retry-After asks for less. Forgiven: restarted after a quiet half hour, halved every
 *            ZHI_FORGIVE_SUCCESSES answers.
 *   timeout, 5xx: the slow-down step doubles (from twice min_delay up to max_delay), halves with each answer;
 *   connection error: the same, and three in a row block like a refusal.
 *   After a block one request at a time until an answer comes.
 * Thread: one owner (the net loop). */
#ifndef ZHI_CRAWLER_GROUP_H
#define ZHI_CRAWLER_GROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "zhi/option.h"
#include "zhi/store.h"
#include "zhi/str.h"
#include "zhi/verdict.h"

enum {
  ZHI_CRAWL_DELAY_CAP_MS = 5 * 60 * 1000,
  ZHI_BACKOFF_FIRST_MS = 60 * 1000,
  ZHI_BACKOFF_MAX_MS = 24 * 3600 * 1000,
  ZHI_RETRY_AFTER_CAP_MS = 7 * 24 * 3600 * 1000,
  ZHI_FORGIVE_QUIET_MS = 30 * 60 * 1000,
  ZHI_FORGIVE_SUCCESSES = 20
};

/* The configured part; shared by all groups. */
struct zhi_politeness {
  int64_t min_delay_ms, factor_milli, max_delay_ms;
  int connections;
  int jitter_percent;
  int64_t backoff_ms;     /* first step of the doubling; 0 = ZHI_BACKOFF_FIRST_MS */
  struct zhi_hours hours; /* Asia/Shanghai; {0, 0} = always */
};

enum zhi_group_status {
  ZHI_GROUP_OPEN,    /* no trouble */
  ZHI_GROUP_SLOW,    /* timeouts or 5xx: longer delays */
  ZHI_GROUP_BLOCKED, /* refused: nothing before blocked_until_ms */
  ZHI_GROUP_PROBE    /* the block is over: one request at a time until an answer */
};

struct zhi_group {
  enum zhi_group_status status;
  int in_flight;
  int64_t next_ms;          /* no request before this */
  int64_t blocked_until_ms; /* end of the last block; stays set afterwards */
  int64_t backoff_ms;       /* last doubling step; 0 = none */
  int64_t delay_ms;         /* last delay used */
  int64_t crawl_delay_ms;   /* largest of the group's robots files; 0 = none */
  int64_t slow_ms;          /* slow-down step; 0 = none */
  int64_t last_use_ms;      /* last start or finish; 0 = never */
  int refusals;             /* in a row */
  int failures;             /* connection errors in a row */
  int answers;              /* since the last refusal or halving */
  uint64_t random;
};

/* How an exchange ended, as politeness sees it. */
enum zhi_group_event {
  ZHI_EVENT_ANSWER,       /* the server answered and did not complain (404 too) */
  ZHI_EVENT_REFUSED,      /* 429, 503, or a block page */
  ZHI_EVENT_SERVER_ERROR, /* other 5xx */
  ZHI_EVENT_TIMEOUT,
  ZHI_EVENT_CONNECTION, /* no connection, reset, TLS, DNS, not HTTP */
  ZHI_EVENT_CANCELLED   /* by us, before the server could answer: says nothing about it */
};
/* The event for a verdict and HTTP status (0 = none). */
enum zhi_group_event zhi_group_event_of(enum zhi_verdict v, int status);

/* The time of a request that waits for one in flight to end. */
#define ZHI_GROUP_WAIT INT64_MAX

void zhi_group_init(struct zhi_group *g, uint64_t seed);
/* When may the next request start? <= now_ms: now. ZHI_GROUP_WAIT: when a response has ended. A clock that
 * stepped back does not prolong waits: a next_ms further away than any rule allows is cut. */
int64_t zhi_group_ready_at(struct zhi_group *g, const struct zhi_politeness *p, int64_t now_ms);
/* A request goes out now. The caller has asked zhi_group_ready_at. */
void zhi_group_start(struct zhi_group *g, const struct zhi_politeness *p, int64_t now_ms);
/* It ended. `response_ms`: from sending to the last byte; `retry_after_ms`: from zhi_retry_after_ms,
 * -1 = none. */
void zhi_group_finish(struct zhi_group *g, const struct zhi_politeness *p,
                      enum zhi_group_event event, int64_t response_ms, int64_t retry_after_ms,
                      int64_t now_ms);
/* A body was recognised as a block page after the exchange had been finished as an answer. */
void zhi_group_block_page(struct zhi_group *g, const struct zhi_politeness *p, int64_t now_ms);
/* A robots.txt of the group asks for this delay (-1 = none). */
void zhi_group_crawl_delay(struct zhi_group *g, int64_t crawl_delay_ms);

/* What survives a restart. save fills next_ms, blocked_until_ms, backoff_ms, delay_ms only. */
void zhi_group_save(const struct zhi_group *g, struct zhi_group_state *out);
/* Into an initialised group. Another crawler's (or an earlier) state: waits at least one delay. */
void zhi_group_restore(struct zhi_group *g, const struct zhi_group_state *saved, int64_t now_ms);

/* Another crawl had the server until now: no sooner than it would have asked, nor than our own pause after its last
 * exchange allows (`ended_ms`; 0 = there was none). `saved->delay_ms` is not looked at. */
void zhi_group_learn(struct zhi_group *g, const struct zhi_politeness *p,
                     const struct zhi_group_state *saved, int64_t ended_ms, int64_t now_ms);

/* Retry-After: seconds or an HTTP date (RFC 9110 10.2.3) → ms from now, capped; a date in the past is 0;
 * -1 when absent or unreadable. */
int64_t zhi_retry_after_ms(struct zhi_str value, int64_t now_ms);
/* The next time at or after now_ms inside the window (Asia/Shanghai, UTC+8). */
int64_t zhi_hours_next(struct zhi_hours h, int64_t now_ms);

#endif
