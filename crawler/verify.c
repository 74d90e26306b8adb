/* Verify: one pass over each WARC file, its records held against the catalogue's captures, both in file order;
 * then the index files, the database and documents.csv. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crawler/archive.h"
#include "zhi/map.h"
#include "zhi/warc.h"

struct check {
  const char *archive;
  struct zhi_store *store;
  void (*problem)(void *, const char *);
  void *ctx;
  struct zhi_map files; /* WARC name → struct file */
  struct file *current;
  struct zhi_warc_reader *reader;
  struct zhi_warc_record record;
  bool has_record; /* `record` was read and not yet passed */
};

struct file {
  char name[192];
  uint64_t committed;
  bool closed, seen;
};

static void on_problem(void *ctx, const struct zhi_warc_problem *p) {
  struct check *c = ctx;
  if (!p->minor && (!c->current || p->offset < c->current->committed))
    zhi_say(c->problem, c->ctx, "%s:%" PRIu64 ": %s: %s", c->current ? c->current->name : "?",
            p->offset, p->code, p->text);
}

static void path_of(const struct check *c, const struct file *f, char *out, size_t size) {
  snprintf(out, size, "%s/warc/%s", c->archive, f->name);
  if (access(out, F_OK) != 0)
    snprintf(out, size, "%s/warc/%s.open", c->archive, f->name);
}

/* --- records against captures -------------------------------------------------------------------------- */

static void next_record(struct check *c) {
  struct zhi_err e = {0};
  enum zhi_code rc = zhi_warc_next(c->reader, &c->record, &e);
  c->has_record = rc == ZHI_OK && c->record.offset < c->current->committed;
  if (rc != ZHI_OK && rc != ZHI_EOF && rc != ZHI_EPARSE)
    zhi_say(c->problem, c->ctx, "%s: %s", c->current->name, e.msg);
}

static void end_file(struct check *c) {
  while (c->reader && c->has_record)
    next_record(c);
  zhi_warc_reader_free(c->reader);
  c->reader = NULL;
  c->has_record = false;
}

static void begin_file(struct check *c, struct file *f) {
  char path[4600];
  struct stat st;
  struct zhi_err e = {0};
  struct zhi_warc_reader_options o = {.verify = true, .problem = on_problem, .ctx = c};
  c->current = f;
  f->seen = true;
  path_of(c, f, path, sizeof path);
  if (stat(path, &st) != 0) {
    zhi_say(c->problem, c->ctx, "%s: missing: the catalogue has captures in it", f->name);
    return;
  }
  if ((uint64_t)st.st_size < f->committed)
    zhi_say(c->problem, c->ctx, "%s: shorter than committed: %" PRId64 " of %" PRIu64 " bytes",
            f->name, (int64_t)st.st_size, f->committed);
  if (f->closed && (uint64_t)st.st_size > f->committed)
    zhi_say(c->problem, c->ctx,
            "%s: longer than committed: %" PRId64 " instead of %" PRIu64 " bytes", f->name,
            (int64_t)st.st_size, f->committed);
  if (zhi_warc_open(path, &o, &c->reader, &e)) {
    zhi_say(c->problem, c->ctx, "%s: %s", f->name, e.msg);
    c->reader = NULL;
    return;
  }
  next_record(c);
}

static void compare(struct check *c, const struct zhi_capture_ref *r) {
  struct zhi_str id = zhi_warc_record_header(&c->record, "WARC-Record-ID");
  struct zhi_str uri = zhi_warc_record_target(&c->record);
  struct zhi_str digest = zhi_warc_record_header(&c->record, "WARC-Payload-Digest");
  const char *what = NULL;
  if (!zhi_str_is(id, r->record_id))
    what = "another record id";
  else if (!zhi_str_is(uri, r->url))
    what = "another URL";
  else if (r->payload_digest[0] && digest.len && !zhi_str_is(digest, r->payload_digest))
    what = "another payload digest";
  else if ((int64_t)c->record.length != r->warc_length)
    what = "another length";
  if (what)
    zhi_say(c->problem, c->ctx, "%s:%" PRId64 ": %s than the catalogue says of %s", r->warc_file,
            r->warc_offset, what, r->url);
}

static enum zhi_code on_capture(void *ctx, const struct zhi_capture_ref *r, struct zhi_err *e) {
  struct check *c = ctx;
  (void)e;
  if (!c->current || strcmp(c->current->name, r->warc_file) != 0) {
    end_file(c);
    struct file *f = zhi_map_get(&c->files, zhi_str_of(r->warc_file));
    if (!f) {
      zhi_say(c->problem, c->ctx, "%s: the catalogue has captures in it but does not list it",
              r->warc_file);
      c->current = NULL;
      return ZHI_OK;
    }
    begin_file(c, f);
  }
  while (c->has_record && c->record.offset < (uint64_t)r->warc_offset)
    next_record(c);
  if (!c->has_record || c->record.offset != (uint64_t)r->warc_offset) {
    if (c->reader)
      zhi_say(c->problem, c->ctx, "%s:%" PRId64 ": no record there, but the catalogue says %s",
              r->warc_file, r->warc_offset, r->url);
    return ZHI_OK;
  }
  compare(c, r);
  return ZHI_OK;
}

/* --- index files ------------------------------------------------------------------------------------------ */

static bool same_content(int a, int b) {
  char x[65536], y[65536];
  off_t at = 0;
  for (;;) {
    ssize_t n = pread(a, x, sizeof x, at), m = pread(b, y, sizeof y, at);
    if (n != m || n < 0 || memcmp(x, y, (size_t)n) != 0)
      return false;
    if (n == 0)
      return true;
    at += n;
  }
}

static void check_index(struct check *c, struct file *f) {
  char path[4600], warc[4600];
  const char *name = strrchr(f->name, '/') ? strrchr(f->name, '/') + 1 : f->name;
  struct zhi_err e = {0};
  snprintf(path, sizeof path, "%s/index/%s.cdxj", c->archive, name);
  int have = open(path, O_RDONLY | O_CLOEXEC);
  if (have < 0)
    return; /* derived: made by the next crawl */
  path_of(c, f, warc, sizeof warc);
  FILE *again = tmpfile();
  if (!again || zhi_archive_index_file(c->store, f->name, warc, fileno(again), &e))
    zhi_say(c->problem, c->ctx, "index/%s.cdxj: cannot be compared: %s", name, e.msg);
  else if (!same_content(have, fileno(again)))
    zhi_say(c->problem, c->ctx, "index/%s.cdxj: differs from what the WARC file gives", name);
  if (again)
    fclose(again);
  close(have);
}

/* --- the whole ----------------------------------------------------------------------------------------------- */

static enum zhi_code on_warc(void *ctx, const struct zhi_warc_state *w, struct zhi_err *e) {
  struct check *c = ctx;
  struct file *f = calloc(1, sizeof *f);
  if (!f)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a file list");
  snprintf(f->name, sizeof f->name, "%s", w->file);
  f->committed = (uint64_t)w->committed_bytes;
  f->closed = w->closed;
  enum zhi_code rc = zhi_map_put(&c->files, zhi_str_of(f->name), f, NULL, e);
  if (rc)
    free(f);
  return rc;
}

enum zhi_code zhi_archive_verify(const char *archive, void (*problem)(void *, const char *),
                                 void *ctx, struct zhi_err *e) {
  struct check c = {.archive = archive, .problem = problem, .ctx = ctx};
  struct zhi_store *s = NULL;
  void *v;
  zhi_map_init(&c.files);
  enum zhi_code rc = zhi_store_open(archive, ZHI_STORE_READ, &zhi_clock_system, &s, e);
  c.store = s;
  if (!rc)
    rc = zhi_store_each_warc(s, on_warc, &c, e);
  if (!rc)
    rc = zhi_store_each_capture(s, on_capture, &c, e);
  end_file(&c);
  for (size_t i = 0; !rc && zhi_map_each(&c.files, &i, NULL, &v);) {
    struct file *f = v;
    if (!f->seen) {
      begin_file(&c, f);
      end_file(&c);
    }
    if (f->closed)
      check_index(&c, f);
  }
  if (!rc)
    rc = zhi_store_check(s, problem, ctx, e);
  for (size_t i = 0; zhi_map_each(&c.files, &i, NULL, &v);)
    free(v);
  zhi_map_release(&c.files);
  zhi_store_close(s);
  return rc;
}
