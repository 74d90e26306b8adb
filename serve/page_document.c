/* One document: its fields with where they came from, its text, attachments, versions, and every attempt at it. */
#include <stdio.h>

#include "serve/find.h"
#include "serve/handlers.h"
#include "serve/page.h"
#include "serve/svg.h"
#include "zhi/clock.h"
#include "zhi/fields.h"

enum { TEXT_SHOWN = 60000, ATTEMPTS_OPEN = 40 };

/* --- fields -------------------------------------------------------------------------------------------------------- */

static void field_row(struct html *h, const struct zhi_field_info *info, const json_t *f) {
  const json_t *value = json_object_get(f, "value");
  const char *raw = zhi_json_text(f, "raw"), *shown = json_string_value(value),
             *source = zhi_json_text(f, "source");
  char key[48], number[32];
  if (json_is_integer(value)) {
    snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
    shown = number;
  }
  html(h, "<tr id=\"f-%s\"><th scope=row>%s</th><td>", info->name,
       h->lang == SERVE_ZH ? info->zh : info->en);
  snprintf(key, sizeof key, "%.24s_%.20s", info->name, shown ? shown : "");
  if (strcmp(zhi_json_text(f, "state"), "empty") == 0)
    html(h, "<span class=empty>{field_empty}</span>");
  else if (info->type == ZHI_FT_URL && shown)
    html(h, "<a rel=\"nofollow noreferrer\" href=\"%h\">%s</a>", zhi_str_of(shown), shown);
  else
    html(h, serve_has_words(zhi_str_of(key)) ? "%t" : "%s",
         serve_has_words(zhi_str_of(key)) ? key
         : shown                          ? shown
                                          : raw);
  if (json_is_true(json_object_get(f, "suspect")))
    html(h, " <span class=\"badge warn\">{suspect}</span>");
  if (raw[0] && !(shown && strcmp(shown, raw) == 0))
    html(h, "<div class=raw><span>{raw}</span> %s</div>", raw);
  snprintf(key, sizeof key, "source_%.24s", source);
  html(h, "</td><td class=source>%t", key);
  double confidence = json_number_value(json_object_get(f, "confidence"));
  if (confidence > 0) {
    snprintf(number, sizeof number, "%.0f%%", confidence * 100);
    html(h, " · %s", number);
  }
  html(h, "</td></tr>");
}

static void fields(struct html *h, const json_t *d) {
  const json_t *all = json_object_get(d, "fields");
  html(
      h,
      "<section aria-labelledby=h-fields><h2 id=h-fields>{fields}</h2><div class=scroll tabindex=0 "
      "role=region aria-labelledby=h-fields><table id=fields><thead><tr><th scope=col>{field}</th>"
      "<th scope=col>{value}</th><th scope=col>{source} · {confidence}</th></tr></thead><tbody>");
  for (int i = 0; i < ZHI_FIELD_COUNT; i++) {
    const json_t *f = json_object_get(all, zhi_field_table[i].name);
    if (f)
      field_row(h, &zhi_field_table[i], f);
  }
  html(h, "</tbody></table></div>");
  const json_t *findings = json_object_get(d, "findings");
  size_t i;
  json_t *x;
  if (json_array_size(findings))
    html(h, "<h3>{findings}</h3><ul>");
  json_array_foreach(findings, i, x) {
    html(h, "<li>");
    page_words(h, "finding", zhi_json_text(x, "code"));
    html(h, " <span class=meta lang=en><code>%s</code> %s</span></li>", zhi_json_text(x, "code"),
         zhi_json_text(x, "text"));
  }
  if (json_array_size(findings))
    html(h, "</ul>");
  html(h, "</section>");
}

/* --- text and attachments --------------------------------------------------------------------------------------------- */

static void attachments(struct html *h, const json_t *d) {
  const json_t *a = json_object_get(d, "attachments");
  size_t i;
  json_t *x;
  if (!json_array_size(a))
    return;
  html(h, "<section aria-labelledby=h-att><h2 id=h-att>{attachments}</h2><ul class=files "
          "id=attachments>");
  json_array_foreach(a, i, x) {
    const char *name = zhi_json_text(x, "name"), *url = zhi_json_text(x, "url");
    html(h, "<li><span class=type>%s</span> <a href=\"/document?url=%q\">%s</a></li>",
         zhi_json_text(x, "type"), zhi_str_of(url), name[0] ? name : url);
  }
  html(h, "</ul></section>");
}

static void text(struct html *h, const json_t *d) {
  struct zhi_str s = row_str(d, "text"), rest = zhi_str_sub(s, 0, TEXT_SHOWN);
  html(h, "<section aria-labelledby=h-text><h2 id=h-text>{text}</h2><div id=text class=prose "
          "lang=zh-CN>");
  if (!s.len)
    html(h, "<p class=empty>{no_text}</p>");
  while (rest.p && rest.len)
    html(h, "<p>%S</p>", zhi_str_cut(&rest, '\n'));
  if (s.len > TEXT_SHOWN)
    html(h, "<p class=hint>{text_cut}</p>");
  html(h, "</div></section>");
}

/* --- versions and captures ---------------------------------------------------------------------------------------------- */

/* What a row is found and replayed by. */
static struct zhi_str address_of(const json_t *row) {
  return row_str(row, zhi_json_text(row, "address")[0] ? "address" : "url");
}

/* To the page as it looked, when there is something to show: the answer to a POST is no page, it is read. */
static void replay_link(struct html *h, const json_t *c, const char *before) {
  int64_t ms;
  char time[ZHI_TS14_SIZE];
  if (!zhi_time_parse(row_str(c, "captured"), &ms))
    return;
  zhi_time_ts14(ms, time);
  bool post = zhi_json_text(c, "address")[0];
  html(h, "%s<a class=replay href=\"%s%s/%S\">%t</a>", before, post ? "/reader/" : "/replay/", time,
       address_of(c), post ? "reader_view" : "as_it_looked");
}

static void versions(struct html *h, const json_t *all, const json_t *d) {
  size_t n = json_array_size(all);
  html(h, "<section aria-labelledby=h-versions><h2 id=h-versions>{versions}</h2><ol reversed "
          "class=versions "
          "id=versions>");
  for (size_t i = n; i-- > 0;) {
    const json_t *v = json_array_get(all, i);
    bool here = row_int(v, "id") == row_int(d, "id");
    html(h, "<li%s><a href=\"/document?url=%q&amp;v=%d\">{version_n} %d</a> ", "", address_of(v),
         row_int(v, "version"), row_int(v, "version"));
    if (here)
      html(h, "<span class=badge>{shown_here}</span> ");
    if (row_int(v, "version") == 1 || !zhi_json_text(v, "before")[0]) {
      html(h, "{first_captured} ");
      page_time(h, zhi_json_text(v, "captured"));
    } else { /* when it changed is not known: only between which captures */
      html(h, "{unchanged_at} ");
      page_time(h, zhi_json_text(v, "before"));
      html(h, "{changed_by} ");
      page_time(h, zhi_json_text(v, "captured"));
      html(h, "{changed_by_end}");
    }
    html(h, " · {last_seen} ");
    page_time(h, zhi_json_text(v, "last_seen"));
    if (zhi_json_text(v, "before")[0])
      html(h, " · <a href=\"/diff?url=%q&amp;from=%q&amp;to=%q\">{compare_before}</a>",
           address_of(v), row_str(v, "before"), row_str(v, "captured"));
    replay_link(h, v, " · ");
    html(h, "</li>");
  }
  html(h, "</ol></section>");
}

static void attempt(struct html *h, const json_t *c, char last_day[16]) {
  int64_t ms = 0;
  char day[ZHI_ISO_SIZE];
  zhi_time_parse(row_str(c, "captured"), &ms);
  zhi_time_iso(ms + ZHI_TZ_CHINA_MS, day);
  day[10] = '\0';
  html(h, "<tr");
  if (strcmp(day, last_day) != 0)
    html(h, " id=\"d%s\"", day);
  memcpy(last_day, day, 11);
  html(h, "><td>");
  page_time(h, zhi_json_text(c, "captured"));
  html(h, "</td><td>");
  page_badge(h, "verdict", zhi_json_text(c, "verdict"));
  if (row_int(c, "version"))
    html(h, " <span class=\"badge day_version\">{version_n} %d</span>", row_int(c, "version"));
  html(h, "</td><td>");
  if (zhi_json_text(c, "warc_file")[0])
    replay_link(h, c, "");
  html(h, "</td><td class=\"n status\">");
  if (row_int(c, "status"))
    html(h, "%d", row_int(c, "status"));
  html(h, "</td><td class=n>");
  if (row_int(c, "body_bytes"))
    page_bytes(h, row_int(c, "body_bytes"));
  html(h, "</td><td class=detail>%s%s</td></tr>", zhi_json_text(c, "redirect_to")[0] ? "→ " : "",
       zhi_json_text(c, "redirect_to")[0] ? zhi_json_text(c, "redirect_to")
                                          : zhi_json_text(c, "error"));
}

static void captures(struct html *h, const json_t *all) {
  size_t n = json_array_size(all);
  char last_day[16] = "";
  html(h,
       "<section aria-labelledby=h-captures><h2 id=h-captures>{captures} <span "
       "class=count>%N</span></h2>",
       (int64_t)n);
  svg_calendar(h, all);
  html(h,
       "<details id=captures%s><summary>{every_attempt}</summary><table><thead><tr>"
       "<th>{time}</th><th>{outcome}</th><th>{see}</th><th class=n>HTTP</th>"
       "<th class=n>{size}</th><th>{detail}</th></tr></thead><tbody>",
       n <= ATTEMPTS_OPEN ? " open" : "");
  for (size_t i = 0; i < n; i++)
    attempt(h, json_array_get(all, i), last_day);
  html(h, "</tbody></table></details></section>");
}

/* Pages of a list that scripts or forms ask for by POST. */
static void posts(struct html *h, const json_t *rows) {
  size_t i;
  json_t *x;
  if (!json_array_size(rows))
    return;
  html(h, "<section aria-labelledby=h-posts><h2 id=h-posts>{posts}</h2><p class=hint>{posts_about}"
          "</p><ol class=versions id=posts>");
  json_array_foreach(rows, i, x) {
    html(h, "<li><a href=\"/document?url=%q\">", address_of(x));
    if (row_int(x, "page") > 0)
      html(h, "{list_page} %d", row_int(x, "page"));
    else
      html(h, "%s", zhi_json_text(x, "url"));
    html(h, "</a> ");
    page_time(h, zhi_json_text(x, "captured"));
    replay_link(h, x, " · ");
    html(h, "</li>");
  }
  html(h, "</ol></section>");
}

/* --- the page -------------------------------------------------------------------------------------------------------------- */

static void gone_notice(struct html *h, const json_t *d) {
  struct zhi_str life = row_str(d, "life");
  if (zhi_str_is(life, "removed")) {
    html(h, "<p class=notice role=note id=gone>{gone_since} ");
    page_time(h, zhi_json_text(d, "gone_since"));
    html(h, ". {seen_until} ");
    page_time(h, zhi_json_text(d, "last_ok"));
    html(h, ".</p>");
  } else if (zhi_str_is(life, "moved")) {
    html(h, "<p class=notice role=note id=gone>{moved_to} <a href=\"/document?url=%q\">%s</a></p>",
         row_str(d, "moved_to"), zhi_json_text(d, "moved_to"));
  } else if (zhi_json_text(d, "delisted")[0]) {
    html(h, "<p class=notice role=note id=gone>{delisted_since} ");
    page_time(h, zhi_json_text(d, "delisted"));
    html(h, ".</p>");
  }
}

static void head(struct html *h, const json_t *d, const char *url, size_t versions) {
  const char *title = zhi_json_text(d, "title");
  html(h,
       "<h1 lang=zh-CN>%s</h1><p class=addr><a rel=\"nofollow noreferrer\" "
       "href=\"%h\">%s</a></p><p>",
       title[0] ? title : url, zhi_str_of(url), url);
  page_badge(h, "state", zhi_json_text(d, "state"));
  html(h, " ");
  page_badge(h, "validity", zhi_json_text(d, "validity"));
  html(h, "</p>");
  gone_notice(h, d);
  html(h, "<p class=actions id=actions>");
  if (versions > 1)
    html(h, "<a id=action-diff class=button href=\"/diff?url=%q\">{compare_versions}</a>",
         zhi_str_of(url));
  if (d)
    html(h,
         "<a id=action-cite class=button href=\"/cite?url=%q&amp;time=%q\">{cite}</a>"
         "<a id=action-evidence class=button download href=\"/evidence?url=%q&amp;time=%q\">"
         "{evidence_get}</a>",
         zhi_str_of(url), row_str(d, "captured"), zhi_str_of(url), row_str(d, "captured"));
  html(h, "<a id=action-json class=button href=\"/api/document?url=%q\">JSON</a></p>",
       zhi_str_of(url));
}

static void provenance(struct html *h, const json_t *d) {
  html(h, "<section aria-labelledby=h-prov><h2 id=h-prov>{provenance}</h2><dl "
          "id=provenance><dt>{captured}</dt><dd>");
  page_time(h, zhi_json_text(d, "captured"));
  html(h,
       " (%s)</dd><dt>{crawl}</dt><dd>%s</dd><dt>WARC</dt><dd><code>%s</code> @ %d + %d</dd>"
       "<dt>{digest}</dt><dd><code>%s</code></dd><dt>{server}</dt><dd>%s</dd><dt>{type}</dt><dd>%s "
       "· %s</dd>"
       "<dt>{extractor}</dt><dd>%s</dd></dl></section>",
       zhi_json_text(d, "captured"), zhi_json_text(d, "crawl"), zhi_json_text(d, "warc_file"),
       row_int(d, "warc_offset"), row_int(d, "warc_length"), zhi_json_text(d, "payload_digest"),
       zhi_json_text(d, "ip"), zhi_json_text(d, "mime"), zhi_json_text(d, "charset"),
       zhi_json_text(d, "extractor_version"));
}

static void listed(struct html *h, const json_t *columns) {
  size_t i;
  json_t *x;
  if (!json_array_size(columns))
    return;
  html(h, "<section aria-labelledby=h-listed><h2 id=h-listed>{listed_in}</h2><ul>");
  json_array_foreach(columns, i, x)
      html(h, "<li><a href=\"/document?url=%q\">%s</a></li>", row_str(x, "url"),
           zhi_json_text(x, "name")[0] ? zhi_json_text(x, "name") : zhi_json_text(x, "url"));
  html(h, "</ul></section>");
}

enum zhi_code handle_document(struct serve_call *c, struct zhi_err *e) {
  json_t *o = NULL;
  enum zhi_code rc = find_document(c, &o, e);
  if (rc)
    return rc;
  const json_t *d = json_object_get(o, "document"), *all = json_object_get(o, "captures");
  const json_t *first = json_array_get(all, 0);
  const char *url = zhi_json_text(first, "address")[0] ? zhi_json_text(first, "address")
                                                       : zhi_json_text(d ? d : first, "url");
  struct html h = page_begin(
      c->rq, &c->rs->body, d && zhi_json_text(d, "title")[0] ? zhi_json_text(d, "title") : url, "");
  html(&h, "<article id=document>");
  head(&h, d, url, json_array_size(json_object_get(o, "versions")));
  html(&h, "<div class=columns><div>");
  if (d) {
    fields(&h, d);
    attachments(&h, d);
    text(&h, d);
  } else {
    html(&h, "<p class=empty>{no_document}</p>");
  }
  html(&h, "</div><div>");
  versions(&h, json_object_get(o, "versions"), d);
  captures(&h, all);
  posts(&h, json_object_get(o, "posts"));
  listed(&h, json_object_get(o, "columns"));
  if (d)
    provenance(&h, d);
  html(&h, "</div></div></article>");
  page_end(&h, c->rq);
  json_decref(o);
  return ZHI_OK;
}
