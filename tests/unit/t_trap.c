/* Traps with memory: which branches are stopped, which go on, and that memory stays bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "crawler/trap.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct zhi_traps *make(size_t patterns) {
  struct zhi_traps *t = NULL;
  assert_int_equal(zhi_traps_new(patterns, &t, NULL), ZHI_OK);
  return t;
}

static struct zhi_url url_of(const char *text) {
  struct zhi_url u;
  if (zhi_url_parse(zhi_str_of(text), NULL, NULL, &u, NULL))
    fail_msg("not a URL: %s", text);
  return u;
}

static const char *note(struct zhi_traps *t, const char *text, struct zhi_trap_capture c,
                        struct zhi_buf *finding) {
  struct zhi_url u = url_of(text);
  const char *why = zhi_traps_note(t, &u, &c, finding);
  zhi_url_release(&u);
  return why;
}

static const char *check(struct zhi_traps *t, const char *text) {
  struct zhi_url u = url_of(text);
  const char *why = zhi_traps_check(t, &u);
  zhi_url_release(&u);
  return why;
}

/* Note format % i for i from 1; returns the first i that stopped the branch, 0 = none of n. */
static int run(struct zhi_traps *t, const char *format, int n, struct zhi_trap_capture c, bool vary,
               const char *want) {
  char text[200];
  for (int i = 1; i <= n; i++) {
    snprintf(text, sizeof text, format, i);
    if (vary)
      c.body_hash = (uint64_t)i + 1000;
    const char *why = note(t, text, c, NULL);
    if (why) {
      assert_string_equal(why, want);
      return i;
    }
  }
  return 0;
}

static void patterns_fold_numbers_and_identifiers(void **state) {
  (void)state;
  static const struct {
    const char *url, *pattern;
  } cases[] = {
      {"http://x.cn/a/2018/t123_4.html", "http://x.cn/a/#/t#_#.html"},
      {"http://x.cn/l?page=12&b=c", "http://x.cn/l?page=#&b=c"},
      {"http://x.cn:81/0123456789abcdef0123456789abcdef.html", "http://x.cn:81/#.html"},
      {"http://x.cn/%E5%8E%BF/1", "http://x.cn/%E5%8E%BF/#"},
      {"http://x.cn/a#3", "http://x.cn/a"},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct zhi_buf b;
    struct zhi_url u = url_of(cases[i].url);
    zhi_buf_init(&b, 1000);
    zhi_trap_pattern(&u, &b);
    assert_string_equal(b.p, cases[i].pattern);
    zhi_buf_release(&b);
    zhi_url_release(&u);
  }
}

static void the_same_bytes_again_and_again_stop_a_branch(void **state) {
  (void)state;
  struct zhi_traps *t = make(1024);
  struct zhi_trap_capture c = {.body_hash = 7};
  assert_null(check(t, "http://x.cn/l_9.html"));
  assert_int_equal(run(t, "http://x.cn/l_%d.html", 100, c, false, "trap_duplicates"),
                   ZHI_TRAP_DUPLICATES + 1);
  assert_string_equal(check(t, "http://x.cn/l_999.html"), "trap_duplicates");
  assert_null(check(t, "http://x.cn/other_999.html"));
  assert_null(check(t, "http://y.cn/l_999.html"));
  zhi_traps_free(t);
}

static void two_pages_in_turn_are_seen_through(void **state) {
  (void)state;
  struct zhi_traps *t = make(1024);
  int stopped = 0;
  for (int i = 1; !stopped && i < 100; i++) {
    char text[100];
    snprintf(text, sizeof text, "http://x.cn/l?p=%d", i);
    stopped =
        note(t, text, (struct zhi_trap_capture){.body_hash = 5 + (uint64_t)(i % 2)}, NULL) ? i : 0;
  }
  assert_int_equal(stopped, ZHI_TRAP_DUPLICATES + 2);
  zhi_traps_free(t);
}

static void something_new_resets_the_row(void **state) {
  (void)state;
  struct zhi_traps *t = make(1024);
  struct zhi_trap_capture same = {.body_hash = 7};
  for (int round = 0; round < 10; round++) {
    assert_int_equal(run(t, "http://x.cn/l_%d.html", ZHI_TRAP_DUPLICATES - 2, same, false, ""), 0);
    assert_null(note(t, "http://x.cn/l_5.html",
                     (struct zhi_trap_capture){.body_hash = 100 + (uint64_t)round}, NULL));
  }
  zhi_traps_free(t);
}

static void soft_404_families_stop(void **state) {
  (void)state;
  struct zhi_traps *t = make(1024);
  struct zhi_trap_capture c = {.soft_404 = true};
  assert_int_equal(run(t, "http://x.cn/gone/%d.html", 100, c, true, "trap_soft_404"),
                   ZHI_TRAP_SOFT_404);
  zhi_traps_free(t);
}

static void calendars_stop_only_while_they_bring_nothing(void **state) {
  (void)state;
  struct zhi_traps *t = make(1024);
  struct zhi_trap_capture barren = {.body_hash = 1}, rich = {.document = true};
  assert_int_equal(run(t, "http://x.cn/cal/2018/3/%d", 31, barren, true, ""), 0);
  int more = run(t, "http://x.cn/cal/2018/4/%d", 31, barren, true, "") ||
             run(t, "http://x.cn/cal/2018/5/%d", 31, barren, true, "trap_calendar");
  assert_true(more);
  assert_string_equal(check(t, "http://x.cn/cal/2019/1/1"), "trap_calendar");
  assert_int_equal(run(t, "http://x.cn/day?d=2018-03-%d", 31, rich, true, ""), 0);
  assert_int_equal(run(t, "http://x.cn/news/2018/3/%d", 31, rich, true, ""), 0);
  /* numbers that are no dates are no calendar, however barren */
  assert_int_equal(run(t, "http://x.cn/channel/%d99", 1000, barren, true, ""), 0);
  zhi_traps_free(t);
}

static void one_url_that_is_no_date_makes_a_branch_no_calendar(void **state) {
  (void)state;
  struct zhi_traps *t = make(1024);
  struct zhi_trap_capture barren = {.body_hash = 1};
  assert_int_equal(run(t, "http://x.cn/cal/2018/3/%d", 5, barren, true, ""), 0);
  assert_null(note(t, "http://x.cn/cal/2018/77/99", (struct zhi_trap_capture){0}, NULL));
  assert_int_equal(run(t, "http://x.cn/cal/2018/4/%d", 31, barren, true, ""), 0);
  assert_int_equal(run(t, "http://x.cn/cal/2018/5/%d", 31, barren, true, ""), 0);
  assert_int_equal(run(t, "http://x.cn/cal/2018/6/%d", 31, barren, true, ""), 0);
  zhi_traps_free(t);
}

/* In a table of one set: the branch with the fewest captures makes room, a stopped one does not. */
static void a_full_table_forgets_the_least_seen_and_keeps_the_stopped(void **state) {
  (void)state;
  struct zhi_traps *t = make(8);
  struct zhi_trap_capture same = {.body_hash = 7};
  char text[100];
  assert_true(run(t, "http://x.cn/stopped_%d.html", 100, same, false, "trap_duplicates") > 0);
  for (int c = 'a'; c <= 'z'; c++) {
    if (c == 'g') /* the last free place */
      assert_int_equal(run(t, "http://x.cn/often_%d.html", ZHI_TRAP_DUPLICATES, same, false, ""),
                       0);
    snprintf(text, sizeof text, "http://x.cn/rare%c_1.html", c);
    assert_null(note(t, text, same, NULL));
  }
  assert_string_equal(check(t, "http://x.cn/stopped_1.html"), "trap_duplicates");
  assert_string_equal(note(t, "http://x.cn/often_99.html", same, NULL), "trap_duplicates");
  zhi_traps_free(t);
}

static void a_finding_says_what_was_stopped(void **state) {
  (void)state;
  struct zhi_traps *t = make(1024);
  struct zhi_buf b;
  zhi_buf_init(&b, 1000);
  char text[100];
  for (int i = 1; b.len == 0 && i < 100; i++) {
    snprintf(text, sizeof text, "http://x.cn/l_%d.html", i);
    note(t, text, (struct zhi_trap_capture){.body_hash = 7}, &b);
  }
  assert_string_equal(b.p, "trap_duplicates: stopped after 21 captures of http://x.cn/l_#.html");
  zhi_buf_release(&b);
  zhi_traps_free(t);
}

static void urls_without_numbers_are_no_branch(void **state) {
  (void)state;
  struct zhi_traps *t = make(1024);
  for (int i = 0; i < 100; i++)
    assert_null(note(t, "http://x.cn/same.html", (struct zhi_trap_capture){.body_hash = 7}, NULL));
  zhi_traps_free(t);
}

static void a_full_table_forgets_but_still_works(void **state) {
  (void)state;
  struct zhi_traps *t = make(64);
  struct zhi_trap_capture c = {.body_hash = 7};
  assert_true(run(t, "http://stopped.cn/l_%d.html", 100, c, false, "trap_duplicates") > 0);
  for (int i = 0; i < 5000; i++) {
    char text[100];
    snprintf(text, sizeof text, "http://x.cn/%c%c%c/1", 'a' + i % 26, 'a' + i / 26 % 26,
             'a' + i / 676 % 26);
    assert_null(note(t, text, c, NULL));
  }
  assert_string_equal(check(t, "http://stopped.cn/l_1.html"), "trap_duplicates");
  zhi_traps_free(t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(patterns_fold_numbers_and_identifiers),
      cmocka_unit_test(the_same_bytes_again_and_again_stop_a_branch),
      cmocka_unit_test(two_pages_in_turn_are_seen_through),
      cmocka_unit_test(something_new_resets_the_row),
      cmocka_unit_test(soft_404_families_stop),
      cmocka_unit_test(calendars_stop_only_while_they_bring_nothing),
      cmocka_unit_test(one_url_that_is_no_date_makes_a_branch_no_calendar),
      cmocka_unit_test(a_full_table_forgets_the_least_seen_and_keeps_the_stopped),
      cmocka_unit_test(a_finding_says_what_was_stopped),
      cmocka_unit_test(urls_without_numbers_are_no_branch),
      cmocka_unit_test(a_full_table_forgets_but_still_works),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
