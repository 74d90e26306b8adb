/* Sitemaps as sites publish them: sitemap XML and its index (sitemaps.org), RSS 0.9–2.0 and RDF, Atom, and plain
 * lists of URLs; gzip-packed or not, in any encoding, with sloppy namespaces, cut short, or malformed.
 *
 * No network, no external or declared entities. Bounded by ZHI_SITEMAP_MAX_BYTES (unpacked) and
 * ZHI_SITEMAP_MAX_URLS. Odd content is never an error. Thread: any. */
#ifndef ZHI_SITEMAP_H
#define ZHI_SITEMAP_H

#include <stdbool.h>
#include <stddef.h>

#include "zhi/arena.h"
#include "zhi/str.h"

enum zhi_sitemap_kind {
  ZHI_SITEMAP_UNKNOWN, /* no sitemap: nothing in it */
  ZHI_SITEMAP_URLSET,
  ZHI_SITEMAP_INDEX, /* its URLs are sitemaps */
  ZHI_SITEMAP_RSS,
  ZHI_SITEMAP_ATOM,
  ZHI_SITEMAP_TEXT
};
const char *
zhi_sitemap_kind_name(enum zhi_sitemap_kind k); /* "urlset" "index" "rss" "atom" "text" "unknown" */

struct zhi_sitemap {
  enum zhi_sitemap_kind kind;
  struct zhi_str *urls; /* absolute, serialised, without fragment */
  struct zhi_str
      *lastmod; /* as written (W3C date-time, RFC 822 in RSS), trimmed; the NULL view for none */
  size_t count;
  bool capped; /* a limit was reached: there is more */
};

/* `bytes` as received, content coding removed (a .gz file is unpacked here); `url`: where it came from. The result
 * lives in the arena, whose escape is not taken. ZHI_ENOMEM or ZHI_ELIMIT when the arena is full. */
ZHI_NODISCARD enum zhi_code zhi_sitemap_parse(struct zhi_arena *a, struct zhi_str bytes,
                                              struct zhi_str url, struct zhi_sitemap *out,
                                              struct zhi_err *e);

#endif
