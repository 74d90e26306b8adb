/* The child is made in this order: its folder, its output, limits, no new privileges, no network (a filter of system
 * calls), then the program. The parent reads until the end, the bound or the deadline, and then kills and reaps it. */
#include "crawler/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zhi/clock.h"
#include "zhi/file.h"

enum { EXIT_NO_TOOL = 127, EXIT_FAILED = 1, OUT_FD = 1, FILES_MAX = 64, FILE_BYTES_MAX = 64 << 20 };
#define FILE_NAME "file"

/* --- the child --------------------------------------------------------------------------------------------------- */

static void limit(int what, rlim_t n) {
  const struct rlimit r = {n, n};
  if (setrlimit(what, &r) != 0)
    _exit(EXIT_FAILED);
}

/* A sanitizer's shadow memory has no place in any limit. */
static bool limits_memory(void) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return false;
#endif
#endif
  return true;
}

static void forbid_calls(void) {
  static const int calls[] = {
      SCMP_SYS(socket),   SCMP_SYS(socketpair), SCMP_SYS(connect),         SCMP_SYS(bind),
      SCMP_SYS(listen),   SCMP_SYS(accept),     SCMP_SYS(accept4),         SCMP_SYS(sendto),
      SCMP_SYS(sendmsg),  SCMP_SYS(ptrace),     SCMP_SYS(mount),           SCMP_SYS(umount2),
      SCMP_SYS(kill),     SCMP_SYS(unlink),     SCMP_SYS(unlinkat),        SCMP_SYS(rename),
      SCMP_SYS(renameat), SCMP_SYS(renameat2),  SCMP_SYS(mkdir),           SCMP_SYS(mkdirat),
      SCMP_SYS(link),     SCMP_SYS(linkat),     SCMP_SYS(symlink),         SCMP_SYS(symlinkat),
      SCMP_SYS(chmod),    SCMP_SYS(fchmodat),   SCMP_SYS(process_vm_readv)};
  scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);
  bool ok = f != NULL;
  for (size_t i = 0; i < sizeof calls / sizeof *calls && ok; i++)
    ok = seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), calls[i], 0) == 0;
  if (!ok || seccomp_load(f) != 0)
    _exit(EXIT_FAILED);
  seccomp_release(f);
}

static void confine(const char *folder, int out_fd) {
  int null = open("/dev/null", O_RDWR);
  if (null < 0 || dup2(out_fd, OUT_FD) < 0 || dup2(null, STDIN_FILENO) < 0 ||
      dup2(null, STDERR_FILENO) < 0 || chdir(folder) != 0)
    _exit(EXIT_FAILED);
  closefrom(3);
  setsid();
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_CPU, ZHI_SANDBOX_SECONDS);
  limit(RLIMIT_FSIZE, FILE_BYTES_MAX);
  limit(RLIMIT_NOFILE, FILES_MAX);
  if (limits_memory())
    limit(RLIMIT_AS, ZHI_SANDBOX_MEMORY);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
    _exit(EXIT_FAILED);
  forbid_calls();
}

static void put_out(struct zhi_str text) {
  while (text.len) {
    ssize_t n = write(OUT_FD, text.p, text.len);
    if (n < 0 && errno != EINTR)
      _exit(EXIT_FAILED);
    text = zhi_str_sub(text, n > 0 ? (size_t)n : 0, text.len);
  }
}

static void child(const struct zhi_sandbox *s, struct zhi_str file, const char *folder,
                  int out_fd) {
  static char *const environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "HOME=/nonexistent",
                                      NULL};
  const char *argv[16];
  char path[64];
  int n = 0;
  confine(folder, out_fd);
  if (!s->argv)
    _exit(s->run(file, put_out) ? 0 : EXIT_FAILED);
  for (; s->argv[n] && n < 15; n++)
    argv[n] = strcmp(s->argv[n], "FILE") == 0 ? FILE_NAME : s->argv[n];
  argv[n] = NULL;
  snprintf(path, sizeof path, "/usr/bin/%s", s->argv[0]);
  execve(path, (char *const *)argv, environment);
  snprintf(path, sizeof path, "/bin/%s", s->argv[0]);
  execve(path, (char *const *)argv, environment);
  _exit(EXIT_NO_TOOL);
}

/* --- the parent -------------------------------------------------------------------------------------------------- */

static enum zhi_code write_file(const char *path, struct zhi_str bytes, struct zhi_err *e) {
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0)
    return zhi_fail_errno(e, "cannot make '%s'", path);
  enum zhi_code rc = ZHI_OK;
  while (bytes.len && !rc) {
    ssize_t n = write(fd, bytes.p, bytes.len);
    if (n < 0 && errno != EINTR)
      rc = zhi_fail_errno(e, "cannot write to '%s'", path);
    bytes = zhi_str_sub(bytes, n > 0 ? (size_t)n : 0, bytes.len);
  }
  close(fd);
  return rc;
}

/* Until the end, the bound or the deadline. */
static const char *read_output(int fd, struct zhi_buf *out) {
  int64_t deadline = zhi_mono_ms() + 1000 * (ZHI_SANDBOX_SECONDS + 5);
  size_t before = out->len;
  for (;;) {
    char piece[16384];
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int64_t left = deadline - zhi_mono_ms();
    if (left <= 0)
      return "timeout";
    if (poll(&p, 1, (int)left) <= 0)
      continue;
    ssize_t n = read(fd, piece, sizeof piece);
    if (n == 0)
      return NULL;
    if (n < 0 && errno != EINTR)
      return "failed";
    if (n > 0 && out->len - before + (size_t)n > ZHI_SANDBOX_TEXT_MAX)
      return "too_much_text";
    if (n > 0)
      zhi_buf_add(out, piece, (size_t)n);
  }
}

static const char *reap(pid_t pid, const char *finding) {
  int status = 0;
  if (finding)
    kill(pid, SIGKILL);
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
    ;
  if (finding)
    return finding;
  if (WIFSIGNALED(status))
    return WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL ? "timeout" : "failed";
  if (WEXITSTATUS(status) == EXIT_NO_TOOL)
    return "no_tool";
  return WEXITSTATUS(status) ? "failed" : NULL;
}

static enum zhi_code start(const struct zhi_sandbox *s, struct zhi_str file, const char *folder,
                           struct zhi_buf *out, const char **finding, struct zhi_err *e) {
  int pipe_fd[2];
  if (pipe2(pipe_fd, O_CLOEXEC) != 0)
    return zhi_fail_errno(e, "cannot make a pipe");
  pid_t pid = fork();
  if (pid == 0)
    child(s, file, folder, pipe_fd[1]);
  close(pipe_fd[1]);
  enum zhi_code rc = pid < 0 ? zhi_fail_errno(e, "cannot start a process") : ZHI_OK;
  if (!rc)
    *finding = reap(pid, read_output(pipe_fd[0], out));
  close(pipe_fd[0]);
  return rc;
}

enum zhi_code zhi_sandbox_run(const struct zhi_sandbox *s, struct zhi_str file, struct zhi_buf *out,
                              const char **finding, struct zhi_err *e) {
  char folder[512], path[600];
  int n = snprintf(folder, sizeof folder, "%s/xianzhi-read-XXXXXX", zhi_tmp_dir());
  if (n < 0 || (size_t)n >= sizeof folder || !mkdtemp(folder))
    return zhi_fail_errno(e, "cannot make a temporary folder");
  snprintf(path, sizeof path, "%s/" FILE_NAME, folder);
  enum zhi_code rc = s->argv ? write_file(path, file, e) : ZHI_OK;
  if (!rc)
    rc = start(s, file, folder, out, finding, e);
  unlink(path);
  rmdir(folder);
  return rc;
}
