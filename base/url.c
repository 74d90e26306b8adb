/* URL parser: the basic URL parser of the URL Standard (https://url.spec.whatwg.org 4.4) without its
 * state variable.
 *
 * The standard steps a machine over code points. Here each state is a function over the rest of the input
 * that finds the end of its part first and then copies whole runs, so that a clean link costs a few scans
 * and one memcpy a part. The serialisation is written as it is found, straight into `href`; parts are
 * remembered as offsets and become views when the buffer no longer moves. A path is kept in its
 * serialised form ("/a/b"), so "shorten" is a cut at the last slash.
 * Hosts are in url_host.c, names in idna.c. */
#include "zhi/url.h"

#include "base/url_internal.h"
#include "zhi/limits.h"

enum { URL_CAP = ZHI_URL_MAX_BYTES * 4 };

struct span {
  size_t at, len;
};

/* A parse in progress. */
struct build {
  struct zhi_buf *b;   /* the serialisation */
  const char *p, *end; /* what is left of the input */
  const struct zhi_url *base;
  const struct zhi_encoding *enc;
  struct span scheme, user, pass, host, port, path, query, fragment;
  bool has_host, has_query, has_fragment, special, file, opaque;
};

static inline bool is_alpha(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
static inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

static inline bool is_slash(const struct build *u, const char *p) {
  return p < u->end && (*p == '/' || (u->special && *p == '\\'));
}

static inline struct zhi_str between(const char *from, const char *to) {
  return zhi_str_n(from, (size_t)(to - from));
}

static struct zhi_str span_view(const struct build *u, struct span s) {
  return zhi_str_n(u->b->p + s.at, s.len);
}

/* The part written since `at`. */
static struct span since(const struct build *u, size_t at) {
  return (struct span){at, u->b->len - at};
}

static struct span copy_part(struct build *u, struct zhi_str s) {
  size_t at = u->b->len;
  zhi_buf_addstr(u->b, s);
  return since(u, at);
}

/* --- query and fragment -------------------------------------------------------------------------------- */

/* Percent-encode after encoding (1.3): characters the document's encoding lacks become %26%23N%3B. */
static void add_query_encoded(struct build *u, struct zhi_str s) {
  struct zhi_encoder coder;
  zhi_encoder_init(&coder, u->enc);
  for (size_t i = 0; i < s.len;) {
    unsigned cp;
    char bytes[8];
    i += zhi_utf8_next(s.p + i, s.len - i, &cp);
    size_t n = zhi_encoder_next(&coder, &cp, bytes);
    if (n)
      zhi_url_add_encoded(u->b, zhi_str_n(bytes, n), URL_SET_SPECIAL_QUERY);
    else
      zhi_buf_addf(u->b, "%%26%%23%u%%3B", cp);
  }
  zhi_encoder_release(&coder);
}

static bool is_ascii(struct zhi_str s) {
  unsigned char high = 0;
  for (size_t i = 0; i < s.len; i++)
    high |= (unsigned char)s.p[i];
  return high < 0x80;
}

/* At '?', '#' or the end. */
static bool parse_query_and_fragment(struct build *u) {
  if (u->p < u->end && *u->p == '?') {
    const char *hash = memchr(u->p, '#', (size_t)(u->end - u->p));
    struct zhi_str s = between(u->p + 1, hash ? hash : u->end);
    zhi_buf_addc(u->b, '?');
    size_t at = u->b->len;
    bool ws = u->scheme.len && u->b->p[u->scheme.at] == 'w';
    if (u->enc && u->special && !ws && (!is_ascii(s) || zhi_encoding_is_stateful(u->enc)))
      add_query_encoded(u, s);
    else
      zhi_url_add_encoded(u->b, s, u->special ? URL_SET_SPECIAL_QUERY : URL_SET_QUERY);
    u->query = since(u, at);
    u->has_query = true;
    u->p = s.p + s.len;
  }
  if (u->p < u->end) {
    zhi_buf_addc(u->b, '#');
    size_t at = u->b->len;
    zhi_url_add_encoded(u->b, between(u->p + 1, u->end), URL_SET_FRAGMENT);
    u->fragment = since(u, at);
    u->has_fragment = true;
  }
  return true;
}

static void copy_query(struct build *u) {
  if (!u->base->query.p)
    return;
  zhi_buf_addc(u->b, '?');
  u->query = copy_part(u, u->base->query);
  u->has_query = true;
}

/* --- path ------------------------------------------------------------------------------------------------ */

/* How many dots a segment is: 1 for "." and "%2e", 2 for ".." in any spelling, 0 for all else. */
static unsigned dot_segment(struct zhi_str s) {
  unsigned dots = 0;
  if (s.len > 6)
    return 0;
  for (size_t i = 0; i < s.len; dots++) {
    if (s.p[i] == '.')
      i++;
    else if (s.len - i >= 3 && s.p[i] == '%' && s.p[i + 1] == '2' && (s.p[i + 2] | 0x20) == 'e')
      i += 3;
    else
      return 0;
  }
  return dots <= 2 ? dots : 0;
}

static bool is_drive(struct zhi_str s) {
  return s.len == 2 && is_alpha(s.p[0]) && (s.p[1] == ':' || s.p[1] == '|');
}

/* Does p start with a Windows drive letter that ends there? */
static bool starts_with_drive(const char *p, const char *end) {
  return end - p >= 2 && is_drive(zhi_str_n(p, 2)) &&
         (end - p == 2 || (p[2] == '/' || p[2] == '\\' || p[2] == '?' || p[2] == '#'));
}

static void shorten(struct build *u) {
  size_t at = u->path.at, len = u->b->len - at;
  const char *path = u->b->p + at;
  if (u->file && len == 3 && is_alpha(path[1]) && path[2] == ':')
    return; /* a drive letter stays */
  while (len && path[len - 1] != '/')
    len--;
  zhi_buf_truncate(u->b, at + (len ? len - 1 : 0));
}

static void add_segment(struct build *u, struct zhi_str s) {
  bool first = u->b->len == u->path.at;
  zhi_buf_addc(u->b, '/');
  if (u->file && first && is_drive(s))
    zhi_buf_add(u->b, (char[]){s.p[0], ':'}, 2);
  else
    zhi_url_add_encoded(u->b, s, URL_SET_PATH);
}

/* Path state: p is after the slash that begins a segment; u->path.at is set, what lies behind it is the
 * path so far. */
static bool parse_segments(struct build *u) {
  for (;;) {
    const char *q = u->p;
    while (q < u->end && *q != '/' && *q != '?' && *q != '#' && !(*q == '\\' && u->special))
      q++;
    struct zhi_str s = between(u->p, q);
    bool more = is_slash(u, q);
    unsigned dots = dot_segment(s);
    if (dots == 2)
      shorten(u);
    if (dots == 0)
      add_segment(u, s);
    else if (!more)
      zhi_buf_addc(u->b, '/');
    u->p = q;
    if (!more)
      break;
    u->p++;
  }
  u->path.len = u->b->len - u->path.at;
  return parse_query_and_fragment(u);
}

/* Path start state: at the end of the authority. */
static bool parse_path_start(struct build *u) {
  u->path = (struct span){u->b->len, 0};
  if (!u->special && (u->p == u->end || *u->p == '?' || *u->p == '#'))
    return parse_query_and_fragment(u);
  if (is_slash(u, u->p))
    u->p++;
  return parse_segments(u);
}

/* A path without hierarchy ("mailto:a@b"). Spaces before '?' or '#' would be lost on reparsing: the last
 * one is encoded. */
static bool parse_opaque_path(struct build *u) {
  const char *q = u->p;
  while (q < u->end && *q != '?' && *q != '#')
    q++;
  size_t at = u->b->len;
  struct zhi_str s = between(u->p, q);
  bool space = q < u->end && s.len && s.p[s.len - 1] == ' ';
  s.len -= space;
  zhi_url_add_encoded(u->b, s, URL_SET_C0);
  if (space)
    zhi_buf_adds(u->b, "%20");
  u->path = since(u, at);
  u->opaque = true;
  u->p = q;
  return parse_query_and_fragment(u);
}

/* --- authority --------------------------------------------------------------------------------------------- */

static void parse_credentials(struct build *u, struct zhi_str s) {
  const char *colon = s.len ? memchr(s.p, ':', s.len) : NULL;
  struct zhi_str user = colon ? between(s.p, colon) : s;
  struct zhi_str pass = colon ? between(colon + 1, s.p + s.len) : ZHI_STR_NONE;
  if (!user.len && !pass.len)
    return;
  size_t at = u->b->len;
  zhi_url_add_encoded(u->b, user, URL_SET_USERINFO);
  u->user = since(u, at);
  if (pass.len) {
    zhi_buf_addc(u->b, ':');
    at = u->b->len;
    zhi_url_add_encoded(u->b, pass, URL_SET_USERINFO);
    u->pass = since(u, at);
  }
  zhi_buf_addc(u->b, '@');
}

/* ":8080" appended when it is not the scheme's own. */
static bool parse_port(struct build *u, struct zhi_str s) {
  unsigned long long v;
  if (!s.len)
    return true;
  if (!zhi_str_u64(s, 65535, &v))
    return false;
  if (zhi_special_port(span_view(u, u->scheme)) == (int)v)
    return true;
  zhi_buf_addc(u->b, ':');
  size_t at = u->b->len;
  zhi_buf_addf(u->b, "%llu", v);
  u->port = since(u, at);
  return true;
}

static bool parse_host(struct build *u, struct zhi_str s) {
  size_t at = u->b->len;
  if (!zhi_host_parse(s, u->special, u->b))
    return false;
  u->host = since(u, at);
  u->has_host = true;
  return true;
}

/* After "scheme://": userinfo, host, port. */
static bool parse_authority(struct build *u) {
  const char *q = u->p, *at_sign = NULL, *colon = NULL;
  bool bracket = false;
  for (; q < u->end && *q != '/' && *q != '?' && *q != '#' && !(*q == '\\' && u->special); q++) {
    if (*q == '@') {
      at_sign = q;
      colon = NULL;
      bracket = false;
    } else if (*q == '[') {
      bracket = true;
    } else if (*q == ']') {
      bracket = false;
    } else if (*q == ':' && !bracket && !colon) {
      colon = q;
    }
  }
  zhi_buf_adds(u->b, "//");
  if (at_sign)
    parse_credentials(u, between(u->p, at_sign));
  struct zhi_str host = between(at_sign ? at_sign + 1 : u->p, colon ? colon : q);
  if (!host.len && (u->special || at_sign || colon))
    return false;
  if (!parse_host(u, host))
    return false;
  if (colon && !parse_port(u, between(colon + 1, q)))
    return false;
  u->p = q;
  return parse_path_start(u);
}

static void skip_slashes(struct build *u) {
  while (is_slash(u, u->p))
    u->p++;
}

/* "//user:pass@host:port" of the base; nothing when it has no host. */
static void copy_authority(struct build *u) {
  const struct zhi_url *base = u->base;
  if (!base->host.p)
    return;
  zhi_buf_adds(u->b, "//");
  if (base->username.len || base->password.len) {
    u->user = copy_part(u, base->username);
    if (base->password.len) {
      zhi_buf_addc(u->b, ':');
      u->pass = copy_part(u, base->password);
    }
    zhi_buf_addc(u->b, '@');
  }
  u->host = copy_part(u, base->host);
  u->has_host = true;
  if (base->port.len) {
    zhi_buf_addc(u->b, ':');
    u->port = copy_part(u, base->port);
  }
}

/* --- relative references ------------------------------------------------------------------------------------ */

static void take_scheme(struct build *u, struct zhi_str scheme) {
  u->scheme = copy_part(u, scheme);
  u->special = zhi_special_port(scheme) >= 0;
  u->file = zhi_str_is(scheme, "file");
  zhi_buf_addc(u->b, ':');
}

/* The base's path, then what the rest of the input makes of it. */
static bool parse_against_path(struct build *u) {
  bool at_end = u->p == u->end;
  u->path = copy_part(u, u->base->path);
  if (at_end || *u->p == '#')
    copy_query(u);
  if (at_end || *u->p == '#' || *u->p == '?')
    return parse_query_and_fragment(u);
  if (u->file && starts_with_drive(u->p, u->end))
    zhi_buf_truncate(u->b, u->path.at);
  else
    shorten(u);
  return parse_segments(u);
}

/* Relative state, relative slash state. The scheme is written already. */
static bool parse_relative(struct build *u) {
  if (is_slash(u, u->p) && is_slash(u, u->p + 1)) {
    u->p += 2;
    if (u->special)
      skip_slashes(u);
    return parse_authority(u);
  }
  copy_authority(u);
  if (is_slash(u, u->p))
    return parse_path_start(u);
  return parse_against_path(u);
}

/* File host state: after "file://". */
static bool parse_file_host(struct build *u) {
  const char *q = u->p;
  while (q < u->end && *q != '/' && *q != '\\' && *q != '?' && *q != '#')
    q++;
  struct zhi_str s = between(u->p, q);
  u->has_host = true;
  u->host = (struct span){u->b->len, 0};
  if (is_drive(s) || !s.len)
    return parse_path_start(u);
  if (!parse_host(u, s))
    return false;
  if (zhi_str_is(span_view(u, u->host), "localhost")) {
    zhi_buf_truncate(u->b, u->host.at);
    u->host.len = 0;
  }
  u->p = q;
  return parse_path_start(u);
}

/* File state, file slash state. The scheme is written already. */
static bool parse_file(struct build *u) {
  const struct zhi_url *base = u->base && zhi_str_is(u->base->scheme, "file") ? u->base : NULL;
  bool slash = is_slash(u, u->p);
  if (slash && is_slash(u, u->p + 1)) {
    zhi_buf_adds(u->b, "//");
    u->p += 2;
    return parse_file_host(u);
  }
  if (base) {
    copy_authority(u);
  } else {
    zhi_buf_adds(u->b, "//");
    u->has_host = true;
    u->host = (struct span){u->b->len, 0};
  }
  if (!slash)
    return base ? parse_against_path(u) : parse_path_start(u);
  u->path = (struct span){u->b->len, 0};
  u->p++;
  if (base && !starts_with_drive(u->p, u->end) && base->path.len >= 3 &&
      is_alpha(base->path.p[1]) && base->path.p[2] == ':' &&
      (base->path.len == 3 || base->path.p[3] == '/'))
    zhi_buf_add(u->b, base->path.p, 3);
  return parse_segments(u);
}

/* --- the whole ------------------------------------------------------------------------------------------------ */

/* Length of a scheme at the start, without its colon; 0 when there is none. */
static size_t scheme_length(const struct build *u) {
  const char *q = u->p;
  if (q == u->end || !is_alpha(*q))
    return 0;
  while (q < u->end && (is_alpha(*q) || is_digit(*q) || *q == '+' || *q == '-' || *q == '.'))
    q++;
  return q < u->end && *q == ':' ? (size_t)(q - u->p) : 0;
}

static bool parse_absolute(struct build *u, size_t scheme_len) {
  zhi_buf_add(u->b, u->p, scheme_len);
  for (size_t i = 0; i < scheme_len && !u->b->failed; i++)
    if (u->b->p[i] >= 'A' && u->b->p[i] <= 'Z')
      u->b->p[i] = (char)(u->b->p[i] | 0x20);
  u->scheme = since(u, 0);
  struct zhi_str scheme = span_view(u, u->scheme);
  u->special = zhi_special_port(scheme) >= 0;
  u->file = zhi_str_is(scheme, "file");
  bool as_base = u->special && u->base && zhi_str_eq(scheme, u->base->scheme);
  zhi_buf_addc(u->b, ':');
  u->p += scheme_len + 1;
  if (u->file)
    return parse_file(u);
  bool double_slash = u->end - u->p >= 2 && u->p[0] == '/' && u->p[1] == '/';
  if (as_base && !double_slash)
    return parse_relative(u);
  if (u->special) {
    skip_slashes(u);
    return parse_authority(u);
  }
  if (double_slash) {
    u->p += 2;
    return parse_authority(u);
  }
  if (u->p < u->end && *u->p == '/')
    return parse_path_start(u);
  return parse_opaque_path(u);
}

static bool parse_parts(struct build *u) {
  size_t scheme_len = scheme_length(u);
  if (scheme_len)
    return parse_absolute(u, scheme_len);
  if (!u->base || !u->base->scheme.len)
    return false;
  take_scheme(u, u->base->scheme);
  if (u->base->opaque_path) {
    if (u->p == u->end || *u->p != '#')
      return false;
    u->path = copy_part(u, u->base->path);
    u->opaque = true;
    copy_query(u);
    return parse_query_and_fragment(u);
  }
  return u->file ? parse_file(u) : parse_relative(u);
}

static void insert_at(struct build *u, size_t at, const char *s, size_t n) {
  zhi_buf_add(u->b, s, n);
  if (u->b->failed)
    return;
  memmove(u->b->p + at + n, u->b->p + at, u->b->len - n - at);
  memcpy(u->b->p + at, s, n);
}

/* Offsets become views. */
static void finish(struct build *u, struct zhi_url *out) {
  out->scheme = span_view(u, u->scheme);
  out->username = span_view(u, u->user);
  out->password = span_view(u, u->pass);
  out->host = u->has_host ? span_view(u, u->host) : ZHI_STR_NONE;
  out->port = span_view(u, u->port);
  out->path = span_view(u, u->path);
  out->query = u->has_query ? span_view(u, u->query) : ZHI_STR_NONE;
  out->fragment = u->has_fragment ? span_view(u, u->fragment) : ZHI_STR_NONE;
  out->special = u->special;
  out->opaque_path = u->opaque;
}

/* Serialise, then check. `in` is trimmed, without tabs and newlines, well-formed UTF-8. */
static enum zhi_code parse_clean(struct zhi_str in, const struct zhi_url *base,
                                 const struct zhi_encoding *enc, struct zhi_url *out,
                                 struct zhi_err *e) {
  struct build u = {.b = &out->href, .p = in.p, .end = in.p + in.len, .base = base};
  u.enc = enc && !zhi_encoding_is_unicode(enc) ? enc : NULL;
  size_t guess = in.len + (base ? base->href.len : 0) + 8;
  zhi_buf_reserve(u.b, guess < URL_CAP ? guess : URL_CAP);
  if (!parse_parts(&u)) {
    if (u.b->failed)
      return zhi_buf_check(u.b, "url", e);
    return zhi_fail(e, ZHI_EPARSE, "not a URL: '%.*s'", (int)(in.len < 200 ? in.len : 200), in.p);
  }
  if (!u.has_host && !u.opaque && u.path.len > 1 && u.b->p[u.path.at] == '/' &&
      u.b->p[u.path.at + 1] == '/') { /* "web+x:/..//h" must not come back as a host */
    insert_at(&u, u.path.at, "/.", 2);
    u.path.at += 2;
    u.query.at += 2;
    u.fragment.at += 2;
  }
  if (u.b->failed)
    return zhi_buf_check(u.b, "url", e);
  finish(&u, out);
  return ZHI_OK;
}

/* What must be put right before parsing: tabs and newlines anywhere, malformed UTF-8. */
static bool needs_cleaning(struct zhi_str in) {
  unsigned odd = 0;
  for (size_t i = 0; i < in.len; i++) {
    unsigned char c = (unsigned char)in.p[i];
    odd |= (unsigned)(c >= 0x80) | (unsigned)(c == '\t') | (unsigned)(c == '\n') |
           (unsigned)(c == '\r');
  }
  return odd != 0;
}

static void clean(struct zhi_str in, struct zhi_buf *out) {
  for (size_t i = 0; i < in.len;) {
    unsigned cp;
    i += zhi_utf8_next(in.p + i, in.len - i, &cp);
    if (cp != '\t' && cp != '\n' && cp != '\r')
      zhi_buf_add_utf8(out, cp);
  }
}

enum zhi_code zhi_url_parse_into(struct zhi_str in, const struct zhi_url *base,
                                 const struct zhi_encoding *enc, struct zhi_url *out,
                                 struct zhi_err *e) {
  zhi_buf_clear(&out->href);
  if (!in.p)
    in = ZHI_STR("");
  while (in.len && (unsigned char)in.p[0] <= ' ') {
    in.p++;
    in.len--;
  }
  while (in.len && (unsigned char)in.p[in.len - 1] <= ' ')
    in.len--;
  if (in.len > URL_CAP)
    return zhi_fail(e, ZHI_ELIMIT, "url is longer than %d bytes", URL_CAP);
  if (!needs_cleaning(in))
    return parse_clean(in, base, enc, out, e);
  struct zhi_buf b;
  zhi_buf_init(&b, in.len * 3);
  clean(in, &b);
  enum zhi_code rc = zhi_buf_check(&b, "url", e);
  if (rc == ZHI_OK)
    rc = parse_clean(zhi_buf_view(&b), base, enc, out, e);
  zhi_buf_release(&b);
  return rc;
}

void zhi_url_init(struct zhi_url *u) {
  *u = (struct zhi_url){0};
  zhi_buf_init(&u->href, URL_CAP);
}

enum zhi_code zhi_url_parse(struct zhi_str input, const struct zhi_url *base,
                            const struct zhi_encoding *enc, struct zhi_url *out,
                            struct zhi_err *e) {
  struct zhi_url u;
  zhi_url_init(&u);
  enum zhi_code rc = zhi_url_parse_into(input, base, enc, &u, e);
  if (rc == ZHI_OK)
    *out = u;
  else
    zhi_url_release(&u);
  return rc;
}

void zhi_url_release(struct zhi_url *u) {
  zhi_buf_release(&u->href);
  zhi_url_init(u);
}
