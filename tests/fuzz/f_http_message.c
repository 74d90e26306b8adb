/* HTTP heads: views stay inside the data; and whatever a head was, what is packed of it reads back
 * as HTTP. */
#include <stdint.h>
#include <stdlib.h>

#include "warc/head.h"
#include "zhi/warc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(struct zhi_str part, struct zhi_str all) {
  if (part.len && (part.p < all.p || part.p + part.len > all.p + all.len))
    abort();
}

static void stored_head_is_http(struct zhi_str data, bool was_chunked) {
  struct head_rules rules = {.was_chunked = was_chunked, .body_bytes = 5};
  struct zhi_buf out, changed;
  struct zhi_http_head h;
  zhi_buf_init(&out, 1 << 24);
  zhi_buf_init(&changed, 1 << 16);
  struct zhi_str stored = zhi_warc_head_stored(data, &rules, &out, &changed);
  if (!out.failed) {
    if (zhi_http_parse(stored, &h, NULL) != ZHI_OK || h.bytes != stored.len)
      abort();
    if (zhi_http_header(&h, "Transfer-Encoding").p)
      abort();
    struct zhi_str length = zhi_http_header(&h, "Content-Length");
    unsigned long long n;
    if (length.p && (!zhi_str_u64(length, UINT64_MAX, &n) || n != 5))
      abort();
    zhi_http_head_release(&h);
  }
  zhi_buf_release(&out);
  zhi_buf_release(&changed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct zhi_str all = zhi_str_n((const char *)data, size), charset;
  struct zhi_http_head h;
  char mime[32];
  if (zhi_http_parse(all, &h, NULL) == ZHI_OK) {
    if (h.bytes > size)
      abort();
    inside(h.reason, all);
    inside(h.method, all);
    inside(h.target, all);
    for (size_t i = 0; i < h.count; i++) {
      inside(h.headers[i].name, all);
      inside(h.headers[i].value, all);
      zhi_http_content_type(h.headers[i].value, mime, sizeof mime, &charset);
      inside(charset, all);
    }
    zhi_http_head_release(&h);
  }
  if (size)
    stored_head_is_http(all, size % 2);
  return 0;
}
