/* Articles over several pages: parts know their first page, the first page links its parts, and the catalogue has one
 * document with the text of all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/archive.h"
#include "tests/support/extracted.h"

#define DIR "http://www.x.gov.cn/zwgk/201803/"
#define ARTICLE                                                                                    \
  "<h1>关于某事的通知</h1><p>发布时间：2018-03-29 来源：甲局</p><div "            \
  "id=zoom><p>正文若干字。</p></div>"

static void pages_know_their_first_page(void **state) {
  (void)state;
  static const struct {
    const char *name, *extra;
    int part; /* 0: a document of its own */
  } cases[] = {
      {"t20180329_123_1.html",
       "<script>createPageHTML(3, 1, \"t20180329_123\", \"html\");</script>", 1},
      {"t20180329_123_2.html", "<a href=t20180329_123.html>首页</a>", 2},
      {"1999_9.html", "<a href=1999.html>首页</a>", 9},
      {"1234_2.shtml", "<a href='./1234.shtml'>上一页</a>", 2},
      {"t20180329_123.html", "<script>createPageHTML(3, 0, \"t20180329_123\", \"html\");</script>",
       0},
      {"t20180329_123.html", "<a href=t20180329.html>上一篇</a>", 0},
      {"content_2.html", "<a href=content.html>首页</a>", 0},
      {"t20180329_123_1.html", "<a href=/zwgk/>首页</a>", 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct zhi_buf url, html;
    zhi_buf_init(&url, 1024);
    zhi_buf_init(&html, 8192);
    zhi_buf_addf(&url, DIR "%s", cases[i].name);
    zhi_buf_addf(&html, ARTICLE "%s", cases[i].extra);
    const struct zhi_doc *d = extracted(html.p, url.p);
    assert_int_equal(d->kind, ZHI_KIND_DOCUMENT);
    if (d->part != cases[i].part || !d->part_of.len != !cases[i].part)
      fail_msg("case %zu: part %d of '%.*s'", i, d->part, ZHI_STR_ARGS(d->part_of));
    if (i == 0)
      assert_true(zhi_str_is(d->part_of, DIR "t20180329_123.html"));
    zhi_buf_release(&url);
    zhi_buf_release(&html);
  }
}

static void the_first_page_links_its_parts(void **state) {
  (void)state;
  const struct zhi_doc *d =
      extracted(ARTICLE "<script>createPageHTML(3, 0, \"t20180329_123\", \"html\");</script>",
                DIR "t20180329_123.html");
  int found = 0;
  for (size_t i = 0; i < d->link_count; i++)
    found += zhi_str_is(d->links[i].url, DIR "t20180329_123_1.html") ||
             zhi_str_is(d->links[i].url, DIR "t20180329_123_2.html");
  assert_int_equal(found, 2);
}

static void capture(struct test_archive *t, const char *url, int part, const char *text) {
  struct zhi_doc_row d = {.kind = part ? "part" : "document",
                          .extractor_version = "1",
                          .text = zhi_str_of(text),
                          .text_digest = zhi_str_of(text),
                          .part = part,
                          .part_of = part ? ZHI_STR(DIR "t1.html") : ZHI_STR("")};
  archive_capture(t, url, url, ZHI_V_OK, text, &d);
}

static void the_catalogue_has_one_document_with_all_text(void **state) {
  struct test_archive t;
  (void)state;
  archive_setup(&t);
  capture(&t, DIR "t1_2.html", 2, "丙");
  capture(&t, DIR "t1.html", 0, "甲");
  capture(&t, DIR "t1_1.html", 1, "乙");
  capture(&t, DIR "t2.html", 0, "丁");
  assert_int_equal(archive_int(&t, "SELECT count(*) FROM documents"), 2);
  assert_int_equal(archive_int(&t, "SELECT count(*) FROM whole_texts"), 1);
  assert_int_equal(archive_int(&t, "SELECT count(*) FROM whole_texts WHERE pages = 3 AND text = "
                                   "'甲' || char(10) || '乙' || char(10) || '丙' AND url = '" DIR
                                   "t1.html'"),
                   1);
  archive_teardown(&t);
}

static int release(void **state) {
  (void)state;
  extracted_release();
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pages_know_their_first_page),
      cmocka_unit_test(the_first_page_links_its_parts),
      cmocka_unit_test(the_catalogue_has_one_document_with_all_text),
  };
  return cmocka_run_group_tests(tests, NULL, release);
}
