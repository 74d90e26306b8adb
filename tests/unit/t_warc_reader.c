/* Reading: what each kind of damage gives, in records and in problems. Inputs are written here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/gunzip.h"
#include "zhi/warc.h"

#define ID    "WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000001>\r\n"
#define DATE  "WARC-Date: 2018-03-29T08:00:00Z\r\n"
#define URI   "WARC-Target-URI: http://x.gov.cn/\r\n"
#define PLAIN "Content-Type: text/plain\r\n"
#define HTTP  "Content-Type: application/http; msgtype=response\r\n"
#define RES   "WARC/1.1\r\nWARC-Type: resource\r\n" ID DATE URI
#define RESP  "WARC/1.1\r\nWARC-Type: response\r\n" ID DATE URI HTTP
#define GOOD  RES PLAIN "Content-Length: 5\r\n\r\nhello\r\n\r\n"
#define INFO                                                                                       \
  "WARC/1.1\r\nWARC-Type: warcinfo\r\n" ID DATE                                                    \
  "Content-Type: application/warc-fields\r\nContent-Length: 6\r\n\r\na: b\r\n\r\n\r\n"
#define HELLO_SHA1   "sha1:VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2N"
#define HELLO_SHA256 "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

struct told {
  char codes[512]; /* "truncated,~line_ends": ~ marks minor ones; repeats of a code are counted once
                    */
};

static void tell(void *ctx, const struct zhi_warc_problem *p) {
  struct told *t = ctx;
  char code[64];
  snprintf(code, sizeof code, "%s%s", p->minor ? "~" : "", p->code);
  if (strstr(t->codes, code) || strlen(t->codes) + strlen(code) + 2 > sizeof t->codes)
    return;
  if (t->codes[0])
    strncat(t->codes, ",", sizeof t->codes - strlen(t->codes) - 1);
  strncat(t->codes, code, sizeof t->codes - strlen(t->codes) - 1);
}

static struct zhi_warc_counts verify(struct zhi_str bytes, struct told *t) {
  struct zhi_warc_reader_options o = {.problem = tell, .ctx = t};
  struct zhi_warc_counts counts;
  struct zhi_err e = {0};
  *t = (struct told){""};
  if (zhi_warc_verify_bytes(bytes, &o, &counts, &e) != ZHI_OK)
    fail_msg("%s", e.msg);
  return counts;
}

static void expect_told(const char *what, struct zhi_str bytes, unsigned records,
                        const char *codes) {
  struct told t;
  struct zhi_warc_counts c = verify(bytes, &t);
  if (c.records != records || strcmp(t.codes, codes) != 0)
    fail_msg("%s: %llu records, told '%s'; want %u, '%s'", what, (unsigned long long)c.records,
             t.codes, records, codes);
}

static void plain_text_gives_its_records_and_its_faults(void **state) {
  (void)state;
  static const struct {
    const char *what, *bytes;
    unsigned records;
    const char *codes;
  } rows[] = {
      {"two good records", INFO GOOD, 2, ""},
      {"empty file", "", 0, ""},
      {"no warc", "<html>hello</html>\n", 0, "not_warc"},
      {"arc", "filedesc://x.arc 0.0.0.0 20180329080000 text/plain 76\n1 0 A\n", 0, "not_warc"},
      {"garbage before", "junk\r\n" GOOD, 1, "garbage"},
      {"garbage between", GOOD "junk\nmore junk\r\n" GOOD, 2, "garbage"},
      {"garbage behind", GOOD "junk\r\n", 1, "garbage"},
      {"blank lines between", GOOD "\r\n\r\n" GOOD, 2, "~line_ends"},
      {"LF line ends",
       "WARC/1.1\nWARC-Type: resource\nWARC-Record-ID: <a:b>\nWARC-Date: 2018-03-29\n"
       "WARC-Target-URI: a:b\nContent-Type: a/b\nContent-Length: 1\n\nx\n\n" GOOD,
       2, "~line_ends"},
      {"CR CR LF",
       "WARC/1.0\r\r\nWARC-Type: resource\r\r\nWARC-Record-ID: <a:b>\r\r\n"
       "WARC-Date: 2018-03-29T08:00:00Z\r\r\nWARC-Target-URI: a:b\r\r\n"
       "Content-Type: a/b\r\r\nContent-Length: 1\r\r\n\r\r\nx\r\r\n\r\r\n",
       1, "~line_ends"},
      {"folded header",
       "WARC/1.0\r\nWARC-Type:\r\n resource\r\n" ID DATE URI PLAIN
       "Content-Length:\r\n\t5\r\n\r\nhello\r\n\r\n",
       1, ""},
      {"<> in 1.0",
       "WARC/1.0\r\nWARC-Type: resource\r\n" ID DATE "WARC-Target-URI: <http://x.gov.cn/>\r\n" PLAIN
       "Content-Length: 0\r\n\r\n\r\n\r\n",
       1, ""},
      {"<> in 1.1",
       "WARC/1.1\r\nWARC-Type: resource\r\n" ID DATE "WARC-Target-URI: <http://x.gov.cn/>\r\n" PLAIN
       "Content-Length: 0\r\n\r\n\r\n\r\n",
       1, "~odd_uri"},
      {"old version",
       "WARC/0.18\r\nWARC-Type: resource\r\n" ID DATE URI PLAIN "Content-Length: 0\r\n\r\n\r\n\r\n",
       1, ""},
      {"unknown version",
       "WARC/9.9\r\nWARC-Type: resource\r\n" ID DATE URI PLAIN "Content-Length: 0\r\n\r\n\r\n\r\n",
       1, "bad_version"},
      {"length too small", RES PLAIN "Content-Length: 3\r\n\r\nhello\r\n\r\n" GOOD, 2,
       "bad_trailer,garbage"},
      {"length too large", RES PLAIN "Content-Length: 90\r\n\r\nhello\r\n\r\n" GOOD, 2,
       "bad_length"},
      {"length beyond the file", GOOD RES PLAIN "Content-Length: 5000\r\n\r\nhello\r\n\r\n", 2,
       "truncated"},
      {"length huge", RES PLAIN "Content-Length: 9223372036854775807\r\n\r\nhello\r\n\r\n" GOOD, 2,
       "bad_length"},
      {"length over 64 bits", RES PLAIN "Content-Length: 99999999999999999999\r\n\r\n\r\n\r\n" GOOD,
       2, "bad_length"},
      {"length negative", RES PLAIN "Content-Length: -1\r\n\r\n\r\n\r\n" GOOD, 2, "bad_length"},
      {"length absent", RES PLAIN "\r\nhello\r\n\r\n" GOOD, 2,
       "bad_trailer,missing_header,garbage"},
      {"no trailer at the end", RES PLAIN "Content-Length: 5\r\n\r\nhello", 1, "bad_trailer"},
      {"one line end only", RES PLAIN "Content-Length: 5\r\n\r\nhello\r\n" GOOD, 2, "~line_ends"},
      {"cut within a header", GOOD "WARC/1.1\r\nWARC-Ty", 1, "truncated"},
      {"header line without a name",
       RES PLAIN "what is this\r\nContent-Length: 5\r\n\r\nhello\r\n\r\n", 1, "bad_header"},
      {"nothing but a type", "WARC/1.1\r\nWARC-Type: response\r\n\r\n\r\n\r\n", 1,
       "missing_header"},
      {"no type", "WARC/1.1\r\n" ID DATE "Content-Length: 0\r\n\r\n\r\n\r\n", 1, "missing_header"},
      {"unknown type",
       "WARC/1.1\r\nWARC-Type: screenshot\r\n" ID DATE "Content-Length: 0\r\n\r\n\r\n\r\n", 1,
       "~unknown_type"},
      {"repeated header", RES PLAIN "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello\r\n\r\n",
       1, "repeated_header"},
      {"repeated other header",
       RES PLAIN "X: 1\r\nX: 2\r\nWARC-Protocol: a\r\nWARC-Protocol: b\r\n"
                 "Content-Length: 5\r\n\r\nhello\r\n\r\n",
       1, ""},
      {"filename on a resource",
       RES PLAIN "WARC-Filename: x\r\nContent-Length: 5\r\n\r\nhello\r\n\r\n", 1,
       "forbidden_header"},
      {"revisit without profile",
       "WARC/1.1\r\nWARC-Type: revisit\r\n" ID DATE URI "Content-Length: 0\r\n\r\n\r\n\r\n", 1,
       "missing_header"},
      {"bad date",
       "WARC/1.1\r\nWARC-Type: metadata\r\n" ID
       "WARC-Date: 29 March 2018\r\nContent-Length: 0\r\n\r\n\r\n\r\n",
       1, "bad_value"},
      {"bad id",
       "WARC/1.1\r\nWARC-Type: metadata\r\nWARC-Record-ID: 17\r\n" DATE
       "Content-Length: 0\r\n\r\n\r\n\r\n",
       1, "bad_value"},
      {"header not UTF-8", RES PLAIN "X: \xd6\xd0\r\nContent-Length: 5\r\n\r\nhello\r\n\r\n", 1,
       "bad_header"},
      {"segment 2 of a response",
       RES PLAIN "WARC-Segment-Number: 2\r\nContent-Length: 5\r\n\r\nhello\r\n\r\n", 1,
       "bad_value"},
      {"block without type", RES "Content-Length: 5\r\n\r\nhello\r\n\r\n", 1, "~no_content_type"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    expect_told(rows[i].what, zhi_str_of(rows[i].bytes), rows[i].records, rows[i].codes);
}

static void digests_are_compared_with_what_is_stored(void **state) {
  (void)state;
  static const struct {
    const char *what, *bytes, *codes;
  } rows[] = {
      {"sha256 hex",
       RES PLAIN "WARC-Block-Digest: " HELLO_SHA256 "\r\nContent-Length: 5\r\n\r\nhello\r\n\r\n",
       ""},
      {"sha1 base32",
       RES PLAIN "WARC-Block-Digest: " HELLO_SHA1 "\r\nContent-Length: 5\r\n\r\nhello\r\n\r\n", ""},
      {"sha1 hex",
       RES PLAIN "WARC-Block-Digest: sha1:aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d\r\n"
                 "Content-Length: 5\r\n\r\nhello\r\n\r\n",
       ""},
      {"md5",
       RES PLAIN "WARC-Payload-Digest: md5:5d41402abc4b2a76b9719d911017c592\r\n"
                 "Content-Length: 5\r\n\r\nhello\r\n\r\n",
       ""},
      {"wrong",
       RES PLAIN "WARC-Block-Digest: " HELLO_SHA1 "\r\nContent-Length: 5\r\n\r\nHello\r\n\r\n",
       "bad_digest"},
      {"unknown algorithm",
       RES PLAIN "WARC-Block-Digest: crc9:abc\r\nContent-Length: 5\r\n\r\nhello\r\n\r\n",
       "~unknown_digest"},
      {"no digest form",
       RES PLAIN "WARC-Block-Digest: abc\r\nContent-Length: 5\r\n\r\nhello\r\n\r\n", "bad_value"},
      {"http payload",
       RESP "WARC-Payload-Digest: " HELLO_SHA1 "\r\nContent-Length: 30\r\n\r\n"
            "HTTP/1.1 200 OK\r\nA: bcd\r\n\r\nhello\r\n\r\n",
       "bad_trailer,bad_digest,garbage"},
      {"http payload",
       RESP "WARC-Payload-Digest: " HELLO_SHA1 "\r\nContent-Length: 32\r\n\r\n"
            "HTTP/1.1 200 OK\r\nA: bcd\r\n\r\nhello\r\n\r\n",
       ""},
      {"payload de-chunked",
       RESP "WARC-Payload-Digest: " HELLO_SHA1 "\r\nContent-Length: 69\r\n\r\n"
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            "2\r\nhe\r\n3;x\r\nllo\r\n0\r\n\r\n\r\n\r\n",
       ""},
      {"payload as stored, chunked",
       RESP "WARC-Payload-Digest: "
            "sha256:1d776e2fe456054d29a304ac4fdc70ecf6dd085237a7f0dff8bdeababec372fd\r\n"
            "Content-Length: 62\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            "5\r\nhello\r\n0\r\n\r\n\r\n\r\n",
       ""},
      {"says chunked, is not",
       RESP "WARC-Payload-Digest: " HELLO_SHA1 "\r\nContent-Length: 52\r\n\r\n"
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n\r\n",
       ""},
      {"revisit's payload is elsewhere",
       "WARC/1.1\r\nWARC-Type: revisit\r\n" ID DATE URI HTTP "WARC-Profile: " ZHI_WARC_IDENTICAL
       "\r\nWARC-Payload-Digest: " HELLO_SHA1
       "\r\nContent-Length: 19\r\n\r\nHTTP/1.1 200 OK\r\n\r\n\r\n\r\n",
       ""},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct told t;
    verify(zhi_str_of(rows[i].bytes), &t);
    if (strcmp(t.codes, rows[i].codes) != 0)
      fail_msg("%s: told '%s', want '%s'", rows[i].what, t.codes, rows[i].codes);
  }
}

static void gz(struct zhi_buf *out, const char *text) { test_gzip(zhi_str_of(text), out); }

static void gzip_members_are_read_and_their_damage_is_told(void **state) {
  (void)state;
  struct zhi_buf b;
  struct told t;
  size_t first, second;
  zhi_buf_init(&b, 1 << 24);
  gz(&b, INFO);
  first = b.len;
  gz(&b, GOOD);
  second = b.len;
  gz(&b, GOOD);
  expect_told("three members", zhi_buf_view(&b), 3, "");
  expect_told("cut in the last trailer", zhi_str_sub(zhi_buf_view(&b), 0, b.len - 5), 3,
              "truncated");
  expect_told("cut in the last header", zhi_str_sub(zhi_buf_view(&b), 0, second + 60), 2,
              "truncated");
  expect_told("cut in the gzip header", zhi_str_sub(zhi_buf_view(&b), 0, second + 6), 2,
              "truncated");
  b.p[second - 8] ^= 1;
  expect_told("checksum of the second", zhi_buf_view(&b), 3, "bad_crc");
  b.p[second - 8] ^= 1;
  b.p[second - 1] ^= 1;
  expect_told("size field of the second", zhi_buf_view(&b), 3, "bad_crc");
  b.p[second - 1] ^= 1;
  memset(b.p + first + 10, 0xff, 30);
  verify(zhi_buf_view(&b), &t);
  assert_string_equal(t.codes, "corrupt");
  struct zhi_warc_counts c = verify(zhi_buf_view(&b), &t);
  assert_int_equal(c.records, 2); /* the one before and the one behind */
  zhi_buf_clear(&b);
  gz(&b, INFO);
  b.len -= 8; /* the trailer was lost: the next member begins where it should be */
  gz(&b, GOOD);
  gz(&b, GOOD);
  expect_told("a member without its trailer", zhi_buf_view(&b), 3, "bad_crc");
  zhi_buf_clear(&b);
  gz(&b, INFO);
  zhi_buf_adds(&b, "garbage between");
  gz(&b, GOOD);
  zhi_buf_add(&b, "\0\0\0\0\0\0\0\0", 8);
  expect_told("garbage around members", zhi_buf_view(&b), 2, "garbage");
  zhi_buf_clear(&b);
  gz(&b, INFO);
  zhi_buf_adds(&b, GOOD);
  gz(&b, GOOD);
  expect_told("plain between members", zhi_buf_view(&b), 3, "");
  zhi_buf_clear(&b);
  gz(&b, GOOD GOOD INFO);
  gz(&b, GOOD);
  expect_told("many records in a member", zhi_buf_view(&b), 4, "not_record_at_a_time");
  zhi_buf_clear(&b);
  gz(&b, RES PLAIN "Content-Length: 500\r\n\r\nhello\r\n\r\n");
  gz(&b, GOOD);
  expect_told("block longer than its member", zhi_buf_view(&b), 2, "truncated");
  zhi_buf_clear(&b);
  gz(&b, "not a record");
  gz(&b, GOOD);
  expect_told("a member that is no record", zhi_buf_view(&b), 1, "garbage");
  zhi_buf_release(&b);
}

static void records_have_their_place_headers_and_block(void **state) {
  (void)state;
  struct zhi_buf b;
  struct zhi_warc_reader *r;
  struct zhi_warc_record rec;
  struct zhi_warc_reader_options o = {0};
  zhi_buf_init(&b, 1 << 24);
  gz(&b, INFO);
  size_t at = b.len;
  gz(&b, GOOD);
  assert_int_equal(zhi_warc_open_bytes(zhi_buf_view(&b), &o, &r, NULL), ZHI_OK);
  assert_int_equal(zhi_warc_next(r, &rec, NULL), ZHI_OK);
  assert_int_equal(rec.type, ZHI_WARC_WARCINFO);
  assert_int_equal(rec.offset, 0);
  assert_int_equal(rec.length, at);
  assert_int_equal(zhi_warc_next(r, &rec, NULL), ZHI_OK);
  assert_int_equal(rec.type, ZHI_WARC_RESOURCE);
  assert_int_equal(rec.offset, at);
  assert_int_equal(rec.length, b.len - at);
  assert_int_equal(rec.block_length, 5);
  assert_true(zhi_str_is(zhi_spool_view(rec.block), "hello"));
  assert_true(zhi_str_is(rec.version, "WARC/1.1"));
  assert_true(zhi_str_is(zhi_warc_record_header(&rec, "warc-target-uri"), "http://x.gov.cn/"));
  assert_null(zhi_warc_record_header(&rec, "WARC-Filename").p);
  assert_int_equal(zhi_warc_next(r, &rec, NULL), ZHI_EOF);
  assert_int_equal(zhi_warc_next(r, &rec, NULL), ZHI_EOF);
  assert_int_equal(zhi_warc_seek(r, 0, NULL), ZHI_OK);
  assert_int_equal(zhi_warc_next(r, &rec, NULL), ZHI_OK);
  assert_int_equal(rec.type, ZHI_WARC_WARCINFO);
  assert_int_equal(zhi_warc_seek(r, at, NULL), ZHI_OK);
  assert_int_equal(zhi_warc_next(r, &rec, NULL), ZHI_OK);
  assert_int_equal(rec.type, ZHI_WARC_RESOURCE);
  zhi_warc_reader_free(r);
  zhi_buf_release(&b);
}

static void large_blocks_go_to_a_file_and_stay_within_their_cap(void **state) {
  (void)state;
  enum { N = 9000000 };
  struct zhi_buf b, text;
  struct zhi_warc_reader *r;
  struct zhi_warc_record rec;
  struct told t = {""};
  char path[] = "/tmp/zhi-reader-XXXXXX", piece[8];
  size_t got;
  zhi_buf_init(&b, 1 << 26);
  zhi_buf_init(&text, 1 << 26);
  zhi_buf_addf(&text, RES PLAIN "Content-Length: %d\r\n\r\n", N);
  for (int i = 0; i < N / 10; i++)
    zhi_buf_addf(&text, "%09d\n", i);
  zhi_buf_adds(&text, "\r\n\r\n");
  gz(&b, INFO);
  test_gzip(zhi_buf_view(&text), &b);
  gz(&b, GOOD);
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  assert_int_equal(write(fd, b.p, b.len), (ssize_t)b.len);
  close(fd);
  struct zhi_warc_reader_options o = {.verify = true, .problem = tell, .ctx = &t};
  assert_int_equal(zhi_warc_open(path, &o, &r, NULL), ZHI_OK);
  assert_int_equal(zhi_warc_next(r, &rec, NULL), ZHI_OK);
  assert_int_equal(zhi_warc_next(r, &rec, NULL), ZHI_OK);
  assert_int_equal(rec.block->len, N);
  assert_true(rec.block->fd >= 0);
  assert_int_equal(zhi_spool_read(rec.block, 8999990, piece, 8, &got, NULL), ZHI_OK);
  assert_memory_equal(piece, "00089999", 8);
  assert_int_equal(zhi_warc_next(r, &rec, NULL), ZHI_OK);
  assert_true(zhi_str_is(zhi_spool_view(rec.block), "hello"));
  assert_string_equal(t.codes, "");
  zhi_warc_reader_free(r);
  o.block_max = 1000;
  assert_int_equal(zhi_warc_open(path, &o, &r, NULL), ZHI_OK);
  assert_int_equal(zhi_warc_next(r, &rec, NULL), ZHI_OK);
  assert_int_equal(zhi_warc_next(r, &rec, NULL), ZHI_OK);
  assert_int_equal(rec.block->len, 1000);
  assert_int_equal(rec.block_length, N);
  assert_int_equal(zhi_warc_next(r, &rec, NULL), ZHI_OK);
  assert_string_equal(t.codes, "block_too_large");
  zhi_warc_reader_free(r);
  unlink(path);
  zhi_buf_release(&b);
  zhi_buf_release(&text);
}

static void endless_headers_are_bounded(void **state) {
  (void)state;
  struct zhi_buf b;
  struct told t;
  zhi_buf_init(&b, 1 << 24);
  zhi_buf_adds(&b, "WARC/1.1\r\nX: ");
  for (int i = 0; i < 100000; i++)
    zhi_buf_adds(&b, "0123456789");
  zhi_buf_adds(&b, "\r\n\r\n\r\n" GOOD);
  struct zhi_warc_counts c = verify(zhi_buf_view(&b), &t);
  assert_int_equal(c.records, 1);
  assert_non_null(strstr(t.codes, "header_too_large"));
  zhi_buf_clear(&b);
  zhi_buf_adds(&b, RES);
  for (int i = 0; i < 5000; i++)
    zhi_buf_adds(&b, "X: y\r\n");
  zhi_buf_adds(&b, "Content-Length: 0\r\n\r\n\r\n\r\n");
  verify(zhi_buf_view(&b), &t);
  assert_non_null(strstr(t.codes, "header_too_large"));
  zhi_buf_release(&b);
}

/* Content-Lengths that reach over everything behind them must not make reading quadratic. */
static void hostile_lengths_cost_linear_time(void **state) {
  (void)state;
  struct zhi_buf b;
  struct told t;
  zhi_buf_init(&b, 1 << 26);
  for (int i = 0; i < 100000; i++)
    zhi_buf_adds(&b, RES "Content-Length: 900000000\r\n\r\nx\r\n\r\n");
  int64_t before = zhi_mono_ms();
  struct zhi_warc_counts c = verify(zhi_buf_view(&b), &t);
  assert_true(c.records > 1 && c.problems > 1);
  assert_true(zhi_mono_ms() - before < 60000); /* reading each again and again would take hours */
  zhi_buf_release(&b);
}

static void a_missing_file_is_an_error_not_a_finding(void **state) {
  (void)state;
  struct zhi_warc_reader_options o = {0};
  struct zhi_warc_counts counts;
  struct zhi_err e = {0};
  assert_int_equal(zhi_warc_verify("/nonexistent/x.warc.gz", &o, &counts, &e), ZHI_EIO);
  assert_int_equal(zhi_warc_verify("/tmp", &o, &counts, &e), ZHI_EUSAGE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(plain_text_gives_its_records_and_its_faults),
      cmocka_unit_test(digests_are_compared_with_what_is_stored),
      cmocka_unit_test(gzip_members_are_read_and_their_damage_is_told),
      cmocka_unit_test(records_have_their_place_headers_and_block),
      cmocka_unit_test(large_blocks_go_to_a_file_and_stay_within_their_cap),
      cmocka_unit_test(endless_headers_are_bounded),
      cmocka_unit_test(hostile_lengths_cost_linear_time),
      cmocka_unit_test(a_missing_file_is_an_error_not_a_finding),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
