/* TimeMaps in pages: what a page says of itself and of the others, and that following them gives every memento once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

#include "serve/timemap.h"
#include "tests/support/archive.h"

#define URL  "http://www.a.gov.cn/"
#define LINK "http://h:1/timemap/link/"

static struct test_archive t;
/* Minutes of the captures behind 2018-03-29T08:00: two in one second. */
static const int minutes[] = {0, 1, 1, 2, 3, 4};
enum { CAPTURES = sizeof minutes / sizeof *minutes };

static int set_up(void **state) {
  (void)state;
  archive_setup(&t);
  int64_t start = t.now_ms;
  for (int i = 0; i < CAPTURES; i++) {
    t.now_ms = start + minutes[i] * 60000 + i;
    archive_capture(&t, URL, "cn,gov,a)/", ZHI_V_OK, "sha256:1", NULL);
  }
  archive_capture(&t, "http://www.a.gov.cn/b", "cn,gov,a)/b", ZHI_V_OK, "sha256:2", NULL);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  archive_teardown(&t);
  return 0;
}

/* The page at `address`, "" where there is none. Release with free(). */
static char *page(const char *address, bool json, size_t per_page) {
  static const char prefix[] = "/timemap/link/"; /* as long as that of JSON */
  struct serve_request rq = {0};
  struct serve_response rs;
  struct zhi_err e = {0};
  serve_response_init(&rs);
  assert_int_equal(serve_request_read(&rq, "GET", zhi_str_of(address), &e), ZHI_OK);
  rq.base = rq.pages = ZHI_STR("http://h:1");
  rq.rest = zhi_str_sub(rq.target, sizeof prefix - 1, rq.target.len);
  struct serve_call c = {.dir = t.dir, .store = t.s, .rq = &rq, .rs = &rs};
  enum zhi_code rc = timemap_answer(&c, json, per_page, &e);
  assert_true(rc == ZHI_OK || rc == ZHI_EOF);
  char *text = strdup(rs.body.len ? rs.body.p : "");
  assert_non_null(text);
  serve_response_release(&rs);
  serve_request_release(&rq);
  return text;
}

static void a_page_says_from_when_to_when_it_and_the_next_one_reach(void **state) {
  static const char first[] =
      "<" URL ">; rel=\"original\",\n<http://h:1/timegate/" URL ">; rel=\"timegate\",\n"
      "<" LINK URL ">; rel=\"self\"; type=\"application/link-format\"; "
      "from=\"Thu, 29 Mar 2018 08:00:00 GMT\"; until=\"Thu, 29 Mar 2018 08:01:00 GMT\",\n"
      "<" LINK "20180329080200/" URL ">; rel=\"timemap\"; type=\"application/link-format\"; "
      "from=\"Thu, 29 Mar 2018 08:02:00 GMT\"; until=\"Thu, 29 Mar 2018 08:03:00 GMT\",\n"
      "<http://h:1/replay/20180329080000/" URL ">; rel=\"first memento\"; "
      "datetime=\"Thu, 29 Mar 2018 08:00:00 GMT\",\n"
      "<http://h:1/replay/20180329080100/" URL ">; rel=\"memento\"; "
      "datetime=\"Thu, 29 Mar 2018 08:01:00 GMT\",\n"
      "<http://h:1/replay/20180329080100/" URL ">; rel=\"memento\"; "
      "datetime=\"Thu, 29 Mar 2018 08:01:00 GMT\"\n";
  static const char last[] =
      "<" URL ">; rel=\"original\",\n<http://h:1/timegate/" URL ">; rel=\"timegate\",\n"
      "<" LINK "20180329080400/" URL ">; rel=\"self\"; type=\"application/link-format\"; "
      "from=\"Thu, 29 Mar 2018 08:04:00 GMT\"; until=\"Thu, 29 Mar 2018 08:04:00 GMT\",\n"
      "<" LINK URL ">; rel=\"timemap\"; type=\"application/link-format\"; "
      "from=\"Thu, 29 Mar 2018 08:00:00 GMT\",\n"
      "<http://h:1/replay/20180329080400/" URL ">; rel=\"last memento\"; "
      "datetime=\"Thu, 29 Mar 2018 08:04:00 GMT\"\n";
  (void)state;
  char *text = page("/timemap/link/" URL, false, 2);
  assert_string_equal(text, first);
  free(text);
  text = page("/timemap/link/20180329080400/" URL, false, 2);
  assert_string_equal(text, last);
  free(text);
}

/* The path of the next page: that of a rel="timemap" whose end is told. */
static bool next_of(const char *text, char *path, size_t size) {
  for (const char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
    size_t n = strcspn(line, "\n"), end = strcspn(line, ">");
    const char *rel = strstr(line, "rel=\"timemap\""), *until = strstr(line, "until=");
    if (rel && rel < line + n && until && until < line + n) {
      snprintf(path, size, "%.*s", (int)(end - strlen("<http://h:1")),
               line + strlen("<http://h:1"));
      return true;
    }
  }
  return false;
}

static void following_the_pages_gives_every_memento_once(void **state) {
  (void)state;
  for (size_t per_page = 1; per_page <= CAPTURES + 1; per_page++) {
    char path[256] = "/timemap/link/" URL;
    int seen = 0, firsts = 0, lasts = 0;
    bool more = true;
    while (more && seen <= CAPTURES) {
      char *text = page(path, false, per_page), want[64];
      for (const char *p = text; (p = strstr(p, "/replay/")) != NULL; p++, seen++) {
        snprintf(want, sizeof want, "/replay/2018032908%02d00/", minutes[seen % CAPTURES]);
        assert_memory_equal(p, want, strlen(want));
      }
      firsts += strstr(text, "first ") != NULL;
      lasts += strstr(text, "last ") != NULL;
      more = next_of(text, path, sizeof path);
      free(text);
    }
    assert_int_equal(seen, CAPTURES);
    assert_int_equal(firsts, 1);
    assert_int_equal(lasts, 1);
  }
}

static const char *member(const json_t *o, const char *a, const char *b) {
  return json_string_value(json_object_get(json_object_get(json_object_get(o, a), b), "uri"));
}

static void json_pages_name_the_ends_of_all_and_the_next_page(void **state) {
  (void)state;
  char *text = page("/timemap/json/20180329080200/" URL, true, 2);
  json_t *o = json_loads(text, 0, NULL);
  assert_non_null(o);
  assert_string_equal(member(o, "mementos", "first"), "http://h:1/replay/20180329080000/" URL);
  assert_string_equal(member(o, "mementos", "last"), "http://h:1/replay/20180329080400/" URL);
  assert_int_equal(json_array_size(json_object_get(json_object_get(o, "mementos"), "list")), 2);
  assert_string_equal(member(o, "pages", "first"), "http://h:1/timemap/json/" URL);
  assert_string_equal(member(o, "pages", "next"), "http://h:1/timemap/json/20180329080400/" URL);
  json_decref(o);
  free(text);
  text = page("/timemap/json/" URL, true, CAPTURES);
  o = json_loads(text, 0, NULL);
  assert_null(json_object_get(o, "pages"));
  json_decref(o);
  free(text);
}

static void behind_the_last_memento_there_is_no_page(void **state) {
  (void)state;
  char *text = page("/timemap/link/20180329080401/" URL, false, 2);
  assert_string_equal(text, "");
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_page_says_from_when_to_when_it_and_the_next_one_reach),
      cmocka_unit_test(following_the_pages_gives_every_memento_once),
      cmocka_unit_test(json_pages_name_the_ends_of_all_and_the_next_page),
      cmocka_unit_test(behind_the_last_memento_there_is_no_page),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
