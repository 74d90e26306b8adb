/* By the environment, which children inherit. AddressSanitizer wants to be the first library: told not to. */
#include "tests/support/shim.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define LINK_ORDER ":verify_asan_link_order=0"

void shim_on(void) {
  const char *program = getenv("XIANZHI"), *asan = getenv("ASAN_OPTIONS");
  char path[PATH_MAX], options[512];
  char *whole = realpath(program ? program : "build/xianzhi", NULL);
  assert_non_null(whole);
  *strrchr(whole, '/') = '\0';
  assert_true(snprintf(path, sizeof path, "%s/shim.so", whole) < (int)sizeof path);
  free(whole);
  assert_int_equal(access(path, R_OK), 0);
  snprintf(options, sizeof options, "%s" LINK_ORDER, asan ? asan : "");
  setenv("ASAN_OPTIONS", options, 1);
  setenv("LD_PRELOAD", path, 1);
}

void shim_off(void) {
  const char *asan = getenv("ASAN_OPTIONS");
  unsetenv("LD_PRELOAD");
  if (!asan || strlen(asan) <= strlen(LINK_ORDER)) {
    unsetenv("ASAN_OPTIONS");
    return;
  }
  char *kept = strndup(asan, strlen(asan) - strlen(LINK_ORDER));
  assert_non_null(kept);
  setenv("ASAN_OPTIONS", kept, 1);
  free(kept);
}
