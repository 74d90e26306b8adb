/* The rows of the index in blocks: what stands in `doc` is read again, of every block, after every change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/search.h"

static struct zhi_store *open_index(char path[64]) {
  struct zhi_store *s = NULL;
  struct zhi_err e = {0};
  char sql[128];
  snprintf(path, 64, "/tmp/t_search_rows-XXXXXX");
  close(mkstemp(path));
  if (search_open_file(path, SQLITE_OPEN_READWRITE, &s, &e) ||
      zhi_db_exec(s,
                  "CREATE TABLE doc (id INTEGER PRIMARY KEY, version_id, url_id, captured_ms, "
                  "last_ms, latest, day, host, publisher, topic, validity, kind, column_name);"
                  "CREATE TABLE packed (block INTEGER PRIMARY KEY, rows BLOB, facets BLOB);",
                  &e))
    fail_msg("%s", e.msg);
  snprintf(sql, sizeof sql, "ATTACH '%s' AS ix", path);
  assert_int_equal(zhi_db_exec(s, sql, &e), ZHI_OK);
  return s;
}

static void change(struct zhi_store *s, const char *sql) {
  struct zhi_err e = {0};
  if (zhi_db_exec(s, sql, &e) || search_rows_pack(s, &e))
    fail_msg("%s", e.msg);
}

/* All live ones among 1 … 2000 say the same as `doc`; how many there are. */
static int check_all(struct zhi_store *s, bool facets) {
  struct search_rows rows;
  struct zhi_err e = {0};
  char sql[96];
  int n = 0;
  assert_int_equal(search_rows_open(s, facets, &rows, &e), ZHI_OK);
  for (int64_t id = 1; id <= 2000; id++) {
    struct search_row r = {0};
    bool live = false;
    int64_t version = 0;
    assert_int_equal(search_rows_get(&rows, id, &r, &live, &e), ZHI_OK);
    snprintf(sql, sizeof sql, "SELECT max(version_id) FROM main.doc WHERE id = %lld",
             (long long)id);
    assert_int_equal(zhi_db_int(s, sql, &version, &e), ZHI_OK);
    assert_int_equal(live ? r.version_id : 0, version);
    if (!live)
      continue;
    n++;
    assert_int_equal(r.url_id, 7 * id + ((int64_t)1 << 40));
    assert_int_equal(r.captured_ms, 1600000000000 + id);
    assert_int_equal(r.last_ms, 1700000000000 + id);
    assert_int_equal(r.latest, id % 2);
    assert_int_equal(r.day, id % 3 == 0 ? 0 : id % 3 == 1 ? 20180300 : 20190412);
    assert_int_equal(r.facet[SV_COLUMN], facets ? id + 5 : 0);
    assert_int_equal(r.facet[SV_HOST], facets ? id : 0);
    assert_int_equal(r.facet[SEARCH_YEAR], facets ? r.day / 10000 : 0);
  }
  search_rows_close(&rows);
  return n;
}

#define ROWS(from, to)                                                                             \
  "WITH RECURSIVE n (i) AS (VALUES (" #from ") UNION ALL SELECT i + 1 FROM n WHERE i < " #to ") "  \
  "INSERT INTO doc SELECT i, i + 100, 7 * i + (1 << 40), 1600000000000 + i, 1700000000000 + i, "   \
  "i % 2, CASE i % 3 WHEN 1 THEN '2018-03' WHEN 2 THEN '2019-04-12' END, i, i + 1, i + 2, i + 3, " \
  "i + 4, i + 5 FROM n"

static void rows_are_read_as_they_were_last_put(void **state) {
  static const struct {
    const char *sql;
    int live, blocks;
  } rows[] = {{"SELECT 1", 0, 1},
              {ROWS(1, 1000), 1000, 4},
              {"DELETE FROM doc WHERE id = 256", 999, 4},
              {"DELETE FROM doc WHERE id BETWEEN 250 AND 520", 729, 4}, /* all of one block, too */
              {ROWS(1600, 1700), 830, 7},                               /* a block without rows */
              {"UPDATE doc SET version_id = 9 WHERE id = 1650", 830, 7},
              {"DELETE FROM doc WHERE id > 900", 629, 7},
              {"DELETE FROM doc", 0, 7}};
  char path[64];
  struct zhi_store *s = open_index(path);
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    int64_t blocks = 0;
    change(s, rows[i].sql);
    assert_int_equal(check_all(s, false), rows[i].live);
    assert_int_equal(check_all(s, true), rows[i].live);
    assert_int_equal(zhi_db_int(s, "SELECT count(*) FROM packed", &blocks, NULL), ZHI_OK);
    assert_int_equal(blocks, rows[i].blocks);
  }
  zhi_store_close(s);
  unlink(path);
}

static void a_block_that_is_the_same_is_not_written(void **state) {
  char path[64];
  int64_t before = 0, after = 0;
  struct zhi_store *s = open_index(path);
  (void)state;
  change(s, ROWS(1, 1000));
  before = sqlite3_total_changes(s->db);
  change(s, "UPDATE doc SET latest = 1 - latest WHERE id = 700");
  after = sqlite3_total_changes(s->db);
  assert_int_equal(after - before, 2); /* the row and its block */
  zhi_store_close(s);
  unlink(path);
}

static void a_block_of_another_size_has_no_rows(void **state) {
  char path[64];
  struct zhi_store *s = open_index(path);
  struct zhi_err e = {0};
  (void)state;
  change(s, ROWS(1, 300));
  assert_int_equal(
      zhi_db_exec(s, "UPDATE packed SET rows = x'0102' WHERE block = 0; DELETE FROM doc", &e),
      ZHI_OK);
  struct search_rows rows;
  struct search_row r;
  bool live = true;
  assert_int_equal(search_rows_open(s, true, &rows, &e), ZHI_OK);
  assert_int_equal(search_rows_get(&rows, 5, &r, &live, &e), ZHI_OK);
  assert_false(live);
  assert_int_equal(search_rows_get(&rows, 256, &r, &live, &e), ZHI_OK);
  assert_true(live);
  search_rows_close(&rows);
  zhi_store_close(s);
  unlink(path);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_are_read_as_they_were_last_put),
      cmocka_unit_test(a_block_that_is_the_same_is_not_written),
      cmocka_unit_test(a_block_of_another_size_has_no_rows),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
