/* Cells of CSV files: quoted by RFC 4180, guarded for spreadsheets, cut to what a spreadsheet's cell holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "zhi/csv.h"

static const struct {
  const char *text, *plain, *guarded;
} cells[] = {
    {"", "", ""},
    {"永城市", "永城市", "永城市"},
    {"a,b", "\"a,b\"", "\"a,b\""},
    {"a\"b", "\"a\"\"b\"", "\"a\"\"b\""},
    {"\"", "\"\"\"\"", "\"\"\"\""},
    {"two\nlines", "\"two\nlines\"", "\"two\nlines\""},
    {"=1+1", "=1+1", "'=1+1"},
    {"+86", "+86", "'+86"},
    {"-", "-", "'-"},
    {"@SUM(A1)", "@SUM(A1)", "'@SUM(A1)"},
    {"\ttab", "\ttab", "'\ttab"},
    {"\rreturn", "\"\rreturn\"", "\"'\rreturn\""},
    {"=a,b", "\"=a,b\"", "\"'=a,b\""},
    {"\xEF\xBC\x9D"
     "1",
     "\xEF\xBC\x9D"
     "1",
     "'\xEF\xBC\x9D"
     "1"},
    {"\xEF\xBC\xA0x", "\xEF\xBC\xA0x", "'\xEF\xBC\xA0x"},
    {"1+1=2", "1+1=2", "1+1=2"},
    {"411481", "411481", "411481"},
    {"411481001500", "411481001500", "'411481001500"},
    {"007", "007", "'007"},
    {"0", "0", "0"},
    {"2018-03-29", "2018-03-29", "2018-03-29"},
    {"bad \xFF byte", "bad \xEF\xBF\xBD byte", "bad \xEF\xBF\xBD byte"},
    {"\xFF\"", "\"\xEF\xBF\xBD\"\"\"", "\"\xEF\xBF\xBD\"\"\""},
};

static void each_text_becomes_the_cell_it_should(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
    struct zhi_buf b;
    zhi_buf_init(&b, 256);
    zhi_csv_cell(&b, zhi_str_of(cells[i].text), ZHI_CSV_PLAIN);
    assert_string_equal(b.p ? b.p : "", cells[i].plain);
    zhi_buf_clear(&b);
    zhi_csv_cell(&b, zhi_str_of(cells[i].text), ZHI_CSV_GUARDED);
    assert_string_equal(b.len ? b.p : "", cells[i].guarded);
    zhi_buf_release(&b);
  }
}

static void a_nul_byte_neither_stays_nor_hides_a_formula(void **state) {
  struct zhi_buf b;
  (void)state;
  zhi_buf_init(&b, 64);
  zhi_csv_cell(&b, zhi_str_n("\0=1\0", 4), ZHI_CSV_GUARDED);
  assert_string_equal(b.p, "'=1");
  zhi_buf_release(&b);
}

static void a_long_text_is_cut_at_a_character(void **state) {
  bool cut = false;
  size_t n = 33000;
  char *text = malloc(4 * n);
  (void)state;
  assert_non_null(text);
  memset(text, 'x', n);
  assert_int_equal(zhi_cell_fit(zhi_str_n(text, ZHI_CELL_MAX_UNITS), &cut).len, ZHI_CELL_MAX_UNITS);
  assert_false(cut);
  assert_int_equal(zhi_cell_fit(zhi_str_n(text, n), &cut).len, ZHI_CELL_MAX_UNITS);
  assert_true(cut);
  for (size_t i = 0; i < n; i++)
    memcpy(text + 3 * i, "县", 3);
  assert_int_equal(zhi_cell_fit(zhi_str_n(text, 3 * n), &cut).len, 3 * ZHI_CELL_MAX_UNITS);
  assert_true(cut);
  for (size_t i = 0; i < n; i++)
    memcpy(text + 4 * i, "\xF0\xA0\x80\x80", 4); /* two UTF-16 units each */
  assert_int_equal(zhi_cell_fit(zhi_str_n(text, 4 * n), &cut).len, ZHI_CELL_MAX_UNITS / 2 * 4);
  assert_true(cut);
  assert_int_equal(zhi_cell_fit(zhi_str_n(text, 4 * 16383), &cut).len, 4 * 16383);
  assert_false(cut);
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_text_becomes_the_cell_it_should),
      cmocka_unit_test(a_nul_byte_neither_stays_nor_hides_a_formula),
      cmocka_unit_test(a_long_text_is_cut_at_a_character),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
