/* What the URL parser's files share: percent-encode sets, the host parser, domain to ASCII. Private to base/.
 * Source: https://url.spec.whatwg.org sections 1.3 (percent-encoded bytes), 3 (hosts). */
#ifndef ZHI_BASE_URL_INTERNAL_H
#define ZHI_BASE_URL_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "zhi/str.h"

/* Classes of a byte, as bits: membership of the percent-encode sets and of the forbidden sets. */
enum url_class {
  URL_SET_C0 = 1, /* C0 control percent-encode set; all bytes over 7E */
  URL_SET_FRAGMENT = 2,
  URL_SET_QUERY = 4,
  URL_SET_SPECIAL_QUERY = 8,
  URL_SET_PATH = 16,
  URL_SET_USERINFO = 32,
  URL_FORBIDDEN_HOST = 64,   /* forbidden host code points */
  URL_FORBIDDEN_DOMAIN = 128 /* forbidden domain code points */
};
extern const uint8_t zhi_url_class[256];

static inline bool zhi_url_in(unsigned char c, unsigned set) {
  return (zhi_url_class[c] & set) != 0;
}
static inline int zhi_url_hex(unsigned char c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

/* The default port of a special scheme (4.2), 0 for "file"; -1: the scheme is not special. */
int zhi_special_port(struct zhi_str scheme);

/* Append s, each byte of `set` as %XX. s is well-formed UTF-8. */
void zhi_url_add_encoded(struct zhi_buf *out, struct zhi_str s, unsigned set);
/* Append s with %XX turned into bytes; what is not a pair of hex digits stays. */
void zhi_url_add_decoded(struct zhi_buf *out, struct zhi_str s);

/* The host parser (3.5): appends the serialised host. false: not a host. `special`: domain rules. */
bool zhi_host_parse(struct zhi_str in, bool special, struct zhi_buf *out);
/* A host written in the forms of an IPv4 address ("0x7f.1"): 1 = address in *v, 0 = it does not end in a
 * number, -1 = it does but is no address (3.5.1, 3.5.2). */
int zhi_ipv4_parse(struct zhi_str host, uint32_t *v);
/* An IPv6 address without brackets, in 8 pieces (3.5.3). */
bool zhi_ipv6_parse(struct zhi_str in, uint16_t piece[8]);

/* Domain to ASCII (3.3): UTS #46, nontransitional, CheckHyphens and VerifyDnsLength off. `domain` is
 * well-formed UTF-8. Appends the result, which may still hold forbidden code points. */
bool zhi_domain_to_ascii(struct zhi_str domain, struct zhi_buf *out);

#endif
