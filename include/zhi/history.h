/* History: the versions of what a URL showed, and what became of it. Read-only; any handle. For commands that list,
 * compare and cite versions. Strings handed to a call back live during the call. Times are UTC milliseconds; 0 = none.
 * Errors: ZHI_EIO, ZHI_ENOMEM; what the call back returns ends the walk and is passed on. */
#ifndef ZHI_HISTORY_H
#define ZHI_HISTORY_H

#include "zhi/arena.h"
#include "zhi/store.h"

/* A version of a URL. It begins with capture `first`; `content` is the last capture whose own document shows it. */
struct zhi_version {
  const char *url, *url_key, *kind, *title; /* kind, title: "" without a document */
  const char *text_digest, *payload_digest, *crawl;
  int64_t number; /* 1, 2, … of the URL */
  int64_t first, last, content;
  int64_t captured_ms, last_seen_ms;
  bool current; /* what the URL showed last */
};
typedef enum zhi_code zhi_version_fn(void *ctx, const struct zhi_version *v, struct zhi_err *e);
/* Those of a URL's key (its URL with and without www, http and https), oldest first. */
ZHI_NODISCARD enum zhi_code zhi_history_of_key(struct zhi_store *s, struct zhi_str url_key,
                                               zhi_version_fn *fn, void *ctx, struct zhi_err *e);
/* Those that a crawl after `crawl_id` began, in the order of their capture: what is new and what was edited. */
ZHI_NODISCARD enum zhi_code zhi_history_since(struct zhi_store *s, int64_t crawl_id,
                                              zhi_version_fn *fn, void *ctx, struct zhi_err *e);
/* The body text that a version shows; "" when it has none. The arena's. */
ZHI_NODISCARD enum zhi_code zhi_history_text(struct zhi_store *s, const struct zhi_version *v,
                                             struct zhi_arena *a, struct zhi_str *out,
                                             struct zhi_err *e);

/* A URL's row in the ledger. */
struct zhi_ledger_entry {
  const char *url;
  const char *state; /* live removed moved blocked unreachable reappeared */
  const char *moved_to;
  int64_t first_seen_ms, last_seen_ms, last_ok_ms, gone_since_ms, delisted_ms;
  int64_t gone_crawls, interval_ms;
};
typedef enum zhi_code zhi_ledger_fn(void *ctx, const struct zhi_ledger_entry *l, struct zhi_err *e);
/* One URL (exact text), or all of a state, or all (both NULL views), by URL id. */
ZHI_NODISCARD enum zhi_code zhi_history_ledger(struct zhi_store *s, struct zhi_str url,
                                               struct zhi_str state, zhi_ledger_fn *fn, void *ctx,
                                               struct zhi_err *e);

#endif
