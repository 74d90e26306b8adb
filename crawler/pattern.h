/* The pattern language of robots.txt, for robots.c and scope.c. Private to crawler/; public part: robots.h. */
#ifndef ZHI_CRAWLER_PATTERN_H
#define ZHI_CRAWLER_PATTERN_H

#include <stdint.h>

#include "zhi/robots.h"

/* One run between two stars: `fail` is its Knuth-Morris-Pratt table (absent for a leading run, which can
 * only stand at the start). */
struct zhi_pattern_run {
  uint32_t at, len; /* in symbols */
  uint32_t fail;    /* in fails; UINT32_MAX = none */
};

struct zhi_pattern {
  uint16_t *symbols;
  uint32_t *fails;
  struct zhi_pattern_run *runs;
  uint32_t run_count;
  uint32_t octets; /* length of the normalised pattern: what "longest match" compares */
  bool anchored;   /* ends in $ */
};

#endif
