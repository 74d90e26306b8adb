/* Navigation of a cluster: which other sites a page names, under which caption. Pages written for the test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/support/extracted.h"

#define HOME           "http://www.x.gov.cn/"
#define L(host, name)  "<a href=\"http://" host "/\">" name "</a>"
#define LI(host, name) "<li>" L(host, name) "</li>"

/* "host group caption name place" of every site, lines. */
static void assert_sites(const char *html, const char *expected) {
  struct zhi_buf got;
  zhi_buf_init(&got, 65536);
  const struct zhi_doc *d = extracted(html, HOME);
  for (size_t i = 0; i < d->site_count; i++) {
    const struct zhi_neighbour *s = &d->sites[i];
    zhi_buf_addf(&got, "%.*s %s %.*s %.*s %s\n", ZHI_STR_ARGS(s->url),
                 zhi_site_group_name(s->group), ZHI_STR_ARGS(s->caption), ZHI_STR_ARGS(s->name),
                 s->place);
  }
  assert_string_equal(got.p ? got.p : "", expected);
  zhi_buf_release(&got);
}

static void a_link_stands_under_the_nearest_caption_before_it(void **state) {
  (void)state;
  assert_sites("<h3>站群导航</h3><dl><dt>县政府工作部门</dt><dd>" L("czj.y.gov.cn", "财政局")
                   L("jyj.y.gov.cn", "教育局") "</dd><dt>国务院部门</dt><dd>" L(
                       "www.bu.gov.cn", "某部") "</dd></dl>",
               "http://czj.y.gov.cn/ own 县政府工作部门 财政局 navigation\n"
               "http://jyj.y.gov.cn/ own 县政府工作部门 教育局 navigation\n"
               "http://www.bu.gov.cn/ foreign 国务院部门 某部 navigation\n");
  assert_sites("<div class=box><div class=hd><span>乡镇街道</span></div><div class=bd><ul>" LI(
                   "cg.y.gov.cn", "城关镇") "</ul></div></div><div class=box><div "
                                            "class=hd>友情链接</div><ul>" LI("www.z.gov.cn",
                                                                             "邻县") "</ul></div>",
               "http://cg.y.gov.cn/ own 乡镇街道 城关镇 navigation\n"
               "http://www.z.gov.cn/ foreign 友情链接 邻县 navigation\n");
  assert_sites("<table><tr><td>县直单位</td><td>" L(
                   "a.y.gov.cn", "甲局") "</td></tr>"
                                         "<tr><td>省直部门</td><td>" L("b.sheng.gov.cn",
                                                                       "乙厅") "</td></tr></table>",
               "http://a.y.gov.cn/ own 县直单位 甲局 navigation\n"
               "http://b.sheng.gov.cn/ foreign 省直部门 乙厅 navigation\n");
  assert_sites("<p><strong>县（市、区）政府：</strong>" L("www.z.gov.cn", "邻县") "</p>",
               "http://www.z.gov.cn/ sibling 县（市、区）政府： 邻县 navigation\n");
}

static void a_select_is_captioned_by_its_first_option_or_group(void **state) {
  (void)state;
  assert_sites(
      "<select><option value=\"\">市直部门网站</option><option "
      "value=\"http://a.y.gov.cn/\">甲局</option></select>"
      "<select><option value=#>新闻媒体</option><option "
      "value=\"http://news.example.com/\">某报</option></select>"
      "<select><optgroup label=乡镇街道><option "
      "value=//t.y.gov.cn/>某镇</option></optgroup></select>"
      "<select><option>请选择</option><option value=http://q.y.gov.cn/>丙局</option></select>",
      "http://a.y.gov.cn/ own 市直部门网站 甲局 select\n"
      "http://news.example.com/ foreign 新闻媒体 某报 select\n"
      "http://t.y.gov.cn/ own 乡镇街道 某镇 select\n"
      "http://q.y.gov.cn/ unknown 请选择 丙局 select\n");
}

static void a_pane_is_captioned_by_its_tab(void **state) {
  (void)state;
  static const char expected[] = "http://www.bu.gov.cn/ foreign 国务院部门 某部 navigation\n"
                                 "http://a.y.gov.cn/ own 县直部门 甲局 navigation\n"
                                 "http://t.y.gov.cn/ own 乡镇 某镇 navigation\n";
  assert_sites(
      "<div><ul class=tab><li>国务院部门</li><li>县直部门</li><li>乡镇</li></ul><div>" L(
          "www.bu.gov.cn", "某部") "</div><div>" L("a.y.gov.cn",
                                                   "甲局") "</div><div>" L("t.y.gov.cn",
                                                                           "某镇") "</div></div>",
      expected);
  assert_sites("<div><ul class=tab><li>国务院部门</li><li>县直部门</li><li>乡镇</li></ul><div "
               "class=panes><ul>" LI("www.bu.gov.cn", "某部") "</ul><ul>" LI(
                   "a.y.gov.cn", "甲局") "</ul><ul>" LI("t.y.gov.cn", "某镇") "</ul></div></div>",
               expected);
}

static void maps_scripts_and_warned_links_are_read(void **state) {
  (void)state;
  assert_sites(
      "<div><h4>乡镇导航</h4><map name=m><area href=http://a.y.gov.cn/ alt=甲镇></map></div>",
      "http://a.y.gov.cn/ own 乡镇导航 甲镇 map\n");
  assert_sites("<script>var g={title:'县直部门',list:[{name:'甲局',url:'http://a.y.gov.cn/'},"
               "{name:'乙局',url:'http://b.y.gov.cn/'}]};var h={title:\"友情链接\",list:[{url:"
               "'http://c.gov.cn/',name:'丙网'}]}</script>",
               "http://a.y.gov.cn/ own 县直部门 甲局 script\n"
               "http://b.y.gov.cn/ own 县直部门 乙局 script\n"
               "http://c.gov.cn/ foreign 友情链接 丙网 script\n");
  assert_sites(
      "<dl><dt>政府部门</dt><dd><a href=\"javascript:void(0)\" "
      "onclick=\"if(confirm('您即将离开'))window.open('http://a.y.gov.cn/')\">甲局</a></dd></dl>",
      "http://a.y.gov.cn/ own 政府部门 甲局 navigation\n");
  assert_sites("<title>部门导航</title><ul>" LI("a.y.gov.cn", "甲局") "</ul>",
               "http://a.y.gov.cn/ own 部门导航 甲局 site_map\n");
}

static void links_without_a_caption_and_of_the_own_host_are_no_navigation(void **state) {
  (void)state;
  assert_sites("<p>欢迎访问 " L("www.z.gov.cn",
                                "邻县") "</p><dl><dt>政府部门</dt><dd><a "
                                        "href=/zfbm/czj/>财政局</a><a "
                                        "href=http://WWW.X.gov.cn/zfbm/jyj/>教育局</a></dd></dl>",
               "");
  /* a caption behind the links, or one in a box that is over, does not speak for them */
  assert_sites("<ul>" LI("a.y.gov.cn", "甲局") "</ul><h3>政府部门</h3>", "");
  assert_sites("<div><h3>政府部门</h3></div><div>" L("a.y.gov.cn", "甲局") "</div>",
               "http://a.y.gov.cn/ own 政府部门 甲局 navigation\n");
}

static void a_site_is_named_once_a_group(void **state) {
  (void)state;
  assert_sites("<dl><dt>政府部门</dt><dd>" L("a.y.gov.cn", "甲局")
                   L("a.y.gov.cn", "甲局网站") "</dd><dt>友情链接</dt><dd>" L("a.y.gov.cn",
                                                                              "甲局") "</dd></dl>",
               "http://a.y.gov.cn/ own 政府部门 甲局 navigation\n"
               "http://a.y.gov.cn/ foreign 友情链接 甲局 navigation\n");
}

static int release(void **state) {
  (void)state;
  extracted_release();
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_link_stands_under_the_nearest_caption_before_it),
      cmocka_unit_test(a_select_is_captioned_by_its_first_option_or_group),
      cmocka_unit_test(a_pane_is_captioned_by_its_tab),
      cmocka_unit_test(maps_scripts_and_warned_links_are_read),
      cmocka_unit_test(links_without_a_caption_and_of_the_own_host_are_no_navigation),
      cmocka_unit_test(a_site_is_named_once_a_group),
  };
  return cmocka_run_group_tests(tests, NULL, release);
}
