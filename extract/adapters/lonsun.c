/* Lonsun 龙讯 (Anhui): /public/column/<organ>?type=4&action=list&nav=3&catId=N shows a list that is a label's fragment:
 * GET /site/label/8888?labelName=publicInfoList&siteId=&pageSize=&pageIndex=&organId=&catId=&type=4&file=… */
#include <string.h>

#include "extract/adapters/ajax.h"

enum { QUERY_BYTES = 8 << 10 };

static void add_param(struct zhi_ctx *c, struct zhi_buf *q, const char *name,
                      struct zhi_str fallback) {
  struct zhi_str v =
      zhi_form_value(c->doc->url, name); /* what the column's address says counts first */
  if (v.len) {
    zhi_buf_addf(q, "&%s=%.*s", name, ZHI_STR_ARGS(v));
    return;
  }
  v = zhi_script_word(c, zhi_arena_printf(c->a, "%s:", name).p);
  v = v.len ? v : zhi_script_word(c, name);
  v = v.len && v.len < 100 ? v : fallback;
  zhi_form_add(q, name, v);
}

/* The organ in /public/column/<organ>. */
static struct zhi_str organ_of(struct zhi_str url) {
  struct zhi_str mark = ZHI_STR("/public/column/");
  const char *p = zhi_str_find(url, mark);
  if (!p)
    return ZHI_STR("");
  struct zhi_str s = zhi_str_n(p + mark.len, (size_t)(url.p + url.len - p) - mark.len);
  size_t n = 0;
  while (n < s.len && s.p[n] >= '0' && s.p[n] <= '9')
    n++;
  return zhi_str_sub(s, 0, n);
}

/* No call to read: made of what the page and its address tell. */
static bool by_address(struct zhi_ctx *c, struct zhi_ajax *x) {
  struct zhi_buf q;
  struct zhi_str organ = organ_of(c->doc->url);
  if (!organ.len)
    return false;
  zhi_buf_init(&q, QUERY_BYTES);
  zhi_buf_adds(&q, "/site/label/8888?labelName=publicInfoList");
  add_param(c, &q, "siteId", ZHI_STR(""));
  add_param(c, &q, "pageSize", ZHI_STR("20"));
  add_param(c, &q, "organId", organ);
  add_param(c, &q, "catId", ZHI_STR(""));
  add_param(c, &q, "type", ZHI_STR("4"));
  add_param(c, &q, "file", ZHI_STR(""));
  zhi_buf_adds(&q, "&pageIndex=");
  *x = (struct zhi_ajax){.first = 1, .url = {zhi_arena_str(c->a, zhi_buf_view(&q)), ZHI_STR("")}};
  zhi_buf_release(&q);
  return true;
}

bool zhi_adapter_lonsun(struct zhi_ctx *c) {
  struct zhi_ajax x;
  bool told = zhi_ajax_find(c, "/site/label/", &x);
  if ((!told || !zhi_ajax_is_paged(&x)) && !by_address(c, &x))
    return false;
  int pages, total, size;
  zhi_script_totals(c, &pages, &total, &size);
  zhi_list_totals(c, c->said_page, c->said_pages > 0 ? c->said_pages : pages,
                  c->said_total > 0 ? c->said_total : total, x.size > 0 ? x.size : size);
  zhi_ajax_fill(c, &x, c->list_dated >= 3);
  return c->asks;
}
