/* crawl: fetch a configured cluster into its archive. Several configs are crawled one after the other. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cmd.h"
#include "cli/run.h"
#include "zhi/option.h"

/* "90s", "2h", or bare seconds. */
static int run_time(const char *text, int64_t *ms) {
  unsigned long long seconds;
  if (zhi_str_u64(zhi_str_of(text), INT64_MAX / 1000, &seconds)) {
    *ms = (int64_t)seconds * 1000;
    return 0;
  }
  return zhi_parse_ms(zhi_str_of(text), ms, NULL) ? -1 : 0;
}

static int crawl_one(const char *path, const char *archive, struct zhi_crawl_options *o) {
  struct zhi_config *config = NULL;
  struct zhi_err e = {0};
  char folder[4096];
  if (zhi_config_load(path, &config, &e))
    return cmd_fail("crawl", &e);
  if (archive)
    snprintf(folder, sizeof folder, "%s", archive);
  else if (config->archive[0])
    snprintf(folder, sizeof folder, "%s", config->archive);
  else
    snprintf(folder, sizeof folder, "archives/%s", config->cluster);
  o->config = config;
  o->archive = folder;
  int code = run_crawl("crawl", o);
  zhi_config_free(config);
  return code;
}

int cmd_crawl(int argc, char **argv) {
  const char *archive = NULL, *max_pages = NULL, *max_time = NULL, *progress = "auto";
  int fresh = 0;
  const struct cmd_flag flags[] = {
      {"a", "DIR", &archive, NULL, "the archive (default: the config's)"},
      {"max-pages", "N", &max_pages, NULL, "pause after N exchanges"},
      {"max-time", "TIME", &max_time, NULL,
       "pause after this time (90s, 2h; a bare number: seconds)"},
      {"progress", "MODE", &progress, NULL, "auto, plain, json or off"},
      {"fresh", NULL, NULL, &fresh, "begin a new crawl although one is unfinished"},
      {NULL, NULL, NULL, NULL, NULL}};
  if (cmd_flags(&argc, argv, flags))
    return EXIT_USAGE;
  struct zhi_crawl_options o = {.fresh = fresh, .clock = &zhi_clock_system};
  unsigned long long pages = 0;
  if (argc < 2)
    return cmd_usage("crawl", "which config?");
  if (archive && argc > 2)
    return cmd_usage("crawl", "-a goes with one config only");
  if (run_progress_mode(progress, &o.progress))
    return cmd_usage("crawl", "--progress is auto, plain, json or off");
  if (max_pages && !zhi_str_u64(zhi_str_of(max_pages), INT64_MAX, &pages))
    return cmd_usage("crawl", "--max-pages needs a number");
  if (max_time && run_time(max_time, &o.max_time_ms))
    return cmd_usage("crawl", "--max-time needs a time such as 90s or 2h");
  o.max_pages = (int64_t)pages;
  int worst = EXIT_DONE;
  for (int i = 1; i < argc; i++) {
    int code = crawl_one(argv[i], archive, &o);
    if (code == EXIT_FAILED || code == EXIT_USAGE || code > worst)
      worst = worst == EXIT_FAILED || worst == EXIT_USAGE ? worst : code;
    if (code == EXIT_PAUSED)
      break; /* the person or the disk asked for a pause: of all of them */
  }
  return worst;
}
