/* A row of the index in the forms that clients read. Numbers are strings in JSON, as other CDX servers have them. */
#include <stdio.h>

#include "serve/cdx.h"
#include "serve/moment.h"
#include "zhi/clock.h"
#include "zhi/json.h"

enum { ADDRESS_MAX = 1 << 17 };

static struct zhi_str base_name(struct zhi_str path) {
  const char *slash = path.len ? memrchr(path.p, '/', path.len) : NULL;
  return slash ? zhi_str_sub(path, (size_t)(slash - path.p) + 1, path.len) : path;
}

static struct zhi_str number(struct cdx_values *v, int i, int64_t n) {
  snprintf(v->number[i], sizeof v->number[i], "%lld", (long long)n);
  return zhi_str_of(v->number[i]);
}

/* Method and body as a query, as the lines of an index have them. */
static void set_request(const struct zhi_cdx_row *r, struct cdx_values *v) {
  zhi_buf_init(&v->address, ADDRESS_MAX);
  if (!zhi_ask_is_post(&r->ask))
    return;
  struct zhi_str query = ZHI_STR("");
  zhi_request_url(r->url, ZHI_STR("POST"), zhi_ask_header(&r->ask, "Content-Type"), r->ask.body,
                  &v->address, &query);
  v->v[CDX_METHOD] = ZHI_STR("POST");
  v->v[CDX_REQUEST_BODY] = query;
}

void cdx_values_release(struct cdx_values *v) { zhi_buf_release(&v->address); }

void cdx_values_of(const struct cdx_ask *a, const struct zhi_cdx_row *r, struct cdx_values *v) {
  *v = (struct cdx_values){0};
  zhi_time_ts14(r->fetched_ms, v->time);
  if (r->status)
    snprintf(v->status, sizeof v->status, "%d", r->status);
  v->v[CDX_URLKEY] = r->url_key;
  v->v[CDX_TIMESTAMP] = zhi_str_of(v->time);
  v->v[CDX_URL] = r->url;
  v->v[CDX_MIME] = r->is_revisit && !a->resolves ? ZHI_STR("warc/revisit")
                   : r->mime.len                 ? r->mime
                                                 : ZHI_STR("unk");
  set_request(r, v);
  v->v[CDX_STATUS] = zhi_str_of(v->status);
  v->v[CDX_DIGEST] = r->digest;
  v->v[CDX_REDIRECT] = r->redirect_to;
  v->v[CDX_LENGTH] = number(v, 0, r->length);
  v->v[CDX_OFFSET] = number(v, 1, r->offset);
  v->v[CDX_FILENAME] = base_name(r->warc_file);
  if (zhi_str_is(r->charset_source, "detected") || zhi_str_is(r->charset_source, "utf8"))
    v->v[CDX_CHARSET] = r->charset;
  if (!zhi_str_eq(r->body_file, r->warc_file) || r->body_offset != r->offset) {
    v->v[CDX_ORIG_LENGTH] = number(v, 2, r->body_length);
    v->v[CDX_ORIG_OFFSET] = number(v, 3, r->body_offset);
    v->v[CDX_ORIG_FILENAME] = base_name(r->body_file);
  }
}

/* --- which fields --------------------------------------------------------------------------------------------------- */

static const enum cdx_field search_fields[] = {CDX_URLKEY, CDX_TIMESTAMP, CDX_URL,   CDX_MIME,
                                               CDX_STATUS, CDX_DIGEST,    CDX_LENGTH};
static const enum cdx_field text_fields[] = {CDX_URLKEY, CDX_TIMESTAMP, CDX_URL,      CDX_MIME,
                                             CDX_STATUS, CDX_DIGEST,    CDX_REDIRECT, CDX_ROBOT,
                                             CDX_LENGTH, CDX_OFFSET,    CDX_FILENAME};
static const enum cdx_field json_fields[] = {
    CDX_URLKEY,      CDX_TIMESTAMP,   CDX_URL,           CDX_MIME,     CDX_STATUS,
    CDX_DIGEST,      CDX_LENGTH,      CDX_OFFSET,        CDX_FILENAME, CDX_CHARSET,
    CDX_ORIG_LENGTH, CDX_ORIG_OFFSET, CDX_ORIG_FILENAME, CDX_METHOD,   CDX_REQUEST_BODY};
#define COUNT(a) (sizeof(a) / sizeof *(a))

static size_t fields_of(const struct cdx_ask *a, const enum cdx_field **f) {
  if (a->field_count) {
    *f = a->fields;
    return a->field_count;
  }
  if (a->is_search) {
    *f = search_fields;
    return COUNT(search_fields);
  }
  *f = a->output == CDX_AS_TEXT ? text_fields : json_fields;
  return a->output == CDX_AS_TEXT ? COUNT(text_fields) : COUNT(json_fields);
}

/* --- forms ----------------------------------------------------------------------------------------------------------- */

/* {"url": "…", …}; `skip`: leave out what stands before the object in CDXJ. */
static void write_object(const struct cdx_values *v, const enum cdx_field *f, size_t n, bool skip,
                         struct zhi_buf *out) {
  bool any = false;
  zhi_buf_addc(out, '{');
  for (size_t i = 0; i < n; i++) {
    if (!v->v[f[i]].len || (skip && (f[i] == CDX_URLKEY || f[i] == CDX_TIMESTAMP)))
      continue;
    zhi_buf_addf(out, "%s\"%s\": ", any ? ", " : "", cdx_field_name(f[i]));
    zhi_json_add_string(out, v->v[f[i]]);
    any = true;
  }
  zhi_buf_addc(out, '}');
}

static void write_array(const struct cdx_values *v, const enum cdx_field *f, size_t n,
                        struct zhi_buf *out) {
  for (size_t i = 0; i < n; i++) {
    zhi_buf_addc(out, i ? ',' : '[');
    zhi_json_add_string(out, v->v[f[i]].len ? v->v[f[i]] : ZHI_STR("-"));
  }
  zhi_buf_addc(out, ']');
}

static void write_names(const enum cdx_field *f, size_t n, struct zhi_buf *out) {
  static const char *const search_name[CDX_FIELD_COUNT] = {[CDX_URL] = "original",
                                                           [CDX_MIME] = "mimetype",
                                                           [CDX_STATUS] = "statuscode",
                                                           [CDX_REDIRECT] = "redirect"};
  for (size_t i = 0; i < n; i++)
    zhi_buf_addf(out, "%s\"%s\"", i ? "," : "[",
                 search_name[f[i]] ? search_name[f[i]] : cdx_field_name(f[i]));
  zhi_buf_addc(out, ']');
}

/* A space would end the field. */
static void write_text(const struct cdx_values *v, const enum cdx_field *f, size_t n,
                       struct zhi_buf *out) {
  for (size_t i = 0; i < n; i++) {
    struct zhi_str s = v->v[f[i]].len ? v->v[f[i]] : ZHI_STR("-");
    if (i)
      zhi_buf_addc(out, ' ');
    for (size_t k = 0; k < s.len; k++)
      if ((unsigned char)s.p[k] <= ' ')
        zhi_buf_addf(out, "%%%02X", (unsigned char)s.p[k]);
      else
        zhi_buf_addc(out, s.p[k]);
  }
  zhi_buf_addc(out, '\n');
}

static void write_link(const struct cdx_ask *a, const struct cdx_values *v, struct zhi_buf *out) {
  char date[MOMENT_HTTP_SIZE];
  int64_t ms = 0;
  struct zhi_str url = v->address.len ? zhi_buf_view(&v->address) : v->v[CDX_URL];
  if (!zhi_time_parse(v->v[CDX_TIMESTAMP], &ms))
    ms = 0;
  moment_http(ms, date);
  zhi_buf_addf(out, "<%.*s/replay/%s/%.*s>; rel=\"memento\"; datetime=\"%s\"",
               ZHI_STR_ARGS(zhi_buf_view(&a->base)), v->time, ZHI_STR_ARGS(url), date);
}

void cdx_write_before(const struct cdx_ask *a, bool first, struct zhi_buf *out) {
  const enum cdx_field *f;
  size_t n = fields_of(a, &f);
  if (a->output == CDX_AS_ARRAYS && first)
    write_names(f, n, out);
  if (a->output == CDX_AS_ARRAYS || (a->output == CDX_AS_LINK && !first))
    zhi_buf_adds(out, ",\n");
}

void cdx_write(const struct cdx_ask *a, const struct cdx_values *v, struct zhi_buf *out) {
  const enum cdx_field *f;
  size_t n = fields_of(a, &f);
  switch (a->output) {
  case CDX_AS_CDXJ:
    zhi_buf_addf(out, "%.*s %s ", ZHI_STR_ARGS(v->v[CDX_URLKEY]), v->time);
    write_object(v, f, n, true, out);
    zhi_buf_addc(out, '\n');
    break;
  case CDX_AS_NDJSON:
    write_object(v, f, n, false, out);
    zhi_buf_addc(out, '\n');
    break;
  case CDX_AS_ARRAYS: write_array(v, f, n, out); break;
  case CDX_AS_TEXT: write_text(v, f, n, out); break;
  case CDX_AS_LINK: write_link(a, v, out); break;
  }
}
