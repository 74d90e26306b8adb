/* The reader's state, and its part that ends records (private to warc/: reader.c, reader_end.c). All of it runs in the
 * thread that reads, and fails with what the file or memory fails with; damage is told, not failed for. */
#ifndef ZHI_WARC_READER_H
#define ZHI_WARC_READER_H

#include "warc/source.h"
#include "zhi/file.h"
#include "zhi/warc.h"

struct zhi_warc_reader {
  struct zhi_warc_reader_options o;
  struct source src;
  struct stream st;
  struct zhi_buf head;
  struct zhi_warc_header *fields;
  size_t field_cap;
  struct zhi_spool block;
  uint64_t at;        /* where the next record is looked for, when no stream is under way */
  bool under_way;     /* the stream may hold more records */
  unsigned in_member; /* records read from the current member */
  uint64_t seen;      /* records in all */
  bool told_many;
  unsigned rewinds;
  uint64_t rewound; /* bytes read again */
};

/* The block has been read, but for `missing` bytes that the stream did not have: is there a trailer behind it, or did it
 * swallow the next record? Then it is cut, and the stream begins anew there. block_at: the block's place in the stream. */
enum zhi_code zhi_reader_end_block(struct zhi_warc_reader *r, struct zhi_warc_record *rec,
                                   uint64_t block_at, uint64_t missing, struct zhi_err *e);
/* The record has been read: settle its length and where the next one is. */
enum zhi_code zhi_reader_end_record(struct zhi_warc_reader *r, struct zhi_warc_record *rec,
                                    struct zhi_err *e);
/* The stream has ended without a record. */
enum zhi_code zhi_reader_end_stream(struct zhi_warc_reader *r, struct zhi_err *e);

#endif
