/* The CDX server and TimeMaps on a small catalogue: both vocabularies, ranges, filters, going on where an answer ended;
 * which capture is shown for a time; addresses of moments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

#include "serve/capture.h"
#include "serve/handlers.h"
#include "serve/moment.h"
#include "tests/support/archive.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define DAY      INT64_C(86400000)
#define HOME     "http://www.a.gov.cn/"
#define HOME_KEY "cn,gov,a)/"

static struct test_archive t;

static int set_up(void **state) {
  (void)state;
  archive_setup(&t);
  archive_capture(&t, HOME, HOME_KEY, ZHI_V_OK, "sha256:1", NULL);
  archive_capture(&t, "http://www.a.gov.cn/b?x=1", "cn,gov,a)/b?x=1", ZHI_V_OK, "sha256:2", NULL);
  archive_capture(&t, "http://sub.a.gov.cn/", "cn,gov,a,sub)/", ZHI_V_OK, "sha256:3", NULL);
  archive_capture(&t, "http://www.ab.gov.cn/", "cn,gov,ab)/", ZHI_V_OK, "sha256:4", NULL);
  t.now_ms += DAY;
  archive_capture(&t, HOME, HOME_KEY, ZHI_V_BLOCKED, "sha256:5", NULL);
  t.now_ms += 10 * DAY;
  archive_capture(&t, HOME, HOME_KEY, ZHI_V_OK, "sha256:6", NULL);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  archive_teardown(&t);
  return 0;
}

/* --- asking a handler ---------------------------------------------------------------------------------------------- */

static const char *accept_datetime; /* what the reader sends */

static const char *header(const void *ctx, const char *name) {
  (void)ctx;
  return strcmp(name, "Accept-Datetime") == 0 ? accept_datetime : NULL;
}

struct asked {
  struct serve_request rq;
  struct serve_response rs;
  struct zhi_err e;
};

static enum zhi_code ask(struct asked *x, serve_handler handler, const char *target,
                         const char *prefix) {
  *x = (struct asked){0};
  serve_response_init(&x->rs);
  enum zhi_code rc = serve_request_read(&x->rq, "GET", zhi_str_of(target), &x->e);
  x->rq.base = x->rq.pages = ZHI_STR("http://h:1");
  x->rq.replay = ZHI_STR("http://h:2");
  x->rq.header = header;
  x->rq.rest = prefix ? zhi_str_sub(x->rq.target, strlen(prefix), x->rq.target.len) : ZHI_STR_NONE;
  struct serve_call c = {.dir = t.dir, .store = t.s, .rq = &x->rq, .rs = &x->rs};
  return rc ? rc : handler(&c, &x->e);
}

static void forget(struct asked *x) {
  serve_response_release(&x->rs);
  serve_request_release(&x->rq);
}

static void expect(const char *target, const char *body) {
  struct asked x;
  bool search = strstr(target, "/search/") != NULL;
  enum zhi_code rc = ask(&x, search ? handle_cdx_search : handle_cdx, target, NULL);
  if (rc)
    fail_msg("%s: %s", target, x.e.msg);
  if (x.rs.stream.produce)
    fail_msg("%s is streamed", target);
  assert_string_equal(x.rs.body.len ? x.rs.body.p : "", body);
  forget(&x);
}

static void one_url_is_answered_in_the_words_of_each_client(void **state) {
  (void)state;
  expect("/cdx?url=http://www.a.gov.cn/&limit=1",
         "cn,gov,a)/ 20180329080000 {\"url\": \"http://www.a.gov.cn/\", \"mime\": \"text/html\", "
         "\"status\": \"200\", \"digest\": \"sha256:1\", \"length\": \"100\", \"offset\": \"0\", "
         "\"filename\": \"a.warc.gz\"}\n");
  expect("/cdx?url=www.a.gov.cn&limit=1&output=json&fl=url,timestamp",
         "{\"url\": \"http://www.a.gov.cn/\", \"timestamp\": \"20180329080000\"}\n");
  expect("/cdx?url=a.gov.cn&limit=1&output=text",
         "cn,gov,a)/ 20180329080000 http://www.a.gov.cn/ text/html 200 sha256:1 - - 100 0 "
         "a.warc.gz\n");
  expect("/cdx/search/cdx?url=a.gov.cn&limit=1",
         "cn,gov,a)/ 20180329080000 http://www.a.gov.cn/ text/html 200 sha256:1 100\n");
  expect("/cdx/search/cdx?url=a.gov.cn&limit=1&output=json&fl=timestamp,original,statuscode",
         "[[\"timestamp\",\"original\",\"statuscode\"],\n"
         "[\"20180329080000\",\"http://www.a.gov.cn/\",\"200\"]]\n");
  expect("/cdx?urlkey=cn,gov,a)/&limit=1&fl=digest&output=text", "sha256:1\n");
  expect("/cdx?url=http://none.gov.cn/", "");
}

static void times_filters_and_orders_choose_rows(void **state) {
  static const struct {
    const char *query, *digests;
  } cases[] = {
      {"", "sha256:1\nsha256:5\nsha256:6\n"},
      {"&from=20180330", "sha256:5\nsha256:6\n"},
      {"&to=20180329", "sha256:1\n"},
      {"&from=201803&to=201803", "sha256:1\nsha256:5\n"},
      {"&sort=reverse", "sha256:6\nsha256:5\nsha256:1\n"},
      {"&limit=-2", "sha256:5\nsha256:6\n"},
      {"&limit=-2&sort=reverse", "sha256:5\nsha256:1\n"},
      {"&offset=1&limit=1", "sha256:5\n"},
      {"&sort=closest&closest=20180331000000&limit=2", "sha256:5\nsha256:1\n"},
      {"&filter==digest:sha256:5", "sha256:5\n"},
      {"&filter=!=digest:sha256:6&filter=~digest:sha256:[156]", "sha256:1\nsha256:5\n"},
      {"&filter=~statuscode:2..&filter=!~digest:.*6", "sha256:1\nsha256:5\n"},
      {"&filter=~digest:6", ""}, /* a pattern is for all of the value */
      {"&collapse=timestamp:6", "sha256:1\nsha256:6\n"},
      {"&collapseTime=4", "sha256:1\n"},
      {"&page=1", ""},
      {"&collapseToFirst=timestamp:6", "sha256:1\nsha256:6\n"},
      {"&collapseToLast=timestamp:6", "sha256:5\nsha256:6\n"},
      {"&collapseToLast=timestamp:6&limit=1", "sha256:5\n"},
      {"&collapseToLast=timestamp:6&limit=-1", "sha256:6\n"},
      {"&collapseToLast=timestamp:4&sort=reverse", "sha256:1\n"},
      {"&fastLatest=true&limit=-1", "sha256:6\n"},
      {"&allowFuzzy=0&gzip=false", "sha256:1\nsha256:5\nsha256:6\n"},
  };
  char target[300];
  (void)state;
  for (size_t i = 0; i < COUNT(cases); i++) {
    snprintf(target, sizeof target, "/cdx?url=a.gov.cn&output=text&fl=digest%s", cases[i].query);
    expect(target, cases[i].digests);
  }
}

/* A timestamp stands for its whole second: half a second before it is farther than the end of it. */
static void the_closest_capture_is_that_of_the_second_asked_for(void **state) {
  (void)state;
  t.now_ms += 900 - t.now_ms % 1000;
  archive_capture(&t, "http://www.q.gov.cn/", "cn,gov,q)/", ZHI_V_OK, "sha256:7", NULL);
  t.now_ms += 1000;
  archive_capture(&t, "http://www.q.gov.cn/", "cn,gov,q)/", ZHI_V_OK, "sha256:8", NULL);
  char asked[ZHI_TS14_SIZE], target[200];
  zhi_time_ts14(t.now_ms, asked);
  snprintf(target, sizeof target, "/cdx?url=q.gov.cn&output=text&fl=digest&sort=closest&closest=%s",
           asked);
  expect(target, "sha256:8\nsha256:7\n");
}

/* Ranges are streamed: the last rows of one are not, and show what is in it. */
static void a_range_has_its_own_and_nothing_else(void **state) {
  (void)state;
  expect("/cdx?url=www.a.gov.cn/b&matchType=prefix&limit=-9&output=text&fl=digest", "sha256:2\n");
  expect("/cdx?url=www.a.gov.cn/*&limit=-9&output=text&fl=digest",
         "sha256:1\nsha256:5\nsha256:6\nsha256:2\n");
  expect("/cdx?url=*.a.gov.cn&limit=-9&output=text&fl=digest",
         "sha256:1\nsha256:5\nsha256:6\nsha256:2\nsha256:3\n");
  expect("/cdx?url=a.gov.cn&matchType=domain&limit=-1&output=text&fl=digest", "sha256:3\n");
}

/* Rows that are put in another order are written whole all the same. */
static void what_is_sorted_has_its_head_and_its_commas(void **state) {
  (void)state;
  expect("/cdx/search/cdx?url=a.gov.cn&limit=-2&output=json&fl=digest,mimetype",
         "[[\"digest\",\"mimetype\"],\n[\"sha256:5\",\"text/html\"],\n[\"sha256:6\",\"text/"
         "html\"]]\n");
  expect("/cdx/search/cdx?url=a.gov.cn&sort=closest&closest=20180409080000&limit=1&output=json&fl="
         "digest",
         "[[\"digest\"],\n[\"sha256:6\"]]\n");
  expect("/cdx/search/cdx?url=none.gov.cn&output=json&limit=-1", "[]\n");
  expect(
      "/cdx?url=a.gov.cn&output=link&sort=closest&closest=20180409080000&limit=2",
      "<http://h:1/replay/20180409080000/http://www.a.gov.cn/>; rel=\"memento\"; datetime=\"Mon, "
      "09 Apr 2018 08:00:00 GMT\",\n"
      "<http://h:1/replay/20180330080000/http://www.a.gov.cn/>; rel=\"memento\"; datetime=\"Fri, "
      "30 Mar 2018 08:00:00 GMT\"\n");
}

/* Captures of one URL in an archive of its own, written behind the store's back: a redirect, a revisit, a POST. */
static void set_up_odd(struct test_archive *x, struct test_archive *kept) {
  *kept = t;
  archive_setup(x);
  archive_capture(x, "http://o.gov.cn/", "cn,gov,o)/", ZHI_V_REDIRECT, "sha256:1", NULL);
  x->now_ms += 1000;
  archive_capture(x, "https://o.gov.cn/", "cn,gov,o)/", ZHI_V_OK, "sha256:2", NULL);
  x->now_ms += 1000;
  archive_capture(x, "https://o.gov.cn/", "cn,gov,o)/", ZHI_V_OK, "sha256:2", NULL);
  archive_capture(x, "http://o.gov.cn/list", "cn,gov,o)/list?__wb_method=post&page=2", ZHI_V_OK,
                  "sha256:3", NULL);
  zhi_store_close(x->s);
  archive_sql(
      x, "UPDATE capture SET redirect_to = 'https://o.gov.cn/', status = 301 WHERE id = 1;"
         "UPDATE capture SET revisit_of = 'x', original_id = 2 WHERE id = 3;"
         "UPDATE url SET method = 'POST', body = 'page=2', headers = 'Content-Type: " ZHI_FORM_TYPE
         "' WHERE url LIKE '%/list'");
  x->s = NULL;
  assert_int_equal(zhi_store_open(x->dir, ZHI_STORE_WRITE, &x->clock, &x->s, NULL), ZHI_OK);
  t = *x;
}

static void redirects_revisits_and_posts_are_told_apart(void **state) {
  struct test_archive x, kept;
  (void)state;
  set_up_odd(&x, &kept);
  expect("/cdx?url=o.gov.cn&output=text&fl=digest,mime",
         "sha256:1 text/html\nsha256:2 text/html\nsha256:2 warc/revisit\n");
  expect("/cdx?url=o.gov.cn&output=text&fl=mime,orig.offset&resolveRevisits=true&from="
         "20180329080002",
         "text/html 100\n");
  expect("/cdx?url=o.gov.cn&output=text&fl=digest&omitSelfRedirects=true", "sha256:2\nsha256:2\n");
  expect("/cdx?url=http://o.gov.cn/list&output=text", "");
  expect("/cdx?url=http://o.gov.cn/list&method=POST&requestBody=page%3D2&output=json&fl=url,method,"
         "requestBody",
         "{\"url\": \"http://o.gov.cn/list\", \"method\": \"POST\", \"requestBody\": "
         "\"page=2\"}\n");
  expect("/cdx?url=http://o.gov.cn/list?__wb_method=POST%26page%3D2&output=link",
         "<http://h:1/replay/20180329080002/http://o.gov.cn/list?__wb_method=POST&page=2>; "
         "rel=\"memento\"; datetime=\"Thu, 29 Mar 2018 08:00:02 GMT\"\n");
  archive_teardown(&t);
  t = kept;
}

/* Replay asks by POST for what a script wants; the page of the list leads to the reader view of every answer. */
static void answers_to_posts_are_reached_from_the_page_of_their_list(void **state) {
#define ANSWER "http://o.gov.cn/list?__wb_method=POST"
  struct test_archive x, kept;
  struct asked a;
  struct capture found;
  (void)state;
  set_up_odd(&x, &kept);
  zhi_store_close(t.s);
  archive_sql(&t,
              "INSERT INTO list_page (url_id, first_id, capture_id, page) SELECT u.id, (SELECT id "
              "FROM url WHERE url = 'https://o.gov.cn/'), 4, 2 FROM url u WHERE method = 'POST'");
  assert_int_equal(zhi_store_open(t.dir, ZHI_STORE_WRITE, &x.clock, &t.s, NULL), ZHI_OK);
  assert_int_equal(ask(&a, handle_document, "/document?url=https://o.gov.cn/", NULL), ZHI_OK);
  const char *list = strstr(a.rs.body.p, "<ol class=versions id=posts>");
  assert_non_null(list);
  assert_non_null(
      strstr(list, "/document?url=http://o.gov.cn/list%3F__wb_method%3DPOST%26page%3D2"));
  assert_non_null(strstr(list, "/reader/20180329080002/" ANSWER "&amp;page=2"));
  assert_non_null(strstr(a.rs.body.p, "从存档中取用这些分页"));
  forget(&a);
  assert_int_equal(ask(&a, handle_document, "/document?url=" ANSWER "%26page%3D2", NULL), ZHI_OK);
  assert_non_null(strstr(a.rs.body.p, "/reader/20180329080002/" ANSWER "&amp;page=2"));
  assert_null(strstr(a.rs.body.p, "/replay/"));
  struct serve_call c = {.dir = t.dir, .store = t.s, .rq = &a.rq, .rs = &a.rs};
  assert_int_equal(capture_find(&c, ZHI_STR(ANSWER "&page=2"), INT64_MAX, &found, NULL), ZHI_OK);
  assert_true(zhi_str_is(found.address, ANSWER "&page=2"));
  assert_true(zhi_str_is(found.row.url, "http://o.gov.cn/list"));
  capture_release(&found);
  /* parts without a value are left out by who asks, or kept */
  static const struct {
    const char *url;
    enum zhi_code rc;
  } asked[] = {{ANSWER "&page=2&key=", ZHI_OK},          {ANSWER "&page=3", ZHI_EOF},
               {ANSWER "&page=2&key=x", ZHI_EOF},        {ANSWER, ZHI_EOF},
               {"http://o.gov.cn/list?page=2", ZHI_EOF}, {"http://o.gov.cn/list", ZHI_EOF}};
  for (size_t i = 0; i < COUNT(asked); i++) {
    enum zhi_code rc = capture_find(&c, zhi_str_of(asked[i].url), INT64_MAX, &found, NULL);
    if (rc != asked[i].rc)
      fail_msg("%s: %d", asked[i].url, rc);
    capture_release(&found);
  }
  forget(&a);
  archive_teardown(&t);
  t = kept;
#undef ANSWER
}

static void an_answer_goes_on_where_it_ended(void **state) {
  struct asked x;
  char target[200];
  (void)state;
  assert_int_equal(ask(&x, handle_cdx_search,
                       "/cdx/search/cdx?url=a.gov.cn&limit=2&fl=digest&showResumeKey=true", NULL),
                   ZHI_OK);
  const char *key = strstr(x.rs.body.p, "\n\n");
  assert_non_null(key);
  snprintf(target, sizeof target,
           "/cdx/search/cdx?url=a.gov.cn&fl=digest&showResumeKey=1&resumeKey=%s", key + 2);
  target[strlen(target) - 1] = '\0';
  expect(target, "sha256:6\n");
  forget(&x);
}

static void what_is_asked_wrongly_is_refused(void **state) {
  static const char *const bad[] = {"",
                                    "url=a&matchType=near",
                                    "url=a&from=x",
                                    "url=a&from=20181399",
                                    "url=a&limit=x",
                                    "url=a&limit=200000",
                                    "url=a&output=xml",
                                    "url=a&sort=up",
                                    "url=a&sort=closest",
                                    "url=a*&closest=2018",
                                    "url=a&filter=x",
                                    "url=a&filter=none:x",
                                    "url=a&filter=~mime:((",
                                    "url=a&fl=none",
                                    "url=a&collapse=mime:x",
                                    "url=a&collapseToLast=none",
                                    "url=a&showPagedIndex=true",
                                    "url=a&resumeKey=x"};
  char target[200];
  (void)state;
  for (size_t i = 0; i < COUNT(bad); i++) {
    struct asked x;
    snprintf(target, sizeof target, "/cdx?%s", bad[i]);
    if (ask(&x, handle_cdx, target, NULL) != ZHI_EUSAGE || !x.e.msg[0])
      fail_msg("'%s' is answered", target);
    forget(&x);
  }
}

static void a_pattern_that_never_ends_matches_nothing(void **state) {
  (void)state;
  expect("/cdx?url=a.gov.cn&output=text&fl=digest&filter=~url:((.*)*)*x%5C1", "");
}

static void what_is_taken_down_is_not_listed(void **state) {
  int64_t n = 0;
  bool found = false;
  (void)state;
  assert_int_equal(zhi_store_suppress(t.s, ZHI_STR(HOME), ZHI_STR("privacy"), &n, NULL), ZHI_OK);
  expect("/cdx?url=a.gov.cn", "");
  assert_int_equal(zhi_store_lift(t.s, ZHI_STR(HOME), &found, NULL), ZHI_OK);
}

/* --- Memento --------------------------------------------------------------------------------------------------------- */

static void a_timemap_lists_every_memento(void **state) {
  struct asked x;
  (void)state;
  assert_int_equal(
      ask(&x, handle_timemap_link, "/timemap/link/http://www.a.gov.cn/", "/timemap/link/"), ZHI_OK);
  assert_string_equal(
      x.rs.body.p,
      "<http://www.a.gov.cn/>; rel=\"original\",\n"
      "<http://h:1/timegate/http://www.a.gov.cn/>; rel=\"timegate\",\n"
      "<http://h:1/timemap/link/http://www.a.gov.cn/>; rel=\"self\"; "
      "type=\"application/link-format\"; from=\"Thu, 29 Mar 2018 08:00:00 GMT\"; until=\"Mon, 09 "
      "Apr 2018 08:00:00 GMT\",\n"
      "<http://h:1/replay/20180329080000/http://www.a.gov.cn/>; rel=\"first memento\"; "
      "datetime=\"Thu, 29 Mar 2018 08:00:00 GMT\",\n"
      "<http://h:1/replay/20180330080000/http://www.a.gov.cn/>; rel=\"memento\"; datetime=\"Fri, "
      "30 "
      "Mar 2018 08:00:00 GMT\",\n"
      "<http://h:1/replay/20180409080000/http://www.a.gov.cn/>; rel=\"last memento\"; "
      "datetime=\"Mon, 09 Apr 2018 08:00:00 GMT\"\n");
  forget(&x);
  assert_int_equal(
      ask(&x, handle_timemap_json, "/timemap/json/http://www.a.gov.cn/", "/timemap/json/"), ZHI_OK);
  json_t *o = json_loads(x.rs.body.p, 0, NULL);
  assert_non_null(o);
  assert_int_equal(json_array_size(json_object_get(json_object_get(o, "mementos"), "list")), 3);
  json_decref(o);
  forget(&x);
  assert_int_equal(ask(&x, handle_timemap_link, "/timemap/link/http://none.cn/", "/timemap/link/"),
                   ZHI_EOF);
  forget(&x);
}

static const char *header_of(const struct asked *x, const char *name) {
  for (size_t i = 0; i < x->rs.header_count; i++)
    if (strcmp(x->rs.header[i].name, name) == 0)
      return x->rs.header[i].value;
  return NULL;
}

/* RFC 7089 4.1, 4.2.1: the reader is sent to a memento, which is another for another time. */
static void a_timegate_sends_to_the_memento_of_the_time(void **state) {
  static const struct {
    const char *wanted, *time;
  } cases[] = {{NULL, "20180409080000"},
               {"Thu, 01 Jan 1970 00:00:00 GMT", "20180329080000"},
               {"Thu, 29 Mar 2018 08:00:00 GMT", "20180329080000"},
               {"Sat, 07 Apr 2018 00:00:00 GMT", "20180409080000"},
               {"Tue, 01 Jan 2999 00:00:00 GMT", "20180409080000"}};
  (void)state;
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct asked x;
    char to[100];
    accept_datetime = cases[i].wanted;
    assert_int_equal(ask(&x, handle_timegate, "/timegate/" HOME, "/timegate/"), ZHI_OK);
    snprintf(to, sizeof to, "http://h:1/replay/%s/" HOME, cases[i].time);
    assert_int_equal(x.rs.status, 302);
    assert_string_equal(header_of(&x, "Location"), to);
    assert_string_equal(header_of(&x, "Vary"), "accept-datetime");
    assert_null(header_of(&x, "Memento-Datetime"));
    assert_non_null(header_of(&x, "Link"));
    assert_int_equal(x.rs.body.len, 0);
    forget(&x);
  }
  accept_datetime = NULL;
}

static void a_time_that_is_none_is_refused_by_a_timegate(void **state) {
  static const char *const bad[] = {"",
                                    "yesterday",
                                    "2018-03-29T08:00:00Z",
                                    "20180329080000",
                                    "Thu, 29 Mar 2018 08:00:00 +0800",
                                    "Thu, 31 Feb 2018 08:00:00 GMT",
                                    "Thu, 29 Mar 2018 25:00:00 GMT",
                                    "Thu, 29 Mar 2018 08:00:00 GMT, x"};
  (void)state;
  for (size_t i = 0; i < COUNT(bad); i++) {
    struct asked x;
    accept_datetime = bad[i];
    if (ask(&x, handle_timegate, "/timegate/" HOME, "/timegate/") != ZHI_EUSAGE)
      fail_msg("'%s' is a time", bad[i]);
    forget(&x);
  }
  accept_datetime = NULL;
}

static void what_was_never_captured_has_no_memento_headers(void **state) {
  struct asked x;
  (void)state;
  assert_int_equal(ask(&x, handle_timegate, "/timegate/http://none.gov.cn/", "/timegate/"),
                   ZHI_EOF);
  assert_int_equal(x.rs.header_count, 0);
  forget(&x);
}

/* RFC 7089 2.2: each relation once, those that fall together in one link. */
static void a_memento_names_the_others(void **state) {
#define ALL                                                                                        \
  "<" HOME ">; rel=\"original\", <http://h:1/timegate/" HOME ">; rel=\"timegate\", "               \
  "<http://h:1/timemap/link/" HOME ">; rel=\"timemap\"; type=\"application/link-format\", "        \
  "<http://h:1/replay/20180329080000/" HOME ">; rel=\"%s\"; datetime=\"Thu, 29 Mar 2018 08:00:00 " \
  "GMT\", <http://h:1/replay/20180330080000/" HOME ">; rel=\"%s\"; datetime=\"Fri, 30 Mar 2018 "   \
  "08:00:00 GMT\", <http://h:1/replay/20180409080000/" HOME ">; rel=\"%s\"; datetime=\"Mon, 09 "   \
  "Apr 2018 08:00:00 GMT\""
  static const struct {
    const char *moment, *rels[3];
  } cases[] = {{"20180329080000", {"first memento", "next memento", "last memento"}},
               {"20180330080000", {"first prev memento", "memento", "next last memento"}},
               {"20180409080000", {"first memento", "prev memento", "last memento"}}};
  (void)state;
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct asked x;
    struct capture found;
    char link[1500];
    int64_t ms;
    assert_int_equal(ask(&x, handle_timegate, "/timegate/" HOME, "/timegate/"), ZHI_OK);
    struct serve_call c = {.dir = t.dir, .store = t.s, .rq = &x.rq, .rs = &x.rs};
    assert_true(moment_pad(zhi_str_of(cases[i].moment), false, &ms));
    assert_int_equal(capture_find(&c, ZHI_STR(HOME), ms, &found, NULL), ZHI_OK);
    capture_memento(&c, &found);
    snprintf(link, sizeof link, ALL, cases[i].rels[0], cases[i].rels[1], cases[i].rels[2]);
    assert_string_equal(header_of(&x, "Link"), link);
    assert_non_null(header_of(&x, "Memento-Datetime"));
    capture_release(&found);
    forget(&x);
  }
#undef ALL
}

static void the_only_memento_is_the_first_and_the_last(void **state) {
  struct asked x;
  (void)state;
  assert_int_equal(ask(&x, handle_timegate, "/timegate/http://www.ab.gov.cn/", "/timegate/"),
                   ZHI_OK);
  assert_non_null(strstr(header_of(&x, "Link"), "rel=\"first last memento\""));
  assert_null(strstr(header_of(&x, "Link"), "prev"));
  assert_null(strstr(header_of(&x, "Link"), "next"));
  forget(&x);
}

/* A page of a block says nothing of the page asked for, unless that very second is asked for. */
static void the_nearest_capture_that_shows_the_page_is_chosen(void **state) {
  static const struct {
    const char *moment, *time;
  } cases[] = {{"2016/" HOME, "20180329080000"},
               {"20180329080000/" HOME, "20180329080000"},
               {"20180330080000/" HOME, "20180330080000"},
               {"20180330080001/" HOME, "20180329080000"},
               {"20180405/" HOME, "20180409080000"},
               {"2100/" HOME, "20180409080000"},
               {"/" HOME, "20180409080000"},
               {"2100/https://a.gov.cn", "20180409080000"}};
  (void)state;
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct capture x;
    struct moment m;
    struct zhi_buf room;
    struct serve_call c = {.dir = t.dir, .store = t.s};
    zhi_buf_init(&room, 1000);
    assert_int_equal(moment_read(zhi_str_of(cases[i].moment), &room, &m, NULL), ZHI_OK);
    assert_int_equal(capture_find(&c, m.url, m.ms, &x, NULL), ZHI_OK);
    if (strcmp(x.time, cases[i].time) != 0)
      fail_msg("%s: %s", cases[i].moment, x.time);
    capture_release(&x);
    zhi_buf_release(&room);
  }
}

static void addresses_of_moments_are_read_or_refused(void **state) {
  static const struct {
    const char *rest, *mod, *url;
  } cases[] = {{"20180329080000/http://a/", "", "http://a/"},
               {"2018mp_/https://a/b?c=%D5%F7&d", "mp_", "https://a/b?c=%D5%F7&d"},
               {"20180329id_/http:/a/", "id_", "http://a/"},
               {"/HTTP://a/", "", "HTTP://a/"},
               {"20180329080000/ftp://a/", NULL, NULL},
               {"20180329080000/javascript:alert(1)", NULL, NULL},
               {"20180329080000/http:", NULL, NULL},
               {"20180329080000/http://", NULL, "http://"},
               {"201/http://a/", NULL, NULL},
               {"20181301/http://a/", NULL, NULL},
               {"20180230/http://a/", NULL, NULL},
               {"201803290800000/http://a/", NULL, NULL},
               {"2018xx/http://a/", NULL, NULL},
               {"http://a/", NULL, NULL},
               {"", NULL, NULL}};
  (void)state;
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct moment m;
    struct zhi_buf room;
    zhi_buf_init(&room, 1000);
    enum zhi_code rc = moment_read(zhi_str_of(cases[i].rest), &room, &m, NULL);
    bool good = cases[i].mod != NULL;
    if (good ? rc || !zhi_str_is(m.mod, cases[i].mod) || !zhi_str_is(m.url, cases[i].url)
             : !cases[i].url && rc != ZHI_EUSAGE)
      fail_msg("'%s'", cases[i].rest);
    zhi_buf_release(&room);
  }
}

static void short_times_are_padded_to_both_ends(void **state) {
  static const struct {
    const char *digits, *from, *to;
  } cases[] = {{"2018", "20180101000000", "20181231235959"},
               {"201802", "20180201000000", "20180228235959"},
               {"202002", "20200201000000", "20200229235959"},
               {"2018032908", "20180329080000", "20180329085959"},
               {"20180329080001", "20180329080001", "20180329080001"}};
  (void)state;
  for (size_t i = 0; i < COUNT(cases); i++)
    for (int last = 0; last < 2; last++) {
      int64_t ms;
      char ts[ZHI_TS14_SIZE];
      assert_true(moment_pad(zhi_str_of(cases[i].digits), last != 0, &ms));
      zhi_time_ts14(ms, ts);
      assert_string_equal(ts, last ? cases[i].to : cases[i].from);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_url_is_answered_in_the_words_of_each_client),
      cmocka_unit_test(times_filters_and_orders_choose_rows),
      cmocka_unit_test(a_range_has_its_own_and_nothing_else),
      cmocka_unit_test(an_answer_goes_on_where_it_ended),
      cmocka_unit_test(what_is_asked_wrongly_is_refused),
      cmocka_unit_test(a_pattern_that_never_ends_matches_nothing),
      cmocka_unit_test(what_is_taken_down_is_not_listed),
      cmocka_unit_test(a_timemap_lists_every_memento),
      cmocka_unit_test(the_nearest_capture_that_shows_the_page_is_chosen),
      cmocka_unit_test(answers_to_posts_are_reached_from_the_page_of_their_list),
      cmocka_unit_test(redirects_revisits_and_posts_are_told_apart),
      cmocka_unit_test(what_is_sorted_has_its_head_and_its_commas),
      cmocka_unit_test(a_timegate_sends_to_the_memento_of_the_time),
      cmocka_unit_test(a_time_that_is_none_is_refused_by_a_timegate),
      cmocka_unit_test(what_was_never_captured_has_no_memento_headers),
      cmocka_unit_test(a_memento_names_the_others),
      cmocka_unit_test(the_only_memento_is_the_first_and_the_last),
      cmocka_unit_test(addresses_of_moments_are_read_or_refused),
      cmocka_unit_test(short_times_are_padded_to_both_ends),
      cmocka_unit_test(the_closest_capture_is_that_of_the_second_asked_for),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
