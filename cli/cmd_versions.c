/* versions: what a URL showed, one line a version, and when each was seen. */
#include "cli/cmd.h"
#include "zhi/browse.h"
#include "zhi/compare.h"
#include "zhi/json.h"
#include "zhi/url.h"

enum { KEY_MAX = 1 << 16, ROWS_MAX = 10000 };

static enum zhi_code ask(struct zhi_store *s, const char *url, json_t **out, struct zhi_err *e) {
  struct zhi_buf key;
  json_t *versions = NULL, *urls = NULL;
  zhi_buf_init(&key, KEY_MAX);
  zhi_surt(zhi_str_of(url), &key);
  enum zhi_code rc = zhi_buf_check(&key, "a URL", e);
  struct zhi_str arg = zhi_buf_view(&key);
  if (!rc)
    rc = zhi_browse(s, ZHI_BROWSE_VERSIONS, &arg, 1, ROWS_MAX, 0, &versions, e);
  if (!rc)
    rc = zhi_browse(s, ZHI_BROWSE_URL, &arg, 1, ROWS_MAX, 0, &urls, e);
  if (!rc && !json_array_size(urls))
    rc = zhi_never_captured(s, zhi_str_of(url), e);
  if (!rc)
    *out = json_pack("{s:s, s:s, s:O, s:O}", "url", url, "url_key", key.p, "versions", versions,
                     "urls", urls);
  json_decref(versions);
  json_decref(urls);
  zhi_buf_release(&key);
  return rc;
}

static void print(const json_t *o) {
  size_t i;
  json_t *v;
  json_array_foreach(json_object_get(o, "versions"), i, v) {
    const char *validity = zhi_json_text(v, "validity"), *before = zhi_json_text(v, "before");
    printf("%lld\t%s\t%s\t%s\t%s\t%s\n",
           (long long)json_integer_value(json_object_get(v, "version")),
           zhi_json_text(v, "captured"), zhi_json_text(v, "last_seen"), before[0] ? before : "-",
           validity[0] ? validity : "-", zhi_json_text(v, "title"));
  }
  json_array_foreach(json_object_get(o, "urls"), i, v) {
    const char *life = zhi_json_text(v, "life");
    if (life[0] && strcmp(life, "live") != 0)
      printf("%s\t%s\t%s\t%s\n", life, zhi_json_text(v, "gone_since"), zhi_json_text(v, "moved_to"),
             zhi_json_text(v, "url"));
  }
  if (!json_array_size(json_object_get(o, "versions")))
    fprintf(stderr, "xianzhi versions: it was tried, and never showed anything\n");
}

int cmd_versions(int argc, char **argv) {
  int as_json = 0;
  const struct cmd_flag flags[] = {
      {"json", NULL, NULL, &as_json, "one JSON object, with digests and what became of the URL"},
      {NULL, NULL, NULL, NULL, NULL}};
  struct zhi_store *s = NULL;
  struct zhi_err e = {0};
  json_t *o = NULL;
  int bad = cmd_flags(&argc, argv, flags);
  if (bad)
    return bad;
  if (argc != 3)
    return cmd_usage("versions", argc < 2 ? "which archive?" : "one URL at a time");
  enum zhi_code rc = zhi_store_open(argv[1], ZHI_STORE_READ, &zhi_clock_system, &s, &e);
  if (!rc)
    rc = ask(s, argv[2], &o, &e);
  if (!rc && as_json)
    cmd_print_json(o);
  else if (!rc)
    print(o);
  json_decref(o);
  zhi_store_close(s);
  return rc ? cmd_fail("versions", &e) : EXIT_DONE;
}
