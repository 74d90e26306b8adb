/* A crawl that knows the portal alone and follows what its navigation names: captions and site codes decide. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/county.h"

enum { JOINED_MIN = 25 };

#define PORTAL "www.qinglan.gov.cn"

struct judge {
  struct county_world w;
  json_t *truth, *requests, *states, *reasons;
};

static bool is_kind(const json_t *t, const char *kind) {
  return strcmp(county_text(t, "kind"), kind) == 0;
}

static const char *state_of(const struct judge *j, const char *host) {
  return county_text(j->states, host);
}

/* The host of a URL, cut out of it. */
static const char *host_of(const char *url, char out[128]) {
  if (sscanf(url, "http://%127[^/:]", out) != 1)
    fail_msg("no host in %s", url);
  return out;
}

static void every_host_of_the_cluster_is_found_and_joins_by_its_code(void **state) {
  const struct judge *j = *state;
  const json_t *t;
  size_t i, joined = 0;
  json_array_foreach(j->truth, i, t) {
    const char *host = county_text(t, "host");
    if (!is_kind(t, "host"))
      continue;
    if (!json_is_true(json_object_get(t, "in")))
      assert_string_not_equal(state_of(j, host), "joined");
    else if (strcmp(state_of(j, host), "joined") == 0)
      joined++;
    else if (strcmp(county_text(j->reasons, host), "no_site_code") != 0)
      fail_msg("%s is %s, %s", host, state_of(j, host), county_text(j->reasons, host));
  }
  assert_true(joined >= JOINED_MIN);
}

static void a_sibling_county_is_proposed_and_no_stranger_is_asked(void **state) {
  const struct judge *j = *state;
  const char *url;
  json_t *r;
  const json_t *t;
  size_t i;
  char host[128];
  assert_string_equal(state_of(j, "www.linxian.gov.cn"), "proposed");
  assert_string_equal(county_text(j->reasons, "www.linxian.gov.cn"), "sibling");
  assert_true(json_object_size(j->requests) > 0);
  json_object_foreach(j->requests, url, r) {
    host_of(url, host);
    json_array_foreach(j->truth, i, t) {
      if (is_kind(t, "host") && strcmp(county_text(t, "host"), host) == 0 &&
          !json_is_true(json_object_get(t, "in")))
        fail_msg("%s is not of the cluster and was asked for", url);
    }
  }
}

static void every_document_of_a_host_that_joined_is_captured(void **state) {
  const struct judge *j = *state;
  const json_t *t;
  size_t i, documents = 0;
  char host[128];
  json_array_foreach(j->truth, i, t) {
    const char *url = county_text(t, "url");
    if (!is_kind(t, "document") || !json_is_true(json_object_get(t, "must")) ||
        strcmp(state_of(j, host_of(url, host)), "joined") != 0)
      continue;
    documents++;
    const json_t *r = json_object_get(j->requests, url);
    if (county_number(r, "n") != 1 || county_number(r, "good") != 1)
      fail_msg("%s: %lld requests, %lld good", url, county_number(r, "n"),
               county_number(r, "good"));
  }
  assert_true(documents > 1000);
}

static int crawl_once(void **state) {
  struct judge *j = calloc(1, sizeof *j);
  if (!(*state = j))
    return -1;
  assert_int_equal(
      county_crawl_families(&j->w, "  domains: [ " PORTAL " ]\n  discover_cluster: follow"), 0);
  j->truth = county_lines(j->w.truth);
  j->requests = county_requests(&j->w);
  j->states = county_pairs(&j->w, "SELECT host, state FROM discovered_hosts");
  j->reasons = county_pairs(&j->w, "SELECT host, reason FROM discovered_hosts");
  return 0;
}

static int release(void **state) {
  struct judge *j = *state;
  json_decref(j->truth);
  json_decref(j->requests);
  json_decref(j->states);
  json_decref(j->reasons);
  county_release(&j->w);
  free(j);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_host_of_the_cluster_is_found_and_joins_by_its_code),
      cmocka_unit_test(a_sibling_county_is_proposed_and_no_stranger_is_asked),
      cmocka_unit_test(every_document_of_a_host_that_joined_is_captured),
  };
  return cmocka_run_group_tests(tests, crawl_once, release);
}
