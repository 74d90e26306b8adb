/* The body: the right container, blocks as lines, tables as rows, nothing of the frame; attachments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/extracted.h"

#define LONG "甲县人民政府认真贯彻落实上级决策部署，扎实推进各项工作，取得了新的成效。"
#define MENU                                                                                       \
  "<div class=nav><a href=/a/>政务公开栏目</a><a href=/b/>办事服务栏目</a><a "         \
  "href=/c/>互动交流栏目</a></div>"

static void text_is(const char *html, const char *want) {
  const struct zhi_doc *d = extracted(html, NULL);
  if (!zhi_str_is(d->text, want))
    fail_msg("text is '%.*s', want '%s'", ZHI_STR_ARGS(d->text), want);
}

static void blocks_are_lines(void **state) {
  (void)state;
  text_is(MENU "<div id=zoom><p>" LONG
               "</p><p>　　二、<b>其</b>他<br>第三行</p></div><div class=foot>主办：甲县</div>",
          LONG "\n二、其他\n第三行");
}

static void table_rows_are_lines(void **state) {
  (void)state;
  text_is(
      "<div class=TRS_Editor><p>" LONG
      "</p><table><tr><td>项目</td><td>数量</td></tr><tr><td>甲</td><td>12</td></tr></table></div>",
      LONG "\n项目\t数量\n甲\t12");
}

static void scripts_and_toolbars_are_left_out(void **state) {
  (void)state;
  text_is("<div id=zoom><p>" LONG "</p><script>var x = '脚本';</script><style>p{}</style><div "
          "class=share>分享到微信</div><!-- 注 --></div>",
          LONG);
}

static void without_a_known_container_density_decides(void **state) {
  (void)state;
  text_is("<div class=q1>" MENU "</div><div class=q2><div class=q3><p>" LONG "</p><p>" LONG
          "</p><p>" LONG "</p></div><div class=q4><ul><li><a href=/1.html>"
          "别的文章的标题很长很长</a></li><li><a "
          "href=/2.html>另一篇文章的标题也很长</a></li></ul></div></div>",
          LONG "\n" LONG "\n" LONG);
}

static void the_information_line_is_not_text(void **state) {
  (void)state;
  text_is("<h1>关于某事的通知</h1><div class=article-content><div>来源：甲局 发布时间：2019-01-02 "
          "浏览次数：99</div><p>" LONG "</p></div>",
          LONG);
}

static void hidden_copies_are_left_out(void **state) {
  (void)state;
  text_is("<div id=zoom><p>" LONG "</p><div style='display: none'>朗读用的副本</div></div>", LONG);
}

static void the_digest_is_of_the_text_alone(void **state) {
  (void)state;
  char a[160] = "";
  const struct zhi_doc *d =
      extracted("<div>浏览次数：5</div><div id=zoom><p>" LONG "</p></div>", NULL);
  memcpy(a, d->text_digest.p, d->text_digest.len);
  assert_true(zhi_str_starts(d->text_digest, "sha256:"));
  d = extracted("<div>浏览次数：6</div><div id=zoom><p>" LONG "</p></div>", NULL);
  assert_true(zhi_str_is(d->text_digest, a));
  d = extracted("<div>浏览次数：6</div><div id=zoom><p>" LONG "改</p></div>", NULL);
  assert_false(zhi_str_is(d->text_digest, a));
}

/* Two bodies of a page: is the digest the same? */
static bool same_digest(const char *a, const char *b) {
  char first[160] = "";
  const struct zhi_doc *d = extracted(a, NULL);
  memcpy(first, d->text_digest.p, d->text_digest.len);
  d = extracted(b, NULL);
  return zhi_str_is(d->text_digest, first);
}

static void what_changes_by_itself_is_masked(void **state) {
#define IN(what) "<div id=zoom><p>" LONG "</p><p>" what "</p></div>"
  static const struct {
    const char *a, *b;
    bool same;
  } cases[] = {
      {IN("浏览次数：12"), IN("浏览次数：99134"), true},
      {IN("点击量 [ 3 ]"), IN("点击量 [ 44 ]"), true},
      {IN("（阅读：3）"), IN("（阅读：4）"), true},
      {IN("已有 12 次浏览"), IN("已有 130 次浏览"), true},
      {IN("今天是2026年1月2日 星期五"), IN("今天是2026年11月3日 星期二"), true},
      {IN("浏览次数：12人"), IN("浏览次数：13个"), false}, /* only the number */
      {IN("全年访问3个村"), IN("全年访问4个村"), false}, /* no separator: a sentence about visits */
      {IN("拨款12万元"), IN("拨款13万元"), false},
      {IN("x") "<p>更正：表二以此为准。</p>", IN("x") "<p>更正：表三以此为准。</p>", false},
      {IN("x") "<table><tr><td>有效性：</td><td>有效</td></tr></table>",
       IN("x") "<table><tr><td>有效性：</td><td>废止</td></tr></table>", false},
      {IN("x") "<table><tr><td>文号：</td><td>甲政发〔2018〕1号</td></tr></table>",
       IN("x") "<table><tr><td>文号：</td><td>甲政发〔2018〕2号</td></tr></table>", false},
      {IN("x") "<p>页脚一</p>", IN("x") "<p>页脚二</p>", true}, /* no sentence */
      {IN("x") "<a href=/1>另一篇文章今天发布。</a>", IN("x") "<a href=/2>又一篇文章发布了。</a>",
       true},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    if (same_digest(cases[i].a, cases[i].b) != cases[i].same)
      fail_msg("%s | %s", cases[i].a, cases[i].b);
  const struct zhi_doc *d = extracted(IN("浏览次数：12"), NULL);
  assert_int_equal(d->masked_count, 1);
  assert_true(zhi_str_is(d->masked[0], "浏览次数：12"));
#undef IN
}

static void attachments_of_the_body(void **state) {
  (void)state;
  const struct zhi_doc *d = extracted(
      MENU
      "<div class=foot0></div><div id=zoom><p>" LONG
      "</p><p>附件：1.<a href='./P020190102.doc' title=x>申请表</a></p>"
      "<p><a href='/module/download/downfile.jsp?classid=0&filename=ab12.xlsx'>汇总表</a></p><p><a "
      "href='/x/empty.pdf'></a></p>"
      "<script>showVsbpdfIframe('/__local/1/2/report.pdf','100%');</script></div><div "
      "class=footer><a href=/help.pdf>使用帮助</a></div>",
      "http://www.example.gov.cn/zwgk/201901/t20190102_1.html");
  assert_int_equal(d->attachment_count, 3);
  assert_true(
      zhi_str_is(d->attachments[0].url, "http://www.example.gov.cn/zwgk/201901/P020190102.doc"));
  assert_true(zhi_str_is(d->attachments[0].name, "申请表"));
  assert_true(zhi_str_is(d->attachments[0].type, "doc"));
  assert_true(zhi_str_is(d->attachments[1].type, "xlsx"));
  assert_true(
      zhi_str_is(d->attachments[2].url, "http://www.example.gov.cn/__local/1/2/report.pdf"));
}

static int release(void **state) {
  (void)state;
  extracted_release();
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(blocks_are_lines),
      cmocka_unit_test(table_rows_are_lines),
      cmocka_unit_test(scripts_and_toolbars_are_left_out),
      cmocka_unit_test(without_a_known_container_density_decides),
      cmocka_unit_test(the_information_line_is_not_text),
      cmocka_unit_test(hidden_copies_are_left_out),
      cmocka_unit_test(the_digest_is_of_the_text_alone),
      cmocka_unit_test(what_changes_by_itself_is_masked),
      cmocka_unit_test(attachments_of_the_body),
  };
  return cmocka_run_group_tests(tests, NULL, release);
}
