#include "cli/watch.h"

#include <fnmatch.h>
#include <signal.h>
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

static struct zhi_str text_of(const json_t *o, const char *key) {
  return zhi_str_of(json_string_value(json_object_get(o, key)));
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

static bool fits(struct zhi_str pattern, const json_t *change, struct zhi_str text) {
  static const char *const looked_at[] = {"title", "column", "detail"};
  if (zhi_str_find(pattern, ZHI_STR("://")))
    return fits_url(pattern, text_of(change, "url").p);
  if (is_host(pattern))
    return fits_host(pattern, text_of(change, "host"));
  for (size_t i = 0; i < sizeof looked_at / sizeof *looked_at; i++)
    if (zhi_str_find(text_of(change, looked_at[i]), pattern))
      return true;
  return zhi_str_find(text, pattern) != NULL;
}

static enum zhi_code text_of_version(struct zhi_store *s, const json_t *change, json_t **rows,
                                     struct zhi_err *e) {
  char id[24];
  int n =
      snprintf(id, sizeof id, "%lld", (long long)json_integer_value(json_object_get(change, "id")));
  struct zhi_str arg = zhi_str_n(id, (size_t)n);
  return zhi_browse(s, ZHI_BROWSE_TEXT, &arg, 1, 1, 0, rows, e);
}

enum zhi_code watch_filter(const struct watch *w, struct zhi_store *s, json_t *changes, size_t from,
                           struct zhi_err *e) {
  enum zhi_code rc = ZHI_OK;
  for (size_t i = from; !rc && i < json_array_size(changes);) {
    json_t *change = json_array_get(changes, i), *rows = NULL;
    size_t k = 0;
    if ((rc = text_of_version(s, change, &rows, e)))
      break;
    struct zhi_str text = text_of(json_array_get(rows, 0), "text");
    while (k < w->count && !fits(w->rows[k], change, text))
      k++;
    if (k < w->count) {
      json_object_set_new(change, "watched", json_stringn(w->rows[k].p, w->rows[k].len));
      i++;
    } else {
      json_array_remove(changes, i);
    }
    json_decref(rows);
  }
  return rc;
}

/* --- the program ------------------------------------------------------------------------------------------------- */

/* A program may end without reading everything: that is its own affair. */
static void feed(int fd, struct zhi_str input) {
  struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
  sigaction(SIGPIPE, &ignore, &before);
  while (input.len) {
    ssize_t n = write(fd, input.p, input.len);
    if (n <= 0)
      break;
    input = zhi_str_sub(input, (size_t)n, input.len);
  }
  close(fd);
  sigaction(SIGPIPE, &before, NULL);
}

static int start(const char *command, int in, int other, pid_t *pid) {
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

enum zhi_code watch_tell(const char *command, struct zhi_str input, struct zhi_err *e) {
  int ends[2], status = 0;
  pid_t pid;
  if (pipe(ends))
    return zhi_fail_errno(e, "cannot start '%s'", command);
  int failed = start(command, ends[0], ends[1], &pid);
  close(ends[0]);
  if (failed) {
    close(ends[1]);
    return zhi_fail(e, ZHI_EIO, "cannot start '%s': %s", command, strerror(failed));
  }
  feed(ends[1], input);
  if (waitpid(pid, &status, 0) < 0)
    return zhi_fail_errno(e, "cannot wait for '%s'", command);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
    return ZHI_OK;
  return zhi_fail(e, ZHI_EIO, "'%s' failed: %s %d", command,
                  WIFEXITED(status) ? "exit code" : "signal",
                  WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}
