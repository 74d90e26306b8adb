/* An archive served over loopback: what is malformed is refused with a reason, what is slow or idle hinders nobody else,
 * what a list shows is what its export has, and a crawl that writes meanwhile is seen. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <zip.h>

#include "tests/support/serve.h"
#include "zhi/clock.h"
#include "zhi/file.h"
#include "zhi/serve.h"

#define PAGES "150"
enum { IDLE = 1000, SLOW_READERS = 6, LOOK_TRIES = 600, STOP_MS = 8000 };
#define COUNT(a) (sizeof(a) / sizeof *(a))

static struct county_world county;
static struct serve_child server;

static void crawl(struct county_world *w, const char *generation, const char *archive) {
  char line[256];
  const char *const args[] = {"--pages", PAGES, "--generation", generation, NULL};
  county_start(w, args);
  snprintf(line, sizeof line,
           "recrawl: { lists: 0s, documents_min: 0s, documents_max: 0s }\narchive: %s",
           archive ? archive : w->archive);
  county_config(w, "archive:", line);
  const char *const run[] = {"crawl", w->config, "--progress", "off", NULL};
  assert_int_equal(county_run(w, run), 0);
  county_stop(w);
}

static int set_up(void **state) {
  (void)state;
  crawl(&county, "0", NULL);
  serve_start(&server, &county, county.archive, NULL);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  int rc = server.pid ? serve_stop(&server) : 0;
  county_release(&county);
  return rc;
}

static void assert_alive(void) { assert_int_equal(serve_status_of(server.port, "/"), 200); }

/* --- what is asked wrongly ---------------------------------------------------------------------------------------- */

static void what_is_wrong_is_refused_with_a_reason(void **state) {
  static const struct {
    const char *target;
    int status;
  } cases[] = {
      {"/", 200},
      {"/documents?host=www.qinglan.gov.cn&sort=url", 200},
      {"/documents?page=4000", 200},
      {"/documents?from=2018&to=2018-03", 200},
      {"/nothing", 404},
      {"/documents/", 404},
      {"//documents", 404},
      {"/static/../serve.c", 404},
      {"/static/%2e%2e/secret", 404},
      {"/export/documents.ods", 404},
      {"/?q=%", 400},
      {"/?q=%zz", 400},
      {"/?q=%00", 400},
      {"/?q=%ff", 400},
      {"/documents?page=0", 400},
      {"/documents?page=x", 400},
      {"/documents?page=99999999999999999999", 400},
      {"/documents?from=2018-13", 400},
      {"/documents?from=2018-02-30", 400},
      {"/documents?from=yesterday", 400},
      {"/documents?from=2019&to=2018", 400},
      {"/documents?sort=title", 400},
      {"/export/documents.csv?from=2018-13", 400},
      {"/document", 400},
      {"/document?url=", 400},
      {"/cite", 400},
      {"/cite?url=http://www.qinglan.gov.cn/never", 404},
      {"/evidence", 400},
      {"/evidence?url=http://www.qinglan.gov.cn/never", 404},
      {"/evidence?url=http://www.qinglan.gov.cn/&time=yesterday", 400},
      {"/evidence?url=http://www.qinglan.gov.cn/&time=2018-13", 400},
      {"/diff?url=http://www.qinglan.gov.cn/never", 404},
      {"/diff?url=http://www.qinglan.gov.cn/&from=yesterday", 400},
      {"/document?url=www.qinglan.gov.cn", 400},
      {"/document?url=http://", 404},
      {"/document?url=http://[::1", 404},
      {"/document?url=javascript://%250aalert(1)", 404},
      {"/document?url=http://www.qinglan.gov.cn/never", 404},
      {"/document?url=http://www.qinglan.gov.cn/&v=-1", 400},
      {"/document?url=http://www.qinglan.gov.cn/&v=999", 404},
      {"/api/documents?limit=501", 400},
      {"/api/captures", 400},
      {"/api/nothing", 404},
  };
  (void)state;
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct serve_answer a;
    serve_get(server.port, cases[i].target, "", &a);
    if (a.status != cases[i].status)
      fail_msg("%s: %d, not %d", cases[i].target, a.status, cases[i].status);
    if (!strstr(a.body, strncmp(cases[i].target, "/api/", 5) == 0 ? "\"message\":" : "</html>") &&
        a.status != 200)
      fail_msg("%s: no page says what is wrong", cases[i].target);
    serve_answer_release(&a);
  }
}

static void what_is_no_request_harms_nobody(void **state) {
  static const struct {
    const char *bytes;
    int least, most; /* 0: closed without an answer */
  } cases[] = {
      {"GET\r\n\r\n", 0, 400},
      {"GET / HTTP/9.9\r\n\r\n", 0, 505},
      {"GET http://elsewhere.example/ HTTP/1.0\r\n\r\n", 400, 404},
      {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 0, 400},
      {"POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello", 405, 405},
      {"PUT /documents HTTP/1.0\r\nContent-Length: 0\r\n\r\n", 405, 405},
      {"DELETE / HTTP/1.0\r\n\r\n", 405, 405},
      {"OPTIONS * HTTP/1.0\r\n\r\n", 400, 405},
      {"BREW / HTTP/1.0\r\n\r\n", 405, 405},
      {"HEAD / HTTP/1.0\r\n\r\n", 200, 200},
      {"GET / HTTP/1.0\r\nRange: bytes=5-2\r\n\r\n", 200, 200},
      {"GET / HTTP/1.0\r\nRange: bytes=0-9,20-29\r\n\r\n", 200, 200},
      {"GET / HTTP/1.0\r\nRange: bytes=99999999-\r\n\r\n", 416, 416},
      {"GET / HTTP/1.0\r\nRange: bytes=0-9\r\n\r\n", 206, 206},
      {"GET / HTTP/1.0\r\nAccept-Language: ;;;q=q,,*;q=9\r\nCookie: lang=\"><script>\r\n\r\n", 200,
       200},
  };
  const struct timeval patience = {0, 300000};
  (void)state;
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct serve_answer a;
    int fd = serve_connect(server.port, 0);
    serve_send(fd, cases[i].bytes, strlen(cases[i].bytes));
    if (!cases[i].least) /* silence is an answer, too */
      setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    serve_read(fd, &a);
    close(fd);
    if (a.status < cases[i].least || a.status > cases[i].most)
      fail_msg("'%s': %d", cases[i].bytes, a.status);
    if (a.status == 405)
      assert_string_equal(serve_answer_header(&a, "Allow"), "GET, HEAD");
    if (a.status == 206)
      assert_int_equal(a.len, 10);
    serve_answer_release(&a);
  }
  assert_alive();
}

/* HEAD packs and streams nothing, and tells no length where it does not know it. */
static void a_head_is_that_of_the_answer_without_its_body(void **state) {
#define HOME "http://www.qinglan.gov.cn/"
  static const char *const targets[] = {"/documents",
                                        "/evidence?url=" HOME,
                                        "/evidence?url=" HOME "&time=yesterday",
                                        "/evidence?url=" HOME "never",
                                        "/export/documents.csv",
                                        "/cdx?url=" HOME "*",
                                        "/cdx?url=" HOME,
                                        "/timegate/" HOME,
                                        "/timegate/" HOME "never",
                                        "/timemap/link/" HOME};
  static const char *const alike[] = {"Content-Type", "Content-Disposition", "Location", "Link",
                                      "Memento-Datetime"};
  char head[200];
  (void)state;
  for (size_t i = 0; i < COUNT(targets); i++) {
    struct serve_answer get, a;
    serve_get(server.port, targets[i], "", &get);
    snprintf(head, sizeof head,
             "HEAD %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n\r\n", targets[i],
             server.port);
    serve_ask(server.port, head, strlen(head), &a);
    char length[24];
    snprintf(length, sizeof length, "%zu", get.len);
    const char *told = serve_answer_header(&a, "Content-Length");
    if (a.status != get.status || a.len || (told[0] && strcmp(told, length) != 0))
      fail_msg("HEAD %s: %d, %zu bytes, Content-Length '%s' of %s", targets[i], a.status, a.len,
               told, length);
    for (size_t k = 0; k < COUNT(alike); k++) {
      char was[4096];
      snprintf(was, sizeof was, "%s", serve_answer_header(&get, alike[k]));
      assert_string_equal(serve_answer_header(&a, alike[k]), was);
    }
    serve_answer_release(&a);
    serve_answer_release(&get);
  }
}

/* What a client of RFC 7089 meets: gate, memento, a time that is none. */
static void a_client_of_mementos_is_led_to_one(void **state) {
  struct serve_answer a;
  char location[300], link[4096];
  (void)state;
  serve_get(server.port, "/timegate/" HOME, "Accept-Datetime: Thu, 01 Jan 1970 00:00:00 GMT\r\n",
            &a);
  assert_int_equal(a.status, 302);
  assert_string_equal(serve_answer_header(&a, "Vary"), "accept-datetime");
  assert_string_equal(serve_answer_header(&a, "Memento-Datetime"), "");
  snprintf(location, sizeof location, "%s", serve_answer_header(&a, "Location"));
  serve_answer_release(&a);
  const char *target = strstr(location, "/replay/");
  assert_non_null(target);
  serve_get(server.port, target, "", &a);
  assert_int_equal(a.status, 200);
  assert_non_null(strstr(serve_answer_header(&a, "Memento-Datetime"), " GMT"));
  assert_null(strstr(serve_answer_header(&a, "Vary"), "accept-datetime"));
  snprintf(link, sizeof link, "%s", serve_answer_header(&a, "Link"));
  for (const char *const *rel =
           (const char *const[]){"original", "timegate", "timemap", "first ", NULL};
       *rel; rel++)
    assert_non_null(strstr(link, *rel));
  serve_answer_release(&a);
  serve_get(server.port, "/timegate/" HOME, "Accept-Datetime: yesterday\r\n", &a);
  assert_int_equal(a.status, 400);
  serve_answer_release(&a);
  serve_get(server.port, "/timegate/" HOME "never", "", &a);
  assert_int_equal(a.status, 404);
  assert_string_equal(serve_answer_header(&a, "Link"), "");
  assert_null(strstr(serve_answer_header(&a, "Vary"), "accept-datetime"));
  serve_answer_release(&a);
#undef HOME
}

static void what_is_huge_is_refused(void **state) {
  struct zhi_buf rq;
  struct serve_answer a;
  (void)state;
  zhi_buf_init(&rq, 8 << 20);
  for (size_t n = 20000; n <= 2000000; n *= 100) {
    zhi_buf_clear(&rq);
    zhi_buf_adds(&rq, "GET /documents?host=");
    while (rq.len < n)
      zhi_buf_adds(&rq, "%E5%BE%81");
    zhi_buf_adds(&rq, " HTTP/1.0\r\n\r\n");
    serve_ask(server.port, rq.p, rq.len, &a);
    assert_true(a.status == 0 || a.status == 414);
    serve_answer_release(&a);
  }
  zhi_buf_clear(&rq);
  zhi_buf_adds(&rq, "/documents?a=1");
  for (int i = 0; i < 100; i++)
    zhi_buf_addf(&rq, "&host=h%d", i);
  assert_int_equal(serve_status_of(server.port, rq.p), 414);
  zhi_buf_truncate(&rq, strlen("/documents?a=1") + 40 * 8);
  assert_int_equal(serve_status_of(server.port, rq.p), 400); /* more values than a filter takes */
  zhi_buf_release(&rq);
  assert_alive();
}

/* --- who is slow or idle -------------------------------------------------------------------------------------------- */

static void a_thousand_idle_connections_hinder_nobody(void **state) {
  static const char half[] = "GET /documents HTTP/1.1\r\nHost: ";
  int *fd = calloc(IDLE, sizeof *fd);
  struct rlimit files;
  (void)state;
  assert_non_null(fd);
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
  files.rlim_cur = files.rlim_max;
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
  for (size_t i = 0; i < IDLE; i++) {
    fd[i] = serve_connect(server.port, 0);
    if (i % 2) /* half of them in the middle of a request */
      serve_send(fd[i], half, sizeof half - 1);
  }
  int64_t start = zhi_mono_ms();
  assert_alive();
  assert_true(zhi_mono_ms() - start < 2000 * COUNTY_SLOW);
  for (size_t i = 0; i < IDLE; i++)
    close(fd[i]);
  free(fd);
  assert_alive();
}

static void readers_who_do_not_read_hinder_nobody(void **state) {
  static const char rq[] = "GET /export/documents.jsonl HTTP/1.0\r\n\r\n";
  int fd[SLOW_READERS];
  struct serve_answer a;
  (void)state;
  for (size_t i = 0; i < SLOW_READERS; i++) {
    fd[i] = serve_connect(server.port, 2048);
    serve_send(fd[i], rq, sizeof rq - 1);
  }
  assert_alive();
  assert_int_equal(serve_status_of(server.port, "/documents"), 200);
  for (size_t i = 0; i < SLOW_READERS; i++)
    close(fd[i]);
  for (int i = 0; i < LOOK_TRIES; i++) { /* their exports end, and there is room again */
    const struct timespec t = {0, 20000000};
    serve_get(server.port, "/export/documents.jsonl", "", &a);
    int status = a.status;
    if (status == 503)
      assert_true(serve_answer_header(&a, "Retry-After")[0] != '\0');
    serve_answer_release(&a);
    if (status == 200)
      return;
    nanosleep(&t, NULL);
  }
  fail_msg("exports never become possible again");
}

/* --- what is answered ------------------------------------------------------------------------------------------------ */

static void an_answer_is_in_the_language_asked_for_and_validated(void **state) {
  struct serve_answer a, again;
  char header[256];
  (void)state;
  serve_get(server.port, "/documents", "Accept-Language: en-GB, zh;q=0.5\r\n", &a);
  assert_non_null(strstr(a.body, "<html lang=\"en\">"));
  assert_non_null(strstr(serve_answer_header(&a, "Vary"), "Accept-Language"));
  assert_null(strstr(serve_answer_header(&a, "Content-Security-Policy"), "unsafe"));
  snprintf(header, sizeof header, "Accept-Language: en\r\nIf-None-Match: %s\r\n",
           serve_answer_header(&a, "ETag"));
  serve_get(server.port, "/documents", header, &again);
  assert_int_equal(again.status, 304);
  assert_int_equal(again.len, 0);
  serve_answer_release(&again);
  serve_answer_release(&a);
  serve_get(server.port, "/documents?lang=zh", "Accept-Language: en\r\n", &a);
  assert_non_null(strstr(a.body, "<html lang=\"zh-CN\">"));
  assert_non_null(strstr(serve_answer_header(&a, "Set-Cookie"), "lang=zh"));
  serve_answer_release(&a);
}

static void every_page_link_of_a_list_leads_somewhere(void **state) {
  json_t *list = serve_json(server.port, "/api/documents?limit=20"), *row;
  size_t i;
  (void)state;
  assert_int_equal(json_array_size(json_object_get(list, "rows")), 20);
  json_array_foreach(json_object_get(list, "rows"), i, row) {
    char target[2048];
    snprintf(target, sizeof target, "/document?url=%s", county_text(row, "url"));
    struct serve_answer a;
    serve_get(server.port, target, "", &a);
    assert_int_equal(a.status, 200);
    assert_non_null(strstr(a.body, "id=fields"));
    assert_non_null(strstr(a.body, "id=captures"));
    serve_answer_release(&a);
    snprintf(target, sizeof target, "/cite?url=%s", county_text(row, "url"));
    serve_get(server.port, target, "", &a);
    assert_int_equal(a.status, 200);
    assert_non_null(strstr(a.body, "urn:pwid:"));
    serve_answer_release(&a);
  }
  json_decref(list);
}

/* The first sheet of a workbook; free() it. */
static char *sheet_of(const char *path) {
  int bad;
  struct zip_stat st;
  zip_t *z = zip_open(path, ZIP_RDONLY, &bad);
  assert_non_null(z);
  assert_int_equal(zip_stat(z, "xl/worksheets/sheet1.xml", 0, &st), 0);
  char *text = calloc(1, st.size + 1);
  zip_file_t *f = zip_fopen(z, "xl/worksheets/sheet1.xml", 0);
  assert_non_null(f);
  assert_int_equal(zip_fread(f, text, st.size), (zip_int64_t)st.size);
  zip_fclose(f);
  zip_discard(z);
  return text;
}

static void an_export_is_what_the_command_writes(void **state) {
  static const char query[] = "?host=www.qinglan.gov.cn&from=2012&to=2017-06";
  static const char *const formats[] = {"csv", "jsonl", "xlsx"};
  (void)state;
  for (size_t i = 0; i < COUNT(formats); i++) {
    char mine[128], theirs[128], target[128];
    struct serve_answer a;
    struct zhi_buf want;
    snprintf(mine, sizeof mine, "%s/mine.%s", county.dir, formats[i]);
    snprintf(theirs, sizeof theirs, "%s/theirs.%s", county.dir, formats[i]);
    const char *const args[] = {
        "export", county.archive, "--format", formats[i], "--where", "host=www.qinglan.gov.cn",
        "--from", "2012",         "--to",     "2017-06",  "-o",      theirs,
        NULL};
    assert_int_equal(county_run(&county, args), 0);
    snprintf(target, sizeof target, "/export/documents.%s%s", formats[i], query);
    serve_get(server.port, target, "", &a);
    assert_int_equal(a.status, 200);
    assert_int_equal(zhi_read_file(theirs, 64 << 20, &want, NULL), ZHI_OK);
    if (i < 2) {
      assert_int_equal(a.len, want.len);
      assert_memory_equal(a.body, want.p, want.len);
    } else { /* a workbook says when it was made: its sheet is compared */
      FILE *f = fopen(mine, "wb");
      assert_non_null(f);
      assert_int_equal(fwrite(a.body, 1, a.len, f), a.len);
      assert_int_equal(fclose(f), 0);
      char *x = sheet_of(mine), *y = sheet_of(theirs);
      assert_string_equal(x, y);
      free(x);
      free(y);
    }
    zhi_buf_release(&want);
    serve_answer_release(&a);
  }
  char list[256];
  struct serve_answer a;
  snprintf(list, sizeof list, "/api/documents%s", query);
  json_t *o = serve_json(server.port, list);
  snprintf(list, sizeof list, "/export/documents.jsonl%s", query);
  serve_get(server.port, list, "", &a);
  long long lines = 0;
  for (const char *p = a.body; (p = strchr(p, '\n')); p++)
    lines++;
  assert_true(lines > 3);
  assert_int_equal(county_number(o, "total"), lines);
  serve_answer_release(&a);
  json_decref(o);
}

static void a_password_is_asked_for_and_a_proxy_believed_only_where_told(void **state) {
  static const char forwarded[] = "X-Forwarded-Proto: https\r\nX-Forwarded-Host: a.example\r\n";
  char hash[ZHI_SERVE_HASH_SIZE], user[200], header[400];
  struct serve_answer a;
  struct serve_child s;
  (void)state;
  assert_int_equal(zhi_serve_hash("open sesame", hash, NULL), ZHI_OK);
  snprintf(user, sizeof user, "archivist:%s", hash);
  const char *const args[] = {"--auth", user, "--proxy", NULL};
  serve_start(&s, &county, county.archive, args);
  serve_get(s.port, "/documents", "", &a);
  assert_int_equal(a.status, 401);
  assert_null(strstr(a.body, "id=results"));
  serve_answer_release(&a);
  serve_get(s.port, "/", "Authorization: Basic YXJjaGl2aXN0Om5vcGU=\r\n", &a); /* nope */
  assert_int_equal(a.status, 401);
  serve_answer_release(&a);
  snprintf(header, sizeof header, "Authorization: Basic YXJjaGl2aXN0Om9wZW4gc2VzYW1l\r\n%s",
           forwarded);
  serve_get(s.port, "/", header, &a);
  assert_int_equal(a.status, 200);
  assert_non_null(strstr(serve_answer_header(&a, "Content-Security-Policy"), "https://a.example:"));
  serve_answer_release(&a);
  assert_int_equal(serve_stop(&s), 0);
  serve_get(server.port, "/", forwarded, &a);
  assert_null(strstr(a.head, "a.example"));
  serve_answer_release(&a);
}

/* Until the index that the server has made by itself is there. */
static void a_word_of_the_text_is_found_and_marked(void **state) {
  static const char target[] = "/api/search?limit=50&q=%E5%85%AC%E5%91%8A"; /* 公告 */
  struct serve_answer a;
  (void)state;
  for (int i = 0; i < LOOK_TRIES * COUNTY_SLOW && serve_status_of(server.port, target) == 503;
       i++) {
    const struct timespec t = {0, 20000000};
    nanosleep(&t, NULL);
  }
  json_t *found = serve_json(server.port, target);
  assert_true(county_number(found, "total") > 3);
  assert_null(json_object_get(json_array_get(json_object_get(found, "results"), 0), "archive"));
  serve_get(server.port, "/search?q=%E5%85%AC%E5%91%8A", "", &a);
  assert_int_equal(a.status, 200);
  assert_non_null(strstr(a.body, "<mark>公告</mark>"));
  serve_answer_release(&a);
  serve_get(server.port, "/search.atom?q=%E5%85%AC%E5%91%8A", "", &a);
  assert_non_null(strstr(serve_answer_header(&a, "Content-Type"), "application/atom+xml"));
  assert_non_null(strstr(a.body, "<entry>"));
  serve_answer_release(&a);
  assert_int_equal(serve_status_of(server.port, "/search"), 200);
  assert_int_equal(serve_status_of(server.port, "/search.atom"), 400);
  assert_int_equal(serve_status_of(server.port, "/search?q=nofield:x"), 400);
  assert_int_equal(serve_status_of(server.port, "/search?q=%22"), 400);
  json_decref(found);
}

/* --- what changes meanwhile ------------------------------------------------------------------------------------------- */

static void a_crawl_that_writes_meanwhile_is_seen(void **state) {
  struct county_world next;
  json_t *before = serve_json(server.port, "/api/archive"), *after = NULL;
  long long generation = county_number(before, "generation");
  size_t crawls = json_array_size(json_object_get(before, "crawls"));
  (void)state;
  crawl(&next, "1", county.archive);
  for (int i = 0; i < LOOK_TRIES * COUNTY_SLOW; i++) {
    const struct timespec t = {0, 50000000};
    json_decref(after);
    after = serve_json(server.port, "/api/archive");
    if (county_number(after, "generation") > generation &&
        json_array_size(json_object_get(after, "crawls")) == crawls + 1)
      break;
    nanosleep(&t, NULL);
  }
  assert_true(county_number(after, "generation") > generation);
  assert_int_equal(json_array_size(json_object_get(after, "crawls")), crawls + 1);
  json_decref(before);
  json_decref(after);
  county_release(&next);
}

/* The first change of that kind; waits for it. */
static json_t *await_change(const char *kind) {
  for (int i = 0; i < LOOK_TRIES * COUNTY_SLOW; i++) {
    const struct timespec t = {0, 50000000};
    json_t *all = serve_json(server.port, "/api/changes"), *x;
    size_t k;
    json_array_foreach(json_object_get(all, "changes"), k,
                       x) if (strcmp(county_text(x, "change"), kind) == 0) {
      json_incref(x);
      json_decref(all);
      return x;
    }
    json_decref(all);
    nanosleep(&t, NULL);
  }
  fail_msg("nothing is told to be %s", kind);
  return NULL;
}

/* After the crawl above: what it edited is told, and shown beside what was there before. */
static void what_a_crawl_changed_is_told_and_compared(void **state) {
  json_t *x = await_change("edited");
  char target[2048];
  struct serve_answer a;
  (void)state;
  snprintf(target, sizeof target, "/diff?url=%s", county_text(x, "url"));
  serve_get(server.port, target, "Accept-Language: en\r\n", &a);
  assert_int_equal(a.status, 200);
  assert_non_null(strstr(a.body, "<ins>"));
  assert_null(strstr(a.body, " style="));
  serve_answer_release(&a);
  snprintf(target, sizeof target, "/changes.atom?host=%s", county_text(x, "host"));
  serve_get(server.port, target, "", &a);
  assert_non_null(strstr(a.body, county_text(x, "url")));
  serve_answer_release(&a);
  serve_get(server.port, "/changes.atom?host=nowhere.example", "", &a);
  assert_null(strstr(a.body, "<entry>"));
  serve_answer_release(&a);
  assert_int_equal(serve_status_of(server.port, "/changes"), 200);
  assert_int_equal(serve_status_of(server.port, "/changes.csv?since=2020"), 200);
  assert_int_equal(serve_status_of(server.port, "/changes?since=never"), 400);
  json_decref(x);
}

static void it_stops_in_time_whoever_is_connected(void **state) {
  static const char half[] = "GET / HT";
  static const char slow[] = "GET /export/documents.jsonl HTTP/1.0\r\n\r\n";
  struct serve_child s;
  (void)state;
  serve_start(&s, &county, county.archive, NULL);
  int idle = serve_connect(s.port, 0), sender = serve_connect(s.port, 0),
      reader = serve_connect(s.port, 2048);
  serve_send(sender, half, sizeof half - 1);
  serve_send(reader, slow, sizeof slow - 1);
  assert_int_equal(serve_status_of(s.port, "/"), 200);
  int64_t start = zhi_mono_ms();
  int rc = serve_stop(&s);
  char *said = county_output(&county);
  if (rc != 0)
    fail_msg("it ended with %d: %s", rc, said);
  free(said);
  assert_true(zhi_mono_ms() - start < STOP_MS * COUNTY_SLOW);
  close(idle);
  close(sender);
  close(reader);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_wrong_is_refused_with_a_reason),
      cmocka_unit_test(what_is_no_request_harms_nobody),
      cmocka_unit_test(a_head_is_that_of_the_answer_without_its_body),
      cmocka_unit_test(a_client_of_mementos_is_led_to_one),
      cmocka_unit_test(what_is_huge_is_refused),
      cmocka_unit_test(a_thousand_idle_connections_hinder_nobody),
      cmocka_unit_test(readers_who_do_not_read_hinder_nobody),
      cmocka_unit_test(an_answer_is_in_the_language_asked_for_and_validated),
      cmocka_unit_test(every_page_link_of_a_list_leads_somewhere),
      cmocka_unit_test(an_export_is_what_the_command_writes),
      cmocka_unit_test(a_password_is_asked_for_and_a_proxy_believed_only_where_told),
      cmocka_unit_test(a_word_of_the_text_is_found_and_marked),
      cmocka_unit_test(a_crawl_that_writes_meanwhile_is_seen),
      cmocka_unit_test(what_a_crawl_changed_is_told_and_compared),
      cmocka_unit_test(it_stops_in_time_whoever_is_connected),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
