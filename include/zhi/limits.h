/* Every cap on hostile input, by name. A parser that needs a bound takes it from here. */
#ifndef ZHI_LIMITS_H
#define ZHI_LIMITS_H

#define ZHI_MIB(n) ((size_t)(n) << 20)

enum {
  ZHI_URL_MAX_BYTES = 8192,          /* longer URLs are findings, never requested */
  ZHI_HEADER_MAX_BYTES = 256 * 1024, /* HTTP response head, all lines together */
  ZHI_ROBOTS_MAX_BYTES = 500 * 1024, /* RFC 9309 2.5 asks for at least 500 KiB */
  ZHI_ROBOTS_MAX_HOPS = 5,           /* RFC 9309 2.3.1.2 */
  ZHI_PAGE_MAX_LINKS = 20000,        /* links kept from one page */
  ZHI_PAGE_MAX_ANCHORS = 5000, /* links of one page that are compared with another reading's */
  ZHI_PAGE_MAX_FINDINGS = 64,
  ZHI_SITEMAP_MAX_URLS = 50000, /* sitemaps.org */
  ZHI_HOPS_MAX = 255,
  ZHI_PATH_REPEATS_MAX = 3, /* the same path segment this often = a trap */
  ZHI_PATH_SEGMENTS_MAX = 32,
  ZHI_QUERY_PARAMS_MAX = 24,
  ZHI_FIELD_MAX_BYTES = 8192 /* one field's value */
};

#define ZHI_DECODED_MAX_BYTES ZHI_MIB(64) /* content-decoded body looked at by extraction */
#define ZHI_DECODE_MAX_RATIO  200 /* and no more than this times the stored bytes (over 1 MiB) */
#define ZHI_SITEMAP_MAX_BYTES ZHI_MIB(50) /* sitemaps.org, uncompressed */
#define ZHI_HTML_MAX_BYTES    ZHI_MIB(16) /* larger HTML is scanned by tokens only */
#define ZHI_HTML_ARENA_BYTES  ZHI_MIB(96) /* tree, fields and text of one page */
#define ZHI_HTML_CPU_MS       3000        /* thread CPU for one page */

#endif
