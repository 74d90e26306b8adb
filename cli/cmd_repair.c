/* repair: an archive back in its last good state; one line a change on standard output. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/cmd.h"
#include "crawler/repair.h"

static void print_change(void *ctx, const char *text) {
  (void)ctx;
  printf("%s\n", text);
}

int cmd_repair(int argc, char **argv) {
  const struct cmd_flag flags[] = {{NULL, NULL, NULL, NULL, NULL}};
  if (cmd_flags(&argc, argv, flags))
    return EXIT_USAGE;
  if (argc != 2)
    return cmd_usage("repair", "one archive");
  struct zhi_repair_done d;
  struct zhi_err e = {0};
  if (zhi_archive_repair(argv[1], print_change, NULL, &d, &e))
    return cmd_fail("repair", &e);
  fprintf(stderr,
          "%s: %" PRId64 " WARC files mended, %" PRId64 " captures lost, %" PRId64
          " URLs due again%s\n",
          argv[1], d.files, d.captures, d.due, d.rebuilt ? ", the database made again" : "");
  return EXIT_DONE;
}
