/* Take-downs: hidden wherever documents are shown, listed with reason and date, lifted again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/archive.h"
#include "zhi/export.h"

static void put(struct test_archive *t, const char *path) {
  char url[96], key[96], digest[96];
  struct zhi_doc_row d = {.kind = "document", .extractor_version = "1"};
  snprintf(url, sizeof url, "http://a.gov.cn/%s", path);
  snprintf(key, sizeof key, "cn,gov,a)/%s", path);
  snprintf(digest, sizeof digest, "d%s", path);
  d.text_digest = zhi_str_of(digest);
  archive_capture(t, url, key, ZHI_V_OK, digest, &d);
}

static void setup(struct test_archive *t) {
  archive_setup(t);
  put(t, "a?id=1");
  put(t, "a?id=2");
  put(t, "ab1");
  put(t, "x[1]");
}

static int64_t shown(const struct test_archive *t) {
  return archive_int(t, "SELECT count(*) FROM documents");
}

static void suppress(struct test_archive *t, const char *what, int64_t want) {
  int64_t captures = -1;
  struct zhi_err e = {0};
  if (zhi_store_suppress(t->s, zhi_str_of(what), ZHI_STR("court order"), &captures, &e))
    fail_msg("%s", e.msg);
  assert_int_equal(captures, want);
}

static void a_url_is_hidden_with_its_variants(void **state) {
  struct test_archive t;
  bool hidden;
  struct zhi_err e = {0};
  (void)state;
  setup(&t);
  suppress(&t, "https://www.a.gov.cn/a?id=1", 1);
  assert_int_equal(shown(&t), 3);
  assert_int_equal(archive_int(&t, "SELECT count(*) FROM documents WHERE url LIKE '%id=1'"), 0);
  assert_int_equal(archive_int(&t, "SELECT count(*) FROM captures"), 4);
  assert_int_equal(zhi_store_is_suppressed(t.s, ZHI_STR("http://a.gov.cn/a?id=1"), &hidden, &e),
                   ZHI_OK);
  assert_true(hidden);
  assert_int_equal(zhi_store_is_suppressed(t.s, ZHI_STR("http://a.gov.cn/a?id=2"), &hidden, &e),
                   ZHI_OK);
  assert_false(hidden);
  archive_teardown(&t);
}

static void only_the_star_of_a_pattern_is_special(void **state) {
  struct test_archive t;
  (void)state;
  setup(&t);
  suppress(&t, "http://a.gov.cn/a?*", 2);
  assert_int_equal(archive_int(&t, "SELECT count(*) FROM documents WHERE url LIKE '%ab1'"), 1);
  suppress(&t, "*/x[1]*", 1);
  assert_int_equal(shown(&t), 1);
  archive_teardown(&t);
}

static void exports_and_the_table_leave_it_out_until_it_is_lifted(void **state) {
  struct test_archive t;
  struct zhi_export_done done;
  struct zhi_err e = {0};
  char out[128];
  const char *dir = t.dir;
  bool found;
  (void)state;
  setup(&t);
  suppress(&t, "*id=*", 2);
  assert_int_equal(zhi_store_write_csv(t.s, &e), ZHI_OK);
  char *csv = archive_file(&t, "documents.csv");
  assert_null(strstr(csv, "id=1"));
  assert_non_null(strstr(csv, "ab1"));
  free(csv);
  snprintf(out, sizeof out, "%s/out.csv", t.dir);
  struct zhi_export_options o = {.fields = "url", .out = out};
  assert_int_equal(zhi_export(&dir, 1, &o, &done, &e), ZHI_OK);
  assert_int_equal(done.rows, 2);
  assert_int_equal(zhi_store_lift(t.s, ZHI_STR("*id=*"), &found, &e), ZHI_OK);
  assert_true(found);
  assert_int_equal(shown(&t), 4);
  assert_int_equal(zhi_store_lift(t.s, ZHI_STR("*id=*"), &found, &e), ZHI_OK);
  assert_false(found);
  archive_teardown(&t);
}

static void what_hides_nothing_is_refused_with_what_is_near(void **state) {
  struct test_archive t;
  struct zhi_err e = {0};
  struct zhi_buf near;
  int64_t captures;
  (void)state;
  setup(&t);
  assert_int_equal(
      zhi_store_suppress(t.s, ZHI_STR("http://a.gov.cn/ab2"), ZHI_STR("r"), &captures, &e),
      ZHI_EUSAGE);
  assert_non_null(strstr(e.msg, "http://a.gov.cn/ab2"));
  assert_int_equal(archive_int(&t, "SELECT count(*) FROM suppression"), 0);
  zhi_buf_init(&near, 1000);
  assert_int_equal(zhi_store_nearest_url(t.s, ZHI_STR("http://a.gov.cn/ab2"), &near, &e), ZHI_OK);
  assert_string_equal(near.p, "http://a.gov.cn/ab1");
  zhi_buf_clear(&near);
  assert_int_equal(zhi_store_nearest_url(t.s, ZHI_STR("http://other.cn/ab2"), &near, &e), ZHI_OK);
  assert_int_equal(near.len, 0);
  zhi_buf_release(&near);
  archive_teardown(&t);
}

static enum zhi_code note(void *ctx, const struct zhi_suppression *x, struct zhi_err *e) {
  (void)e;
  assert_string_equal(x->what, "*ab1");
  assert_string_equal(x->reason, "second reason");
  assert_int_equal(x->added_ms, INT64_C(1522310400000));
  ++*(int *)ctx;
  return ZHI_OK;
}

static void the_list_says_since_when_and_why(void **state) {
  struct test_archive t;
  struct zhi_err e = {0};
  int64_t captures;
  int count = 0;
  (void)state;
  setup(&t);
  suppress(&t, "*ab1", 1);
  t.now_ms += 1000;
  assert_int_equal(
      zhi_store_suppress(t.s, ZHI_STR("*ab1"), ZHI_STR("second reason"), &captures, &e), ZHI_OK);
  assert_int_equal(zhi_store_each_suppression(t.s, note, &count, &e), ZHI_OK);
  assert_int_equal(count, 1);
  archive_teardown(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_url_is_hidden_with_its_variants),
      cmocka_unit_test(only_the_star_of_a_pattern_is_special),
      cmocka_unit_test(exports_and_the_table_leave_it_out_until_it_is_lifted),
      cmocka_unit_test(what_hides_nothing_is_refused_with_what_is_near),
      cmocka_unit_test(the_list_says_since_when_and_why),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
