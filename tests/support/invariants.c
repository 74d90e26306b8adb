/* The catalogue is read from a copy of its files, so that what a crash left is not mended by looking at it. */
#include "tests/support/invariants.h"

#include <dirent.h>
#include <errno.h>
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

#include <cmocka.h>

#include "zhi/warc.h"

enum { KEPT_MAX = 5000 };

/* Two columns of a query as an object. */
static json_t *query(const char *archive, const char *sql) {
  char dir[] = "/tmp/zhi-copy-XXXXXX", cmd[512], path[64];
  sqlite3 *db = NULL;
  sqlite3_stmt *q = NULL;
  json_t *o = json_object();
  assert_non_null(mkdtemp(dir));
  snprintf(cmd, sizeof cmd, "cp %s/xianzhi.db* %s/ 2>/dev/null", archive, dir);
  snprintf(path, sizeof path, "%s/xianzhi.db", dir);
  if (system(cmd) == 0 && sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
      sqlite3_prepare_v2(db, sql, -1, &q, NULL) == SQLITE_OK) {
    while (sqlite3_step(q) == SQLITE_ROW)
      json_object_set_new(o, (const char *)sqlite3_column_text(q, 0),
                          json_string((const char *)sqlite3_column_text(q, 1)));
  }
  sqlite3_finalize(q);
  sqlite3_close(db);
  snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
  assert_int_equal(system(cmd), 0);
  return o;
}

json_t *invariants_captures(const char *archive) {
  return query(archive, "SELECT c.capture_id, coalesce(c.record_id, '') || ' ' || u.url FROM "
                        "capture c JOIN url u ON u.id = c.url_id");
}

void invariants_verified(const struct county_world *w, const char *archive) {
  int code = county_run(w, (const char *const[]){"verify", archive, NULL});
  char *said = county_output(w);
  assert_string_equal(said, "");
  assert_int_equal(code, 0);
  free(said);
}

static bool is_time_or_place(const char *column) {
  static const char *const names[] = {"captured_at", "first_seen",  "last_seen",
                                      "warc_file",   "warc_offset", "warc_length"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(column, names[i]) == 0)
      return true;
  return false;
}

void invariants_same_table(const char *archive, const char *undisturbed) {
  json_t *a = county_csv(archive), *b = county_csv(undisturbed), *row;
  size_t i;
  assert_true(json_array_size(b) > 0);
  assert_int_equal(json_array_size(a), json_array_size(b));
  json_array_foreach(a, i, row) {
    const json_t *other = json_array_get(b, i);
    const char *column;
    json_t *v;
    json_object_foreach(row, column,
                        v) if (!is_time_or_place(column) &&
                               strcmp(json_string_value(v), county_text(other, column)) != 0)
        fail_msg("%s: %s is '%s', undisturbed '%s'", county_text(row, "url"), column,
                 json_string_value(v), county_text(other, column));
  }
  json_decref(a);
  json_decref(b);
}

/* Each answer that stands in the file is a capture of the catalogue, and no other record has its id. */
static void check_records(const char *path, json_t *known) {
  struct zhi_warc_reader *r = NULL;
  struct zhi_warc_record rec;
  const struct zhi_warc_reader_options o = {0};
  assert_int_equal(zhi_warc_open(path, &o, &r, NULL), ZHI_OK);
  while (zhi_warc_next(r, &rec, NULL) == ZHI_OK) {
    char id[64];
    if (rec.type != ZHI_WARC_RESPONSE && rec.type != ZHI_WARC_REVISIT)
      continue;
    snprintf(id, sizeof id, "%.*s", ZHI_STR_ARGS(zhi_warc_record_header(&rec, "WARC-Record-ID")));
    if (json_object_del(known, id) != 0)
      fail_msg("%s:%llu: %s is not in the catalogue, or there twice", path,
               (unsigned long long)rec.offset, id);
  }
  zhi_warc_reader_free(r);
}

static bool ends_with(const char *s, const char *end) {
  size_t n = strlen(s), m = strlen(end);
  return n >= m && strcmp(s + n - m, end) == 0;
}

static size_t entries_of(const char *folder) {
  size_t n = 0;
  DIR *d = opendir(folder);
  assert_non_null(d);
  while (readdir(d))
    n++;
  closedir(d);
  return n;
}

/* Leave a judged file to other judges, once: what was copied from archive to archive has one name and one size. */
static void keep(const char *path) {
  const char *folder = getenv("ZHI_KEEP_WARCS");
  char as[1024], cmd[2200];
  struct stat st;
  if (!folder || entries_of(folder) >= KEPT_MAX)
    return;
  assert_int_equal(stat(path, &st), 0);
  snprintf(as, sizeof as, "%s/%lld-%s", folder, (long long)st.st_size, strrchr(path, '/') + 1);
  if (link(path, as) == 0 || errno == EEXIST)
    return;
  snprintf(cmd, sizeof cmd, "cp '%s' '%s'", path, as); /* another file system */
  assert_int_equal(system(cmd), 0);
}

static void check_files(const char *archive) {
  char top[256], path[1024];
  json_t *known = query(archive, "SELECT record_id, '' FROM capture WHERE record_id IS NOT NULL "
                                 "AND warc_file_id IS NOT NULL");
  snprintf(top, sizeof top, "%s/warc", archive);
  DIR *d = opendir(top);
  for (struct dirent *y; d && (y = readdir(d));) {
    snprintf(path, sizeof path, "%s/%s", top, y->d_name);
    DIR *year = y->d_name[0] == '.' ? NULL : opendir(path);
    for (struct dirent *f; year && (f = readdir(year));) {
      snprintf(path, sizeof path, "%s/%s/%s", top, y->d_name, f->d_name);
      if (!ends_with(f->d_name, ".warc.gz"))
        continue;
      check_records(path, known);
      keep(path);
    }
    if (year)
      closedir(year);
  }
  if (d)
    closedir(d);
  if (json_object_size(known))
    fail_msg("%zu captures have no record in a WARC file", json_object_size(known));
  json_decref(known);
}

static void check_none(const char *archive, const char *what, const char *sql) {
  json_t *found = query(archive, sql), *v;
  const char *key;
  json_object_foreach(found, key, v) fail_msg("%s: %s %s", what, key, json_string_value(v));
  json_decref(found);
}

void invariants_hold(const struct county_world *w, const char *archive, const json_t *before) {
  json_t *now = invariants_captures(archive), *v;
  const char *id;
  invariants_verified(w, archive);
  json_object_foreach((json_t *)(uintptr_t)before, id, v) {
    if (strcmp(county_text(now, id), json_string_value(v)) != 0)
      fail_msg("a committed capture is lost: %s %s", id, json_string_value(v));
  }
  json_decref(now);
  check_none(
      archive, "two captures in one place",
      "SELECT record_id, count(*) FROM capture WHERE record_id IS NOT NULL GROUP BY record_id "
      "HAVING count(*) > 1");
  check_none(archive, "captured twice in one crawl",
             "SELECT u.url, count(*) FROM capture c JOIN url u ON u.id = c.url_id WHERE u.priority "
             "< 9 AND c.verdict IN "
             "('ok', 'not_modified') GROUP BY c.crawl_id, "
             "c.url_id HAVING count(*) > 1");
  check_none(archive, "a revisit without its original",
             "SELECT c.record_id, c.revisit_of FROM capture c LEFT JOIN capture o ON o.id = "
             "c.original_id WHERE c.revisit_of IS NOT NULL AND (o.id IS NULL OR (o.warc_file_id IS "
             "NULL AND "
             "coalesce(o.error, '') NOT LIKE 'lost:%') OR o.revisit_of IS NOT NULL OR "
             "(o.record_id <> c.revisit_of AND o.payload_digest IS NOT c.payload_digest))");
  check_files(archive);
}
