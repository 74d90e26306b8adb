/* References as people type them: slips mended before the URL parser sees them, and what is no reference at all
 * kept away from it. Also what a reference looks like: extensions of pages and of attachments. */
#include <string.h>

#include "extract/links.h"
#include "zhi/limits.h"

/* Lower case, sorted by nothing in particular: the lists are short. */
static const char *const attachment_types[] = {
    "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "wps", "et",  "dps", "ofd",  "zip",
    "rar", "7z",  "txt",  "csv", "rtf",  "tif", "tiff", "ceb", "caj", "wpt", "xlsm", "docm",
};
static const char *const page_types[] = {
    "html", "htm", "shtml",  "shtm",  "jhtml", "jsp",   "jspx", "asp", "aspx",
    "php",  "do",  "action", "xhtml", "thtml", "phtml", "stm",  "cfm", "xml",
};

/* --- extensions ------------------------------------------------------------------------------------ */

static const char *in_list(struct zhi_str ext, const char *const *list, size_t n) {
  if (ext.len < 2 || ext.len > 6)
    return NULL;
  for (size_t i = 0; i < n; i++)
    if (zhi_str_iis(ext, list[i]))
      return list[i];
  return NULL;
}

/* What stands behind the last dot of the last segment of `path`. */
static struct zhi_str extension(struct zhi_str path) {
  for (size_t i = path.len; i-- > 0 && path.p[i] != '/';)
    if (path.p[i] == '.')
      return zhi_str_sub(path, i + 1, path.len);
  return ZHI_STR("");
}

static const char *attachment(struct zhi_str path) {
  return in_list(extension(path), attachment_types,
                 sizeof attachment_types / sizeof *attachment_types);
}

static size_t index_of(struct zhi_str s, char c) {
  const char *hit = s.len ? memchr(s.p, c, s.len) : NULL;
  return hit ? (size_t)(hit - s.p) : s.len;
}

/* Behind the host: robots.txt and the like are text, not attachments. */
static struct zhi_str path_of(struct zhi_str url) {
  const char *host = zhi_str_find(url, ZHI_STR("://"));
  if (!host)
    return url;
  struct zhi_str rest = zhi_str_sub(url, (size_t)(host - url.p) + 3, url.len);
  return zhi_str_sub(rest, index_of(rest, '/'), rest.len);
}

const char *zhi_attachment_type(struct zhi_str url) {
  struct zhi_str path = path_of(zhi_str_sub(url, 0, index_of(url, '#')));
  size_t q = index_of(path, '?');
  struct zhi_str query = zhi_str_sub(path, q + 1, path.len);
  path = zhi_str_sub(path, 0, q);
  const char *type = attachment(path);
  if (type)
    return zhi_str_is(path, "/robots.txt") ? NULL : type;
  while (query.len) { /* downfile.jsp?classid=0&filename=a.pdf */
    struct zhi_str value = zhi_str_cut(&query, '&');
    size_t eq = index_of(value, '=');
    value = zhi_str_sub(value, eq + 1, value.len);
    if (value.len && (type = attachment(value)))
      return type;
  }
  return NULL;
}

bool links_has_page_extension(struct zhi_str s) {
  s = zhi_str_sub(s, 0, index_of(s, '#'));
  s = zhi_str_sub(s, 0, index_of(s, '?'));
  struct zhi_str ext = extension(s);
  return ext.len < s.len &&
         (in_list(ext, page_types, sizeof page_types / sizeof *page_types) || attachment(s));
}

/* --- what looks like a reference ------------------------------------------------------------------- */

static bool has_template(struct zhi_str s) {
  static const char *const marks[] = {"{{", "${", "#{",  "{$",  "<%", "%>",
                                      "'+", "+'", "\"+", "+\"", "[%"};
  if (!memchr(s.p, '{', s.len) && !memchr(s.p, '%', s.len) && !memchr(s.p, '+', s.len))
    return false;
  for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
    if (zhi_str_find(s, zhi_str_of(marks[i])))
      return true;
  return false;
}

bool links_url_like(struct zhi_str s) {
  s = zhi_str_trim(s);
  if (s.len < 2 || s.len > ZHI_URL_MAX_BYTES || has_template(s))
    return false;
  for (size_t i = 0; i < s.len; i++)
    if ((unsigned char)s.p[i] <= ' ' || s.p[i] == '<' || s.p[i] == '>' || s.p[i] == '"' ||
        s.p[i] == '\'' || s.p[i] == '(' || s.p[i] == ')' || s.p[i] == '{' || s.p[i] == '\\')
      return false;
  if (zhi_str_istarts(s, "http://") || zhi_str_istarts(s, "https://"))
    return s.len > 10;
  if (s.p[0] == '/')
    return s.p[1] != '*' && (s.p[1] != '/' || (s.len > 4 && memchr(s.p, '.', s.len)));
  return zhi_str_starts(s, "./") || zhi_str_starts(s, "../") || links_has_page_extension(s);
}

/* --- mending --------------------------------------------------------------------------------------- */

static bool is_space_or_quote(char c) {
  return (unsigned char)c <= ' ' || c == '"' || c == '\'' || c == '`';
}

static struct zhi_str trim(struct zhi_str s) {
  static const char *const wide[] = {"\xE3\x80\x80", "\xC2\xA0",     "\xE2\x80\x9C",
                                     "\xE2\x80\x9D", "\xE2\x80\x98", "\xE2\x80\x99",
                                     "\xEF\xBB\xBF", "\xE2\x80\x8B"};
  for (bool again = true; again && s.len;) {
    again = false;
    if (is_space_or_quote(s.p[0])) {
      s = zhi_str_sub(s, 1, s.len);
      again = true;
    } else if (is_space_or_quote(s.p[s.len - 1])) {
      s.len--;
      again = true;
    }
    for (size_t i = 0;
         i < sizeof wide / sizeof *wide && !again && (s.p[0] & 0x80 || s.p[s.len - 1] & 0x80);
         i++) {
      size_t n = strlen(wide[i]);
      if (zhi_str_starts(s, wide[i])) {
        s = zhi_str_sub(s, n, s.len);
        again = true;
      } else if (zhi_str_ends(s, wide[i])) {
        s.len -= n;
        again = true;
      }
    }
    if (!s.len)
      break;
  }
  return s;
}

/* Length of a scheme of ours with whatever stands for "://" behind it: "http:/", "http//", "htp://",
 * "http：//", "http:///", "http;//"; 0 when there is none. *tls: it says https. *exact: nothing to mend. */
static size_t scheme_length(struct zhi_str s, bool *tls, bool *exact) {
  static const char *const names[] = {"https", "http", "htttp", "htpp", "htp", "hhttp", "ttp"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (!zhi_str_istarts(s, names[i]))
      continue;
    size_t n = strlen(names[i]), colon = n, slashes = 0;
    if (n < s.len && (s.p[n] == ':' || s.p[n] == ';'))
      n++;
    else if (zhi_str_starts(zhi_str_sub(s, n, s.len), "\xEF\xBC\x9A")) /* full-width colon */
      n += 3;
    for (; n < s.len && (s.p[n] == '/' || s.p[n] == '\\'); n++)
      slashes++;
    if (slashes == 0 || (n == colon + slashes && slashes < 2))
      return 0; /* http.html, https/x: a path */
    bool plain = s.p[colon] == ':' && slashes == 2;
    *tls = i == 0;
    *exact = plain && i < 2 && (n >= s.len || (unsigned char)s.p[n] > ' ');
    return n;
  }
  return 0;
}

/* "www.x.gov.cn/a": a host somebody forgot the scheme of. */
static bool bare_host(struct zhi_str s) {
  static const char *const ends[] = {".cn", ".com", ".net", ".org", ".gov"};
  if (!zhi_str_istarts(s, "www."))
    return false;
  size_t n = 0;
  while (n < s.len && s.p[n] != '/' && s.p[n] != '?' && s.p[n] != ':' && s.p[n] != '#')
    n++;
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
    if (zhi_str_ends(zhi_str_sub(s, 0, n), ends[i]))
      return true;
  return false;
}

static bool is_no_link(struct zhi_str s) {
  static const char *const schemes[] = {"javascript:", "mailto:",
                                        "data:",       "tel:",
                                        "about:",      "vbscript:",
                                        "sms:",        "blob:",
                                        "file:",       "ftp:",
                                        "weixin:",     "tencent:",
                                        "thunder:",    "javascript\xEF\xBC\x9A"};
  static const char *const words[] = {"undefined", "null",       "none",    "void(0)",
                                      "void(0);",  "javascript", "http://", "https://"};
  for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
    if ((s.p[0] | 0x20) == schemes[i][0] && zhi_str_istarts(s, schemes[i]))
      return true;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (zhi_str_iis(s, words[i]))
      return true;
  return memchr(s.p, '<', s.len) || has_template(s);
}

struct zhi_str zhi_link_clean(struct zhi_arena *a, struct zhi_str raw) {
  if (!raw.p)
    return ZHI_STR_NONE;
  struct zhi_str s = trim(raw);
  if (!s.len)
    return s;
  if (is_no_link(s))
    return ZHI_STR_NONE;
  bool tls = false, exact = false, again = true;
  struct zhi_str rest = s;
  if ((rest.p[0] == '/' || rest.p[0] == '\\') &&
      rest.len > 8) { /* "/http://host", "//http://host" */
    struct zhi_str bare = rest;
    while (bare.len && (*bare.p == '/' || *bare.p == '\\'))
      bare = zhi_str_sub(bare, 1, bare.len);
    if (zhi_str_istarts(bare, "http://") || zhi_str_istarts(bare, "https://"))
      s = rest = bare;
  }
  size_t n = scheme_length(rest, &tls, &exact);
  if (!n && bare_host(s))
    return zhi_arena_printf(a, "http://%.*s", ZHI_STR_ARGS(s));
  if (!n)
    return s;
  while (again) { /* "http://http://host": the last one counts */
    bool inner_exact;
    rest = trim(zhi_str_sub(rest, n, rest.len));
    size_t more = scheme_length(rest, &tls, &inner_exact);
    again = more != 0;
    n = more;
    exact &= !again;
  }
  if (exact)
    return s;
  return rest.len ? zhi_arena_printf(a, "%s://%.*s", tls ? "https" : "http", ZHI_STR_ARGS(rest))
                  : ZHI_STR_NONE;
}
