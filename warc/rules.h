/* What ISO 28500 asks of a record's header, and digest checks (private to warc/). */
#ifndef ZHI_WARC_RULES_H
#define ZHI_WARC_RULES_H

#include "zhi/warc.h"

/* Tell one problem at `offset`. */
void zhi_warc_tell(const struct zhi_warc_reader_options *o, uint64_t offset, const char *code,
                   bool minor, const char *fmt, ...) ZHI_PRINTF(5, 6);
/* Header rules of the record's type; `length_ok`: Content-Length was well-formed. */
void zhi_warc_check_header(const struct zhi_warc_record *r,
                           const struct zhi_warc_reader_options *o);
/* Block and payload digests; `whole`: the block is complete and kept. */
ZHI_NODISCARD enum zhi_code zhi_warc_check_digests(const struct zhi_warc_record *r,
                                                   const struct zhi_warc_reader_options *o,
                                                   struct zhi_err *e);

#endif
