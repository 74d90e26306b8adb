/* What the parts of the shim share. */
#ifndef ZHI_TESTS_FAULTS_SHIM_H
#define ZHI_TESTS_FAULTS_SHIM_H

#include <stdbool.h>

enum shim_function { SHIM_WRITE, SHIM_SYNC, SHIM_RENAME, SHIM_OPEN, SHIM_ALLOC, SHIM_FUNCTIONS };
/* Count a call of f: must it fail now? Then errno is set. */
bool shim_fails(enum shim_function f);
/* The function that the shim stands before; never NULL. */
void *shim_next(const char *name);

#endif
