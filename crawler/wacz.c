/* WACZ 1.1.1: the WARC files stored as they are under archive/, indexes/index.cdx.gz with its .idx, pages/pages.jsonl with the
 * documents' text, datapackage.json with a digest of everything, datapackage-digest.json.
 *
 * Parts are made in OUT.parts, one after another, and then go into the ZIP as streams: memory holds none of them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include "crawler/wacz.h"
#include "zhi/json.h"
#include "zhi/limits.h"
#include "zhi/store.h"
#include "zhi/warc.h"

enum { INDEX_LINES = 256, PATH_SIZE = 4600 };

struct part {
  char *path, *name; /* on disk; in the ZIP */
  bool made;         /* in OUT.parts: removed at the end */
};

struct wacz {
  const struct zhi_export_options *o;
  struct zhi_export_done *done;
  char folder[4096]; /* OUT.parts */
  struct part *parts;
  size_t count, warcs; /* the WARC files come first */
  char main_url[2048], main_ts[ZHI_ISO_SIZE];
  bool has_main;           /* its page is written */
  struct zhi_buf counties; /* the package's title */
  struct zhi_out pages;
  struct zhi_buf line;
  /* the archive at hand */
  const char *archive;
};

static enum zhi_code add_part(struct wacz *w, const char *path, const char *name, bool made,
                              struct zhi_err *e) {
  struct part *p = realloc(w->parts, (w->count + 1) * sizeof *p);
  if (!p)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a WACZ file");
  w->parts = p;
  for (size_t i = 0; i < w->count; i++)
    if (strcmp(p[i].name, name) == 0)
      return zhi_fail(e, ZHI_EUSAGE, "two archives have a file '%s': export them apart", name);
  p[w->count] = (struct part){strdup(path), strdup(name), made};
  if (p[w->count].path && p[w->count].name) {
    w->count++;
    return ZHI_OK;
  }
  free(p[w->count].path);
  free(p[w->count].name);
  return zhi_fail(e, ZHI_ENOMEM, "out of memory for a WACZ file");
}

static void part_path(const struct wacz *w, const char *name, char out[PATH_SIZE]) {
  snprintf(out, PATH_SIZE, "%s/%s", w->folder, name);
}

/* --- WARC files -------------------------------------------------------------------------------------------------- */

static enum zhi_code take_whole_file(void *ctx, const struct zhi_warc_state *x, struct zhi_err *e) {
  struct wacz *w = ctx;
  char path[PATH_SIZE], name[256], why[512];
  const char *base = strrchr(x->file, '/') ? strrchr(x->file, '/') + 1 : x->file;
  if (!x->closed) {
    snprintf(why, sizeof why, "%s is still being written and left out", base);
    if (w->o->warn)
      w->o->warn(w->o->ctx, why);
    return ZHI_OK;
  }
  snprintf(path, sizeof path, "%s/warc/%s", w->archive, x->file);
  snprintf(name, sizeof name, "archive/%s", base);
  return add_part(w, path, name, false, e);
}

static enum zhi_code take_selection(struct wacz *w, size_t number, struct zhi_err *e) {
  char path[PATH_SIZE], file[64], name[96];
  int64_t records = 0;
  struct zhi_out out;
  struct zhi_wacz_selection s = {w->archive, w->o};
  snprintf(file, sizeof file, "selection-%zu.warc.gz", number);
  snprintf(name, sizeof name, "archive/%s", file);
  part_path(w, file, path);
  enum zhi_code rc = zhi_out_open(&out, path, e);
  if (!rc)
    rc = zhi_out_finish(&out, zhi_wacz_select(&s, &out, &records, e), e);
  if (!rc && records == 0)
    unlink(path);
  return rc || records == 0 ? rc : add_part(w, path, name, true, e);
}

/* The portal is what a crawl fetches first. */
static enum zhi_code find_main_page(void *ctx, const struct zhi_capture_ref *c, struct zhi_err *e) {
  struct wacz *w = ctx;
  (void)e;
  if (strcmp(c->verdict, "ok") != 0 || !c->has_doc || c->is_revisit)
    return ZHI_OK;
  snprintf(w->main_url, sizeof w->main_url, "%s", c->url);
  zhi_time_iso(c->fetched_ms, w->main_ts);
  return ZHI_EOF;
}

static enum zhi_code count_suppression(void *ctx, const struct zhi_suppression *x,
                                       struct zhi_err *e) {
  (void)x;
  (void)e;
  *(bool *)ctx = true;
  return ZHI_OK;
}

static enum zhi_code take_archive(struct wacz *w, const char *archive, size_t number,
                                  struct zhi_err *e) {
  struct zhi_store *s;
  bool choosy = w->o->where_count || w->o->from || w->o->to;
  w->archive = archive;
  enum zhi_code rc = zhi_store_open(archive, ZHI_STORE_READ, &zhi_clock_system, &s, e);
  if (rc)
    return rc;
  rc = zhi_store_each_suppression(s, count_suppression, &choosy, e);
  if (!rc && !choosy)
    rc = zhi_store_each_warc(s, take_whole_file, w, e);
  if (!rc && !choosy && !w->main_url[0] &&
      (rc = zhi_store_each_capture(s, find_main_page, w, e)) == ZHI_EOF)
    rc = ZHI_OK;
  zhi_store_close(s);
  return rc || !choosy ? rc : take_selection(w, number, e);
}

/* --- index and pages ------------------------------------------------------------------------------------------------ */

static enum zhi_code write_index(struct wacz *w, int cdxj, struct zhi_err *e) {
  char blocks_path[PATH_SIZE], idx_path[PATH_SIZE];
  struct zhi_out blocks, idx;
  part_path(w, "index.cdx.gz", blocks_path);
  part_path(w, "index.idx", idx_path);
  enum zhi_code rc = zhi_out_open(&blocks, blocks_path, e);
  if (rc)
    return rc;
  if ((rc = zhi_out_open(&idx, idx_path, e)))
    return zhi_out_finish(&blocks, rc, e);
  struct zhi_zipnum z = {
      .lines = INDEX_LINES, .wacz = true, .name = "index.cdx.gz", .blocks = &blocks, .idx = &idx};
  rc = zhi_zipnum_write(&z, cdxj, e);
  rc = zhi_out_finish(&blocks, rc, e);
  rc = zhi_out_finish(&idx, rc, e);
  if (!rc)
    rc = add_part(w, blocks_path, "indexes/index.cdx.gz", true, e);
  return rc ? rc : add_part(w, idx_path, "indexes/index.idx", true, e);
}

static enum zhi_code index_warcs(struct wacz *w, struct zhi_err *e) {
  FILE *cdxj = tmpfile();
  char **paths = calloc(w->warcs + 1, sizeof *paths);
  enum zhi_code rc = cdxj && paths ? ZHI_OK : zhi_fail_errno(e, "cannot make a temporary file");
  for (size_t i = 0; i < w->warcs && !rc; i++)
    paths[i] = w->parts[i].path;
  if (!rc)
    rc = zhi_cdxj_index(paths, w->warcs, fileno(cdxj), NULL, e);
  if (!rc)
    rc = write_index(w, fileno(cdxj), e);
  free(paths);
  if (cdxj)
    fclose(cdxj);
  return rc;
}

static void add_member(struct zhi_buf *b, const char *name, struct zhi_str value) {
  if (!value.len)
    return;
  zhi_buf_addf(b, "%s\"%s\": ", b->len ? ", " : "{", name);
  zhi_json_add_string(b, value);
}

/* A page without a title goes by its URL: readers take a row without any of the header's members for blank. */
static enum zhi_code write_page(struct wacz *w, struct zhi_str url, struct zhi_str ts,
                                struct zhi_str title, struct zhi_str text, struct zhi_err *e) {
  zhi_buf_clear(&w->line);
  add_member(&w->line, "url", url);
  add_member(&w->line, "ts", ts);
  add_member(&w->line, "title", title.len ? title : url);
  add_member(&w->line, "text", text);
  zhi_buf_adds(&w->line, "}\n");
  enum zhi_code rc = zhi_buf_check(&w->line, "a page", e);
  return rc ? rc : zhi_out_write(&w->pages, zhi_buf_view(&w->line), e);
}

/* Cells: url, captured_at, title, text, county. */
static enum zhi_code page_row(void *ctx, const struct zhi_str *cells, struct zhi_err *e) {
  struct wacz *w = ctx;
  if (!w->main_url[0]) {
    snprintf(w->main_url, sizeof w->main_url, "%.*s", ZHI_STR_ARGS(cells[0]));
    snprintf(w->main_ts, sizeof w->main_ts, "%.*s", ZHI_STR_ARGS(cells[1]));
  }
  w->has_main |= zhi_str_is(cells[0], w->main_url);
  if (!zhi_str_find(zhi_buf_view(&w->counties), cells[4])) {
    zhi_buf_adds(&w->counties, w->counties.len ? ", " : "");
    zhi_buf_addstr(&w->counties, cells[4]);
  }
  return write_page(w, cells[0], cells[1], cells[2], cells[3], e);
}

static enum zhi_code write_pages(struct wacz *w, const char *const *archives, size_t count,
                                 struct zhi_err *e) {
  char path[PATH_SIZE];
  struct zhi_export_options o = *w->o;
  o.format = ZHI_EXPORT_ROWS;
  o.fields = "url,captured_at,title,text,county";
  o.row = page_row;
  o.ctx = w;
  o.warn = NULL;
  part_path(w, "pages.jsonl", path);
  enum zhi_code rc = zhi_out_open(&w->pages, path, e);
  if (rc)
    return rc;
  rc = zhi_out_write(
      &w->pages,
      ZHI_STR("{\"format\": \"json-pages-1.0\", \"id\": \"pages\", \"title\": \"All Pages\", "
              "\"hasText\": true}\n"),
      e);
  if (!rc)
    rc = zhi_export(archives, count, &o, w->done, e);
  if (!rc && w->main_url[0] && !w->has_main)
    rc = write_page(w, zhi_str_of(w->main_url), zhi_str_of(w->main_ts), ZHI_STR_NONE, ZHI_STR_NONE,
                    e);
  rc = zhi_out_finish(&w->pages, rc, e);
  return rc ? rc : add_part(w, path, "pages/pages.jsonl", true, e);
}

/* --- datapackage ----------------------------------------------------------------------------------------------------- */

static enum zhi_code add_resource(const struct part *p, json_t *out, struct zhi_err *e) {
  char digest[ZHI_DIGEST_TEXT_SIZE];
  int64_t bytes = 0;
  struct zhi_buf slug;
  enum zhi_code rc = zhi_file_digest(p->path, digest, &bytes, e);
  if (rc)
    return rc;
  zhi_buf_init(&slug, 4096);
  zhi_buf_add_slug(&slug, zhi_str_of(strrchr(p->name, '/') + 1));
  json_array_append_new(out,
                        json_pack("{s:s, s:s, s:s, s:I}", "name", slug.p ? slug.p : "part", "path",
                                  p->name, "hash", digest, "bytes", (json_int_t)bytes));
  zhi_buf_release(&slug);
  return ZHI_OK;
}

static enum zhi_code resources_of(const struct wacz *w, json_t *out, struct zhi_err *e) {
  enum zhi_code rc = ZHI_OK;
  for (size_t i = 0; i < w->count && !rc; i++)
    rc = add_resource(&w->parts[i], out, e);
  return rc;
}

static enum zhi_code write_json(struct wacz *w, const char *name, const json_t *o,
                                struct zhi_err *e) {
  char path[PATH_SIZE];
  struct zhi_out f;
  char *text = o ? json_dumps(o, JSON_INDENT(2)) : NULL;
  if (!text)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for '%s'", name);
  part_path(w, name, path);
  enum zhi_code rc = zhi_out_open(&f, path, e);
  if (!rc)
    rc = zhi_out_finish(&f, zhi_out_write(&f, zhi_str_of(text), e), e);
  free(text);
  return rc ? rc : add_part(w, path, name, true, e);
}

static enum zhi_code describe(struct wacz *w, struct zhi_err *e) {
  char now[ZHI_ISO_SIZE], path[PATH_SIZE], digest[ZHI_DIGEST_TEXT_SIZE];
  int64_t bytes;
  json_t *resources = json_array();
  enum zhi_code rc = resources_of(w, resources, e);
  zhi_time_iso(zhi_now_ms(&zhi_clock_system), now);
  json_t *package =
      json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "profile", "data-package", "wacz_version",
                "1.1.1", "title", w->counties.len ? w->counties.p : "xianzhi", "created", now,
                "modified", now, "software", "xianzhi " ZHI_VERSION, "resources", resources);
  if (w->main_url[0]) {
    json_object_set_new(package, "mainPageUrl", zhi_json_str(zhi_str_of(w->main_url)));
    json_object_set_new(package, "mainPageDate", json_string(w->main_ts));
  }
  if (!rc)
    rc = write_json(w, "datapackage.json", package, e);
  json_decref(package);
  part_path(w, "datapackage.json", path);
  if (!rc)
    rc = zhi_file_digest(path, digest, &bytes, e);
  if (rc)
    return rc;
  json_t *seal = json_pack("{s:s, s:s}", "path", "datapackage.json", "hash", digest);
  rc = write_json(w, "datapackage-digest.json", seal, e);
  json_decref(seal);
  return rc;
}

/* --- ZIP ------------------------------------------------------------------------------------------------------------- */

static enum zhi_code zip_failure(zip_t *z, const char *path, struct zhi_err *e) {
  return zhi_fail(e, ZHI_EIO, "cannot write '%s': %s", path, zip_strerror(z));
}

static enum zhi_code add_to_zip(zip_t *z, const struct part *p, struct zhi_err *e) {
  struct zhi_str name = zhi_str_of(p->name);
  zip_source_t *source = zip_source_file(z, p->path, 0, -1);
  zip_int64_t i = source ? zip_file_add(z, p->name, source, ZIP_FL_ENC_UTF_8) : -1;
  if (i < 0) {
    zip_source_free(source);
    return zip_failure(z, p->name, e);
  }
  bool packed = zhi_str_ends(name, ".gz") || zhi_str_ends(name, ".warc");
  if (zip_set_file_compression(z, (zip_uint64_t)i, packed ? ZIP_CM_STORE : ZIP_CM_DEFLATE, 0))
    return zip_failure(z, p->name, e);
  return ZHI_OK;
}

static enum zhi_code write_zip(const struct wacz *w, struct zhi_err *e) {
  char temporary[PATH_SIZE];
  int why = 0;
  snprintf(temporary, sizeof temporary, "%s.tmp", w->o->out);
  zip_t *z = zip_open(temporary, ZIP_CREATE | ZIP_TRUNCATE, &why);
  if (!z)
    return zhi_fail_errno(e, "cannot write '%s'", temporary);
  enum zhi_code rc = ZHI_OK;
  for (size_t i = 0; i < w->count && !rc; i++)
    rc = add_to_zip(z, &w->parts[i], e);
  if (rc) {
    zip_discard(z);
  } else if (zip_close(z) != 0) {
    rc = zip_failure(z, temporary, e);
    zip_discard(z);
  }
  if (!rc)
    rc = zhi_file_digest(temporary, w->done->digest, &w->done->bytes, e);
  if (!rc)
    rc = zhi_file_settle(temporary, w->o->out, e);
  if (rc)
    unlink(temporary);
  return rc;
}

static enum zhi_code write_all(struct wacz *w, const char *const *archives, size_t count,
                               struct zhi_err *e) {
  enum zhi_code rc = ZHI_OK;
  for (size_t i = 0; i < count && !rc; i++)
    rc = take_archive(w, archives[i], i + 1, e);
  w->warcs = w->count;
  if (!rc && !w->warcs)
    rc = zhi_fail(e, ZHI_EUSAGE,
                  "no record to put into '%s': nothing matches, or nothing is closed", w->o->out);
  if (!rc)
    rc = index_warcs(w, e);
  if (!rc)
    rc = write_pages(w, archives, count, e);
  if (!rc)
    rc = describe(w, e);
  return rc ? rc : write_zip(w, e);
}

enum zhi_code zhi_wacz_write(const char *const *archives, size_t count,
                             const struct zhi_export_options *o, struct zhi_export_done *done,
                             struct zhi_err *e) {
  struct wacz w = {.o = o, .done = done};
  *done = (struct zhi_export_done){0};
  if (!o->out || strcmp(o->out, "-") == 0)
    return zhi_fail(e, ZHI_EUSAGE, "a WACZ file cannot go to standard output: name it with -o");
  if ((size_t)snprintf(w.folder, sizeof w.folder, "%s.parts", o->out) >= sizeof w.folder)
    return zhi_fail(e, ZHI_EUSAGE, "the name '%.80s...' is too long", o->out);
  if (mkdir(w.folder, 0777) != 0 && errno != EEXIST)
    return zhi_fail_errno(e, "cannot make the folder '%s'", w.folder);
  zhi_buf_init(&w.counties, 4096);
  zhi_buf_init(&w.line, 2 * ZHI_DECODED_MAX_BYTES);
  enum zhi_code rc = write_all(&w, archives, count, e);
  for (size_t i = 0; i < w.count; i++) {
    if (w.parts[i].made)
      unlink(w.parts[i].path);
    free(w.parts[i].path);
    free(w.parts[i].name);
  }
  rmdir(w.folder);
  free(w.parts);
  zhi_buf_release(&w.counties);
  zhi_buf_release(&w.line);
  return rc;
}
