/* Templates: one pass, everything put in is escaped. */
#include "serve/html.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

enum { KEY_MAX = 48 };

void html_text(struct html *h, struct zhi_str s) {
  size_t from = 0;
  for (size_t i = 0; i < s.len; i++) {
    const char *as = NULL;
    switch (s.p[i]) {
    case '&': as = "&amp;"; break;
    case '<': as = "&lt;"; break;
    case '>': as = "&gt;"; break;
    case '"': as = "&quot;"; break;
    case '\'': as = "&#39;"; break;
    case '\0': as = "\xEF\xBF\xBD"; break;
    default: continue;
    }
    zhi_buf_add(h->b, s.p + from, i - from);
    zhi_buf_adds(h->b, as);
    from = i + 1;
  }
  if (s.len)
    zhi_buf_add(h->b, s.p + from, s.len - from);
}

/* A path of ours begins with one '/', or is a query or fragment of the page. */
static bool address_is_harmless(struct zhi_str s) {
  if (!s.len || s.p[0] == '?' || s.p[0] == '#')
    return true;
  if (s.p[0] == '/')
    return s.len == 1 || (s.p[1] != '/' && s.p[1] != '\\');
  return zhi_str_istarts(s, "http://") || zhi_str_istarts(s, "https://");
}

static void add_number(struct html *h, int64_t v, bool grouped) {
  char digits[24];
  int n = snprintf(digits, sizeof digits, "%" PRId64, v);
  for (int i = 0; i < n; i++) {
    if (grouped && i && (n - i) % 3 == 0 && digits[i - 1] != '-')
      zhi_buf_adds(h->b, "\xE2\x80\x89"); /* thin space */
    zhi_buf_addc(h->b, digits[i]);
  }
}

/* A key in braces: returns the length taken, 0 when it is no key. */
static size_t add_key(struct html *h, const char *at) {
  char key[KEY_MAX];
  const char *end = strchr(at, '}');
  size_t n = end ? (size_t)(end - at) - 1 : 0;
  if (!n || n >= KEY_MAX)
    return 0;
  memcpy(key, at + 1, n);
  key[n] = '\0';
  html_text(h, zhi_str_of(serve_words(h->lang, key)));
  return n + 2;
}

static void add_value(struct html *h, char kind, va_list *v) {
  struct zhi_str s;
  switch (kind) {
  case 's': html_text(h, zhi_str_of(va_arg(*v, const char *))); break;
  case 'S': html_text(h, va_arg(*v, struct zhi_str)); break;
  case 'q': serve_add_encoded(h->b, va_arg(*v, struct zhi_str)); break;
  case 'h':
    s = va_arg(*v, struct zhi_str);
    html_text(h, address_is_harmless(s) ? s : ZHI_STR("#"));
    break;
  case 'd': add_number(h, va_arg(*v, int64_t), false); break;
  case 'N': add_number(h, va_arg(*v, int64_t), true); break;
  case 't': html_text(h, zhi_str_of(serve_words(h->lang, va_arg(*v, const char *)))); break;
  default: zhi_buf_addc(h->b, kind); break;
  }
}

void html(struct html *h, const char *template, ...) {
  va_list v;
  va_start(v, template);
  for (const char *p = template; *p;) {
    size_t n = strcspn(p, "{%");
    zhi_buf_add(h->b, p, n);
    p += n;
    if (*p == '{') {
      n = add_key(h, p);
      if (!n)
        zhi_buf_addc(h->b, '{');
      p += n ? n : 1;
    } else if (*p == '%') {
      add_value(h, p[1], &v);
      p += p[1] ? 2 : 1;
    }
  }
  va_end(v);
}
