/* Epoint 新点: rows as JSON from POST <project>/rest/lightfrontaction/getgovinfolist with deptcode, categorynum,
 * siteGuid, pageIndex and pageSize (older: getInfoListAndCategoryList.action?cmd=getInfoList). The page's script makes
 * the call, or the parts stand in siteInfo and in the address /<project>/<…>/govxxgk/<dept>/<category>/. */
#include <string.h>

#include "extract/adapters/ajax.h"

enum { BODY_BYTES = 4 << 10 };

static struct zhi_str word(struct zhi_ctx *c, const char *name) {
  struct zhi_str v = zhi_script_word(c, name);
  return v.len && v.len < 100 ? v : ZHI_STR_NONE;
}

/* "<dept>/<category>" behind /govxxgk/. */
static bool from_address(struct zhi_str url, struct zhi_str *dept, struct zhi_str *category) {
  struct zhi_str mark = ZHI_STR("/govxxgk/");
  const char *p = zhi_str_find(url, mark);
  if (!p)
    return false;
  struct zhi_str rest = zhi_str_n(p + mark.len, (size_t)(url.p + url.len - p) - mark.len), part;
  *dept = zhi_str_cut(&rest, '/');
  while (rest.p) {
    part = zhi_str_cut(&rest, '/');
    size_t digits = 0;
    while (digits < part.len && part.p[digits] >= '0' && part.p[digits] <= '9')
      digits++;
    if (part.len && digits == part.len)
      *category = part;
  }
  return dept->len > 0 && category->len > 0;
}

static bool by_parts(struct zhi_ctx *c, struct zhi_ajax *x) {
  struct zhi_str guid = word(c, "siteGuid"), project = word(c, "projectName"),
                 dept = word(c, "deptcode"), category = word(c, "categorynum");
  struct zhi_str d = ZHI_STR_NONE, k = ZHI_STR_NONE;
  if (from_address(c->doc->url, &d, &k)) {
    dept = dept.len ? dept : d;
    category = category.len ? category : k;
  }
  if (!guid.len || !category.len)
    return false;
  struct zhi_buf b;
  zhi_buf_init(&b, BODY_BYTES);
  zhi_form_add(&b, "deptcode", dept);
  zhi_form_add(&b, "categorynum", category);
  zhi_form_add(&b, "siteGuid", guid);
  zhi_form_add(&b, "pageSize", ZHI_STR("20"));
  zhi_buf_adds(&b, "&pageIndex=");
  *x = (struct zhi_ajax){
      .size = 20,
      .first = 0,
      .body = {zhi_arena_str(c->a, zhi_buf_view(&b)), ZHI_STR("")},
      .url = {zhi_arena_printf(c->a, "%s%.*s/rest/lightfrontaction/getgovinfolist",
                               project.len && *project.p == '/' ? "" : "/", ZHI_STR_ARGS(project)),
              ZHI_STR_NONE}};
  zhi_buf_release(&b);
  return true;
}

bool zhi_adapter_epoint(struct zhi_ctx *c) {
  struct zhi_ajax x;
  struct zhi_list *l = &c->doc->list;
  bool told = zhi_ajax_find(c, "getgovinfolist", &x) || zhi_ajax_find(c, "getInfoList", &x) ||
              zhi_ajax_find(c, "lightfrontaction", &x);
  if ((!told || !zhi_ajax_is_paged(&x)) && !by_parts(c, &x))
    return false;
  zhi_list_totals(c, c->said_page, c->said_pages, c->said_total, x.size);
  bool shown = c->list_dated >= 3;
  zhi_ajax_pages(c, &x, shown ? 2 : 1, l->pages > 0 ? l->pages : shown ? 2 : 1);
  return c->asks;
}
