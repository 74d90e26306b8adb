/* gkmlpt / NFCMS (Guangdong): the index page has _CONFIG with SID and the TREE of categories; each is a list at
 * /gkmlpt/api/all/<id>?page=N&sid=SID, 100 a page, pages 0 and 1 the same, with the total in classify.post_count. */
#include "extract/adapters/adapters.h"

#include <string.h>

enum { PAGE_ROWS = 100, CATEGORIES_MAX = 2000 };

/* Every "id" of the tree. */
static int ask_tree(struct zhi_ctx *c, struct zhi_str script, struct zhi_str sid) {
  const char *tree = zhi_str_find(script, ZHI_STR("TREE"));
  struct zhi_str rest = tree ? zhi_str_n(tree, (size_t)(script.p + script.len - tree)) : script;
  int n = 0;
  for (const char *p; n < CATEGORIES_MAX && (p = zhi_str_find(rest, ZHI_STR("id"))) != NULL;) {
    bool whole = p > rest.p && (strchr("\"', {\n\t", p[-1]) != NULL);
    rest = zhi_str_n(p + 2, (size_t)(rest.p + rest.len - p) - 2);
    size_t i = 0;
    while (i < rest.len && strchr("\"': \t", rest.p[i]))
      i++;
    size_t from = i;
    while (i < rest.len && rest.p[i] >= '0' && rest.p[i] <= '9')
      i++;
    if (!whole || from == 0 || i == from || i - from > 9)
      continue;
    n += zhi_list_ask(c,
                      zhi_arena_printf(c->a, "/gkmlpt/api/all/%.*s?page=1&sid=%.*s",
                                       (int)(i - from), rest.p + from, ZHI_STR_ARGS(sid)),
                      ZHI_STR_NONE, NULL);
  }
  return n;
}

bool zhi_adapter_gkmlpt(struct zhi_ctx *c) {
  for (uint32_t i = 0; i < c->script_count; i++) {
    struct zhi_str s = c->scripts[i];
    if (!zhi_str_find(s, ZHI_STR("_CONFIG")))
      continue;
    struct zhi_str sid = zhi_script_word(c, "SID");
    sid = sid.len ? sid : zhi_script_word(c, "\"SID\"");
    if (sid.len && sid.len < 40 && ask_tree(c, s, sid))
      return true;
  }
  return false;
}

/* The number of rows is not told in the answer. */
void zhi_answer_gkmlpt(struct zhi_ctx *c) {
  struct zhi_list *l = &c->doc->list;
  zhi_list_totals(c, l->page, l->pages, l->total,
                  (int)l->item_count < l->total ? PAGE_ROWS : (int)l->item_count);
  zhi_answer_follow(c);
}
