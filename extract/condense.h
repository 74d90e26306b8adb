/* What Gumbo needs to read of a page: a shorter page with the same tree.
 *
 * Gumbo spends some 250 instructions on every character of text, of scripts and of attribute values, none of which
 * decide the tree. Each longer stretch of such characters becomes one character of Unicode's plane 16 (private use),
 * numbered in order, and its bytes are put back where that character comes out of the parser. */
#ifndef ZHI_EXTRACT_CONDENSE_H
#define ZHI_EXTRACT_CONDENSE_H

#include <stdint.h>

#include "zhi/html.h"

/* A stretch of the source that one character stands for. */
struct zhi_stretch {
  uint32_t from, to; /* in the source */
  uint32_t at;       /* of its character in the condensed text */
};

struct zhi_condensed {
  struct zhi_str source, text;
  struct zhi_stretch *stretches; /* in order */
  uint32_t count, cap;
  uint32_t cursor; /* stretch found last: what is asked comes mostly in order */
};

/* Condense UTF-8 text (bytes that are none are left as they are). The source is borrowed, the rest is in the arena,
 * which must have an escape. */
void zhi_condense(struct zhi_arena *a, struct zhi_str source, struct zhi_condensed *out);
/* A string that came out of a parser fed with c->text, as it would have been from c->source; NUL-terminated. */
struct zhi_str zhi_condensed_expand(struct zhi_arena *a, const struct zhi_condensed *c,
                                    struct zhi_str s);
/* The attributes of an element that came out with one attribute of this name; NULL when it is a name like others. */
const struct zhi_attr *zhi_condensed_attrs(struct zhi_arena *a, const struct zhi_condensed *c,
                                           const char *name, uint16_t *count);
/* Offset in the source of a byte of c->text. */
uint32_t zhi_condensed_offset(struct zhi_condensed *c, uint32_t at);

#endif
