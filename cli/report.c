/* Reports as files: written whole or not at all. */
#include "cli/report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "zhi/file.h"
#include "zhi/json.h"
#include "zhi/report.h"
#include "zhi/store.h"

enum { REPORT_MAX_BYTES = 256 << 20 };

static const char *name_of(const json_t *report) {
  const char *s = json_string_value(json_object_get(json_object_get(report, "crawl"), "name"));
  return s ? s : "crawl";
}

/* What was kept of it when it ended; NULL. */
static json_t *load_kept(const char *archive, const json_t *report) {
  char path[4096];
  snprintf(path, sizeof path, "%s/reports/%s.json", archive, name_of(report));
  json_t *kept = access(path, R_OK) == 0 ? json_load_file(path, 0, NULL) : NULL;
  if (json_integer_value(json_object_get(kept, "report")) == ZHI_REPORT_VERSION)
    return kept;
  json_decref(kept);
  return NULL;
}

static void prefer_kept(const char *archive, json_t **report) {
  json_t *kept = load_kept(archive, *report);
  if (!kept)
    return;
  json_decref(*report);
  *report = kept;
}

void report_paused(json_t *report, const char *by) {
  json_object_set_new(json_object_get(report, "crawl"), "paused",
                      json_pack("{s:O,s:s}", "at", json_object_get(report, "as_of"), "by", by));
}

/* An unfinished crawl that has asked for nothing since it paused is still paused. */
static void recall_pause(const char *archive, json_t *report) {
  json_t *crawl = json_object_get(report, "crawl"), *kept = NULL;
  if (json_is_null(json_object_get(crawl, "finished")))
    kept = load_kept(archive, report);
  const json_t *then = json_object_get(kept, "crawl");
  json_t *paused = json_object_get(then, "paused");
  if (paused &&
      json_equal(json_object_get(crawl, "last_request"), json_object_get(then, "last_request")))
    json_object_set(crawl, "paused", paused);
  json_decref(kept);
}

enum zhi_code report_of(const char *archive, struct zhi_str crawl, json_t **out,
                        struct zhi_err *e) {
  struct zhi_store *s = NULL;
  json_t *latest = NULL;
  const unsigned long lost = zhi_json_lost();
  enum zhi_code rc = zhi_store_open(archive, ZHI_STORE_READ, &zhi_clock_system, &s, e);
  if (!rc)
    rc = zhi_store_report(s, crawl, out, e);
  if (!rc && crawl.len) {
    rc = zhi_store_report(s, ZHI_STR(""), &latest, e);
    if (!rc && strcmp(name_of(latest), name_of(*out)) != 0)
      prefer_kept(archive, out);
    json_decref(latest);
  }
  zhi_store_close(s);
  if (!rc)
    recall_pause(archive, *out);
  return rc ? rc : zhi_json_whole(lost, "a report", e);
}

enum zhi_code report_to(const json_t *report, const char *path, struct zhi_err *e) {
  struct zhi_out f;
  struct zhi_buf text;
  enum zhi_code rc;
  zhi_buf_init(&text, REPORT_MAX_BYTES);
  if (zhi_str_ends(zhi_str_of(path), ".json")) {
    char *s = json_dumps(report, JSON_INDENT(1));
    zhi_buf_addf(&text, "%s\n", s ? s : "");
    rc = s ? zhi_buf_check(&text, "a report", e)
           : zhi_fail(e, ZHI_ENOMEM, "out of memory for a report");
    free(s);
  } else {
    rc = zhi_report_html(report, &text, e);
  }
  if (!rc && (rc = zhi_out_open(&f, path, e)) == ZHI_OK)
    rc = zhi_out_finish(&f, zhi_out_write(&f, zhi_buf_view(&text), e), e);
  zhi_buf_release(&text);
  return rc;
}

enum zhi_code report_keep(const json_t *report, const char *archive, struct zhi_err *e) {
  static const char *const forms[] = {"json", "html"};
  char path[4096];
  enum zhi_code rc = ZHI_OK;
  snprintf(path, sizeof path, "%s/reports", archive);
  if (mkdir(path, 0777) != 0 && errno != EEXIST)
    return zhi_fail_errno(e, "cannot make the folder '%s'", path);
  for (int i = 0; i < 2 && !rc; i++) {
    snprintf(path, sizeof path, "%s/reports/%s.%s", archive, name_of(report), forms[i]);
    rc = report_to(report, path, e);
  }
  return rc;
}
