/* Attached files: what text each kind gives, what a hostile one can do, and that search finds it with its document. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zip.h>

#include <cmocka.h>

#include "crawler/attached.h"
#include "crawler/sandbox.h"
#include "tests/support/archive.h"
#include "zhi/file.h"
#include "zhi/search.h"
#include "zhi/texts.h"

/* A ZIP with one entry, in memory. */
static void make_zip(const char *name, const char *xml, struct zhi_buf *out) {
  char path[] = "/tmp/zhi-attached-XXXXXX";
  int why = 0, fd = mkstemp(path);
  struct zhi_err e = {0};
  assert_true(fd >= 0);
  close(fd);
  zip_t *z = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &why);
  assert_non_null(z);
  assert_true(zip_file_add(z, name, zip_source_buffer(z, xml, strlen(xml), 0), 0) >= 0);
  assert_int_equal(zip_close(z), 0);
  assert_int_equal(zhi_read_file(path, 1 << 20, out, &e), ZHI_OK);
  unlink(path);
}

static void check(struct zhi_str file, const char *url, const char *text, const char *finding) {
  struct zhi_buf out;
  const char *tool, *found = NULL;
  struct zhi_err e = {0};
  zhi_buf_init(&out, 64 << 20);
  if (zhi_attached_text(file, zhi_str_of(url), &out, &tool, &found, &e))
    fail_msg("%s", e.msg);
  assert_string_equal(found ? found : "", finding);
  if (strcmp(out.len ? out.p : "", text) != 0)
    fail_msg("%s: '%s', not '%s'", url, out.p, text);
  zhi_buf_release(&out);
}

static void office_files_give_the_text_of_their_paragraphs(void **state) {
  static const struct {
    const char *entry, *xml, *text, *finding;
  } rows[] = {
      {"word/document.xml",
       "<w:d xmlns:w='u'><w:p><w:r><w:t>财政</w:t></w:r><w:r><w:t>预算</w:t></w:r></w:p>"
       "<w:p><w:del>x</w:del><w:t>二</w:t><w:br/><w:t>三</w:t></w:p></w:d>",
       "财政预算\n二\n三\n", ""},
      {"xl/sharedStrings.xml",
       "<sst><si><t>单位</t></si><si><r><t>金</t></r><r><t>额</t></r></si></sst>", "单位\n金额\n",
       ""},
      {"ppt/slides/slide3.xml", "<a:s xmlns:a='u'><a:p><a:t>标题</a:t></a:p></a:s>", "标题\n", ""},
      {"Doc_0/Pages/Page_0/Content.xml",
       "<o:P xmlns:o='u'><o:TextObject><o:TextCode X='1'>版式</o:TextCode></o:TextObject></o:P>",
       "版式\n", ""},
      {"content.xml", "<o xmlns:t='u'><t:p>开放<t:span>文档</t:span></t:p></o>", "开放文档\n", ""},
      {"word/document.xml", "<w><t>断</t><t>x", "断", "failed"},
      {"word/document.xml",
       "<!DOCTYPE w [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><w><t>&x;</t></w>", "", "no_text"},
      {"word/document.xml", "<w><p/></w>", "\n", "no_text"},
      {"readme.txt", "no office file", "", "failed"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct zhi_buf zip;
    make_zip(rows[i].entry, rows[i].xml, &zip);
    check(zhi_buf_view(&zip), rows[i].entry, rows[i].text, rows[i].finding);
    zhi_buf_release(&zip);
  }
}

static void a_pdf_gives_its_text_and_others_a_finding(void **state) {
  static const char pdf[] =
      "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
      "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
      "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R/Resources<</Font<</F1 "
      "5 0 R>>>>>>endobj\n4 0 obj<</Length 40>>stream\nBT /F1 12 Tf 20 200 Td (Budget 2018) Tj ET  "
      " "
      "\nendstream endobj\n5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
      "trailer<</Root 1 0 R>>\n";
  (void)state;
  check(zhi_str_of(pdf), "http://a/x.pdf", "Budget 2018\n\n", "");
  check(ZHI_STR("%PDF-1.4 broken"), "http://a/x.pdf", "", "failed");
  check(ZHI_STR("MZ program"), "http://a/x.exe", "", "unknown_type");
  check(ZHI_STR("PK\x03\x04 no zip"), "http://a/x.docx", "", "failed");
  check(ZHI_STR("{\\rtf1\\ansi Plain words}"), "http://a/x.doc", "Plain words\n", "");
}

/* --- what a reader of a hostile file can do ------------------------------------------------------------------ */

static bool flood(struct zhi_str file, void (*put)(struct zhi_str text)) {
  static const char block[4096];
  for (;;)
    put(zhi_str_n(block, sizeof block));
  (void)file;
  return true;
}

static bool dial(struct zhi_str file, void (*put)(struct zhi_str text)) {
  (void)file;
  put(socket(AF_INET, SOCK_STREAM, 0) < 0 ? ZHI_STR("refused") : ZHI_STR("allowed"));
  return true;
}

static bool crash(struct zhi_str file, void (*put)(struct zhi_str text)) {
  (void)file;
  put(ZHI_STR("x"));
  abort();
}

static void a_reader_is_stopped_bounded_and_offline(void **state) {
  static const struct {
    bool (*run)(struct zhi_str file, void (*put)(struct zhi_str text));
    const char *finding;
    size_t least, most;
  } rows[] = {{flood, "too_much_text", ZHI_SANDBOX_TEXT_MAX - 65536, ZHI_SANDBOX_TEXT_MAX},
              {dial, "", 7, 7},
              {crash, "failed", 1, 1}};
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const struct zhi_sandbox s = {NULL, rows[i].run};
    struct zhi_buf out;
    const char *finding = NULL;
    struct zhi_err e = {0};
    zhi_buf_init(&out, 64 << 20);
    assert_int_equal(zhi_sandbox_run(&s, ZHI_STR("x"), &out, &finding, &e), ZHI_OK);
    assert_string_equal(finding ? finding : "", rows[i].finding);
    assert_true(out.len >= rows[i].least && out.len <= rows[i].most);
    if (rows[i].run == dial)
      assert_string_equal(out.p, "refused");
    zhi_buf_release(&out);
  }
}

static void a_tool_that_is_not_there_is_a_finding(void **state) {
  static const char *const argv[] = {"xianzhi-no-such-tool", "FILE", NULL};
  const struct zhi_sandbox s = {argv, NULL};
  struct zhi_buf out;
  const char *finding = NULL;
  struct zhi_err e = {0};
  (void)state;
  zhi_buf_init(&out, 1024);
  assert_int_equal(zhi_sandbox_run(&s, ZHI_STR("x"), &out, &finding, &e), ZHI_OK);
  assert_string_equal(finding, "no_tool");
  zhi_buf_release(&out);
}

/* --- search ------------------------------------------------------------------------------------------------------ */

static int64_t found(const struct test_archive *t, const char *query, char where[64]) {
  static const struct zhi_search_options o = {.may_update = true};
  const struct zhi_search_ask ask = {.query = zhi_str_of(query), .limit = 5};
  const char *dir = t->dir;
  struct zhi_search *s = NULL;
  struct zhi_err e = {0};
  json_t *answer = NULL;
  if (zhi_search_open(&dir, 1, &o, &s, &e) || zhi_search_query(s, &ask, &answer, &e))
    fail_msg("%s", e.msg);
  int64_t total = json_integer_value(json_object_get(answer, "total"));
  const char *url = json_string_value(
      json_object_get(json_array_get(json_object_get(answer, "results"), 0), "attachment"));
  snprintf(where, 64, "%s", url ? url : "");
  json_decref(answer);
  zhi_search_close(s);
  return total;
}

static void a_document_is_found_by_what_its_attachment_says(void **state) {
  struct test_archive t;
  struct zhi_texts *texts = NULL;
  struct zhi_err e = {0};
  bool fresh, known;
  char where[64];
  struct zhi_doc_row d = {.kind = "document", .extractor_version = "1"};
  (void)state;
  archive_setup(&t);
  archive_capture(&t, "http://a.gov.cn/x.pdf", "cn,gov,a)/x.pdf", ZHI_V_OK, "sha256:x", NULL);
  d.text = ZHI_STR("见附件。");
  d.text_digest = ZHI_STR("d1");
  d.attachments_json = ZHI_STR("[{\"url\":\"http://a.gov.cn/x.pdf\"}]");
  d.attachment_count = 1;
  archive_capture(&t, "http://a.gov.cn/1", "cn,gov,a)/1", ZHI_V_OK, "p1", &d);
  assert_int_equal(found(&t, "琥珀", where), 0);
  assert_int_equal(zhi_texts_open(t.dir, &texts, &fresh, &e), ZHI_OK);
  assert_false(fresh);
  assert_int_equal(
      zhi_texts_put(texts, ZHI_STR("sha256:x"), "pdf", ZHI_STR("其中有琥珀若干"), NULL, &e),
      ZHI_OK);
  assert_int_equal(zhi_texts_has(texts, ZHI_STR("sha256:x"), &known, &e), ZHI_OK);
  assert_true(known);
  assert_int_equal(zhi_texts_close(texts, ZHI_OK, &e), ZHI_OK);
  assert_int_equal(found(&t, "琥珀", where), 1);
  assert_string_equal(where, "http://a.gov.cn/x.pdf");
  assert_int_equal(found(&t, "attachments:琥珀 -title:琥珀", where), 1);
  assert_int_equal(found(&t, "body:琥珀", where), 0);
  assert_int_equal(zhi_texts_open(t.dir, &texts, &fresh, &e), ZHI_OK);
  assert_true(fresh);
  assert_int_equal(zhi_texts_close(texts, ZHI_OK, &e), ZHI_OK);
  archive_teardown(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(office_files_give_the_text_of_their_paragraphs),
      cmocka_unit_test(a_pdf_gives_its_text_and_others_a_finding),
      cmocka_unit_test(a_reader_is_stopped_bounded_and_offline),
      cmocka_unit_test(a_tool_that_is_not_there_is_a_finding),
      cmocka_unit_test(a_document_is_found_by_what_its_attachment_says),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
