/* Bytes under the reader.
 *
 * A gzip member that lies whole in the window is decoded by libdeflate in one call, about three
 * times as fast as zlib; members that are larger, damaged or cut go to zlib, which hands out what
 * it has and says where it stopped. Output is bounded by the caller's taking: nothing is decoded
 * ahead of it by more than one buffer (WHOLE_OUT_MAX). */
#include "warc/source.h"

#include <errno.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum {
  WINDOW_BYTES = 2 * 1024 * 1024,
  OUT_MIN = 512 * 1024,
  PLAIN_WANT = 64 * 1024,
  PROBE_BYTES = 512 /* compressed bytes that must yield "WARC/" */
};
#define WHOLE_OUT_MAX ((size_t)8 * 1024 * 1024)

/* --- source ----------------------------------------------------------------------------------- */

enum zhi_code zhi_source_open(const char *path, struct source *s, struct zhi_err *e) {
  *s = (struct source){.fd = -1};
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  struct stat st;
  if (fd < 0)
    return zhi_fail_errno(e, "cannot open '%s'", path);
  if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
    close(fd);
    return zhi_fail(e, ZHI_EUSAGE, "'%s' is not a file", path);
  }
  s->window = malloc(WINDOW_BYTES);
  if (!s->window) {
    close(fd);
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for reading '%s'", path);
  }
  s->fd = fd;
  return ZHI_OK;
}

void zhi_source_memory(struct zhi_str bytes, struct source *s) {
  *s = (struct source){.fd = -1, .mem = bytes};
}

void zhi_source_close(struct source *s) {
  if (s->fd >= 0)
    close(s->fd);
  free(s->window);
  *s = (struct source){.fd = -1};
}

static enum zhi_code fill(struct source *s, uint64_t off, size_t want, struct zhi_err *e) {
  size_t kept = 0;
  if (off >= s->at && off < s->at + s->len) {
    kept = s->len - (size_t)(off - s->at);
    memmove(s->window, s->window + (off - s->at), kept);
  }
  s->at = off;
  s->len = kept;
  while (s->len < want) {
    ssize_t n = pread(s->fd, s->window + s->len, WINDOW_BYTES - s->len, (off_t)(off + s->len));
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return zhi_fail_errno(e, "cannot read a WARC file");
    if (n == 0)
      break;
    s->len += (size_t)n;
  }
  return ZHI_OK;
}

enum zhi_code zhi_source_at(struct source *s, uint64_t off, size_t want, struct zhi_str *out,
                            struct zhi_err *e) {
  if (s->fd < 0) {
    size_t at = off > s->mem.len ? s->mem.len : (size_t)off;
    *out = zhi_str_sub(s->mem, at, s->mem.len);
    return ZHI_OK;
  }
  if (off > INT64_MAX - WINDOW_BYTES) {
    *out = ZHI_STR_NONE;
    return ZHI_OK;
  }
  if (off < s->at || off + want > s->at + s->len) {
    enum zhi_code rc = fill(s, off, want, e);
    if (rc)
      return rc;
  }
  *out = zhi_str_n(s->window + (off - s->at), s->len - (size_t)(off - s->at));
  return ZHI_OK;
}

bool zhi_is_gzip(struct zhi_str s) {
  return s.len >= 4 && (unsigned char)s.p[0] == 0x1f && (unsigned char)s.p[1] == 0x8b &&
         s.p[2] == 8 && ((unsigned char)s.p[3] & 0xe0) == 0;
}

/* Do the first bytes of this member come out as "WARC/"? */
static bool member_is_record(struct zhi_str s) {
  z_stream z = {0};
  char out[5];
  if (inflateInit2(&z, 15 + 16) != Z_OK)
    return false;
  z.next_in = (Bytef *)(uintptr_t)s.p;
  z.avail_in = (uInt)(s.len < PROBE_BYTES ? s.len : PROBE_BYTES);
  z.next_out = (Bytef *)out;
  z.avail_out = sizeof out;
  inflate(&z, Z_SYNC_FLUSH);
  bool yes = z.avail_out == 0 && memcmp(out, "WARC/", 5) == 0;
  inflateEnd(&z);
  return yes;
}

/* Candidates in s, which is followed by `more` bytes that may complete one. Returns SIZE_MAX for
 * none. */
static size_t find_in(struct zhi_str s, size_t upto) {
  for (size_t i = 0; i < upto; i++) {
    if ((unsigned char)s.p[i] == 0x1f) {
      struct zhi_str rest = zhi_str_sub(s, i, s.len);
      if (zhi_is_gzip(rest) && member_is_record(rest))
        return i;
    } else if (s.p[i] == 'W' && (i == 0 || s.p[i - 1] == '\n') && s.len - i > 5 &&
               memcmp(s.p + i, "WARC/", 5) == 0) {
      return i;
    }
  }
  return SIZE_MAX;
}

enum zhi_code zhi_source_find_record(struct source *s, uint64_t off, uint64_t *found,
                                     struct zhi_err *e) {
  *found = UINT64_MAX;
  for (;;) {
    struct zhi_str bytes;
    enum zhi_code rc = zhi_source_at(s, off, PLAIN_WANT, &bytes, e);
    if (rc || !bytes.len)
      return rc;
    bool last = bytes.len < PLAIN_WANT;
    size_t upto = last ? bytes.len : bytes.len - PROBE_BYTES;
    size_t i = find_in(bytes, upto);
    if (i != SIZE_MAX) {
      *found = off + i;
      return ZHI_OK;
    }
    if (last)
      return ZHI_OK;
    off += upto - 1; /* keeps the byte before, to know a line's start */
  }
}

/* --- stream ----------------------------------------------------------------------------------- */

void zhi_stream_init(struct stream *st, struct source *src) { *st = (struct stream){.src = src}; }

void zhi_stream_release(struct stream *st) {
  if (st->inflate)
    inflateEnd(st->inflate);
  free(st->inflate);
  if (st->whole)
    libdeflate_free_decompressor(st->whole);
  free(st->out);
  *st = (struct stream){.src = st->src};
}

static enum zhi_code grow_out(struct stream *st, size_t want, struct zhi_err *e) {
  if (st->out_cap >= want)
    return ZHI_OK;
  char *p = malloc(want);
  if (!p)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for decompressing");
  free(st->out);
  st->out = p;
  st->out_cap = want;
  return ZHI_OK;
}

/* The whole member in one call; *done = false when zlib has to look at it. */
static enum zhi_code decode_whole(struct stream *st, struct zhi_str in, bool *done,
                                  struct zhi_err *e) {
  *done = false;
  if (!st->whole && !(st->whole = libdeflate_alloc_decompressor()))
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a decompressor");
  for (;;) {
    size_t used, made;
    enum libdeflate_result r =
        libdeflate_gzip_decompress_ex(st->whole, in.p, in.len, st->out, st->out_cap, &used, &made);
    if (r == LIBDEFLATE_SUCCESS) {
      st->p = st->out;
      st->n = made;
      st->next = st->start + used;
      st->ended = *done = true;
      return ZHI_OK;
    }
    if (r != LIBDEFLATE_INSUFFICIENT_SPACE || st->out_cap >= WHOLE_OUT_MAX)
      return ZHI_OK;
    enum zhi_code rc =
        grow_out(st, st->out_cap * 4 > WHOLE_OUT_MAX ? WHOLE_OUT_MAX : st->out_cap * 4, e);
    if (rc)
      return rc;
  }
}

static enum zhi_code start_inflate(struct stream *st, struct zhi_err *e) {
  bool fresh = !st->inflate;
  if (fresh && !(st->inflate = calloc(1, sizeof(z_stream))))
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a decompressor");
  int status = fresh ? inflateInit2(st->inflate, 15 + 16) : inflateReset(st->inflate);
  if (status != Z_OK)
    return zhi_fail(e, ZHI_ENOMEM, "cannot start a decompressor");
  st->inflating = true;
  return ZHI_OK;
}

enum zhi_code zhi_stream_begin(struct stream *st, uint64_t off, struct zhi_err *e) {
  struct zhi_str in;
  enum zhi_code rc = zhi_source_at(st->src, off, ZHI_SOURCE_WANT_MAX, &in, e);
  if (rc)
    return rc;
  st->p = NULL;
  st->n = 0;
  st->start = st->next = off;
  st->damage = NULL;
  st->inflating = false;
  st->ended = in.len == 0;
  st->kind = in.len == 0 ? STREAM_NONE : zhi_is_gzip(in) ? STREAM_GZIP : STREAM_PLAIN;
  st->pos = st->kind == STREAM_GZIP ? 0 : off;
  if (st->kind != STREAM_GZIP)
    return ZHI_OK;
  bool done;
  if ((rc = grow_out(st, OUT_MIN, e)) || (rc = decode_whole(st, in, &done, e)))
    return rc;
  return done ? ZHI_OK : start_inflate(st, e);
}

static enum zhi_code inflate_more(struct stream *st, struct zhi_err *e) {
  z_stream *z = st->inflate;
  while (!st->n && !st->ended) {
    struct zhi_str in;
    enum zhi_code rc = zhi_source_at(st->src, st->next, PLAIN_WANT, &in, e);
    if (rc)
      return rc;
    z->next_in = (Bytef *)(uintptr_t)in.p;
    z->avail_in = (uInt)(in.len > WINDOW_BYTES ? WINDOW_BYTES : in.len);
    uInt given = z->avail_in;
    z->next_out = (Bytef *)st->out;
    z->avail_out = (uInt)OUT_MIN;
    int status = inflate(z, Z_NO_FLUSH);
    st->next += given - z->avail_in;
    st->p = st->out;
    st->n = OUT_MIN - z->avail_out;
    if (status == Z_STREAM_END) {
      st->ended = true;
    } else if (status == Z_BUF_ERROR || status == Z_OK) {
      if (!in.len && !st->n) { /* input is over, the member is not */
        st->ended = true;
        st->damage = "truncated";
      }
    } else {
      bool check = z->msg && strncmp(z->msg, "incorrect ", 10) == 0 && !strstr(z->msg, "header");
      st->ended = true;
      st->damage = check ? "bad_crc" : "corrupt";
    }
  }
  return ZHI_OK;
}

enum zhi_code zhi_stream_more(struct stream *st, struct zhi_err *e) {
  if (st->n || st->ended)
    return ZHI_OK;
  if (st->inflating)
    return inflate_more(st, e);
  struct zhi_str in;
  enum zhi_code rc = zhi_source_at(st->src, st->next, PLAIN_WANT, &in, e);
  if (rc)
    return rc;
  st->p = in.p;
  st->n = in.len;
  st->next += in.len;
  st->ended = in.len == 0;
  return ZHI_OK;
}

void zhi_stream_take(struct stream *st, size_t n) {
  st->p += n;
  st->n -= n;
  st->pos += n;
}
