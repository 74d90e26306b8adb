/* The reader view: an archived page without its scripts and styles, for readers and machines that have no service
 * worker. It is a page of ours and runs under our policy; markup of the archive is written anew (sanitise.c). */
#include "serve/handlers.h"
#include "serve/page.h"
#include "serve/replay.h"
#include "serve/sanitise.h"
#include "zhi/charset.h"
#include "zhi/limits.h"
#include "zhi/links.h"

enum { URL_BYTES = 1 << 16, CPU_MS = 3000 };

static struct zhi_str text_of(const struct capture *x, struct zhi_buf *room,
                              const struct zhi_encoding **enc) {
  struct zhi_charset set = zhi_charset_decide(x->page.page.body, x->page.page.http_charset);
  struct zhi_str text = ZHI_STR("");
  *enc = set.enc;
  if (zhi_charset_text(&set, x->page.page.body, room, &text, NULL))
    text = zhi_buf_view(room);
  return text;
}

/* Where the page is more than its budget: its text alone. */
static void add_scanned(struct zhi_arena *a, const struct sanitise *s, struct zhi_str text,
                        struct html *h) {
  jmp_buf escape;
  struct zhi_links links;
  struct zhi_str scanned = ZHI_STR("");
  zhi_arena_reset(a);
  zhi_arena_cpu_budget(a, CPU_MS);
  a->escape = &escape;
  if (setjmp(escape) == 0)
    zhi_links_scan(a, &(struct zhi_links_in){.url = s->url, .enc = s->enc, .text = text}, &links,
                   &scanned);
  a->escape = NULL;
  html(h, "<pre>%S</pre>", scanned);
}

static void add_markup(const struct serve_call *c, const struct capture *x, struct html *h) {
  struct zhi_arena a;
  struct zhi_buf room, bytes_at;
  jmp_buf escape;
  const size_t from = h->b->len;
  struct sanitise s = {.url = x->row.url, .time = zhi_str_of(x->time)};
  zhi_arena_init(&a, ZHI_HTML_ARENA_BYTES);
  zhi_buf_init(&room, ZHI_DECODED_MAX_BYTES);
  zhi_buf_init(&bytes_at, URL_BYTES);
  zhi_buf_addf(&bytes_at, "%.*s/w/", ZHI_STR_ARGS(c->rq->replay));
  s.bytes_at = zhi_buf_view(&bytes_at);
  struct zhi_str text = text_of(x, &room, &s.enc);
  zhi_arena_cpu_budget(&a, CPU_MS);
  a.escape = &escape;
  bool shown = false;
  if (text.len <= ZHI_HTML_MAX_BYTES) {
    if (setjmp(escape) == 0) {
      sanitise(&a, &s, text, h->b);
      shown = true;
    }
  }
  if (!shown) {
    zhi_buf_truncate(h->b, from);
    add_scanned(&a, &s, text, h);
  }
  zhi_arena_release(&a);
  zhi_buf_release(&room);
  zhi_buf_release(&bytes_at);
}

static void add_content(const struct serve_call *c, const struct capture *x, struct html *h) {
  const char *mime = x->page.mime;
  struct zhi_buf room;
  const struct zhi_encoding *enc;
  if (!mime[0] || strstr(mime, "html")) {
    add_markup(c, x, h);
  } else if (strncmp(mime, "image/", 6) == 0) {
    html(h, "<img src=\"%S/w/%sid_/%S\" alt=\"\">", c->rq->replay, x->time, x->address);
  } else if (zhi_is_textual(mime) && strcmp(mime, "application/octet-stream") != 0) {
    zhi_buf_init(&room, ZHI_DECODED_MAX_BYTES);
    html(h, "<pre>%S</pre>", text_of(x, &room, &enc));
    zhi_buf_release(&room);
  } else {
    html(h, "<p>{a_file} <code>%s</code> <a href=\"%S/w/%sid_/%S\">{open_file}</a></p>", mime,
         c->rq->replay, x->time, x->address);
  }
}

static void reader_page(struct serve_call *c, const struct capture *x) {
  struct html h = replay_head(c, x->address.p, NULL);
  html(&h, "<body class=reading>");
  replay_banner(&h, c, x, true);
  html(&h, "<main id=main><p class=hint>{reader_about}</p><article class=reader lang=zh-CN>");
  add_content(c, x, &h);
  html(&h, "</article></main></body></html>\n");
  c->rs->status = x->status >= 400 && x->status < 600 ? x->status : 200;
}

enum zhi_code handle_reader(struct serve_call *c, struct zhi_err *e) {
  struct moment m;
  struct capture x = {0};
  struct zhi_buf room;
  zhi_buf_init(&room, URL_BYTES);
  enum zhi_code rc = moment_read(c->rq->rest, &room, &m, e);
  if (!rc) {
    rc = capture_find(c, m.url, m.ms, &x, e);
    if (!rc)
      rc = capture_load(c, &x, e);
    if (!rc && !replay_send_on(c, &m, &x, "/reader/"))
      reader_page(c, &x);
    capture_release(&x);
  }
  zhi_buf_release(&room);
  return rc;
}
