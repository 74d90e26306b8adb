/* Running the crawler from a command. */
#ifndef ZHI_CLI_RUN_H
#define ZHI_CLI_RUN_H

#include "crawler/crawl.h"

/* "auto", "plain", "json", "off"; -1: none of them. */
int run_progress_mode(const char *name, enum zhi_progress_mode *out);
/* Run, say on stderr how it ended, return the exit code. `command` is for messages. *stop: a signal or a full disk asked
 * for a pause of everything. */
int run_crawl(const char *command, const struct zhi_crawl_options *o, bool *stop);
/* Where crawls share politeness: `given`, else $XDG_STATE_HOME/xianzhi or ~/.local/state/xianzhi, in `out`; NULL, with
 * a warning, when there is no such folder and none can be made. */
const char *run_state_dir(const char *given, char out[4096]);
#define RUN_STATE_DIR_FLAG(value)                                                                  \
  { "state-dir", "DIR", value, NULL, "where crawls share politeness (default: the user's state)" }

#endif
