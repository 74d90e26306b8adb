/* Two pages, split at the first NUL: every link that differs is a row or counted, and a page has the links of itself. */
#include <stdlib.h>

#include "crawler/compare.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static json_int_t number_of(const json_t *o, const char *key) {
  return json_integer_value(json_object_get(o, key));
}

/* The differences that are told. */
static json_int_t compared(const struct zhi_doc *a, const struct zhi_doc *b) {
  json_t *c = json_pack("{s:s, s:i, s:i}", "verdict", "same", "changes", 0, "masked", 0);
  if (zhi_compare_links(c, a->anchors, a->anchor_count, b->anchors, b->anchor_count, NULL))
    abort();
  json_int_t n = number_of(c, "changes") + number_of(c, "masked");
  if (n !=
      (json_int_t)json_array_size(json_object_get(c, "links")) + number_of(c, "links_left_out"))
    abort();
  json_decref(c);
  return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct zhi_extractor *x, *y;
  const struct zhi_doc *d, *f;
  struct zhi_str b = zhi_str_n((const char *)data, size), a = zhi_str_cut(&b, '\0');
  if (!x && (zhi_extractor_new(&x, NULL) || zhi_extractor_new(&y, NULL)))
    abort();
  struct zhi_page page = {
      .url = ZHI_STR("http://www.example.gov.cn/zwgk/x.html"), .body = a, .compared = true};
  if (zhi_extract(x, &page, &d, NULL))
    return 0;
  page.body = b.p ? b : ZHI_STR("");
  if (zhi_extract(y, &page, &f, NULL))
    return 0;
  compared(d, f);
  if (compared(d, d) || compared(f, f))
    abort();
  return 0;
}
