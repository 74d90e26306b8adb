/* Pages that are not content: challenges of protection products, and "not found" said with status 200. By
 * sign, size and title; recorded, never solved. A long page with real text is content whatever it mentions. */
#include "extract/ctx.h"

enum { SMALL_BODY = 6000, SMALL_TEXT = 900, STUB_TEXT = 120, LARGE_CHALLENGE = 100000 };

/* Signs in the body of a small page with little text. */
static const struct {
  const char *sign, *product;
  int status; /* 0: any */
} signs[] = {
    {"$_ts", "ruishu", 412},
    {"$_ts", "ruishu", 202},
    {"$_ts=window", "ruishu", 0},
    {"__jsl_clearance", "jiasule", 0},
    {"document.cookie=('_')", "jiasule", 0},
    {"创宇盾", "jiasule", 0},
    {"知道创宇云", "jiasule", 0},
    {"wzws", "wzws", 0},
    {"WZWS", "wzws", 0},
    {"请开启JavaScript并刷新该页", "wzws", 0},
    {"GeoBL", "wzws", 0},
    {"acw_sc__v2", "aliyun", 0},
    {"bt-waf", "btwaf", 0},
    {"btwaf", "btwaf", 0},
    {"getwafjs", "btwaf", 0},
    {"宝塔网站防火墙", "btwaf", 0},
    {"safedog", "safedog", 0},
    {"网站安全狗", "safedog", 0},
    {"yunsuo_session", "yunsuo", 0},
    {"SafeLine", "safeline", 0},
    {"safeline", "safeline", 0},
    {"长亭雷池", "safeline", 0},
    {"yunjiasu", "yunjiasu", 0},
    {"__tst_status", "edgeone", 0},
    {"EO_Bot_Ssid", "edgeone", 0},
    {"访问被阻断", "waf", 0},
    {"访问行为异常", "waf", 0},
    {"请求被拦截", "waf", 0},
    {"访问被拦截", "waf", 0},
    {"请求已被拦截", "waf", 0},
    {"请求存在威胁", "waf", 0},
    {"请求带有不合法的参数", "waf", 0},
    {"访问过于频繁", "waf", 0},
    {"访问频率过高", "waf", 0},
};

/* Cookies of products; they come with good pages too, so only beside a page that is a script and nothing else. */
static const struct {
  const char *cookie, *product;
} cookies[] = {
    {"__jsl", "jiasule"},  {"wzws_", "wzws"},          {"yunsuo_", "yunsuo"},
    {"acw_", "aliyun"},    {"sl-session", "safeline"}, {"sl_", "safeline"},
    {"btwaf", "btwaf"},    {"safedog", "safedog"},     {"FSSBBIl1UgzbN7N", "ruishu"},
    {"EO_Bot", "edgeone"},
};

static const char *const gone[] = {"您访问的页面不存在", "页面不存在",   "页面已删除",
                                   "找不到页面",         "正在建设中",   "您要访问的页面",
                                   "网页不存在",         "该页面已删除", "该信息已删除",
                                   "页面无法访问",       "文件不存在",   "抱歉，您访问的"};

enum { NUMBER_TEXT = 300, NUMBER_TITLE = 40 };

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* The status said in words: 404 as a number of its own, and not that of a document (第404号). */
static bool says_404(struct zhi_str s) {
  struct zhi_str n = ZHI_STR("404");
  for (const char *p; (p = zhi_str_find(s, n)) != NULL;) {
    struct zhi_str before = zhi_str_n(s.p, (size_t)(p - s.p));
    struct zhi_str after = zhi_str_sub(s, before.len + n.len, s.len);
    bool inside =
        (before.len && is_digit(before.p[before.len - 1])) || (after.len && is_digit(after.p[0]));
    if (!inside && !zhi_str_starts(after, "号") && !zhi_str_starts(after, "期") &&
        !zhi_str_ends(before, "第"))
      return true;
    s = after;
  }
  return false;
}

/* Elements in order, and the title without its digits. */
static uint64_t shape_of(const struct zhi_ctx *c) {
  uint64_t h = 0xcbf29ce484222325ULL;
  for (uint32_t i = 1; i < c->html.count; i++)
    if (c->html.nodes[i].kind == ZHI_NODE_ELEMENT)
      h = (h ^ c->html.nodes[i].tag) * 0x100000001b3ULL;
  for (size_t i = 0; i < c->head_title.len; i++)
    if (!is_digit(c->head_title.p[i]))
      h = (h ^ (unsigned char)c->head_title.p[i]) * 0x100000001b3ULL;
  return h | 1;
}

static const char *by_sign(const struct zhi_ctx *c, int status) {
  struct zhi_str body = c->page->body;
  if (body.len >= SMALL_BODY && (status != 412 || body.len >= LARGE_CHALLENGE))
    return NULL;
  for (size_t i = 0; i < sizeof signs / sizeof *signs && c->flat.len < SMALL_TEXT; i++)
    if ((!signs[i].status || signs[i].status == status) &&
        zhi_str_find(body, zhi_str_of(signs[i].sign)))
      return signs[i].product;
  return NULL;
}

/* A page that is a script and nothing else, which makes a cookie, or hides what it does, and asks again. A script
 * that only leads elsewhere is no challenge. */
static bool is_stub(const struct zhi_ctx *c) {
  struct zhi_str body = c->page->body;
  if (body.len >= SMALL_BODY || c->flat.len > STUB_TEXT || !zhi_str_ifind(body, "<script"))
    return false;
  if (zhi_str_find(body, ZHI_STR("eval(function(p,a,c,k,e,")))
    return c->doc->link_count == 0;
  bool again = zhi_str_find(body, ZHI_STR("location.reload")) ||
               zhi_str_find(body, ZHI_STR("location.href")) ||
               zhi_str_find(body, ZHI_STR("location.replace"));
  return again && zhi_str_find(body, ZHI_STR("document.cookie"));
}

static const char *by_cookie(struct zhi_str cookie) {
  for (size_t i = 0; i < sizeof cookies / sizeof *cookies; i++)
    if (zhi_str_starts(cookie, cookies[i].cookie))
      return cookies[i].product;
  return "script";
}

void zhi_find_blocked(struct zhi_ctx *c) {
  struct zhi_doc *d = c->doc;
  struct zhi_str body = c->page->body;
  int status = c->page->status;
  d->shape = shape_of(c);
  if ((status == 521 || status == 512) && body.len < SMALL_BODY)
    d->blocked_by = "jiasule";
  if (!d->blocked_by)
    d->blocked_by = by_sign(c, status);
  if (!d->blocked_by && is_stub(c))
    d->blocked_by = by_cookie(c->page->cookie);
  d->blocked = d->blocked_by != NULL;
  if (d->blocked) {
    d->kind = ZHI_KIND_BLOCKED;
    return;
  }
  struct zhi_str text = zhi_str_n(c->flat.text, c->flat.len);
  bool not_found =
      (text.len < NUMBER_TEXT && says_404(text)) ||
      (text.len < SMALL_TEXT * 2 && c->head_title.len < NUMBER_TITLE && says_404(c->head_title));
  for (size_t i = 0; i < sizeof gone / sizeof *gone && !not_found; i++) {
    struct zhi_str w = zhi_str_of(gone[i]);
    not_found = (text.len < SMALL_TEXT && zhi_str_find(text, w)) ||
                (text.len < SMALL_TEXT * 2 && zhi_str_find(c->head_title, w));
  }
  if (not_found)
    d->kind = ZHI_KIND_SOFT_404;
}
