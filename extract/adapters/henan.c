/* The old Henan portal: viewCmsCac.do?cacId=<32 hex>&offset=20k, turned by a script that POSTs to
 * /getHtmlInDivNormal.do?ajaxform the fields divId, requestUrl, cacId and offset. */
#include <string.h>

#include "extract/adapters/ajax.h"

enum { ROWS = 20, BODY_BYTES = 4 << 10 };

static struct zhi_str cac_id(struct zhi_ctx *c) {
  struct zhi_str v = zhi_form_value(c->doc->url, "cacId");
  v = v.len ? v : zhi_script_word(c, "cacId");
  if (v.len)
    return v;
  struct zhi_str mark = ZHI_STR("cacId=");
  const char *p = zhi_str_find(c->source, mark);
  struct zhi_str rest =
      p ? zhi_str_n(p + mark.len, (size_t)(c->source.p + c->source.len - p) - mark.len)
        : ZHI_STR_NONE;
  size_t n = 0;
  while (n < rest.len && n < 64 &&
         ((rest.p[n] >= '0' && rest.p[n] <= '9') ||
          ((rest.p[n] | 0x20) >= 'a' && (rest.p[n] | 0x20) <= 'f')))
    n++;
  return zhi_str_sub(rest, 0, n);
}

static bool by_parts(struct zhi_ctx *c, struct zhi_ajax *x) {
  struct zhi_str id = cac_id(c), div = zhi_script_word(c, "divId");
  struct zhi_buf b;
  if (!id.len || id.len > 64)
    return false;
  zhi_buf_init(&b, BODY_BYTES);
  zhi_form_add(&b, "divId", div.len && div.len < 60 ? div : ZHI_STR("div1"));
  zhi_form_add(&b, "requestUrl", ZHI_STR("viewCmsCac.do"));
  zhi_form_add(&b, "cacId", id);
  zhi_buf_adds(&b, "&offset=");
  *x = (struct zhi_ajax){.first = 0,
                         .offset = true,
                         .size = ROWS,
                         .url = {ZHI_STR("/getHtmlInDivNormal.do?ajaxform"), ZHI_STR_NONE},
                         .body = {zhi_arena_str(c->a, zhi_buf_view(&b)), ZHI_STR("")}};
  zhi_buf_release(&b);
  return true;
}

/* getHtmlInDivNormal('div', '/viewCmsCac.do', 'cacId=…&offset=20') in a handler: three quoted words. */
static bool read_handler(struct zhi_ctx *c, struct zhi_str code, struct zhi_ajax *x) {
  struct zhi_str word[3], mark = ZHI_STR("getHtmlInDivNormal(");
  const char *p = code.len ? zhi_str_find(code, mark) : NULL;
  struct zhi_slotted slot;
  int value;
  bool offset;
  if (!p)
    return false;
  struct zhi_str rest = zhi_str_n(p + mark.len, (size_t)(code.p + code.len - p) - mark.len);
  for (int i = 0; i < 3; i++)
    if (!zhi_cut_quoted(&rest, &word[i]))
      return false;
  if (!zhi_page_slot(c, word[2], &slot, &value, &offset) || !offset)
    return false;
  struct zhi_buf b;
  zhi_buf_init(&b, BODY_BYTES);
  zhi_form_add(&b, "divId", word[0]);
  zhi_form_add(&b, "requestUrl", word[1]);
  zhi_buf_addf(&b, "&%.*s", ZHI_STR_ARGS(slot.head));
  *x = (struct zhi_ajax){.first = 0,
                         .offset = true,
                         .size = ROWS,
                         .url = {ZHI_STR("/getHtmlInDivNormal.do?ajaxform"), ZHI_STR_NONE},
                         .body = {zhi_arena_str(c->a, zhi_buf_view(&b)), slot.tail}};
  zhi_buf_release(&b);
  return true;
}

static bool by_handler(struct zhi_ctx *c, struct zhi_ajax *x) {
  for (uint32_t i = c->html.body; i < c->html.count; i++) {
    const struct zhi_node *n = &c->html.nodes[i];
    if (zhi_node_is(n, ZHI_TAG_A) && (read_handler(c, zhi_node_attr(n, "onclick"), x) ||
                                      read_handler(c, zhi_node_attr(n, "href"), x)))
      return true;
  }
  return false;
}

bool zhi_adapter_henan(struct zhi_ctx *c) {
  struct zhi_ajax x;
  struct zhi_list *l = &c->doc->list;
  if (zhi_adapter_generic(c) && l->request_count) /* links with offset= */
    return true;
  bool script = zhi_str_find(c->source, ZHI_STR("getHtmlInDivNormal")) != NULL;
  if (!script || (!by_handler(c, &x) && !by_parts(c, &x)))
    return l->pages > 0;
  int size = x.size > 0 ? x.size : ROWS;
  zhi_list_totals(c, c->said_page > 0 ? c->said_page : 1, c->said_pages, c->said_total, size);
  zhi_ajax_fill(c, &x, l->item_count > 0);
  return c->asks;
}
