/* Import: other people's WARC files become an archive that all commands read; what is odd is told, not fatal; a second
 * run stores nothing twice. And the archive as WACZ, whole and in part. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>
#include <sqlite3.h>
#include <zip.h>

#include "crawler/archive.h"
#include "crawler/import.h"
#include "crawler/wacz.h"
#include "zhi/store.h"

struct place {
  char dir[64], archive[96], warc[96];
};

/* --- files as others write them ----------------------------------------------------------------------------------- */

static void add_record(struct zhi_buf *b, const char *headers, const char *block) {
  zhi_buf_addf(b, "%sContent-Length: %zu\r\n\r\n%s\r\n\r\n", headers, strlen(block), block);
}

static void add_response(struct zhi_buf *b, const char *version, const char *uri, const char *date,
                         const char *id, const char *http) {
  char headers[1024];
  snprintf(headers, sizeof headers,
           "%s\r\nWARC-Type: response\r\nWARC-Target-URI: %s\r\nWARC-Date: %s\r\n"
           "WARC-Record-ID: <urn:uuid:%s>\r\nContent-Type: application/http; msgtype=response\r\n",
           version, uri, date, id);
  add_record(b, headers, http);
}

#define PAGE(title, body)                                                                          \
  "<html><head><meta charset=\"utf-8\"><title>" title "</title>"                                   \
  "<meta name=\"ArticleTitle\" content=\"" title "\"><meta name=\"PubDate\" "                      \
  "content=\"2018-03-29\"></head><body><h1>" title "</h1><div class=\"TRS_Editor\"><p>" body       \
  "</p></div></body></html>"
#define OK_HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"

/* A WARC/1.0 file with angle brackets, chunks, a DNS answer, an image, a redirect, a page gone and a revisit. */
static void foreign_file(struct zhi_buf *b) {
  zhi_buf_init(b, 1 << 20);
  add_record(b,
             "WARC/1.0\r\nWARC-Type: warcinfo\r\nWARC-Date: 2018-03-01T00:00:00Z\r\n"
             "WARC-Record-ID: <urn:uuid:0>\r\nContent-Type: application/warc-fields\r\n",
             "software: somebody's\r\n");
  add_record(b,
             "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: dns:a.gov.cn\r\n"
             "WARC-Date: 2018-03-01T00:00:00Z\r\nWARC-Record-ID: <urn:uuid:1>\r\n"
             "Content-Type: text/dns\r\n",
             "20180301000000\na.gov.cn. 300 IN A 192.0.2.1\n");
  add_record(b,
             "WARC/1.0\r\nWARC-Type: request\r\nWARC-Target-URI: <http://a.gov.cn/1.html>\r\n"
             "WARC-Date: 2018-03-01T00:00:01Z\r\nWARC-Record-ID: <urn:uuid:2>\r\n"
             "Content-Type: application/http; msgtype=request\r\n",
             "GET /1.html HTTP/1.1\r\nHost: a.gov.cn\r\n\r\n");
  add_response(b, "WARC/1.0", "<http://a.gov.cn/1.html>", "2018-03-01T00:00:01Z", "3",
               OK_HEAD "\r\n" PAGE("关于第一件的通知", "第一件的正文在此,内容如下。"));
  static const char first[] = "<html><head><meta charset=\"utf-8\"><title>two</title><meta "
                              "name=\"ArticleTitle\" content=\"chunked document\"></head><body>"
                              "<h1>chunked document</h1><div class=\"TRS_Editor\"><p>in two pieces",
                    second[] = " and more, all of it body text.</p></div></body></html>";
  char chunked[1024];
  snprintf(chunked, sizeof chunked,
           OK_HEAD "Transfer-Encoding: chunked\r\n\r\n%zx\r\n%s\r\n%zx\r\n%s\r\n0\r\n\r\n",
           sizeof first - 1, first, sizeof second - 1, second);
  add_response(b, "WARC/1.0", "http://a.gov.cn/2.html", "2018-03-01T00:00:02Z", "4", chunked);
  add_response(b, "WARC/1.0", "http://a.gov.cn/a.png", "2018-03-01T00:00:03Z", "5",
               "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n\x89PNG");
  add_response(b, "WARC/1.0", "http://a.gov.cn/old", "2018-03-01T00:00:04Z", "6",
               "HTTP/1.1 302 Found\r\nLocation: /1.html\r\n\r\n");
  add_response(b, "WARC/1.0", "http://a.gov.cn/gone", "2018-03-01T00:00:05Z", "7",
               "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n<p>404</p>");
}

static void setup(struct place *p, const struct zhi_buf *bytes) {
  strcpy(p->dir, "/tmp/zhi-import-XXXXXX");
  assert_non_null(mkdtemp(p->dir));
  snprintf(p->archive, sizeof p->archive, "%s/archive", p->dir);
  snprintf(p->warc, sizeof p->warc, "%s/x.warc", p->dir);
  FILE *f = fopen(p->warc, "w");
  assert_non_null(f);
  assert_int_equal(fwrite(bytes->p, 1, bytes->len, f), bytes->len);
  fclose(f);
}

static void teardown(struct place *p) {
  char cmd[128];
  snprintf(cmd, sizeof cmd, "rm -rf '%s'", p->dir);
  assert_int_equal(system(cmd), 0);
}

static void count_problem(void *ctx, const char *path, const struct zhi_warc_problem *x) {
  assert_non_null(path);
  *(int *)ctx += !x->minor;
}

static struct zhi_import_done import(struct place *p, int *problems) {
  struct zhi_import_done done;
  struct zhi_err e = {0};
  char *paths[] = {p->warc};
  struct zhi_import_options o = {.archive = p->archive, .problem = count_problem, .ctx = problems};
  if (zhi_archive_import(paths, 1, &o, &done, &e))
    fail_msg("%s", e.msg);
  return done;
}

static int64_t ask(const struct place *p, const char *sql) {
  char path[128];
  sqlite3 *db;
  sqlite3_stmt *st;
  snprintf(path, sizeof path, "%s/xianzhi.db", p->archive);
  assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_step(st), SQLITE_ROW);
  int64_t n = sqlite3_column_int64(st, 0);
  sqlite3_finalize(st);
  sqlite3_close(db);
  return n;
}

static void print_problem(void *ctx, const char *text) {
  print_message("%s\n", text);
  ++*(int *)ctx;
}

static void expect_sound(const struct place *p) {
  int problems = 0;
  struct zhi_err e = {0};
  assert_int_equal(zhi_archive_verify(p->archive, print_problem, &problems, &e), ZHI_OK);
  assert_int_equal(problems, 0);
}

/* --- tests ------------------------------------------------------------------------------------------------------- */

static void captures_and_documents_of_a_foreign_file_come_in(void **state) {
  struct place p;
  struct zhi_buf b;
  int problems = 0;
  (void)state;
  foreign_file(&b);
  setup(&p, &b);
  struct zhi_import_done d = import(&p, &problems);
  assert_int_equal(d.records, 6);
  assert_int_equal(d.captures, 5);
  assert_int_equal(d.skipped, 1); /* dns */
  assert_int_equal(problems, 0);
  assert_int_equal(ask(&p, "SELECT count(*) FROM captures"), 5);
  assert_int_equal(ask(&p, "SELECT count(*) FROM captures WHERE verdict = 'ok' AND mime = "
                           "'image/png' AND body_bytes = 4"),
                   1);
  assert_int_equal(ask(&p, "SELECT count(*) FROM captures WHERE verdict = 'redirect' AND "
                           "redirect_to = 'http://a.gov.cn/1.html'"),
                   1);
  assert_int_equal(ask(&p, "SELECT count(*) FROM captures WHERE verdict = 'gone'"), 1);
  assert_int_equal(ask(&p, "SELECT count(*) FROM document WHERE title = '关于第一件的通知'"), 1);
  assert_int_equal(ask(&p, "SELECT count(*) FROM document_text WHERE text LIKE '%in two pieces and "
                           "more%'"),
                   1);
  assert_int_equal(ask(&p, "SELECT count(*) FROM captures WHERE url = 'http://a.gov.cn/1.html' AND "
                           "captured_at = '2018-03-01T00:00:01Z'"),
                   1);
  expect_sound(&p);
  zhi_buf_release(&b);
  teardown(&p);
}

static void a_second_run_stores_nothing_twice(void **state) {
  struct place p;
  struct zhi_buf b;
  int problems = 0;
  (void)state;
  foreign_file(&b);
  setup(&p, &b);
  import(&p, &problems);
  struct zhi_import_done d = import(&p, &problems);
  assert_int_equal(d.known, 5);
  assert_int_equal(ask(&p, "SELECT count(*) FROM captures"), 5);
  assert_int_equal(ask(&p, "SELECT count(*) FROM warc_file"), 1);
  assert_int_equal(ask(&p, "SELECT count(*) FROM crawl"), 1);
  expect_sound(&p);
  zhi_buf_release(&b);
  teardown(&p);
}

static void remains_of_a_killed_import_are_taken_up(void **state) {
  struct place p;
  struct zhi_buf b;
  char path[160];
  int problems = 0;
  (void)state;
  foreign_file(&b);
  setup(&p, &b);
  assert_int_equal(mkdir(p.archive, 0777), 0);
  snprintf(path, sizeof path, "%s/warc", p.archive);
  assert_int_equal(mkdir(path, 0777), 0);
  snprintf(path, sizeof path, "%s/warc/import", p.archive);
  assert_int_equal(mkdir(path, 0777), 0);
  snprintf(path, sizeof path, "%s/warc/import/x.warc", p.archive);
  assert_int_equal(link(p.warc, path), 0); /* linked, and killed before the commit */
  assert_int_equal(import(&p, &problems).captures, 5);
  expect_sound(&p);
  zhi_buf_release(&b);
  teardown(&p);
}

static void damage_in_the_middle_is_told_and_read_over(void **state) {
  struct place p;
  struct zhi_buf b;
  int problems = 0;
  (void)state;
  foreign_file(&b);
  zhi_buf_adds(&b, "\x01\x02 garbage between records\r\n\r\n");
  add_response(&b, "WARC/1.1", "http://a.gov.cn/last.html", "2018-03-01T00:00:09Z", "9",
               OK_HEAD "\r\n" PAGE("最后一件", "最后一件的正文。"));
  setup(&p, &b);
  struct zhi_import_done d = import(&p, &problems);
  assert_int_equal(d.captures, 6);
  assert_true(problems > 0);
  assert_int_equal(ask(&p, "SELECT count(*) FROM document WHERE title = '最后一件'"), 1);
  zhi_buf_release(&b);
  teardown(&p);
}

static void a_revisit_finds_the_body_it_repeats(void **state) {
  struct place p;
  struct zhi_buf b;
  int problems = 0;
  (void)state;
  zhi_buf_init(&b, 1 << 20);
  const char *body = PAGE("一件", "正文。");
  char digest[ZHI_DIGEST_TEXT_SIZE], headers[1024], http[1024];
  assert_int_equal(zhi_sha256_text(zhi_str_of(body), digest, NULL), ZHI_OK);
  snprintf(http, sizeof http, OK_HEAD "\r\n%s", body);
  add_response(&b, "WARC/1.1", "http://a.gov.cn/1", "2018-03-01T00:00:00Z", "1", http);
  snprintf(headers, sizeof headers,
           "WARC/1.1\r\nWARC-Type: revisit\r\nWARC-Target-URI: http://a.gov.cn/1\r\n"
           "WARC-Date: 2018-04-01T00:00:00Z\r\nWARC-Record-ID: <urn:uuid:2>\r\n"
           "WARC-Profile: http://netpreserve.org/warc/1.1/revisit/identical-payload-digest\r\n"
           "WARC-Payload-Digest: %s\r\nContent-Type: application/http; msgtype=response\r\n",
           digest);
  add_record(&b, headers, OK_HEAD "\r\n");
  setup(&p, &b);
  import(&p, &problems);
  assert_int_equal(ask(&p, "SELECT count(*) FROM captures WHERE revisit_of IS NOT NULL AND "
                           "original_warc_offset = 0"),
                   1);
  assert_int_equal(ask(&p, "SELECT count(*) FROM documents WHERE last_seen = "
                           "'2018-04-01T00:00:00Z' AND version = 1"),
                   1);
  zhi_buf_release(&b);
  teardown(&p);
}

/* --- WACZ --------------------------------------------------------------------------------------------------------- */

static char *unzip(const struct place *p, const char *name, bool *stored) {
  char path[128];
  zip_stat_t st;
  int why;
  snprintf(path, sizeof path, "%s/out.wacz", p->dir);
  zip_t *z = zip_open(path, ZIP_RDONLY, &why);
  assert_non_null(z);
  char *text = NULL;
  if (zip_stat(z, name, 0, &st) == 0) {
    zip_file_t *f = zip_fopen(z, name, 0);
    text = calloc(1, st.size + 1);
    assert_int_equal(zip_fread(f, text, st.size), (zip_int64_t)st.size);
    zip_fclose(f);
    if (stored)
      *stored = st.comp_method == ZIP_CM_STORE;
  }
  zip_discard(z);
  return text;
}

static int64_t wacz(const struct place *p, const char *where) {
  char out[128];
  struct zhi_export_done done;
  struct zhi_err e = {0};
  const char *dir = p->archive;
  snprintf(out, sizeof out, "%s/out.wacz", p->dir);
  struct zhi_export_options o = {.where = &where, .where_count = where != NULL, .out = out};
  if (zhi_wacz_write(&dir, 1, &o, &done, &e))
    fail_msg("%s", e.msg);
  snprintf(out, sizeof out, "%s/out.wacz.parts", p->dir);
  assert_int_equal(access(out, F_OK), -1);
  return done.rows;
}

static void expect_in(const struct place *p, const char *name, const char *text, bool there) {
  char *content = unzip(p, name, NULL);
  assert_non_null(content);
  if ((strstr(content, text) != NULL) != there)
    fail_msg("'%s' %s in %s", text, there ? "is not" : "is", name);
  free(content);
}

static void a_whole_archive_becomes_a_wacz(void **state) {
  struct place p;
  struct zhi_buf b;
  int problems = 0;
  bool stored = false;
  (void)state;
  foreign_file(&b);
  setup(&p, &b);
  import(&p, &problems);
  assert_int_equal(wacz(&p, NULL), ask(&p, "SELECT count(*) FROM documents"));
  char *warc = unzip(&p, "archive/x.warc", &stored);
  assert_string_equal(warc, b.p);
  assert_true(stored);
  free(warc);
  expect_in(&p, "pages/pages.jsonl", "\"format\": \"json-pages-1.0\"", true);
  expect_in(&p, "pages/pages.jsonl", "第一件的正文", true);
  expect_in(&p, "indexes/index.idx", "!meta 0", true);
  char *text = unzip(&p, "datapackage.json", NULL),
       *seal = unzip(&p, "datapackage-digest.json", NULL);
  char digest[ZHI_DIGEST_TEXT_SIZE];
  assert_int_equal(zhi_sha256_text(zhi_str_of(text), digest, NULL), ZHI_OK);
  assert_non_null(strstr(seal, digest));
  json_t *package = json_loads(text, 0, NULL);
  assert_string_equal(json_string_value(json_object_get(package, "wacz_version")), "1.1.1");
  assert_int_equal(json_array_size(json_object_get(package, "resources")), 4);
  json_decref(package);
  free(text);
  free(seal);
  zhi_buf_release(&b);
  teardown(&p);
}

static void conditions_and_take_downs_choose_the_records(void **state) {
  struct place p;
  struct zhi_buf b;
  struct zhi_store *s;
  struct zhi_err e = {0};
  int problems = 0;
  int64_t hidden;
  (void)state;
  foreign_file(&b);
  setup(&p, &b);
  import(&p, &problems);
  const char *warc = "archive/selection-1.warc.gz";
  assert_int_equal(wacz(&p, "title=关于第一件的通知"), 1);
  expect_in(&p, warc, "第一件的正文", true);
  expect_in(&p, warc, "PNG", true); /* what pages need */
  expect_in(&p, warc, "in two pieces", false);
  expect_in(&p, warc, "404 Not Found", false);
  assert_int_equal(zhi_store_open(p.archive, ZHI_STORE_WRITE, &zhi_clock_system, &s, &e), ZHI_OK);
  assert_int_equal(
      zhi_store_suppress(s, ZHI_STR("http://a.gov.cn/1.html"), ZHI_STR("r"), &hidden, &e), ZHI_OK);
  zhi_store_close(s);
  wacz(&p, NULL);
  expect_in(&p, warc, "第一件的正文", false);
  expect_in(&p, warc, "in two pieces", true);
  expect_in(&p, warc, "404 Not Found", true);
  expect_in(&p, "pages/pages.jsonl", "第一件", false);
  zhi_buf_release(&b);
  teardown(&p);
}

/* --- chunks --------------------------------------------------------------------------------------------------------- */

static void chunks_are_undone_only_where_there_are_some(void **state) {
  static const struct {
    const char *in, *out; /* NULL: no chunks */
  } cases[] = {
      {"5\r\nhello\r\n0\r\n\r\n", "hello"},
      {"5;name=x\r\nhello\r\n6\n world\n0\n\n", "hello world"},
      {"5\r\nhello\r\n", "hello"},
      {"5\r\nhel", "hel"},
      {"A\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n", "0123456789"},
      {"F\r\n0123456789abcde\r\n0\r\n\r\n", "0123456789abcde"},
      {"1f\r\n0123456789abcdef0123456789abcde\r\n0\r\n", "0123456789abcdef0123456789abcde"},
      {"<html>", NULL},
      {"5 hello", NULL},
      {"dead beef\n", NULL},
      {"2\r\nhello", NULL},
      {"ffffffffffffffffff\r\nx", NULL},
      {"", NULL}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct zhi_buf b;
    zhi_buf_init(&b, 256);
    bool is = zhi_http_dechunk(zhi_str_of(cases[i].in), &b);
    if (is != (cases[i].out != NULL) || (is && strcmp(b.p, cases[i].out) != 0))
      fail_msg("case %zu: %s", i, b.p ? b.p : "nothing");
    zhi_buf_release(&b);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(captures_and_documents_of_a_foreign_file_come_in),
      cmocka_unit_test(a_second_run_stores_nothing_twice),
      cmocka_unit_test(remains_of_a_killed_import_are_taken_up),
      cmocka_unit_test(damage_in_the_middle_is_told_and_read_over),
      cmocka_unit_test(a_revisit_finds_the_body_it_repeats),
      cmocka_unit_test(a_whole_archive_becomes_a_wacz),
      cmocka_unit_test(conditions_and_take_downs_choose_the_records),
      cmocka_unit_test(chunks_are_undone_only_where_there_are_some),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
