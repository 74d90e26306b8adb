/* Families of CMS, as a config may want to know them: what their lists are and what they ask of a crawl. The names are
 * those of the list adapters (config/adapters.yaml). */
#ifndef ZHI_CRAWLER_FAMILY_H
#define ZHI_CRAWLER_FAMILY_H

#include <stdbool.h>

#include "zhi/url.h"

struct zhi_family_facts {
  const char *adapter;
  const char *title; /* for people */
  const char *lists; /* how its lists come, for people */
  bool computed;     /* list pages are made by a program for each request: ask more slowly */
  const char *entry; /* address on the host that names all columns; NULL = none */
};

/* NULL: no such family. */
const struct zhi_family_facts *zhi_family_of(const char *adapter);
/* The adapter of the one family that has pages at addresses such as this, whatever stands on them; NULL: many might. */
const char *zhi_family_at(const struct zhi_url *u);

#endif
