/* CDXJ lines (CDXJ 0.1.0 as pywb, wabac and jwarc write and read them):
 *   key SP 14-digit time SP JSON
 * with url, mime, status, digest, length, offset, filename and sometimes charset in the JSON object.
 * Numbers are strings, as the other writers have them; digests keep their labels. */
#include <stdio.h>

#include "zhi/json.h"
#include "zhi/request.h"
#include "zhi/url.h"
#include "zhi/warc.h"

enum {
  HEAD_LOOK_BYTES = 64 * 1024,
  MIME_SIZE = 128,
  BODY_LOOK_BYTES = 1 << 20, /* larger requests are indexed by their URL */
  URL_MAX_BYTES = 1 << 20
};

static void add_field(struct zhi_buf *out, const char *name, struct zhi_str value) {
  if (!value.len)
    return;
  zhi_buf_adds(out, out->len && out->p[out->len - 1] == '{' ? "\"" : ", \"");
  zhi_buf_adds(out, name);
  zhi_buf_adds(out, "\": ");
  zhi_json_add_string(out, value);
}

static void add_number(struct zhi_buf *out, const char *name, uint64_t n) {
  char text[32];
  snprintf(text, sizeof text, "%llu", (unsigned long long)n);
  add_field(out, name, zhi_str_of(text));
}

/* The key must be one word, whatever the URL was. */
static void add_key(struct zhi_buf *out, struct zhi_str url) {
  size_t from = out->len;
  zhi_surt(url, out);
  for (size_t i = from; i < out->len; i++)
    if ((unsigned char)out->p[i] <= ' ' || out->p[i] == 0x7f)
      out->p[i] = '+';
}

struct http_facts {
  char mime[MIME_SIZE], status[8];
};

static enum zhi_code look_at_http(const struct zhi_warc_record *r, struct http_facts *f,
                                  struct zhi_err *e) {
  struct zhi_str type = zhi_warc_record_header(r, "Content-Type"), charset;
  struct zhi_http_head h = {0};
  char start[HEAD_LOOK_BYTES];
  struct zhi_str block = zhi_spool_view(r->block);
  enum zhi_code rc = ZHI_OK;
  f->status[0] = f->mime[0] = '\0';
  if (!zhi_str_istarts(type, "application/http")) {
    zhi_http_content_type(type, f->mime, sizeof f->mime, &charset);
    return ZHI_OK;
  }
  if (!block.p) {
    rc = zhi_spool_read(r->block, 0, start, sizeof start, &block.len, e);
    block.p = start;
  }
  if (!rc)
    rc = zhi_http_parse(block, &h, e);
  if (rc) /* what is no HTTP has no facts */
    return rc == ZHI_EPARSE ? ZHI_OK : rc;
  if (h.status)
    snprintf(f->status, sizeof f->status, "%d", h.status);
  zhi_http_content_type(zhi_http_header(&h, "Content-Type"), f->mime, sizeof f->mime, &charset);
  zhi_http_head_release(&h);
  return ZHI_OK;
}

enum zhi_code zhi_cdxj_line(const struct zhi_warc_record *r, struct zhi_str filename,
                            struct zhi_str charset, struct zhi_buf *out, struct zhi_err *e) {
  struct zhi_str url = zhi_warc_record_target(r);
  struct http_facts f;
  char ts[ZHI_TS14_SIZE];
  int64_t ms;
  bool indexed =
      r->type == ZHI_WARC_RESPONSE || r->type == ZHI_WARC_REVISIT || r->type == ZHI_WARC_RESOURCE;
  struct zhi_str date = zhi_warc_record_header(r, "WARC-Date");
  if (!indexed || !url.len || !zhi_time_parse(date, &ms))
    return ZHI_OK;
  enum zhi_code rc = look_at_http(r, &f, e);
  if (rc)
    return rc;
  zhi_time_ts14(ms, ts);
  add_key(out, url);
  zhi_buf_addc(out, ' ');
  zhi_buf_adds(out, ts);
  zhi_buf_adds(out, " {");
  add_field(out, "url", url);
  add_field(out, "mime",
            r->type == ZHI_WARC_REVISIT ? ZHI_STR("warc/revisit")
                                        : zhi_str_of(f.mime[0] ? f.mime : "unk"));
  add_field(out, "status", zhi_str_of(f.status));
  add_field(out, "digest", zhi_warc_record_header(r, "WARC-Payload-Digest"));
  add_number(out, "length", r->length);
  add_number(out, "offset", r->offset);
  add_field(out, "filename", filename);
  add_field(out, "charset", charset);
  zhi_buf_addc(out, '}');
  return zhi_buf_check(out, "an index line", e);
}

void zhi_cdxj_add_original(struct zhi_buf *line, const struct zhi_cdxj_original *o) {
  line->p[--line->len] = '\0'; /* the brace */
  add_number(line, "orig.length", o->length);
  add_number(line, "orig.offset", o->offset);
  add_field(line, "orig.filename", zhi_str_of(o->file));
  zhi_buf_addc(line, '}');
}

/* The line with the key of `key_url`, and with two more members. */
static void amend(struct zhi_buf *line, struct zhi_str key_url, struct zhi_str body,
                  struct zhi_str method, struct zhi_buf *out) {
  const char *space = memchr(line->p, ' ', line->len);
  add_key(out, key_url);
  zhi_buf_addstr(out, zhi_str_n(space, line->len - (size_t)(space - line->p) - 1));
  add_field(out, "requestBody", body);
  add_field(out, "method", method);
  zhi_buf_addc(out, '}');
}

enum zhi_code zhi_cdxj_post(const struct zhi_warc_record *request, struct zhi_buf *line,
                            struct zhi_err *e) {
  struct zhi_buf block, url, out;
  struct zhi_http_head h = {0};
  zhi_buf_init(&block, BODY_LOOK_BYTES);
  zhi_buf_init(&url, URL_MAX_BYTES);
  zhi_buf_init(&out, line->max);
  enum zhi_code rc = request->block->len > BODY_LOOK_BYTES
                         ? ZHI_OK
                         : zhi_spool_slurp(request->block, BODY_LOOK_BYTES, &block, e);
  if (!rc && block.len)
    rc = zhi_http_parse(zhi_buf_view(&block), &h, e);
  if (rc || !block.len) {
    rc = rc == ZHI_EPARSE ? ZHI_OK : rc;
    goto out;
  }
  struct zhi_str query, type = zhi_http_header(&h, "Content-Type"), whole = zhi_buf_view(&block),
                        body = zhi_str_sub(whole, h.bytes, whole.len);
  if (zhi_str_is(h.method, "POST") || zhi_str_is(h.method, "PUT")) {
    zhi_request_url(zhi_warc_record_target(request), h.method, type.p ? type : ZHI_STR(""), body,
                    &url, &query);
    rc = zhi_buf_check(&url, "the URL of a request", e);
    if (rc == ZHI_OK) {
      amend(line, zhi_buf_view(&url), query, h.method, &out);
      rc = zhi_buf_check(&out, "an index line", e);
    }
    zhi_buf_clear(line);
    zhi_buf_addstr(line, zhi_buf_view(&out));
  }
  zhi_http_head_release(&h);
out:
  zhi_buf_release(&block);
  zhi_buf_release(&url);
  zhi_buf_release(&out);
  return rc;
}
