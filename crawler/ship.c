/* Shipping: one child process at a time, looked after whenever the commit thread comes by. */
#include "crawler/ship.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "zhi/log.h"

enum { LONGEST_MS = 6 * 3600 * 1000, LOOK_MS = 20 };

struct zhi_shipper {
  struct zhi_store *store;
  const char *program;
  char *archive;   /* absolute */
  char *variable;  /* XIANZHI_ARCHIVE=… */
  int64_t last;    /* file tried last in this run */
  int64_t current; /* file in hand; 0 = none */
  int64_t taken;   /* taken by its child, and not yet written down; 0 = none */
  char name[192];
  pid_t pid;
  int64_t started_mono_ms;
  bool changed;
};

enum zhi_code zhi_shipper_new(struct zhi_store *store, const char *program, const char *archive,
                              struct zhi_shipper **out, struct zhi_err *e) {
  struct zhi_shipper *h = calloc(1, sizeof *h);
  char *folder = realpath(archive, NULL);
  if (!h || !folder) {
    free(h);
    free(folder);
    return zhi_fail_errno(e, "cannot find the folder '%s'", archive);
  }
  *h = (struct zhi_shipper){.store = store, .program = program, .archive = folder, .changed = true};
  if (asprintf(&h->variable, "XIANZHI_ARCHIVE=%s", folder) < 0) {
    h->variable = NULL;
    zhi_shipper_free(h);
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for on_warc_closed");
  }
  *out = h;
  return ZHI_OK;
}

void zhi_shipper_free(struct zhi_shipper *h) {
  if (!h)
    return;
  free(h->archive);
  free(h->variable);
  free(h);
}

void zhi_shipper_closed(struct zhi_shipper *h) {
  if (h)
    h->changed = true;
}

/* Our environment and one variable more; free() the array alone. */
static char **environment(char *variable) {
  size_t n = 0;
  while (environ[n])
    n++;
  char **env = calloc(n + 2, sizeof *env);
  if (!env)
    return NULL;
  for (size_t i = 0; i < n; i++)
    env[i] = environ[i];
  env[n] = variable;
  return env;
}

/* 0, or an errno. */
static int spawn(const struct zhi_shipper *h, char *path, pid_t *pid) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  sigset_t none, defaults;
  char *program = strdup(h->program), **env = environment(h->variable);
  char *argv[] = {program, path, NULL};
  sigemptyset(&none);
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  sigaddset(&defaults, SIGXFSZ);
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  int rc = program && env ? posix_spawnp(pid, program, &files, &attributes, argv, env) : ENOMEM;
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  free(program);
  free(env);
  return rc;
}

static enum zhi_code start_next(struct zhi_shipper *h, struct zhi_err *e) {
  char *path = NULL;
  enum zhi_code rc = zhi_store_next_unshipped(h->store, h->last, &h->current, h->name, e);
  if (rc)
    return rc;
  if (!h->current) {
    h->changed = false;
    return ZHI_OK;
  }
  h->last = h->current;
  if (asprintf(&path, "%s/warc/%s", h->archive, h->name) < 0)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for on_warc_closed");
  int why = spawn(h, path, &h->pid);
  free(path);
  if (why) {
    ZHI_LOG(MAIN, ERROR, "on_warc_closed: cannot run '%s': %s", h->program, strerror(why));
    h->current = 0;
    h->pid = 0;
  }
  h->started_mono_ms = zhi_mono_ms();
  return ZHI_OK;
}

/* A store that cannot now is asked again at the next look. */
static enum zhi_code write_down(struct zhi_shipper *h, struct zhi_err *e) {
  enum zhi_code rc = h->taken ? zhi_store_shipped(h->store, h->taken, e) : ZHI_OK;
  if (!rc)
    h->taken = 0;
  return rc;
}

/* Its child has ended so. */
static void note_end(struct zhi_shipper *h, int status) {
  int64_t id = h->current;
  h->current = 0;
  h->pid = 0;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    ZHI_LOG(MAIN, INFO, "on_warc_closed took %s", h->name);
    h->taken = id;
    return;
  }
  ZHI_LOG(MAIN, WARN, "on_warc_closed ended with %s %d for %s; the next run tries again",
          WIFEXITED(status) ? "code" : "signal",
          WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status), h->name);
}

enum zhi_code zhi_shipper_poll(struct zhi_shipper *h, struct zhi_err *e) {
  int status = 0;
  if (!h)
    return ZHI_OK;
  if (h->pid) {
    pid_t ended = waitpid(h->pid, &status, WNOHANG);
    if (ended == 0 && zhi_mono_ms() - h->started_mono_ms > LONGEST_MS)
      kill(h->pid, SIGKILL);
    if (ended == h->pid)
      note_end(h, status);
    else if (ended < 0)
      h->pid = 0; /* nobody knows: the next run tries again */
  }
  enum zhi_code rc = write_down(h, e);
  if (!rc && !h->pid && h->changed)
    rc = start_next(h, e);
  return rc;
}

enum zhi_code zhi_shipper_finish(struct zhi_shipper *h, bool (*stop)(void *ctx), void *ctx,
                                 struct zhi_err *e) {
  enum zhi_code rc = zhi_shipper_poll(h, e);
  while (h && !rc && (h->pid || h->changed) && !stop(ctx)) {
    struct timespec t = {.tv_nsec = LOOK_MS * 1000000};
    nanosleep(&t, NULL);
    rc = zhi_shipper_poll(h, e);
  }
  return rc;
}
