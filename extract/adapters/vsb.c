/* VSB 博达: lists are numbered from the end. Page 1 is x.htm, page 2 is x/(N-1).htm, the last is x/1.htm, so the
 * numbers of old pages never change. The pager links to x/<n>.htm; 共N页 or the largest number tells N. */
#include "extract/adapters/adapters.h"

static bool number_between(struct zhi_str s, size_t from, size_t to, int *n) {
  *n = zhi_str_int(zhi_str_sub(s, from, to));
  return *n > 0;
}

/* Is `href` "x/12.htm" or "12.htm" beside page "…/x.htm" or "…/x/11.htm"? */
static bool numbered(struct zhi_str href, struct zhi_str *dir, int *n) {
  if (!zhi_str_ends(href, ".htm"))
    return false;
  size_t i = href.len - 4, end = i;
  while (i && href.p[i - 1] >= '0' && href.p[i - 1] <= '9')
    i--;
  *dir = zhi_str_sub(href, 0, i);
  return i < end && (i == 0 || href.p[i - 1] == '/') && number_between(href, i, end, n);
}

bool zhi_adapter_vsb(struct zhi_ctx *c) {
  struct zhi_str dir = ZHI_STR_NONE, d;
  int largest = 0, n, pages = c->said_pages;
  bool sign = false;
  for (uint32_t i = c->html.body; i < c->html.count; i++) {
    const struct zhi_node *a = &c->html.nodes[i];
    if (a->kind != ZHI_NODE_ELEMENT || a->tag != ZHI_TAG_A) {
      sign = sign || (a->kind == ZHI_NODE_ELEMENT && a->attr_count &&
                      (zhi_attr_has(a, "class", "p_pages") || zhi_attr_has(a, "id", "line_u")));
      continue;
    }
    struct zhi_str href = zhi_node_attr(a, "href");
    sign = sign || zhi_str_find(href, ZHI_STR("info/"));
    struct zhi_str text = zhi_str_trim(zhi_flat_text(&c->flat, i));
    bool pager = zhi_str_int(text) > 0 || zhi_str_find(text, ZHI_STR("页"));
    if (pager && numbered(href, &d, &n)) {
      dir = d;
      largest = n > largest ? n : largest;
    }
  }
  if (!sign || !dir.p)
    return false;
  if (pages <= 0)
    pages = largest + 1;
  struct zhi_list *l = &c->doc->list;
  l->pages = pages;
  l->total = c->said_total;
  struct zhi_str own, path = c->url_path;
  l->page = numbered(path, &own, &n) ? pages - n + 1 : 1;
  if (l->page == 1) {
    zhi_list_page(c, path);
  } else { /* …/x/11.htm: page 1 is …/x.htm */
    struct zhi_str up = zhi_str_sub(own, 0, own.len ? own.len - 1 : 0);
    zhi_list_page(c, zhi_arena_printf(c->a, "%.*s.htm", ZHI_STR_ARGS(up)));
  }
  for (int k = pages - 1; k >= 1 && l->request_count < ZHI_LIST_MAX_PAGES; k--)
    zhi_list_page(c, zhi_arena_printf(c->a, "%.*s%d.htm", ZHI_STR_ARGS(dir), k));
  return true;
}
