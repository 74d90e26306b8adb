/* Dates written out, and dates that stand in the paths of URLs. */
#include <stdio.h>

#include "zhi/date.h"

size_t zhi_date_format(const struct zhi_date *d, bool time, char out[ZHI_DATE_TEXT_SIZE]) {
  int n = 0;
  unsigned y = (unsigned)d->year % 10000, mo = (unsigned)d->month % 100,
           da = (unsigned)d->day % 100;
  unsigned h = (unsigned)d->hour % 100, mi = (unsigned)d->minute % 100,
           s = (unsigned)d->second % 100;
  if (d->precision <= ZHI_PRECISION_YEAR)
    n = snprintf(out, ZHI_DATE_TEXT_SIZE, "%04u", y);
  else if (d->precision == ZHI_PRECISION_MONTH)
    n = snprintf(out, ZHI_DATE_TEXT_SIZE, "%04u-%02u", y, mo);
  else if (d->precision == ZHI_PRECISION_DAY || !time)
    n = snprintf(out, ZHI_DATE_TEXT_SIZE, "%04u-%02u-%02u", y, mo, da);
  else if (d->precision == ZHI_PRECISION_MINUTE)
    n = snprintf(out, ZHI_DATE_TEXT_SIZE, "%04u-%02u-%02uT%02u:%02u", y, mo, da, h, mi);
  else
    n = snprintf(out, ZHI_DATE_TEXT_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u", y, mo, da, h, mi, s);
  return n > 0 ? (size_t)n : 0;
}

bool zhi_date_is_odd(const struct zhi_date *d) { return d->year < 1949 || d->year > 2100; }

static int digits_at(struct zhi_str s, size_t at, size_t n) {
  int v = 0;
  if (at + n > s.len)
    return -1;
  for (size_t i = at; i < at + n; i++) {
    if (s.p[i] < '0' || s.p[i] > '9')
      return -1;
    v = v * 10 + (s.p[i] - '0');
  }
  return v;
}

/* Reads one path segment's digits of 1–2 places at *at, which must end at one of `stops`. */
static int short_segment(struct zhi_str s, size_t *at, const char *stops) {
  size_t n = digits_at(s, *at, 2) >= 0 ? 2 : 1;
  int v = digits_at(s, *at, n);
  if (v < 0 || *at + n >= s.len || !strchr(stops, s.p[*at + n]))
    return -1;
  *at += n + 1;
  return v;
}

static bool exists(const struct zhi_date *d) {
  static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (d->month == 2 && d->day == 29 &&
      (d->year % 4 != 0 || (d->year % 100 == 0 && d->year % 400 != 0)))
    return false;
  return d->month >= 1 && d->month <= 12 && d->day >= 0 && d->day <= days[d->month - 1];
}

static bool url_date_at(struct zhi_str s, size_t at, struct zhi_date *d) {
  *d = (struct zhi_date){.year = digits_at(s, at, 4)};
  if (d->year < 1990 || d->year > 2100)
    return false;
  int md = digits_at(s, at + 4, 4), m = digits_at(s, at + 4, 2);
  if (md >= 0 && digits_at(s, at + 8, 1) < 0) {
    d->month = md / 100;
    d->day = md % 100;
    d->precision = ZHI_PRECISION_DAY;
  } else if (m >= 0 && at + 6 < s.len && s.p[at + 6] == '/') {
    d->month = m;
    d->precision = ZHI_PRECISION_MONTH;
  } else if (at + 4 < s.len && (s.p[at + 4] == '/' || s.p[at + 4] == '-')) {
    size_t i = at + 5;
    d->month = short_segment(s, &i, "/-");
    d->precision = ZHI_PRECISION_MONTH;
    if (d->month > 0) {
      d->day = short_segment(s, &i, "/_-.");
      d->precision = d->day > 0 ? ZHI_PRECISION_DAY : ZHI_PRECISION_MONTH;
      d->day = d->day > 0 ? d->day : 0;
    }
  }
  return d->precision != ZHI_PRECISION_NONE && exists(d);
}

bool zhi_date_in_url(struct zhi_str url, struct zhi_date *out) {
  const char *host = zhi_str_find(url, ZHI_STR("://"));
  struct zhi_date best = {0}, d;
  for (size_t i = host ? (size_t)(host - url.p) + 3 : 0; i + 6 < url.len; i++) {
    bool start =
        url.p[i] == '/' || url.p[i] == '_' || (url.p[i] == 't' && i > 0 && url.p[i - 1] == '/');
    if (start && url_date_at(url, i + 1, &d) && d.precision > best.precision)
      best = d;
  }
  if (best.precision == ZHI_PRECISION_NONE)
    return false;
  *out = best;
  return true;
}
