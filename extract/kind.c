/* What sort of page is it? A list shows many links to pages of one shape, a document shows one text with a
 * headline and a date, a home page is the host's root or says so. */
#include "extract/ctx.h"

/* "/", "/index.html", "/index5.html", "/default.aspx". */
static bool url_is_root(const struct zhi_ctx *c) {
  struct zhi_str p = c->url_path;
  if (p.len <= 1)
    return true;
  p = zhi_str_sub(p, 1, p.len);
  if (zhi_str_istarts(p, "index") || zhi_str_istarts(p, "default") || zhi_str_istarts(p, "main"))
    p = zhi_str_sub(p, p.p[0] == 'm' || p.p[0] == 'M' ? 4 : (p.p[0] | 32) == 'd' ? 7 : 5, p.len);
  else
    return false;
  while (p.len && *p.p >= '0' && *p.p <= '9')
    p = zhi_str_sub(p, 1, p.len);
  return p.len && *p.p == '.' && p.len <= 7 && !memchr(p.p, '/', p.len);
}

static bool has_article_meta(const struct zhi_ctx *c) {
  for (uint32_t k = 0; k < c->cand_count; k++)
    if (strcmp(c->cands[k].source, "meta") == 0 && c->cands[k].raw.len &&
        (c->cands[k].field == ZHI_F_TITLE || c->cands[k].field == ZHI_F_DATE_PUBLISHED))
      return true;
  return false;
}

/* A page answered where an image or the like was asked for is the host's error or front page. */
static bool url_is_image(const struct zhi_ctx *c) {
  static const char *const ends[] = {".png", ".jpg", ".jpeg", ".gif", ".ico", ".bmp",
                                     ".htc", ".svg", ".woff", ".ttf", ".css", ".swf"};
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    size_t n = strlen(ends[i]);
    if (c->url_path.len > n &&
        zhi_str_iis(zhi_str_sub(c->url_path, c->url_path.len - n, c->url_path.len), ends[i]))
      return true;
  }
  return false;
}

static bool is_search(const struct zhi_ctx *c) {
  return zhi_str_find(c->head_title, ZHI_STR("检索")) ||
         zhi_str_find(c->head_title, ZHI_STR("搜索"));
}

bool zhi_is_site_map(const struct zhi_ctx *c) {
  return zhi_str_starts(c->head_title, "站点地图") || zhi_str_starts(c->head_title, "网站地图");
}

/* XML for programs, whose dates and addresses are nobody's: a sitemap, a feed. */
static bool is_feed(const struct zhi_ctx *c) {
  static const char *const roots[] = {"urlset", "sitemapindex", "rss", "feed"};
  uint32_t i = c->html.count ? zhi_html_first_child(&c->html, c->html.body) : 0;
  for (size_t k = 0; i && k < sizeof roots / sizeof *roots; k++)
    if (zhi_str_is(c->html.nodes[i].text, roots[k]))
      return true;
  return false;
}

/* An article by its metadata: a date on an information line, an information table, or ArticleTitle. */
static bool is_article(const struct zhi_ctx *c) {
  const struct zhi_doc *d = c->doc;
  const struct zhi_field_value *date = &d->fields[ZHI_F_DATE_PUBLISHED];
  bool info = date->state == ZHI_FIELD_PRESENT &&
              (strcmp(date->source, "url") != 0 && strcmp(date->source, "meta") != 0);
  bool red_head = d->fields[ZHI_F_DOC_NO].state == ZHI_FIELD_PRESENT &&
                  strcmp(d->fields[ZHI_F_DOC_NO].source, "text") == 0 && c->title_pos != UINT32_MAX;
  return info || red_head || d->fields[ZHI_F_INDEX_NO].state != ZHI_FIELD_ABSENT ||
         has_article_meta(c);
}

/* Several index numbers: a list that shows each document's own information. */
static bool is_table_of_documents(const struct zhi_ctx *c) {
  uint32_t n = 0;
  for (uint32_t k = 0; k < c->hit_count; k++)
    n += c->hits[k].label && c->hits[k].label->field == ZHI_F_INDEX_NO &&
         c->hits[k].to > c->hits[k].from + 4;
  return n >= 4;
}

bool zhi_is_plain_document(const struct zhi_ctx *c) {
  enum zhi_kind k = c->doc->kind;
  if (k == ZHI_KIND_BLOCKED || k == ZHI_KIND_SOFT_404 || url_is_image(c) || zhi_is_site_map(c) ||
      is_feed(c))
    return false;
  if (!is_article(c) || is_table_of_documents(c))
    return false;
  return c->doc->fields[ZHI_F_INDEX_NO].state != ZHI_FIELD_ABSENT || c->main_known ||
         has_article_meta(c);
}

/* The last page of a list may have one or two rows, whose dates are no article's. */
static bool is_short_end(const struct zhi_ctx *c) {
  const struct zhi_list *l = &c->doc->list;
  return c->has_pager && l->page > 1 && l->page == l->pages && l->item_count &&
         c->list_dated == l->item_count && c->title_pos == UINT32_MAX;
}

void zhi_find_kind(struct zhi_ctx *c) {
  struct zhi_doc *d = c->doc;
  const struct zhi_list *l = &d->list;
  if (d->kind == ZHI_KIND_BLOCKED || d->kind == ZHI_KIND_SOFT_404)
    return;
  uint32_t total = c->flat.len, links = c->html.count ? c->flat.link[0] : 0;
  uint32_t mean = l->item_count ? c->list_bytes / (uint32_t)l->item_count : 0;
  bool text = c->main && (c->main_known || c->main_score * 3 > total);
  bool index = d->fields[ZHI_F_INDEX_NO].state != ZHI_FIELD_ABSENT && !is_table_of_documents(c);
  bool dated = (c->list_dated >= 3 && c->list_dated * 2 >= l->item_count) || is_short_end(c);
  bool listed = (c->has_pager && (l->item_count || c->asks)) || dated ||
                (l->item_count >= 8 && mean >= 45 && c->list_blocks <= 3);
  bool article = is_article(c) && !is_table_of_documents(c);
  bool front = !c->has_pager && c->list_blocks >= 5;
  if (url_is_image(c))
    d->kind = ZHI_KIND_SOFT_404;
  else if (zhi_is_site_map(c) || is_feed(c))
    d->kind = ZHI_KIND_OTHER;
  else if (front && !index && !c->main_known && !has_article_meta(c))
    d->kind = ZHI_KIND_HOME;
  else if (article &&
           (index || c->main_known || has_article_meta(c) || (text && !(dated && c->has_pager)) ||
            (c->title_pos != UINT32_MAX && !listed)))
    d->kind = ZHI_KIND_DOCUMENT;
  else if (is_search(c))
    d->kind = ZHI_KIND_OTHER;
  else if (front || (!c->has_pager && url_is_root(c) && links * 2 > total))
    d->kind = ZHI_KIND_HOME;
  else if (listed)
    d->kind = ZHI_KIND_LIST;
  else if (text && c->main_score > 600 && links * 2 < total)
    d->kind = ZHI_KIND_DOCUMENT;
  else if (url_is_root(c) && links * 4 > total)
    d->kind = ZHI_KIND_HOME;
}
