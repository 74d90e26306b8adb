/* Any bytes give a tree whose ranges nest, or spend the budget, and it is the tree of the page read whole. */
#include <stdint.h>
#include <stdlib.h>

#include "extract/html_whole.h"
#include "zhi/html.h"
#include "zhi/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct zhi_arena *a, const struct zhi_html *h) {
  for (uint32_t i = 1; i < h->count; i++) {
    const struct zhi_node *n = &h->nodes[i];
    if (n->parent >= i || n->end <= i || n->end > h->nodes[n->parent].end)
      abort();
    zhi_node_attr(n, "href");
    zhi_html_first_child(h, i);
    zhi_html_next_sibling(h, i);
  }
  zhi_html_text(a, h, 0);
  if (h->body)
    zhi_html_text(a, h, h->body);
}

static void same_node(const struct zhi_node *x, const struct zhi_node *y) {
  if (x->kind != y->kind || x->tag != y->tag || x->attr_count != y->attr_count ||
      x->parent != y->parent || x->end != y->end || x->offset != y->offset ||
      !zhi_str_eq(x->text, y->text))
    abort();
  for (unsigned i = 0; i < x->attr_count; i++)
    if (!zhi_str_eq(x->attrs[i].name, y->attrs[i].name) ||
        !zhi_str_eq(x->attrs[i].value, y->attrs[i].value))
      abort();
}

static void same(const struct zhi_html *x, const struct zhi_html *y) {
  if (x->count != y->count || x->head != y->head || x->body != y->body)
    abort();
  for (uint32_t i = 0; i < x->count; i++)
    same_node(&x->nodes[i], &y->nodes[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct zhi_arena a;
  zhi_arena_init(&a, ZHI_MIB(16));
  zhi_arena_cpu_budget(&a, 400);
  jmp_buf escape;
  a.escape = &escape;
  if (!setjmp(escape)) {
    struct zhi_html h, all;
    zhi_html_parse(&a, zhi_str_n((const char *)data, size), &h);
    check(&a, &h);
    zhi_html_parse_whole(&a, zhi_str_n((const char *)data, size), &all);
    same(&h, &all);
  }
  zhi_arena_release(&a);
  return 0;
}
