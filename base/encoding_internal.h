/* The table of encodings, shared by encoding.c and encoding_table.c. Private to base/. */
#ifndef ZHI_BASE_ENCODING_INTERNAL_H
#define ZHI_BASE_ENCODING_INTERNAL_H

#include <stdint.h>

#include "zhi/encoding.h"

enum encoding_kind {
  KIND_UTF8,
  KIND_UTF16,
  KIND_SINGLE, /* one byte a character; the upper half is asked of iconv */
  KIND_USER,   /* x-user-defined */
  KIND_REPLACEMENT,
  KIND_GBK, /* from here on: bytes below 80 are ASCII, lead bytes follow, iconv converts */
  KIND_GB18030,
  KIND_BIG5,
  KIND_EUC_KR,
  KIND_EUC_JP,
  KIND_SHIFT_JIS,
  KIND_ISO_2022_JP
};

struct zhi_encoding {
  const char *name;
  const char *iconv; /* NULL: done without */
  enum encoding_kind kind;
};

/* X(id, WHATWG name, kind, iconv's name) */
/* clang-format off */
#define ENC_TABLE(X) \
  X(UTF_8, "UTF-8", UTF8, NULL) \
  X(IBM866, "IBM866", SINGLE, "IBM866") \
  X(ISO_8859_2, "ISO-8859-2", SINGLE, "ISO-8859-2") \
  X(ISO_8859_3, "ISO-8859-3", SINGLE, "ISO-8859-3") \
  X(ISO_8859_4, "ISO-8859-4", SINGLE, "ISO-8859-4") \
  X(ISO_8859_5, "ISO-8859-5", SINGLE, "ISO-8859-5") \
  X(ISO_8859_6, "ISO-8859-6", SINGLE, "ISO-8859-6") \
  X(ISO_8859_7, "ISO-8859-7", SINGLE, "ISO-8859-7") \
  X(ISO_8859_8, "ISO-8859-8", SINGLE, "ISO-8859-8") \
  X(ISO_8859_8_I, "ISO-8859-8-I", SINGLE, "ISO-8859-8") \
  X(ISO_8859_10, "ISO-8859-10", SINGLE, "ISO-8859-10") \
  X(ISO_8859_13, "ISO-8859-13", SINGLE, "ISO-8859-13") \
  X(ISO_8859_14, "ISO-8859-14", SINGLE, "ISO-8859-14") \
  X(ISO_8859_15, "ISO-8859-15", SINGLE, "ISO-8859-15") \
  X(ISO_8859_16, "ISO-8859-16", SINGLE, "ISO-8859-16") \
  X(KOI8_R, "KOI8-R", SINGLE, "KOI8-R") \
  X(KOI8_U, "KOI8-U", SINGLE, "KOI8-U") \
  X(MACINTOSH, "macintosh", SINGLE, "MACINTOSH") \
  X(WINDOWS_874, "windows-874", SINGLE, "CP874") \
  X(WINDOWS_1250, "windows-1250", SINGLE, "CP1250") \
  X(WINDOWS_1251, "windows-1251", SINGLE, "CP1251") \
  X(WINDOWS_1252, "windows-1252", SINGLE, "CP1252") \
  X(WINDOWS_1253, "windows-1253", SINGLE, "CP1253") \
  X(WINDOWS_1254, "windows-1254", SINGLE, "CP1254") \
  X(WINDOWS_1255, "windows-1255", SINGLE, "CP1255") \
  X(WINDOWS_1256, "windows-1256", SINGLE, "CP1256") \
  X(WINDOWS_1257, "windows-1257", SINGLE, "CP1257") \
  X(WINDOWS_1258, "windows-1258", SINGLE, "CP1258") \
  X(X_MAC_CYRILLIC, "x-mac-cyrillic", SINGLE, "MAC-CYRILLIC") \
  X(GBK, "GBK", GBK, "GB18030") \
  X(GB18030, "gb18030", GB18030, "GB18030") \
  X(BIG5, "Big5", BIG5, "BIG5-HKSCS") \
  X(EUC_JP, "EUC-JP", EUC_JP, "EUC-JP-MS") \
  X(ISO_2022_JP, "ISO-2022-JP", ISO_2022_JP, "ISO-2022-JP") \
  X(SHIFT_JIS, "Shift_JIS", SHIFT_JIS, "CP932") \
  X(EUC_KR, "EUC-KR", EUC_KR, "UHC") \
  X(REPLACEMENT, "replacement", REPLACEMENT, NULL) \
  X(UTF_16BE, "UTF-16BE", UTF16, NULL) \
  X(UTF_16LE, "UTF-16LE", UTF16, NULL) \
  X(X_USER_DEFINED, "x-user-defined", USER, NULL)
/* clang-format on */

enum encoding_id {
#define X(id, name, kind, iconv) ENC_##id,
  ENC_TABLE(X)
#undef X
      ENC_COUNT
};

extern const struct zhi_encoding zhi_encodings[ENC_COUNT];

/* The upper half of a single-byte encoding: code points of bytes 80–FF, 0 where there is none. */
bool zhi_single_byte_table(const struct zhi_encoding *enc, uint16_t table[128]);

#endif
