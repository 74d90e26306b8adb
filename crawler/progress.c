/* Progress: reads the counters, writes stderr (json: stdout). */
#include "crawler/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "zhi/log.h"

enum { TERMINAL_MS = 250, LINE_MS = 10000, JSON_MS = 1000 };

static void below_log(const char *line, void *ctx) {
  struct zhi_display *d = ctx;
  fprintf(stderr, "%s%s", d->drawn ? "\r\033[K" : "", line);
  d->drawn = false;
}

void zhi_display_init(struct zhi_display *d, enum zhi_progress_mode mode,
                      const struct zhi_clock *clock) {
  *d = (struct zhi_display){.mode = mode, .clock = clock, .started_mono_ms = zhi_mono_ms()};
  d->last_mono_ms = d->started_mono_ms;
  d->terminal = mode == ZHI_PROGRESS_AUTO && isatty(STDERR_FILENO);
  if (d->terminal)
    zhi_log_set_sink(below_log, d);
}

/* "12 s" until the next request, or what else is being waited for. */
static void waiting(const struct zhi_display *d, struct zhi_progress *p, char *out, size_t size) {
  int64_t next = atomic_load(&p->next_ms), now = zhi_now_ms(d->clock);
  if (atomic_load(&p->disk_full))
    snprintf(out, size, ", waiting for room on the disk");
  else if (atomic_load(&p->in_flight) == 0 && next > now)
    snprintf(out, size, ", next in %" PRId64 " s", (next - now + 999) / 1000);
  else
    out[0] = '\0';
}

static void draw_text(struct zhi_display *d, struct zhi_progress *p, int64_t elapsed_ms) {
  char wait[64];
  waiting(d, p, wait, sizeof wait);
  fprintf(stderr,
          "%s%" PRId64 " pages, %" PRId64 " documents, %.1f/s, %" PRId64 " queued, %" PRId64
          " known, %" PRId64 " blocked, %" PRId64 " failed, %.1f MB, %" PRId64 " s%s%s",
          d->terminal ? "\r\033[K" : "", atomic_load(&p->pages), atomic_load(&p->documents),
          d->rate, atomic_load(&p->due), atomic_load(&p->known), atomic_load(&p->blocked),
          atomic_load(&p->failed), (double)atomic_load(&p->bytes) / 1e6, elapsed_ms / 1000, wait,
          d->terminal ? "" : "\n");
  fflush(stderr);
  d->drawn = d->terminal;
}

static void draw_json(struct zhi_display *d, struct zhi_progress *p, int64_t elapsed_ms,
                      bool last) {
  printf("{\"elapsed_ms\":%" PRId64 ",\"pages\":%" PRId64 ",\"committed\":%" PRId64
         ",\"documents\":%" PRId64 ",\"bytes\":%" PRId64
         ",\"pages_per_second\":%.2f,\"queued\":%" PRId64 ",\"known\":%" PRId64
         ",\"in_flight\":%" PRId64 ",\"blocked\":%" PRId64 ",\"failed\":%" PRId64
         ",\"next_ms\":%" PRId64 ",\"disk_full\":%s,\"final\":%s}\n",
         elapsed_ms, atomic_load(&p->pages), atomic_load(&p->committed), atomic_load(&p->documents),
         atomic_load(&p->bytes), d->rate, atomic_load(&p->due), atomic_load(&p->known),
         atomic_load(&p->in_flight), atomic_load(&p->blocked), atomic_load(&p->failed),
         atomic_load(&p->next_ms), atomic_load(&p->disk_full) ? "true" : "false",
         last ? "true" : "false");
  fflush(stdout);
}

void zhi_display_update(struct zhi_display *d, struct zhi_progress *p, bool last) {
  int64_t now = zhi_mono_ms(), since = now - d->last_mono_ms;
  int64_t every = d->mode == ZHI_PROGRESS_JSON ? JSON_MS : d->terminal ? TERMINAL_MS : LINE_MS;
  if (d->mode == ZHI_PROGRESS_OFF || (since < every && !last))
    return;
  int64_t pages = atomic_load(&p->pages);
  double rate = since > 0 ? (double)(pages - d->last_pages) * 1000 / (double)since : 0;
  int64_t elapsed = now - d->started_mono_ms;
  d->rate = d->last_pages ? d->rate * 0.7 + rate * 0.3 : rate;
  if (last)
    d->rate = elapsed > 0 ? (double)pages * 1000 / (double)elapsed : 0;
  d->last_mono_ms = now;
  d->last_pages = pages;
  if (d->mode == ZHI_PROGRESS_JSON)
    draw_json(d, p, elapsed, last);
  else
    draw_text(d, p, elapsed);
}

void zhi_display_end(struct zhi_display *d) {
  if (!d->terminal)
    return;
  fputc('\n', stderr);
  zhi_log_set_sink(NULL, NULL);
}
