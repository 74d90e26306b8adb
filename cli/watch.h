/* The watch list of `changes`: a file of patterns, a line each, and a program that is told of what they fit. */
#ifndef ZHI_CLI_WATCH_H
#define ZHI_CLI_WATCH_H

#include <jansson.h>

#include "zhi/store.h"

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
/* Take those changes from `from` on out of the array that no pattern fits; the others get "watched": the first pattern
 * that does. `s` is where they are from. */
ZHI_NODISCARD enum zhi_code watch_filter(const struct watch *w, struct zhi_store *s,
                                         json_t *changes, size_t from, struct zhi_err *e);
/* Run `command` by /bin/sh with `input` on its standard input, and wait. No part of `input` is ever in the command.
 * ZHI_EIO: cannot be started, or failed. */
ZHI_NODISCARD enum zhi_code watch_tell(const char *command, struct zhi_str input,
                                       struct zhi_err *e);

#endif
