/* Arrays that double. */
#include "zhi/grow.h"

#include <stdlib.h>

enum { FIRST = 32 };

void *zhi_grown(void *p, size_t *cap, size_t count, size_t size) {
  if (count < *cap)
    return p;
  size_t more = *cap ? *cap * 2 : FIRST;
  void *grown = realloc(p, more * size);
  if (grown)
    *cap = more;
  return grown;
}
