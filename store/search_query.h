/* A query, read: what FTS5 is to match, what the rows must be, and which words to mark. */
#ifndef ZHI_STORE_SEARCH_QUERY_H
#define ZHI_STORE_SEARCH_QUERY_H

#include "store/split.h"
#include "zhi/arena.h"
#include "zhi/fields.h"

enum {
  SEARCH_QUERY_MAX_BYTES = 4096,
  SEARCH_TERMS_MAX = 64,
  SEARCH_FILTERS_MAX = 16,
  SEARCH_DEPTH_MAX = 16
};

/* Columns of the table `grams`. */
#define SEARCH_COLUMNS "title, body, fields, attachments"
/* `field_grams` has the words of fields, each behind the field's name and this, which is in no word. */
#define SEARCH_OF "_"
/* Fields that are searched as such: not the title, which has a column, nor the views, which every look changes. */
bool search_has_field(enum zhi_field f);

/* Values that the index keeps apart, a column of `doc` each: to filter by and to count. */
enum search_value { SV_HOST, SV_PUBLISHER, SV_TOPIC, SV_VALIDITY, SV_KIND, SV_COLUMN, SV_COUNT };
extern const char *const search_value_name[SV_COUNT];

struct search_filter {
  enum { SEARCH_BY_VALUE, SEARCH_BY_DATE, SEARCH_BY_FIELD } by;
  enum search_value value; /* BY_VALUE */
  enum zhi_field field;    /* BY_FIELD */
  struct zhi_str
      text; /* BY_VALUE: folded, it stands in the value; BY_FIELD: for FTS5, of field_grams */
  char from[11], to[11]; /* BY_DATE; "" = open */
};

/* Words that stand one behind the other. */
struct search_term {
  struct zhi_str *words;
  size_t count;
  bool prefix; /* the last one only begins a word */
  bool wanted; /* not behind NOT */
};

struct search_plan {
  struct zhi_str match;  /* for FTS5; "" = every row */
  struct zhi_str except; /* for FTS5, where `match` is empty: rows that are not wanted; "" = none */
  struct search_filter filter[SEARCH_FILTERS_MAX];
  size_t filter_count;
  struct search_term term[SEARCH_TERMS_MAX];
  size_t term_count;
};

/* Strings are the arena's, which has no escape. ZHI_EUSAGE: malformed, an unknown field; ZHI_ENOMEM. */
enum zhi_code search_query_read(struct zhi_fold *f, struct zhi_str query, struct zhi_arena *a,
                                struct search_plan *out, struct zhi_err *e);

#endif
