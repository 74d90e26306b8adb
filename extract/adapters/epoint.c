/* Epoint 新点: rows as JSON from POST <project>/rest/lightfrontaction/getgovinfolist with deptcode, categorynum,
 * siteGuid, pageIndex and pageSize (older: getInfoListAndCategoryList.action?cmd=getInfoList). The page's script makes
 * the call, or the parts stand in siteInfo and in the address /<project>/<…>/govxxgk/<dept>/<category>/. */
#include <string.h>

#include "extract/adapters/ajax.h"

#define REST_PATH "/rest/lightfrontaction/getgovinfolist"
enum { BODY_BYTES = 4 << 10 };

static struct zhi_str word(struct zhi_ctx *c, const char *name) {
  struct zhi_str v = zhi_script_word(c, name);
  return v.len && v.len < 100 && !memchr(v.p, '.', v.len) ? v : ZHI_STR_NONE; /* no expression */
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
      .url = {zhi_arena_printf(c->a, "%s%.*s" REST_PATH,
                               project.len && *project.p == '/' ? "" : "/", ZHI_STR_ARGS(project)),
              ZHI_STR_NONE}};
  zhi_buf_release(&b);
  return true;
}

/* siteInfo stands in a file of its own: the call is remembered with the request for that file, as words behind "#". */
static bool ask_for_site(struct zhi_ctx *c, const struct zhi_ajax *x) {
  for (uint32_t i = 0; i < c->html.count; i++) {
    const struct zhi_node *n = &c->html.nodes[i];
    struct zhi_str src = zhi_node_is(n, ZHI_TAG_SCRIPT) ? zhi_node_attr(n, "src") : ZHI_STR_NONE;
    if (!src.len || !zhi_str_ifind(src, "webBuilderCommon"))
      continue;
    if (!zhi_list_ask(c, src, ZHI_STR_NONE, NULL))
      return false;
    struct zhi_ask *ask = &c->doc->list.requests[c->doc->list.request_count - 1].ask;
    struct zhi_buf b;
    zhi_buf_init(&b, 4 * BODY_BYTES);
    zhi_form_escape(x->body.head, &b);
    zhi_buf_addc(&b, ' ');
    zhi_form_escape(x->body.tail, &b);
    ask->asker = zhi_arena_printf(c->a, "epoint 0 0 + #%d %d %d %s", x->json, x->first, x->size,
                                  b.p ? b.p : "");
    zhi_buf_release(&b);
    return true;
  }
  return false;
}

static struct zhi_str own_word(struct zhi_ctx *c, int n) {
  struct zhi_buf b;
  zhi_buf_init(&b, 4 * BODY_BYTES);
  zhi_form_unescape(zhi_asker_word(c, n), &b);
  struct zhi_str s = zhi_arena_str(c->a, zhi_buf_view(&b));
  zhi_buf_release(&b);
  return s;
}

/* The site's id put where the call has none. */
static struct zhi_str with_guid(struct zhi_ctx *c, struct zhi_str s, struct zhi_str guid) {
  static const char *const places[] = {"\"siteGuid\":\"", "siteGuid="};
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    const char *p = s.len ? zhi_str_find(s, zhi_str_of(places[i])) : NULL;
    size_t at = p ? (size_t)(p - s.p) + strlen(places[i]) : 0;
    if (p && (at == s.len || s.p[at] == '"' || s.p[at] == '&'))
      return zhi_arena_printf(c->a, "%.*s%.*s%s", (int)at, s.p, ZHI_STR_ARGS(guid), s.p + at);
  }
  return s;
}

bool zhi_script_epoint(struct zhi_ctx *c) {
  struct zhi_str source = c->source, guid, project;
  c->scripts = &source;
  c->script_count = 1;
  guid = word(c, "siteGuid");
  project = word(c, "projectName");
  enum { WORD_JSON = 4, WORD_FIRST, WORD_SIZE, WORD_HEAD, WORD_TAIL };
  struct zhi_str json = zhi_asker_word(c, WORD_JSON);
  int first = zhi_str_int(zhi_asker_word(c, WORD_FIRST)),
      size = zhi_str_int(zhi_asker_word(c, WORD_SIZE));
  bool ok = guid.len > 0;
  struct zhi_ajax x = {
      .json = zhi_str_is(json, "#1"),
      .first = first == 0 ? 0 : 1,
      .size = size > 0 ? size : 0,
      .url = {zhi_arena_printf(c->a, "%.*s" REST_PATH, ZHI_STR_ARGS(project)), ZHI_STR_NONE},
      .body = {with_guid(c, own_word(c, WORD_HEAD), guid),
               with_guid(c, own_word(c, WORD_TAIL), guid)}};
  if (ok)
    zhi_ajax_fill(c, &x, false);
  c->scripts = NULL;
  c->script_count = 0;
  return ok && c->asks;
}

bool zhi_adapter_epoint(struct zhi_ctx *c) {
  struct zhi_ajax x;
  bool told = zhi_ajax_find(c, "getgovinfolist", &x) || zhi_ajax_find(c, "getInfoList", &x) ||
              zhi_ajax_find(c, "lightfrontaction", &x);
  if ((!told || !zhi_ajax_is_paged(&x)) && !by_parts(c, &x))
    return false;
  bool site_known =
      !told || word(c, "siteGuid").len || !zhi_str_find(c->source, ZHI_STR("siteInfo."));
  if (!site_known && x.body.tail.p && ask_for_site(c, &x)) {
    c->doc->list.role = ZHI_LIST_HEAD;
    return true;
  }
  zhi_list_totals(c, c->said_page, c->said_pages, c->said_total, x.size);
  zhi_ajax_fill(c, &x, c->list_dated >= 3);
  return c->asks;
}
