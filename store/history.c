/* History: walks over versions and ledger. Each row is read in a statement of its own, so that a long walk pins no
 * log and its call back may ask further questions. */
#include "zhi/history.h"
#include "store/internal.h"

#define VERSION_COLUMNS                                                                            \
  "SELECT u.url, c.url_key, d.kind, d.title, x.text_digest, b.payload_digest, r.name, v.number, "  \
  "v.capture_id, v.last_capture_id, v.content_id, c.fetched_ms, v.last_ms, "                       \
  "u.version_id = v.capture_id FROM version v "
#define VERSION_JOINS                                                                              \
  "JOIN capture c ON c.id = v.capture_id JOIN url u ON u.id = c.url_id "                           \
  "JOIN crawl r ON r.id = c.crawl_id JOIN capture b ON b.id = v.content_id "                       \
  "LEFT JOIN document d ON d.capture_id = v.capture_id "                                           \
  "LEFT JOIN document x ON x.capture_id = v.content_id "

enum { FIRST_CAPTURE = 8, LEDGER_ID = 9 };

static struct zhi_version version_of(sqlite3_stmt *st) {
  return (struct zhi_version){.url = zhi_col_text(st, 0),
                              .url_key = zhi_col_text(st, 1),
                              .kind = zhi_col_text(st, 2),
                              .title = zhi_col_text(st, 3),
                              .text_digest = zhi_col_text(st, 4),
                              .payload_digest = zhi_col_text(st, 5),
                              .crawl = zhi_col_text(st, 6),
                              .number = zhi_col_int(st, 7),
                              .first = zhi_col_int(st, FIRST_CAPTURE),
                              .last = zhi_col_int(st, 9),
                              .content = zhi_col_int(st, 10),
                              .captured_ms = zhi_col_int(st, 11),
                              .last_seen_ms = zhi_col_int(st, 12),
                              .current = zhi_col_int(st, 13) != 0};
}

/* Statements with ?1 = the first capture of the version before; the others are bound. */
static enum zhi_code each_version(struct zhi_store *s, sqlite3_stmt *st, zhi_version_fn *fn,
                                  void *ctx, struct zhi_err *e) {
  enum zhi_code rc = ZHI_OK;
  bool row = true;
  for (int64_t after = 0; rc == ZHI_OK;) {
    zhi_bind_int(st, 1, after);
    if ((rc = zhi_db_step(s, st, &row, e)) || !row)
      break;
    struct zhi_version v = version_of(st);
    after = v.first;
    rc = fn(ctx, &v, e);
    sqlite3_reset(st);
  }
  sqlite3_finalize(st);
  return rc;
}

enum zhi_code zhi_history_of_key(struct zhi_store *s, struct zhi_str url_key, zhi_version_fn *fn,
                                 void *ctx, struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  enum zhi_code rc =
      zhi_db_prepare(s,
                     VERSION_COLUMNS VERSION_JOINS
                     "WHERE v.capture_id = (SELECT min(k.id) FROM capture k INDEXED BY "
                     "capture_by_key JOIN version w ON w.capture_id = k.id "
                     "WHERE k.url_key = ?2 AND k.id > ?1)",
                     &st, e);
  if (rc)
    return rc;
  zhi_bind_text(st, 2, url_key);
  return each_version(s, st, fn, ctx, e);
}

enum zhi_code zhi_history_since(struct zhi_store *s, int64_t crawl_id, zhi_version_fn *fn,
                                void *ctx, struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  enum zhi_code rc =
      zhi_db_prepare(s,
                     VERSION_COLUMNS VERSION_JOINS "WHERE v.capture_id > ?1 AND c.crawl_id > ?2 "
                                                   "ORDER BY v.capture_id LIMIT 1",
                     &st, e);
  if (rc)
    return rc;
  zhi_bind_int(st, 2, crawl_id);
  return each_version(s, st, fn, ctx, e);
}

enum zhi_code zhi_history_text(struct zhi_store *s, const struct zhi_version *v,
                               struct zhi_arena *a, struct zhi_str *out, struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  bool row = false;
  *out = ZHI_STR("");
  enum zhi_code rc =
      zhi_db_prepare(s, "SELECT text FROM document_text WHERE capture_id = ?1", &st, e);
  if (rc)
    return rc;
  zhi_bind_int(st, 1, v->content);
  rc = zhi_db_step(s, st, &row, e);
  if (row && zhi_col_str(st, 0).len) {
    *out = zhi_arena_str(a, zhi_col_str(st, 0));
    if (!out->p)
      rc = zhi_fail(e, ZHI_ENOMEM, "out of memory for a text");
  }
  sqlite3_finalize(st);
  return rc;
}

static struct zhi_ledger_entry entry_of(sqlite3_stmt *st) {
  return (struct zhi_ledger_entry){.url = zhi_col_text(st, 0),
                                   .state = zhi_col_text(st, 1),
                                   .moved_to = zhi_col_text(st, 2),
                                   .first_seen_ms = zhi_col_int(st, 3),
                                   .last_seen_ms = zhi_col_int(st, 4),
                                   .last_ok_ms = zhi_col_int(st, 5),
                                   .gone_since_ms = zhi_col_int(st, 6),
                                   .gone_crawls = zhi_col_int(st, 7),
                                   .interval_ms = zhi_col_int(st, 8),
                                   .delisted_ms = zhi_col_int(st, 10)};
}

enum zhi_code zhi_history_ledger(struct zhi_store *s, struct zhi_str url, struct zhi_str state,
                                 zhi_ledger_fn *fn, void *ctx, struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  unsigned char hash[STORE_KEY_BYTES];
  bool row = true;
  enum zhi_code rc =
      zhi_db_prepare(s,
                     "SELECT url, life, moved_to, first_seen_ms, last_seen_ms, last_ok_ms, "
                     "gone_since_ms, gone_crawls, interval_ms, id, delisted_ms FROM url "
                     "WHERE id > ?1 AND life IS NOT NULL AND (?2 IS NULL OR id = (SELECT id FROM "
                     "url WHERE hash = ?2)) AND (?3 IS NULL OR life = ?3) ORDER BY id LIMIT 1",
                     &st, e);
  if (rc)
    return rc;
  if (url.len) {
    zhi_url_hash(url, hash);
    sqlite3_bind_blob(st, 2, hash, STORE_KEY_BYTES, SQLITE_STATIC);
  }
  zhi_bind_str(st, 3, state);
  for (int64_t after = 0; rc == ZHI_OK;) {
    zhi_bind_int(st, 1, after);
    if ((rc = zhi_db_step(s, st, &row, e)) || !row)
      break;
    struct zhi_ledger_entry l = entry_of(st);
    after = zhi_col_int(st, LEDGER_ID);
    rc = fn(ctx, &l, e);
    sqlite3_reset(st);
  }
  sqlite3_finalize(st);
  return rc;
}
