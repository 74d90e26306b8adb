/* Share: leases held in memory, one for each address. */
#include "crawler/share.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "crawler/net.h"
#include "zhi/log.h"
#include "zhi/map.h"
#include "zhi/servers.h"

enum { MARGIN_MS = 2000, QUIET_MS = 60 * 1000, KEY_BYTES = 80 };

struct lease {
  char key[KEY_BYTES];
  bool held, yield; /* yield: others wait, nothing new is started */
  int in_flight;
  int64_t until_ms, since_ms, used_ms;
  int64_t again_ms; /* not held: when to ask */
  struct zhi_server_state state;
};

struct zhi_share {
  struct zhi_servers *servers;
  struct zhi_map leases; /* key → struct lease */
  int64_t said_ms;       /* trouble was logged */
  _Atomic unsigned *full;
};

enum zhi_code zhi_share_open(const char *dir, int64_t now_ms, _Atomic unsigned *full,
                             struct zhi_share **out, struct zhi_err *e) {
  struct zhi_share *s = calloc(1, sizeof *s);
  if (!s)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for shared politeness");
  zhi_map_init(&s->leases);
  s->full = full;
  enum zhi_code rc = zhi_servers_open(dir, now_ms, &s->servers, e);
  if (rc) {
    zhi_share_close(s);
    return rc;
  }
  *out = s;
  return ZHI_OK;
}

static void trouble(struct zhi_share *s, const struct zhi_err *e, int64_t now) {
  if (now - s->said_ms < QUIET_MS && now >= s->said_ms)
    return;
  s->said_ms = now;
  ZHI_LOG(NET, ERROR, "shared politeness: %s; requests wait until it can be had", e->msg);
}

/* The time is over or the lease lost: others may be asking by now. */
static void lose(struct lease *l) { l->held = l->yield = false; }

static void write_state(struct zhi_share *s, struct lease *l, int64_t until, int64_t now) {
  struct zhi_err e = {0};
  bool held = false;
  if (zhi_servers_keep(s->servers, l->key, until, &l->state, &held, &e)) {
    trouble(s, &e, now);
    return; /* the lease runs on to its end */
  }
  if (!held || !until)
    lose(l);
  else
    l->until_ms = until;
}

static void give_back(struct zhi_share *s, struct lease *l, int64_t now) {
  write_state(s, l, 0, now);
  lose(l);
}

void zhi_share_close(struct zhi_share *s) {
  void *l;
  if (!s)
    return;
  for (size_t i = 0; s->servers && zhi_map_each(&s->leases, &i, NULL, &l);)
    if (((struct lease *)l)->held)
      give_back(s, l, 0);
  for (size_t i = 0; zhi_map_each(&s->leases, &i, NULL, &l);)
    free(l);
  zhi_map_release(&s->leases);
  zhi_servers_close(s->servers);
  free(s);
}

/* On one's own machine each port is a server of its own. */
static struct lease *lease_of(struct zhi_share *s, const char *address, uint16_t port) {
  char key[KEY_BYTES];
  bool own = strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
  struct zhi_err e = {0};
  if (own)
    snprintf(key, sizeof key, "%.60s port %u", address, (unsigned)port);
  else
    snprintf(key, sizeof key, "%.60s", address);
  struct lease *l = zhi_map_get(&s->leases, zhi_str_of(key));
  if (l)
    return l;
  l = calloc(1, sizeof *l);
  if (!l || zhi_map_put(&s->leases, zhi_str_of(key), l, NULL, &e)) {
    free(l);
    return NULL;
  }
  memcpy(l->key, key, sizeof key);
  return l;
}

static void take(struct zhi_share *s, struct lease *l, struct zhi_group *g,
                 const struct zhi_politeness *p, int64_t now) {
  struct zhi_err e = {0};
  if (zhi_servers_take(s->servers, l->key, now, now + ZHI_SHARE_LEASE_MS, &l->held, &l->state, &e))
    trouble(s, &e, now);
  if (zhi_err_is_disk(&e))
    atomic_fetch_or(s->full, ZHI_FULL_STATE);
  else
    atomic_fetch_and(s->full, ~(unsigned)ZHI_FULL_STATE);
  if (!l->held) {
    l->again_ms = now + ZHI_SHARE_POLL_MS;
    return;
  }
  l->until_ms = now + ZHI_SHARE_LEASE_MS;
  l->since_ms = l->used_ms = now;
  l->yield = false;
  zhi_group_learn(g, p,
                  &(struct zhi_group_state){.next_ms = l->state.next_ms,
                                            .blocked_until_ms = l->state.blocked_until_ms,
                                            .backoff_ms = l->state.backoff_ms},
                  l->state.ended_ms, now);
}

bool zhi_share_may_start(struct zhi_share *s, const char *address, uint16_t port,
                         struct zhi_group *g, const struct zhi_politeness *p, int64_t now_ms,
                         int64_t *again_ms) {
  if (!s)
    return true;
  struct lease *l = lease_of(s, address, port);
  *again_ms = now_ms + ZHI_SHARE_POLL_MS;
  if (!l)
    return false;
  if (l->held && now_ms > l->until_ms - MARGIN_MS)
    lose(l);
  if (l->held)
    return !l->yield;
  bool wait = now_ms < l->again_ms && l->again_ms <= now_ms + ZHI_SHARE_POLL_MS;
  if (wait || l->in_flight)
    *again_ms = wait ? l->again_ms : *again_ms;
  else
    take(s, l, g, p, now_ms);
  return l->held;
}

void zhi_share_started(struct zhi_share *s, const char *address, uint16_t port, int64_t now_ms) {
  struct lease *l = s ? lease_of(s, address, port) : NULL;
  if (!l)
    return;
  l->in_flight++;
  l->used_ms = now_ms;
}

void zhi_share_ended(struct zhi_share *s, const char *address, uint16_t port,
                     const struct zhi_group *g, int64_t now_ms) {
  struct lease *l = s ? lease_of(s, address, port) : NULL;
  if (!l)
    return;
  if (l->in_flight > 0)
    l->in_flight--;
  l->used_ms = now_ms;
  l->state = (struct zhi_server_state){.ended_ms = now_ms,
                                       .next_ms = g->next_ms,
                                       .blocked_until_ms = g->blocked_until_ms,
                                       .backoff_ms = g->backoff_ms};
  if (l->held && l->yield && l->in_flight == 0)
    give_back(s, l, now_ms);
}

static void look_after(struct zhi_share *s, struct lease *l, int64_t now) {
  struct zhi_err e = {0};
  bool wanted = false;
  if (l->in_flight == 0 && now - l->used_ms > ZHI_SHARE_IDLE_MS) {
    give_back(s, l, now);
    return;
  }
  if (l->until_ms - now < ZHI_SHARE_LEASE_MS / 2)
    write_state(s, l, now + ZHI_SHARE_LEASE_MS, now);
  if (!l->held || now - l->since_ms < ZHI_SHARE_SLICE_MS)
    return;
  if (zhi_servers_wanted(s->servers, l->key, now, &wanted, &e))
    trouble(s, &e, now);
  l->yield = wanted;
  if (wanted && l->in_flight == 0)
    give_back(s, l, now);
}

void zhi_share_tick(struct zhi_share *s, int64_t now_ms) {
  void *l;
  for (size_t i = 0; s && zhi_map_each(&s->leases, &i, NULL, &l);)
    if (((struct lease *)l)->held)
      look_after(s, l, now_ms);
}
