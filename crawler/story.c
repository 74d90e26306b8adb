/* Story: the catalogue's rows, then the same judges that a crawl asks. */
#include "crawler/story.h"

#include "crawler/cluster.h"
#include "crawler/scope.h"
#include "zhi/json.h"
#include "zhi/limits.h"
#include "zhi/robots.h"
#include "zhi/url.h"

enum { CONFIG_MAX_BYTES = 1 << 20 };

static json_t *scope_json(const struct zhi_scope *scope, const struct zhi_url *u, const json_t *o) {
  const char *kind = zhi_json_text(o, "kind");
  struct zhi_scope_decision d;
  struct zhi_scope_link link = {.kind = strcmp(kind, "attachment") == 0  ? ZHI_LINK_ATTACHMENT
                                        : strcmp(kind, "requisite") == 0 ? ZHI_LINK_REQUISITE
                                                                         : ZHI_LINK_PAGE,
                                .seed = strcmp(kind, "seed") == 0,
                                .text = zhi_str_of(zhi_json_text(o, "text")),
                                .parent_in_scope = true,
                                .depth = (unsigned)json_integer_value(json_object_get(o, "depth"))};
  zhi_scope_decide(scope, u, &link, &d);
  return json_pack("{s:s,s:s?,s:s?}", "decision", d.reason ? "exclude" : "fetch", "reason",
                   d.reason, "sentence", d.reason ? zhi_scope_explain(d.reason) : NULL);
}

static enum zhi_code restore_host(void *ctx, const struct zhi_host_row *row, struct zhi_err *e) {
  return zhi_cluster_restore(ctx, row, e);
}

static enum zhi_code add_scope(struct zhi_store *s, const struct zhi_config *config,
                               const struct zhi_url *u, json_t *o, struct zhi_err *e) {
  struct zhi_scope *scope = NULL;
  struct zhi_cluster *cluster = NULL;
  enum zhi_code rc = zhi_scope_new(config, &scope, e);
  if (!rc)
    rc = zhi_cluster_new(config, &cluster, e);
  if (!rc)
    rc = zhi_store_each_host(s, restore_host, cluster, e);
  if (!rc) {
    zhi_scope_set_cluster(scope, cluster);
    json_object_set_new(o, "scope", scope_json(scope, u, o));
  }
  zhi_scope_free(scope);
  zhi_cluster_free(cluster);
  return rc;
}

/* Line `n`, from 1, of a text. */
static struct zhi_str line_of(struct zhi_str text, size_t n) {
  struct zhi_str line = ZHI_STR("");
  while (n-- > 0 && text.p)
    line = zhi_str_cut(&text, '\n');
  return zhi_str_trim(line);
}

/* The robots.txt that holds for a URL: its origin's. */
struct robots_of {
  const char *url;
  struct zhi_str origin;
  json_t *into;
};

static enum zhi_code take_robots(void *ctx, const struct zhi_origin_state *o,
                                 const struct zhi_group_state *g, struct zhi_err *e) {
  const struct robots_of *x = ctx;
  struct zhi_robots *r = NULL;
  char fetched[ZHI_ISO_SIZE];
  size_t line = 0;
  enum zhi_code rc = ZHI_OK;
  (void)g;
  if (!zhi_str_eq(o->origin, x->origin) || !o->robots_state || !o->robots_state[0])
    return ZHI_OK;
  zhi_time_iso(o->robots_fetched_ms, fetched);
  json_object_set_new(x->into, "state", json_string(o->robots_state));
  json_object_set_new(x->into, "fetched", json_string(fetched));
  if (strcmp(o->robots_state, "ok") != 0)
    return ZHI_OK;
  if ((rc = zhi_robots_parse(o->robots_text, ZHI_STR(ZHI_ROBOTS_TOKEN), &r, e)))
    return rc;
  bool allowed = zhi_robots_allowed(r, zhi_str_of(x->url), &line);
  json_object_set_new(x->into, "allowed", json_boolean(allowed));
  json_object_set_new(x->into, "line", line ? json_integer((json_int_t)line) : json_null());
  json_object_set_new(x->into, "rule",
                      line ? zhi_json_str(line_of(o->robots_text, line)) : json_null());
  zhi_robots_free(r);
  return ZHI_OK;
}

static enum zhi_code add_robots(struct zhi_store *s, const char *url, const struct zhi_url *u,
                                json_t *o, struct zhi_err *e) {
  struct zhi_buf origin;
  json_t *robots = json_object();
  zhi_buf_init(&origin, ZHI_URL_MAX_BYTES);
  zhi_url_origin(u, &origin);
  json_object_set_new(o, "robots", robots);
  enum zhi_code rc = zhi_store_each_origin(
      s, take_robots, &(struct robots_of){url, zhi_buf_view(&origin), robots}, e);
  zhi_buf_release(&origin);
  return rc;
}

static enum zhi_code tell(struct zhi_store *s, const struct zhi_config *config, const char *url,
                          const struct zhi_url *u, json_t *o, struct zhi_err *e) {
  struct zhi_buf nearest;
  enum zhi_code rc = add_scope(s, config, u, o, e);
  json_object_set_new(o, "url", zhi_json_str(zhi_str_of(url)));
  if (!rc)
    rc = add_robots(s, url, u, o, e);
  if (rc || json_is_true(json_object_get(o, "known")))
    return rc;
  zhi_buf_init(&nearest, ZHI_URL_MAX_BYTES * 2);
  rc = zhi_store_nearest_url(s, zhi_str_of(url), &nearest, e);
  json_object_set_new(o, "nearest",
                      nearest.len ? zhi_json_str(zhi_buf_view(&nearest)) : json_null());
  zhi_buf_release(&nearest);
  return rc;
}

enum zhi_code zhi_url_story(struct zhi_store *s, const char *archive, const char *url, json_t **out,
                            struct zhi_err *e) {
  struct zhi_config *config = NULL;
  struct zhi_url u;
  struct zhi_buf text;
  json_t *o = NULL;
  if (zhi_url_parse(zhi_str_of(url), NULL, NULL, &u, NULL))
    return zhi_fail(e, ZHI_EUSAGE, "'%.200s': no http or https address", url);
  if (!zhi_url_is_http(&u)) {
    zhi_url_release(&u);
    return zhi_fail(e, ZHI_EUSAGE, "'%.200s': no http or https address", url);
  }
  zhi_buf_init(&text, CONFIG_MAX_BYTES);
  enum zhi_code rc = zhi_store_last_config(s, &text, e);
  if (!rc && (text.len == 0 || zhi_str_is(zhi_buf_view(&text), "{}")))
    rc = zhi_fail(e, ZHI_EUSAGE, "'%s': nothing was crawled yet", archive);
  if (!rc)
    rc = zhi_config_parse(zhi_buf_view(&text), archive, &config, e);
  if (!rc) {
    zhi_store_set_recrawl(s, &(struct zhi_recrawl){config->recrawl.lists_ms,
                                                   config->recrawl.documents_min_ms,
                                                   config->recrawl.documents_max_ms});
    zhi_buf_clear(&text);
    zhi_scope_clean(&u, &text); /* as it would be asked for */
    rc = zhi_buf_check(&text, "an address", e);
  }
  if (!rc && (rc = zhi_store_story(s, zhi_buf_view(&text), &o, e)) == ZHI_OK)
    rc = tell(s, config, text.p, &u, o, e);
  zhi_config_free(config);
  zhi_url_release(&u);
  zhi_buf_release(&text);
  if (rc)
    json_decref(o);
  else
    *out = o;
  return rc;
}
