/* URLs of style sheets: every form of url() and @import, escapes, comments, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "zhi/css.h"

static void note(void *ctx, struct zhi_str url, bool import) {
  zhi_buf_addf(ctx, "%s%.*s|", import ? "!" : "", ZHI_STR_ARGS(url));
}

static const struct {
  const char *css, *want; /* each URL with '|' behind it, imports with '!' before */
} rows[] = {
    {"@import url(a.css);@import \"b.css\" screen;@IMPORT 'c.css';", "!a.css|!b.css|!c.css|"},
    {"@import url(\"d.css\") print;@import/**/url( 'e.css' )", "!d.css|!e.css|"},
    {"a{background:url(x.png)}b{background:URL( 'y.png' )}", "x.png|y.png|"},
    {"/* url(no.png) */ a{b:url(yes.png)}", "yes.png|"},
    {"a{content:'url(no.png)'}", ""},
    {"a{b:url(a\\29 .png)}", "a).png|"},
    {"a{b:url('a\\'b.png')}", "a'b.png|"},
    {"a{b:url(\\4E2D.png)}", "中.png|"},
    {"a{b:url(data:image/png;base64,AAAA)}c{d:url(e.png)}", "e.png|"},
    {"a{b:url(  )}c{d:url('')}", ""},
    {"@font-face{src:url(f.eot);src:url(f.eot?#iefix) format('x'),url(f.woff)}",
     "f.eot|f.eot?#iefix|f.woff|"},
    {"a{filter:progid:DXImageTransform.Microsoft.AlphaImageLoader(src='i.png',sizingMethod=crop)}",
     "i.png|"},
    {"a{b:url(unclosed", ""},
    {"a{b:url('unclosed\n)}c{d:url(e.png)}", "e.png|"},
    {"a{b:notanurl(x.png)}", ""},
    {"background-image:url(s.png)", "s.png|"},
    {"", ""},
    {"@import", ""},
    {"\\", ""},
};

static void each_url_is_found_once_and_in_order(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct zhi_arena a;
    struct zhi_buf got;
    zhi_arena_init(&a, 1 << 20);
    zhi_buf_init(&got, 1 << 16);
    zhi_css_urls(&a, zhi_str_of(rows[i].css), note, &got);
    if (!zhi_str_is(zhi_buf_view(&got), rows[i].want))
      fail_msg("'%s': got '%s', want '%s'", rows[i].css, got.p, rows[i].want);
    zhi_buf_release(&got);
    zhi_arena_release(&a);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(each_url_is_found_once_and_in_order)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
