/* Traps with memory: one slot per URL pattern in a fixed table, found by hash.
 *
 * The table is set-associative: a pattern may stand in WAYS slots; when all are taken the one with the
 * fewest captures gives way, unless it is a stopped one. Forgetting a pattern only means that its trap is
 * noticed later. Each slot remembers the last few body hashes of its pattern, which is enough to see a
 * template that answers the same for every number. */
#include "crawler/trap.h"

#include <inttypes.h>
#include <stdlib.h>

#include "zhi/digest.h"

enum { WAYS = 8, BODIES = 4, PATTERN_MAX_BYTES = 512 };

struct slot {
  uint64_t pattern; /* hash; 0 = free */
  uint64_t bodies[BODIES];
  uint32_t captures;
  uint16_t duplicates, soft_404s, barren; /* in a row */
  uint8_t next_body;
  bool calendar;
  const char *stopped;
};

struct zhi_traps {
  struct slot *slots;
  size_t sets;
};

enum zhi_code zhi_traps_new(size_t max_patterns, struct zhi_traps **out, struct zhi_err *e) {
  size_t sets = 1;
  while (sets * WAYS * 2 <= max_patterns)
    sets *= 2;
  struct zhi_traps *t = calloc(1, sizeof *t);
  if (t)
    t->slots = calloc(sets * WAYS, sizeof *t->slots);
  if (!t || !t->slots) {
    free(t);
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for %zu URL patterns", max_patterns);
  }
  t->sets = sets;
  *out = t;
  return ZHI_OK;
}

void zhi_traps_free(struct zhi_traps *t) {
  if (!t)
    return;
  free(t->slots);
  free(t);
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* Length of a run of 16 and more hex digits at s (an identifier); 0 = none. */
static size_t identifier(struct zhi_str s) {
  size_t n = 0;
  while (n < s.len && is_hex(s.p[n]))
    n++;
  return n >= 16 ? n : 0;
}

/* Digits and long identifiers as one '#'. Percent escapes stay whole, so that they never look like numbers. */
static void fold(struct zhi_str s, struct zhi_buf *out) {
  for (size_t i = 0; i < s.len;) {
    if (s.p[i] == '%' && i + 2 < s.len) {
      zhi_buf_add(out, s.p + i, 3);
      i += 3;
      continue;
    }
    size_t n = identifier(zhi_str_sub(s, i, s.len));
    while (n < 16 && i + n < s.len && is_digit(s.p[i + n]))
      n++;
    zhi_buf_addc(out, n ? '#' : s.p[i]);
    i += n ? n : 1;
  }
}

void zhi_trap_pattern(const struct zhi_url *url, struct zhi_buf *out) {
  zhi_url_origin(url, out);
  fold(url->path, out);
  struct zhi_str rest = url->query;
  for (char before = '?'; rest.p; before = '&') {
    struct zhi_str value = zhi_str_cut(&rest, '&'), name = zhi_str_cut(&value, '=');
    zhi_buf_addc(out, before);
    zhi_buf_addstr(out, name);
    if (value.p) {
      zhi_buf_addc(out, '=');
      fold(value, out);
    }
  }
}

/* Does the URL hold a date where a calendar has it: year, month and day as numbers of the query or the last
 * path segments, without an article's number after them? */
static bool looks_like_calendar(const struct zhi_url *url) {
  long v[3] = {0, 0, 0};
  size_t n = 0;
  struct zhi_str s = url->query.p && url->query.len ? url->query : url->path;
  for (size_t i = 0; i < s.len;) {
    if (!is_digit(s.p[i])) {
      i++;
      continue;
    }
    long x = 0;
    size_t len = 0;
    for (; i < s.len && is_digit(s.p[i]); i++, len++)
      x = len < 5 ? x * 10 + (s.p[i] - '0') : 99999;
    v[0] = v[1];
    v[1] = v[2];
    v[2] = x;
    n++;
  }
  bool month = v[2] >= 1 && v[2] <= 12 && v[1] >= 1900 && v[1] <= 2200;
  bool day = v[2] >= 1 && v[2] <= 31 && v[1] >= 1 && v[1] <= 12 && v[0] >= 1900 && v[0] <= 2200;
  return n >= 2 && (month || (n >= 3 && day));
}

static uint64_t hash_of(const struct zhi_url *url, struct zhi_buf *text) {
  zhi_buf_init(text, PATTERN_MAX_BYTES); /* a longer pattern is judged by its beginning */
  zhi_trap_pattern(url, text);
  uint64_t h = zhi_hash64(zhi_str_n(text->p ? text->p : "", text->len));
  return h ? h : 1;
}

static struct slot *find(const struct zhi_traps *t, uint64_t h) {
  struct slot *set = t->slots + (h & (t->sets - 1)) * WAYS;
  for (int i = 0; i < WAYS; i++)
    if (set[i].pattern == h)
      return &set[i];
  return NULL;
}

static struct slot *make(struct zhi_traps *t, uint64_t h) {
  struct slot *set = t->slots + (h & (t->sets - 1)) * WAYS, *least = NULL;
  for (int i = 0; i < WAYS; i++) {
    if (!set[i].pattern) {
      least = &set[i];
      break;
    }
    bool better =
        !least || (!set[i].stopped && (least->stopped || set[i].captures < least->captures));
    least = better ? &set[i] : least;
  }
  *least = (struct slot){.pattern = h};
  return least;
}

const char *zhi_traps_check(const struct zhi_traps *t, const struct zhi_url *url) {
  struct zhi_buf text;
  const struct slot *s = find(t, hash_of(url, &text));
  zhi_buf_release(&text);
  return s ? s->stopped : NULL;
}

/* Has this pattern given the body before? Remembers it. */
static bool seen_body(struct slot *s, uint64_t body) {
  if (!body)
    return false;
  for (int i = 0; i < BODIES; i++)
    if (s->bodies[i] == body)
      return true;
  s->bodies[s->next_body] = body;
  s->next_body = (uint8_t)((s->next_body + 1) % BODIES);
  return false;
}

static uint16_t row(uint16_t n, bool more) { return (uint16_t)(more ? n + (n < UINT16_MAX) : 0); }

static const char *verdict(const struct slot *s) {
  if (s->duplicates >= ZHI_TRAP_DUPLICATES)
    return "trap_duplicates";
  if (s->soft_404s >= ZHI_TRAP_SOFT_404)
    return "trap_soft_404";
  if (s->calendar && s->barren >= ZHI_TRAP_CALENDAR)
    return "trap_calendar";
  return s->captures >= ZHI_TRAP_GROWTH ? "trap_growth" : NULL;
}

const char *zhi_traps_note(struct zhi_traps *t, const struct zhi_url *url,
                           const struct zhi_trap_capture *c, struct zhi_buf *finding) {
  struct zhi_buf text;
  uint64_t h = hash_of(url, &text);
  struct slot *s = find(t, h);
  bool foldable = text.len && memchr(text.p, '#', text.len);
  if (!foldable || (s && s->stopped)) { /* one URL is no branch */
    zhi_buf_release(&text);
    return NULL;
  }
  if (!s)
    s = make(t, h);
  s->captures++;
  s->calendar =
      s->captures == 1 ? looks_like_calendar(url) : s->calendar && looks_like_calendar(url);
  s->duplicates = row(s->duplicates, seen_body(s, c->body_hash));
  s->soft_404s = row(s->soft_404s, c->soft_404);
  s->barren = row(s->barren, !c->document);
  s->stopped = verdict(s);
  if (s->stopped && finding)
    zhi_buf_addf(finding, "%s: stopped after %" PRIu32 " captures of %.*s", s->stopped, s->captures,
                 (int)text.len, text.p);
  zhi_buf_release(&text);
  return s->stopped;
}
