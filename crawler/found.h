/* Found: every URL that an exchange names, judged by scope. The collecting half of a worker: links, list items and
 * list pages, redirects, sitemaps, what robots.txt names. Thread: one owner. */
#ifndef ZHI_CRAWLER_FOUND_H
#define ZHI_CRAWLER_FOUND_H

#include "crawler/cluster.h"
#include "crawler/config.h"
#include "crawler/item.h"
#include "crawler/scope.h"
#include "zhi/doc.h"
#include "zhi/map.h"
#include "zhi/url.h"

/* The exchange as the worker reads it. */
struct zhi_exchange {
  struct zhi_http_head head;
  bool has_head;
  char mime[96];
  struct zhi_str http_charset, content_type;
  struct zhi_str body; /* decoded; NULL view when there is none */
  struct zhi_url url;
  bool has_url, in_scope;
  const struct zhi_doc *doc; /* NULL when not extracted */
  const char *damage;
  struct zhi_str charset, charset_source;
};

struct zhi_finder {
  const struct zhi_config *config; /* these three borrowed */
  const struct zhi_scope *scope;
  struct zhi_cluster *cluster;
  struct zhi_seen seen;  /* links handed on lately */
  struct zhi_buf text;   /* scratch: a style sheet or XML, decoded */
  struct zhi_buf clean;  /* scratch: a cleaned URL */
  struct zhi_buf origin; /* scratch */
  struct zhi_arena
      scratch; /* links of style sheets and XML; reset for each exchange by who calls */
};

/* ZHI_ENOMEM only; to be released whatever comes of it. */
ZHI_NODISCARD enum zhi_code zhi_finder_init(struct zhi_finder *f, const struct zhi_config *config,
                                            const struct zhi_scope *scope,
                                            struct zhi_cluster *cluster, struct zhi_err *e);
void zhi_finder_release(struct zhi_finder *f);
/* Put into it->found everything this exchange names; it->no_memory where some is lost for want of memory. May be left
 * by longjmp when an arena (the item's, `scratch`) is full: what was found until then stays. */
void zhi_find_urls(struct zhi_finder *f, struct zhi_item *it, const struct zhi_exchange *v);

#endif
