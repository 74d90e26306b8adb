/* robots.txt: RFC 9309, compiled for one product token, with Crawl-delay and Sitemap as extensions.
 *
 * Groups that name the token are merged; without one the groups of "*" hold; without those all is allowed.
 * The longest matching pattern wins, Allow on a tie. Patterns know `*` (any run) and a final `$` (end).
 * Comparison is of normalised octets (RFC 9309 2.2.2): an escaped unreserved character equals the bare one,
 * a bare non-ASCII byte equals its escaped form. The file may have a BOM, LF, CR or CRLF, lines of any
 * length; past ZHI_ROBOTS_MAX_BYTES it is ignored. Nothing in it is an error.
 * Matching allocates nothing and takes time linear in the path per rule.
 * Thread: immutable after parsing. */
#ifndef ZHI_ROBOTS_H
#define ZHI_ROBOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "zhi/str.h"

struct zhi_robots;

/* `token` is the product token ("xianzhi"; what follows a '/' is ignored). ZHI_ENOMEM only. */
ZHI_NODISCARD enum zhi_code zhi_robots_parse(struct zhi_str text, struct zhi_str token,
                                             struct zhi_robots **out, struct zhi_err *e);
/* What stands for a file that cannot be had: 4xx allow all, 5xx and network errors allow nothing. */
ZHI_NODISCARD enum zhi_code zhi_robots_fixed(bool allow, struct zhi_robots **out,
                                             struct zhi_err *e);
void zhi_robots_free(struct zhi_robots *r);

/* May this URL (or path with query) be requested? /robots.txt itself always may. The fragment is ignored.
 * *line (may be NULL) gets the line, from 1, of the rule that decided; 0 = none. */
bool zhi_robots_allowed(const struct zhi_robots *r, struct zhi_str url, size_t *line);
/* Milliseconds, the largest of the group; -1 = none. */
int64_t zhi_robots_crawl_delay_ms(const struct zhi_robots *r);
/* As they stand in the file, every group's; views into the object. */
size_t zhi_robots_sitemap_count(const struct zhi_robots *r);
struct zhi_str zhi_robots_sitemap(const struct zhi_robots *r, size_t i);

/* The same pattern language for other users: does the compiled form of `pattern` match `path`?
 * Compiles once; ZHI_ENOMEM only. */
struct zhi_pattern;
ZHI_NODISCARD enum zhi_code zhi_pattern_new(struct zhi_str pattern, struct zhi_pattern **out,
                                            struct zhi_err *e);
void zhi_pattern_free(struct zhi_pattern *p);
bool zhi_pattern_match(const struct zhi_pattern *p, struct zhi_str path);

#endif
