/* Documents by their address. */
#include "serve/find.h"

#include "zhi/compare.h"
#include "zhi/url.h"

enum { KEY_MAX = 1 << 16, ROWS_MAX = 5000 };

enum zhi_code find_url(const struct serve_call *c, struct zhi_str *url, struct zhi_err *e) {
  *url = serve_param(c->rq, "url");
  if (!url->len)
    return zhi_fail(e, ZHI_EUSAGE, "which URL? ?url= is missing");
  if (!zhi_str_find(*url, ZHI_STR("://")))
    return zhi_fail(e, ZHI_EUSAGE, "'%.*s' is no absolute URL",
                    ZHI_STR_ARGS(zhi_str_sub(*url, 0, 200)));
  return ZHI_OK;
}

enum zhi_code find_key(const struct serve_call *c, struct zhi_buf *key, struct zhi_err *e) {
  struct zhi_str url;
  enum zhi_code rc = find_url(c, &url, e);
  if (rc)
    return rc;
  zhi_surt(url, key);
  return zhi_buf_check(key, "a URL", e);
}

enum zhi_code find_rows(const struct serve_call *c, enum zhi_browse what, json_t **rows,
                        struct zhi_err *e) {
  struct zhi_buf key;
  zhi_buf_init(&key, KEY_MAX);
  enum zhi_code rc = find_key(c, &key, e);
  struct zhi_str arg = zhi_buf_view(&key);
  if (!rc)
    rc = zhi_browse(c->store, what, &arg, 1, ROWS_MAX, 0, rows, e);
  zhi_buf_release(&key);
  return rc;
}

/* Of the versions of the key: the one with that number and URL, else with that number, else the first. */
static int64_t choose(const json_t *versions, struct zhi_str url, int64_t number) {
  int64_t chosen = 0;
  int best = -1;
  size_t i;
  json_t *row;
  json_array_foreach(versions, i, row) {
    int64_t n = json_integer_value(json_object_get(row, "version"));
    const char *u = json_string_value(json_object_get(row, "url"));
    int fit = number && n != number ? -1 : u && zhi_str_is(url, u) ? 1 : 0;
    if (fit > best) {
      best = fit;
      chosen = json_integer_value(json_object_get(row, "id"));
    }
  }
  return chosen;
}

static enum zhi_code add_document(const struct serve_call *c, int64_t id, json_t *out,
                                  struct zhi_err *e) {
  char number[24];
  json_t *rows = NULL;
  struct zhi_str arg =
      zhi_str_n(number, (size_t)snprintf(number, sizeof number, "%lld", (long long)id));
  enum zhi_code rc = zhi_browse(c->store, ZHI_BROWSE_DOCUMENT, &arg, 1, 1, 0, &rows, e);
  if (rc)
    return rc;
  json_t *document = json_incref(json_array_get(rows, 0));
  json_decref(rows);
  rc = zhi_browse(c->store, ZHI_BROWSE_TEXT, &arg, 1, 1, 0, &rows, e);
  if (!rc && document) {
    json_object_set(document, "text", json_object_get(json_array_get(rows, 0), "text"));
    json_object_set(out, "document", document);
  }
  if (!rc)
    json_decref(rows);
  json_decref(document);
  return rc;
}

enum zhi_code find_document(const struct serve_call *c, json_t **out, struct zhi_err *e) {
  static const struct {
    const char *name;
    enum zhi_browse what;
  } parts[] = {{"captures", ZHI_BROWSE_CAPTURES},
               {"versions", ZHI_BROWSE_VERSIONS},
               {"urls", ZHI_BROWSE_URL},
               {"columns", ZHI_BROWSE_LISTED},
               {"posts", ZHI_BROWSE_POSTS}};
  int64_t number;
  json_t *o = json_object(), *latest = NULL;
  enum zhi_code rc = serve_param_int(c->rq, "v", 1, 1000000, 0, &number, e);
  for (size_t i = 0; i < sizeof parts / sizeof *parts && !rc; i++) {
    json_t *rows = NULL;
    rc = find_rows(c, parts[i].what, &rows, e);
    if (!rc)
      json_object_set_new(o, parts[i].name, rows);
  }
  if (!rc && !json_array_size(json_object_get(o, "captures")))
    rc = zhi_never_captured(c->store, serve_param(c->rq, "url"), e);
  if (!rc)
    rc = find_rows(c, ZHI_BROWSE_LATEST, &latest, e);
  if (!rc) {
    int64_t id = choose(latest, serve_param(c->rq, "url"), number);
    if (id)
      rc = add_document(c, id, o, e);
    else if (number)
      rc = zhi_fail(e, ZHI_EOF, "it has no version %lld", (long long)number);
  }
  json_decref(latest);
  if (rc)
    json_decref(o);
  else
    *out = o;
  return rc;
}
