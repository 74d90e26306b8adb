/* inspect url: resolve a reference against a base as the URL Standard does. */
#include <stdio.h>

#include "cli/cmd.h"
#include "zhi/url.h"

/* What one call works with: the parsed base and the document's encoding. */
struct context {
  struct zhi_url base;
  bool has_base;
  const struct zhi_encoding *enc;
};

/* false: the base is no URL, so nothing can be resolved against it. */
static bool context_init(struct context *c, struct zhi_str base, struct zhi_str charset) {
  *c = (struct context){.enc = charset.p ? zhi_encoding_of(charset) : NULL};
  zhi_url_init(&c->base);
  c->has_base = base.p != NULL;
  return !c->has_base || zhi_url_parse_into(base, NULL, NULL, &c->base, NULL) == ZHI_OK;
}

static enum zhi_code resolve(const struct context *c, struct zhi_str input, struct zhi_url *out,
                             struct zhi_err *e) {
  return zhi_url_parse(input, c->has_base ? &c->base : NULL, c->enc, out, e);
}

json_t *inspect_url_json(const json_t *in, struct zhi_err *e) {
  struct zhi_str input = inspect_string(in, "input");
  if (!input.p) {
    zhi_fail(e, ZHI_EUSAGE, "missing key 'input'");
    return NULL;
  }
  struct context c;
  struct zhi_url url;
  json_t *href = NULL;
  if (context_init(&c, inspect_string(in, "base"), inspect_string(in, "charset")) &&
      resolve(&c, input, &url, NULL) == ZHI_OK) {
    href = zhi_json_str(zhi_buf_view(&url.href));
    zhi_url_release(&url);
  }
  zhi_url_release(&c.base);
  return json_pack("{s:o}", "href", href ? href : json_null());
}

static void print_part(const char *name, struct zhi_str s) {
  if (s.p)
    printf("  %-9s %.*s\n", name, ZHI_STR_ARGS(s));
}

static void print_url(const struct zhi_url *u) {
  printf("%s\n", u->href.p);
  print_part("scheme", u->scheme);
  print_part("host", u->host);
  printf("  %-9s %u\n", "port", zhi_url_port(u));
  print_part("path", u->path);
  print_part("query", u->query);
  print_part("fragment", u->fragment);
  if (u->host.p)
    print_part("domain", zhi_registrable(u->host));
}

int inspect_url_plain(int argc, char **argv) {
  const char *base = NULL, *charset = NULL;
  const struct cmd_flag flags[] = {
      {"base", "URL", &base, NULL, "what relative references start from"},
      {"charset", "C", &charset, NULL, "the document's encoding, for the query"},
      {NULL, NULL, NULL, NULL, NULL}};
  struct zhi_err e = {0};
  int rc = cmd_flags(&argc, argv, flags);
  if (rc)
    return rc;
  if (argc < 2)
    return cmd_usage("inspect", "which URL?");
  if (charset && !zhi_encoding_of(zhi_str_of(charset)))
    return cmd_usage("inspect", "unknown charset");
  struct context c;
  if (!context_init(&c, base ? zhi_str_of(base) : ZHI_STR_NONE,
                    charset ? zhi_str_of(charset) : ZHI_STR_NONE))
    rc = cmd_usage("inspect", "the base is not a URL");
  for (int i = 1; i < argc && rc != EXIT_USAGE; i++) {
    struct zhi_url u;
    if (resolve(&c, zhi_str_of(argv[i]), &u, &e) != ZHI_OK) {
      rc = cmd_fail("inspect", &e);
      continue;
    }
    print_url(&u);
    zhi_url_release(&u);
  }
  zhi_url_release(&c.base);
  return rc;
}
