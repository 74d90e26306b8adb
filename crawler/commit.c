/* Commit: batches become durable in one order: records, sync, transaction. */
#include "crawler/commit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "crawler/feed.h"
#include "crawler/record.h"
#include "crawler/trap.h"
#include "zhi/log.h"
#include "zhi/url.h"

enum {
  BATCH_ITEMS = 256,
  BATCH_AGE_MS = 200,
  IDLE_MS = 50,
  DISK_WAIT_MS = 250,
  CLOSED_FILES = 8, /* closed since the last commit */
  MAX_PATTERNS = 20000
};

struct zhi_committer {
  struct zhi_commit_options o;
  struct zhi_warc_writer *writer;
  struct zhi_warc_packer *packer; /* for revisits */
  struct zhi_feeder *feeder;
  struct zhi_traps *traps;
  struct zhi_item *items[BATCH_ITEMS];
  struct zhi_recref refs[BATCH_ITEMS];
  size_t count;
  int64_t oldest_mono_ms;
  uint64_t committed_bytes; /* of the current file */
  char current[192];        /* its name, "" = none */
  struct zhi_warc_state closed[CLOSED_FILES];
  char closed_name[CLOSED_FILES][192];
  size_t closed_count;
  struct zhi_arena arena; /* the batch's arrays */
  bool told_full;         /* that the crawl waits for room */
};

/* --- life ------------------------------------------------------------------------------------------------ */

static void publish_warcinfo(struct zhi_committer *c) {
  struct zhi_str id = zhi_warc_writer_info_id(c->writer);
  pthread_mutex_lock(&c->o.warcinfo->lock);
  snprintf(c->o.warcinfo->id, sizeof c->o.warcinfo->id, "%.*s", ZHI_STR_ARGS(id));
  pthread_mutex_unlock(&c->o.warcinfo->lock);
}

enum zhi_code zhi_committer_new(const struct zhi_commit_options *o, struct zhi_committer **out,
                                struct zhi_err *e) {
  struct zhi_committer *c = calloc(1, sizeof *c);
  if (!c)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for the commit thread");
  c->o = *o;
  zhi_arena_init(&c->arena, (size_t)256 << 20);
  struct zhi_warc_writer_options w = {.dir = o->warc_dir,
                                      .crawl_id = o->crawl->name,
                                      .host_label = o->config->cluster,
                                      .max_bytes = (uint64_t)o->config->warc.max_bytes,
                                      .info_fields = o->info_fields,
                                      .clock = o->clock,
                                      .ids = o->ids,
                                      .first_serial = o->crawl->next_warc_serial};
  struct zhi_feeder_options f = {.store = o->store,
                                 .net = o->net,
                                 .clock = o->clock,
                                 .max_groups = (size_t)o->config->http.connections,
                                 .before_end = o->before_end,
                                 .before_end_ctx = o->before_end_ctx};
  enum zhi_code rc = zhi_warc_writer_new(&w, &c->writer, e);
  if (!rc)
    rc = zhi_warc_packer_new((int)o->config->warc.level, o->warc_dir, o->ids, &c->packer, e);
  if (!rc)
    rc = zhi_traps_new(MAX_PATTERNS, &c->traps, e);
  f.traps = c->traps;
  if (!rc)
    rc = zhi_feeder_new(&f, &c->feeder, e);
  if (rc) {
    zhi_committer_free(c);
    return rc;
  }
  publish_warcinfo(c);
  *out = c;
  return ZHI_OK;
}

void zhi_committer_free(struct zhi_committer *c) {
  if (!c)
    return;
  for (size_t i = 0; i < c->count; i++)
    zhi_item_free(c->items[i]);
  zhi_feeder_free(c->feeder);
  zhi_traps_free(c->traps);
  zhi_warc_writer_free(c->writer);
  zhi_warc_packer_free(c->packer);
  zhi_arena_release(&c->arena);
  free(c);
}

/* --- the disk ----------------------------------------------------------------------------------------------- */

static void sleep_ms(int64_t ms) {
  struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
  nanosleep(&t, NULL);
}

/* Let other processes know whether the crawl waits for room, for the archive or for the state folder. */
static void tell_room(struct zhi_committer *c) {
  bool waits = atomic_load(&c->o.progress->disk_full) != 0;
  if (waits != c->told_full)
    zhi_store_wait_for_room(c->o.store, waits);
  c->told_full = waits;
}

/* Wait before another try. False: a stop was asked for, or the trouble is not one that room can mend. */
static bool wait_for_room(struct zhi_committer *c, const struct zhi_err *why) {
  if (!zhi_err_is_disk(why))
    return false;
  if (!(atomic_fetch_or(&c->o.progress->disk_full, ZHI_FULL_ARCHIVE) & ZHI_FULL_ARCHIVE))
    ZHI_LOG(STORE, ERROR, "%s; the crawl waits and goes on when there is room", why->msg);
  tell_room(c);
  sleep_ms(DISK_WAIT_MS);
  enum zhi_stop stop = zhi_net_stop_reason(c->o.net);
  return stop == ZHI_STOP_NONE || stop == ZHI_STOP_DONE;
}

static void room_again(struct zhi_committer *c) {
  if (atomic_fetch_and(&c->o.progress->disk_full, ~(unsigned)ZHI_FULL_ARCHIVE) & ZHI_FULL_ARCHIVE)
    ZHI_LOG(STORE, WARN, "there is room again: the crawl goes on");
  tell_room(c);
}

/* Is the step that gave `rc` to be taken again? Waits where room can mend it. */
static bool must_retry(struct zhi_committer *c, enum zhi_code rc, const struct zhi_err *why) {
  if (rc)
    return wait_for_room(c, why);
  room_again(c);
  return false;
}

static void note_closed(struct zhi_committer *c, const char *name, uint64_t bytes) {
  if (!name[0] || bytes == 0 || c->closed_count == CLOSED_FILES)
    return; /* cannot be more than one between two commits; a lost note is mended at the next start */
  size_t i = c->closed_count++;
  snprintf(c->closed_name[i], sizeof c->closed_name[i], "%s", name);
  c->closed[i] = (struct zhi_warc_state){c->closed_name[i], (int64_t)bytes, true};
}

/* The file is not to be trusted beyond what was committed: cut, closed, and the batch goes to a new one. */
static void abandon(struct zhi_committer *c) {
  struct zhi_err e = {0};
  char name[192];
  zhi_warc_position(c->writer, name);
  uint64_t keep = strcmp(name, c->current) == 0 ? c->committed_bytes : 0;
  if (zhi_warc_abandon(c->writer, keep, &e))
    ZHI_LOG(WARC, ERROR, "%s", e.msg);
  note_closed(c, name, keep);
  c->current[0] = '\0';
  c->committed_bytes = 0;
  publish_warcinfo(c);
}

/* Bodies that the archive has already, from whatever URL and crawl, become revisits. Only what was committed is
 * referred to: what is in this batch is not. */
static enum zhi_code refer(struct zhi_committer *c, struct zhi_item *it, struct zhi_err *e) {
  struct zhi_original o;
  char warcinfo[64];
  if (!zhi_record_may_refer(it))
    return ZHI_OK;
  enum zhi_code rc =
      zhi_store_find_payload(c->o.store, zhi_str_of(it->packed.payload_digest), &it->arena, &o, e);
  if (rc || !o.capture_id)
    return rc;
  it->original = o;
  it->revisit = ZHI_WARC_IDENTICAL;
  zhi_warcinfo_get(c->o.warcinfo, warcinfo);
  if ((rc = zhi_record_pack(c->packer, zhi_str_of(warcinfo), it, e)))
    return rc;
  it->row.record_id = zhi_arena_str(&it->arena, zhi_str_of(it->packed.record_id));
  it->row.revisit_of = o.record_id;
  it->row.original_id = o.capture_id;
  return ZHI_OK;
}

static enum zhi_code refer_all(struct zhi_committer *c, struct zhi_err *e) {
  enum zhi_code rc = ZHI_OK;
  for (size_t i = 0; i < c->count && !rc; i++)
    rc = refer(c, c->items[i], e);
  return rc;
}

static enum zhi_code append_all(struct zhi_committer *c, struct zhi_err *e) {
  for (size_t i = 0; i < c->count; i++) {
    if (!c->items[i]->packed_ok || c->items[i]->no_memory)
      continue;
    enum zhi_code rc = zhi_warc_append(c->writer, &c->items[i]->packed, &c->refs[i], e);
    if (rc)
      return rc;
  }
  return zhi_warc_sync(c->writer, e);
}

/* Records of the whole batch on disk, whatever it takes. */
static enum zhi_code write_records(struct zhi_committer *c, struct zhi_err *e) {
  enum zhi_code rc;
  while ((rc = append_all(c, e))) {
    abandon(c);
    if (!wait_for_room(c, e))
      return rc;
  }
  return ZHI_OK;
}

/* --- one transaction ------------------------------------------------------------------------------------------ */

static bool has_result(const struct zhi_item *it) { return it->url_id != 0; }

static bool gather_found(struct zhi_committer *c, struct zhi_found **out, size_t *count) {
  size_t n = 0;
  for (size_t i = 0; i < c->count; i++)
    n += c->items[i]->found_count;
  struct zhi_found *all = n ? zhi_arena_alloc(&c->arena, n * sizeof *all) : NULL;
  if (n && !all)
    return false;
  for (size_t i = 0, at = 0; n && i < c->count; at += c->items[i]->found_count, i++)
    if (c->items[i]->found_count)
      memcpy(all + at, c->items[i]->found, c->items[i]->found_count * sizeof *all);
  *out = all;
  *count = n;
  return true;
}

static bool gather_hosts(struct zhi_committer *c, struct zhi_host_row **out, size_t *count) {
  size_t n = 0, cap = 0;
  for (size_t i = 0; i < c->count; i++)
    cap += c->items[i]->host_count;
  *out = cap ? zhi_arena_alloc(&c->arena, cap * sizeof **out) : NULL;
  for (size_t i = 0; *out && i < c->count; i++)
    for (size_t k = 0; k < c->items[i]->host_count; k++)
      (*out)[n++] = c->items[i]->hosts[k];
  *count = n;
  return *out || !cap;
}

static bool make_batch(struct zhi_committer *c, struct zhi_batch *b) {
  size_t n = c->count;
  zhi_arena_reset(&c->arena);
  struct zhi_commit_capture *captures = zhi_arena_zalloc(&c->arena, (n + 1) * sizeof *captures);
  struct zhi_url_result *results = zhi_arena_zalloc(&c->arena, (n + 1) * sizeof *results);
  struct zhi_origin_state *origins = zhi_arena_zalloc(&c->arena, (n + 1) * sizeof *origins);
  struct zhi_group_state *groups = zhi_arena_zalloc(&c->arena, (n + 1) * sizeof *groups);
  struct zhi_warc_state *warcs = zhi_arena_zalloc(&c->arena, (CLOSED_FILES + 1) * sizeof *warcs);
  struct zhi_found *found = NULL;
  struct zhi_host_row *hosts = NULL;
  char *name = zhi_arena_alloc(&c->arena, 192);
  if (!captures || !results || !origins || !groups || !warcs || !name)
    return false;
  *b = (struct zhi_batch){.crawl_id = c->o.crawl->id};
  for (size_t i = 0; i < n; i++) {
    struct zhi_item *it = c->items[i];
    if (it->exchanged && !it->no_memory &&
        (it->packed_ok || !it->response_head.len)) { /* no answer without its record */
      if (it->packed_ok) {
        it->row.warc_file = zhi_str_of(c->refs[i].file);
        it->row.warc_offset = (int64_t)c->refs[i].offset;
        it->row.warc_length = (int64_t)c->refs[i].length;
      }
      captures[b->capture_count++] =
          (struct zhi_commit_capture){it->row, it->has_doc ? &it->doc : NULL};
    }
    if (has_result(it))
      results[b->result_count++] = it->result;
    if (it->has_origin)
      origins[b->origin_count++] = it->origin_state;
    if (it->has_group)
      groups[b->group_count++] = it->group;
  }
  if (!gather_found(c, &found, &b->found_count) || !gather_hosts(c, &hosts, &b->host_count))
    return false;
  b->hosts = hosts;
  memcpy(warcs, c->closed, c->closed_count * sizeof *warcs);
  b->warc_count = c->closed_count;
  uint64_t bytes = zhi_warc_position(c->writer, name);
  if (bytes)
    warcs[b->warc_count++] = (struct zhi_warc_state){name, (int64_t)bytes, false};
  b->captures = captures;
  b->results = results;
  b->origins = origins;
  b->groups = groups;
  b->found = found;
  b->warcs = warcs;
  return true;
}

static void rotate_if_full(struct zhi_committer *c) {
  struct zhi_err e = {0};
  if (!zhi_warc_full(c->writer))
    return;
  if (zhi_warc_close(c->writer, &e)) {
    ZHI_LOG(WARC, ERROR, "%s", e.msg);
    return;
  }
  note_closed(c, c->current, c->committed_bytes);
  c->current[0] = '\0';
  c->committed_bytes = 0;
  publish_warcinfo(c);
}

static void note_traps(struct zhi_committer *c, const struct zhi_item *it) {
  struct zhi_url u;
  struct zhi_buf finding;
  bool unchanged = it->revisit && !it->has_doc;
  if (!it->exchanged || it->robots || it->probe || it->prio == ZHI_PRIO_REQUISITE || unchanged ||
      (it->verdict != ZHI_V_OK && it->verdict != ZHI_V_SOFT_404) ||
      zhi_url_parse(it->url, NULL, NULL, &u, NULL))
    return;
  struct zhi_trap_capture t = {.soft_404 = it->verdict == ZHI_V_SOFT_404};
  if (it->packed_ok && it->packed.payload_digest[0])
    t.body_hash = zhi_hash64(zhi_str_of(it->packed.payload_digest));
  t.document = it->has_doc && strcmp(it->doc.kind, "document") == 0;
  zhi_buf_init(&finding, 4096);
  if (zhi_traps_note(c->traps, &u, &t, &finding))
    ZHI_LOG(MAIN, WARN, "branch stopped: %s", finding.p);
  zhi_buf_release(&finding);
  zhi_url_release(&u);
}

static void done_with(struct zhi_committer *c, struct zhi_item *it) {
  if (it->exchanged)
    atomic_fetch_sub(&c->o.progress->items, 1);
  if (has_result(it))
    zhi_feeder_returned(c->feeder, it->token);
  zhi_item_free(it);
}

static void count_progress(struct zhi_committer *c, const struct zhi_item *it) {
  struct zhi_progress *p = c->o.progress;
  atomic_fetch_add(&p->committed, it->exchanged);
  atomic_fetch_add(&p->documents, it->has_doc && strcmp(it->doc.kind, "document") == 0);
  atomic_fetch_add(&p->blocked, it->verdict == ZHI_V_BLOCKED);
  atomic_fetch_add(&p->failed, has_result(it) && it->result.outcome == ZHI_URL_FAILED);
}

static void after_commit(struct zhi_committer *c) {
  char name[192];
  if (c->closed_count)
    zhi_shipper_closed(c->o.shipper);
  c->closed_count = 0;
  c->committed_bytes = zhi_warc_position(c->writer, name);
  memcpy(c->current, name, sizeof c->current);
  for (size_t i = 0; i < c->count; i++) {
    struct zhi_item *it = c->items[i];
    note_traps(c, it);
    count_progress(c, it);
    if (it->blocked_by && it->group_id)
      zhi_net_blocked(c->o.net, it->group_id);
    done_with(c, it);
  }
  c->count = 0;
  zhi_feeder_changed(c->feeder);
  rotate_if_full(c);
}

static enum zhi_code commit(struct zhi_committer *c, struct zhi_err *e) {
  struct zhi_batch b;
  size_t added = 0, stale = 0;
  enum zhi_code rc;
  if (!make_batch(c, &b))
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a batch");
  do
    rc = zhi_store_commit(c->o.store, &b, &added, &stale, e);
  while (must_retry(c, rc, e));
  if (!rc && stale)
    ZHI_LOG(STORE, WARN, "%zu results came under a lease that was lost", stale);
  return rc;
}

static enum zhi_code flush(struct zhi_committer *c, struct zhi_err *e) {
  enum zhi_code rc = refer_all(c, e);
  if (!rc)
    rc = write_records(c, e);
  if (!rc)
    rc = commit(c, e);
  if (!rc)
    after_commit(c);
  return rc;
}

/* --- the loop ---------------------------------------------------------------------------------------------------- */

static enum zhi_code regroup(struct zhi_committer *c, struct zhi_item *it, struct zhi_err *e) {
  int64_t id = 0;
  enum zhi_code rc = zhi_feeder_release(c->feeder, it->group_id, it->token, e);
  if (!rc) {
    do
      rc = zhi_frontier_regroup(c->o.store, it->origin, it->ip, &id, e);
    while (must_retry(c, rc, e));
  }
  if (!rc)
    zhi_net_regrouped(c->o.net, it->origin, id);
  zhi_feeder_changed(c->feeder);
  zhi_item_free(it);
  return rc;
}

/* Wait for one item, then take what is there, up to a full batch. */
static enum zhi_code gather(struct zhi_committer *c, int64_t wait_ms, bool *closed,
                            struct zhi_err *e) {
  enum zhi_code rc = ZHI_OK;
  *closed = false;
  while (!rc && c->count < BATCH_ITEMS) {
    struct zhi_item *it = zhi_queue_pop_wait(c->o.queue, wait_ms, closed);
    if (!it)
      break;
    wait_ms = 0;
    if (it->regroup) {
      rc = regroup(c, it, e);
      continue;
    }
    if (c->count == 0)
      c->oldest_mono_ms = zhi_mono_ms();
    c->items[c->count++] = it;
  }
  return rc;
}

/* Work for the net; leasing writes too, where retries come due or a trap is settled. */
static enum zhi_code feed(struct zhi_committer *c, struct zhi_err *e) {
  enum zhi_code rc;
  do
    rc = zhi_feeder_feed(c->feeder, c->o.progress, e);
  while (must_retry(c, rc, e));
  return rc;
}

static enum zhi_code ship(struct zhi_committer *c, struct zhi_err *e) {
  enum zhi_code rc;
  do
    rc = zhi_shipper_poll(c->o.shipper, e);
  while (must_retry(c, rc, e));
  return rc;
}

static enum zhi_code finish_file(struct zhi_committer *c, struct zhi_err *e) {
  char name[192];
  zhi_warc_position(c->writer, name);
  if (strcmp(name, c->current) != 0) { /* nothing of it was committed: a run without an exchange */
    abandon(c);
    return ZHI_OK;
  }
  enum zhi_code rc = zhi_warc_close(c->writer, e);
  if (rc)
    return rc;
  note_closed(c, c->current, c->committed_bytes);
  c->current[0] = '\0';
  return commit(c, e);
}

enum zhi_code zhi_committer_resource(struct zhi_committer *c, struct zhi_str url,
                                     struct zhi_str content_type, struct zhi_str data,
                                     struct zhi_err *e) {
  struct zhi_warc_packed packed;
  struct zhi_recref ref;
  enum zhi_code rc =
      zhi_warc_pack_resource(c->packer, url, content_type, data, zhi_now_ms(c->o.clock),
                             zhi_warc_writer_info_id(c->writer), &packed, e);
  if (rc)
    return rc;
  rc = zhi_warc_append(c->writer, &packed, &ref, e);
  zhi_warc_packed_release(&packed);
  return rc;
}

enum zhi_code zhi_committer_run(struct zhi_committer *c, struct zhi_err *e) {
  enum zhi_code rc = feed(c, e);
  bool closed = false;
  while (!rc && !(closed && c->count == 0)) {
    tell_room(c);
    int64_t age = c->count ? zhi_mono_ms() - c->oldest_mono_ms : 0;
    /* quiet: everything under way is in the batch, there is nothing more to wait for */
    bool quiet = atomic_load(&c->o.progress->items) <= (int64_t)c->count;
    if (c->count && (c->count == BATCH_ITEMS || age >= BATCH_AGE_MS || closed || quiet))
      rc = flush(c, e);
    if (!rc)
      rc = ship(c, e);
    if (!rc && !closed)
      rc = feed(c, e);
    if (!rc && !closed)
      rc = gather(c, c->count ? BATCH_AGE_MS - age : IDLE_MS, &closed, e);
  }
  if (!rc)
    rc = finish_file(c, e);
  if (rc)
    zhi_net_stop(c->o.net, ZHI_STOP_ERROR, 0);
  return rc;
}
