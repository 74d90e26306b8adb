/* Strings: borrowed views, owned capped buffers, UTF-8 primitives. */
#include "zhi/str.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

enum { SHORT_NEEDLE = 16 /* bytes; what is longer would make repetitive text quadratic */ };

static char empty_string[1] = "";

int zhi_str_cmp(struct zhi_str a, struct zhi_str b) {
  size_t n = a.len < b.len ? a.len : b.len;
  int c = n ? memcmp(a.p, b.p, n) : 0;
  if (c)
    return c;
  return a.len < b.len ? -1 : a.len > b.len;
}

const char *zhi_str_find(struct zhi_str s, struct zhi_str needle) {
  if (needle.len == 0)
    return s.p;
  if (s.len < needle.len)
    return NULL;
  if (needle.len > SHORT_NEEDLE)
    return memmem(s.p, s.len, needle.p, needle.len);
  /* By the last byte, which tells Han characters apart; memmem would build a table first. */
  const char *last = s.p + needle.len - 1, *end = s.p + s.len;
  char mark = needle.p[needle.len - 1];
  while ((last = memchr(last, mark, (size_t)(end - last)))) {
    const char *at = last - (needle.len - 1);
    if (memcmp(at, needle.p, needle.len - 1) == 0)
      return at;
    if (++last == end)
      break;
  }
  return NULL;
}

const char *zhi_str_ifind(struct zhi_str s, const char *needle) {
  size_t n = strlen(needle);
  if (!n || n > s.len)
    return n ? NULL : s.p;
  char low = needle[0], high = low;
  if (low >= 'a' && low <= 'z')
    high = (char)(low ^ 0x20);
  else if (low >= 'A' && low <= 'Z')
    low = (char)(high ^ 0x20);
  for (const char *p = s.p, *last = s.p + (s.len - n); p <= last; p++)
    if ((*p == low || *p == high) && strncasecmp(p, needle, n) == 0)
      return p;
  return NULL;
}

static bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

struct zhi_str zhi_str_trim(struct zhi_str s) {
  while (s.len && is_space(s.p[0])) {
    s.p++;
    s.len--;
  }
  while (s.len && is_space(s.p[s.len - 1]))
    s.len--;
  return s;
}

struct zhi_str zhi_str_sub(struct zhi_str s, size_t from, size_t to) {
  if (to > s.len)
    to = s.len;
  if (from > to)
    from = to;
  return (struct zhi_str){s.p ? s.p + from : NULL, to - from};
}

struct zhi_str zhi_str_cut(struct zhi_str *rest, char sep) {
  const char *at = rest->len ? memchr(rest->p, sep, rest->len) : NULL;
  struct zhi_str head = *rest;
  if (!at) {
    *rest = ZHI_STR_NONE;
    return head;
  }
  head.len = (size_t)(at - rest->p);
  rest->p = at + 1;
  rest->len -= head.len + 1;
  return head;
}

bool zhi_str_u64(struct zhi_str s, unsigned long long max, unsigned long long *out) {
  unsigned long long v = 0;
  if (!s.len)
    return false;
  for (size_t i = 0; i < s.len; i++) {
    if (s.p[i] < '0' || s.p[i] > '9')
      return false;
    unsigned d = (unsigned)(s.p[i] - '0');
    if (v > (max - d) / 10 || d > max)
      return false;
    v = v * 10 + d;
  }
  *out = v;
  return true;
}

void zhi_buf_init(struct zhi_buf *b, size_t max) {
  *b = (struct zhi_buf){.p = empty_string, .max = max};
}

void zhi_buf_release(struct zhi_buf *b) {
  if (b->p != empty_string)
    free(b->p);
  zhi_buf_init(b, b->max);
}

void zhi_buf_clear(struct zhi_buf *b) {
  b->len = 0;
  b->failed = b->starved = 0;
  if (b->p != empty_string)
    b->p[0] = '\0';
}

bool zhi_buf_reserve(struct zhi_buf *b, size_t more) {
  if (b->failed)
    return false;
  if (more > b->max || b->len > b->max - more) {
    b->failed = 1;
    return false;
  }
  size_t need = b->len + more + 1;
  if (need <= b->cap)
    return true;
  size_t cap = b->cap ? b->cap : 64;
  while (cap < need)
    cap += cap / 2 + 16;
  char *p = realloc(b->p == empty_string ? NULL : b->p, cap);
  if (!p) {
    b->failed = b->starved = 1;
    return false;
  }
  b->p = p;
  b->cap = cap;
  b->p[b->len] = '\0';
  return true;
}

void zhi_buf_add(struct zhi_buf *b, const void *p, size_t n) {
  if (n == 0 || !zhi_buf_reserve(b, n))
    return;
  memcpy(b->p + b->len, p, n);
  b->len += n;
  b->p[b->len] = '\0';
}

void zhi_buf_adds(struct zhi_buf *b, const char *s) { zhi_buf_add(b, s, strlen(s)); }

void zhi_buf_addstr(struct zhi_buf *b, struct zhi_str s) { zhi_buf_add(b, s.p, s.len); }

void zhi_buf_addc(struct zhi_buf *b, char c) { zhi_buf_add(b, &c, 1); }

void zhi_buf_addf(struct zhi_buf *b, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  int n = vsnprintf(NULL, 0, fmt, ap);
  va_end(ap);
  if (n < 0) {
    b->failed = 1;
    return;
  }
  if (n == 0 || !zhi_buf_reserve(b, (size_t)n))
    return;
  va_start(ap, fmt);
  vsnprintf(b->p + b->len, (size_t)n + 1, fmt, ap);
  va_end(ap);
  b->len += (size_t)n;
}

void zhi_buf_add_utf8(struct zhi_buf *b, unsigned cp) {
  char s[4];
  size_t n;
  if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
    cp = 0xFFFD;
  if (cp < 0x80) {
    s[0] = (char)cp;
    n = 1;
  } else if (cp < 0x800) {
    s[0] = (char)(0xC0 | (cp >> 6));
    s[1] = (char)(0x80 | (cp & 0x3F));
    n = 2;
  } else if (cp < 0x10000) {
    s[0] = (char)(0xE0 | (cp >> 12));
    s[1] = (char)(0x80 | ((cp >> 6) & 0x3F));
    s[2] = (char)(0x80 | (cp & 0x3F));
    n = 3;
  } else {
    s[0] = (char)(0xF0 | (cp >> 18));
    s[1] = (char)(0x80 | ((cp >> 12) & 0x3F));
    s[2] = (char)(0x80 | ((cp >> 6) & 0x3F));
    s[3] = (char)(0x80 | (cp & 0x3F));
    n = 4;
  }
  zhi_buf_add(b, s, n);
}

void zhi_buf_add_slug(struct zhi_buf *b, struct zhi_str s) {
  for (size_t i = 0; i < s.len; i++) {
    char c = s.p[i];
    bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || memchr("._-", c, 3);
    zhi_buf_addc(b, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : plain ? c : '-');
  }
}

void zhi_buf_truncate(struct zhi_buf *b, size_t len) {
  if (len < b->len) {
    b->len = len;
    b->p[len] = '\0';
  }
}

char *zhi_buf_take(struct zhi_buf *b) {
  char *p = NULL;
  if (!b->failed && zhi_buf_reserve(b, 0)) {
    p = b->p;
    b->p = empty_string;
  }
  zhi_buf_release(b);
  return p;
}

struct zhi_str zhi_buf_view(const struct zhi_buf *b) {
  return (struct zhi_str){b->p, b->len};
}

enum zhi_code zhi_buf_check(const struct zhi_buf *b, const char *what, struct zhi_err *e) {
  if (!b->failed)
    return ZHI_OK;
  if (b->starved)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for %s", what);
  return zhi_fail(e, ZHI_ELIMIT, "%s is larger than %zu bytes", what, b->max);
}

size_t zhi_utf8_next_any(const char *s, size_t len, unsigned *cp) {
  const unsigned char *u = (const unsigned char *)s;
  unsigned c = u[0];
  if (c < 0x80) {
    *cp = c;
    return 1;
  }
  unsigned need, low = 0x80, high = 0xBF, v;
  if (c >= 0xC2 && c <= 0xDF) {
    need = 1;
    v = c & 0x1F;
  } else if (c >= 0xE0 && c <= 0xEF) {
    need = 2;
    v = c & 0x0F;
    low = c == 0xE0 ? 0xA0 : 0x80;
    high = c == 0xED ? 0x9F : 0xBF;
  } else if (c >= 0xF0 && c <= 0xF4) {
    need = 3;
    v = c & 0x07;
    low = c == 0xF0 ? 0x90 : 0x80;
    high = c == 0xF4 ? 0x8F : 0xBF;
  } else {
    *cp = 0xFFFD;
    return 1;
  }
  size_t i = 1;
  for (; i <= need; i++) {
    if (i >= len || u[i] < low || u[i] > high) {
      *cp = 0xFFFD;
      return i;
    }
    v = (v << 6) | (u[i] & 0x3Fu);
    low = 0x80;
    high = 0xBF;
  }
  *cp = v;
  return i;
}

size_t zhi_utf8_count(struct zhi_str s) {
  size_t n = 0, i = 0;
  for (; i + 8 <= s.len; i += 8) { /* bit 7 set and bit 6 clear in each byte that continues */
    uint64_t w;
    memcpy(&w, s.p + i, 8);
    uint64_t more = (w & ~(w << 1) & UINT64_C(0x8080808080808080)) >> 7;
    n += 8 - (size_t)((more * UINT64_C(0x0101010101010101)) >> 56); /* the sum of its bytes */
  }
  for (; i < s.len; i++)
    n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
  return n;
}

struct zhi_str zhi_str_clip(struct zhi_str s, size_t max) {
  if (s.len <= max)
    return s;
  while (max > 0 && ((unsigned char)s.p[max] & 0xC0) == 0x80)
    max--;
  return zhi_str_n(s.p, max);
}

bool zhi_utf8_valid(struct zhi_str s, size_t *bad_at) {
  for (size_t i = 0; (i = zhi_ascii_end(s, i)) < s.len;) {
    while (i + 3 <= s.len && zhi_utf8_is_common3(s.p + i))
      i += 3;
    if (i >= s.len)
      break;
    unsigned cp;
    size_t n = zhi_utf8_next(s.p + i, s.len - i, &cp);
    if (cp == 0xFFFD && !(n == 3 && memcmp(s.p + i, "\xEF\xBF\xBD", 3) == 0)) {
      if (bad_at)
        *bad_at = i;
      return false;
    }
    i += n;
  }
  return true;
}
