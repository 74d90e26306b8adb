/* CDX: captures in the order of an index (URL key, time), for CDX server, Memento and replay. Only what has a record in
 * a WARC file; what is taken down is in no answer. Times are UTC milliseconds. Strings of a row live during the call
 * back. Errors: ZHI_EIO, ZHI_ENOMEM; what the call back returns ends the walk and is passed on. Thread: the handle's. */
#ifndef ZHI_CDX_H
#define ZHI_CDX_H

#include "zhi/request.h"
#include "zhi/store.h"

struct zhi_cdx_row {
  int64_t id, fetched_ms;
  struct zhi_str url_key, url, verdict, mime, digest, charset, charset_source, redirect_to,
      truncated;
  struct zhi_ask ask; /* what was asked beyond the URL: of a POST its body */
  int status;         /* 0: none */
  bool is_revisit;
  struct zhi_str
      warc_file; /* relative to the archive's warc folder, as are body_file and index names */
  int64_t offset, length;
  /* where the body is: the same place, or that of a revisit's original */
  struct zhi_str body_file;
  int64_t body_offset, body_length;
};
/* A redirect to its own key, as from http to https. */
bool zhi_cdx_leads_to_itself(const struct zhi_cdx_row *r);
typedef enum zhi_code zhi_cdx_fn(void *ctx, const struct zhi_cdx_row *r, struct zhi_err *e);

/* Keys of [from, to) and times of [from_ms, to_ms]; behind the row `after_id` (0: from the start). */
struct zhi_cdx_query {
  struct zhi_str from, to;
  int64_t from_ms, to_ms;
  int64_t after_id;
  bool reverse; /* last key first, latest first */
};
ZHI_NODISCARD enum zhi_code zhi_cdx_each(struct zhi_store *s, const struct zhi_cdx_query *q,
                                         zhi_cdx_fn *fn, void *ctx, struct zhi_err *e);

/* The keys that a URL (or its start, or a host) stands for, as pywb and OutbackCDX range them. */
enum zhi_cdx_match { ZHI_CDX_EXACT, ZHI_CDX_PREFIX, ZHI_CDX_HOST, ZHI_CDX_DOMAIN };
/* Appends the first key and the first one behind. */
void zhi_cdx_range(struct zhi_str url, enum zhi_cdx_match match, struct zhi_buf *from,
                   struct zhi_buf *to);

/* The capture of a key that replay shows for a time: the one of that second; else the nearest that says what the page
 * was, rather than a block page, a failure of the server or a redirect to the same key. Of several in one second the
 * one of exactly `url` is taken. *found false: no capture. `fn` is called once. */
ZHI_NODISCARD enum zhi_code zhi_cdx_closest(struct zhi_store *s, struct zhi_str url_key,
                                            struct zhi_str url, int64_t ms, zhi_cdx_fn *fn,
                                            void *ctx, bool *found, struct zhi_err *e);

#endif
