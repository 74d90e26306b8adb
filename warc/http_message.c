/* HTTP heads as they are found in archives: views into the given bytes, one pass, no copies.
 *
 * Servers of the field break every rule of RFC 9112, so this parser asks only for a recognisable
 * first line. Lines end at LF, any CRs before it are dropped; a header is what has a colon; a line
 * that starts with white space continues the value before it (the view then spans the fold). The
 * head ends at the first empty line, or where markup starts when the blank line was forgotten. */
#include <stdlib.h>

#include "zhi/grow.h"
#include "zhi/warc.h"

enum {
  HEADERS_MAX = 4096,  /* further ones are ignored */
  JUNK_LINES_MAX = 32, /* before the first line */
  JUNK_BYTES_MAX = 16384,
};

/* The line at *pos without its end, advancing *pos; false at the end of data. */
static bool next_line(struct zhi_str data, size_t *pos, struct zhi_str *line) {
  if (*pos >= data.len)
    return false;
  const char *from = data.p + *pos;
  const char *nl = memchr(from, '\n', data.len - *pos);
  size_t len = nl ? (size_t)(nl - from) : data.len - *pos;
  *pos += len + (nl != NULL);
  while (len && from[len - 1] == '\r')
    len--;
  *line = zhi_str_n(from, len);
  return true;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static struct zhi_str skip_spaces(struct zhi_str s) {
  while (s.len && (s.p[0] == ' ' || s.p[0] == '\t'))
    s = zhi_str_sub(s, 1, s.len);
  return s;
}

static int minor_of(struct zhi_str version) { /* "1.1", "1.0", "2" */
  if (version.len == 3 && version.p[0] == '1' && version.p[1] == '.' && is_digit(version.p[2]))
    return version.p[2] - '0';
  return 1;
}

/* "HTTP/1.1 200 OK", and what ShoutCast and careless scripts make of it. */
static bool status_line(struct zhi_str line, struct zhi_http_head *h) {
  bool icy = zhi_str_starts(line, "ICY ");
  if (!icy && !zhi_str_istarts(line, "HTTP/"))
    return false;
  struct zhi_str rest = icy ? line : zhi_str_sub(line, 5, line.len);
  struct zhi_str version = zhi_str_cut(&rest, ' ');
  h->minor = icy ? 0 : minor_of(version);
  rest = skip_spaces(rest);
  if (rest.len >= 3 && is_digit(rest.p[0]) && is_digit(rest.p[1]) && is_digit(rest.p[2]) &&
      (rest.len == 3 || !is_digit(rest.p[3]))) {
    h->status = (rest.p[0] - '0') * 100 + (rest.p[1] - '0') * 10 + (rest.p[2] - '0');
    rest = zhi_str_sub(rest, 3, rest.len);
  }
  h->reason = zhi_str_trim(rest);
  return true;
}

static bool is_method(struct zhi_str s) {
  for (size_t i = 0; i < s.len; i++)
    if (!((s.p[i] >= 'A' && s.p[i] <= 'Z') || s.p[i] == '-' || s.p[i] == '_'))
      return false;
  return s.len > 0 && s.len <= 32;
}

/* "GET /path HTTP/1.1"; without the version it is HTTP/0.9. The target may hold spaces. */
static bool request_line(struct zhi_str line, struct zhi_http_head *h) {
  struct zhi_str rest = line;
  struct zhi_str method = zhi_str_cut(&rest, ' ');
  if (!is_method(method) || !rest.len)
    return false;
  size_t last = rest.len;
  while (last && rest.p[last - 1] != ' ')
    last--;
  struct zhi_str version = zhi_str_sub(rest, last, rest.len);
  h->minor = -1;
  if (last && zhi_str_istarts(version, "HTTP/")) {
    h->minor = minor_of(zhi_str_sub(version, 5, version.len));
    rest.len = last;
  } else if (rest.p[0] != '/' && !zhi_str_find(rest, ZHI_STR("://"))) {
    return false;
  }
  h->method = method;
  h->target = zhi_str_trim(rest);
  return true;
}

static bool find_first_line(struct zhi_str data, size_t *pos, struct zhi_http_head *h) {
  struct zhi_str line;
  for (int i = 0; i < JUNK_LINES_MAX && *pos <= JUNK_BYTES_MAX && next_line(data, pos, &line); i++)
    if (status_line(line, h) || request_line(line, h))
      return true;
  return false;
}

static enum zhi_code add_header(struct zhi_http_head *h, size_t *cap, struct zhi_str name,
                                struct zhi_str value, struct zhi_err *e) {
  if (h->count == HEADERS_MAX)
    return ZHI_OK;
  void *p = zhi_grown(h->headers, cap, h->count, sizeof *h->headers);
  if (!p)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for HTTP headers");
  h->headers = p;
  h->headers[h->count++] = (struct zhi_http_header){name, value};
  return ZHI_OK;
}

static enum zhi_code parse_headers(struct zhi_str data, size_t pos, struct zhi_http_head *h,
                                   struct zhi_err *e) {
  size_t cap = 0, at = pos;
  struct zhi_str line;
  enum zhi_code rc = ZHI_OK;
  bool last_added = false;
  while (!rc && next_line(data, &pos, &line)) {
    if (line.len == 0) {
      at = pos;
      break;
    }
    if (line.p[0] == '<') /* the blank line was forgotten */
      break;
    at = pos;
    if (line.p[0] == ' ' || line.p[0] == '\t') {
      struct zhi_str more = zhi_str_trim(line);
      if (last_added && more.len) {
        struct zhi_str *v = &h->headers[h->count - 1].value;
        *v = v->len ? zhi_str_n(v->p, (size_t)(more.p + more.len - v->p)) : more;
      }
      continue;
    }
    struct zhi_str value = line, name = zhi_str_cut(&value, ':');
    size_t before = h->count;
    if (value.p && zhi_str_trim(name).len)
      rc = add_header(h, &cap, zhi_str_trim(name), zhi_str_trim(value), e);
    last_added = h->count > before;
  }
  h->bytes = at;
  return rc;
}

enum zhi_code zhi_http_parse(struct zhi_str data, struct zhi_http_head *out, struct zhi_err *e) {
  struct zhi_http_head h = {0};
  size_t pos = 0;
  if (!find_first_line(data, &pos, &h))
    return zhi_fail(e, ZHI_EPARSE, "not an HTTP message");
  enum zhi_code rc = parse_headers(data, pos, &h, e);
  if (rc) {
    zhi_http_head_release(&h);
    return rc;
  }
  *out = h;
  return ZHI_OK;
}

void zhi_http_head_release(struct zhi_http_head *h) {
  free(h->headers);
  h->headers = NULL;
  h->count = 0;
}

struct zhi_str zhi_http_header(const struct zhi_http_head *h, const char *name) {
  size_t n = strlen(name);
  for (size_t i = 0; i < h->count; i++)
    if (h->headers[i].name.len == n && zhi_str_iis(h->headers[i].name, name))
      return h->headers[i].value.p ? h->headers[i].value : ZHI_STR("");
  return ZHI_STR_NONE;
}

/* The parameter's value at the head of `s` (after '='), and what follows it. */
static struct zhi_str parameter_value(struct zhi_str *s) {
  *s = zhi_str_trim(*s);
  if (s->len && (s->p[0] == '"' || s->p[0] == '\'')) {
    char quote = s->p[0];
    *s = zhi_str_sub(*s, 1, s->len);
    struct zhi_str v = zhi_str_cut(s, quote);
    if (s->p)
      zhi_str_cut(s, ';');
    return zhi_str_trim(v);
  }
  struct zhi_str v = zhi_str_trim(zhi_str_cut(s, ';'));
  while (v.len && (v.p[v.len - 1] == '"' || v.p[v.len - 1] == '\''))
    v.len--;
  return v;
}

void zhi_http_content_type(struct zhi_str value, char *mime, size_t mime_size,
                           struct zhi_str *charset) {
  struct zhi_str rest = value;
  struct zhi_str type = zhi_str_cut(&rest, ';');
  if (memchr(type.p ? type.p : "", ',', type.len)) { /* two headers joined: the first counts */
    struct zhi_str list = type;
    type = zhi_str_cut(&list, ',');
  }
  type = zhi_str_trim(type);
  size_t n = 0;
  for (; mime_size && n < type.len && n + 1 < mime_size; n++)
    mime[n] = (char)(type.p[n] >= 'A' && type.p[n] <= 'Z' ? type.p[n] + 32 : type.p[n]);
  if (mime_size)
    mime[n] = '\0';
  *charset = ZHI_STR_NONE;
  while (rest.p) {
    const char *eq = rest.len ? memchr(rest.p, '=', rest.len) : NULL;
    const char *semi = rest.len ? memchr(rest.p, ';', rest.len) : NULL;
    if (!eq)
      return;
    if (semi && semi < eq) {
      zhi_str_cut(&rest, ';');
      continue;
    }
    struct zhi_str name = zhi_str_trim(zhi_str_cut(&rest, '='));
    struct zhi_str v = parameter_value(&rest);
    if (zhi_str_iis(name, "charset") && v.len) {
      *charset = v;
      return;
    }
  }
}
