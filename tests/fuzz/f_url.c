/* URL parser. Input: base, newline, reference (one line alone: no base). What parses must parse again to
 * itself, its parts must lie in its serialisation, and its host must resolve to itself. */
#include <stdint.h>
#include <stdlib.h>

#include "zhi/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
  if (!holds)
    abort();
}

static void check_part(const struct zhi_url *u, struct zhi_str part) {
  must(!part.p || !part.len ||
       (part.p >= u->href.p && part.p + part.len <= u->href.p + u->href.len));
}

static void check(const struct zhi_url *u) {
  struct zhi_url again;
  check_part(u, u->scheme);
  check_part(u, u->username);
  check_part(u, u->password);
  check_part(u, u->host);
  check_part(u, u->port);
  check_part(u, u->path);
  check_part(u, u->query);
  check_part(u, u->fragment);
  must(u->scheme.len > 0);
  for (size_t i = 0; i < u->href.len; i++)
    must((unsigned char)u->href.p[i] >= 0x20 && (unsigned char)u->href.p[i] < 0x7F);
  must(zhi_url_parse(zhi_buf_view(&u->href), NULL, NULL, &again, NULL) == ZHI_OK);
  must(zhi_str_eq(zhi_buf_view(&u->href), zhi_buf_view(&again.href)));
  must(zhi_str_eq(u->host, again.host) && zhi_str_eq(u->path, again.path));
  zhi_url_release(&again);
  zhi_registrable(u->host);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct zhi_str rest = zhi_str_n((const char *)data, size);
  struct zhi_str first = zhi_str_cut(&rest, '\n');
  const struct zhi_encoding *enc = size % 2 ? zhi_encoding_of(ZHI_STR("gbk")) : NULL;
  struct zhi_url base, url;
  if (zhi_url_parse(first, NULL, enc, &base, NULL) != ZHI_OK)
    return 0;
  check(&base);
  zhi_url_init(&url);
  for (int round = 0; round < 2 && rest.p; round++) /* the buffer is used again */
    if (zhi_url_parse_into(rest, &base, enc, &url, NULL) == ZHI_OK)
      check(&url);
  zhi_url_release(&url);
  zhi_url_release(&base);
  return 0;
}
