/* The simulated county and the crawler as child processes, and what they leave behind as JSON: for end to
 * end tests. One thread; every function fails the running test on an error. The programs are those that
 * COUNTY and XIANZHI name (build/county, build/xianzhi). */
#ifndef ZHI_TESTS_COUNTY_H
#define ZHI_TESTS_COUNTY_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

/* 1, and more under a sanitizer: what a time may be multiplied by, what a size may be divided by. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { COUNTY_SLOW = 4 };
#else
enum { COUNTY_SLOW = 1 };
#endif

struct county_world {
  char dir[64]; /* a mkdtemp folder; everything below is in it */
  char config[96], truth[96], log[96], archive[96];
  pid_t server; /* 0 when stopped */
};

/* Start the county with further arguments (NULL ends them) on a free port and wait for its ready line. */
void county_start(struct county_world *w, const char *const *args);
/* Wait until the running county has answered so many requests. */
void county_await_requests(const struct county_world *w, size_t n);
/* SIGTERM the county and wait: after it the log is whole. Again: nothing. */
void county_stop(struct county_world *w);
/* Stop, and delete the folder. */
void county_release(struct county_world *w);
/* Replace the config's line that begins with `key` by `text` (which may be several lines). */
void county_config(const struct county_world *w, const char *key, const char *text);

/* Start the county of all CMS families, crawl it and stop it; the crawl's exit code. `domains`: a line in place of the
 * config's `scope.domains`, or NULL. */
int county_crawl_families(struct county_world *w, const char *domains);

/* Start the crawler with these arguments (NULL ends them); its output goes to a file of the folder. */
pid_t county_spawn(const struct county_world *w, const char *const *args);
/* Wait for a child: its exit code, or 128 + the signal. *max_rss_kib may be NULL. */
int county_wait(pid_t pid, long *max_rss_kib);
/* Spawn and wait. The output is in county_output until the next spawn. */
int county_run(const struct county_world *w, const char *const *args);
/* What the last crawler printed (both streams); free() it. */
char *county_output(const struct county_world *w);

/* The objects of a JSON lines file, as an array. */
json_t *county_lines(const char *path);
/* documents.csv of an archive: an array of objects, column name to text, in the file's order. */
json_t *county_csv(const char *archive);
/* Any CSV of an archive, likewise. */
json_t *county_table(const char *archive, const char *file);
/* documents.csv by URL; fails when a document is in it twice. */
json_t *county_rows(const struct county_world *w);
/* Two text columns of the archive's database as an object; of equal keys the last counts. */
json_t *county_pairs(const struct county_world *w, const char *sql);
/* Requests for each URL, from the log: URL -> {"n", "good"}; "good" counts whole answers below 400 and 404. */
json_t *county_requests(const struct county_world *w);
/* Requests for the URLs of a truth line's family (`prefix` or `contains`). */
long long county_family_requests(const json_t *by_url, const json_t *family);
/* Is `text` one of an array's strings? */
bool county_is_among(const json_t *texts, const char *text);
/* What a command prints with these arguments (NULL ends them), as JSON; it must succeed. */
json_t *county_json(const struct county_world *w, const char *const *args);
/* `xianzhi status --json` of an archive. */
json_t *county_status(const struct county_world *w, const char *archive);
/* Text and number of a member; "" and 0 when it is not there. */
const char *county_text(const json_t *o, const char *key);
long long county_number(const json_t *o, const char *key);

#endif
