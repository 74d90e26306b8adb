/* Shim: an LD_PRELOAD object that makes one call of a program fail, or kills it there.
 *
 * XZ_FAULT=FUNCTION:N:WHAT[:TIMES] — the N-th call of FUNCTION (write, sync, rename, open, alloc; for writes only
 * those to regular files count) and the TIMES-1 after it come to WHAT: ENOSPC, EIO, EINTR, EMFILE, ENOMEM, "short"
 * (half of the bytes), KILL (SIGKILL before the call) or KILLED (after it). XZ_FAULT_MARK=FILE is created when it
 * happens; once XZ_ROOM=FILE is there it happens no more. XZ_FAULT_AFTER=TEXT: calls count from the opening of a file
 * on whose path has TEXT in it. XZ_FAULT_ON=TEXT: only writes to files with TEXT in their path count. XZ_COUNTS=FILE gets a line "FUNCTION CALLS" each at exit. XZ_CLOCK=N:SECONDS moves the wall clock from its
 * N-th reading on. XZ_NOSYNC=1: syncs do nothing, to measure what they cost. */
#include "tests/faults/shim.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { WHAT_SHORT = -1, WHAT_KILL = -2, WHAT_KILLED = -3 };

static const char *const names[SHIM_FUNCTIONS] = {"write", "sync", "rename", "open", "alloc"};
static atomic_long calls[SHIM_FUNCTIONS], clock_calls;
static int fault_function = -1, fault_what;
static long fault_first, fault_times = 1, clock_from;
static long long clock_jump;
static bool nosync;
static const char *mark, *room, *counts, *after, *on;
static atomic_bool begun;

static int what_of(const char *name, size_t len) {
  static const struct {
    const char *name;
    int what;
  } table[] = {{"ENOSPC", ENOSPC},  {"EIO", EIO},           {"EINTR", EINTR},
               {"EMFILE", EMFILE},  {"ENOMEM", ENOMEM},     {"short", WHAT_SHORT},
               {"KILL", WHAT_KILL}, {"KILLED", WHAT_KILLED}};
  for (size_t i = 0; i < sizeof table / sizeof *table; i++)
    if (strlen(table[i].name) == len && strncmp(table[i].name, name, len) == 0)
      return table[i].what;
  abort();
}

__attribute__((constructor)) static void begin(void) {
  const char *fault = getenv("XZ_FAULT"), *jump = getenv("XZ_CLOCK");
  char *end = NULL;
  mark = getenv("XZ_FAULT_MARK");
  room = getenv("XZ_ROOM");
  counts = getenv("XZ_COUNTS");
  after = getenv("XZ_FAULT_AFTER");
  on = getenv("XZ_FAULT_ON");
  nosync = getenv("XZ_NOSYNC") != NULL;
  if (jump) {
    clock_from = strtol(jump, &end, 10);
    clock_jump = strtoll(end + 1, NULL, 10);
  }
  for (int f = 0; fault && f < SHIM_FUNCTIONS; f++) {
    size_t n = strlen(names[f]);
    if (strncmp(fault, names[f], n) != 0 || fault[n] != ':')
      continue;
    fault_first = strtol(fault + n + 1, &end, 10);
    const char *what = end + 1, *times = strchr(what, ':');
    fault_what = what_of(what, times ? (size_t)(times - what) : strlen(what));
    fault_times = times ? strtol(times + 1, NULL, 10) : 1;
    fault_function = f;
  }
}

__attribute__((destructor)) static void end(void) {
  int fd =
      counts ? (int)syscall(SYS_openat, AT_FDCWD, counts, O_CREAT | O_WRONLY | O_TRUNC, 0600) : -1;
  for (int f = 0; fd >= 0 && f < SHIM_FUNCTIONS; f++) {
    char line[64];
    int n = snprintf(line, sizeof line, "%s %ld\n", names[f], atomic_load(&calls[f]));
    syscall(SYS_write, fd, line, n);
  }
}

_Noreturn static void die(void) {
  syscall(SYS_kill, getpid(), SIGKILL);
  for (;;)
    pause();
}

/* Count a call: 0 = let it through, else what becomes of it. */
static int due(enum shim_function f) {
  if (after && !atomic_load(&begun))
    return 0;
  long n = atomic_fetch_add(&calls[f], 1) + 1;
  if ((int)f != fault_function || n < fault_first || n >= fault_first + fault_times)
    return 0;
  if (room && syscall(SYS_faccessat, AT_FDCWD, room, F_OK) == 0)
    return 0;
  int fd = mark ? (int)syscall(SYS_openat, AT_FDCWD, mark, O_CREAT | O_WRONLY, 0600) : -1;
  if (fd >= 0)
    syscall(SYS_close, fd);
  if (fault_what == WHAT_KILL)
    die();
  return fault_what;
}

bool shim_fails(enum shim_function f) {
  int what = due(f);
  if (what > 0)
    errno = what;
  return what > 0;
}

void *shim_next(const char *name) {
  void *p = dlsym(RTLD_NEXT, name);
  return p ? p : (abort(), NULL);
}

/* A plain wrapper: fail, or do it, and perhaps die then. */
#define AROUND(f, name, type, args, params)                                                        \
  int name args {                                                                                  \
    static int(*_Atomic real) args;                                                                \
    if (!real)                                                                                     \
      real = (type)shim_next(#name);                                                               \
    int what = due(f);                                                                             \
    if (what > 0) {                                                                                \
      errno = what;                                                                                \
      return -1;                                                                                   \
    }                                                                                              \
    int rc = (f) == SHIM_SYNC && nosync ? 0 : real params;                                         \
    if (what == WHAT_KILLED)                                                                       \
      die();                                                                                       \
    return rc;                                                                                     \
  }
AROUND(SHIM_SYNC, fsync, int (*)(int), (int fd), (fd))
AROUND(SHIM_SYNC, fdatasync, int (*)(int), (int fd), (fd))
AROUND(SHIM_RENAME, rename, int (*)(const char *, const char *), (const char *a, const char *b),
       (a, b))
AROUND(SHIM_RENAME, renameat2, int (*)(int, const char *, int, const char *, unsigned),
       (int x, const char *a, int y, const char *b, unsigned flags), (x, a, y, b, flags))

static bool is_file(int fd) {
  struct stat st;
  char link[64], path[4096];
  if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
    return false;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = on ? readlink(link, path, sizeof path - 1) : 0;
  path[n > 0 ? n : 0] = '\0';
  return !on || strstr(path, on);
}

/* Do a write that is told to be so long. */
#define WRITE(name, type, args, all, half, len)                                                    \
  ssize_t name args {                                                                              \
    static ssize_t(*_Atomic real) args;                                                            \
    if (!real)                                                                                     \
      real = (type)shim_next(#name);                                                               \
    int what = is_file(fd) ? due(SHIM_WRITE) : 0;                                                  \
    if (what > 0) {                                                                                \
      errno = what;                                                                                \
      return -1;                                                                                   \
    }                                                                                              \
    bool cut = (what == WHAT_SHORT || what == WHAT_KILLED) && (len) > 1;                           \
    ssize_t put = cut ? real half : real all;                                                      \
    if (what == WHAT_KILLED)                                                                       \
      die();                                                                                       \
    return put;                                                                                    \
  }
WRITE(write, ssize_t (*)(int, const void *, size_t), (int fd, const void *p, size_t n), (fd, p, n),
      (fd, p, n / 2), n)
WRITE(pwrite, ssize_t (*)(int, const void *, size_t, off_t),
      (int fd, const void *p, size_t n, off_t at), (fd, p, n, at), (fd, p, n / 2, at), n)
WRITE(pwrite64, ssize_t (*)(int, const void *, size_t, off64_t),
      (int fd, const void *p, size_t n, off64_t at), (fd, p, n, at), (fd, p, n / 2, at), n)
WRITE(writev, ssize_t (*)(int, const struct iovec *, int), (int fd, const struct iovec *v, int n),
      (fd, v, n), (fd, v, n / 2), n)

#define OPEN(name)                                                                                 \
  int name(const char *path, int flags, ...) {                                                     \
    static int (*_Atomic real)(const char *, int, ...);                                            \
    va_list ap;                                                                                    \
    va_start(ap, flags);                                                                           \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(ap, mode_t) : 0;                          \
    va_end(ap);                                                                                    \
    if (!real)                                                                                     \
      real = (int (*)(const char *, int, ...))shim_next(#name);                                    \
    if (after && strstr(path, after))                                                              \
      atomic_store(&begun, true);                                                                  \
    int what = due(SHIM_OPEN);                                                                     \
    if (what > 0) {                                                                                \
      errno = what;                                                                                \
      return -1;                                                                                   \
    }                                                                                              \
    int fd = real(path, flags, mode);                                                              \
    if (what == WHAT_KILLED)                                                                       \
      die();                                                                                       \
    return fd;                                                                                     \
  }
OPEN(open)
OPEN(open64)

int clock_gettime(clockid_t id, struct timespec *t) {
  static int (*_Atomic real)(clockid_t, struct timespec *);
  if (!real)
    real = (int (*)(clockid_t, struct timespec *))shim_next("clock_gettime");
  int rc = real(id, t);
  if (id == CLOCK_REALTIME && clock_jump && atomic_fetch_add(&clock_calls, 1) + 1 >= clock_from)
    t->tv_sec += clock_jump;
  return rc;
}
