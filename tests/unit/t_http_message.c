/* HTTP heads as found, Content-Type values, and content decoding within bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>

#include <cmocka.h>

#include "tests/support/gunzip.h"
#include "zhi/warc.h"

/* --- heads ------------------------------------------------------------------------------------------ */

static void first_lines_are_recognised(void **state) {
  (void)state;
  static const struct {
    const char *data;
    int status, minor;
    const char *reason, *method, *target;
    size_t bytes;
  } rows[] = {
      {"HTTP/1.1 200 OK\r\n\r\nbody", 200, 1, "OK", "", "", 19},
      {"HTTP/1.0 404\r\n\r\n", 404, 0, "", "", "", 16},
      {"HTTP/1.1  302  Moved Temporarily \r\n\r\n", 302, 1, "Moved Temporarily", "", "", 37},
      {"http/1.1 200 ok\n\nbody", 200, 1, "ok", "", "", 17},
      {"HTTP/2 200\r\n\r\n", 200, 1, "", "", "", 14},
      {"HTTP/1.1 abc\r\n\r\n", 0, 1, "abc", "", "", 16},
      {"HTTP/1.1 20000\r\n\r\n", 0, 1, "20000", "", "", 18},
      {"ICY 200 OK\r\n\r\n", 200, 0, "OK", "", "", 14},
      {"\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", 200, 1, "OK", "", "", 23},
      {"<b>Warning</b>\nHTTP/1.1 500 Oops\r\n\r\n", 500, 1, "Oops", "", "", 36},
      {"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", 0, 1, "", "GET", "/a b", 30},
      {"GET /old\r\n", 0, -1, "", "GET", "/old", 10},
      {"HTTP/1.1 200 OK", 200, 1, "OK", "", "", 15},
      {"HTTP/1.1 200 OK\r\nA: b\r\n<html>", 200, 1, "OK", "", "", 23},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct zhi_http_head h = {0};
    if (zhi_http_parse(zhi_str_of(rows[i].data), &h, NULL) != ZHI_OK)
      fail_msg("row %zu is not recognised", i);
    if (h.status != rows[i].status || h.minor != rows[i].minor || h.bytes != rows[i].bytes ||
        !zhi_str_is(h.reason, rows[i].reason) || !zhi_str_is(h.method, rows[i].method) ||
        !zhi_str_is(h.target, rows[i].target))
      fail_msg("row %zu: %d %d '%.*s' '%.*s' '%.*s' %zu", i, h.status, h.minor,
               ZHI_STR_ARGS(h.reason), ZHI_STR_ARGS(h.method), ZHI_STR_ARGS(h.target), h.bytes);
    zhi_http_head_release(&h);
  }
  static const char *const others[] = {"", "hello", "<html>\n<body>\n", "{\"a\": 1}\n",
                                       "get /x\r\n\r\n"};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    struct zhi_http_head h;
    assert_int_equal(zhi_http_parse(zhi_str_of(others[i]), &h, NULL), ZHI_EPARSE);
  }
}

static void headers_are_found_whatever_their_form(void **state) {
  (void)state;
  struct zhi_http_head h;
  struct zhi_str data = ZHI_STR("HTTP/1.1 200 OK\r\n"
                                "Content-Type : text/html\n"
                                "no colon here\r\n"
                                "X-Empty:\r\n"
                                "X-Folded: one\r\n two\r\n"
                                ": no name\r\n"
                                "x-twice: 1\r\nX-Twice: 2\r\n"
                                "Last:\t v \r\n\r\nbody");
  assert_int_equal(zhi_http_parse(data, &h, NULL), ZHI_OK);
  assert_true(zhi_str_is(zhi_http_header(&h, "content-type"), "text/html"));
  assert_non_null(zhi_http_header(&h, "X-Empty").p);
  assert_int_equal(zhi_http_header(&h, "X-Empty").len, 0);
  assert_true(zhi_str_is(zhi_http_header(&h, "X-Folded"), "one\r\n two"));
  assert_true(zhi_str_is(zhi_http_header(&h, "X-TWICE"), "1"));
  assert_true(zhi_str_is(zhi_http_header(&h, "Last"), "v"));
  assert_null(zhi_http_header(&h, "X-None").p);
  assert_int_equal(h.bytes, data.len - 4);
  zhi_http_head_release(&h);
}

static void content_types_give_mime_and_charset(void **state) {
  (void)state;
  static const struct {
    const char *value, *mime, *charset; /* NULL: none */
  } rows[] = {
      {"text/html", "text/html", NULL},
      {"Text/HTML; Charset=GB2312", "text/html", "GB2312"},
      {"text/html;charset=\"utf-8\"", "text/html", "utf-8"},
      {"text/html; charset='gbk'", "text/html", "gbk"},
      {"text/html; charset = gbk ; x=y", "text/html", "gbk"},
      {"text/html; a=b; charset=gbk", "text/html", "gbk"},
      {"text/html; a=\"x;charset=no\"; charset=gbk", "text/html", "gbk"},
      {"text/html; charset=; charset=gbk", "text/html", "gbk"},
      {"text/html; charset=gbk; charset=utf-8", "text/html", "gbk"},
      {"text/html; charset", "text/html", NULL},
      {"text/html, text/plain", "text/html", NULL},
      {" text/html ", "text/html", NULL},
      {"", "", NULL},
      {"; charset=gbk", "", "gbk"},
      {"application/x-very-long-name-that-does-not-fit", "application/x-very-", NULL},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char mime[20];
    struct zhi_str charset;
    zhi_http_content_type(zhi_str_of(rows[i].value), mime, sizeof mime, &charset);
    if (strcmp(mime, rows[i].mime) != 0 || (charset.p != NULL) != (rows[i].charset != NULL) ||
        (charset.p && !zhi_str_is(charset, rows[i].charset)))
      fail_msg("row %zu: '%s' '%.*s'", i, mime, ZHI_STR_ARGS(charset));
  }
}

/* --- decoding --------------------------------------------------------------------------------------- */

static void deflate_with(int window_bits, struct zhi_str in, struct zhi_buf *out) {
  z_stream z = {0};
  assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
  size_t room = deflateBound(&z, in.len) + 64;
  assert_true(zhi_buf_reserve(out, room));
  z.next_in = (Bytef *)(uintptr_t)in.p;
  z.avail_in = (uInt)in.len;
  z.next_out = (Bytef *)out->p + out->len;
  z.avail_out = (uInt)room;
  assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
  out->len += room - z.avail_out;
  deflateEnd(&z);
}

static enum zhi_code decode(const char *encoding, bool sniff, struct zhi_str body, size_t mem_max,
                            size_t max, unsigned ratio, struct zhi_buf *out, const char **damage) {
  struct zhi_spool s;
  zhi_spool_init(&s, "/tmp", mem_max, 1 << 30);
  assert_int_equal(zhi_spool_add(&s, body.p, body.len, NULL), ZHI_OK);
  zhi_buf_init(out, 1 << 28);
  enum zhi_code rc =
      zhi_http_decode(zhi_str_of(encoding), sniff, &s, max, ratio, out, damage, NULL);
  zhi_spool_release(&s);
  return rc;
}

static void codings_are_undone(void **state) {
  (void)state;
  struct zhi_str hello = ZHI_STR("hello hello hello hello");
  struct zhi_buf gz, zl, raw, two, twice, tail;
  struct zhi_buf *all[] = {&gz, &zl, &raw, &two, &twice, &tail};
  for (size_t i = 0; i < 6; i++)
    zhi_buf_init(all[i], 1 << 20);
  test_gzip(hello, &gz);
  deflate_with(15, hello, &zl);
  deflate_with(-15, hello, &raw);
  test_gzip(ZHI_STR("hello hello "), &two);
  test_gzip(ZHI_STR("hello hello"), &two);
  test_gzip(zhi_buf_view(&zl), &twice);
  zhi_buf_addstr(&tail, zhi_buf_view(&gz));
  zhi_buf_adds(&tail, "<!-- x -->");
  const struct {
    const char *encoding;
    bool sniff;
    struct zhi_str body;
    const char *damage;
  } rows[] = {
      {"", false, hello, NULL},
      {"identity", false, hello, NULL},
      {"utf-8", false, hello, NULL},
      {"gzip", false, zhi_buf_view(&gz), NULL},
      {"X-GZIP", false, zhi_buf_view(&gz), NULL},
      {"", true, zhi_buf_view(&gz), NULL},
      {"deflate", false, zhi_buf_view(&zl), NULL},
      {"deflate", false, zhi_buf_view(&raw), NULL},
      {"deflate", false, zhi_buf_view(&gz), NULL},
      {"gzip", false, zhi_buf_view(&two), NULL},
      {"gzip", false, zhi_buf_view(&tail), NULL},
      {"deflate, gzip", false, zhi_buf_view(&twice), NULL},
      {"gzip", false, hello, "corrupt"}, /* says gzip, is not: as it is */
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    for (size_t mem = 4; mem <= 4096; mem += 4092) { /* from a file and from memory */
      struct zhi_buf out;
      const char *damage = "unset";
      enum zhi_code rc =
          decode(rows[i].encoding, rows[i].sniff, rows[i].body, mem, 1 << 20, 100, &out, &damage);
      bool same = (damage == NULL) == (rows[i].damage == NULL) &&
                  (!damage || strcmp(damage, rows[i].damage) == 0);
      if (rc || !same || !zhi_str_eq(zhi_buf_view(&out), hello))
        fail_msg("row %zu mem %zu: code %d damage %s '%.*s'", i, mem, (int)rc,
                 damage ? damage : "-", (int)out.len, out.p);
      zhi_buf_release(&out);
    }
  for (size_t i = 0; i < 6; i++)
    zhi_buf_release(all[i]);
}

static void unknown_codings_are_refused(void **state) {
  (void)state;
  static const char *const names[] = {"br", "zstd", "gzip, br", "compress",
                                      "gzip,gzip,gzip,gzip,gzip"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    struct zhi_buf out;
    assert_int_equal(decode(names[i], false, ZHI_STR("x"), 64, 1000, 10, &out, NULL), ZHI_EPARSE);
    zhi_buf_release(&out);
  }
}

static void damaged_bodies_give_what_can_be_had(void **state) {
  (void)state;
  struct zhi_buf text, gz, out;
  const char *damage;
  zhi_buf_init(&text, 1 << 24);
  zhi_buf_init(&gz, 1 << 24);
  for (int i = 0; i < 20000; i++)
    zhi_buf_addf(&text, "line %d\n", i * 7919 % 10007);
  test_gzip(zhi_buf_view(&text), &gz);
  assert_int_equal(decode("gzip", false, zhi_str_sub(zhi_buf_view(&gz), 0, gz.len / 2), 1 << 20,
                          1 << 24, 100, &out, &damage),
                   ZHI_OK);
  assert_string_equal(damage, "truncated");
  assert_true(out.len > text.len / 4 && out.len < text.len);
  assert_memory_equal(out.p, text.p, out.len);
  zhi_buf_release(&out);
  gz.p[gz.len - 6] ^= 1; /* the checksum: everything is there all the same */
  assert_int_equal(decode("gzip", false, zhi_buf_view(&gz), 1 << 20, 1 << 24, 100, &out, &damage),
                   ZHI_OK);
  assert_string_equal(damage, "corrupt");
  assert_true(zhi_str_eq(zhi_buf_view(&out), zhi_buf_view(&text)));
  zhi_buf_release(&out);
  zhi_buf_release(&text);
  zhi_buf_release(&gz);
}

static void bombs_stop_at_the_cap(void **state) {
  (void)state;
  enum { ZEROS = 32 << 20 };
  struct zhi_buf zeros, gz, gz2, out;
  const char *damage;
  zhi_buf_init(&zeros, ZEROS);
  zhi_buf_init(&gz, 1 << 28);
  zhi_buf_init(&gz2, 1 << 28);
  assert_true(zhi_buf_reserve(&zeros, ZEROS));
  memset(zeros.p, 0, ZEROS);
  zeros.len = ZEROS;
  test_gzip(zhi_buf_view(&zeros), &gz);
  test_gzip(zhi_buf_view(&gz), &gz2);
  /* max(1 MiB, 20 × stored) */
  assert_int_equal(decode("gzip", false, zhi_buf_view(&gz), 1 << 24, 1u << 28, 20, &out, &damage),
                   ZHI_OK);
  assert_string_equal(damage, "limit");
  assert_int_equal(out.len, gz.len * 20 > 1u << 20 ? gz.len * 20 : 1u << 20);
  zhi_buf_release(&out);
  assert_int_equal(decode("gzip", false, zhi_buf_view(&gz), 1 << 24, 1000, 20, &out, &damage),
                   ZHI_OK);
  assert_int_equal(out.len, 1000);
  zhi_buf_release(&out);
  assert_int_equal(
      decode("gzip, gzip", false, zhi_buf_view(&gz2), 1 << 24, 1u << 28, 20, &out, &damage),
      ZHI_OK);
  assert_string_equal(damage, "limit");
  assert_int_equal(out.len, 1u << 20);
  zhi_buf_release(&out);
  assert_int_equal(decode("", false, ZHI_STR("hello"), 1 << 24, 3, 20, &out, &damage), ZHI_OK);
  assert_string_equal(damage, "limit");
  assert_string_equal(out.p, "hel");
  zhi_buf_release(&out);
  zhi_buf_release(&zeros);
  zhi_buf_release(&gz);
  zhi_buf_release(&gz2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(first_lines_are_recognised),
      cmocka_unit_test(headers_are_found_whatever_their_form),
      cmocka_unit_test(content_types_give_mime_and_charset),
      cmocka_unit_test(codings_are_undone),
      cmocka_unit_test(unknown_codings_are_refused),
      cmocka_unit_test(damaged_bodies_give_what_can_be_had),
      cmocka_unit_test(bombs_stop_at_the_cap),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
