/* The canonical fields: the table behind fields.h. */
#include "zhi/fields.h"

const struct zhi_field_info zhi_field_table[ZHI_FIELD_COUNT] = {
#define X(id, name, type, zh, en) {name, ZHI_FT_##type, zh, en},
    ZHI_FIELDS(X)
#undef X
};

enum zhi_field zhi_field_of(struct zhi_str name) {
  unsigned f = 0;
  while (f < ZHI_FIELD_COUNT && !zhi_str_is(name, zhi_field_table[f].name))
    f++;
  return (enum zhi_field)f;
}
