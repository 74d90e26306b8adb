/* Child processes are started with fork and exec, their output goes to files: nothing can block on a pipe. */
#include "tests/support/county.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "zhi/str.h"

enum { ARGS_MAX = 48, READY_TRIES = 1500, READY_MS = 20 };

static char *read_whole(const char *path) {
  struct zhi_buf b;
  char chunk[16384];
  size_t n;
  zhi_buf_init(&b, (size_t)256 << 20);
  FILE *f = fopen(path, "rb");
  while (f && (n = fread(chunk, 1, sizeof chunk, f)) > 0)
    zhi_buf_add(&b, chunk, n);
  if (f)
    fclose(f);
  char *text = strdup(b.len ? b.p : "");
  zhi_buf_release(&b);
  assert_non_null(text);
  return text;
}

static void in_dir(const struct county_world *w, const char *name, char out[96]) {
  assert_true(snprintf(out, 96, "%s/%s", w->dir, name) < 96);
}

static pid_t start(const char *program, const char *const *first, const char *const *then,
                   const char *out) {
  const char *argv[ARGS_MAX] = {program};
  size_t n = 1;
  for (; first && *first && n < ARGS_MAX - 1; first++)
    argv[n++] = *first;
  for (; then && *then && n < ARGS_MAX - 1; then++)
    argv[n++] = *then;
  int fd = open(out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  assert_true(fd >= 0);
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0) {
    if (dup2(fd, STDOUT_FILENO) < 0 || dup2(fd, STDERR_FILENO) < 0)
      _exit(126);
    execv(program, (char *const *)(uintptr_t)argv);
    _exit(127);
  }
  close(fd);
  return pid;
}

static void nap(void) {
  const struct timespec t = {0, READY_MS * 1000000L};
  nanosleep(&t, NULL);
}

void county_start(struct county_world *w, const char *const *args) {
  const char *program = getenv("COUNTY");
  char ready[96];
  memset(w, 0, sizeof *w);
  snprintf(w->dir, sizeof w->dir, "/tmp/zhi-county-XXXXXX");
  assert_non_null(mkdtemp(w->dir));
  in_dir(w, "config.yaml", w->config);
  in_dir(w, "truth.jsonl", w->truth);
  in_dir(w, "log.jsonl", w->log);
  in_dir(w, "archive", w->archive);
  in_dir(w, "ready", ready);
  const char *const own[] = {"--config", w->config, "--truth",   w->truth,   "--log", w->log,
                             "--port",   "0",       "--archive", w->archive, NULL};
  w->server = start(program ? program : "build/county", own, args, ready);
  for (int i = 0; i < READY_TRIES; i++) {
    char *text = read_whole(ready);
    bool up = strstr(text, "listening on") && strchr(text, '\n');
    free(text);
    if (up)
      return;
    nap();
  }
  fail_msg("the county does not get ready");
}

void county_await_requests(const struct county_world *w, size_t n) {
  for (int i = 0; i < READY_TRIES; i++) {
    size_t lines = 0;
    kill(w->server, SIGUSR1); /* flush the log */
    nap();
    char *text = read_whole(w->log);
    for (const char *p = text; (p = strchr(p, '\n')); p++)
      lines++;
    free(text);
    if (lines >= n)
      return;
  }
  fail_msg("nobody sends %zu requests", n);
}

void county_stop(struct county_world *w) {
  if (w->server > 0) {
    kill(w->server, SIGTERM);
    county_wait(w->server, NULL);
  }
  w->server = 0;
}

static int delete_one(const char *path, const struct stat *st, int type, struct FTW *at) {
  (void)st, (void)type, (void)at;
  return remove(path);
}

void county_release(struct county_world *w) {
  county_stop(w);
  nftw(w->dir, delete_one, 16, FTW_DEPTH | FTW_PHYS);
}

void county_config(const struct county_world *w, const char *key, const char *text) {
  char *all = read_whole(w->config);
  struct zhi_str rest = zhi_str_of(all);
  bool found = false;
  FILE *f = fopen(w->config, "wb");
  assert_non_null(f);
  while (rest.p && rest.len) {
    struct zhi_str line = zhi_str_cut(&rest, '\n');
    bool hit = zhi_str_starts(line, key);
    if (hit)
      fprintf(f, "%s\n", text);
    else
      fprintf(f, "%.*s\n", (int)line.len, line.p);
    found |= hit;
  }
  assert_int_equal(fclose(f), 0);
  free(all);
  assert_true(found);
}

pid_t county_spawn(const struct county_world *w, const char *const *args) {
  const char *program = getenv("XIANZHI");
  char out[96];
  in_dir(w, "output", out);
  assert_int_equal(setenv("XDG_STATE_HOME", w->dir, 1),
                   0); /* no crawl of another test is waited for */
  return start(program ? program : "build/xianzhi", args, NULL, out);
}

int county_wait(pid_t pid, long *max_rss_kib) {
  struct rusage used;
  int status = 0;
  assert_int_equal(wait4(pid, &status, 0, &used), pid);
  if (max_rss_kib)
    *max_rss_kib = used.ru_maxrss;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int county_run(const struct county_world *w, const char *const *args) {
  return county_wait(county_spawn(w, args), NULL);
}

char *county_output(const struct county_world *w) {
  char out[96];
  in_dir(w, "output", out);
  return read_whole(out);
}

json_t *county_lines(const char *path) {
  char *all = read_whole(path);
  struct zhi_str rest = zhi_str_of(all);
  json_t *lines = json_array();
  while (rest.p && rest.len) {
    struct zhi_str line = zhi_str_cut(&rest, '\n');
    json_t *o = json_loadb(line.p, line.len, 0, NULL);
    if (!o)
      fail_msg("%s: not JSON: %.*s", path, (int)(line.len < 200 ? line.len : 200), line.p);
    json_array_append_new(lines, o);
  }
  free(all);
  return lines;
}

/* One cell from *p on, unquoted into *cell; *p is left on the comma, line end or NUL behind it. */
static void csv_cell(const char **p, struct zhi_buf *cell) {
  zhi_buf_clear(cell);
  if (**p != '"') {
    size_t n = strcspn(*p, ",\r\n");
    zhi_buf_add(cell, *p, n);
    *p += n;
    return;
  }
  for ((*p)++; **p && (**p != '"' || (*p)[1] == '"'); (*p)++) {
    *p += **p == '"';
    zhi_buf_add(cell, *p, 1);
  }
  assert_int_equal(**p, '"');
  (*p)++;
}

/* One row as an array of strings. */
static json_t *csv_row(const char **p) {
  struct zhi_buf cell;
  json_t *row = json_array();
  zhi_buf_init(&cell, (size_t)64 << 20);
  for (;;) {
    csv_cell(p, &cell);
    assert_int_equal(json_array_append_new(row, json_stringn(cell.len ? cell.p : "", cell.len)), 0);
    if (**p != ',')
      break;
    (*p)++;
  }
  *p += **p == '\r';
  *p += **p == '\n';
  zhi_buf_release(&cell);
  return row;
}

json_t *county_csv(const char *archive) { return county_table(archive, "documents.csv"); }

json_t *county_table(const char *archive, const char *file) {
  char path[128];
  assert_true(snprintf(path, sizeof path, "%s/%s", archive, file) < (int)sizeof path);
  char *all = read_whole(path);
  const char *p = all;
  json_t *rows = json_array(), *names = csv_row(&p), *name;
  while (*p) {
    json_t *cells = csv_row(&p), *row = json_object();
    size_t i;
    assert_int_equal(json_array_size(cells), json_array_size(names));
    json_array_foreach(names, i, name)
        json_object_set(row, json_string_value(name), json_array_get(cells, i));
    json_array_append_new(rows, row);
    json_decref(cells);
  }
  json_decref(names);
  free(all);
  return rows;
}

json_t *county_json(const struct county_world *w, const char *const *args) {
  assert_int_equal(county_run(w, args), 0);
  char *text = county_output(w);
  json_t *o = json_loads(text, 0, NULL);
  free(text);
  assert_non_null(o);
  return o;
}

json_t *county_status(const struct county_world *w, const char *archive) {
  return county_json(w, (const char *const[]){"status", "--json", archive, NULL});
}

const char *county_text(const json_t *o, const char *key) {
  const char *s = json_string_value(json_object_get(o, key));
  return s ? s : "";
}

long long county_number(const json_t *o, const char *key) {
  return (long long)json_integer_value(json_object_get(o, key));
}

json_t *county_requests(const struct county_world *w) {
  json_t *log = county_lines(w->log), *by_url = json_object(), *r;
  size_t i;
  json_array_foreach(log, i, r) {
    char url[4096];
    if (strlen(county_text(r, "path")) > sizeof url - 300)
      continue;
    snprintf(url, sizeof url, "http://%s%s", county_text(r, "host"), county_text(r, "path"));
    json_t *o = json_object_get(by_url, url);
    if (!o)
      json_object_set_new(by_url, url, o = json_pack("{s:i,s:i}", "n", 0, "good", 0));
    long long status = county_number(r, "status");
    bool good = json_is_true(json_object_get(r, "complete")) && (status < 400 || status == 404);
    json_object_set_new(o, "n", json_integer(county_number(o, "n") + 1));
    json_object_set_new(o, "good", json_integer(county_number(o, "good") + good));
  }
  json_decref(log);
  return by_url;
}

long long county_family_requests(const json_t *by_url, const json_t *family) {
  const char *prefix = county_text(family, "prefix"), *inside = county_text(family, "contains");
  const char *url;
  json_t *o;
  long long n = 0;
  json_object_foreach((json_t *)(uintptr_t)by_url, url, o) {
    if ((prefix[0] && strncmp(url, prefix, strlen(prefix)) == 0) ||
        (inside[0] && strstr(url, inside)))
      n += county_number(o, "n");
  }
  return n;
}

json_t *county_rows(const struct county_world *w) {
  json_t *rows = county_csv(w->archive), *by_url = json_object(), *row;
  size_t i;
  json_array_foreach(rows, i, row) json_object_set(by_url, county_text(row, "url"), row);
  assert_int_equal(json_object_size(by_url), json_array_size(rows)); /* no document twice */
  json_decref(rows);
  return by_url;
}

json_t *county_pairs(const struct county_world *w, const char *sql) {
  char path[128];
  sqlite3 *db = NULL;
  sqlite3_stmt *q = NULL;
  json_t *o = json_object();
  snprintf(path, sizeof path, "%s/xianzhi.db", w->archive);
  assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
  assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
  while (sqlite3_step(q) == SQLITE_ROW)
    json_object_set_new(o, (const char *)sqlite3_column_text(q, 0),
                        json_string((const char *)sqlite3_column_text(q, 1)));
  sqlite3_finalize(q);
  sqlite3_close(db);
  return o;
}

bool county_is_among(const json_t *texts, const char *text) {
  const json_t *v;
  size_t i;
  json_array_foreach(texts, i, v) {
    if (strcmp(json_string_value(v), text) == 0)
      return true;
  }
  return false;
}

int county_crawl_families(struct county_world *w, const char *domains) {
  county_start(w, (const char *const[]){"--scenario", "families", NULL});
  if (domains)
    county_config(w, "  domains:", domains);
  county_config(
      w, "politeness:",
      "politeness: { min_delay: 0s, factor: 0, backoff: 100ms, connections_per_server: 2 }");
  int code = county_run(w, (const char *const[]){"crawl", w->config, "--progress", "off", NULL});
  county_stop(w);
  return code;
}
