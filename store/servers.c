/* Servers: leases of addresses among processes. */
#include "zhi/servers.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/internal.h"
#include "zhi/file.h"

enum {
  SERVERS_APPLICATION_ID = 0x585A5356, /* "XZSV" */
  SERVERS_SCHEMA = 1,
  LEASE_MAX_MS =
      10 * 60 * 1000, /* one that ends later was written by a clock that went back since */
  BUSY_MS = 2000,
  FORGOTTEN_MAX = 20000
};

struct zhi_servers {
  struct zhi_store db; /* for its connection, path and errors only */
  int64_t me;
  int lock_fd;
};

static const char schema[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE IF NOT EXISTS server (address TEXT PRIMARY KEY, holder INTEGER NOT NULL, "
    "until_ms INTEGER NOT NULL, ended_ms INTEGER NOT NULL, next_ms INTEGER NOT NULL, "
    "blocked_until_ms INTEGER NOT NULL, backoff_ms INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS waiter (address TEXT NOT NULL, holder INTEGER NOT NULL, "
    "since_ms INTEGER NOT NULL, seen_ms INTEGER NOT NULL, PRIMARY KEY (address, holder)) "
    "WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS holder (id INTEGER PRIMARY KEY AUTOINCREMENT);"
    "PRAGMA application_id = 0x585A5356; PRAGMA user_version = 1;"
    "COMMIT";

static void close_db(struct zhi_servers *s) {
  sqlite3_close(s->db.db);
  free(s->db.path);
  if (s->lock_fd >= 0)
    close(s->lock_fd);
  free(s);
}

/* --- who lives ---------------------------------------------------------------------------------------- */

static enum zhi_code open_holders(struct zhi_servers *s, const char *dir, struct zhi_err *e) {
  char path[4200];
  /* Nobody's number, held while the database is opened: of two that make it at once one would be told "locked". */
  struct flock opening = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
  snprintf(path, sizeof path, "%s/holders", dir);
  s->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (s->lock_fd < 0 || fcntl(s->lock_fd, F_OFD_SETLKW, &opening) != 0)
    return zhi_fail_errno(e, "cannot lock '%s'", path);
  return ZHI_OK;
}

static void end_opening(struct zhi_servers *s) {
  struct flock opening = {.l_type = F_UNLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
  fcntl(s->lock_fd, F_OFD_SETLK, &opening);
}

static enum zhi_code sign_in(struct zhi_servers *s, struct zhi_err *e) {
  enum zhi_code rc = zhi_db_exec(&s->db, "INSERT INTO holder DEFAULT VALUES", e);
  if (rc)
    return rc;
  s->me = sqlite3_last_insert_rowid(s->db.db);
  rc = zhi_db_exec(&s->db, "DELETE FROM holder", e); /* the number is not given again */
  if (rc)
    return rc;
  struct flock mine = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = s->me, .l_len = 1};
  return fcntl(s->lock_fd, F_OFD_SETLK, &mine) == 0
             ? ZHI_OK
             : zhi_fail_errno(e, "cannot lock number %lld of those beside '%s'", (long long)s->me,
                              s->db.path);
}

static bool is_alive(const struct zhi_servers *s, int64_t holder) {
  struct flock its = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = holder, .l_len = 1};
  return fcntl(s->lock_fd, F_OFD_GETLK, &its) != 0 || its.l_type != F_UNLCK;
}

/* --- life ------------------------------------------------------------------------------------------------ */

static enum zhi_code open_db(struct zhi_servers *s, struct zhi_err *e) {
  int64_t app = 0, version = 0;
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  int n = sqlite3_open_v2(s->db.path, &s->db.db, flags | SQLITE_OPEN_EXRESCODE, NULL);
  if (!s->db.db)
    return zhi_fail(e, ZHI_ENOMEM, "cannot open '%s': out of memory", s->db.path);
  if (n)
    return zhi_db_fail(&s->db, e, "open");
  sqlite3_busy_timeout(s->db.db, BUSY_MS);
  enum zhi_code rc = zhi_db_exec(
      &s->db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA trusted_schema = OFF",
      e);
  if (!rc)
    rc = zhi_db_int(&s->db, "PRAGMA application_id", &app, e);
  if (!rc)
    rc = zhi_db_int(&s->db, "PRAGMA user_version", &version, e);
  if (!rc && ((app && app != SERVERS_APPLICATION_ID) || version > SERVERS_SCHEMA))
    rc = zhi_fail(e, ZHI_EPARSE, "'%s' is not shared politeness, or a newer xianzhi's", s->db.path);
  return rc || app ? rc : zhi_db_exec(&s->db, schema, e);
}

/* Rows of long ago, those of a clock that was far ahead, and of waiters who died in line. */
static enum zhi_code forget_old(struct zhi_servers *s, int64_t now_ms, struct zhi_err *e) {
  char sql[512];
  snprintf(sql, sizeof sql,
           "DELETE FROM server WHERE address IN (SELECT address FROM server WHERE max(until_ms, "
           "ended_ms, next_ms, blocked_until_ms) NOT BETWEEN %lld AND %lld LIMIT %d); "
           "DELETE FROM waiter WHERE seen_ms NOT BETWEEN %lld AND %lld",
           (long long)(now_ms - ZHI_SERVERS_KEPT_MS), (long long)(now_ms + ZHI_SERVERS_KEPT_MS),
           FORGOTTEN_MAX, (long long)(now_ms - LEASE_MAX_MS), (long long)(now_ms + LEASE_MAX_MS));
  return zhi_db_exec(&s->db, sql, e);
}

enum zhi_code zhi_servers_open(const char *dir, int64_t now_ms, struct zhi_servers **out,
                               struct zhi_err *e) {
  struct zhi_servers *s = calloc(1, sizeof *s);
  if (!s)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for shared politeness");
  s->lock_fd = s->db.lock_fd = -1;
  enum zhi_code rc = zhi_make_folders(dir, e);
  if (!rc && asprintf(&s->db.path, "%s/servers.db", dir) < 0) {
    s->db.path = NULL;
    rc = zhi_fail(e, ZHI_ENOMEM, "out of memory for shared politeness");
  }
  if (!rc)
    rc = open_holders(s, dir, e);
  if (!rc)
    rc = open_db(s, e);
  if (!rc)
    rc = forget_old(s, now_ms, e);
  if (!rc)
    rc = sign_in(s, e);
  if (rc) {
    close_db(s);
    return rc;
  }
  end_opening(s);
  *out = s;
  return ZHI_OK;
}

void zhi_servers_close(struct zhi_servers *s) {
  char sql[160];
  if (!s)
    return;
  snprintf(sql, sizeof sql,
           "UPDATE server SET holder = 0 WHERE holder = %lld; DELETE FROM waiter WHERE holder = "
           "%lld",
           (long long)s->me, (long long)s->me);
  sqlite3_exec(s->db.db, sql, NULL, NULL, NULL); /* else the lock's end frees them */
  close_db(s);
}

/* --- leases ------------------------------------------------------------------------------------------------ */

/* Prepare, bind the address to ?1 and our number to ?2, and what follows from ?3 on. The caller finalizes. */
static enum zhi_code prepare(struct zhi_servers *s, const char *sql, const char *address,
                             const int64_t *more, int n, sqlite3_stmt **out, struct zhi_err *e) {
  enum zhi_code rc = zhi_db_prepare(&s->db, sql, out, e);
  if (rc)
    return rc;
  zhi_bind_text(*out, 1, zhi_str_of(address));
  zhi_bind_int(*out, 2, s->me);
  for (int i = 0; i < n; i++)
    zhi_bind_int(*out, 3 + i, more[i]);
  return ZHI_OK;
}

static enum zhi_code run(struct zhi_servers *s, const char *sql, const char *address,
                         const int64_t *more, int n, struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  enum zhi_code rc = prepare(s, sql, address, more, n, &st, e);
  if (!rc)
    rc = zhi_db_run(&s->db, st, e);
  sqlite3_finalize(st);
  return rc;
}

struct server_row {
  int64_t holder, until_ms;
  struct zhi_server_state state;
};

static enum zhi_code read_server(struct zhi_servers *s, const char *address, struct server_row *r,
                                 struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  bool row = false;
  *r = (struct server_row){0};
  enum zhi_code rc = prepare(s,
                             "SELECT holder, until_ms, ended_ms, next_ms, blocked_until_ms, "
                             "backoff_ms FROM server WHERE address = ?1 AND ?2",
                             address, NULL, 0, &st, e);
  if (!rc)
    rc = zhi_db_step(&s->db, st, &row, e);
  if (!rc && row)
    *r = (struct server_row){
        zhi_col_int(st, 0),
        zhi_col_int(st, 1),
        {zhi_col_int(st, 2), zhi_col_int(st, 3), zhi_col_int(st, 4), zhi_col_int(st, 5)}};
  sqlite3_finalize(st);
  return rc;
}

/* The living who stood in line before us; 0 = nobody. */
static enum zhi_code first_in_line(struct zhi_servers *s, const char *address, int64_t now_ms,
                                   int64_t *holder, struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  bool row = true;
  *holder = 0;
  enum zhi_code rc = prepare(
      s,
      "SELECT w.holder FROM waiter w WHERE w.address = ?1 AND w.holder <> ?2 AND w.seen_ms > ?3 "
      "AND (w.since_ms, w.holder) < (coalesce((SELECT m.since_ms FROM waiter m WHERE m.address = "
      "?1 AND m.holder = ?2), ?4), ?2) ORDER BY w.since_ms, w.holder",
      address, (int64_t[]){now_ms - ZHI_SERVERS_PATIENCE_MS, now_ms}, 2, &st, e);
  while (!rc && row && !*holder)
    if ((rc = zhi_db_step(&s->db, st, &row, e)) == ZHI_OK && row && is_alive(s, zhi_col_int(st, 0)))
      *holder = zhi_col_int(st, 0);
  sqlite3_finalize(st);
  return rc;
}

static enum zhi_code stand_in_line(struct zhi_servers *s, const char *address, int64_t now_ms,
                                   struct zhi_err *e) {
  return run(s,
             "INSERT INTO waiter (address, holder, since_ms, seen_ms) VALUES (?1, ?2, ?3, ?3) "
             "ON CONFLICT (address, holder) DO UPDATE SET seen_ms = excluded.seen_ms",
             address, &now_ms, 1, e);
}

static enum zhi_code take(struct zhi_servers *s, const char *address, int64_t now_ms,
                          int64_t until_ms, bool *taken, struct zhi_server_state *state,
                          struct zhi_err *e) {
  struct server_row r;
  int64_t before = 0;
  enum zhi_code rc = read_server(s, address, &r, e);
  if (rc)
    return rc;
  bool others = r.holder && r.holder != s->me;
  bool theirs =
      others && r.until_ms > now_ms && r.until_ms <= now_ms + LEASE_MAX_MS && is_alive(s, r.holder);
  if (!theirs && (rc = first_in_line(s, address, now_ms, &before, e)))
    return rc;
  if (theirs || before)
    return stand_in_line(s, address, now_ms, e);
  if (others) /* gone without a word: it may have asked until now */
    r.state.ended_ms = now_ms;
  rc = run(s,
           "INSERT INTO server (address, holder, until_ms, ended_ms, next_ms, blocked_until_ms, "
           "backoff_ms) VALUES (?1, ?2, ?3, ?4, 0, 0, 0) ON CONFLICT (address) DO UPDATE SET "
           "holder = excluded.holder, until_ms = excluded.until_ms, ended_ms = excluded.ended_ms",
           address, (int64_t[]){until_ms, r.state.ended_ms}, 2, e);
  if (!rc)
    rc = run(s, "DELETE FROM waiter WHERE address = ?1 AND (holder = ?2 OR seen_ms < ?3)", address,
             (int64_t[]){now_ms - ZHI_SERVERS_PATIENCE_MS}, 1, e);
  *taken = !rc;
  *state = r.state;
  return rc;
}

enum zhi_code zhi_servers_take(struct zhi_servers *s, const char *address, int64_t now_ms,
                               int64_t until_ms, bool *taken, struct zhi_server_state *state,
                               struct zhi_err *e) {
  *taken = false;
  enum zhi_code rc = zhi_db_exec(&s->db, "BEGIN IMMEDIATE", e);
  if (rc)
    return rc;
  rc = take(s, address, now_ms, until_ms, taken, state, e);
  if (!rc)
    rc = zhi_db_exec(&s->db, "COMMIT", e);
  if (rc) {
    *taken = false;
    sqlite3_exec(s->db.db, "ROLLBACK", NULL, NULL, NULL);
  }
  return rc;
}

enum zhi_code zhi_servers_keep(struct zhi_servers *s, const char *address, int64_t until_ms,
                               const struct zhi_server_state *state, bool *held,
                               struct zhi_err *e) {
  enum zhi_code rc =
      run(s,
          "UPDATE server SET holder = CASE WHEN ?3 > 0 THEN ?2 ELSE 0 END, until_ms = ?3, "
          "ended_ms = ?4, next_ms = ?5, blocked_until_ms = ?6, backoff_ms = ?7 "
          "WHERE address = ?1 AND holder = ?2",
          address,
          (int64_t[]){until_ms, state->ended_ms, state->next_ms, state->blocked_until_ms,
                      state->backoff_ms},
          5, e);
  *held = !rc && sqlite3_changes(s->db.db) > 0;
  return rc;
}

enum zhi_code zhi_servers_wanted(struct zhi_servers *s, const char *address, int64_t now_ms,
                                 bool *wanted, struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  *wanted = false;
  enum zhi_code rc =
      prepare(s, "SELECT 1 FROM waiter WHERE address = ?1 AND holder <> ?2 AND seen_ms > ?3",
              address, (int64_t[]){now_ms - ZHI_SERVERS_PATIENCE_MS}, 1, &st, e);
  if (!rc)
    rc = zhi_db_step(&s->db, st, wanted, e);
  sqlite3_finalize(st);
  return rc;
}
