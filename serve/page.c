/* The frame: skip link, seal and name, navigation, language switch; and what lists are made of. */
#include "serve/page.h"

#include <stdio.h>
#include <stdlib.h>

#include "serve/static.h"
#include "zhi/clock.h"

static const struct {
  const char *path, *key;
} sections[] = {{"/", "home"},
                {"/documents", "documents"},
                {"/changes", "changes"},
                {"/removed", "removed"},
                {"/coverage", "coverage"}};

static void language_switch(struct html *h, const struct serve_request *rq) {
  struct zhi_buf q;
  bool zh = rq->lang == SERVE_ZH;
  zhi_buf_init(&q, 2 * SERVE_TARGET_MAX);
  if (serve_holds_url(rq->path))
    zhi_buf_addf(&q, "/?lang=%s", zh ? "en" : "zh");
  else
    page_query(&q, rq, "lang", zh ? ZHI_STR("en") : ZHI_STR("zh"));
  html(h, "<a class=lang id=lang-switch href=\"%h\" lang=\"%s\" hreflang=\"%s\">%s</a>",
       zhi_buf_view(&q), zh ? "en" : "zh-CN", zh ? "en" : "zh-CN", zh ? "English" : "中文");
  zhi_buf_release(&q);
}

static void navigation(struct html *h, const char *section) {
  html(h, "<nav id=nav aria-label=\"{navigation}\"><ul>");
  for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
    html(h, "<li><a href=\"%s\"", sections[i].path);
    if (strcmp(sections[i].path, section) == 0)
      html(h, " aria-current=page");
    html(h, ">%t</a></li>", sections[i].key);
  }
  html(h, "</ul></nav>");
}

static void search_box(struct html *h, const struct serve_request *rq) {
  html(h,
       "<form id=search role=search action=\"/search\" method=get><label class=hidden for=q>"
       "{search}</label><input id=q name=q type=search maxlength=500 placeholder=\"{search}\" "
       "value=\"%S\"><button type=submit>{search}</button></form>",
       serve_param(rq, "q"));
}

struct html page_begin(const struct serve_request *rq, struct zhi_buf *out, const char *title,
                       const char *section) {
  struct html h = {out, rq->lang};
  char style[STATIC_ADDRESS_SIZE], icon[STATIC_ADDRESS_SIZE], script[STATIC_ADDRESS_SIZE];
  html(&h,
       "<!doctype html>\n<html lang=\"%s\"><head><meta charset=utf-8><title>%s · {brand}</title>"
       "<meta name=viewport content=\"width=device-width, initial-scale=1\">"
       "<meta name=robots content=noindex><meta name=color-scheme content=\"light dark\">"
       "<link rel=stylesheet href=\"%s\"><link rel=icon type=\"image/svg+xml\" href=\"%s\">"
       "<script type=module src=\"%s\"></script>",
       rq->lang == SERVE_ZH ? "zh-CN" : "en", title, static_address("style.css", style),
       static_address("icon.svg", icon), static_address("app.js", script));
  html(&h, "</head><body><a class=skip href=\"#main\">{skip}</a><header id=top><div class=bar>"
           "<a class=brand href=\"/\"><span class=seal aria-hidden=true>县志</span>"
           "<span>{brand}</span></a>");
  navigation(&h, section);
  search_box(&h, rq);
  language_switch(&h, rq);
  html(&h, "</div></header><main id=main tabindex=-1>");
  return h;
}

void page_end(struct html *h, const struct serve_request *rq) {
  (void)rq;
  html(h, "</main><footer id=foot><p>{foot}</p><p><a href=\"/api/openapi.json\">API</a> · "
          "xianzhi " ZHI_VERSION "</p></footer></body></html>\n");
}

/* --- pieces ------------------------------------------------------------------------------------------------------ */

struct zhi_str row_str(const json_t *row, const char *name) {
  return zhi_str_of(zhi_json_text(row, name));
}

int64_t row_int(const json_t *row, const char *name) {
  return json_integer_value(json_object_get(row, name));
}

static bool local_time(const char *iso, char out[ZHI_ISO_SIZE]) {
  int64_t ms;
  if (!iso || !iso[0] || !zhi_time_parse(zhi_str_of(iso), &ms))
    return false;
  zhi_time_iso(ms + ZHI_TZ_CHINA_MS, out);
  out[10] = ' ';
  out[16] = '\0';
  return true;
}

void page_time(struct html *h, const char *iso) {
  char local[ZHI_ISO_SIZE];
  if (local_time(iso, local))
    html(h, "<time datetime=\"%s\" title=\"{utc8}\">%s</time>", iso, local);
}

void page_minute(struct html *h, const char *iso) {
  char local[ZHI_ISO_SIZE];
  if (local_time(iso, local))
    html(h, "%s", local);
}

enum { KEY_SIZE = 48 };

static bool has_key(char key[KEY_SIZE], const char *prefix, const char *value) {
  snprintf(key, KEY_SIZE, "%s_%s", prefix, value);
  return serve_has_words(zhi_str_of(key));
}

void page_words(struct html *h, const char *prefix, const char *value) {
  char key[KEY_SIZE];
  if (has_key(key, prefix, value))
    html(h, "%t", key);
  else
    html(h, "%s", value);
}

void page_badge(struct html *h, const char *prefix, const char *value) {
  char key[KEY_SIZE];
  if (!value || !value[0])
    return;
  if (has_key(key, prefix, value))
    html(h, "<span class=\"badge %s\">%t</span>", key, key);
  else
    html(h, "<span class=badge>%s</span>", value);
}

static void item(struct html *h, const char *text, const char *class) {
  if (text[0])
    html(h, "<span class=\"%s\">%s</span>", class, text);
}

void page_document_row(struct html *h, const json_t *row) {
  const char *title = zhi_json_text(row, "title"), *url = zhi_json_text(row, "url");
  html(h, "<li class=doc><a class=title href=\"/document?url=%q\">%s</a> ", zhi_str_of(url),
       title[0] ? title : url);
  if (strcmp(zhi_json_text(row, "state"), "current") != 0)
    page_badge(h, "state", zhi_json_text(row, "state"));
  page_badge(h, "validity", zhi_json_text(row, "validity"));
  html(h, "<div class=meta>");
  item(h, zhi_json_text(row, "date"), "date");
  item(h, zhi_json_text(row, "publisher"), "publisher");
  item(h, zhi_json_text(row, "doc_no"), "docno");
  item(h, zhi_json_text(row, "host"), "host");
  if (row_int(row, "version") > 1)
    html(h, "<span>{version_n} %d</span>", row_int(row, "version"));
  if (row_int(row, "attachment_count"))
    html(h, "<span>{attachments} %d</span>", row_int(row, "attachment_count"));
  html(h, "</div></li>");
}

void page_query(struct zhi_buf *out, const struct serve_request *rq, const char *name,
                struct zhi_str value) {
  char sep = '?';
  for (size_t i = 0; i < rq->param_count; i++) {
    const struct serve_param *p = &rq->param[i];
    if (zhi_str_is(p->name, name) || (zhi_str_is(p->name, "page") && strcmp(name, "lang") != 0) ||
        zhi_str_is(p->name, "lang"))
      continue;
    zhi_buf_addc(out, sep);
    serve_add_encoded(out, p->name);
    zhi_buf_addc(out, '=');
    serve_add_encoded(out, p->value);
    sep = '&';
  }
  if (value.p) {
    zhi_buf_addf(out, "%c%s=", sep, name);
    serve_add_encoded(out, value);
  } else if (sep == '?') {
    zhi_buf_addc(out, '?');
  }
}

static void pager_link(struct html *h, const struct serve_request *rq, int64_t to, const char *key,
                       const char *rel) {
  struct zhi_buf q;
  char number[24];
  snprintf(number, sizeof number, "%lld", (long long)to);
  zhi_buf_init(&q, 2 * SERVE_TARGET_MAX);
  page_query(&q, rq, "page", zhi_str_of(number));
  html(h, "<a rel=%s href=\"%h\">%t</a>", rel, zhi_buf_view(&q), key);
  zhi_buf_release(&q);
}

void page_pager(struct html *h, const struct serve_request *rq, int64_t page, int64_t pages) {
  if (pages <= 1)
    return;
  html(h, "<nav class=pager aria-label=\"{pages}\">");
  if (page > 1)
    pager_link(h, rq, page - 1, "previous", "prev");
  html(h, "<span>%N / %N</span>", page, pages);
  if (page < pages)
    pager_link(h, rq, page + 1, "next", "next");
  html(h, "</nav>");
}

void page_sorts(struct html *h, const struct serve_request *rq, const char *const *names, int count,
                int now) {
  html(h, "<p class=sorts><span>{sort}</span>");
  for (int k = 0; k < count; k++) {
    struct zhi_buf q;
    char key[32];
    snprintf(key, sizeof key, "sort_%s", names[k]);
    zhi_buf_init(&q, 4 * SERVE_TARGET_MAX);
    page_query(&q, rq, "sort", zhi_str_of(names[k]));
    html(h, k == now ? " <a aria-current=true href=\"%h\">%t</a>" : " <a href=\"%h\">%t</a>",
         zhi_buf_view(&q), key);
    zhi_buf_release(&q);
  }
  html(h, "</p>");
}

void page_bytes(struct html *h, int64_t bytes) {
  char text[32];
  if (bytes < 1024)
    snprintf(text, sizeof text, "%lld B", (long long)bytes);
  else if (bytes < 1024 * 1024)
    snprintf(text, sizeof text, "%.1f KiB", (double)bytes / 1024);
  else
    snprintf(text, sizeof text, "%.1f MiB", (double)bytes / (1024 * 1024));
  html(h, "%s", text);
}

enum zhi_code answer_json(struct serve_call *c, json_t *o, struct zhi_err *e) {
  char *text = json_dumps(o, JSON_COMPACT);
  json_decref(o);
  if (!text)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for an answer");
  c->rs->type = "application/json";
  zhi_buf_adds(&c->rs->body, text);
  zhi_buf_addc(&c->rs->body, '\n');
  free(text);
  return ZHI_OK;
}
