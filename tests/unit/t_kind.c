/* Kinds of pages, challenges and soft 404s. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/extracted.h"

#define LONG "甲县人民政府认真贯彻落实上级决策部署，扎实推进各项工作，取得了新的成效。"
#define ITEM(n, d)                                                                                 \
  "<li><a href=/zwgk/" n ".html>关于某年某项工作有关事项的通知" n "</a><span>" d "</span></li>"
#define FIVE                                                                                       \
  ITEM("1", "2019-01-01")                                                                          \
  ITEM("2", "2019-01-02") ITEM("3", "2019-01-03") ITEM("4", "2019-01-04") ITEM("5", "2019-01-05")

static void kind_is(const char *html, const char *url, enum zhi_kind want) {
  const struct zhi_doc *d = extracted(html, url);
  if (d->kind != want)
    fail_msg("%.60s… is %s, want %s", html, zhi_kind_name(d->kind), zhi_kind_name(want));
}

static void documents(void **state) {
  (void)state;
  kind_is("<h1>关于某事的通知</h1><div>发布时间：2019-01-02　来源：甲局</div><div id=zoom><p>" LONG
          "</p></div>",
          NULL, ZHI_KIND_DOCUMENT);
  kind_is("<meta name=ArticleTitle content=关于某事的通知><meta name=PubDate "
          "content=2019-01-02><h1>关于某事的通知</h1><div id=zoom><img src=1.jpg></div>",
          NULL, ZHI_KIND_DOCUMENT);
  kind_is("<h1>关于某事的通知</h1><div>发布时间：2019-01-02　来源：甲局</div><div id=zoom><p>" LONG
          "</p></div><div class=side><ul>" FIVE "</ul></div>",
          NULL, ZHI_KIND_DOCUMENT);
}

static void lists(void **state) {
  (void)state;
  kind_is("<ul>" FIVE "</ul><div>共12页</div>", "http://www.example.gov.cn/zwgk/tz/index.html",
          ZHI_KIND_LIST);
  kind_is("<ul>" FIVE "</ul>", "http://www.example.gov.cn/zwgk/tz/", ZHI_KIND_LIST);
}

static void home_pages(void **state) {
  (void)state;
  kind_is("<ul class=a>" FIVE "</ul><ul class=b>" FIVE "</ul><ul class=c>" FIVE
          "</ul><ul class=d>" FIVE "</ul><ul class=e>" FIVE "</ul>",
          "http://www.example.gov.cn/", ZHI_KIND_HOME);
}

static void challenges(void **state) {
  (void)state;
  const struct zhi_doc *d = extracted("<html><script>document.cookie='__jsl_clearance_s=1|2'+';"
                                      "path=/';location.reload()</script></html>",
                                      NULL);
  assert_int_equal(d->kind, ZHI_KIND_BLOCKED);
  assert_string_equal(d->blocked_by, "jiasule");
  kind_is(
      "<html><body>请开启JavaScript并刷新该页.<script>var wzwsquestion=1</script></body></html>",
      NULL, ZHI_KIND_BLOCKED);
  kind_is("<h1>关于防范网页被篡改的通知</h1><div>发布时间：2019-01-02　来源：甲局</div><div "
          "id=zoom><p>" LONG
          "访问行为异常的，应当报告。" LONG LONG LONG LONG LONG LONG LONG LONG LONG "</p></div>",
          NULL, ZHI_KIND_DOCUMENT);
}

/* The bodies are made up; only the sign matters. */
static void a_challenge_is_named_by_its_sign_size_and_status(void **state) {
  static const struct {
    const char *html, *cookie, *product; /* NULL: content */
    int status;
  } cases[] = {
      {"<html><head><meta content='aGVsbG8gd29ybGQ'><script>$_ts=window['$_ts'];</script></head>"
       "<body></body></html>",
       "", "ruishu", 412},
      {"<script>go({\"bts\":[1]})</script>", "", "jiasule", 521},
      {"<script>x()</script>", "", "jiasule", 512},
      {"<p>GeoBL</p>", "", "wzws", 403},
      {"<p>您的请求带有不合法的参数，已被网站管理员设置拦截</p>", "", "waf", 200},
      {"<p>宝塔网站防火墙</p>", "", "btwaf", 200},
      {"<script>var t=1;document.cookie='k='+t;location.reload();</script>", "", "script", 200},
      {"<script>document.cookie='k=1';window.location.href='/';</script>",
       "__jsluid_s=0123; path=/", "jiasule", 200},
      {"<script>eval(function(p,a,c,k,e,d){}('',1,1,''))</script>", "wzws_cid=1", "wzws", 200},
      /* a front page that only leads on, and one that only counts visits */
      {"<script>window.location.replace('/index.html')</script>", "__jsluid_s=0123", NULL, 200},
      {"<script>document.cookie='visited=1'</script><p>欢迎</p><a href=/zwgk/>政务公开</a>", "",
       NULL, 200},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const struct zhi_doc *d =
        extracted_answer(cases[i].html, NULL, cases[i].status, cases[i].cookie);
    if (d->blocked != (cases[i].product != NULL) ||
        (d->blocked && strcmp(d->blocked_by, cases[i].product) != 0))
      fail_msg("case %zu is %s", i, d->blocked ? d->blocked_by : "content");
  }
}

static void soft_404s(void **state) {
  (void)state;
  kind_is("<title>提示</title><p>您访问的页面不存在或已被删除</p><a href=/>返回首页</a>", NULL,
          ZHI_KIND_SOFT_404);
  kind_is("<title>甲县人民政府</title><ul>" FIVE "</ul>",
          "http://www.example.gov.cn/static/logo.png", ZHI_KIND_SOFT_404);
  kind_is("<title>404 Not Found</title><p>nginx</p>", NULL, ZHI_KIND_SOFT_404);
  kind_is("<title>提示</title><p>错误代码:404</p>", NULL, ZHI_KIND_SOFT_404);
  static const char *const numbers[] = {
      "<title>第404号公告</title><p>第404号</p>", /* a document's */
      "<title>通知</title><p>共1404户</p>"};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    assert_int_not_equal(extracted(numbers[i], NULL)->kind, ZHI_KIND_SOFT_404);
}

static void xml_for_programs_is_no_document(void **state) {
  (void)state;
  kind_is("<?xml version='1.0'?>\n<urlset "
          "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>http://www.example.gov.cn/"
          "zcwj/content_31307</loc><lastmod>2018-12-28</lastmod></url></urlset>",
          "http://www.example.gov.cn/sitemap_1.xml", ZHI_KIND_OTHER);
  kind_is("<?xml version='1.0'?>\n<rss version='2.0'><channel><item>"
          "<div>发布时间：2019-01-02　来源：甲局</div><div id=zoom>" LONG
          "</div></item></channel></rss>",
          "http://www.example.gov.cn/rss.xml", ZHI_KIND_OTHER);
}

static int release(void **state) {
  (void)state;
  extracted_release();
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(documents),
      cmocka_unit_test(lists),
      cmocka_unit_test(home_pages),
      cmocka_unit_test(challenges),
      cmocka_unit_test(a_challenge_is_named_by_its_sign_size_and_status),
      cmocka_unit_test(soft_404s),
      cmocka_unit_test(xml_for_programs_is_no_document),
  };
  return cmocka_run_group_tests(tests, NULL, release);
}
