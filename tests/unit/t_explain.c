/* Story: a URL's story from where it was found to its next visit; one that was never seen is judged all the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crawler/story.h"
#include "tests/support/archive.h"

#define A "http://www.a.gov.cn"

static const char config[] =
    "{\"cluster\": \"a\", \"operator\": {\"name\": \"test\", \"contact\": \"https://a.example/\"}, "
    "\"seeds\": [\"http://www.a.gov.cn/\"], \"scope\": {\"domains\": [\"a.gov.cn\"]}, "
    "\"recrawl\": {\"documents_min\": \"7d\", \"documents_max\": \"28d\"}}";

static const char *text(const json_t *o, const char *key) {
  const char *s = json_string_value(json_object_get(o, key));
  return s ? s : "(none)";
}

static json_t *explain(struct test_archive *t, const char *url) {
  struct zhi_err e = {0};
  json_t *o = NULL;
  if (zhi_url_story(t->s, t->dir, url, &o, &e))
    fail_msg("%s", e.msg);
  return o;
}

/* The front page names a list, the list a page; robots.txt forbids /private. */
static void setup(struct test_archive *t) {
  static const char *const urls[] = {A "/", A "/list", A "/page"};
  struct zhi_found f[3];
  struct zhi_lease *l = NULL;
  struct zhi_err e = {0};
  size_t n = 0;
  archive_setup(t);
  assert_int_equal(zhi_store_begin_crawl(t->s, false, zhi_str_of(config), &t->crawl, &e), ZHI_OK);
  for (size_t i = 0; i < 3; i++)
    f[i] = (struct zhi_found){.url = zhi_str_of(urls[i]),
                              .origin = ZHI_STR(A),
                              .prio = i ? ZHI_PRIO_PAGE : ZHI_PRIO_SEED,
                              .depth = (uint16_t)i,
                              .via = i ? zhi_str_of(urls[i - 1]) : ZHI_STR(""),
                              .text = ZHI_STR("link")};
  for (size_t i = 0; i < 3; i++)
    assert_int_equal(zhi_frontier_add(t->s, &f[i], 1, &n, &e), ZHI_OK);
  assert_int_equal(zhi_frontier_lease(t->s, 1, 3, 60000, &l, &n, &e), ZHI_OK);
  struct zhi_url_result r[3];
  for (size_t i = 0; i < 3; i++)
    r[i] = (struct zhi_url_result){
        .url_id = l->jobs[i].url_id, .token = l->token, .verdict = ZHI_V_OK};
  struct zhi_origin_state o = {.origin = ZHI_STR(A),
                               .robots_fetched_ms = t->now_ms,
                               .robots_state = "ok",
                               .robots_text = ZHI_STR("User-agent: *\nDisallow: /private\n")};
  archive_commit(t,
                 &(struct zhi_batch){.crawl_id = t->crawl.id,
                                     .results = r,
                                     .result_count = 3,
                                     .origins = &o,
                                     .origin_count = 1},
                 NULL, NULL);
  zhi_lease_free(l);
  struct zhi_doc_row d = {.kind = "document", .extractor_version = "1"};
  archive_capture(t, A "/page", "cn,gov,a)/page", ZHI_V_OK, "sha256:1", &d);
}

static void a_known_url_has_its_whole_story(void **state) {
  struct test_archive t;
  (void)state;
  setup(&t);
  json_t *o = explain(&t, A "/page#part");
  const json_t *via = json_object_get(o, "via"), *attempts = json_object_get(o, "attempts");
  assert_true(json_is_true(json_object_get(o, "known")));
  assert_string_equal(text(o, "url"), A "/page");
  assert_int_equal(json_array_size(via), 2);
  assert_string_equal(text(json_array_get(via, 0), "url"), A "/list");
  assert_string_equal(text(json_array_get(via, 1), "url"), A "/");
  assert_int_equal(json_array_size(attempts), 1);
  assert_string_equal(text(json_array_get(attempts, 0), "verdict"), "ok");
  assert_string_equal(text(o, "state"), "done");
  assert_string_equal(text(o, "life"), "live");
  assert_string_equal(text(o, "next_visit"), "2018-04-05T08:00:00Z"); /* seven days on */
  assert_string_equal(text(json_object_get(o, "scope"), "decision"), "fetch");
  assert_true(json_is_true(json_object_get(json_object_get(o, "robots"), "allowed")));
  json_decref(o);
  archive_teardown(&t);
}

static void a_url_never_seen_is_judged_and_the_nearest_named(void **state) {
  struct test_archive t;
  (void)state;
  setup(&t);
  json_t *o = explain(&t, "http://www.other.example/page");
  assert_false(json_is_true(json_object_get(o, "known")));
  assert_string_equal(text(json_object_get(o, "scope"), "decision"), "exclude");
  assert_string_equal(text(json_object_get(o, "scope"), "reason"), "off_scope");
  assert_true(json_is_null(json_object_get(o, "nearest")));
  json_decref(o);
  o = explain(&t, A "/private/x");
  assert_string_equal(text(json_object_get(o, "scope"), "decision"), "fetch");
  assert_true(json_is_false(json_object_get(json_object_get(o, "robots"), "allowed")));
  assert_string_equal(text(json_object_get(o, "robots"), "rule"), "Disallow: /private");
  assert_string_equal(text(o, "nearest"), A "/page");
  assert_null(json_object_get(o, "attempts"));
  json_decref(o);
  archive_teardown(&t);
}

static void what_is_no_address_is_said(void **state) {
  struct test_archive t;
  struct zhi_err e = {0};
  json_t *o = NULL;
  (void)state;
  setup(&t);
  assert_int_equal(zhi_url_story(t.s, t.dir, "ftp://a/", &o, &e), ZHI_EUSAGE);
  assert_non_null(strstr(e.msg, "ftp://a/"));
  archive_teardown(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_known_url_has_its_whole_story),
      cmocka_unit_test(a_url_never_seen_is_judged_and_the_nearest_named),
      cmocka_unit_test(what_is_no_address_is_said),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
