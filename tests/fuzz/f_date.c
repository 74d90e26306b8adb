/* Any text: a date found is possible, its range lies in the text, and its written form is read back the same. */
#include <stdint.h>
#include <stdlib.h>

#include "zhi/date.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct zhi_str s = zhi_str_n((const char *)data, size);
  struct zhi_date d, again;
  size_t from, to;
  char text[ZHI_DATE_TEXT_SIZE], second[ZHI_DATE_TEXT_SIZE];
  zhi_date_in_url(s, &d);
  if (!zhi_date_find(s, ZHI_PRECISION_YEAR, &d, &from, &to))
    return 0;
  if (from > to || to > size || d.month > 12 || d.day > 31 || d.hour > 23 || d.minute > 59 ||
      d.second > 59)
    abort();
  zhi_date_format(&d, true, text);
  if (d.precision < ZHI_PRECISION_MONTH)
    return 0;
  if (!zhi_date_parse(zhi_str_of(text), &again))
    abort();
  zhi_date_format(&again, true, second);
  if (strcmp(text, second) != 0)
    abort();
  return 0;
}
