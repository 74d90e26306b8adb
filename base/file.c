/* Files: read to the end, whatever signals come; written so that nobody sees half of one. */
#include "zhi/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WRITE_BEHIND = 16 * 1024 * 1024 };

enum zhi_code zhi_read_file(const char *path, size_t max, struct zhi_buf *out, struct zhi_err *e) {
  zhi_buf_init(out, max);
  int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return zhi_fail_errno(e, "cannot open '%s'", path);
  char chunk[65536];
  ssize_t n;
  while ((n = read(fd, chunk, sizeof chunk)) != 0) {
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      break;
    zhi_buf_add(out, chunk, (size_t)n);
  }
  enum zhi_code rc =
      n < 0 ? zhi_fail_errno(e, "cannot read '%s'", path) : zhi_buf_check(out, path, e);
  if (fd != STDIN_FILENO)
    close(fd);
  return rc;
}

/* A device, a pipe: what must not be renamed over, /dev/null above all. */
static bool is_special(const char *path) {
  struct stat st;
  return stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

static void out_release(struct zhi_out *f) {
  free(f->path);
  free(f->temporary);
  *f = (struct zhi_out){.fd = -1};
}

enum zhi_code zhi_out_open(struct zhi_out *f, const char *path, struct zhi_err *e) {
  *f = (struct zhi_out){.fd = STDOUT_FILENO};
  if (!path || strcmp(path, "-") == 0)
    return ZHI_OK;
  bool direct = is_special(path);
  f->path = strdup(path);
  if (!direct && asprintf(&f->temporary, "%s.tmp", path) < 0)
    f->temporary = NULL;
  if (!f->path || (!direct && !f->temporary)) {
    out_release(f);
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a path");
  }
  f->fd = direct ? open(path, O_WRONLY | O_CLOEXEC)
                 : open(f->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (f->fd >= 0)
    return ZHI_OK;
  enum zhi_code rc = zhi_fail_errno(e, "cannot write '%s'", direct ? path : f->temporary);
  out_release(f);
  return rc;
}

enum zhi_code zhi_out_write(struct zhi_out *f, struct zhi_str bytes, struct zhi_err *e) {
  while (bytes.len) {
    ssize_t n = write(f->fd, bytes.p, bytes.len);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return zhi_fail_errno(e, "cannot write '%s'", f->path ? f->path : "standard output");
    bytes = zhi_str_sub(bytes, (size_t)n, bytes.len);
    f->behind += (size_t)n;
  }
  if (f->temporary && f->behind >= WRITE_BEHIND) {
    sync_file_range(f->fd, 0, 0, SYNC_FILE_RANGE_WRITE); /* the sync at the end waits less */
    f->behind = 0;
  }
  return ZHI_OK;
}

static enum zhi_code sync_folder(const char *path, struct zhi_err *e) {
  const char *slash = strrchr(path, '/');
  char *folder = !slash          ? strdup(".")
                 : slash == path ? strdup("/")
                                 : strndup(path, (size_t)(slash - path));
  if (!folder)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a path");
  int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  enum zhi_code rc = ZHI_OK;
  if (fd < 0 || fsync(fd) != 0)
    rc = zhi_fail_errno(e, "cannot sync the folder '%s'", folder);
  if (fd >= 0)
    close(fd);
  free(folder);
  return rc;
}

enum zhi_code zhi_file_settle(const char *temporary, const char *path, struct zhi_err *e) {
  if (is_special(path))
    return zhi_fail(e, ZHI_EUSAGE, "'%s' is a device or a pipe; this needs a file", path);
  int fd = open(temporary, O_RDONLY | O_CLOEXEC);
  enum zhi_code rc = ZHI_OK;
  if (fd < 0 || fsync(fd) != 0)
    rc = zhi_fail_errno(e, "cannot write '%s'", temporary);
  if (fd >= 0)
    close(fd);
  if (rc == ZHI_OK && rename(temporary, path) != 0)
    rc = zhi_fail_errno(e, "cannot replace '%s'", path);
  return rc ? rc : sync_folder(path, e);
}

enum zhi_code zhi_out_finish(struct zhi_out *f, enum zhi_code rc, struct zhi_err *e) {
  if (!f->path)
    return rc;
  if (close(f->fd) != 0 && rc == ZHI_OK)
    rc = zhi_fail_errno(e, "cannot write '%s'", f->path);
  if (rc == ZHI_OK && f->temporary)
    rc = zhi_file_settle(f->temporary, f->path, e);
  if (rc && f->temporary)
    unlink(f->temporary);
  out_release(f);
  return rc;
}

enum zhi_code zhi_file_digest(const char *path, char out[ZHI_DIGEST_TEXT_SIZE], int64_t *bytes,
                              struct zhi_err *e) {
  struct zhi_digest d;
  unsigned char raw[64];
  char chunk[65536];
  ssize_t n;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return zhi_fail_errno(e, "cannot open '%s'", path);
  enum zhi_code rc = zhi_digest_init(&d, ZHI_SHA256, e);
  if (rc == ZHI_OK) {
    *bytes = 0;
    while ((n = read(fd, chunk, sizeof chunk)) > 0) {
      zhi_digest_add(&d, chunk, (size_t)n);
      *bytes += n;
    }
    if (n < 0)
      rc = zhi_fail_errno(e, "cannot read '%s'", path);
    zhi_digest_final(&d, raw);
    zhi_digest_sha256_text(raw, out);
  }
  close(fd);
  return rc;
}

const char *zhi_tmp_dir(void) {
  const char *dir = getenv("TMPDIR");
  return dir && dir[0] ? dir : "/tmp";
}

enum zhi_code zhi_make_folders(const char *dir, struct zhi_err *e) {
  struct zhi_buf path;
  enum zhi_code rc = ZHI_OK;
  zhi_buf_init(&path, 4096);
  for (const char *p = dir; *p && rc == ZHI_OK; p++) {
    zhi_buf_addc(&path, *p);
    if ((p[1] == '/' || p[1] == '\0') && *p != '/' && !path.failed && mkdir(path.p, 0777) != 0 &&
        errno != EEXIST)
      rc = zhi_fail_errno(e, "cannot make the folder '%s'", path.p);
  }
  zhi_buf_release(&path);
  return rc;
}
