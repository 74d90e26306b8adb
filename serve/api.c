/* The JSON that pages are made of, as it is. */
#include "serve/find.h"
#include "serve/handlers.h"
#include "serve/index.h"
#include "serve/page.h"

enum zhi_code handle_api_archive(struct serve_call *c, struct zhi_err *e) {
  const struct serve_index *x = c->index;
  return answer_json(c,
                     json_pack("{s:s, s:I, s:I, s:O, s:O, s:O}", "name", x->name.p, "generation",
                               (json_int_t)x->generation, "documents", (json_int_t)x->count,
                               "crawls", json_object_get(x->overview, "crawls"), "months",
                               json_object_get(x->overview, "months"), "recent",
                               json_object_get(x->overview, "recent")),
                     e);
}

static enum zhi_code overview(struct serve_call *c, const char *name, struct zhi_err *e) {
  return answer_json(c, json_pack("{s:O}", "rows", json_object_get(c->index->overview, name)), e);
}

enum zhi_code handle_api_columns(struct serve_call *c, struct zhi_err *e) {
  return overview(c, "columns", e);
}
enum zhi_code handle_api_hosts(struct serve_call *c, struct zhi_err *e) {
  return overview(c, "hosts", e);
}
enum zhi_code handle_api_removed(struct serve_call *c, struct zhi_err *e) {
  return overview(c, "gone", e);
}

enum zhi_code handle_api_document(struct serve_call *c, struct zhi_err *e) {
  json_t *o = NULL;
  enum zhi_code rc = find_document(c, &o, e);
  return rc ? rc : answer_json(c, o, e);
}

static enum zhi_code rows(struct serve_call *c, enum zhi_browse what, struct zhi_err *e) {
  json_t *a = NULL;
  enum zhi_code rc = find_rows(c, what, &a, e);
  return rc ? rc : answer_json(c, json_pack("{s:o}", "rows", a), e);
}

enum zhi_code handle_api_captures(struct serve_call *c, struct zhi_err *e) {
  return rows(c, ZHI_BROWSE_CAPTURES, e);
}
enum zhi_code handle_api_versions(struct serve_call *c, struct zhi_err *e) {
  return rows(c, ZHI_BROWSE_VERSIONS, e);
}
