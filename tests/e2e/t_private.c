/* Public names and pages that come to lead to private addresses, by a resolver that changes its mind or by a
 * redirect: what listens there never hears of it, and the record says why. Names and addresses are the shim's. */
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/county.h"
#include "tests/support/shim.h"

#define PUBLIC "1.2.4.8" /* as far as the crawler can tell */

enum { HEAD_MAX = 8192, POLL_MS = 20, EXIT_FAILED_URLS = 3, EXIT_PAUSED = 4 };

struct scene {
  struct county_world w; /* without a county */
  int outer, outer_port; /* what the public address leads to */
  int inner, inner_port; /* on loopback: nobody may come */
  atomic_bool stop;
  pthread_t thread;
};

static int listen_on_loopback(int *port) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t len = sizeof a;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
  assert_int_equal(listen(fd, 16), 0);
  assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
  *port = ntohs(a.sin_port);
  return fd;
}

/* /to/ADDRESS redirects there; all else is a page. */
static void answer(int fd) {
  char head[HEAD_MAX + 1], text[HEAD_MAX + 512], target[256];
  size_t len = 0;
  ssize_t n;
  while (len < HEAD_MAX && (n = recv(fd, head + len, HEAD_MAX - len, 0)) > 0) {
    len += (size_t)n;
    head[len] = '\0';
    if (strstr(head, "\r\n\r\n"))
      break;
  }
  head[len] = '\0';
  if (strncmp(head, "GET /robots.txt ", 16) == 0)
    snprintf(text, sizeof text,
             "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n"
             "Connection: close\r\n\r\n");
  else if (sscanf(head, "GET /to/%255[^ ]", target) == 1)
    snprintf(text, sizeof text,
             "HTTP/1.1 302 Found\r\nLocation: http://%s\r\nContent-Length: 0\r\n"
             "Connection: close\r\n\r\n",
             target);
  else
    snprintf(text, sizeof text,
             "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
             "Connection: close\r\n\r\n<html><title>a</title><p>b</p>\n");
  n = send(fd, text, strlen(text), MSG_NOSIGNAL);
  (void)n; /* who has gone away asks again or not */
}

static void *serve(void *arg) {
  struct scene *s = arg;
  while (!atomic_load(&s->stop)) {
    struct pollfd p = {.fd = s->outer, .events = POLLIN};
    int fd = poll(&p, 1, POLL_MS) > 0 ? accept4(s->outer, NULL, NULL, SOCK_CLOEXEC) : -1;
    if (fd < 0)
      continue;
    answer(fd);
    close(fd);
  }
  return NULL;
}

static int set_up(void **state) {
  struct scene *s = calloc(1, sizeof *s);
  assert_non_null(s);
  snprintf(s->w.dir, sizeof s->w.dir, "/tmp/zhi-private-XXXXXX");
  assert_non_null(mkdtemp(s->w.dir));
  snprintf(s->w.config, sizeof s->w.config, "%s/config.yaml", s->w.dir);
  snprintf(s->w.archive, sizeof s->w.archive, "%s/archive", s->w.dir);
  s->outer = listen_on_loopback(&s->outer_port);
  s->inner = listen_on_loopback(&s->inner_port);
  assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
  *state = s;
  return 0;
}

static int tear_down(void **state) {
  struct scene *s = *state;
  atomic_store(&s->stop, true);
  pthread_join(s->thread, NULL);
  close(s->outer);
  close(s->inner);
  county_release(&s->w);
  free(s);
  return 0;
}

/* The seeds are paths of http://HOST:PORT, the port being that of the private listener. */
static void write_config(const struct scene *s, const char *host, const char *const *paths) {
  FILE *f = fopen(s->w.config, "w");
  assert_non_null(f);
  fprintf(f, "cluster: x\nseeds:\n");
  for (; *paths; paths++)
    fprintf(f, "  - http://%s:%d%s\n", host, s->inner_port, *paths);
  fprintf(f, "operator: { name: Test, contact: \"https://example.org/bot\" }\n"
             "scope: { domains: [ x.gov.cn, 127.0.0.1 ] }\n"
             "politeness: { min_delay: 500ms, factor: 0 }\n"
             "http: { retries: 0, head_timeout: 3s }\n");
  assert_int_equal(fclose(f), 0);
}

static int crawl(const struct scene *s, const char *names, const char *max_pages) {
  char route[64];
  snprintf(route, sizeof route, PUBLIC "=%d", s->outer_port);
  setenv("XZ_NAMES", names, 1);
  setenv("XZ_ROUTE", route, 1);
  shim_on();
  pid_t pid = county_spawn(&s->w, (const char *const[]){"crawl", s->w.config, "-a", s->w.archive,
                                                        "--progress", "off", "--max-pages",
                                                        max_pages, NULL});
  shim_off();
  unsetenv("XZ_NAMES");
  unsetenv("XZ_ROUTE");
  return county_wait(pid, NULL);
}

/* A connection would wait in the listener's queue. */
static void assert_nobody_came(const struct scene *s) {
  assert_int_equal(accept4(s->inner, NULL, NULL, SOCK_CLOEXEC), -1);
}

/* "state: reason: detail" of a URL. */
static void assert_fate(const struct scene *s, const char *host, const char *path,
                        const char *want) {
  char url[256];
  snprintf(url, sizeof url, "http://%s:%d%s", host, s->inner_port, path);
  json_t *fates = county_pairs(
      &s->w, "SELECT url, state || ': ' || coalesce(reason, '') || ': ' || coalesce(detail, '') "
             "FROM urls");
  if (strcmp(county_text(fates, url), want) != 0) {
    char *all = json_dumps(fates, JSON_INDENT(1));
    fail_msg("%s is not '%s' but: %s", url, want, all);
  }
  json_decref(fates);
}

static void an_address_is_looked_up_once_and_connected_to(void **state) {
  const struct scene *s = *state;
  write_config(s, "flip.x.gov.cn", (const char *const[]){"/1", "/2", "/3", NULL});
  assert_int_equal(crawl(s, "flip.x.gov.cn=" PUBLIC ",127.0.0.1", "9"), 0);
  assert_nobody_came(s);
  assert_fate(s, "flip.x.gov.cn", "/3", "done: : ");
}

static void a_name_that_has_turned_private_is_refused_at_the_next_look_up(void **state) {
  const struct scene *s = *state;
  write_config(s, "flip.x.gov.cn", (const char *const[]){"/1", "/2", NULL});
  assert_int_equal(crawl(s, "flip.x.gov.cn=" PUBLIC, "2"), EXIT_PAUSED);
  assert_int_equal(crawl(s, "flip.x.gov.cn=127.0.0.1", "9"), EXIT_FAILED_URLS);
  assert_nobody_came(s);
  assert_fate(s, "flip.x.gov.cn", "/2",
              "failed: private_address: private address 127.0.0.1 refused");
}

static void a_redirect_to_a_private_address_is_not_followed(void **state) {
  const struct scene *s = *state;
  char literal[64], named[64];
  snprintf(literal, sizeof literal, "/to/127.0.0.1:%d/", s->inner_port);
  snprintf(named, sizeof named, "/to/inner.x.gov.cn:%d/", s->inner_port);
  write_config(s, "www.x.gov.cn", (const char *const[]){literal, named, NULL});
  assert_int_equal(crawl(s, "www.x.gov.cn=" PUBLIC ";inner.x.gov.cn=127.0.0.1", "20"),
                   EXIT_FAILED_URLS);
  assert_nobody_came(s);
  assert_fate(s, "127.0.0.1", "/", "failed: private_address: private address 127.0.0.1 refused");
  assert_fate(s, "inner.x.gov.cn", "/",
              "failed: private_address: private address 127.0.0.1 refused");
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(an_address_is_looked_up_once_and_connected_to),
      CASE(a_name_that_has_turned_private_is_refused_at_the_next_look_up),
      CASE(a_redirect_to_a_private_address_is_not_followed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
