/* Cluster: which of the hosts that pages name in their navigation belong to the crawl.
 *
 * scope.discover_cluster: off does nothing, propose keeps what was found and why, follow also asks a department's host
 * for its home page, and takes the host in when that page carries a site code (网站标识码) of the same division. A
 * caption alone is never enough, nor is a host outside gov.cn ever asked. The division is the config's, else that of
 * the seeds' own pages.
 * Thread: all functions lock. */
#ifndef ZHI_CRAWLER_CLUSTER_H
#define ZHI_CRAWLER_CLUSTER_H

#include "crawler/config.h"
#include "crawler/item.h"
#include "zhi/doc.h"
#include "zhi/map.h"
#include "zhi/url.h"

struct zhi_scope;
struct zhi_cluster;
/* Borrows `config` for its life. */
ZHI_NODISCARD enum zhi_code zhi_cluster_new(const struct zhi_config *config,
                                            struct zhi_cluster **out, struct zhi_err *e);
void zhi_cluster_free(struct zhi_cluster *cl);
/* What an earlier run found out. */
ZHI_NODISCARD enum zhi_code zhi_cluster_restore(struct zhi_cluster *cl,
                                                const struct zhi_host_row *row, struct zhi_err *e);
/* Did the host join while crawling? `host` in lower case. */
bool zhi_cluster_has(struct zhi_cluster *cl, struct zhi_str host);
/* Is this URL off the cluster to be asked all the same: a candidate's home page, or (`redirect`) where that leads on
 * the same host? */
bool zhi_cluster_asks(struct zhi_cluster *cl, const struct zhi_url *url, bool redirect);
/* Decide about a site; strings of the row are in `a` or static. False: its host cannot be read. */
bool zhi_cluster_judge(struct zhi_cluster *cl, const struct zhi_scope *scope,
                       const struct zhi_neighbour *site, struct zhi_str via, struct zhi_arena *a,
                       struct zhi_host_row *row);
/* A page was read: learn the division from a seed, judge a candidate by its site code, and put what navigation it has
 * into it->hosts. `seen` spares what was handed on lately. *in_scope says whether the page's host is of the cluster. */
void zhi_cluster_read(struct zhi_cluster *cl, const struct zhi_scope *scope, struct zhi_item *it,
                      const struct zhi_url *url, const struct zhi_doc *d, struct zhi_seen *seen,
                      bool *in_scope);
/* Were there new candidates or members since the last call? Then excluded URLs are worth another look. */
bool zhi_cluster_changed(struct zhi_cluster *cl);

#endif
