/* Content decoding: the first byte chooses the header and where the body is; output stays within
 * its cap. */
#include <stdint.h>
#include <stdlib.h>

#include "zhi/warc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const names[] = {"gzip", "deflate",          "deflate, gzip",
                                      "",     "gzip, gzip, gzip", "x-gzip,utf-8",
                                      "br",   "deflate, deflate"};
  enum { MAX_BYTES = 3 << 20, RATIO = 50 };
  if (!size)
    return 0;
  struct zhi_spool s;
  struct zhi_buf out;
  const char *damage = NULL;
  zhi_spool_init(&s, "/tmp", data[0] & 8 ? 16 : 1 << 20, 1 << 26);
  if (zhi_spool_add(&s, data + 1, size - 1, NULL) != ZHI_OK)
    abort();
  zhi_buf_init(&out, 1 << 26);
  enum zhi_code rc = zhi_http_decode(zhi_str_of(names[data[0] & 7]), true, &s, MAX_BYTES, RATIO,
                                     &out, &damage, NULL);
  size_t cap = s.len * RATIO > 1 << 20 ? (size_t)s.len * RATIO : 1 << 20;
  if (rc != ZHI_OK && rc != ZHI_EPARSE)
    abort();
  if (out.len > MAX_BYTES || (out.len > cap && out.len > s.len))
    abort();
  zhi_buf_release(&out);
  zhi_spool_release(&s);
  return 0;
}
