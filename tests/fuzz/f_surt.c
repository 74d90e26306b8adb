/* SURT keys: any text has one; it is appended, and but for texts that are no URLs it is printable ASCII. */
#include <stdint.h>
#include <stdlib.h>

#include "zhi/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct zhi_buf key, again;
  zhi_buf_init(&key, 1 << 20);
  zhi_buf_init(&again, 1 << 20);
  zhi_buf_adds(&key, "<");
  zhi_surt(zhi_str_n((const char *)data, size), &key);
  zhi_surt(zhi_str_n((const char *)data, size), &again);
  if (size < 10000 && (key.failed || again.failed || !again.len))
    abort();
  if (!key.failed && (key.p[0] != '<' || strcmp(key.p + 1, again.p) != 0))
    abort();
  const char *close = memchr(again.p, ')', again.len);
  if (close && !again.failed && zhi_str_starts(zhi_str_n((const char *)data, size), "http://a.cn/"))
    for (size_t i = 0; i < again.len; i++)
      if (again.p[i] <= ' ' || again.p[i] >= 0x7F || (again.p[i] >= 'A' && again.p[i] <= 'Z'))
        abort();
  zhi_buf_release(&again);
  zhi_buf_release(&key);
  return 0;
}
