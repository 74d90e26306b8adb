/* Time: conversions by arithmetic (no locale, no TZ), clocks by function pointer. */
#include "zhi/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

static int64_t system_now(void *ctx) {
  (void)ctx;
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t system_steady(void *ctx) {
  (void)ctx;
  return zhi_mono_ms();
}

const struct zhi_clock zhi_clock_system = {system_now, NULL, system_steady};

int64_t zhi_now_ms(const struct zhi_clock *c) { return c->now_ms(c->ctx); }

int64_t zhi_steady_ms(const struct zhi_clock *c) {
  return c->steady_ms ? c->steady_ms(c->ctx) : c->now_ms(c->ctx);
}

int64_t zhi_mono_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t zhi_days_from_civil(int y, int m, int d) {
  y -= m <= 2;
  int64_t era = (y >= 0 ? y : y - 399) / 400;
  int64_t yoe = y - era * 400;
  int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
  int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
  return era * 146097 + doe - 719468;
}

void zhi_civil_from_days(int64_t z, int *y, int *m, int *d) {
  z += 719468;
  int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  int64_t doe = z - era * 146097;
  int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  int64_t mp = (5 * doy + 2) / 153;
  *d = (int)(doy - (153 * mp + 2) / 5 + 1);
  *m = (int)(mp < 10 ? mp + 3 : mp - 9);
  *y = (int)(yoe + era * 400 + (*m <= 2));
}

bool zhi_date_valid(int y, int m, int d) {
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (m < 1 || m > 12 || d < 1)
    return false;
  bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
  return d <= days[m - 1] + (m == 2 && leap);
}

struct parts {
  int y, mo, d, h, mi, s, ms;
};

static struct parts split(int64_t ms) {
  int64_t days = ms / 86400000, rest = ms % 86400000;
  if (rest < 0) {
    rest += 86400000;
    days--;
  }
  struct parts p;
  zhi_civil_from_days(days, &p.y, &p.mo, &p.d);
  p.h = (int)(rest / 3600000);
  p.mi = (int)(rest / 60000 % 60);
  p.s = (int)(rest / 1000 % 60);
  p.ms = (int)(rest % 1000);
  return p;
}

/* Write v as exactly n digits; returns the end. Years outside 0–9999 are clamped. */
static char *put(char *p, int v, int n, char after) {
  static const int cap[] = {0, 9, 99, 999, 9999};
  v = v < 0 ? 0 : v > cap[n] ? cap[n] : v;
  for (int i = n - 1; i >= 0; i--, v /= 10)
    p[i] = (char)('0' + v % 10);
  p[n] = after;
  return p + n + (after != '\0');
}

static char *put_iso(char *p, const struct parts *t, char last) {
  p = put(p, t->y, 4, '-');
  p = put(p, t->mo, 2, '-');
  p = put(p, t->d, 2, 'T');
  p = put(p, t->h, 2, ':');
  p = put(p, t->mi, 2, ':');
  return put(p, t->s, 2, last);
}

void zhi_time_iso(int64_t ms, char out[ZHI_ISO_SIZE]) {
  struct parts t = split(ms);
  *put_iso(out, &t, 'Z') = '\0';
}

void zhi_time_iso_ms(int64_t ms, char out[ZHI_ISO_SIZE]) {
  struct parts t = split(ms);
  *put(put_iso(out, &t, '.'), t.ms, 3, 'Z') = '\0';
}

void zhi_time_ts14(int64_t ms, char out[ZHI_TS14_SIZE]) {
  struct parts t = split(ms);
  char *p = put(out, t.y, 4, '\0');
  p = put(p, t.mo, 2, '\0');
  p = put(p, t.d, 2, '\0');
  p = put(p, t.h, 2, '\0');
  p = put(p, t.mi, 2, '\0');
  put(p, t.s, 2, '\0');
}

/* Exactly n digits at *s; advances. -1 when not there. */
static int digits(const char **s, const char *end, int n) {
  int v = 0;
  if (end - *s < n)
    return -1;
  for (int i = 0; i < n; i++, (*s)++) {
    if (**s < '0' || **s > '9')
      return -1;
    v = v * 10 + (**s - '0');
  }
  return v;
}

static bool to_ms(int y, int mo, int d, int h, int mi, int s, int ms, int64_t *out) {
  if (!zhi_date_valid(y, mo, d) || h < 0 || h > 23 || mi < 0 || mi > 59 || s < 0 || s > 60)
    return false;
  *out = zhi_days_from_civil(y, mo, d) * 86400000 + h * 3600000LL + mi * 60000LL + s * 1000LL + ms;
  return true;
}

bool zhi_time_parse(struct zhi_str in, int64_t *out) {
  if (!in.len)
    return false;
  const char *s = in.p, *end = in.p + in.len;
  int ms = 0;
  if (in.len == 14 || in.len == 17) {
    int y = digits(&s, end, 4), mo = digits(&s, end, 2), d = digits(&s, end, 2);
    int h = digits(&s, end, 2), mi = digits(&s, end, 2), sec = digits(&s, end, 2);
    if (in.len == 17)
      ms = digits(&s, end, 3);
    if (y >= 0 && mo >= 0 && d >= 0 && ms >= 0 && to_ms(y, mo, d, h, mi, sec, ms, out))
      return true;
    s = in.p;
    ms = 0;
  }
  int y = digits(&s, end, 4);
  if (y < 0 || s >= end || *s++ != '-')
    return false;
  int mo = digits(&s, end, 2);
  if (mo < 0 || s >= end || *s++ != '-')
    return false;
  int d = digits(&s, end, 2);
  if (d < 0)
    return false;
  if (s == end)
    return to_ms(y, mo, d, 0, 0, 0, 0, out);
  if (*s != 'T' && *s != ' ')
    return false;
  s++;
  int h = digits(&s, end, 2);
  if (h < 0 || s >= end || *s++ != ':')
    return false;
  int mi = digits(&s, end, 2), sec = 0;
  if (mi < 0)
    return false;
  if (s < end && *s == ':') {
    s++;
    if ((sec = digits(&s, end, 2)) < 0)
      return false;
    if (s < end && *s == '.') {
      int n = 0, scale = 100;
      for (s++; s < end && *s >= '0' && *s <= '9'; s++, n++, scale /= 10)
        ms += (*s - '0') * scale;
      if (n < 1 || n > 9)
        return false;
    }
  }
  int64_t t;
  if (!to_ms(y, mo, d, h, mi, sec, ms, &t) || s >= end)
    return false;
  if (*s == 'Z' && s + 1 == end) {
    *out = t;
    return true;
  }
  int sign = *s == '+' ? 1 : *s == '-' ? -1 : 0;
  s++;
  int oh = digits(&s, end, 2);
  if (!sign || oh < 0 || oh > 23 || s >= end || *s++ != ':')
    return false;
  int om = digits(&s, end, 2);
  if (om < 0 || om > 59 || s != end)
    return false;
  *out = t - sign * (oh * 3600000LL + om * 60000LL);
  return true;
}

static int month_of(const char *s) {
  static const char *const names = "JanFebMarAprMayJunJulAugSepOctNovDec";
  for (int i = 0; i < 12; i++)
    if (strncasecmp(s, names + 3 * i, 3) == 0)
      return i + 1;
  return 0;
}

bool zhi_time_parse_http(struct zhi_str in, int64_t *out) {
  char text[64], mon[4] = "", zone[8] = "";
  int d, y, h, mi, s, n = 0;
  in = zhi_str_trim(in);
  if (in.len == 0 || in.len >= sizeof text)
    return false;
  memcpy(text, in.p, in.len);
  text[in.len] = '\0';
  const char *comma = strchr(text, ',');
  if (comma &&
      sscanf(comma + 1, " %2d %3s %4d %2d:%2d:%2d %7s%n", &d, mon, &y, &h, &mi, &s, zone, &n) == 7)
    ; /* Sun, 06 Nov 1994 08:49:37 GMT */
  else if (comma && sscanf(comma + 1, " %2d-%3s-%4d %2d:%2d:%2d %7s%n", &d, mon, &y, &h, &mi, &s,
                           zone, &n) == 7) {
    if (y < 100) /* Sunday, 06-Nov-94 08:49:37 GMT */
      y += y < 70 ? 2000 : 1900;
  } else if (!comma &&
             sscanf(text, "%*3s %3s %2d %2d:%2d:%2d %4d%n", mon, &d, &h, &mi, &s, &y, &n) == 6) {
    comma = text - 1; /* Sun Nov  6 08:49:37 1994 */
  } else {
    return false;
  }
  if (zone[0] && strcasecmp(zone, "GMT") != 0 && strcasecmp(zone, "UTC") != 0)
    return false;
  int mo = month_of(mon);
  return mo && comma[1 + n] == '\0' && to_ms(y, mo, d, h, mi, s, 0, out);
}
