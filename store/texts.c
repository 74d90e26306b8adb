/* Texts of attached files: a small database beside the catalogue, which must not be written while a crawl holds it. */
#include "zhi/texts.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/search.h"
#include "zhi/browse.h"

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS about (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS text (payload_digest TEXT PRIMARY KEY, tool TEXT NOT NULL,"
    " text TEXT NOT NULL, finding TEXT) WITHOUT ROWID;";

struct zhi_texts {
  struct zhi_store *db;
  int64_t generation, put;
  sqlite3_stmt *has, *add;
};

static enum zhi_code state_of(const char *dir, int64_t *generation, struct zhi_err *e) {
  struct zhi_store *s = NULL;
  enum zhi_code rc = zhi_store_open(dir, ZHI_STORE_READ, &zhi_clock_system, &s, e);
  if (!rc)
    rc = zhi_browse_generation(s, generation, e);
  zhi_store_close(s);
  return rc;
}

enum zhi_code zhi_texts_open(const char *dir, struct zhi_texts **out, bool *fresh,
                             struct zhi_err *e) {
  struct zhi_buf path;
  int64_t done = -1;
  struct zhi_texts *t = calloc(1, sizeof *t);
  if (!t)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for texts");
  zhi_buf_init(&path, 8192);
  zhi_buf_addf(&path, "%s/" SEARCH_TEXTS_FILE, dir);
  enum zhi_code rc = zhi_buf_check(&path, "a path", e);
  if (!rc)
    rc = state_of(dir, &t->generation, e);
  if (!rc)
    rc = search_open_file(path.p, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &t->db, e);
  if (!rc)
    rc = zhi_db_exec(t->db, schema, e);
  if (!rc)
    rc = zhi_db_int(t->db, "SELECT value FROM about WHERE key = 'generation'", &done, e);
  *fresh = !rc && done == t->generation;
  if (!rc && !*fresh)
    rc = zhi_db_exec(t->db, "BEGIN IMMEDIATE", e);
  if (!rc)
    rc = zhi_db_prepare(t->db, "SELECT 1 FROM text WHERE payload_digest = ?1", &t->has, e);
  if (!rc)
    rc = zhi_db_prepare(t->db, "INSERT OR REPLACE INTO text VALUES (?1, ?2, ?3, ?4)", &t->add, e);
  zhi_buf_release(&path);
  if (rc)
    rc = zhi_texts_close(t, rc, e);
  else
    *out = t;
  return rc;
}

enum zhi_code zhi_texts_has(struct zhi_texts *t, struct zhi_str payload_digest, bool *out,
                            struct zhi_err *e) {
  zhi_bind_text(t->has, 1, payload_digest);
  enum zhi_code rc = zhi_db_step(t->db, t->has, out, e);
  sqlite3_reset(t->has);
  return rc;
}

enum zhi_code zhi_texts_put(struct zhi_texts *t, struct zhi_str payload_digest, const char *tool,
                            struct zhi_str text, const char *finding, struct zhi_err *e) {
  zhi_bind_text(t->add, 1, payload_digest);
  zhi_bind_text(t->add, 2, zhi_str_of(tool));
  zhi_bind_text(t->add, 3, text);
  zhi_bind_str(t->add, 4, zhi_str_of(finding));
  t->put++;
  return zhi_db_run(t->db, t->add, e);
}

/* The serial tells an index that there is more than it has seen. */
static enum zhi_code mark(struct zhi_texts *t, int64_t generation, struct zhi_err *e) {
  char sql[256];
  snprintf(sql, sizeof sql,
           "INSERT OR REPLACE INTO about VALUES ('generation', %lld), ('serial', "
           "coalesce((SELECT value FROM about WHERE key = 'serial'), 0) + %d)",
           (long long)generation, t->put > 0);
  t->put = 0;
  return zhi_db_exec(t->db, sql, e);
}

enum zhi_code zhi_texts_save(struct zhi_texts *t, struct zhi_err *e) {
  enum zhi_code rc = mark(t, -1, e);
  return rc ? rc : zhi_db_exec(t->db, "COMMIT; BEGIN IMMEDIATE", e);
}

enum zhi_code zhi_texts_close(struct zhi_texts *t, enum zhi_code rc, struct zhi_err *e) {
  if (t->db && !rc && !sqlite3_get_autocommit(t->db->db) &&
      (rc = mark(t, t->generation, e)) == ZHI_OK)
    rc = zhi_db_exec(t->db, "COMMIT", e);
  sqlite3_finalize(t->has);
  sqlite3_finalize(t->add);
  zhi_store_close(t->db);
  free(t);
  return rc;
}

/* --- for the index --------------------------------------------------------------------------------------------- */

enum zhi_code search_texts_attach(struct zhi_store *s, struct search_texts *t, struct zhi_err *e) {
  struct zhi_buf path;
  sqlite3_stmt *st = NULL;
  *t = (struct search_texts){.s = s};
  zhi_buf_init(&path, 8192);
  zhi_buf_addf(&path, "%s/" SEARCH_TEXTS_FILE, s->dir);
  enum zhi_code rc = zhi_buf_check(&path, "a path", e);
  bool there = !rc && access(path.p, R_OK) == 0;
  if (there && (rc = zhi_db_prepare(s, "ATTACH ?1 AS texts", &st, e)) == ZHI_OK) {
    zhi_bind_text(st, 1, zhi_buf_view(&path));
    rc = zhi_db_run(s, st, e);
  }
  sqlite3_finalize(st);
  zhi_buf_release(&path);
  if (there && !rc)
    rc = zhi_db_int(s, "SELECT value FROM texts.about WHERE key = 'serial'", &t->serial, e);
  if (there && !rc)
    rc = zhi_db_prepare(s,
                        "SELECT t.payload_digest, t.text FROM url u JOIN capture c ON c.id = "
                        "u.good_capture_id JOIN texts.text t ON t.payload_digest = "
                        "c.payload_digest WHERE u.id = ?1",
                        &t->of_url, e);
  return rc;
}

void search_texts_release(struct search_texts *t) {
  sqlite3_finalize(t->of_url);
  t->of_url = NULL;
}

enum zhi_code search_texts_each(struct search_texts *t, struct zhi_str attachments,
                                void (*fn)(void *ctx, const char *url, struct zhi_str digest,
                                           struct zhi_str text),
                                void *ctx, struct zhi_err *e) {
  enum zhi_code rc = ZHI_OK;
  size_t i;
  json_t *a;
  if (!t->of_url || attachments.len < 3)
    return ZHI_OK;
  json_t *all = json_loadb(attachments.p, attachments.len, 0, NULL);
  json_array_foreach(all, i, a) {
    const char *url = json_string_value(json_object_get(a, "url"));
    int64_t id = 0;
    bool row = false;
    if (rc || !url)
      continue;
    if ((rc = zhi_urls_find(t->s, zhi_str_of(url), &id, e)) || !id)
      continue;
    zhi_bind_int(t->of_url, 1, id);
    if ((rc = zhi_db_step(t->s, t->of_url, &row, e)) == ZHI_OK && row)
      fn(ctx, url, zhi_col_str(t->of_url, 0), zhi_col_str(t->of_url, 1));
    sqlite3_reset(t->of_url);
  }
  json_decref(all);
  return rc;
}
