/* List pages, home pages and Hanweb's list script, in each family's paging.
 *
 * Every list page carries the family's script pager and, beside it, a plain link to the next page,
 * as many static builds do; the one exception is the second column of a Hanweb site, whose later
 * groups are only to be had from its list script (column.scripted). */
#include "tests/county/county.h"

void list_path(const struct site *s, const struct column *c, unsigned page,
               char out[PATH_MAX_BYTES]) {
  const char *x = s->prefix;
  char tail[40] = "";
  switch (s->shape) {
  case SHAPE_TRS:
    if (page > 1)
      text_set(tail, sizeof tail, "index_%u.html", page - 1);
    text_set(out, PATH_MAX_BYTES, "%s/zwgk/%s/%s", x, c->slug, tail);
    break;
  case SHAPE_HANWEB:
    if (page > 1)
      text_set(tail, sizeof tail, "?uid=%u&pageNum=%u", c->id + 7, page);
    text_set(out, PATH_MAX_BYTES, "%s/col/col%u/index.html%s", x, c->id, tail);
    break;
  case SHAPE_VSB:
    if (page > 1) /* numbered from the oldest page: the last one is 1 */
      text_set(tail, sizeof tail, "/%u", column_pages(s, c) - page + 1);
    text_set(out, PATH_MAX_BYTES, "%s/xxgk/%s%s.htm", x, c->slug, tail);
    break;
  case SHAPE_UCAP:
    if (page > 1)
      text_set(tail, sizeof tail, "_%u", page);
    text_set(out, PATH_MAX_BYTES, "%s/c%u/list%s.shtml", x, c->id, tail);
    break;
  case SHAPE_LONSUN:
    if (page > 1)
      text_set(tail, sizeof tail, "&pageIndex=%u", page);
    text_set(out, PATH_MAX_BYTES, "%s/public/column/%s?type=4&action=list&nav=3&catId=%u%s", x,
             s->organ, c->id, tail);
    break;
  case SHAPE_YUNNAN:
    if (page > 1)
      text_set(tail, sizeof tail, "index_%u.html", page);
    text_set(out, PATH_MAX_BYTES, "%s/xxgk/%s/%s/%s", x, s->organ, c->slug, tail);
    break;
  case SHAPE_SITESERVER:
    if (page > 1)
      text_set(tail, sizeof tail, "_%u", page);
    text_set(out, PATH_MAX_BYTES, "%s/channels/%u%s.html", x, c->id, tail);
    break;
  default:
    if (page > 1)
      text_set(tail, sizeof tail, "_%u", page);
    text_set(out, PATH_MAX_BYTES, "%s/%s%s", x, c->slug, tail);
    break;
  }
}

/* The last run of digits in the path and query. */
static bool last_digits(struct zhi_str s, unsigned *out) {
  size_t end = s.len;
  while (end > 0 && (s.p[end - 1] < '0' || s.p[end - 1] > '9'))
    end--;
  size_t from = end;
  while (from > 0 && s.p[from - 1] >= '0' && s.p[from - 1] <= '9')
    from--;
  unsigned long long n;
  if (!zhi_str_u64(zhi_str_sub(s, from, end), 1000000, &n))
    return false;
  *out = (unsigned)n;
  return true;
}

bool list_of_path(const struct site *s, struct zhi_str path, const struct column **c,
                  unsigned *page) {
  char want[PATH_MAX_BYTES];
  unsigned n = 0;
  bool numbered = last_digits(path, &n);
  for (unsigned i = 0; i < s->column_count; i++) {
    const struct column *col = &s->columns[i];
    unsigned pages = column_pages(s, col);
    *c = col;
    *page = 1;
    list_path(s, col, 1, want);
    if (zhi_str_is(path, want))
      return true;
    unsigned k = !numbered               ? 0
                 : s->shape == SHAPE_TRS ? n + 1
                 : s->shape == SHAPE_VSB ? pages - n + 1
                                         : n;
    if (k < 2 || k > pages)
      continue;
    *page = k;
    list_path(s, col, k, want);
    if (zhi_str_is(path, want))
      return true;
  }
  return false;
}

static void item(const struct site *s, unsigned doc, const char *up, struct page *p) {
  struct brief b;
  char shown[TEXT_MAX];
  doc_brief(s, doc, &b);
  text_cut(b.title, 24, shown, sizeof shown);
  const char *href = b.path;
  if (up) /* relative to the list, as the family's builder writes it */
    href = s->shape == SHAPE_TRS ? strstr(b.path, b.column->slug) + strlen(b.column->slug) + 1
                                 : b.path + strlen(s->prefix) + 1;
  page_textf(p,
             "<li><a href=\"%s%s\" target=\"_blank\" "
             "title=\"%s\">%s</a><span>%s%04d-%02d-%02d%s</span></li>\n",
             up ? up : "", href, b.title, shown, s->shape == SHAPE_HANWEB ? "[" : "", b.y, b.m, b.d,
             s->shape == SHAPE_HANWEB ? "]" : "");
}

static void hanweb_script(const struct site *s, const struct column *col, struct page *p) {
  unsigned group = s->rows * 3, n = col->count < group ? col->count : group;
  page_textf(p,
             "<div id=\"%u\"><script type=\"text/xml\"><datastore>\n"
             "<nextgroup><![CDATA[<a href=\"%s" DATAPROXY "?page=1&webid=1&path="
             "http://%s/&columnid=%u&unitid=%u&permissiontype=0\"></a>]]></nextgroup>\n"
             "<totalrecord>%u</totalrecord><totalpage>%u</totalpage><recordset>\n",
             col->id + 7, s->prefix, s->host->name, col->id, col->id + 7, col->count,
             column_groups(s, col));
  for (unsigned i = 0; i < n; i++) {
    page_text(p, "<record><![CDATA[");
    item(s, col->first + i, NULL, p);
    page_text(p, "]]></record>\n");
  }
  page_textf(p,
             "</recordset></datastore></script></div>\n<script type=\"text/javascript\">"
             "var __jpage={col:1,appid:1,webid:1,path:'%s/',columnid:%u,sourceContentType:1,"
             "unitid:'%u',webname:'%s',permissiontype:0,perpage:%u};</script>\n"
             "<script type=\"text/javascript\">jQuery('#%u').jpage({perpage:%u,"
             "proxyUrl:'%s" DATAPROXY "'});</script>\n",
             s->prefix, col->id, col->id + 7, s->name, s->rows, col->id + 7, s->rows, s->prefix);
}

static void script_pager(const struct site *s, const struct column *col, unsigned page,
                         struct page *p) {
  unsigned pages = column_pages(s, col);
  if (s->shape == SHAPE_TRS)
    page_textf(p, "<script>createPageHTML(%u, %u, \"index\", \"html\");</script>\n", pages,
               page - 1);
  else if (s->shape == SHAPE_UCAP)
    page_textf(p,
               "<div id=\"page_div\"></div><script>createPageHTML('page_div',%u,%u,'list',"
               "'shtml',%u);</script>\n",
               pages, page, col->count);
  else if (s->shape == SHAPE_HANWEB && page == 1)
    hanweb_script(s, col, p);
  else if (s->shape == SHAPE_LONSUN)
    page_textf(p,
               "<script>Ls.pagination({el:'#page',total:%u,pageSize:%u,pageIndex:%u});</script>\n",
               col->count, s->rows, page);
}

static void pager_link(const struct site *s, const struct column *col, unsigned page,
                       const char *text, struct page *p) {
  char path[PATH_MAX_BYTES];
  list_path(s, col, page, path);
  page_text(p, "<a class=\"Next\" href=\"");
  page_escaped(p, path);
  page_textf(p, "\">%s</a> ", text);
}

static void pager(const struct site *s, const struct column *col, unsigned page, struct page *p) {
  unsigned pages = column_pages(s, col);
  page_textf(p, "<div class=\"page\">共%u条 第%u/%u页 ", col->count, page, column_groups(s, col));
  if (page > 1)
    pager_link(s, col, page - 1, "上一页", p);
  if (page < pages) {
    pager_link(s, col, page + 1, "下一页", p);
    pager_link(s, col, pages, "尾页", p);
  }
  page_text(p, "</div>\n");
  script_pager(s, col, page, p);
}

static void site_tags(const struct site *s, const char *column, struct page *p) {
  if (!shape_rows(s->shape).meta)
    return;
  page_textf(p,
             "<meta name=\"SiteName\" content=\"%s\">\n<meta name=\"SiteDomain\" content=\"%s\">\n"
             "<meta name=\"SiteIDCode\" content=\"" COUNTY_DIVISION "0001\">\n",
             s->name, s->host->name);
  if (column)
    page_textf(p,
               "<meta name=\"ColumnName\" content=\"%s\">\n<meta name=\"ColumnType\" content=\""
               "信息公开目录\">\n",
               column);
}

void list_page(const struct county *c, const struct site *s, const struct column *col,
               unsigned page, struct page *p) {
  (void)c;
  const char *up = s->shape == SHAPE_TRS   ? "./"
                   : s->shape == SHAPE_VSB ? (page == 1 ? "../" : "../../")
                                           : NULL;
  page_raw(p, &s->head);
  page_textf(p, "<title>%s-%s</title>\n", col->name, s->name);
  site_tags(s, col->name, p);
  page_raw(p, &s->top);
  page_textf(p,
             "<div class=\"pos\">您的位置：<a href=\"%s/\">首页</a> &gt; %s</div>\n"
             "<div class=\"list\"><h2>%s</h2><ul class=\"list_ul\">\n",
             s->prefix, col->name, col->name);
  unsigned from = (page - 1) * s->rows,
           to = from + s->rows < col->count ? from + s->rows : col->count;
  for (unsigned i = from; i < to; i++)
    item(s, col->first + i, up, p);
  page_text(p, "</ul></div>\n");
  pager(s, col, page, p);
  page_raw(p, &s->foot);
}

/* --- home pages -------------------------------------------------------------------------------- */

static void all_departments(const struct county *c, struct page *p) {
  page_text(p, "<div class=\"bmdh\"><h3>部门导航</h3><ul>\n");
  for (unsigned i = 1; i < c->site_count; i++)
    page_textf(p, "<li><a href=\"http://%s%s/\">%s</a></li>\n", c->sites[i].host->name,
               c->sites[i].prefix, c->sites[i].name);
  for (unsigned i = 0; c->o.scenario == SCENARIO_FAULTS && i < fault_count(); i++) {
    char home[PATH_MAX_BYTES];
    fault_home(i, home);
    page_textf(p, "<li><a href=\"%s\">%s</a></li>\n", home, fault_name(i));
  }
  page_text(p, "</ul></div>\n");
}

static void home_extras(const struct county *c, const struct site *s, struct page *p) {
  if (c->o.scenario == SCENARIO_BENCH || s->prefix[0])
    return;
  page_text(p,
            "<div class=\"banner2\" style=\"background:url('/images/banner-bg.png')\"><img src=\""
            "/images/banner-1x.jpg\" srcset=\"/images/banner-1x.jpg 1x, /images/banner-2x.jpg 2x\""
            " alt=\"\"></div>\n");
  if (host_closes_private(s->host))
    page_text(p, "<p><a href=\"/private/1.html\">内部资料</a> <a "
                 "href=\"/private/public.html\">可公开资料</a>"
                 "</p>\n");
  if (s->no == 0 && county_has_traps(c))
    page_text(p, "<p><a href=\"/bmfw/\">便民服务</a></p>\n");
}

void home_page(const struct county *c, const struct site *s, struct page *p) {
  page_raw(p, &s->head);
  page_textf(p, "<title>%s</title>\n", s->name);
  site_tags(s, NULL, p);
  page_raw(p, &s->top);
  home_extras(c, s, p);
  if (site_has_gbk_query(c, s))
    page_textf(p, "<p><a href=\"%s/gongkai.htm?lm=公开\">公开查询</a></p>\n", s->prefix);
  for (unsigned i = 0; i < s->column_count; i++) {
    const struct column *col = &s->columns[i];
    char path[PATH_MAX_BYTES];
    list_path(s, col, 1, path);
    page_textf(p, "<div class=\"block\"><h3>%s</h3><a class=\"more\" href=\"", col->name);
    page_escaped(p, path);
    page_text(p, "\">更多&gt;&gt;</a><ul>\n");
    for (unsigned k = 0; k < col->count && k < 6; k++)
      item(s, col->first + k, NULL, p);
    page_text(p, "</ul></div>\n");
  }
  if (s->no == 0)
    all_departments(c, p);
  page_raw(p, &s->foot);
}

/* --- Hanweb's list script ---------------------------------------------------------------------- */

static unsigned parameter(struct zhi_str query, const char *name, unsigned otherwise) {
  while (query.p) {
    struct zhi_str pair = zhi_str_cut(&query, '&'), key = zhi_str_cut(&pair, '=');
    unsigned long long n;
    if (zhi_str_is(key, name) && zhi_str_u64(pair, 10000000, &n))
      return (unsigned)n;
  }
  return otherwise;
}

void dataproxy_answer(const struct county *c, const struct site *s, struct zhi_str query,
                      struct page *p) {
  (void)c;
  unsigned id = parameter(query, "columnid", 0), start = parameter(query, "startrecord", 1);
  unsigned end = parameter(query, "endrecord", start + s->rows * 3 - 1);
  page_text(p, "<?xml version=\"1.0\" encoding=\"utf-8\"?><datastore>\n");
  for (unsigned i = 0; i < s->column_count; i++) {
    const struct column *col = &s->columns[i];
    if (col->id != id)
      continue;
    page_textf(p, "<totalrecord>%u</totalrecord><totalpage>%u</totalpage><recordset>\n", col->count,
               column_groups(s, col));
    end = end < start + 299 ? end : start + 299; /* the server cuts large groups */
    for (unsigned k = start; k >= 1 && k <= end && k <= col->count; k++) {
      page_text(p, "<record><![CDATA[");
      item(s, col->first + k - 1, NULL, p);
      page_text(p, "]]></record>\n");
    }
    page_text(p, "</recordset>\n");
  }
  page_text(p, "</datastore>\n");
}
