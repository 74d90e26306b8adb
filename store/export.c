/* Export: the plan, the archives one after another, a sink for the format, the description beside the file. */
#include <stdio.h>
#include <stdlib.h>

#include "store/export.h"

struct run {
  struct export_plan plan;
  struct zhi_export_done *done;
  struct export_sink sink;
  struct zhi_store *s; /* the archive at hand */
  sqlite3_stmt *text;
  struct zhi_buf county, archive;
  json_t *sources;
  bool failed_writing;
};

/* --- one archive -------------------------------------------------------------------------------------------- */

static enum zhi_code text_of(struct run *r, int64_t capture, struct zhi_str *out,
                             struct zhi_err *e) {
  bool row = false;
  sqlite3_reset(r->text);
  zhi_bind_int(r->text, 1, capture);
  enum zhi_code rc = zhi_db_step(r->s, r->text, &row, e);
  *out = row ? zhi_col_str(r->text, 0) : ZHI_STR_NONE;
  return rc;
}

static enum zhi_code take_row(void *ctx, const struct zhi_str *cells, int64_t capture,
                              struct zhi_err *e) {
  struct run *r = ctx;
  struct export_plan *p = &r->plan;
  struct zhi_str all[EXPORT_COLUMN_MAX];
  bool undated;
  memcpy(all + EXPORT_ROW, cells, (p->text_column - EXPORT_ROW) * sizeof *all);
  all[EXPORT_COUNTY] = zhi_buf_view(&r->county);
  all[EXPORT_ARCHIVE] = zhi_buf_view(&r->archive);
  all[EXPORT_HOST] = p->needs_host ? export_host(cells[0]) : ZHI_STR_NONE;
  all[p->text_column] = ZHI_STR_NONE;
  enum zhi_code rc = p->needs_text ? text_of(r, capture, &all[p->text_column], e) : ZHI_OK;
  if (rc)
    return rc;
  if (!export_matches(p, all, &undated)) {
    r->done->undated += undated;
    return ZHI_OK;
  }
  if (p->o->stop && p->o->stop(p->o->ctx))
    return zhi_fail(e, ZHI_EIO, "the export was broken off");
  r->done->rows++;
  rc = r->sink.row(r->sink.ctx, all, e);
  r->failed_writing = rc != ZHI_OK;
  return rc;
}

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
  enum zhi_code rc =
      zhi_db_prepare(r->s, "SELECT name, config FROM crawl ORDER BY id DESC LIMIT 1", &st, e);
  if (!rc)
    rc = zhi_db_step(r->s, st, &row, e);
  export_name(&r->county, row ? zhi_col_text(st, 1) : "", folder);
  json_array_append_new(r->sources,
                        json_pack("{s:s, s:s, s:s?}", "title", zhi_buf_view(&r->county).p,
                                  "archive", zhi_buf_view(&r->archive).p, "crawl",
                                  row ? zhi_col_text(st, 0) : NULL));
  sqlite3_finalize(st);
  return rc;
}

static enum zhi_code read_archive(struct run *r, const char *dir, struct zhi_err *e) {
  struct zhi_rows_query q = {
      .wanted = r->plan.row, .latest = !r->plan.o->all_versions, .row = take_row, .ctx = r};
  enum zhi_code rc = name_archive(r, dir, e);
  if (!rc)
    rc = zhi_db_prepare(r->s, "SELECT text FROM document_text WHERE capture_id = ?1", &r->text, e);
  if (!rc)
    rc = zhi_rows_each(r->s, &q, e);
  sqlite3_finalize(r->text);
  r->text = NULL;
  return rc;
}

/* What is damaged is read as far as it goes, and told. */
static enum zhi_code take_archive(struct run *r, const char *dir, struct zhi_err *e) {
  enum zhi_code rc = zhi_store_open(dir, ZHI_STORE_READ, &zhi_clock_system, &r->s, e);
  if (rc)
    return rc;
  rc = read_archive(r, dir, e);
  zhi_store_close(r->s);
  r->s = NULL;
  if (rc != ZHI_EPARSE || r->failed_writing)
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

static enum zhi_code hand_end(void *ctx, enum zhi_code rc, struct zhi_err *e) {
  (void)ctx;
  (void)e;
  return rc;
}

static enum zhi_code open_sink(struct run *r, struct zhi_err *e) {
  if (r->plan.o->format == ZHI_EXPORT_ROWS) {
    r->sink = (struct export_sink){hand_row, hand_end, &r->plan};
    return ZHI_OK;
  }
  struct export_sink inner;
  enum zhi_code rc = (r->plan.o->format == ZHI_EXPORT_XLSX ? export_xlsx_open : export_text_open)(
      &r->plan, r->done, &inner, e);
  if (!rc && (rc = export_pipe_open(&r->plan, &inner, &r->sink, e)))
    rc = inner.end(inner.ctx, rc, e);
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
  r->sources = json_array();
  zhi_buf_init(&r->county, 4096);
  zhi_buf_init(&r->archive, 4096);
  enum zhi_code rc = export_plan(o, &r->plan, e);
  if (!rc)
    rc = open_sink(r, e);
  if (!rc) {
    for (size_t i = 0; i < count && !rc; i++)
      rc = take_archive(r, archives[i], e);
    rc = r->sink.end(r->sink.ctx, rc, e);
  }
  if (!rc && o->format != ZHI_EXPORT_ROWS && o->out && strcmp(o->out, "-") != 0)
    rc = export_describe(&r->plan, done, json_incref(r->sources), e);
  json_decref(r->sources);
  zhi_buf_release(&r->county);
  zhi_buf_release(&r->archive);
  free(r);
  return rc;
}
