/* Log: one line on standard error per event: time, level, component, then key=value pairs.
 *
 *   ZHI_LOG(NET, INFO, "host=%s wait_ms=%lld", host, wait);
 * The level is tested before the arguments are evaluated. Thread: any; a line is written whole.
 * Standard output is for data and never logged to. */
#ifndef ZHI_LOG_H
#define ZHI_LOG_H

#include "zhi/err.h"

enum zhi_log_level { ZHI_LOG_ERROR, ZHI_LOG_WARN, ZHI_LOG_INFO, ZHI_LOG_DEBUG };
enum zhi_log_part { ZHI_LOG_MAIN, ZHI_LOG_NET, ZHI_LOG_WARC, ZHI_LOG_EXTRACT, ZHI_LOG_STORE };

/* Lines above this level are dropped. Set once, before threads start. Default WARN. */
void zhi_log_set_level(enum zhi_log_level level);
/* "error", "warn", "info", "debug"; 0 when known. */
int zhi_log_level_of(const char *name, enum zhi_log_level *out);
int zhi_log_on(enum zhi_log_level level);
void zhi_log_write(enum zhi_log_part part, enum zhi_log_level level, const char *fmt, ...)
    ZHI_PRINTF(3, 4);
/* Called with each finished line instead of writing it to stderr (the progress display uses it to
 * keep its line below the log). NULL restores stderr. Set while no other thread logs. */
void zhi_log_set_sink(void (*sink)(const char *line, void *ctx), void *ctx);

#define ZHI_LOG(part, level, ...)                                                                  \
  do {                                                                                             \
    if (zhi_log_on(ZHI_LOG_##level))                                                               \
      zhi_log_write(ZHI_LOG_##part, ZHI_LOG_##level, __VA_ARGS__);                                 \
  } while (0)

#endif
