/* From a request to an answer: which host, which site, which page. */
#include "tests/county/county.h"

static const char *reason(int status) {
  static const struct {
    int status;
    const char *text;
  } reasons[] = {{200, "OK"},
                 {202, "Accepted"},
                 {204, "No Content"},
                 {206, "Partial Content"},
                 {301, "Moved Permanently"},
                 {302, "Found"},
                 {303, "See Other"},
                 {307, "Temporary Redirect"},
                 {304, "Not Modified"},
                 {401, "Unauthorized"},
                 {403, "Forbidden"},
                 {404, "Not Found"},
                 {405, "Method Not Allowed"},
                 {410, "Gone"},
                 {412, "Precondition Failed"},
                 {429, "Too Many Requests"},
                 {500, "Internal Server Error"},
                 {503, "Service Unavailable"},
                 {521, "Web Server Is Down"}};
  for (unsigned i = 0; i < sizeof reasons / sizeof *reasons; i++)
    if (reasons[i].status == status)
      return reasons[i].text;
  return "Unknown";
}

void reply_send(struct reply *r, const struct request *q, int status, const char *type,
                const char *extra, struct zhi_str body) {
  char head[1024];
  r->status = status;
  if (!q->keep_alive)
    r->close = true;
  int n =
      snprintf(head, sizeof head,
               "HTTP/1.1 %d %s\r\nServer: nginx\r\n%s%s%sContent-Length: %zu\r\n%s"
               "Connection: %s\r\n\r\n",
               status, reason(status), type ? "Content-Type: " : "", type ? type : "",
               type ? "\r\n" : "", body.len, extra ? extra : "", r->close ? "close" : "keep-alive");
  if (n > 0 && (size_t)n < sizeof head)
    zhi_buf_add(r->out, head, (size_t)n);
  if (!r->head_only && status != 304)
    zhi_buf_add(r->out, body.p, body.len);
}

void reply_redirect(struct reply *r, const struct request *q, int status, const char *location) {
  char extra[768], html[900];
  text_set(extra, sizeof extra, "Location: %s\r\n", location);
  text_set(html, sizeof html, "<html><body>moved: <a href=\"%s\">here</a></body></html>\n",
           location);
  reply_send(r, q, status, "text/html", extra, zhi_str_of(html));
}

void reply_not_found(struct reply *r, const struct request *q) {
  reply_send(
      r, q, 404, "text/html; charset=utf-8", NULL,
      ZHI_STR("<html><head><title>404</title></head><body><h1>404 Not Found</h1></body></html>\n"));
}

void small_page(struct zhi_buf *body, const char *title, const char *html) {
  zhi_buf_clear(body);
  zhi_buf_addf(body,
               "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>%s</title></head>\n"
               "<body>\n<h1>%s</h1>\n",
               title, title);
  zhi_buf_adds(body, html);
  zhi_buf_adds(body, "\n</body></html>\n");
}

/* Send c->body, or 304 when the client has this very version. */
static void send_versioned(struct county *c, const struct site *s, uint64_t version,
                           const struct request *q, struct reply *r) {
  char extra[160], tag[32];
  /* some servers' header says UTF-8 of everything, pages in GBK included */
  bool wrong = s->gbk && (s->key >> 12) % 3 == 0;
  const char *type = s->gbk && !wrong ? "text/html" : "text/html; charset=UTF-8";
  if (!s->conditional) {
    reply_send(r, q, 200, type, NULL, zhi_buf_view(&c->body));
    return;
  }
  text_set(tag, sizeof tag, "\"%016llx\"", (unsigned long long)version);
  text_set(extra, sizeof extra, "ETag: %s\r\nLast-Modified: Fri, 28 Dec 2018 %02u:%02u:00 GMT\r\n",
           tag, (unsigned)(version % 24), (unsigned)(version / 24 % 60));
  reply_send(r, q, 200, type, extra, zhi_buf_view(&c->body));
}

static bool unchanged(const struct site *s, uint64_t version, const struct request *q,
                      struct reply *r) {
  char extra[64], tag[32];
  if (!s->conditional || !q->if_none_match.len)
    return false;
  text_set(tag, sizeof tag, "\"%016llx\"", (unsigned long long)version);
  if (!zhi_str_is(q->if_none_match, tag))
    return false;
  text_set(extra, sizeof extra, "ETag: %s\r\n", tag);
  reply_send(r, q, 304, NULL, extra, ZHI_STR(""));
  return true;
}

static void document(struct county *c, const struct site *s, unsigned doc, const struct request *q,
                     struct reply *r) {
  struct facts f;
  doc_facts(c, s, doc, &f);
  if (f.change == CHANGE_REMOVED || f.change == CHANGE_GONE) {
    reply_not_found(r, q);
    return;
  }
  uint64_t version = mix64(f.b.key ^ mix64(f.edits));
  if (unchanged(s, version, q, r))
    return;
  struct page p = {&c->body, &c->pool, s->gbk};
  doc_page(c, &f, &p);
  send_versioned(c, s, version, q, r);
}

static bool site_answer(struct county *c, const struct site *s, const struct request *q,
                        struct reply *r) {
  struct zhi_str rest = zhi_str_sub(q->target, strlen(s->prefix), q->target.len);
  struct page p = {&c->body, &c->pool, s->gbk};
  const struct column *col;
  unsigned number;
  long doc;
  uint64_t version = mix64(s->key ^ 1);
  if (zhi_str_is(rest, "/") || zhi_str_is(rest, "/index.html")) {
    if (unchanged(s, version, q, r))
      return true;
    home_page(c, s, &p);
    send_versioned(c, s, version, q, r);
    return true;
  }
  if (list_of_path(s, q->target, &col, &number)) {
    version = mix64(version ^ (col->id * 10007u + number));
    if (unchanged(s, version, q, r))
      return true;
    list_page(c, s, col, number, &p);
    send_versioned(c, s, version, q, r);
    return true;
  }
  if ((doc = doc_of_path(s, q->target)) >= 0) {
    document(c, s, (unsigned)doc, q, r);
    return true;
  }
  if ((doc = doc_of_file(c, s, q->target, &number)) >= 0) {
    struct brief b;
    doc_brief(s, (unsigned)doc, &b);
    attachment_answer(c, &b, number, q, r);
    return true;
  }
  if (site_has_gbk_query(c, s) && zhi_str_is(rest, GBK_QUERY)) {
    small_page(&c->body, "gbk query", "<p>ok</p>");
    reply_send(r, q, 200, "text/html", NULL, zhi_buf_view(&c->body));
    return true;
  }
  if (s->shape == SHAPE_HANWEB && zhi_str_ends(q->path, DATAPROXY)) {
    p.gbk = false;
    dataproxy_answer(c, s, q->body.len ? q->body : q->query, &p);
    reply_send(r, q, 200, "text/xml; charset=utf-8", NULL, zhi_buf_view(&c->body));
    return true;
  }
  return false;
}

/* Addresses that name the same page in another way. */
static bool alias_answer(struct county *c, const struct site *s, const struct request *q,
                         struct reply *r) {
  char path[PATH_MAX_BYTES];
  if (s->prefix[0] && zhi_str_is(q->path, s->prefix)) {
    text_set(path, sizeof path, "%s/", s->prefix);
    reply_redirect(r, q, 301, path);
    return true;
  }
  for (unsigned i = 0; s->shape == SHAPE_TRS && i < s->column_count; i++) {
    text_set(path, sizeof path, "%s/zwgk/%s/index.html", s->prefix, s->columns[i].slug);
    if (!zhi_str_is(q->path, path))
      continue;
    struct page p = {&c->body, &c->pool, s->gbk};
    list_page(c, s, &s->columns[i], 1, &p);
    reply_send(r, q, 200, "text/html", NULL, zhi_buf_view(&c->body));
    return true;
  }
  return false;
}

static const struct site *site_of(const struct county *c, const struct host *h,
                                  struct zhi_str path) {
  const struct site *s = &c->sites[h->first_site];
  for (unsigned i = 1; i < h->site_count; i++) {
    const struct site *folder = &c->sites[h->first_site + i];
    size_t n = strlen(folder->prefix);
    if (zhi_str_starts(path, folder->prefix) && (path.len == n || path.p[n] == '/'))
      return folder;
  }
  return s;
}

static void outside_answer(struct county *c, const struct host *h, const struct request *q,
                           struct reply *r) {
  if (zhi_str_ends(q->path, ".pdf")) {
    struct brief b;
    doc_brief(&c->sites[0], 0, &b);
    b.key = 0; /* type pdf */
    attachment_answer(c, &b, 0, q, r);
    return;
  }
  if (zhi_str_is(q->path, "/robots.txt")) {
    reply_not_found(r, q);
    return;
  }
  small_page(&c->body, h->kind == HOST_MOBILE ? "手机版" : "外部网站", "<p>不应被抓取。</p>");
  reply_send(r, q, 200, "text/html; charset=utf-8", NULL, zhi_buf_view(&c->body));
}

static void missing(struct county *c, const struct site *s, const struct request *q,
                    struct reply *r) {
  if (!s->soft404) {
    reply_not_found(r, q);
    return;
  }
  small_page(&c->body, s->name, "<p>对不起，您访问的页面不存在或已删除！</p>");
  reply_send(r, q, 200, "text/html; charset=utf-8", NULL, zhi_buf_view(&c->body));
}

void county_answer(struct county *c, const struct request *q, struct reply *r) {
  const struct host *h = county_host(c, q->host);
  zhi_buf_clear(&c->body);
  if (!h) {
    reply_not_found(r, q);
    return;
  }
  if (!zhi_str_is(q->method, "GET") && !zhi_str_is(q->method, "HEAD") &&
      !zhi_str_is(q->method, "POST")) {
    reply_send(r, q, 405, "text/plain", NULL, ZHI_STR("method not allowed\n"));
    return;
  }
  if (h->kind == HOST_FAULT) {
    if (!fault_answer(c, h, q, r))
      reply_not_found(r, q);
    return;
  }
  if (h->kind == HOST_FAMILY) {
    families_answer(c, h, q, r);
    return;
  }
  if (h->kind != HOST_SITE) {
    outside_answer(c, h, q, r);
    return;
  }
  if (files_answer(c, h, q, r))
    return;
  const struct site *s = site_of(c, h, q->path);
  if (site_answer(c, s, q, r) || alias_answer(c, s, q, r) || trap_answer(c, h, q, r))
    return;
  missing(c, s, q, r);
}
