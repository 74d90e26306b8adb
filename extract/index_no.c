/* 索引号: which grammar a number follows. A grammar is a small pattern: a letter class and a count each,
 * anything else stands for itself. Tried in order; the raw number is always kept. */
#include "extract/values.h"

/* d digit, a lower letter or digit, A upper letter or digit, U upper letter, w any letter or digit, X digit
 * or X. A class is followed by its count: "{n}" or "{n,m}"; greedy, no backtracking needed. */
struct grammar {
  const char *name, *pattern;
};

static const struct grammar grammars[] = {
    {"site-dept-20", "d{10}/a{1,24}/d{20}"},
    {"site-year", "d{10}/d{4}-d{4,6}"},
    {"uscc", "11d{6}A{10}/d{4}-d{5}"},
    {"org9-month", "A{8}X{1}/d{6}-d{5}"},
    {"org9", "A{8}X{1}/d{4}-d{2,5}"},
    {"org9-dashes", "A{8}X{1}-d{4}-d{4,6}"},
    {"org8-hyphen", "d{7,8}-X{1}/d{4}-d{2,8}"},
    {"org8-hyphen", "d{7,8}-X{1}/d{2,8}"},
    {"org8-hyphen", "d{7,8}-X{1}-w{1,8}/d{4}-d{2,8}"},
    {"dashed-area", "d{6}-w{1,12}-w{1,12}-w{1,12}-d{8}-w{1,12}"},
    {"digits21", "d{21}"},
    {"letter", "U{2}d{4,6}-d{2,4}-d{2}-d{4}-d{3,5}"},
    {"letter", "U{2}d{4,6}-d{2,4}-d{4}-d{3,5}"},
    {"dashed-letter", "U{2}w{3}-w{1,16}-d{4}-w{1,12}"},
    {"siteserver", "w{5}-w{5}-d{4}-d{5}"},
};

static bool in_class(char k, char c) {
  bool digit = c >= '0' && c <= '9', upper = c >= 'A' && c <= 'Z', lower = c >= 'a' && c <= 'z';
  switch (k) {
  case 'd': return digit;
  case 'a': return lower || digit;
  case 'A': return upper || digit;
  case 'U': return upper;
  case 'w': return upper || lower || digit || c == '_';
  case 'X': return digit || c == 'X';
  default: return false;
  }
}

static size_t count_of(const char **p) {
  size_t n = 0;
  while (**p >= '0' && **p <= '9')
    n = n * 10 + (size_t)(*(*p)++ - '0');
  return n;
}

static bool fits(const char *p, struct zhi_str s) {
  size_t i = 0;
  while (*p) {
    if (p[1] != '{') {
      if (i >= s.len || s.p[i] != *p)
        return false;
      i++;
      p++;
      continue;
    }
    char k = *p;
    p += 2;
    size_t least = count_of(&p), most = least;
    if (*p == ',') {
      p++;
      most = count_of(&p);
    }
    p++;
    size_t n = 0;
    while (n < most && i < s.len && in_class(k, s.p[i]))
      n++, i++;
    if (n < least)
      return false;
  }
  return i == s.len;
}

const char *zhi_index_grammar(struct zhi_str s) {
  for (size_t i = 0; i < sizeof grammars / sizeof *grammars; i++)
    if (fits(grammars[i].pattern, s))
      return grammars[i].name;
  return "other";
}

/* 4114810015/…: what begins with ten digits begins with a site code. */
static bool has_site_code(struct zhi_str s) {
  return s.len > 10 && s.p[10] == '/' && fits("d{10}", zhi_str_sub(s, 0, 10));
}

bool zhi_index_division(struct zhi_str s, char code[7]) {
  const char *g = zhi_index_grammar(s);
  size_t at = strcmp(g, "uscc") == 0 ? 2 : 0;
  if (strcmp(g, "uscc") != 0 && strcmp(g, "site-dept-20") != 0 && strcmp(g, "site-year") != 0 &&
      strcmp(g, "dashed-area") != 0 && strcmp(g, "digits21") != 0 && !has_site_code(s))
    return false;
  memcpy(code, s.p + at, 6);
  code[6] = '\0';
  return true;
}

bool zhi_uscc_ok(const char *code) {
  static const char digits[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  static const int weights[] = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
  int sum = 0;
  for (int i = 0; i < 17; i++) {
    const char *d = code[i] ? strchr(digits, code[i]) : NULL;
    if (!d)
      return false;
    sum += (int)(d - digits) * weights[i];
  }
  return code[17] == digits[(31 - sum % 31) % 31];
}
