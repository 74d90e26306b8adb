/* Pages around what is replayed. Three nested documents keep archived scripts in their place: /replay/TIME/URL on the
 * origin of the pages (what was captured when, checked just now), in it a sandboxed /frame/TIME/URL on the replay origin
 * (which gets the service worker running), in that the page itself, answered by the worker. The outermost one's policy
 * lets the frames go nowhere but to the replay origin. */
#include "serve/replay.h"

#include <stdio.h>

#include "serve/capture.h"
#include "serve/handlers.h"
#include "serve/page.h"
#include "serve/static.h"

enum { URL_BYTES = 1 << 16 };
#define SANDBOX "allow-scripts allow-same-origin allow-forms allow-downloads allow-modals"

struct html replay_head(struct serve_call *c, const char *title, const char *script) {
  struct html h = {&c->rs->body, c->rq->lang};
  char style[STATIC_ADDRESS_SIZE], icon[STATIC_ADDRESS_SIZE], address[STATIC_ADDRESS_SIZE];
  html(&h,
       "<!doctype html>\n<html lang=\"%s\"><head><meta charset=utf-8><title>%s · {brand}</title>"
       "<meta name=viewport content=\"width=device-width, initial-scale=1\">"
       "<meta name=robots content=noindex><meta name=color-scheme content=\"light dark\">"
       "<link rel=stylesheet href=\"%s\"><link rel=icon type=\"image/svg+xml\" href=\"%s\">",
       h.lang == SERVE_ZH ? "zh-CN" : "en", title, static_address("style.css", style),
       static_address("icon.svg", icon));
  if (script)
    html(&h, "<script type=module src=\"%s\"></script>", static_address(script, address));
  html(&h, "</head>");
  return h;
}

/* --- on the replay origin -------------------------------------------------------------------------------------------- */

static void own_policy(struct serve_response *rs, const char *policy) {
  rs->bare = true;
  rs->cache = "no-store";
  serve_set_header(rs, "Content-Security-Policy", zhi_str_of(policy));
  serve_set_header(rs, "X-Content-Type-Options", ZHI_STR("nosniff"));
  serve_set_header(rs, "Referrer-Policy", ZHI_STR("no-referrer"));
}

#define FRAME_POLICY                                                                               \
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "  \
  "worker-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'"

static void frame_page(struct serve_call *c, const struct moment *m, const char *way) {
  own_policy(c->rs, FRAME_POLICY);
  struct html h = replay_head(c, "", "frame.js");
  html(&h,
       "<body class=frame data-way=\"%s\" data-time=\"%S\" data-url=\"%S\"><p id=wait role=status>"
       "{loading_page}</p><noscript><p>{needs_worker}</p></noscript></body></html>\n",
       way, m->time, m->url);
}

void replay_start(struct serve_call *c, const struct moment *m) {
  const char *use = serve_header_of(c->rq, "Sec-Fetch-Dest");
  struct zhi_buf to;
  if (!m->mod.len && c->rq->pages.len && (!use || strcmp(use, "document") == 0)) {
    zhi_buf_init(&to, 2 * URL_BYTES);
    zhi_buf_addf(&to, "%.*s/replay/%.*s/%.*s", ZHI_STR_ARGS(c->rq->pages), ZHI_STR_ARGS(m->time),
                 ZHI_STR_ARGS(m->url));
    serve_redirect(c->rs, 302, zhi_buf_view(&to));
    zhi_buf_release(&to);
    return;
  }
  frame_page(c, m, m->mod.len ? "reload" : "show");
}

enum zhi_code handle_frame(struct serve_call *c, struct zhi_err *e) {
  struct moment m;
  struct zhi_buf room;
  zhi_buf_init(&room, URL_BYTES);
  enum zhi_code rc = moment_read(c->rq->rest, &room, &m, e);
  if (!rc)
    frame_page(c, &m, "show");
  zhi_buf_release(&room);
  return rc;
}

void replay_failure(struct serve_call *c, int status, const char *detail) {
  struct html h = {&c->rs->body, c->rq->lang};
  zhi_buf_clear(&c->rs->body);
  c->rs->status = status;
  c->rs->type = "text/html; charset=utf-8";
  c->rs->cache = "no-store";
  html(&h,
       "<!doctype html>\n<html lang=\"%s\"><head><meta charset=utf-8><title>%t</title></head>"
       "<body><h1>%t</h1>",
       h.lang == SERVE_ZH ? "zh-CN" : "en", status == 404 ? "not_archived" : "damaged_record",
       status == 404 ? "not_archived" : "damaged_record");
  html_said(&h, detail);
  html(&h, "</body></html>\n");
}

/* --- on the origin of the pages --------------------------------------------------------------------------------------- */

static bool shows_in_a_frame(const struct capture *x) {
  const char *mime = x->page.mime;
  return !mime[0] || strncmp(mime, "text/", 5) == 0 || strncmp(mime, "image/", 6) == 0 ||
         strstr(mime, "html") || strstr(mime, "xml") || strstr(mime, "json");
}

void replay_banner(struct html *h, const struct serve_call *c, const struct capture *x,
                   bool reader) {
  char iso[ZHI_ISO_SIZE];
  zhi_time_iso(x->row.fetched_ms, iso);
  html(h,
       "<header id=banner><a class=brand href=\"/\"><span class=seal aria-hidden=true>县志</span>"
       "<span>{brand}</span></a><div class=what><span>{replayed} ");
  page_time(h, iso);
  if (x->status != 200)
    html(h, " · HTTP %d", (int64_t)x->status);
  html(h, "</span><span class=address>%S</span></div><ul><li id=check class=\"%s\">%t</li>",
       x->address,
       !x->has_digest   ? "none"
       : x->digest_fits ? "good"
                        : "bad",
       !x->has_digest   ? "digest_none"
       : x->digest_fits ? "digest_fits"
                        : "digest_differs");
  html(h, "<li><a id=document-link href=\"/document?url=%q\">{to_document}</a></li>", x->address);
  if (reader)
    html(h, "<li><a href=\"/replay/%s/%S\">{as_it_looked}</a></li>", x->time, x->address);
  else
    html(h, "<li><a href=\"/reader/%s/%S\">{reader_view}</a></li>", x->time, x->address);
  html(h, "<li><a href=\"%S/w/%sid_/%S\">{original_bytes}</a></li></ul></header>", c->rq->replay,
       x->time, x->address);
}

static void banner_page(struct serve_call *c, const struct capture *x) {
  struct html h = replay_head(c, x->address.p, "banner.js");
  html(&h, "<body class=replaying>");
  replay_banner(&h, c, x, false);
  html(&h,
       "<noscript><p class=notice>{needs_worker} <a href=\"/reader/%s/%S\">{reader_view}</a></p>"
       "</noscript>",
       x->time, x->address);
  if (shows_in_a_frame(x))
    html(&h,
         "<iframe id=page title=\"{replayed}\" sandbox=\"" SANDBOX "\" "
         "src=\"%S/frame/%s/%S\"></iframe>",
         c->rq->replay, x->time, x->address);
  else
    html(&h,
         "<main id=main><p class=notice>{a_file} <code>%s</code> "
         "<a href=\"%S/w/%sid_/%S\">{open_file}</a></p></main>",
         x->page.mime, c->rq->replay, x->time, x->address);
  html(&h, "</body></html>\n");
}

bool replay_send_on(struct serve_call *c, const struct moment *m, const struct capture *x,
                    const char *route) {
  struct zhi_buf target, to;
  bool exact = zhi_str_is(m->time, x->time);
  zhi_buf_init(&target, URL_BYTES);
  zhi_buf_init(&to, 2 * URL_BYTES);
  if (exact)
    capture_target(x, &target);
  bool leads = !exact || target.len;
  if (leads) {
    zhi_buf_addf(&to, "%s%s/%.*s", route, x->time,
                 ZHI_STR_ARGS(exact ? zhi_buf_view(&target) : x->address));
    serve_redirect(c->rs, exact ? x->status : 302, zhi_buf_view(&to));
  }
  zhi_buf_release(&target);
  zhi_buf_release(&to);
  return leads;
}

static enum zhi_code show(struct serve_call *c, const struct moment *m, struct zhi_err *e) {
  struct capture x;
  enum zhi_code rc = capture_find(c, m->url, m->ms, &x, e);
  if (!rc && !zhi_str_is(m->time, x.time)) {
    replay_send_on(c, m, &x, "/replay/");
  } else if (!rc && (rc = capture_load(c, &x, e)) == ZHI_OK) {
    capture_memento(c, &x);
    if (!replay_send_on(c, m, &x, "/replay/")) {
      banner_page(c, &x);
      c->rs->status = x.status >= 400 && x.status < 600 ? x.status : 200;
    }
  }
  capture_release(&x);
  return rc;
}

enum zhi_code handle_replay(struct serve_call *c, struct zhi_err *e) {
  struct moment m;
  struct zhi_buf room, to;
  zhi_buf_init(&room, URL_BYTES);
  zhi_buf_init(&to, 2 * URL_BYTES);
  enum zhi_code rc = moment_read(c->rq->rest, &room, &m, e);
  if (!rc && m.mod.len) {
    zhi_buf_addf(&to, "%.*s/w/%.*s", ZHI_STR_ARGS(c->rq->replay), ZHI_STR_ARGS(c->rq->rest));
    serve_redirect(c->rs, 302, zhi_buf_view(&to));
  } else if (!rc) {
    rc = show(c, &m, e);
  }
  zhi_buf_release(&room);
  zhi_buf_release(&to);
  return rc;
}
