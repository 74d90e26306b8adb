/* Files put in place whole; what is no file is never renamed over. */
#include <fcntl.h>
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

#include "zhi/file.h"

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at) {
  (void)st, (void)type, (void)at;
  return remove(path);
}

static void write_to(const char *path, const char *text) {
  struct zhi_out out;
  struct zhi_err e = {0};
  assert_int_equal(zhi_out_open(&out, path, &e), ZHI_OK);
  enum zhi_code rc = zhi_out_write(&out, zhi_str_of(text), &e);
  assert_int_equal(zhi_out_finish(&out, rc, &e), ZHI_OK);
}

static void a_file_replaces_what_was_there(void **state) {
  char dir[] = "/tmp/zhi-file-XXXXXX", path[64];
  struct zhi_buf b;
  struct zhi_err e = {0};
  (void)state;
  assert_non_null(mkdtemp(dir));
  snprintf(path, sizeof path, "%s/out", dir);
  write_to(path, "first, and longer");
  write_to(path, "second");
  assert_int_equal(zhi_read_file(path, 1000, &b, &e), ZHI_OK);
  assert_true(zhi_str_is(zhi_buf_view(&b), "second"));
  zhi_buf_release(&b);
  nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void a_pipe_is_written_to_and_stays_a_pipe(void **state) {
  char dir[] = "/tmp/zhi-file-XXXXXX", path[64], other[64], got[16] = "";
  struct stat st;
  struct zhi_err e = {0};
  (void)state;
  assert_non_null(mkdtemp(dir));
  snprintf(path, sizeof path, "%s/pipe", dir);
  snprintf(other, sizeof other, "%s/file", dir);
  assert_int_equal(mkfifo(path, 0600), 0);
  int fd = open(path, O_RDONLY | O_NONBLOCK);
  assert_true(fd >= 0);
  write_to(path, "text");
  assert_int_equal(read(fd, got, sizeof got - 1), 4);
  assert_string_equal(got, "text");
  write_to(other, "more");
  assert_int_equal(zhi_file_settle(other, path, &e), ZHI_EUSAGE);
  assert_int_equal(stat(path, &st), 0);
  assert_true(S_ISFIFO(st.st_mode));
  close(fd);
  nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void temporary_files_go_where_the_environment_says(void **state) {
  char *before = getenv("TMPDIR") ? strdup(getenv("TMPDIR")) : NULL;
  (void)state;
  assert_int_equal(setenv("TMPDIR", "/somewhere", 1), 0);
  assert_string_equal(zhi_tmp_dir(), "/somewhere");
  assert_int_equal(setenv("TMPDIR", "", 1), 0);
  assert_string_equal(zhi_tmp_dir(), "/tmp");
  assert_int_equal(unsetenv("TMPDIR"), 0);
  assert_string_equal(zhi_tmp_dir(), "/tmp");
  if (before)
    setenv("TMPDIR", before, 1);
  free(before);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(temporary_files_go_where_the_environment_says),
      cmocka_unit_test(a_file_replaces_what_was_there),
      cmocka_unit_test(a_pipe_is_written_to_and_stays_a_pipe),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
