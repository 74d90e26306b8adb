/* Recovery: after a crash each file is brought to the length that the database committed. What was
 * written beyond it is kept beside the file as NAME.tail, for people to look at; nothing is ever
 * thrown away. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "zhi/warc.h"

enum { PATH_SIZE = 4096, PIECE_BYTES = 64 * 1024, TAILS_MAX = 100 };

static enum zhi_code sync_folder(const char *path, struct zhi_err *e) {
  char dir[PATH_SIZE];
  snprintf(dir, sizeof dir, "%s", path);
  char *slash = strrchr(dir, '/');
  if (slash)
    *slash = '\0';
  int fd = open(slash ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return zhi_fail_errno(e, "cannot open folder '%s'", dir);
  enum zhi_code rc = fsync(fd) == 0 ? ZHI_OK : zhi_fail_errno(e, "cannot sync folder '%s'", dir);
  close(fd);
  return rc;
}

/* PATH.tail, or PATH.tail.N when there is one already. */
static int create_tail(const char *path, char out[PATH_SIZE + 32], struct zhi_err *e,
                       enum zhi_code *rc) {
  for (int i = 0; i < TAILS_MAX; i++) {
    if (i == 0)
      snprintf(out, PATH_SIZE + 32, "%s.tail", path);
    else
      snprintf(out, PATH_SIZE + 32, "%s.tail.%d", path, i);
    int fd = open(out, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
    if (fd >= 0)
      return fd;
    if (errno != EEXIST)
      break;
  }
  *rc = zhi_fail_errno(e, "cannot create '%s'", out);
  return -1;
}

static enum zhi_code copy_range(int from, uint64_t at, int to, struct zhi_err *e) {
  char piece[PIECE_BYTES];
  for (;;) {
    ssize_t n = pread(from, piece, sizeof piece, (off_t)at);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return zhi_fail_errno(e, "cannot read the tail");
    if (n == 0)
      return fsync(to) == 0 ? ZHI_OK : zhi_fail_errno(e, "cannot sync the tail");
    at += (uint64_t)n;
    for (ssize_t put = 0; put < n;) {
      ssize_t w = write(to, piece + put, (size_t)(n - put));
      if (w < 0 && errno == EINTR)
        continue;
      if (w <= 0)
        return zhi_fail_errno(e, "cannot write the tail");
      put += w;
    }
  }
}

/* Move what is beyond `committed` bytes of `fd` into a tail beside `path`. */
static enum zhi_code set_tail_aside(int fd, const char *path, uint64_t committed,
                                    struct zhi_err *e) {
  char tail[PATH_SIZE + 32];
  enum zhi_code rc = ZHI_OK;
  int to = create_tail(path, tail, e, &rc);
  if (to < 0)
    return rc;
  rc = copy_range(fd, committed, to, e);
  close(to);
  if (!rc)
    rc = sync_folder(path, e);
  if (!rc && (ftruncate(fd, (off_t)committed) != 0 || fsync(fd) != 0))
    rc = zhi_fail_errno(e, "cannot cut '%s'", path);
  return rc;
}

static enum zhi_code bring_to_length(const char *actual, const char *final, uint64_t committed,
                                     struct zhi_err *e) {
  struct stat st;
  if (stat(actual, &st) != 0)
    return zhi_fail_errno(e, "cannot look at '%s'", actual);
  if ((uint64_t)st.st_size < committed)
    return zhi_fail(e, ZHI_EPARSE, "'%s' has %lld bytes, fewer than the %llu committed", actual,
                    (long long)st.st_size, (unsigned long long)committed);
  if ((uint64_t)st.st_size == committed)
    return ZHI_OK;
  int fd = open(actual, O_RDWR | O_CLOEXEC);
  if (fd < 0)
    return zhi_fail_errno(e, "cannot open '%s'", actual);
  enum zhi_code rc = set_tail_aside(fd, final, committed, e);
  close(fd);
  return rc;
}

static bool inside(const char *file) { return file[0] && file[0] != '/' && !strstr(file, ".."); }

enum zhi_code zhi_warc_recover(const char *dir, const char *file, uint64_t committed,
                               struct zhi_err *e) {
  char final[PATH_SIZE], open_name[PATH_SIZE];
  if (!inside(file))
    return zhi_fail(e, ZHI_EUSAGE, "'%s' is not a file of the archive", file);
  if (snprintf(final, sizeof final, "%s/%s", dir, file) >= PATH_SIZE - 32)
    return zhi_fail(e, ZHI_ELIMIT, "the path of '%s' is too long", file);
  snprintf(open_name, sizeof open_name, "%s/%s.open", dir, file);
  bool has_final = access(final, F_OK) == 0, has_open = access(open_name, F_OK) == 0;
  if (has_final && has_open)
    return zhi_fail(e, ZHI_EPARSE, "both '%s' and '%s.open' are there", final, file);
  if (!has_final && !has_open)
    return committed == 0 ? ZHI_OK : zhi_fail(e, ZHI_EPARSE, "'%s' is missing", final);
  enum zhi_code rc = bring_to_length(has_open ? open_name : final, final, committed, e);
  if (rc)
    return rc;
  if (committed == 0) { /* all of it went into the tail */
    unlink(has_open ? open_name : final);
    return sync_folder(final, e);
  }
  if (has_open && rename(open_name, final) != 0)
    return zhi_fail_errno(e, "cannot rename '%s'", open_name);
  return has_open ? sync_folder(final, e) : ZHI_OK;
}
