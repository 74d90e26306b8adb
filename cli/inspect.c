/* inspect: every parser reachable from outside. With --jsonl one JSON object a line in, exactly one out, in
 * order, whatever the input; without it, a plain form for a person. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cmd.h"

static const struct inspect_subject subjects[] = {
    {"robots", inspect_robots_json, inspect_robots_plain, "[--agent TOKEN] FILE URL..."},
    {"url", inspect_url_json, inspect_url_plain, "[--base URL] [--charset C] URL..."},
    {"key", inspect_key_json, inspect_key_plain, "URL..."},
    {"warc", inspect_warc_json, inspect_warc_plain, "FILE..."},
    {"charset", inspect_charset_json, inspect_charset_plain, "[--http-charset LABEL] FILE..."},
    {"links", inspect_links_json, inspect_links_plain, "--url URL [--kind html|css|xml] FILE"},
    {"date", inspect_date_json, inspect_date_plain, "TEXT..."},
    {"document", inspect_document_json, inspect_document_plain, "FILE [URL]"},
    {"sitemap", inspect_sitemap_json, inspect_sitemap_plain, "[--url URL] FILE"},
    {NULL, NULL, NULL, NULL},
};

struct zhi_str inspect_string(const json_t *in, const char *key) {
  const json_t *v = json_object_get(in, key);
  return json_is_string(v) ? zhi_str_n(json_string_value(v), json_string_length(v)) : ZHI_STR_NONE;
}

enum zhi_code inspect_base64(const json_t *in, const char *key, struct zhi_buf *out,
                             struct zhi_err *e) {
  struct zhi_str text = inspect_string(in, key);
  zhi_buf_init(out, (size_t)1 << 30);
  if (!text.p)
    return zhi_fail(e, ZHI_EUSAGE, "missing key '%s'", key);
  size_t pad = 0;
  while (pad < 2 && pad < text.len && text.p[text.len - 1 - pad] == '=')
    pad++;
  if (text.len % 4 != 0 || text.len > INT32_MAX)
    return zhi_fail(e, ZHI_EUSAGE, "'%s' is not base64", key);
  if (!zhi_buf_reserve(out, text.len / 4 * 3 + 4))
    return zhi_buf_check(out, key, e);
  int n = text.len ? EVP_DecodeBlock((unsigned char *)out->p, (const unsigned char *)text.p,
                                     (int)text.len)
                   : 0;
  if (n < 0)
    return zhi_fail(e, ZHI_EUSAGE, "'%s' is not base64", key);
  out->len = (size_t)n - pad;
  out->p[out->len] = '\0';
  return ZHI_OK;
}

static int run_jsonl(const struct inspect_subject *s) {
  char *line = NULL;
  size_t cap = 0;
  ssize_t n;
  while ((n = getline(&line, &cap, stdin)) > 0) {
    json_error_t why;
    struct zhi_err e = {0};
    json_t *in = json_loadb(line, (size_t)n, JSON_ALLOW_NUL, &why), *out = NULL;
    if (!json_is_object(in))
      zhi_fail(&e, ZHI_EPARSE, "input line is not a JSON object: %s",
               in ? "another type" : why.text);
    else
      out = s->json(in, &e);
    if (!out)
      out = json_pack("{s:s}", "error", e.msg[0] ? e.msg : "no result");
    if (!out || json_dumpf(out, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6)) != 0)
      fputs("{\"error\":\"cannot serialise the result\"}", stdout);
    fputc('\n', stdout);
    fflush(stdout);
    json_decref(out);
    json_decref(in);
  }
  free(line);
  return EXIT_DONE;
}

static void print_help(enum help_form form) {
  static const struct cmd_flag flags[] = {
      {"jsonl", NULL, NULL, NULL, "one JSON object a line in, exactly one out"},
      {NULL, NULL, NULL, NULL, NULL}};
  cmd_help(cmd_find("inspect"), flags, form);
  for (const struct inspect_subject *s = subjects; s->name; s++)
    cmd_help_row(s->name, s->usage, form);
}

int cmd_inspect(int argc, char **argv) {
  const struct inspect_subject *s = subjects;
  while (argc > 1 && s->name && strcmp(s->name, argv[1]) != 0)
    s++;
  if (argc < 2 || !s->name) {
    enum help_form form;
    if (argc > 1 && cmd_help_asked(argv[1], &form)) {
      print_help(form);
      return EXIT_DONE;
    }
    return cmd_usage("inspect", argc < 2 ? "which subject?" : "unknown subject");
  }
  for (int i = 2; i < argc; i++) {
    enum help_form form;
    if (strcmp(argv[i], "--jsonl") == 0)
      return run_jsonl(s);
    if (cmd_help_asked(argv[i], &form)) {
      printf("usage: xianzhi inspect %s %s\n       xianzhi inspect %s --jsonl\n", s->name, s->usage,
             s->name);
      return EXIT_DONE;
    }
  }
  char name[64]; /* as complaints call it */
  snprintf(name, sizeof name, "inspect %s", s->name);
  argv[1] = name;
  return s->plain(argc - 1, argv + 1);
}
