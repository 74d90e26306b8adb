/* Hosts of the URL Standard: percent-decoding, IPv4 in all its spellings, IPv6 and its shortest form
 * (RFC 5952), opaque hosts; names go through zhi_domain_to_ascii.
 *
 * The byte classes live here: one table of 256 bytes answers every "is c in set S" of the parser. */
#include "base/url_internal.h"

/* Sets grow from C0 to USERINFO (each holds the one before, but SPECIAL_QUERY, which is QUERY and '). */
#define S_C0    (URL_SET_C0 | S_FRAG)
#define S_FRAG  (URL_SET_FRAGMENT | S_USER)
#define S_QUERY (URL_SET_QUERY | URL_SET_SPECIAL_QUERY | S_PATH)
#define S_PATH  (URL_SET_PATH | S_USER)
#define S_USER  URL_SET_USERINFO
#define F_HOST  (URL_FORBIDDEN_HOST | URL_FORBIDDEN_DOMAIN)
#define F_DOM   URL_FORBIDDEN_DOMAIN
#define CTL     (S_C0 | S_QUERY | F_DOM)
#define HIGH    (S_C0 | S_QUERY)

const uint8_t zhi_url_class[256] = {
    [0x00] = CTL | F_HOST,
    [0x01 ... 0x08] = CTL,
    [0x09 ... 0x0A] = CTL | F_HOST,
    [0x0B ... 0x0C] = CTL,
    [0x0D] = CTL | F_HOST,
    [0x0E ... 0x1F] = CTL,
    [' '] = S_FRAG | S_QUERY | F_HOST,
    ['"'] = S_FRAG | S_QUERY,
    ['#'] = S_QUERY | F_HOST,
    ['%'] = F_DOM,
    ['\''] = URL_SET_SPECIAL_QUERY,
    ['/'] = S_USER | F_HOST,
    [':'] = S_USER | F_HOST,
    [';'] = S_USER,
    ['<'] = S_FRAG | S_QUERY | F_HOST,
    ['='] = S_USER,
    ['>'] = S_FRAG | S_QUERY | F_HOST,
    ['?'] = S_PATH | F_HOST,
    ['@'] = S_USER | F_HOST,
    ['['] = S_USER | F_HOST,
    ['\\'] = S_USER | F_HOST,
    [']'] = S_USER | F_HOST,
    ['^'] = S_PATH | F_HOST,
    ['`'] = S_FRAG | S_PATH,
    ['{'] = S_PATH,
    ['|'] = S_USER | F_HOST,
    ['}'] = S_PATH,
    [0x7F] = CTL,
    [0x80 ... 0xFF] = HIGH,
};

static const char hex_digits[] = "0123456789ABCDEF";

void zhi_url_add_encoded(struct zhi_buf *out, struct zhi_str s, unsigned set) {
  size_t i = 0;
  while (i < s.len) {
    size_t run = i;
    while (run < s.len && !zhi_url_in((unsigned char)s.p[run], set))
      run++;
    zhi_buf_add(out, s.p + i, run - i);
    for (i = run; i < s.len && zhi_url_in((unsigned char)s.p[i], set); i++) {
      unsigned char c = (unsigned char)s.p[i];
      zhi_buf_add(out, (char[]){'%', hex_digits[c >> 4], hex_digits[c & 15]}, 3);
    }
  }
}

void zhi_url_add_decoded(struct zhi_buf *out, struct zhi_str s) {
  for (size_t i = 0; i < s.len; i++) {
    int hi, lo;
    if (s.p[i] == '%' && s.len - i > 2 && (hi = zhi_url_hex((unsigned char)s.p[i + 1])) >= 0 &&
        (lo = zhi_url_hex((unsigned char)s.p[i + 2])) >= 0) {
      zhi_buf_addc(out, (char)(hi * 16 + lo));
      i += 2;
    } else {
      zhi_buf_addc(out, s.p[i]);
    }
  }
}

/* --- IPv4 ------------------------------------------------------------------------------------------- */

/* The IPv4 number parser: decimal, 0octal, 0xhex. Values over 2^32 are clamped to 2^32. */
static bool ipv4_number(struct zhi_str s, uint64_t *out) {
  unsigned base = 10;
  if (!s.len)
    return false;
  if (s.len >= 2 && s.p[0] == '0' && (s.p[1] | 0x20) == 'x') {
    base = 16;
    s = zhi_str_sub(s, 2, s.len);
  } else if (s.len >= 2 && s.p[0] == '0') {
    base = 8;
    s = zhi_str_sub(s, 1, s.len);
  }
  uint64_t v = 0;
  for (size_t i = 0; i < s.len; i++) {
    int d = zhi_url_hex((unsigned char)s.p[i]);
    if (d < 0 || (unsigned)d >= base)
      return false;
    v = v * base + (unsigned)d;
    if (v > UINT64_C(1) << 32)
      v = UINT64_C(1) << 32;
  }
  *out = v;
  return true;
}

static bool all_digits(struct zhi_str s) {
  for (size_t i = 0; i < s.len; i++)
    if (s.p[i] < '0' || s.p[i] > '9')
      return false;
  return s.len > 0;
}

static bool ends_in_number(struct zhi_str host) {
  if (host.len && host.p[host.len - 1] == '.')
    host.len--;
  size_t at = host.len;
  while (at && host.p[at - 1] != '.')
    at--;
  struct zhi_str last = zhi_str_sub(host, at, host.len);
  uint64_t v;
  return all_digits(last) || ipv4_number(last, &v);
}

int zhi_ipv4_parse(struct zhi_str host, uint32_t *v) {
  if (!ends_in_number(host))
    return 0;
  if (host.p[host.len - 1] == '.')
    host.len--;
  uint64_t number[4], address = 0;
  unsigned n = 0;
  for (struct zhi_str rest = host; rest.p; n++) {
    struct zhi_str part = zhi_str_cut(&rest, '.');
    if (n == 4 || !ipv4_number(part, &number[n]))
      return -1;
  }
  for (unsigned i = 0; i + 1 < n; i++) {
    if (number[i] > 255)
      return -1;
    address |= number[i] << (8 * (3 - i));
  }
  if (number[n - 1] >= UINT64_C(1) << (8 * (5 - n)))
    return -1;
  *v = (uint32_t)(address + number[n - 1]);
  return 1;
}

/* --- IPv6 ------------------------------------------------------------------------------------------- */

/* The dotted tail of an IPv6 address: exactly four decimals without leading zeros. */
static bool ipv6_dotted(struct zhi_str s, uint16_t piece[2]) {
  unsigned n = 0;
  for (struct zhi_str rest = s; rest.p; n++) {
    struct zhi_str part = zhi_str_cut(&rest, '.');
    unsigned long long v;
    if (n == 4 || part.len > 3 || !zhi_str_u64(part, 255, &v) || (part.len > 1 && part.p[0] == '0'))
      return false;
    piece[n / 2] = (uint16_t)(n % 2 ? piece[n / 2] | v : v << 8);
  }
  return n == 4;
}

bool zhi_ipv6_parse(struct zhi_str in, uint16_t piece[8]) {
  unsigned n = 0;
  int gap = -1;
  size_t i = 0;
  memset(piece, 0, 8 * sizeof *piece);
  if (in.len && in.p[0] == ':') {
    if (in.len < 2 || in.p[1] != ':')
      return false;
    i = 2;
    gap = 0;
  }
  while (i < in.len) {
    if (n == 8)
      return false;
    if (in.p[i] == ':') { /* the second colon of "::" */
      if (gap >= 0)
        return false;
      gap = (int)n;
      i++;
      continue;
    }
    unsigned v = 0;
    size_t start = i;
    int d;
    while (i < in.len && i - start < 4 && (d = zhi_url_hex((unsigned char)in.p[i])) >= 0) {
      v = v * 16 + (unsigned)d;
      i++;
    }
    if (i < in.len && in.p[i] == '.') {
      if (n > 6 || !ipv6_dotted(zhi_str_sub(in, start, in.len), &piece[n]))
        return false;
      n += 2;
      break;
    }
    if (i == start || (i < in.len && in.p[i] != ':'))
      return false;
    if (i < in.len && ++i == in.len) /* a single colon at the end */
      return false;
    piece[n++] = (uint16_t)v;
  }
  if (gap < 0)
    return n == 8;
  if (n == 8)
    return false;
  unsigned tail = n - (unsigned)gap;
  memmove(&piece[8 - tail], &piece[gap], tail * sizeof *piece);
  memset(&piece[gap], 0, (8 - n) * sizeof *piece);
  return true;
}

/* RFC 5952: lower case, no leading zeros, the first longest run of two or more zero pieces as "::". */
static void ipv6_write(const uint16_t piece[8], struct zhi_buf *out) {
  int best = -1, best_len = 1;
  for (int i = 0; i < 8;) {
    int run = 0;
    while (i + run < 8 && piece[i + run] == 0)
      run++;
    if (run > best_len) {
      best = i;
      best_len = run;
    }
    i += run ? run : 1;
  }
  for (int i = 0; i < 8;) {
    if (i == best) {
      zhi_buf_adds(out, i ? ":" : "::");
      i += best_len;
      continue;
    }
    zhi_buf_addf(out, i < 7 ? "%x:" : "%x", piece[i]);
    i++;
  }
}

/* --- the host parser ---------------------------------------------------------------------------------- */

static bool has_class(struct zhi_str s, unsigned set) {
  for (size_t i = 0; i < s.len; i++)
    if (zhi_url_in((unsigned char)s.p[i], set))
      return true;
  return false;
}

static bool parse_ipv6_host(struct zhi_str in, struct zhi_buf *out) {
  uint16_t piece[8];
  if (in.len < 2 || in.p[in.len - 1] != ']' ||
      !zhi_ipv6_parse(zhi_str_sub(in, 1, in.len - 1), piece))
    return false;
  zhi_buf_addc(out, '[');
  ipv6_write(piece, out);
  zhi_buf_addc(out, ']');
  return true;
}

/* Lower-case letters, digits, dots and hyphens, as most hosts are written: nothing to decode or to map. */
static bool is_plain_domain(struct zhi_str in) {
  for (size_t i = 0; i < in.len; i++) {
    char c = in.p[i];
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_'))
      return false;
  }
  return in.len > 0;
}

/* Percent-decode, replace what is not UTF-8, map to ASCII. */
static bool decode_domain(struct zhi_str in, struct zhi_buf *ascii) {
  struct zhi_buf raw, clean;
  zhi_buf_init(&raw, in.len + 1);
  zhi_buf_init(&clean, in.len * 3 + 8);
  zhi_url_add_decoded(&raw, in);
  for (size_t i = 0; i < raw.len;) {
    unsigned cp;
    i += zhi_utf8_next(raw.p + i, raw.len - i, &cp);
    zhi_buf_add_utf8(&clean, cp);
  }
  bool ok = !raw.failed && !clean.failed && zhi_domain_to_ascii(zhi_buf_view(&clean), ascii);
  zhi_buf_release(&clean);
  zhi_buf_release(&raw);
  return ok && !ascii->failed && ascii->len > 0;
}

static bool add_domain(struct zhi_str ascii, struct zhi_buf *out) {
  uint32_t v;
  switch (zhi_ipv4_parse(ascii, &v)) {
  case 0: zhi_buf_addstr(out, ascii); return true;
  case 1:
    zhi_buf_addf(out, "%u.%u.%u.%u", v >> 24, (v >> 16) & 255, (v >> 8) & 255, v & 255);
    return true;
  default: return false;
  }
}

bool zhi_host_parse(struct zhi_str in, bool special, struct zhi_buf *out) {
  if (in.len && in.p[0] == '[')
    return parse_ipv6_host(in, out);
  if (!special) {
    if (has_class(in, URL_FORBIDDEN_HOST))
      return false;
    zhi_url_add_encoded(out, in, URL_SET_C0);
    return true;
  }
  if (is_plain_domain(in))
    return add_domain(in, out);
  struct zhi_buf ascii;
  zhi_buf_init(&ascii, out->max);
  bool ok = decode_domain(in, &ascii) && !has_class(zhi_buf_view(&ascii), URL_FORBIDDEN_DOMAIN) &&
            add_domain(zhi_buf_view(&ascii), out);
  zhi_buf_release(&ascii);
  return ok;
}
