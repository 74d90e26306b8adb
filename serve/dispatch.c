/* From a request to its response: the route, the handle, the handler, what went wrong, validators. */
#include <stdio.h>

#include "serve/html.h"
#include "serve/index.h"
#include "serve/page.h"
#include "serve/server.h"
#include "zhi/digest.h"
#include "zhi/json.h"

const struct serve_route *serve_route_of(struct serve_request *rq) {
  for (const struct serve_route *r = serve_routes; r->pattern; r++) {
    size_t n = strlen(r->pattern);
    bool open = r->pattern[n - 1] == '*';
    if (r->site != rq->site)
      continue;
    if (open ? zhi_str_starts(rq->path, "") && rq->path.len >= n - 1 &&
                   memcmp(rq->path.p, r->pattern, n - 1) == 0
             : zhi_str_is(rq->path, r->pattern)) {
      rq->rest = open ? zhi_str_sub(rq->target, n - 1, rq->target.len) : ZHI_STR_NONE;
      return r;
    }
  }
  return NULL;
}

static int status_of(enum zhi_code rc) {
  switch (rc) {
  case ZHI_EUSAGE: return 400;
  case ZHI_EOF: return 404;
  case ZHI_ELIMIT: return 413;
  case ZHI_EPARSE: return 502;
  case ZHI_ECONFLICT: return 503;
  default: return 500;
  }
}

static const char *title_of(int status) {
  switch (status) {
  case 400: return "error_400";
  case 404: return "error_404";
  case 405: return "error_405";
  case 413: return "error_413";
  case 502: return "error_502";
  case 503: return "error_503";
  default: return "error_500";
  }
}

void serve_error(const struct serve_request *rq, struct serve_response *rs, int status,
                 const char *detail) {
  zhi_buf_clear(&rs->body);
  rs->status = status;
  rs->cache = "no-store";
  if (zhi_str_starts(rq->path, "/api/") || zhi_str_starts(rq->path, "/cdx")) {
    rs->type = "application/json";
    zhi_buf_addf(&rs->body, "{\"error\":{\"status\":%d,\"message\":", status);
    zhi_json_add_string(
        &rs->body,
        zhi_str_of(detail && detail[0] ? detail : serve_words(SERVE_EN, title_of(status))));
    zhi_buf_adds(&rs->body, "}}\n");
    return;
  }
  rs->type = "text/html; charset=utf-8";
  struct html h = page_begin(rq, &rs->body, serve_words(rq->lang, title_of(status)), "");
  html(&h, "<section class=notice role=alert><h1>%t</h1>", title_of(status));
  html_said(&h, detail);
  html(&h, "<p><a href=\"/\">{to_home}</a> · <a href=\"/documents\">{documents}</a></p></section>");
  page_end(&h, rq);
}

static void run(struct zhi_server *s, const struct serve_route *r, struct serve_request *rq,
                struct serve_response *rs) {
  struct zhi_err e = {0};
  struct serve_call c = {.server = s, .dir = s->dir, .rq = rq, .rs = rs};
  const unsigned long lost = zhi_json_lost();
  enum zhi_code rc = serve_pool_take(s->pool, &c.store, &e);
  if (!rc) {
    c.index = serve_index_hold(s->watch);
    rc = r->handler(&c, &e);
    serve_index_drop(c.index);
    serve_pool_give(s->pool, c.store);
  }
  if (!rc)
    rc = zhi_buf_check(&rs->body, "a page", &e);
  if (!rc)
    rc = zhi_json_whole(lost, "a page", &e);
  if (rc)
    serve_error(rq, rs, status_of(rc), rc == ZHI_EIO || rc == ZHI_EBUG ? NULL : e.msg);
  if (rs->status == 503)
    serve_set_header(rs, "Retry-After", ZHI_STR("5"));
}

/* A validator of what was made: of this content in this language. */
static void validate(const struct serve_request *rq, struct serve_response *rs) {
  char tag[40];
  if (rs->status != 200 || rs->stream.produce || (rs->cache && strcmp(rs->cache, "no-store") == 0))
    return;
  struct zhi_hash128 x = zhi_hash128(zhi_buf_view(&rs->body));
  snprintf(tag, sizeof tag, "W/\"%016llx%08llx\"", (unsigned long long)x.hi,
           (unsigned long long)(x.lo & 0xffffffff));
  serve_set_header(rs, "ETag", zhi_str_of(tag));
  const char *known = serve_header_of(rq, "If-None-Match");
  if (known && serve_etag_matches(known, tag)) {
    rs->status = 304;
    zhi_buf_clear(&rs->body);
  }
}

void serve_dispatch(struct zhi_server *s, struct serve_request *rq, struct serve_response *rs) {
  const struct serve_route *r = serve_route_of(rq);
  if (!zhi_str_is(rq->method, "GET") && !zhi_str_is(rq->method, "HEAD")) {
    serve_error(rq, rs, 405, NULL);
    serve_set_header(rs, "Allow", ZHI_STR("GET, HEAD"));
    return;
  }
  if (!r)
    serve_error(rq, rs, 404, NULL);
  else
    run(s, r, rq, rs);
  validate(rq, rs);
}
