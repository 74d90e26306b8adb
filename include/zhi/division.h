/* Administrative divisions of China by code (GB/T 2260), retired ones too: config/divisions.txt, compiled in.
 * Thread: any. */
#ifndef ZHI_DIVISION_H
#define ZHI_DIVISION_H

#include "zhi/str.h"

struct zhi_division {
  struct zhi_str name; /* its last one */
  int first,
      last; /* years in which the sources list code and name; 2002 may mean before, 2024 still */
};

/* `code` is six digits, AA0000 a province, AABB00 a prefecture. False: not in the table. */
bool zhi_division_find(struct zhi_str code, struct zhi_division *out);
/* Six digits that begin like a province's. */
bool zhi_division_is_code(struct zhi_str code);

#endif
