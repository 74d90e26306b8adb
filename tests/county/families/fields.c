/* What a document's labels say, and the idioms in which pages say it.
 *
 * An idiom is a row of strings around label and value; the few that are no sequence of pairs (header
 * row over value row, a red head, copies for two screens) are functions. Documents take turns through
 * all idioms, so that every family meets most of them. */
#include "tests/county/families/families.h"
#include "zhi/clock.h"

struct label {
  const char *text;
  enum field field;
};
static const struct label labels[] = {{"索引号", F_INDEX_NO},      {"发布机构", F_PUBLISHER},
                                      {"文号", F_DOC_NO},          {"成文日期", F_DATE_WRITTEN},
                                      {"主题分类", F_TOPIC_CLASS}, {"有效性", F_VALIDITY}};
enum { LABELS = sizeof labels / sizeof *labels };

enum look { PLAIN, SPACED, FILLED, ZERO_WIDTH };      /* of labels */
enum wrap { BARE, COMMENT, WRITTEN, GUARDED, LATER }; /* of values */

struct idiom {
  const char *name, *open, *row, *before, *middle, *after, *row_end, *close;
  unsigned pairs; /* a row */
  enum look look;
  enum wrap wrap;
  void (*html)(const struct fdoc *d, const struct ffields *f, const struct idiom *i,
               struct page *p);
};

static void block(const struct fdoc *d, const struct ffields *f, const struct idiom *i,
                  struct page *p, struct zhi_buf *script);

static void header_row(const struct fdoc *d, const struct ffields *f, const struct idiom *i,
                       struct page *p) {
  (void)d, (void)i;
  page_text(p, "<table class=\"xxgktab\" border=\"1\"><tbody>\n<tr>");
  for (unsigned k = 0; k < LABELS; k++)
    page_textf(p, "<th>%s</th>", labels[k].text);
  page_text(p, "</tr>\n<tr>");
  for (unsigned k = 0; k < LABELS; k++)
    page_textf(p, "<td>%s</td>", f->raw[labels[k].field]);
  page_text(p, "</tr>\n</tbody></table>\n");
}

/* The same block twice, for wide and for narrow screens. */
static void two_screens(const struct fdoc *d, const struct ffields *f, const struct idiom *i,
                        struct page *p) {
  static const struct idiom wide = {.open = "<table class=\"xxgk_pc pchide\">\n",
                                    .row = "<tr>",
                                    .before = "<td class=\"bt\">",
                                    .middle = "：</td><td>",
                                    .after = "</td>",
                                    .row_end = "</tr>\n",
                                    .close = "</table>\n",
                                    .pairs = 2};
  static const struct idiom narrow = {.open = "<ul class=\"xxgk_mobile mobile\">\n",
                                      .before = "<li><span>",
                                      .middle = "：</span><p>",
                                      .after = "</p></li>\n",
                                      .close = "</ul>\n",
                                      .pairs = 1};
  (void)i;
  block(d, f, &wide, p, NULL);
  block(d, f, &narrow, p, NULL);
}

/* No table: the number stands alone under the title. */
static void red_head(const struct fdoc *d, const struct ffields *f, const struct idiom *i,
                     struct page *p) {
  (void)d, (void)i;
  page_textf(p,
             "<p style=\"text-align:center;color:#f00\"><strong>" COUNTY_NAME
             "人民政府文件</strong></p>\n<p style=\"text-align:center\">%s</p>\n",
             f->raw[F_DOC_NO]);
}

/* Cells that the template has commented out say something else. */
static void with_remains(const struct fdoc *d, const struct ffields *f, const struct idiom *i,
                         struct page *p) {
  struct idiom plain = *i;
  plain.html = NULL;
  page_text(p, "<!-- <table><tr><td>索引号：</td><td>000000000/0000-00000</td><td>文号：</td>"
               "<td>样例〔2000〕1号</td></tr></table> -->\n");
  block(d, f, &plain, p, NULL);
}

/* Layout tables around: a cell that holds a table is no value. */
static void nested(const struct fdoc *d, const struct ffields *f, const struct idiom *i,
                   struct page *p) {
  struct idiom plain = *i;
  plain.html = NULL;
  page_text(p, "<table width=\"1000\"><tr><td><table width=\"100%\"><tr><td valign=\"top\">\n");
  block(d, f, &plain, p, NULL);
  page_text(p, "</td></tr></table></td><td width=\"20\">&nbsp;</td></tr></table>\n");
}

#define TABLE "<table class=\"tab\">\n"
static const struct idiom idioms[] = {
    {"td-pairs", TABLE, "<tr>", "<td>", "：</td><td>", "</td>", "</tr>\n", "</table>\n", 2, 0, 0,
     0},
    {"th-td", TABLE, "<tr>", "<th>", "</th><td>", "</td>", "</tr>\n", "</table>\n", 3, 0, 0, 0},
    {"one-cell", TABLE, "<tr>", "<td>", ": ", "</td>", "</tr>\n", "</table>\n", 2, 0, 0, 0},
    {"strong", TABLE, "<tr>", "<td><strong>", "：</strong>", "</td>", "</tr>\n", "</table>\n", 1,
     SPACED, 0, 0},
    {"dl", "<div class=\"gk\">\n", "<dl>", "<dt>", "</dt><dd>", "</dd>", "</dl>\n", "</div>\n", 1,
     0, 0, 0},
    {"li-span", "<ul class=\"gk\">\n", "", "<li><span>", "：</span>", "</li>", "\n", "</ul>\n", 1,
     FILLED, 0, 0},
    {"li-b-i", "<ul class=\"gk\">\n", "", "<li><b>", "</b><i>", "</i></li>", "\n", "</ul>\n", 1, 0,
     0, 0},
    {"li-label-em", "<ul class=\"gk\">\n", "", "<li><label>", "：</label><em>", "</em></li>", "\n",
     "</ul>\n", 1, ZERO_WIDTH, 0, 0},
    {"sibling-divs", "<div class=\"gk\">\n", "", "<div class=\"l\">", "：</div><div class=\"r\">",
     "</div>", "\n", "</div>\n", 1, 0, 0, 0},
    {"inline", "<p class=\"gk\">", "", "", "：", "&nbsp;&nbsp;&nbsp;&nbsp;", "", "</p>\n", 6, 0, 0,
     0},
    {"inline-bars", "<p class=\"gk\">", "", "", "：", " | ", "", "</p>\n", 6, 0, 0, 0},
    {"font", "<div class=\"gk\">", "", "<font>", "：", "</font>", "", "</div>\n", 6, 0, 0, 0},
    {"comment", TABLE, "<tr>", "<td>", "：</td><td>", "</td>", "</tr>\n", "</table>\n", 2, 0,
     COMMENT, 0},
    {"written", TABLE, "<tr>", "<td>", "：</td><td>", "</td>", "</tr>\n", "</table>\n", 2, 0,
     WRITTEN, 0},
    {"guarded", TABLE, "<tr>", "<td>", "：</td><td>", "</td>", "</tr>\n", "</table>\n", 2, 0,
     GUARDED, 0},
    {"later", "<ul class=\"gk\">\n", "", "<li><span>", "：</span>", "</li>", "\n", "</ul>\n", 1, 0,
     LATER, 0},
    {"li-p", "<ul class=\"gk\">\n", "", "<li>", ": <p>", "</p></li>", "\n", "</ul>\n", 1, 0, 0, 0},
    {"no-colon", "<div class=\"gk\">\n", "", "<span>", "</span>\n<span>", "</span>", "\n",
     "</div>\n", 1, 0, 0, 0},
    {"colon-apart", TABLE, "<tr>", "<td>", "</td><td>：</td><td>", "</td>", "</tr>\n", "</table>\n",
     1, 0, 0, 0},
    {"unclosed", "<table class=tab width=100%>\n", "<tr>", "<td class=bt>", "：<td>", "", "\n",
     "</table>\n", 2, 0, 0, 0},
    {"remains", TABLE, "<tr>", "<td>", "：</td><td>", "</td>", "</tr>\n", "</table>\n", 2, 0, 0,
     with_remains},
    {"nested", "<table>\n", "<tr>", "<td>", "：</td><td>", "</td>", "</tr>\n", "</table>\n", 2, 0,
     0, nested},
    {"hidden", "<div id=\"xxgkb\" style=\"display:none\"><h3>信息公开表</h3><table>\n", "<tr>",
     "<td>", "：</td><td>", "</td>", "</tr>\n", "</table></div>\n", 2, 0, 0, 0},
    {"header-row", "", "", "", "", "", "", "", 1, 0, 0, header_row},
    {"two-screens", "", "", "", "", "", "", "", 1, 0, 0, two_screens},
    {"red-head", "", "", "", "", "", "", "", 1, 0, 0, red_head},
};
enum { IDIOMS = sizeof idioms / sizeof *idioms };

static const struct idiom *idiom_of(const struct fdoc *d) {
  return &idioms[(d->site->no * 5 + (unsigned)(d->key >> 32)) % IDIOMS];
}

static void label(enum look look, const char *text, struct page *p) {
  size_t n = strlen(text), half = n / 2 - n / 2 % 3;
  static const char *const between[] = {
      "", "&nbsp;&nbsp;", "<span style=\"visibility:hidden\">xx</span>", "\xE2\x80\x8B"};
  if (look == PLAIN || n != 6) {
    page_text(p, text);
    return;
  }
  page_textf(p, "%.*s%s%s", (int)half, text,
             p->gbk && look == ZERO_WIDTH ? "&#8203;" : between[look], text + half);
}

static void value(const struct idiom *i, enum field field, const char *text, struct page *p,
                  struct zhi_buf *script) {
  if (i->wrap == COMMENT)
    page_textf(p, "<!--<$[%s]>-->%s<!--<$[%s]>-->", field_names[field], text, field_names[field]);
  else if (i->wrap == WRITTEN)
    page_textf(p, "<script>document.write(\"%s\")</script>", text);
  else if (i->wrap == GUARDED)
    page_textf(p, "<script>if(\"\"!=\"%s\"){document.write(\"%s\");}</script>", text, text);
  else if (i->wrap == LATER && script && text[0]) {
    page_textf(p, "<span id=\"v_%s\"></span>", field_names[field]);
    zhi_buf_addf(script, "$(\"#v_%s\").html(\"%s\");\n", field_names[field], text);
  } else
    page_text(p, text);
}

static void block(const struct fdoc *d, const struct ffields *f, const struct idiom *i,
                  struct page *p, struct zhi_buf *script) {
  if (i->html) {
    i->html(d, f, i, p);
    return;
  }
  page_text(p, i->open);
  for (unsigned k = 0; k < LABELS; k++) {
    if (k % i->pairs == 0 && i->row)
      page_text(p, i->row);
    page_text(p, i->before);
    label(i->look, labels[k].text, p);
    page_text(p, i->middle);
    value(i, labels[k].field, f->raw[labels[k].field], p, script);
    page_text(p, i->after);
    if ((k % i->pairs == i->pairs - 1 || k + 1 == LABELS) && i->row_end)
      page_text(p, i->row_end);
  }
  page_text(p, i->close);
}

void fam_idiom(const struct fdoc *d, const struct ffields *f, struct page *p,
               struct zhi_buf *script) {
  block(d, f, idiom_of(d), p, script);
}

/* --- values ------------------------------------------------------------------------------------ */

static void set(struct ffields *f, enum field field, const char *raw, const char *norm) {
  text_set(f->raw[field], TEXT_MAX, "%s", raw);
  text_set(f->norm[field], TEXT_MAX, "%s", norm ? norm : raw);
}

static void index_no(const struct fdoc *d, struct ffields *f) {
  char text[TEXT_MAX];
  switch (d->site->no % 4) {
  case 0: text_set(text, sizeof text, "%s/%d-%05u", d->site->organ, d->y, d->serial); break;
  case 1: text_set(text, sizeof text, "01404%03uX/%d-%05u", d->site->no, d->y, d->serial); break;
  case 2:
    text_set(text, sizeof text, COUNTY_DIVISION "0001/%s/%04d%02d%02d%012u", d->site->slug, d->y,
             d->m, d->d, d->serial);
    break;
  default: text_set(text, sizeof text, COUNTY_DIVISION "0001/%d-%06u", d->y, d->serial); break;
  }
  set(f, F_INDEX_NO, text, NULL);
}

static void dates(const struct fdoc *d, struct ffields *f) {
  int64_t day = zhi_days_from_civil(d->y, d->m, d->d) - (int64_t)(d->key % 15);
  int y, m, n;
  char raw[TEXT_MAX], norm[TEXT_MAX];
  zhi_civil_from_days(day, &y, &m, &n);
  text_set(norm, sizeof norm, "%04d-%02d-%02d", y, m, n);
  switch (d->key >> 8 & 3) {
  case 0: text_set(raw, sizeof raw, "%d年%d月%d日", y, m, n); break;
  case 1: text_chinese_date(raw, sizeof raw, y, m, n, d->key >> 10 & 1 ? "○" : "〇"); break;
  case 2: text_set(raw, sizeof raw, "%04d.%02d.%02d", y, m, n); break;
  default: text_set(raw, sizeof raw, "%s", norm); break;
  }
  set(f, F_DATE_WRITTEN, raw, norm);
  unsigned hour = 8 + (unsigned)(d->key >> 12) % 10, minute = (unsigned)(d->key >> 16) % 60;
  text_set(raw, sizeof raw, "%04d-%02d-%02d %02u:%02u", d->y, d->m, d->d, hour, minute);
  text_set(norm, sizeof norm, "%04d-%02d-%02dT%02u:%02u", d->y, d->m, d->d, hour, minute);
  set(f, F_DATE_PUBLISHED, raw, norm);
}

void fam_fields(const struct fdoc *d, struct ffields *f) {
  static const char *const empties[] = {"-", "——", "无", "暂无", "/", "&nbsp;", "", "null"};
  static const char *const themes[] = {"综合政务", "国民经济管理", "城乡建设", "市场监管"};
  static const char *const valid[][2] = {
      {"有效", "valid"}, {"已废止", "repealed"}, {"失效", "invalid"}};
  memset(f, 0, sizeof *f);
  const struct idiom *i = idiom_of(d);
  struct rng r = {d->key ^ 0x6669656C64};
  char raw[TEXT_MAX];
  f->idiom = i->name;
  index_no(d, f);
  dates(d, f);
  set(f, F_TITLE, d->title, NULL);
  set(f, F_PUBLISHER, d->site->name, NULL);
  set(f, F_SOURCE, rng_chance(&r, 30) ? "" : d->site->name, NULL);
  set(f, F_TOPIC_CLASS, themes[rng_n(&r, 4)], NULL);
  unsigned v = rng_n(&r, 3);
  set(f, F_VALIDITY, valid[v][0], valid[v][1]);
  text_set(raw, sizeof raw, "青%s〔%d〕%u号", rng_chance(&r, 50) ? "政" : "政办", d->y,
           1 + d->serial % 97);
  set(f, F_DOC_NO, raw, NULL);
  if (!(f->labelled = i->html != red_head))
    return;
  if (rng_chance(&r, 25))
    set(f, F_DOC_NO, empties[rng_n(&r, 8)], "");
  if (rng_chance(&r, 15))
    set(f, F_VALIDITY, empties[rng_n(&r, 8)], "");
}
