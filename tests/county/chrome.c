/* What every page of a site has around its content: head, toolbars, 站群导航, menu, footer.
 *
 * About 16 KB a page, as on real county sites, made once a site in the site's charset. The links in
 * it are what a crawler must judge: departments of the county (in scope), ministries, the province,
 * media and share buttons (out), login, search, print, the mobile twin (never). */
#include "tests/county/county.h"

enum { NAV_HOSTS = 24 }; /* departments in every page's navigation; the portal lists all */

static void styles(struct page *p) {
  page_text(p,
            "<style type=\"text/css\">\nbody{margin:0;font:14px/1.8 \"Microsoft YaHei\",SimSun}\n");
  for (unsigned i = 0; i < 40; i++)
    page_textf(p, ".mod%u ul li{float:left;width:%upx;height:%upx;overflow:hidden;color:#%06x}\n",
               i, 80 + i * 3, 24 + i % 7, 0x112233 + i * 4099);
  page_text(p, "</style>\n<script type=\"text/javascript\">\n");
  for (unsigned i = 0; i < 20; i++)
    page_textf(p,
               "function tab%u(n){var box=document.getElementById('tab%u_'+n);"
               "if(box&&n<%u){box.className=(n===%u)?'hover':'';}return false;}\n",
               i, i, 3 + i % 5, i % 3);
  page_text(p, "function setHome(o){try{o.style.behavior='url(#default#homepage)';}catch(e){}}\n"
               "function goUrl(s){if(s.value!==''){window.open(s.value);}}\n</script>\n");
}

static void requisites(const struct county *c, struct page *p) {
  page_text(p, "<link rel=\"stylesheet\" href=\"/css/main.css\">\n"
               "<script type=\"text/javascript\" src=\"/js/common.js\"></script>\n");
  if (c->o.scenario != SCENARIO_BENCH)
    page_text(p, "<link rel=\"shortcut icon\" href=\"/favicon.ico\">\n");
}

static void head(const struct county *c, struct page *p) {
  if (p->gbk)
    page_text(p, "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\" "
                 "\"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\">\n<html>\n<head>\n"
                 "<meta http-equiv=\"Content-Type\" content=\"text/html; charset=gb2312\" />\n");
  else
    page_text(p, "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n");
  page_text(p, "<meta name=\"renderer\" content=\"webkit\">\n");
  requisites(c, p);
  styles(p);
}

static void department_links(const struct county *c, struct page *p, const char *open,
                             const char *middle, const char *close, unsigned most) {
  for (unsigned i = 0, n = 0; i < c->site_count && n < most; i++) {
    const struct site *s = &c->sites[i];
    if (i == 0)
      continue;
    page_textf(p, "%shttp://%s%s/%s%s%s\n", open, s->host->name, s->prefix, middle, s->name, close);
    n++;
  }
}

static void toolbar(const struct county *c, struct page *p) {
  page_text(
      p, "<div class=\"toolbar\"><a href=\"javascript:void(0)\" onclick=\"setHome(this)\">设为首页"
         "</a> <a href=\"javascript:addFavorite()\">加入收藏</a>");
  if (county_has_traps(c))
    page_text(p, " <a href=\"http://m." COUNTY_DOMAIN "/\">手机版</a>"
                 " <a href=\"/login.jsp\">用户登录</a> <a href=\"/user/register.html\">注册</a>"
                 " <a href=\"/search?q=%B9%AB%BF%AA\">高级检索</a>"
                 " <a href=\"mailto:xxgk@" COUNTY_DOMAIN "\">邮箱</a>");
  page_text(p, "</div>\n<form action=\"/search\" method=\"get\"><input name=\"q\" value=\"\">"
               "<input type=\"submit\" value=\"搜索\"></form>\n");
}

static void navigation(const struct county *c, struct page *p) {
  bool outside = c->o.scenario != SCENARIO_BENCH;
  page_text(p, "<div class=\"zqdh\"><h3>站群导航</h3>\n<dl><dt>市政府</dt><dd><a "
               "href=\"http://www." COUNTY_DOMAIN "/\">" COUNTY_NAME
               "人民政府</a></dd>\n<dt>县政府工作部门</dt><dd>\n");
  department_links(c, p, "<a target=\"_blank\" href=\"", "\">", "</a>", NAV_HOSTS);
  page_text(p, "</dd>\n");
  if (outside)
    page_text(p,
              "<dt>省政府</dt><dd><a href=\"http://www.sheng-zhengfu.gov.cn/\">省人民政府</a>"
              "<a href=\"http://jt.sheng-zhengfu.gov.cn/\">省交通运输厅</a></dd>\n"
              "<dt>国务院部门</dt><dd><a href=\"http://www.bu-wei.gov.cn/\">部委网站</a></dd>\n");
  page_text(p, "</dl></div>\n");
}

static void menu(const struct site *s, struct page *p) {
  page_textf(p,
             "<div class=\"banner\"><img src=\"/images/logo.png\" alt=\"%s\"></div>\n"
             "<ul class=\"menu\"><li><a href=\"%s/\">首页</a></li>\n",
             s->name, s->prefix);
  for (unsigned i = 0; i < s->column_count; i++) {
    char path[PATH_MAX_BYTES];
    list_path(s, &s->columns[i], 1, path);
    page_textf(p, "<li id=\"m%u\" onmouseover=\"tab%u(1)\"><a href=\"", i, i);
    page_escaped(p, path);
    page_textf(p, "\">%s</a></li>\n", s->columns[i].name);
  }
  page_text(p, "</ul>\n<div class=\"lanrenzhijia\" style=\"display:none\"></div>\n");
}

static void selects(const struct county *c, struct page *p) {
  page_text(p,
            "<div class=\"yqlj\"><select onchange=\"goUrl(this)\"><option value=\"\">县直部门网站"
            "</option>\n");
  department_links(c, p, "<option value=\"", "\">", "</option>", NAV_HOSTS);
  page_text(p, "</select>\n");
  if (c->o.scenario == SCENARIO_BENCH) {
    page_text(p, "</div>\n");
    return;
  }
  page_text(p, "<select onchange=\"goUrl(this)\"><option value=\"#\">邻县政府</option><option "
               "value=\"http://www.linxian.gov.cn/\">邻县人民政府</option></select>\n"
               "<a href=\"http://www.qinglan-xinwen.example/\">青岚新闻网</a>\n"
               "<a href=\"http://weibo.share.example/share?url=x\">分享到微博</a></div>\n");
}

static void foot(const struct county *c, const struct site *s, struct page *p) {
  selects(c, p);
  page_textf(p,
             "<div class=\"footer\"><p>主办：%s　　承办：" COUNTY_NAME "电子政务中心</p>\n"
             "<p>网站标识码：" COUNTY_DIVISION "0001　　ICP备案：青ICP备00000001号　　"
             "青公网安备 41149902000001号</p>\n"
             "<p>联系电话：0000-1234567　　地址：青岚县人民路1号　　邮编：400000</p></div>\n",
             s->name);
  page_text(p, "<script type=\"text/javascript\">\nvar _site={id:1,theme:'blue'};\n");
  for (unsigned i = 0; i < 24; i++)
    page_textf(p,
               "document.getElementById('m%u')&&(document.getElementById('m%u').onclick="
               "function(){tab%u(%u);});\n",
               i % 6, i % 6, i % 20, i % 4);
  page_text(p, "</script>\n</body>\n</html>\n");
}

void chrome_build(const struct county *c, struct site *s) {
  struct page p = {&s->head, &c->pool, s->gbk};
  head(c, &p);
  p.b = &s->top;
  page_textf(&p, "</head>\n<body>\n<div id=\"wrap\" class=\"w1200 %s\">\n", shape_names[s->shape]);
  toolbar(c, &p);
  navigation(c, &p);
  menu(s, &p);
  p.b = &s->foot;
  page_text(&p, "</div>\n");
  foot(c, s, &p);
}
