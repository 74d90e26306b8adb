/* Any bytes as a sitemap: what comes out are http(s) URLs. */
#include <stdint.h>
#include <stdlib.h>

#include "zhi/limits.h"
#include "zhi/sitemap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct zhi_arena a;
  struct zhi_sitemap s;
  zhi_arena_init(&a, ZHI_MIB(64));
  if (zhi_sitemap_parse(&a, zhi_str_n((const char *)data, size), ZHI_STR("http://h.cn/s.xml"), &s,
                        NULL) == ZHI_OK)
    for (size_t i = 0; i < s.count; i++)
      if (!zhi_str_starts(s.urls[i], "http") || s.urls[i].len > ZHI_URL_MAX_BYTES)
        abort();
  zhi_arena_release(&a);
  return 0;
}
