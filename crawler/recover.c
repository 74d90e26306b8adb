/* Recover: what a crash left in the warc folder, brought in line with the catalogue. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crawler/archive.h"
#include "zhi/log.h"
#include "zhi/map.h"
#include "zhi/store.h"
#include "zhi/warc.h"

enum { PREAMBLE_MAX_BYTES = 1 << 20 };

struct recovery {
  char dir[4096];
  struct zhi_map known; /* "2026/x.warc.gz" → any pointer */
};

static enum zhi_code mend(void *ctx, const struct zhi_warc_state *w, struct zhi_err *e) {
  struct recovery *r = ctx;
  enum zhi_code rc = zhi_map_put(&r->known, zhi_str_of(w->file), r, NULL, e);
  if (!rc)
    rc = zhi_warc_recover(r->dir, w->file, (uint64_t)w->committed_bytes, e);
  if (rc == ZHI_EPARSE)
    zhi_err_prefix(e, "run 'xianzhi verify' for the whole damage");
  return rc;
}

/* A file that no commit ever named: nothing in it was acknowledged. Kept, out of the way. */
static void set_aside(struct recovery *r, const char *year, const char *name) {
  char key[600], from[5000], to[5100];
  size_t len = strlen(name);
  bool open_file = len > 5 && strcmp(name + len - 5, ".open") == 0;
  snprintf(key, sizeof key, "%s/%.*s", year, (int)(open_file ? len - 5 : len), name);
  bool is_warc =
      strstr(name, ".warc") && (open_file || (len > 3 && strcmp(name + len - 3, ".gz") == 0));
  if (!is_warc || zhi_map_get(&r->known, zhi_str_of(key)))
    return;
  snprintf(from, sizeof from, "%s/%s/%s", r->dir, year, name);
  for (int i = 0; i < 100; i++) {
    snprintf(to, sizeof to, i ? "%s.orphan.%d" : "%s.orphan", from, i);
    if (access(to, F_OK) == 0)
      continue;
    if (rename(from, to) == 0)
      ZHI_LOG(WARC, WARN, "set aside %s: the catalogue does not know it", from);
    return;
  }
}

static void note_problem(void *ctx, const struct zhi_warc_problem *p) {
  (void)p;
  *(bool *)ctx = true;
}

/* Does a file hold nothing but what every file begins with, warcinfo and the crawl's config? A damaged one may
 * hold more. */
static bool is_preamble(const char *path) {
  struct zhi_warc_reader *reader = NULL;
  struct zhi_warc_record rec;
  struct stat st;
  bool damaged = false, own = true;
  const struct zhi_warc_reader_options o = {.problem = note_problem, .ctx = &damaged};
  if (stat(path, &st) != 0 || st.st_size > PREAMBLE_MAX_BYTES)
    return false;
  if (st.st_size == 0)
    return true;
  enum zhi_code rc = zhi_warc_open(path, &o, &reader, NULL);
  while (!rc && own && !(rc = zhi_warc_next(reader, &rec, NULL)))
    own = rec.type == ZHI_WARC_WARCINFO ||
          (rec.type == ZHI_WARC_RESOURCE &&
           zhi_str_starts(zhi_warc_record_header(&rec, "WARC-Target-URI"), ZHI_CONFIG_URI));
  zhi_warc_reader_free(reader);
  return rc == ZHI_EOF && own && !damaged;
}

/* A crawl that was killed before its first commit leaves a file in which nothing was captured. */
static void drop_preamble(struct recovery *r, const char *year, const char *name) {
  char path[5000];
  if (!strstr(name, ".orphan") && !strstr(name, ".tail"))
    return;
  snprintf(path, sizeof path, "%s/%s/%s", r->dir, year, name);
  if (is_preamble(path) && unlink(path) == 0)
    ZHI_LOG(WARC, WARN, "deleted %s: it holds no capture", path);
}

static void each_file(struct recovery *r,
                      void (*visit)(struct recovery *, const char *year, const char *name)) {
  DIR *top = opendir(r->dir);
  for (struct dirent *y; top && (y = readdir(top));) {
    char path[4400];
    if (y->d_name[0] == '.')
      continue;
    snprintf(path, sizeof path, "%s/%s", r->dir, y->d_name);
    DIR *d = opendir(path);
    for (struct dirent *f; d && (f = readdir(d));)
      if (f->d_name[0] != '.')
        visit(r, y->d_name, f->d_name);
    if (d)
      closedir(d);
  }
  if (top)
    closedir(top);
}

enum zhi_code zhi_archive_recover(struct zhi_store *store, const char *archive, struct zhi_err *e) {
  struct recovery r;
  snprintf(r.dir, sizeof r.dir, "%s/warc", archive);
  zhi_map_init(&r.known);
  enum zhi_code rc = zhi_store_each_warc(store, mend, &r, e);
  if (!rc) {
    each_file(&r, set_aside);
    each_file(&r, drop_preamble);
  }
  zhi_map_release(&r.known);
  return rc;
}
