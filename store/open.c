/* Opening and closing an archive: the folder, the lock, the connection.
 *
 * DIR/lock is flock()ed for as long as a writing handle lives, and names its holder's process. The file stays: to
 * unlink a lock file is a race. While its holder waits for room on the disk, byte ROOM_BYTE of it is locked: that needs
 * no room, and ends with the process. A reader needs no lock; where it cannot make the shared-memory file of the log (a
 * read-only folder) and nobody writes, it opens the database as immutable. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/internal.h"
#include "zhi/file.h"

enum { ROOM_BYTE = 1 << 20 };

void zhi_store_begin(void) { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

static char *join(const char *dir, const char *name) {
  char *p = NULL;
  return asprintf(&p, "%s/%s", dir, name) < 0 ? NULL : p;
}

static enum zhi_code lock_held(const char *dir, int fd, struct zhi_err *e) {
  char who[32] = "";
  ssize_t n = pread(fd, who, sizeof who - 1, 0);
  size_t len = n > 0 ? strspn(who, "0123456789") : 0;
  if (len == 0)
    return zhi_fail(e, ZHI_ECONFLICT, "archive '%s' is in use by another process", dir);
  return zhi_fail(e, ZHI_ECONFLICT, "archive '%s' is in use by process %.*s", dir, (int)len, who);
}

static enum zhi_code take_lock(struct zhi_store *s, struct zhi_err *e) {
  char *path = join(s->dir, "lock");
  enum zhi_code rc = ZHI_OK;
  if (!path)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a path");
  int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0) {
    rc = zhi_fail_errno(e, "cannot open '%s'", path);
  } else if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    rc = errno == EWOULDBLOCK ? lock_held(s->dir, fd, e)
                              : zhi_fail_errno(e, "cannot lock '%s'", path);
    close(fd);
  } else {
    char who[32];
    int n = snprintf(who, sizeof who, "%ld\n", (long)getpid());
    s->lock_fd = fd;
    if (ftruncate(fd, 0) != 0 || pwrite(fd, who, (size_t)n, 0) != n)
      rc = zhi_fail_errno(e, "cannot write to '%s'", path);
  }
  free(path);
  return rc;
}

bool zhi_somebody_writes(const struct zhi_store *s) {
  char *path = join(s->dir, "lock");
  int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  bool held = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0;
  if (fd >= 0)
    close(fd);
  free(path);
  return held;
}

void zhi_store_wait_for_room(struct zhi_store *s, bool waits) {
  struct flock room = {
      .l_type = waits ? F_WRLCK : F_UNLCK, .l_whence = SEEK_SET, .l_start = ROOM_BYTE, .l_len = 1};
  fcntl(s->lock_fd, F_OFD_SETLK, &room); /* where it cannot be had, readers are not told */
}

bool zhi_somebody_waits_for_room(const struct zhi_store *s) {
  struct flock room = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = ROOM_BYTE, .l_len = 1};
  char *path = join(s->dir, "lock");
  int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  bool waits = fd >= 0 && fcntl(fd, F_OFD_GETLK, &room) == 0 && room.l_type != F_UNLCK;
  if (fd >= 0)
    close(fd);
  free(path);
  return waits;
}

static bool log_is_empty(const struct zhi_store *s) {
  struct stat st;
  char *path = NULL;
  bool empty = asprintf(&path, "%s-wal", s->path) >= 0 && (stat(path, &st) != 0 || st.st_size == 0);
  free(path);
  return empty;
}

static void disconnect(struct zhi_store *s) {
  for (int i = 0; i < ST_COUNT; i++) {
    sqlite3_finalize(s->stmt[i]);
    s->stmt[i] = NULL;
  }
  sqlite3_finalize(s->add_document);
  s->add_document = NULL;
  sqlite3_close(s->db);
  s->db = NULL;
}

static enum zhi_code connect(struct zhi_store *s, const char *name, int flags, struct zhi_err *e) {
  int rc = sqlite3_open_v2(name, &s->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
  if (!s->db)
    return zhi_fail(e, ZHI_ENOMEM, "cannot open '%s': out of memory", s->path);
  if (rc)
    return zhi_db_fail(s, e, "open");
  sqlite3_busy_timeout(s->db, 5000);
  char sql[256];
  snprintf(sql, sizeof sql,
           "PRAGMA cache_size = -%d; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF",
           s->mode == ZHI_STORE_READ ? STORE_READ_CACHE_KIB : STORE_CACHE_KIB);
  enum zhi_code code = zhi_db_exec(s, sql, e);
  if (code || s->mode == ZHI_STORE_READ)
    return code;
  snprintf(sql, sizeof sql,
           "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = %d;"
           "PRAGMA journal_size_limit = %d",
           STORE_CHECKPOINT_PAGES, 4 * 4096 * STORE_CHECKPOINT_PAGES);
  s->durable_now = true;
  return zhi_db_exec(s, sql, e);
}

/* "file:" URI of a path, for immutable=1. */
static void uri_of(const char *path, struct zhi_buf *out) {
  zhi_buf_adds(out, "file:");
  for (const char *p = path; *p; p++)
    if (*p == '?' || *p == '#' || *p == '%')
      zhi_buf_addf(out, "%%%02X", (unsigned char)*p);
    else
      zhi_buf_addc(out, *p);
  zhi_buf_adds(out, "?immutable=1");
}

static enum zhi_code open_reading(struct zhi_store *s, struct zhi_err *e) {
  struct zhi_err why = {0};
  enum zhi_code rc = connect(s, s->path, SQLITE_OPEN_READONLY, &why);
  if (rc == ZHI_OK && (rc = zhi_schema_open(s, false, &why)) == ZHI_OK)
    return ZHI_OK;
  if (rc == ZHI_EIO && !zhi_somebody_writes(s) && log_is_empty(s)) {
    struct zhi_buf uri;
    zhi_buf_init(&uri, 16384);
    uri_of(s->path, &uri);
    disconnect(s);
    rc = connect(s, uri.p, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, &why);
    if (rc == ZHI_OK)
      rc = zhi_schema_open(s, false, &why);
    zhi_buf_release(&uri);
  }
  if (rc && e)
    *e = why;
  return rc;
}

static enum zhi_code open_writing(struct zhi_store *s, struct zhi_err *e) {
  bool create = s->mode == ZHI_STORE_CREATE;
  enum zhi_code rc = take_lock(s, e);
  if (rc ||
      (rc = connect(s, s->path, SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0), e)))
    return rc;
  return zhi_schema_open(s, create, e);
}

enum zhi_code zhi_store_open(const char *dir, enum zhi_store_mode mode,
                             const struct zhi_clock *clock, struct zhi_store **out,
                             struct zhi_err *e) {
  enum zhi_code rc = ZHI_OK;
  struct zhi_store *s = calloc(1, sizeof *s);
  if (!s)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for an archive's handle");
  s->lock_fd = -1;
  s->mode = mode;
  s->clock = *clock;
  s->dir = strdup(dir);
  s->path = join(dir, "xianzhi.db");
  zhi_fr_release(&s->fr);
  if (!s->dir || !s->path) {
    rc = zhi_fail(e, ZHI_ENOMEM, "out of memory for an archive's handle");
    goto fail;
  }
  if (mode == ZHI_STORE_CREATE && (rc = zhi_make_folders(dir, e)))
    goto fail;
  if (mode != ZHI_STORE_CREATE && access(s->path, F_OK) != 0) {
    rc = zhi_fail_errno(e, "cannot open the archive '%s'", dir);
    goto fail;
  }
  if ((rc = mode == ZHI_STORE_READ ? open_reading(s, e) : open_writing(s, e)))
    goto fail;
  *out = s;
  return ZHI_OK;
fail:
  zhi_store_close(s);
  return rc;
}

void zhi_store_set_cache(struct zhi_store *s, int kib) {
  char sql[64];
  snprintf(sql, sizeof sql, "PRAGMA cache_size = -%d; PRAGMA shrink_memory", kib);
  sqlite3_exec(s->db, sql, NULL, NULL, NULL);
}

void zhi_store_close(struct zhi_store *s) {
  if (!s)
    return;
  if (s->db && s->mode != ZHI_STORE_READ)
    sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
  disconnect(s);
  if (s->lock_fd >= 0) {
    if (ftruncate(s->lock_fd, 0) != 0) {
      /* the next holder writes its own number over it */
    }
    close(s->lock_fd);
  }
  zhi_fr_release(&s->fr);
  zhi_seen_release(&s->seen);
  zhi_map_release(&s->warc_ids);
  free(s->dir);
  free(s->path);
  free(s);
}
