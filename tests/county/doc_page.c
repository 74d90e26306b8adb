/* A document's page in its site's shape: official tags, labelled rows, body, attachments. */
#include "tests/county/county.h"

/* --- official tags, in the shapes met in the wild ---------------------------------------------- */
static void meta(struct page *p, unsigned style, const char *name, const char *value) {
  static const char *const forms[4][3] = {{"<meta name=\"", "\" content=\"", "\">\n"},
                                          {"<meta content=\"", "\" name=\"", "\" />\n"},
                                          {"<META name='", "' content='", "'/>\n"},
                                          {"<meta  NAME = \"", "\"  CONTENT = \"", "\" >\n"}};
  page_text(p, forms[style][0]);
  page_escaped(p, style == 1 ? value : name);
  page_text(p, forms[style][1]);
  page_escaped(p, style == 1 ? name : value);
  page_text(p, forms[style][2]);
}

static void official_tags(const struct facts *f, struct page *p) {
  static const struct {
    const char *name, *odd;
    enum field field;
  } tags[] = {
      {"SiteName", "Sitename", F_SITE_NAME},       {"SiteIDCode", "SITEIDCODE", F_SITE_ID_CODE},
      {"ColumnName", "columnName", F_COLUMN_NAME}, {"ArticleTitle", "articletitle", F_TITLE},
      {"PubDate", "pubdate", F_DATE_PUBLISHED},    {"ContentSource", "contentSource", F_SOURCE},
      {"Keywords", "keywords", F_KEYWORDS},        {"Author", "author", F_AUTHOR},
      {"Description", "description", F_ABSTRACT}};
  const struct site *s = f->b.site;
  for (unsigned i = 0; i < sizeof tags / sizeof *tags; i++)
    meta(p, s->meta_style, s->meta_style % 2 ? tags[i].odd : tags[i].name, f->raw[tags[i].field]);
  meta(p, s->meta_style, "ColumnType", "政策文件");
  meta(p, s->meta_style, "SiteDomain", s->host->name);
  if (s->shape == SHAPE_UCAP)
    meta(p, 0, "others", "页面生成时间 2018-12-29 08:00:00");
}

/* --- labelled rows ----------------------------------------------------------------------------- */
static void value(const struct facts *f, enum field field, struct page *p) {
  if (field == F_VIEWS)
    page_text(p, "<span id=\"hits\"></span>");
  else
    page_escaped(p, f->raw[field]);
}

/* How each shape writes its rows: around the block, around a row of `cells` pairs, and the pair. */
struct layout {
  const char *open, *close, *row_open, *row_close;
  unsigned pairs;
  const char *before, *middle, *after;
};

static const struct layout layouts[SHAPE_COUNT] = {
    [SHAPE_SEED] = {"<table class=\"xxgk_table\" width=\"100%\">\n", "</table>\n", "<tr>",
                    "</tr>\n", 2, "<td class=\"label\"><strong>", "：</strong></td><td>", "</td>"},
    [SHAPE_TRS] = {"<div class=\"xxgk_head\"><ul>\n", "</ul></div>\n", "", "\n", 1, "<li><span>",
                   "：</span>", "</li>"},
    [SHAPE_HANWEB] = {"<table id=\"xxgkinfo\"><tbody>\n", "</tbody></table>\n", "<tr>", "</tr>\n",
                      2, "<th>", "</th><td><!--<$[信息]>begin-->", "<!--<$[信息]>end--></td>"},
    [SHAPE_UCAP] = {"<div class=\"xxgk-info\">\n", "</div>\n", "<dl>", "</dl>\n", 1, "<dt>",
                    "：</dt><dd>", "</dd>"},
    [SHAPE_LONSUN] = {"<table class=\"xxgk-table\" border=\"1\">\n", "</table>\n", "<tr>",
                      "</tr>\n", 3, "<th>", "：</th><td>", "</td>"},
    [SHAPE_YUNNAN] = {"<ul class=\"gk_info\">\n", "</ul>\n", "", "\n", 1, "<li><b>", "</b>\n<i>",
                      "</i></li>"},
    [SHAPE_SITESERVER] = {"<table width=\"98%\">\n", "</table>\n", "<tr>", "</tr>\n", 2, "<td>",
                          ": ", "</td>"}};

static void block_rows(const struct facts *f, const struct label_row *rows, struct page *p) {
  const struct layout *l = &layouts[f->b.site->shape];
  page_text(p, l->open);
  for (unsigned i = 0; rows[i].label; i++) {
    if (i % l->pairs == 0)
      page_text(p, l->row_open);
    page_text(p, l->before);
    page_text(p, rows[i].label);
    page_text(p, l->middle);
    value(f, rows[i].field, p);
    page_text(p, l->after);
    if (i % l->pairs == l->pairs - 1 || !rows[i + 1].label)
      page_text(p, l->row_close);
  }
  page_text(p, l->close);
}

static void inline_rows(const struct facts *f, const struct label_row *rows, struct page *p) {
  enum shape s = f->b.site->shape;
  page_text(p, "<div class=\"info\">");
  for (unsigned i = 0; rows[i].label; i++) {
    if (s == SHAPE_UCAP || s == SHAPE_TRS)
      page_text(p, "<span>");
    /* the seed's page has a full-width colon here and an ASCII one there */
    page_textf(p, "%s%s", rows[i].label, s == SHAPE_SEED && i == 1 ? ":" : "：");
    value(f, rows[i].field, p);
    page_text(p, s == SHAPE_UCAP || s == SHAPE_TRS ? "</span>" : "&nbsp;&nbsp;&nbsp;");
  }
  page_text(
      p, "【字体：<a href=\"javascript:doZoom(16)\">大</a> <a href=\"javascript:doZoom(14)\">中</a>"
         " <a href=\"javascript:doZoom(12)\">小</a>】</div>\n");
}

/* --- body and files ---------------------------------------------------------------------------- */
static void container(enum shape s, struct page *p) {
  static const char *const open[SHAPE_COUNT] = {
      [SHAPE_SEED] = "<div class=\"content\" id=\"zoom\">\n",
      [SHAPE_TRS] = "<div class=\"TRS_Editor\">\n",
      [SHAPE_HANWEB] = "<div id=\"zoom\"><!--ZJEG_RSS.content.begin-->\n",
      [SHAPE_VSB] = "<div id=\"vsb_content\"><div class=\"v_news_content\">\n",
      [SHAPE_UCAP] = "<div id=\"UCAP-CONTENT\">\n",
      [SHAPE_LONSUN] = "<div class=\"xxgk_content\" id=\"J_content\">\n",
      [SHAPE_YUNNAN] = "<div class=\"article-content\">\n",
      [SHAPE_SITESERVER] = "<div class=\"bt_content\">\n"};
  page_text(p, open[s]);
}

static void file_links(const struct facts *f, struct page *p) {
  char path[PATH_MAX_BYTES];
  for (unsigned k = 0; k < f->images; k++) {
    doc_file_path(&f->b, 8 + k, path);
    page_textf(p, "<p align=\"center\"><img src=\"%s\" alt=\"\"></p>\n", path);
  }
  if (!f->attachments)
    return;
  page_text(p, "<p>附件：</p>\n");
  for (unsigned k = 0; k < f->attachments; k++) {
    doc_file_path(&f->b, k, path);
    const char *shown = path;
    if (f->b.site->shape == SHAPE_TRS)
      shown = strrchr(path, '/') + 1;
    page_textf(p, "<p><a href=\"%s", f->b.site->shape == SHAPE_TRS ? "./" : "");
    page_escaped(p, shown);
    page_textf(p, "\">%u.任务分解表.%s</a></p>\n", k + 1, doc_file_type(&f->b, k));
  }
}

static void body(const struct facts *f, struct page *p) {
  struct rng r = {f->b.key ^ 0x626F6479};
  const char *indent = f->b.site->shape % 2 ? "<p style=\"text-indent: 2em\">" : "<p>　　";
  container(f->b.site->shape, p);
  page_text(p, indent);
  page_text(p, f->head);
  page_text(p, "</p>\n");
  for (unsigned left = f->sentences; left > 0;) {
    unsigned n = 2 + rng_n(&r, 4);
    n = n < left ? n : left;
    page_text(p, indent);
    page_sentences(p, &r, n);
    page_text(p, "</p>\n");
    left -= n;
  }
  for (unsigned g = 0; f->edits >> g; g++)
    if (f->edits >> g & 1)
      page_textf(p, "%s第%u次修订：补充说明有关事项。</p>\n", indent, g + 1);
  file_links(f, p);
  page_text(p, "<p align=\"right\">");
  page_text(p, f->b.site->name);
  page_textf(p, "</p>\n<p align=\"right\">%s</p>\n</div>%s\n", f->tail,
             f->b.site->shape == SHAPE_VSB ? "</div>" : "");
}

void doc_page(const struct county *c, const struct facts *f, struct page *p) {
  const struct site *s = f->b.site;
  struct shape_rows rows = shape_rows(s->shape);
  page_raw(p, &s->head);
  page_textf(p, "<title>%s-%s</title>\n", f->b.title, s->name);
  if (rows.meta)
    official_tags(f, p);
  page_raw(p, &s->top);
  char list[PATH_MAX_BYTES];
  list_path(s, f->b.column, 1, list);
  page_textf(p, "<div class=\"pos\">您的位置：<a href=\"%s/\">首页</a> &gt; <a href=\"", s->prefix);
  page_escaped(p, list);
  page_textf(p, "\">%s</a> &gt; 正文</div>\n<div class=\"main\">\n", f->b.column->name);
  if (rows.block)
    block_rows(f, rows.block, p);
  page_textf(p, "<h1 class=\"title\">%s</h1>\n", f->b.title);
  if (rows.inline_)
    inline_rows(f, rows.inline_, p);
  body(f, p);
  page_text(p, "<div class=\"tools\"><a href=\"javascript:window.print()\">打印正文</a> "
               "<a href=\"javascript:window.close()\">关闭窗口</a>");
  if (county_has_traps(c))
    page_textf(p, " <a href=\"/print.jsp?id=%u\">打印版</a>", f->b.id);
  page_text(p, "</div>\n</div>\n");
  page_raw(p, &s->foot);
}
