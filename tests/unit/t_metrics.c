/* Metrics: the names and numbers that a node exporter reads, renewed when it is time, and no crawl fails for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "crawler/metrics.h"
#include "zhi/file.h"

enum { FILE_MAX_BYTES = 65536 };

struct place {
  char dir[64], path[96], cluster[8];
  struct zhi_config config;
  struct zhi_progress progress;
  struct zhi_metrics m;
};

static int64_t at_noon(void *ctx) { return (void)ctx, INT64_C(1522310400500); }
static const struct zhi_clock noon = {at_noon, NULL, NULL};

static void some_progress(struct zhi_progress *p) {
  memset(p, 0, sizeof *p);
  atomic_store(&p->pages, 12);
  atomic_store(&p->committed, 11);
  atomic_store(&p->documents, 7);
  atomic_store(&p->bytes, INT64_C(5000000000));
  atomic_store(&p->blocked, 2);
  atomic_store(&p->failed, 1);
  atomic_store(&p->due, 30);
  atomic_store(&p->known, 100);
  atomic_store(&p->in_flight, 3);
  atomic_store(&p->next_ms, at_noon(NULL) + 4001);
  atomic_store(&p->disk_full, true);
}

/* A folder, a config that names a file in it, a crawl at work. */
static void setup(struct place *p) {
  memset(p, 0, sizeof *p);
  strcpy(p->dir, "/tmp/zhi-metrics-XXXXXX");
  strcpy(p->cluster, "a-1");
  assert_non_null(mkdtemp(p->dir));
  snprintf(p->path, sizeof p->path, "%s/a.prom", p->dir);
  p->config.metrics = p->path;
  p->config.cluster = p->cluster;
  some_progress(&p->progress);
  zhi_metrics_init(&p->m, &p->config, &noon);
}

/* Nothing but the file, if that, was left in the folder. */
static void teardown(struct place *p) {
  unlink(p->path);
  assert_int_equal(rmdir(p->dir), 0);
}

static void assert_says(const struct place *p, const char *const *lines) {
  struct zhi_buf text;
  struct zhi_err e = {0};
  if (zhi_read_file(p->path, FILE_MAX_BYTES, &text, &e))
    fail_msg("%s", e.msg);
  for (size_t i = 0; lines[i]; i++) {
    char line[160];
    snprintf(line, sizeof line, "\nxianzhi_crawl_%s\n", lines[i]);
    if (!zhi_str_find(zhi_buf_view(&text), zhi_str_of(line)))
      fail_msg("no line '%s' in\n%.*s", lines[i], (int)text.len, text.p);
  }
  zhi_buf_release(&text);
}

static void a_running_crawl_tells_its_counters(void **state) {
  static const char *const lines[] = {"running{cluster=\"a-1\"} 1",
                                      "finished{cluster=\"a-1\"} 0",
                                      "started_timestamp_seconds{cluster=\"a-1\"} 1522310400",
                                      "updated_timestamp_seconds{cluster=\"a-1\"} 1522310400",
                                      "requests_total{cluster=\"a-1\"} 12",
                                      "committed_total{cluster=\"a-1\"} 11",
                                      "documents_total{cluster=\"a-1\"} 7",
                                      "body_bytes_total{cluster=\"a-1\"} 5000000000",
                                      "blocked_total{cluster=\"a-1\"} 2",
                                      "failed_total{cluster=\"a-1\"} 1",
                                      "urls_due{cluster=\"a-1\"} 30",
                                      "urls_known{cluster=\"a-1\"} 100",
                                      "requests_in_flight{cluster=\"a-1\"} 3",
                                      "wait_seconds{cluster=\"a-1\"} 5",
                                      "disk_full{cluster=\"a-1\"} 1",
                                      NULL};
  struct place p;
  (void)state;
  setup(&p);
  mode_t before = umask(077);
  zhi_metrics_update(&p.m, &p.progress);
  umask(before);
  assert_says(&p, lines);
  struct stat st;
  assert_int_equal(stat(p.path, &st), 0);
  assert_int_equal(st.st_mode & 0777, 0644); /* for the exporter's user */
  teardown(&p);
}

static void the_end_is_told_at_once_and_waits_for_nothing(void **state) {
  static const char *const lines[] = {
      "running{cluster=\"a-1\"} 0",         "finished{cluster=\"a-1\"} 1",
      "requests_total{cluster=\"a-1\"} 12", "wait_seconds{cluster=\"a-1\"} 0",
      "disk_full{cluster=\"a-1\"} 0",       NULL};
  struct place p;
  (void)state;
  setup(&p);
  zhi_metrics_update(&p.m, &p.progress);
  zhi_metrics_end(&p.m, &p.progress, true);
  assert_says(&p, lines);
  teardown(&p);
}

static void the_file_is_renewed_when_it_is_time(void **state) {
  struct place p;
  (void)state;
  setup(&p);
  zhi_metrics_update(&p.m, &p.progress);
  assert_int_equal(unlink(p.path), 0);
  zhi_metrics_update(&p.m, &p.progress);
  assert_int_not_equal(access(p.path, F_OK), 0);
  int64_t wait = p.m.next_mono_ms - zhi_mono_ms();
  assert_true(wait > 5000 && wait <= 15000);
  p.m.next_mono_ms = 0;
  zhi_metrics_update(&p.m, &p.progress);
  assert_int_equal(access(p.path, F_OK), 0);
  teardown(&p);
}

static void a_place_that_cannot_be_written_or_is_not_named_harms_nothing(void **state) {
  char nowhere[128], none[1] = "";
  struct place p;
  (void)state;
  setup(&p);
  snprintf(nowhere, sizeof nowhere, "%s/missing/a.prom", p.dir);
  char *const places[] = {nowhere, none};
  for (size_t i = 0; i < 2; i++) {
    p.config.metrics = places[i];
    zhi_metrics_init(&p.m, &p.config, &noon);
    zhi_metrics_update(&p.m, &p.progress);
    zhi_metrics_end(&p.m, &p.progress, false);
    assert_int_equal(p.m.warned, i == 0);
  }
  teardown(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_running_crawl_tells_its_counters),
      cmocka_unit_test(the_end_is_told_at_once_and_waits_for_nothing),
      cmocka_unit_test(the_file_is_renewed_when_it_is_time),
      cmocka_unit_test(a_place_that_cannot_be_written_or_is_not_named_harms_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
