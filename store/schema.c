/* The schema and its versions.
 *
 * store/schema/NNNN.sql are applied in order, each in a transaction that also sets user_version. The columns of
 * canonical fields come from the field table: when it has grown since the archive was made, the new ones are added.
 * The view `documents` is made from the column table and renewed when its text has changed. */
#include "store/internal.h"
#include "zhi/embed.h"

ZHI_EMBED(schema_0001, "store/schema/0001.sql")
ZHI_EMBED(schema_0002, "store/schema/0002.sql")
ZHI_EMBED(schema_0003, "store/schema/0003.sql")
ZHI_EMBED(schema_0004, "store/schema/0004.sql")
ZHI_EMBED(schema_0005, "store/schema/0005.sql")
ZHI_EMBED(schema_0006, "store/schema/0006.sql")
ZHI_EMBED(schema_0007, "store/schema/0007.sql")
ZHI_EMBED(schema_0008, "store/schema/0008.sql")
ZHI_EMBED(schema_0009, "store/schema/0009.sql")
ZHI_EMBED(schema_0010, "store/schema/0010.sql")
ZHI_EMBED(schema_0011, "store/schema/0011.sql")
ZHI_EMBED(schema_0012, "store/schema/0012.sql")

static struct zhi_str (*const migrations[STORE_SCHEMA_VERSION])(void) = {
    schema_0001, schema_0002, schema_0003, schema_0004, schema_0005, schema_0006,
    schema_0007, schema_0008, schema_0009, schema_0010, schema_0011, schema_0012};

enum { SCHEMA_MAX_BYTES = 256 * 1024 };

static enum zhi_code migrate(struct zhi_store *s, int64_t to, struct zhi_err *e) {
  struct zhi_str text = migrations[to - 1]();
  struct zhi_str mark = ZHI_STR("/*FIELDS*/");
  const char *at = zhi_str_find(text, mark);
  size_t before = at ? (size_t)(at - text.p) : text.len;
  struct zhi_buf sql;
  zhi_buf_init(&sql, SCHEMA_MAX_BYTES);
  zhi_buf_adds(&sql, "BEGIN IMMEDIATE;\n");
  zhi_buf_add(&sql, text.p, before);
  for (int f = 0; at && f < ZHI_FIELD_COUNT; f++)
    zhi_buf_addf(&sql, "  \"%s\" TEXT, -- %s\n", zhi_field_table[f].name, zhi_field_table[f].zh);
  if (at)
    zhi_buf_addstr(&sql, zhi_str_sub(text, before + mark.len, text.len));
  zhi_buf_addf(&sql, ";\nPRAGMA application_id = %d;\nPRAGMA user_version = %lld;\nCOMMIT;\n",
               STORE_APPLICATION_ID, (long long)to);
  enum zhi_code rc = zhi_buf_check(&sql, "the schema", e);
  if (rc == ZHI_OK)
    rc = zhi_db_exec(s, sql.p, e);
  if (rc && !sqlite3_get_autocommit(s->db))
    sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
  zhi_buf_release(&sql);
  return rc;
}

static enum zhi_code add_fields(struct zhi_store *s, struct zhi_err *e) {
  for (int f = 0; f < ZHI_FIELD_COUNT; f++) {
    char sql[160];
    const char *name = zhi_field_table[f].name;
    if (sqlite3_table_column_metadata(s->db, "main", "document", name, NULL, NULL, NULL, NULL,
                                      NULL) == SQLITE_OK)
      continue;
    snprintf(sql, sizeof sql, "ALTER TABLE document ADD COLUMN \"%s\" TEXT", name);
    enum zhi_code rc = zhi_db_exec(s, sql, e);
    if (rc)
      return rc;
  }
  return ZHI_OK;
}

static enum zhi_code renew_view(struct zhi_store *s, struct zhi_err *e) {
  struct zhi_buf sql;
  sqlite3_stmt *st = NULL;
  bool row = false, same = false;
  zhi_buf_init(&sql, SCHEMA_MAX_BYTES);
  zhi_columns_view(&sql);
  enum zhi_code rc = zhi_buf_check(&sql, "the view of documents", e);
  if (rc ||
      (rc = zhi_db_prepare(
           s, "SELECT sql FROM sqlite_master WHERE type = 'view' AND name = 'documents'", &st,
           e)) ||
      (rc = zhi_db_step(s, st, &row, e)))
    goto out;
  same = row && zhi_str_eq(zhi_col_str(st, 0), zhi_buf_view(&sql));
  sqlite3_reset(st);
  if (same)
    goto out;
  if ((rc = zhi_db_exec(s, "BEGIN IMMEDIATE; DROP VIEW IF EXISTS documents", e)) == ZHI_OK &&
      (rc = zhi_db_exec(s, sql.p, e)) == ZHI_OK)
    rc = zhi_db_exec(s, "COMMIT", e);
  if (rc && !sqlite3_get_autocommit(s->db))
    sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
out:
  sqlite3_finalize(st);
  zhi_buf_release(&sql);
  return rc;
}

enum zhi_code zhi_schema_open(struct zhi_store *s, bool create, struct zhi_err *e) {
  int64_t version = 0, app = 0, tables = 0;
  enum zhi_code rc = zhi_db_int(s, "PRAGMA user_version", &version, e);
  if (rc || (rc = zhi_db_int(s, "PRAGMA application_id", &app, e)) ||
      (rc = zhi_db_int(s, "SELECT count(*) FROM sqlite_master", &tables, e)))
    return rc;
  bool empty = version == 0 && tables == 0;
  if (app != STORE_APPLICATION_ID && !(empty && create))
    return zhi_fail(e, ZHI_EPARSE, "'%s' is not a xianzhi archive", s->path);
  if (version > STORE_SCHEMA_VERSION)
    return zhi_fail(e, ZHI_EPARSE,
                    "'%s' was written by a newer xianzhi (schema %lld, this one knows %d)", s->path,
                    (long long)version, STORE_SCHEMA_VERSION);
  if (s->mode == ZHI_STORE_READ)
    return version == STORE_SCHEMA_VERSION
               ? ZHI_OK
               : zhi_fail(e, ZHI_EPARSE,
                          "'%s' has the older schema %lld: a crawl or reextract renews it", s->path,
                          (long long)version);
  bool without_ledger = version > 0 && version < STORE_SCHEMA_LEDGER;
  while (version < STORE_SCHEMA_VERSION)
    if ((rc = migrate(s, ++version, e)))
      return rc;
  if ((rc = add_fields(s, e)) || (rc = renew_view(s, e)))
    return rc;
  return without_ledger ? zhi_ledger_rebuild(s, true, e) : ZHI_OK;
}
