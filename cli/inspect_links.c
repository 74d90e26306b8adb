/* inspect links: every reference of a page, a style sheet or an XML answer, as the crawler would see it. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cmd.h"
#include "zhi/charset.h"
#include "zhi/limits.h"
#include "zhi/links.h"

struct job {
  struct zhi_arena arena;
  struct zhi_buf room; /* decoded text */
  struct zhi_links links;
  bool over_budget;
};

static void job_init(struct job *j) {
  *j = (struct job){.over_budget = false};
  zhi_arena_init(&j->arena, ZHI_HTML_ARENA_BYTES);
  zhi_buf_init(&j->room, ZHI_DECODED_MAX_BYTES);
}

static void job_release(struct job *j) {
  zhi_arena_release(&j->arena);
  zhi_buf_release(&j->room);
}

/* One way to read the page; false when it spent the budget. */
static bool attempt(struct job *j, const struct zhi_links_in *in, struct zhi_str kind, bool tree) {
  jmp_buf escape;
  j->arena.escape = &escape;
  zhi_arena_cpu_budget(&j->arena, ZHI_HTML_CPU_MS);
  if (setjmp(escape))
    return false;
  if (zhi_str_is(kind, "css")) {
    zhi_links_css(&j->arena, in, &j->links);
  } else if (zhi_str_is(kind, "xml")) {
    zhi_links_xml(&j->arena, in, &j->links);
  } else if (tree) {
    struct zhi_html h;
    zhi_html_parse(&j->arena, in->text, &h);
    zhi_links_html(&j->arena, in, &h, &j->links);
  } else {
    zhi_links_scan(&j->arena, in, &j->links, NULL);
  }
  return true;
}

static void run(struct job *j, struct zhi_str bytes, struct zhi_str url, struct zhi_str label,
                struct zhi_str kind) {
  struct zhi_charset cs = zhi_charset_decide(bytes, label);
  struct zhi_links_in in = {.url = url, .enc = cs.enc};
  if (zhi_charset_text(&cs, bytes, &j->room, &in.text, NULL) != ZHI_OK && !in.text.p)
    in.text = ZHI_STR("");
  if (in.text.len <= ZHI_HTML_MAX_BYTES && attempt(j, &in, kind, true))
    return;
  zhi_arena_reset(&j->arena);
  j->over_budget = true;
  j->links = (struct zhi_links){.base = url};
  if (!attempt(j, &in, kind, false))
    j->links = (struct zhi_links){.base = url};
}

static json_t *to_json(const struct job *j) {
  json_t *list = json_array();
  for (size_t i = 0; list && i < j->links.count; i++) {
    const struct zhi_link *l = &j->links.items[i];
    json_t *one =
        json_pack("{s:o,s:s}", "url", zhi_json_str(l->url), "kind", zhi_link_kind_name(l->kind));
    if (one && l->text.len)
      json_object_set_new(one, "text", zhi_json_str(l->text));
    if (one && l->nofollow)
      json_object_set_new(one, "nofollow", json_true());
    json_array_append_new(list, one);
  }
  json_t *out = json_pack("{s:o,s:o}", "links", list, "base", zhi_json_str(j->links.base));
  if (out && j->over_budget)
    json_object_set_new(out, "finding", json_string("html_budget"));
  return out;
}

json_t *inspect_links_json(const json_t *in, struct zhi_err *e) {
  struct zhi_buf bytes;
  struct zhi_str url = inspect_string(in, "url");
  json_t *out = NULL;
  if (!url.p) {
    zhi_fail(e, ZHI_EUSAGE, "missing key 'url'");
    return NULL;
  }
  if (inspect_base64(in, "html_b64", &bytes, e) == ZHI_OK) {
    struct job j;
    job_init(&j);
    run(&j, zhi_buf_view(&bytes), url, inspect_string(in, "http_charset"),
        inspect_string(in, "kind"));
    out = to_json(&j);
    job_release(&j);
  }
  zhi_buf_release(&bytes);
  return out;
}

int inspect_links_plain(int argc, char **argv) {
  const char *url = NULL, *kind = "html", *label = NULL;
  const struct cmd_flag flags[] = {
      {"url", "URL", &url, NULL, "where the file came from"},
      {"kind", "html|css|xml", &kind, NULL, "what the file is"},
      {"http-charset", "LABEL", &label, NULL, "charset parameter of the Content-Type header"},
      {NULL, NULL, NULL, NULL, NULL}};
  int rc = cmd_flags(&argc, argv, flags);
  if (rc)
    return rc;
  if (argc != 2 || !url)
    return cmd_usage("inspect", argc != 2 ? "links: which file?" : "links: --url is needed");
  struct zhi_err e = {0};
  struct zhi_buf bytes;
  rc = EXIT_DONE;
  if (zhi_read_file(argv[1], ZHI_DECODED_MAX_BYTES, &bytes, &e) != ZHI_OK) {
    rc = cmd_fail("inspect", &e);
  } else {
    struct job j;
    job_init(&j);
    run(&j, zhi_buf_view(&bytes), zhi_str_of(url), label ? zhi_str_of(label) : ZHI_STR_NONE,
        zhi_str_of(kind));
    for (size_t i = 0; i < j.links.count; i++) {
      const struct zhi_link *l = &j.links.items[i];
      printf("%-11s %.*s\t%.*s\n", zhi_link_kind_name(l->kind), ZHI_STR_ARGS(l->url),
             ZHI_STR_ARGS(l->text));
    }
    job_release(&j);
  }
  zhi_buf_release(&bytes);
  return rc;
}
