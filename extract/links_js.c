/* Links of scripts and event handlers, by idiom; no JavaScript is run.
 *
 * One pass over string literals (comments skipped). What stands before and behind a literal decides:
 *   window.open('u'), location.href='u', location.replace('u')  → page, if it looks like a reference
 *   '<a href="u">…' (document.write and friends)                → the markup in it, by the scanner
 *   openWindow('/a.html') in an event handler                   → page, if it looks like one
 *   any string that is a whole path to a page or an attachment  → a guess (SPECULATIVE)
 * A literal that is joined to something with + is a part of a URL and counts for nothing. */
#include <string.h>

#include "extract/links.h"
#include "zhi/limits.h"

enum { CONTEXT_BYTES = 48, LOOK_BACK = 256, NESTING_MAX = 2, WASTE_MIN = 65536 };

struct js {
  struct collector *c;
  struct zhi_str text;
  size_t i;
  size_t wasted; /* bytes looked at for quotes that never came: bounds what would be quadratic */
  bool handler;
  int depth;
};

static bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

/* --- literals -------------------------------------------------------------------------------------- */

static int hex_of(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  c = (char)(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* \xNN or \uNNNN behind the backslash: the code point, 0 when malformed. */
static unsigned hex_escape(struct zhi_str s, size_t at, size_t digits) {
  unsigned cp = 0;
  if (at + digits >= s.len)
    return 0;
  for (size_t i = 1; i <= digits; i++) {
    int h = hex_of(s.p[at + i]);
    if (h < 0)
      return 0;
    cp = cp * 16 + (unsigned)h;
  }
  return cp;
}

static size_t put_utf8(char *out, unsigned cp) {
  if (cp < 0x80) {
    out[0] = (char)cp;
    return 1;
  }
  size_t n = cp < 0x800 ? 2 : 3;
  for (size_t i = n - 1; i > 0; i--, cp >>= 6)
    out[i] = (char)(0x80 | (cp & 0x3F));
  out[0] = (char)((0xF00u >> n) | cp);
  return n;
}

/* Escapes resolved; never longer than the source. Surrogates are left out: no URL needs them. */
static struct zhi_str unescape(struct zhi_arena *a, struct zhi_str s) {
  if (!memchr(s.p, '\\', s.len))
    return s;
  char *out = zhi_arena_alloc(a, s.len + 1);
  size_t n = 0;
  for (size_t i = 0; i < s.len; i++) {
    if (s.p[i] != '\\' || i + 1 == s.len) {
      out[n++] = s.p[i];
      continue;
    }
    char e = s.p[++i];
    size_t digits = e == 'u' ? 4 : e == 'x' ? 2 : 0;
    unsigned cp = digits ? hex_escape(s, i, digits) : 0;
    if (cp) {
      if (cp < 0xD800 || cp > 0xDFFF)
        n += put_utf8(out + n, cp);
      i += digits;
    } else if (e == 'n' || e == 't' || e == 'r') {
      out[n++] = ' ';
    } else if (e != '\n' && e != '\r') {
      out[n++] = e;
    }
  }
  return zhi_str_n(out, n);
}

/* At a quote: the content; false when the line or the text ends first (then one byte was taken, or the rest of
 * the line when such searches have cost too much). */
static bool literal(struct js *j, struct zhi_str *out) {
  char quote = j->text.p[j->i];
  size_t start = ++j->i, i = start;
  for (; i < j->text.len; i++) {
    char ch = j->text.p[i];
    if (ch == quote) {
      *out = zhi_str_sub(j->text, start, i);
      j->i = i + 1;
      return true;
    }
    if (ch == '\\')
      i++;
    else if (ch == '\n' && quote != '`')
      break;
  }
  j->wasted += i - start;
  if (j->wasted > j->text.len + WASTE_MIN)
    j->i = i < j->text.len ? i : j->text.len;
  return false;
}

/* --- what stands around a literal ------------------------------------------------------------------ */

/* The text before, white space taken out, lower case, last CONTEXT_BYTES - 1 of it. */
static struct zhi_str context_before(const struct js *j, size_t end, char room[CONTEXT_BYTES]) {
  size_t n = CONTEXT_BYTES, stop = end > LOOK_BACK ? end - LOOK_BACK : 0;
  while (end > stop && n > 0) {
    char ch = j->text.p[--end];
    if (is_space(ch))
      continue;
    if (ch == ';' || ch == '{' || ch == '}')
      break;
    room[--n] = ch >= 'A' && ch <= 'Z' ? (char)(ch | 0x20) : ch;
  }
  return zhi_str_n(room + n, CONTEXT_BYTES - n);
}

static char next_char(const struct js *j, size_t i) {
  while (i < j->text.len && is_space(j->text.p[i]))
    i++;
  return i < j->text.len ? j->text.p[i] : '\0';
}

/* Does the code before a literal send the browser there? */
static bool navigates(struct zhi_str before) {
  static const char *const ends[] = {
      "location=",         "location.href=", "location.replace(", "location.assign(",
      "window.open(",      ".open(",         "gosite(",           "opennewwindow(",
      "location['href']=", "document.url=",  "window.navigate(",  "a.href=",
  };
  if (zhi_str_ends(before, "xhr.open(") || zhi_str_ends(before, "http.open("))
    return false; /* XMLHttpRequest's first argument is a method */
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
    if (zhi_str_ends(before, ends[i]))
      return true;
  return false;
}

static bool has_any(struct zhi_str s, const char *const *words, size_t n, bool at_start) {
  for (size_t i = 0; i < n; i++)
    if (at_start ? zhi_str_istarts(s, words[i]) : zhi_str_find(s, zhi_str_of(words[i])) != NULL)
      return true;
  return false;
}

/* {"name": "通知公告", "url": "/tzgg/"}: a menu as data. The caption may stand on either side. */
static bool is_menu_entry(const struct js *j, struct zhi_str before, size_t after) {
  static const char *const keys[] = {
      "url\":", "url:", "url':", "href\":", "href:", "href':", "link\":", "link:"};
  static const char *const names[] = {"name", "title", "text", "caption"};
  static const char *const behind[] = {",\"name\"", ",name:",    ",\"title\"",
                                       ",title:",   ",\"text\"", ",text:"};
  bool key = false;
  for (size_t i = 0; i < sizeof keys / sizeof *keys && !key; i++)
    key = zhi_str_ends(before, keys[i]);
  return key && (has_any(before, names, sizeof names / sizeof *names, false) ||
                 has_any(zhi_str_sub(j->text, after, after + 16), behind,
                         sizeof behind / sizeof *behind, true));
}

/* ["县财政局", "http://czj.x.gov.cn/"]: the home page of a site, behind its name. */
static bool is_site_entry(struct zhi_str before, struct zhi_str s) {
  size_t scheme = zhi_str_istarts(s, "http://") ? 7 : zhi_str_istarts(s, "https://") ? 8 : 0;
  if (!scheme || !(zhi_str_ends(before, "\",") || zhi_str_ends(before, "',")))
    return false;
  struct zhi_str host = zhi_str_sub(s, scheme, s.len), name = before;
  const char *slash = memchr(host.p, '/', host.len);
  name.len -= 2;
  return (!slash || slash + 1 == host.p + host.len) && memchr(host.p, '.', host.len) && name.len &&
         (unsigned char)name.p[name.len - 1] >= 0x80;
}

/* More than a word: 'u' in location.href='u' may be a bare name only with an extension or a path. */
static bool is_target(struct zhi_str s) {
  if (links_url_like(s))
    return true;
  if (s.len < 3 || s.len > ZHI_URL_MAX_BYTES)
    return false;
  for (size_t i = 0; i < s.len; i++)
    if (is_space(s.p[i]) || s.p[i] == '<' || s.p[i] == '(' || s.p[i] == ',' || s.p[i] == '{')
      return false;
  return s.p[0] == '?' || (memchr(s.p, '/', s.len) && s.p[0] != '#') || zhi_str_istarts(s, "www.");
}

/* A whole path to a page or an attachment, as a guess. */
static bool is_whole_path(struct zhi_str s) {
  return links_url_like(s) && links_has_page_extension(s) && memchr(s.p, '/', s.len) &&
         (s.p[0] == '/' || s.p[0] == '.' || zhi_str_istarts(s, "http"));
}

/* Code in a string: setTimeout("location.href='u'", 1000). */
static bool is_code(struct zhi_str s) {
  return (zhi_str_ifind(s, "location") || zhi_str_ifind(s, "window.open")) &&
         (memchr(s.p, '\'', s.len) || memchr(s.p, '"', s.len));
}

static void scan(struct js *j);

static void judge(struct js *j, size_t start, struct zhi_str raw) {
  if (raw.len < 2 || raw.len > ZHI_MIB(1))
    return;
  if (memchr(raw.p, '<', raw.len) || zhi_str_ifind(raw, "\\u003c")) {
    struct zhi_str html = unescape(j->c->arena, raw);
    if (zhi_str_ifind(html, "href") || zhi_str_ifind(html, "src"))
      links_fragment(j->c, html);
    return;
  }
  if (raw.len > ZHI_URL_MAX_BYTES)
    return;
  char room[CONTEXT_BYTES];
  struct zhi_str before = context_before(j, start, room);
  if (zhi_str_ends(before, "+") || next_char(j, j->i) == '+')
    return;
  struct zhi_str s = zhi_str_trim(unescape(j->c->arena, raw));
  if (j->depth < NESTING_MAX && is_code(s)) {
    struct js inner = {.c = j->c, .text = s, .handler = j->handler, .depth = j->depth + 1};
    scan(&inner);
    return;
  }
  if ((navigates(before) ||
       (is_menu_entry(j, before, j->i) && s.len && (*s.p == '/' || *s.p == 'h')) ||
       is_site_entry(before, s)) &&
      is_target(s))
    links_add(j->c, s, ZHI_LINK_PAGE, false);
  else if (j->handler && links_url_like(s) && !zhi_str_ends(before, ".src="))
    links_add(j->c, s, ZHI_LINK_PAGE, false);
  else if (is_whole_path(s))
    links_add(j->c, s, ZHI_LINK_SPECULATIVE, false);
}

/* Behind a slash: comment or not. */
static void slash(struct js *j) {
  struct zhi_str rest = zhi_str_sub(j->text, j->i + 1, j->text.len);
  if (rest.len && *rest.p == '/') {
    const char *nl = memchr(rest.p, '\n', rest.len);
    j->i = nl ? (size_t)(nl - j->text.p) : j->text.len;
  } else if (rest.len && *rest.p == '*') {
    const char *close = zhi_str_find(rest, ZHI_STR("*/"));
    j->i = close ? (size_t)(close - j->text.p) + 2 : j->text.len;
  } else {
    j->i++;
  }
}

/* What a comment or a literal begins with. */
static const bool begins[256] = {['/'] = true, ['"'] = true, ['\''] = true, ['`'] = true};

static void scan(struct js *j) {
  while (j->i < j->text.len) {
    char ch = j->text.p[j->i];
    if (ch == '/') {
      slash(j);
    } else if (ch == '"' || ch == '\'' || ch == '`') {
      size_t start = j->i;
      struct zhi_str raw;
      if (literal(j, &raw))
        judge(j, start, raw);
    } else {
      do
        j->i++;
      while (j->i < j->text.len && !begins[(unsigned char)j->text.p[j->i]]);
    }
  }
}

void links_script(struct collector *c, struct zhi_str js, bool handler) {
  struct zhi_str text = zhi_str_trim(js);
  if (zhi_str_starts(text, "<!--")) /* <script><!-- … --> */
    text = zhi_str_sub(text, 4, text.len);
  bool markup = *(text.len ? text.p : "") == '<' || zhi_str_find(text, ZHI_STR("<![CDATA["));
  if (!handler && markup) { /* a template, or a datastore's XML */
    links_fragment(c, text);
    if (*text.p == '<')
      return;
  }
  struct js j = {.c = c, .text = text, .handler = handler};
  scan(&j);
}
