/* Page: the content of a WARC record, as extraction takes it. One reader for reextract, import and extract: codings
 * undone, whoever wrote the record. Thread: one owner. */
#ifndef ZHI_CRAWLER_PAGE_H
#define ZHI_CRAWLER_PAGE_H

#include "zhi/doc.h"
#include "zhi/store.h"
#include "zhi/warc.h"

struct zhi_record_page {
  struct zhi_page
      page; /* url, body, content_type, http_charset, cookie, status; views into the rest */
  struct zhi_http_head head; /* count 0 for resource records */
  char mime[128];            /* lower case; "" when there is none */
  struct zhi_str entity;     /* as stored, without transfer coding */
  bool is_textual;           /* page.body is set: content coding undone, worth extracting */
  const char *damage;        /* of the content coding: "limit" "truncated" "corrupt", or NULL */
  struct zhi_buf block, plain, body; /* memory, used again */
};

void zhi_record_page_init(struct zhi_record_page *p);
void zhi_record_page_release(struct zhi_record_page *p);
/* Read a response, revisit or resource record; `any_type`: as a page, whatever its media type. ZHI_EPARSE: no HTTP answer in it (a DNS record, say); ZHI_ELIMIT:
 * larger than is looked at. */
ZHI_NODISCARD enum zhi_code zhi_record_page_read(struct zhi_record_page *p,
                                                 const struct zhi_warc_record *r, bool any_type,
                                                 struct zhi_err *e);
/* A WARC file by its name in the catalogue, which a crawl may be writing (then it has another). */
ZHI_NODISCARD enum zhi_code zhi_archive_open_warc(const char *archive, struct zhi_str file,
                                                  const struct zhi_warc_reader_options *o,
                                                  struct zhi_warc_reader **out, struct zhi_err *e);
/* The records of captures, one WARC file open at a time. Begins with the archive's folder and zeros. */
struct zhi_record_source {
  const char *archive;
  struct zhi_warc_reader *reader;
  char file[192]; /* the reader's */
};
/* The record that has the capture's body; valid until the next call. ZHI_EOF, ZHI_EPARSE: there is none; ZHI_EIO. */
ZHI_NODISCARD enum zhi_code zhi_record_source_read(struct zhi_record_source *s,
                                                   const struct zhi_capture_ref *c,
                                                   struct zhi_warc_record *r, struct zhi_err *e);
void zhi_record_source_release(struct zhi_record_source *s);
/* May a body of this media type be a page? */
bool zhi_is_textual(const char *mime);

#endif
