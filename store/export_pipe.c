/* Reading and writing at once: the rows go in batches through a bounded queue to a thread that owns the format.
 *
 * The archive's thread copies the cells that are written; the writer's thread encodes, digests and writes them. When
 * the writer fails it closes the queue, and the reader's next batch learns of it. */
#include <pthread.h>
#include <stdlib.h>

#include "store/export.h"
#include "zhi/queue.h"

enum { BATCH_BYTES = 256 * 1024, BATCHES = 4, BATCH_ROWS = 1024 };

struct batch {
  struct zhi_buf bytes; /* cells one after another */
  size_t *end;          /* of each cell */
  size_t rows;
};

struct pipe {
  const struct export_plan *p;
  struct export_sink inner;
  struct zhi_queue *queue;
  pthread_t thread;
  struct batch *batch; /* being filled */
  enum zhi_code rc;    /* the writer's; read when it has ended */
  struct zhi_err why;
};

static void free_batch(struct batch *b) {
  if (!b)
    return;
  zhi_buf_release(&b->bytes);
  free(b->end);
  free(b);
}

static struct batch *new_batch(const struct export_plan *p) {
  struct batch *b = calloc(1, sizeof *b);
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

static enum zhi_code write_batch(struct pipe *x, const struct batch *b) {
  struct zhi_str cells[EXPORT_COLUMN_MAX] = {ZHI_STR_NONE}, all = zhi_buf_view(&b->bytes);
  size_t from = 0, n = x->p->out_count;
  enum zhi_code rc = ZHI_OK;
  for (size_t r = 0; r < b->rows && !rc; r++) {
    for (size_t i = 0; i < n; from = b->end[r * n + i++])
      cells[x->p->out[i]] = zhi_str_sub(all, from, b->end[r * n + i]);
    rc = x->inner.row(x->inner.ctx, cells, &x->why);
  }
  return rc;
}

static void *writer(void *ctx) {
  struct pipe *x = ctx;
  struct batch *b;
  while ((b = zhi_queue_pop(x->queue))) {
    if (!x->rc && (x->rc = write_batch(x, b)))
      zhi_queue_close(x->queue);
    free_batch(b);
  }
  return NULL;
}

/* --- the reader's thread --------------------------------------------------------------------------------------- */

static enum zhi_code send(struct pipe *x, struct zhi_err *e) {
  struct batch *b = x->batch;
  if (!b)
    return ZHI_OK;
  enum zhi_code rc = zhi_buf_check(&b->bytes, "a row", e);
  if (rc)
    return rc;
  x->batch = NULL;
  if (zhi_queue_push(x->queue, b, b->bytes.len))
    return ZHI_OK;
  free_batch(b);
  return zhi_fail(e, ZHI_EIO, "the export cannot be written"); /* end() has the cause */
}

static enum zhi_code row(void *ctx, const struct zhi_str *cells, struct zhi_err *e) {
  struct pipe *x = ctx;
  size_t n = x->p->out_count;
  if (!x->batch && !(x->batch = new_batch(x->p)))
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for an export");
  struct batch *b = x->batch;
  for (size_t i = 0; i < n; i++) {
    zhi_buf_addstr(&b->bytes, cells[x->p->out[i]]);
    b->end[b->rows * n + i] = b->bytes.len;
  }
  b->rows++;
  return b->bytes.len >= BATCH_BYTES || b->rows == BATCH_ROWS ? send(x, e) : ZHI_OK;
}

static enum zhi_code end(void *ctx, enum zhi_code rc, struct zhi_err *e) {
  struct pipe *x = ctx;
  if (!rc)
    rc = send(x, e);
  zhi_queue_close(x->queue);
  pthread_join(x->thread, NULL);
  if (x->rc && e)
    *e = x->why;
  rc = x->inner.end(x->inner.ctx, x->rc ? x->rc : rc, e);
  free_batch(x->batch);
  zhi_queue_free(x->queue);
  free(x);
  return rc;
}

enum zhi_code export_pipe_open(const struct export_plan *p, const struct export_sink *inner,
                               struct export_sink *out, struct zhi_err *e) {
  struct pipe *x = calloc(1, sizeof *x);
  if (!x)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for an export");
  x->p = p;
  x->inner = *inner;
  enum zhi_code rc = zhi_queue_new(BATCHES, (size_t)BATCHES * BATCH_BYTES * 2, &x->queue, e);
  if (!rc && pthread_create(&x->thread, NULL, writer, x) != 0)
    rc = zhi_fail(e, ZHI_ENOMEM, "cannot start a thread for the export");
  if (rc) {
    if (x->queue)
      zhi_queue_free(x->queue);
    free(x);
    return rc;
  }
  *out = (struct export_sink){row, end, x};
  return ZHI_OK;
}
