/* The description of an exported file, in the datapackage.json of its folder (Data Package v2).
 *
 * A folder has one package: files exported into it before stay described, one of the same name is replaced. When the
 * datapackage.json there is none of ours to touch (an archive's own, not JSON, or without a list of resources), the
 * description goes to FILE.datapackage.json. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/export.h"
#include "zhi/file.h"

static const char *base_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

/* The options that make the same rows again. */
static json_t *query_json(const struct export_plan *p) {
  static const char *const formats[] = {"csv", "jsonl", "xlsx"};
  const struct zhi_export_options *o = p->o;
  json_t *where = json_array();
  for (size_t i = 0; i < o->where_count; i++)
    json_array_append_new(where, json_string(o->where[i]));
  return json_pack("{s:s, s:s, s:b, s:b, s:s?, s:s?, s:s?, s:o}", "software",
                   "xianzhi " ZHI_VERSION, "format", formats[o->format], "excel", o->excel,
                   "all_versions", o->all_versions, "from", o->from, "to", o->to, "fields",
                   o->fields, "where", where);
}

static bool is_out(const struct export_plan *p, const char *name) {
  for (size_t i = 0; i < p->out_count; i++)
    if (strcmp(p->column[p->out[i]].name, name) == 0)
      return true;
  return false;
}

static json_t *fields_json(const struct export_plan *p) {
  json_t *fields = json_array();
  for (size_t i = 0; i < p->out_count; i++) {
    const struct zhi_column *c = &p->column[p->out[i]];
    json_t *f = zhi_package_field(c, STORE_DOCUMENT_STATES);
    if (p->o->excel && p->kind[p->out[i]] != EXPORT_INTEGER)
      json_object_set_new(f, "guarded", json_true());
    json_array_append_new(fields, f);
  }
  return fields;
}

static json_t *schema_json(const struct export_plan *p) {
  json_t *schema = json_pack("{s:s, s:o, s:[s]}", "$schema",
                             "https://datapackage.org/profiles/2.0/tableschema.json", "fields",
                             fields_json(p), "missingValues", "");
  if (is_out(p, "archive") && is_out(p, "url_key") && is_out(p, "version"))
    json_object_set_new(schema, "primaryKey",
                        json_pack("[s, s, s]", "archive", "url_key", "version"));
  return schema;
}

static json_t *resource_json(const struct export_plan *p, const struct zhi_export_done *done,
                             json_t *sources) {
  static const char *const types[] = {
      "text/csv", "application/x-ndjson",
      "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"};
  static const char *const formats[] = {"csv", "jsonl", "xlsx"};
  struct zhi_buf slug;
  zhi_buf_init(&slug, 4096);
  zhi_buf_add_slug(&slug, zhi_str_of(base_name(p->o->out)));
  json_t *r =
      json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:I, s:o, s:o, s:o}", "name",
                slug.p ? slug.p : "documents", "path", base_name(p->o->out), "type", "table",
                "title", "Documents of county government sites", "title@zh", "县级政府网站文档",
                "format", formats[p->o->format], "mediatype", types[p->o->format], "bytes",
                (json_int_t)done->bytes, "hash", done->digest, "rowCount", (json_int_t)done->rows,
                "sources", sources, "query", query_json(p), "schema", schema_json(p));
  if (p->o->format != ZHI_EXPORT_XLSX)
    json_object_set_new(r, "encoding", json_string("utf-8"));
  if (p->o->format == ZHI_EXPORT_CSV)
    json_object_set_new(r, "dialect", zhi_package_dialect());
  if (p->o->excel)
    json_object_set_new(
        r, "description",
        json_string(
            "For spreadsheets: with a byte order mark; a cell of a guarded field that begins "
            "with ' stands for the text after it."));
  zhi_buf_release(&slug);
  return r;
}

/* The package of the folder, or a new one; NULL: there is a file that is none. */
static json_t *load_package(const char *path) {
  json_t *package = NULL;
  if (access(path, F_OK) == 0) {
    package = json_load_file(path, 0, NULL);
    if (json_is_array(json_object_get(package, "resources")) &&
        !json_object_get(package, "wacz_version"))
      return package;
    json_decref(package);
    return NULL;
  }
  return json_pack("{s:s, s:s, s:[s, s], s:[]}", "$schema",
                   "https://datapackage.org/profiles/2.0/datapackage.json", "name",
                   "xianzhi-export", "languages", "en", "zh", "resources");
}

static void put_resource(json_t *package, json_t *resource) {
  json_t *all = json_object_get(package, "resources"), *old;
  const char *path = json_string_value(json_object_get(resource, "path"));
  size_t i;
  json_array_foreach(all, i, old) {
    const char *other = json_string_value(json_object_get(old, "path"));
    if (other && path && strcmp(other, path) == 0) {
      json_array_set_new(all, i, resource);
      return;
    }
  }
  json_array_append_new(all, resource);
}

enum zhi_code export_describe(const struct export_plan *p, const struct zhi_export_done *done,
                              json_t *sources, struct zhi_err *e) {
  char created[ZHI_ISO_SIZE], *path = NULL, *other = NULL, *db = NULL;
  const char *out = p->o->out;
  json_t *resource = resource_json(p, done, sources), *package = NULL;
  if (asprintf(&path, "%.*sdatapackage.json", (int)(base_name(out) - out), out) < 0)
    path = NULL;
  if (asprintf(&db, "%.*sxianzhi.db", (int)(base_name(out) - out), out) < 0)
    db = NULL;
  if (asprintf(&other, "%s.datapackage.json", out) < 0)
    other = NULL;
  enum zhi_code rc = ZHI_ENOMEM;
  if (resource && path && other && db) {
    bool apart = access(db, F_OK) == 0 || !(package = load_package(path));
    if (apart)
      package = load_package(other);
    if (!package)
      package = load_package("");
    zhi_time_iso(zhi_now_ms(&zhi_clock_system), created);
    json_object_set_new(package, "created", json_string(created));
    put_resource(package, resource);
    resource = NULL;
    rc = zhi_package_write(apart ? other : path, package, e);
  } else {
    (void)zhi_fail(e, ZHI_ENOMEM, "out of memory for datapackage.json");
  }
  json_decref(resource);
  json_decref(package);
  free(path);
  free(other);
  free(db);
  return rc;
}
