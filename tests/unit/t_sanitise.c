/* The reader view's markup: what runs is left out, what is opened is closed in order, addresses are of the archive. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "serve/sanitise.h"
#include "zhi/limits.h"

static void check(const char *in, const char *want) {
  const struct sanitise s = {.url = ZHI_STR("http://x.cn/d/a.html"),
                             .time = ZHI_STR("2018"),
                             .bytes_at = ZHI_STR("http://r/")};
  struct zhi_arena a;
  struct zhi_buf out;
  jmp_buf escape;
  zhi_arena_init(&a, ZHI_MIB(4));
  zhi_buf_init(&out, ZHI_MIB(1));
  a.escape = &escape;
  if (setjmp(escape))
    fail_msg("%s: out of memory", in);
  sanitise(&a, &s, zhi_str_of(in), &out);
  assert_string_equal(out.p, want);
  zhi_buf_release(&out);
  zhi_arena_release(&a);
}

static void a_page_becomes_markup_that_can_do_nothing(void **state) {
  static const struct {
    const char *in, *out;
  } cases[] = {
      {"<div><p>甲<b>乙<i>丙</i></b></p><p>丁</p></div>",
       "<div><p>甲<b>乙<i>丙</i></b></p><p>丁</p></div>"},
      {"<p>一<ul><li>二<li>三</ul>", "<p>一</p><ul><li>二</li><li>三</li></ul>"},
      {"<script>run()</script><p onclick=run() style=x>甲<style>p{}</style></p>", "<p>甲</p>"},
      {"<p>a &lt;script&gt; &amp; b</p>", "<p>a &lt;script&gt; &amp; b</p>"},
      {"<a href=b.html>乙</a><a href='javascript:run()'>丙</a>",
       "<a href=\"/reader/2018/http://x.cn/d/b.html\">乙</a>丙"},
      {"<base href=/e/><img data-src=p.png src=blank.gif alt='&quot;'>",
       "<img loading=lazy src=\"http://r/2018id_/http://x.cn/e/p.png\" alt=\"&quot;\">"},
      {"<table><tr><td colspan=2 rowspan=1>甲</td></tr></table>",
       "<table><tbody><tr><td colspan=2>甲</td></tr></tbody></table>"},
      {"<svg><g><text>甲</text></g></svg>乙<form><input value=x>丙</form>", "乙丙"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    check(cases[i].in, cases[i].out);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_page_becomes_markup_that_can_do_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
