/* The shim's malloc, over the one of glibc by its own names: asking for the next one would allocate. Left out under
 * sanitizers, which bring their own. */
#include <stddef.h>

#include "tests/faults/shim.h"

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *malloc(size_t n);
void *calloc(size_t n, size_t size);
void *realloc(void *p, size_t n);

void *malloc(size_t n) { return shim_fails(SHIM_ALLOC) ? NULL : __libc_malloc(n); }
void *calloc(size_t n, size_t size) {
  return shim_fails(SHIM_ALLOC) ? NULL : __libc_calloc(n, size);
}
void *realloc(void *p, size_t n) { return shim_fails(SHIM_ALLOC) ? NULL : __libc_realloc(p, n); }
