/* The frontier's verbs: lease, more, renew, release, add, reconsider, stats (regroup and block: groups.c).
 *
 * Leasing reads the partial index of due URLs from its start and skips what is in flight: O(returned + in flight of
 * that host). Hosts of a group take turns within a priority. Only waiting URLs that ripen, merges and blocks write. */
#include <stdlib.h>

#include "store/internal.h"
#include "zhi/arena.h"

enum { RIPEN_MAX = 1000, LEASE_ARENA_MAX = 1 << 28 };

static enum zhi_code need_crawl(struct zhi_store *s, struct zhi_err *e) {
  if (s->mode == ZHI_STORE_READ || !s->crawl_id)
    return zhi_fail(e, ZHI_EBUG, "no crawl was begun on '%s'", s->path);
  return zhi_fr_load(s, e);
}

/* --- time passes: retries ripen, leases end, blocks end ----------------------------------------------------- */

struct ripe {
  int64_t id, origin, priority;
};

static enum zhi_code ripe_list(struct zhi_store *s, int64_t now, struct ripe *out, size_t *n,
                               struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, ST_RIPE, e);
  enum zhi_code rc;
  bool row;
  *n = 0;
  if (!st)
    return ZHI_EIO;
  zhi_bind_int(st, 1, now);
  zhi_bind_int(st, 2, RIPEN_MAX);
  while ((rc = zhi_db_step(s, st, &row, e)) == ZHI_OK && row)
    out[(*n)++] = (struct ripe){zhi_col_int(st, 0), zhi_col_int(st, 1), zhi_col_int(st, 2)};
  return rc;
}

static enum zhi_code ripe_make_due(struct zhi_store *s, const struct ripe *r, size_t n,
                                   struct zhi_err *e) {
  struct frontier *f = &s->fr;
  for (size_t i = 0; i < n; i++) {
    sqlite3_stmt *st = zhi_db_get(s, ST_SET_DUE, e);
    struct fr_origin *o = (size_t)r[i].origin < f->origin_cap ? f->origin_of[r[i].origin] : NULL;
    if (!st)
      return ZHI_EIO;
    if (!o || r[i].priority < 0 || r[i].priority >= STORE_PRIORITIES)
      return zhi_fail(e, ZHI_EPARSE, "'%s' is damaged: a URL without its host", s->path);
    zhi_bind_int(st, 1, r[i].id);
    enum zhi_code rc = zhi_db_run(s, st, e);
    if (rc || (rc = zhi_fr_touch(f, o, e)))
      return rc;
    o->delta[US_WAITING]--;
    o->delta[US_DUE]++;
    o->due_delta[r[i].priority]++;
  }
  return ZHI_OK;
}

/* Waiting URLs whose time has come are due. Its own transaction. */
static enum zhi_code make_ripe_due(struct zhi_store *s, struct zhi_err *e) {
  int64_t now = store_now(s), next = INT64_MAX;
  if (now < s->fr.next_retry_ms)
    return ZHI_OK;
  struct ripe *r = malloc(RIPEN_MAX * sizeof *r);
  size_t n = 0;
  if (!r)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for retries");
  enum zhi_code rc = zhi_db_begin(s, false, e);
  if (rc)
    goto out;
  if ((rc = ripe_list(s, now, r, &n, e)) == ZHI_OK && (rc = ripe_make_due(s, r, n, e)) == ZHI_OK) {
    sqlite3_stmt *st = zhi_db_get(s, ST_NEXT_RETRY, e);
    bool row = false;
    rc = st ? zhi_db_step(s, st, &row, e) : ZHI_EIO;
    if (row) {
      next = sqlite3_column_type(st, 0) == SQLITE_NULL ? INT64_MAX : zhi_col_int(st, 0);
      sqlite3_reset(st);
    }
  }
  rc = zhi_db_end(s, rc, e);
  if (rc == ZHI_OK)
    s->fr.next_retry_ms = next;
out:
  free(r);
  return rc;
}

static void reap_leases(struct frontier *f, int64_t now) {
  for (struct fr_lease *l = f->leases, *next; l; l = next) {
    next = l->after;
    if (l->until_ms <= now)
      zhi_fr_drop_lease(f, l);
  }
}

static void end_blocks(struct frontier *f, int64_t now) {
  if (now < f->unblock_ms)
    return;
  f->unblock_ms = INT64_MAX;
  for (struct fr_group *g = f->blocked.head, *next; g; g = next) {
    next = g->after;
    if (g->blocked_until_ms <= now)
      zhi_fr_queue(f, g);
    else if (g->blocked_until_ms < f->unblock_ms)
      f->unblock_ms = g->blocked_until_ms;
  }
}

static bool has_work(const struct fr_group *g) {
  for (const struct fr_origin *o = g->origins; o; o = o->next)
    for (unsigned p = 0; p < STORE_PRIORITIES; p++)
      if (zhi_fr_available(o, p) > 0)
        return true;
  return false;
}

/* --- filling a lease -------------------------------------------------------------------------------------- */

static enum zhi_code copy_str(struct zhi_arena *a, struct zhi_str in, struct zhi_str *out,
                              struct zhi_err *e) {
  *out = zhi_arena_str(a, in);
  return out->p ? ZHI_OK : zhi_fail(e, ZHI_ENOMEM, "out of memory for a lease");
}

static enum zhi_code load_job(struct zhi_store *s, struct zhi_arena *a, const struct fr_flight *x,
                              struct zhi_job *job, struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, ST_JOB, e);
  bool row = false;
  if (!st)
    return ZHI_EIO;
  zhi_bind_int(st, 1, x->url_id);
  enum zhi_code rc = zhi_db_step(s, st, &row, e);
  if (rc)
    return rc;
  if (!row)
    return zhi_fail(e, ZHI_EPARSE, "'%s' is damaged: URL %lld is in an index only", s->path,
                    (long long)x->url_id);
  *job = (struct zhi_job){.url_id = x->url_id,
                          .prio = (enum zhi_priority)zhi_col_int(st, 11),
                          .depth = (uint16_t)zhi_col_int(st, 3),
                          .attempts = (uint16_t)zhi_col_int(st, 4)};
  if ((rc = copy_str(a, zhi_col_str(st, 0), &job->url, e)) == ZHI_OK &&
      (rc = copy_str(a, zhi_col_str(st, 1), &job->via, e)) == ZHI_OK &&
      (rc = copy_str(a, zhi_col_str(st, 2), &job->hops, e)) == ZHI_OK &&
      (rc = copy_str(a, zhi_col_str(st, 5), &job->etag, e)) == ZHI_OK &&
      (rc = copy_str(a, zhi_col_str(st, 6), &job->last_modified, e)) == ZHI_OK &&
      (zhi_col_str(st, 7).len == 0 ||
       (rc = copy_str(a, zhi_str_of(zhi_col_text(st, 8)), &job->ask.body, e)) == ZHI_OK) &&
      (rc = copy_str(a, zhi_col_str(st, 9), &job->ask.headers, e)) == ZHI_OK &&
      (rc = copy_str(a, zhi_col_str(st, 10), &job->ask.asker, e)) == ZHI_OK &&
      (rc = copy_str(a, zhi_col_str(st, 12), &job->extractor_version, e)) == ZHI_OK &&
      (rc = zhi_col_original(st, 13, a, &job->original, e)) == ZHI_OK)
    rc = copy_str(a, zhi_str_of(x->origin->name), &job->origin, e);
  sqlite3_reset(st);
  return rc;
}

/* Up to `want` due URLs of one host and priority into out->jobs. */
static enum zhi_code take(struct zhi_store *s, struct fr_lease *l, struct fr_origin *o,
                          unsigned priority, size_t want, struct zhi_lease *out,
                          struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, s->asked_only ? ST_ASKED_IDS : ST_DUE_IDS, e);
  enum zhi_code rc;
  bool row = true;
  if (!st)
    return ZHI_EIO;
  zhi_bind_int(st, 1, o->id);
  zhi_bind_int(st, 2, priority);
  zhi_bind_int(st, 3, (int64_t)want + o->leased[priority]);
  while (want > 0 && (rc = zhi_db_step(s, st, &row, e)) == ZHI_OK && row) {
    struct fr_flight x = {
        .url_id = zhi_col_int(st, 0), .lease = l, .origin = o, .priority = priority};
    if (zhi_fr_flight(&s->fr, x.url_id))
      continue;
    if ((rc = load_job(s, out->arena, &x, &out->jobs[out->count], e)) ||
        (rc = zhi_fr_take_off(&s->fr, &x, e)))
      break;
    out->count++;
    want--;
  }
  if (want == 0)
    rc = ZHI_OK;
  if (row)
    sqlite3_reset(st);
  return rc;
}

/* One turn for each host that has URLs of this priority. */
static enum zhi_code take_turns(struct zhi_store *s, struct fr_lease *l, unsigned priority,
                                size_t max, struct zhi_lease *out, struct zhi_err *e) {
  struct fr_group *g = l->group;
  size_t with_work = 0, hosts = 0, room = max - out->count;
  for (struct fr_origin *o = g->origins; o; o = o->next, hosts++)
    with_work += zhi_fr_available(o, priority) > 0;
  if (with_work == 0)
    return ZHI_OK;
  size_t share = (room + with_work - 1) / with_work;
  struct fr_origin *o = g->last_origin ? g->last_origin : g->origins;
  for (size_t i = 0; i < hosts && out->count < max; i++) {
    o = o->next ? o->next : g->origins;
    int64_t available = zhi_fr_available(o, priority);
    if (available <= 0)
      continue;
    size_t want = (size_t)available < share ? (size_t)available : share;
    if (want > max - out->count)
      want = max - out->count;
    g->last_origin = o;
    enum zhi_code rc = take(s, l, o, priority, want, out, e);
    if (rc)
      return rc;
  }
  return ZHI_OK;
}

static enum zhi_code lease_fill(struct zhi_store *s, struct fr_lease *l, size_t max,
                                struct zhi_lease **out, struct zhi_err *e) {
  struct zhi_lease *x = calloc(1, sizeof *x);
  enum zhi_code rc = ZHI_OK;
  if (!x || !(x->arena = malloc(sizeof *x->arena))) {
    free(x);
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a lease");
  }
  zhi_arena_init(x->arena, LEASE_ARENA_MAX);
  x->group_id = l->group->id;
  x->token = l->token;
  x->until_ms = l->until_ms;
  if (max && !(x->jobs = zhi_arena_zalloc(x->arena, max * sizeof *x->jobs)))
    rc = zhi_fail(e, ZHI_ENOMEM, "out of memory for a lease");
  for (unsigned p = 0; p < STORE_PRIORITIES && rc == ZHI_OK && x->count < max;) {
    size_t before = x->count;
    rc = take_turns(s, l, p, max, x, e);
    p += x->count == before;
  }
  if (rc) {
    zhi_lease_free(x);
    return rc;
  }
  *out = x;
  return ZHI_OK;
}

void zhi_lease_free(struct zhi_lease *l) {
  if (!l)
    return;
  zhi_arena_release(l->arena);
  free(l->arena);
  free(l);
}

static enum zhi_code lease_make(struct zhi_store *s, struct fr_group *g, int64_t until,
                                struct fr_lease **out, struct zhi_err *e) {
  struct frontier *f = &s->fr;
  struct fr_lease *l = calloc(1, sizeof *l);
  if (!l)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a lease");
  l->token = ++f->next_token;
  l->until_ms = until;
  l->group = g;
  l->next = g->leases;
  g->leases = l;
  l->after = f->leases;
  if (f->leases)
    f->leases->prev = l;
  f->leases = l;
  zhi_fr_unqueue(f, g);
  *out = l;
  return ZHI_OK;
}

/* A lease of one group in *out; NULL when it had nothing after all. */
static enum zhi_code lease_group(struct zhi_store *s, struct fr_group *g, size_t max_urls,
                                 int64_t until, struct zhi_lease **out, struct zhi_err *e) {
  struct fr_lease *l = NULL;
  *out = NULL;
  enum zhi_code rc = lease_make(s, g, until, &l, e);
  if (rc)
    return rc;
  if ((rc = lease_fill(s, l, max_urls, out, e)) == ZHI_OK && (*out)->count > 0)
    return ZHI_OK;
  zhi_lease_free(*out);
  *out = NULL;
  zhi_fr_drop_lease(&s->fr, l);
  if (rc == ZHI_OK)
    zhi_fr_unqueue(&s->fr, g);
  return rc;
}

enum zhi_code zhi_frontier_lease(struct zhi_store *s, size_t max_groups, size_t max_urls,
                                 int64_t ttl_ms, struct zhi_lease **leases, size_t *count,
                                 struct zhi_err *e) {
  struct frontier *f = &s->fr;
  size_t n = 0;
  enum zhi_code rc = need_crawl(s, e);
  if (rc || (rc = make_ripe_due(s, e)))
    return rc;
  int64_t now = store_now(s), steady = zhi_steady_ms(&s->clock);
  reap_leases(f, steady);
  end_blocks(f, now);
  for (struct fr_group *g = f->ready.head, *next; g && n < max_groups && max_urls; g = next) {
    struct zhi_lease *l = NULL;
    next = g->after;
    if (!has_work(g))
      zhi_fr_unqueue(f, g);
    else if (g->blocked_until_ms > now)
      zhi_fr_park(f, g);
    else if ((rc = lease_group(s, g, max_urls, steady + ttl_ms, &l, e)))
      break;
    if (l)
      leases[n++] = l;
  }
  if (rc == ZHI_OK) {
    *count = n;
    return ZHI_OK;
  }
  while (n > 0) {
    zhi_fr_drop_lease(f, zhi_fr_find_lease(f, leases[--n]->token));
    zhi_lease_free(leases[n]);
  }
  return rc;
}

static enum zhi_code held(struct zhi_store *s, int64_t group_id, int64_t token,
                          struct fr_lease **out, struct zhi_err *e) {
  enum zhi_code rc = need_crawl(s, e);
  if (rc)
    return rc;
  struct fr_lease *l = zhi_fr_find_lease(&s->fr, token);
  if (!l || zhi_fr_group(&s->fr, group_id) != l->group)
    return zhi_fail(e, ZHI_ECONFLICT, "the lease of group %lld was lost", (long long)group_id);
  *out = l;
  return ZHI_OK;
}

enum zhi_code zhi_frontier_more(struct zhi_store *s, int64_t group_id, int64_t token,
                                size_t max_urls, struct zhi_lease **lease, struct zhi_err *e) {
  struct fr_lease *l;
  enum zhi_code rc = held(s, group_id, token, &l, e);
  if (rc || (rc = make_ripe_due(s, e)))
    return rc;
  return lease_fill(s, l, l->group->blocked_until_ms > store_now(s) ? 0 : max_urls, lease, e);
}

enum zhi_code zhi_frontier_renew(struct zhi_store *s, int64_t group_id, int64_t token,
                                 int64_t ttl_ms, int64_t *until_ms, struct zhi_err *e) {
  struct fr_lease *l;
  enum zhi_code rc = held(s, group_id, token, &l, e);
  if (rc == ZHI_OK)
    *until_ms = l->until_ms = zhi_steady_ms(&s->clock) + ttl_ms;
  return rc;
}

enum zhi_code zhi_frontier_release(struct zhi_store *s, int64_t group_id, int64_t token,
                                   struct zhi_err *e) {
  struct fr_lease *l;
  enum zhi_code rc = held(s, group_id, token, &l, e);
  if (rc == ZHI_OK)
    zhi_fr_drop_lease(&s->fr, l);
  return rc;
}

enum zhi_code zhi_frontier_add(struct zhi_store *s, const struct zhi_found *found, size_t n,
                               size_t *added, struct zhi_err *e) {
  size_t fresh = 0;
  enum zhi_code rc = zhi_fr_load(s, e);
  if (rc || (rc = zhi_db_begin(s, true, e)))
    return rc;
  rc = zhi_db_end(s, zhi_urls_add(s, found, n, &fresh, e), e);
  if (rc == ZHI_OK)
    *added = fresh;
  return rc;
}

/* --- stats ----------------------------------------------------------------------------------------------------- */

static void next_block_end(const struct fr_group *head, int64_t now, int64_t *next) {
  for (const struct fr_group *g = head; g; g = g->after)
    if (g->blocked_until_ms > now && g->blocked_until_ms < *next && has_work(g))
      *next = g->blocked_until_ms;
}

enum zhi_code zhi_frontier_stats(struct zhi_store *s, struct zhi_frontier_stats *out,
                                 struct zhi_err *e) {
  struct frontier *f = &s->fr;
  int64_t sum[US_COUNT] = {0}, now = store_now(s), next = INT64_MAX;
  enum zhi_code rc;
  if (s->mode == ZHI_STORE_READ) {
    if ((rc = zhi_db_ints(s, ST_SUM_ORIGINS, sum, US_COUNT, e)) ||
        (rc = zhi_db_int(s,
                         "SELECT coalesce(min(retry_ms), 9223372036854775807) FROM url "
                         "WHERE state = 'waiting'",
                         &next, e)))
      return rc;
  } else {
    if ((rc = zhi_fr_load(s, e)) || (rc = make_ripe_due(s, e)))
      return rc;
    memcpy(sum, f->total, sizeof sum);
    next = f->next_retry_ms;
    if (s->asked_only && (rc = zhi_asked_stats(s, sum, &next, e)))
      return rc;
    next_block_end(f->ready.head, now, &next);
    next_block_end(f->blocked.head, now, &next);
  }
  *out = (struct zhi_frontier_stats){.known = sum[US_DUE] + sum[US_WAITING] + sum[US_DONE] +
                                              sum[US_FAILED] + sum[US_EXCLUDED],
                                     .due = sum[US_DUE] - (int64_t)f->flight_len,
                                     .leased = (int64_t)f->flight_len,
                                     .done = sum[US_DONE],
                                     .failed = sum[US_FAILED],
                                     .excluded = sum[US_EXCLUDED],
                                     .waiting = sum[US_WAITING],
                                     .next_due_ms = next == INT64_MAX ? 0 : next};
  return ZHI_OK;
}

/* --- exclusions, decided anew --------------------------------------------------------------------------------- */

static enum zhi_code next_excluded(struct zhi_store *s, int64_t *id, struct zhi_found *f,
                                   sqlite3_stmt **row_of, struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, ST_NEXT_EXCLUDED, e);
  bool row = false;
  if (!st)
    return ZHI_EIO;
  zhi_bind_int(st, 1, *id);
  enum zhi_code rc = zhi_db_step(s, st, &row, e);
  if (rc || !row)
    return rc ? rc : ZHI_EOF;
  *id = zhi_col_int(st, 0);
  *f = (struct zhi_found){.url = zhi_col_str(st, 1),
                          .origin = zhi_col_str(st, 2),
                          .prio = (enum zhi_priority)zhi_col_int(st, 3),
                          .depth = (uint16_t)zhi_col_int(st, 4),
                          .hops = zhi_col_str(st, 5),
                          .via = zhi_col_str(st, 6),
                          .text = zhi_col_str(st, 7),
                          .list_date = zhi_col_str(st, 8),
                          .excluded = zhi_col_text(st, 9)};
  *row_of = st;
  return ZHI_OK;
}

static enum zhi_code set_exclusion(struct zhi_store *s, int64_t id, const struct zhi_found *f,
                                   const char *reason, struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, ST_SET_EXCLUSION, e);
  struct fr_origin *o;
  if (!st)
    return ZHI_EIO;
  enum url_state state = reason ? US_EXCLUDED : US_DUE;
  zhi_bind_int(st, 1, id);
  zhi_bind_text(st, 2, zhi_str_of(zhi_url_state_name[state]));
  zhi_bind_str(st, 3, zhi_str_of(reason));
  enum zhi_code rc = zhi_db_run(s, st, e);
  if (rc || reason || (rc = zhi_fr_origin(s, f->origin, &o, e)) ||
      (rc = zhi_fr_touch(&s->fr, o, e)))
    return rc;
  if ((unsigned)f->prio >= STORE_PRIORITIES)
    return zhi_fail(e, ZHI_EPARSE, "'%s' is damaged: no priority %u", s->path, (unsigned)f->prio);
  o->delta[US_EXCLUDED]--;
  o->delta[US_DUE]++;
  o->due_delta[f->prio]++;
  return ZHI_OK;
}

enum zhi_code zhi_frontier_reconsider(struct zhi_store *s,
                                      const char *(*decide)(void *ctx, const struct zhi_found *f),
                                      void *ctx, size_t *changed, struct zhi_err *e) {
  size_t let_in = 0;
  int64_t id = 0;
  struct zhi_found f;
  sqlite3_stmt *st = NULL;
  enum zhi_code rc = zhi_fr_load(s, e);
  if (rc || (rc = zhi_db_begin(s, true, e)))
    return rc;
  while ((rc = next_excluded(s, &id, &f, &st, e)) == ZHI_OK) {
    const char *reason = decide(ctx, &f);
    if (!reason || strcmp(reason, f.excluded) != 0)
      rc = set_exclusion(s, id, &f, reason, e);
    let_in += reason == NULL;
    sqlite3_reset(st);
    if (rc)
      break;
  }
  rc = zhi_db_end(s, rc == ZHI_EOF ? ZHI_OK : rc, e);
  if (rc == ZHI_OK)
    *changed = let_in;
  return rc;
}
