/* ICU's memory. Its C++ parts use what they allocate without a look (the registry of transliterators does), so they
 * get no NULL: a shortage is waited for, then the process says so and ends, as it must be able to at any moment. */
#include "zhi/unicode.h"

#include <stdlib.h>
#include <time.h>
#include <unicode/uclean.h>
#include <unistd.h>

enum { TRIES = 100, PAUSE_NS = 10000000 };

static void *insist(void *old, size_t n) {
  static const char text[] = "xianzhi: out of memory for characters: ended\n";
  for (int i = 0; i < TRIES; i++) {
    void *p = realloc(old, n ? n : 1);
    if (p)
      return p;
    nanosleep(&(struct timespec){0, PAUSE_NS}, NULL);
  }
  ssize_t put = write(STDERR_FILENO, text, sizeof text - 1);
  (void)put;
  _exit(1);
}

static void *U_CALLCONV take(const void *ctx, size_t n) {
  (void)ctx;
  return insist(NULL, n);
}

static void *U_CALLCONV resize(const void *ctx, void *p, size_t n) {
  (void)ctx;
  return insist(p, n);
}

static void U_CALLCONV drop(const void *ctx, void *p) {
  (void)ctx;
  free(p);
}

void zhi_unicode_begin(void) {
  UErrorCode status = U_ZERO_ERROR;
  u_setMemoryFunctions(NULL, take, resize, drop, &status);
}
