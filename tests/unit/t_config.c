/* The config: each way to be wrong with the place it is said at, cross checks, connect_to, the user agent,
 * and that the example and the manual are current. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "crawler/config.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Four lines that are right; a case adds its own from line 5 on. */
#define HEAD                                                                                       \
  "cluster: demo\n"                                                                                \
  "operator: {name: Somebody, contact: 'https://example.org/bot'}\n"                               \
  "seeds:\n"                                                                                       \
  "  - http://www.demo.gov.cn/\n"

static struct zhi_config *parse(const char *text) {
  struct zhi_config *c = NULL;
  struct zhi_err e = {0};
  if (zhi_config_parse(zhi_str_of(text), "f.yaml", &c, &e))
    fail_msg("%s", e.msg);
  return c;
}

static void the_least_config_has_all_defaults(void **state) {
  (void)state;
  struct zhi_config *c = parse(HEAD);
  assert_string_equal(c->archive, "archives/demo");
  assert_int_equal(c->politeness.min_delay_ms, 1000);
  assert_int_equal(c->politeness.factor_milli, 2000);
  assert_int_equal(c->politeness.connections_per_server, 1);
  assert_int_equal(c->politeness.hours.to_min, 1440);
  assert_int_equal(c->budget.body_max, 64000000);
  assert_int_equal(c->scope.discover_cluster, ZHI_DISCOVER_PROPOSE);
  assert_false(c->allow_private);
  zhi_config_free(c);
}

struct error_case {
  const char *text, *want;
};

static void check_errors(const struct error_case *c, size_t n) {
  for (size_t i = 0; i < n; i++) {
    struct zhi_config *out = NULL;
    struct zhi_err e = {0};
    enum zhi_code rc = zhi_config_parse(zhi_str_of(c[i].text), "f.yaml", &out, &e);
    if (rc != ZHI_EUSAGE || strncmp(e.msg, c[i].want, strlen(c[i].want)) != 0)
      fail_msg("case %zu: code %d, got\n  %s\nwant\n  %s", i, (int)rc, e.msg, c[i].want);
    assert_null(out);
  }
}

static void every_error_of_form_names_line_and_column(void **state) {
  (void)state;
  static const struct error_case cases[] = {
      {HEAD "nonsense: 1\n", "f.yaml:5:1: key 'nonsense': unknown key"},
      {HEAD "workerz: 1\n", "f.yaml:5:1: key 'workerz': unknown key; did you mean 'workers'?"},
      {HEAD "min_delay: 1s\n",
       "f.yaml:5:1: key 'min_delay': unknown key; did you mean 'politeness.min_delay'?"},
      {HEAD "politeness:\n  min_dely: 1s\n",
       "f.yaml:6:3: key 'politeness.min_dely': unknown key; did you mean 'politeness.min_delay'?"},
      {HEAD "politeness: {max_delay: 5}\n",
       "f.yaml:5:25: key 'politeness.max_delay': the number needs a unit: ms, s, m, h or d"},
      {HEAD "politeness: {max_delay: 5 secs}\n",
       "f.yaml:5:25: key 'politeness.max_delay': unknown unit 'secs'; use ms, s, m, h or d"},
      {HEAD "budget:\n  body_max: 5Mb\n",
       "f.yaml:6:13: key 'budget.body_max': unknown unit 'Mb'; use B, KB, MB"},
      {HEAD "budget: {body_max: 5B}\n",
       "f.yaml:5:20: key 'budget.body_max': 5B is under the least, 1KiB"},
      {HEAD "politeness: {connections_per_server: 17}\n",
       "f.yaml:5:38: key 'politeness.connections_per_server': 17 is over the most, 16"},
      {HEAD "politeness: {connections_per_server: two}\n",
       "f.yaml:5:38: key 'politeness.connections_per_server': 'two' is not an integer"},
      {HEAD "politeness: 5s\n",
       "f.yaml:5:13: key 'politeness': expected a mapping: {key: value}, found a single value"},
      {HEAD "politeness:\n", "f.yaml:5:12: key 'politeness': expected a mapping"},
      {HEAD "name: [a]\n", "f.yaml:5:7: key 'name': expected text, found a list"},
      {HEAD "name:\n", "f.yaml:5:6: key 'name': has no value"},
      {HEAD "scope: {domains: x.gov.cn}\n",
       "f.yaml:5:18: key 'scope.domains': expected a list: [a, b], found a single value"},
      {HEAD "scope: {domains: [{a: b}]}\n",
       "f.yaml:5:19: key 'scope.domains': expected text as entry, found a mapping"},
      {HEAD "scope: {discover_cluster: folow}\n",
       "f.yaml:5:27: key 'scope.discover_cluster': 'folow' is not one of off, propose, follow; did "
       "you mean 'follow'?"},
      {HEAD "allow_private: maybe\n", "f.yaml:5:16: key 'allow_private': expected true or false"},
      {HEAD "politeness: {hours: always}\n",
       "f.yaml:5:21: key 'politeness.hours': expected a window of the day"},
      {HEAD "name: a\nname: b\n", "f.yaml:6:1: key 'name': is given twice"},
      {HEAD "robots: {noindex: true}\nrobots: {nofollow: true}\n",
       "f.yaml:6:1: key 'robots': is given twice"},
      {HEAD "fields: {title: '//a', title: '//b'}\n",
       "f.yaml:5:24: key 'fields': entry 'title' is given twice"},
      {HEAD "name: \"a\\nb\"\n", "f.yaml:5:7: key 'name': contains a control character"},
      {HEAD "name: 'unclosed\n", "f.yaml:6:1: not YAML: found unexpected end of stream"},
      {HEAD "\tname: x\n", "f.yaml:5:1: not YAML: found a tab character"},
      {HEAD "? [a]\n: b\n", "f.yaml:5:3: key '': expected a name as key, found a list"},
      {HEAD "---\nname: x\n", "f.yaml:6:1: a second document begins here"},
      {"- a\n", "f.yaml:1:1: expected keys and values, found a list"},
      {"", "f.yaml:1:1: key 'cluster': is required"},
      {"cluster: x\nseeds: []\n", "f.yaml:2:8: key 'seeds': needs at least 1 entry"},
  };
  check_errors(cases, COUNT(cases));
}

static void every_error_of_sense_names_line_and_column(void **state) {
  (void)state;
  static const struct error_case cases[] = {
      {"cluster: x\nseeds: ['http://a.gov.cn/']\n", "f.yaml:1:1: key 'operator.name': is required"},
      {"cluster: x\nseeds: ['http://a.gov.cn/']\noperator: {name: Me}\n",
       "f.yaml:1:1: key 'operator.contact': is required"},
      {"cluster: x\nseeds: ['http://a.gov.cn/']\noperator: {name: ' ', contact: a@b.org}\n",
       "f.yaml:3:18: key 'operator.name': must not be blank"},
      {"cluster: x\nseeds: ['http://a.gov.cn/']\noperator: {name: Me, contact: 'call me'}\n",
       "f.yaml:3:31: key 'operator.contact': 'call me' is neither an http(s) address nor a mail"},
      {"cluster: A b\nseeds: ['http://a.gov.cn/']\noperator: {name: Me, contact: a@b.org}\n",
       "f.yaml:1:10: key 'cluster': 'A b' is not made of a-z, 0-9 and hyphens"},
      {"cluster: x\noperator: {name: Me, contact: a@b.org}\nseeds:\n- http://a.gov.cn/\n- "
       "ftp://b/\n",
       "f.yaml:5:3: key 'seeds': 'ftp://b/' is not an http or https address"},
      {HEAD "division_code: 41148\n",
       "f.yaml:5:16: key 'division_code': '41148' is not six digits"},
      {HEAD "politeness: {min_delay: 499ms}\n",
       "f.yaml:5:25: key 'politeness.min_delay': under 500ms is refused; only with allow_private"},
      {HEAD "politeness: {min_delay: 90s}\n", "f.yaml: key 'politeness.max_delay': is under"},
      {HEAD "recrawl: {documents_min: 9d, documents_max: 8d}\n",
       "f.yaml:5:45: key 'recrawl.documents_max': is under recrawl.documents_min"},
      {HEAD "scope: {domains: ['http://a.gov.cn/']}\n",
       "f.yaml:5:19: key 'scope.domains': 'http://a.gov.cn/' is not a host name"},
      {HEAD "scope: {include_paths: [a/]}\n",
       "f.yaml:5:25: key 'scope.include_paths': 'a/' does not begin with a slash"},
      {HEAD "scope: {exclude: [/a, b]}\n",
       "f.yaml:5:23: key 'scope.exclude': 'b' begins neither with /, * nor http"},
      {HEAD "fields: {tilte: '//a'}\n", "f.yaml:5:17: key 'fields': there is no field 'tilte'"},
      {HEAD "fields:\n  title: '//h1'\n  doc_no: '//div['\n",
       "f.yaml:7:11: key 'fields': XPath '//div[' is malformed"},
      {HEAD "fields: {title: '//a[@b=\"c]'}\n",
       "f.yaml:5:17: key 'fields': XPath '//a[@b=\"c]' is malformed: a quote is not closed"},
      {HEAD "fields: {title: 'document(\"x\")'}\n",
       "f.yaml:5:17: key 'fields': XPath 'document(\"x\")' cannot be evaluated"},
      {HEAD "fields: {x.gov.cn/list_itens: '//li'}\n",
       "f.yaml:5:31: key 'fields': there is no field 'list_itens'"},
      {HEAD "fields: {/title: '//li'}\n",
       "f.yaml:5:18: key 'fields': there is no host before the slash of '/title'"},
      {HEAD "connect_to: ['::127.0.0.1']\n",
       "f.yaml:5:14: key 'connect_to': '::127.0.0.1' is not HOST:PORT:TO-HOST:TO-PORT"},
      {HEAD "connect_to: ['a:80:b:x']\n", "f.yaml:5:14: key 'connect_to': 'a:80:b:x' is not"},
      {HEAD "connect_to: ['a:99999:b:1']\n", "f.yaml:5:14: key 'connect_to':"},
      {HEAD "connect_to: ['::::1:80']\n", "f.yaml:5:14: key 'connect_to':"},
      {HEAD "connect_to: ['::[::1:80']\n", "f.yaml:5:14: key 'connect_to':"},
  };
  check_errors(cases, COUNT(cases));
}

static void no_delay_is_for_private_machines(void **state) {
  (void)state;
  struct zhi_config *c =
      parse(HEAD "allow_private: true\npoliteness: {min_delay: 0s, factor: 0.5}\n");
  assert_int_equal(c->politeness.min_delay_ms, 0);
  assert_int_equal(c->politeness.factor_milli, 500);
  zhi_config_free(c);
}

static void connect_to_is_curls(void **state) {
  (void)state;
  static const struct {
    const char *rows, *host;
    uint16_t port;
    bool matched;
    const char *to_host;
    uint16_t to_port;
  } cases[] = {
      {"'::127.0.0.1:8099'", "www.a.gov.cn", 80, true, "127.0.0.1", 8099},
      {"'::127.0.0.1:8099'", "www.a.gov.cn", 443, true, "127.0.0.1", 8099},
      {"'a.cn:80:b.cn:81'", "A.CN", 80, true, "b.cn", 81},
      {"'a.cn:80:b.cn:81'", "a.cn", 443, false, "a.cn", 443},
      {"'a.cn::b.cn:'", "a.cn", 8080, true, "b.cn", 8080},
      {"'a.cn:80::81'", "a.cn", 80, true, "a.cn", 81},
      {"'x.cn::1.1.1.1:1', '::2.2.2.2:2'", "a.cn", 80, true, "2.2.2.2", 2},
      {"'::[::1]:8099'", "a.cn", 80, true, "::1", 8099},
      {"'[2001:db8::1]:80:[::1]:81'", "[2001:DB8::1]", 80, true, "::1", 81},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    char text[512];
    snprintf(text, sizeof text, HEAD "connect_to: [%s]\n", cases[i].rows);
    struct zhi_config *c = parse(text);
    struct zhi_str to;
    uint16_t port;
    bool yes = zhi_connect_to_match(c, zhi_str_of(cases[i].host), cases[i].port, &to, &port);
    if (yes != cases[i].matched || !zhi_str_is(to, cases[i].to_host) || port != cases[i].to_port)
      fail_msg("case %zu: %d '%.*s' %u", i, yes, ZHI_STR_ARGS(to), port);
    zhi_config_free(c);
  }
}

static void the_user_agent_is_printable_ascii(void **state) {
  (void)state;
  struct zhi_config *c =
      parse("cluster: x\nseeds: ['http://a.gov.cn/']\n"
            "operator: {name: 'A (县) B', contact: 'https://example.org/bot'}\n");
  struct zhi_buf b;
  zhi_buf_init(&b, 1000);
  zhi_user_agent(c, &b);
  assert_string_equal(b.p, "xianzhi/0.1 (+https://example.org/bot; A %28%E5%8E%BF%29 B)");
  zhi_buf_release(&b);
  zhi_config_free(c);
}

static void the_example_is_a_config_with_every_key(void **state) {
  (void)state;
  struct zhi_config *c = NULL;
  struct zhi_err e = {0};
  if (zhi_config_load("config/yongcheng.yaml", &c, &e))
    fail_msg("%s", e.msg);
  assert_string_equal(c->name, "永城市");
  /* Every key of the reference stands in the example. */
  struct zhi_buf doc, text;
  zhi_buf_init(&doc, 1 << 20);
  zhi_buf_init(&text, 1 << 20);
  zhi_config_markdown(&doc);
  FILE *f = fopen("config/yongcheng.yaml", "r");
  assert_non_null(f);
  char line[1024];
  while (fgets(line, sizeof line, f))
    zhi_buf_adds(&text, line);
  fclose(f);
  for (const char *at = doc.p; (at = strstr(at, "\n| `")) != NULL;) {
    at += 4;
    char key[100];
    size_t n = strcspn(at, "`"), dot = n;
    while (dot && at[dot - 1] != '.')
      dot--;
    snprintf(key, sizeof key, "%.*s:", (int)(n - dot), at + dot);
    if (!strstr(text.p, key))
      fail_msg("the example lacks %s", key);
  }
  zhi_buf_release(&doc);
  zhi_buf_release(&text);
  zhi_config_free(c);
}

/* Renew: XIANZHI_RENEW=1 build/tests/unit/t_config */
static void the_manual_is_current(void **state) {
  (void)state;
  struct zhi_buf want, have;
  zhi_buf_init(&want, 1 << 20);
  zhi_buf_init(&have, 1 << 20);
  zhi_config_markdown(&want);
  if (getenv("XIANZHI_RENEW")) {
    FILE *f = fopen("docs/config.md", "w");
    assert_non_null(f);
    fputs(want.p, f);
    fclose(f);
  }
  FILE *f = fopen("docs/config.md", "r");
  assert_non_null(f);
  char chunk[4096];
  size_t n;
  while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
    zhi_buf_add(&have, chunk, n);
  fclose(f);
  assert_string_equal(have.p, want.p);
  zhi_buf_release(&want);
  zhi_buf_release(&have);
}

static void a_missing_file_is_an_io_error(void **state) {
  (void)state;
  struct zhi_config *c = NULL;
  struct zhi_err e = {0};
  assert_int_equal(zhi_config_load("config/there-is-none.yaml", &c, &e), ZHI_EIO);
  assert_string_equal(e.msg, "cannot open 'config/there-is-none.yaml': No such file or directory");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_least_config_has_all_defaults),
      cmocka_unit_test(every_error_of_form_names_line_and_column),
      cmocka_unit_test(every_error_of_sense_names_line_and_column),
      cmocka_unit_test(no_delay_is_for_private_machines),
      cmocka_unit_test(connect_to_is_curls),
      cmocka_unit_test(the_user_agent_is_printable_ascii),
      cmocka_unit_test(the_example_is_a_config_with_every_key),
      cmocka_unit_test(the_manual_is_current),
      cmocka_unit_test(a_missing_file_is_an_io_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
