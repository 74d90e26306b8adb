/* explain: a URL's whole story, for a person or as JSON. */
#include <stdio.h>
#include <string.h>

#include "cli/cmd.h"
#include "crawler/story.h"
#include "zhi/json.h"

static void line(const char *label, const char *text, const char *more) {
  if (text[0])
    printf("  %-14s %s%s%s\n", label, text, more[0] ? ": " : "", more);
}

static void print_attempts(const json_t *attempts) {
  size_t i;
  json_t *a;
  json_array_foreach(attempts, i, a) {
    printf("  %-14s %s  %s", i ? "" : "attempts", zhi_json_text(a, "at"),
           zhi_json_text(a, "verdict"));
    if (json_is_integer(json_object_get(a, "status")))
      printf(" %lld", (long long)json_integer_value(json_object_get(a, "status")));
    if (json_is_integer(json_object_get(a, "version")))
      printf(", version %lld", (long long)json_integer_value(json_object_get(a, "version")));
    if (zhi_json_text(a, "redirect_to")[0])
      printf(" to %s", zhi_json_text(a, "redirect_to"));
    if (zhi_json_text(a, "error")[0])
      printf(": %s", zhi_json_text(a, "error"));
    if (zhi_json_text(a, "warc_file")[0])
      printf("  %s @%lld", zhi_json_text(a, "warc_file"),
             (long long)json_integer_value(json_object_get(a, "warc_offset")));
    putchar('\n');
  }
}

static void print_known(const json_t *o) {
  size_t i;
  json_t *v;
  json_array_foreach(json_object_get(o, "via"), i, v)
      line(i ? "" : "found on", zhi_json_text(v, "url"), zhi_json_text(v, "text"));
  line("found at", zhi_json_text(o, "found"), "");
  json_array_foreach(json_object_get(o, "listed_by"), i, v)
      line(i ? "" : "listed by", zhi_json_text(v, "url"), zhi_json_text(v, "name"));
  line("state", zhi_json_text(o, "state"),
       zhi_json_text(o, "reason")[0] ? zhi_json_text(o, "reason") : zhi_json_text(o, "verdict"));
  line("", zhi_json_text(o, "detail"), "");
  line("ledger", zhi_json_text(o, "life"), zhi_json_text(o, "moved_to"));
  line("first seen", zhi_json_text(o, "first_seen"), "");
  line("last seen", zhi_json_text(o, "last_seen"), "");
  line("gone since", zhi_json_text(o, "gone_since"), "");
  line("delisted", zhi_json_text(o, "delisted"), "");
  print_attempts(json_object_get(o, "attempts"));
  line("next visit", zhi_json_text(o, "next_visit"), "in the first crawl from then on");
  line("stay away until", zhi_json_text(o, "blocked_until"), "");
}

static void print_person(const json_t *o) {
  const json_t *scope = json_object_get(o, "scope"), *robots = json_object_get(o, "robots");
  const json_t *allowed = json_object_get(robots, "allowed");
  printf("%s\n", zhi_json_text(o, "url"));
  if (json_is_true(json_object_get(o, "known")))
    print_known(o);
  else
    line("state", "never seen", "no captured page links to it");
  line("scope", zhi_json_text(scope, "decision"), zhi_json_text(scope, "sentence"));
  if (allowed)
    line("robots.txt", json_is_true(allowed) ? "allows it" : "forbids it",
         zhi_json_text(robots, "rule"));
  else
    line("robots.txt", zhi_json_text(robots, "state"), "");
  line("nearest known", zhi_json_text(o, "nearest"), "");
}

int cmd_explain(int argc, char **argv) {
  int as_json = 0;
  const struct cmd_flag flags[] = {{"json", NULL, NULL, &as_json, "one JSON object"},
                                   {NULL, NULL, NULL, NULL, NULL}};
  struct zhi_err e = {0};
  struct zhi_store *s = NULL;
  json_t *o = NULL;
  int code = EXIT_DONE;
  if (cmd_flags(&argc, argv, flags))
    return EXIT_USAGE;
  if (argc != 3)
    return cmd_usage("explain", argc < 2 ? "which archive?" : "which URL?");
  if (zhi_store_open(argv[1], ZHI_STORE_READ, &zhi_clock_system, &s, &e) ||
      zhi_url_story(s, argv[1], argv[2], &o, &e))
    code = cmd_fail("explain", &e);
  else if (!as_json)
    print_person(o);
  else
    cmd_print_json(o);
  json_decref(o);
  zhi_store_close(s);
  return code;
}
