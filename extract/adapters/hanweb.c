/* Hanweb 大汉 JCMS: the page embeds the first group of records as <datastore> in a script; the rest comes from
 * /module/web/jpage/dataproxy.jsp, group by group: where the datastore names the next one, or by the parameters that are
 * printed in the page's script. */
#include "extract/adapters/ajax.h"

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

static void proxy_pages(struct zhi_ctx *c, int total, int per_page, int shown) {
  static const char *const names[] = {"col",    "appid",    "webid",
                                      "path",   "columnid", "sourceContentType",
                                      "unitid", "webname",  "permissiontype"};
  struct zhi_buf q;
  zhi_buf_init(&q, 4096);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    struct zhi_str v = param(c, names[i]);
    zhi_buf_addf(&q, "&%s=%.*s", names[i], ZHI_STR_ARGS(v));
  }
  int group = per_page * 3 < GROUP_MAX ? per_page * 3 : GROUP_MAX;
  for (int from = 1 + shown; from <= total && q.p; from += group) {
    int to = from + group - 1 < total ? from + group - 1 : total;
    struct zhi_str url = zhi_arena_printf(
        c->a, "/module/web/jpage/dataproxy.jsp?startrecord=%d&endrecord=%d&perpage=%d%s", from, to,
        per_page, q.p);
    if (!zhi_list_ask(c, url, ZHI_STR_NONE, NULL))
      break;
  }
  zhi_buf_release(&q);
}

/* <nextgroup><![CDATA[<a href="…"></a>]]></nextgroup>: the server's own word for what comes next. */
static bool ask_next_group(struct zhi_ctx *c, struct zhi_str xml) {
  struct zhi_str mark = ZHI_STR("<nextgroup>"), href = ZHI_STR("href=");
  const char *p = zhi_str_find(xml, mark);
  if (!p)
    return false;
  struct zhi_str rest = zhi_str_n(p, (size_t)(xml.p + xml.len - p)), url;
  const char *end = zhi_str_find(rest, ZHI_STR("</nextgroup>"));
  rest.len = end ? (size_t)(end - rest.p) : 0;
  const char *at = zhi_str_find(rest, href);
  rest = at ? zhi_str_n(at, (size_t)(rest.p + rest.len - at)) : ZHI_STR_NONE;
  return zhi_cut_quoted(&rest, &url) && url.len && zhi_list_ask(c, url, ZHI_STR_NONE, NULL);
}

/* The module for disclosure lists: POST /module/xxgk/search.jsp with the page's parameters and currpage. */
static bool disclosure(struct zhi_ctx *c) {
  struct zhi_ajax x;
  bool told = zhi_ajax_find(c, "xxgk/search.jsp", &x) && zhi_ajax_is_paged(&x);
  if (!told && !zhi_form_find(c, "xxgk/search.jsp", &x))
    return false;
  zhi_list_totals(c, c->said_page, c->said_pages, c->said_total, x.size);
  zhi_ajax_fill(c, &x, c->doc->list.item_count && c->said_pages > 0);
  return true;
}

bool zhi_adapter_hanweb(struct zhi_ctx *c) {
  struct zhi_str store = store_of(c);
  if (!store.p)
    return disclosure(c);
  struct zhi_list *l = &c->doc->list;
  int total, pages, per_page = zhi_script_number(c, "perpage");
  zhi_store_totals(store, &pages, &total);
  if (per_page <= 0 && pages > 0)
    per_page = (total + pages - 1) / pages;
  if (per_page <= 0)
    per_page = 15;
  l->page = 1;
  l->total = total;
  l->pages = (total + per_page - 1) / per_page;
  l->item_count = 0;
  struct zhi_str rows = zhi_cdata(c, store);
  if (rows.len)
    zhi_fragment_items(c, rows, false);
  if ((int)l->item_count < total) { /* servers honour one or the other; repeats end the wrong one */
    ask_next_group(c, store);
    proxy_pages(c, total, per_page, (int)l->item_count);
  }
  return true;
}

/* A group may name the next one. The groups by number were all asked for with the first page; some servers ignore
 * startrecord and honour `page`: a later group with the first one's rows is asked for again by page. A disclosure list
 * counts on. */
void zhi_answer_hanweb(struct zhi_ctx *c) {
  struct zhi_list *l = &c->doc->list;
  bool grouped = zhi_str_find(c->source, ZHI_STR("<nextgroup>")) != NULL;
  if (l->item_count && !zhi_form_value(c->page->url, "startrecord").p && !zhi_answer_repeats(c) &&
      ask_next_group(c, c->source))
    return;
  struct zhi_str url = c->page->url, start = zhi_form_value(url, "startrecord");
  int from = zhi_str_int(start), to = zhi_str_int(zhi_form_value(url, "endrecord")),
      size = zhi_str_int(zhi_form_value(url, "perpage"));
  if (!start.p) {
    zhi_answer_follow(c);
    return;
  }
  if (from <= 0 || size <= 0)
    return;
  l->page = (from - 1) / size + 1;
  if (from <= 1 || grouped || zhi_form_value(url, "page").p || !zhi_answer_repeats(c))
    return;
  for (int k = l->page; (k - 1) * size < to && k < l->page + GROUP_MAX; k++)
    zhi_list_ask(c, zhi_arena_printf(c->a, "%.*s&page=%d", ZHI_STR_ARGS(url), k), ZHI_STR_NONE,
                 NULL);
}
