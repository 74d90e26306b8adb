/* What the server has done, in the text format that Prometheus reads. */
#include <inttypes.h>

#include "serve/handlers.h"
#include "serve/index.h"
#include "serve/server.h"
#include "zhi/clock.h"

static void gauge(struct zhi_buf *b, const char *name, const char *type, const char *help,
                  int64_t v) {
  zhi_buf_addf(
      b, "# HELP xianzhi_serve_%s %s\n# TYPE xianzhi_serve_%s %s\nxianzhi_serve_%s %" PRId64 "\n",
      name, help, name, type, name, v);
}

enum zhi_code handle_metrics(struct serve_call *c, struct zhi_err *e) {
  struct zhi_server *s = c->server;
  struct serve_metrics *m = &s->metrics;
  struct zhi_buf *b = &c->rs->body;
  long long sum = 0;
  (void)e;
  c->rs->type = "text/plain; version=0.0.4; charset=utf-8";
  c->rs->cache = "no-store";
  zhi_buf_adds(b, "# HELP xianzhi_serve_requests_total answers by hundreds of their status\n"
                  "# TYPE xianzhi_serve_requests_total counter\n");
  for (int i = 1; i < 6; i++)
    zhi_buf_addf(b, "xianzhi_serve_requests_total{status=\"%dxx\"} %lld\n", i,
                 (long long)atomic_load(&m->requests[i]));
  zhi_buf_adds(b, "# HELP xianzhi_serve_seconds time to make an answer\n"
                  "# TYPE xianzhi_serve_seconds histogram\n");
  for (int i = 0; i <= SERVE_LATENCY_STEPS; i++) {
    sum += (long long)atomic_load(&m->latency[i]);
    if (i < SERVE_LATENCY_STEPS)
      zhi_buf_addf(b, "xianzhi_serve_seconds_bucket{le=\"%g\"} %lld\n",
                   serve_latency_ms[i] / 1000.0, sum);
  }
  zhi_buf_addf(b,
               "xianzhi_serve_seconds_bucket{le=\"+Inf\"} %lld\nxianzhi_serve_seconds_sum %f\n"
               "xianzhi_serve_seconds_count %lld\n",
               sum, (double)atomic_load(&m->latency_us) / 1e6, sum);
  gauge(b, "documents", "gauge", "documents in the index", (int64_t)c->index->count);
  gauge(b, "index_made_ms", "gauge", "time that making the index took", c->index->took_ms);
  gauge(b, "index_age_ms", "gauge", "age of the index",
        zhi_now_ms(&zhi_clock_system) - c->index->made_ms);
  gauge(b, "exports_total", "counter", "exports begun", (int64_t)atomic_load(&m->streams));
  gauge(b, "exports_refused_total", "counter", "exports refused: too many at once",
        (int64_t)atomic_load(&m->streams_refused));
  gauge(b, "auth_failed_total", "counter", "wrong passwords",
        (int64_t)atomic_load(&m->auth_failed));
  gauge(b, "uptime_ms", "gauge", "since the start",
        zhi_mono_ms() - (int64_t)atomic_load(&m->started_ms));
  return ZHI_OK;
}
