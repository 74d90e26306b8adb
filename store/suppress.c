/* Take-downs. One predicate, ZHI_SUPPRESSED_SQL, hides a capture from everything that shows: the view `documents` and
 * documents.csv, exports, search, replay. Nothing is removed; lifting a suppression shows it all again. */
#include "store/internal.h"
#include "zhi/url.h"

enum { KEY_MAX_BYTES = 1 << 16 };

/* A pattern's text for GLOB: only * is special. */
static void add_glob(struct zhi_buf *b, struct zhi_str pattern) {
  for (size_t i = 0; i < pattern.len; i++) {
    if (pattern.p[i] == '?' || pattern.p[i] == '[')
      zhi_buf_addf(b, "[%c]", pattern.p[i]);
    else
      zhi_buf_addc(b, pattern.p[i]);
  }
}

static enum zhi_code insert(struct zhi_store *s, struct zhi_str what, struct zhi_str reason,
                            struct zhi_err *e) {
  struct zhi_buf key;
  bool pattern = memchr(what.p, '*', what.len) != NULL;
  sqlite3_stmt *st = zhi_db_get(s, ST_ADD_SUPPRESSION, e);
  if (!st)
    return ZHI_EIO;
  zhi_buf_init(&key, KEY_MAX_BYTES);
  if (pattern)
    add_glob(&key, what);
  else
    zhi_surt(what, &key);
  enum zhi_code rc = zhi_buf_check(&key, "a URL", e);
  if (!rc) {
    zhi_bind_text(st, 1, what);
    zhi_bind_str(st, 2, pattern ? ZHI_STR_NONE : zhi_buf_view(&key));
    zhi_bind_str(st, 3, pattern ? zhi_buf_view(&key) : ZHI_STR_NONE);
    zhi_bind_text(st, 4, reason);
    zhi_bind_int(st, 5, store_now(s));
    rc = zhi_db_run(s, st, e);
  }
  zhi_buf_release(&key);
  return rc;
}

static enum zhi_code count_hidden(struct zhi_store *s, struct zhi_str what, int64_t *captures,
                                  struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, ST_COUNT_SUPPRESSED, e);
  bool row = false;
  if (!st)
    return ZHI_EIO;
  zhi_bind_text(st, 1, what);
  enum zhi_code rc = zhi_db_step(s, st, &row, e);
  if (!rc) {
    *captures = row ? zhi_col_int(st, 0) : 0;
    sqlite3_reset(st);
  }
  return rc;
}

/* A change of what is shown: documents.csv is older than that. */
static enum zhi_code count_commit(struct zhi_store *s, struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, ST_COUNT_COMMIT, e);
  return st ? zhi_db_run(s, st, e) : ZHI_EIO;
}

enum zhi_code zhi_store_suppress(struct zhi_store *s, struct zhi_str what, struct zhi_str reason,
                                 int64_t *captures, struct zhi_err *e) {
  int64_t hidden = 0;
  enum zhi_code rc = zhi_db_begin(s, true, e);
  if (rc)
    return rc;
  if ((rc = insert(s, what, reason, e)) == ZHI_OK &&
      (rc = count_hidden(s, what, &hidden, e)) == ZHI_OK)
    rc = hidden ? count_commit(s, e)
                : zhi_fail(e, ZHI_EUSAGE, "no capture of '%.*s'",
                           ZHI_STR_ARGS(zhi_str_clip(what, 200)));
  rc = zhi_db_end(s, rc, e);
  if (!rc)
    *captures = hidden;
  return rc;
}

enum zhi_code zhi_store_lift(struct zhi_store *s, struct zhi_str what, bool *found,
                             struct zhi_err *e) {
  enum zhi_code rc = zhi_db_begin(s, true, e);
  if (rc)
    return rc;
  sqlite3_stmt *st = zhi_db_get(s, ST_DROP_SUPPRESSION, e);
  rc = ZHI_EIO;
  if (st) {
    zhi_bind_text(st, 1, what);
    rc = zhi_db_run(s, st, e);
  }
  *found = !rc && sqlite3_changes(s->db) > 0;
  if (!rc)
    rc = count_commit(s, e);
  return zhi_db_end(s, rc, e);
}

enum zhi_code zhi_store_each_suppression(struct zhi_store *s,
                                         enum zhi_code (*fn)(void *ctx,
                                                             const struct zhi_suppression *x,
                                                             struct zhi_err *e),
                                         void *ctx, struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  bool row = false;
  enum zhi_code rc = zhi_db_prepare(
      s, "SELECT what, reason, added_ms FROM suppression ORDER BY added_ms, id", &st, e);
  while (rc == ZHI_OK && (rc = zhi_db_step(s, st, &row, e)) == ZHI_OK && row) {
    struct zhi_suppression x = {zhi_col_text(st, 0), zhi_col_text(st, 1), zhi_col_int(st, 2)};
    rc = fn(ctx, &x, e);
  }
  sqlite3_finalize(st);
  return rc;
}

enum zhi_code zhi_store_is_suppressed(struct zhi_store *s, struct zhi_str url, bool *out,
                                      struct zhi_err *e) {
  struct zhi_buf key;
  bool row = false;
  sqlite3_stmt *st = zhi_db_get(s, ST_IS_SUPPRESSED, e);
  if (!st)
    return ZHI_EIO;
  zhi_buf_init(&key, KEY_MAX_BYTES);
  zhi_surt(url, &key);
  enum zhi_code rc = zhi_buf_check(&key, "a URL", e);
  if (!rc) {
    zhi_bind_text(st, 1, url);
    zhi_bind_text(st, 2, zhi_buf_view(&key));
    rc = zhi_db_step(s, st, &row, e);
    sqlite3_reset(st);
  }
  *out = row;
  zhi_buf_release(&key);
  return rc;
}

/* --- a URL that is not there -------------------------------------------------------------------------------- */

static size_t shared_prefix(struct zhi_str a, struct zhi_str b) {
  size_t n = 0;
  while (n < a.len && n < b.len && a.p[n] == b.p[n])
    n++;
  return n;
}

enum zhi_code zhi_store_nearest_url(struct zhi_store *s, struct zhi_str url, struct zhi_buf *out,
                                    struct zhi_err *e) {
  static const enum zhi_statement sides[] = {ST_KEY_FROM, ST_KEY_BELOW};
  struct zhi_buf key;
  size_t best = 0;
  zhi_buf_init(&key, KEY_MAX_BYTES);
  zhi_surt(url, &key);
  enum zhi_code rc = zhi_buf_check(&key, "a URL", e);
  for (int i = 0; i < 2 && !rc; i++) {
    bool row = false;
    sqlite3_stmt *st = zhi_db_get(s, sides[i], e);
    if (!st) {
      rc = ZHI_EIO;
      break;
    }
    zhi_bind_text(st, 1, zhi_buf_view(&key));
    if ((rc = zhi_db_step(s, st, &row, e)) || !row)
      continue;
    size_t n = shared_prefix(zhi_buf_view(&key), zhi_col_str(st, 0));
    if (n > best && memchr(key.p, ')', n)) { /* of the same host at least */
      best = n;
      zhi_buf_clear(out);
      zhi_buf_addstr(out, zhi_col_str(st, 1));
    }
    sqlite3_reset(st);
  }
  zhi_buf_release(&key);
  return rc;
}
