/* Links of pages: every idiom, in order, each once; what is no link; slips mended; hostile pages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <time.h>

#include "zhi/limits.h"
#include "zhi/links.h"

enum source { HTML, SCAN, XML };

struct page {
  struct zhi_arena arena;
  struct zhi_links links;
};

static struct page extract(enum source source, struct zhi_str text, const char *url) {
  struct page p;
  static jmp_buf escape;
  zhi_arena_init(&p.arena, ZHI_HTML_ARENA_BYTES);
  p.arena.escape = &escape;
  if (setjmp(escape))
    fail_msg("the budget was spent");
  struct zhi_links_in in = {.url = zhi_str_of(url), .text = text};
  struct zhi_html h;
  switch (source) {
  case HTML:
    zhi_html_parse(&p.arena, text, &h);
    zhi_links_html(&p.arena, &in, &h, &p.links);
    break;
  case SCAN: zhi_links_scan(&p.arena, &in, &p.links, NULL); break;
  case XML: zhi_links_xml(&p.arena, &in, &p.links); break;
  }
  return p;
}

/* "p /a|r /b|": the kind's letter and the URL, http://h.cn left out. */
static void assert_links(enum source source, const char *text, const char *want) {
  struct page p = extract(source, zhi_str_of(text), "http://h.cn/d/x.html");
  struct zhi_buf got;
  zhi_buf_init(&got, 1 << 20);
  for (size_t i = 0; i < p.links.count; i++) {
    struct zhi_str u = p.links.items[i].url;
    if (zhi_str_starts(u, "http://h.cn/"))
      u = zhi_str_sub(u, 11, u.len);
    zhi_buf_addf(&got, "%c %.*s|", zhi_link_kind_name(p.links.items[i].kind)[0], ZHI_STR_ARGS(u));
  }
  if (!zhi_str_is(zhi_buf_view(&got), want))
    fail_msg("%s\n  got  %s\n  want %s", text, got.p, want);
  zhi_buf_release(&got);
  zhi_arena_release(&p.arena);
}

struct row {
  const char *text, *want;
};

static const struct row elements[] = {
    {"<a href=a.html>1</a><a href='/b'>2</a><area href=../c>", "p /d/a.html|p /b|p /c|"},
    {"<a href=a>1</a><a href=./a>2</a><a href='a#x'>3</a>", "p /d/a|"},
    {"<a href=x.pdf>1</a><a href='down.jsp?f=y.doc&n=1'>2</a>",
     "a /d/x.pdf|a /d/down.jsp?f=y.doc&n=1|"},
    {"<a href='/download.jsp?id=7'>附件1：表.xls</a>", "a /download.jsp?id=7|"},
    {"<link rel=stylesheet href=s.css><link rel='shortcut icon' href=/f.ico>",
     "r /d/s.css|r /f.ico|"},
    {"<link rel=dns-prefetch href=//cdn.cn><link rel=preconnect href=//c.cn>", ""},
    {"<link rel=next href=i_2.html><a rel=next href=i_3.html>n</a>",
     "l /d/i_2.html|l /d/i_3.html|"},
    {"<link rel=alternate type=application/rss+xml href=/rss.xml>", "p /rss.xml|"},
    {"<script src=a.js></script><img src=a.png data-src=b.png data-original=c.png>",
     "r /d/a.js|r /d/a.png|r /d/b.png|r /d/c.png|"},
    {"<img srcset='a.png 1x, b.png 2x,c.png'><source srcset='d.png'>",
     "r /d/a.png|r /d/b.png|r /d/c.png|r /d/d.png|"},
    {"<iframe src=i.html></iframe><embed src=e.swf><object data=o.swf><param name=movie "
     "value=m.swf></object>",
     "f /d/i.html|r /d/e.swf|r /d/o.swf|r /d/m.swf|"},
    {"<video poster=p.jpg src=v.mp4></video><input type=image src=i.gif>",
     "r /d/p.jpg|r /d/v.mp4|r /d/i.gif|"},
    {"<body background=bg.gif><p style=\"background:url('s.png')\">", "r /d/bg.gif|r /d/s.png|"},
    {"<style>@import 'i.css';a{b:url(j.png)}</style>", "r /d/i.css|r /d/j.png|"},
    {"<select><option value=#>pick<option value=http://a.cn/>A<option value=/b/>B<option "
     "value=12>C</select>",
     "p http://a.cn/|p /b/|"},
    {"<a data-href=/x/y.html>x</a><div data-url='/p/q.html'>", "p /x/y.html|p /p/q.html|"},
    {"<form action=/search><input></form>", ""},
    {"<!-- <a href=no> --><textarea><a href=no></textarea>", ""},
    {"<noscript><a href=yes>x</a></noscript>", "p /d/yes|"},
};

static const struct row refreshes[] = {
    {"<meta http-equiv=refresh content='0;url=u.html'>", "p /d/u.html|"},
    {"<meta http-equiv=Refresh content=\"0; URL = 'u.html'\">", "p /d/u.html|"},
    {"<meta http-equiv=refresh content=\"5; /u.html\">", "p /u.html|"},
    {"<meta http-equiv=refresh content=300>", ""},
    {"<meta http-equiv=refresh content=yes>", ""},
};

static const struct row scripts[] = {
    {"<a href=\"javascript:window.open('/w.html')\">x</a>", "p /w.html|"},
    {"<script>bm.push([\"甲局\", \"http://jia.x.gov.cn/\"]);bm.push(['v1', "
     "'http://api.x.gov.cn/']);</script>",
     "p http://jia.x.gov.cn/|"},
    {"<a href=\"javascript:go(%22/w.html%22)\">x</a>", "p /w.html|"},
    {"<li onclick=\"location.href='a/b'\">", "p /d/a/b|"},
    {"<select onchange=\"window.open(this.options[this.selectedIndex].value)\">", ""},
    {"<script>window.location.replace(\"/home\")</script>", "p /home|"},
    {"<script>var m={\"name\":\"甲\",\"url\":\"/a/\"}, n=[{url:'/b',name:'乙'}]</script>",
     "p /a/|p /b|"},
    {"<script>$.ajax({url:'/c/',data:{name:1}})</script>", ""},
    {"<script>setTimeout(\"location.href='/later.html'\", 1000)</script>", "p /later.html|"},
    {"<script>document.write(\"<a href=\\\"/w.html\\\">w<\\/a><img src='p.gif'>\")</script>",
     "p /w.html|r /d/p.gif|"},
    {"<script>var u='/a/b.html', v=\"../c.shtml\", w='x.html', t='text/html';</script>",
     "s /a/b.html|s /c.shtml|"},
    {"<script>u='/a/'+id+'/b.html'; // '/comment.html'\n/* '/c2.html' */</script>", ""},
    {"<script>var x = 'a.gif'; y = \"decoy.gif\"</script>", ""},
    {"<script>var f='/files/a.pdf'</script>", "a /files/a.pdf|"},
    {"<script type=text/xml><record><![CDATA[<li><a href='/r/1.html'>r</a>]]></record></script>",
     "p /r/1.html|"},
    {"<a href='javascript:void(0)'>x</a><a href='javascript:openDetail(3)'>y</a>", ""},
};

static const struct row junk[] = {
    {"<a href=mailto:a@b.cn>m</a><a href=tel:1>t</a><a href=data:x>d</a><a href=ftp://a.cn/>f</a>",
     ""},
    {"<a href='{{item.url}}'>t</a><a href='${u}'>t</a><a href='<%=u%>'>t</a>", ""},
    {"<a href=undefined>u</a><a href='about:blank'>b</a><a href='http://'>e</a>", ""},
    {"<a href='http://exa mple.cn/'>x</a><a href='http://[1]/'>y</a>", ""},
};

static void run(enum source source, const struct row *rows, size_t n) {
  for (size_t i = 0; i < n; i++)
    assert_links(source, rows[i].text, rows[i].want);
}
#define RUN(source, rows) run(source, rows, sizeof rows / sizeof *rows)

static void every_element_gives_its_links(void **state) {
  (void)state;
  RUN(HTML, elements);
  RUN(HTML, refreshes);
}

static void scripts_are_read_by_idiom(void **state) {
  (void)state;
  RUN(HTML, scripts);
}

static void what_is_no_link_gives_none(void **state) {
  (void)state;
  RUN(HTML, junk);
}

static void the_scanner_agrees_with_the_tree(void **state) {
  (void)state;
  static const struct row *const tables[] = {refreshes, scripts, junk};
  static const size_t sizes[] = {sizeof refreshes / sizeof *refreshes,
                                 sizeof scripts / sizeof *scripts, sizeof junk / sizeof *junk};
  for (size_t t = 0; t < 3; t++)
    run(SCAN, tables[t], sizes[t]);
  for (size_t i = 0; i < 15; i++) /* the rest hang on tree structure */
    assert_links(SCAN, elements[i].text, elements[i].want);
}

static void links_in_a_select_survive_the_parser(void **state) {
  (void)state;
  assert_links(HTML, "<p><select><option><a href=/in.html>x</a></select>", "p /in.html|");
}

static void frames_behind_text_survive_the_parser(void **state) {
  (void)state;
  assert_links(HTML, "<frameset><frame src=a.html></frameset>", "f /d/a.html|");
  assert_links(HTML, "<p>text<frameset><FRAME src=a.html></frameset>", "f /d/a.html|");
}

static void base_href_holds_for_the_whole_page(void **state) {
  (void)state;
  assert_links(HTML, "<img src=a.png><base href=/e/><a href=b>x</a>", "r /e/a.png|p /e/b|");
  assert_links(HTML, "<base href='file:///C:/'><a href=b>x</a>", "p /d/b|");
}

static void xml_and_feeds_give_links(void **state) {
  (void)state;
  static const struct row rows[] = {
      {"<rss><channel><item><link>/a.html</link><guid>x</guid><description><![CDATA[<a "
       "href='b.html'>]]></description></item></channel></rss>",
       "p /a.html|p /d/b.html|"},
      {"<x><loc>http://a.cn/?a=1&amp;b=2</loc><url>/p.png</url></x>",
       "p http://a.cn/?a=1&b=2|r /p.png|"},
      {"<feed><link href='/e.html'/><content>&lt;a href=&quot;/f.html&quot;&gt;</content></feed>",
       "p /e.html|p /f.html|"},
      {"<?xml-stylesheet href='s.xsl'?><datastore><nextgroup><![CDATA[<a "
       "href=\"/n.jsp?page=2\">]]></nextgroup></datastore>",
       "r /d/s.xsl|p /n.jsp?page=2|"},
      {"<a><loc>unclosed", ""},
  };
  RUN(XML, rows);
}

static void json_with_html_gives_links(void **state) {
  (void)state;
  assert_links(HTML,
               "<script>{\"html\":\"\\u003ca "
               "href=\\\"\\/a\\/1.html\\\"\\u003e\",\"url\":\"\\/b\\/2.html\"}</script>",
               "p /a/1.html|s /b/2.html|");
}

static void repeats_are_merged(void **state) {
  (void)state;
  struct page p = extract(HTML,
                          ZHI_STR("<a href=/a rel=nofollow><img></a><a href=/a> the\n text </a><a "
                                  "href=/b rel='noopener nofollow' title=T></a>"
                                  "<img src=/c><a href=/c>c</a>"),
                          "http://h.cn/");
  assert_int_equal(p.links.count, 3);
  assert_true(zhi_str_is(p.links.items[0].text, "the text"));
  assert_false(p.links.items[0].nofollow);
  assert_true(p.links.items[1].nofollow);
  assert_true(zhi_str_is(p.links.items[1].text, "T"));
  assert_int_equal(p.links.items[2].kind, ZHI_LINK_PAGE);
  zhi_arena_release(&p.arena);
}

static void a_title_completes_a_cut_text(void **state) {
  (void)state;
  struct page p = extract(HTML, ZHI_STR("<a href=/a title='whole title of it'>whole ti...</a>"),
                          "http://h.cn/");
  assert_true(zhi_str_is(p.links.items[0].text, "whole title of it"));
  zhi_arena_release(&p.arena);
}

static void meta_robots_hold_for_all_links(void **state) {
  (void)state;
  struct page p =
      extract(HTML, ZHI_STR("<a href=/a>x</a><meta name=Robots content='NOINDEX, nofollow'>"),
              "http://h.cn/");
  assert_true(p.links.nofollow && p.links.noindex && p.links.items[0].nofollow);
  zhi_arena_release(&p.arena);
}

static void slips_of_hand_are_mended(void **state) {
  (void)state;
  static const struct row rows[] = {
      {"http:/a.cn/x", "http://a.cn/x"},
      {"http//a.cn/x", "http://a.cn/x"},
      {"htp://a.cn", "http://a.cn"},
      {"http://http://a.cn/x", "http://a.cn/x"},
      {"http://https://a.cn/x", "https://a.cn/x"},
      {"/http://a.cn/x", "http://a.cn/x"},
      {"http:// a.cn/x", "http://a.cn/x"},
      {"http：//a.cn/x", "http://a.cn/x"},
      {"http:\\\\a.cn\\x", "http:\\\\a.cn\\x"},
      {"www.a.gov.cn/x", "http://www.a.gov.cn/x"},
      {" \n'/x/y' ", "/x/y"},
      {"　/x　", "/x"},
      {"http.html", "http.html"},
      {"https/x", "https/x"},
      {"www.html", "www.html"},
      {"http://a.cn/?u=http://b.cn", "http://a.cn/?u=http://b.cn"},
      {"JavaScript:x()", NULL},
      {"null", NULL},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct zhi_arena a;
    zhi_arena_init(&a, 1 << 16);
    struct zhi_str got = zhi_link_clean(&a, zhi_str_of(rows[i].text));
    if (rows[i].want ? !zhi_str_is(got, rows[i].want) : got.p != NULL)
      fail_msg("'%s': got '%.*s'", rows[i].text, ZHI_STR_ARGS(got));
    zhi_arena_release(&a);
  }
}

static void attachment_types_come_from_path_or_parameter(void **state) {
  (void)state;
  assert_string_equal(zhi_attachment_type(ZHI_STR("http://a.cn/x/Y.PDF?v=1#p")), "pdf");
  assert_string_equal(zhi_attachment_type(ZHI_STR("http://a.cn/down.jsp?c=0&filename=a.docx")),
                      "docx");
  assert_null(zhi_attachment_type(ZHI_STR("http://a.cn/x.html")));
  assert_null(zhi_attachment_type(ZHI_STR("http://a.zip/")));
  assert_null(zhi_attachment_type(ZHI_STR("http://a.cn/robots.txt")));
  assert_null(zhi_attachment_type(ZHI_STR("")));
}

static void queries_use_the_pages_encoding(void **state) {
  (void)state;
  struct zhi_arena a;
  zhi_arena_init(&a, 1 << 20);
  jmp_buf escape;
  a.escape = &escape;
  if (setjmp(escape))
    fail_msg("budget");
  struct zhi_str got =
      zhi_link_resolve(&a, ZHI_STR("http://h.cn/"), zhi_gb18030, ZHI_STR("/中?q=中"));
  assert_true(zhi_str_is(got, "http://h.cn/%E4%B8%AD?q=%D6%D0"));
  assert_null(zhi_link_resolve(&a, ZHI_STR("http://h.cn/"), NULL, ZHI_STR("mailto:x")).p);
  zhi_arena_release(&a);
}

/* --- hostile pages --------------------------------------------------------------------------------- */

static struct zhi_buf repeat(const char *head, const char *unit, size_t times, const char *tail) {
  struct zhi_buf b;
  zhi_buf_init(&b, ZHI_MIB(16));
  zhi_buf_adds(&b, head);
  for (size_t i = 0; i < times; i++)
    zhi_buf_adds(&b, unit);
  zhi_buf_adds(&b, tail);
  return b;
}

static void hostile_pages_cost_linear_time(void **state) {
  (void)state;
  static const struct {
    const char *head, *unit, *tail;
    size_t times, links;
    enum source source;
  } rows[] = {
      {"<a href='/", "x", "'>t</a><a href=/b>", 100000, 1, HTML},
      {"<a href=/a title='", "x", "'>", 1000000, 1, HTML},
      {"<script>\"", "\\\"", "</script><a href=/b>", 500000, 1, HTML},
      {"<script>", "<script><![CDATA[", "", 50000, 0, SCAN},
      {"", "<a href=/b><", "", 200000, 1, SCAN},
      {"", "<p a=\"", "", 200000, 0, SCAN},
      {"", "<table><tr><td><a href=/b>", "", 2000, 1, HTML},
      {"<a href=/b>", "<select>", "", 20000, 1, HTML},
      {"", "<![CDATA[<x ", "", 100000, 0, XML},
      {"<script>", "`'\"\n/*", "", 100000, 0, HTML},
      {"<img srcset='", "a ( ", "'>", 100000, 1, HTML},
      {"<p style='", "url(", "'>", 100000, 0, HTML},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct zhi_buf b = repeat(rows[i].head, rows[i].unit, rows[i].times, rows[i].tail);
    clock_t before = clock();
    struct page p = extract(rows[i].source, zhi_buf_view(&b), "http://h.cn/");
    double seconds = (double)(clock() - before) / CLOCKS_PER_SEC;
    if (p.links.count != rows[i].links || seconds > 20) /* quadratic would be minutes */
      fail_msg("row %zu: %zu links in %.1f s", i, p.links.count, seconds);
    zhi_arena_release(&p.arena);
    zhi_buf_release(&b);
  }
}

static void too_many_links_are_capped_and_said(void **state) {
  (void)state;
  struct zhi_buf b;
  zhi_buf_init(&b, ZHI_MIB(4));
  for (int i = 0; i < ZHI_PAGE_MAX_LINKS + 5; i++)
    zhi_buf_addf(&b, "<a href=/%d>", i);
  struct page p = extract(SCAN, zhi_buf_view(&b), "http://h.cn/");
  assert_int_equal(p.links.count, ZHI_PAGE_MAX_LINKS);
  assert_true(p.links.capped);
  zhi_arena_release(&p.arena);
  zhi_buf_release(&b);
}

static void a_spent_budget_escapes_without_a_leak(void **state) {
  (void)state;
  struct zhi_buf b = repeat("", "<a href=/x/y/z>", 1, "");
  for (int i = 0; i < 20000; i++)
    zhi_buf_addf(&b, "<a href=/path/%d>text</a>", i);
  struct zhi_arena a;
  zhi_arena_init(&a, 400000);
  jmp_buf escape;
  a.escape = &escape;
  if (!setjmp(escape)) {
    struct zhi_links l;
    struct zhi_str text;
    zhi_links_scan(&a,
                   &(struct zhi_links_in){.url = ZHI_STR("http://h.cn/"), .text = zhi_buf_view(&b)},
                   &l, &text);
    fail_msg("nothing was spent");
  }
  assert_int_equal(a.why, ZHI_ARENA_BYTES);
  assert_ptr_equal(a.escape, &escape); /* handed back */
  zhi_arena_release(&a);
  zhi_buf_release(&b);
}

static void the_scanner_gives_text_without_tags(void **state) {
  (void)state;
  struct zhi_arena a;
  zhi_arena_init(&a, 1 << 22);
  jmp_buf escape;
  a.escape = &escape;
  if (setjmp(escape))
    fail_msg("budget");
  struct zhi_links l;
  struct zhi_str text;
  struct zhi_links_in in = {.url = ZHI_STR("http://h.cn/"),
                            .text =
                                ZHI_STR("<title>t</title><script>no()</script><p>one&nbsp;<b>two</"
                                        "b>\n three<br>four &amp; five")};
  zhi_links_scan(&a, &in, &l, &text);
  assert_true(zhi_str_is(text, "t\none\xC2\xA0two three\nfour & five"));
  zhi_arena_release(&a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_element_gives_its_links),
      cmocka_unit_test(scripts_are_read_by_idiom),
      cmocka_unit_test(what_is_no_link_gives_none),
      cmocka_unit_test(the_scanner_agrees_with_the_tree),
      cmocka_unit_test(links_in_a_select_survive_the_parser),
      cmocka_unit_test(frames_behind_text_survive_the_parser),
      cmocka_unit_test(base_href_holds_for_the_whole_page),
      cmocka_unit_test(xml_and_feeds_give_links),
      cmocka_unit_test(json_with_html_gives_links),
      cmocka_unit_test(repeats_are_merged),
      cmocka_unit_test(a_title_completes_a_cut_text),
      cmocka_unit_test(meta_robots_hold_for_all_links),
      cmocka_unit_test(slips_of_hand_are_mended),
      cmocka_unit_test(attachment_types_come_from_path_or_parameter),
      cmocka_unit_test(queries_use_the_pages_encoding),
      cmocka_unit_test(hostile_pages_cost_linear_time),
      cmocka_unit_test(too_many_links_are_capped_and_said),
      cmocka_unit_test(a_spent_budget_escapes_without_a_leak),
      cmocka_unit_test(the_scanner_gives_text_without_tags),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
