/* Fetch: one exchange on a libcurl easy handle. Net thread only.
 *
 * Redirects are not followed (each hop is a capture of its own), content coding is not undone, the address
 * is pinned and vetted at connect time. Callbacks only append to the item; the caller adds the handle to
 * its multi and, when libcurl is done with it, calls zhi_fetch_finish. */
#ifndef ZHI_CRAWLER_FETCH_H
#define ZHI_CRAWLER_FETCH_H

#include <curl/curl.h>
#include <openssl/x509_vfy.h>

#include "crawler/config.h"
#include "crawler/item.h"
#include "zhi/clock.h"

struct zhi_fetch_env {
  const struct zhi_config *config;
  const struct zhi_clock *clock;
  struct zhi_ids *ids;
  CURLSH *share;              /* cookies and TLS sessions of this crawl */
  struct curl_slist *headers; /* sent with every request */
  const char *user_agent;
  X509_STORE *trust; /* with http.tls record: what certificates are judged by; else NULL */
};

struct zhi_fetch {
  CURL *easy;
  const struct zhi_fetch_env *env;
  struct zhi_item *item;  /* owned until zhi_fetch_finish gives it back */
  void *owner;            /* the loop's bookkeeping */
  struct curl_slist *pin; /* CURLOPT_CONNECT_TO of this exchange */
  struct curl_slist *conditional;
  int64_t started_mono_ms;
  int64_t sent_mono_ms;               /* the request's head is out; 0 = not yet */
  int64_t seen_mono_ms, fast_mono_ms; /* the body: last look, last time it came fast enough */
  uint64_t seen_bytes;
  bool head_done, body_begun;
  bool head_overflow, body_overflow, refused_private, spool_failed, cancelled;
  bool unborn;            /* libcurl would not take it */
  struct zhi_fetch *next; /* in the loop's list of running or idle fetches */
  struct zhi_fetch *prev;
};

/* ZHI_ENOMEM only. The easy handle is kept for reuse between exchanges. */
ZHI_NODISCARD enum zhi_code zhi_fetch_new(const struct zhi_fetch_env *env, struct zhi_fetch **out,
                                          struct zhi_err *e);
void zhi_fetch_free(struct zhi_fetch *f);
/* Prepare the handle for `item` (ownership taken) at `address` (IP literal) and `port`. */
ZHI_NODISCARD enum zhi_code zhi_fetch_begin(struct zhi_fetch *f, struct zhi_item *item,
                                            const char *address, uint16_t port, struct zhi_err *e);
/* Is it over a limit that libcurl does not know: head_timeout from the request on, then low_speed? To be asked about
 * twice a second with zhi_mono_ms(); speed is that between two looks. */
bool zhi_fetch_is_late(struct zhi_fetch *f, int64_t mono_ms);
/* The exchange is over (or was cancelled): fill in verdict, status, timings, address, TLS; give the item back. */
struct zhi_item *zhi_fetch_finish(struct zhi_fetch *f, CURLcode code);

#endif
