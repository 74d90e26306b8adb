/* For tests: gzip both ways with plain zlib. */
#include "tests/support/gunzip.h"

#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>

int test_gunzip(struct zhi_str gz, struct zhi_buf *out) {
  int members = 0;
  unsigned char piece[4096];
  while (gz.len) {
    z_stream z = {0};
    if (inflateInit2(&z, 15 + 16) != Z_OK)
      abort();
    z.next_in = (Bytef *)(uintptr_t)gz.p;
    z.avail_in = (uInt)gz.len;
    int status = Z_OK;
    while (status == Z_OK) {
      z.next_out = piece;
      z.avail_out = sizeof piece;
      status = inflate(&z, Z_NO_FLUSH);
      zhi_buf_add(out, piece, sizeof piece - z.avail_out);
    }
    gz = zhi_str_n((const char *)z.next_in, z.avail_in);
    inflateEnd(&z);
    if (status != Z_STREAM_END)
      return -1;
    members++;
  }
  return members;
}

void test_gzip(struct zhi_str text, struct zhi_buf *out) {
  z_stream z = {0};
  if (deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    abort();
  size_t room = deflateBound(&z, text.len) + 64;
  if (!zhi_buf_reserve(out, room))
    abort();
  z.next_in = (Bytef *)(uintptr_t)text.p;
  z.avail_in = (uInt)text.len;
  z.next_out = (Bytef *)out->p + out->len;
  z.avail_out = (uInt)room;
  if (deflate(&z, Z_FINISH) != Z_STREAM_END)
    abort();
  out->len += room - z.avail_out;
  deflateEnd(&z);
}
