/* Row by row, the places that cells of earlier rows still cover are passed over. */
#include "extract/grid.h"

/* The number in rowspan or colspan; `least` when there is none. */
static uint32_t span_of(const struct zhi_node *n, const char *name, uint32_t least, uint32_t most) {
  struct zhi_str v = zhi_str_trim(zhi_node_attr(n, name));
  uint32_t span = 0;
  size_t i = 0;
  for (; i < v.len && v.p[i] >= '0' && v.p[i] <= '9' && span <= most; i++)
    span = span * 10 + (uint32_t)(v.p[i] - '0');
  if (i == 0)
    return 1;
  return span < least ? least : span > most ? most : span;
}

static bool is_cell(const struct zhi_node *n) {
  return zhi_node_is(n, ZHI_TAG_TD) || zhi_node_is(n, ZHI_TAG_TH);
}

/* Put the cells of row `tr`, which is number `row`; returns the columns used so far. */
static uint32_t lay_row(struct zhi_grid *g, const struct zhi_html *h, uint32_t tr, uint32_t row,
                        uint32_t used) {
  uint32_t col = 0;
  for (uint32_t i = zhi_html_first_child(h, tr); i; i = zhi_html_next_sibling(h, i)) {
    const struct zhi_node *n = &h->nodes[i];
    if (!is_cell(n))
      continue;
    while (col < ZHI_GRID_MAX_COLS && g->cell[row * ZHI_GRID_MAX_COLS + col])
      col++;
    uint32_t wide = span_of(n, "colspan", 1, ZHI_GRID_MAX_COLS),
             high = span_of(n, "rowspan", 0, ZHI_GRID_MAX_ROWS);
    high = high == 0 || high > g->rows - row ? g->rows - row : high;
    for (uint32_t k = 0; k < wide && col < ZHI_GRID_MAX_COLS; k++, col++)
      for (uint32_t down = 0; down < high; down++) {
        uint32_t *place = &g->cell[(row + down) * ZHI_GRID_MAX_COLS + col];
        *place = *place ? *place : i;
      }
    used = col > used ? col : used;
  }
  return used;
}

/* The table's own rows, in order; at most ZHI_GRID_MAX_ROWS. */
static uint32_t own_rows(const struct zhi_html *h, uint32_t table, uint32_t *out) {
  uint32_t n = 0;
  for (uint32_t i = table + 1; i < h->nodes[table].end && n < ZHI_GRID_MAX_ROWS;) {
    const struct zhi_node *x = &h->nodes[i];
    if (zhi_node_is(x, ZHI_TAG_TABLE)) {
      i = x->end;
      continue;
    }
    if (zhi_node_is(x, ZHI_TAG_TR))
      out[n++] = i;
    i++;
  }
  return n;
}

void zhi_grid_build(struct zhi_grid *g, struct zhi_arena *a, const struct zhi_html *h,
                    uint32_t table) {
  uint32_t rows[ZHI_GRID_MAX_ROWS], used = 0;
  *g = (struct zhi_grid){.rows = own_rows(h, table, rows)};
  g->cell = zhi_arena_zalloc(a, (size_t)g->rows * ZHI_GRID_MAX_COLS * sizeof *g->cell);
  for (uint32_t r = 0; r < g->rows; r++)
    used = lay_row(g, h, rows[r], r, used);
  for (uint32_t r = 1; r < g->rows; r++) /* close up: rows of `used` places */
    memmove(g->cell + (size_t)r * used, g->cell + (size_t)r * ZHI_GRID_MAX_COLS,
            used * sizeof *g->cell);
  g->cols = used;
}
