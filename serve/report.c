/* A report as one page: the same content twice, in Chinese and in English, with two radio buttons that choose. No script,
 * no request: it opens from a disk in fifty years. */
#include "zhi/report.h"

#include "serve/report.h"
#include "zhi/embed.h"

ZHI_EMBED(base_css, "serve/ui/style.css")
ZHI_EMBED(report_css, "serve/ui/report.css")

static void count_cell(struct html *h, int64_t n) {
  if (n)
    html(h, "<td class=n>%N</td>", n);
  else
    html(h, "<td class=\"n none\">·</td>");
}

/* "12.3 %" of a whole, in one decimal, never rounded up to the whole. */
static void percent(struct html *h, int64_t part, int64_t whole) {
  int64_t tenths = whole ? part * 1000 / whole : 0;
  html(h, "%d.%d&nbsp;%%", tenths / 10, tenths % 10);
}

static void share(struct html *h, int64_t part, int64_t whole) {
  if (!whole) {
    html(h, "<td class=none>·</td>");
    return;
  }
  html(h, "<td class=share><meter min=0 max=%d value=%d aria-label=\"{captured_share}\"></meter> ",
       whole, part < whole ? part : whole);
  percent(h, part < whole ? part : whole, whole);
  html(h, "</td>");
}

static void seconds(struct html *h, int64_t ms) {
  html(h, "<td class=n>%d.%d&nbsp;s</td>", ms / 1000, ms % 1000 / 100);
}

/* --- parts of the page -------------------------------------------------------------------------------------------- */

static void summary(struct html *h, const json_t *o) {
  const json_t *crawl = json_object_get(o, "crawl"), *t = json_object_get(o, "totals");
  const json_t *done = json_object_get(o, "completeness");
  const json_t *paused = json_object_get(crawl, "paused");
  bool finished = strcmp(zhi_json_text(crawl, "state"), "finished") == 0;
  html(h, "<h1>%s <span class=count>{report_of} %s</span></h1><p class=lead>",
       zhi_json_text(o, "archive"), zhi_json_text(crawl, "name"));
  page_time(h, zhi_json_text(crawl, "started"));
  html(h, " – ");
  page_time(h, finished ? zhi_json_text(crawl, "finished")
               : paused ? zhi_json_text(paused, "at")
                        : zhi_json_text(crawl, "last_request"));
  html(h, " ");
  page_badge(h, "report_state", zhi_json_text(crawl, "state"));
  html(h, " · {report_as_of} ");
  page_time(h, zhi_json_text(o, "as_of"));
  html(h, "</p>");
  if (!finished) {
    html(h, "<p class=notice>");
    if (paused)
      html(h, "%t ",
           strcmp(zhi_json_text(paused, "by"), "signal") == 0 ? "report_paused_signal"
                                                              : "report_paused_budget");
    html(h, "{report_unfinished}</p>");
  }
  html(h, "<ul class=tiles>");
  static const char *const tiles[] = {"captured", "new",     "changed", "unchanged",
                                      "removed",  "blocked", "failed",  "excluded"};
  for (size_t i = 0; i < sizeof tiles / sizeof *tiles; i++) {
    char key[48];
    snprintf(key, sizeof key, "report_class_%s", tiles[i]);
    html(h, "<li class=t_%s><b>%N</b>%t</li>", tiles[i], row_int(t, tiles[i]), key);
  }
  html(h, "</ul><section><h2>{report_urls} <span class=count>%N</span></h2>", row_int(t, "known"));
  report_bar(h, t);
  html(h, "<p class=legend>");
  for (int i = 0; i < REPORT_CLASSES; i++) {
    char key[48];
    snprintf(key, sizeof key, "report_class_%s", report_classes[i]);
    if (row_int(t, report_classes[i]))
      html(h, "<span class=key><span class=\"dot b_%s\"></span>%t %N</span> ", report_classes[i],
           key, row_int(t, report_classes[i]));
  }
  html(h, "</p><p class=hint>{report_first_found} %N · {report_requests} %N · ",
       row_int(t, "found"), row_int(t, "requests"));
  page_bytes(h, row_int(t, "bytes"));
  html(h, "</p>");
  if (row_int(done, "columns")) {
    html(h, "<p>{report_columns_say} <b>%N / %N</b> (", row_int(done, "captured"),
         row_int(done, "expected"));
    percent(h, row_int(done, "captured"), row_int(done, "expected"));
    html(h, ") · {columns_complete} %N · {columns_incomplete} %N · {columns_undeclared} %N</p>",
         row_int(done, "complete"), row_int(done, "incomplete"), row_int(done, "undeclared"));
  }
  html(h, "</section>");
}

static void compare_row(struct html *h, const char *member, const json_t *now,
                        const json_t *before) {
  char key[48];
  int64_t a = row_int(now, member), b = row_int(before, member);
  snprintf(key, sizeof key, "report_sum_%s", member);
  html(h, "<tr><th scope=row>%t</th>", key);
  bool bytes = strcmp(member, "bytes") == 0 || strcmp(member, "stored") == 0;
  for (int i = 0; i < 2; i++) {
    html(h, "<td class=n>");
    if (bytes)
      page_bytes(h, i ? a : b);
    else
      html(h, "%N", i ? a : b);
    html(h, "</td>");
  }
  if (bytes || a == b)
    html(h, "<td class=\"n none\">%s</td></tr>", a == b ? "=" : a > b ? "↑" : "↓");
  else
    html(h, "<td class=n>%s%N</td></tr>", a > b ? "+" : "−", a > b ? a - b : b - a);
}

static void growth(struct html *h, const json_t *o) {
  static const char *const members[] = {"requests", "captured", "new",    "changed", "redirected",
                                        "gone",     "blocked",  "failed", "bytes",   "stored"};
  const json_t *now = json_object_get(o, "this"), *before = json_object_get(o, "before");
  html(h, "<section><h2>{report_growth}</h2>");
  report_growth(h, json_object_get(o, "growth"));
  if (json_is_object(before)) {
    html(h,
         "<h3>{report_compared}</h3><div class=scroll tabindex=0><table class=compact><thead><tr>"
         "<th></th><th class=n>");
    page_time(h, zhi_json_text(before, "started"));
    html(h, "</th><th class=n>");
    page_time(h, zhi_json_text(now, "started"));
    html(h, "</th><th class=n>±</th></tr></thead><tbody>");
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
      compare_row(h, members[i], now, before);
    html(h, "</tbody></table></div><p class=hint>{report_compared_about}</p>");
  }
  html(h, "</section>");
}

static void departments(struct html *h, const json_t *rows) {
  size_t i;
  json_t *r;
  html(h,
       "<section><h2>{report_departments} <span class=count>%N</span></h2><p class=hint>"
       "{report_departments_about}</p><div class=scroll tabindex=0><table><thead><tr><th>"
       "{report_department}</th><th class=n>{report_columns}</th><th class=n>{columns_complete}"
       "</th><th class=n>{columns_incomplete}</th><th class=n>{columns_undeclared}</th>"
       "<th class=n>{declared}</th><th class=n>{found}</th><th class=n>{captured}</th>"
       "<th class=n>{missing}</th><th>{share}</th></tr></thead><tbody>",
       (int64_t)json_array_size(rows));
  json_array_foreach(rows, i, r) {
    static const char *const cells[] = {"columns",  "complete", "incomplete", "undeclared",
                                        "declared", "found",    "captured",   "missing"};
    html(h, "<tr><th scope=row>%s</th>", zhi_json_text(r, "department"));
    for (size_t k = 0; k < sizeof cells / sizeof *cells; k++)
      count_cell(h, row_int(r, cells[k]));
    share(h, row_int(r, "captured"), row_int(r, "expected"));
    html(h, "</tr>");
  }
  html(h, "</tbody></table></div></section>");
}

static void column_row(struct html *h, const json_t *r) {
  const char *name = zhi_json_text(r, "name");
  int64_t declared = row_int(r, "declared_total"), found = row_int(r, "items_found");
  html(h, "<tr><td><a href=\"%h\" rel=noreferrer>%s</a><div class=meta>%s</div></td><td>",
       row_str(r, "url"), name[0] ? name : zhi_json_text(r, "url"), zhi_json_text(r, "host"));
  page_badge(h, "column", zhi_json_text(r, "state"));
  html(h, "</td>");
  count_cell(h, declared);
  count_cell(h, found);
  count_cell(h, row_int(r, "items_captured"));
  static const char *const cells[] = {"new",     "changed", "unchanged", "removed",
                                      "blocked", "failed",  "excluded"};
  for (size_t k = 0; k < sizeof cells / sizeof *cells; k++)
    count_cell(h, row_int(r, cells[k]));
  count_cell(h, row_int(r, "missing") > 0 ? row_int(r, "missing") : 0);
  share(h, row_int(r, "items_captured"), declared > found ? declared : found);
  html(h, "</tr>");
}

static void columns(struct html *h, const json_t *rows) {
  size_t i;
  json_t *r;
  html(h,
       "<section><h2>{report_columns} <span class=count>%N</span></h2><p class=hint>"
       "{report_columns_about}</p><div class=scroll tabindex=0><table><thead><tr><th>{column}</th>"
       "<th>{state}</th><th class=n>{declared}</th><th class=n>{found}</th><th class=n>{captured}"
       "</th><th class=n>{report_class_new}</th><th class=n>{report_class_changed}</th><th class=n>"
       "{report_class_unchanged}</th><th class=n>{report_class_removed}</th><th class=n>"
       "{report_class_blocked}</th><th class=n>{report_class_failed}</th><th class=n>"
       "{report_class_excluded}</th><th class=n>{missing}</th><th>{share}</th></tr></thead><tbody>",
       (int64_t)json_array_size(rows));
  json_array_foreach(rows, i, r) column_row(h, r);
  html(h, "</tbody></table></div></section>");
}

static void why_of(struct html *h, const json_t *why) {
  const char *class, *reason;
  json_t *of, *n;
  json_object_foreach((json_t *)why, class, of) {
    char key[48];
    snprintf(key, sizeof key, "report_class_%s", class);
    html(h, "<div class=meta><span>%t:</span>", key);
    json_object_foreach(of, reason, n) {
      html(h, "<span>");
      page_words(h, "verdict", reason);
      html(h, " %N</span>", json_integer_value(n));
    }
    html(h, "</div>");
  }
}

static void hosts(struct html *h, const json_t *rows) {
  static const char *const cells[] = {"known",     "found",   "captured", "new",    "changed",
                                      "unchanged", "removed", "blocked",  "failed", "excluded"};
  size_t i;
  json_t *r;
  html(h,
       "<section><h2>{report_hosts} <span class=count>%N</span></h2><div class=scroll "
       "tabindex=0><table><thead><tr><th>{host}</th>",
       (int64_t)json_array_size(rows));
  for (size_t k = 0; k < sizeof cells / sizeof *cells; k++) {
    char key[48];
    snprintf(key, sizeof key, "report_class_%s", cells[k]);
    html(h, "<th class=n>%t</th>", key);
  }
  html(h, "</tr></thead><tbody>");
  json_array_foreach(rows, i, r) {
    html(h, "<tr><td class=host><b>%s</b>", zhi_json_text(r, "origin"));
    report_bar(h, r);
    why_of(h, json_object_get(r, "why"));
    html(h, "</td>");
    for (size_t k = 0; k < sizeof cells / sizeof *cells; k++)
      count_cell(h, row_int(r, cells[k]));
    html(h, "</tr>");
  }
  html(h, "</tbody></table></div></section>");
}

/* The hosts with the largest `member`, at most SHOWN; rows of which it is 0 do not count. */
enum { SHOWN = 10 };
static size_t largest(const json_t *rows, const char *member, const json_t *out[SHOWN]) {
  size_t n = 0, i;
  json_t *r;
  json_array_foreach(rows, i, r) {
    int64_t v = row_int(r, member);
    size_t at = n < SHOWN ? n : SHOWN;
    if (!v)
      continue;
    while (at > 0 && row_int(out[at - 1], member) < v) {
      if (at < SHOWN)
        out[at] = out[at - 1];
      at--;
    }
    if (at < SHOWN)
      out[at] = r;
    n += n < SHOWN;
  }
  return n;
}

static void trouble(struct html *h, const json_t *rows) {
  const json_t *slow[SHOWN], *refusing[SHOWN];
  size_t n = largest(rows, "mean_response", slow), m = largest(rows, "refusals", refusing);
  html(h, "<div class=columns><section><h2>{report_slowest}</h2><table class=compact><thead><tr>"
          "<th>{host}</th><th class=n>{report_mean}</th><th class=n>{report_worst}</th>"
          "<th class=n>{verdict_timeout}</th></tr></thead><tbody>");
  for (size_t i = 0; i < n; i++) {
    html(h, "<tr><td>%s</td>", zhi_json_text(slow[i], "origin"));
    seconds(h, row_int(slow[i], "mean_response"));
    seconds(h, row_int(slow[i], "slowest_response"));
    count_cell(h, row_int(slow[i], "timeouts"));
    html(h, "</tr>");
  }
  html(h, "</tbody></table></section><section><h2>{report_refusing}</h2>");
  if (!m)
    html(h, "<p class=empty>{report_none_refused}</p>");
  else
    html(h, "<table class=compact><thead><tr><th>{host}</th><th class=n>{report_refusals}</th>"
            "<th>{report_until}</th></tr></thead><tbody>");
  for (size_t i = 0; i < m; i++) {
    html(h, "<tr><td>%s</td>", zhi_json_text(refusing[i], "origin"));
    count_cell(h, row_int(refusing[i], "refusals"));
    html(h, "<td>");
    page_time(h, zhi_json_text(refusing[i], "blocked_until"));
    html(h, "</td></tr>");
  }
  if (m)
    html(h, "</tbody></table>");
  html(h, "</section></div>");
}

static void reasons(struct html *h, const json_t *rows) {
  size_t i;
  json_t *r;
  html(h, "<section><h2>{report_not_had}</h2><p class=hint>{report_not_had_about}</p><div "
          "class=scroll tabindex=0><table class=compact><thead><tr><th>{state}</th><th>"
          "{report_why}</th><th class=n>{report_urls}</th><th>{report_example}</th></tr></thead>"
          "<tbody>");
  json_array_foreach(rows, i, r) {
    html(h, "<tr><td>");
    page_badge(h, "report_class", zhi_json_text(r, "class"));
    html(h, "</td><td>");
    page_badge(h, "verdict", zhi_json_text(r, "reason"));
    html(h, "</td><td class=n>%N</td><td>%s</td></tr>", row_int(r, "urls"),
         zhi_json_text(r, "example"));
  }
  html(h, "</tbody></table></div></section>");
}

static void in_language(struct zhi_buf *out, const json_t *o, enum serve_lang lang) {
  struct html page = {out, lang}, *h = &page;
  const json_t *rows;
  html(h, "<main lang=%s class=\"in_%s\">", lang == SERVE_ZH ? "zh-CN" : "en",
       lang == SERVE_ZH ? "zh" : "en");
  summary(h, o);
  growth(h, o);
  if (json_array_size(rows = json_object_get(o, "departments")))
    departments(h, rows);
  if (json_array_size(rows = json_object_get(o, "columns")))
    columns(h, rows);
  rows = json_object_get(o, "hosts");
  hosts(h, rows);
  trouble(h, rows);
  if (json_array_size(rows = json_object_get(o, "reasons")))
    reasons(h, rows);
  report_lists(h, o);
  html(h, "<p class=hint>{report_footer}</p></main>");
}

enum zhi_code zhi_report_html(const json_t *o, struct zhi_buf *out, struct zhi_err *e) {
  struct html page = {out, SERVE_ZH}, *h = &page;
  html(h,
       "<!DOCTYPE html>\n<html lang=zh-CN><head><meta charset=utf-8><meta name=viewport "
       "content=\"width=device-width, initial-scale=1\"><meta http-equiv=Content-Security-Policy "
       "content=\"default-src 'none'; style-src 'unsafe-inline'\"><meta name=robots "
       "content=noindex><title>%s · %s</title><style>",
       zhi_json_text(o, "archive"), zhi_json_text(json_object_get(o, "crawl"), "name"));
  zhi_buf_addstr(out, base_css());
  zhi_buf_addstr(out, report_css());
  html(h, "</style></head><body class=report><input type=radio name=lang id=lang_zh checked><label "
          "for=lang_zh lang=zh-CN>中文</label><input type=radio name=lang id=lang_en><label "
          "for=lang_en lang=en>English</label>\n");
  in_language(out, o, SERVE_ZH);
  in_language(out, o, SERVE_EN);
  html(h, "</body></html>\n");
  return zhi_buf_check(out, "a report", e);
}
