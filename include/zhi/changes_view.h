/* A change, and views of changes. What a page said in one is taken for hostile. Thread: any. */
#ifndef ZHI_CHANGES_VIEW_H
#define ZHI_CHANGES_VIEW_H

#include <jansson.h>

#include "zhi/err.h"
#include "zhi/str.h"

/* The NULL view: none. The same members stand in its JSON (docs/formats.md, "Changes"). */
struct zhi_change {
  int64_t id, weight;
  struct zhi_str change, from, to, url, title, host, column, page, detail, detail_zh, watched,
      archive;
};

/* A new reference; NULL when out of memory. */
json_t *zhi_change_json(const struct zhi_change *c);
/* The other way; views of the object. */
struct zhi_change zhi_change_of_json(const json_t *o);

enum zhi_changes_format {
  ZHI_CHANGES_TEXT, /* a heading a group, then its changes */
  ZHI_CHANGES_CSV,  /* url,change,from,to,title,host,column,weight,detail (RFC 4180) */
  ZHI_CHANGES_ATOM, /* a feed (RFC 4287) */
  ZHI_CHANGES_JSON
};
/* One after the other, in the order they come: begin → put … → end, each of which appends to `out`. Between calls the
 * caller may take what is there and empty the buffer. */
struct zhi_changes_view {
  enum zhi_changes_format format;
  struct zhi_str
      name; /* of the archive: a feed's. Its ids are made of it and of what changed when, so that they are
                        * the same every time */
  struct zhi_buf *out;
  /* private */
  bool some;
  struct zhi_buf host, column; /* of the change before */
};
/* `updated`: when the feed last had news, ISO. */
void zhi_changes_begin(struct zhi_changes_view *v, struct zhi_str updated);
void zhi_changes_put(struct zhi_changes_view *v, const struct zhi_change *c);
void zhi_changes_end(struct zhi_changes_view *v);

/* When it was seen to be so: `to`, else `from`. */
struct zhi_str zhi_change_time(const struct zhi_change *c);

#endif
