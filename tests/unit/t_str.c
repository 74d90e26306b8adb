/* UTF-8 read eight bytes at a time: every length and place gives what a byte at a time would. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "zhi/str.h"

static const char text[] =
    "abcdefgh\xe7\xbd\x91ijklmnop\xc3\xa9q\xf0\x9f\x98\x80rstuvwxyz\xe7\xab\x99";

static void characters_are_counted_by_their_first_bytes(void **state) {
  (void)state;
  for (size_t from = 0; from < sizeof text - 1; from++)
    for (size_t to = from; to < sizeof text; to++) {
      size_t want = 0;
      for (size_t i = from; i < to; i++)
        want += ((unsigned char)text[i] & 0xC0) != 0x80;
      assert_int_equal(zhi_utf8_count(zhi_str_n(text + from, to - from)), want);
    }
}

static void ascii_ends_at_the_first_other_byte(void **state) {
  (void)state;
  for (size_t from = 0; from < sizeof text - 1; from++)
    for (size_t len = from; len < sizeof text; len++) {
      size_t want = from;
      while (want < len && (unsigned char)text[want] < 0x80)
        want++;
      assert_int_equal(zhi_ascii_end(zhi_str_n(text, len), from), want);
    }
}

static void validity_and_the_first_bad_byte_are_told(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int bad_at; /* -1: none */
  } rows[] = {{"", -1},
              {"plain text of ASCII", -1},
              {text, -1},
              {"\xef\xbf\xbd\xe7\xbd\x91", -1},
              {"12345678\xff", 8},
              {"\xe7\xbd\x91\xe7\xbd", 3},
              {"\xe0\x80\x80", 0},
              {"\xed\xa0\x80", 0},
              {"\xe7\xbd\x91\xe1\x41\x80", 3}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    size_t bad = 99;
    assert_int_equal(zhi_utf8_valid(zhi_str_of(rows[i].text), &bad), rows[i].bad_at < 0);
    assert_int_equal(bad, rows[i].bad_at < 0 ? 99 : rows[i].bad_at);
  }
}

static void a_word_is_found_in_either_case(void **state) {
  (void)state;
  struct zhi_str s = ZHI_STR("<a HREF=x>-Href");
  assert_ptr_equal(zhi_str_ifind(s, "href"), s.p + 3);
  assert_ptr_equal(zhi_str_ifind(s, "HREF"), s.p + 3);
  assert_ptr_equal(zhi_str_ifind(s, "-href"), s.p + 10);
  assert_ptr_equal(zhi_str_ifind(s, ""), s.p);
  assert_null(zhi_str_ifind(s, "hrefs"));
  assert_null(zhi_str_ifind(ZHI_STR("hre"), "href"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(characters_are_counted_by_their_first_bytes),
      cmocka_unit_test(ascii_ends_at_the_first_other_byte),
      cmocka_unit_test(validity_and_the_first_bad_byte_are_told),
      cmocka_unit_test(a_word_is_found_in_either_case),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
