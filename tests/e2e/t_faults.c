/* A crawl whose n-th call of the system fails, or that is killed there, says so and ends, or goes on; the next run
 * makes the archive whole: nothing committed is lost, nothing is there twice, the table is that of a calm crawl.
 *
 * A sweep takes places spread evenly over all calls of a calm run. ZHI_TORTURE=N takes N places of each kind of
 * fault; without it each kind has one place in one scene. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/invariants.h"
#include "tests/support/shim.h"

enum { PAGES = 60, HANG_MS = 60000 * COUNTY_SLOW, PLACES_MAX = 10000, MIDST = 150 };

static const struct fault {
  const char *function, *what;
  int times;
} faults[] = {
    {"write", "ENOSPC", 1},  {"write", "ENOSPC", 3}, {"write", "EIO", 1},     {"write", "short", 1},
    {"write", "EINTR", 1},   {"write", "KILL", 1},   {"write", "KILLED", 1},  {"sync", "EIO", 1},
    {"sync", "ENOSPC", 1},   {"sync", "KILL", 1},    {"sync", "KILLED", 1},   {"rename", "EIO", 1},
    {"rename", "ENOSPC", 1}, {"rename", "KILL", 1},  {"rename", "KILLED", 1}, {"open", "EMFILE", 1},
    {"open", "EIO", 1},      {"open", "ENOSPC", 1},  {"open", "KILL", 1},     {"open", "KILLED", 1},
    {"alloc", "ENOMEM", 1},  {"alloc", "ENOMEM", 20}};

struct scene {
  struct county_world w;
  char calm[96];  /* what an undisturbed crawl makes */
  char begun[96]; /* what each disturbed one begins with; "" = nothing */
  long injected, killed;
};

/* 0: the short set. */
static long places_wanted(void) {
  const char *n = getenv("ZHI_TORTURE");
  long v = n ? strtol(n, NULL, 10) : 0;
  return v > 0 && v < PLACES_MAX ? v : 0;
}

static void shell(const char *fmt, ...) {
  char cmd[1024];
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(cmd, sizeof cmd, fmt, ap);
  va_end(ap);
  assert_int_equal(system(cmd), 0);
}

/* --- runs ------------------------------------------------------------------------------------------------ */

/* -1: it hangs. */
static int wait_a_while(pid_t pid) {
  siginfo_t how;
  for (int ms = 0; ms < HANG_MS; ms += 5) {
    const struct timespec t = {0, 5000000};
    how.si_pid = 0;
    assert_int_equal(waitid(P_PID, (id_t)pid, &how, WEXITED | WNOHANG | WNOWAIT), 0);
    if (how.si_pid)
      return county_wait(pid, NULL);
    nanosleep(&t, NULL);
  }
  kill(pid, SIGKILL);
  county_wait(pid, NULL);
  return -1;
}

static pid_t start(const struct scene *s, const char *archive) {
  return county_spawn(
      &s->w, (const char *const[]){"crawl", s->w.config, "-a", archive, "--progress", "off", NULL});
}

static int crawl(const struct scene *s, const char *archive) {
  return wait_a_while(start(s, archive));
}

/* A crawl under the shim; `name` and `value`: what it is told. */
static pid_t start_with(const struct scene *s, const char *archive, const char *name,
                        const char *value) {
  shim_on();
  setenv(name, value, 1);
  pid_t pid = start(s, archive);
  unsetenv(name);
  shim_off();
  return pid;
}

static int crawl_with(const struct scene *s, const char *archive, const char *name,
                      const char *value) {
  return wait_a_while(start_with(s, archive, name, value));
}

/* How often a calm crawl calls `function`. */
static long calls_of(const struct scene *s, const char *function) {
  char path[128], name[32];
  long n, found = 0;
  snprintf(path, sizeof path, "%s/counts", s->w.dir);
  FILE *f = fopen(path, "r");
  assert_non_null(f);
  while (fscanf(f, "%31s %ld", name, &n) == 2)
    if (strcmp(name, function) == 0)
      found = n;
  fclose(f);
  return found;
}

static void begin_archive(const struct scene *s, const char *archive) {
  shell("rm -rf %s", archive);
  if (s->begun[0])
    shell("cp -a %s %s", s->begun, archive);
}

/* Run the next ones until the crawl is finished. */
static void finish(const struct scene *s, const char *archive) {
  for (int i = 0; i < 4; i++) {
    int code = crawl(s, archive);
    if (code == 0)
      return;
    char *said = county_output(&s->w);
    print_message("after the fault: exit %d: %s", code, said);
    free(said);
  }
  fail_msg("the crawl cannot be finished");
}

static bool says_ill(const char *said) {
  return strstr(said, "Sanitizer") || strstr(said, "runtime error") || strstr(said, "bug");
}

/* --- one fault --------------------------------------------------------------------------------------------- */

static void check_end(const char *label, int code, bool killing, const char *said) {
  bool allowed = code == 0 || code == 1 || code == 3 || code == 4;
  if (killing ? code != 128 + SIGKILL && code != 0 : !allowed)
    fail_msg("%s: exit %d: %s", label, code, said);
  if (code == 1 && !said[0])
    fail_msg("%s: exit 1, and nothing said", label);
  if (says_ill(said))
    fail_msg("%s: %s", label, said);
}

static void inject(struct scene *s, const struct fault *f, long n) {
  char label[96], archive[128], mark[128];
  bool killing = strncmp(f->what, "KILL", 4) == 0;
  snprintf(label, sizeof label, "%s:%ld:%s:%d", f->function, n, f->what, f->times);
  snprintf(archive, sizeof archive, "%s/hurt", s->w.dir);
  snprintf(mark, sizeof mark, "%s/mark", s->w.dir);
  print_message("%s\n", label);
  begin_archive(s, archive);
  unlink(mark);
  setenv("XZ_FAULT_MARK", mark, 1);
  int code = crawl_with(s, archive, "XZ_FAULT", label);
  unsetenv("XZ_FAULT_MARK");
  if (access(mark, F_OK) != 0)
    return; /* it made fewer calls */
  char *said = county_output(&s->w);
  check_end(label, code, killing, said);
  free(said);
  s->injected += !killing;
  s->killed += killing;
  json_t *before = invariants_captures(archive);
  if (code != 0)
    finish(s, archive);
  if (strcmp(f->function, "alloc") == 0) /* a page may have been read with less, and says so */
    assert_int_equal(county_run(&s->w, (const char *const[]){"reextract", archive, NULL}), 0);
  invariants_hold(&s->w, archive, before);
  invariants_same_table(archive, s->calm);
  json_decref(before);
}

static void sweep(struct scene *s) {
  long wanted = places_wanted(), places = wanted ? wanted : 1;
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
    long calls = calls_of(s, faults[i].function), at = 0;
    if (COUNTY_SLOW > 1 && strcmp(faults[i].function, "alloc") == 0)
      continue; /* a sanitizer brings its own */
    if (!wanted && i % 2 == (s->begun[0] != '\0'))
      continue;
    for (long k = 0; k < places; k++) {
      long n = 1 + (2 * k + 1) * calls / (2 * places);
      if (n != at)
        inject(s, &faults[i], at = n);
    }
  }
  print_message("%ld faults injected, %ld kills landed\n", s->injected, s->killed);
  assert_true(s->injected > 0 && s->killed > 0);
}

/* --- scenes ------------------------------------------------------------------------------------------------- */

static int set_up(void **state) {
  struct scene *s = calloc(1, sizeof *s);
  char counts[128];
  assert_non_null(s);
  char pages[16];
  snprintf(pages, sizeof pages, "%d", (int)PAGES);
  county_start(&s->w, (const char *const[]){"--scenario", "bench", "--pages", pages, "--hosts", "3",
                                            "--addresses", "2", NULL});
  snprintf(s->calm, sizeof s->calm, "%s/calm", s->w.dir);
  snprintf(counts, sizeof counts, "%s/counts", s->w.dir);
  assert_int_equal(crawl_with(s, s->calm, "XZ_COUNTS", counts), 0);
  *state = s;
  return 0;
}

static int tear_down(void **state) {
  struct scene *s = *state;
  county_release(&s->w);
  free(s);
  return 0;
}

static void a_first_crawl_survives_every_fault(void **state) { sweep(*state); }

/* Revisits: the second crawl of an archive refers to what the first one stored. */
static void a_recrawl_survives_every_fault(void **state) {
  struct scene *s = *state;
  char counts[128];
  snprintf(counts, sizeof counts, "%s/counts", s->w.dir);
  snprintf(s->begun, sizeof s->begun, "%s/begun", s->w.dir);
  shell("cp -a %s %s", s->calm, s->begun);
  county_config(&s->w, "archive: ", "recrawl: { lists: 0s, documents_min: 0s, documents_max: 0s }");
  assert_int_equal(crawl_with(s, s->calm, "XZ_COUNTS", counts), 0);
  sweep(s);
}

/* The wall clock moves by `seconds` from its n-th reading on. */
static void jump(struct scene *s, long n, long seconds) {
  char archive[128], when[64];
  snprintf(archive, sizeof archive, "%s/jumped", s->w.dir);
  snprintf(when, sizeof when, "%ld:%ld", n, seconds);
  begin_archive(s, archive);
  int code = crawl_with(s, archive, "XZ_CLOCK", when);
  if (code != 0)
    fail_msg("clock %s: exit %d", when, code);
  invariants_hold(&s->w, archive, NULL);
  invariants_same_table(archive, s->calm);
}

/* A lease that a jump ends is lost between any two readings: the full set tries one after the other. */
static void a_wall_clock_that_jumps_loses_nothing(void **state) {
  struct scene *s = *state;
  enum { DAY = 86400 };
  jump(s, 40, -DAY);
  jump(s, 400, -DAY);
  jump(s, 40, 3650L * DAY);
  for (long k = 0; k <= 2 * places_wanted(); k++)
    jump(s, 400 + k, 10 * DAY);
}

/* Until `status` says that the crawl waits for room: to be asked once the fault has left its mark. */
static void await_full(const struct scene *s, const char *archive, const char *mark) {
  for (int ms = 0; ms < HANG_MS; ms += 50) {
    const struct timespec t = {0, 50000000};
    json_t *o = access(mark, F_OK) == 0 ? county_status(&s->w, archive) : NULL;
    bool waits = json_is_true(json_object_get(o, "waits_for_room"));
    json_decref(o);
    if (waits)
      return;
    nanosleep(&t, NULL);
  }
  fail_msg("status never says that the crawl waits for room");
}

static void assert_says(const struct scene *s, const char *archive, bool full) {
  assert_int_equal(county_run(&s->w, (const char *const[]){"status", archive, NULL}), 0);
  char *said = county_output(&s->w);
  if ((strstr(said, "the disk takes no more") != NULL) != full)
    fail_msg("%s", said);
  free(said);
}

/* The disk is full from the `n`-th write on, until `room` is there. How many writes a crawl makes depends on how
 * its commits fall, twice as many where nothing keeps it busy: so they are counted from the first WARC file on, and few
 * enough that no crawl is over by then. */
static pid_t start_on_full_disk(const struct scene *s, int n, const char *archive,
                                const char *room) {
  char fault[64], mark[128];
  snprintf(mark, sizeof mark, "%s/mark", s->w.dir);
  unlink(mark);
  snprintf(fault, sizeof fault, "write:%d:ENOSPC:1000000000", n);
  begin_archive(s, archive);
  setenv("XZ_ROOM", room, 1);
  setenv("XZ_FAULT_MARK", mark, 1);
  setenv("XZ_FAULT_AFTER", ".warc.gz", 1);
  pid_t pid = start_with(s, archive, "XZ_FAULT", fault);
  unsetenv("XZ_ROOM");
  unsetenv("XZ_FAULT_AFTER");
  unsetenv("XZ_FAULT_MARK");
  await_full(s, archive, mark);
  assert_says(s, archive, true);
  return pid;
}

static void a_full_disk_is_told_and_waited_for(void **state) {
  struct scene *s = *state;
  char archive[128], room[128];
  snprintf(archive, sizeof archive, "%s/full", s->w.dir);
  snprintf(room, sizeof room, "%s/room", s->w.dir);
  /* about where addresses become known, and amid captures */
  static const int places[] = {20, 78, 80, 82, 84, MIDST};
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    pid_t pid = start_on_full_disk(s, places[i], archive, room);
    shell("touch %s", room);
    assert_int_equal(wait_a_while(pid), 0);
    assert_says(s, archive, false);
    invariants_hold(&s->w, archive, NULL);
    invariants_same_table(archive, s->calm);
    unlink(room);
  }
}

/* Without a turn at a server, which is taken in the state folder, there is no request: nothing to commit. */
static void a_full_state_folder_is_told_and_waited_for(void **state) {
  struct scene *s = *state;
  char archive[128], room[128];
  snprintf(archive, sizeof archive, "%s/full", s->w.dir);
  snprintf(room, sizeof room, "%s/room", s->w.dir);
  setenv("XZ_FAULT_ON", "servers.db", 1);
  pid_t pid = start_on_full_disk(s, 1, archive, room);
  unsetenv("XZ_FAULT_ON");
  shell("touch %s", room);
  assert_int_equal(wait_a_while(pid), 0);
  assert_says(s, archive, false);
  invariants_same_table(archive, s->calm);
}

static void a_crawl_on_a_full_disk_can_be_paused(void **state) {
  struct scene *s = *state;
  char archive[128], room[128];
  snprintf(archive, sizeof archive, "%s/full", s->w.dir);
  snprintf(room, sizeof room, "%s/never", s->w.dir);
  pid_t pid = start_on_full_disk(s, MIDST, archive, room);
  json_t *before = invariants_captures(archive);
  assert_int_equal(kill(pid, SIGTERM), 0);
  assert_int_equal(wait_a_while(pid), 4);
  assert_says(s, archive, false);
  finish(s, archive);
  invariants_hold(&s->w, archive, before);
  invariants_same_table(archive, s->calm);
  json_decref(before);
}

static void of_two_crawls_on_one_archive_one_is_turned_away(void **state) {
  struct scene *s = *state;
  char archive[128];
  snprintf(archive, sizeof archive, "%s/shared", s->w.dir);
  const char *const args[] = {"crawl", s->w.config, "-a", archive, "--progress", "off", NULL};
  pid_t one = county_spawn(&s->w, args), two = county_spawn(&s->w, args);
  int a = wait_a_while(one), b = wait_a_while(two);
  assert_true((a == 0 && b == 1) || (a == 1 && b == 0));
  char *said = county_output(&s->w);
  assert_non_null(strstr(said, "is in use by"));
  free(said);
  invariants_hold(&s->w, archive, NULL);
  invariants_same_table(archive, s->calm);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_first_crawl_survives_every_fault, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_recrawl_survives_every_fault, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_wall_clock_that_jumps_loses_nothing, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_full_disk_is_told_and_waited_for, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_full_state_folder_is_told_and_waited_for, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(a_crawl_on_a_full_disk_can_be_paused, set_up, tear_down),
      cmocka_unit_test_setup_teardown(of_two_crawls_on_one_archive_one_is_turned_away, set_up,
                                      tear_down)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
