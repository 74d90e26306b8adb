/* Memento (RFC 7089): TimeGate and TimeMaps. A memento's address is /replay/TIME/URL. */
#include <stdio.h>
#include <stdlib.h>

#include "serve/capture.h"
#include "serve/handlers.h"
#include "serve/moment.h"
#include "serve/page.h"
#include "zhi/clock.h"
#include "zhi/compare.h"
#include "zhi/grow.h"
#include "zhi/url.h"

enum { MAP_MAX = 50000, URL_BYTES = 1 << 16 };

/* The URL behind the route, its "http:/" mended. */
static enum zhi_code read_url(const struct serve_call *c, struct zhi_buf *room, struct zhi_str *url,
                              struct zhi_err *e) {
  struct moment m;
  struct zhi_buf rest;
  zhi_buf_init(&rest, URL_BYTES);
  zhi_buf_addc(&rest, '/');
  zhi_buf_addstr(&rest, c->rq->rest);
  enum zhi_code rc = zhi_buf_check(&rest, "a URL", e);
  if (!rc)
    rc = moment_read(zhi_buf_view(&rest), room, &m, e);
  if (!rc) {
    zhi_buf_clear(room);
    zhi_buf_addstr(room, m.url);
    *url = zhi_buf_view(room);
    rc = zhi_buf_check(room, "a URL", e);
  }
  zhi_buf_release(&rest);
  return rc;
}

enum zhi_code handle_timegate(struct serve_call *c, struct zhi_err *e) {
  const char *wanted = serve_header_of(c->rq, "Accept-Datetime");
  struct zhi_buf room, to;
  struct zhi_str url;
  struct capture x = {0};
  int64_t ms = INT64_MAX;
  zhi_buf_init(&room, URL_BYTES);
  zhi_buf_init(&to, 2 * URL_BYTES);
  enum zhi_code rc = read_url(c, &room, &url, e);
  if (!rc && wanted && !zhi_time_parse_http(zhi_str_of(wanted), &ms))
    rc = zhi_fail(e, ZHI_EUSAGE, "Accept-Datetime is no date of HTTP: '%.80s'", wanted);
  if (!rc) {
    rc = capture_find(c, url, ms, &x, e);
    if (!rc) {
      zhi_buf_addf(&to, "%.*s/replay/%s/%.*s", ZHI_STR_ARGS(c->rq->base), x.time,
                   ZHI_STR_ARGS(x.address));
      serve_set_header(c->rs, "Vary", ZHI_STR("accept-datetime"));
      capture_memento(c, &x);
      serve_drop_header(c->rs, "Memento-Datetime");
      serve_redirect(c->rs, 302, zhi_buf_view(&to));
    }
    capture_release(&x);
  }
  zhi_buf_release(&to);
  zhi_buf_release(&room);
  return rc;
}

/* --- TimeMaps --------------------------------------------------------------------------------------------------------- */

struct memento {
  int64_t ms;
  char *uri;
};
struct map {
  const struct serve_call *c;
  struct memento *list;
  size_t count, cap;
};

static enum zhi_code on_row(void *ctx, const struct zhi_cdx_row *r, struct zhi_err *e) {
  struct map *m = ctx;
  char time[ZHI_TS14_SIZE];
  if (!r->status)
    return ZHI_OK;
  struct memento *list = zhi_grown(m->list, &m->cap, m->count, sizeof *m->list);
  if (!list)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a timemap");
  m->list = list;
  zhi_time_ts14(r->fetched_ms, time);
  struct zhi_buf b;
  zhi_buf_init(&b, 2 * URL_BYTES);
  zhi_buf_addf(&b, "%.*s/replay/%s/", ZHI_STR_ARGS(m->c->rq->base), time);
  capture_address(r, &b);
  char *uri = zhi_buf_take(&b);
  if (!uri)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a timemap");
  m->list[m->count++] = (struct memento){r->fetched_ms, uri};
  return m->count == MAP_MAX ? ZHI_EOF : ZHI_OK;
}

static enum zhi_code read_map(struct map *m, struct zhi_str url, struct zhi_err *e) {
  struct zhi_buf from, to;
  zhi_buf_init(&from, URL_BYTES);
  zhi_buf_init(&to, URL_BYTES);
  zhi_cdx_range(url, ZHI_CDX_EXACT, &from, &to);
  struct zhi_cdx_query q = {
      .from = zhi_buf_view(&from), .to = zhi_buf_view(&to), .to_ms = INT64_MAX};
  enum zhi_code rc = zhi_cdx_each(m->c->store, &q, on_row, m, e);
  if (rc == ZHI_EOF)
    rc = ZHI_OK;
  if (!rc && !m->count)
    rc = zhi_never_captured(m->c->store, url, e);
  zhi_buf_release(&from);
  zhi_buf_release(&to);
  return rc;
}

static void write_link(const struct map *m, struct zhi_str url, struct zhi_buf *out) {
  struct zhi_str base = m->c->rq->base;
  char first[MOMENT_HTTP_SIZE], last[MOMENT_HTTP_SIZE], date[MOMENT_HTTP_SIZE];
  moment_http(m->list[0].ms, first);
  moment_http(m->list[m->count - 1].ms, last);
  zhi_buf_addf(out, "<%.*s>; rel=\"original\",\n<%.*s/timegate/%.*s>; rel=\"timegate\",\n",
               ZHI_STR_ARGS(url), ZHI_STR_ARGS(base), ZHI_STR_ARGS(url));
  zhi_buf_addf(out,
               "<%.*s/timemap/link/%.*s>; rel=\"self\"; type=\"application/link-format\"; "
               "from=\"%s\"; until=\"%s\",\n",
               ZHI_STR_ARGS(base), ZHI_STR_ARGS(url), first, last);
  for (size_t i = 0; i < m->count; i++) {
    moment_http(m->list[i].ms, date);
    zhi_buf_addf(out, "%s<%s>; rel=\"%s%smemento\"; datetime=\"%s\"", i ? ",\n" : "",
                 m->list[i].uri, i ? "" : "first ", i + 1 == m->count ? "last " : "", date);
  }
  zhi_buf_addc(out, '\n');
}

static json_t *memento_json(const struct memento *x) {
  char iso[ZHI_ISO_SIZE];
  zhi_time_iso(x->ms, iso);
  return json_pack("{s:s,s:s}", "datetime", iso, "uri", x->uri);
}

/* mementoweb.org/guide/timemap-json */
static json_t *map_json(const struct map *m, struct zhi_str url) {
  struct zhi_str base = m->c->rq->base;
  json_t *list = json_array(), *o = json_object(), *maps = json_object(), *all = json_object();
  for (size_t i = 0; i < m->count; i++)
    json_array_append_new(list, memento_json(&m->list[i]));
  json_object_set_new(
      maps, "link_format",
      json_sprintf("%.*s/timemap/link/%.*s", ZHI_STR_ARGS(base), ZHI_STR_ARGS(url)));
  json_object_set_new(
      maps, "json_format",
      json_sprintf("%.*s/timemap/json/%.*s", ZHI_STR_ARGS(base), ZHI_STR_ARGS(url)));
  json_object_set_new(o, "original_uri", json_stringn(url.p, url.len));
  json_object_set_new(o, "timegate_uri",
                      json_sprintf("%.*s/timegate/%.*s", ZHI_STR_ARGS(base), ZHI_STR_ARGS(url)));
  json_object_set_new(o, "timemap_uri", maps);
  json_object_set_new(all, "first", memento_json(&m->list[0]));
  json_object_set_new(all, "last", memento_json(&m->list[m->count - 1]));
  json_object_set_new(all, "list", list);
  json_object_set_new(o, "mementos", all);
  return o;
}

static enum zhi_code timemap(struct serve_call *c, bool json, struct zhi_err *e) {
  struct map m = {.c = c};
  struct zhi_buf room;
  struct zhi_str url;
  char count[24];
  zhi_buf_init(&room, URL_BYTES);
  enum zhi_code rc = read_url(c, &room, &url, e);
  if (!rc)
    rc = read_map(&m, url, e);
  if (!rc) {
    snprintf(count, sizeof count, "%zu", m.count);
    serve_set_header(c->rs, "X-Memento-Count", zhi_str_of(count));
    serve_set_header(c->rs, "Access-Control-Allow-Origin", ZHI_STR("*"));
    if (json) {
      rc = answer_json(c, map_json(&m, url), e);
    } else {
      c->rs->type = "application/link-format";
      write_link(&m, url, &c->rs->body);
    }
  }
  for (size_t i = 0; i < m.count; i++)
    free(m.list[i].uri);
  free(m.list);
  zhi_buf_release(&room);
  return rc;
}

enum zhi_code handle_timemap_link(struct serve_call *c, struct zhi_err *e) {
  return timemap(c, false, e);
}

enum zhi_code handle_timemap_json(struct serve_call *c, struct zhi_err *e) {
  return timemap(c, true, e);
}
