/* An expression in the first line over the page that follows: refused, or evaluated within its bounds. */
#include <stdint.h>
#include <stdlib.h>

#include "zhi/doc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct zhi_str page = zhi_str_n((const char *)data, size), xpath = zhi_str_cut(&page, '\n');
  struct zhi_extractor *x = NULL;
  const struct zhi_doc *d;
  struct zhi_err e = {0};
  if (zhi_override_check(ZHI_STR("source"), xpath, &e))
    return 0;
  if (zhi_extractor_new(&x, NULL))
    abort();
  struct zhi_page in = {.url = ZHI_STR("http://www.example.gov.cn/a.html"),
                        .body = page.p ? page : ZHI_STR(""),
                        .explain = true};
  if (zhi_extractor_override(x, ZHI_STR("source"), xpath, &e) ||
      zhi_extractor_override(x, ZHI_STR("keywords"), xpath, &e) ||
      zhi_extractor_override(x, ZHI_STR("list_items"), xpath, &e) ||
      zhi_extract(x, &in, &d, &e) == ZHI_EUSAGE)
    abort();
  json_decref(zhi_doc_explain_json(d));
  zhi_extractor_free(x);
  return 0;
}
