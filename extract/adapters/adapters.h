/* List adapters: one file a CMS family, one row in adapters.c. An adapter reads from a list page how many pages
 * and records the column has, and gives the URL of every page. Bounded: ZHI_LIST_MAX_PAGES. */
#ifndef ZHI_EXTRACT_ADAPTERS_H
#define ZHI_EXTRACT_ADAPTERS_H

#include "extract/ctx.h"

enum { ZHI_LIST_MAX_PAGES = 3000, ZHI_LIST_MAX_ITEMS = 2000 };

struct zhi_adapter {
  const char *name;
  /* Fills doc->list (pages, total, page, requests; items when they are not in the page's own markup).
   * False: not this family, nothing touched. */
  bool (*fill)(struct zhi_ctx *c);
};
/* The first adapter that fits fills doc->list; NULL: none, the page has no pager. */
const struct zhi_adapter *zhi_adapters_fill(struct zhi_ctx *c);

bool zhi_adapter_trs(struct zhi_ctx *c);
bool zhi_adapter_hanweb(struct zhi_ctx *c);
bool zhi_adapter_vsb(struct zhi_ctx *c);
bool zhi_adapter_generic(struct zhi_ctx *c);

/* --- shared by adapters ---------------------------------------------------------------------------------- */
/* The call `name(…)` in any script, not its definition and not in a line comment: its arguments, quotes removed.
 * Returns how many; 0 when there is none. quoted[i] says whether argument i was a string. */
enum { ZHI_CALL_ARGS = 10 };
struct zhi_call {
  struct zhi_str arg[ZHI_CALL_ARGS];
  bool quoted[ZHI_CALL_ARGS];
  int count;
};
bool zhi_script_call(const struct zhi_ctx *c, const char *name, struct zhi_call *out);
/* The number behind `key` (`var countPage = 25`, `totalPage: "25"`) in any script; -1 when there is none. */
int zhi_script_number(const struct zhi_ctx *c, const char *key);
/* The quoted or bare word behind `key`. NULL view when there is none. */
struct zhi_str zhi_script_word(const struct zhi_ctx *c, const char *key);
int zhi_str_int(struct zhi_str s);
/* Append a list page by its URL (resolved against the page). Its request, to be made more than a GET; NULL when it is
 * no URL, or one too many. */
struct zhi_list_page *zhi_list_page(struct zhi_ctx *c, struct zhi_str href);
/* Items of a fragment of HTML, as list.c finds them. */
void zhi_list_items(struct zhi_ctx *c, const struct zhi_flat *f);
/* Append the item whose link is node `link` and whose row is node `box`; *cap starts as 0. */
void zhi_list_add(struct zhi_ctx *c, uint32_t link, uint32_t box, size_t *cap);

#endif
