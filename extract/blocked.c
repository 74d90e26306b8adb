/* Pages that are not content: challenges of protection products, and "not found" said with status 200. By
 * sign, size and title; recorded, never solved. A long page with real text is content whatever it mentions. */
#include "extract/ctx.h"

enum { SMALL_BODY = 6000, SMALL_TEXT = 900 };

static const struct {
  const char *sign, *product;
  int status; /* 0: any */
} signs[] = {
    {"$_ts", "ruishu", 412},
    {"$_ts", "ruishu", 202},
    {"__jsl_clearance", "jiasule", 0},
    {"document.cookie=('_')", "jiasule", 0},
    {"wzws", "wzws", 0},
    {"acw_sc__v2", "aliyun", 0},
    {"bt-waf", "btwaf", 0},
    {"getwafjs", "btwaf", 0},
    {"safedog", "safedog", 0},
    {"yunsuo_session", "yunsuo", 0},
    {"SafeLine", "safeline", 0},
    {"yunjiasu", "yunjiasu", 0},
    {"创宇盾", "jiasule", 0},
    {"请开启JavaScript并刷新该页", "wzws", 0},
    {"访问被阻断", "waf", 0},
    {"访问行为异常", "waf", 0},
    {"请求被拦截", "waf", 0},
    {"访问被拦截", "waf", 0},
    {"__tst_status", "edgeone", 0},
    {"$_ts=window", "ruishu", 0},
};

static const char *const gone[] = {
    "您访问的页面不存在", "页面不存在",     "页面已删除",   "找不到页面",   "正在建设中",
    "您要访问的页面",     "网页不存在",     "该页面已删除", "该信息已删除", "页面无法访问",
    "文件不存在",         "抱歉，您访问的", "404"};

/* Elements in order, and the title without its digits. */
static uint64_t shape_of(const struct zhi_ctx *c) {
  uint64_t h = 0xcbf29ce484222325ULL;
  for (uint32_t i = 1; i < c->html.count; i++)
    if (c->html.nodes[i].kind == ZHI_NODE_ELEMENT)
      h = (h ^ c->html.nodes[i].tag) * 0x100000001b3ULL;
  for (size_t i = 0; i < c->head_title.len; i++)
    if (c->head_title.p[i] < '0' || c->head_title.p[i] > '9')
      h = (h ^ (unsigned char)c->head_title.p[i]) * 0x100000001b3ULL;
  return h | 1;
}

void zhi_find_blocked(struct zhi_ctx *c) {
  struct zhi_doc *d = c->doc;
  struct zhi_str body = c->page->body;
  int status = c->page->status;
  d->shape = shape_of(c);
  if ((status == 521 || status == 512) && body.len < SMALL_BODY) {
    d->blocked = true;
    d->blocked_by = "jiasule";
  }
  if (body.len < SMALL_BODY || (status == 412 && body.len < 100000))
    for (size_t i = 0; i < sizeof signs / sizeof *signs && !d->blocked; i++)
      if ((!signs[i].status || signs[i].status == status) && c->flat.len < SMALL_TEXT &&
          zhi_str_find(body, zhi_str_of(signs[i].sign))) {
        d->blocked = true;
        d->blocked_by = signs[i].product;
      }
  if (d->blocked) {
    d->kind = ZHI_KIND_BLOCKED;
    return;
  }
  struct zhi_str text = zhi_str_n(c->flat.text, c->flat.len);
  for (size_t i = 0; i < sizeof gone / sizeof *gone; i++) {
    struct zhi_str w = zhi_str_of(gone[i]);
    bool number = w.len == 3;
    if ((text.len && text.len < SMALL_TEXT && zhi_str_find(text, w) &&
         (!number || text.len < 300)) ||
        (text.len < SMALL_TEXT * 2 && zhi_str_find(c->head_title, w) &&
         (!number || c->head_title.len < 40))) {
      d->kind = ZHI_KIND_SOFT_404;
      return;
    }
  }
}
