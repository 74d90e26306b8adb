/* Dates: a hand-written scanner over code points. At each place where a date may begin the forms are tried
 * from the most to the least telling; a form that matches but is impossible is passed over whole, so that
 * 2018-02-30 does not turn into February 2018. Backtracking is a copy of the cursor (two pointers). */
#include "zhi/date.h"

struct cur {
  const char *p, *end;
};

static unsigned peek(struct cur c) {
  unsigned cp = 0;
  if (c.p < c.end)
    zhi_utf8_next(c.p, (size_t)(c.end - c.p), &cp);
  return cp;
}

static void step(struct cur *c) {
  unsigned cp;
  if (c->p < c->end)
    c->p += zhi_utf8_next(c->p, (size_t)(c->end - c->p), &cp);
}

static bool is_space(unsigned cp) {
  return cp == ' ' || (cp >= 9 && cp <= 13) || cp == 0x1f || cp == 0xa0 || cp == 0x3000 ||
         cp == 0xfeff || (cp >= 0x2000 && cp <= 0x200b) || cp == 0x202f;
}

static bool skip_space(struct cur *c) {
  const char *at = c->p;
  while (is_space(peek(*c)))
    step(c);
  return c->p != at;
}

static bool eat(struct cur *c, unsigned cp) {
  if (peek(*c) != cp)
    return false;
  step(c);
  return true;
}

/* 0–9 of ASCII and full-width digits, else -1. */
static int digit_of(unsigned cp) {
  if (cp >= '0' && cp <= '9')
    return (int)(cp - '0');
  return cp >= 0xff10 && cp <= 0xff19 ? (int)(cp - 0xff10) : -1;
}

/* 0–9 of Chinese digits and the letters that stand in for 〇, else -1. */
static int han_digit(unsigned cp) {
  switch (cp) {
  case 0x3007:
  case 0x96f6:
  case 0x25cb:
  case 0x25ef:
  case 0x039f:
  case 0x041e:
  case 'O':
  case 'o':
  case 0xff2f:
  case 0x03bf:
  case 0x043e: return 0;
  case 0x4e00: return 1;
  case 0x4e8c: return 2;
  case 0x4e09: return 3;
  case 0x56db: return 4;
  case 0x4e94: return 5;
  case 0x516d: return 6;
  case 0x4e03: return 7;
  case 0x516b: return 8;
  case 0x4e5d: return 9;
  default: return -1;
  }
}

enum {
  CP_TEN = 0x5341,
  CP_TWENTY = 0x5eff,
  CP_THIRTY = 0x5345,
  CP_NIAN = 0x5e74,
  CP_YUE = 0x6708,
  CP_RI = 0x65e5,
  CP_HAO = 0x53f7,
  CP_HAO_TRAD = 0x865f,
  CP_YUAN = 0x5143,
  CP_QIAN = 0x5343,
  CP_SHI = 0x65f6,
  CP_DIAN = 0x70b9,
  CP_FEN = 0x5206,
  CP_MIAO = 0x79d2
};

/* One or two digits of ASCII or full width; -1 when there is none. */
static int small_number(struct cur *c) {
  int d = digit_of(peek(*c)), n;
  if (d < 0)
    return -1;
  step(c);
  n = d;
  if ((d = digit_of(peek(*c))) >= 0) {
    n = n * 10 + d;
    step(c);
  }
  return n;
}

/* 一 … 九十九, 廿三, 卅一; spaces between the characters allowed. -1 when there is none. */
static int han_number(struct cur *c) {
  struct cur t = *c;
  int tens = 0, units = -1, d = han_digit(peek(t));
  if (d > 0) {
    units = d;
    step(&t);
    *c = t;
    skip_space(&t);
  }
  unsigned cp = peek(t);
  if (cp == CP_TEN || (units < 0 && (cp == CP_TWENTY || cp == CP_THIRTY))) {
    tens = cp == CP_TEN ? (units < 0 ? 1 : units) : cp == CP_TWENTY ? 2 : 3;
    units = 0;
    step(&t);
    *c = t;
    skip_space(&t);
    d = han_digit(peek(t));
    if (d > 0) {
      units = d;
      step(&t);
      *c = t;
    }
  }
  return units < 0 ? -1 : tens * 10 + units;
}

static int number(struct cur *c) {
  int n = small_number(c);
  return n >= 0 ? n : han_number(c);
}

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

/* Four digits, ASCII, full-width or Chinese or mixed (二O一八); or 二千零五 before 年. */
static int year_number(struct cur *c) {
  struct cur t = *c;
  unsigned first = peek(t);
  if (first == 0x4e24 || first == 0x4e8c || first == 0x4e00) { /* 两千, 二千, 一千 */
    struct cur k = t;
    step(&k);
    if (eat(&k, CP_QIAN)) {
      int base = first == 0x4e00 ? 1000 : 2000;
      while (han_digit(peek(k)) == 0)
        step(&k);
      int n = han_number(&k);
      struct cur after = k;
      skip_space(&after);
      if (peek(after) != CP_NIAN)
        return -1;
      *c = k;
      return base + (n < 0 ? 0 : n);
    }
  }
  int value = 0;
  bool han = false;
  for (int n = 0; n < 4; n++) {
    if (han)
      skip_space(&t);
    unsigned cp = peek(t);
    int d = digit_of(cp);
    if (d < 0) {
      d = han_digit(cp);
      if (d < 0 || (n == 0 && d == 0))
        return -1;
      han = true;
    }
    value = value * 10 + d;
    step(&t);
  }
  if (value < 1000)
    return -1;
  *c = t;
  return value;
}

static int pair(struct cur *c) {
  int a = digit_of(peek(*c));
  if (a < 0)
    return -1;
  step(c);
  int b = digit_of(peek(*c));
  if (b < 0)
    return a;
  step(c);
  return a * 10 + b;
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
static void zone(struct cur *c, struct zhi_date *d) {
  struct cur t = *c;
  if (peek(t) == 'Z') {
    step(&t);
    shift_zone(d, 0);
    *c = t;
    return;
  }
  int sign = peek(t) == '+' ? 1 : peek(t) == '-' ? -1 : 0;
  if (!sign)
    return;
  step(&t);
  int h = pair(&t);
  if (is_colon(peek(t)))
    step(&t);
  int m = pair(&t);
  if (h < 0 || h > 14 || m < 0 || m > 59)
    return;
  shift_zone(d, sign * (h * 60 + m));
  *c = t;
}

/* 星期四, （周四）, 上午, 下午 between date and time. Returns 12 for the afternoon, else 0. */
static int before_time(struct cur *c) {
  struct cur t = *c;
  int afternoon = 0;
  for (int i = 0; i < 3; i++) {
    skip_space(&t);
    unsigned cp = peek(t);
    if (cp == 0x661f || cp == 0x5468 || cp == '(' || cp == 0xff08) { /* 星 周 ( （ */
      for (int k = 0; k < 6 && !is_space(peek(t)) && digit_of(peek(t)) < 0 && t.p < t.end; k++)
        step(&t);
    } else if (cp == 0x4e0a || cp == 0x4e0b) { /* 上 下 */
      afternoon = cp == 0x4e0b ? 12 : 0;
      step(&t);
      if (!eat(&t, 0x5348)) /* 午 */
        return 0;
    } else {
      break;
    }
  }
  *c = t;
  return afternoon;
}

/* An optional time of day behind a whole date; leaves the cursor where it was when there is none. */
static void time_of_day(struct cur *c, struct zhi_date *d) {
  struct cur t = *c;
  skip_space(&t);
  if (peek(t) == 'T' || peek(t) == ',')
    step(&t);
  int add = before_time(&t);
  int h = pair(&t), m, s;
  unsigned cp = peek(t);
  bool clock = is_colon(cp), words = cp == CP_SHI || cp == CP_DIAN;
  if (h < 0 || h > 23 || !(clock || words))
    return;
  step(&t);
  m = pair(&t);
  if (m > 59 || (clock && m < 0))
    return;
  d->hour = h < 12 ? h + add : h;
  d->minute = m < 0 ? 0 : m;
  d->precision = ZHI_PRECISION_MINUTE;
  if (words && m >= 0)
    eat(&t, CP_FEN);
  *c = t;
  if (clock && is_colon(peek(t)))
    step(&t);
  else if (!words)
    t.end = t.p;
  s = pair(&t);
  if (s >= 0 && s <= 59) {
    d->second = s;
    d->precision = ZHI_PRECISION_SECOND;
    if (words)
      eat(&t, CP_MIAO);
    t.end = c->end;
    if (peek(t) == '.') {
      struct cur f = t;
      step(&f);
      for (int i = 0; i < 9 && digit_of(peek(f)) >= 0; i++)
        t = (step(&f), f);
    }
    *c = t;
  }
  zone(c, d);
}

enum match { NO, IMPOSSIBLE, YES };

static enum match finish(struct cur *c, struct cur t, struct zhi_date *d) {
  *c = t;
  if (!possible(d))
    return IMPOSSIBLE;
  if (d->precision == ZHI_PRECISION_DAY)
    time_of_day(c, d);
  return YES;
}

static bool is_han(unsigned cp) { return cp >= 0x4e00 && cp <= 0x9fff; }

/* What follows 年: month and day, as far as they are there. */
static enum match after_nian(struct cur *c, struct cur t, struct zhi_date *d) {
  struct cur keep = t;
  skip_space(&t);
  int n;
  struct cur yuan = t;
  if (eat(&yuan, CP_YUAN) && peek(yuan) == CP_YUE) {
    n = 1;
    t = yuan;
  } else {
    n = number(&t);
  }
  skip_space(&t);
  bool dashed = n > 0 && separator(peek(t)) == '-';
  if (n < 0 || !(peek(t) == CP_YUE || dashed))
    return finish(c, keep, d);
  step(&t);
  d->month = n;
  d->precision = ZHI_PRECISION_MONTH;
  keep = t;
  skip_space(&t);
  n = number(&t);
  struct cur mark = t;
  skip_space(&mark);
  unsigned cp = peek(mark);
  if (n < 0 || (digit_of(peek(t)) >= 0 && n > 31))
    return finish(c, keep, d);
  if (cp == CP_RI || cp == CP_HAO || cp == CP_HAO_TRAD)
    step(&mark);
  else if (is_han(peek(t)))
    return finish(c, keep, d);
  else
    mark = t;
  d->day = n;
  d->precision = ZHI_PRECISION_DAY;
  return finish(c, mark, d);
}

/* 2018-03-29, 2018/3/29, 2018.03.29, 2018 03 29; and year-month. */
static enum match after_separator(struct cur *c, struct cur t, struct zhi_date *d) {
  struct cur probe = t;
  bool spaced = skip_space(&probe);
  char sep = separator(peek(probe));
  if (sep) {
    step(&probe);
    skip_space(&probe);
  } else if (!spaced) {
    return NO;
  }
  const char *digits = probe.p;
  int m = small_number(&probe);
  if (m < 0 || digit_of(peek(probe)) >= 0)
    return NO;
  struct cur keep = probe;
  bool two = probe.p - digits >= 2;
  bool spaced2 = skip_space(&probe);
  char sep2 = separator(peek(probe));
  if (sep2 && sep)
    step(&probe);
  d->month = m;
  if (sep ? sep2 != sep : !spaced2) {
    d->precision = ZHI_PRECISION_MONTH;
    return sep && (two || sep != '.') && m <= 12 && !is_han(peek(keep)) ? finish(c, keep, d) : NO;
  }
  skip_space(&probe);
  int n = small_number(&probe);
  if (n < 0)
    return NO;
  if (digit_of(peek(probe)) >= 0) { /* 2018-12-1209:03: the time is glued on */
    struct cur glued = probe;
    if (pair(&glued) < 0 || !is_colon(peek(glued)))
      return NO;
  }
  d->day = n;
  d->precision = ZHI_PRECISION_DAY;
  if (peek(probe) == CP_RI)
    step(&probe);
  return finish(c, probe, d);
}

/* 20180329, 20180329102033. */
static enum match compact(struct cur *c, struct zhi_date *d) {
  struct cur t = *c;
  int v[14], n = 0;
  while (n < 14 && (v[n] = digit_of(peek(t))) >= 0) {
    n++;
    step(&t);
  }
  if ((n != 8 && n != 12 && n != 14) || digit_of(peek(t)) >= 0)
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

static enum match numeric(struct cur *c, struct zhi_date *d) {
  enum match m = compact(c, d);
  if (m != NO)
    return m;
  *d = (struct zhi_date){0};
  struct cur t = *c;
  d->year = year_number(&t);
  if (d->year < 0)
    return NO;
  d->precision = ZHI_PRECISION_YEAR;
  struct cur nian = t;
  skip_space(&nian);
  if (eat(&nian, CP_NIAN))
    return after_nian(c, nian, d);
  return digit_of(peek(t)) >= 0 ? NO : after_separator(c, t, d);
}

static int english_month(struct cur *c) {
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
static enum match english(struct cur *c, struct zhi_date *d) {
  struct cur t = *c;
  d->month = english_month(&t);
  if (d->month < 0 || !skip_space(&t) || (d->day = pair(&t)) < 1)
    return NO;
  d->year = 2000;
  d->precision = ZHI_PRECISION_DAY;
  time_of_day(&t, d);
  if (peek(t) == ',')
    step(&t);
  skip_space(&t);
  while (t.p < t.end && *t.p >= 'A' && *t.p <= 'Z')
    t.p++;
  skip_space(&t);
  d->year = year_number(&t);
  if (d->year < 0 || digit_of(peek(t)) >= 0)
    return NO;
  *c = t;
  return possible(d) ? YES : IMPOSSIBLE;
}

/* 29 Mar 2018 10:20:33 GMT (HTTP dates): GMT is brought to +08:00. */
static enum match day_month_year(struct cur *c, struct zhi_date *d) {
  struct cur t = *c;
  d->day = pair(&t);
  if (!skip_space(&t) && !eat(&t, '-'))
    return NO;
  d->month = english_month(&t);
  if (d->month < 0 || (!skip_space(&t) && !eat(&t, '-')))
    return NO;
  d->year = year_number(&t);
  if (d->year < 0)
    return NO;
  d->precision = ZHI_PRECISION_DAY;
  enum match m = finish(c, t, d);
  if (m == YES && d->precision > ZHI_PRECISION_DAY) {
    t = *c;
    skip_space(&t);
    if (zhi_str_starts(zhi_str_n(t.p, (size_t)(t.end - t.p)), "GMT")) {
      shift_zone(d, 0);
      t.p += 3;
      *c = t;
    }
  }
  return m;
}

static enum match try_at(struct cur *c, struct zhi_date *d) {
  *d = (struct zhi_date){0};
  unsigned cp = peek(*c);
  if (digit_of(cp) >= 0 || han_digit(cp) > 0 || cp == 0x4e24) {
    enum match m = numeric(c, d);
    if (m != NO || digit_of(cp) < 0)
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
  struct cur c = {text.p, text.p + text.len};
  while (c.p < c.end) {
    unsigned char b = (unsigned char)*c.p;
    if (b < 128 && !(b >= '0' && b <= '9') && !(b >= 'A' && b <= 'Z')) {
      c.p++;
      continue;
    }
    struct cur at = c;
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
    bool digit = digit_of(peek(c)) >= 0;
    step(&c);
    while (digit && digit_of(peek(c)) >= 0) /* a date does not begin inside a number */
      step(&c);
  }
  return false;
}

bool zhi_date_parse(struct zhi_str text, struct zhi_date *out) {
  return zhi_date_find(text, ZHI_PRECISION_YEAR, out, NULL, NULL);
}
