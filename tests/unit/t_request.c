/* Requests beyond a URL: identity, and the URL that archives index them under. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "zhi/request.h"

static void a_post_is_indexed_by_its_body_as_others_do(void **state) {
  (void)state;
  static const struct {
    const char *url, *method, *type, *body, *want;
  } rows[] = {
      {"http://x.gov.cn/a", "GET", "", "", "http://x.gov.cn/a"},
      {"http://x.gov.cn/a", "POST", ZHI_FORM_TYPE, "p=1&q=%E4%B8%80+b",
       "http://x.gov.cn/a?__wb_method=POST&p=1&q=一 b"},
      {"http://x.gov.cn/a?z=1", "POST", ZHI_FORM_TYPE "; charset=UTF-8", "",
       "http://x.gov.cn/a?z=1&__wb_method=POST"},
      {"http://x.gov.cn/a", "POST", "application/json",
       "{\"a\":{\"b\":[1,2]},\"c\":null,\"d\":\"甲 乙\"}",
       "http://x.gov.cn/a?__wb_method=POST&b=1&b.2_=2&c=None&d=%E7%94%B2+%E4%B9%99"},
      {"http://x.gov.cn/a", "POST", "application/json", "{broken",
       "http://x.gov.cn/a?__wb_method=POST"},
      {"http://x.gov.cn/a", "POST", "text/plain", "hello",
       "http://x.gov.cn/a?__wb_method=POST&__wb_post_data=aGVsbG8="},
      {"http://x.gov.cn/a", "PUT", "text/plain", "{\"t\":true}",
       "http://x.gov.cn/a?__wb_method=PUT&t=True"},
  };
  struct zhi_buf b;
  zhi_buf_init(&b, 1 << 16);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    zhi_buf_clear(&b);
    zhi_request_url(zhi_str_of(rows[i].url), zhi_str_of(rows[i].method), zhi_str_of(rows[i].type),
                    zhi_str_of(rows[i].body), &b, NULL);
    if (!zhi_str_is(zhi_buf_view(&b), rows[i].want))
      fail_msg("%s: '%.*s'", rows[i].want, ZHI_STR_ARGS(zhi_buf_view(&b)));
  }
  zhi_buf_release(&b);
}

static void a_long_body_is_cut_at_a_character(void **state) {
  (void)state;
  struct zhi_buf body, b;
  struct zhi_str query;
  zhi_buf_init(&body, 1 << 16);
  zhi_buf_init(&b, 1 << 16);
  for (int i = 0; i < 5000; i++)
    zhi_buf_adds(&body, "县");
  zhi_request_url(ZHI_STR("http://x/"), ZHI_STR("POST"), ZHI_STR(ZHI_FORM_TYPE),
                  zhi_buf_view(&body), &b, &query);
  assert_int_equal(query.len, 3 * 4096);
  assert_true(zhi_utf8_valid(query, NULL));
  zhi_buf_release(&body);
  zhi_buf_release(&b);
}

static bool same(const char *a, const char *b) {
  struct zhi_buf x, y;
  struct zhi_ask p = {.body = a ? zhi_str_of(a) : ZHI_STR_NONE},
                 q = {.body = b ? zhi_str_of(b) : ZHI_STR_NONE};
  zhi_buf_init(&x, 1 << 16);
  zhi_buf_init(&y, 1 << 16);
  zhi_ask_identity(ZHI_STR("http://x/a?b"), &p, &x);
  zhi_ask_identity(ZHI_STR("http://x/a?b"), &q, &y);
  bool eq = zhi_str_eq(zhi_buf_view(&x), zhi_buf_view(&y));
  zhi_buf_release(&x);
  zhi_buf_release(&y);
  return eq;
}

static void a_body_is_part_of_the_identity_but_its_state_is_not(void **state) {
  (void)state;
  assert_true(same(NULL, NULL));
  assert_false(same(NULL, ""));
  assert_false(same("page=1", "page=2"));
  assert_true(same("__VIEWSTATE=aa&__EVENTTARGET=p&__EVENTARGUMENT=2",
                   "__VIEWSTATE=bb&__EVENTTARGET=p&__EVENTARGUMENT=2"));
  assert_false(same("__VIEWSTATE=aa&__EVENTARGUMENT=2", "__VIEWSTATE=aa&__EVENTARGUMENT=3"));
}

static void headers_are_found_without_case(void **state) {
  (void)state;
  struct zhi_ask a = {.headers =
                          ZHI_STR("X-Requested-With: XMLHttpRequest\nReferer: http://x/:1\n")};
  assert_true(zhi_str_is(zhi_ask_header(&a, "referer"), "http://x/:1"));
  assert_true(zhi_str_is(zhi_ask_header(&a, "X-Requested-With"), "XMLHttpRequest"));
  assert_null(zhi_ask_header(&a, "Accept").p);
}

static void forms_are_written_and_read(void **state) {
  (void)state;
  struct zhi_buf b;
  zhi_buf_init(&b, 4096);
  zhi_form_add(&b, "a b", ZHI_STR("一/&=~"));
  zhi_form_add(&b, "c", ZHI_STR(""));
  assert_true(zhi_str_is(zhi_buf_view(&b), "a+b=%E4%B8%80%2F%26%3D~&c="));
  assert_true(zhi_str_is(zhi_form_value(zhi_buf_view(&b), "a+b"), "%E4%B8%80%2F%26%3D~"));
  assert_int_equal(zhi_form_value(ZHI_STR("http://x/?q=1&c"), "c").len, 0);
  assert_non_null(zhi_form_value(ZHI_STR("http://x/?q=1&c"), "c").p);
  assert_null(zhi_form_value(ZHI_STR("http://x/?q=1&c"), "x").p);
  zhi_buf_release(&b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_post_is_indexed_by_its_body_as_others_do),
      cmocka_unit_test(a_long_body_is_cut_at_a_character),
      cmocka_unit_test(a_body_is_part_of_the_identity_but_its_state_is_not),
      cmocka_unit_test(headers_are_found_without_case),
      cmocka_unit_test(forms_are_written_and_read),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
