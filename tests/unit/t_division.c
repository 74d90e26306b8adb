/* Divisions: codes have names, retired ones too; a page's code comes from the site code, the index number, a credit
 * code, or the config, and those that disagree are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "extract/values.h"
#include "tests/support/extracted.h"
#include "zhi/division.h"

static void codes_have_names_and_years(void **state) {
  (void)state;
  static const struct {
    const char *code, *name;
    int first, last;
  } cases[] = {{"110000", "北京市", 2002, 2024},
               {"411481", "永城市", 2002, 2024},
               {"411400", "商丘市", 2002, 2024},
               {"410000", "河南省", 2002, 2024},
               {"419001", "济源市", 2008, 2024},
               {"110103", "崇文区", 2002, 2009},
               {"130171", "石家庄高新技术产业开发区", 2023, 2023},
               {"820000", "澳门特别行政区", 2002, 2024}};
  static const char *const unknown[] = {"419999", "000000", "41148",  "4114810",
                                        "41148a", "",       "999999", "100000"};
  struct zhi_division d;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    if (!zhi_division_find(zhi_str_of(cases[i].code), &d))
      fail_msg("%s is not known", cases[i].code);
    if (!zhi_str_is(d.name, cases[i].name) || d.first != cases[i].first || d.last != cases[i].last)
      fail_msg("%s: '%.*s' %d-%d", cases[i].code, ZHI_STR_ARGS(d.name), d.first, d.last);
  }
  for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
    if (zhi_division_find(zhi_str_of(unknown[i]), &d))
      fail_msg("%s is '%.*s'", unknown[i], ZHI_STR_ARGS(d.name));
}

static struct zhi_extractor *x;

/* A page with this site code and index number, either may be NULL. */
static const struct zhi_doc *page(const char *site, const char *index, const char *url) {
  static char html[1024];
  const struct zhi_doc *d = NULL;
  struct zhi_err e = {0};
  snprintf(
      html, sizeof html,
      "<meta name=SiteIDCode content='%s'><meta name=ArticleTitle content='关于某事的通知'>"
      "<h1>关于某事的通知</h1><table><tr><td>索引号：</td><td>%s</td><td>发布机构：</td><td>甲局"
      "</td></tr></table><div id=zoom><p>现将有关事项通知如下。</p></div>",
      site ? site : "", index ? index : "");
  struct zhi_page p = {.url = zhi_str_of(url ? url : "http://www.example.gov.cn/a/1.html"),
                       .body = zhi_str_of(html),
                       .http_charset = ZHI_STR("utf-8")};
  assert_int_equal(zhi_extract(x, &p, &d, &e), ZHI_OK);
  return d;
}

static size_t conflicts(const struct zhi_doc *d) {
  size_t n = 0;
  for (size_t i = 0; i < d->finding_count; i++)
    n += strcmp(d->findings[i].code, "division_conflict") == 0;
  return n;
}

static void a_page_tells_its_division(void **state) {
  (void)state;
  static const struct {
    const char *site, *index, *url, *config; /* config: its division_code */
    const char *code, *name, *source;        /* NULL: absent */
    size_t conflicts;
  } cases[] = {
      {"4114810015", NULL, NULL, "", "411481", "永城市", "meta", 0},
      {NULL, "4114810015/zfbgs/20180303702900000307", NULL, "", "411481", "永城市", "table", 0},
      {NULL, "4114810015/x/1", NULL, "", "411481", "永城市", "table", 0},
      {NULL, "11411481MB2964997P/2024-00022", NULL, "", "411481", "永城市", "table", 0},
      {NULL, "000014349/2017-00110", NULL, "", NULL, NULL, NULL, 0},
      {"bm12345678", NULL, NULL, "", NULL, NULL, NULL, 0},
      {NULL, NULL, NULL, "411481", "411481", "永城市", "config", 0},
      {"4114810015", NULL, NULL, "411400", "411481", "永城市", "meta", 0},
      {"4500000001", NULL, NULL, "411481", "411481", "永城市", "config", 1},
      {"4500000001", "4114810015/x/1", NULL, "411481", "411481", "永城市", "table", 1},
      {"4114810015", "3301060001/x/1", NULL, "", "411481", "永城市", "meta", 1},
      {"4199990001", "4114810015/x/1", NULL, "", "411481", "永城市", "table", 0},
      {"4199990001", NULL, NULL, "", "419999", NULL, "meta", 0},
      {"1101030001", NULL, NULL, "", "110103", "崇文区", "meta", 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    zhi_extractor_division(x, zhi_str_of(cases[i].config), ZHI_STR(""));
    const struct zhi_doc *d = page(cases[i].site, cases[i].index, cases[i].url);
    const struct zhi_field_value *code = &d->fields[ZHI_F_DIVISION_CODE];
    if (cases[i].code ? !zhi_str_is(code->value, cases[i].code) : code->state != ZHI_FIELD_ABSENT)
      fail_msg("case %zu: code '%.*s'", i, ZHI_STR_ARGS(code->value));
    if (cases[i].name)
      assert_field(d, ZHI_F_DIVISION_NAME, cases[i].name);
    else
      assert_field_absent(d, ZHI_F_DIVISION_NAME);
    if (cases[i].source)
      assert_string_equal(code->source, cases[i].source);
    if (conflicts(d) != cases[i].conflicts)
      fail_msg("case %zu: %zu conflicts", i, conflicts(d));
  }
}

static void a_credit_code_in_the_url_counts_when_its_check_fits(void **state) {
  (void)state;
  char url[96], code[] = "11411481000000000X";
  static const char digits[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  zhi_extractor_division(x, ZHI_STR(""), ZHI_STR(""));
  for (const char *p = digits; *p; p++) {
    code[17] = *p;
    snprintf(url, sizeof url, "http://www.example.gov.cn/govxxgk/%s/a.html", code);
    const struct zhi_doc *d = page(NULL, NULL, url);
    if (zhi_uscc_ok(code))
      assert_field(d, ZHI_F_DIVISION_CODE, "411481");
    else
      assert_field_absent(d, ZHI_F_DIVISION_CODE);
  }
}

static void the_config_may_name_it_otherwise(void **state) {
  (void)state;
  zhi_extractor_division(x, ZHI_STR("419999"), ZHI_STR("某开发区"));
  assert_field(page(NULL, NULL, NULL), ZHI_F_DIVISION_NAME, "某开发区");
  assert_field(page("4199990001", NULL, NULL), ZHI_F_DIVISION_NAME, "某开发区");
  assert_field(page("4114810015", NULL, NULL), ZHI_F_DIVISION_NAME, "永城市");
}

static int make(void **state) {
  (void)state;
  return zhi_extractor_new(&x, NULL);
}

static int release(void **state) {
  (void)state;
  zhi_extractor_free(x);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(codes_have_names_and_years),
      cmocka_unit_test(a_page_tells_its_division),
      cmocka_unit_test(a_credit_code_in_the_url_counts_when_its_check_fits),
      cmocka_unit_test(the_config_may_name_it_otherwise),
  };
  return cmocka_run_group_tests(tests, make, release);
}
