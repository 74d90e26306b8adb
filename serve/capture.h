/* A capture for replay: found by URL and time, its record read and checked. Thread: the call's. */
#ifndef ZHI_SERVE_CAPTURE_H
#define ZHI_SERVE_CAPTURE_H

#include "crawler/page.h"
#include "serve/http.h"
#include "zhi/cdx.h"

struct capture {
  struct zhi_arena arena; /* owns the row's strings */
  struct zhi_cdx_row row;
  struct zhi_str
      address;   /* what it is found and replayed by: its URL, of a POST with the body as a query */
  char time[16]; /* its 14 digits */
  struct zhi_record_page page; /* of the record that holds the body */
  struct zhi_record_page own;  /* of a revisit's own record: its head */
  const struct zhi_http_head *head;
  int status; /* 200 when the record says none */
  bool has_digest, digest_fits;
  int64_t record_end; /* in the file that is read: problems behind it are not this record's */
  char damage[256];   /* what is wrong with the record; "" when nothing is */
};
/* ZHI_EOF: never captured; the message names the nearest URL that was. Release in any case. */
ZHI_NODISCARD enum zhi_code capture_find(struct serve_call *c, struct zhi_str url, int64_t ms,
                                         struct capture *x, struct zhi_err *e);
/* Read its record and compare the digests. ZHI_EPARSE: the record is damaged. */
ZHI_NODISCARD enum zhi_code capture_load(struct serve_call *c, struct capture *x,
                                         struct zhi_err *e);
void capture_release(struct capture *x);
struct zhi_str capture_header(const struct capture *x, const char *name);
/* The charset that the body is in when neither its header nor itself declares one; the empty view otherwise. */
struct zhi_str capture_charset(const struct capture *x);
/* Where its redirect leads, absolute and without fragment, appended; nothing when it is none. */
void capture_target(const struct capture *x, struct zhi_buf *out);
/* The address of a row, appended. */
void capture_address(const struct zhi_cdx_row *r, struct zhi_buf *out);
/* Memento-Datetime and Link (RFC 7089) of this capture. */
void capture_memento(const struct serve_call *c, const struct capture *x);

#endif
