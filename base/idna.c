/* Domain to ASCII: UTS #46, nontransitional, as browsers do it, through ICU's uidna.
 *
 * libidn2 was tried and refuses much that the URL Standard takes (any hyphen in third and fourth place or
 * at an end, symbols, long labels); ICU reports those as separate error bits, which are ignored here as
 * the standard's CheckHyphens=false and VerifyDnsLength=false say. ICU is in every process already: libxml2
 * is linked with it. ICU 72 knows UTS #46 of Unicode 15.0; the few characters that later versions treat
 * differently are mapped before it sees them. */
#include <unicode/uidna.h>

#include "base/url_internal.h"

/* Punycode costs the square of the length; no name that can be resolved has over 253 bytes. */
enum { UNICODE_DOMAIN_MAX_BYTES = 4096 };

static const struct {
  unsigned from, to; /* to 0 = ignored */
} newer[] = {
    {0x180E, 0},       {0x1E9E, 0xDF},    {0x206A, 0},       {0x206B, 0},       {0x206C, 0},
    {0x206D, 0},       {0x206E, 0},       {0x206F, 0},       {0x2132, 0x214E},  {0x2183, 0x2184},
    {0x2F868, 0x36FC}, {0x2F874, 0x5F33}, {0x2F91F, 0x43AB}, {0x2F95F, 0x7AAE}, {0x2F9BF, 0x4D57},
};

static void add_mapped(struct zhi_str domain, struct zhi_buf *out) {
  for (size_t i = 0; i < domain.len;) {
    unsigned cp;
    size_t n = zhi_utf8_next(domain.p + i, domain.len - i, &cp), k = 0;
    while (k < sizeof newer / sizeof *newer && newer[k].from != cp)
      k++;
    if (cp < 0x80 || k == sizeof newer / sizeof *newer)
      zhi_buf_add(out, domain.p + i, n);
    else if (newer[k].to)
      zhi_buf_add_utf8(out, newer[k].to);
    i += n;
  }
}

static bool is_ascii(struct zhi_str s) {
  for (size_t i = 0; i < s.len; i++)
    if ((unsigned char)s.p[i] >= 0x80)
      return false;
  return true;
}

static void add_lower(struct zhi_str s, struct zhi_buf *out) {
  if (!zhi_buf_reserve(out, s.len))
    return;
  for (size_t i = 0; i < s.len; i++) {
    char c = s.p[i];
    out->p[out->len++] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
  }
  out->p[out->len] = '\0';
}

static bool icu_to_ascii(const UIDNA *idna, struct zhi_str s, struct zhi_buf *out) {
  const uint32_t tolerated = UIDNA_ERROR_EMPTY_LABEL | UIDNA_ERROR_LABEL_TOO_LONG |
                             UIDNA_ERROR_DOMAIN_NAME_TOO_LONG | UIDNA_ERROR_LEADING_HYPHEN |
                             UIDNA_ERROR_TRAILING_HYPHEN | UIDNA_ERROR_HYPHEN_3_4;
  size_t room = s.len * 2 + 64;
  for (int attempt = 0; attempt < 2; attempt++) {
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    UErrorCode status = U_ZERO_ERROR;
    if (!zhi_buf_reserve(out, room))
      return false;
    int32_t n = uidna_nameToASCII_UTF8(idna, s.p, (int32_t)s.len, out->p + out->len, (int32_t)room,
                                       &info, &status);
    if (status == U_BUFFER_OVERFLOW_ERROR && n > 0) {
      room = (size_t)n + 1;
      continue;
    }
    if (U_FAILURE(status) || (info.errors & ~tolerated) || n < 0)
      break;
    out->len += (size_t)n;
    out->p[out->len] = '\0';
    return true;
  }
  out->p[out->len] = '\0';
  return false;
}

bool zhi_domain_to_ascii(struct zhi_str domain, struct zhi_buf *out) {
  if (is_ascii(
          domain)) { /* whatever its labels claim to be: the standard's concession to the web */
    add_lower(domain, out);
    return !out->failed;
  }
  if (domain.len > UNICODE_DOMAIN_MAX_BYTES)
    return false;
  UErrorCode status = U_ZERO_ERROR;
  UIDNA *idna = uidna_openUTS46(
      UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_NONTRANSITIONAL_TO_ASCII, &status);
  if (U_FAILURE(status))
    return false;
  struct zhi_buf mapped;
  zhi_buf_init(&mapped, UNICODE_DOMAIN_MAX_BYTES);
  add_mapped(domain, &mapped);
  bool ok = !mapped.failed && icu_to_ascii(idna, zhi_buf_view(&mapped), out);
  zhi_buf_release(&mapped);
  uidna_close(idna);
  return ok;
}
