/* inspect sitemap: the URLs of a sitemap, an index, a feed or a list. */
#include <stdio.h>

#include "cli/cmd.h"
#include "zhi/limits.h"
#include "zhi/sitemap.h"

#define ARENA_BYTES ZHI_MIB(128)

json_t *inspect_sitemap_json(const json_t *in, struct zhi_err *e) {
  struct zhi_arena arena;
  struct zhi_buf bytes;
  struct zhi_sitemap s;
  json_t *out = NULL;
  zhi_arena_init(&arena, ARENA_BYTES);
  if (inspect_base64(in, "bytes_b64", &bytes, e) == ZHI_OK &&
      zhi_sitemap_parse(&arena, zhi_buf_view(&bytes), inspect_string(in, "url"), &s, e) == ZHI_OK) {
    json_t *urls = json_array(), *lastmod = json_array();
    for (size_t i = 0; urls && lastmod && i < s.count; i++) {
      json_array_append_new(urls, zhi_json_str(s.urls[i]));
      json_array_append_new(lastmod, zhi_json_str(s.lastmod[i]));
    }
    out = json_pack("{s:s,s:o,s:o}", "kind", zhi_sitemap_kind_name(s.kind), "urls", urls, "lastmod",
                    lastmod);
  }
  zhi_buf_release(&bytes);
  zhi_arena_release(&arena);
  return out;
}

int inspect_sitemap_plain(int argc, char **argv) {
  const char *url = NULL;
  const struct cmd_flag flags[] = {{"url", "URL", &url, NULL, "where the file came from"},
                                   {NULL, NULL, NULL, NULL, NULL}};
  int rc = cmd_flags(&argc, argv, flags);
  if (rc)
    return rc;
  if (argc != 2)
    return cmd_usage("inspect", "sitemap: which file?");
  struct zhi_err e = {0};
  struct zhi_arena arena;
  struct zhi_buf bytes;
  struct zhi_sitemap s;
  zhi_arena_init(&arena, ARENA_BYTES);
  if (zhi_read_file(argv[1], ZHI_SITEMAP_MAX_BYTES, &bytes, &e) != ZHI_OK ||
      zhi_sitemap_parse(&arena, zhi_buf_view(&bytes), zhi_str_of(url), &s, &e) != ZHI_OK)
    rc = cmd_fail("inspect", &e);
  for (size_t i = 0; !rc && i < s.count; i++)
    printf("%s\t%.*s\t%.*s\n", zhi_sitemap_kind_name(s.kind), ZHI_STR_ARGS(s.urls[i]),
           ZHI_STR_ARGS(s.lastmod[i]));
  zhi_buf_release(&bytes);
  zhi_arena_release(&arena);
  return rc;
}
