/* Small value helpers: squeezing, collapsing, placeholders, lists. Labels and values are mostly pure Han text
 * with ASCII; only when another character is met does NFKC (libunistring) run. */
#include "extract/values.h"

#include <stdlib.h>
#include <uninorm.h>

static bool is_blank(unsigned cp) {
  return cp <= ' ' || cp == 0xa0 || cp == 0x3000 || cp == 0xfeff || cp == 0xad || cp == 0x202f ||
         (cp >= 0x2000 && cp <= 0x200f) || cp == 0x2060;
}

/* Characters that NFKC leaves alone: ASCII, unified Han, CJK punctuation that has no other form. */
static bool is_plain(unsigned cp) {
  return cp < 0x80 || (cp >= 0x4e00 && cp <= 0x9fff) || (cp >= 0x3001 && cp <= 0x301f);
}

static size_t put_utf8(char *p, unsigned cp) {
  if (cp < 0x80)
    return (size_t)(p[0] = (char)cp, 1);
  if (cp < 0x800) {
    p[0] = (char)(0xc0 | cp >> 6);
    p[1] = (char)(0x80 | (cp & 63));
    return 2;
  }
  if (cp < 0x10000) {
    p[0] = (char)(0xe0 | cp >> 12);
    p[1] = (char)(0x80 | (cp >> 6 & 63));
    p[2] = (char)(0x80 | (cp & 63));
    return 3;
  }
  p[0] = (char)(0xf0 | cp >> 18);
  p[1] = (char)(0x80 | (cp >> 12 & 63));
  p[2] = (char)(0x80 | (cp >> 6 & 63));
  p[3] = (char)(0x80 | (cp & 63));
  return 4;
}

static struct zhi_str nfkc(struct zhi_arena *a, struct zhi_str s) {
  size_t n = 0;
  uint8_t *r = u8_normalize(UNINORM_NFKC, (const uint8_t *)s.p, s.len, NULL, &n);
  if (!r)
    return s;
  char *p = zhi_arena_alloc(a, n + 1);
  if (!p) {
    free(r);
    return s;
  }
  memcpy(p, r, n);
  free(r);
  size_t w = 0;
  for (size_t i = 0; i < n;) {
    unsigned cp;
    size_t k = zhi_utf8_next(p + i, n - i, &cp);
    if (!is_blank(cp)) {
      memmove(p + w, p + i, k);
      w += k;
    }
    i += k;
  }
  return zhi_str_n(p, w);
}

struct zhi_str zhi_squeeze(struct zhi_arena *a, struct zhi_str s, size_t max) {
  if (s.len > max)
    s.len = max;
  char *p = zhi_arena_alloc(a, s.len * 3 + 4);
  if (!p)
    return ZHI_STR_NONE;
  size_t w = 0;
  bool plain = true;
  for (size_t i = 0; i < s.len;) {
    unsigned cp;
    i += zhi_utf8_next(s.p + i, s.len - i, &cp);
    if (is_blank(cp))
      continue;
    if (cp >= 0xff01 && cp <= 0xff5e)
      cp -= 0xfee0;
    plain = plain && is_plain(cp);
    w += put_utf8(p + w, cp);
  }
  struct zhi_str out = zhi_str_n(p, w);
  return plain ? out : nfkc(a, out);
}

struct zhi_str zhi_collapse(struct zhi_arena *a, struct zhi_str s) {
  char *p = zhi_arena_alloc(a, s.len + 1);
  if (!p)
    return ZHI_STR_NONE;
  size_t w = 0;
  bool gap = false;
  for (size_t i = 0; i < s.len;) {
    unsigned cp;
    size_t n = zhi_utf8_next(s.p + i, s.len - i, &cp);
    if (is_blank(cp)) {
      gap = gap || !((cp >= 0x200b && cp <= 0x200f) || cp == 0xfeff || cp == 0xad || cp == 0x2060);
    } else {
      if (gap && w)
        p[w++] = ' ';
      gap = false;
      memcpy(p + w, s.p + i, n);
      w += n;
    }
    i += n;
  }
  p[w] = '\0';
  return zhi_str_n(p, w);
}

bool zhi_is_placeholder(struct zhi_str s) {
  static const char *const words[] = {
      "无",         "暂无",     "空",         "null", "undefined", "&nbsp;",   "0000-00-00",
      "1900-01-01", "1900-1-1", "0001-01-01", "none", "/",         "\\",       "〔〕号",
      "[]号",       "()号",     "号",         "〔〕", "无文号",    "暂无文号", "nan",
      "n/a",        "无。",     "（无）",     "(无)"};
  s = zhi_str_trim(s);
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (zhi_str_iis(s, words[i]))
      return true;
  for (size_t i = 0; i < s.len;) { /* nothing but marks */
    unsigned cp;
    i += zhi_utf8_next(s.p + i, s.len - i, &cp);
    bool alnum = (cp >= '0' && cp <= '9') || ((cp | 32) >= 'a' && (cp | 32) <= 'z' && cp < 0x80);
    bool mark = cp < 0x80 ? !alnum
                          : cp < 0xc0 || (cp >= 0x2000 && cp <= 0x2bff) ||
                                (cp >= 0x3000 && cp <= 0x303f && cp != 0x3007) ||
                                (cp >= 0xff00 && cp <= 0xff0f) || (cp >= 0xff1a && cp <= 0xff20) ||
                                cp == 0xfeff;
    if (!mark)
      return false;
  }
  return true;
}

static bool is_list_break(unsigned cp, bool by_space) {
  return cp == ',' || cp == ';' || cp == '\\' || cp == '>' || cp == '|' || cp == 0xff0c ||
         cp == 0xff1b || cp == 0x3001 || cp == '\n' || cp == '\t' || cp == '/' || cp == 0xff0f ||
         cp == 0xff5c || (by_space && is_blank(cp));
}

struct zhi_str zhi_value_list(struct zhi_arena *a, struct zhi_str s, bool by_space) {
  char *p = zhi_arena_alloc(a, s.len * 2 + 4);
  if (!p)
    return ZHI_STR_NONE;
  size_t w = 0, from = 0;
  for (size_t i = 0; i <= s.len;) {
    unsigned cp = ',';
    size_t n = i < s.len ? zhi_utf8_next(s.p + i, s.len - i, &cp) : 1;
    if (i == s.len || is_list_break(cp, by_space)) {
      struct zhi_str part = zhi_collapse(a, zhi_str_sub(s, from, i));
      if (part.len) {
        if (w) {
          memcpy(p + w, "; ", 2);
          w += 2;
        }
        memcpy(p + w, part.p, part.len);
        w += part.len;
      }
      from = i + n;
    }
    i += n;
  }
  p[w] = '\0';
  return zhi_str_n(p, w);
}
