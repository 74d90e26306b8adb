/* An archive with many known URLs, for bench/resume: adds them to one whose crawl is paused.
 *
 *   build/bench/known ARCHIVE URLS
 * Every tenth is left due, the rest done, on 40 hosts, some fifty documents a folder. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "zhi/store.h"

enum { HOSTS = 40, BATCH = 20000 };

static void ok(enum zhi_code rc, const struct zhi_err *e) {
  if (rc) {
    fprintf(stderr, "bench/known: %s\n", e->msg);
    exit(1);
  }
}

static void add(struct zhi_store *s, int64_t from, size_t n) {
  static char urls[BATCH][96], origins[BATCH][48];
  static struct zhi_found found[BATCH];
  struct zhi_err e = {0};
  size_t added;
  for (size_t i = 0; i < n; i++) {
    int64_t at = from + (int64_t)i;
    int host = (int)(at / 1000 % HOSTS);
    snprintf(origins[i], sizeof *origins, "http://dept%02d.qinglan.gov.cn", host);
    snprintf(urls[i], sizeof *urls,
             "http://dept%02d.qinglan.gov.cn/zwgk/%04lld/t2018%04lld_%08lld.html", host,
             (long long)(at / 50), (long long)(at % 1231), (long long)at);
    found[i] = (struct zhi_found){.url = zhi_str_of(urls[i]),
                                  .origin = zhi_str_of(origins[i]),
                                  .prio = ZHI_PRIO_PAGE,
                                  .depth = 3,
                                  .hops = ZHI_STR("LLL"),
                                  .text = ZHI_STR("关于印发工作方案的通知")};
  }
  ok(zhi_frontier_add(s, found, n, &added, &e), &e);
}

/* What the store has no call for, since a crawl does it by fetching. */
static void settle(const char *archive) {
  char path[4096];
  sqlite3 *db = NULL;
  snprintf(path, sizeof path, "%s/xianzhi.db", archive);
  if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) ||
      sqlite3_exec(
          db,
          "UPDATE url SET state = 'done', verdict = 'ok', crawl_id = 1 WHERE state = "
          "'due' AND id % 10; UPDATE origin SET due = (SELECT count(*) FROM url WHERE "
          "origin_id = origin.id AND state = 'due'), done = (SELECT count(*) FROM url "
          "WHERE origin_id = origin.id AND state = 'done'); PRAGMA wal_checkpoint(TRUNCATE)",
          NULL, NULL, NULL)) {
    fprintf(stderr, "bench/known: %s\n", sqlite3_errmsg(db));
    exit(1);
  }
  sqlite3_close(db);
}

int main(int argc, char **argv) {
  struct zhi_store *s = NULL;
  struct zhi_err e = {0};
  struct zhi_crawl_info crawl;
  struct zhi_buf config;
  if (argc != 3)
    return 2;
  int64_t urls = strtoll(argv[2], NULL, 10);
  zhi_buf_init(&config, 1 << 24);
  ok(zhi_store_open(argv[1], ZHI_STORE_WRITE, &zhi_clock_system, &s, &e), &e);
  ok(zhi_store_last_config(s, &config, &e), &e);
  ok(zhi_store_begin_crawl(s, false, zhi_buf_view(&config), &crawl, &e), &e);
  for (int64_t at = 0; at < urls; at += BATCH)
    add(s, at, (size_t)(urls - at < BATCH ? urls - at : BATCH));
  zhi_store_close(s);
  zhi_buf_release(&config);
  settle(argv[1]);
  return 0;
}
