/* End to end: the program against the simulated county; the county's truth decides. */
#include <fcntl.h>
#include <jansson.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "zhi/map.h"
#include "zhi/str.h"

struct world {
  char dir[64], config[128], truth[128], archive[128], ready[128];
  pid_t county;
};

static const char *program(const char *name, const char *fallback) {
  const char *p = getenv(name);
  return p ? p : fallback;
}

static pid_t spawn(const char *out, char *const argv[]) {
  pid_t pid = fork();
  if (pid == 0) {
    int fd = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(fd, STDOUT_FILENO);
    dup2(fd, STDERR_FILENO);
    execv(argv[0], argv);
    _exit(127);
  }
  assert_true(pid > 0);
  return pid;
}

static int finish(pid_t pid) {
  int status = 0;
  assert_int_equal(waitpid(pid, &status, 0), pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void read_file(const char *path, struct zhi_buf *b) {
  char chunk[4096];
  size_t n;
  zhi_buf_init(b, (size_t)64 << 20);
  FILE *f = fopen(path, "rb");
  while (f && (n = fread(chunk, 1, sizeof chunk, f)) > 0)
    zhi_buf_add(b, chunk, n);
  if (f)
    fclose(f);
}

static int set_up(void **state) {
  struct world *w = calloc(1, sizeof *w);
  assert_non_null(w);
  snprintf(w->dir, sizeof w->dir, "/tmp/zhi-crawl-XXXXXX");
  assert_non_null(mkdtemp(w->dir));
  snprintf(w->config, sizeof w->config, "%s/c.yaml", w->dir);
  snprintf(w->truth, sizeof w->truth, "%s/truth", w->dir);
  snprintf(w->archive, sizeof w->archive, "%s/archive", w->dir);
  snprintf(w->ready, sizeof w->ready, "%s/ready", w->dir);
  char *argv[] = {(char *)(uintptr_t)program("COUNTY", "build/county"),
                  "--scenario",
                  "plain",
                  "--pages",
                  "300",
                  "--hosts",
                  "5",
                  "--config",
                  w->config,
                  "--truth",
                  w->truth,
                  "--archive",
                  w->archive,
                  NULL};
  w->county = spawn(w->ready, argv);
  for (int i = 0; i < 200; i++) { /* until it says that it listens */
    struct zhi_buf b;
    read_file(w->ready, &b);
    bool up = strstr(b.p, "listening") != NULL;
    zhi_buf_release(&b);
    if (up)
      break;
    usleep(50000);
  }
  *state = w;
  return 0;
}

static int tear_down(void **state) {
  struct world *w = *state;
  kill(w->county, SIGTERM);
  finish(w->county);
  pid_t rm = fork();
  if (rm == 0) {
    execlp("rm", "rm", "-rf", w->dir, (char *)NULL);
    _exit(127);
  }
  finish(rm);
  free(w);
  return 0;
}

static int xianzhi(struct world *w, const char *a, const char *b, const char *c, const char *d) {
  char out[128];
  snprintf(out, sizeof out, "%s/out", w->dir);
  char *argv[] = {(char *)(uintptr_t)program("XIANZHI", "build/xianzhi"),
                  (char *)(uintptr_t)a,
                  (char *)(uintptr_t)b,
                  (char *)(uintptr_t)c,
                  (char *)(uintptr_t)d,
                  NULL};
  return finish(spawn(out, argv));
}

/* Every first cell of documents.csv. */
static void csv_urls(struct world *w, struct zhi_map *urls) {
  char path[160];
  struct zhi_buf b;
  snprintf(path, sizeof path, "%s/documents.csv", w->archive);
  read_file(path, &b);
  struct zhi_str rest = zhi_buf_view(&b);
  while (rest.p) {
    struct zhi_str line = zhi_str_cut(&rest, '\n');
    struct zhi_str cell = zhi_str_cut(&line, ',');
    void *old = NULL;
    if (zhi_str_starts(cell, "http"))
      assert_int_equal(zhi_map_put(urls, cell, w, &old, NULL), ZHI_OK);
    assert_null(old); /* no document twice */
  }
  zhi_buf_release(&b);
}

/* Documents of the truth that plain links lead to are rows; returns how many. */
static size_t check_truth(struct world *w) {
  struct zhi_map urls;
  struct zhi_buf b;
  size_t documents = 0;
  zhi_map_init(&urls);
  csv_urls(w, &urls);
  read_file(w->truth, &b);
  struct zhi_str rest = zhi_buf_view(&b);
  while (rest.p) {
    struct zhi_str line = zhi_str_cut(&rest, '\n');
    json_t *t = line.len ? json_loadb(line.p, line.len, 0, NULL) : NULL;
    const char *url = json_string_value(json_object_get(t, "url"));
    bool must = json_is_true(json_object_get(t, "must"));
    const char *kind = json_string_value(json_object_get(t, "kind"));
    if (url && must && kind && strcmp(kind, "document") == 0 && !json_object_get(t, "needs")) {
      documents++;
      if (!zhi_map_get(&urls, zhi_str_of(url)))
        fail_msg("%s is not in documents.csv", url);
    }
    json_decref(t);
  }
  zhi_buf_release(&b);
  zhi_map_release(&urls);
  return documents;
}

static void a_paused_and_killed_crawl_ends_whole(void **state) {
  struct world *w = *state;
  assert_int_equal(xianzhi(w, "crawl", w->config, "--max-pages", "40"), 4);
  char out[128];
  snprintf(out, sizeof out, "%s/out", w->dir);
  for (int i = 0; i < 3; i++) { /* kill -9 wherever it is */
    char *argv[] = {(char *)(uintptr_t)program("XIANZHI", "build/xianzhi"), "crawl", w->config,
                    NULL};
    pid_t pid = spawn(out, argv);
    usleep((useconds_t)(60000 + 70000 * i));
    kill(pid, SIGKILL);
    finish(pid);
  }
  int code = xianzhi(w, "crawl", w->config, "--progress", "off");
  assert_true(code == 0 || code == 3);
  assert_int_equal(xianzhi(w, "verify", w->archive, NULL, NULL), 0);
  assert_true(check_truth(w) > 100);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_paused_and_killed_crawl_ends_whole, set_up, tear_down)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
