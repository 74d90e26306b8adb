/* The CDX server: /cdx as pywb and OutbackCDX answer, /cdx/search/cdx as the Internet Archive does. One URL is answered
 * from memory, a range is streamed. */
#include "serve/cdx.h"

#include <stdlib.h>

#include "serve/handlers.h"
#include "zhi/grow.h"

enum { OUT_BYTES = 1 << 16, LINE_MAX = 1 << 20, KEPT_MAX = 20000 };

struct kept {
  char *line;
  int64_t distance; /* in seconds, as timestamps tell */
  size_t place;
};

struct walk {
  const struct cdx_ask *a;
  struct zhi_buf *out;
  struct serve_pipe *pipe; /* NULL: all of it goes to out */
  int64_t passed, written, last_id;
  bool more;
  struct zhi_buf seen[CDX_COLLAPSE_MAX]; /* values of the row before, cut */
  bool any_seen;
  struct zhi_buf line;     /* the row, without what stands before it */
  struct zhi_cdx_row held; /* its id and time, while it may not be the last that is alike */
  bool holds;
  struct kept *kept; /* limit < 0 and sort=closest: lines in another order than they are read */
  size_t kept_count, kept_cap;
};

static bool is_repetition(struct walk *w, const struct cdx_values *v) {
  bool same = w->any_seen && w->a->collapse_count;
  for (size_t i = 0; i < w->a->collapse_count; i++) {
    struct zhi_str value = v->v[w->a->collapse[i].field];
    size_t chars = w->a->collapse[i].chars;
    value = zhi_str_sub(value, 0, chars && chars < value.len ? chars : value.len);
    same = same && zhi_str_eq(zhi_buf_view(&w->seen[i]), value);
    zhi_buf_clear(&w->seen[i]);
    zhi_buf_addstr(&w->seen[i], value);
  }
  w->any_seen = true;
  return same;
}

static enum zhi_code flush(struct walk *w, size_t when, struct zhi_err *e) {
  enum zhi_code rc = zhi_buf_check(w->out, "an answer", e);
  if (rc || !w->pipe || w->out->len < when || !w->out->len)
    return rc;
  rc = serve_pipe_write(w->pipe, zhi_buf_view(w->out), e);
  zhi_buf_clear(w->out);
  return rc;
}

static bool keeps(const struct cdx_ask *a) { return a->limit < 0 || a->closest; }

static enum zhi_code keep(struct walk *w, int64_t fetched_ms, struct zhi_err *e) {
  if (w->kept_count == KEPT_MAX)
    return zhi_fail(e, ZHI_ELIMIT, "more than %d captures to sort: narrow it by from and to",
                    KEPT_MAX);
  struct kept *p = zhi_grown(w->kept, &w->kept_cap, w->kept_count, sizeof *w->kept);
  if (!p)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for an answer");
  w->kept = p;
  w->kept[w->kept_count].distance = llabs(fetched_ms / 1000 - w->a->closest_ms / 1000);
  w->kept[w->kept_count].place = w->kept_count;
  w->kept[w->kept_count].line = zhi_buf_take(&w->line);
  return w->kept[w->kept_count++].line ? ZHI_OK : zhi_fail(e, ZHI_ENOMEM, "out of memory");
}

/* The line that is ready becomes part of the answer. */
static enum zhi_code give(struct walk *w, const struct zhi_cdx_row *r, struct zhi_err *e) {
  if (w->passed++ < w->a->offset)
    return ZHI_OK;
  if (w->written == llabs(w->a->limit) && !w->a->closest) {
    w->more = true;
    return ZHI_EOF;
  }
  w->last_id = r->id;
  w->written++;
  if (keeps(w->a))
    return keep(w, r->fetched_ms, e);
  cdx_write_before(w->a, w->written == 1, w->out);
  zhi_buf_addstr(w->out, zhi_buf_view(&w->line));
  return flush(w, OUT_BYTES, e);
}

static enum zhi_code take(struct walk *w, const struct zhi_cdx_row *r, const struct cdx_values *v,
                          struct zhi_err *e) {
  enum zhi_code rc = ZHI_OK;
  if ((w->a->omits_self_redirects && zhi_cdx_leads_to_itself(r)) || !cdx_passes(w->a, v))
    return ZHI_OK;
  bool alike = is_repetition(w, v);
  if (alike && !w->a->collapses_to_last)
    return ZHI_OK;
  if (w->holds && !alike)
    rc = give(w, &w->held, e);
  if (rc)
    return rc;
  zhi_buf_clear(&w->line);
  cdx_write(w->a, v, &w->line);
  if ((rc = zhi_buf_check(&w->line, "a row", e)))
    return rc;
  w->holds = w->a->collapses_to_last;
  w->held = (struct zhi_cdx_row){.id = r->id, .fetched_ms = r->fetched_ms};
  return w->holds ? ZHI_OK : give(w, r, e);
}

static enum zhi_code on_row(void *ctx, const struct zhi_cdx_row *r, struct zhi_err *e) {
  struct walk *w = ctx;
  struct cdx_values v;
  cdx_values_of(w->a, r, &v);
  enum zhi_code rc = take(w, r, &v, e);
  cdx_values_release(&v);
  return rc;
}

static int by_distance(const void *a, const void *b) {
  int64_t x = ((const struct kept *)a)->distance, y = ((const struct kept *)b)->distance;
  if (x == y)
    return ((const struct kept *)a)->place < ((const struct kept *)b)->place ? -1 : 1;
  return x < y ? -1 : 1;
}

/* The last ones were read latest first; the closest are put in order. */
static void write_kept(struct walk *w) {
  size_t n = w->kept_count;
  if (w->a->closest && n)
    qsort(w->kept, n, sizeof *w->kept, by_distance);
  for (size_t i = 0; i < n && (!w->a->closest || (int64_t)i < llabs(w->a->limit)); i++) {
    cdx_write_before(w->a, i == 0, w->out);
    zhi_buf_adds(w->out, w->kept[w->a->closest ? i : n - 1 - i].line);
  }
}

static void write_end(struct walk *w) {
  const struct cdx_ask *a = w->a;
  bool arrays = a->output == CDX_AS_ARRAYS;
  if (a->wants_resume && w->more && a->limit > 0)
    zhi_buf_addf(w->out, arrays ? ",\n[],\n[\"%lld\"]" : "\n%lld\n", (long long)w->last_id);
  if (arrays)
    zhi_buf_adds(w->out, "]\n");
  if (a->output == CDX_AS_LINK && w->written)
    zhi_buf_addc(w->out, '\n');
}

static enum zhi_code walk(struct walk *w, struct zhi_store *s, struct zhi_err *e) {
  const struct cdx_ask *a = w->a;
  struct zhi_cdx_query q = {.from = zhi_buf_view(&a->from),
                            .to = zhi_buf_view(&a->to),
                            .from_ms = a->from_ms,
                            .to_ms = a->to_ms,
                            .after_id = a->after_id,
                            .reverse = a->reverse != (a->limit < 0)};
  for (size_t i = 0; i < CDX_COLLAPSE_MAX; i++)
    zhi_buf_init(&w->seen[i], LINE_MAX);
  if (a->output == CDX_AS_ARRAYS)
    zhi_buf_addc(w->out, '[');
  zhi_buf_init(&w->line, LINE_MAX);
  enum zhi_code rc = a->limit ? zhi_cdx_each(s, &q, on_row, w, e) : ZHI_OK;
  if (!rc && w->holds)
    rc = give(w, &w->held, e);
  if (rc == ZHI_EOF && w->more)
    rc = ZHI_OK;
  if (!rc) {
    write_kept(w);
    write_end(w);
    rc = flush(w, 0, e);
  }
  for (size_t i = 0; i < w->kept_count; i++)
    free(w->kept[i].line);
  free(w->kept);
  zhi_buf_release(&w->line);
  for (size_t i = 0; i < CDX_COLLAPSE_MAX; i++)
    zhi_buf_release(&w->seen[i]);
  return rc;
}

/* --- answering ------------------------------------------------------------------------------------------------------ */

struct job {
  struct cdx_ask *a;
  char *dir;
};

static void job_free(void *ctx) {
  struct job *j = ctx;
  cdx_ask_free(j->a);
  free(j->dir);
  free(j);
}

static enum zhi_code produce(void *ctx, struct serve_pipe *p, struct zhi_err *e) {
  struct job *j = ctx;
  struct zhi_buf out;
  struct zhi_store *s = NULL;
  zhi_buf_init(&out, OUT_BYTES + LINE_MAX);
  struct walk w = {.a = j->a, .out = &out, .pipe = p};
  enum zhi_code rc = zhi_store_open(j->dir, ZHI_STORE_READ, &zhi_clock_system, &s, e);
  if (!rc)
    rc = walk(&w, s, e);
  zhi_store_close(s);
  zhi_buf_release(&out);
  return rc;
}

static enum zhi_code stream(struct serve_call *c, struct cdx_ask *a, struct zhi_err *e) {
  struct job *j = calloc(1, sizeof *j);
  char *dir = j ? strdup(c->dir) : NULL;
  if (!dir) {
    free(j);
    cdx_ask_free(a);
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for an answer");
  }
  j->a = a;
  j->dir = dir;
  c->rs->cache = "no-store";
  c->rs->stream = (struct serve_stream){produce, job_free, j};
  return ZHI_OK;
}

static enum zhi_code answer(struct serve_call *c, bool is_search, struct zhi_err *e) {
  static const char *const types[] = {"text/x-cdxj; charset=utf-8", "text/x-ndjson; charset=utf-8",
                                      "application/json", "text/plain; charset=utf-8",
                                      "application/link-format"};
  struct cdx_ask *a = NULL;
  enum zhi_code rc = cdx_ask_read(c->rq, is_search, &a, e);
  if (rc)
    return rc;
  serve_set_header(c->rs, "Access-Control-Allow-Origin", ZHI_STR("*"));
  c->rs->type = types[a->output];
  if (a->count_pages) {
    c->rs->type = is_search ? "text/plain; charset=utf-8" : "application/json";
    zhi_buf_adds(&c->rs->body,
                 is_search ? "1\n" : "{\"blocks\": 1, \"pages\": 1, \"pageSize\": 1}\n");
  } else if (a->match != ZHI_CDX_EXACT && a->limit > 0) {
    return stream(c, a, e);
  } else {
    struct walk w = {.a = a, .out = &c->rs->body};
    rc = walk(&w, c->store, e);
  }
  cdx_ask_free(a);
  return rc;
}

enum zhi_code handle_cdx(struct serve_call *c, struct zhi_err *e) { return answer(c, false, e); }

enum zhi_code handle_cdx_search(struct serve_call *c, struct zhi_err *e) {
  return answer(c, true, e);
}
