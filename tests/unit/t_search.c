/* Search: what a query finds, where, how it is shown; and the index that follows the catalogue. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <sqlite3.h>

#include "tests/support/archive.h"
#include "zhi/search.h"

static int64_t put_serial;

static void put(struct test_archive *t, const char *name, const char *title, const char *text) {
  char url[96], key[96], digest[96];
  struct zhi_doc_row d = {.kind = "document", .extractor_version = "1", .text = zhi_str_of(text)};
  snprintf(url, sizeof url, "http://a.gov.cn/%s", name);
  snprintf(key, sizeof key, "cn,gov,a)/%s", name);
  snprintf(digest, sizeof digest, "d%lld", (long long)++put_serial);
  d.text_digest = zhi_str_of(digest);
  d.body_chars = (int64_t)zhi_utf8_count(d.text);
  d.field[ZHI_F_TITLE] = zhi_str_of(title);
  d.field[ZHI_F_PUBLISHER] = name[0] == 'p' ? ZHI_STR("某县财政局") : ZHI_STR("某县民政局");
  d.field[ZHI_F_DOC_NO] = name[0] == 'p' ? ZHI_STR("某政办〔2018〕12号") : ZHI_STR_NONE;
  d.field[ZHI_F_DATE_PUBLISHED] = name[0] == 'p' ? ZHI_STR("2018-03-29") : ZHI_STR("2020-07");
  archive_capture(t, url, key, ZHI_V_OK, digest, &d);
}

static void setup(struct test_archive *t) {
  archive_setup(t);
  put(t, "p1", "关于二〇一八年财政预算的通知",
      "本县财政预算已经公布。\n请各单位执行2018年3月的规定。");
  put(t, "p2", "公告", "我县發展計劃:GDP增长8%,ABC公司。");
  put(t, "m1", "民政工作", "低保。工作人员名单如下,财\n政。");
}

/* "p1 p2": the names of what was found, in order of names; the query's error otherwise. */
static void find(const struct test_archive *t, const char *query, char out[256]) {
  static const struct zhi_search_options o = {.may_update = true};
  const struct zhi_search_ask ask = {.query = zhi_str_of(query), .limit = 50};
  const char *dir = t->dir;
  struct zhi_search *s = NULL;
  struct zhi_err e = {0};
  json_t *answer = NULL, *r;
  size_t i, len = 0;
  if (zhi_search_open(&dir, 1, &o, &s, &e))
    fail_msg("%s", e.msg);
  out[0] = '\0';
  if (zhi_search_query(s, &ask, &answer, &e)) {
    snprintf(out, 256, "%.255s", e.msg);
  } else {
    const char *names[] = {"p1", "p2", "m1", "m2"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
      json_array_foreach(json_object_get(answer, "results"), i,
                         r) if (strstr(json_string_value(json_object_get(r, "url")), names[k]))
          len += (size_t)snprintf(out + len, 256 - len, "%s%s", len ? " " : "", names[k]);
    json_decref(answer);
  }
  zhi_search_close(s);
}

static void every_form_of_a_query_finds_what_it_says(void **state) {
  static const struct {
    const char *query, *found;
  } rows[] = {
      {"财政预算", "p1"},
      {"政预", "p1"},
      {"預算", "p1"}, /* traditional */
      {"发展计划", "p2"},
      {"县", "p1 p2 m1"}, /* one character; in a field, too */
      {"算", "p1"},
      {"算的", "p1"},
      {"财政", "p1 p2"},   /* the publisher's */
      {"body:财政", "p1"}, /* not across the line end */
      {"body:政", "p1 m1"},
      {"title:财政", "p1"},
      {"gdp", "p2"},
      {"GDP", "p2"}, /* full width */
      {"GD", ""},
      {"abc公司", "p2"},
      {"2018年3月", "p1"},
      {"2018年的", ""},
      {"单位 预算", "p1"},
      {"预算 名单", ""},
      {"预算 OR 名单", "p1 m1"},
      {"县 NOT 预算", "p2 m1"},
      {"县 -(预算 OR 名单)", "p2"},
      {"NOT 预算", "p2 m1"},
      {"(预算 AND 规定) OR 低保", "p1 m1"},
      {"\"低保。工作\"", "m1"},
      {"\"低保工作\"", ""},
      {"publisher:财政局", "p1 p2"},
      {"发布机构:民政局", "m1"},
      {"publisher:财政局 公告", "p2"},
      {"publisher:财政局 publisher:民政局 工作", "m1"},
      {"date:2018", "p1 p2"},
      {"date:2018-03..2020", "p1 p2 m1"},
      {"date:2018-04..", "m1"},
      {"date:..2018-02", ""},
      {"date:2020-07-15", "m1"}, /* as far as its date goes */
      {"host:a.gov", "p1 p2 m1"},
      {"kind:文档 低保", "m1"},
      {"doc_no:某政办〔2018〕12号 预算", "p1"},
      {"doc_no:[2018]12", "p1 p2"}, /* punctuation is the same, as in text */
      {"doc_no:号", "p1 p2"},
      {"doc_no:12 预算", "p1"},
      {"doc_no:2", ""},
      {"doc_no:财政", ""},
      {"文号:12号 date:2018 公告", "p2"},
      {"date_published:2018 date_published:2020", "p1 p2 m1"}, /* several of one: any */
      {"date_published:2020 doc_no:12", ""},                   /* of different ones: all */
      {"doc_no:12 NOT 预算", "p2"},
      {"预算 NOT doc_no:12", "the query cannot be read: 'doc_no:' narrows all of it and stands "
                             "neither in parentheses nor behind NOT"},
      {"10:30", ""},
      {"没有的词", ""},
      {"titel:x", "no field 'titel': did you mean 'title'?"},
      {"date:2018-13", "date: '2018-13' is no date: write 2018, 2018-03 or 2018-03-29"},
      {"(财政", "the query cannot be read: a parenthesis is not closed"},
      {"财政 OR", "the query cannot be read: nothing to look for between the operators"},
      {",。", "the query cannot be read: there is no word in it"},
      {"publisher:", "the query cannot be read: nothing behind 'publisher:'"},
      {"doc_no:〔〕", "the query cannot be read: nothing behind 'doc_no:'"},
      {"views:5", "no field 'views': docs/search.md lists them"},
  };
  struct test_archive t;
  char found[256];
  (void)state;
  setup(&t);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    find(&t, rows[i].query, found);
    if (strcmp(found, rows[i].found) != 0)
      fail_msg("%s: found '%s', not '%s'", rows[i].query, found, rows[i].found);
  }
  archive_teardown(&t);
}

static json_t *ask(const struct test_archive *t, struct zhi_search_ask q) {
  static const struct zhi_search_options o = {.may_update = true};
  const char *dir = t->dir;
  struct zhi_search *s = NULL;
  struct zhi_err e = {0};
  json_t *answer = NULL;
  if (zhi_search_open(&dir, 1, &o, &s, &e) || zhi_search_query(s, &q, &answer, &e))
    fail_msg("%s", e.msg);
  zhi_search_close(s);
  return answer;
}

static void a_result_shows_where_the_words_stand(void **state) {
  struct test_archive t;
  char *marks;
  (void)state;
  setup(&t);
  json_t *answer =
      ask(&t, (struct zhi_search_ask){.query = ZHI_STR("預算 规定"), .limit = 5, .facets = true});
  json_t *r = json_array_get(json_object_get(answer, "results"), 0);
  marks = json_dumps(json_object_get(r, "snippet"), JSON_COMPACT);
  assert_string_equal(marks, "[[\"本县财政\",false],[\"预算\",true],[\"已经公布。 "
                             "请各单位执行2018年3月的\",false],[\"规定\",true],[\"。\",false]]");
  free(marks);
  marks = json_dumps(json_object_get(r, "title_marks"), JSON_COMPACT);
  assert_string_equal(marks, "[[\"关于二〇一八年财政\",false],[\"预算\",true],[\"的通知\",false]]");
  free(marks);
  assert_string_equal(json_string_value(json_object_get(r, "date")), "2018-03-29");
  json_t *years = json_object_get(json_object_get(answer, "facets"), "year");
  assert_string_equal(json_string_value(json_object_get(json_array_get(years, 0), "value")),
                      "2018");
  assert_int_equal(json_integer_value(json_object_get(json_array_get(years, 0), "count")), 1);
  json_decref(answer);
  archive_teardown(&t);
}

static void versions_are_one_document_with_the_time_a_phrase_was_seen(void **state) {
  struct test_archive t;
  (void)state;
  setup(&t);
  t.now_ms += 86400000;
  put(&t, "p1", "关于二〇一八年财政预算的通知", "本县财政预算已经废止。");
  json_t *answer = ask(&t, (struct zhi_search_ask){.query = ZHI_STR("财政预算"), .limit = 5});
  json_t *r = json_array_get(json_object_get(answer, "results"), 0);
  assert_int_equal(json_integer_value(json_object_get(answer, "total")), 1);
  assert_int_equal(json_integer_value(json_object_get(r, "versions")), 2);
  assert_int_equal(json_integer_value(json_object_get(r, "version")), 2);
  assert_true(strcmp(json_string_value(json_object_get(r, "first_seen")),
                     json_string_value(json_object_get(r, "last_seen"))) < 0);
  json_decref(answer);
  answer = ask(&t, (struct zhi_search_ask){.query = ZHI_STR("已经公布"), .limit = 5});
  r = json_array_get(json_object_get(answer, "results"), 0);
  assert_true(json_is_false(json_object_get(r, "current")));
  json_decref(answer);
  answer = ask(
      &t, (struct zhi_search_ask){.query = ZHI_STR("财政预算"), .limit = 5, .all_versions = true});
  assert_int_equal(json_integer_value(json_object_get(answer, "total")), 2);
  json_decref(answer);
  archive_teardown(&t);
}

static void the_index_follows_the_catalogue(void **state) {
  struct test_archive t;
  struct zhi_search_done done;
  struct zhi_err e = {0};
  int64_t captures;
  char found[256];
  (void)state;
  setup(&t);
  assert_int_equal(zhi_search_update(t.dir, false, &done, &e), ZHI_OK);
  assert_int_equal(done.added, 3);
  assert_int_equal(zhi_search_update(t.dir, false, &done, &e), ZHI_OK);
  assert_true(done.fresh);
  put(&t, "m2", "新文", "新发的琥珀。");
  assert_int_equal(zhi_search_update(t.dir, false, &done, &e), ZHI_OK);
  assert_int_equal(done.added, 1);
  find(&t, "琥珀", found);
  assert_string_equal(found, "m2");
  find(&t, "date_published:2020", found);
  assert_string_equal(found, "m1 m2");
  assert_int_equal(
      zhi_store_suppress(t.s, ZHI_STR("http://a.gov.cn/m2"), ZHI_STR("r"), &captures, &e), ZHI_OK);
  find(&t, "琥珀", found);
  assert_string_equal(found, "");
  archive_teardown(&t);
}

static void what_was_taken_down_is_not_shown_by_an_old_index(void **state) {
  static const struct zhi_search_options o = {.may_update = false};
  struct test_archive t;
  struct zhi_search_done done;
  struct zhi_search *s = NULL;
  struct zhi_err e = {0};
  const char *dir = t.dir;
  int64_t captures;
  json_t *answer = NULL;
  (void)state;
  setup(&t);
  assert_int_equal(zhi_search_open(&dir, 1, &o, &s, &e), ZHI_EUSAGE);
  assert_int_equal(zhi_search_update(t.dir, false, &done, &e), ZHI_OK);
  assert_int_equal(
      zhi_store_suppress(t.s, ZHI_STR("http://a.gov.cn/p1"), ZHI_STR("r"), &captures, &e), ZHI_OK);
  assert_int_equal(zhi_search_open(&dir, 1, &o, &s, &e), ZHI_OK);
  const struct zhi_search_ask q = {.query = ZHI_STR("预算"), .limit = 5};
  assert_int_equal(zhi_search_query(s, &q, &answer, &e), ZHI_OK);
  assert_true(json_is_true(json_object_get(answer, "stale")));
  assert_int_equal(json_array_size(json_object_get(answer, "results")), 0);
  json_decref(answer);
  zhi_search_close(s);
  archive_teardown(&t);
}

static void make_index(const struct test_archive *t) {
  struct zhi_search_done done;
  struct zhi_err e = {0};
  assert_int_equal(zhi_search_update(t->dir, false, &done, &e), ZHI_OK);
}

static void a_damaged_index_is_made_anew(void **state) {
  struct test_archive t;
  char path[128], found[256];
  (void)state;
  setup(&t);
  make_index(&t);
  snprintf(path, sizeof path, "%s/search.db", t.dir);
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  fputs("no database at all", f);
  fclose(f);
  find(&t, "低保", found);
  assert_string_equal(found, "m1");
  archive_teardown(&t);
}

static void age_index(const struct test_archive *t) {
  char path[128];
  sqlite3 *db = NULL;
  snprintf(path, sizeof path, "%s/search.db", t->dir);
  assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
  assert_int_equal(sqlite3_exec(db,
                                "UPDATE about SET value = '1' WHERE key = 'format';"
                                "DROP TABLE field_grams",
                                NULL, NULL, NULL),
                   SQLITE_OK);
  sqlite3_close(db);
}

static void an_index_of_another_version_is_made_anew_or_left_aside(void **state) {
  struct test_archive t;
  struct zhi_search_done done;
  struct zhi_err e = {0};
  char path[128], found[256];
  (void)state;
  setup(&t);
  make_index(&t);
  age_index(&t);
  snprintf(path, sizeof path, "%s/search.db.lock", t.dir);
  int fd =
      open(path, O_RDWR); /* as if another process were at it: only a temporary one can be made */
  assert_int_equal(flock(fd, LOCK_EX), 0);
  find(&t, "doc_no:12号", found);
  assert_string_equal(found, "p1 p2");
  close(fd);
  assert_int_equal(zhi_search_update(t.dir, false, &done, &e), ZHI_OK);
  assert_int_equal(done.added, 3);
  find(&t, "doc_no:12号", found);
  assert_string_equal(found, "p1 p2");
  archive_teardown(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_form_of_a_query_finds_what_it_says),
      cmocka_unit_test(a_result_shows_where_the_words_stand),
      cmocka_unit_test(versions_are_one_document_with_the_time_a_phrase_was_seen),
      cmocka_unit_test(the_index_follows_the_catalogue),
      cmocka_unit_test(what_was_taken_down_is_not_shown_by_an_old_index),
      cmocka_unit_test(a_damaged_index_is_made_anew),
      cmocka_unit_test(an_index_of_another_version_is_made_anew_or_left_aside),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
