/* Index lines: of a record with any header and block, with a POST behind it and with an original elsewhere, a line is one
 * line: key, fourteen digits, a JSON object that says what it was given. */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>

#include "zhi/warc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RECORDS_MAX = 200 };

static void hold(bool ok) {
  if (!ok)
    abort();
}

/* The object of a line, which must have the form of one. */
static json_t *object_of(struct zhi_str line) {
  hold(!memchr(line.p, '\n', line.len) && !memchr(line.p, '\r', line.len));
  struct zhi_str rest = line;
  struct zhi_str key = zhi_str_cut(&rest, ' '), ts = zhi_str_cut(&rest, ' ');
  hold(key.len > 0 && ts.len == 14);
  for (size_t i = 0; i < ts.len; i++)
    hold(ts.p[i] >= '0' && ts.p[i] <= '9');
  json_t *o = json_loadb(rest.p, rest.len, JSON_ALLOW_NUL, NULL);
  hold(json_is_object(o));
  return o;
}

static void check_line(const struct zhi_warc_record *r, const struct zhi_warc_record *request) {
  struct zhi_buf line;
  zhi_buf_init(&line, 1 << 22);
  if (zhi_cdxj_line(r, ZHI_STR("x.warc.gz"), ZHI_STR("gb18030"), &line, NULL) == ZHI_OK &&
      line.len) {
    const struct zhi_cdxj_original o = {.file = "y.warc.gz", .offset = 7, .length = 9};
    json_decref(object_of(zhi_buf_view(&line)));
    if (request && zhi_cdxj_post(request, &line, NULL) == ZHI_OK)
      json_decref(object_of(zhi_buf_view(&line)));
    zhi_cdxj_add_original(&line, &o);
    json_t *j = object_of(zhi_buf_view(&line));
    const char *file = json_string_value(json_object_get(j, "orig.filename"));
    hold(file && strcmp(file, o.file) == 0);
    json_decref(j);
  }
  zhi_buf_release(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const struct zhi_warc_reader_options o = {.block_max = 1 << 20};
  struct zhi_warc_reader *r, *next;
  struct zhi_warc_record rec, behind;
  struct zhi_str bytes = zhi_str_n((const char *)data, size);
  hold(zhi_warc_open_bytes(bytes, &o, &r, NULL) == ZHI_OK);
  hold(zhi_warc_open_bytes(bytes, &o, &next, NULL) == ZHI_OK);
  bool more = zhi_warc_next(next, &behind, NULL) == ZHI_OK; /* one record ahead of `r` */
  for (int i = 0; i < RECORDS_MAX && zhi_warc_next(r, &rec, NULL) == ZHI_OK; i++) {
    more = more && zhi_warc_next(next, &behind, NULL) == ZHI_OK;
    check_line(&rec, more ? &behind : NULL);
  }
  zhi_warc_reader_free(next);
  zhi_warc_reader_free(r);
  return 0;
}
