/* What is told of an archive since a crawl: each change once, none that is noise or taken down, in an order and forms
 * that others can read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/archive.h"
#include "zhi/changes.h"
#include "zhi/changes_view.h"

enum { DAY_MS = 24 * 3600 * 1000 };

static void show(struct test_archive *t, const char *path, const char *text, const char *validity) {
  char url[96], key[96], digest[64], fields[96];
  snprintf(url, sizeof url, "http://a.gov.cn/%s", path);
  snprintf(key, sizeof key, "cn,gov,a)/%s", path);
  snprintf(digest, sizeof digest, "sha256:%u", t->next_id);
  snprintf(fields, sizeof fields, "{\"validity\":{\"value\":\"%s\"}}", validity);
  struct zhi_doc_row d = {.kind = "document",
                          .extractor_version = "1",
                          .text_digest = zhi_str_of(digest),
                          .text = zhi_str_of(text),
                          .fields_json = zhi_str_of(fields)};
  d.field[ZHI_F_TITLE] = zhi_str_of(path);
  d.field[ZHI_F_COLUMN_NAME] = ZHI_STR("=公告,\"一\"");
  archive_capture(t, url, key, ZHI_V_OK, digest, &d);
}

static void answer(struct test_archive *t, const char *path, enum zhi_verdict verdict,
                   const char *payload) {
  char url[96], key[96];
  snprintf(url, sizeof url, "http://a.gov.cn/%s", path);
  snprintf(key, sizeof key, "cn,gov,a)/%s", path);
  archive_capture(t, url, key, verdict, payload, NULL);
}

static void next_crawl(struct test_archive *t) {
  t->now_ms += DAY_MS;
  archive_begin(t, true);
}

/* Four crawls in which all that can happen does. */
static void live(struct test_archive *t) {
  static const char *const once[] = {"edited", "noise", "flips", "goes", "hidden", "back"};
  struct zhi_err e = {0};
  struct zhi_found file = {.url = ZHI_STR("http://a.gov.cn/f.pdf"),
                           .origin = ZHI_STR("http://a.gov.cn"),
                           .prio = ZHI_PRIO_ATTACHMENT};
  size_t added;
  int64_t n;
  archive_setup(t);
  assert_int_equal(zhi_frontier_add(t->s, &file, 1, &added, &e), ZHI_OK);
  for (size_t i = 0; i < sizeof once / sizeof *once; i++)
    show(t, once[i], "正文甲。\n浏览次数：1", "valid");
  answer(t, "f.pdf", ZHI_V_OK, "sha256:f1");
  next_crawl(t);
  show(t, "edited", "正文乙。\n浏览次数：2", "valid");
  show(t, "noise", "正文甲。\n浏览次数：3", "valid");
  show(t, "flips", "正文甲。\n浏览次数：1", "repealed");
  show(t, "new", "正文。", "valid");
  show(t, "hidden", "正文丙。", "repealed");
  answer(t, "f.pdf", ZHI_V_OK, "sha256:f2");
  answer(t, "goes", ZHI_V_GONE, "");
  answer(t, "back", ZHI_V_GONE, "");
  next_crawl(t);
  answer(t, "goes", ZHI_V_GONE, "");
  answer(t, "back", ZHI_V_GONE, "");
  next_crawl(t);
  show(t, "back", "正文甲。\n浏览次数：9", "valid");
  assert_int_equal(
      zhi_store_suppress(t->s, ZHI_STR("http://a.gov.cn/hidden"), ZHI_STR("asked"), &n, &e),
      ZHI_OK);
}

static json_t *changes_since(struct test_archive *t, const char *since) {
  struct zhi_err e = {0};
  json_t *out = json_array();
  if (zhi_changes(t->s, zhi_str_of(since), out, &e) || zhi_changes_rank(out, &e))
    fail_msg("%s", e.msg);
  return out;
}

/* "change path" of each, in order. */
static void assert_told(struct test_archive *t, const char *since, const char *want) {
  struct zhi_buf got;
  size_t i;
  json_t *o, *all = changes_since(t, since);
  zhi_buf_init(&got, 4096);
  json_array_foreach(all, i, o)
      zhi_buf_addf(&got, "%s%s %s", i ? ", " : "", json_string_value(json_object_get(o, "change")),
                   json_string_value(json_object_get(o, "url")) + strlen("http://a.gov.cn/"));
  if (strcmp(got.len ? got.p : "", want) != 0)
    fail_msg("since '%s': %s", since, got.p);
  zhi_buf_release(&got);
  json_decref(all);
}

static void each_change_is_told_once_by_weight(void **state) {
  struct test_archive t;
  struct zhi_err e = {0};
  json_t *none = json_array();
  (void)state;
  live(&t);
  assert_told(
      &t, "",
      "validity flips, removed goes, reappeared back, edited edited, new new, attachment f.pdf");
  assert_told(&t, "2", "removed goes, reappeared back");
  assert_told(&t, "last", "reappeared back");
  assert_told(&t, "2018-03-31", "reappeared back");
  assert_told(&t, "2019", "");
  assert_int_equal(zhi_changes(t.s, ZHI_STR("yesterday"), none, &e), ZHI_EUSAGE);
  assert_non_null(strstr(e.msg, t.crawl.name));
  json_decref(none);
  archive_teardown(&t);
}

static void a_change_says_between_which_captures(void **state) {
  struct test_archive t;
  struct zhi_buf out;
  (void)state;
  live(&t);
  json_t *all = changes_since(&t, ""), *first = json_array_get(all, 0);
  assert_string_equal(json_string_value(json_object_get(first, "detail")),
                      "validity valid → repealed");
  assert_string_equal(json_string_value(json_object_get(first, "detail_zh")),
                      "有效性 valid → repealed");
  zhi_buf_init(&out, 1 << 16);
  zhi_changes_csv(all, &out);
  assert_memory_equal(out.p, "url,change,from,to,title,host,column,weight,detail\r\n", 52);
  assert_non_null(strstr(out.p, "http://a.gov.cn/flips,validity,2018-03-29T08:00:00Z,"
                                "2018-03-30T08:00:00Z,flips,a.gov.cn,\"=公告,\"\"一\"\"\",100,"
                                "validity valid → repealed\r\n"));
  assert_non_null(strstr(out.p, "http://a.gov.cn/new,new,,2018-03-30T08:00:00Z,"));
  assert_non_null(strstr(out.p, "http://a.gov.cn/goes,removed,2018-03-29T08:00:00Z,"
                                "2018-03-30T08:00:00Z,"));
  zhi_buf_release(&out);
  json_decref(all);
  archive_teardown(&t);
}

static void the_feed_is_well_formed_and_the_same_every_time(void **state) {
  struct zhi_buf a, b;
  json_t *all = json_pack("[{s:s, s:s, s:s, s:s, s:s, s:i}]", "change", "edited", "url",
                          "http://a.gov.cn/x?a=1&b=\"2\"", "title", "甲<乙>\x01", "to",
                          "2018-03-30T08:00:00Z", "detail", "]]>", "weight", 30);
  (void)state;
  zhi_buf_init(&a, 1 << 16);
  zhi_buf_init(&b, 1 << 16);
  zhi_changes_atom(all, ZHI_STR("甲县"), "2020-01-01T00:00:00Z", &a);
  zhi_changes_atom(all, ZHI_STR("甲县"), "2021-01-01T00:00:00Z", &b);
  assert_non_null(strstr(a.p, "首次见于"));
  assert_non_null(strstr(a.p, "First seen"));
  assert_string_equal(a.p, b.p);
  assert_non_null(strstr(a.p, "href=\"http://a.gov.cn/x?a=1&amp;b=&quot;2&quot;\""));
  assert_non_null(strstr(a.p, "甲&lt;乙&gt;\xEF\xBF\xBD"));
  assert_null(strstr(a.p, "]]>"));
  zhi_buf_release(&a);
  zhi_buf_release(&b);
  json_decref(all);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_change_is_told_once_by_weight),
      cmocka_unit_test(a_change_says_between_which_captures),
      cmocka_unit_test(the_feed_is_well_formed_and_the_same_every_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
