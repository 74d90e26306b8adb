/* The writer's files: names, rotation, cutting back after a failed write, abandoning, recovery. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/gunzip.h"
#include "zhi/warc.h"

#define FIRST  "2018/xianzhi-c1-00001-x.gov.cn.warc.gz"
#define SECOND "2018/xianzhi-c1-00002-x.gov.cn.warc.gz"

static int64_t fixed_now(void *ctx) {
  (void)ctx;
  return INT64_C(1522310400000); /* 2018-03-29T08:00:00Z */
}
static const struct zhi_clock fixed_clock = {fixed_now, NULL, NULL};

struct fixture {
  char dir[64];
  struct zhi_ids ids;
  struct zhi_warc_packer *packer;
  struct zhi_warc_writer *w;
};

static int start(void **state) {
  struct fixture *f = calloc(1, sizeof *f);
  assert_non_null(f);
  snprintf(f->dir, sizeof f->dir, "/tmp/zhi-warc-XXXXXX");
  assert_non_null(mkdtemp(f->dir));
  f->ids.counter = 1;
  assert_int_equal(zhi_warc_packer_new(1, "/tmp", &f->ids, &f->packer, NULL), ZHI_OK);
  struct zhi_warc_writer_options o = {.dir = f->dir,
                                      .crawl_id = "c1",
                                      .host_label = "x.gov.cn",
                                      .max_bytes = 4000,
                                      .info_fields = ZHI_STR("operator: tester\r\n"),
                                      .clock = &fixed_clock,
                                      .ids = &f->ids,
                                      .first_serial = 1};
  assert_int_equal(zhi_warc_writer_new(&o, &f->w, NULL), ZHI_OK);
  *state = f;
  return 0;
}

static int stop(void **state) {
  struct fixture *f = *state;
  char command[128];
  zhi_warc_writer_free(f->w);
  zhi_warc_packer_free(f->packer);
  snprintf(command, sizeof command, "rm -rf %s", f->dir);
  assert_int_equal(system(command), 0);
  free(f);
  return 0;
}

static char *path_of(const struct fixture *f, const char *name) {
  static char path[4][512];
  static int turn;
  char *p = path[turn++ % 4];
  snprintf(p, 512, "%s/%s", f->dir, name);
  return p;
}

/* -1 when the file is not there. */
static long size_of(const struct fixture *f, const char *name) {
  struct stat st;
  return stat(path_of(f, name), &st) == 0 ? (long)st.st_size : -1;
}

static void put(const struct fixture *f, const char *name, const char *bytes) {
  char *path = path_of(f, name);
  assert_int_equal(mkdir(path_of(f, "2018"), 0777) == 0 || errno == EEXIST, 1);
  FILE *out = fopen(path, "wb");
  assert_non_null(out);
  fputs(bytes, out);
  fclose(out);
}

static void get(const struct fixture *f, const char *name, struct zhi_buf *out) {
  char piece[4096];
  size_t n;
  FILE *in = fopen(path_of(f, name), "rb");
  assert_non_null(in);
  zhi_buf_init(out, 1 << 24);
  while ((n = fread(piece, 1, sizeof piece, in)) > 0)
    zhi_buf_add(out, piece, n);
  fclose(in);
}

/* A resource record of n bytes that do not compress. */
static void pack(struct fixture *f, size_t n, struct zhi_warc_packed *out) {
  char *data = malloc(n + 1);
  uint32_t x = 12345;
  assert_non_null(data);
  for (size_t i = 0; i < n; i++) {
    x = x * 1664525u + 1013904223u;
    data[i] = (char)(x >> 24);
  }
  assert_int_equal(zhi_warc_pack_resource(f->packer, ZHI_STR("urn:x"), ZHI_STR("a/b"),
                                          zhi_str_n(data, n), fixed_now(NULL),
                                          zhi_warc_writer_info_id(f->w), out, NULL),
                   ZHI_OK);
  free(data);
}

static void append(struct fixture *f, size_t n, struct zhi_recref *ref) {
  struct zhi_warc_packed p;
  struct zhi_err e = {0};
  pack(f, n, &p);
  if (zhi_warc_append(f->w, &p, ref, &e) != ZHI_OK)
    fail_msg("%s", e.msg);
  zhi_warc_packed_release(&p);
}

static void first_append_opens_a_file_that_begins_with_warcinfo(void **state) {
  struct fixture *f = *state;
  struct zhi_recref ref;
  struct zhi_buf gz, text;
  char name[192], id[64];
  snprintf(id, sizeof id, "%.*s", ZHI_STR_ARGS(zhi_warc_writer_info_id(f->w)));
  assert_int_equal(zhi_warc_position(f->w, name), 0);
  assert_string_equal(name, "");
  append(f, 100, &ref);
  assert_string_equal(ref.file, FIRST);
  assert_true(size_of(f, FIRST ".open") > 0);
  assert_int_equal(size_of(f, FIRST), -1);
  assert_int_equal(zhi_warc_position(f->w, name), size_of(f, FIRST ".open"));
  assert_string_equal(name, FIRST);
  assert_int_equal(zhi_warc_sync(f->w, NULL), ZHI_OK);
  assert_int_equal(zhi_warc_close(f->w, NULL), ZHI_OK);
  assert_int_equal(size_of(f, FIRST ".open"), -1);
  get(f, FIRST, &gz);
  zhi_buf_init(&text, 1 << 20);
  assert_int_equal(test_gunzip(zhi_buf_view(&gz), &text), 2);
  assert_true(
      zhi_str_starts(zhi_buf_view(&text), "WARC/1.1\r\nWARC-Type: warcinfo\r\nWARC-Record-ID: "));
  assert_non_null(zhi_str_find(zhi_buf_view(&text),
                               ZHI_STR("WARC-Filename: xianzhi-c1-00001-x.gov.cn.warc.gz\r\n")));
  assert_non_null(zhi_str_find(zhi_buf_view(&text), ZHI_STR("operator: tester\r\n")));
  assert_non_null(zhi_str_find(zhi_buf_view(&text), ZHI_STR("software: xianzhi/")));
  char line[128];
  snprintf(line, sizeof line, "WARC-Warcinfo-ID: %s\r\n", id);
  assert_non_null(zhi_str_find(zhi_buf_view(&text), zhi_str_of(line)));
  assert_int_equal(ref.offset + ref.length, gz.len);
  zhi_buf_release(&gz);
  zhi_buf_release(&text);
}

static void a_full_file_is_followed_by_the_next_serial_with_another_warcinfo(void **state) {
  struct fixture *f = *state;
  struct zhi_recref ref;
  char before[64], after[64];
  snprintf(before, sizeof before, "%.*s", ZHI_STR_ARGS(zhi_warc_writer_info_id(f->w)));
  append(f, 1000, &ref);
  assert_false(zhi_warc_full(f->w));
  append(f, 4000, &ref);
  assert_true(zhi_warc_full(f->w));
  assert_string_equal(ref.file, FIRST);
  assert_int_equal(zhi_warc_close(f->w, NULL), ZHI_OK);
  assert_false(zhi_warc_full(f->w));
  snprintf(after, sizeof after, "%.*s", ZHI_STR_ARGS(zhi_warc_writer_info_id(f->w)));
  assert_string_not_equal(before, after);
  append(f, 10, &ref);
  assert_string_equal(ref.file, SECOND);
}

static void serials_that_are_taken_are_passed_over(void **state) {
  struct fixture *f = *state;
  struct zhi_recref ref;
  put(f, FIRST, "somebody's");
  put(f, SECOND ".open", "somebody's");
  append(f, 10, &ref);
  assert_string_equal(ref.file, "2018/xianzhi-c1-00003-x.gov.cn.warc.gz");
  assert_int_equal(zhi_warc_close(f->w, NULL), ZHI_OK);
  assert_int_equal(size_of(f, FIRST), 10);
}

/* Run an append under a file size limit: write fails with EFBIG, after a part went through. */
static enum zhi_code append_limited(struct fixture *f, size_t n, rlim_t limit, struct zhi_err *e) {
  struct rlimit old, tight;
  struct zhi_warc_packed p;
  struct zhi_recref ref;
  pack(f, n, &p);
  signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
  tight = old;
  tight.rlim_cur = limit;
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
  enum zhi_code rc = zhi_warc_append(f->w, &p, &ref, e);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
  zhi_warc_packed_release(&p);
  return rc;
}

static void a_failed_write_is_cut_back_and_the_file_goes_on(void **state) {
  struct fixture *f = *state;
  struct zhi_recref ref;
  struct zhi_err e = {0};
  char name[192];
  append(f, 500, &ref);
  uint64_t before = zhi_warc_position(f->w, name);
  assert_int_equal(append_limited(f, 9000, (rlim_t)before + 3000, &e), ZHI_EIO);
  assert_int_equal(e.errnum, EFBIG);
  assert_int_equal(zhi_warc_position(f->w, name), before);
  assert_int_equal(size_of(f, FIRST ".open"), before);
  append(f, 700, &ref);
  assert_int_equal(ref.offset, before);
  assert_int_equal(zhi_warc_close(f->w, NULL), ZHI_OK);
  struct zhi_warc_counts counts;
  struct zhi_warc_reader_options o = {.verify = true};
  assert_int_equal(zhi_warc_verify(path_of(f, FIRST), &o, &counts, NULL), ZHI_OK);
  assert_int_equal(counts.records, 3);
  assert_int_equal(counts.problems, 0);
}

static void a_write_that_fails_on_a_new_file_leaves_no_file(void **state) {
  struct fixture *f = *state;
  struct zhi_recref ref;
  char name[192];
  assert_int_equal(append_limited(f, 9000, 2000, NULL), ZHI_EIO); /* the record does not fit */
  assert_int_equal(size_of(f, FIRST ".open"), -1);
  assert_int_equal(append_limited(f, 9000, 20, NULL), ZHI_EIO); /* not even warcinfo fits */
  assert_int_equal(size_of(f, FIRST ".open"), -1);
  assert_int_equal(zhi_warc_position(f->w, name), 0);
  append(f, 10, &ref);
  assert_string_equal(ref.file, FIRST);
}

static void abandon_keeps_what_was_committed_and_starts_another_file(void **state) {
  struct fixture *f = *state;
  struct zhi_recref first, second;
  append(f, 500, &first);
  uint64_t committed = first.offset + first.length;
  append(f, 600, &second);
  assert_int_equal(zhi_warc_abandon(f->w, committed, NULL), ZHI_OK);
  assert_int_equal(size_of(f, FIRST), committed);
  assert_int_equal(size_of(f, FIRST ".open"), -1);
  append(f, 10, &second);
  assert_string_equal(second.file, SECOND);
  assert_int_equal(zhi_warc_abandon(f->w, 0, NULL), ZHI_OK); /* nothing of it was committed */
  assert_int_equal(size_of(f, SECOND), -1);
  assert_int_equal(size_of(f, SECOND ".open"), -1);
  append(f, 10, &second);
  assert_int_equal(zhi_warc_abandon(f->w, 1 << 20, NULL), ZHI_EPARSE); /* more than there is */
}

static void names_that_are_no_file_names_are_refused(void **state) {
  struct fixture *f = *state;
  struct zhi_warc_writer *w = NULL;
  static const char *const bad[] = {"", "../x", "a/b", "a b", "\xe5\x8e\xbf"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    struct zhi_warc_writer_options o = {.dir = f->dir,
                                        .crawl_id = "c",
                                        .host_label = bad[i],
                                        .clock = &fixed_clock,
                                        .ids = &f->ids};
    assert_int_equal(zhi_warc_writer_new(&o, &w, NULL), ZHI_EUSAGE);
    assert_null(w);
  }
}

static void recovery_brings_a_file_to_its_committed_length(void **state) {
  struct fixture *f = *state;
  static const struct {
    const char *on_disk, *content;
    uint64_t committed;
    enum zhi_code rc;
    long final, open, tail; /* sizes afterwards */
  } rows[] = {
      {FIRST, "0123456789", 10, ZHI_OK, 10, -1, -1},             /* equal */
      {FIRST ".open", "0123456789", 10, ZHI_OK, 10, -1, -1},     /* equal, not closed */
      {FIRST ".open", "0123456789", 4, ZHI_OK, 4, -1, 6},        /* longer */
      {FIRST, "0123456789", 4, ZHI_OK, 4, -1, 6},                /* longer, closed */
      {FIRST ".open", "0123456789", 11, ZHI_EPARSE, -1, 10, -1}, /* shorter: left alone */
      {FIRST, "0123456789", 11, ZHI_EPARSE, 10, -1, -1},
      {"2018/other", "x", 5, ZHI_EPARSE, -1, -1, -1},       /* missing */
      {"2018/other", "x", 0, ZHI_OK, -1, -1, -1},           /* never committed, never there */
      {FIRST ".open", "0123456789", 0, ZHI_OK, -1, -1, 10}, /* never committed: all set aside */
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    put(f, rows[i].on_disk, rows[i].content);
    enum zhi_code rc = zhi_warc_recover(f->dir, FIRST, rows[i].committed, NULL);
    if (rc != rows[i].rc || size_of(f, FIRST) != rows[i].final ||
        size_of(f, FIRST ".open") != rows[i].open || size_of(f, FIRST ".tail") != rows[i].tail)
      fail_msg("row %zu: code %d, sizes %ld %ld %ld", i, (int)rc, size_of(f, FIRST),
               size_of(f, FIRST ".open"), size_of(f, FIRST ".tail"));
    unlink(path_of(f, FIRST));
    unlink(path_of(f, FIRST ".open"));
    unlink(path_of(f, FIRST ".tail"));
  }
}

static void recovery_never_overwrites_an_older_tail_and_stays_in_its_folder(void **state) {
  struct fixture *f = *state;
  struct zhi_buf tail;
  put(f, FIRST, "abcdef");
  assert_int_equal(zhi_warc_recover(f->dir, FIRST, 4, NULL), ZHI_OK);
  put(f, FIRST, "abcdXYZ");
  assert_int_equal(zhi_warc_recover(f->dir, FIRST, 4, NULL), ZHI_OK);
  get(f, FIRST ".tail", &tail);
  assert_string_equal(tail.p, "ef");
  zhi_buf_release(&tail);
  get(f, FIRST ".tail.1", &tail);
  assert_string_equal(tail.p, "XYZ");
  zhi_buf_release(&tail);
  put(f, FIRST ".open", "abcd");
  assert_int_equal(zhi_warc_recover(f->dir, FIRST, 4, NULL), ZHI_EPARSE); /* both are there */
  assert_int_equal(zhi_warc_recover(f->dir, "../x", 4, NULL), ZHI_EUSAGE);
  assert_int_equal(zhi_warc_recover(f->dir, "/etc/passwd", 4, NULL), ZHI_EUSAGE);
}

static void a_freed_writer_leaves_its_file_open_for_recovery(void **state) {
  struct fixture *f = *state;
  struct zhi_recref ref;
  append(f, 500, &ref);
  append(f, 500, &ref);
  zhi_warc_writer_free(f->w);
  f->w = NULL;
  assert_true(size_of(f, FIRST ".open") > 0);
  assert_int_equal(zhi_warc_recover(f->dir, FIRST, ref.offset, NULL), ZHI_OK);
  assert_int_equal(size_of(f, FIRST), ref.offset);
  assert_int_equal(size_of(f, FIRST ".tail"), ref.length);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
  const struct CMUnitTest tests[] = {
      TEST(first_append_opens_a_file_that_begins_with_warcinfo),
      TEST(a_full_file_is_followed_by_the_next_serial_with_another_warcinfo),
      TEST(serials_that_are_taken_are_passed_over),
      TEST(a_failed_write_is_cut_back_and_the_file_goes_on),
      TEST(a_write_that_fails_on_a_new_file_leaves_no_file),
      TEST(abandon_keeps_what_was_committed_and_starts_another_file),
      TEST(names_that_are_no_file_names_are_refused),
      TEST(recovery_brings_a_file_to_its_committed_length),
      TEST(recovery_never_overwrites_an_older_tail_and_stays_in_its_folder),
      TEST(a_freed_writer_leaves_its_file_open_for_recovery),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
