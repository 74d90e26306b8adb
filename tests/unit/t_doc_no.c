/* Document numbers, index numbers, validity, lists and placeholders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "extract/values.h"

struct row {
  const char *text, *want; /* NULL: none */
};

static struct zhi_arena arena;

static void same(const char *text, struct zhi_str got, const char *want) {
  if (want ? !zhi_str_is(got, want) : got.p != NULL)
    fail_msg("'%s' gave '%.*s', want '%s'", text, ZHI_STR_ARGS(got), want ? want : "none");
}

static void numbers_are_normalised(void **state) {
  (void)state;
  static const struct row rows[] = {
      {"甲政〔2018〕12号", "甲政〔2018〕12号"},
      {"甲政办[2018]12号", "甲政办〔2018〕12号"},
      {"甲政文(2018)3 号", "甲政文〔2018〕3号"},
      {"甲 政 办 发【２０１８】第１２号", "甲政办发〔2018〕12号"},
      {"甲政﹝2018﹞12号", "甲政〔2018〕12号"},
      {"甲政［2018］12號", "甲政〔2018〕12号"},
      {"甲政2018-12号", "甲政〔2018〕12号"},
      {"甲县人民政府令第18号", "甲县人民政府令第18号"},
      {"第12号令", "第12号令"},
      {"公告2022年第3号", "公告〔2022〕3号"},
      {"甲政〔2018〕12号 关于某事的通知", "甲政〔2018〕12号"},
      {"甲政办", NULL},
      {"〔〕号", NULL},
      {"", NULL},
      {"大街12号", NULL},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    same(rows[i].text, zhi_doc_no(&arena, zhi_str_of(rows[i].text)), rows[i].want);
}

static void a_red_head_line_holds_nothing_else(void **state) {
  (void)state;
  static const struct row rows[] = {
      {"甲政办〔2018〕12号", "甲政办〔2018〕12号"},
      {"（甲政办〔2018〕12号）", "甲政办〔2018〕12号"},
      {"按照甲政办〔2018〕12号，现就有关事项通知如下", NULL},
      {"《关于某事的通知》(甲政办〔2018〕12号)", NULL},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    same(rows[i].text, zhi_doc_no_line(&arena, zhi_str_of(rows[i].text)), rows[i].want);
}

static void index_grammars(void **state) {
  (void)state;
  static const struct row rows[] = {
      {"4199990015/abcde/20180303702900000307", "site-dept-20"},
      {"6107990000/2024-001005", "site-year"},
      {"11610899MB2964997P/2024-00022", "uscc"},
      {"000099349/2017-00110", "org9"},
      {"003199766/201901-00336", "org9-month"},
      {"01599918X-2020-153077", "org9-dashes"},
      {"00009434-9/2024-01", "org8-hyphen"},
      {"01399316-2/58032", "org8-hyphen"},
      {"00012-00345-2019-00012", "siteserver"},
      {"NP1000-2019-00012", "other"},
      {"某市001", "other"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    assert_string_equal(zhi_index_grammar(zhi_str_of(rows[i].text)), rows[i].want);
}

static void division_codes_come_from_the_number(void **state) {
  (void)state;
  char code[7];
  assert_true(zhi_index_division(ZHI_STR("4199990015/abcde/20180303702900000307"), code));
  assert_string_equal(code, "419999");
  assert_true(zhi_index_division(ZHI_STR("11610899MB2964997P/2024-00022"), code));
  assert_string_equal(code, "610899");
  assert_false(zhi_index_division(ZHI_STR("000099349/2017-00110"), code));
}

static void check_characters(void **state) {
  (void)state;
  assert_true(zhi_uscc_ok("91350100M000100Y43")); /* the example of GB 32100 */
  assert_false(zhi_uscc_ok("91350100M000100Y44"));
  assert_false(zhi_uscc_ok("91350100M0001"));
}

static void validity_words(void **state) {
  (void)state;
  static const struct row rows[] = {
      {"有效", "valid"},       {"现行有效", "valid"},   {"全文有效", "valid"},
      {"失效", "invalid"},     {"已失效", "invalid"},   {"无效", "invalid"},
      {"废止", "repealed"},    {"已废止", "repealed"},  {"已修改", "amended"},
      {"部分失效", "partial"}, {"尚未生效", "pending"}, {"是", "unknown"},
      {"某词", "unknown"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    assert_string_equal(zhi_validity(zhi_str_of(rows[i].text), false), rows[i].want);
  assert_string_equal(zhi_validity(ZHI_STR("是"), true), "valid");
  assert_string_equal(zhi_validity(ZHI_STR("0"), true), "invalid");
}

static void placeholders_say_nothing(void **state) {
  (void)state;
  static const char *const empty[] = {
      "n/a",       "无。",   "（无）",     "",           "-",      "--",   "——",
      "— —",       "/",      "无",         "暂无",       "空",     "null", "NULL",
      "undefined", "&nbsp;", "0000-00-00", "1900-01-01", "〔〕号", ">",    "【】"};
  static const char *const full[] = {"无锡市", "甲政〔2018〕1号", "A", "0", "〇", "有效"};
  for (size_t i = 0; i < sizeof empty / sizeof *empty; i++)
    if (!zhi_is_placeholder(zhi_str_of(empty[i])))
      fail_msg("'%s' says something", empty[i]);
  for (size_t i = 0; i < sizeof full / sizeof *full; i++)
    if (zhi_is_placeholder(zhi_str_of(full[i])))
      fail_msg("'%s' says nothing", full[i]);
}

static void lists_are_split(void **state) {
  (void)state;
  same("topics", zhi_value_list(&arena, ZHI_STR("综合政务\\政务公开"), false),
       "综合政务; 政务公开");
  same("keys", zhi_value_list(&arena, ZHI_STR("甲，乙、丙 丁;戊"), true), "甲; 乙; 丙; 丁; 戊");
  same("spaces kept", zhi_value_list(&arena, ZHI_STR("某局 某科，乙"), false), "某局 某科; 乙");
}

static void squeezing_is_nfkc_without_space(void **state) {
  (void)state;
  same("文　 号", zhi_squeeze(&arena, ZHI_STR("文　 号：\xe2\x80\x8b"), 100), "文号:");
  same("Ａ１", zhi_squeeze(&arena, ZHI_STR("Ａ１㈠"), 100), "A1(一)");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers_are_normalised),
      cmocka_unit_test(a_red_head_line_holds_nothing_else),
      cmocka_unit_test(index_grammars),
      cmocka_unit_test(division_codes_come_from_the_number),
      cmocka_unit_test(check_characters),
      cmocka_unit_test(validity_words),
      cmocka_unit_test(placeholders_say_nothing),
      cmocka_unit_test(lists_are_split),
      cmocka_unit_test(squeezing_is_nfkc_without_space),
  };
  zhi_arena_init(&arena, (size_t)1 << 20);
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  zhi_arena_release(&arena);
  return failed;
}
