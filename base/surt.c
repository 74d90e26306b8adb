/* SURT keys, byte for byte as the Python `surt` package (and so pywb) makes them with its default rules.
 *
 * The steps, in their order: strip, drop tabs and newlines; default scheme; repeated "http://" once; split
 * by the RFC 2396 expression; percent-decode until nothing changes and escape what is not printable;
 * dot segments, double slashes; lower case; session ids out of path and query; "www\d*." off the host;
 * default port, fragment, empty query and the last slash dropped; query arguments sorted by name, then
 * value. The package's quirks are kept on purpose: a key must meet the keys that others have indexed. */
#include <stdlib.h>

#include "base/surt_internal.h"
#include "base/url_internal.h"
#include "zhi/url.h"

enum { SURT_CAP = 1 << 20 };

/* One key in the making. Views point into `text`. */
struct parts {
  struct zhi_str scheme, host, path, query; /* NULL view: none */
  unsigned port;                            /* 0: none */
};

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_alpha(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }

/* --- escaping -------------------------------------------------------------------------------------- */

/* Replace b by s, percent-decoded until nothing changes. Escapes never overlap, so reducing at the end of
 * what is written gives the same as whole rounds would, in one pass. */
static void set_decoded(struct zhi_buf *b, struct zhi_str s) {
  zhi_buf_clear(b);
  if (!zhi_buf_reserve(b, s.len))
    return;
  char *p = b->p;
  size_t n = 0;
  for (size_t i = 0; i < s.len; i++) {
    p[n++] = s.p[i];
    int hi, lo;
    while (n >= 3 && p[n - 3] == '%' && (hi = zhi_url_hex((unsigned char)p[n - 2])) >= 0 &&
           (lo = zhi_url_hex((unsigned char)p[n - 1])) >= 0) {
      n -= 2;
      p[n - 1] = (char)(hi * 16 + lo);
    }
  }
  p[n] = '\0';
  b->len = n;
}

/* Append in lower case; all but printable ASCII, and '#' and '%', as %xx. */
static void add_escaped(struct zhi_buf *out, struct zhi_str s) {
  static const char hex[] = "0123456789abcdef";
  if (!zhi_buf_reserve(out, s.len * 3))
    return;
  char *p = out->p + out->len;
  for (size_t i = 0; i < s.len; i++) {
    unsigned char c = (unsigned char)s.p[i];
    if (c > ' ' && c < 0x7F && c != '#' && c != '%') {
      *p++ = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    } else {
      *p++ = '%';
      *p++ = hex[c >> 4];
      *p++ = hex[c & 15];
    }
  }
  *p = '\0';
  out->len = (size_t)(p - out->p);
}

/* --- splitting -------------------------------------------------------------------------------------- */

static size_t scheme_length(struct zhi_str s) {
  size_t n = 0;
  if (!s.len || !is_alpha(s.p[0]))
    return 0;
  while (n < s.len && (is_alpha(s.p[n]) || is_digit(s.p[n]) || strchr("+-.", s.p[n])) && s.p[n])
    n++;
  return n < s.len && s.p[n] == ':' ? n : 0;
}

/* Strip, drop tabs and newlines, add "http://" where no scheme is, take it once where it repeats. */
static struct zhi_str clean_text(struct zhi_str url, struct zhi_buf *text) {
  url = zhi_str_trim(url);
  zhi_buf_adds(text, "http://");
  size_t start = text->len;
  for (size_t i = 0, run; i < url.len; i = run + 1) {
    run = i;
    while (run < url.len && url.p[run] != '\t' && url.p[run] != '\n' && url.p[run] != '\r')
      run++;
    zhi_buf_add(text, url.p + i, run - i);
  }
  struct zhi_str s = zhi_str_sub(zhi_buf_view(text), start, text->len);
  if (s.len && !scheme_length(s))
    s = zhi_buf_view(text);
  for (;;) {
    size_t n = zhi_str_starts(s, "http://") ? 7 : zhi_str_starts(s, "https://") ? 8 : 0;
    struct zhi_str next = zhi_str_sub(s, n, s.len);
    if (!n || !(zhi_str_starts(next, "http://") || zhi_str_starts(next, "https://")))
      return s;
    s = next;
  }
}

/* "user@host:port" → host and port; false: the port is not one. */
static bool split_netloc(struct zhi_str net, struct parts *k) {
  while (net.len && net.p[net.len - 1] == ':')
    net.len--;
  const char *at = net.len ? memrchr(net.p, '@', net.len) : NULL;
  if (at)
    net = zhi_str_sub(net, (size_t)(at - net.p) + 1, net.len);
  const char *open = net.len ? memchr(net.p, '[', net.len) : NULL;
  struct zhi_str host, port = ZHI_STR_NONE;
  if (open) {
    port = zhi_str_sub(net, (size_t)(open - net.p) + 1, net.len);
    host = zhi_str_cut(&port, ']');
    zhi_str_cut(&port, ':');
  } else {
    port = net;
    host = zhi_str_cut(&port, ':');
  }
  unsigned long long v = 0;
  if (port.p && !zhi_str_u64(port, 65535, &v))
    return false;
  k->port = (unsigned)v;
  k->host = host.len ? host : ZHI_STR_NONE;
  return true;
}

static struct zhi_str up_to(struct zhi_str s, const char *stop) {
  size_t n = 0;
  while (n < s.len && !(s.p[n] && strchr(stop, s.p[n])))
    n++;
  return zhi_str_n(s.p, n);
}

static bool split(struct zhi_str s, struct parts *k) {
  *k = (struct parts){0};
  size_t n = scheme_length(s);
  if (!n)
    return false;
  k->scheme = zhi_str_n(s.p, n);
  s = zhi_str_sub(s, n + 1, s.len);
  if (zhi_str_starts(s, "//")) {
    struct zhi_str net = up_to(zhi_str_sub(s, 2, s.len), "/?#");
    if (!split_netloc(net, k))
      return false;
    s = zhi_str_sub(s, 2 + net.len, s.len);
  }
  struct zhi_str path = up_to(s, "?#");
  s = zhi_str_sub(s, path.len, s.len);
  if (path.len)
    k->path = path;
  if (zhi_str_starts(s, "?")) {
    struct zhi_str query = up_to(zhi_str_sub(s, 1, s.len), "#");
    if (query.len)
      k->query = query;
  }
  if (!k->host.p && k->path.p && zhi_str_starts(k->scheme, "http")) { /* http:////host/path */
    while (path.len && path.p[0] == '/')
      path = zhi_str_sub(path, 1, path.len);
    k->host = zhi_str_cut(&path, '/');
    k->path = path.p ? zhi_str_n(path.p - 1, path.len + 1) : ZHI_STR("/"); /* its slash leads */
  }
  return true;
}

/* --- host -------------------------------------------------------------------------------------------- */

static bool is_ascii(struct zhi_str s) {
  for (size_t i = 0; i < s.len; i++)
    if ((unsigned char)s.p[i] >= 0x80)
      return false;
  return true;
}

/* Labels of 1 to 63 bytes; the last may be empty. */
static bool labels_fit(struct zhi_str s) {
  for (struct zhi_str rest = s; rest.p;) {
    struct zhi_str label = zhi_str_cut(&rest, '.');
    if (label.len > 63 || (!label.len && rest.p))
      return false;
  }
  return true;
}

/* A name with other letters goes to punycode; bytes that are not UTF-8 are left out. */
static void host_to_ascii(struct zhi_buf *host) {
  struct zhi_buf clean, ascii;
  if (is_ascii(zhi_buf_view(host)))
    return;
  zhi_buf_init(&clean, SURT_CAP);
  zhi_buf_init(&ascii, SURT_CAP);
  for (size_t i = 0; i < host->len;) {
    unsigned cp;
    size_t n = zhi_utf8_next(host->p + i, host->len - i, &cp);
    if (cp != 0xFFFD || (n == 3 && memcmp(host->p + i, "\xEF\xBF\xBD", 3) == 0))
      zhi_buf_add(&clean, host->p + i, n);
    i += n;
  }
  if (zhi_domain_to_ascii(zhi_buf_view(&clean), &ascii) && labels_fit(zhi_buf_view(&ascii))) {
    zhi_buf_clear(host);
    zhi_buf_addstr(host, zhi_buf_view(&ascii));
  }
  zhi_buf_release(&ascii);
  zhi_buf_release(&clean);
}

/* One dot for two, none at the ends. */
static void trim_dots(struct zhi_buf *host) {
  size_t n = 0;
  for (size_t i = 0; i < host->len; i++) {
    host->p[n++] = host->p[i];
    if (host->p[i] == '.' && i + 1 < host->len && host->p[i + 1] == '.')
      i++;
  }
  zhi_buf_truncate(host, n);
  while (host->len && host->p[host->len - 1] == '.')
    zhi_buf_truncate(host, host->len - 1);
  size_t lead = strspn(host->p, ".");
  memmove(host->p, host->p + lead, host->len - lead);
  zhi_buf_truncate(host, host->len - lead);
}

/* Digits and dots that make an IPv4 address: a bare number modulo 2^32, or inet_aton's forms where a
 * first part with a leading zero wants octal digits throughout. */
static bool ipv4_form(struct zhi_str s, uint32_t *v) {
  size_t dots = 0;
  bool octal = s.len && s.p[0] == '0', beyond_octal = false;
  uint32_t number = 0;
  for (size_t i = 0; i < s.len; i++) {
    char c = s.p[i];
    if (c != '.' && !is_digit(c))
      return false;
    dots += c == '.';
    beyond_octal |= c > '7';
    number = number * 10 + (c == '.' ? 0 : (uint32_t)(c - '0'));
  }
  if (s.len && dots == 0) {
    *v = number;
    return true;
  }
  return !(octal && beyond_octal) && zhi_ipv4_parse(s, v) == 1;
}

static struct zhi_str without_www(struct zhi_str host) {
  if (!zhi_str_starts(host, "www"))
    return host;
  size_t n = 3;
  while (n < host.len && is_digit(host.p[n]))
    n++;
  return n < host.len && host.p[n] == '.' ? zhi_str_sub(host, n + 1, host.len) : host;
}

/* Append the host's labels in reverse; false when nothing is left of it. */
static bool add_host(const struct parts *k, struct zhi_buf *scratch, struct zhi_buf *out) {
  uint32_t v;
  set_decoded(scratch, k->host);
  host_to_ascii(scratch);
  trim_dots(scratch);
  if (ipv4_form(zhi_buf_view(scratch), &v)) {
    zhi_buf_clear(scratch);
    zhi_buf_addf(scratch, "%u.%u.%u.%u", v >> 24, (v >> 16) & 255, (v >> 8) & 255, v & 255);
  }
  size_t start = out->len;
  add_escaped(out, zhi_buf_view(scratch));
  struct zhi_str host = zhi_str_sub(zhi_buf_view(out), start, out->len);
  zhi_buf_clear(scratch);
  zhi_buf_addstr(scratch, zhi_str_is(k->scheme, "dns") ? host : without_www(host));
  zhi_buf_truncate(out, start);
  for (size_t end = scratch->len, i = end + 1; i-- > 0;)
    if (i == 0 || scratch->p[i - 1] == '.') {
      zhi_buf_add(out, scratch->p + i, end - i);
      if (i)
        zhi_buf_addc(out, ',');
      end = i ? i - 1 : 0;
    }
  return scratch->len > 0;
}

/* --- path and query ---------------------------------------------------------------------------------- */

/* Take dot segments and empty segments out of b, which starts with a slash; what stands before the first
 * slash is lost. A ".." with nothing to go up from stays. Segments kept are written "/seg" each, an empty
 * one as "/", until the end, where empty ones but the last vanish. */
static void normalize_path(struct zhi_buf *b) {
  size_t n = 0, i = up_to(zhi_buf_view(b), "/").len;
  while (i < b->len) {
    size_t from = ++i;
    while (i < b->len && b->p[i] != '/')
      i++;
    size_t len = i - from;
    if (len == 1 && b->p[from] == '.')
      continue;
    if (len == 2 && b->p[from] == '.' && b->p[from + 1] == '.' && n) {
      while (b->p[--n] != '/')
        ;
      continue;
    }
    b->p[n] = '/';
    memmove(b->p + n + 1, b->p + from, len);
    n += len + 1;
  }
  size_t kept = 0;
  for (size_t j = 0; j < n; j++)
    if (!(b->p[j] == '/' && j + 1 < n && b->p[j + 1] == '/'))
      b->p[kept++] = b->p[j];
  zhi_buf_truncate(b, kept);
  if (!b->len)
    zhi_buf_addc(b, '/');
}

/* The part of `out` from `at` loses [from, to). */
static void cut_out(struct zhi_buf *out, size_t from, size_t to) {
  memmove(out->p + from, out->p + to, out->len - to);
  zhi_buf_truncate(out, out->len - (to - from));
}

static void add_path(const struct parts *k, bool has_host, struct zhi_buf *scratch,
                     struct zhi_buf *out) {
  set_decoded(scratch, k->path);
  if (has_host)
    normalize_path(scratch);
  size_t at = out->len, from, to;
  add_escaped(out, zhi_buf_view(scratch));
  for (int form = 0; form < SURT_PATH_FORMS; form++)
    if (zhi_surt_path_session(zhi_str_sub(zhi_buf_view(out), at, out->len), form, &from, &to))
      cut_out(out, at + from, at + to);
  if (out->len - at > 1 && out->p[out->len - 1] == '/')
    zhi_buf_truncate(out, out->len - 1);
}

static int compare_args(const void *a, const void *b) {
  struct zhi_str va = *(const struct zhi_str *)a, vb = *(const struct zhi_str *)b;
  int c = zhi_str_cmp(zhi_str_cut(&va, '='), zhi_str_cut(&vb, '='));
  if (c)
    return c;
  if (!va.p || !vb.p)
    return (va.p != NULL) - (vb.p != NULL);
  return zhi_str_cmp(va, vb);
}

/* Sort the arguments of s into out (appended). */
static void add_sorted(struct zhi_str s, struct zhi_buf *out) {
  struct zhi_str few[32], *args = few;
  size_t n = 1, k = 0;
  for (size_t i = 0; i < s.len; i++)
    n += s.p[i] == '&';
  if (n > sizeof few / sizeof *few && !(args = calloc(n, sizeof *args))) {
    out->failed = out->starved = 1;
    return;
  }
  for (struct zhi_str rest = s; rest.p;)
    args[k++] = zhi_str_cut(&rest, '&');
  qsort(args, k, sizeof *args, compare_args);
  for (size_t i = 0; i < k; i++) {
    if (i)
      zhi_buf_addc(out, '&');
    zhi_buf_addstr(out, args[i]);
  }
  if (args != few)
    free(args);
}

static void add_query(const struct parts *k, struct zhi_buf *scratch, struct zhi_buf *out) {
  set_decoded(scratch, k->query);
  zhi_buf_addc(out, '?');
  size_t at = out->len, from, to;
  add_escaped(out, zhi_buf_view(scratch));
  for (int form = 0; form < SURT_QUERY_FORMS; form++)
    if (zhi_surt_query_session(zhi_str_sub(zhi_buf_view(out), at, out->len), form, &from, &to))
      cut_out(out, at + from, at + to);
  if (out->len == at) {
    zhi_buf_truncate(out, at - 1);
    return;
  }
  if (!memchr(out->p + at, '&', out->len - at))
    return;
  zhi_buf_clear(scratch);
  zhi_buf_add(scratch, out->p + at, out->len - at);
  zhi_buf_truncate(out, at);
  add_sorted(zhi_buf_view(scratch), out);
}

/* --- the whole ---------------------------------------------------------------------------------------- */

static void add_key(const struct parts *k, struct zhi_buf *scratch, struct zhi_buf *out) {
  size_t start = out->len;
  bool has_host = k->host.len && add_host(k, scratch, out);
  if (!has_host) {
    zhi_buf_addstr(out, k->scheme);
    zhi_buf_addc(out, ':');
  } else {
    bool plain = (k->port == 80 && zhi_str_iis(k->scheme, "http")) ||
                 (k->port == 443 && zhi_str_iis(k->scheme, "https"));
    if (k->port && !plain)
      zhi_buf_addf(out, ":%u", k->port);
    zhi_buf_addc(out, ')');
  }
  size_t path_at = out->len;
  if (k->path.len || has_host)
    add_path(k, has_host, scratch, out);
  bool empty = out->len == path_at && out->len > start;
  if (k->query.p && empty)
    zhi_buf_addc(out, '/');
  size_t query_at = out->len;
  if (k->query.p)
    add_query(k, scratch, out);
  if (empty && out->len == query_at && k->query.p) /* the query went: so does its slash */
    zhi_buf_truncate(out, path_at);
}

void zhi_surt(struct zhi_str url, struct zhi_buf *out) {
  struct zhi_buf text, scratch;
  struct parts k;
  if (!url.len) {
    zhi_buf_addc(out, '-');
    return;
  }
  if (zhi_str_starts(url, "filedesc")) {
    zhi_buf_addstr(out, url);
    return;
  }
  zhi_buf_init(&text, SURT_CAP);
  zhi_buf_init(&scratch, SURT_CAP);
  zhi_buf_reserve(&text, url.len + 8);
  size_t room = 3 * url.len + 64; /* all it is used for: clearing it clears a failure */
  bool starved = !zhi_buf_reserve(&scratch, room < SURT_CAP ? room : SURT_CAP);
  if (split(clean_text(url, &text), &k) && !text.failed)
    add_key(&k, &scratch, out);
  else
    for (size_t i = 0; i < url.len; i++)
      zhi_buf_addc(out, (char)(url.p[i] >= 'A' && url.p[i] <= 'Z' ? url.p[i] | 0x20 : url.p[i]));
  /* but a text over the cap is one that cannot be parsed */
  out->starved |= starved | scratch.starved | text.starved;
  out->failed |= starved | scratch.failed | text.starved;
  zhi_buf_release(&scratch);
  zhi_buf_release(&text);
}
