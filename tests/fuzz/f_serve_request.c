/* Request lines and headers as a browser may send them: target, then the values of headers, one a line. Whatever is
 * accepted is well-formed UTF-8 without NUL; a range lies within what it is a range of. */
#include <stdlib.h>

#include "serve/html.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool good) {
  if (!good)
    abort();
}

static void read_headers(struct zhi_str rest) {
  while (rest.p && rest.len) {
    struct zhi_str line = zhi_str_cut(&rest, '\n');
    char *text = strndup(line.p ? line.p : "", line.len);
    int64_t from = 0, to = 0;
    bool bad = false;
    if (!text)
      return;
    serve_accept_language(text);
    serve_accepts_gzip(text);
    serve_etag_matches(text, "W/\"0123456789abcdef\"");
    if (serve_range(text, 1000, &from, &to, &bad))
      require(!bad && from >= 0 && from <= to && to < 1000);
    free(text);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct serve_request rq = {.site = SERVE_MAIN};
  struct zhi_str rest = zhi_str_n((const char *)data, size);
  char *target = strndup(rest.p ? rest.p : "", rest.len);
  if (!target)
    return 0;
  struct zhi_str all = zhi_str_of(target), line = zhi_str_cut(&all, '\n');
  if (serve_request_read(&rq, "GET", line, NULL) == ZHI_OK) {
    struct zhi_buf b;
    struct html h = {&b, SERVE_EN};
    zhi_buf_init(&b, 1 << 20);
    serve_route_of(&rq);
    for (size_t i = 0; i < rq.param_count; i++) {
      require(zhi_utf8_valid(rq.param[i].value, NULL));
      require(!rq.param[i].value.len || !memchr(rq.param[i].value.p, 0, rq.param[i].value.len));
      zhi_buf_clear(&b);
      html(&h, "%S", rq.param[i].value);
      require(!b.len || (!memchr(b.p, '<', b.len) && !memchr(b.p, '"', b.len)));
    }
    zhi_buf_release(&b);
  }
  serve_request_release(&rq);
  read_headers(all);
  free(target);
  return 0;
}
