/* reextract: all documents again from the WARCs, with today's extractor. */
#include <stdio.h>

#include "cli/cmd.h"
#include "crawler/archive.h"

int cmd_reextract(int argc, char **argv) {
  const struct cmd_flag flags[] = {{NULL, NULL, NULL, NULL, NULL}};
  if (cmd_flags(&argc, argv, flags))
    return EXIT_USAGE;
  if (argc != 2)
    return cmd_usage("reextract", "one archive");
  int64_t documents = 0;
  struct zhi_err e = {0};
  if (zhi_archive_reextract(argv[1], &documents, &e))
    return cmd_fail("reextract", &e);
  fprintf(stderr, "%s: %lld documents\n", argv[1], (long long)documents);
  return EXIT_DONE;
}
