/* Keeps the search index in step with the catalogue. Thread: one. */
#ifndef ZHI_SERVE_INDEXER_H
#define ZHI_SERVE_INDEXER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct serve_indexer {
  const char *const *command; /* borrowed; NULL: the index is nobody's care */
  pid_t pid;                  /* 0: none runs */
  int64_t generation;         /* that it was last run for; -1: never */
};
/* Run the command when the catalogue is another than last time, none runs yet and the folder can be written. */
void serve_indexer_look(struct serve_indexer *x, const char *dir, int64_t generation);
void serve_indexer_stop(struct serve_indexer *x);

#endif
