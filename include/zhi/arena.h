/* Arena: memory of one page or one request, freed whole.
 *
 * The leash for hostile input: an arena has a byte budget and, if set, a CPU-time budget of the
 * calling thread. When either is spent the allocator does not return: it longjmps to `escape` with
 * the reason, which stays in `why`: setjmp's value may be compared, but not assigned (C11 7.13.1.1). Without an
 * `escape` it returns NULL.
 * Code that allocates from an arena with an escape need not check for NULL.
 * Thread: one owner. Memory is 16-byte aligned. */
#ifndef ZHI_ARENA_H
#define ZHI_ARENA_H

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#include "zhi/str.h"

enum zhi_arena_escape { ZHI_ARENA_BYTES = 1, ZHI_ARENA_NOMEM = 2, ZHI_ARENA_CPU = 3 };

struct zhi_arena {
  struct zhi_arena_block *head;
  size_t used, max_bytes;
  size_t next_check;         /* `used` at which the CPU clock is read again */
  int64_t cpu_deadline_ns;   /* thread CPU clock; 0 = no limit */
  jmp_buf *escape;           /* borrowed; NULL = return NULL on failure */
  enum zhi_arena_escape why; /* of the last escape since the reset; 0 = none */
  size_t keep_bytes;         /* blocks kept by reset beyond the one; 0 unless set */
  struct zhi_arena_block *spare;
};

void zhi_arena_init(struct zhi_arena *a, size_t max_bytes);
/* Start a CPU budget of `ms` milliseconds of this thread from now; 0 removes it. */
void zhi_arena_cpu_budget(struct zhi_arena *a, int64_t ms);
/* longjmp if the CPU budget is spent: for long loops that allocate nothing. */
void zhi_arena_check(struct zhi_arena *a);
/* Forget all content; keeps one block, and `keep_bytes` more, so that the next page costs no malloc and no page
 * faults. */
void zhi_arena_reset(struct zhi_arena *a);
void zhi_arena_release(struct zhi_arena *a);
void *zhi_arena_alloc(struct zhi_arena *a, size_t n);
void *zhi_arena_zalloc(struct zhi_arena *a, size_t n);
/* Grow an array: copies `old_n` bytes into room for `new_n`. In place when `p` was the last allocation. */
void *zhi_arena_grow(struct zhi_arena *a, void *p, size_t old_n, size_t new_n);
/* A NUL-terminated copy. */
struct zhi_str zhi_arena_str(struct zhi_arena *a, struct zhi_str s);
struct zhi_str zhi_arena_printf(struct zhi_arena *a, const char *fmt, ...) ZHI_PRINTF(2, 3);

#endif
