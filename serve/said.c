/* What the program says of a failure is English, for logs and programs. Chinese readers get its sentence in Chinese with
 * it: by the words that every such message has. What has no entry stands alone. */
#include "serve/html.h"

static const struct {
  const char *en, *zh;
} said[] = {
    {"was never captured", "存档中没有抓取过这个网址。"},
    {"no absolute URL", "网址不完整：须以 http:// 或 https:// 开头。"},
    {"is no absolute URL", "网址不完整：须以 http:// 或 https:// 开头。"},
    {"which URL?", "缺少网址：请在地址中给出 ?url=。"},
    {"it has no version", "没有这个版本。"},
    {"not a time", "时间无法识别：可写作 2018、2018-03-29 或 20180329080000。"},
    {"is a date:", "日期无法识别：可写作 2018、2018-03 或 2018-03-29。"},
    {"from is after to", "起始日期晚于结束日期。"},
    {"is a number from", "参数须是范围之内的数字。"},
    {"sort is", "没有这种排序方式。"},
    {"neither a crawl nor a time", "既不是某次爬取的名称，也不是时间。"},
    {"changes are being worked out", "正在为另一位读者计算变动，请稍后再试。"},
    {"there is no search index yet", "检索索引尚未建成，请稍后再试。"},
    {"what for?", "缺少检索词。"},
    {"too many words", "检索式无法理解：词太多。"},
    {"date: needs one",
     "检索式无法理解：date: 后面须有日期，例如 date:2018 或 date:2018-03..2020。"},
    {"too many fields", "检索式无法理解：字段太多。"},
    {"too many parentheses", "检索式无法理解：括号太多。"},
    {"a parenthesis is not closed", "检索式无法理解：有括号没有闭合。"},
    {"nothing to look for between the operators", "检索式无法理解：运算符之间没有检索词。"},
    {"there is no word in it", "检索式无法理解：其中没有检索词。"},
    {"narrows all of it", "检索式无法理解：字段筛选不能放在括号之内或 NOT 之后。"},
    {"nothing behind", "检索式无法理解：字段名之后没有内容。"},
    {"longer than", "检索式太长。"},
    {"a query", "检索式太长。"},
    {"no field", "没有这个字段。"},
    {"the address", "地址无法识别。"},
    {"the record of this capture cannot be read", "这次抓取的记录无法读取。"},
    {"cannot be compared", "内容太大，无法比较。"},
    {"out of memory", "内存不足。"},
};

void html_said(struct html *h, const char *message) {
  if (!message || !message[0])
    return;
  if (h->lang == SERVE_EN) {
    html(h, "<p>%s</p>", message);
    return;
  }
  for (size_t i = 0; i < sizeof said / sizeof *said; i++)
    if (strstr(message, said[i].en)) {
      html(h, "<p>%s</p>", said[i].zh);
      break;
    }
  html(h, "<p class=meta lang=en>%s</p>", message);
}
