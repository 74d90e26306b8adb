/* Who decides a page's encoding: BOM, declarations, strict UTF-8, detection; and what overrides a declaration. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "zhi/charset.h"
#include "zhi/limits.h"

/* 中国政府网站信息公开 in three encodings. */
#define GBK     "\xD6\xD0\xB9\xFA\xD5\xFE\xB8\xAE\xCD\xF8\xD5\xBE\xD0\xC5\xCF\xA2\xB9\xAB\xBF\xAA"
#define UTF8    "中国政府网站信息公开"
#define BIG5    "\xA4\xA4\xB0\xEA\xAC\x46\xA9\xB2\xBA\xF4\xAF\xB8\xB8\xEA\xB0\x54\xA4\xBD\xB6\x7D"
#define META(c) "<meta charset=\"" c "\">"

static const struct row {
  const char *bytes, *header, *name, *source;
  bool conflict;
} rows[] = {
    /* BOM over everything */
    {"\xEF\xBB\xBF" META("gbk") "x", "big5", "UTF-8", "bom", false},
    {"\xFF\xFE<" META("gb2312"), NULL, "UTF-16LE", "bom", false},
    {"\xFE\xFF"
     "a",
     "utf-8", "UTF-16BE", "bom", false},
    /* declarations that hold */
    {META("gb2312") GBK, NULL, "GBK", "meta", false},
    {"abc", "GB2312", "GBK", "header", false},
    {META("utf-8") UTF8, "utf8", "UTF-8", "header", false},
    {"<meta http-equiv=Content-Type content='text/html; charset=gb2312'>" GBK, NULL, "GBK", "meta",
     false},
    {"<meta content='text/html;charset=gbk' http-equiv='content-type'>" GBK, NULL, "GBK", "meta",
     false},
    {"<?xml version='1.0' encoding='gb2312'?><a>" GBK, NULL, "GBK", "meta", false},
    {"@charset \"gbk\"; a{}", NULL, "GBK", "meta", false},
    {META("big5") BIG5, NULL, "Big5", "meta", false},
    {META("utf-16") "x", NULL, "UTF-8", "meta", false},
    {META("x-user-defined") "x", NULL, "windows-1252", "meta", false},
    /* a comment and an attribute declare nothing */
    {"<!--" META("gbk") "-->" META("utf-8"), NULL, "UTF-8", "meta", false},
    {"<!-->" META("gbk") GBK, NULL, "GBK", "meta", false},
    {"<p title='<meta charset=big5>'>" META("gbk") GBK, NULL, "GBK", "meta", false},
    {"<meta name=a content='text/html;charset=big5'>" UTF8, NULL, "UTF-8", "utf8", false},
    {META("nonsense") META("gbk") GBK, NULL, "GBK", "meta", false},
    /* declarations that the bytes refute */
    {META("gb2312") "<p>" UTF8 "。", NULL, "UTF-8", "utf8", true},
    {META("utf-8") "<p>" GBK "</p>", NULL, "gb18030", "detected", true},
    {META("utf-8") GBK, "gbk", "GBK", "header", true},
    {META("gbk") GBK, "utf-8", "GBK", "meta", true},
    {META("gb2312") GBK, "iso-8859-1", "GBK", "meta", true},
    {UTF8, "iso-8859-1", "UTF-8", "utf8", true},
    /* one bad byte in a page does not change its encoding */
    {META("utf-8") UTF8 UTF8 "\xD6 " UTF8, NULL, "UTF-8", "meta", false},
    {META("utf-8") UTF8 "\xE4\xB8", NULL, "UTF-8", "meta", false},
    /* nothing declared */
    {"<p>" UTF8, NULL, "UTF-8", "utf8", false},
    {"<p>\xD5\xFE\xB8\xAE</p>", NULL, "gb18030", "detected", false},
    {"<title>" GBK "</title>", NULL, "gb18030", "detected", false},
    {"<title>" BIG5 BIG5 "</title>", NULL, "Big5", "detected", false},
    {"caf\xE9 <b>ol\xE9</b>", NULL, "windows-1252", "default", false},
    {"plain", NULL, "windows-1252", "default", false},
    {"", NULL, "windows-1252", "default", false},
    /* labels nobody knows count for nothing */
    {GBK, "bogus", "gb18030", "detected", false},
};

static void the_decision_follows_the_order(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const struct row *r = &rows[i];
    struct zhi_charset c =
        zhi_charset_decide(zhi_str_of(r->bytes), r->header ? zhi_str_of(r->header) : ZHI_STR_NONE);
    if (strcmp(zhi_encoding_name(c.enc), r->name) != 0 || strcmp(c.source, r->source) != 0 ||
        c.conflict != r->conflict)
      fail_msg("row %zu: got %s by %s%s, want %s by %s%s", i, zhi_encoding_name(c.enc), c.source,
               c.conflict ? " conflict" : "", r->name, r->source, r->conflict ? " conflict" : "");
  }
}

static void utf16_without_bom_is_told_by_its_zeros(void **state) {
  (void)state;
  static const char le[] = "<\0h\0t\0m\0l\0>\0-N\xFDV", be[] = "\0<\0h\0t\0m\0l\0>N-V\xFD";
  struct zhi_charset c = zhi_charset_decide(zhi_str_n(le, sizeof le - 1), ZHI_STR_NONE);
  assert_string_equal(zhi_encoding_name(c.enc), "UTF-16LE");
  c = zhi_charset_decide(zhi_str_n(be, sizeof be - 1), ZHI_STR_NONE);
  assert_string_equal(zhi_encoding_name(c.enc), "UTF-16BE");
}

static void clean_bytes_are_not_copied(void **state) {
  (void)state;
  static const char page[] = "\xEF\xBB\xBF<p>" UTF8;
  struct zhi_str bytes = zhi_str_of(page), text;
  struct zhi_buf room;
  zhi_buf_init(&room, 1000);
  struct zhi_charset c = zhi_charset_decide(bytes, ZHI_STR_NONE);
  assert_true(c.utf8_clean);
  assert_int_equal(zhi_charset_text(&c, bytes, &room, &text, NULL), ZHI_OK);
  assert_ptr_equal(text.p, bytes.p + 3);
  bytes = zhi_str_of("<p>" GBK);
  c = zhi_charset_decide(bytes, ZHI_STR_NONE);
  assert_false(c.utf8_clean);
  assert_int_equal(zhi_charset_text(&c, bytes, &room, &text, NULL), ZHI_OK);
  assert_true(zhi_str_is(text, "<p>" UTF8));
  zhi_buf_release(&room);
}

static void a_declaration_deep_in_the_page_counts(void **state) {
  (void)state;
  struct zhi_buf page;
  zhi_buf_init(&page, ZHI_MIB(1));
  for (int i = 0; i < 500; i++)
    zhi_buf_adds(&page, "<!-- filler -->\n");
  zhi_buf_adds(&page, META("big5"));
  assert_string_equal(zhi_encoding_name(zhi_charset_declared(zhi_buf_view(&page))), "Big5");
  zhi_buf_release(&page);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_decision_follows_the_order),
      cmocka_unit_test(utf16_without_bom_is_told_by_its_zeros),
      cmocka_unit_test(clean_bytes_are_not_copied),
      cmocka_unit_test(a_declaration_deep_in_the_page_counts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
