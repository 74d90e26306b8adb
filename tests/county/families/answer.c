/* From a request to a department's answer. */
#include <time.h>

#include "tests/county/families/families.h"
#include "zhi/clock.h"

/* --- conditional requests ---------------------------------------------------------------------- */

struct version {
  enum conditional how;
  unsigned generation;
  uint64_t tag;
};

static void http_date(int64_t seconds, char out[40]) {
  time_t t = (time_t)seconds;
  struct tm tm;
  gmtime_r(&t, &tm);
  strftime(out, 40, "%a, %d %b %Y %H:%M:%S GMT", &tm);
}

/* Header lines of a version; true when the asker has it already. */
static bool versioned(const struct version *v, const struct request *q, char *extra, size_t size) {
  char date[40], tag[32];
  int64_t made = (zhi_days_from_civil(2020, 12, 31) + 7 * (int64_t)v->generation) * 86400;
  if (v->how == COND_NOW)
    made = zhi_now_ms(&zhi_clock_system) / 1000;
  http_date(made, date);
  text_set(tag, sizeof tag, "\"%llx\"", (unsigned long long)v->tag);
  extra[0] = '\0';
  if (v->how == COND_ETAG || v->how == COND_BOTH)
    text_set(extra, size, "ETag: %s\r\n", tag);
  if (v->how == COND_MODIFIED || v->how == COND_BOTH || v->how == COND_NOW)
    text_set(extra + strlen(extra), size - strlen(extra), "Last-Modified: %s\r\n", date);
  if (v->how == COND_NONE || v->how == COND_NOW)
    return false;
  if (v->how != COND_MODIFIED && q->if_none_match.p) /* RFC 9110 13.2.2: it alone decides */
    return zhi_str_is(q->if_none_match, tag);
  return v->how != COND_ETAG && zhi_str_is(q->if_modified_since, date);
}

static bool fresh(const struct version *v, const struct request *q, struct reply *r, char *extra,
                  size_t size) {
  if (!versioned(v, q, extra, size))
    return false;
  reply_send(r, q, 304, NULL, extra, ZHI_STR(""));
  return true;
}

static const char *html_type(const struct fsite *s) {
  return s->family->gbk ? "text/html" : "text/html; charset=utf-8";
}

static struct page page_for(struct county *c, const struct fsite *s) {
  return (struct page){&c->body, &c->pool, s->family->gbk};
}

/* --- documents --------------------------------------------------------------------------------- */

static void send_document(struct county *c, const struct fdoc *d, unsigned part,
                          const struct request *q, struct reply *r) {
  const struct fsite *s = d->site;
  char extra[160];
  if (d->state == DOC_MOVED && d->redirects && d->to->state == DOC_LIVE) {
    reply_redirect(r, q, 301, d->to->path);
    return;
  }
  if (d->state != DOC_LIVE) {
    odd_missing(c, s, q, r);
    return;
  }
  struct version v = {s->family->conditional, d->changed, mix64(d->key ^ mix64(d->edits) ^ part)};
  if (fresh(&v, q, r, extra, sizeof extra))
    return;
  struct page p = page_for(c, s);
  fam_document(d, part, &p);
  reply_send(r, q, 200, html_type(s), extra, zhi_buf_view(&c->body));
}

static bool document(struct county *c, const struct fsite *s, const struct request *q,
                     struct reply *r) {
  char path[PATH_MAX_BYTES];
  for (unsigned i = 0; i < s->doc_count; i++) {
    const struct fdoc *d = &s->docs[i];
    if (zhi_str_is(q->target, d->path)) {
      send_document(c, d, 0, q, r);
      return true;
    }
    for (unsigned k = 1; k < d->parts; k++) {
      doc_part_path(d, k, path);
      if (zhi_str_is(q->target, path)) {
        send_document(c, d, k, q, r);
        return true;
      }
    }
    doc_attachment(d, path);
    if (d->state == DOC_LIVE && doc_has_attachment(d) && zhi_str_is(q->target, path)) {
      struct brief b = {.key = 0, .id = d->no};
      attachment_answer(c, &b, 0, q, r);
      return true;
    }
  }
  return false;
}

/* --- lists ------------------------------------------------------------------------------------- */

static void send_list(struct county *c, const struct slice *s, const struct request *q,
                      struct reply *r) {
  const struct fsite *site = s->column->site;
  const struct family *f = site->family;
  struct page p = page_for(c, site);
  char extra[160] = "";
  unsigned id = request_id(s->column, s->request);
  r->truth = id;
  struct version v = {f->conditional, s->column->changed, mix64(s->column->id * 1009u + id)};
  v.tag ^= v.generation;
  bool scripted = f->next_type && s->request;
  if (!scripted && fresh(&v, q, r, extra, sizeof extra))
    return;
  if (scripted && f->answer)
    f->answer(s, &p);
  else
    fam_list(s, &p);
  reply_send(r, q, 200, scripted ? f->next_type : html_type(site), extra, zhi_buf_view(&c->body));
}

/* A folder's page under its file's name. */
static bool is_index_of(struct zhi_str path, struct zhi_str folder) {
  return zhi_str_ends(folder, "/") && zhi_str_ends(path, "/index.html") &&
         zhi_str_eq(zhi_str_sub(path, 0, path.len - strlen("index.html")), folder);
}

/* Is this the column's list request number k? */
static bool asks_for(const struct fcolumn *c, unsigned k, const struct request *q) {
  const struct family *f = c->site->family;
  struct expand x = {.site = c->site, .column = c, .slice = column_slice(c, k)};
  char target[PATH_MAX_BYTES * 2], need[512];
  bool further = k > 0;
  if (!zhi_str_is(q->method, further && f->method ? f->method : "GET"))
    return false;
  fam_expand(further ? f->next : f->first, &x, target, sizeof target);
  struct zhi_str query = zhi_str_of(target), page = query;
  page = zhi_str_cut(&page, '#');
  query = page;
  page = zhi_str_cut(&query, '?');
  if (!zhi_str_eq(q->path, page) && !is_index_of(q->path, page))
    return false;
  fam_expand(further && f->need ? f->need : "", &x, need, sizeof need);
  return fam_parameters_in(query, q->query, ZHI_STR("")) &&
         fam_parameters_in(zhi_str_of(need), ZHI_STR(""), q->body);
}

static bool list(struct county *c, const struct fsite *s, const struct request *q,
                 struct reply *r) {
  struct slice slice;
  if (s->family->script && s->family->script(s, q, &slice)) {
    send_list(c, &slice, q, r);
    return true;
  }
  for (unsigned i = 0; i < s->column_count; i++) {
    const struct fcolumn *col = &s->columns[i];
    for (unsigned k = s->family->script ? 1 : column_requests(col); !col->delisted && k-- > 0;)
      if (asks_for(col, k, q)) {
        slice = column_slice(col, k);
        send_list(c, &slice, q, r);
        return true;
      }
  }
  return false;
}

/* --- all --------------------------------------------------------------------------------------- */

static bool files(struct county *c, const struct fsite *s, const struct request *q,
                  struct reply *r) {
  const struct family *f = s->family;
  if (zhi_str_is(q->path, "/css/site.css")) {
    reply_send(r, q, 200, "text/css", NULL, ZHI_STR("body{margin:0;font-size:14px}\n"));
    return true;
  }
  if (zhi_str_is(q->path, "/css/i.png")) {
    reply_send(r, q, 200, "image/png", NULL, ZHI_STR("\x89PNG\r\n\x1a\n"));
    return true;
  }
  if (!f->file || !zhi_str_is(q->path, f->file))
    return false;
  struct page p = page_for(c, s);
  struct expand x = {.site = s};
  fam_expand_page(f->file_text, &x, &p);
  reply_send(r, q, 200, "application/javascript", NULL, zhi_buf_view(&c->body));
  return true;
}

static bool home(struct county *c, const struct fsite *s, const struct request *q,
                 struct reply *r) {
  const char *path = fam_home_path(s);
  bool root = zhi_str_is(q->target, "/");
  struct page p = page_for(c, s);
  if (!root && !(path && zhi_str_is(q->target, path)))
    return false;
  if (root && path)
    fam_stub(s, &p);
  else
    fam_home(s, &p);
  reply_send(r, q, 200, html_type(s), NULL, zhi_buf_view(&c->body));
  return true;
}

void families_answer(struct county *c, const struct host *h, const struct request *q,
                     struct reply *r) {
  if (odd_answer(c, h, q, r))
    return;
  if (zhi_str_is(q->path, "/robots.txt")) {
    reply_not_found(r, q);
    return;
  }
  if (portal_answer(c, h, q, r))
    return;
  const struct fsite *s = &c->families->sites[h->first_site];
  if (!home(c, s, q, r) && !files(c, s, q, r) && !document(c, s, q, r) && !list(c, s, q, r))
    odd_missing(c, s, q, r);
}
