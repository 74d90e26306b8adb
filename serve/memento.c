/* Memento (RFC 7089): the TimeGate. A memento's address is /replay/TIME/URL. */
#include "serve/capture.h"
#include "serve/handlers.h"
#include "serve/moment.h"
#include "serve/timemap.h"
#include "zhi/clock.h"

enum { URL_BYTES = 1 << 16 };

enum zhi_code memento_url(const struct serve_call *c, struct zhi_buf *room, struct zhi_str *url,
                          int64_t *ms, struct zhi_err *e) {
  struct moment m;
  struct zhi_buf rest;
  zhi_buf_init(&rest, URL_BYTES);
  bool timed = ms && c->rq->rest.len && c->rq->rest.p[0] >= '0' && c->rq->rest.p[0] <= '9';
  if (!timed)
    zhi_buf_addc(&rest, '/');
  zhi_buf_addstr(&rest, c->rq->rest);
  enum zhi_code rc = zhi_buf_check(&rest, "a URL", e);
  if (!rc)
    rc = moment_read(zhi_buf_view(&rest), room, &m, e);
  if (!rc) {
    zhi_buf_clear(room);
    zhi_buf_addstr(room, m.url);
    *url = zhi_buf_view(room);
    if (ms)
      *ms = m.time.len ? m.ms : 0;
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
  enum zhi_code rc = memento_url(c, &room, &url, NULL, e);
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
