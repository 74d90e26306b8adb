/* inspect key: the SURT key an archive files a URL under. */
#include <stdio.h>

#include "cli/cmd.h"
#include "zhi/url.h"

enum { KEY_MAX_BYTES = 1 << 20 };

json_t *inspect_key_json(const json_t *in, struct zhi_err *e) {
  struct zhi_str url = inspect_string(in, "url");
  if (!url.p) {
    zhi_fail(e, ZHI_EUSAGE, "missing key 'url'");
    return NULL;
  }
  struct zhi_buf key;
  zhi_buf_init(&key, KEY_MAX_BYTES);
  zhi_surt(url, &key);
  json_t *out = zhi_buf_check(&key, "key", e) == ZHI_OK
                    ? json_pack("{s:o}", "key", zhi_json_str(zhi_buf_view(&key)))
                    : NULL;
  zhi_buf_release(&key);
  return out;
}

int inspect_key_plain(int argc, char **argv) {
  if (cmd_flags(&argc, argv, NULL))
    return EXIT_USAGE;
  if (argc < 2)
    return cmd_usage("inspect", "which URL?");
  struct zhi_buf key;
  zhi_buf_init(&key, KEY_MAX_BYTES);
  int rc = EXIT_DONE;
  for (int i = 1; i < argc; i++) {
    struct zhi_err e = {0};
    zhi_buf_clear(&key);
    zhi_surt(zhi_str_of(argv[i]), &key);
    if (zhi_buf_check(&key, "key", &e) == ZHI_OK)
      printf("%s\n", key.p);
    else
      rc = cmd_fail("inspect", &e);
  }
  zhi_buf_release(&key);
  return rc;
}
