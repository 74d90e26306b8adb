/* Any markup as the body of an annual report: tables are laid out and read within their bounds, and what comes out is
 * text with a code. */
#include <stdint.h>
#include <stdlib.h>

#include "zhi/annual.h"
#include "zhi/doc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct zhi_annual *a) {
  if (a->cell_count > ZHI_ANNUAL_MAX_CELLS || (a->year && (a->year < 1990 || a->year > 2100)))
    abort();
  for (size_t i = 0; i < a->cell_count; i++) {
    const struct zhi_annual_cell *x = &a->cells[i];
    if (x->table < 2 || x->table > 4 || !x->item.len || !x->measure.len ||
        (x->check != ZHI_ANNUAL_UNCHECKED && !x->number.len))
      abort();
    for (size_t k = 0; k < x->number.len; k++)
      if (!strchr("0123456789.+-", x->number.p[k]))
        abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct zhi_extractor *x;
  const struct zhi_doc *d;
  struct zhi_buf b;
  if (!x && zhi_extractor_new(&x, NULL))
    abort();
  zhi_buf_init(&b, size + 1024);
  zhi_buf_adds(
      &b,
      "<meta "
      "charset=utf-8><title>甲县2021年政府信息公开工作年度报告</title><h1>甲县2021年政府信息公开"
      "工作年度报告</h1><p>发布日期：2022-01-20 来源：甲县</p><div id=zoom>");
  zhi_buf_add(&b, data, size);
  struct zhi_page page = {.url = ZHI_STR("http://www.example.gov.cn/nb/1.html"),
                          .body = zhi_buf_view(&b),
                          .http_charset = ZHI_STR("utf-8")};
  if (zhi_extract(x, &page, &d, NULL) == ZHI_OK && d->annual) {
    check(d->annual);
    json_decref(zhi_doc_json(d, false));
  }
  zhi_buf_release(&b);
  return 0;
}
