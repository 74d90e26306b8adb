/* Families whose lists are pages of their own, told apart by how further pages are numbered and by the
 * script or links that name them. */
#include "tests/county/families/families.h"

/* What TRS sites have in the page: the definition, an old call in a comment, and the call. */
#define TRS_DEFINITION                                                                             \
  "<script>\nfunction createPageHTML(_nPageCount, _nCurrIndex, _sPageName, _sPageExt){\n"          \
  "if(_nPageCount==null||_nPageCount<=1){return;}\n"                                               \
  "document.write(\"<a href='\"+_sPageName+\"_1.\"+_sPageExt+\"'>2</a>\");\n}\n"                   \
  "//createPageHTML(9, 0, \"old\", \"htm\");\n</script>\n"

/* Links to all pages, as builders write that leave none to scripts. */
static void numbered_links(const struct slice *s, struct page *p) {
  const struct fcolumn *c = s->column;
  char path[PATH_MAX_BYTES];
  page_textf(p, "<div class=\"pages\"><a title=\"总数\">&nbsp;<b>%u</b> </a>", c->declared);
  for (unsigned k = 1; k <= s->pages; k++) {
    struct expand x = {.site = c->site, .column = c, .slice = column_slice(c, k - 1)};
    fam_expand(k == 1 ? c->site->family->first : c->site->family->next, &x, path, sizeof path);
    if (k == s->page)
      page_textf(p, "&nbsp;<b>%u</b>", k);
    else
      page_textf(p, "&nbsp;<a href=\"%s\">%u</a>", path, k);
  }
  page_text(p, "</div>\n");
}

static void next_link(const struct slice *s, struct page *p) {
  const struct fcolumn *c = s->column;
  char path[PATH_MAX_BYTES];
  page_textf(p,
             "<span class=\"p_pages\"><span class=\"p_t\">共%u条</span> <span class=\"p_t\">%u/%u"
             "</span> ",
             c->declared, s->page, s->pages);
  for (unsigned i = 0; i < 2 && s->page < s->pages; i++) {
    unsigned k = i ? s->pages : s->page + 1;
    struct expand x = {.site = c->site, .column = c, .slice = column_slice(c, k - 1)};
    fam_expand(c->site->family->next, &x, path, sizeof path);
    page_text(p, "<a href=\"");
    page_escaped(p, path);
    page_textf(p, "\">%s</a> ", i ? "尾页" : "下页");
  }
  page_text(p, "</span>\n");
}

static void select_pages(const struct slice *s, struct page *p) {
  const struct fcolumn *c = s->column;
  char path[PATH_MAX_BYTES];
  page_textf(p, "<span class=\"pageinfo\">共 <strong>%u</strong>页", s->pages);
  if (c->site->family->declares & DECLARES_TOTAL)
    page_textf(p, "<strong>%u</strong>条", c->declared);
  page_text(p, "</span> <select onchange=\"location.href=this.value;\">");
  for (unsigned k = 1; k <= s->pages; k++) {
    struct expand x = {.site = c->site, .column = c, .slice = column_slice(c, k - 1)};
    fam_expand(k == 1 ? c->site->family->first : c->site->family->next, &x, path, sizeof path);
    page_textf(p, "<option value=\"%s\"%s>%u</option>", path, k == s->page ? " selected" : "", k);
  }
  page_text(p, "</select>\n");
}

static void vsb_rows(const struct slice *s, struct page *p) {
  page_text(p, "<ul>\n");
  for (unsigned i = 0; i < s->count; i++) {
    const struct fdoc *d = s->column->docs[s->from + i];
    page_textf(p, "<li id=\"line_u8_%u\"><a href=\"", i);
    page_escaped(p, d->path);
    page_textf(p, "\" target=\"_blank\" title=\"%s\">%s</a><span>%04d年%02d月%02d日</span></li>\n",
               d->title, d->title, d->y, d->m, d->d);
  }
  page_text(p, "</ul>\n");
}

#define TRS_DOC  "/zwgk/{slug}/{ym}/t{ymd}_{no}.html"
#define TRS_PART "/zwgk/{slug}/{ym}/t{ymd}_{no}_{part}.html"
#define UCAP_DOC "/c{id}/{ym}/{hex}.shtml"

const struct family trs_families[] = {
    {.name = "trs",
     .cms = "trs",
     .rows = 10,
     .meta = true,
     .conditional = COND_BOTH,
     .declares = DECLARES_PAGES,
     .doc = TRS_DOC,
     .part = TRS_PART,
     .first = "/zwgk/{slug}/",
     .next = "/zwgk/{slug}/index_{page0}.html",
     .head = TRS_DEFINITION,
     .pager = "<script>createPageHTML({pages}, {page0}, \"index\", \"html\");</script>\n"},
    {.name = "trs-quoted",
     .cms = "trs",
     .rows = 8,
     .meta = true,
     .conditional = COND_ETAG,
     .declares = DECLARES_PAGES | DECLARES_TOTAL,
     .doc = TRS_DOC,
     .first = "/zwgk/{slug}/list.shtml",
     .next = "/zwgk/{slug}/list_{page}.shtml",
     .pager = "<div id=\"page_div\"></div><script>createPageHTML('page_div',{pages},{page},'list',"
              "'shtml',{total});</script>\n"},
    {.name = "trs-count",
     .cms = "trs",
     .rows = 10,
     .gbk = true,
     .conditional = COND_MODIFIED,
     .declares = DECLARES_PAGES,
     .doc = "/xxgk/{slug}/{ym}/t{ymd}_{no}.htm",
     .first = "/xxgk/{slug}/index.htm",
     .next = "/xxgk/{slug}/index_{page0}.htm",
     .pager = "<script>\nvar currentPage = {page0};//所在页从0开始\nvar prevPage = currentPage-1;\n"
              "var nextPage = currentPage+1;\nvar countPage = {pages};//共多少页\n"
              "if(countPage>1&&currentPage!=0&&currentPage!=1)\ndocument.write(\"<a href=\\\"index"
              "\"+\"_\"+prevPage+\".htm\\\">上一页</a>\");\n</script>\n"},
    {.name = "trs-pager",
     .cms = "trs",
     .rows = 10,
     .conditional = COND_BOTH,
     .declares = DECLARES_PAGES,
     .doc = "/gkml/{slug}/{ym}/t{ymd}_{no}.shtml",
     .first = "/gkml/{slug}/index.html",
     .next = "/gkml/{slug}/index_{page0}.html",
     .pager = "<div id=\"pages\"></div><script>Pager({size:{pages},current:{page0},prefix:'index',"
              "suffix:'html'});</script>\n"},
    {.name = NULL},
};

const struct family vsb_families[] = {
    {.name = "vsb",
     .cms = "vsb",
     .rows = 10,
     .conditional = COND_ETAG,
     .declares = DECLARES_PAGES | DECLARES_TOTAL,
     .doc = "/info/{id}/{no}.htm",
     .first = "/xxgk/{slug}.htm",
     .next = "/xxgk/{slug}/{rev}.htm",
     .rows_html = vsb_rows,
     .pager_html = next_link,
     .counter = "<script>_showDynClicks(\"wbnews\", 1379482, {no})</script>\n"},
    {.name = "vsb-dynamic",
     .cms = "vsb",
     .rows = 10,
     .gbk = true,
     .conditional = COND_NONE,
     .declares = DECLARES_PAGES | DECLARES_TOTAL,
     .doc = "/content.jsp?urltype=news.NewsContentUrl&wbtreeid={id}&wbnewsid={no}",
     .first = "/list.jsp?urltype=tree.TreeTempUrl&wbtreeid={id}",
     .next = "/list.jsp?totalpage={pages}&PAGENUM={page}&urltype=tree.TreeTempUrl&wbtreeid={id}",
     .rows_html = vsb_rows,
     .pager_html = next_link},
    {.name = NULL},
};

const struct family ucap_list_families[] = {
    {.name = "ucap",
     .cms = "ucap",
     .rows = 10,
     .meta = true,
     .conditional = COND_BOTH,
     .declares = DECLARES_PAGES | DECLARES_TOTAL,
     .doc = UCAP_DOC,
     .first = "/c{id}/list.shtml",
     .next = "/c{id}/list_{page}.shtml",
     .head = "<meta name=\"channelid\" content=\"{cguid}\">\n"
             "<meta name=\"others\" content=\"页面生成时间 2021-01-01 08:00:00\">\n",
     .pager = "<div id=\"page_div\"></div><script>createPageHTML('page_div',{pages},{page},'list',"
              "'shtml',{total});</script>\n"},
    {.name = NULL},
};

/* The province of the seed. */
const struct family henan_families[] = {
    {.name = "henan-zhoukou",
     .cms = "henan",
     .rows = 10,
     .conditional = COND_BOTH,
     .declares = DECLARES_PAGES,
     .doc = "/sitesources/ql{siteslug}/page_pc/zwgk/{slug}/article{hex}.html",
     .first = "/sitesources/ql{siteslug}/page_pc/zwgk/{slug}/list1.html",
     .next = "/sitesources/ql{siteslug}/page_pc/zwgk/{slug}/list{page}.html",
     .pager =
         "<div class=\"page\"><span>第 {page}/{pages} 页</span><a href=\"javascript:goPage({page}"
         "+1)\">下一页</a></div>\n<script>function goPage(n){location.href='list'+n+'.html';}"
         "</script>\n"},
    {.name = "henan-sanmenxia",
     .cms = "henan",
     .rows = 10,
     .conditional = COND_MODIFIED,
     .declares = DECLARES_PAGES,
     .doc = "/{id}/616{no}/{no}.html",
     .first = "/{id}/0000/subIndex-1.html",
     .next = "/{id}/0000/subIndex-{page}.html",
     .pager =
         "<div class=\"page\">共 {pages} 页 <a href=\"#\" onclick=\"jump({page})\">下一页</a></div>"
         "\n<script>function jump(n){window.location='subIndex-'+(n+1)+'.html';}</script>\n"},
    {.name = "henan-kaifeng",
     .cms = "henan",
     .rows = 10,
     .conditional = COND_ETAG,
     .declares = DECLARES_PAGES | DECLARES_TOTAL,
     .doc = "/c{id}/pc/content/content_{hex}.html",
     .first = "/c{id}/pc/list.html",
     .next = "/c{id}/pc/list_{page}.html",
     .pager =
         "<div id=\"pagination\"></div><script>$('#pagination').pagination({totalCount:{total},"
         "pageSize:{rows},currentPage:{page},pageCount:{pages}});</script>\n"},
    {.name = "henan-xinxiang",
     .cms = "henan",
     .base = true,
     .rows = 10,
     .conditional = COND_BOTH,
     .declares = DECLARES_PAGES | DECLARES_TOTAL,
     .doc = "/htmls/{slug}/{ym}/{no}.html",
     .first = "/htmls/{slug}/list-1.html",
     .next = "/htmls/{slug}/list-{page}.html",
     .pager =
         "<div class=\"pg\">共{total}条记录 第{page}页/共{pages}页</div>\n<script>var totalPage="
         "{pages},pageNo={page};</script>\n"},
    {.name = "henan-shangqiu",
     .cms = "henan",
     .rows = 10,
     .conditional = COND_NOW,
     .declares = DECLARES_PAGES,
     .doc = "/zwgk/{slug}/content_{no}",
     .first = "/zwgk/{slug}",
     .next = "/zwgk/{slug}_{page}",
     .pager =
         "<div class=\"page\">第{page}页 共{pages}页 <a href=\"javascript:;\" data-page=\"{page}\">"
         "下一页</a></div>\n"},
    {.name = "henan-zhengzhou",
     .cms = "henan",
     .rows = 10,
     .conditional = COND_NONE,
     .declares = DECLARES_PAGES | DECLARES_TOTAL,
     .doc = "/D19{class}X/{no}.jhtml",
     .first = "/?a=dir&h=1&p=D19{class}",
     .next = "/?a=dir&h=1&p=D19{class}&page={page}",
     .pager_html = next_link},
    {.name = "henan-pingdingshan",
     .cms = "siteserver",
     .rows = 10,
     .conditional = COND_BOTH,
     .declares = DECLARES_PAGES,
     .doc = "/contents/{id}/{no}.html",
     .first = "/channels/{id}.html",
     .next = "/channels/{id}_{page}.html",
     .pager_html = select_pages},
    {.name = NULL},
};

const struct family other_static_families[] = {
    {.name = "empire",
     .cms = "empire",
     .rows = 10,
     .gbk = true,
     .conditional = COND_BOTH,
     .declares = DECLARES_TOTAL,
     .doc = "/html/{slug}/{no}.html",
     .first = "/html/{slug}/",
     .next = "/html/{slug}/index_{page}.html",
     .pager_html = numbered_links},
    {.name = "jeecms",
     .cms = "jeecms",
     .rows = 10,
     .conditional = COND_NONE,
     .declares = DECLARES_PAGES | DECLARES_TOTAL,
     .doc = "/{slug}/{no}.jhtml",
     .first = "/{slug}/index.jhtml",
     .next = "/{slug}/index_{page}.jhtml",
     .pager = "<div class=\"pagesize\">共 {total} 条记录 {page}/{pages} 页 <a "
              "disabled=\"disabled\">上一页"
              "</a> <a onclick=\"location.href=_gotoPage(_pageNo+1);\">下一页</a></div>\n<script>\n"
              "var _pageNo={page},_pageTotal={pages};\nfunction _gotoPage(n){return n>1?'index_'+n+"
              "'.jhtml':'index.jhtml';}\n</script>\n"},
    {.name = "enorth",
     .cms = "generic",
     .rows = 10,
     .gbk = true,
     .conditional = COND_MODIFIED,
     .declares = DECLARES_PAGES,
     .doc = "/system/{y}/{m}/{d}/{no}.shtml",
     .first = "/system/{slug}/index.shtml",
     .next = "/system/count/0003/{id}/c{id}_{rev}.shtml",
     .pager_html = next_link},
    {.name = "phpcms",
     .cms = "generic",
     .rows = 10,
     .conditional = COND_NONE,
     .declares = DECLARES_PAGES | DECLARES_TOTAL,
     .doc = "/index.php?m=content&c=index&a=show&catid={id}&id={no}",
     .first = "/index.php?m=content&c=index&a=lists&catid={id}",
     .next = "/index.php?m=content&c=index&a=lists&catid={id}&page={page}",
     .pager_html = next_link},
    {.name = "dedecms",
     .cms = "generic",
     .rows = 10,
     .gbk = true,
     .conditional = COND_ETAG,
     .declares = DECLARES_PAGES | DECLARES_TOTAL,
     .doc = "/plus/{slug}/{ym}/{no}.html",
     .first = "/plus/{slug}/list_{id}_1.html",
     .next = "/plus/{slug}/list_{id}_{page}.html",
     .pager_html = select_pages},
    {.name = "laypage",
     .cms = "generic",
     .rows = 10,
     .conditional = COND_NONE,
     .declares = DECLARES_PAGES | DECLARES_TOTAL,
     .doc = "/news/show/{no}",
     .first = "/news/list/{id}",
     .next = "/news/list/{id}?page={page}",
     .pager =
         "<div id=\"pager\"></div>\n<script>laypage({cont:'pager',pages:{pages},curr:{page},"
         "count:{total},jump:function(obj,first){if(!first){location.href='?page='+obj.curr;}}});"
         "</script>\n"},
    {.name = "page-form",
     .cms = "generic",
     .rows = 10,
     .gbk = true,
     .conditional = COND_NONE,
     .declares = DECLARES_PAGES | DECLARES_TOTAL,
     .doc = "/ShowArticle.asp?ArticleID={no}",
     .first = "/class.asp?ClassID={id}",
     .next = "/class.asp?ClassID={id}&page={page}",
     .pager =
         "<form name=\"pageForm\" method=\"get\" action=\"class.asp\"><input type=\"hidden\" "
         "name=\"ClassID\" value=\"{id}\"><input type=\"hidden\" name=\"page\" value=\"{page}\">"
         "共{total}条 第{page}/{pages}页 <a href=\"javascript:turn({page})\">下一页</a></form>\n"
         "<script>function turn(n){pageForm.page.value=n+1;pageForm.submit();}</script>\n"},
    {.name = "ilist",
     .cms = "ilist",
     .rows = 10,
     .conditional = COND_NONE,
     .declares = DECLARES_PAGES | DECLARES_TOTAL,
     .doc = "/info/iView.jsp?node_id=GKql{siteslug}&cat_id={id}&info_id={no}",
     .first = "/info/iList.jsp?node_id=GKql{siteslug}&cat_id={id}",
     .next = "/info/iList.jsp?node_id=GKql{siteslug}&cat_id={id}&cur_page={page}",
     .pager =
         "<form name=\"pageform\"><div class=\"pages\">共{total}条 共 {pages} 页 当前第{page}页 "
         "<a href=\"javascript:gotoPage({page}+1)\">下一页</a></div></form>\n<script>function "
         "gotoPage(n){location.href='/info/iList.jsp?node_id=GKql{siteslug}&cat_id={id}&cur_page="
         "'+n;}</script>\n"},
    {.name = NULL},
};
