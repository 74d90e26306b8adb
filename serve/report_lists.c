/* The lists at a report's end: what changed, what is gone, what could not be had, and hosts to decide about. */
#include "serve/report.h"

static void heading(struct html *h, const char *key, size_t n, size_t of) {
  html(h, "<details><summary><h2>%t <span class=count>%N</span></h2></summary>", key,
       (int64_t)(of > n ? of : n));
  if (of > n)
    html(h, "<p class=hint>{report_first_of} %N</p>", (int64_t)n);
}

static void link_to(struct html *h, const json_t *row, const char *text) {
  html(h, "<a href=\"%h\" rel=noreferrer>%s</a>", row_str(row, "url"),
       text[0] ? text : zhi_json_text(row, "url"));
}

static void changed(struct html *h, const json_t *rows, size_t of) {
  size_t i;
  json_t *r;
  heading(h, "report_changed_urls", json_array_size(rows), of);
  html(h, "<ol class=docs>");
  json_array_foreach(rows, i, r) {
    html(h, "<li class=doc>");
    link_to(h, r, zhi_json_text(r, "title"));
    html(h, "<div class=meta><span>{version_n} %d</span><span>%s</span></div></li>",
         row_int(r, "version"), zhi_json_text(r, "url"));
  }
  html(h, "</ol></details>");
}

static void removed(struct html *h, const json_t *rows, size_t of) {
  size_t i;
  json_t *r;
  heading(h, "report_removed_urls", json_array_size(rows), of);
  html(h, "<p class=hint>{report_removed_about}</p><ol class=docs>");
  json_array_foreach(rows, i, r) {
    html(h, "<li class=doc>");
    link_to(h, r, zhi_json_text(r, "title"));
    html(h, "<div class=meta><span>{seen_until} ");
    page_time(h, zhi_json_text(r, "last_seen"));
    html(h, "</span><span>{since_word} ");
    page_time(h, zhi_json_text(r, "gone_since"));
    html(h, "</span><span>%s</span></div></li>", zhi_json_text(r, "url"));
  }
  html(h, "</ol></details>");
}

static void failed(struct html *h, const json_t *rows, size_t of) {
  size_t i;
  json_t *r;
  heading(h, "report_failed_urls", json_array_size(rows), of);
  html(h, "<div class=scroll tabindex=0><table><thead><tr><th>{report_url}</th><th>{report_why}"
          "</th><th>{detail}</th></tr></thead><tbody>");
  json_array_foreach(rows, i, r) {
    html(h, "<tr><td>");
    link_to(h, r, "");
    html(h, "</td><td>");
    page_badge(h, "verdict", zhi_json_text(r, "reason"));
    html(h, "</td><td>%s</td></tr>", zhi_json_text(r, "detail"));
  }
  html(h, "</tbody></table></div></details>");
}

static void proposed(struct html *h, const json_t *rows) {
  size_t i;
  json_t *r;
  html(h,
       "<section><h2>{report_proposed} <span class=count>%N</span></h2><p class=hint>"
       "{report_proposed_about}</p><div class=scroll tabindex=0><table><thead><tr><th>{host}"
       "</th><th>{report_name}</th><th>{report_caption}</th><th>{report_group}</th><th>"
       "{report_via}</th></tr></thead><tbody>",
       (int64_t)json_array_size(rows));
  json_array_foreach(rows, i, r) {
    html(h, "<tr><th scope=row>%s</th><td>%s</td><td>%s</td><td>", zhi_json_text(r, "host"),
         zhi_json_text(r, "name"), zhi_json_text(r, "caption"));
    page_badge(h, "report_group", zhi_json_text(r, "caption_group"));
    html(h, " <span class=meta>");
    page_words(h, "verdict", zhi_json_text(r, "reason"));
    html(h, "</span></td><td><a href=\"%h\" rel=noreferrer>%s</a></td></tr>", row_str(r, "via"),
         zhi_json_text(r, "via"));
  }
  html(h, "</tbody></table></div></section>");
}

void report_lists(struct html *h, const json_t *report) {
  const json_t *totals = json_object_get(report, "totals");
  const json_t *rows = json_object_get(report, "proposed_hosts");
  if (json_array_size(rows))
    proposed(h, rows);
  if (json_array_size(rows = json_object_get(report, "changed")))
    changed(h, rows, (size_t)row_int(totals, "changed"));
  if (json_array_size(rows = json_object_get(report, "removed")))
    removed(h, rows, (size_t)row_int(totals, "removed"));
  if (json_array_size(rows = json_object_get(report, "failed")))
    failed(h, rows, (size_t)(row_int(totals, "failed") + row_int(totals, "blocked")));
}
