/* Any bytes as a style sheet: no URL is empty or longer than the sheet can make it. */
#include <stdint.h>
#include <stdlib.h>

#include "zhi/css.h"
#include "zhi/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(void *ctx, struct zhi_str url, bool import) {
  (void)import;
  if (url.len == 0 || url.len > *(size_t *)ctx * 2 + 4)
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct zhi_arena a;
  zhi_arena_init(&a, ZHI_MIB(8));
  jmp_buf escape;
  a.escape = &escape;
  if (!setjmp(escape))
    zhi_css_urls(&a, zhi_str_n((const char *)data, size), check, &size);
  zhi_arena_release(&a);
  return 0;
}
