/* The portal: navigation to every department in the idioms of county portals, and links that must not be
 * followed. Each department is named in one place only, so that an idiom that is not read loses hosts. */
#include "tests/county/families/families.h"

enum { PORTAL_BASE = 1000 };
enum via { VIA_LINKS, VIA_SELECT, VIA_GOSITE, VIA_MAP, VIA_SCRIPT, VIA_SITEMAP, VIAS };
static const char *const via_names[VIAS] = {"links", "select", "gosite",
                                            "map",   "script", "sitemap"};
static const char *const groups[] = {"县政府工作部门", "直属事业单位", "乡镇街道"};

enum role { ROLE_PORTAL, ROLE_OWN_NAME, ROLE_OUT, ROLE_MOBILE, ROLE_SHARE };
static const struct neighbour {
  const char *host, *name, *group, *code;
  enum role role;
} neighbours[] = {
    {"www." COUNTY_DOMAIN, COUNTY_NAME "人民政府", "市政府", COUNTY_DIVISION "0001", ROLE_PORTAL},
    {"m." COUNTY_DOMAIN, "手机版", NULL, NULL, ROLE_MOBILE},
    {"www.qllyj.gov.cn", COUNTY_NAME "林业产业局", "县政府工作部门", COUNTY_DIVISION "0061",
     ROLE_OWN_NAME},
    {"www.qlkfq.gov.cn", COUNTY_NAME "产业集聚区", "直属事业单位", COUNTY_DIVISION "0062",
     ROLE_OWN_NAME},
    {"www.bu-wei.gov.cn", "水利部门", "国务院部门", "bm19000001", ROLE_OUT},
    {"www.sheng-zhengfu.gov.cn", "省人民政府", "省政府", "4100000001", ROLE_OUT},
    {"jt.sheng-zhengfu.gov.cn", "省交通运输厅", "省直部门", "4100000020", ROLE_OUT},
    {"www.linxian.gov.cn", "邻县人民政府", "周边县区", "4114980001", ROLE_OUT},
    {"www.qinglan-xinwen.example", "青岚新闻网", "新闻媒体", NULL, ROLE_OUT},
    {"service.weibo.com", "微博", NULL, NULL, ROLE_SHARE},
};
enum { NEIGHBOURS = sizeof neighbours / sizeof *neighbours };

static const struct {
  const char *prefix, *why;
} closed[] = {{"/login", "login"},
              {"/print", "print"},
              {"/search", "search"},
              {"/rili", "calendar"},
              {"/share", "share"},
              {"/count/", "counter"},
              {"/mobile/", "mobile"},
              {"/module/visitcount/", "counter"},
              {"/system/resource/code/news/click/", "counter"},
              {"/wza/", "barrier_free"}};

static enum via via_of(const struct fsite *s) { return (enum via)(s->no % VIAS); }
const char *group_of(const struct fsite *s) { return groups[s->no / VIAS % 3]; }

unsigned portal_hosts(struct county *c) {
  for (unsigned i = 0; i < NEIGHBOURS; i++) {
    struct host *h = &c->hosts[c->host_count++];
    *h = (struct host){.kind = HOST_FAMILY, .address = 1, .first_site = PORTAL_BASE + i};
    text_set(h->name, HOST_MAX, "%s", neighbours[i].host);
  }
  return NEIGHBOURS;
}

/* --- navigation -------------------------------------------------------------------------------- */

static const struct idiom {
  const char *open, *caption, *entry, *end, *close; /* {h} host, {n} name */
} navigation[VIAS] = {
    [VIA_LINKS] = {"<div class=\"zqdh\"><h3>站群导航</h3>\n", "<dl><dt>%s</dt>\n",
                   "<dd><a href=\"http://{h}/\" target=\"_blank\">{n}</a></dd>\n", "</dl>\n",
                   "</div>\n"},
    [VIA_SELECT] = {"<div class=\"yqlj\">\n",
                    "<select onchange=\"window.open(this.options[this.selectedIndex].value)\">"
                    "<option value=\"#\">%s</option>\n",
                    "<option value=\"http://{h}/\">{n}</option>\n", "</select>\n", "</div>\n"},
    [VIA_GOSITE] = {"<div class=\"link\">\n",
                    "<select onchange=\"$.goSite(this)\"><option value=\"\">--%s--</option>\n",
                    "<option value=\"http://{h}\"><a href=\"http://{h}\">{n}</a></option>\n",
                    "</select>\n", "</div>\n"},
    [VIA_MAP] = {"<img src=\"/css/i.png\" usemap=\"#bm\" alt=\"部门导航图\">\n<div>",
                 "<h4>%s</h4><map name=\"bm\">\n",
                 "<area shape=\"rect\" coords=\"0,0,90,24\" href=\"http://{h}/\" alt=\"{n}\">\n",
                 "</map>\n", "</div>\n"},
    [VIA_SCRIPT] = {"<div id=\"bmwz\"></div>\n<script>\n", "var bm = []; var bmmc = \"%s\";\n",
                    "bm.push([\"{n}\", \"http://{h}/\"]);\n", "", "</script>\n"},
    [VIA_SITEMAP] = {"<div class=\"wzdt\">\n", "<h3>%s</h3><ul>\n",
                     "<li><a href=\"http://{h}/\">{n}</a></li>\n", "</ul>\n", "</div>\n"},
};

static void entry(const char *t, const char *host, const char *name, struct page *p) {
  for (; *t; t++) {
    char one[2] = {*t, '\0'};
    bool h = strncmp(t, "{h}", 3) == 0, n = strncmp(t, "{n}", 3) == 0;
    page_text(p, h ? host : n ? name : one);
    t += h || n ? 2 : 0;
  }
}

static void neighbours_of(const char *group, const struct idiom *i, struct page *p) {
  for (unsigned k = 1; k < NEIGHBOURS; k++)
    if (neighbours[k].group && strcmp(neighbours[k].group, group) == 0)
      entry(i->entry, neighbours[k].host, neighbours[k].name, p);
}

static void navigate(const struct county *c, enum via via, struct page *p) {
  const struct idiom *i = &navigation[via];
  page_text(p, i->open);
  for (unsigned g = 0; g < sizeof groups / sizeof *groups; g++) {
    page_textf(p, i->caption, groups[g]);
    for (unsigned k = 0; k < c->families->site_count; k++) {
      const struct fsite *s = &c->families->sites[k];
      if (via_of(s) == via && group_of(s) == groups[g])
        entry(i->entry, s->host->name, s->name, p);
    }
    if (via == VIA_LINKS)
      neighbours_of(groups[g], i, p);
    page_text(p, i->end);
  }
  page_text(p, i->close);
}

static void others(struct page *p) {
  static const char *const out[] = {"国务院部门", "省政府", "省直部门", "周边县区", "新闻媒体"};
  for (unsigned g = 0; g < sizeof out / sizeof *out; g++) {
    const struct idiom *i = &navigation[g % 2 ? VIA_LINKS : VIA_SELECT];
    page_textf(p, i->caption, out[g]);
    neighbours_of(out[g], i, p);
    page_text(p, i->end);
  }
}

static void top(const struct neighbour *n, const char *title, struct page *p) {
  page_textf(p,
             "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>%s</title>\n<meta name=\""
             "SiteName\" content=\"%s\"><meta name=\"SiteIDCode\" content=\"%s\"></head><body>\n",
             title, n->name, n->code ? n->code : "");
}

static void home(const struct county *c, struct page *p) {
  top(&neighbours[0], neighbours[0].name, p);
  page_text(p,
            "<div class=\"toolbar\"><a href=\"http://m." COUNTY_DOMAIN "/\">手机版</a> "
            "<a href=\"/mobile/index.html\">触屏版</a> <a href=\"/login.jsp\">用户登录</a> "
            "<a href=\"/search?q=1\">检索</a> <a href=\"/wza/index.html\">无障碍</a> "
            "<a href=\"/rili?year=2020&amp;month=12\">日历</a> <a href=\"/share?url=x\">分享</a> "
            "<a href=\"http://service.weibo.com/share/share.php?url=x\">微博</a> "
            "<img src=\"/count/hits.jsp?id=1\"></div>\n"
            "<p><a href=\"/wzdt/index.html\">网站地图</a></p>\n");
  for (unsigned v = 0; v < VIA_SITEMAP; v++)
    navigate(c, (enum via)v, p);
  others(p);
  odd_links(c, p);
  page_text(p, "<div class=\"footer\">网站标识码：" COUNTY_DIVISION "0001</div></body></html>\n");
}

static void own_name(const struct neighbour *n, struct page *p) {
  top(n, n->name, p);
  page_textf(
      p, "<h1>%s</h1><p>本站为" COUNTY_NAME "人民政府站群成员。网站标识码：%s</p></body></html>\n",
      n->name, n->code);
}

bool portal_answer(struct county *c, const struct host *h, const struct request *q,
                   struct reply *r) {
  if (h->first_site < PORTAL_BASE || h->first_site >= PORTAL_BASE + NEIGHBOURS)
    return false;
  const struct neighbour *n = &neighbours[h->first_site - PORTAL_BASE];
  struct page p = {&c->body, &c->pool, false};
  if (n->role == ROLE_PORTAL && zhi_str_is(q->target, "/wzdt/index.html")) {
    top(n, "网站地图", &p);
    navigate(c, VIA_SITEMAP, &p);
    page_text(&p, "</body></html>\n");
  } else if (n->role == ROLE_PORTAL && zhi_str_is(q->target, "/css/i.png")) {
    reply_send(r, q, 200, "image/png", NULL, ZHI_STR("\x89PNG\r\n\x1a\n"));
    return true;
  } else if (!zhi_str_is(q->target, "/")) {
    reply_not_found(r, q);
    return true;
  } else if (n->role == ROLE_PORTAL) {
    home(c, &p);
  } else {
    own_name(n, &p);
  }
  reply_send(r, q, 200, "text/html; charset=utf-8", NULL, zhi_buf_view(&c->body));
  return true;
}

/* --- truth ------------------------------------------------------------------------------------- */

static void host_truth(FILE *f, const char *host, const char *name, const char *group, bool in,
                       const char *via) {
  fprintf(f,
          "{\"kind\":\"host\",\"host\":\"%s\",\"name\":\"%s\",\"caption\":\"%s\",\"via\":\"%s\","
          "\"in\":%s}\n",
          host, name, group, via, in ? "true" : "false");
}

static void closed_truth(FILE *f, const char *host) {
  for (unsigned i = 0; i < sizeof closed / sizeof *closed; i++)
    fprintf(f, "{\"prefix\":\"http://%s%s\",\"must\":false,\"why\":\"%s\",\"max\":0}\n", host,
            closed[i].prefix, closed[i].why);
}

void portal_truth(const struct county *c, FILE *f) {
  static const char *const pages[][2] = {{"/", "home"},
                                         {"/wzdt/index.html", "page"},
                                         {"/css/i.png", "requisite"},
                                         {"/robots.txt", "robots"}};
  for (unsigned i = 0; i < sizeof pages / sizeof *pages; i++)
    fprintf(f, "{\"url\":\"http://%s%s\",\"must\":true,\"kind\":\"%s\"%s}\n", neighbours[0].host,
            pages[i][0], pages[i][1], i == 3 ? ",\"status\":404" : "");
  closed_truth(f, neighbours[0].host);
  fprintf(f, "{\"contains\":\"/mpost_\",\"must\":false,\"why\":\"mobile\",\"max\":0}\n");
  for (unsigned i = 1; i < NEIGHBOURS; i++) {
    const struct neighbour *n = &neighbours[i];
    if (n->group)
      host_truth(f, n->host, n->name, n->group, n->role == ROLE_OWN_NAME, "links");
    if (n->role != ROLE_OWN_NAME)
      fprintf(f, "{\"prefix\":\"http://%s/\",\"must\":false,\"why\":\"%s\",\"max\":0}\n", n->host,
              n->role == ROLE_MOBILE  ? "mobile"
              : n->role == ROLE_SHARE ? "share"
                                      : "off_scope");
  }
  for (unsigned i = 0; i < c->families->site_count; i++) {
    const struct fsite *s = &c->families->sites[i];
    host_truth(f, s->host->name, s->name, group_of(s), true, via_names[via_of(s)]);
    closed_truth(f, s->host->name);
  }
}
