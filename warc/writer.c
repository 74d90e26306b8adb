/* Writer: one owner, one open file, nothing half written stays.
 *
 * The file is NAME.open until it is closed. `length` is the end of the last whole capture; every
 * write goes there by pwrite, and whatever goes wrong the file is cut back to it. When even that
 * fails, or fdatasync fails (the kernel may have dropped dirty pages), `failed` forbids further
 * writing and only zhi_warc_abandon remains. A rename never replaces a file: serials that are taken
 * are passed over. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "warc/record.h"
#include "zhi/file.h"

enum { NAME_SIZE = 192, PIECE_BYTES = 256 * 1024, SERIAL_TRIES = 10000 };

struct zhi_warc_writer {
  struct zhi_warc_writer_options o; /* strings are ours */
  struct zhi_buf info;
  struct zhi_warc_packer *packer; /* for warcinfo */
  uint32_t serial;
  char info_id[48];
  int fd;               /* -1: none open */
  char name[NAME_SIZE]; /* "2026/xianzhi-….warc.gz" */
  uint64_t length;
  bool dirty, failed;
};

static bool safe_name(const char *s) {
  if (!s[0] || strlen(s) > 64)
    return false;
  for (; *s; s++) {
    bool ok = (*s >= '0' && *s <= '9') || (*s >= 'A' && *s <= 'Z') || (*s >= 'a' && *s <= 'z') ||
              *s == '.' || *s == '_' || *s == '-';
    if (!ok)
      return false;
  }
  return true;
}

enum zhi_code zhi_warc_writer_new(const struct zhi_warc_writer_options *o,
                                  struct zhi_warc_writer **out, struct zhi_err *e) {
  if (!safe_name(o->crawl_id) || !safe_name(o->host_label))
    return zhi_fail(e, ZHI_EUSAGE, "'%s-%s' cannot be part of a file name", o->crawl_id,
                    o->host_label);
  struct zhi_warc_writer *w = calloc(1, sizeof *w);
  if (!w)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a WARC writer");
  w->o = *o;
  w->fd = -1;
  w->serial = o->first_serial;
  w->o.dir = strdup(o->dir);
  w->o.crawl_id = strdup(o->crawl_id);
  w->o.host_label = strdup(o->host_label);
  zhi_buf_init(&w->info, 512 * 1024);
  zhi_buf_addstr(&w->info, o->info_fields);
  zhi_warc_new_id(o->ids, w->info_id);
  enum zhi_code rc = zhi_buf_check(&w->info, "the warcinfo fields", e);
  if (!rc && (!w->o.dir || !w->o.crawl_id || !w->o.host_label))
    rc = zhi_fail(e, ZHI_ENOMEM, "out of memory for a WARC writer");
  if (!rc)
    rc = zhi_warc_packer_new(6, zhi_tmp_dir(), o->ids, &w->packer, e);
  if (rc)
    zhi_warc_writer_free(w);
  else
    *out = w;
  return rc;
}

void zhi_warc_writer_free(struct zhi_warc_writer *w) {
  if (!w)
    return;
  if (w->fd >= 0)
    close(w->fd);
  zhi_warc_packer_free(w->packer);
  zhi_buf_release(&w->info);
  free((char *)(uintptr_t)w->o.dir);
  free((char *)(uintptr_t)w->o.crawl_id);
  free((char *)(uintptr_t)w->o.host_label);
  free(w);
}

/* --- paths ------------------------------------------------------------------------------------ */

/* DIR/<file><suffix> in a new buffer the size of a path. */
struct path {
  char p[4096];
};

static enum zhi_code make_path(struct path *out, const char *dir, const char *file,
                               const char *suffix, struct zhi_err *e) {
  int n = snprintf(out->p, sizeof out->p, "%s/%s%s", dir, file, suffix);
  if (n < 0 || (size_t)n >= sizeof out->p)
    return zhi_fail(e, ZHI_ELIMIT, "the path of '%s' is too long", file);
  return ZHI_OK;
}

/* fsync the folder that holds `path`: makes names durable. */
static enum zhi_code sync_folder_of(const char *path, struct zhi_err *e) {
  struct path dir;
  snprintf(dir.p, sizeof dir.p, "%s", path);
  char *slash = strrchr(dir.p, '/');
  if (slash)
    *slash = '\0';
  int fd = open(slash ? dir.p : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return zhi_fail_errno(e, "cannot open folder '%s'", dir.p);
  enum zhi_code rc = fsync(fd) == 0 ? ZHI_OK : zhi_fail_errno(e, "cannot sync folder '%s'", dir.p);
  close(fd);
  return rc;
}

static bool exists(const char *path) {
  struct stat st;
  return lstat(path, &st) == 0;
}

static enum zhi_code rename_new(const char *from, const char *to, struct zhi_err *e) {
  if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
    return sync_folder_of(to, e);
  if (errno == EINVAL ||
      errno == ENOSYS) { /* a file system without the flag: link keeps the promise */
    if (link(from, to) == 0) {
      unlink(from);
      return sync_folder_of(to, e);
    }
  }
  return zhi_fail_errno(e, "cannot rename '%s'", from);
}

/* --- open ------------------------------------------------------------------------------------- */

static enum zhi_code make_year_folder(const struct zhi_warc_writer *w, const char *year,
                                      struct zhi_err *e) {
  struct path p;
  enum zhi_code rc = make_path(&p, w->o.dir, year, "", e);
  if (rc || mkdir(p.p, 0777) == 0)
    return rc ? rc : sync_folder_of(p.p, e);
  return errno == EEXIST ? ZHI_OK : zhi_fail_errno(e, "cannot make folder '%s'", p.p);
}

/* Create NAME.open under the first serial that is free. */
static enum zhi_code create_file(struct zhi_warc_writer *w, const char *year, struct zhi_err *e) {
  struct path open_path, final_path;
  for (int i = 0; i < SERIAL_TRIES; i++, w->serial++) {
    snprintf(w->name, sizeof w->name, "%s/xianzhi-%s-%05u-%s.warc.gz", year, w->o.crawl_id,
             (unsigned)w->serial, w->o.host_label);
    enum zhi_code rc = make_path(&final_path, w->o.dir, w->name, "", e);
    if (!rc)
      rc = make_path(&open_path, w->o.dir, w->name, ".open", e);
    if (rc)
      return rc;
    if (exists(final_path.p))
      continue;
    w->fd = open(open_path.p, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
    if (w->fd >= 0)
      return sync_folder_of(open_path.p, e);
    if (errno != EEXIST)
      return zhi_fail_errno(e, "cannot create '%s'", open_path.p);
  }
  return zhi_fail(e, ZHI_ECONFLICT, "all serials up to %u are taken in '%s'", (unsigned)w->serial,
                  w->o.dir);
}

static void forget_file(struct zhi_warc_writer *w) {
  if (w->fd >= 0)
    close(w->fd);
  w->fd = -1;
  w->name[0] = '\0';
  w->length = 0;
  w->dirty = w->failed = false;
}

/* Close and remove the current file: it holds nothing worth keeping. */
static void discard_file(struct zhi_warc_writer *w) {
  struct path p;
  if (make_path(&p, w->o.dir, w->name, ".open", NULL) == ZHI_OK && w->fd >= 0) {
    unlink(p.p);
    if (sync_folder_of(p.p, NULL) != ZHI_OK) {
      /* An empty file may come back after a power cut; recovery sets it aside. */
    }
  }
  forget_file(w);
}

static enum zhi_code write_spool(struct zhi_warc_writer *w, const struct zhi_spool *s,
                                 struct zhi_err *e);

static enum zhi_code open_file(struct zhi_warc_writer *w, struct zhi_err *e) {
  int64_t now = zhi_now_ms(w->o.clock);
  char ts[ZHI_TS14_SIZE], year[5];
  zhi_time_ts14(now, ts);
  snprintf(year, sizeof year, "%.4s", ts);
  struct zhi_spool info;
  zhi_spool_init(&info, zhi_tmp_dir(), 1 << 20, UINT64_MAX);
  enum zhi_code rc = make_year_folder(w, year, e);
  if (!rc)
    rc = create_file(w, year, e);
  if (!rc)
    rc = zhi_warc_pack_info(w->packer, w->info_id, strrchr(w->name, '/') + 1, now,
                            zhi_buf_view(&w->info), &info, e);
  if (!rc)
    rc = write_spool(w, &info, e);
  zhi_spool_release(&info);
  if (rc)
    discard_file(w);
  return rc;
}

/* --- append ----------------------------------------------------------------------------------- */

static enum zhi_code write_all(int fd, const char *p, size_t n, uint64_t at, const char *name,
                               struct zhi_err *e) {
  while (n) {
    ssize_t put = pwrite(fd, p, n, (off_t)at);
    if (put < 0 && errno == EINTR)
      continue;
    if (put == 0)
      errno = ENOSPC;
    if (put <= 0)
      return zhi_fail_errno(e, "cannot write to '%s'", name);
    p += put;
    at += (uint64_t)put;
    n -= (size_t)put;
  }
  return ZHI_OK;
}

/* Write at w->length and move it; on failure cut back. */
static enum zhi_code write_spool(struct zhi_warc_writer *w, const struct zhi_spool *s,
                                 struct zhi_err *e) {
  struct zhi_str whole = zhi_spool_view(s);
  enum zhi_code rc = ZHI_OK;
  w->dirty = true;
  if (whole.p) {
    rc = write_all(w->fd, whole.p, whole.len, w->length, w->name, e);
  } else {
    char *piece = malloc(PIECE_BYTES);
    if (!piece)
      rc = zhi_fail(e, ZHI_ENOMEM, "out of memory for a piece of a capture");
    size_t got = 1;
    for (uint64_t at = 0; !rc && got; at += got) {
      rc = zhi_spool_read(s, at, piece, PIECE_BYTES, &got, e);
      if (!rc)
        rc = write_all(w->fd, piece, got, w->length + at, w->name, e);
    }
    free(piece);
  }
  if (!rc)
    w->length += s->len;
  else if (ftruncate(w->fd, (off_t)w->length) != 0)
    w->failed = true;
  return rc;
}

enum zhi_code zhi_warc_append(struct zhi_warc_writer *w, const struct zhi_warc_packed *p,
                              struct zhi_recref *ref, struct zhi_err *e) {
  if (w->failed)
    return zhi_fail(e, ZHI_EIO, "'%s' failed before and is not written again", w->name);
  bool opened = w->fd < 0;
  enum zhi_code rc = opened ? open_file(w, e) : ZHI_OK;
  if (rc)
    return rc;
  uint64_t at = w->length;
  rc = write_spool(w, &p->bytes, e);
  if (rc) {
    if (opened)
      discard_file(w);
    return rc;
  }
  memcpy(ref->file, w->name, sizeof ref->file);
  ref->offset = at;
  ref->length = p->response_length;
  return ZHI_OK;
}

enum zhi_code zhi_warc_sync(struct zhi_warc_writer *w, struct zhi_err *e) {
  if (w->failed)
    return zhi_fail(e, ZHI_EIO, "'%s' failed before and is not written again", w->name);
  if (w->fd < 0 || !w->dirty)
    return ZHI_OK;
  if (fdatasync(w->fd) != 0) {
    w->failed = true;
    return zhi_fail_errno(e, "cannot sync '%s'", w->name);
  }
  w->dirty = false;
  return ZHI_OK;
}

uint64_t zhi_warc_position(const struct zhi_warc_writer *w, char name[192]) {
  memcpy(name, w->name, NAME_SIZE);
  return w->length;
}

struct zhi_str zhi_warc_writer_info_id(const struct zhi_warc_writer *w) {
  return zhi_str_of(w->info_id);
}

bool zhi_warc_full(const struct zhi_warc_writer *w) {
  return w->fd >= 0 && w->length >= w->o.max_bytes;
}

/* --- close ------------------------------------------------------------------------------------ */

static enum zhi_code finish_file(struct zhi_warc_writer *w, struct zhi_err *e) {
  struct path from, to;
  enum zhi_code rc = make_path(&from, w->o.dir, w->name, ".open", e);
  if (!rc)
    rc = make_path(&to, w->o.dir, w->name, "", e);
  if (!rc)
    rc = rename_new(from.p, to.p, e);
  if (rc)
    return rc;
  forget_file(w);
  w->serial++;
  zhi_warc_new_id(w->o.ids, w->info_id);
  return ZHI_OK;
}

enum zhi_code zhi_warc_close(struct zhi_warc_writer *w, struct zhi_err *e) {
  if (w->fd < 0)
    return ZHI_OK;
  enum zhi_code rc = zhi_warc_sync(w, e);
  return rc ? rc : finish_file(w, e);
}

enum zhi_code zhi_warc_abandon(struct zhi_warc_writer *w, uint64_t committed, struct zhi_err *e) {
  if (w->fd < 0)
    return ZHI_OK;
  if (committed == 0) {
    discard_file(w);
    w->serial++;
    zhi_warc_new_id(w->o.ids, w->info_id);
    return ZHI_OK;
  }
  struct stat st;
  if (fstat(w->fd, &st) != 0)
    return zhi_fail_errno(e, "cannot look at '%s'", w->name);
  if ((uint64_t)st.st_size < committed)
    return zhi_fail(e, ZHI_EPARSE, "'%s' has %lld bytes, fewer than the %llu committed", w->name,
                    (long long)st.st_size, (unsigned long long)committed);
  if (ftruncate(w->fd, (off_t)committed) != 0)
    return zhi_fail_errno(e, "cannot cut '%s'", w->name);
  if (fsync(w->fd) != 0) {
    /* The committed part was synced before; only the cut may be lost, and recovery repeats it. */
  }
  return finish_file(w, e);
}
