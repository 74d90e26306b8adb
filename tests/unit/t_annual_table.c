/* annual_reports.csv: the cells of the latest version of each report, as they were read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/archive.h"

#define A "http://a.gov.cn/nb/1.html"
#define B "http://a.gov.cn/nb/2.html"

static struct zhi_annual_cell cells[] = {
    {3, ZHI_STR("1"), ZHI_STR("一、本年新收"), ZHI_STR("person"), ZHI_STR("自然人"), ZHI_STR("5件"),
     ZHI_STR("5"), ZHI_ANNUAL_UNCHECKED},
    {3, ZHI_STR("3.7"), ZHI_STR("(七)总计"), ZHI_STR("total"), ZHI_STR("总计"), ZHI_STR("6"),
     ZHI_STR("6"), ZHI_ANNUAL_FAILS},
    {4, ZHI_STR("suit"), ZHI_STR("行政诉讼"), ZHI_STR("other"), ZHI_STR("其他结果"), ZHI_STR("/"),
     ZHI_STR(""), ZHI_ANNUAL_UNCHECKED},
};

static void capture(struct test_archive *t, const char *url, const char *payload, int year,
                    size_t count) {
  struct zhi_annual a = {.year = year,
                         .organ = ZHI_STR("甲县教育局"),
                         .form = count ? ZHI_ANNUAL_2021 : ZHI_ANNUAL_NARRATIVE,
                         .cells = cells,
                         .cell_count = count};
  struct zhi_doc_row d = {.kind = "document",
                          .extractor_version = "1",
                          .text_digest = zhi_str_of(payload),
                          .annual = &a};
  d.field[ZHI_F_SITE_NAME] = ZHI_STR("甲县");
  d.field[ZHI_F_DIVISION_CODE] = ZHI_STR("419999");
  d.field[ZHI_F_DIVISION_NAME] = ZHI_STR("某县");
  archive_capture(t, url, url, ZHI_V_OK, payload, &d);
}

static char *table(struct test_archive *t) {
  struct zhi_err e = {0};
  assert_int_equal(zhi_store_write_csv(t->s, &e), ZHI_OK);
  char *csv = archive_file(t, "annual_reports.csv");
  assert_non_null(csv);
  return csv;
}

#define HEADER                                                                                     \
  "url,captured_at,site_name,division_code,division_name,organ,year,form,place,table,item,item_"   \
  "label,measure,measure_label,"                                                                   \
  "raw,number,check\r\n"

static void cells_and_reports_without_any_are_rows(void **state) {
  struct test_archive t;
  (void)state;
  archive_setup(&t);
  t.now_ms = 1735689600000;
  capture(&t, A, "sha256:a", 2022, 3);
  capture(&t, B, "sha256:b", 2017, 0);
  char *csv = table(&t);
#define WHEN "2025-01-01T00:00:00Z,甲县,419999,某县,甲县教育局,"
  assert_string_equal(csv,
                      HEADER A "," WHEN "2022,2021,1,3,1,一、本年新收,person,自然人,5件,5,\r\n" A
                               "," WHEN "2022,2021,2,3,3.7,(七)总计,total,总计,6,6,fails\r\n" A
                               "," WHEN "2022,2021,3,4,suit,行政诉讼,other,其他结果,/,,\r\n" B
                               "," WHEN "2017,narrative,,,,,,,,,\r\n");
  free(csv);
  archive_teardown(&t);
}

static void only_the_latest_version_counts(void **state) {
  struct test_archive t;
  (void)state;
  archive_setup(&t);
  capture(&t, A, "sha256:a", 2022, 3);
  t.now_ms += 1000;
  capture(&t, A, "sha256:b", 2022, 1);
  char *csv = table(&t);
  int rows = 0;
  for (const char *p = csv; (p = strchr(p, '\n')); p++)
    rows++;
  assert_int_equal(rows, 2);
  free(csv);
  archive_teardown(&t);
}

static void cells_go_with_their_document(void **state) {
  struct test_archive t;
  struct zhi_err e = {0};
  (void)state;
  archive_setup(&t);
  capture(&t, A, "sha256:a", 2022, 3);
  int64_t id = archive_int(&t, "SELECT max(id) FROM capture");
  const struct zhi_doc_row *none = NULL;
  assert_int_equal(archive_int(&t, "SELECT count(*) FROM annual_cell"), 3);
  assert_int_equal(zhi_store_put_docs(t.s, &id, &none, 1, &e), ZHI_OK);
  assert_int_equal(archive_int(&t, "SELECT count(*) FROM annual_cell"), 0);
  archive_teardown(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(cells_and_reports_without_any_are_rows),
      cmocka_unit_test(only_the_latest_version_counts),
      cmocka_unit_test(cells_go_with_their_document),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
