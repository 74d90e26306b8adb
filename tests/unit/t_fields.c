/* Each way in which pages pair labels with values, as a small page of its own; and how candidates are settled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/extracted.h"

enum state { ABSENT, EMPTY, VALUE };

struct want {
  enum zhi_field field;
  enum state state;
  const char *value;
};

struct idiom {
  const char *name, *html;
  struct want want[6];
};

#define NO(f)                                                                                      \
  { ZHI_F_##f, ABSENT, NULL }
#define NIL(f)                                                                                     \
  { ZHI_F_##f, EMPTY, NULL }
#define IS(f, v)                                                                                   \
  { ZHI_F_##f, VALUE, v }

static const struct idiom idioms[] = {
    {"pairs of cells",
     "<table><tr><td>索引号：</td><td>A-1</td><td>发布机构：</td><td>甲局</td></tr><tr><td>文号：</"
     "td><td></td><td>有效性：</td><td>有效</td></tr></table>",
     {IS(INDEX_NO, "A-1"), IS(PUBLISHER, "甲局"), NIL(DOC_NO), IS(VALIDITY, "valid")}},
    {"header cells",
     "<table><tr><th>文号</th><td>甲政〔2019〕3号</td></tr><tr><th>索引号</th><td>B-2</td></tr></"
     "table>",
     {IS(DOC_NO, "甲政〔2019〕3号"), IS(INDEX_NO, "B-2")}},
    {"a colon in a cell of its own",
     "<table><tr><td>索引号</td><td>：</td><td>A-6</td></tr><tr><td>成文日期</td><td>：</"
     "td><td>2019-01-02</td></tr>"
     "<tr><td>文号</td><td>：</td><td></td></tr></table>",
     {IS(INDEX_NO, "A-6"), IS(DATE_WRITTEN, "2019-01-02"), NIL(DOC_NO)}},
    {"pairs without a gap between them",
     "<h1>关于某事的通知</h1><div>来源：甲日报作者：李四发布日期：2019-01-02浏览量：</div>",
     {IS(SOURCE, "甲日报"), IS(AUTHOR, "李四"), IS(DATE_PUBLISHED, "2019-01-02"), NIL(VIEWS)}},
    {"an empty label with the next one at once",
     "<h1>关于某事的通知</h1><div>发布日期：2019-01-02 作者：来源：甲日报</div>",
     {IS(DATE_PUBLISHED, "2019-01-02"), NIL(AUTHOR), IS(SOURCE, "甲日报")}},
    {"a word and a colon within a text are the text's",
     "<table><tr><td>索引号：</td><td>A-9</td><td>发布机构：</td><td>甲局</td></"
     "tr><tr><td>内容概述：</td>"
     "<td>举办比赛，比赛日期：2019-01-02。</td></tr></table>",
     {IS(INDEX_NO, "A-9"), IS(ABSTRACT, "举办比赛，比赛日期：2019-01-02。"), NO(DATE_PUBLISHED)}},
    {"dates in brackets behind their labels",
     "<table><tr><td>索引号：</td><td>A-3</td></tr><tr><td>成文日期：</td><td>[2019-01-02]</td></"
     "tr>"
     "<tr><td>发布日期：（2019-01-03）</td><td>文号：</td></tr></table>",
     {IS(DATE_WRITTEN, "2019-01-02"), IS(DATE_PUBLISHED, "2019-01-03"), NIL(DOC_NO)}},
    {"values loose behind a block with the label",
     "<div><div><div>索引号：</div>A-4</div><div><div>发布机构：</div>甲县<b>乙局</b></div>"
     "<div><div>文号：</div></div></div>",
     {IS(INDEX_NO, "A-4"), IS(PUBLISHER, "甲县乙局"), NIL(DOC_NO)}},
    {"a hidden label before a shown value",
     "<h1>关于某事的通知</h1><div>发布日期：2019-01-02 <span "
     "style='display:none'>来源：</span><span>甲局</span></div>",
     {IS(SOURCE, "甲局")}},
    {"small and vertical colons",
     "<ul><li>索引号﹕A-5</li><li>发布机构︰甲局</li><li>文号∶</li></ul>",
     {IS(INDEX_NO, "A-5"), IS(PUBLISHER, "甲局"), NIL(DOC_NO)}},
    {"a row of labels over values with a date",
     "<table><tr><th>索引号</th><th>成文日期</th><th>文号</th></tr><tr><td>B-7</td><td>2019-01-02</"
     "td>"
     "<td>甲政〔2019〕8号</td></tr></table>",
     {IS(INDEX_NO, "B-7"), IS(DATE_WRITTEN, "2019-01-02"), IS(DOC_NO, "甲政〔2019〕8号")}},
    {"cells that scripts write",
     "<table><tr><td>索引号：</td><td><script>document.write(\"C-8\")</script></td><td>发布机构：</"
     "td><td>"
     "<script>if(\"\"!=\"甲局\"){document.write(\"甲局\");}</script></td></tr><tr><td>文号：</"
     "td><td><script>"
     "document.write(\"\")</script></td></tr></table>",
     {IS(INDEX_NO, "C-8"), IS(PUBLISHER, "甲局"), NIL(DOC_NO)}},
    {"elements that scripts fill",
     "<ul><li><span>索引号：</span><span id=syh></span></li><li><span>发布机构：</span><b "
     "id=\"jg\"></b></li><li>"
     "<span>文号：</span><b "
     "id=wh></b></li></ul><script>$('#syh').html('D-9');document.getElementById(\"jg\")"
     ".innerHTML=\"乙局\";$(\"#wh2\").html(\"丁政〔2019〕6号\");</script>",
     {IS(INDEX_NO, "D-9"), IS(PUBLISHER, "乙局"), NIL(DOC_NO)}},
    {"label and value in one cell",
     "<table><tr><td>索引号: C-3</td><td>发布机构: 乙局</td></tr></table>",
     {IS(INDEX_NO, "C-3"), IS(PUBLISHER, "乙局")}},
    {"bold label in a cell",
     "<table><tr><td><strong>文　　号：</strong>乙政〔2019〕4号</td><td><b>索引号：</b></td><td></"
     "td></tr></table>",
     {IS(DOC_NO, "乙政〔2019〕4号"), NIL(INDEX_NO)}},
    {"definition list",
     "<dl><dt>索引号</dt><dd>D-4</dd><dt>发布机构</dt><dd>丙局</dd><dt>来源</dt><dd></dd></dl>",
     {IS(INDEX_NO, "D-4"), IS(PUBLISHER, "丙局"), NIL(SOURCE)}},
    {"list items with spans",
     "<ul><li><span>文号：</span>丙办〔2019〕5号</li><li><b>索引号</b><i>E-5</i></"
     "li><li><label>发布机构</label><em>丁局</em></li></ul>",
     {IS(DOC_NO, "丙办〔2019〕5号"), IS(INDEX_NO, "E-5"), IS(PUBLISHER, "丁局")}},
    {"sibling blocks",
     "<div><div class=l>文号：</div><div class=r>丁政〔2019〕6号</div></div><div><div "
     "class=l>索引号：</div><div class=r></div></div>",
     {IS(DOC_NO, "丁政〔2019〕6号"), NIL(INDEX_NO)}},
    {"inline run",
     "<h1>关于某事的通知</"
     "h1><p>发布日期：2019-07-20&nbsp;&nbsp;来源：甲镇&nbsp;&nbsp;浏览次数：<span "
     "id=hits></span></p>",
     {IS(DATE_PUBLISHED, "2019-07-20"), IS(SOURCE, "甲镇"), NIL(VIEWS)}},
    {"inline run with bars",
     "<div>来源：乙镇 | 发布时间：2019年7月21日 10:20 | 【字体：大 中 小】</div>",
     {IS(DATE_PUBLISHED, "2019-07-21T10:20"), IS(SOURCE, "乙镇")}},
    {"fonts in a row",
     "<p><font>发文日期：2019-07-22</font><font>文号：戊政〔2019〕7号</font></p>",
     {IS(DATE_WRITTEN, "2019-07-22"), IS(DOC_NO, "戊政〔2019〕7号")}},
    {"comments around a value",
     "<table><tr><td>索引号：</td><td><!--<$[X]>-->F-6<!--<$[X]>--></td><td>发布机构：</"
     "td><td>戊局</td></tr></table>",
     {IS(INDEX_NO, "F-6")}},
    {"a label commented out",
     "<table><tr><td>索引号：</td><td>G-7</td><!--<td>文号：</td><td>己政〔2019〕8号</"
     "td>--><td>发布机构：</td><td>己局</td></tr></table>",
     {IS(INDEX_NO, "G-7"), NO(DOC_NO)}},
    {"filler in a label",
     "<ul><li>文<span "
     "style='color:#fff'>xx</span>号：庚政〔2019〕9号</li><li>索引号：H-8</li></ul>",
     {IS(DOC_NO, "庚政〔2019〕9号")}},
    {"colon in its own element",
     "<ul><li><b>文号</b><i>：</i>辛政〔2019〕1号</li><li><b>索引号</b><i>：</i>I-9</li></ul>",
     {IS(DOC_NO, "辛政〔2019〕1号"), IS(INDEX_NO, "I-9")}},
    {"nested layout tables",
     "<table><tr><td><table><tr><td>索引号：</td><td>J-1</td></tr><tr><td>发布机构：</td><td>庚局</"
     "td></tr></table></td><td>别的东西</td></tr></table>",
     {IS(INDEX_NO, "J-1"), IS(PUBLISHER, "庚局")}},
    {"two copies of one block",
     "<div class=pc><p>索引号：K-2</p><p>发布机构：辛局</p></div><div class=mobile "
     "style='display:none'><p>索引号：K-2</p><p>发布机构：辛局</p></div>",
     {IS(INDEX_NO, "K-2"), IS(PUBLISHER, "辛局")}},
    {"unclosed cells",
     "<table><tr><td>索引号：<td>L-3<td>发布机构：<td>壬局<tr><td>文号：<td>壬政〔2019〕2号</"
     "table>",
     {IS(INDEX_NO, "L-3"), IS(PUBLISHER, "壬局"), IS(DOC_NO, "壬政〔2019〕2号")}},
    {"a row of labels over a row of values",
     "<table><thead><tr><td>索引号</td><td>发布日期</td><td>发布机构</td></tr></thead><tr><td>M-4</"
     "td><td></td><td>癸局</td></tr></table>",
     {IS(INDEX_NO, "M-4"), IS(PUBLISHER, "癸局"), NIL(DATE_PUBLISHED)}},
    {"lines without colons",
     "<div><p>索引号</p><p>N-5</p><p>发布机构</p><p>子局</p><p>文号</p><p>子政〔2019〕3号</p></"
     "div>",
     {IS(INDEX_NO, "N-5"), IS(PUBLISHER, "子局"), IS(DOC_NO, "子政〔2019〕3号")}},
    {"an empty paragraph for no value",
     "<ul><li>索引号： <p>O-6</p></li><li>发文机构： <p></p></li><li>文号： "
     "<p>丑政〔2019〕4号</p></li></ul>",
     {IS(INDEX_NO, "O-6"), NIL(ISSUER), IS(DOC_NO, "丑政〔2019〕4号")}},
    {"a hidden information table",
     "<div id=box "
     "style='display:none'><table><tr><td>索引号：</td><td>P-7</td></tr><tr><td>发布机构：</"
     "td><td>丑局</td></tr></table></div>",
     {IS(INDEX_NO, "P-7"), IS(PUBLISHER, "丑局")}},
    {"pairs of list items",
     "<ul><li class=l>索引号</li><li class=r>Q-8</li><li class=l>发布机构</li><li "
     "class=r>寅局</li><li class=l>服务对象</li><li class=r></li></ul>",
     {IS(INDEX_NO, "Q-8"), IS(PUBLISHER, "寅局"), NIL(AUDIENCE_CLASS)}},
    {"labels in brackets",
     "<p>【发布日期】2019-07-23 【来源】丙镇 【字体】</p>",
     {IS(DATE_PUBLISHED, "2019-07-23"), IS(SOURCE, "丙镇")}},
    {"labels that follow at once are empty",
     "<div>作者：  来源：  日期：2019-07-24  浏览次数：<span></span></div>",
     {NIL(AUTHOR), NIL(SOURCE), IS(DATE_PUBLISHED, "2019-07-24")}},
    {"a spanning cell with its label",
     "<table><tr><td>索引号：</td><td>R-1</td><td>发布机构：</td><td>卯局</td></tr><tr><td "
     "colspan=4>内容概述：关于若干事项</td></tr></table>",
     {IS(INDEX_NO, "R-1"), IS(ABSTRACT, "关于若干事项")}},
    {"labels in title attributes",
     "<table><tr><td title=\"索引号\">S-2</td><td title=\"文号\">卯政〔2019〕5号</td><td "
     "title=\"发布机构\"></td></tr></table>",
     {IS(INDEX_NO, "S-2"), IS(DOC_NO, "卯政〔2019〕5号"), NIL(PUBLISHER)}},
    {"labels in data attributes, which a style sheet shows",
     "<table><tr><td data-label='索引号：'>S-3</td><td data-label='文 号'>卯政〔2019〕7号</td><td "
     "data-label='发布机构'></td></tr></table>",
     {IS(INDEX_NO, "S-3"), IS(DOC_NO, "卯政〔2019〕7号"), NIL(PUBLISHER)}},
    {"labels and values in data attributes",
     "<ul><li data-name='索引号' data-value='S-4'></li><li data-name='发布机构' "
     "data-value='卯局'></li></ul>",
     {IS(INDEX_NO, "S-4"), IS(PUBLISHER, "卯局")}},
    {"a lone label in a data attribute", "<p><i data-name='来源单位'>辰报</i></p>", {NO(SOURCE)}},
    {"data attributes named as scripts name fields",
     "<h1>关于某事的通知</h1><div data-wh='辰政〔2019〕8号' data-fbrq='2019-07-25' "
     "data-syh='一号'></div>",
     {IS(DOC_NO, "辰政〔2019〕8号"), IS(DATE_PUBLISHED, "2019-07-25"), NO(INDEX_NO)}},
    {"forms that only show",
     "<table><tr><td>索引号：</td><td><input readonly value='S-5'></td><td>发布机构</td><td><input "
     "type=text disabled value='卯局'></td></tr><tr><td>文号：</td><td><input readonly></td>"
     "<td>内容概述：</td><td><textarea readonly>一段</textarea></td><td>关键词：</td><td><input "
     "value='请输入'></td></tr></table>",
     {IS(INDEX_NO, "S-5"), IS(PUBLISHER, "卯局"), NIL(DOC_NO), IS(ABSTRACT, "一段"),
      NIL(KEYWORDS)}},
    {"marks before labels and behind values",
     "<ul><li>·索引号：S-6；</li><li>■ 发布机构：卯局;</li><li>* 文号：</li></ul>",
     {IS(INDEX_NO, "S-6"), IS(PUBLISHER, "卯局"), NIL(DOC_NO)}},
    {"pairs of paragraphs",
     "<div><div><p>索引号：</p><p>S-7</p></div><div><p>发布机构：</p><p>卯局</p></div></div>"
     "<div id=zoom><p>来源：</p><p>一段正文。</p><p>二段正文。</p></div>",
     {IS(INDEX_NO, "S-7"), IS(PUBLISHER, "卯局"), NIL(SOURCE)}},
    {"an empty cell, then a row of something else",
     "<table><tr><td>索引号：</td><td>S-8</td></tr><tr><td>发布机构：</td><td></td></tr><tr><td "
     "colspan=2>一段话</td></tr></table>",
     {IS(INDEX_NO, "S-8"), NIL(PUBLISHER)}},
    {"a form a row",
     "<table><tr><td>索引号：</td><td><input readonly value='S-9'></td></tr><tr><td>发布机构：</td>"
     "<td><input readonly value='卯局'></td></tr></table>",
     {IS(INDEX_NO, "S-9"), IS(PUBLISHER, "卯局")}},
    {"a row of labels over values, without a table",
     "<div><div><span>索引号</span><span>发布机构</span><span>文号</span></div><div><span>S-10</"
     "span>"
     "<span>卯局</span><span></span></div></div>",
     {IS(INDEX_NO, "S-10"), IS(PUBLISHER, "卯局"), NIL(DOC_NO)}},
    {"two labels over their values",
     "<table><tr><td>索引号</td><td>发布机构</td></tr><tr><td>S-11</td><td>卯局</td></tr></table>",
     {IS(INDEX_NO, "S-11"), IS(PUBLISHER, "卯局")}},
    {"tabs over panes",
     "<ul><li>主题分类</li><li>体裁分类</li><li>组配分类</li></ul><ul><li><a "
     "href=/1>财政</a></li><li><a href=/2>通知</a></li><li><a href=/3>其他</a></li></ul>",
     {NIL(TOPIC_CLASS)}},
    {"a lone title attribute", "<p><span title=\"来源单位\">辰报</span></p>", {NO(SOURCE)}},
    {"hidden inputs whose values have the form",
     "<input type=hidden id=wh value='辰政〔2019〕6号'><input type=hidden name=syh "
     "value='000099349/2019-00110'><input type=hidden name=fbrq value=昨天>",
     {IS(DOC_NO, "辰政〔2019〕6号"), IS(INDEX_NO, "000099349/2019-00110"), NO(DATE_PUBLISHED)}},
    {"script variables whose values have the form",
     "<script>var pubdate = \"2019-07-25 10:20\"; var wh='关于事项'; if (syh==\"x\") "
     "f();</script>",
     {IS(DATE_PUBLISHED, "2019-07-25T10:20"), NO(DOC_NO), NO(INDEX_NO)}},
    {"elements that scripts fill by id",
     "<ul><li>文号：<span id=wh></span></li><li>索引号：<span id=syh></span></li><li>来源：<span "
     "id=ly></span></li></ul><script>$(\"#wh\").html(\"巳政〔2019〕7号\");"
     "document.getElementById('syh').innerHTML = 'T-3';</script>",
     {IS(DOC_NO, "巳政〔2019〕7号"), IS(INDEX_NO, "T-3"), NIL(SOURCE)}},
    {"a guard around what a script writes",
     "<div>发布时间：2019-07-26 来源：<script>if(\"\"!=\"\"){document.write(\"误\")}"
     "if(\"午报\"!=\"\"){document.write(\"午报\")}</script></div><div>后文若干</div>",
     {IS(SOURCE, "午报")}},
    {"a variable that a script writes",
     "<div>发布时间：2019-07-26 来源：<script>var s=\"未报\";if(s){document.write(s)}else{"
     "document.write(\"误\")}</script></div><div>后文若干</div>",
     {IS(SOURCE, "未报")}},
    {"hits that a script counts",
     "<div>发布时间：2019-07-27 点击数：<script>_showDynClicks(\"wbnews\",1,2)</script></div>"
     "<div>第12期</div>",
     {IS(DATE_PUBLISHED, "2019-07-27"), NIL(VIEWS)}},
    {"a record in the page's script",
     "<script>window._CONFIG={SID:1,DETAIL:{\"identifier\":\"U-4\",\"document_number\":"
     "\"申政〔2019〕8号\",\"publisher\":\"申局\",\"first_publish_time\":1562285350,"
     "\"abstract\":\"<b>概述</b>\"}}</script>",
     {IS(INDEX_NO, "U-4"), IS(DOC_NO, "申政〔2019〕8号"), IS(PUBLISHER, "申局"),
      IS(DATE_PUBLISHED, "2019-07-05T08:09:10"), IS(ABSTRACT, "概述")}},
    {"elements of a system's own",
     "<ucaptitle>关于某事项的通知</ucaptitle><publishtime>2019-07-28 10:00</publishtime>",
     {IS(TITLE, "关于某事项的通知"), IS(DATE_PUBLISHED, "2019-07-28T10:00")}},
    {"markup of a word processor",
     "<table><tr><td><o:p><b style='mso-x:1'>索 引 号：</b></o:p></td><td><st1:chsdate>V-5</"
     "st1:chsdate></br></td><td>发布机构：</td><td>酉局<o:p></o:p></td></tr></table>",
     {IS(INDEX_NO, "V-5"), IS(PUBLISHER, "酉局")}},
    {"a red head, dated at its end",
     "<h1>关于某事项的通知</h1><div id=zoom><p "
     "align=center>戌政办〔2019〕9号</p><p>各乡镇人民政府："
     "</p><p>现将有关事项通知如下，请认真遵照执行，切实抓好落实。</p><p "
     "align=right>戌县人民政府</p><p "
     "align=right>二〇一九年七月二十九日</p></div>",
     {IS(DOC_NO, "戌政办〔2019〕9号"), IS(DATE_WRITTEN, "2019-07-29")}},
    {"a value with a colon",
     "<table><tr><td>名称：</td><td>关于开展“安全:第一”的通知</td></tr><tr><td>索引号：</"
     "td><td>R-9</td></tr><tr><td>文号：</td><td>-</td></tr></table>",
     {IS(INDEX_NO, "R-9"), NIL(DOC_NO)}},
    {"a date without a label",
     "<h1>关于另一件事的通知</h1><div>2019-07-25 10:20 来源：丁镇 浏览次数：12</div>",
     {IS(DATE_PUBLISHED, "2019-07-25T10:20"), IS(SOURCE, "丁镇"), IS(VIEWS, "12")}},
    {"a date glued to the next label",
     "<div>发布时间：2019-07-26来源：戊镇</div>",
     {IS(DATE_PUBLISHED, "2019-07-26"), IS(SOURCE, "戊镇")}},
};

static void a_list_has_no_fields_of_its_items(void **state) {
  (void)state;
  const struct zhi_doc *d =
      extracted("<ul><li><a href=1.html>关于甲事项的通知一</a><span>2019-01-01</span></li><li><a "
                "href=2.html>关于乙事项的通知二</a>"
                "<span>2019-01-02</span></li><li><a "
                "href=3.html>关于丙事项的通知三</a><span>2019-01-03</span></li></"
                "ul><div>来源：甲局 共3页</div>",
                "http://www.example.gov.cn/zwgk/tz/");
  assert_int_equal(d->kind, ZHI_KIND_LIST);
  assert_field_absent(d, ZHI_F_DATE_PUBLISHED);
  assert_field_absent(d, ZHI_F_SOURCE);
}

static void values_that_scripts_write(void **state) {
  (void)state;
  const struct zhi_doc *d = extracted(
      "<h1>关于某事的通知</h1><div>发布时间：2019-01-02 "
      "来源：<script>document.write(\"甲报\");</script> 作者：<script>var a = 1;</script></div>",
      NULL);
  assert_field(d, ZHI_F_SOURCE, "甲报");
  assert_string_equal(d->fields[ZHI_F_SOURCE].source, "script");
  assert_field_empty(d, ZHI_F_AUTHOR);
}

static void every_idiom(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof idioms / sizeof *idioms; i++) {
    const struct zhi_doc *d = extracted(idioms[i].html, "http://www.example.gov.cn/zwgk/77.html");
    for (size_t k = 0; k < 6; k++) {
      const struct want *w = &idioms[i].want[k];
      if (w->state == ABSENT && !w->value && w->field == 0)
        break;
      const struct zhi_field_value *v = &d->fields[w->field];
      bool ok = w->state == ABSENT ? v->state == ZHI_FIELD_ABSENT
                : w->state == EMPTY
                    ? v->state == ZHI_FIELD_EMPTY
                    : v->state == ZHI_FIELD_PRESENT && zhi_str_is(v->value, w->value);
      if (!ok)
        fail_msg("%s: %s is '%.*s' (state %d), want %s", idioms[i].name,
                 zhi_field_table[w->field].name, ZHI_STR_ARGS(v->value), v->state,
                 w->value            ? w->value
                 : w->state == EMPTY ? "empty"
                                     : "absent");
    }
  }
}

static void weak_labels_need_company(void **state) {
  (void)state;
  const struct zhi_doc *d =
      extracted("<table><tr><td>名称</td><td>时间</td><td>来源</td></tr><tr><td>水泵</"
                "td><td>2019-01-02</td><td>某厂</td></tr></table>",
                "http://www.example.gov.cn/zwgk/77.html");
  assert_field_absent(d, ZHI_F_SOURCE);
  assert_field_absent(d, ZHI_F_DATE_PUBLISHED);
  assert_field_absent(d, ZHI_F_TITLE);
}

static void labels_in_sentences_do_not_count(void **state) {
  (void)state;
  const struct zhi_doc *d = extracted(
      "<div "
      "id=zoom><p>"
      "公开目录的编排体系包括：索引号、名称、内容概述、生成日期等。其中索引号：是每条信息的编号，由"
      "若干位数字组成，便于公民查询，详见下列说明。</p>"
      "<p>现将有关事项通知如下，请遵照执行。文号甲政〔2001〕1号的文件同时废止。</p></div>",
      "http://www.example.gov.cn/zwgk/77.html");
  assert_field_absent(d, ZHI_F_INDEX_NO);
  assert_field_absent(d, ZHI_F_DOC_NO);
}

static void official_tags_in_wild_shapes(void **state) {
  (void)state;
  const struct zhi_doc *d = extracted(
      "<head><meta content='甲县人民政府' name=SiteName><META NAME=\"SITEIDCODE\" "
      "CONTENT=\"4199990001\"><meta name='ColumnName' content=''>"
      "<meta name=ColumnName content=通知公告><meta name=pubdate content='2019-07-05  10∶08'><meta "
      "name=ContentSource content=null>"
      "<meta name=ArticleTitle content='关于&lt;br&gt;某事的通知'></head><body><p>正文</p></body>",
      NULL);
  assert_field(d, ZHI_F_SITE_NAME, "甲县人民政府");
  assert_field(d, ZHI_F_SITE_ID_CODE, "4199990001");
  assert_field(d, ZHI_F_COLUMN_NAME, "通知公告");
  assert_field(d, ZHI_F_DATE_PUBLISHED, "2019-07-05T10:08");
  assert_field(d, ZHI_F_TITLE, "关于某事的通知");
  assert_field_absent(d, ZHI_F_SOURCE);
}

static void what_is_shown_wins_over_tags(void **state) {
  (void)state;
  const struct zhi_doc *d =
      extracted("<head><meta name=PubDate content='2023-05-12'><meta name=ContentSource "
                "content='网站管理员'></head>"
                "<body><h1>关于某事的通知</h1><div>发布时间：2009-09-30　来源：甲报</div></body>",
                NULL);
  assert_field(d, ZHI_F_DATE_PUBLISHED, "2009-09-30");
  assert_field(d, ZHI_F_SOURCE, "甲报");
  bool told = false;
  for (size_t i = 0; i < d->finding_count; i++)
    told = told || strcmp(d->findings[i].code, "field_conflict") == 0;
  assert_true(told);
}

static void a_tag_fills_an_empty_label(void **state) {
  (void)state;
  const struct zhi_doc *d = extracted("<head><meta name=ContentSource "
                                      "content='乙局'></head><body><h1>关于某事的通知</"
                                      "h1><div>发布时间：2009-09-30　来源：</div></body>",
                                      NULL);
  assert_field(d, ZHI_F_SOURCE, "乙局");
}

static void agreement_raises_confidence(void **state) {
  (void)state;
  const char *shown =
      "<body><h1>关于某事的通知</h1><div>发布时间：2009-09-30　来源：甲报</div></body>";
  float alone = extracted(shown, "http://x.gov.cn/1.html")->fields[ZHI_F_DATE_PUBLISHED].confidence;
  char both[512] = "<meta name=PubDate content='2009-09-30 08:00'>";
  strncat(both, shown, sizeof both - strlen(both) - 1);
  assert_true(extracted(both, "http://x.gov.cn/1.html")->fields[ZHI_F_DATE_PUBLISHED].confidence >
              alone);
}

static void the_number_of_a_red_head(void **state) {
  (void)state;
  const struct zhi_doc *d =
      extracted("<title>关于某事的通知</title><h1>关于某事的通知</h1><div id=zoom><p "
                "align=center>甲政办〔2019〕11号</p><p>各乡镇人民政府：</p>"
                "<p>根据乙政〔2018〕2号文件，现就有关事项通知如下，请认真贯彻执行。</p></div>",
                NULL);
  assert_field(d, ZHI_F_DOC_NO, "甲政办〔2019〕11号");
}

static void cited_numbers_are_not_the_documents(void **state) {
  (void)state;
  const struct zhi_doc *d = extracted("<h1>关于某事的通知</h1><div "
                                      "id=zoom><p>"
                                      "根据《关于别事的通知》（乙政〔2018〕2号）文件，现就有关事项"
                                      "通知如下，请认真贯彻执行。</p></div>",
                                      NULL);
  assert_field_absent(d, ZHI_F_DOC_NO);
}

static void dates_that_a_cms_fills_in_are_suspect(void **state) {
  (void)state;
  const struct zhi_doc *d = extracted(
      "<table><tr><td>索引号：</td><td>A-1</td><td>发布日期：</td><td>2019-07-05</td></"
      "tr><tr><td>生效日期：</td><td>2019-07-05</td><td>文号：</td><td></td></tr></table>",
      NULL);
  assert_true(d->fields[ZHI_F_DATE_EFFECTIVE].suspect);
  assert_false(d->fields[ZHI_F_DATE_PUBLISHED].suspect);
}

static void dates_after_the_capture_are_suspect(void **state) {
  (void)state;
  struct zhi_extractor *x = NULL;
  const struct zhi_doc *d = NULL;
  struct zhi_page page = {
      .url = ZHI_STR("http://www.example.gov.cn/a.html"),
      .body =
          ZHI_STR("<meta charset=utf-8><table><tr><td>索引号：</td><td>A-1</td><td>发布日期：</td>"
                  "<td>2025-01-03</td></tr><tr><td>成文日期：</td><td>2025-01-02</td>"
                  "<td>生效日期：</td><td>2025-06-01</td></tr></table>"),
      .fetched_ms = 1735689600000 /* 2025-01-01 */};
  assert_int_equal(zhi_extractor_new(&x, NULL), ZHI_OK);
  assert_int_equal(zhi_extract(x, &page, &d, NULL), ZHI_OK);
  assert_true(d->fields[ZHI_F_DATE_PUBLISHED].suspect);
  assert_false(d->fields[ZHI_F_DATE_WRITTEN].suspect);
  assert_false(d->fields[ZHI_F_DATE_EFFECTIVE].suspect);
  page.fetched_ms = 0;
  assert_int_equal(zhi_extract(x, &page, &d, NULL), ZHI_OK);
  assert_false(d->fields[ZHI_F_DATE_PUBLISHED].suspect);
  zhi_extractor_free(x);
}

static void site_codes_from_the_footer(void **state) {
  (void)state;
  assert_field(
      extracted(
          "<p>正文</p><div>主办：甲县 网站标识码：4199990001 甲公网安备 41000002000001号</div>",
          NULL),
      ZHI_F_SITE_ID_CODE, "4199990001");
  assert_field(
      extracted(
          "<p>正文</p><a "
          "href='http://zfwzgl.www.gov.cn/exposure/jiucuo.html?site_code=4199990002&url='>找错</a>",
          NULL),
      ZHI_F_SITE_ID_CODE, "4199990002");
}

static void columns_from_the_trail(void **state) {
  (void)state;
  assert_field(extracted("<div>您现在的位置：<a href=/>首页</a> &gt; <a href=/zwgk/>政务公开</a> "
                         "&gt; <a href=/zwgk/tz/>通知公告</a> &gt; 正文</div><p>正文</p>",
                         NULL),
               ZHI_F_COLUMN_NAME, "通知公告");
}

static int release(void **state) {
  (void)state;
  extracted_release();
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_idiom),
      cmocka_unit_test(a_list_has_no_fields_of_its_items),
      cmocka_unit_test(values_that_scripts_write),
      cmocka_unit_test(weak_labels_need_company),
      cmocka_unit_test(labels_in_sentences_do_not_count),
      cmocka_unit_test(official_tags_in_wild_shapes),
      cmocka_unit_test(what_is_shown_wins_over_tags),
      cmocka_unit_test(a_tag_fills_an_empty_label),
      cmocka_unit_test(agreement_raises_confidence),
      cmocka_unit_test(the_number_of_a_red_head),
      cmocka_unit_test(cited_numbers_are_not_the_documents),
      cmocka_unit_test(dates_that_a_cms_fills_in_are_suspect),
      cmocka_unit_test(dates_after_the_capture_are_suspect),
      cmocka_unit_test(site_codes_from_the_footer),
      cmocka_unit_test(columns_from_the_trail),
  };
  return cmocka_run_group_tests(tests, NULL, release);
}
