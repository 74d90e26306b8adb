/* search: the full text of archives, for a person or as JSON. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "crawler/attached.h"
#include "zhi/json.h"
#include "zhi/search.h"

static void warn(void *ctx, const char *text) {
  (void)ctx;
  fprintf(stderr, "xianzhi search: warning: %s\n", text);
}

/* [[text, marked], …]: bold and red on a terminal, in 【】 elsewhere. */
static void print_marked(const json_t *pieces, bool colour) {
  size_t i;
  json_t *piece;
  json_array_foreach(pieces, i, piece) {
    bool marked = json_is_true(json_array_get(piece, 1));
    printf("%s%s%s", marked ? colour ? "\033[1;31m" : "【" : "",
           json_string_value(json_array_get(piece, 0)), marked ? colour ? "\033[0m" : "】" : "");
  }
}

static void print_field(const json_t *o, const char *key) {
  const char *s = zhi_json_text(o, key);
  if (s[0])
    printf("  %s", s);
}

static void print_result(const json_t *o, int64_t number, bool many, bool colour) {
  const json_t *title = json_object_get(o, "title_marks");
  printf("%" PRId64 ". ", number);
  if (json_array_size(title))
    print_marked(title, colour);
  else
    fputs(zhi_json_text(o, "url"), stdout);
  printf("\n   %s\n  ", zhi_json_text(o, "url"));
  if (many)
    print_field(o, "county");
  print_field(o, "date");
  print_field(o, "publisher");
  print_field(o, "doc_no");
  printf("  %.10s..%.10s%s\n", zhi_json_text(o, "first_seen"), zhi_json_text(o, "last_seen"),
         json_is_true(json_object_get(o, "current")) ? "" : "  no longer in the latest version");
  if (json_array_size(json_object_get(o, "snippet"))) {
    fputs("   ", stdout);
    print_marked(json_object_get(o, "snippet"), colour);
    putchar('\n');
  }
}

static void print_answer(const json_t *answer, int64_t offset, bool many) {
  size_t i;
  json_t *o;
  bool colour = isatty(STDOUT_FILENO) == 1;
  json_array_foreach(json_object_get(answer, "results"), i, o)
      print_result(o, offset + (int64_t)i + 1, many, colour);
  json_int_t total = json_integer_value(json_object_get(answer, "total"));
  fprintf(stderr, "xianzhi search: %" PRId64 " %s%s\n", (int64_t)total,
          total == 1 ? "document" : "documents",
          total ? "" : "; look for fewer or shorter words (docs/search.md)");
}

/* What attached files say, before the index is looked at. Where that cannot be kept, they are not searched. */
static void read_attached(const char *const *dirs, size_t count) {
  for (size_t i = 0; i < count; i++) {
    struct zhi_attached_done done;
    struct zhi_err e = {0};
    if (zhi_attached_read(dirs[i], &done, &e))
      warn(NULL, e.msg);
    else if (done.texts)
      fprintf(stderr,
              "xianzhi search: %s: %" PRId64 " attached files read, %" PRId64
              " of them without text or only in part\n",
              dirs[i], done.texts, done.findings);
  }
}

static int ask(const char *const *dirs, size_t count, const struct zhi_search_ask *q, bool json) {
  struct zhi_search_options o = {.may_update = true, .warn = warn};
  struct zhi_search *s = NULL;
  struct zhi_err e = {0};
  json_t *answer = NULL;
  read_attached(dirs, count);
  enum zhi_code rc = zhi_search_open(dirs, count, &o, &s, &e);
  if (!rc)
    rc = zhi_search_query(s, q, &answer, &e);
  zhi_search_close(s);
  if (rc)
    return cmd_fail("search", &e);
  if (json)
    cmd_print_json(answer);
  else
    print_answer(answer, q->offset, count > 1);
  json_decref(answer);
  return EXIT_DONE;
}

static int rebuild(const char *const *dirs, size_t count) {
  read_attached(dirs, count);
  for (size_t i = 0; i < count; i++) {
    struct zhi_search_done done;
    struct zhi_err e = {0};
    if (zhi_search_update(dirs[i], true, &done, &e))
      return cmd_fail("search", &e);
    fprintf(stderr, "xianzhi search: %s: %" PRId64 " versions in the index\n", dirs[i], done.total);
  }
  return EXIT_DONE;
}

static int number(const char *flag, const char *text, int64_t *out) {
  unsigned long long n;
  char why[128];
  if (zhi_str_u64(zhi_str_of(text), 10000, &n)) {
    *out = (int64_t)n;
    return 0;
  }
  snprintf(why, sizeof why, "--%s is a number up to 10000, not '%.40s'", flag, text);
  return cmd_usage("search", why);
}

int cmd_search(int argc, char **argv) {
  const char *limit = "20", *offset = "0";
  int json = 0, all = 0, facets = 0, by_date = 0, again = 0;
  const struct cmd_flag flags[] = {
      {"limit", "N", &limit, NULL, "how many are shown (20)"},
      {"offset", "N", &offset, NULL, "how many of the best are passed over"},
      {"json", NULL, NULL, &json, "one object with all that is known of each"},
      {"all-versions", NULL, NULL, &all, "a row for every version, not one a document"},
      {"facets", NULL, NULL, &facets, "in JSON: counts by host, publisher, year, topic, …"},
      {"newest", NULL, NULL, &by_date, "newest first, not the best first"},
      {"rebuild", NULL, NULL, &again, "make the index of the archives anew; no QUERY"},
      {NULL, NULL, NULL, NULL, NULL}};
  int bad = cmd_flags(&argc, argv, flags);
  if (bad)
    return bad;
  if (again && argc > 1)
    return rebuild((const char *const *)argv + 1, (size_t)argc - 1);
  if (argc < 3)
    return cmd_usage("search", argc < 2 ? "which archives?" : "what for?");
  struct zhi_search_ask q = {.query = zhi_str_of(argv[argc - 1]),
                             .all_versions = all,
                             .facets = facets,
                             .by_date = by_date};
  if ((bad = number("limit", limit, &q.limit)) || (bad = number("offset", offset, &q.offset)))
    return bad;
  return ask((const char *const *)argv + 1, (size_t)argc - 2, &q, json);
}
