/* The archive's commands as people run them: import (also killed), index, export, suppress; what they say and how they
 * exit. */
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "zhi/file.h"

enum { PAGES = 1500, OUTPUT_MAX = 64 << 20 };

struct place {
  char dir[64];
};

static void setup(struct place *p) {
  strcpy(p->dir, "/tmp/zhi-cli-XXXXXX");
  assert_non_null(mkdtemp(p->dir));
}

static void teardown(struct place *p) {
  char cmd[128];
  snprintf(cmd, sizeof cmd, "rm -rf '%s'", p->dir);
  assert_int_equal(system(cmd), 0);
}

static const char *program(void) {
  const char *p = getenv("XIANZHI");
  return p ? p : "build/xianzhi";
}

/* Run the rest of a shell line in the folder: the exit code, and standard output and error in out and err there. */
static int run(const struct place *p, const char *args) {
  char cmd[1024], *binary = realpath(program(), NULL);
  assert_non_null(binary);
  snprintf(cmd, sizeof cmd, "cd '%s' && '%s' %s >out 2>err", p->dir, binary, args);
  free(binary);
  int status = system(cmd);
  assert_true(WIFEXITED(status));
  return WEXITSTATUS(status);
}

static struct zhi_str slurp(const struct place *p, const char *name, struct zhi_buf *b) {
  char path[128];
  struct zhi_err e = {0};
  snprintf(path, sizeof path, "%s/%s", p->dir, name);
  assert_int_equal(zhi_read_file(path, OUTPUT_MAX, b, &e), ZHI_OK);
  return zhi_buf_view(b);
}

static void expect(const struct place *p, const char *name, const char *text) {
  struct zhi_buf b;
  if (!zhi_str_find(slurp(p, name, &b), zhi_str_of(text)))
    fail_msg("%s does not say '%s': %s", name, text, b.p ? b.p : "");
  zhi_buf_release(&b);
}

static size_t lines(const struct place *p, const char *name) {
  struct zhi_buf b;
  size_t n = 0;
  struct zhi_str s = slurp(p, name, &b);
  for (size_t i = 0; i < s.len; i++)
    n += s.p[i] == '\n';
  zhi_buf_release(&b);
  return n;
}

/* A file as another crawler writes it: WARC/1.0, no digests. */
static void write_warc(const struct place *p, const char *name, int pages) {
  char path[128];
  snprintf(path, sizeof path, "%s/%s", p->dir, name);
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  for (int i = 0; i < pages; i++) {
    char http[1024];
    int n =
        snprintf(http, sizeof http,
                 "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><head>"
                 "<title>第%d-%d件</title><meta name=\"ArticleTitle\" content=\"第%d-%d件\"><meta "
                 "name=\"PubDate\" content=\"2018-03-%02d\"></head><body><div "
                 "class=\"TRS_Editor\"><p>这是第%d-%d件的正文,有若干内容。</p></div></body></html>",
                 i / 100 + 1, i % 100, i / 100 + 1, i % 100, i % 28 + 1, i / 100 + 1, i % 100);
    fprintf(f,
            "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: <http://a.gov.cn/t%d.html>\r\n"
            "WARC-Date: 2018-04-01T00:00:00Z\r\nWARC-Record-ID: <urn:uuid:%s-%d>\r\n"
            "Content-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\n%s"
            "\r\n\r\n",
            i, name, i, n, http);
  }
  fclose(f);
}

static void an_import_is_indexed_exported_and_taken_down(void **state) {
  struct place p;
  (void)state;
  setup(&p);
  write_warc(&p, "x.warc", 30);
  assert_int_equal(run(&p, "import x.warc -a arc"), 0);
  expect(&p, "err", "30 captures (0 known already), 30 documents");
  assert_int_equal(run(&p, "verify arc"), 0);
  assert_int_equal(run(&p, "index --zipnum zn x.warc"), 0);
  assert_int_equal(lines(&p, "zn/index.idx"), 1);
  expect(&p, "zn/index.loc", "index.cdx.gz\tindex.cdx.gz");
  assert_int_equal(run(&p, "export arc --fields title,date_published --where title=第1-3件"), 0);
  expect(&p, "out", "title,date_published\r\n第1-3件,2018-03-04\r\n");
  assert_int_equal(run(&p, "export arc --format xlsx -o t.xlsx"), 0);
  assert_int_equal(run(&p, "export arc --format wacz -o t.wacz"), 0);
  assert_int_equal(run(&p, "suppress arc http://a.gov.cn/t3.html"), 2);
  assert_int_equal(run(&p, "suppress arc http://a.gov.cn/tt3.html --reason x"), 1);
  expect(&p, "err", "did you mean 'http://a.gov.cn/");
  assert_int_equal(run(&p, "suppress arc http://a.gov.cn/t3.html --reason '隐私'"), 0);
  assert_int_equal(run(&p, "suppress arc --list"), 0);
  expect(&p, "out", "http://a.gov.cn/t3.html\t");
  expect(&p, "out", "隐私");
  assert_int_equal(run(&p, "export arc --fields url"), 0);
  assert_int_equal(lines(&p, "out"), 30); /* the header and 29 */
  assert_int_equal(run(&p, "verify arc"), 0);
  teardown(&p);
}

static void mistakes_exit_as_documented(void **state) {
  static const struct {
    const char *args, *say;
    int code;
  } cases[] = {{"export", "which archives?", 2},
               {"export arc --format pdf", "--format is", 2},
               {"export arc --fields titel", "did you mean 'title'", 2},
               {"export arc --from 2018-13", "is no date", 2},
               {"export arc --where", "needs a value", 2},
               {"export arc --format wacz", "-o", 2},
               {"export arc --format xlsx --excel -o x", "--excel is for csv", 2},
               {"export nowhere", "nowhere", 1},
               {"import x.warc", "-a DIR", 2},
               {"import missing.warc -a arc2", "missing.warc", 1},
               {"suppress arc --list extra", "one URL", 2}};
  struct place p;
  (void)state;
  setup(&p);
  write_warc(&p, "x.warc", 1);
  assert_int_equal(run(&p, "import x.warc -a arc"), 0);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int code = run(&p, cases[i].args);
    if (code != cases[i].code)
      fail_msg("'%s' exits %d", cases[i].args, code);
    expect(&p, "err", cases[i].say);
  }
  teardown(&p);
}

/* Kill it once the database's log is that long, or see it end. */
static void kill_when(pid_t pid, const char *log, off_t bytes) {
  struct stat st;
  pid_t ended = 0;
  while (!ended && (stat(log, &st) != 0 || st.st_size < bytes)) {
    ended = waitpid(pid, NULL, WNOHANG);
    sched_yield();
  }
  if (ended)
    return;
  kill(pid, SIGKILL);
  assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void a_killed_import_is_run_again(void **state) {
  struct place p;
  char warc[128], archive[128], log[160];
  (void)state;
  setup(&p);
  write_warc(&p, "x.warc", PAGES);
  snprintf(warc, sizeof warc, "%s/x.warc", p.dir);
  snprintf(archive, sizeof archive, "%s/arc", p.dir);
  snprintf(log, sizeof log, "%s/xianzhi.db-wal", archive);
  for (unsigned i = 0; i < 6; i++) {
    pid_t pid = fork();
    if (pid == 0) {
      execl(program(), "xianzhi", "import", warc, "-a", archive, (char *)NULL);
      _exit(127);
    }
    assert_true(pid > 0);
    kill_when(pid, log, (off_t)i * 200000);
  }
  assert_int_equal(run(&p, "import x.warc -a arc"), 0);
  assert_int_equal(run(&p, "verify arc"), 0);
  assert_int_equal(run(&p, "export arc --fields url"), 0);
  assert_int_equal(lines(&p, "out"), PAGES + 1);
  teardown(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_import_is_indexed_exported_and_taken_down),
      cmocka_unit_test(mistakes_exit_as_documented),
      cmocka_unit_test(a_killed_import_is_run_again),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
