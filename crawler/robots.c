/* robots.txt: one pass over the lines keeps two rule sets, of the groups that name our token and of "*";
 * the first that exists is what holds. Rules are sorted most specific first (longest pattern, Allow on a
 * tie), so that a match is the first that fits.
 * Tolerance (as the large search engines have it): keys in any case, with or without hyphen, some common
 * misspellings, white space instead of the colon. Only Allow and Disallow end a run of User-agent lines (RFC
 * 9309 2.2.4: other records must not end a group); a Crawl-delay among them is meant for the agents named
 * since the one before. */
#include "zhi/robots.h"
#include "zhi/grow.h"

#include <stdlib.h>

#include "crawler/pattern.h"
#include "zhi/limits.h"

enum key { KEY_NONE, KEY_AGENT, KEY_ALLOW, KEY_DISALLOW, KEY_DELAY, KEY_SITEMAP };

static const struct {
  const char *text; /* lower case, without hyphens, underscores, spaces */
  enum key key;
} keys[] = {
    {"useragent", KEY_AGENT},   {"allow", KEY_ALLOW},       {"disallow", KEY_DISALLOW},
    {"crawldelay", KEY_DELAY},  {"sitemap", KEY_SITEMAP},   {"dissallow", KEY_DISALLOW},
    {"dissalow", KEY_DISALLOW}, {"disalow", KEY_DISALLOW},  {"diasllow", KEY_DISALLOW},
    {"disallaw", KEY_DISALLOW}, {"desallow", KEY_DISALLOW},
};

struct rule {
  struct zhi_pattern *pattern;
  size_t line;
  bool allow;
};

struct rules {
  struct rule *v;
  size_t n, cap;
  int64_t delay_ms; /* -1 = none */
  bool named;       /* a group of this kind exists */
};

struct zhi_robots {
  struct rules rules;
  struct zhi_buf sitemaps; /* NUL-ended texts */
  size_t sitemap_count;
  bool fixed, fixed_allow;
};

struct parser {
  struct zhi_robots *r;
  struct zhi_str token;
  struct rules own, star;
  bool in_own, in_star;       /* the current group names us, everyone */
  bool delay_own, delay_star; /* … since the last Crawl-delay among its User-agent lines */
  bool agents;                /* no rule yet since the last User-agent line */
  bool delayed;               /* a Crawl-delay since then */
  bool any_group;
  size_t line;
  struct zhi_err *e;
};

static bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\f' || c == '\v' || c == '\0';
}

static struct zhi_str trim(struct zhi_str s) {
  while (s.len && is_blank(s.p[0]))
    s = zhi_str_n(s.p + 1, s.len - 1);
  while (s.len && is_blank(s.p[s.len - 1]))
    s.len--;
  return s;
}

static enum key key_of(struct zhi_str s) {
  char text[16];
  size_t n = 0;
  for (size_t i = 0; i < s.len; i++) {
    char c = s.p[i];
    if (c == '-' || c == '_' || c == ' ')
      continue;
    if (n + 1 == sizeof text)
      return KEY_NONE;
    text[n++] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
  }
  text[n] = '\0';
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
    if (strcmp(text, keys[i].text) == 0)
      return keys[i].key;
  return KEY_NONE;
}

/* Cut "key: value" (or "key value", two words) with the comment already gone. */
static enum key cut_line(struct zhi_str line, struct zhi_str *value) {
  const char *colon = memchr(line.p, ':', line.len);
  if (colon) {
    size_t at = (size_t)(colon - line.p);
    *value = trim(zhi_str_sub(line, at + 1, line.len));
    return key_of(trim(zhi_str_sub(line, 0, at)));
  }
  size_t at = 0;
  while (at < line.len && !is_blank(line.p[at]))
    at++;
  *value = trim(zhi_str_sub(line, at, line.len));
  for (size_t i = 0; i < value->len; i++)
    if (is_blank(value->p[i]))
      return KEY_NONE;
  return value->len ? key_of(zhi_str_sub(line, 0, at)) : KEY_NONE;
}

/* What a product token ends with: a version or a comment. */
static struct zhi_str product(struct zhi_str s) {
  s = trim(s);
  size_t n = 0;
  while (n < s.len && !is_blank(s.p[n]) && s.p[n] != '/')
    n++;
  return zhi_str_sub(s, 0, n);
}

static void on_agent(struct parser *p, struct zhi_str value) {
  if (!p->agents)
    p->in_own = p->in_star = false;
  if (!p->agents || p->delayed)
    p->delay_own = p->delay_star = false;
  p->agents = p->any_group = true;
  p->delayed = false;
  if (value.len && value.p[0] == '*' && (value.len == 1 || is_blank(value.p[1])))
    p->in_star = p->delay_star = p->star.named = true;
  struct zhi_str token = product(value);
  if (token.len && zhi_str_ieq(token, p->token))
    p->in_own = p->delay_own = p->own.named = true;
}

static enum zhi_code add_rule(struct parser *p, struct rules *set, struct zhi_str value,
                              bool allow) {
  struct rule *v = zhi_grown(set->v, &set->cap, set->n, sizeof *set->v);
  if (!v)
    return zhi_fail(p->e, ZHI_ENOMEM, "out of memory for robots.txt");
  set->v = v;
  struct rule *r = &set->v[set->n];
  enum zhi_code rc = zhi_pattern_new(value, &r->pattern, p->e);
  if (rc)
    return rc;
  r->allow = allow;
  r->line = p->line;
  set->n++;
  return ZHI_OK;
}

static enum zhi_code on_rule(struct parser *p, struct zhi_str value, bool allow) {
  enum zhi_code rc = ZHI_OK;
  p->agents = false;
  if (value.len == 0) /* "Disallow:" allows all, which is what no rule does */
    return ZHI_OK;
  if (p->in_own)
    rc = add_rule(p, &p->own, value, allow);
  if (!rc && p->in_star)
    rc = add_rule(p, &p->star, value, allow);
  return rc;
}

/* "0.5" → 500; -1 when it does not begin with a number. A year is for ever. */
static int64_t delay_of(struct zhi_str s) {
  const int64_t cap = 365LL * 86400000;
  int64_t ms = 0, unit = 100;
  size_t i = 0;
  for (; i < s.len && s.p[i] >= '0' && s.p[i] <= '9'; i++)
    ms = ms > cap ? ms : ms * 10 + (s.p[i] - '0') * 1000;
  bool some = i > 0;
  if (i < s.len && s.p[i] == '.')
    for (i++; i < s.len && s.p[i] >= '0' && s.p[i] <= '9'; i++, unit /= 10) {
      ms += (s.p[i] - '0') * unit;
      some = true;
    }
  return !some ? -1 : ms > cap ? cap : ms;
}

static void on_delay(struct parser *p, struct zhi_str value) {
  int64_t ms = delay_of(value);
  p->delayed = true;
  if (p->delay_own && ms > p->own.delay_ms)
    p->own.delay_ms = ms;
  if ((p->delay_star || !p->any_group) && ms > p->star.delay_ms)
    p->star.delay_ms = ms;
}

static void on_sitemap(struct zhi_robots *r, struct zhi_str value) {
  value = zhi_str_trim(value);
  if (value.len == 0 || value.len > ZHI_URL_MAX_BYTES || memchr(value.p, '\0', value.len))
    return;
  for (size_t i = 0; i < r->sitemap_count; i++)
    if (zhi_str_eq(zhi_robots_sitemap(r, i), value))
      return;
  if (r->sitemap_count == 1000)
    return;
  zhi_buf_add(&r->sitemaps, value.p, value.len);
  zhi_buf_addc(&r->sitemaps, '\0');
  r->sitemap_count++;
}

static enum zhi_code on_line(struct parser *p, struct zhi_str line) {
  const char *hash = line.len ? memchr(line.p, '#', line.len) : NULL;
  struct zhi_str value;
  line = trim(hash ? zhi_str_sub(line, 0, (size_t)(hash - line.p)) : line);
  if (line.len == 0)
    return ZHI_OK;
  switch (cut_line(line, &value)) {
  case KEY_AGENT: on_agent(p, value); break;
  case KEY_ALLOW: return on_rule(p, value, true);
  case KEY_DISALLOW: return on_rule(p, value, false);
  case KEY_DELAY: on_delay(p, value); break;
  case KEY_SITEMAP: on_sitemap(p->r, value); break;
  case KEY_NONE: /* an address alone: the word "sitemap:" was forgotten */
    if (zhi_str_istarts(line, "http") && zhi_str_istarts(value, "//") &&
        zhi_str_ifind(line, "sitemap"))
      on_sitemap(p->r, line);
    break;
  }
  return ZHI_OK;
}

/* Lines end with LF, CR or CRLF; the number counts as an editor does. */
static enum zhi_code each_line(struct parser *p, struct zhi_str text) {
  enum zhi_code rc = ZHI_OK;
  for (size_t i = 0; !rc && i < text.len;) {
    size_t start = i;
    while (i < text.len && text.p[i] != '\n' && text.p[i] != '\r')
      i++;
    p->line++;
    rc = on_line(p, zhi_str_sub(text, start, i));
    i += i + 1 < text.len && text.p[i] == '\r' && text.p[i + 1] == '\n' ? 2 : 1;
  }
  return rc;
}

static int by_rank(const void *a, const void *b) {
  const struct rule *x = a, *y = b;
  if (x->pattern->octets != y->pattern->octets)
    return x->pattern->octets > y->pattern->octets ? -1 : 1;
  if (x->allow != y->allow)
    return x->allow ? -1 : 1;
  return x->line < y->line ? -1 : x->line > y->line;
}

static void rules_release(struct rules *s) {
  for (size_t i = 0; i < s->n; i++)
    zhi_pattern_free(s->v[i].pattern);
  free(s->v);
  *s = (struct rules){0};
}

static struct zhi_str without_bom(struct zhi_str s) {
  static const char bom[] = "\xEF\xBB\xBF";
  size_t n = 0;
  while (n < 3 && n < s.len && s.p[n] == bom[n])
    n++;
  return zhi_str_sub(s, n, s.len);
}

enum zhi_code zhi_robots_parse(struct zhi_str text, struct zhi_str token, struct zhi_robots **out,
                               struct zhi_err *e) {
  struct zhi_robots *r = calloc(1, sizeof *r);
  if (!r)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for robots.txt");
  zhi_buf_init(&r->sitemaps, ZHI_ROBOTS_MAX_BYTES + 2);
  struct parser p = {.r = r, .token = product(token), .e = e};
  p.own.delay_ms = p.star.delay_ms = -1;
  if (text.len > ZHI_ROBOTS_MAX_BYTES)
    text.len = ZHI_ROBOTS_MAX_BYTES;
  enum zhi_code rc = each_line(&p, without_bom(text));
  if (!rc)
    rc = zhi_buf_check(&r->sitemaps, "robots.txt", e);
  if (rc) {
    rules_release(&p.own);
    rules_release(&p.star);
    zhi_robots_free(r);
    return rc;
  }
  r->rules = p.own.named ? p.own : p.star;
  rules_release(p.own.named ? &p.star : &p.own);
  if (r->rules.n)
    qsort(r->rules.v, r->rules.n, sizeof *r->rules.v, by_rank);
  *out = r;
  return ZHI_OK;
}

enum zhi_code zhi_robots_fixed(bool allow, struct zhi_robots **out, struct zhi_err *e) {
  struct zhi_robots *r = calloc(1, sizeof *r);
  if (!r)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for robots.txt");
  r->rules.delay_ms = -1;
  r->fixed = true;
  r->fixed_allow = allow;
  *out = r;
  return ZHI_OK;
}

void zhi_robots_free(struct zhi_robots *r) {
  if (!r)
    return;
  rules_release(&r->rules);
  zhi_buf_release(&r->sitemaps);
  free(r);
}

/* Path and query of anything like a URL; `room` takes those that lack the first slash. */
static struct zhi_str path_of(struct zhi_str url, char *room, size_t size) {
  const char *hash = url.len ? memchr(url.p, '#', url.len) : NULL;
  url.len = hash ? (size_t)(hash - url.p) : url.len;
  if (url.len && url.p[0] == '/' && (url.len == 1 || url.p[1] != '/'))
    return url;
  size_t i = 0;
  while (i < url.len && url.p[i] != '/' && url.p[i] != '?' && url.p[i] != ';')
    i++;
  if (i + 1 < url.len && url.p[i] == '/' && url.p[i + 1] == '/' && (i == 0 || url.p[i - 1] == ':'))
    for (i += 2; i < url.len && url.p[i] != '/' && url.p[i] != '?' && url.p[i] != ';';)
      i++;
  struct zhi_str rest = zhi_str_sub(url, i, url.len);
  if (rest.len && rest.p[0] == '/')
    return rest;
  size_t n = rest.len < size - 1 ? rest.len : size - 1;
  room[0] = '/';
  if (n)
    memcpy(room + 1, rest.p, n);
  return zhi_str_n(room, n + 1);
}

bool zhi_robots_allowed(const struct zhi_robots *r, struct zhi_str url, size_t *line) {
  char room[ZHI_URL_MAX_BYTES];
  struct zhi_str path = path_of(url, room, sizeof room);
  if (line)
    *line = 0;
  if (zhi_str_is(path, "/robots.txt"))
    return true;
  if (r->fixed)
    return r->fixed_allow;
  for (size_t i = 0; i < r->rules.n; i++)
    if (zhi_pattern_match(r->rules.v[i].pattern, path)) {
      if (line)
        *line = r->rules.v[i].line;
      return r->rules.v[i].allow;
    }
  return true;
}

int64_t zhi_robots_crawl_delay_ms(const struct zhi_robots *r) { return r->rules.delay_ms; }

size_t zhi_robots_sitemap_count(const struct zhi_robots *r) { return r->sitemap_count; }

struct zhi_str zhi_robots_sitemap(const struct zhi_robots *r, size_t i) {
  const char *s = r->sitemaps.p;
  while (i--)
    s += strlen(s) + 1;
  return zhi_str_of(s);
}
