/* import: an archive out of anybody's WARC files. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/cmd.h"
#include "crawler/import.h"

static void say_problem(void *ctx, const char *path, const struct zhi_warc_problem *p) {
  (void)ctx;
  if (!p->minor)
    fprintf(stderr, "xianzhi import: %s: %" PRIu64 ": %s: %s\n", path, p->offset, p->code, p->text);
}

int cmd_import(int argc, char **argv) {
  struct zhi_import_options o = {.problem = say_problem};
  const struct cmd_flag flags[] = {
      {"a", "DIR", &o.archive, NULL, "the archive; made when it is not there"},
      {NULL, NULL, NULL, NULL, NULL}};
  struct zhi_import_done d;
  struct zhi_err e = {0};
  int bad = cmd_flags(&argc, argv, flags);
  if (bad)
    return bad;
  if (argc < 2)
    return cmd_usage("import", "which WARC files?");
  if (!o.archive)
    return cmd_usage("import", "into which archive? (-a DIR)");
  if (zhi_archive_import(argv + 1, (size_t)argc - 1, &o, &d, &e))
    return cmd_fail("import", &e);
  fprintf(stderr,
          "xianzhi import: %" PRId64 " files, %" PRId64 " captures (%" PRId64
          " known already), %" PRId64 " documents, %" PRId64 " records left out\n",
          d.files, d.captures, d.known, d.documents, d.skipped);
  return EXIT_DONE;
}
