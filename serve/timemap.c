/* TimeMaps (RFC 7089 section 5) as links and as JSON. A URL captured very often is told in pages: /timemap/link/TIME/URL
 * starts at TIME. A page ends with a whole second, so the next one's address is the second of its first memento; it holds
 * its own mementos alone, and the page behind it is walked only to say until when it reaches. */
#include "serve/timemap.h"

#include <stdio.h>
#include <stdlib.h>

#include "serve/capture.h"
#include "serve/handlers.h"
#include "serve/moment.h"
#include "serve/page.h"
#include "zhi/clock.h"
#include "zhi/compare.h"
#include "zhi/grow.h"

enum { PER_PAGE = 50000, URL_BYTES = 1 << 16, PAGE_BYTES = 16 << 20 };

struct memento {
  int64_t ms;
  char *uri;
};
struct map {
  const struct serve_call *c;
  struct zhi_str url;
  int64_t start_ms; /* of the page; 0: the first one */
  size_t per_page;
  struct memento *list;
  size_t count, cap, bytes;
  int64_t end_ms;           /* of the last memento in the page */
  int64_t next_ms, next_to; /* of the next page's first and last; 0: there is none */
  size_t next_count;
  struct memento first, last; /* of all */
};

static enum zhi_code memento_of(const struct map *m, const struct zhi_cdx_row *r,
                                struct memento *out, struct zhi_err *e) {
  char time[ZHI_TS14_SIZE];
  struct zhi_buf b;
  zhi_time_ts14(r->fetched_ms, time);
  zhi_buf_init(&b, 2 * URL_BYTES);
  zhi_buf_addf(&b, "%.*s/replay/%s/", ZHI_STR_ARGS(m->c->rq->base), time);
  capture_address(r, &b);
  *out = (struct memento){r->fetched_ms, zhi_buf_take(&b)};
  return out->uri ? ZHI_OK : zhi_fail(e, ZHI_ENOMEM, "out of memory for a timemap");
}

/* A page is full, and a row at `ms` does not belong to its last second. */
static bool is_behind(bool full, int64_t last_ms, int64_t ms) {
  return full && last_ms / 1000 != ms / 1000;
}

static enum zhi_code on_row(void *ctx, const struct zhi_cdx_row *r, struct zhi_err *e) {
  struct map *m = ctx;
  bool full = m->count >= m->per_page || m->bytes >= PAGE_BYTES;
  if (!r->status)
    return ZHI_OK;
  if (m->next_ms || is_behind(full, m->end_ms, r->fetched_ms)) {
    if (is_behind(m->next_count >= m->per_page, m->next_to, r->fetched_ms))
      return ZHI_EOF;
    if (!m->next_ms)
      m->next_ms = r->fetched_ms;
    m->next_to = r->fetched_ms;
    m->next_count++;
    return ZHI_OK;
  }
  if (m->count >= 2 * m->per_page || m->bytes >= 2 * PAGE_BYTES)
    return ZHI_OK; /* of a second with more than a page */
  struct memento *list = zhi_grown(m->list, &m->cap, m->count, sizeof *m->list);
  if (!list)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a timemap");
  m->list = list;
  enum zhi_code rc = memento_of(m, r, &m->list[m->count], e);
  if (rc)
    return rc;
  m->bytes += strlen(m->list[m->count].uri);
  m->count++;
  m->end_ms = r->fetched_ms;
  return ZHI_OK;
}

struct end {
  const struct map *m;
  struct memento *out;
};

static enum zhi_code on_end(void *ctx, const struct zhi_cdx_row *r, struct zhi_err *e) {
  const struct end *x = ctx;
  if (!r->status)
    return ZHI_OK;
  enum zhi_code rc = memento_of(x->m, r, x->out, e);
  return rc ? rc : ZHI_EOF;
}

static enum zhi_code walk(struct map *m, struct zhi_cdx_query q, zhi_cdx_fn *fn, void *ctx,
                          struct zhi_err *e) {
  struct zhi_buf from, to;
  zhi_buf_init(&from, URL_BYTES);
  zhi_buf_init(&to, URL_BYTES);
  zhi_cdx_range(m->url, ZHI_CDX_EXACT, &from, &to);
  q.from = zhi_buf_view(&from);
  q.to = zhi_buf_view(&to);
  q.to_ms = INT64_MAX;
  enum zhi_code rc = zhi_cdx_each(m->c->store, &q, fn, ctx, e);
  zhi_buf_release(&from);
  zhi_buf_release(&to);
  return rc == ZHI_EOF ? ZHI_OK : rc;
}

static enum zhi_code read_map(struct map *m, struct zhi_err *e) {
  struct end first = {m, &m->first}, last = {m, &m->last};
  enum zhi_code rc = walk(m, (struct zhi_cdx_query){.from_ms = m->start_ms}, on_row, m, e);
  if (!rc)
    rc = walk(m, (struct zhi_cdx_query){0}, on_end, &first, e);
  if (!rc)
    rc = walk(m, (struct zhi_cdx_query){.reverse = true}, on_end, &last, e);
  if (!rc && !m->first.uri)
    rc = zhi_never_captured(m->c->store, m->url, e);
  if (!rc && !m->count)
    rc = zhi_fail(e, ZHI_EOF, "no capture of %.*s is as late as that", ZHI_STR_ARGS(m->url));
  return rc;
}

static void release(struct map *m) {
  for (size_t i = 0; i < m->count; i++)
    free(m->list[i].uri);
  free(m->list);
  free(m->first.uri);
  free(m->last.uri);
}

/* The address of the page that starts at `ms`; 0: the first. */
static void add_page(const struct map *m, const char *form, int64_t ms, struct zhi_buf *out) {
  char time[ZHI_TS14_SIZE];
  zhi_buf_addf(out, "%.*s/timemap/%s/", ZHI_STR_ARGS(m->c->rq->base), form);
  if (ms) {
    zhi_time_ts14(ms, time);
    zhi_buf_addf(out, "%s/", time);
  }
  zhi_buf_addstr(out, m->url);
}

static void write_page(const struct map *m, const char *rel, int64_t at, int64_t from,
                       int64_t until, struct zhi_buf *out) {
  char date[MOMENT_HTTP_SIZE];
  moment_http(from, date);
  zhi_buf_addc(out, '<');
  add_page(m, "link", at, out);
  zhi_buf_addf(out, ">; rel=\"%s\"; type=\"application/link-format\"; from=\"%s\"", rel, date);
  moment_http(until, date);
  if (until)
    zhi_buf_addf(out, "; until=\"%s\"", date);
  zhi_buf_adds(out, ",\n");
}

static void write_link(const struct map *m, struct zhi_buf *out) {
  struct zhi_str base = m->c->rq->base;
  char date[MOMENT_HTTP_SIZE];
  zhi_buf_addf(out, "<%.*s>; rel=\"original\",\n<%.*s/timegate/%.*s>; rel=\"timegate\",\n",
               ZHI_STR_ARGS(m->url), ZHI_STR_ARGS(base), ZHI_STR_ARGS(m->url));
  write_page(m, "self", m->start_ms, m->list[0].ms, m->end_ms, out);
  if (m->first.ms / 1000 <
      m->start_ms / 1000) /* until when the pages before reach is not looked up */
    write_page(m, "timemap", 0, m->first.ms, 0, out);
  if (m->next_ms)
    write_page(m, "timemap", m->next_ms, m->next_ms, m->next_to, out);
  for (size_t i = 0; i < m->count; i++) {
    moment_http(m->list[i].ms, date);
    zhi_buf_addf(out, "%s<%s>; rel=\"%s%smemento\"; datetime=\"%s\"", i ? ",\n" : "",
                 m->list[i].uri, i == 0 && m->list[0].ms == m->first.ms ? "first " : "",
                 i + 1 == m->count && !m->next_ms ? "last " : "", date);
  }
  zhi_buf_addc(out, '\n');
}

static json_t *memento_json(const struct memento *x) {
  char iso[ZHI_ISO_SIZE];
  zhi_time_iso(x->ms, iso);
  return json_pack("{s:s,s:s}", "datetime", iso, "uri", x->uri);
}

static json_t *page_json(const struct map *m, const char *form, int64_t ms) {
  struct zhi_buf b;
  zhi_buf_init(&b, 2 * URL_BYTES);
  add_page(m, form, ms, &b);
  json_t *uri = json_stringn(b.p ? b.p : "", b.len);
  zhi_buf_release(&b);
  return uri;
}

/* mementoweb.org/guide/timemap-json */
static json_t *map_json(const struct map *m) {
  struct zhi_str base = m->c->rq->base;
  json_t *list = json_array(), *o = json_object();
  for (size_t i = 0; i < m->count; i++)
    json_array_append_new(list, memento_json(&m->list[i]));
  json_object_set_new(o, "original_uri", json_stringn(m->url.p, m->url.len));
  json_object_set_new(o, "timegate_uri",
                      json_sprintf("%.*s/timegate/%.*s", ZHI_STR_ARGS(base), ZHI_STR_ARGS(m->url)));
  json_object_set_new(o, "timemap_uri",
                      json_pack("{s:o,s:o}", "link_format", page_json(m, "link", m->start_ms),
                                "json_format", page_json(m, "json", m->start_ms)));
  json_object_set_new(o, "mementos",
                      json_pack("{s:o,s:o,s:o}", "first", memento_json(&m->first), "last",
                                memento_json(&m->last), "list", list));
  json_t *pages = json_object();
  if (m->first.ms / 1000 < m->start_ms / 1000)
    json_object_set_new(pages, "first", json_pack("{s:o}", "uri", page_json(m, "json", 0)));
  if (m->next_ms)
    json_object_set_new(pages, "next", json_pack("{s:o}", "uri", page_json(m, "json", m->next_ms)));
  if (json_object_size(pages))
    json_object_set(o, "pages", pages);
  json_decref(pages);
  return o;
}

enum zhi_code timemap_answer(struct serve_call *c, bool json, size_t per_page, struct zhi_err *e) {
  struct map m = {.c = c, .per_page = per_page};
  struct zhi_buf room;
  char count[24];
  zhi_buf_init(&room, URL_BYTES);
  enum zhi_code rc = memento_url(c, &room, &m.url, &m.start_ms, e);
  if (!rc)
    rc = read_map(&m, e);
  if (!rc) {
    snprintf(count, sizeof count, "%zu", m.count);
    serve_set_header(c->rs, "X-Memento-Count", zhi_str_of(count));
    serve_set_header(c->rs, "Access-Control-Allow-Origin", ZHI_STR("*"));
    if (json) {
      rc = answer_json(c, map_json(&m), e);
    } else {
      c->rs->type = "application/link-format";
      write_link(&m, &c->rs->body);
    }
  }
  release(&m);
  zhi_buf_release(&room);
  return rc;
}

enum zhi_code handle_timemap_link(struct serve_call *c, struct zhi_err *e) {
  return timemap_answer(c, false, PER_PAGE, e);
}

enum zhi_code handle_timemap_json(struct serve_call *c, struct zhi_err *e) {
  return timemap_answer(c, true, PER_PAGE, e);
}
