/* Crawls of one machine at one server: the server's own record of arrivals says that they are as polite together as
 * one alone. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/county.h"

/* A server that the system keeps waiting between its last byte and the clock seems to end late: half a delay is forgiven,
 * which crawls that know nothing of one another do not keep either. */
enum { DELAY_MS = 100, FORGIVEN_MS = 50, FIRST_ANSWER_MS = 5000 };

#define DELAY "politeness: { min_delay: 100ms, factor: 0, jitter_percent: 0, backoff: 100ms }"

/* A second config of the same county: another archive and another operator, so that the log tells them apart. */
static void second_config(const struct county_world *w, char path[96]) {
  char line[512], other[96];
  snprintf(path, 96, "%s/second.yaml", w->dir);
  snprintf(other, sizeof other, "%s/second", w->dir);
  FILE *in = fopen(w->config, "r"), *out = fopen(path, "w");
  assert_true(in && out);
  while (fgets(line, sizeof line, in)) {
    if (strncmp(line, "archive:", 8) == 0)
      fprintf(out, "archive: %s\n", other);
    else if (strncmp(line, "operator:", 9) == 0)
      fputs("operator: { name: \"Second\", contact: \"https://second.example.org/\" }\n", out);
    else
      fputs(line, out);
  }
  fclose(in);
  assert_int_equal(fclose(out), 0);
}

static bool is_second(const json_t *request) {
  return strstr(county_text(request, "ua"), "Second") != NULL;
}

/* No two requests at once, and each so long after the answer before; *turns: how often the crawls took turns, *of the
 * requests: how many were the second's. */
static void judge(struct county_world *w, size_t *turns, size_t *seconds, size_t *all) {
  county_stop(w);
  json_t *log = county_lines(w->log), *r;
  size_t i;
  long long end = 0;
  int before = -1;
  *turns = *seconds = 0;
  *all = json_array_size(log);
  json_array_foreach(log, i, r) {
    long long t = county_number(r, "t");
    assert_int_equal(county_number(r, "open"), 1);
    if (i && t - end < (DELAY_MS - FORGIVEN_MS) * 1000LL)
      fail_msg("request %zu came %lld us after an answer", i, t - end);
    end = county_number(r, "end");
    *turns += before >= 0 && before != (int)is_second(r);
    before = is_second(r);
    *seconds += is_second(r);
  }
  json_decref(log);
}

static void two_crawls_take_turns_and_never_meet(void **state) {
  struct county_world w;
  char second[96];
  size_t turns, seconds, all;
  (void)state;
  county_start(&w, (const char *const[]){"--pages", "400", "--delay", "10", NULL});
  county_config(&w, "politeness:", DELAY);
  second_config(&w, second);
  const char *const one[] = {"crawl", w.config, "--progress", "off", "--max-time", "13", NULL};
  const char *const other[] = {"crawl", second, "--progress", "off", "--max-time", "13", NULL};
  pid_t a = county_spawn(&w, one), b = county_spawn(&w, other);
  assert_int_equal(county_wait(a, NULL), 4);
  assert_int_equal(county_wait(b, NULL), 4);
  judge(&w, &turns, &seconds, &all);
  assert_true(turns >= 2);
  assert_in_range(seconds * 100 / all, 10, 90);
  county_release(&w);
}

static void a_killed_crawl_leaves_the_server_to_the_others_at_once(void **state) {
  struct county_world w;
  char second[96];
  size_t turns, seconds, all;
  (void)state;
  county_start(&w, (const char *const[]){"--pages", "60", NULL});
  county_config(&w, "politeness:", DELAY);
  second_config(&w, second);
  const char *const one[] = {"crawl", w.config, "--progress", "off", NULL};
  const char *const other[] = {"crawl", second, "--progress", "off", "--max-pages", "5", NULL};
  pid_t a = county_spawn(&w, one);
  county_await_requests(&w, 4);
  assert_int_equal(kill(a, SIGKILL), 0);
  assert_int_equal(county_wait(a, NULL), 128 + SIGKILL);
  assert_int_equal(county_run(&w, other), 4);
  judge(&w, &turns, &seconds, &all);
  assert_int_equal(turns, 1);
  json_t *log = county_lines(w.log);
  long long gap = county_number(json_array_get(log, all - seconds), "t") -
                  county_number(json_array_get(log, all - seconds - 1), "end");
  assert_true(gap < FIRST_ANSWER_MS * 1000LL * COUNTY_SLOW);
  json_decref(log);
  county_release(&w);
}

static void several_configs_at_once_end_as_the_worst_of_them(void **state) {
  struct county_world w;
  char second[96];
  (void)state;
  county_start(&w, (const char *const[]){"--pages", "30", NULL});
  second_config(&w, second);
  const char *const both[] = {"crawl", w.config, second, "--jobs", "2", "--progress", "off", NULL};
  int code = county_run(&w, both);
  char *said = county_output(&w), other[96];
  if (code != 0)
    fail_msg("both crawls end with %d: %s", code, said);
  free(said);
  snprintf(other, sizeof other, "%s/second", w.dir);
  json_t *a = county_csv(w.archive), *b = county_csv(other);
  assert_true(json_array_size(a) > 10);
  assert_int_equal(json_array_size(a), json_array_size(b));
  json_decref(a);
  json_decref(b);
  const char *const bad[] = {"crawl", w.config, "/nonexistent.yaml", "--jobs", "2", "--progress",
                             "off",   NULL};
  assert_int_equal(county_run(&w, bad), 1);
  county_release(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(two_crawls_take_turns_and_never_meet),
      cmocka_unit_test(a_killed_crawl_leaves_the_server_to_the_others_at_once),
      cmocka_unit_test(several_configs_at_once_end_as_the_worst_of_them),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
