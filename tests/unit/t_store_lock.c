/* One writer an archive; readers everywhere, also in a folder that nobody may write to. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/archive.h"

static void a_second_writer_is_told_who_holds_the_archive(void **state) {
  struct test_archive t;
  struct zhi_err e = {0};
  struct zhi_store *other = NULL;
  char pid[32];
  (void)state;
  archive_setup(&t);
  snprintf(pid, sizeof pid, "process %ld", (long)getpid());
  assert_int_equal(zhi_store_open(t.dir, ZHI_STORE_WRITE, &t.clock, &other, &e), ZHI_ECONFLICT);
  assert_null(other);
  assert_non_null(strstr(e.msg, pid));
  assert_non_null(strstr(e.msg, t.dir));
  archive_restart(&t); /* the lock was given back and the failed attempt left nothing */
  archive_teardown(&t);
}

static void a_killed_writer_leaves_no_lock(void **state) {
  struct test_archive t;
  struct zhi_err e = {0};
  int status = 0;
  (void)state;
  archive_setup(&t);
  zhi_store_close(t.s);
  t.s = NULL;
  pid_t child = fork();
  if (child == 0) {
    struct zhi_store *s;
    if (zhi_store_open(t.dir, ZHI_STORE_WRITE, &t.clock, &s, NULL) != ZHI_OK)
      _exit(1);
    raise(SIGKILL);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFSIGNALED(status));
  assert_int_equal(zhi_store_open(t.dir, ZHI_STORE_WRITE, &t.clock, &t.s, &e), ZHI_OK);
  archive_teardown(&t);
}

static void a_reader_sees_commits_while_a_writer_holds_the_archive(void **state) {
  struct test_archive t;
  struct zhi_err e = {0};
  struct zhi_store *r = NULL;
  struct zhi_frontier_stats st;
  size_t n;
  struct zhi_found f = {.url = ZHI_STR("http://a.gov.cn/"), .origin = ZHI_STR("http://a.gov.cn")};
  (void)state;
  archive_setup(&t);
  assert_int_equal(zhi_store_open(t.dir, ZHI_STORE_READ, &t.clock, &r, &e), ZHI_OK);
  assert_int_equal(zhi_frontier_stats(r, &st, &e), ZHI_OK);
  assert_int_equal(st.known, 0);
  assert_int_equal(zhi_frontier_add(t.s, &f, 1, &n, &e), ZHI_OK);
  assert_int_equal(zhi_frontier_stats(r, &st, &e), ZHI_OK);
  assert_int_equal(st.known, 1);
  assert_int_equal(st.due, 1);
  assert_int_equal(zhi_frontier_add(r, &f, 1, &n, &e), ZHI_EBUG); /* readers do not write */
  zhi_store_close(r);
  archive_teardown(&t);
}

static void a_missing_archive_is_an_error_that_names_it(void **state) {
  struct test_archive t;
  struct zhi_err e = {0};
  struct zhi_store *s = NULL;
  (void)state;
  archive_setup(&t);
  char dir[128];
  snprintf(dir, sizeof dir, "%s/none", t.dir);
  assert_int_equal(zhi_store_open(dir, ZHI_STORE_READ, &t.clock, &s, &e), ZHI_EIO);
  assert_int_equal(e.errnum, ENOENT);
  assert_non_null(strstr(e.msg, dir));
  assert_int_equal(zhi_store_open(dir, ZHI_STORE_WRITE, &t.clock, &s, &e), ZHI_EIO);
  snprintf(dir, sizeof dir, "%s/a/b", t.dir);
  assert_int_equal(zhi_store_open(dir, ZHI_STORE_CREATE, &t.clock, &s, &e), ZHI_OK);
  zhi_store_close(s);
  archive_teardown(&t);
}

enum { NOBODY = 65534 };

/* As a user who may only read: 0 when `mode` gives `expected`. */
static int as_a_reader(const struct test_archive *t, enum zhi_store_mode mode,
                       enum zhi_code expected, const char *says) {
  int status = 0;
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    struct zhi_store *s = NULL;
    struct zhi_err e = {0};
    json_t *o = NULL;
    if (geteuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
      _exit(2);
    enum zhi_code rc = zhi_store_open(t->dir, mode, &t->clock, &s, &e);
    if (rc == ZHI_OK && zhi_store_status(s, true, &o, &e) != ZHI_OK)
      _exit(3);
    if (rc != expected || (says && !strstr(e.msg, says)))
      _exit(4);
    json_decref(o);
    zhi_store_close(s);
    _exit(0);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

static void a_closed_archive_opens_from_a_read_only_folder(void **state) {
  struct test_archive t;
  (void)state;
  archive_setup(&t);
  archive_capture(&t, "http://a.gov.cn/", "cn,gov,a)/", ZHI_V_OK, "sha256:p", NULL);
  zhi_store_close(t.s);
  t.s = NULL;
  assert_int_equal(chmod(t.dir, 0555), 0);
  assert_int_equal(as_a_reader(&t, ZHI_STORE_READ, ZHI_OK, NULL), 0);
  assert_int_equal(as_a_reader(&t, ZHI_STORE_WRITE, ZHI_EIO, t.dir), 0);
  archive_teardown(&t);
}

/* A log that was not folded in holds commits: to open the database without it would show an older state. */
static void an_unfinished_log_in_a_read_only_folder_is_refused(void **state) {
  struct test_archive t;
  char cmd[640];
  (void)state;
  archive_setup(&t);
  archive_capture(&t, "http://a.gov.cn/", "cn,gov,a)/", ZHI_V_OK, "sha256:p", NULL);
  snprintf(cmd, sizeof cmd,
           "mkdir '%s/copy' && cp '%s/xianzhi.db' '%s/xianzhi.db-wal' '%s/copy/' && chmod 555 "
           "'%s/copy' && chmod 755 '%s'",
           t.dir, t.dir, t.dir, t.dir, t.dir, t.dir);
  assert_int_equal(system(cmd), 0);
  struct test_archive copy = t;
  snprintf(copy.dir, sizeof copy.dir, "%.40s/copy", t.dir);
  assert_int_equal(as_a_reader(&copy, ZHI_STORE_READ, ZHI_EIO, "xianzhi.db"), 0);
  archive_teardown(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_second_writer_is_told_who_holds_the_archive),
      cmocka_unit_test(a_killed_writer_leaves_no_lock),
      cmocka_unit_test(a_reader_sees_commits_while_a_writer_holds_the_archive),
      cmocka_unit_test(a_missing_archive_is_an_error_that_names_it),
      cmocka_unit_test(a_closed_archive_opens_from_a_read_only_folder),
      cmocka_unit_test(an_unfinished_log_in_a_read_only_folder_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
