/* Families whose further rows are fragments of HTML (Lonsun, Henan's old portal) or the whole page got
 * by posting a form back (ASP.NET). */
#include "tests/county/families/families.h"

static void ul_answer(const struct slice *s, struct page *p) {
  page_text(p, "<ul class=\"xxgk_nav_list\">\n");
  fam_rows(s, p);
  page_textf(p, "</ul>\n<div class=\"page\">共%u条 共%u页 当前第%u页</div>\n", s->column->declared,
             s->pages, s->page);
}

/* --- Lonsun ------------------------------------------------------------------------------------ */

static bool label_script(const struct fsite *s, const struct request *q, struct slice *out) {
  unsigned cat = fam_number(q, "catId", 0), page = fam_number(q, "pageIndex", 1);
  unsigned size = fam_number(q, "pageSize", s->family->rows);
  struct zhi_str label;
  if (!zhi_str_is(q->path, "/site/label/8888") || !fam_parameter(q->query, "labelName", &label) ||
      !zhi_str_is(label, "publicInfoList"))
    return false;
  page = page ? page : 1;
  size = size && size <= 200 ? size : s->family->rows;
  for (unsigned i = 0; i < s->column_count; i++) {
    const struct fcolumn *c = &s->columns[i];
    if (c->id != cat || c->delisted)
      continue;
    *out = (struct slice){.column = c, .from = (page - 1) * size, .pages = fam_pages(c)};
    out->count = out->from < c->count ? c->count - out->from : 0;
    out->count = out->count < size ? out->count : size;
    out->page = page;
    out->request = out->from / s->family->rows;
    return true;
  }
  return false;
}

#define LABEL                                                                                      \
  "/site/label/8888?IsAjax=1&dataType=html&labelName=publicInfoList&siteId={siteno}&pageSize=10"   \
  "&pageIndex={page}&action=list&isDate=true&dateFormat=yyyy-MM-dd&length=46&organId={siteno}"     \
  "&type=4&catId={id}&file=/xxgk/publicInfoList-xxgk"
#define LABEL_CALL                                                                                  \
  "<div id=\"page_public_info\"></div>\n<script>\nLs.pagination(\"#page_public_info\",function("    \
  "pageIndex,$pagination){Ls.ajax({dataType:\"html\",async:false,url:\"/site/label/"                \
  "8888?labelName="                                                                                 \
  "publicInfoList\",data:{siteId:\"{siteno}\",pageSize:10,pageIndex:pageIndex+1,action:\"list\","   \
  "isDate:\"true\",dateFormat:\"yyyy-MM-dd\",length:46,organId:\"{siteno}\",type:4,catId:\"{id}"    \
  "\","                                                                                             \
  "file:\"/xxgk/publicInfoList-xxgk\"}}).done(function(html){$(\"#xxgk_list\").html(html);});},{"   \
  "currentPage:{page},pageCount:{pages},total:{total},linkNumber:10,prevText:'上一页',nextText:" \
  "'下一页'});\n</script>\n"

const struct family fragment_families[] = {
    {.name = "lonsun",
     .cms = "lonsun",
     .rows = 10,
     .conditional = COND_NONE,
     .declares = DECLARES_PAGES | DECLARES_TOTAL,
     .doc = "/public/{siteno}/{no}.html",
     .first = "/public/column/{siteno}?type=4&action=list&nav=3&catId={id}",
     .next = LABEL,
     .next_type = "text/html;charset=UTF-8",
     .loose = true,
     .answer = ul_answer,
     .script = label_script,
     .above = "<div id=\"xxgk_list\">\n",
     .pager = "</div>\n" LABEL_CALL},
    {.name = "henan-cac",
     .cms = "henan",
     .rows = 20,
     .least = 45,
     .conditional = COND_NONE,
     .declares = DECLARES_PAGES | DECLARES_TOTAL,
     .doc = "/sitegroup/root/html/{cguid}/{hex}.html",
     .first = "/viewCmsCac.do?cacId={cguid}",
     .next = "/viewCmsCac.do?cacId={cguid}&offset={from0}",
     .pager =
         "<div class=\"page\">共{total}条 第{page}/{pages}页 <a "
         "href=\"javascript:toPage({page}+1)\">"
         "下一页</a></div>\n<script>function toPage(n){location.href='/viewCmsCac.do?cacId={cguid}"
         "&offset='+(n-1)*20;}</script>\n"},
    {.name = "henan-ajax",
     .cms = "henan",
     .rows = 20,
     .least = 45,
     .gbk = true,
     .conditional = COND_NONE,
     .declares = DECLARES_PAGES | DECLARES_TOTAL,
     .doc = "/sitegroup/root/html/{cguid}/{hex}.html",
     .first = "/viewCmsCac.do?cacId={cguid}",
     .next = "/getHtmlInDivNormal.do?ajaxform",
     .method = "POST",
     .body = "divId=ajaxdiv{class}&requestUrl=%2FviewCmsCac.do&cacId={cguid}&offset={from0}",
     .need = "cacId={cguid}&offset={from0}",
     .next_type = "text/html;charset=gbk",
     .answer = ul_answer,
     .above = "<div id=\"ajaxdiv{class}\">\n",
     .pager =
         "<div class=\"page\">共{total}条 第{page}/{pages}页 <a href=\"javascript:void(0)\" "
         "onclick="
         "\"getHtmlInDivNormal('ajaxdiv{class}','/viewCmsCac.do','cacId={cguid}&amp;offset=20')\">"
         "下一页</a></div></div>\n<script>function getHtmlInDivNormal(divId,requestUrl,param){"
         "$.post('/getHtmlInDivNormal.do?ajaxform','divId='+divId+'&requestUrl='+encodeURIComponent"
         "(requestUrl)+'&'+param,function(html){$('#'+divId).html(html);});}</script>\n"},
    {.name = NULL},
};

/* --- ASP.NET ----------------------------------------------------------------------------------- */

static void view_state(const struct fcolumn *c, unsigned page, char *out, size_t size) {
  text_set(out, size, "/wEPDwUKMTk0%016llx+%u==", (unsigned long long)mix64(c->id * 100 + page),
           page);
}

static void state_fields(const struct slice *s, struct page *p) {
  char state[80];
  const struct fcolumn *c = s->column;
  view_state(c, s->page ? s->page : 1, state, sizeof state);
  page_textf(
      p,
      "<form name=\"form1\" method=\"post\" action=\"list.aspx?lm=%u\" id=\"form1\">\n"
      "<input type=\"hidden\" name=\"__EVENTTARGET\" id=\"__EVENTTARGET\" value=\"\" />\n"
      "<input type=\"hidden\" name=\"__EVENTARGUMENT\" id=\"__EVENTARGUMENT\" value=\"\" />\n"
      "<input type=\"hidden\" name=\"__VIEWSTATE\" id=\"__VIEWSTATE\" value=\"%s\" />\n"
      "<input type=\"hidden\" name=\"__EVENTVALIDATION\" id=\"__EVENTVALIDATION\" "
      "value=\"/wEWBgL%u==\" />\n<script>function __doPostBack(eventTarget, eventArgument) {"
      "theForm.__EVENTTARGET.value = eventTarget;theForm.__EVENTARGUMENT.value = "
      "eventArgument;theForm.submit();}</script>\n<ul>\n",
      c->id, state, c->id);
  fam_rows(s, p);
  page_textf(p, "</ul>\n<div id=\"AspNetPager1\">共%u条 第%u页/共%u页 ", c->declared, s->page,
             s->pages);
  for (unsigned k = 1; k <= s->pages; k++)
    if (k == s->page)
      page_textf(p, "<span>%u</span> ", k);
    else
      page_textf(p, "<a href=\"javascript:__doPostBack('AspNetPager1','%u')\">%u</a> ", k, k);
  page_text(p, "</div>\n</form>\n");
}

/* The state must be one that this column's pages have. */
static bool postback(const struct fsite *s, const struct request *q, struct slice *out) {
  unsigned lm = fam_number(q, "lm", 0), page = fam_number(q, "__EVENTARGUMENT", 0);
  char state[80], need[256];
  if (!zhi_str_is(q->path, "/list.aspx") || !zhi_str_is(q->method, "POST"))
    return false;
  for (unsigned i = 0; i < s->column_count; i++) {
    const struct fcolumn *c = &s->columns[i];
    bool known = false;
    for (unsigned k = 1; c->id == lm && !known && k <= fam_pages(c); k++) {
      view_state(c, k, state, sizeof state);
      for (char *at = state; (at = strchr(at, '+')); at += 3) { /* as a form sends it */
        memmove(at + 3, at + 1, strlen(at + 1) + 1);
        memcpy(at, "%2B", 3);
      }
      text_set(need, sizeof need, "__EVENTTARGET=AspNetPager1&__VIEWSTATE=%s", state);
      known = fam_parameters_in(zhi_str_of(need), ZHI_STR(""), q->body);
    }
    if (known && page >= 2 && page <= fam_pages(c) && !c->delisted) {
      *out = column_slice(c, page - 1);
      return true;
    }
  }
  return false;
}

const struct family postback_families[] = {
    {.name = "aspnet",
     .cms = "aspnet",
     .rows = 10,
     .gbk = true,
     .conditional = COND_NONE,
     .declares = DECLARES_PAGES | DECLARES_TOTAL,
     .doc = "/show.aspx?id={no}",
     .first = "/list.aspx?lm={id}",
     .next = "/list.aspx?lm={id}",
     .method = "POST",
     .body = "__EVENTTARGET=AspNetPager1&__EVENTARGUMENT={page}",
     .need = "__EVENTTARGET=AspNetPager1&__EVENTARGUMENT={page}",
     .rows_html = state_fields,
     .script = postback},
    {.name = NULL},
};
