/* The frame of every page, and the pieces that several pages share. */
#ifndef ZHI_SERVE_PAGE_H
#define ZHI_SERVE_PAGE_H

#include <jansson.h>

#include "serve/html.h"
#include "zhi/json.h"

/* Head, navigation, <main>. `section`: the path of the navigation's row that we are in. */
struct html page_begin(const struct serve_request *rq, struct zhi_buf *out, const char *title,
                       const char *section);
void page_end(struct html *h, const struct serve_request *rq);

/* Members of a row; "" or 0 when missing or null. */
struct zhi_str row_str(const json_t *row, const char *name);
int64_t row_int(const json_t *row, const char *name);
/* "2026-11-24T08:59:00Z" as <time> in China's time, to the minute. Nothing when it is empty. */
void page_time(struct html *h, const char *iso);
/* The same as text alone. */
void page_minute(struct html *h, const char *iso);
/* The words of key PREFIX_VALUE; a value without words stands as it is. */
void page_words(struct html *h, const char *prefix, const char *value);
/* A coloured word: key PREFIX_VALUE; a value without words stands as it is. */
void page_badge(struct html *h, const char *prefix, const char *value);
/* One document of a list as <li>: a row with the members of ZHI_BROWSE_ROWS. */
void page_document_row(struct html *h, const json_t *row);
/* One change (zhi/changes.h) as <li>. */
void page_change(struct html *h, const json_t *change);
/* The request's query with one parameter set to `value` (NULL: left out) and `page` dropped, appended as "?…". */
void page_query(struct zhi_buf *out, const struct serve_request *rq, const char *name,
                struct zhi_str value);
/* The orders of a list as links; `now` is the one it has. Their words are sort_NAME. */
void page_sorts(struct html *h, const struct serve_request *rq, const char *const *names, int count,
                int now);
/* The pager below a list. */
void page_pager(struct html *h, const struct serve_request *rq, int64_t page, int64_t pages);
void page_bytes(struct html *h, int64_t bytes);

/* An array of changes as a feed. */
void answer_feed(struct serve_call *c, const json_t *changes);
/* JSON as the answer of an API call; takes the reference. */
enum zhi_code answer_json(struct serve_call *c, json_t *o, struct zhi_err *e);

#endif
