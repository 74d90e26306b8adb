/* The soft-404 probe: one path a host; what equals its answer is a soft 404, what only resembles it is not, and a
 * host's front page never is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crawler/probe.h"

#define HOST "http://www.x.gov.cn"
#define PAGE(title, body)                                                                          \
  "<html><head><meta charset=utf-8><title>" title "</title></head><body><div class=top><a "        \
  "href=/>首页</a></div>" body "<div class=foot>某县人民政府</div></body></html>"
#define ERROR_TEXT                                                                                 \
  "<div><p>哎呀，您来到了没有人的地方。</p><p>请从首页重新开始，或者稍后再来。</p></div>"
#define ARTICLE                                                                                                             \
  "<div><h1>关于印发方案的通知</h1><p>各乡镇人民政府，县政府各部门：现将方案印发给你们，" \
  "请结合实际认真贯彻执行，并于每季度末报告进展情况。</p><p>附件另发。</p></div>"

struct bench {
  struct zhi_probes *probes;
  struct zhi_extractor *x;
};

static struct zhi_item *exchange(const char *path, int status) {
  struct zhi_item *it = NULL;
  struct zhi_err e = {0};
  assert_int_equal(zhi_item_new("/tmp", 1 << 20, &it, &e), ZHI_OK);
  it->origin = ZHI_STR(HOST);
  it->url = zhi_arena_printf(&it->arena, HOST "%s", path);
  it->prio = ZHI_PRIO_PAGE;
  it->status = status;
  it->verdict = status == 404 ? ZHI_V_GONE : ZHI_V_OK;
  return it;
}

static const struct zhi_doc *read_page(struct bench *b, const struct zhi_item *it,
                                       const char *html) {
  struct zhi_err e = {0};
  const struct zhi_doc *d = NULL;
  struct zhi_page p = {.url = it->url,
                       .body = zhi_str_of(html),
                       .content_type = ZHI_STR("text/html"),
                       .http_charset = ZHI_STR("utf-8"),
                       .status = it->status};
  if (html)
    assert_int_equal(zhi_extract(b->x, &p, &d, &e), ZHI_OK);
  return d;
}

/* The host answers its probe so; then `path` is answered so: the verdict. */
static enum zhi_verdict judged_from(const char *via, const char *hops, int probe_status,
                                    const char *probe_html, const char *path, const char *html) {
  struct bench b = {0};
  struct zhi_err e = {0};
  struct zhi_buf probe_path;
  struct zhi_url u;
  zhi_buf_init(&probe_path, 256);
  zhi_probe_path(ZHI_STR(HOST), &probe_path);
  assert_int_equal(zhi_probes_new(&b.probes, &e), ZHI_OK);
  assert_int_equal(zhi_extractor_new(&b.x, &e), ZHI_OK);
  struct zhi_item *probe = exchange(probe_path.p, probe_status);
  zhi_probe_learn(b.probes, probe, read_page(&b, probe, probe_html));
  assert_true(probe->has_origin && probe->origin_state.probe.len > 0);
  struct zhi_item *it = exchange(path, 200);
  it->via = zhi_str_of(via);
  it->hops = zhi_str_of(hops);
  assert_int_equal(zhi_url_parse(it->url, NULL, NULL, &u, &e), ZHI_OK);
  zhi_probe_judge(b.probes, it, &u, read_page(&b, it, html));
  enum zhi_verdict v = it->verdict;
  zhi_url_release(&u);
  zhi_item_free(it);
  zhi_item_free(probe);
  zhi_extractor_free(b.x);
  zhi_probes_free(b.probes);
  zhi_buf_release(&probe_path);
  return v;
}

static enum zhi_verdict judged(int probe_status, const char *probe_html, const char *path,
                               const char *html) {
  return judged_from(HOST "/", "L", probe_status, probe_html, path, html);
}

static void what_equals_the_answer_is_a_soft_404(void **state) {
  static const char error[] = PAGE("某县", ERROR_TEXT);
  static const char echo[] = PAGE("某县", "<p>地址 %s 不在这里</p>");
  char asked[sizeof echo + 64], got[sizeof echo + 64];
  snprintf(asked, sizeof asked, echo, "/xianzhi-probe-0123456789abcdef.html");
  snprintf(got, sizeof got, echo, "/zwgk/2018/0329/1234.html");
  const struct {
    int probe_status;
    const char *probe_html, *path, *html;
    enum zhi_verdict expected;
  } cases[] = {
      {200, error, "/a/1.html", error, ZHI_V_SOFT_404},
      {200, asked, "/zwgk/2018/0329/1234.html", got, ZHI_V_SOFT_404},
      {200, error, "/a/1.html", PAGE("某县", ARTICLE), ZHI_V_OK},
      {200, error, "/a/1.html", PAGE("通知", "<div><p>一</p><p>二</p></div>"), ZHI_V_OK},
      /* the same text in another structure: not what the host shows */
      {200, error, "/a/", PAGE("某县", "<ul><li><a href=1.html></a></ul>" ERROR_TEXT), ZHI_V_OK},
      {200, error, "/", error, ZHI_V_OK}, /* the front page stands for the rest */
      {200, error, "/index.html", error, ZHI_V_OK},
      {200, error, "/zwgk/index.html", error, ZHI_V_SOFT_404},
      {404, error, "/a/1.html", error, ZHI_V_OK}, /* an honest host */
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    enum zhi_verdict v =
        judged(cases[i].probe_status, cases[i].probe_html, cases[i].path, cases[i].html);
    if (v != cases[i].expected)
      fail_msg("case %zu: %s", i, zhi_verdict_name(v));
  }
}

static void the_page_that_the_front_leads_to_is_the_home(void **state) {
  static const char page[] = PAGE("某县", ERROR_TEXT);
  static const struct {
    const char *via, *hops;
    enum zhi_verdict expected;
  } cases[] = {{HOST "/", "R", ZHI_V_OK},
               {HOST "/index.html", "LR", ZHI_V_OK},
               {HOST "/", "L", ZHI_V_SOFT_404}, /* only named there */
               {HOST "/old/1.html", "LR", ZHI_V_SOFT_404},
               {"http://b.gov.cn/", "R", ZHI_V_SOFT_404}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_int_equal(
        judged_from(cases[i].via, cases[i].hops, 200, page, "/portal/index.html", page),
        cases[i].expected);
}

static void the_path_is_the_hosts_own_and_the_same_each_time(void **state) {
  static const struct {
    const char *a, *b;
    bool same;
  } cases[] = {{"http://a.gov.cn", "http://a.gov.cn", true},
               {"http://a.gov.cn", "https://a.gov.cn", true},
               {"http://a.gov.cn", "http://b.gov.cn", false}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct zhi_buf a, b;
    zhi_buf_init(&a, 256);
    zhi_buf_init(&b, 256);
    zhi_probe_path(zhi_str_of(cases[i].a), &a);
    zhi_probe_path(zhi_str_of(cases[i].b), &b);
    assert_true(zhi_str_starts(zhi_buf_view(&a), "/xianzhi-probe-"));
    assert_int_equal(zhi_str_eq(zhi_buf_view(&a), zhi_buf_view(&b)), cases[i].same);
    zhi_buf_release(&a);
    zhi_buf_release(&b);
  }
}

static void an_answer_survives_as_text(void **state) {
  static const struct zhi_probe_answer answers[] = {
      {0}, {true, UINT64_MAX, INT64_MAX}, {true, 1, 0}};
  static const char *const bad[] = {
      "", "1", "1:2", "1:2:3:4", "1:x:3", "1::3", "1:2:ffffffffffffffff", "1:2:00000000000000001"};
  struct zhi_probe_answer back;
  (void)state;
  for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
    struct zhi_buf text;
    zhi_buf_init(&text, 256);
    zhi_probe_format(&answers[i], &text);
    assert_true(zhi_probe_parse(zhi_buf_view(&text), &back));
    assert_true(back.page == answers[i].page && back.shape == answers[i].shape &&
                back.chars == answers[i].chars);
    zhi_buf_release(&text);
  }
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_false(zhi_probe_parse(zhi_str_of(bad[i]), &back));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_page_that_the_front_leads_to_is_the_home),
      cmocka_unit_test(what_equals_the_answer_is_a_soft_404),
      cmocka_unit_test(the_path_is_the_hosts_own_and_the_same_each_time),
      cmocka_unit_test(an_answer_survives_as_text),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
