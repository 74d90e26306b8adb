/* The server: libmicrohttpd's connections to dispatch, and back. Two daemons share one archive: pages, and replay on an
 * origin of its own. Each has a few threads with epoll; a call runs on the thread of its connection. */
#include <arpa/inet.h>
#include <libdeflate.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "serve/html.h"
#include "serve/index.h"
#include "serve/server.h"
#include "zhi/clock.h"

const int serve_latency_ms[SERVE_LATENCY_STEPS] = {1, 5, 10, 20, 50, 100, 500, 2000};

struct exchange {            /* one request, from its first line on */
  struct zhi_server *server; /* once it is counted among those under way */
  char *target;
  bool answered;
};

/* --- the request ------------------------------------------------------------------------------------------------ */

static void *note_target(void *cls, const char *uri, struct MHD_Connection *c) {
  struct exchange *x = calloc(1, sizeof *x);
  (void)cls;
  (void)c;
  if (x)
    x->target = strdup(uri);
  return x;
}

static const char *header_of(const void *ctx, const char *name) {
  return MHD_lookup_connection_value((struct MHD_Connection *)(uintptr_t)ctx, MHD_HEADER_KIND,
                                     name);
}

static bool is_authority(const char *s) {
  size_t n =
      s ? strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]_") : 0;
  return n && n < 256 && !s[n];
}

/* Where the reader sees us: the Host header, or what the proxy says. */
static void find_base(const struct serve_front *f, struct serve_request *rq, char base[320],
                      char replay[320], char pages[320]) {
  struct zhi_server *s = f->server;
  const char *scheme = "http", *host = serve_header_of(rq, "Host"), *x;
  if (s->proxy && (x = serve_header_of(rq, "X-Forwarded-Proto")) && strcasecmp(x, "https") == 0)
    scheme = "https";
  if (s->proxy && is_authority(x = serve_header_of(rq, "X-Forwarded-Host")))
    host = x;
  char local[40];
  snprintf(local, sizeof local, "127.0.0.1:%d", f->port);
  if (!is_authority(host))
    host = local;
  snprintf(base, 320, "%s://%s", scheme, host);
  const char *colon = strrchr(host, ':');
  int n = colon && !strchr(colon, ']') ? (int)(colon - host) : (int)strlen(host);
  if (s->replay_url)
    snprintf(replay, 320, "%.318s", s->replay_url);
  else
    snprintf(replay, 320, "%s://%.*s:%d", scheme, n, host, s->front[SERVE_REPLAY].port);
  if (f->site == SERVE_MAIN)
    snprintf(pages, 320, "%s", base);
  else if (s->replay_url)
    pages[0] = '\0';
  else
    snprintf(pages, 320, "%s://%.*s:%d", scheme, n, host, s->front[SERVE_MAIN].port);
  rq->base = zhi_str_of(base);
  rq->pages = zhi_str_of(pages);
  rq->replay = zhi_str_of(replay);
}

static void choose_language(struct MHD_Connection *c, struct serve_request *rq,
                            struct serve_response *rs) {
  struct zhi_str asked = serve_param(rq, "lang");
  const char *cookie = MHD_lookup_connection_value(c, MHD_COOKIE_KIND, "lang");
  rq->lang_chosen = true;
  if (zhi_str_is(asked, "zh") || zhi_str_is(asked, "en")) {
    rq->lang = zhi_str_is(asked, "en") ? SERVE_EN : SERVE_ZH;
    serve_set_header(rs, "Set-Cookie",
                     rq->lang == SERVE_EN
                         ? ZHI_STR("lang=en; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly")
                         : ZHI_STR("lang=zh; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly"));
  } else if (cookie && (!strcmp(cookie, "zh") || !strcmp(cookie, "en"))) {
    rq->lang = strcmp(cookie, "en") == 0 ? SERVE_EN : SERVE_ZH;
  } else {
    rq->lang_chosen = false;
    rq->lang = serve_accept_language(serve_header_of(rq, "Accept-Language"));
  }
}

/* --- the response ------------------------------------------------------------------------------------------------ */

static bool is_text(const char *type) {
  return strncmp(type, "text/", 5) == 0 || strstr(type, "json") || strstr(type, "xml") ||
         strstr(type, "javascript");
}

static void compress_body(struct serve_response *rs) {
  struct libdeflate_compressor *z = libdeflate_alloc_compressor(3);
  size_t room = z ? libdeflate_gzip_compress_bound(z, rs->body.len) : 0;
  char *out = room ? malloc(room) : NULL;
  size_t n = out ? libdeflate_gzip_compress(z, rs->body.p, rs->body.len, out, room) : 0;
  libdeflate_free_compressor(z);
  if (n && n < rs->body.len) {
    zhi_buf_clear(&rs->body);
    zhi_buf_add(&rs->body, out, n);
    serve_set_header(rs, "Content-Encoding", ZHI_STR("gzip"));
  }
  free(out);
}

static void cut_range(struct serve_response *rs, const char *range) {
  int64_t from, to;
  bool bad;
  char text[80];
  if (serve_range(range, (int64_t)rs->body.len, &from, &to, &bad)) {
    snprintf(text, sizeof text, "bytes %lld-%lld/%zu", (long long)from, (long long)to,
             rs->body.len);
    zhi_buf_truncate(&rs->body, (size_t)to + 1);
    memmove(rs->body.p, rs->body.p + from, rs->body.len - (size_t)from);
    zhi_buf_truncate(&rs->body, rs->body.len - (size_t)from);
    rs->status = 206;
    serve_set_header(rs, "Content-Range", zhi_str_of(text));
  } else if (bad) {
    snprintf(text, sizeof text, "bytes */%zu", rs->body.len);
    zhi_buf_clear(&rs->body);
    rs->status = 416;
    serve_set_header(rs, "Content-Range", zhi_str_of(text));
  }
}

static struct MHD_Response *whole(struct serve_request *rq, struct serve_response *rs) {
  const char *range = serve_header_of(rq, "Range");
  bool get = zhi_str_is(rq->method, "GET");
  if (get && range && rs->status == 200 && !rs->no_ranges)
    cut_range(rs, range);
  else if (rs->body.len >= SERVE_GZIP_MIN && !rs->bare && is_text(rs->type) &&
           serve_accepts_gzip(serve_header_of(rq, "Accept-Encoding")))
    compress_body(rs);
  size_t n = rs->body.len;
  char *p = zhi_buf_take(&rs->body);
  return p ? MHD_create_response_from_buffer(n, p, MHD_RESPMEM_MUST_FREE) : NULL;
}

static void add_policy(const struct serve_request *rq, struct MHD_Response *r) {
  char csp[1024];
  snprintf(csp, sizeof csp,
           "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data: %.*s; "
           "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
           "frame-src %.*s",
           ZHI_STR_ARGS(rq->replay), ZHI_STR_ARGS(rq->replay));
  MHD_add_response_header(r, "Content-Security-Policy", csp);
  MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
  MHD_add_response_header(r, "Referrer-Policy", "no-referrer");
  MHD_add_response_header(r, "Cross-Origin-Opener-Policy", "same-origin");
}

static ssize_t nothing(void *cls, uint64_t pos, char *buf, size_t max) {
  (void)cls, (void)pos, (void)buf, (void)max;
  return MHD_CONTENT_READER_END_OF_STREAM;
}

/* HEAD of what is made while it is sent: its length is not known, so none is told. Without chunks, since the library
 * ends them with a line of their own that no reader of a head expects. */
static struct MHD_Response *of_unknown_size(void) {
  struct MHD_Response *r =
      MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 1, nothing, NULL, NULL);
  if (r)
    MHD_set_response_options(r, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
  return r;
}

static enum MHD_Result send_answer(struct zhi_server *s, struct MHD_Connection *c,
                                   struct serve_request *rq, struct serve_response *rs) {
  bool gzip = rs->stream.produce && is_text(rs->type) &&
              serve_accepts_gzip(serve_header_of(rq, "Accept-Encoding"));
  struct MHD_Response *r = NULL;
  if (rs->stream.produce && zhi_str_is(rq->method, "GET")) {
    r = serve_stream_start(s, c, rs, gzip);
    if (r && gzip)
      serve_set_header(rs, "Content-Encoding", ZHI_STR("gzip"));
    if (!r) {
      serve_error(rq, rs, 503, NULL);
      serve_set_header(rs, "Retry-After", ZHI_STR("5"));
    }
  }
  if (!r)
    r = rs->stream.produce ? of_unknown_size() : whole(rq, rs);
  if (!r)
    return MHD_NO;
  for (size_t i = 0; i < rs->header_count; i++)
    MHD_add_response_header(r, rs->header[i].name, rs->header[i].value);
  if (rs->status != 304 && rs->type)
    MHD_add_response_header(r, "Content-Type", rs->type);
  if (!rs->bare)
    add_policy(rq, r);
  MHD_add_response_header(r, "Cache-Control", rs->cache ? rs->cache : "no-cache");
  if (!MHD_get_response_header(r, "Vary") && !rs->bare)
    MHD_add_response_header(r, "Vary", "Accept-Language, Cookie, Accept-Encoding");
  enum MHD_Result result = MHD_queue_response(c, (unsigned)rs->status, r);
  MHD_destroy_response(r);
  return result;
}

/* --- one exchange ------------------------------------------------------------------------------------------------- */

static bool is_let_in(struct zhi_server *s, struct MHD_Connection *c) {
  char *password = NULL;
  if (!s->has_auth)
    return true;
  char *user = MHD_basic_auth_get_username_password(c, &password);
  bool good = serve_auth_check(&s->auth, user, password);
  if (user && !good)
    atomic_fetch_add(&s->metrics.auth_failed, 1);
  MHD_free(user);
  MHD_free(password);
  return good;
}

static void count(struct zhi_server *s, int status, int64_t us) {
  int step = 0;
  while (step < SERVE_LATENCY_STEPS && us > (int64_t)serve_latency_ms[step] * 1000)
    step++;
  atomic_fetch_add(&s->metrics.requests[status / 100 % 6], 1);
  atomic_fetch_add(&s->metrics.latency[step], 1);
  atomic_fetch_add(&s->metrics.latency_us, us);
}

static int64_t mono_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static enum MHD_Result answer(struct serve_front *f, struct MHD_Connection *c, const char *method,
                              const char *target) {
  struct zhi_server *s = f->server;
  struct zhi_err e = {0};
  char base[320], replay[320], pages[320];
  int64_t start = mono_us();
  struct serve_request *rq = calloc(1, sizeof *rq);
  struct serve_response rs;
  if (!rq)
    return MHD_NO;
  serve_response_init(&rs);
  rq->site = f->site;
  rq->header = header_of;
  rq->header_ctx = c;
  enum zhi_code rc = serve_request_read(rq, method, zhi_str_of(target), &e);
  find_base(f, rq, base, replay, pages);
  choose_language(c, rq, &rs);
  if (!is_let_in(s, c)) {
    serve_set_header(&rs, "WWW-Authenticate",
                     ZHI_STR("Basic realm=\"xianzhi\", charset=\"UTF-8\""));
    serve_error(rq, &rs, 401, NULL);
  } else if (rc) {
    serve_error(rq, &rs, rc == ZHI_ELIMIT ? 414 : 400, e.msg);
  } else {
    serve_dispatch(s, rq, &rs);
  }
  int64_t us = mono_us() - start;
  char timing[40];
  snprintf(timing, sizeof timing, "total;dur=%.3f", (double)us / 1000);
  serve_set_header(&rs, "Server-Timing", zhi_str_of(timing));
  count(s, rs.status, us);
  enum MHD_Result result = send_answer(s, c, rq, &rs);
  serve_response_release(&rs);
  serve_request_release(rq);
  free(rq);
  return result;
}

bool serve_turn_take(struct zhi_server *s) { return !atomic_flag_test_and_set(&s->turn); }
void serve_turn_give(struct zhi_server *s) { atomic_flag_clear(&s->turn); }

static void begin(struct zhi_server *s) {
  pthread_mutex_lock(&s->lock);
  s->under_way++;
  pthread_mutex_unlock(&s->lock);
}

static void end(struct zhi_server *s) {
  pthread_mutex_lock(&s->lock);
  s->under_way--;
  pthread_cond_broadcast(&s->idle);
  pthread_mutex_unlock(&s->lock);
}

static enum MHD_Result handle(void *cls, struct MHD_Connection *c, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **state) {
  struct exchange *x = *state;
  (void)url;
  (void)version;
  (void)upload;
  if (!x || !x->target)
    return MHD_NO;
  if (!x->server) {
    x->server = ((struct serve_front *)cls)->server;
    begin(x->server);
  }
  if (!x->answered) { /* the head has come; the answer is given when any body has been read past */
    x->answered = true;
    return MHD_YES;
  }
  if (*upload_size) {
    *upload_size = 0;
    return MHD_YES;
  }
  return answer(cls, c, method, x->target);
}

static void finished(void *cls, struct MHD_Connection *c, void **state,
                     enum MHD_RequestTerminationCode code) {
  struct exchange *x = *state;
  (void)cls;
  (void)c;
  (void)code;
  if (x && x->server)
    end(x->server);
  if (x)
    free(x->target);
  free(x);
  *state = NULL;
}

/* --- listening ------------------------------------------------------------------------------------------------------ */

/* "host:port" → an address to bind. */
static enum zhi_code resolve(const char *listen, struct addrinfo **out, struct zhi_err *e) {
  char host[256];
  const char *colon = strrchr(listen, ':');
  size_t n = colon ? (size_t)(colon - listen) : 0;
  unsigned long long port;
  if (!n || n >= sizeof host || !zhi_str_u64(zhi_str_of(colon + 1), 65535, &port))
    return zhi_fail(e, ZHI_EUSAGE, "--listen is ADDRESS:PORT, not '%.100s'", listen);
  bool bracketed = listen[0] == '[' && listen[n - 1] == ']' && n > 2;
  snprintf(host, sizeof host, "%.*s", bracketed ? (int)n - 2 : (int)n, listen + bracketed);
  struct addrinfo want = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
  int rc = getaddrinfo(host, colon + 1, &want, out);
  return rc ? zhi_fail(e, ZHI_EUSAGE, "cannot listen on '%.100s': %s", listen, gai_strerror(rc))
            : ZHI_OK;
}

static int bind_to(const struct addrinfo *a) {
  int on = 1, fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    return -1;
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
      bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, 512) == 0)
    return fd;
  close(fd);
  return -1;
}

static int port_of(int fd) {
  struct sockaddr_storage a;
  socklen_t n = sizeof a;
  if (getsockname(fd, (struct sockaddr *)&a, &n) != 0)
    return 0;
  return ntohs(a.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&a)->sin6_port
                                       : ((struct sockaddr_in *)&a)->sin_port);
}

static enum zhi_code front_start(struct serve_front *f, const char *address, struct zhi_err *e) {
  struct addrinfo *a = NULL;
  enum zhi_code rc = resolve(address, &a, e);
  if (rc)
    return rc;
  int fd = bind_to(a);
  freeaddrinfo(a);
  if (fd < 0)
    return zhi_fail_errno(e, "cannot listen on '%s'", address);
  f->port = port_of(fd);
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  f->daemon = MHD_start_daemon(
      MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, handle, f,
      MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_THREAD_POOL_SIZE,
      (unsigned)(cores < 2   ? 2
                 : cores > 8 ? 8
                             : cores),
      MHD_OPTION_CONNECTION_LIMIT, (unsigned)SERVE_CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
      (unsigned)SERVE_IDLE_SECONDS, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
      (size_t)SERVE_CONNECTION_BYTES, MHD_OPTION_URI_LOG_CALLBACK, note_target, NULL,
      MHD_OPTION_NOTIFY_COMPLETED, finished, NULL, MHD_OPTION_END);
  if (f->daemon)
    return ZHI_OK;
  close(fd);
  return zhi_fail(e, ZHI_EIO, "cannot start the server on '%s'", address);
}

/* The replay origin's default: the same host, the next port. */
static void next_address(const char *listen, int port, char out[300]) {
  const char *colon = strrchr(listen, ':');
  bool any = colon && strcmp(colon, ":0") == 0;
  snprintf(out, 300, "%.*s:%d", colon ? (int)(colon - listen) : 0, listen, any ? 0 : port + 1);
}

static enum zhi_code start_all(struct zhi_server *s, const struct zhi_serve_options *o,
                               struct zhi_err *e) {
  char next[300];
  const char *listen = o->listen ? o->listen : "127.0.0.1:8765";
  enum zhi_code rc = o->auth ? serve_auth_read(&s->auth, o->auth, e) : ZHI_OK;
  s->has_auth = o->auth != NULL;
  if (!rc)
    rc = serve_pool_new(o->dir, &s->pool, e);
  if (!rc)
    rc = serve_answers_new(&s->answers, e);
  if (!rc)
    rc = serve_watch_start(s->dir, o->indexer, &s->watch, e);
  if (!rc)
    rc = front_start(&s->front[SERVE_MAIN], listen, e);
  if (!rc) {
    next_address(listen, s->front[SERVE_MAIN].port, next);
    rc = front_start(&s->front[SERVE_REPLAY], o->replay_listen ? o->replay_listen : next, e);
  }
  return rc;
}

enum zhi_code zhi_serve_start(const struct zhi_serve_options *o, struct zhi_server **out,
                              struct zhi_err *e) {
  struct zhi_server *s = calloc(1, sizeof *s);
  if (!s)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a server");
  pthread_mutex_init(&s->lock, NULL);
  pthread_cond_init(&s->idle, NULL);
  s->proxy = o->proxy;
  s->dir = strdup(o->dir);
  s->replay_url = o->replay_url ? strdup(o->replay_url) : NULL;
  for (int i = 0; i < 2; i++)
    s->front[i] = (struct serve_front){.server = s, .site = (enum serve_site)i};
  atomic_flag_clear(&s->turn);
  atomic_store(&s->metrics.started_ms, zhi_mono_ms());
  enum zhi_code rc = s->dir ? start_all(s, o, e) : zhi_fail(e, ZHI_ENOMEM, "out of memory");
  if (rc) {
    zhi_serve_stop(s);
    return rc;
  }
  *out = s;
  return ZHI_OK;
}

int zhi_serve_port(const struct zhi_server *s) { return s->front[SERVE_MAIN].port; }
int zhi_serve_replay_port(const struct zhi_server *s) { return s->front[SERVE_REPLAY].port; }

/* Take no more connections, and let those that are being answered end, but not for ever: a reader may be slow. */
static void drain(struct zhi_server *s) {
  struct timespec until;
  for (int i = 0; i < 2; i++) {
    MHD_socket fd = s->front[i].daemon ? MHD_quiesce_daemon(s->front[i].daemon) : -1;
    if (fd >= 0)
      close(fd);
  }
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += SERVE_STOP_SECONDS;
  pthread_mutex_lock(&s->lock);
  while (s->under_way && pthread_cond_timedwait(&s->idle, &s->lock, &until) == 0)
    ;
  pthread_mutex_unlock(&s->lock);
  serve_streams_cut(s);
}

void zhi_serve_stop(struct zhi_server *s) {
  if (!s)
    return;
  drain(s);
  for (int i = 0; i < 2; i++)
    if (s->front[i].daemon)
      MHD_stop_daemon(s->front[i].daemon);
  serve_streams_join(s);
  serve_watch_stop(s->watch);
  serve_pool_free(s->pool);
  serve_answers_free(s->answers);
  serve_auth_release(&s->auth);
  pthread_cond_destroy(&s->idle);
  pthread_mutex_destroy(&s->lock);
  free(s->dir);
  free(s->replay_url);
  free(s);
}
