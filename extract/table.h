/* Data tables compiled into the program: YAML of nested mappings with lists of words at the bottom. */
#ifndef ZHI_EXTRACT_TABLE_H
#define ZHI_EXTRACT_TABLE_H

#include <stdbool.h>

#include "zhi/err.h"
#include "zhi/str.h"

enum { ZHI_TABLE_DEPTH = 3, ZHI_TABLE_KEY_BYTES = 40 };

struct zhi_table_row {
  char key[ZHI_TABLE_DEPTH][ZHI_TABLE_KEY_BYTES]; /* from the top; "" below depth */
  int depth;                                      /* keys above the word */
  unsigned rank;                                  /* place in its list */
  struct zhi_str word;                            /* valid during the call */
};
/* Calls `row` for each word, in the file's order. ZHI_EPARSE and what `row` returns come back with `name` and line. */
ZHI_NODISCARD enum zhi_code
zhi_table_read(struct zhi_str yaml, const char *name,
               enum zhi_code (*row)(void *ctx, const struct zhi_table_row *r, struct zhi_err *e),
               void *ctx, struct zhi_err *e);

#endif
