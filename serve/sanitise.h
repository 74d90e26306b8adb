/* An archived page as markup that can do nothing: for the reader view. Thread: the arena's owner. */
#ifndef ZHI_SERVE_SANITISE_H
#define ZHI_SERVE_SANITISE_H

#include "zhi/arena.h"
#include "zhi/encoding.h"
#include "zhi/str.h"

struct sanitise {
  struct zhi_str url;  /* of the page */
  struct zhi_str time; /* 14 digits */
  struct zhi_str
      bytes_at; /* where archived files are had: "http://127.0.0.1:8766/w/"; links lead to /reader/ */
  const struct zhi_encoding *enc;
};
/* Append what of `text` (UTF-8) is text, lists, tables, links and pictures. Everything that runs, styles, loads by itself
 * or asks for input is left out; every element that is opened is closed. The arena's escape must be set. */
void sanitise(struct zhi_arena *a, const struct sanitise *s, struct zhi_str text,
              struct zhi_buf *out);

#endif
