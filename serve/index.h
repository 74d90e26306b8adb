/* Index: of every document the values that lists are filtered, counted and sorted by, in memory, 64 bytes each, with
 * what the overview pages say of the archive as a whole. Made from the catalogue in a thread of its own, anew when that
 * has changed; readers hold the one they began with. The rows are those of `export`, so what a list shows is what its
 * export has. */
#ifndef ZHI_SERVE_INDEX_H
#define ZHI_SERVE_INDEX_H

#include <jansson.h>

#include "serve/http.h"

enum serve_facet {
  FACET_YEAR, /* not a value of its own: asked for by from and to */
  FACET_PUBLISHER,
  FACET_COLUMN,
  FACET_HOST,
  FACET_TOPIC,
  FACET_VALIDITY,
  FACET_KIND,
  FACET_STATE,
  FACET_COUNT
};
/* Parameter and field of the export, of each. */
extern const char *const serve_facet_name[FACET_COUNT];

enum serve_sort { SORT_DATE, SORT_DATE_UP, SORT_CAPTURED, SORT_URL, SORT_COUNT };
extern const char *const serve_sort_name[SORT_COUNT];

struct serve_row {
  int64_t id; /* version */
  int64_t captured_ms;
  int32_t day;                 /* yyyymmdd, missing parts 0; 0: no date */
  uint32_t place;              /* in the order of URL keys */
  uint32_t value[FACET_COUNT]; /* numbers of values */
};

struct serve_values { /* of one facet */
  struct zhi_str *name;
  size_t count, cap;
};

struct serve_index {
  struct serve_row *row; /* latest date first */
  uint32_t *by_captured, *by_url;
  size_t count, cap;
  struct serve_values values[FACET_COUNT];
  uint32_t *all[FACET_COUNT]; /* rows that have each value */
  struct zhi_buf strings;     /* of the values */
  struct zhi_buf name;        /* of the archive */
  json_t *
      overview; /* {"crawls","hosts","columns","months","recent","gone","aliases","captures","versions"} */
  int64_t generation, made_ms, took_ms;
  int holders; /* under the watch's lock */
  struct serve_watch *watch;
};

enum { FILTER_VALUES_MAX = 32, FACET_SHOWN = 200 };
struct serve_filter {
  struct {
    enum serve_facet facet;
    struct zhi_str value;
  } want[FILTER_VALUES_MAX];
  size_t want_count;
  int32_t from, to; /* days as in rows; 0: open */
  enum serve_sort sort;
};
struct serve_found {
  size_t total;
  int64_t *id; /* of the page */
  size_t count;
  uint32_t *counts[FACET_COUNT]; /* by value, as if the facet itself asked for nothing */
  size_t undated;                /* left out for want of a date alone */
};

/* Read the filter of a list from parameters. ZHI_EUSAGE. */
ZHI_NODISCARD enum zhi_code serve_filter_read(const struct serve_request *rq,
                                              struct serve_filter *f, struct zhi_err *e);
ZHI_NODISCARD enum zhi_code serve_index_find(const struct serve_index *x,
                                             const struct serve_filter *f, size_t offset,
                                             size_t limit, struct serve_found *out,
                                             struct zhi_err *e);
void serve_found_release(struct serve_found *f);

struct serve_watch;
/* Make the first index, start the thread that keeps it fresh, and the search index by `indexer` (may be NULL). Both
 * are borrowed. */
ZHI_NODISCARD enum zhi_code serve_watch_start(const char *dir, const char *const *indexer,
                                              struct serve_watch **out, struct zhi_err *e);
void serve_watch_stop(struct serve_watch *w);
const struct serve_index *serve_index_hold(struct serve_watch *w);
void serve_index_drop(const struct serve_index *x);

#endif
