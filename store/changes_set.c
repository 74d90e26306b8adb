/* A set of changes is a nameless SQLite database: a few stay in its cache, many go to a temporary file, and its sorter
 * brings them in order with the same bound of memory. Nothing is ever committed, for nobody else reads it. Hosts and
 * columns stand apart, because the weightiest change of each decides where all of its changes come. */
#include "store/changes_set.h"

#include <stdlib.h>

#include "zhi/file.h"

enum { CACHE_KIB = 8 * 1024 };

struct zhi_changes {
  struct zhi_store db; /* for its connection, path and errors only */
  sqlite3_stmt *find_place, *add_place, *add, *open, *settle, *drop, *watched;
  int64_t last;
};

static const char schema[] =
    "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;"
    "BEGIN;"
    "CREATE TABLE place (id INTEGER PRIMARY KEY, host TEXT NOT NULL, column_name TEXT NOT NULL, "
    "weight INTEGER, UNIQUE (host, column_name));"
    "CREATE TABLE change (row INTEGER PRIMARY KEY, id INTEGER, weight INTEGER, "
    "place_id INTEGER NOT NULL, change TEXT, from_at TEXT, to_at TEXT, url TEXT, title TEXT, "
    "page TEXT, detail TEXT, watched TEXT, archive TEXT, detail_zh TEXT);";

/* An index would cost every row something, for the few that are open. */
static const char sql_open[] =
    "SELECT row, id FROM change WHERE row > ?1 AND change IS NULL ORDER BY row LIMIT 1";

static enum zhi_code prepare(struct zhi_changes *x, struct zhi_err *e) {
  const struct {
    sqlite3_stmt **st;
    const char *sql;
  } all[] = {
      {&x->find_place, "SELECT id FROM place WHERE host = ?1 AND column_name = ?2"},
      {&x->add_place, "INSERT INTO place (host, column_name) VALUES (?1, ?2)"},
      {&x->add, "INSERT INTO change VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, NULL, "
                "?12, NULL)"},
      {&x->open, sql_open},
      {&x->settle,
       "UPDATE change SET change = ?2, from_at = ?3, detail = ?4, weight = ?5, detail_zh = ?6 "
       "WHERE row = ?1"},
      {&x->drop, "DELETE FROM change WHERE row = ?1"},
      {&x->watched, "UPDATE change SET watched = ?2 WHERE row = ?1"},
  };
  enum zhi_code rc = ZHI_OK;
  for (size_t i = 0; i < sizeof all / sizeof *all && !rc; i++)
    rc = zhi_db_prepare(&x->db, all[i].sql, all[i].st, e);
  return rc;
}

static enum zhi_code open_db(struct zhi_changes *x, struct zhi_err *e) {
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  int n = sqlite3_open_v2("", &x->db.db, flags | SQLITE_OPEN_EXRESCODE, NULL);
  if (!x->db.db)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for changes");
  if (n)
    return zhi_db_fail(&x->db, e, "open");
  zhi_store_set_cache(&x->db, CACHE_KIB);
  enum zhi_code rc = zhi_db_exec(&x->db, schema, e);
  return rc ? rc : prepare(x, e);
}

enum zhi_code zhi_changes_open(struct zhi_changes **out, struct zhi_err *e) {
  struct zhi_changes *x = calloc(1, sizeof *x);
  if (!x)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for changes");
  x->db.path = strdup(zhi_tmp_dir());
  enum zhi_code rc =
      x->db.path ? open_db(x, e) : zhi_fail(e, ZHI_ENOMEM, "out of memory for changes");
  if (rc)
    zhi_changes_close(x);
  else
    *out = x;
  return rc;
}

void zhi_changes_close(struct zhi_changes *x) {
  if (!x)
    return;
  sqlite3_stmt *const all[] = {x->find_place, x->add_place, x->add,    x->open,
                               x->settle,     x->drop,      x->watched};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    sqlite3_finalize(all[i]);
  sqlite3_close(x->db.db);
  free(x->db.path);
  free(x);
}

/* --- rows ------------------------------------------------------------------------------------------------------ */

static enum zhi_code place_of(struct zhi_changes *x, const struct zhi_change *c, int64_t *id,
                              struct zhi_err *e) {
  bool row = false;
  zhi_bind_text(x->find_place, 1, c->host);
  zhi_bind_text(x->find_place, 2, c->column);
  enum zhi_code rc = zhi_db_step(&x->db, x->find_place, &row, e);
  if (row)
    *id = zhi_col_int(x->find_place, 0);
  sqlite3_reset(x->find_place);
  if (rc || row)
    return rc;
  zhi_bind_text(x->add_place, 1, c->host);
  zhi_bind_text(x->add_place, 2, c->column);
  rc = zhi_db_run(&x->db, x->add_place, e);
  *id = sqlite3_last_insert_rowid(x->db.db);
  return rc;
}

enum zhi_code zhi_changes_set_add(struct zhi_changes *x, const struct zhi_change *c,
                                  struct zhi_err *e) {
  const struct zhi_str texts[] = {c->change, c->from, c->to,     c->url,
                                  c->title,  c->page, c->detail, c->archive};
  int64_t place = 0;
  enum zhi_code rc = place_of(x, c, &place, e);
  if (rc)
    return rc;
  zhi_bind_int(x->add, 1, ++x->last);
  zhi_bind_int(x->add, 2, c->id);
  zhi_bind_int(x->add, 3, c->weight);
  zhi_bind_int(x->add, 4, place);
  for (int i = 0; i < (int)(sizeof texts / sizeof *texts); i++)
    zhi_bind_str(x->add, 5 + i, texts[i]);
  return zhi_db_run(&x->db, x->add, e);
}

int64_t zhi_changes_set_last(const struct zhi_changes *x) { return x->last; }

enum zhi_code zhi_changes_set_open(struct zhi_changes *x, int64_t *row, int64_t *id,
                                   struct zhi_err *e) {
  bool found = false;
  zhi_bind_int(x->open, 1, *row);
  enum zhi_code rc = zhi_db_step(&x->db, x->open, &found, e);
  *row = found ? zhi_col_int(x->open, 0) : 0;
  *id = found ? zhi_col_int(x->open, 1) : 0;
  sqlite3_reset(x->open);
  return rc;
}

static enum zhi_code drop(struct zhi_changes *x, int64_t row, struct zhi_err *e) {
  zhi_bind_int(x->drop, 1, row);
  return zhi_db_run(&x->db, x->drop, e);
}

enum zhi_code zhi_changes_set_settle(struct zhi_changes *x, int64_t row, const struct zhi_change *c,
                                     struct zhi_err *e) {
  if (!c)
    return drop(x, row, e);
  zhi_bind_int(x->settle, 1, row);
  zhi_bind_str(x->settle, 2, c->change);
  zhi_bind_str(x->settle, 3, c->from);
  zhi_bind_str(x->settle, 4, c->detail);
  zhi_bind_int(x->settle, 5, c->weight);
  zhi_bind_str(x->settle, 6, c->detail_zh);
  return zhi_db_run(&x->db, x->settle, e);
}

/* --- read again -------------------------------------------------------------------------------------------------- */

#define COLUMNS                                                                                    \
  "SELECT c.row, c.id, c.weight, c.change, c.from_at, c.to_at, c.url, c.title, p.host, "           \
  "nullif(p.column_name, ''), c.page, coalesce(c.detail, ''), c.watched, c.archive, c.detail_zh "  \
  "FROM change c CROSS JOIN place p ON p.id = c.place_id "

static struct zhi_change change_of(sqlite3_stmt *st) {
  return (struct zhi_change){.id = zhi_col_int(st, 1),
                             .weight = zhi_col_int(st, 2),
                             .change = zhi_col_str(st, 3),
                             .from = zhi_col_str(st, 4),
                             .to = zhi_col_str(st, 5),
                             .url = zhi_col_str(st, 6),
                             .title = zhi_col_str(st, 7),
                             .host = zhi_col_str(st, 8),
                             .column = zhi_col_str(st, 9),
                             .page = zhi_col_str(st, 10),
                             .detail = zhi_col_str(st, 11),
                             .watched = zhi_col_str(st, 12),
                             .archive = zhi_col_str(st, 13),
                             .detail_zh = zhi_col_str(st, 14)};
}

enum zhi_code zhi_changes_set_filter(struct zhi_changes *x, int64_t after, struct zhi_store *s,
                                     zhi_change_filter *filter, void *ctx, struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  bool row = false, keep = true;
  enum zhi_code rc = zhi_db_prepare(&x->db, COLUMNS "WHERE c.row > ?1 ORDER BY c.row", &st, e);
  if (!rc)
    zhi_bind_int(st, 1, after);
  while (!rc && (rc = zhi_db_step(&x->db, st, &row, e)) == ZHI_OK && row) {
    struct zhi_change c = change_of(st);
    int64_t number = zhi_col_int(st, 0);
    if ((rc = filter(ctx, s, &c, &keep, e)))
      break;
    if (!keep) {
      rc = drop(x, number, e);
    } else if (c.watched.p) {
      zhi_bind_int(x->watched, 1, number);
      zhi_bind_text(x->watched, 2, c.watched);
      rc = zhi_db_run(&x->db, x->watched, e);
    }
  }
  sqlite3_finalize(st);
  return rc;
}

enum zhi_code zhi_changes_sum(struct zhi_changes *x, int64_t *count, char latest[ZHI_ISO_SIZE],
                              struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  bool row = false;
  enum zhi_code rc = zhi_db_prepare(
      &x->db, "SELECT count(*), coalesce(max(coalesce(to_at, from_at)), '') FROM change", &st, e);
  if (!rc)
    rc = zhi_db_step(&x->db, st, &row, e);
  if (!rc && row) {
    *count = zhi_col_int(st, 0);
    snprintf(latest, ZHI_ISO_SIZE, "%s", zhi_col_text(st, 1));
  }
  sqlite3_finalize(st);
  return rc;
}

enum zhi_code zhi_changes_each(struct zhi_changes *x, zhi_change_taker *take, void *ctx,
                               struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  bool row = false;
  enum zhi_code rc =
      zhi_db_exec(&x->db,
                  "UPDATE place SET weight = g.weight FROM (SELECT place_id, max(weight) AS weight "
                  "FROM change GROUP BY place_id) g WHERE g.place_id = place.id",
                  e);
  if (!rc)
    rc = zhi_db_prepare(&x->db,
                        COLUMNS "ORDER BY p.weight DESC, p.host, p.column_name, c.weight DESC, "
                                "coalesce(c.to_at, c.from_at, '') DESC, c.url, c.row",
                        &st, e);
  while (!rc && (rc = zhi_db_step(&x->db, st, &row, e)) == ZHI_OK && row) {
    struct zhi_change c = change_of(st);
    rc = take(ctx, &c, e);
  }
  sqlite3_finalize(st);
  return rc == ZHI_EOF ? ZHI_OK : rc;
}
