/* Addresses that tell a CMS family whatever stands on the page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crawler/family.h"
#include "extract/adapters/families.h"

#define HEX32 "0123456789abcdefABCDEF0123456789"

static const struct {
  const char *address, *family;
} cases[] = {
    {"/info/1001/31307.htm", "vsb"},
    {"/info/1001/31307.htm?from=list", "vsb"},
    {"/zwgk/info/1/2.htm", "vsb"},
    {"/info/1001/31307.html", NULL},
    {"/info/1001/a.htm", NULL},
    {"/info//2.htm", NULL},
    {"/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1&wbnewsid=2", "vsb"},
    {"/c100186/202001/" HEX32 ".shtml", "ucap"},
    {"/c100186/202001/" HEX32 "0.shtml", NULL},
    {"/c100186/202001/0123.shtml", NULL},
    {"/c100186/list.shtml", "ucap"},
    {"/c100186/list_2.shtml", NULL},
    {"/c1001/list.shtml", NULL},
    {"/zwgk/202001/t20200102_33.html", "trs"},
    {"/zwgk/t2020010_33.html", NULL},
    {"/art/2018/3/29/art_1234_567890.html", "hanweb"},
    {"/art/2018/art_" HEX32 ".html", "jpaas"},
    {"/col/col1/index.html", NULL}, /* of both of these */
    {"/gkmlpt/content/1/2/post_2.html", "gkmlpt"},
    {"/public/column/6600?type=4", "lonsun"},
    {"/channels/12.html", "siteserver"},
    {"/contents/12/345.html", "siteserver"},
    {"/contents/12.html", NULL},
    {"/was5/web/search?channelid=2&page=3", "was5"},
    {"/cms/infopublic/index.shtml?directoryId=3&page=2", "jeaf"},
    {"/Category_12/Index_2.aspx", "powereasy"},
    {"/Item/345.aspx", "powereasy"},
    {"/Item/list.aspx", NULL},
    {"/index.php?m=content&c=index&a=lists&catid=9", "phpcms"},
    {"/index.aspx?lanmuid=63&sublanmuid=654", "pageadmin"},
    {"/#/info/1001/31307.htm", NULL},
    {"/", NULL},
};

static void an_address_of_one_family_alone_tells_it(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct zhi_url base, u;
    assert_int_equal(zhi_url_parse(ZHI_STR("http://h.gov.cn/"), NULL, NULL, &base, NULL), 0);
    assert_int_equal(zhi_url_parse(zhi_str_of(cases[i].address), &base, NULL, &u, NULL), 0);
    const char *told = zhi_family_at(&u), *wanted = cases[i].family;
    if (wanted ? !told || strcmp(told, wanted) != 0 : told != NULL)
      fail_msg("%s: %s, not %s", cases[i].address, told ? told : "none", wanted ? wanted : "none");
    if (told)
      assert_non_null(zhi_family_of(told));
    zhi_url_release(&u);
    zhi_url_release(&base);
  }
}

static void every_family_of_lists_has_something_said_of_it(void **state) {
  struct zhi_families f;
  (void)state;
  assert_int_equal(zhi_families_init(&f, NULL), ZHI_OK);
  assert_true(f.count > 0);
  for (int i = 0; i < f.count; i++)
    if (!zhi_family_of(f.family[i].name))
      fail_msg("%s", f.family[i].name);
  zhi_families_release(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_address_of_one_family_alone_tells_it),
      cmocka_unit_test(every_family_of_lists_has_something_said_of_it)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
