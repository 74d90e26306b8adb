/* Crawl: start order, wait, stop order. Threads: main (signals, progress), net, workers, commit. */
#include "crawler/crawl.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crawler/archive.h"
#include "crawler/commit.h"
#include "crawler/metrics.h"
#include "crawler/progress.h"
#include "crawler/scope.h"
#include "crawler/share.h"
#include "crawler/worker.h"
#include "zhi/arena.h"
#include "zhi/limits.h"
#include "zhi/log.h"
#include "zhi/url.h"

enum {
  QUEUE_ITEMS = 512,
  QUEUE_BYTES = 48 << 20,
  GRACE_MS = 5000,
  MAX_WORKERS = 16,
  NAMED_BYTES = 64 << 20
};

struct crawl {
  const struct zhi_crawl_options *o;
  struct zhi_store *store;
  bool must_reconsider; /* hosts have joined */
  struct zhi_scope *scope;
  struct zhi_net *net;
  struct zhi_probes *probes;
  struct zhi_cluster *cluster;
  struct zhi_committer *committer;
  struct zhi_share *share;
  struct zhi_shipper *shipper; /* NULL: no hook */
  struct zhi_queue *work_q, *commit_q;
  struct zhi_crawl_info info;
  struct zhi_progress progress;
  struct zhi_warcinfo_id warcinfo;
  struct zhi_ids ids;
  char warc_dir[4096];
  struct zhi_buf info_fields;
  char *config; /* JSON, all values; owned */
  struct zhi_worker *workers[MAX_WORKERS];
  struct worker_arg {
    struct crawl *c;
    struct zhi_worker *w;
  } args[MAX_WORKERS];
  size_t worker_count;
  pthread_t net_thread, commit_thread, worker_threads[MAX_WORKERS];
  bool net_started, commit_started;
  size_t workers_started;
  atomic_bool net_done;
  enum zhi_code commit_rc;
  struct zhi_err commit_err;
};

/* --- threads ------------------------------------------------------------------------------------------------ */

static void *net_main(void *arg) {
  struct crawl *c = arg;
  zhi_net_run(c->net);
  atomic_store(&c->net_done, true);
  return NULL;
}

static void *worker_main(void *arg) {
  struct worker_arg *a = arg;
  struct zhi_item *it;
  while ((it = zhi_queue_pop(a->c->work_q))) {
    zhi_worker_process(a->w, it);
    if (!zhi_queue_push(a->c->commit_q, it, zhi_item_bytes(it)))
      zhi_item_free(it);
  }
  return NULL;
}

static void *commit_main(void *arg) {
  struct crawl *c = arg;
  struct zhi_item *it;
  c->commit_rc = zhi_committer_run(c->committer, &c->commit_err);
  if (c->commit_rc) { /* whatever still comes was not committed and is due again */
    while ((it = zhi_queue_pop(c->commit_q)))
      zhi_item_free(it);
  }
  return NULL;
}

static enum zhi_code start_thread(pthread_t *t, void *(*fn)(void *), void *arg, struct zhi_err *e) {
  int rc = pthread_create(t, NULL, fn, arg);
  if (rc == 0)
    return ZHI_OK;
  errno = rc;
  return zhi_fail_errno(e, "cannot start a thread");
}

/* --- seeds and scope ------------------------------------------------------------------------------------------ */

/* URLs that somebody names, as found; the strings are the arena's. */
static enum zhi_code named_urls(struct zhi_arena *a, const char *const *urls, size_t n,
                                enum zhi_priority prio, struct zhi_found **out, struct zhi_err *e) {
  struct zhi_found *found = zhi_arena_zalloc(a, (n + 1) * sizeof *found);
  struct zhi_buf text;
  zhi_buf_init(&text, 4 * ZHI_URL_MAX_BYTES);
  for (size_t i = 0; found && i < n; i++) {
    struct zhi_url u;
    if (zhi_url_parse(zhi_str_of(urls[i]), NULL, NULL, &u, e) || !zhi_url_is_http(&u)) {
      zhi_buf_release(&text);
      return zhi_fail(e, ZHI_EUSAGE, "'%.200s' is no http or https address", urls[i]);
    }
    found[i] = (struct zhi_found){.prio = prio, .hops = ZHI_STR("")};
    zhi_buf_clear(&text);
    zhi_scope_clean(&u, &text);
    found[i].url = zhi_arena_str(a, zhi_buf_view(&text));
    zhi_buf_clear(&text);
    zhi_url_origin(&u, &text);
    found[i].origin = zhi_arena_str(a, zhi_buf_view(&text));
    zhi_url_release(&u);
  }
  enum zhi_code rc = found ? zhi_buf_check(&text, "an address", e)
                           : zhi_fail(e, ZHI_ENOMEM, "out of memory for addresses");
  zhi_buf_release(&text);
  *out = found;
  return rc;
}

/* The crawl, or the capture, that this run is of. */
static enum zhi_code begin_run(struct crawl *c, struct zhi_err *e) {
  const struct zhi_crawl_options *o = c->o;
  struct zhi_str config = zhi_str_of(c->config);
  struct zhi_arena arena;
  struct zhi_found *found = NULL;
  size_t added;
  zhi_arena_init(&arena, NAMED_BYTES);
  enum zhi_code rc;
  if (o->only) {
    rc = named_urls(&arena, o->only, o->only_count, ZHI_PRIO_PAGE, &found, e);
    if (!rc)
      rc = zhi_store_begin_capture(c->store, found, o->only_count, config, &c->info, e);
  } else {
    const struct zhi_strings *seeds = &o->config->seeds;
    rc = named_urls(&arena, (const char *const *)seeds->v, seeds->n, ZHI_PRIO_SEED, &found, e);
    if (!rc)
      rc = zhi_store_begin_crawl(c->store, o->fresh, config, &c->info, e);
    if (!rc)
      rc = zhi_frontier_add(c->store, found, seeds->n, &added, e);
  }
  zhi_arena_release(&arena);
  return rc;
}

/* A URL that an earlier config excluded, judged by today's. */
static const char *decide_again(void *ctx, const struct zhi_found *f) {
  struct crawl *c = ctx;
  struct zhi_url u;
  struct zhi_scope_decision d = {.reason = "invalid_url"};
  if (zhi_url_parse(f->url, NULL, NULL, &u, NULL))
    return d.reason;
  struct zhi_scope_link link = {.kind = f->prio == ZHI_PRIO_REQUISITE    ? ZHI_LINK_REQUISITE
                                        : f->prio == ZHI_PRIO_ATTACHMENT ? ZHI_LINK_ATTACHMENT
                                                                         : ZHI_LINK_PAGE,
                                .text = f->text,
                                .parent_in_scope = true,
                                .depth = f->depth};
  zhi_scope_decide(c->scope, &u, &link, &d);
  if (d.off_host && d.reason && zhi_cluster_asks(c->cluster, &u, false))
    d.reason = NULL;
  zhi_url_release(&u);
  return d.reason;
}

/* Hosts have joined: what was left out because of its host alone is judged again. */
static const char *decide_off_scope(void *ctx, const struct zhi_found *f) {
  return f->excluded && strcmp(f->excluded, "off_scope") != 0 ? f->excluded : decide_again(ctx, f);
}

static enum zhi_code before_end(void *ctx, size_t *more, struct zhi_err *e) {
  struct crawl *c = ctx;
  *more = 0;
  c->must_reconsider |= zhi_cluster_changed(c->cluster);
  if (!c->must_reconsider)
    return ZHI_OK;
  enum zhi_code rc = zhi_frontier_reconsider(c->store, decide_off_scope, c, more, e);
  c->must_reconsider = rc != ZHI_OK;
  return rc;
}

static enum zhi_code restore_host(void *ctx, const struct zhi_host_row *row, struct zhi_err *e) {
  return zhi_cluster_restore(ctx, row, e);
}

static enum zhi_code restore_origin(void *ctx, const struct zhi_origin_state *o,
                                    const struct zhi_group_state *g, struct zhi_err *e) {
  struct crawl *c = ctx;
  struct zhi_probe_answer a;
  enum zhi_code rc = ZHI_OK;
  if (zhi_probe_parse(o->probe, &a))
    rc = zhi_probes_put(c->probes, o->origin, &a, e);
  return rc ? rc : zhi_net_restore(c->net, o, g, e);
}

/* --- start ---------------------------------------------------------------------------------------------------- */

static enum zhi_code open_archive(struct crawl *c, struct zhi_err *e) {
  const struct zhi_crawl_options *o = c->o;
  enum zhi_code rc = zhi_store_open(o->archive, ZHI_STORE_CREATE, o->clock, &c->store, e);
  if (rc)
    return rc;
  snprintf(c->warc_dir, sizeof c->warc_dir, "%s/warc", o->archive);
  if (mkdir(c->warc_dir, 0777) != 0 && errno != EEXIST)
    return zhi_fail_errno(e, "cannot make the folder '%s'", c->warc_dir);
  return zhi_archive_recover(c->store, o->archive, e);
}

static char *config_json(const struct zhi_config *config) {
  json_t *j = zhi_config_json(config);
  char *s = j ? json_dumps(j, JSON_INDENT(1) | JSON_SORT_KEYS) : NULL;
  json_decref(j);
  return s;
}

static void fill_info_fields(struct crawl *c) {
  char digest[ZHI_DIGEST_TEXT_SIZE] = "";
  const struct zhi_config *k = c->o->config;
  if (zhi_sha256_text(zhi_str_of(c->config), digest, NULL))
    digest[0] = '\0';
  zhi_buf_addf(&c->info_fields,
               "operator: %s\r\ncontact: %s\r\nisPartOf: %s\r\ndescription: crawl %s of %s\r\n"
               "http-header-user-agent: ",
               k->operator_name, k->operator_contact, k->cluster, c->info.name,
               k->name[0] ? k->name : k->cluster);
  zhi_user_agent(k, &c->info_fields);
  zhi_buf_addf(&c->info_fields, "\r\nconfig-digest: %s\r\n", digest);
}

static enum zhi_code begin(struct crawl *c, struct zhi_err *e) {
  c->config = config_json(c->o->config);
  if (!c->config)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for the config");
  const struct zhi_config *k = c->o->config;
  zhi_store_set_recrawl(c->store,
                        &(struct zhi_recrawl){k->recrawl.lists_ms, k->recrawl.documents_min_ms,
                                              k->recrawl.documents_max_ms});
  enum zhi_code rc = begin_run(c, e);
  if (!rc)
    rc = zhi_scope_new(c->o->config, &c->scope, e);
  if (!rc)
    rc = zhi_cluster_new(c->o->config, &c->cluster, e);
  if (!rc)
    rc = zhi_store_each_host(c->store, restore_host, c->cluster, e);
  if (!rc)
    zhi_scope_set_cluster(c->scope, c->cluster);
  size_t changed = 0;
  if (!rc && c->info.config_changed && !c->o->only)
    rc = zhi_frontier_reconsider(c->store, decide_again, c, &changed, e);
  if (!rc) {
    fill_info_fields(c);
    ZHI_LOG(MAIN, INFO, "crawl=%s resumed=%d reconsidered=%zu", c->info.name, c->info.resumed,
            changed);
  }
  return rc;
}

static int64_t lesser(int64_t a, int64_t b) { return !a ? b : !b ? a : a < b ? a : b; }

/* The config stands in the archive beside what it led to. */
static enum zhi_code keep_config(struct crawl *c, struct zhi_err *e) {
  char uri[96];
  snprintf(uri, sizeof uri, ZHI_CONFIG_URI "%s:config", c->info.name);
  return zhi_committer_resource(c->committer, zhi_str_of(uri), ZHI_STR("application/json"),
                                zhi_str_of(c->config), e);
}

static enum zhi_code make_parts(struct crawl *c, struct zhi_err *e) {
  const struct zhi_config *k = c->o->config;
  enum zhi_code rc = zhi_queue_new(QUEUE_ITEMS, QUEUE_BYTES, &c->work_q, e);
  if (!rc)
    rc = zhi_queue_new(QUEUE_ITEMS, QUEUE_BYTES, &c->commit_q, e);
  if (!rc && c->o->state_dir)
    rc = zhi_share_open(c->o->state_dir, zhi_now_ms(c->o->clock), &c->progress.disk_full, &c->share,
                        e);
  int64_t limit = lesser(c->o->max_time_ms, k->budget.time_ms);
  struct zhi_net_options n = {.config = k,
                              .scope = c->scope,
                              .clock = c->o->clock,
                              .ids = &c->ids,
                              .spool_dir = c->warc_dir,
                              .share = c->share,
                              .work_q = c->work_q,
                              .commit_q = c->commit_q,
                              .progress = &c->progress,
                              .max_pages = lesser(c->o->max_pages, k->budget.pages),
                              .max_bytes = k->budget.bytes,
                              .stop_at_ms = limit ? zhi_now_ms(c->o->clock) + limit : 0};
  if (!rc)
    rc = zhi_net_new(&n, &c->net, e);
  if (!rc)
    rc = zhi_probes_new(&c->probes, e);
  if (!rc)
    rc = zhi_store_each_origin(c->store, restore_origin, c, e);
  if (!rc && k->on_warc_closed[0])
    rc = zhi_shipper_new(c->store, k->on_warc_closed, c->o->archive, &c->shipper, e);
  struct zhi_commit_options m = {.config = k,
                                 .clock = c->o->clock,
                                 .store = c->store,
                                 .net = c->net,
                                 .queue = c->commit_q,
                                 .progress = &c->progress,
                                 .warcinfo = &c->warcinfo,
                                 .crawl = &c->info,
                                 .ids = &c->ids,
                                 .warc_dir = c->warc_dir,
                                 .shipper = c->shipper,
                                 .info_fields = zhi_buf_view(&c->info_fields),
                                 .before_end = before_end,
                                 .before_end_ctx = c};
  if (!rc)
    rc = zhi_committer_new(&m, &c->committer, e);
  if (!rc)
    rc = keep_config(c, e);
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  int64_t workers = k->workers ? k->workers : cores > 1 ? cores : 1;
  struct zhi_worker_options w = {.config = k,
                                 .scope = c->scope,
                                 .warcinfo = &c->warcinfo,
                                 .probes = c->probes,
                                 .cluster = c->cluster,
                                 .ids = &c->ids,
                                 .spool_dir = c->warc_dir,
                                 .only_asked = c->o->only != NULL};
  for (; !rc && c->worker_count < (size_t)workers && c->worker_count < MAX_WORKERS;)
    if (!(rc = zhi_worker_new(&w, &c->workers[c->worker_count], e)))
      c->worker_count++;
  return rc;
}

static enum zhi_code start_threads(struct crawl *c, struct zhi_err *e) {
  enum zhi_code rc = start_thread(&c->commit_thread, commit_main, c, e);
  c->commit_started = !rc;
  for (size_t i = 0; !rc && i < c->worker_count; i++) {
    c->args[i] = (struct worker_arg){c, c->workers[i]};
    rc = start_thread(&c->worker_threads[i], worker_main, &c->args[i], e);
    c->workers_started += !rc;
  }
  if (!rc) {
    rc = start_thread(&c->net_thread, net_main, c, e);
    c->net_started = !rc;
  }
  return rc;
}

/* --- wait ------------------------------------------------------------------------------------------------------- */

static void wait_for_end(struct crawl *c, const sigset_t *signals, struct zhi_display *d,
                         struct zhi_metrics *m) {
  int asked = 0;
  while (!atomic_load(&c->net_done)) {
    struct timespec t = {.tv_nsec = 50 * 1000000};
    int sig = sigtimedwait(signals, NULL, &t);
    if (sig == SIGINT || sig == SIGTERM) {
      asked++;
      ZHI_LOG(MAIN, WARN, "%s: %s", sig == SIGINT ? "interrupted" : "terminated",
              asked == 1 ? "pausing, exchanges in flight may end" : "giving up what is in flight");
      zhi_net_stop(c->net, ZHI_STOP_SIGNAL, asked == 1 ? GRACE_MS : 0);
    }
    zhi_display_update(d, &c->progress, false);
    zhi_metrics_update(m, &c->progress);
  }
}

/* Front to back: each stage ends when the one before it has. */
static void stop_threads(struct crawl *c) {
  if (c->net_started)
    pthread_join(c->net_thread, NULL);
  zhi_share_close(c->share); /* no request comes any more: others need not wait for the rest */
  c->share = NULL;
  if (c->work_q)
    zhi_queue_close(c->work_q);
  for (size_t i = 0; i < c->workers_started; i++)
    pthread_join(c->worker_threads[i], NULL);
  if (c->commit_q)
    zhi_queue_close(c->commit_q);
  if (c->commit_started)
    pthread_join(c->commit_thread, NULL);
}

static void drain(struct zhi_queue *q) {
  struct zhi_item *it;
  while (q && (it = zhi_queue_pop_wait(q, 0, NULL)))
    zhi_item_free(it);
}

static void release(struct crawl *c) {
  zhi_net_free(c->net);
  drain(c->work_q);
  drain(c->commit_q);
  for (size_t i = 0; i < c->worker_count; i++)
    zhi_worker_free(c->workers[i]);
  zhi_committer_free(c->committer);
  zhi_shipper_free(c->shipper);
  zhi_queue_free(c->work_q);
  zhi_queue_free(c->commit_q);
  zhi_probes_free(c->probes);
  zhi_cluster_free(c->cluster);
  zhi_scope_free(c->scope);
  zhi_store_close(c->store);
  zhi_buf_release(&c->info_fields);
  free(c->config);
  pthread_mutex_destroy(&c->warcinfo.lock);
}

/* --- the end ------------------------------------------------------------------------------------------------------ */

static bool is_interrupted(void *ctx) {
  sigset_t *signals = ctx;
  struct timespec now = {0};
  return sigtimedwait(signals, NULL, &now) > 0;
}

/* Files that were closed last. A pause that was asked for does not wait for them. */
static enum zhi_code ship_rest(struct crawl *c, enum zhi_stop why, struct zhi_err *e) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  if (!c->shipper || why == ZHI_STOP_SIGNAL)
    return ZHI_OK;
  zhi_shipper_closed(c->shipper);
  return zhi_shipper_finish(c->shipper, is_interrupted, &signals, e);
}

static enum zhi_code conclude(struct crawl *c, struct zhi_crawl_outcome *out, struct zhi_err *e) {
  struct zhi_frontier_stats s = {0};
  enum zhi_code rc = c->commit_rc;
  out->stop = zhi_net_stop_reason(c->net);
  if (rc)
    *e = c->commit_err;
  if (!rc)
    rc = zhi_frontier_stats(c->store, &s, e);
  out->failed_urls = s.failed;
  if (!rc)
    rc = zhi_archive_compare_again(c->store, c->o->archive, e);
  if (!rc)
    rc = zhi_store_write_csv(c->store, e);
  if (!rc)
    rc = zhi_archive_index(c->store, c->o->archive, e);
  if (!rc)
    rc = ship_rest(c, out->stop, e);
  /* Last: a crawl killed before its table was written is gone on with, not begun anew. */
  bool of_paused = c->o->only && c->info.resumed;
  if (!rc && out->stop == ZHI_STOP_DONE && !of_paused)
    rc = zhi_store_finish_crawl(c->store, c->info.id, e);
  if (!rc && out->stop == ZHI_STOP_ERROR)
    rc = zhi_fail(e, ZHI_ENOMEM, "out of memory; the next run goes on from here");
  return rc;
}

enum zhi_code zhi_crawl_run(const struct zhi_crawl_options *o, struct zhi_crawl_outcome *out,
                            struct zhi_err *e) {
  struct crawl *c = calloc(1, sizeof *c);
  sigset_t signals, before;
  struct zhi_display display;
  struct zhi_metrics metrics;
  if (!c)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for a crawl");
  c->o = o;
  zhi_buf_init(&c->info_fields, 65536);
  pthread_mutex_init(&c->warcinfo.lock, NULL);
  *out = (struct zhi_crawl_outcome){.stop = ZHI_STOP_ERROR};
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN); /* a file size limit is an error to handle, like a full disk */
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, &before);
  zhi_display_init(&display, o->progress, o->clock);
  zhi_metrics_init(&metrics, o->config, o->clock);
  enum zhi_code rc = open_archive(c, e);
  if (!rc)
    rc = begin(c, e);
  if (!rc)
    rc = make_parts(c, e);
  if (!rc)
    rc = start_threads(c, e);
  if (!rc)
    wait_for_end(c, &signals, &display, &metrics);
  stop_threads(c);
  if (!rc) {
    rc = conclude(c, out, e);
    zhi_display_update(&display, &c->progress, true);
    zhi_metrics_end(&metrics, &c->progress, !rc && out->stop == ZHI_STOP_DONE);
  }
  zhi_display_end(&display);
  release(c);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  free(c);
  return rc;
}
