/* evidence: captures of a URL in a zip that anybody can check. */
#include "cli/cmd.h"
#include "zhi/evidence.h"
#include "zhi/limits.h"

#define RESPONSE_MAX ZHI_MIB(256)

static enum zhi_code pack(const char *dir, const char *url, char **times, int n, const char *path,
                          struct zhi_evidence_done *done, struct zhi_err *e) {
  struct zhi_str asked[ZHI_EVIDENCE_TIMES_MAX];
  struct zhi_store *s = NULL;
  if (n > ZHI_EVIDENCE_TIMES_MAX)
    return zhi_fail(e, ZHI_EUSAGE, "at most %d times at once", ZHI_EVIDENCE_TIMES_MAX);
  for (int i = 0; i < n; i++)
    asked[i] = zhi_str_of(times[i]);
  const struct zhi_evidence_options o = {.dir = dir,
                                         .url = zhi_str_of(url),
                                         .times = asked,
                                         .time_count = (size_t)n,
                                         .block_max = RESPONSE_MAX};
  enum zhi_code rc = zhi_store_open(dir, ZHI_STORE_READ, &zhi_clock_system, &s, e);
  if (!rc)
    rc = zhi_evidence(s, &o, path, done, e);
  zhi_store_close(s);
  return rc;
}

int cmd_evidence(int argc, char **argv) {
  const char *path = NULL;
  const struct cmd_flag flags[] = {{"o", "FILE", &path, NULL, "the zip to write"},
                                   {NULL, NULL, NULL, NULL, NULL}};
  struct zhi_evidence_done done = {0};
  struct zhi_err e = {0};
  int bad = cmd_flags(&argc, argv, flags);
  if (bad)
    return bad;
  if (argc < 3 || !path)
    return cmd_usage("evidence", argc < 2   ? "which archive?"
                                 : argc < 3 ? "which URL?"
                                            : "-o FILE is missing");
  if (pack(argv[1], argv[2], argv + 3, argc - 3, path, &done, &e))
    return cmd_fail("evidence", &e);
  fprintf(stderr, "xianzhi evidence: %zu %s in '%s'; keep the digest of its SHA256SUMS: %s\n",
          done.captures, done.captures == 1 ? "capture" : "captures", path, done.sums);
  return EXIT_DONE;
}
