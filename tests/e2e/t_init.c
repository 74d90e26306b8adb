/* A config proposed after a look at the simulated county is one that crawls it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/county.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

#define PORTAL  "http://www.qinglan.gov.cn/"
#define CONTACT "https://example.org/bot"

static int set_up(void **state) {
  struct county_world *w = calloc(1, sizeof *w);
  assert_non_null(w);
  county_start(w, (const char *const[]){"--scenario", "demo", NULL});
  *state = w;
  return 0;
}

static int tear_down(void **state) {
  county_release(*state);
  free(*state);
  return 0;
}

/* The county's config gives way to a proposal; `connect_to` gets its last row. */
static void take_config_away(const struct county_world *w, char connect_to[64]) {
  char line[256];
  FILE *f = fopen(w->config, "r");
  assert_non_null(f);
  while (fgets(line, sizeof line, f))
    sscanf(line, " - \"%63[0-9.:]\"", connect_to);
  fclose(f);
  assert_int_equal(unlink(w->config), 0);
}

static void assert_said(const struct county_world *w, const char *text) {
  char *said = county_output(w);
  if (!strstr(said, text))
    fail_msg("'%s' is not in: %s", text, said);
  free(said);
}

static void a_proposed_config_crawls_the_county(void **state) {
  const struct county_world *w = *state;
  char to[64] = "";
  take_config_away(w, to);
  const char *const init[] = {
      "init",      PORTAL,  "-o",           w->config, "--operator",      "Tester",
      "--contact", CONTACT, "--connect-to", to,        "--allow-private", NULL};
  assert_int_equal(county_run(w, init), 0);
  assert_int_equal(county_run(w, init), EXIT_FAILED);
  assert_said(w, "is there already");
  assert_int_equal(county_run(w, (const char *const[]){"crawl", w->config, "--max-pages", "3", "-a",
                                                       w->archive, "--progress", "off", NULL}),
                   4);
  county_config(w, "politeness:", "politeness: { min_delay: 0s, factor: 0 }");
  assert_int_equal(county_run(w, (const char *const[]){"crawl", w->config, "-a", w->archive,
                                                       "--progress", "off", NULL}),
                   0);
  json_t *rows = county_csv(w->archive);
  assert_true(json_array_size(rows) > 20);
  json_decref(rows);
}

static void a_proposal_tells_what_the_look_found(void **state) {
  static const char *const expected[] = {"cluster: qinglan\n",
                                         "name: \"青岚县\"",
                                         "division_code: \"411499\"",
                                         "# robots.txt: found",
                                         "# http: answers 200",
                                         "# https: fails",
                                         "seeds: [ \"http://www.qinglan.gov.cn/\" ]",
                                         "UTF-8 (",
                                         "- \"qinglan.gov.cn\"",
                                         "czj.qinglan.gov.cn",
                                         "# - \"www.bu-wei.gov.cn\""};
  const struct county_world *w = *state;
  char to[64] = "";
  take_config_away(w, to);
  assert_int_equal(county_run(w, (const char *const[]){"init", PORTAL, "--connect-to", to,
                                                       "--allow-private", NULL}),
                   0);
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
    assert_said(w, expected[i]);
}

static void without_an_operator_the_proposal_does_not_crawl(void **state) {
  const struct county_world *w = *state;
  char to[64] = "";
  take_config_away(w, to);
  assert_int_equal(
      county_run(w, (const char *const[]){"init", PORTAL, "-o", w->config, "--connect-to", to,
                                          "--allow-private", NULL}),
      0);
  assert_int_equal(county_run(w, (const char *const[]){"crawl", w->config, NULL}), EXIT_USAGE);
  assert_said(w, "operator");
}

static void a_portal_that_does_not_answer_is_an_error_with_its_cause(void **state) {
  const struct county_world *w = *state;
  assert_int_equal(county_run(w, (const char *const[]){"init", PORTAL, "--connect-to",
                                                       "::127.0.0.1:1", "--allow-private", NULL}),
                   EXIT_FAILED);
  assert_said(w, "connect to server");
  assert_int_equal(county_run(w, (const char *const[]){"init", "ftp://x.gov.cn/", NULL}),
                   EXIT_USAGE);
}

/* The proposal for a county of one family, which is all it names. */
static void propose_for(const char *shape, const char *const *said, size_t n) {
  struct county_world w;
  char to[64] = "";
  county_start(&w, (const char *const[]){"--pages", "120", "--shapes", shape, NULL});
  take_config_away(&w, to);
  assert_int_equal(county_run(&w, (const char *const[]){"init", PORTAL, "--connect-to", to,
                                                        "--allow-private", NULL}),
                   0);
  for (size_t i = 0; i < n; i++)
    assert_said(&w, said[i]);
  char *all = county_output(&w);
  const char *first = strstr(all, "# list family:");
  assert_non_null(first);
  assert_null(strstr(first + 1, "# list family:"));
  free(all);
  county_release(&w);
}

static void the_family_of_the_lists_shapes_the_config(void **state) {
  static const char *const computed[] = {
      "# list family: Hanweb", "made for each request; such as http://www.qinglan.gov.cn/",
      "documents: 1 hour at this pace", "discover_cluster: follow", "min_delay: 2s"};
  static const char *const fixed[] = {"# list family: TRS", "min_delay: 1s"};
  /* lists without a pager: its articles' addresses tell it */
  static const char *const unpaged[] = {"# list family: VSB",
                                        "; such as http://www.qinglan.gov.cn/"};
  /* lists with the pager of another family */
  static const char *const borrowed[] = {"# list family: UCAP"};
  (void)state;
  propose_for("hanweb", computed, sizeof computed / sizeof *computed);
  propose_for("trs", fixed, sizeof fixed / sizeof *fixed);
  propose_for("vsb", unpaged, sizeof unpaged / sizeof *unpaged);
  propose_for("ucap", borrowed, sizeof borrowed / sizeof *borrowed);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      CASE(a_proposed_config_crawls_the_county),
      CASE(a_proposal_tells_what_the_look_found),
      CASE(without_an_operator_the_proposal_does_not_crawl),
      cmocka_unit_test(the_family_of_the_lists_shapes_the_config),
      CASE(a_portal_that_does_not_answer_is_an_error_with_its_cause),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
