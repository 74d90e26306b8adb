/* What a crawl of the simulated county does, judged by the county's own truth and record: what is asked for and
 * what never, how fast, what the table says, what becomes of each fault. */
#include <glob.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/county.h"

enum { EXIT_FAILED_URLS = 3, EXIT_PAUSED = 4, RSS_MAX_KIB = 300 * 1024 };

#define PAGES_FULL (COUNTY_SLOW > 1 ? "150" : "400")
#define PAGES_FEW  (COUNTY_SLOW > 1 ? "40" : "80")

/* No URL of the truth that must not be asked for over what it may be. */
static void assert_no_forbidden_request(const json_t *truth, const json_t *by_url) {
  const json_t *t;
  size_t i, nots = 0;
  json_array_foreach(truth, i, t) {
    const char *url = county_text(t, "url");
    if (!json_is_false(json_object_get(t, "must")))
      continue;
    long long n = url[0] ? county_number(json_object_get(by_url, url), "n")
                         : county_family_requests(by_url, t);
    nots++;
    if (n > county_number(t, "max"))
      fail_msg("%s%s%s (%s): %lld requests, at most %lld allowed", url, county_text(t, "prefix"),
               county_text(t, "contains"), county_text(t, "why"), n, county_number(t, "max"));
  }
  assert_true(nots > 10);
}

/* Every must URL of the truth once and well, no other over what it may be asked for. */
static void assert_requests_follow_truth(const struct county_world *w) {
  json_t *truth = county_lines(w->truth), *by_url = county_requests(w), *t;
  size_t i, musts = 0;
  json_array_foreach(truth, i, t) {
    const char *url = county_text(t, "url");
    const json_t *r = json_object_get(by_url, url);
    if (!json_is_true(json_object_get(t, "must")) || json_object_get(t, "needs"))
      continue;
    musts++;
    if (county_number(r, "n") != 1 || county_number(r, "good") != 1)
      fail_msg("%s: %lld requests, %lld good; expected 1", url, county_number(r, "n"),
               county_number(r, "good"));
  }
  assert_true(musts > 50);
  assert_no_forbidden_request(truth, by_url);
  json_decref(truth);
  json_decref(by_url);
}

static bool is_free(const json_t *t, const char *field) {
  json_t *name;
  size_t i;
  json_array_foreach(json_object_get(t, "free"), i, name) {
    if (strcmp(json_string_value(name), field) == 0)
      return true;
  }
  return false;
}

/* Sitemaps, lists, pages of an error and the like have no row. */
static void assert_nothing_else_is_a_document(const json_t *truth, const json_t *rows) {
  json_t *documents = json_object(), *t;
  const char *url;
  size_t i;
  json_array_foreach(truth, i, t) {
    if (json_object_get(t, "fields"))
      json_object_set(documents, county_text(t, "url"), t);
  }
  json_object_foreach((json_t *)(uintptr_t)rows, url, t) {
    if (!json_object_get(documents, url))
      fail_msg("%s is in documents.csv, and is no document", url);
  }
  json_decref(documents);
}

static void assert_fields_are_true(const struct county_world *w) {
  json_t *truth = county_lines(w->truth), *rows = county_rows(w), *t;
  size_t i, documents = 0;
  assert_nothing_else_is_a_document(truth, rows);
  json_array_foreach(truth, i, t) {
    json_t *fields = json_object_get(t, "fields"), *v;
    const char *url = county_text(t, "url"), *name;
    const json_t *row = json_object_get(rows, url);
    if (!fields || !json_is_true(json_object_get(t, "must")) || json_object_get(t, "needs"))
      continue;
    documents++;
    if (!row)
      fail_msg("%s is not in documents.csv", url);
    json_object_foreach(fields, name, v) {
      const char *got = county_text(row, name);
      if (is_free(t, name) || strcmp(got, json_string_value(v)) == 0)
        continue;
      fail_msg("%s: %s is '%s', should be '%s'", url, name, got, json_string_value(v));
    }
  }
  assert_true(documents > 20);
  json_decref(truth);
  json_decref(rows);
}

/* Pages that cannot exist are asked for once a host, however often the crawl was paused. */
static void assert_every_host_is_probed_once(const struct county_world *w) {
  json_t *log = county_lines(w->log), *hosts = json_object(), *r, *n;
  const char *host;
  size_t i;
  json_array_foreach(log, i, r) {
    bool probe = strncmp(county_text(r, "path"), "/xianzhi-probe-", 15) == 0;
    host = county_text(r, "host");
    json_object_set_new(hosts, host, json_integer(county_number(hosts, host) + probe));
  }
  assert_in_range(json_object_size(hosts), 4, 8);
  json_object_foreach(hosts, host, n) {
    if (json_integer_value(n) != (strncmp(host, "files.", 6) != 0)) /* only attachments there */
      fail_msg("%s: %lld probes", host, (long long)json_integer_value(n));
  }
  json_decref(log);
  json_decref(hosts);
}

static void assert_clean(const struct county_world *w) {
  int code = county_run(w, (const char *const[]){"verify", w->archive, NULL});
  char *said = county_output(w);
  assert_string_equal(said, "");
  assert_int_equal(code, 0);
  free(said);
}

static int crawl(const struct county_world *w, const char *flag, const char *value) {
  return county_run(
      w, (const char *const[]){"crawl", w->config, "--progress", "off", flag, value, NULL});
}

/* Every WARC file begins with the config of the run that wrote it. */
static void assert_config_is_kept(const struct county_world *w) {
  char pattern[256];
  glob_t found;
  snprintf(pattern, sizeof pattern, "%s/warc/*/*.warc.gz", w->archive);
  assert_int_equal(glob(pattern, 0, NULL, &found), 0);
  for (size_t i = 0; i < found.gl_pathc; i++) {
    assert_int_equal(county_run(w, (const char *const[]){"index", found.gl_pathv[i], NULL}), 0);
    char *lines = county_output(w);
    assert_non_null(strstr(lines, "\"urn:x-xianzhi:"));
    free(lines);
  }
  globfree(&found);
}

static void a_crawl_asks_for_what_the_truth_says_and_extracts_its_fields(void **state) {
  struct county_world *w = *state;
  county_start(w, (const char *const[]){"--pages", PAGES_FULL, "--hosts", "6", NULL});
  assert_int_equal(crawl(w, NULL, NULL), 0);
  county_stop(w);
  assert_requests_follow_truth(w);
  assert_fields_are_true(w);
  assert_every_host_is_probed_once(w);
  assert_clean(w);
}

/* The report says when the crawl paused and by what; NULL: that it did not. */
static void assert_paused_by(const struct county_world *w, const char *by) {
  char path[96];
  snprintf(path, sizeof path, "%s/report.json", w->dir);
  assert_int_equal(county_run(w, (const char *const[]){"report", w->archive, "-o", path, NULL}), 0);
  json_t *report = json_load_file(path, 0, NULL);
  const json_t *paused = json_object_get(json_object_get(report, "crawl"), "paused");
  assert_string_equal(county_text(paused, "by"), by ? by : "");
  assert_int_equal(county_text(paused, "at")[0] != '\0', by != NULL);
  json_decref(report);
}

static void a_paused_crawl_goes_on_and_fetches_nothing_twice(void **state) {
  struct county_world *w = *state;
  county_start(w, (const char *const[]){"--pages", PAGES_FULL, "--hosts", "4", NULL});
  assert_int_equal(crawl(w, "--max-pages", "60"), EXIT_PAUSED);
  assert_paused_by(w, "budget");
  json_t *s = county_status(w, w->archive);
  assert_in_range(county_number(json_object_get(s, "captures"), "total"), 50, 80);
  json_decref(s);
  assert_int_equal(crawl(w, NULL, NULL), 0);
  county_stop(w);
  assert_paused_by(w, NULL);
  assert_requests_follow_truth(w);
  assert_every_host_is_probed_once(w);
  assert_config_is_kept(w);
  assert_clean(w);
}

/* A kill may lose what was in flight, and that may be asked for again; no document may be missing or doubled. */
static void a_paused_and_killed_crawl_still_has_every_document(void **state) {
  struct county_world *w = *state;
  county_start(w, (const char *const[]){"--pages", PAGES_FULL, "--hosts", "5", NULL});
  assert_int_equal(crawl(w, "--max-pages", "40"), EXIT_PAUSED);
  for (int i = 0; i < 3; i++) {
    pid_t pid =
        county_spawn(w, (const char *const[]){"crawl", w->config, "--progress", "off", NULL});
    const struct timespec nap = {0, 60000000L + 70000000L * i};
    nanosleep(&nap, NULL);
    kill(pid, SIGKILL);
    county_wait(pid, NULL);
  }
  assert_int_equal(crawl(w, NULL, NULL), 0);
  county_stop(w);
  assert_fields_are_true(w);
  assert_clean(w);
}

static void a_signal_pauses_a_crawl_which_then_fetches_nothing_twice(void **state) {
  struct county_world *w = *state;
  county_start(w,
               (const char *const[]){"--pages", PAGES_FEW, "--hosts", "3", "--delay", "10", NULL});
  pid_t pid = county_spawn(w, (const char *const[]){"crawl", w->config, "--progress", "off", NULL});
  county_await_requests(w, 20);
  kill(pid, SIGTERM);
  assert_int_equal(county_wait(pid, NULL), EXIT_PAUSED);
  assert_paused_by(w, "signal");
  assert_int_equal(crawl(w, NULL, NULL), 0);
  county_stop(w);
  assert_requests_follow_truth(w);
  assert_clean(w);
}

/* The most requests that were open at once on one address. */
static long long most_open(const json_t *log) {
  long long most = 0;
  const json_t *r;
  size_t i;
  json_array_foreach(log, i, r) {
    if (county_number(r, "open") > most)
      most = county_number(r, "open");
  }
  return most;
}

static void no_more_requests_are_open_on_an_address_than_the_config_says(void **state) {
  for (int connections = 1; connections <= 3; connections += 2) {
    struct county_world *w = *state;
    char n[16];
    snprintf(n, sizeof n, "%d", connections);
    county_start(w, (const char *const[]){"--scenario", "bench", "--pages", PAGES_FEW,
                                          "--addresses", "2", "--hosts", "4", "--delay", "20",
                                          "--connections", n, NULL});
    assert_int_equal(crawl(w, NULL, NULL), 0);
    county_stop(w);
    json_t *log = county_lines(w->log);
    assert_true(json_array_size(log) > 30);
    assert_int_equal(most_open(log), connections);
    json_decref(log);
    county_release(w);
  }
}

/* Fail when a request to an address came less than gap_us after the one before it, from the first to `host` on
 * (NULL: to any). Arrivals are compared: the county stamps an answer's end late when it loses the processor, which
 * would accuse the innocent. */
static void assert_gaps(const json_t *log, const char *address, const char *host,
                        long long gap_us) {
  long long before = 0;
  const json_t *r;
  size_t i, n = 0;
  json_array_foreach(log, i, r) {
    if (strcmp(county_text(r, "addr"), address) != 0 ||
        (n == 0 && host && strcmp(county_text(r, "host"), host) != 0))
      continue;
    long long gap = county_number(r, "t") - before;
    if (n++ > 0 && gap < gap_us)
      fail_msg("%s%s came %lld us after the request before it", county_text(r, "host"),
               county_text(r, "path"), gap);
    before = county_number(r, "t");
  }
  assert_true(n > 15);
}

/* The county answers after 20 ms, we wait 50 ms, each counted in whole milliseconds. */
enum { GAP_US = (20 + 50 - 2) * 1000 };

static void min_delay_lies_between_an_answer_and_the_next_request(void **state) {
  struct county_world *w = *state;
  county_start(w, (const char *const[]){"--scenario", "bench", "--pages", "60", "--addresses", "2",
                                        "--hosts", "4", "--delay", "20", NULL});
  county_config(
      w, "politeness:",
      "politeness: { min_delay: 50ms, factor: 0, jitter_percent: 0, connections_per_server: 1 }");
  assert_int_equal(crawl(w, NULL, NULL), 0);
  county_stop(w);
  json_t *log = county_lines(w->log);
  assert_gaps(log, "127.0.0.1", NULL, GAP_US);
  assert_gaps(log, "127.0.0.2", NULL, GAP_US);
  json_decref(log);
}

/* Every fault has one of its verdicts, and the good pages beside it are captured. */
static void assert_faults_are_judged(const struct county_world *w, const json_t *truth) {
  json_t *verdicts = county_pairs(w, "SELECT url, verdict FROM captures ORDER BY id");
  const json_t *t;
  size_t i, seen = 0;
  int wrong = 0;
  json_array_foreach(truth, i, t) {
    const char *url = county_text(t, "url"), *got = county_text(verdicts, url);
    bool fault = strcmp(county_text(t, "kind"), "fault") == 0;
    bool slow = strncmp(url, "http://slow.", 12) == 0 && json_is_true(json_object_get(t, "must"));
    if (!fault && !slow && strcmp(county_text(t, "kind"), "fault_page") != 0)
      continue;
    seen++;
    if (fault ? !county_is_among(json_object_get(t, "verdict"), got) : strcmp(got, "ok") != 0) {
      print_error("%s is judged '%s'\n", url, got);
      wrong++;
    }
  }
  assert_int_equal(wrong, 0);
  assert_true(seen > 150);
  json_decref(verdicts);
}

/* Where robots.txt cannot be had nothing else is asked for, and every URL says so. */
static void assert_silent_hosts_are_left_alone(const struct county_world *w) {
  static const char *const homes[] = {"http://down.qinglan.gov.cn/",
                                      "http://refused.fault.qinglan.gov.cn/",
                                      "https://tls.fault.qinglan.gov.cn/"};
  json_t *reasons = county_pairs(w, "SELECT url, reason FROM url WHERE state = 'failed'");
  json_t *captured = county_pairs(w, "SELECT url, verdict FROM captures");
  for (size_t i = 0; i < sizeof homes / sizeof *homes; i++) {
    assert_string_equal(county_text(reasons, homes[i]), "robots_unreachable");
    assert_null(json_object_get(captured, homes[i]));
  }
  json_decref(reasons);
  json_decref(captured);
}

/* The crawl ends by itself: --max-time is there to end a test that would not. */
static void faults_end_in_their_verdicts_and_take_no_memory(void **state) {
  struct county_world *w = *state;
  char limits[400];
  long rss = 0;
  county_start(w, (const char *const[]){"--scenario", "faults", "--pages", "60", "--hosts", "3",
                                        "--addresses", "2", NULL});
  /* a sanitizer needs seconds to load the certificates; a head may take longer than low_speed_time (delay-head) */
  snprintf(limits, sizeof limits,
           "politeness: { min_delay: 0s, factor: 0, backoff: 100ms, max_delay: 200ms,\n"
           "              jitter_percent: 0, connections_per_server: 1 }\n"
           "http: { connect_timeout: 60s, head_timeout: 6s, total_timeout: %ds,\n"
           "        low_speed: 100B, low_speed_time: 2s, retries: 2 }",
           8 * COUNTY_SLOW);
  county_config(w, "politeness:", limits);
  pid_t pid = county_spawn(w, (const char *const[]){"crawl", w->config, "--progress", "off",
                                                    "--max-time", "600s", NULL});
  assert_int_equal(county_wait(pid, &rss), EXIT_FAILED_URLS);
  if (COUNTY_SLOW == 1)
    assert_true(rss > 0 && rss < RSS_MAX_KIB);
  county_stop(w);
  json_t *truth = county_lines(w->truth), *log = county_lines(w->log), *by_url = county_requests(w);
  assert_faults_are_judged(w, truth);
  assert_silent_hosts_are_left_alone(w);
  assert_no_forbidden_request(truth, by_url);
  assert_gaps(log, "127.0.0.2", "slow.qinglan.gov.cn", 998 * 1000LL); /* Crawl-delay: 1 */
  json_decref(truth);
  json_decref(log);
  json_decref(by_url);
  assert_clean(w);
}

/* Public names that lead to a private address, however they come to do so: no connection is made. */
static void a_private_address_is_not_connected_to(void **state) {
  struct county_world *w = *state;
  county_start(w, (const char *const[]){"--scenario", "plain", NULL});
  county_config(w, "allow_private:", "");
  county_config(w, "politeness:", "politeness: { min_delay: 500ms }");
  assert_int_equal(crawl(w, NULL, NULL), EXIT_FAILED_URLS);
  county_stop(w);
  json_t *log = county_lines(w->log);
  assert_int_equal(json_array_size(log), 0);
  json_decref(log);
  json_t *causes = county_pairs(w, "SELECT url, detail FROM urls WHERE state = 'failed'");
  assert_non_null(strstr(county_text(causes, "http://www.qinglan.gov.cn/"), "private address"));
  json_decref(causes);
}

static int set_up(void **state) {
  *state = calloc(1, sizeof(struct county_world));
  return *state ? 0 : -1;
}

static int tear_down(void **state) {
  struct county_world *w = *state;
  if (w->dir[0])
    county_release(w);
  free(w);
  return 0;
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(a_crawl_asks_for_what_the_truth_says_and_extracts_its_fields),
      CASE(a_paused_crawl_goes_on_and_fetches_nothing_twice),
      CASE(a_paused_and_killed_crawl_still_has_every_document),
      CASE(a_signal_pauses_a_crawl_which_then_fetches_nothing_twice),
      CASE(no_more_requests_are_open_on_an_address_than_the_config_says),
      CASE(min_delay_lies_between_an_answer_and_the_next_request),
      CASE(a_private_address_is_not_connected_to),
      CASE(faults_end_in_their_verdicts_and_take_no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
