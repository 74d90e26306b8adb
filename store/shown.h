/* More of include/zhi/compare.h's captures, for store/ alone. *found false: there is none. */
#ifndef ZHI_STORE_SHOWN_H
#define ZHI_STORE_SHOWN_H

#include "store/internal.h"
#include "zhi/arena.h"
#include "zhi/compare.h"

/* The last millisecond of a time as people write it (compare.h); INT64_MAX for none. ZHI_EUSAGE. */
enum zhi_code zhi_shown_until(struct zhi_str text, int64_t *ms, struct zhi_err *e);
enum zhi_code zhi_shown_capture(struct zhi_store *s, int64_t capture_id, struct zhi_arena *a,
                                struct zhi_shown *out, bool *found, struct zhi_err *e);
/* The comparison of a version's first capture with what stood there before. ZHI_EOF: there is no such version. */
enum zhi_code zhi_compare_version(struct zhi_store *s, int64_t version_id, json_t **out,
                                  struct zhi_err *e);
/* The last capture of what stood there before `b`'s version. */
enum zhi_code zhi_shown_before(struct zhi_store *s, const struct zhi_shown *b, struct zhi_arena *a,
                               struct zhi_shown *out, bool *found, struct zhi_err *e);
/* The first of the key. */
enum zhi_code zhi_shown_first(struct zhi_store *s, struct zhi_str key, struct zhi_arena *a,
                              struct zhi_shown *out, bool *found, struct zhi_err *e);
/* The last of the key in that crawl, or before. */
enum zhi_code zhi_shown_in_crawl(struct zhi_store *s, struct zhi_str key, int64_t crawl_id,
                                 struct zhi_arena *a, struct zhi_shown *out, bool *found,
                                 struct zhi_err *e);

#endif
