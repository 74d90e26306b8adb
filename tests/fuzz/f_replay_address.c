/* Addresses of archived pages and questions to the CDX server. */
#include "serve/cdx.h"
#include "serve/moment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct serve_request rq = {0};
  struct cdx_ask *a = NULL;
  struct moment m;
  struct zhi_buf room, out;
  zhi_buf_init(&room, 1 << 16);
  zhi_buf_init(&out, 1 << 16);
  if (moment_read(zhi_str_n((const char *)data, size), &room, &m, NULL) == ZHI_OK && !m.url.len)
    __builtin_trap();
  if (serve_request_read(&rq, "GET", zhi_str_n((const char *)data, size), NULL) == ZHI_OK &&
      cdx_ask_read(&rq, size % 2, &a, NULL) == ZHI_OK) {
    struct zhi_cdx_row row = {.url = m.url, .mime = ZHI_STR("text/html"), .status = 200};
    if (size % 3 == 0)
      row.ask = (struct zhi_ask){.body = m.mod, .headers = ZHI_STR("Content-Type: " ZHI_FORM_TYPE)};
    struct cdx_values v;
    cdx_values_of(a, &row, &v);
    if (cdx_passes(a, &v))
      cdx_write(a, &v, &out);
    cdx_values_release(&v);
    cdx_ask_free(a);
  }
  serve_request_release(&rq);
  zhi_buf_release(&room);
  zhi_buf_release(&out);
  return 0;
}
