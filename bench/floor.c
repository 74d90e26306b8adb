/* The least a crawler on libcurl can cost: the same pages over the same connections, bodies thrown away.
 *
 *   build/bench/floor URLS CONFIG CONNECTIONS
 * URLS has one URL a line; the `connect_to` rows of CONFIG (a crawl config as build/county writes it) say where hosts
 * are. A curl multi handle in its socket-action form on epoll and a timerfd, one thread, CONNECTIONS transfers at a
 * time, HTTP/1.1 and connections kept open as the crawler has them; nothing is parsed, digested or written. One JSON
 * object: responses, bytes, failed. It ends with 1 if any transfer failed. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "zhi/str.h"

enum { EVENTS = 64, CONNECTIONS_MAX = 1024 };

struct floor {
  CURLM *multi;
  struct curl_slist *connect_to;
  FILE *urls;
  int epoll, timer;
  unsigned running;
  unsigned long long responses, failed, bytes;
};

static void die(const char *what) {
  perror(what);
  exit(1);
}

static struct curl_slist *read_connect_to(const char *path) {
  char line[512];
  struct curl_slist *rows = NULL;
  FILE *f = fopen(path, "r");
  if (!f)
    die(path);
  while (fgets(line, sizeof line, f)) {
    struct zhi_str row = zhi_str_of(line);
    if (!zhi_str_starts(row, "  - \""))
      continue;
    char *end = strrchr(line, '"');
    *end = '\0';
    if (end > line + 5 && !(rows = curl_slist_append(rows, line + 5)))
      die("memory");
  }
  fclose(f);
  return rows;
}

static size_t on_body(char *data, size_t size, size_t n, void *user) {
  struct floor *b = user;
  (void)data;
  b->bytes += size * n;
  return size * n;
}

/* Gives the handle its next URL; false when there is none. */
static bool start(struct floor *b, CURL *easy) {
  char url[4096];
  if (!fgets(url, sizeof url, b->urls))
    return false;
  url[strcspn(url, "\n")] = '\0';
  curl_easy_setopt(easy, CURLOPT_URL, url);
  if (curl_multi_add_handle(b->multi, easy) != CURLM_OK)
    die("curl_multi_add_handle");
  b->running++;
  return true;
}

static CURL *make_handle(struct floor *b) {
  CURL *easy = curl_easy_init();
  if (!easy)
    die("memory");
  curl_easy_setopt(easy, CURLOPT_CONNECT_TO, b->connect_to);
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 65536L);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, b);
  return easy;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *known) {
  struct floor *b = user;
  (void)easy;
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(b->epoll, EPOLL_CTL_DEL, fd, NULL);
    return 0;
  }
  struct epoll_event ev = {.data.fd = fd};
  ev.events = (what & CURL_POLL_IN ? (uint32_t)EPOLLIN : 0u) |
              (what & CURL_POLL_OUT ? (uint32_t)EPOLLOUT : 0u);
  epoll_ctl(b->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &ev);
  curl_multi_assign(b->multi, fd, b);
  return 0;
}

static int on_timer(CURLM *multi, long ms, void *user) {
  struct floor *b = user;
  struct itimerspec t = {0};
  (void)multi;
  if (ms >= 0) {
    t.it_value.tv_sec = ms / 1000;
    t.it_value.tv_nsec = ms ? ms % 1000 * 1000000 : 1;
  }
  timerfd_settime(b->timer, 0, &t, NULL);
  return 0;
}

static void reap(struct floor *b) {
  CURLMsg *m;
  int left;
  while ((m = curl_multi_info_read(b->multi, &left))) {
    CURL *easy = m->easy_handle;
    if (m->data.result == CURLE_OK)
      b->responses++;
    else
      b->failed++;
    curl_multi_remove_handle(b->multi, easy);
    b->running--;
    if (!start(b, easy))
      curl_easy_cleanup(easy);
  }
}

static void run(struct floor *b) {
  struct epoll_event events[EVENTS];
  int running;
  while (b->running) {
    int n = epoll_wait(b->epoll, events, EVENTS, -1);
    for (int i = 0; i < n; i++) {
      uint32_t e = events[i].events;
      if (events[i].data.fd == b->timer) {
        uint64_t ticks;
        if (read(b->timer, &ticks, sizeof ticks) == (ssize_t)sizeof ticks)
          curl_multi_socket_action(b->multi, CURL_SOCKET_TIMEOUT, 0, &running);
      } else {
        int mask = (e & EPOLLIN ? CURL_CSELECT_IN : 0) | (e & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                   (e & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
        curl_multi_socket_action(b->multi, events[i].data.fd, mask, &running);
      }
    }
    reap(b);
  }
}

static void open_loop(struct floor *b, unsigned connections) {
  struct epoll_event ev = {.events = EPOLLIN};
  b->epoll = epoll_create1(EPOLL_CLOEXEC);
  b->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  ev.data.fd = b->timer;
  if (b->epoll < 0 || b->timer < 0 || epoll_ctl(b->epoll, EPOLL_CTL_ADD, b->timer, &ev) < 0)
    die("epoll");
  if (curl_global_init(CURL_GLOBAL_ALL) || !(b->multi = curl_multi_init()))
    die("curl");
  curl_multi_setopt(b->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(b->multi, CURLMOPT_SOCKETDATA, b);
  curl_multi_setopt(b->multi, CURLMOPT_TIMERFUNCTION, on_timer);
  curl_multi_setopt(b->multi, CURLMOPT_TIMERDATA, b);
  curl_multi_setopt(b->multi, CURLMOPT_MAXCONNECTS, (long)connections * 8);
}

int main(int argc, char **argv) {
  unsigned long long connections = 0;
  struct floor b = {0};
  if (argc != 4 || !zhi_str_u64(zhi_str_of(argv[3]), CONNECTIONS_MAX, &connections) ||
      !connections) {
    fputs("usage: floor URLS CONFIG CONNECTIONS\n", stderr);
    return 2;
  }
  b.connect_to = read_connect_to(argv[2]);
  b.urls = fopen(argv[1], "r");
  if (!b.urls)
    die(argv[1]);
  open_loop(&b, (unsigned)connections);
  for (unsigned i = 0; i < connections; i++) {
    CURL *easy = make_handle(&b);
    if (!start(&b, easy)) {
      curl_easy_cleanup(easy);
      break;
    }
  }
  run(&b);
  printf("{\"responses\":%llu,\"bytes\":%llu,\"failed\":%llu}\n", b.responses, b.bytes, b.failed);
  curl_multi_cleanup(b.multi);
  curl_slist_free_all(b.connect_to);
  curl_global_cleanup();
  fclose(b.urls);
  close(b.timer);
  close(b.epoll);
  return b.failed ? 1 : 0;
}
