/* Families whose rows come as JSON, or as HTML in a JSON string: JPAAS, UCAP's search, gkmlpt, Epoint. */
#include "tests/county/families/families.h"
#include "zhi/clock.h"

static const struct fcolumn *column_with(const struct fsite *s, struct zhi_str guid) {
  for (unsigned i = 0; i < s->column_count; i++)
    if (!s->columns[i].delisted && zhi_str_find(guid, zhi_str_of(s->columns[i].guid)))
      return &s->columns[i];
  return NULL;
}

/* Page `page` (from 1) of `size` rows. */
static bool page_of(const struct fcolumn *c, unsigned page, unsigned size, struct slice *out) {
  const struct family *f = c->site->family;
  page = page ? page : 1;
  size = size && size < 300 ? size : f->rows;
  *out = (struct slice){.column = c, .from = (page - 1) * size, .pages = fam_pages(c)};
  out->count = out->from < c->count ? c->count - out->from : 0;
  out->count = out->count < size ? out->count : size;
  out->page = page;
  out->request = out->from / (f->rows ? f->rows : 1) + (f->first_empty ? 1 : 0);
  return true;
}

/* --- JPAAS ------------------------------------------------------------------------------------- */

#define UNIT "/api-gateway/jpaas-publish-server/front/page/build/unit"

static unsigned number_after(struct zhi_str text, const char *name, unsigned otherwise) {
  const char *at = zhi_str_find(text, zhi_str_of(name));
  unsigned n = 0;
  if (!at)
    return otherwise;
  at += strlen(name);
  while (at < text.p + text.len && !(*at >= '0' && *at <= '9')) {
    if (at[0] == '%' && at + 2 < text.p + text.len)
      at += 2;
    at++;
  }
  for (; at < text.p + text.len && *at >= '0' && *at <= '9' && n < 100000; at++)
    n = n * 10 + (unsigned)(*at - '0');
  return n;
}

static bool unit_script(const struct fsite *s, const struct request *q, struct slice *out) {
  struct zhi_str page_id, json;
  if (!zhi_str_is(q->path, UNIT) || !fam_parameter(q->query, "pageId", &page_id))
    return false;
  const struct fcolumn *c = column_with(s, page_id);
  if (!fam_parameter(q->query, "paramJson", &json))
    json = ZHI_STR("");
  return c && page_of(c, number_after(json, "pageNo", 1), number_after(json, "pageSize", 0), out);
}

static void unit_answer(const struct slice *s, struct page *p) {
  page_text(p, "{\"success\":true,\"code\":\"200\",\"message\":\"\",\"data\":{\"html\":\"\\u003cul "
               "class\\u003d\\\"list\\\"\\u003e");
  for (unsigned i = 0; i < s->count; i++) {
    const struct fdoc *d = s->column->docs[s->from + i];
    page_textf(p,
               "\\u003cli\\u003e\\u003ca href\\u003d\\\"%s\\\" "
               "title\\u003d\\\"%s\\\"\\u003e%s\\u003c/a\\u003e"
               "\\u003cspan\\u003e%04d-%02d-%02d\\u003c/span\\u003e\\u003c/li\\u003e\\r\\n",
               d->path, d->title, d->title, d->y, d->m, d->d);
  }
  page_text(p, "\\u003c/ul\\u003e\"}}");
}

/* --- UCAP's search ----------------------------------------------------------------------------- */

static bool search_script(const struct fsite *s, const struct request *q, struct slice *out) {
  struct zhi_str rest = q->path;
  if (!zhi_str_starts(rest, "/common/search/"))
    return false;
  const struct fcolumn *c = column_with(s, rest);
  return c && page_of(c, fam_number(q, "page", 1), fam_number(q, "_pageSize", 0), out);
}

static void search_answer(const struct slice *s, struct page *p) {
  page_textf(p, "{\"code\":200,\"data\":{\"page\":%u,\"rows\":%u,\"total\":%u,\"results\":[",
             s->page, s->column->site->family->rows, s->column->declared);
  for (unsigned i = 0; i < s->count; i++) {
    const struct fdoc *d = s->column->docs[s->from + i];
    page_textf(p,
               "%s{\"title\":\"%s\",\"url\":\"\\/\\/%s%s\",\"publishedTimeStr\":\"%04d-%02d-%02d "
               "09:00:00\",\"channelName\":\"%s\",\"domainMetaList\":[],\"resList\":[]}",
               i ? "," : "", d->title, d->site->host->name, d->path, d->y, d->m, d->d,
               s->column->name);
  }
  page_text(p, "]}}");
}

/* --- gkmlpt ------------------------------------------------------------------------------------ */

static void gkmlpt_config(const struct slice *s, struct page *p) {
  const struct fsite *site = s->column->site;
  page_textf(
      p,
      "<div id=\"app\"></div>\n<script>window._CONFIG = {SID: %u, LANG: 'zh', SITE_NAME: "
      "\"%s\", TREE: [{\"id\":%u,\"name\":\"法定主动公开内容\",\"jump_url\":\"\",\"children\":[",
      site->no + 1, site->name, site->columns[0].id - 1);
  for (unsigned i = 0, n = 0; i < site->column_count; i++)
    if (!site->columns[i].delisted)
      page_textf(p, "%s{\"id\":%u,\"name\":\"%s\",\"jump_url\":\"\",\"children\":[]}",
                 n++ ? "," : "", site->columns[i].id, site->columns[i].name);
  page_text(p, "]}]};</script>\n");
}

static void gkmlpt_answer(const struct slice *s, struct page *p) {
  const struct fcolumn *c = s->column;
  page_textf(p, "{\"classify\":{\"id\":%u,\"name\":\"%s\",\"post_count\":%u},\"articles\":[", c->id,
             c->name, c->declared);
  for (unsigned i = 0; i < s->count; i++) {
    const struct fdoc *d = c->docs[s->from + i];
    long long at = (long long)zhi_days_from_civil(d->y, d->m, d->d) * 86400;
    page_textf(
        p,
        "%s{\"id\":%u,\"title\":\"%s\",\"identifier\":\"\",\"document_number\":\"\",\"publisher\""
        ":\"%s\",\"created_at\":%lld,\"first_publish_time\":%lld,\"abstract\":\"\",\"url\":"
        "\"http:\\/\\/%s%s\",\"attachment\":[],\"is_expired\":false,\"is_abolished\":false}",
        i ? "," : "", d->no, d->title, d->site->name, at, at, d->site->host->name, d->path);
  }
  page_text(p, "]}");
}

/* Pages 0 and 1 are the same. */
static bool gkmlpt_script(const struct fsite *s, const struct request *q, struct slice *out) {
  char path[64];
  for (unsigned i = 0; i < s->column_count; i++) {
    text_set(path, sizeof path, "/gkmlpt/api/all/%u", s->columns[i].id);
    if (zhi_str_is(q->path, path) && !s->columns[i].delisted)
      return page_of(&s->columns[i], fam_number(q, "page", 1), 0, out);
  }
  return false;
}

/* --- Epoint ------------------------------------------------------------------------------------ */

#define REST "/EpointWebBuilder/rest/lightfrontaction/getgovinfolist"

static bool rest_script(const struct fsite *s, const struct request *q, struct slice *out) {
  struct zhi_str category;
  char want[16];
  if (!zhi_str_is(q->path, REST) || !zhi_str_is(q->method, "POST") ||
      !fam_parameter(q->body, "categorynum", &category))
    return false;
  for (unsigned i = 0; i < s->column_count; i++) {
    text_set(want, sizeof want, "006%03u", i + 1);
    if (zhi_str_is(category, want) && !s->columns[i].delisted)
      return page_of(&s->columns[i], fam_number(q, "pageIndex", 0) + 1,
                     fam_number(q, "pageSize", 0), out);
  }
  return false;
}

static void rest_answer(const struct slice *s, struct page *p) {
  page_textf(p, "{\"custom\":{\"code\":1,\"total\":%u,\"data\":[", s->column->declared);
  for (unsigned i = 0; i < s->count; i++) {
    const struct fdoc *d = s->column->docs[s->from + i];
    page_textf(p, "%s{\"title\":\"%s\",\"infourl\":\"%s\",\"infodate\":\"%04d-%02d-%02d\"}",
               i ? "," : "", d->title, d->path, d->y, d->m, d->d);
  }
  page_text(p, "]},\"status\":{\"code\":1,\"text\":\"\"}}");
}

#define REST_BODY                                                                                  \
  "{\"deptcode\":\"{organ}\",\"categorynum\":\"006{class}\",\"siteGuid\":\"{guid}\","              \
  "\"pageIndex\":{page0},\"pageSize\":10}"
#define REST_CALL                                                                                  \
  "<input type=\"hidden\" id=\"categorynum\" value=\"006{class}\">\n<ul id=\"infolist\"></ul>\n"   \
  "<script>\nvar categorynum='006{class}',deptcode='{organ}',pageSize=10;\nfunction getList(i){"   \
  "$.ajax({type:'post',url:siteInfo.projectName+'/rest/lightfrontaction/getgovinfolist',"          \
  "contentType:'application/json',data:JSON.stringify({deptcode:deptcode,categorynum:categorynum," \
  "siteGuid:siteInfo.siteGuid,pageIndex:i,pageSize:pageSize}),success:show});}\ngetList(0);\n"     \
  "</script>\n"
#define SITE_INFO  "var siteInfo={projectName:'/EpointWebBuilder',siteGuid:'{guid}'};\n"
#define EPOINT_DOC "/govxxgk/{organ}/{y}-{m}-{d}/{hex}.html"

const struct family json_families[] = {
    {.name = "jpaas",
     .cms = "jpaas",
     .rows = 10,
     .meta = true,
     .conditional = COND_BOTH,
     .declares = DECLARES_TOTAL,
     .doc = "/art/{y}/art_{hex}.html",
     .first = "/col/{cguid}/index.html",
     .next =
         UNIT "?parseType=bulidstatic&webId={guid}&tplSetId={guid}&pageType=column&tagId=xxlb"
              "&editType=null&pageId={cguid}&paramJson=%7B%22pageNo%22%3A{page}%2C%22pageSize%22"
              "%3A%2210%22%7D",
     .next_type = "application/json;charset=utf-8",
     .loose = true,
     .answer = unit_answer,
     .script = unit_script,
     .pager =
         "<div class=\"default_pgContainer\" unitUrl=\"" UNIT "\" queryData=\"{'parseType':"
         "'bulidstatic','webId':'{guid}','tplSetId':'{guid}','pageType':'column','tagId':'xxlb',"
         "'editType':'null','pageId':'{cguid}'}\" pageNo=\"1\" rows=\"{rows}\" count=\"{total}\">"
         "</div>\n"},
    {.name = "ucap-search",
     .cms = "ucap",
     .rows = 10,
     .first_empty = true,
     .conditional = COND_NONE,
     .declares = DECLARES_TOTAL,
     .doc = "/c{id}/{ym}/{hex}.shtml",
     .first = "/c{id}/pc/list.html",
     .next = "/common/search/{cguid}?_isAgg=true&_isJson=true&_pageSize=10&_template=index"
             "&_rangeTimeGte=&_channelName=&page={page}",
     .next_type = "application/json;charset=UTF-8",
     .loose = true,
     .answer = search_answer,
     .script = search_script,
     .head = "<meta name=\"channelid\" content=\"{cguid}\">\n",
     .pager =
         "<ul id=\"xxgkList\"></ul>\n<script>\nvar channelId='{cguid}';\nfunction load(page){$."
         "ajax({url:'/common/search/'+channelId+'?_isAgg=true&_isJson=true&_pageSize=10&_template"
         "=index&_rangeTimeGte=&_channelName=&page='+page,dataType:'json',success:show});}\n"
         "load(1);\n</script>\n"},
    {.name = "gkmlpt",
     .cms = "gkmlpt",
     .rows = 100,
     .least = 104,
     .first_empty = true,
     .conditional = COND_NONE,
     .declares = DECLARES_TOTAL,
     .doc = "/gkmlpt/content/6/{id}/post_{no}.html",
     .first = "/gkmlpt/index#{id}",
     .next = "/gkmlpt/api/all/{id}?page={page}&sid={siteno}",
     .next_type = "application/json",
     .loose = true,
     .rows_html = gkmlpt_config,
     .counter = "<a href=\"/gkmlpt/content/6/{id}/mpost_{no}.html\">手机版</a>\n",
     .answer = gkmlpt_answer,
     .script = gkmlpt_script},
    {.name = "epoint",
     .cms = "epoint",
     .rows = 10,
     .first_empty = true,
     .conditional = COND_ETAG,
     .declares = DECLARES_TOTAL,
     .doc = EPOINT_DOC,
     .first = "/006/006{class}/govlist.html",
     .next = REST,
     .method = "POST",
     .body = REST_BODY,
     .next_type = "application/json",
     .loose = true,
     .answer = rest_answer,
     .script = rest_script,
     .pager = "<script>" SITE_INFO "</script>\n" REST_CALL},
    {.name = "epoint-file",
     .cms = "epoint",
     .rows = 10,
     .first_empty = true,
     .conditional = COND_ETAG,
     .declares = DECLARES_TOTAL,
     .doc = EPOINT_DOC,
     .first = "/006/006{class}/govlist.html",
     .next = REST,
     .method = "POST",
     .body = REST_BODY,
     .next_type = "application/json",
     .loose = true,
     .answer = rest_answer,
     .script = rest_script,
     .file = "/js/webBuilderCommon.js",
     .file_text = SITE_INFO,
     .head = "<script src=\"/js/webBuilderCommon.js\"></script>\n",
     .pager = REST_CALL},
    {.name = NULL},
};
