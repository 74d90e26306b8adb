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

static struct zhi_changes *changes_since(struct test_archive *t, const char *since) {
  struct zhi_err e = {0};
  struct zhi_changes *x = NULL;
  if (zhi_changes_open(&x, &e) ||
      zhi_changes_add(x, t->s, zhi_str_of(since), ZHI_STR_NONE, NULL, NULL, &e))
    fail_msg("%s", e.msg);
  return x;
}

static enum zhi_code add_name(void *ctx, const struct zhi_change *c, struct zhi_err *e) {
  struct zhi_buf *b = ctx;
  (void)e;
  zhi_buf_addf(b, "%s%.*s %s", b->len ? ", " : "", ZHI_STR_ARGS(c->change),
               c->url.p + strlen("http://a.gov.cn/"));
  return ZHI_OK;
}

/* "change path" of each, in order. */
static void assert_told(struct test_archive *t, const char *since, const char *want) {
  struct zhi_err e = {0};
  struct zhi_buf got;
  struct zhi_changes *x = changes_since(t, since);
  zhi_buf_init(&got, 4096);
  assert_int_equal(zhi_changes_each(x, add_name, &got, &e), ZHI_OK);
  if (strcmp(got.len ? got.p : "", want) != 0)
    fail_msg("since '%s': %s", since, got.p);
  zhi_buf_release(&got);
  zhi_changes_close(x);
}

static enum zhi_code put(void *ctx, const struct zhi_change *c, struct zhi_err *e) {
  (void)e;
  zhi_changes_put(ctx, c);
  return ZHI_OK;
}

static void render(struct zhi_changes *x, enum zhi_changes_format format, struct zhi_buf *out) {
  struct zhi_err e = {0};
  struct zhi_changes_view v = {.format = format, .name = ZHI_STR("甲县"), .out = out};
  zhi_buf_clear(out);
  zhi_changes_begin(&v, ZHI_STR("2020-01-01T00:00:00Z"));
  assert_int_equal(zhi_changes_each(x, put, &v, &e), ZHI_OK);
  zhi_changes_end(&v);
}

static void each_change_is_told_once_by_weight(void **state) {
  struct test_archive t;
  struct zhi_err e = {0};
  (void)state;
  live(&t);
  assert_told(
      &t, "",
      "validity flips, removed goes, reappeared back, edited edited, new new, attachment f.pdf");
  assert_told(&t, "2", "removed goes, reappeared back");
  assert_told(&t, "last", "reappeared back");
  assert_told(&t, "2018-03-31", "reappeared back");
  assert_told(&t, "2019", "");
  struct zhi_changes *none = changes_since(&t, "2019");
  assert_int_equal(zhi_changes_add(none, t.s, ZHI_STR("yesterday"), ZHI_STR_NONE, NULL, NULL, &e),
                   ZHI_EUSAGE);
  assert_non_null(strstr(e.msg, t.crawl.name));
  zhi_changes_close(none);
  archive_teardown(&t);
}

static void a_change_says_between_which_captures(void **state) {
  struct test_archive t;
  struct zhi_buf out;
  (void)state;
  live(&t);
  struct zhi_changes *all = changes_since(&t, "");
  zhi_buf_init(&out, 1 << 16);
  render(all, ZHI_CHANGES_CSV, &out);
  assert_memory_equal(out.p, "url,change,from,to,title,host,column,weight,detail\r\n", 52);
  assert_non_null(strstr(out.p, "http://a.gov.cn/flips,validity,2018-03-29T08:00:00Z,"
                                "2018-03-30T08:00:00Z,flips,a.gov.cn,\"=公告,\"\"一\"\"\",100,"
                                "validity valid → repealed\r\n"));
  assert_non_null(strstr(out.p, "http://a.gov.cn/new,new,,2018-03-30T08:00:00Z,"));
  assert_non_null(strstr(out.p, "http://a.gov.cn/edited,edited,2018-03-29T08:00:00Z,"
                                "2018-03-30T08:00:00Z,edited,a.gov.cn,\"=公告,\"\"一\"\"\",30,"
                                "text +"));
  assert_non_null(strstr(out.p, "http://a.gov.cn/goes,removed,2018-03-29T08:00:00Z,"
                                "2018-03-30T08:00:00Z,"));
  zhi_buf_release(&out);
  zhi_changes_close(all);
  archive_teardown(&t);
}

static void every_form_has_every_change(void **state) {
  struct test_archive t;
  struct zhi_buf out;
  struct zhi_err e = {0};
  char latest[ZHI_ISO_SIZE];
  int64_t count;
  (void)state;
  live(&t);
  struct zhi_changes *all = changes_since(&t, "");
  assert_int_equal(zhi_changes_sum(all, &count, latest, &e), ZHI_OK);
  assert_int_equal(count, 6);
  assert_string_equal(latest, "2018-04-01T08:00:00Z");
  zhi_buf_init(&out, 1 << 16);
  render(all, ZHI_CHANGES_JSON, &out);
  json_t *o = json_loads(out.p, 0, NULL), *rows = json_object_get(o, "changes");
  assert_int_equal(json_array_size(rows), 6);
  struct zhi_change first = zhi_change_of_json(json_array_get(rows, 0));
  json_t *again = zhi_change_json(&first);
  assert_true(json_equal(again, json_array_get(rows, 0)));
  assert_int_equal(first.weight, 100);
  assert_true(zhi_str_is(first.detail, "validity valid → repealed"));
  assert_true(zhi_str_is(first.detail_zh, "有效性 valid → repealed"));
  json_decref(again);
  json_decref(o);
  render(all, ZHI_CHANGES_TEXT, &out);
  assert_non_null(strstr(out.p, "a.gov.cn / =公告,\"一\"\n"
                                " 100  validity   flips\n      validity valid → repealed\n"
                                "      between 2018-03-29T08:00:00Z and 2018-03-30T08:00:00Z\n"
                                "      http://a.gov.cn/flips\n"
                                "  90  removed    goes\n"));
  zhi_buf_release(&out);
  zhi_changes_close(all);
  archive_teardown(&t);
}

static enum zhi_code only_files(void *ctx, struct zhi_store *s, struct zhi_change *c, bool *keep,
                                struct zhi_err *e) {
  (void)ctx, (void)s, (void)e;
  *keep = zhi_str_ends(c->url, ".pdf");
  c->watched = ZHI_STR("*.pdf");
  return ZHI_OK;
}

/* Two archives in one set: the filter of the second has no say about the first's. */
static void archives_are_gathered_and_filtered_one_by_one(void **state) {
  struct test_archive t;
  struct zhi_buf out;
  struct zhi_err e = {0};
  (void)state;
  live(&t);
  struct zhi_changes *all = changes_since(&t, "last");
  assert_int_equal(zhi_changes_add(all, t.s, ZHI_STR(""), ZHI_STR("b"), only_files, NULL, &e),
                   ZHI_OK);
  zhi_buf_init(&out, 1 << 16);
  render(all, ZHI_CHANGES_JSON, &out);
  json_t *o = json_loads(out.p, 0, NULL), *rows = json_object_get(o, "changes");
  assert_int_equal(json_array_size(rows), 2);
  struct zhi_change file = zhi_change_of_json(json_array_get(rows, 0)),
                    back = zhi_change_of_json(json_array_get(rows, 1));
  assert_true(zhi_str_is(file.change, "attachment") && zhi_str_is(file.watched, "*.pdf") &&
              zhi_str_is(file.archive, "b"));
  assert_true(zhi_str_is(back.change, "reappeared") && !back.watched.p && !back.archive.p);
  json_decref(o);
  zhi_buf_release(&out);
  zhi_changes_close(all);
  archive_teardown(&t);
}

static void the_feed_is_well_formed_and_the_same_every_time(void **state) {
  const struct zhi_change change = {.change = ZHI_STR("edited"),
                                    .url = ZHI_STR("http://a.gov.cn/x?a=1&b=\"2\""),
                                    .title = ZHI_STR("甲<乙>\x01"),
                                    .to = ZHI_STR("2018-03-30T08:00:00Z"),
                                    .detail = ZHI_STR("]]>"),
                                    .weight = 30};
  struct zhi_buf out[2];
  (void)state;
  for (int i = 0; i < 2; i++) {
    struct zhi_changes_view v = {
        .format = ZHI_CHANGES_ATOM, .name = ZHI_STR("甲县"), .out = &out[i]};
    zhi_buf_init(&out[i], 1 << 16);
    zhi_changes_begin(&v, change.to);
    zhi_changes_put(&v, &change);
    zhi_changes_end(&v);
  }
  assert_string_equal(out[0].p, out[1].p);
  assert_non_null(strstr(out[0].p, "首次见于"));
  assert_non_null(strstr(out[0].p, "First seen"));
  assert_non_null(strstr(out[0].p, "href=\"http://a.gov.cn/x?a=1&amp;b=&quot;2&quot;\""));
  assert_non_null(strstr(out[0].p, "甲&lt;乙&gt;\xEF\xBF\xBD"));
  assert_null(strstr(out[0].p, "]]>"));
  for (int i = 0; i < 2; i++)
    zhi_buf_release(&out[i]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_change_is_told_once_by_weight),
      cmocka_unit_test(a_change_says_between_which_captures),
      cmocka_unit_test(every_form_has_every_change),
      cmocka_unit_test(archives_are_gathered_and_filtered_one_by_one),
      cmocka_unit_test(the_feed_is_well_formed_and_the_same_every_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
