/* robots.txt: groups, precedence, escapes, line ends, extensions, and that hostile files stay cheap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <time.h>

#include "zhi/limits.h"
#include "zhi/robots.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct zhi_robots *parse(struct zhi_str text) {
  struct zhi_robots *r = NULL;
  assert_int_equal(zhi_robots_parse(text, ZHI_STR("xianzhi/0.1"), &r, NULL), ZHI_OK);
  return r;
}

struct allow_case {
  const char *robots, *url;
  bool allow;
};

static void check(const struct allow_case *c, size_t n) {
  for (size_t i = 0; i < n; i++) {
    struct zhi_robots *r = parse(zhi_str_of(c[i].robots));
    if (zhi_robots_allowed(r, zhi_str_of(c[i].url), NULL) != c[i].allow)
      fail_msg("case %zu: %s should be %s by\n%s", i, c[i].url, c[i].allow ? "allowed" : "denied",
               c[i].robots);
    zhi_robots_free(r);
  }
}

static void the_most_specific_group_holds_and_groups_merge(void **state) {
  (void)state;
  static const struct allow_case cases[] = {
      {"User-agent: *\nDisallow: /\n", "/a", false},
      {"User-agent: *\nDisallow: /\nUser-agent: xianzhi\nDisallow: /x\n", "/a", true},
      {"User-agent: XianZhi\nDisallow: /x\n", "/x", false},
      {"User-agent: xianzhi/2.0\nDisallow: /x\n", "/x", false},
      {"User-agent: xianzhibot\nDisallow: /\n", "/x", true},
      {"User-agent: xian\nDisallow: /\n", "/x", true},
      {"User-agent: xianzhi\nDisallow: /a\nUser-agent: b\nDisallow: /b\nUser-agent: xianzhi\n"
       "Disallow: /c\n",
       "/c", false},
      {"User-agent: xianzhi\nUser-agent: b\nDisallow: /b\n", "/b", false},
      {"User-agent: b\n\n# note\nUser-agent: xianzhi\nSitemap: http://x/s.xml\nDisallow: /b\n",
       "/b", false},
      {"User-agent: xianzhi\n", "/a", true},
      {"User-agent: xianzhi\nUser-agent: *\nDisallow: /\n", "/a", false},
      {"Disallow: /\n", "/a", true}, /* before any group */
      {"User-agent: b\nCrawl-delay: 1\nUser-agent: xianzhi\nDisallow: /b\n", "/b", false},
  };
  check(cases, COUNT(cases));
}

static void the_longest_match_wins_and_allow_wins_ties(void **state) {
  (void)state;
#define ALL "User-agent: *\n"
  static const struct allow_case cases[] = {
      {ALL "Disallow: /admin\nDisallow: /admin/login\n", "/admin/x", false},
      {ALL "Disallow: /\nAllow: /p\n", "/page", true},
      {ALL "Allow: /p\nDisallow: /page\n", "/page", false},
      {ALL "Disallow: /p\nAllow: /p\n", "/p", true},
      {ALL "Allow: /a*\nDisallow: /a/b\n", "/a/b", false},
      {ALL "Disallow:\n", "/a", true},
      {ALL "Disallow: /*.pdf$\n", "/a.pdf/b.pdf", false},
      {ALL "Disallow: /*.pdf$\n", "/a.pdf?x", true},
      {ALL "Disallow: /*.pdf\n", "/a.pdf?x", false},
      {ALL "Disallow: /a*b*c$\n", "/abcabc", false},
      {ALL "Disallow: /a*b*c$\n", "/abcabx", true},
      {ALL "Disallow: /x$\n", "/x", false},
      {ALL "Disallow: /x$\n", "/xy", true},
      {ALL "Disallow: /x$y\n", "/x$y", false},
      {ALL "Disallow: *?id=\n", "/a?id=3", false},
      {ALL "Disallow: /*aab\n", "/aaaaab", false}, /* a partial match overlaps the real one */
      {ALL "Disallow: /*abab$\n", "/abaabab", false},
      {ALL "Disallow: /a**b\n", "/axb", false},
      {ALL "Disallow: /a*\n", "/a", false},
      {ALL "Disallow: /a*$\n", "/abc", false},
      {ALL "Disallow: /robots.txt\nDisallow: /\n", "http://x/robots.txt", true},
      {ALL "Disallow: /a\n", "/A", true},
  };
  check(cases, COUNT(cases));
}

static void escapes_compare_by_octet(void **state) {
  (void)state;
  static const struct allow_case cases[] = {
      {ALL "Disallow: /%61bc\n", "/abc", false},
      {ALL "Disallow: /abc\n", "/%61%62c", false},
      {ALL "Disallow: /\xE5\x8E\xBF\n", "/%E5%8e%bf/", false},
      {ALL "Disallow: /%e5%8e%bf\n", "/\xE5\x8E\xBF", false},
      {ALL "Disallow: /a%2Fb\n", "/a/b", true},
      {ALL "Disallow: /a%2fb\n", "/a%2Fb", false},
      {ALL "Disallow: /a%2Ab\n", "/a*b", false},
      {ALL "Disallow: /a%2Ab\n", "/axb", true},
      {ALL "Disallow: /a%24\n", "/a$b", false},
      {ALL "Disallow: /a%\n", "/a%", false},
      {ALL "Disallow: /a%zz\n", "/a%zz", false},
      {ALL "Disallow: /a b\n", "/a%20b", false},
  };
  check(cases, COUNT(cases));
}

static void lines_end_anyhow_and_spellings_vary(void **state) {
  (void)state;
  static const struct allow_case cases[] = {
      {"\xEF\xBB\xBFUser-agent: *\r\nDisallow: /a\r\n", "/a", false},
      {"User-agent: *\rDisallow: /a\rDisallow: /b", "/b", false},
      {"User-agent:*\nDisallow:/a#note\n", "/a", false},
      {"  user-AGENT : * \n\tDISALLOW :\t/a \t\n", "/a", false},
      {"user agent: *\ndissallow: /a\n", "/a", false},
      {"useragent *\ndisallow /a\n", "/a", false},
      {"User-agent: *\nDisallow: /a\n<html>garbage: </html>\n: \nDisallow: /b\n", "/b", false},
  };
  check(cases, COUNT(cases));
}

static void urls_of_any_form_have_a_path(void **state) {
  (void)state;
  static const struct allow_case cases[] = {
      {ALL "Disallow: /$\n", "http://x.gov.cn", false},
      {ALL "Disallow: /$\n", "", false},
      {ALL "Disallow: /?q\n", "http://x.gov.cn?q=1", false},
      {ALL "Disallow: /a\n", "http://x.gov.cn:80/a#b", false},
      {ALL "Disallow: /*b\n", "http://x.gov.cn/a#b", true},
      {ALL "Disallow: /a\n", "//x.gov.cn/a", false},
      {ALL "Disallow: /a//b\n", "http://x/a//b", false},
      {ALL "Disallow: /\n", "/robots.txt?x", false},
  };
  check(cases, COUNT(cases));
}

static void delays_and_sitemaps_are_told(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int64_t ms;
  } cases[] = {
      {ALL "Crawl-delay: 5\n", 5000},
      {ALL "crawldelay: 0.25\n", 250},
      {ALL "Crawl-delay: 2\nCrawl-delay: 1\n", 2000},
      {ALL "Crawl-delay: soon\n", -1},
      {ALL "Crawl-delay: -3\n", -1},
      {ALL "Crawl-delay: 99999999999999999999\n", 365LL * 86400000},
      {"User-agent: b\nCrawl-delay: 7\nUser-agent: *\nDisallow: /x\n", -1},
      {"User-agent: b\nCrawl-delay: 7\nUser-agent: *\nCrawl-delay: 3\n", 3000},
      {"User-agent: b\nUser-agent: xianzhi\nCrawl-delay: 7\n", 7000},
      {"User-agent: xianzhi\nDisallow: /x\nUser-agent: *\nCrawl-delay: 3\n", -1},
      {"", -1},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct zhi_robots *r = parse(zhi_str_of(cases[i].text));
    if (zhi_robots_crawl_delay_ms(r) != cases[i].ms)
      fail_msg("case %zu: %lld", i, (long long)zhi_robots_crawl_delay_ms(r));
    zhi_robots_free(r);
  }
  struct zhi_robots *r = parse(ZHI_STR("sitemap: http://x/a.xml\nUser-agent: b\nSitemap: /b.xml\n"
                                       "SITEMAP:http://x/a.xml\nSitemap:\n"));
  assert_int_equal(zhi_robots_sitemap_count(r), 2);
  assert_true(zhi_str_is(zhi_robots_sitemap(r, 0), "http://x/a.xml"));
  assert_true(zhi_str_is(zhi_robots_sitemap(r, 1), "/b.xml"));
  zhi_robots_free(r);
}

static void the_deciding_line_is_told(void **state) {
  (void)state;
  struct zhi_robots *r =
      parse(ZHI_STR("# one\r\nUser-agent: *\r\n\r\nDisallow: /a\r\nAllow: /a/b\r\n"));
  size_t line = 99;
  assert_false(zhi_robots_allowed(r, ZHI_STR("/a"), &line));
  assert_int_equal(line, 4);
  assert_true(zhi_robots_allowed(r, ZHI_STR("/a/b"), &line));
  assert_int_equal(line, 5);
  assert_true(zhi_robots_allowed(r, ZHI_STR("/c"), &line));
  assert_int_equal(line, 0);
  zhi_robots_free(r);
}

static void a_file_that_cannot_be_had_allows_all_or_nothing(void **state) {
  (void)state;
  for (int allow = 0; allow < 2; allow++) {
    struct zhi_robots *r = NULL;
    assert_int_equal(zhi_robots_fixed(allow, &r, NULL), ZHI_OK);
    assert_int_equal(zhi_robots_allowed(r, ZHI_STR("http://x/a"), NULL), allow);
    assert_true(zhi_robots_allowed(r, ZHI_STR("http://x/robots.txt"), NULL));
    assert_int_equal(zhi_robots_crawl_delay_ms(r), -1);
    assert_int_equal(zhi_robots_sitemap_count(r), 0);
    zhi_robots_free(r);
  }
}

static void long_lines_are_whole_and_long_files_are_cut(void **state) {
  (void)state;
  struct zhi_buf b;
  zhi_buf_init(&b, ZHI_MIB(2));
  zhi_buf_adds(&b, ALL "Disallow: /");
  for (int i = 0; i < 100000; i++)
    zhi_buf_addc(&b, 'a');
  zhi_buf_adds(&b, "b*\n");
  while (b.len < ZHI_ROBOTS_MAX_BYTES)
    zhi_buf_adds(&b, "# filler\n");
  zhi_buf_adds(&b, "Disallow: /late\n");
  struct zhi_robots *r = parse(zhi_buf_view(&b));
  assert_true(zhi_robots_allowed(r, ZHI_STR("/late"), NULL));
  const char *path = strstr(b.p, "/aaa");
  assert_false(zhi_robots_allowed(r, zhi_str_n(path, 100002), NULL));
  assert_true(zhi_robots_allowed(r, zhi_str_n(path, 100001), NULL));
  zhi_robots_free(r);
  zhi_buf_release(&b);
}

/* A backtracking matcher needs ages for this one; ours reads the path once for each run. */
static void many_stars_do_not_multiply(void **state) {
  (void)state;
  struct zhi_buf rule, path;
  zhi_buf_init(&rule, ZHI_MIB(1));
  zhi_buf_init(&path, ZHI_MIB(1));
  zhi_buf_adds(&rule, "/");
  for (int i = 0; i < 2000; i++)
    zhi_buf_adds(&rule, "*aaaaaaaab");
  for (int i = 0; i < 8000; i++)
    zhi_buf_addc(&path, i ? 'a' : '/');
  struct zhi_pattern *p = NULL;
  assert_int_equal(zhi_pattern_new(zhi_buf_view(&rule), &p, NULL), ZHI_OK);
  clock_t start = clock();
  for (int i = 0; i < 100; i++)
    assert_false(zhi_pattern_match(p, zhi_buf_view(&path)));
  assert_true(clock() - start < 5 * CLOCKS_PER_SEC);
  zhi_pattern_free(p);
  zhi_buf_release(&rule);
  zhi_buf_release(&path);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_most_specific_group_holds_and_groups_merge),
      cmocka_unit_test(the_longest_match_wins_and_allow_wins_ties),
      cmocka_unit_test(escapes_compare_by_octet),
      cmocka_unit_test(lines_end_anyhow_and_spellings_vary),
      cmocka_unit_test(urls_of_any_form_have_a_path),
      cmocka_unit_test(delays_and_sitemaps_are_told),
      cmocka_unit_test(the_deciding_line_is_told),
      cmocka_unit_test(a_file_that_cannot_be_had_allows_all_or_nothing),
      cmocka_unit_test(long_lines_are_whole_and_long_files_are_cut),
      cmocka_unit_test(many_stars_do_not_multiply),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
