/* Search: what documents say, with the words marked, and what the results have in common as filters, which are words of
 * the query themselves. The address says it all. */
#include <stdio.h>

#include "serve/handlers.h"
#include "serve/page.h"
#include "zhi/browse.h"
#include "zhi/json.h"
#include "zhi/search.h"

enum {
  PER_PAGE = 20,
  PER_PAGE_MAX = 100,
  FEED_ROWS = 50,
  PAGE_MAX = 100,
  QUERY_MAX = 2000,
  FACET_ROWS = 8
};

static const char *const sort_name[] = {"best", "date"};

struct search {
  struct zhi_str query;
  int64_t page, limit;
  json_t *answer; /* NULL: nothing was asked */
};

static enum zhi_code look(const struct serve_call *c, struct search *s, bool by_date,
                          struct zhi_err *e) {
  const struct zhi_search_options o = {.may_update = false};
  struct zhi_search *index = NULL;
  struct zhi_search_ask q = {.query = s->query,
                             .limit = s->limit,
                             .offset = (s->page - 1) * s->limit,
                             .facets = true,
                             .by_date = by_date};
  enum zhi_code rc = zhi_search_open(&c->dir, 1, &o, &index, e);
  if (rc == ZHI_EUSAGE)
    return zhi_fail(e, ZHI_ECONFLICT, "there is no search index yet; it may be in the making");
  if (!rc)
    rc = zhi_search_query(index, &q, &s->answer, e);
  zhi_search_close(index);
  json_t *row; /* where the archive lies is nobody's business */
  size_t i;
  json_array_foreach(json_object_get(s->answer, "results"), i, row) json_object_del(row, "archive");
  return rc;
}

/* As before, if it was asked before and nothing has changed. */
static enum zhi_code ask(const struct serve_call *c, struct search *s, bool by_date,
                         struct zhi_err *e) {
  struct zhi_buf key;
  int64_t generation = 0;
  zhi_buf_init(&key, QUERY_MAX + 64);
  zhi_buf_addf(&key, "%d %lld %lld ", by_date, (long long)s->page, (long long)s->limit);
  zhi_buf_addstr(&key, s->query);
  enum zhi_code rc = zhi_buf_check(&key, "a query", e);
  /* of a query with a NUL the key would be another's */
  bool may_know = !rc && !memchr(s->query.p, 0, s->query.len);
  if (!rc)
    rc = zhi_browse_generation(c->store, &generation, e);
  if (!rc && may_know)
    s->answer = serve_answers_get(c->server, generation, key.p);
  if (!rc && !s->answer) {
    const unsigned long lost = zhi_json_lost();
    rc = look(c, s, by_date, e);
    if (!rc)
      rc = zhi_json_whole(lost, "a search", e);
    if (!rc && may_know)
      serve_answers_put(c->server, generation, key.p, s->answer);
  }
  zhi_buf_release(&key);
  return rc;
}

static enum zhi_code search_read(const struct serve_call *c, struct search *s, struct zhi_err *e) {
  struct zhi_str sort = serve_param(c->rq, "sort");
  *s = (struct search){.query = zhi_str_trim(serve_param(c->rq, "q"))};
  if (s->query.len > QUERY_MAX)
    return zhi_fail(e, ZHI_EUSAGE, "a query has at most %d bytes", QUERY_MAX);
  if (sort.len && !zhi_str_is(sort, "best") && !zhi_str_is(sort, "date"))
    return zhi_fail(e, ZHI_EUSAGE, "sort is best or date");
  enum zhi_code rc = serve_param_int(c->rq, "page", 1, PAGE_MAX, 1, &s->page, e);
  if (!rc)
    rc = serve_param_int(c->rq, "limit", 1, PER_PAGE_MAX, PER_PAGE, &s->limit, e);
  if (!rc && s->query.len)
    rc = ask(c, s, zhi_str_is(sort, "date"), e);
  return rc;
}

/* [[text, marked], …] */
static void marked(struct html *h, const json_t *pieces) {
  size_t i;
  json_t *x;
  json_array_foreach(pieces, i, x)
      html(h, json_is_true(json_array_get(x, 1)) ? "<mark>%s</mark>" : "%s",
           json_string_value(json_array_get(x, 0)) ? json_string_value(json_array_get(x, 0)) : "");
}

static void meta(struct html *h, const json_t *r, const char *name) {
  if (zhi_json_text(r, name)[0])
    html(h, "<span>%s</span>", zhi_json_text(r, name));
}

static void result(struct html *h, const json_t *r) {
  const json_t *title = json_object_get(r, "title_marks");
  html(h, "<li class=doc><a class=title lang=zh-CN href=\"/document?url=%q&amp;v=%d\">",
       row_str(r, "url"), row_int(r, "version"));
  if (json_array_size(title))
    marked(h, title);
  else
    html(h, "%s", zhi_json_text(r, "url"));
  html(h, "</a> ");
  if (strcmp(zhi_json_text(r, "state"), "current") != 0)
    page_badge(h, "state", zhi_json_text(r, "state"));
  page_badge(h, "validity", zhi_json_text(r, "validity"));
  html(h, "<p class=snippet lang=zh-CN>");
  marked(h, json_object_get(r, "snippet"));
  html(h, "</p><div class=meta>");
  static const char *const shown[] = {"date", "publisher", "doc_no", "column", "host"};
  for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
    meta(h, r, shown[i]);
  html(h, "<span>{first_seen} ");
  page_time(h, zhi_json_text(r, "first_seen"));
  html(h, " · {last_seen} ");
  page_time(h, zhi_json_text(r, "last_seen"));
  html(h, "</span>");
  if (json_is_false(json_object_get(r, "current")))
    html(h, "<span class=\"badge warn\">{not_any_more}</span>");
  html(h, "</div></li>");
}

/* The query with FIELD:"value" behind it. A value that has the mark of a phrase in it cannot be asked for. */
static void narrowed(struct html *h, const struct serve_request *rq, const char *field,
                     struct zhi_str value, int64_t n, const char *words) {
  struct zhi_buf q, address;
  zhi_buf_init(&q, SERVE_TARGET_MAX);
  zhi_buf_init(&address, 4 * SERVE_TARGET_MAX);
  zhi_buf_addstr(&q, zhi_str_trim(serve_param(rq, "q")));
  zhi_buf_addf(&q, strcmp(field, "date") == 0 ? " %s:%.*s" : " %s:\"%.*s\"", field,
               ZHI_STR_ARGS(value));
  page_query(&address, rq, "q", zhi_buf_view(&q));
  html(h, "<li><a rel=nofollow href=\"/search%S\">", zhi_buf_view(&address));
  if (serve_has_words(zhi_str_of(words)))
    html(h, "%t", words);
  else
    html(h, "%S", value);
  html(h, "</a> <span class=count>%N</span></li>", n);
  zhi_buf_release(&address);
  zhi_buf_release(&q);
}

static void facet(struct html *h, const struct serve_request *rq, const json_t *rows,
                  const char *key, const char *field) {
  size_t n = json_array_size(rows), i;
  json_t *x;
  char label[40], words[64];
  if (n < 2)
    return;
  snprintf(label, sizeof label, "facet_%s", key);
  html(h, "<details class=facet id=\"facet-%s\" open><summary>%t</summary><ul>", field, label);
  json_array_foreach(rows, i, x) {
    struct zhi_str value = row_str(x, "value");
    if (i == FACET_ROWS)
      html(h, "</ul><details class=rest><summary>{more} (%N)</summary><ul>",
           (int64_t)(n - FACET_ROWS));
    snprintf(words, sizeof words, "%s_%.*s", key, ZHI_STR_ARGS(zhi_str_sub(value, 0, 24)));
    if (value.len && !memchr(value.p, '"', value.len))
      narrowed(h, rq, field, value, row_int(x, "count"), words);
  }
  html(h, n > FACET_ROWS ? "</ul></details></details>" : "</ul></details>");
}

static void facets(struct html *h, const struct serve_request *rq, const json_t *all) {
  static const struct {
    const char *name, *key, *field;
  } rows[] = {{"year", "year", "date"},
              {"publisher", "publisher", "publisher"},
              {"column_name", "column_name", "column"},
              {"host", "host", "host"},
              {"topic", "topic_class", "topic"},
              {"validity", "validity", "validity"},
              {"kind", "kind", "kind"}};
  html(h, "<aside aria-label=\"{filters}\"><details class=filters open><summary>{filters}"
          "</summary>");
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    facet(h, rq, json_object_get(all, rows[i].name), rows[i].key, rows[i].field);
  html(h, "</details></aside>");
}

static void body(struct html *h, const struct serve_call *c, const struct search *s) {
  const json_t *results = json_object_get(s->answer, "results");
  int64_t total = row_int(s->answer, "total");
  size_t i;
  json_t *r;
  html(h, "<div class=browse>");
  facets(h, c->rq, json_object_get(s->answer, "facets"));
  html(h,
       "<section aria-labelledby=h-list><h1 id=h-list>{search_results} <span class=count>%N</span>"
       "</h1><p class=lead>%S</p>",
       total, s->query);
  if (json_is_true(json_object_get(s->answer, "stale")))
    html(h, "<p class=hint id=stale>{search_stale}</p>");
  page_sorts(h, c->rq, sort_name, 2, zhi_str_is(serve_param(c->rq, "sort"), "date"));
  struct zhi_buf q;
  zhi_buf_init(&q, SERVE_TARGET_MAX);
  serve_add_encoded(&q, s->query);
  html(h,
       "<p class=actions><a id=feed class=button rel=alternate type=\"application/atom+xml\" "
       "href=\"/search.atom?q=%S\">Atom</a></p><ol class=docs id=results>",
       zhi_buf_view(&q));
  zhi_buf_release(&q);
  json_array_foreach(results, i, r) result(h, r);
  html(h, "</ol>");
  if (!json_array_size(results))
    html(h, "<p class=empty>{search_nothing}</p>");
  int64_t pages = (total + s->limit - 1) / s->limit;
  page_pager(h, c->rq, s->page, pages < PAGE_MAX ? pages : PAGE_MAX);
  html(h, "</section></div>");
}

enum zhi_code handle_search(struct serve_call *c, struct zhi_err *e) {
  struct search s;
  enum zhi_code rc = search_read(c, &s, e);
  if (!rc) {
    struct html h = page_begin(c->rq, &c->rs->body, serve_words(c->rq->lang, "search"), "/search");
    if (s.answer)
      body(&h, c, &s);
    else
      html(&h, "<section><h1>{search}</h1><p>{search_about}</p><ul class=examples>"
               "<li><code>征地 补偿</code> {search_both}</li><li><code>\"公告如下\"</code> "
               "{search_phrase}</li><li><code>低保 OR 救助</code> {search_either}</li>"
               "<li><code>预算 -决算</code> {search_without}</li>"
               "<li><code>title:预算 date:2018..2020</code> {search_fields}</li></ul></section>");
    page_end(&h, c->rq);
  }
  json_decref(s.answer);
  return rc;
}

enum zhi_code handle_api_search(struct serve_call *c, struct zhi_err *e) {
  struct search s;
  enum zhi_code rc = search_read(c, &s, e);
  if (!rc && !s.answer)
    rc = zhi_fail(e, ZHI_EUSAGE, "what for? ?q= is missing");
  if (!rc)
    return answer_json(c, s.answer, e);
  json_decref(s.answer);
  return rc;
}

/* A result as a change: found since its first capture. */
static json_t *entry_of(const json_t *r) {
  struct zhi_buf text;
  size_t i;
  json_t *x;
  zhi_buf_init(&text, 4096);
  json_array_foreach(json_object_get(r, "snippet"), i, x)
      zhi_buf_addstr(&text, zhi_str_of(json_string_value(json_array_get(x, 0))));
  json_t *o = json_pack("{s:s, s:n, s:O, s:O, s:O, s:O, s:O, s:s%, s:i}", "change", "new", "from",
                        "to", json_object_get(r, "first_seen"), "url", json_object_get(r, "url"),
                        "title", json_object_get(r, "title"), "host", json_object_get(r, "host"),
                        "column", json_object_get(r, "column"), "detail", text.len ? text.p : "",
                        text.len, "weight", 0);
  zhi_buf_release(&text);
  return o;
}

enum zhi_code handle_search_feed(struct serve_call *c, struct zhi_err *e) {
  struct search s = {.query = zhi_str_trim(serve_param(c->rq, "q")), .page = 1, .limit = FEED_ROWS};
  json_t *entries, *r;
  size_t i;
  if (!s.query.len || s.query.len > QUERY_MAX)
    return zhi_fail(e, ZHI_EUSAGE, "?q= is a query of at most %d bytes", QUERY_MAX);
  enum zhi_code rc = ask(c, &s, true, e);
  if (rc)
    return rc;
  entries = json_array();
  json_array_foreach(json_object_get(s.answer, "results"), i, r)
      json_array_append_new(entries, entry_of(r));
  answer_feed(c, entries);
  json_decref(entries);
  json_decref(s.answer);
  return ZHI_OK;
}
