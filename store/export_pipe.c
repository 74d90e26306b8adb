/* Reading and writing at once: the rows go in batches through a bounded queue a lane to a thread that owns the format.
 *
 * The archive's threads, one a lane, copy the cells that are written; the writer's thread encodes, digests, counts and
 * writes them, a turn of lane 0, a turn of lane 1 and so on, so that their order is that of the turns whoever is the
 * faster. When the writer fails it closes the queues, and each reader's next batch learns of it. Batches that are written
 * go back to their lane: their memory is large, and dear to have anew. */
#include <pthread.h>
#include <stdlib.h>

#include "store/export.h"
#include "zhi/queue.h"

/* A lane holds more than a turn (export_read.c), so that both read all the time. */
enum {
  BATCH_BYTES = 256 * 1024,
  BATCH_ROWS = 1024,
  BATCHES = 32,
  LANE_BYTES = 4 * 1024 * 1024,
  SPARES = 8
};

struct batch {
  struct zhi_buf bytes; /* cells one after another */
  size_t *end;          /* of each cell */
  size_t rows;
  int64_t undated;
  bool passes, cut, last;
};

struct lane {
  struct zhi_queue *queue, *spare; /* to be written, written */
  struct batch *batch;             /* being filled */
};

struct export_pipe {
  const struct export_plan *p;
  struct zhi_export_done *done;
  struct export_sink inner;
  struct lane lane[EXPORT_LANES];
  pthread_t thread;
  enum zhi_code rc; /* the writer's; read when it has ended */
  struct zhi_err why;
};

static void free_batch(struct batch *b) {
  if (!b)
    return;
  zhi_buf_release(&b->bytes);
  free(b->end);
  free(b);
}

/* One that was written, or a new one. */
static struct batch *take_batch(const struct export_plan *p, struct zhi_queue *spare) {
  struct batch *b = zhi_queue_pop_wait(spare, 0, NULL);
  if (b)
    return b;
  b = calloc(1, sizeof *b);
  if (!b)
    return NULL;
  zhi_buf_init(&b->bytes, EXPORT_ROW_MAX_BYTES + BATCH_BYTES);
  b->end = malloc(BATCH_ROWS * p->out_count * sizeof *b->end);
  if (!b->end) {
    free(b);
    return NULL;
  }
  return b;
}

/* --- the writer's thread --------------------------------------------------------------------------------------- */

static enum zhi_code write_batch(struct export_pipe *x, const struct batch *b) {
  struct zhi_str cells[EXPORT_COLUMN_MAX] = {ZHI_STR_NONE}, all = zhi_buf_view(&b->bytes);
  size_t from = 0, n = x->p->out_count;
  enum zhi_code rc = ZHI_OK;
  for (size_t r = 0; r < b->rows && !rc; r++) {
    for (size_t i = 0; i < n; from = b->end[r * n + i++])
      cells[x->p->out[i]] = zhi_str_sub(all, from, b->end[r * n + i]);
    rc = export_put(x->p, x->done, &x->inner, cells, &x->why);
  }
  x->done->undated += b->undated;
  return rc;
}

static void give_back(struct batch *b, struct zhi_queue *spare) {
  bool grown = b->bytes.cap > 2 * BATCH_BYTES;
  zhi_buf_clear(&b->bytes);
  *b = (struct batch){.bytes = b->bytes, .end = b->end};
  if (grown || !zhi_queue_try_push(spare, b, 0))
    free_batch(b);
}

static void close_lanes(struct export_pipe *x) {
  for (size_t i = 0; i < EXPORT_LANES; i++)
    zhi_queue_close(x->lane[i].queue);
}

static void *writer(void *ctx) {
  struct export_pipe *x = ctx;
  struct batch *b;
  size_t lane = 0;
  bool drops = false;
  while ((b = zhi_queue_pop(x->lane[lane].queue))) {
    struct zhi_queue *spare = x->lane[lane].spare;
    if (!drops && !x->rc && (x->rc = write_batch(x, b)))
      close_lanes(x);
    if (b->passes) {
      lane = (lane + 1) % EXPORT_LANES;
      drops = (drops || b->cut) && !b->last;
    }
    give_back(b, spare);
  }
  return NULL;
}

/* --- the readers' threads -------------------------------------------------------------------------------------- */

static struct batch *open_batch(struct export_pipe *x, size_t lane, struct zhi_err *e) {
  struct batch **b = &x->lane[lane].batch;
  if (!*b && !(*b = take_batch(x->p, x->lane[lane].spare)))
    zhi_fail(e, ZHI_ENOMEM, "out of memory for an export");
  return *b;
}

static enum zhi_code send(struct export_pipe *x, size_t lane, struct zhi_err *e) {
  struct batch *b = x->lane[lane].batch;
  enum zhi_code rc = zhi_buf_check(&b->bytes, "a row", e);
  if (rc)
    return rc;
  x->lane[lane].batch = NULL;
  if (zhi_queue_push(x->lane[lane].queue, b, b->bytes.len))
    return ZHI_OK;
  free_batch(b);
  return zhi_fail(e, ZHI_EIO, "the export cannot be written"); /* the end has the cause */
}

enum zhi_code export_pipe_row(struct export_pipe *x, size_t lane, const struct zhi_str *cells,
                              struct zhi_err *e) {
  size_t n = x->p->out_count;
  struct batch *b = open_batch(x, lane, e);
  if (!b)
    return ZHI_ENOMEM;
  for (size_t i = 0; i < n; i++) {
    struct zhi_str cell = cells[x->p->out[i]];
    if (cell.len) /* most are empty */
      zhi_buf_addstr(&b->bytes, cell);
    b->end[b->rows * n + i] = b->bytes.len;
  }
  b->rows++;
  return b->bytes.len >= BATCH_BYTES || b->rows == BATCH_ROWS ? send(x, lane, e) : ZHI_OK;
}

enum zhi_code export_pipe_undated(struct export_pipe *x, size_t lane, struct zhi_err *e) {
  struct batch *b = open_batch(x, lane, e);
  if (!b)
    return ZHI_ENOMEM;
  b->undated++;
  return ZHI_OK;
}

enum zhi_code export_pipe_pass(struct export_pipe *x, size_t lane, bool cut, bool last,
                               struct zhi_err *e) {
  struct batch *b = open_batch(x, lane, e);
  if (!b)
    return ZHI_ENOMEM;
  b->passes = true;
  b->cut = cut;
  b->last = last;
  return send(x, lane, e);
}

static void free_pipe(struct export_pipe *x) {
  for (size_t i = 0; i < EXPORT_LANES; i++) {
    struct batch *b;
    free_batch(x->lane[i].batch);
    while (x->lane[i].spare && (b = zhi_queue_pop_wait(x->lane[i].spare, 0, NULL)))
      free_batch(b);
    zhi_queue_free(x->lane[i].spare);
    zhi_queue_free(x->lane[i].queue);
  }
  free(x);
}

enum zhi_code export_pipe_end(struct export_pipe *x, enum zhi_code rc, struct zhi_err *e) {
  close_lanes(x);
  pthread_join(x->thread, NULL);
  if (x->rc && e)
    *e = x->why;
  rc = x->inner.end(x->inner.ctx, x->rc ? x->rc : rc, e);
  free_pipe(x);
  return rc;
}

enum zhi_code export_pipe_open(const struct export_plan *p, struct zhi_export_done *done,
                               const struct export_sink *inner, struct export_pipe **out,
                               struct zhi_err *e) {
  struct export_pipe *x = calloc(1, sizeof *x);
  if (!x)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for an export");
  x->p = p;
  x->done = done;
  x->inner = *inner;
  enum zhi_code rc = ZHI_OK;
  for (size_t i = 0; i < EXPORT_LANES && !rc; i++)
    if (!(rc = zhi_queue_new(BATCHES, LANE_BYTES, &x->lane[i].queue, e)))
      rc = zhi_queue_new(SPARES, 0, &x->lane[i].spare, e);
  if (!rc && pthread_create(&x->thread, NULL, writer, x) != 0)
    rc = zhi_fail(e, ZHI_ENOMEM, "cannot start a thread for the export");
  if (rc)
    free_pipe(x);
  else
    *out = x;
  return rc;
}
