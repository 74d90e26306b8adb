/* Captures out of turn: into a new archive, while a crawl is paused, and after one has ended. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/county.h"

static const char *const county[] = {"--pages", "60", NULL};

/* Rows of documents.csv of this URL; none before there is an archive. */
static size_t documents_of(const struct county_world *w, const char *url) {
  json_t *rows = county_csv(w->archive), *row;
  size_t i, n = 0;
  json_array_foreach(rows, i, row) n += strcmp(county_text(row, "url"), url) == 0;
  json_decref(rows);
  return n;
}

/* A document of the county that the archive has, or has not; any when there is no archive. */
static void pick_document(const struct county_world *w, const bool *held, char url[256]) {
  json_t *truth = county_lines(w->truth), *t;
  size_t i;
  url[0] = '\0';
  json_array_foreach(truth, i, t) {
    const char *u = county_text(t, "url");
    if (!url[0] && strcmp(county_text(t, "kind"), "document") == 0 &&
        (!held || (documents_of(w, u) > 0) == *held))
      snprintf(url, 256, "%s", u);
  }
  json_decref(truth);
  assert_true(url[0]);
}

static void run(const struct county_world *w, const char *const *args, int want) {
  int code = county_run(w, args);
  if (code == want)
    return;
  fail_msg("%s ended with %d, not %d: %s", args[0], code, want, county_output(w));
}

static void crawl(const struct county_world *w, const char *max_pages, int want) {
  const char *const args[] = {
      "crawl", w->config, "--progress", "off", max_pages ? "--max-pages" : NULL, max_pages, NULL};
  run(w, args, want);
}

static void capture(const struct county_world *w, const char *url) {
  const char *const args[] = {"capture", w->archive, url, "--progress", "off", NULL};
  run(w, args, 0);
}

static long long requests_of(const struct county_world *w, const char *url) {
  json_t *requests = county_requests(w);
  long long n = county_number(json_object_get(requests, url), "n");
  json_decref(requests);
  return n;
}

static void assert_crawl_state(const struct county_world *w, const char *want) {
  json_t *status = county_status(w, w->archive);
  assert_string_equal(county_text(json_object_get(status, "crawl"), "state"), want);
  json_decref(status);
}

static long long captures_of(const struct county_world *w) {
  json_t *status = county_status(w, w->archive);
  long long n = county_number(json_object_get(status, "captures"), "total");
  json_decref(status);
  return n;
}

static void a_new_archive_holds_what_was_asked_for_and_no_other_page(void **state) {
  struct county_world w;
  char url[256];
  const char *other;
  json_t *t;
  (void)state;
  county_start(&w, county);
  pick_document(&w, NULL, url);
  const char *const alone[] = {"capture", w.archive, url, NULL};
  assert_int_not_equal(county_run(&w, alone), 0); /* nobody said who asks */
  const char *const args[] = {"capture", "--config",   w.config, w.archive,
                              url,       "--progress", "off",    NULL};
  run(&w, args, 0);
  assert_int_equal(documents_of(&w, url), 1);
  assert_crawl_state(&w, "finished");
  county_stop(&w);
  json_t *requests = county_requests(&w), *truth = county_lines(w.truth);
  size_t i;
  json_array_foreach(truth, i, t) {
    other = county_text(t, "url");
    if (strcmp(county_text(t, "kind"), "document") == 0 && strcmp(other, url) != 0 &&
        json_object_get(requests, other))
      fail_msg("%s was not asked for", other);
  }
  size_t needed = 0;
  json_object_foreach(requests, other, t) needed += strstr(other, ".css") || strstr(other, ".js");
  assert_true(needed > 0);
  json_decref(truth);
  json_decref(requests);
  county_release(&w);
}

static void a_paused_crawl_lets_a_capture_pass_and_goes_on(void **state) {
  struct county_world w;
  char url[256];
  (void)state;
  county_start(&w, county);
  crawl(&w, "25", 4);
  pick_document(&w, &(bool){false}, url);
  long long before = captures_of(&w);
  capture(&w, url);
  assert_int_equal(documents_of(&w, url), 1);
  assert_in_range(captures_of(&w) - before, 1, 15); /* the page and its parts, not the crawl */
  assert_crawl_state(&w, "running");
  crawl(&w, NULL, 0);
  assert_crawl_state(&w, "finished");
  county_stop(&w);
  assert_int_equal(requests_of(&w, url), 1); /* by the capture, not by the crawl that it was in */
  county_release(&w);
}

static void what_is_not_due_is_captured_again_when_asked_for(void **state) {
  struct county_world w;
  char url[256];
  (void)state;
  county_start(&w, county);
  crawl(&w, NULL, 0);
  pick_document(&w, &(bool){true}, url);
  capture(&w, url);
  assert_int_equal(documents_of(&w, url), 1); /* unchanged: no new version */
  crawl(&w, NULL, 0);
  const char *const verify[] = {"verify", w.archive, NULL};
  run(&w, verify, 0);
  county_stop(&w);
  assert_int_equal(requests_of(&w, url),
                   2); /* the capture's was no reason for the next crawl to ask */
  county_release(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_new_archive_holds_what_was_asked_for_and_no_other_page),
      cmocka_unit_test(a_paused_crawl_lets_a_capture_pass_and_goes_on),
      cmocka_unit_test(what_is_not_due_is_captured_again_when_asked_for),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
