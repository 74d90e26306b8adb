/* Errors: fixed-size, so that reporting can never fail. */
#include "zhi/err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void fill(struct zhi_err *e, enum zhi_code code, int errnum, const char *fmt, va_list ap) {
  if (!e)
    return;
  e->code = code;
  e->errnum = errnum;
  vsnprintf(e->msg, sizeof e->msg, fmt, ap);
}

enum zhi_code zhi_fail(struct zhi_err *e, enum zhi_code code, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  fill(e, code, 0, fmt, ap);
  va_end(ap);
  return code;
}

enum zhi_code zhi_fail_errno(struct zhi_err *e, const char *fmt, ...) {
  int saved = errno;
  va_list ap;
  va_start(ap, fmt);
  fill(e, ZHI_EIO, saved, fmt, ap);
  va_end(ap);
  if (e) {
    size_t n = strlen(e->msg);
    char text[128];
    snprintf(e->msg + n, sizeof e->msg - n, ": %s", strerror_r(saved, text, sizeof text));
  }
  return ZHI_EIO;
}

bool zhi_err_is_disk(const struct zhi_err *e) {
  return e->errnum == ENOSPC || e->errnum == EDQUOT || e->errnum == EIO || e->errnum == EFBIG;
}

void zhi_err_prefix(struct zhi_err *e, const char *fmt, ...) {
  if (!e)
    return;
  char head[sizeof e->msg], whole[2 * sizeof e->msg + 2];
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(head, sizeof head, fmt, ap);
  va_end(ap);
  snprintf(whole, sizeof whole, "%s: %s", head, e->msg);
  memcpy(e->msg, whole, sizeof e->msg);
  e->msg[sizeof e->msg - 1] = '\0';
}

void zhi_say(void (*said)(void *ctx, const char *text), void *ctx, const char *fmt, ...) {
  char text[1024];
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  said(ctx, text);
}
