/* Queue: a ring under one mutex, two conditions. */
#include "zhi/queue.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct slot {
  void *item;
  size_t bytes;
};

struct zhi_queue {
  pthread_mutex_t lock;
  pthread_cond_t room, work;
  struct slot *ring;
  size_t cap, head, len;
  size_t bytes, max_bytes;
  bool closed, refused; /* refused: a try_push failed since the last wake */
  void (*wake)(void *);
  void *wake_ctx;
};

enum zhi_code zhi_queue_new(size_t max_items, size_t max_bytes, struct zhi_queue **out,
                            struct zhi_err *e) {
  struct zhi_queue *q = calloc(1, sizeof *q);
  struct slot *ring = calloc(max_items, sizeof *ring);
  if (!q || !ring) {
    free(q);
    free(ring);
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a queue");
  }
  q->ring = ring;
  q->cap = max_items;
  q->max_bytes = max_bytes;
  pthread_condattr_t attr;
  pthread_condattr_init(&attr);
  pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
  pthread_mutex_init(&q->lock, NULL);
  pthread_cond_init(&q->room, &attr);
  pthread_cond_init(&q->work, &attr);
  pthread_condattr_destroy(&attr);
  *out = q;
  return ZHI_OK;
}

void zhi_queue_free(struct zhi_queue *q) {
  if (!q)
    return;
  pthread_mutex_destroy(&q->lock);
  pthread_cond_destroy(&q->room);
  pthread_cond_destroy(&q->work);
  free(q->ring);
  free(q);
}

static bool full(const struct zhi_queue *q, size_t bytes) {
  return q->len == q->cap || (q->len && q->bytes + bytes > q->max_bytes);
}

static void put(struct zhi_queue *q, void *item, size_t bytes) {
  q->ring[(q->head + q->len++) % q->cap] = (struct slot){item, bytes};
  q->bytes += bytes;
  pthread_cond_signal(&q->work);
}

bool zhi_queue_push(struct zhi_queue *q, void *item, size_t bytes) {
  pthread_mutex_lock(&q->lock);
  while (!q->closed && full(q, bytes))
    pthread_cond_wait(&q->room, &q->lock);
  bool ok = !q->closed;
  if (ok)
    put(q, item, bytes);
  pthread_mutex_unlock(&q->lock);
  return ok;
}

bool zhi_queue_try_push(struct zhi_queue *q, void *item, size_t bytes) {
  pthread_mutex_lock(&q->lock);
  bool ok = !q->closed && !full(q, bytes);
  if (ok)
    put(q, item, bytes);
  else
    q->refused = true;
  pthread_mutex_unlock(&q->lock);
  return ok;
}

static void *take(struct zhi_queue *q, bool *wake) {
  struct slot s = q->ring[q->head];
  q->head = (q->head + 1) % q->cap;
  q->len--;
  q->bytes -= s.bytes;
  pthread_cond_broadcast(&q->room);
  *wake = q->refused;
  q->refused = false;
  return s.item;
}

void *zhi_queue_pop(struct zhi_queue *q) {
  bool wake = false;
  void *item = NULL;
  pthread_mutex_lock(&q->lock);
  while (!q->len && !q->closed)
    pthread_cond_wait(&q->work, &q->lock);
  if (q->len)
    item = take(q, &wake);
  pthread_mutex_unlock(&q->lock);
  if (wake && q->wake)
    q->wake(q->wake_ctx);
  return item;
}

void *zhi_queue_pop_wait(struct zhi_queue *q, int64_t ms, bool *closed) {
  struct timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_sec += ms / 1000;
  until.tv_nsec += ms % 1000 * 1000000;
  if (until.tv_nsec >= 1000000000) {
    until.tv_sec++;
    until.tv_nsec -= 1000000000;
  }
  bool wake = false;
  void *item = NULL;
  pthread_mutex_lock(&q->lock);
  while (!q->len && !q->closed)
    if (ms <= 0 || pthread_cond_timedwait(&q->work, &q->lock, &until) == ETIMEDOUT)
      break;
  if (q->len)
    item = take(q, &wake);
  if (closed)
    *closed = q->closed && !q->len && !item;
  pthread_mutex_unlock(&q->lock);
  if (wake && q->wake)
    q->wake(q->wake_ctx);
  return item;
}

void zhi_queue_close(struct zhi_queue *q) {
  pthread_mutex_lock(&q->lock);
  q->closed = true;
  pthread_cond_broadcast(&q->room);
  pthread_cond_broadcast(&q->work);
  pthread_mutex_unlock(&q->lock);
}

void zhi_queue_on_room(struct zhi_queue *q, void (*wake)(void *), void *ctx) {
  q->wake = wake;
  q->wake_ctx = ctx;
}
