/* Dispatch: which request goes out next, group by group. A job passes three gates before it is sent: its
 * origin's address is known and is the group's, its origin's robots.txt is known and allows it, and the
 * group's politeness, with what other crawls of this machine do, says now. At a closed gate it is parked with its origin, or waits in its group. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "crawler/net_internal.h"
#include "crawler/probe.h"
#include "crawler/scope.h"
#include "zhi/log.h"
#include "zhi/url.h"
#include "zhi/warc.h"

static void on_timer(uv_timer_t *t) { group_pump(t->data); }

static struct grp *find_group(struct zhi_net *net, const char *key, int64_t id) {
  struct zhi_err e = {0};
  struct grp *g = zhi_map_get(&net->groups, zhi_str_of(key));
  if (g)
    return g;
  g = calloc(1, sizeof *g);
  if (!g || zhi_map_put(&net->groups, zhi_str_of(key), g, NULL, &e)) {
    free(g);
    net_starved(net);
    return NULL;
  }
  g->net = net;
  g->id = id;
  g->leases_tail = &g->leases;
  zhi_group_init(&g->polite, net->seed ^ (uint64_t)id);
  uv_timer_init(&net->loop, &g->timer);
  g->timer.data = g;
  return g;
}

struct grp *group_of(struct zhi_net *net, int64_t id) {
  char key[24];
  snprintf(key, sizeof key, "%" PRId64, id);
  return find_group(net, key, id);
}

/* The group to be polite to at an origin whose address is known: its frontier group, or, for a host that only
 * a robots.txt redirect led to, one that is known by address alone. */
static struct grp *group_at(struct origin *o) {
  char key[80];
  if (o->group_id)
    return group_of(o->net, o->group_id);
  snprintf(key, sizeof key, "@%s", o->address);
  return find_group(o->net, key, 0);
}

void item_forget(struct zhi_net *net, struct zhi_item *it) {
  struct origin *o = it->robots || it->probe ? origin_of(net, it->origin) : NULL;
  if (o && it->robots && o->robots_state == ROBOTS_FETCHING)
    o->robots_state = ROBOTS_UNKNOWN;
  if (o && it->probe)
    o->probed = false;
  zhi_item_free(it);
}

void group_drop_lease(struct grp *g) {
  struct zhi_item *it;
  for (struct lease_node *n = g->leases, *next; n; n = next) {
    next = n->next;
    zhi_lease_free(n->lease);
    free(n);
  }
  g->leases = NULL;
  g->leases_tail = &g->leases;
  while ((it = item_pop(&g->ready)))
    item_forget(g->net, it);
  g->token = 0;
}

void group_lease(struct zhi_net *net, struct zhi_lease *lease) {
  struct grp *g = group_of(net, lease->group_id);
  struct lease_node *n = calloc(1, sizeof *n);
  if (!g || !n) {
    zhi_lease_free(lease);
    free(n);
    net_starved(net);
    return;
  }
  if (g->token != lease->token)
    group_drop_lease(g);
  g->token = lease->token;
  n->lease = lease;
  *g->leases_tail = n;
  g->leases_tail = &n->next;
  group_pump(g);
}

/* The next job, as an item; NULL when there is none. */
static struct zhi_item *next_item(struct grp *g) {
  struct zhi_item *it = item_pop(&g->ready);
  if (it)
    return it;
  struct lease_node *n = g->leases;
  while (n && n->at == n->lease->count) {
    g->leases = n->next;
    if (!g->leases)
      g->leases_tail = &g->leases;
    zhi_lease_free(n->lease);
    free(n);
    n = g->leases;
  }
  if (!n)
    return NULL;
  struct zhi_net *net = g->net;
  struct zhi_err e = {0};
  if (zhi_item_new(net->o.spool_dir, (uint64_t)net->o.config->budget.body_max, &it, &e)) {
    ZHI_LOG(NET, ERROR, "%s", e.msg);
    return NULL;
  }
  if (!zhi_item_from_job(it, &n->lease->jobs[n->at], g->id, g->token)) {
    ZHI_LOG(NET, ERROR, "out of memory for a URL");
    zhi_item_free(it);
    return NULL;
  }
  n->at++;
  return it;
}

/* --- gates --------------------------------------------------------------------------------------------- */

/* Gate 1. True: pass. False: the item was parked, settled or forgotten. */
static bool address_gate(struct grp *g, struct origin *o, struct zhi_item *it) {
  if (o->address_state == ADDRESS_UNKNOWN)
    origin_look_up(o);
  if (o->address_state == ADDRESS_LOOKING) {
    item_push(&o->waiting, it);
    return false;
  }
  if (o->address_state == ADDRESS_FAILED) {
    o->address_state = ADDRESS_UNKNOWN; /* looked up again at the next try */
    item_push(&o->waiting, it);
    origin_settle(o);
    return false;
  }
  if (it->robots || (o->group_id == g->id && strcmp(o->address, o->group_address) == 0))
    return true;
  if (o->regrouping) { /* an older lease of its old group */
    item_forget(g->net, it);
    return false;
  }
  item_forget(g->net, it); /* the frontier keeps the job: the lease is given back with it */
  origin_regroup(o, g);
  return false;
}

/* Gate 2, as gate 1. */
static bool robots_gate(struct grp *g, struct origin *o, struct zhi_item *it) {
  struct zhi_net *net = g->net;
  int64_t now = net_now(net);
  size_t line = 0;
  if (it->robots || it->probe)
    return true;
  if (o->robots_state == ROBOTS_KNOWN && !origin_robots_fresh(o, now))
    o->robots_state = ROBOTS_UNKNOWN;
  if (o->robots_state == ROBOTS_UNKNOWN) {
    struct zhi_item *r = origin_robots_job(o, g, ZHI_STR_NONE, it->url, 0);
    if (r)
      item_push_front(&g->ready, r);
    o->robots_state = ROBOTS_FETCHING;
  }
  if (o->robots_state == ROBOTS_FETCHING) {
    item_push(&o->waiting, it);
    return false;
  }
  if (zhi_robots_allowed(o->robots, it->url, &line))
    return true;
  if (o->robots_failures) {
    origin_robots_unreachable(o, it);
  } else {
    char why[64];
    snprintf(why, sizeof why, "robots.txt line %zu", line);
    net_settle(net, it, ZHI_URL_EXCLUDED, ZHI_V_ROBOTS_DENIED, "robots", why, 0);
  }
  return false;
}

static struct zhi_str host_of_origin(const struct origin *o) {
  struct zhi_str name = zhi_str_of(o->name), scheme = zhi_str_cut(&name, '/');
  (void)scheme;
  name = zhi_str_sub(name, 1, name.len);
  const char *port = name.len && *name.p != '[' ? memchr(name.p, ':', name.len) : NULL;
  return port ? zhi_str_sub(name, 0, (size_t)(port - name.p)) : name;
}

/* Gate 3: before its first page a host is asked for one that cannot exist. False: the item waits behind that. */
static bool probe_gate(struct grp *g, struct origin *o, struct zhi_item *it) {
  struct zhi_net *net = g->net;
  struct zhi_item *probe = NULL;
  struct zhi_err e = {0};
  struct zhi_buf path;
  if (o->probed || it->robots || it->probe || it->prio > ZHI_PRIO_PAGE ||
      !net->o.config->scope.soft_404_probe || !zhi_scope_has_host(net->o.scope, host_of_origin(o)))
    return true;
  o->probed = true;
  if (zhi_item_new(net->o.spool_dir, (uint64_t)net->o.config->budget.body_max, &probe, &e)) {
    ZHI_LOG(NET, ERROR, "%s", e.msg);
    return true;
  }
  zhi_buf_init(&path, 256);
  zhi_probe_path(zhi_str_of(o->name), &path);
  probe->probe = true;
  probe->group_id = g->id;
  probe->token = g->token;
  probe->prio = ZHI_PRIO_PAGE;
  probe->origin = zhi_arena_str(&probe->arena, zhi_str_of(o->name));
  probe->via = zhi_arena_str(&probe->arena, it->url);
  probe->hops = ZHI_STR("P");
  probe->url = zhi_arena_printf(&probe->arena, "%s%s", o->name, path.p ? path.p : "");
  bool ask = path.p && zhi_robots_allowed(o->robots, probe->url, NULL);
  zhi_buf_release(&path);
  if (!ask) {
    zhi_item_free(probe);
    return true;
  }
  item_push_front(&g->ready, it);
  item_push_front(&g->ready, probe);
  return false;
}

/* Gate 4: a host may have had its share. */
static bool budget_gate(struct grp *g, struct origin *o, struct zhi_item *it) {
  const struct zhi_config *c = g->net->o.config;
  if (it->robots || it->probe ||
      ((!c->budget.host_pages || o->pages < c->budget.host_pages) &&
       (!c->budget.host_bytes || o->bytes < c->budget.host_bytes)))
    return true;
  net_settle(g->net, it, ZHI_URL_FAILED, ZHI_V_OUT_OF_SCOPE, "host_budget",
             "budget.host_pages or budget.host_bytes is spent", 0);
  return false;
}

/* The origin that a request really goes to: a robots.txt may have redirected elsewhere. */
static struct origin *target_of(struct zhi_net *net, const struct zhi_item *it) {
  if (!it->robots)
    return origin_of(net, it->origin);
  struct zhi_url u;
  struct zhi_buf name;
  if (zhi_url_parse(it->url, NULL, NULL, &u, NULL))
    return NULL;
  zhi_buf_init(&name, 8192);
  zhi_url_origin(&u, &name);
  struct origin *o = origin_of(net, zhi_buf_view(&name));
  zhi_buf_release(&name);
  zhi_url_release(&u);
  return o;
}

/* Gate 5: other crawls of this machine. False: the item waits in its group. */
static bool share_gate(struct grp *g, struct origin *o, struct zhi_item *it) {
  struct zhi_net *net = g->net;
  int64_t now = net_now(net), again = now;
  if (zhi_share_may_start(net->o.share, o->address, o->port, &g->polite, &net->polite, now,
                          &again)) {
    again = zhi_group_ready_at(&g->polite, &net->polite, now);
    if (again <= now)
      return true;
  }
  item_push_front(&g->ready, it);
  if (again != ZHI_GROUP_WAIT)
    uv_timer_start(&g->timer, on_timer, (uint64_t)(again - now), 0);
  return false;
}

void group_pump(struct grp *g) {
  struct zhi_net *net = g->net;
  while (net_may_start(net)) {
    int64_t now = net_now(net), at = zhi_group_ready_at(&g->polite, &net->polite, now);
    if (at > now) {
      if (at != ZHI_GROUP_WAIT && (g->ready.head || g->leases))
        uv_timer_start(&g->timer, on_timer, (uint64_t)(at - now), 0);
      return;
    }
    struct zhi_item *it = next_item(g);
    if (!it)
      return;
    struct origin *o = target_of(net, it);
    if (!o && atomic_load(&net->starved)) {
      item_forget(net, it);
      return;
    }
    if (!o) {
      net_settle(net, it, ZHI_URL_FAILED, ZHI_V_INVALID, "invalid_url", "not an http URL", 0);
      continue;
    }
    if (!address_gate(g, o, it) || !robots_gate(g, o, it) || !probe_gate(g, o, it) ||
        !budget_gate(g, o, it))
      continue;
    struct grp *at_target = it->robots ? group_at(o) : g;
    if (at_target && at_target != g) { /* redirected to another server: its politeness decides */
      item_push(&at_target->ready, it);
      group_pump(at_target);
      continue;
    }
    if (!share_gate(g, o, it))
      return;
    net_start(net, g, o, it);
  }
}

void group_pump_all(struct zhi_net *net) {
  void *g;
  for (size_t i = 0; zhi_map_each(&net->groups, &i, NULL, &g);)
    group_pump(g);
}

/* --- the end of an exchange ------------------------------------------------------------------------------ */

static int64_t retry_after(const struct zhi_item *it, int64_t now) {
  struct zhi_http_head head;
  if ((it->status != 429 && it->status != 503) ||
      zhi_http_parse(zhi_buf_view(&it->response_head), &head, NULL))
    return -1;
  int64_t ms = zhi_retry_after_ms(zhi_http_header(&head, "Retry-After"), now);
  zhi_http_head_release(&head);
  return ms;
}

void group_done(struct zhi_net *net, struct grp *g, struct origin *o, struct zhi_item *it) {
  int64_t now = net_now(net) + 1; /* the millisecond that has begun counts: no pause is short */
  zhi_group_finish(&g->polite, &net->polite, zhi_group_event_of(it->verdict, it->status),
                   it->duration_ms, retry_after(it, now), now);
  zhi_share_ended(net->o.share, o->address, o->port, &g->polite, now);
  if (it->verdict == ZHI_V_CONNECTION && !it->status)
    o->address_state = ADDRESS_UNKNOWN; /* it may have moved */
  if (g->id) {
    it->has_group = true;
    zhi_group_save(&g->polite, &it->group);
    it->group.group_id = g->id;
    it->group.token = g->token;
  }
  if (it->robots) {
    struct zhi_item *hop = origin_robots_done(origin_of(net, it->origin), g, it);
    if (hop)
      item_push_front(&g->ready, hop);
  }
  net_send_work(net, it);
  group_pump(g);
}
