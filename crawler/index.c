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

struct look_up {
  struct zhi_store *store;
  const char *warc; /* as the catalogue has it */
};

static enum zhi_code original_of(void *ctx, const char *path, uint64_t offset, bool *found,
                                 struct zhi_cdxj_original *out, struct zhi_err *e) {
  struct look_up *u = ctx;
  struct zhi_place p;
  (void)path;
  enum zhi_code rc =
      zhi_store_original_place(u->store, zhi_str_of(u->warc), (int64_t)offset, found, &p, e);
  if (rc || !*found)
    return rc;
  const char *slash = strrchr(p.warc_file, '/');
  *out = (struct zhi_cdxj_original){.offset = (uint64_t)p.offset, .length = (uint64_t)p.length};
  snprintf(out->file, sizeof out->file, "%s", slash ? slash + 1 : p.warc_file);
  return ZHI_OK;
}

enum zhi_code zhi_archive_index_file(struct zhi_store *store, const char *warc, const char *path,
                                     int fd, struct zhi_err *e) {
  struct look_up u = {store, warc};
  struct zhi_cdxj_options o = {.original = original_of, .ctx = &u};
  char *paths[] = {(char *)(uintptr_t)path};
  return zhi_cdxj_index(paths, 1, fd, &o, e);
}

static enum zhi_code write_index(struct zhi_store *store, const char *archive, const char *warc,
                                 struct zhi_err *e) {
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
  enum zhi_code rc = zhi_archive_index_file(store, warc, source, fd, e);
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

struct indexing {
  struct zhi_store *store;
  const char *archive;
};

static enum zhi_code index_one(void *ctx, const struct zhi_warc_state *w, struct zhi_err *e) {
  struct indexing *x = ctx;
  return w->closed ? write_index(x->store, x->archive, w->file, e) : ZHI_OK;
}

enum zhi_code zhi_archive_index(struct zhi_store *store, const char *archive, struct zhi_err *e) {
  struct indexing x = {store, archive};
  return zhi_store_each_warc(store, index_one, &x, e);
}
