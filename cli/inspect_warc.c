/* inspect warc: what the reader makes of a WARC file: how many records, whether it is valid, and
 * why not. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/cmd.h"
#include "zhi/warc.h"

enum { PROBLEMS_MAX = 1000 };

static void add_problem(void *ctx, const struct zhi_warc_problem *p) {
  json_t *list = ctx;
  if (json_array_size(list) >= PROBLEMS_MAX)
    return;
  json_t *one = json_pack("{s:I, s:s, s:b}", "offset", (json_int_t)p->offset, "code", p->code,
                          "minor", (int)p->minor);
  json_object_set_new(one, "text", zhi_json_str(zhi_str_of(p->text)));
  json_array_append_new(list, one);
}

json_t *inspect_warc_json(const json_t *in, struct zhi_err *e) {
  json_t *problems = json_array();
  struct zhi_warc_reader_options o = {.problem = add_problem, .ctx = problems};
  struct zhi_warc_counts counts;
  struct zhi_buf bytes;
  enum zhi_code rc;
  zhi_buf_init(&bytes, 0);
  if (json_object_get(in, "file")) {
    const char *file = json_string_value(json_object_get(in, "file"));
    rc = file ? zhi_warc_verify(file, &o, &counts, e)
              : zhi_fail(e, ZHI_EUSAGE, "'file' is not a string");
  } else {
    rc = inspect_base64(in, "bytes_b64", &bytes, e);
    if (!rc)
      rc = zhi_warc_verify_bytes(zhi_buf_view(&bytes), &o, &counts, e);
  }
  zhi_buf_release(&bytes);
  if (rc) {
    json_decref(problems);
    return NULL;
  }
  return json_pack("{s:I, s:b, s:o}", "records", (json_int_t)counts.records, "valid",
                   (int)(counts.problems == 0), "problems", problems);
}

static void print_problem(void *ctx, const struct zhi_warc_problem *p) {
  (void)ctx;
  printf("  %" PRIu64 " %s%s: %s\n", p->offset, p->code, p->minor ? " (minor)" : "", p->text);
}

int inspect_warc_plain(int argc, char **argv) {
  if (cmd_flags(&argc, argv, NULL))
    return EXIT_USAGE;
  if (argc < 2)
    return cmd_usage("inspect", "warc: which file?");
  int code = EXIT_DONE;
  for (int i = 1; i < argc; i++) {
    struct zhi_warc_reader_options o = {.problem = print_problem};
    struct zhi_warc_counts counts;
    struct zhi_err e = {0};
    printf("%s\n", argv[i]);
    if (zhi_warc_verify(argv[i], &o, &counts, &e) != ZHI_OK)
      return cmd_fail("inspect", &e);
    printf("  %" PRIu64 " records, %s\n", counts.records, counts.problems ? "not valid" : "valid");
    if (counts.problems)
      code = EXIT_FAILED;
  }
  return code;
}
