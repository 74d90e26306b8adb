/* What a crash leaves in the warc folder: files without a capture go, others are kept aside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "crawler/archive.h"
#include "tests/support/archive.h"
#include "zhi/warc.h"

enum leftover { CONFIG_ALONE, OTHER_RESOURCE, TORN };

/* A file that nobody committed, as a killed crawl leaves it; its name goes to `name`. */
static void leave(struct test_archive *t, enum leftover what, char name[192]) {
  char dir[80], path[300];
  struct zhi_ids ids = {.counter = 1};
  struct zhi_warc_packer *packer = NULL;
  struct zhi_warc_writer *w = NULL;
  struct zhi_warc_packed packed;
  struct zhi_recref ref;
  struct stat st;
  snprintf(dir, sizeof dir, "%s/warc", t->dir);
  const struct zhi_warc_writer_options o = {.dir = dir,
                                            .crawl_id = "c1",
                                            .host_label = "x.gov.cn",
                                            .max_bytes = 1 << 20,
                                            .clock = &t->clock,
                                            .ids = &ids,
                                            .first_serial = 1};
  mkdir(dir, 0700);
  assert_int_equal(zhi_warc_packer_new(1, t->dir, &ids, &packer, NULL), ZHI_OK);
  assert_int_equal(zhi_warc_writer_new(&o, &w, NULL), ZHI_OK);
  assert_int_equal(zhi_warc_pack_resource(packer,
                                          what == OTHER_RESOURCE
                                              ? ZHI_STR("http://x.gov.cn/")
                                              : ZHI_STR("urn:x-xianzhi:c1:config"),
                                          ZHI_STR("application/json"), ZHI_STR("{}"), t->now_ms,
                                          zhi_warc_writer_info_id(w), &packed, NULL),
                   ZHI_OK);
  assert_int_equal(zhi_warc_append(w, &packed, &ref, NULL), ZHI_OK);
  assert_int_equal(zhi_warc_sync(w, NULL), ZHI_OK);
  zhi_warc_position(w, name);
  zhi_warc_packed_release(&packed);
  zhi_warc_writer_free(w);
  zhi_warc_packer_free(packer);
  snprintf(path, sizeof path, "%s/%s.open", dir, name);
  assert_int_equal(stat(path, &st), 0);
  if (what == TORN)
    assert_int_equal(truncate(path, st.st_size - 5), 0);
}

static void an_uncommitted_file_is_kept_unless_it_holds_no_capture(void **state) {
  (void)state;
  static const struct {
    enum leftover what;
    bool kept;
  } rows[] = {{CONFIG_ALONE, false}, {OTHER_RESOURCE, true}, {TORN, true}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct test_archive t;
    struct stat st;
    char name[192], path[300], aside[320];
    archive_setup(&t);
    leave(&t, rows[i].what, name);
    assert_int_equal(zhi_archive_recover(t.s, t.dir, NULL), ZHI_OK);
    snprintf(path, sizeof path, "%s/warc/%s.open", t.dir, name);
    snprintf(aside, sizeof aside, "%s.orphan", path);
    assert_int_equal(stat(path, &st), -1);
    assert_int_equal(stat(aside, &st), rows[i].kept ? 0 : -1);
    archive_teardown(&t);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_uncommitted_file_is_kept_unless_it_holds_no_capture),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
