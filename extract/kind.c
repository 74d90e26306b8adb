/* What sort of page is it? A list shows many links to pages of one shape, a document shows one text with a
 * headline and a date, a home page is the host's root or says so. */
#include "extract/ctx.h"

static bool url_is_root(const struct zhi_ctx *c) {
  static const char *const names[] = {"/", "/index.html", "/index.htm", "/index.shtml", "/index.jsp", "/index.php",
                                      "/index.aspx", "/default.aspx", "/default.html", "/index.jhtml", ""};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (zhi_str_iis(c->url_path, names[i]) && !c->url_query)
      return true;
  return false;
}

static bool has_article_meta(const struct zhi_ctx *c) {
  for (uint32_t k = 0; k < c->cand_count; k++)
    if (strcmp(c->cands[k].source, "meta") == 0 && c->cands[k].raw.len &&
        (c->cands[k].field == ZHI_F_TITLE || c->cands[k].field == ZHI_F_DATE_PUBLISHED))
      return true;
  return false;
}

void zhi_find_kind(struct zhi_ctx *c) {
  struct zhi_doc *d = c->doc;
  const struct zhi_flat *f = &c->flat;
  if (d->kind == ZHI_KIND_BLOCKED || d->kind == ZHI_KIND_SOFT_404)
    return;
  const struct zhi_field_value *date = &d->fields[ZHI_F_DATE_PUBLISHED];
  uint32_t total = f->len, links = c->html.count ? f->link[0] : 0;
  bool info = date->state == ZHI_FIELD_PRESENT && strcmp(date->source, "url") != 0 && strcmp(date->source, "meta") != 0;
  bool index = d->fields[ZHI_F_INDEX_NO].state != ZHI_FIELD_ABSENT;
  bool article = has_article_meta(c);
  bool text = c->main && (c->main_known || c->main_score * 3 > total) && (d->text.len > 90 || c->main_known);
  bool listed = d->list.item_count >= 5 || (d->list.item_count && d->list.pages > 0);
  if ((info || index || article) && text && !(listed && !c->main_known && d->list.item_count * 60 > d->text.len))
    d->kind = ZHI_KIND_DOCUMENT;
  else if (url_is_root(c) && links * 2 > total)
    d->kind = ZHI_KIND_HOME;
  else if (listed)
    d->kind = ZHI_KIND_LIST;
  else if (text && c->main_score > 600 && links * 2 < total)
    d->kind = ZHI_KIND_DOCUMENT;
  else if (url_is_root(c) && total > 200)
    d->kind = ZHI_KIND_HOME;
  else
    d->kind = ZHI_KIND_OTHER;
}
