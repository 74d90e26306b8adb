/* Found: what the body and the head of one exchange name, each judged once. A link handed on lately is not handed on
 * again; what is lost for want of memory marks the item, which is then asked for again as a whole. */
#include "crawler/found.h"

#include <string.h>

#include "crawler/redirect.h"
#include "zhi/charset.h"
#include "zhi/limits.h"
#include "zhi/links.h"
#include "zhi/robots.h"
#include "zhi/sitemap.h"

enum { SEEN_ENTRIES = 1 << 16, SCRATCH_BYTES = 64 << 20 };

enum zhi_code zhi_finder_init(struct zhi_finder *f, const struct zhi_config *config,
                              const struct zhi_scope *scope, struct zhi_cluster *cluster,
                              struct zhi_err *e) {
  *f = (struct zhi_finder){.config = config, .scope = scope, .cluster = cluster};
  zhi_buf_init(&f->text, ZHI_DECODED_MAX_BYTES);
  zhi_buf_init(&f->clean, ZHI_MIB(2));
  zhi_buf_init(&f->origin, 4 * ZHI_URL_MAX_BYTES);
  zhi_arena_init(&f->scratch, SCRATCH_BYTES);
  return zhi_seen_init(&f->seen, SEEN_ENTRIES, e);
}

void zhi_finder_release(struct zhi_finder *f) {
  zhi_seen_release(&f->seen);
  zhi_buf_release(&f->text);
  zhi_buf_release(&f->clean);
  zhi_buf_release(&f->origin);
  zhi_arena_release(&f->scratch);
}

/* Is there nothing to be had? Where memory was what lacked, the item says so. */
static bool fails(struct zhi_item *it, enum zhi_code rc) {
  it->no_memory |= rc == ZHI_ENOMEM;
  return rc != ZHI_OK;
}

static const char hop_letter[] = {
    [ZHI_LINK_PAGE] = 'L',  [ZHI_LINK_REQUISITE] = 'E', [ZHI_LINK_ATTACHMENT] = 'L',
    [ZHI_LINK_FRAME] = 'E', [ZHI_LINK_LIST_PAGE] = 'L', [ZHI_LINK_SPECULATIVE] = 'X'};

struct collector {
  struct zhi_finder *f;
  struct zhi_item *it;
  size_t cap;
  bool parent_in_scope;
  struct zhi_str hops[128]; /* hop path by letter, made once */
};

static struct zhi_str hops_with(struct collector *c, char letter) {
  struct zhi_str *h = &c->hops[letter & 127];
  if (!h->p) {
    struct zhi_str old = c->it->hops;
    if (old.len >= ZHI_HOPS_MAX)
      old.len = ZHI_HOPS_MAX - 1;
    *h = zhi_arena_printf(&c->it->arena, "%.*s%c", ZHI_STR_ARGS(old), letter);
  }
  return *h;
}

/* Handed on lately? */
static bool is_known(struct collector *c, struct zhi_str url, const struct zhi_ask *ask) {
  struct zhi_finder *f = c->f;
  struct zhi_hash128 h;
  if (!zhi_ask_is_plain(ask)) {
    zhi_buf_clear(&f->clean);
    zhi_ask_identity(url, ask, &f->clean);
    if (fails(c->it, zhi_buf_check(&f->clean, "a URL", NULL)))
      return true;
    h = zhi_hash128(zhi_buf_view(&f->clean));
  } else {
    h = zhi_hash128(url);
  }
  if (zhi_seen_has(&f->seen, h))
    return true;
  zhi_seen_add(&f->seen, h);
  return false;
}

/* Judge one link and keep it. `prio` < 0: what scope says. */
static void collect_asked(struct collector *c, const struct zhi_link *l, char letter, int prio,
                          struct zhi_str date, const struct zhi_ask *ask) {
  struct zhi_finder *f = c->f;
  struct zhi_item *it = c->it;
  if (is_known(c, l->url, ask))
    return;
  struct zhi_url u;
  if (it->found_count >= ZHI_PAGE_MAX_LINKS ||
      fails(it, zhi_url_parse(l->url, NULL, NULL, &u, NULL)))
    return;
  unsigned deeper =
      ask->asker.len && it->ask.asker.len ? 0 : 1; /* one page behind the other is as deep */
  struct zhi_scope_link link = {.kind = l->kind,
                                .text = l->text,
                                .redirect = letter == 'R',
                                .parent_in_scope = c->parent_in_scope,
                                .nofollow = l->nofollow && f->config->robots.nofollow,
                                .depth = it->depth + deeper};
  struct zhi_scope_decision d;
  zhi_scope_decide(f->scope, &u, &link, &d);
  if (d.off_host && d.reason && zhi_cluster_asks(f->cluster, &u, link.redirect))
    d.reason = NULL;
  if (ask->asker.len) { /* as its script would ask, byte for byte */
    zhi_buf_clear(&f->clean);
    zhi_buf_addstr(&f->clean, zhi_url_without_fragment(&u));
  } else {
    zhi_scope_clean(&u, &f->clean);
  }
  zhi_buf_clear(&f->origin);
  zhi_url_origin(&u, &f->origin);
  zhi_url_release(&u);
  fails(it, zhi_buf_check(&f->clean, "a URL", NULL));
  fails(it, zhi_buf_check(&f->origin, "an origin", NULL));
  if (it->found_count == c->cap) {
    size_t cap = c->cap ? c->cap * 2 : 64;
    it->found =
        zhi_arena_grow(&it->arena, it->found, c->cap * sizeof *it->found, cap * sizeof *it->found);
    c->cap = cap;
  }
  struct zhi_str text = l->text;
  if (text.len > 512)
    text.len = 512;
  it->found[it->found_count++] =
      (struct zhi_found){.url = zhi_arena_str(&it->arena, zhi_buf_view(&f->clean)),
                         .origin = zhi_arena_str(&it->arena, zhi_buf_view(&f->origin)),
                         .prio = prio >= 0 ? (enum zhi_priority)prio : d.prio,
                         .depth = (uint16_t)(it->depth + deeper),
                         .hops = hops_with(c, letter),
                         .via = it->url,
                         .text = zhi_arena_str(&it->arena, text),
                         .list_date = date.len ? zhi_arena_str(&it->arena, date) : ZHI_STR_NONE,
                         .excluded = d.reason,
                         .ask = zhi_ask_copy(&it->arena, ask)};
}

static void collect(struct collector *c, const struct zhi_link *l, char letter, int prio,
                    struct zhi_str date) {
  collect_asked(c, l, letter, prio, date, &(struct zhi_ask){0});
}

static void collect_links(struct collector *c, const struct zhi_link *links, size_t n) {
  for (size_t i = 0; i < n; i++)
    collect(c, &links[i], hop_letter[links[i].kind], -1, ZHI_STR_NONE);
}

static void collect_list(struct collector *c, const struct zhi_list *list) {
  size_t max = (size_t)c->f->config->budget.list_pages;
  bool beyond = (size_t)list->page > max;
  for (size_t i = 0; i < list->request_count && i < max && !beyond; i++) {
    struct zhi_link l = {
        .url = list->requests[i].url, .kind = ZHI_LINK_LIST_PAGE, .text = list->requests[i].name};
    collect_asked(c, &l, 'L', -1, ZHI_STR_NONE, &list->requests[i].ask);
  }
  for (size_t i = 0; i < list->item_count; i++) {
    struct zhi_link l = {.url = list->items[i].url,
                         .kind = zhi_attachment_type(list->items[i].url) ? ZHI_LINK_ATTACHMENT
                                                                         : ZHI_LINK_PAGE,
                         .text = list->items[i].title};
    collect(c, &l, 'L', -1, list->items[i].date);
  }
}

/* A page that shows nothing and names one other (meta refresh, location.replace) is a redirect in all but status. */
static bool only_leads_on(const struct zhi_doc *d) {
  size_t pages = 0;
  for (size_t i = 0; i < d->link_count; i++)
    pages += d->links[i].kind != ZHI_LINK_REQUISITE;
  return pages == 1 && d->text.len == 0;
}

static void collect_page(struct collector *c, const struct zhi_doc *d) {
  bool on = only_leads_on(d);
  collect_list(c, &d->list);
  for (size_t i = 0; i < d->link_count; i++) {
    const struct zhi_link *l = &d->links[i];
    collect(c, l, on && l->kind == ZHI_LINK_PAGE ? 'R' : hop_letter[l->kind], -1, ZHI_STR_NONE);
  }
}

/* Raw bytes of a Location header as a URL text: what is not UTF-8 keeps its bytes, percent-encoded. */
static struct zhi_str location_text(struct zhi_item *it, struct zhi_str raw) {
  if (zhi_utf8_valid(raw, NULL))
    return raw;
  struct zhi_buf b;
  zhi_buf_init(&b, 4 * ZHI_URL_MAX_BYTES);
  for (size_t i = 0; i < raw.len; i++) {
    unsigned char ch = (unsigned char)raw.p[i];
    if (ch < 0x80)
      zhi_buf_addc(&b, (char)ch);
    else
      zhi_buf_addf(&b, "%%%02X", ch);
  }
  struct zhi_str out = ZHI_STR_NONE;
  if (!fails(it, zhi_buf_check(&b, "a Location", NULL)))
    out = zhi_arena_str(&it->arena, zhi_buf_view(&b));
  zhi_buf_release(&b);
  return out;
}

static void collect_redirect(struct collector *c, const struct zhi_exchange *v) {
  struct zhi_item *it = c->it;
  struct zhi_url to;
  struct zhi_str location = zhi_http_header(&v->head, "Location");
  if (!location.len || !v->has_url)
    return;
  location = location_text(it, location);
  if (!location.p || fails(it, zhi_url_parse(location, &v->url, NULL, &to, NULL)))
    return;
  if (zhi_url_is_http(&to)) {
    it->redirect_to = zhi_arena_str(&it->arena, zhi_url_without_fragment(&to));
    it->redirect_gone = zhi_redirect_is_gone(&v->url, &to);
    struct zhi_link l = {.url = it->redirect_to,
                         .kind = it->prio == ZHI_PRIO_REQUISITE    ? ZHI_LINK_REQUISITE
                                 : it->prio == ZHI_PRIO_ATTACHMENT ? ZHI_LINK_ATTACHMENT
                                                                   : ZHI_LINK_PAGE};
    if (!it->robots && !it->probe)
      collect(c, &l, 'R', it->prio == ZHI_PRIO_SITEMAP ? ZHI_PRIO_SITEMAP : -1, ZHI_STR_NONE);
  }
  zhi_url_release(&to);
}

static bool looks_like_sitemap(struct zhi_str body) {
  struct zhi_str head = zhi_str_sub(body, 0, 1024);
  return zhi_str_ifind(head, "<urlset") || zhi_str_ifind(head, "<sitemapindex");
}

static void collect_sitemap(struct collector *c, const struct zhi_exchange *v) {
  struct zhi_sitemap map;
  if (fails(c->it, zhi_sitemap_parse(&c->f->scratch, v->body, c->it->url, &map, NULL)))
    return;
  for (size_t i = 0; i < map.count; i++) {
    struct zhi_link l = {.url = map.urls[i],
                         .kind = zhi_attachment_type(map.urls[i]) ? ZHI_LINK_ATTACHMENT
                                                                  : ZHI_LINK_PAGE};
    bool nested = map.kind == ZHI_SITEMAP_INDEX;
    collect(c, &l, 'I', nested ? ZHI_PRIO_SITEMAP : -1, ZHI_STR_NONE);
  }
}

/* Sitemaps that robots.txt names (an extension of RFC 9309 that everybody follows). */
static void collect_robots(struct collector *c, const struct zhi_exchange *v) {
  struct zhi_robots *r = NULL;
  struct zhi_url u;
  if (c->it->status != 200 || !v->body.len ||
      fails(c->it, zhi_robots_parse(v->body, ZHI_STR(ZHI_ROBOTS_TOKEN), &r, NULL)))
    return;
  for (size_t i = 0; i < zhi_robots_sitemap_count(r) && i < 100; i++) {
    if (!v->has_url ||
        fails(c->it, zhi_url_parse(zhi_robots_sitemap(r, i), &v->url, NULL, &u, NULL)))
      continue;
    struct zhi_link l = {.url = zhi_url_without_fragment(&u), .kind = ZHI_LINK_PAGE};
    collect(c, &l, 'I', ZHI_PRIO_SITEMAP, ZHI_STR_NONE);
    zhi_url_release(&u);
  }
  zhi_robots_free(r);
}

static void collect_other(struct collector *c, const struct zhi_exchange *v) {
  struct zhi_finder *f = c->f;
  bool css = strcmp(v->mime, "text/css") == 0;
  if (!css && !strstr(v->mime, "xml"))
    return;
  struct zhi_charset cs = zhi_charset_decide(v->body, v->http_charset);
  struct zhi_str text = ZHI_STR_NONE;
  struct zhi_links links;
  zhi_buf_clear(&f->text);
  if (fails(c->it, zhi_charset_text(&cs, v->body, &f->text, &text, NULL)) && !text.len)
    return;
  struct zhi_links_in in = {.url = c->it->url, .enc = cs.enc, .text = text};
  (css ? zhi_links_css : zhi_links_xml)(&f->scratch, &in, &links);
  collect_links(c, links.items, links.count);
}

void zhi_find_urls(struct zhi_finder *f, struct zhi_item *it, const struct zhi_exchange *v) {
  struct collector c = {.f = f, .it = it, .parent_in_scope = v->in_scope};
  if (it->verdict == ZHI_V_REDIRECT)
    collect_redirect(&c, v);
  if (!v->body.len || it->probe || it->verdict == ZHI_V_BLOCKED || it->verdict == ZHI_V_SOFT_404 ||
      it->status >= 300)
    return;
  if (it->robots) {
    collect_robots(&c, v);
    return;
  }
  bool requisite_of_other = !v->in_scope && it->prio != ZHI_PRIO_REQUISITE;
  if (it->prio == ZHI_PRIO_SITEMAP || (strstr(v->mime, "xml") && looks_like_sitemap(v->body))) {
    collect_sitemap(&c, v);
  } else if (v->doc && !requisite_of_other) {
    collect_page(&c, v->doc);
  }
  if (!v->doc || v->doc->link_count == 0)
    collect_other(&c, v);
}
