/* Files that must be whole before they can be sent: made in a temporary folder that is gone before the first byte is. */
#ifndef ZHI_SERVE_DOWNLOAD_H
#define ZHI_SERVE_DOWNLOAD_H

#include "serve/http.h"

/* `make` writes the file at `path`, and beside it what it likes. *fd is the caller's. ZHI_EIO, and what `make` says. */
ZHI_NODISCARD enum zhi_code download_make(enum zhi_code (*make)(void *ctx, const char *path,
                                                                struct zhi_err *e),
                                          void *ctx, int *fd, struct zhi_err *e);
/* All of the file to the reader. */
ZHI_NODISCARD enum zhi_code download_send(int fd, struct serve_pipe *p, struct zhi_err *e);

#endif
