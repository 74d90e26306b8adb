/* The frontier's contract: one suite for every backend in the table below. A fake clock stands for time; "restart"
 * closes the handle and opens it again on the same archive. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "zhi/store.h"

struct backend {
  const char *name;
  enum zhi_code (*open)(const char *dir, const struct zhi_clock *clock, struct zhi_store **out,
                        struct zhi_err *e);
};

static enum zhi_code open_sqlite(const char *dir, const struct zhi_clock *clock,
                                 struct zhi_store **out, struct zhi_err *e) {
  return zhi_store_open(dir, ZHI_STORE_CREATE, clock, out, e);
}

static const struct backend backends[] = {{"sqlite", open_sqlite}};

/* --- the stage: an archive in a temporary folder ------------------------------------------------------- */

struct stage {
  const struct backend *backend;
  char dir[64];
  int64_t now_ms;
  struct zhi_clock clock;
  struct zhi_store *s;
  struct zhi_crawl_info crawl;
};

static int64_t fake_now(void *ctx) { return ((struct stage *)ctx)->now_ms; }

static void ok(enum zhi_code rc, const struct zhi_err *e) {
  if (rc)
    print_error("code %d: %s\n", (int)rc, e->msg);
  assert_int_equal(rc, ZHI_OK);
}

static void begin(struct stage *t, bool fresh) {
  struct zhi_err e = {0};
  ok(zhi_store_begin_crawl(t->s, fresh, ZHI_STR("{}"), &t->crawl, &e), &e);
}

static void start(struct stage *t) {
  struct zhi_err e = {0};
  ok(t->backend->open(t->dir, &t->clock, &t->s, &e), &e);
  begin(t, false);
}

static void restart(struct stage *t) {
  zhi_store_close(t->s);
  start(t);
}

static void setup(struct stage *t, const struct backend *b) {
  memset(t, 0, sizeof *t);
  t->backend = b;
  t->now_ms = INT64_C(1700000000000);
  t->clock = (struct zhi_clock){fake_now, t, NULL};
  strcpy(t->dir, "/tmp/zhi-frontier-XXXXXX");
  assert_non_null(mkdtemp(t->dir));
  start(t);
}

static void teardown(struct stage *t) {
  char cmd[128];
  zhi_store_close(t->s);
  snprintf(cmd, sizeof cmd, "rm -rf '%s'", t->dir);
  assert_int_equal(system(cmd), 0);
}

static size_t add(struct stage *t, const char *origin, const char *path, enum zhi_priority prio) {
  char url[256];
  struct zhi_err e = {0};
  size_t added = 99;
  snprintf(url, sizeof url, "%s%s", origin, path);
  struct zhi_found f = {.url = zhi_str_of(url), .origin = zhi_str_of(origin), .prio = prio};
  ok(zhi_frontier_add(t->s, &f, 1, &added, &e), &e);
  return added;
}

enum { TTL = 60000 };

/* Lease one group with up to max URLs; NULL when there is none. */
static struct zhi_lease *lease(struct stage *t, size_t max) {
  struct zhi_lease *l = NULL;
  struct zhi_err e = {0};
  size_t n = 0;
  ok(zhi_frontier_lease(t->s, 1, max, TTL, &l, &n, &e), &e);
  return n ? l : NULL;
}

static size_t answer(struct stage *t, const struct zhi_lease *l, size_t job,
                     enum zhi_url_outcome outcome, int64_t retry_ms) {
  struct zhi_url_result r = {.url_id = l->jobs[job].url_id,
                             .group_id = l->group_id,
                             .token = l->token,
                             .outcome = outcome,
                             .verdict = outcome == ZHI_URL_DONE ? ZHI_V_OK : ZHI_V_TIMEOUT,
                             .retry_ms = retry_ms};
  struct zhi_batch b = {.crawl_id = t->crawl.id, .results = &r, .result_count = 1};
  struct zhi_err e = {0};
  size_t added, stale = 99;
  ok(zhi_store_commit(t->s, &b, &added, &stale, &e), &e);
  return stale;
}

/* What the holder of a lease says of its group after an answer; token 0: it holds none any more. */
static void block(struct stage *t, int64_t group, int64_t token, int64_t until_ms) {
  struct zhi_group_state g = {.group_id = group, .token = token, .blocked_until_ms = until_ms};
  struct zhi_batch b = {.crawl_id = t->crawl.id, .groups = &g, .group_count = 1};
  struct zhi_err e = {0};
  size_t added, stale;
  ok(zhi_store_commit(t->s, &b, &added, &stale, &e), &e);
}

static struct zhi_frontier_stats stats(struct stage *t) {
  struct zhi_frontier_stats st;
  struct zhi_err e = {0};
  ok(zhi_frontier_stats(t->s, &st, &e), &e);
  assert_int_equal(st.known, st.due + st.leased + st.done + st.failed + st.excluded + st.waiting);
  return st;
}

static bool is_url(const struct zhi_job *j, const char *url) { return zhi_str_is(j->url, url); }

#define A "http://a.gov.cn"
#define B "http://b.gov.cn"
#define C "http://c.gov.cn:8080"

/* --- the suite -------------------------------------------------------------------------------------------- */

static void a_url_is_added_once(struct stage *t) {
  assert_int_equal(add(t, A, "/", ZHI_PRIO_SEED), 1);
  assert_int_equal(add(t, A, "/", ZHI_PRIO_PAGE), 0);
  assert_int_equal(add(t, A, "/?", ZHI_PRIO_PAGE), 1); /* another text is another URL */
  restart(t);
  assert_int_equal(add(t, A, "/", ZHI_PRIO_SEED), 0);
  assert_int_equal(stats(t).known, 2);
}

static void duplicates_inside_one_batch_count_once(struct stage *t) {
  struct zhi_found f[3] = {{.url = ZHI_STR(A "/x"), .origin = ZHI_STR(A), .depth = 1},
                           {.url = ZHI_STR(A "/y"), .origin = ZHI_STR(A), .depth = 2},
                           {.url = ZHI_STR(A "/x"), .origin = ZHI_STR(A), .depth = 3}};
  struct zhi_err e = {0};
  size_t added = 0;
  ok(zhi_frontier_add(t->s, f, 3, &added, &e), &e);
  assert_int_equal(added, 2);
  struct zhi_lease *l = lease(t, 9);
  assert_int_equal(l->count, 2);
  assert_true(is_url(&l->jobs[0], A "/x")); /* in the order found */
  assert_int_equal(l->jobs[0].depth, 1);    /* the first finding stands */
  zhi_lease_free(l);
}

static void two_lessees_never_get_one_group(struct stage *t) {
  add(t, A, "/1", ZHI_PRIO_PAGE);
  add(t, A, "/2", ZHI_PRIO_PAGE);
  struct zhi_lease *one = lease(t, 1);
  assert_non_null(one);
  assert_null(lease(t, 1)); /* /2 is due, but its group is held */
  add(t, B, "/1", ZHI_PRIO_PAGE);
  struct zhi_lease *two = lease(t, 1);
  assert_non_null(two);
  assert_true(two->group_id != one->group_id);
  assert_true(two->token != one->token);
  zhi_lease_free(one);
  zhi_lease_free(two);
}

static void many_groups_come_in_one_call_and_take_turns(struct stage *t) {
  struct zhi_lease *l[8];
  struct zhi_err e = {0};
  size_t n = 0;
  for (int i = 0; i < 5; i++) {
    char origin[64];
    snprintf(origin, sizeof origin, "http://h%d.gov.cn", i);
    add(t, origin, "/a", ZHI_PRIO_PAGE);
    add(t, origin, "/b", ZHI_PRIO_PAGE);
  }
  ok(zhi_frontier_lease(t->s, 3, 1, TTL, l, &n, &e), &e);
  assert_int_equal(n, 3);
  for (size_t i = 0; i < n; i++) {
    assert_int_equal(l[i]->count, 1);
    ok(zhi_frontier_release(t->s, l[i]->group_id, l[i]->token, &e), &e);
  }
  int64_t first = l[0]->group_id;
  for (size_t i = 0; i < n; i++)
    zhi_lease_free(l[i]);
  ok(zhi_frontier_lease(t->s, 2, 1, TTL, l, &n, &e), &e);
  assert_int_equal(n, 2);
  assert_true(l[0]->group_id != first && l[1]->group_id != first); /* the two not served yet */
  zhi_lease_free(l[0]);
  zhi_lease_free(l[1]);
}

static void an_expired_lease_passes_on_and_its_results_are_refused(struct stage *t) {
  add(t, A, "/", ZHI_PRIO_PAGE);
  struct zhi_lease *old = lease(t, 1);
  assert_int_equal(old->until_ms, t->now_ms + TTL);
  t->now_ms += TTL - 1;
  assert_null(lease(t, 1));
  t->now_ms += 1;
  struct zhi_lease *next = lease(t, 1);
  assert_non_null(next);
  assert_int_equal(next->jobs[0].url_id, old->jobs[0].url_id);
  assert_true(next->token != old->token);
  assert_int_equal(answer(t, old, 0, ZHI_URL_DONE, 0), 1);
  assert_int_equal(stats(t).done, 0);
  assert_int_equal(answer(t, next, 0, ZHI_URL_DONE, 0), 0);
  assert_int_equal(stats(t).done, 1);
  zhi_lease_free(old);
  zhi_lease_free(next);
}

static void a_result_counts_once(struct stage *t) {
  add(t, A, "/", ZHI_PRIO_PAGE);
  struct zhi_lease *l = lease(t, 1);
  assert_int_equal(answer(t, l, 0, ZHI_URL_DONE, 0), 0);
  assert_int_equal(answer(t, l, 0, ZHI_URL_FAILED, 0), 1);
  assert_int_equal(stats(t).done, 1);
  assert_int_equal(stats(t).failed, 0);
  zhi_lease_free(l);
}

static void two_results_in_one_batch_count_once(struct stage *t) {
  struct zhi_err e = {0};
  size_t added, stale = 0;
  add(t, A, "/", ZHI_PRIO_PAGE);
  struct zhi_lease *l = lease(t, 1);
  struct zhi_url_result r[2] = {
      {.url_id = l->jobs[0].url_id, .token = l->token},
      {.url_id = l->jobs[0].url_id, .token = l->token, .outcome = ZHI_URL_FAILED}};
  struct zhi_batch b = {.crawl_id = t->crawl.id, .results = r, .result_count = 2};
  ok(zhi_store_commit(t->s, &b, &added, &stale, &e), &e);
  assert_int_equal(stale, 1);
  assert_int_equal(stats(t).done, 1);
  assert_int_equal(stats(t).failed, 0);
  zhi_lease_free(l);
}

/* Thousands in hand, answered in an order of their own: none is mistaken for another. */
static void every_leased_url_can_be_answered_in_any_order(struct stage *t) {
  enum { N = 3000, STEP = 1009 };
  static char urls[N][48];
  static struct zhi_found f[N];
  static struct zhi_url_result r[N];
  struct zhi_err e = {0};
  size_t n = 0, stale = 0;
  for (size_t i = 0; i < N; i++) {
    snprintf(urls[i], sizeof urls[i], A "/%zu", i);
    f[i] = (struct zhi_found){.url = zhi_str_of(urls[i]), .origin = ZHI_STR(A)};
  }
  ok(zhi_frontier_add(t->s, f, N, &n, &e), &e);
  assert_int_equal(n, N);
  struct zhi_lease *l = lease(t, N);
  assert_int_equal(l->count, N);
  for (size_t i = 0; i < N; i++)
    r[i] = (struct zhi_url_result){.url_id = l->jobs[i * STEP % N].url_id, .token = l->token};
  for (size_t at = 0; at < N; at += N / 4) {
    struct zhi_batch b = {.crawl_id = t->crawl.id, .results = r + at, .result_count = N / 4};
    ok(zhi_store_commit(t->s, &b, &n, &stale, &e), &e);
    assert_int_equal(stale, 0);
    assert_int_equal(stats(t).leased, N - at - N / 4);
  }
  assert_int_equal(stats(t).done, N);
  zhi_lease_free(l);
}

static void renewing_keeps_a_lease_and_a_lost_one_cannot_be_renewed(struct stage *t) {
  struct zhi_err e = {0};
  int64_t until = 0;
  add(t, A, "/", ZHI_PRIO_PAGE);
  struct zhi_lease *l = lease(t, 1);
  t->now_ms += TTL / 2;
  ok(zhi_frontier_renew(t->s, l->group_id, l->token, TTL, &until, &e), &e);
  assert_int_equal(until, t->now_ms + TTL);
  t->now_ms += TTL - 1;
  assert_null(lease(t, 1));
  t->now_ms += 1;
  struct zhi_lease *next = lease(t, 1);
  assert_non_null(next);
  assert_int_equal(zhi_frontier_renew(t->s, l->group_id, l->token, TTL, &until, &e), ZHI_ECONFLICT);
  struct zhi_lease *more = NULL;
  assert_int_equal(zhi_frontier_more(t->s, l->group_id, l->token, 1, &more, &e), ZHI_ECONFLICT);
  assert_int_equal(zhi_frontier_release(t->s, l->group_id, l->token, &e), ZHI_ECONFLICT);
  assert_null(more);
  zhi_lease_free(l);
  zhi_lease_free(next);
}

static void more_gives_what_is_not_yet_in_hand(struct stage *t) {
  struct zhi_err e = {0};
  for (int i = 0; i < 5; i++) {
    char path[16];
    snprintf(path, sizeof path, "/%d", i);
    add(t, A, path, ZHI_PRIO_PAGE);
  }
  struct zhi_lease *l = lease(t, 2), *more = NULL, *rest = NULL, *none = NULL;
  ok(zhi_frontier_more(t->s, l->group_id, l->token, 2, &more, &e), &e);
  assert_int_equal(more->token, l->token);
  assert_int_equal(more->count, 2);
  assert_true(is_url(&more->jobs[0], A "/2"));
  assert_int_equal(stats(t).leased, 4);
  assert_int_equal(answer(t, more, 1, ZHI_URL_DONE, 0), 0);
  ok(zhi_frontier_more(t->s, l->group_id, l->token, 9, &rest, &e), &e);
  assert_int_equal(rest->count, 1);
  assert_true(is_url(&rest->jobs[0], A "/4"));
  ok(zhi_frontier_more(t->s, l->group_id, l->token, 9, &none, &e), &e);
  assert_int_equal(none->count, 0);
  zhi_lease_free(l);
  zhi_lease_free(more);
  zhi_lease_free(rest);
  zhi_lease_free(none);
}

static void release_makes_the_unfinished_due_again(struct stage *t) {
  struct zhi_err e = {0};
  add(t, A, "/1", ZHI_PRIO_PAGE);
  add(t, A, "/2", ZHI_PRIO_PAGE);
  struct zhi_lease *l = lease(t, 2);
  assert_int_equal(answer(t, l, 0, ZHI_URL_DONE, 0), 0);
  ok(zhi_frontier_release(t->s, l->group_id, l->token, &e), &e);
  assert_int_equal(stats(t).due, 1);
  assert_int_equal(answer(t, l, 1, ZHI_URL_DONE, 0), 1); /* after the release it is stale */
  struct zhi_lease *again = lease(t, 2);
  assert_int_equal(again->count, 1);
  assert_true(is_url(&again->jobs[0], A "/2"));
  zhi_lease_free(l);
  zhi_lease_free(again);
}

static void a_restart_voids_leases_and_keeps_what_was_committed(struct stage *t) {
  add(t, A, "/1", ZHI_PRIO_PAGE);
  add(t, A, "/2", ZHI_PRIO_PAGE);
  struct zhi_lease *l = lease(t, 2);
  assert_int_equal(answer(t, l, 0, ZHI_URL_DONE, 0), 0);
  int64_t crawl = t->crawl.id;
  restart(t);
  assert_true(t->crawl.resumed);
  assert_int_equal(t->crawl.id, crawl);
  assert_int_equal(answer(t, l, 1, ZHI_URL_DONE, 0), 1);
  struct zhi_lease *again = lease(t, 9);
  assert_int_equal(again->count, 1);
  assert_true(is_url(&again->jobs[0], A "/2"));
  assert_true(again->token > l->token); /* tokens are never used twice */
  zhi_lease_free(l);
  zhi_lease_free(again);
}

static void a_clock_that_steps_back_takes_no_lease_away(struct stage *t) {
  struct zhi_err e = {0};
  int64_t until = 0;
  add(t, A, "/1", ZHI_PRIO_PAGE);
  add(t, A, "/2", ZHI_PRIO_PAGE);
  struct zhi_lease *l = lease(t, 1);
  t->now_ms -= INT64_C(86400000);
  assert_null(lease(t, 1));
  ok(zhi_frontier_renew(t->s, l->group_id, l->token, TTL, &until, &e), &e);
  assert_int_equal(until, t->now_ms + TTL);
  assert_int_equal(answer(t, l, 0, ZHI_URL_DONE, 0), 0);
  zhi_lease_free(l);
}

static void a_clock_that_steps_forward_ends_leases_cleanly(struct stage *t) {
  add(t, A, "/1", ZHI_PRIO_PAGE);
  struct zhi_lease *l = lease(t, 1);
  t->now_ms += INT64_C(86400000) * 365;
  struct zhi_lease *next = lease(t, 1);
  assert_non_null(next);
  assert_int_equal(answer(t, l, 0, ZHI_URL_DONE, 0), 1);
  t->now_ms -= INT64_C(86400000) * 365;
  assert_int_equal(answer(t, next, 0, ZHI_URL_DONE, 0), 0);
  zhi_lease_free(l);
  zhi_lease_free(next);
}

static void a_late_result_still_counts_while_nobody_asked_for_work(struct stage *t) {
  add(t, A, "/1", ZHI_PRIO_PAGE);
  struct zhi_lease *l = lease(t, 1);
  t->now_ms += TTL * 2;
  assert_int_equal(answer(t, l, 0, ZHI_URL_DONE, 0), 0);
  zhi_lease_free(l);
}

static void a_blocked_group_is_not_leased_until_its_time(struct stage *t) {
  struct zhi_err e = {0};
  add(t, A, "/1", ZHI_PRIO_PAGE);
  add(t, A, "/2", ZHI_PRIO_PAGE);
  struct zhi_lease *l = lease(t, 1), *more = NULL;
  int64_t until = t->now_ms + 7000;
  block(t, l->group_id, l->token, until);
  block(t, l->group_id, 0, until - 5000); /* of no holder: the later one stands */
  ok(zhi_frontier_more(t->s, l->group_id, l->token, 1, &more, &e), &e);
  assert_int_equal(more->count, 0);
  zhi_lease_free(more);
  ok(zhi_frontier_release(t->s, l->group_id, l->token, &e), &e);
  assert_null(lease(t, 1));
  assert_int_equal(stats(t).next_due_ms, until);
  zhi_lease_free(l);
  restart(t); /* a block outlives the process */
  t->now_ms = until - 1;
  assert_null(lease(t, 1));
  t->now_ms = until;
  l = lease(t, 1);
  assert_non_null(l);
  zhi_lease_free(l);
}

static void a_retry_waits_for_its_time_and_counts_attempts(struct stage *t) {
  add(t, A, "/1", ZHI_PRIO_PAGE);
  add(t, A, "/2", ZHI_PRIO_PAGE);
  struct zhi_err e = {0};
  struct zhi_lease *l = lease(t, 2), *again;
  int64_t when = t->now_ms + 30000;
  assert_int_equal(answer(t, l, 0, ZHI_URL_RETRY, when), 0);
  assert_int_equal(answer(t, l, 1, ZHI_URL_DONE, 0), 0);
  ok(zhi_frontier_release(t->s, l->group_id, l->token, &e), &e);
  assert_int_equal(stats(t).waiting, 1);
  assert_int_equal(stats(t).next_due_ms, when);
  assert_null(lease(t, 1));
  restart(t);
  t->now_ms = when - 1;
  assert_null(lease(t, 1));
  t->now_ms = when;
  assert_non_null(again = lease(t, 1));
  assert_true(is_url(&again->jobs[0], A "/1"));
  assert_int_equal(again->jobs[0].attempts, 1);
  assert_int_equal(stats(t).waiting, 0);
  zhi_lease_free(l);
  zhi_lease_free(again);
}

static void priorities_order_the_urls_of_a_group(struct stage *t) {
  static const struct {
    const char *path;
    enum zhi_priority prio;
  } in[] = {{"/guess", ZHI_PRIO_SPECULATIVE}, {"/style.css", ZHI_PRIO_REQUISITE},
            {"/doc1", ZHI_PRIO_PAGE},         {"/list", ZHI_PRIO_LIST},
            {"/doc2", ZHI_PRIO_PAGE},         {"/sitemap.xml", ZHI_PRIO_SITEMAP},
            {"/a.pdf", ZHI_PRIO_ATTACHMENT},  {"/", ZHI_PRIO_SEED}};
  static const char *const out[] = {A "/",     A "/sitemap.xml", A "/list",      A "/doc1",
                                    A "/doc2", A "/a.pdf",       A "/style.css", A "/guess"};
  for (size_t i = 0; i < 8; i++)
    add(t, A, in[i].path, in[i].prio);
  struct zhi_lease *l = lease(t, 9);
  assert_int_equal(l->count, 8);
  for (size_t i = 0; i < 8; i++)
    assert_true(is_url(&l->jobs[i], out[i]));
  zhi_lease_free(l);
}

static int64_t regroup(struct stage *t, const char *origin, const char *address) {
  struct zhi_err e = {0};
  int64_t id = 0;
  ok(zhi_frontier_regroup(t->s, zhi_str_of(origin), zhi_str_of(address), &id, &e), &e);
  return id;
}

static void hosts_at_one_address_become_one_group(struct stage *t) {
  struct zhi_err e = {0};
  add(t, A, "/", ZHI_PRIO_PAGE);
  add(t, B, "/", ZHI_PRIO_PAGE);
  add(t, C, "/", ZHI_PRIO_PAGE);
  int64_t a = regroup(t, A, "192.0.2.1"), b = regroup(t, B, "192.0.2.1");
  int64_t c = regroup(t, C, "192.0.2.2");
  assert_int_equal(a, b);
  assert_true(a != c);
  assert_int_equal(regroup(t, A, "192.0.2.1"), a); /* again: nothing changes */
  struct zhi_lease *l[4];
  size_t n = 0;
  ok(zhi_frontier_lease(t->s, 4, 9, TTL, l, &n, &e), &e);
  assert_int_equal(n, 2);
  for (size_t i = 0; i < n; i++) {
    assert_int_equal(l[i]->count, l[i]->group_id == a ? 2 : 1);
    zhi_lease_free(l[i]);
  }
  restart(t); /* groups last */
  assert_int_equal(regroup(t, B, "192.0.2.1"), regroup(t, A, "192.0.2.1"));
}

static void a_host_seen_at_two_addresses_joins_both_groups(struct stage *t) {
  add(t, A, "/", ZHI_PRIO_PAGE);
  add(t, B, "/", ZHI_PRIO_PAGE);
  add(t, C, "/", ZHI_PRIO_PAGE);
  int64_t a = regroup(t, A, "192.0.2.1"), c = regroup(t, C, "192.0.2.2");
  assert_true(a != c);
  regroup(t, B, "192.0.2.1");
  int64_t all = regroup(t, B, "192.0.2.2"); /* never splits: A and C are now one */
  assert_int_equal(regroup(t, A, "192.0.2.1"), all);
  assert_int_equal(regroup(t, C, "192.0.2.2"), all);
}

static void a_merge_keeps_the_later_block(struct stage *t) {
  struct zhi_err e = {0};
  add(t, A, "/", ZHI_PRIO_PAGE);
  add(t, B, "/", ZHI_PRIO_PAGE);
  int64_t a = regroup(t, A, "192.0.2.1");
  struct zhi_lease *l[2];
  size_t n = 0;
  ok(zhi_frontier_lease(t->s, 2, 1, TTL, l, &n, &e), &e);
  assert_int_equal(n, 2);
  size_t of_b = l[0]->group_id == a ? 1 : 0;
  block(t, l[of_b]->group_id, l[of_b]->token, t->now_ms + 9000);
  for (size_t i = 0; i < 2; i++)
    ok(zhi_frontier_release(t->s, l[i]->group_id, l[i]->token, &e), &e);
  assert_int_equal(regroup(t, B, "192.0.2.1"), a);
  assert_null(lease(t, 1)); /* A waits with B */
  t->now_ms += 9000;
  struct zhi_lease *both = lease(t, 9);
  assert_int_equal(both->count, 2);
  zhi_lease_free(l[0]);
  zhi_lease_free(l[1]);
  zhi_lease_free(both);
}

static void a_lease_moves_with_its_group(struct stage *t) {
  struct zhi_err e = {0};
  add(t, A, "/1", ZHI_PRIO_PAGE);
  add(t, A, "/2", ZHI_PRIO_PAGE);
  add(t, B, "/1", ZHI_PRIO_PAGE);
  int64_t b = regroup(t, B, "192.0.2.1");
  struct zhi_lease *l = lease(t, 1), *more = NULL;
  int64_t other = 0;
  while (l->group_id == b) { /* the one of A is wanted */
    ok(zhi_frontier_release(t->s, l->group_id, l->token, &e), &e);
    zhi_lease_free(l);
    l = lease(t, 1);
  }
  assert_int_equal(regroup(t, A, "192.0.2.1"), b);
  assert_null(lease(t, 1)); /* B is in the hands of A's holder now */
  ok(zhi_frontier_renew(t->s, l->group_id, l->token, TTL, &other, &e), &e); /* by its old id */
  ok(zhi_frontier_more(t->s, b, l->token, 9, &more, &e), &e);               /* and by its new */
  assert_int_equal(more->count, 2);
  assert_int_equal(answer(t, l, 0, ZHI_URL_DONE, 0), 0);
  assert_int_equal(answer(t, more, 1, ZHI_URL_DONE, 0), 0);
  zhi_lease_free(l);
  zhi_lease_free(more);
}

static void hosts_of_a_group_take_turns(struct stage *t) {
  for (int i = 0; i < 6; i++) {
    char path[16];
    snprintf(path, sizeof path, "/%d", i);
    add(t, A, path, ZHI_PRIO_PAGE);
    if (i < 2)
      add(t, B, path, ZHI_PRIO_PAGE);
  }
  regroup(t, A, "192.0.2.1");
  regroup(t, B, "192.0.2.1");
  struct zhi_lease *l = lease(t, 4);
  size_t of_b = 0;
  assert_int_equal(l->count, 4);
  for (size_t i = 0; i < 4; i++)
    of_b += zhi_str_is(l->jobs[i].origin, B);
  assert_int_equal(of_b, 2);
  zhi_lease_free(l);
}

static void excluded_urls_are_known_and_never_leased(struct stage *t) {
  struct zhi_err e = {0};
  size_t added = 0;
  struct zhi_found f = {.url = ZHI_STR("http://shop.example/x"),
                        .origin = ZHI_STR("http://shop.example"),
                        .excluded = "off_scope"};
  ok(zhi_frontier_add(t->s, &f, 1, &added, &e), &e);
  assert_int_equal(added, 1);
  assert_null(lease(t, 1));
  assert_int_equal(stats(t).excluded, 1);
}

static const char *now_in_scope(void *ctx, const struct zhi_found *f) {
  assert_string_equal(f->excluded, "off_scope");
  ++*(int *)ctx;
  return zhi_str_is(f->origin, A) ? NULL : f->excluded;
}

static void a_changed_config_can_let_excluded_urls_in(struct stage *t) {
  struct zhi_err e = {0};
  size_t n = 0;
  int asked = 0;
  struct zhi_found f[2] = {{.url = ZHI_STR(A "/x"), .origin = ZHI_STR(A), .excluded = "off_scope"},
                           {.url = ZHI_STR(B "/x"), .origin = ZHI_STR(B), .excluded = "off_scope"}};
  ok(zhi_frontier_add(t->s, f, 2, &n, &e), &e);
  ok(zhi_frontier_reconsider(t->s, now_in_scope, &asked, &n, &e), &e);
  assert_int_equal(asked, 2);
  assert_int_equal(n, 1);
  struct zhi_lease *l = lease(t, 9);
  assert_int_equal(l->count, 1);
  assert_true(is_url(&l->jobs[0], A "/x"));
  assert_int_equal(stats(t).excluded, 1);
  zhi_lease_free(l);
}

static size_t add_post(struct stage *t, const char *body) {
  struct zhi_err e = {0};
  size_t added = 99;
  struct zhi_found f = {
      .url = ZHI_STR("http://a.cn/list"),
      .origin = ZHI_STR("http://a.cn"),
      .prio = ZHI_PRIO_LIST,
      .ask = {zhi_str_of(body), ZHI_STR("X-Requested-With: XMLHttpRequest\n"), ZHI_STR("some 7")}};
  ok(zhi_frontier_add(t->s, &f, 1, &added, &e), &e);
  return added;
}

static void posts_of_one_url_differ_by_their_body(struct stage *t) {
  assert_int_equal(add(t, "http://a.cn", "/list", ZHI_PRIO_LIST), 1);
  assert_int_equal(add_post(t, "page=2&__VIEWSTATE=old"), 1);
  assert_int_equal(add_post(t, "page=3"), 1);
  assert_int_equal(add_post(t, ""), 1);
  assert_int_equal(add_post(t, "page=3"), 0);
  assert_int_equal(add_post(t, "page=2&__VIEWSTATE=new"), 0);
  restart(t);
  struct zhi_lease *l = lease(t, 10);
  assert_int_equal(l->count, 4);
  assert_null(l->jobs[0].ask.body.p);
  assert_int_equal(l->jobs[0].ask.asker.len, 0);
  assert_true(zhi_str_is(l->jobs[1].ask.body, "page=2&__VIEWSTATE=new"));
  assert_true(zhi_str_is(l->jobs[1].ask.headers, "X-Requested-With: XMLHttpRequest\n"));
  assert_true(zhi_str_is(l->jobs[1].ask.asker, "some 7"));
  assert_true(zhi_str_is(l->jobs[2].ask.body, "page=3"));
  assert_non_null(l->jobs[3].ask.body.p);
  assert_int_equal(l->jobs[3].ask.body.len, 0);
  zhi_lease_free(l);
}

static void a_new_crawl_makes_pages_due_again_and_an_unfinished_one_does_not(struct stage *t) {
  struct zhi_err e = {0};
  add(t, A, "/page", ZHI_PRIO_PAGE);
  add(t, A, "/x.css", ZHI_PRIO_REQUISITE);
  add(t, A, "/dead", ZHI_PRIO_PAGE);
  struct zhi_lease *l = lease(t, 9);
  for (size_t i = 0; i < 3; i++)
    answer(t, l, i, is_url(&l->jobs[i], A "/dead") ? ZHI_URL_FAILED : ZHI_URL_DONE, 0);
  zhi_lease_free(l);
  restart(t);
  assert_int_equal(stats(t).done, 2);
  assert_int_equal(stats(t).failed, 1);
  ok(zhi_store_finish_crawl(t->s, t->crawl.id, &e), &e);
  int64_t before = t->crawl.id;
  restart(t);
  assert_int_equal(t->crawl.id, before + 1);
  assert_false(t->crawl.resumed);
  assert_int_equal(stats(t).due, 3);
  assert_int_equal(stats(t).done, 0);
  begin(t, true); /* fresh: the unfinished one is given up */
  assert_int_equal(t->crawl.id, before + 2);
}

static void a_new_crawl_splits_groups_and_keeps_their_blocks(struct stage *t) {
  struct zhi_err e = {0};
  add(t, A, "/", ZHI_PRIO_PAGE);
  add(t, B, "/", ZHI_PRIO_PAGE);
  regroup(t, A, "192.0.2.1");
  int64_t g = regroup(t, B, "192.0.2.1");
  block(t, g, 0, t->now_ms + 5000);
  begin(t, true);
  assert_null(lease(t, 1));
  t->now_ms += 5000;
  struct zhi_lease *l[3];
  size_t n = 0;
  ok(zhi_frontier_lease(t->s, 3, 9, TTL, l, &n, &e), &e);
  assert_int_equal(n, 2);
  zhi_lease_free(l[0]);
  zhi_lease_free(l[1]);
}

static void leasing_before_a_crawl_is_a_bug(struct stage *t) {
  struct zhi_err e = {0};
  struct zhi_lease *l;
  size_t n;
  zhi_store_close(t->s);
  ok(t->backend->open(t->dir, &t->clock, &t->s, &e), &e);
  assert_int_equal(zhi_frontier_lease(t->s, 1, 1, TTL, &l, &n, &e), ZHI_EBUG);
}

static void a_job_carries_what_was_found_and_the_last_good_answer(struct stage *t) {
  struct zhi_err e = {0};
  size_t added, stale;
  add(t, A, "/", ZHI_PRIO_SEED);
  struct zhi_found f = {.url = ZHI_STR(A "/doc"),
                        .origin = ZHI_STR(A),
                        .prio = ZHI_PRIO_PAGE,
                        .depth = 3,
                        .hops = ZHI_STR("LLR"),
                        .via = ZHI_STR(A "/"),
                        .text = ZHI_STR("通知")};
  ok(zhi_frontier_add(t->s, &f, 1, &added, &e), &e);
  struct zhi_lease *l = lease(t, 9);
  assert_true(zhi_str_is(l->jobs[1].via, A "/"));
  assert_true(zhi_str_is(l->jobs[1].hops, "LLR"));
  assert_int_equal(l->jobs[1].depth, 3);
  assert_int_equal(l->jobs[1].etag.len, 0);
  struct zhi_commit_capture c = {.capture = {.capture_id = "c1",
                                             .url_id = l->jobs[1].url_id,
                                             .url = f.url,
                                             .url_key = ZHI_STR("cn,gov,a)/doc"),
                                             .verdict = ZHI_V_OK,
                                             .status = 200,
                                             .etag = ZHI_STR("\"e1\""),
                                             .last_modified = ZHI_STR("yesterday")}};
  struct zhi_batch b = {.crawl_id = t->crawl.id, .captures = &c, .capture_count = 1};
  ok(zhi_store_commit(t->s, &b, &added, &stale, &e), &e);
  zhi_lease_free(l);
  begin(t, true);
  l = lease(t, 9);
  assert_true(zhi_str_is(l->jobs[1].etag, "\"e1\""));
  assert_true(zhi_str_is(l->jobs[1].last_modified, "yesterday"));
  zhi_lease_free(l);
}

/* --- one cmocka test for each pair of backend and case ------------------------------------------------------ */

// clang-format off
#define CASES(X) \
  X(a_url_is_added_once) \
  X(duplicates_inside_one_batch_count_once) \
  X(two_lessees_never_get_one_group) \
  X(many_groups_come_in_one_call_and_take_turns) \
  X(an_expired_lease_passes_on_and_its_results_are_refused) \
  X(a_result_counts_once) \
  X(two_results_in_one_batch_count_once) \
  X(every_leased_url_can_be_answered_in_any_order) \
  X(renewing_keeps_a_lease_and_a_lost_one_cannot_be_renewed) \
  X(more_gives_what_is_not_yet_in_hand) \
  X(release_makes_the_unfinished_due_again) \
  X(a_restart_voids_leases_and_keeps_what_was_committed) \
  X(a_clock_that_steps_back_takes_no_lease_away) \
  X(a_clock_that_steps_forward_ends_leases_cleanly) \
  X(a_late_result_still_counts_while_nobody_asked_for_work) \
  X(a_blocked_group_is_not_leased_until_its_time) \
  X(a_retry_waits_for_its_time_and_counts_attempts) \
  X(priorities_order_the_urls_of_a_group) \
  X(hosts_at_one_address_become_one_group) \
  X(a_host_seen_at_two_addresses_joins_both_groups) \
  X(a_merge_keeps_the_later_block) \
  X(a_lease_moves_with_its_group) \
  X(hosts_of_a_group_take_turns) \
  X(excluded_urls_are_known_and_never_leased) \
  X(posts_of_one_url_differ_by_their_body) \
  X(a_changed_config_can_let_excluded_urls_in) \
  X(a_new_crawl_makes_pages_due_again_and_an_unfinished_one_does_not) \
  X(a_new_crawl_splits_groups_and_keeps_their_blocks) \
  X(leasing_before_a_crawl_is_a_bug) \
  X(a_job_carries_what_was_found_and_the_last_good_answer)
// clang-format on

struct test_case {
  const char *name;
  void (*run)(struct stage *t);
};
static const struct test_case cases[] = {
#define X(name) {#name, name},
    CASES(X)
#undef X
};

enum {
  CASE_COUNT = sizeof cases / sizeof *cases,
  BACKEND_COUNT = sizeof backends / sizeof *backends
};

static void run_case(void **state) {
  size_t i = (size_t)(uintptr_t)*state;
  struct stage t;
  setup(&t, &backends[i / CASE_COUNT]);
  cases[i % CASE_COUNT].run(&t);
  teardown(&t);
}

int main(void) {
  static struct CMUnitTest tests[CASE_COUNT * BACKEND_COUNT];
  static char names[CASE_COUNT * BACKEND_COUNT][128];
  for (size_t i = 0; i < CASE_COUNT * BACKEND_COUNT; i++) {
    snprintf(names[i], sizeof names[i], "%s: %s", backends[i / CASE_COUNT].name,
             cases[i % CASE_COUNT].name);
    tests[i] = (struct CMUnitTest){
        .name = names[i], .test_func = run_case, .initial_state = (void *)(uintptr_t)i};
  }
  return cmocka_run_group_tests(tests, NULL, NULL);
}
