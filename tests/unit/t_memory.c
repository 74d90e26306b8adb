/* What is made while memory runs out is made whole or not at all: each allocation of a calm run fails once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "zhi/doc.h"
#include "zhi/json.h"
#include "zhi/warc.h"

#ifndef __SANITIZE_ADDRESS__ /* a sanitizer brings its own */

static long calls, fails_at;

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);

static bool fails(void) { return ++calls == fails_at; }
void *malloc(size_t n) { return fails() ? NULL : __libc_malloc(n); }
void *calloc(size_t n, size_t size) { return fails() ? NULL : __libc_calloc(n, size); }
void *realloc(void *p, size_t n) { return fails() ? NULL : __libc_realloc(p, n); }

static void fail_at(long n) {
  calls = 0;
  fails_at = n;
}

static void add(FILE *f, const char *type, const char *content, const char *block) {
  fprintf(f,
          "WARC/1.1\r\nWARC-Type: %s\r\nWARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-"
          "000000000001>\r\nWARC-Date: 2026-01-02T03:04:05Z\r\nWARC-Target-URI: "
          "http://www.example.gov.cn/a?b=1\r\nContent-Type: application/http; msgtype=%s\r\n"
          "Content-Length: %zu\r\n\r\n%s\r\n\r\n",
          type, content, strlen(block), block);
}

static enum zhi_code place(void *ctx, const char *path, uint64_t offset, bool *found,
                           struct zhi_cdxj_original *out, struct zhi_err *e) {
  (void)path, (void)offset;
  *out = (struct zhi_cdxj_original){.file = "first.warc.gz", .offset = 12, .length = 34};
  *found = true;
  return *(const bool *)ctx ? zhi_fail(e, ZHI_ENOMEM, "out of memory for a place") : ZHI_OK;
}

struct world {
  char path[64];
  bool lost; /* the place of an original cannot be had */
};

static int set_up(void **state) {
  struct world *w = calloc(1, sizeof *w);
  assert_non_null(w);
  snprintf(w->path, sizeof w->path, "/tmp/zhi-memory-XXXXXX");
  int fd = mkstemp(w->path);
  assert_true(fd >= 0);
  FILE *f = fdopen(fd, "w");
  assert_non_null(f);
  add(f, "response", "response", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\nhello");
  add(f, "request", "request",
      "POST /a?b=1 HTTP/1.1\r\nHost: www.example.gov.cn\r\nContent-Type: "
      "application/x-www-form-urlencoded\r\n\r\nc=2&d=3");
  add(f, "revisit", "response", "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n");
  assert_int_equal(fclose(f), 0);
  *state = w;
  return 0;
}

static int tear_down(void **state) {
  struct world *w = *state;
  unlink(w->path);
  free(w);
  return 0;
}

/* The index of the file, with the n-th allocation failing (0: none). */
static enum zhi_code index_with(struct world *w, long n, char text[4096], struct zhi_err *e) {
  struct zhi_cdxj_options o = {.original = place, .ctx = &w->lost};
  char *paths[] = {w->path};
  FILE *out = tmpfile();
  assert_non_null(out);
  fail_at(n);
  enum zhi_code rc = zhi_cdxj_index(paths, 1, fileno(out), &o, e);
  fails_at = 0;
  rewind(out);
  text[fread(text, 1, 4095, out)] = '\0';
  fclose(out);
  return rc;
}

static void an_index_is_whole_or_an_error(void **state) {
  char calm[4096], text[4096];
  struct zhi_err e = {0};
  long failed = 0;
  assert_int_equal(index_with(*state, 0, calm, &e), ZHI_OK);
  assert_non_null(strstr(calm, "\"status\": \"200\""));
  assert_non_null(strstr(calm, "\"method\": \"POST\""));
  assert_non_null(strstr(calm, "\"orig.offset\": \"12\""));
  for (long n = 1, all = calls; n <= all; n++) {
    if (index_with(*state, n, text, &e))
      failed++;
    else
      assert_string_equal(text, calm);
  }
  assert_true(failed > 5);
}

static void an_original_that_cannot_be_looked_up_fails_the_index(void **state) {
  struct world *w = *state;
  char text[4096];
  struct zhi_err e = {0};
  w->lost = true;
  assert_int_equal(index_with(w, 0, text, &e), ZHI_ENOMEM);
}

/* The document as text, with the n-th allocation failing (0: none); NULL where it is told that memory ran out. */
static char *document_with(const struct zhi_doc *d, long n) {
  struct zhi_err e = {0};
  const unsigned long lost = zhi_json_lost();
  fail_at(n);
  json_t *o = zhi_doc_json(d, true);
  char *text = o ? json_dumps(o, JSON_COMPACT) : NULL;
  fails_at = 0;
  enum zhi_code rc = zhi_json_whole(lost, "a document", &e);
  json_decref(o);
  if (!rc)
    return text;
  assert_int_equal(rc, ZHI_ENOMEM);
  free(text);
  return NULL;
}

static void json_that_lacks_something_is_known_to(void **state) {
  static const char html[] =
      "<html><head><title>\xff\" \" notice</title></head><body><h1>notice</h1>"
      "<p>text of it</p><a href=a.pdf>annex</a></body></html>";
  const struct zhi_page page = {.url = ZHI_STR("http://www.example.gov.cn/a.html"),
                                .body = zhi_str_n(html, sizeof html - 1),
                                .content_type = ZHI_STR("text/html"),
                                .status = 200};
  struct zhi_extractor *x = NULL;
  const struct zhi_doc *d = NULL;
  struct zhi_err e = {0};
  long failed = 0;
  (void)state;
  assert_int_equal(zhi_extractor_new(&x, &e), 0);
  assert_int_equal(zhi_extract(x, &page, &d, &e), 0);
  char *calm = document_with(d, 0);
  assert_non_null(calm);
  assert_non_null(strstr(calm, "a.pdf"));
  for (long n = 1, all = calls; n <= all; n++) {
    char *text = document_with(d, n);
    failed += text == NULL;
    if (text)
      assert_string_equal(text, calm);
    free(text);
  }
  assert_true(failed > 20);
  free(calm);
  zhi_extractor_free(x);
}

int main(void) {
  zhi_json_begin();
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(json_that_lacks_something_is_known_to),
      cmocka_unit_test_setup_teardown(an_index_is_whole_or_an_error, set_up, tear_down),
      cmocka_unit_test_setup_teardown(an_original_that_cannot_be_looked_up_fails_the_index, set_up,
                                      tear_down)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void) { return 0; }

#endif
