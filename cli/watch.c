#include "cli/watch.h"

#include <errno.h>
#include <fnmatch.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zhi/browse.h"
#include "zhi/file.h"

enum { FILE_MAX = 1 << 20, ROWS_MAX = 10000, PATTERN_MAX = 8192 };

enum zhi_code watch_open(const char *path, struct watch *out, struct zhi_err *e) {
  *out = (struct watch){0};
  enum zhi_code rc = zhi_read_file(path, FILE_MAX, &out->text, e);
  if (rc)
    return rc;
  struct zhi_str rest = zhi_buf_view(&out->text);
  if (!(out->rows = calloc(ROWS_MAX, sizeof *out->rows)))
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for '%s'", path);
  while (rest.p && rest.len) {
    struct zhi_str row = zhi_str_trim(zhi_str_cut(&rest, '\n'));
    if (!row.len || row.p[0] == '#')
      continue;
    if (out->count == ROWS_MAX || row.len >= PATTERN_MAX)
      return zhi_fail(e, ZHI_ELIMIT, "'%s' has more than %d patterns, or one of %d bytes", path,
                      ROWS_MAX, PATTERN_MAX);
    out->rows[out->count++] = row;
  }
  return out->count ? ZHI_OK
                    : zhi_fail(e, ZHI_EUSAGE, "no pattern in '%s': nothing to watch", path);
}

void watch_release(struct watch *w) {
  zhi_buf_release(&w->text);
  free(w->rows);
}

/* Of a URL only * is special. */
static bool fits_url(struct zhi_str pattern, const char *url) {
  char glob[2 * PATTERN_MAX];
  size_t n = 0;
  for (size_t i = 0; i < pattern.len; i++) {
    if (strchr("?[]\\", pattern.p[i]))
      glob[n++] = '\\';
    glob[n++] = pattern.p[i];
  }
  glob[n] = '\0';
  return fnmatch(glob, url, 0) == 0;
}

static bool is_host(struct zhi_str s) {
  for (size_t i = 0; i < s.len; i++)
    if ((unsigned char)s.p[i] >= 0x80 || s.p[i] == ' ' || s.p[i] == '/')
      return false;
  return memchr(s.p, '.', s.len) != NULL;
}

/* The host itself, or one below it. */
static bool fits_host(struct zhi_str pattern, struct zhi_str host) {
  struct zhi_str end =
      host.len > pattern.len ? zhi_str_sub(host, host.len - pattern.len, host.len) : host;
  return zhi_str_ieq(end, pattern) &&
         (host.len == pattern.len || host.p[host.len - pattern.len - 1] == '.');
}

static bool fits(struct zhi_str pattern, const struct zhi_change *c, struct zhi_str text) {
  if (zhi_str_find(pattern, ZHI_STR("://")))
    return fits_url(pattern, c->url.p);
  if (is_host(pattern))
    return fits_host(pattern, c->host);
  const struct zhi_str looked_at[] = {c->title, c->column, c->detail, text};
  for (size_t i = 0; i < sizeof looked_at / sizeof *looked_at; i++)
    if (zhi_str_find(looked_at[i], pattern))
      return true;
  return false;
}

enum zhi_code watch_filter(void *ctx, struct zhi_store *s, struct zhi_change *change, bool *keep,
                           struct zhi_err *e) {
  const struct watch *w = ctx;
  char id[24];
  json_t *rows = NULL;
  size_t k = 0;
  int n = snprintf(id, sizeof id, "%lld", (long long)change->id);
  struct zhi_str arg = zhi_str_n(id, (size_t)n);
  enum zhi_code rc = zhi_browse(s, ZHI_BROWSE_TEXT, &arg, 1, 1, 0, &rows, e);
  if (rc)
    return rc;
  struct zhi_str text =
      zhi_str_of(json_string_value(json_object_get(json_array_get(rows, 0), "text")));
  while (k < w->count && !fits(w->rows[k], change, text))
    k++;
  *keep = k < w->count;
  if (*keep)
    change->watched = w->rows[k];
  json_decref(rows);
  return ZHI_OK;
}

/* --- the program ------------------------------------------------------------------------------------------------- */

static int spawn(const char *command, int in, int other, pid_t *pid) {
  posix_spawn_file_actions_t files;
  char *argv[] = {"sh", "-c", (char *)(uintptr_t)command, NULL};
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
  posix_spawn_file_actions_addclose(&files, in);
  posix_spawn_file_actions_addclose(&files, other);
  int failed = posix_spawn(pid, "/bin/sh", &files, NULL, argv, environ);
  posix_spawn_file_actions_destroy(&files);
  return failed;
}

enum zhi_code watch_start(struct watch_pipe *p, const char *command, struct zhi_err *e) {
  struct sigaction ignore = {.sa_handler = SIG_IGN};
  int ends[2];
  *p = (struct watch_pipe){.command = command};
  if (pipe(ends))
    return zhi_fail_errno(e, "cannot start '%s'", command);
  int failed = spawn(command, ends[0], ends[1], &p->pid);
  close(ends[0]);
  if (failed) {
    close(ends[1]);
    return zhi_fail(e, ZHI_EIO, "cannot start '%s': %s", command, strerror(failed));
  }
  p->fd = ends[1];
  sigaction(SIGPIPE, &ignore, &p->before); /* not before: the program would ignore it too */
  return ZHI_OK;
}

void watch_write(struct watch_pipe *p, struct zhi_str input) {
  while (input.len) {
    ssize_t n = write(p->fd, input.p, input.len);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return;
    input = zhi_str_sub(input, (size_t)n, input.len);
  }
}

enum zhi_code watch_end(struct watch_pipe *p, struct zhi_err *e) {
  int status = 0;
  close(p->fd);
  sigaction(SIGPIPE, &p->before, NULL);
  if (waitpid(p->pid, &status, 0) < 0)
    return zhi_fail_errno(e, "cannot wait for '%s'", p->command);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
    return ZHI_OK;
  return zhi_fail(e, ZHI_EIO, "'%s' failed: %s %d", p->command,
                  WIFEXITED(status) ? "exit code" : "signal",
                  WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}
