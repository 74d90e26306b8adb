/* Encodings: labels, decoding with its repairs, statistics, limits, and encoding for queries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "zhi/encoding.h"

#define EACH(rows) for (size_t i = 0; i < sizeof(rows) / sizeof *(rows); i++)
#define BAD        "\xEF\xBF\xBD"

static const struct zhi_encoding *enc(const char *label) {
  const struct zhi_encoding *found = zhi_encoding_of(zhi_str_of(label));
  if (!found)
    fail_msg("no encoding '%s'", label);
  return found;
}

static void labels_name_the_standards_encodings(void **state) {
  static const struct {
    const char *label, *want;
  } rows[] = {
      {"utf-8", "UTF-8"},
      {"UTF8", "UTF-8"},
      {" unicode-1-1-utf-8\n", "UTF-8"},
      {"gb2312", "GBK"},
      {"GB_2312-80", "GBK"},
      {"chinese", "GBK"},
      {"x-gbk", "GBK"},
      {"gb18030", "gb18030"},
      {"Big5-HKSCS", "Big5"},
      {"latin1", "windows-1252"},
      {"us-ascii", "windows-1252"},
      {"iso-8859-1", "windows-1252"},
      {"iso-8859-9", "windows-1254"},
      {"iso-8859-8-i", "ISO-8859-8-I"},
      {"logical", "ISO-8859-8-I"},
      {"tis-620", "windows-874"},
      {"sjis", "Shift_JIS"},
      {"ks_c_5601-1987", "EUC-KR"},
      {"x-sjis", "Shift_JIS"},
      {"hz-gb-2312", "replacement"},
      {"utf-16", "UTF-16LE"},
      {"unicode", "UTF-16LE"},
      {"unicodefffe", "UTF-16BE"},
      {"x-user-defined", "x-user-defined"},
      {"x-x-big5", "Big5"},
      {"866", "IBM866"},
      /* and what authors write instead */
      {"\"gb2312\"", "GBK"},
      {"utf-8\"", "UTF-8"},
      {"utf-8;", "UTF-8"},
      {"cp936", "GBK"},
      {"gb_18030", "gb18030"},
  };
  (void)state;
  EACH(rows) assert_string_equal(zhi_encoding_name(enc(rows[i].label)), rows[i].want);
  assert_ptr_equal(enc("utf8"), zhi_utf8);
  assert_ptr_equal(enc("GB18030"), zhi_gb18030);
}

static void other_labels_are_unknown(void **state) {
  static const char *const rows[] = {"",
                                     "  ",
                                     "utf-7",
                                     "utf-32",
                                     "none",
                                     "text/html",
                                     "auto",
                                     "utf-8 gbk",
                                     "\xC3\x9Ctf-8",
                                     "a-label-that-is-longer-than-any-label-of-the-standard"};
  (void)state;
  EACH(rows) {
    if (zhi_encoding_of(zhi_str_of(rows[i])))
      fail_msg("'%s' names an encoding", rows[i]);
  }
  assert_null(zhi_encoding_of(ZHI_STR_NONE));
  assert_null(zhi_encoding_of(ZHI_STR("utf-8\0x")));
}

struct sample {
  const char *label, *bytes;
  const char *want;
  size_t replaced, non_ascii;
};

static void decode_all(const struct sample *rows, size_t n) {
  for (size_t i = 0; i < n; i++) {
    struct zhi_buf out;
    struct zhi_decode_stats stats;
    zhi_buf_init(&out, 1000);
    assert_int_equal(zhi_decode(enc(rows[i].label), zhi_str_of(rows[i].bytes), &out, &stats, NULL),
                     ZHI_OK);
    if (strcmp(out.p, rows[i].want) != 0)
      fail_msg("%s row %zu: got '%s', want '%s'", rows[i].label, i, out.p, rows[i].want);
    if (stats.replaced != rows[i].replaced || stats.non_ascii != rows[i].non_ascii)
      fail_msg("%s row %zu: %zu replaced, %zu non-ASCII", rows[i].label, i, stats.replaced,
               stats.non_ascii);
    zhi_buf_release(&out);
  }
}
#define DECODE_ALL(rows) decode_all(rows, sizeof(rows) / sizeof *(rows))

static void utf8_is_kept_and_repaired(void **state) {
  static const struct sample rows[] = {
      {"utf-8", "", "", 0, 0},
      {"utf-8", "abc", "abc", 0, 0},
      {"utf-8", "\xEF\xBB\xBFx", "x", 0, 0},
      {"utf-8", "\xEF\xBB\xBF\xEF\xBB\xBFx", "\xEF\xBB\xBFx", 0, 1},
      {"utf-8", "\xE5\x8E\xBF\xF0\xA0\x80\x8B", "\xE5\x8E\xBF\xF0\xA0\x80\x8B", 0, 2},
      {"utf-8", "\xE5\x8Ex\xFF\xC0\xAF", BAD "x" BAD BAD BAD, 4, 0},
      {"utf-8", "\xED\xA0\x80", BAD BAD BAD, 3, 0},
      {"utf-8", "\xF0\xA0\x80", BAD, 1, 0},
      {"utf-8", BAD, BAD, 0, 0}, /* it was there before */
  };
  (void)state;
  DECODE_ALL(rows);
}

static void chinese_decodes_and_resyncs(void **state) {
  static const struct sample rows[] = {
      {"gbk", "\xCF\xD8<b>", "\xE5\x8E\xBF<b>", 0, 1},
      {"gb2312", "\xE9\x46", "\xE9\x95\x95", 0, 1}, /* 镕 is in GBK only */
      {"gb2312", "\x80", "\xE2\x82\xAC", 0, 1},
      {"gb18030", "\x80z", "\xE2\x82\xACz", 0, 1},
      {"gb18030", "\x95\x32\x83\x37", "\xF0\xA0\x80\x8B", 0, 1},
      {"gbk", "\x81\x39\xEF\x36", "\xE3\x90\x87", 0, 1}, /* four bytes in a GBK page */
      {"gbk", "\xA3\xA0", "\xE3\x80\x80", 0, 1},
      {"gbk", "\xFF\xCF\xD8", BAD "\xE5\x8E\xBF", 1, 1},
      {"gbk", "\xCF<a>", BAD "<a>", 1, 0},
      {"gbk", "\xCF\n", BAD "\n", 1, 0},
      {"gbk",
       "\xCF\xFF"
       "a",
       BAD "a", 1, 0},
      {"gbk", "x\xCF", "x" BAD, 1, 0},
      {"gbk", "\x81\x30", BAD, 1, 0},
      {"gbk", "\x81\x30\x81", BAD, 1, 0},
      {"gbk", "\x81\x30z", BAD "0z", 1, 0},
      {"gbk", "\x81\x30\x81!", BAD "0" BAD "!", 2, 0},
      {"gb18030", "\xFE\x39\xFE\x39", BAD, 1, 0},
      {"gbk", "\xCF\xD8\xFF\xD6\xBE\xCF", "\xE5\x8E\xBF" BAD "\xE5\xBF\x97" BAD, 2, 2},
      {"big5", "\xBF\xA4\x80<", "\xE7\xB8\xA3" BAD "<", 1, 1},
      {"big5", "\xBF<", BAD "<", 1, 0},
      {"big5", "\x88\x66\xFF", "\xC3\x8A" BAD, 1, 1},
      {"big5", "\x88\x62", "\xC3\x8A\xCC\x84", 0, 2},
  };
  (void)state;
  DECODE_ALL(rows);
}

static void neighbours_scripts_decode(void **state) {
  static const struct sample rows[] = {
      {"euc-kr", "\xB1\xBA\x81\x41", "\xEA\xB5\xB0\xEA\xB0\x82", 0, 2},
      {"euc-kr", "\xB1<", BAD "<", 1, 0},
      {"shift_jis", "\x8C\xA7\xB1\\~\x80", "\xE7\x9C\x8C\xEF\xBD\xB1\\~\xC2\x80", 0, 3},
      {"shift_jis", "\xF0\x40\x81<", "\xEE\x80\x80" BAD "<", 1, 1},
      {"euc-jp", "\xB8\xA9\x8E\xB1", "\xE7\x9C\x8C\xEF\xBD\xB1", 0, 2},
      {"iso-2022-jp", "\x1B$B8)\x1B(B.", "\xE7\x9C\x8C.", 0, 1},
  };
  (void)state;
  DECODE_ALL(rows);
}

static void single_bytes_decode(void **state) {
  static const struct sample rows[] = {
      {"iso-8859-1", "\x93\xE9\x81\x94", "\xE2\x80\x9C\xC3\xA9\xC2\x81\xE2\x80\x9D", 0, 4},
      {"windows-1253", "\xAA\xE1", BAD "\xCE\xB1", 1, 1},
      {"windows-1255", "\xCA\xD9", "\xD6\xBA" BAD, 1, 1},
      {"windows-1258", "\x61\xCC", "a\xCC\x80", 0, 1}, /* not composed */
      {"koi8-u", "\xAE", "\xD1\x9E", 0, 1},
      {"macintosh", "\xC6\xDB\xF0", "\xE2\x88\x86\xE2\x82\xAC\xEF\xA3\xBF", 0, 3},
      {"iso-8859-8-i", "\xE0", "\xD7\x90", 0, 1},
      {"windows-874", "\xDB\x85", BAD "\xE2\x80\xA6", 1, 1},
      {"x-user-defined", "a\x80\xFF", "a\xEF\x9E\x80\xEF\x9F\xBF", 0, 2},
      {"replacement", "anything", BAD, 1, 0},
      {"replacement", "", "", 0, 0},
  };
  (void)state;
  DECODE_ALL(rows);
}

static void utf16_decodes(void **state) {
  static const struct {
    const char *label, *bytes;
    size_t len;
    const char *want;
    size_t replaced;
  } rows[] = {
      {"utf-16le", "\xFF\xFE\xBF\x53<\0", 6, "\xE5\x8E\xBF<", 0},
      {"utf-16be", "\xFE\xFF\x53\xBF\0<", 6, "\xE5\x8E\xBF<", 0},
      {"utf-16le", "\xFE\xFF", 2, "\xEF\xBF\xBE", 0}, /* the other order's mark is no mark */
      {"utf-16le", "\x40\xD8\x0B\xDC", 4, "\xF0\xA0\x80\x8B", 0},
      {"utf-16le", "\x40\xD8<\0", 4, BAD "<", 1},
      {"utf-16le", "\x0B\xDC<\0", 4, BAD "<", 1},
      {"utf-16le", "\x40\xD8\x40\xD8\x0B\xDC", 6, BAD "\xF0\xA0\x80\x8B", 1},
      {"utf-16le", "<\0x", 3, "<" BAD, 1},
      {"utf-16le", "\x40\xD8x", 3, BAD, 1},
  };
  (void)state;
  EACH(rows) {
    struct zhi_buf out;
    struct zhi_decode_stats stats;
    zhi_buf_init(&out, 1000);
    assert_int_equal(
        zhi_decode(enc(rows[i].label), zhi_str_n(rows[i].bytes, rows[i].len), &out, &stats, NULL),
        ZHI_OK);
    assert_string_equal(out.p, rows[i].want);
    assert_int_equal(stats.replaced, rows[i].replaced);
    zhi_buf_release(&out);
  }
}

static void bytes_below_80_are_ascii(void **state) {
  static const char *const labels[] = {"utf-8",  "gbk",         "gb18030",    "big5",
                                       "euc-kr", "shift_jis",   "euc-jp",     "ibm866",
                                       "koi8-r", "macintosh",   "iso-8859-2", "latin1",
                                       "866",    "iso-8859-16", "windows-874"};
  char ascii[128];
  (void)state;
  for (int c = 0; c < 128; c++)
    ascii[c] = (char)c;
  EACH(labels) {
    struct zhi_buf out;
    zhi_buf_init(&out, 1000);
    assert_int_equal(zhi_decode(enc(labels[i]), zhi_str_n(ascii, 128), &out, NULL, NULL), ZHI_OK);
    if (out.len != 128 || memcmp(out.p, ascii, 128) != 0)
      fail_msg("%s changes ASCII", labels[i]);
    zhi_buf_release(&out);
  }
}

static void a_full_buffer_is_said(void **state) {
  static const char *const labels[] = {"utf-8", "gbk", "latin1", "euc-kr"};
  char text[4096];
  (void)state;
  memset(text, 'a', sizeof text);
  EACH(labels) {
    struct zhi_buf out;
    struct zhi_err e = {0};
    zhi_buf_init(&out, 1000);
    assert_int_equal(zhi_decode(enc(labels[i]), zhi_str_n(text, sizeof text), &out, NULL, &e),
                     ZHI_ELIMIT);
    assert_int_equal(out.len, 1000);
    zhi_buf_release(&out);
  }
}

static void a_page_that_just_fits_is_whole(void **state) {
  struct zhi_buf out, in;
  (void)state;
  zhi_buf_init(&in, 10000);
  for (int i = 0; i < 1000; i++)
    zhi_buf_adds(&in, "\xCF\xD8");
  zhi_buf_init(&out, 3000);
  assert_int_equal(zhi_decode(enc("gbk"), zhi_buf_view(&in), &out, NULL, NULL), ZHI_OK);
  assert_int_equal(out.len, 3000);
  zhi_buf_release(&out);
  zhi_buf_release(&in);
}

static void text_is_appended(void **state) {
  struct zhi_buf out;
  (void)state;
  zhi_buf_init(&out, 100);
  zhi_buf_adds(&out, "\xEE\x97\xA5"); /* must not be taken for a GB space of ours */
  assert_int_equal(zhi_decode(enc("gbk"), ZHI_STR("\xA3\xA0"), &out, NULL, NULL), ZHI_OK);
  assert_string_equal(out.p, "\xEE\x97\xA5\xE3\x80\x80");
  zhi_buf_release(&out);
}

static void code_points_encode_as_the_standard_says(void **state) {
  static const struct {
    const char *label;
    unsigned cp;
    const char *want; /* "" = no form */
  } rows[] = {
      {"utf-8", 0x53BF, "\xE5\x8E\xBF"},
      {"gbk", 'a', "a"},
      {"gbk", 0x53BF, "\xCF\xD8"},
      {"gbk", 0x20AC, "\x80"},
      {"gb18030", 0x20AC, "\xA2\xE3"},
      {"gbk", 0x2000B, ""},
      {"gb18030", 0x2000B, "\x95\x32\x83\x37"},
      {"gbk", 0xE5E5, ""},
      {"gb18030", 0xE5E5, ""},
      {"gbk", 0x3000, "\xA1\xA1"},
      {"big5", 0x7E23, "\xBF\xA4"},
      {"big5", 0x53BF, ""}, /* only in the Hong Kong rows, if at all */
      {"euc-kr", 0xAD70, "\xB1\xBA"},
      {"shift_jis", 0x770C, "\x8C\xA7"},
      {"shift_jis", 0xA5, "\x5C"},
      {"shift_jis", 0x203E, "~"},
      {"shift_jis", 0x2212, "\x81\x7C"},
      {"shift_jis", 0xE000, ""},
      {"euc-jp", 0x770C, "\xB8\xA9"},
      {"iso-2022-jp", 0x770C, "\x1B$B8)\x1B(B"},
      {"iso-2022-jp", 0x1B, ""},
      {"windows-1252", 0x20AC, "\x80"},
      {"windows-1252", 0x81, "\x81"},
      {"windows-1252", 0x53BF, ""},
      {"x-user-defined", 0xF780, "\x80"},
      {"x-user-defined", 0xE9, ""},
  };
  (void)state;
  EACH(rows) {
    char out[8];
    unsigned cp = rows[i].cp;
    struct zhi_encoder coder;
    zhi_encoder_init(&coder, enc(rows[i].label));
    size_t n = zhi_encoder_next(&coder, &cp, out);
    zhi_encoder_release(&coder);
    if (n != strlen(rows[i].want) || memcmp(out, rows[i].want, n) != 0)
      fail_msg("U+%04X in %s: %zu bytes, %02x", rows[i].cp, rows[i].label, n,
               n ? (unsigned char)out[0] : 0);
  }
}

static void what_gbk_encodes_it_decodes(void **state) {
  struct zhi_encoder coder;
  struct zhi_buf bytes, text, want;
  (void)state;
  zhi_buf_init(&bytes, 1 << 20);
  zhi_buf_init(&text, 1 << 20);
  zhi_buf_init(&want, 1 << 20);
  zhi_encoder_init(&coder, enc("gbk"));
  for (unsigned cp = 0x80; cp < 0xFFFF; cp++) {
    char out[8];
    unsigned c = cp;
    size_t n = zhi_encoder_next(&coder, &c, out);
    zhi_buf_add(&bytes, out, n);
    if (n)
      zhi_buf_add_utf8(&want, cp);
  }
  zhi_encoder_release(&coder);
  assert_int_equal(zhi_decode(enc("gbk"), zhi_buf_view(&bytes), &text, NULL, NULL), ZHI_OK);
  assert_true(want.len > 3 * 20000);
  assert_true(zhi_str_eq(zhi_buf_view(&text), zhi_buf_view(&want)));
  zhi_buf_release(&want);
  zhi_buf_release(&text);
  zhi_buf_release(&bytes);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(labels_name_the_standards_encodings),
      cmocka_unit_test(other_labels_are_unknown),
      cmocka_unit_test(utf8_is_kept_and_repaired),
      cmocka_unit_test(chinese_decodes_and_resyncs),
      cmocka_unit_test(neighbours_scripts_decode),
      cmocka_unit_test(single_bytes_decode),
      cmocka_unit_test(utf16_decodes),
      cmocka_unit_test(bytes_below_80_are_ascii),
      cmocka_unit_test(a_full_buffer_is_said),
      cmocka_unit_test(a_page_that_just_fits_is_whole),
      cmocka_unit_test(text_is_appended),
      cmocka_unit_test(code_points_encode_as_the_standard_says),
      cmocka_unit_test(what_gbk_encodes_it_decodes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
