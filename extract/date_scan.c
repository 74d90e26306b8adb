/* Numbers in dates. Chinese ones mix positional digits (二〇一八) and counted ones (二十三), so a year and a day are read
 * by different rules. */
#include "extract/date_scan.h"

int date_han_digit(unsigned cp) {
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

int date_small_number(struct date_cur *c) {
  int d = date_digit(date_peek(*c)), n;
  if (d < 0)
    return -1;
  date_step(c);
  n = d;
  if ((d = date_digit(date_peek(*c))) >= 0) {
    n = n * 10 + d;
    date_step(c);
  }
  return n;
}

/* 一 … 九十九, 廿三, 卅一; spaces between the characters allowed. -1 when there is none. */
static int han_number(struct date_cur *c) {
  struct date_cur t = *c;
  int tens = 0, units = -1, d = date_han_digit(date_peek(t));
  if (d > 0) {
    units = d;
    date_step(&t);
    *c = t;
    date_skip_space(&t);
  }
  unsigned cp = date_peek(t);
  if (cp == CP_TEN || (units < 0 && (cp == CP_TWENTY || cp == CP_THIRTY))) {
    tens = cp == CP_TEN ? (units < 0 ? 1 : units) : cp == CP_TWENTY ? 2 : 3;
    units = 0;
    date_step(&t);
    *c = t;
    date_skip_space(&t);
    d = date_han_digit(date_peek(t));
    if (d > 0) {
      units = d;
      date_step(&t);
      *c = t;
    }
  }
  return units < 0 ? -1 : tens * 10 + units;
}

int date_number(struct date_cur *c) {
  int n = date_small_number(c);
  return n >= 0 ? n : han_number(c);
}

int date_year_number(struct date_cur *c) {
  struct date_cur t = *c;
  unsigned first = date_peek(t);
  if (first == 0x4e24 || first == 0x4e8c || first == 0x4e00) { /* 两千, 二千, 一千 */
    struct date_cur k = t;
    date_step(&k);
    if (date_eat(&k, CP_QIAN)) {
      int base = first == 0x4e00 ? 1000 : 2000;
      while (date_han_digit(date_peek(k)) == 0)
        date_step(&k);
      int n = han_number(&k);
      struct date_cur after = k;
      date_skip_space(&after);
      if (date_peek(after) != CP_NIAN)
        return -1;
      *c = k;
      return base + (n < 0 ? 0 : n);
    }
  }
  int value = 0;
  bool han = false;
  for (int n = 0; n < 4; n++) {
    if (han)
      date_skip_space(&t);
    unsigned cp = date_peek(t);
    int d = date_digit(cp);
    if (d < 0) {
      d = date_han_digit(cp);
      if (d < 0 || (n == 0 && d == 0))
        return -1;
      han = true;
    }
    value = value * 10 + d;
    date_step(&t);
  }
  if (value < 1000)
    return -1;
  *c = t;
  return value;
}
