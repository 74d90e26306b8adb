/* Chunks of any bytes: what comes out is no longer than what went in, and all or nothing. */
#include <stdint.h>
#include <stdlib.h>

#include "zhi/warc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct zhi_buf out;
  zhi_buf_init(&out, size + 1);
  zhi_buf_addc(&out, '!');
  bool chunked = zhi_http_dechunk(zhi_str_n((const char *)data, size), &out);
  if (out.failed || out.len > size + 1 || out.p[0] != '!' || (!chunked && out.len != 1))
    abort();
  zhi_buf_release(&out);
  return 0;
}
