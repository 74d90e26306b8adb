#include "tests/support/archive.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sqlite3.h>

static int64_t fake_now(void *ctx) { return ((struct test_archive *)ctx)->now_ms; }

static void ok(enum zhi_code rc, const struct zhi_err *e) {
  if (rc)
    print_error("code %d: %s\n", (int)rc, e->msg);
  assert_int_equal(rc, ZHI_OK);
}

void archive_begin(struct test_archive *t, bool fresh) {
  struct zhi_err e = {0};
  ok(zhi_store_begin_crawl(t->s, fresh, ZHI_STR("{}"), &t->crawl, &e), &e);
}

static void start(struct test_archive *t) {
  struct zhi_err e = {0};
  ok(zhi_store_open(t->dir, ZHI_STORE_CREATE, &t->clock, &t->s, &e), &e);
  archive_begin(t, false);
}

void archive_setup(struct test_archive *t) {
  memset(t, 0, sizeof *t);
  t->now_ms = INT64_C(1522310400000); /* 2018-03-29T08:00:00Z */
  t->clock = (struct zhi_clock){fake_now, t, NULL};
  strcpy(t->dir, "/tmp/zhi-archive-XXXXXX");
  assert_non_null(mkdtemp(t->dir));
  start(t);
}

void archive_restart(struct test_archive *t) {
  zhi_store_close(t->s);
  start(t);
}

void archive_teardown(struct test_archive *t) {
  char cmd[256];
  zhi_store_close(t->s);
  snprintf(cmd, sizeof cmd, "chmod -R u+w '%s' && rm -rf '%s'", t->dir, t->dir);
  assert_int_equal(system(cmd), 0);
}

void archive_commit(struct test_archive *t, const struct zhi_batch *b, size_t *added,
                    size_t *stale) {
  struct zhi_err e = {0};
  size_t a, st;
  ok(zhi_store_commit(t->s, b, added ? added : &a, stale ? stale : &st, &e), &e);
}

void archive_capture(struct test_archive *t, const char *url, const char *url_key,
                     enum zhi_verdict verdict, const char *payload, const struct zhi_doc_row *doc) {
  struct zhi_commit_capture c = {.capture = {.url = zhi_str_of(url),
                                             .url_key = zhi_str_of(url_key),
                                             .fetched_ms = t->now_ms,
                                             .verdict = verdict,
                                             .status = 200,
                                             .mime = ZHI_STR("text/html"),
                                             .charset = ZHI_STR("utf-8"),
                                             .payload_digest = zhi_str_of(payload),
                                             .warc_file = ZHI_STR("warc/2018/a.warc.gz"),
                                             .warc_offset = t->next_id * 100,
                                             .warc_length = 100},
                                 .doc = doc};
  snprintf(c.capture.capture_id, sizeof c.capture.capture_id, "capture-%u", t->next_id++);
  struct zhi_warc_state w = {"warc/2018/a.warc.gz", t->next_id * 100, false};
  archive_commit(t,
                 &(struct zhi_batch){.crawl_id = t->crawl.id,
                                     .captures = &c,
                                     .capture_count = 1,
                                     .warcs = &w,
                                     .warc_count = 1},
                 NULL, NULL);
}

static void with_db(const struct test_archive *t, const char *sql, int64_t *out) {
  char path[128];
  sqlite3 *db = NULL;
  sqlite3_stmt *st = NULL;
  snprintf(path, sizeof path, "%s/xianzhi.db", t->dir);
  assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
  if (!out) {
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
  } else {
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    *out = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
  }
  sqlite3_close(db);
}

int64_t archive_int(const struct test_archive *t, const char *sql) {
  int64_t v = 0;
  with_db(t, sql, &v);
  return v;
}

void archive_sql(const struct test_archive *t, const char *sql) { with_db(t, sql, NULL); }

char *archive_file(const struct test_archive *t, const char *name) {
  char path[160];
  snprintf(path, sizeof path, "%s/%s", t->dir, name);
  FILE *f = fopen(path, "rb");
  if (!f)
    return NULL;
  struct zhi_buf b;
  char chunk[4096];
  size_t n;
  zhi_buf_init(&b, (size_t)1 << 26);
  while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
    zhi_buf_add(&b, chunk, n);
  fclose(f);
  return zhi_buf_take(&b);
}
