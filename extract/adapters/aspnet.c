/* ASP.NET: __doPostBack('AspNetPager1','2') posts the form with its hidden state. The state must come from the page just
 * got, so each page asks for the one behind it and no more. Pagers that also have addresses are left to the others. */
#include <string.h>

#include "extract/adapters/adapters.h"

enum { BODY_BYTES = 2 << 20, STATE_MAX_BYTES = 1 << 20 };

struct postback {
  struct zhi_str target, argument;
};

/* __doPostBack('target','argument') in a link's or handler's code. */
static bool read_postback(struct zhi_str code, struct postback *out) {
  struct zhi_str mark = ZHI_STR("__doPostBack(");
  const char *p = code.len ? zhi_str_find(code, mark) : NULL;
  if (!p)
    return false;
  struct zhi_str s = zhi_str_n(p + mark.len, (size_t)(code.p + code.len - p) - mark.len);
  return zhi_cut_quoted(&s, &out->target) && zhi_cut_quoted(&s, &out->argument) && out->target.len;
}

/* The link to page `want`: by its argument, its number, or 下一页. */
static bool find_next(const struct zhi_ctx *c, int want, struct postback *out) {
  bool found = false;
  for (uint32_t i = c->html.body; i < c->html.count; i++) {
    const struct zhi_node *n = &c->html.nodes[i];
    if (!zhi_node_is(n, ZHI_TAG_A))
      continue;
    struct postback p;
    if (!read_postback(zhi_node_attr(n, "href"), &p) &&
        !read_postback(zhi_node_attr(n, "onclick"), &p))
      continue;
    struct zhi_str text = zhi_str_trim(zhi_flat_text(&c->flat, i));
    if (zhi_str_int(p.argument) == want || zhi_str_int(text) == want) {
      *out = p;
      return true;
    }
    if (zhi_str_find(text, ZHI_STR("下一页")) || zhi_str_find(text, ZHI_STR("下页"))) {
      *out = p;
      found = true;
    }
  }
  return found;
}

/* The hidden fields of the page's form, and what the link adds. */
static struct zhi_str form_body(struct zhi_ctx *c, const struct postback *p) {
  struct zhi_buf b;
  zhi_buf_init(&b, BODY_BYTES);
  zhi_form_add(&b, "__EVENTTARGET", p->target);
  zhi_form_add(&b, "__EVENTARGUMENT", p->argument);
  for (uint32_t i = c->html.body; i < c->html.count; i++) {
    const struct zhi_node *n = &c->html.nodes[i];
    struct zhi_str name = ZHI_STR_NONE;
    if (zhi_node_is(n, ZHI_TAG_INPUT) && zhi_str_iis(zhi_node_attr(n, "type"), "hidden"))
      name = zhi_node_attr(n, "name");
    if (!name.len || name.len > 200 || zhi_str_is(name, "__EVENTTARGET") ||
        zhi_str_is(name, "__EVENTARGUMENT") || zhi_node_attr(n, "value").len > STATE_MAX_BYTES)
      continue;
    zhi_form_add(&b, zhi_arena_str(c->a, name).p, zhi_node_attr(n, "value"));
  }
  struct zhi_str out = b.failed ? ZHI_STR_NONE : zhi_arena_str(c->a, zhi_buf_view(&b));
  zhi_buf_release(&b);
  return out;
}

/* The address that the form posts to. */
static struct zhi_str action_of(const struct zhi_ctx *c) {
  for (uint32_t i = c->html.body; i < c->html.count; i++)
    if (zhi_node_is(&c->html.nodes[i], ZHI_TAG_FORM) &&
        zhi_node_attr(&c->html.nodes[i], "action").len)
      return zhi_node_attr(&c->html.nodes[i], "action");
  return c->doc->url;
}

bool zhi_adapter_aspnet(struct zhi_ctx *c) {
  struct zhi_list *l = &c->doc->list;
  struct postback p;
  bool paged = zhi_adapter_generic(c);
  if (paged && l->request_count > 1)
    return false;
  int page = zhi_str_int(zhi_form_value(c->page->ask.body, "__EVENTARGUMENT"));
  page = l->page > 1 ? l->page : page > 0 ? page : 1;
  if (!find_next(c, page + 1, &p))
    return paged && page > 1; /* the last page */
  l->page = page;
  l->request_count = 0;
  if (page >= ZHI_LIST_MAX_PAGES || (l->pages > 0 && page >= l->pages))
    return true;
  if (c->page->ask.body.p && zhi_answer_repeats(c)) {
    zhi_ctx_finding(c, "list_repeats", ZHI_STR("the same items as on a page before"));
    return true;
  }
  struct zhi_str body = form_body(c, &p);
  if (body.p)
    zhi_list_ask(c, action_of(c), body, ZHI_FORM_TYPE);
  return true;
}
