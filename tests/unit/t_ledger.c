/* The life of a URL from crawl to crawl: what state a row of answers leads to, which of them begin a version, when it
 * is looked at again, which body a later capture may refer to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "tests/support/archive.h"
#include "zhi/arena.h"

enum { DAY_MS = 24 * 3600 * 1000 };

#define URL "http://a.gov.cn/x.html"
#define KEY "cn,gov,a)/x.html"

static struct zhi_doc_row doc_of(const char *kind, const char *text) {
  return (struct zhi_doc_row){
      .kind = kind, .extractor_version = "1", .text_digest = zhi_str_of(text)};
}

static struct zhi_lease *lease_of(struct test_archive *t) {
  struct zhi_lease *l = NULL;
  struct zhi_err e = {0};
  size_t n = 0;
  assert_int_equal(zhi_frontier_lease(t->s, 1, 9, 60000, &l, &n, &e), ZHI_OK);
  return n ? l : NULL;
}

static void add_page(struct test_archive *t) {
  struct zhi_err e = {0};
  size_t added;
  struct zhi_found f = {
      .url = ZHI_STR(URL), .origin = ZHI_STR("http://a.gov.cn"), .prio = ZHI_PRIO_PAGE};
  assert_int_equal(zhi_frontier_add(t->s, &f, 1, &added, &e), ZHI_OK);
}

/* One crawl that meets the page as a letter says:
 *   a b c  content (A: the text of a in another template)  3  not modified  g  gone  s  soft 404
 *   h  a redirect home  m  a redirect elsewhere  x  blocked, given up  u  unreachable, given up  l  a list */
static void meet(struct test_archive *t, char what) {
  struct zhi_lease *l = lease_of(t);
  char payload[96], text[32];
  snprintf(payload, sizeof payload, "sha256:%064x", (unsigned)what);
  snprintf(text, sizeof text, "sha256:t%c", what == 'A' ? 'a' : what);
  struct zhi_doc_row d = doc_of(what == 'l' ? "list" : "document", text);
  bool content = strchr("abcAl", what) != NULL, body = content || what == 's';
  assert_non_null(l);
  struct zhi_commit_capture c = {
      .capture = {.url_id = l->jobs[0].url_id,
                  .url = ZHI_STR(URL),
                  .url_key = ZHI_STR(KEY),
                  .fetched_ms = t->now_ms,
                  .status = 200,
                  .payload_digest = body ? zhi_str_of(payload) : ZHI_STR_NONE},
      .doc = content ? &d : NULL};
  struct zhi_url_result r = {.url_id = l->jobs[0].url_id,
                             .group_id = l->group_id,
                             .token = l->token,
                             .outcome = strchr("xu", what) ? ZHI_URL_FAILED : ZHI_URL_DONE};
  switch (what) {
  case '3': c.capture.verdict = ZHI_V_NOT_MODIFIED; break;
  case 'g': c.capture.verdict = ZHI_V_GONE; break;
  case 's': c.capture.verdict = ZHI_V_SOFT_404; break;
  case 'h': c.capture.redirect_gone = true; /* fall through */
  case 'm':
    c.capture.verdict = ZHI_V_REDIRECT;
    c.capture.redirect_to = ZHI_STR("http://b.gov.cn/x.html");
    break;
  case 'x': c.capture.verdict = ZHI_V_BLOCKED; break;
  case 'u': c.capture.verdict = ZHI_V_CONNECTION; break;
  default: c.capture.verdict = ZHI_V_OK; break;
  }
  r.verdict = c.capture.verdict;
  snprintf(c.capture.capture_id, sizeof c.capture.capture_id, "c%u", t->next_id++);
  archive_commit(
      t, &(struct zhi_batch){.captures = &c, .capture_count = 1, .results = &r, .result_count = 1},
      NULL, NULL);
  zhi_lease_free(l);
}

static void next_crawl(struct test_archive *t, int64_t later_ms) {
  struct zhi_err e = {0};
  assert_int_equal(zhi_store_finish_crawl(t->s, t->crawl.id, &e), ZHI_OK);
  t->now_ms += later_ms;
  archive_begin(t, false);
}

static void text_of(const struct test_archive *t, const char *sql, char out[64]) {
  char path[128];
  sqlite3 *db = NULL;
  sqlite3_stmt *st = NULL;
  snprintf(path, sizeof path, "%s/xianzhi.db", t->dir);
  assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
  const char *v = sqlite3_step(st) == SQLITE_ROW ? (const char *)sqlite3_column_text(st, 0) : NULL;
  snprintf(out, 64, "%s", v ? v : "");
  sqlite3_finalize(st);
  sqlite3_close(db);
}

static void answers_lead_to_a_state_and_begin_versions(void **state) {
  static const struct {
    const char *met, *life;
    int versions;
  } cases[] = {
      {"a", "live", 1},           {"a3", "live", 1},
      {"aA", "live", 1},          {"ab", "live", 2},
      {"aba", "live", 3},         {"a3b3", "live", 2},
      {"ag", "live", 1},          {"agg", "removed", 1},
      {"ags", "removed", 1},      {"ahh", "removed", 1},
      {"agxg", "removed", 1},     {"agag", "live", 1},
      {"axx", "blocked", 1},      {"auu", "unreachable", 1},
      {"aggu", "removed", 1},     {"agga", "reappeared", 1},
      {"aggb3", "reappeared", 2}, {"am", "moved", 1},
      {"ama", "live", 1},         {"gg", "", 0},
      {"ga", "live", 1},          {"x", "blocked", 0},
      {"xa", "live", 1},          {"ss", "", 1},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct test_archive t;
    struct zhi_err e = {0};
    char life[64], before[64], after[64];
    const char *all = "SELECT group_concat(captured_at || version || last_seen || first_capture) "
                      "FROM (SELECT * FROM versions ORDER BY version)";
    archive_setup(&t);
    add_page(&t);
    for (const char *c = cases[i].met; *c; c++) {
      meet(&t, *c);
      next_crawl(&t, DAY_MS);
    }
    text_of(&t, "SELECT state FROM ledger WHERE url = '" URL "'", life);
    int64_t n = archive_int(&t, "SELECT count(*) FROM versions WHERE url = '" URL "'");
    if (strcmp(life, cases[i].life) != 0 || n != cases[i].versions)
      fail_msg("%s: %s, %d versions", cases[i].met, life, (int)n);
    text_of(&t, all, before); /* numbered anew they are the same */
    assert_int_equal(zhi_store_number_versions(t.s, &e), ZHI_OK);
    text_of(&t, all, after);
    assert_string_equal(before, after);
    archive_teardown(&t);
  }
}

static void dates_tell_since_when_it_is_gone(void **state) {
  struct test_archive t;
  char s[64];
  (void)state;
  archive_setup(&t);
  add_page(&t);
  for (const char *c = "a3gxg"; *c; c++) {
    meet(&t, *c);
    next_crawl(&t, DAY_MS);
  }
  text_of(&t, "SELECT first_seen || ' ' || last_ok FROM ledger", s);
  assert_string_equal(s, "2018-03-29T08:00:00Z 2018-03-30T08:00:00Z");
  text_of(&t, "SELECT gone_since FROM ledger", s);
  assert_string_equal(s, "2018-03-31T08:00:00Z");
  archive_teardown(&t);
}

/* Two URLs of one key that show different things do not take turns as versions. */
static void urls_of_one_key_share_versions_and_do_not_alternate(void **state) {
  struct test_archive t;
  (void)state;
  archive_setup(&t);
  for (int i = 0; i < 3; i++) {
    archive_capture(&t, "http://a.gov.cn/x", "k", ZHI_V_OK, "sha256:1", NULL);
    archive_capture(&t, "http://www.a.gov.cn/x", "k", ZHI_V_OK, "sha256:1", NULL);
    archive_capture(&t, "http://a.gov.cn/X", "k", ZHI_V_OK, "sha256:2", NULL);
    t.now_ms += DAY_MS;
  }
  assert_int_equal(archive_int(&t, "SELECT count(*) FROM versions"), 2);
  archive_capture(&t, "http://a.gov.cn/x", "k", ZHI_V_OK, "sha256:3", NULL);
  archive_capture(&t, "http://www.a.gov.cn/x", "k", ZHI_V_OK, "sha256:3", NULL);
  assert_int_equal(archive_int(&t, "SELECT max(version) FROM versions"), 2);
  assert_int_equal(archive_int(&t, "SELECT count(*) FROM versions"), 3);
  archive_teardown(&t);
}

/* What another extractor read otherwise is no edit. */
static enum zhi_code read_again(void *ctx, const struct zhi_capture_ref *c, struct zhi_err *e) {
  struct test_archive *t = ctx;
  struct zhi_doc_row d = doc_of("document", "sha256:new");
  const struct zhi_doc_row *row = &d;
  d.extractor_version = "2";
  return zhi_store_put_docs(t->s, &c->capture_rowid, &row, 1, e);
}

static void an_older_extractors_reading_is_renewed_before_it_counts(void **state) {
  struct test_archive t;
  struct zhi_err e = {0};
  struct zhi_doc_row older = doc_of("document", "sha256:old");
  struct zhi_doc_row newer = doc_of("document", "sha256:new");
  size_t n = 0;
  (void)state;
  newer.extractor_version = "2";
  archive_setup(&t);
  archive_capture(&t, URL, KEY, ZHI_V_OK, "sha256:1", &older);
  next_crawl(&t, DAY_MS);
  archive_capture(&t, URL, KEY, ZHI_V_OK, "sha256:2", &newer);
  assert_int_equal(archive_int(&t, "SELECT count(*) FROM versions"), 2);
  assert_int_equal(zhi_store_each_outdated(t.s, read_again, &t, &n, &e), ZHI_OK);
  assert_int_equal(n, 1);
  assert_int_equal(zhi_store_number_versions(t.s, &e), ZHI_OK);
  assert_int_equal(archive_int(&t, "SELECT count(*) FROM versions"), 1);
  assert_int_equal(zhi_store_each_outdated(t.s, read_again, &t, &n, &e), ZHI_OK);
  assert_int_equal(n, 0);
  archive_teardown(&t);
}

/* --- when it is looked at again -------------------------------------------------------------------------------- */

static void intervals_follow_change(void **state) {
  static const struct {
    const char *met;
    int days; /* until the next visit */
  } cases[] = {{"a", 7},   {"a3", 14}, {"a33", 28}, {"a3333", 100}, {"a33b", 7}, {"l", 1},
               {"l33", 1}, {"ag", 0},  {"agg", 28}, {"a333b", 14},  {"u", 0},    {"g", 7}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct test_archive t;
    archive_setup(&t);
    zhi_store_set_recrawl(t.s, &(struct zhi_recrawl){DAY_MS, 7LL * DAY_MS, 100LL * DAY_MS});
    archive_begin(&t, true);
    add_page(&t);
    for (const char *c = cases[i].met; *c; c++) {
      meet(&t, *c);
      if (c[1])
        next_crawl(&t, 1000LL * DAY_MS);
    }
    if (cases[i].days > 0) {
      next_crawl(&t, cases[i].days * (int64_t)DAY_MS - 2 * 3600 * 1000);
      if (lease_of(&t))
        fail_msg("%s: due before %d days", cases[i].met, cases[i].days);
      assert_int_equal(archive_int(&t, "SELECT not_due FROM crawl ORDER BY id DESC LIMIT 1"), 1);
      t.now_ms -= cases[i].days * (int64_t)DAY_MS - 2 * 3600 * 1000;
    }
    next_crawl(&t, cases[i].days * (int64_t)DAY_MS);
    struct zhi_lease *l = lease_of(&t);
    if (!l)
      fail_msg("%s: not due after %d days", cases[i].met, cases[i].days);
    assert_int_equal(l->jobs[0].prio, ZHI_PRIO_PAGE);
    zhi_lease_free(l);
    archive_teardown(&t);
  }
}

static void new_documents_come_before_known_ones(void **state) {
  struct test_archive t;
  struct zhi_err e = {0};
  size_t added;
  (void)state;
  archive_setup(&t);
  add_page(&t);
  meet(&t, 'a');
  next_crawl(&t, DAY_MS);
  struct zhi_found f = {.url = ZHI_STR("http://a.gov.cn/new.pdf"),
                        .origin = ZHI_STR("http://a.gov.cn"),
                        .prio = ZHI_PRIO_ATTACHMENT};
  assert_int_equal(zhi_frontier_add(t.s, &f, 1, &added, &e), ZHI_OK);
  struct zhi_lease *l = lease_of(&t);
  assert_int_equal(l->count, 2);
  assert_true(zhi_str_ends(l->jobs[0].url, "new.pdf"));
  assert_true(zhi_str_is(l->jobs[1].extractor_version, "1"));
  zhi_lease_free(l);
  archive_teardown(&t);
}

/* --- bodies ------------------------------------------------------------------------------------------------------- */

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void only_whole_committed_bodies_can_be_referred_to(void **state) {
  static const struct {
    const char *truncated, *record_id, *revisit_of;
    enum zhi_verdict verdict;
    bool found;
  } cases[] = {{"", "<urn:1>", "", ZHI_V_OK, true},
               {"", "<urn:1>", "", ZHI_V_GONE, true},
               {"length", "<urn:1>", "", ZHI_V_OK, false},
               {"", "", "", ZHI_V_OK, false},
               {"", "<urn:1>", "<urn:0>", ZHI_V_OK, false},
               {"", "<urn:1>", "", ZHI_V_BLOCKED, false},
               {"disconnect", "<urn:1>", "", ZHI_V_TRUNCATED, false}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct test_archive t;
    struct zhi_err e = {0};
    struct zhi_arena a;
    struct zhi_original o;
    struct zhi_commit_capture c = {.capture = {.capture_id = "one",
                                               .url = ZHI_STR(URL),
                                               .url_key = ZHI_STR(KEY),
                                               .fetched_ms = 1234,
                                               .verdict = cases[i].verdict,
                                               .payload_digest = ZHI_STR("sha256:" HEX64),
                                               .body_bytes = 10,
                                               .warc_file = ZHI_STR("2018/a.warc.gz"),
                                               .record_id = zhi_str_of(cases[i].record_id),
                                               .revisit_of = zhi_str_of(cases[i].revisit_of),
                                               .truncated = zhi_str_of(cases[i].truncated)}};
    archive_setup(&t);
    zhi_arena_init(&a, 1 << 16);
    assert_int_equal(zhi_store_find_payload(t.s, c.capture.payload_digest, &a, &o, &e), ZHI_OK);
    assert_int_equal(o.capture_id, 0);
    archive_commit(&t, &(struct zhi_batch){.captures = &c, .capture_count = 1}, NULL, NULL);
    assert_int_equal(zhi_store_find_payload(t.s, c.capture.payload_digest, &a, &o, &e), ZHI_OK);
    assert_int_equal(o.capture_id != 0, cases[i].found);
    if (cases[i].found) {
      assert_true(zhi_str_is(o.record_id, "<urn:1>"));
      assert_true(zhi_str_is(o.url, URL));
      assert_int_equal(o.date_ms, 1234);
    }
    assert_int_equal(zhi_store_find_payload(t.s, ZHI_STR("sha256:zz"), &a, &o, &e), ZHI_OK);
    assert_int_equal(o.capture_id, 0);
    zhi_arena_release(&a);
    archive_teardown(&t);
  }
}

/* --- the end of a crawl ----------------------------------------------------------------------------------------- */

static void a_host_that_only_redirects_becomes_an_alias(void **state) {
  static const struct {
    const char *met;
    int aliases;
  } cases[] = {{"a", 0}, {"m", 1}, {"am", 1}, {"ma", 1}, {"mm", 1}, {"h", 0}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct test_archive t;
    char s[64];
    archive_setup(&t);
    add_page(&t);
    for (const char *c = cases[i].met; *c; c++) {
      meet(&t, *c);
      next_crawl(&t, DAY_MS);
    }
    if (archive_int(&t, "SELECT count(*) FROM aliases") != cases[i].aliases)
      fail_msg("%s", cases[i].met);
    if (cases[i].aliases) {
      text_of(&t, "SELECT origin || '>' || to_origin FROM aliases", s);
      assert_string_equal(s, "http://a.gov.cn>http://b.gov.cn");
    }
    archive_teardown(&t);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(answers_lead_to_a_state_and_begin_versions),
      cmocka_unit_test(dates_tell_since_when_it_is_gone),
      cmocka_unit_test(urls_of_one_key_share_versions_and_do_not_alternate),
      cmocka_unit_test(an_older_extractors_reading_is_renewed_before_it_counts),
      cmocka_unit_test(intervals_follow_change),
      cmocka_unit_test(new_documents_come_before_known_ones),
      cmocka_unit_test(only_whole_committed_bodies_can_be_referred_to),
      cmocka_unit_test(a_host_that_only_redirects_becomes_an_alias),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
