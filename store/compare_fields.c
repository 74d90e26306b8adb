/* Which fields differ, and how much that weighs: whether a document is in force comes before everything else. */
#include "zhi/compare.h"
#include "zhi/json.h"
#include "zhi/noise.h"

enum { WEIGHT_OTHER = 20 };

static const struct {
  enum zhi_field field;
  int weight;
  enum zhi_noise_kind noise; /* differs by itself */
} weights[] = {
    {ZHI_F_VALIDITY, 100, ZHI_NOISE_NONE},    {ZHI_F_DATE_EXPIRED, 90, ZHI_NOISE_NONE},
    {ZHI_F_DOC_NO, 85, ZHI_NOISE_NONE},       {ZHI_F_DATE_EFFECTIVE, 82, ZHI_NOISE_NONE},
    {ZHI_F_DATE_WRITTEN, 80, ZHI_NOISE_NONE}, {ZHI_F_DATE_PUBLISHED, 75, ZHI_NOISE_NONE},
    {ZHI_F_ISSUER, 70, ZHI_NOISE_NONE},       {ZHI_F_TITLE, 65, ZHI_NOISE_NONE},
    {ZHI_F_PUBLISHER, 45, ZHI_NOISE_NONE},    {ZHI_F_INDEX_NO, 40, ZHI_NOISE_NONE},
    {ZHI_F_VIEWS, 0, ZHI_NOISE_COUNTER},      {ZHI_F_DATE_GENERATED, 0, ZHI_NOISE_GENERATED},
    {ZHI_F_SITE_NAME, 5, ZHI_NOISE_NONE},     {ZHI_F_SITE_ID_CODE, 5, ZHI_NOISE_NONE},
    {ZHI_F_COLUMN_NAME, 10, ZHI_NOISE_NONE},  {ZHI_F_DIVISION_CODE, 5, ZHI_NOISE_NONE},
    {ZHI_F_DIVISION_NAME, 5, ZHI_NOISE_NONE}, {ZHI_F_ONLINE_LINK, 5, ZHI_NOISE_NONE},
    {ZHI_F_DATE_UPDATED, 15, ZHI_NOISE_NONE},
};

/* The normalised value, else the text as it stood; NULL: not on the page, or a label without a value. */
static const char *value_of(const json_t *f) {
  const char *v = json_string_value(json_object_get(f, "value"));
  if (!v)
    v = json_string_value(json_object_get(f, "raw"));
  return v && v[0] ? v : NULL;
}

static json_t *row_of(enum zhi_field f, const json_t *field_a, const json_t *field_b) {
  const char *a = value_of(field_a), *b = value_of(field_b);
  int weight = WEIGHT_OTHER;
  enum zhi_noise_kind noise = ZHI_NOISE_NONE;
  for (size_t i = 0; i < sizeof weights / sizeof *weights; i++)
    if (weights[i].field == f) {
      weight = weights[i].weight;
      noise = weights[i].noise;
    }
  const struct zhi_field_info *info = &zhi_field_table[f];
  json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:s?, s:s?, s:i}", "name", info->name, "zh", info->zh,
                        "en", info->en, "change",
                        noise ? "masked"
                        : !a  ? "added"
                        : !b  ? "removed"
                              : "changed",
                        "from", a, "to", b, "weight", weight);
  if (f == ZHI_F_VALIDITY) { /* the words of the page are what people know */
    json_object_set(o, "from_raw", json_object_get(field_a, "raw"));
    json_object_set(o, "to_raw", json_object_get(field_b, "raw"));
  }
  if (noise)
    json_object_set_new(o, "noise", zhi_noise_json(noise));
  return o;
}

static json_int_t weight_of(const json_t *rows, size_t i) {
  return json_integer_value(json_object_get(json_array_get(rows, i), "weight"));
}

/* Behind the last row that weighs as much. */
static void insert(json_t *rows, json_t *row) {
  size_t i = json_array_size(rows);
  while (i && weight_of(rows, i - 1) < json_integer_value(json_object_get(row, "weight")))
    i--;
  json_array_insert_new(rows, i, row);
}

json_t *zhi_compare_fields(const json_t *a, const json_t *b) {
  json_t *rows = json_array();
  for (int f = 0; f < ZHI_FIELD_COUNT; f++) {
    const json_t *x = json_object_get(a, zhi_field_table[f].name);
    const json_t *y = json_object_get(b, zhi_field_table[f].name);
    const char *was = value_of(x), *is = value_of(y);
    if ((was || is) && (!was || !is || strcmp(was, is) != 0))
      insert(rows, row_of((enum zhi_field)f, x, y));
  }
  return rows;
}
