/* Any bytes through the token scanner: it ends, its links are whole, its text is bounded. */
#include <stdint.h>
#include <stdlib.h>

#include "zhi/limits.h"
#include "zhi/links.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct zhi_arena a;
  zhi_arena_init(&a, ZHI_MIB(8));
  jmp_buf escape;
  a.escape = &escape;
  if (!setjmp(escape)) {
    struct zhi_links l;
    struct zhi_str out, text = zhi_str_n((const char *)data, size);
    zhi_links_scan(&a, &(struct zhi_links_in){.url = ZHI_STR("http://h.cn/d/"), .text = text}, &l,
                   &out);
    if (l.count > ZHI_PAGE_MAX_LINKS || out.len > size * 4 + 16)
      abort();
    for (size_t i = 0; i < l.count; i++)
      if (!zhi_str_starts(l.items[i].url, "http"))
        abort();
  }
  zhi_arena_release(&a);
  return 0;
}
