/* inspect robots: what a robots.txt says to an agent about some URLs. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cmd.h"
#include "zhi/limits.h"
#include "zhi/robots.h"

static json_t *sitemaps_json(const struct zhi_robots *r) {
  json_t *out = json_array();
  for (size_t i = 0; i < zhi_robots_sitemap_count(r); i++)
    json_array_append_new(out, zhi_json_str(zhi_robots_sitemap(r, i)));
  return out;
}

static json_t *delay_json(const struct zhi_robots *r) {
  int64_t ms = zhi_robots_crawl_delay_ms(r);
  if (ms < 0)
    return json_null();
  return ms % 1000 ? json_real((double)ms / 1000) : json_integer(ms / 1000);
}

json_t *inspect_robots_json(const json_t *in, struct zhi_err *e) {
  struct zhi_buf text;
  struct zhi_robots *r = NULL;
  json_t *out = NULL, *allow = NULL;
  const json_t *urls = json_object_get(in, "urls");
  struct zhi_str agent = inspect_string(in, "agent");
  if (inspect_base64(in, "robots_b64", &text, e))
    goto out;
  if (!agent.p || !json_is_array(urls)) {
    zhi_fail(e, ZHI_EUSAGE, "expected 'agent' and a list 'urls'");
    goto out;
  }
  if (zhi_robots_parse(zhi_buf_view(&text), agent, &r, e))
    goto out;
  allow = json_array();
  size_t i;
  const json_t *url;
  json_array_foreach(urls, i, url) {
    struct zhi_str u = zhi_str_n(json_string_value(url), json_string_length(url));
    json_array_append_new(allow, json_boolean(zhi_robots_allowed(r, u, NULL)));
  }
  out = json_pack("{s:o, s:o, s:o}", "allow", allow, "crawl_delay", delay_json(r), "sitemaps",
                  sitemaps_json(r));
out:
  zhi_robots_free(r);
  zhi_buf_release(&text);
  return out;
}

static void print_verdict(const struct zhi_robots *r, const char *url) {
  size_t line;
  bool yes = zhi_robots_allowed(r, zhi_str_of(url), &line);
  if (line)
    printf("%s\t%s\tline %zu\n", yes ? "allow" : "deny", url, line);
  else
    printf("%s\t%s\tno rule\n", yes ? "allow" : "deny", url);
}

int inspect_robots_plain(int argc, char **argv) {
  const char *agent = "xianzhi";
  const struct cmd_flag flags[] = {
      {"agent", "TOKEN", &agent, NULL, "product token to judge for (xianzhi)"},
      {NULL, NULL, NULL, NULL, NULL}};
  struct zhi_err e = {0};
  struct zhi_buf text;
  struct zhi_robots *r = NULL;
  int rc = cmd_flags(&argc, argv, flags);
  if (rc)
    return rc;
  if (argc < 2)
    return cmd_usage("inspect", "robots: which file?");
  if (zhi_read_file(argv[1], ZHI_MIB(64), &text, &e) ||
      zhi_robots_parse(zhi_buf_view(&text), zhi_str_of(agent), &r, &e)) {
    zhi_buf_release(&text);
    return cmd_fail("inspect", &e);
  }
  for (int i = 2; i < argc; i++)
    print_verdict(r, argv[i]);
  if (zhi_robots_crawl_delay_ms(r) >= 0)
    printf("crawl-delay\t%.3f s\n", (double)zhi_robots_crawl_delay_ms(r) / 1000);
  for (size_t i = 0; i < zhi_robots_sitemap_count(r); i++)
    printf("sitemap\t%.*s\n", ZHI_STR_ARGS(zhi_robots_sitemap(r, i)));
  zhi_robots_free(r);
  zhi_buf_release(&text);
  return EXIT_DONE;
}
