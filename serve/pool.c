/* Read-only handles of the archive: a call takes one and gives it back, so there are as many as calls ever ran at once.
 * None is in use by two threads. */
#include <pthread.h>
#include <stdlib.h>

#include "serve/server.h"
#include "zhi/store.h"

enum { POOL_KEPT = 8, CACHE_KIB = 6 * 1024 };

struct serve_pool {
  char *dir;
  pthread_mutex_t lock;
  struct zhi_store *kept[POOL_KEPT];
  size_t count;
};

enum zhi_code serve_pool_take(struct serve_pool *p, struct zhi_store **out, struct zhi_err *e) {
  struct zhi_store *s = NULL;
  pthread_mutex_lock(&p->lock);
  if (p->count)
    s = p->kept[--p->count];
  pthread_mutex_unlock(&p->lock);
  if (s) {
    *out = s;
    return ZHI_OK;
  }
  enum zhi_code rc = zhi_store_open(p->dir, ZHI_STORE_READ, &zhi_clock_system, out, e);
  if (!rc)
    zhi_store_set_cache(*out, CACHE_KIB);
  return rc;
}

void serve_pool_give(struct serve_pool *p, struct zhi_store *s) {
  if (!s)
    return;
  pthread_mutex_lock(&p->lock);
  if (p->count < POOL_KEPT) {
    p->kept[p->count++] = s;
    s = NULL;
  }
  pthread_mutex_unlock(&p->lock);
  zhi_store_close(s);
}

enum zhi_code serve_pool_new(const char *dir, struct serve_pool **out, struct zhi_err *e) {
  struct zhi_store *first = NULL;
  struct serve_pool *p = calloc(1, sizeof *p);
  if (!p || !(p->dir = strdup(dir))) {
    free(p);
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a server");
  }
  pthread_mutex_init(&p->lock, NULL);
  enum zhi_code rc = serve_pool_take(p, &first, e);
  if (rc) {
    serve_pool_free(p);
    return rc;
  }
  serve_pool_give(p, first);
  *out = p;
  return ZHI_OK;
}

void serve_pool_free(struct serve_pool *p) {
  if (!p)
    return;
  while (p->count)
    zhi_store_close(p->kept[--p->count]);
  pthread_mutex_destroy(&p->lock);
  free(p->dir);
  free(p);
}
