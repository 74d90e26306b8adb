/* Server group: the politeness rules of group.h as a state machine.
 *
 * Four states; every move goes through set_status, which knows the legal ones. Time only enters as now_ms.
 * All waiting is in two numbers, next_ms (pace) and blocked_until_ms (refusals), so that what survives a
 * restart is what holds. */
#include "crawler/group.h"

#include <assert.h>

#include "zhi/clock.h"

enum {
  DAY_MIN = 24 * 60,
  SLOW_LEAST_MS = 100,  /* base of the slow-down step when min_delay is 0 */
  REFUSALS_TRUSTED = 3, /* after so many in a row Retry-After cannot shorten the doubling */
  FAILURES_BLOCK = 3    /* connection errors in a row that count as a refusal */
};

/* legal[from] has bit `to`. */
static const unsigned legal[] = {
    [ZHI_GROUP_OPEN] = 1u << ZHI_GROUP_SLOW | 1u << ZHI_GROUP_BLOCKED,
    [ZHI_GROUP_SLOW] = 1u << ZHI_GROUP_OPEN | 1u << ZHI_GROUP_BLOCKED,
    [ZHI_GROUP_BLOCKED] = 1u << ZHI_GROUP_PROBE,
    [ZHI_GROUP_PROBE] = 1u << ZHI_GROUP_OPEN | 1u << ZHI_GROUP_SLOW | 1u << ZHI_GROUP_BLOCKED,
};

static void set_status(struct zhi_group *g, enum zhi_group_status to) {
  if (g->status == to)
    return;
  assert(legal[g->status] & 1u << to);
  g->status = to;
}

static int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }
static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

void zhi_group_init(struct zhi_group *g, uint64_t seed) { *g = (struct zhi_group){.random = seed}; }

/* splitmix64 */
static uint64_t draw(struct zhi_group *g) {
  uint64_t z = (g->random += 0x9E3779B97F4A7C15u);
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return z ^ z >> 31;
}

static int64_t crawl_delay_cap(const struct zhi_politeness *p) {
  return most(p->max_delay_ms, ZHI_CRAWL_DELAY_CAP_MS);
}

/* The pause after a response that took response_ms, without jitter. */
static int64_t pause_of(const struct zhi_group *g, const struct zhi_politeness *p,
                        int64_t response_ms) {
  int64_t scaled, delay = p->min_delay_ms;
  if (__builtin_mul_overflow(most(response_ms, 0), p->factor_milli, &scaled))
    scaled = INT64_MAX;
  delay = least(most(delay, scaled / 1000), most(p->max_delay_ms, p->min_delay_ms));
  delay = most(delay, least(g->crawl_delay_ms, crawl_delay_cap(p)));
  return most(delay, g->slow_ms);
}

static int64_t with_jitter(struct zhi_group *g, const struct zhi_politeness *p, int64_t delay) {
  int64_t room = delay / 100 * p->jitter_percent + delay % 100 * p->jitter_percent / 100;
  return room > 0 ? delay + (int64_t)(draw(g) % (uint64_t)(room + 1)) : delay;
}

int64_t zhi_hours_next(struct zhi_hours h, int64_t now_ms) {
  if (h.from_min == h.to_min || (h.from_min == 0 && h.to_min == DAY_MIN))
    return now_ms;
  int64_t day = 24LL * 3600 * 1000, t = (now_ms + ZHI_TZ_CHINA_MS) % day;
  if (t < 0)
    t += day;
  int64_t from = h.from_min * 60000LL, to = h.to_min * 60000LL;
  bool in = from < to ? t >= from && t < to : t >= from || t < to;
  if (in)
    return now_ms;
  return now_ms + (from > t ? from - t : from - t + day);
}

int64_t zhi_group_ready_at(struct zhi_group *g, const struct zhi_politeness *p, int64_t now_ms) {
  /* No rule sets these further ahead: the clock went back. */
  int64_t far = crawl_delay_cap(p) * 2;
  if (g->next_ms - now_ms > far)
    g->next_ms = now_ms + g->delay_ms;
  if (g->blocked_until_ms - now_ms > ZHI_RETRY_AFTER_CAP_MS)
    g->blocked_until_ms = now_ms + most(g->backoff_ms, ZHI_BACKOFF_FIRST_MS);
  if (g->status == ZHI_GROUP_BLOCKED && now_ms >= g->blocked_until_ms)
    set_status(g, ZHI_GROUP_PROBE);
  int allowed = g->status == ZHI_GROUP_PROBE ? 1 : p->connections;
  if (g->in_flight >= allowed)
    return ZHI_GROUP_WAIT;
  int64_t at = most(most(g->next_ms, g->blocked_until_ms), now_ms);
  return zhi_hours_next(p->hours, at);
}

void zhi_group_start(struct zhi_group *g, const struct zhi_politeness *p, int64_t now_ms) {
  g->in_flight++;
  g->last_use_ms = now_ms;
  g->next_ms = most(g->next_ms, now_ms + pause_of(g, p, 0));
}

static int64_t first_step(const struct zhi_politeness *p) {
  return p->backoff_ms ? p->backoff_ms : ZHI_BACKOFF_FIRST_MS;
}

/* A refusal. Those that were in flight when the block came do not double it again. */
static void refuse(struct zhi_group *g, const struct zhi_politeness *p, int64_t retry_after_ms,
                   int64_t now_ms) {
  int64_t first = first_step(p);
  bool fresh = g->status != ZHI_GROUP_BLOCKED || now_ms >= g->blocked_until_ms;
  if (fresh) {
    if (now_ms - g->blocked_until_ms >= ZHI_FORGIVE_QUIET_MS)
      g->backoff_ms = 0;
    g->backoff_ms =
        g->backoff_ms ? least(most(g->backoff_ms, first / 2) * 2, ZHI_BACKOFF_MAX_MS) : first;
    g->refusals++;
  }
  int64_t wait = retry_after_ms >= 0 ? least(retry_after_ms, ZHI_RETRY_AFTER_CAP_MS) : 0;
  if (retry_after_ms < 0 || g->refusals >= REFUSALS_TRUSTED)
    wait = most(wait, fresh ? g->backoff_ms : 0);
  g->blocked_until_ms = most(g->blocked_until_ms, now_ms + wait);
  g->answers = 0;
  if (g->status == ZHI_GROUP_BLOCKED && now_ms >= g->blocked_until_ms)
    return; /* Retry-After: 0 while blocked: nothing to add */
  set_status(g, ZHI_GROUP_BLOCKED);
}

static void slow_down(struct zhi_group *g, const struct zhi_politeness *p) {
  int64_t base = most(p->min_delay_ms, SLOW_LEAST_MS);
  g->slow_ms = least(most(g->slow_ms, base) * 2, most(p->max_delay_ms, p->min_delay_ms));
  g->answers = 0;
  if (g->status == ZHI_GROUP_OPEN || g->status == ZHI_GROUP_PROBE)
    set_status(g, ZHI_GROUP_SLOW);
}

static void answer(struct zhi_group *g, const struct zhi_politeness *p) {
  g->failures = 0;
  g->slow_ms = g->slow_ms / 2 > most(p->min_delay_ms, SLOW_LEAST_MS) ? g->slow_ms / 2 : 0;
  if (g->status == ZHI_GROUP_BLOCKED)
    return; /* sent before the block: says nothing about it */
  g->refusals = 0;
  if (++g->answers >= ZHI_FORGIVE_SUCCESSES) {
    g->answers = 0;
    g->backoff_ms = g->backoff_ms > first_step(p) ? g->backoff_ms / 2 : 0;
  }
  set_status(g, g->slow_ms ? ZHI_GROUP_SLOW : ZHI_GROUP_OPEN);
}

void zhi_group_finish(struct zhi_group *g, const struct zhi_politeness *p,
                      enum zhi_group_event event, int64_t response_ms, int64_t retry_after_ms,
                      int64_t now_ms) {
  if (g->in_flight > 0)
    g->in_flight--;
  switch (event) {
  case ZHI_EVENT_ANSWER: answer(g, p); break;
  case ZHI_EVENT_REFUSED:
    g->failures = 0;
    refuse(g, p, retry_after_ms, now_ms);
    break;
  case ZHI_EVENT_SERVER_ERROR:
    g->failures = 0;
    slow_down(g, p);
    break;
  case ZHI_EVENT_TIMEOUT: slow_down(g, p); break;
  case ZHI_EVENT_CONNECTION:
    slow_down(g, p);
    if (++g->failures >= FAILURES_BLOCK) {
      g->failures = 0;
      refuse(g, p, -1, now_ms);
    }
    break;
  case ZHI_EVENT_CANCELLED: break;
  }
  g->last_use_ms = now_ms;
  g->delay_ms = with_jitter(g, p, pause_of(g, p, event == ZHI_EVENT_CANCELLED ? 0 : response_ms));
  /* the gap between starts matters only while others are in flight */
  g->next_ms = most(g->in_flight ? g->next_ms : 0, now_ms + g->delay_ms);
}

void zhi_group_block_page(struct zhi_group *g, const struct zhi_politeness *p, int64_t now_ms) {
  refuse(g, p, -1, now_ms);
}

void zhi_group_crawl_delay(struct zhi_group *g, int64_t crawl_delay_ms) {
  g->crawl_delay_ms = most(g->crawl_delay_ms, crawl_delay_ms);
  if (g->last_use_ms > 0) /* robots.txt itself was a request: the delay counts from it */
    g->next_ms =
        most(g->next_ms, g->last_use_ms + least(g->crawl_delay_ms, ZHI_CRAWL_DELAY_CAP_MS));
}

void zhi_group_save(const struct zhi_group *g, struct zhi_group_state *out) {
  out->next_ms = g->next_ms;
  out->blocked_until_ms = g->blocked_until_ms;
  out->backoff_ms = g->backoff_ms;
  out->delay_ms = g->delay_ms;
}

void zhi_group_restore(struct zhi_group *g, const struct zhi_group_state *saved, int64_t now_ms) {
  g->next_ms = saved->next_ms;
  g->delay_ms = saved->delay_ms;
  if (g->next_ms > 0 || g->delay_ms > 0) /* whoever had it may have asked until a moment ago */
    g->next_ms = most(g->next_ms, now_ms + g->delay_ms);
  g->blocked_until_ms = saved->blocked_until_ms;
  g->backoff_ms = saved->backoff_ms;
  if (g->blocked_until_ms > now_ms)
    g->status = ZHI_GROUP_BLOCKED;
  else if (g->backoff_ms > 0 && now_ms - g->blocked_until_ms < ZHI_FORGIVE_QUIET_MS)
    g->status = ZHI_GROUP_PROBE;
}

enum zhi_group_event zhi_group_event_of(enum zhi_verdict v, int status) {
  switch (v) {
  case ZHI_V_BLOCKED: return ZHI_EVENT_REFUSED;
  case ZHI_V_TIMEOUT: return ZHI_EVENT_TIMEOUT;
  case ZHI_V_TLS: return ZHI_EVENT_ANSWER; /* a certificate says nothing of the load */
  case ZHI_V_DNS:
  case ZHI_V_CONNECTION: return ZHI_EVENT_CONNECTION;
  case ZHI_V_TRUNCATED:
  case ZHI_V_INVALID: return status ? ZHI_EVENT_SERVER_ERROR : ZHI_EVENT_CONNECTION;
  case ZHI_V_ROBOTS_DENIED:
  case ZHI_V_OUT_OF_SCOPE: return ZHI_EVENT_CANCELLED;
  default: break;
  }
  if (status == 429 || status == 503)
    return ZHI_EVENT_REFUSED;
  return status >= 500 ? ZHI_EVENT_SERVER_ERROR : ZHI_EVENT_ANSWER;
}

void zhi_group_learn(struct zhi_group *g, const struct zhi_politeness *p,
                     const struct zhi_group_state *saved, int64_t ended_ms, int64_t now_ms) {
  g->next_ms = most(g->next_ms, saved->next_ms);
  if (ended_ms > 0)
    g->next_ms = most(g->next_ms, ended_ms + pause_of(g, p, 0));
  g->blocked_until_ms = most(g->blocked_until_ms, saved->blocked_until_ms);
  g->backoff_ms = most(g->backoff_ms, saved->backoff_ms);
  if (g->blocked_until_ms > now_ms && g->status != ZHI_GROUP_BLOCKED)
    set_status(g, ZHI_GROUP_BLOCKED);
}

int64_t zhi_retry_after_ms(struct zhi_str value, int64_t now_ms) {
  struct zhi_str v = zhi_str_trim(value);
  unsigned long long seconds;
  int64_t at, wait;
  bool digits = v.len > 0;
  for (size_t i = 0; i < v.len; i++)
    digits = digits && v.p[i] >= '0' && v.p[i] <= '9';
  if (digits) /* more digits than fit are a long time, not an unreadable one */
    wait = zhi_str_u64(v, ZHI_RETRY_AFTER_CAP_MS / 1000, &seconds) ? (int64_t)seconds * 1000
                                                                   : ZHI_RETRY_AFTER_CAP_MS;
  else if (zhi_time_parse_http(v, &at))
    wait = at - now_ms;
  else
    return -1;
  return least(most(wait, 0), ZHI_RETRY_AFTER_CAP_MS);
}
