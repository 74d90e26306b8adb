/* index: CDXJ of WARC files, sorted as LC_ALL=C sort does, to standard output. */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "zhi/warc.h"

struct seen {
  uint64_t problems;
};

static void say_problem(void *ctx, const char *path, const struct zhi_warc_problem *p) {
  struct seen *s = ctx;
  if (p->minor)
    return;
  s->problems++;
  fprintf(stderr, "xianzhi index: %s: %" PRIu64 ": %s: %s\n", path, p->offset, p->code, p->text);
}

int cmd_index(int argc, char **argv) {
  static const struct cmd_flag flags[] = {{NULL, NULL, NULL, NULL, NULL}};
  struct seen seen = {0};
  struct zhi_err e = {0};
  int bad = cmd_flags(&argc, argv, flags);
  if (bad)
    return bad;
  if (argc < 2)
    return cmd_usage("index", "which WARC files?");
  if (zhi_cdxj_index(argv + 1, (size_t)argc - 1, STDOUT_FILENO, say_problem, &seen, &e) != ZHI_OK)
    return cmd_fail("index", &e);
  return seen.problems ? EXIT_FAILED : EXIT_DONE;
}
