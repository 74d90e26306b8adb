/* Any bytes have an encoding, and what is said to be clean UTF-8 is. The first byte chooses a header label. */
#include <stdint.h>
#include <stdlib.h>

#include "zhi/charset.h"
#include "zhi/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const labels[] = {NULL,     "utf-8",       "gb2312", "iso-8859-1",
                                       "utf-16", "iso-2022-jp", "big5",   "?"};
  if (size < 1)
    return 0;
  const char *label = labels[data[0] % 8];
  struct zhi_str text, bytes = zhi_str_n((const char *)data + 1, size - 1);
  struct zhi_charset c = zhi_charset_decide(bytes, label ? zhi_str_of(label) : ZHI_STR_NONE);
  struct zhi_buf room;
  zhi_buf_init(&room, size * 4 + 64);
  if (!c.enc || !c.source || c.bom > bytes.len)
    abort();
  if (zhi_charset_text(&c, bytes, &room, &text, NULL) == ZHI_OK && !zhi_utf8_valid(text, NULL))
    abort();
  zhi_buf_release(&room);
  return 0;
}
