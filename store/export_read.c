/* One archive's rows: read by two connections at once where there are many.
 *
 * What an export waits for is the catalogue: a row is four rows of the database, looked up in the order of URL keys,
 * which is no order of the file. So the keys are cut into turns of some thousand captures; one thread reads the first,
 * the third and so on, another the rest, each with a connection of its own, and the pipe puts the turns in order again.
 * Both connections see the same moment of an archive that a crawl is writing to. Where the first damage is met the rows
 * end, as if one had read. A caller that takes the rows itself, and an archive of one turn, have one reader. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "store/export.h"
#include "zhi/grow.h"

/* The leaves are read in no order and seldom twice: a cache that holds what is above them is large enough, and quicker
 * to look through than a larger one. */
enum { TURN_CAPTURES = 1024, KEYS_MAX_BYTES = 1 << 28, CACHE_KIB = 4 * 1024, TRIES = 64 };

struct turns {
  struct zhi_buf keys; /* where each but the first begins, one after another */
  size_t *end, cap;    /* of each key */
  size_t count;        /* turns: one more than keys */
  atomic_size_t cut;   /* the first that could not be read to its end */
};

struct reader {
  struct export_source *x;
  struct turns *turns;
  struct zhi_store *s;
  size_t lane, first; /* its turns: first, first + EXPORT_LANES … */
  sqlite3_stmt *text;
  struct zhi_rows *rows;
  bool failed_writing;
  enum zhi_code rc; /* ZHI_EPARSE: the archive is damaged */
  struct zhi_err why;
  size_t cut; /* the turn in which that was */
};

/* --- a row ------------------------------------------------------------------------------------------------------ */

static enum zhi_code text_of(struct reader *r, int64_t capture, struct zhi_str *out,
                             struct zhi_err *e) {
  bool row = false;
  sqlite3_reset(r->text);
  zhi_bind_int(r->text, 1, capture);
  enum zhi_code rc = zhi_db_step(r->s, r->text, &row, e);
  *out = row ? zhi_col_str(r->text, 0) : ZHI_STR_NONE;
  return rc;
}

static enum zhi_code take_row(void *ctx, const struct zhi_str *cells, int64_t capture,
                              struct zhi_err *e) {
  struct reader *r = ctx;
  struct export_source *x = r->x;
  const struct export_plan *p = x->p;
  struct zhi_str all[EXPORT_COLUMN_MAX];
  bool undated;
  memcpy(all + EXPORT_ROW, cells, (p->text_column - EXPORT_ROW) * sizeof *all);
  all[EXPORT_COUNTY] = x->county;
  all[EXPORT_ARCHIVE] = x->archive;
  all[EXPORT_HOST] = p->needs_host ? export_host(cells[0]) : ZHI_STR_NONE;
  all[p->text_column] = ZHI_STR_NONE;
  enum zhi_code rc = p->needs_text ? text_of(r, capture, &all[p->text_column], e) : ZHI_OK;
  if (rc)
    return rc;
  bool matches = export_matches(p, all, &undated);
  if (matches && x->pipe)
    rc = export_pipe_row(x->pipe, r->lane, all, e);
  else if (matches)
    rc = export_put(p, x->done, x->sink, all, e);
  else if (undated && x->pipe)
    rc = export_pipe_undated(x->pipe, r->lane, e);
  else if (undated)
    x->done->undated++;
  r->failed_writing = rc != ZHI_OK;
  return rc;
}

/* --- a reader --------------------------------------------------------------------------------------------------- */

static enum zhi_code open_reader(struct reader *r, struct export_source *x, struct turns *t,
                                 struct zhi_store *s, struct zhi_err *e) {
  struct zhi_rows_query q = {
      .wanted = x->p->row, .latest = !x->p->o->all_versions, .row = take_row, .ctx = r};
  *r = (struct reader){.x = x, .turns = t, .s = s};
  enum zhi_code rc =
      zhi_db_prepare(s, "SELECT text FROM document_text WHERE capture_id = ?1", &r->text, e);
  return rc ? rc : zhi_rows_open(s, &q, &r->rows, e);
}

static void close_reader(struct reader *r) {
  sqlite3_finalize(r->text);
  zhi_rows_close(r->rows);
}

/* Where turn i begins; that of the first and the end of the last are open. */
static struct zhi_str key_at(const struct turns *t, size_t i) {
  if (i == 0 || i >= t->count)
    return ZHI_STR_NONE;
  return zhi_str_sub(zhi_buf_view(&t->keys), i > 1 ? t->end[i - 2] : 0, t->end[i - 1]);
}

static void read_turn(struct reader *r, size_t i) {
  struct turns *t = r->turns;
  r->rc = zhi_rows_between(r->rows, key_at(t, i), key_at(t, i + 1), &r->why);
  if (!r->rc || r->failed_writing)
    return;
  r->cut = i;
  size_t first = atomic_load(&t->cut);
  while (i < first && !atomic_compare_exchange_weak(&t->cut, &first, i))
    ;
}

/* Turns that nobody will see are passed on without being read. */
static void *read_turns(void *ctx) {
  struct reader *r = ctx;
  struct turns *t = r->turns;
  for (size_t i = r->first; i < t->count && !r->failed_writing; i += EXPORT_LANES) {
    bool reads = !r->rc && i <= atomic_load(&t->cut);
    if (reads)
      read_turn(r, i);
    if (r->failed_writing || !r->x->pipe)
      continue;
    struct zhi_err why = {0};
    enum zhi_code rc =
        export_pipe_pass(r->x->pipe, r->lane, reads && r->rc, i + 1 == t->count, &why);
    if (rc) {
      r->failed_writing = true;
      r->rc = rc;
      r->why = why;
    }
  }
  return NULL;
}

/* --- two of them ------------------------------------------------------------------------------------------------ */

/* A second connection that sees what the first one does from now on; NULL: it is not to be had. */
static struct zhi_store *open_twin(struct zhi_store *s) {
  struct zhi_store *twin = NULL;
  int64_t before = 0, after = 0, any;
  if (zhi_store_open(s->dir, ZHI_STORE_READ, &zhi_clock_system, &twin, NULL))
    return NULL;
  for (int i = 0; i < TRIES; i++) {
    /* What the first connection calls data_version changes with each commit of anybody: the twin's moment lies between
     * the two times it is asked for, and the second of them is that of the first connection's own moment. */
    if (zhi_db_int(s, "PRAGMA data_version", &before, NULL) || zhi_db_exec(twin, "BEGIN", NULL) ||
        zhi_db_int(twin, "SELECT count(*) FROM archive", &any, NULL) ||
        zhi_db_exec(s, "BEGIN", NULL) || zhi_db_int(s, "PRAGMA data_version", &after, NULL))
      break;
    if (before == after) {
      zhi_store_set_cache(s, CACHE_KIB);
      zhi_store_set_cache(twin, CACHE_KIB);
      return twin;
    }
    zhi_db_exec(s, "ROLLBACK", NULL);
    zhi_db_exec(twin, "ROLLBACK", NULL);
  }
  zhi_store_close(twin);
  return NULL;
}

static enum zhi_code add_key(struct turns *t, struct zhi_str key, struct zhi_err *e) {
  zhi_buf_addstr(&t->keys, key);
  size_t *end = zhi_grown(t->end, &t->cap, t->count - 1, sizeof *end);
  if (!end)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for an export");
  t->end = end;
  t->end[t->count++ - 1] = t->keys.len;
  return zhi_buf_check(&t->keys, "the keys of an export", e);
}

/* Cut the keys into turns; an index that is damaged gives fewer. */
static enum zhi_code cut_keys(struct zhi_store *s, struct turns *t, struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  bool row = true;
  enum zhi_code rc = zhi_db_prepare(s,
                                    "SELECT url_key FROM capture INDEXED BY capture_by_key "
                                    "WHERE url_key > ?1 ORDER BY url_key LIMIT 1 OFFSET ?2",
                                    &st, e);
  while (!rc && row) {
    zhi_bind_text(st, 1, key_at(t, t->count - 1));
    zhi_bind_int(st, 2, TURN_CAPTURES);
    rc = zhi_db_step(s, st, &row, e);
    if (!rc && row)
      rc = add_key(t, zhi_col_str(st, 0), e);
    sqlite3_reset(st);
  }
  sqlite3_finalize(st);
  return rc == ZHI_EPARSE ? ZHI_OK : rc;
}

/* The first reader's on this thread, the second's on one of its own. */
static enum zhi_code read_all(struct reader *r, size_t readers, struct zhi_err *e) {
  pthread_t thread;
  for (size_t i = 0; i < readers; i++) {
    r[i].first = i;
    r[i].lane = (r[i].x->lane + i) % EXPORT_LANES;
  }
  if (readers > 1 && pthread_create(&thread, NULL, read_turns, &r[1]) != 0)
    return zhi_fail(e, ZHI_ENOMEM, "cannot start a thread for the export");
  read_turns(&r[0]);
  if (readers > 1)
    pthread_join(thread, NULL);
  return ZHI_OK;
}

/* What became of it: a failure to write, else the failure that ended the rows. */
static enum zhi_code outcome(struct export_source *x, const struct reader *r, size_t readers,
                             struct zhi_err *e) {
  const struct reader *why = NULL;
  for (size_t i = 0; i < readers; i++)
    if (r[i].rc && (!why || r[i].failed_writing > why->failed_writing ||
                    (r[i].failed_writing == why->failed_writing && r[i].cut < why->cut)))
      why = &r[i];
  if (!why)
    return ZHI_OK;
  x->failed_writing = why->failed_writing;
  if (e)
    *e = why->why;
  return why->rc;
}

enum zhi_code export_read(struct export_source *x, struct zhi_err *e) {
  struct turns t = {.count = 1};
  struct reader r[EXPORT_LANES] = {0};
  struct zhi_store *twin = NULL;
  size_t readers = 1;
  zhi_buf_init(&t.keys, KEYS_MAX_BYTES);
  int64_t captures = 0;
  enum zhi_code rc = ZHI_OK;
  if (x->pipe && !zhi_db_int(x->s, "SELECT max(id) FROM capture", &captures, NULL) &&
      captures > TURN_CAPTURES && (twin = open_twin(x->s))) {
    readers = 2;
    rc = cut_keys(x->s, &t, e);
  }
  atomic_init(&t.cut, t.count);
  if (!rc)
    rc = open_reader(&r[0], x, &t, x->s, e);
  if (!rc && twin)
    rc = open_reader(&r[1], x, &t, twin, e);
  if (!rc && !(rc = read_all(r, readers, e)))
    rc = outcome(x, r, readers, e);
  x->lane = (x->lane + t.count) % EXPORT_LANES;
  for (size_t i = 0; i < readers; i++)
    close_reader(&r[i]);
  zhi_store_close(twin);
  zhi_buf_release(&t.keys);
  free(t.end);
  return rc;
}
