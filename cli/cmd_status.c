/* status: what is done, due, blocked, and why the crawl has not finished. */
#include <stdio.h>
#include <string.h>

#include "cli/cmd.h"
#include "crawler/status.h"
#include "zhi/json.h"

enum { HOSTS_SHOWN = 20 };

static long long number_of(const json_t *o, const char *key) {
  return (long long)json_integer_value(json_object_get(o, key));
}

/* "  label   a 12, b 3" for an object of numbers; nothing when it has none above zero. */
static void print_counts(const char *label, json_t *counts) {
  const char *key, *before = "";
  json_t *v;
  int any = 0;
  json_object_foreach(counts, key, v) any |= json_integer_value(v) > 0;
  if (!any)
    return;
  printf("  %-12s", label);
  json_object_foreach(counts, key, v) {
    if (json_integer_value(v) == 0)
      continue;
    printf("%s%s %lld", before, key, (long long)json_integer_value(v));
    before = ", ";
  }
  putchar('\n');
}

static void print_hosts(const json_t *hosts) {
  size_t i;
  json_t *h;
  if (json_array_size(hosts) == 0)
    return;
  printf("\n  %-40s %8s %8s %8s %8s %8s\n", "host", "done", "due", "waiting", "failed", "excluded");
  json_array_foreach(hosts, i, h) {
    if (i == HOSTS_SHOWN) {
      printf("  ... %zu more (see --json)\n", json_array_size(hosts) - i);
      break;
    }
    printf("  %-40s %8lld %8lld %8lld %8lld %8lld\n", zhi_json_text(h, "origin"),
           number_of(h, "done"), number_of(h, "due"), number_of(h, "waiting"),
           number_of(h, "failed"), number_of(h, "excluded"));
  }
}

static void print_proposed(const json_t *hosts) {
  size_t i;
  json_t *h;
  json_array_foreach(hosts, i, h) {
    if (i == 0)
      printf("\n  hosts that navigation proposes for scope.domains:\n");
    if (i == HOSTS_SHOWN) {
      printf("  ... %zu more (see --json)\n", json_array_size(hosts) - i);
      break;
    }
    printf("  %-32s %s, under \"%s\"%s%s\n", zhi_json_text(h, "host"), zhi_json_text(h, "name"),
           zhi_json_text(h, "caption"), zhi_json_text(h, "reason")[0] ? "; " : "",
           zhi_json_text(h, "reason"));
  }
}

/* What an unfinished crawl waits for, and until when. */
static void print_waits(const json_t *o) {
  size_t i, k;
  json_t *v, *host;
  if (json_is_true(json_object_get(o, "waits_for_room")))
    printf(
        "\n  the disk takes no more (%.1f MB are free): it goes on by itself when there is room\n",
        (double)number_of(o, "free_bytes") / 1e6);
  if (zhi_json_text(o, "hours_until")[0])
    printf("\n  politeness.hours: no request before %s\n", zhi_json_text(o, "hours_until"));
  json_array_foreach(json_object_get(o, "blocked"), i, v) {
    printf("%s  stay away until %s:", i ? "" : "\n", zhi_json_text(v, "until"));
    json_array_foreach(json_object_get(v, "hosts"), k, host)
        printf(" %s", json_string_value(host) ? json_string_value(host) : "");
    putchar('\n');
  }
  json_array_foreach(json_object_get(o, "retries"), i, v)
      printf("%s  try again at %s: %lld URLs (%s)\n", i ? "" : "\n", zhi_json_text(v, "first"),
             number_of(v, "urls"), zhi_json_text(v, "reason"));
}

static void print_person(const json_t *o) {
  const json_t *crawl = json_object_get(o, "crawl"), *why = json_object_get(o, "why_unfinished");
  size_t i;
  json_t *v;
  if (json_is_object(crawl)) {
    const char *finished = zhi_json_text(crawl, "finished");
    printf("%s: crawl %s, begun %s, %s%s%s\n", zhi_json_text(o, "archive"),
           zhi_json_text(crawl, "name"), zhi_json_text(crawl, "started"),
           finished[0]                                   ? zhi_json_text(crawl, "state")
           : json_is_true(json_object_get(o, "running")) ? "running"
                                                         : "not finished",
           finished[0] ? " " : "", finished);
  } else {
    printf("%s: no crawl yet\n", zhi_json_text(o, "archive"));
  }
  print_counts("URLs", json_object_get(o, "urls"));
  print_counts("captures", json_object_get(o, "captures"));
  print_counts("verdicts", json_object_get(o, "verdicts"));
  print_counts("pages", json_object_get(o, "documents"));
  print_counts("columns", json_object_get(o, "columns"));
  print_counts("hosts named", json_object_get(o, "discovered"));
  print_counts("excluded", json_object_get(o, "excluded_by_reason"));
  print_counts("failed", json_object_get(o, "failed_by_reason"));
  print_counts("WARC", json_object_get(o, "warc"));
  print_hosts(json_object_get(o, "hosts"));
  print_proposed(json_object_get(o, "proposed_hosts"));
  if (strcmp(zhi_json_text(crawl, "state"), "running") == 0)
    print_waits(o);
  json_array_foreach(why, i, v)
      printf("%s%s", i ? ", " : "\n  not finished: ", json_string_value(v));
  if (json_array_size(why))
    putchar('\n');
  if (zhi_json_text(o, "next_due")[0])
    printf("  next try: %s\n", zhi_json_text(o, "next_due"));
}

int cmd_status(int argc, char **argv) {
  int as_json = 0;
  const struct cmd_flag flags[] = {
      {"json", NULL, NULL, &as_json,
       "one JSON object, with every excluded, failed and blocked URL and its reason"},
      {NULL, NULL, NULL, NULL, NULL}};
  struct zhi_err e = {0};
  struct zhi_store *s = NULL;
  json_t *o = NULL;
  int code = cmd_flags(&argc, argv, flags);
  if (code)
    return code;
  if (argc != 2)
    return cmd_usage("status", argc < 2 ? "which archive?" : "one archive at a time");
  if (zhi_store_open(argv[1], ZHI_STORE_READ, &zhi_clock_system, &s, &e) ||
      zhi_archive_status(s, as_json, zhi_now_ms(&zhi_clock_system), &o, &e))
    code = cmd_fail("status", &e);
  else if (!as_json)
    print_person(o);
  else
    cmd_print_json(o);
  json_decref(o);
  zhi_store_close(s);
  return code;
}
