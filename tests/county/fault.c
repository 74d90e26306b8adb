/* Faults by script: one host a fault, so that each has an address, a server group and a fate of its
 * own. NAME.fault.qinglan.gov.cn has a home page, an ordinary page /ok.html, and /fault/NAME, which
 * misbehaves as its row says. The row also names the verdicts that a crawler may come to. */
#include <stdlib.h>
#include <time.h>
#include <zlib.h>

#include "tests/county/county.h"

struct call {
  struct county *c;
  const struct request *q;
  struct reply *r;
  struct zhi_str rest; /* of the path after /fault/NAME */
  unsigned hits;       /* earlier requests for this fault */
};

struct fault {
  const char *name, *verdicts, *what; /* verdicts: alternatives, parted by | */
  void (*serve)(struct call *k);      /* or: */
  const char *raw;                    /* these bytes, then close */
};

#define HEAD "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: text/html; charset=utf-8\r\n"
#define ARTICLE                                                                                    \
  "<html><head><title>故障页</title></head><body><h1>故障页</"                               \
  "h1><p>本页正文在任何传输方式下都应完整。</p>"                                  \
  "</body></html>\n"
#define SCRIPT_PAGE                                                                                \
  "<html><head><meta charset=\"utf-8\"><script>var $_ts=window['$_ts']||{};$_ts.nsd=81234;"        \
  "document.cookie='__jsl_clearance=1;path=/';location.reload();</script></head><body></body></"   \
  "html>"

static void ok(struct call *k, const char *extra) {
  reply_send(k->r, k->q, 200, "text/html; charset=utf-8", extra, ZHI_STR(ARTICLE));
}

static void filler(struct zhi_buf *b, size_t bytes) {
  while (bytes > 0) {
    static const char line[] = "<p>占位文字，用来凑足长度。</p>\n";
    size_t n = bytes < sizeof line - 1 ? bytes : sizeof line - 1;
    zhi_buf_add(b, line, n);
    bytes -= n;
  }
}

/* A head that promises `promise` bytes, then `send` bytes of body. */
static void promise(struct call *k, size_t promised, size_t sent) {
  k->r->status = 200;
  zhi_buf_addf(k->r->out, HEAD "Content-Length: %zu\r\n\r\n", promised);
  filler(k->r->out, sent);
}

/* --- time -------------------------------------------------------------------------------------- */
static void delay_head(struct call *k) {
  k->r->delay_ms = 2500;
  ok(k, NULL);
}
static void never(struct call *k) { k->r->hang = true; }
static void stall(struct call *k) {
  promise(k, 20000, 3000);
  k->r->hang = true;
}
static void drip(struct call *k) {
  ok(k, NULL);
  k->r->drip_bytes = 32;
  k->r->drip_ms = 50;
}
static void drip_for_ever(struct call *k) {
  promise(k, 1000000, 1000000);
  k->r->drip_bytes = 16;
  k->r->drip_ms = 500;
}

/* --- length and connection --------------------------------------------------------------------- */
static void cut_body(struct call *k) {
  promise(k, 20000, 5000);
  k->r->close = true;
}
static void reset_before(struct call *k) { k->r->reset = true; }
static void reset_body(struct call *k) {
  promise(k, 20000, 5000);
  k->r->reset = true;
}
static void empty_reply(struct call *k) { k->r->close = true; }
static void length_short(struct call *k) {
  promise(k, 2000, 2500);
  k->r->close = true;
}
static void over_cap(struct call *k) {
  size_t size = ((size_t)k->c->o.cap_kib + 1024) << 10;
  static const char block[] = "<p>超过上限的正文，一直重复。</p>\n";
  k->r->status = 200;
  zhi_buf_addf(k->r->out, HEAD "Content-Length: %zu\r\n\r\n", size);
  k->r->repeat = block;
  k->r->repeat_len = sizeof block - 1;
  k->r->repeat_left = size;
}
static void over_cap_chunked(struct call *k) {
  static const char block[] = "20\r\n<p>0123456789abcdef012345678</p>\r\n";
  k->r->status = 200;
  zhi_buf_adds(k->r->out, HEAD "Transfer-Encoding: chunked\r\n\r\n");
  k->r->repeat = block;
  k->r->repeat_len = sizeof block - 1;
  k->r->repeat_left = UINT64_MAX;
}
static void endless(struct call *k) {
  static const char block[] = "<p>没有尽头的正文。</p>\n";
  k->r->status = 200;
  zhi_buf_adds(k->r->out, HEAD "Connection: close\r\n\r\n");
  k->r->repeat = block;
  k->r->repeat_len = sizeof block - 1;
  k->r->repeat_left = UINT64_MAX;
}

/* --- chunks ------------------------------------------------------------------------------------ */
static void chunks(struct call *k, const char *extension, const char *end) {
  k->r->status = 200;
  zhi_buf_adds(k->r->out, HEAD "Transfer-Encoding: chunked\r\n\r\n");
  struct zhi_str body = ZHI_STR(ARTICLE);
  for (size_t at = 0; at < body.len; at += 50) {
    struct zhi_str piece = zhi_str_sub(body, at, at + 50);
    zhi_buf_addf(k->r->out, "%zx%s\r\n%.*s\r\n", piece.len, extension, ZHI_STR_ARGS(piece));
  }
  zhi_buf_adds(k->r->out, end);
}
static void chunked(struct call *k) { chunks(k, "", "0\r\n\r\n"); }
static void chunked_trailer(struct call *k) {
  chunks(k, ";name=\"value\"", "0\r\nX-Checksum: 12\r\n\r\n");
}
static void chunk_bad(struct call *k) {
  chunks(k, "", "zz\r\nnot a chunk\r\n");
  k->r->close = true;
}
static void chunk_cut(struct call *k) {
  chunks(k, "", "400\r\nonly this much");
  k->r->close = true;
}
static void chunk_huge(struct call *k) {
  chunks(k, "", "FFFFFFFFFFFFFFFFF\r\nx\r\n");
  k->r->close = true;
}

/* --- gzip -------------------------------------------------------------------------------------- */
static void gzipped(struct call *k, size_t keep, bool spoil) {
  struct zhi_buf *b = &k->c->scratch;
  zhi_buf_clear(b);
  zhi_buf_clear(&k->c->body);
  filler(&k->c->body, 4000);
  gzip_add(b, zhi_buf_view(&k->c->body));
  for (size_t i = 20; spoil && i < b->len; i += 3)
    b->p[i] = (char)(b->p[i] ^ 0x55);
  if (keep < b->len)
    zhi_buf_truncate(b, keep);
  reply_send(k->r, k->q, 200, "text/html; charset=utf-8", "Content-Encoding: gzip\r\n",
             zhi_buf_view(b));
}
static void gzip_good(struct call *k) { gzipped(k, SIZE_MAX, false); }
static void gzip_broken(struct call *k) { gzipped(k, SIZE_MAX, true); }
static void gzip_cut(struct call *k) { gzipped(k, 60, false); }
static void gzip_false(struct call *k) { ok(k, "Content-Encoding: gzip\r\n"); }

enum { BOMB_MIB = 128 };
static void gzip_bomb(struct call *k) {
  struct zhi_buf *b = &k->c->bomb;
  if (!b->len) {
    z_stream z = {0};
    struct zhi_buf *block = &k->c->scratch;
    zhi_buf_clear(block);
    if (!zhi_buf_reserve(block, 1u << 20) || !zhi_buf_reserve(b, 2u << 20) ||
        deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) != Z_OK)
      return;
    memset(block->p, ' ', 1u << 20);
    z.next_out = (Bytef *)b->p;
    z.avail_out = 2u << 20;
    for (unsigned i = 0; i < BOMB_MIB; i++) {
      z.next_in = (Bytef *)block->p;
      z.avail_in = 1u << 20;
      deflate(&z, i + 1 == BOMB_MIB ? Z_FINISH : Z_NO_FLUSH);
    }
    b->len = z.total_out;
    deflateEnd(&z);
  }
  reply_send(k->r, k->q, 200, "text/html", "Content-Encoding: gzip\r\n", zhi_buf_view(b));
}

/* --- heads ------------------------------------------------------------------------------------- */
static void header_flood(struct call *k) {
  k->r->status = 200;
  zhi_buf_adds(k->r->out, HEAD);
  for (unsigned i = 0; i < 3000; i++)
    zhi_buf_addf(k->r->out, "X-Flood-%u: %090u\r\n", i, i);
  zhi_buf_adds(k->r->out, "Content-Length: 0\r\n\r\n");
}
static void header_huge(struct call *k) {
  k->r->status = 200;
  zhi_buf_adds(k->r->out, HEAD "X-Huge: ");
  for (unsigned i = 0; i < 300 * 1024 / 8; i++)
    zhi_buf_adds(k->r->out, "abcdefgh");
  zhi_buf_adds(k->r->out, "\r\nContent-Length: 0\r\n\r\n");
}
static void garbage(struct call *k) {
  struct rng r = {7};
  for (unsigned i = 0; i < 200; i++) {
    uint64_t v = rng_next(&r);
    zhi_buf_add(k->r->out, &v, sizeof v);
  }
  k->r->close = true;
}

/* --- come back later --------------------------------------------------------------------------- */
static void later(struct call *k, int status, unsigned times, const char *when) {
  char extra[120] = "";
  if (k->hits >= times) {
    ok(k, NULL);
    return;
  }
  if (when)
    text_set(extra, sizeof extra, "Retry-After: %s\r\n", when);
  reply_send(k->r, k->q, status, "text/html", extra, ZHI_STR("<html>later</html>\n"));
}
static void later_429(struct call *k) { later(k, 429, 1, "1"); }
static void later_503(struct call *k) { later(k, 503, 2, "1"); }
static void later_date(struct call *k) {
  char when[64];
  time_t t = time(NULL) + 2;
  struct tm tm;
  gmtime_r(&t, &tm);
  strftime(when, sizeof when, "%a, %d %b %Y %H:%M:%S GMT", &tm);
  later(k, 429, 1, when);
}
static void later_bad(struct call *k) { later(k, 503, 1, "soon"); }
static void error_first(struct call *k) { later(k, 500, 2, NULL); }
static void error_always(struct call *k) { later(k, 500, UINT32_MAX, NULL); }
static void status_only(struct call *k, int status) {
  reply_send(k->r, k->q, status, "text/html", NULL, ZHI_STR("<html>no</html>\n"));
}
static void forbidden(struct call *k) { status_only(k, 403); }
static void gone(struct call *k) { status_only(k, 410); }

/* --- challenges -------------------------------------------------------------------------------- */
static void challenge(struct call *k, int status, const char *cookie) {
  reply_send(k->r, k->q, status, "text/html; charset=utf-8", cookie, ZHI_STR(SCRIPT_PAGE));
}
static void challenge_412(struct call *k) {
  challenge(k, 412, "Set-Cookie: FSSBBIl1UgzbN7NS=5abc; path=/\r\n");
}
static void challenge_521(struct call *k) {
  challenge(k, 521, "Set-Cookie: __jsluid_h=0123456789abcdef; path=/\r\n");
}
static void challenge_202(struct call *k) {
  challenge(k, 202, "Set-Cookie: FSSBBIl1UgzbN7NT=5abc; path=/\r\n");
}
static void block_page(struct call *k) {
  reply_send(
      k->r, k->q, 200, "text/html; charset=utf-8", NULL,
      ZHI_STR(
          "<html><head><meta charset=\"utf-8\"><title>访问被阻断</title></head><body>"
          "<h1>您的访问被阻断</h1><p>由于您访问的URL有可能对网站造成安全威胁，您的访问被阻断。</p>"
          "<p>您的请求编号：0000</p></body></html>\n"));
}
static void cookie_self(struct call *k) {
  if (zhi_str_find(k->q->cookie, ZHI_STR("C3VK=")))
    ok(k, NULL);
  else
    reply_send(k->r, k->q, 302, "text/html",
               "Location: /fault/cookie-self\r\nSet-Cookie: C3VK=a1b2c3; path=/; max-age=300\r\n",
               ZHI_STR("<html>302</html>\n"));
}

/* --- places ------------------------------------------------------------------------------------ */
static void location(struct call *k, const char *to) {
  if (k->rest.len > 1)
    ok(k, NULL);
  else
    reply_redirect(k->r, k->q, 302, to);
}
/* 公开 in GBK and in UTF-8, as raw bytes */
static void location_gbk(struct call *k) { location(k, "/fault/location-gbk/\xB9\xAB\xBF\xAA"); }
static void location_utf8(struct call *k) { location(k, "/fault/location-utf8/公开"); }
static void location_bad(struct call *k) { location(k, "http://[bad/"); }
static void location_scheme(struct call *k) { location(k, "ftp://ftp." COUNTY_DOMAIN "/x"); }
static void location_private(struct call *k) { location(k, "http://10.0.0.1/admin"); }
static void redirect_deep(struct call *k) {
  unsigned long long n = 0;
  if (k->rest.len > 1 && !zhi_str_u64(zhi_str_sub(k->rest, 1, k->rest.len), 1000, &n))
    n = 0;
  char to[64];
  text_set(to, sizeof to, "/fault/redirect-deep/%llu", n + 1);
  if (n >= 40)
    ok(k, NULL);
  else
    reply_redirect(k->r, k->q, 301, to);
}

/* --- bodies ------------------------------------------------------------------------------------ */
static void html(struct call *k, struct zhi_buf *b) {
  reply_send(k->r, k->q, 200, "text/html; charset=utf-8", NULL, zhi_buf_view(b));
}
static struct zhi_buf *fresh(struct call *k) {
  zhi_buf_clear(&k->c->body);
  return &k->c->body;
}
static void huge_links(struct call *k) {
  struct zhi_buf *b = fresh(k);
  zhi_buf_adds(b, ARTICLE "<a href=\"/long/");
  for (unsigned i = 0; i < 100000 / 10; i++)
    zhi_buf_adds(b, "abcdefghij");
  zhi_buf_adds(b, "\">很长</a>\n<a href=\"/ok.html\">正常</a>\n");
  html(k, b);
}
static void bad_utf8(struct call *k) {
  struct zhi_buf *b = fresh(k);
  zhi_buf_adds(b, ARTICLE "<p>\xFF\xFE\xC0\x80\xED\xA0\x80\xF5\x80 断裂\xE5\x85</p>"
                          "<a href=\"/ok.html\">正常</a>\n");
  html(k, b);
}
static void nul_bytes(struct call *k) {
  struct zhi_buf *b = fresh(k);
  zhi_buf_adds(b, ARTICLE "<p>前");
  zhi_buf_add(b, "\0\0\0", 3);
  zhi_buf_adds(b, "后</p><a hr");
  zhi_buf_addc(b, '\0');
  zhi_buf_adds(b, "ef=\"/ok.html\">正常</a>\n");
  html(k, b);
}
static void nested(struct call *k) {
  struct zhi_buf *b = fresh(k);
  zhi_buf_adds(b, "<html><title>嵌套</title><body><a href=\"/ok.html\">正常</a>\n");
  for (unsigned i = 0; i < 200000; i++)
    zhi_buf_adds(b, i % 2 ? "<div>" : "<font>");
  html(k, b);
}
static void attribute(struct call *k) {
  struct zhi_buf *b = fresh(k);
  zhi_buf_adds(b, "<html><title>属性</title><body data-x=\"");
  for (unsigned i = 0; i < (1u << 20) / 16; i++)
    zhi_buf_adds(b, "0123456789abcdef");
  zhi_buf_adds(b, "\"><a href=\"/ok.html\">正常</a></body></html>\n");
  html(k, b);
}
static void wrong_type(struct call *k) {
  reply_send(k->r, k->q, 200, "text/html;charset=UTF-8;charset=gbk", NULL,
             ZHI_STR("%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"));
}
static void empty_body(struct call *k) { html(k, fresh(k)); }

/* --- the table --------------------------------------------------------------------------------- */
#define RAW_200(headers) "HTTP/1.1 200 OK\r\n" headers "\r\n" ARTICLE
static const struct fault faults[] = {
    {"delay-head", "ok", "2.5 s before the first byte", delay_head, NULL},
    {"never", "timeout", "accepts the request and keeps silent", never, NULL},
    {"stall", "timeout", "part of the body, then silence", stall, NULL},
    {"drip", "ok", "32 bytes every 50 ms", drip, NULL},
    {"drip-for-ever", "timeout", "16 bytes every 500 ms, a megabyte of it", drip_for_ever, NULL},
    {"cut-head", "invalid|connection|truncated", "closed inside the head", NULL,
     "HTTP/1.1 200 OK\r\nContent-Ty"},
    {"cut-body", "truncated", "5,000 of 20,000 bytes, then closed", cut_body, NULL},
    {"reset-before", "connection", "reset instead of an answer", reset_before, NULL},
    {"reset-body", "truncated|connection", "reset inside the body", reset_body, NULL},
    {"empty-reply", "connection|invalid", "closed without a byte", empty_reply, NULL},
    {"length-short", "ok", "Content-Length 500 bytes too small", length_short, NULL},
    {"length-two", "ok|invalid", "two Content-Length that differ", NULL,
     RAW_200("Content-Type: text/html\r\nContent-Length: 10\r\nContent-Length: 20\r\n")},
    {"length-words", "ok|invalid", "Content-Length: many", NULL,
     RAW_200("Content-Type: text/html\r\nContent-Length: many\r\n")},
    {"over-cap", "too_large", "longer than body_max, and says so", over_cap, NULL},
    {"over-cap-chunked", "too_large|timeout", "chunks without end", over_cap_chunked, NULL},
    {"endless", "too_large|timeout", "a body without length or end", endless, NULL},
    {"chunked", "ok", "chunks of 50 bytes", chunked, NULL},
    {"chunked-trailer", "ok", "chunk extensions and a trailer", chunked_trailer, NULL},
    {"chunk-bad", "invalid|truncated", "a chunk size that is no number", chunk_bad, NULL},
    {"chunk-cut", "truncated", "closed inside a chunk", chunk_cut, NULL},
    {"chunk-huge", "invalid|truncated", "a chunk size over 64 bits", chunk_huge, NULL},
    {"gzip", "ok", "gzip though not asked for", gzip_good, NULL},
    {"gzip-broken", "ok|invalid", "gzip with spoilt bytes", gzip_broken, NULL},
    {"gzip-cut", "ok|invalid|truncated", "a gzip stream without its end", gzip_cut, NULL},
    {"gzip-false", "ok|invalid", "says gzip and is not", gzip_false, NULL},
    {"gzip-bomb", "ok|too_large|invalid", "128 MiB of blanks in a small body", gzip_bomb, NULL},
    {"header-flood", "invalid", "300 KiB of header lines", header_flood, NULL},
    {"header-huge", "invalid", "one header line of 300 KiB", header_huge, NULL},
    {"garbage", "invalid", "random bytes", garbage, NULL},
    {"ssh", "invalid", "another protocol", NULL, "SSH-2.0-OpenSSH_9.2\r\n"},
    {"http09", "invalid", "a body without a head", NULL, ARTICLE},
    {"http10", "ok", "HTTP/1.0 without length, read to the end", NULL,
     "HTTP/1.0 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" ARTICLE},
    {"lf-only", "ok", "header lines ended by LF", NULL,
     "HTTP/1.1 200 OK\nContent-Type: text/html; charset=utf-8\nConnection: close\n\n" ARTICLE},
    {"no-reason", "ok", "a status line without a reason", NULL,
     "HTTP/1.1 200\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" ARTICLE},
    {"early-hints", "ok", "103 before 200", NULL,
     "HTTP/1.1 103 Early Hints\r\nLink: </css/main.css>; rel=preload\r\n\r\n" RAW_200(
         "Content-Type: text/html; charset=utf-8\r\n")},
    {"duplicate-headers", "ok", "two Content-Type, two Server", NULL,
     RAW_200("Server: a\r\nServer: b\r\nContent-Type: text/html\r\n"
             "Content-Type: text/html; charset=utf-8\r\n")},
    {"no-colon", "ok|invalid", "a header line without a colon", NULL,
     RAW_200("Content-Type: text/html; charset=utf-8\r\nthis is no header\r\n")},
    {"no-type", "ok", "no Content-Type", NULL, RAW_200("Server: x\r\n")},
    {"wrong-type", "ok", "a PDF called text/html with two charsets", wrong_type, NULL},
    {"empty-body", "ok", "200 with no byte", empty_body, NULL},
    {"429-seconds", "ok", "429 once, Retry-After: 1", later_429, NULL},
    {"429-date", "ok", "429 once, Retry-After as a date 2 s ahead", later_date, NULL},
    {"503-seconds", "ok", "503 twice, Retry-After: 1", later_503, NULL},
    {"503-bad", "ok|server_error", "503 once, Retry-After: soon", later_bad, NULL},
    {"500-first", "ok|server_error", "500 twice, then well", error_first, NULL},
    {"500-always", "server_error", "500", error_always, NULL},
    {"403", "client_error|blocked", "403", forbidden, NULL},
    {"410", "gone", "410", gone, NULL},
    {"412-challenge", "blocked", "412 with a script", challenge_412, NULL},
    {"521-challenge", "blocked", "521 with a script", challenge_521, NULL},
    {"202-challenge", "blocked", "202 with a script", challenge_202, NULL},
    {"200-block", "blocked", "200 with a firewall's page", block_page, NULL},
    {"cookie-self", "ok|redirect|blocked", "302 to itself until the cookie comes back", cookie_self,
     NULL},
    {"location-gbk", "redirect", "raw GBK bytes in Location", location_gbk, NULL},
    {"location-utf8", "redirect", "raw UTF-8 in Location", location_utf8, NULL},
    {"location-two", "redirect", "two Location that differ", NULL,
     "HTTP/1.1 302 Found\r\nLocation: /css/main.css\r\nLocation: http://10.0.0.1/\r\n"
     "Content-Length: 0\r\n\r\n"},
    {"closes", "ok", "Connection: close after the answer", NULL,
     "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: "
     "close\r\n\r\n" ARTICLE},
    {"location-bad", "redirect|invalid", "a Location that is no URL", location_bad, NULL},
    {"location-scheme", "redirect", "Location: ftp:", location_scheme, NULL},
    {"location-private", "redirect", "Location to a private address", location_private, NULL},
    {"redirect-deep", "redirect", "40 hops", redirect_deep, NULL},
    {"huge-links", "ok", "a link of 100 kB", huge_links, NULL},
    {"bad-utf8", "ok", "invalid UTF-8", bad_utf8, NULL},
    {"nul-bytes", "ok", "NUL bytes in text and tags", nul_bytes, NULL},
    {"nested", "ok", "200,000 nested elements", nested, NULL},
    {"attribute", "ok", "an attribute of a megabyte", attribute, NULL},
    {"refused", "connection", "nothing listens there", NULL, ""},
    {"tls", "tls|connection", "https that is none", NULL, ""},
};
enum { FAULTS = sizeof faults / sizeof *faults };

unsigned fault_count(void) { return FAULTS; }
const char *fault_name(unsigned i) { return faults[i].name; }

void fault_home(unsigned i, char out[PATH_MAX_BYTES]) {
  bool tls = strcmp(faults[i].name, "tls") == 0;
  text_set(out, PATH_MAX_BYTES, "http%s://%s.fault." COUNTY_DOMAIN "/", tls ? "s" : "",
           faults[i].name);
}

bool fault_answer(struct county *c, const struct host *h, const struct request *q,
                  struct reply *r) {
  const struct fault *f = &faults[h->fault];
  char path[64];
  size_t n = strlen("/fault/") + strlen(f->name);
  text_set(path, sizeof path, "/fault/%s", f->name);
  if (zhi_str_is(q->path, "/") || zhi_str_is(q->path, "/ok.html")) {
    char body[512];
    text_set(body, sizeof body, "<p>%s</p><a href=\"/ok.html\">正常页面</a> <a href=\"%s\">%s</a>",
             f->what, path, f->name);
    small_page(&c->body, f->name, q->path.len == 1 ? body : "<p>一个正常的页面。</p>");
    reply_send(r, q, 200, "text/html; charset=utf-8", NULL, zhi_buf_view(&c->body));
    return true;
  }
  if (!zhi_str_starts(q->path, path) || (q->path.len > n && q->path.p[n] != '/'))
    return false;
  if (f->serve) {
    struct call k = {c, q, r, zhi_str_sub(q->path, n, q->path.len), c->fault_hits[h->fault]++};
    f->serve(&k);
  } else {
    zhi_buf_adds(r->out, f->raw);
    r->status = 200;
    r->close = true;
  }
  return true;
}

void fault_truth(const struct county *c, FILE *f) {
  (void)c;
  for (unsigned i = 0; i < FAULTS; i++) {
    char home[PATH_MAX_BYTES];
    bool dead = faults[i].serve == NULL && !faults[i].raw[0];
    fault_home(i, home);
    if (!dead)
      fprintf(f,
              "{\"url\":\"%s\",\"must\":true,\"kind\":\"fault_page\"}\n"
              "{\"url\":\"%sok.html\",\"must\":true,\"kind\":\"fault_page\"}\n",
              home, home);
    /* of a dead host the request for robots.txt is the only one */
    fprintf(f, "{\"url\":\"%s%s%s\",", home, dead ? "robots.txt" : "fault/",
            dead ? "" : faults[i].name);
    fprintf(f, "\"must\":true,\"kind\":\"fault\",\"fault\":\"%s\",\"verdict\":[", faults[i].name);
    struct zhi_str rest = zhi_str_of(faults[i].verdicts);
    for (const char *comma = ""; rest.p; comma = ",") {
      struct zhi_str v = zhi_str_cut(&rest, '|');
      fprintf(f, "%s\"%.*s\"", comma, ZHI_STR_ARGS(v));
    }
    fprintf(f, "],\"what\":\"%s\"}\n", faults[i].what);
  }
}
