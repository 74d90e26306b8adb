/* A day of publication that many documents of one host bear is doubtful, as long as it is so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/archive.h"

#define DOUBTED "SELECT count(*) FROM document WHERE findings LIKE '%\"date_shared\"%'"

/* `n` documents more of a host, one a day from the 1st of `month`, or all on that day. */
static void put(struct test_archive *t, const char *host, int month, int n, bool one_day) {
  for (int i = 0; i < n; i++) {
    char url[96], key[96], digest[104], date[24];
    struct zhi_doc_row d = {.kind = "document", .extractor_version = "1"};
    snprintf(url, sizeof url, "http://%s.gov.cn/%d/%d/%d", host, one_day, month, i);
    snprintf(key, sizeof key, "cn,gov,%s)/%d/%d/%d", host, one_day, month, i);
    snprintf(digest, sizeof digest, "d%s", url);
    snprintf(date, sizeof date, "2019-%02d-%02d", month, one_day ? 1 : i % 28 + 1);
    d.text_digest = zhi_str_of(digest);
    d.field[ZHI_F_DATE_PUBLISHED] = zhi_str_of(date);
    d.findings_json = ZHI_STR("[{\"code\":\"charset_conflict\",\"text\":\"x\"}]");
    archive_capture(t, url, key, ZHI_V_OK, digest, &d);
  }
}

static void write_csv(struct test_archive *t) {
  struct zhi_err e = {0};
  if (zhi_store_write_csv(t->s, &e))
    fail_msg("%s", e.msg);
}

static void a_day_of_many_documents_of_a_host_is_doubted(void **state) {
  static const struct {
    int shared, other, doubted;
  } cases[] = {{19, 0, 0}, {20, 0, 20}, {20, 46, 20}, {20, 47, 0}, {30, 10, 30}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct test_archive t;
    archive_setup(&t);
    put(&t, "a", 1, cases[i].shared, true);
    for (int left = cases[i].other, month = 2; left > 0; left -= 28, month++)
      put(&t, "a", month, left < 28 ? left : 28, false);
    put(&t, "b", 1, 19, true); /* another host's are not counted */
    write_csv(&t);
    assert_int_equal(archive_int(&t, DOUBTED), cases[i].doubted);
    archive_teardown(&t);
  }
}

static void the_doubt_goes_when_other_days_come_and_is_in_the_csv(void **state) {
  struct test_archive t;
  (void)state;
  archive_setup(&t);
  put(&t, "a", 1, 20, true);
  write_csv(&t);
  write_csv(&t);
  char *csv = archive_file(&t, "documents.csv");
  size_t n = 0;
  for (const char *p = csv; (p = strstr(p, "date_shared")); p++)
    n++;
  assert_int_equal(n, 20);
  free(csv);
  put(&t, "a", 2, 28, false);
  put(&t, "a", 3, 28, false);
  write_csv(&t);
  assert_int_equal(archive_int(&t, DOUBTED), 0);
  assert_int_equal(archive_int(&t, "SELECT count(*) FROM document WHERE findings = "
                                   "'[{\"code\":\"charset_conflict\",\"text\":\"x\"}]'"),
                   76);
  archive_teardown(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_day_of_many_documents_of_a_host_is_doubted),
      cmocka_unit_test(the_doubt_goes_when_other_days_come_and_is_in_the_csv),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
