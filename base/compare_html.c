/* A comparison as HTML: a fragment for others' pages, and a page of its own. Two radio buttons choose between side by
 * side and inline; on narrow screens it is always inline. Removed and added words differ in more than colour. */
#include "zhi/clock.h"
#include "zhi/compare_view.h"
#include "zhi/json.h"
#include "zhi/markup.h"
#include "zhi/noise.h"

enum { BEIJING_MS = 8 * 3600 * 1000 };

struct page {
  struct zhi_buf *b;
  enum zhi_view_lang lang;
};

const char zhi_compare_css[] =
    ".zhi-diff{--old:#ffe3e0;--oldw:#ffb3ab;--new:#dcf5df;--neww:#9fdfa8;--quiet:#59636e;"
    "--rule:#d0d7de;--mask:#f1f1ec;line-height:1.7}"
    "@media(prefers-color-scheme:dark){.zhi-diff{--old:#3a1d1d;--oldw:#8a2f2b;--new:#173022;"
    "--neww:#256b3a;--quiet:#9aa4ae;--rule:#3d444d;--mask:#2a2a26}}"
    ".zhi-diff table{border-collapse:collapse;width:100%;table-layout:fixed}"
    ".zhi-diff td,.zhi-diff th{border-top:1px solid var(--rule);padding:.25rem .5rem;"
    "vertical-align:top;text-align:start;overflow-wrap:anywhere;white-space:normal}"
    ".zhi-diff h2{margin:1.75rem 0 .5rem}.zhi-diff>p:first-child{margin-top:0}"
    ".zhi-diff .zd-facts th:first-child{width:24%}.zhi-diff .zd-n{width:3rem;color:var(--quiet);"
    "text-align:end;font-variant-numeric:tabular-nums}"
    ".zhi-diff del{background:var(--oldw);text-decoration:line-through}"
    ".zhi-diff ins{background:var(--neww);text-decoration:underline;text-underline-offset:.2em}"
    ".zhi-diff .zd-old{background:var(--old)}.zhi-diff .zd-new{background:var(--new)}"
    ".zhi-diff .zd-mask{background:var(--mask);color:var(--quiet)}"
    ".zhi-diff .zd-mask small,.zhi-diff .zd-skip{color:var(--quiet)}"
    ".zhi-diff .zd-skip{text-align:center}.zhi-diff .zd-verdict{font-size:1.15em;font-weight:600}"
    ".zhi-diff details.zd-mask{margin-top:.5rem;padding:.25rem .5rem;overflow-wrap:anywhere}"
    ".zhi-diff details ul{margin:.25rem 0}"
    ".zhi-diff .zd-mask del,.zhi-diff .zd-mask ins{background:none}"
    ".zhi-diff .zd-warn{border-inline-start:.3rem solid #b35900;padding-inline-start:.75rem}"
    ".zhi-diff .zd-first{font-size:1.1em}.zhi-diff .zd-choice{margin-inline-end:1rem}"
    ".zhi-diff .zd-inline{display:none}"
    ".zhi-diff input.zd-i:checked~.zd-side{display:none}"
    ".zhi-diff input.zd-i:checked~.zd-inline{display:table}"
    "@media(max-width:45rem){.zhi-diff .zd-facts th:first-child{width:32%}"
    ".zhi-diff .zd-side,.zhi-diff input,.zhi-diff .zd-choice{display:none}"
    ".zhi-diff .zd-inline{display:table}}"
    "@media print{.zhi-diff input,.zhi-diff .zd-choice{display:none}"
    ".zhi-diff{--old:#fff;--new:#fff;--oldw:#ddd;--neww:#fff;--mask:#fff}}";

static long long number_of(const json_t *o, const char *key) {
  return (long long)json_integer_value(json_object_get(o, key));
}

static void add(struct page *p, const char *markup) { zhi_buf_adds(p->b, markup); }
static void text(struct page *p, const char *s) { zhi_markup_text(p->b, zhi_str_of(s)); }

/* Words in the reader's language, or in both. */
static void say(struct page *p, const char *zh, const char *en) {
  if (p->lang != ZHI_VIEW_EN)
    zhi_buf_addf(p->b, "<span lang=zh>%s</span>", zh);
  if (p->lang == ZHI_VIEW_BOTH)
    add(p, " ");
  if (p->lang != ZHI_VIEW_ZH)
    zhi_buf_addf(p->b, "<span lang=en>%s</span>", en);
}

/* 2018-03-29T00:00:00Z as the clocks of the country show it, and which clock that is. */
static void when(struct page *p, const json_t *side) {
  const char *iso = zhi_json_text(side, "captured");
  char local[ZHI_ISO_SIZE] = "";
  int64_t ms;
  if (zhi_time_parse(zhi_str_of(iso), &ms))
    zhi_time_iso(ms + BEIJING_MS, local);
  add(p, "<time datetime=\"");
  text(p, iso);
  zhi_buf_addf(p->b, "\">%.10s %.8s UTC+8</time>", local, local[0] ? local + 11 : "");
}

static void reason(struct page *p, const json_t *noise) {
  add(p, " <small>(");
  if (p->lang != ZHI_VIEW_EN)
    zhi_buf_addf(p->b, "<span lang=zh>已屏蔽：%s</span>", zhi_json_text(noise, "zh"));
  if (p->lang == ZHI_VIEW_BOTH)
    add(p, " ");
  if (p->lang != ZHI_VIEW_ZH)
    zhi_buf_addf(p->b, "<span lang=en>masked: %s</span>", zhi_json_text(noise, "en"));
  add(p, ")</small>");
}

static void between(struct page *p, const json_t *c) {
  const json_t *a = json_object_get(c, "a"), *b = json_object_get(c, "b");
  if (p->lang != ZHI_VIEW_EN) {
    add(p, "<p lang=zh>在抓取 A（");
    when(p, a);
    add(p, "）与抓取 B（");
    when(p, b);
    add(p, "）之间：</p>");
  }
  if (p->lang != ZHI_VIEW_ZH) {
    add(p, "<p lang=en>Between capture A (");
    when(p, a);
    add(p, ") and capture B (");
    when(p, b);
    add(p, "):</p>");
  }
}

static void verdict(struct page *p, const json_t *c) {
  static const struct {
    const char *name, *zh, *en;
  } words[] = {{"once", "只抓取过一次，没有可比较的内容。",
                "Captured once only: there is nothing to compare it with."},
               {"same", "内容相同。", "Nothing changed."},
               {"noise", "只有自行变化的部分不同，内容未改。",
                "Nothing changed but what changes by itself."},
               {"outside", "文档未改，正文之外的一句话有改动。",
                "The document is the same; a sentence beside it was edited."}};
  between(p, c);
  add(p, "<p class=zd-verdict>");
  const char *name = zhi_json_text(c, "verdict");
  size_t i = 0, n = sizeof words / sizeof *words;
  while (i < n && strcmp(words[i].name, name) != 0)
    i++;
  if (i < n) {
    say(p, words[i].zh, words[i].en);
  } else {
    zhi_buf_addf(p->b, "%lld ", number_of(c, "changes"));
    say(p, "处改动", number_of(c, "changes") == 1 ? "change" : "changes");
  }
  if (number_of(c, "masked")) {
    zhi_buf_addf(p->b, " · %lld ", number_of(c, "masked"));
    say(p, "处已屏蔽", "masked");
  }
  add(p, "</p>");
}

static void heading(struct page *p, const char *zh, const char *en) {
  add(p, "<h2>");
  say(p, zh, en);
  add(p, "</h2>");
}

static void marked(struct page *p, const char *tag, const char *s) {
  if (!s[0])
    return;
  zhi_buf_addf(p->b, "<%s>", tag);
  text(p, s);
  zhi_buf_addf(p->b, "</%s>", tag);
}

static void fields(struct page *p, const json_t *list) {
  size_t i;
  json_t *f;
  if (!json_array_size(list))
    return;
  heading(p, "字段", "Fields");
  add(p, "<table class=zd-facts><thead><tr><th scope=col></th><th scope=col>A</th>"
         "<th scope=col>B</th></tr></thead><tbody>");
  json_array_foreach((json_t *)list, i, f) {
    const json_t *noise = json_object_get(f, "noise");
    const char *from = zhi_json_text(f, "from_raw"), *to = zhi_json_text(f, "to_raw");
    zhi_buf_addf(p->b, "<tr class=\"%s%s\"><th scope=row>", noise ? "zd-mask" : "",
                 i == 0 && !noise ? " zd-first" : "");
    say(p, zhi_json_text(f, "zh"), zhi_json_text(f, "en"));
    if (noise)
      reason(p, noise);
    add(p, "</th><td>");
    marked(p, noise ? "span" : "del", from[0] ? from : zhi_json_text(f, "from"));
    add(p, "</td><td>");
    marked(p, noise ? "span" : "ins", to[0] ? to : zhi_json_text(f, "to"));
    add(p, "</td></tr>");
  }
  add(p, "</tbody></table>");
}

static void attachments(struct page *p, const json_t *list) {
  static const struct {
    const char *name, *zh, *en;
  } words[] = {{"added", "新增", "added"},
               {"removed", "删除", "removed"},
               {"replaced", "同一网址下的文件被替换", "file replaced under the same address"},
               {"renamed", "改名", "renamed"}};
  size_t i;
  json_t *a;
  if (!json_array_size(list))
    return;
  heading(p, "附件", "Attachments");
  add(p, "<table class=zd-facts><tbody>");
  json_array_foreach((json_t *)list, i, a) {
    add(p, "<tr><th scope=row>");
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
      if (strcmp(words[k].name, zhi_json_text(a, "change")) == 0)
        say(p, words[k].zh, words[k].en);
    add(p, "</th><td>");
    const char *change = zhi_json_text(a, "change");
    marked(p, "del", zhi_json_text(a, "from_name"));
    marked(p,
           strcmp(change, "removed") == 0                                   ? "del"
           : strcmp(change, "added") == 0 || strcmp(change, "renamed") == 0 ? "ins"
                                                                            : "span",
           zhi_json_text(a, "name"));
    add(p, "<br><small>");
    text(p, zhi_json_text(a, "url"));
    add(p, "</small>");
    if (zhi_json_text(a, "to_digest")[0]) {
      add(p, "<br><small>A ");
      text(p, zhi_json_text(a, "from_digest"));
      add(p, "<br>B ");
      text(p, zhi_json_text(a, "to_digest"));
      add(p, "</small>");
    }
    add(p, "</td></tr>");
  }
  add(p, "</tbody></table>");
}

/* An address, or two of which the first became the second. */
static void addresses(struct page *p, const char *from, const char *to) {
  bool same = strcmp(from, to) == 0;
  add(p, "<small>");
  if (same)
    text(p, to);
  else
    marked(p, "del", from);
  if (from[0] && to[0] && !same)
    add(p, "<br>");
  if (!same)
    marked(p, "ins", to);
  add(p, "</small>");
}

static void link_row(struct page *p, const json_t *l) {
  static const struct {
    const char *name, *zh, *en;
  } words[] = {{"retargeted", "同样的文字指向了别处", "leads elsewhere under the same text"},
               {"removed", "删除", "removed"},
               {"added", "新增", "added"},
               {"renamed", "文字改动", "text changed"}};
  const char *shown = zhi_json_text(l, "text");
  add(p, "<tr><th scope=row>");
  for (size_t k = 0; k < sizeof words / sizeof *words; k++)
    if (strcmp(words[k].name, zhi_json_text(l, "change")) == 0)
      say(p, words[k].zh, words[k].en);
  add(p, "</th><td>");
  if (zhi_json_text(l, "from_text")[0]) {
    marked(p, "del", zhi_json_text(l, "from_text"));
    add(p, " ");
    marked(p, "ins", shown);
  } else {
    text(p, shown);
  }
  if (shown[0])
    add(p, "<br>");
  addresses(p, zhi_json_text(l, "from"), zhi_json_text(l, "to"));
  add(p, "</td></tr>");
}

size_t zhi_compare_masked_links(const json_t *links, const char *noise_kind) {
  size_t i, n = 0;
  json_t *l;
  json_array_foreach((json_t *)links, i, l) n +=
      strcmp(zhi_json_text(json_object_get(l, "noise"), "kind"), noise_kind) == 0;
  return n;
}

static void masked_links(struct page *p, const json_t *list, const struct zhi_noise_info *kind) {
  size_t i, n = zhi_compare_masked_links(list, kind->name);
  json_t *l;
  if (!n)
    return;
  add(p, "<details class=zd-mask><summary>");
  if (p->lang != ZHI_VIEW_EN)
    zhi_buf_addf(p->b, "<span lang=zh>%zu 个链接不同，已屏蔽：%s</span> ", n, kind->zh);
  if (p->lang != ZHI_VIEW_ZH)
    zhi_buf_addf(p->b, "<span lang=en>%zu %s, masked: %s</span>", n,
                 n == 1 ? "link differs" : "links differ", kind->en);
  add(p, "</summary><ul>");
  json_array_foreach((json_t *)list, i, l) {
    if (strcmp(zhi_json_text(json_object_get(l, "noise"), "kind"), kind->name) != 0)
      continue;
    add(p, "<li>");
    text(p, zhi_json_text(l, "text"));
    add(p, " ");
    addresses(p, zhi_json_text(l, "from"), zhi_json_text(l, "to"));
    add(p, "</li>");
  }
  add(p, "</ul></details>");
}

static void links(struct page *p, const json_t *c) {
  const json_t *list = json_object_get(c, "links");
  size_t i, n = 0;
  json_t *l;
  if (!json_array_size(list))
    return;
  heading(p, "链接", "Links");
  json_array_foreach((json_t *)list, i, l) {
    if (json_object_get(l, "noise"))
      continue;
    if (!n++)
      add(p, "<table class=zd-facts><tbody>");
    link_row(p, l);
  }
  if (n)
    add(p, "</tbody></table>");
  for (int kind = 0; kind < ZHI_NOISE_COUNT; kind++)
    masked_links(p, list, &zhi_noise_table[kind]);
  if (number_of(c, "links_left_out")) {
    zhi_buf_addf(p->b, "<p>… %lld ", number_of(c, "links_left_out"));
    say(p, "个未列出", "more");
    add(p, "</p>");
  }
}

static void warnings(struct page *p, const json_t *list) {
  size_t i;
  json_t *w;
  json_array_foreach((json_t *)list, i, w) {
    const char *code = zhi_json_text(w, "code");
    add(p, strcmp(zhi_json_text(w, "side"), "a") == 0 ? "<p class=zd-warn>A: "
                                                      : "<p class=zd-warn>B: ");
    if (strcmp(code, "links_capped") == 0)
      say(p, "链接太多，只比较了前面的一部分。",
          "Too many links: only the first ones are compared.");
    else if (strcmp(code, "beside_uncompared") == 0)
      say(p, "正文之外的内容太多，未比较。",
          "Too much stands beside the text: it is not compared.");
    else
      say(p, "无法读取这次抓取的记录，链接和正文之外的内容未比较。",
          "The record of this capture cannot be read: links and what stands beside the text are "
          "not "
          "compared.");
    add(p, "<br><small>");
    text(p, zhi_json_text(w, "why"));
    add(p, " · ");
    text(p, zhi_json_text(w, "warc_file"));
    zhi_buf_addf(p->b, " · %lld</small></p>", number_of(w, "warc_offset"));
  }
}

/* --- text ------------------------------------------------------------------------------------------------------ */

enum { SIDE_A = 1, SIDE_B = 2 };

/* The parts of a row that stand on a side (or on both, inline). */
static void parts(struct page *p, const json_t *row, unsigned sides) {
  size_t i;
  json_t *x;
  json_array_foreach(json_object_get(row, "parts"), i, x) {
    const char *op = zhi_json_text(x, "op"), *from = zhi_json_text(x, "from"),
               *to = zhi_json_text(x, "to");
    if (strcmp(op, "same") == 0) {
      text(p, zhi_json_text(x, "text"));
    } else if (strcmp(op, "masked") == 0) {
      const char *s = sides == SIDE_A || !to[0] ? from : to;
      if (!s[0] || (sides == SIDE_B && !to[0]))
        continue;
      add(p, "<span class=zd-mask>");
      text(p, s);
      reason(p, json_object_get(x, "noise"));
      add(p, "</span>");
    } else {
      if (sides & SIDE_A)
        marked(p, "del", from);
      if (sides & SIDE_B)
        marked(p, "ins", to);
    }
  }
}

static void number(struct page *p, const json_t *row, const char *key) {
  add(p, "<td class=zd-n>");
  if (number_of(row, key))
    zhi_buf_addf(p->b, "%lld", number_of(row, key));
  add(p, "</td>");
}

static void skipped(struct page *p, const json_t *row, int columns) {
  zhi_buf_addf(p->b, "<tr><td class=zd-skip colspan=%d>… %lld ", columns, number_of(row, "lines"));
  say(p, "行相同", "equal lines");
  add(p, " …</td></tr>");
}

static const char *class_of(const json_t *row, unsigned side) {
  const char *op = zhi_json_text(row, "op");
  bool edited =
      strcmp(op, "removed") == 0 || strcmp(op, "added") == 0 || strcmp(op, "changed") == 0;
  if (strcmp(op, "masked") == 0)
    return "zd-mask";
  return !edited ? "" : side == SIDE_A ? "zd-old" : "zd-new";
}

static void side_row(struct page *p, const json_t *row) {
  add(p, "<tr>");
  number(p, row, "line_from");
  zhi_buf_addf(p->b, "<td class=\"%s\">", number_of(row, "line_from") ? class_of(row, SIDE_A) : "");
  parts(p, row, SIDE_A);
  add(p, "</td>");
  number(p, row, "line_to");
  zhi_buf_addf(p->b, "<td class=\"%s\">", number_of(row, "line_to") ? class_of(row, SIDE_B) : "");
  parts(p, row, SIDE_B);
  add(p, "</td></tr>");
}

static void inline_row(struct page *p, const json_t *row) {
  unsigned side = strcmp(zhi_json_text(row, "op"), "removed") == 0 ? SIDE_A : SIDE_B;
  add(p, "<tr>");
  number(p, row, side == SIDE_A ? "line_from" : "line_to");
  zhi_buf_addf(p->b, "<td class=\"%s\">",
               strcmp(zhi_json_text(row, "op"), "changed") == 0 ? "" : class_of(row, side));
  parts(p, row, SIDE_A | SIDE_B);
  add(p, "</td></tr>");
}

static void rows(struct page *p, const json_t *list, int columns,
                 void (*one)(struct page *, const json_t *)) {
  size_t i;
  json_t *row;
  json_array_foreach((json_t *)list, i, row) {
    if (strcmp(zhi_json_text(row, "op"), "skipped") == 0)
      skipped(p, row, columns);
    else
      one(p, row);
  }
}

static void texts(struct page *p, const json_t *c) {
  const json_t *list = json_object_get(c, "text");
  if (!json_array_size(list) || (!number_of(c, "text_changes") && !number_of(c, "masked")))
    return;
  heading(p, "正文", "Text");
  add(p, "<input type=radio name=zd class=zd-s id=zd-s checked><label class=zd-choice for=zd-s>");
  say(p, "并排", "side by side");
  add(p, "</label><input type=radio name=zd class=zd-i id=zd-i><label class=zd-choice for=zd-i>");
  say(p, "单栏", "inline");
  add(p, "</label><table class=zd-side><thead><tr><th class=zd-n></th><th scope=col>A ");
  when(p, json_object_get(c, "a"));
  add(p, "</th><th class=zd-n></th><th scope=col>B ");
  when(p, json_object_get(c, "b"));
  add(p, "</th></tr></thead><tbody>");
  rows(p, list, 4, side_row);
  add(p,
      "</tbody></table><table class=zd-inline><colgroup><col class=zd-n><col></colgroup><tbody>");
  rows(p, list, 2, inline_row);
  add(p, "</tbody></table>");
}

static void beside_row(struct page *p, const json_t *row) {
  unsigned side = strcmp(zhi_json_text(row, "op"), "removed") == 0 ? SIDE_A : SIDE_B;
  zhi_buf_addf(p->b, "<tr><td class=\"%s\">",
               strcmp(zhi_json_text(row, "op"), "changed") == 0 ? "" : class_of(row, side));
  parts(p, row, SIDE_A | SIDE_B);
  add(p, "</td></tr>");
}

static void beside(struct page *p, const json_t *list) {
  if (!json_array_size(list))
    return;
  heading(p, "正文之外", "Beside the text");
  add(p, "<table><tbody>");
  rows(p, list, 1, beside_row);
  add(p, "</tbody></table>");
}

void zhi_compare_html(const json_t *c, enum zhi_view_lang lang, struct zhi_buf *out) {
  struct page p = {out, lang};
  add(&p, "<div class=zhi-diff>");
  verdict(&p, c);
  fields(&p, json_object_get(c, "fields"));
  if (json_is_true(json_object_get(c, "file_replaced"))) {
    add(&p, "<p>");
    say(&p, "文件被替换：", "The file was replaced:");
    add(&p, "<br><small>A ");
    text(&p, zhi_json_text(json_object_get(c, "a"), "payload_digest"));
    add(&p, "<br>B ");
    text(&p, zhi_json_text(json_object_get(c, "b"), "payload_digest"));
    add(&p, "</small></p>");
  }
  attachments(&p, json_object_get(c, "attachments"));
  links(&p, c);
  warnings(&p, json_object_get(c, "warnings"));
  beside(&p, json_object_get(c, "beside"));
  texts(&p, c);
  add(&p, "</div>");
}

void zhi_compare_page(const json_t *c, struct zhi_buf *out) {
  struct page p = {out, ZHI_VIEW_BOTH};
  const char *title = zhi_json_text(json_object_get(c, "b"), "title");
  add(&p, "<!DOCTYPE html>\n<html lang=zh><head><meta charset=utf-8><meta name=viewport "
          "content=\"width=device-width,initial-scale=1\"><meta http-equiv=Content-Security-Policy "
          "content=\"default-src 'none'; style-src 'unsafe-inline'\"><title>");
  text(&p, title[0] ? title : zhi_json_text(c, "url"));
  add(&p, "</title><style>:root{color-scheme:light dark}body{margin:0 auto;max-width:80rem;"
          "padding:1rem;font-family:system-ui,\"Noto Sans CJK SC\",\"Microsoft YaHei\",sans-serif}"
          "h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}.url{overflow-wrap:anywhere}");
  add(&p, zhi_compare_css);
  add(&p, "</style></head><body><main><h1>");
  text(&p, title[0] ? title : zhi_json_text(c, "url"));
  add(&p, "</h1><p class=url>");
  text(&p, zhi_json_text(c, "url"));
  add(&p, "</p>");
  zhi_compare_html(c, ZHI_VIEW_BOTH, out);
  add(&p, "</main></body></html>\n");
}
