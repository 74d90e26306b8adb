/* Which hosts join the cluster: by caption, by gov.cn, by the rules about addresses, and by site code. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crawler/cluster.h"
#include "crawler/scope.h"

struct bench {
  struct zhi_config *config;
  struct zhi_scope *scope;
  struct zhi_cluster *cluster;
  struct zhi_seen seen;
  struct zhi_extractor *x;
};

static void begin(struct bench *b, const char *how) {
  char text[512];
  struct zhi_err e = {0};
  snprintf(text, sizeof text,
           "cluster: x\ndivision_code: \"411481\"\noperator: { name: T, contact: "
           "\"https://example.org/\" }\n"
           "seeds: [ \"http://www.x.gov.cn/\" ]\nscope: { discover_cluster: %s }\n",
           how);
  *b = (struct bench){0};
  if (zhi_config_parse(zhi_str_of(text), "test", &b->config, &e))
    fail_msg("%s", e.msg);
  assert_int_equal(zhi_scope_new(b->config, &b->scope, &e), ZHI_OK);
  assert_int_equal(zhi_cluster_new(b->config, &b->cluster, &e), ZHI_OK);
  assert_int_equal(zhi_seen_init(&b->seen, 1024, &e), ZHI_OK);
  assert_int_equal(zhi_extractor_new(&b->x, &e), ZHI_OK);
  zhi_scope_set_cluster(b->scope, b->cluster);
}

static void end(struct bench *b) {
  zhi_extractor_free(b->x);
  zhi_seen_release(&b->seen);
  zhi_scope_free(b->scope);
  zhi_cluster_free(b->cluster);
  zhi_config_free(b->config);
}

static void the_decision_follows_caption_domain_and_address(void **state) {
  static const struct {
    const char *url, *name;
    enum zhi_site_group group;
    const char *state, *reason;
  } cases[] = {
      {"http://czj.x.gov.cn/", "财政局", ZHI_GROUP_OWN, "member", NULL},
      {"http://www.y.gov.cn/", "甲局", ZHI_GROUP_OWN, "proposed", NULL},
      {"http://www.y.gov.cn/", "某部", ZHI_GROUP_FOREIGN, "excluded", "caption"},
      {"http://www.y.gov.cn/", "邻县", ZHI_GROUP_SIBLING, "proposed", "sibling"},
      {"http://www.y.gov.cn/", "某局", ZHI_GROUP_UNKNOWN, "proposed", "no_caption"},
      {"http://www.y.com.cn/", "某局", ZHI_GROUP_OWN, "excluded", "not_gov"},
      {"http://gov.cn.y.com/", "某局", ZHI_GROUP_OWN, "excluded", "not_gov"},
      {"http://m.y.gov.cn/", "某局", ZHI_GROUP_OWN, "excluded", "mobile"},
      {"http://www.y.gov.cn/login.jsp", "某局", ZHI_GROUP_OWN, "excluded", "login"},
      {"http://www.y.gov.cn/search?q=1", "某局", ZHI_GROUP_OWN, "excluded", "search"},
      {"http://zwfw.y.gov.cn/", "用户登录", ZHI_GROUP_OWN, "excluded", "login"},
  };
  struct bench b;
  struct zhi_arena a;
  (void)state;
  begin(&b, "propose");
  zhi_arena_init(&a, 1 << 20);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct zhi_host_row r;
    struct zhi_neighbour n = {.url = zhi_str_of(cases[i].url),
                              .name = zhi_str_of(cases[i].name),
                              .caption = ZHI_STR("部门"),
                              .group = cases[i].group,
                              .place = "navigation"};
    assert_true(zhi_cluster_judge(b.cluster, b.scope, &n, ZHI_STR("http://www.x.gov.cn/"), &a, &r));
    const char *reason = r.reason ? r.reason : "none", *want = cases[i].reason;
    if (strcmp(r.state, cases[i].state) != 0 || strcmp(reason, want ? want : "none") != 0)
      fail_msg("%s (%s) is %s: %s", cases[i].url, cases[i].name, r.state, reason);
  }
  zhi_arena_release(&a);
  end(&b);
}

/* The host's home page is read: the state of the row that comes of it. */
static const char *met(struct bench *b, const char *html, bool *joined) {
  static char state[16];
  struct zhi_item *it = NULL;
  struct zhi_err e = {0};
  struct zhi_url u;
  const struct zhi_doc *d;
  bool in_scope = false;
  struct zhi_page p = {.url = ZHI_STR("http://www.y.gov.cn/"),
                       .body = zhi_str_of(html),
                       .content_type = ZHI_STR("text/html"),
                       .http_charset = ZHI_STR("utf-8"),
                       .status = 200};
  assert_int_equal(zhi_item_new("/tmp", 1 << 20, &it, &e), ZHI_OK);
  it->url = p.url;
  assert_int_equal(zhi_extract(b->x, &p, &d, &e), ZHI_OK);
  assert_int_equal(zhi_url_parse(p.url, NULL, NULL, &u, &e), ZHI_OK);
  zhi_cluster_read(b->cluster, b->scope, it, &u, d, &b->seen, &in_scope);
  *joined = in_scope;
  snprintf(state, sizeof state, "%s", it->host_count ? it->hosts[0].state : "none");
  zhi_url_release(&u);
  zhi_item_free(it);
  return state;
}

static void a_candidate_joins_by_its_site_code(void **state) {
  static const struct {
    const char *html, *state;
    bool joins;
  } cases[] = {
      {"<meta name=SiteIDCode content=4114810022><p>甲局</p>", "joined", true},
      {"<meta name=SiteIDCode content=4115220022><p>甲局</p>", "excluded", false},
      {"<p>甲局</p>", "proposed", false},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct bench b;
    struct zhi_arena a;
    struct zhi_host_row r;
    struct zhi_url home, deep;
    struct zhi_err e = {0};
    bool joined;
    struct zhi_neighbour n = {.url = ZHI_STR("http://www.y.gov.cn/"),
                              .caption = ZHI_STR("县直部门"),
                              .group = ZHI_GROUP_OWN,
                              .place = "navigation"};
    begin(&b, "follow");
    zhi_arena_init(&a, 1 << 20);
    assert_int_equal(zhi_url_parse(n.url, NULL, NULL, &home, &e), ZHI_OK);
    assert_int_equal(zhi_url_parse(ZHI_STR("http://www.y.gov.cn/a/1.html"), NULL, NULL, &deep, &e),
                     ZHI_OK);
    assert_false(zhi_cluster_asks(b.cluster, &home, false));
    assert_true(zhi_cluster_judge(b.cluster, b.scope, &n, ZHI_STR(""), &a, &r));
    assert_string_equal(r.state, "candidate");
    assert_true(zhi_cluster_changed(b.cluster) && !zhi_cluster_changed(b.cluster));
    assert_true(zhi_cluster_asks(b.cluster, &home, false));
    assert_false(zhi_cluster_asks(b.cluster, &deep, false)); /* its home page and nothing else */
    assert_string_equal(met(&b, cases[i].html, &joined), cases[i].state);
    assert_int_equal(joined, cases[i].joins);
    assert_int_equal(zhi_scope_has_host(b.scope, home.host), cases[i].joins);
    assert_int_equal(zhi_cluster_changed(b.cluster), cases[i].joins);
    assert_false(zhi_cluster_asks(b.cluster, &home, false)); /* asked once */
    zhi_url_release(&home);
    zhi_url_release(&deep);
    zhi_arena_release(&a);
    end(&b);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_decision_follows_caption_domain_and_address),
      cmocka_unit_test(a_candidate_joins_by_its_site_code),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
