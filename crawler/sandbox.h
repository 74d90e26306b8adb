/* Sandbox: run a reader of hostile files in a child that can do little else.
 *
 * The child has limits of CPU time, memory and file size, no network, no new privileges, no terminal, an empty folder
 * with the file alone in it, and no descriptors but its output. What it prints is bounded, in bytes and in time. */
#ifndef ZHI_CRAWLER_SANDBOX_H
#define ZHI_CRAWLER_SANDBOX_H

#include <stdbool.h>

#include "zhi/str.h"

struct zhi_sandbox {
  /* A program (looked for in /usr/bin and /bin) with its arguments, ended by NULL; "FILE" stands for the file's name. */
  const char *const *argv;
  /* Or, with argv NULL, a function of ours: the file's bytes in, text out by `put`; true = all went well. */
  bool (*run)(struct zhi_str file, void (*put)(struct zhi_str text));
};
enum { ZHI_SANDBOX_SECONDS = 20, ZHI_SANDBOX_TEXT_MAX = 16 << 20, ZHI_SANDBOX_MEMORY = 1 << 30 };

/* The output of `s` for `file`, appended to out (which bounds it). *finding: NULL, or "timeout", "too_much_text" (what
 * came until then is kept), "no_tool", "failed". ZHI_EIO, ZHI_ENOMEM: the system refused.
 * Forks: while other threads run only with argv. */
ZHI_NODISCARD enum zhi_code zhi_sandbox_run(const struct zhi_sandbox *s, struct zhi_str file,
                                            struct zhi_buf *out, const char **finding,
                                            struct zhi_err *e);

#endif
