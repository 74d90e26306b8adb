/* Writing documents.csv, the tables beside it and their description, datapackage.json (Data Package v2 with Table Schema).
 *
 * Each file is written beside its place, fsynced and renamed over it: a reader sees the old or the new one, whole. The
 * digest of the CSV is kept in the catalogue, so that `check` can tell a changed file from an old one. Translated
 * texts follow the language recipe of Data Package: "title@zh" beside "title". */
#include <stdio.h>
#include <stdlib.h>

#include "store/internal.h"
#include "zhi/file.h"
#include "zhi/json.h"

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

json_t *zhi_package_field(const struct zhi_column *c, const char *states) {
  json_t *f = json_pack("{s:s, s:s, s:s, s:s}", "name", c->name, "type", c->type, "title", c->en,
                        "title@zh", c->zh);
  if (c->about_en)
    json_object_set_new(f, "description", json_string(c->about_en));
  if (c->about_zh)
    json_object_set_new(f, "description@zh", json_string(c->about_zh));
  if (strcmp(c->name, "url") == 0)
    json_object_set_new(f, "format", json_string("uri"));
  bool state = strcmp(c->name, "state") == 0;
  bool needed = state || strcmp(c->name, "url") == 0 || strcmp(c->name, "url_key") == 0 ||
                strcmp(c->name, "captured_at") == 0 || strcmp(c->name, "version") == 0;
  if (!needed)
    return f;
  json_t *constraints = json_pack("{s:b}", "required", 1), *values = json_array();
  struct zhi_str rest = zhi_str_of(state ? states : NULL);
  while (rest.len)
    json_array_append_new(values, zhi_json_str(zhi_str_cut(&rest, ' ')));
  if (state)
    json_object_set(constraints, "enum", values);
  json_decref(values);
  json_object_set_new(f, "constraints", constraints);
  return f;
}

static json_t *schema_json(const struct zhi_column *columns, size_t n, const char *states) {
  json_t *fields = json_array();
  for (size_t i = 0; i < n; i++)
    json_array_append_new(fields, zhi_package_field(&columns[i], states));
  return json_pack("{s:s, s:o, s:[s]}", "$schema",
                   "https://datapackage.org/profiles/2.0/tableschema.json", "fields", fields,
                   "missingValues", "");
}

json_t *zhi_package_dialect(void) {
  return json_pack("{s:s, s:s, s:s, s:s, s:b, s:b}", "$schema",
                   "https://datapackage.org/profiles/2.0/tabledialect.json", "delimiter", ",",
                   "lineTerminator", "\r\n", "quoteChar", "\"", "doubleQuote", 1, "header", 1);
}

/* One CSV file with what was written of it. */
static json_t *resource_json(const char *name, const char *en, const char *zh,
                             const struct zhi_csv_sink *csv, json_t *schema) {
  char path[64];
  snprintf(path, sizeof path, "%s.csv", name);
  return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:I, s:o, s:o}", "name",
                   name, "path", path, "type", "table", "title", en, "title@zh", zh, "format",
                   "csv", "mediatype", "text/csv", "encoding", "utf-8", "bytes",
                   (json_int_t)csv->bytes, "hash", csv->digest, "rowCount", (json_int_t)csv->rows,
                   "dialect", zhi_package_dialect(), "schema", schema);
}

static json_t *documents_json(const struct zhi_csv_sink *csv) {
  struct zhi_column columns[ZHI_COLUMN_MAX];
  json_t *schema = schema_json(columns, zhi_columns(columns), STORE_DOCUMENT_STATES);
  json_object_set_new(schema, "primaryKey", json_pack("[s, s]", "url_key", "version"));
  return resource_json("documents", "Documents, one row per version", "文档,每个版本一行", csv,
                       schema);
}

static json_t *package_json(json_t *resources, const char *created) {
  return json_pack("{s:s, s:s, s:[s, s], s:s, s:s, s:s, s:o}", "$schema",
                   "https://datapackage.org/profiles/2.0/datapackage.json", "name",
                   "xianzhi-documents", "languages", "en", "zh", "title",
                   "Documents of a county government site cluster", "title@zh",
                   "县级政府网站群文档索引", "created", created, "resources", resources);
}

enum zhi_code zhi_package_write(const char *path, const json_t *package, struct zhi_err *e) {
  struct zhi_out f;
  char *text = package ? json_dumps(package, JSON_INDENT(2)) : NULL;
  if (!text)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for '%s'", path);
  enum zhi_code rc = zhi_out_open(&f, path, e);
  if (rc == ZHI_OK) {
    if ((rc = zhi_out_write(&f, zhi_str_of(text), e)) == ZHI_OK)
      rc = zhi_out_write(&f, ZHI_STR("\n"), e);
    rc = zhi_out_finish(&f, rc, e);
  }
  free(text);
  return rc;
}

/* Takes the reference to `resources`. */
static enum zhi_code write_package(struct zhi_store *s, json_t *resources, struct zhi_err *e) {
  char created[ZHI_ISO_SIZE], *path = NULL;
  zhi_time_iso(store_now(s), created);
  json_t *package = package_json(resources, created);
  if (asprintf(&path, "%s/datapackage.json", s->dir) < 0)
    path = NULL;
  enum zhi_code rc = path ? zhi_package_write(path, package, e)
                          : zhi_fail(e, ZHI_ENOMEM, "out of memory for a path");
  json_decref(package);
  free(path);
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

static enum zhi_code write_table(struct zhi_store *s, const struct zhi_table *t, json_t *resources,
                                 struct zhi_err *e) {
  char name[64];
  struct zhi_out f;
  struct zhi_csv_sink sink = {.write = write_out, .ctx = &f};
  snprintf(name, sizeof name, "%s.csv", t->name);
  enum zhi_code rc = open_in(s, name, &f, e);
  if (rc || (rc = zhi_out_finish(&f, zhi_table_produce(s, t, &sink, e), e)))
    return rc;
  json_t *schema = schema_json(t->columns, t->count, t->states);
  json_array_append_new(resources, resource_json(t->name, t->en, t->zh, &sink, schema));
  return ZHI_OK;
}

enum zhi_code zhi_store_write_csv(struct zhi_store *s, struct zhi_err *e) {
  struct zhi_out f;
  struct zhi_csv_sink sink = {.write = write_out, .ctx = &f};
  if (s->mode == ZHI_STORE_READ)
    return zhi_fail(e, ZHI_EBUG, "cannot write into '%s': opened for reading", s->dir);
  enum zhi_code rc = zhi_mark_shared_dates(s, e);
  if (rc || (rc = open_in(s, "documents.csv", &f, e)) ||
      (rc = zhi_out_finish(&f, zhi_csv_produce(s, &sink, e), e)))
    return rc;
  json_t *resources = json_array();
  json_array_append_new(resources, documents_json(&sink));
  for (const struct zhi_table *t = zhi_tables; t->name && rc == ZHI_OK; t++)
    rc = write_table(s, t, resources, e);
  if (rc) {
    json_decref(resources);
    return rc;
  }
  rc = write_package(s, resources, e);
  return rc ? rc : remember(s, &sink, e);
}
