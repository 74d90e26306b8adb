/* Labels and their values: hits.c finds the labels, hit_values.c what each of them says. */
#ifndef ZHI_EXTRACT_HITS_H
#define ZHI_EXTRACT_HITS_H

#include "extract/ctx.h"

enum { ZHI_VALUE_MAX = 600 }; /* bytes of a value */

/* Does a colon of any width begin at p? *n: its bytes. */
static inline bool zhi_colon_at(const char *p, const char *end, uint32_t *n) {
  if (p < end && *p == ':')
    return *n = 1, true;
  if (end - p >= 3 && (memcmp(p, "：", 3) == 0 || memcmp(p, "∶", 3) == 0 ||
                       memcmp(p, "﹕", 3) == 0 || memcmp(p, "︰", 3) == 0))
    return *n = 3, true;
  return false;
}

static inline bool zhi_is_cell(uint8_t tag) { return tag == ZHI_TAG_TD || tag == ZHI_TAG_TH; }

/* The value, source and run of each hit; the hits stand in the order of the text. */
void zhi_give_values(struct zhi_ctx *c);

#endif
