/* Several tasks at once, each in a process of its own. */
#ifndef ZHI_CLI_PARALLEL_H
#define ZHI_CLI_PARALLEL_H

#include <stddef.h>

/* Run task(ctx, 0 … n-1), at most `jobs` at a time; codes[i] becomes its exit code, EXIT_PAUSED when it was not begun.
 * SIGINT and SIGTERM are passed on to all that run, and none is begun afterwards; tasks end with this process. Call it
 * while there is one thread. */
void run_parallel(size_t n, size_t jobs, int (*task)(void *ctx, size_t i), void *ctx, int *codes);

#endif
