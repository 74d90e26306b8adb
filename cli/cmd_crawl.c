/* crawl: fetch a configured cluster into its archive. Several configs are crawled one after the other, or --jobs at
 * once, each in a process of its own: they share politeness as any crawls of the machine do. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cmd.h"
#include "cli/parallel.h"
#include "cli/run.h"
#include "crawler/attached.h"
#include "zhi/option.h"
#include "zhi/search.h"

enum { JOBS_MAX = 64 };

/* "90s", "2h", or bare seconds. */
static int run_time(const char *text, int64_t *ms) {
  unsigned long long seconds;
  if (zhi_str_u64(zhi_str_of(text), INT64_MAX / 1000, &seconds)) {
    *ms = (int64_t)seconds * 1000;
    return 0;
  }
  return zhi_parse_ms(zhi_str_of(text), ms, NULL) ? -1 : 0;
}

/* What the command line asks for. */
struct plan {
  struct zhi_crawl_options o; /* config and archive left open */
  const char *archive;        /* NULL: the config's */
  char **configs;
};

/* The crawl is done; what is searched follows it. A search would see to it, too: so trouble is only said. */
static void make_searchable(const char *folder) {
  struct zhi_attached_done attached;
  struct zhi_search_done done;
  struct zhi_err e = {0};
  if (zhi_attached_read(folder, &attached, &e) || zhi_search_update(folder, false, &done, &e))
    fprintf(stderr, "xianzhi crawl: warning: %s: the search index is as old as before\n", e.msg);
}

static int crawl_one(const struct plan *p, size_t i, bool *stop) {
  struct zhi_config *config = NULL;
  struct zhi_err e = {0};
  struct zhi_crawl_options o = p->o;
  char folder[4096];
  if (zhi_config_load(p->configs[i], &config, &e))
    return cmd_fail("crawl", &e);
  if (p->archive)
    snprintf(folder, sizeof folder, "%s", p->archive);
  else if (config->archive[0])
    snprintf(folder, sizeof folder, "%s", config->archive);
  else
    snprintf(folder, sizeof folder, "archives/%s", config->cluster);
  o.config = config;
  o.archive = folder;
  int code = run_crawl("crawl", &o, stop);
  zhi_config_free(config);
  if (code == EXIT_DONE || code == EXIT_INCOMPLETE)
    make_searchable(folder);
  return code;
}

static int crawl_task(void *ctx, size_t i) {
  bool stop = false;
  return crawl_one(ctx, i, &stop);
}

/* The exit code of all: a failure before a pause, a pause before failed URLs. */
static int worst_of(const int *codes, size_t n) {
  static const int order[] = {EXIT_FAILED, EXIT_USAGE, EXIT_PAUSED, EXIT_INCOMPLETE};
  for (size_t k = 0; k < sizeof order / sizeof *order; k++)
    for (size_t i = 0; i < n; i++)
      if (codes[i] == order[k])
        return codes[i];
  return EXIT_DONE;
}

static int crawl_all(struct plan *p, size_t n, size_t jobs) {
  int *codes = calloc(n, sizeof *codes);
  bool stop = false;
  if (!codes) {
    fprintf(stderr, "xianzhi: out of memory for %zu crawls\n", n);
    return EXIT_FAILED;
  }
  if (jobs > 1 && n > 1) {
    if (p->o.progress == ZHI_PROGRESS_AUTO)
      p->o.progress = ZHI_PROGRESS_PLAIN;
    run_parallel(n, jobs, crawl_task, p, codes);
  } else {
    for (size_t i = 0; i < n; i++)
      codes[i] = stop ? EXIT_PAUSED : crawl_one(p, i, &stop);
  }
  int worst = worst_of(codes, n);
  free(codes);
  return worst;
}

int cmd_crawl(int argc, char **argv) {
  const char *max_pages = NULL, *max_time = NULL, *progress = "auto";
  const char *jobs_text = NULL, *state = NULL;
  int fresh = 0;
  char state_dir[4096];
  struct plan p = {.o = {.clock = &zhi_clock_system}};
  const struct cmd_flag flags[] = {
      {"a", "DIR", &p.archive, NULL, "the archive (default: the config's)"},
      {"max-pages", "N", &max_pages, NULL, "pause after N exchanges"},
      {"max-time", "TIME", &max_time, NULL,
       "pause after this time (90s, 2h; a bare number: seconds)"},
      {"progress", "MODE", &progress, NULL, "auto, plain, json or off"},
      {"fresh", NULL, NULL, &fresh, "begin a new crawl although one is unfinished"},
      {"jobs", "N", &jobs_text, NULL, "so many of several configs at once (default: 1)"},
      RUN_STATE_DIR_FLAG(&state),
      {NULL, NULL, NULL, NULL, NULL}};
  if (cmd_flags(&argc, argv, flags))
    return EXIT_USAGE;
  unsigned long long pages = 0, jobs = 1;
  if (argc < 2)
    return cmd_usage("crawl", "which config?");
  if (p.archive && argc > 2)
    return cmd_usage("crawl", "-a goes with one config only");
  if (run_progress_mode(progress, &p.o.progress))
    return cmd_usage("crawl", "--progress is auto, plain, json or off");
  if (max_pages && !zhi_str_u64(zhi_str_of(max_pages), INT64_MAX, &pages))
    return cmd_usage("crawl", "--max-pages needs a number");
  if (max_time && run_time(max_time, &p.o.max_time_ms))
    return cmd_usage("crawl", "--max-time needs a time such as 90s or 2h");
  if (jobs_text && (!zhi_str_u64(zhi_str_of(jobs_text), JOBS_MAX, &jobs) || jobs == 0))
    return cmd_usage("crawl", "--jobs needs a number from 1 to 64");
  p.o.fresh = fresh;
  p.o.max_pages = (int64_t)pages;
  p.o.state_dir = run_state_dir(state, state_dir);
  p.configs = argv + 1;
  return crawl_all(&p, (size_t)argc - 1, (size_t)jobs);
}
