/* Report: every URL is in one class with its reason, hosts and columns add up, and nothing from the web gets out of its
 * quotes in the page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/archive.h"
#include "zhi/report.h"

#define A    "http://a.gov.cn"
#define EVIL "<script>alert(\"1\")</script>&'"

static json_t *report(struct test_archive *t, const char *crawl) {
  struct zhi_err e = {0};
  json_t *o = NULL;
  if (zhi_store_report(t->s, zhi_str_of(crawl), &o, &e))
    fail_msg("%s", e.msg);
  return o;
}

static long long number(const json_t *o, const char *object, const char *key) {
  const json_t *v = json_object_get(json_object_get(o, object), key);
  return json_is_integer(v) ? (long long)json_integer_value(v) : -1;
}

static void found(struct test_archive *t, const char *url, const char *excluded) {
  struct zhi_err e = {0};
  size_t n;
  struct zhi_found f = {
      .url = zhi_str_of(url), .origin = ZHI_STR(A), .prio = ZHI_PRIO_PAGE, .excluded = excluded};
  assert_int_equal(zhi_frontier_add(t->s, &f, 1, &n, &e), ZHI_OK);
}

/* What became of the URL that is leased next. */
static void result(struct test_archive *t, enum zhi_url_outcome outcome, enum zhi_verdict verdict,
                   const char *reason, const char *detail) {
  struct zhi_err e = {0};
  struct zhi_lease *l = NULL;
  size_t n = 0;
  assert_int_equal(zhi_frontier_lease(t->s, 1, 1, 60000, &l, &n, &e), ZHI_OK);
  assert_int_equal(n, 1);
  struct zhi_url_result r = {.url_id = l->jobs[0].url_id,
                             .token = l->token,
                             .outcome = outcome,
                             .verdict = verdict,
                             .reason = reason,
                             .detail = zhi_str_of(detail)};
  archive_commit(t, &(struct zhi_batch){.crawl_id = t->crawl.id, .results = &r, .result_count = 1},
                 NULL, NULL);
  assert_int_equal(zhi_frontier_release(t->s, l->group_id, l->token, &e), ZHI_OK);
  zhi_lease_free(l);
}

static struct zhi_doc_row document(const char *title) {
  struct zhi_doc_row d = {.kind = "document", .extractor_version = "1"};
  d.field[ZHI_F_TITLE] = zhi_str_of(title);
  d.text_digest = zhi_str_of(title);
  return d;
}

/* One page, one broken one, one left out; then all again, with the page edited. */
static void two_crawls(struct test_archive *t, const char *title) {
  struct zhi_doc_row d = document("before");
  struct zhi_err e = {0};
  archive_setup(t);
  found(t, A "/page", NULL);
  result(t, ZHI_URL_DONE, ZHI_V_OK, NULL, "");
  archive_capture(t, A "/page", "page", ZHI_V_OK, "sha256:1", &d);
  found(t, A "/broken?" EVIL, NULL);
  result(t, ZHI_URL_FAILED, ZHI_V_TIMEOUT, NULL, "no answer" EVIL);
  archive_capture(t, A "/broken?" EVIL, "broken", ZHI_V_TIMEOUT, NULL, NULL);
  found(t, A "/login", "login");
  assert_int_equal(zhi_store_finish_crawl(t->s, t->crawl.id, &e), ZHI_OK);
  t->now_ms += 7 * 86400000LL;
  archive_begin(t, false);
  d = document(title);
  archive_capture(t, A "/page", "page", ZHI_V_OK, "sha256:2", &d);
  archive_capture(t, A "/broken?" EVIL, "broken", ZHI_V_TIMEOUT, NULL, NULL);
}

static void every_url_is_in_one_class(void **state) {
  static const char *const classes[] = {"new",     "changed", "unchanged", "redirected", "gone",
                                        "blocked", "failed",  "excluded",  "due",        "not_due"};
  struct test_archive t;
  (void)state;
  two_crawls(&t, "after");
  json_t *o = report(&t, "");
  long long sum = 0;
  for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
    sum += number(o, "totals", classes[i]);
  assert_int_equal(sum, 3);
  assert_int_equal(number(o, "totals", "known"), 3);
  assert_int_equal(number(o, "totals", "changed"), 1);
  assert_int_equal(number(o, "totals", "captured"), 1);
  assert_int_equal(number(o, "totals", "excluded"), 1);
  assert_int_equal(number(o, "totals", "found"), 0);
  assert_int_equal(number(o, "totals", "requests"), 2);
  assert_int_equal(number(o, "before", "new"), 1);
  const json_t *host = json_array_get(json_object_get(o, "hosts"), 0);
  assert_int_equal(number(json_object_get(host, "why"), "excluded", "login"), 1);
  json_decref(o);
  archive_teardown(&t);
}

static void an_earlier_crawl_is_told_by_name_or_number(void **state) {
  struct test_archive t;
  struct zhi_err e = {0};
  json_t *none = NULL;
  (void)state;
  two_crawls(&t, "after");
  json_t *o = report(&t, "1");
  assert_int_equal(number(o, "totals", "new"), 1);
  assert_int_equal(number(o, "totals", "changed"), 0);
  assert_int_equal(number(o, "totals", "found"), 3);
  assert_true(json_is_null(json_object_get(o, "before")));
  const char *name = json_string_value(json_object_get(json_object_get(o, "crawl"), "name"));
  json_t *same = report(&t, name);
  assert_int_equal(number(same, "crawl", "id"), 1);
  assert_int_equal(zhi_store_report(t.s, ZHI_STR("nonesuch"), &none, &e), ZHI_EUSAGE);
  assert_non_null(strstr(e.msg, "nonesuch"));
  json_decref(o);
  json_decref(same);
  archive_teardown(&t);
}

static void what_comes_from_the_web_is_escaped(void **state) {
  struct test_archive t;
  struct zhi_err e = {0};
  struct zhi_buf page;
  (void)state;
  two_crawls(&t, EVIL);
  json_t *o = report(&t, "");
  zhi_buf_init(&page, 1 << 24);
  assert_int_equal(zhi_report_html(o, &page, &e), ZHI_OK);
  assert_null(strstr(page.p, "<script"));
  assert_null(strstr(page.p, "alert(\"1\")"));
  assert_non_null(strstr(page.p, "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;"));
  zhi_buf_release(&page);
  json_decref(o);
  archive_teardown(&t);
}

static void the_page_says_when_and_why_a_crawl_paused(void **state) {
  static const struct {
    const char *by, *zh, *en;
  } rows[] = {{"budget", "已用完本次时限或页数限额",
               "Paused: the run&#39;s budget of time or pages was spent."},
              {"signal", "收到信号", "Paused by a signal."}};
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct zhi_err e = {0};
    struct zhi_buf page;
    json_t *o = json_pack("{s:{s:s,s:{s:s,s:s}}}", "crawl", "state", "running", "paused", "at",
                          "2026-11-24T08:59:00Z", "by", rows[i].by);
    zhi_buf_init(&page, 1 << 24);
    assert_int_equal(zhi_report_html(o, &page, &e), ZHI_OK);
    assert_non_null(strstr(page.p, "2026-11-24T08:59:00Z"));
    assert_non_null(strstr(page.p, rows[i].zh));
    assert_non_null(strstr(page.p, rows[i].en));
    zhi_buf_release(&page);
    json_decref(o);
  }
}

static void an_address_that_runs_is_no_link(void **state) {
  struct zhi_err e = {0};
  struct zhi_buf page;
  (void)state;
  json_t *o = json_pack("{s:[{s:s,s:s,s:s}]}", "failed", "url", "javascript:alert(1)", "class",
                        "failed", "reason", "timeout");
  zhi_buf_init(&page, 1 << 24);
  assert_int_equal(zhi_report_html(o, &page, &e), ZHI_OK);
  assert_null(strstr(page.p, "href=\"javascript:"));
  assert_non_null(strstr(page.p, "javascript:alert(1)"));
  zhi_buf_release(&page);
  json_decref(o);
}

static void the_page_asks_nobody_for_anything(void **state) {
  static const char *const requests[] = {"<script", "<link", "<img", "src=", "@import", "url("};
  struct test_archive t;
  struct zhi_err e = {0};
  struct zhi_buf page;
  (void)state;
  two_crawls(&t, "after");
  json_t *o = report(&t, "");
  zhi_buf_init(&page, 1 << 24);
  assert_int_equal(zhi_report_html(o, &page, &e), ZHI_OK);
  for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
    assert_null(strstr(page.p, requests[i]));
  assert_null(strstr(page.p, ">report_")); /* every key has its words */
  zhi_buf_release(&page);
  json_decref(o);
  archive_teardown(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_url_is_in_one_class),
      cmocka_unit_test(an_earlier_crawl_is_told_by_name_or_number),
      cmocka_unit_test(what_comes_from_the_web_is_escaped),
      cmocka_unit_test(the_page_says_when_and_why_a_crawl_paused),
      cmocka_unit_test(an_address_that_runs_is_no_link),
      cmocka_unit_test(the_page_asks_nobody_for_anything),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
