/* Hanweb: the first group of rows in the page as XML, the others from dataproxy.jsp; and its disclosure
 * module, whose lists are POST forms answered with a fragment. */
#include "tests/county/families/families.h"

#define PROXY "/module/web/jpage/dataproxy.jsp"

static void records(const struct slice *s, struct page *p) {
  page_text(p, "<recordset>\n");
  for (unsigned i = 0; i < s->count; i++) {
    page_text(p, "<record><![CDATA[");
    fam_row(s->column->docs[s->from + i], p);
    page_text(p, "]]></record>\n");
  }
  page_text(p, "</recordset>\n");
}

static void next_group(const struct slice *s, struct page *p) {
  const struct fcolumn *c = s->column;
  unsigned rows = c->site->family->rows;
  if (s->from + s->count < c->declared)
    page_textf(p,
               "<nextgroup><![CDATA[<a href=\"" PROXY "?page=%u&appid=1&webid=1&path=%%2F"
               "&columnid=%u&unitid=%u&webname=%s&permissiontype=0\"></a>]]></nextgroup>\n",
               s->from / rows + 1, c->id, c->id + 7, c->site->slug);
}

static void datastore(const struct slice *s, struct page *p) {
  const struct fcolumn *c = s->column;
  page_text(p, "<datastore>\n");
  next_group(s, p);
  page_textf(p, "<totalrecord>%u</totalrecord>\n<totalpage>%u</totalpage>\n", c->declared,
             fam_pages(c));
  records(s, p);
  page_text(p, "</datastore>\n");
}

static void embedded(const struct slice *s, struct page *p) {
  const struct fcolumn *c = s->column;
  page_textf(p, "<div id=\"%u\"><script type=\"text/xml\">", c->id + 7);
  datastore(s, p);
  page_textf(
      p,
      "</script></div>\n<script src=\"/css/jpage.js\"></script>\n<script>\n"
      "jQuery(document).ready(function(){jQuery('#%u').jpage({showTotal:true,showMode:'full',"
      "perPage:%u,groupSize:3,barPosition:'bottom',themeName:'default',proxyUrl:'" PROXY "',"
      "ajaxParam:{col:1,appid:1,webid:1,path:'/',columnid:%u,sourceContentType:1,unitid:'%u',"
      "webname:'%s',permissiontype:0}});});\n</script>\n",
      c->id + 7, c->site->family->perpage, c->id, c->id + 7, c->site->name);
}

static void xml_answer(const struct slice *s, struct page *p) {
  page_text(p, "<?xml version='1.0' encoding='utf-8'?>\n");
  datastore(s, p);
}

static const struct fcolumn *asked_column(const struct fsite *s, unsigned id) {
  for (unsigned i = 0; i < s->column_count; i++)
    if (s->columns[i].id == id && !s->columns[i].delisted)
      return &s->columns[i];
  return NULL;
}

/* `from` from 0, and no more than the server gives at once. */
static bool run_of(const struct fcolumn *c, unsigned from, unsigned most, struct slice *out) {
  unsigned first = c->site->family->first_rows, rows = c->site->family->rows;
  *out = (struct slice){.column = c, .from = from, .pages = fam_pages(c)};
  out->count = from < c->count ? c->count - from : 0;
  out->count = out->count < most ? out->count : most;
  out->request = from < first ? 1 : (from - first) / rows + 1;
  out->page = from / rows + 1;
  return true;
}

static bool by_record(const struct fsite *s, const struct request *q, struct slice *out) {
  const struct fcolumn *c = asked_column(s, fam_number(q, "columnid", 0));
  unsigned start = fam_number(q, "startrecord", 1), end;
  if (!zhi_str_is(q->path, PROXY) || !c)
    return false;
  end = fam_number(q, "endrecord", start + s->family->rows - 1);
  start = start ? start : 1;
  end = end < start ? start : end > start + 299 ? start + 299 : end;
  return run_of(c, start - 1, end - start + 1, out);
}

/* A server that knows only groups: whatever the records asked for. */
static bool by_group(const struct fsite *s, const struct request *q, struct slice *out) {
  const struct fcolumn *c = asked_column(s, fam_number(q, "columnid", 0));
  if (!zhi_str_is(q->path, PROXY) || !c)
    return false;
  return run_of(c, fam_number(q, "page", 0) * s->family->rows, s->family->rows, out);
}

static void fragment(const struct slice *s, struct page *p) {
  page_text(p, "<table class=\"tr_main_value\"><tbody>\n");
  for (unsigned i = 0; i < s->count; i++) {
    const struct fdoc *d = s->column->docs[s->from + i];
    page_textf(
        p,
        "<tr><td>%u</td><td><a href=\"http://%s%s\" title=\"%s\" target=\"_blank\">%s</a></td>"
        "<td>%04d-%02d-%02d</td></tr>\n",
        s->from + i + 1, d->site->host->name, d->path, d->title, d->title, d->y, d->m, d->d);
  }
  page_textf(
      p,
      "</tbody></table>\n<div class=\"tb_title\">共%u条&nbsp;共%u页&nbsp;第%u页 <a href=\"#\" "
      "onclick=\"submitpage(%u)\">下一页</a></div>\n",
      s->column->declared, s->pages, s->page, s->page + 1);
}

const struct family hanweb_families[] = {
    {.name = "hanweb",
     .cms = "hanweb",
     .rows = 12,
     .perpage = 4,
     .first_rows = 12,
     .meta = true,
     .conditional = COND_BOTH,
     .declares = DECLARES_PAGES | DECLARES_TOTAL,
     .doc = "/art/{y}/{m}/{d}/art_{id}_{no}.html",
     .first = "/col/col{id}/index.html",
     .next = PROXY "?startrecord={from}&endrecord={to}&perpage=4",
     .method = "POST",
     .body = "col=1&appid=1&webid=1&path=%2F&columnid={id}&sourceContentType=1&unitid={id}7"
             "&webname={siteslug}&permissiontype=0",
     .next_type = "text/xml; charset=utf-8",
     .loose = true,
     .rows_html = embedded,
     .answer = xml_answer,
     .script = by_record,
     .counter = "<script src=\"/module/visitcount/visit.jsp?type=3&i_webid=1&i_columnid={id}"
                "&i_articleid={no}\"></script>\n"},
    {.name = "hanweb-group",
     .cms = "hanweb",
     .rows = 12,
     .perpage = 4,
     .first_rows = 12,
     .conditional = COND_ETAG,
     .declares = DECLARES_PAGES | DECLARES_TOTAL,
     .doc = "/art/{y}/{m}/{d}/art_{id}_{no}.html",
     .first = "/col/col{id}/index.html",
     .next = PROXY "?page={page0}&appid=1&webid=1&path=%2F&columnid={id}",
     .next_type = "text/xml; charset=utf-8",
     .loose = true,
     .rows_html = embedded,
     .answer = xml_answer,
     .script = by_group},
    {.name = "hanweb-xxgk",
     .cms = "hanweb",
     .rows = 10,
     .first_empty = true,
     .conditional = COND_NONE,
     .declares = DECLARES_PAGES | DECLARES_TOTAL,
     .doc = "/art/{y}/{m}/{d}/art_{id}_{no}.html",
     .first = "/col/col{id}/index.html",
     .next = "/module/xxgk/search.jsp",
     .method = "POST",
     .body =
         "infotypeId=A02{class}&jdid=1&area={organ}&divid=div{id}&vc_title=&vc_number="
         "&currpage={page}&vc_filenumber=&vc_all=&sortfield=%2Ccompaltedate%3A0&texttype=&fbtime=",
     .need = "infotypeId=A02{class}&area={organ}&currpage={page}",
     .next_type = "text/html; charset=utf-8",
     .answer = fragment,
     .pager =
         "<form id=\"xxgkform\" name=\"xxgkform\" method=\"post\" "
         "action=\"/module/xxgk/search.jsp\"><input type=\"hidden\" name=\"infotypeId\" "
         "value=\"A02{class}\"><input type=\"hidden\" name=\"jdid\" value=\"1\"><input "
         "type=\"hidden\" name=\"area\" value=\"{organ}\"><input type=\"hidden\" name=\"divid\" "
         "value=\"div{id}\"><input type=\"hidden\" name=\"vc_title\" value=\"\"><input "
         "type=\"hidden\" name=\"currpage\" value=\"1\"><input type=\"hidden\" "
         "name=\"sortfield\" value=\",compaltedate:0\"></form>\n<div id=\"div{id}\"></div>\n"
         "<script>$.post('/module/xxgk/search.jsp',$('#xxgkform').serialize(),function(html){"
         "$('#div{id}').html(html);});</script>\n"},
    {.name = NULL},
};
