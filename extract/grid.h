/* A table as a grid: each place has the cell that covers it, spans laid out (HTML Standard, 4.9.12 "Forming a
 * table", without overlaps: the earlier cell keeps the place). Rows of nested tables are not this table's. */
#ifndef ZHI_EXTRACT_GRID_H
#define ZHI_EXTRACT_GRID_H

#include "zhi/arena.h"
#include "zhi/html.h"

enum { ZHI_GRID_MAX_ROWS = 400, ZHI_GRID_MAX_COLS = 64 };

struct zhi_grid {
  uint32_t rows, cols;
  uint32_t *cell; /* rows × cols nodes; 0: no cell there */
};

/* `table` is a <table> of `h`. What is beyond the bounds is left out. */
void zhi_grid_build(struct zhi_grid *g, struct zhi_arena *a, const struct zhi_html *h,
                    uint32_t table);
static inline uint32_t zhi_grid_at(const struct zhi_grid *g, uint32_t row, uint32_t col) {
  return g->cell[row * g->cols + col];
}

#endif
