/* Log: formats a whole line, then one write. */
#include "zhi/log.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "zhi/clock.h"

static enum zhi_log_level threshold = ZHI_LOG_WARN;
static void (*line_sink)(const char *, void *);
static void *line_sink_ctx;

static const char *const level_names[] = {"error", "warn", "info", "debug"};
static const char *const part_names[] = {"main", "net", "warc", "extract", "store"};

void zhi_log_set_level(enum zhi_log_level level) { threshold = level; }

int zhi_log_level_of(const char *name, enum zhi_log_level *out) {
  for (unsigned i = 0; i < sizeof level_names / sizeof *level_names; i++) {
    if (strcmp(name, level_names[i]) == 0) {
      *out = (enum zhi_log_level)i;
      return 0;
    }
  }
  return -1;
}

int zhi_log_on(enum zhi_log_level level) { return level <= threshold; }

void zhi_log_set_sink(void (*sink)(const char *, void *), void *ctx) {
  line_sink = sink;
  line_sink_ctx = ctx;
}

void zhi_log_write(enum zhi_log_part part, enum zhi_log_level level, const char *fmt, ...) {
  char line[2048], when[ZHI_ISO_SIZE];
  zhi_time_iso_ms(zhi_now_ms(&zhi_clock_system), when);
  int n = snprintf(line, sizeof line, "%s %s %s ", when, level_names[level], part_names[part]);
  va_list ap;
  va_start(ap, fmt);
  int m = vsnprintf(line + n, sizeof line - (size_t)n - 1, fmt, ap);
  va_end(ap);
  size_t len = (size_t)n + (m < 0 ? 0 : (size_t)m);
  if (len > sizeof line - 2)
    len = sizeof line - 2;
  for (size_t i = 0; i < len; i++) /* web content must not forge lines or drive a terminal */
    if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
      line[i] = '?';
  line[len++] = '\n';
  line[len] = '\0';
  if (line_sink) {
    line_sink(line, line_sink_ctx);
    return;
  }
  ssize_t ignored = write(STDERR_FILENO, line, len);
  (void)ignored;
}
