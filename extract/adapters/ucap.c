/* UCAP 开普云: static pages list_N.shtml with TRS's pager (trs.c), or rows as JSON from
 * /common/search/<32 hex>?_isAgg=true&_isJson=true&_pageSize=15&_template=index&page=N, also under /searchList/. */
#include <string.h>

#include "extract/adapters/ajax.h"

enum { ID_HEX = 32 };

static bool is_hex(char ch) {
  return (ch >= '0' && ch <= '9') || ((ch | 0x20) >= 'a' && (ch | 0x20) <= 'f');
}

/* "/common/search/<id>" as it stands in the source, with its query if it has one. */
static struct zhi_str address(struct zhi_str text, const char *folder) {
  struct zhi_str rest = text, needle = zhi_str_of(folder);
  for (const char *p; (p = zhi_str_find(rest, needle)) != NULL;) {
    struct zhi_str s = zhi_str_n(p, (size_t)(text.p + text.len - p));
    size_t n = needle.len;
    rest = zhi_str_sub(s, n, s.len);
    while (n < s.len && is_hex(s.p[n]))
      n++;
    if (n - needle.len != ID_HEX)
      continue;
    while (n < s.len && (unsigned char)s.p[n] > ' ' && !strchr("\"'<>+)\\", s.p[n]))
      n++;
    return zhi_str_sub(s, 0, n);
  }
  return ZHI_STR_NONE;
}

bool zhi_adapter_ucap(struct zhi_ctx *c) {
  struct zhi_ajax x;
  if (zhi_adapter_trs(c))
    return true;
  bool told = zhi_ajax_find(c, "/common/search/", &x) || zhi_ajax_find(c, "/searchList/", &x);
  if (!told || !zhi_ajax_is_paged(&x)) {
    struct zhi_str url = address(c->source, "/common/search/");
    url = url.p ? url : address(c->source, "/searchList/");
    if (!url.p)
      return false;
    bool query = memchr(url.p, '?', url.len) != NULL;
    struct zhi_slotted slot;
    int n;
    bool offset;
    x = (struct zhi_ajax){.first = 1};
    if (zhi_str_ends(url, "page="))
      x.url = (struct zhi_slotted){url, ZHI_STR("")};
    else if (query && zhi_page_slot(c, url, &slot, &n, &offset) && !offset)
      x.url = slot;
    else
      x.url = (struct zhi_slotted){
          zhi_arena_printf(c->a, "%.*s%s", ZHI_STR_ARGS(url),
                           query ? "&page="
                                 : "?_isAgg=true&_isJson=true&_pageSize=15&_template=index&page="),
          ZHI_STR("")};
  }
  zhi_list_totals(c, c->said_page, c->said_pages, c->said_total, x.size);
  zhi_ajax_fill(c, &x, c->list_dated >= 3);
  return c->asks;
}
