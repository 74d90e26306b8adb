/* Digests: sha256 as we write it (labelled lower hex), sha1 as others did (Base32), fast hashes. */
#ifndef ZHI_DIGEST_H
#define ZHI_DIGEST_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "zhi/str.h"

enum zhi_digest_kind { ZHI_SHA256, ZHI_SHA1, ZHI_MD5, ZHI_SHA512 };
enum { ZHI_DIGEST_TEXT_SIZE = 144 }; /* label, colon, hex of 64 bytes, NUL */

/* Running digest. Thread: one owner. */
struct zhi_digest {
  void *ctx;
  enum zhi_digest_kind kind;
};

ZHI_NODISCARD enum zhi_code zhi_digest_init(struct zhi_digest *d, enum zhi_digest_kind kind,
                                            struct zhi_err *e);
void zhi_digest_add(struct zhi_digest *d, const void *p, size_t n);
/* Raw bytes; returns how many. The digest is released. */
size_t zhi_digest_final(struct zhi_digest *d, unsigned char out[64]);
void zhi_digest_release(struct zhi_digest *d);

/* "sha256:" + 64 lower hex digits of raw bytes. */
void zhi_digest_sha256_text(const unsigned char raw[32], char out[ZHI_DIGEST_TEXT_SIZE]);
/* Whole-buffer form of the two above. ZHI_ENOMEM only. */
ZHI_NODISCARD enum zhi_code zhi_sha256_text(struct zhi_str data, char out[ZHI_DIGEST_TEXT_SIZE],
                                            struct zhi_err *e);
/* Read "sha1:BASE32", "sha1:hex", "sha256:hex", "md5:hex", "sha-256:…": kind and raw bytes.
 * false when the label or the encoding is unknown. */
bool zhi_digest_parse(struct zhi_str text, enum zhi_digest_kind *kind, unsigned char raw[64],
                      size_t *raw_len);

struct zhi_hash128 {
  uint64_t lo, hi;
};
/* XXH3: for in-memory tables and unique keys, not against an adversary who can choose collisions. */
struct zhi_hash128 zhi_hash128(struct zhi_str s);
uint64_t zhi_hash64(struct zhi_str s);
void zhi_hex(const unsigned char *p, size_t n, char *out); /* 2n + NUL */

/* Identifiers: random UUIDs (RFC 9562 version 4), or a counter for byte-exact tests. */
struct zhi_ids {
  uint64_t counter;     /* 0 = random */
  pthread_mutex_t lock; /* of the pool; zeros are a valid start */
  size_t left;
  unsigned char
      pool[1024]; /* random bytes drawn at once: a draw costs more than all else of an identifier */
};
enum { ZHI_UUID_SIZE = 37 };
void zhi_uuid(struct zhi_ids *ids, char out[ZHI_UUID_SIZE]);

#endif
