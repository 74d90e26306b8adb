/* Propose: look, gather, write. Facts are counted over what the store says of the look's captures, so that the
 * proposal sees what a crawl would see, through the same code. */
#include "crawler/propose.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crawler/crawl.h"
#include "crawler/family.h"
#include "zhi/file.h"
#include "zhi/json.h"
#include "zhi/robots.h"
#include "zhi/store.h"
#include "zhi/url.h"

enum {
  LOOK_EXCHANGES = 14, /* robots.txt of two origins, then a dozen pages */
  LOOK_MS = 45 * 1000,
  TEXT_MAX_BYTES = 256 * 1024,
  HOSTS_SHOWN = 40
};

struct facts {
  struct zhi_url url;
  struct zhi_str domain;               /* of the URL; a view into it */
  json_t *charsets, *adapters, *kinds; /* name → pages; adapters: of families */
  json_t *samples;                     /* adapter → a page of its */
  json_t *totals;          /* list (its first declared total) by adapter and total → total */
  json_t *hosts, *outside; /* host → true, host → links */
  struct zhi_buf name, https, http, robots;
  char division[8];
  int64_t crawl_delay_ms;
  unsigned pages, blocked;
};

static void facts_init(struct facts *f) {
  *f = (struct facts){.charsets = json_object(),
                      .adapters = json_object(),
                      .kinds = json_object(),
                      .samples = json_object(),
                      .totals = json_object(),
                      .hosts = json_object(),
                      .outside = json_object(),
                      .crawl_delay_ms = -1};
  struct zhi_buf *texts[] = {&f->name, &f->https, &f->http, &f->robots};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    zhi_buf_init(texts[i], TEXT_MAX_BYTES);
  zhi_url_init(&f->url);
}

static void facts_release(struct facts *f) {
  json_t *counts[] = {f->charsets, f->adapters, f->kinds, f->hosts,
                      f->outside,  f->samples,  f->totals};
  struct zhi_buf *texts[] = {&f->name, &f->https, &f->http, &f->robots};
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
    json_decref(counts[i]);
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    zhi_buf_release(texts[i]);
  zhi_url_release(&f->url);
}

/* --- the look ---------------------------------------------------------------------------------------- */

static void add_quoted(struct zhi_buf *b, const char *key, struct zhi_str value) {
  zhi_buf_adds(b, key);
  zhi_json_add_string(b, value); /* a JSON string is a YAML one */
}

/* The user agent has to name somebody: without --operator the machine's name. */
static void add_operator(struct zhi_buf *b, const char *name, const char *contact) {
  char host[200] = "localhost", mail[220];
  if (gethostname(host, sizeof host - 1) != 0 || !host[0])
    snprintf(host, sizeof host, "localhost");
  snprintf(mail, sizeof mail, "init@%s%s", host, strchr(host, '.') ? "" : ".local");
  add_quoted(b, "operator: { name: ", zhi_str_of(name ? name : "xianzhi init"));
  add_quoted(b, ", contact: ", zhi_str_of(contact ? contact : mail));
  zhi_buf_adds(b, " }\n");
}

static void add_connection(struct zhi_buf *b, const struct zhi_propose_options *o) {
  if (o->connect_to) {
    add_quoted(b, "connect_to: [ ", zhi_str_of(o->connect_to));
    zhi_buf_adds(b, " ]\n");
  }
  if (o->allow_private)
    zhi_buf_adds(b, "allow_private: true\n");
}

/* The portal as given, and its host by https: a certificate that holds is worth knowing. */
static void look_config(const struct zhi_propose_options *o, const struct facts *f,
                        struct zhi_buf *b) {
  zhi_buf_adds(b, "cluster: look\n");
  add_operator(b, o->operator_name, o->operator_contact);
  add_quoted(b, "seeds: [ ", zhi_url_without_fragment(&f->url));
  if (zhi_str_is(f->url.scheme, "http") && !f->url.port.len)
    zhi_buf_addf(b, ", \"https://%.*s/\"", ZHI_STR_ARGS(f->url.host));
  add_quoted(b, " ]\nscope: { domains: [ ", f->domain);
  zhi_buf_adds(
      b, " ], requisites: false, attachments: false, max_depth: 2 }\n"
         "http: { connect_timeout: 10s, head_timeout: 20s, total_timeout: 30s, retries: 0 }\n");
  if (o->allow_private) /* one's own machine */
    zhi_buf_adds(b, "politeness: { min_delay: 20ms, factor: 0, backoff: 100ms }\n");
  add_connection(b, o);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at) {
  (void)st, (void)type, (void)at;
  return remove(path);
}

static enum zhi_code look(const struct zhi_propose_options *o, const struct facts *f,
                          const char *archive, struct zhi_err *e) {
  struct zhi_config *config = NULL;
  struct zhi_crawl_outcome outcome;
  struct zhi_buf text;
  zhi_buf_init(&text, TEXT_MAX_BYTES);
  look_config(o, f, &text);
  enum zhi_code rc = zhi_buf_check(&text, "a config", e);
  if (!rc)
    rc = zhi_config_parse(zhi_buf_view(&text), "init", &config, e);
  if (!rc) {
    const struct zhi_crawl_options c = {.config = config,
                                        .archive = archive,
                                        .max_pages = LOOK_EXCHANGES,
                                        .max_time_ms = LOOK_MS,
                                        .progress = ZHI_PROGRESS_OFF,
                                        .state_dir = o->state_dir,
                                        .clock = o->clock};
    rc = zhi_crawl_run(&c, &outcome, e);
  }
  zhi_config_free(config);
  zhi_buf_release(&text);
  return rc;
}

/* --- what it found ----------------------------------------------------------------------------------- */

static void count(json_t *counts, const char *key) {
  if (key[0])
    json_object_set_new(counts, key,
                        json_integer(json_integer_value(json_object_get(counts, key)) + 1));
}

/* What the portal itself did. */
static struct zhi_buf *portal_answer(struct facts *f) {
  return zhi_str_is(f->url.scheme, "http") ? &f->http : &f->https;
}

static bool of_url_host(const struct facts *f, const struct zhi_url *u, const char *scheme) {
  return zhi_str_eq(u->host, f->url.host) && zhi_str_is(u->scheme, scheme);
}

/* What an origin does: the answer for the portal's own path, until then the first. */
static void note_answer(const struct facts *f, struct zhi_buf *b, const struct zhi_url *u,
                        const struct zhi_page_row *p) {
  if (b->len && !zhi_str_eq(u->path, f->url.path))
    return;
  zhi_buf_clear(b);
  if (p->redirect_to[0])
    zhi_buf_addf(b, "redirects to %s", p->redirect_to);
  else if (p->status)
    zhi_buf_addf(b, "answers %d", p->status);
  else
    zhi_buf_addf(b, "fails: %s", p->error[0] ? p->error : p->verdict);
}

static bool is_division(struct zhi_str name) {
  static const char *const kinds[] = {"县", "市", "区", "旗", "州", "盟", "省"};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (zhi_str_ends(name, kinds[i]))
      return true;
  return false;
}

/* 永城市人民政府门户网站 → 永城市 */
static void note_name(struct facts *f, struct zhi_str site) {
  static const char *const ends[] = {"人民政府", "政府", "门户", "网站", "-", "_", " "};
  size_t len = site.len;
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    const char *at = zhi_str_find(site, zhi_str_of(ends[i]));
    if (at && (size_t)(at - site.p) < len)
      len = (size_t)(at - site.p);
  }
  if (f->name.len == 0 && is_division(zhi_str_sub(site, 0, len)))
    zhi_buf_add(&f->name, site.p, len);
}

/* Declared totals: 共N条. Pages after the first say the same again. */
static void note_total(struct facts *f, const char *url, const json_t *list) {
  json_int_t total = json_integer_value(json_object_get(list, "total"));
  if (total > 0 && json_integer_value(json_object_get(list, "page")) <= 1)
    json_object_set_new(f->totals, url, json_integer(total));
}

/* Whose page it is: told by its pager, unless that is TRS's, which others borrow; else by its address. */
static const char *family_of(const char *adapter, const struct zhi_url *u) {
  const char *told = zhi_family_at(u);
  if (!adapter || strcmp(adapter, "generic") == 0 || (told && strcmp(adapter, "trs") == 0))
    return told;
  return adapter;
}

static void note_family(struct facts *f, const char *family, const char *url) {
  if (!family)
    return;
  count(f->adapters, family);
  if (!json_object_get(f->samples, family))
    json_object_set_new(f->samples, family, json_string(url));
}

static void note_document(struct facts *f, const struct zhi_page_row *p, const struct zhi_url *u) {
  json_t *list = p->list_json[0] ? json_loads(p->list_json, 0, NULL) : NULL;
  const char *adapter = json_string_value(json_object_get(list, "adapter"));
  f->pages++;
  count(f->charsets, p->charset);
  count(f->kinds, p->kind);
  note_family(f, family_of(adapter, u), p->url);
  note_total(f, p->url, list);
  note_name(f, zhi_str_of(p->site_name));
  if (strcmp(p->kind, "home") == 0)
    note_name(f, zhi_str_of(p->title));
  if (!f->division[0] && strlen(p->site_id_code) == 10 &&
      strspn(p->site_id_code, "0123456789") == 10)
    snprintf(f->division, sizeof f->division, "%.6s", p->site_id_code);
  json_decref(list);
}

static enum zhi_code note_page(void *ctx, const struct zhi_page_row *p, struct zhi_err *e) {
  struct facts *f = ctx;
  struct zhi_url u;
  (void)e;
  if (zhi_url_parse(zhi_str_of(p->url), NULL, NULL, &u, NULL))
    return ZHI_OK;
  if (of_url_host(f, &u, "https"))
    note_answer(f, &f->https, &u, p);
  else if (of_url_host(f, &u, "http"))
    note_answer(f, &f->http, &u, p);
  f->blocked += strcmp(p->verdict, "blocked") == 0;
  if (p->kind[0] && strcmp(p->verdict, "ok") == 0)
    note_document(f, p, &u);
  zhi_url_release(&u);
  return ZHI_OK;
}

static void note_sitemaps(struct facts *f, const struct zhi_robots *r) {
  size_t n = zhi_robots_sitemap_count(r);
  if (n)
    zhi_buf_addf(&f->robots, "; it names %zu sitemap%s", n, n == 1 ? "" : "s");
}

static enum zhi_code note_origin(void *ctx, const struct zhi_origin_state *o,
                                 const struct zhi_group_state *g, struct zhi_err *e) {
  struct facts *f = ctx;
  struct zhi_robots *r = NULL;
  struct zhi_url u;
  enum zhi_code rc = ZHI_OK;
  (void)g;
  if (zhi_url_parse(o->origin, NULL, NULL, &u, NULL))
    return ZHI_OK;
  if (zhi_str_eq(u.scheme, f->url.scheme) && zhi_str_eq(u.host, f->url.host) && o->robots_state) {
    zhi_buf_clear(&f->robots);
    if (strcmp(o->robots_state, "ok") == 0) {
      rc = zhi_robots_parse(o->robots_text, ZHI_STR(ZHI_ROBOTS_TOKEN), &r, e);
      zhi_buf_adds(&f->robots, "found");
      if (!rc) {
        f->crawl_delay_ms = zhi_robots_crawl_delay_ms(r);
        note_sitemaps(f, r);
      }
    } else {
      zhi_buf_adds(&f->robots, strcmp(o->robots_state, "none") == 0
                                   ? "none: all is allowed"
                                   : "cannot be had: nothing may be fetched until it can");
    }
  }
  zhi_robots_free(r);
  zhi_url_release(&u);
  return rc;
}

/* What was never sent has no capture, but a reason. */
static void note_failures(struct facts *f, const json_t *status) {
  const json_t *row;
  size_t i;
  json_array_foreach(json_object_get(status, "failed"), i, row) {
    const char *url = json_string_value(json_object_get(row, "url"));
    const char *detail = json_string_value(json_object_get(row, "detail"));
    struct zhi_buf *b = portal_answer(f);
    if (b->len == 0 && detail && zhi_str_eq(zhi_url_without_fragment(&f->url), zhi_str_of(url)))
      zhi_buf_addf(b, "fails: %s", detail);
  }
}

/* Hosts of the domain that pages link to, and government hosts outside it. */
static void note_hosts(struct facts *f, const json_t *status) {
  const json_t *row;
  size_t i;
  struct zhi_url u;
  json_array_foreach(json_object_get(status, "hosts"), i, row) {
    const char *origin = json_string_value(json_object_get(row, "origin"));
    if (zhi_url_parse(zhi_str_of(origin), NULL, NULL, &u, NULL))
      continue;
    char host[256];
    snprintf(host, sizeof host, "%.*s", ZHI_STR_ARGS(u.host));
    if (zhi_str_eq(zhi_registrable(u.host), f->domain))
      json_object_set_new(f->hosts, host, json_true());
    zhi_url_release(&u);
  }
  json_array_foreach(json_object_get(status, "excluded"), i, row) {
    const char *reason = json_string_value(json_object_get(row, "reason"));
    const char *url = json_string_value(json_object_get(row, "url"));
    if (!reason || strcmp(reason, "off_scope") != 0 ||
        zhi_url_parse(zhi_str_of(url), NULL, NULL, &u, NULL))
      continue;
    char host[256];
    snprintf(host, sizeof host, "%.*s", ZHI_STR_ARGS(u.host));
    if (zhi_str_ends(u.host, ".gov.cn"))
      count(f->outside, host);
    zhi_url_release(&u);
  }
}

static enum zhi_code gather(struct facts *f, const char *archive, const struct zhi_clock *clock,
                            struct zhi_err *e) {
  struct zhi_store *s = NULL;
  json_t *status = NULL;
  enum zhi_code rc = zhi_store_open(archive, ZHI_STORE_READ, clock, &s, e);
  if (!rc)
    rc = zhi_store_each_page(s, note_page, f, e);
  if (!rc)
    rc = zhi_store_each_origin(s, note_origin, f, e);
  if (!rc)
    rc = zhi_store_status(s, true, &status, e);
  if (!rc) {
    note_failures(f, status);
    note_hosts(f, status);
  }
  json_decref(status);
  zhi_store_close(s);
  return rc;
}

/* --- the proposal ------------------------------------------------------------------------------------ */

static void add_counts(struct zhi_buf *b, const char *what, json_t *counts, const char *none) {
  const char *key, *comma = "";
  json_t *v;
  zhi_buf_addf(b, "# %s: ", what);
  json_object_foreach(counts, key, v) {
    zhi_buf_addf(b, "%s%s (%lld)", comma, key, (long long)json_integer_value(v));
    comma = ", ";
  }
  zhi_buf_addf(b, "%s\n", comma[0] ? "" : none);
}

/* A comment cannot be left: what a server said has no line ends in it. */
static void add_line(struct zhi_buf *b, const char *what, const struct zhi_buf *text) {
  if (text->len == 0)
    return;
  zhi_buf_addf(b, "# %s ", what);
  for (size_t i = 0; i < text->len; i++)
    zhi_buf_addc(b, (unsigned char)text->p[i] < ' ' ? ' ' : text->p[i]);
  zhi_buf_addc(b, '\n');
}

static bool has_family(const struct facts *f, bool (*is)(const struct zhi_family_facts *x)) {
  const char *adapter;
  json_t *v;
  json_object_foreach(f->adapters, adapter, v) {
    const struct zhi_family_facts *x = zhi_family_of(adapter);
    if (x && is(x))
      return true;
  }
  return false;
}

static bool is_computed(const struct zhi_family_facts *x) { return x->computed; }

static int64_t delay_ms(const struct facts *f) {
  int64_t own = f->blocked ? 5000 : has_family(f, is_computed) ? 2000 : 1000;
  return f->crawl_delay_ms > own ? f->crawl_delay_ms : own;
}

static void add_families(struct zhi_buf *b, const struct facts *f) {
  const char *adapter;
  json_t *v;
  if (json_object_size(f->adapters) == 0)
    zhi_buf_adds(b, "# list families: none recognised; lists are paged by their links\n");
  json_object_foreach(f->adapters, adapter, v) {
    const struct zhi_family_facts *x = zhi_family_of(adapter);
    struct zhi_buf line;
    zhi_buf_init(&line, TEXT_MAX_BYTES);
    zhi_buf_addf(&line, "%s (%lld): %s%s%s; such as %s", x ? x->title : adapter,
                 (long long)json_integer_value(v), x ? "lists are " : "", x ? x->lists : "",
                 x && x->computed ? ", made for each request" : "",
                 json_string_value(json_object_get(f->samples, adapter)));
    add_line(b, "list family:", &line);
    zhi_buf_release(&line);
  }
}

/* How long it will take, as far as the lists tell. */
static void add_size(struct zhi_buf *b, const struct facts *f) {
  const char *url;
  json_t *v;
  int64_t documents = 0;
  json_object_foreach(f->totals, url, v) documents += json_integer_value(v);
  if (documents == 0)
    return;
  int64_t hours = (documents * delay_ms(f) + 3599999) / 3600000;
  zhi_buf_addf(
      b,
      "# size: %zu list%s of these pages declare %lld documents: %lld hour%s at this pace, "
      "the rest of the site not counted\n",
      json_object_size(f->totals), json_object_size(f->totals) == 1 ? "" : "s",
      (long long)documents, (long long)hours, hours == 1 ? "" : "s");
}

static void add_evidence(struct zhi_buf *b, const struct facts *f) {
  zhi_buf_addf(b,
               "# Proposed by xianzhi init after a look at %u page%s. Read it, then: xianzhi crawl "
               "THIS-FILE\n",
               f->pages, f->pages == 1 ? "" : "s");
  add_line(b, "robots.txt:", &f->robots);
  add_line(b, "http:", &f->http);
  add_line(b, "https:", &f->https);
  add_counts(b, "charsets", f->charsets, "none told");
  add_counts(b, "pages", f->kinds, "none");
  add_families(b, f);
  add_size(b, f);
  if (f->blocked)
    zhi_buf_addf(b, "# %u answers were block pages: ask the operator of the site first\n",
                 f->blocked);
  zhi_buf_addc(b, '\n');
}

/* The label before the public suffix, as a cluster's name may be written. */
static void add_cluster(struct zhi_buf *b, struct zhi_str domain) {
  zhi_buf_adds(b, "cluster: ");
  size_t from = b->len;
  for (size_t i = 0; i < domain.len && domain.p[i] != '.'; i++)
    if ((domain.p[i] >= 'a' && domain.p[i] <= 'z') || (domain.p[i] >= '0' && domain.p[i] <= '9') ||
        (domain.p[i] == '-' && b->len > from))
      zhi_buf_addc(b, domain.p[i]);
  if (b->len == from)
    zhi_buf_adds(b, "portal");
  zhi_buf_addc(b, '\n');
}

/* The portal, and where a family names all its columns on one page. */
static void add_seeds(struct zhi_buf *b, const struct facts *f) {
  const char *adapter;
  json_t *v;
  add_quoted(b, "seeds: [ ", zhi_url_without_fragment(&f->url));
  json_object_foreach(f->samples, adapter, v) {
    const struct zhi_family_facts *x = zhi_family_of(adapter);
    struct zhi_url u;
    struct zhi_buf origin;
    if (!x || !x->entry || zhi_url_parse(zhi_str_of(json_string_value(v)), NULL, NULL, &u, NULL))
      continue;
    zhi_buf_init(&origin, TEXT_MAX_BYTES);
    zhi_url_origin(&u, &origin);
    zhi_buf_adds(&origin, x->entry);
    add_quoted(b, ", ", zhi_buf_view(&origin));
    zhi_buf_release(&origin);
    zhi_url_release(&u);
  }
  zhi_buf_adds(b, " ]\n");
}

static void add_scope(struct zhi_buf *b, const struct facts *f) {
  const char *host;
  json_t *v;
  unsigned n = 0;
  zhi_buf_adds(b, "scope:\n  domains:\n");
  add_quoted(b, "    - ", f->domain);
  zhi_buf_adds(b, "\n    # with its hosts:");
  json_object_foreach(f->hosts, host, v) {
    if (n++ < HOSTS_SHOWN)
      zhi_buf_addf(b, " %s", host);
  }
  zhi_buf_adds(b, "\n");
  if (json_object_size(f->outside))
    zhi_buf_adds(b, "    # linked from these pages; take in those that belong to the county:\n");
  n = 0;
  json_object_foreach(f->outside, host, v) {
    if (n++ < HOSTS_SHOWN)
      zhi_buf_addf(b, "    # - \"%s\"  # %lld links\n", host, (long long)json_integer_value(v));
  }
  if (f->division[0])
    zhi_buf_adds(
        b, "  discover_cluster: follow  # hosts join that carry a site code of this division\n");
  if (f->url.path.len > 1 && !zhi_str_ends(f->url.path, "index.html")) {
    add_quoted(b, "  # one part of a shared host? Then: include_paths: [ ", f->url.path);
    zhi_buf_adds(b, " ]\n");
  }
}

static void add_politeness(struct zhi_buf *b, const struct facts *f) {
  int64_t own = f->blocked ? 5 : has_family(f, is_computed) ? 2 : 1;
  if (own == 2)
    zhi_buf_adds(b, "# 2s: the server makes its lists for each request\n");
  if (f->blocked)
    zhi_buf_adds(b, "# 5s and nights only: it refused some requests of the look already\n");
  zhi_buf_addf(b, "politeness: { min_delay: %llds, factor: 2, connections_per_server: 1%s }",
               (long long)own, f->blocked ? ", hours: \"22:00-06:00\"" : "");
  if (f->crawl_delay_ms >= 0)
    zhi_buf_addf(b, "  # robots.txt asks for %lld ms, which is kept", (long long)f->crawl_delay_ms);
  zhi_buf_addc(b, '\n');
}

/* The portal sends us to https, and that has no certificate that holds. */
static bool is_tls_broken(const struct facts *f) {
  struct zhi_str https = zhi_buf_view(&f->https);
  return zhi_str_starts(https, "fails") && zhi_str_ifind(https, "certificate") &&
         (zhi_str_is(f->url.scheme, "https") ||
          zhi_str_find(zhi_buf_view(&f->http), ZHI_STR("redirects to https")));
}

static void write_proposal(const struct zhi_propose_options *o, const struct facts *f,
                           struct zhi_buf *b) {
  add_evidence(b, f);
  add_cluster(b, f->domain);
  if (f->name.len) {
    add_quoted(b, "name: ", zhi_buf_view(&f->name));
    zhi_buf_adds(b, "  # as the site calls itself\n");
  }
  if (f->division[0])
    zhi_buf_addf(b, "division_code: \"%s\"  # from the site's 网站标识码\n", f->division);
  if (o->operator_name)
    add_operator(b, o->operator_name, o->operator_contact);
  else
    zhi_buf_adds(
        b,
        "# Who asks, and where the site's owner can reach you; without it nothing is crawled:\n"
        "# operator: { name: \"County Archive Project\", contact: \"https://example.org/bot\" }\n");
  add_seeds(b, f);
  add_scope(b, f);
  add_politeness(b, f);
  if (is_tls_broken(f))
    zhi_buf_adds(b,
                 "http: { tls: record }  # its certificate does not hold; each capture says so\n");
  add_connection(b, o);
}

static enum zhi_code parse_url(const struct zhi_propose_options *o, struct facts *f,
                               struct zhi_err *e) {
  if (zhi_url_parse_into(zhi_str_of(o->url), NULL, NULL, &f->url, NULL) ||
      !zhi_url_is_http(&f->url))
    return zhi_fail(e, ZHI_EUSAGE, "'%.200s' is no http or https address", o->url);
  f->domain = zhi_registrable(f->url.host);
  return ZHI_OK;
}

enum zhi_code zhi_propose(const struct zhi_propose_options *o, struct zhi_buf *out,
                          struct zhi_err *e) {
  struct facts f;
  char archive[4096];
  facts_init(&f);
  snprintf(archive, sizeof archive, "%s/xianzhi-init-XXXXXX", zhi_tmp_dir());
  enum zhi_code rc = parse_url(o, &f, e);
  if (!rc && !mkdtemp(archive))
    rc = zhi_fail_errno(e, "cannot make the folder '%s'", archive);
  else if (!rc) {
    rc = look(o, &f, archive, e);
    if (!rc)
      rc = gather(&f, archive, o->clock, e);
    nftw(archive, remove_one, 16, FTW_DEPTH | FTW_PHYS);
  }
  if (!rc && f.pages == 0)
    rc = zhi_fail(e, ZHI_EIO, "no page of %.100s can be had: its server %.100s", o->url,
                  portal_answer(&f)->len ? portal_answer(&f)->p : "does not answer in time");
  if (!rc) {
    write_proposal(o, &f, out);
    rc = zhi_buf_check(out, "a config", e);
  }
  facts_release(&f);
  return rc;
}
