/* Repair: the catalogue follows what is left of the WARC files.
 *
 * A capture whose record is lost keeps its row and document, which are then all that is known of it, without a place in
 * a WARC file and with the reason in `error`. Nothing may refer to its body any longer, and its URL is due again; so are
 * the URLs of revisits whose body it was. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/internal.h"

enum { ASIDE_MAX = 100 };

enum zhi_code zhi_store_damaged(const char *dir, bool *out, struct zhi_err *e) {
  char *path = NULL;
  sqlite3 *db = NULL;
  sqlite3_stmt *st = NULL;
  if (asprintf(&path, "%s/xianzhi.db", dir) < 0)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a path");
  int rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);
  if (!rc)
    rc = sqlite3_prepare_v2(db, "PRAGMA integrity_check(1)", -1, &st, NULL);
  if (!rc)
    rc = sqlite3_step(st);
  *out = access(path, F_OK) != 0 || rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB ||
         (rc == SQLITE_ROW && strcmp(zhi_col_text(st, 0), "ok") != 0);
  enum zhi_code code = rc == SQLITE_ROW || *out
                           ? ZHI_OK
                           : zhi_fail(e, ZHI_EIO, "cannot read '%s': %s", path, sqlite3_errmsg(db));
  sqlite3_finalize(st);
  sqlite3_close(db);
  free(path);
  return code;
}

/* The first of NAME.damaged, NAME.damaged.1, … that is free. */
static bool free_name(const char *dir, char name[64]) {
  for (int i = 0; i < ASIDE_MAX; i++) {
    char *path = NULL;
    if (i)
      snprintf(name, 64, "xianzhi.db.damaged.%d", i);
    else
      snprintf(name, 64, "xianzhi.db.damaged");
    bool taken = asprintf(&path, "%s/%s", dir, name) < 0 || access(path, F_OK) == 0;
    free(path);
    if (!taken)
      return true;
  }
  return false;
}

enum zhi_code zhi_store_set_aside(const char *dir, char name[64], struct zhi_err *e) {
  static const char *const parts[] = {"-wal", "-shm", ""}; /* the database last: it is what tells */
  enum zhi_code rc = ZHI_OK;
  if (!free_name(dir, name))
    return zhi_fail(e, ZHI_ECONFLICT, "too many damaged databases in '%s'", dir);
  for (size_t i = 0; i < sizeof parts / sizeof *parts && !rc; i++) {
    char *from = NULL, *to = NULL;
    if (asprintf(&from, "%s/xianzhi.db%s", dir, parts[i]) < 0 ||
        asprintf(&to, "%s/%s%s", dir, name, parts[i]) < 0)
      rc = zhi_fail(e, ZHI_ENOMEM, "out of memory for a path");
    else if (rename(from, to) != 0 && errno != ENOENT)
      rc = zhi_fail_errno(e, "cannot set '%s' aside", from);
    free(from);
    free(to);
  }
  return rc;
}

/* --- a file whose records have moved ------------------------------------------------------------------------- */

static const char lose_sql[] =
    "UPDATE capture SET warc_file_id = NULL, warc_offset = NULL, "
    "warc_length = NULL, error = 'lost: its record was damaged' WHERE id = ?1";
static const char forget_sql[] = "DELETE FROM payload WHERE capture_id = ?1";
static const char due_sql[] =
    "UPDATE url SET state = 'due', good_capture_id = NULL, retry_ms = NULL WHERE id IN "
    "(SELECT url_id FROM capture WHERE id = ?1 OR original_id = ?1) AND state <> 'excluded' AND "
    "priority < 9";
static const char move_sql[] = "UPDATE capture SET warc_offset = ?2 WHERE id = ?1";

static enum zhi_code lose(struct zhi_store *s, int64_t capture, int64_t *due, struct zhi_err *e) {
  enum zhi_code rc = zhi_db_run_sql(s, forget_sql, capture, 0, e);
  if (!rc)
    rc = zhi_db_run_sql(s, due_sql, capture, 0, e);
  if (!rc)
    *due += sqlite3_changes(s->db);
  return rc ? rc : zhi_db_run_sql(s, lose_sql, capture, 0, e);
}

static enum zhi_code set_file(struct zhi_store *s, const char *file, int64_t bytes,
                              struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  enum zhi_code rc = zhi_db_prepare(
      s,
      bytes < 0 ? "DELETE FROM warc_file WHERE name = ?1"
                : "UPDATE warc_file SET committed_bytes = ?2, closed = 1 WHERE name = ?1",
      &st, e);
  if (!rc) {
    zhi_bind_text(st, 1, zhi_str_of(file));
    if (bytes >= 0)
      zhi_bind_int(st, 2, bytes);
    rc = zhi_db_run(s, st, e);
  }
  sqlite3_finalize(st);
  return rc;
}

static enum zhi_code count(struct zhi_store *s, enum zhi_statement which, struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, which, e);
  return st ? zhi_db_run(s, st, e) : ZHI_EIO;
}

enum zhi_code zhi_store_replace_warc(struct zhi_store *s, const char *file, int64_t bytes,
                                     const struct zhi_moved *moved, size_t n, int64_t *due,
                                     struct zhi_err *e) {
  enum zhi_code rc = zhi_db_begin(s, true, e);
  if (rc)
    return rc;
  for (size_t i = 0; i < n && !rc; i++)
    rc = moved[i].offset < 0
             ? lose(s, moved[i].capture_rowid, due, e)
             : zhi_db_run_sql(s, move_sql, moved[i].capture_rowid, moved[i].offset, e);
  if (!rc)
    rc = set_file(s, file, bytes, e);
  if (!rc)
    rc = count(s, ST_RECOUNT, e);
  if (!rc)
    rc = count(s, ST_COUNT_COMMIT, e);
  return zhi_db_end(s, rc, e);
}
