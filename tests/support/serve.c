/* HTTP/1.0, so that no body comes in chunks and the server closes behind it. */
#include "tests/support/serve.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "zhi/str.h"

enum { ARGS_MAX = 24, READY_TRIES = 3000, READY_MS = 10, ANSWER_MAX = 256 << 20, PATIENCE_S = 60 };

static bool read_ports(const struct county_world *w, struct serve_child *s) {
  char *text = county_output(w);
  const char *at = strstr(text, " on port ");
  bool up = at && sscanf(at, " on port %d, replay on port %d", &s->port, &s->replay_port) == 2;
  free(text);
  return up;
}

void serve_start(struct serve_child *s, const struct county_world *w, const char *archive,
                 const char *const *args) {
  const char *argv[ARGS_MAX] = {"serve", archive, "--listen", "127.0.0.1:0"};
  size_t n = 4;
  for (; args && *args && n < ARGS_MAX - 1; args++)
    argv[n++] = *args;
  *s = (struct serve_child){.pid = county_spawn(w, argv)};
  for (int i = 0; i < READY_TRIES; i++) {
    const struct timespec t = {0, READY_MS * 1000000L};
    if (read_ports(w, s))
      return;
    nanosleep(&t, NULL);
  }
  fail_msg("the server does not get ready");
}

int serve_stop(struct serve_child *s) {
  kill(s->pid, SIGTERM);
  return county_wait(s->pid, NULL);
}

int serve_connect(int port, int receive) {
  const struct timeval patience = {PATIENCE_S, 0};
  struct sockaddr_in a = {.sin_family = AF_INET,
                          .sin_port = htons((uint16_t)port),
                          .sin_addr = {htonl(INADDR_LOOPBACK)}};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  assert_true(fd >= 0);
  if (receive)
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive, sizeof receive);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (connect(fd, (struct sockaddr *)&a, sizeof a) != 0)
    fail_msg("cannot connect to port %d", port);
  return fd;
}

void serve_send(int fd, const char *bytes, size_t len) {
  while (len) {
    ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
    if (n <= 0)
      return; /* closed already: the answer says why */
    bytes += n;
    len -= (size_t)n;
  }
}

void serve_read(int fd, struct serve_answer *out) {
  struct zhi_buf all;
  char chunk[65536];
  ssize_t n;
  *out = (struct serve_answer){0};
  zhi_buf_init(&all, ANSWER_MAX);
  while ((n = recv(fd, chunk, sizeof chunk, 0)) > 0)
    zhi_buf_add(&all, chunk, (size_t)n);
  assert_true(zhi_buf_check(&all, "an answer", NULL) == ZHI_OK);
  const char *end = all.len ? strstr(all.p, "\r\n\r\n") : NULL;
  if (end) {
    size_t head = (size_t)(end - all.p) + 4;
    out->head = strndup(all.p, head);
    out->len = all.len - head;
    out->body = malloc(out->len + 1);
    assert_non_null(out->body);
    memcpy(out->body, all.p + head, out->len);
    out->body[out->len] = '\0';
    out->status = strlen(out->head) > 12 ? (int)strtol(out->head + 9, NULL, 10) : 0;
  }
  zhi_buf_release(&all);
}

void serve_ask(int port, const char *bytes, size_t len, struct serve_answer *out) {
  int fd = serve_connect(port, 0);
  serve_send(fd, bytes, len);
  serve_read(fd, out);
  close(fd);
}

void serve_get(int port, const char *target, const char *headers, struct serve_answer *out) {
  struct zhi_buf rq;
  zhi_buf_init(&rq, 1 << 20);
  zhi_buf_addf(&rq, "GET %s HTTP/1.0\r\nHost: 127.0.0.1:%d\r\n%s\r\n", target, port, headers);
  serve_ask(port, rq.p, rq.len, out);
  zhi_buf_release(&rq);
}

int serve_status_of(int port, const char *target) {
  struct serve_answer a;
  serve_get(port, target, "", &a);
  int status = a.status;
  serve_answer_release(&a);
  return status;
}

json_t *serve_json(int port, const char *target) {
  struct serve_answer a;
  serve_get(port, target, "", &a);
  json_t *o = a.body ? json_loadb(a.body, a.len, 0, NULL) : NULL;
  if (!o)
    fail_msg("%s gives no JSON (%d)", target, a.status);
  serve_answer_release(&a);
  return o;
}

void serve_answer_release(struct serve_answer *a) {
  free(a->head);
  free(a->body);
  *a = (struct serve_answer){0};
}

const char *serve_answer_header(const struct serve_answer *a, const char *name) {
  static char value[2048];
  struct zhi_str rest = zhi_str_of(a->head);
  value[0] = '\0';
  while (rest.p && rest.len) {
    struct zhi_str line = zhi_str_cut(&rest, '\n');
    if (zhi_str_iis(zhi_str_trim(zhi_str_cut(&line, ':')), name) && line.p) {
      struct zhi_str v = zhi_str_trim(line);
      snprintf(value, sizeof value, "%.*s", ZHI_STR_ARGS(v));
      break;
    }
  }
  return value;
}
