/* Downloads by way of a temporary folder. */
#include "serve/download.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "zhi/file.h"

enum { PATH_BYTES = 4096, PIECE = 1 << 16 };

static void remove_folder(const char *folder) {
  DIR *d = opendir(folder);
  const struct dirent *x;
  while (d && (x = readdir(d)))
    if (x->d_name[0] != '.')
      unlinkat(dirfd(d), x->d_name, 0);
  if (d)
    closedir(d);
  rmdir(folder);
}

enum zhi_code download_make(enum zhi_code (*make)(void *ctx, const char *path, struct zhi_err *e),
                            void *ctx, int *fd, struct zhi_err *e) {
  char folder[PATH_BYTES], path[PATH_BYTES + 16];
  snprintf(folder, sizeof folder, "%s/xianzhi-serve-XXXXXX", zhi_tmp_dir());
  if (!mkdtemp(folder))
    return zhi_fail_errno(e, "cannot make a temporary folder");
  snprintf(path, sizeof path, "%s/download", folder);
  enum zhi_code rc = make(ctx, path, e);
  if (!rc && (*fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
    rc = zhi_fail_errno(e, "cannot open '%s'", path);
  remove_folder(folder);
  return rc;
}

enum zhi_code download_send(int fd, struct serve_pipe *p, struct zhi_err *e) {
  char bytes[PIECE];
  enum zhi_code rc = ZHI_OK;
  ssize_t n;
  while (!rc && (n = read(fd, bytes, sizeof bytes)) != 0)
    rc = n < 0 ? zhi_fail_errno(e, "cannot read a temporary file")
               : serve_pipe_write(p, zhi_str_n(bytes, (size_t)n), e);
  return rc;
}
