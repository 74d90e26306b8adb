/* Two texts, split at the first NUL: every part of a diff is a view into them, and nothing is lost. */
#include <stdlib.h>

#include "zhi/diff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct zhi_arena arena;
  struct zhi_diff d;
  size_t n, m, rows_a = 0, rows_b = 0;
  struct zhi_str b = zhi_str_n((const char *)data, size), a = zhi_str_cut(&b, '\0');
  zhi_arena_init(&arena, (size_t)64 << 20);
  struct zhi_diff_line *x = zhi_diff_lines(&arena, a, &n), *y = zhi_diff_lines(&arena, b, &m);
  if (zhi_diff_texts(&arena, x, n, y, m, &d)) {
    for (uint32_t i = 0; i < d.row_count; i++) {
      rows_a += d.rows[i].line_a != 0;
      rows_b += d.rows[i].line_b != 0;
      if (d.rows[i].line_a > n || d.rows[i].line_b > m)
        abort();
    }
    if (rows_a != n || rows_b != m)
      abort();
  }
  zhi_arena_release(&arena);
  return 0;
}
