/* Traps, redirects and aliases: the corner of the portal that links to what must not be fetched, or
 * only so far. `/bmfw/` is its page; the truth says of each family how many addresses of it may be
 * requested at most. */
#include "tests/county/county.h"

/* Families without end: every address starts with `prefix` (or holds `contains`). */
static const struct family {
  const char *prefix, *contains, *why;
  unsigned max;
} families[] = {
    {"/rili?", NULL, "calendar", 0},    {"/search", NULL, "search", 0},
    {"/login", NULL, "login", 0},       {"/user/", NULL, "login", 0},
    {"/print", NULL, "print", 0},       {"/closed/", NULL, "robots", 0},
    {"/mobile/", NULL, "mobile", 0},    {NULL, ";jsessionid=", "session", 0},
    {NULL, "PHPSESSID=", "session", 0}, {"/repeat/", NULL, "repeating_path", 8},
    {"/ghost/", NULL, "soft_404", 80},  {"/grow?", NULL, "growing_query", 32},
};
enum { FAMILIES = sizeof families / sizeof *families };

/* Redirects of the portal: where from, status, where to (a full URL, or relative as sent). */
static const struct hop {
  const char *path, *location;
  int status;
} hops[] = {
    {"/old/2017.html", "../moved/2017.html", 301},
    {"/chain/1", "/chain/2", 302},
    {"/chain/2", "/chain/3", 301},
    {"/chain/3", "../moved/chain.html", 307},
    {"/loop/a", "/loop/b", 302},
    {"/loop/b", "/loop/a", 302},
    {"/self", "/self", 302},
    {"/leave", "http://www.qinglan-xinwen.example/", 302},
    {"/empty-location", "", 302},
    {"/other-host", "http://czj." COUNTY_DOMAIN "/", 302}, /* last: not with one host */
};

static unsigned hop_count(const struct county *c) {
  unsigned all = sizeof hops / sizeof *hops;
  return c->o.hosts > 1 ? all : all - 1;
}

static const char *const plain_pages[] = {"/bmfw/",
                                          "/moved/2017.html",
                                          "/moved/chain.html",
                                          "/frames.html",
                                          "/framed.html",
                                          "/idioms/onclick.html",
                                          "/idioms/option.html",
                                          "/idioms/refresh.html",
                                          "/idioms/area.html",
                                          "/中文/公开.html"};
enum { PLAIN_PAGES = sizeof plain_pages / sizeof *plain_pages };

void trap_links(const struct county *c, struct page *p) {
  const struct site *portal = county_portal(c);
  struct brief b;
  doc_brief(portal, 0, &b);
  page_text(p, "<ul>\n<li><a href=\"/rili?year=2018&amp;month=3\">办事日历</a></li>\n"
               "<li><a href=\"/repeat/a.html\">重复目录</a></li>\n"
               "<li><a href=\"/ghost/1.html\">已下线服务</a></li>\n"
               "<li><a href=\"/grow?a=1\">筛选</a></li>\n"
               "<li><a href=\"/search?wd=%E5%85%AC%E5%BC%80&amp;page=1\">搜索结果</a></li>\n"
               "<li><a href=\"/login.jsp?back=/bmfw/\">登录后查看</a></li>\n"
               "<li><a href=\"/closed/a.html\">不公开</a></li>\n"
               "<li><a href=\"/mobile/index.html\">触屏版</a></li>\n"
               "<li><a href=\"javascript:openDetail('1')\">脚本</a> <a href=\"tel:12345\">热线</a>"
               " <a href=\"ftp://www." COUNTY_DOMAIN "/pub\">ftp</a></li>\n");
  page_textf(p,
             "<li><a href=\"%s;jsessionid=0A1B2C3D4E5F60718293A4B5C6D7E8F9\">带会话</a>"
             " <a href=\"%s?PHPSESSID=5f6e7d8c9b0a1f2e3d4c5b6a79\">带会话</a></li>\n",
             b.path, b.path);
  for (unsigned i = 0; i < hop_count(c); i++)
    page_textf(p, "<li><a href=\"%s\">旧地址%u</a></li>\n", hops[i].path, i + 1);
  page_text(
      p,
      "<li><a href=\"/frames.html\">框架</a> <a href=\"/中文/公开.html\">中文地址</a></li>\n"
      "<li onclick=\"window.open('/idioms/onclick.html')\">弹出</li>\n"
      "<li><select><option value=\"/idioms/option.html\">选项</option></select></li>\n"
      "<li><map name=\"m\"><area href=\"/idioms/area.html\" alt=\"\"></map></li>\n"
      "<li><a href=\"/idioms/refresh.html\">刷新跳转</a></li>\n"
      "<li><a href=\" \n/moved/2017.html \">带空白</a> <a href=\"\\moved\\chain.html\">反斜线</a>"
      " <a href=\"/bmfw/#top\">页内</a> <a href=\"/bmfw/index.html\">别名</a></li>\n"
      "<li><a href=\"http://files.sheng-zhengfu.gov.cn/2018/zhidao.pdf\">省厅指导目录.pdf</a>"
      "</li>\n</ul>\n");
  /* an alias of a column: another address of the same page */
  for (unsigned i = 0; i < c->site_count; i++)
    if (c->sites[i].shape == SHAPE_TRS)
      page_textf(p, "<a href=\"http://%s%s/zwgk/%s/index.html\">%s</a>\n", c->sites[i].host->name,
                 c->sites[i].prefix, c->sites[i].columns[0].slug, c->sites[i].name);
}

static void calendar(struct zhi_buf *body, struct zhi_str query) {
  unsigned long long year = 2018, month = 1;
  while (query.p) {
    struct zhi_str pair = zhi_str_cut(&query, '&'), key = zhi_str_cut(&pair, '=');
    if (zhi_str_is(key, "year") && !zhi_str_u64(pair, 99999, &year))
      year = 2018;
    if (zhi_str_is(key, "month") && !zhi_str_u64(pair, 12, &month))
      month = 1;
  }
  char html[400];
  unsigned long long next = month % 12 + 1, before = (month + 10) % 12 + 1;
  text_set(html, sizeof html,
           "<a href=\"/rili?year=%llu&amp;month=%llu\">上月</a> <a href=\"/rili?year=%llu&amp;"
           "month=%llu\">下月</a> <p>%llu年%llu月无办事安排。</p>",
           month == 1 ? year - 1 : year, before, month == 12 ? year + 1 : year, next, year, month);
  small_page(body, "办事日历", html);
}

static void ghosts(struct zhi_buf *body, struct zhi_str path) {
  unsigned long long n = 0;
  struct zhi_str digits = zhi_str_sub(path, sizeof "/ghost/" - 1, path.len);
  digits = zhi_str_cut(&digits, '.');
  if (!zhi_str_u64(digits, 1000000000, &n))
    n = 1;
  char html[400];
  text_set(html, sizeof html,
           "<p>对不起，您访问的页面不存在或已被删除。</p><a href=\"/ghost/%llu.html\">相关一</a> "
           "<a href=\"/ghost/%llu.html\">相关二</a>",
           n * 2, n * 2 + 1);
  small_page(body, "提示", html);
}

static bool endless(struct county *c, const struct request *q) {
  if (zhi_str_is(q->path, "/rili")) {
    calendar(&c->body, q->query);
  } else if (zhi_str_starts(q->path, "/ghost/")) {
    ghosts(&c->body, q->path);
  } else if (zhi_str_starts(q->path, "/repeat/")) {
    small_page(&c->body, "重复目录",
               "<p>相对地址少了开头的斜线。</p><a href=\"repeat/a.html\">下一页</a>");
  } else if (zhi_str_is(q->path, "/grow")) {
    zhi_buf_clear(&c->scratch);
    zhi_buf_addf(&c->scratch, "<p>筛选条件</p><a href=\"/grow?%.*s&amp;a=%zu\">再加一个条件</a>",
                 ZHI_STR_ARGS(q->query), q->query.len);
    small_page(&c->body, "筛选", c->scratch.p);
  } else if (zhi_str_starts(q->path, "/search") || zhi_str_starts(q->path, "/login") ||
             zhi_str_starts(q->path, "/user/") || zhi_str_starts(q->path, "/print") ||
             zhi_str_starts(q->path, "/mobile/") || zhi_str_starts(q->path, "/closed/")) {
    small_page(&c->body, "不应被抓取", "<p>此页不应被抓取。</p>");
  } else {
    return false;
  }
  return true;
}

/* A document asked for with a session id: the document, with the id in its links. */
static bool with_session(struct county *c, const struct host *h, const struct request *q) {
  struct zhi_str path = q->path;
  const char *at = zhi_str_ifind(path, ";jsessionid=");
  if (at)
    path.len = (size_t)(at - path.p);
  else if (!q->query.p || !zhi_str_find(q->query, ZHI_STR("PHPSESSID=")))
    return false;
  const struct site *s = &c->sites[h->first_site];
  long doc = doc_of_path(s, path);
  if (doc < 0)
    return false;
  zhi_buf_clear(&c->scratch);
  zhi_buf_addf(&c->scratch, "<a href=\"%.*s;jsessionid=%016llX\">刷新</a>", ZHI_STR_ARGS(path),
               (unsigned long long)mix64(q->target.len + (uint64_t)doc));
  small_page(&c->body, "会话", c->scratch.p);
  return true;
}

static bool idiom(struct county *c, const struct request *q) {
  if (zhi_str_is(q->path, "/frames.html"))
    zhi_buf_adds(&c->body, "<html><head><title>框架</title></head><frameset cols=\"20%,80%\">"
                           "<frame src=\"/framed.html\"></frameset></html>\n");
  else if (zhi_str_is(q->path, "/idioms/refresh.html"))
    zhi_buf_adds(&c->body, "<html><head><meta http-equiv=\"refresh\" content=\"0; URL='/moved/"
                           "2017.html'\"></head><body>正在跳转</body></html>\n");
  else if (zhi_str_is(q->path, "/中文/公开.html") ||
           zhi_str_is(q->path, "/%E4%B8%AD%E6%96%87/%E5%85%AC%E5%BC%80.html"))
    small_page(&c->body, "中文地址", "<p>路径含汉字。</p>");
  else
    return false;
  return true;
}

bool trap_answer(struct county *c, const struct host *h, const struct request *q, struct reply *r) {
  bool found = false;
  if (host_closes_private(h) &&
      (zhi_str_is(q->path, "/private/1.html") || zhi_str_is(q->path, "/private/public.html"))) {
    small_page(&c->body, "资料", "<p>资料。</p>");
    found = true;
  } else if (!county_has_traps(c)) {
    return false;
  } else if (zhi_str_starts(q->path, "/print") || zhi_str_starts(q->path, "/login") ||
             zhi_str_starts(q->path, "/user/") || zhi_str_starts(q->path, "/search")) {
    found = endless(c, q);
  } else if (h->first_site == 0) {
    for (unsigned i = 0; i < hop_count(c); i++)
      if (zhi_str_is(q->target, hops[i].path)) {
        reply_redirect(r, q, hops[i].status, hops[i].location);
        return true;
      }
    if (zhi_str_is(q->target, "/bmfw/") || zhi_str_is(q->target, "/bmfw/index.html")) {
      struct page p = {&c->scratch, &c->pool, false};
      zhi_buf_clear(&c->scratch);
      trap_links(c, &p);
      small_page(&c->body, "便民服务", c->scratch.p);
      found = true;
    }
    found = found || with_session(c, h, q) || endless(c, q) || idiom(c, q);
    for (unsigned i = 0; !found && i < PLAIN_PAGES; i++)
      if (zhi_str_is(q->target, plain_pages[i])) {
        small_page(&c->body, plain_pages[i], "<p>一个普通页面。</p>");
        found = true;
      }
  }
  if (found)
    reply_send(r, q, 200, "text/html; charset=utf-8", NULL, zhi_buf_view(&c->body));
  return found;
}

/* --- truth ------------------------------------------------------------------------------------- */

void trap_truth(const struct county *c, FILE *f) {
  const char *host = "http://www." COUNTY_DOMAIN;
  for (unsigned i = 0; i < FAMILIES; i++) {
    if (families[i].prefix)
      fprintf(f, "{\"prefix\":\"%s%s\"", host, families[i].prefix);
    else
      fprintf(f, "{\"contains\":\"%s\"", families[i].contains);
    fprintf(f, ",\"must\":false,\"why\":\"%s\",\"max\":%u}\n", families[i].why, families[i].max);
  }
  for (unsigned i = 0; i < hop_count(c); i++) {
    fprintf(f, "{\"url\":\"%s%s\",\"must\":true,\"kind\":\"redirect\",\"status\":%d,\"location\":",
            host, hops[i].path, hops[i].status);
    json_string(f, hops[i].location);
    fprintf(f, "}\n");
  }
  for (unsigned i = 0; i < PLAIN_PAGES; i++) {
    const char *path = plain_pages[i];
    if (strcmp(path, "/中文/公开.html") == 0)
      path = "/%E4%B8%AD%E6%96%87/%E5%85%AC%E5%BC%80.html";
    bool idiom =
        strcmp(path, "/idioms/onclick.html") == 0 || strcmp(path, "/idioms/option.html") == 0;
    fprintf(f, "{\"url\":\"%s%s\",\"must\":true,\"kind\":\"page\"%s}\n", host, path,
            idiom ? ",\"needs\":\"idiom\"" : "");
  }
  fprintf(f, "{\"url\":\"%s/bmfw/index.html\",\"must\":null,\"why\":\"alias\"}\n", host);
  for (unsigned i = 0; i < c->site_count; i++)
    if (c->sites[i].shape == SHAPE_TRS)
      fprintf(f, "{\"url\":\"http://%s%s/zwgk/%s/index.html\",\"must\":null,\"why\":\"alias\"}\n",
              c->sites[i].host->name, c->sites[i].prefix, c->sites[i].columns[0].slug);
  fprintf(f, "{\"url\":\"http://files.sheng-zhengfu.gov.cn/2018/zhidao.pdf\",\"must\":true,"
             "\"kind\":\"attachment\"}\n");
}
