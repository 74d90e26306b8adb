/* The archive at a glance: how much there is, what came lately, how it grew, the last crawls, hosts, coverage. */
#include "serve/handlers.h"
#include "serve/index.h"
#include "serve/page.h"
#include "serve/svg.h"

enum { HOME_RECENT = 8, HOME_CRAWLS = 5, HOME_HOSTS = 12, HOME_GONE = 5, HOME_CHANGES = 6 };

static void tile(struct html *h, const char *key, int64_t n, const char *href) {
  html(h, "<li><a href=\"%h\"><b>%N</b> <span>%t</span></a></li>", zhi_str_of(href), n, key);
}

static int64_t sum(const json_t *rows, const char *name) {
  int64_t n = 0;
  size_t i;
  json_t *row;
  json_array_foreach(rows, i, row) n += row_int(row, name);
  return n;
}

static void tiles(struct html *h, const struct serve_index *x) {
  const json_t *months = json_object_get(x->overview, "months");
  html(h, "<ul class=tiles>");
  tile(h, "documents", (int64_t)x->count, "/documents");
  tile(h, "versions", sum(months, "versions"), "#growth");
  tile(h, "captures", sum(months, "captures"), "#growth");
  tile(h, "hosts", (int64_t)json_array_size(json_object_get(x->overview, "hosts")), "#hosts");
  tile(h, "removed", (int64_t)json_array_size(json_object_get(x->overview, "gone")), "/removed");
  html(h, "</ul>");
}

static void changes(struct html *h, const json_t *rows) {
  size_t n = json_array_size(rows);
  if (!n)
    return;
  html(h,
       "<section aria-labelledby=h-changes><h2 id=h-changes>{changes} <span "
       "class=count>%N</span></h2><ol class=docs>",
       (int64_t)n);
  for (size_t i = 0; i < n && i < HOME_CHANGES; i++)
    page_change(h, json_array_get(rows, i));
  html(h, "</ol><p class=more><a href=\"/changes\">{all_changes}</a></p></section>");
}

static void recent(struct html *h, const json_t *rows) {
  size_t n = json_array_size(rows);
  html(h, "<section aria-labelledby=h-recent><h2 id=h-recent>{recent}</h2>");
  if (!n)
    html(h, "<p class=empty>{nothing_yet}</p>");
  html(h, "<ol class=docs>");
  for (size_t i = 0; i < n && i < HOME_RECENT; i++)
    page_document_row(h, json_array_get(rows, i));
  html(h, "</ol></section>");
}

static void crawls(struct html *h, const json_t *rows) {
  html(h, "<section aria-labelledby=h-crawls><h2 id=h-crawls>{crawls}</h2><div class=scroll "
          "tabindex=0 role=region aria-labelledby=h-crawls><table><thead><tr><th>{crawl}</th>"
          "<th>{finished}</th><th class=n>{captures}</th></tr></thead><tbody>");
  for (size_t i = 0; i < json_array_size(rows) && i < HOME_CRAWLS; i++) {
    const json_t *r = json_array_get(rows, i);
    html(h, "<tr><td>");
    page_time(h, zhi_json_text(r, "started"));
    html(h, "<div class=\"meta name\">%s</div>", zhi_json_text(r, "name"));
    html(h, "</td><td>");
    if (zhi_str_is(row_str(r, "state"), "finished"))
      page_time(h, zhi_json_text(r, "finished"));
    else
      page_badge(h, "crawl", zhi_json_text(r, "state"));
    html(h, "</td><td class=n>%N</td></tr>", row_int(r, "captures"));
  }
  html(h, "</tbody></table></div></section>");
}

static struct zhi_str without_port(struct zhi_str host) { return zhi_str_cut(&host, ':'); }

static void hosts(struct html *h, const struct serve_index *x) {
  const json_t *rows = json_object_get(x->overview, "hosts");
  html(h, "<section aria-labelledby=hosts><h2 id=hosts>{hosts}</h2><div class=scroll tabindex=0 "
          "role=region aria-labelledby=hosts><table><thead><tr><th>{host}</th><th class=n>{done}"
          "</th><th class=n>{due}</th><th class=n>{failed}</th><th class=n>{excluded}</th></tr>"
          "</thead><tbody>");
  for (size_t i = 0; i < json_array_size(rows) && i < HOME_HOSTS; i++) {
    const json_t *r = json_array_get(rows, i);
    html(h, "<tr><td><a href=\"/documents?host=%q\">%s</a> ", without_port(row_str(r, "host")),
         zhi_json_text(r, "host"));
    if (zhi_json_text(r, "blocked_until")[0])
      html(h, "<span class=\"badge verdict_blocked\">{verdict_blocked}</span>");
    html(h,
         "</td><td class=n>%N</td><td class=n>%N</td><td class=n>%N</td><td class=n>%N</td></tr>",
         row_int(r, "done"), row_int(r, "due") + row_int(r, "waiting"), row_int(r, "failed"),
         row_int(r, "excluded"));
  }
  html(h, "</tbody></table></div></section>");
}

static void coverage(struct html *h, const json_t *rows) {
  int64_t complete = 0, incomplete = 0;
  for (size_t i = 0; i < json_array_size(rows); i++) {
    struct zhi_str state = row_str(json_array_get(rows, i), "state");
    complete += zhi_str_is(state, "complete");
    incomplete += zhi_str_is(state, "incomplete");
  }
  int64_t total = (int64_t)json_array_size(rows);
  html(h, "<section aria-labelledby=h-cover><h2 id=h-cover>{coverage}</h2>");
  if (!total) {
    html(h, "<p class=empty>{no_columns}</p></section>");
    return;
  }
  html(h,
       "<p><meter min=0 max=%d value=%d aria-label=\"{columns_complete}\"></meter></p>"
       "<p>{columns_complete} %N / %N · {columns_incomplete} %N · {columns_undeclared} %N</p>"
       "<p class=more><a href=\"/coverage\">{all_columns}</a></p></section>",
       total, complete, complete, total, incomplete, total - complete - incomplete);
}

static void gone(struct html *h, const json_t *rows) {
  size_t n = json_array_size(rows);
  html(h, "<section aria-labelledby=h-gone><h2 id=h-gone>{lately_gone}</h2>");
  if (!n)
    html(h, "<p class=empty>{nothing_gone}</p>");
  html(h, "<ol class=docs>");
  for (size_t i = 0; i < n && i < HOME_GONE; i++)
    page_document_row(h, json_array_get(rows, i));
  html(h, "</ol>");
  if (n)
    html(h, "<p class=more><a href=\"/removed\">{all_removed}</a> · "
            "<a href=\"/documents?state=removed&amp;state=moved\">{removed_by}</a></p>");
  html(h, "</section>");
}

enum zhi_code handle_home(struct serve_call *c, struct zhi_err *e) {
  const struct serve_index *x = c->index;
  const json_t *months = json_object_get(x->overview, "months");
  size_t n = json_array_size(months);
  struct html h = page_begin(c->rq, &c->rs->body, x->name.p, "/");
  (void)e;
  html(&h, "<h1>%s</h1>", x->name.p);
  if (n)
    html(&h, "<p class=lead>{captured_between} %s – %s</p>",
         zhi_json_text(json_array_get(months, 0), "month"),
         zhi_json_text(json_array_get(months, n - 1), "month"));
  tiles(&h, x);
  html(&h, "<div class=columns><div>");
  changes(&h, json_object_get(x->overview, "changes"));
  recent(&h, json_object_get(x->overview, "recent"));
  gone(&h, json_object_get(x->overview, "gone"));
  html(&h, "</div><div>");
  coverage(&h, json_object_get(x->overview, "columns"));
  html(&h, "<section aria-labelledby=growth><h2 id=growth>{growth}</h2>");
  svg_months(&h, months);
  html(&h, "</section>");
  crawls(&h, json_object_get(x->overview, "crawls"));
  hosts(&h, x);
  html(&h, "</div></div>");
  page_end(&h, c->rq);
  return ZHI_OK;
}
