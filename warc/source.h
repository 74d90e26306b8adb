/* Bytes under the reader (private to warc/): a window on a file, and gzip members or plain text as
 * a stream. */
#ifndef ZHI_WARC_SOURCE_H
#define ZHI_WARC_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "zhi/str.h"

/* A file read through a window, or bytes in memory. */
struct source {
  int fd; /* -1: in memory */
  struct zhi_str mem;
  char *window;
  uint64_t at; /* file offset of window[0] */
  size_t len;
};

ZHI_NODISCARD enum zhi_code zhi_source_open(const char *path, struct source *s, struct zhi_err *e);
void zhi_source_memory(struct zhi_str bytes, struct source *s);
void zhi_source_close(struct source *s);
enum { ZHI_SOURCE_WANT_MAX = 512 * 1024 };
/* The bytes at `off`, at least `want` (≤ ZHI_SOURCE_WANT_MAX) of them unless the file ends before;
 * valid until the next call. len 0: the end. */
ZHI_NODISCARD enum zhi_code zhi_source_at(struct source *s, uint64_t off, size_t want,
                                          struct zhi_str *out, struct zhi_err *e);
/* Does a gzip member start here? */
bool zhi_is_gzip(struct zhi_str s);
/* The first offset ≥ off where a gzip member or a plain record seems to start with "WARC/";
 * UINT64_MAX: none. */
ZHI_NODISCARD enum zhi_code zhi_source_find_record(struct source *s, uint64_t off, uint64_t *found,
                                                   struct zhi_err *e);

/* One gzip member, or the plain rest of a file, piece by piece. */
struct stream {
  struct source *src;
  enum { STREAM_NONE, STREAM_PLAIN, STREAM_GZIP } kind;
  const char *p; /* bytes ready */
  size_t n;
  uint64_t start;     /* file offset of the member (or where plain reading began) */
  uint64_t next;      /* file offset of the first byte not yet used up */
  uint64_t pos;       /* bytes taken; of plain text the file offset of p */
  bool ended;         /* nothing comes after p */
  const char *damage; /* why it ended early: "truncated", "bad_crc", "corrupt" */
  void *inflate;      /* z_stream once needed */
  bool inflating;
  void *whole; /* libdeflate decompressor */
  char *out;
  size_t out_cap;
};

void zhi_stream_init(struct stream *st, struct source *src);
void zhi_stream_release(struct stream *st);
/* Begin at a file offset; the kind is told by the bytes there. */
ZHI_NODISCARD enum zhi_code zhi_stream_begin(struct stream *st, uint64_t off, struct zhi_err *e);
/* Make p/n non-empty if there is more; n == 0 afterwards: the stream has ended. */
ZHI_NODISCARD enum zhi_code zhi_stream_more(struct stream *st, struct zhi_err *e);
void zhi_stream_take(struct stream *st, size_t n);

#endif
