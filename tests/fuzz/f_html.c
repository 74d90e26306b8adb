/* Any bytes give a tree whose ranges nest, or spend the budget; its text is never longer than the page's. */
#include <stdint.h>
#include <stdlib.h>

#include "zhi/html.h"
#include "zhi/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct zhi_arena *a, const struct zhi_html *h) {
  for (uint32_t i = 1; i < h->count; i++) {
    const struct zhi_node *n = &h->nodes[i];
    if (n->parent >= i || n->end <= i || n->end > h->nodes[n->parent].end)
      abort();
    zhi_node_attr(n, "href");
    zhi_node_has_class(n, "a");
    zhi_html_first_child(h, i);
    zhi_html_next_sibling(h, i);
  }
  zhi_html_text(a, h, 0);
  if (h->body)
    zhi_html_text(a, h, h->body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct zhi_arena a;
  zhi_arena_init(&a, ZHI_MIB(8));
  zhi_arena_cpu_budget(&a, 200);
  jmp_buf escape;
  a.escape = &escape;
  if (!setjmp(escape)) {
    struct zhi_html h;
    zhi_html_parse(&a, zhi_str_n((const char *)data, size), &h);
    check(&a, &h);
  }
  zhi_arena_release(&a);
  return 0;
}
