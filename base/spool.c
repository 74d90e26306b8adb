/* Spool: a capped memory buffer that spills to an unlinked file. */
#include "zhi/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

void zhi_spool_init(struct zhi_spool *s, const char *dir, size_t mem_max, uint64_t max_bytes) {
  *s = (struct zhi_spool){.dir = dir, .mem_max = mem_max, .max_bytes = max_bytes, .fd = -1};
  zhi_buf_init(&s->mem, mem_max);
}

static enum zhi_code write_at(int fd, const char *p, size_t n, uint64_t at, struct zhi_err *e) {
  while (n) {
    ssize_t w = pwrite(fd, p, n, (off_t)at);
    if (w < 0 && errno == EINTR)
      continue;
    if (w <= 0)
      return zhi_fail_errno(e, "cannot write a temporary file");
    p += w;
    n -= (size_t)w;
    at += (uint64_t)w;
  }
  return ZHI_OK;
}

static enum zhi_code spill(struct zhi_spool *s, struct zhi_err *e) {
  int fd = open(s->dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0)
    return zhi_fail_errno(e, "cannot make a temporary file in '%s'", s->dir);
  enum zhi_code rc = write_at(fd, s->mem.p, s->mem.len, 0, e);
  if (rc) {
    close(fd);
    return rc;
  }
  s->fd = fd;
  zhi_buf_release(&s->mem);
  return ZHI_OK;
}

enum zhi_code zhi_spool_add(struct zhi_spool *s, const void *p, size_t n, struct zhi_err *e) {
  uint64_t room = s->max_bytes - s->len;
  bool over = n > room;
  if (over)
    n = (size_t)room;
  if (s->fd < 0 && n <= s->mem_max - s->mem.len) {
    zhi_buf_add(&s->mem, p, n);
    if (s->mem.failed) {
      s->mem.failed = s->mem.starved = 0;
      return zhi_fail(e, ZHI_ENOMEM, "out of memory for a body of %zu bytes", s->mem.len + n);
    }
  } else {
    enum zhi_code rc = s->fd < 0 ? spill(s, e) : ZHI_OK;
    if (!rc)
      rc = write_at(s->fd, p, n, s->len, e);
    if (rc)
      return rc;
  }
  s->len += n;
  if (over)
    return zhi_fail(e, ZHI_ELIMIT, "body is larger than %llu bytes",
                    (unsigned long long)s->max_bytes);
  return ZHI_OK;
}

enum zhi_code zhi_spool_read(const struct zhi_spool *s, uint64_t offset, void *p, size_t n,
                             size_t *got, struct zhi_err *e) {
  *got = 0;
  if (offset >= s->len)
    return ZHI_OK;
  if (n > s->len - offset)
    n = (size_t)(s->len - offset);
  if (s->fd < 0) {
    memcpy(p, s->mem.p + offset, n);
    *got = n;
    return ZHI_OK;
  }
  while (*got < n) {
    ssize_t r = pread(s->fd, (char *)p + *got, n - *got, (off_t)(offset + *got));
    if (r < 0 && errno == EINTR)
      continue;
    if (r <= 0)
      return zhi_fail_errno(e, "cannot read back a temporary file");
    *got += (size_t)r;
  }
  return ZHI_OK;
}

struct zhi_str zhi_spool_view(const struct zhi_spool *s) {
  return s->fd < 0 ? zhi_buf_view(&s->mem) : ZHI_STR_NONE;
}

enum zhi_code zhi_spool_slurp(const struct zhi_spool *s, size_t max, struct zhi_buf *out,
                              struct zhi_err *e) {
  char chunk[16384];
  uint64_t at = 0;
  while (at < s->len && at < max) {
    size_t want = max - at < sizeof chunk ? (size_t)(max - at) : sizeof chunk, got;
    enum zhi_code rc = zhi_spool_read(s, at, chunk, want, &got, e);
    if (rc)
      return rc;
    zhi_buf_add(out, chunk, got);
    at += got;
  }
  return zhi_buf_check(out, "a body", e);
}

void zhi_spool_clear(struct zhi_spool *s) {
  if (s->fd >= 0)
    close(s->fd);
  s->fd = -1;
  s->len = 0;
  zhi_buf_clear(&s->mem);
}

void zhi_spool_release(struct zhi_spool *s) {
  zhi_spool_clear(s);
  zhi_buf_release(&s->mem);
}
