/* The catalogue: commits are whole or not at all, captures are stored once, walks see what was committed, older and
 * newer schemas are told apart. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "store/internal.h"
#include "tests/support/archive.h"

#define URL "http://a.gov.cn/doc.html"
#define KEY "cn,gov,a)/doc.html"

static struct zhi_doc_row a_document(void) {
  struct zhi_doc_row d = {.kind = "document",
                          .extractor_version = "1",
                          .fields_json = ZHI_STR("{\"title\":{\"raw\":\"通知\"}}"),
                          .text = ZHI_STR("正文"),
                          .text_digest = ZHI_STR("sha256:t1"),
                          .body_chars = 2,
                          .attachments_json = ZHI_STR("[]"),
                          .findings_json = ZHI_STR("[]")};
  d.field[ZHI_F_TITLE] = ZHI_STR("通知");
  return d;
}

static struct zhi_commit_capture a_capture(const char *id, const struct zhi_doc_row *doc) {
  struct zhi_commit_capture c = {.capture = {.url = ZHI_STR(URL),
                                             .url_key = ZHI_STR(KEY),
                                             .verdict = ZHI_V_OK,
                                             .status = 200,
                                             .warc_file = ZHI_STR("w1.warc.gz"),
                                             .warc_offset = 10,
                                             .warc_length = 20,
                                             .record_id = ZHI_STR("<urn:uuid:1>")},
                                 .doc = doc};
  snprintf(c.capture.capture_id, sizeof c.capture.capture_id, "%s", id);
  return c;
}

static void the_same_capture_is_stored_once(void **state) {
  struct test_archive t;
  struct zhi_doc_row d = a_document();
  struct zhi_commit_capture c[2] = {a_capture("one", &d), a_capture("one", &d)};
  struct zhi_batch b = {.captures = c, .capture_count = 2};
  (void)state;
  archive_setup(&t);
  b.crawl_id = t.crawl.id;
  archive_commit(&t, &b, NULL, NULL);
  archive_restart(&t);
  archive_commit(&t, &b, NULL, NULL);
  assert_int_equal(archive_int(&t, "SELECT count(*) FROM capture"), 1);
  assert_int_equal(archive_int(&t, "SELECT count(*) FROM document"), 1);
  assert_int_equal(archive_int(&t, "SELECT count(*) FROM document_text WHERE text = '正文'"), 1);
  assert_int_equal(archive_int(&t, "SELECT count(*) FROM url"), 1); /* made for url_id 0, done */
  assert_int_equal(archive_int(&t, "SELECT count(*) FROM url WHERE state = 'done'"), 1);
  archive_teardown(&t);
}

static void a_stale_result_is_refused_and_its_capture_kept(void **state) {
  struct test_archive t;
  struct zhi_err e = {0};
  size_t added = 0, stale = 0, n = 0;
  struct zhi_found f = {.url = ZHI_STR(URL), .origin = ZHI_STR("http://a.gov.cn")};
  struct zhi_lease *l;
  (void)state;
  archive_setup(&t);
  assert_int_equal(zhi_frontier_add(t.s, &f, 1, &added, &e), ZHI_OK);
  assert_int_equal(zhi_frontier_lease(t.s, 1, 1, 1000, &l, &n, &e), ZHI_OK);
  assert_int_equal(zhi_frontier_release(t.s, l->group_id, l->token, &e), ZHI_OK);
  struct zhi_commit_capture c = a_capture("one", NULL);
  c.capture.url_id = l->jobs[0].url_id;
  struct zhi_url_result r = {.url_id = l->jobs[0].url_id, .token = l->token};
  archive_commit(&t,
                 &(struct zhi_batch){.crawl_id = t.crawl.id,
                                     .captures = &c,
                                     .capture_count = 1,
                                     .results = &r,
                                     .result_count = 1},
                 &added, &stale);
  assert_int_equal(stale, 1);
  assert_int_equal(archive_int(&t, "SELECT count(*) FROM capture"), 1);
  assert_int_equal(archive_int(&t, "SELECT count(*) FROM url WHERE state = 'due'"), 1);
  zhi_lease_free(l);
  archive_teardown(&t);
}

/* A batch that touches every part of the database. */
struct full_batch {
  struct zhi_doc_row d;
  struct zhi_commit_capture c;
  struct zhi_url_result r;
  struct zhi_found f[2];
  struct zhi_origin_state o;
  struct zhi_group_state g;
  struct zhi_warc_state w;
  struct zhi_batch b;
};

static void fill_batch(struct full_batch *x, const struct test_archive *t,
                       const struct zhi_lease *l) {
  *x = (struct full_batch){
      .d = a_document(),
      .c = a_capture("one", NULL),
      .r = {.url_id = l->jobs[0].url_id, .group_id = l->group_id, .token = l->token},
      .f = {{.url = ZHI_STR("http://new.gov.cn/"), .origin = ZHI_STR("http://new.gov.cn")},
            {.url = ZHI_STR("http://a.gov.cn/2"), .origin = ZHI_STR("http://a.gov.cn")}},
      .o = {.origin = ZHI_STR("http://a.gov.cn"),
            .robots_fetched_ms = 5,
            .robots_state = "ok",
            .robots_text = ZHI_STR("User-agent: *\n"),
            .address = ZHI_STR("192.0.2.1")},
      .g = {.group_id = l->group_id, .token = l->token, .next_ms = 7, .delay_ms = 3},
      .w = {"w1.warc.gz", 30, false}};
  x->c.doc = &x->d;
  x->c.capture.url_id = l->jobs[0].url_id;
  x->b = (struct zhi_batch){.crawl_id = t->crawl.id,
                            .captures = &x->c,
                            .capture_count = 1,
                            .results = &x->r,
                            .result_count = 1,
                            .found = x->f,
                            .found_count = 2,
                            .origins = &x->o,
                            .origin_count = 1,
                            .groups = &x->g,
                            .group_count = 1,
                            .warcs = &x->w,
                            .warc_count = 1};
}

static struct zhi_lease *lease_one(struct test_archive *t) {
  struct zhi_err e = {0};
  size_t n = 0;
  struct zhi_lease *l = NULL;
  struct zhi_found f = {.url = ZHI_STR(URL), .origin = ZHI_STR("http://a.gov.cn")};
  assert_int_equal(zhi_frontier_add(t->s, &f, 1, &n, &e), ZHI_OK);
  assert_int_equal(zhi_frontier_lease(t->s, 1, 1, 100000, &l, &n, &e), ZHI_OK);
  assert_int_equal(n, 1);
  return l;
}

static void expect_full_batch(struct test_archive *t) {
  struct zhi_frontier_stats st;
  struct zhi_err e = {0};
  assert_int_equal(zhi_frontier_stats(t->s, &st, &e), ZHI_OK);
  assert_int_equal(st.known, 3);
  assert_int_equal(st.done, 1);
  assert_int_equal(st.due, 2);
  assert_int_equal(st.leased, 0);
  assert_int_equal(archive_int(t, "SELECT count(*) FROM capture"), 1);
  assert_int_equal(archive_int(t, "SELECT count(*) FROM document"), 1);
  assert_int_equal(archive_int(t, "SELECT committed_bytes FROM warc_file"), 30);
  assert_int_equal(archive_int(t, "SELECT robots_fetched_ms FROM origin WHERE origin = "
                                  "'http://a.gov.cn'"),
                   5);
  assert_int_equal(archive_int(t, "SELECT count(*) FROM host_group WHERE next_ms = 7"), 1);
  assert_int_equal(archive_int(t, "SELECT sum(due) FROM origin"), 2);
}

/* Limit the database to `pages`; 0 lifts the limit. */
static void limit_pages(struct test_archive *t, int pages) {
  char sql[64];
  snprintf(sql, sizeof sql, "PRAGMA max_page_count = %d", pages ? pages : 1000000);
  assert_int_equal(sqlite3_exec(t->s->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

/* However early or late in the batch the disk is full: nothing of it is there, and after room was made the same batch
 * goes in, under the same lease. */
static void a_full_disk_takes_nothing_and_the_handle_stays_usable(void **state) {
  int failures = 0, pages = 1;
  (void)state;
  for (bool done = false; !done; pages++) {
    struct test_archive t;
    struct full_batch x;
    struct zhi_err e = {0};
    size_t added = 77, stale = 77;
    archive_setup(&t);
    struct zhi_lease *l = lease_one(&t);
    fill_batch(&x, &t, l);
    char *big = malloc(20000); /* needs new pages */
    memset(big, 'x', 20000);
    x.d.text = zhi_str_n(big, 20000);
    limit_pages(&t, (int)archive_int(&t, "PRAGMA page_count") + pages - 1);
    enum zhi_code rc = zhi_store_commit(t.s, &x.b, &added, &stale, &e);
    done = rc == ZHI_OK;
    if (!done) {
      failures++;
      assert_int_equal(rc, ZHI_EIO);
      assert_int_equal(e.errnum, ENOSPC);
      assert_non_null(strstr(e.msg, "xianzhi.db"));
      assert_int_equal(added, 77);
      assert_int_equal(archive_int(&t, "SELECT count(*) FROM capture"), 0);
      assert_int_equal(archive_int(&t, "SELECT count(*) FROM url"), 1);
      assert_int_equal(archive_int(&t, "SELECT count(*) FROM origin"), 1);
      limit_pages(&t, 0);
      archive_commit(&t, &x.b, &added, &stale);
    }
    assert_int_equal(added, 2);
    assert_int_equal(stale, 0);
    expect_full_batch(&t);
    free(big);
    zhi_lease_free(l);
    archive_teardown(&t);
  }
  assert_true(failures >= 3);
}

static void a_failing_write_is_an_io_error_with_its_file(void **state) {
  struct test_archive t;
  struct full_batch x;
  struct zhi_err e = {0};
  size_t added, stale;
  (void)state;
  archive_setup(&t);
  struct zhi_lease *l = lease_one(&t);
  fill_batch(&x, &t, l);
  struct rlimit before, small = {4096, 4096};
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  small.rlim_max = before.rlim_max;
  signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
  enum zhi_code rc = zhi_store_commit(t.s, &x.b, &added, &stale, &e);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
  assert_int_equal(rc, ZHI_EIO);
  assert_true(e.errnum == EFBIG || e.errnum == EIO || e.errnum == ENOSPC);
  assert_non_null(strstr(e.msg, "xianzhi.db"));
  archive_commit(&t, &x.b, &added, &stale);
  expect_full_batch(&t);
  zhi_lease_free(l);
  archive_teardown(&t);
}

static void a_batch_survives_a_reopen(void **state) {
  struct test_archive t;
  struct full_batch x;
  (void)state;
  archive_setup(&t);
  struct zhi_lease *l = lease_one(&t);
  fill_batch(&x, &t, l);
  x.b.crawl_id = 0; /* the one begun on the handle */
  archive_commit(&t, &x.b, NULL, NULL);
  archive_restart(&t);
  expect_full_batch(&t);
  assert_int_equal(archive_int(&t, "SELECT count(*) FROM capture WHERE crawl_id = 1"), 1);
  zhi_lease_free(l);
  archive_teardown(&t);
}

static void warc_serials_go_on_where_they_stopped(void **state) {
  struct test_archive t;
  char name[128];
  (void)state;
  archive_setup(&t);
  assert_string_equal(t.crawl.name, "20180329T080000Z-1");
  assert_int_equal(t.crawl.next_warc_serial, 1);
  snprintf(name, sizeof name, "warc/2018/xianzhi-%s-00004-host.warc.gz", t.crawl.name);
  struct zhi_warc_state w = {name, 10, false};
  archive_commit(&t, &(struct zhi_batch){.crawl_id = t.crawl.id, .warcs = &w, .warc_count = 1},
                 NULL, NULL);
  archive_restart(&t);
  assert_true(t.crawl.resumed);
  assert_int_equal(t.crawl.next_warc_serial, 5);
  archive_begin(&t, true);
  assert_int_equal(t.crawl.next_warc_serial, 1);
  archive_teardown(&t);
}

static void a_changed_config_is_told(void **state) {
  struct test_archive t;
  struct zhi_err e = {0};
  struct zhi_crawl_info info;
  (void)state;
  archive_setup(&t);
  assert_false(t.crawl.config_changed);
  archive_restart(&t);
  assert_false(t.crawl.config_changed);
  assert_int_equal(zhi_store_begin_crawl(t.s, false, ZHI_STR("{\"a\":1}"), &info, &e), ZHI_OK);
  assert_true(info.config_changed);
  assert_int_equal(zhi_store_begin_crawl(t.s, true, ZHI_STR("{\"a\":1}"), &info, &e), ZHI_OK);
  assert_false(info.config_changed);
  archive_teardown(&t);
}

/* --- walks ------------------------------------------------------------------------------------------------ */

struct seen {
  struct test_archive *t;
  int count;
  int64_t last_offset, rowids[4];
  char text[4096];
};

static enum zhi_code see_capture(void *ctx, const struct zhi_capture_ref *c, struct zhi_err *e) {
  struct seen *x = ctx;
  assert_true(c->warc_offset > x->last_offset);
  x->last_offset = c->warc_offset;
  assert_int_equal(c->has_doc, x->count != 1);
  x->rowids[x->count++] = c->capture_rowid;
  const struct zhi_doc_row *none = NULL; /* the call back may write */
  return zhi_store_put_docs(x->t->s, &c->capture_rowid, &none, 1, e);
}

static void captures_come_in_warc_order_and_documents_can_be_replaced(void **state) {
  struct test_archive t;
  struct zhi_err e = {0};
  struct zhi_doc_row d = a_document();
  struct zhi_commit_capture c[4] = {a_capture("a", &d), a_capture("b", &d), a_capture("c", NULL),
                                    a_capture("d", NULL)};
  struct seen x = {.t = &t, .last_offset = -1};
  (void)state;
  c[0].capture.warc_offset = 900;
  c[1].capture.warc_offset = 0;
  c[2].capture.warc_offset = 400;
  c[3].capture.warc_file = ZHI_STR_NONE; /* nothing stored: not in the walk */
  archive_setup(&t);
  archive_commit(&t, &(struct zhi_batch){.crawl_id = t.crawl.id, .captures = c, .capture_count = 4},
                 NULL, NULL);
  assert_int_equal(zhi_store_each_capture(t.s, see_capture, &x, &e), ZHI_OK);
  assert_int_equal(x.count, 3);
  assert_int_equal(archive_int(&t, "SELECT count(*) FROM document"), 0);
  assert_int_equal(archive_int(&t, "SELECT count(*) FROM document_text"), 0);
  struct zhi_doc_row again = a_document();
  again.field[ZHI_F_TITLE] = ZHI_STR("新标题");
  const struct zhi_doc_row *p = &again;
  assert_int_equal(zhi_store_put_docs(t.s, &x.rowids[1], &p, 1, &e), ZHI_OK);
  assert_int_equal(archive_int(&t, "SELECT count(*) FROM document WHERE title = '新标题'"), 1);
  archive_teardown(&t);
}

static enum zhi_code see_origin(void *ctx, const struct zhi_origin_state *o,
                                const struct zhi_group_state *g, struct zhi_err *e) {
  struct seen *x = ctx;
  (void)e;
  if (x->count++ == 0) {
    assert_true(zhi_str_is(o->origin, "http://a.gov.cn"));
    assert_true(zhi_str_is(o->address, "192.0.2.1"));
    assert_string_equal(o->robots_state, "ok");
    assert_true(zhi_str_is(o->robots_text, "User-agent: *\n"));
    assert_int_equal(o->robots_fetched_ms, 5);
    assert_int_equal(g->next_ms, 7);
    assert_int_equal(g->delay_ms, 3);
    assert_true(g->group_id > 0);
  } else {
    assert_null(o->robots_state);
  }
  return ZHI_OK;
}

static enum zhi_code see_warc(void *ctx, const struct zhi_warc_state *w, struct zhi_err *e) {
  struct seen *x = ctx;
  assert_string_equal(w->file, "w1.warc.gz");
  assert_int_equal(w->committed_bytes, 30);
  assert_false(w->closed);
  x->count++;
  return zhi_fail(e, ZHI_ELIMIT, "enough");
}

static void origins_and_warc_files_are_there_to_start_from(void **state) {
  struct test_archive t;
  struct full_batch b;
  struct zhi_err e = {0};
  struct seen x = {0}, y = {0};
  (void)state;
  archive_setup(&t);
  struct zhi_lease *l = lease_one(&t);
  fill_batch(&b, &t, l);
  archive_commit(&t, &b.b, NULL, NULL);
  assert_int_equal(zhi_store_each_origin(t.s, see_origin, &x, &e), ZHI_OK);
  assert_int_equal(x.count, 2);
  /* a call back's failure ends the walk and is passed on */
  assert_int_equal(zhi_store_each_warc(t.s, see_warc, &y, &e), ZHI_ELIMIT);
  assert_int_equal(y.count, 1);
  zhi_lease_free(l);
  archive_teardown(&t);
}

/* --- schemas and foreign files -------------------------------------------------------------------------- */

static enum zhi_code reopen(struct test_archive *t, enum zhi_store_mode mode, struct zhi_err *e) {
  *e = (struct zhi_err){0};
  return zhi_store_open(t->dir, mode, &t->clock, &t->s, e);
}

static void a_newer_schema_is_refused(void **state) {
  struct test_archive t;
  struct zhi_err e;
  (void)state;
  archive_setup(&t);
  zhi_store_close(t.s);
  t.s = NULL;
  archive_sql(&t, "PRAGMA user_version = 99");
  for (int mode = ZHI_STORE_CREATE; mode <= ZHI_STORE_READ; mode++) {
    assert_int_equal(reopen(&t, (enum zhi_store_mode)mode, &e), ZHI_EPARSE);
    assert_non_null(strstr(e.msg, "newer"));
    assert_non_null(strstr(e.msg, "xianzhi.db"));
  }
  archive_teardown(&t);
}

static void another_database_is_no_archive(void **state) {
  struct test_archive t;
  struct zhi_err e;
  (void)state;
  archive_setup(&t);
  zhi_store_close(t.s);
  t.s = NULL;
  archive_sql(&t, "PRAGMA application_id = 7");
  assert_int_equal(reopen(&t, ZHI_STORE_CREATE, &e), ZHI_EPARSE);
  assert_non_null(strstr(e.msg, "not a xianzhi archive"));
  assert_int_equal(reopen(&t, ZHI_STORE_READ, &e), ZHI_EPARSE);
  archive_teardown(&t);
}

static void a_file_that_is_no_database_is_said_so(void **state) {
  struct test_archive t;
  struct zhi_err e;
  char path[128];
  (void)state;
  archive_setup(&t);
  zhi_store_close(t.s);
  t.s = NULL;
  snprintf(path, sizeof path, "%s/xianzhi.db", t.dir);
  FILE *f = fopen(path, "wb");
  for (int i = 0; i < 2000; i++)
    fputs("not a database, ", f);
  fclose(f);
  assert_int_equal(reopen(&t, ZHI_STORE_WRITE, &e), ZHI_EPARSE);
  assert_int_equal(reopen(&t, ZHI_STORE_READ, &e), ZHI_EPARSE);
  assert_non_null(strstr(e.msg, path));
  archive_teardown(&t);
}

static void a_field_that_is_new_gets_its_column(void **state) {
  struct test_archive t;
  struct zhi_doc_row d = a_document();
  (void)state;
  archive_setup(&t);
  zhi_store_close(t.s);
  archive_sql(&t, "DROP VIEW documents; ALTER TABLE document DROP COLUMN doc_no");
  t.s = NULL;
  struct zhi_err e;
  assert_int_equal(reopen(&t, ZHI_STORE_WRITE, &e), ZHI_OK);
  archive_begin(&t, false);
  d.field[ZHI_F_DOC_NO] = ZHI_STR("永政〔2018〕7号");
  archive_capture(&t, URL, KEY, ZHI_V_OK, "sha256:p", &d);
  assert_int_equal(archive_int(&t, "SELECT count(*) FROM documents WHERE doc_no <> ''"), 1);
  archive_teardown(&t);
}

static void collect_problem(void *ctx, const char *text) {
  struct seen *x = ctx;
  x->count++;
  size_t n = strlen(x->text);
  snprintf(x->text + n, sizeof x->text - n, "%s\n", text);
}

static int problems(struct test_archive *t, struct seen *x) {
  struct zhi_err e = {0};
  *x = (struct seen){0};
  assert_int_equal(zhi_store_check(t->s, collect_problem, x, &e), ZHI_OK);
  return x->count;
}

static void check_finds_what_was_bent(void **state) {
  static const struct {
    const char *sql, *told;
  } bends[] = {
      {"UPDATE origin SET done = done + 1", "counts of http://a.gov.cn"},
      {"PRAGMA foreign_keys = OFF; UPDATE capture SET url_id = 4711", "refers to a missing row"},
      {"UPDATE warc_file SET committed_bytes = 1", "beyond the committed end"},
      {"UPDATE document SET title = 'x'", "documents.csv does not agree"},
      {"PRAGMA foreign_keys = OFF; DELETE FROM capture", ""},
  };
  (void)state;
  for (size_t i = 0; i < sizeof bends / sizeof *bends; i++) {
    struct test_archive t;
    struct seen x;
    struct zhi_err e = {0};
    struct zhi_doc_row d = a_document();
    archive_setup(&t);
    archive_capture(&t, URL, KEY, ZHI_V_OK, "sha256:p", &d);
    assert_int_equal(zhi_store_write_csv(t.s, &e), ZHI_OK);
    assert_int_equal(problems(&t, &x), 0);
    archive_sql(&t, bends[i].sql);
    assert_true(problems(&t, &x) > 0);
    assert_non_null(strstr(x.text, bends[i].told));
    archive_teardown(&t);
  }
}

static void an_old_csv_is_a_problem_only_after_the_crawl(void **state) {
  struct test_archive t;
  struct seen x;
  struct zhi_err e = {0};
  struct zhi_doc_row d = a_document();
  (void)state;
  archive_setup(&t);
  assert_int_equal(problems(&t, &x), 0); /* nothing yet, nothing wrong */
  archive_capture(&t, URL, KEY, ZHI_V_OK, "sha256:p", &d);
  assert_int_equal(problems(&t, &x), 0);
  assert_int_equal(zhi_store_write_csv(t.s, &e), ZHI_OK);
  archive_capture(&t, URL "2", KEY "2", ZHI_V_OK, "sha256:q", &d);
  assert_int_equal(problems(&t, &x), 0);
  assert_int_equal(zhi_store_finish_crawl(t.s, t.crawl.id, &e), ZHI_OK);
  assert_int_equal(problems(&t, &x), 1);
  assert_non_null(strstr(x.text, "older"));
  assert_int_equal(zhi_store_write_csv(t.s, &e), ZHI_OK);
  assert_int_equal(problems(&t, &x), 0);
  char path[128];
  snprintf(path, sizeof path, "%s/documents.csv", t.dir);
  assert_int_equal(unlink(path), 0);
  assert_int_equal(problems(&t, &x), 1);
  assert_non_null(strstr(x.text, "missing"));
  archive_teardown(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_same_capture_is_stored_once),
      cmocka_unit_test(a_stale_result_is_refused_and_its_capture_kept),
      cmocka_unit_test(a_full_disk_takes_nothing_and_the_handle_stays_usable),
      cmocka_unit_test(a_failing_write_is_an_io_error_with_its_file),
      cmocka_unit_test(a_batch_survives_a_reopen),
      cmocka_unit_test(warc_serials_go_on_where_they_stopped),
      cmocka_unit_test(a_changed_config_is_told),
      cmocka_unit_test(captures_come_in_warc_order_and_documents_can_be_replaced),
      cmocka_unit_test(origins_and_warc_files_are_there_to_start_from),
      cmocka_unit_test(a_newer_schema_is_refused),
      cmocka_unit_test(another_database_is_no_archive),
      cmocka_unit_test(a_file_that_is_no_database_is_said_so),
      cmocka_unit_test(a_field_that_is_new_gets_its_column),
      cmocka_unit_test(check_finds_what_was_bent),
      cmocka_unit_test(an_old_csv_is_a_problem_only_after_the_crawl),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
