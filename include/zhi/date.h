/* Dates as Chinese government pages write them: 2018-03-29 10:20, 2018年3月29日, 二〇一八年二月二十三日,
 * 20180329, [2018-03-29], Thu Mar 29 10:20:33 CST 2018, epoch seconds; with the precision they have.
 *
 * Times are China's, +08:00 (no daylight saving since 1991); a time given with Z or another offset is
 * brought to +08:00. Pure functions, bounded by the text's length. Thread: any. */
#ifndef ZHI_DATE_H
#define ZHI_DATE_H

#include <stdbool.h>
#include <stddef.h>

#include "zhi/doc.h"
#include "zhi/str.h"

struct zhi_date {
  int year, month, day, hour, minute,
      second; /* month and day 1-based; what precision leaves out is 0 */
  enum zhi_precision precision;
};

enum { ZHI_DATE_TEXT_SIZE = 24 };

/* The first date in UTF-8 `text` of at least `least` precision; its bytes are [*from, *to) (may be NULL).
 * Impossible dates (2018-02-30) are passed over whole. A bare year or epoch number counts only when it is
 * all of the text. */
bool zhi_date_find(struct zhi_str text, enum zhi_precision least, struct zhi_date *out,
                   size_t *from, size_t *to);
/* As zhi_date_find with any precision. */
bool zhi_date_parse(struct zhi_str text, struct zhi_date *out);
/* "2018", "2018-03", "2018-03-29", and with `time` also "2018-03-29T10:20[:33]"; returns its length. */
size_t zhi_date_format(const struct zhi_date *d, bool time, char out[ZHI_DATE_TEXT_SIZE]);
/* Outside of what a government page can say of itself: before 1949 or after 2100. */
bool zhi_date_is_odd(const struct zhi_date *d);
/* A date in a URL's path: t20180329_, /2018/3/29/, /2018-03-29/, /2018/03-29/, /201803/. */
bool zhi_date_in_url(struct zhi_str url, struct zhi_date *out);

#endif
