/* Bodies made while they are sent. A producer thread fills a bounded buffer and blocks while it is full; the server's
 * reader takes from it, and where nothing is there yet its connection is suspended, so that no server thread waits.
 * A server that stops cuts what still runs: its library cannot stop while a connection is suspended. */
#include <microhttpd.h>
#include <stdlib.h>
#include <zlib.h>

#include "serve/server.h"

struct serve_pipe {
  struct zhi_server *server;
  struct MHD_Connection *connection;
  struct serve_stream stream;
  pthread_mutex_t lock;
  pthread_cond_t room;
  char *ring;
  size_t at, len;
  bool ended, failed, gone, suspended;
  int holders; /* the producer and the response: the last one frees */
  size_t slot; /* of the producer in the server */
  bool gzip;
  z_stream z;
};

static void pipe_free(struct serve_pipe *p) {
  if (p->gzip)
    deflateEnd(&p->z);
  if (p->stream.release)
    p->stream.release(p->stream.ctx);
  pthread_cond_destroy(&p->room);
  pthread_mutex_destroy(&p->lock);
  free(p->ring);
  free(p);
}

static void pipe_drop(struct serve_pipe *p) {
  pthread_mutex_lock(&p->lock);
  bool last = --p->holders == 0;
  pthread_mutex_unlock(&p->lock);
  if (last)
    pipe_free(p);
}

/* Under the lock. */
static void wake(struct serve_pipe *p) {
  if (p->suspended && !p->gone) {
    p->suspended = false;
    MHD_resume_connection(p->connection);
  }
}

static bool put(struct serve_pipe *p, const char *bytes, size_t n) {
  pthread_mutex_lock(&p->lock);
  while (n && !p->gone) {
    size_t room = SERVE_PIPE_BYTES - p->len;
    if (!room) {
      pthread_cond_wait(&p->room, &p->lock);
      continue;
    }
    size_t to = (p->at + p->len) % SERVE_PIPE_BYTES;
    size_t k = n < room ? n : room;
    if (k > SERVE_PIPE_BYTES - to)
      k = SERVE_PIPE_BYTES - to;
    memcpy(p->ring + to, bytes, k);
    p->len += k;
    bytes += k;
    n -= k;
    wake(p);
  }
  bool good = !p->gone;
  pthread_mutex_unlock(&p->lock);
  return good;
}

static bool put_deflated(struct serve_pipe *p, struct zhi_str s, int flush) {
  unsigned char out[16384];
  p->z.next_in = (unsigned char *)(uintptr_t)s.p;
  p->z.avail_in = (unsigned)s.len;
  do {
    p->z.next_out = out;
    p->z.avail_out = sizeof out;
    if (deflate(&p->z, flush) == Z_STREAM_ERROR)
      return false;
    if (!put(p, (const char *)out, sizeof out - p->z.avail_out))
      return false;
  } while (p->z.avail_out == 0);
  return true;
}

enum zhi_code serve_pipe_write(struct serve_pipe *p, struct zhi_str bytes, struct zhi_err *e) {
  bool good = p->gzip ? put_deflated(p, bytes, Z_NO_FLUSH) : put(p, bytes.p, bytes.len);
  return good ? ZHI_OK : zhi_fail(e, ZHI_EIO, "the reader has gone");
}

bool serve_pipe_broken(struct serve_pipe *p) {
  pthread_mutex_lock(&p->lock);
  bool broken = p->gone;
  pthread_mutex_unlock(&p->lock);
  return broken;
}

static void *produce(void *arg) {
  struct serve_pipe *p = arg;
  struct zhi_server *s = p->server;
  struct zhi_err e = {0};
  enum zhi_code rc = p->stream.produce(p->stream.ctx, p, &e);
  if (!rc && p->gzip && !put_deflated(p, ZHI_STR(""), Z_FINISH))
    rc = ZHI_EIO;
  pthread_mutex_lock(&p->lock);
  p->ended = true;
  p->failed = rc != ZHI_OK;
  wake(p);
  pthread_mutex_unlock(&p->lock);
  pthread_mutex_lock(&s->lock);
  s->stream[p->slot].pipe = NULL;
  s->stream[p->slot].ended = true;
  pthread_mutex_unlock(&s->lock);
  pipe_drop(p);
  return NULL;
}

static ssize_t take(void *cls, uint64_t pos, char *buf, size_t max) {
  struct serve_pipe *p = cls;
  (void)pos;
  pthread_mutex_lock(&p->lock);
  size_t n = p->len < max ? p->len : max;
  if (n > SERVE_PIPE_BYTES - p->at)
    n = SERVE_PIPE_BYTES - p->at;
  memcpy(buf, p->ring + p->at, n);
  p->at = (p->at + n) % SERVE_PIPE_BYTES;
  p->len -= n;
  ssize_t result = (ssize_t)n;
  if (n) {
    pthread_cond_signal(&p->room);
  } else if (p->ended) { /* a body that broke off must not look whole */
    result = p->failed ? MHD_CONTENT_READER_END_WITH_ERROR : MHD_CONTENT_READER_END_OF_STREAM;
  } else {
    p->suspended = true;
    MHD_suspend_connection(p->connection);
  }
  pthread_mutex_unlock(&p->lock);
  return result;
}

static void reader_gone(void *cls) {
  struct serve_pipe *p = cls;
  pthread_mutex_lock(&p->lock);
  p->gone = true;
  pthread_cond_signal(&p->room);
  pthread_mutex_unlock(&p->lock);
  pipe_drop(p);
}

/* Under the server's lock: an ended producer takes it no more. */
static void reap(struct serve_producer *x) {
  if (x->used)
    pthread_join(x->thread, NULL);
  *x = (struct serve_producer){0};
}

/* Start the producer if there is room for one more. */
static bool start(struct zhi_server *s, struct serve_pipe *p) {
  bool good = false;
  pthread_mutex_lock(&s->lock);
  for (size_t i = 0; i < SERVE_STREAMS_MAX && !good && !s->stopping; i++) {
    struct serve_producer *x = &s->stream[i];
    if (x->used && !x->ended)
      continue;
    reap(x);
    p->slot = i;
    good = x->used = pthread_create(&x->thread, NULL, produce, p) == 0;
    x->pipe = good ? p : NULL;
  }
  pthread_mutex_unlock(&s->lock);
  atomic_fetch_add(good ? &s->metrics.streams : &s->metrics.streams_refused, 1);
  return good;
}

static bool pipe_init(struct serve_pipe *p, bool gzip) {
  p->ring = malloc(SERVE_PIPE_BYTES);
  pthread_mutex_init(&p->lock, NULL);
  pthread_cond_init(&p->room, NULL);
  p->gzip = gzip && deflateInit2(&p->z, 4, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK;
  return p->ring && p->gzip == gzip;
}

struct MHD_Response *serve_stream_start(struct zhi_server *s, struct MHD_Connection *c,
                                        struct serve_response *rs, bool gzip) {
  struct serve_pipe *p = calloc(1, sizeof *p);
  if (!p)
    return NULL;
  p->server = s;
  p->connection = c;
  p->holders = 2;
  bool good = pipe_init(p, gzip);
  p->stream = rs->stream;
  rs->stream = (struct serve_stream){0};
  struct MHD_Response *r =
      good ? MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 64 * 1024, take, p, reader_gone)
           : NULL;
  if (r && start(s, p))
    return r;
  p->holders = r ? 1 : 0;
  if (r)
    MHD_destroy_response(r);
  else
    pipe_free(p);
  return NULL;
}

void serve_streams_cut(struct zhi_server *s) {
  pthread_mutex_lock(&s->lock);
  s->stopping = true;
  for (size_t i = 0; i < SERVE_STREAMS_MAX; i++) {
    struct serve_pipe *p = s->stream[i].pipe;
    if (!p)
      continue;
    pthread_mutex_lock(&p->lock);
    p->ended = p->failed = true;
    wake(p);
    p->gone = true;
    pthread_cond_signal(&p->room);
    pthread_mutex_unlock(&p->lock);
  }
  pthread_mutex_unlock(&s->lock);
}

void serve_streams_join(struct zhi_server *s) {
  for (size_t i = 0; i < SERVE_STREAMS_MAX; i++)
    reap(&s->stream[i]); /* without the lock: the last ones still run */
}
