/* Any text as label table, as label, and as value of every kind. */
#include <stdint.h>
#include <stdlib.h>

#include "extract/labels.h"
#include "extract/values.h"
#include "zhi/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct zhi_str s = zhi_str_n((const char *)data, size);
  struct zhi_labels l;
  struct zhi_arena a;
  char code[7];
  zhi_arena_init(&a, ZHI_MIB(8));
  if (zhi_labels_load(&l, s, NULL) == ZHI_OK) {
    zhi_label_of(&l, &a, s);
    zhi_meta_of(&l, s);
    zhi_labels_release(&l);
  }
  struct zhi_str no = zhi_doc_no(&a, s);
  if (no.p && !zhi_str_find(no, ZHI_STR("号")))
    abort();
  zhi_doc_no_line(&a, s);
  zhi_validity(s, size & 1);
  zhi_index_grammar(s);
  zhi_index_division(s, code);
  zhi_is_placeholder(s);
  zhi_value_list(&a, s, true);
  zhi_collapse(&a, s);
  if (zhi_squeeze(&a, s, 4096).len > 4096 * 20)
    abort();
  zhi_arena_release(&a);
  return 0;
}
