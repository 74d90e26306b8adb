/* Patterns: `*` and a final `$` over normalised octets (RFC 9309 2.2.2 and 2.2.3).
 *
 * Text is read as symbols, on the fly: an octet plus "was escaped". Unreserved characters, and the `*` and `$`
 * that RFC 9309 lets authors escape, are the same bare or escaped; an octet that a URL cannot hold bare (non-ASCII, space,
 * quotes …) always counts as escaped; a reserved one (%2F) differs from the bare one.
 * A pattern is runs between stars. The first run must stand at the start; each further one is looked for
 * from where the one before ended (leftmost is always right), by Knuth-Morris-Pratt, so that the time is
 * linear in path + pattern whatever either holds. An anchored last run must be what the text ends with. */
#include "crawler/pattern.h"

#include <stdlib.h>
#include <string.h>

enum { ESCAPED = 0x100, STAR = 0x200 };

static int hex(char c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

static bool is_unreserved(unsigned c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~' || c == '*' || c == '$';
}

/* Octets that stand in no serialised URL unescaped. */
static bool never_bare(unsigned c) {
  return c <= 0x20 || c >= 0x7f || (c < 0x80 && strchr("\"<>\\^`{|}", (int)c));
}

/* The symbol at s[*i], i < len; advances *i. */
static uint16_t symbol(const char *s, size_t len, size_t *i) {
  unsigned c = (unsigned char)s[*i];
  if (c == '%' && *i + 2 < len && hex(s[*i + 1]) >= 0 && hex(s[*i + 2]) >= 0) {
    c = (unsigned)(hex(s[*i + 1]) << 4 | hex(s[*i + 2]));
    *i += 3;
    return (uint16_t)(is_unreserved(c) ? c : c | ESCAPED);
  }
  *i += 1;
  return (uint16_t)(never_bare(c) ? c | ESCAPED : c);
}

/* Symbols of the pattern, stars and the end mark told from literals. Returns how many. */
static uint32_t compile_symbols(struct zhi_str s, struct zhi_pattern *p, uint32_t *runs) {
  uint32_t n = 0;
  *runs = 1;
  for (size_t i = 0; i < s.len;) {
    if (s.p[i] == '*') {
      i++;
      p->octets++;
      if (n && p->symbols[n - 1] == STAR)
        continue; /* ** is * */
      p->symbols[n++] = STAR;
      ++*runs;
    } else if (s.p[i] == '$' && i + 1 == s.len) {
      i++;
      p->octets++;
      p->anchored = true;
    } else {
      p->symbols[n] = symbol(s.p, s.len, &i);
      p->octets += p->symbols[n++] & ESCAPED ? 3 : 1;
    }
  }
  return n;
}

static void failure_table(const uint16_t *run, uint32_t len, uint32_t *fail) {
  uint32_t k = 0;
  fail[0] = 0;
  for (uint32_t i = 1; i < len; i++) {
    while (k && run[i] != run[k])
      k = fail[k - 1];
    k += run[i] == run[k];
    fail[i] = k;
  }
}

/* Cut the symbols at the stars; empty runs vanish but for what they say (a leading or final star). */
static void cut_runs(struct zhi_pattern *p, uint32_t n) {
  uint32_t fails = 0;
  for (uint32_t i = 0; i <= n;) {
    uint32_t start = i;
    while (i < n && p->symbols[i] != STAR)
      i++;
    bool last = i == n;
    if (i > start || last) {
      struct zhi_pattern_run *r = &p->runs[p->run_count++];
      *r = (struct zhi_pattern_run){start, i - start, UINT32_MAX};
      if (start > 0 && r->len) {
        r->fail = fails;
        failure_table(p->symbols + start, r->len, p->fails + fails);
        fails += r->len;
      }
    }
    i++;
  }
}

enum zhi_code zhi_pattern_new(struct zhi_str pattern, struct zhi_pattern **out, struct zhi_err *e) {
  struct zhi_pattern *p = calloc(1, sizeof *p);
  uint32_t runs = 0, n;
  if (pattern.len > UINT32_MAX / 8) {
    free(p);
    return zhi_fail(e, ZHI_ENOMEM, "pattern of %zu bytes", pattern.len);
  }
  if (!p || !(p->symbols = malloc((pattern.len + 1) * sizeof *p->symbols)))
    goto nomem;
  n = compile_symbols(pattern, p, &runs);
  if (!(p->runs = malloc(runs * sizeof *p->runs)))
    goto nomem;
  if (runs > 1 && !(p->fails = malloc((n + 1) * sizeof *p->fails)))
    goto nomem;
  cut_runs(p, n);
  *out = p;
  return ZHI_OK;
nomem:
  zhi_pattern_free(p);
  return zhi_fail(e, ZHI_ENOMEM, "out of memory for a pattern");
}

void zhi_pattern_free(struct zhi_pattern *p) {
  if (!p)
    return;
  free(p->symbols);
  free(p->fails);
  free(p->runs);
  free(p);
}

/* The run at exactly *i; moves *i past it. */
static bool run_here(const struct zhi_pattern *p, const struct zhi_pattern_run *r,
                     struct zhi_str path, size_t *i) {
  for (uint32_t k = 0; k < r->len; k++)
    if (*i >= path.len || symbol(path.p, path.len, i) != p->symbols[r->at + k])
      return false;
  return true;
}

/* The leftmost place of the run at or after *i; `at_end`: one that ends with the path. */
static bool run_later(const struct zhi_pattern *p, const struct zhi_pattern_run *r,
                      struct zhi_str path, size_t *i, bool at_end) {
  const uint16_t *run = p->symbols + r->at;
  const uint32_t *fail = p->fails + r->fail;
  uint32_t k = 0;
  while (*i < path.len) {
    uint16_t s = symbol(path.p, path.len, i);
    if (k == r->len)
      k = fail[k - 1];
    while (k && run[k] != s)
      k = fail[k - 1];
    k += run[k] == s;
    if (k == r->len && !at_end)
      return true;
  }
  return k == r->len;
}

bool zhi_pattern_match(const struct zhi_pattern *p, struct zhi_str path) {
  size_t i = 0;
  for (uint32_t n = 0; n < p->run_count; n++) {
    const struct zhi_pattern_run *r = &p->runs[n];
    bool last = n + 1 == p->run_count;
    if (r->at == 0) { /* before any star */
      if (!run_here(p, r, path, &i))
        return false;
      if (last && p->anchored)
        return i == path.len;
    } else if (r->len == 0) {
      return true; /* a final star takes the rest */
    } else if (!run_later(p, r, path, &i, last && p->anchored)) {
      return false;
    }
  }
  return true;
}
