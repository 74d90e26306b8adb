/* init: look at a portal and propose a config for it. */
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/run.h"
#include "crawler/propose.h"

enum { YAML_MAX_BYTES = 1024 * 1024 };

static enum zhi_code put(const char *path, struct zhi_str yaml, struct zhi_err *e) {
  struct zhi_out f;
  enum zhi_code rc = zhi_out_open(&f, path, e);
  return rc ? rc : zhi_out_finish(&f, zhi_out_write(&f, yaml, e), e);
}

int cmd_init(int argc, char **argv) {
  const char *file = NULL;
  int allow_private = 0;
  struct zhi_propose_options o = {.clock = &zhi_clock_system};
  const struct cmd_flag flags[] = {
      {"o", "FILE", &file, NULL, "write the config there (default: standard output)"},
      {"operator", "NAME", &o.operator_name, NULL, "who will crawl: goes into the user agent"},
      {"contact", "URL", &o.operator_contact, NULL,
       "where the site's owner can reach the operator"},
      {"connect-to", "ROW", &o.connect_to, NULL, "HOST:PORT:HOST:PORT, as the config's connect_to"},
      {"allow-private", NULL, NULL, &allow_private, "reach loopback and private addresses"},
      {NULL, NULL, NULL, NULL, NULL}};
  struct zhi_buf yaml;
  char state_dir[4096];
  struct zhi_err e = {0};
  int code = cmd_flags(&argc, argv, flags);
  if (code)
    return code;
  if (argc != 2)
    return cmd_usage("init", argc < 2 ? "which portal?" : "one portal at a time");
  if (!o.operator_name != !o.operator_contact)
    return cmd_usage("init", "--operator and --contact go together");
  if (file && access(file, F_OK) == 0) {
    zhi_fail(&e, ZHI_ECONFLICT, "'%.200s' is there already", file);
    return cmd_fail("init", &e);
  }
  o.url = argv[1];
  o.allow_private = allow_private;
  o.state_dir = run_state_dir(NULL, state_dir);
  zhi_buf_init(&yaml, YAML_MAX_BYTES);
  if (zhi_propose(&o, &yaml, &e) || put(file, zhi_buf_view(&yaml), &e))
    code = cmd_fail("init", &e);
  zhi_buf_release(&yaml);
  return code;
}
