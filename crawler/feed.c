/* Feeder: a table of held leases. */
#include "crawler/feed.h"

#include <stdlib.h>

#include "zhi/log.h"
#include "zhi/url.h"

enum {
  LEASE_MS = 120 * 1000,
  OUTSTANDING_MAX = 4096, /* jobs handed out, all groups together */
  PER_GROUP_MAX = 256,
  PER_GROUP_MIN = 8,
  MAX_HELD = 1024
};

struct held {
  int64_t group_id, token, until_ms;
  size_t outstanding;
  bool dry; /* no due URL at the last look */
};

struct zhi_feeder {
  struct zhi_feeder_options o;
  struct held *held;
  size_t count, max;
  size_t outstanding;
  bool changed;
  int64_t next_look_ms;
};

enum zhi_code zhi_feeder_new(const struct zhi_feeder_options *o, struct zhi_feeder **out,
                             struct zhi_err *e) {
  struct zhi_feeder *f = calloc(1, sizeof *f);
  size_t max = o->max_groups < MAX_HELD ? o->max_groups : MAX_HELD;
  if (f)
    f->held = calloc(max, sizeof *f->held);
  if (!f || !f->held) {
    free(f);
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for leases");
  }
  f->o = *o;
  f->max = max;
  f->changed = true;
  *out = f;
  return ZHI_OK;
}

void zhi_feeder_free(struct zhi_feeder *f) {
  if (!f)
    return;
  free(f->held);
  free(f);
}

static struct held *find(struct zhi_feeder *f, int64_t token) {
  for (size_t i = 0; i < f->count; i++)
    if (f->held[i].token == token)
      return &f->held[i];
  return NULL;
}

static void forget(struct zhi_feeder *f, struct held *h) {
  f->outstanding -= h->outstanding;
  *h = f->held[--f->count];
}

void zhi_feeder_changed(struct zhi_feeder *f) {
  f->changed = true;
  for (size_t i = 0; i < f->count; i++)
    f->held[i].dry = false;
}

void zhi_feeder_returned(struct zhi_feeder *f, int64_t token) {
  struct held *h = find(f, token);
  if (h && h->outstanding) {
    h->outstanding--;
    f->outstanding--;
  }
}

enum zhi_code zhi_feeder_release(struct zhi_feeder *f, int64_t group_id, int64_t token,
                                 struct zhi_err *e) {
  struct held *h = find(f, token);
  if (!h)
    return ZHI_OK;
  forget(f, h);
  enum zhi_code rc = zhi_frontier_release(f->o.store, group_id, token, e);
  return rc == ZHI_ECONFLICT ? ZHI_OK : rc;
}

/* URLs of a branch that was stopped as a trap are settled here, before anybody asks for them. */
static enum zhi_code drop_traps(struct zhi_feeder *f, struct zhi_lease *l, struct zhi_err *e) {
  struct zhi_url_result results[PER_GROUP_MAX];
  size_t dropped = 0, kept = 0;
  for (size_t i = 0; i < l->count; i++) {
    struct zhi_url u;
    const char *why = NULL;
    if (!zhi_url_parse(l->jobs[i].url, NULL, NULL, &u, NULL)) {
      why = zhi_traps_check(f->o.traps, &u);
      zhi_url_release(&u);
    }
    if (!why || dropped == PER_GROUP_MAX) {
      l->jobs[kept++] = l->jobs[i];
      continue;
    }
    results[dropped++] = (struct zhi_url_result){.url_id = l->jobs[i].url_id,
                                                 .group_id = l->group_id,
                                                 .token = l->token,
                                                 .outcome = ZHI_URL_EXCLUDED,
                                                 .verdict = ZHI_V_OUT_OF_SCOPE,
                                                 .reason = why};
  }
  l->count = kept;
  if (!dropped)
    return ZHI_OK;
  struct zhi_batch b = {.results = results, .result_count = dropped};
  size_t added, stale;
  return zhi_store_commit(f->o.store, &b, &added, &stale, e);
}

static enum zhi_code hand_over(struct zhi_feeder *f, struct held *h, struct zhi_lease *l,
                               struct zhi_err *e) {
  enum zhi_code rc = drop_traps(f, l, e);
  if (rc || l->count == 0) {
    zhi_lease_free(l);
    return rc;
  }
  h->outstanding += l->count;
  f->outstanding += l->count;
  zhi_net_lease(f->o.net, l);
  return ZHI_OK;
}

/* How many jobs a group should have: all share the bound. */
static size_t fair_share(const struct zhi_feeder *f) {
  size_t n = OUTSTANDING_MAX / (f->count ? f->count : 1);
  return n > PER_GROUP_MAX ? PER_GROUP_MAX : n < PER_GROUP_MIN ? PER_GROUP_MIN : n;
}

static enum zhi_code top_up(struct zhi_feeder *f, struct held *h, struct zhi_err *e) {
  size_t share = fair_share(f);
  struct zhi_lease *l = NULL;
  if (h->dry || h->outstanding > share / 2)
    return ZHI_OK;
  enum zhi_code rc =
      zhi_frontier_more(f->o.store, h->group_id, h->token, share - h->outstanding, &l, e);
  if (rc == ZHI_ECONFLICT || (!rc && !l)) {
    h->dry = true;
    return ZHI_OK;
  }
  if (rc)
    return rc;
  if (l->count == 0) {
    h->dry = true;
    zhi_lease_free(l);
    return ZHI_OK;
  }
  return hand_over(f, h, l, e);
}

static enum zhi_code renew(struct zhi_feeder *f, struct held *h, struct zhi_err *e) {
  if (h->until_ms - zhi_steady_ms(f->o.clock) > LEASE_MS / 2)
    return ZHI_OK;
  enum zhi_code rc =
      zhi_frontier_renew(f->o.store, h->group_id, h->token, LEASE_MS, &h->until_ms, e);
  return rc == ZHI_ECONFLICT ? ZHI_OK : rc; /* results will be told stale; nothing is lost */
}

static enum zhi_code serve_held(struct zhi_feeder *f, struct zhi_err *e) {
  for (size_t i = 0; i < f->count;) {
    struct held *h = &f->held[i];
    enum zhi_code rc = renew(f, h, e);
    if (!rc)
      rc = top_up(f, h, e);
    if (rc)
      return rc;
    if (h->outstanding == 0 && h->dry) {
      rc = zhi_feeder_release(f, h->group_id, h->token, e);
      if (rc)
        return rc;
      continue; /* another took its place */
    }
    i++;
  }
  return ZHI_OK;
}

/* A group is leased anew although we hold it: that lease ended before it was renewed, and the net drops its jobs. */
static void forget_lost(struct zhi_feeder *f, int64_t group_id) {
  for (size_t i = 0; i < f->count;)
    if (f->held[i].group_id == group_id)
      forget(f, &f->held[i]); /* another took its place */
    else
      i++;
}

static enum zhi_code lease_more(struct zhi_feeder *f, struct zhi_err *e) {
  struct zhi_lease *leases[64];
  size_t n = f->max - f->count, got = 0;
  if (n > 64)
    n = 64;
  if (n == 0 || f->outstanding >= OUTSTANDING_MAX)
    return ZHI_OK;
  enum zhi_code rc = zhi_frontier_lease(f->o.store, n, fair_share(f), LEASE_MS, leases, &got, e);
  for (size_t i = 0; i < got; i++) { /* where a hand-over fails the lease is held all the same */
    forget_lost(f, leases[i]->group_id);
    struct held *h = &f->held[f->count++];
    *h = (struct held){leases[i]->group_id, leases[i]->token, leases[i]->until_ms, 0, false};
    enum zhi_code one = hand_over(f, h, leases[i], rc ? NULL : e);
    rc = rc ? rc : one;
  }
  f->changed = got == 64; /* there may be more */
  return rc;
}

/* Nothing handed out, nothing on its way: is the crawl over, or when does it go on? */
static enum zhi_code look_ahead(struct zhi_feeder *f, struct zhi_progress *p, struct zhi_err *e) {
  struct zhi_frontier_stats s;
  enum zhi_code rc = zhi_frontier_stats(f->o.store, &s, e);
  if (rc)
    return rc;
  int64_t now = zhi_now_ms(f->o.clock);
  atomic_store(&p->due, s.due + s.leased);
  atomic_store(&p->known, s.known);
  f->next_look_ms = now + 1000;
  if (s.next_due_ms > now && s.next_due_ms < f->next_look_ms)
    f->next_look_ms = s.next_due_ms;
  atomic_store(&p->next_ms, s.next_due_ms);
  bool idle = f->outstanding == 0 && atomic_load(&p->items) == 0;
  size_t more = 0;
  bool over = idle && s.due == 0 && s.leased == 0 && s.waiting == 0;
  if (over && f->o.before_end && (rc = f->o.before_end(f->o.before_end_ctx, &more, e)))
    return rc;
  if (over && more == 0)
    zhi_net_stop(f->o.net, ZHI_STOP_DONE, 1000);
  else if (more || s.due || s.next_due_ms <= now)
    f->changed = true;
  return ZHI_OK;
}

enum zhi_code zhi_feeder_feed(struct zhi_feeder *f, struct zhi_progress *p, struct zhi_err *e) {
  if (zhi_net_stop_reason(f->o.net) != ZHI_STOP_NONE)
    return ZHI_OK;
  enum zhi_code rc = serve_held(f, e);
  if (!rc && f->changed)
    rc = lease_more(f, e);
  int64_t now = zhi_now_ms(f->o.clock);
  if (!rc && (now >= f->next_look_ms || f->next_look_ms > now + 5000 ||
              (f->count == 0 && f->outstanding == 0 && !f->changed && atomic_load(&p->items) == 0 &&
               p->next_ms == 0)))
    rc = look_ahead(f, p, e);
  return rc;
}
