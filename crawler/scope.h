/* Scope: which of the URLs that pages name are requested, in which order, and why the others are not.
 *
 * Two steps. zhi_scope_clean drops by rule what only identifies a visit (session ids, cache busters);
 * zhi_scope_decide judges the clean URL. Exclusions are rows of one table in scope.c, each with a reason
 * code and a sentence; what they exclude is listed in reports, never silent. No state: traps that need
 * history are trap.h. Thread: one owner until zhi_scope_set_cluster, read-only after. */
#ifndef ZHI_CRAWLER_SCOPE_H
#define ZHI_CRAWLER_SCOPE_H

#include <stdbool.h>
#include <stdint.h>

#include "crawler/config.h"
#include "zhi/doc.h"
#include "zhi/store.h"
#include "zhi/url.h"

struct zhi_scope;
struct zhi_cluster;

/* Borrows `c` for its life. ZHI_ENOMEM only. */
ZHI_NODISCARD enum zhi_code zhi_scope_new(const struct zhi_config *c, struct zhi_scope **out,
                                          struct zhi_err *e);
void zhi_scope_free(struct zhi_scope *s);
/* Hosts that join while the crawl runs; borrowed, may be NULL. */
void zhi_scope_set_cluster(struct zhi_scope *s, struct zhi_cluster *cluster);
/* Is the host one of the cluster? By domains, seeds' hosts and the cluster's; any letter case. */
bool zhi_scope_has_host(const struct zhi_scope *s, struct zhi_str host);

struct zhi_scope_link {
  enum zhi_link_kind kind;
  struct zhi_str text;  /* anchor text; may be empty */
  bool seed;            /* from the config: only host and scheme are judged */
  bool redirect;        /* target of a redirect: keeps the rank of its kind */
  bool as_member;       /* judge as if the host were of the cluster */
  bool parent_in_scope; /* the page it was found on is of the cluster */
  bool nofollow;        /* rel=nofollow or meta */
  unsigned depth;       /* hops from a seed, of this URL */
};
struct zhi_scope_decision {
  const char *reason; /* NULL = fetch; else a code of the table: "off_scope", "login", … (static) */
  enum zhi_priority prio;
  bool off_host; /* fetched for its parent only; the address must be public */
};
void zhi_scope_decide(const struct zhi_scope *s, const struct zhi_url *url,
                      const struct zhi_scope_link *link, struct zhi_scope_decision *out);

/* The URL to request: `url` without fragment, session ids and cache busters; everything else byte for byte
 * as it is. Replaces the content of *out. Returns whether anything but the fragment was dropped. */
bool zhi_scope_clean(const struct zhi_url *url, struct zhi_buf *out);

/* One English sentence for a reason code; the code itself when unknown. */
const char *zhi_scope_explain(const char *reason);

#endif
