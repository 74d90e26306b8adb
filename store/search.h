/* What the files of the search share: the index file and the marking of what was found. */
#ifndef ZHI_STORE_SEARCH_H
#define ZHI_STORE_SEARCH_H

#include "store/internal.h"
#include "store/search_query.h"
#include "zhi/json.h"
#include "zhi/search.h"

enum {
  SEARCH_FORMAT = 3, /* another: the index is made anew */
  SEARCH_MARKS_MAX = 128,
  SEARCH_TEXT_MAX_BYTES = 64 << 20 /* of one document, split */
};
#define SEARCH_FILE "search.db"

/* texts.c: the texts of attached files on a catalogue's handle (attached as texts); without texts.db there are none. */
struct search_texts {
  struct zhi_store *s;
  int64_t serial; /* grows with the texts; 0: none */
  sqlite3_stmt *of_url;
};
#define SEARCH_TEXTS_FILE "texts.db"
enum zhi_code search_texts_attach(struct zhi_store *s, struct search_texts *t, struct zhi_err *e);
void search_texts_release(struct search_texts *t);
/* Those of a document's attachments (JSON, as the catalogue has them), in order. */
enum zhi_code search_texts_each(struct search_texts *t, struct zhi_str attachments,
                                void (*fn)(void *ctx, const char *url, struct zhi_str digest,
                                           struct zhi_str text),
                                void *ctx, struct zhi_err *e);

/* search_file.c. A database of its own, for statements and errors as a catalogue's handle has them. */
enum zhi_code search_open_file(const char *path, int flags, struct zhi_store **out,
                               struct zhi_err *e);
/* Does the index say that it has all of this generation of the catalogue? `attached` on `s` as ix. */
enum zhi_code search_is_fresh(struct zhi_store *s, const struct search_texts *t, bool *out,
                              struct zhi_err *e);
/* Attach the index at `path` to the catalogue's handle as ix. ZHI_EPARSE: it is none of ours. */
enum zhi_code search_attach(struct zhi_store *s, const char *path, struct zhi_err *e);
/* The pairs of the index. */
enum zhi_code search_load_fold(struct zhi_store *s, struct zhi_fold *f, struct zhi_err *e);

/* search_index.c. Make an index anew at `path`, which is not there yet. */
enum zhi_code search_build(struct zhi_store *catalogue, const char *path,
                           struct zhi_search_done *done, struct zhi_err *e);
/* Make few changes in one transaction. `made` false: there is no index of this format, or there are too many. */
enum zhi_code search_update_in_place(struct zhi_store *catalogue, const char *path, bool *made,
                                     struct zhi_search_done *done, struct zhi_err *e);
/* The searched fields, a line each: what the column `fields` is made of. `first` is the column of the first. */
void search_fields_text(sqlite3_stmt *st, int first, struct zhi_buf *out);
extern const char search_fields_sql[]; /* d."…", … of all fields */

/* search_mark.c: the stretches of a text that the wanted terms of a plan match, in order, none overlapping. */
struct search_marks {
  struct {
    size_t from, to;
  } at[SEARCH_MARKS_MAX];
  size_t count;
};
void search_mark(struct zhi_fold *f, struct zhi_str text, const struct search_plan *p,
                 struct search_marks *out);
/* [[text, marked], …]: all of it, or at most about `max` bytes round the densest marks (0 = all). */
json_t *search_marked(struct zhi_str text, const struct search_marks *m, size_t max);

/* search_facets.c: how many hits have which value; of the years, too. Zeroed to begin with. */
enum { SEARCH_YEAR = SV_COUNT, SEARCH_FACETS };
struct search_facets {
  int64_t *count[SEARCH_FACETS]; /* by id of the value, of one archive at a time; by year */
  size_t cap[SEARCH_FACETS];
  json_t *named[SEARCH_FACETS]; /* {value: count} */
};
enum zhi_code search_facets_add(struct search_facets *f, const int32_t ids[SEARCH_FACETS],
                                struct zhi_err *e);
/* Turn the ids of one archive into values; counts begin anew for the next. */
enum zhi_code search_facets_name(struct search_facets *f, struct zhi_store *s, struct zhi_err *e);
/* {name: [{"value", "count"}]}, most first; years latest first. */
json_t *search_facets_json(const struct search_facets *f);
void search_facets_release(struct search_facets *f);

/* search_rows.c: what the index says of a version, by its id in `doc` and `grams`. */
struct search_row {
  int64_t id, url_id, version_id, captured_ms, last_ms;
  int32_t day;                  /* 20180305; 20180000 = of the year; 0 = none */
  int32_t facet[SEARCH_FACETS]; /* where they were asked for */
  bool latest;
};
struct search_rows {
  struct zhi_store *s;
  sqlite3_stmt *st;
  int64_t block; /* the one that is there */
  const unsigned char *rows, *facets;
};
/* Make `packed` of `doc` again, as far as it has changed; inside a transaction of the index. */
enum zhi_code search_rows_pack(struct zhi_store *ix, struct zhi_err *e);
/* `s`: the index attached as ix. Close it, also when this failed. */
enum zhi_code search_rows_open(struct zhi_store *s, bool facets, struct search_rows *out,
                               struct zhi_err *e);
/* Quick for ids that ascend. `live` false: the row has been dropped. */
enum zhi_code search_rows_get(struct search_rows *r, int64_t id, struct search_row *out, bool *live,
                              struct zhi_err *e);
void search_rows_close(struct search_rows *r);

/* One of the archives that are searched. */
struct search_archive {
  struct zhi_store *s;
  struct search_texts texts;
  struct zhi_fold *fold;
  char *name, *dir;
  bool stale;
};

/* A URL of which a version matches: its best one, and what is known of them all. Or one version, where all are asked
 * for. */
struct search_hit {
  int64_t key;                     /* of the URL, or of the row in `doc` */
  int64_t version_id, captured_ms; /* capture_id of the version; Unix time */
  int64_t first_ms, last_ms;       /* over the versions that match */
  double score;                    /* larger is better */
  int versions;
  bool latest; /* the latest version is among them */
  int32_t facet[SEARCH_FACETS];
  size_t archive; /* its index */
};

/* search_show.c. The statement that reads what is shown of a hit of this archive; finalize it. */
enum zhi_code search_show_prepare(struct search_archive *a, sqlite3_stmt **st, struct zhi_err *e);
/* One hit, appended to `results`; nothing when it has been taken down since the index was made. */
enum zhi_code search_show(struct search_archive *a, const struct search_plan *p, sqlite3_stmt *st,
                          const struct search_hit *h, json_t *results, struct zhi_err *e);

#endif
