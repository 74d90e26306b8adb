/* ZipNum: a sorted index cut into blocks of lines, each a gzip member of its own, and a small index of the blocks'
 * first lines, in the two forms that are in use: pywb's (tabs) and WACZ's (JSON behind a !meta line). */
#include <fcntl.h>
#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "zhi/json.h"
#include "zhi/limits.h"
#include "zhi/warc.h"

enum { LEVEL = 6 };
#define BLOCK_MAX_BYTES ZHI_MIB(256)

struct zipnum {
  const struct zhi_zipnum *o;
  struct libdeflate_compressor *deflate;
  struct zhi_buf block, packed, line;
  int lines;
  uint64_t offset, number; /* of the next block, from 1 */
};

/* "key time {json}" → "key time" */
static struct zhi_str key_of(struct zhi_str line) {
  const char *brace = memchr(line.p, '{', line.len);
  size_t n = brace ? (size_t)(brace - line.p) : line.len;
  return zhi_str_trim(zhi_str_sub(line, 0, n));
}

static void idx_line(struct zipnum *z, size_t length, const char *digest) {
  struct zhi_str key = key_of(zhi_buf_view(&z->block));
  zhi_buf_clear(&z->line);
  zhi_buf_addstr(&z->line, key);
  if (z->o->wacz) {
    zhi_buf_addf(&z->line,
                 " {\"offset\": %llu, \"length\": %zu, \"digest\": \"%s\", \"filename\": ",
                 (unsigned long long)z->offset, length, digest);
    zhi_json_add_string(&z->line, zhi_str_of(z->o->name));
    zhi_buf_adds(&z->line, "}\n");
  } else {
    zhi_buf_addf(&z->line, "\t%s\t%llu\t%zu\t%llu\n", z->o->name, (unsigned long long)z->offset,
                 length, (unsigned long long)z->number);
  }
}

static enum zhi_code end_block(struct zipnum *z, struct zhi_err *e) {
  char digest[ZHI_DIGEST_TEXT_SIZE];
  if (!z->lines)
    return ZHI_OK;
  enum zhi_code rc = zhi_buf_check(&z->block, "a block of an index", e);
  if (rc)
    return rc;
  size_t bound = libdeflate_gzip_compress_bound(z->deflate, z->block.len);
  zhi_buf_clear(&z->packed);
  if (!zhi_buf_reserve(&z->packed, bound))
    return zhi_buf_check(&z->packed, "a block of an index", e);
  size_t n = libdeflate_gzip_compress(z->deflate, z->block.p, z->block.len, z->packed.p, bound);
  if (!n)
    return zhi_fail(e, ZHI_EBUG, "an index block of %zu bytes cannot be compressed", z->block.len);
  if ((rc = zhi_sha256_text(zhi_str_n(z->packed.p, n), digest, e)))
    return rc;
  z->number++;
  idx_line(z, n, digest);
  if ((rc = zhi_buf_check(&z->line, "an index line", e)) ||
      (rc = zhi_out_write(z->o->blocks, zhi_str_n(z->packed.p, n), e)) ||
      (rc = zhi_out_write(z->o->idx, zhi_buf_view(&z->line), e)))
    return rc;
  z->offset += n;
  z->lines = 0;
  zhi_buf_clear(&z->block);
  return ZHI_OK;
}

static enum zhi_code take_lines(struct zipnum *z, FILE *in, struct zhi_err *e) {
  char *line = NULL;
  size_t cap = 0;
  ssize_t n = 0;
  enum zhi_code rc = ZHI_OK;
  while (!rc && (n = getline(&line, &cap, in)) > 0) {
    zhi_buf_add(&z->block, line, (size_t)n);
    if (++z->lines == z->o->lines)
      rc = end_block(z, e);
  }
  if (!rc && ferror(in))
    rc = zhi_fail_errno(e, "cannot read the index");
  free(line);
  return rc ? rc : end_block(z, e);
}

enum zhi_code zhi_zipnum_write(const struct zhi_zipnum *o, int cdxj_fd, struct zhi_err *e) {
  struct zipnum z = {.o = o, .deflate = libdeflate_alloc_compressor(LEVEL)};
  int fd = fcntl(cdxj_fd, F_DUPFD_CLOEXEC, 3);
  FILE *in = fd >= 0 && lseek(fd, 0, SEEK_SET) == 0 ? fdopen(fd, "r") : NULL;
  enum zhi_code rc = ZHI_OK;
  zhi_buf_init(&z.block, BLOCK_MAX_BYTES);
  zhi_buf_init(&z.packed, BLOCK_MAX_BYTES);
  zhi_buf_init(&z.line, ZHI_MIB(16));
  if (!in)
    rc = zhi_fail_errno(e, "cannot read the index");
  else if (!z.deflate)
    rc = zhi_fail(e, ZHI_ENOMEM, "out of memory for an index");
  if (!rc && o->wacz) {
    zhi_buf_adds(&z.line, "!meta 0 {\"format\": \"cdxj-gzip-1.0\", \"filename\": ");
    zhi_json_add_string(&z.line, zhi_str_of(o->name));
    zhi_buf_adds(&z.line, "}\n");
    rc = zhi_out_write(o->idx, zhi_buf_view(&z.line), e);
  }
  if (!rc)
    rc = take_lines(&z, in, e);
  if (in)
    fclose(in);
  else if (fd >= 0)
    close(fd);
  libdeflate_free_compressor(z.deflate);
  zhi_buf_release(&z.block);
  zhi_buf_release(&z.packed);
  zhi_buf_release(&z.line);
  return rc;
}
