/* on_warc_closed in a whole crawl: every file comes to the program, and an archive's own word for it is not taken. */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "tests/support/county.h"

static size_t lines_of(const char *path) {
  FILE *f = fopen(path, "r");
  size_t n = 0;
  for (int c; f && (c = fgetc(f)) != EOF;)
    n += c == '\n';
  if (f)
    fclose(f);
  return n;
}

static size_t warcs_of(const struct county_world *w) {
  char pattern[160];
  glob_t g;
  snprintf(pattern, sizeof pattern, "%s/warc/*/*.warc.gz", w->archive);
  assert_int_equal(glob(pattern, 0, NULL, &g), 0);
  size_t n = g.gl_pathc;
  globfree(&g);
  return n;
}

static void
a_crawl_ships_its_files_and_a_capture_runs_nothing_that_the_archive_names(void **state) {
  struct county_world w;
  char hook[96], taken[96], line[256];
  (void)state;
  county_start(&w, (const char *const[]){"--pages", "40", NULL});
  snprintf(hook, sizeof hook, "%s/hook", w.dir);
  snprintf(taken, sizeof taken, "%s/taken", w.dir);
  FILE *f = fopen(hook, "w");
  assert_non_null(f);
  fprintf(f, "#!/bin/sh\ntest -s \"$1\" && echo \"$1\" >>%s\n", taken);
  assert_int_equal(fclose(f), 0);
  assert_int_equal(chmod(hook, 0755), 0);
  snprintf(line, sizeof line, "on_warc_closed: %s\narchive: %s", hook, w.archive);
  county_config(&w, "archive:", line);
  const char *const first[] = {"crawl", w.config, "--progress", "off", "--max-pages", "20", NULL};
  assert_int_equal(county_run(&w, first), 4);
  assert_int_equal(lines_of(taken), 1);
  const char *const rest[] = {"crawl", w.config, "--progress", "off", NULL};
  assert_int_equal(county_run(&w, rest), 0);
  assert_int_equal(warcs_of(&w), 2);
  assert_int_equal(lines_of(taken), 2);
  const char *const capture[] = {"capture", w.archive, "http://www.qinglan.gov.cn/", NULL};
  assert_int_equal(county_run(&w, capture), 0);
  assert_int_equal(warcs_of(&w), 3);
  assert_int_equal(lines_of(taken), 2);
  county_release(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_crawl_ships_its_files_and_a_capture_runs_nothing_that_the_archive_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
