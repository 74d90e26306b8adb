/* Undo Content-Encoding, within bounds: a bomb costs at most max(1 MiB, ratio × stored) bytes of
 * output.
 *
 * Codings are undone from the last to the first. A body that does not match its header is not an
 * error: what can be had is returned, and `damage` says what was wrong. Names that no browser knows
 * ("utf-8", "none") are not codings and change nothing. */
#include <libdeflate.h>
#include <stdlib.h>
#include <zlib.h>

#include "zhi/limits.h"
#include "zhi/warc.h"

enum { CODINGS_MAX = 4, PIECE_BYTES = 64 * 1024 };

enum coding { CODING_NONE, CODING_GZIP, CODING_DEFLATE, CODING_UNKNOWN };

static enum coding coding_of(struct zhi_str name) {
  static const struct {
    const char *name;
    enum coding coding;
  } known[] = {
      {"gzip", CODING_GZIP},          {"x-gzip", CODING_GZIP},  {"deflate", CODING_DEFLATE},
      {"br", CODING_UNKNOWN},         {"zstd", CODING_UNKNOWN}, {"compress", CODING_UNKNOWN},
      {"x-compress", CODING_UNKNOWN}, {"dcb", CODING_UNKNOWN},  {"dcz", CODING_UNKNOWN}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (zhi_str_iis(name, known[i].name))
      return known[i].coding;
  return CODING_NONE;
}

/* The header's codings in order, without those that change nothing. */
static enum zhi_code parse_codings(struct zhi_str header, enum coding out[CODINGS_MAX], int *count,
                                   struct zhi_err *e) {
  *count = 0;
  while (header.p) {
    struct zhi_str name = zhi_str_trim(zhi_str_cut(&header, ','));
    enum coding c = coding_of(name);
    if (c == CODING_UNKNOWN)
      return zhi_fail(e, ZHI_EPARSE, "content coding '%.*s' is not known",
                      name.len > 40 ? 40 : (int)name.len, name.p);
    if (c == CODING_NONE)
      continue;
    if (*count == CODINGS_MAX)
      return zhi_fail(e, ZHI_EPARSE, "more than %d content codings", (int)CODINGS_MAX);
    out[(*count)++] = c;
  }
  return ZHI_OK;
}

static bool is_gzip(struct zhi_str s) {
  return s.len >= 3 && (unsigned char)s.p[0] == 0x1f && (unsigned char)s.p[1] == 0x8b &&
         s.p[2] == 8;
}

static bool is_zlib(struct zhi_str s) {
  return s.len >= 2 && (s.p[0] & 0x0f) == 8 &&
         (((unsigned)(unsigned char)s.p[0] << 8) | (unsigned char)s.p[1]) % 31 == 0;
}

/* libdeflate on a whole gzip body whose size field is believable; false: zlib has to look. */
static bool gzip_at_once(struct zhi_str in, size_t cap, struct zhi_buf *out) {
  if (in.len < 18)
    return false;
  const unsigned char *t = (const unsigned char *)in.p + in.len - 4;
  size_t size = (size_t)t[0] | (size_t)t[1] << 8 | (size_t)t[2] << 16 | (size_t)t[3] << 24;
  if (size == 0 || size > cap || size / 1100 > in.len || !zhi_buf_reserve(out, size))
    return false;
  struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
  size_t used = 0, made = 0;
  bool ok = d &&
            libdeflate_gzip_decompress_ex(d, in.p, in.len, out->p + out->len, size, &used, &made) ==
                LIBDEFLATE_SUCCESS &&
            used == in.len;
  if (d)
    libdeflate_free_decompressor(d);
  if (ok)
    out->len += made;
  out->p[out->len] = '\0';
  return ok;
}

/* Bytes to decode: a view, or a spool read piece by piece. */
struct input {
  struct zhi_str view; /* NULL: from the spool */
  const struct zhi_spool *spool;
  uint64_t at;
  char *piece;
};

static enum zhi_code next_piece(struct input *in, struct zhi_str *out, struct zhi_err *e) {
  if (in->view.p) {
    size_t from = (size_t)in->at, n = in->view.len - from;
    *out = zhi_str_n(in->view.p + from, n > (1u << 30) ? (1u << 30) : n);
    in->at += out->len;
    return ZHI_OK;
  }
  size_t got;
  enum zhi_code rc = zhi_spool_read(in->spool, in->at, in->piece, PIECE_BYTES, &got, e);
  *out = zhi_str_n(in->piece, rc ? 0 : got);
  in->at += out->len;
  return rc;
}

/* Inflate as far as it goes. Concatenated gzip members are one body; bytes behind the end are
 * ignored. */
static enum zhi_code inflate_all(struct input *in, int window_bits, size_t cap, struct zhi_buf *out,
                                 const char **damage, struct zhi_err *e) {
  z_stream z = {0};
  struct zhi_str piece = {NULL, 0};
  enum zhi_code rc = ZHI_OK;
  size_t start = out->len;
  if (inflateInit2(&z, window_bits) != Z_OK)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a decompressor");
  for (;;) {
    if (!z.avail_in) {
      if ((rc = next_piece(in, &piece, e)))
        break;
      z.next_in = (Bytef *)(uintptr_t)piece.p;
      z.avail_in = (uInt)piece.len;
    }
    size_t room = cap - (out->len - start);
    if (!room) {
      *damage = "limit";
      break;
    }
    size_t want = room < PIECE_BYTES ? room : PIECE_BYTES;
    if (!zhi_buf_reserve(out, want)) {
      rc = zhi_buf_check(out, "a decoded body", e);
      break;
    }
    z.next_out = (Bytef *)out->p + out->len;
    z.avail_out = (uInt)want;
    int status = inflate(&z, Z_NO_FLUSH);
    out->len += want - z.avail_out;
    out->p[out->len] = '\0';
    if (status == Z_STREAM_END) {
      if (window_bits > 15 && z.avail_in >= 3 &&
          is_gzip(zhi_str_n((char *)z.next_in, z.avail_in)) && inflateReset(&z) == Z_OK)
        continue;
      break;
    }
    if (status != Z_OK && status != Z_BUF_ERROR) {
      *damage = "corrupt";
      break;
    }
    if (!piece.len && z.avail_out) {
      *damage = "truncated";
      break;
    }
  }
  inflateEnd(&z);
  return rc;
}

/* Undo one coding of `in` into *out. */
static enum zhi_code undo(enum coding c, struct input *in, size_t cap, struct zhi_buf *out,
                          const char **damage, struct zhi_err *e) {
  struct zhi_str start;
  if (c == CODING_GZIP && in->view.p && is_gzip(in->view) && gzip_at_once(in->view, cap, out))
    return ZHI_OK;
  enum zhi_code rc = next_piece(in, &start, e);
  in->at = 0;
  if (rc || !start.len)
    return rc;
  if (c == CODING_GZIP && is_gzip(start))
    return inflate_all(in, 15 + 16, cap, out, damage, e);
  if (c == CODING_DEFLATE && is_gzip(start)) /* servers that mix the names up */
    return inflate_all(in, 15 + 16, cap, out, damage, e);
  if (c == CODING_DEFLATE) {
    const char *why = NULL;
    if (is_zlib(start)) {
      rc = inflate_all(in, 15, cap, out, &why, e);
      if (rc || out->len || !why) {
        if (why)
          *damage = why;
        return rc;
      }
      in->at = 0;
    }
    return inflate_all(in, -15, cap, out, damage, e);
  }
  *damage = "corrupt"; /* says gzip, is not */
  return ZHI_OK;
}

/* The body as it is, capped. */
static enum zhi_code copy_plain(const struct zhi_spool *body, size_t max, struct zhi_buf *out,
                                const char **damage, struct zhi_err *e) {
  if (body->len > max)
    *damage = "limit";
  return zhi_spool_slurp(body, max, out, e);
}

static enum zhi_code undo_all(const enum coding *codings, int count, const struct zhi_spool *body,
                              size_t cap, char *piece, struct zhi_buf *out, const char **damage,
                              struct zhi_err *e) {
  struct zhi_buf from, to;
  struct input in = {.view = zhi_spool_view(body), .spool = body, .piece = piece};
  enum zhi_code rc = ZHI_OK;
  size_t before = out->len;
  if (count == 1) { /* the usual case needs no copy */
    rc = undo(codings[0], &in, cap, out, damage, e);
    bool nothing = !rc && out->len == before && *damage && strcmp(*damage, "corrupt") == 0;
    return nothing ? copy_plain(body, cap, out, damage, e) : rc;
  }
  zhi_buf_init(&from, cap + 1);
  for (int i = count - 1; i >= 0 && !rc; i--) {
    zhi_buf_init(&to, cap + 1);
    rc = undo(codings[i], &in, cap, &to, damage, e);
    if (!rc && !to.len && *damage &&
        strcmp(*damage, "corrupt") == 0) { /* nothing came out: keep it */
      zhi_buf_release(&to);
      if (i == count - 1)
        rc = copy_plain(body, cap, &from, damage, e);
      break;
    }
    zhi_buf_release(&from);
    from = to;
    in = (struct input){.view = zhi_buf_view(&from)};
  }
  if (!rc) {
    zhi_buf_addstr(out, zhi_buf_view(&from));
    rc = zhi_buf_check(out, "a decoded body", e);
  }
  zhi_buf_release(&from);
  return rc;
}

enum zhi_code zhi_http_decode(struct zhi_str content_encoding, bool sniff,
                              const struct zhi_spool *body, size_t max, unsigned ratio,
                              struct zhi_buf *out, const char **damage, struct zhi_err *e) {
  enum coding codings[CODINGS_MAX];
  const char *why = NULL;
  char start[3];
  size_t got;
  int count;
  enum zhi_code rc = parse_codings(content_encoding, codings, &count, e);
  if (rc)
    return rc;
  if ((rc = zhi_spool_read(body, 0, start, sizeof start, &got, e)))
    return rc;
  if (!count && sniff && is_gzip(zhi_str_n(start, got)))
    codings[count++] = CODING_GZIP;
  if (!count) {
    rc = copy_plain(body, max, out, &why, e);
  } else {
    size_t cap = ZHI_MIB(1);
    if (body->len > cap / (ratio ? ratio : 1))
      cap = body->len > SIZE_MAX / (ratio ? ratio : 1) ? SIZE_MAX
                                                       : (size_t)body->len * (ratio ? ratio : 1);
    cap = cap < max ? cap : max;
    if (cap > SIZE_MAX / 4)
      cap = SIZE_MAX / 4;
    char *piece = malloc(PIECE_BYTES);
    rc = piece ? undo_all(codings, count, body, cap, piece, out, &why, e)
               : zhi_fail(e, ZHI_ENOMEM, "out of memory for decoding a body");
    free(piece);
  }
  if (damage)
    *damage = rc ? NULL : why;
  return rc;
}
