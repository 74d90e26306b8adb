/* Columns: the pages of a list are one column under its first page, whatever order they come in; a column counts each
 * item once, says what became of it, and compares that with what the list declares. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/archive.h"

#define A  "http://a.gov.cn"
#define P1 A "/zcwj/index.html"
#define P2 A "/zcwj/index_1.html"
#define P3 A "/zcwj/index_2.html"

static const struct zhi_str pages[] = {ZHI_STR(P1), ZHI_STR(P2), ZHI_STR(P3)};
static const struct zhi_str items[] = {ZHI_STR(A "/1.html"), ZHI_STR(A "/2.html"),
                                       ZHI_STR(A "/3.html"), ZHI_STR(A "/4.html"),
                                       ZHI_STR(A "/5.html"), ZHI_STR(A "/6.html")};

static void find_all(struct test_archive *t) {
  struct zhi_err e = {0};
  size_t added;
  for (size_t i = 0; i < 9; i++) {
    struct zhi_found f = {.url = i < 3 ? pages[i] : items[i - 3], .origin = ZHI_STR(A)};
    assert_int_equal(zhi_frontier_add(t->s, &f, 1, &added, &e), ZHI_OK);
  }
}

/* Page `page` of `of` shows items [from, to) and declares `total`. */
static void capture_list(struct test_archive *t, const char *url, int page, int of, int total,
                         size_t from, size_t to) {
  struct zhi_list_row l = {.adapter = "trs",
                           .page = page,
                           .pages = of,
                           .total = total,
                           .items = items + from,
                           .item_count = to - from,
                           .page_ids = pages,
                           .page_count = of > 1 ? (size_t)of : 0};
  struct zhi_doc_row d = {.kind = "list", .extractor_version = "1", .list = &l};
  d.field[ZHI_F_COLUMN_NAME] = ZHI_STR("政策文件");
  d.field[ZHI_F_SITE_NAME] = ZHI_STR("甲县财政局");
  archive_capture(t, url, url, ZHI_V_OK, "", &d);
}

/* What became of every item. */
static void settle(struct test_archive *t, const char *state, const char *verdict,
                   const char *which) {
  char sql[512];
  snprintf(sql, sizeof sql, "UPDATE url SET state = '%s', verdict = %s%s%s WHERE url GLOB '%s'",
           state, verdict ? "'" : "", verdict ? verdict : "NULL", verdict ? "'" : "", which);
  archive_sql(t, sql);
}

static void assert_column(struct test_archive *t, const char *where) {
  char sql[1024];
  snprintf(sql, sizeof sql, "SELECT count(*) FROM columns WHERE url = '" P1 "' AND %s", where);
  if (archive_int(t, sql) != 1)
    fail_msg("no column with %s", where);
}

static void pages_in_any_order_are_one_column_under_the_first(void **state) {
  static const int orders[][3] = {{1, 2, 3}, {3, 2, 1}, {2, 3, 1}, {3, 1, 2}};
  (void)state;
  for (size_t k = 0; k < sizeof orders / sizeof *orders; k++) {
    struct test_archive t;
    archive_setup(&t);
    find_all(&t);
    for (size_t i = 0; i < 3; i++) {
      int n = orders[k][i];
      capture_list(&t, pages[n - 1].p, n, 3, 6, (size_t)(n - 1) * 2, (size_t)n * 2);
    }
    settle(&t, "done", "ok", "*");
    assert_int_equal(archive_int(&t, "SELECT count(*) FROM columns"), 1);
    assert_column(&t, "host = 'a.gov.cn' AND name = '政策文件' AND department = '甲县财政局' AND "
                      "adapter = 'trs' AND declared_total = 6 AND declared_pages = 3 AND "
                      "pages_captured = 3 AND items_found = 6 AND items_captured = 6 AND "
                      "state = 'complete' AND missing = 0");
    archive_teardown(&t);
  }
}

static void the_state_follows_what_is_declared_and_what_became_of_the_items(void **state) {
  static const struct {
    int of, total;
    const char *item_state, *verdict; /* of item 6 */
    const char *expected;
  } cases[] = {
      {1, 6, "done", "ok", "state = 'complete' AND missing = 0"},
      {1, 7, "done", "ok", "state = 'incomplete' AND missing = 1 AND items_found = 6"},
      {1, 6, "done", "gone", "state = 'incomplete' AND items_failed = 1"},
      {1, 6, "done", "soft_404", "state = 'incomplete' AND items_failed = 1"},
      {1, 6, "failed", "blocked", "state = 'incomplete' AND items_failed = 1"},
      {1, 6, "excluded", NULL, "state = 'incomplete' AND items_excluded = 1 AND items_failed = 0"},
      {1, 6, "due", NULL, "state = 'incomplete' AND items_due = 1 AND items_failed = 0"},
      {1, 6, "due", "ok", "state = 'complete' AND items_due = 0"}, /* due again in a new crawl */
      {1, 0, "done", "ok", "state = 'complete' AND declared_total IS NULL"},
      {1, 0, "done", "gone", "state = 'incomplete' AND missing = 1"},
      {2, 0, "done", "ok", "state = 'incomplete' AND pages_captured = 1 AND pages_known = 2"},
      {0, 0, "done", "ok", "state = 'undeclared' AND missing = 0"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct test_archive t;
    archive_setup(&t);
    find_all(&t);
    capture_list(&t, P1, 1, cases[i].of, cases[i].total, 0, 6);
    settle(&t, "done", "ok", "*");
    settle(&t, cases[i].item_state, cases[i].verdict, A "/6.html");
    assert_column(&t, cases[i].expected);
    archive_teardown(&t);
  }
}

static void a_later_capture_replaces_what_the_page_named(void **state) {
  struct test_archive t;
  (void)state;
  archive_setup(&t);
  find_all(&t);
  capture_list(&t, P1, 1, 1, 3, 0, 3);
  assert_column(&t, "items_found = 3 AND declared_total = 3");
  capture_list(&t, P1, 1, 1, 4, 2, 6);
  assert_column(&t, "items_found = 4 AND declared_total = 4");
  archive_capture(&t, P1, P1, ZHI_V_BLOCKED, "", NULL); /* says nothing about the list */
  archive_capture(&t, P1, P1, ZHI_V_NOT_MODIFIED, "", NULL);
  assert_column(&t, "items_found = 4");
  archive_capture(&t, P1, P1, ZHI_V_GONE, "", NULL);
  assert_int_equal(archive_int(&t, "SELECT count(*) FROM columns"), 0);
  assert_int_equal(archive_int(&t, "SELECT count(*) FROM column_item"), 0);
  archive_teardown(&t);
}

static void an_alias_of_the_first_page_is_no_second_column(void **state) {
  struct test_archive t;
  struct zhi_err e = {0};
  size_t added;
  struct zhi_found f = {.url = ZHI_STR(A "/zcwj/"), .origin = ZHI_STR(A)};
  (void)state;
  archive_setup(&t);
  assert_int_equal(zhi_frontier_add(t.s, &f, 1, &added, &e), ZHI_OK); /* found first */
  find_all(&t);
  capture_list(&t, P1, 1, 2, 4, 0, 2);
  capture_list(&t, A "/zcwj/", 1, 2, 4, 0, 2);
  capture_list(&t, P2, 2, 2, 4, 2, 4);
  assert_int_equal(archive_int(&t, "SELECT count(*) FROM columns"), 1);
  assert_int_equal(archive_int(&t, "SELECT count(*) FROM columns WHERE url = '" A "/zcwj/' AND "
                                   "pages_captured = 2 AND items_found = 4"),
                   1);
  archive_teardown(&t);
}

/* Both say that they are first and declare another total: a wrong link must not make them one. */
static void two_first_pages_with_other_totals_stay_apart(void **state) {
  struct test_archive t;
  (void)state;
  archive_setup(&t);
  find_all(&t);
  capture_list(&t, P1, 1, 1, 3, 0, 3);
  capture_list(&t, P2, 1, 2, 9, 3, 6); /* names P1 among its pages */
  assert_int_equal(archive_int(&t, "SELECT count(*) FROM columns"), 2);
  assert_column(&t, "items_found = 3");
  archive_teardown(&t);
}

/* P1 shows no rows: P2 and P3 are the answers to its scripts, and what else it links to is no item. */
static void a_page_without_rows_is_the_column_of_its_answers(void **state) {
  static const int orders[][3] = {{1, 2, 3}, {2, 1, 3}, {3, 2, 1}};
  (void)state;
  for (size_t k = 0; k < sizeof orders / sizeof *orders; k++) {
    struct test_archive t;
    archive_setup(&t);
    find_all(&t);
    for (size_t i = 0; i < 3; i++) {
      int n = orders[k][i];
      if (n == 1)
        capture_list(&t, P1, ZHI_LIST_ROW_HEAD, 3, 0, 4, 6);
      else
        capture_list(&t, pages[n - 1].p, n - 1, 2, 4, (size_t)(n - 2) * 2, (size_t)(n - 1) * 2);
      if (k == 0 && i == 0) /* so far it is all there is */
        assert_column(&t, "pages_captured = 0 AND items_found = 2");
    }
    settle(&t, "done", "ok", "*");
    assert_int_equal(archive_int(&t, "SELECT count(*) FROM columns"), 1);
    assert_column(&t, "declared_total = 4 AND pages_known = 2 AND pages_captured = 2 AND "
                      "items_found = 4 AND items_captured = 4 AND state = 'complete'");
    archive_teardown(&t);
  }
}

static void a_named_page_that_does_not_exist_is_not_known(void **state) {
  struct test_archive t;
  (void)state;
  archive_setup(&t);
  find_all(&t);
  capture_list(&t, P1, 1, 3, 0, 0, 6);
  assert_column(&t, "pages_known = 3");
  settle(&t, "done", "gone", P2);
  settle(&t, "done", "soft_404", P3);
  assert_column(&t, "pages_known = 1 AND pages_captured = 1");
  archive_teardown(&t);
}

static void the_table_is_written_and_described_beside_documents(void **state) {
  struct test_archive t;
  struct zhi_err e = {0};
  (void)state;
  archive_setup(&t);
  find_all(&t);
  capture_list(&t, P1, 1, 1, 3, 0, 3);
  assert_int_equal(zhi_store_write_csv(t.s, &e), ZHI_OK);
  char *csv = archive_file(&t, "columns.csv"), *package = archive_file(&t, "datapackage.json");
  assert_non_null(csv);
  assert_string_equal(csv,
                      "url,host,name,department,adapter,declared_total,declared_pages,pages_known,"
                      "pages_captured,items_found,items_captured,items_failed,items_excluded,"
                      "items_due,state,missing\r\n" P1
                      ",a.gov.cn,政策文件,甲县财政局,trs,3,1,1,1,3,0,0,0,3,incomplete,3\r\n");
  json_t *o = json_loads(package, 0, NULL);
  const json_t *r = json_array_get(json_object_get(o, "resources"), 1);
  assert_string_equal(json_string_value(json_object_get(r, "path")), "columns.csv");
  assert_int_equal(json_integer_value(json_object_get(r, "bytes")), (json_int_t)strlen(csv));
  assert_int_equal(json_integer_value(json_object_get(r, "rowCount")), 1);
  assert_int_equal(json_array_size(json_object_get(json_object_get(r, "schema"), "fields")), 16);
  json_decref(o);
  free(csv);
  free(package);
  archive_teardown(&t);
}

static void count_problem(void *ctx, const char *text) {
  assert_non_null(strstr(text, "columns.csv"));
  ++*(int *)ctx;
}

static void a_changed_table_is_a_problem(void **state) {
  struct test_archive t;
  struct zhi_err e = {0};
  char path[96];
  int problems = 0;
  (void)state;
  archive_setup(&t);
  find_all(&t);
  capture_list(&t, P1, 1, 1, 3, 0, 3);
  assert_int_equal(zhi_store_write_csv(t.s, &e), ZHI_OK);
  assert_int_equal(zhi_store_check(t.s, count_problem, &problems, &e), ZHI_OK);
  assert_int_equal(problems, 0);
  snprintf(path, sizeof path, "%s/columns.csv", t.dir);
  FILE *f = fopen(path, "a");
  assert_non_null(f);
  fputs("x", f);
  fclose(f);
  assert_int_equal(zhi_store_check(t.s, count_problem, &problems, &e), ZHI_OK);
  assert_int_equal(problems, 1);
  archive_teardown(&t);
}

static void the_status_sums_up_the_columns(void **state) {
  struct test_archive t;
  struct zhi_err e = {0};
  json_t *o = NULL;
  (void)state;
  archive_setup(&t);
  find_all(&t);
  capture_list(&t, P1, 1, 1, 3, 0, 3);
  assert_int_equal(zhi_store_status(t.s, true, &o, &e), ZHI_OK);
  const json_t *c = json_object_get(o, "columns");
  assert_int_equal(json_integer_value(json_object_get(c, "total")), 1);
  assert_int_equal(json_integer_value(json_object_get(c, "incomplete")), 1);
  assert_int_equal(json_integer_value(json_object_get(c, "missing")), 3);
  const json_t *one = json_array_get(json_object_get(o, "incomplete_columns"), 0);
  assert_string_equal(json_string_value(json_object_get(one, "url")), P1);
  json_decref(o);
  archive_teardown(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pages_in_any_order_are_one_column_under_the_first),
      cmocka_unit_test(the_state_follows_what_is_declared_and_what_became_of_the_items),
      cmocka_unit_test(a_later_capture_replaces_what_the_page_named),
      cmocka_unit_test(an_alias_of_the_first_page_is_no_second_column),
      cmocka_unit_test(two_first_pages_with_other_totals_stay_apart),
      cmocka_unit_test(a_page_without_rows_is_the_column_of_its_answers),
      cmocka_unit_test(a_named_page_that_does_not_exist_is_not_known),
      cmocka_unit_test(the_table_is_written_and_described_beside_documents),
      cmocka_unit_test(a_changed_table_is_a_problem),
      cmocka_unit_test(the_status_sums_up_the_columns),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
