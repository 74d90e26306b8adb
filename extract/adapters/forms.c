/* Forms that a pager fills and sends: <form name=pageForm> with a hidden field for the page's number. */
#include <string.h>

#include "extract/adapters/ajax.h"

enum { BODY_BYTES = 256 << 10 };

/* The form's hidden fields as a request, with the place of the page's number. */
static bool read_form(struct zhi_ctx *c, uint32_t form, struct zhi_ajax *out) {
  const struct zhi_node *f = &c->html.nodes[form];
  struct zhi_str action = zhi_node_attr(f, "action");
  struct zhi_buf b;
  struct zhi_slotted slot;
  int value;
  bool offset, post = zhi_str_iis(zhi_node_attr(f, "method"), "post");
  zhi_buf_init(&b, BODY_BYTES);
  for (uint32_t i = form + 1; i < f->end; i++) {
    const struct zhi_node *n = &c->html.nodes[i];
    struct zhi_str name = zhi_node_is(n, ZHI_TAG_INPUT) ? zhi_node_attr(n, "name") : ZHI_STR_NONE;
    if (name.len && name.len < 100 && zhi_str_iis(zhi_node_attr(n, "type"), "hidden"))
      zhi_form_add(&b, zhi_arena_str(c->a, name).p, zhi_node_attr(n, "value"));
  }
  struct zhi_str fields = b.failed ? ZHI_STR("") : zhi_arena_str(c->a, zhi_buf_view(&b));
  zhi_buf_release(&b);
  if (!zhi_page_slot(c, fields, &slot, &value, &offset))
    return false;
  action = action.len ? action : c->doc->url;
  *out = (struct zhi_ajax){.first = offset ? value == 1 : value != 0, .offset = offset};
  if (post) {
    out->url = (struct zhi_slotted){action, ZHI_STR_NONE};
    out->body = slot;
  } else {
    struct zhi_str head =
        zhi_arena_printf(c->a, "%.*s%c%.*s", ZHI_STR_ARGS(action),
                         memchr(action.p, '?', action.len) ? '&' : '?', ZHI_STR_ARGS(slot.head));
    out->url = (struct zhi_slotted){head, slot.tail};
  }
  return true;
}

bool zhi_form_find(struct zhi_ctx *c, const char *sign, struct zhi_ajax *out) {
  for (uint32_t i = c->html.body; i < c->html.count; i++)
    if (zhi_node_is(&c->html.nodes[i], ZHI_TAG_FORM) &&
        (!sign || zhi_str_ifind(zhi_node_attr(&c->html.nodes[i], "action"), sign)) &&
        read_form(c, i, out))
      return true;
  return false;
}

bool zhi_adapter_form(struct zhi_ctx *c) {
  struct zhi_list *l = &c->doc->list;
  struct zhi_ajax x;
  bool paged = zhi_adapter_generic(c);
  if ((paged && l->request_count > 1) || l->pages < 2 || !zhi_form_find(c, NULL, &x))
    return false;
  l->request_count = 0;
  zhi_ajax_pages(c, &x, 2, l->pages);
  return c->asks;
}
