/* List pages: items in their shapes, and the pages that each family's pager promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/extracted.h"

#define ITEM(n, d)                                                                                 \
  "<li><a href=\"./t2019010" n "_" n ".html\" title=\"关于某年某项工作有关事项的通知之" n          \
  "\">关于某年某项工作有关…</a><span>" d "</span></li>"
#define ITEMS                                                                                      \
  "<ul class=list>" ITEM("1", "2019-01-01") ITEM("2", "01-02") ITEM("3", "2019/1/3")               \
      ITEM("4", "[2019-01-04]") "</ul>"
#define MENU                                                                                         \
  "<ul class=menu><li><a href=/a/>政务公开</a></li><li><a href=/b/>办事服务</a></li><li><a " \
  "href=/c/>互动交流</a></li><li><a href=/d/>数据开放</a></li></ul>"
#define URL "http://www.example.gov.cn/zwgk/tz/index.html"

static void items_have_url_title_and_date(void **state) {
  (void)state;
  const struct zhi_doc *d = extracted(MENU ITEMS, URL);
  assert_int_equal(d->list.item_count, 4);
  for (size_t i = 0; i < 4; i++) {
    char url[80], date[16], title[96];
    snprintf(url, sizeof url, "http://www.example.gov.cn/zwgk/tz/t2019010%zu_%zu.html", i + 1,
             i + 1);
    snprintf(date, sizeof date, "2019-01-0%zu", i + 1);
    snprintf(title, sizeof title, "关于某年某项工作有关事项的通知之%zu", i + 1);
    assert_true(zhi_str_is(d->list.items[i].url, url));
    assert_true(zhi_str_is(d->list.items[i].date, date));
    assert_true(zhi_str_is(d->list.items[i].title, title));
  }
}

struct pager {
  const char *name, *url, *html, *adapter;
  int page, pages, total;
  const char *second, *last; /* NULL: not to be told */
};

static const struct pager pagers[] = {
    {"TRS, counted from 0", URL,
     "<script>function createPageHTML(a,b,c,d){}\ncreatePageHTML(25, 0, \"index\", "
     "\"html\");</script>",
     "trs", 1, 25, 0, "http://www.example.gov.cn/zwgk/tz/index_1.html",
     "http://www.example.gov.cn/zwgk/tz/index_24.html"},
    {"TRS, with an id, counted from 1", "http://www.example.gov.cn/c100/list.shtml",
     "<script>createPageHTML('page', 25, 1, 'list', 'shtml', 370);</script>", "trs", 1, 25, 370,
     "http://www.example.gov.cn/c100/list_2.shtml", "http://www.example.gov.cn/c100/list_25.shtml"},
    {"TRS variables", URL, "<script>var currentPage = 1; var countPage = 9;</script>", "trs", 2, 9,
     0, "http://www.example.gov.cn/zwgk/tz/index_1.html",
     "http://www.example.gov.cn/zwgk/tz/index_8.html"},
    {"a call in a comment does not count", URL,
     "<script>// createPageHTML(25, 0, \"index\", \"html\");\n</script>", "generic", 0, 0, 0, NULL,
     NULL},
    {"VSB counts down", "http://www.example.gov.cn/tzgg.htm",
     "<div class=p_pages><a href=/info/1/2.htm>甲乙丙</a>共9页 <a href=tzgg/8.htm>2</a> <a "
     "href=tzgg/7.htm>3</a> <a href=tzgg/8.htm>下页</a> <a href=tzgg/1.htm>尾页</a></div>",
     "vsb", 1, 9, 0, "http://www.example.gov.cn/tzgg/8.htm",
     "http://www.example.gov.cn/tzgg/1.htm"},
    {"numbers and a last page", URL,
     "<a href=index.html>1</a><a href=index_2.html>2</a><a href=index_3.html>3</a><a "
     "href=index_2.html>下一页</a><a href=index_57.html>尾页</a>",
     "generic", 1, 57, 0, "http://www.example.gov.cn/zwgk/tz/index_2.html",
     "http://www.example.gov.cn/zwgk/tz/index_57.html"},
    {"the last page shows no next one", "http://www.example.gov.cn/zwgk/tz/index_57.html",
     "<a title=\"Total record\">&nbsp;<b>852</b></a> <a href=index.html>首页</a><a "
     "href=index_56.html>上一页</a><a href=index_55.html>55</a><a "
     "href=index_56.html>56</a><b>57</b>",
     "empire", 57, 57, 852, "http://www.example.gov.cn/zwgk/tz/index_2.html",
     "http://www.example.gov.cn/zwgk/tz/index_57.html"},
    {"a query", "http://www.example.gov.cn/list.jsp?id=7",
     "共123条 第1/7页 <a href='list.jsp?id=7&amp;page=2'>2</a> <a "
     "href='list.jsp?id=7&amp;page=3'>3</a>",
     "generic", 1, 7, 123, "http://www.example.gov.cn/list.jsp?id=7&page=2",
     "http://www.example.gov.cn/list.jsp?id=7&page=7"},
    {"handlers instead of links", URL,
     "共3页 <a onclick=\"location.href='index_1.html'\">2</a><a "
     "onclick=\"location.href='index_2.html'\">3</a>",
     "generic", 1, 3, 0, "http://www.example.gov.cn/zwgk/tz/index_1.html",
     "http://www.example.gov.cn/zwgk/tz/index_2.html"},
    {"a script that knows totals and target", URL,
     "<script>$('#p').pagination({pageSize: 15, total: 74}); go(function (data) { location.href = "
     "\"/zwgk/tz/\" + (data.pageIndex + 1) + \".html\"; });</script>",
     "generic", 1, 5, 74, "http://www.example.gov.cn/zwgk/tz/2.html",
     "http://www.example.gov.cn/zwgk/tz/5.html"},
    {"numbers that count hosts are no pager", URL,
     "<a href=http://403.example.gov.cn/>403</a> <a href=http://410.example.gov.cn/>410</a>",
     "generic", 0, 0, 0, NULL, NULL},
    {"a number alone is no pager", URL, "<a href=/room/410>410</a>", "generic", 0, 0, 0, NULL,
     NULL},
    {"the second of two pages", URL, "<b>1</b> <a href=index_2.html>2</a>", "generic", 1, 0, 0,
     "http://www.example.gov.cn/zwgk/tz/index_2.html", NULL},
};

static bool has_url(const struct zhi_list *l, const char *url) {
  for (size_t i = 0; i < l->request_count; i++)
    if (zhi_str_is(l->requests[i].url, url))
      return true;
  return false;
}

static void every_pager(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof pagers / sizeof *pagers; i++) {
    const struct pager *p = &pagers[i];
    char html[4096];
    snprintf(html, sizeof html, "%s%s<div>%s</div>", MENU, ITEMS, p->html);
    const struct zhi_list *l = &extracted(html, p->url)->list;
    if (!l->adapter || strcmp(l->adapter, p->adapter) != 0)
      fail_msg("%s: adapter %s", p->name, l->adapter ? l->adapter : "none");
    if (l->page != p->page || l->pages != p->pages || l->total != p->total)
      fail_msg("%s: page %d of %d, %d records", p->name, l->page, l->pages, l->total);
    if ((p->second && !has_url(l, p->second)) || (p->last && !has_url(l, p->last)))
      fail_msg(
          "%s: a page is missing; %zu pages, first '%.*s'", p->name, l->request_count,
          ZHI_STR_ARGS(l->request_count ? l->requests[l->request_count - 1].url : ZHI_STR("")));
    if (l->item_count != 4)
      fail_msg("%s: %zu items", p->name, l->item_count);
  }
}

static void hanweb_groups(void **state) {
  (void)state;
  const struct zhi_doc *d = extracted(
      "<div id='1'></div><script "
      "type=\"text/xml\"><datastore><nextgroup><![CDATA[]]></nextgroup><recordset>"
      "<record><![CDATA[<li><a "
      "href='/art/2019/1/1/art_7_1.html'>关于某项工作有关事项的通知一</a><b>2019-01-01</b></"
      "li>]]></record>"
      "<record><![CDATA[<li><a "
      "href='/art/2019/1/2/art_7_2.html'>关于某项工作有关事项的通知二</a><b>2019-01-02</b></"
      "li>]]></record>"
      "<record><![CDATA[<li><a "
      "href='/art/2019/1/3/art_7_3.html'>关于某项工作有关事项的通知三</a><b>2019-01-03</b></"
      "li>]]></record>"
      "</recordset><totalrecord>40</totalrecord><totalpage>14</totalpage></datastore></script>"
      "<script>$('#1').jpage({perpage:3, proxyurl:'/module/web/jpage/dataproxy.jsp', "
      "params:{'col':'1','appid':'1','webid':'9','path':'/"
      "','columnid':'7','sourceContentType':'1','unitid':'88','webname':'x','permissiontype':'0'}})"
      ";</script>",
      "http://www.example.gov.cn/col/col7/index.html");
  assert_int_equal(d->kind, ZHI_KIND_LIST);
  assert_string_equal(d->list.adapter, "hanweb");
  assert_int_equal(d->list.item_count, 3);
  assert_true(
      zhi_str_is(d->list.items[2].url, "http://www.example.gov.cn/art/2019/1/3/art_7_3.html"));
  assert_int_equal(d->list.total, 40);
  assert_int_equal(d->list.pages, 14);
  assert_true(zhi_str_starts(d->list.requests[0].url,
                             "http://www.example.gov.cn/module/web/jpage/"
                             "dataproxy.jsp?startrecord=4&endrecord=12&perpage=3"));
  assert_non_null(zhi_str_find(d->list.requests[0].url, ZHI_STR("&unitid=88")));
}

static void parts_of_an_article_are_no_list(void **state) {
  (void)state;
  const struct zhi_doc *d = extracted(
      "<h1>关于某事的通知</h1><div>发布时间：2019-01-02　来源：甲局</div><div "
      "id=zoom><p>甲县人民政府认真贯彻落实上级决策部署，扎实推进各项工作，取得了新的成效。</p>"
      "<script>createPageHTML(3, 0, \"t20190102_7\", \"html\");</script></div>",
      NULL);
  assert_int_equal(d->kind, ZHI_KIND_DOCUMENT);
  assert_null(d->list.adapter);
}

/* A tree of sixty columns outweighs four articles; the pager says that a page of this list has four. */
static void a_declared_size_tells_the_list_from_a_tree_of_columns(void **state) {
  char html[16384] = "<table class=tree>";
  size_t n = strlen(html);
  (void)state;
  for (int i = 0; i < 60; i++)
    n += (size_t)snprintf(html + n, sizeof html - n,
                          "<tr><td><a href=/c/%d.html>重大建设项目的批准结果信息公开</a></td></tr>",
                          i);
  snprintf(html + n, sizeof html - n,
           "</table>%s<div>共 31 条 1/8 页 <a href=index_2.html>下一页</a></div>", ITEMS);
  const struct zhi_doc *d = extracted(html, URL);
  assert_int_equal(d->list.pages, 8);
  assert_int_equal(d->list.total, 31);
  assert_int_equal(d->list.item_count, 4);
  assert_true(zhi_str_is(d->list.items[0].date, "2019-01-01"));
}

static int release(void **state) {
  (void)state;
  extracted_release();
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(items_have_url_title_and_date),
      cmocka_unit_test(every_pager),
      cmocka_unit_test(hanweb_groups),
      cmocka_unit_test(a_declared_size_tells_the_list_from_a_tree_of_columns),
      cmocka_unit_test(parts_of_an_article_are_no_list),
  };
  return cmocka_run_group_tests(tests, NULL, release);
}
