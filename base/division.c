/* The table is text, a line a code and name, sorted; a search halves its bytes and steps to the line's start. */
#include "zhi/division.h"

#include "zhi/embed.h"

ZHI_EMBED(divisions_txt, "config/divisions.txt")

enum { CODE_BYTES = 6, FIRST_YEAR = 2002, LAST_YEAR = 2024 };

bool zhi_division_is_code(struct zhi_str code) {
  if (code.len != CODE_BYTES || code.p[0] < '1' || code.p[0] > '8')
    return false;
  for (size_t i = 0; i < CODE_BYTES; i++)
    if (code.p[i] < '0' || code.p[i] > '9')
      return false;
  return true;
}

static size_t line_start(struct zhi_str t, size_t at) {
  while (at && t.p[at - 1] != '\n')
    at--;
  return at;
}

static size_t next_line(struct zhi_str t, size_t at) {
  const char *nl = memchr(t.p + at, '\n', t.len - at);
  return nl ? (size_t)(nl - t.p) + 1 : t.len;
}

/* "2008-2024", "2023" or nothing: from the first year to the last. */
static void read_years(struct zhi_str s, struct zhi_division *out) {
  unsigned long long first = FIRST_YEAR, last = LAST_YEAR;
  struct zhi_str from = zhi_str_cut(&s, '-');
  if (from.len && zhi_str_u64(from, 9999, &first) && !zhi_str_u64(s, 9999, &last))
    last = first;
  out->first = (int)first;
  out->last = (int)last;
}

bool zhi_division_find(struct zhi_str code, struct zhi_division *out) {
  struct zhi_str t = divisions_txt();
  size_t from = 0, to = t.len;
  if (!zhi_division_is_code(code))
    return false;
  while (from < to) { /* the first line whose code is greater begins at `to` in the end */
    size_t at = line_start(t, from + (to - from) / 2);
    if (t.p[at] == '#' || memcmp(t.p + at, code.p, CODE_BYTES) <= 0)
      from = next_line(t, at);
    else
      to = at;
  }
  if (from == 0)
    return false;
  size_t at = line_start(t, from - 1);
  struct zhi_str line = zhi_str_trim(zhi_str_sub(t, at, from));
  if (line.len < CODE_BYTES + 2 || memcmp(line.p, code.p, CODE_BYTES) != 0)
    return false;
  zhi_str_cut(&line, ' ');
  out->name = zhi_str_cut(&line, ' ');
  read_years(line, out);
  return true;
}
