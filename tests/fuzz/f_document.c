/* Any bytes as a page: a document comes out, its views are text, and its JSON can be made. The first line may
 * be a URL. */
#include <stdint.h>
#include <stdlib.h>

#include "zhi/doc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void touch(struct zhi_str s) {
  if (s.p && s.len && memchr(s.p, '\0', s.len) == s.p + s.len)
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct zhi_extractor *x;
  const struct zhi_doc *d;
  if (!x && zhi_extractor_new(&x, NULL))
    abort();
  struct zhi_str body = zhi_str_n((const char *)data, size);
  struct zhi_page page = {
      .url = ZHI_STR("http://www.example.gov.cn/zwgk/index.html"), .body = body, .compared = true};
  if (zhi_str_starts(body, "http://")) {
    page.url = zhi_str_cut(&page.body, '\n');
    page.body = page.body.p ? page.body : ZHI_STR("");
  }
  if (zhi_extract(x, &page, &d, NULL))
    return 0;
  for (unsigned f = 0; f < ZHI_FIELD_COUNT; f++) {
    touch(d->fields[f].value);
    touch(d->fields[f].raw);
    if (d->fields[f].state == ZHI_FIELD_PRESENT && !d->fields[f].source)
      abort();
  }
  for (size_t i = 0; i < d->list.request_count; i++)
    touch(d->list.requests[i].url);
  for (size_t i = 0; i < d->site_count; i++) {
    touch(d->sites[i].url);
    if (!d->sites[i].place || !zhi_utf8_valid(d->sites[i].name, NULL) ||
        !zhi_utf8_valid(d->sites[i].caption, NULL))
      abort();
  }
  for (size_t i = 0; i < d->anchor_count; i++) {
    touch(d->anchors[i].text);
    if (!d->anchors[i].url.len || d->anchors[i].noise >= ZHI_NOISE_COUNT)
      abort();
  }
  json_t *o = zhi_doc_json(d, true);
  if (!o)
    abort();
  json_decref(o);
  return 0;
}
