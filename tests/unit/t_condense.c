/* Condensing: how short a page gets, what stays as it stands, and that everything comes back. That the tree is the
 * same is held by f_html. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "extract/condense.h"

/* `want` has a '#' for each stretch that one character stands for. */
struct row {
  const char *page, *want;
};

static const struct row rows[] = {
    {"", ""},
    {"<p>few</p>", "<p>few</p>"},
    {"<p> \n long text of it </p>", "<p> \n #</p>"},
    {"<p>\xe7\xbd\x91\xe7\xab\x99\xe5\x85\xac\xe5\xbc\x80</p>", "<p>#</p>"},
    {"long text &amp; more of it", "#&amp; #"},
    {"<a href=\"/long/path.html\" title='another value'>x</a>", "<a #>x</a>"},
    {"<P CLASS=\"abc\"\nid=x />text</p>", "<P #/>#</p>"},
    {"<p class=\"abc\" style=\"color:&quot;\">", "<p class=\"abc\" style=\"#&quot;\">"},
    {"<p abcd=1 ABCD=2>", "<p abcd=1 ABCD=2>"},
    {"<body class=\"a long value\">", "<body class=\"a long value\">"},
    {"<a href=/long/path.html>x</a>", "<a #>x</a>"},
    {"<a href=\"/page.asp?x=1&copy=2&long=value\">", "<a href=\"#&copy=2&long=value\">"},
    {"<input type=\"hidden\" value=\"a long value\">",
     "<input type=\"hidden\" value=\"a long value\">"},
    {"<b class=\"a long value\">x", "<b class=\"a long value\">x"},
    {"<script>if (a < b) long_call();</script>", "<script>#</script>"},
    {"<script>document.write('<div class=\"x\">')</script>", "<script>#</script>"},
    {"<script>\n<!-- a - b; var text;\n--></script>", "<script>\n<!-- a -#--></script>"},
    {"<script><!-- var a = 'text<script>'; </script> text --></script>",
     "<script><!-- var a = 'text<script>'; </script> text --></script>"},
    {"<style>p > a { color: red }</style>", "<style>#</style>"},
    {"&#12308;2020&#12309;18 text &#120+ text", "&#12308;#&#12309;#&#120#"},
    {"a long text &#x99999999 text", "#&#x99999999 text"},
    {"<b title='&#99999999'>long text", "<b title='&#99999999'>long text"},
    {"<title>a long title</TITLE >", "<title>#</TITLE >"},
    {"<select><style>not raw < here</style>", "<select><style>not raw < here</style>"},
    {"<select></select><style>raw > text in here</style>", "<select></select><style>#</style>"},
    {"<svg><path d='M0 0 L100 100'/></svg>text after it", "<svg><path d='M0 0 L100 100'/></svg>#"},
    {"<svg><script>var long_text;</script>", "<svg><script>var long_text;</script>"},
    {"<!-- a - long -- comment -->text after it", "<!--#-->#"},
    {"<!-->text of something-->", "<!-->text of something-->"},
    {"<!doctype html public 'a long string'>", "<!doctype html public 'a long string'>"},
    {"<frameset><p>text that is ignored", "<frameset><p>text that is ignored"},
    {"bytes \xff that are not UTF-8", "#\xff #"},
    {"left alone \xf4\x80\x80\x80 for its character",
     "left alone \xf4\x80\x80\x80 for its character"},
};

static void in_arena(void (*check)(struct zhi_arena *, const struct row *), const struct row *r) {
  struct zhi_arena a;
  static jmp_buf escape;
  zhi_arena_init(&a, 1 << 20);
  a.escape = &escape;
  if (setjmp(escape))
    fail_msg("over budget");
  check(&a, r);
  zhi_arena_release(&a);
}

static void check_row(struct zhi_arena *a, const struct row *r) {
  struct zhi_condensed c;
  char got[256];
  size_t n = 0;
  zhi_condense(a, zhi_str_of(r->page), &c);
  for (size_t i = 0; i < c.text.len; i++) {
    bool mark = c.count && (unsigned char)c.text.p[i] == 0xf4;
    got[n++] = mark ? '#' : c.text.p[i];
    i += mark ? 3 : 0;
  }
  got[n] = '\0';
  assert_string_equal(got, r->want);
  struct zhi_str back = zhi_condensed_expand(a, &c, c.text);
  assert_int_equal(back.len, strlen(r->page));
  assert_memory_equal(back.p, r->page, back.len);
}

static void what_decides_nothing_becomes_one_character(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    in_arena(check_row, &rows[i]);
}

static void check_offsets(struct zhi_arena *a, const struct row *r) {
  struct zhi_condensed c;
  zhi_condense(a, zhi_str_of(r->page), &c);
  for (uint32_t i = (uint32_t)c.text.len; i-- > 0;)
    if (c.text.p[i] == '<') {
      uint32_t at = zhi_condensed_offset(&c, i);
      assert_memory_equal(c.source.p + at, c.text.p + i, 2);
    }
  const char *last = strrchr(c.text.p, '<');
  assert_int_equal(zhi_condensed_offset(&c, (uint32_t)(last - c.text.p)),
                   strrchr(r->page, '<') - r->page);
}

static void offsets_are_those_of_the_source(void **state) {
  (void)state;
  static const struct row r = {"<p>long text of it<br>more long text<a href='/long/path'>", ""};
  in_arena(check_offsets, &r);
}

static void check_lines(struct zhi_arena *a, const struct row *r) {
  struct zhi_condensed c;
  zhi_condense(a, zhi_str_of(r->page), &c);
  struct zhi_str back = zhi_condensed_expand(a, &c, c.text);
  assert_string_equal(back.p, r->want);
}

static void line_ends_come_back_as_line_feeds(void **state) {
  (void)state;
  static const struct row r = {"<p>first line\r\nsecond line\rthird line</p>",
                               "<p>first line\nsecond line\nthird line</p>"};
  in_arena(check_lines, &r);
}

static void check_attributes(struct zhi_arena *a, const struct row *r) {
  struct zhi_condensed c;
  uint16_t count;
  char got[256];
  size_t n = 0;
  zhi_condense(a, zhi_str_of(r->page), &c);
  const struct zhi_attr *attrs = zhi_condensed_attrs(a, &c, strstr(c.text.p, "\xf4"), &count);
  for (unsigned i = 0; i < count; i++)
    n += (size_t)snprintf(got + n, sizeof got - n, "%s=%s;", attrs[i].name.p, attrs[i].value.p);
  assert_string_equal(got, r->want);
  assert_null(zhi_condensed_attrs(a, &c, "href", &count));
}

static void a_tags_attributes_come_back_as_the_parser_would_have_them(void **state) {
  (void)state;
  static const struct row tags[] = {
      {"<p CLASS=\"x y\" id = 'z' hidden title=a/b>", "class=x y;id=z;hidden=;title=a/b;"},
      {"<p id=\"1\"title=\"2\" data-x=''>", "id=1;title=2;data-x=;"},
      {"<p title=\"a\r\nb\rc\">", "title=a\nb\nc;"},
  };
  for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
    in_arena(check_attributes, &tags[i]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_decides_nothing_becomes_one_character),
      cmocka_unit_test(offsets_are_those_of_the_source),
      cmocka_unit_test(a_tags_attributes_come_back_as_the_parser_would_have_them),
      cmocka_unit_test(line_ends_come_back_as_line_feeds),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
