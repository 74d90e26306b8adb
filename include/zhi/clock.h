/* Time: UTC milliseconds since the epoch, from a clock that tests can replace.
 *
 * Forms: "iso" 2018-03-29T08:00:00Z (W3CDTF, as WARC-Date), "ts14" 20180329080000 (CDXJ).
 * China has one zone, UTC+8, without daylight saving since 1991. */
#ifndef ZHI_CLOCK_H
#define ZHI_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "zhi/str.h"

struct zhi_clock {
  int64_t (*now_ms)(void *ctx); /* UTC; may step */
  void *ctx;
  int64_t (*steady_ms)(
      void *ctx); /* never steps, no particular epoch; NULL: now_ms, which then must not */
};

/* The system's clocks (CLOCK_REALTIME, CLOCK_MONOTONIC). */
extern const struct zhi_clock zhi_clock_system;
int64_t zhi_now_ms(const struct zhi_clock *c);
/* For what ends after a while and is not remembered beyond the process, such as a lease of URLs. */
int64_t zhi_steady_ms(const struct zhi_clock *c);
/* CLOCK_MONOTONIC in ms: for durations only. */
int64_t zhi_mono_ms(void);

enum { ZHI_ISO_SIZE = 25, ZHI_TS14_SIZE = 15, ZHI_TZ_CHINA_MS = 8 * 3600 * 1000 };

void zhi_time_iso(int64_t ms, char out[ZHI_ISO_SIZE]);    /* seconds, "Z" */
void zhi_time_iso_ms(int64_t ms, char out[ZHI_ISO_SIZE]); /* with .mmm */
void zhi_time_ts14(int64_t ms, char out[ZHI_TS14_SIZE]);
/* Accepts W3CDTF with 0–9 fraction digits and Z or ±hh:mm, and ts14/17. */
bool zhi_time_parse(struct zhi_str s, int64_t *ms);
/* The three date forms of RFC 9110 5.6.7. */
bool zhi_time_parse_http(struct zhi_str s, int64_t *ms);
/* Days since 1970-01-01 of a proleptic Gregorian date, and back. */
int64_t zhi_days_from_civil(int y, int m, int d);
void zhi_civil_from_days(int64_t days, int *y, int *m, int *d);
/* Is y-m-d a day of the calendar? */
bool zhi_date_valid(int y, int m, int d);

#endif
