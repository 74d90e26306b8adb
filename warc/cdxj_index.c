/* A sorted index of many WARC files in bounded memory: lines are gathered until RUN_BYTES, sorted
 * bytewise and spilled; at the end the runs are merged. One run alone is written as it is. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "zhi/file.h"
#include "zhi/grow.h"
#include "zhi/limits.h"
#include "zhi/warc.h"

enum { MERGE_BYTES = 64 * 1024 };
#define RUN_BYTES      ZHI_MIB(48)
#define LINE_MAX_BYTES ZHI_MIB(8)

struct run {
  struct zhi_spool bytes;
  uint64_t at; /* next byte to read */
  struct zhi_buf ahead;
  size_t from;         /* start of the current line in ahead */
  struct zhi_str line; /* with its newline; NULL view at the end */
};

struct index {
  struct zhi_buf text;   /* lines of the current run, each with its newline */
  struct zhi_str *lines; /* offsets are fixed up when sorting: p is an offset until then */
  size_t count, cap;
  struct run *runs;
  size_t run_count;
  int fd;
  struct zhi_buf out;
};

static enum zhi_code write_all(int fd, const char *p, size_t n, struct zhi_err *e) {
  while (n) {
    ssize_t w = write(fd, p, n);
    if (w < 0 && errno == EINTR)
      continue;
    if (w <= 0)
      return zhi_fail_errno(e, "cannot write the index");
    p += w;
    n -= (size_t)w;
  }
  return ZHI_OK;
}

static enum zhi_code flush_out(struct index *x, size_t when, struct zhi_err *e) {
  enum zhi_code rc = zhi_buf_check(&x->out, "the index", e);
  if (rc || x->out.len < when || !x->out.len)
    return rc;
  rc = write_all(x->fd, x->out.p, x->out.len, e);
  zhi_buf_clear(&x->out);
  return rc;
}

static int by_bytes(const void *a, const void *b) {
  return zhi_str_cmp(*(const struct zhi_str *)a, *(const struct zhi_str *)b);
}

static void sort_lines(struct index *x) {
  struct zhi_str rest = zhi_buf_view(&x->text);
  for (size_t i = 0; i < x->count; i++) {
    size_t len = x->lines[i].len;
    x->lines[i].p = rest.p;
    rest = zhi_str_sub(rest, len, rest.len);
  }
  qsort(x->lines, x->count, sizeof *x->lines, by_bytes);
}

static enum zhi_code spill_run(struct index *x, struct zhi_err *e) {
  if (!x->count)
    return ZHI_OK;
  struct run *runs = realloc(x->runs, (x->run_count + 1) * sizeof *runs);
  if (!runs)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for sorting an index");
  x->runs = runs;
  struct run *run = &runs[x->run_count++];
  *run = (struct run){0};
  zhi_spool_init(&run->bytes, zhi_tmp_dir(), MERGE_BYTES, (uint64_t)INT64_MAX);
  zhi_buf_init(&run->ahead, LINE_MAX_BYTES + 2 * MERGE_BYTES);
  sort_lines(x);
  enum zhi_code rc = ZHI_OK;
  struct zhi_buf piece;
  zhi_buf_init(&piece, LINE_MAX_BYTES + 2 * MERGE_BYTES);
  for (size_t i = 0; i < x->count && !rc; i++) {
    zhi_buf_addstr(&piece, x->lines[i]);
    if (piece.len >= MERGE_BYTES || i + 1 == x->count) {
      rc = zhi_buf_check(&piece, "an index", e);
      if (!rc)
        rc = zhi_spool_add(&run->bytes, piece.p, piece.len, e);
      zhi_buf_clear(&piece);
    }
  }
  zhi_buf_release(&piece);
  zhi_buf_clear(&x->text);
  x->count = 0;
  return rc;
}

/* `line` joins the run, and is empty again. */
static enum zhi_code add_line(struct index *x, struct zhi_buf *line, struct zhi_err *e) {
  size_t before = x->text.len;
  enum zhi_code rc = zhi_buf_check(line, "an index line", e);
  if (rc || line->len == 0)
    return rc;
  zhi_buf_addstr(&x->text, zhi_buf_view(line));
  zhi_buf_addc(&x->text, '\n');
  zhi_buf_clear(line);
  void *p = zhi_grown(x->lines, &x->cap, x->count, sizeof *x->lines);
  if (!p)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for an index");
  x->lines = p;
  x->lines[x->count++] = zhi_str_n(NULL, x->text.len - before);
  rc = zhi_buf_check(&x->text, "an index", e);
  return !rc && x->text.len >= RUN_BYTES ? spill_run(x, e) : rc;
}

/* --- one file --------------------------------------------------------------------------------- */

struct teller {
  const struct zhi_cdxj_options *o;
  const char *path;
};

static void tell(void *ctx, const struct zhi_warc_problem *p) {
  struct teller *t = ctx;
  if (t->o->problem)
    t->o->problem(t->o->ctx, t->path, p);
}

static enum zhi_code add_original(const struct teller *t, const struct zhi_warc_record *r,
                                  struct zhi_buf *line, struct zhi_err *e) {
  struct zhi_cdxj_original original;
  bool found = false;
  if (r->type != ZHI_WARC_REVISIT || !line->len || !t->o->original)
    return ZHI_OK;
  enum zhi_code rc = t->o->original(t->o->ctx, t->path, r->offset, &found, &original, e);
  if (rc == ZHI_OK && found)
    zhi_cdxj_add_original(line, &original);
  return rc;
}

static enum zhi_code index_file(struct index *x, struct teller *t, struct zhi_err *e) {
  struct zhi_warc_reader_options o = {.problem = tell, .ctx = t};
  struct zhi_warc_reader *r;
  struct zhi_warc_record rec;
  const char *slash = strrchr(t->path, '/');
  struct zhi_str name = zhi_str_of(slash ? slash + 1 : t->path);
  struct zhi_buf line; /* waits for the request behind it, which may be a POST */
  enum zhi_code rc = zhi_warc_open(t->path, &o, &r, e);
  if (rc)
    return rc;
  zhi_buf_init(&line, LINE_MAX_BYTES);
  while (!rc && !(rc = zhi_warc_next(r, &rec, e))) {
    if (rec.length == 0) /* several records in one member: no reader could find it */
      continue;
    if (rec.type == ZHI_WARC_REQUEST && line.len)
      rc = zhi_cdxj_post(&rec, &line, e);
    else if (!(rc = add_line(x, &line, e)) &&
             !(rc = zhi_cdxj_line(&rec, name, ZHI_STR_NONE, &line, e)))
      rc = add_original(t, &rec, &line, e);
  }
  if (rc == ZHI_EOF && add_line(x, &line, e))
    rc = e->code;
  zhi_buf_release(&line);
  zhi_warc_reader_free(r);
  if (rc == ZHI_EPARSE)
    zhi_err_prefix(e, "%s", t->path);
  return rc == ZHI_EOF ? ZHI_OK : rc;
}

/* --- merge ------------------------------------------------------------------------------------ */

static enum zhi_code next_line(struct run *run, struct zhi_err *e) {
  run->from += run->line.len;
  for (;;) {
    struct zhi_str rest = zhi_str_sub(zhi_buf_view(&run->ahead), run->from, run->ahead.len);
    const char *nl = rest.len ? memchr(rest.p, '\n', rest.len) : NULL;
    if (nl) {
      run->line = zhi_str_n(rest.p, (size_t)(nl - rest.p) + 1);
      return ZHI_OK;
    }
    if (run->at >= run->bytes.len) {
      run->line = ZHI_STR_NONE;
      return ZHI_OK;
    }
    memmove(run->ahead.p, rest.p, rest.len);
    run->ahead.len = rest.len;
    run->from = 0;
    if (!zhi_buf_reserve(&run->ahead, MERGE_BYTES))
      return zhi_buf_check(&run->ahead, "an index line", e);
    size_t got;
    enum zhi_code rc =
        zhi_spool_read(&run->bytes, run->at, run->ahead.p + run->ahead.len, MERGE_BYTES, &got, e);
    if (rc)
      return rc;
    run->at += got;
    run->ahead.len += got;
  }
}

static enum zhi_code merge(struct index *x, struct zhi_err *e) {
  enum zhi_code rc = spill_run(x, e);
  for (size_t i = 0; i < x->run_count && !rc; i++)
    rc = next_line(&x->runs[i], e);
  while (!rc) {
    struct run *least = NULL;
    for (size_t i = 0; i < x->run_count; i++)
      if (x->runs[i].line.p && (!least || zhi_str_cmp(x->runs[i].line, least->line) < 0))
        least = &x->runs[i];
    if (!least)
      break;
    zhi_buf_addstr(&x->out, least->line);
    rc = flush_out(x, RUN_BYTES / 64, e);
    if (!rc)
      rc = next_line(least, e);
  }
  return rc;
}

static enum zhi_code write_index(struct index *x, struct zhi_err *e) {
  enum zhi_code rc = ZHI_OK;
  if (x->run_count) {
    rc = merge(x, e);
  } else {
    sort_lines(x);
    for (size_t i = 0; i < x->count && !rc; i++) {
      zhi_buf_addstr(&x->out, x->lines[i]);
      rc = flush_out(x, RUN_BYTES / 64, e);
    }
  }
  return rc ? rc : flush_out(x, 1, e);
}

enum zhi_code zhi_cdxj_index(char *const *paths, size_t count, int out_fd,
                             const struct zhi_cdxj_options *o, struct zhi_err *e) {
  static const struct zhi_cdxj_options plain;
  struct index x = {.fd = out_fd};
  enum zhi_code rc = ZHI_OK;
  zhi_buf_init(&x.text, RUN_BYTES + 2 * LINE_MAX_BYTES);
  zhi_buf_init(&x.out, LINE_MAX_BYTES + RUN_BYTES);
  for (size_t i = 0; i < count && !rc; i++) {
    struct teller t = {o ? o : &plain, paths[i]};
    rc = index_file(&x, &t, e);
  }
  if (!rc)
    rc = write_index(&x, e);
  for (size_t i = 0; i < x.run_count; i++) {
    zhi_spool_release(&x.runs[i].bytes);
    zhi_buf_release(&x.runs[i].ahead);
  }
  free(x.runs);
  free(x.lines);
  zhi_buf_release(&x.text);
  zhi_buf_release(&x.out);
  return rc;
}
