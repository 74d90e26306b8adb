/* JPAAS (newer Hanweb): elements carry the request of the unit that fills them: unitUrl, queryData, and perhaps
 * count, rows and pageNo. GET <unitUrl>?<queryData>&paramJson={"pageNo":2,"pageSize":"15"}; paging counts only inside
 * paramJson. The answer is JSON with HTML in data.html, which may tell the totals by the same attributes. */
#include <string.h>

#include "extract/adapters/adapters.h"

enum { QUERY_BYTES = 16 << 10 };

/* {'webId':'1','pageId':'2'} → webId=1&pageId=2 */
static void add_query(struct zhi_buf *q, struct zhi_str data) {
  struct zhi_str key = ZHI_STR_NONE;
  for (size_t i = 0; i < data.len; i++) {
    char mark = data.p[i];
    if (mark != '\'' && mark != '"')
      continue;
    size_t from = ++i;
    while (i < data.len && data.p[i] != mark)
      i++;
    struct zhi_str s = zhi_str_sub(data, from, i);
    if (!key.p) {
      key = s;
      continue;
    }
    if (q->len && q->p[q->len - 1] != '?')
      zhi_buf_addc(q, '&');
    zhi_form_escape(key, q);
    zhi_buf_addc(q, '=');
    zhi_form_escape(s, q);
    key = ZHI_STR_NONE;
  }
}

static void ask(struct zhi_ctx *c, struct zhi_str url, struct zhi_str data, int page, int size) {
  struct zhi_buf q, json;
  zhi_buf_init(&q, QUERY_BYTES);
  zhi_buf_init(&json, 256);
  zhi_buf_addstr(&q, url);
  zhi_buf_addc(&q, '?');
  add_query(&q, data);
  zhi_buf_addf(&json, "{\"pageNo\":%d,\"pageSize\":\"%d\"}", page, size);
  zhi_form_add(&q, "paramJson", zhi_buf_view(&json));
  if (!q.failed)
    zhi_list_ask(c, zhi_arena_str(c->a, zhi_buf_view(&q)), ZHI_STR_NONE, NULL);
  zhi_buf_release(&q);
  zhi_buf_release(&json);
}

static int number(const struct zhi_node *n, const char *name) {
  return zhi_str_int(zhi_node_attr(n, name));
}

bool zhi_adapter_jpaas(struct zhi_ctx *c) {
  struct zhi_list *l = &c->doc->list;
  bool any = false;
  for (uint32_t i = 0; i < c->html.count; i++) {
    const struct zhi_node *n = &c->html.nodes[i];
    if (n->kind != ZHI_NODE_ELEMENT || !n->attr_count)
      continue;
    struct zhi_str data = zhi_node_attr(n, "querydata"), url = zhi_node_attr(n, "uniturl");
    if (!data.len || !url.len || !zhi_str_find(data, ZHI_STR("column")))
      continue;
    int size = number(n, "rows"), total = number(n, "count"), at = number(n, "pageno");
    size = size > 0 ? size : 15;
    total = total > 0 ? total : c->said_total;
    bool here = total > 0 && l->item_count && (int)l->item_count == (total < size ? total : size);
    bool shown =
        here || (n->end > i + 1 && zhi_flat_len(&c->flat, i) > 60); /* page 1 stands in it */
    zhi_list_totals(c, at, c->said_pages, total, size);
    int last = l->pages > 0 ? l->pages : shown ? 2 : 1;
    for (int k = shown ? 2 : 1; k <= last && k <= ZHI_LIST_MAX_PAGES; k++)
      ask(c, url, data, k, size);
    l->role = shown || (any && l->role == ZHI_LIST_PAGE) ? ZHI_LIST_PAGE : ZHI_LIST_HEAD;
    any = true;
  }
  return any;
}

void zhi_answer_jpaas(struct zhi_ctx *c) {
  struct zhi_list *l = &c->doc->list;
  for (uint32_t i = 0; i < c->html.count && l->pages <= 0; i++) {
    const struct zhi_node *n = &c->html.nodes[i];
    if (n->kind == ZHI_NODE_ELEMENT && n->attr_count && zhi_node_attr(n, "count").len)
      zhi_list_totals(c, l->page, 0, number(n, "count"), number(n, "rows"));
  }
  zhi_answer_follow(c);
}
