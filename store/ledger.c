/* The ledger: what becomes of a URL from crawl to crawl, and the versions of what it shows.
 *
 * Each capture moves the life of its URL on, in the transaction that stores the capture:
 *   content, 304        live; reappeared when it was removed before
 *   404, 410, soft 404, redirect home or to an error page: gone; two crawls that say so remove it
 *   redirect elsewhere  moved
 *   401, 403, 451       blocked
 * What was given up (blocked, unreachable) says nothing about its being there: it never removes, and it never brings
 * back. A URL that never showed content and answers 404 has no life: it never existed for us.
 *
 * A version begins with the capture whose payload and text both differ from those shown before at this URL. So the
 * same payload is never a new version, whatever the extractor says, nor is the same text in another template. URLs
 * of one key (http and https, with and without www) that show the same share their versions; those that do not have
 * versions of their own. Going back to an older text is a new version.
 *
 * How soon it is looked at again follows from this: twice as long while unchanged, a quarter when changed. */
#include <stdlib.h>

#include "store/internal.h"
#include "zhi/arena.h"

enum { DOUBLE = 2, QUARTER = 4, REMOVED_AT = 2, HEAD_BYTES = 8 };

struct life {
  char state[16]; /* "" = none */
  int64_t first_seen_ms, last_seen_ms, last_ok_ms, gone_since_ms, gone_crawl_id, gone_crawls;
  struct zhi_str moved_to;
  int64_t interval_ms, version_id, good_capture_id;
  bool is_list;
};

static void set_state(struct life *l, const char *state) {
  snprintf(l->state, sizeof l->state, "%s", state);
}

static bool is_state(const struct life *l, const char *state) {
  return strcmp(l->state, state) == 0;
}

/* `st` stays open while l->moved_to is used. */
static enum zhi_code get_life(struct zhi_store *s, int64_t url_id, struct life *l,
                              sqlite3_stmt **out, struct zhi_err *e) {
  sqlite3_stmt *st = *out = zhi_db_get(s, ST_GET_LIFE, e);
  bool row = false;
  if (!st)
    return ZHI_EIO;
  zhi_bind_int(st, 1, url_id);
  enum zhi_code rc = zhi_db_step(s, st, &row, e);
  *l = (struct life){0};
  if (rc || !row)
    return rc;
  set_state(l, zhi_col_text(st, 0));
  l->first_seen_ms = zhi_col_int(st, 1);
  l->last_seen_ms = zhi_col_int(st, 2);
  l->last_ok_ms = zhi_col_int(st, 3);
  l->gone_since_ms = zhi_col_int(st, 4);
  l->gone_crawl_id = zhi_col_int(st, 5);
  l->gone_crawls = zhi_col_int(st, 6);
  l->moved_to = zhi_col_str(st, 7);
  l->interval_ms = zhi_col_int(st, 8);
  l->version_id = zhi_col_int(st, 9);
  l->is_list = zhi_col_int(st, 10) != 0;
  l->good_capture_id = zhi_col_int(st, 11);
  return ZHI_OK;
}

static void bind_or_null(sqlite3_stmt *st, int i, int64_t v) {
  if (v)
    zhi_bind_int(st, i, v);
  else
    sqlite3_bind_null(st, i);
}

static enum zhi_code set_life(struct zhi_store *s, int64_t url_id, const struct life *l,
                              struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, ST_SET_LIFE, e);
  if (!st)
    return ZHI_EIO;
  zhi_bind_int(st, 1, url_id);
  zhi_bind_str(st, 2, zhi_str_of(l->state));
  bind_or_null(st, 3, l->first_seen_ms);
  bind_or_null(st, 4, l->last_seen_ms);
  bind_or_null(st, 5, l->last_ok_ms);
  bind_or_null(st, 6, l->gone_since_ms);
  bind_or_null(st, 7, l->gone_crawl_id);
  zhi_bind_int(st, 8, l->gone_crawls);
  zhi_bind_str(st, 9, l->moved_to);
  zhi_bind_int(st, 10, l->interval_ms);
  bind_or_null(st, 11, l->version_id);
  bind_or_null(st, 12, l->is_list);
  bind_or_null(st, 13, l->good_capture_id);
  return zhi_db_run(s, st, e);
}

/* --- versions ----------------------------------------------------------------------------------------------- */

enum novelty { SAME, CHANGED, FIRST };

static bool equal(struct zhi_str a, struct zhi_str b) { return a.len && zhi_str_eq(a, b); }

static enum zhi_code confirm(struct zhi_store *s, const struct ledger_capture *c, int64_t version,
                             bool own_content, struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, ST_CONFIRM_VERSION, e);
  if (!st)
    return ZHI_EIO;
  zhi_bind_int(st, 1, version);
  zhi_bind_int(st, 2, c->id);
  zhi_bind_int(st, 3, c->fetched_ms);
  bind_or_null(st, 4, own_content ? c->id : 0);
  return zhi_db_run(s, st, e);
}

/* The version that `st` finds, compared with the capture. *version 0: there is none. */
static enum zhi_code compare(struct zhi_store *s, sqlite3_stmt *st, const struct ledger_capture *c,
                             int64_t *version, int64_t *number, bool *same, bool *same_payload,
                             struct zhi_err *e) {
  bool row = false;
  *version = *number = 0;
  *same = *same_payload = false;
  enum zhi_code rc = zhi_db_step(s, st, &row, e);
  if (rc || !row)
    return rc;
  *version = zhi_col_int(st, 0);
  *number = zhi_col_int(st, 1);
  *same_payload = equal(c->payload_digest, zhi_col_str(st, 2));
  *same = *same_payload || equal(c->text_digest, zhi_col_str(st, 3));
  sqlite3_reset(st);
  return ZHI_OK;
}

static enum zhi_code add_version(struct zhi_store *s, const struct ledger_capture *c,
                                 int64_t number, struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, ST_ADD_VERSION, e);
  if (!st)
    return ZHI_EIO;
  zhi_bind_int(st, 1, c->id);
  zhi_bind_int(st, 2, number);
  zhi_bind_int(st, 3, c->fetched_ms);
  return zhi_db_run(s, st, e);
}

/* What says "not found" is content only where there never was other. */
static bool shows_content(const struct life *l, const struct ledger_capture *c) {
  return c->verdict == ZHI_V_OK || c->verdict == ZHI_V_NOT_MODIFIED ||
         (c->verdict == ZHI_V_SOFT_404 && (!l->first_seen_ms || c->fetched_ms < l->first_seen_ms));
}

static enum zhi_code take_version(struct zhi_store *s, const struct ledger_capture *c,
                                  struct life *l, enum novelty *what, struct zhi_err *e) {
  int64_t version, number = 0, other_number;
  bool same = false, same_payload, known = l->version_id != 0;
  enum zhi_code rc;
  *what = SAME;
  if (c->verdict == ZHI_V_NOT_MODIFIED)
    return known ? confirm(s, c, l->version_id, false, e) : ZHI_OK;
  sqlite3_stmt *own = zhi_db_get(s, ST_VERSION_OF, e), *key = zhi_db_get(s, ST_SAME_AT_KEY, e);
  if (!own || !key)
    return ZHI_EIO;
  if (known) {
    zhi_bind_int(own, 1, l->version_id);
    if ((rc = compare(s, own, c, &version, &number, &same, &same_payload, e)))
      return rc;
    if (same)
      return confirm(s, c, l->version_id, c->has_doc || !same_payload, e);
  }
  *what = known ? CHANGED : FIRST;
  zhi_bind_text(key, 1, c->url_key);
  zhi_bind_int(key, 2, l->version_id);
  zhi_bind_str(key, 3, c->payload_digest);
  zhi_bind_str(key, 4, c->text_digest);
  if ((rc = compare(s, key, c, &version, &other_number, &same, &same_payload, e)))
    return rc;
  l->version_id = same ? version : c->id;
  return same ? confirm(s, c, version, c->has_doc || !same_payload, e)
              : add_version(s, c, number + 1, e);
}

/* --- life ------------------------------------------------------------------------------------------------------ */

static void gone(struct life *l, const struct ledger_capture *c) {
  if (!l->last_seen_ms)
    return;
  if (!l->gone_since_ms)
    l->gone_since_ms = c->fetched_ms;
  l->gone_crawls += l->gone_crawl_id != c->crawl_id;
  l->gone_crawl_id = c->crawl_id;
  if (l->gone_crawls >= REMOVED_AT)
    set_state(l, "removed");
}

static void there(struct life *l, const struct ledger_capture *c, const char *state) {
  if (strcmp(state, "live") == 0 && (is_state(l, "removed") || is_state(l, "reappeared")))
    state = "reappeared";
  set_state(l, state);
  l->last_seen_ms = c->fetched_ms;
  l->gone_since_ms = l->gone_crawl_id = l->gone_crawls = 0;
  l->moved_to = ZHI_STR_NONE;
}

static void content(struct life *l, const struct ledger_capture *c) {
  there(l, c, "live");
  if (!l->first_seen_ms)
    l->first_seen_ms = c->fetched_ms;
  if (c->verdict == ZHI_V_TOO_LARGE)
    return;
  l->last_ok_ms = c->fetched_ms;
  if (c->verdict == ZHI_V_OK) {
    l->good_capture_id = c->id;
    if (c->has_doc || !c->has_original)
      l->is_list = c->is_list;
  }
}

/* False: this exchange says nothing about how often to look. */
static bool move_on(struct life *l, const struct ledger_capture *c) {
  bool refused = c->status == 401 || c->status == 403 || c->status == 451;
  switch (c->verdict) {
  case ZHI_V_OK:
  case ZHI_V_TOO_LARGE: content(l, c); break;
  case ZHI_V_NOT_MODIFIED:
    if (l->last_ok_ms)
      content(l, c);
    break;
  case ZHI_V_GONE:
  case ZHI_V_SOFT_404: gone(l, c); break;
  case ZHI_V_REDIRECT:
    if (c->redirect_gone) {
      gone(l, c);
    } else {
      there(l, c, "moved");
      l->moved_to = c->redirect_to;
    }
    break;
  case ZHI_V_CLIENT_ERROR:
    if (refused && !is_state(l, "removed"))
      set_state(l, "blocked");
    break;
  case ZHI_V_INVALID:
    if (!is_state(l, "removed"))
      set_state(l, "unreachable");
    break;
  default: return false; /* tried again, and if given up, told by zhi_ledger_refused */
  }
  return true;
}

static void set_interval(const struct zhi_recrawl *r, struct life *l, enum novelty what) {
  int64_t least = r->documents_min_ms, most = store_later(least, r->documents_max_ms);
  int64_t i = l->interval_ms;
  if (l->is_list)
    i = r->lists_ms;
  else if (what == FIRST || i < least)
    i = least;
  else if (what == CHANGED)
    i = store_later(i / QUARTER, least);
  else
    i = i > most / DOUBLE ? most : i * DOUBLE;
  l->interval_ms = i;
}

enum zhi_code zhi_ledger_take(struct zhi_store *s, const struct ledger_capture *c,
                              struct zhi_err *e) {
  struct life l;
  sqlite3_stmt *held;
  enum novelty what = SAME;
  enum zhi_code rc = get_life(s, c->url_id, &l, &held, e);
  if (rc == ZHI_OK && shows_content(&l, c))
    rc = take_version(s, c, &l, &what, e);
  if (rc == ZHI_OK) {
    if (move_on(&l, c))
      set_interval(&s->recrawl, &l, what);
    rc = set_life(s, c->url_id, &l, e);
  }
  sqlite3_reset(held);
  return rc;
}

enum zhi_code zhi_ledger_refused(struct zhi_store *s, int64_t url_id, enum zhi_verdict v,
                                 bool excluded, struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, ST_SET_REFUSED, e);
  bool blocked = v == ZHI_V_BLOCKED || v == ZHI_V_CLIENT_ERROR || excluded;
  if (!st)
    return ZHI_EIO;
  if (v == ZHI_V_OUT_OF_SCOPE) /* a budget of ours was spent */
    return ZHI_OK;
  zhi_bind_int(st, 1, url_id);
  zhi_bind_text(st, 2, blocked ? ZHI_STR("blocked") : ZHI_STR("unreachable"));
  return zhi_db_run(s, st, e);
}

/* --- bodies ------------------------------------------------------------------------------------------------------ */

/* The first eight bytes of a digest as the key of `payload`; false: not a digest that we know. */
static bool head_of(struct zhi_str digest, int64_t *head) {
  unsigned char raw[64];
  enum zhi_digest_kind kind;
  size_t n = 0;
  uint64_t v = 0;
  if (!zhi_digest_parse(digest, &kind, raw, &n) || n < HEAD_BYTES)
    return false;
  for (int i = 0; i < HEAD_BYTES; i++)
    v = v << 8 | raw[i];
  memcpy(head, &v, sizeof v);
  return true;
}

enum zhi_code zhi_payload_add(struct zhi_store *s, int64_t capture_id, struct zhi_str digest,
                              struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, ST_ADD_PAYLOAD, e);
  int64_t head;
  if (!st)
    return ZHI_EIO;
  if (!head_of(digest, &head))
    return ZHI_OK;
  zhi_bind_int(st, 1, head);
  zhi_bind_int(st, 2, capture_id);
  return zhi_db_run(s, st, e);
}

enum zhi_code zhi_col_original(sqlite3_stmt *st, int i, struct zhi_arena *a,
                               struct zhi_original *out, struct zhi_err *e) {
  *out = (struct zhi_original){.record_id = zhi_arena_str(a, zhi_col_str(st, i + 1)),
                               .url = zhi_arena_str(a, zhi_col_str(st, i + 2)),
                               .payload_digest = zhi_arena_str(a, zhi_col_str(st, i + 3)),
                               .date_ms = zhi_col_int(st, i + 4)};
  if (!out->record_id.p || !out->url.p || !out->payload_digest.p)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for an original");
  if (out->record_id.len && out->payload_digest.len)
    out->capture_id = zhi_col_int(st, i);
  return ZHI_OK;
}

enum zhi_code zhi_store_find_payload(struct zhi_store *s, struct zhi_str digest,
                                     struct zhi_arena *a, struct zhi_original *out,
                                     struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, ST_FIND_PAYLOAD, e);
  int64_t head;
  bool row = false;
  *out = (struct zhi_original){0};
  if (!st)
    return ZHI_EIO;
  if (!head_of(digest, &head))
    return ZHI_OK;
  zhi_bind_int(st, 1, head);
  zhi_bind_text(st, 2, digest);
  enum zhi_code rc = zhi_db_step(s, st, &row, e);
  if (rc == ZHI_OK && row)
    rc = zhi_col_original(st, 0, a, out, e);
  sqlite3_reset(st);
  return rc;
}

enum zhi_code zhi_store_original_place(struct zhi_store *s, struct zhi_str warc_file,
                                       int64_t offset, bool *found, struct zhi_place *out,
                                       struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, ST_ORIGINAL_PLACE, e);
  if (!st)
    return ZHI_EIO;
  zhi_bind_text(st, 1, warc_file);
  zhi_bind_int(st, 2, offset);
  enum zhi_code rc = zhi_db_step(s, st, found, e);
  if (rc || !*found)
    return rc;
  snprintf(out->warc_file, sizeof out->warc_file, "%s", zhi_col_text(st, 0));
  out->offset = zhi_col_int(st, 1);
  out->length = zhi_col_int(st, 2);
  sqlite3_reset(st);
  return out->warc_file[0] ? ZHI_OK : zhi_fail(e, ZHI_ENOMEM, "out of memory for a place");
}

/* --- anew from the captures ---------------------------------------------------------------------------------------- */

static enum zhi_code rebuild_capture(struct zhi_store *s, sqlite3_stmt *st, bool all,
                                     struct zhi_err *e) {
  struct life l;
  sqlite3_stmt *held;
  enum novelty what;
  const char *kind = zhi_col_text(st, 9);
  struct ledger_capture c = {.id = zhi_col_int(st, 0),
                             .url_id = zhi_col_int(st, 1),
                             .crawl_id = zhi_col_int(st, 2),
                             .fetched_ms = zhi_col_int(st, 3),
                             .url_key = zhi_col_str(st, 4),
                             .verdict = zhi_verdict_of(zhi_col_str(st, 5)),
                             .payload_digest = zhi_col_str(st, 6),
                             .text_digest = zhi_col_str(st, 7),
                             .status = (int)zhi_col_int(st, 8),
                             .is_list = strcmp(kind, "list") == 0 || strcmp(kind, "home") == 0,
                             .has_doc = kind[0] != '\0',
                             .redirect_to = zhi_col_str(st, 10),
                             .has_original = zhi_col_int(st, 11) != 0};
  if (all) {
    enum zhi_code rc = zhi_ledger_take(s, &c, e);
    return rc || !zhi_col_int(st, 12) ? rc : zhi_payload_add(s, c.id, c.payload_digest, e);
  }
  enum zhi_code rc = get_life(s, c.url_id, &l, &held, e);
  if (rc == ZHI_OK && shows_content(&l, &c) && (rc = take_version(s, &c, &l, &what, e)) == ZHI_OK)
    rc = set_life(s, c.url_id, &l, e);
  sqlite3_reset(held);
  return rc;
}

static enum zhi_code rebuild(struct zhi_store *s, bool all, struct zhi_err *e) {
  sqlite3_stmt *st = NULL;
  bool row = false;
  enum zhi_code rc = zhi_db_exec(s, "UPDATE url SET version_id = NULL; DELETE FROM version", e);
  if (rc == ZHI_OK)
    rc = zhi_db_prepare(
        s,
        "SELECT c.id, c.url_id, c.crawl_id, c.fetched_ms, c.url_key, c.verdict, c.payload_digest, "
        "d.text_digest, c.status, d.kind, c.redirect_to, c.original_id, c.verdict IN ('ok', "
        "'gone', 'soft_404') AND c.truncated IS NULL AND c.revisit_of IS NULL AND "
        "c.warc_file_id IS NOT NULL AND c.body_bytes > 0 FROM capture c INDEXED BY capture_by_key "
        "LEFT JOIN document d ON d.capture_id = c.id ORDER BY c.url_key, c.fetched_ms, c.id",
        &st, e);
  while (rc == ZHI_OK && (rc = zhi_db_step(s, st, &row, e)) == ZHI_OK && row)
    rc = rebuild_capture(s, st, all, e);
  sqlite3_finalize(st);
  return rc;
}

/* Foreign keys are not watched meanwhile: for each version deleted, all URLs would be looked through. */
enum zhi_code zhi_ledger_rebuild(struct zhi_store *s, bool all, struct zhi_err *e) {
  enum zhi_code rc = zhi_db_exec(s, "PRAGMA foreign_keys = OFF", e);
  if (rc || (rc = zhi_db_begin(s, true, e)))
    return rc;
  rc = zhi_db_end(s, rebuild(s, all, e), e);
  enum zhi_code on = zhi_db_exec(s, "PRAGMA foreign_keys = ON", rc ? NULL : e);
  return rc ? rc : on;
}

enum zhi_code zhi_store_number_versions(struct zhi_store *s, struct zhi_err *e) {
  return zhi_ledger_rebuild(s, false, e);
}
