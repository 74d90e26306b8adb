/* Whatever was done to the files of an archive, `verify` names it, `repair` leaves an archive that verifies, and the
 * next crawl brings back what was lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/invariants.h"

enum { PAGES = 60, FILES = 3 };

struct scene {
  struct county_world w;
  char calm[96], hurt[96];
};

static int shell(const char *fmt, ...) {
  char cmd[2048];
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(cmd, sizeof cmd, fmt, ap);
  va_end(ap);
  return system(cmd);
}

static int run(const struct scene *s, const char *command) {
  return county_run(&s->w, (const char *const[]){command, s->hurt, NULL});
}

static int crawl(const struct scene *s, const char *archive) {
  return county_run(
      &s->w, (const char *const[]){"crawl", s->w.config, "-a", archive, "--progress", "off", NULL});
}

static int set_up(void **state) {
  struct scene *s = calloc(1, sizeof *s);
  char pages[16];
  assert_non_null(s);
  snprintf(pages, sizeof pages, "%d", (int)PAGES);
  county_start(&s->w, (const char *const[]){"--scenario", "bench", "--pages", pages, "--hosts", "3",
                                            "--addresses", "2", NULL});
  county_config(&s->w, "archive: ", "recrawl: { lists: 0s, documents_min: 0s, documents_max: 0s }");
  snprintf(s->calm, sizeof s->calm, "%s/calm", s->w.dir);
  snprintf(s->hurt, sizeof s->hurt, "%s/hurt", s->w.dir);
  for (int i = 0; i < FILES; i++) /* the later ones refer to the first */
    assert_int_equal(crawl(s, s->calm), 0);
  assert_int_equal(shell("test $(ls %s/warc/*/*.warc.gz | wc -l) -eq %d", s->calm, (int)FILES), 0);
  *state = s;
  return 0;
}

static int tear_down(void **state) {
  struct scene *s = *state;
  county_release(&s->w);
  free(s);
  return 0;
}

/* Shell commands in the archive's folder; $a $b $c: three of its WARC files. */
static const struct damage {
  const char *name, *command;
  const char *told;                         /* in what verify says; a WARC file by its variable */
  enum { NOTHING, RECORDS, PERHAPS } loses; /* do captures lose their records? */
} damages[] = {
    {"a WARC file cut short", "truncate -s -3000 $a", "$a", RECORDS},
    {"a WARC file cut to nothing", "truncate -s 0 $b", "$b", RECORDS},
    {"a flipped bit in a record", "flip $b $(($(stat -c %s $b) / 2))", "$b", PERHAPS},
    {"a flipped bit in the first byte", "flip $b 0", "$b", NOTHING},
    {"a flipped bit in what others refer to", "flip $a $(($(stat -c %s $a) / 3))", "$a", PERHAPS},
    {"zeroes over a stretch",
     "dd if=/dev/zero of=$a bs=1 seek=$(($(stat -c %s $a) / 2)) count=6000 conv=notrunc "
     "2>/dev/null",
     "$a", RECORDS},
    {"bytes behind the end", "echo something >>$a", "$a", NOTHING},
    {"two WARC files swapped", "mv $a x; mv $b $a; mv x $b", "$b", NOTHING},
    {"three WARC files swapped", "mv $a x; mv $b $a; mv $c $b; mv x $c", "$c", NOTHING},
    {"a WARC file lost", "rm $b", "$b", RECORDS},
    {"an index file altered", "echo more >>index/$(basename $a).cdxj", "$a", NOTHING},
    {"the table altered", "echo more >>documents.csv", "documents.csv", NOTHING},
    {"the table lost", "rm documents.csv", "documents.csv", NOTHING},
    {"a database with its middle overwritten",
     "head -c 65536 /dev/urandom | dd of=xianzhi.db bs=1 seek=40960 conv=notrunc 2>/dev/null",
     "xianzhi.db", NOTHING},
    {"a database with its head overwritten", "flip xianzhi.db 3", "xianzhi.db", NOTHING},
    {"a database cut short", "truncate -s 100000 xianzhi.db", "xianzhi.db", NOTHING},
    {"a database lost", "rm xianzhi.db", "hurt", NOTHING}};

static const char prelude[] =
    "set -e; cd %s; set -- warc/*/*.warc.gz; a=$1; b=$2; c=$3; "
    "flip() { printf \"\\\\$(printf %%o $(( $(od -An -tu1 -j $2 -N1 $1) ^ 8 )))\" "
    "| dd of=$1 bs=1 seek=$2 conv=notrunc 2>/dev/null; }; ";

static void hurt(const struct scene *s, const struct damage *d, char told[256]) {
  char cmd[2048];
  assert_int_equal(shell("rm -rf %s; cp -a %s %s", s->hurt, s->calm, s->hurt), 0);
  int n = snprintf(cmd, sizeof cmd, prelude, s->hurt);
  snprintf(cmd + n, sizeof cmd - (size_t)n, "%s; basename %s .open >../told", d->command, d->told);
  assert_int_equal(system(cmd), 0);
  snprintf(cmd, sizeof cmd, "%s/told", s->w.dir);
  FILE *f = fopen(cmd, "r");
  assert_non_null(f);
  assert_non_null(fgets(told, 256, f));
  told[strcspn(told, "\n")] = '\0';
  fclose(f);
}

static void mend(const struct scene *s, const struct damage *d) {
  char told[256];
  hurt(s, d, told);
  assert_int_equal(run(s, "verify"), 1);
  char *said = county_output(&s->w);
  if (!strstr(said, told))
    fail_msg("verify does not name %s: %s", told, said);
  free(said);
  int code = run(s, "repair");
  said = county_output(&s->w);
  if (code != 0)
    fail_msg("repair: exit %d: %s", code, said);
  if (d->loses != PERHAPS && (d->loses == RECORDS) != (strstr(said, " is lost\n") != NULL))
    fail_msg("repair: %s", said);
  free(said);
  invariants_hold(&s->w, s->hurt, NULL);
  assert_int_equal(run(s, "repair"), 0); /* again: nothing left to do */
  said = county_output(&s->w);
  assert_non_null(strstr(said, ": 0 WARC files mended, 0 captures lost, 0 URLs due again"));
  free(said);
  assert_int_equal(crawl(s, s->hurt), 0);
  invariants_hold(&s->w, s->hurt, NULL);
  invariants_same_table(s->hurt, s->calm);
}

static void every_damage_is_named_and_mended(void **state) {
  struct scene *s = *state;
  for (size_t i = 0; i<sizeof damages / sizeof *damages; i += COUNTY_SLOW> 1 ? 2 : 1) {
    print_message("%s\n", damages[i].name);
    mend(s, &damages[i]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(every_damage_is_named_and_mended, set_up, tear_down)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
