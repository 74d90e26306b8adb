/* Worker: one exchange → rows, found URLs, packed records. */
#include "crawler/worker.h"

#include <stdio.h>
#include <stdlib.h>

#include "crawler/doc_row.h"
#include "crawler/page.h"
#include "crawler/record.h"
#include "crawler/redirect.h"
#include "zhi/charset.h"
#include "zhi/limits.h"
#include "zhi/links.h"
#include "zhi/log.h"
#include "zhi/map.h"
#include "zhi/robots.h"
#include "zhi/sitemap.h"
#include "zhi/url.h"

enum { SEEN_ENTRIES = 1 << 16, SCRATCH_BYTES = 64 << 20 };

struct zhi_worker {
  struct zhi_worker_options o;
  struct zhi_extractor *extractor;
  struct zhi_warc_packer *packer;
  struct zhi_seen seen;     /* links handed on lately */
  struct zhi_buf body;      /* decoded content */
  struct zhi_buf text;      /* scratch */
  struct zhi_buf clean;     /* scratch: a cleaned URL */
  struct zhi_buf origin;    /* scratch */
  struct zhi_arena scratch; /* links of style sheets and XML */
};

/* The exchange as the worker reads it. */
struct view {
  struct zhi_http_head head;
  bool has_head;
  char mime[96];
  struct zhi_str http_charset, content_type;
  struct zhi_str body; /* decoded; NULL view when there is none */
  struct zhi_url url;
  bool has_url, in_scope;
  const struct zhi_doc *doc; /* NULL when not extracted */
  const char *damage;
  struct zhi_str charset, charset_source;
};

enum zhi_code zhi_worker_new(const struct zhi_worker_options *o, struct zhi_worker **out,
                             struct zhi_err *e) {
  struct zhi_worker *w = calloc(1, sizeof *w);
  if (!w)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a worker");
  w->o = *o;
  zhi_buf_init(&w->body, ZHI_DECODED_MAX_BYTES);
  zhi_buf_init(&w->text, ZHI_DECODED_MAX_BYTES);
  zhi_buf_init(&w->clean, ZHI_MIB(2));
  zhi_buf_init(&w->origin, 4 * ZHI_URL_MAX_BYTES);
  zhi_arena_init(&w->scratch, SCRATCH_BYTES);
  enum zhi_code rc = zhi_extractor_new(&w->extractor, e);
  if (!rc)
    rc = zhi_config_extractor(o->config, w->extractor, e);
  if (!rc)
    rc = zhi_warc_packer_new((int)o->config->warc.level, o->spool_dir, o->ids, &w->packer, e);
  if (!rc)
    rc = zhi_seen_init(&w->seen, SEEN_ENTRIES, e);
  if (rc) {
    zhi_worker_free(w);
    return rc;
  }
  *out = w;
  return ZHI_OK;
}

void zhi_worker_free(struct zhi_worker *w) {
  if (!w)
    return;
  zhi_extractor_free(w->extractor);
  zhi_warc_packer_free(w->packer);
  zhi_seen_release(&w->seen);
  zhi_buf_release(&w->body);
  zhi_buf_release(&w->text);
  zhi_buf_release(&w->clean);
  zhi_buf_release(&w->origin);
  zhi_arena_release(&w->scratch);
  free(w);
}

/* --- reading the exchange ------------------------------------------------------------------------------ */

static void read_head(struct zhi_item *it, struct view *v) {
  enum zhi_code rc = it->response_head.len
                         ? zhi_http_parse(zhi_buf_view(&it->response_head), &v->head, NULL)
                         : ZHI_EPARSE;
  v->has_head = rc == ZHI_OK;
  it->no_memory |= rc == ZHI_ENOMEM;
  if (!v->has_head)
    return;
  v->content_type = zhi_http_header(&v->head, "Content-Type");
  zhi_http_content_type(v->content_type, v->mime, sizeof v->mime, &v->http_charset);
  struct zhi_str te = zhi_http_header(&v->head, "Transfer-Encoding");
  it->was_chunked = te.p && zhi_str_ifind(te, "chunked");
}

static void read_body(struct zhi_worker *w, struct zhi_item *it, struct view *v) {
  if (!it->body.len || !v->has_head)
    return;
  struct zhi_str coding = zhi_http_header(&v->head, "Content-Encoding");
  struct zhi_str raw = zhi_spool_view(&it->body);
  bool gzip_magic = raw.len > 2 && raw.p[0] == '\x1f' && raw.p[1] == '\x8b';
  if (!coding.len && raw.p && !gzip_magic) {
    v->body = raw;
    return;
  }
  struct zhi_err e = {0};
  zhi_buf_clear(&w->body);
  bool binary = strncmp(v->mime, "application/", 12) == 0 && !strstr(v->mime, "xml") &&
                !strstr(v->mime, "javascript");
  enum zhi_code rc = zhi_http_decode(coding, !binary, &it->body, ZHI_DECODED_MAX_BYTES,
                                     ZHI_DECODE_MAX_RATIO, &w->body, &v->damage, &e);
  if (rc) {
    it->no_memory |= rc == ZHI_ENOMEM;
    v->damage = v->damage ? v->damage : "corrupt";
    return;
  }
  v->body = zhi_buf_view(&w->body);
}

static void extract(struct zhi_worker *w, struct zhi_item *it, struct view *v) {
  bool content = it->verdict == ZHI_V_OK || it->verdict == ZHI_V_TRUNCATED ||
                 it->verdict == ZHI_V_TIMEOUT || it->verdict == ZHI_V_CLIENT_ERROR ||
                 it->verdict == ZHI_V_SERVER_ERROR || it->verdict == ZHI_V_TOO_LARGE;
  if (!content || it->robots || !v->body.len || (!zhi_is_textual(v->mime) && !it->ask.asker.len) ||
      strcmp(v->mime, "text/css") == 0)
    return;
  struct zhi_err e = {0};
  struct zhi_page page = {.url = it->url,
                          .body = v->body,
                          .content_type = v->content_type,
                          .http_charset = v->http_charset,
                          .cookie = zhi_http_header(&v->head, "Set-Cookie"),
                          .fetched_ms = it->fetched_ms,
                          .status = it->status,
                          .ask = it->ask};
  enum zhi_code rc = zhi_extract(w->extractor, &page, &v->doc, &e);
  if (rc) {
    it->no_memory |= rc == ZHI_ENOMEM;
    ZHI_LOG(EXTRACT, ERROR, "url=%s %s", it->url.p, e.msg);
    v->doc = NULL;
    return;
  }
  v->charset = v->doc->charset;
  v->charset_source = zhi_str_of(v->doc->charset_source);
  if (v->doc->blocked)
    it->verdict = ZHI_V_BLOCKED;
  else if (v->doc->kind == ZHI_KIND_SOFT_404 && it->verdict == ZHI_V_OK)
    it->verdict = ZHI_V_SOFT_404;
  it->blocked_by = v->doc->blocked ? v->doc->blocked_by : NULL;
}

/* --- found URLs ---------------------------------------------------------------------------------------- */

static const char hop_letter[] = {
    [ZHI_LINK_PAGE] = 'L',  [ZHI_LINK_REQUISITE] = 'E', [ZHI_LINK_ATTACHMENT] = 'L',
    [ZHI_LINK_FRAME] = 'E', [ZHI_LINK_LIST_PAGE] = 'L', [ZHI_LINK_SPECULATIVE] = 'X'};

struct collector {
  struct zhi_worker *w;
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
static bool is_known(struct zhi_worker *w, struct zhi_str url, const struct zhi_ask *ask) {
  struct zhi_hash128 h;
  if (!zhi_ask_is_plain(ask)) {
    zhi_buf_clear(&w->clean);
    zhi_ask_identity(url, ask, &w->clean);
    if (w->clean.failed)
      return true;
    h = zhi_hash128(zhi_buf_view(&w->clean));
  } else {
    h = zhi_hash128(url);
  }
  if (zhi_seen_has(&w->seen, h))
    return true;
  zhi_seen_add(&w->seen, h);
  return false;
}

/* Judge one link and keep it. `prio` < 0: what scope says. */
static void collect_asked(struct collector *c, const struct zhi_link *l, char letter, int prio,
                          struct zhi_str date, const struct zhi_ask *ask) {
  struct zhi_worker *w = c->w;
  struct zhi_item *it = c->it;
  if (is_known(w, l->url, ask))
    return;
  struct zhi_url u;
  if (it->found_count >= ZHI_PAGE_MAX_LINKS)
    return;
  enum zhi_code rc = zhi_url_parse(l->url, NULL, NULL, &u, NULL);
  it->no_memory |= rc == ZHI_ENOMEM;
  if (rc)
    return;
  unsigned deeper =
      ask->asker.len && it->ask.asker.len ? 0 : 1; /* one page behind the other is as deep */
  struct zhi_scope_link link = {.kind = l->kind,
                                .text = l->text,
                                .redirect = letter == 'R',
                                .parent_in_scope = c->parent_in_scope,
                                .nofollow = l->nofollow && w->o.config->robots.nofollow,
                                .depth = it->depth + deeper};
  struct zhi_scope_decision d;
  zhi_scope_decide(w->o.scope, &u, &link, &d);
  if (d.off_host && d.reason && zhi_cluster_asks(w->o.cluster, &u, link.redirect))
    d.reason = NULL;
  if (ask->asker.len) { /* as its script would ask, byte for byte */
    zhi_buf_clear(&w->clean);
    zhi_buf_addstr(&w->clean, zhi_url_without_fragment(&u));
  } else {
    zhi_scope_clean(&u, &w->clean);
  }
  zhi_buf_clear(&w->origin);
  zhi_url_origin(&u, &w->origin);
  zhi_url_release(&u);
  it->no_memory |= zhi_buf_check(&w->clean, "a URL", NULL) == ZHI_ENOMEM ||
                   zhi_buf_check(&w->origin, "an origin", NULL) == ZHI_ENOMEM;
  if (it->found_count == c->cap) {
    size_t cap = c->cap ? c->cap * 2 : 64;
    it->found =
        zhi_arena_grow(&it->arena, it->found, c->cap * sizeof *it->found, cap * sizeof *it->found);
    c->cap = cap;
  }
  struct zhi_str text = l->text;
  if (text.len > 512)
    text.len = 512;
  struct zhi_found *f = &it->found[it->found_count++];
  *f = (struct zhi_found){.url = zhi_arena_str(&it->arena, zhi_buf_view(&w->clean)),
                          .origin = zhi_arena_str(&it->arena, zhi_buf_view(&w->origin)),
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
  size_t max = (size_t)c->w->o.config->budget.list_pages;
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
static struct zhi_str location_text(struct zhi_arena *a, struct zhi_str raw) {
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
  struct zhi_str out = zhi_arena_str(a, zhi_buf_view(&b));
  zhi_buf_release(&b);
  return out;
}

static void collect_redirect(struct collector *c, struct view *v) {
  struct zhi_item *it = c->it;
  struct zhi_url to;
  struct zhi_str location = zhi_http_header(&v->head, "Location");
  if (!location.len || !v->has_url ||
      zhi_url_parse(location_text(&it->arena, location), &v->url, NULL, &to, NULL))
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

static void collect_sitemap(struct collector *c, struct view *v) {
  struct zhi_sitemap map;
  struct zhi_err e = {0};
  if (zhi_sitemap_parse(&c->w->scratch, v->body, c->it->url, &map, &e))
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
static void collect_robots(struct collector *c, struct view *v) {
  struct zhi_robots *r = NULL;
  struct zhi_url u;
  if (c->it->status != 200 || !v->body.len ||
      zhi_robots_parse(v->body, ZHI_STR(ZHI_ROBOTS_TOKEN), &r, NULL))
    return;
  for (size_t i = 0; i < zhi_robots_sitemap_count(r) && i < 100; i++) {
    if (!v->has_url || zhi_url_parse(zhi_robots_sitemap(r, i), &v->url, NULL, &u, NULL))
      continue;
    struct zhi_link l = {.url = zhi_url_without_fragment(&u), .kind = ZHI_LINK_PAGE};
    collect(c, &l, 'I', ZHI_PRIO_SITEMAP, ZHI_STR_NONE);
    zhi_url_release(&u);
  }
  zhi_robots_free(r);
}

static void collect_other(struct collector *c, struct view *v) {
  struct zhi_worker *w = c->w;
  bool css = strcmp(v->mime, "text/css") == 0;
  if (!css && !strstr(v->mime, "xml"))
    return;
  struct zhi_charset cs = zhi_charset_decide(v->body, v->http_charset);
  struct zhi_str text = ZHI_STR_NONE;
  struct zhi_links links;
  zhi_buf_clear(&w->text);
  if (zhi_charset_text(&cs, v->body, &w->text, &text, NULL) && !text.len)
    return;
  struct zhi_links_in in = {.url = c->it->url, .enc = cs.enc, .text = text};
  (css ? zhi_links_css : zhi_links_xml)(&w->scratch, &in, &links);
  collect_links(c, links.items, links.count);
}

/* Everything this exchange names. May be left by longjmp when an arena is full. */
static void collect_all(struct zhi_worker *w, struct zhi_item *it, struct view *v) {
  struct collector c = {.w = w, .it = it, .parent_in_scope = v->in_scope};
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

/* --- rows ------------------------------------------------------------------------------------------------- */

static struct zhi_str copy(struct zhi_item *it, struct zhi_str s) {
  return s.p ? zhi_arena_str(&it->arena, s) : ZHI_STR("");
}

static void fill_capture_row(struct zhi_worker *w, struct zhi_item *it, const struct view *v) {
  struct zhi_capture_row *r = &it->row;
  memcpy(r->capture_id, it->capture_id, sizeof r->capture_id);
  zhi_buf_clear(&w->clean);
  zhi_buf_clear(&w->text);
  zhi_ask_url(it->url, &it->ask, &w->text);
  zhi_surt(zhi_buf_view(&w->text), &w->clean);
  r->url_id = it->url_id;
  r->url = it->url;
  r->url_key = copy(it, zhi_buf_view(&w->clean));
  r->fetched_ms = it->fetched_ms;
  r->verdict = it->verdict;
  r->status = it->status;
  r->mime = copy(it, zhi_str_of(v->mime));
  r->charset = copy(it, v->charset);
  r->charset_source = copy(it, v->charset_source);
  r->ip = it->ip;
  r->tls = zhi_str_of(it->tls);
  r->payload_digest = copy(it, zhi_str_of(it->packed_ok ? it->packed.payload_digest : ""));
  if (v->has_head) {
    r->etag = copy(it, zhi_http_header(&v->head, "ETag"));
    r->last_modified = copy(it, zhi_http_header(&v->head, "Last-Modified"));
  }
  r->redirect_to = it->redirect_to;
  r->truncated = zhi_str_of(it->truncated);
  r->body_bytes = (int64_t)it->body.len;
  r->duration_ms = it->duration_ms;
  r->record_id = copy(it, zhi_str_of(it->packed_ok ? it->packed.record_id : ""));
  if (it->revisit) {
    r->revisit_of = it->original.record_id;
    r->original_id = it->original.capture_id;
  }
  r->redirect_gone = it->redirect_gone;
  r->error = it->error;
}

/* A row without some of its texts would say that there are none. */
static void fill_row(struct zhi_worker *w, struct zhi_item *it, const struct view *v) {
  jmp_buf escape;
  it->arena.escape = &escape;
  int why = setjmp(escape);
  if (why == 0)
    fill_capture_row(w, it, v);
  it->no_memory |= why == ZHI_ARENA_NOMEM || w->clean.failed || w->text.failed;
  it->arena.escape = NULL;
}

/* --- packing ----------------------------------------------------------------------------------------------- */

static void add_metadata(struct zhi_buf *out, const struct zhi_item *it, const struct view *v) {
  zhi_buf_addf(out, "verdict: %s\r\n", zhi_verdict_name(it->verdict));
  if (it->tls)
    zhi_buf_addf(out, "tls: %s\r\n", it->tls);
  if (it->blocked_by)
    zhi_buf_addf(out, "blockedBy: %s\r\n", it->blocked_by);
  if (v->charset.len)
    zhi_buf_addf(out, "charsetForLinkExtraction: %.*s\r\ncharsetSource: %.*s\r\n",
                 ZHI_STR_ARGS(v->charset), ZHI_STR_ARGS(v->charset_source));
  if (v->damage)
    zhi_buf_addf(out, "finding: content_coding_%s\r\n", v->damage);
  if (it->error.len)
    zhi_buf_addf(out, "error: %.*s\r\n", ZHI_STR_ARGS(it->error));
  for (size_t i = 0; v->doc && i < v->doc->finding_count; i++)
    zhi_buf_addf(out, "finding: %s\r\n", v->doc->findings[i].code);
}

void zhi_warcinfo_get(struct zhi_warcinfo_id *w, char out[64]) {
  pthread_mutex_lock(&w->lock);
  memcpy(out, w->id, sizeof w->id);
  pthread_mutex_unlock(&w->lock);
}

static void pack(struct zhi_worker *w, struct zhi_item *it, const struct view *v) {
  struct zhi_err e = {0};
  char warcinfo[64];
  zhi_warcinfo_get(w->o.warcinfo, warcinfo);
  zhi_buf_clear(&w->text);
  add_metadata(&w->text, it, v);
  it->metadata = zhi_arena_str(&it->arena, zhi_buf_view(&w->text));
  it->no_memory |= w->text.failed || !it->metadata.p;
  if (zhi_record_pack(w->packer, zhi_str_of(warcinfo), it, &e))
    ZHI_LOG(WARC, ERROR, "cannot pack %s: %s", it->url.p, e.msg);
}

/* --- result --------------------------------------------------------------------------------------------------- */

/* What becomes of a URL after this verdict. `tries`: exchanges so far in this crawl, this one included. */
static enum zhi_url_outcome outcome_of(enum zhi_verdict v, int status, int tries, int64_t retries) {
  switch (v) {
  case ZHI_V_CLIENT_ERROR:
    if (status != 408 && status != 425 && status != 429)
      return ZHI_URL_DONE;
    break;
  case ZHI_V_SERVER_ERROR:
  case ZHI_V_BLOCKED:
  case ZHI_V_TIMEOUT:
  case ZHI_V_DNS:
  case ZHI_V_CONNECTION:
  case ZHI_V_TRUNCATED: break;
  case ZHI_V_TLS: return ZHI_URL_FAILED;
  default: return ZHI_URL_DONE;
  }
  return tries > retries ? ZHI_URL_FAILED : ZHI_URL_RETRY;
}

static void decide(struct zhi_worker *w, struct zhi_item *it, const struct view *v) {
  int tries = it->attempts + 1;
  int64_t wait = w->o.config->politeness.backoff_ms;
  enum zhi_url_outcome outcome =
      outcome_of(it->verdict, it->status, tries, w->o.config->http.retries);
  if (it->verdict == ZHI_V_REDIRECT && zhi_str_eq(it->redirect_to, it->url) && tries == 1 &&
      zhi_http_header(&v->head, "Set-Cookie").p) {
    outcome = ZHI_URL_RETRY; /* it only asks for its cookie */
    wait = 0;
  }
  if ((it->response_head.len && !it->packed_ok) || it->no_memory)
    outcome = ZHI_URL_RETRY; /* our own trouble, not the URL's */
  int64_t retry = it->fetched_ms + it->duration_ms + (wait << (tries < 12 ? tries - 1 : 11));
  if (it->has_group && retry < it->group.blocked_until_ms)
    retry = it->group.blocked_until_ms;
  it->result = (struct zhi_url_result){.url_id = it->url_id,
                                       .group_id = it->group_id,
                                       .token = it->token,
                                       .outcome = outcome,
                                       .verdict = it->verdict,
                                       .retry_ms = retry,
                                       .reason = it->blocked_by,
                                       .detail = it->error};
}

/* Links, document and row: everything that allocates from arenas. False when one was full. */
static bool describe(struct zhi_worker *w, struct zhi_item *it, struct view *v) {
  jmp_buf escape;
  it->arena.escape = w->scratch.escape = &escape;
  int why = setjmp(escape);
  it->no_memory |= why == ZHI_ARENA_NOMEM;
  bool whole = why == 0;
  if (whole && v->doc && v->has_url && it->verdict == ZHI_V_OK)
    zhi_cluster_read(w->o.cluster, w->o.scope, it, &v->url, v->doc, &w->seen, &v->in_scope);
  if (whole)
    collect_all(w, it, v);
  why = setjmp(escape);
  it->no_memory |= why == ZHI_ARENA_NOMEM;
  whole = why == 0;
  if (whole && !it->probe && it->verdict == ZHI_V_OK && zhi_keeps_document(v->doc, w->o.config)) {
    zhi_doc_to_row(&it->arena, v->doc, &it->doc);
    it->doc.list = zhi_list_to_row(&it->arena, v->doc, &w->clean);
    it->has_doc = true;
  }
  it->arena.escape = w->scratch.escape = NULL;
  return whole;
}

/* The body is the one of the last crawl, and what follows from it is known: nothing to read in it. */
static bool is_known_content(const struct zhi_item *it) {
  return it->revisit && !it->probe &&
         (!it->extractor_version.len || zhi_str_is(it->extractor_version, zhi_extractor_version));
}

void zhi_worker_process(struct zhi_worker *w, struct zhi_item *it) {
  struct view v = {0};
  struct zhi_err e = {0};
  zhi_arena_reset(&w->scratch);
  read_head(it, &v);
  if (zhi_record_compare(w->packer, it, &e)) {
    ZHI_LOG(WARC, ERROR, "url=%s %s", it->url.p, e.msg);
    it->no_memory = true; /* not a digest, which is what the rest hangs on */
  }
  if (!is_known_content(it))
    read_body(w, it, &v);
  v.has_url = !zhi_url_parse(it->url, NULL, NULL, &v.url, NULL);
  bool asked = w->o.only_asked && it->prio != ZHI_PRIO_REQUISITE;
  v.in_scope = v.has_url && (asked || zhi_scope_has_host(w->o.scope, v.url.host));
  extract(w, it, &v);
  if (it->probe)
    zhi_probe_learn(w->o.probes, it, v.doc);
  else if (v.in_scope)
    zhi_probe_judge(w->o.probes, it, &v.url, v.doc);
  if (!describe(w, it, &v))
    ZHI_LOG(EXTRACT, WARN, "url=%s more than the page budget: some of it left out", it->url.p);
  if (!it->no_memory)
    pack(w, it, &v);
  fill_row(w, it, &v);
  if (it->no_memory) {
    zhi_seen_clear(&w->seen); /* a link may be in it that was not handed on */
    ZHI_LOG(EXTRACT, WARN, "url=%s out of memory: asked for again", it->url.p);
  }
  decide(w, it, &v);
  if (v.has_head)
    zhi_http_head_release(&v.head);
  if (v.has_url)
    zhi_url_release(&v.url);
  zhi_spool_release(&it->body); /* it lives on in the packed records */
}
