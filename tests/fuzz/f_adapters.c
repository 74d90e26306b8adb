/* Any bytes as a list page, and as the answer to what each family asks for. The first byte picks family and place;
 * what comes out is bounded, absolute, and never a GET that carries a body's words. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "extract/adapters/adapters.h"
#include "zhi/doc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const askers[] = {"",
                                     "gkmlpt 1 1 +",
                                     "jpaas 1 1 +",
                                     "hanweb 1 1",
                                     "ucap 1 1 +",
                                     "lonsun 1 1 +",
                                     "epoint 1 1 +",
                                     "henan 1 1 +",
                                     "truecms 1 1 +",
                                     "ajax 1 1 +",
                                     "aspnet 1 1",
                                     "guess 1 1 0 2 1"};
static const char *const urls[] = {
    "http://www.example.gov.cn/zwgk/index.html",
    "http://www.example.gov.cn/module/web/jpage/dataproxy.jsp?startrecord=46&endrecord=90",
    "http://www.example.gov.cn/gkmlpt/api/all/1?page=1&sid=7",
    "http://www.example.gov.cn/public/column/66?type=4&action=list&catId=8&pageIndex=2",
    "http://www.example.gov.cn/govxxgk/D1/001/list_2.html",
    "http://www.example.gov.cn/x.do?paramJson=%7B%22pageNo%22%3A1%7D&offset=20"};

static void check(const struct zhi_list *l) {
  if (l->request_count > ZHI_LIST_MAX_PAGES || l->item_count > ZHI_LIST_MAX_ITEMS || l->page < 0 ||
      l->pages < 0 || l->total < 0)
    abort();
  for (size_t i = 0; i < l->request_count; i++) {
    const struct zhi_list_page *p = &l->requests[i];
    if (!zhi_str_starts(p->url, "http") || memchr(p->url.p, '\n', p->url.len))
      abort();
    if (p->ask.headers.len && p->ask.headers.p[p->ask.headers.len - 1] != '\n')
      abort();
    if (p->ask.headers.len && memchr(p->ask.headers.p, '\r', p->ask.headers.len))
      abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct zhi_extractor *x;
  const struct zhi_doc *d;
  if (size < 1 || (!x && zhi_extractor_new(&x, NULL)))
    return 0;
  size_t asker = data[0] % (sizeof askers / sizeof *askers),
         url = (data[0] / 16) % (sizeof urls / sizeof *urls);
  struct zhi_page page = {
      .url = zhi_str_of(urls[url]),
      .body = zhi_str_n((const char *)data + 1, size - 1),
      .content_type = data[0] & 1 ? ZHI_STR("application/json") : ZHI_STR("text/html"),
      .status = 200,
      .ask = {.headers = ZHI_STR("Referer: http://www.example.gov.cn/zwgk/\n"),
              .body = data[0] & 2 ? ZHI_STR("pageIndex=0&pageSize=10&divId=a") : ZHI_STR_NONE,
              .asker = zhi_str_of(askers[asker])}};
  if (zhi_extract(x, &page, &d, NULL) == ZHI_OK)
    check(&d->list);
  return 0;
}
