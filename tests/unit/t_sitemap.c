/* Sitemaps in every dress: index, feeds, lists, packed, malformed, cut short; and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <zlib.h>

#include "zhi/limits.h"
#include "zhi/sitemap.h"

#define NS        " xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'"
#define SET(body) "<?xml version='1.0' encoding='UTF-8'?><urlset" NS ">" body "</urlset>"

static const struct row {
  const char *bytes, *kind, *want; /* URL, or URL@lastmod, each with '|' behind it */
} rows[] = {
    {SET("<url><loc>http://a.cn/1</loc><lastmod> 2018-03-29 "
         "</lastmod></url><url><loc>\n/2#x\n</loc></url>"),
     "urlset", "http://a.cn/1@2018-03-29|http://h.cn/2|"},
    {SET("<url><loc>http://a.cn/?a=1&amp;b=2</loc></url>"), "urlset", "http://a.cn/?a=1&b=2|"},
    {SET("<url><loc><![CDATA[http://a.cn/c]]></loc></url>"), "urlset", "http://a.cn/c|"},
    {SET("<url><loc>http://a.cn/p</loc><image:image "
         "xmlns:image='i'><image:loc>http://a.cn/p.png</image:loc></image:image></url>"),
     "urlset", "http://a.cn/p|"},
    {"<sitemapindex><sitemap><loc>http://a.cn/s.xml</loc></sitemap><sitemap>http://a.cn/t.xml</"
     "sitemap></sitemapindex>",
     "index", "http://a.cn/s.xml|http://a.cn/t.xml|"},
    {"<s:urlset xmlns:s='x'><s:url><s:loc>http://a.cn/n</s:loc></s:url></s:urlset>", "urlset",
     "http://a.cn/n|"},
    {"<rss><channel><link>http://a.cn/</link><item><link>http://a.cn/i</link><pubDate>Thu, 29 Mar "
     "2018</pubDate></item>"
     "<item><guid "
     "isPermaLink='false'>77</guid></item><item><guid>http://a.cn/g</guid></item></channel></rss>",
     "rss", "http://a.cn/i@Thu, 29 Mar 2018|http://a.cn/g|"},
    {"<rdf:RDF xmlns:rdf='r' xmlns='p'><item "
     "rdf:about='http://a.cn/r'><title>t</title></item></rdf:RDF>",
     "rss", "http://a.cn/r|"},
    {"<feed><entry><updated>2018-03-29</updated><link href='/e'/><link rel='edit' "
     "href='/no'/></entry></feed>",
     "atom", "http://h.cn/e@2018-03-29|"},
    {"http://a.cn/1\r\nwww.b.cn/2#f\nnot a url\n\n", "text", "http://a.cn/1|http://www.b.cn/2|"},
    {"\xEF\xBB\xBF\n  " SET("<url><loc>http://a.cn/b</loc></url>"), "urlset", "http://a.cn/b|"},
    /* broken ones */
    {"<urlset><url><loc>http://a.cn/1</loc></url><url><loc>http://a.cn/2</lo", "urlset",
     "http://a.cn/1|http://a.cn/2|"},
    {"<urlset><url><loc>http://a.cn/?x=1&y=2</loc></url><url><loc>http://a.cn/3</loc></url></"
     "urlset>",
     "urlset", "http://a.cn/?x=1&y=2|http://a.cn/3|"},
    {"<url><loc>http://a.cn/1</loc></url><url><loc>http://a.cn/2</loc></url>", "urlset",
     "http://a.cn/1|http://a.cn/2|"},
    /* no outside help */
    {"<!DOCTYPE x [<!ENTITY e SYSTEM "
     "'file:///etc/hostname'>]><urlset><url><loc>http://a.cn/&e;</loc></url></urlset>",
     "urlset", "http://a.cn/|"},
    {"<!DOCTYPE x [<!ENTITY a 'http://a.cn/a'><!ENTITY b "
     "'&a;&a;'>]><urlset><url><loc>&b;</loc></url></urlset>",
     "urlset", ""},
    /* none */
    {"<!doctype html><html><body><p>404</p></body></html>", "unknown", ""},
    {"", "unknown", ""},
    {"just text", "unknown", ""},
    {SET("<url><loc>javascript:x</loc></url><url><loc>ftp://a.cn/</loc></url>"), "urlset", ""},
};

static void check(struct zhi_str bytes, const char *kind, const char *want) {
  struct zhi_arena a;
  struct zhi_sitemap s;
  struct zhi_buf got;
  zhi_arena_init(&a, ZHI_MIB(16));
  zhi_buf_init(&got, ZHI_MIB(1));
  assert_int_equal(zhi_sitemap_parse(&a, bytes, ZHI_STR("http://h.cn/d/sitemap.xml"), &s, NULL),
                   ZHI_OK);
  for (size_t i = 0; i < s.count; i++) {
    zhi_buf_addstr(&got, s.urls[i]);
    if (s.lastmod[i].p)
      zhi_buf_addf(&got, "@%.*s", ZHI_STR_ARGS(s.lastmod[i]));
    zhi_buf_addc(&got, '|');
  }
  if (!zhi_str_is(zhi_buf_view(&got), want))
    fail_msg("%.200s\n  got  %s\n  want %s", bytes.p, got.p, want);
  assert_string_equal(zhi_sitemap_kind_name(s.kind), kind);
  zhi_buf_release(&got);
  zhi_arena_release(&a);
}

static void every_dress_is_understood(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    check(zhi_str_of(rows[i].bytes), rows[i].kind, rows[i].want);
}

static size_t gzip(const char *text, size_t len, unsigned char *out, size_t room) {
  z_stream z = {.next_in = (Bytef *)(uintptr_t)text,
                .avail_in = (uInt)len,
                .next_out = out,
                .avail_out = (uInt)room};
  assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
  deflateEnd(&z);
  return z.total_out;
}

static void packed_files_are_unpacked(void **state) {
  (void)state;
  static const char text[] = SET("<url><loc>http://a.cn/z</loc></url>");
  unsigned char packed[1024];
  size_t n = gzip(text, sizeof text - 1, packed, sizeof packed);
  check(zhi_str_n((char *)packed, n), "urlset", "http://a.cn/z|");
  check(zhi_str_n((char *)packed, n - 8), "urlset", "http://a.cn/z|"); /* trailer lost */
}

static void a_bomb_stops_at_the_ratio(void **state) {
  (void)state;
  size_t size = ZHI_MIB(40);
  char *zeros = calloc(1, size);
  unsigned char *packed = malloc(ZHI_MIB(1));
  assert_true(zeros && packed);
  size_t n = gzip(zeros, size, packed, ZHI_MIB(1));
  struct zhi_arena a;
  struct zhi_sitemap s;
  zhi_arena_init(&a, ZHI_MIB(1));
  assert_int_equal(
      zhi_sitemap_parse(&a, zhi_str_n((char *)packed, n), ZHI_STR("http://h.cn/"), &s, NULL),
      ZHI_OK);
  assert_true(s.capped);
  assert_int_equal(s.count, 0);
  zhi_arena_release(&a);
  free(packed);
  free(zeros);
}

static void no_more_urls_than_the_cap(void **state) {
  (void)state;
  struct zhi_buf text;
  struct zhi_arena a;
  struct zhi_sitemap s;
  zhi_buf_init(&text, ZHI_MIB(16));
  zhi_arena_init(&a, ZHI_MIB(64));
  for (int i = 0; i < ZHI_SITEMAP_MAX_URLS + 10; i++)
    zhi_buf_addf(&text, "http://a.cn/%d\n", i);
  assert_int_equal(zhi_sitemap_parse(&a, zhi_buf_view(&text), ZHI_STR("http://h.cn/"), &s, NULL),
                   ZHI_OK);
  assert_int_equal(s.count, ZHI_SITEMAP_MAX_URLS);
  assert_true(s.capped);
  zhi_arena_release(&a);
  zhi_buf_release(&text);
}

static void a_full_arena_is_an_error_not_a_crash(void **state) {
  (void)state;
  struct zhi_arena a;
  struct zhi_sitemap s;
  struct zhi_err e = {0};
  zhi_arena_init(&a, 8);
  assert_int_equal(
      zhi_sitemap_parse(&a, ZHI_STR("http://a.cn/1\n"), ZHI_STR("http://h.cn/"), &s, &e),
      ZHI_ELIMIT);
  assert_true(e.msg[0] != '\0');
  zhi_arena_release(&a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_dress_is_understood),
      cmocka_unit_test(packed_files_are_unpacked),
      cmocka_unit_test(a_bomb_stops_at_the_ratio),
      cmocka_unit_test(no_more_urls_than_the_cap),
      cmocka_unit_test(a_full_arena_is_an_error_not_a_crash),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
