/* 有效性: one of seven words. Longer phrases stand before the words they hold. */
#include "extract/values.h"

struct row {
  const char *word, *value;
};

static const struct row rows[] = {
    {"部分失效", "partial"}, {"部分有效", "partial"}, {"部分废止", "partial"},
    {"尚未生效", "pending"}, {"未生效", "pending"},   {"尚未施行", "pending"},
    {"未施行", "pending"},   {"已修改", "amended"},   {"已修订", "amended"},
    {"被修改", "amended"},   {"已被修改", "amended"}, {"宣布失效", "repealed"},
    {"废止", "repealed"},    {"失效", "invalid"},     {"无效", "invalid"},
    {"过期", "invalid"},     {"有效", "valid"},
};

const char *zhi_validity(struct zhi_str s, bool yes_no) {
  s = zhi_str_trim(s);
  if (yes_no && (zhi_str_is(s, "是") || zhi_str_is(s, "1")))
    return "valid";
  if (yes_no && (zhi_str_is(s, "否") || zhi_str_is(s, "0")))
    return "invalid";
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (s.len <= 60 && zhi_str_find(s, zhi_str_of(rows[i].word)))
      return rows[i].value;
  return "unknown";
}
