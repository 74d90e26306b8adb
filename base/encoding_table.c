/* The encodings and labels of the Encoding Standard, section 4.2, as tables, and the wild spellings met on
 * government pages. Labels are sorted, so that one binary search finds them. */
#include "base/encoding_internal.h"

const struct zhi_encoding zhi_encodings[ENC_COUNT] = {
#define X(id, name, kind, iconv) [ENC_##id] = {name, iconv, KIND_##kind},
    ENC_TABLE(X)
#undef X
};

const struct zhi_encoding *const zhi_utf8 = &zhi_encodings[ENC_UTF_8];
const struct zhi_encoding *const zhi_gb18030 = &zhi_encodings[ENC_GB18030];

struct label {
  const char *name;
  int id;
};

/* clang-format off */
#define L(name, id) {name, ENC_##id}
static const struct label labels[] = {
    L("866", IBM866), L("ansi_x3.4-1968", WINDOWS_1252), L("arabic", ISO_8859_6),
    L("ascii", WINDOWS_1252), L("asmo-708", ISO_8859_6), L("big5", BIG5), L("big5-hkscs", BIG5),
    L("chinese", GBK), L("cn-big5", BIG5), L("cp1250", WINDOWS_1250), L("cp1251", WINDOWS_1251),
    L("cp1252", WINDOWS_1252), L("cp1253", WINDOWS_1253), L("cp1254", WINDOWS_1254),
    L("cp1255", WINDOWS_1255), L("cp1256", WINDOWS_1256), L("cp1257", WINDOWS_1257),
    L("cp1258", WINDOWS_1258), L("cp819", WINDOWS_1252), L("cp866", IBM866), L("csbig5", BIG5),
    L("cseuckr", EUC_KR), L("cseucpkdfmtjapanese", EUC_JP), L("csgb2312", GBK), L("csibm866", IBM866),
    L("csiso2022jp", ISO_2022_JP), L("csiso2022kr", REPLACEMENT), L("csiso58gb231280", GBK),
    L("csiso88596e", ISO_8859_6), L("csiso88596i", ISO_8859_6), L("csiso88598e", ISO_8859_8),
    L("csiso88598i", ISO_8859_8_I), L("csisolatin1", WINDOWS_1252), L("csisolatin2", ISO_8859_2),
    L("csisolatin3", ISO_8859_3), L("csisolatin4", ISO_8859_4), L("csisolatin5", WINDOWS_1254),
    L("csisolatin6", ISO_8859_10), L("csisolatin9", ISO_8859_15), L("csisolatinarabic", ISO_8859_6),
    L("csisolatincyrillic", ISO_8859_5), L("csisolatingreek", ISO_8859_7),
    L("csisolatinhebrew", ISO_8859_8), L("cskoi8r", KOI8_R), L("csksc56011987", EUC_KR),
    L("csmacintosh", MACINTOSH), L("csshiftjis", SHIFT_JIS), L("csunicode", UTF_16LE),
    L("cyrillic", ISO_8859_5), L("dos-874", WINDOWS_874), L("ecma-114", ISO_8859_6),
    L("ecma-118", ISO_8859_7), L("elot_928", ISO_8859_7), L("euc-jp", EUC_JP), L("euc-kr", EUC_KR),
    L("gb18030", GB18030), L("gb2312", GBK), L("gb_2312", GBK), L("gb_2312-80", GBK), L("gbk", GBK),
    L("greek", ISO_8859_7), L("greek8", ISO_8859_7), L("hebrew", ISO_8859_8),
    L("hz-gb-2312", REPLACEMENT), L("ibm819", WINDOWS_1252), L("ibm866", IBM866),
    L("iso-10646-ucs-2", UTF_16LE), L("iso-2022-cn", REPLACEMENT), L("iso-2022-cn-ext", REPLACEMENT),
    L("iso-2022-jp", ISO_2022_JP), L("iso-2022-kr", REPLACEMENT), L("iso-8859-1", WINDOWS_1252),
    L("iso-8859-10", ISO_8859_10), L("iso-8859-11", WINDOWS_874), L("iso-8859-13", ISO_8859_13),
    L("iso-8859-14", ISO_8859_14), L("iso-8859-15", ISO_8859_15), L("iso-8859-16", ISO_8859_16),
    L("iso-8859-2", ISO_8859_2), L("iso-8859-3", ISO_8859_3), L("iso-8859-4", ISO_8859_4),
    L("iso-8859-5", ISO_8859_5), L("iso-8859-6", ISO_8859_6), L("iso-8859-6-e", ISO_8859_6),
    L("iso-8859-6-i", ISO_8859_6), L("iso-8859-7", ISO_8859_7), L("iso-8859-8", ISO_8859_8),
    L("iso-8859-8-e", ISO_8859_8), L("iso-8859-8-i", ISO_8859_8_I), L("iso-8859-9", WINDOWS_1254),
    L("iso-ir-100", WINDOWS_1252), L("iso-ir-101", ISO_8859_2), L("iso-ir-109", ISO_8859_3),
    L("iso-ir-110", ISO_8859_4), L("iso-ir-126", ISO_8859_7), L("iso-ir-127", ISO_8859_6),
    L("iso-ir-138", ISO_8859_8), L("iso-ir-144", ISO_8859_5), L("iso-ir-148", WINDOWS_1254),
    L("iso-ir-149", EUC_KR), L("iso-ir-157", ISO_8859_10), L("iso-ir-58", GBK),
    L("iso8859-1", WINDOWS_1252), L("iso8859-10", ISO_8859_10), L("iso8859-11", WINDOWS_874),
    L("iso8859-13", ISO_8859_13), L("iso8859-14", ISO_8859_14), L("iso8859-15", ISO_8859_15),
    L("iso8859-2", ISO_8859_2), L("iso8859-3", ISO_8859_3), L("iso8859-4", ISO_8859_4),
    L("iso8859-5", ISO_8859_5), L("iso8859-6", ISO_8859_6), L("iso8859-7", ISO_8859_7),
    L("iso8859-8", ISO_8859_8), L("iso8859-9", WINDOWS_1254), L("iso88591", WINDOWS_1252),
    L("iso885910", ISO_8859_10), L("iso885911", WINDOWS_874), L("iso885913", ISO_8859_13),
    L("iso885914", ISO_8859_14), L("iso885915", ISO_8859_15), L("iso88592", ISO_8859_2),
    L("iso88593", ISO_8859_3), L("iso88594", ISO_8859_4), L("iso88595", ISO_8859_5),
    L("iso88596", ISO_8859_6), L("iso88597", ISO_8859_7), L("iso88598", ISO_8859_8),
    L("iso88599", WINDOWS_1254), L("iso_8859-1", WINDOWS_1252), L("iso_8859-15", ISO_8859_15),
    L("iso_8859-1:1987", WINDOWS_1252), L("iso_8859-2", ISO_8859_2),
    L("iso_8859-2:1987", ISO_8859_2), L("iso_8859-3", ISO_8859_3), L("iso_8859-3:1988", ISO_8859_3),
    L("iso_8859-4", ISO_8859_4), L("iso_8859-4:1988", ISO_8859_4), L("iso_8859-5", ISO_8859_5),
    L("iso_8859-5:1988", ISO_8859_5), L("iso_8859-6", ISO_8859_6), L("iso_8859-6:1987", ISO_8859_6),
    L("iso_8859-7", ISO_8859_7), L("iso_8859-7:1987", ISO_8859_7), L("iso_8859-8", ISO_8859_8),
    L("iso_8859-8:1988", ISO_8859_8), L("iso_8859-9", WINDOWS_1254),
    L("iso_8859-9:1989", WINDOWS_1254), L("koi", KOI8_R), L("koi8", KOI8_R), L("koi8-r", KOI8_R),
    L("koi8-ru", KOI8_U), L("koi8-u", KOI8_U), L("koi8_r", KOI8_R), L("korean", EUC_KR),
    L("ks_c_5601-1987", EUC_KR), L("ks_c_5601-1989", EUC_KR), L("ksc5601", EUC_KR),
    L("ksc_5601", EUC_KR), L("l1", WINDOWS_1252), L("l2", ISO_8859_2), L("l3", ISO_8859_3),
    L("l4", ISO_8859_4), L("l5", WINDOWS_1254), L("l6", ISO_8859_10), L("l9", ISO_8859_15),
    L("latin1", WINDOWS_1252), L("latin2", ISO_8859_2), L("latin3", ISO_8859_3),
    L("latin4", ISO_8859_4), L("latin5", WINDOWS_1254), L("latin6", ISO_8859_10),
    L("logical", ISO_8859_8_I), L("mac", MACINTOSH), L("macintosh", MACINTOSH), L("ms932", SHIFT_JIS),
    L("ms_kanji", SHIFT_JIS), L("replacement", REPLACEMENT), L("shift-jis", SHIFT_JIS),
    L("shift_jis", SHIFT_JIS), L("sjis", SHIFT_JIS), L("sun_eu_greek", ISO_8859_7),
    L("tis-620", WINDOWS_874), L("ucs-2", UTF_16LE), L("unicode", UTF_16LE),
    L("unicode-1-1-utf-8", UTF_8), L("unicode11utf8", UTF_8), L("unicode20utf8", UTF_8),
    L("unicodefeff", UTF_16LE), L("unicodefffe", UTF_16BE), L("us-ascii", WINDOWS_1252),
    L("utf-16", UTF_16LE), L("utf-16be", UTF_16BE), L("utf-16le", UTF_16LE), L("utf-8", UTF_8),
    L("utf8", UTF_8), L("visual", ISO_8859_8), L("windows-1250", WINDOWS_1250),
    L("windows-1251", WINDOWS_1251), L("windows-1252", WINDOWS_1252),
    L("windows-1253", WINDOWS_1253), L("windows-1254", WINDOWS_1254),
    L("windows-1255", WINDOWS_1255), L("windows-1256", WINDOWS_1256),
    L("windows-1257", WINDOWS_1257), L("windows-1258", WINDOWS_1258), L("windows-31j", SHIFT_JIS),
    L("windows-874", WINDOWS_874), L("windows-949", EUC_KR), L("x-cp1250", WINDOWS_1250),
    L("x-cp1251", WINDOWS_1251), L("x-cp1252", WINDOWS_1252), L("x-cp1253", WINDOWS_1253),
    L("x-cp1254", WINDOWS_1254), L("x-cp1255", WINDOWS_1255), L("x-cp1256", WINDOWS_1256),
    L("x-cp1257", WINDOWS_1257), L("x-cp1258", WINDOWS_1258), L("x-euc-jp", EUC_JP), L("x-gbk", GBK),
    L("x-mac-cyrillic", X_MAC_CYRILLIC), L("x-mac-roman", MACINTOSH),
    L("x-mac-ukrainian", X_MAC_CYRILLIC), L("x-sjis", SHIFT_JIS), L("x-unicode20utf8", UTF_8),
    L("x-user-defined", X_USER_DEFINED), L("x-x-big5", BIG5),
};
/* Not in the standard, but seen: what the author meant is plain. */
static const struct label wild[] = {
    L("euc-cn", GBK), L("euccn", GBK), L("cp936", GBK), L("ms936", GBK), L("936", GBK),
    L("windows-936", GBK), L("gb_2312", GBK), L("gb2312-80", GBK), L("gb-2312", GBK),
    L("gb_18030", GB18030), L("gb-18030", GB18030), L("gb18030-2000", GB18030),
    L("gb18030-2005", GB18030), L("gb18030-2022", GB18030), L("gb13000", GB18030),
    L("gbk2312", GBK), L("gb2312gbk", GBK), L("gbk-8", GBK), L("utf_8", UTF_8), L("utf", UTF_8),
    L("utf-8-sig", UTF_8), L("utf8mb4", UTF_8), L("uft-8", UTF_8), L("utf-8859-1", UTF_8),
    L("cp65001", UTF_8), L("big-5", BIG5), L("big5hkscs", BIG5), L("cp950", BIG5),
    L("iso8859_1", WINDOWS_1252), L("8859_1", WINDOWS_1252), L("cp932", SHIFT_JIS),
    L("cp949", EUC_KR), L("utf16", UTF_16LE), L("unicode-1-1-utf-16", UTF_16LE),
};
#undef L
/* clang-format on */

enum { LABEL_MAX = 32 };

static const struct zhi_encoding *find(const char *name) {
  size_t low = 0, high = sizeof labels / sizeof *labels;
  while (low < high) {
    size_t mid = low + (high - low) / 2;
    int c = strcmp(name, labels[mid].name);
    if (c == 0)
      return &zhi_encodings[labels[mid].id];
    if (c < 0)
      high = mid;
    else
      low = mid + 1;
  }
  for (size_t i = 0; i < sizeof wild / sizeof *wild; i++)
    if (strcmp(name, wild[i].name) == 0)
      return &zhi_encodings[wild[i].id];
  return NULL;
}

/* Lower case, without the white space, quotes and punctuation that stray into declarations. */
static bool clean_label(struct zhi_str s, char out[LABEL_MAX]) {
  const char *junk = " \t\n\r\f\v\"'`;,=<>()";
  while (s.len && s.p[0] && strchr(junk, s.p[0]))
    s = zhi_str_sub(s, 1, s.len);
  while (s.len && s.p[s.len - 1] && strchr(junk, s.p[s.len - 1]))
    s.len--;
  if (!s.len || s.len >= LABEL_MAX)
    return false;
  for (size_t i = 0; i < s.len; i++) {
    char c = s.p[i];
    out[i] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
  }
  out[s.len] = '\0';
  return strlen(out) == s.len;
}

const struct zhi_encoding *zhi_encoding_of(struct zhi_str label) {
  char name[LABEL_MAX];
  return clean_label(label, name) ? find(name) : NULL;
}

const char *zhi_encoding_name(const struct zhi_encoding *enc) { return enc->name; }

bool zhi_encoding_is_unicode(const struct zhi_encoding *enc) {
  return enc->kind == KIND_UTF8 || enc->kind == KIND_UTF16 || enc->kind == KIND_REPLACEMENT;
}

bool zhi_encoding_is_stateful(const struct zhi_encoding *enc) {
  return enc->kind == KIND_ISO_2022_JP;
}
