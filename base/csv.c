/* Cells of CSV files. What most cells need is one scan and one copy. */
#include "zhi/csv.h"

enum {
  LONG_DIGITS = 12
}; /* from here on a spreadsheet shows 4.11E+11; from 16 on it loses digits */

static void add_clean(struct zhi_buf *b, struct zhi_str s) {
  for (size_t i = 0; i < s.len;) {
    unsigned cp;
    i += zhi_utf8_next(s.p + i, s.len - i, &cp);
    if (cp == '"')
      zhi_buf_addc(b, '"');
    if (cp)
      zhi_buf_add_utf8(b, cp);
  }
}

/* Each quote twice. JSON has one every few bytes. */
static void add_doubled(struct zhi_buf *b, struct zhi_str s) {
  if (!zhi_buf_reserve(b, 2 * s.len))
    return;
  char *out = b->p + b->len;
  for (size_t i = 0; i < s.len; i++) {
    *out++ = s.p[i];
    if (s.p[i] == '"')
      *out++ = '"';
  }
  *out = '\0';
  b->len = (size_t)(out - b->p);
}

static bool is_spoiled_number(struct zhi_str s) {
  for (size_t i = 0; i < s.len; i++)
    if (s.p[i] < '0' || s.p[i] > '9')
      return false;
  return s.len >= LONG_DIGITS || (s.len > 1 && s.p[0] == '0');
}

/* Does the guard of ZHI_CSV_GUARDED stand before this text? */
static bool is_guarded(struct zhi_str s) {
  static const char *const wide[] = {"\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D",
                                     "\xEF\xBC\xA0"};
  while (s.len && s.p[0] == '\0') /* left out of the file */
    s = zhi_str_sub(s, 1, s.len);
  if (!s.len)
    return false;
  if (memchr("=+-@\t\r\n", s.p[0], 7))
    return true;
  for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
    if (zhi_str_starts(s, wide[i]))
      return true;
  return is_spoiled_number(s);
}

static bool has_separator(struct zhi_str s) {
  for (size_t i = 0; i < s.len; i++)
    if (s.p[i] == ',' || s.p[i] == '\r' || s.p[i] == '\n')
      return true;
  return false;
}

void zhi_csv_cell(struct zhi_buf *b, struct zhi_str s, enum zhi_csv_style style) {
  if (!s.len)
    return;
  bool doubled = memchr(s.p, '"', s.len), quote = doubled || has_separator(s);
  if (quote)
    zhi_buf_addc(b, '"');
  if (style == ZHI_CSV_GUARDED && is_guarded(s))
    zhi_buf_addc(b, '\'');
  if (memchr(s.p, 0, s.len) || !zhi_utf8_valid(s, NULL))
    add_clean(b, s);
  else if (doubled)
    add_doubled(b, s);
  else
    zhi_buf_addstr(b, s);
  if (quote)
    zhi_buf_addc(b, '"');
}

struct zhi_str zhi_cell_fit(struct zhi_str s, bool *cut) {
  size_t units = 0;
  *cut = false;
  if (s.len <= ZHI_CELL_MAX_UNITS)
    return s;
  for (size_t i = 0; i < s.len;) {
    unsigned cp;
    size_t n = zhi_utf8_next(s.p + i, s.len - i, &cp);
    units += cp > 0xFFFF ? 2 : 1;
    if (units > ZHI_CELL_MAX_UNITS) {
      *cut = true;
      return zhi_str_sub(s, 0, i);
    }
    i += n;
  }
  return s;
}
