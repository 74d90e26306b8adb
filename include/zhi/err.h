/* Errors: a code for the program, a message for the person.
 *
 * Every fallible function returns enum zhi_code and takes a last `struct zhi_err *e`, which may be
 * NULL. The lowest layer that knows the cause fills it; upper layers prepend their subject. Results
 * travel through out-parameters that stay untouched on failure. Odd *web content* is never an error:
 * it is a finding (doc.h) or a verdict (verdict.h).
 * Messages: lower case, cause first, subject quoted, no full stop: cannot open 'x': permission denied
 * Thread: any; a zhi_err belongs to its caller. */
#ifndef ZHI_ERR_H
#define ZHI_ERR_H

#include <stdarg.h>
#include <stdbool.h>

#define ZHI_NODISCARD         __attribute__((warn_unused_result))
#define ZHI_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

enum zhi_code {
  ZHI_OK = 0,
  ZHI_EOF,       /* nothing more to read */
  ZHI_ENOMEM,    /* allocation failed */
  ZHI_EIO,       /* the system refused: see zhi_err.errnum */
  ZHI_EPARSE,    /* malformed input */
  ZHI_ELIMIT,    /* a named cap was reached */
  ZHI_ECONFLICT, /* somebody else holds it */
  ZHI_EUSAGE,    /* wrong option, config or argument */
  ZHI_EBUG       /* a caller broke the contract */
};

struct zhi_err {
  enum zhi_code code;
  int errnum; /* errno of the failed call, 0 if none */
  char msg[480];
};

/* Fill `e` (NULL allowed) and return `code`, so that a function can `return zhi_fail(...)`. */
enum zhi_code zhi_fail(struct zhi_err *e, enum zhi_code code, const char *fmt, ...)
    ZHI_PRINTF(3, 4);

/* As zhi_fail with ZHI_EIO, and ": <strerror(errno)>" appended; keeps errno in e->errnum. */
enum zhi_code zhi_fail_errno(struct zhi_err *e, const char *fmt, ...) ZHI_PRINTF(2, 3);

/* Did the disk take no more, which may be mended while one waits? */
bool zhi_err_is_disk(const struct zhi_err *e);

/* Put "<text>: " before the message: the subject an upper layer knows. */
void zhi_err_prefix(struct zhi_err *e, const char *fmt, ...) ZHI_PRINTF(2, 3);

/* A finding of a check is no error: the line, cut at 1023 bytes, goes to whoever asked. It lives during the call. */
void zhi_say(void (*said)(void *ctx, const char *text), void *ctx, const char *fmt, ...)
    ZHI_PRINTF(3, 4);

#endif
