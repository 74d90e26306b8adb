/* What is archived, on the replay origin: /w/TIMEid_/URL as it is stored, /w/TIMEir_/URL as the service worker wants it
 * (content coding undone, a redirect as an answer with its target in a header), and for any other modifier the page that
 * gets the worker running, which then answers that address itself. */
#include <stdio.h>

#include "serve/capture.h"
#include "serve/handlers.h"
#include "serve/moment.h"
#include "serve/replay.h"

enum { URL_BYTES = 1 << 16, TYPE_MAX = 256 };

/* Opened by itself, an archived file can neither run nor load anything. */
static void sandbox(struct serve_response *rs) {
  rs->bare = true;
  serve_set_header(rs, "Content-Security-Policy",
                   ZHI_STR("sandbox; default-src 'none'; "
                           "img-src 'self' data:; "
                           "style-src 'unsafe-inline'"));
  serve_set_header(rs, "X-Content-Type-Options", ZHI_STR("nosniff"));
  serve_set_header(rs, "Referrer-Policy", ZHI_STR("no-referrer"));
  serve_set_header(rs, "X-DNS-Prefetch-Control", ZHI_STR("off"));
  serve_set_header(rs, "Access-Control-Allow-Origin", ZHI_STR("*"));
}

/* Content-Type as it was, with the charset that was found out; a copy that the response owns. */
static void set_type(struct serve_response *rs, const struct capture *x) {
  char type[TYPE_MAX];
  struct zhi_str was = x->page.page.content_type, charset = capture_charset(x);
  if (!was.len)
    was = charset.len ? ZHI_STR("text/html") : ZHI_STR("application/octet-stream");
  int n = charset.len ? snprintf(type, sizeof type, "%.*s; charset=%.*s", ZHI_STR_ARGS(was),
                                 ZHI_STR_ARGS(charset))
                      : snprintf(type, sizeof type, "%.*s", ZHI_STR_ARGS(was));
  rs->type = NULL;
  if (n > 0 && (size_t)n < sizeof type)
    serve_set_header(rs, "Content-Type", zhi_str_of(type));
}

static void copy_headers(struct serve_response *rs, const struct capture *x) {
  static const struct {
    const char *from, *to;
  } kept[] = {{"Content-Disposition", "Content-Disposition"},
              {"Content-Language", "Content-Language"},
              {"Date", "X-Archive-Orig-Date"},
              {"Last-Modified", "X-Archive-Orig-Last-Modified"},
              {"ETag", "X-Archive-Orig-ETag"},
              {"Server", "X-Archive-Orig-Server"}};
  for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
    struct zhi_str v = capture_header(x, kept[i].from);
    if (v.len)
      serve_set_header(rs, kept[i].to, v);
  }
}

static void set_number(struct serve_response *rs, const char *name, int n) {
  char text[16];
  snprintf(text, sizeof text, "%d", n);
  serve_set_header(rs, name, zhi_str_of(text));
}

/* For the worker: status and target travel in headers, since fetch would follow a redirect and hide its status. */
static void answer_worker(struct serve_call *c, const struct capture *x) {
  struct serve_response *rs = c->rs;
  struct zhi_buf to;
  zhi_buf_init(&to, URL_BYTES);
  capture_target(x, &to);
  if (to.len)
    serve_set_header(rs, "X-Orig-Location", zhi_buf_view(&to));
  if (x->status != 200 && x->status != 206)
    set_number(rs, "X-Redirect-Status", x->status);
  zhi_buf_addstr(&rs->body, x->page.page.body);
  zhi_buf_release(&to);
}

static void answer_raw(struct serve_call *c, const struct capture *x) {
  struct serve_response *rs = c->rs;
  struct zhi_str coding = capture_header(x, "Content-Encoding");
  struct zhi_buf target, to;
  zhi_buf_init(&target, URL_BYTES);
  zhi_buf_init(&to, 2 * URL_BYTES);
  capture_target(x, &target);
  if (target.len) {
    zhi_buf_addf(&to, "/w/%sid_/%.*s", x->time, ZHI_STR_ARGS(zhi_buf_view(&target)));
    serve_set_header(rs, "Location", zhi_buf_view(&to));
  }
  if (coding.len) {
    serve_set_header(rs, "Content-Encoding", coding);
    rs->no_ranges = true;
  }
  rs->status = x->status >= 200 && x->status < 600 && x->status != 304 ? x->status : 200;
  zhi_buf_addstr(&rs->body, x->page.entity);
  zhi_buf_release(&target);
  zhi_buf_release(&to);
}

/* A failure as a page that stands in the frame; the worker passes it on when it comes as an answer. */
static enum zhi_code answer_failure(struct serve_call *c, enum zhi_code rc, bool worker,
                                    const struct zhi_err *e) {
  if (rc != ZHI_EOF && rc != ZHI_EPARSE && rc != ZHI_ELIMIT)
    return rc;
  int status = rc == ZHI_EOF ? 404 : 502;
  replay_failure(c, status, e->msg);
  sandbox(c->rs);
  if (worker && status != 404) {
    c->rs->status = 200;
    set_number(c->rs, "X-Redirect-Status", status);
  }
  return ZHI_OK;
}

static enum zhi_code answer(struct serve_call *c, const struct moment *m, struct zhi_err *e) {
  struct capture x;
  struct zhi_err own = {0};
  bool worker = zhi_str_is(m->mod, "ir_");
  enum zhi_code rc = capture_find(c, m->url, m->ms, &x, &own);
  if (!rc)
    rc = capture_load(c, &x, &own);
  if (!rc) {
    sandbox(c->rs);
    set_type(c->rs, &x);
    copy_headers(c->rs, &x);
    capture_memento(c, &x);
    if (worker)
      answer_worker(c, &x);
    else
      answer_raw(c, &x);
  } else {
    rc = answer_failure(c, rc, worker, &own);
    if (rc && e)
      *e = own;
  }
  capture_release(&x);
  return rc;
}

enum zhi_code handle_archived(struct serve_call *c, struct zhi_err *e) {
  struct moment m;
  struct zhi_buf room;
  zhi_buf_init(&room, URL_BYTES);
  enum zhi_code rc = moment_read(c->rq->rest, &room, &m, e);
  if (!rc && (zhi_str_is(m.mod, "id_") || zhi_str_is(m.mod, "ir_") || zhi_str_is(m.mod, "oe_")))
    rc = answer(c, &m, e);
  else if (!rc)
    replay_start(c, &m);
  zhi_buf_release(&room);
  return rc;
}
