/* gkmlpt / NFCMS (Guangdong): the index page has _CONFIG with SID and the TREE of categories; each leaf is a list at
 * /gkmlpt/api/all/<id>?page=N&sid=SID, 100 a page, pages 0 and 1 the same, with the total in classify.post_count. */
#include <jansson.h>
#include <string.h>

#include "extract/adapters/adapters.h"

enum { PAGE_ROWS = 100, CATEGORIES_MAX = 2000, DEPTH_MAX = 12 };

/* The categories without children; one that jumps elsewhere is a link. */
static int ask_tree(struct zhi_ctx *c, const json_t *nodes, struct zhi_str sid, int depth) {
  const json_t *v;
  size_t i;
  int n = 0;
  json_array_foreach(nodes, i, v) {
    const json_t *id = json_object_get(v, "id"), *children = json_object_get(v, "children");
    if (json_array_size(children) && depth < DEPTH_MAX) {
      n += ask_tree(c, children, sid, depth + 1);
      continue;
    }
    struct zhi_str jump = zhi_str_of(json_string_value(json_object_get(v, "jump_url")));
    if (jump.len) {
      n += zhi_list_page(c, zhi_arena_str(c->a, jump)) != NULL;
    } else if (json_is_integer(id) && i < CATEGORIES_MAX &&
               zhi_list_ask(c,
                            zhi_arena_printf(c->a, "/gkmlpt/api/all/%lld?page=1&sid=%.*s",
                                             (long long)json_integer_value(id), ZHI_STR_ARGS(sid)),
                            ZHI_STR_NONE, NULL)) {
      struct zhi_list *l = &c->doc->list;
      l->requests[l->request_count - 1].name =
          zhi_arena_str(c->a, zhi_str_of(json_string_value(json_object_get(v, "name"))));
      n++;
    }
  }
  return n;
}

/* TREE: [ … ] of a script, as JSON. */
static const json_t *tree_of(struct zhi_ctx *c, struct zhi_str script) {
  const char *p = zhi_str_find(script, ZHI_STR("TREE"));
  size_t left = p ? (size_t)(script.p + script.len - p) : 0;
  const char *open = left ? memchr(p, '[', left) : NULL;
  if (!open || open - p > 20)
    return NULL;
  json_decref(*c->json);
  *c->json = json_loadb(open, left - (size_t)(open - p), JSON_DISABLE_EOF_CHECK, NULL);
  return *c->json;
}

bool zhi_adapter_gkmlpt(struct zhi_ctx *c) {
  for (uint32_t i = 0; i < c->script_count; i++) {
    struct zhi_str s = c->scripts[i];
    if (!zhi_str_find(s, ZHI_STR("_CONFIG")))
      continue;
    struct zhi_str sid = zhi_script_word(c, "SID");
    sid = sid.len ? sid : zhi_script_word(c, "\"SID\"");
    const json_t *tree = sid.len && sid.len < 40 ? tree_of(c, s) : NULL;
    if (tree && ask_tree(c, tree, sid, 0)) {
      c->doc->list.role = ZHI_LIST_NONE; /* each category is a list of its own */
      return true;
    }
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
