/* What changed: since the last crawl, or since one that the reader chooses; as a page, a feed, CSV and JSON. What the
 * last crawl brought stands ready in the index; anything else is worked out for one reader at a time. */
#include "serve/handlers.h"
#include "serve/index.h"
#include "serve/page.h"
#include "zhi/changes.h"
#include "zhi/clock.h"

enum { PER_PAGE = 100, PAGE_MAX = 100000 };

/* --- which --------------------------------------------------------------------------------------------------------- */

static bool fits(const struct serve_request *rq, const char *name, struct zhi_str has) {
  struct zhi_str want = serve_param(rq, name);
  return !want.len || zhi_str_eq(want, has);
}

struct wanted {
  const struct serve_request *rq;
  json_t *out;
};

static enum zhi_code take(void *ctx, const struct zhi_change *c, struct zhi_err *e) {
  struct wanted *w = ctx;
  (void)e;
  if (fits(w->rq, "host", c->host) && fits(w->rq, "column", c->column))
    json_array_append_new(w->out, zhi_change_json(c));
  return ZHI_OK;
}

static enum zhi_code work_out(const struct serve_call *c, struct zhi_str since, struct wanted *w,
                              struct zhi_err *e) {
  struct zhi_changes *x = NULL;
  if (!serve_turn_take(c->server))
    return zhi_fail(e, ZHI_ECONFLICT, "changes are being worked out for somebody else");
  enum zhi_code rc = zhi_changes_open(&x, e);
  if (!rc)
    rc = zhi_changes_add(x, c->store, since, ZHI_STR_NONE, NULL, NULL, e);
  if (!rc)
    rc = zhi_changes_each(x, take, w, e);
  zhi_changes_close(x);
  serve_turn_give(c->server);
  return rc;
}

/* Those that the address asks for, in the order to read them in; a new reference. */
static enum zhi_code changes_of(const struct serve_call *c, json_t **out, struct zhi_err *e) {
  struct zhi_str since = serve_param(c->rq, "since");
  struct wanted w = {c->rq, json_array()};
  enum zhi_code rc = ZHI_OK;
  size_t i;
  json_t *x;
  if (since.len)
    rc = work_out(c, since, &w, e);
  else
    json_array_foreach(json_object_get(c->index->overview, "changes"), i,
                       x) if (fits(c->rq, "host", row_str(x, "host")) &&
                              fits(c->rq, "column", row_str(x, "column")))
        json_array_append(w.out, x);
  if (rc)
    json_decref(w.out);
  else
    *out = w.out;
  return rc;
}

/* --- the page ------------------------------------------------------------------------------------------------------ */

void page_change(struct html *h, const json_t *x) {
  const char *title = zhi_json_text(x, "title"), *what = zhi_json_text(x, "change");
  html(h, "<li class=doc>");
  page_badge(h, "change", what);
  html(h, " <a class=title lang=zh-CN href=\"/document?url=%q\">%s</a><div class=meta>",
       row_str(x, "url"), title[0] ? title : zhi_json_text(x, "url"));
  const char *zh = zhi_json_text(x, "detail_zh"), *detail = zhi_json_text(x, "detail");
  if (detail[0])
    html(h, "<span class=detail>%s</span>", h->lang == SERVE_ZH && zh[0] ? zh : detail);
  html(h, "<span>");
  if (zhi_json_text(x, "from")[0]) {
    html(h, "{between} ");
    page_time(h, zhi_json_text(x, "from"));
    html(h, " {and} ");
  } else {
    html(h, "{first_captured} ");
  }
  page_time(h, zhi_json_text(x, "to"));
  html(h, "</span>");
  if (strcmp(what, "edited") == 0 || strcmp(what, "validity") == 0)
    html(h, "<a href=\"/diff?url=%q&amp;from=%q&amp;to=%q\">{compare}</a>", row_str(x, "url"),
         row_str(x, "from"), row_str(x, "to"));
  html(h, "</div></li>");
}

static const char *since_words(const struct serve_index *x) {
  return json_is_true(json_object_get(x->overview, "changes_of_last")) ? "since_last"
                                                                       : "since_first";
}

static void since_form(struct html *h, const struct serve_call *c) {
  const json_t *crawls = json_object_get(c->index->overview, "crawls");
  struct zhi_str since = serve_param(c->rq, "since");
  size_t i;
  json_t *r;
  html(h,
       "<form id=since-form class=span action=\"/changes\" method=get><label for=since>{since}"
       "</label> <select id=since name=since><option value=\"\">%t</option>",
       since_words(c->index));
  json_array_foreach(crawls, i, r) {
    html(h,
         zhi_str_eq(since, row_str(r, "name")) ? "<option selected value=\"%s\">"
                                               : "<option value=\"%s\">",
         zhi_json_text(r, "name"));
    html(h, "%s · ", zhi_json_text(r, "name"));
    page_minute(h, zhi_json_text(r, "started"));
    html(h, "</option>");
  }
  static const char *const kept[] = {"host", "column"};
  html(h, "</select> ");
  for (int k = 0; k < 2; k++)
    if (serve_param(c->rq, kept[k]).len)
      html(h, "<input type=hidden name=%s value=\"%S\">", kept[k], serve_param(c->rq, kept[k]));
  html(h, "<button type=submit>{apply}</button></form>");
}

static void actions(struct html *h, const struct serve_request *rq) {
  struct zhi_buf q;
  zhi_buf_init(&q, 4 * SERVE_TARGET_MAX);
  page_query(&q, rq, "lang", ZHI_STR_NONE);
  html(h,
       "<p class=actions><a id=feed class=button rel=alternate type=\"application/atom+xml\" "
       "href=\"/changes.atom%S\">Atom</a><a id=changes-csv class=button download "
       "href=\"/changes.csv%S\">CSV</a></p>",
       zhi_buf_view(&q), zhi_buf_view(&q));
  zhi_buf_release(&q);
}

/* The heading of a group: each part narrows the list, and so its feed. */
static void heading(struct html *h, const struct serve_request *rq, const json_t *x, bool first) {
  static const char *const names[] = {"host", "column"};
  html(h, first ? "<h2>" : "</ol><h2>");
  for (int k = 0; k < 2; k++) {
    struct zhi_buf q;
    if (!zhi_json_text(x, names[k])[0])
      continue;
    zhi_buf_init(&q, 4 * SERVE_TARGET_MAX);
    page_query(&q, rq, names[k], row_str(x, names[k]));
    html(h, "%s<a href=\"/changes%S\">%s</a>", k ? " · " : "", zhi_buf_view(&q),
         zhi_json_text(x, names[k]));
    zhi_buf_release(&q);
  }
  html(h, "</h2><ol class=docs>");
}

static void list(struct html *h, const struct serve_request *rq, const json_t *all, int64_t page) {
  const json_t *before = NULL;
  int64_t n = (int64_t)json_array_size(all);
  html(h, "<div id=changes>");
  for (int64_t i = (page - 1) * PER_PAGE; i < n && i < page * PER_PAGE; i++) {
    const json_t *x = json_array_get(all, (size_t)i);
    if (!before || !zhi_str_eq(row_str(before, "host"), row_str(x, "host")) ||
        !zhi_str_eq(row_str(before, "column"), row_str(x, "column")))
      heading(h, rq, x, !before);
    page_change(h, x);
    before = x;
  }
  html(h, before ? "</ol></div>" : "</div>");
  if (!n)
    html(h, "<p class=empty>{nothing_changed}</p>");
  page_pager(h, rq, page, (n + PER_PAGE - 1) / PER_PAGE);
}

enum zhi_code handle_changes(struct serve_call *c, struct zhi_err *e) {
  json_t *all = NULL;
  int64_t page;
  enum zhi_code rc = serve_param_int(c->rq, "page", 1, PAGE_MAX, 1, &page, e);
  if (!rc)
    rc = changes_of(c, &all, e);
  if (rc)
    return rc;
  struct html h = page_begin(c->rq, &c->rs->body, serve_words(c->rq->lang, "changes"), "/changes");
  html(&h, "<h1>{changes} <span class=count>%N</span></h1><p class=lead>{changes_about}</p>",
       (int64_t)json_array_size(all));
  since_form(&h, c);
  if (serve_param(c->rq, "host").len || serve_param(c->rq, "column").len)
    html(&h, "<p>%S %S · <a id=clear href=\"/changes\">{clear_filters}</a></p>",
         serve_param(c->rq, "host"), serve_param(c->rq, "column"));
  actions(&h, c->rq);
  html(&h, "<section>");
  list(&h, c->rq, all, page);
  html(&h, "</section>");
  page_end(&h, c->rq);
  json_decref(all);
  return ZHI_OK;
}

/* --- for programs -------------------------------------------------------------------------------------------------- */

/* Changes as a page has them, in another form. */
static void render(struct serve_call *c, const json_t *changes, enum zhi_changes_format format) {
  struct zhi_changes_view v = {
      .format = format, .name = zhi_buf_view(&c->index->name), .out = &c->rs->body};
  char made[ZHI_ISO_SIZE];
  struct zhi_str latest = ZHI_STR("");
  size_t i;
  json_t *o;
  zhi_time_iso(c->index->made_ms, made);
  json_array_foreach((json_t *)changes, i, o) {
    struct zhi_change x = zhi_change_of_json(o);
    if (zhi_str_cmp(zhi_change_time(&x), latest) > 0)
      latest = zhi_change_time(&x);
  }
  zhi_changes_begin(&v, latest.len ? latest : zhi_str_of(made));
  json_array_foreach((json_t *)changes, i, o) {
    struct zhi_change x = zhi_change_of_json(o);
    zhi_changes_put(&v, &x);
  }
  zhi_changes_end(&v);
}

void answer_feed(struct serve_call *c, const json_t *changes) {
  c->rs->type = "application/atom+xml; charset=utf-8";
  render(c, changes, ZHI_CHANGES_ATOM);
}

enum zhi_code handle_changes_feed(struct serve_call *c, struct zhi_err *e) {
  json_t *all = NULL;
  enum zhi_code rc = changes_of(c, &all, e);
  if (!rc)
    answer_feed(c, all);
  json_decref(all);
  return rc;
}

enum zhi_code handle_changes_csv(struct serve_call *c, struct zhi_err *e) {
  json_t *all = NULL;
  enum zhi_code rc = changes_of(c, &all, e);
  if (rc)
    return rc;
  c->rs->type = "text/csv; charset=utf-8; header=present";
  serve_set_header(c->rs, "Content-Disposition", ZHI_STR("attachment; filename=\"changes.csv\""));
  render(c, all, ZHI_CHANGES_CSV);
  json_decref(all);
  return ZHI_OK;
}

enum zhi_code handle_api_changes(struct serve_call *c, struct zhi_err *e) {
  json_t *all = NULL;
  enum zhi_code rc = changes_of(c, &all, e);
  return rc ? rc : answer_json(c, json_pack("{s:o}", "changes", all), e);
}
