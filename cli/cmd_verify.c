/* verify: an archive or single WARC files; one line per problem on standard output, exit 1; clean: silence. */
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#include "cli/cmd.h"
#include "crawler/archive.h"
#include "zhi/warc.h"

static void print_problem(void *ctx, const char *text) {
  int64_t *count = ctx;
  (*count)++;
  printf("%s\n", text);
}

struct warc_file {
  const char *path;
  int64_t *count;
};

static void print_warc_problem(void *ctx, const struct zhi_warc_problem *p) {
  struct warc_file *f = ctx;
  if (p->minor)
    return;
  (*f->count)++;
  printf("%s:%" PRIu64 ": %s: %s\n", f->path, p->offset, p->code, p->text);
}

int cmd_verify(int argc, char **argv) {
  const struct cmd_flag flags[] = {{NULL, NULL, NULL, NULL, NULL}};
  if (cmd_flags(&argc, argv, flags))
    return EXIT_USAGE;
  if (argc < 2)
    return cmd_usage("verify", "which archive or WARC file?");
  int64_t problems = 0;
  for (int i = 1; i < argc; i++) {
    struct stat st;
    struct zhi_err e = {0};
    enum zhi_code rc;
    if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode)) {
      rc = zhi_archive_verify(argv[i], print_problem, &problems, &e);
    } else {
      struct warc_file f = {argv[i], &problems};
      struct zhi_warc_reader_options o = {.verify = true, .problem = print_warc_problem, .ctx = &f};
      struct zhi_warc_counts counts;
      rc = zhi_warc_verify(argv[i], &o, &counts, &e);
    }
    if (rc)
      return cmd_fail("verify", &e);
  }
  return problems ? EXIT_FAILED : EXIT_DONE;
}
