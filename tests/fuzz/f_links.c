/* Any bytes as a page: every link is http(s), without fragment, within the cap, and there once. The first byte
 * chooses tree, style sheet, XML or script. */
#include <stdint.h>
#include <stdlib.h>

#include "zhi/limits.h"
#include "zhi/links.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct zhi_links *l) {
  for (size_t i = 0; i < l->count; i++) {
    struct zhi_str u = l->items[i].url;
    if (!zhi_str_starts(u, "http://") && !zhi_str_starts(u, "https://"))
      abort();
    if (u.len > ZHI_URL_MAX_BYTES || memchr(u.p, '#', u.len) || memchr(u.p, ' ', u.len))
      abort();
    if (i > 0 && zhi_str_eq(u, l->items[i - 1].url))
      abort();
    zhi_attachment_type(u);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 1)
    return 0;
  struct zhi_arena a;
  zhi_arena_init(&a, ZHI_MIB(8));
  zhi_arena_cpu_budget(&a, 500);
  jmp_buf escape;
  a.escape = &escape;
  if (!setjmp(escape)) {
    struct zhi_links l = {0};
    struct zhi_html h;
    struct zhi_str text = zhi_str_n((const char *)data + 1, size - 1);
    struct zhi_links_in in = {ZHI_STR("http://h.cn/d/"), data[0] & 4 ? zhi_gb18030 : NULL, text};
    if ((data[0] & 3) == 1) {
      zhi_links_css(&a, &in, &l);
    } else if ((data[0] & 3) == 2) {
      zhi_links_xml(&a, &in, &l);
    } else {
      zhi_html_parse(&a, text, &h);
      zhi_links_html(&a, &in, &h, &l);
    }
    check(&l);
    zhi_link_resolve(&a, in.url, in.enc, text);
  }
  zhi_arena_release(&a);
  return 0;
}
