/* `xianzhi serve` as a child process, and a client that sends what it is told, well formed or not: for end to end
 * tests. One thread; every function fails the running test on an error. */
#ifndef ZHI_TESTS_SERVE_H
#define ZHI_TESTS_SERVE_H

#include <jansson.h>

#include "tests/support/county.h"

struct serve_child {
  pid_t pid;
  int port, replay_port;
};

/* Serve `archive` with further arguments (NULL ends them) on free ports, and wait until it listens. */
void serve_start(struct serve_child *s, const struct county_world *w, const char *archive,
                 const char *const *args);
/* SIGTERM, and wait: its exit code. */
int serve_stop(struct serve_child *s);

struct serve_answer {
  int status; /* 0: closed without an answer */
  char *head; /* status line and headers */
  char *body; /* NUL-terminated; not unpacked */
  size_t len;
};

/* A connection to a port of loopback; `receive` bytes of receive buffer, 0: as the system likes. */
int serve_connect(int port, int receive);
void serve_send(int fd, const char *bytes, size_t len);
/* Read until the server closes. */
void serve_read(int fd, struct serve_answer *out);
/* Send these bytes on a new connection and read the answer. */
void serve_ask(int port, const char *bytes, size_t len, struct serve_answer *out);
/* GET of a target, with header lines ("A: b\r\n", may be "") and a close. */
void serve_get(int port, const char *target, const char *headers, struct serve_answer *out);
/* The same; its status alone. */
int serve_status_of(int port, const char *target);
/* The same; the body as JSON. */
json_t *serve_json(int port, const char *target);
void serve_answer_release(struct serve_answer *a);
/* The value of a header, up to the end of its line; "" when it is not there. Valid until the next call. */
const char *serve_answer_header(const struct serve_answer *a, const char *name);

#endif
