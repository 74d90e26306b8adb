/* The queries of docs/catalogue.md run on an archive as they stand, and its tables name what is there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "tests/support/archive.h"
#include "zhi/file.h"

enum { PAGE_MAX_BYTES = 1 << 20, QUERIES = 15 };

static void put(struct test_archive *t, const char *path, const char *title, int version) {
  char url[128], key[128], digest[64];
  struct zhi_doc_row d = {.kind = "document",
                          .extractor_version = "1",
                          .fields_json = ZHI_STR("{\"doc_no\":{\"state\":\"empty\"}}"),
                          .attachments_json = ZHI_STR("[{\"url\":\"u\",\"type\":\"pdf\"}]"),
                          .findings_json =
                              ZHI_STR("[{\"code\":\"field_conflict\",\"text\":\"x\"}]"),
                          .text = ZHI_STR("全面推进乡村振兴。")};
  snprintf(url, sizeof url, "http://www.ycs.gov.cn/%s", path);
  snprintf(key, sizeof key, "cn,gov,ycs)/%s", path);
  snprintf(digest, sizeof digest, "%s.%d", path, version);
  d.text_digest = zhi_str_of(digest);
  d.field[ZHI_F_TITLE] = zhi_str_of(title);
  d.field[ZHI_F_PUBLISHER] = ZHI_STR("财政局");
  d.field[ZHI_F_DATE_PUBLISHED] = ZHI_STR("2018-03-29");
  d.field[ZHI_F_VALIDITY] = version > 1 ? ZHI_STR("repealed") : ZHI_STR("valid");
  t->now_ms += 1000;
  archive_capture(t, url, key, ZHI_V_OK, digest, &d);
}

static void setup(struct test_archive *t) {
  archive_setup(t);
  put(t, "zwgk/t1.html", "第一件", 1);
  put(t, "zwgk/t1.html", "第一件", 2);
  put(t, "zwgk/t2.html", "第二件", 1);
}

static sqlite3 *open_db(const struct test_archive *t) {
  char path[128];
  sqlite3 *db = NULL;
  snprintf(path, sizeof path, "%s/xianzhi.db", t->dir);
  assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
  return db;
}

/* Rows of the query; a query that fails fails the test with its text. */
static int rows_of(sqlite3 *db, struct zhi_str sql) {
  sqlite3_stmt *st = NULL;
  int rows = 0, rc;
  if (sqlite3_prepare_v2(db, sql.p, (int)sql.len, &st, NULL) != SQLITE_OK)
    fail_msg("%s in:\n%.*s", sqlite3_errmsg(db), ZHI_STR_ARGS(sql));
  while ((rc = sqlite3_step(st)) == SQLITE_ROW)
    rows++;
  if (rc != SQLITE_DONE)
    fail_msg("%s in:\n%.*s", sqlite3_errmsg(db), ZHI_STR_ARGS(sql));
  sqlite3_finalize(st);
  return rows;
}

/* What stands between this fence and the next; *page moves on. NULL view: no more. */
static struct zhi_str fenced(struct zhi_str *page, const char *fence) {
  const char *at = zhi_str_find(*page, zhi_str_of(fence));
  if (!at)
    return ZHI_STR_NONE;
  struct zhi_str rest = zhi_str_sub(*page, (size_t)(at - page->p) + strlen(fence), page->len);
  const char *end = zhi_str_find(rest, ZHI_STR("\n```"));
  assert_non_null(end);
  size_t n = (size_t)(end - rest.p);
  *page = zhi_str_sub(rest, n + 4, rest.len);
  return zhi_str_sub(rest, 0, n);
}

static void every_query_of_the_page_runs(void **state) {
  struct test_archive t;
  struct zhi_buf text;
  struct zhi_err e = {0};
  int queries = 0, answered = 0;
  (void)state;
  setup(&t);
  sqlite3 *db = open_db(&t);
  assert_int_equal(zhi_read_file("docs/catalogue.md", PAGE_MAX_BYTES, &text, &e), ZHI_OK);
  struct zhi_str page = zhi_buf_view(&text), sql;
  while ((sql = fenced(&page, "```sql\n")).p) {
    queries++;
    answered += rows_of(db, sql) > 0;
  }
  assert_int_equal(queries, QUERIES);
  assert_int_equal(
      answered, 10); /* the others ask for lists, reports, exclusions, take-downs: there are none */
  zhi_buf_release(&text);
  sqlite3_close(db);
  archive_teardown(&t);
}

/* Each view of the page's first table is one of the database. */
static void every_view_of_the_page_is_there(void **state) {
  struct test_archive t;
  struct zhi_buf text;
  struct zhi_err e = {0};
  int views = 0;
  (void)state;
  setup(&t);
  sqlite3 *db = open_db(&t);
  assert_int_equal(zhi_read_file("docs/catalogue.md", PAGE_MAX_BYTES, &text, &e), ZHI_OK);
  struct zhi_str rest = zhi_buf_view(&text);
  while (rest.p) {
    struct zhi_str line = zhi_str_cut(&rest, '\n');
    char sql[128];
    const char *end = zhi_str_starts(line, "| `") ? zhi_str_find(line, ZHI_STR("` |")) : NULL;
    if (!end)
      continue;
    int n = snprintf(sql, sizeof sql, "SELECT * FROM %.*s LIMIT 0", (int)(end - line.p) - 3,
                     line.p + 3);
    assert_int_equal(rows_of(db, zhi_str_n(sql, (size_t)n)), 0);
    views++;
  }
  assert_true(views >= 9);
  zhi_buf_release(&text);
  sqlite3_close(db);
  archive_teardown(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_query_of_the_page_runs),
      cmocka_unit_test(every_view_of_the_page_is_there),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
