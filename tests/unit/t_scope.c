/* Scope: what is requested and what is not, each rule with a neighbour it must leave alone; cleaning. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "crawler/scope.h"
#include "crawler/scope_table.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define HEAD                                                                                       \
  "cluster: demo\noperator: {name: Me, contact: a@b.org}\nseeds: ['http://www.demo.gov.cn/']\n"

struct fixture {
  struct zhi_config *c;
  struct zhi_scope *s;
};

static struct fixture setup(const char *more) {
  struct fixture f = {NULL, NULL};
  struct zhi_err e = {0};
  struct zhi_buf b;
  zhi_buf_init(&b, 10000);
  zhi_buf_adds(&b, HEAD);
  zhi_buf_adds(&b, more);
  if (zhi_config_parse(zhi_buf_view(&b), "f", &f.c, &e) || zhi_scope_new(f.c, &f.s, &e))
    fail_msg("%s", e.msg);
  zhi_buf_release(&b);
  return f;
}

static void teardown(struct fixture *f) {
  zhi_scope_free(f->s);
  zhi_config_free(f->c);
}

static struct zhi_url url_of(const char *text) {
  struct zhi_url u;
  if (zhi_url_parse(zhi_str_of(text), NULL, NULL, &u, NULL))
    fail_msg("not a URL: %s", text);
  return u;
}

static struct zhi_scope_decision decide(const struct fixture *f, const char *text,
                                        struct zhi_scope_link link) {
  struct zhi_url u = url_of(text);
  struct zhi_scope_decision d;
  zhi_scope_decide(f->s, &u, &link, &d);
  zhi_url_release(&u);
  return d;
}

static void expect(const struct fixture *f, const char *text, struct zhi_scope_link link,
                   const char *reason) {
  struct zhi_scope_decision d = decide(f, text, link);
  if (reason ? !d.reason || strcmp(d.reason, reason) != 0 : d.reason != NULL)
    fail_msg("%s: got %s, want %s", text, d.reason ? d.reason : "(fetch)",
             reason ? reason : "(fetch)");
}

#define PAGE      ((struct zhi_scope_link){.kind = ZHI_LINK_PAGE, .parent_in_scope = true})
#define REQUISITE ((struct zhi_scope_link){.kind = ZHI_LINK_REQUISITE, .parent_in_scope = true})
#define FILE_LINK ((struct zhi_scope_link){.kind = ZHI_LINK_ATTACHMENT, .parent_in_scope = true})

static void hosts_of_the_cluster_are_in(void **state) {
  (void)state;
  static const struct {
    const char *config, *url;
    bool in;
  } cases[] = {
      {"", "http://www.demo.gov.cn/a", true}, /* the seed's domain when none is listed */
      {"", "http://zfbm.demo.gov.cn/a", true},
      {"", "https://demo.gov.cn/", true},
      {"", "http://other.gov.cn/", false},
      {"", "http://notdemo.gov.cn/", false},
      {"", "http://www.demo.gov.cn.evil.com/", false},
      {"scope: {domains: [gov.cn]}\n", "http://anything.x.gov.cn/", true},
      {"scope: {domains: [gov.cn]}\n", "http://www.x.com/", false},
      {"scope: {domains: [gov.cn]}\n", "http://xgov.cn/", false},
      {"scope: {domains: [only.x.gov.cn]}\n", "http://only.x.gov.cn/", true},
      {"scope: {domains: [only.x.gov.cn]}\n", "http://www.x.gov.cn/", false},
      {"scope: {domains: [only.x.gov.cn]}\n", "http://www.demo.gov.cn/", true}, /* the seed */
      {"scope: {domains: [only.x.gov.cn]}\n", "http://zfbm.demo.gov.cn/", false},
      {"scope: {domains: [UPPER.gov.cn, .dot.gov.cn]}\n", "http://a.upper.gov.cn/", true},
      {"scope: {domains: [UPPER.gov.cn, .dot.gov.cn]}\n", "http://a.dot.gov.cn./", true},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct fixture f = setup(cases[i].config);
    expect(&f, cases[i].url, PAGE, cases[i].in ? NULL : "off_scope");
    teardown(&f);
  }
}

static void parts_of_pages_come_from_anywhere_pages_do_not(void **state) {
  (void)state;
  struct fixture f = setup("");
  struct zhi_scope_link orphan = REQUISITE;
  orphan.parent_in_scope = false;
  expect(&f, "http://cdn.example.com/a.css", REQUISITE, NULL);
  expect(&f, "http://files.example.com/a.pdf", FILE_LINK, NULL);
  expect(&f, "http://cdn.example.com/a.css", orphan, "off_scope");
  expect(&f, "http://cdn.example.com/", PAGE, "off_scope");
  assert_true(decide(&f, "http://cdn.example.com/a.css", REQUISITE).off_host);
  assert_false(decide(&f, "http://www.demo.gov.cn/a.css", REQUISITE).off_host);
  expect(&f, "http://hm.baidu.com/h.js", REQUISITE, "counter");
  expect(&f, "http://bdimg.share.baidu.com/static/api/js/share.js", REQUISITE, "share");
  expect(&f, "http://dcs.conac.cn/js/1.js", REQUISITE, "badge");
  expect(&f, "http://www.demo.gov.cn/module/visitcount/visit.jsp?type=3", REQUISITE, "counter");
  teardown(&f);
  f = setup("scope: {requisites: false, attachments: false}\n");
  expect(&f, "http://www.demo.gov.cn/a.css", REQUISITE, "requisites_off");
  expect(&f, "http://www.demo.gov.cn/a.pdf", FILE_LINK, "attachments_off");
  teardown(&f);
}

static void paths_limit_pages_only(void **state) {
  (void)state;
  struct fixture f = setup("scope: {include_paths: [/county/]}\n");
  expect(&f, "http://www.demo.gov.cn/county/a.html", PAGE, NULL);
  expect(&f, "http://www.demo.gov.cn/city/a.html", PAGE, "off_path");
  expect(&f, "http://www.demo.gov.cn/css/a.css", REQUISITE, NULL);
  expect(&f, "http://www.demo.gov.cn/files/a.pdf", FILE_LINK, NULL);
  teardown(&f);
}

static void the_configs_patterns_come_first(void **state) {
  (void)state;
  struct fixture f = setup("scope:\n  exclude: [/old/, '/*.mp4$', 'http://*/secret']\n"
                           "  allow: [/search/, /old/kept]\n");
  expect(&f, "http://www.demo.gov.cn/old/a.html", PAGE, "config_exclude");
  expect(&f, "http://www.demo.gov.cn/v/a.mp4", FILE_LINK, "config_exclude");
  expect(&f, "http://www.demo.gov.cn/secret", PAGE, "config_exclude");
  expect(&f, "http://www.demo.gov.cn/v/a.mp4.html", PAGE, NULL);
  expect(&f, "http://www.demo.gov.cn/search/a", PAGE, NULL);
  expect(&f, "http://www.other.gov.cn/search/a", PAGE, "off_scope");
  teardown(&f);
}

/* Every rule with something it takes; every needed page with nothing that takes it. */
static const struct {
  const char *reason, *path;
} rule_cases[] = {
    {"search", "/search/index.html"},
    {"search", "/e/search/index.php"},
    {"search", "/search.jsp?q="},
    {"search", "/site/SearchResult.aspx"},
    {"search", "/news/list.do?keyword=%E5%8E%BF"},
    {"search", "/was5/web/search?searchword=a"},
    {"search", "/was5/web/search?channelid=2345&orderby=-d&searchword=a"},
    {NULL, "/was5/web/search?channelid=2345&page=2"},
    {NULL, "/was5/web/search?page=2&channelid=2345&searchword=&perpage=20&orderby=-DOCRELTIME"},
    {NULL, "/module/xxgk/search.jsp?sortfield=x&currpage=2"},
    {NULL, "/common/search/0123456789abcdef0123456789abcdef?_template=index&page=2"},
    {NULL, "/research/a.html"},
    {NULL, "/zwgk/keyword/a.html"},
    {NULL, "/list.do?keyword="},
    {"login", "/user/login.jsp"},
    {"login", "/admin/"},
    {"login", "/uc/index.html"},
    {"login", "/validatecode.jsp"},
    {NULL, "/zwgk/admin-reform.html"},
    {NULL, "/zwgk/zcjd/register_of_permits.html"},
    {"form", "/hdjl/write.jsp"},
    {"form", "/hudong/letter/submit.do"},
    {"form", "/gb/guestbook.asp"},
    {NULL, "/hdjl/hfjs/2018-07-01/1.html"},
    {NULL, "/hdjl/index_2.html"},
    {NULL, "/hdjl/list.jsp?urltype=tree.TreeTempUrl&wbtreeid=1024"},
    {NULL, "/ysqgk/"},
    {"eservice", "/bszn/item.do?id=3"},
    {NULL, "/bszn/a.html"},
    {"weather", "/tianqi/"},
    {"share", "/share/weibo.html"},
    {"counter", "/e/public/ViewClick/?classid=1&id=2&addclick=1"},
    {"counter", "/plus/count.php?aid=1"},
    {"counter", "/count?id=1"},
    {NULL, "/tjxx/count.html"},
    {"print", "/print.jsp?id=1"},
    {"print", "/a/view.aspx?print=1"},
    {NULL, "/blueprint/a.html"},
    {"barrier_free", "/wza/index.html"},
    {"barrier_free", "/index.html?version=slh"},
    {NULL, "/index.html?version=2018"},
    {"variant", "/big5/a.html"},
    {"variant", "/english/a.html"},
    {NULL, "/zwgk/zcwj/wsb/en/a.html"},
    {"mobile", "/m/index.html"},
    {"mobile", "/gkmlpt/content/1/2/mpost_3.html"},
    {NULL, "/gkmlpt/content/1/2/post_3.html"},
    {NULL, "/gkmlpt/api/all/12?page=2&sid=200001"},
    {"badge", "/jiucuo/index.html"},
    {"trap_calendar", "/calendar/2018/3/"},
    {"trap_calendar", "/events.jsp?year=2018&month=3"},
    {"trap_calendar", "/events.jsp?month=3&year=2018&day=2"},
    {NULL, "/list.jsp?year=2018"},
    {NULL, "/index.php?m=content&c=index&a=lists&catid=3&page=2"},
    {"sort", "/list.jsp?id=3&orderby=date"},
    {NULL, "/list.jsp?id=3&border=1"},
    {"feed", "/rss/"},
    {"feed", "/news.rss"},
    {"template", "/view.html?id=${id}"},
    {"template", "/view.html?classid=[!--classid--]"},
    {"template", "/a/undefined"},
    {"template", "/a'+url+'"},
    {"trap_path", "/a/b/a/b/a/b/c.html"},
    {"trap_path", "/css/css/css/x.html"},
    {"trap_path", "/a/1234/b/1234/c/1234/d/1234/e"},
    {NULL, "/a/b/a/b/c.html"},
    {NULL, "/2013/3/3/3.html"},
    {NULL, "/art/2018/3/3/art_3_3.html"},
    {"trap_query", "/a?x=1&x=2&x=3"},
    {"trap_query", "/go?u=http://a/?u=http://a/?u=http://a/"},
    {NULL, "/a?x[]=1&x[]=2&x[]=3"},
    {NULL, "/zwgk/"},
    {NULL, "/gkml/2018/index.html"},
    {NULL, "/xxgk/zfxxgkml/a.shtml"},
    {NULL, "/info/iList.jsp?node_id=GKxxgk&cat_id=10011&cur_page=2"},
    {NULL, "/module/web/jpage/dataproxy.jsp?startrecord=1&endrecord=45&perpage=15"},
    {NULL, "/col/col123/index.html?uid=456&pageNum=2"},
    {NULL, "/site/label/8888?labelName=publicInfoList&pageIndex=2"},
    {NULL, "/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1&wbnewsid=2"},
    {NULL, "/viewCmsCac.do?cacId=0123456789abcdef&offset=20"},
    {NULL, "/index.aspx?lanmuid=62&sublanmuid=570&page=2"},
};

static void rules_take_what_they_name_and_no_more(void **state) {
  (void)state;
  struct fixture f = setup("");
  for (size_t i = 0; i < COUNT(rule_cases); i++) {
    char text[512];
    snprintf(text, sizeof text, "http://www.demo.gov.cn%s", rule_cases[i].path);
    expect(&f, text, PAGE, rule_cases[i].reason);
  }
  teardown(&f);
}

static void host_rules_spare_what_was_asked_for_by_name(void **state) {
  (void)state;
  struct fixture f = setup("scope: {domains: [gov.cn, m.asked.gov.cn]}\n");
  expect(&f, "http://m.x.gov.cn/", PAGE, "mobile");
  expect(&f, "http://m.asked.gov.cn/", PAGE, NULL);
  expect(&f, "http://mail.x.gov.cn/", PAGE, "login");
  expect(&f, "http://sqzc.hnzwfw.gov.cn/col/col1/index.html", PAGE, "eservice");
  expect(&f, "http://www.beian.gov.cn/portal/x", PAGE, "badge");
  expect(&f, "http://mzj.x.gov.cn/", PAGE, NULL);
  expect(&f, "http://www.m.gov.cn/", PAGE, NULL);
  teardown(&f);
}

static void captions_of_buttons_exclude(void **state) {
  (void)state;
  struct fixture f = setup("");
  struct zhi_scope_link link = PAGE;
  static const struct {
    const char *text, *reason;
  } cases[] = {{"登录", "login"},      {" 无障碍浏览 ", "barrier_free"},
               {"ENGLISH", "variant"}, {"手机版", "mobile"},
               {"我要写信", "form"},   {"登录我县的企业", NULL},
               {"政务公开", NULL}};
  for (size_t i = 0; i < COUNT(cases); i++) {
    link.text = zhi_str_of(cases[i].text);
    expect(&f, "http://www.demo.gov.cn/x1", link, cases[i].reason);
  }
  teardown(&f);
}

static void what_cannot_be_requested_is_said(void **state) {
  (void)state;
  struct fixture f = setup("scope: {max_depth: 2}\nrobots: {nofollow: true}\n");
  struct zhi_scope_link link = PAGE;
  expect(&f, "ftp://www.demo.gov.cn/a", link, "scheme");
  expect(&f, "mailto:a@demo.gov.cn", link, "scheme");
  expect(&f, "http://u:p@www.demo.gov.cn/", link, "credentials");
  link.depth = 3;
  expect(&f, "http://www.demo.gov.cn/a", link, "too_deep");
  link.depth = 2;
  expect(&f, "http://www.demo.gov.cn/a", link, NULL);
  link.nofollow = true;
  expect(&f, "http://www.demo.gov.cn/a", link, "nofollow");
  struct zhi_buf b;
  zhi_buf_init(&b, 10000);
  zhi_buf_adds(&b, "http://www.demo.gov.cn/?a=");
  while (b.len < 2100)
    zhi_buf_addc(&b, 'x');
  expect(&f, b.p, PAGE, "too_long");
  zhi_buf_release(&b);
  teardown(&f);
}

static void seeds_are_never_judged_by_rules(void **state) {
  (void)state;
  struct fixture f = setup("");
  struct zhi_scope_link seed = {.kind = ZHI_LINK_PAGE, .seed = true};
  expect(&f, "http://m.elsewhere.com/search/", seed, NULL);
  assert_int_equal(decide(&f, "http://www.demo.gov.cn/", seed).prio, ZHI_PRIO_SEED);
  teardown(&f);
}

static void lists_come_before_documents_before_parts(void **state) {
  (void)state;
  struct fixture f = setup("");
  static const struct {
    enum zhi_link_kind kind;
    const char *path;
    enum zhi_priority want;
  } cases[] = {
      {ZHI_LINK_PAGE, "/zwgk/", ZHI_PRIO_LIST},
      {ZHI_LINK_PAGE, "/zwgk/index_3.html", ZHI_PRIO_LIST},
      {ZHI_LINK_PAGE, "/zwgk/t20180329_1.html", ZHI_PRIO_PAGE},
      {ZHI_LINK_LIST_PAGE, "/x/7.htm", ZHI_PRIO_LIST},
      {ZHI_LINK_ATTACHMENT, "/a.doc", ZHI_PRIO_ATTACHMENT},
      {ZHI_LINK_REQUISITE, "/a.css", ZHI_PRIO_REQUISITE},
      {ZHI_LINK_SPECULATIVE, "/a", ZHI_PRIO_SPECULATIVE},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    char text[200];
    snprintf(text, sizeof text, "http://www.demo.gov.cn%s", cases[i].path);
    struct zhi_scope_link link = {.kind = cases[i].kind, .parent_in_scope = true};
    assert_int_equal(decide(&f, text, link).prio, cases[i].want);
  }
  teardown(&f);
}

static void cleaning_drops_visits_and_nothing_else(void **state) {
  (void)state;
  static const struct {
    const char *in, *out;
    bool dropped;
  } cases[] = {
      {"http://x/a?b=1&c=%e4#top", "http://x/a?b=1&c=%e4", false},
      {"http://x/a?", "http://x/a?", false},
      {"http://x/a?&&b", "http://x/a?&&b", false},
      {"http://x/a.jsp;jsessionid=0A1B.node1?id=3", "http://x/a.jsp?id=3", true},
      {"http://x/a;JSESSIONID=1/b", "http://x/a/b", true},
      {"http://x/a/..;jsessionid=1/b", "http://x/a/..;jsessionid=1/b", false},
      {"http://x/a;v=2/b", "http://x/a;v=2/b", false},
      {"http://x/(S(abc123))/a.aspx", "http://x/a.aspx", true},
      {"http://x/a?PHPSESSID=1&id=2", "http://x/a?id=2", true},
      {"http://x/a?id=2&phpsessid=1", "http://x/a?id=2", true},
      {"http://x/a?_t=1&rnd=0.5", "http://x/a", true},
      {"http://x/a?sid=200001", "http://x/a?sid=200001", false},
      {"http://x/a?sid=0123456789abcdef0123", "http://x/a", true},
      {"http://x/a?t=1530000000000", "http://x/a", true},
      {"http://x/a?t=0.123456", "http://x/a", true},
      {"http://x/a?t=5", "http://x/a?t=5", false},
      {"http://x/a?t=2018-07-01", "http://x/a?t=2018-07-01", false},
      {"http://x/a?ASPSESSIONIDABC=1&b", "http://x/a?b", true},
      {"http://x/a?utm_source=w&b=1", "http://x/a?b=1", true},
      {"http://x:8080/a;jsessionid=1#f", "http://x:8080/a", true},
  };
  struct zhi_buf b;
  zhi_buf_init(&b, 10000);
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct zhi_url u = url_of(cases[i].in);
    bool dropped = zhi_scope_clean(&u, &b);
    if (dropped != cases[i].dropped || strcmp(b.p, cases[i].out) != 0)
      fail_msg("%s: got %s (%d)", cases[i].in, b.p, dropped);
    zhi_url_release(&u);
  }
  zhi_buf_release(&b);
}

static void every_reason_has_its_sentence_and_every_word_one_rule(void **state) {
  (void)state;
  for (const struct scope_rule *r = zhi_scope_rules; r->reason; r++) {
    assert_ptr_not_equal(zhi_scope_explain(r->reason), r->reason);
    struct zhi_str rest = zhi_str_of(r->words);
    while (rest.p) {
      struct zhi_str word = zhi_str_cut(&rest, ' ');
      assert_true(word.len > 0);
      for (const struct scope_rule *o = r + 1; o->reason; o++) {
        struct zhi_str others = zhi_str_of(o->words);
        while (others.p && o->where == r->where)
          if (zhi_str_eq(zhi_str_cut(&others, ' '), word))
            fail_msg("'%.*s' stands in two rules", ZHI_STR_ARGS(word));
      }
    }
  }
  assert_string_equal(zhi_scope_explain("no_such_code"), "no_such_code");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(hosts_of_the_cluster_are_in),
      cmocka_unit_test(parts_of_pages_come_from_anywhere_pages_do_not),
      cmocka_unit_test(paths_limit_pages_only),
      cmocka_unit_test(the_configs_patterns_come_first),
      cmocka_unit_test(rules_take_what_they_name_and_no_more),
      cmocka_unit_test(host_rules_spare_what_was_asked_for_by_name),
      cmocka_unit_test(captions_of_buttons_exclude),
      cmocka_unit_test(what_cannot_be_requested_is_said),
      cmocka_unit_test(seeds_are_never_judged_by_rules),
      cmocka_unit_test(lists_come_before_documents_before_parts),
      cmocka_unit_test(cleaning_drops_visits_and_nothing_else),
      cmocka_unit_test(every_reason_has_its_sentence_and_every_word_one_rule),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
