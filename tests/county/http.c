/* Reading requests: enough of RFC 9112 for clients that mean well. */
#include "tests/county/http.h"

void json_view(FILE *f, struct zhi_str s) {
  bool valid = zhi_utf8_valid(s, NULL);
  fputc('"', f);
  for (size_t i = 0; i < s.len; i++) {
    unsigned char ch = (unsigned char)s.p[i];
    if (ch == '"' || ch == '\\') {
      fputc('\\', f);
      fputc(ch, f);
    } else if (ch < 0x20 || (ch >= 0x80 && !valid)) {
      fprintf(f, "\\u%04x", ch);
    } else {
      fputc(ch, f);
    }
  }
  fputc('"', f);
}

static void header(struct request *q, struct zhi_str line, size_t *body) {
  struct zhi_str value = line, name = zhi_str_cut(&value, ':');
  unsigned long long n;
  value = zhi_str_trim(value);
  if (zhi_str_iis(name, "host"))
    q->host = q->host.p ? q->host : value;
  else if (zhi_str_iis(name, "user-agent"))
    q->agent = value;
  else if (zhi_str_iis(name, "if-none-match"))
    q->if_none_match = value;
  else if (zhi_str_iis(name, "if-modified-since"))
    q->if_modified_since = value;
  else if (zhi_str_iis(name, "cookie"))
    q->cookie = value;
  else if (zhi_str_iis(name, "connection"))
    q->keep_alive =
        q->version_minor ? !zhi_str_iis(value, "close") : zhi_str_iis(value, "keep-alive");
  else if (zhi_str_iis(name, "content-length") && zhi_str_u64(value, REQUEST_MAX_BYTES, &n))
    *body = (size_t)n;
}

static bool request_line(struct request *q, struct zhi_str line) {
  q->method = zhi_str_cut(&line, ' ');
  q->target = zhi_str_cut(&line, ' ');
  if (!line.p || !zhi_str_starts(line, "HTTP/1."))
    return false;
  q->version_minor = line.p[7] == '0' ? 0 : 1;
  q->keep_alive = q->version_minor == 1;
  if (zhi_str_istarts(q->target, "http://")) { /* as sent to a proxy */
    struct zhi_str rest = zhi_str_sub(q->target, 7, q->target.len);
    const char *slash = memchr(rest.p, '/', rest.len);
    size_t n = slash ? (size_t)(slash - rest.p) : rest.len;
    q->host = zhi_str_sub(rest, 0, n);
    q->target = slash ? zhi_str_sub(rest, n, rest.len) : ZHI_STR("/");
  }
  if (!q->target.len || q->target.p[0] != '/')
    return false;
  q->query = q->target;
  q->path = zhi_str_cut(&q->query, '?');
  return true;
}

enum http_parsed http_parse(struct zhi_str in, struct request *out, size_t *used) {
  const char *end = memmem(in.p, in.len, "\r\n\r\n", 4);
  size_t body = 0;
  if (in.len && (in.p[0] < 'A' || in.p[0] > 'Z')) /* a TLS hello, for one */
    return HTTP_BAD;
  if (!end)
    return in.len + 20000 > REQUEST_MAX_BYTES ? HTTP_BAD : HTTP_PARTIAL;
  struct zhi_str head = zhi_str_sub(in, 0, (size_t)(end - in.p) + 2);
  *out = (struct request){0};
  bool first = true;
  while (head.p) {
    struct zhi_str line = zhi_str_cut(&head, '\n');
    if (zhi_str_ends(line, "\r"))
      line.len--;
    if (first && !request_line(out, line))
      return HTTP_BAD;
    if (!first && line.len)
      header(out, line, &body);
    first = false;
  }
  *used = (size_t)(end - in.p) + 4 + body;
  if (in.len < *used)
    return HTTP_PARTIAL;
  out->body = zhi_str_sub(in, *used - body, *used);
  return HTTP_WHOLE;
}
