/* Writing documents.csv and its description, datapackage.json (Data Package v2 with Table Schema).
 *
 * Each file is written beside its place, fsynced and renamed over it: a reader sees the old or the new one, whole. The
 * digest of the CSV is kept in the catalogue, so that `check` can tell a changed file from an old one. Translated
 * texts follow the language recipe of Data Package: "title@zh" beside "title". */
#include <stdio.h>
#include <stdlib.h>

#include "store/internal.h"
#include "zhi/file.h"

static enum zhi_code open_in(const struct zhi_store *s, const char *name, struct zhi_out *f,
                             struct zhi_err *e) {
  char *path = NULL;
  if (asprintf(&path, "%s/%s", s->dir, name) < 0)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a path");
  enum zhi_code rc = zhi_out_open(f, path, e);
  free(path);
  return rc;
}

static enum zhi_code write_out(void *ctx, struct zhi_str bytes, struct zhi_err *e) {
  return zhi_out_write(ctx, bytes, e);
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
  struct zhi_out f;
  zhi_time_iso(store_now(s), created);
  json_t *package = package_json(csv, created);
  char *text = package ? json_dumps(package, JSON_INDENT(2)) : NULL;
  json_decref(package);
  if (!text)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for datapackage.json");
  enum zhi_code rc = open_in(s, "datapackage.json", &f, e);
  if (rc == ZHI_OK) {
    if ((rc = zhi_out_write(&f, zhi_str_of(text), e)) == ZHI_OK)
      rc = zhi_out_write(&f, ZHI_STR("\n"), e);
    rc = zhi_out_finish(&f, rc, e);
  }
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
  struct zhi_out f;
  struct zhi_csv_sink sink = {.write = write_out, .ctx = &f};
  if (s->mode == ZHI_STORE_READ)
    return zhi_fail(e, ZHI_EBUG, "cannot write into '%s': opened for reading", s->dir);
  enum zhi_code rc = open_in(s, "documents.csv", &f, e);
  if (rc || (rc = zhi_out_finish(&f, zhi_csv_produce(s, &sink, e), e)) ||
      (rc = write_package(s, &sink, e)))
    return rc;
  return remember(s, &sink, e);
}
