/* Files: read to the end, whatever signals come. */
#include "zhi/file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

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
