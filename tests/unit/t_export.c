/* Exports: the same documents as CSV, JSON lines and XLSX; conditions; several archives; what is said of mistakes. */
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
#include <zip.h>

#include "tests/support/archive.h"
#include "zhi/csv.h"
#include "zhi/export.h"
#include "zhi/file.h"

/* An archive with documents 1, 2, … at http://a.gov.cn/N, published in 2018-0N-01. */
static void put(struct test_archive *t, unsigned n, const char *title, const char *publisher,
                int version) {
  char url[64], key[64], date[16], payload[32], digest[32], text[64];
  struct zhi_doc_row d = {.kind = "document", .extractor_version = "1", .body_chars = 5};
  snprintf(url, sizeof url, "http://a.gov.cn:81/%u", n);
  snprintf(key, sizeof key, "cn,gov,a:81)/%u", n);
  snprintf(date, sizeof date, "2018-%02u-01", n);
  snprintf(payload, sizeof payload, "sha256:%u.%d", n, version);
  snprintf(digest, sizeof digest, "text%u.%d", n, version);
  snprintf(text, sizeof text, "正文\n第 %u 件", n);
  d.field[ZHI_F_TITLE] = zhi_str_of(title);
  d.field[ZHI_F_PUBLISHER] = zhi_str_of(publisher);
  d.field[ZHI_F_DATE_PUBLISHED] = zhi_str_of(n <= 12 ? date : "");
  d.field[ZHI_F_KEYWORDS] = ZHI_STR("财政; 预算");
  d.fields_json = ZHI_STR("{\"title\":{\"raw\":\"x\"}}");
  d.text_digest = zhi_str_of(digest);
  d.text = zhi_str_of(text);
  t->now_ms += 1000;
  archive_capture(t, url, key, ZHI_V_OK, payload, &d);
}

static void close_store(struct test_archive *t) {
  zhi_store_close(t->s);
  t->s = NULL;
}

static enum zhi_code export_to(const struct test_archive *t, struct zhi_export_options o,
                               const char *name, struct zhi_export_done *done, struct zhi_err *e) {
  char path[128];
  const char *dir = t->dir;
  snprintf(path, sizeof path, "%s/%s", t->dir, name);
  o.out = path;
  return zhi_export(&dir, 1, &o, done, e);
}

/* The file an export of these options makes; free() it. */
static char *exported(const struct test_archive *t, struct zhi_export_options o,
                      struct zhi_export_done *done) {
  struct zhi_err e = {0};
  if (export_to(t, o, "out", done, &e) != ZHI_OK)
    fail_msg("%s", e.msg);
  char *text = archive_file(t, "out");
  assert_non_null(text);
  return text;
}

static void expect(const struct test_archive *t, struct zhi_export_options o, const char *want) {
  struct zhi_export_done done;
  char *text = exported(t, o, &done);
  assert_string_equal(text, want);
  free(text);
}

static void setup(struct test_archive *t) {
  archive_setup(t);
  put(t, 1, "=1+1", "甲局", 1);
  put(t, 2, "old, \"name\"", "乙局", 1);
  put(t, 2, "new\nname", "乙局", 2);
  put(t, 13, "411481001500123", "甲局", 1);
  close_store(t);
}

static void a_csv_has_the_latest_version_unless_all_are_asked_for(void **state) {
  struct test_archive t;
  (void)state;
  setup(&t);
  expect(&t, (struct zhi_export_options){.fields = "host,version,title"},
         "host,version,title\r\na.gov.cn,1,=1+1\r\na.gov.cn,1,411481001500123\r\n"
         "a.gov.cn,2,\"new\nname\"\r\n");
  expect(&t, (struct zhi_export_options){.fields = "version,state,title", .all_versions = true},
         "version,state,title\r\n1,current,=1+1\r\n1,current,411481001500123\r\n"
         "1,superseded,\"old, \"\"name\"\"\"\r\n2,current,\"new\nname\"\r\n");
  archive_teardown(&t);
}

static void a_csv_for_excel_neither_runs_nor_spoils_a_cell(void **state) {
  struct test_archive t;
  (void)state;
  setup(&t);
  expect(&t, (struct zhi_export_options){.fields = "title,version", .excel = true},
         "\xEF\xBB\xBFtitle,version\r\n'=1+1,1\r\n'411481001500123,1\r\n\"new\nname\",2\r\n");
  archive_teardown(&t);
}

static void conditions_choose_rows(void **state) {
  static const char *const two_values[] = {"publisher=甲局", "publisher=乙局", "version=2"};
  static const char *const one_of_list[] = {"keywords=预算", "title==1+1"};
  static const char *const none[] = {"publisher=局"};
  static const char *const of_archive[] = {"host=a.gov.cn", "date_published="};
  struct test_archive t;
  (void)state;
  setup(&t);
  expect(&t, (struct zhi_export_options){.fields = "url", .where = two_values, .where_count = 3},
         "url\r\nhttp://a.gov.cn:81/2\r\n");
  expect(&t, (struct zhi_export_options){.fields = "url", .where = one_of_list, .where_count = 2},
         "url\r\nhttp://a.gov.cn:81/1\r\n");
  expect(&t, (struct zhi_export_options){.fields = "url", .where = none, .where_count = 1},
         "url\r\n");
  expect(&t, (struct zhi_export_options){.fields = "url", .where = of_archive, .where_count = 2},
         "url\r\nhttp://a.gov.cn:81/13\r\n");
  archive_teardown(&t);
}

static void dates_are_inclusive_and_as_exact_as_they_are_given(void **state) {
  static const struct {
    const char *from, *to, *rows;
    int64_t undated;
  } cases[] = {{"2018-01-01", "2018-01-01", "1", 1},
               {"2018", NULL, "12", 1},
               {"2018-02", NULL, "2", 1},
               {NULL, "2018-01", "1", 1},
               {"2019", NULL, "", 1},
               {NULL, NULL, "1D2", 0}};
  struct test_archive t;
  (void)state;
  setup(&t);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct zhi_export_done done;
    char got[16] = "";
    char *text = exported(
        &t, (struct zhi_export_options){.fields = "url", .from = cases[i].from, .to = cases[i].to},
        &done);
    size_t n = 0;
    for (const char *p = text; (p = strstr(p, ":81/")); p += 4)
      got[n++] = p[4] == '1' && p[5] == '3' ? 'D' : p[4];
    assert_string_equal(got, cases[i].rows);
    assert_int_equal(done.undated, cases[i].undated);
    free(text);
  }
  archive_teardown(&t);
}

static void mistakes_are_told_with_what_was_meant(void **state) {
  static const char *const no_equals[] = {"title"};
  static const char *const no_field[] = {"titel=x"};
  static const struct {
    struct zhi_export_options o;
    const char *say;
  } cases[] = {{{.fields = "titel"}, "did you mean 'title'"},
               {{.fields = "文号"}, "did you mean 'doc_no'"},
               {{.fields = "zzzzzzzz"}, "no field 'zzzzzzzz'"},
               {{.fields = "url,url"}, "named twice"},
               {{.fields = ""}, "names no field"},
               {{.where = no_equals, .where_count = 1}, "FIELD=VALUE"},
               {{.where = no_field, .where_count = 1}, "did you mean 'title'"},
               {{.from = "2018/3/9"}, "did you mean '2018-03-09'"},
               {{.to = "20180309"}, "did you mean '2018-03-09'"},
               {{.from = "2018-02-30"}, "is no date"},
               {{.from = "soon"}, "is no date"},
               {{.from = "2019", .to = "2018-05"}, "is after"}};
  struct test_archive t;
  (void)state;
  setup(&t);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct zhi_export_done done;
    struct zhi_err e = {0};
    assert_int_equal(export_to(&t, cases[i].o, "wrong", &done, &e), ZHI_EUSAGE);
    if (!strstr(e.msg, cases[i].say))
      fail_msg("'%s' does not say '%s'", e.msg, cases[i].say);
  }
  assert_null(archive_file(&t, "wrong"));
  archive_teardown(&t);
}

static void a_json_line_has_numbers_objects_and_the_text(void **state) {
  struct test_archive t;
  struct zhi_export_done done;
  (void)state;
  setup(&t);
  char *text = exported(&t, (struct zhi_export_options){.format = ZHI_EXPORT_JSONL}, &done);
  *strchr(text, '\n') = '\0';
  json_t *o = json_loads(text, 0, NULL);
  assert_non_null(o);
  assert_string_equal(json_string_value(json_object_get(o, "text")), "正文\n第 1 件");
  assert_int_equal(json_integer_value(json_object_get(o, "version")), 1);
  assert_true(json_is_object(json_object_get(json_object_get(o, "raw_fields"), "title")));
  assert_true(json_is_null(json_object_get(o, "doc_no")));
  assert_string_equal(json_string_value(json_object_get(o, "archive")), t.dir);
  assert_non_null(json_object_get(o, "warc_file"));
  assert_non_null(json_object_get(o, "warc_offset"));
  json_decref(o);
  free(text);
  archive_teardown(&t);
}

static void each_archive_names_its_county(void **state) {
  struct test_archive a, b;
  struct zhi_err e = {0};
  struct zhi_export_done done;
  char path[128], want[1024];
  const char *dirs[2];
  (void)state;
  setup(&a);
  archive_setup(&b);
  close_store(&b);
  archive_sql(&b, "UPDATE crawl SET config = '{\"cluster\":\"qinglan\",\"name\":\"青岚县\"}'");
  assert_int_equal(zhi_store_open(b.dir, ZHI_STORE_WRITE, &b.clock, &b.s, &e), ZHI_OK);
  put(&b, 5, "t", "丙局", 1);
  close_store(&b);
  dirs[0] = a.dir;
  dirs[1] = b.dir;
  snprintf(path, sizeof path, "%s/both.csv", a.dir);
  struct zhi_export_options o = {.fields = "county,url", .out = path};
  assert_int_equal(zhi_export(dirs, 2, &o, &done, &e), ZHI_OK);
  snprintf(want, sizeof want,
           "county,url\r\n%s,http://a.gov.cn:81/1\r\n%s,http://a.gov.cn:81/13\r\n%s,"
           "http://a.gov.cn:81/2\r\n青岚县,http://a.gov.cn:81/5\r\n",
           a.dir + 5, a.dir + 5, a.dir + 5);
  char *text = archive_file(&a, "both.csv");
  assert_string_equal(text, want);
  free(text);
  archive_teardown(&a);
  archive_teardown(&b);
}

/* One file out of a ZIP; free() it. */
static char *unzipped(const struct test_archive *t, const char *zip_name, const char *name) {
  char path[128];
  zip_stat_t st;
  int why = 0;
  snprintf(path, sizeof path, "%s/%s", t->dir, zip_name);
  zip_t *z = zip_open(path, ZIP_RDONLY, &why);
  assert_non_null(z);
  assert_int_equal(zip_stat(z, name, 0, &st), 0);
  char *text = calloc(1, st.size + 1);
  zip_file_t *f = zip_fopen(z, name, 0);
  assert_non_null(text);
  assert_non_null(f);
  assert_int_equal(zip_fread(f, text, st.size), (zip_int64_t)st.size);
  zip_fclose(f);
  zip_discard(z);
  return text;
}

static void a_workbook_types_its_cells_and_cuts_what_excel_cannot_hold(void **state) {
  struct test_archive t;
  struct zhi_export_done done;
  struct zhi_err e = {0};
  char *title = malloc(33001);
  (void)state;
  assert_non_null(title);
  archive_setup(&t);
  memset(title, 'x', 33000);
  title[33000] = '\0';
  put(&t, 1, title, "=cmd()", 1);
  put(&t, 2, "a\x01 & <b>", "-", 1);
  close_store(&t);
  struct zhi_export_options o = {.format = ZHI_EXPORT_XLSX,
                                 .fields = "title,publisher,version,date_published,captured_at"};
  assert_int_equal(export_to(&t, o, "out.xlsx", &done, &e), ZHI_OK);
  assert_int_equal(done.rows, 2);
  assert_int_equal(done.cut, 1);
  char *sheet = unzipped(&t, "out.xlsx", "xl/worksheets/sheet1.xml");
  const char *xs = strstr(sheet, "xxxx");
  assert_non_null(xs);
  assert_int_equal(strspn(xs, "x"), ZHI_CELL_MAX_UNITS);
  assert_non_null(strstr(sheet, "<t>=cmd()</t>")); /* text, not a formula */
  assert_null(strstr(sheet, "<f>"));
  assert_non_null(strstr(sheet, "<v>43101</v>")); /* 2018-01-01 */
  assert_non_null(strstr(sheet, "<v>1</v>"));     /* version */
  assert_non_null(strstr(sheet, "state=\"frozen\""));
  assert_non_null(strstr(sheet, "<autoFilter ref=\"A1:E3\"/>"));
  assert_non_null(strstr(sheet, "a_x0001_ &amp; &lt;b&gt;"));
  char *fields = unzipped(&t, "out.xlsx", "xl/worksheets/sheet2.xml");
  assert_non_null(strstr(fields, "发布机构"));
  free(fields);
  free(sheet);
  free(title);
  archive_teardown(&t);
}

static void the_package_describes_each_file_of_the_folder_once(void **state) {
  struct test_archive t;
  struct zhi_export_done done;
  struct zhi_err e = {0};
  static const char *const where[] = {"publisher=甲局"};
  char folder[128];
  (void)state;
  setup(&t);
  struct zhi_export_options o = {.where = where, .where_count = 1, .from = "2018"};
  snprintf(folder, sizeof folder, "%s/sub", t.dir);
  assert_int_equal(mkdir(folder, 0777), 0);
  assert_int_equal(export_to(&t, o, "sub/A b.csv", &done, &e), ZHI_OK);
  o.format = ZHI_EXPORT_JSONL;
  assert_int_equal(export_to(&t, o, "sub/c.jsonl", &done, &e), ZHI_OK);
  assert_int_equal(export_to(&t, o, "sub/c.jsonl", &done, &e), ZHI_OK);
  char *text = archive_file(&t, "sub/datapackage.json");
  json_t *p = json_loads(text, 0, NULL), *all = json_object_get(p, "resources");
  assert_int_equal(json_array_size(all), 2);
  json_t *csv = json_array_get(all, 0), *lines = json_array_get(all, 1);
  assert_string_equal(json_string_value(json_object_get(csv, "name")), "a-b.csv");
  assert_string_equal(json_string_value(json_object_get(csv, "path")), "A b.csv");
  assert_string_equal(json_string_value(json_object_get(lines, "hash")), done.digest);
  assert_int_equal(json_integer_value(json_object_get(lines, "bytes")), done.bytes);
  assert_int_equal(json_integer_value(json_object_get(lines, "rowCount")), 1);
  json_t *query = json_object_get(csv, "query");
  assert_string_equal(json_string_value(json_array_get(json_object_get(query, "where"), 0)),
                      "publisher=甲局");
  assert_string_equal(json_string_value(json_object_get(query, "from")), "2018");
  json_decref(p);
  free(text);
  archive_teardown(&t);
}

static void an_archive_keeps_its_own_package(void **state) {
  struct test_archive t;
  struct zhi_export_done done;
  (void)state;
  setup(&t);
  free(exported(&t, (struct zhi_export_options){0}, &done));
  assert_null(archive_file(&t, "datapackage.json"));
  char *text = archive_file(&t, "out.datapackage.json");
  assert_non_null(strstr(text, done.digest));
  free(text);
  archive_teardown(&t);
}

static void an_empty_archive_gives_a_header(void **state) {
  struct test_archive t;
  (void)state;
  archive_setup(&t);
  close_store(&t);
  expect(&t, (struct zhi_export_options){.fields = "url,title"}, "url,title\r\n");
  expect(&t, (struct zhi_export_options){.format = ZHI_EXPORT_JSONL}, "");
  archive_teardown(&t);
}

/* --- archives that two connections read ------------------------------------------------------------------------ */

enum { MANY = 5000, COMMIT = 250, LONG_TITLE = 3000 };

/* Documents http://b.gov.cn/NNNNN, 0 to MANY - 1, in an order that is not theirs; every third is of 甲局. */
static void put_many(struct test_archive *t, int version, const char *title) {
  struct zhi_commit_capture c[COMMIT];
  struct zhi_doc_row d[COMMIT];
  char url[COMMIT][32], key[COMMIT][32], digest[COMMIT][32];
  struct zhi_warc_state w = {"warc/2018/a.warc.gz", 1, false};
  t->now_ms += 1000;
  for (unsigned at = 0; at < MANY; at++) {
    unsigned n = at * 2003 % MANY, i = at % COMMIT;
    snprintf(url[i], sizeof *url, "http://b.gov.cn/%05u", n);
    snprintf(key[i], sizeof *key, "cn,gov,b)/%05u", n);
    snprintf(digest[i], sizeof *digest, "%u.%d", n, version);
    d[i] = (struct zhi_doc_row){.kind = "document",
                                .extractor_version = "1",
                                .text_digest = zhi_str_of(digest[i]),
                                .fields_json = ZHI_STR("{}")};
    d[i].field[ZHI_F_TITLE] = zhi_str_of(title);
    d[i].field[ZHI_F_PUBLISHER] = zhi_str_of(n % 3 ? "乙局" : "甲局");
    c[i] = (struct zhi_commit_capture){.capture = {.url = zhi_str_of(url[i]),
                                                   .url_key = zhi_str_of(key[i]),
                                                   .fetched_ms = t->now_ms,
                                                   .verdict = ZHI_V_OK,
                                                   .status = 200,
                                                   .payload_digest = zhi_str_of(digest[i]),
                                                   .warc_file = ZHI_STR("warc/2018/a.warc.gz")},
                                       .doc = &d[i]};
    snprintf(c[i].capture.capture_id, sizeof c[i].capture.capture_id, "capture-%u", t->next_id++);
    if (i + 1 == COMMIT)
      archive_commit(t,
                     &(struct zhi_batch){.crawl_id = t->crawl.id,
                                         .captures = c,
                                         .capture_count = COMMIT,
                                         .warcs = &w,
                                         .warc_count = 1},
                     NULL, NULL);
  }
}

static void many_documents_come_in_the_order_of_their_addresses(void **state) {
  struct test_archive t;
  struct zhi_export_done done;
  const char *where[] = {"publisher=甲局"};
  (void)state;
  archive_setup(&t);
  put_many(&t, 1, "old");
  put_many(&t, 2, "new");
  struct zhi_buf latest, versions, chosen, *all[] = {&latest, &versions, &chosen};
  for (size_t i = 0; i < 3; i++) {
    zhi_buf_init(all[i], 1 << 20);
    zhi_buf_adds(all[i], "url,version,title\r\n");
  }
  for (unsigned n = 0; n < MANY; n++) {
    zhi_buf_addf(&latest, "http://b.gov.cn/%05u,2,new\r\n", n);
    zhi_buf_addf(&versions, "http://b.gov.cn/%05u,1,old\r\nhttp://b.gov.cn/%05u,2,new\r\n", n, n);
    if (n % 3 == 0)
      zhi_buf_addf(&chosen, "http://b.gov.cn/%05u,2,new\r\n", n);
  }
  struct zhi_export_options o = {.fields = "url,version,title"};
  expect(&t, o, latest.p);
  o.all_versions = true;
  expect(&t, o, versions.p);
  o = (struct zhi_export_options){.fields = o.fields, .where = where, .where_count = 1};
  expect(&t, o, chosen.p);
  o = (struct zhi_export_options){.fields = "url", .from = "2018"};
  free(exported(&t, o, &done));
  assert_int_equal(done.undated, MANY);
  for (size_t i = 0; i < 3; i++)
    zhi_buf_release(all[i]);
  archive_teardown(&t);
}

struct meanwhile {
  struct test_archive *t;
  const char *title;
  bool written;
};

static bool write_meanwhile(void *ctx) {
  struct meanwhile *m = ctx;
  if (!m->written)
    put_many(m->t, 2, m->title);
  m->written = true;
  return false;
}

static void an_export_shows_one_moment_of_an_archive_that_is_written_to(void **state) {
  struct test_archive t;
  struct zhi_export_done done;
  char title[LONG_TITLE + 1];
  (void)state;
  memset(title, 'x', LONG_TITLE);
  title[LONG_TITLE] = '\0';
  archive_setup(&t);
  put_many(&t, 1, title);
  char *before = exported(&t, (struct zhi_export_options){.fields = "url,version,title"}, &done);
  struct meanwhile m = {.t = &t, .title = title};
  struct zhi_export_options o = {.fields = "url,version,title", .stop = write_meanwhile, .ctx = &m};
  char *during = exported(&t, o, &done);
  assert_true(m.written);
  assert_true(strcmp(before, during) == 0);
  free(before);
  free(during);
  archive_teardown(&t);
}

static void what_cannot_be_written_ends_both_readers(void **state) {
  struct test_archive t;
  struct zhi_export_done done;
  struct zhi_err e = {0};
  (void)state;
  archive_setup(&t);
  put_many(&t, 1, "title");
  const char *dir = t.dir;
  struct zhi_export_options o = {.out = "/dev/full"};
  assert_int_equal(zhi_export(&dir, 1, &o, &done, &e), ZHI_EIO);
  assert_non_null(strstr(e.msg, "/dev/full"));
  archive_teardown(&t);
}

static void count_warning(void *ctx, const char *text) {
  assert_non_null(strstr(text, "damaged"));
  ++*(int *)ctx;
}

/* The page of the file on which both texts stand becomes rubbish. */
static void damage(const struct test_archive *t, const char *text, const char *other) {
  enum { PAGE = 4096 };
  char path[128], page[PAGE], rubbish[PAGE];
  int damaged = 0;
  memset(rubbish, 0xA5, PAGE);
  snprintf(path, sizeof path, "%s/xianzhi.db", t->dir);
  FILE *f = fopen(path, "r+b");
  assert_non_null(f);
  for (long at = 0; fread(page, 1, PAGE, f) == PAGE; at += PAGE) {
    if (memmem(page, PAGE, text, strlen(text)) && memmem(page, PAGE, other, strlen(other))) {
      assert_int_equal(fseek(f, at, SEEK_SET), 0);
      assert_int_equal(fwrite(rubbish, 1, PAGE, f), PAGE);
      damaged++;
    }
    assert_int_equal(fseek(f, at + PAGE, SEEK_SET), 0);
  }
  fclose(f);
  assert_int_equal(damaged, 1);
}

/* One reader fails in the first turn, when the other has long been in the next. */
static void a_damaged_archive_is_read_as_far_as_it_goes(void **state) {
  struct test_archive t, sound;
  struct zhi_export_done done;
  struct zhi_err e = {0};
  char path[128], title[LONG_TITLE];
  int warnings = 0;
  (void)state;
  archive_setup(&t);
  archive_setup(&sound);
  memset(title, 'x', LONG_TITLE / 2);
  title[LONG_TITLE / 2] = '\0';
  put_many(&t, 1, title);
  put(&sound, 1, "sound", "局", 1);
  close_store(&t);
  close_store(&sound);
  struct zhi_export_options o = {.fields = "url", .warn = count_warning, .ctx = &warnings};
  char *whole = exported(&t, o, &done);
  damage(&t, "1000.1", "xxxx");
  snprintf(path, sizeof path, "%s/out", t.dir);
  o.out = path;
  const char *dirs[] = {t.dir, sound.dir};
  assert_int_equal(zhi_export(dirs, 2, &o, &done, &e), ZHI_OK);
  assert_int_equal(done.damaged, 1);
  assert_int_equal(warnings, 1);
  char *text = archive_file(&t, "out"), *last = strstr(text, "http://a.gov.cn:81/1\r\n");
  assert_non_null(last);
  assert_in_range(done.rows, 2, 1001);
  assert_memory_equal(text, whole, (size_t)(last - text));
  assert_string_equal(last, "http://a.gov.cn:81/1\r\n");
  free(whole);
  free(text);
  archive_teardown(&sound);
  archive_teardown(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_csv_has_the_latest_version_unless_all_are_asked_for),
      cmocka_unit_test(a_csv_for_excel_neither_runs_nor_spoils_a_cell),
      cmocka_unit_test(conditions_choose_rows),
      cmocka_unit_test(dates_are_inclusive_and_as_exact_as_they_are_given),
      cmocka_unit_test(mistakes_are_told_with_what_was_meant),
      cmocka_unit_test(a_json_line_has_numbers_objects_and_the_text),
      cmocka_unit_test(each_archive_names_its_county),
      cmocka_unit_test(a_workbook_types_its_cells_and_cuts_what_excel_cannot_hold),
      cmocka_unit_test(the_package_describes_each_file_of_the_folder_once),
      cmocka_unit_test(an_archive_keeps_its_own_package),
      cmocka_unit_test(an_empty_archive_gives_a_header),
      cmocka_unit_test(many_documents_come_in_the_order_of_their_addresses),
      cmocka_unit_test(an_export_shows_one_moment_of_an_archive_that_is_written_to),
      cmocka_unit_test(what_cannot_be_written_ends_both_readers),
      cmocka_unit_test(a_damaged_archive_is_read_as_far_as_it_goes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
