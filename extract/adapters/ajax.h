/* Requests that a page's scripts make: read, not run. */
#ifndef ZHI_EXTRACT_AJAX_H
#define ZHI_EXTRACT_AJAX_H

#include "extract/adapters/adapters.h"

struct zhi_ajax {
  struct zhi_slotted url, body; /* body.head.p NULL: GET */
  bool json;                    /* the body */
  bool offset;                  /* the place takes a number of records, not of a page */
  int first;                    /* number of the first page: 0 or 1 */
  int size;                     /* records a page; 0: not told */
};

/* The request whose address has `sign` in it (NULL: any that has a place for a page's number). Literals are joined,
 * variables looked up where scripts set them. False: none. */
bool zhi_ajax_find(struct zhi_ctx *c, const char *sign, struct zhi_ajax *out);
/* Ask for pages `from` to `to` by it. */
void zhi_ajax_pages(struct zhi_ctx *c, const struct zhi_ajax *x, int from, int to);
/* … for all pages that are told, else for the first or the one behind it. `shown`: the page's own markup has page 1. */
void zhi_ajax_fill(struct zhi_ctx *c, const struct zhi_ajax *x, bool shown);
/* The request of a form with a hidden field for the page's number; `sign`: in its action, NULL: any. */
bool zhi_form_find(struct zhi_ctx *c, const char *sign, struct zhi_ajax *out);
static inline bool zhi_ajax_is_paged(const struct zhi_ajax *x) {
  return x->url.tail.p || x->body.tail.p;
}

#endif
