/* Five hundred servers at once that send one byte a second: each ends in a verdict, and the crawl soon, with little
 * memory. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/county.h"

enum { HOSTS = 500, PEERS = 600, HEAD_MAX = 4096, DRIP_MS = 1000, MEMORY_MAX_MIB = 200 };

struct peer {
  int fd;          /* -1: free */
  int64_t drip_ms; /* next byte; 0 = the request has not come */
};

struct scene {
  struct county_world w; /* without a county */
  struct pollfd listening[HOSTS];
  int port;
  struct peer peers[PEERS];
  size_t dripping, dripping_max;
  pthread_t thread;
  atomic_bool stop;
};

static int64_t now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* --- the servers: 127.1.X.Y, one port ---------------------------------------------------------------------- */

static void address_of(int host, char out[32]) {
  snprintf(out, 32, "127.1.%d.%d", host / 200, 1 + host % 200);
}

static int listen_at(const char *address, int *port) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)*port)};
  socklen_t len = sizeof a;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), yes = 1;
  inet_pton(AF_INET, address, &a.sin_addr);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
  assert_int_equal(listen(fd, 8), 0);
  assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
  *port = ntohs(a.sin_port);
  return fd;
}

static void say(int fd, const char *text) {
  ssize_t n = send(fd, text, strlen(text), MSG_NOSIGNAL);
  (void)n; /* who has gone away is seen by the next read */
}

static void hang_up(struct scene *s, struct peer *p) {
  s->dripping -= p->drip_ms != 0;
  close(p->fd);
  *p = (struct peer){.fd = -1};
}

static void hear(struct scene *s, struct peer *p) {
  char head[HEAD_MAX];
  ssize_t n = recv(p->fd, head, sizeof head - 1, MSG_DONTWAIT);
  if (n == 0 || (n < 0 && errno != EAGAIN)) {
    hang_up(s, p);
  } else if (n > 0 && strncmp(head, "GET /robots.txt ", 16) == 0) {
    say(p->fd, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  } else if (n > 0 && p->drip_ms == 0) {
    say(p->fd, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000\r\n\r\n");
    p->drip_ms = now_ms() + DRIP_MS;
    if (++s->dripping > s->dripping_max)
      s->dripping_max = s->dripping;
  }
}

static void drip(struct scene *s) {
  int64_t now = now_ms();
  for (size_t i = 0; i < PEERS; i++) {
    struct peer *p = &s->peers[i];
    if (p->fd >= 0)
      hear(s, p);
    if (p->fd >= 0 && p->drip_ms && now >= p->drip_ms) {
      say(p->fd, ".");
      p->drip_ms = now + DRIP_MS;
    }
  }
}

static void take(struct scene *s, int listening) {
  int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
  for (size_t i = 0; i < PEERS && fd >= 0; i++)
    if (s->peers[i].fd < 0) {
      s->peers[i].fd = fd;
      return;
    }
  if (fd >= 0)
    close(fd);
}

static void *serve(void *arg) {
  struct scene *s = arg;
  while (!atomic_load(&s->stop)) {
    if (poll(s->listening, HOSTS, 2) > 0)
      for (size_t i = 0; i < HOSTS; i++)
        if (s->listening[i].revents)
          take(s, s->listening[i].fd);
    drip(s);
  }
  return NULL;
}

/* --- the crawl ------------------------------------------------------------------------------------------------- */

static void write_config(const struct scene *s) {
  FILE *f = fopen(s->w.config, "w");
  assert_non_null(f);
  fprintf(f,
          "cluster: x\noperator: { name: Test, contact: \"https://example.org/bot\" }\n"
          "scope: { domains: [ x.gov.cn ] }\nallow_private: true\n"
          "politeness: { min_delay: 0s, factor: 0 }\n"
          "http: { low_speed: 100B, low_speed_time: 2s, retries: 0, connections: 500 }\nseeds:\n");
  for (int i = 0; i < HOSTS; i++)
    fprintf(f, "  - http://h%d.x.gov.cn/\n", i);
  fprintf(f, "connect_to:\n");
  for (int i = 0; i < HOSTS; i++) {
    char address[32];
    address_of(i, address);
    fprintf(f, "  - \"h%d.x.gov.cn::%s:%d\"\n", i, address, s->port);
  }
  assert_int_equal(fclose(f), 0);
}

static int set_up(void **state) {
  struct scene *s = calloc(1, sizeof *s);
  struct rlimit files;
  assert_non_null(s);
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
  files.rlim_cur = files.rlim_max; /* a thousand here, half of it in the crawler */
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
  snprintf(s->w.dir, sizeof s->w.dir, "/tmp/zhi-drip-XXXXXX");
  assert_non_null(mkdtemp(s->w.dir));
  snprintf(s->w.config, sizeof s->w.config, "%s/config.yaml", s->w.dir);
  snprintf(s->w.archive, sizeof s->w.archive, "%s/archive", s->w.dir);
  for (int i = 0; i < HOSTS; i++) {
    char address[32];
    address_of(i, address);
    s->listening[i] = (struct pollfd){.fd = listen_at(address, &s->port), .events = POLLIN};
  }
  for (size_t i = 0; i < PEERS; i++)
    s->peers[i].fd = -1;
  assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
  write_config(s);
  *state = s;
  return 0;
}

static int tear_down(void **state) {
  struct scene *s = *state;
  atomic_store(&s->stop, true);
  pthread_join(s->thread, NULL);
  for (size_t i = 0; i < PEERS; i++)
    if (s->peers[i].fd >= 0)
      close(s->peers[i].fd);
  for (int i = 0; i < HOSTS; i++)
    close(s->listening[i].fd);
  county_release(&s->w);
  free(s);
  return 0;
}

static void five_hundred_dripping_servers_end_in_a_verdict_each(void **state) {
  struct scene *s = *state;
  long rss_kib = 0;
  const char *const args[] = {"crawl", s->w.config, "-a", s->w.archive, "--progress", "off", NULL};
  int64_t begin = now_ms();
  assert_int_equal(county_wait(county_spawn(&s->w, args), &rss_kib), 3);
  print_message("%lld ms, %zu at once, %ld KiB\n", (long long)(now_ms() - begin), s->dripping_max,
                rss_kib);
  json_t *got = county_pairs(&s->w, "SELECT verdict || ' ' || coalesce(truncated, ''), count(*) "
                                    "FROM captures WHERE url LIKE '%.cn/' GROUP BY 1");
  assert_int_equal(json_object_size(got), 1);
  assert_string_equal(county_text(got, "timeout time"), "500");
  json_decref(got);
  assert_true(s->dripping_max > 350); /* the bound is 384, of items between start and commit */
  assert_true(COUNTY_SLOW > 1 || rss_kib < MEMORY_MAX_MIB * 1024);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(
      five_hundred_dripping_servers_end_in_a_verdict_each, set_up, tear_down)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
