/* Serve without a network: addresses are read or refused, languages and codings negotiated, ranges cut, everything put
 * into a page escaped, every word that a template names known. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <jansson.h>

#include "crawler/scope_table.h"
#include "serve/html.h"
#include "serve/server.h"
#include "zhi/file.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void a_malformed_address_is_refused(void **state) {
  static const struct {
    const char *target;
    enum zhi_code rc;
  } cases[] = {
      {"/", ZHI_OK},
      {"/documents?q=%E5%BE%81%E8%BF%81&x", ZHI_OK},
      {"/a?x=%41+b", ZHI_OK},
      {"", ZHI_EUSAGE},
      {"documents", ZHI_EUSAGE},
      {"/?q=%", ZHI_EUSAGE},
      {"/?q=%4", ZHI_EUSAGE},
      {"/?q=%zz", ZHI_EUSAGE},
      {"/?q=%00", ZHI_EUSAGE},
      {"/?q=%ff%fe", ZHI_EUSAGE},
      {"/?q=\x01", ZHI_EUSAGE},
  };
  (void)state;
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct serve_request rq = {0};
    enum zhi_code rc = serve_request_read(&rq, "GET", zhi_str_of(cases[i].target), NULL);
    if (rc != cases[i].rc)
      fail_msg("'%s' gave code %d", cases[i].target, (int)rc);
    serve_request_release(&rq);
  }
}

static void an_address_that_is_too_long_is_refused(void **state) {
  struct serve_request rq = {0};
  char *target = malloc(SERVE_TARGET_MAX + 2);
  (void)state;
  memset(target, 'a', SERVE_TARGET_MAX + 1);
  target[0] = '/';
  assert_int_equal(serve_request_read(&rq, "GET", zhi_str_n(target, SERVE_TARGET_MAX + 1), NULL),
                   ZHI_ELIMIT);
  serve_request_release(&rq);
  free(target);
}

static void parameters_are_decoded(void **state) {
  struct serve_request rq = {0};
  int64_t n = 0;
  (void)state;
  assert_int_equal(
      serve_request_read(&rq, "GET", ZHI_STR("/d?q=%E5%BE%81+x&page=7&bad=-1&q=second"), NULL),
      ZHI_OK);
  assert_true(zhi_str_is(serve_param(&rq, "q"), "征 x"));
  assert_true(serve_param(&rq, "none").p == NULL);
  assert_int_equal(serve_param_int(&rq, "page", 1, 10, 1, &n, NULL), ZHI_OK);
  assert_int_equal(n, 7);
  assert_int_equal(serve_param_int(&rq, "page", 1, 6, 1, &n, NULL), ZHI_EUSAGE);
  assert_int_equal(serve_param_int(&rq, "bad", 1, 6, 1, &n, NULL), ZHI_EUSAGE);
  assert_int_equal(serve_param_int(&rq, "none", 1, 6, 3, &n, NULL), ZHI_OK);
  assert_int_equal(n, 3);
  serve_request_release(&rq);
}

static void the_language_that_is_liked_best_is_taken(void **state) {
  static const struct {
    const char *header;
    enum serve_lang lang;
  } cases[] = {{NULL, SERVE_ZH},
               {"", SERVE_ZH},
               {"en", SERVE_EN},
               {"en-US,en;q=0.9", SERVE_EN},
               {"zh-CN,zh;q=0.9,en;q=0.8", SERVE_ZH},
               {"en;q=0.5, zh;q=0.4", SERVE_EN},
               {"fr, de;q=0.5", SERVE_ZH},
               {"fr, en;q=0.1", SERVE_EN},
               {"*", SERVE_ZH},
               {"english", SERVE_ZH}};
  (void)state;
  for (size_t i = 0; i < COUNT(cases); i++)
    if (serve_accept_language(cases[i].header) != cases[i].lang)
      fail_msg("'%s'", cases[i].header ? cases[i].header : "(none)");
}

static void gzip_is_used_only_where_it_is_accepted(void **state) {
  (void)state;
  assert_true(serve_accepts_gzip("gzip, deflate, br"));
  assert_true(serve_accepts_gzip("br;q=1.0, *;q=0.1"));
  assert_false(serve_accepts_gzip("gzip;q=0, *"));
  assert_false(serve_accepts_gzip("br"));
  assert_false(serve_accepts_gzip(NULL));
}

static void validators_are_compared_weakly(void **state) {
  (void)state;
  assert_true(serve_etag_matches("\"a\", W/\"b\"", "W/\"b\""));
  assert_true(serve_etag_matches("\"b\"", "W/\"b\""));
  assert_true(serve_etag_matches("*", "\"b\""));
  assert_false(serve_etag_matches("\"bb\"", "\"b\""));
}

static void ranges_are_cut_or_said_not_to_be_had(void **state) {
  static const struct {
    const char *header;
    bool part, bad;
    int64_t from, to;
  } cases[] = {{"bytes=0-9", true, false, 0, 9},      {"bytes=90-", true, false, 90, 99},
               {"bytes=-10", true, false, 90, 99},    {"bytes=-1000", true, false, 0, 99},
               {"bytes=50-500", true, false, 50, 99}, {"bytes=100-", false, true, 0, 0},
               {"bytes=-0", false, true, 0, 0},       {"bytes=9-0", false, false, 0, 0},
               {"bytes=0-1,3-4", false, false, 0, 0}, {"lines=0-1", false, false, 0, 0},
               {"bytes=", false, false, 0, 0},        {"bytes=x-", false, false, 0, 0}};
  (void)state;
  for (size_t i = 0; i < COUNT(cases); i++) {
    int64_t from = 0, to = 0;
    bool bad, part = serve_range(cases[i].header, 100, &from, &to, &bad);
    if (part != cases[i].part || bad != cases[i].bad ||
        (part && (from != cases[i].from || to != cases[i].to)))
      fail_msg("'%s': %d %d %d-%d", cases[i].header, part, bad, (int)from, (int)to);
  }
}

static void what_is_put_into_a_page_is_escaped(void **state) {
  struct zhi_buf b;
  struct html h = {&b, SERVE_EN};
  (void)state;
  zhi_buf_init(&b, 4096);
  html(&h, "<p title=\"%s\">%S</p>", "\" onload='x'", ZHI_STR("<script>alert(1)</script>&"));
  assert_string_equal(
      b.p, "<p title=\"&quot; onload=&#39;x&#39;\">&lt;script&gt;alert(1)&lt;/script&gt;&amp;</p>");
  zhi_buf_release(&b);
}

static void failures_are_told_in_the_language_of_the_reader(void **state) {
  static const struct {
    enum serve_lang lang;
    const char *message, *says;
  } cases[] = {
      {SERVE_EN, "'http://a/' was never captured", "<p>&#39;http://a/&#39; was never captured</p>"},
      {SERVE_ZH, "'http://a/' was never captured",
       "<p>存档中没有抓取过这个网址。</p><p class=meta lang=en>&#39;http://a/&#39; was never "
       "captured</p>"},
      {SERVE_ZH, "<b>", "<p class=meta lang=en>&lt;b&gt;</p>"},
      {SERVE_ZH, "", ""},
  };
  (void)state;
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct zhi_buf b;
    struct html h = {&b, cases[i].lang};
    zhi_buf_init(&b, 4096);
    html_said(&h, cases[i].message);
    assert_string_equal(b.len ? b.p : "", cases[i].says);
    zhi_buf_release(&b);
  }
}

static void every_reason_for_leaving_a_page_out_has_words(void **state) {
  (void)state;
  for (const struct scope_reason *r = zhi_scope_reasons; r->code; r++) {
    char key[64];
    snprintf(key, sizeof key, "verdict_%s", r->code);
    if (!serve_has_words(zhi_str_of(key)))
      fail_msg("'%s' has no words", r->code);
  }
}

static void an_address_that_would_run_is_not_linked(void **state) {
  static const char *const bad[] = {"javascript:alert(1)", "JaVaScript:x",    "data:text/html,x",
                                    "//evil.example/",     "/\\evil.example", " javascript:x",
                                    "vbscript:x"};
  struct zhi_buf b;
  struct html h = {&b, SERVE_EN};
  (void)state;
  zhi_buf_init(&b, 4096);
  for (size_t i = 0; i < COUNT(bad); i++) {
    zhi_buf_clear(&b);
    html(&h, "%h", zhi_str_of(bad[i]));
    assert_string_equal(b.p, "#");
  }
  zhi_buf_clear(&b);
  html(&h, "%h %q", ZHI_STR("http://a.gov.cn/?a=1&b=2"), ZHI_STR("a&b=\"中"));
  assert_string_equal(b.p, "http://a.gov.cn/?a=1&amp;b=2 a%26b%3D%22%E4%B8%AD");
  zhi_buf_release(&b);
}

static void a_header_cannot_be_split(void **state) {
  struct serve_response rs;
  (void)state;
  serve_response_init(&rs);
  serve_set_header(&rs, "Location", ZHI_STR("/x\r\nSet-Cookie: a=b"));
  assert_int_equal(rs.header_count, 0);
  serve_set_header(&rs, "Location", ZHI_STR("/x"));
  serve_set_header(&rs, "Location", ZHI_STR("/y"));
  assert_int_equal(rs.header_count, 1);
  assert_string_equal(rs.header[0].value, "/y");
  serve_response_release(&rs);
}

static void the_first_route_that_fits_is_taken(void **state) {
  static const struct {
    enum serve_site site;
    const char *target, *pattern, *rest;
  } cases[] = {{SERVE_MAIN, "/", "/", NULL},
               {SERVE_MAIN, "/documents?x=1", "/documents", NULL},
               {SERVE_MAIN, "/static/../../etc/passwd", "/static/*", "../../etc/passwd"},
               {SERVE_MAIN, "/export/documents.csv?host=a", "/export/*", "documents.csv?host=a"},
               {SERVE_MAIN, "/documents/", NULL, NULL},
               {SERVE_MAIN, "/Documents", NULL, NULL},
               {SERVE_REPLAY, "/documents", NULL, NULL}};
  (void)state;
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct serve_request rq = {0};
    assert_int_equal(serve_request_read(&rq, "GET", zhi_str_of(cases[i].target), NULL), ZHI_OK);
    rq.site = cases[i].site;
    const struct serve_route *r = serve_route_of(&rq);
    if (cases[i].pattern ? !r || strcmp(r->pattern, cases[i].pattern) != 0 : r != NULL)
      fail_msg("'%s' went to %s", cases[i].target, r ? r->pattern : "nothing");
    if (cases[i].rest)
      assert_true(zhi_str_is(rq.rest, cases[i].rest));
    serve_request_release(&rq);
  }
}

/* {key} in every file of serve/. */
static size_t check_words(const char *path, const char *text) {
  size_t n = 0;
  for (const char *p = text; (p = strchr(p, '{'));) {
    size_t len = strspn(++p, "abcdefghijklmnopqrstuvwxyz_0123456789");
    if (len < 2 || p[len] != '}')
      continue;
    n++;
    if (!serve_has_words(zhi_str_n(p, len)))
      fail_msg("%s: no words for {%.*s}", path, (int)len, p);
  }
  return n;
}

/* "/NAME at the start of a text: what pages link to. */
static size_t check_links(const char *path, const char *text) {
  size_t n = 0;
  for (const char *p = text; (p = strstr(p, "\"/"));) {
    size_t len = strspn(++p + 1, "abcdefghijklmnopqrstuvwxyz/.") + 1;
    struct serve_request rq = {0};
    if (len == 1)
      continue;
    n++;
    assert_int_equal(serve_request_read(&rq, "GET", zhi_str_n(p, len), NULL), ZHI_OK);
    if (!serve_route_of(&rq))
      fail_msg("%s links %.*s, which nothing answers", path, (int)len, p);
    serve_request_release(&rq);
  }
  return n;
}

/* Sum of what `check` counts in the sources of serve/ whose names begin with `prefix`. */
static size_t of_sources(const char *prefix, size_t (*check)(const char *path, const char *text)) {
  DIR *d = opendir("serve");
  struct dirent *f;
  size_t n = 0;
  assert_non_null(d);
  while ((f = readdir(d))) {
    char path[300];
    size_t len = strlen(f->d_name);
    struct zhi_buf text;
    snprintf(path, sizeof path, "serve/%s", f->d_name);
    if (len < 3 || strcmp(f->d_name + len - 2, ".c") != 0 ||
        strncmp(f->d_name, prefix, strlen(prefix)) != 0)
      continue;
    assert_int_equal(zhi_read_file(path, 1 << 20, &text, NULL), ZHI_OK);
    n += check(path, text.p);
    zhi_buf_release(&text);
  }
  closedir(d);
  return n;
}

static void every_word_that_a_template_names_is_known(void **state) {
  (void)state;
  assert_true(of_sources("", check_words) > 50);
}

static void every_address_that_a_page_links_is_answered(void **state) {
  (void)state;
  assert_true(of_sources("page", check_links) > 15);
}

static void the_api_is_described_route_by_route(void **state) {
  json_t *api = json_load_file("serve/openapi.json", 0, NULL),
         *paths = json_object_get(api, "paths");
  size_t n = 0;
  (void)state;
  for (const struct serve_route *r = serve_routes; r->pattern; r++) {
    bool described = json_object_get(json_object_get(paths, r->pattern), "get") != NULL;
    n += described;
    if (!described && strncmp(r->pattern, "/api/", 5) == 0 &&
        strcmp(r->pattern, "/api/openapi.json") != 0)
      fail_msg("%s is not described", r->pattern);
  }
  assert_int_equal(n, json_object_size(paths));
  json_decref(api);
}

static void only_who_knows_name_and_password_is_let_in(void **state) {
  static const struct {
    const char *user, *password;
    bool in;
  } cases[] = {{"li", "secreT", false}, {"li", "secret", true},    {"li", "secreT", false},
               {"li", "", false},       {"li", NULL, false},       {NULL, "secret", false},
               {"", "secret", false},   {"wang", "secret", false}, {"l", "secret", false},
               {"li", "secret", true}};
  struct serve_auth a = {0};
  struct zhi_err e = {0};
  char hash[ZHI_SERVE_HASH_SIZE], text[ZHI_SERVE_HASH_SIZE + 8];
  (void)state;
  assert_int_equal(zhi_serve_hash("secret", hash, &e), ZHI_OK);
  snprintf(text, sizeof text, "li:%s", hash);
  assert_int_equal(serve_auth_read(&a, text, &e), ZHI_OK);
  for (size_t i = 0; i < COUNT(cases); i++)
    if (serve_auth_check(&a, cases[i].user, cases[i].password) != cases[i].in)
      fail_msg("case %zu", i);
  serve_auth_release(&a);
  text[strlen(text) - 1] = '\0';
  assert_int_equal(serve_auth_read(&a, text, &e), ZHI_EUSAGE);
  assert_int_equal(serve_auth_read(&a, hash, &e), ZHI_EUSAGE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_malformed_address_is_refused),
      cmocka_unit_test(an_address_that_is_too_long_is_refused),
      cmocka_unit_test(parameters_are_decoded),
      cmocka_unit_test(the_language_that_is_liked_best_is_taken),
      cmocka_unit_test(gzip_is_used_only_where_it_is_accepted),
      cmocka_unit_test(validators_are_compared_weakly),
      cmocka_unit_test(ranges_are_cut_or_said_not_to_be_had),
      cmocka_unit_test(what_is_put_into_a_page_is_escaped),
      cmocka_unit_test(failures_are_told_in_the_language_of_the_reader),
      cmocka_unit_test(every_reason_for_leaving_a_page_out_has_words),
      cmocka_unit_test(an_address_that_would_run_is_not_linked),
      cmocka_unit_test(a_header_cannot_be_split),
      cmocka_unit_test(the_first_route_that_fits_is_taken),
      cmocka_unit_test(every_word_that_a_template_names_is_known),
      cmocka_unit_test(every_address_that_a_page_links_is_answered),
      cmocka_unit_test(the_api_is_described_route_by_route),
      cmocka_unit_test(only_who_knows_name_and_password_is_let_in),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
