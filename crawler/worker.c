/* Worker: one exchange → rows, found URLs, packed records. */
#include "crawler/worker.h"

#include <stdio.h>
#include <stdlib.h>

#include "crawler/doc_row.h"
#include "crawler/found.h"
#include "crawler/page.h"
#include "crawler/record.h"
#include "zhi/json.h"
#include "zhi/limits.h"
#include "zhi/log.h"
#include "zhi/url.h"

struct zhi_worker {
  struct zhi_worker_options o;
  struct zhi_extractor *extractor;
  struct zhi_warc_packer *packer;
  struct zhi_finder finder;
  struct zhi_buf body;      /* decoded content */
  struct zhi_buf text, key; /* scratch */
};

enum zhi_code zhi_worker_new(const struct zhi_worker_options *o, struct zhi_worker **out,
                             struct zhi_err *e) {
  struct zhi_worker *w = calloc(1, sizeof *w);
  if (!w)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a worker");
  w->o = *o;
  zhi_buf_init(&w->body, ZHI_DECODED_MAX_BYTES);
  zhi_buf_init(&w->text, ZHI_DECODED_MAX_BYTES);
  zhi_buf_init(&w->key, ZHI_MIB(2));
  enum zhi_code rc = zhi_finder_init(&w->finder, o->config, o->scope, o->cluster, e);
  if (!rc)
    rc = zhi_extractor_new(&w->extractor, e);
  if (!rc)
    rc = zhi_config_extractor(o->config, w->extractor, e);
  if (!rc)
    rc = zhi_warc_packer_new((int)o->config->warc.level, o->spool_dir, o->ids, &w->packer, e);
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
  zhi_finder_release(&w->finder);
  zhi_buf_release(&w->body);
  zhi_buf_release(&w->text);
  zhi_buf_release(&w->key);
  free(w);
}

/* --- reading the exchange ------------------------------------------------------------------------------ */

static void read_head(struct zhi_item *it, struct zhi_exchange *v) {
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

static void read_body(struct zhi_worker *w, struct zhi_item *it, struct zhi_exchange *v) {
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

static void extract(struct zhi_worker *w, struct zhi_item *it, struct zhi_exchange *v) {
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

/* --- rows ------------------------------------------------------------------------------------------------- */

static struct zhi_str copy(struct zhi_item *it, struct zhi_str s) {
  return s.p ? zhi_arena_str(&it->arena, s) : ZHI_STR("");
}

static void fill_row(struct zhi_worker *w, struct zhi_item *it, struct zhi_exchange *v) {
  struct zhi_capture_row *r = &it->row;
  memcpy(r->capture_id, it->capture_id, sizeof r->capture_id);
  zhi_buf_clear(&w->key);
  zhi_buf_clear(&w->text);
  zhi_ask_url(it->url, &it->ask, &w->text);
  zhi_surt(zhi_buf_view(&w->text), &w->key);
  r->url_id = it->url_id;
  r->url = it->url;
  r->url_key = copy(it, zhi_buf_view(&w->key));
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

/* Do what allocates from arenas; false when one was full. */
static bool leashed(struct zhi_worker *w, struct zhi_item *it, struct zhi_exchange *v,
                    void (*step)(struct zhi_worker *w, struct zhi_item *it,
                                 struct zhi_exchange *v)) {
  struct zhi_arena *scratch = &w->finder.scratch;
  jmp_buf escape;
  bool whole = false;
  it->arena.escape = scratch->escape = &escape;
  if (setjmp(escape) == 0) {
    step(w, it, v);
    whole = true;
  }
  it->arena.escape = scratch->escape = NULL;
  it->no_memory |= it->arena.why == ZHI_ARENA_NOMEM || scratch->why == ZHI_ARENA_NOMEM ||
                   w->key.failed || w->text.failed;
  return whole;
}

/* --- packing ----------------------------------------------------------------------------------------------- */

static void add_metadata(struct zhi_buf *out, const struct zhi_item *it,
                         const struct zhi_exchange *v) {
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

static void pack(struct zhi_worker *w, struct zhi_item *it, const struct zhi_exchange *v) {
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

static void decide(struct zhi_worker *w, struct zhi_item *it, const struct zhi_exchange *v) {
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

static void find(struct zhi_worker *w, struct zhi_item *it, struct zhi_exchange *v) {
  if (v->doc && v->has_url && it->verdict == ZHI_V_OK)
    zhi_cluster_read(w->o.cluster, w->o.scope, it, &v->url, v->doc, &w->finder.seen, &v->in_scope);
  zhi_find_urls(&w->finder, it, v);
}

static void fill_document(struct zhi_worker *w, struct zhi_item *it, struct zhi_exchange *v) {
  if (it->probe || it->verdict != ZHI_V_OK || !zhi_keeps_document(v->doc, w->o.config))
    return;
  zhi_doc_to_row(&it->arena, v->doc, &it->doc);
  it->doc.list = zhi_list_to_row(&it->arena, v->doc, &w->key);
  it->has_doc = true;
}

/* The body is the one of the last crawl, and what follows from it is known: nothing to read in it. */
static bool is_known_content(const struct zhi_item *it) {
  return it->revisit && !it->probe &&
         (!it->extractor_version.len || zhi_str_is(it->extractor_version, zhi_extractor_version));
}

void zhi_worker_process(struct zhi_worker *w, struct zhi_item *it) {
  struct zhi_exchange v = {0};
  struct zhi_err e = {0};
  const unsigned long lost = zhi_json_lost();
  zhi_arena_reset(&w->finder.scratch);
  zhi_buf_clear(&w->key);
  zhi_buf_clear(&w->text);
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
  bool whole = leashed(w, it, &v, find);
  whole &= leashed(w, it, &v, fill_document);
  if (!whole)
    ZHI_LOG(EXTRACT, WARN, "url=%s more than the page budget: some of it left out", it->url.p);
  it->no_memory |= zhi_json_lost() != lost;
  if (!it->no_memory)
    pack(w, it, &v);
  leashed(w, it, &v, fill_row); /* a row without some of its texts would say that there are none */
  if (it->no_memory) {
    zhi_seen_clear(&w->finder.seen); /* a link may be in it that was not handed on */
    ZHI_LOG(EXTRACT, WARN, "url=%s out of memory: asked for again", it->url.p);
  }
  decide(w, it, &v);
  if (v.has_head)
    zhi_http_head_release(&v.head);
  if (v.has_url)
    zhi_url_release(&v.url);
  zhi_spool_release(&it->body); /* it lives on in the packed records */
}
