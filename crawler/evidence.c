/* What evidence is made of: the captures of the times asked for, and each against the one before. */
#include "crawler/evidence.h"

#include <stdlib.h>

#include "crawler/compare.h"
#include "zhi/browse.h"
#include "zhi/json.h"

enum { ARENA_MAX = 1 << 28, NAME_MAX_BYTES = 4096 };

/* The capture of each time, none twice; without times the latest. */
static enum zhi_code choose(struct evidence *v, struct zhi_err *e) {
  enum zhi_code rc = ZHI_OK;
  size_t n = v->o->time_count;
  if (n > ZHI_EVIDENCE_TIMES_MAX)
    return zhi_fail(e, ZHI_EUSAGE, "at most %d times at once", ZHI_EVIDENCE_TIMES_MAX);
  for (size_t i = 0; i < (n ? n : 1) && !rc; i++) {
    struct zhi_shown *c = &v->captures[v->count].c;
    rc = zhi_shown_at(v->store, v->o->url, n ? v->o->times[i] : ZHI_STR(""), v->arena, c, e);
    bool again = false;
    for (size_t k = 0; k < v->count; k++)
      again = again || v->captures[k].c.capture_id == c->capture_id;
    v->count += !rc && !again;
  }
  return rc;
}

static enum zhi_code compare(struct evidence *v, struct zhi_err *e) {
  char from[ZHI_ISO_SIZE], to[ZHI_ISO_SIZE];
  enum zhi_code rc = ZHI_OK;
  for (size_t i = 1; i < v->count && !rc; i++) {
    json_t *c = NULL;
    zhi_time_iso(v->captures[i - 1].c.fetched_ms, from);
    zhi_time_iso(v->captures[i].c.fetched_ms, to);
    rc = zhi_archive_compare(v->store, v->o->dir, v->o->url, zhi_str_of(from), zhi_str_of(to), &c,
                             e);
    if (!rc)
      json_array_append_new(v->comparisons, c);
  }
  return rc;
}

enum zhi_code zhi_evidence(struct zhi_store *s, const struct zhi_evidence_options *o,
                           const char *path, struct zhi_evidence_done *done, struct zhi_err *e) {
  struct zhi_arena arena;
  struct evidence *v = calloc(1, sizeof *v);
  if (!v)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for evidence");
  zhi_arena_init(&arena, ARENA_MAX);
  *v = (struct evidence){.store = s, .o = o, .arena = &arena, .lost = zhi_json_lost()};
  v->comparisons = json_array();
  zhi_buf_init(&v->name, NAME_MAX_BYTES);
  zhi_time_iso(zhi_now_ms(&zhi_clock_system), v->made);
  enum zhi_code rc = choose(v, e);
  if (!rc)
    rc = compare(v, e);
  if (!rc)
    rc = zhi_browse_name(s, &v->name, e);
  if (!rc)
    rc = evidence_write(v, path, done->sums, e);
  done->captures = v->count;
  json_decref(v->comparisons);
  zhi_buf_release(&v->name);
  zhi_arena_release(&arena);
  free(v);
  return rc;
}
