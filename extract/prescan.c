/* The encoding a page declares of itself: the HTML Standard's "prescan a byte stream to determine its
 * encoding", over more bytes than its 1,024, because a parser that meets a later <meta> changes its mind too.
 * Reads bytes only, follows comments and attributes as the Standard says, ignores everything else. */
#include <string.h>

#include "zhi/charset.h"

enum { PRESCAN_BYTES = 64 * 1024, PRESCAN_ATTRS = 64 };

struct scan {
  const char *p, *end;
};

struct scan_attr {
  struct zhi_str name, value;
};

static bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}
static bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/* "Get an attribute": false at the end of the tag or of the bytes. Names and values as written. */
static bool next_attr(struct scan *s, struct scan_attr *a) {
  while (s->p < s->end && (is_space(*s->p) || *s->p == '/'))
    s->p++;
  if (s->p >= s->end || *s->p == '>')
    return false;
  const char *start = s->p++; /* a leading '=' belongs to the name */
  while (s->p < s->end && *s->p != '=' && !is_space(*s->p) && *s->p != '/' && *s->p != '>')
    s->p++;
  a->name = zhi_str_n(start, (size_t)(s->p - start));
  a->value = ZHI_STR("");
  while (s->p < s->end && is_space(*s->p))
    s->p++;
  if (s->p >= s->end || *s->p != '=')
    return s->p < s->end;
  s->p++;
  while (s->p < s->end && is_space(*s->p))
    s->p++;
  if (s->p >= s->end)
    return false;
  if (*s->p == '"' || *s->p == '\'') {
    char quote = *s->p++;
    const char *close = memchr(s->p, quote, (size_t)(s->end - s->p));
    if (!close) {
      s->p = s->end;
      return false;
    }
    a->value = zhi_str_n(s->p, (size_t)(close - s->p));
    s->p = close + 1;
    return true;
  }
  start = s->p;
  while (s->p < s->end && !is_space(*s->p) && *s->p != '>')
    s->p++;
  a->value = zhi_str_n(start, (size_t)(s->p - start));
  return s->p < s->end;
}

/* "Extracting a character encoding from a meta element": what follows charset= in `content`. */
static struct zhi_str charset_of_content(struct zhi_str content) {
  for (;;) {
    const char *at = zhi_str_ifind(content, "charset");
    if (!at)
      return ZHI_STR_NONE;
    size_t i = (size_t)(at - content.p) + 7;
    while (i < content.len && is_space(content.p[i]))
      i++;
    if (i >= content.len || content.p[i] != '=') {
      content = zhi_str_sub(content, i, content.len);
      continue;
    }
    i++;
    while (i < content.len && is_space(content.p[i]))
      i++;
    struct zhi_str rest = zhi_str_sub(content, i, content.len);
    if (rest.len && (*rest.p == '"' || *rest.p == '\'')) {
      const char *close = memchr(rest.p + 1, *rest.p, rest.len - 1);
      return close ? zhi_str_n(rest.p + 1, (size_t)(close - rest.p) - 1) : ZHI_STR_NONE;
    }
    size_t n = 0;
    while (n < rest.len && !is_space(rest.p[n]) && rest.p[n] != ';')
      n++;
    return zhi_str_n(rest.p, n);
  }
}

/* UTF-16 in a declaration that could be read byte by byte is UTF-8; x-user-defined is windows-1252. */
static const struct zhi_encoding *declared(struct zhi_str label) {
  const struct zhi_encoding *enc = label.p ? zhi_encoding_of(label) : NULL;
  if (!enc)
    return NULL;
  const char *name = zhi_encoding_name(enc);
  if (strncmp(name, "UTF-16", 6) == 0)
    return zhi_utf8;
  if (strcmp(name, "x-user-defined") == 0)
    return zhi_encoding_of(ZHI_STR("windows-1252"));
  return enc;
}

static const struct zhi_encoding *meta_tag(struct scan *s) {
  bool got_pragma = false, need_pragma = false, seen_charset = false, seen_content = false,
       seen_equiv = false;
  struct zhi_str label = ZHI_STR_NONE;
  struct scan_attr a;
  for (int n = 0; n < PRESCAN_ATTRS && next_attr(s, &a); n++) {
    if (zhi_str_iis(a.name, "http-equiv") && !seen_equiv) {
      seen_equiv = true;
      got_pragma = zhi_str_iis(a.value, "content-type");
    } else if (zhi_str_iis(a.name, "content") && !seen_content && !label.p) {
      seen_content = true;
      label = charset_of_content(a.value);
      need_pragma = label.p != NULL;
    } else if (zhi_str_iis(a.name, "charset") && !seen_charset) {
      seen_charset = true;
      label = a.value;
      need_pragma = false;
    }
  }
  if (s->p >= s->end) /* the tag is not whole */
    return NULL;
  return label.p && (!need_pragma || got_pragma) ? declared(label) : NULL;
}

static bool at(const struct scan *s, const char *word) {
  size_t n = strlen(word);
  return (size_t)(s->end - s->p) >= n && zhi_str_iis(zhi_str_n(s->p, n), word);
}

static void skip_to(struct scan *s, const char *mark) {
  const char *hit = zhi_str_find(zhi_str_n(s->p, (size_t)(s->end - s->p)), zhi_str_of(mark));
  s->p = hit ? hit + strlen(mark) : s->end;
}

/* <?xml version="1.0" encoding="gb2312"?> at the very start. */
static const struct zhi_encoding *xml_declaration(struct zhi_str bytes) {
  struct zhi_str head = zhi_str_sub(bytes, 0, 512);
  const char *end = memchr(head.p, '>', head.len), *enc;
  if (!end)
    return NULL;
  head.len = (size_t)(end - head.p);
  if (!(enc = zhi_str_find(head, ZHI_STR("encoding"))))
    return NULL;
  struct scan s = {enc, end};
  struct scan_attr a;
  return next_attr(&s, &a) ? declared(zhi_str_trim(a.value)) : NULL;
}

/* @charset "gbk"; at the very start of a style sheet (CSS Syntax 3.2). */
static const struct zhi_encoding *css_declaration(struct zhi_str bytes) {
  struct zhi_str label = zhi_str_sub(bytes, 10, 74);
  const char *end = label.len ? memchr(label.p, '"', label.len) : NULL;
  return end ? declared(zhi_str_n(label.p, (size_t)(end - label.p))) : NULL;
}

const struct zhi_encoding *zhi_charset_declared(struct zhi_str bytes) {
  const struct zhi_encoding *enc = NULL;
  if (zhi_str_istarts(bytes, "<?xml") && (enc = xml_declaration(bytes)))
    return enc;
  if (zhi_str_starts(bytes, "@charset \""))
    return css_declaration(bytes);
  struct zhi_str head = zhi_str_sub(bytes, 0, PRESCAN_BYTES);
  struct scan s = {head.p, head.p + head.len};
  while (s.p < s.end && (s.p = memchr(s.p, '<', (size_t)(s.end - s.p)))) {
    if (at(&s, "<!--")) {
      s.p += 2; /* the dashes of <!--> may close it */
      skip_to(&s, "-->");
    } else if (at(&s, "<meta") && s.end - s.p > 5 && (is_space(s.p[5]) || s.p[5] == '/')) {
      s.p += 6;
      if ((enc = meta_tag(&s)))
        return enc;
    } else if (s.end - s.p > 1 &&
               (is_alpha(s.p[1]) || (s.p[1] == '/' && s.end - s.p > 2 && is_alpha(s.p[2])))) {
      struct scan_attr a;
      s.p += 2;
      while (s.p < s.end && !is_space(*s.p) && *s.p != '>')
        s.p++;
      while (next_attr(&s, &a)) {
      }
    } else if (at(&s, "<!") || at(&s, "</") || at(&s, "<?")) {
      s.p += 2;
      skip_to(&s, ">");
    } else {
      s.p++;
    }
  }
  return NULL;
}
