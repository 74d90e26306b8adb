/* Options: one table of rows drives the YAML reader, defaults, unit and range errors, and the manual page.
 *
 * A table is an array of struct zhi_option ended by a row without a name; each row says where in a
 * target struct its value goes. Nested YAML mappings are names with dots: "politeness.min_delay".
 * Every message of the reader begins "FILE:LINE:COLUMN: key 'x': …" (lines and columns from 1).
 *
 * C type of the target member, by row type:
 *   STRING char *            owned, NUL-terminated UTF-8; "" when not given and without a default
 *   LIST   struct zhi_strings
 *   MAP    struct zhi_strings  v[i] values, key[i] keys
 *   BOOL   bool
 *   INT, MS, BYTES, MILLI  int64_t   MS: milliseconds (ms s m h d), BYTES (B KB MB GB TB KiB MiB GiB TiB),
 *                                    MILLI: a decimal fraction × 1000 ("1.5" is 1500)
 *   ENUM   int               index into row.names
 *   HOURS  struct zhi_hours  "22:00-06:00", minutes of the day
 * Thread: a target has one owner while it is loaded, is read-only afterwards. */
#ifndef ZHI_OPTION_H
#define ZHI_OPTION_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "zhi/str.h"

enum zhi_option_type {
  ZHI_OPT_STRING,
  ZHI_OPT_LIST,
  ZHI_OPT_MAP,
  ZHI_OPT_BOOL,
  ZHI_OPT_INT,
  ZHI_OPT_MS,
  ZHI_OPT_BYTES,
  ZHI_OPT_MILLI,
  ZHI_OPT_ENUM,
  ZHI_OPT_HOURS
};

/* Where a value stands in its file; line 0 = nowhere (a default). */
struct zhi_mark {
  int line, column;
};

struct zhi_strings {
  char **v;
  char **key;          /* maps only */
  struct zhi_mark *at; /* of each value */
  size_t n;
};

/* From `from_min` up to, not including, `to_min`; from > to wraps midnight. {0, 1440} = always. */
struct zhi_hours {
  int from_min, to_min;
};

struct zhi_option {
  const char *name;
  enum zhi_option_type type;
  size_t offset;            /* in the target struct */
  const char *def;          /* default as text; NULL = empty, false, 0 */
  int64_t min, max;         /* inclusive; strings: bytes; lists and maps: entries */
  const char *const *names; /* ENUM: NULL-ended */
  bool required;
  const char *help; /* one sentence, no full stop */
};

/* The reader's memory of places, for cross checks by the caller: one mark a row. */
struct zhi_option_marks {
  const char *file; /* borrowed: for messages */
  struct zhi_mark *at;
};

/* Set every member of a zeroed target to its default, then from the YAML `text`; `file` is for messages.
 * On ZHI_OK target and marks are the caller's: zhi_option_release / zhi_option_marks_release.
 * ZHI_EUSAGE: the file is wrong (message as above; nothing to release). */
ZHI_NODISCARD enum zhi_code zhi_option_load(const struct zhi_option *rows, struct zhi_str text,
                                            const char *file, void *target,
                                            struct zhi_option_marks *marks, struct zhi_err *e);
/* Only the defaults; required rows stay empty. */
ZHI_NODISCARD enum zhi_code zhi_option_defaults(const struct zhi_option *rows, void *target,
                                                struct zhi_err *e);
void zhi_option_release(const struct zhi_option *rows, void *target);
void zhi_option_marks_release(struct zhi_option_marks *marks);

/* For cross checks: ZHI_EUSAGE with "FILE:LINE:COLUMN: key 'name': …" (without a place when the key was not
 * given). `at` overrides the row's own mark: for one entry of a list; NULL = the row's. */
enum zhi_code zhi_option_fail(const struct zhi_option *rows, const struct zhi_option_marks *marks,
                              const char *name, const struct zhi_mark *at, struct zhi_err *e,
                              const char *fmt, ...) ZHI_PRINTF(6, 7);

/* Was the key in the file? */
bool zhi_option_given(const struct zhi_option *rows, const struct zhi_option_marks *marks,
                      const char *name);

/* The table as a Markdown reference, appended: one section a group, one row an option. */
void zhi_option_markdown(const struct zhi_option *rows, struct zhi_buf *out);
/* The target as nested JSON objects, values in their canonical text or number form; a new reference, NULL
 * when out of memory. */
json_t *zhi_option_json(const struct zhi_option *rows, const void *target);

/* The value parsers, for command-line flags. ZHI_EUSAGE with the cause alone ("unknown unit 'x'; use …"). */
ZHI_NODISCARD enum zhi_code zhi_parse_ms(struct zhi_str s, int64_t *ms, struct zhi_err *e);
ZHI_NODISCARD enum zhi_code zhi_parse_bytes(struct zhi_str s, int64_t *bytes, struct zhi_err *e);
ZHI_NODISCARD enum zhi_code zhi_parse_milli(struct zhi_str s, int64_t *milli, struct zhi_err *e);
ZHI_NODISCARD enum zhi_code zhi_parse_hours(struct zhi_str s, struct zhi_hours *h,
                                            struct zhi_err *e);

#endif
