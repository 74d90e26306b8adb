/* Pack: one capture becomes gzip members, on any thread, in buffers that are kept from capture to
 * capture.
 *
 * Typical pages take the short way: the record is laid out whole in `raw`, libdeflate compresses it
 * into `packed`, and one copy of exact size goes to the caller. The record's header carries the
 * digests, so the block is hashed before it is laid out; block and payload need a pass each, since
 * the block digest covers the head first (SHA-256 state cannot be shared), and with the CPU's SHA
 * instructions both together cost less than a tenth of the compression. Large bodies, and those a
 * spool moved to a file, are read twice in pieces (digests, then zlib). */
#include <libdeflate.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <zlib.h>

#include "warc/head.h"
#include "warc/record.h"
#include "zhi/file.h"
#include "zhi/limits.h"

enum {
  PIECE_BYTES = 256 * 1024,
  KEEP_BYTES = 1024 * 1024 /* buffers above this are given back after use */
};
#define WHOLE_MAX_BYTES  ZHI_MIB(4) /* larger bodies are streamed */
#define PACKED_MEM_BYTES ZHI_MIB(8) /* a larger packed capture waits in a file */
#define META_MAX_BYTES   ZHI_MIB(1)

struct zhi_warc_packer {
  int level;
  char *dir;
  struct zhi_ids *ids;
  struct libdeflate_compressor *deflate;
  EVP_MD *sha256;
  EVP_MD_CTX *sha;
  struct zhi_buf raw;    /* a record before compression; pieces of a streamed one after */
  struct zhi_buf packed; /* members not yet handed over */
  struct zhi_buf head, changed, meta;
};

enum zhi_code zhi_warc_packer_new(int level, const char *dir, struct zhi_ids *ids,
                                  struct zhi_warc_packer **out, struct zhi_err *e) {
  struct zhi_warc_packer *p = calloc(1, sizeof *p);
  if (!p)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a WARC packer");
  p->level = level < 1 ? 1 : level > 12 ? 12 : level;
  p->ids = ids;
  zhi_buf_init(&p->raw, WHOLE_MAX_BYTES + ZHI_MIB(3));
  zhi_buf_init(&p->packed, ZHI_MIB(24));
  zhi_buf_init(&p->head, ZHI_MIB(2));
  zhi_buf_init(&p->changed, 16384);
  zhi_buf_init(&p->meta, META_MAX_BYTES + 65536);
  p->dir = strdup(dir ? dir : zhi_tmp_dir());
  p->deflate = libdeflate_alloc_compressor(p->level);
  p->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
  p->sha = EVP_MD_CTX_new();
  if (!p->dir || !p->deflate || !p->sha256 || !p->sha) {
    zhi_warc_packer_free(p);
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a WARC packer");
  }
  *out = p;
  return ZHI_OK;
}

void zhi_warc_packer_free(struct zhi_warc_packer *p) {
  if (!p)
    return;
  if (p->deflate)
    libdeflate_free_compressor(p->deflate);
  EVP_MD_free(p->sha256);
  EVP_MD_CTX_free(p->sha);
  zhi_buf_release(&p->raw);
  zhi_buf_release(&p->packed);
  zhi_buf_release(&p->head);
  zhi_buf_release(&p->changed);
  zhi_buf_release(&p->meta);
  free(p->dir);
  free(p);
}

void zhi_warc_packed_release(struct zhi_warc_packed *p) { zhi_spool_release(&p->bytes); }

/* --- digests ---------------------------------------------------------------------------------- */

static enum zhi_code sha_start(struct zhi_warc_packer *p, struct zhi_err *e) {
  if (EVP_DigestInit_ex2(p->sha, p->sha256, NULL) != 1)
    return zhi_fail(e, ZHI_ENOMEM, "cannot start a digest");
  return ZHI_OK;
}

static enum zhi_code sha_end(struct zhi_warc_packer *p, char out[ZHI_DIGEST_TEXT_SIZE],
                             struct zhi_err *e) {
  unsigned char raw[EVP_MAX_MD_SIZE];
  if (EVP_DigestFinal_ex(p->sha, raw, NULL) != 1)
    return zhi_fail(e, ZHI_ENOMEM, "cannot end a digest");
  zhi_digest_sha256_text(raw, out);
  return ZHI_OK;
}

/* Digest of `head` and then the body (NULL: none). */
static enum zhi_code sha_of(struct zhi_warc_packer *p, struct zhi_str head,
                            const struct zhi_spool *body, char out[ZHI_DIGEST_TEXT_SIZE],
                            struct zhi_err *e) {
  enum zhi_code rc = sha_start(p, e);
  if (rc)
    return rc;
  if (head.len)
    EVP_DigestUpdate(p->sha, head.p, head.len);
  if (body && body->fd < 0) {
    EVP_DigestUpdate(p->sha, body->mem.p, body->mem.len);
  } else if (body) {
    zhi_buf_clear(&p->raw);
    if (!zhi_buf_reserve(&p->raw, PIECE_BYTES))
      return zhi_buf_check(&p->raw, "a piece of a body", e);
    size_t got = 1;
    for (uint64_t at = 0; got; at += got) {
      if ((rc = zhi_spool_read(body, at, p->raw.p, PIECE_BYTES, &got, e)))
        return rc;
      EVP_DigestUpdate(p->sha, p->raw.p, got);
    }
  }
  return sha_end(p, out, e);
}

/* --- gzip members ----------------------------------------------------------------------------- */

static enum zhi_code flush(struct zhi_warc_packer *p, struct zhi_spool *out, struct zhi_err *e) {
  enum zhi_code rc = p->packed.len ? zhi_spool_add(out, p->packed.p, p->packed.len, e) : ZHI_OK;
  zhi_buf_clear(&p->packed);
  return rc;
}

/* The end of a capture: flush, and give back what a large one left behind. */
static enum zhi_code hand_over(struct zhi_warc_packer *p, struct zhi_spool *out,
                               struct zhi_err *e) {
  enum zhi_code rc = flush(p, out, e);
  if (p->packed.cap > KEEP_BYTES)
    zhi_buf_release(&p->packed);
  if (p->raw.cap > KEEP_BYTES)
    zhi_buf_release(&p->raw);
  return rc;
}

/* Compress raw[] into one member behind packed[]; *bytes is its length. */
static enum zhi_code member_whole(struct zhi_warc_packer *p, uint64_t *bytes, struct zhi_err *e) {
  enum zhi_code rc = zhi_buf_check(&p->raw, "a WARC record", e);
  if (rc)
    return rc;
  size_t room = libdeflate_gzip_compress_bound(p->deflate, p->raw.len);
  if (!zhi_buf_reserve(&p->packed, room))
    return zhi_buf_check(&p->packed, "a compressed WARC record", e);
  size_t n =
      libdeflate_gzip_compress(p->deflate, p->raw.p, p->raw.len, p->packed.p + p->packed.len, room);
  if (!n)
    return zhi_fail(e, ZHI_EBUG, "libdeflate refused %zu bytes", p->raw.len);
  p->packed.len += n;
  *bytes = n;
  return ZHI_OK;
}

static enum zhi_code deflate_piece(z_stream *z, const void *in, size_t n, int flush,
                                   struct zhi_spool *out, struct zhi_err *e) {
  unsigned char piece[32768];
  z->next_in = (Bytef *)(uintptr_t)in;
  z->avail_in = (uInt)n;
  int status;
  do {
    z->next_out = piece;
    z->avail_out = sizeof piece;
    status = deflate(z, flush);
    size_t made = sizeof piece - z->avail_out;
    enum zhi_code rc = made ? zhi_spool_add(out, piece, made, e) : ZHI_OK;
    if (rc)
      return rc;
  } while (z->avail_out == 0 || (flush == Z_FINISH && status == Z_OK));
  return ZHI_OK;
}

static enum zhi_code deflate_body(z_stream *z, const struct zhi_spool *body, struct zhi_spool *out,
                                  struct zhi_err *e) {
  struct zhi_buf piece;
  zhi_buf_init(&piece, PIECE_BYTES + 1);
  enum zhi_code rc = ZHI_OK;
  if (!zhi_buf_reserve(&piece, PIECE_BYTES))
    rc = zhi_buf_check(&piece, "a piece of a body", e);
  size_t got = 1;
  for (uint64_t at = 0; !rc && got; at += got) {
    rc = zhi_spool_read(body, at, piece.p, PIECE_BYTES, &got, e);
    if (!rc && got)
      rc = deflate_piece(z, piece.p, got, Z_NO_FLUSH, out, e);
  }
  zhi_buf_release(&piece);
  return rc;
}

/* raw[] holds the record's header; block = head + body; straight into the spool. */
static enum zhi_code member_streamed(struct zhi_warc_packer *p, struct zhi_str head,
                                     const struct zhi_spool *body, struct zhi_spool *out,
                                     uint64_t *bytes, struct zhi_err *e) {
  uint64_t before = out->len;
  z_stream z = {0};
  enum zhi_code rc = zhi_buf_check(&p->raw, "a WARC record's header", e);
  if (rc)
    return rc;
  if (deflateInit2(&z, p->level > 9 ? 9 : p->level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) !=
      Z_OK)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a compressor");
  rc = deflate_piece(&z, p->raw.p, p->raw.len, Z_NO_FLUSH, out, e);
  if (!rc)
    rc = deflate_piece(&z, head.p, head.len, Z_NO_FLUSH, out, e);
  if (!rc)
    rc = deflate_body(&z, body, out, e);
  if (!rc)
    rc = deflate_piece(&z, "\r\n\r\n", 4, Z_FINISH, out, e);
  deflateEnd(&z);
  *bytes = out->len - before;
  return rc;
}

/* One record of header fields, `head` and `body` (NULL: none), behind what is packed already. */
static enum zhi_code add_record(struct zhi_warc_packer *p, struct record_fields *f,
                                struct zhi_str head, const struct zhi_spool *body,
                                struct zhi_spool *out, uint64_t *bytes, struct zhi_err *e) {
  f->block_bytes = head.len + (body ? body->len : 0);
  zhi_buf_clear(&p->raw);
  zhi_warc_record_head(f, &p->raw);
  if (body && (body->fd >= 0 || body->len > WHOLE_MAX_BYTES)) {
    enum zhi_code rc = flush(p, out, e); /* keeps the order */
    return rc ? rc : member_streamed(p, head, body, out, bytes, e);
  }
  zhi_buf_addstr(&p->raw, head);
  if (body)
    zhi_buf_add(&p->raw, body->mem.p, body->mem.len);
  zhi_buf_adds(&p->raw, "\r\n\r\n");
  return member_whole(p, bytes, e);
}

/* --- the records of one capture --------------------------------------------------------------- */

static struct record_fields capture_fields(const struct zhi_warc_exchange *x,
                                           enum zhi_warc_type type, const char *id,
                                           struct zhi_str warcinfo_id, const char *date) {
  return (struct record_fields){.type = type,
                                .record_id = id,
                                .warcinfo_id = warcinfo_id,
                                .url = x->url,
                                .date = date,
                                .ip = x->ip,
                                .protocol = x->protocol,
                                .tls_version = x->tls_version,
                                .cipher_suite = x->cipher_suite};
}

static enum zhi_code payload_digest(struct zhi_warc_packer *p, const struct zhi_warc_exchange *x,
                                    char out[ZHI_DIGEST_TEXT_SIZE], struct zhi_err *e) {
  out[0] = '\0';
  if (x->payload_digest.len && x->payload_digest.len < ZHI_DIGEST_TEXT_SIZE) {
    memcpy(out, x->payload_digest.p, x->payload_digest.len);
    out[x->payload_digest.len] = '\0';
    return ZHI_OK;
  }
  if (x->revisit_profile && strcmp(x->revisit_profile, ZHI_WARC_NOT_MODIFIED) == 0)
    return ZHI_OK;
  return sha_of(p, ZHI_STR_NONE, x->body, out, e);
}

enum zhi_code zhi_warc_payload_digest(struct zhi_warc_packer *p, const struct zhi_spool *body,
                                      char out[ZHI_DIGEST_TEXT_SIZE], struct zhi_err *e) {
  return sha_of(p, ZHI_STR_NONE, body, out, e);
}

static enum zhi_code pack_response(struct zhi_warc_packer *p, const struct zhi_warc_exchange *x,
                                   struct zhi_str warcinfo_id, const char *date,
                                   struct zhi_warc_packed *out, struct zhi_err *e) {
  bool revisit = x->revisit_profile != NULL;
  bool not_modified = revisit && strcmp(x->revisit_profile, ZHI_WARC_NOT_MODIFIED) == 0;
  struct head_rules rules = {.was_chunked = x->was_chunked,
                             .keep_length = x->truncated != NULL,
                             .no_entity = not_modified || (revisit && !x->body),
                             .body_bytes = x->body ? x->body->len : 0};
  struct zhi_str head = zhi_warc_head_stored(x->response_head, &rules, &p->head, &p->changed);
  const struct zhi_spool *body = revisit ? NULL : x->body;
  enum zhi_code rc = zhi_buf_check(&p->head, "an HTTP head", e);
  if (!rc)
    rc = payload_digest(p, x, out->payload_digest, e);
  if (!rc)
    rc = sha_of(p, head, body, out->block_digest, e);
  if (rc)
    return rc;
  struct record_fields f = capture_fields(x, revisit ? ZHI_WARC_REVISIT : ZHI_WARC_RESPONSE,
                                          out->record_id, warcinfo_id, date);
  char refers_to_date[ZHI_ISO_SIZE];
  f.truncated = zhi_str_of(x->truncated);
  if (revisit) {
    zhi_warc_date(x->refers_to_date_ms, refers_to_date);
    f.profile = zhi_str_of(x->revisit_profile);
    f.refers_to = x->refers_to_id;
    f.refers_to_uri = x->refers_to_uri;
    f.refers_to_date = x->refers_to_uri.len ? refers_to_date : NULL;
    if (!not_modified)
      f.truncated = ZHI_STR("length"); /* the entity is left out: ISO 28500 6.7.2 */
  }
  f.block_digest = out->block_digest;
  f.payload_digest = out->payload_digest;
  f.content_type = ZHI_STR("application/http; msgtype=response");
  return add_record(p, &f, head, body, &out->bytes, &out->response_length, e);
}

static enum zhi_code pack_small(struct zhi_warc_packer *p, struct record_fields *f,
                                struct zhi_str block, struct zhi_warc_packed *out,
                                struct zhi_err *e) {
  char digest[ZHI_DIGEST_TEXT_SIZE];
  uint64_t bytes;
  enum zhi_code rc = sha_of(p, block, NULL, digest, e);
  f->block_digest = digest;
  return rc ? rc : add_record(p, f, block, NULL, &out->bytes, &bytes, e);
}

static enum zhi_code pack_request(struct zhi_warc_packer *p, const struct zhi_warc_exchange *x,
                                  struct zhi_str warcinfo_id, const char *date,
                                  struct zhi_warc_packed *out, struct zhi_err *e) {
  char id[48];
  if (!x->request_head.len)
    return ZHI_OK;
  zhi_warc_new_id(p->ids, id);
  struct record_fields f = capture_fields(x, ZHI_WARC_REQUEST, id, warcinfo_id, date);
  f.concurrent_to = zhi_str_of(out->record_id);
  f.content_type = ZHI_STR("application/http; msgtype=request");
  if (!x->request_body.len)
    return pack_small(p, &f, x->request_head, out, e);
  zhi_buf_clear(&p->head);
  zhi_buf_addstr(&p->head, x->request_head);
  zhi_buf_addstr(&p->head, x->request_body);
  enum zhi_code rc = zhi_buf_check(&p->head, "a request", e);
  return rc ? rc : pack_small(p, &f, zhi_buf_view(&p->head), out, e);
}

static void meta_line(struct zhi_buf *b, const char *name, struct zhi_str value) {
  if (!value.len)
    return;
  zhi_buf_adds(b, name);
  zhi_warc_value(value, false, b);
  zhi_buf_adds(b, "\r\n");
}

static enum zhi_code pack_metadata(struct zhi_warc_packer *p, const struct zhi_warc_exchange *x,
                                   struct zhi_str warcinfo_id, const char *date,
                                   struct zhi_warc_packed *out, struct zhi_err *e) {
  char id[48];
  zhi_buf_clear(&p->meta);
  meta_line(&p->meta, "via: ", x->via);
  meta_line(&p->meta, "hopsFromSeed: ", x->hops);
  if (x->fetch_time_ms >= 0)
    zhi_buf_addf(&p->meta, "fetchTimeMs: %lld\r\n", (long long)x->fetch_time_ms);
  zhi_buf_addstr(&p->meta, x->metadata_fields);
  meta_line(&p->meta, "headersChanged: ", zhi_buf_view(&p->changed));
  if (!p->meta.len)
    return ZHI_OK;
  enum zhi_code rc = zhi_buf_check(&p->meta, "a capture's metadata", e);
  if (rc)
    return rc;
  zhi_warc_new_id(p->ids, id);
  struct record_fields f = capture_fields(x, ZHI_WARC_METADATA, id, warcinfo_id, date);
  f.protocol = f.tls_version = f.cipher_suite = ZHI_STR_NONE;
  f.concurrent_to = zhi_str_of(out->record_id);
  f.content_type = ZHI_STR("application/warc-fields");
  return pack_small(p, &f, zhi_buf_view(&p->meta), out, e);
}

static void packed_init(struct zhi_warc_packer *p, struct zhi_warc_packed *out) {
  *out = (struct zhi_warc_packed){0};
  zhi_spool_init(&out->bytes, p->dir, PACKED_MEM_BYTES, (uint64_t)INT64_MAX);
  zhi_warc_new_id(p->ids, out->record_id);
  zhi_buf_clear(&p->packed);
}

enum zhi_code zhi_warc_pack(struct zhi_warc_packer *p, const struct zhi_warc_exchange *x,
                            struct zhi_str warcinfo_id, struct zhi_warc_packed *out,
                            struct zhi_err *e) {
  if (!x->response_head.len || !x->url.len)
    return zhi_fail(e, ZHI_EBUG, "a capture needs a URL and a response head");
  struct zhi_warc_packed packed;
  char date[ZHI_ISO_SIZE];
  zhi_warc_date(x->date_ms, date);
  packed_init(p, &packed);
  enum zhi_code rc = pack_response(p, x, warcinfo_id, date, &packed, e);
  if (!rc)
    rc = pack_request(p, x, warcinfo_id, date, &packed, e);
  if (!rc)
    rc = pack_metadata(p, x, warcinfo_id, date, &packed, e);
  if (!rc)
    rc = hand_over(p, &packed.bytes, e);
  if (rc)
    zhi_warc_packed_release(&packed);
  else
    *out = packed;
  return rc;
}

enum zhi_code zhi_warc_pack_resource(struct zhi_warc_packer *p, struct zhi_str url,
                                     struct zhi_str content_type, struct zhi_str data,
                                     int64_t date_ms, struct zhi_str warcinfo_id,
                                     struct zhi_warc_packed *out, struct zhi_err *e) {
  struct zhi_warc_packed packed;
  char date[ZHI_ISO_SIZE];
  zhi_warc_date(date_ms, date);
  packed_init(p, &packed);
  struct record_fields f = {.type = ZHI_WARC_RESOURCE,
                            .record_id = packed.record_id,
                            .warcinfo_id = warcinfo_id,
                            .url = url,
                            .date = date,
                            .content_type = content_type,
                            .block_digest = packed.block_digest,
                            .payload_digest = packed.block_digest};
  /* A borrowed view as a spool: only its memory is read. */
  struct zhi_spool body = {
      .mem = {.p = (char *)(uintptr_t)data.p, .len = data.len}, .len = data.len, .fd = -1};
  enum zhi_code rc = sha_of(p, ZHI_STR_NONE, &body, packed.block_digest, e);
  if (!rc)
    rc = add_record(p, &f, ZHI_STR_NONE, &body, &packed.bytes, &packed.response_length, e);
  if (!rc)
    rc = hand_over(p, &packed.bytes, e);
  memcpy(packed.payload_digest, packed.block_digest, sizeof packed.payload_digest);
  if (rc)
    zhi_warc_packed_release(&packed);
  else
    *out = packed;
  return rc;
}

enum zhi_code zhi_warc_pack_info(struct zhi_warc_packer *p, const char *record_id,
                                 const char *filename, int64_t date_ms, struct zhi_str fields,
                                 struct zhi_spool *out, struct zhi_err *e) {
  char date[ZHI_ISO_SIZE], digest[ZHI_DIGEST_TEXT_SIZE];
  uint64_t bytes;
  zhi_warc_date(date_ms, date);
  zhi_buf_clear(&p->packed);
  zhi_buf_clear(&p->meta);
  zhi_buf_adds(&p->meta, "software: xianzhi/" ZHI_VERSION "\r\nformat: WARC File Format 1.1\r\n"
                         "conformsTo: http://iipc.github.io/warc-specifications/specifications/"
                         "warc-format/warc-1.1/\r\n");
  zhi_buf_addstr(&p->meta, fields);
  enum zhi_code rc = zhi_buf_check(&p->meta, "a warcinfo record", e);
  if (!rc)
    rc = sha_of(p, zhi_buf_view(&p->meta), NULL, digest, e);
  struct record_fields f = {.type = ZHI_WARC_WARCINFO,
                            .record_id = record_id,
                            .date = date,
                            .filename = zhi_str_of(filename),
                            .block_digest = digest,
                            .content_type = ZHI_STR("application/warc-fields")};
  if (!rc)
    rc = add_record(p, &f, zhi_buf_view(&p->meta), NULL, out, &bytes, e);
  return rc ? rc : hand_over(p, out, e);
}
