/* Statements, transactions and errors of the database.
 *
 * Every statement is prepared once per handle. A transaction is opened and closed here only, so that the frontier's
 * memory is settled with it: what a failed transaction meant to change is forgotten, and the handle stays usable. */
#include <errno.h>

#include "store/internal.h"

static const char *const sql_text[ST_COUNT] = {
#define X(name, sql) sql,
    ZHI_STATEMENTS(X)
#undef X
};

static int system_errno(const struct zhi_store *s, int code) {
  int n = sqlite3_system_errno(s->db);
  switch (code) {
  case SQLITE_FULL: return ENOSPC;
  case SQLITE_READONLY: return EROFS;
  case SQLITE_CANTOPEN: return n ? n : ENOENT;
  default: return n ? n : EIO;
  }
}

enum zhi_code zhi_db_fail(const struct zhi_store *s, struct zhi_err *e, const char *what) {
  int full = sqlite3_extended_errcode(s->db), code = full & 0xff;
  enum zhi_code rc = ZHI_EIO;
  const char *cause = sqlite3_errmsg(s->db), *then = "";
  switch (code) {
  case SQLITE_NOMEM: return zhi_fail(e, ZHI_ENOMEM, "cannot %s '%s': out of memory", what, s->path);
  case SQLITE_FULL: cause = "no space left on the disk"; break;
  case SQLITE_READONLY: cause = "it is read-only"; break;
  case SQLITE_CORRUPT:
    cause = "the file is damaged", then = " (see xianzhi repair)", rc = ZHI_EPARSE;
    break;
  case SQLITE_NOTADB: cause = "not a database", rc = ZHI_EPARSE; break;
  case SQLITE_BUSY:
  case SQLITE_LOCKED: cause = "another program is writing to it", rc = ZHI_ECONFLICT; break;
  case SQLITE_CONSTRAINT:
  case SQLITE_MISUSE:
  case SQLITE_ERROR: rc = ZHI_EBUG; break;
  default: break;
  }
  int errnum = rc == ZHI_EIO ? system_errno(s, code) : 0;
  if (code == SQLITE_IOERR || code == SQLITE_CANTOPEN)
    zhi_fail(e, rc, "cannot %s '%s': %s (%s)", what, s->path, strerror(errnum), cause);
  else
    zhi_fail(e, rc, "cannot %s '%s': %s%s", what, s->path, cause, then);
  if (e)
    e->errnum = errnum;
  return rc;
}

sqlite3_stmt *zhi_db_get(struct zhi_store *s, enum zhi_statement which, struct zhi_err *e) {
  sqlite3_stmt **st = &s->stmt[which];
  if (!*st && sqlite3_prepare_v3(s->db, sql_text[which], -1, SQLITE_PREPARE_PERSISTENT, st, NULL)) {
    zhi_db_fail(s, e, "use");
    return NULL;
  }
  return *st;
}

enum zhi_code zhi_db_prepare(struct zhi_store *s, const char *sql, sqlite3_stmt **out,
                             struct zhi_err *e) {
  return sqlite3_prepare_v2(s->db, sql, -1, out, NULL) ? zhi_db_fail(s, e, "use") : ZHI_OK;
}

enum zhi_code zhi_db_step(struct zhi_store *s, sqlite3_stmt *st, bool *row, struct zhi_err *e) {
  int rc = sqlite3_step(st);
  *row = rc == SQLITE_ROW;
  if (rc == SQLITE_ROW)
    return ZHI_OK;
  enum zhi_code code = ZHI_OK;
  bool reads = sqlite3_stmt_readonly(st) && st != s->stmt[ST_COMMIT];
  if (rc != SQLITE_DONE)
    code = zhi_db_fail(s, e, reads ? "read" : "write to");
  sqlite3_reset(st);
  return code;
}

enum zhi_code zhi_db_run(struct zhi_store *s, sqlite3_stmt *st, struct zhi_err *e) {
  bool row;
  enum zhi_code rc;
  do
    rc = zhi_db_step(s, st, &row, e);
  while (rc == ZHI_OK && row);
  return rc;
}

enum zhi_code zhi_db_run_ints(struct zhi_store *s, enum zhi_statement which, int64_t a, int64_t b,
                              struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, which, e);
  if (!st)
    return ZHI_EIO;
  zhi_bind_int(st, 1, a);
  if (sqlite3_bind_parameter_count(st) > 1)
    zhi_bind_int(st, 2, b);
  return zhi_db_run(s, st, e);
}

enum zhi_code zhi_db_run_sql(struct zhi_store *s, const char *sql, int64_t a, int64_t b,
                             struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  enum zhi_code rc = zhi_db_prepare(s, sql, &st, e);
  int n = rc ? 0 : sqlite3_bind_parameter_count(st);
  if (n > 0)
    zhi_bind_int(st, 1, a);
  if (n > 1)
    zhi_bind_int(st, 2, b);
  if (!rc)
    rc = zhi_db_run(s, st, e);
  sqlite3_finalize(st);
  return rc;
}

enum zhi_code zhi_db_exec(struct zhi_store *s, const char *sql, struct zhi_err *e) {
  return sqlite3_exec(s->db, sql, NULL, NULL, NULL) ? zhi_db_fail(s, e, "use") : ZHI_OK;
}

enum zhi_code zhi_db_int(struct zhi_store *s, const char *sql, int64_t *out, struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  bool row = false;
  enum zhi_code rc = zhi_db_prepare(s, sql, &st, e);
  if (rc == ZHI_OK && (rc = zhi_db_step(s, st, &row, e)) == ZHI_OK)
    *out = row ? zhi_col_int(st, 0) : 0;
  sqlite3_finalize(st);
  return rc;
}

enum zhi_code zhi_db_ints(struct zhi_store *s, enum zhi_statement which, int64_t *out, int n,
                          struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, which, e);
  bool row = false;
  if (!st)
    return ZHI_EIO;
  enum zhi_code rc = zhi_db_step(s, st, &row, e);
  for (int k = 0; k < n && row; k++)
    out[k] = zhi_col_int(st, k);
  sqlite3_reset(st);
  return rc;
}

enum zhi_code zhi_db_begin(struct zhi_store *s, bool durable, struct zhi_err *e) {
  enum zhi_code rc = ZHI_OK;
  if (s->mode == ZHI_STORE_READ)
    return zhi_fail(e, ZHI_EBUG, "cannot write to '%s': opened for reading", s->path);
  if (durable != s->durable_now) {
    rc = zhi_db_exec(s, durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL", e);
    if (rc)
      return rc;
    s->durable_now = durable;
  }
  sqlite3_stmt *st = zhi_db_get(s, ST_BEGIN, e);
  return st ? zhi_db_run(s, st, e) : ZHI_EIO;
}

enum zhi_code zhi_db_end(struct zhi_store *s, enum zhi_code rc, struct zhi_err *e) {
  if (rc == ZHI_OK)
    rc = zhi_fr_flush(s, e);
  if (rc == ZHI_OK) {
    sqlite3_stmt *st = zhi_db_get(s, ST_COMMIT, e);
    rc = st ? zhi_db_run(s, st, e) : ZHI_EIO;
  }
  if (rc == ZHI_OK) {
    zhi_fr_apply(&s->fr);
    return ZHI_OK;
  }
  for (int i = 0; i < ST_COUNT; i++)
    sqlite3_reset(s->stmt[i]);
  sqlite3_reset(s->add_document);
  if (!sqlite3_get_autocommit(s->db))
    sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
  zhi_fr_forget(&s->fr);
  if (s->seen.slots)
    memset(s->seen.slots, 0, (s->seen.mask + 1) * sizeof *s->seen.slots);
  zhi_map_release(&s->warc_ids);
  return rc;
}

enum zhi_code zhi_db_fact(struct zhi_store *s, const char *key, char *out, size_t cap,
                          struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, ST_GET_FACT, e);
  bool row = false;
  if (!st)
    return ZHI_EIO;
  zhi_bind_text(st, 1, zhi_str_of(key));
  enum zhi_code rc = zhi_db_step(s, st, &row, e);
  if (rc)
    return rc;
  out[0] = '\0';
  if (row) {
    struct zhi_str v = zhi_str_sub(zhi_col_str(st, 0), 0, cap - 1);
    memcpy(out, v.len ? v.p : "", v.len);
    out[v.len] = '\0';
    sqlite3_reset(st);
  }
  return ZHI_OK;
}

enum zhi_code zhi_db_set_fact(struct zhi_store *s, const char *key, const char *value,
                              struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, ST_SET_FACT, e);
  if (!st)
    return ZHI_EIO;
  zhi_bind_text(st, 1, zhi_str_of(key));
  zhi_bind_text(st, 2, zhi_str_of(value));
  return zhi_db_run(s, st, e);
}

void zhi_bind_text(sqlite3_stmt *st, int i, struct zhi_str v) {
  sqlite3_bind_text64(st, i, v.p ? v.p : "", v.len, SQLITE_STATIC, SQLITE_UTF8);
}

void zhi_bind_str(sqlite3_stmt *st, int i, struct zhi_str v) {
  if (v.len)
    zhi_bind_text(st, i, v);
  else
    sqlite3_bind_null(st, i);
}

void zhi_bind_int(sqlite3_stmt *st, int i, int64_t v) { sqlite3_bind_int64(st, i, v); }

struct zhi_str zhi_col_str(sqlite3_stmt *st, int i) {
  const char *p = (const char *)sqlite3_column_text(st, i);
  return p ? zhi_str_n(p, (size_t)sqlite3_column_bytes(st, i)) : ZHI_STR_NONE;
}

const char *zhi_col_text(sqlite3_stmt *st, int i) {
  const char *p = (const char *)sqlite3_column_text(st, i);
  return p ? p : "";
}

int64_t zhi_col_int(sqlite3_stmt *st, int i) { return sqlite3_column_int64(st, i); }
