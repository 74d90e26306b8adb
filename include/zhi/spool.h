/* Spool: bytes of unknown length; in memory up to a threshold, beyond it in an unlinked temporary file.
 *
 * Needed because a WARC record's length precedes its body. A spool is capped: an append that would
 * pass `max_bytes` returns ZHI_ELIMIT and keeps what was there (the caller marks the capture
 * truncated). Thread: one owner at a time; moving a pointer moves ownership. */
#ifndef ZHI_SPOOL_H
#define ZHI_SPOOL_H

#include <stdint.h>

#include "zhi/str.h"

struct zhi_spool {
  struct zhi_buf mem;
  const char *dir; /* borrowed; where the temporary file goes */
  size_t mem_max;  /* bytes kept in memory */
  uint64_t max_bytes;
  uint64_t len; /* bytes in all */
  int fd;       /* -1 while in memory */
};

/* `dir` must outlive the spool. Allocates nothing. */
void zhi_spool_init(struct zhi_spool *s, const char *dir, size_t mem_max, uint64_t max_bytes);
/* ZHI_ELIMIT: the part that fits was appended, the rest was not. ZHI_EIO, ZHI_ENOMEM: nothing was. */
ZHI_NODISCARD enum zhi_code zhi_spool_add(struct zhi_spool *s, const void *p, size_t n,
                                          struct zhi_err *e);
/* Read up to n bytes at `offset`; *got = 0 at the end. */
ZHI_NODISCARD enum zhi_code zhi_spool_read(const struct zhi_spool *s, uint64_t offset, void *p,
                                           size_t n, size_t *got, struct zhi_err *e);
/* All bytes as one view when they are in memory; the NULL view when they are in the file. */
struct zhi_str zhi_spool_view(const struct zhi_spool *s);
/* Append all bytes (at most `max`) to `out`. */
ZHI_NODISCARD enum zhi_code zhi_spool_slurp(const struct zhi_spool *s, size_t max,
                                            struct zhi_buf *out, struct zhi_err *e);
/* Empty, ready for reuse; closes the file. */
void zhi_spool_clear(struct zhi_spool *s);
void zhi_spool_release(struct zhi_spool *s);

#endif
