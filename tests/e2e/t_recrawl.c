/* Crawls of one county in turn: what was edited is a new version, what is gone twice is removed, everything else is a
 * revisit that costs next to nothing, and what is not due is left alone. */
#include <glob.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include <cmocka.h>

#include "tests/support/county.h"

enum { PAGES = 200, UNCHANGED_PERCENT = 15 };

#define EVERY_CRAWL "recrawl: { lists: 0s, documents_min: 0s, documents_max: 0s }\narchive: "

/* Crawl the county as it is after `generation` updates into `archive`; its truth stays in *w. */
static void crawl(struct county_world *w, int generation, const char *archive, const char *policy) {
  char n[16], pages[16], line[256];
  snprintf(n, sizeof n, "%d", generation);
  snprintf(pages, sizeof pages, "%d", PAGES);
  const char *const county[] = {"--pages", pages, "--generation", n, NULL};
  county_start(w, county);
  snprintf(line, sizeof line, "%s%s", policy, archive ? archive : w->archive);
  county_config(w, "archive:", line);
  const char *const args[] = {"crawl", w->config, "--progress", "off", NULL};
  assert_int_equal(county_run(w, args), 0);
  county_stop(w);
}

static void assert_clean(const struct county_world *w, const char *archive) {
  const char *const args[] = {"verify", archive, NULL};
  if (county_run(w, args) != 0)
    fail_msg("%s", county_output(w));
}

static sqlite3 *open_db(const char *archive) {
  char path[128];
  sqlite3 *db = NULL;
  snprintf(path, sizeof path, "%s/xianzhi.db", archive);
  assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
  return db;
}

/* The first value of a query (?1 = url, may be NULL): "" for none. */
static void ask(sqlite3 *db, const char *sql, const char *url, char out[64]) {
  sqlite3_stmt *st = NULL;
  assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
  if (url)
    sqlite3_bind_text(st, 1, url, -1, SQLITE_STATIC);
  const char *v = sqlite3_step(st) == SQLITE_ROW ? (const char *)sqlite3_column_text(st, 0) : NULL;
  snprintf(out, 64, "%s", v ? v : "");
  sqlite3_finalize(st);
}

static void assert_answer(sqlite3 *db, const char *sql, const char *url, const char *want) {
  char got[64];
  ask(db, sql, url, got);
  if (strcmp(got, want) != 0)
    fail_msg("%s %s: '%s', not '%s'", sql, url ? url : "", got, want);
}

/* Every document of the truth as `generations` updates have left it, crawled twice each from the second on. */
static void assert_like_truth(const char *archive, const struct county_world *after,
                              size_t generations) {
  sqlite3 *db = open_db(archive);
  json_t *changes = json_object(), *t;
  size_t i, edited = 0, removed = 0, unchanged = 0;
  for (size_t g = 0; g < generations; g++) {
    json_t *truth = county_lines(after[g].truth);
    json_array_foreach(truth, i, t) {
      const char *url = county_text(t, "url"), *change = county_text(t, "change");
      if (strcmp(county_text(t, "kind"), "document") != 0)
        continue;
      json_t *before = json_object_get(changes, url);
      long long versions = before ? county_number(before, "versions") : 1;
      bool gone = before && json_is_true(json_object_get(before, "gone"));
      json_object_set_new(changes, url,
                          json_pack("{s:I,s:b}", "versions",
                                    (json_int_t)(versions + (strcmp(change, "edited") == 0)),
                                    "gone", gone || strcmp(change, "removed") == 0));
    }
    json_decref(truth);
  }
  const char *url;
  json_object_foreach(changes, url, t) {
    char versions[16];
    bool gone = json_is_true(json_object_get(t, "gone"));
    snprintf(versions, sizeof versions, "%lld", county_number(t, "versions"));
    assert_answer(db, "SELECT state FROM ledger WHERE url = ?1", url, gone ? "removed" : "live");
    assert_answer(db, "SELECT count(*) FROM versions WHERE url = ?1", url, versions);
    edited += county_number(t, "versions") > 1;
    removed += gone;
    unchanged += county_number(t, "versions") == 1 && !gone;
  }
  assert_true(edited > 2 && removed > 1 && unchanged > edited + removed);
  json_decref(changes);
  sqlite3_close(db);
}

/* The report that crawl `number` left in the archive. */
static json_t *report_of(const char *archive, int number) {
  char pattern[192];
  glob_t g;
  snprintf(pattern, sizeof pattern, "%s/reports/*Z-%d.json", archive, number);
  assert_int_equal(glob(pattern, 0, NULL, &g), 0);
  json_t *o = json_load_file(g.gl_pathv[0], 0, NULL);
  globfree(&g);
  assert_non_null(o);
  return o;
}

static bool lists(const json_t *report, const char *list, const char *url) {
  size_t i;
  json_t *r;
  json_array_foreach(json_object_get(report, list), i,
                     r) if (strcmp(county_text(r, "url"), url) == 0) return true;
  return false;
}

/* The documents that the county has changed since generation 0 are in the report's list, and no others. */
static void assert_listed(const char *archive, int crawl_number, const char *list,
                          const struct county_world *w, const char *change) {
  json_t *o = report_of(archive, crawl_number), *truth = county_lines(w->truth), *t;
  size_t i, n = 0;
  json_array_foreach(truth, i, t) {
    if (strcmp(county_text(t, "kind"), "document") != 0)
      continue;
    bool is = strcmp(county_text(t, "change"), change) == 0;
    if (lists(o, list, county_text(t, "url")) != is)
      fail_msg("crawl %d, %s: %s", crawl_number, list, county_text(t, "url"));
    n += is;
  }
  assert_true(n > 0);
  json_decref(truth);
  json_decref(o);
}

/* Requests are those that the county saw; what the hosts and the classes have is what there is in all. */
static void assert_adds_up(const char *archive, int crawl_number, const struct county_world *w) {
  static const char *const classes[] = {"new",     "changed", "unchanged", "redirected", "gone",
                                        "blocked", "failed",  "excluded",  "due",        "not_due"};
  json_t *o = report_of(archive, crawl_number), *log = county_lines(w->log), *h;
  const json_t *totals = json_object_get(o, "totals");
  long long known = 0, requests = 0, sum = 0;
  size_t i;
  for (i = 0; i < sizeof classes / sizeof *classes; i++)
    sum += county_number(totals, classes[i]);
  json_array_foreach(json_object_get(o, "hosts"), i, h) {
    known += county_number(h, "known");
    requests += county_number(h, "requests");
  }
  assert_int_equal(sum, county_number(totals, "known"));
  assert_int_equal(known, county_number(totals, "known"));
  assert_int_equal(requests, county_number(totals, "requests"));
  assert_int_equal(requests, json_array_size(log));
  json_decref(log);
  json_decref(o);
}

/* --- what readers are told of it ----------------------------------------------------------------------------------- */

/* What `changes` tells of a URL: "edited" of any edit, else the change; "" for nothing but its being new. */
static const char *told_of(const json_t *changes, const char *url) {
  const char *told = "";
  size_t i;
  json_t *c;
  json_array_foreach(changes, i, c) {
    const char *change = county_text(c, "change");
    bool edit = strcmp(change, "validity") == 0 || strcmp(change, "edited") == 0;
    if (strcmp(county_text(c, "url"), url) == 0 && strcmp(change, "new") != 0 &&
        strcmp(told, "removed") != 0)
      told = edit ? "edited" : change;
  }
  return told;
}

static json_t *output_json(const struct county_world *w, const char *const *args) {
  json_error_t error;
  assert_int_equal(county_run(w, args), 0);
  char *text = county_output(w);
  json_t *o = json_loads(text, JSON_DISABLE_EOF_CHECK, &error);
  if (!o)
    fail_msg("%s: %s", error.text, text);
  free(text);
  return o;
}

/* Every edit and removal of the truths is told, and nothing of a document that stayed as it was. */
static void assert_told(const struct county_world *w, const struct county_world *after,
                        size_t generations, char edited[256]) {
  const char *const args[] = {"changes", w->archive, "--format", "json", NULL};
  json_t *o = output_json(w, args), *want = json_object(), *t;
  const json_t *changes = json_object_get(o, "changes");
  size_t i;
  const char *url;
  for (size_t g = 0; g < generations; g++) {
    json_t *truth = county_lines(after[g].truth);
    json_array_foreach(truth, i, t) {
      const char *change = county_text(t, "change"), *known = NULL;
      if (strcmp(county_text(t, "kind"), "document") != 0)
        continue;
      known = county_text(want, county_text(t, "url"));
      if (strcmp(change, "edited") != 0 && strcmp(change, "removed") != 0)
        change = known;
      json_object_set_new(want, county_text(t, "url"), json_string(change));
    }
    json_decref(truth);
  }
  json_object_foreach(want, url, t) {
    if (strcmp(told_of(changes, url), json_string_value(t)) != 0)
      fail_msg("%s: '%s' is told, not '%s'", url, told_of(changes, url), json_string_value(t));
    if (strcmp(json_string_value(t), "edited") == 0)
      snprintf(edited, 256, "%s", url);
  }
  json_decref(want);
  json_decref(o);
}

/* `changes` with a watch list of that one line: how many changes the command is told of; -1: it is not run. */
static int told_by_watch(const struct county_world *w, const char *pattern) {
  char list[128], heard[128], command[192];
  json_error_t error;
  snprintf(list, sizeof list, "%s/watch", w->dir);
  snprintf(heard, sizeof heard, "%s/heard", w->dir);
  snprintf(command, sizeof command, "cat >'%s'", heard);
  remove(heard);
  FILE *f = fopen(list, "w");
  assert_non_null(f);
  fprintf(f, "# watched\n\n%s\n", pattern);
  fclose(f);
  const char *const args[] = {"changes", w->archive, "--watch", list, "--exec", command, NULL};
  assert_int_equal(county_run(w, args), 0);
  json_t *o = json_load_file(heard, 0, &error);
  int n = o ? (int)json_array_size(json_object_get(o, "changes")) : -1;
  json_decref(o);
  return n;
}

static void assert_watch(const struct county_world *w, const char *edited) {
  const char *host = strstr(edited, "://") + 3;
  char pattern[300];
  snprintf(pattern, sizeof pattern, "%.*s", (int)strcspn(host, "/"), host);
  int all = told_by_watch(w, pattern);
  assert_true(all > 1);
  assert_int_equal(told_by_watch(w, edited), 1);
  snprintf(pattern, sizeof pattern, "%.*s*", (int)(strrchr(edited, '/') - edited), edited);
  assert_true(told_by_watch(w, pattern) >= 1);
  assert_true(told_by_watch(w, "人民政府") > 1);
  assert_int_equal(told_by_watch(w, "从未有过的一句话"), -1);
  assert_int_equal(told_by_watch(w, "other.example"), -1);
  const char *const fails[] = {"changes", w->archive, "--watch", "/dev/null", NULL};
  assert_int_equal(county_run(w, fails), 2);
}

/* Unpack into `dir`; the number of files. */
static int unpack(const char *zip, const char *dir) {
  char path[256], bytes[1 << 16];
  zip_t *z = zip_open(zip, ZIP_RDONLY, NULL);
  assert_non_null(z);
  zip_int64_t n = zip_get_num_entries(z, 0);
  for (zip_int64_t i = 0; i < n; i++) {
    zip_file_t *in = zip_fopen_index(z, (zip_uint64_t)i, 0);
    snprintf(path, sizeof path, "%s/%s", dir, zip_get_name(z, (zip_uint64_t)i, 0));
    char *slash = strrchr(path, '/');
    *slash = '\0';
    mkdir(path, 0755);
    *slash = '/';
    FILE *out = fopen(path, "wb");
    assert_true(in && out);
    for (zip_int64_t k; (k = zip_fread(in, bytes, sizeof bytes)) > 0;)
      assert_int_equal(fwrite(bytes, 1, (size_t)k, out), k);
    fclose(out);
    zip_fclose(in);
  }
  zip_discard(z);
  return (int)n;
}

static void flip_a_byte(const char *path) {
  FILE *f = fopen(path, "r+b");
  assert_non_null(f);
  fseek(f, 0, SEEK_END);
  long at = ftell(f) / 2;
  fseek(f, at, SEEK_SET);
  int c = fgetc(f);
  fseek(f, at, SEEK_SET);
  fputc(c ^ 1, f);
  fclose(f);
}

/* Both versions of a document as evidence: the script passes, and fails after a byte of any file was altered. */
static void assert_evidence(const struct county_world *w, const char *url) {
  static const char *const files[] = {"1/record.warc.gz", "1/body.bin", "1/response-head.txt",
                                      "2/record.warc.gz", "index.html", "diff.json",
                                      "manifest.json",    "SHA256SUMS"};
  char zip[128], dir[128], verify[320], path[192];
  snprintf(zip, sizeof zip, "%s/evidence.zip", w->dir);
  snprintf(dir, sizeof dir, "%s/evidence", w->dir);
  snprintf(verify, sizeof verify, "sh '%s/verify.sh' >'%s/verify.out' 2>&1", dir, w->dir);
  const char *const args[] = {"evidence", w->archive, url, "2000", "2100", "-o", zip, NULL};
  if (county_run(w, args) != 0)
    fail_msg("%s", county_output(w));
  assert_int_equal(mkdir(dir, 0755), 0);
  assert_true(unpack(zip, dir) > (int)(sizeof files / sizeof *files));
  assert_int_equal(system(verify), 0);
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    snprintf(path, sizeof path, "%s/%s", dir, files[i]);
    flip_a_byte(path);
    if (system(verify) == 0)
      fail_msg("%s was altered, and verify.sh passes", files[i]);
    flip_a_byte(path);
  }
  assert_int_equal(system(verify), 0);
}

static void generations_become_versions_and_removals(void **state) {
  static const int generations[] = {0, 1, 1, 2, 2};
  struct county_world w[5], after[2];
  char edited[256] = "";
  (void)state;
  for (size_t i = 0; i < 5; i++)
    crawl(&w[i], generations[i], i ? w[0].archive : NULL, EVERY_CRAWL);
  after[0] = w[1];
  after[1] = w[3];
  assert_like_truth(w[0].archive, after, 2);
  assert_listed(w[0].archive, 2, "changed", &w[1], "edited");
  assert_listed(w[0].archive, 3, "removed", &w[2], "removed");
  assert_adds_up(w[0].archive, 5, &w[4]);
  assert_told(&w[0], after, 2, edited);
  assert_watch(&w[0], edited);
  assert_evidence(&w[0], edited);
  assert_clean(&w[0], w[0].archive);
  const char *const again[] = {"reextract", w[0].archive, NULL};
  assert_int_equal(county_run(&w[0], again), 0);
  assert_like_truth(w[0].archive, after, 2); /* one extractor's reading of all changes nothing */
  for (size_t i = 5; i-- > 0;)
    county_release(&w[i]);
}

static long long size_of_warc(const char *archive, int crawl_number) {
  char pattern[192];
  glob_t g;
  struct stat st;
  long long bytes = 0;
  snprintf(pattern, sizeof pattern, "%s/warc/*/*Z-%d-*.warc.gz", archive, crawl_number);
  assert_int_equal(glob(pattern, 0, NULL, &g), 0);
  for (size_t i = 0; i < g.gl_pathc; i++) {
    assert_int_equal(stat(g.gl_pathv[i], &st), 0);
    bytes += st.st_size;
  }
  globfree(&g);
  return bytes;
}

static void an_unchanged_county_is_all_revisits(void **state) {
  struct county_world first, second;
  char n[64];
  (void)state;
  crawl(&first, 0, NULL, EVERY_CRAWL);
  crawl(&second, 0, first.archive, EVERY_CRAWL);
  sqlite3 *db = open_db(first.archive);
  assert_answer(db,
                "SELECT count(*) FROM capture WHERE crawl_id = 2 AND verdict IN ('ok', "
                "'not_modified') AND revisit_of IS NULL",
                NULL, "0");
  assert_answer(db,
                "SELECT count(*) FROM capture c JOIN capture o ON o.id = c.original_id WHERE "
                "o.revisit_of IS NOT NULL OR o.warc_file_id IS NULL OR o.truncated IS NOT NULL",
                NULL, "0");
  assert_answer(db,
                "SELECT count(*) FROM document d JOIN capture c ON c.id = d.capture_id WHERE "
                "c.crawl_id = 2",
                NULL, "0"); /* nothing was extracted */
  assert_answer(db, "SELECT count(*) FROM versions WHERE change = 'edited'", NULL, "0");
  ask(db, "SELECT count(*) FROM captures WHERE original_warc_file IS NOT NULL", NULL, n);
  assert_true(atoi(n) > PAGES / 2);
  sqlite3_close(db);
  long long bytes = size_of_warc(first.archive, 2), whole = size_of_warc(first.archive, 1);
  if (bytes * 100 > whole * UNCHANGED_PERCENT)
    fail_msg("%lld bytes of %lld again", bytes, whole);
  assert_clean(&first, first.archive);
  county_release(&second);
  county_release(&first);
}

/* What explain tells of a document: found on the way from the front page, had once, a week to wait. */
static void assert_explained(const struct county_world *w, const json_t *document) {
  const char *url = county_text(document, "url");
  json_t *o = county_json(w, (const char *const[]){"explain", "--json", w->archive, url, NULL});
  const json_t *via = json_object_get(o, "via"), *attempts = json_object_get(o, "attempts");
  const json_t *attempt = json_array_get(attempts, 0);
  char path[160];
  assert_true(json_is_true(json_object_get(o, "known")));
  assert_string_equal(county_text(json_object_get(o, "scope"), "decision"), "fetch");
  assert_true(json_is_true(json_object_get(json_object_get(o, "robots"), "allowed")));
  assert_true(json_array_size(via) > 0);
  assert_int_equal(strlen(county_text(json_array_get(via, json_array_size(via) - 1), "hops")), 1);
  assert_int_equal(json_array_size(attempts), 1);
  assert_string_equal(county_text(attempt, "verdict"), "ok");
  snprintf(path, sizeof path, "%s/warc/%s", w->archive, county_text(attempt, "warc_file"));
  assert_int_equal(access(path, R_OK), 0);
  assert_string_equal(county_text(o, "life"), "live");
  assert_true(strcmp(county_text(o, "next_visit"), county_text(attempt, "at")) > 0);
  json_decref(o);
}

/* The metrics file tells of the last run; it asked for robots.txt only. */
static void assert_metrics(const struct county_world *w, const char *path) {
  FILE *f = fopen(path, "r");
  char line[256];
  int running = -1, finished = -1;
  long long requests = -1, known = -1;
  assert_non_null(f);
  while (fgets(line, sizeof line, f)) {
    const char *value = strstr(line, "\"} ");
    if (line[0] == '#' || !value)
      continue;
    long long n = strtoll(value + 3, NULL, 10);
    if (strncmp(line, "xianzhi_crawl_running{", 22) == 0)
      running = (int)n;
    else if (strncmp(line, "xianzhi_crawl_finished{", 23) == 0)
      finished = (int)n;
    else if (strncmp(line, "xianzhi_crawl_requests_total{", 29) == 0)
      requests = n;
    else if (strncmp(line, "xianzhi_crawl_urls_known{", 25) == 0)
      known = n;
  }
  fclose(f);
  json_t *log = county_lines(w->log);
  assert_int_equal(running, 0);
  assert_int_equal(finished, 1);
  assert_true(requests >= 0 && requests <= (long long)json_array_size(log));
  assert_true(known > PAGES);
  json_decref(log);
}

static void what_is_not_due_is_left_alone(void **state) {
  struct county_world first, second;
  char policy[160], prom[96];
  (void)state;
  crawl(&first, 0, NULL, "archive: "); /* lists after a day, documents after a week */
  snprintf(prom, sizeof prom, "%s/county.prom", first.dir);
  snprintf(policy, sizeof policy, "metrics: %s\narchive: ", prom);
  crawl(&second, 0, first.archive, policy);
  assert_metrics(&second, prom);
  json_t *status = county_status(&first, first.archive), *log = county_lines(second.log), *r;
  size_t i;
  json_array_foreach(log, i, r) assert_string_equal(county_text(r, "path"), "/robots.txt");
  const json_t *urls = json_object_get(status, "urls");
  assert_true(county_number(urls, "not_due") > PAGES);
  assert_int_equal(county_number(urls, "due"), 0);
  assert_true(json_is_false(json_object_get(status, "running")));
  assert_true(json_is_null(json_object_get(status, "hours_until")));
  assert_int_equal(json_array_size(json_object_get(status, "retries")), 0);
  json_t *rows = county_csv(first.archive);
  assert_true(json_array_size(rows) > 0);
  assert_explained(&first, json_array_get(rows, 0));
  json_decref(rows);
  json_decref(log);
  json_decref(status);
  county_release(&second);
  county_release(&first);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(generations_become_versions_and_removals),
      cmocka_unit_test(an_unchanged_county_is_all_revisits),
      cmocka_unit_test(what_is_not_due_is_left_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
