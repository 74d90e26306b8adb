/* Overrides by XPath: they beat what the rules find, say what is wrong with them, and stay within bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "tests/support/extracted.h"

static const char page_text[] =
    "<html><head><meta name=ArticleTitle content='关于某事的通知'></head><body>\n"
    "<h1>关于某事的通知</h1>\n<div id=wh title='丙政〔2017〕1号'>甲政[2019]3号</div><p "
    "id=none></p>\n"
    "<table><tr><td>索引号：</td><td>A-1</td><td>文号：</td><td>乙政〔2018〕2号</td></tr></table>\n"
    "<span class=t>教育</span><span class=t>卫生</span><script id=s>var "
    "d='2019-05-06';</script></body>"
    "</html>";

struct override {
  const char *name, *xpath;
};

static const struct zhi_doc *with(const struct override *o, size_t n, const char *html,
                                  const char *url) {
  static struct zhi_extractor *x;
  const struct zhi_doc *d = NULL;
  struct zhi_err e = {0};
  struct zhi_page page = {.url = zhi_str_of(url), .body = zhi_str_of(html), .explain = true};
  zhi_extractor_free(x);
  x = NULL;
  if (!html)
    return NULL;
  assert_int_equal(zhi_extractor_new(&x, &e), ZHI_OK);
  for (size_t i = 0; i < n; i++)
    if (zhi_extractor_override(x, zhi_str_of(o[i].name), zhi_str_of(o[i].xpath), &e))
      fail_msg("%s: %s", o[i].xpath, e.msg);
  assert_int_equal(zhi_extract(x, &page, &d, &e), ZHI_OK);
  return d;
}

static bool found(const struct zhi_doc *d, const char *code) {
  for (size_t i = 0; i < d->finding_count; i++)
    if (strcmp(d->findings[i].code, code) == 0)
      return true;
  return false;
}

static const char here[] = "http://www.x.gov.cn/zwgk/a.html";

static void results_become_values(void **state) {
  (void)state;
  static const struct {
    struct override o;
    enum zhi_field field;
    const char *value; /* NULL: empty */
  } cases[] = {
      {{"doc_no", "//div[@id='wh']"}, ZHI_F_DOC_NO, "甲政〔2019〕3号"},
      {{"doc_no", "//div[@id='wh']/@title"}, ZHI_F_DOC_NO, "丙政〔2017〕1号"},
      {{"doc_no", "//div[@id='wh']/text()"}, ZHI_F_DOC_NO, "甲政〔2019〕3号"},
      {{"index_no", "concat('B-', string-length('abc'))"}, ZHI_F_INDEX_NO, "B-3"},
      {{"index_no", "/html/body/table/tbody/tr/td[2]"}, ZHI_F_INDEX_NO, "A-1"},
      {{"topic_class", "//span[@class='t']"}, ZHI_F_TOPIC_CLASS, "教育; 卫生"},
      {{"source", "//span[@class='t']"}, ZHI_F_SOURCE, "教育"},
      {{"source", "//p[@id='none']"}, ZHI_F_SOURCE, NULL},
      {{"date_written", "//script[@id='s']"}, ZHI_F_DATE_WRITTEN, "2019-05-06"},
      {{"www.X.gov.cn/doc_no", "//div[@id='wh']"}, ZHI_F_DOC_NO, "甲政〔2019〕3号"},
      {{"y.gov.cn/doc_no", "//div[@id='wh']"}, ZHI_F_DOC_NO, "乙政〔2018〕2号"},
      {{"doc_no", "//div[@id='nowhere']"}, ZHI_F_DOC_NO, "乙政〔2018〕2号"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const struct zhi_doc *d = with(&cases[i].o, 1, page_text, here);
    if (cases[i].value)
      assert_field(d, cases[i].field, cases[i].value);
    else
      assert_field_empty(d, cases[i].field);
  }
}

static void an_unfit_result_is_told_and_others_stand(void **state) {
  (void)state;
  const struct override o = {"date_published", "//h1"};
  const struct zhi_doc *d = with(&o, 1, page_text, here);
  assert_true(found(d, "override_unfit"));
  assert_field_absent(d, ZHI_F_DATE_PUBLISHED);
}

static void rows_of_a_list(void **state) {
  (void)state;
  const struct override o = {"list_items", "//div[@class='r']"};
  static const char html[] =
      "<div class=menu><a href=/1/>政务公开工作专栏</a></div><div class=r><i></i><a href='a1.html' "
      "title='关于第一件事情的通知全文'>关于第一件…</a><b>2019-05-06</b></div>"
      "<div class=r><a href=a2.html>第二件</a></div><div class=r>没有链接</div>";
  const struct zhi_doc *d = with(&o, 1, html, "http://www.x.gov.cn/tz/");
  assert_int_equal(d->kind, ZHI_KIND_LIST);
  assert_string_equal(d->list.adapter, "override");
  assert_int_equal(d->list.item_count, 2);
  assert_true(zhi_str_is(d->list.items[0].url, "http://www.x.gov.cn/tz/a1.html"));
  assert_true(zhi_str_is(d->list.items[0].title, "关于第一件事情的通知全文"));
  assert_true(zhi_str_is(d->list.items[0].date, "2019-05-06"));
  assert_true(zhi_str_is(d->list.items[1].title, "第二件"));
}

static void a_page_or_an_expression_too_large_is_skipped(void **state) {
  (void)state;
  const struct override slow = {"source", "count(//span[count(.//span[count(.//span) > 0]) > 0])"};
  struct zhi_buf b;
  zhi_buf_init(&b, 1 << 20);
  for (int i = 0; i < 400; i++)
    zhi_buf_adds(&b, "<div><span>");
  assert_true(found(with(&slow, 1, b.p, here), "override_skipped"));
  zhi_buf_release(&b);
  const struct override any = {"source", "//b"};
  zhi_buf_init(&b, 4 << 20);
  for (int i = 0; i < 210000; i++)
    zhi_buf_adds(&b, "<i></i>");
  assert_true(found(with(&any, 1, b.p, here), "override_skipped"));
  zhi_buf_release(&b);
}

static const struct zhi_doc_candidate *candidate(const struct zhi_doc *d, enum zhi_field f,
                                                 const char *source) {
  for (size_t i = 0; i < d->candidate_count; i++)
    if (d->candidates[i].field == f && strcmp(d->candidates[i].source, source) == 0)
      return &d->candidates[i];
  fail_msg("no candidate from %s", source);
  return NULL;
}

static void every_candidate_is_explained(void **state) {
  (void)state;
  const struct override o = {"doc_no", "//div[@id='wh']"};
  const struct zhi_doc *d = with(&o, 1, page_text, here);
  const struct zhi_doc_candidate *won = candidate(d, ZHI_F_DOC_NO, "override"),
                                 *lost = candidate(d, ZHI_F_DOC_NO, "table"),
                                 *meta = candidate(d, ZHI_F_TITLE, "meta");
  assert_true(won->won);
  assert_int_equal(won->line, 3);
  assert_true(zhi_str_is(won->path, "html/body/div#wh"));
  assert_true(zhi_str_is(won->raw, "甲政[2019]3号"));
  assert_true(zhi_str_is(won->value, "甲政〔2019〕3号"));
  assert_false(lost->won);
  assert_string_equal(lost->why, "less confident");
  assert_int_equal(lost->line, 4);
  assert_int_equal(meta->line, 1);
  assert_string_equal(meta->why, "says the same");
  json_t *j = zhi_doc_explain_json(d);
  assert_int_equal(json_array_size(json_object_get(json_object_get(j, "fields"), "doc_no")), 2);
  json_decref(j);
}

static int release(void **state) {
  (void)state;
  with(NULL, 0, NULL, "");
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(results_become_values),
      cmocka_unit_test(an_unfit_result_is_told_and_others_stand),
      cmocka_unit_test(rows_of_a_list),
      cmocka_unit_test(a_page_or_an_expression_too_large_is_skipped),
      cmocka_unit_test(every_candidate_is_explained),
  };
  return cmocka_run_group_tests(tests, NULL, release);
}
