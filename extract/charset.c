/* Charset decision.
 *
 * One pass over the bytes counts, per candidate encoding, what is well-formed and what is not; the decision
 * is then a few comparisons. Chinese double-byte encodings accept nearly any bytes, so that "valid" alone
 * says little: GBK against Big5 (and Korean, Japanese, Western text) is told by where the characters fall.
 * Common Chinese characters sit in B0–D7 / A1–FE in GB 2312 (level 1) and in A4–C6 in Big5, whose trail
 * bytes are below 80 two times in five. */
#include "zhi/charset.h"

#include <stdint.h>
#include <string.h>

enum {
  SAMPLE_BYTES = 1024 * 1024, /* detection looks at so much; strict UTF-8 is judged on all */
  UTF16_SAMPLE = 4096,
  STRONG_UTF8 = 6 /* multi-byte sequences that cannot be chance */
};

/* --- counting -------------------------------------------------------------------------------------- */

struct utf8_count {
  size_t good, bad; /* multi-byte sequences; a sequence cut at the very end is not counted */
};

struct dbcs_count {
  size_t pairs, bad;
  size_t gb_common, big5_common, low_trail; /* see above; low_trail: trail byte under 80 */
  size_t sjis_kana, euc_kana, hangul;
};

/* Stops at `enough` well-formed sequences. */
static struct utf8_count count_utf8(struct zhi_str s, size_t enough) {
  struct utf8_count c = {0, 0};
  for (size_t i = 0; i < s.len && c.good < enough;) {
    if ((i = zhi_ascii_end(s, i)) == s.len)
      break;
    unsigned cp;
    size_t n = zhi_utf8_next(s.p + i, s.len - i, &cp);
    bool good = n > 1 && (cp != 0xFFFD || (n == 3 && memcmp(s.p + i, "\xEF\xBF\xBD", 3) == 0));
    if (good)
      c.good++;
    else if (i + n < s.len) /* what the end cut is nobody's fault */
      c.bad++;
    i += n;
  }
  return c;
}

static bool four_bytes(const unsigned char *p, size_t left) {
  return left >= 4 && p[1] >= 0x30 && p[1] <= 0x39 && p[2] >= 0x81 && p[2] <= 0xFE &&
         p[3] >= 0x30 && p[3] <= 0x39;
}

static void count_pair(struct dbcs_count *c, unsigned lead, unsigned trail) {
  c->pairs++;
  c->low_trail += trail < 0x80;
  c->gb_common += trail >= 0xA1 && ((lead >= 0xB0 && lead <= 0xD7) || lead == 0xA1 || lead == 0xA3);
  c->big5_common += (lead >= 0xA4 && lead <= 0xC6) || (lead == 0xA1 && trail < 0xA1);
  c->sjis_kana += (lead == 0x82 && trail >= 0x9F && trail <= 0xF1) ||
                  (lead == 0x83 && trail >= 0x40 && trail <= 0x96);
  c->euc_kana += (lead == 0xA4 || lead == 0xA5) && trail >= 0xA1 && trail <= 0xF6;
  c->hangul += lead >= 0xB0 && lead <= 0xC8 && trail >= 0xA1;
}

/* gb18030's framing, which contains GBK's, Big5's, EUC-KR's and EUC-JP's. */
static struct dbcs_count count_dbcs(struct zhi_str s) {
  struct dbcs_count c = {0};
  const unsigned char *p = (const unsigned char *)s.p;
  for (size_t i = 0; (i = zhi_ascii_end(s, i)) < s.len;) {
    if (i + 1 >= s.len)
      break; /* cut at the end */
    if (p[i] >= 0x81 && p[i] <= 0xFE && p[i + 1] >= 0x40 && p[i + 1] != 0x7F && p[i + 1] != 0xFF) {
      count_pair(&c, p[i], p[i + 1]);
      i += 2;
    } else if (p[i] >= 0x81 && p[i] <= 0xFE && four_bytes(p + i, s.len - i)) {
      c.pairs++;
      i += 4;
    } else {
      c.bad++;
      i++;
    }
  }
  return c;
}

/* The same framing, without the rest: how many characters, and how many of them are malformed. */
static size_t count_gb(struct zhi_str s, size_t *bad) {
  const unsigned char *p = (const unsigned char *)s.p;
  size_t good = 0;
  *bad = 0;
  for (size_t i = 0; (i = zhi_ascii_end(s, i)) < s.len;) {
    if (i + 1 >= s.len)
      break;
    bool lead = p[i] != 0x80 && p[i] != 0xFF;
    if (lead && p[i + 1] >= 0x40 && p[i + 1] != 0x7F && p[i + 1] != 0xFF) {
      good++;
      i += 2;
    } else if (lead && four_bytes(p + i, s.len - i)) {
      good++;
      i += 4;
    } else {
      ++*bad;
      i++;
    }
  }
  return good + *bad;
}

static bool is_gb(const struct zhi_encoding *enc) {
  const char *name = zhi_encoding_name(enc);
  return strcmp(name, "GBK") == 0 || strcmp(name, "gb18030") == 0;
}

static bool is_western(const struct zhi_encoding *enc) {
  return strcmp(zhi_encoding_name(enc), "windows-1252") == 0;
}

/* Do bytes under 80 mean ASCII whatever stands around them? */
static bool keeps_ascii(const struct zhi_encoding *enc) {
  const char *name = zhi_encoding_name(enc);
  return strncmp(name, "UTF-16", 6) != 0 && strcmp(name, "ISO-2022-JP") != 0 &&
         strcmp(name, "replacement") != 0;
}

static bool is_utf16(const struct zhi_encoding *enc) {
  return strncmp(zhi_encoding_name(enc), "UTF-16", 6) == 0;
}

/* --- detection ------------------------------------------------------------------------------------- */

/* UTF-16 without BOM: markup and digits leave zeros in every second byte. */
static const struct zhi_encoding *detect_utf16(struct zhi_str s) {
  size_t zeros[2] = {0, 0}, n = s.len < UTF16_SAMPLE ? s.len & ~(size_t)1 : UTF16_SAMPLE;
  for (size_t i = 0; i < n; i++)
    zeros[i & 1] += s.p[i] == 0;
  if (n < 4 || zeros[0] + zeros[1] < n / 20 + 2)
    return NULL;
  if (zeros[0] * 10 < zeros[1])
    return zhi_encoding_of(ZHI_STR("utf-16le"));
  if (zeros[1] * 10 < zeros[0])
    return zhi_encoding_of(ZHI_STR("utf-16be"));
  return NULL;
}

/* The double-byte encoding the counts speak for; NULL when they speak for none. */
static const struct zhi_encoding *detect_dbcs(const struct dbcs_count *c) {
  if (!c->pairs || c->bad * 20 > c->pairs)
    return NULL;
  if (c->sjis_kana * 4 > c->pairs)
    return zhi_encoding_of(ZHI_STR("shift_jis"));
  if (c->euc_kana * 4 > c->pairs)
    return zhi_encoding_of(ZHI_STR("euc-jp"));
  if (c->pairs >= 20 && c->hangul * 20 >= c->pairs * 19)
    return zhi_encoding_of(ZHI_STR("euc-kr"));
  if (c->big5_common > c->gb_common && c->low_trail * 8 > c->pairs)
    return zhi_encoding_of(ZHI_STR("big5"));
  return c->gb_common * 2 >= c->pairs ? zhi_gb18030 : NULL;
}

static struct zhi_charset detect(struct zhi_str bytes, const struct utf8_count *u8) {
  struct zhi_charset c = {.source = "detected"};
  struct zhi_str sample = zhi_str_sub(bytes, 0, SAMPLE_BYTES);
  struct dbcs_count db = count_dbcs(sample);
  if (u8->good && u8->good > u8->bad * 4) /* a broken or mixed page that is UTF-8 in the main */
    c.enc = zhi_utf8;
  else
    c.enc = detect_dbcs(&db);
  /* Half-Shift_JIS katakana and trail bytes that gb18030 does not frame leave `bad` high. */
  if (!c.enc && db.sjis_kana * 4 > db.pairs + db.bad && db.pairs > db.bad)
    c.enc = zhi_encoding_of(ZHI_STR("shift_jis"));
  if (!c.enc) {
    c.enc = zhi_encoding_of(ZHI_STR("windows-1252"));
    c.source = "default";
  }
  return c;
}

/* --- decision -------------------------------------------------------------------------------------- */

static size_t bom_of(struct zhi_str b, const struct zhi_encoding **enc) {
  if (b.len >= 3 && memcmp(b.p, "\xEF\xBB\xBF", 3) == 0) {
    *enc = zhi_utf8;
    return 3;
  }
  if (b.len >= 2 && memcmp(b.p, "\xFF\xFE", 2) == 0) {
    *enc = zhi_encoding_of(ZHI_STR("utf-16le"));
    return 2;
  }
  if (b.len >= 2 && memcmp(b.p, "\xFE\xFF", 2) == 0) {
    *enc = zhi_encoding_of(ZHI_STR("utf-16be"));
    return 2;
  }
  return 0;
}

/* Malformed sequences when `bytes` are read as `enc`; *of gets how many non-ASCII characters there are. */
static size_t malformed(const struct zhi_encoding *enc, struct zhi_str bytes,
                        const struct utf8_count *u8, size_t *of) {
  if (enc == zhi_utf8) {
    *of = u8->good + u8->bad;
    return u8->bad;
  }
  struct zhi_str sample = zhi_str_sub(bytes, 0, SAMPLE_BYTES);
  if (is_gb(enc)) {
    size_t bad;
    *of = count_gb(sample, &bad);
    return bad;
  }
  struct zhi_buf room;
  struct zhi_decode_stats st = {0, 0};
  zhi_buf_init(&room, sample.len * 4 + 16);
  enum zhi_code rc = zhi_decode(enc, sample, &room, &st, NULL);
  zhi_buf_release(&room);
  *of = st.non_ascii + st.replaced;
  return rc == ZHI_OK ? st.replaced : 0;
}

/* Does the declaration hold? It may be wrong in a few places (a GBK include in a UTF-8 page). */
static bool holds(const struct zhi_encoding *enc, struct zhi_str bytes,
                  const struct utf8_count *u8) {
  bool utf8_for_sure = u8->bad == 0 && u8->good >= STRONG_UTF8;
  if (utf8_for_sure && enc != zhi_utf8 && (is_gb(enc) || is_western(enc)))
    return false;
  if (is_utf16(enc)) /* a byte-wise page under a UTF-16 label: "charset=unicode" in a header */
    return bytes.len < 16 || memchr(bytes.p, 0, bytes.len) || !memchr(bytes.p, '<', bytes.len);
  size_t of, bad = malformed(enc, bytes, u8, &of);
  return bad == 0 || bad * 10 <= of;
}

static bool reads_well(const struct zhi_encoding *enc, struct zhi_str bytes,
                       const struct utf8_count *u8) {
  size_t of;
  return malformed(enc, bytes, u8, &of) == 0;
}

static struct zhi_charset by_declaration(struct zhi_str bytes, const struct utf8_count *u8,
                                         const struct zhi_encoding *header,
                                         const struct zhi_encoding *meta) {
  struct zhi_charset c = {.conflict =
                              header && meta && header != meta && !(is_gb(header) && is_gb(meta))};
  bool ascii = u8->good + u8->bad == 0;
  const struct zhi_encoding *first = header ? header : meta;
  const struct zhi_encoding *second = c.conflict ? meta : NULL;
  /* A server's default of ISO-8859-1 says less than the page's own word. */
  if (second && is_western(first) && !ascii && reads_well(second, bytes, u8))
    first = second;
  c.enc = first;
  bool held = ascii || holds(first, bytes, u8);
  if (!held && second && reads_well(second, bytes, u8)) {
    c.enc = second;
    held = holds(second, bytes, u8);
  }
  c.source = c.enc == header ? "header" : "meta";
  if (held)
    return c;
  c.conflict = true;
  if (u8->bad == 0 && u8->good) {
    c.enc = zhi_utf8;
    c.source = "utf8";
    return c;
  }
  struct zhi_charset found = detect(bytes, u8);
  size_t of, bad = malformed(c.enc, bytes, u8, &of);
  if (strcmp(found.source, "default") == 0 || found.enc == c.enc ||
      (!is_utf16(c.enc) && malformed(found.enc, bytes, u8, &of) >= bad))
    return c; /* nothing reads better */
  found.conflict = true;
  return found;
}

struct zhi_charset zhi_charset_decide(struct zhi_str bytes, struct zhi_str http_label) {
  struct zhi_charset c = {.source = "bom"};
  if (!bytes.p)
    bytes = ZHI_STR("");
  if ((c.bom = bom_of(bytes, &c.enc))) {
    struct zhi_str rest = zhi_str_sub(bytes, c.bom, bytes.len);
    c.utf8_clean = c.enc == zhi_utf8 && zhi_utf8_valid(rest, NULL);
    return c;
  }
  const struct zhi_encoding *header = http_label.p ? zhi_encoding_of(http_label) : NULL;
  const struct zhi_encoding *meta = zhi_charset_declared(bytes);
  bool clean = zhi_utf8_valid(bytes, NULL), zeros = memchr(bytes.p, 0, bytes.len) != NULL;
  const struct zhi_encoding *wide = zeros && !header ? detect_utf16(bytes) : NULL;
  if (wide)
    return (struct zhi_charset){.enc = wide, .source = "detected"};
  struct utf8_count u8 = count_utf8(bytes, clean ? STRONG_UTF8 : SIZE_MAX);
  if (header || meta) {
    c = by_declaration(bytes, &u8, header, meta);
  } else if (clean && u8.good) {
    c = (struct zhi_charset){.enc = zhi_utf8, .source = "utf8"};
  } else {
    c = detect(bytes, &u8);
  }
  c.utf8_clean = clean && (c.enc == zhi_utf8 || (!u8.good && keeps_ascii(c.enc)));
  return c;
}

enum zhi_code zhi_charset_text(const struct zhi_charset *c, struct zhi_str bytes,
                               struct zhi_buf *room, struct zhi_str *text, struct zhi_err *e) {
  if (c->utf8_clean) {
    *text = zhi_str_sub(bytes, c->bom, bytes.len);
    return ZHI_OK;
  }
  zhi_buf_clear(room);
  enum zhi_code rc = zhi_decode(c->enc, bytes, room, NULL, e);
  *text = zhi_buf_view(room);
  return rc;
}
