/* Annual reports: which titles are one, what year and organ they speak of, and the three tables as cells whose sums
 * are checked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "tests/support/annual.h"
#include "tests/support/extracted.h"
#include "zhi/annual.h"

static const char url[] = "http://www.example.gov.cn/zwgk/nb/77.html";

static const struct zhi_doc *page(const char *title, const char *body) {
  struct zhi_buf b;
  zhi_buf_init(&b, 1 << 20);
  zhi_buf_addf(
      &b,
      "<title>%s</title><meta name=ArticleTitle content='%s'><meta name=PubDate "
      "content=2022-01-20><h1>%s</h1><div>发布机构：甲县乙局　发布日期：2022-01-20　来源：甲县</"
      "div><div id=zoom>%s</div>",
      title, title, title, body);
  const struct zhi_doc *d = extracted(b.p, url);
  zhi_buf_release(&b);
  return d;
}

static const struct {
  const char *title;
  int year; /* 0: no report */
  const char *organ;
} titles[] = {
    {"甲县教育局2021年政府信息公开工作年度报告", 2021, "甲县教育局"},
    {"2021年甲县教育局政府信息公开工作年度报告", 2021, "甲县教育局"},
    {"甲县人民政府2019年度政府信息公开工作报告", 2019, "甲县人民政府"},
    {"甲县人民政府信息公开工作年度报告（2022年）", 2022, "甲县人民政府"},
    {"甲县乙镇二〇一七年政府信息公开年报", 2017, "甲县乙镇"},
    {"甲县乙镇关于2018年政务公开工作情况的报告", 2018, "甲县乙镇"},
    {"2020 年度 政府信息公开 工作年度报告", 2020, "甲县乙局"},
    {"甲县乙局2017政务信息公开报告", 2017, "甲县乙局"},
    {"政府信息公开工作年度报告", 2016, "甲县乙局"},
    {"关于编制2021年政府信息公开工作年度报告的通知", 0, NULL},
    {"2021年政府信息公开工作要点", 0, NULL},
    {"甲县2021年财政决算公开报告", 0, NULL},
    {"图解：甲县2021年政府信息公开情况", 0, NULL},
};

static void titles_tell_reports_with_year_and_organ(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) {
    const struct zhi_doc *d = page(
        titles[i].title, "<p>本报告所列数据的统计期限自2016年1月1日至2016年12月31日。一、概述。"
                         "本局认真贯彻条例，扎实推进各项工作，取得明显成效。</p>");
    if (!titles[i].year) {
      if (d->annual)
        fail_msg("%s: taken for a report", titles[i].title);
      continue;
    }
    if (!d->annual || d->annual->year != titles[i].year ||
        !zhi_str_is(d->annual->organ, titles[i].organ))
      fail_msg("%s: %d '%.*s'", titles[i].title, d->annual ? d->annual->year : -1,
               (int)(d->annual ? d->annual->organ.len : 0), d->annual ? d->annual->organ.p : "");
    assert_int_equal(d->annual->form,
                     titles[i].year < 2019 ? ZHI_ANNUAL_NARRATIVE : ZHI_ANNUAL_UNTABLED);
    assert_int_equal(d->annual->cell_count, 0);
  }
}

static const struct zhi_annual_cell *cell(const struct zhi_doc *d, int table, const char *item,
                                          const char *measure) {
  for (size_t i = 0; d->annual && i < d->annual->cell_count; i++) {
    const struct zhi_annual_cell *x = &d->annual->cells[i];
    if (x->table == table && zhi_str_is(x->item, item) && zhi_str_is(x->measure, measure))
      return x;
  }
  fail_msg("no cell %d %s %s", table, item, measure);
  return NULL;
}

static void assert_number(const struct zhi_doc *d, int table, const char *item, const char *measure,
                          const char *number) {
  const struct zhi_annual_cell *x = cell(d, table, item, measure);
  if (!zhi_str_is(x->number, number))
    fail_msg("%d %s %s is '%.*s', want %s", table, item, measure, ZHI_STR_ARGS(x->number), number);
}

static const struct zhi_doc *report(const struct annual_page *p) {
  struct zhi_buf b;
  zhi_buf_init(&b, 1 << 20);
  annual_body(p, &b);
  const struct zhi_doc *d = page("甲县乙局2022年政府信息公开工作年度报告", b.p);
  zhi_buf_release(&b);
  assert_non_null(d->annual);
  return d;
}

static size_t told(const struct zhi_doc *d) {
  size_t n = 0;
  for (size_t i = 0; i < d->finding_count; i++)
    n += strcmp(d->findings[i].code, "annual_sum") == 0;
  return n;
}

static void the_three_tables_become_cells(void **state) {
  (void)state;
  const struct zhi_doc *d = report(&(struct annual_page){0});
  assert_int_equal(d->annual->form, ZHI_ANNUAL_2021);
  assert_number(d, 2, "rules", "made", "1");
  assert_number(d, 2, "normative", "in_force", "12");
  assert_number(d, 2, "permits", "decisions", "1024");
  assert_number(d, 2, "charges", "amount", "35.6");
  assert_number(d, 3, "1", "person", "5");
  assert_number(d, 3, "1", "total", "7");
  assert_number(d, 3, "2", "person", "1");
  assert_number(d, 3, "3.1", "person", "2");
  assert_number(d, 3, "3.3.1", "person", "1");
  assert_number(d, 3, "3.5.5", "company", "1");
  assert_number(d, 3, "3.6.3", "total", "0");
  assert_number(d, 3, "3.7", "person", "5");
  assert_number(d, 3, "4", "total", "1");
  assert_number(d, 4, "review", "upheld", "1");
  assert_number(d, 4, "suit", "total", "2");
  assert_number(d, 4, "suit_after_review", "pending", "3");
  assert_true(zhi_str_is(cell(d, 3, "3.3.1", "legal")->item_label,
                         "三、本年度办理结果 / (三)不予公开 / 1.属于国家秘密"));
  assert_int_equal(cell(d, 3, "3.7", "person")->check, ZHI_ANNUAL_HOLDS);
  assert_int_equal(cell(d, 3, "4", "person")->check, ZHI_ANNUAL_HOLDS);
  assert_int_equal(cell(d, 3, "1", "total")->check, ZHI_ANNUAL_HOLDS);
  assert_int_equal(cell(d, 4, "suit", "total")->check, ZHI_ANNUAL_HOLDS);
  assert_int_equal(cell(d, 3, "1", "person")->check, ZHI_ANNUAL_UNCHECKED);
  assert_int_equal(told(d), 0);
  assert_int_equal(d->annual->cell_count, 10 + 25 * 7 + 15);
}

static void blank_dash_and_nought_are_kept_apart(void **state) {
  (void)state;
  const struct zhi_doc *d = report(&(struct annual_page){.blanks = true});
  assert_true(zhi_str_is(cell(d, 3, "3.4.1", "person")->raw, ""));
  assert_true(zhi_str_is(cell(d, 3, "3.4.2", "person")->raw, "/"));
  assert_true(zhi_str_is(cell(d, 3, "3.4.3", "person")->raw, "-"));
  assert_number(d, 3, "3.4.2", "person", "");
  assert_number(d, 3, "3.1", "person", "2"); /* full-width on the page */
  assert_int_equal(told(d), 0);
}

static void sums_that_fail_are_marked_and_told(void **state) {
  (void)state;
  const struct zhi_doc *d = report(&(struct annual_page){.wrong = true});
  assert_int_equal(cell(d, 3, "3.7", "person")->check, ZHI_ANNUAL_FAILS);
  assert_int_equal(cell(d, 3, "4", "person")->check, ZHI_ANNUAL_FAILS);
  assert_int_equal(cell(d, 3, "3.7", "company")->check, ZHI_ANNUAL_HOLDS);
  assert_int_equal(cell(d, 4, "suit", "total")->check, ZHI_ANNUAL_HOLDS);
  assert_int_equal(told(d), 3); /* column of results, row of 3.7, balance */
}

static void a_table_split_in_two_is_one(void **state) {
  (void)state;
  const struct zhi_doc *whole = report(&(struct annual_page){0});
  size_t cells = whole->annual->cell_count;
  const struct zhi_doc *d = report(&(struct annual_page){.split = true});
  assert_int_equal(d->annual->cell_count, cells);
  assert_number(d, 3, "3.5.5", "company", "1");
  assert_number(d, 3, "3.7", "total", "7");
  assert_int_equal(told(d), 0);
}

static void a_second_copy_for_phones_counts_once(void **state) {
  (void)state;
  const struct zhi_doc *d = report(&(struct annual_page){.twice = true});
  assert_int_equal(d->annual->cell_count, 10 + 25 * 7 + 15);
  assert_int_equal(told(d), 0);
}

static void the_template_of_2019_is_told_by_its_words(void **state) {
  (void)state;
  const struct zhi_doc *d = page("甲县2019年政府信息公开工作年度报告",
                                 "<p>二、主动公开政府信息情况</p><table><tr><td "
                                 "colspan=4>第二十条第（一）项</td></tr><tr><td>信息"
                                 "内容</td><td>本年新<br>制作数量</td><td>本年新<br>公开数量</"
                                 "td><td>对外公开总数量</td></tr><tr>"
                                 "<td>规章</td><td>0</td><td>0</td><td>3</td></tr></table>");
  assert_int_equal(d->annual->form, ZHI_ANNUAL_2019);
  assert_number(d, 2, "rules", "published_total", "3");
}

static void six_parts_without_tables_are_told(void **state) {
  (void)state;
  const struct zhi_doc *d = page("甲县2021年政府信息公开工作年度报告",
                                 "<p>一、总体情况</p><p>二、主动公开政府信息情况</p><img src=a.png>"
                                 "<p>三、收到和处理政府信息公开申请情况</p><img src=b.png>");
  assert_int_equal(d->annual->form, ZHI_ANNUAL_UNTABLED);
}

static int release(void **state) {
  (void)state;
  extracted_release();
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(titles_tell_reports_with_year_and_organ),
      cmocka_unit_test(the_three_tables_become_cells),
      cmocka_unit_test(blank_dash_and_nought_are_kept_apart),
      cmocka_unit_test(sums_that_fail_are_marked_and_told),
      cmocka_unit_test(a_table_split_in_two_is_one),
      cmocka_unit_test(a_second_copy_for_phones_counts_once),
      cmocka_unit_test(the_template_of_2019_is_told_by_its_words),
      cmocka_unit_test(six_parts_without_tables_are_told),
  };
  return cmocka_run_group_tests(tests, NULL, release);
}
