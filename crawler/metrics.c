/* Metrics: the progress counters in Prometheus' text format. Cluster names are [a-z0-9-], so labels need no escapes. */
#include "crawler/metrics.h"

#include <inttypes.h>
#include <sys/stat.h>

#include "zhi/file.h"
#include "zhi/log.h"

enum { EVERY_MS = 15000, METRICS_MAX_BYTES = 16384 };

struct metric {
  const char *name, *type, *help;
  int64_t value;
};

static void write_file(struct zhi_metrics *m, const struct metric *rows, size_t n) {
  struct zhi_buf text;
  struct zhi_out f;
  struct zhi_err e = {0};
  zhi_buf_init(&text, METRICS_MAX_BYTES);
  for (size_t i = 0; i < n; i++)
    zhi_buf_addf(&text,
                 "# HELP xianzhi_crawl_%s %s\n# TYPE xianzhi_crawl_%s %s\n"
                 "xianzhi_crawl_%s{cluster=\"%s\"} %" PRId64 "\n",
                 rows[i].name, rows[i].help, rows[i].name, rows[i].type, rows[i].name, m->cluster,
                 rows[i].value);
  enum zhi_code rc = zhi_buf_check(&text, "metrics", &e);
  if (!rc && (rc = zhi_out_open(&f, m->path, &e)) == ZHI_OK) {
    rc = zhi_out_write(&f, zhi_buf_view(&text), &e);
    if (!rc && fchmod(f.fd, 0644) != 0) /* the exporter is another user, whatever the umask */
      rc = zhi_fail_errno(&e, "cannot let others read '%s'", m->path);
    rc = zhi_out_finish(&f, rc, &e);
  }
  if (rc && !m->warned)
    ZHI_LOG(MAIN, WARN, "metrics: %s", e.msg);
  m->warned = m->warned || rc;
  zhi_buf_release(&text);
}

static void write_state(struct zhi_metrics *m, struct zhi_progress *p, bool running,
                        bool finished) {
  int64_t now = zhi_now_ms(m->clock), next = atomic_load(&p->next_ms);
  const struct metric rows[] = {
      {"running", "gauge", "1 while a run of the crawl goes on", running},
      {"finished", "gauge", "1 when the run ended with nothing left to do", finished},
      {"started_timestamp_seconds", "gauge", "when the run began", m->started_ms / 1000},
      {"updated_timestamp_seconds", "gauge", "when this file was written", now / 1000},
      {"requests_total", "counter", "exchanges that ended, of this run", atomic_load(&p->pages)},
      {"committed_total", "counter", "exchanges that are in the archive for good, of this run",
       atomic_load(&p->committed)},
      {"documents_total", "counter", "documents committed, of this run",
       atomic_load(&p->documents)},
      {"body_bytes_total", "counter", "body bytes received, of this run", atomic_load(&p->bytes)},
      {"blocked_total", "counter", "exchanges that were refused, of this run",
       atomic_load(&p->blocked)},
      {"failed_total", "counter", "exchanges that failed, of this run", atomic_load(&p->failed)},
      {"urls_due", "gauge", "URLs due, as of the last commit", atomic_load(&p->due)},
      {"urls_known", "gauge", "URLs known, as of the last commit", atomic_load(&p->known)},
      {"requests_in_flight", "gauge", "requests that wait for an answer",
       atomic_load(&p->in_flight)},
      {"wait_seconds", "gauge", "until the next request may start",
       running && next > now ? (next - now + 999) / 1000 : 0},
      {"disk_full", "gauge", "1 while the run waits for room on the disk",
       running && atomic_load(&p->disk_full) != 0},
  };
  write_file(m, rows, sizeof rows / sizeof *rows);
}

void zhi_metrics_init(struct zhi_metrics *m, const struct zhi_config *c,
                      const struct zhi_clock *clock) {
  *m = (struct zhi_metrics){
      .path = c->metrics, .cluster = c->cluster, .clock = clock, .started_ms = zhi_now_ms(clock)};
}

void zhi_metrics_update(struct zhi_metrics *m, struct zhi_progress *p) {
  int64_t now = zhi_mono_ms();
  if (!m->path || !m->path[0] || now < m->next_mono_ms)
    return;
  m->next_mono_ms = now + EVERY_MS;
  write_state(m, p, true, false);
}

void zhi_metrics_end(struct zhi_metrics *m, struct zhi_progress *p, bool finished) {
  if (m->path && m->path[0])
    write_state(m, p, false, finished);
}
