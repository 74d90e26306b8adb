/* inspect charset: which encoding are these bytes in, and who says so. */
#include <stdio.h>

#include "cli/cmd.h"
#include "zhi/charset.h"
#include "zhi/limits.h"

json_t *inspect_charset_json(const json_t *in, struct zhi_err *e) {
  struct zhi_buf bytes;
  json_t *out = NULL;
  if (inspect_base64(in, "bytes_b64", &bytes, e) == ZHI_OK) {
    struct zhi_charset c =
        zhi_charset_decide(zhi_buf_view(&bytes), inspect_string(in, "http_charset"));
    out = json_pack("{s:s,s:s,s:b}", "charset", zhi_encoding_name(c.enc), "source", c.source,
                    "conflict", c.conflict);
  }
  zhi_buf_release(&bytes);
  return out;
}

int inspect_charset_plain(int argc, char **argv) {
  const char *label = NULL;
  const struct cmd_flag flags[] = {
      {"http-charset", "LABEL", &label, NULL, "charset parameter of the Content-Type header"},
      {NULL, NULL, NULL, NULL, NULL}};
  int rc = cmd_flags(&argc, argv, flags);
  if (rc)
    return rc;
  if (argc < 2)
    return cmd_usage("inspect", "charset: which file?");
  for (int i = 1; i < argc; i++) {
    struct zhi_err e = {0};
    struct zhi_buf bytes;
    if (zhi_read_file(argv[i], ZHI_DECODED_MAX_BYTES, &bytes, &e) != ZHI_OK) {
      zhi_buf_release(&bytes);
      return cmd_fail("inspect", &e);
    }
    struct zhi_charset c =
        zhi_charset_decide(zhi_buf_view(&bytes), label ? zhi_str_of(label) : ZHI_STR_NONE);
    printf("%s\t%s\t%s%s\n", zhi_encoding_name(c.enc), c.source, argv[i],
           c.conflict ? "\tconflict" : "");
    zhi_buf_release(&bytes);
  }
  return EXIT_DONE;
}
