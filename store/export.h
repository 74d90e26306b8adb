/* What the files of the export share: the plan (columns, conditions) and the sinks, one a format. */
#ifndef ZHI_STORE_EXPORT_H
#define ZHI_STORE_EXPORT_H

#include "store/internal.h"
#include "zhi/export.h"

enum {
  EXPORT_COUNTY,
  EXPORT_ARCHIVE,
  EXPORT_HOST,
  EXPORT_ROW, /* from here on the columns of zhi_columns, then the text */
  EXPORT_COLUMN_MAX = ZHI_COLUMN_MAX + EXPORT_ROW + 1,
  EXPORT_WHERE_MAX = 64,
  EXPORT_DATES = 5,
  EXPORT_OUT_BYTES = 64 * 1024,
  EXPORT_ROW_MAX_BYTES = 1 << 28
};

enum export_kind {
  EXPORT_TEXT,
  EXPORT_INTEGER,
  EXPORT_TIME, /* YYYY-MM-DDThh:mm:ssZ */
  EXPORT_DATE, /* by its precision, perhaps with a time of China, perhaps raw text */
  EXPORT_JSON  /* text that is JSON */
};

struct export_where {
  size_t column;
  struct zhi_str value;
};

struct export_plan {
  const struct zhi_export_options *o;
  struct zhi_column column[EXPORT_COLUMN_MAX];
  enum export_kind kind[EXPORT_COLUMN_MAX];
  size_t column_count, text_column;
  size_t out[EXPORT_COLUMN_MAX]; /* columns written, in order */
  size_t out_count;
  struct export_where where[EXPORT_WHERE_MAX];
  size_t where_count;
  char from[11], to[11];                 /* "" = open */
  size_t date[EXPORT_DATES], date_count; /* columns they look at, the first that is a date counts */
  bool row[ZHI_COLUMN_MAX];              /* columns of zhi_columns that are needed */
  bool needs_text, needs_host;           /* the same of the others */
};

/* ZHI_EUSAGE: an unknown field, a date that is none. */
enum zhi_code export_plan(const struct zhi_export_options *o, struct export_plan *p,
                          struct zhi_err *e);
/* "http://user@host:port/…" → "host" */
struct zhi_str export_host(struct zhi_str url);
/* The archive's name, appended: what its config (JSON, may be "") says, else that of its folder. */
void export_name(struct zhi_buf *out, const char *config_json, struct zhi_str folder);
/* A day, month or year as a person gives it to `flag`: "2018", "2018-03", "2018-03-29"; NULL leaves `out`.
 * ZHI_EUSAGE: it is none. */
enum zhi_code export_read_date(const char *flag, const char *text, char out[11], struct zhi_err *e);
/* The first that is a day, month or year; the NULL view when none is. */
struct zhi_str export_first_day(const struct zhi_str *dates, size_t count);
/* Does the row meet the conditions? *undated: only its missing date speaks against it. */
bool export_matches(const struct export_plan *p, const struct zhi_str *cells, bool *undated);

/* One format. `cells` are those of plan->column, by index; only those wanted are filled. */
struct export_sink {
  enum zhi_code (*row)(void *ctx, const struct zhi_str *cells, struct zhi_err *e);
  /* Finish with `rc`, release; the file is there when ZHI_OK comes back. */
  enum zhi_code (*end)(void *ctx, enum zhi_code rc, struct zhi_err *e);
  void *ctx;
};
enum zhi_code export_text_open(const struct export_plan *p, struct zhi_export_done *done,
                               struct export_sink *out, struct zhi_err *e);
enum zhi_code export_xlsx_open(const struct export_plan *p, struct zhi_export_done *done,
                               struct export_sink *out, struct zhi_err *e);

/* Hand one row to a sink, and count it. ZHI_EIO: the caller broke the export off. */
enum zhi_code export_put(const struct export_plan *p, struct zhi_export_done *done,
                         const struct export_sink *sink, const struct zhi_str *cells,
                         struct zhi_err *e);

/* export_pipe.c: rows on their way to the thread that owns `inner`, in lanes, each with a thread of its own that fills
 * it. The writer takes the lanes in turn, from lane 0 on, until each passes the turn to the next. `done` is the
 * writer's until the end. */
struct export_pipe;
enum { EXPORT_LANES = 2 };
enum zhi_code export_pipe_open(const struct export_plan *p, struct zhi_export_done *done,
                               const struct export_sink *inner, struct export_pipe **out,
                               struct zhi_err *e);
/* The columns written of one row. ZHI_EIO: the writer failed; the end has the cause. */
enum zhi_code export_pipe_row(struct export_pipe *x, size_t lane, const struct zhi_str *cells,
                              struct zhi_err *e);
/* A row was left out for want of a date. */
enum zhi_code export_pipe_undated(struct export_pipe *x, size_t lane, struct zhi_err *e);
/* The lane's turn is over. `cut`: it could not be read to its end, and so the rows of all later turns are dropped, up to
 * and with that which is the `last` of its archive. */
enum zhi_code export_pipe_pass(struct export_pipe *x, size_t lane, bool cut, bool last,
                               struct zhi_err *e);
/* All lanes are done. Ends `inner` with `rc`, or with what the writer failed of. */
enum zhi_code export_pipe_end(struct export_pipe *x, enum zhi_code rc, struct zhi_err *e);

/* export_read.c: the rows of one archive, to the pipe; or to `sink`, where there is no pipe. */
struct export_source {
  const struct export_plan *p;
  struct zhi_export_done *done; /* of `sink` */
  const struct export_sink *sink;
  struct export_pipe *pipe;
  struct zhi_store *s;
  struct zhi_str county, archive; /* cells of every row */
  size_t lane;                    /* whose turn it is; moved on */
  bool failed_writing;            /* what came back is of the writing, not of the archive */
};
enum zhi_code export_read(struct export_source *x, struct zhi_err *e);

/* Put the file's description into the datapackage.json of its folder. `sources`: array, stolen. */
enum zhi_code export_describe(const struct export_plan *p, const struct zhi_export_done *done,
                              json_t *sources, struct zhi_err *e);

#endif
