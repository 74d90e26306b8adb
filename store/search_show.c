/* What was found, as JSON: its fields, and the stretches of title, text, fields and attachments that were asked for.
 * Only what is shown is read from the catalogue. */
#include "store/search.h"

#include <math.h>

#include "store/export.h"
#include "zhi/browse.h"

enum { SNIPPET_BYTES = 420 };

#define SHOWN                                                                                      \
  "SELECT u.url, d.title, d.publisher, d.doc_no, d.kind, d.validity, d.column_name, v.number, "    \
  "c.fetched_ms, " STORE_VERSION_STATE ", (SELECT x.day FROM ix.doc x WHERE x.version_id = "       \
  "v.capture_id), (SELECT t.text FROM document_text t WHERE t.capture_id IN (v.content_id, "       \
  "v.capture_id) ORDER BY t.capture_id DESC LIMIT 1), d.attachments"
enum {
  S_URL,
  S_TITLE,
  S_PUBLISHER,
  S_DOC_NO,
  S_KIND,
  S_VALIDITY,
  S_COLUMN,
  S_NUMBER,
  S_CAPTURED,
  S_STATE,
  S_DAY,
  S_TEXT,
  S_ATTACHMENTS,
  S_FIELDS
};

enum zhi_code search_show_prepare(struct search_archive *a, sqlite3_stmt **st, struct zhi_err *e) {
  struct zhi_buf sql;
  zhi_buf_init(&sql, 16384);
  zhi_buf_addf(&sql,
               SHOWN "%s FROM version v JOIN capture c ON c.id = v.capture_id JOIN document d "
                     "ON d.capture_id = v.capture_id JOIN url u ON u.id = c.url_id "
                     "WHERE v.capture_id = ?1 AND NOT " ZHI_SUPPRESSED_SQL,
               search_fields_sql);
  enum zhi_code rc = zhi_buf_check(&sql, "a query", e);
  if (!rc)
    rc = zhi_db_prepare(a->s, sql.p, st, e);
  zhi_buf_release(&sql);
  return rc;
}

static json_t *or_null(sqlite3_stmt *st, int column) {
  struct zhi_str v = zhi_col_str(st, column);
  return v.len ? zhi_json_str(v) : json_null();
}

static json_t *time_of(int64_t ms) {
  char iso[ZHI_ISO_SIZE];
  zhi_time_iso(ms, iso);
  return json_string(iso);
}

/* The first attachment in which the words stand. */
struct attached {
  struct search_archive *a;
  const struct search_plan *plan;
  json_t *o;
  bool found, shown;
};

static void mark_attached(void *ctx, const char *url, struct zhi_str digest, struct zhi_str text) {
  struct attached *x = ctx;
  struct search_marks m;
  (void)digest;
  if (x->found)
    return;
  search_mark(x->a->fold, text, x->plan, &m);
  if (!m.count)
    return;
  x->found = true;
  json_object_set_new(x->o, "attachment", zhi_json_str(zhi_str_of(url)));
  json_array_append_new(json_object_get(x->o, "found_in"), json_string("attachments"));
  if (!x->shown)
    json_object_set_new(x->o, "snippet", search_marked(text, &m, SNIPPET_BYTES));
}

static enum zhi_code add_marks(struct search_archive *a, const struct search_plan *p,
                               sqlite3_stmt *st, json_t *o, struct zhi_err *e) {
  struct search_marks m;
  struct zhi_buf fields;
  json_t *in = json_array();
  zhi_buf_init(&fields, SEARCH_TEXT_MAX_BYTES);
  struct zhi_str title = zhi_col_str(st, S_TITLE), text = zhi_col_str(st, S_TEXT);
  search_mark(a->fold, title, p, &m);
  json_object_set_new(o, "title_marks", search_marked(title, &m, 0));
  if (m.count)
    json_array_append_new(in, json_string("title"));
  search_mark(a->fold, text, p, &m);
  bool in_body = m.count > 0;
  if (in_body)
    json_array_append_new(in, json_string("body"));
  json_t *snippet = search_marked(text, &m, SNIPPET_BYTES);
  search_fields_text(st, S_FIELDS, &fields);
  search_mark(a->fold, zhi_buf_view(&fields), p, &m);
  if (m.count)
    json_array_append_new(in, json_string("fields"));
  if (m.count && !in_body) {
    json_decref(snippet);
    snippet = search_marked(zhi_buf_view(&fields), &m, SNIPPET_BYTES / 2);
  }
  zhi_buf_release(&fields);
  struct attached x = {a, p, o, false, in_body || m.count};
  json_object_set_new(o, "snippet", snippet);
  json_object_set_new(o, "found_in", in);
  return search_texts_each(&a->texts, zhi_col_str(st, S_ATTACHMENTS), mark_attached, &x, e);
}

enum zhi_code search_show(struct search_archive *a, const struct search_plan *p, sqlite3_stmt *st,
                          const struct search_hit *h, json_t *results, struct zhi_err *e) {
  bool row = false;
  zhi_bind_int(st, 1, h->version_id);
  enum zhi_code rc = zhi_db_step(a->s, st, &row, e);
  if (rc || !row) /* taken down since the index was made */
    return rc;
  json_t *o = json_object();
  struct zhi_str url = zhi_col_str(st, S_URL);
  json_object_set_new(o, "archive", json_string(a->dir));
  json_object_set_new(o, "county", json_string(a->name));
  json_object_set_new(o, "id", json_integer(h->version_id));
  json_object_set_new(o, "url", zhi_json_str(url));
  json_object_set_new(o, "host", zhi_json_str(export_host(url)));
  static const struct {
    const char *name;
    int column;
  } texts[] = {{"title", S_TITLE},   {"publisher", S_PUBLISHER}, {"doc_no", S_DOC_NO},
               {"date", S_DAY},      {"kind", S_KIND},           {"validity", S_VALIDITY},
               {"column", S_COLUMN}, {"state", S_STATE}};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    json_object_set_new(o, texts[i].name, or_null(st, texts[i].column));
  json_object_set_new(o, "version", json_integer(zhi_col_int(st, S_NUMBER)));
  json_object_set_new(o, "captured_at", time_of(zhi_col_int(st, S_CAPTURED)));
  json_object_set_new(o, "first_seen", time_of(h->first_ms));
  json_object_set_new(o, "last_seen", time_of(h->last_ms));
  json_object_set_new(o, "versions", json_integer(h->versions));
  json_object_set_new(o, "current", json_boolean(h->latest));
  json_object_set_new(o, "score", json_real(round(h->score * 1000) / 1000));
  rc = add_marks(a, p, st, o, e);
  sqlite3_reset(st);
  json_array_append_new(results, o);
  return rc;
}
