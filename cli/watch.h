/* The watch list of `changes`: a file of patterns, a line each, and a program that is told of what they fit. */
#ifndef ZHI_CLI_WATCH_H
#define ZHI_CLI_WATCH_H

#include <signal.h>
#include <sys/types.h>

#include "zhi/changes.h"

struct watch {
  struct zhi_buf text; /* of the file; `rows` are views of it */
  struct zhi_str *rows;
  size_t count;
};
/* Lines that begin with # and empty ones are nothing. A line with "://" is a URL, in which * stands for anything; one
 * without spaces and slashes and with a dot is a host, with those below it; anything else is a phrase, looked for in
 * title, column, detail and text. ZHI_EIO, ZHI_ELIMIT, ZHI_ENOMEM; ZHI_EUSAGE: no pattern in it. */
ZHI_NODISCARD enum zhi_code watch_open(const char *path, struct watch *out, struct zhi_err *e);
void watch_release(struct watch *w);
/* The zhi_change_filter of a watch list, `ctx`: whether a pattern fits; "watched" is the first that does. */
ZHI_NODISCARD enum zhi_code watch_filter(void *ctx, struct zhi_store *s, struct zhi_change *change,
                                         bool *keep, struct zhi_err *e);

/* A program that is told of something on its standard input. */
struct watch_pipe {
  const char *command;
  pid_t pid;
  int fd;
  struct sigaction before; /* what SIGPIPE did */
};
/* Run `command` by /bin/sh. No part of what is written is ever in the command. ZHI_EIO: cannot be started. */
ZHI_NODISCARD enum zhi_code watch_start(struct watch_pipe *p, const char *command,
                                        struct zhi_err *e);
/* A program may end without reading everything: that is its own affair. */
void watch_write(struct watch_pipe *p, struct zhi_str input);
/* No more comes: wait for it. ZHI_EIO: it failed. */
ZHI_NODISCARD enum zhi_code watch_end(struct watch_pipe *p, struct zhi_err *e);

#endif
