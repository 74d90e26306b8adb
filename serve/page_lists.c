/* Coverage: what columns declare against what was captured. Removed: what is not to be had any more. */
#include "serve/handlers.h"
#include "serve/index.h"
#include "serve/page.h"

static void column_row(struct html *h, const json_t *r) {
  const char *name = zhi_json_text(r, "name");
  int64_t declared = row_int(r, "declared_total"), found = row_int(r, "items_found");
  int64_t whole = declared > found ? declared : found, captured = row_int(r, "items_captured");
  html(h, "<tr><td><a href=\"/document?url=%q\">%s</a><div class=meta>%s</div></td><td>",
       row_str(r, "url"), name[0] ? name : zhi_json_text(r, "url"), zhi_json_text(r, "host"));
  page_badge(h, "column", zhi_json_text(r, "state"));
  html(h, "</td><td class=n data-name=\"{declared}\">");
  if (declared)
    html(h, "%N", declared);
  html(h,
       "</td><td class=n data-name=\"{found}\">%N</td><td class=n data-name=\"{captured}\">%N</td>"
       "<td class=n data-name=\"{missing}\">%N</td><td>",
       found, captured, row_int(r, "missing"));
  if (whole)
    html(h, "<meter min=0 max=%d value=%d aria-label=\"{captured_share}\"></meter>", whole,
         captured);
  html(h, "</td></tr>");
}

enum zhi_code handle_coverage(struct serve_call *c, struct zhi_err *e) {
  const json_t *rows = json_object_get(c->index->overview, "columns");
  size_t i;
  json_t *r;
  struct html h =
      page_begin(c->rq, &c->rs->body, serve_words(c->rq->lang, "coverage"), "/coverage");
  (void)e;
  html(&h, "<h1 id=h1>{coverage}</h1><p class=lead>{coverage_about}</p>");
  if (!json_array_size(rows)) {
    html(&h, "<p class=empty>{no_columns}</p>");
  } else {
    html(&h,
         "<div class=scroll tabindex=0 role=region aria-labelledby=h1><table id=coverage "
         "class=sortable><thead>"
         "<tr><th>{column}</th><th>{state}</th><th class=n>{declared}</th><th class=n>{found}</th>"
         "<th class=n>{captured}</th><th "
         "class=n>{missing}</th><th>{share}</th></tr></thead><tbody>");
    json_array_foreach(rows, i, r) column_row(&h, r);
    html(&h, "</tbody></table></div>");
  }
  page_end(&h, c->rq);
  return ZHI_OK;
}

static void gone_row(struct html *h, const json_t *r) {
  const char *title = zhi_json_text(r, "title");
  html(h, "<li class=doc><a class=title href=\"/document?url=%q\">%s</a> ", row_str(r, "url"),
       title[0] ? title : zhi_json_text(r, "url"));
  page_badge(h, "state", zhi_json_text(r, "state"));
  html(h, "<div class=meta>");
  if (zhi_json_text(r, "publisher")[0])
    html(h, "<span>%s</span>", zhi_json_text(r, "publisher"));
  html(h, "<span>%s</span><span>{seen_until} ", zhi_json_text(r, "host"));
  page_time(h, zhi_json_text(r, "last_seen"));
  html(h, "</span><span>{since_word} ");
  page_time(h, zhi_json_text(r, "since"));
  html(h, "</span></div></li>");
}

enum zhi_code handle_removed(struct serve_call *c, struct zhi_err *e) {
  enum { PER_PAGE = 100 };
  const json_t *rows = json_object_get(c->index->overview, "gone");
  int64_t page, n = (int64_t)json_array_size(rows);
  enum zhi_code rc = serve_param_int(c->rq, "page", 1, 100000, 1, &page, e);
  if (rc)
    return rc;
  struct html h = page_begin(c->rq, &c->rs->body, serve_words(c->rq->lang, "removed"), "/removed");
  html(&h,
       "<h1>{removed} <span class=count>%N</span></h1><p class=lead>{removed_about}</p><p>"
       "<a id=removed-by href=\"/documents?state=removed&amp;state=moved\">{removed_by}</a></p><ol "
       "class=docs id=removed>",
       n);
  for (int64_t i = (page - 1) * PER_PAGE; i < n && i < page * PER_PAGE; i++)
    gone_row(&h, json_array_get(rows, (size_t)i));
  html(&h, "</ol>");
  if (!n)
    html(&h, "<p class=empty>{nothing_gone}</p>");
  page_pager(&h, c->rq, page, (n + PER_PAGE - 1) / PER_PAGE);
  page_end(&h, c->rq);
  return ZHI_OK;
}
