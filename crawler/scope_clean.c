/* Cleaning: drop from a URL what only names a visit. Everything kept stays byte for byte; a URL without such
 * parts comes out as it went in (but for the fragment). */
#include "crawler/scope.h"

#include "crawler/scope_table.h"

enum { TOKEN_LEAST = 16, NUMBER_LEAST = 10 };

static bool name_is(struct zhi_str name, const char *pattern) {
  size_t len = strlen(pattern);
  if (len && pattern[len - 1] == '*')
    return name.len >= len - 1 &&
           zhi_str_ieq(zhi_str_sub(name, 0, len - 1), zhi_str_n(pattern, len - 1));
  return zhi_str_iis(name, pattern);
}

/* A long run of letters and digits: an identifier that somebody drew, not a number that somebody gave. */
static bool is_token(struct zhi_str v) {
  for (size_t i = 0; i < v.len; i++) {
    char c = v.p[i];
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
          c == '_' || c == '.'))
      return false;
  }
  return v.len >= TOKEN_LEAST;
}

/* A time stamp or Math.random(): ten digits and more, or 0.… */
static bool is_number(struct zhi_str v) {
  size_t digits = 0;
  for (size_t i = 0; i < v.len; i++) {
    if (v.p[i] == '.')
      continue;
    if (v.p[i] < '0' || v.p[i] > '9')
      return false;
    digits++;
  }
  return digits >= NUMBER_LEAST || zhi_str_starts(v, "0.");
}

static bool is_visit_param(struct zhi_str pair) {
  struct zhi_str value = pair, name = zhi_str_cut(&value, '=');
  for (const struct scope_param *p = zhi_scope_visit_params; p->name; p++)
    if (name_is(name, p->name))
      return p->how == VALUE_ANY     ? true
             : p->how == VALUE_TOKEN ? is_token(value)
                                     : is_number(value);
  return false;
}

/* Length of a session part that begins at s: ";jsessionid=…", or "(S(…))/" of ASP.NET; 0 = none. */
static size_t session_part(struct zhi_str s) {
  size_t n = 0;
  if (zhi_str_istarts(s, ";jsessionid=") || zhi_str_istarts(s, ";phpsessid=") ||
      zhi_str_istarts(s, ";sessionid=")) {
    while (n < s.len && s.p[n] != '/' && (n == 0 || s.p[n] != ';'))
      n++;
    return n;
  }
  if (zhi_str_istarts(s, "(s(") || zhi_str_istarts(s, "(a(")) {
    const char *end = zhi_str_find(s, ZHI_STR("))/"));
    return end ? (size_t)(end - s.p) + 3 : 0;
  }
  return 0;
}

/* Is the segment that ends at `end` made of dots? It would mean another folder once it stood alone. */
static bool after_dots(struct zhi_str path, size_t end) {
  size_t i = end;
  while (i && path.p[i - 1] != '/') {
    if (path.p[i - 1] == '.')
      i--;
    else if (i >= 3 && zhi_str_iis(zhi_str_sub(path, i - 3, i), "%2e"))
      i -= 3;
    else
      return false;
  }
  return i < end;
}

static bool clean_path(struct zhi_str path, struct zhi_buf *out) {
  bool dropped = false;
  for (size_t i = 0, start = 0; i <= path.len; i++) {
    size_t n = i < path.len && (path.p[i] == ';' || (path.p[i] == '(' && i && path.p[i - 1] == '/'))
                   ? session_part(zhi_str_sub(path, i, path.len))
                   : 0;
    n = n && path.p[i] == ';' && after_dots(path, i) ? 0 : n;
    if (n || i == path.len) {
      zhi_buf_addstr(out, zhi_str_sub(path, start, i));
      dropped = dropped || n;
      start = i + n;
      i = n ? i + n - 1 : i;
    }
  }
  return dropped;
}

static bool clean_query(struct zhi_str query, struct zhi_buf *out) {
  bool dropped = false;
  struct zhi_str rest = query;
  while (rest.p)
    dropped |= is_visit_param(zhi_str_cut(&rest, '&'));
  if (!dropped) {
    zhi_buf_addc(out, '?');
    zhi_buf_addstr(out, query);
    return false;
  }
  char before = '?';
  for (rest = query; rest.p;) {
    struct zhi_str pair = zhi_str_cut(&rest, '&');
    if (is_visit_param(pair))
      continue;
    zhi_buf_addc(out, before);
    zhi_buf_addstr(out, pair);
    before = '&';
  }
  return true;
}

bool zhi_scope_clean(const struct zhi_url *url, struct zhi_buf *out) {
  struct zhi_str whole = zhi_url_without_fragment(url);
  zhi_buf_clear(out);
  if (url->opaque_path || !url->path.p) {
    zhi_buf_addstr(out, whole);
    return false;
  }
  zhi_buf_addstr(out, zhi_str_n(whole.p, (size_t)(url->path.p - whole.p)));
  bool dropped = clean_path(url->path, out);
  if (url->query.p)
    dropped |= clean_query(url->query, out);
  return dropped;
}
