/* Dates: every written form, precision, impossible dates, dates in URLs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "zhi/date.h"

struct row {
  const char *text, *want; /* NULL: no date */
};

static void check_rows(const struct row *rows, size_t n) {
  for (size_t i = 0; i < n; i++) {
    struct zhi_date d;
    char got[ZHI_DATE_TEXT_SIZE] = "none";
    if (zhi_date_parse(zhi_str_of(rows[i].text), &d))
      zhi_date_format(&d, true, got);
    if (strcmp(got, rows[i].want ? rows[i].want : "none") != 0)
      fail_msg("'%s' gave %s, want %s", rows[i].text, got, rows[i].want ? rows[i].want : "none");
  }
}
#define CHECK_ROWS(rows) check_rows(rows, sizeof rows / sizeof *rows)

static void numeric_dates(void **state) {
  (void)state;
  static const struct row rows[] = {
      {"2019-07-05", "2019-07-05"},         {"2019-7-5", "2019-07-05"},
      {"2019/7/5", "2019-07-05"},           {"2019.07.05", "2019-07-05"},
      {"20190705", "2019-07-05"},           {"[2019-07-05]", "2019-07-05"},
      {"（2019-07-05）", "2019-07-05"},     {"发布时间:2019-07-05", "2019-07-05"},
      {"2019－07－05", "2019-07-05"},       {"2019—07—05", "2019-07-05"},
      {"2019年7月5日", "2019-07-05"},       {"2019 年 7 月 5 日", "2019-07-05"},
      {"２０１９年７月５日", "2019-07-05"}, {"2019年7月5号", "2019-07-05"},
      {"2019 07 05", "2019-07-05"},         {"自2019年7月5日起施行", "2019-07-05"},
  };
  CHECK_ROWS(rows);
}

static void times_and_zones(void **state) {
  (void)state;
  static const struct row rows[] = {
      {"2019-07-05 08:09", "2019-07-05T08:09"},
      {"2019-07-05  08:09:10", "2019-07-05T08:09:10"},
      {"2019-07-05 08∶09", "2019-07-05T08:09"},
      {"2019-07-0508:09", "2019-07-05T08:09"},
      {"2019年07月05日 08时09分", "2019-07-05T08:09"},
      {"2019年7月5日 星期五 下午3:04", "2019-07-05T15:04"},
      {"2019-07-05T08:09:10+08:00", "2019-07-05T08:09:10"},
      {"2019-07-05T20:09:10Z", "2019-07-06T04:09:10"},
      {"2019-07-05T08:09:10.123", "2019-07-05T08:09:10"},
      {"Fri Jul 05 08:09:10 CST 2019", "2019-07-05T08:09:10"},
      {"Fri, 05 Jul 2019 20:09:10 GMT", "2019-07-06T04:09:10"},
      {"1562285350", "2019-07-05T08:09:10"},
      {"1562285350000", "2019-07-05T08:09:10"},
      {"20190705080910", "2019-07-05T08:09:10"},
  };
  CHECK_ROWS(rows);
}

static void chinese_numerals(void **state) {
  (void)state;
  static const struct row rows[] = {
      {"二〇一九年七月五日", "2019-07-05"},      {"二○一九年十二月三十一日", "2019-12-31"},
      {"二О一九年十月二十日", "2019-10-20"},     {"二O一九年元月廿三日", "2019-01-23"},
      {"二零一九年十一月卅日", "2019-11-30"},    {"二0一九年7月5日", "2019-07-05"},
      {"二〇一九年\n七 月 五 日", "2019-07-05"}, {"两千零九年八月五日", "2009-08-05"},
  };
  CHECK_ROWS(rows);
}

static void precision_is_what_is_written(void **state) {
  (void)state;
  static const struct row rows[] = {
      {"2019", "2019"},         {"2019年", "2019"},     {"2019年度报告", "2019"},
      {"2019年7月", "2019-07"}, {"2019-07", "2019-07"}, {"二〇一九年七月", "2019-07"},
  };
  CHECK_ROWS(rows);
}

static void impossible_dates_are_passed_over_whole(void **state) {
  (void)state;
  static const struct row rows[] = {
      {"2019-02-29", NULL},
      {"2019/13/01", NULL},
      {"2019年4月31日", NULL},
      {"no date", NULL},
      {"", NULL},
      {"12345678", NULL},
      {"2019-02-29 2019-03-01", "2019-03-01"},
      {"13912345678", NULL},
      {"000014349/2019-00110", NULL},
  };
  CHECK_ROWS(rows);
}

static void find_tells_where(void **state) {
  (void)state;
  struct zhi_date d;
  size_t from, to;
  assert_true(zhi_date_find(ZHI_STR("于2019年发布 2019-07-05 08:09 来源"), ZHI_PRECISION_DAY, &d,
                            &from, &to));
  assert_int_equal(from, strlen("于2019年发布 "));
  assert_int_equal(to, strlen("于2019年发布 2019-07-05 08:09"));
}

static void dates_in_urls(void **state) {
  (void)state;
  static const struct row rows[] = {
      {"http://x.gov.cn/zwgk/201907/t20190705_123.html", "2019-07-05"},
      {"http://x.gov.cn/art/2019/7/5/art_12_34.html", "2019-07-05"},
      {"http://x.gov.cn/a/2019-07-05/12.html", "2019-07-05"},
      {"http://x.gov.cn/a/2019/07-05/12.html", "2019-07-05"},
      {"http://x.gov.cn/a/201907/12.html", "2019-07"},
      {"http://x.gov.cn/a/12345678.html", "none"},
      {"http://2019.gov.cn/", "none"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct zhi_date d;
    char got[ZHI_DATE_TEXT_SIZE] = "none";
    if (zhi_date_in_url(zhi_str_of(rows[i].text), &d))
      zhi_date_format(&d, false, got);
    assert_string_equal(got, rows[i].want);
  }
}

static void odd_years_are_told(void **state) {
  (void)state;
  struct zhi_date d;
  assert_true(zhi_date_parse(ZHI_STR("1900-01-01"), &d));
  assert_true(zhi_date_is_odd(&d));
  assert_true(zhi_date_parse(ZHI_STR("1949-10-01"), &d));
  assert_false(zhi_date_is_odd(&d));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numeric_dates),
      cmocka_unit_test(times_and_zones),
      cmocka_unit_test(chinese_numerals),
      cmocka_unit_test(precision_is_what_is_written),
      cmocka_unit_test(impossible_dates_are_passed_over_whole),
      cmocka_unit_test(find_tells_where),
      cmocka_unit_test(dates_in_urls),
      cmocka_unit_test(odd_years_are_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
