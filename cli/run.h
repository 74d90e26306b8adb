/* Running the crawler from a command. */
#ifndef ZHI_CLI_RUN_H
#define ZHI_CLI_RUN_H

#include "crawler/crawl.h"

/* "auto", "plain", "json", "off"; -1: none of them. */
int run_progress_mode(const char *name, enum zhi_progress_mode *out);
/* Run, say on stderr how it ended, return the exit code. `command` is for messages. */
int run_crawl(const char *command, const struct zhi_crawl_options *o);

#endif
