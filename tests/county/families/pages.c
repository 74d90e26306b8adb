/* Pages of a department: home, list, document, with little chrome. */
#include "tests/county/families/families.h"

void fam_top(const struct fsite *s, const char *title, const char *head, struct page *p) {
  page_textf(p,
             "<!DOCTYPE html>\n<html>\n<head>\n<meta http-equiv=\"Content-Type\" "
             "content=\"text/html; charset=%s\">\n<title>%s-%s</title>\n"
             "<link rel=\"stylesheet\" href=\"/css/site.css\">\n",
             p->gbk ? "gb2312" : "utf-8", title, s->name);
  if (s->family->meta)
    page_textf(p,
               "<meta name=\"SiteName\" content=\"%s\">\n<meta name=\"SiteDomain\" content=\"%s\">"
               "\n<meta name=\"SiteIDCode\" content=\"" COUNTY_DIVISION "%04u\">\n",
               s->name, s->host->name, 10 + s->no);
  if (s->family->base)
    page_textf(p, "<base href=\"http://%s/\">\n", s->host->name);
  page_text(p, head);
  page_textf(p,
             "</head>\n<body>\n<div class=\"top\"><a href=\"/\">%s</a> "
             "<a href=\"http://www." COUNTY_DOMAIN "/\">" COUNTY_NAME "人民政府</a> "
             "<a href=\"http://m." COUNTY_DOMAIN "/%s/\">手机版</a> "
             "<a href=\"/login.jsp\">登录</a></div>\n",
             s->name, s->slug);
}

void fam_foot(const struct fsite *s, struct page *p) {
  page_textf(p,
             "<div class=\"footer\"><p>主办：%s　网站标识码：" COUNTY_DIVISION "%04u　"
             "ICP备案：青ICP备00000001号</p></div>\n</body>\n</html>\n",
             s->name, 10 + s->no);
}

/* --- home -------------------------------------------------------------------------------------- */

/* Ways to link a column, parted where address and name go: {a} address, {n} name. */
/* NOLINTBEGIN(bugprone-suspicious-missing-comma): long literals stand on two lines */
static const char *const link_idioms[] = {
    "<li><a href=\"{a}\">{n}</a></li>\n",
    "<li onclick=\"window.open('{a}')\">{n}</li>\n",
    "<li><a href=\"{a}\" target=\"_blank\" title=\"{n}\">更多&gt;&gt;</a></li>\n",
    "<li><a href=\"javascript:void(0)\" onclick=\"location.href='{a}'\">{n}</a></li>\n",
    "<li><select onchange=\"window.open(this.value)\"><option "
    "value=\"{a}\">{n}</option></select></li>\n",
    "<li><map name=\"lm\"><area shape=\"rect\" coords=\"0,0,9,9\" href=\"{a}\" "
    "alt=\"{n}\"></map></li>\n",
    "<li data-href=\"{a}\" class=\"lm\">{n}</li>\n",
    "<li><iframe src=\"{a}\" title=\"{n}\" width=\"300\"></iframe></li>\n",
    "<li><script>document.write(\"<a href=\\\"{a}\\\">{n}<\\/a>\");</script></li>\n",
    "<script>var lm={\"name\":\"{n}\",\"url\":\"{a}\"};</script>\n"};
/* NOLINTEND(bugprone-suspicious-missing-comma) */
enum { LINK_IDIOMS = sizeof link_idioms / sizeof *link_idioms };

static void column_link(const struct fcolumn *c, struct page *p) {
  char path[PATH_MAX_BYTES];
  struct expand x = {.site = c->site, .column = c, .slice = column_slice(c, 0)};
  fam_expand(c->site->family->first, &x, path, sizeof path);
  const char *t = link_idioms[(c->site->no + c->no * 3) % LINK_IDIOMS];
  bool script = strstr(t, "<script"); /* where & stands for itself */
  for (; *t; t++) {
    char one[2] = {*t, '\0'};
    bool name = strncmp(t, "{n}", 3) == 0, address = strncmp(t, "{a}", 3) == 0;
    if (address && !script)
      page_escaped(p, path + c->site->family->base);
    else
      page_text(p, address ? path + c->site->family->base : name ? c->name : one);
    t += name || address ? 2 : 0;
  }
}

const char *fam_home_path(const struct fsite *s) {
  return s->no % 11 == 4 ? "/index_pc.html" : s->no % 11 == 7 ? "/portal/index.html" : NULL;
}

void fam_stub(const struct fsite *s, struct page *p) {
  const char *to = fam_home_path(s);
  if (s->no % 11 == 4)
    page_textf(p, "<script>window.location.replace(\"%s\")</script>\n", to);
  else
    page_textf(p, "<html><head><meta http-equiv=refresh content=0;URL=%s></head></html>\n", to);
}

void fam_home(const struct fsite *s, struct page *p) {
  fam_top(s, "首页", "", p);
  page_text(p, "<ul class=\"nav\">\n");
  for (unsigned i = 0; i < s->column_count; i++)
    if (!s->columns[i].delisted)
      column_link(&s->columns[i], p);
  page_text(p, "</ul>\n");
  odd_site_link(s, p);
  fam_foot(s, p);
}

/* --- lists ------------------------------------------------------------------------------------- */

void fam_row(const struct fdoc *d, struct page *p) {
  char shown[TEXT_MAX];
  text_cut(d->title, 20, shown, sizeof shown);
  page_text(p, "<li><a href=\"");
  page_escaped(p, d->path + d->site->family->base);
  page_textf(p, "\" target=\"_blank\" title=\"%s\">%s</a><span>%04d-%02d-%02d</span></li>\n",
             d->title, shown, d->y, d->m, d->d);
}

void fam_rows(const struct slice *s, struct page *p) {
  for (unsigned i = 0; i < s->count; i++)
    fam_row(s->column->docs[s->from + i], p);
}

void fam_list(const struct slice *s, struct page *p) {
  const struct fcolumn *c = s->column;
  const struct family *f = c->site->family;
  struct expand x = {.site = c->site, .column = c, .slice = *s};
  char head[2048] = "";
  if (!x.slice.page)
    x.slice.page = 1;
  fam_expand(f->head ? f->head : "", &x, head, sizeof head);
  fam_top(c->site, c->name, head, p);
  page_textf(p, "<div class=\"pos\">您的位置：<a href=\"/\">首页</a> &gt; %s</div>\n", c->name);
  if (f->above)
    fam_expand_page(f->above, &x, p);
  if (f->rows_html) {
    f->rows_html(s, p);
  } else {
    page_text(p, "<ul class=\"list\">\n");
    fam_rows(s, p);
    page_text(p, "</ul>\n");
  }
  if (f->pager)
    fam_expand_page(f->pager, &x, p);
  if (f->pager_html)
    f->pager_html(&x.slice, p);
  fam_foot(c->site, p);
}

/* --- documents --------------------------------------------------------------------------------- */

static void tags(const struct fdoc *d, const struct ffields *f, char *out, size_t size) {
  out[0] = '\0';
  if (d->site->family->meta)
    text_set(
        out, size,
        "<meta name=\"ColumnName\" content=\"%s\">\n<meta name=\"ArticleTitle\" content=\"%s\">"
        "\n<meta name=\"PubDate\" content=\"%s\">\n<meta name=\"ContentSource\" "
        "content=\"%s\">\n",
        d->column->name, d->title, f->raw[F_DATE_PUBLISHED], f->raw[F_SOURCE]);
}

static void article(const struct fdoc *d, const struct ffields *f, unsigned part, struct page *p) {
  struct rng r = {mix64(d->key + part)};
  page_text(p, "<div class=\"article-content\" id=\"zoom\">\n");
  if (part == 0)
    page_textf(p, "<p>　　为落实%d年第%u号工作安排，现就有关事项公布如下。</p>\n", d->y,
               d->serial % 10000);
  for (unsigned i = 0; i < 6; i++) {
    page_text(p, "<p>　　");
    page_sentences(p, &r, 2 + rng_n(&r, 3));
    page_text(p, "</p>\n");
  }
  for (unsigned g = 0; d->edits >> g; g++)
    if (d->edits >> g & 1 && part == 0)
      page_textf(p, "<p>　　第%u次修订：补充说明有关事项。</p>\n", g + 1);
  if (part == 0 && doc_has_attachment(d)) {
    char file[PATH_MAX_BYTES];
    doc_attachment(d, file);
    page_textf(p, "<p>附件：<a href=\"%s\">任务清单.pdf</a></p>\n", file);
  }
  if (part + 1 == d->parts)
    page_textf(
        p,
        "<p style=\"text-align:right\">%s</p>\n<p style=\"text-align:right\">%.4s年%.2s月%.2s"
        "日</p>\n",
        d->site->name, f->norm[F_DATE_WRITTEN], f->norm[F_DATE_WRITTEN] + 5,
        f->norm[F_DATE_WRITTEN] + 8);
  page_text(p, "</div>\n");
  if (d->parts > 1) {
    const char *slash = strrchr(d->path, '/'), *dot = strrchr(d->path, '.');
    page_textf(p, "<script>createPageHTML(%u, %u, \"%.*s\", \"%s\");</script>\n", d->parts, part,
               (int)(dot - slash - 1), slash + 1, dot + 1);
  }
}

void fam_document(const struct fdoc *d, unsigned part, struct page *p) {
  struct ffields f;
  struct zhi_buf script;
  struct expand x = {.site = d->site, .column = d->column, .doc = d};
  char head[2048];
  zhi_buf_init(&script, 1u << 16);
  fam_fields(d, &f);
  tags(d, &f, head, sizeof head);
  fam_top(d->site, d->title, head, p);
  page_textf(p, "<div class=\"pos\">您的位置：<a href=\"/\">首页</a> &gt; %s &gt; 正文</div>\n",
             d->column->name);
  if (f.labelled && part == 0)
    fam_idiom(d, &f, p, &script);
  page_textf(p, "<h1>%s</h1>\n", d->title);
  page_textf(
      p, "<p class=\"info\">发布时间：%s&nbsp;&nbsp;来源：%s&nbsp;&nbsp;【字体：大 中 小】</p>\n",
      f.raw[F_DATE_PUBLISHED], f.raw[F_SOURCE]);
  if (!f.labelled && part == 0)
    fam_idiom(d, &f, p, &script);
  article(d, &f, part, p);
  page_textf(p,
             "<div class=\"tools\"><a href=\"javascript:window.print()\">打印</a> "
             "<a href=\"/print.jsp?id=%u\">打印本页</a> <a href=\"http://service.weibo.com/share/"
             "share.php?url=http://%s\">微博</a></div>\n",
             d->no, d->site->host->name);
  if (d->site->family->counter)
    fam_expand_page(d->site->family->counter, &x, p);
  if (script.len) {
    page_text(p, "<script>\n$(function(){\n");
    page_text(p, script.p);
    page_text(p, "});\n</script>\n");
  }
  zhi_buf_release(&script);
  fam_foot(d->site, p);
}
