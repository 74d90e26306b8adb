/* What the packing of evidence and its page share. Private to crawler/. */
#ifndef ZHI_CRAWLER_EVIDENCE_H
#define ZHI_CRAWLER_EVIDENCE_H

#include <jansson.h>

#include "zhi/arena.h"
#include "zhi/compare.h"
#include "zhi/evidence.h"

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
  const struct zhi_evidence_options *o;
  struct zhi_arena *arena;
  struct zhi_buf name; /* of the archive */
  char made[ZHI_ISO_SIZE];
  struct evidence_capture captures[ZHI_EVIDENCE_TIMES_MAX];
  size_t count;
  json_t *comparisons; /* of each capture with the one before */
  unsigned long lost;  /* zhi_json_lost() before any of it */
};

/* Write the zip; `sums` as in zhi_evidence_done. */
ZHI_NODISCARD enum zhi_code evidence_write(struct evidence *v, const char *path,
                                           char sums[ZHI_DIGEST_TEXT_SIZE], struct zhi_err *e);
/* The page for people; evidence_page.c. */
void evidence_page(const struct evidence *v, struct zhi_buf *out);
/* The same for programs, a new reference. */
json_t *evidence_manifest(const struct evidence *v);
extern const char evidence_verify_script[];

#endif
