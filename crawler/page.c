/* The content of a WARC record. */
#include "crawler/page.h"

#include <unistd.h>

#include "zhi/limits.h"

bool zhi_is_textual(const char *mime) {
  return !mime[0] || strncmp(mime, "text/", 5) == 0 || strstr(mime, "html") ||
         strstr(mime, "xml") || strstr(mime, "json") ||
         strcmp(mime, "application/octet-stream") == 0;
}

void zhi_record_page_init(struct zhi_record_page *p) {
  *p = (struct zhi_record_page){0};
  zhi_buf_init(&p->block, ZHI_DECODED_MAX_BYTES + ZHI_HEADER_MAX_BYTES);
  zhi_buf_init(&p->plain, ZHI_DECODED_MAX_BYTES + ZHI_HEADER_MAX_BYTES);
  zhi_buf_init(&p->body, ZHI_DECODED_MAX_BYTES);
}

static void forget(struct zhi_record_page *p) {
  if (p->head.headers)
    zhi_http_head_release(&p->head);
  p->head = (struct zhi_http_head){0};
  p->page = (struct zhi_page){0};
  p->mime[0] = '\0';
  p->entity = ZHI_STR_NONE;
  p->is_textual = false;
  p->damage = NULL;
  zhi_buf_clear(&p->block);
  zhi_buf_clear(&p->plain);
  zhi_buf_clear(&p->body);
}

void zhi_record_page_release(struct zhi_record_page *p) {
  forget(p);
  zhi_buf_release(&p->block);
  zhi_buf_release(&p->plain);
  zhi_buf_release(&p->body);
}

static enum zhi_code undo_content_coding(struct zhi_record_page *p, struct zhi_err *e) {
  struct zhi_str coding = zhi_http_header(&p->head, "Content-Encoding");
  struct zhi_spool raw;
  bool gzip_magic = p->entity.len > 2 && p->entity.p[0] == '\x1f' && p->entity.p[1] == '\x8b';
  if ((!coding.len || zhi_str_iis(coding, "identity")) && !gzip_magic) {
    p->page.body = p->entity;
    return ZHI_OK;
  }
  zhi_spool_init(&raw, NULL, p->entity.len + 1, p->entity.len + 1);
  enum zhi_code rc = zhi_spool_add(&raw, p->entity.p, p->entity.len, e);
  if (!rc)
    rc = zhi_http_decode(coding, true, &raw, ZHI_DECODED_MAX_BYTES, ZHI_DECODE_MAX_RATIO, &p->body,
                         &p->damage, e);
  zhi_spool_release(&raw);
  p->page.body = zhi_buf_view(&p->body);
  if (rc != ZHI_EPARSE)
    return rc;
  p->damage = "corrupt"; /* or a coding that nobody here knows */
  p->page.body = ZHI_STR_NONE;
  p->is_textual = false;
  return ZHI_OK;
}

static enum zhi_code read_http(struct zhi_record_page *p, struct zhi_err *e) {
  enum zhi_code rc = zhi_http_parse(zhi_buf_view(&p->block), &p->head, e);
  if (rc)
    return rc;
  p->entity = zhi_str_sub(zhi_buf_view(&p->block), p->head.bytes, p->block.len);
  struct zhi_str transfer = zhi_http_header(&p->head, "Transfer-Encoding");
  if (transfer.len && zhi_str_ifind(transfer, "chunked") && zhi_http_dechunk(p->entity, &p->plain))
    p->entity = zhi_buf_view(&p->plain);
  p->page.status = p->head.status;
  p->page.content_type = zhi_http_header(&p->head, "Content-Type");
  p->page.cookie = zhi_http_header(&p->head, "Set-Cookie");
  return ZHI_OK;
}

enum zhi_code zhi_record_page_read(struct zhi_record_page *p, const struct zhi_warc_record *r,
                                   bool any_type, struct zhi_err *e) {
  forget(p);
  struct zhi_str type = zhi_warc_record_header(r, "Content-Type");
  enum zhi_code rc = zhi_spool_slurp(r->block, p->block.max, &p->block, e);
  if (rc)
    return rc;
  if (r->type == ZHI_WARC_RESOURCE) {
    p->page.content_type = type;
    p->entity = zhi_buf_view(&p->block);
  } else if ((rc = read_http(p, e))) {
    return rc;
  }
  p->page.url = zhi_warc_record_target(r);
  zhi_http_content_type(p->page.content_type, p->mime, sizeof p->mime, &p->page.http_charset);
  p->is_textual = any_type || zhi_is_textual(p->mime);
  return p->is_textual ? undo_content_coding(p, e) : ZHI_OK;
}

enum zhi_code zhi_archive_open_warc(const char *archive, struct zhi_str file,
                                    const struct zhi_warc_reader_options *o,
                                    struct zhi_warc_reader **out, struct zhi_err *e) {
  char path[4600], open[4608];
  snprintf(path, sizeof path, "%s/warc/%.*s", archive, ZHI_STR_ARGS(file));
  snprintf(open, sizeof open, "%s.open", path);
  return zhi_warc_open(access(path, R_OK) != 0 && access(open, R_OK) == 0 ? open : path, o, out, e);
}

enum zhi_code zhi_record_source_read(struct zhi_record_source *s, const struct zhi_capture_ref *c,
                                     struct zhi_warc_record *r, struct zhi_err *e) {
  if (strcmp(s->file, c->body_file) != 0) {
    struct zhi_warc_reader_options o = {0};
    zhi_record_source_release(s);
    enum zhi_code rc =
        zhi_archive_open_warc(s->archive, zhi_str_of(c->body_file), &o, &s->reader, e);
    if (rc)
      return rc;
    snprintf(s->file, sizeof s->file, "%s", c->body_file);
  }
  enum zhi_code rc = zhi_warc_seek(s->reader, (uint64_t)c->body_offset, e);
  return rc ? rc : zhi_warc_next(s->reader, r, e);
}

void zhi_record_source_release(struct zhi_record_source *s) {
  zhi_warc_reader_free(s->reader);
  s->reader = NULL;
  s->file[0] = '\0';
}
