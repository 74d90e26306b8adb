/* A crawl of every CMS family, judged by the county's own truth and record: each document of each column,
 * few requests for it, its fields in every idiom, the table of columns, refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/county.h"

enum { EXIT_FAILURES = 3, REQUESTS_PER_HUNDRED = 110, SHOWN = 3 };

struct judge {
  struct county_world w;
  json_t *truth, *requests, *rows, *verdicts;
};

/* How many there are of a family or idiom, and how many are wrong; the first few are said. */
struct tally {
  const char *of;
  json_t *by_name;
};

static void count(struct tally *t, const char *name, bool good, const char *what, const char *got,
                  const char *want) {
  json_t *o = json_object_get(t->by_name, name);
  if (!o)
    json_object_set_new(t->by_name, name, o = json_pack("{s:i,s:i}", "all", 0, "bad", 0));
  long long bad = county_number(o, "bad");
  json_object_set_new(o, "all", json_integer(county_number(o, "all") + 1));
  json_object_set_new(o, "bad", json_integer(bad + !good));
  if (!good && bad < SHOWN)
    json_object_set_new(o,
                        bad == 0   ? "first"
                        : bad == 1 ? "second"
                                   : "third",
                        json_sprintf("%s: %s, should be %s", what, got, want));
}

static void assert_tally(struct tally *t) {
  const char *name, *which[] = {"first", "second", "third"};
  json_t *o;
  int wrong = 0;
  json_object_foreach(t->by_name, name, o) {
    if (county_number(o, "bad") == 0)
      continue;
    wrong++;
    print_error("%s of %s: %lld of %lld wrong\n", t->of, name, county_number(o, "bad"),
                county_number(o, "all"));
    for (size_t i = 0; i < sizeof which / sizeof *which; i++)
      if (county_text(o, which[i])[0])
        print_error("  %s\n", county_text(o, which[i]));
  }
  assert_true(json_object_size(t->by_name) > 0);
  json_decref(t->by_name);
  assert_int_equal(wrong, 0);
}

static bool is_kind(const json_t *t, const char *kind) {
  return strcmp(county_text(t, "kind"), kind) == 0;
}

/* Good and whole, and once. */
static bool is_captured(const struct judge *j, const json_t *t) {
  const json_t *r = json_object_get(j->requests, county_text(t, "url"));
  return county_number(r, "n") == 1 && county_number(r, "good") == 1;
}

static void assert_all_captured(const struct judge *j, const char *of, const char *kind) {
  struct tally tally = {of, json_object()};
  const json_t *t;
  size_t i;
  json_array_foreach(j->truth, i, t) {
    const json_t *r = json_object_get(j->requests, county_text(t, "url"));
    if (is_kind(t, kind) && json_is_true(json_object_get(t, "must")))
      count(&tally, county_text(t, "family"), is_captured(j, t), county_text(t, "url"),
            county_number(r, "n") ? "not once and well" : "not asked for", "captured");
  }
  assert_tally(&tally);
}

static void every_document_of_every_family_is_captured_once(void **state) {
  assert_all_captured(*state, "documents", "document");
}

static void every_part_of_an_article_is_captured_and_makes_no_row(void **state) {
  struct judge *j = *state;
  const json_t *t;
  size_t i;
  json_array_foreach(j->truth, i, t) {
    if (is_kind(t, "part") && json_object_get(j->rows, county_text(t, "url")))
      fail_msg("%s has a row of its own", county_text(t, "url"));
  }
  assert_all_captured(j, "parts", "part");
}

static void nothing_is_asked_for_that_must_not_be(void **state) {
  struct judge *j = *state;
  const json_t *t;
  size_t i, seen = 0;
  json_array_foreach(j->truth, i, t) {
    if (!json_is_false(json_object_get(t, "must")))
      continue;
    seen++;
    long long n = county_family_requests(j->requests, t);
    if (n > county_number(t, "max"))
      fail_msg("%s (%s): %lld requests", county_text(t, "prefix"), county_text(t, "why"), n);
  }
  assert_true(seen > 100);
}

/* Requests to hosts that refuse are left out: how often one tries there is another matter. */
static json_t *refusing_hosts(const struct judge *j) {
  json_t *hosts = json_object();
  const json_t *t;
  size_t i;
  json_array_foreach(j->truth, i, t) {
    char host[128] = "";
    if (is_kind(t, "blocked") && sscanf(county_text(t, "url"), "http://%127[^/]", host) == 1)
      json_object_set_new(hosts, host, json_true());
  }
  return hosts;
}

/* Useful: each URL of the truth, and each list request of it, once. */
static void few_requests_bring_nothing(void **state) {
  struct judge *j = *state;
  json_t *log = county_lines(j->w.log), *refusing = refusing_hosts(j), *useful = json_object();
  const json_t *t;
  size_t i, all = 0;
  json_array_foreach(j->truth, i, t) {
    if (json_is_true(json_object_get(t, "must")) && !is_kind(t, "list") && is_captured(j, t))
      json_object_set_new(useful, county_text(t, "url"), json_true());
  }
  json_array_foreach(log, i, t) {
    char id[32];
    snprintf(id, sizeof id, "%lld", county_number(t, "truth"));
    if (county_number(t, "truth"))
      json_object_set_new(useful, id, json_true());
    all += !json_object_get(refusing, county_text(t, "host"));
  }
  if (all * 100 > json_object_size(useful) * REQUESTS_PER_HUNDRED)
    fail_msg("%zu requests for %zu useful captures", all, json_object_size(useful));
  assert_true(json_object_size(useful) > 500);
  json_decref(log);
  json_decref(refusing);
  json_decref(useful);
}

static void every_idiom_gives_its_fields(void **state) {
  struct judge *j = *state;
  struct tally tally = {"fields", json_object()};
  const json_t *t;
  size_t i;
  json_array_foreach(j->truth, i, t) {
    const json_t *row = json_object_get(j->rows, county_text(t, "url"));
    const char *name;
    json_t *v;
    if (!is_kind(t, "document") || !is_captured(j, t))
      continue;
    json_object_foreach(json_object_get(t, "fields"), name, v) {
      char what[400];
      snprintf(what, sizeof what, "%s %s", county_text(t, "url"), name);
      const char *got = row ? county_text(row, name) : "no row";
      count(&tally, county_text(t, "idiom"), strcmp(got, json_string_value(v)) == 0, what, got,
            json_string_value(v));
    }
  }
  assert_tally(&tally);
}

/* The row of a column: by its page, or by its first list request where several columns share a page. */
static const json_t *row_of_column(const json_t *rows, const json_t *t) {
  const json_t *row;
  size_t i;
  json_array_foreach(rows, i, row) {
    const char *url = county_text(row, "url");
    if (strcmp(url, county_text(t, "url")) == 0 || strcmp(url, county_text(t, "rows_url")) == 0)
      return row;
  }
  return NULL;
}

static void compare(struct tally *tally, const json_t *t, const json_t *row, const char *cell,
                    const json_t *want) {
  char text[32] = "", what[400];
  if (!want)
    return;
  snprintf(text, sizeof text, "%lld", (long long)json_integer_value(want));
  snprintf(what, sizeof what, "%s %s", county_text(t, "url"), cell);
  const char *got = row ? county_text(row, cell) : "no row";
  count(tally, county_text(t, "family"), strcmp(got, text) == 0, what, got, text);
}

static void the_table_of_columns_is_the_truth(void **state) {
  struct judge *j = *state;
  struct tally tally = {"columns", json_object()};
  json_t *rows = county_table(j->w.archive, "columns.csv");
  const json_t *t;
  size_t i;
  json_array_foreach(j->truth, i, t) {
    if (!is_kind(t, "column") || json_object_get(t, "delisted"))
      continue;
    const json_t *row = row_of_column(rows, t), *declared = json_object_get(t, "declared");
    compare(&tally, t, row, "items_found", json_object_get(t, "total"));
    compare(&tally, t, row, "items_captured", json_object_get(t, "total"));
    compare(&tally, t, row, "declared_total", declared);
    if (county_number(t, "requests") > 1)
      compare(&tally, t, row, "declared_pages", json_object_get(t, "pages"));
    bool complete = !declared || json_equal(declared, json_object_get(t, "total"));
    const char *state_text = row ? county_text(row, "state") : "no row";
    if (county_number(t, "requests") > 1)
      count(&tally, county_text(t, "family"),
            strcmp(state_text, complete ? "complete" : "incomplete") == 0, county_text(t, "url"),
            state_text, complete ? "complete" : "incomplete");
  }
  json_decref(rows);
  assert_tally(&tally);
}

/* Pages that are gone and say so with 200, and products that refuse. */
static void what_is_no_content_is_told_from_content(void **state) {
  struct judge *j = *state;
  struct tally tally = {"verdicts", json_object()};
  const json_t *t;
  size_t i;
  json_array_foreach(j->truth, i, t) {
    const char *url = county_text(t, "url"), *got = county_text(j->verdicts, url);
    json_t *right = json_object_get(t, "verdict");
    if (!right || !json_object_get(j->requests, url))
      continue;
    bool row = json_object_get(j->rows, url);
    count(&tally, county_text(t, "way"), county_is_among(right, got) && !row, url,
          row ? "a document" : got, json_string_value(json_array_get(right, 0)));
  }
  assert_tally(&tally);
}

static int crawl_once(void **state) {
  struct judge *j = calloc(1, sizeof *j);
  if (!(*state = j))
    return -1;
  assert_int_equal(county_crawl_families(&j->w, NULL), EXIT_FAILURES); /* some hosts refuse */
  j->truth = county_lines(j->w.truth);
  j->requests = county_requests(&j->w);
  j->rows = county_rows(&j->w);
  j->verdicts = county_pairs(&j->w, "SELECT url, verdict FROM captures ORDER BY id");
  return 0;
}

static int release(void **state) {
  struct judge *j = *state;
  json_decref(j->truth);
  json_decref(j->requests);
  json_decref(j->rows);
  json_decref(j->verdicts);
  county_release(&j->w);
  free(j);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_document_of_every_family_is_captured_once),
      cmocka_unit_test(every_part_of_an_article_is_captured_and_makes_no_row),
      cmocka_unit_test(nothing_is_asked_for_that_must_not_be),
      cmocka_unit_test(few_requests_bring_nothing),
      cmocka_unit_test(every_idiom_gives_its_fields),
      cmocka_unit_test(the_table_of_columns_is_the_truth),
      cmocka_unit_test(what_is_no_content_is_told_from_content),
  };
  return cmocka_run_group_tests(tests, crawl_once, release);
}
