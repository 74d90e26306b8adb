/* Encodings by their WHATWG names (https://encoding.spec.whatwg.org): labels, decoding, query encoding.
 *
 * Decoding goes through iconv with the fixes WHATWG asks for (gb2312 and gbk decode as gb18030, latin1 is
 * windows-1252, …). Malformed input becomes U+FFFD, never an error. Thread: any; no shared state. */
#ifndef ZHI_ENCODING_H
#define ZHI_ENCODING_H

#include <stdbool.h>
#include <stdint.h>

#include "zhi/str.h"

struct zhi_encoding; /* one row of the static table */

/* The encoding a label names (trimmed, case-insensitive); NULL when WHATWG does not know it. With the wild
 * spellings of government pages tolerated too: utf8, gb_2312-80, "UTF-8\"" with a stray quote, unicode. */
const struct zhi_encoding *zhi_encoding_of(struct zhi_str label);
/* WHATWG's name: "UTF-8", "GBK", "gb18030", "windows-1252", … */
const char *zhi_encoding_name(const struct zhi_encoding *enc);
extern const struct zhi_encoding *const zhi_utf8;
extern const struct zhi_encoding *const zhi_gb18030;

struct zhi_decode_stats {
  size_t replaced;  /* malformed sequences, each written as one U+FFFD */
  size_t non_ascii; /* code points over 7F written, U+FFFD not counted */
};
/* Append `in` decoded to UTF-8 to `out`; a leading BOM of the encoding is dropped. `stats` may be NULL.
 * ZHI_ELIMIT/ZHI_ENOMEM when `out` is full (what fits is there); ZHI_EIO when this system's iconv lacks the
 * encoding. */
ZHI_NODISCARD enum zhi_code zhi_decode(const struct zhi_encoding *enc, struct zhi_str in,
                                       struct zhi_buf *out, struct zhi_decode_stats *stats,
                                       struct zhi_err *e);

/* Encodes a run of code points: the converter is opened once. Owned by the caller: init, next…,
 * release. */
struct zhi_encoder {
  const struct zhi_encoding *enc;
  void *cd;        /* iconv_t, or NULL until it is needed */
  uint16_t *table; /* of a single-byte encoding, NULL until it is needed */
};
/* `enc` NULL = UTF-8. Allocates nothing yet. */
void zhi_encoder_init(struct zhi_encoder *c, const struct zhi_encoding *enc);
/* Bytes written to out; 0 when there is no form for *cp, which is then set to the code point to report
 * (U+FFFD where the standard says so, else unchanged). */
size_t zhi_encoder_next(struct zhi_encoder *c, unsigned *cp, char out[8]);
void zhi_encoder_release(struct zhi_encoder *c);

/* Is text for this encoding sent as UTF-8 (UTF-8, UTF-16, replacement)? WHATWG "get an output encoding". */
bool zhi_encoding_is_unicode(const struct zhi_encoding *enc);
/* Does ASCII text not always stand for itself (ISO-2022-JP)? */
bool zhi_encoding_is_stateful(const struct zhi_encoding *enc);

#endif
