/* ZipNum: blocks that are gzip members, and an index that finds each by its first line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "tests/support/gunzip.h"
#include "zhi/warc.h"

static const char cdxj[] = "cn,a)/1 20180101000000 {\"url\": \"1\"}\n"
                           "cn,a)/2 20180101000000 {\"url\": \"2\"}\n"
                           "cn,a)/3 20180101000000 {\"url\": \"3\"}\n"
                           "cn,a)/4 20180101000000 {\"url\": \"4\"}\n"
                           "cn,a)/5 20180101000000 {\"url\": \"5\"}\n";

struct files {
  char dir[64], blocks[96], idx[96];
  struct zhi_buf block_bytes, idx_text;
};

static void write_files(struct files *f, const char *lines, bool wacz) {
  struct zhi_out blocks, idx;
  struct zhi_err e = {0};
  FILE *in = tmpfile();
  assert_non_null(in);
  fputs(lines, in);
  fflush(in);
  strcpy(f->dir, "/tmp/zhi-zipnum-XXXXXX");
  assert_non_null(mkdtemp(f->dir));
  snprintf(f->blocks, sizeof f->blocks, "%s/b", f->dir);
  snprintf(f->idx, sizeof f->idx, "%s/i", f->dir);
  assert_int_equal(zhi_out_open(&blocks, f->blocks, &e), ZHI_OK);
  assert_int_equal(zhi_out_open(&idx, f->idx, &e), ZHI_OK);
  struct zhi_zipnum z = {
      .lines = 2, .wacz = wacz, .name = "index.cdx.gz", .blocks = &blocks, .idx = &idx};
  assert_int_equal(zhi_zipnum_write(&z, fileno(in), &e), ZHI_OK);
  assert_int_equal(zhi_out_finish(&blocks, ZHI_OK, &e), ZHI_OK);
  assert_int_equal(zhi_out_finish(&idx, ZHI_OK, &e), ZHI_OK);
  fclose(in);
  assert_int_equal(zhi_read_file(f->blocks, 1 << 20, &f->block_bytes, &e), ZHI_OK);
  assert_int_equal(zhi_read_file(f->idx, 1 << 20, &f->idx_text, &e), ZHI_OK);
}

static void release(struct files *f) {
  unlink(f->blocks);
  unlink(f->idx);
  rmdir(f->dir);
  zhi_buf_release(&f->block_bytes);
  zhi_buf_release(&f->idx_text);
}

/* The n-th pair of lines is what the block holds. */
static void expect_block(const struct files *f, size_t offset, size_t length, int n) {
  struct zhi_buf text;
  struct zhi_str rest = zhi_str_of(cdxj);
  for (int i = 0; i < 2 * n; i++)
    zhi_str_cut(&rest, '\n');
  struct zhi_str want = zhi_str_sub(rest, 0, strlen(cdxj) / 5 * (n == 2 ? 1 : 2));
  zhi_buf_init(&text, 1 << 16);
  assert_int_equal(
      test_gunzip(zhi_str_sub(zhi_buf_view(&f->block_bytes), offset, offset + length), &text), 1);
  assert_true(zhi_str_eq(zhi_buf_view(&text), want));
  zhi_buf_release(&text);
}

static void the_tab_form_finds_each_block(void **state) {
  struct files f;
  (void)state;
  write_files(&f, cdxj, false);
  struct zhi_str rest = zhi_buf_view(&f.idx_text);
  static const char *const keys[] = {"cn,a)/1 20180101000000", "cn,a)/3 20180101000000",
                                     "cn,a)/5 20180101000000"};
  for (int n = 0; n < 3; n++) {
    char key[64] = "", name[32] = "";
    size_t offset, length, number;
    struct zhi_str line = zhi_str_cut(&rest, '\n');
    char room[256];
    snprintf(room, sizeof room, "%.*s", ZHI_STR_ARGS(line));
    assert_int_equal(
        sscanf(room, "%63[^\t]\t%31[^\t]\t%zu\t%zu\t%zu", key, name, &offset, &length, &number), 5);
    assert_string_equal(key, keys[n]);
    assert_string_equal(name, "index.cdx.gz");
    assert_int_equal(number, n + 1);
    expect_block(&f, offset, length, n);
  }
  assert_int_equal(rest.len, 0);
  release(&f);
}

static void the_wacz_form_begins_with_its_meta_line(void **state) {
  struct files f;
  char digest[ZHI_DIGEST_TEXT_SIZE];
  struct zhi_err e = {0};
  (void)state;
  write_files(&f, cdxj, true);
  struct zhi_str rest = zhi_buf_view(&f.idx_text), line = zhi_str_cut(&rest, '\n');
  assert_true(zhi_str_starts(line, "!meta 0 {\"format\": \"cdxj-gzip-1.0\""));
  line = zhi_str_cut(&rest, '\n');
  assert_true(zhi_str_starts(line, "cn,a)/1 20180101000000 {"));
  json_t *o = json_loadb(line.p + 23, line.len - 23, 0, NULL);
  size_t length = (size_t)json_integer_value(json_object_get(o, "length"));
  assert_int_equal(json_integer_value(json_object_get(o, "offset")), 0);
  expect_block(&f, 0, length, 0);
  assert_int_equal(zhi_sha256_text(zhi_str_n(f.block_bytes.p, length), digest, &e), ZHI_OK);
  assert_string_equal(json_string_value(json_object_get(o, "digest")), digest);
  json_decref(o);
  release(&f);
}

static void no_lines_make_no_block(void **state) {
  struct files f;
  (void)state;
  write_files(&f, "", false);
  assert_int_equal(f.block_bytes.len, 0);
  assert_int_equal(f.idx_text.len, 0);
  release(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_tab_form_finds_each_block),
      cmocka_unit_test(the_wacz_form_begins_with_its_meta_line),
      cmocka_unit_test(no_lines_make_no_block),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
