/* The WARC reader with every check, from memory; the index line of each record; seeking anywhere.
 */
#include <stdint.h>
#include <stdlib.h>

#include "zhi/warc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RECORDS_MAX = 2000 };

static void ignore(void *ctx, const struct zhi_warc_problem *p) {
  size_t *told = ctx;
  *told += strlen(p->code) > 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  size_t told = 0;
  struct zhi_warc_reader_options o = {
      .verify = true, .block_max = 1 << 20, .problem = ignore, .ctx = &told};
  struct zhi_warc_reader *r;
  struct zhi_warc_record rec;
  struct zhi_str bytes = zhi_str_n((const char *)data, size);
  if (zhi_warc_open_bytes(bytes, &o, &r, NULL) != ZHI_OK)
    abort();
  for (int i = 0; i < RECORDS_MAX && zhi_warc_next(r, &rec, NULL) == ZHI_OK; i++) {
    struct zhi_buf line;
    zhi_buf_init(&line, 1 << 22);
    if (rec.offset > size || rec.length > size || rec.block->len > rec.block_length)
      abort();
    if (zhi_cdxj_line(&rec, ZHI_STR("x.warc.gz"), ZHI_STR_NONE, &line, NULL) == ZHI_OK &&
        line.len && memchr(line.p, '\n', line.len))
      abort();
    zhi_buf_release(&line);
  }
  if (zhi_warc_seek(r, size / 3, NULL) == ZHI_OK && zhi_warc_next(r, &rec, NULL) == ZHI_OK &&
      rec.offset < size / 3)
    abort();
  zhi_warc_reader_free(r);
  return 0;
}
