/* The zip of evidence. For each capture a folder: the gzip members of its records as they stand in the WARC file (the
 * response, and behind it its request and metadata), those of the original when it is a revisit, and what is in them
 * laid out. SHA256SUMS names every file; whoever keeps its digest can tell any later change. */
#include "crawler/evidence.h"

#include <stdlib.h>
#include <unistd.h>
#include <zip.h>

#include "zhi/browse.h"
#include "zhi/file.h"
#include "zhi/json.h"
#include "zhi/limits.h"
#include "zhi/warc.h"

enum { NAME_MAX_BYTES = 64, PATH_BYTES = 4608, PIECE = 1 << 16, SUMS_MAX = 1 << 20 };
#define PAGE_MAX ZHI_MIB(64)

struct packing {
  struct evidence *v;
  zip_t *zip;
  struct zhi_buf sums;
  const char *path;
};

/* --- members of the zip ------------------------------------------------------------------------------------------- */

static enum zhi_code zip_failure(const struct packing *p, struct zhi_err *e) {
  return zhi_fail(e, ZHI_EIO, "cannot write '%s': %s", p->path, zip_strerror(p->zip));
}

static enum zhi_code add_source(struct packing *p, const char *name, zip_source_t *source,
                                bool packed, const char *digest, struct zhi_err *e) {
  zip_int64_t i = source ? zip_file_add(p->zip, name, source, ZIP_FL_ENC_UTF_8) : -1;
  if (i < 0) {
    if (source)
      zip_source_free(source);
    return zip_failure(p, e);
  }
  zip_uint32_t mode = strcmp(name, "verify.sh") == 0 ? 0100755U : 0100644U;
  if (zip_set_file_compression(p->zip, (zip_uint64_t)i, packed ? ZIP_CM_STORE : ZIP_CM_DEFLATE,
                               0) ||
      zip_file_set_external_attributes(p->zip, (zip_uint64_t)i, 0, ZIP_OPSYS_UNIX, mode << 16))
    return zip_failure(p, e);
  if (digest)
    zhi_buf_addf(&p->sums, "%s  %s\n", digest + strlen("sha256:"), name);
  return ZHI_OK;
}

/* The buffer's bytes become the zip's. */
static enum zhi_code add_buf(struct packing *p, const char *name, struct zhi_buf *b,
                             struct zhi_err *e) {
  char digest[ZHI_DIGEST_TEXT_SIZE];
  enum zhi_code rc = zhi_buf_check(b, name, e);
  if (!rc)
    rc = zhi_sha256_text(zhi_buf_view(b), digest, e);
  size_t n = b->len;
  char *bytes = rc ? NULL : zhi_buf_take(b);
  if (rc)
    return rc;
  zip_source_t *source = zip_source_buffer(p->zip, bytes, n, 1);
  if (!source)
    free(bytes);
  return add_source(p, name, source, false, digest, e);
}

static enum zhi_code add_text(struct packing *p, const char *name, struct zhi_str s,
                              struct zhi_err *e) {
  struct zhi_buf b;
  zhi_buf_init(&b, s.len + 1);
  zhi_buf_reserve(&b, 1);
  zhi_buf_addstr(&b, s);
  enum zhi_code rc = add_buf(p, name, &b, e);
  zhi_buf_release(&b);
  return rc;
}

/* "sha256:…" of a part of a file. */
static enum zhi_code part_digest(const char *path, uint64_t from, uint64_t bytes,
                                 char out[ZHI_DIGEST_TEXT_SIZE], struct zhi_err *e) {
  unsigned char raw[64];
  char piece[PIECE];
  struct zhi_digest d;
  FILE *f = fopen(path, "rb");
  if (!f || fseeko(f, (off_t)from, SEEK_SET)) {
    if (f)
      fclose(f);
    return zhi_fail_errno(e, "cannot read '%s'", path);
  }
  enum zhi_code rc = zhi_digest_init(&d, ZHI_SHA256, e);
  while (!rc && bytes) {
    size_t n = fread(piece, 1, bytes < PIECE ? (size_t)bytes : PIECE, f);
    if (!n)
      rc = zhi_fail(e, ZHI_EPARSE, "'%s' ends within a record", path);
    else
      zhi_digest_add(&d, piece, n);
    bytes -= n;
  }
  fclose(f);
  if (!rc) {
    zhi_digest_final(&d, raw);
    zhi_digest_sha256_text(raw, out);
  }
  return rc;
}

static enum zhi_code add_part(struct packing *p, const char *name, const char *path, uint64_t from,
                              uint64_t bytes, struct zhi_err *e) {
  char digest[ZHI_DIGEST_TEXT_SIZE];
  enum zhi_code rc = part_digest(path, from, bytes, digest, e);
  if (rc)
    return rc;
  return add_source(p, name, zip_source_file(p->zip, path, from, (zip_int64_t)bytes), true, digest,
                    e);
}

/* --- records --------------------------------------------------------------------------------------------------------- */

/* The records of one capture in its file. */
struct records {
  char path[PATH_BYTES];
  uint64_t from, end;
  bool digest_fits;
  struct zhi_buf block; /* of the response */
};

static void on_problem(void *ctx, const struct zhi_warc_problem *problem) {
  struct records *r = ctx;
  if (!problem->minor)
    r->digest_fits = false;
}

static struct zhi_str kept(struct evidence *v, const struct zhi_warc_record *r, const char *name) {
  return zhi_arena_str(v->arena, zhi_warc_record_header(r, name));
}

static enum zhi_code take_response(struct evidence *v, struct evidence_capture *x,
                                   struct records *out, const struct zhi_warc_record *r,
                                   bool is_original, struct zhi_err *e) {
  enum zhi_code rc = zhi_spool_slurp(r->block, v->o->block_max, &out->block, e);
  if (rc || is_original)
    return rc;
  x->date = kept(v, r, "WARC-Date");
  x->ip = kept(v, r, "WARC-IP-Address");
  x->cipher = kept(v, r, "WARC-Cipher-Suite");
  x->payload_digest = kept(v, r, "WARC-Payload-Digest");
  x->block_digest = kept(v, r, "WARC-Block-Digest");
  for (size_t i = 0; i < r->header_count; i++)
    if (zhi_str_iis(r->headers[i].name, "WARC-Protocol"))
      x->protocol =
          zhi_arena_printf(v->arena, "%.*s%s%.*s", ZHI_STR_ARGS(x->protocol),
                           x->protocol.len ? ", " : "", ZHI_STR_ARGS(r->headers[i].value));
  return ZHI_OK;
}

/* Request and metadata stand behind the response, and name it. */
static bool take_companion(struct evidence *v, struct evidence_capture *x,
                           const struct zhi_warc_record *r, struct zhi_str id, bool is_original) {
  struct zhi_buf b;
  bool mine = zhi_str_eq(zhi_warc_record_header(r, "WARC-Concurrent-To"), id) ||
              zhi_str_eq(zhi_warc_record_header(r, "WARC-Refers-To"), id);
  if (!mine || (r->type != ZHI_WARC_REQUEST && r->type != ZHI_WARC_METADATA))
    return false;
  zhi_buf_init(&b, ZHI_MIB(4));
  if (!is_original && zhi_spool_slurp(r->block, ZHI_MIB(4), &b, NULL) == ZHI_OK)
    *(r->type == ZHI_WARC_REQUEST ? &x->request : &x->metadata) =
        zhi_arena_str(v->arena, zhi_buf_view(&b));
  zhi_buf_release(&b);
  return true;
}

static enum zhi_code read_records(struct evidence *v, struct evidence_capture *x,
                                  const struct zhi_shown *c, bool is_original, struct records *out,
                                  struct zhi_err *e) {
  struct zhi_warc_reader_options o = {
      .verify = true, .block_max = v->o->block_max, .problem = on_problem, .ctx = out};
  struct zhi_warc_reader *reader = NULL;
  struct zhi_warc_record r;
  snprintf(out->path, sizeof out->path, "%s/warc/%s", v->o->dir, c->warc_file);
  if (access(out->path, R_OK) != 0) /* a crawl writes it */
    snprintf(out->path, sizeof out->path, "%s/warc/%s.open", v->o->dir, c->warc_file);
  out->digest_fits = true;
  out->from = (uint64_t)c->warc_offset;
  enum zhi_code rc = zhi_warc_open(out->path, &o, &reader, e);
  if (!rc)
    rc = zhi_warc_seek(reader, out->from, e);
  if (!rc)
    rc = zhi_warc_next(reader, &r, e);
  if (!rc && (r.offset != out->from || !r.length))
    rc = zhi_fail(e, ZHI_EPARSE, "no record of its own at %llu of '%s'",
                  (unsigned long long)out->from, out->path);
  struct zhi_str id = rc ? ZHI_STR_NONE : kept(v, &r, "WARC-Record-ID");
  if (!rc) {
    out->end = r.offset + r.length;
    rc = take_response(v, x, out, &r, is_original, e);
  }
  while (!rc && zhi_warc_next(reader, &r, NULL) == ZHI_OK && r.length &&
         take_companion(v, x, &r, id, is_original))
    out->end = r.offset + r.length;
  zhi_warc_reader_free(reader);
  return rc == ZHI_EOF ? zhi_fail(e, ZHI_EPARSE, "'%s' ends before the record", out->path) : rc;
}

/* --- a capture's folder ------------------------------------------------------------------------------------------------ */

static enum zhi_code add_records(struct packing *p, size_t i, const char *stem,
                                 const struct records *r, struct zhi_err *e) {
  char name[NAME_MAX_BYTES];
  bool packed =
      zhi_str_ends(zhi_str_of(r->path), ".gz") || zhi_str_ends(zhi_str_of(r->path), ".gz.open");
  snprintf(name, sizeof name, "%zu/%s.warc%s", i + 1, stem, packed ? ".gz" : "");
  return add_part(p, name, r->path, r->from, r->end - r->from, e);
}

static enum zhi_code add_named(struct packing *p, size_t i, const char *file, struct zhi_str s,
                               struct zhi_err *e) {
  char name[NAME_MAX_BYTES];
  snprintf(name, sizeof name, "%zu/%s", i + 1, file);
  return s.len ? add_text(p, name, s, e) : ZHI_OK;
}

static enum zhi_code add_document_text(struct packing *p, size_t i, struct zhi_err *e) {
  char id[24];
  json_t *rows = NULL;
  int n = snprintf(id, sizeof id, "%lld", (long long)p->v->captures[i].c.version_id);
  struct zhi_str arg = zhi_str_n(id, (size_t)n);
  enum zhi_code rc = zhi_browse(p->v->store, ZHI_BROWSE_TEXT, &arg, 1, 1, 0, &rows, e);
  if (rc)
    return rc;
  const char *text = json_string_value(json_object_get(json_array_get(rows, 0), "text"));
  rc = add_named(p, i, "text.txt", zhi_str_of(text), e);
  json_decref(rows);
  return rc;
}

/* Head and body of a response's block, each a file. */
static enum zhi_code add_block(struct packing *p, size_t i, const struct records *own,
                               const struct records *body_of, struct zhi_err *e) {
  struct evidence_capture *x = &p->v->captures[i];
  struct zhi_http_head head;
  struct zhi_str block = zhi_buf_view(&own->block);
  enum zhi_code rc = ZHI_OK;
  if (zhi_http_parse(block, &head, NULL) == ZHI_OK) {
    x->response_head = zhi_arena_str(p->v->arena, zhi_str_sub(block, 0, head.bytes));
    zhi_http_head_release(&head);
    rc = add_named(p, i, "response-head.txt", x->response_head, e);
  }
  block = zhi_buf_view(&body_of->block);
  if (rc || zhi_http_parse(block, &head, NULL))
    return rc;
  struct zhi_str body = zhi_str_sub(block, head.bytes, block.len);
  zhi_http_head_release(&head);
  return add_named(p, i, "body.bin", body, e);
}

static enum zhi_code add_original(struct packing *p, size_t i, struct records *r,
                                  struct zhi_err *e) {
  struct evidence_capture *x = &p->v->captures[i];
  struct zhi_shown original;
  enum zhi_code rc =
      zhi_shown_original(p->v->store, &x->c, p->v->arena, &original, &x->has_original, e);
  x->has_original = x->has_original && original.warc_file;
  if (!rc && x->has_original)
    rc = read_records(p->v, x, &original, true, r, e);
  if (!rc && x->has_original)
    rc = add_records(p, i, "original", r, e);
  return rc;
}

static enum zhi_code add_capture(struct packing *p, size_t i, struct zhi_err *e) {
  struct evidence_capture *x = &p->v->captures[i];
  struct records own = {.digest_fits = true}, original = {.digest_fits = true};
  char iso[ZHI_ISO_SIZE];
  zhi_time_iso(x->c.fetched_ms, iso);
  if (!x->c.warc_file)
    return zhi_fail(e, ZHI_EPARSE, "the capture of %s has no record", iso);
  zhi_buf_init(&own.block, p->v->o->block_max);
  zhi_buf_init(&original.block, p->v->o->block_max);
  enum zhi_code rc = read_records(p->v, x, &x->c, false, &own, e);
  if (!rc)
    rc = add_records(p, i, "record", &own, e);
  if (!rc)
    rc = add_original(p, i, &original, e);
  x->digest_fits = own.digest_fits && original.digest_fits;
  if (!rc)
    rc = add_block(p, i, &own, x->has_original ? &original : &own, e);
  if (!rc)
    rc = add_named(p, i, "request.txt", x->request, e);
  if (!rc)
    rc = add_named(p, i, "metadata.txt", x->metadata, e);
  if (!rc)
    rc = add_document_text(p, i, e);
  zhi_buf_release(&own.block);
  zhi_buf_release(&original.block);
  if (rc)
    zhi_err_prefix(e, "the capture of %s", iso);
  return rc;
}

/* --- the whole ---------------------------------------------------------------------------------------------------------- */

static enum zhi_code add_json(struct packing *p, const char *name, json_t *o, struct zhi_err *e) {
  char *text = json_dumps(o, JSON_INDENT(1));
  enum zhi_code rc = text ? add_text(p, name, zhi_str_of(text), e)
                          : zhi_fail(e, ZHI_ENOMEM, "out of memory for '%s'", name);
  free(text);
  json_decref(o);
  return rc;
}

static enum zhi_code add_all(struct packing *p, char sums[ZHI_DIGEST_TEXT_SIZE],
                             struct zhi_err *e) {
  struct zhi_buf page;
  enum zhi_code rc = ZHI_OK;
  for (size_t i = 0; i < p->v->count && !rc; i++)
    rc = add_capture(p, i, e);
  if (!rc)
    rc = add_json(p, "manifest.json", evidence_manifest(p->v), e);
  if (!rc && json_array_size(p->v->comparisons))
    rc = add_json(p, "diff.json", json_incref(p->v->comparisons), e);
  zhi_buf_init(&page, PAGE_MAX);
  if (!rc) {
    evidence_page(p->v, &page);
    rc = add_buf(p, "index.html", &page, e);
  }
  zhi_buf_release(&page);
  if (!rc)
    rc = zhi_json_whole(p->v->lost, "evidence", e);
  if (!rc)
    rc = add_text(p, "verify.sh", zhi_str_of(evidence_verify_script), e);
  if (!rc)
    rc = zhi_buf_check(&p->sums, "SHA256SUMS", e);
  if (!rc)
    rc = zhi_sha256_text(zhi_buf_view(&p->sums), sums, e);
  if (rc)
    return rc;
  size_t n = p->sums.len;
  char *bytes = zhi_buf_take(&p->sums);
  return add_source(p, "SHA256SUMS", zip_source_buffer(p->zip, bytes, n, 1), false, NULL, e);
}

enum zhi_code evidence_write(struct evidence *v, const char *path, char sums[ZHI_DIGEST_TEXT_SIZE],
                             struct zhi_err *e) {
  char temporary[PATH_BYTES];
  int why = 0;
  snprintf(temporary, sizeof temporary, "%s.tmp", path);
  struct packing p = {.v = v, .path = path};
  if (!(p.zip = zip_open(temporary, ZIP_CREATE | ZIP_TRUNCATE, &why))) {
    zip_error_t error;
    zip_error_init_with_code(&error, why);
    enum zhi_code rc =
        zhi_fail(e, ZHI_EIO, "cannot write '%s': %s", path, zip_error_strerror(&error));
    zip_error_fini(&error);
    return rc;
  }
  zhi_buf_init(&p.sums, SUMS_MAX);
  enum zhi_code rc = add_all(&p, sums, e);
  if (!rc && zip_close(p.zip) == 0) {
    rc = zhi_file_settle(temporary, path, e);
  } else {
    if (!rc)
      rc = zip_failure(&p, e);
    zip_discard(p.zip);
    unlink(temporary);
  }
  zhi_buf_release(&p.sums);
  return rc;
}
