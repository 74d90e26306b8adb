/* Net loop: glue between libuv, libcurl's socket-action interface, and the queues. */
#include "crawler/net.h"

#include <stdio.h>
#include <stdlib.h>

#include "crawler/net_internal.h"
#include "zhi/log.h"

/* Exchanges between their start and their commit: bounds memory, together with the queues' byte bounds. */
enum { PIPELINE_ITEMS = 384, TICK_MS = 500, IDLE_CONNECTIONS = 256 };

int64_t net_now(const struct zhi_net *net) { return zhi_now_ms(net->o.clock); }

/* --- lists ----------------------------------------------------------------------------------------- */

void item_push(struct item_list *l, struct zhi_item *it) {
  it->next = NULL;
  if (l->tail)
    l->tail->next = it;
  else
    l->head = it;
  l->tail = it;
  l->count++;
}

void item_push_front(struct item_list *l, struct zhi_item *it) {
  it->next = l->head;
  l->head = it;
  if (!l->tail)
    l->tail = it;
  l->count++;
}

struct zhi_item *item_pop(struct item_list *l) {
  struct zhi_item *it = l->head;
  if (!it)
    return NULL;
  l->head = it->next;
  if (!l->head)
    l->tail = NULL;
  l->count--;
  it->next = NULL;
  return it;
}

void item_splice_front(struct item_list *to, struct item_list *from) {
  if (!from->head)
    return;
  from->tail->next = to->head;
  if (!to->tail)
    to->tail = from->tail;
  to->head = from->head;
  to->count += from->count;
  *from = (struct item_list){0};
}

/* --- hand-over ------------------------------------------------------------------------------------- */

static void send_on(struct zhi_queue *q, struct item_list *overflow, struct zhi_item *it) {
  if (overflow->head || !zhi_queue_try_push(q, it, zhi_item_bytes(it)))
    item_push(overflow, it);
}

void net_send_work(struct zhi_net *net, struct zhi_item *it) {
  send_on(net->o.work_q, &net->overflow_work, it);
}

void net_send_commit(struct zhi_net *net, struct zhi_item *it) {
  send_on(net->o.commit_q, &net->overflow_commit, it);
}

static void flush_overflow(struct zhi_queue *q, struct item_list *l) {
  while (l->head) {
    struct zhi_item *next = l->head->next; /* the queue owns the item once it is pushed */
    if (!zhi_queue_try_push(q, l->head, zhi_item_bytes(l->head)))
      return;
    l->head = next;
    l->count--;
    if (!next)
      l->tail = NULL;
  }
}

void net_settle(struct zhi_net *net, struct zhi_item *it, enum zhi_url_outcome outcome,
                enum zhi_verdict verdict, const char *reason, const char *detail,
                int64_t retry_ms) {
  it->verdict = verdict;
  it->result = (struct zhi_url_result){.url_id = it->url_id,
                                       .group_id = it->group_id,
                                       .token = it->token,
                                       .outcome = outcome,
                                       .verdict = verdict,
                                       .retry_ms = retry_ms,
                                       .reason = reason};
  it->result.detail = zhi_arena_str(&it->arena, zhi_str_of(detail));
  net_send_commit(net, it);
}

/* --- starting --------------------------------------------------------------------------------------- */

/* Is the run's budget of pages or bytes spent? */
static bool budget_spent(const struct zhi_net *net) {
  const struct zhi_net_options *o = &net->o;
  return (o->max_pages && net->pages >= o->max_pages) ||
         (o->max_bytes && atomic_load(&o->progress->bytes) >= o->max_bytes);
}

bool net_may_start(const struct zhi_net *net) {
  return !net->stopping && !net->overflow_work.head && !net->overflow_commit.head &&
         atomic_load(&net->o.progress->items) < PIPELINE_ITEMS && !budget_spent(net) &&
         net->running_count < (size_t)net->o.config->http.connections;
}

struct running {
  struct grp *group;
  struct origin *origin;
};

static struct zhi_fetch *take_idle(struct zhi_net *net) {
  struct zhi_fetch *f = net->idle;
  if (f) {
    net->idle = f->next;
    return f;
  }
  struct zhi_err e = {0};
  if (zhi_fetch_new(&net->env, &f, &e) || !(f->owner = calloc(1, sizeof(struct running)))) {
    ZHI_LOG(NET, ERROR, "cannot start a fetch: %s", e.msg);
    zhi_fetch_free(f);
    return NULL;
  }
  return f;
}

static void link_running(struct zhi_net *net, struct zhi_fetch *f) {
  f->prev = NULL;
  f->next = net->running;
  if (net->running)
    net->running->prev = f;
  net->running = f;
  net->running_count++;
  atomic_fetch_add(&net->o.progress->in_flight, 1);
}

static void unlink_running(struct zhi_net *net, struct zhi_fetch *f) {
  if (f->prev)
    f->prev->next = f->next;
  else
    net->running = f->next;
  if (f->next)
    f->next->prev = f->prev;
  f->prev = NULL;
  f->next = net->idle;
  net->idle = f;
  net->running_count--;
  atomic_fetch_sub(&net->o.progress->in_flight, 1);
}

void net_start(struct zhi_net *net, struct grp *g, struct origin *o, struct zhi_item *it) {
  struct zhi_err e = {0};
  struct zhi_fetch *f = take_idle(net);
  int64_t now = net_now(net);
  if (f && zhi_fetch_begin(f, it, o->address, o->port, &e)) {
    f->item = NULL;
    f->next = net->idle;
    net->idle = f;
    f = NULL;
  }
  if (!f) {
    net_settle(net, it, ZHI_URL_RETRY, ZHI_V_CONNECTION, "no_memory", e.msg, now + 60000);
    return;
  }
  *(struct running *)f->owner = (struct running){g, o};
  zhi_group_start(&g->polite, &net->polite, now);
  zhi_share_started(net->o.share, o->address, o->port, now);
  g->running++;
  net->pages++;
  o->pages++;
  atomic_fetch_add(&net->o.progress->items, 1);
  link_running(net, f);
  ZHI_LOG(NET, DEBUG, "start url=%s address=%s group=%lld", it->url.p, o->address,
          (long long)g->id);
  CURLMcode mc = curl_multi_add_handle(net->multi, f->easy);
  if (mc != CURLM_OK) {
    ZHI_LOG(NET, ERROR, "curl_multi_add_handle: %s", curl_multi_strerror(mc));
    f->unborn = true; /* the next tick ends it: here its group is being walked */
  }
}

/* --- ending ------------------------------------------------------------------------------------------ */

static void finish(struct zhi_net *net, struct zhi_fetch *f, CURLcode code) {
  struct running r = *(struct running *)f->owner;
  curl_multi_remove_handle(net->multi, f->easy);
  bool cancelled = f->cancelled;
  struct zhi_item *it = zhi_fetch_finish(f, code);
  unlink_running(net, f);
  r.group->running--;
  atomic_fetch_add(&net->o.progress->pages, 1);
  atomic_fetch_add(&net->o.progress->bytes, (int64_t)it->body.len);
  r.origin->bytes += (int64_t)it->body.len;
  ZHI_LOG(NET, DEBUG, "end url=%s verdict=%s status=%d bytes=%llu ms=%lld", it->url.p,
          zhi_verdict_name(it->verdict), it->status, (unsigned long long)it->body.len,
          (long long)it->duration_ms);
  if (cancelled && net->cancelled_all) { /* a pause is not a verdict: the URL stays due */
    zhi_group_finish(&r.group->polite, &net->polite, ZHI_EVENT_CANCELLED, it->duration_ms, -1,
                     net_now(net));
    zhi_share_ended(net->o.share, r.origin->address, r.origin->port, &r.group->polite,
                    net_now(net));
    atomic_fetch_sub(&net->o.progress->items, 1);
    zhi_item_free(it);
    return;
  }
  group_done(net, r.group, r.origin, it);
}

static void reap(struct zhi_net *net) {
  CURLMsg *m;
  int left;
  while ((m = curl_multi_info_read(net->multi, &left))) {
    if (m->msg != CURLMSG_DONE)
      continue;
    struct zhi_fetch *f = NULL;
    CURLcode code = m->data.result;
    curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &f);
    finish(net, f, code);
  }
}

/* --- libcurl ↔ libuv --------------------------------------------------------------------------------- */

struct sock {
  uv_poll_t poll;
  curl_socket_t fd;
  struct zhi_net *net;
};

static void on_poll(uv_poll_t *handle, int status, int events) {
  struct sock *s = handle->data;
  struct zhi_net *net = s->net;
  int flags = status < 0 ? CURL_CSELECT_ERR : 0, running;
  if (events & UV_READABLE)
    flags |= CURL_CSELECT_IN;
  if (events & UV_WRITABLE)
    flags |= CURL_CSELECT_OUT;
  curl_multi_socket_action(net->multi, s->fd, flags, &running);
  reap(net);
}

static void free_sock(uv_handle_t *h) { free(h->data); }

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *socket_ctx) {
  struct zhi_net *net = ctx;
  struct sock *s = socket_ctx;
  (void)easy;
  if (what == CURL_POLL_REMOVE) {
    if (s) {
      curl_multi_assign(net->multi, fd, NULL);
      uv_poll_stop(&s->poll);
      uv_close((uv_handle_t *)&s->poll, free_sock);
    }
    return 0;
  }
  if (!s) {
    s = calloc(1, sizeof *s);
    if (!s)
      return -1;
    *s = (struct sock){.fd = fd, .net = net};
    if (uv_poll_init_socket(&net->loop, &s->poll, fd) != 0) {
      free(s);
      return -1;
    }
    s->poll.data = s;
    curl_multi_assign(net->multi, fd, s);
  }
  int events = (what != CURL_POLL_IN ? UV_WRITABLE : 0) | (what != CURL_POLL_OUT ? UV_READABLE : 0);
  return uv_poll_start(&s->poll, events, on_poll) == 0 ? 0 : -1;
}

static void on_curl_timeout(uv_timer_t *t) {
  struct zhi_net *net = t->data;
  int running;
  curl_multi_socket_action(net->multi, CURL_SOCKET_TIMEOUT, 0, &running);
  reap(net);
}

static int on_curl_timer(CURLM *multi, long timeout_ms, void *ctx) {
  struct zhi_net *net = ctx;
  (void)multi;
  if (timeout_ms < 0)
    uv_timer_stop(&net->curl_timer);
  else
    uv_timer_start(&net->curl_timer, on_curl_timeout, timeout_ms ? (uint64_t)timeout_ms : 1, 0);
  return 0;
}

/* --- stop, tick, notes ------------------------------------------------------------------------------- */

static void cancel(struct zhi_net *net, struct zhi_fetch *f, CURLcode code) {
  f->cancelled = true;
  finish(net, f, code);
}

static void cancel_all(struct zhi_net *net) {
  net->cancelled_all = true;
  while (net->running)
    cancel(net, net->running, CURLE_ABORTED_BY_CALLBACK);
}

static void on_grace(uv_timer_t *t) { cancel_all(t->data); }

/* Everything that keeps the loop alive but work in flight. */
static void close_if_idle(struct zhi_net *net) {
  if (!net->stopping || net->running || net->looking || net->overflow_work.head ||
      net->overflow_commit.head)
    return;
  uv_stop(&net->loop);
}

static void begin_stop(struct zhi_net *net, enum zhi_stop why, int64_t grace_ms) {
  int none = ZHI_STOP_NONE;
  atomic_compare_exchange_strong(&net->stop_reason, &none, (int)why);
  net->stopping = true;
  if (grace_ms <= 0)
    cancel_all(net);
  else
    uv_timer_start(&net->grace, on_grace, (uint64_t)grace_ms, 0);
}

static void cancel_late(struct zhi_net *net) {
  int64_t now = zhi_mono_ms();
  for (struct zhi_fetch *f = net->running, *next; f; f = next) {
    next = f->next;
    if (f->unborn)
      finish(net, f, CURLE_OUT_OF_MEMORY);
    else if (zhi_fetch_is_late(f, now))
      cancel(net, f, CURLE_OPERATION_TIMEDOUT);
  }
}

static void on_tick(uv_timer_t *t) {
  struct zhi_net *net = t->data;
  cancel_late(net);
  zhi_share_tick(net->o.share, net_now(net));
  if (net->o.stop_at_ms && net_now(net) >= net->o.stop_at_ms && !net->stopping)
    begin_stop(net, ZHI_STOP_BUDGET, 5000);
  if (atomic_load(&net->starved) && !net->stopping)
    begin_stop(net, ZHI_STOP_ERROR, 5000);
  if (budget_spent(net) && !net->running && !net->stopping)
    begin_stop(net, ZHI_STOP_BUDGET, 5000);
  group_pump_all(net);
  close_if_idle(net);
}

static void handle_note(struct zhi_net *net, struct note *n) {
  struct origin *o;
  struct grp *g;
  switch (n->kind) {
  case NOTE_LEASE: group_lease(net, n->lease); break;
  case NOTE_REGROUPED:
    if ((o = origin_of(net, zhi_str_of(n->origin)))) {
      o->group_id = n->group_id;
      o->regrouping = false;
      snprintf(o->group_address, sizeof o->group_address, "%s", o->address);
    }
    break;
  case NOTE_BLOCKED:
    if ((g = group_of(net, n->group_id)))
      zhi_group_block_page(&g->polite, &net->polite, net_now(net));
    break;
  case NOTE_STOP: begin_stop(net, n->why, n->grace_ms); break;
  }
  free(n->origin);
  free(n);
}

static void on_wake(uv_async_t *a) {
  struct zhi_net *net = a->data;
  pthread_mutex_lock(&net->lock);
  struct note *n = net->inbox;
  net->inbox = NULL;
  net->inbox_tail = &net->inbox;
  pthread_mutex_unlock(&net->lock);
  for (struct note *next; n; n = next) {
    next = n->next;
    handle_note(net, n);
  }
  flush_overflow(net->o.work_q, &net->overflow_work);
  flush_overflow(net->o.commit_q, &net->overflow_commit);
  group_pump_all(net);
  close_if_idle(net);
}

void net_starved(struct zhi_net *net) {
  if (!atomic_exchange(&net->starved, true))
    ZHI_LOG(NET, ERROR, "out of memory: pausing");
}

static void post(struct zhi_net *net, struct note n) {
  struct note *copy = malloc(sizeof *copy);
  if (!copy) {
    zhi_lease_free(n.lease);
    free(n.origin);
    net_starved(net);
    return;
  }
  *copy = n;
  copy->next = NULL;
  pthread_mutex_lock(&net->lock);
  *net->inbox_tail = copy;
  net->inbox_tail = &copy->next;
  pthread_mutex_unlock(&net->lock);
  uv_async_send(&net->wake);
}

void zhi_net_lease(struct zhi_net *net, struct zhi_lease *lease) {
  post(net, (struct note){.kind = NOTE_LEASE, .lease = lease});
}

void zhi_net_regrouped(struct zhi_net *net, struct zhi_str origin, int64_t group_id) {
  post(net, (struct note){.kind = NOTE_REGROUPED,
                          .origin = strndup(origin.p, origin.len),
                          .group_id = group_id});
}

void zhi_net_blocked(struct zhi_net *net, int64_t group_id) {
  post(net, (struct note){.kind = NOTE_BLOCKED, .group_id = group_id});
}

void zhi_net_stop(struct zhi_net *net, enum zhi_stop why, int64_t grace_ms) {
  post(net, (struct note){.kind = NOTE_STOP, .why = why, .grace_ms = grace_ms});
}

enum zhi_stop zhi_net_stop_reason(const struct zhi_net *net) {
  return (enum zhi_stop)atomic_load(&net->stop_reason);
}

/* --- life ---------------------------------------------------------------------------------------------- */

static void wake_net(void *net) { uv_async_send(&((struct zhi_net *)net)->wake); }

static enum zhi_code init_curl(struct zhi_net *net, struct zhi_err *e) {
  net->multi = curl_multi_init();
  net->env.share = curl_share_init();
  net->env.headers = curl_slist_append(NULL, "Accept: text/html,application/xhtml+xml,*/*;q=0.8");
  struct curl_slist *l = curl_slist_append(net->env.headers, "Accept-Encoding: gzip, deflate");
  l = l ? curl_slist_append(l, "Accept-Language: zh-CN,zh;q=0.9,en;q=0.5") : NULL;
  if (!net->multi || !net->env.share || !l)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for the net loop");
  if (net->o.config->http.tls == ZHI_TLS_RECORD) {
    net->env.trust = X509_STORE_new();
    if (!net->env.trust || X509_STORE_set_default_paths(net->env.trust) != 1)
      return zhi_fail(e, ZHI_ENOMEM, "cannot load the certificate authorities");
  }
  curl_share_setopt(net->env.share, CURLSHOPT_SHARE, CURL_LOCK_DATA_COOKIE);
  curl_share_setopt(net->env.share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  curl_multi_setopt(net->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(net->multi, CURLMOPT_SOCKETDATA, net);
  curl_multi_setopt(net->multi, CURLMOPT_TIMERFUNCTION, on_curl_timer);
  curl_multi_setopt(net->multi, CURLMOPT_TIMERDATA, net);
  curl_multi_setopt(net->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
  curl_multi_setopt(net->multi, CURLMOPT_MAXCONNECTS, (long)IDLE_CONNECTIONS);
  return ZHI_OK;
}

static enum zhi_code init_loop(struct zhi_net *net, struct zhi_err *e) {
  if (uv_loop_init(&net->loop) != 0 || uv_async_init(&net->loop, &net->wake, on_wake) != 0)
    return zhi_fail(e, ZHI_EIO, "cannot start the event loop");
  uv_timer_init(&net->loop, &net->curl_timer);
  uv_timer_init(&net->loop, &net->tick);
  uv_timer_init(&net->loop, &net->grace);
  net->wake.data = net->curl_timer.data = net->tick.data = net->grace.data = net;
  return ZHI_OK;
}

static void set_politeness(struct zhi_net *net) {
  const struct zhi_config *c = net->o.config;
  net->polite = (struct zhi_politeness){.min_delay_ms = c->politeness.min_delay_ms,
                                        .factor_milli = c->politeness.factor_milli,
                                        .max_delay_ms = c->politeness.max_delay_ms,
                                        .connections = (int)c->politeness.connections_per_server,
                                        .jitter_percent = (int)c->politeness.jitter_percent,
                                        .backoff_ms = c->politeness.backoff_ms,
                                        .hours = c->politeness.hours};
}

enum zhi_code zhi_net_new(const struct zhi_net_options *o, struct zhi_net **out,
                          struct zhi_err *e) {
  struct zhi_net *net = calloc(1, sizeof *net);
  if (!net)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for the net loop");
  net->o = *o;
  net->inbox_tail = &net->inbox;
  net->seed = (uint64_t)zhi_now_ms(o->clock);
  pthread_mutex_init(&net->lock, NULL);
  zhi_map_init(&net->origins);
  zhi_map_init(&net->groups);
  set_politeness(net);
  struct zhi_buf agent;
  zhi_buf_init(&agent, 2048);
  zhi_user_agent(o->config, &agent);
  net->user_agent = zhi_buf_take(&agent);
  net->env = (struct zhi_fetch_env){
      .config = o->config, .clock = o->clock, .ids = o->ids, .user_agent = net->user_agent};
  enum zhi_code rc = init_loop(net, e);
  if (!rc)
    rc = init_curl(net, e);
  if (rc) {
    zhi_net_free(net);
    return rc;
  }
  zhi_queue_on_room(o->work_q, wake_net, net);
  zhi_queue_on_room(o->commit_q, wake_net, net);
  *out = net;
  return ZHI_OK;
}

void zhi_net_run(struct zhi_net *net) {
  uv_timer_start(&net->tick, on_tick, TICK_MS, TICK_MS);
  uv_run(&net->loop, UV_RUN_DEFAULT);
}

static void close_handle(uv_handle_t *h, void *ctx) {
  (void)ctx;
  if (!uv_is_closing(h))
    uv_close(h, h->type == UV_POLL ? free_sock : NULL);
}

static void free_fetches(struct zhi_fetch *f) {
  for (struct zhi_fetch *next; f; f = next) {
    next = f->next;
    free(f->owner);
    zhi_fetch_free(f);
  }
}

void zhi_net_free(struct zhi_net *net) {
  if (!net)
    return;
  zhi_queue_on_room(net->o.work_q, NULL, NULL);
  zhi_queue_on_room(net->o.commit_q, NULL, NULL);
  for (struct zhi_fetch *f = net->running; f; f = f->next)
    curl_multi_remove_handle(net->multi, f->easy);
  free_fetches(net->running);
  free_fetches(net->idle);
  curl_multi_cleanup(net->multi);
  curl_share_cleanup(net->env.share);
  X509_STORE_free(net->env.trust);
  curl_slist_free_all(net->env.headers);
  for (struct note *n = net->inbox, *next; n; n = next) {
    next = n->next;
    zhi_lease_free(n->lease);
    free(n->origin);
    free(n);
  }
  void *v;
  for (size_t i = 0; zhi_map_each(&net->groups, &i, NULL, &v);)
    group_drop_lease(v);
  uv_walk(&net->loop, close_handle, NULL);
  uv_run(&net->loop, UV_RUN_DEFAULT);
  uv_loop_close(&net->loop);
  for (size_t i = 0; zhi_map_each(&net->groups, &i, NULL, &v);)
    free(v);
  for (size_t i = 0; zhi_map_each(&net->origins, &i, NULL, &v);)
    origin_free(v);
  zhi_map_release(&net->groups);
  zhi_map_release(&net->origins);
  pthread_mutex_destroy(&net->lock);
  free(net->user_agent);
  free(net);
}
