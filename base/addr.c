/* Which addresses a crawler may connect to: public unicast only.
 *
 * Sources: the IANA IPv4 and IPv6 special-purpose address registries (RFC 6890), RFC 5771, RFC 4291.
 * IPv6 forms that carry an IPv4 address (mapped, compatible, NAT64, 6to4) are judged by that address. */
#include <arpa/inet.h>

#include "zhi/url.h"

static const struct {
  uint32_t net;
  unsigned bits;
} reserved4[] = {
    {0x00000000, 8},  /* this network */
    {0x0A000000, 8},  /* private */
    {0x64400000, 10}, /* shared, RFC 6598 */
    {0x7F000000, 8},  /* loopback */
    {0xA9FE0000, 16}, /* link-local */
    {0xAC100000, 12}, /* private */
    {0xC0000000, 24}, /* IETF protocol assignments */
    {0xC0000200, 24}, /* documentation */
    {0xC0586300, 24}, /* 6to4 relay, deprecated */
    {0xC0A80000, 16}, /* private */
    {0xC6120000, 15}, /* benchmarking */
    {0xC6336400, 24}, /* documentation */
    {0xCB007100, 24}, /* documentation */
    {0xE0000000, 3},  /* multicast, reserved, broadcast */
};

static bool is_private4(uint32_t a) {
  for (size_t i = 0; i < sizeof reserved4 / sizeof *reserved4; i++)
    if ((a ^ reserved4[i].net) >> (32 - reserved4[i].bits) == 0)
      return true;
  return false;
}

static uint32_t be32(const unsigned char *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool has_prefix(const unsigned char *a, const char *prefix, size_t n) {
  return memcmp(a, prefix, n) == 0;
}

static bool is_private6(const unsigned char a[16]) {
  if (has_prefix(a, "\0\0\0\0\0\0\0\0\0\0\xFF\xFF", 12)) /* IPv4-mapped */
    return is_private4(be32(a + 12));
  if (has_prefix(a, "\0\x64\xFF\x9B\0\0\0\0\0\0\0\0", 12)) /* NAT64 */
    return is_private4(be32(a + 12));
  if (has_prefix(a, "\x20\x02", 2)) /* 6to4 */
    return is_private4(be32(a + 2));
  if ((a[0] & 0xE0) != 0x20) /* all but global unicast 2000::/3 */
    return true;
  return has_prefix(a, "\x20\x01\0\0", 4) ||                          /* Teredo */
         has_prefix(a, "\x20\x01\x0D\xB8", 4) ||                      /* documentation */
         has_prefix(a, "\x20\x01\0\x02\0\0", 6) ||                    /* benchmarking */
         (has_prefix(a, "\x20\x01\0", 3) && (a[3] & 0xE0) == 0x20) || /* ORCHID v2, drone ids */
         (has_prefix(a, "\x20\x01\0", 3) && (a[3] & 0xF0) == 0x10) || /* ORCHID */
         (a[0] == 0x3F && a[1] == 0xFF && (a[2] & 0xF0) == 0);        /* documentation, RFC 9637 */
}

bool zhi_address_is_private(const char *text) {
  unsigned char v6[16], v4[4];
  char bare[INET6_ADDRSTRLEN];
  size_t n = text ? strcspn(text, "%") : 0; /* a zone is no part of the address */
  if (n == 0 || n >= sizeof bare)
    return true;
  memcpy(bare, text, n);
  bare[n] = '\0';
  if (inet_pton(AF_INET, bare, v4) == 1)
    return is_private4(be32(v4));
  return inet_pton(AF_INET6, bare, v6) != 1 || is_private6(v6);
}
