/* SURT keys: the rules one by one, and the quirks that other archives' indexes hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "zhi/url.h"

struct row {
  const char *url, *want;
};

static void check_all(const struct row *rows, size_t n) {
  for (size_t i = 0; i < n; i++) {
    struct zhi_buf key;
    zhi_buf_init(&key, 1 << 20);
    zhi_surt(zhi_str_of(rows[i].url), &key);
    if (key.failed || strcmp(key.p, rows[i].want) != 0)
      fail_msg("'%s': got '%s', want '%s'", rows[i].url, key.p, rows[i].want);
    zhi_buf_release(&key);
  }
}
#define CHECK_ALL(rows) check_all(rows, sizeof(rows) / sizeof *(rows))

/* 32 and 24 letters, as session ids have them. */
#define ID32      "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
#define ID24      "a1b2c3d4e5f6a7b8c9d0e1f2"
#define LETTERS24 "abcdefghijklmnopqrstuvwx"

static void hosts_are_turned_round(void **state) {
  static const struct row rows[] = {
      {"http://zwgk.county.gov.cn/", "cn,gov,county,zwgk)/"},
      {"http://WWW.County.GOV.CN/", "cn,gov,county)/"},
      {"http://www3.county.gov.cn/", "cn,gov,county)/"},
      {"http://wwwx.county.gov.cn/", "cn,gov,county,wwwx)/"},
      {"http://www.www.cn/", "cn,www)/"},
      {"http://www/", "www)/"},
      {"http://.county..gov.cn./", "cn,gov,county)/"},
      {"http://u:p@county.gov.cn/", "cn,gov,county)/"},
      {"http://county.gov.cn:80/", "cn,gov,county)/"},
      {"https://county.gov.cn:443/", "cn,gov,county)/"},
      {"http://county.gov.cn:443/", "cn,gov,county:443)/"},
      {"http://county.gov.cn:8080/", "cn,gov,county:8080)/"},
      {"http://county.gov.cn:/", "cn,gov,county)/"},
      {"http://county.gov.cn:0/", "cn,gov,county)/"},
      {"http://10.20.30.40/", "40,30,20,10)/"},
      {"http://10.7720/", "40,30,0,10)/"},
      {"http://169090600/", "40,30,20,10)/"},
      {"http://012.1/", "1,0,0,10)/"},
      {"http://012.8/", "8,012)/"},
      {"http://10.20.30.400/", "400,30,20,10)/"},
      {"http://\xE6\x94\xBF\xE5\xBA\x9C.\xE4\xB8\xAD\xE5\x9B\xBD/", "xn--fiqs8s,xn--mxtq1m)/"},
      {"http://xn--mxtq1m.xn--fiqs8s/", "xn--fiqs8s,xn--mxtq1m)/"},
      {"http://cou%6Ety.cn/", "cn,county)/"},
      {"http://a%20b.cn/", "cn,a%20b)/"},
  };
  (void)state;
  CHECK_ALL(rows);
}

static void paths_are_lower_case_and_flat(void **state) {
  static const struct row rows[] = {
      {"http://a.cn", "cn,a)/"},
      {"http://a.cn/B/C/", "cn,a)/b/c"},
      {"http://a.cn/B//C///", "cn,a)/b/c"},
      {"http://a.cn/b/./c/../d", "cn,a)/b/d"},
      {"http://a.cn/../d", "cn,a)/../d"},
      {"http://a.cn/../../d", "cn,a)/d"},
      {"http://a.cn/b/%2E%2e/d", "cn,a)/d"},
      {"http://a.cn/%E5%8E%BF", "cn,a)/%e5%8e%bf"},
      {"http://a.cn/\xE5\x8E\xBF", "cn,a)/%e5%8e%bf"},
      {"http://a.cn/%25%36%31", "cn,a)/a"},
      {"http://a.cn/%2525252541", "cn,a)/a"},
      {"http://a.cn/%zz%4", "cn,a)/%25zz%254"},
      {"http://a.cn/a%23b%3Fc", "cn,a)/a%23b?c"},
      {"http://a.cn/a b\x7F", "cn,a)/a%20b%7f"},
      {"http://a.cn/x#frag", "cn,a)/x"},
  };
  (void)state;
  CHECK_ALL(rows);
}

static void arguments_are_sorted(void **state) {
  static const struct row rows[] = {
      {"http://a.cn/?b=2&a=1", "cn,a)/?a=1&b=2"},
      {"http://a.cn/?B=X&A", "cn,a)/?a&b=x"},
      {"http://a.cn/?a=2&a&a=&a=1", "cn,a)/?a&a=&a=1&a=2"},
      {"http://a.cn/?a!=1&a=2", "cn,a)/?a=2&a!=1"},
      {"http://a.cn/?c&&a", "cn,a)/?&a&c"},
      {"http://a.cn/?", "cn,a)/"},
      {"http://a.cn/x?&", "cn,a)/x?&"},
      {"http://a.cn/x?&&", "cn,a)/x?&&"},
      {"http://a.cn/x?q=%D6%D0+%e6", "cn,a)/x?q=%d6%d0+%e6"},
      {"http://a.cn/x?q=%26y&b", "cn,a)/x?b&q=&y"},
      {"http://a.cn?q", "cn,a)/?q"},
  };
  (void)state;
  CHECK_ALL(rows);
}

static void many_arguments_are_sorted_too(void **state) {
  struct zhi_buf url, key;
  (void)state;
  zhi_buf_init(&url, 1 << 20);
  zhi_buf_init(&key, 1 << 20);
  zhi_buf_adds(&url, "http://a.cn/?");
  for (int i = 999; i >= 100; i--)
    zhi_buf_addf(&url, "%d%s", i, i > 100 ? "&" : "");
  zhi_surt(zhi_buf_view(&url), &key);
  assert_true(zhi_str_starts(zhi_buf_view(&key), "cn,a)/?100&101&102&"));
  assert_true(zhi_str_ends(zhi_buf_view(&key), "&998&999"));
  zhi_buf_release(&key);
  zhi_buf_release(&url);
}

static void session_ids_are_left_out(void **state) {
  static const struct row rows[] = {
      {"http://a.cn/?JSESSIONID=" ID32 "&b=1", "cn,a)/?b=1"},
      {"http://a.cn/?b=1&PHPSESSID=" ID32, "cn,a)/?&b=1"},
      {"http://a.cn/?sid=" ID32, "cn,a)/"},
      {"http://a.cn/x?sid=" ID32, "cn,a)/x"},
      {"http://a.cn/?userid=1&mysid=" ID32 "&z", "cn,a)/?myz&userid=1"},
      {"http://a.cn/?sid=" ID32 "0", "cn,a)/?sid=" ID32 "0"},
      {"http://a.cn/?sid=1", "cn,a)/?sid=1"},
      {"http://a.cn/?ASPSESSIONIDABCDEFGH=" LETTERS24, "cn,a)/"},
      {"http://a.cn/?aspsessionidabc=" LETTERS24, "cn,a)/?aspsessionidabc=" LETTERS24},
      {"http://a.cn/?CFID=12&CFTOKEN=34&x", "cn,a)/?x"},
      {"http://a.cn/?cfid=12&x&cftoken=34", "cn,a)/?cfid=12&cftoken=34&x"},
      {"http://a.cn/?cfid=&cftoken=34", "cn,a)/?cfid=&cftoken=34"},
      {"http://a.cn/b/(S(" ID24 "))/c.aspx", "cn,a)/b/c.aspx"},
      {"http://a.cn/b/(A(" ID24 ")F(" ID24 "))/c.aspx?d", "cn,a)/b/c.aspx?d"},
      {"http://a.cn/b/(" ID24 ")/c.ASPX", "cn,a)/b/c.aspx"},
      {"http://a.cn/b/(S(" ID24 "))/c.html", "cn,a)/b/(s(" ID24 "))/c.html"},
      {"http://a.cn/b/(S(123))/c.aspx", "cn,a)/b/(s(123))/c.aspx"},
      {"http://a.cn/x;jsessionid=" ID32, "cn,a)/x;jsessionid=" ID32},
  };
  (void)state;
  CHECK_ALL(rows);
}

static void other_texts_have_keys_too(void **state) {
  static const struct row rows[] = {
      {"", "-"},
      {"county.gov.cn/a", "cn,gov,county)/a"},
      {"county.gov.cn:8080/a", "county.gov.cn:8080/a"},
      {"  http://a.cn/\tx\n ", "cn,a)/x"},
      {"http://http://a.cn/", "cn,a)/"},
      {"http://https://http://a.cn:80/", "cn,a)/"},
      {"http:////a.cn//x", "cn,a)/x"},
      {"http:a.cn", "cn,a)/"},
      {"http://", "http:"},
      {"http:///", "http:/"},
      {"ftp://a.cn/X/", "cn,a)/x"},
      {"ftp://a.cn:21/", "cn,a:21)/"},
      {"dns:www.a.cn", "dns:www.a.cn"},
      {"filedesc:/Foo.arc.gz", "filedesc:/Foo.arc.gz"},
      {"warcinfo:Foo.warc.gz", "warcinfo:foo.warc.gz"},
      {"mailto:A@B.cn", "mailto:a@b.cn"},
      {"http://[2001:DB8::1]:8080/x", "2001:db8::1:8080)/x"},
      {"http://a.cn:x/Y", "http://a.cn:x/y"},
      {"http://a.cn:65536/Y", "http://a.cn:65536/y"},
  };
  (void)state;
  CHECK_ALL(rows);
}

static void keys_are_appended(void **state) {
  struct zhi_buf key;
  (void)state;
  zhi_buf_init(&key, 100);
  zhi_buf_adds(&key, "k=");
  zhi_surt(ZHI_STR("http://www.a.cn/?b&a"), &key);
  assert_string_equal(key.p, "k=cn,a)/?a&b");
  zhi_buf_release(&key);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(hosts_are_turned_round),   cmocka_unit_test(paths_are_lower_case_and_flat),
      cmocka_unit_test(arguments_are_sorted),     cmocka_unit_test(many_arguments_are_sorted_too),
      cmocka_unit_test(session_ids_are_left_out), cmocka_unit_test(other_texts_have_keys_too),
      cmocka_unit_test(keys_are_appended),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
