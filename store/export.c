/* Export: the plan, the archives one after another, a sink for the format, the description beside the file. */
#include <stdio.h>
#include <stdlib.h>

#include "store/export.h"

struct run {
  struct export_plan plan;
  struct zhi_export_done *done;
  struct export_sink sink;
  struct export_source source; /* the archive at hand */
  struct zhi_buf county, archive;
  json_t *sources;
};

enum zhi_code export_put(const struct export_plan *p, struct zhi_export_done *done,
                         const struct export_sink *sink, const struct zhi_str *cells,
                         struct zhi_err *e) {
  if (p->o->stop && p->o->stop(p->o->ctx))
    return zhi_fail(e, ZHI_EIO, "the export was broken off");
  done->rows++;
  return sink->row(sink->ctx, cells, e);
}

/* --- one archive -------------------------------------------------------------------------------------------- */

/* The county's name, from the last crawl's config; else the folder's. */
static enum zhi_code name_archive(struct run *r, const char *dir, struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  bool row = false;
  struct zhi_str folder = zhi_str_of(dir);
  while (folder.len > 1 && folder.p[folder.len - 1] == '/')
    folder.len--;
  zhi_buf_clear(&r->county);
  zhi_buf_clear(&r->archive);
  zhi_buf_addstr(&r->archive, folder);
  enum zhi_code rc = zhi_db_prepare(
      r->source.s, "SELECT name, config FROM crawl ORDER BY id DESC LIMIT 1", &st, e);
  if (!rc)
    rc = zhi_db_step(r->source.s, st, &row, e);
  export_name(&r->county, row ? zhi_col_text(st, 1) : "", folder);
  json_array_append_new(r->sources,
                        json_pack("{s:s, s:s, s:s?}", "title", zhi_buf_view(&r->county).p,
                                  "archive", zhi_buf_view(&r->archive).p, "crawl",
                                  row ? zhi_col_text(st, 0) : NULL));
  sqlite3_finalize(st);
  return rc;
}

/* What is damaged is read as far as it goes, and told. */
static enum zhi_code take_archive(struct run *r, const char *dir, struct zhi_err *e) {
  struct export_source *x = &r->source;
  enum zhi_code rc = zhi_store_open(dir, ZHI_STORE_READ, &zhi_clock_system, &x->s, e);
  if (!rc)
    rc = name_archive(r, dir, e);
  if (!rc) {
    x->county = zhi_buf_view(&r->county);
    x->archive = zhi_buf_view(&r->archive);
    rc = export_read(x, e);
  }
  zhi_store_close(x->s);
  x->s = NULL;
  if (rc != ZHI_EPARSE || x->failed_writing)
    return rc;
  r->done->damaged++;
  if (r->plan.o->warn)
    r->plan.o->warn(r->plan.o->ctx, e ? e->msg : dir);
  return ZHI_OK;
}

/* --- rows for a caller ---------------------------------------------------------------------------------------- */

static enum zhi_code hand_row(void *ctx, const struct zhi_str *cells, struct zhi_err *e) {
  const struct export_plan *p = ctx;
  struct zhi_str chosen[EXPORT_COLUMN_MAX];
  for (size_t i = 0; i < p->out_count; i++)
    chosen[i] = cells[p->out[i]];
  return p->o->row(p->o->ctx, chosen, e);
}

static enum zhi_code open_writer(struct run *r, struct zhi_err *e) {
  if (r->plan.o->format == ZHI_EXPORT_ROWS) {
    r->sink = (struct export_sink){hand_row, NULL, &r->plan};
    return ZHI_OK;
  }
  enum zhi_code rc = (r->plan.o->format == ZHI_EXPORT_XLSX ? export_xlsx_open : export_text_open)(
      &r->plan, r->done, &r->sink, e);
  if (!rc && (rc = export_pipe_open(&r->plan, r->done, &r->sink, &r->source.pipe, e)))
    rc = r->sink.end(r->sink.ctx, rc, e);
  return rc;
}

/* --- the whole ------------------------------------------------------------------------------------------------ */

enum zhi_code zhi_export(const char *const *archives, size_t count,
                         const struct zhi_export_options *o, struct zhi_export_done *done,
                         struct zhi_err *e) {
  struct run *r = calloc(1, sizeof *r);
  if (!r)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for an export");
  *done = (struct zhi_export_done){0};
  r->done = done;
  r->source = (struct export_source){.p = &r->plan, .done = done, .sink = &r->sink};
  r->sources = json_array();
  zhi_buf_init(&r->county, 4096);
  zhi_buf_init(&r->archive, 4096);
  enum zhi_code rc = export_plan(o, &r->plan, e);
  if (!rc)
    rc = open_writer(r, e);
  if (!rc) {
    for (size_t i = 0; i < count && !rc; i++)
      rc = take_archive(r, archives[i], e);
    if (r->source.pipe)
      rc = export_pipe_end(r->source.pipe, rc, e);
  }
  if (!rc && o->format != ZHI_EXPORT_ROWS && o->out && strcmp(o->out, "-") != 0)
    rc = export_describe(&r->plan, done, json_incref(r->sources), e);
  json_decref(r->sources);
  zhi_buf_release(&r->county);
  zhi_buf_release(&r->archive);
  free(r);
  return rc;
}
