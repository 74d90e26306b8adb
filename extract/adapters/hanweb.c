/* Hanweb 大汉 JCMS: the page embeds the first group of records as <datastore> in a script; the rest comes from
 * /module/web/jpage/dataproxy.jsp, whose parameters are printed in the page's script. */
#include "extract/adapters/adapters.h"

enum { GROUP_MAX = 300 }; /* larger groups are cut by some servers */

static struct zhi_str store_of(const struct zhi_ctx *c) {
  for (uint32_t i = 0; i < c->html.count; i++) {
    const struct zhi_node *n = &c->html.nodes[i];
    if ((n->kind == ZHI_NODE_TEXT || n->kind == ZHI_NODE_COMMENT) && n->text.len > 60 &&
        zhi_str_find(n->text, ZHI_STR("<datastore>")))
      return n->text;
  }
  return ZHI_STR_NONE;
}

static int tag_number(struct zhi_str s, const char *tag) {
  const char *p = zhi_str_find(s, zhi_str_of(tag));
  if (!p)
    return 0;
  p += strlen(tag);
  size_t n = 0;
  while (p + n < s.p + s.len && p[n] >= '0' && p[n] <= '9')
    n++;
  int v = zhi_str_int(zhi_str_n(p, n));
  return v > 0 ? v : 0;
}

/* The rows in CDATA are one fragment of HTML. */
static void embedded_items(struct zhi_ctx *c, struct zhi_str store) {
  char *html = zhi_arena_alloc(c->a, store.len + 1);
  size_t w = 0;
  struct zhi_str open = ZHI_STR("<![CDATA["), close = ZHI_STR("]]>"), rest = store;
  for (const char *p; (p = zhi_str_find(rest, open)) != NULL;) {
    rest = zhi_str_n(p + open.len, (size_t)(store.p + store.len - p) - open.len);
    const char *e = zhi_str_find(rest, close);
    size_t n = e ? (size_t)(e - rest.p) : rest.len;
    memcpy(html + w, rest.p, n);
    w += n;
    rest = zhi_str_sub(rest, n, rest.len);
  }
  if (!w)
    return;
  struct zhi_html h;
  struct zhi_flat f;
  zhi_html_parse(c->a, zhi_str_n(html, w), &h);
  zhi_flat_build(&f, c->a, &h);
  zhi_list_items(c, &f);
}

static struct zhi_str param(const struct zhi_ctx *c, const char *name) {
  static const char *const around[] = {"'", "\"", ""};
  for (int i = 0; i < 3; i++) {
    struct zhi_str key = zhi_arena_printf(c->a, "%s%s%s", around[i], name, around[i]);
    struct zhi_str v = zhi_script_word(c, key.p);
    if (v.len && v.len < 200)
      return v;
  }
  return ZHI_STR_NONE;
}

static void proxy_pages(struct zhi_ctx *c, int total, int per_page) {
  static const char *const names[] = {"col",    "appid",    "webid",
                                      "path",   "columnid", "sourceContentType",
                                      "unitid", "webname",  "permissiontype"};
  struct zhi_buf q;
  zhi_buf_init(&q, 4096);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    struct zhi_str v = param(c, names[i]);
    zhi_buf_addf(&q, "&%s=%.*s", names[i], ZHI_STR_ARGS(v));
  }
  int group = per_page * 3 < GROUP_MAX ? per_page * 3 : GROUP_MAX, pages = 0;
  for (int from = 1; from <= total && pages < ZHI_LIST_MAX_PAGES && q.p; from += group, pages++) {
    int to = from + group - 1 < total ? from + group - 1 : total;
    zhi_list_page(c, zhi_arena_printf(
                         c->a,
                         "/module/web/jpage/dataproxy.jsp?startrecord=%d&endrecord=%d&perpage=%d%s",
                         from, to, per_page, q.p));
  }
  zhi_buf_release(&q);
}

bool zhi_adapter_hanweb(struct zhi_ctx *c) {
  struct zhi_str store = store_of(c);
  if (!store.p)
    return false;
  struct zhi_list *l = &c->doc->list;
  int total = tag_number(store, "<totalrecord>"), pages = tag_number(store, "<totalpage>");
  int per_page = zhi_script_number(c, "perpage");
  if (per_page <= 0 && pages > 0)
    per_page = (total + pages - 1) / pages;
  if (per_page <= 0)
    per_page = 15;
  l->page = 1;
  l->total = total;
  l->pages = (total + per_page - 1) / per_page;
  l->item_count = 0;
  embedded_items(c, store);
  proxy_pages(c, total, per_page);
  return true;
}
