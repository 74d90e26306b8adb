/* The CDX server's private parts: what was asked, which rows pass, how a row is written. */
#ifndef ZHI_SERVE_CDX_H
#define ZHI_SERVE_CDX_H

#include <stdbool.h>

#include "serve/http.h"
#include "zhi/cdx.h"

enum cdx_field {
  CDX_URLKEY,
  CDX_TIMESTAMP,
  CDX_URL,
  CDX_MIME,
  CDX_STATUS,
  CDX_DIGEST,
  CDX_REDIRECT,
  CDX_ROBOT,
  CDX_LENGTH,
  CDX_OFFSET,
  CDX_FILENAME,
  CDX_CHARSET,
  CDX_ORIG_LENGTH,
  CDX_ORIG_OFFSET,
  CDX_ORIG_FILENAME,
  CDX_METHOD,
  CDX_REQUEST_BODY,
  CDX_FIELD_COUNT
};
enum cdx_output {
  CDX_AS_CDXJ,
  CDX_AS_NDJSON, /* an object a line: pywb's json */
  CDX_AS_ARRAYS, /* an array of arrays with a header row: the Internet Archive's json */
  CDX_AS_TEXT,
  CDX_AS_LINK
};
enum { CDX_FILTERS_MAX = 16, CDX_COLLAPSE_MAX = 4, CDX_PATTERN_MAX = 256 };

struct cdx_filter {
  enum cdx_field field;
  bool negated;
  enum { CDX_CONTAINS, CDX_EQUALS, CDX_MATCHES } how;
  char *text;
  struct pcre2_real_code_8 *pattern;
};

/* One row's values, as text; "" when there is none. */
struct cdx_values {
  struct zhi_str v[CDX_FIELD_COUNT];
  char time[16], status[12], number[4][24];
  struct zhi_buf address; /* of a POST: the URL that it is indexed and replayed by */
};

struct cdx_ask {
  bool is_search; /* asked in the Internet Archive's way (/cdx/search/cdx) */
  enum zhi_cdx_match match;
  struct zhi_buf from, to; /* keys */
  int64_t from_ms, to_ms, closest_ms, after_id, limit, offset;
  bool reverse, closest, wants_resume, count_pages;
  bool resolves, omits_self_redirects, collapses_to_last;
  enum cdx_output output;
  enum cdx_field fields[CDX_FIELD_COUNT];
  size_t field_count; /* 0: the output's own */
  struct cdx_filter filter[CDX_FILTERS_MAX];
  size_t filter_count;
  struct {
    enum cdx_field field;
    size_t chars; /* 0: all */
  } collapse[CDX_COLLAPSE_MAX];
  size_t collapse_count;
  struct zhi_buf url, base; /* as asked; of the server: for link-format */
};

/* ZHI_EUSAGE says what is wrong with which parameter. */
enum zhi_code cdx_ask_read(const struct serve_request *rq, bool is_search, struct cdx_ask **out,
                           struct zhi_err *e);
void cdx_ask_free(struct cdx_ask *a);
bool cdx_field_of(struct zhi_str name, enum cdx_field *out);
/* The name in pywb's vocabulary. */
const char *cdx_field_name(enum cdx_field f);

/* Release what it is set to. */
void cdx_values_of(const struct cdx_ask *a, const struct zhi_cdx_row *r, struct cdx_values *v);
void cdx_values_release(struct cdx_values *v);
bool cdx_passes(const struct cdx_ask *a, const struct cdx_values *v);
/* Append the row. */
void cdx_write(const struct cdx_ask *a, const struct cdx_values *v, struct zhi_buf *out);
/* Append what stands before a row: between two of them, or at the head of the answer. */
void cdx_write_before(const struct cdx_ask *a, bool first, struct zhi_buf *out);

#endif
