/* The search index kept up to date by a process of its own, so that its memory and time are not the server's and it can
 * be ended at any moment: a killed run leaves the old index. Thread: the watch's. */
#include "serve/indexer.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

static bool start(struct serve_indexer *x) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  sigset_t none;
  sigemptyset(&none);
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&attributes);
  for (int fd = 0; fd < 3; fd++)
    posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  int rc = posix_spawn(&x->pid, x->command[0], &files, &attributes,
                       (char *const *)(uintptr_t)x->command, environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (rc)
    x->pid = 0;
  return rc == 0;
}

void serve_indexer_look(struct serve_indexer *x, const char *dir, int64_t generation) {
  if (x->pid && waitpid(x->pid, NULL, WNOHANG) != 0)
    x->pid = 0;
  if (x->pid || !x->command || x->generation == generation || access(dir, W_OK) != 0)
    return;
  if (start(x))
    x->generation = generation;
}

void serve_indexer_stop(struct serve_indexer *x) {
  if (!x->pid)
    return;
  kill(x->pid, SIGTERM);
  waitpid(x->pid, NULL, 0);
  x->pid = 0;
}
