/* Encoders: code points to bytes, for the query of a URL in a page that is not UTF-8.
 *
 * The standard's encoders know less than iconv's: GBK has no four-byte forms, Big5 none of the Hong Kong
 * rows, EUC-JP no JIS X 0212. What iconv gives is judged by its shape. */
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>

#include "base/encoding_internal.h"

static const iconv_t no_iconv = (iconv_t)-1;

void zhi_encoder_init(struct zhi_encoder *c, const struct zhi_encoding *enc) {
  *c = (struct zhi_encoder){.enc = enc ? enc : zhi_utf8};
}

void zhi_encoder_release(struct zhi_encoder *c) {
  if (c->cd && c->cd != no_iconv)
    iconv_close(c->cd);
  free(c->table);
  zhi_encoder_init(c, c->enc);
}

static size_t encode_utf8(unsigned cp, char out[8]) {
  struct zhi_buf b;
  zhi_buf_init(&b, 4);
  zhi_buf_add_utf8(&b, cp);
  size_t n = b.failed ? 0 : b.len;
  memcpy(out, b.p, n);
  zhi_buf_release(&b);
  return n;
}

static size_t encode_single(struct zhi_encoder *c, unsigned cp, char out[8]) {
  if (!c->table) {
    c->table = calloc(128, sizeof *c->table);
    if (!c->table || !zhi_single_byte_table(c->enc, c->table))
      return 0;
  }
  for (unsigned i = 0; i < 128; i++)
    if (c->table[i] == cp) {
      out[0] = (char)(0x80 + i);
      return 1;
    }
  return 0;
}

/* The code points that the Japanese encoders fold into others before they look them up. */
static unsigned fold_japanese(enum encoding_kind kind, unsigned cp, char out[8]) {
  if (kind == KIND_SHIFT_JIS && cp == 0x80)
    out[0] = (char)0x80;
  else if (kind != KIND_ISO_2022_JP && cp == 0xA5)
    out[0] = 0x5C;
  else if (kind != KIND_ISO_2022_JP && cp == 0x203E)
    out[0] = 0x7E;
  else
    return cp == 0x2212 ? 0xFF0D : cp;
  return 0;
}

static size_t by_iconv(struct zhi_encoder *c, unsigned cp, char out[8]) {
  if (!c->cd)
    c->cd = iconv_open(c->enc->iconv, "UTF-8");
  if (c->cd == no_iconv)
    return 0;
  char utf8[8], *from = utf8, *to = out;
  size_t from_len = encode_utf8(cp, utf8), to_len = 8;
  iconv(c->cd, NULL, NULL, NULL, NULL);
  if (!from_len || iconv(c->cd, &from, &from_len, &to, &to_len) == (size_t)-1 ||
      iconv(c->cd, NULL, NULL, &to, &to_len) == (size_t)-1)
    return 0;
  return 8 - to_len;
}

/* Is this a form that the standard's encoder gives? */
static bool is_allowed(enum encoding_kind kind, const char *out, size_t n) {
  unsigned char lead = (unsigned char)out[0];
  switch (kind) {
  case KIND_GBK: return n == 2;
  case KIND_BIG5: return n == 2 && lead >= 0xA1;
  case KIND_EUC_JP: return n == 2 && lead != 0x8F;
  case KIND_SHIFT_JIS: return n <= 2 && !(n == 2 && lead >= 0xF0 && lead <= 0xF9);
  default: return n > 0;
  }
}

static size_t encode_multi(struct zhi_encoder *c, unsigned cp, char out[8]) {
  enum encoding_kind kind = c->enc->kind;
  if (kind == KIND_GBK && cp == 0x20AC) {
    out[0] = (char)0x80;
    return 1;
  }
  if ((kind == KIND_GBK || kind == KIND_GB18030) && cp == 0xE5E5)
    return 0; /* its bytes decode as something else */
  if (kind == KIND_EUC_JP || kind == KIND_SHIFT_JIS || kind == KIND_ISO_2022_JP)
    cp = fold_japanese(kind, cp, out);
  if (!cp)
    return 1;
  size_t n = by_iconv(c, cp, out);
  return n && is_allowed(kind, out, n) ? n : 0;
}

size_t zhi_encoder_next(struct zhi_encoder *c, unsigned *cp, char out[8]) {
  bool escapes = *cp == 0x0E || *cp == 0x0F || *cp == 0x1B;
  if (c->enc->kind == KIND_ISO_2022_JP && escapes) {
    *cp = 0xFFFD; /* would open a gap for attacks (13.2.2) */
    return 0;
  }
  if (*cp < 0x80) {
    out[0] = (char)*cp;
    return 1;
  }
  if (zhi_encoding_is_unicode(c->enc))
    return encode_utf8(*cp, out);
  if (c->enc->kind == KIND_SINGLE || c->enc->kind == KIND_USER)
    return encode_single(c, *cp, out);
  return encode_multi(c, *cp, out);
}
