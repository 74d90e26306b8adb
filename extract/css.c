/* Style sheets: one pass over CSS tokens (CSS Syntax Level 3, section 4), of which only comments, strings,
 * url() and @import matter here. No grammar: a url() counts wherever it stands, which is what browsers of
 * the sites' day did too. The IE filter AlphaImageLoader(src='…') is an image as well. */
#include "zhi/css.h"

#include "zhi/limits.h"

struct css {
  struct zhi_arena *arena;
  const char *p, *end;
  zhi_css_url_fn *fn;
  void *ctx;
};

static bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '\\' || (unsigned char)c >= 0x80;
}

static int hex_of(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  c = (char)(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static size_t put_utf8(char *out, unsigned cp) {
  if (cp == 0 || cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
    cp = 0xFFFD;
  if (cp < 0x80) {
    out[0] = (char)cp;
    return 1;
  }
  size_t n = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
  for (size_t i = n - 1; i > 0; i--, cp >>= 6)
    out[i] = (char)(0x80 | (cp & 0x3F));
  out[0] = (char)((0xF00u >> n) | cp);
  return n;
}

/* Escapes resolved (4.3.7). An escape is never shorter than what it stands for, but for \0 and the like. */
static struct zhi_str unescape(struct css *c, struct zhi_str raw) {
  if (!memchr(raw.p, '\\', raw.len))
    return raw;
  char *out = zhi_arena_alloc(c->arena, raw.len * 2 + 4);
  size_t n = 0;
  for (size_t i = 0; i < raw.len;) {
    if (raw.p[i] != '\\') {
      out[n++] = raw.p[i++];
      continue;
    }
    if (++i == raw.len)
      break;
    unsigned cp = 0, digits = 0;
    for (; digits < 6 && i < raw.len && hex_of(raw.p[i]) >= 0; digits++)
      cp = cp * 16 + (unsigned)hex_of(raw.p[i++]);
    if (digits) {
      n += put_utf8(out + n, cp);
      i += i < raw.len && is_space(raw.p[i]);
    } else if (raw.p[i] == '\n' || raw.p[i] == '\r' || raw.p[i] == '\f') {
      i += raw.p[i] == '\r' && i + 1 < raw.len && raw.p[i + 1] == '\n' ? 2 : 1;
    } else {
      out[n++] = raw.p[i++];
    }
  }
  return zhi_str_n(out, n);
}

static void emit(struct css *c, struct zhi_str raw, bool import) {
  raw = zhi_str_trim(raw);
  if (raw.len == 0 || raw.len > ZHI_URL_MAX_BYTES * 2 || zhi_str_istarts(raw, "data:"))
    return;
  struct zhi_str url = zhi_str_trim(unescape(c, raw));
  if (url.len)
    c->fn(c->ctx, url, import);
}

static void skip_space(struct css *c) {
  for (;;) {
    while (c->p < c->end && is_space(*c->p))
      c->p++;
    if (c->end - c->p < 2 || c->p[0] != '/' || c->p[1] != '*')
      return;
    struct zhi_str rest = {c->p + 2, (size_t)(c->end - c->p) - 2};
    const char *close = zhi_str_find(rest, ZHI_STR("*/"));
    c->p = close ? close + 2 : c->end;
  }
}

/* At a quote: the string's raw content; false when it is not closed (on its line, as CSS has it). */
static bool string_token(struct css *c, struct zhi_str *out) {
  char quote = *c->p++;
  const char *start = c->p;
  for (; c->p < c->end; c->p++) {
    if (*c->p == quote) {
      *out = zhi_str_n(start, (size_t)(c->p++ - start));
      return true;
    }
    if (*c->p == '\\' && c->p + 1 < c->end)
      c->p++;
    else if (*c->p == '\n')
      return false;
  }
  return false;
}

/* Behind "url(". */
static void url_token(struct css *c, bool import) {
  struct zhi_str raw;
  while (c->p < c->end && is_space(*c->p))
    c->p++;
  if (c->p < c->end && (*c->p == '"' || *c->p == '\'')) {
    if (string_token(c, &raw))
      emit(c, raw, import);
    return;
  }
  const char *start = c->p;
  for (; c->p < c->end && *c->p != ')'; c->p++) {
    if (*c->p == '\\' && c->p + 1 < c->end)
      c->p++;
    else if (*c->p == '"' || *c->p == '\'' || *c->p == '(' || *c->p == '{' || *c->p == ';')
      if (!zhi_str_istarts(zhi_str_n(start, (size_t)(c->end - start)), "data:"))
        return; /* a bad url: read on from here */
  }
  if (c->p >= c->end)
    return;
  emit(c, zhi_str_n(start, (size_t)(c->p++ - start)), import);
}

static bool at_url(struct css *c) {
  if (c->end - c->p < 4 || !zhi_str_iis(zhi_str_n(c->p, 4), "url("))
    return false;
  c->p += 4;
  return true;
}

static void import_rule(struct css *c) {
  struct zhi_str raw;
  skip_space(c);
  if (c->p >= c->end)
    return;
  if (*c->p == '"' || *c->p == '\'') {
    if (string_token(c, &raw))
      emit(c, raw, true);
  } else if (at_url(c)) {
    url_token(c, true);
  }
}

void zhi_css_urls(struct zhi_arena *a, struct zhi_str text, zhi_css_url_fn *fn, void *ctx) {
  struct css c = {.arena = a, .p = text.p, .end = text.p + text.len, .fn = fn, .ctx = ctx};
  bool src = false; /* the token before was `src=` */
  while (c.p < c.end) {
    struct zhi_str raw;
    char ch = *c.p;
    if (ch == '/' || is_space(ch)) {
      const char *before = c.p;
      skip_space(&c);
      c.p += c.p == before;
    } else if (ch == '"' || ch == '\'') {
      if (string_token(&c, &raw) && src)
        emit(&c, raw, false);
      src = false;
    } else if (ch == '@') {
      c.p++;
      if (c.end - c.p >= 6 && zhi_str_iis(zhi_str_n(c.p, 6), "import")) {
        c.p += 6;
        import_rule(&c);
      }
    } else if (is_name(ch)) {
      const char *start = c.p;
      while (c.p < c.end && is_name(*c.p))
        c.p++;
      struct zhi_str name = zhi_str_n(start, (size_t)(c.p - start));
      if (zhi_str_iis(name, "url") && c.p < c.end && *c.p == '(') {
        c.p++;
        url_token(&c, false);
      }
      src = zhi_str_iis(name, "src") && c.p < c.end && *c.p == '=';
      c.p += src;
    } else {
      c.p++;
    }
  }
}
