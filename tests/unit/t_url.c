/* The URL parser: every kind of reference against every kind of base, hosts in all spellings, query
 * encodings, parts, and what else url.h promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "zhi/limits.h"
#include "zhi/url.h"

struct row {
  const char *base, *input, *want; /* want NULL: not a URL */
};

/* Parse, compare; then parse the result again: it must come back as it is. */
static void check(const struct row *r, const struct zhi_encoding *enc) {
  struct zhi_url base, url, again;
  struct zhi_err e = {0};
  if (r->base && zhi_url_parse(zhi_str_of(r->base), NULL, NULL, &base, &e) != ZHI_OK)
    fail_msg("base '%s' does not parse", r->base);
  enum zhi_code rc = zhi_url_parse(zhi_str_of(r->input), r->base ? &base : NULL, enc, &url, &e);
  if ((rc == ZHI_OK) != (r->want != NULL))
    fail_msg("'%s' on '%s': got code %d, want %s", r->input, r->base ? r->base : "", (int)rc,
             r->want ? r->want : "a refusal");
  if (rc == ZHI_OK) {
    if (strcmp(url.href.p, r->want) != 0)
      fail_msg("'%s' on '%s': got '%s', want '%s'", r->input, r->base ? r->base : "", url.href.p,
               r->want);
    assert_int_equal(zhi_url_parse(zhi_buf_view(&url.href), NULL, NULL, &again, NULL), ZHI_OK);
    assert_string_equal(again.href.p, url.href.p);
    zhi_url_release(&again);
    zhi_url_release(&url);
  } else {
    assert_int_equal(rc, ZHI_EPARSE);
    assert_string_not_equal(e.msg, "");
  }
  if (r->base)
    zhi_url_release(&base);
}

static void check_all(const struct row *rows, size_t n) {
  for (size_t i = 0; i < n; i++)
    check(&rows[i], NULL);
}
#define CHECK_ALL(rows) check_all(rows, sizeof(rows) / sizeof *(rows))

#define PAGE "http://www.county.gov.cn/zwgk/gkml/index.html?page=2#top"

static void references_resolve_against_a_page(void **state) {
  static const struct row rows[] = {
      {PAGE, "t1.html", "http://www.county.gov.cn/zwgk/gkml/t1.html"},
      {PAGE, "./t1.html", "http://www.county.gov.cn/zwgk/gkml/t1.html"},
      {PAGE, "../t1.html", "http://www.county.gov.cn/zwgk/t1.html"},
      {PAGE, "../../../../t1.html", "http://www.county.gov.cn/t1.html"},
      {PAGE, "a/../b/./c/..", "http://www.county.gov.cn/zwgk/gkml/b/"},
      {PAGE, "a/%2e%2E/b", "http://www.county.gov.cn/zwgk/gkml/b"},
      {PAGE, "%2e", "http://www.county.gov.cn/zwgk/gkml/"},
      {PAGE, ".%2e/x", "http://www.county.gov.cn/zwgk/x"},
      {PAGE, "...", "http://www.county.gov.cn/zwgk/gkml/..."},
      {PAGE, "/x", "http://www.county.gov.cn/x"},
      {PAGE, "\\x\\y", "http://www.county.gov.cn/x/y"},
      {PAGE, "a\\..\\b", "http://www.county.gov.cn/zwgk/gkml/b"},
      {PAGE, "//h.cn/x", "http://h.cn/x"},
      {PAGE, "\\\\h.cn\\x", "http://h.cn/x"},
      {PAGE, "///h.cn", "http://h.cn/"},
      {PAGE, "?page=3", "http://www.county.gov.cn/zwgk/gkml/index.html?page=3"},
      {PAGE, "?", "http://www.county.gov.cn/zwgk/gkml/index.html?"},
      {PAGE, "#x", "http://www.county.gov.cn/zwgk/gkml/index.html?page=2#x"},
      {PAGE, "#", "http://www.county.gov.cn/zwgk/gkml/index.html?page=2#"},
      {PAGE, "", "http://www.county.gov.cn/zwgk/gkml/index.html?page=2"},
      {PAGE, " \t\r\n", "http://www.county.gov.cn/zwgk/gkml/index.html?page=2"},
      {PAGE, "http:t1.html", "http://www.county.gov.cn/zwgk/gkml/t1.html"},
      {PAGE, "http:/t1.html", "http://www.county.gov.cn/t1.html"},
      {PAGE, "http:?a", "http://www.county.gov.cn/zwgk/gkml/index.html?a"},
      {PAGE, "https:t1.html", "https://t1.html/"},
      {PAGE, "1:2", "http://www.county.gov.cn/zwgk/gkml/1:2"},
      {PAGE, ":x", "http://www.county.gov.cn/zwgk/gkml/:x"},
      {PAGE, "a//b///", "http://www.county.gov.cn/zwgk/gkml/a//b///"},
      {PAGE, "\xE9\x80\x9A\xE7\x9F\xA5.doc",
       "http://www.county.gov.cn/zwgk/gkml/%E9%80%9A%E7%9F%A5.doc"},
      {PAGE, "javascript:void(0)", "javascript:void(0)"},
      {PAGE, "mailto:xzb@county.gov.cn", "mailto:xzb@county.gov.cn"},
      {"http://u:p@h.cn:81/a?b#c", "d", "http://u:p@h.cn:81/d"},
      {"http://:p@h.cn/", "d", "http://:p@h.cn/d"},
      {"http://h.cn", "d", "http://h.cn/d"},
      {NULL, "t1.html", NULL},
      {NULL, "//h.cn/", NULL},
      {NULL, "", NULL},
      {NULL, "1http://h/", NULL},
  };
  (void)state;
  CHECK_ALL(rows);
}

static void absolute_urls_are_normalised(void **state) {
  static const struct row rows[] = {
      {NULL, "HTTP://WWW.County.GOV.cn", "http://www.county.gov.cn/"},
      {NULL, " \x01http://h.cn/a b\x01z \x1F", "http://h.cn/a%20b%01z"},
      {NULL, "ht\ntp://h\t.cn/a\rb", "http://h.cn/ab"},
      {NULL, "http://h.cn:80/", "http://h.cn/"},
      {NULL, "http://h.cn:00080/", "http://h.cn/"},
      {NULL, "http://h.cn:/", "http://h.cn/"},
      {NULL, "http://h.cn:443/", "http://h.cn:443/"},
      {NULL, "https://h.cn:443/", "https://h.cn/"},
      {NULL, "http://h.cn:0/", "http://h.cn:0/"},
      {NULL, "http://h.cn:65535/", "http://h.cn:65535/"},
      {NULL, "http://h.cn:65536/", NULL},
      {NULL, "http://h.cn:8o/", NULL},
      {NULL, "http://h.cn:-1/", NULL},
      {NULL, "http:\\\\h.cn\\a\\b?c\\d#e\\f", "http://h.cn/a/b?c\\d#e\\f"},
      {NULL, "http:h.cn", "http://h.cn/"},
      {NULL, "http:////h.cn", "http://h.cn/"},
      {NULL, "http://", NULL},
      {NULL, "http:///", NULL},
      {NULL, "http://?x", NULL},
      {NULL, "http://h.cn?x#y?z", "http://h.cn/?x#y?z"},
      {NULL, "http://h.cn#y", "http://h.cn/#y"},
      {NULL, "http://h.cn/%7e%zz%", "http://h.cn/%7e%zz%"},
      {NULL, "http://h.cn/\"<>^`{|}'", "http://h.cn/%22%3C%3E%5E%60%7B|%7D'"},
      {NULL, "http://h.cn/?\"<>^`{|}'", "http://h.cn/?%22%3C%3E^`{|}%27"},
      {NULL, "http://h.cn/#\"<>^`{|}' ", "http://h.cn/#%22%3C%3E^%60{|}'"},
      {NULL, "foo://h/?'", "foo://h/?'"},
      {NULL, "http://h.cn/\xFF\xE4\xB8", "http://h.cn/%EF%BF%BD%EF%BF%BD"},
      {NULL, "http://h.cn/\x7F", "http://h.cn/%7F"},
      {NULL, "ftp://h.cn:21/a", "ftp://h.cn/a"},
      {NULL, "wss://h.cn:443", "wss://h.cn/"},
  };
  (void)state;
  CHECK_ALL(rows);
}

static void credentials_are_kept_and_escaped(void **state) {
  static const struct row rows[] = {
      {NULL, "http://u@h.cn/", "http://u@h.cn/"},
      {NULL, "http://u:@h.cn/", "http://u@h.cn/"},
      {NULL, "http://:p@h.cn/", "http://:p@h.cn/"},
      {NULL, "http://:@h.cn/", "http://h.cn/"},
      {NULL, "http://@h.cn/", "http://h.cn/"},
      {NULL, "http://a@b@h.cn/", "http://a%40b@h.cn/"},
      {NULL, "http://a:b:c@h.cn/", "http://a:b%3Ac@h.cn/"},
      {NULL, "http://u;=[]^|@h.cn/", "http://u%3B%3D%5B%5D%5E%7C@h.cn/"},
      {NULL, "http://u\\@h.cn/", "http://u/@h.cn/"},
      {NULL, "http://u@/", NULL},
      {NULL, "http://u:p@:80/", NULL},
      {NULL, "foo://u@/", NULL},
  };
  (void)state;
  CHECK_ALL(rows);
}

static void numbers_are_ipv4_addresses(void **state) {
  static const struct row rows[] = {
      {NULL, "http://10.20.30.40/", "http://10.20.30.40/"},
      {NULL, "http://10.20.30.40./", "http://10.20.30.40/"},
      {NULL, "http://0xA.024.30.0x28/", "http://10.20.30.40/"},
      {NULL, "http://10.20.7720/", "http://10.20.30.40/"},
      {NULL, "http://10.1318440/", "http://10.20.30.40/"},
      {NULL, "http://169090600/", "http://10.20.30.40/"},
      {NULL, "http://4294967295/", "http://255.255.255.255/"},
      {NULL, "http://4294967296/", NULL},
      {NULL, "http://99999999999999999999999/", NULL},
      {NULL, "http://0x/", "http://0.0.0.0/"},
      {NULL, "http://%31%30.1/", "http://10.0.0.1/"},
      {NULL, "http://256.1.1.1/", NULL},
      {NULL, "http://1.2.3.256/", NULL},
      {NULL, "http://1.2.3.4.5/", NULL},
      {NULL, "http://1..2/", NULL},
      {NULL, "http://08/", NULL},
      {NULL, "http://x.09/", NULL},
      {NULL, "http://x.0xg/", "http://x.0xg/"},
      {NULL, "http://1.x/", "http://1.x/"},
      {NULL, "http://1e3/", "http://1e3/"},
      {NULL, "foo://010.1/", "foo://010.1/"},
  };
  (void)state;
  CHECK_ALL(rows);
}

static void ipv6_addresses_take_their_shortest_form(void **state) {
  static const struct row rows[] = {
      {NULL, "http://[2001:DB8:0:0:0:0:0:1]/", "http://[2001:db8::1]/"},
      {NULL, "http://[::]/", "http://[::]/"},
      {NULL, "http://[::1]:80/", "http://[::1]/"},
      {NULL, "http://[1::]:8080/", "http://[1::]:8080/"},
      {NULL, "http://[1:0:2:0:3:0:4:0]/", "http://[1:0:2:0:3:0:4:0]/"},
      {NULL, "http://[1:0:0:2:0:0:0:3]/", "http://[1:0:0:2::3]/"},
      {NULL, "http://[0:0:1:0:0:1:0:0]/", "http://[::1:0:0:1:0:0]/"},
      {NULL, "http://[1:2:3:4:5:6:7::]/", "http://[1:2:3:4:5:6:7:0]/"},
      {NULL, "http://[::10.20.30.40]/", "http://[::a14:1e28]/"},
      {NULL, "http://[::ffff:1.2.3.4]/", "http://[::ffff:102:304]/"},
      {NULL, "foo://[0001::0002]/", "foo://[1::2]/"},
      {NULL, "http://[1:2:3:4:5:6:7]/", NULL},
      {NULL, "http://[1:2:3:4:5:6:7:8:9]/", NULL},
      {NULL, "http://[::1:2:3:4:5:6:7:8]/", NULL},
      {NULL, "http://[1::2::3]/", NULL},
      {NULL, "http://[:1]/", NULL},
      {NULL, "http://[1:]/", NULL},
      {NULL, "http://[12345::]/", NULL},
      {NULL, "http://[::1.2.3]/", NULL},
      {NULL, "http://[::1.2.3.04]/", NULL},
      {NULL, "http://[::1.2.3.256]/", NULL},
      {NULL, "http://[1:2:3:4:5:6:7:1.2.3.4]/", NULL},
      {NULL, "http://[::1%25eth0]/", NULL},
      {NULL, "http://[::1/", NULL},
      {NULL, "http://[::1]x/", NULL},
      {NULL, "http://::1/", NULL},
      {NULL, "http://[]/", NULL},
  };
  (void)state;
  CHECK_ALL(rows);
}

static void names_go_to_punycode(void **state) {
  static const struct row rows[] = {
      {NULL, "http://\xE6\x94\xBF\xE5\xBA\x9C.\xE4\xB8\xAD\xE5\x9B\xBD/", /* 政府.中国 */
       "http://xn--mxtq1m.xn--fiqs8s/"},
      {NULL, "http://\xE6\x94\xBF\xE5\xBA\x9C\xE3\x80\x82\xE4\xB8\xAD\xE5\x9B\xBD/", /* 。 */
       "http://xn--mxtq1m.xn--fiqs8s/"},
      {NULL, "http://%E6%94%BF%E5%BA%9C.cn/", "http://xn--mxtq1m.cn/"},
      {NULL, "http://\xEF\xBD\x87\xEF\xBD\x8F\xEF\xBD\x96.cn/", "http://gov.cn/"}, /* ｇｏｖ */
      {NULL,
       "http://stra\xC3\x9F"
       "e.de/",
       "http://xn--strae-oqa.de/"},
      {NULL,
       "http://STRA\xE1\xBA\x9E"
       "E.de/",
       "http://xn--strae-oqa.de/"},
      {NULL, "http://u\xCC\x88.de/", "http://xn--tda.de/"},
      {NULL,
       "http://so\xC2\xAD"
       "ft.cn/",
       "http://soft.cn/"},
      {NULL, "http://\xE2\x98\x83.net/", "http://xn--n3h.net/"},
      {NULL, "http://\xE4\xB8\xAD--\xE5\x9B\xBD-/", "http://xn------u68d061b/"},
      {NULL, "http://a_b.cn/", "http://a_b.cn/"},
      {NULL, "http://-a-.cn/", "http://-a-.cn/"},
      {NULL, "http://a..cn/", "http://a..cn/"},
      {NULL, "http://a.cn./", "http://a.cn./"},
      {NULL, "http://XN--MXTQ1M.cn/", "http://xn--mxtq1m.cn/"},
      {NULL, "http://xn--999999999.cn/", "http://xn--999999999.cn/"},
      {NULL, "http://xn--999999999.\xE4\xB8\xAD/", NULL},
      {NULL, "http://\xC2\xAD/", NULL},
      {NULL, "http://%41%2ECN/", "http://a.cn/"},
      {NULL, "http://a%2Fb/", NULL},
      {NULL, "http://a%00b/", NULL},
      {NULL, "http://a b/", NULL},
      {NULL, "http://a%zz/", NULL},
      {NULL, "http://a%FF/", NULL},
      {NULL, "http://a<b/", NULL},
      {NULL, "http://a^b/", NULL},
      {NULL, "http://a|b/", NULL},
      {NULL, "http://\xEF\xBF\xBD/", NULL},
      {NULL,
       "http://\xD9\xA1"
       "a/",
       NULL}, /* an Arabic digit before a Latin letter */
  };
  (void)state;
  CHECK_ALL(rows);
}

static void other_schemes_keep_their_shape(void **state) {
  static const struct row rows[] = {
      {NULL, "Foo:A B", "foo:A B"},
      {NULL, "foo:a ?x", "foo:a%20?x"},
      {NULL, "foo:a  #x", "foo:a %20#x"},
      {NULL, "foo:\xE4\xB8\xAD\x01", "foo:%E4%B8%AD"},
      {NULL, "foo:\xE4\xB8\xAD\x01z", "foo:%E4%B8%AD%01z"},
      {NULL, "foo://H\xC3\xB6st:80", "foo://H%C3%B6st:80"},
      {NULL, "foo://h/..", "foo://h/"},
      {NULL, "foo:///a", "foo:///a"},
      {NULL, "foo:/a/../b", "foo:/b"},
      {NULL, "foo:/..//h", "foo:/.//h"},
      {NULL, "foo://a b/", NULL},
      {NULL, "foo://:80/", NULL},
      {"foo:opaque", "x", NULL},
      {"foo:opaque?q", "#f", "foo:opaque?q#f"},
      {"foo:opaque", "?q", NULL},
      {"foo:/.//h", "x", "foo:/.//x"},
      {"foo://h/a/b", "c", "foo://h/a/c"},
      {"foo://h", "c", "foo://h/c"},
      {"foo://h/a", "//k", "foo://k"},
      {"foo://h/a", "\\c", "foo://h/\\c"},
      {"foo:/a/b", "c", "foo:/a/c"},
      {"foo:///a/b", "/c", "foo:///c"},
  };
  (void)state;
  CHECK_ALL(rows);
}

static void file_urls_know_drive_letters(void **state) {
  static const struct row rows[] = {
      {NULL, "file:///a/../b", "file:///b"},
      {NULL, "file:/a", "file:///a"},
      {NULL, "file:a", "file:///a"},
      {NULL, "file:", "file:///"},
      {NULL, "file://localhost/a", "file:///a"},
      {NULL, "file://h/a", "file://h/a"},
      {NULL, "file://h:80/a", NULL},
      {NULL, "file:C|/x", "file:///C:/x"},
      {NULL, "file://C|/x", "file:///C:/x"},
      {NULL, "file:///C:/../..", "file:///C:/"},
      {NULL, "file:///C:x/..", "file:///"},
      {NULL, "file:\\\\h\\a", "file://h/a"},
      {"file:///C:/a/b", "c", "file:///C:/a/c"},
      {"file:///C:/a/b", "/c", "file:///C:/c"},
      {"file:///C:/a/b", "D:/c", "d:/c"},
      {"file:///C:/a/b", "D|/c", "file:///D:/c"},
      {"file:///C:/a/b", "/D:/c", "file:///D:/c"},
      {"file:///C:/a/b", "?q", "file:///C:/a/b?q"},
      {"file:///C:/a/b", "..", "file:///C:/"},
      {"file:///C:/a/b", "../../..", "file:///C:/"},
      {"file://h/a/b", "/c", "file://h/c"},
      {"file://h/a/b", "//k/c", "file://k/c"},
      {"file://h/a/b", "file:c", "file://h/a/c"},
      {"http://h/a", "file:c", "file:///c"},
  };
  (void)state;
  CHECK_ALL(rows);
}

static void queries_are_in_the_pages_encoding(void **state) {
  static const struct {
    const char *charset, *input, *want;
  } rows[] = {
      {"gbk", "/s?q=\xE5\x8E\xBF\xE5\xBF\x97", "http://h.cn/s?q=%CF%D8%D6%BE"},
      {"gb2312", "/s?q=\xE2\x82\xAC", "http://h.cn/s?q=%80"},
      {"gbk", "/s?q=\xF0\xA0\x80\x8B&x", "http://h.cn/s?q=%26%23131083%3B&x"},
      {"gb18030", "/s?q=\xF0\xA0\x80\x8B", "http://h.cn/s?q=%952%837"},
      {"gbk", "/\xE5\x8E\xBF?q#\xE5\xBF\x97", "http://h.cn/%E5%8E%BF?q#%E5%BF%97"},
      {"gbk", "foo://h?\xE5\x8E\xBF", "foo://h?%E5%8E%BF"},
      {"gbk", "ws://h?\xE5\x8E\xBF", "ws://h/?%E5%8E%BF"},
      {"big5", "/s?q=\xE7\xB8\xA3", "http://h.cn/s?q=%BF%A4"},
      {"windows-1252", "/s?q=\xC3\xA9\xE2\x80\x93\xE5\x8E\xBF",
       "http://h.cn/s?q=%E9%96%26%2321439%3B"},
      {"utf-16le", "/s?q=\xE5\x8E\xBF", "http://h.cn/s?q=%E5%8E%BF"},
      {"gbk", "/s?q=a'b c", "http://h.cn/s?q=a%27b%20c"},
      {"gbk", "/s?q=%e5%8e%bf", "http://h.cn/s?q=%e5%8e%bf"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    check(&(struct row){"http://h.cn/", rows[i].input, rows[i].want},
          zhi_encoding_of(zhi_str_of(rows[i].charset)));
}

static void assert_view(struct zhi_str got, const char *want) {
  if (!want ? got.p != NULL : !got.p || !zhi_str_is(got, want))
    fail_msg("got '%.*s', want '%s'", ZHI_STR_ARGS(got), want ? want : "nothing");
}

static void parts_are_views_of_the_serialisation(void **state) {
  struct zhi_url u;
  struct zhi_buf origin;
  (void)state;
  assert_int_equal(zhi_url_parse(ZHI_STR("https://u:p@H.cn:8443/a/b?c=d#e"), NULL, NULL, &u, NULL),
                   ZHI_OK);
  assert_view(u.scheme, "https");
  assert_view(u.username, "u");
  assert_view(u.password, "p");
  assert_view(u.host, "h.cn");
  assert_view(u.port, "8443");
  assert_view(u.path, "/a/b");
  assert_view(u.query, "c=d");
  assert_view(u.fragment, "e");
  assert_true(u.special && !u.opaque_path && zhi_url_is_http(&u));
  assert_int_equal(zhi_url_port(&u), 8443);
  assert_view(zhi_url_without_fragment(&u), "https://u:p@h.cn:8443/a/b?c=d");
  zhi_buf_init(&origin, 100);
  zhi_url_origin(&u, &origin);
  assert_string_equal(origin.p, "https://h.cn:8443");
  zhi_buf_release(&origin);
  zhi_url_release(&u);

  assert_int_equal(zhi_url_parse(ZHI_STR("mailto:a@b"), NULL, NULL, &u, NULL), ZHI_OK);
  assert_view(u.host, NULL);
  assert_view(u.path, "a@b");
  assert_view(u.query, NULL);
  assert_view(u.fragment, NULL);
  assert_true(!u.special && u.opaque_path && !zhi_url_is_http(&u));
  assert_int_equal(zhi_url_port(&u), 0);
  assert_view(zhi_url_without_fragment(&u), "mailto:a@b");
  zhi_url_release(&u);

  assert_int_equal(zhi_url_parse(ZHI_STR("foo:/.//x?"), NULL, NULL, &u, NULL), ZHI_OK);
  assert_view(u.path, "//x");
  assert_view(u.query, "");
  zhi_url_release(&u);
}

static void one_url_takes_one_link_after_another(void **state) {
  struct zhi_url base, u;
  (void)state;
  zhi_url_init(&base);
  zhi_url_init(&u);
  assert_int_equal(zhi_url_parse_into(ZHI_STR(PAGE), NULL, NULL, &base, NULL), ZHI_OK);
  assert_int_equal(zhi_url_parse_into(ZHI_STR("?a#b"), &base, NULL, &u, NULL), ZHI_OK);
  const char *memory = u.href.p;
  assert_int_equal(zhi_url_parse_into(ZHI_STR("http://[x"), &base, NULL, &u, NULL), ZHI_EPARSE);
  assert_int_equal(zhi_url_parse_into(ZHI_STR("/x"), &base, NULL, &u, NULL), ZHI_OK);
  assert_string_equal(u.href.p, "http://www.county.gov.cn/x");
  assert_ptr_equal(u.href.p, memory);
  assert_view(u.query, NULL);
  assert_view(u.fragment, NULL);
  zhi_url_release(&u);
  zhi_url_release(&base);
}

static void long_urls_are_refused(void **state) {
  size_t n = (size_t)ZHI_URL_MAX_BYTES * 4;
  char *text = malloc(n + 2);
  struct zhi_url u;
  (void)state;
  assert_non_null(text);
  memset(text, 'a', n + 1);
  memcpy(text, "http://h/", 9);
  assert_int_equal(zhi_url_parse(zhi_str_n(text, n + 1), NULL, NULL, &u, NULL), ZHI_ELIMIT);
  assert_int_equal(zhi_url_parse(zhi_str_n(text, n), NULL, NULL, &u, NULL), ZHI_OK);
  zhi_url_release(&u);
  memset(text + 9, ' ', n - 10); /* grows threefold when escaped */
  assert_int_equal(zhi_url_parse(zhi_str_n(text, n), NULL, NULL, &u, NULL), ZHI_ELIMIT);
  free(text);
}

static void registrable_domains_follow_the_list(void **state) {
  static const struct {
    const char *host, *want;
  } rows[] = {
      {"www.zhecheng.gov.cn", "zhecheng.gov.cn"},
      {"zhecheng.gov.cn", "zhecheng.gov.cn"},
      {"gov.cn", "gov.cn"},
      {"a.b.com.cn", "b.com.cn"},
      {"a.b.cn", "b.cn"},
      {"A.B.Gov.CN", "B.Gov.CN"},
      {"a.b.gov.cn.", "b.gov.cn"},
      {"10.0.0.1", "10.0.0.1"},
      {"[::1]", "[::1]"},
      {"localhost", "localhost"},
      {"", ""},
  };
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    assert_view(zhi_registrable(zhi_str_of(rows[i].host)), rows[i].want);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(references_resolve_against_a_page),
      cmocka_unit_test(absolute_urls_are_normalised),
      cmocka_unit_test(credentials_are_kept_and_escaped),
      cmocka_unit_test(numbers_are_ipv4_addresses),
      cmocka_unit_test(ipv6_addresses_take_their_shortest_form),
      cmocka_unit_test(names_go_to_punycode),
      cmocka_unit_test(other_schemes_keep_their_shape),
      cmocka_unit_test(file_urls_know_drive_letters),
      cmocka_unit_test(queries_are_in_the_pages_encoding),
      cmocka_unit_test(parts_are_views_of_the_serialisation),
      cmocka_unit_test(one_url_takes_one_link_after_another),
      cmocka_unit_test(long_urls_are_refused),
      cmocka_unit_test(registrable_domains_follow_the_list),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
