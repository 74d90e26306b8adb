/* Cluster: decisions by caption, domain and site code, and the hosts that joined. */
#include "crawler/cluster.h"

#include <pthread.h>
#include <stdlib.h>

#include "crawler/scope.h"
#include "zhi/log.h"
#include "zhi/map.h"

enum { DIVISION_DIGITS = 6, CODE_DIGITS = 10, HOSTS_MAX = 5000 };

/* A row replaces one of less weight at its host. */
enum weight { W_FOREIGN = 1, W_RULE, W_UNCAPTIONED, W_SIBLING, W_OWN, W_MEMBER, W_MET };

struct host {
  bool joined, met;
  struct zhi_host_row row; /* of a candidate; strings owned */
};

struct zhi_cluster {
  pthread_mutex_t lock;
  const struct zhi_config *config;
  struct zhi_map hosts; /* candidates and those that joined → struct host */
  struct zhi_arena arena;
  char division[DIVISION_DIGITS + 1]; /* "" unknown */
  bool changed;
};

enum zhi_code zhi_cluster_new(const struct zhi_config *config, struct zhi_cluster **out,
                              struct zhi_err *e) {
  struct zhi_cluster *cl = calloc(1, sizeof *cl);
  if (!cl)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for the cluster");
  pthread_mutex_init(&cl->lock, NULL);
  cl->config = config;
  zhi_arena_init(&cl->arena, (size_t)64 << 20);
  if (strlen(config->division_code) == DIVISION_DIGITS)
    memcpy(cl->division, config->division_code, DIVISION_DIGITS);
  *out = cl;
  return ZHI_OK;
}

void zhi_cluster_free(struct zhi_cluster *cl) {
  if (!cl)
    return;
  zhi_map_release(&cl->hosts);
  zhi_arena_release(&cl->arena);
  pthread_mutex_destroy(&cl->lock);
  free(cl);
}

/* --- hosts ------------------------------------------------------------------------------------------------------ */

static struct zhi_str lowered(struct zhi_arena *a, struct zhi_str s) {
  struct zhi_str out = zhi_arena_str(a, s);
  for (size_t i = 0; i < out.len; i++)
    if (out.p[i] >= 'A' && out.p[i] <= 'Z')
      ((char *)(uintptr_t)out.p)[i] |= 0x20;
  return out;
}

static struct zhi_host_row kept(struct zhi_arena *a, const struct zhi_host_row *r) {
  struct zhi_host_row k = *r;
  struct zhi_str *const texts[] = {&k.host, &k.url, &k.name, &k.caption, &k.via, &k.site_code};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    *texts[i] = zhi_arena_str(a, *texts[i]);
  return k;
}

/* Under the lock. */
static enum zhi_code keep(struct zhi_cluster *cl, const struct zhi_host_row *r, bool joined,
                          struct zhi_err *e) {
  struct host *h = zhi_map_get(&cl->hosts, r->host);
  if (h) {
    h->joined |= joined;
    return ZHI_OK;
  }
  if (cl->hosts.len >= HOSTS_MAX)
    return ZHI_OK; /* more than any cluster has */
  h = zhi_arena_zalloc(&cl->arena, sizeof *h);
  if (!h)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a host");
  h->joined = joined;
  h->row = kept(&cl->arena, r);
  cl->changed = true;
  return zhi_map_put(&cl->hosts, h->row.host, h, NULL, e);
}

enum zhi_code zhi_cluster_restore(struct zhi_cluster *cl, const struct zhi_host_row *row,
                                  struct zhi_err *e) {
  bool joined = strcmp(row->state, "joined") == 0;
  bool asked = strcmp(row->state, "candidate") == 0 ||
               (strcmp(row->state, "proposed") == 0 && !row->reason); /* by an earlier config */
  if (cl->config->scope.discover_cluster != ZHI_DISCOVER_FOLLOW || (!joined && !asked))
    return ZHI_OK;
  return keep(cl, row, joined, e);
}

bool zhi_cluster_has(struct zhi_cluster *cl, struct zhi_str host) {
  pthread_mutex_lock(&cl->lock);
  const struct host *h = cl->hosts.len ? zhi_map_get(&cl->hosts, host) : NULL;
  bool joined = h && h->joined;
  pthread_mutex_unlock(&cl->lock);
  return joined;
}

bool zhi_cluster_asks(struct zhi_cluster *cl, const struct zhi_url *url, bool redirect) {
  pthread_mutex_lock(&cl->lock);
  const struct host *h = cl->hosts.len ? zhi_map_get(&cl->hosts, url->host) : NULL;
  bool asks =
      h && !h->met &&
      (redirect || url->path.len <= 1 || zhi_str_eq(zhi_url_without_fragment(url), h->row.url));
  pthread_mutex_unlock(&cl->lock);
  return asks;
}

bool zhi_cluster_changed(struct zhi_cluster *cl) {
  pthread_mutex_lock(&cl->lock);
  bool changed = cl->changed;
  cl->changed = false;
  pthread_mutex_unlock(&cl->lock);
  return changed;
}

/* --- decisions ---------------------------------------------------------------------------------------------------- */

/* A rule about the address itself: a mobile twin, log-in, search, share button … */
static const char *rule_against(const struct zhi_scope *scope, const struct zhi_url *u,
                                struct zhi_str text) {
  struct zhi_scope_link link = {.kind = ZHI_LINK_PAGE, .text = text, .as_member = true};
  struct zhi_scope_decision d;
  zhi_scope_decide(scope, u, &link, &d);
  return d.reason;
}

static void decide(const struct zhi_cluster *cl, const struct zhi_scope *scope,
                   const struct zhi_url *u, const struct zhi_neighbour *s, struct zhi_host_row *r) {
  bool gov = zhi_str_ends(r->host, ".gov.cn");
  const char *rule;
  r->state = "excluded";
  if (zhi_scope_has_host(scope, u->host)) {
    r->state = "member";
    r->weight = W_MEMBER;
  } else if (s->group == ZHI_GROUP_FOREIGN) {
    r->reason = "caption";
    r->weight = W_FOREIGN;
  } else if (!gov || (rule = rule_against(scope, u, s->name)) != NULL) {
    r->reason = gov ? rule : "not_gov";
    r->weight = W_RULE;
  } else if (s->group != ZHI_GROUP_OWN) {
    bool sibling = s->group == ZHI_GROUP_SIBLING;
    r->state = "proposed";
    r->reason = sibling ? "sibling" : "no_caption";
    r->weight = sibling ? W_SIBLING : W_UNCAPTIONED;
  } else {
    bool follow = cl->config->scope.discover_cluster == ZHI_DISCOVER_FOLLOW;
    r->state = follow ? "candidate" : "proposed";
    r->weight = W_OWN;
  }
}

bool zhi_cluster_judge(struct zhi_cluster *cl, const struct zhi_scope *scope,
                       const struct zhi_neighbour *site, struct zhi_str via, struct zhi_arena *a,
                       struct zhi_host_row *row) {
  struct zhi_url u;
  if (zhi_url_parse(site->url, NULL, NULL, &u, NULL))
    return false;
  *row = (struct zhi_host_row){.host = lowered(a, u.host),
                               .url = zhi_arena_str(a, zhi_url_without_fragment(&u)),
                               .name = zhi_arena_str(a, site->name),
                               .caption = zhi_arena_str(a, site->caption),
                               .via = via,
                               .group = zhi_site_group_name(site->group),
                               .place = site->place};
  bool web = zhi_url_is_http(&u) && u.host.len;
  if (web)
    decide(cl, scope, &u, site, row);
  zhi_url_release(&u);
  struct zhi_err e = {0};
  if (web && strcmp(row->state, "candidate") == 0) {
    pthread_mutex_lock(&cl->lock);
    enum zhi_code rc = keep(cl, row, false, &e);
    pthread_mutex_unlock(&cl->lock);
    if (rc)
      ZHI_LOG(EXTRACT, ERROR, "%s", e.msg);
  }
  return web;
}

static bool is_local_code(struct zhi_str code) {
  for (size_t i = 0; i < code.len; i++)
    if (code.p[i] < '0' || code.p[i] > '9')
      return false;
  return code.len == CODE_DIGITS && code.p[0] != '0';
}

/* Of the same county; of a city ("411400") also its counties'. */
static bool same_division(const char *division, struct zhi_str code) {
  size_t n = strcmp(division + 4, "00") == 0 ? 4 : DIVISION_DIGITS;
  return memcmp(division, code.p, n) == 0;
}

/* A candidate's page is here: does its host join? Under the lock. */
static void meet(struct zhi_cluster *cl, struct host *h, struct zhi_str code, bool *in_scope) {
  struct zhi_host_row *r = &h->row;
  h->met = true;
  r->weight = W_MET;
  r->site_code = zhi_arena_str(&cl->arena, code);
  r->state = "proposed";
  if (!is_local_code(code)) {
    r->reason = "no_site_code";
  } else if (!cl->division[0]) {
    r->reason = "no_division";
  } else if (!same_division(cl->division, code)) {
    r->state = "excluded";
    r->reason = "site_code";
  } else {
    r->state = "joined";
    r->reason = NULL;
    h->joined = cl->changed = *in_scope = true;
    ZHI_LOG(MAIN, INFO, "host %.*s joins the cluster: %.*s, site code %.*s", ZHI_STR_ARGS(r->host),
            ZHI_STR_ARGS(r->caption), ZHI_STR_ARGS(code));
  }
}

/* Append a row to the item's. */
static void push(struct zhi_item *it, const struct zhi_host_row *r, size_t cap) {
  if (!it->hosts)
    it->hosts = zhi_arena_alloc(&it->arena, cap * sizeof *it->hosts);
  if (it->hosts && it->host_count < cap)
    it->hosts[it->host_count++] = *r;
}

void zhi_cluster_read(struct zhi_cluster *cl, const struct zhi_scope *scope, struct zhi_item *it,
                      const struct zhi_url *url, const struct zhi_doc *d, struct zhi_seen *seen,
                      bool *in_scope) {
  size_t cap = d->site_count + 1;
  const struct zhi_field_value *f = &d->fields[ZHI_F_SITE_ID_CODE];
  struct zhi_str code = f->value.p ? f->value : ZHI_STR("");
  if (cl->config->scope.discover_cluster == ZHI_DISCOVER_OFF)
    return;
  pthread_mutex_lock(&cl->lock);
  if (*in_scope && it->prio == ZHI_PRIO_SEED && !cl->division[0] && is_local_code(code))
    memcpy(cl->division, code.p, DIVISION_DIGITS);
  struct host *h = !*in_scope && cl->hosts.len ? zhi_map_get(&cl->hosts, url->host) : NULL;
  bool met = h && !h->met;
  struct zhi_host_row own = {0};
  if (met) {
    meet(cl, h, code, in_scope);
    own = h->row; /* never changed again, and its strings live as long as the crawl */
  }
  pthread_mutex_unlock(&cl->lock);
  if (met)
    push(it, &own, cap);
  for (size_t i = 0; *in_scope && i < d->site_count; i++) {
    struct zhi_host_row r;
    struct zhi_str key =
        zhi_arena_printf(&it->arena, "%s %.*s", zhi_site_group_name(d->sites[i].group),
                         ZHI_STR_ARGS(d->sites[i].url));
    struct zhi_hash128 hash = zhi_hash128(key);
    if (zhi_seen_has(seen, hash))
      continue;
    zhi_seen_add(seen, hash);
    if (zhi_cluster_judge(cl, scope, &d->sites[i], it->url, &it->arena, &r))
      push(it, &r, cap);
  }
}
