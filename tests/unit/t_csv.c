/* documents.csv: one row per version, RFC 4180, whole or not at all, described by datapackage.json, and the same rows
 * as the view `documents` of the database. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "tests/support/archive.h"

enum { DAY_MS = 24 * 3600 * 1000 };

static struct zhi_doc_row document(const char *title, const char *text_digest) {
  struct zhi_doc_row d = {.kind = "document",
                          .extractor_version = "1",
                          .text_digest = zhi_str_of(text_digest),
                          .body_chars = 12};
  d.field[ZHI_F_TITLE] = zhi_str_of(title);
  return d;
}

static void put(struct test_archive *t, const char *path, const char *title, const char *payload,
                const char *text_digest) {
  char url[128], key[128];
  struct zhi_doc_row d = document(title, text_digest);
  snprintf(url, sizeof url, "http://a.gov.cn/%s", path);
  snprintf(key, sizeof key, "cn,gov,a)/%s", path);
  archive_capture(t, url, key, ZHI_V_OK, payload, &d);
}

static void without_doc(struct test_archive *t, const char *path, enum zhi_verdict verdict) {
  char url[128], key[128];
  snprintf(url, sizeof url, "http://a.gov.cn/%s", path);
  snprintf(key, sizeof key, "cn,gov,a)/%s", path);
  archive_capture(t, url, key, verdict, NULL, NULL);
}

/* --- a small reader of RFC 4180, apart from the writer ---------------------------------------------------- */

enum { CELLS_MAX = 100, ROWS_MAX = 16 };
struct table {
  char *text;
  size_t rows, columns;
  char *cell[ROWS_MAX][CELLS_MAX];
};

static void read_table(const struct test_archive *t, struct table *x) {
  memset(x, 0, sizeof *x);
  x->text = archive_file(t, "documents.csv");
  assert_non_null(x->text);
  char *in = x->text, *out = x->text;
  while (*in) {
    size_t n = 0;
    for (bool more = true; more; n++) {
      assert_true(n < CELLS_MAX && x->rows < ROWS_MAX);
      x->cell[x->rows][n] = out;
      if (*in == '"') {
        for (in++; in[0] != '"' || in[1] == '"'; *out++ = *in++)
          in += in[0] == '"';
        in++;
      } else {
        while (*in != ',' && *in != '\r') {
          assert_true(*in && *in != '"' && *in != '\n');
          *out++ = *in++;
        }
      }
      more = *in == ',';
      assert_true(more || (in[0] == '\r' && in[1] == '\n'));
      in += more ? 1 : 2;
      *out++ = '\0'; /* never overtakes `in` */
    }
    if (x->rows++ == 0)
      x->columns = n;
    assert_int_equal(n, x->columns);
  }
}

static const char *cell(const struct table *x, size_t row, const char *column) {
  assert_true(row < x->rows);
  for (size_t i = 0; i < x->columns; i++)
    if (strcmp(x->cell[0][i], column) == 0)
      return x->cell[row][i];
  fail_msg("no column %s", column);
  return NULL;
}

static void write_csv(struct test_archive *t, struct table *x) {
  struct zhi_err e = {0};
  assert_int_equal(zhi_store_write_csv(t->s, &e), ZHI_OK);
  read_table(t, x);
}

/* Every cell of the file equals the view's. */
static void expect_like_the_view(const struct test_archive *t, const struct table *x) {
  char path[128];
  sqlite3 *db = NULL;
  sqlite3_stmt *st = NULL;
  size_t row = 0;
  snprintf(path, sizeof path, "%s/xianzhi.db", t->dir);
  assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
  assert_int_equal(
      sqlite3_prepare_v2(db, "SELECT * FROM documents ORDER BY url_key, captured_at, version", -1,
                         &st, NULL),
      SQLITE_OK);
  assert_int_equal(sqlite3_column_count(st), x->columns);
  while (sqlite3_step(st) == SQLITE_ROW) {
    row++;
    for (int i = 0; i < (int)x->columns; i++) {
      const char *v = (const char *)sqlite3_column_text(st, i);
      assert_string_equal(sqlite3_column_name(st, i), x->cell[0][i]);
      assert_string_equal(v ? v : "", x->cell[row][i]);
    }
  }
  assert_int_equal(row + 1, x->rows);
  sqlite3_finalize(st);
  sqlite3_close(db);
}

/* --- the rows -------------------------------------------------------------------------------------------------- */

static void the_columns_stand_in_their_fixed_order(void **state) {
  static const char *const first[] = {
      "url",          "url_key",       "captured_at",   "first_seen",  "last_seen", "state",
      "version",      "kind",          "status",        "mime",        "charset",   "site_name",
      "site_id_code", "division_code", "division_name", "column_name", "title",     "index_no",
      "issuer",       "publisher",     "doc_no"};
  static const char *const last[] = {"raw_fields",  "body_chars",  "attachment_count",
                                     "attachments", "text_digest", "payload_digest",
                                     "warc_file",   "warc_offset", "warc_length",
                                     "revisit_of",  "findings"};
  enum { FIRST = sizeof first / sizeof *first, LAST = sizeof last / sizeof *last };
  struct test_archive t;
  struct table x;
  (void)state;
  archive_setup(&t);
  write_csv(&t, &x);
  assert_int_equal(x.rows, 1); /* the head stands also without rows */
  for (size_t i = 0; i < FIRST; i++)
    assert_string_equal(x.cell[0][i], first[i]);
  for (size_t i = 0; i < LAST; i++)
    assert_string_equal(x.cell[0][x.columns - LAST + i], last[i]);
  for (int f = 0; f < ZHI_FIELD_COUNT; f++)
    cell(&x, 0, zhi_field_table[f].name);
  assert_int_equal(x.columns, ZHI_FIELD_COUNT + 11 + LAST);
  free(x.text);
  archive_teardown(&t);
}

static void any_text_comes_back_from_the_file(void **state) {
  static const char *const titles[] = {"plain",
                                       "comma, inside",
                                       "quote \" inside",
                                       "\"",
                                       "line\nbreak",
                                       "carriage\r\nreturn",
                                       "lone\rreturn",
                                       "=SUM(A1:A9)",
                                       "+86 370",
                                       "-1",
                                       "@x",
                                       "\ttab",
                                       " 空格 ",
                                       "关于《办法》的通知"};
  enum { N = sizeof titles / sizeof *titles };
  struct test_archive t;
  struct table x;
  (void)state;
  archive_setup(&t);
  for (size_t i = 0; i < N; i++) {
    char path[16], payload[16];
    snprintf(path, sizeof path, "%02zu", i);
    snprintf(payload, sizeof payload, "sha256:%zu", i);
    put(&t, path, titles[i], payload, payload);
  }
  write_csv(&t, &x);
  assert_int_equal(x.rows, N + 1);
  for (size_t i = 0; i < N; i++)
    assert_string_equal(cell(&x, i + 1, "title"), titles[i]);
  expect_like_the_view(&t, &x);
  free(x.text);
  archive_teardown(&t);
}

static void bytes_no_reader_could_take_are_mended(void **state) {
  struct test_archive t;
  struct table x;
  struct zhi_doc_row d = document("", "sha256:t");
  (void)state;
  d.field[ZHI_F_TITLE] = zhi_str_n("a\0b\xff,c", 6);
  archive_setup(&t);
  archive_capture(&t, "http://a.gov.cn/x", "cn,gov,a)/x", ZHI_V_OK, "sha256:p", &d);
  write_csv(&t, &x);
  assert_string_equal(cell(&x, 1, "title"), "ab\xEF\xBF\xBD,c");
  free(x.text);
  archive_teardown(&t);
}

static void rows_are_versions_in_order_of_key_and_time(void **state) {
  struct test_archive t;
  struct table x;
  (void)state;
  archive_setup(&t);
  put(&t, "b", "b1", "sha256:1", "sha256:t1");
  put(&t, "a", "a", "sha256:9", "sha256:t9");
  t.now_ms += DAY_MS;
  put(&t, "b", "b1 again", "sha256:1",
      "sha256:t1x"); /* same payload: another extractor's reading */
  t.now_ms += DAY_MS;
  put(&t, "b", "b1 again", "sha256:2", "sha256:t1x"); /* same text: the template changed */
  t.now_ms += DAY_MS;
  without_doc(&t, "b", ZHI_V_NOT_MODIFIED);
  t.now_ms += DAY_MS;
  put(&t, "b", "b2", "sha256:3", "sha256:t2");
  t.now_ms += DAY_MS;
  without_doc(&t, "b", ZHI_V_BLOCKED); /* says nothing */
  write_csv(&t, &x);
  assert_int_equal(x.rows, 4);
  assert_string_equal(cell(&x, 1, "title"), "a");
  assert_string_equal(cell(&x, 2, "title"), "b1");
  assert_string_equal(cell(&x, 2, "version"), "1");
  assert_string_equal(cell(&x, 2, "state"), "superseded");
  assert_string_equal(cell(&x, 2, "captured_at"), "2018-03-29T08:00:00Z");
  assert_string_equal(cell(&x, 2, "last_seen"), "2018-04-01T08:00:00Z");
  assert_string_equal(cell(&x, 3, "title"), "b2");
  assert_string_equal(cell(&x, 3, "version"), "2");
  assert_string_equal(cell(&x, 3, "state"), "current");
  assert_string_equal(cell(&x, 3, "first_seen"), "2018-03-29T08:00:00Z");
  assert_string_equal(cell(&x, 3, "last_seen"), "2018-04-02T08:00:00Z");
  expect_like_the_view(&t, &x);
  free(x.text);
  archive_teardown(&t);
}

static void a_document_gone_in_two_crawls_is_removed(void **state) {
  static const struct {
    const char
        *crawls; /* what each crawl met: d document, D another, g gone, s soft 404, b blocked */
    const char *states; /* first letters of the rows' states */
  } cases[] = {{"d", "c"},    {"dg", "c"},   {"dgg", "r"},  {"dgs", "r"},   {"dbb", "c"},
               {"dgbg", "r"}, {"dgdg", "c"}, {"dggd", "c"}, {"dggD", "sc"}, {"dDgg", "sr"}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct test_archive t;
    struct table x;
    archive_setup(&t);
    for (const char *c = cases[i].crawls; *c; c++) {
      if (*c == 'd' || *c == 'D')
        put(&t, "x", "x", *c == 'd' ? "sha256:1" : "sha256:2", *c == 'd' ? "t1" : "t2");
      else
        without_doc(&t, "x", *c == 'g' ? ZHI_V_GONE : *c == 's' ? ZHI_V_SOFT_404 : ZHI_V_BLOCKED);
      if (*c == 'g') { /* twice in one crawl counts once */
        t.now_ms += 1000;
        without_doc(&t, "x", ZHI_V_GONE);
      }
      t.now_ms += DAY_MS;
      archive_begin(&t, true);
    }
    write_csv(&t, &x);
    assert_int_equal(x.rows, strlen(cases[i].states) + 1);
    for (size_t r = 1; r < x.rows; r++)
      assert_int_equal(cell(&x, r, "state")[0], cases[i].states[r - 1]);
    expect_like_the_view(&t, &x);
    free(x.text);
    archive_teardown(&t);
  }
}

static void only_documents_have_rows(void **state) {
  static const char *const kinds[] = {"document", "list", "home", "other", "blocked", "soft_404"};
  struct test_archive t;
  struct table x;
  (void)state;
  archive_setup(&t);
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    char url[64];
    struct zhi_doc_row d = document(kinds[i], kinds[i]);
    d.kind = kinds[i];
    snprintf(url, sizeof url, "http://a.gov.cn/%zu", i);
    archive_capture(&t, url, url + 7, ZHI_V_OK, kinds[i], &d);
  }
  write_csv(&t, &x);
  assert_int_equal(x.rows, 2);
  assert_string_equal(cell(&x, 1, "kind"), "document");
  free(x.text);
  archive_teardown(&t);
}

static void the_same_catalogue_gives_the_same_bytes(void **state) {
  struct test_archive t;
  struct table x;
  (void)state;
  archive_setup(&t);
  put(&t, "b", "b", "sha256:1", "t1");
  put(&t, "a", "a", "sha256:2", "t2");
  write_csv(&t, &x);
  free(x.text);
  char *one = archive_file(&t, "documents.csv");
  archive_restart(&t);
  write_csv(&t, &x);
  free(x.text);
  char *two = archive_file(&t, "documents.csv");
  assert_string_equal(one, two);
  assert_true((unsigned char)one[0] != 0xEF); /* no byte order mark */
  free(one);
  free(two);
  archive_teardown(&t);
}

static void a_failed_rewrite_leaves_the_old_file(void **state) {
  struct test_archive t;
  struct table x;
  struct zhi_err e = {0};
  char path[128];
  (void)state;
  archive_setup(&t);
  put(&t, "a", "old", "sha256:1", "t1");
  write_csv(&t, &x);
  free(x.text);
  put(&t, "b", "new", "sha256:2", "t2");
  snprintf(path, sizeof path, "%s/documents.csv.tmp", t.dir);
  assert_int_equal(mkdir(path, 0777), 0); /* nothing can be written there */
  assert_int_equal(zhi_store_write_csv(t.s, &e), ZHI_EIO);
  assert_non_null(strstr(e.msg, path));
  read_table(&t, &x);
  assert_int_equal(x.rows, 2);
  free(x.text);
  assert_int_equal(rmdir(path), 0);
  write_csv(&t, &x);
  assert_int_equal(x.rows, 3);
  assert_int_equal(access(path, F_OK), -1); /* no remains */
  free(x.text);
  archive_teardown(&t);
}

static void the_package_describes_the_file(void **state) {
  struct test_archive t;
  struct table x;
  char want[ZHI_DIGEST_TEXT_SIZE];
  (void)state;
  archive_setup(&t);
  put(&t, "a", "标题", "sha256:1", "t1");
  write_csv(&t, &x);
  char *csv = archive_file(&t, "documents.csv"), *text = archive_file(&t, "datapackage.json");
  json_t *p = json_loads(text, 0, NULL);
  json_t *r = json_array_get(json_object_get(p, "resources"), 0);
  json_t *schema = json_object_get(r, "schema"), *fields = json_object_get(schema, "fields");
  assert_int_equal(zhi_sha256_text(zhi_str_of(csv), want, NULL), ZHI_OK);
  assert_string_equal(json_string_value(json_object_get(r, "hash")), want);
  assert_int_equal(json_integer_value(json_object_get(r, "bytes")), strlen(csv));
  assert_int_equal(json_integer_value(json_object_get(r, "rowCount")), 1);
  assert_string_equal(json_string_value(json_object_get(r, "path")), "documents.csv");
  assert_int_equal(json_array_size(fields), x.columns);
  for (size_t i = 0; i < x.columns; i++) {
    json_t *f = json_array_get(fields, i);
    assert_string_equal(json_string_value(json_object_get(f, "name")), x.cell[0][i]);
    assert_non_null(json_string_value(json_object_get(f, "title")));
    assert_non_null(json_string_value(json_object_get(f, "title@zh")));
    assert_non_null(json_string_value(json_object_get(f, "type")));
  }
  assert_int_equal(json_array_size(json_object_get(schema, "primaryKey")), 2);
  json_decref(p);
  free(csv);
  free(text);
  free(x.text);
  archive_teardown(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_columns_stand_in_their_fixed_order),
      cmocka_unit_test(any_text_comes_back_from_the_file),
      cmocka_unit_test(bytes_no_reader_could_take_are_mended),
      cmocka_unit_test(rows_are_versions_in_order_of_key_and_time),
      cmocka_unit_test(a_document_gone_in_two_crawls_is_removed),
      cmocka_unit_test(only_documents_have_rows),
      cmocka_unit_test(the_same_catalogue_gives_the_same_bytes),
      cmocka_unit_test(a_failed_rewrite_leaves_the_old_file),
      cmocka_unit_test(the_package_describes_the_file),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
