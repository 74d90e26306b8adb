/* Arena: a list of blocks, bumped; budgets that longjmp out of whatever was allocating. */
#include "zhi/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { FIRST_BLOCK_BYTES = 4 * 1024, BLOCK_BYTES = 256 * 1024, CHECK_BYTES = 64 * 1024 };

struct zhi_arena_block {
  struct zhi_arena_block *next;
  size_t size, used;
  _Alignas(16) char data[];
};

static int64_t thread_cpu_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void *give_up(struct zhi_arena *a, enum zhi_arena_escape why) {
  a->why = why;
  if (a->escape)
    longjmp(*a->escape, (int)why);
  return NULL;
}

void zhi_arena_init(struct zhi_arena *a, size_t max_bytes) {
  *a = (struct zhi_arena){.max_bytes = max_bytes, .next_check = CHECK_BYTES};
}

void zhi_arena_cpu_budget(struct zhi_arena *a, int64_t ms) {
  a->cpu_deadline_ns = ms ? thread_cpu_ns() + ms * 1000000 : 0;
}

void zhi_arena_check(struct zhi_arena *a) {
  if (a->cpu_deadline_ns && thread_cpu_ns() > a->cpu_deadline_ns)
    give_up(a, ZHI_ARENA_CPU);
}

static void free_blocks(struct zhi_arena_block *b) {
  for (struct zhi_arena_block *next; b; b = next) {
    next = b->next;
    free(b);
  }
}

void zhi_arena_reset(struct zhi_arena *a) {
  struct zhi_arena_block *keep = NULL, *spare = a->spare;
  size_t kept = 0;
  for (struct zhi_arena_block *b = spare; b; b = b->next)
    kept += b->size;
  for (struct zhi_arena_block *b = a->head, *next; b; b = next) {
    next = b->next;
    if (!keep && b->size <= BLOCK_BYTES) {
      keep = b; /* the newest ordinary block is the largest */
    } else if (b->size == BLOCK_BYTES && kept + BLOCK_BYTES <= a->keep_bytes) {
      b->next = spare;
      spare = b;
      kept += BLOCK_BYTES;
    } else {
      free(b);
    }
  }
  if (keep) {
    keep->next = NULL;
    keep->used = 0;
  }
  a->head = keep;
  a->spare = spare;
  a->why = 0;
  a->used = 0;
  a->next_check = CHECK_BYTES;
}

void zhi_arena_release(struct zhi_arena *a) {
  size_t keep_bytes = a->keep_bytes;
  free_blocks(a->head);
  free_blocks(a->spare);
  zhi_arena_init(a, a->max_bytes);
  a->keep_bytes = keep_bytes;
}

static struct zhi_arena_block *new_block(struct zhi_arena *a, size_t size) {
  struct zhi_arena_block *b = size == BLOCK_BYTES ? a->spare : NULL;
  if (b)
    a->spare = b->next;
  else
    b = malloc(sizeof *b + size);
  if (b) {
    b->next = NULL;
    b->size = size;
    b->used = 0;
  }
  return b;
}

void *zhi_arena_alloc(struct zhi_arena *a, size_t n) {
  if (n > a->max_bytes || a->used > a->max_bytes - n)
    return give_up(a, ZHI_ARENA_BYTES);
  n = (n + 15) & ~(size_t)15;
  if (n == 0)
    n = 16;
  a->used += n;
  if (a->used >= a->next_check) {
    a->next_check = a->used + CHECK_BYTES;
    if (a->cpu_deadline_ns && thread_cpu_ns() > a->cpu_deadline_ns)
      return give_up(a, ZHI_ARENA_CPU);
  }
  struct zhi_arena_block *b = a->head;
  if (!b || b->size - b->used < n) {
    size_t size = b && b->size < BLOCK_BYTES ? b->size * 2 : b ? BLOCK_BYTES : FIRST_BLOCK_BYTES;
    bool large = n > size / 2;
    if (large)
      size = n;
    struct zhi_arena_block *fresh = new_block(a, size);
    if (!fresh)
      return give_up(a, ZHI_ARENA_NOMEM);
    if (b && large) { /* a large object goes behind the block still being filled */
      fresh->next = b->next;
      b->next = fresh;
    } else {
      fresh->next = b;
      a->head = fresh;
    }
    b = fresh;
  }
  void *p = b->data + b->used;
  b->used += n;
  return p;
}

void *zhi_arena_zalloc(struct zhi_arena *a, size_t n) {
  void *p = zhi_arena_alloc(a, n);
  if (p)
    memset(p, 0, n);
  return p;
}

void *zhi_arena_grow(struct zhi_arena *a, void *p, size_t old_n, size_t new_n) {
  if (p && a->head) {
    size_t have = (old_n + 15) & ~(size_t)15, want = (new_n + 15) & ~(size_t)15;
    struct zhi_arena_block *b = a->head;
    if (have && want >= have && (char *)p + have == b->data + b->used &&
        b->size - b->used >= want - have) {
      if (want - have > a->max_bytes || a->used > a->max_bytes - (want - have))
        return give_up(a, ZHI_ARENA_BYTES);
      b->used += want - have;
      a->used += want - have;
      return p;
    }
  }
  void *fresh = zhi_arena_alloc(a, new_n);
  if (fresh && old_n)
    memcpy(fresh, p, old_n);
  return fresh;
}

struct zhi_str zhi_arena_str(struct zhi_arena *a, struct zhi_str s) {
  char *p = zhi_arena_alloc(a, s.len + 1);
  if (!p)
    return ZHI_STR_NONE;
  if (s.len)
    memcpy(p, s.p, s.len);
  p[s.len] = '\0';
  return (struct zhi_str){p, s.len};
}

struct zhi_str zhi_arena_printf(struct zhi_arena *a, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  int n = vsnprintf(NULL, 0, fmt, ap);
  va_end(ap);
  if (n < 0)
    return ZHI_STR_NONE;
  char *p = zhi_arena_alloc(a, (size_t)n + 1);
  if (!p)
    return ZHI_STR_NONE;
  va_start(ap, fmt);
  vsnprintf(p, (size_t)n + 1, fmt, ap);
  va_end(ap);
  return (struct zhi_str){p, (size_t)n};
}
