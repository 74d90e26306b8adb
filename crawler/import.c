/* Import: an archive out of anybody's WARC files.
 *
 * A file is taken in whole before its captures are: link (or copy), commit its length, then captures in batches. A
 * capture's id is made of what its record says and where it stands, so a second run, or one after a kill, stores nothing
 * twice. Files in warc/import/ that the catalogue does not know are remains of a killed import and removed first. What
 * cannot be read is told and left out; the rest comes in. */
#include "crawler/import.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crawler/archive.h"
#include "crawler/doc_row.h"
#include "crawler/page.h"
#include "zhi/json.h"
#include "zhi/limits.h"
#include "zhi/map.h"
#include "zhi/url.h"

enum { BATCH = 256, NAMES_MAX = 1000, COPY_BYTES = 1 << 18 };

struct import {
  const struct zhi_import_options *o;
  struct zhi_import_done *done;
  struct zhi_store *store;
  int64_t crawl_id;
  struct zhi_map known; /* "import/x.warc.gz" → committed bytes + 1, as pointer */
  struct zhi_extractor *extractor;
  struct zhi_record_page page;
  struct zhi_arena arena; /* the batch's rows */
  struct zhi_buf scratch;
  struct zhi_commit_capture captures[BATCH];
  struct zhi_doc_row docs[BATCH];
  size_t count;
  char file[192]; /* the one at hand, as the catalogue calls it */
  int64_t bytes;
  const char *path; /* as the user calls it */
};

/* --- files ------------------------------------------------------------------------------------------------------- */

static enum zhi_code note_known(void *ctx, const struct zhi_warc_state *w, struct zhi_err *e) {
  struct import *x = ctx;
  return zhi_map_put(&x->known, zhi_str_of(w->file), (void *)(intptr_t)(w->committed_bytes + 1),
                     NULL, e);
}

static void remove_remains(struct import *x, const char *folder) {
  DIR *d = opendir(folder);
  for (struct dirent *f; d && (f = readdir(d));) {
    char key[300], path[4700];
    snprintf(key, sizeof key, "import/%s", f->d_name);
    snprintf(path, sizeof path, "%s/%s", folder, f->d_name);
    if (f->d_name[0] != '.' && !zhi_map_get(&x->known, zhi_str_of(key)))
      unlink(path);
  }
  if (d)
    closedir(d);
}

static enum zhi_code copy_file(const char *from, const char *to, struct zhi_err *e) {
  struct zhi_out out;
  int fd = open(from, O_RDONLY | O_CLOEXEC);
  char *chunk = malloc(COPY_BYTES);
  enum zhi_code rc = fd < 0   ? zhi_fail_errno(e, "cannot open '%s'", from)
                     : !chunk ? zhi_fail(e, ZHI_ENOMEM, "out of memory for copying")
                              : zhi_out_open(&out, to, e);
  if (!rc) {
    ssize_t n = 0;
    while (!rc && (n = read(fd, chunk, COPY_BYTES)) > 0)
      rc = zhi_out_write(&out, zhi_str_n(chunk, (size_t)n), e);
    if (!rc && n < 0)
      rc = zhi_fail_errno(e, "cannot read '%s'", from);
    rc = zhi_out_finish(&out, rc, e);
  }
  free(chunk);
  if (fd >= 0)
    close(fd);
  return rc;
}

/* "x.warc.gz", then "x-2.warc.gz", …; *taken: it is in the catalogue with the same length, so the same file. */
static enum zhi_code name_file(struct import *x, bool *taken, struct zhi_err *e) {
  const char *base = strrchr(x->path, '/') ? strrchr(x->path, '/') + 1 : x->path;
  const char *dot = strstr(base, ".warc");
  int stem = dot ? (int)(dot - base) : (int)strlen(base);
  for (int i = 1; i < NAMES_MAX; i++) {
    char number[16] = "";
    if (i > 1)
      snprintf(number, sizeof number, "-%d", i);
    int n = snprintf(x->file, sizeof x->file, "import/%.*s%s%s", stem, base, number,
                     dot ? dot : ".warc");
    if (n < 0 || (size_t)n >= sizeof x->file)
      break;
    int64_t known = (intptr_t)zhi_map_get(&x->known, zhi_str_of(x->file));
    *taken = known == x->bytes + 1;
    if (!known || *taken)
      return ZHI_OK;
  }
  return zhi_fail(e, ZHI_EUSAGE, "no name for '%s' in the archive", x->path);
}

static enum zhi_code put_in_place(struct import *x, struct zhi_err *e) {
  char to[4700];
  snprintf(to, sizeof to, "%s/warc/%s", x->o->archive, x->file);
  if (link(x->path, to) == 0)
    return ZHI_OK;
  if (errno == EEXIST)
    return zhi_fail(e, ZHI_ECONFLICT, "'%s' is in the way", to);
  return copy_file(x->path, to, e);
}

static enum zhi_code commit(struct import *x, struct zhi_err *e) {
  size_t added, stale;
  struct zhi_warc_state w = {x->file, x->bytes, true};
  struct zhi_batch b = {.crawl_id = x->crawl_id,
                        .captures = x->captures,
                        .capture_count = x->count,
                        .warcs = &w,
                        .warc_count = 1};
  enum zhi_code rc = zhi_store_commit(x->store, &b, &added, &stale, e);
  x->count = 0;
  zhi_arena_reset(&x->arena);
  return rc;
}

/* --- records ------------------------------------------------------------------------------------------------------ */

static void make_id(const struct zhi_warc_record *r, char out[40]) {
  struct zhi_buf b;
  struct zhi_str id = zhi_warc_record_header(r, "WARC-Record-ID");
  struct zhi_str date = zhi_warc_record_header(r, "WARC-Date");
  zhi_buf_init(&b, ZHI_MIB(1));
  zhi_buf_addf(&b, "%llu %llu ", (unsigned long long)r->offset, (unsigned long long)r->length);
  zhi_buf_addstr(&b, id);
  zhi_buf_addstr(&b, date);
  zhi_buf_addstr(&b, zhi_warc_record_target(r));
  struct zhi_hash128 h = zhi_hash128(zhi_buf_view(&b));
  zhi_buf_release(&b);
  snprintf(out, 40, "%016llx%016llx", (unsigned long long)h.hi, (unsigned long long)h.lo);
}

static struct zhi_str keep(struct import *x, struct zhi_str s) {
  return s.p ? zhi_arena_str(&x->arena, s) : ZHI_STR("");
}

static struct zhi_str digest_of(struct import *x, const struct zhi_warc_record *r) {
  char text[ZHI_DIGEST_TEXT_SIZE];
  struct zhi_str told = zhi_warc_record_header(r, "WARC-Payload-Digest");
  if (told.len)
    return keep(x, told);
  if (r->type == ZHI_WARC_REVISIT || zhi_sha256_text(x->page.entity, text, NULL))
    return ZHI_STR("");
  return keep(x, zhi_str_of(text));
}

static enum zhi_verdict verdict_of(const struct zhi_warc_record *r,
                                   const struct zhi_record_page *p) {
  struct zhi_str cut = zhi_warc_record_header(r, "WARC-Truncated");
  if (r->type == ZHI_WARC_REVISIT)
    return p->page.status == 304 ? ZHI_V_NOT_MODIFIED : ZHI_V_OK;
  if (r->type == ZHI_WARC_RESOURCE)
    return ZHI_V_OK;
  if (cut.len && p->page.status < 300)
    return zhi_str_is(cut, "length") ? ZHI_V_TOO_LARGE
           : zhi_str_is(cut, "time") ? ZHI_V_TIMEOUT
                                     : ZHI_V_TRUNCATED;
  return zhi_verdict_of_status(p->page.status);
}

/* Where the redirect leads, absolute; "" when it does not say. */
static struct zhi_str redirect_of(struct import *x) {
  struct zhi_str location = zhi_http_header(&x->page.head, "Location"), out = ZHI_STR("");
  struct zhi_url base, to;
  if (!location.len || zhi_url_parse(x->page.page.url, NULL, NULL, &base, NULL))
    return out;
  if (zhi_url_parse(location, &base, NULL, &to, NULL) == ZHI_OK) {
    out = keep(x, zhi_url_without_fragment(&to));
    zhi_url_release(&to);
  }
  zhi_url_release(&base);
  return out;
}

static void fill_capture(struct import *x, const struct zhi_warc_record *r, int64_t date_ms,
                         struct zhi_capture_row *c) {
  struct zhi_record_page *p = &x->page;
  *c = (struct zhi_capture_row){.fetched_ms = date_ms,
                                .verdict = verdict_of(r, p),
                                .status = r->type == ZHI_WARC_RESOURCE ? 200 : p->page.status,
                                .body_bytes = (int64_t)p->entity.len,
                                .warc_offset = (int64_t)r->offset,
                                .warc_length = (int64_t)r->length};
  make_id(r, c->capture_id);
  zhi_buf_clear(&x->scratch);
  zhi_surt(p->page.url, &x->scratch);
  c->url = keep(x, p->page.url);
  c->url_key = keep(x, zhi_buf_view(&x->scratch));
  c->mime = keep(x, zhi_str_of(p->mime));
  c->ip = keep(x, zhi_warc_record_header(r, "WARC-IP-Address"));
  c->payload_digest = digest_of(x, r);
  c->etag = keep(x, zhi_http_header(&p->head, "ETag"));
  c->last_modified = keep(x, zhi_http_header(&p->head, "Last-Modified"));
  c->truncated = keep(x, zhi_warc_record_header(r, "WARC-Truncated"));
  c->record_id = keep(x, zhi_warc_record_header(r, "WARC-Record-ID"));
  c->warc_file = keep(x, zhi_str_of(x->file));
  if (c->verdict == ZHI_V_REDIRECT)
    c->redirect_to = redirect_of(x);
  if (r->type == ZHI_WARC_REVISIT) {
    c->revisit_of = keep(x, zhi_warc_record_header(r, "WARC-Refers-To"));
    if (!c->revisit_of.len)
      c->revisit_of =
          ZHI_STR("?"); /* a revisit all the same: many writers name URL and date only */
  }
}

static enum zhi_code fill_document(struct import *x, struct zhi_commit_capture *c,
                                   struct zhi_err *e) {
  const struct zhi_doc *d = NULL;
  struct zhi_doc_row *row = &x->docs[x->count];
  bool content = c->capture.verdict == ZHI_V_OK && !c->capture.revisit_of.len;
  if (!content || !x->page.is_textual || !x->page.page.body.len)
    return ZHI_OK;
  const unsigned long lost = zhi_json_lost();
  enum zhi_code rc = zhi_extract(x->extractor, &x->page.page, &d, e);
  if (rc)
    return rc;
  c->capture.charset = keep(x, d->charset);
  c->capture.charset_source = keep(x, zhi_str_of(d->charset_source));
  if (d->blocked)
    c->capture.verdict = ZHI_V_BLOCKED;
  else if (d->kind == ZHI_KIND_SOFT_404)
    c->capture.verdict = ZHI_V_SOFT_404;
  if (!zhi_keeps_document(d, NULL))
    return ZHI_OK;
  zhi_doc_to_row(&x->arena, d, row);
  row->list = zhi_list_to_row(&x->arena, d, &x->scratch);
  if ((rc = zhi_json_whole(lost, "a document", e)))
    return rc;
  c->doc = row;
  x->done->documents++;
  return ZHI_OK;
}

/* The capture whose body a revisit repeats; it may be in this very batch. */
static enum zhi_code find_original(struct import *x, struct zhi_commit_capture *c,
                                   struct zhi_err *e) {
  struct zhi_original original = {0};
  enum zhi_code rc =
      zhi_store_find_payload(x->store, c->capture.payload_digest, &x->arena, &original, e);
  c->capture.original_id = original.capture_id;
  return rc;
}

/* Everything of one record that allocates from the batch's arena. ZHI_ELIMIT: more than it holds. */
static enum zhi_code add_capture(struct import *x, const struct zhi_warc_record *r, int64_t date_ms,
                                 struct zhi_err *e) {
  jmp_buf escape;
  struct zhi_commit_capture *c = &x->captures[x->count];
  x->arena.escape = &escape;
  if (setjmp(escape)) {
    x->arena.escape = NULL;
    return x->arena.why == ZHI_ARENA_NOMEM
               ? zhi_fail(e, ZHI_ENOMEM, "out of memory for a page of '%s'", x->path)
               : zhi_fail(e, ZHI_ELIMIT, "a page of '%s' is too large", x->path);
  }
  *c = (struct zhi_commit_capture){0};
  fill_capture(x, r, date_ms, &c->capture);
  enum zhi_code rc = fill_document(x, c, e);
  if (!rc && r->type == ZHI_WARC_REVISIT && c->capture.payload_digest.len)
    rc = find_original(x, c, e);
  x->arena.escape = NULL;
  x->count += !rc;
  x->done->captures += !rc;
  return rc;
}

static enum zhi_code take_record(struct import *x, const struct zhi_warc_record *r,
                                 struct zhi_err *e) {
  int64_t date_ms = 0;
  bool answer =
      r->type == ZHI_WARC_RESPONSE || r->type == ZHI_WARC_REVISIT || r->type == ZHI_WARC_RESOURCE;
  if (!answer)
    return ZHI_OK;
  x->done->records++;
  if (!r->length || !zhi_str_istarts(zhi_warc_record_target(r), "http") ||
      !zhi_time_parse(zhi_warc_record_header(r, "WARC-Date"), &date_ms) ||
      zhi_record_page_read(&x->page, r, false, NULL)) {
    x->done->skipped++;
    return ZHI_OK;
  }
  enum zhi_code rc = ZHI_OK;
  if (x->count == BATCH || (r->type == ZHI_WARC_REVISIT && x->count))
    rc = commit(x, e); /* so that the original can be found */
  if (rc)
    return rc;
  rc = add_capture(x, r, date_ms, e);
  if (rc == ZHI_ELIMIT && x->count && (rc = commit(x, e)) == ZHI_OK)
    rc = add_capture(x, r, date_ms, e); /* the batch was full */
  return rc;
}

static void on_problem(void *ctx, const struct zhi_warc_problem *p) {
  struct import *x = ctx;
  if (x->o->problem)
    x->o->problem(x->o->ctx, x->path, p);
}

static enum zhi_code take_records(struct import *x, struct zhi_err *e) {
  char path[4700];
  struct zhi_warc_reader_options o = {.problem = on_problem, .ctx = x};
  struct zhi_warc_reader *reader;
  struct zhi_warc_record r;
  snprintf(path, sizeof path, "%s/warc/%s", x->o->archive, x->file);
  enum zhi_code rc = zhi_warc_open(path, &o, &reader, e);
  if (rc)
    return rc;
  while (!rc && (rc = zhi_warc_next(reader, &r, e)) == ZHI_OK)
    rc = take_record(x, &r, e);
  zhi_warc_reader_free(reader);
  return rc == ZHI_EOF ? ZHI_OK : rc;
}

/* The file's name in the catalogue, and its length; it is where it belongs then. */
static enum zhi_code settle_file(struct import *x, const char *path, struct zhi_err *e) {
  char own[4700];
  struct stat st;
  bool taken = false;
  x->path = path;
  snprintf(own, sizeof own, "%s/warc/%s", x->o->archive, path);
  if (stat(x->o->in_place ? own : path, &st) != 0)
    return zhi_fail_errno(e, "cannot open '%s'", path);
  if (!S_ISREG(st.st_mode))
    return zhi_fail(e, ZHI_EUSAGE, "'%s' is no file", path);
  x->bytes = (int64_t)st.st_size;
  if (x->o->in_place) {
    snprintf(x->file, sizeof x->file, "%s", path);
    return ZHI_OK;
  }
  enum zhi_code rc = name_file(x, &taken, e);
  return rc || taken ? rc : put_in_place(x, e);
}

static enum zhi_code take_file(struct import *x, const char *path, struct zhi_err *e) {
  enum zhi_code rc = settle_file(x, path, e);
  if (!rc)
    rc = commit(x, e); /* the file is known, before anything in it */
  if (!rc)
    rc = note_known(x, &(struct zhi_warc_state){x->file, x->bytes, true}, e);
  if (!rc)
    rc = take_records(x, e);
  if (!rc)
    rc = commit(x, e);
  x->done->files += !rc;
  return rc;
}

/* --- the whole ----------------------------------------------------------------------------------------------------- */

static enum zhi_code make_folders(const char *archive, char *folder, size_t size,
                                  struct zhi_err *e) {
  snprintf(folder, size, "%s/warc", archive);
  if (mkdir(folder, 0777) != 0 && errno != EEXIST)
    return zhi_fail_errno(e, "cannot make the folder '%s'", folder);
  snprintf(folder, size, "%s/warc/import", archive);
  return mkdir(folder, 0777) == 0 || errno == EEXIST
             ? ZHI_OK
             : zhi_fail_errno(e, "cannot make the folder '%s'", folder);
}

static enum zhi_code begin(struct import *x, struct zhi_err *e) {
  char folder[4200];
  enum zhi_code rc =
      zhi_store_open(x->o->archive, ZHI_STORE_CREATE, &zhi_clock_system, &x->store, e);
  if (!rc)
    rc = make_folders(x->o->archive, folder, sizeof folder, e);
  if (!rc)
    rc = zhi_store_each_warc(x->store, note_known, x, e);
  if (!rc && !x->o->in_place) {
    remove_remains(x, folder);
    rc = zhi_archive_recover(x->store, x->o->archive, e);
  }
  if (!rc)
    rc = zhi_store_begin_import(x->store, &x->crawl_id, e);
  return rc ? rc : zhi_extractor_new(&x->extractor, e);
}

static enum zhi_code finish(struct import *x, struct zhi_err *e) {
  enum zhi_code rc = zhi_store_number_versions(x->store, e);
  if (!rc)
    rc = zhi_archive_index(x->store, x->o->archive, e);
  return rc ? rc : zhi_store_write_csv(x->store, e);
}

enum zhi_code zhi_archive_import(char *const *paths, size_t count,
                                 const struct zhi_import_options *o, struct zhi_import_done *done,
                                 struct zhi_err *e) {
  struct import *x = calloc(1, sizeof *x);
  if (!x)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory");
  *done = (struct zhi_import_done){0};
  x->o = o;
  x->done = done;
  zhi_map_init(&x->known);
  zhi_arena_init(&x->arena, (size_t)256 << 20);
  zhi_record_page_init(&x->page);
  zhi_buf_init(&x->scratch, 4 * ZHI_URL_MAX_BYTES);
  enum zhi_code rc = begin(x, e);
  int64_t before = 0, after = 0;
  if (!rc)
    rc = zhi_store_count_captures(x->store, &before, e);
  for (size_t i = 0; i < count && !rc; i++)
    rc = take_file(x, paths[i], e);
  if (!rc)
    rc = zhi_store_count_captures(x->store, &after, e);
  done->known = done->captures - (after - before);
  if (!rc)
    rc = finish(x, e);
  zhi_extractor_free(x->extractor);
  zhi_store_close(x->store);
  zhi_record_page_release(&x->page);
  zhi_buf_release(&x->scratch);
  zhi_arena_release(&x->arena);
  zhi_map_release(&x->known);
  free(x);
  return rc;
}
