/* Status: the numbers agree with what happened, every URL that was not fetched is listed with its reason, and an
 * unfinished crawl says why. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "crawler/status.h"
#include "tests/support/archive.h"

#define A "http://a.gov.cn"
#define B "http://b.gov.cn"

static json_t *status(struct test_archive *t, bool lists) {
  struct zhi_err e = {0};
  json_t *o = NULL;
  assert_int_equal(zhi_store_status(t->s, lists, &o, &e), ZHI_OK);
  return o;
}

static int64_t number(const json_t *o, const char *object, const char *key) {
  const json_t *v = json_object_get(json_object_get(o, object), key);
  return json_is_integer(v) ? json_integer_value(v) : -1;
}

static const char *text(const json_t *o, const char *key) {
  const char *s = json_string_value(json_object_get(o, key));
  return s ? s : "(none)";
}

/* Five pages: done, failed, denied, waiting, due; two links out of scope. */
static void some_crawling(struct test_archive *t) {
  static const char *const paths[] = {A "/done", A "/failed", A "/denied", A "/later", A "/due"};
  struct zhi_found f[7];
  struct zhi_url_result r[4];
  struct zhi_lease *l = NULL;
  struct zhi_err e = {0};
  size_t n = 0;
  for (size_t i = 0; i < 5; i++)
    f[i] = (struct zhi_found){
        .url = zhi_str_of(paths[i]), .origin = ZHI_STR(A), .prio = ZHI_PRIO_PAGE};
  f[5] = (struct zhi_found){.url = ZHI_STR(B "/x"),
                            .origin = ZHI_STR(B),
                            .via = ZHI_STR(A "/done"),
                            .excluded = "off_scope"};
  f[6] = (struct zhi_found){
      .url = ZHI_STR(A "/cal?d=1"), .origin = ZHI_STR(A), .excluded = "trap_calendar"};
  assert_int_equal(zhi_frontier_add(t->s, f, 7, &n, &e), ZHI_OK);
  assert_int_equal(zhi_frontier_lease(t->s, 1, 4, 60000, &l, &n, &e), ZHI_OK);
  assert_int_equal(l->count, 4);
  for (size_t i = 0; i < 4; i++)
    r[i] = (struct zhi_url_result){.url_id = l->jobs[i].url_id, .token = l->token};
  r[0].verdict = ZHI_V_OK;
  r[1].outcome = ZHI_URL_FAILED;
  r[1].verdict = ZHI_V_TIMEOUT;
  r[1].detail = ZHI_STR("no answer in 30 s");
  r[2].outcome = ZHI_URL_EXCLUDED;
  r[2].verdict = ZHI_V_ROBOTS_DENIED;
  r[2].reason = "robots";
  r[2].detail = ZHI_STR("Disallow: /denied");
  r[3].outcome = ZHI_URL_RETRY;
  r[3].verdict = ZHI_V_BLOCKED;
  r[3].retry_ms = t->now_ms + 60000;
  struct zhi_group_state g = {
      .group_id = l->group_id, .token = l->token, .blocked_until_ms = t->now_ms + 60000};
  archive_commit(
      t,
      &(struct zhi_batch){
          .crawl_id = t->crawl.id, .results = r, .result_count = 4, .groups = &g, .group_count = 1},
      NULL, NULL);
  zhi_lease_free(l);
}

static void the_numbers_agree_with_what_happened(void **state) {
  struct test_archive t;
  (void)state;
  archive_setup(&t);
  some_crawling(&t);
  struct zhi_doc_row d = {.kind = "document", .extractor_version = "1"};
  archive_capture(&t, A "/done", "a", ZHI_V_OK, "sha256:1", &d);
  archive_capture(&t, A "/failed", "b", ZHI_V_TIMEOUT, NULL, NULL);
  json_t *o = status(&t, false);
  assert_int_equal(number(o, "urls", "known"), 7);
  assert_int_equal(number(o, "urls", "done"), 1);
  assert_int_equal(number(o, "urls", "failed"), 1);
  assert_int_equal(number(o, "urls", "excluded"), 3);
  assert_int_equal(number(o, "urls", "waiting"), 1);
  assert_int_equal(number(o, "urls", "due"), 1);
  assert_int_equal(number(o, "captures", "total"), 2);
  assert_int_equal(number(o, "captures", "this_crawl"), 2);
  assert_int_equal(number(o, "verdicts", "ok"), 1);
  assert_int_equal(number(o, "verdicts", "timeout"), 1);
  assert_int_equal(number(o, "documents", "document"), 1);
  assert_int_equal(number(o, "excluded_by_reason", "off_scope"), 1);
  assert_int_equal(number(o, "excluded_by_reason", "trap_calendar"), 1);
  assert_int_equal(number(o, "excluded_by_reason", "robots"), 1);
  assert_int_equal(number(o, "failed_by_reason", "timeout"), 1);
  assert_int_equal(number(o, "warc", "files"), 1);
  assert_string_equal(text(json_object_get(o, "crawl"), "state"), "running");
  assert_string_equal(text(o, "next_due"), "2018-03-29T08:01:00Z");
  json_t *hosts = json_object_get(o, "hosts"); /* of B nothing was wanted: no row */
  assert_int_equal(json_array_size(hosts), 1);
  assert_string_equal(text(json_array_get(hosts, 0), "origin"), A);
  json_t *blocked = json_object_get(o, "blocked");
  assert_int_equal(json_array_size(blocked), 1);
  assert_string_equal(text(json_array_get(blocked, 0), "until"), "2018-03-29T08:01:00Z");
  assert_string_equal(
      json_string_value(json_array_get(json_object_get(json_array_get(blocked, 0), "hosts"), 0)),
      A);
  const json_t *retry = json_array_get(json_object_get(o, "retries"), 0);
  assert_string_equal(text(retry, "reason"), "blocked");
  assert_string_equal(text(retry, "first"), "2018-03-29T08:01:00Z");
  assert_int_equal(json_integer_value(json_object_get(retry, "urls")), 1);
  assert_true(json_is_true(json_object_get(o, "running")));
  assert_null(json_object_get(o, "excluded"));
  json_decref(o);
  archive_teardown(&t);
}

static void every_url_not_fetched_is_listed_with_its_reason(void **state) {
  struct test_archive t;
  (void)state;
  archive_setup(&t);
  some_crawling(&t);
  json_t *o = status(&t, true);
  static const struct {
    const char *list;
    size_t i;
    const char *url, *reason, *detail, *via;
  } want[] = {{"excluded", 0, A "/cal?d=1", "trap_calendar", "(none)", "(none)"},
              {"excluded", 1, A "/denied", "robots", "Disallow: /denied", "(none)"},
              {"excluded", 2, B "/x", "off_scope", "(none)", A "/done"},
              {"failed", 0, A "/failed", "timeout", "no answer in 30 s", "(none)"},
              {"blocked_urls", 0, A "/later", "blocked", "(none)", "(none)"}};
  for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
    json_t *x = json_array_get(json_object_get(o, want[i].list), want[i].i);
    assert_string_equal(text(x, "url"), want[i].url);
    assert_string_equal(text(x, "reason"), want[i].reason);
    assert_string_equal(text(x, "detail"), want[i].detail);
    assert_string_equal(text(x, "via"), want[i].via);
  }
  assert_int_equal(json_array_size(json_object_get(o, "excluded")), 3);
  assert_int_equal(json_array_size(json_object_get(o, "failed")), 1);
  assert_int_equal(json_array_size(json_object_get(o, "blocked_urls")), 1);
  json_decref(o);
  archive_teardown(&t);
}

static void an_unfinished_crawl_says_why_and_a_finished_one_does_not(void **state) {
  struct test_archive t;
  struct zhi_err e = {0};
  (void)state;
  archive_setup(&t);
  some_crawling(&t);
  json_t *o = status(&t, false);
  json_t *why = json_object_get(o, "why_unfinished");
  assert_int_equal(json_array_size(why), 3);
  assert_string_equal(json_string_value(json_array_get(why, 0)), "1 URLs are due");
  json_decref(o);
  assert_int_equal(zhi_store_finish_crawl(t.s, t.crawl.id, &e), ZHI_OK);
  o = status(&t, false);
  assert_string_equal(text(json_object_get(o, "crawl"), "state"), "finished");
  assert_string_equal(text(json_object_get(o, "crawl"), "finished"), "2018-03-29T08:00:00Z");
  assert_int_equal(json_array_size(json_object_get(o, "why_unfinished")), 0);
  json_decref(o);
  archive_teardown(&t);
}

static void an_archive_without_a_crawl_has_a_status(void **state) {
  struct test_archive t;
  (void)state;
  archive_setup(&t);
  zhi_store_close(t.s);
  archive_sql(&t, "DELETE FROM crawl");
  assert_int_equal(zhi_store_open(t.dir, ZHI_STORE_READ, &t.clock, &t.s, NULL), ZHI_OK);
  json_t *o = status(&t, true);
  assert_true(json_is_null(json_object_get(o, "crawl")));
  assert_true(json_is_null(json_object_get(o, "next_due")));
  assert_int_equal(number(o, "urls", "known"), 0);
  json_decref(o);
  archive_teardown(&t);
}

static void text_that_is_no_utf8_does_not_break_the_status(void **state) {
  struct test_archive t;
  struct zhi_err e = {0};
  size_t n;
  struct zhi_found f = {
      .url = ZHI_STR(B "/\xB9\xAB"), .origin = ZHI_STR(B), .excluded = "off_scope"};
  (void)state;
  archive_setup(&t);
  assert_int_equal(zhi_frontier_add(t.s, &f, 1, &n, &e), ZHI_OK);
  json_t *o = status(&t, true);
  assert_string_equal(text(json_array_get(json_object_get(o, "excluded"), 0), "url"),
                      B "/\xEF\xBF\xBD\xEF\xBF\xBD");
  json_decref(o);
  archive_teardown(&t);
}

/* 16:00 in China on the archive's clock. A config that this program cannot read says nothing of hours. */
static void the_hours_of_the_config_say_when_requests_go_on(void **state) {
  static const struct {
    const char *hours, *until;
  } cases[] = {{"\"hours\": \"22:00-06:00\"", "2018-03-29T14:00:00Z"},
               {"\"hours\": \"09:00-12:30\"", "2018-03-30T01:00:00Z"},
               {"\"hours\": \"15:00-17:00\"", "(none)"},
               {"\"min_delay\": \"1s\"", "(none)"},
               {"\"hours\": \"never\"", "(none)"}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct test_archive t;
    struct zhi_err e = {0};
    char config[256];
    json_t *o = NULL;
    archive_setup(&t);
    snprintf(config, sizeof config,
             "{\"cluster\": \"a\", \"operator\": {\"name\": \"t\", \"contact\": "
             "\"https://a.example/\"}, \"seeds\": [\"" A "/\"], \"politeness\": {%s}}",
             cases[i].hours);
    assert_int_equal(zhi_store_begin_crawl(t.s, false, zhi_str_of(config), &t.crawl, &e), ZHI_OK);
    assert_int_equal(zhi_archive_status(t.s, false, t.now_ms, &o, &e), ZHI_OK);
    assert_non_null(json_object_get(o, "hours_until"));
    assert_string_equal(text(o, "hours_until"), cases[i].until);
    json_decref(o);
    archive_teardown(&t);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_numbers_agree_with_what_happened),
      cmocka_unit_test(every_url_not_fetched_is_listed_with_its_reason),
      cmocka_unit_test(an_unfinished_crawl_says_why_and_a_finished_one_does_not),
      cmocka_unit_test(an_archive_without_a_crawl_has_a_status),
      cmocka_unit_test(text_that_is_no_utf8_does_not_break_the_status),
      cmocka_unit_test(the_hours_of_the_config_say_when_requests_go_on),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
