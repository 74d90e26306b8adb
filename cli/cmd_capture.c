/* capture: these URLs now, politely, into this archive, with what their pages need. The archive's last config says who
 * asks and how politely; --config says it for a new archive, or otherwise. */
#include <stdio.h>

#include "cli/cmd.h"
#include "cli/run.h"
#include "zhi/store.h"

enum { CONFIG_MAX_BYTES = 1 << 20 };

static enum zhi_code config_of(const char *dir, struct zhi_config **out, struct zhi_err *e) {
  struct zhi_store *s = NULL;
  struct zhi_buf json;
  zhi_buf_init(&json, CONFIG_MAX_BYTES);
  enum zhi_code rc = zhi_store_open(dir, ZHI_STORE_READ, &zhi_clock_system, &s, e);
  if (!rc)
    rc = zhi_store_last_config(s, &json, e);
  zhi_store_close(s);
  if (!rc && (json.len == 0 || zhi_str_is(zhi_buf_view(&json), "{}")))
    rc = zhi_fail(e, ZHI_EUSAGE, "'%s' was never crawled: --config FILE says who asks", dir);
  if (!rc)
    rc = zhi_config_parse(zhi_buf_view(&json), dir, out, e);
  zhi_buf_release(&json);
  return rc;
}

int cmd_capture(int argc, char **argv) {
  const char *path = NULL, *progress = "auto", *state = NULL;
  char state_dir[4096];
  bool stop = false;
  const struct cmd_flag flags[] = {
      {"config", "FILE", &path, NULL, "instead of the config of the archive's last crawl"},
      {"progress", "MODE", &progress, NULL, "auto, plain, json or off"},
      RUN_STATE_DIR_FLAG(&state),
      {NULL, NULL, NULL, NULL, NULL}};
  if (cmd_flags(&argc, argv, flags))
    return EXIT_USAGE;
  struct zhi_crawl_options o = {.clock = &zhi_clock_system};
  if (argc < 3)
    return cmd_usage("capture", argc < 2 ? "into which archive?" : "which URLs?");
  if (run_progress_mode(progress, &o.progress))
    return cmd_usage("capture", "--progress is auto, plain, json or off");
  struct zhi_config *config = NULL;
  struct zhi_err e = {0};
  if (path ? zhi_config_load(path, &config, &e) : config_of(argv[1], &config, &e))
    return cmd_fail("capture", &e);
  if (!path) /* an archive may be anybody's: nothing that it names is run */
    config->on_warc_closed[0] = '\0';
  config->metrics[0] = '\0'; /* those are a crawl's; a few pages must not pass for one */
  o.config = config;
  o.archive = argv[1];
  o.only = (const char *const *)&argv[2];
  o.only_count = (size_t)argc - 2;
  o.state_dir = run_state_dir(state, state_dir);
  int code = run_crawl("capture", &o, &stop);
  zhi_config_free(config);
  return code;
}
