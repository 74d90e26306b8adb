/* Servers with bad certificates and old protocols: refused with the reason, or, when the config says so, captured and
 * the reason recorded. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/county.h"
#include "tests/support/tls_server.h"

static const struct row {
  const char *host, *name; /* asked for; in the certificate */
  long from_days, to_days;
  bool by_authority;
  int version;
  const char *recorded; /* with tls: record, the authority trusted */
  const char *refused;  /* with tls: verify, nobody trusted */
} rows[] = {
    {"sound.x.gov.cn", "sound.x.gov.cn", -1, 30, true, 0, "ok", "unknown_issuer"},
    {"expired.x.gov.cn", "expired.x.gov.cn", -30, -1, true, 0, "expired", "unknown_issuer"},
    {"early.x.gov.cn", "early.x.gov.cn", 10, 30, true, 0, "not_yet_valid", "unknown_issuer"},
    {"self.x.gov.cn", "self.x.gov.cn", -1, 30, false, 0, "self_signed", "self_signed"},
    {"name.x.gov.cn", "other.x.gov.cn", -1, 30, true, 0, "wrong_name", "unknown_issuer"},
    {"old.x.gov.cn", "old.x.gov.cn", -1, 30, true, TLS1_VERSION, "old_version", "unknown_issuer"}};

enum { ROWS = sizeof rows / sizeof *rows };

struct scene {
  struct county_world w; /* without a county */
  struct tls_authority authority;
  struct tls_server servers[ROWS];
};

static int set_up(void **state) {
  struct scene *s = calloc(1, sizeof *s);
  char path[128];
  assert_non_null(s);
  signal(SIGPIPE, SIG_IGN);
  snprintf(s->w.dir, sizeof s->w.dir, "/tmp/zhi-tls-XXXXXX");
  assert_non_null(mkdtemp(s->w.dir));
  snprintf(s->w.config, sizeof s->w.config, "%s/config.yaml", s->w.dir);
  snprintf(s->w.archive, sizeof s->w.archive, "%s/archive", s->w.dir);
  snprintf(path, sizeof path, "%s/authority.pem", s->w.dir);
  tls_authority_make(&s->authority, path);
  setenv("SSL_CERT_FILE", path, 1);
  for (size_t i = 0; i < ROWS; i++)
    tls_server_start(&s->servers[i],
                     &(struct tls_server_options){rows[i].name, rows[i].from_days, rows[i].to_days,
                                                  rows[i].by_authority ? &s->authority : NULL,
                                                  rows[i].version});
  *state = s;
  return 0;
}

static int tear_down(void **state) {
  struct scene *s = *state;
  for (size_t i = 0; i < ROWS; i++)
    tls_server_stop(&s->servers[i]);
  tls_authority_release(&s->authority);
  county_release(&s->w);
  unsetenv("SSL_CERT_FILE");
  free(s);
  return 0;
}

static void write_config(const struct scene *s, const char *policy) {
  FILE *f = fopen(s->w.config, "w");
  assert_non_null(f);
  fprintf(f, "cluster: x\nseeds:\n");
  for (size_t i = 0; i < ROWS; i++)
    fprintf(f, "  - https://%s/\n", rows[i].host);
  fprintf(f,
          "operator: { name: Test, contact: \"https://example.org/bot\" }\n"
          "scope: { domains: [ x.gov.cn ] }\nallow_private: true\n"
          "politeness: { min_delay: 0s, factor: 0, backoff: 1s }\n"
          "http: { tls: %s, retries: 0 }\nconnect_to:\n",
          policy);
  for (size_t i = 0; i < ROWS; i++)
    fprintf(f, "  - \"%s::127.0.0.1:%d\"\n", rows[i].host, s->servers[i].port);
  assert_int_equal(fclose(f), 0);
}

/* "verdict tls" of each home page. */
static json_t *crawl(const struct scene *s, const char *policy, int code) {
  write_config(s, policy);
  int got = county_run(&s->w, (const char *const[]){"crawl", s->w.config, "-a", s->w.archive,
                                                    "--progress", "off", NULL});
  if (got != code) {
    char *said = county_output(&s->w);
    fail_msg("exit %d: %s", got, said);
  }
  return county_pairs(&s->w,
                      "SELECT replace(replace(url, 'https://', ''), '/', ''), verdict || ' ' "
                      "|| coalesce(tls, '') FROM captures WHERE url LIKE '%.cn/'");
}

static void with_record_all_are_captured_and_what_is_wrong_is_kept(void **state) {
  json_t *got = crawl(*state, "record", 0);
  for (size_t i = 0; i < ROWS; i++) {
    char want[64];
    snprintf(want, sizeof want, "ok %s", rows[i].recorded);
    print_message("%s\n", rows[i].host);
    assert_string_equal(county_text(got, rows[i].host), want);
  }
  json_decref(got);
}

static void with_verify_none_of_them_is_asked_for_a_page(void **state) {
  json_t *got = crawl(*state, "verify", 3);
  const char *host, *why;
  json_t *v;
  json_object_foreach(got, host, v) {
    why = json_string_value(v);
    if (strncmp(why, "ok", 2) == 0)
      fail_msg("%s: %s", host, why);
  }
  json_decref(got);
  got = county_pairs(*state, "SELECT replace(replace(url, 'https://', ''), '/robots.txt', ''), "
                             "verdict || ' ' || coalesce(tls, '') FROM captures");
  for (size_t i = 0; i < ROWS; i++) {
    char want[64];
    snprintf(want, sizeof want, "tls %s", rows[i].refused);
    print_message("%s\n", rows[i].host);
    assert_string_equal(county_text(got, rows[i].host), want);
  }
  json_decref(got);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(with_record_all_are_captured_and_what_is_wrong_is_kept,
                                      set_up, tear_down),
      cmocka_unit_test_setup_teardown(with_verify_none_of_them_is_asked_for_a_page, set_up,
                                      tear_down)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
