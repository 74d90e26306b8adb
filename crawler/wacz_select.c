/* The records of chosen documents, copied out of an archive's WARC files.
 *
 * Two walks over the captures, both in the order of the files: the first decides and notes where the bodies of chosen
 * revisits are; the second copies. A capture's records are those from its place to the next capture's, so the request
 * and metadata records behind a response come along; the head of a file is what lies before its first capture. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "crawler/wacz.h"
#include "zhi/map.h"
#include "zhi/store.h"

enum { CHUNK_BYTES = 1 << 18, PLACE_SIZE = 256, WALK_DONE = ZHI_EOF };

struct select {
  const struct zhi_wacz_selection *s;
  struct zhi_store *store;
  bool has_conditions;
  struct zhi_map places; /* "file@offset" of chosen captures and of the bodies of chosen revisits */
  struct zhi_map attachments; /* URLs */
  struct zhi_map lengths;     /* file → committed bytes */
  /* copying */
  struct zhi_out *warc;
  char file[192];
  int fd;
  int64_t first, from,
      end; /* first capture of the file; -1 or where the pending range starts; the file's end */
  bool head_done;
  int64_t records;
};

static struct zhi_str place_of(const char *file, int64_t offset, char room[PLACE_SIZE]) {
  snprintf(room, PLACE_SIZE, "%s@%lld", file, (long long)offset);
  return zhi_str_of(room);
}

/* --- deciding --------------------------------------------------------------------------------------------------- */

static enum zhi_code note_attachments(struct select *x, struct zhi_str json, struct zhi_err *e) {
  json_t *all = json.len ? json_loadb(json.p, json.len, 0, NULL) : NULL, *one;
  enum zhi_code rc = ZHI_OK;
  size_t i;
  json_array_foreach(all, i, one) {
    const char *url = json_string_value(json_object_get(one, "url"));
    if (url && !rc)
      rc = zhi_map_put(&x->attachments, zhi_str_of(url), x, NULL, e);
  }
  json_decref(all);
  return rc;
}

static enum zhi_code note_row(void *ctx, const struct zhi_str *cells, struct zhi_err *e) {
  struct select *x = ctx;
  char place[PLACE_SIZE];
  snprintf(place, sizeof place, "%.*s@%.*s", ZHI_STR_ARGS(cells[0]), ZHI_STR_ARGS(cells[1]));
  enum zhi_code rc = zhi_map_put(&x->places, zhi_str_of(place), x, NULL, e);
  return rc ? rc : note_attachments(x, cells[2], e);
}

static enum zhi_code choose_documents(struct select *x, struct zhi_err *e) {
  struct zhi_export_options o = *x->s->o;
  struct zhi_export_done done;
  o.format = ZHI_EXPORT_ROWS;
  o.fields = "warc_file,warc_offset,attachments";
  o.row = note_row;
  o.ctx = x;
  o.warn = NULL;
  return zhi_export(&x->s->archive, 1, &o, &done, e);
}

/* What a page needs to look like itself. */
static bool is_requisite(const char *mime) {
  static const char *const whole[] = {"text/css", "text/javascript", "application/javascript",
                                      "application/x-javascript", "application/font-woff"};
  if (!mime)
    return false;
  for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
    if (strcmp(mime, whole[i]) == 0)
      return true;
  return strncmp(mime, "image/", 6) == 0 || strncmp(mime, "font/", 5) == 0;
}

static enum zhi_code is_chosen(struct select *x, const struct zhi_capture_ref *c, bool *out,
                               struct zhi_err *e) {
  char place[PLACE_SIZE];
  bool hidden;
  enum zhi_code rc = zhi_store_is_suppressed(x->store, zhi_str_of(c->url), &hidden, e);
  *out = !rc && !hidden &&
         (!x->has_conditions || is_requisite(c->mime) ||
          zhi_map_get(&x->places, place_of(c->warc_file, c->warc_offset, place)) ||
          zhi_map_get(&x->attachments, zhi_str_of(c->url)));
  return rc;
}

static enum zhi_code note_body(void *ctx, const struct zhi_capture_ref *c, struct zhi_err *e) {
  struct select *x = ctx;
  char place[PLACE_SIZE];
  bool chosen;
  if (!x->has_conditions || !c->is_revisit)
    return ZHI_OK;
  enum zhi_code rc = is_chosen(x, c, &chosen, e);
  return rc || !chosen
             ? rc
             : zhi_map_put(&x->places, place_of(c->body_file, c->body_offset, place), x, NULL, e);
}

/* --- copying ---------------------------------------------------------------------------------------------------- */

static enum zhi_code copy(struct select *x, int64_t from, int64_t to, struct zhi_err *e) {
  char *chunk = malloc(CHUNK_BYTES);
  enum zhi_code rc = chunk ? ZHI_OK : zhi_fail(e, ZHI_ENOMEM, "out of memory for copying");
  while (!rc && from < to) {
    size_t want = to - from < CHUNK_BYTES ? (size_t)(to - from) : CHUNK_BYTES;
    ssize_t n = pread(x->fd, chunk, want, from);
    if (n <= 0)
      rc = n < 0 ? zhi_fail_errno(e, "cannot read '%s'", x->file)
                 : zhi_fail(e, ZHI_EPARSE, "'%s' is shorter than the catalogue says", x->file);
    else
      rc = zhi_out_write(x->warc, zhi_str_n(chunk, (size_t)n), e);
    from += n > 0 ? n : 0;
  }
  free(chunk);
  return rc;
}

static enum zhi_code end_range(struct select *x, int64_t at, struct zhi_err *e) {
  enum zhi_code rc = ZHI_OK;
  if (x->from < 0)
    return rc;
  if (!x->head_done)
    rc = copy(x, 0, x->first, e);
  x->head_done = true;
  if (!rc)
    rc = copy(x, x->from, at, e);
  x->from = -1;
  return rc;
}

static enum zhi_code end_file(struct select *x, struct zhi_err *e) {
  enum zhi_code rc = end_range(x, x->end, e);
  if (x->fd >= 0)
    close(x->fd);
  x->fd = -1;
  x->file[0] = '\0';
  return rc;
}

static enum zhi_code begin_file(struct select *x, const struct zhi_capture_ref *c,
                                struct zhi_err *e) {
  char path[4600];
  enum zhi_code rc = end_file(x, e);
  if (rc)
    return rc;
  snprintf(x->file, sizeof x->file, "%s", c->warc_file);
  snprintf(path, sizeof path, "%s/warc/%s", x->s->archive, x->file);
  x->fd = open(path, O_RDONLY | O_CLOEXEC);
  if (x->fd < 0) { /* still written to */
    snprintf(path, sizeof path, "%s/warc/%s.open", x->s->archive, x->file);
    x->fd = open(path, O_RDONLY | O_CLOEXEC);
  }
  int64_t *length = zhi_map_get(&x->lengths, zhi_str_of(x->file));
  x->end = length ? *length : 0;
  x->first = c->warc_offset;
  x->from = -1;
  x->head_done = false;
  return x->fd >= 0 ? ZHI_OK : zhi_fail_errno(e, "cannot open '%s'", path);
}

static enum zhi_code copy_capture(void *ctx, const struct zhi_capture_ref *c, struct zhi_err *e) {
  struct select *x = ctx;
  bool chosen;
  enum zhi_code rc =
      strcmp(x->file, c->warc_file) != 0 ? begin_file(x, c, e) : end_range(x, c->warc_offset, e);
  if (rc || (rc = is_chosen(x, c, &chosen, e)) || !chosen)
    return rc;
  x->from = c->warc_offset;
  x->records++;
  return ZHI_OK;
}

static enum zhi_code note_length(void *ctx, const struct zhi_warc_state *w, struct zhi_err *e) {
  struct select *x = ctx;
  int64_t *n = malloc(sizeof *n);
  if (!n)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a file list");
  *n = w->committed_bytes;
  enum zhi_code rc = zhi_map_put(&x->lengths, zhi_str_of(w->file), n, NULL, e);
  if (rc)
    free(n);
  return rc;
}

enum zhi_code zhi_wacz_select(const struct zhi_wacz_selection *s, struct zhi_out *warc,
                              int64_t *records, struct zhi_err *e) {
  struct select x = {.s = s, .warc = warc, .fd = -1, .from = -1};
  void *v;
  x.has_conditions = s->o->where_count || s->o->from || s->o->to;
  zhi_map_init(&x.places);
  zhi_map_init(&x.attachments);
  zhi_map_init(&x.lengths);
  enum zhi_code rc = x.has_conditions ? choose_documents(&x, e) : ZHI_OK;
  if (!rc)
    rc = zhi_store_open(s->archive, ZHI_STORE_READ, &zhi_clock_system, &x.store, e);
  if (!rc)
    rc = zhi_store_each_warc(x.store, note_length, &x, e);
  if (!rc)
    rc = zhi_store_each_capture(x.store, note_body, &x, e);
  if (!rc)
    rc = zhi_store_each_capture(x.store, copy_capture, &x, e);
  if (!rc)
    rc = end_file(&x, e);
  if (x.fd >= 0)
    close(x.fd);
  *records = x.records;
  zhi_store_close(x.store);
  for (size_t i = 0; zhi_map_each(&x.lengths, &i, NULL, &v);)
    free(v);
  zhi_map_release(&x.places);
  zhi_map_release(&x.attachments);
  zhi_map_release(&x.lengths);
  return rc;
}
