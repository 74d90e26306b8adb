/* Writing record headers (private to warc/): names and order in one place. */
#ifndef ZHI_WARC_RECORD_H
#define ZHI_WARC_RECORD_H

#include "zhi/warc.h"

/* The names of WARC-Type, by enum zhi_warc_type ("unknown" for the last). */
const char *zhi_warc_type_name(enum zhi_warc_type t);
enum zhi_warc_type zhi_warc_type_of(struct zhi_str name);

/* Header fields of one record; empty views are left out. */
struct record_fields {
  enum zhi_warc_type type;
  const char *record_id;
  struct zhi_str warcinfo_id, concurrent_to, url, ip, protocol, tls_version, cipher_suite;
  struct zhi_str profile, refers_to, refers_to_uri, truncated, filename, content_type;
  const char *refers_to_date; /* NULL: none */
  const char *date;
  const char *block_digest, *payload_digest; /* "" or NULL: none */
  uint64_t block_bytes;
};
/* "WARC/1.1" to the blank line, appended. Values are made one line of printable text. */
void zhi_warc_record_head(const struct record_fields *f, struct zhi_buf *out);
/* A WARC-Date: whole seconds without a fraction, else milliseconds (WARC 1.1 6.1.4). */
void zhi_warc_date(int64_t ms, char out[ZHI_ISO_SIZE]);
/* "<urn:uuid:…>" */
void zhi_warc_new_id(struct zhi_ids *ids, char out[48]);
/* Text as one header value: control bytes become spaces. `uri`: they, spaces, <> and non-ASCII
 * become %XX. */
void zhi_warc_value(struct zhi_str s, bool uri, struct zhi_buf *out);

/* A warcinfo record as one gzip member, appended to *out. */
ZHI_NODISCARD enum zhi_code zhi_warc_pack_info(struct zhi_warc_packer *p, const char *record_id,
                                               const char *filename, int64_t date_ms,
                                               struct zhi_str fields, struct zhi_spool *out,
                                               struct zhi_err *e);

#endif
