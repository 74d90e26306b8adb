/* Leases of servers among processes: one holder, a line, and nobody waits for the dead. */
#include <ftw.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "zhi/servers.h"

enum { LEASE_MS = 30000, CREWS = 3 };

static const char server[] = "192.0.2.7";

struct world {
  char dir[64], state[96];
  struct zhi_servers *crew[CREWS];
  int64_t now;
};

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at) {
  (void)st, (void)type, (void)at;
  return remove(path);
}

static struct zhi_servers *open_servers(const struct world *w) {
  struct zhi_servers *s = NULL;
  struct zhi_err e = {0};
  if (zhi_servers_open(w->state, w->now, &s, &e))
    fail_msg("%s", e.msg);
  return s;
}

static void set_up(struct world *w) {
  *w = (struct world){.now = 1800000000000};
  snprintf(w->dir, sizeof w->dir, "/tmp/zhi-servers-XXXXXX");
  assert_non_null(mkdtemp(w->dir));
  snprintf(w->state, sizeof w->state, "%s/deep/state", w->dir);
  for (int i = 0; i < CREWS; i++)
    w->crew[i] = open_servers(w);
}

static void tear_down(struct world *w) {
  for (int i = 0; i < CREWS; i++)
    zhi_servers_close(w->crew[i]);
  nftw(w->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static bool take(struct world *w, struct zhi_servers *s, struct zhi_server_state *state) {
  struct zhi_server_state ignored;
  struct zhi_err e = {0};
  bool taken = false;
  if (zhi_servers_take(s, server, w->now, w->now + LEASE_MS, &taken, state ? state : &ignored, &e))
    fail_msg("%s", e.msg);
  return taken;
}

static bool keep(struct world *w, struct zhi_servers *s, int64_t until,
                 const struct zhi_server_state *state) {
  struct zhi_err e = {0};
  bool held = false;
  (void)w;
  assert_int_equal(zhi_servers_keep(s, server, until, state, &held, &e), 0);
  return held;
}

static bool is_wanted(struct world *w, struct zhi_servers *s) {
  struct zhi_err e = {0};
  bool wanted = false;
  assert_int_equal(zhi_servers_wanted(s, server, w->now, &wanted, &e), 0);
  return wanted;
}

static void the_state_goes_from_holder_to_holder(void **state) {
  struct world w;
  struct zhi_server_state s, left;
  (void)state;
  set_up(&w);
  left = (struct zhi_server_state){w.now + 5, w.now + 900, w.now + 70000, 60000};
  assert_true(take(&w, w.crew[0], &s));
  assert_int_equal(s.ended_ms, 0);
  assert_false(take(&w, w.crew[1], NULL));
  assert_true(is_wanted(&w, w.crew[0]));
  assert_true(keep(&w, w.crew[0], 0, &left));
  assert_true(take(&w, w.crew[1], &s));
  assert_memory_equal(&s, &left, sizeof s);
  assert_false(is_wanted(&w, w.crew[1]));
  assert_false(keep(&w, w.crew[0], w.now + LEASE_MS, &left)); /* not its any more */
  tear_down(&w);
}

static void whoever_waits_longest_is_next_unless_it_went_away(void **state) {
  struct world w;
  (void)state;
  set_up(&w);
  assert_true(take(&w, w.crew[0], NULL));
  assert_false(take(&w, w.crew[2], NULL));
  w.now += 10;
  assert_false(take(&w, w.crew[1], NULL));
  assert_true(keep(&w, w.crew[0], 0, &(struct zhi_server_state){0}));
  w.now += 10;
  assert_false(take(&w, w.crew[0], NULL)); /* at the end of the line */
  assert_false(take(&w, w.crew[1], NULL));
  w.now += ZHI_SERVERS_PATIENCE_MS - 15; /* crew 2 was last seen 20 ms before crew 1 */
  assert_true(take(&w, w.crew[1], NULL));
  tear_down(&w);
}

static void a_lease_ends_with_its_time(void **state) {
  struct world w;
  struct zhi_server_state s;
  (void)state;
  set_up(&w);
  assert_true(take(&w, w.crew[0], NULL));
  w.now += LEASE_MS - 1;
  assert_false(take(&w, w.crew[1], NULL));
  w.now += 1;
  assert_true(take(&w, w.crew[1], &s));
  assert_int_equal(s.ended_ms, w.now); /* the first may have asked until now */
  tear_down(&w);
}

static void a_lease_ends_with_its_process(void **state) {
  struct world w;
  struct zhi_server_state s;
  int status = 0;
  (void)state;
  set_up(&w);
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0) {
    struct zhi_err e = {0};
    struct zhi_servers *mine = NULL;
    bool taken = false;
    if (zhi_servers_open(w.state, w.now, &mine, &e) ||
        zhi_servers_take(mine, server, w.now, w.now + LEASE_MS, &taken, &s, &e))
      _exit(1);
    _exit(taken ? 0 : 2); /* as if killed: nothing is given back */
  }
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);
  assert_true(take(&w, w.crew[1], &s));
  assert_int_equal(s.ended_ms, w.now);
  tear_down(&w);
}

static void a_clock_that_went_back_holds_nobody_up(void **state) {
  struct world w;
  (void)state;
  set_up(&w);
  assert_true(take(&w, w.crew[0], NULL));
  w.now -= 3600 * 1000;
  assert_true(take(&w, w.crew[1], NULL));
  tear_down(&w);
}

static void closing_gives_back(void **state) {
  struct world w;
  (void)state;
  set_up(&w);
  assert_true(take(&w, w.crew[0], NULL));
  assert_false(take(&w, w.crew[1], NULL));
  zhi_servers_close(w.crew[1]); /* its place in the line goes with it */
  zhi_servers_close(w.crew[0]);
  w.crew[0] = w.crew[1] = NULL;
  assert_true(take(&w, w.crew[2], NULL));
  tear_down(&w);
}

static int64_t servers_known(const struct world *w) {
  char path[128];
  sqlite3 *db = NULL;
  sqlite3_stmt *st = NULL;
  snprintf(path, sizeof path, "%s/servers.db", w->state);
  assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_prepare_v2(db, "SELECT count(*) FROM server", -1, &st, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_step(st), SQLITE_ROW);
  int64_t n = sqlite3_column_int64(st, 0);
  sqlite3_finalize(st);
  sqlite3_close(db);
  return n;
}

/* Open once more `after_ms` later: how many servers are known then. */
static int64_t known_after(struct world *w, int64_t after_ms) {
  w->now += after_ms;
  zhi_servers_close(w->crew[1]);
  w->crew[1] = open_servers(w);
  return servers_known(w);
}

static void a_server_that_nobody_asked_for_a_month_is_forgotten(void **state) {
  struct world w;
  const int64_t hour = 3600 * 1000;
  (void)state;
  set_up(&w);
  int64_t begin = w.now;
  assert_true(take(&w, w.crew[0], NULL));
  assert_true(keep(&w, w.crew[0], 0, &(struct zhi_server_state){begin, begin + 500, 0, 0}));
  assert_int_equal(known_after(&w, ZHI_SERVERS_KEPT_MS - hour), 1);
  assert_int_equal(known_after(&w, 2 * hour), 0);
  assert_true(take(&w, w.crew[0], NULL)); /* and is refused by it */
  assert_true(
      keep(&w, w.crew[0], 0, &(struct zhi_server_state){w.now, 0, w.now + 10 * hour, hour}));
  assert_int_equal(known_after(&w, ZHI_SERVERS_KEPT_MS + hour), 1);
  assert_int_equal(known_after(&w, -3 * ZHI_SERVERS_KEPT_MS), 0); /* the clock was ahead */
  tear_down(&w);
}

static void what_is_no_such_database_is_refused(void **state) {
  struct world w;
  struct zhi_servers *s = NULL;
  struct zhi_err e = {0};
  char path[128];
  (void)state;
  set_up(&w);
  snprintf(path, sizeof path, "%s/other", w.dir);
  assert_int_equal(mkdir(path, 0700), 0);
  snprintf(path, sizeof path, "%s/other/servers.db", w.dir);
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  fputs("something else, longer than a page header would be, to be sure of it all", f);
  fclose(f);
  snprintf(path, sizeof path, "%s/other", w.dir);
  assert_int_not_equal(zhi_servers_open(path, w.now, &s, &e), 0);
  assert_null(s);
  assert_non_null(strstr(e.msg, "servers.db"));
  tear_down(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_state_goes_from_holder_to_holder),
      cmocka_unit_test(whoever_waits_longest_is_next_unless_it_went_away),
      cmocka_unit_test(a_lease_ends_with_its_time),
      cmocka_unit_test(a_lease_ends_with_its_process),
      cmocka_unit_test(a_clock_that_went_back_holds_nobody_up),
      cmocka_unit_test(closing_gives_back),
      cmocka_unit_test(a_server_that_nobody_asked_for_a_month_is_forgotten),
      cmocka_unit_test(what_is_no_such_database_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
