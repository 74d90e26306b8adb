/* XPath over a page's tree. Only xpath.c sees libxml2.
 *
 * The expression sees the tree as HTML5 builds it (with <tbody>, <head> and <body>), which is what a browser's
 * inspector shows. Bounds: XPATH_MAX_NODES nodes of a page, XPATH_MAX_OPS steps an expression, XPATH_MAX_HITS results.
 * XPath 1.0 core functions only: nothing that reads a file or the network.
 * Thread: one owner; each extractor has its own. */
#ifndef ZHI_EXTRACT_XPATH_H
#define ZHI_EXTRACT_XPATH_H

#include "zhi/doc.h"
#include "zhi/html.h"

/* What an expression gave. Lives in the zhi_overrides until the next page. */
struct zhi_xpath_hit {
  uint32_t node;       /* of the tree; 0: a text of its own (a string, a number, an attribute) */
  struct zhi_str text; /* the NULL view for nodes */
};

struct zhi_override {
  enum zhi_field field; /* ZHI_FIELD_COUNT: the items of lists */
  char *host;           /* in lower case; "" = every host */
  void *compiled;
  struct zhi_xpath_hit *hits;
  size_t hit_count, hit_cap;
  bool spent; /* the page was too large for it, or the expression took too many steps */
};

struct zhi_overrides {
  struct zhi_override *v;
  size_t n;
  struct zhi_buf texts; /* of the hits */
};

void zhi_overrides_init(struct zhi_overrides *o);
void zhi_overrides_release(struct zhi_overrides *o);
/* "FIELD", "list_items", "HOST/FIELD" or "HOST/list_items". ZHI_EUSAGE: the cause. `o` NULL: only look at it. */
ZHI_NODISCARD enum zhi_code zhi_overrides_add(struct zhi_overrides *o, struct zhi_str name,
                                              struct zhi_str xpath, struct zhi_err *e);
/* Evaluate those that are for `host` on the page. Never longjmps, allocates outside the arena. ZHI_ENOMEM only. */
ZHI_NODISCARD enum zhi_code zhi_overrides_run(struct zhi_overrides *o, const struct zhi_html *h,
                                              struct zhi_str host, struct zhi_err *e);

#endif
