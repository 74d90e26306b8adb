/* The list of documents: filters on the left, what meets them on the right, and its export. The address says it all. */
#include <stdio.h>
#include <stdlib.h>

#include "serve/handlers.h"
#include "serve/index.h"
#include "serve/page.h"
#include "zhi/browse.h"

enum { PER_PAGE = 50, PER_PAGE_MAX = 500, PAGE_MAX = 1000000, FACET_ROWS = 12 };

/* --- facets ------------------------------------------------------------------------------------------------------ */

struct count {
  uint32_t value, n;
};

static int most_first(const void *a, const void *b) {
  const struct count *x = a, *y = b;
  return x->n != y->n ? (x->n < y->n ? 1 : -1) : (x->value > y->value) - (x->value < y->value);
}

static int latest_first(const void *a, const void *b, void *names) {
  const struct zhi_str *name = names;
  return zhi_str_cmp(name[((const struct count *)b)->value],
                     name[((const struct count *)a)->value]);
}

/* The values of a facet that some row has, the most frequent first, years the latest first; free() them. */
static struct count *counts_of(const struct serve_index *x, const struct serve_found *found,
                               enum serve_facet f, size_t *n) {
  struct count *c = calloc(x->values[f].count + 1, sizeof *c);
  *n = 0;
  for (size_t i = 0; c && i < x->values[f].count; i++)
    if (found->counts[f][i])
      c[(*n)++] = (struct count){(uint32_t)i, found->counts[f][i]};
  if (c && f == FACET_YEAR)
    qsort_r(c, *n, sizeof *c, latest_first, (void *)(uintptr_t)x->values[f].name);
  else if (c)
    qsort(c, *n, sizeof *c, most_first);
  return c;
}

static bool is_wanted(const struct serve_request *rq, enum serve_facet f, struct zhi_str value) {
  if (f == FACET_YEAR)
    return value.len && zhi_str_eq(serve_param(rq, "from"), value) &&
           zhi_str_eq(serve_param(rq, "to"), value);
  for (size_t i = 0; i < rq->param_count; i++)
    if (zhi_str_is(rq->param[i].name, serve_facet_name[f]) && zhi_str_eq(rq->param[i].value, value))
      return true;
  return false;
}

/* The list's address with the value asked for, or no longer. */
static void toggle(struct zhi_buf *q, const struct serve_request *rq, enum serve_facet f,
                   struct zhi_str value, bool on) {
  zhi_buf_clear(q);
  zhi_buf_adds(q, "/documents");
  char sep = '?';
  for (size_t i = 0; i < rq->param_count; i++) {
    const struct serve_param *p = &rq->param[i];
    bool span = zhi_str_is(p->name, "from") || zhi_str_is(p->name, "to");
    bool same = f == FACET_YEAR
                    ? span
                    : on && zhi_str_is(p->name, serve_facet_name[f]) && zhi_str_eq(p->value, value);
    if (same || zhi_str_is(p->name, "page") || zhi_str_is(p->name, "lang"))
      continue;
    zhi_buf_addc(q, sep);
    serve_add_encoded(q, p->name);
    zhi_buf_addc(q, '=');
    serve_add_encoded(q, p->value);
    sep = '&';
  }
  for (int k = 0; k < (f == FACET_YEAR ? 2 : 1) && !on; k++) {
    zhi_buf_addf(q, "%c%s=", sep, f != FACET_YEAR ? serve_facet_name[f] : k ? "to" : "from");
    serve_add_encoded(q, value);
    sep = '&';
  }
}

static void facet_value(struct html *h, const struct serve_request *rq, enum serve_facet f,
                        struct zhi_str value, int64_t n) {
  struct zhi_buf q;
  char key[64];
  bool on = is_wanted(rq, f, value);
  zhi_buf_init(&q, 4 * SERVE_TARGET_MAX);
  toggle(&q, rq, f, value, on);
  snprintf(key, sizeof key, "%s_%.*s", serve_facet_name[f],
           ZHI_STR_ARGS(zhi_str_sub(value, 0, 24)));
  html(h, "<li><a href=\"%h\" rel=nofollow%s>", zhi_buf_view(&q), on ? "" : "");
  if (on)
    html(h, "<b>");
  if (!value.len)
    html(h, "{not_said}");
  else if (serve_has_words(zhi_str_of(key)))
    html(h, "%t", key);
  else
    html(h, "%S", value);
  if (on)
    html(h, "</b> <span class=x>× <span class=hidden>{remove_filter}</span></span>");
  html(h, "</a> <span class=count>%N</span></li>", n);
  zhi_buf_release(&q);
}

static void facet(struct html *h, const struct serve_call *c, const struct serve_found *found,
                  enum serve_facet f) {
  size_t n;
  struct count *counts = counts_of(c->index, found, f, &n);
  char key[32];
  snprintf(key, sizeof key, "facet_%s", serve_facet_name[f]);
  bool asked = f == FACET_YEAR ? serve_param(c->rq, "from").len || serve_param(c->rq, "to").len
                               : serve_param(c->rq, serve_facet_name[f]).p != NULL;
  if (n < 2 && !asked) {
    free(counts);
    return;
  }
  html(h, "<details class=facet id=\"facet-%s\"%s><summary>%t</summary><ul>", serve_facet_name[f],
       f <= FACET_HOST || asked ? " open" : "", key);
  for (size_t i = 0; i < n && i < FACET_SHOWN; i++) {
    struct zhi_str value = c->index->values[f].name[counts[i].value];
    if (i == FACET_ROWS)
      html(h, "</ul><details class=rest><summary>{more} (%N)</summary><ul>",
           (int64_t)(n - FACET_ROWS));
    if (f != FACET_YEAR || value.len)
      facet_value(h, c->rq, f, value, counts[i].n);
  }
  html(h, n > FACET_ROWS ? "</ul></details></details>" : "</ul></details>");
  free(counts);
}

/* --- the list ---------------------------------------------------------------------------------------------------- */

static enum zhi_code rows_of(struct serve_call *c, const struct serve_found *found, json_t **rows,
                             struct zhi_err *e) {
  struct zhi_buf ids;
  zhi_buf_init(&ids, 1 << 20);
  zhi_buf_addc(&ids, '[');
  for (size_t i = 0; i < found->count; i++)
    zhi_buf_addf(&ids, "%s%lld", i ? "," : "", (long long)found->id[i]);
  zhi_buf_addc(&ids, ']');
  struct zhi_str arg = zhi_buf_view(&ids);
  enum zhi_code rc = zhi_buf_check(&ids, "a list", e);
  if (!rc)
    rc = zhi_browse(c->store, ZHI_BROWSE_ROWS, &arg, 1, PER_PAGE_MAX, 0, rows, e);
  zhi_buf_release(&ids);
  return rc;
}

struct list {
  struct serve_filter filter;
  struct serve_found found;
  json_t *rows;
  int64_t page, pages;
};

static enum zhi_code list_read(struct serve_call *c, int64_t per_page, struct list *l,
                               struct zhi_err *e) {
  *l = (struct list){0};
  enum zhi_code rc = serve_filter_read(c->rq, &l->filter, e);
  if (!rc)
    rc = serve_param_int(c->rq, "page", 1, PAGE_MAX, 1, &l->page, e);
  if (!rc)
    rc = serve_index_find(c->index, &l->filter, (size_t)((l->page - 1) * per_page),
                          (size_t)per_page, &l->found, e);
  if (rc)
    return rc;
  l->pages = ((int64_t)l->found.total + per_page - 1) / per_page;
  rc = rows_of(c, &l->found, &l->rows, e);
  if (rc)
    serve_found_release(&l->found);
  return rc;
}

static void list_release(struct list *l) {
  serve_found_release(&l->found);
  json_decref(l->rows);
}

static void exports(struct html *h, const struct serve_request *rq) {
  static const char *const format[] = {"csv", "xlsx", "jsonl"};
  struct zhi_buf q;
  zhi_buf_init(&q, 4 * SERVE_TARGET_MAX);
  page_query(&q, rq, "lang", ZHI_STR_NONE);
  html(h, "<p class=exports><span>{export_these}</span>");
  for (int i = 0; i < 3; i++)
    html(h, " <a id=\"export-%s\" class=button download href=\"/export/documents.%s%S\">%s</a>",
         format[i], format[i], zhi_buf_view(&q),
         i == 0   ? "CSV"
         : i == 1 ? "XLSX"
                  : "JSONL");
  html(h, "</p>");
  zhi_buf_release(&q);
}

static void span_form(struct html *h, const struct serve_request *rq) {
  html(h, "<form class=span action=\"/documents\" method=get>");
  for (size_t i = 0; i < rq->param_count; i++)
    if (!zhi_str_is(rq->param[i].name, "from") && !zhi_str_is(rq->param[i].name, "to") &&
        !zhi_str_is(rq->param[i].name, "page"))
      html(h, "<input type=hidden name=\"%S\" value=\"%S\">", rq->param[i].name,
           rq->param[i].value);
  html(h,
       "<label for=from>{from}</label><input id=from name=from size=10 inputmode=numeric "
       "placeholder=\"2018-01\" value=\"%S\"><label for=to>{to}</label><input id=to name=to "
       "size=10 inputmode=numeric placeholder=\"2020-12\" value=\"%S\"><button type=submit>{apply}"
       "</button></form>",
       serve_param(rq, "from"), serve_param(rq, "to"));
}

static void body(struct html *h, struct serve_call *c, const struct list *l) {
  html(h, "<div class=browse><aside aria-label=\"{filters}\"><details class=filters open>"
          "<summary>{filters}</summary>");
  span_form(h, c->rq);
  for (int f = 0; f < FACET_COUNT; f++)
    facet(h, c, &l->found, (enum serve_facet)f);
  html(h,
       "</details></aside><section aria-labelledby=h-list><h1 id=h-list>{documents} "
       "<span class=count>%N</span></h1>",
       (int64_t)l->found.total);
  if (l->filter.want_count || l->filter.from || l->filter.to)
    html(h, "<p><a id=clear href=\"/documents\">{clear_filters}</a></p>");
  if (l->found.undated && (l->filter.from || l->filter.to))
    html(h, "<p class=hint>{undated_left_out} %N</p>", (int64_t)l->found.undated);
  page_sorts(h, c->rq, serve_sort_name, SORT_COUNT, (int)l->filter.sort);
  exports(h, c->rq);
  size_t i;
  json_t *row;
  html(h, "<ol class=docs id=results>");
  json_array_foreach(l->rows, i, row) page_document_row(h, row);
  html(h, "</ol>");
  if (!json_array_size(l->rows))
    html(h, "<p class=empty>{nothing_found}</p>");
  page_pager(h, c->rq, l->page, l->pages);
  html(h, "</section></div>");
}

enum zhi_code handle_documents(struct serve_call *c, struct zhi_err *e) {
  struct list l;
  enum zhi_code rc = list_read(c, PER_PAGE, &l, e);
  if (rc)
    return rc;
  struct html h =
      page_begin(c->rq, &c->rs->body, serve_words(c->rq->lang, "documents"), "/documents");
  body(&h, c, &l);
  page_end(&h, c->rq);
  list_release(&l);
  return ZHI_OK;
}

static json_t *facets_json(const struct serve_call *c, const struct serve_found *found) {
  json_t *o = json_object();
  for (int f = 0; f < FACET_COUNT; f++) {
    size_t n;
    struct count *counts = counts_of(c->index, found, (enum serve_facet)f, &n);
    json_t *a = json_array();
    for (size_t i = 0; i < n && i < FACET_SHOWN; i++) {
      struct zhi_str v = c->index->values[f].name[counts[i].value];
      json_array_append_new(
          a, json_pack("{s:s%, s:i}", "value", v.p, v.len, "count", (int)counts[i].n));
    }
    json_object_set_new(o, serve_facet_name[f], a);
    free(counts);
  }
  return o;
}

enum zhi_code handle_api_documents(struct serve_call *c, struct zhi_err *e) {
  struct list l;
  int64_t limit;
  enum zhi_code rc = serve_param_int(c->rq, "limit", 1, PER_PAGE_MAX, PER_PAGE, &limit, e);
  if (!rc)
    rc = list_read(c, limit, &l, e);
  if (rc)
    return rc;
  json_t *o = json_pack("{s:I, s:I, s:I, s:I, s:o, s:O}", "total", (json_int_t)l.found.total,
                        "undated", (json_int_t)l.found.undated, "page", (json_int_t)l.page, "pages",
                        (json_int_t)l.pages, "facets", facets_json(c, &l.found), "rows", l.rows);
  list_release(&l);
  return answer_json(c, o, e);
}
