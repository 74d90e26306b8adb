/* Comparisons of captures: pairs labelled by what a person would say of them, which captures are taken, and that what
 * a page says cannot break out of its view. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/archive.h"
#include "zhi/compare.h"
#include "zhi/compare_view.h"
#include "zhi/json.h"

enum { DAY_MS = 24 * 3600 * 1000 };
#define URL "http://a.gov.cn/x.html"
#define KEY "cn,gov,a)/x.html"
#define PDF "http://a.gov.cn/f.pdf"

struct page {
  const char *text, *fields, *attachments, *pdf;
};

/* A version of its own, whatever it says: a digest a page. */
static void capture(struct test_archive *t, const struct page *p) {
  char digest[64];
  struct zhi_doc_row d = {.kind = "document", .extractor_version = "1"};
  snprintf(digest, sizeof digest, "sha256:%u", t->next_id);
  d.text_digest = zhi_str_of(digest);
  d.text = zhi_str_of(p->text);
  d.fields_json = zhi_str_of(p->fields ? p->fields : "{}");
  d.attachments_json = zhi_str_of(p->attachments ? p->attachments : "[]");
  archive_capture(t, URL, KEY, ZHI_V_OK, digest, &d);
  if (p->pdf)
    archive_capture(t, PDF, "cn,gov,a)/f.pdf", ZHI_V_OK, p->pdf, NULL);
}

static void next_crawl(struct test_archive *t) {
  t->now_ms += DAY_MS;
  archive_begin(t, true);
}

static json_t *compared(struct test_archive *t, const char *from, const char *to) {
  json_t *c = NULL;
  struct zhi_err e = {0};
  if (zhi_compare(t->s, ZHI_STR(URL), zhi_str_of(from), zhi_str_of(to), &c, &e))
    fail_msg("%s", e.msg);
  return c;
}

#define VALID                                                                                      \
  "{\"validity\":{\"value\":\"valid\",\"raw\":\"有效\"},\"doc_no\":{\"value\":"                  \
  "\"甲政〔2018〕1号\"}}"
#define REPEALED                                                                                   \
  "{\"validity\":{\"value\":\"repealed\",\"raw\":\"废止\"},\"doc_no\":{\"value\":"               \
  "\"甲政〔2018〕1号\"}}"
#define OTHER_NO                                                                                   \
  "{\"validity\":{\"value\":\"valid\",\"raw\":\"有效\"},\"doc_no\":{\"value\":"                  \
  "\"甲政〔2018〕2号\"}}"
#define VIEWS(n)      "{\"views\":{\"value\":\"" n "\"},\"title\":{\"value\":\"通知\"}}"
#define GENERATED(d)  "{\"date_generated\":{\"value\":\"" d "\"}}"
#define FILE_NAMED(n) "[{\"url\":\"" PDF "\",\"name\":\"" n "\",\"type\":\"pdf\"}]"

/* What a person says of a pair. `says`: stands in the text view. */
static const struct {
  struct page a, b;
  const char *verdict, *says;
} pairs[] = {
    /* noise */
    {{.text = "正文。\n浏览次数：1"}, {.text = "正文。\n浏览次数：20"}, "noise", "counter"},
    {{.text = "正文。\n点击量（ 7 ）"}, {.text = "正文。\n点击量（ 8 ）"}, "noise", "counter"},
    {{.text = "正文。\n今天是2018年3月29日 星期四"},
     {.text = "正文。\n今天是2018年3月30日 星期五"},
     "noise",
     "time of reading"},
    {{.text = "正文。\n字体：大 中 小"}, {.text = "正文。\n【打印】【关闭】"}, "noise", "toolbar"},
    {{.text = "当前位置：首页 > 公开\n正文。"},
     {.text = "您的位置：首页 > 政务公开\n正文。"},
     "noise",
     "place in the site"},
    {{.text = "正文。\n上一篇：甲的通知"},
     {.text = "正文。\n上一篇：乙的公告"},
     "noise",
     "neighbouring"},
    {{.text = "正文。\n相关阅读\n甲新闻\n乙新闻"},
     {.text = "正文。\n相关阅读\n丙新闻\n丁新闻"},
     "noise",
     "related"},
    {{.text = "第一条为了规范。\n第二条本办法所称。"},
     {.text = "第一条为了规范。第二条本办法所称。"},
     "noise",
     "line breaks"},
    {{.text = "正文。", .fields = VIEWS("3")},
     {.text = "正文。", .fields = VIEWS("4")},
     "noise",
     "views"},
    {{.text = "正文。", .fields = GENERATED("2018-03-29")},
     {.text = "正文。", .fields = GENERATED("2018-03-30")},
     "noise",
     "masked"},
    /* edits */
    {{.text = "正文。", .fields = VALID},
     {.text = "正文。", .fields = REPEALED},
     "changed",
     "[-有效-] → {+废止+}"},
    {{.text = "正文。", .fields = VALID},
     {.text = "正文。", .fields = OTHER_NO},
     "changed",
     "{+甲政〔2018〕2号+}"},
    {{.text = "有效期五年。\n浏览次数：1"},
     {.text = "有效期三年。\n浏览次数：2"},
     "changed",
     "有效期[-五年-]{+三年+}。"},
    {{.text = "补助每亩120元。"}, {.text = "补助每亩150元。"}, "changed", "[-120-]{+150+}"},
    {{.text = "联系人：张三。"}, {.text = "联系人：李四。"}, "changed", "{+李四+}"},
    {{.text = "一、甲。\n二、乙。"}, {.text = "一、甲。"}, "changed", "[-二、乙。-]"},
    {{.text = "正文。\n相关阅读\n甲新闻\n附件说明：本办法自公布之日起施行。"},
     {.text = "正文。\n相关阅读\n甲新闻\n附件说明：本办法自2019年起施行。"},
     "changed",
     "2019"},
    {{.text = "浏览次数：12。经费由财政局承担。"},
     {.text = "浏览次数：13。经费由民政局承担。"},
     "changed",
     "{+民政局+}"},
    {{.text = "正文。", .attachments = FILE_NAMED("名单"), .pdf = "sha256:p1"},
     {.text = "正文。", .attachments = FILE_NAMED("名单"), .pdf = "sha256:p2"},
     "changed",
     "replaced  名单"},
    {{.text = "正文。", .attachments = FILE_NAMED("名单"), .pdf = "sha256:p1"},
     {.text = "正文。", .attachments = FILE_NAMED("名单"), .pdf = "sha256:p1"},
     "outside",
     ""},
    {{.text = "正文。"},
     {.text = "正文。", .attachments = FILE_NAMED("名单")},
     "changed",
     "added  名单"},
};

static void pairs_are_told_as_a_person_would(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    struct test_archive t;
    struct zhi_buf out;
    archive_setup(&t);
    capture(&t, &pairs[i].a);
    next_crawl(&t);
    capture(&t, &pairs[i].b);
    json_t *c = compared(&t, "", "");
    zhi_buf_init(&out, 1 << 20);
    zhi_compare_text(c, false, &out);
    if (strcmp(zhi_json_text(c, "verdict"), pairs[i].verdict) != 0 || !strstr(out.p, pairs[i].says))
      fail_msg("pair %zu: %s, not %s with %s: %s", i, zhi_json_text(c, "verdict"), pairs[i].verdict,
               pairs[i].says, out.p);
    zhi_buf_release(&out);
    json_decref(c);
    archive_teardown(&t);
  }
}

static void sides_are_the_captures_asked_for(void **state) {
  static const struct {
    const char *from, *to, *a, *b;
  } cases[] = {
      {"", "", "2018-03-30T08:00:00Z", "2018-03-31T08:00:00Z"},
      {"2018-03-29", "", "2018-03-29T08:00:00Z", "2018-03-31T08:00:00Z"},
      {"", "2018-03-30", "2018-03-29T08:00:00Z", "2018-03-30T08:00:00Z"},
      {"20180330080000", "2018", "2018-03-30T08:00:00Z", "2018-03-31T08:00:00Z"},
      {"2017", "2018-03-30T08:00:00Z", "2018-03-29T08:00:00Z", "2018-03-30T08:00:00Z"},
  };
  static const char *const texts[] = {"一。", "二。", "三。"};
  struct test_archive t;
  struct zhi_err e = {0};
  json_t *c = NULL;
  (void)state;
  archive_setup(&t);
  for (int i = 0; i < 3; i++) {
    capture(&t, &(struct page){.text = texts[i]});
    next_crawl(&t);
  }
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    c = compared(&t, cases[i].from, cases[i].to);
    assert_string_equal(zhi_json_text(json_object_get(c, "a"), "captured"), cases[i].a);
    assert_string_equal(zhi_json_text(json_object_get(c, "b"), "captured"), cases[i].b);
    json_decref(c);
  }
  assert_int_equal(zhi_compare(t.s, ZHI_STR(URL), ZHI_STR("2018-13"), ZHI_STR(""), &c, &e),
                   ZHI_EUSAGE);
  assert_non_null(strstr(e.msg, "2018-13"));
  assert_int_equal(
      zhi_compare(t.s, ZHI_STR("http://a.gov.cn/y.html"), ZHI_STR(""), ZHI_STR(""), &c, &e),
      ZHI_EOF);
  assert_non_null(strstr(e.msg, URL));
  archive_teardown(&t);
}

static void what_is_taken_down_is_not_compared(void **state) {
  struct test_archive t;
  struct zhi_err e = {0};
  json_t *c = NULL;
  int64_t n;
  (void)state;
  archive_setup(&t);
  capture(&t, &(struct page){.text = "一。"});
  c = compared(&t, "", "");
  assert_string_equal(zhi_json_text(c, "verdict"), "once");
  json_decref(c);
  assert_int_equal(zhi_store_suppress(t.s, ZHI_STR(URL), ZHI_STR("asked"), &n, &e), ZHI_OK);
  assert_int_equal(zhi_compare(t.s, ZHI_STR(URL), ZHI_STR(""), ZHI_STR(""), &c, &e), ZHI_EOF);
  assert_null(strstr(e.msg, "nearest")); /* nor is it told of */
  archive_teardown(&t);
}

static void views_escape_what_pages_say(void **state) {
  struct test_archive t;
  struct zhi_buf html, text;
  (void)state;
  archive_setup(&t);
  capture(&t, &(struct page){.text = "甲<script>alert(1)</script>。"});
  next_crawl(&t);
  capture(&t, &(struct page){.text = "乙<img onerror=x>\x1b[2J。"});
  json_t *c = compared(&t, "", "");
  zhi_buf_init(&html, 1 << 20);
  zhi_buf_init(&text, 1 << 20);
  zhi_compare_page(c, &html);
  zhi_compare_text(c, true, &text);
  assert_null(strstr(html.p, "<script"));
  assert_null(strstr(html.p, "<img"));
  assert_non_null(strstr(html.p, "&lt;"));
  assert_null(strstr(text.p, "\x1b[2J"));
  assert_non_null(strstr(text.p, "\x1b[3"));
  zhi_buf_release(&html);
  zhi_buf_release(&text);
  json_decref(c);
  archive_teardown(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pairs_are_told_as_a_person_would),
      cmocka_unit_test(sides_are_the_captures_asked_for),
      cmocka_unit_test(what_is_taken_down_is_not_compared),
      cmocka_unit_test(views_escape_what_pages_say),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
