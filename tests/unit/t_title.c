/* Which text of a page is its title: one small page for each way in which <title> and the headline stand to each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/extracted.h"

#define INFO "<div>发布时间：2019-03-04　来源：甲县水利局</div>"
#define BODY                                                                                                                               \
  "<div><p>各乡镇人民政府，县政府各部门：为做好今年的防汛工作，经县政府同意，现就有关事项通知如" \
  "下。</p><p>请认真组织值班，落实责任，遇有险情及时报告，并做好物资储备和人员转移。</p></div>"

static const struct {
  const char *name, *html, *title;
} pages[] = {
    {"the headline of the page and of <title>",
     "<title>关于做好防汛工作的通知_甲县人民政府</title><h1>关于做好防汛工作的通知</h1>" INFO BODY,
     "关于做好防汛工作的通知"},
    {"a site that stands first in <title>",
     "<title>甲县人民政府门户网站_通知公告_关于做好防汛工作的通知</title>" INFO BODY,
     "关于做好防汛工作的通知"},
    {"a site that stands first, and a headline",
     "<title>甲县人民政府门户网站 通知公告 "
     "关于做好防汛工作的通知</title><div>甲县人民政府门户网站</"
     "div><div>关于做好防汛工作的通知</div>" INFO BODY,
     "关于做好防汛工作的通知"},
    {"a <title> that names the site alone",
     "<title>甲县人民政府门户网站</title><div>甲县人民政府门户网站</div><table><tr><td "
     "class=a1>关于做好防汛工作的通知</td></tr><tr><td>发布时间：2019-03-04</td></tr></table>" BODY,
     "关于做好防汛工作的通知"},
    {"no <title> at all", "<div class=b2>关于做好防汛工作的通知</div>" INFO BODY,
     "关于做好防汛工作的通知"},
    {"a <title> that names the column",
     "<title>通知公告_甲县水利局</title><div>通知公告</div><div>关于做好防汛工作的通知</div>" INFO
         BODY,
     "关于做好防汛工作的通知"},
    {"a column in brackets",
     "<title>[通知公告栏目]-甲县水利局</title><div>[通知公告栏目]</"
     "div><div>关于做好防汛工作的通知</div>" INFO BODY,
     "关于做好防汛工作的通知"},
    {"a headline in two lines", "<div>甲县人民政府关于<br>做好防汛工作的通知</div>" INFO BODY,
     "甲县人民政府关于 做好防汛工作的通知"},
    {"a second line below the headline",
     "<div class=title>奋战一百天 全力保安澜</div><div>——甲县防汛工作综述</div>" INFO BODY,
     "奋战一百天 全力保安澜"},
    {"an information line within the headline's element",
     "<h2>关于做好防汛工作的通知 <small>2019-03-04 来源：甲县水利局</small></h2>" BODY,
     "关于做好防汛工作的通知"},
    {"a date in brackets behind the headline",
     "<h2>关于做好防汛工作的通知 （ 2019-03-04）</h2>" BODY, "关于做好防汛工作的通知"},
    {"a date that belongs to the headline", "<h1>甲县雨情通报（2019-03-04）</h1>" BODY,
     "甲县雨情通报（2019-03-04）"},
    {"a class on the element around",
     "<div class=dtl-tit><h4>关于做好防汛工作的通知</h4></div>" BODY, "关于做好防汛工作的通知"},
    {"a form's words are no headline",
     "<title>关于做好防汛工作的通知_甲县人民政府</title><div>标　题: <input> 内 容: <input></div>"
     "<h2>关于做好防汛工作的通知</h2>" INFO BODY,
     "关于做好防汛工作的通知"},
    {"a signature above its date is no headline",
     "<title>网站域名变更的公告</title><p>本网站自今日起启用新域名，旧域名停用。</"
     "p><p>甲省粮食储备局"
     "</p><p>2019年3月4日</p>",
     "网站域名变更的公告"},
    {"a hit counter alone below it",
     "<title>甲县人民政府门户网站</title><div>关于做好防汛工作的通知</div><div>阅读次数：<span></"
     "span></div>" BODY,
     "关于做好防汛工作的通知"},
};

static void every_page(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
    print_message("%s\n", pages[i].name);
    assert_field(extracted(pages[i].html, NULL), ZHI_F_TITLE, pages[i].title);
  }
}

static void an_address_above_a_date_is_no_headline(void **state) {
  (void)state;
  const char *html = "<div>http://www.example.gov.cn/zcwj/content_31307</div><div>2018-12-28</div>";
  assert_field_absent(extracted(html, NULL), ZHI_F_TITLE);
}

static int release(void **state) {
  (void)state;
  extracted_release();
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_page),
                                     cmocka_unit_test(an_address_above_a_date_is_no_headline)};
  return cmocka_run_group_tests(tests, NULL, release);
}
