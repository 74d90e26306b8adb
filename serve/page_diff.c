/* Two captures of a document against one another, and which two. */
#include "crawler/compare.h"
#include "serve/find.h"
#include "serve/handlers.h"
#include "serve/page.h"
#include "serve/static.h"
#include "zhi/compare_view.h"

static enum zhi_code compare(const struct serve_call *c, json_t **out, struct zhi_err *e) {
  struct zhi_str url;
  enum zhi_code rc = find_url(c, &url, e);
  return rc ? rc
            : zhi_archive_compare(c->store, c->dir, url, serve_param(c->rq, "from"),
                                  serve_param(c->rq, "to"), out, e);
}

static void choice(struct html *h, const char *name, const char *label, const json_t *versions,
                   const json_t *side) {
  size_t i;
  json_t *v;
  html(h, "<label for=%s>%t</label> <select id=%s name=%s>", name, label, name, name);
  json_array_foreach(versions, i, v) {
    bool here = row_int(v, "version") == row_int(side, "version");
    html(h, here ? "<option selected value=\"%s\">" : "<option value=\"%s\">",
         here ? zhi_json_text(side, "captured") : zhi_json_text(v, "captured"));
    html(h, "{version_n} %d · ", row_int(v, "version"));
    page_minute(h, here ? zhi_json_text(side, "captured") : zhi_json_text(v, "captured"));
    html(h, "</option>");
  }
  html(h, "</select> ");
}

static void choices(struct html *h, const json_t *diff, const json_t *versions) {
  html(h,
       "<form id=choose class=span action=\"/diff\" method=get><input type=hidden name=url "
       "value=\"%s\">",
       zhi_json_text(diff, "url"));
  choice(h, "from", "compare_from", versions, json_object_get(diff, "a"));
  choice(h, "to", "compare_to", versions, json_object_get(diff, "b"));
  html(h,
       "<button type=submit>{compare}</button> <a id=action-evidence class=button download "
       "href=\"/evidence?url=%q&amp;time=%q&amp;time=%q\">{evidence_both}</a></form>",
       row_str(diff, "url"), row_str(json_object_get(diff, "a"), "captured"),
       row_str(json_object_get(diff, "b"), "captured"));
}

enum zhi_code handle_diff(struct serve_call *c, struct zhi_err *e) {
  json_t *diff = NULL, *versions = NULL;
  char style[STATIC_ADDRESS_SIZE];
  enum zhi_code rc = compare(c, &diff, e);
  if (!rc)
    rc = find_rows(c, ZHI_BROWSE_VERSIONS, &versions, e);
  if (!rc) {
    const char *url = zhi_json_text(diff, "url"),
               *title = zhi_json_text(json_object_get(diff, "b"), "title");
    struct html h = page_begin(c->rq, &c->rs->body, title[0] ? title : url, "");
    html(&h,
         "<link rel=stylesheet href=\"%s\"><article id=diff><h1 lang=zh-CN>%s</h1><p class=addr>"
         "<a href=\"/document?url=%q\">%s</a></p>",
         static_address("diff.css", style), title[0] ? title : url, zhi_str_of(url), url);
    choices(&h, diff, versions);
    html(&h, "<section>");
    zhi_compare_html(diff, h.lang == SERVE_ZH ? ZHI_VIEW_ZH : ZHI_VIEW_EN, h.b);
    html(&h, "</section></article>");
    page_end(&h, c->rq);
  }
  json_decref(diff);
  json_decref(versions);
  return rc;
}

enum zhi_code handle_api_diff(struct serve_call *c, struct zhi_err *e) {
  json_t *diff = NULL;
  enum zhi_code rc = compare(c, &diff, e);
  return rc ? rc : answer_json(c, diff, e);
}
