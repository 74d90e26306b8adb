/* Any ZIP: its text comes out or not, within bounds, without a crash. */
#include <stdint.h>

#include "crawler/attached.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put(struct zhi_str text) { (void)zhi_utf8_valid(text, NULL); }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  (void)zhi_attached_zip(zhi_str_n((const char *)data, size), put);
  return 0;
}
