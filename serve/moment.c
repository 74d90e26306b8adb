/* Moments of an archived URL. */
#include "serve/moment.h"

#include <stdio.h>

#include "zhi/clock.h"

bool moment_pad(struct zhi_str digits, bool last, int64_t *ms) {
  static const int places[] = {4, 2, 2, 2, 2, 2}, low[] = {1, 1, 1, 0, 0, 0};
  int v[6], high[] = {9999, 12, 31, 23, 59, 59};
  size_t at = 0;
  if (digits.len > 14 || (digits.len && digits.len < 4))
    return false;
  for (int i = 0; i < 6; i++) {
    unsigned long long n;
    struct zhi_str part = zhi_str_sub(digits, at, at + (size_t)places[i]);
    at += (size_t)places[i];
    if (i == 2)
      while (high[2] > 28 && !zhi_date_valid(v[0], v[1], high[2]))
        high[2]--;
    if (part.len != (size_t)places[i])
      v[i] = last ? high[i] : low[i];
    else if (zhi_str_u64(part, (unsigned)high[i], &n) && (int)n >= low[i])
      v[i] = (int)n;
    else
      return false;
  }
  *ms = (((zhi_days_from_civil(v[0], v[1], v[2]) * 24 + v[3]) * 60 + v[4]) * 60 + v[5]) * 1000 +
        (last ? 999 : 0);
  return true;
}

static bool is_mod(struct zhi_str s) {
  if (s.len != 3 || s.p[2] != '_')
    return s.len == 0;
  return s.p[0] >= 'a' && s.p[0] <= 'z' && s.p[1] >= 'a' && s.p[1] <= 'z';
}

enum zhi_code moment_read(struct zhi_str rest, struct zhi_buf *room, struct moment *out,
                          struct zhi_err *e) {
  size_t digits = 0;
  while (digits < rest.len && rest.p[digits] >= '0' && rest.p[digits] <= '9')
    digits++;
  *out = (struct moment){.time = zhi_str_sub(rest, 0, digits), .ms = INT64_MAX};
  out->url = zhi_str_sub(rest, digits, rest.len);
  out->mod = zhi_str_cut(&out->url, '/');
  bool good = is_mod(out->mod) && (!out->time.len || moment_pad(out->time, false, &out->ms));
  if (!good)
    return zhi_fail(e, ZHI_EUSAGE, "an archived page is TIME/URL, TIME of 4 to 14 digits");
  size_t scheme = zhi_str_istarts(out->url, "https:")  ? 6
                  : zhi_str_istarts(out->url, "http:") ? 5
                                                       : 0;
  struct zhi_str behind = zhi_str_sub(out->url, scheme, out->url.len);
  if (!scheme || !zhi_str_starts(behind, "/") || zhi_str_is(behind, "/"))
    return zhi_fail(e, ZHI_EUSAGE, "'%.*s' is no http or https URL",
                    ZHI_STR_ARGS(zhi_str_sub(out->url, 0, 200)));
  if (zhi_str_starts(behind, "//"))
    return ZHI_OK;
  zhi_buf_addstr(room, zhi_str_sub(out->url, 0, scheme));
  zhi_buf_addc(room, '/');
  zhi_buf_addstr(room, behind);
  out->url = zhi_buf_view(room);
  return zhi_buf_check(room, "a URL", e);
}

void moment_http(int64_t ms, char out[MOMENT_HTTP_SIZE]) {
  static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
  static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  int64_t s = ms / 1000 - (ms % 1000 < 0), day = s / 86400 - (s % 86400 < 0);
  int y, m, d;
  zhi_civil_from_days(day, &y, &m, &d);
  s -= day * 86400;
  snprintf(out, MOMENT_HTTP_SIZE, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[(day % 7 + 7) % 7], d,
           months[m - 1], y, (int)(s / 3600), (int)(s / 60 % 60), (int)(s % 60));
}
