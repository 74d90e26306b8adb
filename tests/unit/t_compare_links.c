/* Links of two readings: pairs labelled by what a person would say of them, what is read of an archive (also beside the
 * text), and a record that cannot be read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "crawler/archive.h"
#include "crawler/compare.h"
#include "crawler/import.h"
#include "zhi/compare_view.h"
#include "zhi/json.h"
#include "zhi/noise.h"

#define URL  "http://a.gov.cn/zwgk/x.html"
#define TEXT "<p>各乡镇人民政府，县直各单位：为规范管理，现将有关事项通知如下，请认真贯彻执行。</p>"

/* A document; `menu` stands in its header, `body` behind the paragraphs, `foot` under the text. */
struct page {
  const char *menu, *body, *foot;
};

static void write_page(struct zhi_buf *b, const struct page *p) {
  zhi_buf_addf(b,
               "<html><head><meta charset=utf-8><title>通知</title><meta name=ArticleTitle "
               "content=通知></head><body><div class=header><a href=/>首页</a>%s</div>"
               "<h1>通知</h1><div class=TRS_Editor>" TEXT "%s</div><div class=r>%s</div>"
               "</body></html>",
               p->menu ? p->menu : "", p->body ? p->body : "", p->foot ? p->foot : "");
}

static json_t *compared(const struct page *p, const struct page *q) {
  const struct page *const pages[] = {p, q};
  struct zhi_extractor *x[2];
  const struct zhi_doc *d[2];
  struct zhi_buf b[2];
  for (int i = 0; i < 2; i++) {
    zhi_buf_init(&b[i], 1 << 22);
    write_page(&b[i], pages[i]);
    struct zhi_page page = {.url = ZHI_STR(URL), .body = zhi_buf_view(&b[i]), .compared = true};
    assert_int_equal(zhi_extractor_new(&x[i], NULL), ZHI_OK);
    assert_int_equal(zhi_extract(x[i], &page, &d[i], NULL), ZHI_OK);
  }
  json_t *c = json_pack("{s:s, s:i, s:i}", "verdict", "same", "changes", 0, "masked", 0);
  assert_int_equal(zhi_compare_links(c, d[0]->anchors, d[0]->anchor_count, d[1]->anchors,
                                     d[1]->anchor_count, NULL),
                   ZHI_OK);
  for (int i = 0; i < 2; i++) {
    zhi_extractor_free(x[i]);
    zhi_buf_release(&b[i]);
  }
  return c;
}

/* "retargeted LABEL", one a link, or "~KIND" */
static void write_rows(const json_t *c, struct zhi_buf *out) {
  size_t i;
  json_t *l;
  zhi_buf_init(out, 1 << 20);
  json_array_foreach(json_object_get(c, "links"), i, l) {
    const char *kind = zhi_json_text(json_object_get(l, "noise"), "kind");
    zhi_buf_addf(out, "%s%s%s", i ? "; " : "", kind[0] ? "~" : "",
                 kind[0] ? kind : zhi_json_text(l, "change"));
    if (!kind[0])
      zhi_buf_addf(out, " %s", zhi_json_text(l, "text"));
  }
  zhi_buf_addc(out, '\0');
}

#define A(href, text) "<p><a href='" href "'>" text "</a></p>"

static const struct {
  struct page a, b;
  const char *verdict, *rows;
} pairs[] = {
    /* the same */
    {{.body = A("/a.html", "办法")}, {.body = A("http://a.gov.cn/a.html", "办法")}, "same", ""},
    {{.body = A("/a.html#one", "办法")}, {.body = A("/a.html#two", "办法")}, "same", ""},
    {{.body = A("/a.html", "办法 全文")}, {.body = A("/a.html", "办法全文")}, "same", ""},
    {{.body = A("/a.html", "甲") A("/b.html", "乙")},
     {.body = A("/b.html", "乙") A("/a.html", "甲")},
     "same",
     ""},
    /* noise */
    {{.menu = A("/n1.html", "甲新闻")},
     {.menu = A("/n2.html", "乙新闻")},
     "noise",
     "~elsewhere; ~elsewhere"},
    {{.menu = A("/n1.html", "机构")}, {.menu = A("/n2.html", "机构")}, "noise", "~elsewhere"},
    {{.foot = A("/n1.html", "甲新闻")}, {.foot = ""}, "noise", "~elsewhere"},
    {{.body = A("/a.jsp;jsessionid=0123456789ABCDEF01", "办法")},
     {.body = A("/a.jsp;jsessionid=FEDCBA987654321001", "办法")},
     "noise",
     "~address"},
    {{.body = A("/a.jsp?id=1&amp;utm_source=x", "办法")},
     {.body = A("/a.jsp?id=1&amp;utm_source=y", "办法")},
     "noise",
     "~address"},
    {{.body = A("/a.jsp?id=1&amp;_=1522310400000", "办法")},
     {.body = A("/a.jsp?id=1&amp;_=1522396800000", "办法")},
     "noise",
     "~address"},
    {{.body = A("/a.jsp?id=1&amp;hits=7", "办法")},
     {.body = A("/a.jsp?id=1&amp;hits=8", "办法")},
     "noise",
     "~address"},
    {{.body = A("http://b.gov.cn/a", "办法")},
     {.body = A("https://b.gov.cn/a", "办法")},
     "noise",
     "~address"},
    {{.body = A("/a.html", "办法（浏览次数：7）")},
     {.body = A("/a.html", "办法（浏览次数：80）")},
     "noise",
     "~counter"},
    {{.body = "<p>上一篇：<a href=/p.html>甲的通知</a></p>"},
     {.body = "<p>上一篇：<a href=/q.html>乙的公告</a></p>"},
     "noise",
     "~neighbour; ~neighbour"},
    {{.body = "<p>相关阅读</p>" A("/p.html", "甲新闻")},
     {.body = "<p>相关阅读</p>" A("/q.html", "乙新闻")},
     "noise",
     "~related; ~related"},
    {{.body = "<p>当前位置：<a href=/p/>公开</a></p>"},
     {.body = "<p>当前位置：<a href=/q/>公开</a></p>"},
     "noise",
     "~path"},
    {{.body = "<p><a href=/print.do?id=1>打印</a> <a href=/close.do>关闭</a></p>"},
     {.body = "<p><a href=/print.do?id=2>打印</a></p>"},
     "noise",
     "~toolbar; ~toolbar"},
    {{.body = "<div class=share><a href=/s1>分享到微博</a></div>"},
     {.body = "<div class=share><a href=/s2>分享到微博</a></div>"},
     "noise",
     "~toolbar"},
    {{.body = "<div class=qrcode><a href=/s1>扫码看本页</a></div>"},
     {.body = "<div class=qrcode><a href=/s2>扫码看本页</a></div>"},
     "noise",
     "~elsewhere"},
    {{.body = A("/a.html", "办法")}, {.foot = A("/a.html", "办法")}, "noise", "~moved"},
    /* an attachment is told as one */
    {{.body = A("/f1.pdf", "名单")}, {.body = A("/f2.pdf", "名单")}, "same", ""},
    /* edits */
    {{.body = A("/a.html", "办法")}, {.body = A("/b.html", "办法")}, "changed", "retargeted 办法"},
    {{.body = A("/a.jsp?id=1", "办法")},
     {.body = A("/a.jsp?id=2", "办法")},
     "changed",
     "retargeted 办法"},
    {{.body = A("/a.jsp?t=1", "办法")},
     {.body = A("/a.jsp?t=2", "办法")},
     "changed",
     "retargeted 办法"},
    {{.body = A("http://b.gov.cn/", "县政府")},
     {.body = A("http://casino.example/", "县政府")},
     "changed",
     "retargeted 县政府"},
    {{.body = A("/a.html", "办法")}, {.body = ""}, "changed", "removed 办法"},
    {{.body = ""}, {.body = A("/a.html", "办法")}, "changed", "added 办法"},
    {{.body = A("/a.html", "办法")}, {.body = A("/a.html", "条例")}, "changed", "renamed 条例"},
    {{.body = "<a href=/a.html><img src=1.png></a>"}, {.body = ""}, "changed", "removed "},
    {{.body = "<p>相关阅读</p>" A("/p.html", "甲") "<p>详见附表。</p>" A("/q.html", "名册")},
     {.body = "<p>相关阅读</p>" A("/r.html", "丙") "<p>详见附表。</p>" A("/s.html", "名册")},
     "changed",
     "retargeted 名册; ~related; ~related"},
    /* what a menu has always had does not hide what the text lost */
    {{.menu = A("/a.html", "办法"), .body = A("/a.html", "办法")},
     {.menu = A("/a.html", "办法")},
     "changed",
     "removed 办法"},
    {{.menu = A("/n1", "甲"), .body = A("/1", "详情") A("/2", "详情")},
     {.menu = A("/n2", "乙"), .body = A("/0", "详情") A("/1", "详情") A("/2", "详情")},
     "changed",
     "added 详情; ~elsewhere; ~elsewhere"},
};

static void pairs_are_told_as_a_person_would(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    struct zhi_buf rows;
    json_t *c = compared(&pairs[i].a, &pairs[i].b);
    write_rows(c, &rows);
    if (strcmp(zhi_json_text(c, "verdict"), pairs[i].verdict) != 0 ||
        strcmp(rows.p, pairs[i].rows) != 0)
      fail_msg("pair %zu: %s with '%s', not %s with '%s'", i, zhi_json_text(c, "verdict"), rows.p,
               pairs[i].verdict, pairs[i].rows);
    zhi_buf_release(&rows);
    json_decref(c);
  }
}

static void lists_are_compared_by_their_items(void **state) {
  struct zhi_extractor *x;
  const struct zhi_doc *d;
  struct zhi_buf b;
  size_t items = 0;
  (void)state;
  zhi_buf_init(&b, 1 << 16);
  zhi_buf_adds(&b, "<html><head><meta charset=utf-8><title>通知公告</title></head><body><div "
                   "class=nav><a href=/>首页</a><a href=/zw/>政务</a></div><ul class=list>");
  for (int i = 1; i <= 15; i++)
    zhi_buf_addf(&b,
                 "<li><a href='/tz/%d.html'>关于做好第%d批有关工作的通知</a>"
                 "<span>2018-03-%02d</span></li>",
                 i, i, i);
  zhi_buf_adds(&b, "</ul><div class=foot><a href=/map.html>网站地图</a></div></body></html>");
  struct zhi_page page = {
      .url = ZHI_STR("http://a.gov.cn/tz/"), .body = zhi_buf_view(&b), .compared = true};
  assert_int_equal(zhi_extractor_new(&x, NULL), ZHI_OK);
  assert_int_equal(zhi_extract(x, &page, &d, NULL), ZHI_OK);
  assert_int_equal(d->kind, ZHI_KIND_LIST);
  for (size_t i = 0; i < d->anchor_count; i++)
    items += d->anchors[i].noise == ZHI_NOISE_NONE;
  assert_int_equal(items, 15);
  assert_int_equal(d->anchor_count, 18);
  zhi_extractor_free(x);
  zhi_buf_release(&b);
}

/* 5,000 links of one text each lead elsewhere: as many rows as are listed, the rest counted. */
static void many_links_are_counted_in_bounded_time(void **state) {
  struct zhi_buf a, b;
  (void)state;
  zhi_buf_init(&a, 1 << 20);
  zhi_buf_init(&b, 1 << 20);
  for (int i = 0; i < 6000; i++) {
    zhi_buf_addf(&a, "<p>第%d项<a href=/a/%d.html>详情</a></p>", i, i);
    zhi_buf_addf(&b, "<p>第%d项<a href=/b/%d.html>详情</a></p>", i, i);
  }
  json_t *c = compared(&(struct page){.body = a.p}, &(struct page){.body = b.p});
  size_t listed = json_array_size(json_object_get(c, "links"));
  json_int_t left_out = json_integer_value(json_object_get(c, "links_left_out"));
  assert_true(listed > 0 && listed < 3000);
  assert_int_equal(json_integer_value(json_object_get(c, "changes")), listed + (size_t)left_out);
  assert_true(listed + (size_t)left_out > 4900);
  json_decref(c);
  zhi_buf_release(&a);
  zhi_buf_release(&b);
}

/* --- of an archive ------------------------------------------------------------------------------------------------- */

/* A sentence, and a remark with a number that counts. */
#define FOOT(name, n)                                                                              \
  "<p>更正：联系人应为" name "。</p><p>本站自建立以来已经接待的访问者总数 " n "</p>"

struct place {
  char dir[64], archive[96], warc[96];
};

static void add_response(struct zhi_buf *b, int n, const struct page *p) {
  struct zhi_buf page;
  zhi_buf_init(&page, 1 << 16);
  zhi_buf_adds(&page, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n");
  write_page(&page, p);
  zhi_buf_addf(b,
               "WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: " URL
               "\r\nWARC-Date: 2018-03-0%dT00:00:00Z\r\nWARC-Record-ID: <urn:uuid:%d>\r\n"
               "Content-Type: application/http; msgtype=response\r\nContent-Length: %zu\r\n\r\n"
               "%s\r\n\r\n",
               n, n, page.len, page.p);
  zhi_buf_release(&page);
}

static void setup(struct place *p) {
  struct zhi_buf b;
  struct zhi_import_done done;
  struct zhi_err e = {0};
  char *paths[] = {p->warc};
  strcpy(p->dir, "/tmp/zhi-links-XXXXXX");
  assert_non_null(mkdtemp(p->dir));
  snprintf(p->archive, sizeof p->archive, "%s/archive", p->dir);
  snprintf(p->warc, sizeof p->warc, "%s/x.warc", p->dir);
  zhi_buf_init(&b, 1 << 20);
  add_response(&b, 1, &(struct page){.body = A("/a.html", "办法"), .foot = FOOT("李某", "17")});
  add_response(
      &b, 2,
      &(struct page){.body = "<p>另行通知。</p>" A("/b.html", "办法"), .foot = FOOT("王某", "23")});
  FILE *f = fopen(p->warc, "w");
  assert_non_null(f);
  assert_int_equal(fwrite(b.p, 1, b.len, f), b.len);
  fclose(f);
  zhi_buf_release(&b);
  struct zhi_import_options o = {.archive = p->archive};
  if (zhi_archive_import(paths, 1, &o, &done, &e))
    fail_msg("%s", e.msg);
}

static void teardown(struct place *p) {
  char cmd[128];
  snprintf(cmd, sizeof cmd, "rm -rf '%s'", p->dir);
  assert_int_equal(system(cmd), 0);
}

static json_t *of_archive(const struct place *p) {
  struct zhi_store *s;
  struct zhi_err e = {0};
  json_t *c = NULL;
  if (zhi_store_open(p->archive, ZHI_STORE_READ, &zhi_clock_system, &s, &e) ||
      zhi_archive_compare(s, p->archive, ZHI_STR(URL), ZHI_STR(""), ZHI_STR(""), &c, &e))
    fail_msg("%s", e.msg);
  zhi_store_close(s);
  return c;
}

static void assert_views_say(const json_t *c, const char *text, const char *html) {
  struct zhi_buf out;
  zhi_buf_init(&out, 1 << 20);
  zhi_compare_text(c, false, &out);
  if (!strstr(out.p, text))
    fail_msg("'%s' is not in %s", text, out.p);
  zhi_buf_clear(&out);
  zhi_compare_page(c, &out);
  if (!strstr(out.p, html))
    fail_msg("'%s' is not in %s", html, out.p);
  zhi_buf_release(&out);
}

static void records_are_read_and_damage_is_named(void **state) {
  struct place p;
  char cmd[256];
  (void)state;
  setup(&p);
  json_t *c = of_archive(&p);
  assert_int_equal(json_array_size(json_object_get(c, "warnings")), 0);
  assert_int_equal(json_array_size(json_object_get(c, "links")), 1);
  assert_views_say(c, "[-http://a.gov.cn/a.html-] → {+http://a.gov.cn/b.html+}",
                   "<del>http://a.gov.cn/a.html</del>");
  assert_int_equal(json_array_size(json_object_get(c, "beside")), 1);
  assert_views_say(c, "! 更正：联系人应为[-李-]{+王+}某。", "<del>李</del><ins>王</ins>某");
  json_decref(c);
  snprintf(cmd, sizeof cmd, "for f in $(find '%s/warc' -type f); do echo x >$f; done", p.archive);
  assert_int_equal(system(cmd), 0);
  c = of_archive(&p);
  assert_int_equal(json_array_size(json_object_get(c, "warnings")), 2);
  assert_int_equal(json_array_size(json_object_get(c, "links")), 0);
  assert_int_equal(json_array_size(json_object_get(c, "beside")), 0);
  assert_true(json_integer_value(json_object_get(c, "text_changes")) > 0);
  assert_views_say(c, "Links and what stands beside the text of capture A are not compared",
                   "zd-warn");
  json_decref(c);
  snprintf(cmd, sizeof cmd, "rm -r '%s/warc'", p.archive);
  assert_int_equal(system(cmd), 0);
  c = of_archive(&p);
  assert_int_equal(json_array_size(json_object_get(c, "warnings")), 2);
  assert_string_equal(zhi_json_text(c, "verdict"), "changed");
  json_decref(c);
  teardown(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pairs_are_told_as_a_person_would),
      cmocka_unit_test(lists_are_compared_by_their_items),
      cmocka_unit_test(many_links_are_counted_in_bounded_time),
      cmocka_unit_test(records_are_read_and_damage_is_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
