/* 发文字号. The text is squeezed (NFKC, no spaces) and its brackets made 〔〕; then the number's end 号 is
 * looked for and the parts are read backwards from it: serial, 第, the year in brackets, the agency. */
#include "extract/values.h"

enum { SQUEEZE_MAX = 600, AGENCY_MAX_CHARS = 24 };

#define OPEN  "〔"
#define CLOSE "〕"
#define HAO   "号"

static struct zhi_str bracketed(struct zhi_arena *a, struct zhi_str s) {
  char *p = zhi_arena_alloc(a, s.len * 3 + 1);
  size_t w = 0;
  if (!p)
    return ZHI_STR_NONE;
  for (size_t i = 0; i < s.len;) {
    unsigned cp;
    size_t n = zhi_utf8_next(s.p + i, s.len - i, &cp);
    const char *put = s.p + i;
    size_t len = n;
    switch (cp) {
    case '[':
    case '(':
    case '{':
    case '<':
    case 0x3010:
    case 0x3014:
    case 0xfe5d:
    case 0x3008:
    case 0xff3b:
    case 0x300a:
    case 0xff5b:
      put = OPEN;
      len = 3;
      break;
    case ']':
    case ')':
    case '}':
    case '>':
    case 0x3011:
    case 0x3015:
    case 0xfe5e:
    case 0x3009:
    case 0xff3d:
    case 0x300b:
    case 0xff5d:
      put = CLOSE;
      len = 3;
      break;
    case 0x865f:
      put = HAO;
      len = 3;
      break;
    default: break;
    }
    memcpy(p + w, put, len);
    w += len;
    i += n;
  }
  return zhi_str_n(p, w);
}

static bool ends_at(struct zhi_str s, size_t at, const char *word) {
  size_t n = strlen(word);
  return at >= n && memcmp(s.p + at - n, word, n) == 0;
}

static size_t digits_back(struct zhi_str s, size_t at) {
  size_t n = 0;
  while (n < at && s.p[at - 1 - n] >= '0' && s.p[at - 1 - n] <= '9')
    n++;
  return n;
}

/* How many bytes before `at` are Han characters (an agency's name), at most AGENCY_MAX_CHARS of them. */
static size_t agency_back(struct zhi_str s, size_t at) {
  size_t from = at;
  for (int n = 0; n < AGENCY_MAX_CHARS && from >= 3; n++) {
    unsigned cp;
    if (zhi_utf8_next(s.p + from - 3, 3, &cp) != 3 || cp < 0x4e00 || cp > 0x9fff)
      break;
    from -= 3;
  }
  return at - from;
}

struct number {
  size_t from, to; /* in the squeezed text, incl. 号 or 令 */
  struct zhi_str agency, year, serial, tail;
  bool numbered; /* 第N号 without a year: needs 令 or 公告 beside it */
};

static bool read_back(struct zhi_str s, size_t hao, struct number *out) {
  size_t at = hao, n = digits_back(s, at);
  if (n < 1 || n > 6)
    return false;
  *out = (struct number){.to = hao + strlen(HAO)};
  out->serial = zhi_str_n(s.p + at - n, n);
  at -= n;
  bool di = ends_at(s, at, "第");
  if (di)
    at -= 3;
  if (ends_at(s, at, CLOSE)) {
    size_t year = at - 3;
    if (ends_at(s, year, "年"))
      year -= 3;
    n = digits_back(s, year);
    if (n != 4 || !ends_at(s, year - 4, OPEN))
      return false;
    out->year = zhi_str_n(s.p + year - 4, 4);
    at = year - 4 - 3;
  } else if (ends_at(s, at, "年") && digits_back(s, at - 3) == 4) {
    out->year = zhi_str_n(s.p + at - 7, 4);
    at -= 7;
  } else if (!di && at >= 5 && s.p[at - 1] == '-' && digits_back(s, at - 1) == 4) {
    out->year = zhi_str_n(s.p + at - 5, 4);
    at -= 5;
  } else {
    out->numbered = true;
  }
  n = agency_back(s, at);
  out->agency = zhi_str_n(s.p + at - n, n);
  out->from = at - n;
  if (zhi_str_starts(zhi_str_sub(s, out->to, s.len), "令"))
    out->tail = ZHI_STR("令"), out->to += 3;
  if (out->numbered)
    return out->tail.len || ends_at(out->agency, out->agency.len, "令") ||
           ends_at(out->agency, out->agency.len, "公告");
  return out->agency.len > 0 || ends_at(s, out->to, HAO);
}

static bool find_number(struct zhi_str s, struct number *out) {
  for (size_t i = 0; i + 3 <= s.len; i++)
    if (memcmp(s.p + i, HAO, 3) == 0 && read_back(s, i, out))
      return true;
  return false;
}

static struct zhi_str joined(struct zhi_arena *a, const struct number *n) {
  int al = (int)n->agency.len, sl = (int)n->serial.len;
  if (n->year.p && n->agency.len == 0)
    return zhi_arena_printf(a, OPEN "%.4s" CLOSE "%.*s" HAO, n->year.p, sl, n->serial.p);
  if (n->year.p)
    return zhi_arena_printf(a, "%.*s" OPEN "%.4s" CLOSE "%.*s" HAO "%.*s", al, n->agency.p,
                            n->year.p, sl, n->serial.p, ZHI_STR_ARGS(n->tail));
  return zhi_arena_printf(a, "%.*s第%.*s" HAO "%.*s", al, n->agency.p, sl, n->serial.p,
                          ZHI_STR_ARGS(n->tail));
}

struct zhi_str zhi_doc_no(struct zhi_arena *a, struct zhi_str s) {
  struct number n;
  struct zhi_str t = bracketed(a, zhi_squeeze(a, s, SQUEEZE_MAX));
  return t.p && find_number(t, &n) ? joined(a, &n) : ZHI_STR_NONE;
}

struct zhi_str zhi_doc_no_line(struct zhi_arena *a, struct zhi_str s) {
  struct number n;
  if (s.len > 200 || !zhi_str_find(s, ZHI_STR(HAO)))
    return ZHI_STR_NONE;
  struct zhi_str t = bracketed(a, zhi_squeeze(a, s, SQUEEZE_MAX));
  if (!t.p || !find_number(t, &n) || !n.year.p || n.agency.len == 0)
    return ZHI_STR_NONE;
  size_t from = n.from, to = n.to;
  if (from >= 3 && memcmp(t.p + from - 3, OPEN, 3) == 0 && t.len - to >= 3 &&
      memcmp(t.p + to, CLOSE, 3) == 0) {
    from -= 3;
    to += 3;
  }
  return from == 0 && to == t.len ? joined(a, &n) : ZHI_STR_NONE;
}
