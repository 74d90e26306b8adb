/* A request read: target cut and decoded, headers negotiated. What is malformed is refused here, so handlers see only
 * well-formed UTF-8 without NUL. */
#include <stdlib.h>

#include "serve/http.h"

static int hex(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  c = (char)(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Append `s` decoded as a query is ('+' is a space). */
static enum zhi_code decode(struct zhi_str s, struct zhi_buf *out, struct zhi_err *e) {
  size_t from = out->len;
  for (size_t i = 0; i < s.len; i++) {
    char c = s.p[i];
    if (c == '+') {
      c = ' ';
    } else if (c == '%') {
      int high = i + 2 < s.len ? hex(s.p[i + 1]) : -1;
      int low = high < 0 ? -1 : hex(s.p[i + 2]);
      if (low < 0)
        return zhi_fail(e, ZHI_EUSAGE, "malformed percent sign in the address");
      c = (char)(high * 16 + low);
      i += 2;
    }
    if (!c)
      return zhi_fail(e, ZHI_EUSAGE, "NUL in the address");
    zhi_buf_addc(out, c);
  }
  if (!zhi_utf8_valid(zhi_str_n(out->p + from, out->len - from), NULL))
    return zhi_fail(e, ZHI_EUSAGE, "the address is not UTF-8");
  return ZHI_OK;
}

/* Views into the buffer are made when it no longer moves: offsets first. */
static enum zhi_code read_params(struct serve_request *rq, struct zhi_err *e) {
  size_t at[2 * SERVE_PARAM_MAX + 1];
  size_t n = 0;
  struct zhi_str rest = rq->query;
  while (rest.p && rest.len) {
    struct zhi_str value = zhi_str_cut(&rest, '&');
    if (!value.len)
      continue;
    if (n == SERVE_PARAM_MAX)
      return zhi_fail(e, ZHI_ELIMIT, "more than %d parameters", SERVE_PARAM_MAX);
    struct zhi_str name = zhi_str_cut(&value, '=');
    at[2 * n] = rq->memory.len;
    enum zhi_code rc = decode(name, &rq->memory, e);
    at[2 * n + 1] = rq->memory.len;
    if (!rc && value.p)
      rc = decode(value, &rq->memory, e);
    if (rc)
      return rc;
    n++;
  }
  at[2 * n] = rq->memory.len;
  enum zhi_code rc = zhi_buf_check(&rq->memory, "an address", e);
  for (size_t i = 0; i < n && !rc; i++) {
    const char *p = rq->memory.p;
    rq->param[i].name = zhi_str_n(p + at[2 * i], at[2 * i + 1] - at[2 * i]);
    rq->param[i].value = zhi_str_n(p + at[2 * i + 1], at[2 * i + 2] - at[2 * i + 1]);
  }
  rq->param_count = rc ? 0 : n;
  return rc;
}

enum zhi_code serve_request_read(struct serve_request *rq, const char *method,
                                 struct zhi_str target, struct zhi_err *e) {
  zhi_buf_init(&rq->memory, 2 * SERVE_TARGET_MAX);
  rq->method = zhi_str_of(method);
  rq->target = target;
  if (target.len > SERVE_TARGET_MAX)
    return zhi_fail(e, ZHI_ELIMIT, "the address has more than %d bytes", SERVE_TARGET_MAX);
  if (!target.len || target.p[0] != '/')
    return zhi_fail(e, ZHI_EUSAGE, "the address is no path");
  for (size_t i = 0; i < target.len; i++)
    if ((unsigned char)target.p[i] <= ' ' || target.p[i] == 0x7F)
      return zhi_fail(e, ZHI_EUSAGE, "control character in the address");
  struct zhi_str rest = target;
  rq->path = zhi_str_cut(&rest, '?');
  rq->query = rest.p ? rest : ZHI_STR("");
  return serve_holds_url(rq->path) ? ZHI_OK : read_params(rq, e);
}

bool serve_holds_url(struct zhi_str path) {
  static const char *const prefixes[] = {"/replay/",  "/reader/", "/timegate/",
                                         "/timemap/", "/frame/",  "/w/"};
  for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
    if (zhi_str_starts(path, prefixes[i]))
      return true;
  return false;
}

void serve_request_release(struct serve_request *rq) { zhi_buf_release(&rq->memory); }

const char *serve_header_of(const struct serve_request *rq, const char *name) {
  return rq->header ? rq->header(rq->header_ctx, name) : NULL;
}

struct zhi_str serve_param(const struct serve_request *rq, const char *name) {
  for (size_t i = 0; i < rq->param_count; i++)
    if (zhi_str_is(rq->param[i].name, name))
      return rq->param[i].value;
  return ZHI_STR_NONE;
}

enum zhi_code serve_param_int(const struct serve_request *rq, const char *name, int64_t min,
                              int64_t max, int64_t def, int64_t *out, struct zhi_err *e) {
  unsigned long long v;
  struct zhi_str s = serve_param(rq, name);
  if (!s.len) {
    *out = def;
    return ZHI_OK;
  }
  if (!zhi_str_u64(s, (unsigned long long)max, &v) || (int64_t)v < min)
    return zhi_fail(e, ZHI_EUSAGE, "%s is a number from %lld to %lld", name, (long long)min,
                    (long long)max);
  *out = (int64_t)v;
  return ZHI_OK;
}

void serve_add_encoded(struct zhi_buf *b, struct zhi_str s) {
  for (size_t i = 0; i < s.len; i++) {
    unsigned char c = (unsigned char)s.p[i];
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 (c && strchr("-._~/:", c));
    if (plain)
      zhi_buf_addc(b, (char)c);
    else
      zhi_buf_addf(b, "%%%02X", c);
  }
}

/* --- negotiation ------------------------------------------------------------------------------------------------ */

/* One item of a list with weights: "gzip;q=0.5" → its name, thousandths in *q. */
static struct zhi_str next_weighted(struct zhi_str *rest, int *q) {
  struct zhi_str item = zhi_str_cut(rest, ',');
  struct zhi_str name = zhi_str_trim(zhi_str_cut(&item, ';'));
  *q = 1000;
  while (item.p) {
    struct zhi_str p = zhi_str_trim(zhi_str_cut(&item, ';'));
    if (zhi_str_istarts(p, "q=")) {
      char number[8] = {0};
      memcpy(number, p.p + 2, p.len - 2 < 7 ? p.len - 2 : 7);
      double v = strtod(number, NULL);
      *q = v >= 0 && v <= 1 ? (int)(v * 1000) : 0;
    }
  }
  return name;
}

enum serve_lang serve_accept_language(const char *header) {
  struct zhi_str rest = zhi_str_of(header);
  int best[2] = {0, 0}, q;
  while (rest.p && rest.len) {
    struct zhi_str name = next_weighted(&rest, &q);
    for (int i = 0; i < 2; i++) {
      const char *want = i == SERVE_ZH ? "zh" : "en";
      bool is = zhi_str_istarts(name, want) && (name.len == 2 || name.p[2] == '-');
      if ((is || zhi_str_is(name, "*")) && q > best[i])
        best[i] = q;
    }
  }
  return best[SERVE_EN] > best[SERVE_ZH] ? SERVE_EN : SERVE_ZH;
}

bool serve_accepts_gzip(const char *header) {
  struct zhi_str rest = zhi_str_of(header);
  int q, any = 0;
  while (rest.p && rest.len) {
    struct zhi_str name = next_weighted(&rest, &q);
    if (zhi_str_iis(name, "gzip") || zhi_str_iis(name, "x-gzip"))
      return q > 0;
    if (zhi_str_is(name, "*"))
      any = q;
  }
  return any > 0;
}

bool serve_etag_matches(const char *header, const char *etag) {
  struct zhi_str rest = zhi_str_of(header), want = zhi_str_of(etag);
  if (zhi_str_starts(want, "W/"))
    want = zhi_str_sub(want, 2, want.len);
  while (rest.p && rest.len) {
    struct zhi_str tag = zhi_str_trim(zhi_str_cut(&rest, ','));
    if (zhi_str_starts(tag, "W/"))
      tag = zhi_str_sub(tag, 2, tag.len);
    if (zhi_str_is(tag, "*") || zhi_str_eq(tag, want))
      return true;
  }
  return false;
}

bool serve_range(const char *header, int64_t size, int64_t *from, int64_t *to,
                 bool *unsatisfiable) {
  unsigned long long a = 0, b = 0;
  struct zhi_str last = zhi_str_of(header);
  *unsatisfiable = false;
  if (!zhi_str_istarts(last, "bytes=") || memchr(last.p, ',', last.len))
    return false;
  last = zhi_str_sub(last, 6, last.len);
  struct zhi_str first = zhi_str_trim(zhi_str_cut(&last, '-'));
  last = zhi_str_trim(last);
  if (!last.p || (first.len && !zhi_str_u64(first, INT64_MAX, &a)) ||
      (last.len && !zhi_str_u64(last, INT64_MAX, &b)) || (!first.len && !last.len) ||
      (first.len && last.len && b < a))
    return false;
  if (!first.len) { /* the last b bytes */
    *from = (int64_t)b < size ? size - (int64_t)b : 0;
    *to = size - 1;
  } else {
    *from = (int64_t)a;
    *to = last.len && (int64_t)b < size ? (int64_t)b : size - 1;
  }
  *unsatisfiable = *from >= size || (!first.len && b == 0);
  return !*unsatisfiable;
}
