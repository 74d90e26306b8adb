/* Dates: a hand-written scanner over code points. At each place where a date may begin the forms are tried
 * from the most to the least telling; a form that matches but is impossible is passed over whole, so that
 * 2018-02-30 does not turn into February 2018. Backtracking is a copy of the cursor (two pointers). The cursor and
 * the numbers are date_scan.c. */
#include "extract/date_scan.h"
#include "zhi/date.h"

static bool is_dash(unsigned cp) {
  return cp == '-' || (cp >= 0x2010 && cp <= 0x2015) || cp == 0x2212 || cp == 0xff0d ||
         cp == 0x30fc;
}

/* One class for all dashes, one for slashes, one for dots; 0 for anything else. */
static char separator(unsigned cp) {
  if (is_dash(cp))
    return '-';
  if (cp == '/' || cp == 0xff0f)
    return '/';
  return cp == '.' || cp == 0xff0e ? '.' : 0;
}

static bool is_colon(unsigned cp) { return cp == ':' || cp == 0xff1a || cp == 0x2236; }

static int month_days(int year, int month) {
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month < 1 || month > 12 ? 0 : days[month - 1] + (month == 2 && leap);
}

static bool possible(const struct zhi_date *d) {
  if (d->year < 1000 || d->year > 2999)
    return false;
  if (d->precision >= ZHI_PRECISION_MONTH && (d->month < 1 || d->month > 12))
    return false;
  return d->precision < ZHI_PRECISION_DAY ||
         (d->day >= 1 && d->day <= month_days(d->year, d->month));
}

static long long days_from_civil(int y, int m, int d) {
  y -= m <= 2;
  int era = y / 400, yoe = y - era * 400, doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
  return (long long)era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void from_epoch(long long seconds, struct zhi_date *d) {
  long long local = seconds + 8 * 3600, days = local / 86400, rest = local % 86400;
  if (rest < 0) {
    rest += 86400;
    days--;
  }
  long long z = days + 719468, era = z / 146097, doe = z - era * 146097;
  long long yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  long long doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
  d->day = (int)(doy - (153 * mp + 2) / 5 + 1);
  d->month = (int)(mp < 10 ? mp + 3 : mp - 9);
  d->year = (int)(yoe + era * 400 + (d->month <= 2));
  d->hour = (int)(rest / 3600);
  d->minute = (int)(rest / 60 % 60);
  d->second = (int)(rest % 60);
  d->precision = ZHI_PRECISION_SECOND;
}

static void shift_zone(struct zhi_date *d, int offset_minutes) {
  enum zhi_precision p = d->precision;
  long long s = days_from_civil(d->year, d->month, d->day) * 86400 + d->hour * 3600 +
                d->minute * 60 + d->second;
  from_epoch(s - offset_minutes * 60LL, d);
  d->precision = p;
  if (p < ZHI_PRECISION_SECOND)
    d->second = 0;
}

/* Z, +08:00, +0800, GMT, UTC; CST is China's. */
static void zone(struct date_cur *c, struct zhi_date *d) {
  struct date_cur t = *c;
  if (date_peek(t) == 'Z') {
    date_step(&t);
    shift_zone(d, 0);
    *c = t;
    return;
  }
  int sign = date_peek(t) == '+' ? 1 : date_peek(t) == '-' ? -1 : 0;
  if (!sign)
    return;
  date_step(&t);
  int h = date_small_number(&t);
  if (is_colon(date_peek(t)))
    date_step(&t);
  int m = date_small_number(&t);
  if (h < 0 || h > 14 || m < 0 || m > 59)
    return;
  shift_zone(d, sign * (h * 60 + m));
  *c = t;
}

/* 星期四, （周四）, 上午, 下午 between date and time. Returns 12 for the afternoon, else 0. */
static int before_time(struct date_cur *c) {
  struct date_cur t = *c;
  int afternoon = 0;
  for (int i = 0; i < 3; i++) {
    date_skip_space(&t);
    unsigned cp = date_peek(t);
    if (cp == 0x661f || cp == 0x5468 || cp == '(' || cp == 0xff08) { /* 星 周 ( （ */
      for (int k = 0;
           k < 6 && !date_is_space(date_peek(t)) && date_digit(date_peek(t)) < 0 && t.p < t.end;
           k++)
        date_step(&t);
    } else if (cp == 0x4e0a || cp == 0x4e0b) { /* 上 下 */
      afternoon = cp == 0x4e0b ? 12 : 0;
      date_step(&t);
      if (!date_eat(&t, 0x5348)) /* 午 */
        return 0;
    } else {
      break;
    }
  }
  *c = t;
  return afternoon;
}

/* An optional time of day behind a whole date; leaves the cursor where it was when there is none. */
static void time_of_day(struct date_cur *c, struct zhi_date *d) {
  struct date_cur t = *c;
  date_skip_space(&t);
  if (date_peek(t) == 'T' || date_peek(t) == ',')
    date_step(&t);
  int add = before_time(&t);
  int h = date_small_number(&t), m, s;
  unsigned cp = date_peek(t);
  bool clock = is_colon(cp), words = cp == CP_SHI || cp == CP_DIAN;
  if (h < 0 || h > 23 || !(clock || words))
    return;
  date_step(&t);
  m = date_small_number(&t);
  if (m > 59 || (clock && m < 0))
    return;
  d->hour = h < 12 ? h + add : h;
  d->minute = m < 0 ? 0 : m;
  d->precision = ZHI_PRECISION_MINUTE;
  if (words && m >= 0)
    date_eat(&t, CP_FEN);
  *c = t;
  if (clock && is_colon(date_peek(t)))
    date_step(&t);
  else if (!words)
    t.end = t.p;
  s = date_small_number(&t);
  if (s >= 0 && s <= 59) {
    d->second = s;
    d->precision = ZHI_PRECISION_SECOND;
    if (words)
      date_eat(&t, CP_MIAO);
    t.end = c->end;
    if (date_peek(t) == '.') {
      struct date_cur f = t;
      date_step(&f);
      for (int i = 0; i < 9 && date_digit(date_peek(f)) >= 0; i++)
        t = (date_step(&f), f);
    }
    *c = t;
  }
  zone(c, d);
}

enum match { NO, IMPOSSIBLE, YES };

static enum match finish(struct date_cur *c, struct date_cur t, struct zhi_date *d) {
  *c = t;
  if (!possible(d))
    return IMPOSSIBLE;
  if (d->precision == ZHI_PRECISION_DAY)
    time_of_day(c, d);
  return YES;
}

static bool is_han(unsigned cp) { return cp >= 0x4e00 && cp <= 0x9fff; }

/* What follows 年: month and day, as far as they are there. */
static enum match after_nian(struct date_cur *c, struct date_cur t, struct zhi_date *d) {
  struct date_cur keep = t;
  date_skip_space(&t);
  int n;
  struct date_cur yuan = t;
  if (date_eat(&yuan, CP_YUAN) && date_peek(yuan) == CP_YUE) {
    n = 1;
    t = yuan;
  } else {
    n = date_number(&t);
  }
  date_skip_space(&t);
  bool dashed = n > 0 && separator(date_peek(t)) == '-';
  if (n < 0 || !(date_peek(t) == CP_YUE || dashed))
    return finish(c, keep, d);
  date_step(&t);
  d->month = n;
  d->precision = ZHI_PRECISION_MONTH;
  keep = t;
  date_skip_space(&t);
  n = date_number(&t);
  struct date_cur mark = t;
  date_skip_space(&mark);
  unsigned cp = date_peek(mark);
  if (n < 0 || (date_digit(date_peek(t)) >= 0 && n > 31))
    return finish(c, keep, d);
  if (cp == CP_RI || cp == CP_HAO || cp == CP_HAO_TRAD)
    date_step(&mark);
  else if (is_han(date_peek(t)))
    return finish(c, keep, d);
  else
    mark = t;
  d->day = n;
  d->precision = ZHI_PRECISION_DAY;
  return finish(c, mark, d);
}

/* 2018-03-29, 2018/3/29, 2018.03.29, 2018 03 29; and year-month. */
static enum match after_separator(struct date_cur *c, struct date_cur t, struct zhi_date *d) {
  struct date_cur probe = t;
  bool spaced = date_skip_space(&probe);
  char sep = separator(date_peek(probe));
  if (sep) {
    date_step(&probe);
    date_skip_space(&probe);
  } else if (!spaced) {
    return NO;
  }
  const char *digits = probe.p;
  int m = date_small_number(&probe);
  if (m < 0 || date_digit(date_peek(probe)) >= 0)
    return NO;
  struct date_cur keep = probe;
  bool two = probe.p - digits >= 2;
  bool spaced2 = date_skip_space(&probe);
  char sep2 = separator(date_peek(probe));
  if (sep2 && sep)
    date_step(&probe);
  d->month = m;
  if (sep ? sep2 != sep : !spaced2) {
    d->precision = ZHI_PRECISION_MONTH;
    return sep && (two || sep != '.') && m <= 12 && !is_han(date_peek(keep)) ? finish(c, keep, d)
                                                                             : NO;
  }
  date_skip_space(&probe);
  int n = date_small_number(&probe);
  if (n < 0)
    return NO;
  if (date_digit(date_peek(probe)) >= 0) { /* 2018-12-1209:03: the time is glued on */
    struct date_cur glued = probe;
    if (date_small_number(&glued) < 0 || !is_colon(date_peek(glued)))
      return NO;
  }
  d->day = n;
  d->precision = ZHI_PRECISION_DAY;
  if (date_peek(probe) == CP_RI)
    date_step(&probe);
  return finish(c, probe, d);
}

/* 20180329, 20180329102033. */
static enum match compact(struct date_cur *c, struct zhi_date *d) {
  struct date_cur t = *c;
  int v[14], n = 0;
  while (n < 14 && (v[n] = date_digit(date_peek(t))) >= 0) {
    n++;
    date_step(&t);
  }
  if ((n != 8 && n != 12 && n != 14) || date_digit(date_peek(t)) >= 0)
    return NO;
  d->year = v[0] * 1000 + v[1] * 100 + v[2] * 10 + v[3];
  d->month = v[4] * 10 + v[5];
  d->day = v[6] * 10 + v[7];
  d->precision = ZHI_PRECISION_DAY;
  if (d->year < 1900 || d->year > 2100)
    return NO;
  if (n == 8)
    return finish(c, t, d);
  d->hour = v[8] * 10 + v[9];
  d->minute = v[10] * 10 + v[11];
  d->second = n == 14 ? v[12] * 10 + v[13] : 0;
  if (d->hour > 23 || d->minute > 59 || d->second > 59)
    return NO;
  enum match ok = finish(c, t, d);
  d->precision = n == 14 ? ZHI_PRECISION_SECOND : ZHI_PRECISION_MINUTE;
  return ok;
}

static enum match numeric(struct date_cur *c, struct zhi_date *d) {
  enum match m = compact(c, d);
  if (m != NO)
    return m;
  *d = (struct zhi_date){0};
  struct date_cur t = *c;
  d->year = date_year_number(&t);
  if (d->year < 0)
    return NO;
  d->precision = ZHI_PRECISION_YEAR;
  struct date_cur nian = t;
  date_skip_space(&nian);
  if (date_eat(&nian, CP_NIAN))
    return after_nian(c, nian, d);
  return date_digit(date_peek(t)) >= 0 ? NO : after_separator(c, t, d);
}

static int english_month(struct date_cur *c) {
  static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
  for (int m = 0; m < 12; m++)
    if (c->end - c->p >= 3 && zhi_str_ieq(zhi_str_n(c->p, 3), zhi_str_n(names + m * 3, 3))) {
      c->p += 3;
      while (c->p < c->end && ((*c->p | 32) >= 'a' && (*c->p | 32) <= 'z'))
        c->p++;
      return m + 1;
    }
  return -1;
}

/* Mar 29 10:20:33 CST 2018 (what java.util.Date prints), Mar 29, 2018. */
static enum match english(struct date_cur *c, struct zhi_date *d) {
  struct date_cur t = *c;
  d->month = english_month(&t);
  if (d->month < 0 || !date_skip_space(&t) || (d->day = date_small_number(&t)) < 1)
    return NO;
  d->year = 2000;
  d->precision = ZHI_PRECISION_DAY;
  time_of_day(&t, d);
  if (date_peek(t) == ',')
    date_step(&t);
  date_skip_space(&t);
  while (t.p < t.end && *t.p >= 'A' && *t.p <= 'Z')
    t.p++;
  date_skip_space(&t);
  d->year = date_year_number(&t);
  if (d->year < 0 || date_digit(date_peek(t)) >= 0)
    return NO;
  *c = t;
  return possible(d) ? YES : IMPOSSIBLE;
}

/* 29 Mar 2018 10:20:33 GMT (HTTP dates): GMT is brought to +08:00. */
static enum match day_month_year(struct date_cur *c, struct zhi_date *d) {
  struct date_cur t = *c;
  d->day = date_small_number(&t);
  if (!date_skip_space(&t) && !date_eat(&t, '-'))
    return NO;
  d->month = english_month(&t);
  if (d->month < 0 || (!date_skip_space(&t) && !date_eat(&t, '-')))
    return NO;
  d->year = date_year_number(&t);
  if (d->year < 0)
    return NO;
  d->precision = ZHI_PRECISION_DAY;
  enum match m = finish(c, t, d);
  if (m == YES && d->precision > ZHI_PRECISION_DAY) {
    t = *c;
    date_skip_space(&t);
    if (zhi_str_starts(zhi_str_n(t.p, (size_t)(t.end - t.p)), "GMT")) {
      shift_zone(d, 0);
      t.p += 3;
      *c = t;
    }
  }
  return m;
}

static enum match try_at(struct date_cur *c, struct zhi_date *d) {
  *d = (struct zhi_date){0};
  unsigned cp = date_peek(*c);
  if (date_digit(cp) >= 0 || date_han_digit(cp) > 0 || cp == 0x4e24) {
    enum match m = numeric(c, d);
    if (m != NO || date_digit(cp) < 0)
      return m;
    *d = (struct zhi_date){0};
    return day_month_year(c, d);
  }
  if (cp < 128 && strchr("JFMASOND", (int)cp) && cp)
    return english(c, d);
  return NO;
}

/* The whole text is one number: a year, epoch seconds or milliseconds. */
static bool bare_number(struct zhi_str text, struct zhi_date *d) {
  unsigned long long n;
  text = zhi_str_trim(text);
  if (!zhi_str_u64(text, 9999999999999ULL, &n))
    return false;
  *d = (struct zhi_date){0};
  if (text.len == 4 && n >= 1900 && n <= 2100) {
    d->year = (int)n;
    d->precision = ZHI_PRECISION_YEAR;
    return true;
  }
  if ((text.len != 10 && text.len != 13) || text.p[0] == '0')
    return false;
  from_epoch((long long)(text.len == 13 ? n / 1000 : n), d);
  return possible(d);
}

bool zhi_date_find(struct zhi_str text, enum zhi_precision least, struct zhi_date *out,
                   size_t *from, size_t *to) {
  struct zhi_date d;
  if (text.len < 16 && bare_number(text, &d) && d.precision >= least) {
    *out = d;
    if (from)
      *from = 0;
    if (to)
      *to = text.len;
    return true;
  }
  struct date_cur c = {text.p, text.p + text.len};
  while (c.p < c.end) {
    unsigned char b = (unsigned char)*c.p;
    if (b < 128 && !(b >= '0' && b <= '9') && !(b >= 'A' && b <= 'Z')) {
      c.p++;
      continue;
    }
    struct date_cur at = c;
    enum match m = try_at(&c, &d);
    if (m == YES && d.precision >= least) {
      *out = d;
      if (from)
        *from = (size_t)(at.p - text.p);
      if (to)
        *to = (size_t)(c.p - text.p);
      return true;
    }
    if (m != NO && c.p > at.p)
      continue;
    c = at;
    bool digit = date_digit(date_peek(c)) >= 0;
    date_step(&c);
    while (digit && date_digit(date_peek(c)) >= 0) /* a date does not begin inside a number */
      date_step(&c);
  }
  return false;
}

bool zhi_date_parse(struct zhi_str text, struct zhi_date *out) {
  return zhi_date_find(text, ZHI_PRECISION_YEAR, out, NULL, NULL);
}
