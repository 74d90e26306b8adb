/* List adapters: pages and answers in the shapes of each family, and what is asked for next. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "extract/adapters/families.h"
#include "tests/support/extracted.h"

#define H "http://www.example.gov.cn"
#define ROW(n)                                                                                     \
  "<li><a href='/doc/" n ".html' title='关于某年某项工作有关事项的通知之" n                        \
  "'>关于某年某项工作有关…</a><span>2019-01-0" n "</span></li>"
#define ROWS  "<ul class=list>" ROW("1") ROW("2") ROW("3") "</ul>"
#define EMPTY "<ul id=list></ul>"
#define HEX32 "0123456789abcdef0123456789abcdef"

/* What a page asks for, each as the URL that the index has it under; `want` lines in order, "…" for the rest. */
struct page {
  const char *name, *url, *html, *adapter;
  int pages, total;
  const char *want;
};

static const struct page pages[] = {
    {"gkmlpt: every leaf of the tree", H "/gkmlpt/index",
     "<script>window._CONFIG = {SID: '755001', TREE: [{\"id\": 10, \"name\": \"甲\", \"children\": "
     "[{\"id\": 11, "
     "\"name\": \"乙\"}]}]};</script>",
     "gkmlpt", 0, 0, H "/gkmlpt/api/all/11?page=1&sid=755001\n"},
    {"JPAAS: totals in the unit's attributes", H "/col/tz/index.html",
     "<div id=u1 "
     "queryData=\"{'webId':'7','pageId':'9','parseType':'bulidstatic','pageType':'column','tagId':'"
     "列表'}\" "
     "unitUrl='/api-gateway/jpaas-publish-server/front/page/build/unit' pageNo=1 rows=3 "
     "count=8>" ROWS "</div>",
     "jpaas", 3, 8,
     H "/api-gateway/jpaas-publish-server/front/page/build/"
       "unit?webId=7&pageId=9&parseType=bulidstatic&pageType=column&"
       "tagId=%E5%88%97%E8%A1%A8&paramJson=%7B%22pageNo%22%3A2%2C%22pageSize%22%3A%223%22%7D\n" H
       "/api-gateway/jpaas-publish-server/front/page/build/"
       "unit?webId=7&pageId=9&parseType=bulidstatic&pageType=column&"
       "tagId=%E5%88%97%E8%A1%A8&paramJson=%7B%22pageNo%22%3A3%2C%22pageSize%22%3A%223%22%7D\n"},
    {"Hanweb: the next group by its link", H "/col/col7/index.html",
     "<script type='text/xml'><datastore><nextgroup><![CDATA[<a "
     "href=\"/module/web/jpage/dataproxy.jsp?page=1&columnid=7\"></a>]]></nextgroup>"
     "<totalrecord>8</totalrecord><totalpage>3</totalpage><record><![CDATA[" ROW(
         "1") "]]></record><record><![CDATA[" ROW("2") "]]></record><record><![CDATA[" ROW("3") "]]"
                                                                                                "><"
                                                                                                "/r"
                                                                                                "ec"
                                                                                                "or"
                                                                                                "d>"
                                                                                                "</"
                                                                                                "da"
                                                                                                "ta"
                                                                                                "st"
                                                                                                "or"
                                                                                                "e>"
                                                                                                "</"
                                                                                                "sc"
                                                                                                "ri"
                                                                                                "pt"
                                                                                                "><"
                                                                                                "sc"
                                                                                                "ri"
                                                                                                "pt"
                                                                                                ">j"
                                                                                                "({"
                                                                                                "pe"
                                                                                                "rP"
                                                                                                "ag"
                                                                                                "e:"
                                                                                                "3}"
                                                                                                ")<"
                                                                                                "/s"
                                                                                                "cr"
                                                                                                "ip"
                                                                                                "t"
                                                                                                ">",
     "hanweb", 3, 8,
     H "/module/web/jpage/dataproxy.jsp?page=1&columnid=7\n" H "/module/web/jpage/"
       "dataproxy.jsp?startrecord=4&endrecord=8&perpage=3&col=&appid=&webid=&path=&columnid=7&"
       "sourceContentType=&"
       "unitid=&webname=&permissiontype=\n"},
    {"Hanweb: a disclosure list by POST", H "/col/col9/index.html",
     "<div id=list></div><script>$.ajax({type:'post', url:'/module/xxgk/search.jsp', "
     "data:{infotypeId:'A01', jdid:1, area:'', "
     "divid:'div9', currpage: 1, sortfield:'compaltedate:0'}});</script>",
     "hanweb", 0, 0,
     H "/module/xxgk/search.jsp?__wb_method=POST&infotypeId=A01&jdid=1&area=&divid=div9&currpage=1&"
       "sortfield=compaltedate:0\n"},
    {"UCAP: TRS's pager", H "/c100186/list.shtml",
     ROWS
     "<meta name=channelid><script>createPageHTML('page_div',3, 1,'list','shtml',41);</script>",
     "trs", 3, 41,
     H "/c100186/list.shtml\n" H "/c100186/list_2.shtml\n" H "/c100186/list_3.shtml\n"},
    {"UCAP: rows as JSON", H "/c100186/zfxxgk_list.shtml",
     EMPTY "<script>var url = '/common/search/" HEX32
           "?_isAgg=true&_isJson=true&_pageSize=15&_template=index&page=' + page;</script>",
     "ucap", 0, 0,
     H "/common/search/" HEX32 "?_isAgg=true&_isJson=true&_pageSize=15&_template=index&page=1\n"},
    {"Lonsun: a label's fragment, by the call",
     H "/public/column/6600?type=4&action=list&nav=3&catId=88",
     "<div id=l></div><script>$.get('/site/label/8888', {labelName:'publicInfoList', siteId: 12, "
     "pageSize: 15, pageIndex: 1, "
     "organId: 6600, catId: 88, type: 4, file: '/x/list'}, fill);</script>",
     "lonsun", 0, 0,
     H "/site/label/"
       "8888?labelName=publicInfoList&siteId=12&pageSize=15&pageIndex=1&organId=6600&catId=88&type="
       "4&file=%2Fx"
       "%2Flist\n"},
    {"Lonsun: by the address alone", H "/public/column/6600?type=4&action=list&nav=3&catId=88",
     ROWS "共3页<script>var siteId = '12';</script>", "lonsun", 3, 0,
     H "/site/label/"
       "8888?labelName=publicInfoList&siteId=12&pageSize=20&organId=6600&catId=88&type=4&file=&"
       "pageIndex=2\n" H "/site/label/"
       "8888?labelName=publicInfoList&siteId=12&pageSize=20&organId=6600&catId="
       "88&type=4&file=&pageIndex=3\n"},
    {"Epoint: rows by POST", H "/govxxgk/11411481MB0000000X/001002/list.html",
     EMPTY "<script>var siteInfo = {projectName: '/EpointWebBuilder', siteGuid: 'g-1'};</script>",
     "epoint", 0, 0,
     H "/EpointWebBuilder/rest/lightfrontaction/"
       "getgovinfolist?__wb_method=POST&deptcode=11411481MB0000000X&"
       "categorynum=001002&siteGuid=g-1&pageSize=20&pageIndex=0\n"},
    {"Epoint: the call in the page", H "/govxxgk/list.html",
     EMPTY "<script>var deptcode='D1', pageNo = 0; "
           "$.post('/p/rest/lightfrontaction/getgovinfolist', {deptcode: deptcode, categorynum: "
           "'001', siteGuid: 'g-1', pageIndex: pageNo, pageSize: 10});</script>",
     "epoint", 0, 0,
     H "/p/rest/lightfrontaction/"
       "getgovinfolist?__wb_method=POST&deptcode=D1&categorynum=001&siteGuid=g-1&pageIndex=0&"
       "pageSize=10\n"},
    {"Epoint: an empty variable", H "/govxxgk/list.html",
     EMPTY "<script>var deptcode='', pageNo = 0; "
           "$.post('/p/rest/lightfrontaction/getgovinfolist', {deptcode: deptcode, categorynum: "
           "'001', siteGuid: 'g-1', pageIndex: pageNo, pageSize: 10});</script>",
     "epoint", 0, 0,
     H "/p/rest/lightfrontaction/"
       "getgovinfolist?__wb_method=POST&deptcode=&categorynum=001&siteGuid=g-1&pageIndex=0&"
       "pageSize=10\n"},
    {"Henan: fragments by offset", H "/viewCmsCac.do?cacId=" HEX32 "&offset=0",
     ROWS "共3页<script>function turn(o){ajaxdiv('getHtmlInDivNormal.do?ajaxform', o)}</script>",
     "henan", 3, 0,
     H "/getHtmlInDivNormal.do?ajaxform&__wb_method=POST&divId=div1&requestUrl=viewCmsCac.do&"
       "cacId=" HEX32 "&offset=20\n" H "/getHtmlInDivNormal.do?ajaxform&__wb_method=POST&divId="
       "div1&requestUrl=viewCmsCac.do&cacId=" HEX32 "&offset=40\n"},
    {"Henan: links by offset", H "/viewCmsCac.do?cacId=" HEX32,
     ROWS "共3页 <a href='?cacId=" HEX32 "&amp;offset=20'>2</a> <a href='?cacId=" HEX32
          "&amp;offset=40'>3</a>",
     "henan", 3, 0,
     H "/viewCmsCac.do?cacId=" HEX32 "\n" H "/viewCmsCac.do?cacId=" HEX32 "&offset=20\n" H
       "/viewCmsCac.do?cacId=" HEX32 "&offset=40\n"},
    {"SiteServer: pages in a select", H "/channels/1751.html",
     ROWS "共 <strong>3</strong>页<strong>8</strong>条 <select onchange='go(this.value)'><option "
          "value=/channels/1751.html selected>第1页</option><option value=/channels/"
          "1751_2.html>第2页</option><option value=/channels/1751_3.html>第3页</option></select>",
     "siteserver", 3, 8,
     H "/channels/1751.html\n" H "/channels/1751_2.html\n" H "/channels/1751_3.html\n"},
    {"laypage: records beside pages", H "/news/list/7",
     ROWS "<script>laypage({cont:'p',pages:3,curr:1,count:8,jump:function(o){location.href='?page="
          "'+o.curr;}});</script>",
     "generic", 3, 8, H "/news/list/7\n" H "/news/list/7?page=2\n" H "/news/list/7?page=3\n"},
    {"SiteServer: pages told, not linked", H "/channels/1751.html", ROWS "第1/3页", "siteserver", 3,
     0, H "/channels/1751_2.html\n" H "/channels/1751_3.html\n"},
    {"Empire CMS", H "/zwgk/", ROWS "共 3 页 <a title='Total record'><b>41</b></a>", "empire", 3,
     41, H "/zwgk/index_2.html\n" H "/zwgk/index_3.html\n"},
    {"JEECMS", H "/zwgk/index.jhtml", ROWS "共41条 1/3页", "jeecms", 3, 41,
     H "/zwgk/index_2.jhtml\n" H "/zwgk/index_3.jhtml\n"},
    {"iList", H "/info/iList.jsp?node_id=GK1&cat_id=7", ROWS "共3页", "ilist", 3, 0,
     H "/info/iList.jsp?node_id=GK1&cat_id=7&cur_page=2\n" H
       "/info/iList.jsp?node_id=GK1&cat_id=7&cur_page=3\n"},
    {"VSB: pages told, not linked", H "/zwgk/tzgg.htm", ROWS "共3页<a href='info/1/2.htm'>x</a>",
     "vsb", 3, 0, H "/zwgk/tzgg/2.htm\n" H "/zwgk/tzgg/1.htm\n"},
    {"VSB: the dynamic list", H "/list.jsp?urltype=tree.TreeTempUrl&wbtreeid=1001",
     ROWS "共3页<a "
          "href='list.jsp?a2t=3&amp;a2p=2&amp;urltype=tree.TreeTempUrl&amp;wbtreeid=1001'>2</a> <a "
          "href='list.jsp?a2t=3&amp;a2p=3&amp;urltype=tree.TreeTempUrl&amp;wbtreeid=1001'>3</a>",
     "generic", 3, 0,
     H "/list.jsp?urltype=tree.TreeTempUrl&wbtreeid=1001\n" H
       "/list.jsp?a2t=3&a2p=2&urltype=tree.TreeTempUrl&wbtreeid=1001\n" H
       "/list.jsp?a2t=3&a2p=3&urltype=tree.TreeTempUrl&wbtreeid=1001\n"},
    {"ASP.NET: one page after the other", H "/list.aspx?id=1",
     "<form action='list.aspx?id=1'><input type=hidden name=__VIEWSTATE value='a+b='>" ROWS
     "共3页 <a href=\"javascript:__doPostBack('AspNetPager1','2')\">2</a> <a "
     "href=\"javascript:__doPostBack('AspNetPager1','3')\">3</a></form>",
     "aspnet", 3, 0,
     H "/list.aspx?id=1&__wb_method=POST&__EVENTTARGET=AspNetPager1&__EVENTARGUMENT=2&__VIEWSTATE="
       "a+b=\n"},
    {"truecms: JSONP", H "/xxgk/list.html",
     EMPTY "<script>$.getJSON('/messageController/getMessage.do?callback=cb', {startrecord: 0, "
           "endrecord: 20, perpage: 20, columnId: "
           "'c1'});</script>",
     "truecms", 0, 0,
     H "/messageController/"
       "getMessage.do?callback=cb&startrecord=0&endrecord=20&perpage=20&columnId=c1\n"},
    {"intertid", H "/zfxxgk/",
     EMPTY "<script>var i = 1; $.ajax({url: '/intertidwebapp/govChanInfo/getDocuments', data: "
           "{Index: i, pageSize: 20, siteId: 3, "
           "ChannelType: 1, chanId: 55}});</script>",
     "intertid", 0, 0,
     H "/intertidwebapp/govChanInfo/"
       "getDocuments?Index=1&pageSize=20&siteId=3&ChannelType=1&chanId=55\n"},
    {"a script of nobody's family", H "/zwgk/list.html",
     EMPTY "<script>var q = {channelId: '8', pageNo: 1, pageSize: 10}; $.ajax({url: "
           "'/api/article/list', type: 'POST', contentType: "
           "'application/json', data: JSON.stringify(q)});</script>",
     "ajax", 0, 0, H "/api/article/list?__wb_method=POST&channelId=8&pageNo=1&pageSize=10\n"},
    {"Hanweb: a disclosure list by its form", H "/col/col9/index.html",
     EMPTY "<form method=post action='/module/xxgk/search.jsp'><input type=hidden name=infotypeId "
           "value=A1><input type=hidden "
           "name=currpage value=1></form>",
     "hanweb", 0, 0, H "/module/xxgk/search.jsp?__wb_method=POST&infotypeId=A1&currpage=1\n"},
    {"Henan: fragments by a handler", H "/viewCmsCac.do?cacId=" HEX32,
     ROWS
     "第1/3页 <a href='javascript:void(0)' "
     "onclick=\"getHtmlInDivNormal('d1','/viewCmsCac.do','cacId=7&amp;offset=20')\">下一页</a>",
     "henan", 3, 0,
     H "/getHtmlInDivNormal.do?ajaxform&__wb_method=POST&divId=d1&requestUrl=/"
       "viewCmsCac.do&cacId=7&offset=20\n" H
       "/getHtmlInDivNormal.do?ajaxform&__wb_method=POST&divId=d1&requestUrl=/"
       "viewCmsCac.do&cacId=7&offset=40\n"},
    {"a function that turns pages by records", H "/list.do?id=7",
     ROWS
     "第1/3页<script>function toPage(n){location.href='/list.do?id=7&offset='+(n-1)*20;}</script>",
     "generic", 3, 0,
     H "/list.do?id=7\n" H "/list.do?id=7&offset=20\n" H "/list.do?id=7&offset=40\n"},
    {"a function that opens documents turns no pages", H "/list.do?id=7",
     ROWS "第1/3页<script>function show(id){location.href='/doc/'+id+'.html';}</script>", "generic",
     3, 0, H "/list.do?id=7&page=2\n"},
    {"a form with a hidden page", H "/list.jsp",
     ROWS "共3页<form name=pageForm action=list.jsp><input type=hidden name=kind value=5><input "
          "type=hidden name=pageNo value=1></form>",
     "form", 3, 0, H "/list.jsp?kind=5&pageNo=2\n" H "/list.jsp?kind=5&pageNo=3\n"},
    {"a function called from links without an address", H "/2401/0000/subIndex-1.html",
     ROWS "共 2 页 <a href='#' onclick='jump(1)'>下一页</a><script>function "
          "jump(n){window.location='subIndex-'+(n+1)+'.html';}</script>",
     "generic", 2, 0, H "/2401/0000/subIndex-1.html\n" H "/2401/0000/subIndex-2.html\n"},
    {"the number in page 1's name", H "/htmls/zcwj/list-1.html",
     ROWS "<script>var totalPage=3,pageNo=1;</script>", "generic", 3, 0,
     H "/htmls/zcwj/list-2.html\n"},
    {"Kaifeng", H "/c00474/pc/list.html",
     ROWS "<script>$('#p').pagination({totalCount:27,pageSize:10,pageCount:3});</script>",
     "kaifeng", 3, 27, H "/c00474/pc/list_2.html\n" H "/c00474/pc/list_3.html\n"},
    {"the last page of an archive that counts down", H "/system/c1_1.shtml", ROWS "共27条 3/3",
     "generic", 3, 27, H "/system/c1_1.shtml\n"},
    {"one page is no guess", H "/zwgk/tz/", ROWS "共3条 第1/1页", "generic", 1, 3, ""},
    {"the last page is one itself", H "/zwgk/tz/p3.html", ROWS "当前第 3 / 3 页", "generic", 3, 0,
     H "/zwgk/tz/p3.html\n"},
    {"pages told and nothing else: guesses", H "/zwgk/tz/", ROWS "共3页", "generic", 3, 0,
     H "/zwgk/tz/index_1.html\n" H "/zwgk/tz/index_2.html\n"},
    {"Zhoukou: a number without a mark", H "/x/page_pc/list1.html",
     ROWS "共3页 <a href=list2.html>下一页</a>", "generic", 3, 0,
     H "/x/page_pc/list1.html\n" H "/x/page_pc/list2.html\n" H "/x/page_pc/list3.html\n"},
    {"WAS: a search as the column's pages", H "/was5/web/search?channelid=22&perpage=3",
     ROWS "共找到 8 条 <a href='search?page=2&channelid=22&perpage=3'>2</a> <a "
          "href='search?page=3&channelid=22&perpage=3'>尾页</a>",
     "generic", 3, 8,
     H "/was5/web/search?channelid=22&perpage=3\n" H
       "/was5/web/search?page=2&channelid=22&perpage=3\n" H
       "/was5/web/search?page=3&channelid=22&perpage=3\n"},
    {"WAS: rows as JSON", H "/zwgk/tz/",
     EMPTY "<script>var id = '57'; function show(page){$.getJSON('/was5/web/search?channelid=29&"
           "templet=docs.jsp&classsql=chnlid%3D'+id+'&prepage=15&page='+page, fill);} "
           "show(1);</script>",
     "was5", 0, 0,
     H "/was5/web/search?channelid=29&templet=docs.jsp&classsql=chnlid%3D57&prepage=15&page=1\n"},
    {"JEAF: the other pages elsewhere", H "/cms/html/x/tz/index.html",
     ROWS "<a href='/cms/sitemanage/index.shtml?siteId=62&page=2'>2</a> <a "
          "href='/cms/sitemanage/index.shtml?siteId=62&page=2'>下一页</a> <a "
          "href='/cms/sitemanage/index.shtml?siteId=62&page=3'>尾页</a> 共3页",
     "jeaf", 3, 0,
     H "/cms/html/x/tz/index.html\n" H "/cms/sitemanage/index.shtml?siteId=62&page=2\n" H
       "/cms/sitemanage/index.shtml?siteId=62&page=3\n"},
    {"JEAF: by the site's number", H "/cms/html/x/tz/index.html",
     "<meta name=siteIdMeta content=62>" ROWS "第1页/共3页 <a href='javascript:void(0)'>下一页</a>",
     "jeaf", 3, 0,
     H "/cms/html/x/tz/index.html\n" H "/cms/sitemanage/index.shtml?siteId=62&page=2\n" H
       "/cms/sitemanage/index.shtml?siteId=62&page=3\n"},
    {"PowerEasy: pages told by a script's pager", H "/Category_12/Index.aspx",
     ROWS "共 8 篇文章 页次：1/3页 3篇文章/页", "powereasy", 3, 8,
     H "/Category_12/Index_2.aspx\n" H "/Category_12/Index_3.aspx\n"},
    {"PowerEasy: static pages count down", H "/Article/tz/Index.html",
     ROWS "共 8 篇文章 首页 上一页 <a href='List_2.html'>下一页</a> <a href='List_1.html'>尾页</a> "
          "页次：1/3页",
     "generic", 3, 8,
     H "/Article/tz/Index.html\n" H "/Article/tz/List_2.html\n" H "/Article/tz/List_1.html\n"},
    {"words before the number of pages", H "/zw/tz/index.html",
     ROWS "首页 上一页 <a href=index_1.html>下一页</a> <a href=index_2.html>尾页</a> 共3页",
     "generic", 3, 0, H "/zw/tz/index.html\n" H "/zw/tz/index_1.html\n" H "/zw/tz/index_2.html\n"},
    {"dedecms", H "/zw/list_12_1.html",
     ROWS "共3页 <a href=list_12_2.html>2</a> <a href=list_12_3.html>3</a>", "generic", 3, 0,
     H "/zw/list_12_1.html\n" H "/zw/list_12_2.html\n" H "/zw/list_12_3.html\n"},
};

static void asked(const struct zhi_list *l, struct zhi_buf *out) {
  zhi_buf_init(out, 1 << 20);
  for (size_t i = 0; i < l->request_count; i++) {
    zhi_ask_url(l->requests[i].url, &l->requests[i].ask, out);
    zhi_buf_addc(out, '\n');
  }
}

static bool asks_for(const struct zhi_doc *d, const char *name, const char *want) {
  struct zhi_buf b;
  asked(&d->list, &b);
  bool same = zhi_str_is(zhi_buf_view(&b), want);
  if (!same)
    print_error("%s: asks for\n%.*swant\n%s", name, ZHI_STR_ARGS(zhi_buf_view(&b)), want);
  zhi_buf_release(&b);
  return same;
}

static void every_family_asks_for_its_pages(void **state) {
  (void)state;
  int bad = 0;
  for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
    const struct page *p = &pages[i];
    const struct zhi_doc *d = extracted(p->html, p->url);
    const char *adapter = d->list.adapter ? d->list.adapter : "none";
    if (d->kind != ZHI_KIND_LIST || strcmp(adapter, p->adapter) != 0 || d->list.pages != p->pages ||
        d->list.total != p->total) {
      print_error("%s: kind %s, adapter %s, %d pages, %d records\n", p->name,
                  zhi_kind_name(d->kind), adapter, d->list.pages, d->list.total);
      bad++;
    }
    bad += !asks_for(d, p->name, p->want);
  }
  assert_int_equal(bad, 0);
}

/* --- answers ------------------------------------------------------------------------------------------- */

#define ASK(body, asker)                                                                           \
  {                                                                                                \
    body, ZHI_STR("X-Requested-With: XMLHttpRequest\nReferer: " H "/column/list.html\n"),          \
        ZHI_STR(asker)                                                                             \
  }
#define JSON "application/json"
#define NOTHING                                                                                    \
  { NULL, 0 }

struct answer {
  const char *name, *url;
  struct zhi_ask ask;
  const char *type, *body, *adapter;
  int page, pages, total, items;
  const char *first; /* "URL title date" of the first item */
  const char *want;
};

static const struct answer answers[] = {
    {"WAS: a template's rows, not quite JSON",
     H "/was5/web/search?channelid=29&templet=docs.jsp&prepage=1&page=1",
     ASK(NOTHING, "was5 1 1 +"), "text/html",
     "\n{count:'2', \"docs\":[{\"title\":\"通知\t\\'一\\'\",\n'chnldocurl':\"/doc/1.html\","
     "\"docreltime\":\"2019.01.02 10:00:00\",},,{}],}",
     "was5", 1, 2, 2, 1, H "/doc/1.html 通知 '一' 2019-01-02",
     H "/was5/web/search?channelid=29&templet=docs.jsp&prepage=1&page=2\n"},
    {"gkmlpt: 100 a page", H "/gkmlpt/api/all/10?page=1&sid=7", ASK(NOTHING, "gkmlpt 1 1 +"), JSON,
     "{\"articles\":[{\"title\":\"通知一\",\"url\":\"http:\\/\\/www.example.gov.cn\\/gkmlpt\\/"
     "content\\/1\\/1\\/post_1.html\","
     "\"first_publish_time\":1546300800,\"attachment\":[{\"url\":\"/a/"
     "1.pdf\"}]}],\"classify\":{\"name\":\"甲\",\"post_count\":201}}",
     "gkmlpt", 1, 3, 201, 1, H "/gkmlpt/content/1/1/post_1.html 通知一 2019-01-01",
     H "/gkmlpt/api/all/10?page=2&sid=7\n" H "/gkmlpt/api/all/10?page=3&sid=7\n"},
    {"JPAAS: a fragment in JSON, paging inside paramJson",
     H "/api-gateway/jpaas-publish-server/front/page/build/"
       "unit?tagId=1&paramJson=%7B%22pageNo%22%3A1%2C%22pageSize%22%3A%223%22%7D",
     ASK(NOTHING, "jpaas 1 1 +"), JSON,
     "{\"code\":\"200\",\"data\":{\"html\":\"<div count='7' rows='3'><ul><li><a "
     "href='\\/art\\/2019\\/art_a1.html' "
     "title='关于某事的通知'>关于某事的通知</a><b>2019-01-02</b></li></ul></div>\"}}",
     "jpaas", 1, 3, 7, 1, H "/art/2019/art_a1.html 关于某事的通知 2019-01-02",
     H "/api-gateway/jpaas-publish-server/front/page/build/"
       "unit?tagId=1&paramJson=%7B%22pageNo%22%3A2%2C%22pageSize%22%3A%223%22%7D\n" H
       "/api-gateway/jpaas-publish-server/front/page/build/"
       "unit?tagId=1&paramJson=%7B%22pageNo%22%3A3%2C%22pageSize%22%3A%223%22%7D\n"},
    {"Hanweb: rows in CDATA",
     H "/module/web/jpage/dataproxy.jsp?startrecord=46&endrecord=90&perpage=15&col=1",
     ASK(NOTHING, "hanweb 1 1"), "text/xml",
     "<?xml version='1.0' "
     "encoding='UTF-8'?><datastore><totalrecord>90</totalrecord><totalpage>6</"
     "totalpage><recordset><record>"
     "<![CDATA[<li><a "
     "href='../art/2019/1/2/art_7_8.html'>关于某项工作的通知</a><b>2019-01-02</b></li>]]></"
     "record></recordset></datastore>",
     "hanweb", 4, 6, 90, 1, H "/art/2019/1/2/art_7_8.html 关于某项工作的通知 2019-01-02", ""},
    {"Hanweb: the last group", H "/module/web/jpage/dataproxy.jsp?page=2&columnid=7",
     ASK(NOTHING, "hanweb 1 1"), "text/xml",
     "<datastore><totalrecord>8</totalrecord><totalpage>3</totalpage><recordset></recordset></"
     "datastore>",
     "hanweb", 2, 3, 8, 0, NULL, ""},
    {"UCAP: protocol-relative, rows and total",
     H "/common/search/" HEX32 "?_isJson=true&_pageSize=2&page=1", ASK(NOTHING, "ucap 1 1 +"), JSON,
     "{\"data\":{\"page\":1,\"rows\":2,\"total\":5,\"results\":[{\"title\":\"甲<em>通知</"
     "em>\",\"url\":\"//www.example.gov.cn/c1/201901/"
     "a.shtml\",\"publishedTimeStr\":\"2019-01-03 "
     "08:00:00\",\"resList\":[{\"filePath\":\"/files/f.docx\"}]},{\"title\":\"乙\",\"url\":\"/c1/"
     "b.shtml\",\"publishedTimeStr\":\"2019-01-02\"}]}}",
     "ucap", 1, 3, 5, 2, H "/c1/201901/a.shtml 甲通知 2019-01-03",
     H "/common/search/" HEX32 "?_isJson=true&_pageSize=2&page=2\n" H "/common/search/" HEX32
       "?_isJson=true&_pageSize=2&page=3\n"},
    {"Lonsun: a fragment without totals goes on by one",
     H "/site/label/8888?labelName=publicInfoList&pageIndex=2&catId=8",
     ASK(NOTHING, "lonsun 1 1 +"), "text/html", ROWS, "lonsun", 2, 0, 0, 3,
     H "/doc/1.html 关于某年某项工作有关事项的通知之1 2019-01-01",
     H "/site/label/8888?labelName=publicInfoList&pageIndex=3&catId=8\n"},
    {"Epoint: by POST, from 0", H "/p/rest/lightfrontaction/getgovinfolist",
     ASK(ZHI_STR("deptcode=D&pageIndex=0&pageSize=1"), "epoint 1 1 +"), JSON,
     "{\"custom\":{\"data\":[{\"infourl\":\"/001/20190102/"
     "x.html\",\"title\":\"通知\",\"infodate\":\"2019-01-02\"}],\"total\":\"3\"}}",
     "epoint", 1, 3, 3, 1, H "/001/20190102/x.html 通知 2019-01-02",
     H "/p/rest/lightfrontaction/"
       "getgovinfolist?__wb_method=POST&deptcode=D&pageIndex=1&pageSize=1\n" H
       "/p/rest/lightfrontaction/"
       "getgovinfolist?__wb_method=POST&deptcode=D&pageIndex=2&pageSize=1\n"},
    {"truecms: XML in JSONP, by offset",
     H "/messageController/getMessage.do?callback=cb&startrecord=0&endrecord=1&perpage=1",
     ASK(NOTHING, "truecms 1 1 +"), "text/javascript",
     "cb(\"<datastore><totalrecord>3</totalrecord><record><![CDATA[<li><a "
     "href='/d/1.html'>关于某项工作的通知</a>2019-01-02</li>]]></record></datastore>\");",
     "truecms", 1, 3, 3, 1, H "/d/1.html 关于某项工作的通知 2019-01-02",
     H "/messageController/getMessage.do?callback=cb&startrecord=1&endrecord=2&perpage=1\n" H
       "/messageController/getMessage.do?callback=cb&startrecord=2&endrecord=3&perpage=1\n"},
    {"nobody remembers to have asked",
     H "/gkmlpt/api/all/10?page=1&sid=7",
     {NOTHING, NOTHING, NOTHING},
     JSON,
     "{\"articles\":[{\"title\":\"通知\",\"url\":\"/gkmlpt/content/1/1/"
     "post_1.html\"}],\"classify\":{\"post_count\":1}}",
     "gkmlpt",
     1,
     1,
     1,
     1,
     H "/gkmlpt/content/1/1/post_1.html 通知 ",
     ""},
    {"an empty page ends it", H "/site/label/8888?labelName=publicInfoList&pageIndex=9",
     ASK(NOTHING, "lonsun 1 1 +"), "text/html", "<ul></ul>共0条", "", 0, 0, 0, 0, NULL, ""},
    {"an error page is no answer", H "/site/label/8888?labelName=publicInfoList&pageIndex=9",
     ASK(NOTHING, "lonsun 1 1 +"), "text/html", "<html><body><h1>系统错误</h1></body></html>", "",
     0, 0, 0, 0, NULL, ""},
    {"broken JSON is no answer", H "/p/rest/lightfrontaction/getgovinfolist",
     ASK(ZHI_STR("pageIndex=1"), "epoint 1 1 +"), JSON, "{\"custom\":{\"data\":[", "", 0, 0, 0, 0,
     NULL, ""},
};

static void every_answer_is_read(void **state) {
  (void)state;
  int bad = 0;
  for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
    const struct answer *a = &answers[i];
    const struct zhi_doc *d = extracted_asked(a->body, a->type, a->url, &a->ask);
    const struct zhi_list *l = &d->list;
    if (strcmp(l->adapter ? l->adapter : "", a->adapter) != 0 || l->page != a->page ||
        l->pages != a->pages || l->total != a->total || l->item_count != (size_t)a->items) {
      print_error("%s: adapter %s, page %d of %d, %d records, %zu items\n", a->name,
                  l->adapter ? l->adapter : "none", l->page, l->pages, l->total, l->item_count);
      bad++;
    }
    char first[400] = "";
    if (l->item_count)
      snprintf(first, sizeof first, "%.*s %.*s %.*s", ZHI_STR_ARGS(l->items[0].url),
               ZHI_STR_ARGS(l->items[0].title), ZHI_STR_ARGS(l->items[0].date));
    if (strcmp(first, a->first ? a->first : "") != 0) {
      print_error("%s: '%s'\n", a->name, first);
      bad++;
    }
    bad += !asks_for(d, a->name, a->want);
  }
  assert_int_equal(bad, 0);
}

static bool has_finding(const struct zhi_doc *d, const char *code) {
  for (size_t i = 0; i < d->finding_count; i++)
    if (strcmp(d->findings[i].code, code) == 0)
      return true;
  return false;
}

static void what_was_not_asked_for_is_told(void **state) {
  (void)state;
  struct zhi_ask ask = ASK(NOTHING, "lonsun 1 1 +");
  const struct zhi_doc *d = extracted_asked("<html><body>" ROWS "</body></html>", "text/html",
                                            H "/site/label/8888?pageIndex=2", &ask);
  assert_true(has_finding(d, "answer_unexpected"));
  assert_int_equal(d->list.item_count, 3); /* read as any other page */
}

/* The memory that page 1's request leaves for its answer, and what becomes of it. */
static void an_answer_that_repeats_ends_the_list(void **state) {
  (void)state;
  const struct zhi_doc *d =
      extracted("<div id=l>" ROWS "</div><script>$.get('/site/label/8888', {labelName: "
                "'publicInfoList', pageIndex: 1}, fill);</script>",
                H "/public/column/66?catId=8");
  assert_int_equal(d->list.request_count, 1);
  struct zhi_ask ask = {.headers = ZHI_STR("Referer: " H "/public/column/66\n")};
  char asker[200];
  snprintf(asker, sizeof asker, "%.*s", ZHI_STR_ARGS(d->list.requests[0].ask.asker));
  ask.asker = zhi_str_of(asker);
  const char *url = H "/site/label/8888?labelName=publicInfoList&pageIndex=2";
  d = extracted_asked(ROWS, "text/html", url, &ask);
  assert_int_equal(d->list.request_count, 0);
  assert_true(has_finding(d, "list_repeats"));
  d = extracted_asked("<ul><li><a href=/other.html>关于另一项工作的通知</a>2019-02-01</li></ul>",
                      "text/html", url, &ask);
  assert_int_equal(d->list.request_count, 1);
  assert_false(has_finding(d, "list_repeats"));
}

static void a_guess_is_kept_when_its_items_are_new(void **state) {
  (void)state;
  const struct zhi_doc *d = extracted(ROWS "共4页", H "/zwgk/tz/");
  char asker[200];
  struct zhi_ask ask = {0};
  assert_int_equal(d->list.request_count, 2);
  snprintf(asker, sizeof asker, "%.*s", ZHI_STR_ARGS(d->list.requests[1].ask.asker));
  ask.asker = zhi_str_of(asker);
  d = extracted_asked(ROWS "共4页", "text/html", H "/zwgk/tz/index_2.html", &ask);
  assert_int_equal(d->list.request_count, 0);
  assert_int_equal(d->list.role, ZHI_LIST_NONE);
  assert_true(has_finding(d, "guess_refused"));
  d = extracted_asked("<ul><li><a href=/o1.html>关于另一项工作的通知</a>2019-02-01</li><li><a "
                      "href=/o2.html>关于另一项工作的通告"
                      "</a>2019-02-02</li></ul>共4页",
                      "text/html", H "/zwgk/tz/index_2.html", &ask);
  assert_int_equal(d->list.page, 2);
  assert_true(asks_for(d, "guess", H "/zwgk/tz/index_3.html\n" H "/zwgk/tz/index_4.html\n"));
}

static void a_page_says_what_it_is_to_its_list(void **state) {
  static const struct {
    const char *url, *html;
    enum zhi_list_role role;
    int page;
  } cases[] = {
      {H "/zwgk/tz/", ROWS "共4页", ZHI_LIST_PAGE, 1},
      /* a page that is turned by a script knows its number by its address */
      {H "/2401/0000/subIndex-2.html",
       ROWS "共3页<a href='#' onclick='jump(2)'>下一页</a><script>function "
            "jump(n){window.location='subIndex-'+(n+1)+'.html';}</script>",
       ZHI_LIST_PAGE, 2},
      /* the last page has one row, its date is no article's */
      {H "/zwgk/list_4.shtml",
       "<ul class=list>" ROW(
           "1") "</ul><script>createPageHTML('d',4,4,'list','shtml',25);</script>",
       ZHI_LIST_PAGE, 4},
      {H "/c1/list.html",
       EMPTY "<script>$.get('/common/search/" HEX32 "?_isJson=true&page=' + page);</script>",
       ZHI_LIST_HEAD, 0},
      {H "/c1/list.html",
       ROWS "<script>$.get('/common/search/" HEX32 "?_isJson=true&page=' + page);</script>",
       ZHI_LIST_PAGE, 0},
      {H "/govxxgk/list.html",
       EMPTY "<script src=/js/webBuilderCommon.js></script><script>$.post(siteInfo.projectName+"
             "'/rest/lightfrontaction/getgovinfolist',{categorynum:'001',siteGuid:siteInfo.siteGuid"
             ",pageIndex:i,pageSize:10});</script>",
       ZHI_LIST_HEAD, 0},
      {H "/col/col9/index.html",
       EMPTY "<form method=post action='/module/xxgk/search.jsp'><input type=hidden name=currpage "
             "value=1></form>",
       ZHI_LIST_HEAD, 0},
      /* a directory of lists is none of their pages */
      {H "/gkmlpt/index",
       "<script>window._CONFIG = {SID: '7', TREE: [{\"id\":1,\"name\":\"通知\"},{\"id\":2,"
       "\"name\":\"计划\"}]};</script>",
       ZHI_LIST_NONE, 0},
  };
  (void)state;
  int bad = 0;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const struct zhi_doc *d = extracted(cases[i].html, cases[i].url);
    if (d->kind == ZHI_KIND_LIST && d->list.role == cases[i].role && d->list.page == cases[i].page)
      continue;
    print_error("%s: kind %s, role %d, page %d\n", cases[i].url, zhi_kind_name(d->kind),
                d->list.role, d->list.page);
    bad++;
  }
  assert_int_equal(bad, 0);
}

static void a_directory_names_its_lists(void **state) {
  (void)state;
  const struct zhi_doc *d = extracted(
      "<script>window._CONFIG = {SID: '7', TREE: [{\"id\":1,\"name\":\"通知公告\"}]};</script>",
      H "/gkmlpt/index");
  assert_int_equal(d->list.request_count, 1);
  assert_true(zhi_str_is(d->list.requests[0].name, "通知公告"));
}

static void a_site_id_in_a_script_file_is_read_first(void **state) {
  (void)state;
  const struct zhi_doc *d =
      extracted(EMPTY "<script src=/js/webBuilderCommon.js></script><script>var "
                      "n='006001';function get(i){$.ajax({type:'post',"
                      "url:siteInfo.projectName+'/rest/lightfrontaction/"
                      "getgovinfolist',contentType:'application/json',data:"
                      "JSON.stringify({categorynum:n,siteGuid:siteInfo.siteGuid,pageIndex:i,"
                      "pageSize:10})});}get(0);</script>",
                H "/006/006001/govlist.html");
  assert_true(asks_for(d, "the page", H "/js/webBuilderCommon.js\n"));
  char asker[600];
  struct zhi_ask ask = {0};
  snprintf(asker, sizeof asker, "%.*s", ZHI_STR_ARGS(d->list.requests[0].ask.asker));
  ask.asker = zhi_str_of(asker);
  assert_false(zhi_ask_is_plain(&ask));
  d = extracted_asked("var siteInfo={projectName:'/P',siteGuid:'g-7'};", "application/javascript",
                      H "/js/webBuilderCommon.js", &ask);
  assert_true(
      asks_for(d, "the script",
               H "/P/rest/lightfrontaction/"
                 "getgovinfolist?__wb_method=POST&categorynum=006001&siteGuid=g-7&pageIndex=0&"
                 "pageSize=10\n"));
}

static void asp_net_state_comes_from_the_page_just_got(void **state) {
  (void)state;
  struct zhi_ask ask = {.body = ZHI_STR("__EVENTTARGET=P&__EVENTARGUMENT=2&__VIEWSTATE=old")};
  const char *page = "<form><input type=hidden name=__VIEWSTATE value=new>" ROWS
                     "<a href=\"javascript:__doPostBack('P','2')\">2</a> <a "
                     "href=\"javascript:__doPostBack('P','3')\">3</a></form>";
  const struct zhi_doc *d = extracted_asked(page, "text/html", H "/l.aspx", &ask);
  assert_true(
      asks_for(d, "page 2",
               H "/l.aspx?__wb_method=POST&__EVENTTARGET=P&__EVENTARGUMENT=3&__VIEWSTATE=new\n"));
  ask.body = ZHI_STR("__EVENTTARGET=P&__EVENTARGUMENT=3&__VIEWSTATE=old");
  d = extracted_asked(page, "text/html", H "/l.aspx", &ask);
  assert_true(asks_for(d, "the last page", ""));
}

/* --- the table ----------------------------------------------------------------------------------------- */

static void every_sign_finds_its_family(void **state) {
  (void)state;
  struct zhi_families f;
  struct zhi_err e = {0};
  assert_int_equal(zhi_families_init(&f, &e), ZHI_OK);
  assert_int_equal(zhi_families_of(&f, ZHI_STR("<p>no sign at all</p>"), ZHI_STR(H "/")), 0);
  for (int i = 0; i < f.sign_count; i++) {
    const struct zhi_sign *s = &f.sign[i];
    char text[200], url[200];
    snprintf(text, sizeof text, "<p>%s</p>", s->place == ZHI_SIGN_TEXT ? s->text.p : "");
    snprintf(url, sizeof url, H "/x%s1", s->place != ZHI_SIGN_TEXT ? s->text.p : "");
    if (s->place == ZHI_SIGN_ANSWER)
      assert_int_equal(zhi_family_of_answer(&f, zhi_str_of(url)), s->family);
    else
      assert_true(zhi_families_of(&f, zhi_str_of(text), zhi_str_of(url)) >> s->family & 1);
  }
  assert_int_equal(zhi_family_of_answer(&f, ZHI_STR(H "/index.html")), -1);
  zhi_families_release(&f);
}

static void a_bad_table_is_said_with_its_line(void **state) {
  (void)state;
  static const struct {
    const char *yaml, *message;
  } rows[] = {
      {"families:\n  x:\n    wrong: [abc]\n",
       "adapters.yaml:3: unknown key 'wrong', or too many words"},
      {"families:\n  x:\n    text: [ab]\n",
       "adapters.yaml:3: 'ab': too short a sign, or one too many"},
      {"names:\n  nonsense: [a]\n", "adapters.yaml:2: unknown key 'nonsense', or too many words"},
      {"other: [a]\n", "adapters.yaml:1: unknown key 'other'"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct zhi_families f;
    struct zhi_err e = {0};
    assert_int_equal(zhi_families_load(&f, zhi_str_of(rows[i].yaml), &e), ZHI_EPARSE);
    assert_string_equal(e.msg, rows[i].message);
  }
}

static int release(void **state) {
  (void)state;
  extracted_release();
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_family_asks_for_its_pages),
      cmocka_unit_test(every_answer_is_read),
      cmocka_unit_test(what_was_not_asked_for_is_told),
      cmocka_unit_test(an_answer_that_repeats_ends_the_list),
      cmocka_unit_test(a_guess_is_kept_when_its_items_are_new),
      cmocka_unit_test(a_page_says_what_it_is_to_its_list),
      cmocka_unit_test(a_directory_names_its_lists),
      cmocka_unit_test(a_site_id_in_a_script_file_is_read_first),
      cmocka_unit_test(asp_net_state_comes_from_the_page_just_got),
      cmocka_unit_test(every_sign_finds_its_family),
      cmocka_unit_test(a_bad_table_is_said_with_its_line),
  };
  return cmocka_run_group_tests(tests, NULL, release);
}
