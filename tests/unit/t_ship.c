/* The close hook: a program for each closed file, no shell between, what failed is tried again by the next run. */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "crawler/ship.h"
#include "store/internal.h"

/* What the hook does: fails while FAIL is there, else writes its argument count and argument down. */
static const char script[] = "#!/bin/sh\n"
                             "read line && exit 9\n"
                             "[ -e \"$XIANZHI_ARCHIVE/../FAIL\" ] && exit 3\n"
                             "printf '%s %s\\n' $# \"$1\" >>\"$XIANZHI_ARCHIVE/../taken\"\n";

struct world {
  char dir[64], archive[128], hook[96], taken[96], fail[96];
  struct zhi_store *s;
};

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at) {
  (void)st, (void)type, (void)at;
  return remove(path);
}

static void write_file(const char *path, const char *text, mode_t mode) {
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  fputs(text, f);
  assert_int_equal(fclose(f), 0);
  assert_int_equal(chmod(path, mode), 0);
}

static void set_up(struct world *w) {
  struct zhi_crawl_info info;
  struct zhi_err e = {0};
  snprintf(w->dir, sizeof w->dir, "/tmp/zhi-ship-XXXXXX");
  assert_non_null(mkdtemp(w->dir));
  snprintf(w->archive, sizeof w->archive, "%s/a b; $(touch %s/pwned) 县", w->dir, w->dir + 5);
  for (char *p = w->archive + strlen(w->dir) + 1; *p; p++)
    *p = *p == '/' ? '_' : *p;
  snprintf(w->hook, sizeof w->hook, "%s/hook", w->dir);
  snprintf(w->taken, sizeof w->taken, "%s/taken", w->dir);
  snprintf(w->fail, sizeof w->fail, "%s/FAIL", w->dir);
  write_file(w->hook, script, 0755);
  assert_int_equal(zhi_store_open(w->archive, ZHI_STORE_CREATE, &zhi_clock_system, &w->s, &e), 0);
  assert_int_equal(zhi_store_begin_crawl(w->s, false, ZHI_STR("{}"), &info, &e), 0);
}

static void tear_down(struct world *w) {
  zhi_store_close(w->s);
  nftw(w->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void commit_file(struct world *w, const char *name, bool closed) {
  struct zhi_err e = {0};
  struct zhi_warc_state warc = {name, 100, closed};
  size_t added, stale;
  assert_int_equal(zhi_store_commit(w->s, &(struct zhi_batch){.warcs = &warc, .warc_count = 1},
                                    &added, &stale, &e),
                   0);
}

static bool never(void *ctx) {
  (void)ctx;
  return false;
}

static bool always(void *ctx) {
  (void)ctx;
  return true;
}

static void run(struct world *w, const char *program, bool (*stop)(void *ctx)) {
  struct zhi_shipper *h = NULL;
  struct zhi_err e = {0};
  assert_int_equal(zhi_shipper_new(w->s, program, w->archive, &h, &e), 0);
  assert_int_equal(zhi_shipper_finish(h, stop, NULL, &e), 0);
  zhi_shipper_free(h);
}

static void assert_taken(const struct world *w, const char *const *names, size_t n) {
  char want[1024] = "", got[1024] = "";
  for (size_t i = 0; i < n; i++)
    snprintf(want + strlen(want), sizeof want - strlen(want), "1 %s/warc/%s\n", w->archive,
             names[i]);
  FILE *f = fopen(w->taken, "r");
  if (f) {
    got[fread(got, 1, sizeof got - 1, f)] = '\0';
    fclose(f);
  }
  assert_string_equal(got, want);
}

static void each_closed_file_is_handed_over_once_and_no_shell_sees_its_path(void **state) {
  struct world w;
  (void)state;
  set_up(&w);
  commit_file(&w, "2026/a.warc.gz", true);
  commit_file(&w, "2026/b.warc.gz", true);
  commit_file(&w, "2026/c.warc.gz", false);
  run(&w, w.hook, never);
  assert_taken(&w, (const char *const[]){"2026/a.warc.gz", "2026/b.warc.gz"}, 2);
  commit_file(&w, "2026/c.warc.gz", true);
  run(&w, w.hook, never);
  assert_taken(&w, (const char *const[]){"2026/a.warc.gz", "2026/b.warc.gz", "2026/c.warc.gz"}, 3);
  tear_down(&w);
}

static void what_failed_is_tried_again_by_the_next_run_alone(void **state) {
  struct world w;
  (void)state;
  set_up(&w);
  commit_file(&w, "2026/a.warc.gz", true);
  write_file(w.fail, "", 0644);
  run(&w, w.hook, never);
  run(&w, "/nonexistent/program", never);
  assert_taken(&w, NULL, 0);
  assert_int_equal(unlink(w.fail), 0);
  run(&w, w.hook, always); /* asked to stop: what has begun is not waited for, and not recorded */
  run(&w, w.hook, never);
  assert_true(access(w.taken, R_OK) == 0);
  int64_t id;
  char name[192];
  struct zhi_err e = {0};
  assert_int_equal(zhi_store_next_unshipped(w.s, 0, &id, name, &e), 0);
  assert_int_equal(id, 0);
  tear_down(&w);
}

static void set_read_only(struct world *w, bool on) {
  const char *sql = on ? "PRAGMA query_only = ON" : "PRAGMA query_only = OFF";
  assert_int_equal(sqlite3_exec(w->s->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static void what_was_taken_while_nothing_could_be_written_is_written_down_later(void **state) {
  struct world w;
  struct zhi_shipper *h = NULL;
  struct zhi_err e = {0};
  (void)state;
  set_up(&w);
  commit_file(&w, "2026/a.warc.gz", true);
  commit_file(&w, "2026/b.warc.gz", true);
  assert_int_equal(zhi_shipper_new(w.s, w.hook, w.archive, &h, &e), 0);
  set_read_only(&w, true);
  assert_int_not_equal(zhi_shipper_finish(h, never, NULL, &e), 0);
  assert_int_not_equal(zhi_shipper_finish(h, never, NULL, &e), 0);
  set_read_only(&w, false);
  assert_int_equal(zhi_shipper_finish(h, never, NULL, &e), 0);
  zhi_shipper_free(h);
  run(&w, w.hook, never);
  assert_taken(&w, (const char *const[]){"2026/a.warc.gz", "2026/b.warc.gz"}, 2);
  tear_down(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_closed_file_is_handed_over_once_and_no_shell_sees_its_path),
      cmocka_unit_test(what_failed_is_tried_again_by_the_next_run_alone),
      cmocka_unit_test(what_was_taken_while_nothing_could_be_written_is_written_down_later),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
