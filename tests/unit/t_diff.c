/* Diff of texts: whole words, noise masked and never a change, every real edit shown. A row is written as
 * "= same", "! pair with [-removed-]{+added+}<~noise~>", "- removed", "+ added", "~ masked"; same rows without noise are
 * left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "zhi/diff.h"

static void write_row(struct zhi_buf *out, const struct zhi_diff_row *r) {
  static const char sign[] = "=-+!~";
  if (r->op == ZHI_DIFF_SAME && r->part_count == 1 && r->parts[0].op == ZHI_DIFF_SAME)
    return;
  zhi_buf_addf(out, "%s%c ", out->len ? "\n" : "", sign[r->op]);
  for (uint32_t i = 0; i < r->part_count; i++) {
    const struct zhi_diff_part *p = &r->parts[i];
    const char *left = p->op == ZHI_DIFF_REMOVED ? "[-" : p->op == ZHI_DIFF_ADDED ? "{+" : "";
    const char *right = p->op == ZHI_DIFF_REMOVED ? "-]" : p->op == ZHI_DIFF_ADDED ? "+}" : "";
    if (p->op == ZHI_DIFF_MASKED)
      zhi_buf_addf(out, "<~%s~>", zhi_noise_table[p->noise].name);
    else
      zhi_buf_addf(out, "%s%.*s%s", left, ZHI_STR_ARGS(p->a.p ? p->a : p->b), right);
  }
}

static void compare(const char *a, const char *b, struct zhi_diff *d, struct zhi_buf *out) {
  struct zhi_arena arena;
  size_t n, m;
  zhi_arena_init(&arena, (size_t)64 << 20);
  struct zhi_diff_line *x = zhi_diff_lines(&arena, zhi_str_of(a), &n);
  struct zhi_diff_line *y = zhi_diff_lines(&arena, zhi_str_of(b), &m);
  assert_true(zhi_diff_texts(&arena, x, n, y, m, d));
  zhi_buf_init(out, 1 << 20);
  for (uint32_t i = 0; i < d->row_count; i++)
    write_row(out, &d->rows[i]);
  zhi_buf_addc(out, '\0');
  zhi_arena_release(&arena);
}

static const struct {
  const char *a, *b, *rows;
  unsigned changes;
} cases[] = {
    {"一、总则。\n二、附则。", "一、总则。\n二、附则。", "", 0},
    /* noise alone */
    {"通知\n浏览次数：12", "通知\n浏览次数：3456", "= <~counter~>", 0},
    {"来源：县政府 点击量：9 字号", "来源：县政府 点击量：10 字号",
     "= 来源：县政府 <~counter~>字号", 0},
    {"今天是2018年3月29日 星期四\n正文。", "今天是2019年1月2日 星期三\n正文。", "= <~now~>", 0},
    {"正文。", "正文。\n浏览次数：7", "~ <~counter~>", 0},
    {"字体：大 中 小 打印\n正文。", "正文。\n【字号：大 中 小】 打印 关闭 收藏",
     "~ <~toolbar~>\n~ <~toolbar~>", 0},
    {"正文。\n上一篇：关于甲的通知", "正文。\n上一篇：关于乙的公告", NULL, 0},
    {"当前位置：首页 > 公开\n正文。", "当前位置：首页 > 政务公开 > 文件\n正文。", NULL, 0},
    {"各乡镇人民政府，县直各单位：", "各乡镇人民政府， 县直各单位：", NULL, 0},
    {"第一条为了规范。\n第二条本办法所称。", "第一条为了规范。第二条本办法所称。", NULL, 0},
    /* real edits, whole words */
    {"有效期五年。", "有效期三年。", "! 有效期[-五年-]{+三年+}。", 1},
    {"经费由财政局承担，并报县政府备案。", "经费由民政局承担，并报县政府备案。",
     "! 经费由[-财政局-]{+民政局+}承担，并报县政府备案。", 1},
    {"补助标准为每亩120元。", "补助标准为每亩150元。", "! 补助标准为每亩[-120-]{+150+}元。", 1},
    {"甲。\n乙。", "甲。\n新增一条。\n乙。", "+ {+新增一条。+}", 1},
    {"甲。\n删除一条。\n乙。", "甲。\n乙。", "- [-删除一条。-]", 1},
    {"小计\t1\t23", "小计\t12\t3", NULL, 1},
    {"联系电话：8000001 浏览次数：1", "联系电话：8000002 浏览次数：2",
     "! 联系电话：[-8000001 -]{+8000002 +}<~counter~>", 1},
    {"page 1 2", "page 12", NULL, 1},
    /* a line is paired with the one it is most like, not with the one in its place */
    {"删去这段说明文字。\n甲村每户补助一百元。", "甲村每户补助二百元。",
     "- [-删去这段说明文字。-]\n! 甲村每户补助[-一百元-]{+二百元+}。", 2},
    {"甲村每户补助一百元。", "添上这段说明文字。\n甲村每户补助二百元。",
     "+ {+添上这段说明文字。+}\n! 甲村每户补助[-一百元-]{+二百元+}。", 2},
    {"", "全文。", "+ {+全文。+}", 1},
    {"全文。", "", "- [-全文。-]", 1},
};

static void noise_is_masked_and_edits_are_shown_in_whole_words(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct zhi_diff d;
    struct zhi_buf out;
    compare(cases[i].a, cases[i].b, &d, &out);
    if (cases[i].rows)
      assert_string_equal(out.p, cases[i].rows);
    if (d.changes != cases[i].changes)
      fail_msg("%s / %s: %u changes: %s", cases[i].a, cases[i].b, d.changes, out.p);
    zhi_buf_release(&out);
  }
}

static void unlike_texts_are_replaced_in_bounded_time(void **state) {
  struct zhi_buf a, b, out;
  struct zhi_diff d;
  (void)state;
  zhi_buf_init(&a, 1 << 22);
  zhi_buf_init(&b, 1 << 22);
  for (int i = 0; i < 4000; i++) {
    zhi_buf_addf(&a, "甲 %d\n", i * 7);
    zhi_buf_addf(&b, "%s %d\n", i % 100 ? "乙" : "甲", i * 7);
  }
  compare(a.p, b.p, &d, &out);
  assert_int_equal(d.changes >= 3960, 1);
  zhi_buf_release(&a);
  zhi_buf_release(&b);
  zhi_buf_release(&out);
}

/* Common elements come in order and are equal, whatever the sequences. */
static void what_is_kept_is_a_common_subsequence(void **state) {
  struct zhi_arena arena;
  uint32_t seed = 7;
  (void)state;
  zhi_arena_init(&arena, (size_t)64 << 20);
  for (int round = 0; round < 300; round++) {
    uint64_t a[40], b[40];
    bool keep_a[40], keep_b[40];
    size_t n = (size_t)round % 40, m = (size_t)(round * 7) % 40, j = 0;
    for (size_t i = 0; i < 40; i++) {
      a[i] = (seed = seed * 1664525 + 1013904223) >> 29;
      b[i] = (seed = seed * 1664525 + 1013904223) >> 29;
    }
    zhi_diff_sequences(&arena, a, n, b, m, keep_a, keep_b);
    for (size_t i = 0; i < n; i++) {
      if (!keep_a[i])
        continue;
      while (j < m && !keep_b[j])
        j++;
      assert_true(j < m && a[i] == b[j]);
      j++;
    }
    while (j < m)
      assert_false(keep_b[j++]);
    zhi_arena_reset(&arena);
  }
  zhi_arena_release(&arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(noise_is_masked_and_edits_are_shown_in_whole_words),
      cmocka_unit_test(unlike_texts_are_replaced_in_bounded_time),
      cmocka_unit_test(what_is_kept_is_a_common_subsequence),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
