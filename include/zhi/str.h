/* Strings: zhi_str is a borrowed view (never freed, not NUL-terminated in general), zhi_buf is owned.
 *
 * zhi_buf invariants: `p` is always a NUL-terminated string (also when empty), `len` excludes the
 * NUL, a buffer never grows beyond `max` bytes. Failure is sticky: after an allocation failure or a
 * reached cap `failed` stays set and further appends do nothing, so a caller may append many times
 * and check once. Life-cycle: init → (append…) → release, or take.
 * Thread: none of these lock; a buffer has one owner. */
#ifndef ZHI_STR_H
#define ZHI_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "zhi/err.h"

struct zhi_str {
  const char *p;
  size_t len;
};

#define ZHI_STR(literal) ((struct zhi_str){"" literal, sizeof(literal) - 1})
#define ZHI_STR_NONE     ((struct zhi_str){NULL, 0})
/* For printf("%.*s", ZHI_STR_ARGS(s)). */
#define ZHI_STR_ARGS(s) (int)(s).len, ((s).p ? (s).p : "")

/* The comparisons are inline so that the length of a literal is known and most strings differ in it. */

/* View of a NUL-terminated string; NULL gives the empty view. */
static inline struct zhi_str zhi_str_of(const char *s) {
  return (struct zhi_str){s ? s : "", s ? strlen(s) : 0};
}
static inline struct zhi_str zhi_str_n(const char *p, size_t len) {
  return (struct zhi_str){p, len};
}
static inline bool zhi_str_eq(struct zhi_str a, struct zhi_str b) {
  return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}
static inline bool zhi_str_is(struct zhi_str a, const char *b) {
  return zhi_str_eq(a, zhi_str_n(b, strlen(b)));
}
/* ASCII case-insensitive. */
static inline bool zhi_str_ieq(struct zhi_str a, struct zhi_str b) {
  return a.len == b.len && (a.len == 0 || strncasecmp(a.p, b.p, a.len) == 0);
}
static inline bool zhi_str_iis(struct zhi_str a, const char *b) {
  return zhi_str_ieq(a, zhi_str_n(b, strlen(b)));
}
static inline bool zhi_str_starts(struct zhi_str s, const char *prefix) {
  size_t n = strlen(prefix);
  return s.len >= n && (n == 0 || memcmp(s.p, prefix, n) == 0);
}
static inline bool zhi_str_istarts(struct zhi_str s, const char *prefix) {
  size_t n = strlen(prefix);
  return s.len >= n && (n == 0 || strncasecmp(s.p, prefix, n) == 0);
}
static inline bool zhi_str_ends(struct zhi_str s, const char *suffix) {
  size_t n = strlen(suffix);
  return s.len >= n && (n == 0 || memcmp(s.p + s.len - n, suffix, n) == 0);
}
/* Byte order, shorter first on a tie: what LC_ALL=C sort does. */
int zhi_str_cmp(struct zhi_str a, struct zhi_str b);
/* First place of `needle` in `s`, or NULL. */
const char *zhi_str_find(struct zhi_str s, struct zhi_str needle);
const char *zhi_str_ifind(struct zhi_str s, const char *needle);
/* Without ASCII white space at both ends. */
struct zhi_str zhi_str_trim(struct zhi_str s);
/* The nearest of `names` (at most n, or up to a NULL) if close enough to be a slip of the pen; NULL otherwise. */
const char *zhi_nearest(struct zhi_str word, const char *const *names, size_t n);
/* From byte `from` to the end / up to `to`; indexes past the end are clamped. */
struct zhi_str zhi_str_sub(struct zhi_str s, size_t from, size_t to);
/* Cut *rest at the first `sep`: returns what is before it, *rest becomes what is after it (NULL view
 * at the end). Loop: while (rest.p) { s = zhi_str_cut(&rest, '\n'); … } */
struct zhi_str zhi_str_cut(struct zhi_str *rest, char sep);
/* Decimal digits only, no sign; false when empty, malformed or over `max`. */
bool zhi_str_u64(struct zhi_str s, unsigned long long max, unsigned long long *out);

struct zhi_buf {
  char *p;
  size_t len, cap, max;
  unsigned failed : 1, starved : 1; /* starved: it failed because memory ran out, not at its cap */
};

/* `max` bytes is the hard cap of this buffer's content. Never fails, allocates nothing. */
void zhi_buf_init(struct zhi_buf *b, size_t max);
void zhi_buf_release(struct zhi_buf *b);
/* Empty it, keep the memory and clear `failed`. */
void zhi_buf_clear(struct zhi_buf *b);
/* Room for `more` bytes beyond len; false (and failed set) when not to be had. */
bool zhi_buf_reserve(struct zhi_buf *b, size_t more);
void zhi_buf_add(struct zhi_buf *b, const void *p, size_t n);
void zhi_buf_adds(struct zhi_buf *b, const char *s);
void zhi_buf_addstr(struct zhi_buf *b, struct zhi_str s);
void zhi_buf_addc(struct zhi_buf *b, char c);
void zhi_buf_addf(struct zhi_buf *b, const char *fmt, ...) ZHI_PRINTF(2, 3);
/* Append the UTF-8 form of a code point (U+FFFD for surrogates and values over 10FFFF). */
void zhi_buf_add_utf8(struct zhi_buf *b, unsigned cp);
/* Append `s` as the name of a Data Package resource may be: lower-case letters, digits, '.', '_' and '-'. */
void zhi_buf_add_slug(struct zhi_buf *b, struct zhi_str s);
void zhi_buf_truncate(struct zhi_buf *b, size_t len);
/* Ownership of the NUL-terminated bytes passes to the caller (free()); the buffer is empty again.
 * NULL when the buffer had failed. */
char *zhi_buf_take(struct zhi_buf *b);
struct zhi_str zhi_buf_view(const struct zhi_buf *b);
/* ZHI_OK, or what made the buffer fail (ZHI_ELIMIT or ZHI_ENOMEM) said of `what`. */
ZHI_NODISCARD enum zhi_code zhi_buf_check(const struct zhi_buf *b, const char *what,
                                          struct zhi_err *e);

/* Decode one UTF-8 sequence at s[0..len): returns its length and sets *cp; a malformed sequence
 * gives U+FFFD and the length to skip (≥ 1, the maximal subpart of WHATWG Encoding). len must be ≥ 1. */
size_t zhi_utf8_next_any(const char *s, size_t len, unsigned *cp);
/* Is s[0..3) a well-formed sequence of the three bytes that nearly all Han characters and their punctuation have? */
static inline bool zhi_utf8_is_common3(const char *s) {
  const unsigned char *u = (const unsigned char *)s;
  return u[0] >= 0xE1 && u[0] <= 0xEC && (u[1] & 0xC0) == 0x80 && (u[2] & 0xC0) == 0x80;
}
/* The same, short for what nearly all text consists of. */
static inline size_t zhi_utf8_next(const char *s, size_t len, unsigned *cp) {
  const unsigned char *u = (const unsigned char *)s;
  if (u[0] < 0x80) {
    *cp = u[0];
    return 1;
  }
  if (len >= 3 && zhi_utf8_is_common3(s)) {
    *cp = (u[0] & 0x0Fu) << 12 | (u[1] & 0x3Fu) << 6 | (u[2] & 0x3Fu);
    return 3;
  }
  return zhi_utf8_next_any(s, len, cp);
}
/* Index of the first byte from `from` on that is not ASCII; s.len when there is none. */
static inline size_t zhi_ascii_end(struct zhi_str s, size_t from) {
  while (from + 8 <= s.len) { /* eight bytes at a time */
    uint64_t w;
    memcpy(&w, s.p + from, 8);
    if (w & UINT64_C(0x8080808080808080))
      break;
    from += 8;
  }
  while (from < s.len && (unsigned char)s.p[from] < 0x80)
    from++;
  return from;
}
/* How many characters: bytes that continue none. */
size_t zhi_utf8_count(struct zhi_str s);
/* Is all of `s` well-formed UTF-8? `*bad_at` (may be NULL) gets the first bad byte's offset. */
bool zhi_utf8_valid(struct zhi_str s, size_t *bad_at);

/* At most `max` bytes of UTF-8 text, cut at a character. */
struct zhi_str zhi_str_clip(struct zhi_str s, size_t max);

#endif
