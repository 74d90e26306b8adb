/* The option table: units, ranges, defaults, the manual and JSON from the same rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "zhi/option.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct number_case {
  const char *text;
  int64_t want;
  const char *error; /* part of the message; NULL = good */
};

static void check_numbers(const struct number_case *c, size_t n,
                          enum zhi_code (*parse)(struct zhi_str, int64_t *, struct zhi_err *)) {
  for (size_t i = 0; i < n; i++) {
    struct zhi_err e = {0};
    int64_t v = -1;
    enum zhi_code rc = parse(zhi_str_of(c[i].text), &v, &e);
    if (c[i].error) {
      assert_int_equal(rc, ZHI_EUSAGE);
      if (!strstr(e.msg, c[i].error))
        fail_msg("'%s' says '%s', want '%s'", c[i].text, e.msg, c[i].error);
      assert_int_equal(v, -1);
    } else if (rc || v != c[i].want) {
      fail_msg("'%s' gives %lld (%s)", c[i].text, (long long)v, e.msg);
    }
  }
}

static void durations_have_units(void **state) {
  (void)state;
  static const struct number_case cases[] = {
      {"1s", 1000, NULL},
      {"250ms", 250, NULL},
      {"1.5h", 5400000, NULL},
      {"2 m", 120000, NULL},
      {"180d", 180LL * 86400000, NULL},
      {"0", 0, NULL},
      {"0s", 0, NULL},
      {"5", 0, "needs a unit: ms, s, m, h or d"},
      {"5sec", 0, "unknown unit 'sec'"},
      {"5S", 0, "unknown unit 'S'"},
      {"-1s", 0, "is not a number"},
      {"", 0, "is not a number"},
      {"1.5ms", 0, "fraction is too fine"},
      {"1.s", 0, "unknown unit '.s'"},
      {"99999999999999999999s", 0, "is not a number"},
      {"9000000000000000000d", 0, "too large"},
  };
  check_numbers(cases, COUNT(cases), zhi_parse_ms);
}

static void sizes_know_decimal_and_binary_units(void **state) {
  (void)state;
  static const struct number_case cases[] = {
      {"64MB", 64000000, NULL},    {"64MiB", 67108864, NULL}, {"1.5KB", 1500, NULL},
      {"50GB", 50000000000, NULL}, {"7B", 7, NULL},           {"1TiB", 1099511627776, NULL},
      {"64mb", 0, "unknown unit"}, {"64M", 0, "use B, KB"},   {"64", 0, "needs a unit"},
  };
  check_numbers(cases, COUNT(cases), zhi_parse_bytes);
}

static void fractions_are_thousandths(void **state) {
  (void)state;
  static const struct number_case cases[] = {
      {"2", 2000, NULL},        {"1.5", 1500, NULL},       {"0.001", 1, NULL},
      {"0", 0, NULL},           {"0.0001", 0, "too fine"}, {"2x", 0, "without a unit"},
      {"x", 0, "not a number"},
  };
  check_numbers(cases, COUNT(cases), zhi_parse_milli);
}

static void hours_are_windows_of_the_day(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int from, to; /* from -1 = refused */
  } cases[] = {
      {"00:00-24:00", 0, 1440}, {"22:00-06:00", 1320, 360}, {"08:30 - 17:05", 510, 1025},
      {"24:00-06:00", -1, 0},   {"08:00-08:00", -1, 0},     {"8:00-9:00", -1, 0},
      {"08:60-09:00", -1, 0},   {"08:00", -1, 0},           {"", -1, 0},
      {"08:00-25:00", -1, 0},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct zhi_hours h = {-1, -1};
    enum zhi_code rc = zhi_parse_hours(zhi_str_of(cases[i].text), &h, NULL);
    assert_int_equal(rc == ZHI_OK, cases[i].from >= 0);
    if (!rc) {
      assert_int_equal(h.from_min, cases[i].from);
      assert_int_equal(h.to_min, cases[i].to);
    }
  }
}

/* --- a table of every type --------------------------------------------------------------------------- */

struct all {
  char *word;
  struct zhi_strings list, map;
  bool flag;
  int64_t count, wait_ms, size, ratio_milli;
  int colour;
  struct zhi_hours hours;
};
static const char *const colours[] = {"red", "green", NULL};
static const struct zhi_option rows[] = {
    {"word", ZHI_OPT_STRING, offsetof(struct all, word), "plain", 1, 8, NULL, false, "a | word"},
    {"flag", ZHI_OPT_BOOL, offsetof(struct all, flag), "true", 0, 0, NULL, false, "a flag"},
    {"more.list", ZHI_OPT_LIST, offsetof(struct all, list), NULL, 0, 2, NULL, false, "a list"},
    {"more.map", ZHI_OPT_MAP, offsetof(struct all, map), NULL, 0, 2, NULL, false, "a map"},
    {"more.count", ZHI_OPT_INT, offsetof(struct all, count), "3", 1, 9, NULL, true, "a count"},
    {"more.deep.wait", ZHI_OPT_MS, offsetof(struct all, wait_ms), "90s", 0, 3600000, NULL, false,
     "a wait"},
    {"more.deep.size", ZHI_OPT_BYTES, offsetof(struct all, size), "4KiB", 0, 1 << 20, NULL, false,
     "a size"},
    {"more.ratio", ZHI_OPT_MILLI, offsetof(struct all, ratio_milli), "1.5", 0, 9000, NULL, false,
     "a ratio"},
    {"colour", ZHI_OPT_ENUM, offsetof(struct all, colour), "green", 0, 0, colours, false,
     "a colour"},
    {"hours", ZHI_OPT_HOURS, offsetof(struct all, hours), "01:00-02:00", 0, 0, NULL, false,
     "hours"},
    {NULL, ZHI_OPT_STRING, 0, NULL, 0, 0, NULL, false, NULL},
};

static void defaults_come_from_the_table(void **state) {
  (void)state;
  struct all a = {0};
  assert_int_equal(zhi_option_defaults(rows, &a, NULL), ZHI_OK);
  assert_string_equal(a.word, "plain");
  assert_true(a.flag);
  assert_int_equal(a.count, 3);
  assert_int_equal(a.wait_ms, 90000);
  assert_int_equal(a.size, 4096);
  assert_int_equal(a.ratio_milli, 1500);
  assert_int_equal(a.colour, 1);
  assert_int_equal(a.hours.to_min, 120);
  zhi_option_release(rows, &a);
  assert_null(a.word);
}

static void every_type_is_read(void **state) {
  (void)state;
  struct all a = {0};
  struct zhi_option_marks m;
  struct zhi_err e = {0};
  const char *text = "word: x\n"
                     "flag: no\n"
                     "more:\n"
                     "  list: [a, \"b c\"]\n"
                     "  map: {k: v}\n"
                     "  count: 9\n"
                     "  deep: {wait: 1m, size: 1MiB}\n"
                     "  ratio: 0.25\n"
                     "colour: red\n"
                     "hours: \"23:00-01:00\"\n";
  if (zhi_option_load(rows, zhi_str_of(text), "f", &a, &m, &e))
    fail_msg("%s", e.msg);
  assert_string_equal(a.word, "x");
  assert_false(a.flag);
  assert_int_equal(a.list.n, 2);
  assert_string_equal(a.list.v[1], "b c");
  assert_int_equal(a.list.at[1].line, 4);
  assert_int_equal(a.list.at[1].column, 13);
  assert_string_equal(a.map.key[0], "k");
  assert_string_equal(a.map.v[0], "v");
  assert_int_equal(a.count, 9);
  assert_int_equal(a.wait_ms, 60000);
  assert_int_equal(a.size, 1 << 20);
  assert_int_equal(a.ratio_milli, 250);
  assert_int_equal(a.colour, 0);
  assert_true(zhi_option_given(rows, &m, "hours"));

  json_t *j = zhi_option_json(rows, &a);
  char *s = json_dumps(j, JSON_COMPACT);
  assert_string_equal(
      s, "{\"word\":\"x\",\"flag\":false,\"more\":{\"list\":[\"a\",\"b c\"],"
         "\"map\":{\"k\":\"v\"},\"count\":9,\"deep\":{\"wait\":\"1m\",\"size\":\"1MiB\"},"
         "\"ratio\":\"0.250\"},\"colour\":\"red\",\"hours\":\"23:00-01:00\"}");
  free(s);
  json_decref(j);
  zhi_option_marks_release(&m);
  zhi_option_release(rows, &a);
}

static void the_manual_has_a_row_for_every_option(void **state) {
  (void)state;
  struct zhi_buf b;
  zhi_buf_init(&b, 1 << 16);
  zhi_option_markdown(rows, &b);
  assert_non_null(strstr(b.p, "| `word` | text | `plain` | a \\| word |\n"));
  assert_non_null(strstr(b.p, "## more.deep\n"));
  assert_non_null(strstr(b.p, "| `more.deep.wait` | a duration, 0ms to 1h | `90s` | a wait |\n"));
  assert_non_null(strstr(b.p, "| `colour` | `red` `green` | `green` | a colour |\n"));
  assert_non_null(strstr(b.p, "| `more.count` | an integer, 1 to 9 | required | a count |\n"));
  zhi_buf_release(&b);
}

static void a_wrong_default_is_our_own_fault(void **state) {
  (void)state;
  static const struct zhi_option bad[] = {
      {"n", ZHI_OPT_INT, 0, "10", 0, 9, NULL, false, "too large"},
      {NULL, ZHI_OPT_STRING, 0, NULL, 0, 0, NULL, false, NULL},
  };
  int64_t n = 0;
  assert_int_equal(zhi_option_defaults(bad, &n, NULL), ZHI_EBUG);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(durations_have_units),
      cmocka_unit_test(sizes_know_decimal_and_binary_units),
      cmocka_unit_test(fractions_are_thousandths),
      cmocka_unit_test(hours_are_windows_of_the_day),
      cmocka_unit_test(defaults_come_from_the_table),
      cmocka_unit_test(every_type_is_read),
      cmocka_unit_test(the_manual_has_a_row_for_every_option),
      cmocka_unit_test(a_wrong_default_is_our_own_fault),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
