/* Option values: numbers with units, windows, enums. All arithmetic is integer and checked; a value
 * that does not come out whole in its smallest unit (1.5ms) is refused, not rounded. */
#include "base/option_value.h"

#include <inttypes.h>
#include <stdlib.h>

struct unit {
  const char *name;
  int64_t factor;
};

static const struct unit ms_units[] = {{"ms", 1},      {"s", 1000},     {"m", 60000},
                                       {"h", 3600000}, {"d", 86400000}, {NULL, 0}};
static const struct unit byte_units[] = {
    {"B", 1},           {"KB", 1000},          {"MB", 1000000},
    {"GB", 1000000000}, {"TB", 1000000000000}, {"KiB", 1024},
    {"MiB", 1048576},   {"GiB", 1073741824},   {"TiB", 1099511627776},
    {NULL, 0}};
static const struct unit milli_units[] = {{"", 1000}, {NULL, 0}};

#define MS_HELP   "ms, s, m, h or d"
#define BYTE_HELP "B, KB, MB, GB, TB, KiB, MiB, GiB or TiB"

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* "12.5": digits as one integer and how many of them are fraction. Advances *s past the number. */
static bool decimal(struct zhi_str *s, int64_t *digits, int64_t *scale) {
  size_t i = 0, whole;
  *digits = 0;
  *scale = 1;
  for (; i < s->len && is_digit(s->p[i]); i++)
    if (__builtin_mul_overflow(*digits, 10, digits) ||
        __builtin_add_overflow(*digits, s->p[i] - '0', digits))
      return false;
  whole = i;
  if (whole == 0)
    return false;
  if (i + 1 < s->len && s->p[i] == '.' && is_digit(s->p[i + 1])) {
    for (i++; i < s->len && is_digit(s->p[i]); i++)
      if (__builtin_mul_overflow(*scale, 10, scale) ||
          __builtin_mul_overflow(*digits, 10, digits) ||
          __builtin_add_overflow(*digits, s->p[i] - '0', digits))
        return false;
  }
  *s = zhi_str_sub(*s, i, s->len);
  return true;
}

static enum zhi_code with_unit(struct zhi_str s, const struct unit *units, const char *help,
                               int64_t *out, struct zhi_err *e) {
  int64_t v, scale;
  struct zhi_str rest = zhi_str_trim(s);
  if (!decimal(&rest, &v, &scale))
    return zhi_fail(e, ZHI_EUSAGE, "'%.*s' is not a number%s%s", (int)(s.len > 40 ? 40 : s.len),
                    s.len ? s.p : "", help[0] ? " with a unit: " : "", help);
  rest = zhi_str_trim(rest);
  if (rest.len == 0 && v == 0) {
    *out = 0;
    return ZHI_OK;
  }
  const struct unit *u = units;
  while (u->name && !zhi_str_is(rest, u->name))
    u++;
  if (!u->name && rest.len == 0)
    return zhi_fail(e, ZHI_EUSAGE, "the number needs a unit: %s", help);
  if (!u->name && !help[0])
    return zhi_fail(e, ZHI_EUSAGE, "takes a number without a unit");
  if (!u->name)
    return zhi_fail(e, ZHI_EUSAGE, "unknown unit '%.*s'; use %s",
                    (int)(rest.len > 20 ? 20 : rest.len), rest.p, help);
  if (__builtin_mul_overflow(v, u->factor, &v))
    return zhi_fail(e, ZHI_EUSAGE, "the number is too large");
  if (v % scale)
    return zhi_fail(e, ZHI_EUSAGE, "the fraction is too fine");
  *out = v / scale;
  return ZHI_OK;
}

enum zhi_code zhi_parse_ms(struct zhi_str s, int64_t *ms, struct zhi_err *e) {
  return with_unit(s, ms_units, MS_HELP, ms, e);
}

enum zhi_code zhi_parse_bytes(struct zhi_str s, int64_t *bytes, struct zhi_err *e) {
  return with_unit(s, byte_units, BYTE_HELP, bytes, e);
}

enum zhi_code zhi_parse_milli(struct zhi_str s, int64_t *milli, struct zhi_err *e) {
  return with_unit(s, milli_units, "", milli, e);
}

/* "HH:MM" → minutes, up to 24:00; -1 when malformed. */
static int minute_of(struct zhi_str s) {
  if (s.len != 5 || !is_digit(s.p[0]) || !is_digit(s.p[1]) || s.p[2] != ':' || !is_digit(s.p[3]) ||
      !is_digit(s.p[4]))
    return -1;
  int h = (s.p[0] - '0') * 10 + s.p[1] - '0', m = (s.p[3] - '0') * 10 + s.p[4] - '0';
  return m < 60 && h * 60 + m <= 1440 ? h * 60 + m : -1;
}

enum zhi_code zhi_parse_hours(struct zhi_str s, struct zhi_hours *h, struct zhi_err *e) {
  struct zhi_str rest = s, from = zhi_str_cut(&rest, '-');
  int a = minute_of(zhi_str_trim(from)), b = rest.p ? minute_of(zhi_str_trim(rest)) : -1;
  if (a < 0 || b < 0)
    return zhi_fail(e, ZHI_EUSAGE, "expected a window of the day such as \"22:00-06:00\"");
  if (a == b || a == 1440)
    return zhi_fail(e, ZHI_EUSAGE, "the window is empty; all day is \"00:00-24:00\"");
  *h = (struct zhi_hours){a, b};
  return ZHI_OK;
}

const char *zhi_option_type_name(enum zhi_option_type t) {
  static const char *const names[] = {"text",       "a list",     "a mapping", "true or false",
                                      "an integer", "a duration", "a size",    "a number",
                                      "a word",     "hours"};
  return names[t];
}

static void *member(const struct zhi_option *row, void *target) {
  return (char *)target + row->offset;
}

static enum zhi_code set_string(const struct zhi_option *row, struct zhi_str text, char **out,
                                struct zhi_err *e) {
  for (size_t i = 0; i < text.len; i++)
    if ((unsigned char)text.p[i] < 0x20 || text.p[i] == 0x7f)
      return zhi_fail(e, ZHI_EUSAGE, "contains a control character");
  if (text.len < (size_t)row->min)
    return zhi_fail(e, ZHI_EUSAGE, text.len ? "is too short" : "must not be empty");
  if (row->max && text.len > (size_t)row->max)
    return zhi_fail(e, ZHI_EUSAGE, "is longer than %" PRId64 " bytes", row->max);
  char *copy = strndup(text.len ? text.p : "", text.len);
  if (!copy)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for an option");
  free(*out);
  *out = copy;
  return ZHI_OK;
}

static enum zhi_code set_bool(struct zhi_str text, bool *out, struct zhi_err *e) {
  bool yes = zhi_str_is(text, "true") || zhi_str_is(text, "yes") || zhi_str_is(text, "on");
  if (!yes && !zhi_str_is(text, "false") && !zhi_str_is(text, "no") && !zhi_str_is(text, "off"))
    return zhi_fail(e, ZHI_EUSAGE, "expected true or false");
  *out = yes;
  return ZHI_OK;
}

static enum zhi_code set_enum(const struct zhi_option *row, struct zhi_str text, int *out,
                              struct zhi_err *e) {
  char all[160] = "";
  size_t used = 0, n = 0;
  for (; row->names[n]; n++) {
    if (zhi_str_is(text, row->names[n])) {
      *out = (int)n;
      return ZHI_OK;
    }
    size_t len = strlen(row->names[n]);
    if (used + len + 3 < sizeof all) {
      memcpy(all + used, n ? ", " : "", n ? 2 : 0);
      used += n ? 2 : 0;
      memcpy(all + used, row->names[n], len + 1);
      used += len;
    }
  }
  const char *near = zhi_nearest(text, row->names, n);
  return zhi_fail(e, ZHI_EUSAGE, "'%.*s' is not one of %s%s%s%s",
                  (int)(text.len > 40 ? 40 : text.len), text.p, all, near ? "; did you mean '" : "",
                  near ? near : "", near ? "'?" : "");
}

static enum zhi_code set_number(const struct zhi_option *row, struct zhi_str text, int64_t *out,
                                struct zhi_err *e) {
  int64_t v = 0;
  unsigned long long u = 0;
  enum zhi_code rc = ZHI_OK;
  if (row->type == ZHI_OPT_MS)
    rc = zhi_parse_ms(text, &v, e);
  else if (row->type == ZHI_OPT_BYTES)
    rc = zhi_parse_bytes(text, &v, e);
  else if (row->type == ZHI_OPT_MILLI)
    rc = zhi_parse_milli(text, &v, e);
  else if (zhi_str_u64(text, INT64_MAX, &u))
    v = (int64_t)u;
  else
    rc = zhi_fail(e, ZHI_EUSAGE, "'%.*s' is not an integer", (int)(text.len > 40 ? 40 : text.len),
                  text.p);
  if (rc)
    return rc;
  if (v >= row->min && v <= row->max) {
    *out = v;
    return ZHI_OK;
  }
  struct zhi_buf b;
  zhi_buf_init(&b, 256);
  zhi_buf_addf(&b, "%.*s is %s the %s, ", (int)(text.len > 40 ? 40 : text.len), text.p,
               v < row->min ? "under" : "over", v < row->min ? "least" : "most");
  zhi_option_format(row, v < row->min ? row->min : row->max, &b);
  rc = zhi_fail(e, ZHI_EUSAGE, "%s", b.p ? b.p : "out of range");
  zhi_buf_release(&b);
  return rc;
}

enum zhi_code zhi_option_set(const struct zhi_option *row, struct zhi_str text, void *target,
                             struct zhi_err *e) {
  void *at = member(row, target);
  switch (row->type) {
  case ZHI_OPT_STRING: return set_string(row, text, at, e);
  case ZHI_OPT_BOOL: return set_bool(text, at, e);
  case ZHI_OPT_ENUM: return set_enum(row, text, at, e);
  case ZHI_OPT_HOURS: return zhi_parse_hours(text, at, e);
  case ZHI_OPT_INT:
  case ZHI_OPT_MS:
  case ZHI_OPT_BYTES:
  case ZHI_OPT_MILLI: return set_number(row, text, at, e);
  case ZHI_OPT_LIST:
  case ZHI_OPT_MAP: break;
  }
  return zhi_fail(e, ZHI_EBUG, "option '%s' is not a scalar", row->name);
}

/* The largest unit that divides v. */
static void format_units(int64_t v, const struct unit *units, struct zhi_buf *out) {
  const struct unit *best = units;
  for (const struct unit *u = units; u->name && v; u++)
    if (v % u->factor == 0 && u->factor > best->factor)
      best = u;
  zhi_buf_addf(out, "%" PRId64 "%s", v / best->factor, best->name);
}

void zhi_option_format(const struct zhi_option *row, int64_t v, struct zhi_buf *out) {
  if (row->type == ZHI_OPT_MS)
    format_units(v, ms_units, out);
  else if (row->type == ZHI_OPT_BYTES)
    format_units(v, byte_units, out);
  else if (row->type == ZHI_OPT_MILLI && v % 1000)
    zhi_buf_addf(out, "%" PRId64 ".%03d", v / 1000, (int)(v % 1000));
  else
    zhi_buf_addf(out, "%" PRId64, row->type == ZHI_OPT_MILLI ? v / 1000 : v);
}

static void strings_text(const struct zhi_option *row, const struct zhi_strings *l,
                         struct zhi_buf *out) {
  zhi_buf_addc(out, row->type == ZHI_OPT_MAP ? '{' : '[');
  for (size_t i = 0; i < l->n; i++)
    zhi_buf_addf(out, "%s%s%s\"%s\"", i ? ", " : "", l->key ? l->key[i] : "", l->key ? ": " : "",
                 l->v[i]);
  zhi_buf_addc(out, row->type == ZHI_OPT_MAP ? '}' : ']');
}

void zhi_option_text(const struct zhi_option *row, const void *target, struct zhi_buf *out) {
  const char *at = (const char *)target + row->offset;
  const struct zhi_hours *h;
  switch (row->type) {
  case ZHI_OPT_STRING: zhi_buf_adds(out, *(char *const *)(const void *)at); break;
  case ZHI_OPT_BOOL: zhi_buf_adds(out, *(const bool *)(const void *)at ? "true" : "false"); break;
  case ZHI_OPT_ENUM: zhi_buf_adds(out, row->names[*(const int *)(const void *)at]); break;
  case ZHI_OPT_HOURS:
    h = (const void *)at;
    zhi_buf_addf(out, "%02d:%02d-%02d:%02d", h->from_min / 60, h->from_min % 60, h->to_min / 60,
                 h->to_min % 60);
    break;
  case ZHI_OPT_LIST:
  case ZHI_OPT_MAP: strings_text(row, (const void *)at, out); break;
  case ZHI_OPT_INT:
  case ZHI_OPT_MS:
  case ZHI_OPT_BYTES:
  case ZHI_OPT_MILLI: zhi_option_format(row, *(const int64_t *)(const void *)at, out); break;
  }
}
