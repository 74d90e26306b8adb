/* Cost of the store: commits like those of a crawl until `urls` URLs are known, then look-ups of known ones.
 *
 *   build/bench/store [URLS [DIR]]      default 1,000,000 URLs in a new folder under /tmp
 * One JSON object: CPU µs per capture (with its document), per new URL, per known URL met lately (navigation) and per
 * known URL anywhere (random), per leased URL; captures/s and URLs/s by the wall; database size, peak RSS. Each cost
 * is measured by commits that differ in that alone. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "zhi/store.h"

enum { HOSTS = 40, BATCH_CAPTURES = 200, BATCH_FOUND = 20000, TEXT_BYTES = 4000, ROUNDS = 10 };

struct bench {
  struct zhi_store *s;
  struct zhi_crawl_info crawl;
  struct zhi_found *found;
  char (*urls)[96], (*origins)[40];
  char text[TEXT_BYTES];
  uint64_t random;
  int64_t made, captures;
};

static void ok(enum zhi_code rc, const struct zhi_err *e) {
  if (rc) {
    fprintf(stderr, "bench/store: %s\n", e->msg);
    exit(1);
  }
}

static double seconds(clockid_t id) {
  struct timespec t;
  clock_gettime(id, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t next_random(struct bench *b) {
  b->random ^= b->random << 13;
  b->random ^= b->random >> 7;
  b->random ^= b->random << 17;
  return b->random;
}

/* The n-th URL there is: hosts take turns by the thousand, some fifty documents share a folder. */
static void url_of(int64_t n, char url[96], char origin[40]) {
  int64_t host = n / 1000 % HOSTS;
  snprintf(origin, 40, "http://dept%02lld.county.gov.cn", (long long)host);
  snprintf(url, 96, "%s/zwgk/xxgkml/%04lld/t2018%04lld_%08lld.html", origin, (long long)(n / 50),
           (long long)(n % 1231), (long long)n);
}

static void fill(struct bench *b, size_t i, int64_t n) {
  url_of(n, b->urls[i], b->origins[i]);
  b->found[i] = (struct zhi_found){.url = zhi_str_of(b->urls[i]),
                                   .origin = zhi_str_of(b->origins[i]),
                                   .prio = ZHI_PRIO_PAGE,
                                   .depth = 3,
                                   .hops = ZHI_STR("LLL"),
                                   .via = ZHI_STR("http://dept00.county.gov.cn/zwgk/index.html"),
                                   .text = ZHI_STR("关于印发年度工作要点的通知"),
                                   .list_date = ZHI_STR("2018-03-29")};
}

/* CPU seconds of committing `n` found URLs. */
static double commit_found(struct bench *b, size_t n) {
  struct zhi_batch batch = {.crawl_id = b->crawl.id, .found = b->found, .found_count = n};
  struct zhi_err e = {0};
  size_t added, stale;
  double t = seconds(CLOCK_PROCESS_CPUTIME_ID);
  ok(zhi_store_commit(b->s, &batch, &added, &stale, &e), &e);
  return seconds(CLOCK_PROCESS_CPUTIME_ID) - t;
}

static struct zhi_doc_row document(struct bench *b) {
  struct zhi_doc_row d = {
      .kind = "document",
      .extractor_version = "1",
      .fields_json = ZHI_STR("{\"title\":{\"state\":\"present\",\"raw\":\"关于印发的通知\","
                             "\"source\":\"meta\",\"confidence\":0.98}}"),
      .text = zhi_str_n(b->text, TEXT_BYTES),
      .text_digest =
          ZHI_STR("sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
      .body_chars = TEXT_BYTES / 3};
  d.field[ZHI_F_TITLE] = ZHI_STR("关于印发年度工作要点的通知");
  d.field[ZHI_F_INDEX_NO] = ZHI_STR("4114810015/zfbgs/20180329000000000001");
  d.field[ZHI_F_DATE_PUBLISHED] = ZHI_STR("2018-03-29");
  d.field[ZHI_F_SITE_NAME] = ZHI_STR("某某县人民政府");
  d.field[ZHI_F_PUBLISHER] = ZHI_STR("某某县人民政府办公室");
  return d;
}

static void fill_capture(struct bench *b, struct zhi_commit_capture *c, const struct zhi_job *job,
                         const struct zhi_doc_row *d) {
  int64_t n = ++b->captures;
  *c = (struct zhi_commit_capture){
      .capture = {.url_id = job->url_id,
                  .url = job->url,
                  .url_key = zhi_str_sub(job->url, 7, job->url.len),
                  .fetched_ms = n,
                  .verdict = ZHI_V_OK,
                  .status = 200,
                  .mime = ZHI_STR("text/html"),
                  .charset = ZHI_STR("utf-8"),
                  .ip = ZHI_STR("192.0.2.1"),
                  .payload_digest = d->text_digest,
                  .body_bytes = 33000,
                  .duration_ms = 20,
                  .warc_file = ZHI_STR("warc/2026/xianzhi-20261124T035000Z-1-00001.warc.gz"),
                  .warc_offset = n * 8000,
                  .warc_length = 8000,
                  .record_id = ZHI_STR("<urn:uuid:00000000-0000-4000-8000-000000000000>")},
      .doc = d};
  zhi_uuid(NULL, c->capture.capture_id);
}

/* Lease BATCH_CAPTURES URLs and commit a capture, a document and a result of each. */
static size_t crawl_batch(struct bench *b, double *lease_cpu, double *commit_cpu) {
  static struct zhi_commit_capture captures[BATCH_CAPTURES];
  static struct zhi_url_result results[BATCH_CAPTURES];
  struct zhi_lease *leases[8];
  struct zhi_doc_row d = document(b);
  struct zhi_err e = {0};
  size_t groups = 0, n = 0, added, stale;
  double t = seconds(CLOCK_PROCESS_CPUTIME_ID);
  ok(zhi_frontier_lease(b->s, 8, BATCH_CAPTURES / 8, 60000, leases, &groups, &e), &e);
  *lease_cpu += seconds(CLOCK_PROCESS_CPUTIME_ID) - t;
  for (size_t g = 0; g < groups; g++)
    for (size_t j = 0; j < leases[g]->count; j++, n++) {
      fill_capture(b, &captures[n], &leases[g]->jobs[j], &d);
      results[n] = (struct zhi_url_result){.url_id = leases[g]->jobs[j].url_id,
                                           .group_id = leases[g]->group_id,
                                           .token = leases[g]->token};
    }
  struct zhi_batch batch = {.crawl_id = b->crawl.id,
                            .captures = captures,
                            .capture_count = n,
                            .results = results,
                            .result_count = n};
  t = seconds(CLOCK_PROCESS_CPUTIME_ID);
  ok(zhi_store_commit(b->s, &batch, &added, &stale, &e), &e);
  *commit_cpu += seconds(CLOCK_PROCESS_CPUTIME_ID) - t;
  for (size_t g = 0; g < groups; g++) {
    ok(zhi_frontier_release(b->s, leases[g]->group_id, leases[g]->token, &e), &e);
    zhi_lease_free(leases[g]);
  }
  return n;
}

static double mib_of(const char *dir) {
  char path[512];
  struct stat st;
  snprintf(path, sizeof path, "%s/xianzhi.db", dir);
  return stat(path, &st) == 0 ? (double)st.st_size / 1048576.0 : 0;
}

int main(int argc, char **argv) {
  int64_t urls = argc > 1 ? strtoll(argv[1], NULL, 10) : 1000000;
  char made[] = "/tmp/zhi-bench-store-XXXXXX";
  const char *dir = argc > 2 ? argv[2] : mkdtemp(made);
  struct bench b = {.random = 88172645463325252u,
                    .found = calloc(BATCH_FOUND, sizeof *b.found),
                    .urls = calloc(BATCH_FOUND, sizeof *b.urls),
                    .origins = calloc(BATCH_FOUND, sizeof *b.origins)};
  struct zhi_err e = {0};
  memset(b.text, 'x', sizeof b.text);
  ok(zhi_store_open(dir, ZHI_STORE_CREATE, &zhi_clock_system, &b.s, &e), &e);
  ok(zhi_store_begin_crawl(b.s, true, ZHI_STR("{}"), &b.crawl, &e), &e);

  double cpu_new = 0, cpu_last = 0, wall = seconds(CLOCK_MONOTONIC);
  while (b.made < urls) {
    for (size_t i = 0; i < BATCH_FOUND; i++)
      fill(&b, i, b.made++);
    cpu_new += cpu_last = commit_found(&b, BATCH_FOUND);
  }
  double wall_new = seconds(CLOCK_MONOTONIC) - wall;

  double cpu_near = 0, cpu_far = 0, cpu_lease = 0, cpu_capture = 0;
  for (int r = 0; r < ROUNDS; r++) {
    for (size_t i = 0; i < BATCH_FOUND; i++)
      fill(&b, i, (int64_t)(next_random(&b) % (uint64_t)b.made));
    cpu_far += commit_found(&b, BATCH_FOUND);
    for (size_t i = 0; i < BATCH_FOUND; i++)
      fill(&b, i, (int64_t)(next_random(&b) % 5000));
    if (r == 0)
      commit_found(&b, BATCH_FOUND);
    cpu_near += commit_found(&b, BATCH_FOUND);
  }
  size_t done = 0;
  wall = seconds(CLOCK_MONOTONIC);
  for (int r = 0; r < ROUNDS * 5; r++)
    done += crawl_batch(&b, &cpu_lease, &cpu_capture);
  double wall_capture = seconds(CLOCK_MONOTONIC) - wall;
  struct rusage ru;
  getrusage(RUSAGE_SELF, &ru);
  double t = seconds(CLOCK_PROCESS_CPUTIME_ID);
  ok(zhi_store_write_csv(b.s, &e), &e);
  double cpu_csv = seconds(CLOCK_PROCESS_CPUTIME_ID) - t;
  zhi_store_close(b.s);

  double far = (double)ROUNDS * BATCH_FOUND, n = (double)done;
  printf("{\"urls\": %lld, \"new_us\": %.2f, \"new_us_last_batch\": %.2f, \"known_near_us\": %.2f, "
         "\"known_far_us\": %.2f, \"lease_us\": %.2f, \"capture_us\": %.2f, \"csv_row_us\": %.2f, "
         "\"new_urls_per_s\": %.0f, \"captures_per_s\": %.0f, \"db_mib\": %.1f, \"rss_mib\": "
         "%.1f}\n",
         (long long)b.made, cpu_new * 1e6 / (double)b.made, cpu_last * 1e6 / BATCH_FOUND,
         cpu_near * 1e6 / far, cpu_far * 1e6 / far, cpu_lease * 1e6 / n, cpu_capture * 1e6 / n,
         cpu_csv * 1e6 / n, (double)b.made / wall_new, n / wall_capture, mib_of(dir),
         (double)ru.ru_maxrss / 1024.0);
  free(b.found);
  free(b.urls);
  free(b.origins);
  if (argc <= 2) {
    char cmd[128];
    snprintf(cmd, sizeof cmd, "rm -rf '%s'", dir);
    return system(cmd) == 0 ? 0 : 1;
  }
  return 0;
}
