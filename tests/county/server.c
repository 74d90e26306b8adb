/* A small HTTP/1.1 server: one thread, epoll edge-triggered, keep-alive, pipelining.
 *
 * A connection reads a request, gets its whole answer at once into its out buffer (or as much as is
 * finite), and sends it; the next pipelined request waits until the answer has gone. That
 * keeps one clock reading at arrival and one at the last byte, which is what politeness is judged
 * from. Delays and drips put the connection on the waiting list. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/county/county.h"
#include "tests/county/http.h"

enum { EVENTS = 256, TURN_BYTES = 1 << 20, READ_BYTES = 16384 };

enum state { READING, WAITING, WRITING, HUNG };

struct listener {
  int fd;
  unsigned address, open, open_max;
  char text[16];
};

struct conn {
  int fd;
  enum state state;
  unsigned number, seq, open;
  char peer[24];
  struct listener *listener;
  struct zhi_buf in, out;
  size_t used, sent; /* bytes of `in` that are the present request; bytes of `out` sent */
  struct request request;
  struct reply reply;
  int64_t arrived_us, wall_us, wake_us;
  uint64_t bytes;
  bool dead, linked;
  struct conn *next_waiting, *next_dead, *next, **link;
};

struct server {
  struct county *county;
  struct listener *listeners;
  unsigned listener_count, conn_count;
  int epoll_fd, signal_fd;
  bool stop;
  FILE *log;
  struct conn *conns, *waiting, *dead;
  uint64_t requests, bytes;
};

static int64_t clock_us(clockid_t id) {
  struct timespec t;
  clock_gettime(id, &t);
  return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* --- listening --------------------------------------------------------------------------------- */

static int listen_on(unsigned address, unsigned port) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  a.sin_addr.s_addr = htonl(127u << 24 | address);
  int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return -1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(fd, (struct sockaddr *)&a, sizeof a) == 0 && listen(fd, 4096) == 0)
    return fd;
  close(fd);
  return -1;
}

static bool add_listener(struct server *s, unsigned address) {
  for (unsigned i = 0; i < s->listener_count; i++)
    if (s->listeners[i].address == address)
      return true;
  struct listener *l = &s->listeners[s->listener_count];
  *l = (struct listener){.address = address};
  l->fd = listen_on(address, s->county->o.port);
  if (l->fd < 0)
    return false;
  text_set(l->text, sizeof l->text, "127.0.%u.%u", address / 256, address % 256);
  s->listener_count++;
  return true;
}

static void close_listeners(struct server *s) {
  for (unsigned i = 0; i < s->listener_count; i++)
    close(s->listeners[i].fd);
  s->listener_count = 0;
}

/* With port 0 the first address chooses, and the others may find that port taken: try again. */
static bool listen_all(struct server *s) {
  struct county *c = s->county;
  unsigned asked = c->o.port;
  for (int tries = 0; tries < 20; tries++) {
    c->o.port = asked;
    bool ok = add_listener(s, 1);
    if (ok && asked == 0) {
      struct sockaddr_in a = {0};
      socklen_t n = sizeof a;
      getsockname(s->listeners[0].fd, (struct sockaddr *)&a, &n);
      c->o.port = ntohs(a.sin_port);
    }
    for (unsigned i = 1; ok && i <= c->o.addresses; i++)
      ok = add_listener(s, i);
    for (unsigned i = 0; ok && i < c->host_count; i++)
      ok = add_listener(s, c->hosts[i].address);
    if (ok)
      return true;
    close_listeners(s);
    if (asked)
      return false;
  }
  return false;
}

struct server *server_open(struct county *c) {
  struct server *s = calloc(1, sizeof *s);
  if (!s)
    return NULL;
  s->county = c;
  s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  s->listeners = calloc(c->host_count + c->o.addresses + 1, sizeof *s->listeners);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  s->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  if (!s->listeners || s->epoll_fd < 0 || s->signal_fd < 0 || !listen_all(s)) {
    server_close(s);
    return NULL;
  }
  if (c->o.log && !(s->log = fopen(c->o.log, "w"))) {
    server_close(s);
    return NULL;
  }
  if (s->log)
    setvbuf(s->log, NULL, _IOFBF, 1 << 20);
  struct epoll_event ev = {.events = EPOLLIN, .data.ptr = &s->signal_fd};
  epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, s->signal_fd, &ev);
  for (unsigned i = 0; i < s->listener_count; i++) {
    ev.data.ptr = &s->listeners[i];
    epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, s->listeners[i].fd, &ev);
  }
  return s;
}

/* --- the log ----------------------------------------------------------------------------------- */

static void log_request(struct server *s, struct conn *c, bool complete) {
  struct listener *l = c->listener;
  l->open--;
  s->requests++;
  s->bytes += c->bytes;
  if (!s->log)
    return;
  int64_t end = clock_us(CLOCK_MONOTONIC);
  fprintf(s->log,
          "{\"t\":%lld,\"end\":%lld,\"wall\":%lld,\"conn\":%u,\"seq\":%u,\"peer\":\"%s\","
          "\"addr\":\"%s\",\"open\":%u,\"status\":%d,\"bytes\":%llu,\"complete\":%s,\"method\":",
          (long long)c->arrived_us, (long long)end, (long long)c->wall_us, c->number, c->seq,
          c->peer, l->text, c->open, c->reply.status, (unsigned long long)c->bytes,
          complete ? "true" : "false");
  json_view(s->log, c->request.method);
  fputs(",\"host\":", s->log);
  json_view(s->log, c->request.host);
  fputs(",\"path\":", s->log);
  json_view(s->log, c->request.target);
  fputs(",\"ua\":", s->log);
  json_view(s->log, c->request.agent);
  if (c->reply.truth)
    fprintf(s->log, ",\"truth\":%u", c->reply.truth);
  if (c->request.body.len) {
    fputs(",\"body\":", s->log);
    json_view(s->log, c->request.body);
  }
  fputs("}\n", s->log);
}

/* --- connections ------------------------------------------------------------------------------- */

static void wait_until(struct server *s, struct conn *c, int64_t wake_us) {
  c->state = WAITING;
  c->wake_us = wake_us;
  if (!c->linked) {
    c->next_waiting = s->waiting;
    s->waiting = c;
    c->linked = true;
  }
}

static void conn_close(struct server *s, struct conn *c, bool reset) {
  if (c->dead)
    return;
  if (c->state != READING)
    log_request(s, c, false);
  if (reset) {
    struct linger now = {.l_onoff = 1};
    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }
  close(c->fd);
  c->next_dead = s->dead;
  s->dead = c;
  c->dead = true; /* freed at the end of the turn: an event of this turn may still name it */
}

static void conn_free(struct server *s, struct conn *c) {
  struct conn **at = &s->waiting;
  while (c->linked && *at && *at != c)
    at = &(*at)->next_waiting;
  if (c->linked && *at)
    *at = c->next_waiting;
  *c->link = c->next;
  if (c->next)
    c->next->link = c->link;
  zhi_buf_release(&c->in);
  zhi_buf_release(&c->out);
  free(c);
}

static void free_dead(struct server *s) {
  while (s->dead) {
    struct conn *c = s->dead;
    s->dead = c->next_dead;
    conn_free(s, c);
  }
}

static void accept_all(struct server *s, struct listener *l) {
  for (;;) {
    struct sockaddr_in a = {0};
    socklen_t n = sizeof a;
    int one = 1, fd = accept4(l->fd, (struct sockaddr *)&a, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
      return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct conn *c = calloc(1, sizeof *c);
    if (!c) {
      close(fd);
      return;
    }
    c->fd = fd;
    c->listener = l;
    c->number = ++s->conn_count;
    char ip[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &a.sin_addr, ip, sizeof ip);
    text_set(c->peer, sizeof c->peer, "%s:%u", ip, ntohs(a.sin_port));
    zhi_buf_init(&c->in, REQUEST_MAX_BYTES);
    zhi_buf_init(&c->out, REPLY_MAX_BYTES + (1u << 20));
    c->next = s->conns;
    c->link = &s->conns;
    if (c->next)
      c->next->link = &c->next;
    s->conns = c;
    struct epoll_event ev = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = c};
    epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, fd, &ev);
  }
}

/* Ask for the answer; the request's views stay valid until the answer has been sent. */
static void answer(struct server *s, struct conn *c) {
  c->arrived_us = clock_us(CLOCK_MONOTONIC);
  c->wall_us = clock_us(CLOCK_REALTIME);
  struct listener *l = c->listener;
  c->open = ++l->open;
  if (l->open > l->open_max)
    l->open_max = l->open;
  c->seq++;
  c->sent = 0;
  c->bytes = 0;
  zhi_buf_clear(&c->out);
  c->reply = (struct reply){.out = &c->out, .head_only = zhi_str_is(c->request.method, "HEAD")};
  county_answer(s->county, &c->request, &c->reply);
  unsigned delay = c->reply.delay_ms + s->county->o.delay_ms;
  c->state = WRITING;
  if (delay)
    wait_until(s, c, c->arrived_us + (int64_t)delay * 1000);
}

/* The answer has gone: log, then close or get ready for the next request. */
static void finish(struct server *s, struct conn *c) {
  if (c->reply.hang) {
    c->state = HUNG;
    return;
  }
  log_request(s, c, true);
  c->state = READING;
  if (c->reply.reset || c->reply.close) {
    if (!c->reply.reset)
      shutdown(c->fd, SHUT_WR);
    conn_close(s, c, c->reply.reset);
    return;
  }
  size_t left = c->in.len - c->used;
  memmove(c->in.p, c->in.p + c->used, left);
  zhi_buf_truncate(&c->in, left);
  c->used = 0;
  if (c->out.cap > (4u << 20))
    zhi_buf_release(&c->out);
}

/* More of an answer that repeats a block. */
static bool refill(struct conn *c) {
  struct reply *r = &c->reply;
  if (!r->repeat_left || r->head_only || !r->repeat_len)
    return false;
  zhi_buf_clear(&c->out);
  c->sent = 0;
  while (r->repeat_left && c->out.len < (256u << 10)) {
    size_t n = r->repeat_left < r->repeat_len ? (size_t)r->repeat_left : r->repeat_len;
    zhi_buf_add(&c->out, r->repeat, n);
    if (r->repeat_left != UINT64_MAX)
      r->repeat_left -= n;
  }
  return true;
}

static void write_some(struct server *s, struct conn *c) {
  size_t turn = 0;
  while (c->state == WRITING && !c->dead) {
    if (c->sent == c->out.len && !refill(c)) {
      finish(s, c);
      return;
    }
    size_t n = c->out.len - c->sent;
    if (c->reply.drip_bytes && n > c->reply.drip_bytes)
      n = c->reply.drip_bytes;
    ssize_t got = send(c->fd, c->out.p + c->sent, n, MSG_NOSIGNAL);
    if (got < 0) {
      if (errno == EINTR)
        continue;
      if (errno != EAGAIN)
        conn_close(s, c, false);
      return;
    }
    c->sent += (size_t)got;
    c->bytes += (uint64_t)got;
    turn += (size_t)got;
    if (c->reply.drip_bytes && c->sent < c->out.len)
      wait_until(s, c, clock_us(CLOCK_MONOTONIC) + (int64_t)c->reply.drip_ms * 1000);
    else if (turn > TURN_BYTES)
      wait_until(s, c, 0); /* let the others have a turn */
  }
}

/* Take the next request out of what has been read; false when it is not whole yet. */
static bool next_request(struct server *s, struct conn *c) {
  switch (http_parse(zhi_buf_view(&c->in), &c->request, &c->used)) {
  case HTTP_PARTIAL: return false;
  case HTTP_BAD: conn_close(s, c, false); return false;
  default: answer(s, c); return true;
  }
}

/* Read and answer as long as something comes. */
static void advance(struct server *s, struct conn *c) {
  while (!c->dead) {
    if (c->state == WRITING) {
      write_some(s, c);
      if (c->state != READING)
        return;
      continue;
    }
    if (c->state != READING)
      return;
    if (c->in.len && next_request(s, c))
      continue;
    if (c->dead)
      return;
    if (!zhi_buf_reserve(&c->in, READ_BYTES)) {
      conn_close(s, c, false);
      return;
    }
    ssize_t got = recv(c->fd, c->in.p + c->in.len, READ_BYTES, 0);
    if (got > 0) {
      c->in.len += (size_t)got;
      c->in.p[c->in.len] = '\0';
    } else if (got < 0 && errno == EINTR) {
      continue;
    } else if (got < 0 && errno == EAGAIN) {
      return;
    } else {
      conn_close(s, c, false);
    }
  }
}

static void on_event(struct server *s, struct conn *c, uint32_t events) {
  if (!c || c->dead)
    return;
  if (events & (EPOLLHUP | EPOLLERR)) {
    conn_close(s, c, false);
    return;
  }
  if (c->state == HUNG && events & EPOLLRDHUP) {
    conn_close(s, c, false);
    return;
  }
  advance(s, c);
}

/* --- the loop ---------------------------------------------------------------------------------- */

static void wake(struct server *s, int64_t now) {
  struct conn *list = s->waiting;
  s->waiting = NULL;
  while (list) {
    struct conn *c = list;
    list = c->next_waiting;
    c->linked = false;
    if (c->dead)
      continue;
    if (c->wake_us > now) {
      wait_until(s, c, c->wake_us);
      continue;
    }
    c->state = WRITING;
    advance(s, c);
  }
}

static int timeout_ms(const struct server *s, int64_t now) {
  int64_t first = INT64_MAX;
  for (const struct conn *c = s->waiting; c; c = c->next_waiting)
    if (c->wake_us < first)
      first = c->wake_us;
  if (first == INT64_MAX)
    return -1;
  return first <= now ? 0 : (int)((first - now + 999) / 1000);
}

static void on_signal(struct server *s) {
  struct signalfd_siginfo info;
  while (read(s->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
    if (info.ssi_signo == SIGUSR1) {
      if (s->log)
        fflush(s->log);
    } else {
      s->stop = true;
    }
  }
}

static struct listener *as_listener(const struct server *s, void *p) {
  struct listener *l = p;
  return l >= s->listeners && l < s->listeners + s->listener_count ? l : NULL;
}

void server_run(struct server *s) {
  struct epoll_event events[EVENTS];
  while (!s->stop) {
    int timeout = s->waiting ? timeout_ms(s, clock_us(CLOCK_MONOTONIC)) : -1;
    int n = epoll_wait(s->epoll_fd, events, EVENTS, timeout);
    for (int i = 0; i < n; i++) {
      void *p = events[i].data.ptr;
      struct listener *l = as_listener(s, p);
      if (p == &s->signal_fd)
        on_signal(s);
      else if (l)
        accept_all(s, l);
      else
        on_event(s, p, events[i].events);
    }
    if (s->waiting)
      wake(s, clock_us(CLOCK_MONOTONIC));
    free_dead(s);
  }
}

static void stats(const struct server *s) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  unsigned most = 0;
  for (unsigned i = 0; i < s->listener_count; i++)
    if (s->listeners[i].open_max > most)
      most = s->listeners[i].open_max;
  long ms = (long)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000 +
            (long)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1000;
  printf("county served requests=%llu bytes=%llu connections=%u cpu_ms=%ld rss_kib=%ld "
         "open_max=%u\n",
         (unsigned long long)s->requests, (unsigned long long)s->bytes, s->conn_count, ms,
         u.ru_maxrss, most);
  fflush(stdout);
}

void server_close(struct server *s) {
  if (!s)
    return;
  while (s->conns) {
    conn_close(s, s->conns, false);
    free_dead(s);
  }
  if (s->requests)
    stats(s);
  close_listeners(s);
  if (s->log)
    fclose(s->log);
  if (s->epoll_fd >= 0)
    close(s->epoll_fd);
  if (s->signal_fd >= 0)
    close(s->signal_fd);
  free(s->listeners);
  free(s);
}
