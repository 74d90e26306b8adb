/* explain: a URL's whole story, for a person or as JSON. */
#include <stdio.h>
#include <string.h>

#include "cli/cmd.h"
#include "crawler/story.h"

static const char *text_of(const json_t *o, const char *key) {
  const char *s = json_string_value(json_object_get(o, key));
  return s ? s : "";
}

static void line(const char *label, const char *text, const char *more) {
  if (text[0])
    printf("  %-14s %s%s%s\n", label, text, more[0] ? ": " : "", more);
}

static void print_attempts(const json_t *attempts) {
  size_t i;
  json_t *a;
  json_array_foreach(attempts, i, a) {
    printf("  %-14s %s  %s", i ? "" : "attempts", text_of(a, "at"), text_of(a, "verdict"));
    if (json_is_integer(json_object_get(a, "status")))
      printf(" %lld", (long long)json_integer_value(json_object_get(a, "status")));
    if (json_is_integer(json_object_get(a, "version")))
      printf(", version %lld", (long long)json_integer_value(json_object_get(a, "version")));
    if (text_of(a, "redirect_to")[0])
      printf(" to %s", text_of(a, "redirect_to"));
    if (text_of(a, "error")[0])
      printf(": %s", text_of(a, "error"));
    if (text_of(a, "warc_file")[0])
      printf("  %s @%lld", text_of(a, "warc_file"),
             (long long)json_integer_value(json_object_get(a, "warc_offset")));
    putchar('\n');
  }
}

static void print_known(const json_t *o) {
  size_t i;
  json_t *v;
  json_array_foreach(json_object_get(o, "via"), i, v)
      line(i ? "" : "found on", text_of(v, "url"), text_of(v, "text"));
  line("found at", text_of(o, "found"), "");
  json_array_foreach(json_object_get(o, "listed_by"), i, v)
      line(i ? "" : "listed by", text_of(v, "url"), text_of(v, "name"));
  line("state", text_of(o, "state"),
       text_of(o, "reason")[0] ? text_of(o, "reason") : text_of(o, "verdict"));
  line("", text_of(o, "detail"), "");
  line("ledger", text_of(o, "life"), text_of(o, "moved_to"));
  line("first seen", text_of(o, "first_seen"), "");
  line("last seen", text_of(o, "last_seen"), "");
  line("gone since", text_of(o, "gone_since"), "");
  line("delisted", text_of(o, "delisted"), "");
  print_attempts(json_object_get(o, "attempts"));
  line("next visit", text_of(o, "next_visit"), "in the first crawl from then on");
  line("stay away until", text_of(o, "blocked_until"), "");
}

static void print_person(const json_t *o) {
  const json_t *scope = json_object_get(o, "scope"), *robots = json_object_get(o, "robots");
  const json_t *allowed = json_object_get(robots, "allowed");
  printf("%s\n", text_of(o, "url"));
  if (json_is_true(json_object_get(o, "known")))
    print_known(o);
  else
    line("state", "never seen", "no captured page links to it");
  line("scope", text_of(scope, "decision"), text_of(scope, "sentence"));
  if (allowed)
    line("robots.txt", json_is_true(allowed) ? "allows it" : "forbids it", text_of(robots, "rule"));
  else
    line("robots.txt", text_of(robots, "state"), "");
  line("nearest known", text_of(o, "nearest"), "");
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
