/* Captions of groups of links; private to extract/cluster*.c. */
#ifndef ZHI_EXTRACT_CLUSTER_H
#define ZHI_EXTRACT_CLUSTER_H

#include "extract/ctx.h"

struct cluster_caption {
  const char *word; /* part of the caption */
  enum zhi_site_group group;
};
extern const struct cluster_caption zhi_cluster_captions[]; /* ends with a NULL word */

/* What a caption says of the sites below it. UNKNOWN: no caption. */
enum zhi_site_group zhi_cluster_group(struct zhi_str text);
/* Sites named in a script's strings, appended to doc->sites. */
void zhi_cluster_script(struct zhi_ctx *c, struct zhi_str host, struct zhi_str script);
/* Append one, unless the page's own host, full, or no web address. */
void zhi_cluster_add(struct zhi_ctx *c, struct zhi_str host, const struct zhi_neighbour *s);

#endif
