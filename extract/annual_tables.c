/* Tables 2 to 4 of an annual report, as tidy cells.
 *
 * Rows and columns are told by their printed words, on the grid that spans give; so a table may be split over
 * several, stand in a layout table, or come from a word processor. Where a heading is missing (the second half of a
 * split table) the template's order of columns counts. */
#include "extract/annual.h"

enum { LABEL_BYTES = 400, LABEL_MAX = 240, TABLE_BYTES = 60000, PEOPLE = 7, OUTCOMES = 5 };

struct word {
  const char *text, *code;
};

static struct zhi_str text_at(const struct zhi_annual_read *r, uint32_t node, size_t max) {
  return node ? zhi_squeeze(r->c->a, zhi_flat_text(&r->c->flat, node), max) : ZHI_STR("");
}

static struct zhi_str at(const struct zhi_annual_read *r, uint32_t row, uint32_t col) {
  return text_at(r, zhi_grid_at(&r->grid, row, col), LABEL_BYTES);
}

static bool has(struct zhi_str s, const char *word) {
  return zhi_str_find(s, zhi_str_of(word)) != NULL;
}

static const char *code_of(const struct word *words, struct zhi_str s) {
  for (; words->text; words++)
    if (has(s, words->text))
      return words->code;
  return NULL;
}

/* --- cells ------------------------------------------------------------------------------------------ */

/* 1,234件 → 1234; the empty view when it is no number. */
static struct zhi_str number_of(struct zhi_arena *a, struct zhi_str raw) {
  static const char *const units[] = {"件", "个", "项", "宗", "次", "条", "万元", "元", ""};
  struct zhi_str s = zhi_squeeze(a, raw, LABEL_BYTES);
  char *p = zhi_arena_alloc(a, s.len + 1);
  size_t w = 0, i = 0;
  bool point = false;
  if (s.len && (s.p[0] == '-' || s.p[0] == '+') && s.len > 1)
    p[w++] = s.p[i++];
  size_t first = w;
  for (; i < s.len; i++) {
    char ch = s.p[i];
    if (ch >= '0' && ch <= '9')
      p[w++] = ch;
    else if (ch == '.' && !point && w > first)
      p[w++] = ch, point = true;
    else if (ch != ',' || w == first)
      break;
  }
  for (size_t k = 0; k < sizeof units / sizeof *units && w > first; k++)
    if (zhi_str_is(zhi_str_sub(s, i, s.len), units[k]) && p[w - 1] != '.')
      return zhi_str_n(p, w);
  return ZHI_STR("");
}

static void add(struct zhi_annual_read *r, int table, uint32_t node,
                struct zhi_annual_cell labels) {
  struct zhi_annual *a = r->report;
  if (a->cell_count >= ZHI_ANNUAL_MAX_CELLS || !node)
    return;
  for (size_t i = 0; i < a->cell_count; i++) /* a second copy of the table, for phones */
    if (a->cells[i].table == table && zhi_str_eq(a->cells[i].item, labels.item) &&
        zhi_str_eq(a->cells[i].measure, labels.measure))
      return;
  struct zhi_annual_cell *x = ZHI_PUSH(r->c, a->cells, a->cell_count, r->cap);
  *x = labels;
  x->table = table;
  x->raw = zhi_collapse(r->c->a, zhi_str_clip(zhi_flat_text(&r->c->flat, node), LABEL_BYTES));
  x->number = number_of(r->c->a, x->raw);
}

/* The distinct labels of a row before column `end`, joined with " / ". */
static struct zhi_str row_label(const struct zhi_annual_read *r, uint32_t row, uint32_t end) {
  struct zhi_str out = ZHI_STR("");
  uint32_t last = 0;
  for (uint32_t col = 0; col < end; col++) {
    uint32_t node = zhi_grid_at(&r->grid, row, col);
    struct zhi_str s = node != last ? text_at(r, node, LABEL_BYTES) : ZHI_STR("");
    last = node;
    if (s.len && s.len <= LABEL_MAX)
      out = out.len ? zhi_arena_printf(r->c->a, "%.*s / %.*s", ZHI_STR_ARGS(out), ZHI_STR_ARGS(s))
                    : s;
  }
  return out;
}

/* --- table 2: what was made and done ------------------------------------------------------------------ */

static const struct word items2[] = {
    {"规范性文件", "normative"},   {"规章", "rules"},           {"行政许可", "permits"},
    {"对外管理服务", "services"},  {"行政处罚", "penalties"},   {"行政强制", "coercion"},
    {"行政事业性收费", "charges"}, {"集中采购", "procurement"}, {NULL, NULL}};
static const struct word measures2[] = {
    {"制发件数", "made"},         {"废止件数", "repealed"},
    {"现行有效件数", "in_force"}, {"新制作数", "made"},
    {"新公开数", "published"},    {"公开总数", "published_total"},
    {"上一年", "last_year"},      {"增/减", "change"},
    {"处理决定数", "decisions"},  {"收费金额", "amount"},
    {"采购项目数", "projects"},   {"采购总金额", "amount"},
    {"项目数量", "projects"},     {NULL, NULL}};

/* Is this a row of headings, 信息内容 | 本年制发件数 …? */
static bool is_heading(struct zhi_annual_read *r, uint32_t row) {
  for (uint32_t col = 1; col < r->grid.cols; col++) {
    struct zhi_str s = at(r, row, col);
    if (s.len > LABEL_MAX || !code_of(measures2, s))
      continue;
    r->new_words = r->new_words || has(s, "制发件数");
    r->old_words = r->old_words || has(s, "新制作数") || has(s, "新公开数");
    return true;
  }
  return false;
}

static void table2(struct zhi_annual_read *r) {
  const struct zhi_grid *g = &r->grid;
  uint32_t heading = UINT32_MAX;
  for (uint32_t row = 0; row < g->rows; row++) {
    struct zhi_str item = at(r, row, 0);
    const char *code = item.len <= LABEL_MAX ? code_of(items2, item) : NULL;
    if (is_heading(r, row))
      heading = row;
    else if (code && heading != UINT32_MAX)
      for (uint32_t col = 1; col < g->cols; col++) {
        uint32_t node = zhi_grid_at(g, row, col);
        struct zhi_str measure = at(r, heading, col);
        if (node == zhi_grid_at(g, row, col - 1) || measure.len > LABEL_MAX)
          continue;
        const char *m = code_of(measures2, measure);
        if (m)
          add(r, 2, node,
              (struct zhi_annual_cell){.item = zhi_str_of(code),
                                       .item_label = item,
                                       .measure = zhi_str_of(m),
                                       .measure_label = measure});
      }
  }
}

/* --- table 3: requests ---------------------------------------------------------------------------------- */

static const struct word people[PEOPLE + 1] = {
    {"自然人", "person"},      {"商业企业", "company"},
    {"科研机构", "research"},  {"社会公益组织", "welfare"},
    {"法律服务机构", "legal"}, {"其他", "other"},
    {"总计", "total"},         {NULL, NULL}};
static const struct word rows3[] = {{"部分公开", "3.2"}, {"不予公开", "3.3"}, {"无法提供", "3.4"},
                                    {"不予处理", "3.5"}, {"其他处理", "3.6"}, {"予以公开", "3.1"},
                                    {"结转下年度", "4"}, {"上年结转", "2"},   {"本年新收", "1"},
                                    {NULL, NULL}};

/* 1 for 一 … 9 for 九; 0: another character. */
static int han_digit(struct zhi_str s) {
  static const char digits[] = "一二三四五六七八九";
  for (int i = 0; i < 9 && s.len >= 3; i++)
    if (memcmp(s.p, digits + (size_t)i * 3, 3) == 0)
      return i + 1;
  return 0;
}

/* The numbering a label begins with: 一、 is level 1, (一) level 2, 1. level 3. 0: none. */
static int marker(struct zhi_str s, int *n) {
  bool open = s.len && s.p[0] == '(';
  struct zhi_str t = open ? zhi_str_sub(s, 1, s.len) : s;
  if ((*n = han_digit(t)) != 0) {
    t = zhi_str_sub(t, 3, t.len);
    if (t.len && t.p[0] == ')')
      return 2;
    return !open && (zhi_str_starts(t, "、") || zhi_str_starts(t, ".") || zhi_str_starts(t, ","))
               ? 1
               : 0;
  }
  if (!open && s.len > 1 && s.p[0] >= '1' && s.p[0] <= '9') {
    *n = s.p[0] - '0';
    t = zhi_str_sub(s, 1, s.len);
    return t.p[0] == '.' || t.p[0] == ',' || zhi_str_starts(t, "、") ? 3 : 0;
  }
  return 0;
}

/* The row's code by its numbering, where a part that stands on an earlier row (or table) still counts; else by
 * its words. The empty view: no row of numbers. */
static struct zhi_str row_code(struct zhi_annual_read *r, uint32_t row, uint32_t end) {
  int seen = 0, n;
  const char *word = NULL;
  uint32_t last = 0;
  for (uint32_t col = 0; col < end; col++) {
    uint32_t node = zhi_grid_at(&r->grid, row, col);
    struct zhi_str s = node != last ? text_at(r, node, LABEL_BYTES) : ZHI_STR("");
    last = node;
    if (!s.len || s.len > LABEL_MAX)
      continue;
    int level = marker(s, &n);
    word = code_of(rows3, s) ? code_of(rows3, s) : word;
    if (!level)
      continue;
    r->level[level] = n;
    for (int k = level + 1; k < 4; k++)
      r->level[k] = 0;
    if (level > 1 && !r->level[1])
      r->level[1] = 3;
    seen = level;
  }
  if (!seen)
    return zhi_str_of(word);
  int *l = r->level;
  if (seen == 1 || l[1] != 3)
    return l[1] == 3 || l[1] > 4 ? ZHI_STR_NONE : zhi_arena_printf(r->c->a, "%d", l[1]);
  if (seen == 2)
    return zhi_arena_printf(r->c->a, "3.%d", l[2]);
  return l[2] ? zhi_arena_printf(r->c->a, "3.%d.%d", l[2], l[3]) : ZHI_STR_NONE;
}

/* The columns of the seven kinds of applicants: by their headings above the first numbered row, else the last
 * seven. False when there are fewer. */
static bool find_people(const struct zhi_annual_read *r, uint32_t col_of[PEOPLE]) {
  const struct zhi_grid *g = &r->grid;
  int found = 0, n;
  for (int k = 0; k < PEOPLE; k++)
    col_of[k] = UINT32_MAX;
  for (uint32_t row = 0; row < g->rows && row < 8 && marker(at(r, row, 0), &n) != 1; row++)
    for (uint32_t col = 1; col < g->cols; col++)
      for (int k = 0; k < PEOPLE; k++)
        if (col_of[k] == UINT32_MAX && zhi_str_is(at(r, row, col), people[k].text))
          col_of[k] = col, found++;
  if (found == PEOPLE)
    return true;
  for (uint32_t k = 0; k < PEOPLE && g->cols > PEOPLE; k++)
    col_of[k] = g->cols - PEOPLE + k;
  return g->cols > PEOPLE;
}

static void table3(struct zhi_annual_read *r) {
  uint32_t col_of[PEOPLE];
  if (!find_people(r, col_of))
    return;
  for (uint32_t row = 0; row < r->grid.rows; row++) {
    struct zhi_str code = row_code(r, row, col_of[0]);
    uint32_t first = zhi_grid_at(&r->grid, row, col_of[0]);
    if (!code.len || first == zhi_grid_at(&r->grid, row, col_of[PEOPLE - 1]))
      continue;
    struct zhi_str label = row_label(r, row, col_of[0]);
    for (int k = 0; k < PEOPLE; k++)
      add(r, 3, zhi_grid_at(&r->grid, row, col_of[k]),
          (struct zhi_annual_cell){.item = code,
                                   .item_label = label,
                                   .measure = zhi_str_of(people[k].code),
                                   .measure_label = zhi_str_of(people[k].text)});
  }
}

/* --- table 4: reviews and suits ---------------------------------------------------------------------------- */

static const struct word outcomes[OUTCOMES + 1] = {
    {"结果维持", "upheld"},  {"结果纠正", "corrected"}, {"其他结果", "other"},
    {"尚未审结", "pending"}, {"总计", "total"},         {NULL, NULL}};
static const struct word groups[] = {{"行政复议", "review"},
                                     {"行政诉讼 / 未经复议直接起诉", "suit"},
                                     {"行政诉讼 / 复议后起诉", "suit_after_review"}};

static uint32_t heading_row(const struct zhi_annual_read *r) {
  for (uint32_t row = 0; row < r->grid.rows; row++)
    for (uint32_t col = 0; col < r->grid.cols; col++)
      if (zhi_str_is(at(r, row, col), outcomes[0].text)) {
        uint32_t node = zhi_grid_at(&r->grid, row, col);
        while (row + 1 < r->grid.rows && zhi_grid_at(&r->grid, row + 1, col) == node)
          row++;
        for (uint32_t k = 0; k < r->grid.cols; k++) /* headings of the suits may stand lower */
          if (row + 1 < r->grid.rows && zhi_str_is(at(r, row + 1, k), outcomes[0].text))
            return row + 1;
        return row;
      }
  return UINT32_MAX;
}

/* The first row of numbers below. */
static uint32_t number_row(const struct zhi_annual_read *r, uint32_t heading) {
  for (uint32_t row = heading + 1; row < r->grid.rows; row++)
    for (uint32_t col = 0; col < r->grid.cols; col++)
      if (number_of(r->c->a, at(r, row, col)).len)
        return row;
  return heading + 1;
}

static void table4(struct zhi_annual_read *r) {
  uint32_t heading = heading_row(r);
  int group = -1;
  if (heading == UINT32_MAX || heading + 1 >= r->grid.rows)
    return;
  uint32_t numbers = number_row(r, heading);
  for (uint32_t col = 0; col < r->grid.cols; col++) {
    struct zhi_str outcome = at(r, heading, col);
    const char *code = outcome.len <= LABEL_MAX ? code_of(outcomes, outcome) : NULL;
    if (!code ||
        (col && zhi_grid_at(&r->grid, heading, col) == zhi_grid_at(&r->grid, heading, col - 1)))
      continue;
    group += strcmp(code, outcomes[0].code) == 0;
    if (group >= 0 && group < 3)
      add(r, 4, zhi_grid_at(&r->grid, numbers, col),
          (struct zhi_annual_cell){.item = zhi_str_of(groups[group].code),
                                   .item_label = zhi_str_of(groups[group].text),
                                   .measure = zhi_str_of(code),
                                   .measure_label = outcome});
  }
}

void zhi_annual_tables(struct zhi_annual_read *r) {
  const struct zhi_html *h = &r->c->html;
  for (uint32_t i = h->body; i < h->count; i++) {
    if (!zhi_node_is(&h->nodes[i], ZHI_TAG_TABLE) || r->c->flat.flags[i] & ZHI_FLAT_OUT)
      continue;
    struct zhi_str s = text_at(r, i, TABLE_BYTES);
    bool two = has(s, "处理决定数") || has(s, "制发件数") || has(s, "新制作数") ||
               has(s, "收费金额") || has(s, "采购项目数"),
         three =
             has(s, "本年新收") || has(s, "结转下年度") || has(s, "无法提供") || has(s, "不予处理"),
         four = has(s, "结果维持") && has(s, "尚未审结");
    if (!two && !three && !four)
      continue;
    zhi_grid_build(&r->grid, r->c->a, h, i);
    if (two)
      table2(r);
    if (three)
      table3(r);
    if (four)
      table4(r);
  }
}
