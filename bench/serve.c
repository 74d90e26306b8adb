/* What the pages of an archive cost with many readers at once.
 *
 *   build/bench/serve [--readers N] [--seconds S] DIR      default 50 readers, 4 seconds a page
 * DIR is an archive of build/bench/archive with its search index (made by a first `xianzhi search DIR 县`). It is served
 * by build/xianzhi on loopback; for each kind of page readers ask for one after another, each on a connection kept open,
 * as fast as they get them. One JSON line a kind: milliseconds that the server took to make an answer (its
 * Server-Timing), milliseconds that the reader waited (with so many at once mostly for one another), bytes of the
 * compressed answer. The last line has the server's peak memory. */
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zhi/clock.h"
#include "zhi/str.h"

enum { READERS_MAX = 500, URLS = 400, SAMPLES_MAX = 400000, ANSWER_MAX = 4 << 20 };

struct urls {
  char *url[URLS];
  size_t count;
};

static struct urls documents, edited;
static int port;
static size_t readers = 50;
static int64_t seconds = 4;

struct kind {
  const char *name, *target; /* %s: a URL of `urls` */
  const struct urls *urls;
};
static const struct kind kinds[] = {
    {"home", "/", NULL},
    {"list", "/documents", NULL},
    {"list filtered", "/documents?validity=valid&from=2014&sort=captured&page=7", NULL},
    {"document", "/document?url=%s", &documents},
    {"diff", "/diff?url=%s", &edited},
    {"search", "/search?q=%%E9%%BA%%92%%E9%%BA%%9F", NULL},
    {"search, a word of nearly all", "/search?q=%%E6%%B0%%B4%%E5%%88%%A9", NULL},
    {"coverage", "/coverage", NULL},
};

struct reader {
  const struct kind *kind;
  size_t number;
  float *server, *waited;
  size_t count, cap, bytes;
};

static void die(const char *what) {
  fprintf(stderr, "bench/serve: %s\n", what);
  exit(1);
}

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int dial(void) {
  struct sockaddr_in a = {.sin_family = AF_INET,
                          .sin_port = htons((uint16_t)port),
                          .sin_addr = {htonl(INADDR_LOOPBACK)}};
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a) != 0)
    die("cannot connect");
  return fd;
}

/* One exchange: its bytes, the server's own time in *server. */
static size_t exchange(int fd, const char *rq, char *buf, float *server) {
  size_t len = 0, head = 0, body = 0;
  if (send(fd, rq, strlen(rq), MSG_NOSIGNAL) < 0)
    die("the server hung up");
  while (!head || len < head + body) {
    ssize_t n = recv(fd, buf + len, ANSWER_MAX - 1 - len, 0);
    if (n <= 0)
      die("the server hung up");
    len += (size_t)n;
    buf[len] = '\0';
    const char *end = head ? NULL : strstr(buf, "\r\n\r\n");
    if (end) {
      const char *length = strstr(buf, "Content-Length: "), *took = strstr(buf, "total;dur=");
      if (strncmp(buf, "HTTP/1.1 200", 12) != 0 || !length || !took) {
        fprintf(stderr, "%.300s\n", buf);
        die("that is no page");
      }
      head = (size_t)(end - buf) + 4;
      body = strtoul(length + 16, NULL, 10);
      *server = strtof(took + 10, NULL);
    }
  }
  return len;
}

static void *read_on(void *arg) {
  struct reader *r = arg;
  char *buf = malloc(ANSWER_MAX), rq[4096], target[3072];
  double end = now_ms() + (double)seconds * 1000;
  int fd = dial();
  for (size_t i = r->number; buf && now_ms() < end && r->count < r->cap; i += 7) {
    const char *url = r->kind->urls ? r->kind->urls->url[i % r->kind->urls->count] : "";
    snprintf(target, sizeof target, r->kind->target, url);
    snprintf(rq, sizeof rq, "GET %s HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n", target);
    double start = now_ms();
    r->bytes = exchange(fd, rq, buf, &r->server[r->count]);
    r->waited[r->count++] = (float)(now_ms() - start);
  }
  close(fd);
  free(buf);
  return NULL;
}

static int ascending(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

static void measure(const struct kind *k) {
  static struct reader r[READERS_MAX];
  static float server[SAMPLES_MAX], waited[SAMPLES_MAX];
  pthread_t thread[READERS_MAX];
  size_t each = SAMPLES_MAX / readers, n = 0;
  if (k->urls && !k->urls->count)
    die("the archive has no such document");
  double start = now_ms();
  for (size_t i = 0; i < readers; i++) {
    r[i] = (struct reader){.kind = k,
                           .number = i,
                           .server = calloc(each, sizeof(float)),
                           .waited = calloc(each, sizeof(float)),
                           .cap = each};
    if (!r[i].server || !r[i].waited || pthread_create(&thread[i], NULL, read_on, &r[i]) != 0)
      die("cannot start a reader");
  }
  for (size_t i = 0; i < readers; i++) {
    pthread_join(thread[i], NULL);
    memcpy(server + n, r[i].server, r[i].count * sizeof *server);
    memcpy(waited + n, r[i].waited, r[i].count * sizeof *waited);
    n += r[i].count;
    free(r[i].server);
    free(r[i].waited);
  }
  double took = (now_ms() - start) / 1000;
  qsort(server, n, sizeof *server, ascending);
  qsort(waited, n, sizeof *waited, ascending);
  printf("{\"what\": \"%s\", \"readers\": %zu, \"pages\": %zu, \"per_second\": %.0f, "
         "\"server_ms\": {\"median\": %.2f, \"p95\": %.2f}, "
         "\"waited_ms\": {\"median\": %.1f, \"p95\": %.1f}, \"bytes\": %zu}\n",
         k->name, readers, n, (double)n / took, (double)server[n / 2], (double)server[n * 95 / 100],
         (double)waited[n / 2], (double)waited[n * 95 / 100], r[0].bytes);
  fflush(stdout);
}

static void load(const char *dir, const char *sql, struct urls *out) {
  char path[1024];
  sqlite3 *db = NULL;
  sqlite3_stmt *st = NULL;
  snprintf(path, sizeof path, "%s/xianzhi.db", dir);
  if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
      sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
    die("the archive cannot be read");
  while (out->count < URLS && sqlite3_step(st) == SQLITE_ROW)
    out->url[out->count++] = strdup((const char *)sqlite3_column_text(st, 0));
  sqlite3_finalize(st);
  sqlite3_close(db);
}

/* Its pid; `port` is set when it listens. */
static pid_t serve(const char *dir) {
  int fd[2];
  char line[512] = "";
  if (pipe(fd) != 0)
    die("no pipe");
  pid_t pid = fork();
  if (pid == 0) {
    dup2(fd[1], STDOUT_FILENO);
    close(fd[0]);
    execl("build/xianzhi", "xianzhi", "serve", dir, "--listen", "127.0.0.1:0", (char *)NULL);
    _exit(127);
  }
  close(fd[1]);
  FILE *f = fdopen(fd[0], "r");
  const char *at = f && fgets(line, sizeof line, f) ? strstr(line, " on port ") : NULL;
  if (pid < 0 || !at)
    die("build/xianzhi does not serve");
  port = (int)strtol(at + 9, NULL, 10);
  fclose(f);
  return pid;
}

int main(int argc, char **argv) {
  const char *dir = NULL;
  struct rusage used;
  int status;
  for (int i = 1; i < argc; i++) {
    unsigned long long n = 0;
    bool flag = i + 1 < argc && zhi_str_u64(zhi_str_of(argv[i + 1]), READERS_MAX, &n) && n;
    if (flag && strcmp(argv[i], "--readers") == 0)
      readers = (size_t)n, i++;
    else if (flag && strcmp(argv[i], "--seconds") == 0)
      seconds = (int64_t)n, i++;
    else
      dir = argv[i];
  }
  if (!dir)
    die("which archive?");
  load(dir, "SELECT url FROM versions WHERE first_capture % 97 = 0 LIMIT 400", &documents);
  load(dir, "SELECT url FROM versions WHERE version > 1 LIMIT 400", &edited);
  pid_t pid = serve(dir);
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    measure(&kinds[i]);
  kill(pid, SIGTERM);
  if (wait4(pid, &status, 0, &used) != pid || status != 0)
    die("the server did not end well");
  printf("{\"what\": \"server\", \"peak_mib\": %ld}\n", used.ru_maxrss / 1024);
  return 0;
}
