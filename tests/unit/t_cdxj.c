/* CDXJ lines and the sorted index. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "tests/support/gunzip.h"
#include "zhi/request.h"
#include "zhi/warc.h"

#define ID   "WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000001>\r\n"
#define DATE "WARC-Date: 2018-03-29T08:00:00.123Z\r\n"
#define HTTP "Content-Type: application/http; msgtype=response\r\n"

/* The line of the first record of `text`; "" when it gives none. */
static void line_of(const char *text, const char *charset, struct zhi_buf *out) {
  struct zhi_warc_reader_options o = {0};
  struct zhi_warc_reader *r;
  struct zhi_warc_record rec;
  zhi_buf_init(out, 1 << 20);
  assert_int_equal(zhi_warc_open_bytes(zhi_str_of(text), &o, &r, NULL), ZHI_OK);
  assert_int_equal(zhi_warc_next(r, &rec, NULL), ZHI_OK);
  assert_int_equal(zhi_cdxj_line(&rec, ZHI_STR("a.warc.gz"), zhi_str_of(charset), out, NULL),
                   ZHI_OK);
  zhi_warc_reader_free(r);
}

static void a_post_is_indexed_by_its_body(void **state) {
  (void)state;
  struct zhi_warc_reader_options o = {0};
  struct zhi_warc_reader *r;
  struct zhi_warc_record rec;
  struct zhi_buf line;
  line_of("WARC/1.1\r\nWARC-Type: response\r\n" ID DATE
          "WARC-Target-URI: http://x.gov.cn/l\r\n" HTTP
          "Content-Length: 19\r\n\r\nHTTP/1.1 200 OK\r\n\r\n\r\n\r\n",
          "", &line);
  static const char http[] =
      "POST /l HTTP/1.1\r\nHost: x.gov.cn\r\nContent-Type: " ZHI_FORM_TYPE "\r\n\r\np=2&a=1";
  char text[600];
  snprintf(text, sizeof text,
           "WARC/1.1\r\nWARC-Type: request\r\n" ID DATE "WARC-Target-URI: http://x.gov.cn/l\r\n"
           "Content-Type: application/http; msgtype=request\r\n"
           "Content-Length: %zu\r\n\r\n%s\r\n\r\n",
           sizeof http - 1, http);
  assert_int_equal(zhi_warc_open_bytes(zhi_str_of(text), &o, &r, NULL), ZHI_OK);
  assert_int_equal(zhi_warc_next(r, &rec, NULL), ZHI_OK);
  assert_int_equal(zhi_cdxj_post(&rec, &line, NULL), ZHI_OK);
  assert_true(zhi_str_starts(zhi_buf_view(&line),
                             "cn,gov,x)/l?__wb_method=post&a=1&p=2 20180329080000 {\"url\": "
                             "\"http://x.gov.cn/l\", "));
  assert_true(
      zhi_str_ends(zhi_buf_view(&line), "\"requestBody\": \"p=2&a=1\", \"method\": \"POST\"}"));
  zhi_buf_release(&line);
  zhi_warc_reader_free(r);
}

static void lines_say_what_an_index_needs(void **state) {
  (void)state;
  static const struct {
    const char *text, *charset, *line;
  } rows[] = {
      {"WARC/1.1\r\nWARC-Type: response\r\n" ID DATE
       "WARC-Target-URI: http://www.x.gov.cn/A?b=1&a=2\r\n"
       "WARC-Payload-Digest: sha256:00\r\n" HTTP "Content-Length: 62\r\n\r\n"
       "HTTP/1.1 200 OK\r\nContent-Type: Text/HTML; charset=gbk\r\n\r\nhello\r\n\r\n",
       "",
       "cn,gov,x)/a?a=2&b=1 20180329080000 {\"url\": \"http://www.x.gov.cn/A?b=1&a=2\", \"mime\": "
       "\"text/html\", "
       "\"status\": \"200\", \"digest\": \"sha256:00\", \"length\": \"351\", \"offset\": \"0\", "
       "\"filename\": \"a.warc.gz\"}"},
      {"WARC/1.0\r\nWARC-Type: revisit\r\n" ID DATE "WARC-Target-URI: <http://x.gov.cn/>\r\n" HTTP
       "Content-Length: 43\r\n\r\nHTTP/1.1 304 \r\nContent-Type: text/plain\r\n\r\n\r\n\r\n",
       "gbk",
       "cn,gov,x)/ 20180329080000 {\"url\": \"http://x.gov.cn/\", \"mime\": \"warc/revisit\", "
       "\"status\": \"304\", "
       "\"length\": \"288\", \"offset\": \"0\", \"filename\": \"a.warc.gz\", \"charset\": "
       "\"gbk\"}"},
      {"WARC/1.1\r\nWARC-Type: resource\r\n" ID DATE "WARC-Target-URI: urn:x:\"\\y\r\n"
       "Content-Type: text/yaml\r\nContent-Length: 2\r\n\r\nab\r\n\r\n",
       "",
       "urn:x:\"\\y 20180329080000 {\"url\": \"urn:x:\\\"\\\\y\", \"mime\": \"text/yaml\", "
       "\"length\": \"213\", "
       "\"offset\": \"0\", \"filename\": \"a.warc.gz\"}"},
      {"WARC/1.1\r\nWARC-Type: request\r\n" ID DATE "WARC-Target-URI: http://x.gov.cn/\r\n"
       "Content-Length: 0\r\n\r\n\r\n\r\n",
       "", ""},
      {"WARC/1.1\r\nWARC-Type: response\r\n" ID
       "WARC-Date: never\r\nWARC-Target-URI: http://x.gov.cn/\r\n"
       "Content-Length: 0\r\n\r\n\r\n\r\n",
       "", ""},
      {"WARC/1.1\r\nWARC-Type: response\r\n" ID DATE "Content-Length: 0\r\n\r\n\r\n\r\n", "", ""},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct zhi_buf out;
    line_of(rows[i].text, rows[i].charset, &out);
    if (strcmp(out.p, rows[i].line) != 0)
      fail_msg("row %zu:\n%s\nwant\n%s", i, out.p, rows[i].line);
    zhi_buf_release(&out);
  }
}

static void any_url_makes_a_well_formed_line(void **state) {
  (void)state;
  static const char *const urls[] = {
      "http://x.gov.cn/a b", "\xd6\xd0\xce\xc4", "a\tb\x01", "http://[::1", "\"", "\x7f"};
  for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
    char text[512];
    struct zhi_buf out;
    snprintf(text, sizeof text,
             "WARC/1.1\r\nWARC-Type: resource\r\n" ID DATE
             "WARC-Target-URI: %s\r\nContent-Length: 0\r\n\r\n\r\n\r\n",
             urls[i]);
    line_of(text, "", &out);
    struct zhi_str rest = zhi_buf_view(&out), key = zhi_str_cut(&rest, ' '),
                   ts = zhi_str_cut(&rest, ' ');
    assert_true(key.len > 0);
    assert_true(zhi_str_is(ts, "20180329080000"));
    json_t *v = json_loadb(rest.p, rest.len, 0, NULL);
    assert_non_null(v);
    assert_non_null(json_object_get(v, "url"));
    json_decref(v);
    assert_null(memchr(out.p, '\n', out.len));
    zhi_buf_release(&out);
  }
}

static void write_file(const char *path, struct zhi_str bytes) {
  FILE *f = fopen(path, "wb");
  assert_non_null(f);
  assert_int_equal(fwrite(bytes.p, 1, bytes.len, f), bytes.len);
  fclose(f);
}

static void add_response(struct zhi_buf *out, unsigned n) {
  char text[512];
  char block[128];
  int len =
      snprintf(block, sizeof block, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\npage %u", n);
  snprintf(text, sizeof text,
           "WARC/1.1\r\nWARC-Type: response\r\n" ID DATE
           "WARC-Target-URI: http://x.gov.cn/%u\r\n" HTTP "Content-Length: %d\r\n\r\n%s\r\n\r\n",
           n, len, block);
  test_gzip(zhi_str_of(text), out);
}

static void the_index_of_several_files_is_sorted_bytewise(void **state) {
  (void)state;
  char dir[] = "/tmp/zhi-cdxj-XXXXXX", a[64], b[64], index[64], command[128];
  struct zhi_buf gz;
  assert_non_null(mkdtemp(dir));
  snprintf(a, sizeof a, "%s/a.warc.gz", dir);
  snprintf(b, sizeof b, "%s/b.warc.gz", dir);
  snprintf(index, sizeof index, "%s/index", dir);
  zhi_buf_init(&gz, 1 << 24);
  for (unsigned i = 0; i < 500; i++)
    add_response(&gz, i * 7919 % 1009);
  write_file(a, zhi_buf_view(&gz));
  zhi_buf_clear(&gz);
  for (unsigned i = 0; i < 500; i++)
    add_response(&gz, i * 7907 % 1013);
  write_file(b, zhi_buf_view(&gz));
  zhi_buf_release(&gz);
  FILE *out = fopen(index, "w+");
  assert_non_null(out);
  char *paths[] = {a, b};
  assert_int_equal(zhi_cdxj_index(paths, 2, fileno(out), NULL, NULL), ZHI_OK);
  rewind(out);
  char line[2][1024] = {"", ""};
  unsigned lines = 0, from_b = 0;
  while (fgets(line[lines % 2], 1024, out)) {
    const char *now = line[lines % 2], *before = line[(lines + 1) % 2];
    assert_true(lines == 0 || strcmp(before, now) <= 0);
    from_b += strstr(now, "\"filename\": \"b.warc.gz\"") != NULL;
    lines++;
  }
  assert_int_equal(lines, 1000);
  assert_int_equal(from_b, 500);
  fclose(out);
  snprintf(command, sizeof command, "rm -rf %s", dir);
  assert_int_equal(system(command), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_post_is_indexed_by_its_body),
      cmocka_unit_test(lines_say_what_an_index_needs),
      cmocka_unit_test(any_url_makes_a_well_formed_line),
      cmocka_unit_test(the_index_of_several_files_is_sorted_bytewise),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
