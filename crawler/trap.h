/* Traps that need history: calendars without parameters, endless pagers, soft-404 families.
 *
 * URLs of one origin are folded into patterns (digits collapsed, query values dropped where they vary);
 * a pattern that keeps giving bytes already seen, or soft-404s, or nothing new, is stopped, and says so.
 * Memory is bounded: at most `max_patterns` patterns; when full, the least used give way.
 * Thread: one owner. */
#ifndef ZHI_CRAWLER_TRAP_H
#define ZHI_CRAWLER_TRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "zhi/str.h"
#include "zhi/url.h"

enum {
  ZHI_TRAP_DUPLICATES =
      20, /* captures of one pattern in a row whose bytes that pattern gave before */
  ZHI_TRAP_SOFT_404 = 20,  /* soft-404s of one pattern in a row */
  ZHI_TRAP_CALENDAR = 64,  /* captures of a calendar-like pattern without a new document */
  ZHI_TRAP_GROWTH = 100000 /* captures of one pattern, whatever they are */
};

struct zhi_traps;

ZHI_NODISCARD enum zhi_code zhi_traps_new(size_t max_patterns, struct zhi_traps **out,
                                          struct zhi_err *e);
void zhi_traps_free(struct zhi_traps *t);

/* Before a request: NULL, or the reason this URL's branch was stopped: "trap_duplicates", "trap_soft_404",
 * "trap_calendar", "trap_growth". */
const char *zhi_traps_check(const struct zhi_traps *t, const struct zhi_url *url);

struct zhi_trap_capture {
  uint64_t body_hash; /* zhi_hash64 of the payload digest; 0 = no body */
  bool soft_404;
  bool document; /* it brought a document or attachment not seen before */
};
/* After a capture. When this stops the branch, returns the reason, and *finding (if not NULL) gets one line
 * of text: the pattern, how many, what. NULL otherwise. */
const char *zhi_traps_note(struct zhi_traps *t, const struct zhi_url *url,
                           const struct zhi_trap_capture *capture, struct zhi_buf *finding);

/* The pattern of a URL, appended: "http://x/list_#.html?page=#". For tests and reports. */
void zhi_trap_pattern(const struct zhi_url *url, struct zhi_buf *out);

#endif
