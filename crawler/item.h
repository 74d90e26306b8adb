/* Item: one unit of work on its way through the crawl; whoever holds the pointer owns it.
 *
 *   net loop (fetch.c)   job → exchange: verdict, heads, body spool, timings
 *   worker (worker.c)    exchange → packed WARC records, document row, found URLs
 *   commit (commit.c)    append, sync, one transaction; then the item is freed
 * An item without an exchange (robots said no, the look-up failed before a connection) goes straight from
 * the loop to the commit thread. All strings live in the item's own arena. */
#ifndef ZHI_CRAWLER_ITEM_H
#define ZHI_CRAWLER_ITEM_H

#include <stdbool.h>
#include <stdint.h>

#include "zhi/arena.h"
#include "zhi/spool.h"
#include "zhi/store.h"
#include "zhi/warc.h"

struct zhi_item {
  struct zhi_arena arena;
  struct zhi_item *next; /* for whatever list its owner keeps */

  /* what was asked for */
  int64_t url_id; /* 0: robots.txt, unknown to the frontier */
  int64_t group_id, token;
  struct zhi_str url, origin, via, hops;
  struct zhi_ask ask;
  enum zhi_priority prio;
  uint16_t depth, attempts;
  bool robots;  /* robots.txt of some origin */
  bool probe;   /* a page that cannot exist (probe.h) */
  bool regroup; /* no request: `origin` answers from `ip`, move it to that group */
  struct zhi_str etag, last_modified;
  struct zhi_original
      original; /* the body of the last good answer; later, that of whom `revisit` refers to */
  struct zhi_str extractor_version; /* of the document made of it */

  /* what came of it */
  bool exchanged; /* a request went out: there is a capture */
  char capture_id[40];
  int64_t fetched_ms, duration_ms;
  enum zhi_verdict verdict;
  int status;
  struct zhi_buf request_head, response_head;
  struct zhi_spool body;
  bool was_chunked;
  struct zhi_str ip, tls_version, cipher_suite, error;
  const char *tls;              /* zhi_tls_word of the server's certificate; NULL: none was seen */
  const char *truncated;        /* "length" "time" "disconnect" or NULL */
  struct zhi_url_result result; /* of the lease; meaningless when url_id is 0 */
  bool has_group, has_origin;
  struct zhi_group_state group;
  struct zhi_origin_state origin_state;

  /* what the worker made of it */
  const char *revisit; /* WARC profile: the body is the original's; NULL = not */
  char payload_digest[ZHI_DIGEST_TEXT_SIZE];
  struct zhi_str metadata; /* lines of the metadata record */
  bool packed_ok;
  bool
      no_memory; /* it ran out in fetching or reading: nothing of it is kept, and it is asked for again */
  struct zhi_warc_packed packed;
  struct zhi_capture_row row;
  bool has_doc;
  struct zhi_doc_row doc;
  struct zhi_found *found;
  size_t found_count;
  struct zhi_str redirect_to;
  struct zhi_host_row *hosts; /* that its navigation names, or that it decides about */
  size_t host_count;
  bool redirect_gone;     /* it leads home or to an error page */
  const char *blocked_by; /* product that blocked us, NULL = not blocked */
};

/* ZHI_ENOMEM only. `spool_dir` must outlive the item. */
ZHI_NODISCARD enum zhi_code zhi_item_new(const char *spool_dir, uint64_t body_max,
                                         struct zhi_item **out, struct zhi_err *e);
void zhi_item_free(struct zhi_item *it);
/* Copy a job's strings in. False: out of memory. */
ZHI_NODISCARD bool zhi_item_from_job(struct zhi_item *it, const struct zhi_job *job,
                                     int64_t group_id, int64_t token);
/* Memory it holds, for the queues' byte bounds. */
size_t zhi_item_bytes(const struct zhi_item *it);

#endif
