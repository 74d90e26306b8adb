/* Any query: it is read or refused; what is read has words only that the index could have, and marks lie in the text. */
#include <stdint.h>
#include <stdlib.h>

#include "store/search.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct zhi_fold *fold;
  static struct search_plan plan;
  struct search_marks marks;
  struct zhi_arena arena;
  struct zhi_str s = zhi_str_n((const char *)data, size);
  if (!fold && zhi_fold_new(false, &fold, NULL))
    return 0;
  zhi_arena_init(&arena, (size_t)64 << 20);
  if (search_query_read(fold, s, &arena, &plan, NULL) == ZHI_OK) {
    for (size_t i = 0; i < plan.term_count; i++)
      for (size_t k = 0; k < plan.term[i].count; k++)
        if (!plan.term[i].words[k].len ||
            memchr(plan.term[i].words[k].p, '"', plan.term[i].words[k].len))
          abort();
    search_mark(fold, s, &plan, &marks);
    for (size_t i = 0; i < marks.count; i++)
      if (marks.at[i].from >= marks.at[i].to || marks.at[i].to > s.len ||
          (i && marks.at[i].from < marks.at[i - 1].to))
        abort();
    json_decref(search_marked(s, &marks, 60));
  }
  zhi_arena_release(&arena);
  return 0;
}
