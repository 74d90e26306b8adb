/* Packing: byte-exact against golden text with counted ids, and properties that hold for any
 * capture. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/gunzip.h"
#include "zhi/warc.h"

#define WARCINFO "<urn:uuid:00000000-0000-4000-8000-00000000feed>"
#define DATE_MS  INT64_C(1522310400000) /* 2018-03-29T08:00:00Z */

struct fixture {
  struct zhi_ids ids;
  struct zhi_warc_packer *packer;
  struct zhi_spool body;
  struct zhi_buf text; /* decompressed records */
  int members;
};

static void start(struct fixture *f, const char *body) {
  memset(f, 0, sizeof *f);
  f->ids.counter = 1;
  assert_int_equal(zhi_warc_packer_new(1, "/tmp", &f->ids, &f->packer, NULL), ZHI_OK);
  zhi_spool_init(&f->body, "/tmp", 1 << 20, 1 << 30);
  assert_int_equal(zhi_spool_add(&f->body, body, strlen(body), NULL), ZHI_OK);
  zhi_buf_init(&f->text, 1 << 30);
}

static void finish(struct fixture *f) {
  zhi_warc_packer_free(f->packer);
  zhi_spool_release(&f->body);
  zhi_buf_release(&f->text);
}

static struct zhi_warc_exchange exchange(const struct fixture *f) {
  return (struct zhi_warc_exchange){
      .url = ZHI_STR("http://www.x.gov.cn/zwgk/t20180329_1.html"),
      .date_ms = DATE_MS,
      .ip = ZHI_STR("192.0.2.7"),
      .protocol = ZHI_STR("http/1.1"),
      .request_head = ZHI_STR("GET /zwgk/t20180329_1.html HTTP/1.1\r\nHost: www.x.gov.cn\r\n\r\n"),
      .response_head =
          ZHI_STR("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 14\r\n\r\n"),
      .body = &f->body,
      .via = ZHI_STR("http://www.x.gov.cn/"),
      .hops = ZHI_STR("L"),
      .fetch_time_ms = 12,
      .metadata_fields = ZHI_STR("charset: gb18030\r\nverdict: ok\r\n"),
  };
}

/* Pack, decompress into f->text, and keep what the packer said in *out (its spool is released). */
static void pack(struct fixture *f, const struct zhi_warc_exchange *x,
                 struct zhi_warc_packed *out) {
  struct zhi_err e = {0};
  struct zhi_buf gz;
  zhi_buf_init(&gz, 1 << 30);
  if (zhi_warc_pack(f->packer, x, ZHI_STR(WARCINFO), out, &e) != ZHI_OK)
    fail_msg("%s", e.msg);
  assert_int_equal(zhi_spool_slurp(&out->bytes, 1 << 30, &gz, &e), ZHI_OK);
  zhi_buf_clear(&f->text);
  f->members = test_gunzip(zhi_buf_view(&gz), &f->text);
  struct zhi_buf first;
  zhi_buf_init(&first, 1 << 30);
  assert_int_equal(
      test_gunzip(zhi_str_sub(zhi_buf_view(&gz), 0, (size_t)out->response_length), &first), 1);
  assert_memory_equal(first.p, f->text.p, first.len);
  zhi_buf_release(&first);
  zhi_buf_release(&gz);
  zhi_warc_packed_release(out);
}

static bool has(const struct fixture *f, const char *needle) {
  return zhi_str_find(zhi_buf_view(&f->text), zhi_str_of(needle)) != NULL;
}

static void equals_golden(const struct fixture *f, const char *name) {
  char path[128];
  snprintf(path, sizeof path, "tests/golden/%s", name);
  if (getenv("GOLDEN_UPDATE")) {
    FILE *out = fopen(path, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(f->text.p, 1, f->text.len, out), f->text.len);
    fclose(out);
  }
  FILE *in = fopen(path, "rb");
  assert_non_null(in);
  char *want = malloc(1 << 20);
  assert_non_null(want);
  size_t n = fread(want, 1, 1 << 20, in);
  fclose(in);
  assert_int_equal(f->text.len, n);
  assert_memory_equal(f->text.p, want, n);
  free(want);
}

static void capture_is_response_request_metadata_byte_for_byte(void **state) {
  (void)state;
  struct fixture f;
  struct zhi_warc_packed out;
  start(&f, "<html>x</html>");
  struct zhi_warc_exchange x = exchange(&f);
  pack(&f, &x, &out);
  assert_int_equal(f.members, 3);
  assert_string_equal(out.record_id, "<urn:uuid:00000000-0000-4000-8000-000000000001>");
  equals_golden(&f, "capture.warc");
  finish(&f);
}

static void tls_capture_with_milliseconds_names_both_protocols(void **state) {
  (void)state;
  struct fixture f;
  struct zhi_warc_packed out;
  start(&f, "<html>x</html>");
  struct zhi_warc_exchange x = exchange(&f);
  x.url = ZHI_STR("https://www.x.gov.cn/");
  x.date_ms += 45;
  x.tls_version = ZHI_STR("tls/1.3");
  x.cipher_suite = ZHI_STR("TLS_AES_128_GCM_SHA256");
  pack(&f, &x, &out);
  equals_golden(&f, "capture_tls.warc");
  finish(&f);
}

static void unchanged_page_is_a_revisit_without_its_body(void **state) {
  (void)state;
  struct fixture f;
  struct zhi_warc_packed out;
  start(&f, "<html>x</html>");
  struct zhi_warc_exchange x = exchange(&f);
  x.revisit_profile = ZHI_WARC_IDENTICAL;
  x.refers_to_id = ZHI_STR("<urn:uuid:00000000-0000-4000-8000-00000000aaaa>");
  x.refers_to_uri = x.url;
  x.refers_to_date_ms = DATE_MS - 86400000;
  pack(&f, &x, &out);
  assert_false(has(&f, "<html>"));
  equals_golden(&f, "revisit_identical.warc");
  finish(&f);
}

static void not_modified_keeps_the_servers_head(void **state) {
  (void)state;
  struct fixture f;
  struct zhi_warc_packed out;
  start(&f, "");
  struct zhi_warc_exchange x = exchange(&f);
  x.revisit_profile = ZHI_WARC_NOT_MODIFIED;
  x.response_head =
      ZHI_STR("HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\nContent-Length: 999\r\n\r\n");
  x.refers_to_uri = x.url;
  x.refers_to_date_ms = DATE_MS - 86400000;
  x.payload_digest =
      ZHI_STR("sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
  pack(&f, &x, &out);
  equals_golden(&f, "revisit_not_modified.warc");
  finish(&f);
}

static void chunked_response_is_stored_with_a_length_and_the_old_header_renamed(void **state) {
  (void)state;
  struct fixture f;
  struct zhi_warc_packed out;
  start(&f, "<html>x</html>");
  struct zhi_warc_exchange x = exchange(&f);
  x.was_chunked = true;
  x.response_head = ZHI_STR("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nServer: s\r\n\r\n");
  pack(&f, &x, &out);
  equals_golden(&f, "capture_chunked.warc");
  finish(&f);
}

/* What a received head becomes; NULL = stored as it is. */
static void heads_are_made_to_fit_the_stored_body(void **state) {
  (void)state;
  static const struct {
    const char *head, *stored, *changed;
    bool truncated;
  } rows[] = {
      {"HTTP/1.1 200 OK\r\nA: b\r\n\r\n", NULL, NULL, false},
      {"HTTP/1.1 200 OK\r\nA: b\r\n\tc\r\n\r\n", NULL, NULL, false},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", NULL, NULL, false},
      {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", NULL, NULL, true},
      {"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n",
       "HTTP/1.1 200 OK\r\nX-Archive-Orig-content-length: 9\r\nContent-Length: 5\r\n\r\n",
       "content-length, Content-Length", false},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n",
       "HTTP/1.1 200 OK\r\nX-Archive-Orig-Content-Length: 5, 5\r\nContent-Length: 5\r\n\r\n",
       "Content-Length", false},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
       "HTTP/1.1 200 OK\r\nX-Archive-Orig-Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
       "Transfer-Encoding", false},
      {"HTTP/1.1 200 OK\nA: b\n\n", "HTTP/1.1 200 OK\r\nA: b\r\n\r\n", "(line ends)", false},
      {"HTTP/1.1 200 OK\r\nA: b", "HTTP/1.1 200 OK\r\nA: b\r\n\r\n", "(line ends)", false},
      {"HTTP/1.1 200 OK\r\nA : b\r\nno colon\r\n\r\n",
       "HTTP/1.1 200 OK\r\nA: b\r\nX-Archive-Orig-Malformed: no colon\r\n\r\n", "(malformed line)",
       false},
      {"HTTP/1.1 200 OK\r\nA: b\rc\x01\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b c \r\n\r\n",
       "(control bytes)", false},
      {"HTTP/1.1 200OK\r\nA: b\r\n\r\n",
       "HTTP/1.1 200 OK\r\nX-Archive-Orig-Status-Line: HTTP/1.1 200OK\r\nA: b\r\n\r\n",
       "(status line)", false},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n x\r\n\r\n",
       "HTTP/1.1 200 OK\r\nX-Archive-Orig-Content-Length: 5\r\n x\r\nContent-Length: 5\r\n\r\n",
       "Content-Length", false},
      {"HTTP/1.1 200 OK\r\n A: b\r\n\r\n",
       "HTTP/1.1 200 OK\r\nX-Archive-Orig-Malformed:  A: b\r\n\r\n", "(malformed line)", false},
      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", NULL,
       false},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct fixture f;
    struct zhi_warc_packed out;
    char block[512], changed[128];
    start(&f, "hello");
    struct zhi_warc_exchange x = exchange(&f);
    x.response_head = zhi_str_of(rows[i].head);
    x.truncated = rows[i].truncated ? "length" : NULL;
    pack(&f, &x, &out);
    snprintf(block, sizeof block, "\r\n\r\n%shello\r\n\r\n",
             rows[i].stored ? rows[i].stored : rows[i].head);
    if (!has(&f, block))
      fail_msg("row %zu: stored as\n%s", i, f.text.p);
    snprintf(changed, sizeof changed, "headersChanged: %s\r\n",
             rows[i].changed ? rows[i].changed : "");
    if (has(&f, "headersChanged") != (rows[i].changed != NULL) ||
        (rows[i].changed && !has(&f, changed)))
      fail_msg("row %zu: changes said as\n%s", i, f.text.p);
    assert_true(has(&f, "WARC-Truncated: length") == rows[i].truncated);
    finish(&f);
  }
}

static void digests_are_of_what_is_stored(void **state) {
  (void)state;
  struct fixture f;
  struct zhi_warc_packed out;
  char payload[ZHI_DIGEST_TEXT_SIZE], block[ZHI_DIGEST_TEXT_SIZE], line[400];
  start(&f, "hello");
  struct zhi_warc_exchange x = exchange(&f);
  x.response_head = ZHI_STR("HTTP/1.1 200 OK\r\n\r\n");
  pack(&f, &x, &out);
  assert_int_equal(zhi_sha256_text(ZHI_STR("hello"), payload, NULL), ZHI_OK);
  assert_int_equal(zhi_sha256_text(ZHI_STR("HTTP/1.1 200 OK\r\n\r\nhello"), block, NULL), ZHI_OK);
  assert_string_equal(out.payload_digest, payload);
  assert_string_equal(out.block_digest, block);
  snprintf(line, sizeof line, "WARC-Block-Digest: %s\r\nWARC-Payload-Digest: %s\r\n", block,
           payload);
  assert_true(has(&f, line));
  finish(&f);
}

static void large_and_spilled_bodies_are_streamed_to_the_same_record(void **state) {
  (void)state;
  static const struct {
    size_t bytes, mem_max;
  } rows[] = {{5u << 20, 16u << 20}, {5u << 20, 1024}, {3000, 100}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct fixture f;
    struct zhi_warc_packed out;
    char digest[ZHI_DIGEST_TEXT_SIZE], length[64];
    start(&f, "");
    zhi_spool_release(&f.body);
    zhi_spool_init(&f.body, "/tmp", rows[i].mem_max, 1 << 30);
    char *bytes = malloc(rows[i].bytes);
    assert_non_null(bytes);
    for (size_t k = 0; k < rows[i].bytes; k++)
      bytes[k] = (char)(k * 2654435761u >> 13);
    assert_int_equal(zhi_spool_add(&f.body, bytes, rows[i].bytes, NULL), ZHI_OK);
    assert_int_equal(zhi_sha256_text(zhi_str_n(bytes, rows[i].bytes), digest, NULL), ZHI_OK);
    struct zhi_warc_exchange x = exchange(&f);
    x.response_head = ZHI_STR("HTTP/1.1 200 OK\r\n\r\n");
    pack(&f, &x, &out);
    assert_int_equal(f.members, 3);
    assert_string_equal(out.payload_digest, digest);
    snprintf(length, sizeof length, "Content-Length: %zu\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
             rows[i].bytes + 19);
    const char *at = zhi_str_find(zhi_buf_view(&f.text), zhi_str_of(length));
    assert_non_null(at);
    assert_memory_equal(at + strlen(length), bytes, rows[i].bytes);
    assert_memory_equal(at + strlen(length) + rows[i].bytes, "\r\n\r\nWARC/1.1\r\n", 14);
    free(bytes);
    finish(&f);
  }
}

static void header_values_cannot_break_the_record(void **state) {
  (void)state;
  struct fixture f;
  struct zhi_warc_packed out;
  start(&f, "x");
  struct zhi_warc_exchange x = exchange(&f);
  x.url = ZHI_STR("http://x.gov.cn/a b\r\nWARC-Evil: 1/\xe4\xb8\xad<>");
  x.via = ZHI_STR("http://x.gov.cn/\r\nevil: 1");
  x.ip = ZHI_STR("192.0.2.7\r\nEvil: 1");
  pack(&f, &x, &out);
  assert_true(
      has(&f, "WARC-Target-URI: http://x.gov.cn/a%20b%0D%0AWARC-Evil:%201/%E4%B8%AD%3C%3E\r\n"));
  assert_true(has(&f, "via: http://x.gov.cn/  evil: 1\r\n"));
  assert_false(has(&f, "\nEvil"));
  finish(&f);
}

static void a_capture_without_request_or_metadata_is_one_member(void **state) {
  (void)state;
  struct fixture f;
  struct zhi_warc_packed out;
  start(&f, "x");
  struct zhi_warc_exchange x = {.url = ZHI_STR("http://x.gov.cn/"),
                                .response_head = ZHI_STR("HTTP/1.0 200 OK\r\n\r\n"),
                                .body = &f.body,
                                .fetch_time_ms = -1};
  pack(&f, &x, &out);
  assert_int_equal(f.members, 1);
  assert_int_equal(zhi_warc_pack(f.packer, &(struct zhi_warc_exchange){.url = x.url},
                                 ZHI_STR(WARCINFO), &out, NULL),
                   ZHI_EBUG);
  finish(&f);
}

static void resource_record_has_its_own_type_and_both_digests(void **state) {
  (void)state;
  struct fixture f;
  struct zhi_warc_packed out;
  struct zhi_buf gz;
  start(&f, "");
  zhi_buf_init(&gz, 1 << 20);
  assert_int_equal(zhi_warc_pack_resource(f.packer, ZHI_STR("urn:x-xianzhi:config"),
                                          ZHI_STR("text/yaml"), ZHI_STR("cluster: x\n"), DATE_MS,
                                          ZHI_STR(WARCINFO), &out, NULL),
                   ZHI_OK);
  assert_int_equal(zhi_spool_slurp(&out.bytes, 1 << 20, &gz, NULL), ZHI_OK);
  assert_int_equal(test_gunzip(zhi_buf_view(&gz), &f.text), 1);
  assert_int_equal(out.response_length, gz.len);
  equals_golden(&f, "resource.warc");
  zhi_buf_release(&gz);
  zhi_warc_packed_release(&out);
  finish(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(capture_is_response_request_metadata_byte_for_byte),
      cmocka_unit_test(tls_capture_with_milliseconds_names_both_protocols),
      cmocka_unit_test(unchanged_page_is_a_revisit_without_its_body),
      cmocka_unit_test(not_modified_keeps_the_servers_head),
      cmocka_unit_test(chunked_response_is_stored_with_a_length_and_the_old_header_renamed),
      cmocka_unit_test(heads_are_made_to_fit_the_stored_body),
      cmocka_unit_test(digests_are_of_what_is_stored),
      cmocka_unit_test(large_and_spilled_bodies_are_streamed_to_the_same_record),
      cmocka_unit_test(header_values_cannot_break_the_record),
      cmocka_unit_test(a_capture_without_request_or_metadata_is_one_member),
      cmocka_unit_test(resource_record_has_its_own_type_and_both_digests),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
