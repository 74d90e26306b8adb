/* Repair, in this order: the database, the names of the WARC files, their records, what is derived.
 *
 * Captures are matched with records by record id, not by place: so a repair that was killed between the renaming of a
 * file and the transaction that tells the catalogue is simply run again. A WARC file names itself in its warcinfo
 * record, which tells when two were swapped. Only damaged files are written again, record by record as the bytes
 * stand. */
#include "crawler/repair.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crawler/archive.h"
#include "crawler/import.h"
#include "zhi/grow.h"
#include "zhi/limits.h"
#include "zhi/map.h"
#include "zhi/warc.h"

enum { PATH_SIZE = 4700, NAME_SIZE = 192, COPY_BYTES = 1 << 18, ASIDE_MAX = 100 };

struct file {
  char name[NAME_SIZE];
  int64_t committed;
};

struct repair {
  const char *archive;
  void (*said)(void *ctx, const char *text);
  void *ctx;
  struct zhi_repair_done *done;
  struct zhi_store *store;
  struct file *files;
  size_t file_count, file_cap;
  /* the file at hand */
  struct zhi_map records; /* record id → offset + 1 in the file as it will be */
  struct zhi_moved *moved;
  size_t moved_count, moved_cap;
  const char *current;
  int64_t damage_at; /* offset of the last problem; -1 */
  int64_t damages, lost;
};

static void path_of(const struct repair *r, const char *name, const char *suffix, char *out) {
  snprintf(out, PATH_SIZE, "%s/warc/%s%s", r->archive, name, suffix);
}

static const char *base_of(const char *name) {
  const char *slash = strrchr(name, '/');
  return slash ? slash + 1 : name;
}

/* A second name for what is at `path`, which is about to be replaced or removed. */
static enum zhi_code keep(struct repair *r, const char *path, const char *name, const char *suffix,
                          struct zhi_err *e) {
  char to[PATH_SIZE + 40];
  for (int i = 0; i < ASIDE_MAX; i++) {
    snprintf(to, sizeof to, i ? "%s/warc/%s.%s.%d" : "%s/warc/%s.%s", r->archive, name, suffix, i);
    if (link(path, to) == 0) {
      zhi_say(r->said, r->ctx, "%s: what was there is kept as %s", name, base_of(to));
      return ZHI_OK;
    }
    if (errno != EEXIST)
      break;
  }
  return zhi_fail_errno(e, "cannot keep '%s' as '%s'", path, to);
}

/* --- the database ------------------------------------------------------------------------------------------------ */

static void free_paths(char **paths, size_t n) {
  for (size_t i = 0; i < n; i++)
    free(paths[i]);
  free(paths);
}

static bool ends_with(const char *s, const char *end) { return zhi_str_ends(zhi_str_of(s), end); }

/* NAME.warc.gz, and NAME.warc.gz.open under its final name. */
static bool is_warc(const char *folder, char *name) {
  char from[PATH_SIZE + 300], to[PATH_SIZE + 300];
  size_t len = strlen(name);
  if (ends_with(name, ".warc.gz.open")) {
    snprintf(from, sizeof from, "%s/%s", folder, name);
    name[len - 5] = '\0';
    snprintf(to, sizeof to, "%s/%s", folder, name);
    return access(to, F_OK) != 0 && rename(from, to) == 0;
  }
  return ends_with(name, ".warc.gz") || ends_with(name, ".warc");
}

static enum zhi_code list_folder(const char *top, const char *year, char ***paths, size_t *n,
                                 struct zhi_err *e) {
  char folder[PATH_SIZE];
  snprintf(folder, sizeof folder, "%s/%s", top, year);
  DIR *d = opendir(folder);
  enum zhi_code rc = ZHI_OK;
  for (struct dirent *f; !rc && d && (f = readdir(d));) {
    if (f->d_name[0] == '.' || !is_warc(folder, f->d_name))
      continue;
    char **grown = realloc(*paths, (*n + 1) * sizeof *grown);
    if (grown)
      *paths = grown;
    if (!grown || asprintf(&(*paths)[*n], "%s/%s", year, f->d_name) < 0)
      rc = zhi_fail(e, ZHI_ENOMEM, "out of memory for a list of files");
    else
      ++*n;
  }
  if (d)
    closedir(d);
  return rc;
}

static int by_name(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The WARC files of the archive as the catalogue would call them, in order. */
static enum zhi_code list_files(const char *archive, char ***paths, size_t *n, struct zhi_err *e) {
  char top[4200];
  enum zhi_code rc = ZHI_OK;
  snprintf(top, sizeof top, "%s/warc", archive);
  DIR *d = opendir(top);
  if (!d)
    return zhi_fail_errno(e, "cannot list '%s'", top);
  for (struct dirent *y; !rc && (y = readdir(d));)
    if (y->d_name[0] != '.')
      rc = list_folder(top, y->d_name, paths, n, e);
  closedir(d);
  if (*n)
    qsort(*paths, *n, sizeof **paths, by_name);
  return rc;
}

static enum zhi_code rebuild(struct repair *r, struct zhi_err *e) {
  char name[64], **paths = NULL;
  size_t n = 0;
  struct zhi_import_done d;
  const struct zhi_import_options o = {.archive = r->archive, .in_place = true};
  enum zhi_code rc = list_files(r->archive, &paths, &n, e);
  if (!rc && n == 0)
    rc = zhi_fail(e, ZHI_EPARSE, "'%s' has neither a sound database nor WARC files", r->archive);
  if (!rc)
    rc = zhi_store_set_aside(r->archive, name, e);
  if (!rc)
    zhi_say(r->said, r->ctx, "xianzhi.db: damaged, kept as %s; made again from %zu WARC files",
            name, n);
  if (!rc)
    rc = zhi_archive_import(paths, n, &o, &d, e);
  if (!rc)
    zhi_say(r->said, r->ctx,
            "xianzhi.db: %" PRId64 " captures and %" PRId64
            " documents found; URLs not fetched yet and what was hidden are not known any more",
            d.captures, d.documents);
  r->done->rebuilt = true;
  free_paths(paths, n);
  return rc;
}

static enum zhi_code open_store(struct repair *r, struct zhi_err *e) {
  struct zhi_err why = {0};
  bool damaged = false;
  enum zhi_code rc =
      zhi_store_open(r->archive, ZHI_STORE_WRITE, &zhi_clock_system, &r->store, &why);
  if (rc == ZHI_ECONFLICT) {
    *e = why;
    return rc;
  }
  enum zhi_code looked = zhi_store_damaged(r->archive, &damaged, e);
  if (looked || !damaged) {
    if (!looked && rc)
      *e = why;
    return looked ? looked : rc;
  }
  zhi_store_close(r->store);
  r->store = NULL;
  rc = rebuild(r, e);
  return rc ? rc : zhi_store_open(r->archive, ZHI_STORE_WRITE, &zhi_clock_system, &r->store, e);
}

/* --- names ---------------------------------------------------------------------------------------------------------- */

static enum zhi_code note_file(void *ctx, const struct zhi_warc_state *w, struct zhi_err *e) {
  struct repair *r = ctx;
  struct file *grown = zhi_grown(r->files, &r->file_cap, r->file_count, sizeof *r->files);
  if (!grown)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a list of files");
  r->files = grown;
  struct file *f = &r->files[r->file_count++];
  snprintf(f->name, sizeof f->name, "%s", w->file);
  f->committed = w->committed_bytes;
  return ZHI_OK;
}

/* What the file calls itself, if that is another file of the catalogue. */
static const struct file *true_name(struct repair *r, const struct file *f) {
  char path[PATH_SIZE];
  struct zhi_warc_reader *reader = NULL;
  struct zhi_warc_record rec;
  const struct zhi_warc_reader_options o = {0};
  const struct file *found = NULL;
  path_of(r, f->name, "", path);
  if (zhi_warc_open(path, &o, &reader, NULL))
    return NULL;
  if (zhi_warc_next(reader, &rec, NULL) == ZHI_OK && rec.type == ZHI_WARC_WARCINFO) {
    struct zhi_str own = zhi_warc_record_header(&rec, "WARC-Filename");
    for (size_t i = 0; i < r->file_count && !zhi_str_is(own, base_of(f->name)); i++)
      if (zhi_str_is(own, base_of(r->files[i].name)))
        found = &r->files[i];
  }
  zhi_warc_reader_free(reader);
  return found;
}

/* Swapped files go back in two steps, so that neither is in the other's way. */
static enum zhi_code restore_names(struct repair *r, struct zhi_err *e) {
  char from[PATH_SIZE], to[PATH_SIZE];
  enum zhi_code rc = ZHI_OK;
  for (size_t i = 0; i < r->file_count && !rc; i++) {
    const struct file *own = true_name(r, &r->files[i]);
    if (!own)
      continue;
    path_of(r, r->files[i].name, "", from);
    path_of(r, own->name, ".swapped", to);
    if (rename(from, to) != 0)
      return zhi_fail_errno(e, "cannot rename '%s'", from);
    zhi_say(r->said, r->ctx, "%s: is %s, named so again", r->files[i].name, own->name);
    r->done->files++;
  }
  for (size_t i = 0; i < r->file_count && !rc; i++) {
    path_of(r, r->files[i].name, ".swapped", from);
    path_of(r, r->files[i].name, "", to);
    if (access(from, F_OK) != 0)
      continue;
    if (access(to, F_OK) == 0)
      rc = keep(r, to, r->files[i].name, "damaged", e);
    if (!rc && rename(from, to) != 0)
      rc = zhi_fail_errno(e, "cannot rename '%s'", from);
  }
  return rc;
}

/* --- records -------------------------------------------------------------------------------------------------------- */

static void on_problem(void *ctx, const struct zhi_warc_problem *p) {
  struct repair *r = ctx;
  if (p->minor)
    return;
  r->damage_at = (int64_t)p->offset;
  r->damages++;
}

static enum zhi_code copy_range(int from, uint64_t at, uint64_t n, struct zhi_out *out,
                                struct zhi_err *e) {
  char *chunk = malloc(COPY_BYTES);
  enum zhi_code rc = chunk ? ZHI_OK : zhi_fail(e, ZHI_ENOMEM, "out of memory for copying");
  while (!rc && n) {
    ssize_t got = pread(from, chunk, n < COPY_BYTES ? n : COPY_BYTES, (off_t)at);
    if (got <= 0)
      rc = zhi_fail_errno(e, "cannot read a record");
    else if ((rc = zhi_out_write(out, zhi_str_n(chunk, (size_t)got), e)) == ZHI_OK)
      at += (uint64_t)got, n -= (uint64_t)got;
  }
  free(chunk);
  return rc;
}

/* Read a file through: its whole records with their places into r->records; into `out` too, unless that is NULL.
 * *bytes: how long they are together. */
static enum zhi_code read_records(struct repair *r, const char *path, struct zhi_out *out,
                                  int64_t *bytes, struct zhi_err *e) {
  struct zhi_warc_reader_options o = {.verify = true, .problem = on_problem, .ctx = r};
  struct zhi_warc_reader *reader = NULL;
  struct zhi_warc_record rec;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  enum zhi_code rc =
      fd < 0 ? zhi_fail_errno(e, "cannot open '%s'", path) : zhi_warc_open(path, &o, &reader, e);
  zhi_map_release(&r->records);
  zhi_map_init(&r->records);
  r->damage_at = -1;
  r->damages = *bytes = 0;
  while (!rc && (rc = zhi_warc_next(reader, &rec, e)) == ZHI_OK) {
    bool whole = r->damage_at < (int64_t)rec.offset && rec.length;
    struct zhi_str id = zhi_warc_record_header(&rec, "WARC-Record-ID");
    if (!whole)
      continue;
    if (out)
      rc = copy_range(fd, rec.offset, rec.length, out, e);
    if (!rc && id.len)
      rc = zhi_map_put(&r->records, id, (void *)(intptr_t)(*bytes + 1), NULL, e);
    *bytes += (int64_t)rec.length;
  }
  zhi_warc_reader_free(reader);
  if (fd >= 0)
    close(fd);
  return rc == ZHI_EOF || rc == ZHI_EPARSE ? ZHI_OK : rc;
}

static enum zhi_code note_moved(struct repair *r, int64_t rowid, int64_t offset,
                                struct zhi_err *e) {
  struct zhi_moved *grown = zhi_grown(r->moved, &r->moved_cap, r->moved_count, sizeof *r->moved);
  if (!grown)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a list of captures");
  r->moved = grown;
  r->moved[r->moved_count++] = (struct zhi_moved){rowid, offset};
  return ZHI_OK;
}

static enum zhi_code match(void *ctx, const struct zhi_capture_ref *c, struct zhi_err *e) {
  struct repair *r = ctx;
  if (strcmp(c->warc_file, r->current) != 0)
    return ZHI_OK;
  int64_t at = (intptr_t)zhi_map_get(&r->records, zhi_str_of(c->record_id)) - 1;
  if (at < 0) {
    zhi_say(r->said, r->ctx, "%s:%" PRId64 ": the record of %s is lost", c->warc_file,
            c->warc_offset, c->url);
    r->lost++;
  }
  return at == c->warc_offset ? ZHI_OK : note_moved(r, c->capture_rowid, at, e);
}

/* The catalogue's captures in the file at hand, held against r->records. */
static enum zhi_code settle(struct repair *r, const char *name, int64_t bytes, struct zhi_err *e) {
  r->current = name;
  r->moved_count = 0;
  r->lost = 0;
  enum zhi_code rc = zhi_store_each_capture(r->store, match, r, e);
  if (!rc)
    rc = zhi_store_replace_warc(r->store, name, bytes, r->moved, r->moved_count, &r->done->due, e);
  r->done->captures += r->lost;
  r->done->files += !rc;
  return rc;
}

/* The whole records in a file of their own, in the place of the damaged one. */
static enum zhi_code write_again(struct repair *r, const char *name, const char *path,
                                 int64_t *bytes, struct zhi_err *e) {
  struct zhi_out out;
  enum zhi_code rc = keep(r, path, name, "damaged", e);
  if (!rc)
    rc = zhi_out_open(&out, path, e);
  if (rc)
    return rc;
  return zhi_out_finish(&out, read_records(r, path, &out, bytes, e), e);
}

/* NAME.open, of a crawl that was killed, under its final name. */
static enum zhi_code close_file(struct repair *r, const char *name, const char *path,
                                struct zhi_err *e) {
  char open_path[PATH_SIZE];
  path_of(r, name, ".open", open_path);
  if (access(open_path, F_OK) != 0)
    return ZHI_OK;
  if (access(path, F_OK) != 0)
    return rename(open_path, path) == 0 ? ZHI_OK
                                        : zhi_fail_errno(e, "cannot rename '%s'", open_path);
  enum zhi_code rc = keep(r, open_path, name, "orphan", e);
  return rc || unlink(open_path) == 0 ? rc : zhi_fail_errno(e, "cannot remove '%s'", open_path);
}

static enum zhi_code mend_records(struct repair *r, const struct file *f, const char *path,
                                  int64_t size, struct zhi_err *e) {
  int64_t bytes = 0;
  enum zhi_code rc = read_records(r, path, NULL, &bytes, e);
  if (rc || (r->damages == 0 && bytes == f->committed))
    return rc;
  zhi_say(r->said, r->ctx, "%s: damaged: %" PRId64 " of %" PRId64 " bytes are whole records",
          f->name, bytes, f->committed);
  if (bytes == 0) {
    if (!(rc = keep(r, path, f->name, "damaged", e)) && unlink(path) != 0)
      rc = zhi_fail_errno(e, "cannot remove '%s'", path);
    bytes = -1;
  } else if (r->damages ||
             bytes != size) /* else it ends early, or was written again by a run before */
    rc = write_again(r, f->name, path, &bytes, e);
  return rc ? rc : settle(r, f->name, bytes, e);
}

static enum zhi_code mend_file(struct repair *r, const struct file *f, struct zhi_err *e) {
  char path[PATH_SIZE], top[4200];
  struct stat st;
  path_of(r, f->name, "", path);
  snprintf(top, sizeof top, "%s/warc", r->archive);
  enum zhi_code rc = close_file(r, f->name, path, e);
  if (rc)
    return rc;
  if (stat(path, &st) != 0) {
    zhi_say(r->said, r->ctx, "%s: missing", f->name);
    zhi_map_release(&r->records);
    zhi_map_init(&r->records);
    return settle(r, f->name, -1, e);
  }
  if (st.st_size > f->committed) {
    zhi_say(r->said, r->ctx, "%s: what is beyond its committed end is kept as a .tail file",
            f->name);
    if ((rc = zhi_warc_recover(top, f->name, (uint64_t)f->committed, e)))
      return rc;
    r->done->files++;
  }
  return mend_records(r, f, path, (int64_t)st.st_size, e);
}

/* --- the whole ------------------------------------------------------------------------------------------------------ */

static void drop_indexes(const char *archive) {
  char folder[4200], path[PATH_SIZE];
  snprintf(folder, sizeof folder, "%s/index", archive);
  DIR *d = opendir(folder);
  for (struct dirent *f; d && (f = readdir(d));) {
    snprintf(path, sizeof path, "%s/%s", folder, f->d_name);
    if (ends_with(f->d_name, ".cdxj"))
      unlink(path); /* made again at once */
  }
  if (d)
    closedir(d);
}

static enum zhi_code repair(struct repair *r, struct zhi_err *e) {
  enum zhi_code rc = open_store(r, e);
  if (!rc)
    rc = zhi_store_each_warc(r->store, note_file, r, e);
  if (!rc)
    rc = restore_names(r, e);
  for (size_t i = 0; i < r->file_count && !rc; i++)
    rc = mend_file(r, &r->files[i], e);
  if (!rc)
    rc = zhi_archive_recover(r->store, r->archive, e);
  if (!rc) {
    drop_indexes(r->archive);
    rc = zhi_archive_index(r->store, r->archive, e);
  }
  return rc ? rc : zhi_store_write_csv(r->store, e);
}

enum zhi_code zhi_archive_repair(const char *archive, void (*said)(void *ctx, const char *text),
                                 void *ctx, struct zhi_repair_done *done, struct zhi_err *e) {
  struct repair r = {.archive = archive, .said = said, .ctx = ctx, .done = done};
  *done = (struct zhi_repair_done){0};
  zhi_map_init(&r.records);
  enum zhi_code rc = repair(&r, e);
  zhi_store_close(r.store);
  zhi_map_release(&r.records);
  free(r.moved);
  free(r.files);
  return rc;
}
