/* The commit: everything that came of a batch of exchanges, in one durable transaction.
 *
 * Order inside: WARC files (so that captures can refer to them), captures with their documents, results, found URLs
 * (so that `via` is known), lists (whose items are found URLs), hosts and groups. Results are fenced by lease: a result counts only while its URL is in
 * flight under its token. What the transaction changes in the frontier's memory is applied after COMMIT. */
#include <stdlib.h>

#include "store/internal.h"

/* --- WARC files ------------------------------------------------------------------------------------------ */

/* "…<crawl>-<serial>-…": the serial, or 0. */
static int64_t serial_of(const struct zhi_store *s, struct zhi_str file) {
  const char *at = zhi_str_find(file, zhi_str_of(s->crawl_name));
  if (!at || !s->crawl_name[0])
    return 0;
  struct zhi_str rest =
      zhi_str_sub(file, (size_t)(at - file.p) + strlen(s->crawl_name) + 1, file.len);
  size_t n = 0;
  while (n < rest.len && rest.p[n] >= '0' && rest.p[n] <= '9')
    n++;
  unsigned long long serial = 0;
  return zhi_str_u64(zhi_str_sub(rest, 0, n), UINT32_MAX - 1, &serial) ? (int64_t)serial : 0;
}

static enum zhi_code warc_add(struct zhi_store *s, struct zhi_str name, int64_t *id,
                              struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, ST_ADD_WARC, e), *raise = zhi_db_get(s, ST_RAISE_SERIAL, e);
  if (!st || !raise)
    return ZHI_EIO;
  zhi_bind_text(st, 1, name);
  enum zhi_code rc = zhi_db_run(s, st, e);
  if (rc)
    return rc;
  *id = sqlite3_last_insert_rowid(s->db);
  zhi_bind_int(raise, 1, s->crawl_id);
  zhi_bind_int(raise, 2, serial_of(s, name) + 1);
  return zhi_db_run(s, raise, e);
}

static enum zhi_code warc_id(struct zhi_store *s, struct zhi_str name, int64_t *id,
                             struct zhi_err *e) {
  bool row = false;
  *id = (int64_t)(intptr_t)zhi_map_get(&s->warc_ids, name);
  if (*id)
    return ZHI_OK;
  sqlite3_stmt *st = zhi_db_get(s, ST_FIND_WARC, e);
  if (!st)
    return ZHI_EIO;
  zhi_bind_text(st, 1, name);
  enum zhi_code rc = zhi_db_step(s, st, &row, e);
  if (rc)
    return rc;
  if (row) {
    *id = zhi_col_int(st, 0);
    sqlite3_reset(st);
  } else if ((rc = warc_add(s, name, id, e))) {
    return rc;
  }
  return zhi_map_put(&s->warc_ids, name, (void *)(intptr_t)*id, NULL, e);
}

static enum zhi_code put_warc(struct zhi_store *s, const struct zhi_warc_state *w,
                              struct zhi_err *e) {
  int64_t id;
  enum zhi_code rc = warc_id(s, zhi_str_of(w->file), &id, e);
  sqlite3_stmt *st = zhi_db_get(s, ST_SET_WARC, e);
  if (rc || !st)
    return rc ? rc : ZHI_EIO;
  zhi_bind_int(st, 1, id);
  zhi_bind_int(st, 2, w->committed_bytes);
  zhi_bind_int(st, 3, w->closed);
  return zhi_db_run(s, st, e);
}

/* --- captures -------------------------------------------------------------------------------------------- */

static void bind_capture(sqlite3_stmt *st, const struct zhi_capture_row *c) {
  zhi_bind_text(st, 1, zhi_str_of(c->capture_id));
  zhi_bind_text(st, 4, c->url_key);
  zhi_bind_int(st, 5, c->fetched_ms);
  zhi_bind_text(st, 6, zhi_str_of(zhi_verdict_name(c->verdict)));
  if (c->status)
    zhi_bind_int(st, 7, c->status);
  else
    sqlite3_bind_null(st, 7);
  const struct zhi_str texts[] = {c->mime,           c->charset, c->charset_source, c->ip,
                                  c->payload_digest, c->etag,    c->last_modified,  c->redirect_to,
                                  c->truncated};
  for (int i = 0; i < (int)(sizeof texts / sizeof *texts); i++)
    zhi_bind_str(st, 8 + i, texts[i]);
  zhi_bind_int(st, 17, c->body_bytes);
  zhi_bind_int(st, 18, c->duration_ms);
  zhi_bind_str(st, 22, c->record_id);
  zhi_bind_str(st, 23, c->revisit_of);
  zhi_bind_str(st, 24, c->error);
  if (c->original_id)
    zhi_bind_int(st, 25, c->original_id);
  else
    sqlite3_bind_null(st, 25);
  zhi_bind_str(st, 26, c->tls);
}

/* May later captures refer to this one's body? */
static bool is_original(const struct zhi_capture_row *c) {
  return c->warc_file.len && c->record_id.len && c->payload_digest.len && !c->truncated.len &&
         !c->revisit_of.len && c->body_bytes > 0 &&
         (c->verdict == ZHI_V_OK || c->verdict == ZHI_V_GONE || c->verdict == ZHI_V_SOFT_404);
}

static enum zhi_code put_life(struct zhi_store *s, int64_t id, int64_t url_id, int64_t crawl_id,
                              const struct zhi_commit_capture *x, struct zhi_err *e) {
  const struct zhi_capture_row *c = &x->capture;
  const char *kind = x->doc ? x->doc->kind : "";
  struct ledger_capture l = {.id = id,
                             .url_id = url_id,
                             .crawl_id = crawl_id,
                             .fetched_ms = c->fetched_ms,
                             .url_key = c->url_key,
                             .payload_digest = c->payload_digest,
                             .text_digest = x->doc ? x->doc->text_digest : ZHI_STR_NONE,
                             .redirect_to = c->redirect_to,
                             .verdict = c->verdict,
                             .status = c->status,
                             .has_original = c->original_id != 0,
                             .has_doc = x->doc != NULL,
                             .is_list = strcmp(kind, "list") == 0 || strcmp(kind, "home") == 0,
                             .redirect_gone = c->redirect_gone};
  enum zhi_code rc = zhi_ledger_take(s, &l, e);
  return rc || !is_original(c) ? rc : zhi_payload_add(s, id, c->payload_digest, e);
}

static enum zhi_code put_capture(struct zhi_store *s, int64_t crawl_id,
                                 const struct zhi_commit_capture *x, struct zhi_err *e) {
  const struct zhi_capture_row *c = &x->capture;
  int64_t url_id = c->url_id, warc = 0;
  enum zhi_code rc = ZHI_OK;
  sqlite3_stmt *st = zhi_db_get(s, ST_ADD_CAPTURE, e);
  if (!st)
    return ZHI_EIO;
  if (url_id == 0 && (rc = zhi_urls_own(s, c->url, &url_id, e)))
    return rc;
  if (c->warc_file.len && (rc = warc_id(s, c->warc_file, &warc, e)))
    return rc;
  bind_capture(st, c);
  zhi_bind_int(st, 2, crawl_id);
  zhi_bind_int(st, 3, url_id);
  for (int i = 19; i <= 21 && !warc; i++)
    sqlite3_bind_null(st, i);
  if (warc) {
    zhi_bind_int(st, 19, warc);
    zhi_bind_int(st, 20, c->warc_offset);
    zhi_bind_int(st, 21, c->warc_length);
  }
  if ((rc = zhi_db_run(s, st, e)) || sqlite3_changes(s->db) == 0)
    return rc; /* stored before: its document was, too */
  int64_t id = sqlite3_last_insert_rowid(s->db);
  if (x->doc && (rc = zhi_doc_insert(s, id, x->doc, e)))
    return rc;
  return put_life(s, id, url_id, crawl_id, x, e);
}

/* The lists of this batch, when the URLs they name are known. What shows no list clears that of its URL. */
static enum zhi_code put_lists(struct zhi_store *s, const struct zhi_batch *b, struct zhi_err *e) {
  for (size_t i = 0; i < b->capture_count; i++) {
    const struct zhi_commit_capture *x = &b->captures[i];
    enum zhi_verdict v = x->capture.verdict;
    bool row = false;
    bool unchanged = !x->doc && x->capture.revisit_of.len;
    if (unchanged || (v != ZHI_V_OK && v != ZHI_V_GONE && v != ZHI_V_SOFT_404))
      continue; /* says nothing new about the list */
    sqlite3_stmt *st = zhi_db_get(s, ST_CAPTURE_OF, e);
    if (!st)
      return ZHI_EIO;
    zhi_bind_text(st, 1, zhi_str_of(x->capture.capture_id));
    enum zhi_code rc = zhi_db_step(s, st, &row, e);
    if (rc || !row)
      return rc ? rc : zhi_fail(e, ZHI_EBUG, "capture %s was not stored", x->capture.capture_id);
    int64_t id = zhi_col_int(st, 0), url_id = zhi_col_int(st, 1);
    sqlite3_reset(st);
    if ((rc = zhi_lists_put(s, url_id, id, x->doc ? x->doc->list : NULL, e)))
      return rc;
  }
  return ZHI_OK;
}

/* --- results --------------------------------------------------------------------------------------------- */

static enum zhi_code put_result(struct zhi_store *s, int64_t crawl_id,
                                const struct zhi_url_result *r, struct zhi_err *e) {
  static const enum url_state becomes[] = {US_DONE, US_WAITING, US_FAILED, US_EXCLUDED};
  struct fr_flight *x = zhi_fr_flight(&s->fr, r->url_id);
  enum url_state state = becomes[r->outcome];
  sqlite3_stmt *st = zhi_db_get(s, ST_SET_RESULT, e);
  if (!st)
    return ZHI_EIO;
  zhi_bind_int(st, 1, r->url_id);
  zhi_bind_text(st, 2, zhi_str_of(zhi_url_state_name[state]));
  zhi_bind_text(st, 3, zhi_str_of(zhi_verdict_name(r->verdict)));
  zhi_bind_str(st, 4, zhi_str_of(r->reason));
  zhi_bind_str(st, 5, zhi_str_clip(r->detail, STORE_DETAIL_MAX));
  if (state == US_WAITING)
    zhi_bind_int(st, 6, r->retry_ms);
  else
    sqlite3_bind_null(st, 6);
  zhi_bind_int(st, 7, state == US_WAITING || state == US_FAILED);
  zhi_bind_int(st, 8, crawl_id);
  enum zhi_code rc = zhi_db_run(s, st, e);
  if (rc || (rc = zhi_fr_touch(&s->fr, x->origin, e)))
    return rc;
  x->origin->delta[US_DUE]--;
  x->origin->due_delta[x->priority]--;
  x->origin->delta[state]++;
  if (state == US_WAITING && r->retry_ms < s->fr.retry_in_tx_ms)
    s->fr.retry_in_tx_ms = r->retry_ms;
  bool refused = state == US_FAILED || (state == US_EXCLUDED && r->verdict == ZHI_V_ROBOTS_DENIED);
  return refused ? zhi_ledger_refused(s, r->url_id, r->verdict, state == US_EXCLUDED, e) : ZHI_OK;
}

static bool is_current(const struct zhi_store *s, const struct zhi_url_result *r) {
  const struct fr_flight *x = zhi_fr_flight(&s->fr, r->url_id);
  return x && x->lease->token == r->token;
}

/* `accepted[i]` says which results count; the second result for one URL does not. */
static enum zhi_code put_results(struct zhi_store *s, const struct zhi_batch *b, bool *accepted,
                                 size_t *stale, struct zhi_err *e) {
  for (size_t i = 0; i < b->result_count; i++) {
    const struct zhi_url_result *r = &b->results[i];
    if ((unsigned)r->outcome > ZHI_URL_EXCLUDED)
      return zhi_fail(e, ZHI_EBUG, "no outcome %u", (unsigned)r->outcome);
    struct fr_flight *x = is_current(s, r) ? zhi_fr_flight(&s->fr, r->url_id) : NULL;
    if (!x || x->answered) {
      ++*stale;
      continue;
    }
    enum zhi_code rc = put_result(s, b->crawl_id, r, e);
    if (rc)
      return rc;
    x->answered = accepted[i] = true;
  }
  return ZHI_OK;
}

static void settle_results(struct zhi_store *s, const struct zhi_batch *b, const bool *accepted,
                           bool committed) {
  for (size_t i = 0; i < b->result_count; i++) {
    struct fr_flight *x = accepted[i] ? zhi_fr_flight(&s->fr, b->results[i].url_id) : NULL;
    if (x && committed)
      zhi_fr_land(&s->fr, x->url_id);
    else if (x)
      x->answered = false;
  }
}

/* --- hosts and groups -------------------------------------------------------------------------------------- */

static enum zhi_code put_probe(struct zhi_store *s, int64_t origin, struct zhi_str answer,
                               struct zhi_err *e) {
  sqlite3_stmt *st = zhi_db_get(s, ST_SET_ORIGIN_PROBE, e);
  if (!st)
    return ZHI_EIO;
  zhi_bind_int(st, 1, origin);
  zhi_bind_text(st, 2, answer);
  zhi_bind_int(st, 3, s->crawl_id);
  return zhi_db_run(s, st, e);
}

static enum zhi_code put_origin(struct zhi_store *s, const struct zhi_origin_state *x,
                                struct zhi_err *e) {
  struct fr_origin *o;
  enum zhi_code rc = zhi_fr_origin(s, x->origin, &o, e);
  sqlite3_stmt *address = zhi_db_get(s, ST_SET_ORIGIN_ADDRESS, e);
  sqlite3_stmt *robots = zhi_db_get(s, ST_SET_ORIGIN_ROBOTS, e);
  if (rc || !address || !robots)
    return rc ? rc : ZHI_EIO;
  if (x->address.len) {
    zhi_bind_int(address, 1, o->id);
    zhi_bind_text(address, 2, x->address);
    if ((rc = zhi_db_run(s, address, e)))
      return rc;
  }
  if (x->probe.len && (rc = put_probe(s, o->id, x->probe, e)))
    return rc;
  if (x->robots_fetched_ms == 0)
    return ZHI_OK;
  zhi_bind_int(robots, 1, o->id);
  zhi_bind_int(robots, 2, x->robots_fetched_ms);
  zhi_bind_str(robots, 3, zhi_str_of(x->robots_state));
  zhi_bind_str(robots, 4, x->robots_text);
  return zhi_db_run(s, robots, e);
}

/* What the group is after this commit; a stale holder can only make it more patient. */
static void group_after(const struct zhi_store *s, const struct zhi_group_state *x,
                        const struct fr_group *g, struct fr_group *after) {
  struct fr_lease *l = zhi_fr_find_lease(&s->fr, x->token);
  bool current = l && l->group == g;
  *after = *g;
  after->next_ms = current ? x->next_ms : store_later(g->next_ms, x->next_ms);
  after->blocked_until_ms =
      current ? x->blocked_until_ms : store_later(g->blocked_until_ms, x->blocked_until_ms);
  after->backoff_ms = current ? x->backoff_ms : store_later(g->backoff_ms, x->backoff_ms);
  after->delay_ms = current ? x->delay_ms : g->delay_ms;
}

static enum zhi_code put_group(struct zhi_store *s, const struct zhi_group_state *x,
                               struct zhi_err *e) {
  struct fr_group *g = zhi_fr_group(&s->fr, x->group_id), after;
  if (!g)
    return ZHI_OK; /* of an earlier run */
  group_after(s, x, g, &after);
  return zhi_fr_write_group(s, &after, e);
}

static void settle_groups(struct zhi_store *s, const struct zhi_batch *b) {
  for (size_t i = 0; i < b->group_count; i++) {
    struct fr_group *g = zhi_fr_group(&s->fr, b->groups[i].group_id), after;
    if (!g)
      continue;
    group_after(s, &b->groups[i], g, &after);
    g->next_ms = after.next_ms;
    g->blocked_until_ms = after.blocked_until_ms;
    g->backoff_ms = after.backoff_ms;
    g->delay_ms = after.delay_ms;
    if (g->queue == FQ_BLOCKED)
      zhi_fr_queue(&s->fr, g);
  }
}

/* --- the transaction ------------------------------------------------------------------------------------------ */

static enum zhi_code put_all(struct zhi_store *s, const struct zhi_batch *b, bool *accepted,
                             size_t *added, size_t *stale, struct zhi_err *e) {
  enum zhi_code rc = ZHI_OK;
  for (size_t i = 0; i < b->warc_count && rc == ZHI_OK; i++)
    rc = put_warc(s, &b->warcs[i], e);
  for (size_t i = 0; i < b->capture_count && rc == ZHI_OK; i++)
    rc = put_capture(s, b->crawl_id, &b->captures[i], e);
  if (rc == ZHI_OK)
    rc = put_results(s, b, accepted, stale, e);
  if (rc == ZHI_OK)
    rc = zhi_urls_add(s, b->found, b->found_count, added, e);
  if (rc == ZHI_OK)
    rc = put_lists(s, b, e);
  for (size_t i = 0; i < b->host_count && rc == ZHI_OK; i++)
    rc = zhi_hosts_put(s, &b->hosts[i], e);
  for (size_t i = 0; i < b->origin_count && rc == ZHI_OK; i++)
    rc = put_origin(s, &b->origins[i], e);
  for (size_t i = 0; i < b->group_count && rc == ZHI_OK; i++)
    rc = put_group(s, &b->groups[i], e);
  if (rc == ZHI_OK && b->capture_count) {
    sqlite3_stmt *st = zhi_db_get(s, ST_COUNT_COMMIT, e);
    rc = st ? zhi_db_run(s, st, e) : ZHI_EIO;
  }
  return rc;
}

enum zhi_code zhi_store_commit(struct zhi_store *s, const struct zhi_batch *b, size_t *added,
                               size_t *stale, struct zhi_err *e) {
  size_t fresh = 0, refused = 0;
  struct zhi_batch of_crawl = *b;
  enum zhi_code rc = zhi_fr_load(s, e);
  if (rc)
    return rc;
  bool *accepted = calloc(b->result_count + 1, sizeof *accepted);
  if (!accepted)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for %zu results", b->result_count);
  if (!of_crawl.crawl_id)
    of_crawl.crawl_id = s->crawl_id;
  if ((rc = zhi_db_begin(s, true, e)) == ZHI_OK)
    rc = zhi_db_end(s, put_all(s, &of_crawl, accepted, &fresh, &refused, e), e);
  settle_results(s, b, accepted, rc == ZHI_OK);
  free(accepted);
  if (rc)
    return rc;
  settle_groups(s, b);
  *added = fresh;
  *stale = refused;
  return ZHI_OK;
}
