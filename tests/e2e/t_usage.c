/* What is asked wrongly is said under the name of what was asked, and nothing is done. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

enum { EXIT_USAGE = 2 };

/* Exit code; the first line of what it says. */
static int ask(const char *arguments, char said[256]) {
  const char *program = getenv("XIANZHI");
  char line[512];
  snprintf(line, sizeof line, "%s %s 2>&1 </dev/null", program ? program : "build/xianzhi",
           arguments);
  FILE *p = popen(line, "r");
  assert_non_null(p);
  if (!fgets(said, 256, p))
    said[0] = '\0';
  while (fgets(line, sizeof line, p))
    ;
  return WEXITSTATUS(pclose(p));
}

static void an_unknown_option_is_said_under_the_commands_whole_name(void **state) {
  static const char *const commands[] = {
      "crawl",        "export",           "inspect robots",  "inspect url",
      "inspect key",  "inspect warc",     "inspect charset", "inspect links",
      "inspect date", "inspect document", "inspect sitemap"};
  (void)state;
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
    char arguments[64], wanted[256], said[256];
    snprintf(arguments, sizeof arguments, "%s --nope x", commands[i]);
    snprintf(wanted, sizeof wanted, "xianzhi %s: unknown option '--nope' (see --help)\n",
             commands[i]);
    assert_int_equal(ask(arguments, said), EXIT_USAGE);
    assert_string_equal(said, wanted);
  }
}

static void a_subject_of_inspect_has_help_of_its_own(void **state) {
  char said[256];
  (void)state;
  assert_int_equal(ask("inspect date -h", said), 0);
  assert_string_equal(said, "usage: xianzhi inspect date TEXT...\n");
  assert_int_equal(ask("inspect nothing", said), EXIT_USAGE);
  assert_string_equal(said, "xianzhi inspect: unknown subject\n");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_unknown_option_is_said_under_the_commands_whole_name),
      cmocka_unit_test(a_subject_of_inspect_has_help_of_its_own),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
