/* What dates.c reads with: a cursor over code points, and numbers as pages write them (ASCII, full width, Chinese). The
 * readers of numbers move the cursor only when they find one. Pure; any thread. Private to the dates. */
#ifndef ZHI_EXTRACT_DATE_SCAN_H
#define ZHI_EXTRACT_DATE_SCAN_H

#include "zhi/str.h"

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

struct date_cur {
  const char *p, *end;
};

static inline unsigned date_peek(struct date_cur c) {
  unsigned cp = 0;
  if (c.p < c.end)
    zhi_utf8_next(c.p, (size_t)(c.end - c.p), &cp);
  return cp;
}

static inline void date_step(struct date_cur *c) {
  unsigned cp;
  if (c->p < c->end)
    c->p += zhi_utf8_next(c->p, (size_t)(c->end - c->p), &cp);
}

static inline bool date_is_space(unsigned cp) {
  return cp == ' ' || (cp >= 9 && cp <= 13) || cp == 0x1f || cp == 0xa0 || cp == 0x3000 ||
         cp == 0xfeff || (cp >= 0x2000 && cp <= 0x200b) || cp == 0x202f;
}

static inline bool date_skip_space(struct date_cur *c) {
  const char *at = c->p;
  while (date_is_space(date_peek(*c)))
    date_step(c);
  return c->p != at;
}

static inline bool date_eat(struct date_cur *c, unsigned cp) {
  if (date_peek(*c) != cp)
    return false;
  date_step(c);
  return true;
}

/* 0–9 of ASCII and full-width digits, else -1. */
static inline int date_digit(unsigned cp) {
  if (cp >= '0' && cp <= '9')
    return (int)(cp - '0');
  return cp >= 0xff10 && cp <= 0xff19 ? (int)(cp - 0xff10) : -1;
}

/* 0–9 of Chinese digits and the letters that stand in for 〇, else -1. */
int date_han_digit(unsigned cp);
/* One or two digits of ASCII or full width; -1 when there is none. */
int date_small_number(struct date_cur *c);
/* The same, or 一 … 九十九, 廿三, 卅一 with spaces between the characters allowed. */
int date_number(struct date_cur *c);
/* Four digits, ASCII, full-width or Chinese or mixed (二O一八), or 二千零五 before 年; -1 when there is none. */
int date_year_number(struct date_cur *c);

#endif
