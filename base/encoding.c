/* Decoding and encoding by the Encoding Standard.
 *
 * UTF-8 that is well-formed costs one validation and one memcpy. Multi-byte encodings go to iconv in the
 * largest pieces it takes; where it stops, the standard's rule for that decoder says how many bytes one
 * U+FFFD stands for (an ASCII byte that breaks a sequence off is kept). Single-byte encodings become a
 * table of 128 code points first, because iconv knows no C1 bytes in Windows code pages and composes
 * Vietnamese. Where glibc and the standard disagree, the rows of `amended` hold. */
#include "zhi/encoding.h"

#include <errno.h>
#include <iconv.h>

#include "base/encoding_internal.h"

static const iconv_t no_iconv = (iconv_t)-1;

struct decoder {
  const struct zhi_encoding *enc;
  struct zhi_buf *out;
  size_t replaced;
  bool full; /* the cap of `out` was reached */
};

/* Append text; of what does not fit, whole characters up to the cap. */
static void add(struct decoder *d, const char *p, size_t n) {
  size_t left = d->out->max - d->out->len;
  if (n <= left || d->out->failed) {
    zhi_buf_add(d->out, p, n);
    return;
  }
  while (left && ((unsigned char)p[left] & 0xC0) == 0x80)
    left--;
  zhi_buf_add(d->out, p, left);
  d->full = true;
  d->out->failed = 1;
}

static void replace(struct decoder *d) {
  add(d, "\xEF\xBF\xBD", 3);
  d->replaced++;
}

/* --- UTF-8, UTF-16 ------------------------------------------------------------------------------------- */

static void decode_utf8(struct decoder *d, struct zhi_str in) {
  while (in.len) {
    size_t good;
    if (zhi_utf8_valid(in, &good)) {
      add(d, in.p, in.len);
      return;
    }
    unsigned cp;
    add(d, in.p, good);
    good += zhi_utf8_next(in.p + good, in.len - good, &cp);
    replace(d);
    in = zhi_str_sub(in, good, in.len);
    if (d->out->failed)
      return;
  }
}

static void decode_utf16(struct decoder *d, struct zhi_str in) {
  const unsigned char *p = (const unsigned char *)in.p;
  bool big = d->enc == &zhi_encodings[ENC_UTF_16BE];
  unsigned lead = 0;
  size_t i = 0;
  for (; i + 1 < in.len && !d->out->failed; i += 2) {
    unsigned unit = big ? (unsigned)(p[i] << 8 | p[i + 1]) : (unsigned)(p[i + 1] << 8 | p[i]);
    bool trail = unit >= 0xDC00 && unit <= 0xDFFF;
    if (lead && trail) {
      zhi_buf_add_utf8(d->out, 0x10000 + ((lead - 0xD800) << 10) + (unit - 0xDC00));
      lead = 0;
      continue;
    }
    if (lead)
      replace(d);
    lead = unit >= 0xD800 && unit <= 0xDBFF ? unit : 0;
    if (trail)
      replace(d);
    else if (!lead)
      zhi_buf_add_utf8(d->out, unit);
  }
  if (lead || i < in.len)
    replace(d);
}

/* --- one byte a character ---------------------------------------------------------------------------- */

/* Bytes that the standard maps otherwise than glibc. */
static const struct {
  int id;
  unsigned char byte;
  uint16_t cp;
} amended[] = {
    {ENC_KOI8_U, 0xAE, 0x45E},          {ENC_KOI8_U, 0xBE, 0x40E},
    {ENC_MACINTOSH, 0xC6, 0x2206},      {ENC_MACINTOSH, 0xF0, 0xF8FF},
    {ENC_X_MAC_CYRILLIC, 0xFF, 0x20AC}, {ENC_WINDOWS_1255, 0xCA, 0x5BA},
};

bool zhi_single_byte_table(const struct zhi_encoding *enc, uint16_t table[128]) {
  memset(table, 0, 128 * sizeof *table);
  if (enc->kind == KIND_USER) {
    for (unsigned i = 0; i < 128; i++)
      table[i] = (uint16_t)(0xF780 + i);
    return true;
  }
  iconv_t cd = iconv_open("UTF-16LE", enc->iconv);
  if (cd == no_iconv)
    return false;
  for (unsigned i = 0; i < 128; i++) {
    char in = (char)(0x80 + i), *from = &in;
    unsigned char unit[8];
    char *to = (char *)unit;
    size_t from_len = 1, to_len = sizeof unit;
    iconv(cd, NULL, NULL, NULL, NULL);
    bool ok = iconv(cd, &from, &from_len, &to, &to_len) != (size_t)-1 &&
              iconv(cd, NULL, NULL, &to, &to_len) != (size_t)-1;
    if (ok && to_len == sizeof unit - 2)
      table[i] = (uint16_t)(unit[1] << 8 | unit[0]);
    else if (i < 0x20)
      table[i] = (uint16_t)(0x80 + i); /* a C1 control passes */
  }
  iconv_close(cd);
  for (size_t i = 0; i < sizeof amended / sizeof *amended; i++)
    if (enc == &zhi_encodings[amended[i].id])
      table[amended[i].byte - 0x80] = amended[i].cp;
  return true;
}

static bool decode_single(struct decoder *d, struct zhi_str in) {
  uint16_t table[128];
  if (!zhi_single_byte_table(d->enc, table))
    return false;
  for (size_t i = 0; i < in.len && !d->out->failed;) {
    size_t run = i;
    while (run < in.len && (unsigned char)in.p[run] < 0x80)
      run++;
    add(d, in.p + i, run - i);
    for (i = run; i < in.len && (unsigned char)in.p[i] >= 0x80; i++) {
      unsigned cp = table[(unsigned char)in.p[i] - 0x80];
      if (cp)
        zhi_buf_add_utf8(d->out, cp);
      else
        replace(d);
    }
  }
  return true;
}

/* --- several bytes a character, through iconv ------------------------------------------------------------ */

static inline bool in_range(unsigned c, unsigned low, unsigned high) {
  return c >= low && c <= high;
}

static bool is_lead(enum encoding_kind kind, unsigned c) {
  switch (kind) {
  case KIND_SHIFT_JIS: return in_range(c, 0x81, 0x9F) || in_range(c, 0xE0, 0xFC);
  case KIND_EUC_JP: return c == 0x8E || c == 0x8F || in_range(c, 0xA1, 0xFE);
  case KIND_ISO_2022_JP: return false;
  default: return in_range(c, 0x81, 0xFE);
  }
}

/* How many of the bytes at p, which iconv refused, the standard's decoder takes before it emits an error. */
static size_t bad_length(enum encoding_kind kind, const unsigned char *p, size_t n) {
  if (!is_lead(kind, p[0]))
    return 1;
  if (n == 1)
    return 1;
  bool gb = kind == KIND_GBK || kind == KIND_GB18030;
  if (gb && in_range(p[1], 0x30, 0x39)) { /* a sequence of four */
    if (n == 2 || (n == 3 && in_range(p[2], 0x81, 0xFE)))
      return n;
    if (!in_range(p[2], 0x81, 0xFE))
      return 1;
    return in_range(p[3], 0x30, 0x39) ? 4 : 1;
  }
  if (kind == KIND_EUC_JP && p[0] == 0x8F && in_range(p[1], 0xA1, 0xFE))
    return n == 2 || p[2] < 0x80 ? 2 : 3;
  return p[1] < 0x80 ? 1 : 2;
}

/* What iconv refused at p: consumes it and appends what the standard says. */
static size_t decode_refused(struct decoder *d, const char *s, size_t n) {
  const unsigned char *p = (const unsigned char *)s;
  enum encoding_kind kind = d->enc->kind;
  if (p[0] == 0x80 && (kind == KIND_GBK || kind == KIND_GB18030)) {
    zhi_buf_add_utf8(d->out, 0x20AC);
    return 1;
  }
  if (p[0] == 0x80 && kind == KIND_SHIFT_JIS) {
    zhi_buf_add_utf8(d->out, 0x80);
    return 1;
  }
  if (kind == KIND_SHIFT_JIS && n > 1 && in_range(p[0], 0xF0, 0xF9) &&
      (in_range(p[1], 0x40, 0x7E) || in_range(p[1], 0x80, 0xFC))) {
    zhi_buf_add_utf8(d->out, 0xE000 + (p[0] - 0xF0u) * 188 + p[1] - (p[1] < 0x7F ? 0x40u : 0x41u));
    return 2;
  }
  replace(d);
  return bad_length(kind, p, n);
}

/* GB A3A0 is an ideographic space to the standard; glibc makes U+E5E5 of it. */
static void amend_gb_space(struct zhi_buf *out, size_t from) {
  while (from < out->len) {
    char *at = memchr(out->p + from, 0xEE, out->len - from); /* rare: private use */
    if (!at)
      return;
    if (memcmp(at, "\xEE\x97\xA5", 3) == 0)
      memcpy(at, "\xE3\x80\x80", 3);
    from = (size_t)(at - out->p) + 3;
  }
}

/* Convert as much as iconv takes; *in moves on. false: `out` is full. */
static bool convert_run(struct decoder *d, iconv_t cd, char **in, size_t *in_len, int *why) {
  struct zhi_buf *out = d->out;
  for (;;) {
    size_t want = *in_len + *in_len / 2 + 32;
    size_t left = out->max - out->len;
    if (want > left)
      want = left;
    if (!zhi_buf_reserve(out, want))
      return false;
    char *to = out->p + out->len;
    size_t room = want;
    size_t n = iconv(cd, in, in_len, &to, &room);
    *why = n == (size_t)-1 ? errno : 0;
    /* Big5 keeps a letter back that a mark may follow: let it go before a U+FFFD, too */
    if (*why == 0 || (*why != E2BIG && d->enc->kind == KIND_BIG5))
      iconv(cd, NULL, NULL, &to, &room);
    out->len = (size_t)(to - out->p);
    out->p[out->len] = '\0';
    if (*why != E2BIG)
      return true;
    if (want == left) {
      d->full = true;
      out->failed = 1;
      return false;
    }
  }
}

/* Bytes up to one that glibc takes for a C1 control and the standard for an error; such a byte is never the
 * second of a pair. */
static size_t run_length(enum encoding_kind kind, const char *s, size_t n) {
  const unsigned char *p = (const unsigned char *)s;
  size_t i = 0;
  if (kind == KIND_BIG5)
    while (i < n && p[i] != 0x80)
      i++;
  else if (kind == KIND_EUC_JP)
    while (i < n && !(in_range(p[i], 0x80, 0xA0) && p[i] != 0x8E && p[i] != 0x8F))
      i++;
  else
    return n;
  return i;
}

static bool decode_multi(struct decoder *d, struct zhi_str in) {
  enum encoding_kind kind = d->enc->kind;
  iconv_t cd = iconv_open("UTF-8", d->enc->iconv);
  if (cd == no_iconv)
    return false;
  size_t start = d->out->len, left = in.len;
  char *p = (char *)in.p; /* iconv does not write to its input */
  while (left && !d->out->failed) {
    int why = 0;
    size_t run = run_length(kind, p, left), rest = run;
    if (run && !convert_run(d, cd, &p, &rest, &why))
      break;
    left -= run - rest;
    if (!left)
      break;
    size_t n = decode_refused(d, p, left);
    p += n;
    left -= n;
  }
  iconv_close(cd);
  if (kind == KIND_GBK || kind == KIND_GB18030)
    amend_gb_space(d->out, start);
  return true;
}

/* --- the whole --------------------------------------------------------------------------------------------- */

static struct zhi_str without_bom(const struct zhi_encoding *enc, struct zhi_str in) {
  const char *bom = enc->kind == KIND_UTF8                ? "\xEF\xBB\xBF"
                    : enc == &zhi_encodings[ENC_UTF_16BE] ? "\xFE\xFF"
                    : enc == &zhi_encodings[ENC_UTF_16LE] ? "\xFF\xFE"
                                                          : "";
  return zhi_str_starts(in, bom) ? zhi_str_sub(in, strlen(bom), in.len) : in;
}

static size_t count_non_ascii(const char *p, size_t n) {
  size_t count = 0;
  for (size_t i = 0; i < n; i++)
    count += (unsigned char)p[i] >= 0xC0;
  for (const char *q = p; (q = memmem(q, n - (size_t)(q - p), "\xEF\xBF\xBD", 3)); q += 3)
    count--;
  return count;
}

enum zhi_code zhi_decode(const struct zhi_encoding *enc, struct zhi_str in, struct zhi_buf *out,
                         struct zhi_decode_stats *stats, struct zhi_err *e) {
  struct decoder d = {.enc = enc, .out = out};
  size_t start = out->len;
  bool ok = true;
  if (in.len)
    in = without_bom(enc, in);
  switch (enc->kind) {
  case KIND_UTF8: decode_utf8(&d, in); break;
  case KIND_UTF16: decode_utf16(&d, in); break;
  case KIND_REPLACEMENT:
    if (in.len)
      replace(&d);
    break;
  case KIND_SINGLE:
  case KIND_USER: ok = decode_single(&d, in); break;
  default: ok = decode_multi(&d, in); break;
  }
  if (stats)
    *stats = (struct zhi_decode_stats){
        .replaced = d.replaced, .non_ascii = count_non_ascii(out->p + start, out->len - start)};
  if (!ok)
    return zhi_fail(e, ZHI_EIO, "no converter for encoding '%s' on this system", enc->name);
  if (d.full)
    return zhi_fail(e, ZHI_ELIMIT, "decoded text is larger than %zu bytes", out->max);
  return zhi_buf_check(out, "decoded text", e);
}
