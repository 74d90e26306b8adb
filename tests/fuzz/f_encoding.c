/* Decoders: the first byte picks the encoding, the rest is decoded. Output must be UTF-8, statistics must
 * agree with it, a small buffer must hold a beginning of it; encoders must take what comes out. */
#include <stdint.h>
#include <stdlib.h>

#include "zhi/encoding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const labels[] = {
    "utf-8",        "gbk",          "gb18030",      "big5",           "euc-kr",
    "shift_jis",    "euc-jp",       "iso-2022-jp",  "utf-16le",       "utf-16be",
    "latin1",       "windows-1258", "windows-1255", "x-user-defined", "replacement",
    "windows-1253", "macintosh",    "koi8-u"};

static void must(bool holds) {
  if (!holds)
    abort();
}

static void check_encoder(const struct zhi_encoding *enc, struct zhi_str text) {
  struct zhi_encoder coder;
  zhi_encoder_init(&coder, enc);
  for (size_t i = 0; i < text.len && i < 200;) {
    unsigned cp;
    char out[8];
    i += zhi_utf8_next(text.p + i, text.len - i, &cp);
    must(zhi_encoder_next(&coder, &cp, out) <= sizeof out);
  }
  zhi_encoder_release(&coder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct zhi_buf whole, small;
  struct zhi_decode_stats stats;
  if (!size)
    return 0;
  struct zhi_str in = zhi_str_n((const char *)data + 1, size - 1);
  zhi_encoding_of(in);
  const struct zhi_encoding *enc =
      zhi_encoding_of(zhi_str_of(labels[data[0] % (sizeof labels / sizeof *labels)]));
  zhi_buf_init(&whole, size * 4 + 64);
  zhi_buf_init(&small, size / 2);
  must(zhi_decode(enc, in, &whole, &stats, NULL) == ZHI_OK);
  must(zhi_utf8_valid(zhi_buf_view(&whole), NULL));
  must(stats.replaced + stats.non_ascii <= whole.len);
  if (zhi_decode(enc, in, &small, NULL, NULL) == ZHI_OK)
    must(zhi_str_eq(zhi_buf_view(&small), zhi_buf_view(&whole)));
  must(small.len <= size / 2);
  check_encoder(enc, zhi_buf_view(&whole));
  zhi_buf_release(&small);
  zhi_buf_release(&whole);
  return 0;
}
