/* What a list shows as a file, made by `export` itself while it is sent. XLSX is a zip whose directory comes last, so
 * it is made in a temporary file first. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "serve/download.h"
#include "serve/handlers.h"
#include "serve/index.h"
#include "zhi/export.h"

struct job {
  char *dir;
  enum zhi_export_format format;
  char *where[FILTER_VALUES_MAX], *from, *to;
  size_t where_count;
  struct serve_pipe *pipe;
};

static void job_free(void *ctx) {
  struct job *j = ctx;
  for (size_t i = 0; i < j->where_count; i++)
    free(j->where[i]);
  free(j->from);
  free(j->to);
  free(j->dir);
  free(j);
}

static enum zhi_code write_out(void *ctx, struct zhi_str bytes, struct zhi_err *e) {
  return serve_pipe_write(((struct job *)ctx)->pipe, bytes, e);
}

static bool is_broken(void *ctx) { return serve_pipe_broken(((struct job *)ctx)->pipe); }

static enum zhi_code run(struct job *j, const char *out, struct zhi_err *e) {
  struct zhi_export_done done;
  const char *archive = j->dir;
  struct zhi_export_options o = {.format = j->format,
                                 .where = (const char *const *)j->where,
                                 .where_count = j->where_count,
                                 .from = j->from,
                                 .to = j->to,
                                 .out = out,
                                 .write = out ? NULL : write_out,
                                 .stop = out ? is_broken : NULL,
                                 .ctx = j};
  return zhi_export(&archive, 1, &o, &done, e);
}

static enum zhi_code run_into(void *ctx, const char *path, struct zhi_err *e) {
  return run(ctx, path, e);
}

static enum zhi_code run_xlsx(struct job *j, struct zhi_err *e) {
  int fd = -1;
  enum zhi_code rc = download_make(run_into, j, &fd, e);
  if (rc)
    return rc;
  rc = download_send(fd, j->pipe, e);
  close(fd);
  return rc;
}

static enum zhi_code produce(void *ctx, struct serve_pipe *p, struct zhi_err *e) {
  struct job *j = ctx;
  j->pipe = p;
  return j->format == ZHI_EXPORT_XLSX ? run_xlsx(j, e) : run(j, NULL, e);
}

static char *copy_param(const struct serve_request *rq, const char *name) {
  struct zhi_str s = serve_param(rq, name);
  return s.len ? strndup(s.p, s.len) : NULL;
}

static enum zhi_code job_of(struct serve_call *c, const struct serve_filter *f,
                            enum zhi_export_format format, struct job **out, struct zhi_err *e) {
  struct job *j = calloc(1, sizeof *j);
  if (!j)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for an export");
  j->format = format;
  j->dir = strdup(c->dir);
  j->from = copy_param(c->rq, "from");
  j->to = copy_param(c->rq, "to");
  bool good = j->dir != NULL;
  for (size_t i = 0; i < f->want_count && good; i++) {
    good = asprintf(&j->where[i], "%s=%.*s", serve_facet_name[f->want[i].facet],
                    ZHI_STR_ARGS(f->want[i].value)) >= 0;
    j->where_count += good;
  }
  if (!good) {
    job_free(j);
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for an export");
  }
  *out = j;
  return ZHI_OK;
}

enum zhi_code handle_export(struct serve_call *c, struct zhi_err *e) {
  static const struct {
    const char *name, *type;
    enum zhi_export_format format;
  } files[] = {{"documents.csv", "text/csv; charset=utf-8; header=present", ZHI_EXPORT_CSV},
               {"documents.jsonl", "application/jsonl; charset=utf-8", ZHI_EXPORT_JSONL},
               {"documents.xlsx",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                ZHI_EXPORT_XLSX}};
  struct serve_filter f;
  struct job *j = NULL;
  struct zhi_str rest = c->rq->rest, name = zhi_str_cut(&rest, '?');
  size_t i = 0;
  while (i < 3 && !zhi_str_is(name, files[i].name))
    i++;
  if (i == 3)
    return zhi_fail(e, ZHI_EOF, "exports are documents.csv, documents.jsonl and documents.xlsx");
  enum zhi_code rc = serve_filter_read(c->rq, &f, e);
  if (!rc)
    rc = job_of(c, &f, files[i].format, &j, e);
  if (rc)
    return rc;
  c->rs->type = files[i].type;
  c->rs->cache = "no-store";
  c->rs->stream = (struct serve_stream){produce, job_free, j};
  char disposition[64];
  snprintf(disposition, sizeof disposition, "attachment; filename=\"%s\"", files[i].name);
  serve_set_header(c->rs, "Content-Disposition", zhi_str_of(disposition));
  return ZHI_OK;
}
