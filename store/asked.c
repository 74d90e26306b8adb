/* Captures out of turn: URLs that somebody asks for now, and what they need.
 *
 * The same frontier and the same rows, but only URLs marked `asked` are leased, and the end is counted over them alone.
 * What is found on an asked page is added as ever; of that only what the page cannot be shown without (frames, style
 * sheets, images), where it redirects, and its attached files are asked for in turn. The rest waits for the next crawl. */
#include "store/internal.h"

/* Does a page need this to be shown? The last letter of a hop path says how it was found. */
static bool is_needed(const struct zhi_found *f) {
  char last = f->hops.len ? f->hops.p[f->hops.len - 1] : 'L';
  return !f->excluded && (f->prio == ZHI_PRIO_ATTACHMENT || last == 'E' || last == 'R');
}

struct asked_row {
  int64_t origin, priority;
  enum url_state state;
  bool asked;
};

static enum zhi_code read_row(struct zhi_store *s, int64_t id, struct asked_row *out,
                              struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, ST_STATE_OF_URL, e);
  bool row = false;
  if (!st)
    return ZHI_EIO;
  zhi_bind_int(st, 1, id);
  enum zhi_code rc = zhi_db_step(s, st, &row, e);
  if (rc || !row)
    return rc ? rc : zhi_fail(e, ZHI_EBUG, "no URL %lld", (long long)id);
  *out = (struct asked_row){.origin = zhi_col_int(st, 0),
                            .priority = zhi_col_int(st, 1),
                            .state = US_COUNT,
                            .asked = zhi_col_int(st, 3) != 0};
  for (int k = 0; k < US_COUNT; k++)
    if (strcmp(zhi_col_text(st, 2), zhi_url_state_name[k]) == 0)
      out->state = (enum url_state)k;
  sqlite3_reset(st);
  return ZHI_OK;
}

static enum zhi_code ask_for(struct zhi_store *s, int64_t id, bool again, struct zhi_err *e) {
  struct asked_row r = {0};
  enum zhi_code rc = read_row(s, id, &r, e);
  if (rc || r.asked || (r.state != US_DUE && !again))
    return rc;
  struct fr_origin *o = (size_t)r.origin < s->fr.origin_cap ? s->fr.origin_of[r.origin] : NULL;
  if (!o || r.state == US_COUNT || (r.priority >= STORE_PRIORITIES && r.state != US_DONE))
    return zhi_fail(e, ZHI_EPARSE, "'%s' is damaged: a URL without its host", s->path);
  if (r.priority >= STORE_PRIORITIES)
    r.priority = ZHI_PRIO_PAGE; /* known as the crawl's own, a robots.txt */
  sqlite3_stmt *st = zhi_db_get(s, ST_ASK_URL, e);
  if (!st)
    return ZHI_EIO;
  zhi_bind_int(st, 1, id);
  zhi_bind_int(st, 2, r.priority);
  if ((rc = zhi_db_run(s, st, e)) || r.state == US_DUE || (rc = zhi_fr_touch(&s->fr, o, e)))
    return rc;
  o->delta[r.state]--;
  o->delta[US_DUE]++;
  o->due_delta[r.priority]++;
  return ZHI_OK;
}

enum zhi_code zhi_asked_found(struct zhi_store *s, const struct zhi_found *f, int64_t id,
                              struct zhi_err *e) {
  bool redirected = f->hops.len && f->hops.p[f->hops.len - 1] == 'R';
  return s->asked_only && is_needed(f) ? ask_for(s, id, redirected, e) : ZHI_OK;
}

enum zhi_code zhi_asked_begin(struct zhi_store *s, const struct zhi_found *found, size_t n,
                              struct zhi_err *e) {
  size_t added;
  enum zhi_code rc = zhi_db_exec(s, "UPDATE url SET asked = NULL WHERE asked", e);
  if (rc == ZHI_OK)
    rc = zhi_urls_add(s, found, n, &added, e);
  for (size_t i = 0; i < n && rc == ZHI_OK; i++) {
    int64_t id;
    if ((rc = zhi_urls_find(s, found[i].url, &id, e)) == ZHI_OK)
      rc = ask_for(s, id, true, e);
  }
  return rc;
}

enum zhi_code zhi_asked_stats(struct zhi_store *s, int64_t sum[US_COUNT], int64_t *next,
                              struct zhi_err *e) {
  int64_t all[US_COUNT + 1] = {0};
  enum zhi_code rc = zhi_db_ints(s, ST_COUNT_ASKED, all, US_COUNT + 1, e);
  memcpy(sum, all, US_COUNT * sizeof *sum);
  *next = all[US_COUNT];
  return rc;
}
