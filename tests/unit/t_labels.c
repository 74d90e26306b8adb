/* The label table: strong, weak, noise, spaced and bracketed spellings, meta names; and what a bad file says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "extract/labels.h"

static struct zhi_labels labels;
static struct zhi_arena arena;

static void spellings_of_a_label(void **state) {
  (void)state;
  static const char *const same[] = {"文号",     "文 号",    "文　　号：", "文\xc2\xa0号:",
                                     "【文号】", "[文号]：", "文号∶",      "文\xe2\x80\x8b号"};
  for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
    const struct zhi_label *l = zhi_label_of(&labels, &arena, zhi_str_of(same[i]));
    if (!l || l->field != ZHI_F_DOC_NO)
      fail_msg("'%s' is no 文号", same[i]);
  }
  assert_null(zhi_label_of(&labels, &arena, ZHI_STR("文号及其他")));
  assert_null(zhi_label_of(&labels, &arena, ZHI_STR("")));
}

static void classes_of_labels(void **state) {
  (void)state;
  assert_int_equal(zhi_label_of(&labels, &arena, ZHI_STR("索引号"))->cls, ZHI_LABEL_STRONG);
  assert_int_equal(zhi_label_of(&labels, &arena, ZHI_STR("来源"))->cls, ZHI_LABEL_WEAK);
  assert_int_equal(zhi_label_of(&labels, &arena, ZHI_STR("名称"))->cls, ZHI_LABEL_WEAK);
  assert_int_equal(zhi_label_of(&labels, &arena, ZHI_STR("字体"))->cls, ZHI_LABEL_NOISE);
  assert_true(zhi_label_of(&labels, &arena, ZHI_STR("是否有效"))->yes_no);
}

static void every_field_has_a_way_in(void **state) {
  (void)state;
  bool seen[ZHI_FIELD_COUNT] = {false};
  size_t i = 0;
  struct zhi_str key;
  void *value;
  while (zhi_map_each(&labels.by_label, &i, &key, &value)) {
    const struct zhi_label *l = value;
    if (l->field < ZHI_FIELD_COUNT)
      seen[l->field] = true;
  }
  i = 0;
  while (zhi_map_each(&labels.by_meta, &i, &key, &value))
    seen[((const struct zhi_meta_name *)value)->field] = true;
  for (unsigned f = 0; f < ZHI_FIELD_COUNT; f++)
    if (!seen[f] && f != ZHI_F_DIVISION_CODE && f != ZHI_F_DIVISION_NAME) /* made from others */
      fail_msg("nothing leads to %s", zhi_field_table[f].name);
}

static void meta_names_without_case(void **state) {
  (void)state;
  assert_int_equal(zhi_meta_of(&labels, ZHI_STR("PubDate"))->field, ZHI_F_DATE_PUBLISHED);
  assert_int_equal(zhi_meta_of(&labels, ZHI_STR(" pubdate "))->field, ZHI_F_DATE_PUBLISHED);
  assert_int_equal(zhi_meta_of(&labels, ZHI_STR("SITEIDCODE"))->field, ZHI_F_SITE_ID_CODE);
  assert_true(zhi_meta_of(&labels, ZHI_STR("keywords"))->site);
  assert_null(zhi_meta_of(&labels, ZHI_STR("viewport")));
}

static void a_bad_file_is_said_with_its_line(void **state) {
  (void)state;
  struct zhi_labels l;
  struct zhi_err e = {0};
  assert_int_equal(
      zhi_labels_load(&l, ZHI_STR("fields:\n  no_such_field:\n    labels: [甲]\n"), &e),
      ZHI_EPARSE);
  assert_string_equal(e.msg, "fields.yaml:3: unknown field 'no_such_field'");
  assert_int_equal(zhi_labels_load(&l, ZHI_STR("fields: [\n"), &e), ZHI_EPARSE);
  assert_int_equal(zhi_labels_load(&l, ZHI_STR("fields:\n  title:\n    label: [甲]\n"), &e),
                   ZHI_EPARSE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(spellings_of_a_label),
      cmocka_unit_test(classes_of_labels),
      cmocka_unit_test(every_field_has_a_way_in),
      cmocka_unit_test(meta_names_without_case),
      cmocka_unit_test(a_bad_file_is_said_with_its_line),
  };
  struct zhi_err e = {0};
  zhi_arena_init(&arena, (size_t)1 << 20);
  if (zhi_labels_init(&labels, &e))
    return 1;
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  zhi_labels_release(&labels);
  zhi_arena_release(&arena);
  return failed;
}
