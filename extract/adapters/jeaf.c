/* yuanluesoft JEAF (Fujian): a column is a static page, /cms/html/SITE/COLUMN/index.html; the others come from
 * /cms/sitemanage/index.shtml?siteId=ID&page=N, whose ID the page tells in <meta name=siteIdMeta>. Where its pager has
 * links they tell more: /cms/infopublic/index.shtml?directoryId=…&page=N. */
#include "extract/adapters/adapters.h"

enum { ID_MAX = 24 };

static struct zhi_str site_id(const struct zhi_ctx *c) {
  for (uint32_t i = 0; i < c->html.count; i++) {
    const struct zhi_node *n = &c->html.nodes[i];
    if (zhi_node_is(n, ZHI_TAG_META) && zhi_str_iis(zhi_node_attr(n, "name"), "siteIdMeta"))
      return zhi_str_trim(zhi_node_attr(n, "content"));
  }
  return ZHI_STR("");
}

static bool is_number(struct zhi_str s) {
  for (size_t i = 0; i < s.len; i++)
    if (s.p[i] < '0' || s.p[i] > '9')
      return false;
  return s.len > 0 && s.len <= ID_MAX;
}

bool zhi_adapter_jeaf(struct zhi_ctx *c) {
  struct zhi_list *l = &c->doc->list;
  bool paged = zhi_adapter_generic(c);
  if (paged && l->request_count > 1)
    return true;
  struct zhi_str id = site_id(c);
  if (!paged || l->pages < 2 || l->page > 1 || !is_number(id))
    return false;
  l->request_count = 0;
  zhi_list_page(c, c->doc->url);
  for (int k = 2; k <= l->pages && k <= ZHI_LIST_MAX_PAGES; k++)
    zhi_list_page(c, zhi_arena_printf(c->a, "/cms/sitemanage/index.shtml?siteId=%.*s&page=%d",
                                      ZHI_STR_ARGS(id), k));
  return true;
}
