/* Check: is the database whole, do its counts agree with its rows, does documents.csv agree with it.
 *
 * The CSV is made again into a digest and compared with the file. While a crawl is unfinished and has committed since
 * the file was written (it was killed, or runs), the file is rightly older: then only tampering is told. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/internal.h"
#include "zhi/file.h"

struct check {
  struct zhi_store *s;
  void (*problem)(void *ctx, const char *text);
  void *ctx;
  int told;
};

enum { PROBLEMS_MAX = 1000 };

/* The first PROBLEMS_MAX are told. */
static void count(void *ctx, const char *text) {
  struct check *c = ctx;
  if (c->told++ < PROBLEMS_MAX)
    c->problem(c->ctx, text);
}

static enum zhi_code each(struct check *c, const char *sql,
                          void (*row)(struct check *c, sqlite3_stmt *st), struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  bool more = false;
  enum zhi_code rc = zhi_db_prepare(c->s, sql, &st, e);
  while (rc == ZHI_OK && (rc = zhi_db_step(c->s, st, &more, e)) == ZHI_OK && more)
    row(c, st);
  sqlite3_finalize(st);
  return rc;
}

static void integrity_row(struct check *c, sqlite3_stmt *st) {
  if (strcmp(zhi_col_text(st, 0), "ok") != 0)
    zhi_say(count, c, "xianzhi.db: %s", zhi_col_text(st, 0));
}

static void foreign_row(struct check *c, sqlite3_stmt *st) {
  zhi_say(count, c, "xianzhi.db: row %lld of %s refers to a missing row of %s",
          (long long)zhi_col_int(st, 1), zhi_col_text(st, 0), zhi_col_text(st, 2));
}

static void count_row(struct check *c, sqlite3_stmt *st) {
  zhi_say(count, c, "xianzhi.db: the counts of %s do not agree with its URLs", zhi_col_text(st, 0));
}

static void place_row(struct check *c, sqlite3_stmt *st) {
  zhi_say(count, c, "xianzhi.db: the capture of %s lies beyond the committed end of %s",
          zhi_col_text(st, 0), zhi_col_text(st, 1));
}

static const struct {
  const char *sql;
  void (*row)(struct check *c, sqlite3_stmt *st);
} checks[] = {
    {"PRAGMA integrity_check(100)", integrity_row},
    {"PRAGMA foreign_key_check", foreign_row},
    {"SELECT o.origin FROM origin o LEFT JOIN (SELECT origin_id, sum(state = 'due') AS due, "
     "sum(state = 'waiting') AS waiting, sum(state = 'done') AS done, sum(state = 'failed') "
     "AS failed, sum(state = 'excluded') AS excluded FROM url GROUP BY origin_id) n "
     "ON n.origin_id = o.id WHERE (o.due, o.waiting, o.done, o.failed, o.excluded) IS NOT "
     "(coalesce(n.due, 0), coalesce(n.waiting, 0), coalesce(n.done, 0), coalesce(n.failed, 0), "
     "coalesce(n.excluded, 0)) ORDER BY 1",
     count_row},
    {"SELECT u.url, w.name FROM capture c JOIN warc_file w ON w.id = c.warc_file_id "
     "JOIN url u ON u.id = c.url_id WHERE c.warc_offset + c.warc_length > w.committed_bytes "
     "ORDER BY c.id",
     place_row},
};

/* "" when there is no such file. */
static enum zhi_code digest_of(const char *path, char out[ZHI_DIGEST_TEXT_SIZE],
                               struct zhi_err *e) {
  int64_t bytes;
  out[0] = '\0';
  return access(path, F_OK) == 0 ? zhi_file_digest(path, out, &bytes, e) : ZHI_OK;
}

/* Every file that datapackage.json describes has the hash it names. */
static enum zhi_code check_package(struct check *c, struct zhi_err *e) {
  char *path = NULL, digest[ZHI_DIGEST_TEXT_SIZE];
  json_error_t why;
  json_t *r;
  size_t i;
  enum zhi_code rc = ZHI_OK;
  if (asprintf(&path, "%s/datapackage.json", c->s->dir) < 0)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a path");
  json_t *p = json_load_file(path, 0, &why);
  free(path);
  if (!p)
    zhi_say(count, c, "datapackage.json: %s", why.text);
  json_array_foreach(json_object_get(p, "resources"), i, r) {
    const char *name = json_string_value(json_object_get(r, "path"));
    const char *hash = json_string_value(json_object_get(r, "hash"));
    if (!name || strchr(name, '/') || asprintf(&path, "%s/%s", c->s->dir, name) < 0)
      continue;
    rc = digest_of(path, digest, e);
    free(path);
    if (rc)
      break;
    if (!hash || strcmp(hash, digest) != 0)
      zhi_say(count, c, "datapackage.json does not describe %s: its hash is another", name);
  }
  json_decref(p);
  return rc;
}

static enum zhi_code check_csv(struct check *c, struct zhi_err *e) {
  char written[ZHI_DIGEST_TEXT_SIZE], found[ZHI_DIGEST_TEXT_SIZE], then[32], now[32];
  int64_t unfinished = 0;
  char *path = NULL;
  struct zhi_csv_sink sink = {0};
  enum zhi_code rc = zhi_db_fact(c->s, "csv_digest", written, sizeof written, e);
  if (rc || (rc = zhi_db_fact(c->s, "csv_commits", then, sizeof then, e)) ||
      (rc = zhi_db_fact(c->s, "commits", now, sizeof now, e)) ||
      (rc = zhi_db_int(c->s, "SELECT count(*) FROM crawl WHERE state = 'running'", &unfinished, e)))
    return rc;
  if (asprintf(&path, "%s/documents.csv", c->s->dir) < 0)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a path");
  if ((rc = digest_of(path, found, e)))
    goto out;
  bool older = strcmp(then, now) != 0;
  if (!written[0] && !found[0] && (unfinished || strcmp(now, "0") == 0))
    goto out; /* none was due yet */
  if (!found[0]) {
    zhi_say(count, c, "documents.csv is missing");
    goto out;
  }
  if ((rc = check_package(c, e)))
    goto out;
  if (older && unfinished) {
    if (strcmp(found, written) != 0)
      zhi_say(count, c, "documents.csv is not the file that was written");
    goto out;
  }
  if ((rc = zhi_csv_produce(c->s, &sink, e)) == ZHI_OK && strcmp(found, sink.digest) != 0)
    zhi_say(count, c,
            older ? "documents.csv is older than the catalogue"
                  : "documents.csv does not agree with the catalogue");
out:
  free(path);
  return rc;
}

enum zhi_code zhi_store_check(struct zhi_store *s, void (*problem)(void *ctx, const char *text),
                              void *ctx, struct zhi_err *e) {
  struct check c = {s, problem, ctx, 0};
  enum zhi_code rc = ZHI_OK;
  for (size_t i = 0; i < sizeof checks / sizeof *checks && rc == ZHI_OK; i++)
    rc = each(&c, checks[i].sql, checks[i].row, e);
  return rc ? rc : check_csv(&c, e);
}
