/* The index made: one pass over the catalogue, values numbered, rows put in the order of dates. */
#include "serve/index.h"

#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "serve/indexer.h"
#include "zhi/browse.h"
#include "zhi/changes.h"
#include "zhi/clock.h"
#include "zhi/grow.h"
#include "zhi/json.h"
#include "zhi/map.h"

enum {
  STRINGS_MAX = 256 << 20,
  LOOK_SECONDS = 2, /* between looks at the catalogue */
  REST_FACTOR = 10, /* an index that took a second to make is kept for ten */
  REST_MIN_MS = 3000,
  CACHE_KIB = 48 * 1024, /* while an index is made: the walk is in no order of the file */
  CACHE_KEPT_KIB = 256,
  OVERVIEW_ROWS = 5000,
  RECENT_ROWS = 30,
  CHANGES_KEPT = 5000
};

const char *const serve_facet_name[FACET_COUNT] = {
    "year", "publisher", "column_name", "host", "topic_class", "validity", "kind", "state"};

struct maker {
  struct serve_index *x;
  const atomic_bool *stop;             /* nobody waits for it any more */
  struct zhi_map numbers[FACET_COUNT]; /* value → number + 1 */
};

/* --- rows ---------------------------------------------------------------------------------------------------- */

/* Names are kept as offsets while the buffer moves; settle() makes them views. */
static enum zhi_code number(struct maker *m, enum serve_facet f, struct zhi_str value,
                            uint32_t *out, struct zhi_err *e) {
  struct serve_values *v = &m->x->values[f];
  void *known = zhi_map_get(&m->numbers[f], value);
  if (!known) {
    struct zhi_str *name = zhi_grown(v->name, &v->cap, v->count, sizeof *v->name);
    if (!name)
      return zhi_fail(e, ZHI_ENOMEM, "out of memory for an index");
    v->name = name;
    v->name[v->count] = (struct zhi_str){(const char *)m->x->strings.len, value.len};
    zhi_buf_addstr(&m->x->strings, value);
    known = (void *)(uintptr_t)++v->count;
    enum zhi_code rc = zhi_map_put(&m->numbers[f], value, known, NULL, e);
    if (rc)
      return rc;
  }
  *out = (uint32_t)(uintptr_t)known - 1;
  return ZHI_OK;
}

static void settle(struct serve_index *x) {
  for (int f = 0; f < FACET_COUNT; f++)
    for (size_t i = 0; i < x->values[f].count; i++)
      x->values[f].name[i].p = x->strings.p + (uintptr_t)x->values[f].name[i].p;
}

/* "2018-03-29", "2018-03", "2018" */
static int32_t day_of(struct zhi_str s) {
  int32_t part[3] = {0, 0, 0};
  for (int i = 0; i < 3 && s.p && s.len; i++) {
    unsigned long long v = 0;
    if (!zhi_str_u64(zhi_str_cut(&s, '-'), 9999, &v))
      break;
    part[i] = (int32_t)v;
  }
  return part[0] * 10000 + part[1] * 100 + part[2];
}

static enum zhi_code take(void *ctx, const struct zhi_browse_row *r, struct zhi_err *e) {
  struct maker *m = ctx;
  struct serve_index *x = m->x;
  const struct zhi_str values[FACET_COUNT] = {zhi_str_sub(r->day, 0, 4),
                                              r->publisher,
                                              r->column,
                                              r->host,
                                              r->topic,
                                              r->validity,
                                              r->kind,
                                              r->state};
  if (atomic_load(m->stop))
    return zhi_fail(e, ZHI_EIO, "the server stops");
  struct serve_row *rows = zhi_grown(x->row, &x->cap, x->count, sizeof *x->row), *row;
  if (!rows)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for an index");
  x->row = rows;
  row = &rows[x->count];
  *row = (struct serve_row){.id = r->version_id, .place = (uint32_t)x->count};
  zhi_time_parse(r->captured_at, &row->captured_ms);
  row->day = day_of(r->day);
  x->count++;
  for (int f = 0; f < FACET_COUNT; f++) {
    enum zhi_code rc = number(m, (enum serve_facet)f, values[f], &row->value[f], e);
    if (rc)
      return rc;
  }
  return ZHI_OK;
}

static int latest_first(const void *a, const void *b) {
  const struct serve_row *x = a, *y = b;
  if (x->day != y->day)
    return x->day < y->day ? 1 : -1;
  return x->place < y->place ? -1 : x->place > y->place;
}

static int captured_first(const void *a, const void *b, void *rows) {
  const struct serve_row *x = (const struct serve_row *)rows + *(const uint32_t *)a,
                         *y = (const struct serve_row *)rows + *(const uint32_t *)b;
  if (x->captured_ms != y->captured_ms)
    return x->captured_ms < y->captured_ms ? 1 : -1;
  return x->id < y->id ? 1 : -1;
}

static enum zhi_code sort_rows(struct serve_index *x, struct zhi_err *e) {
  qsort(x->row, x->count, sizeof *x->row, latest_first);
  x->by_captured = calloc(x->count + 1, sizeof *x->by_captured);
  x->by_url = calloc(x->count + 1, sizeof *x->by_url);
  if (!x->by_captured || !x->by_url)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for an index");
  for (uint32_t i = 0; i < x->count; i++) {
    x->by_captured[i] = i;
    x->by_url[x->row[i].place] = i;
  }
  qsort_r(x->by_captured, x->count, sizeof *x->by_captured, captured_first, x->row);
  return ZHI_OK;
}

/* How many rows have each value: what a list without a filter shows. */
static enum zhi_code count_all(struct serve_index *x, struct zhi_err *e) {
  for (int f = 0; f < FACET_COUNT; f++) {
    x->all[f] = calloc(x->values[f].count + 1, sizeof *x->all[f]);
    if (!x->all[f])
      return zhi_fail(e, ZHI_ENOMEM, "out of memory for an index");
    for (size_t i = 0; i < x->count; i++)
      x->all[f][x->row[i].value[f]]++;
  }
  return ZHI_OK;
}

/* --- the archive as a whole -------------------------------------------------------------------------------------- */

static enum zhi_code keep_change(void *ctx, const struct zhi_change *c, struct zhi_err *e) {
  json_array_append_new(ctx, zhi_change_json(c));
  return json_array_size(ctx) < CHANGES_KEPT ? ZHI_OK
                                             : zhi_fail(e, ZHI_EOF, "no more changes are kept");
}

static enum zhi_code changes_since(struct zhi_store *s, struct zhi_str since, json_t *out,
                                   struct zhi_err *e) {
  struct zhi_changes *x = NULL;
  enum zhi_code rc = zhi_changes_open(&x, e);
  if (!rc)
    rc = zhi_changes_add(x, s, since, ZHI_STR_NONE, NULL, NULL, e);
  if (!rc)
    rc = zhi_changes_each(x, keep_change, out, e);
  zhi_changes_close(x);
  return rc;
}

/* What the last crawl changed; when that is nothing, what all after the first did. */
static enum zhi_code add_changes(struct serve_index *x, struct zhi_store *s, struct zhi_err *e) {
  bool last = json_array_size(json_object_get(x->overview, "crawls")) > 1;
  json_t *kept = json_array();
  enum zhi_code rc = last ? changes_since(s, ZHI_STR("last"), kept, e) : ZHI_OK;
  if (!rc && !json_array_size(kept)) {
    last = false;
    rc = changes_since(s, ZHI_STR(""), kept, e);
  }
  json_object_set_new(x->overview, "changes", kept);
  json_object_set_new(x->overview, "changes_of_last", json_boolean(last));
  return rc;
}

static enum zhi_code add_overview(struct serve_index *x, struct zhi_store *s, struct zhi_err *e) {
  static const struct {
    const char *name;
    enum zhi_browse what;
    int64_t limit;
  } parts[] = {{"crawls", ZHI_BROWSE_CRAWLS, 200},
               {"hosts", ZHI_BROWSE_HOSTS, OVERVIEW_ROWS},
               {"columns", ZHI_BROWSE_COLUMNS, OVERVIEW_ROWS},
               {"months", ZHI_BROWSE_MONTHS, 1200},
               {"recent", ZHI_BROWSE_RECENT, RECENT_ROWS},
               {"gone", ZHI_BROWSE_GONE, OVERVIEW_ROWS},
               {"aliases", ZHI_BROWSE_ALIASES, OVERVIEW_ROWS}};
  enum zhi_code rc = ZHI_OK;
  const unsigned long lost = zhi_json_lost();
  x->overview = json_object();
  for (size_t i = 0; i < sizeof parts / sizeof *parts && !rc; i++) {
    json_t *rows = NULL;
    rc = zhi_browse(s, parts[i].what, NULL, 0, parts[i].limit, 0, &rows, e);
    if (!rc)
      json_object_set_new(x->overview, parts[i].name, rows);
  }
  if (!rc)
    rc = add_changes(x, s, e);
  return rc ? rc : zhi_json_whole(lost, "an index", e);
}

static void index_free(struct serve_index *x) {
  if (!x)
    return;
  for (int f = 0; f < FACET_COUNT; f++) {
    free(x->values[f].name);
    free(x->all[f]);
  }
  zhi_buf_release(&x->strings);
  zhi_buf_release(&x->name);
  json_decref(x->overview);
  free(x->row);
  free(x->by_captured);
  free(x->by_url);
  free(x);
}

static enum zhi_code index_make(struct zhi_store *s, const atomic_bool *stop,
                                struct serve_index **out, struct zhi_err *e) {
  struct maker m = {.x = calloc(1, sizeof *m.x), .stop = stop};
  int64_t start = zhi_mono_ms();
  if (!m.x)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for an index");
  zhi_buf_init(&m.x->strings, STRINGS_MAX);
  zhi_buf_init(&m.x->name, 4096);
  for (int f = 0; f < FACET_COUNT; f++)
    zhi_map_init(&m.numbers[f]);
  zhi_store_set_cache(s, CACHE_KIB);
  enum zhi_code rc = zhi_browse_generation(s, &m.x->generation, e);
  if (!rc)
    rc = zhi_browse_each(s, take, &m, e);
  if (!rc)
    rc = zhi_buf_check(&m.x->strings, "an index", e);
  if (!rc)
    rc = zhi_browse_name(s, &m.x->name, e);
  if (!rc)
    rc = add_overview(m.x, s, e);
  if (!rc)
    rc = sort_rows(m.x, e);
  for (int f = 0; f < FACET_COUNT; f++)
    zhi_map_release(&m.numbers[f]);
  zhi_store_set_cache(s, CACHE_KEPT_KIB);
  malloc_trim(0);
  if (!rc)
    rc = count_all(m.x, e);
  if (rc) {
    index_free(m.x);
    return rc;
  }
  settle(m.x);
  m.x->made_ms = zhi_now_ms(&zhi_clock_system);
  m.x->took_ms = zhi_mono_ms() - start;
  *out = m.x;
  return ZHI_OK;
}

/* --- kept fresh ---------------------------------------------------------------------------------------------------- */

struct serve_watch {
  const char *dir;
  struct zhi_store *s; /* the thread's, as is the next */
  struct serve_indexer indexer;
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t stop_now;
  struct serve_index *now;
  atomic_bool stop; /* set under the lock */
  bool running;
};

const struct serve_index *serve_index_hold(struct serve_watch *w) {
  pthread_mutex_lock(&w->lock);
  struct serve_index *x = w->now;
  x->holders++;
  pthread_mutex_unlock(&w->lock);
  return x;
}

void serve_index_drop(const struct serve_index *held) {
  struct serve_index *x = (struct serve_index *)(uintptr_t)held;
  pthread_mutex_lock(&x->watch->lock);
  bool last = --x->holders == 0;
  pthread_mutex_unlock(&x->watch->lock);
  if (last)
    index_free(x);
}

static void put_in_place(struct serve_watch *w, struct serve_index *x) {
  x->watch = w;
  x->holders = 1; /* the watch's own */
  pthread_mutex_lock(&w->lock);
  struct serve_index *old = w->now;
  w->now = x;
  pthread_mutex_unlock(&w->lock);
  if (old)
    serve_index_drop(old);
}

/* A catalogue that cannot be read now is tried again: what is served stays as it was. */
static void look(struct serve_watch *w, int64_t *not_before) {
  int64_t generation = w->now->generation;
  struct serve_index *x = NULL;
  if (zhi_mono_ms() < *not_before || zhi_browse_generation(w->s, &generation, NULL) ||
      generation == w->now->generation || index_make(w->s, &w->stop, &x, NULL))
    return;
  int64_t rest = x->took_ms * REST_FACTOR;
  *not_before = zhi_mono_ms() + (rest > REST_MIN_MS ? rest : REST_MIN_MS);
  put_in_place(w, x);
}

static void *watch(void *arg) {
  struct serve_watch *w = arg;
  int64_t not_before = 0;
  serve_indexer_look(&w->indexer, w->dir, w->now->generation);
  pthread_mutex_lock(&w->lock);
  while (!w->stop) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += LOOK_SECONDS;
    pthread_cond_timedwait(&w->stop_now, &w->lock, &until);
    if (w->stop)
      break;
    pthread_mutex_unlock(&w->lock);
    look(w, &not_before);
    serve_indexer_look(&w->indexer, w->dir, w->now->generation);
    pthread_mutex_lock(&w->lock);
  }
  pthread_mutex_unlock(&w->lock);
  return NULL;
}

enum zhi_code serve_watch_start(const char *dir, const char *const *indexer,
                                struct serve_watch **out, struct zhi_err *e) {
  struct serve_index *x = NULL;
  struct serve_watch *w = calloc(1, sizeof *w);
  if (!w)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for an index");
  w->dir = dir;
  w->indexer = (struct serve_indexer){.command = indexer, .generation = -1};
  pthread_mutex_init(&w->lock, NULL);
  pthread_cond_init(&w->stop_now, NULL);
  enum zhi_code rc = zhi_store_open(dir, ZHI_STORE_READ, &zhi_clock_system, &w->s, e);
  if (!rc)
    rc = index_make(w->s, &w->stop, &x, e);
  if (!rc) {
    put_in_place(w, x);
    w->running = pthread_create(&w->thread, NULL, watch, w) == 0;
    if (!w->running)
      rc = zhi_fail(e, ZHI_ENOMEM, "cannot start a thread");
  }
  if (rc) {
    serve_watch_stop(w);
    return rc;
  }
  *out = w;
  return ZHI_OK;
}

void serve_watch_stop(struct serve_watch *w) {
  if (!w)
    return;
  if (w->running) {
    pthread_mutex_lock(&w->lock);
    w->stop = true;
    pthread_cond_signal(&w->stop_now);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
  }
  serve_indexer_stop(&w->indexer);
  if (w->now)
    serve_index_drop(w->now);
  zhi_store_close(w->s);
  pthread_cond_destroy(&w->stop_now);
  pthread_mutex_destroy(&w->lock);
  free(w);
}
