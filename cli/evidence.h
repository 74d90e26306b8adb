/* Evidence: captures packed so that others can check them with sha256sum and gzip alone. */
#ifndef ZHI_CLI_EVIDENCE_H
#define ZHI_CLI_EVIDENCE_H

#include <jansson.h>

#include "zhi/arena.h"
#include "zhi/compare.h"

enum { EVIDENCE_MAX = 50 };

struct evidence_capture {
  struct zhi_shown c;
  /* from its WARC record; the arena's, "" when not told */
  struct zhi_str date, ip, protocol, cipher, payload_digest, block_digest;
  struct zhi_str response_head, request, metadata;
  bool digest_fits; /* record and body were compared with their digests, and agree */
  bool has_original;
};

struct evidence {
  struct zhi_store *store;
  const char *dir;
  struct zhi_arena *arena;
  struct zhi_buf name; /* of the archive */
  char made[25];       /* ISO time */
  struct evidence_capture captures[EVIDENCE_MAX];
  size_t count;
  json_t *comparisons; /* of each capture with the one before */
};

/* Write the zip: ZHI_EIO, ZHI_EPARSE (a record cannot be read), ZHI_ELIMIT, ZHI_ENOMEM. `sums`: the digest of
 * SHA256SUMS, which vouches for everything in it. */
ZHI_NODISCARD enum zhi_code evidence_write(struct evidence *v, const char *path,
                                           char sums[ZHI_DIGEST_TEXT_SIZE], struct zhi_err *e);
/* The page for people; evidence_page.c. */
void evidence_page(const struct evidence *v, struct zhi_buf *out);
/* The same for programs, a new reference. */
json_t *evidence_manifest(const struct evidence *v);
extern const char evidence_verify_script[];

#endif
