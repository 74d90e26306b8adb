/* The frontier's memory: groups, origins, leases and what is in flight.
 *
 * A group that may have work waits in `ready`, first come first served; a blocked one found there moves to `blocked`
 * until the earliest block ends. Whether it really has work is asked when it is leased: membership is a hint, the
 * counts on the origins are the truth. Old group ids lead to the group they were merged into. */
#include <stdlib.h>

#include "store/internal.h"
#include "zhi/grow.h"

static void queue_remove(struct frontier *f, struct fr_group *g) {
  if (g->queue == FQ_NONE)
    return;
  struct fr_list *l = g->queue == FQ_READY ? &f->ready : &f->blocked;
  *(g->prev ? &g->prev->after : &l->head) = g->after;
  *(g->after ? &g->after->prev : &l->tail) = g->prev;
  g->prev = g->after = NULL;
  g->queue = FQ_NONE;
}

static void queue_push(struct frontier *f, struct fr_group *g, enum fr_queue where) {
  struct fr_list *l = where == FQ_READY ? &f->ready : &f->blocked;
  queue_remove(f, g);
  g->prev = l->tail;
  *(l->tail ? &l->tail->after : &l->head) = g;
  l->tail = g;
  g->queue = where;
  if (where == FQ_BLOCKED && g->blocked_until_ms < f->unblock_ms)
    f->unblock_ms = g->blocked_until_ms;
}

void zhi_fr_queue(struct frontier *f, struct fr_group *g) {
  if (g->leases || g->merged_into)
    queue_remove(f, g);
  else if (g->queue != FQ_READY)
    queue_push(f, g, FQ_READY);
}

void zhi_fr_park(struct frontier *f, struct fr_group *g) { queue_push(f, g, FQ_BLOCKED); }

void zhi_fr_unqueue(struct frontier *f, struct fr_group *g) { queue_remove(f, g); }

int64_t zhi_fr_available(const struct fr_origin *o, unsigned priority) {
  return o->due[priority] - o->leased[priority];
}

struct fr_group *zhi_fr_group(const struct frontier *f, int64_t id) {
  struct fr_group *g = id > 0 && (size_t)id < f->group_cap ? f->group_of[id] : NULL;
  while (g && g->merged_into)
    g = g->merged_into;
  return g;
}

/* Room for index `id` in a table of pointers. */
static enum zhi_code make_room(void ***table, size_t *cap, int64_t id, struct zhi_err *e) {
  if ((size_t)id < *cap)
    return ZHI_OK;
  size_t want = *cap ? *cap * 2 : 64;
  while (want <= (size_t)id)
    want *= 2;
  void **bigger = realloc(*table, want * sizeof *bigger);
  if (!bigger)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for %zu groups", want);
  memset(bigger + *cap, 0, (want - *cap) * sizeof *bigger);
  *table = bigger;
  *cap = want;
  return ZHI_OK;
}

static enum zhi_code group_make(struct frontier *f, int64_t id, struct fr_group **out,
                                struct zhi_err *e) {
  void **table = (void **)f->group_of;
  enum zhi_code rc = make_room(&table, &f->group_cap, id, e);
  f->group_of = (struct fr_group **)table;
  if (rc)
    return rc;
  struct fr_group *g = calloc(1, sizeof *g);
  if (!g)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a group");
  g->id = id;
  f->group_of[id] = g;
  if (id >= f->next_group_id)
    f->next_group_id = id + 1;
  *out = g;
  return ZHI_OK;
}

static void origin_join(struct fr_origin *o, struct fr_group *g) {
  o->group = g;
  o->next = g->origins;
  g->origins = o;
}

static enum zhi_code origin_make(struct frontier *f, struct zhi_str name, struct fr_origin **out,
                                 struct zhi_err *e) {
  struct fr_origin *o = calloc(1, sizeof *o);
  char *copy = malloc(name.len + 1);
  enum zhi_code rc = ZHI_OK;
  if (!o || !copy) {
    rc = zhi_fail(e, ZHI_ENOMEM, "out of memory for a host");
    goto fail;
  }
  memcpy(copy, name.p, name.len);
  copy[name.len] = '\0';
  o->name = copy;
  if ((rc = zhi_map_put(&f->origins, name, o, NULL, e)))
    goto fail;
  *out = o;
  return ZHI_OK;
fail:
  free(o);
  free(copy);
  return rc;
}

static enum zhi_code origin_number(struct frontier *f, struct fr_origin *o, int64_t id,
                                   struct zhi_err *e) {
  void **table = (void **)f->origin_of;
  enum zhi_code rc = make_room(&table, &f->origin_cap, id, e);
  f->origin_of = (struct fr_origin **)table;
  if (rc)
    return rc;
  o->id = id;
  f->origin_of[id] = o;
  return ZHI_OK;
}

enum zhi_code zhi_fr_new_group(struct zhi_store *s, const struct fr_group *like,
                               struct fr_group **out, struct zhi_err *e) {
  struct frontier *f = &s->fr;
  struct fr_group *g;
  sqlite3_stmt *st = zhi_db_get(s, ST_ADD_GROUP, e);
  if (!st)
    return ZHI_EIO;
  enum zhi_code rc = group_make(f, f->next_group_id, &g, e);
  if (rc)
    return rc;
  if (like) {
    g->next_ms = like->next_ms;
    g->blocked_until_ms = like->blocked_until_ms;
    g->backoff_ms = like->backoff_ms;
    g->delay_ms = like->delay_ms;
  }
  zhi_bind_int(st, 1, g->id);
  zhi_bind_int(st, 2, g->next_ms);
  zhi_bind_int(st, 3, g->blocked_until_ms);
  zhi_bind_int(st, 4, g->backoff_ms);
  zhi_bind_int(st, 5, g->delay_ms);
  if ((rc = zhi_db_run(s, st, e)))
    return rc; /* the memory of a group without row and origins does no harm */
  *out = g;
  return ZHI_OK;
}

enum zhi_code zhi_fr_origin(struct zhi_store *s, struct zhi_str name, struct fr_origin **out,
                            struct zhi_err *e) {
  struct frontier *f = &s->fr;
  struct fr_origin *o = zhi_map_get(&f->origins, name);
  enum zhi_code rc;
  if (o && o->id) {
    *out = o;
    return ZHI_OK;
  }
  if (name.len == 0)
    return zhi_fail(e, ZHI_EBUG, "a URL without its origin");
  if (!o && (rc = origin_make(f, name, &o, e)))
    return rc;
  sqlite3_stmt *st = zhi_db_get(s, ST_ADD_ORIGIN, e);
  struct fr_group *g;
  if (!st)
    return ZHI_EIO;
  if ((rc = zhi_fr_touch(f, o, e)) || (rc = zhi_fr_new_group(s, NULL, &g, e)))
    return rc;
  o->fresh = true;
  zhi_bind_text(st, 1, name);
  zhi_bind_int(st, 2, g->id);
  if ((rc = zhi_db_run(s, st, e)) ||
      (rc = origin_number(f, o, sqlite3_last_insert_rowid(s->db), e)))
    return rc;
  origin_join(o, g);
  *out = o;
  return ZHI_OK;
}

enum zhi_code zhi_fr_touch(struct frontier *f, struct fr_origin *o, struct zhi_err *e) {
  if (o->touched)
    return ZHI_OK;
  struct fr_origin **p = zhi_grown(f->touched, &f->touched_cap, f->touched_len, sizeof *f->touched);
  if (!p)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for hosts");
  f->touched = p;
  f->touched[f->touched_len++] = o;
  o->touched = true;
  return ZHI_OK;
}

enum zhi_code zhi_fr_flush(struct zhi_store *s, struct zhi_err *e) {
  struct frontier *f = &s->fr;
  for (size_t i = 0; i < f->touched_len; i++) {
    struct fr_origin *o = f->touched[i];
    sqlite3_stmt *st = zhi_db_get(s, ST_COUNT_ORIGIN, e);
    if (!st)
      return ZHI_EIO;
    zhi_bind_int(st, 1, o->id);
    for (int k = 0; k < US_COUNT; k++)
      zhi_bind_int(st, k + 2, o->delta[k]);
    enum zhi_code rc = zhi_db_run(s, st, e);
    if (rc)
      return rc;
  }
  return ZHI_OK;
}

static void delta_clear(struct fr_origin *o) {
  memset(o->delta, 0, sizeof o->delta);
  memset(o->due_delta, 0, sizeof o->due_delta);
  o->touched = o->fresh = false;
}

void zhi_fr_apply(struct frontier *f) {
  for (size_t i = 0; i < f->touched_len; i++) {
    struct fr_origin *o = f->touched[i];
    int64_t available = 0;
    for (int k = 0; k < US_COUNT; k++) {
      o->count[k] += o->delta[k];
      f->total[k] += o->delta[k];
    }
    for (unsigned p = 0; p < STORE_PRIORITIES; p++) {
      o->due[p] += o->due_delta[p];
      available += zhi_fr_available(o, p);
    }
    delta_clear(o);
    if (available > 0 && o->group->queue == FQ_NONE)
      zhi_fr_queue(f, o->group);
  }
  f->touched_len = 0;
  if (f->retry_in_tx_ms < f->next_retry_ms)
    f->next_retry_ms = f->retry_in_tx_ms;
  f->retry_in_tx_ms = INT64_MAX;
}

void zhi_fr_forget(struct frontier *f) {
  for (size_t i = 0; i < f->touched_len; i++) {
    struct fr_origin *o = f->touched[i];
    if (o->fresh) { /* stays in the map, without a row: made again when it is met again */
      f->origin_of[o->id] = NULL;
      o->id = 0;
      if (o->group)
        o->group->origins = NULL;
      o->group = NULL;
      o->next = NULL;
    }
    delta_clear(o);
  }
  f->touched_len = 0;
  f->retry_in_tx_ms = INT64_MAX;
}

void zhi_fr_merge(struct frontier *f, struct fr_group *from, struct fr_group *into) {
  for (struct fr_origin *o = from->origins, *next; o; o = next) {
    next = o->next;
    origin_join(o, into);
  }
  for (struct fr_lease *l = from->leases, *next; l; l = next) {
    next = l->next;
    l->group = into;
    l->next = into->leases;
    into->leases = l;
  }
  if (from->next_ms > into->next_ms)
    into->next_ms = from->next_ms;
  if (from->blocked_until_ms > into->blocked_until_ms)
    into->blocked_until_ms = from->blocked_until_ms;
  if (from->backoff_ms > into->backoff_ms)
    into->backoff_ms = from->backoff_ms;
  if (from->delay_ms > into->delay_ms)
    into->delay_ms = from->delay_ms;
  from->origins = from->last_origin = NULL;
  from->leases = NULL;
  from->merged_into = into;
  zhi_fr_queue(f, from);
  zhi_fr_queue(f, into);
}

/* --- what is in flight: open addressing by URL id, deletion by shifting back ---------------------------- */

static size_t flight_home(const struct frontier *f, int64_t id) {
  return (size_t)((uint64_t)id * UINT64_C(0x9E3779B97F4A7C15) >> 20) & (f->flight_cap - 1);
}

static size_t flight_slot(const struct frontier *f, int64_t id) {
  size_t i = flight_home(f, id);
  while (f->flight[i].url_id && f->flight[i].url_id != id)
    i = (i + 1) & (f->flight_cap - 1);
  return i;
}

struct fr_flight *zhi_fr_flight(const struct frontier *f, int64_t url_id) {
  if (!f->flight_cap || url_id <= 0)
    return NULL;
  struct fr_flight *x = &f->flight[flight_slot(f, url_id)];
  return x->url_id ? x : NULL;
}

static enum zhi_code flight_grow(struct frontier *f, struct zhi_err *e) {
  struct frontier bigger = {.flight_cap = f->flight_cap ? f->flight_cap * 2 : 256};
  bigger.flight = calloc(bigger.flight_cap, sizeof *bigger.flight);
  if (!bigger.flight)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for %zu leased URLs", bigger.flight_cap);
  for (size_t i = 0; i < f->flight_cap; i++)
    if (f->flight[i].url_id)
      bigger.flight[flight_slot(&bigger, f->flight[i].url_id)] = f->flight[i];
  free(f->flight);
  f->flight = bigger.flight;
  f->flight_cap = bigger.flight_cap;
  return ZHI_OK;
}

/* Room for one more in the lease's list; what has landed since is dropped from it first. */
static enum zhi_code lease_room(struct frontier *f, struct fr_lease *l, struct zhi_err *e) {
  if (l->count < l->cap)
    return ZHI_OK;
  size_t kept = 0;
  for (size_t i = 0; i < l->count; i++) {
    struct fr_flight *x = zhi_fr_flight(f, l->urls[i]);
    if (x && x->lease == l)
      l->urls[kept++] = l->urls[i];
  }
  l->count = kept;
  if (kept * 2 < l->cap)
    return ZHI_OK;
  size_t cap = l->cap ? l->cap * 2 : 32;
  int64_t *p = realloc(l->urls, cap * sizeof *p);
  if (!p)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a lease of %zu URLs", cap);
  l->urls = p;
  l->cap = cap;
  return ZHI_OK;
}

enum zhi_code zhi_fr_take_off(struct frontier *f, const struct fr_flight *x, struct zhi_err *e) {
  enum zhi_code rc = ZHI_OK;
  if (f->flight_len * 4 >= f->flight_cap * 3 && (rc = flight_grow(f, e)))
    return rc;
  if ((rc = lease_room(f, x->lease, e)))
    return rc;
  f->flight[flight_slot(f, x->url_id)] = *x;
  f->flight_len++;
  x->lease->urls[x->lease->count++] = x->url_id;
  x->origin->leased[x->priority]++;
  return ZHI_OK;
}

void zhi_fr_land(struct frontier *f, int64_t url_id) {
  struct fr_flight *x = zhi_fr_flight(f, url_id);
  if (!x)
    return;
  x->origin->leased[x->priority]--;
  f->flight_len--;
  size_t mask = f->flight_cap - 1, hole = (size_t)(x - f->flight);
  for (size_t i = (hole + 1) & mask; f->flight[i].url_id; i = (i + 1) & mask) {
    size_t home = flight_home(f, f->flight[i].url_id);
    if (((i - home) & mask) >= ((i - hole) & mask)) {
      f->flight[hole] = f->flight[i];
      hole = i;
    }
  }
  f->flight[hole] = (struct fr_flight){0};
}

struct fr_lease *zhi_fr_find_lease(const struct frontier *f, int64_t token) {
  struct fr_lease *l = f->leases;
  while (l && l->token != token)
    l = l->after;
  return l;
}

void zhi_fr_drop_lease(struct frontier *f, struct fr_lease *l) {
  for (size_t i = 0; i < l->count; i++) {
    struct fr_flight *x = zhi_fr_flight(f, l->urls[i]);
    if (x && x->lease == l)
      zhi_fr_land(f, l->urls[i]);
  }
  struct fr_lease **at = &l->group->leases;
  while (*at != l)
    at = &(*at)->next;
  *at = l->next;
  *(l->prev ? &l->prev->after : &f->leases) = l->after;
  if (l->after)
    l->after->prev = l->prev;
  zhi_fr_queue(f, l->group);
  free(l->urls);
  free(l);
}

/* --- loading ---------------------------------------------------------------------------------------------- */

static enum zhi_code load_group(struct zhi_store *s, sqlite3_stmt *st, struct zhi_err *e) {
  struct fr_group *g;
  enum zhi_code rc = group_make(&s->fr, zhi_col_int(st, 0), &g, e);
  if (rc)
    return rc;
  g->next_ms = zhi_col_int(st, 1);
  g->blocked_until_ms = zhi_col_int(st, 2);
  g->backoff_ms = zhi_col_int(st, 3);
  g->delay_ms = zhi_col_int(st, 4);
  return ZHI_OK;
}

static enum zhi_code load_origin(struct zhi_store *s, sqlite3_stmt *st, struct zhi_err *e) {
  struct frontier *f = &s->fr;
  struct fr_origin *o;
  struct fr_group *g = zhi_fr_group(f, zhi_col_int(st, 2));
  if (!g)
    return zhi_fail(e, ZHI_EPARSE, "'%s' is damaged: a host without its group", s->path);
  enum zhi_code rc = origin_make(f, zhi_col_str(st, 1), &o, e);
  if (rc || (rc = origin_number(f, o, zhi_col_int(st, 0), e)))
    return rc;
  for (int k = 0; k < US_COUNT; k++) {
    o->count[k] = zhi_col_int(st, 3 + k);
    f->total[k] += o->count[k];
  }
  origin_join(o, g);
  return ZHI_OK;
}

static enum zhi_code load_address(struct zhi_store *s, sqlite3_stmt *st, struct zhi_err *e) {
  struct fr_group *g = zhi_fr_group(&s->fr, zhi_col_int(st, 1));
  return g ? zhi_map_put(&s->fr.addresses, zhi_col_str(st, 0), g, NULL, e) : ZHI_OK;
}

static enum zhi_code load_due(struct zhi_store *s, sqlite3_stmt *st, struct zhi_err *e) {
  struct frontier *f = &s->fr;
  int64_t id = zhi_col_int(st, 0), p = zhi_col_int(st, 1);
  (void)e;
  if (id > 0 && (size_t)id < f->origin_cap && f->origin_of[id] && p >= 0 && p < STORE_PRIORITIES) {
    f->origin_of[id]->due[p] = zhi_col_int(st, 2);
    zhi_fr_queue(f, f->origin_of[id]->group);
  }
  return ZHI_OK;
}

static enum zhi_code load_retry(struct zhi_store *s, sqlite3_stmt *st, struct zhi_err *e) {
  (void)e;
  if (sqlite3_column_type(st, 0) != SQLITE_NULL)
    s->fr.next_retry_ms = zhi_col_int(st, 0);
  return ZHI_OK;
}

enum zhi_code zhi_fr_load(struct zhi_store *s, struct zhi_err *e) {
  static const struct {
    enum zhi_statement rows;
    enum zhi_code (*take)(struct zhi_store *s, sqlite3_stmt *st, struct zhi_err *e);
  } parts[] = {{ST_ALL_GROUPS, load_group},
               {ST_ALL_ORIGINS, load_origin},
               {ST_ALL_ADDRESSES, load_address},
               {ST_ALL_DUE, load_due},
               {ST_NEXT_RETRY, load_retry}};
  int64_t token = s->fr.next_token;
  if (s->fr.loaded)
    return ZHI_OK;
  zhi_fr_release(&s->fr);
  s->fr.next_token = token;
  s->fr.next_group_id = 1;
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
    sqlite3_stmt *st = zhi_db_get(s, parts[i].rows, e);
    bool row = false;
    enum zhi_code rc = ZHI_OK;
    if (!st)
      return ZHI_EIO;
    while ((rc = zhi_db_step(s, st, &row, e)) == ZHI_OK && row)
      if ((rc = parts[i].take(s, st, e))) {
        sqlite3_reset(st);
        return rc;
      }
    if (rc)
      return rc;
  }
  s->fr.loaded = true;
  return ZHI_OK;
}

void zhi_fr_release(struct frontier *f) {
  void *value;
  for (size_t i = 0; zhi_map_each(&f->origins, &i, NULL, &value);) {
    free(((struct fr_origin *)value)->name);
    free(value);
  }
  for (size_t i = 0; i < f->group_cap; i++)
    free(f->group_of[i]);
  for (struct fr_lease *l = f->leases, *next; l; l = next) {
    next = l->after;
    free(l->urls);
    free(l);
  }
  zhi_map_release(&f->origins);
  zhi_map_release(&f->addresses);
  free(f->origin_of);
  free(f->group_of);
  free(f->flight);
  free(f->touched);
  *f = (struct frontier){
      .unblock_ms = INT64_MAX, .next_retry_ms = INT64_MAX, .retry_in_tx_ms = INT64_MAX};
}
