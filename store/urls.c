/* URL rows: insert if new.
 *
 * Most links of a page lead to URLs already known: a small fixed cache of hashes met lately answers for them. The rest
 * is looked up in hash order, which by the hash's make-up is directory order, so that a batch reads each index page
 * once; the new ones are inserted in the order in which they were found. */
#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "store/internal.h"

const char *const zhi_url_state_name[US_COUNT] = {"due", "waiting", "done", "failed", "excluded"};

void zhi_url_hash(struct zhi_str url, unsigned char out[STORE_KEY_BYTES]) {
  size_t dir = 0;
  while (dir < url.len && url.p[dir] != '?' &&
         url.p[dir] != '\n') /* a POST has its body behind a \n */
    dir++;
  while (dir > 0 && url.p[dir - 1] != '/')
    dir--;
  uint32_t near = (uint32_t)XXH3_64bits(url.p, dir);
  XXH128_canonical_t whole;
  XXH128_canonicalFromHash(&whole, XXH3_128bits(url.p, url.len));
  for (int i = 0; i < 4; i++)
    out[i] = (unsigned char)(near >> (24 - 8 * i));
  memcpy(out + 4, whole.digest, STORE_KEY_BYTES - 4);
}

/* An id, or 0 when the URL is new. */
static enum zhi_code find_url(struct zhi_store *s, const unsigned char key[STORE_KEY_BYTES],
                              int64_t *id, struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, ST_FIND_URL, e);
  bool row = false;
  if (!st)
    return ZHI_EIO;
  sqlite3_bind_blob(st, 1, key, STORE_KEY_BYTES, SQLITE_STATIC);
  enum zhi_code rc = zhi_db_step(s, st, &row, e);
  *id = 0;
  if (row) {
    *id = zhi_col_int(st, 0);
    sqlite3_reset(st);
  }
  return rc;
}

enum zhi_code zhi_urls_find(struct zhi_store *s, struct zhi_str url, int64_t *id,
                            struct zhi_err *e) {
  unsigned char key[STORE_KEY_BYTES];
  zhi_url_hash(url, key);
  return find_url(s, key, id, e);
}

/* The request's identity: a view of its URL, or of scratch. */
static struct zhi_str identity_of(const struct zhi_found *f, struct zhi_buf *scratch) {
  if (zhi_ask_is_plain(&f->ask))
    return f->url;
  zhi_buf_clear(scratch);
  zhi_ask_identity(f->url, &f->ask, scratch);
  return zhi_buf_view(scratch);
}

static enum zhi_code renew_body(struct zhi_store *s, int64_t id, struct zhi_str body,
                                struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, ST_RENEW_BODY, e);
  if (!st)
    return ZHI_EIO;
  zhi_bind_int(st, 1, id);
  zhi_bind_text(st, 2, body);
  return zhi_db_run(s, st, e);
}

struct candidate {
  unsigned char key[STORE_KEY_BYTES];
  uint32_t index;
};

static int by_key(const void *a, const void *b) {
  const struct candidate *x = a, *y = b;
  int c = memcmp(x->key, y->key, STORE_KEY_BYTES);
  return c ? c : (x->index > y->index) - (x->index < y->index);
}

static int by_index(const void *a, const void *b) {
  const struct candidate *x = a, *y = b;
  return (x->index > y->index) - (x->index < y->index);
}

/* What the insertion of one batch carries from row to row. */
struct adding {
  int64_t now_ms;
  struct zhi_str via; /* the last one looked up, and its id */
  int64_t via_id;
  struct zhi_str origin_name;
  struct fr_origin *origin;
};

static enum zhi_code resolve_via(struct zhi_store *s, struct adding *a, struct zhi_str via,
                                 struct zhi_err *e) {
  unsigned char key[STORE_KEY_BYTES];
  if (via.len == 0 || (a->via.p && zhi_str_eq(a->via, via))) {
    if (via.len == 0) {
      a->via = ZHI_STR_NONE;
      a->via_id = 0;
    }
    return ZHI_OK;
  }
  a->via = via;
  zhi_url_hash(via, key);
  return find_url(s, key, &a->via_id, e);
}

static enum zhi_code add_row(struct zhi_store *s, struct adding *a, const struct zhi_found *x,
                             const unsigned char key[STORE_KEY_BYTES], struct zhi_err *e) {
  enum zhi_code rc = resolve_via(s, a, x->via, e);
  sqlite3_stmt *st = zhi_db_get(s, ST_ADD_URL, e);
  if (rc || !st)
    return rc ? rc : ZHI_EIO;
  if (!a->origin || !zhi_str_eq(a->origin_name, x->origin)) {
    if ((rc = zhi_fr_origin(s, x->origin, &a->origin, e)))
      return rc;
    a->origin_name = x->origin;
  }
  struct fr_origin *o = a->origin;
  if ((rc = zhi_fr_touch(&s->fr, o, e)))
    return rc;
  enum url_state state = x->excluded ? US_EXCLUDED : US_DUE;
  unsigned priority = (unsigned)x->prio;
  if (priority >= STORE_PRIORITIES && priority != STORE_PRIORITY_OWN)
    return zhi_fail(e, ZHI_EBUG, "no priority %u", priority);
  if (priority == STORE_PRIORITY_OWN)
    state = US_DONE;
  sqlite3_bind_blob(st, 1, key, STORE_KEY_BYTES, SQLITE_STATIC);
  zhi_bind_text(st, 2, x->url);
  zhi_bind_int(st, 3, o->id);
  zhi_bind_text(st, 4, zhi_str_of(zhi_url_state_name[state]));
  zhi_bind_int(st, 5, priority);
  zhi_bind_int(st, 6, x->depth);
  zhi_bind_int(st, 7, a->now_ms);
  zhi_bind_str(st, 8, zhi_str_of(x->excluded));
  zhi_bind_str(st, 9, zhi_str_clip(x->hops, 255));
  zhi_bind_str(st, 10, zhi_str_clip(x->list_date, 32));
  zhi_bind_str(st, 11, zhi_str_clip(x->text, STORE_TEXT_MAX));
  if (a->via_id)
    zhi_bind_int(st, 12, a->via_id);
  else
    sqlite3_bind_null(st, 12);
  zhi_bind_str(st, 13, a->via_id ? ZHI_STR_NONE : x->via);
  bool post = zhi_ask_is_post(&x->ask);
  zhi_bind_str(st, 14, post ? ZHI_STR("POST") : ZHI_STR_NONE);
  if (post)
    zhi_bind_text(st, 15, x->ask.body);
  else
    sqlite3_bind_null(st, 15);
  zhi_bind_str(st, 16, x->ask.headers);
  zhi_bind_str(st, 17, x->ask.asker);
  if ((rc = zhi_db_run(s, st, e)))
    return rc;
  o->delta[state]++;
  if (state == US_DUE)
    o->due_delta[priority]++;
  return zhi_asked_found(s, x, sqlite3_last_insert_rowid(s->db), e);
}

/* Keep of c[0..n), sorted by key, the first of each key that is not in the database; returns how many. */
static enum zhi_code keep_new(struct zhi_store *s, const struct zhi_found *found,
                              struct candidate *c, size_t *n, struct zhi_err *e) {
  size_t kept = 0;
  for (size_t i = 0; i < *n; i++) {
    int64_t id;
    if (i > 0 && memcmp(c[i].key, c[i - 1].key, STORE_KEY_BYTES) == 0)
      continue;
    enum zhi_code rc = find_url(s, c[i].key, &id, e);
    if (rc)
      return rc;
    const struct zhi_found *f = &found[c[i].index];
    if (zhi_ask_is_plain(&f->ask))
      zhi_seen_add(&s->seen, zhi_hash128(f->url));
    else if (id && zhi_ask_is_post(&f->ask) && (rc = renew_body(s, id, f->ask.body, e)))
      return rc;
    if (id && (rc = zhi_asked_found(s, f, id, e)))
      return rc;
    if (!id)
      c[kept++] = c[i]; /* kept ≤ i: c[i] stays what it is for the next comparison */
  }
  *n = kept;
  return ZHI_OK;
}

enum zhi_code zhi_urls_add(struct zhi_store *s, const struct zhi_found *found, size_t n,
                           size_t *added, struct zhi_err *e) {
  struct adding a = {.now_ms = store_now(s)};
  enum zhi_code rc = ZHI_OK;
  size_t left = 0;
  *added = 0;
  if (n == 0)
    return ZHI_OK;
  if (n > UINT32_MAX)
    return zhi_fail(e, ZHI_ELIMIT, "more than %u URLs in a batch", UINT32_MAX);
  if (!s->seen.slots && (rc = zhi_seen_init(&s->seen, STORE_SEEN_ENTRIES, e)))
    return rc;
  struct zhi_buf scratch;
  struct candidate *c = malloc(n * sizeof *c);
  if (!c)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for %zu URLs", n);
  zhi_buf_init(&scratch, STORE_IDENTITY_MAX);
  for (size_t i = 0; i < n; i++) {
    struct zhi_str identity = identity_of(&found[i], &scratch);
    if (found[i].url.len == 0 || zhi_seen_has(&s->seen, zhi_hash128(identity)))
      continue;
    zhi_url_hash(identity, c[left].key);
    c[left++].index = (uint32_t)i;
  }
  if ((rc = zhi_buf_check(&scratch, "a request", e)))
    goto out;
  qsort(c, left, sizeof *c, by_key);
  if ((rc = keep_new(s, found, c, &left, e)))
    goto out;
  qsort(c, left, sizeof *c, by_index);
  for (size_t i = 0; i < left; i++)
    if ((rc = add_row(s, &a, &found[c[i].index], c[i].key, e)))
      goto out;
  *added = left;
out:
  zhi_buf_release(&scratch);
  free(c);
  return rc;
}

/* "scheme://authority" of an absolute URL. */
static struct zhi_str origin_of(struct zhi_str url) {
  const char *at = zhi_str_find(url, ZHI_STR("://"));
  size_t i = at ? (size_t)(at - url.p) + 3 : 0;
  while (i < url.len && url.p[i] != '/' && url.p[i] != '?' && url.p[i] != '#')
    i++;
  return zhi_str_sub(url, 0, i);
}

enum zhi_code zhi_urls_own(struct zhi_store *s, struct zhi_str url, int64_t *id,
                           struct zhi_err *e) {
  unsigned char key[STORE_KEY_BYTES];
  zhi_url_hash(url, key);
  enum zhi_code rc = find_url(s, key, id, e);
  if (rc || *id)
    return rc;
  struct adding a = {.now_ms = store_now(s)};
  struct zhi_found own = {
      .url = url, .origin = origin_of(url), .prio = (enum zhi_priority)STORE_PRIORITY_OWN};
  if ((rc = add_row(s, &a, &own, key, e)))
    return rc;
  *id = sqlite3_last_insert_rowid(s->db);
  return ZHI_OK;
}
