/* Index: one sorted CDXJ file beside each closed WARC file. Derived: it may be removed and is made again. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crawler/archive.h"
#include "zhi/warc.h"

static void make_folder(const char *path) {
  if (mkdir(path, 0777) != 0 && errno != EEXIST)
    return; /* opening the file in it tells the cause */
}

static enum zhi_code write_index(const char *archive, const char *warc, struct zhi_err *e) {
  char folder[4096], target[4500], temporary[4600], source[4500];
  const char *name = strrchr(warc, '/') ? strrchr(warc, '/') + 1 : warc;
  snprintf(folder, sizeof folder, "%s/index", archive);
  snprintf(target, sizeof target, "%s/%s.cdxj", folder, name);
  snprintf(temporary, sizeof temporary, "%s.tmp", target);
  snprintf(source, sizeof source, "%s/warc/%s", archive, warc);
  if (access(target, F_OK) == 0)
    return ZHI_OK;
  make_folder(folder);
  int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0)
    return zhi_fail_errno(e, "cannot write '%s'", temporary);
  char *paths[] = {source};
  enum zhi_code rc = zhi_cdxj_index(paths, 1, fd, NULL, NULL, e);
  if (!rc && fsync(fd) != 0)
    rc = zhi_fail_errno(e, "cannot sync '%s'", temporary);
  if (close(fd) != 0 && !rc)
    rc = zhi_fail_errno(e, "cannot write '%s'", temporary);
  if (!rc && rename(temporary, target) != 0)
    rc = zhi_fail_errno(e, "cannot rename '%s'", temporary);
  if (rc)
    unlink(temporary);
  return rc;
}

static enum zhi_code index_one(void *ctx, const struct zhi_warc_state *w, struct zhi_err *e) {
  return w->closed ? write_index(ctx, w->file, e) : ZHI_OK;
}

enum zhi_code zhi_archive_index(struct zhi_store *store, const char *archive, struct zhi_err *e) {
  char path[4096];
  snprintf(path, sizeof path, "%s", archive);
  return zhi_store_each_warc(store, index_one, path, e);
}
