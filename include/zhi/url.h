/* URLs: the WHATWG URL Standard (https://url.spec.whatwg.org), and the key that archives sort by.
 *
 * A zhi_url owns its serialisation; the parts are offsets into it. Percent-bytes are never re-encoded. */
#ifndef ZHI_URL_H
#define ZHI_URL_H

#include <stdbool.h>
#include <stdint.h>

#include "zhi/encoding.h"
#include "zhi/str.h"

struct zhi_url {
  struct zhi_buf href;   /* whole serialisation; owned */
  struct zhi_str scheme; /* "http", without colon; views into href */
  struct zhi_str username, password;
  struct zhi_str host;     /* as serialised: punycode, [::1]; NULL view when the URL has none */
  struct zhi_str port;     /* digits, empty when default or none */
  struct zhi_str path;     /* with its leading slash; opaque paths as they are */
  struct zhi_str query;    /* without '?'; NULL view when there is none */
  struct zhi_str fragment; /* without '#'; NULL view when there is none */
  bool special;            /* http https ws wss ftp file */
  bool opaque_path;
};

/* Parse `input` against `base` (NULL: must be absolute). `enc` is the document's encoding, for the query
 * (NULL = UTF-8). On ZHI_OK *out is initialised: release it. ZHI_EPARSE: not a URL, nothing to release.
 * ZHI_ELIMIT: longer than ZHI_URL_MAX_BYTES × 4 before parsing or after. */
ZHI_NODISCARD enum zhi_code zhi_url_parse(struct zhi_str input, const struct zhi_url *base,
                                          const struct zhi_encoding *enc, struct zhi_url *out,
                                          struct zhi_err *e);
/* The same into a zhi_url that zhi_url_init or an earlier parse prepared, whose buffer is used again: no
 * malloc for a link that fits. On failure its parts are undefined; it can be parsed into again and must be
 * released in the end. `base` must not be `out`. */
ZHI_NODISCARD enum zhi_code zhi_url_parse_into(struct zhi_str input, const struct zhi_url *base,
                                               const struct zhi_encoding *enc, struct zhi_url *out,
                                               struct zhi_err *e);
void zhi_url_init(struct zhi_url *u);
void zhi_url_release(struct zhi_url *u);
bool zhi_url_is_http(const struct zhi_url *u);
/* Port to connect to: explicit or the scheme's default; 0 when unknown. */
uint16_t zhi_url_port(const struct zhi_url *u);
/* "http://host[:port]" appended to out: what robots.txt and politeness belong to. */
void zhi_url_origin(const struct zhi_url *u, struct zhi_buf *out);
/* Serialisation without the fragment (a view into href). */
struct zhi_str zhi_url_without_fragment(const struct zhi_url *u);

/* The SURT key that pywb and the Python `surt` package make ("cn,gov,x)/a/b?c=d"), appended to out.
 * Any text is accepted; what cannot be parsed is returned lower-cased as it is. */
void zhi_surt(struct zhi_str url, struct zhi_buf *out);

/* The registrable domain of a host by the Public Suffix List ("x.gov.cn"; gov.cn is a suffix); the host
 * itself for addresses and suffixes. View into `host`. */
struct zhi_str zhi_registrable(struct zhi_str host);

/* Is this address private, loopback, link-local, multicast, or otherwise not public unicast? `text` is an
 * IPv4 or IPv6 literal without brackets. Unparseable = true. */
bool zhi_address_is_private(const char *text);

#endif
