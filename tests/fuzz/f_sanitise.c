/* An archived page as the reader view writes it: no script, no handler, no address but of the archive. */
#include "serve/sanitise.h"
#include "zhi/encoding.h"
#include "zhi/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Text is escaped, so a '<' begins a tag of ours. */
static void check(struct zhi_str s) {
  static const char *const bad[] = {"<script", "<style", "<iframe", "<svg", "<form",
                                    "<object", "<meta",  "<link",   "<base"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    if (zhi_str_ifind(s, bad[i]))
      __builtin_trap();
  for (const char *p = s.p, *end = s.p + s.len;
       p < end && (p = memchr(p, '<', (size_t)(end - p)));) {
    const char *close = memchr(p, '>', (size_t)(end - p));
    if (!close)
      __builtin_trap();
    struct zhi_str tag = zhi_str_n(p, (size_t)(close - p));
    bool whole = zhi_str_starts(tag, "<a href=\"/reader/2018/http") ||
                 zhi_str_starts(tag, "<img loading=lazy src=\"http://r/2018id_/http") ||
                 zhi_str_starts(tag, "<td ") || zhi_str_starts(tag, "<th ");
    if (!whole && memchr(tag.p, ' ', tag.len)) /* no other tag has an attribute */
      __builtin_trap();
    p = close;
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct zhi_arena a;
  struct zhi_buf out;
  jmp_buf escape;
  zhi_arena_init(&a, ZHI_MIB(16));
  zhi_buf_init(&out, ZHI_MIB(16));
  a.escape = &escape;
  if (setjmp(escape) == 0) {
    const struct sanitise s = {.url = ZHI_STR("http://www.example.gov.cn/a/b.html"),
                               .time = ZHI_STR("2018"),
                               .bytes_at = ZHI_STR("http://r/"),
                               .enc = NULL};
    sanitise(&a, &s, zhi_str_n((const char *)data, size), &out);
    if (!out.failed && out.len)
      check(zhi_buf_view(&out));
  }
  zhi_arena_release(&a);
  zhi_buf_release(&out);
  return 0;
}
