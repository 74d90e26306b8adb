#include "tests/support/annual.h"

#include <stdio.h>

/* A row of table 3: labels with their spans, then the counts of 自然人 and 商业企业; the others are 0. */
static const struct {
  const char *labels;
  int person, company;
} rows[] = {
    {"<td colspan=3>一、本年新收政府信息公开申请数量</td>", 5, 2},
    {"<td colspan=3>二、上年结转政府信息公开申请数量</td>", 1, 0},
    {"<td rowspan=22>三、本年度办理结果</td><td colspan=2>（一）予以公开</td>", 2, 1},
    {"<td colspan=2>（二）部分公开（区分处理的，只计这一情形，不计其他情形）</td>", 1, 0},
    {"<td rowspan=8>（三）不予公开</td><td>1.属于国家秘密</td>", 1, 0},
    {"<td>2.其他法律行政法规禁止公开</td>", 0, 0},
    {"<td>3.危及“三安全一稳定”</td>", 0, 0},
    {"<td>4.保护第三方合法权益</td>", 0, 0},
    {"<td>5.属于三类内部事务信息</td>", 0, 0},
    {"<td>6.属于四类过程性信息</td>", 0, 0},
    {"<td>7.属于行政执法案卷</td>", 0, 0},
    {"<td>8.属于行政查询事项</td>", 0, 0},
    {"<td rowspan=3>（四）无法提供</td><td>1.本机关不掌握相关政府信息</td>", 0, 0},
    {"<td>2.没有现成信息需要另行制作</td>", 0, 0},
    {"<td>3.补正后申请内容仍不明确</td>", 0, 0},
    {"<td rowspan=5>（五）不予处理</td><td>1.信访举报投诉类申请</td>", 1, 0},
    {"<td>2.重复申请</td>", 0, 0},
    {"<td>3.要求提供公开出版物</td>", 0, 0},
    {"<td>4.无正当理由大量反复申请</td>", 0, 0},
    {"<td>5.要求行政机关确认或重新出具已获取信息</td>", 0, 1},
    {"<td rowspan=3>（六）其他处理</td><td>1.申请人无正当理由逾期不补正</td>", 0, 0},
    {"<td>2.申请人逾期未按收费通知要求缴纳费用</td>", 0, 0},
    {"<td>3.其他</td>", 0, 0},
    {"<td colspan=2>（七）总计</td>", 5, 2},
    {"<td colspan=3>四、结转下年度继续办理</td>", 1, 0},
};
enum { ROWS = sizeof rows / sizeof *rows, SPLIT_AT = 15 };

static const char people[] =
    "<tr><td rowspan=3 "
    "colspan=3>（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）</td>"
    "<td colspan=7>申请人情况</td></tr><tr><td rowspan=2>自然人</td><td "
    "colspan=5>法人或其他组织</td>"
    "<td rowspan=2>总计</td></tr><tr><td>商业<br>企业</td><td>科研<br>机构</td><td>社会公益<br>组织"
    "</td><td><span>法律服务</span><span>机构</span></td><td>其他</td></tr>";

static void person(const struct annual_page *p, struct zhi_buf *b, int row) {
  static const char *const none[] = {"", "/", "-"};
  if (p->blanks && row >= 12 && row <= 14)
    zhi_buf_addf(b, "<td>%s</td>", none[row - 12]);
  else if (p->blanks && row == 2)
    zhi_buf_adds(b, "<td>２</td>");
  else
    zhi_buf_addf(b, "<td>%d</td>", rows[row].person + (p->wrong && row == ROWS - 2));
}

static void table3(const struct annual_page *p, struct zhi_buf *b) {
  zhi_buf_adds(b, "<table border=1>");
  zhi_buf_adds(b, people);
  for (int i = 0; i < ROWS; i++) {
    if (p->split && i == SPLIT_AT)
      zhi_buf_adds(b, "</table><p>（续表）</p><table border=1>");
    zhi_buf_addf(b, "<tr>%s%s", p->split && i == SPLIT_AT ? "<td rowspan=9></td>" : "",
                 rows[i].labels);
    person(p, b, i);
    zhi_buf_addf(b, "<td>%d</td><td>0</td><td>0</td><td>0</td><td>0</td><td>%d</td></tr>",
                 rows[i].company, rows[i].person + rows[i].company);
  }
  zhi_buf_adds(b, "</table>");
}

static void tables(const struct annual_page *p, struct zhi_buf *b) {
  zhi_buf_adds(
      b,
      "<p>二、主动公开政府信息情况</p><table><tr><td "
      "colspan=4>第二十条第（一）项</td></tr><tr><td>信息内容"
      "</td><td>本年制发件数</td><td>本年废止件数</td><td>现行有效件数</td></tr><tr><td>规章</"
      "td><td>1</"
      "td><td>0</td><td>3</td></tr><tr><td>行政规范性文件</td><td>2</td><td>0</td><td>12件</td></"
      "tr><tr>"
      "<td colspan=4>第二十条第（五）项</td></tr><tr><td>信息内容</td><td "
      "colspan=3>本年处理决定数量</td>"
      "</tr><tr><td>行政许可</td><td colspan=3>1,024</td></tr><tr><td "
      "colspan=4>第二十条第（六）项</td>"
      "</tr><tr><td>信息内容</td><td colspan=3>本年处理决定数量</td></tr><tr><td>行政处罚</td><td "
      "colspan=3>6</td></tr><tr><td>行政强制</td><td colspan=3>0</td></tr><tr><td "
      "colspan=4>第二十条第"
      "（八）项</td></tr><tr><td>信息内容</td><td "
      "colspan=3>本年收费金额（单位：万元）</td></tr><tr><td>行政"
      "事业性收费</td><td "
      "colspan=3>35.6</td></tr></table><p>三、收到和处理政府信息公开申请情况</p>");
  table3(p, b);
  zhi_buf_adds(
      b,
      "<p>四、因政府信息公开工作被申请行政复议、提起行政诉讼情况</p><table><tr><td "
      "colspan=5>行政复议</td>"
      "<td colspan=10>行政诉讼</td></tr><tr><td rowspan=2>结果维持</td><td "
      "rowspan=2>结果纠正</td><td "
      "rowspan=2>其他结果</td><td rowspan=2>尚未审结</td><td rowspan=2>总计</td><td "
      "colspan=5>未经复议直接"
      "起诉</td><td "
      "colspan=5>复议后起诉</td></tr><tr><td>结果维持</td><td>结果纠正</td><td>其他结果</td>"
      "<td>尚未审结</td><td>总计</td><td>结果维持</td><td>结果纠正</td><td>其他结果</"
      "td><td>尚未审结</td>"
      "<td>总计</td></tr><tr><td>1</td><td>0</td><td>0</td><td>0</td><td>1</td><td>0</td><td>2</td>"
      "<td>0</td><td>0</td><td>2</td><td>0</td><td>0</td><td>0</td><td>3</td><td>3</td></tr></"
      "table>");
}

void annual_body(const struct annual_page *p, struct zhi_buf *b) {
  zhi_buf_adds(b, "<p>一、总体情况</p><p>本局认真贯彻落实条例，扎实推进公开工作。</p>");
  tables(p, b);
  if (p->twice) {
    zhi_buf_adds(b, "<div style='display:none'>");
    tables(p, b);
    zhi_buf_adds(b, "</div>");
  }
  zhi_buf_adds(b, "<p>五、存在的主要问题及改进情况</p><p>六、其他需要报告的事项</p>");
}
