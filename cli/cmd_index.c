/* index: CDXJ of WARC files, sorted as LC_ALL=C sort does, to standard output or as ZipNum. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "zhi/warc.h"

enum { ZIPNUM_LINES = 3000 };

static void say_problem(void *ctx, const char *path, const struct zhi_warc_problem *p) {
  (void)ctx;
  if (p->minor)
    return;
  fprintf(stderr, "xianzhi index: %s: %" PRIu64 ": %s: %s\n", path, p->offset, p->code, p->text);
}

static const struct zhi_cdxj_options options = {.problem = say_problem};

/* DIR/index.cdx.gz, index.idx and index.loc, as pywb loads them. */
static enum zhi_code write_zipnum(const char *dir, int cdxj, struct zhi_err *e) {
  static const char *const names[] = {"index.cdx.gz", "index.idx", "index.loc"};
  struct zhi_out out[3];
  enum zhi_code rc = ZHI_OK;
  int opened = 0;
  if (mkdir(dir, 0777) != 0 && errno != EEXIST)
    return zhi_fail_errno(e, "cannot make the folder '%s'", dir);
  for (; opened < 3 && !rc; opened += !rc) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", dir, names[opened]);
    rc = zhi_out_open(&out[opened], path, e);
  }
  struct zhi_zipnum z = {
      .lines = ZIPNUM_LINES, .name = names[0], .blocks = &out[0], .idx = &out[1]};
  if (!rc)
    rc = zhi_zipnum_write(&z, cdxj, e);
  if (!rc)
    rc = zhi_out_write(&out[2], ZHI_STR("index.cdx.gz\tindex.cdx.gz\n"), e);
  for (int i = 0; i < opened; i++)
    rc = zhi_out_finish(&out[i], rc, e);
  return rc;
}

static enum zhi_code zipnum(char **paths, size_t count, const char *dir, struct zhi_err *e) {
  FILE *cdxj = tmpfile();
  if (!cdxj)
    return zhi_fail_errno(e, "cannot make a temporary file");
  enum zhi_code rc = zhi_cdxj_index(paths, count, fileno(cdxj), &options, e);
  if (!rc)
    rc = write_zipnum(dir, fileno(cdxj), e);
  fclose(cdxj);
  return rc;
}

int cmd_index(int argc, char **argv) {
  const char *dir = NULL;
  const struct cmd_flag flags[] = {
      {"zipnum", "DIR", &dir, NULL,
       "write gzip blocks with an index of their first lines there (index.cdx.gz, .idx, .loc)"},
      {NULL, NULL, NULL, NULL, NULL}};
  struct zhi_err e = {0};
  int bad = cmd_flags(&argc, argv, flags);
  if (bad)
    return bad;
  if (argc < 2)
    return cmd_usage("index", "which WARC files?");
  size_t count = (size_t)argc - 1;
  if (dir ? zipnum(argv + 1, count, dir, &e)
          : zhi_cdxj_index(argv + 1, count, STDOUT_FILENO, &options, &e))
    return cmd_fail("index", &e);
  return EXIT_DONE; /* what was odd is told; the index is of all that could be read */
}
