/* The index file, search.db: opened, attached to a catalogue, and replaced or brought up to date by one process at a
 * time (search_index.c: what goes into it).
 *
 * An index that is made anew is made beside the old one and renamed, so that a killed run leaves the old one; few
 * changes are made in one transaction. The journal is a plain one, so that a read-only folder can be read. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/search.h"
#include "zhi/browse.h"
#include "zhi/file.h"

enum { CACHE_KIB = 32 * 1024 };

enum zhi_code search_open_file(const char *path, int flags, struct zhi_store **out,
                               struct zhi_err *e) {
  struct zhi_store *s = calloc(1, sizeof *s);
  char sql[128];
  if (!s || !(s->path = strdup(path))) {
    free(s);
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for an index");
  }
  s->lock_fd = -1;
  s->mode = ZHI_STORE_READ;
  zhi_fr_release(&s->fr);
  int rc = sqlite3_open_v2(path, &s->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
  enum zhi_code code = rc ? zhi_db_fail(s, e, "open") : ZHI_OK;
  snprintf(sql, sizeof sql, "PRAGMA cache_size = -%d", CACHE_KIB);
  if (!code) {
    sqlite3_busy_timeout(s->db, 5000);
    code = zhi_db_exec(s, sql, e);
  }
  if (code)
    zhi_store_close(s);
  else
    *out = s;
  return code;
}

enum zhi_code search_load_fold(struct zhi_store *s, struct zhi_fold *f, struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  bool row = false;
  enum zhi_code rc = zhi_db_prepare(s, "SELECT traditional, simplified FROM fold", &st, e);
  while (!rc && (rc = zhi_db_step(s, st, &row, e)) == ZHI_OK && row)
    zhi_fold_pair(f, (unsigned)zhi_col_int(st, 0), (unsigned)zhi_col_int(st, 1));
  sqlite3_finalize(st);
  return rc;
}

enum zhi_code search_attach(struct zhi_store *s, const char *path, struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  int64_t format = 0;
  enum zhi_code rc = zhi_db_prepare(s, "ATTACH ?1 AS ix", &st, e);
  if (!rc) {
    zhi_bind_text(st, 1, zhi_str_of(path));
    rc = zhi_db_run(s, st, e);
  }
  sqlite3_finalize(st);
  if (!rc)
    rc = zhi_db_int(s, "SELECT value + 0 FROM ix.about WHERE key = 'format'", &format, NULL);
  if (!rc && format == SEARCH_FORMAT)
    return ZHI_OK;
  sqlite3_exec(s->db, "DETACH ix", NULL, NULL, NULL); /* so that another one can be attached */
  if (rc)
    return zhi_fail(e, ZHI_EPARSE, "'%s' is no search index of this program", path);
  return zhi_fail(e, ZHI_EPARSE, "'%s' is of another version of this program", path);
}

enum zhi_code search_is_fresh(struct zhi_store *s, const struct search_texts *t, bool *out,
                              struct zhi_err *e) {
  int64_t now = 0, then = 0, serial = 0;
  enum zhi_code rc = zhi_browse_generation(s, &now, e);
  if (!rc)
    rc = zhi_db_int(s, "SELECT value + 0 FROM ix.about WHERE key = 'generation'", &then, e);
  if (!rc)
    rc = zhi_db_int(s, "SELECT value + 0 FROM ix.about WHERE key = 'texts'", &serial, e);
  *out = !rc && now == then && serial == t->serial;
  return rc;
}

/* --- made or brought up to date ------------------------------------------------------------------------------------- */

static enum zhi_code build_beside(struct zhi_store *catalogue, const char *path,
                                  struct zhi_search_done *done, struct zhi_err *e) {
  struct zhi_buf t;
  zhi_buf_init(&t, 8192);
  zhi_buf_addf(&t, "%s.tmp", path);
  enum zhi_code rc = zhi_buf_check(&t, "a path", e);
  if (!rc) {
    unlink(t.p);
    rc = search_build(catalogue, t.p, done, e);
    if (!rc)
      rc = zhi_file_settle(t.p, path, e);
    else
      unlink(t.p);
  }
  zhi_buf_release(&t);
  return rc;
}

static enum zhi_code lock_index(const char *path, int *fd, struct zhi_err *e) {
  struct zhi_buf t;
  zhi_buf_init(&t, 8192);
  zhi_buf_addf(&t, "%s.lock", path);
  enum zhi_code rc = zhi_buf_check(&t, "a path", e);
  *fd = rc ? -1 : open(t.p, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (!rc && *fd < 0)
    rc = zhi_fail_errno(e, "cannot open '%s'", t.p);
  else if (!rc && flock(*fd, LOCK_EX | LOCK_NB) != 0)
    rc = zhi_fail(e, ZHI_ECONFLICT, "the search index '%s' is being made by another process", path);
  if (rc && *fd >= 0)
    close(*fd);
  zhi_buf_release(&t);
  return rc;
}

static enum zhi_code is_current(const char *dir, const char *path, bool *out) {
  struct zhi_store *s = NULL;
  enum zhi_code rc = ZHI_OK;
  *out = false;
  if (access(path, R_OK) != 0)
    return ZHI_OK;
  rc = zhi_store_open(dir, ZHI_STORE_READ, &zhi_clock_system, &s, NULL);
  struct search_texts texts = {0};
  if (!rc && (search_attach(s, path, NULL) || search_texts_attach(s, &texts, NULL) ||
              search_is_fresh(s, &texts, out, NULL)))
    *out = false;
  search_texts_release(&texts);
  zhi_store_close(s);
  return rc;
}

enum zhi_code zhi_search_update(const char *dir, bool again, struct zhi_search_done *done,
                                struct zhi_err *e) {
  struct zhi_store *s = NULL;
  struct zhi_buf path;
  int fd = -1;
  bool made = false, fresh = false;
  *done = (struct zhi_search_done){0};
  zhi_buf_init(&path, 8192);
  zhi_buf_addf(&path, "%s/" SEARCH_FILE, dir);
  enum zhi_code rc = zhi_store_open(dir, ZHI_STORE_READ, &zhi_clock_system, &s, e);
  if (!rc && (rc = zhi_buf_check(&path, "a path", e)) == ZHI_OK && !again &&
      is_current(dir, path.p, &fresh) == ZHI_OK && fresh)
    done->fresh = true;
  else if (!rc && (rc = lock_index(path.p, &fd, e)) == ZHI_OK) {
    if (!again)
      rc = search_update_in_place(s, path.p, &made, done, e);
    if (!rc && !made)
      rc = build_beside(s, path.p, done, e);
  }
  if (fd >= 0)
    close(fd);
  zhi_store_close(s);
  zhi_buf_release(&path);
  return rc;
}
