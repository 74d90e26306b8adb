/* A crawl killed at random moments and gone on with ends as one that nobody disturbed: every URL of the truth
 * captured well, every document once, the same table but for times and places in WARC files. */
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

#include "tests/support/invariants.h"

enum { KILLS_DEFAULT = 6, TRIES_MAX = 60, PAGES = 600 / COUNTY_SLOW };

static int kills_wanted(void) {
  const char *n = getenv("ZHI_KILLS");
  long v = n ? strtol(n, NULL, 10) : KILLS_DEFAULT / (COUNTY_SLOW > 1 ? 2 : 1);
  return v > 0 && v < 1000 ? (int)v : KILLS_DEFAULT;
}

/* xorshift: moments differ from kill to kill and are the same in every run. */
static unsigned next_random(unsigned *x) {
  *x ^= *x << 13;
  *x ^= *x >> 17;
  *x ^= *x << 5;
  return *x;
}

static int64_t now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int set_up(void **state) {
  struct county_world *w = calloc(1, sizeof *w);
  char pages[16];
  assert_non_null(w);
  snprintf(pages, sizeof pages, "%d", (int)PAGES);
  county_start(w, (const char *const[]){"--scenario", "bench", "--pages", pages, "--hosts", "6",
                                        "--addresses", "2", NULL});
  *state = w;
  return 0;
}

static int tear_down(void **state) {
  county_release(*state);
  free(*state);
  return 0;
}

static int crawl(const struct county_world *w, const char *archive) {
  return county_run(
      w, (const char *const[]){"crawl", w->config, "-a", archive, "--progress", "off", NULL});
}

/* Another run would be a new crawl: the table is written, and then the crawl called finished. */
static bool is_finished(const struct county_world *w, const char *archive) {
  char path[256];
  snprintf(path, sizeof path, "%s/documents.csv", archive);
  if (access(path, F_OK) != 0)
    return false;
  json_t *s = county_status(w, archive);
  bool finished = strcmp(county_text(json_object_get(s, "crawl"), "state"), "finished") == 0;
  json_decref(s);
  return finished;
}

/* Kill the crawl at moments spread over `whole_us`, and let it end: how many kills landed on a running crawl. */
static int crawl_with_kills(const struct county_world *w, const char *archive, int wanted,
                            int64_t whole_us, unsigned *seed) {
  int landed = 0;
  for (bool over = false; landed < wanted && !over;) {
    const char *const args[] = {"crawl", w->config, "-a", archive, "--progress", "off", NULL};
    pid_t pid = county_spawn(w, args);
    int64_t us = (int64_t)next_random(seed) % (whole_us + 1);
    const struct timespec nap = {us / 1000000, us % 1000000 * 1000};
    nanosleep(&nap, NULL);
    kill(pid, SIGKILL);
    int code = county_wait(pid, NULL);
    landed += code == 128 + SIGKILL;
    over = is_finished(w, archive);
    assert_true(over || code == 128 + SIGKILL);
  }
  if (!is_finished(w, archive))
    assert_int_equal(crawl(w, archive), 0);
  return landed;
}

/* How many URLs of the truth are to be fetched and answer well. */
static long long wanted_captures(const struct county_world *w) {
  json_t *truth = county_lines(w->truth), *t;
  long long n = 0;
  size_t i;
  json_array_foreach(truth, i, t) n +=
      json_is_true(json_object_get(t, "must")) && !json_object_get(t, "needs");
  json_decref(truth);
  return n;
}

/* Each URL done, and captured once: what a kill threw away is not counted, what it kept not fetched again. */
static void assert_like(const struct county_world *w, const char *killed, const char *calm) {
  invariants_hold(w, killed, NULL);
  invariants_same_table(killed, calm);
  json_t *s = county_status(w, killed), *c = county_status(w, calm);
  const json_t *urls = json_object_get(s, "urls");
  assert_int_equal(county_number(urls, "done"), county_number(json_object_get(c, "urls"), "done"));
  assert_int_equal(county_number(json_object_get(s, "captures"), "total"),
                   county_number(json_object_get(c, "captures"), "total"));
  assert_true(county_number(urls, "done") >= wanted_captures(w));
  assert_int_equal(county_number(urls, "failed"), 0);
  json_decref(s);
  json_decref(c);
}

/* One archive takes kills until it is whole; then the next one is begun, until enough have landed. */
static void a_crawl_killed_again_and_again_ends_like_an_undisturbed_one(void **state) {
  const struct county_world *w = *state;
  char calm[128], killed[128];
  unsigned seed = 2463534242U;
  int wanted = kills_wanted(), landed = 0, archives = 0;
  snprintf(calm, sizeof calm, "%s/calm", w->dir);
  int64_t begin = now_us();
  assert_int_equal(crawl(w, calm), 0);
  int64_t whole_us = now_us() - begin;
  for (; landed < wanted && archives < TRIES_MAX + wanted; archives++) {
    snprintf(killed, sizeof killed, "%s/killed%d", w->dir, archives);
    landed += crawl_with_kills(w, killed, wanted - landed, whole_us, &seed);
    assert_like(w, killed, calm);
  }
  print_message("%d kills landed on %d crawls of %lld ms\n", landed, archives,
                (long long)whole_us / 1000);
  assert_int_equal(landed, wanted);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(
      a_crawl_killed_again_and_again_ends_like_an_undisturbed_one, set_up, tear_down)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
