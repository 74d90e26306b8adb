/* Writing documents.csv and its description, datapackage.json (Data Package v2 with Table Schema).
 *
 * Each file is written beside its place, fsynced and renamed over it: a reader sees the old or the new one, whole. The
 * digest of the CSV is kept in the catalogue, so that `check` can tell a changed file from an old one. Translated
 * texts follow the language recipe of Data Package: "title@zh" beside "title". */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/internal.h"

struct out_file {
  char *path, *temporary;
  int fd;
};

static enum zhi_code out_open(struct zhi_store *s, const char *name, struct out_file *f,
                              struct zhi_err *e) {
  *f = (struct out_file){.fd = -1};
  if (asprintf(&f->path, "%s/%s", s->dir, name) < 0)
    f->path = NULL;
  if (asprintf(&f->temporary, "%s/%s.tmp", s->dir, name) < 0)
    f->temporary = NULL;
  if (!f->path || !f->temporary)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a path");
  f->fd = open(f->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
  return f->fd >= 0 ? ZHI_OK : zhi_fail_errno(e, "cannot write '%s'", f->temporary);
}

static enum zhi_code out_write(void *ctx, struct zhi_str bytes, struct zhi_err *e) {
  struct out_file *f = ctx;
  while (bytes.len) {
    ssize_t n = write(f->fd, bytes.p, bytes.len);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return zhi_fail_errno(e, "cannot write '%s'", f->temporary);
    bytes = zhi_str_sub(bytes, (size_t)n, bytes.len);
  }
  return ZHI_OK;
}

/* Make it durable under its name, or remove it when rc is a failure. Returns rc or the failure. */
static enum zhi_code out_finish(struct zhi_store *s, struct out_file *f, enum zhi_code rc,
                                struct zhi_err *e) {
  if (rc == ZHI_OK && fsync(f->fd) != 0)
    rc = zhi_fail_errno(e, "cannot write '%s'", f->temporary);
  if (f->fd >= 0)
    close(f->fd);
  if (rc == ZHI_OK && rename(f->temporary, f->path) != 0)
    rc = zhi_fail_errno(e, "cannot replace '%s'", f->path);
  if (rc && f->fd >= 0)
    unlink(f->temporary);
  if (rc == ZHI_OK) {
    int dir = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0 || fsync(dir) != 0)
      rc = zhi_fail_errno(e, "cannot sync the folder '%s'", s->dir);
    if (dir >= 0)
      close(dir);
  }
  free(f->path);
  free(f->temporary);
  return rc;
}

/* --- datapackage.json ------------------------------------------------------------------------------------- */

static json_t *field_json(const struct zhi_column *c) {
  json_t *f = json_pack("{s:s, s:s, s:s, s:s}", "name", c->name, "type", c->type, "title", c->en,
                        "title@zh", c->zh);
  if (c->about_en)
    json_object_set_new(f, "description", json_string(c->about_en));
  if (c->about_zh)
    json_object_set_new(f, "description@zh", json_string(c->about_zh));
  if (strcmp(c->name, "url") == 0)
    json_object_set_new(f, "format", json_string("uri"));
  if (strcmp(c->name, "state") == 0)
    json_object_set_new(
        f, "constraints",
        json_pack("{s:b, s:[s, s, s]}", "required", 1, "enum", "current", "superseded", "removed"));
  else if (strcmp(c->name, "url") == 0 || strcmp(c->name, "url_key") == 0 ||
           strcmp(c->name, "captured_at") == 0 || strcmp(c->name, "version") == 0)
    json_object_set_new(f, "constraints", json_pack("{s:b}", "required", 1));
  return f;
}

static json_t *schema_json(void) {
  struct zhi_column columns[ZHI_COLUMN_MAX];
  size_t n = zhi_columns(columns);
  json_t *fields = json_array();
  for (size_t i = 0; i < n; i++)
    json_array_append_new(fields, field_json(&columns[i]));
  return json_pack("{s:s, s:o, s:[s, s], s:[s]}", "$schema",
                   "https://datapackage.org/profiles/2.0/tableschema.json", "fields", fields,
                   "primaryKey", "url_key", "version", "missingValues", "");
}

static json_t *package_json(const struct zhi_csv_sink *csv, const char *created) {
  json_t *dialect =
      json_pack("{s:s, s:s, s:s, s:s, s:b, s:b}", "$schema",
                "https://datapackage.org/profiles/2.0/tabledialect.json", "delimiter", ",",
                "lineTerminator", "\r\n", "quoteChar", "\"", "doubleQuote", 1, "header", 1);
  json_t *resource = json_pack(
      "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:I, s:o, s:o}", "name", "documents",
      "path", "documents.csv", "type", "table", "title", "Documents, one row per version",
      "title@zh", "文档,每个版本一行", "format", "csv", "mediatype", "text/csv", "encoding",
      "utf-8", "bytes", (json_int_t)csv->bytes, "hash", csv->digest, "rowCount",
      (json_int_t)csv->rows, "dialect", dialect, "schema", schema_json());
  return json_pack("{s:s, s:s, s:[s, s], s:s, s:s, s:s, s:[o]}", "$schema",
                   "https://datapackage.org/profiles/2.0/datapackage.json", "name",
                   "xianzhi-documents", "languages", "en", "zh", "title",
                   "Documents of a county government site cluster", "title@zh",
                   "县级政府网站群文档索引", "created", created, "resources", resource);
}

static enum zhi_code write_package(struct zhi_store *s, const struct zhi_csv_sink *csv,
                                   struct zhi_err *e) {
  char created[ZHI_ISO_SIZE];
  struct out_file f;
  zhi_time_iso(store_now(s), created);
  json_t *package = package_json(csv, created);
  char *text = package ? json_dumps(package, JSON_INDENT(2)) : NULL;
  json_decref(package);
  if (!text)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for datapackage.json");
  enum zhi_code rc = out_open(s, "datapackage.json", &f, e);
  if (rc == ZHI_OK && (rc = out_write(&f, zhi_str_of(text), e)) == ZHI_OK)
    rc = out_write(&f, ZHI_STR("\n"), e);
  rc = out_finish(s, &f, rc, e);
  free(text);
  return rc;
}

static enum zhi_code remember(struct zhi_store *s, const struct zhi_csv_sink *csv,
                              struct zhi_err *e) {
  char commits[32];
  enum zhi_code rc = zhi_db_begin(s, true, e);
  if (rc)
    return rc;
  if ((rc = zhi_db_fact(s, "commits", commits, sizeof commits, e)) == ZHI_OK &&
      (rc = zhi_db_set_fact(s, "csv_commits", commits, e)) == ZHI_OK)
    rc = zhi_db_set_fact(s, "csv_digest", csv->digest, e);
  return zhi_db_end(s, rc, e);
}

enum zhi_code zhi_store_write_csv(struct zhi_store *s, struct zhi_err *e) {
  struct out_file f;
  struct zhi_csv_sink sink = {.write = out_write, .ctx = &f};
  if (s->mode == ZHI_STORE_READ)
    return zhi_fail(e, ZHI_EBUG, "cannot write into '%s': opened for reading", s->dir);
  enum zhi_code rc = out_open(s, "documents.csv", &f, e);
  if (rc == ZHI_OK)
    rc = zhi_csv_produce(s, &sink, e);
  if ((rc = out_finish(s, &f, rc, e)) || (rc = write_package(s, &sink, e)))
    return rc;
  return remember(s, &sink, e);
}
