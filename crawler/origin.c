/* Origins: host look-up (once a crawl, pinned, vetted) and robots.txt (RFC 9309, each hop a capture). */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "crawler/net_internal.h"
#include "zhi/limits.h"
#include "zhi/log.h"
#include "zhi/url.h"
#include "zhi/warc.h"

/* --- the table of origins -------------------------------------------------------------------------------- */

static enum zhi_code fill_target(struct origin *o, struct zhi_str name) {
  struct zhi_url u;
  struct zhi_str to;
  enum zhi_code rc = zhi_url_parse(name, NULL, NULL, &u, NULL);
  if (rc)
    return rc;
  if (!zhi_url_is_http(&u) || !u.host.len) {
    rc = ZHI_EPARSE;
  } else {
    struct zhi_str host = u.host;
    if (host.p[0] == '[')
      host = zhi_str_sub(host, 1, host.len - 1);
    o->port = zhi_url_port(&u);
    if (!zhi_connect_to_match(o->net->o.config, host, o->port, &to, &o->port))
      to = host;
    o->host = strndup(to.p, to.len);
    rc = o->host ? ZHI_OK : ZHI_ENOMEM;
  }
  zhi_url_release(&u);
  return rc;
}

struct origin *origin_of(struct zhi_net *net, struct zhi_str name) {
  struct zhi_err e = {0};
  struct origin *o = zhi_map_get(&net->origins, name);
  if (o)
    return o;
  o = calloc(1, sizeof *o);
  enum zhi_code rc = o ? ZHI_OK : ZHI_ENOMEM;
  if (!rc) {
    o->net = net;
    o->name = strndup(name.p, name.len);
    rc = o->name ? fill_target(o, name) : ZHI_ENOMEM;
  }
  if (!rc)
    rc = zhi_map_put(&net->origins, name, o, NULL, &e);
  if (!rc)
    return o;
  if (rc == ZHI_ENOMEM)
    net_starved(net);
  origin_free(o);
  return NULL;
}

void origin_free(struct origin *o) {
  struct zhi_item *it;
  if (!o)
    return;
  while ((it = item_pop(&o->waiting)))
    zhi_item_free(it);
  zhi_robots_free(o->robots);
  free(o->name);
  free(o->host);
  free(o);
}

void origin_wake(struct origin *o) {
  struct zhi_net *net = o->net;
  struct item_list waiting = o->waiting;
  struct zhi_item *it;
  o->waiting = (struct item_list){0};
  struct item_list ready = {0};
  while ((it = item_pop(&waiting))) {
    struct grp *g = group_of(net, it->group_id);
    if (!g || g->token != it->token) { /* its lease was given back meanwhile */
      item_forget(net, it);
      continue;
    }
    item_push(&ready, it);
  }
  while ((it = item_pop(&ready)))
    item_push(&group_of(net, it->group_id)->ready, it);
  uv_async_send(&net->wake); /* pumped from the loop, not from here: no recursion */
}

/* --- look-up ------------------------------------------------------------------------------------------------ */

static bool acceptable(const struct origin *o, const char *address) {
  return o->net->o.config->allow_private || !zhi_address_is_private(address);
}

static bool is_literal(const char *host) {
  unsigned char raw[16];
  return inet_pton(AF_INET, host, raw) == 1 || inet_pton(AF_INET6, host, raw) == 1;
}

static void set_address(struct origin *o, const char *address) {
  if (address[0] && acceptable(o, address)) {
    snprintf(o->address, sizeof o->address, "%s", address);
    o->address_state = ADDRESS_KNOWN;
    return;
  }
  o->address_state = ADDRESS_FAILED;
  if (address[0])
    snprintf(o->error, sizeof o->error, "private address %s refused", address);
}

/* IPv4 before IPv6, then the lowest: the same choice at every run, so that groups stay together. */
static void choose(struct origin *o, const struct addrinfo *list) {
  char best[INET6_ADDRSTRLEN] = "", text[INET6_ADDRSTRLEN], refused[INET6_ADDRSTRLEN] = "";
  int best_family = 0;
  for (const struct addrinfo *a = list; a; a = a->ai_next) {
    const void *raw = a->ai_family == AF_INET
                          ? (const void *)&((struct sockaddr_in *)(void *)a->ai_addr)->sin_addr
                          : (const void *)&((struct sockaddr_in6 *)(void *)a->ai_addr)->sin6_addr;
    if ((a->ai_family != AF_INET && a->ai_family != AF_INET6) ||
        !inet_ntop(a->ai_family, raw, text, sizeof text))
      continue;
    if (!acceptable(o, text)) {
      snprintf(refused, sizeof refused, "%s", text);
      continue;
    }
    if (!best[0] || (a->ai_family == AF_INET && best_family != AF_INET) ||
        (a->ai_family == best_family && strcmp(text, best) < 0)) {
      snprintf(best, sizeof best, "%s", text);
      best_family = a->ai_family;
    }
  }
  set_address(o, best[0] ? best : refused);
}

/* Every parked job of a host that has no usable address gets its verdict. */
void origin_settle(struct origin *o) {
  struct zhi_net *net = o->net;
  struct item_list waiting = o->waiting;
  struct zhi_item *it;
  bool refused = strstr(o->error, "refused") != NULL;
  int64_t again = net_now(net) + o->net->o.config->politeness.backoff_ms;
  o->waiting = (struct item_list){0};
  o->address_state = ADDRESS_UNKNOWN;
  while ((it = item_pop(&waiting))) {
    if (it->robots) { /* the redirect's target has no address: as good as unreachable */
      it->verdict = ZHI_V_DNS;
      origin_robots_done(origin_of(net, it->origin), NULL, it);
      zhi_item_free(it);
      continue;
    }
    if (it->probe) {
      item_forget(net, it);
      continue;
    }
    bool last = refused || it->attempts + 1 > net->o.config->http.retries;
    net_settle(net, it, last ? ZHI_URL_FAILED : ZHI_URL_RETRY,
               refused ? ZHI_V_CONNECTION : ZHI_V_DNS, refused ? "private_address" : "dns",
               o->error, again);
  }
}

static void on_address(uv_getaddrinfo_t *req, int status, struct addrinfo *list) {
  struct origin *o = req->data;
  o->net->looking--;
  o->error[0] = '\0';
  if (status == 0)
    choose(o, list);
  else
    o->address_state = ADDRESS_FAILED;
  if (o->address_state == ADDRESS_FAILED && !o->error[0])
    snprintf(o->error, sizeof o->error, "cannot resolve '%.60s': %s", o->host, uv_strerror(status));
  uv_freeaddrinfo(list);
  if (o->address_state == ADDRESS_FAILED)
    origin_settle(o);
  origin_wake(o);
}

void origin_look_up(struct origin *o) {
  static const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
  o->error[0] = '\0';
  if (is_literal(o->host)) {
    set_address(o, o->host);
    return;
  }
  o->look_up.data = o;
  o->address_state = ADDRESS_LOOKING;
  if (uv_getaddrinfo(&o->net->loop, &o->look_up, on_address, o->host, NULL, &hints) != 0) {
    o->address_state = ADDRESS_FAILED;
    snprintf(o->error, sizeof o->error, "cannot look up '%.80s'", o->host);
    return;
  }
  o->net->looking++;
}

void origin_regroup(struct origin *o, struct grp *g) {
  struct zhi_err e = {0};
  struct zhi_item *it = NULL;
  if (zhi_item_new(o->net->o.spool_dir, 0, &it, &e)) {
    ZHI_LOG(NET, ERROR, "%s", e.msg);
    return;
  }
  it->regroup = true;
  it->group_id = g->id;
  it->token = g->token;
  it->origin = zhi_arena_str(&it->arena, zhi_str_of(o->name));
  it->ip = zhi_arena_str(&it->arena, zhi_str_of(o->address));
  ZHI_LOG(NET, DEBUG, "regroup origin=%s address=%s from=%lld", o->name, o->address,
          (long long)g->id);
  o->regrouping = true;
  group_drop_lease(g);
  net_send_commit(o->net, it);
}

/* --- robots.txt ------------------------------------------------------------------------------------------------ */

bool origin_robots_fresh(const struct origin *o, int64_t now_ms) {
  return o->robots && now_ms < o->robots_until_ms &&
         now_ms > o->robots_until_ms - 2 * (int64_t)ROBOTS_CACHE_MS; /* a clock that stepped back */
}

struct zhi_item *origin_robots_job(struct origin *o, struct grp *g, struct zhi_str url,
                                   struct zhi_str via, uint16_t hop) {
  struct zhi_item *it = NULL;
  struct zhi_err e = {0};
  if (zhi_item_new(o->net->o.spool_dir, ZHI_ROBOTS_MAX_BYTES, &it, &e)) {
    ZHI_LOG(NET, ERROR, "%s", e.msg);
    return NULL;
  }
  it->robots = true;
  it->group_id = g ? g->id : 0;
  it->token = g ? g->token : 0;
  it->depth = hop;
  it->prio = ZHI_PRIO_SEED;
  it->origin = zhi_arena_str(&it->arena, zhi_str_of(o->name));
  it->via = zhi_arena_str(&it->arena, via);
  it->hops = ZHI_STR("P");
  it->url = url.p ? zhi_arena_str(&it->arena, url)
                  : zhi_arena_printf(&it->arena, "%s/robots.txt", o->name);
  return it;
}

static void learn(struct origin *o, struct zhi_item *it, struct zhi_robots *rules,
                  const char *state, struct zhi_str text, int64_t keep_ms) {
  int64_t now = net_now(o->net);
  if (rules) {
    zhi_robots_free(o->robots);
    o->robots = rules;
  }
  o->robots_state = o->robots ? ROBOTS_KNOWN : ROBOTS_UNKNOWN;
  o->robots_until_ms = now + keep_ms;
  it->has_origin = true;
  it->origin_state = (struct zhi_origin_state){.robots_fetched_ms = now, .robots_state = state};
  it->origin_state.origin = it->origin;
  it->origin_state.robots_text = zhi_arena_str(&it->arena, text);
  it->origin_state.address = zhi_arena_str(&it->arena, zhi_str_of(o->address));
}

/* The text of a good answer: content coding undone, capped; empty when that cannot be. False when memory ran out: nothing
 * is allowed for that. */
static bool robots_text(const struct zhi_item *it, struct zhi_buf *text) {
  struct zhi_http_head head;
  struct zhi_str coding = ZHI_STR_NONE;
  enum zhi_code parsed = zhi_http_parse(zhi_buf_view(&it->response_head), &head, NULL);
  if (!parsed)
    coding = zhi_http_header(&head, "Content-Encoding");
  enum zhi_code decoded = zhi_http_decode(coding, true, &it->body, ZHI_ROBOTS_MAX_BYTES,
                                          ZHI_DECODE_MAX_RATIO, text, NULL, NULL);
  bool starved = parsed == ZHI_ENOMEM || decoded == ZHI_ENOMEM || text->starved;
  if (decoded)
    zhi_buf_clear(text);
  if (!parsed)
    zhi_http_head_release(&head);
  return !starved;
}

/* Next hop of a redirected robots.txt; NULL when there is none to take. */
static struct zhi_item *next_hop(struct origin *o, struct grp *g, const struct zhi_item *it) {
  struct zhi_http_head head;
  struct zhi_url base, to;
  struct zhi_item *hop = NULL;
  if (it->depth >= ZHI_ROBOTS_MAX_HOPS ||
      zhi_http_parse(zhi_buf_view(&it->response_head), &head, NULL))
    return NULL;
  struct zhi_str location = zhi_http_header(&head, "Location");
  if (location.len && !zhi_url_parse(it->url, NULL, NULL, &base, NULL)) {
    if (!zhi_url_parse(location, &base, NULL, &to, NULL)) {
      if (zhi_url_is_http(&to))
        hop = origin_robots_job(o, g, zhi_url_without_fragment(&to), it->url,
                                (uint16_t)(it->depth + 1));
      zhi_url_release(&to);
    }
    zhi_url_release(&base);
  }
  zhi_http_head_release(&head);
  return hop;
}

void origin_robots_unreachable(struct origin *o, struct zhi_item *it) {
  char why[64];
  bool last = o->robots_failures >= ROBOTS_TRIES;
  snprintf(why, sizeof why, "robots.txt cannot be had: %s", zhi_verdict_name(o->robots_verdict));
  net_settle(o->net, it, last ? ZHI_URL_FAILED : ZHI_URL_RETRY, ZHI_V_ROBOTS_DENIED,
             "robots_unreachable", why, o->robots_until_ms);
}

/* Whatever waits for a robots.txt that cannot be had is settled at once: the group may have to stay away for longer
 * than this answer holds, and would then only ask for it again. */
static void settle_waiting(struct origin *o) {
  struct item_list waiting = o->waiting;
  struct zhi_item *it;
  o->waiting = (struct item_list){0};
  while ((it = item_pop(&waiting))) {
    if (it->robots)
      item_push(&o->waiting, it);
    else
      origin_robots_unreachable(o, it);
  }
}

struct zhi_item *origin_robots_done(struct origin *o, struct grp *g, struct zhi_item *it) {
  struct zhi_buf text;
  struct zhi_robots *rules = NULL;
  struct zhi_item *hop = NULL;
  if (!o)
    return NULL;
  zhi_buf_init(&text, ZHI_ROBOTS_MAX_BYTES);
  bool good =
      it->status >= 200 && it->status < 300 &&
      (it->verdict == ZHI_V_OK || it->verdict == ZHI_V_TOO_LARGE || it->verdict == ZHI_V_TRUNCATED);
  if (it->verdict == ZHI_V_REDIRECT && (hop = next_hop(o, g, it))) {
    zhi_buf_release(&text);
    return hop;
  }
  if (good) {
    if (robots_text(it, &text) &&
        !zhi_robots_parse(zhi_buf_view(&text), ZHI_STR(ZHI_ROBOTS_TOKEN), &rules, NULL))
      learn(o, it, rules, "ok", zhi_buf_view(&text), ROBOTS_CACHE_MS);
    o->robots_failures = 0;
    struct grp *own = o->group_id ? group_of(o->net, o->group_id) : g;
    if (rules && own)
      zhi_group_crawl_delay(&own->polite, zhi_robots_crawl_delay_ms(rules));
  } else if (it->status >= 300 && it->status < 500 && it->status != 429) {
    if (!zhi_robots_fixed(true, &rules, NULL)) /* RFC 9309 2.3.1.3: unavailable allows all */
      learn(o, it, rules, "none", ZHI_STR_NONE, ROBOTS_CACHE_MS);
    o->robots_failures = 0;
  } else { /* 2.3.1.4: unreachable forbids all, until a later try */
    int64_t wait = o->net->o.config->politeness.backoff_ms
                   << (o->robots_failures < 10 ? o->robots_failures : 10);
    o->robots_failures++;
    o->robots_verdict = it->verdict;
    if (!zhi_robots_fixed(false, &rules, NULL))
      learn(o, it, rules, "unavailable", ZHI_STR_NONE, wait);
    settle_waiting(o);
  }
  zhi_buf_release(&text);
  if (!rules)
    o->robots_state = ROBOTS_UNKNOWN;
  origin_wake(o);
  return NULL;
}

enum zhi_code zhi_net_restore(struct zhi_net *net, const struct zhi_origin_state *s,
                              const struct zhi_group_state *g, struct zhi_err *e) {
  struct origin *o = origin_of(net, s->origin);
  struct grp *group = g && g->group_id ? group_of(net, g->group_id) : NULL;
  if (!o)
    return ZHI_OK; /* not one that could be fetched from */
  int64_t now = net_now(net);
  if (group) {
    o->group_id = group->id;
    snprintf(o->group_address, sizeof o->group_address, "%.*s", ZHI_STR_ARGS(s->address));
    zhi_group_restore(&group->polite, g, now);
  }
  o->probed = s->probe.len != 0;
  bool ok = s->robots_state && strcmp(s->robots_state, "ok") == 0;
  bool none = s->robots_state && strcmp(s->robots_state, "none") == 0;
  if (!s->robots_fetched_ms || (!ok && !none))
    return ZHI_OK; /* unavailable: asked again */
  enum zhi_code rc = ok ? zhi_robots_parse(s->robots_text, ZHI_STR(ZHI_ROBOTS_TOKEN), &o->robots, e)
                        : zhi_robots_fixed(true, &o->robots, e);
  if (rc)
    return rc;
  o->robots_until_ms = s->robots_fetched_ms + ROBOTS_CACHE_MS;
  o->robots_state = ROBOTS_KNOWN;
  if (group)
    zhi_group_crawl_delay(&group->polite, zhi_robots_crawl_delay_ms(o->robots));
  return ZHI_OK;
}
