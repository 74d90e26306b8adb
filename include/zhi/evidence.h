/* Evidence: captures of a URL in a zip that anybody can check with a shell, sha256sum and gzip alone. Nothing of what is
 * taken down is packed. Thread: the handle's. */
#ifndef ZHI_EVIDENCE_H
#define ZHI_EVIDENCE_H

#include "zhi/digest.h"
#include "zhi/store.h"

enum { ZHI_EVIDENCE_TIMES_MAX = 50 };

struct zhi_evidence_options {
  const char *dir; /* the archive that the handle is of */
  struct zhi_str url;
  const struct zhi_str
      *times; /* as exact as they are given (zhi/compare.h); none: the latest capture */
  size_t time_count;
  size_t
      block_max; /* bytes of one response; this much and its copy are in memory for each capture */
};
struct zhi_evidence_done {
  size_t captures; /* none twice */
  char sums
      [ZHI_DIGEST_TEXT_SIZE]; /* the digest of SHA256SUMS, which vouches for everything in the zip */
};

/* Write the zip: beside its place first, then durably there. ZHI_EUSAGE: not a time, or too many; ZHI_EOF: never
 * captured, with the nearest URL that was; ZHI_EPARSE: a record cannot be read; ZHI_ELIMIT: larger than block_max;
 * ZHI_EIO, ZHI_ENOMEM. */
ZHI_NODISCARD enum zhi_code zhi_evidence(struct zhi_store *s, const struct zhi_evidence_options *o,
                                         const char *path, struct zhi_evidence_done *done,
                                         struct zhi_err *e);

#endif
