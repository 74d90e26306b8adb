/* Whole documents: a disclosure page of the plain county shape, exactly; bodies that are not HTML; the leash. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/support/extracted.h"
#include "zhi/limits.h"

static const char seed_shape[] =
    "<!DOCTYPE html><html><head><meta "
    "charset=\"utf-8\"><title>水利站2018年政府信息公开工作年度报告</title></head><body>"
    "<div class=\"top\"><ul><li><a href=\"#\">站群导航</a><ul><li><a "
    "href=\"/zf/\">县政府</a></li><li><a href=\"/bm/\">县政府工作部门</a></li></ul></li>"
    "<li><a href=\"#\">加入收藏</a></li><li><a href=\"#\">设为首页</a></li><li><a "
    "href=\"/m/\">手机版</a></li></ul></div>"
    "<div class=\"sj\">全文检索</div>"
    "<table "
    "class=\"xx\"><tr><td>索引号：</td><td>4199990015/slz/20190303702900000307</td><td>发布机构：</"
    "td><td></td></tr>"
    "<tr><td>生效日期：</td><td>2019-03-29</td><td>有效性：</td><td>有效</td></tr>"
    "<tr><td>文　　号：</td><td></td><td>所属主题：</td><td>2018年</td></tr></table>"
    "<div class=\"bt\">水利站2018年政府信息公开工作年度报告</div>"
    "<div class=\"info\">来源：　发布时间:2019-03-29　浏览次数：<span "
    "id=\"hits\"></span>　【字体：<a href=\"javascript:f(16)\">大</a> <a "
    "href=\"javascript:f(14)\">中</a>】</div>"
    "<div "
    "class=\"nr\"><p>"
    "　　本报告由甲县水利站编制，所列数据的统计期限自2018年1月1日起，至2018年12月31日止。</"
    "p><p>　　一、概述</p>"
    "<p>"
    "　　2018年，水利站按照县政府的统一部署，做好信息公开工作，共公开各类信息若干条，没有收到公开申"
    "请。</p>"
    "<p>　　二、需要说明的事项</p><p>　　无。</p><p align=\"right\">2019年2月23日</p></div>"
    "<div class=\"foot\"><a href=\"javascript:p()\">【打印正文】</a>分享到：【字体：】 <div "
    "class=\"login\">用户登录</div></div></body></html>";

static void the_county_page_comes_out_exactly(void **state) {
  (void)state;
  const struct zhi_doc *d = extracted(seed_shape, "http://www.example.gov.cn/sfgk/7.html");
  assert_int_equal(d->kind, ZHI_KIND_DOCUMENT);
  assert_field(d, ZHI_F_TITLE, "水利站2018年政府信息公开工作年度报告");
  assert_field(d, ZHI_F_INDEX_NO, "4199990015/slz/20190303702900000307");
  assert_field(d, ZHI_F_DIVISION_CODE, "419999");
  assert_field(d, ZHI_F_DATE_EFFECTIVE, "2019-03-29");
  assert_field(d, ZHI_F_VALIDITY, "valid");
  assert_field_raw(d, ZHI_F_VALIDITY, "有效");
  assert_field(d, ZHI_F_TOPIC_CLASS, "2018年");
  assert_field(d, ZHI_F_DATE_PUBLISHED, "2019-03-29");
  assert_int_equal(d->fields[ZHI_F_DATE_PUBLISHED].precision, ZHI_PRECISION_DAY);
  assert_field_empty(d, ZHI_F_PUBLISHER);
  assert_field_empty(d, ZHI_F_DOC_NO);
  assert_field_empty(d, ZHI_F_SOURCE);
  assert_field_empty(d, ZHI_F_VIEWS);
  for (unsigned f = 0; f < ZHI_FIELD_COUNT; f++) {
    bool named = f == ZHI_F_TITLE || f == ZHI_F_INDEX_NO || f == ZHI_F_DATE_EFFECTIVE ||
                 f == ZHI_F_VALIDITY || f == ZHI_F_TOPIC_CLASS || f == ZHI_F_DATE_PUBLISHED ||
                 f == ZHI_F_DIVISION_CODE || f == ZHI_F_PUBLISHER || f == ZHI_F_DOC_NO ||
                 f == ZHI_F_SOURCE || f == ZHI_F_VIEWS;
    if (!named)
      assert_field_absent(d, (enum zhi_field)f);
  }
  assert_true(zhi_str_starts(d->text, "本报告由甲县水利站编制"));
  assert_true(zhi_str_ends(d->text, "2019年2月23日"));
  assert_null(d->list.adapter);
}

#define COLOPHON                                                                                                               \
  "<div><div>主办单位：甲县人民政府办公室　版权所有　网站标识码：4199990001　豫ICP备00000000号-" \
  "1</div></div><footer><p>通讯地址：甲县人民路一号县委县政府综合办公楼，邮政编码：000000</p></"   \
  "footer>"
#define ROW(n)   "<tr><td>" n "</td><td>张某" n "</td><td>甲县某某公司</td></tr>"
#define PIECE(t) "<section><section><section><p>" t "</p></section></section></section>"

/* Containers with names that say nothing. */
static void the_body_is_found_without_a_known_name(void **state) {
  (void)state;
  static const struct {
    const char *html, *head, *tail;
  } pages[] = {
      {"<div class=q1><p>各乡镇人民政府要认真做好今年的防汛工作，落实责任。</p><p>请按时报送"
       "有关情况，不得迟报漏报，遇有险情及时报告。</p></div>",
       "各乡镇人民政府要", "遇有险情及时报告。"},
      {"<div class=q1><table>" ROW("1") ROW("2") ROW("3") ROW("4") ROW("5") ROW("6") ROW("7")
           ROW("8") "</table></div>",
       "1", "甲县某某公司"},
      {"<div class=q1><section><section>" PIECE(
           "各乡镇人民政府要认真做好今年的防汛工作，落实责任。")
           PIECE("请按时报送有关情况，不得"
                 "迟报漏报，遇有险情及时报"
                 "告。") "</section></section>"
                         "</div>",
       "各乡镇人民政府要", "遇有险情及时报告。"},
  };
  for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
    char html[4096];
    snprintf(html, sizeof html, "<h1>关于某事的通知</h1>%s" COLOPHON, pages[i].html);
    struct zhi_str text = extracted(html, NULL)->text;
    print_message("%.*s\n", ZHI_STR_ARGS(text));
    assert_true(zhi_str_starts(text, pages[i].head));
    assert_true(zhi_str_ends(text, pages[i].tail));
  }
}

static void json_says_value_raw_state_and_source(void **state) {
  (void)state;
  json_t *o = zhi_doc_json(extracted(seed_shape, NULL), true);
  json_t *v = json_object_get(json_object_get(o, "fields"), "validity");
  assert_string_equal(json_string_value(json_object_get(o, "kind")), "document");
  assert_string_equal(json_string_value(json_object_get(v, "value")), "valid");
  assert_string_equal(json_string_value(json_object_get(v, "raw")), "有效");
  assert_string_equal(json_string_value(json_object_get(v, "state")), "present");
  assert_string_equal(json_string_value(json_object_get(v, "source")), "table");
  v = json_object_get(json_object_get(o, "fields"), "publisher");
  assert_true(json_is_null(json_object_get(v, "value")));
  assert_string_equal(json_string_value(json_object_get(v, "state")), "empty");
  assert_null(json_object_get(json_object_get(o, "fields"), "issuer"));
  assert_null(json_object_get(o, "list"));
  assert_true(json_is_string(json_object_get(o, "text")));
  json_decref(o);
  o = zhi_doc_json(extracted(seed_shape, NULL), false);
  assert_null(json_object_get(o, "text"));
  json_decref(o);
}

static const struct zhi_doc *run(struct zhi_extractor *x, struct zhi_str body, const char *type) {
  const struct zhi_doc *d = NULL;
  struct zhi_page p = {.url = ZHI_STR("http://www.example.gov.cn/a"),
                       .body = body,
                       .content_type = zhi_str_of(type)};
  assert_int_equal(zhi_extract(x, &p, &d, NULL), ZHI_OK);
  return d;
}

static void bodies_that_are_not_html(void **state) {
  (void)state;
  struct zhi_extractor *x;
  assert_int_equal(zhi_extractor_new(&x, NULL), ZHI_OK);
  assert_int_equal(run(x, ZHI_STR("%PDF-1.4\n<html>发布时间：2019-01-01"), "text/html")->kind,
                   ZHI_KIND_OTHER);
  assert_int_equal(run(x, ZHI_STR("%PDF-1.4\n"), "text/html")->fields[ZHI_F_DATE_PUBLISHED].state,
                   ZHI_FIELD_ABSENT);
  assert_int_equal(run(x, ZHI_STR("{\"a\":1}"), "application/json")->kind, ZHI_KIND_OTHER);
  assert_int_equal(run(x, ZHI_STR(""), "text/html")->kind, ZHI_KIND_OTHER);
  assert_int_equal(run(x, ZHI_STR("\0\0\0"), "")->kind, ZHI_KIND_OTHER);
  zhi_extractor_free(x);
}

static void a_page_over_the_budget_keeps_its_links(void **state) {
  (void)state;
  struct zhi_extractor *x;
  struct zhi_buf b;
  assert_int_equal(zhi_extractor_new(&x, NULL), ZHI_OK);
  zhi_buf_init(&b, ZHI_MIB(64));
  zhi_buf_adds(&b, "<html><body><a href=/first.html>甲</a>");
  while (b.len < ZHI_HTML_MAX_BYTES + 100)
    zhi_buf_adds(
        &b,
        "<p>一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十</p>");
  zhi_buf_adds(&b, "<a href=/last.html>乙</a>");
  const struct zhi_doc *d = run(x, zhi_buf_view(&b), "text/html");
  assert_int_equal(d->link_count, 2);
  assert_true(zhi_str_ends(d->links[1].url, "/last.html"));
  assert_string_equal(d->findings[0].code, "html_budget");
  assert_int_equal(run(x, ZHI_STR("<a href=/next.html>丙</a>"), "text/html")->link_count, 1);
  zhi_buf_release(&b);
  zhi_extractor_free(x);
}

static void an_extractor_is_used_again(void **state) {
  (void)state;
  char first[ZHI_DIGEST_TEXT_SIZE] = "";
  const struct zhi_doc *d = extracted(seed_shape, NULL);
  memcpy(first, d->text_digest.p, d->text_digest.len);
  assert_field_absent(extracted("<p>别的页面</p>", NULL), ZHI_F_INDEX_NO);
  d = extracted(seed_shape, NULL);
  assert_true(zhi_str_is(d->text_digest, first));
}

static int release(void **state) {
  (void)state;
  extracted_release();
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_county_page_comes_out_exactly),
      cmocka_unit_test(the_body_is_found_without_a_known_name),
      cmocka_unit_test(json_says_value_raw_state_and_source),
      cmocka_unit_test(bodies_that_are_not_html),
      cmocka_unit_test(a_page_over_the_budget_keeps_its_links),
      cmocka_unit_test(an_extractor_is_used_again),
  };
  return cmocka_run_group_tests(tests, NULL, release);
}
