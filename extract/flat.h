/* A page's text, once: all of it in one buffer, each node a range in it.
 *
 * White space is collapsed, and what separates two pieces of text is one byte that says how much:
 *   ' ' white space   ZHI_GAP a wide gap (&nbsp; &emsp; U+3000)   '\n' a line or block   '\t' a table cell
 * Head, scripts, styles, selects and invisible filler are left out; hidden blocks are kept and flagged.
 * So the text of any node costs nothing, and scans run over plain bytes. Built in one walk. */
#ifndef ZHI_EXTRACT_FLAT_H
#define ZHI_EXTRACT_FLAT_H

#include "zhi/html.h"

enum { ZHI_GAP = 0x1f };
enum zhi_flat_flag {
  ZHI_FLAT_HIDDEN = 1, /* display:none, on it or above */
  ZHI_FLAT_LINK = 2,   /* inside <a> */
  ZHI_FLAT_BLOCK = 4,
  ZHI_FLAT_OUT = 8 /* left out of the text */
};

struct zhi_flat {
  struct zhi_arena *a;
  const struct zhi_html *h;
  char *text;
  uint32_t len;
  uint32_t *from,
      *to;        /* a node; from may point at the separator before its text: use zhi_flat_start */
  uint32_t *link; /* bytes of link text below a node */
  uint8_t *flags;
};

void zhi_flat_build(struct zhi_flat *f, struct zhi_arena *a, const struct zhi_html *h);
static inline bool zhi_flat_break(char c) { return (unsigned char)c <= ' '; }
/* Where the node's text really begins; == to when it has none. */
static inline uint32_t zhi_flat_start(const struct zhi_flat *f, uint32_t i) {
  return f->from[i] < f->to[i] && zhi_flat_break(f->text[f->from[i]]) ? f->from[i] + 1 : f->from[i];
}
static inline uint32_t zhi_flat_len(const struct zhi_flat *f, uint32_t i) {
  return f->to[i] - zhi_flat_start(f, i);
}
static inline struct zhi_str zhi_flat_text(const struct zhi_flat *f, uint32_t i) {
  uint32_t s = zhi_flat_start(f, i);
  return zhi_str_n(f->text + s, f->to[i] - s);
}
static inline bool zhi_is_block(const struct zhi_flat *f, uint32_t i) {
  return f->flags[i] & ZHI_FLAT_BLOCK;
}
/* Nearest block around node i (i itself when it is one). */
uint32_t zhi_flat_block(const struct zhi_flat *f, uint32_t i);

#endif
