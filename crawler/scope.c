/* Scope: decisions about URLs. The rules of scope_table.c are compiled into one hash map per place they
 * look at, so that a link costs a look-up per label, segment and parameter, not per rule: a page has
 * hundreds of links. Order of judgement: what cannot be requested at all, the cluster, the config's own
 * patterns, traps in the shape of the URL, the table. */
#include "crawler/scope.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "crawler/cluster.h"
#include "crawler/scope_table.h"
#include "zhi/limits.h"
#include "zhi/map.h"
#include "zhi/robots.h"

enum {
  WORD_MAX = 63,           /* longer parts are no words of ours */
  LONG_URL_BYTES = 2048,   /* pages of such sites need less */
  SMALL_NUMBER_DIGITS = 2, /* /2013/3/3/ is a date, not a repetition */
  SEGMENT_TOTAL_MAX = 4,   /* the same segment, anywhere in the path */
  PARAM_REPEAT_MAX = 3,
  NESTED_URLS_MAX = 3,
  LABEL_END_BYTES = 4 /* the words of SCOPE_LABEL_END have this length */
};

struct patterns {
  struct zhi_pattern **v;
  size_t n;
};

struct zhi_scope {
  const struct zhi_config *c;
  struct zhi_cluster *cluster; /* borrowed; may be NULL */
  struct zhi_map domains;      /* "x.gov.cn" → itself */
  struct zhi_map hosts;        /* hosts named one by one: rules about hosts do not judge them */
  struct zhi_map words[SCOPE_WHERE_COUNT]; /* word → struct scope_rule */
  uint32_t letters[SCOPE_WHERE_COUNT]
                  [WORD_MAX + 1]; /* by length: first letters of words, 5 bits each */
  struct zhi_map reading, programs;
  struct patterns include, exclude, allow;
};

/* --- building -------------------------------------------------------------------------------------- */

static char marker; /* a value for maps used as sets */

static size_t lower(struct zhi_str s, char out[WORD_MAX + 1]) {
  if (s.len > WORD_MAX)
    return 0;
  for (size_t i = 0; i < s.len; i++)
    out[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] | 0x20 : s.p[i]);
  out[s.len] = '\0';
  return s.len;
}

static struct zhi_str lowered(struct zhi_str s, char out[256]) {
  size_t n = s.len < 255 ? s.len : 255;
  for (size_t i = 0; i < n; i++)
    out[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] | 0x20 : s.p[i]);
  while (n && out[n - 1] == '.') /* www.x.gov.cn. is the same host */
    n--;
  return zhi_str_n(out, n);
}

static enum zhi_code add_host(struct zhi_map *m, struct zhi_str host, struct zhi_err *e) {
  char text[256];
  struct zhi_str h = lowered(host, text);
  if (h.len && h.p[0] == '.')
    h = zhi_str_sub(h, 1, h.len);
  return h.len ? zhi_map_put(m, h, &marker, NULL, e) : ZHI_OK;
}

static enum zhi_code add_words(struct zhi_map *m, const char *words, const void *value,
                               struct zhi_err *e) {
  struct zhi_str rest = zhi_str_of(words);
  enum zhi_code rc = ZHI_OK;
  while (!rc && rest.p) {
    struct zhi_str word = zhi_str_cut(&rest, ' ');
    if (word.len && !zhi_map_get(m, word)) /* the first row that names a word has it */
      rc = zhi_map_put(m, word, (void *)(uintptr_t)value, NULL, e);
  }
  return rc;
}

static enum zhi_code compile(const struct zhi_strings *l, struct patterns *out, struct zhi_err *e) {
  out->v = calloc(l->n + 1, sizeof(struct zhi_pattern *));
  if (!out->v)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for scope patterns");
  enum zhi_code rc = ZHI_OK;
  for (; !rc && out->n < l->n; out->n += rc == ZHI_OK)
    rc = zhi_pattern_new(zhi_str_of(l->v[out->n]), &out->v[out->n], e);
  return rc;
}

static void patterns_release(struct patterns *p) {
  for (size_t i = 0; i < p->n; i++)
    zhi_pattern_free(p->v[i]);
  free(p->v);
}

static enum zhi_code add_seeds(struct zhi_scope *s, struct zhi_err *e) {
  enum zhi_code rc = ZHI_OK;
  for (size_t i = 0; !rc && i < s->c->seeds.n; i++) {
    struct zhi_url u;
    if (zhi_url_parse(zhi_str_of(s->c->seeds.v[i]), NULL, NULL, &u, NULL))
      continue; /* the seed itself is refused where it is requested */
    rc = add_host(&s->hosts, u.host, e);
    if (!rc)
      rc = add_host(&s->domains, s->c->scope.domains.n ? u.host : zhi_registrable(u.host), e);
    zhi_url_release(&u);
  }
  return rc;
}

/* Most segments are no words: length and first letter tell without a hash. */
static uint32_t letter_bit(char c) { return (uint32_t)1 << (c & 31); }

static enum zhi_code add_rule(struct zhi_scope *s, const struct scope_rule *r, struct zhi_err *e) {
  struct zhi_str rest = zhi_str_of(r->words);
  while (rest.p) {
    struct zhi_str word = zhi_str_cut(&rest, ' ');
    if (word.len && word.len <= WORD_MAX)
      s->letters[r->where][word.len] |= letter_bit(word.p[0]);
  }
  return add_words(&s->words[r->where], r->words, r, e);
}

enum zhi_code zhi_scope_new(const struct zhi_config *c, struct zhi_scope **out, struct zhi_err *e) {
  struct zhi_scope *s = calloc(1, sizeof *s);
  if (!s)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for the scope");
  s->c = c;
  enum zhi_code rc = add_seeds(s, e);
  for (size_t i = 0; !rc && i < c->scope.domains.n; i++) {
    rc = add_host(&s->domains, zhi_str_of(c->scope.domains.v[i]), e);
    if (!rc)
      rc = add_host(&s->hosts, zhi_str_of(c->scope.domains.v[i]), e);
  }
  for (const struct scope_rule *r = zhi_scope_rules; !rc && r->reason; r++)
    rc = add_rule(s, r, e);
  if (rc || (rc = add_words(&s->reading, zhi_scope_reading_stems, &marker, e)) ||
      (rc = add_words(&s->programs, zhi_scope_program_exts, &marker, e)) ||
      (rc = compile(&c->scope.include_paths, &s->include, e)) ||
      (rc = compile(&c->scope.exclude, &s->exclude, e)) ||
      (rc = compile(&c->scope.allow, &s->allow, e))) {
    zhi_scope_free(s);
    return rc;
  }
  *out = s;
  return ZHI_OK;
}

void zhi_scope_free(struct zhi_scope *s) {
  if (!s)
    return;
  zhi_map_release(&s->domains);
  zhi_map_release(&s->hosts);
  for (int i = 0; i < SCOPE_WHERE_COUNT; i++)
    zhi_map_release(&s->words[i]);
  zhi_map_release(&s->reading);
  zhi_map_release(&s->programs);
  patterns_release(&s->include);
  patterns_release(&s->exclude);
  patterns_release(&s->allow);
  free(s);
}

void zhi_scope_set_cluster(struct zhi_scope *s, struct zhi_cluster *cluster) {
  s->cluster = cluster;
}

/* --- hosts ----------------------------------------------------------------------------------------- */

/* The value of the host or of the longest suffix of it at a dot. */
static void *suffix_of(const struct zhi_map *m, struct zhi_str host) {
  for (;;) {
    void *v = zhi_map_get(m, host);
    const char *dot = v || !host.len ? NULL : memchr(host.p, '.', host.len);
    if (!dot)
      return v;
    host = zhi_str_sub(host, (size_t)(dot - host.p) + 1, host.len);
  }
}

bool zhi_scope_has_host(const struct zhi_scope *s, struct zhi_str host) {
  char text[256];
  if (host.len > 255)
    return false;
  struct zhi_str h = lowered(host, text);
  return suffix_of(&s->domains, h) || (s->cluster && zhi_cluster_has(s->cluster, h));
}

/* --- the table --------------------------------------------------------------------------------------- */

/* One URL while it is judged. */
struct subject {
  const struct zhi_scope *s;
  const struct zhi_url *url;
  struct zhi_str path_query; /* view into href */
  unsigned char kind;
  bool program; /* calls a program that does more than list or show */
};

static const char *rule_hit(const struct subject *x, enum scope_where where, struct zhi_str word) {
  char text[WORD_MAX + 1];
  if (word.len == 0 || word.len > WORD_MAX ||
      !(x->s->letters[where][word.len] & letter_bit(word.p[0])))
    return NULL;
  size_t n = lower(word, text);
  const struct scope_rule *r = zhi_map_get(&x->s->words[where], zhi_str_n(text, n));
  if (!r || !(r->kinds & x->kind) || (r->only == SCOPE_PROGRAM && !x->program))
    return NULL;
  return r->reason;
}

static bool is_word(const struct zhi_map *m, struct zhi_str word) {
  char text[WORD_MAX + 1];
  size_t n = lower(word, text);
  return n && zhi_map_get(m, zhi_str_n(text, n));
}

static struct zhi_str path_query_of(const struct zhi_url *u) {
  size_t len = u->path.len + (u->query.p ? u->query.len + 1 : 0);
  return zhi_str_n(u->path.p, len);
}

/* Last segment of the path; *stem and *ext without the dot. */
static void split_name(struct zhi_str path, struct zhi_str *stem, struct zhi_str *ext) {
  const char *slash = path.len ? memrchr(path.p, '/', path.len) : NULL;
  struct zhi_str name = slash ? zhi_str_sub(path, (size_t)(slash - path.p) + 1, path.len) : path;
  const char *semi = name.len ? memchr(name.p, ';', name.len) : NULL;
  name.len = semi ? (size_t)(semi - name.p) : name.len;
  const char *dot = name.len ? memrchr(name.p, '.', name.len) : NULL;
  size_t at = dot ? (size_t)(dot - name.p) : name.len;
  *stem = zhi_str_sub(name, 0, at);
  *ext = dot ? zhi_str_sub(name, at + 1, name.len) : ZHI_STR_NONE;
}

static const char *judge_host(const struct subject *x) {
  char text[256];
  struct zhi_str host = lowered(x->url->host, text), rest = host;
  if (zhi_map_get(&x->s->hosts, host))
    return NULL; /* asked for by name */
  const struct scope_rule *r = suffix_of(&x->s->words[SCOPE_DOMAIN], host);
  if (r && (r->kinds & x->kind))
    return r->reason;
  const char *why = NULL;
  for (bool first = true; rest.p && !why; first = false) {
    struct zhi_str label = zhi_str_cut(&rest, '.');
    if (first && rest.p)
      why = rule_hit(x, SCOPE_HOST, label);
    if (!why && label.len > LABEL_END_BYTES)
      why =
          rule_hit(x, SCOPE_LABEL_END, zhi_str_sub(label, label.len - LABEL_END_BYTES, label.len));
  }
  return why;
}

static const char *judge_path(const struct subject *x) {
  struct zhi_str rest = x->url->path, stem, ext;
  const char *why = NULL;
  if (rest.len && rest.p[0] == '/')
    rest = zhi_str_sub(rest, 1, rest.len);
  for (int depth = 0; rest.p && !why; depth++) {
    struct zhi_str segment = zhi_str_cut(&rest, '/');
    if (!rest.p)
      break; /* the last one is the name, not a directory */
    why = rule_hit(x, SCOPE_DIR, segment);
    if (!why && depth < 2)
      why = rule_hit(x, SCOPE_TOP, segment);
  }
  split_name(x->url->path, &stem, &ext);
  if (!why)
    why = rule_hit(x, SCOPE_STEM, stem);
  if (!why && zhi_str_istarts(stem, "mpost_") && x->kind == SCOPE_PAGES)
    why = "mobile"; /* the twin of post_ */
  return why ? why : rule_hit(x, SCOPE_EXT, ext);
}

static const char *judge_query(const struct subject *x) {
  struct zhi_str rest = x->url->query;
  const char *why = NULL;
  bool year = false, month = false;
  while (rest.p && !why) {
    struct zhi_str pair = zhi_str_cut(&rest, '&'), value = pair;
    struct zhi_str name = zhi_str_cut(&value, '=');
    if (!value.len)
      continue;
    year = year || zhi_str_iis(name, "year") || zhi_str_iis(name, "nian") || zhi_str_iis(name, "y");
    month =
        month || zhi_str_iis(name, "month") || zhi_str_iis(name, "yue") || zhi_str_iis(name, "m");
    if (!(why = rule_hit(x, SCOPE_PARAM, name)))
      why = rule_hit(x, SCOPE_PAIR, pair);
  }
  return why ? why : year && month && x->kind == SCOPE_PAGES ? "trap_calendar" : NULL;
}

/* The first place of a lower-case `needle` in `s`, letters of any case; NULL = none. */
static const char *find(struct zhi_str s, const char *needle) {
  size_t len = strlen(needle);
  for (size_t i = 0; i + len <= s.len; i++) {
    char c = s.p[i];
    c = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    if (c == needle[0] && strncasecmp(s.p + i, needle, len) == 0)
      return s.p + i;
  }
  return NULL;
}

static bool searches_words(const struct subject *x) {
  for (struct zhi_str rest = x->url->query; rest.p;) {
    struct zhi_str value = zhi_str_cut(&rest, '&'), name = zhi_str_cut(&value, '=');
    const char *why = value.len ? rule_hit(x, SCOPE_PARAM, name) : NULL;
    if (why && strcmp(why, "search") == 0)
      return true;
  }
  return false;
}

static bool is_needed(const struct subject *x) {
  for (const struct scope_needed *n = zhi_scope_needed; n->place; n++)
    if (find(x->path_query, n->place) &&
        (!n->with || (find(x->path_query, n->with) && !searches_words(x))))
      return true;
  return false;
}

static const char *judge_table(struct subject *x, struct zhi_str text) {
  struct zhi_str stem, ext;
  split_name(x->url->path, &stem, &ext);
  bool called = ext.p ? is_word(&x->s->programs, ext) : stem.len && x->url->query.len;
  x->program = called && !is_word(&x->s->reading, stem);
  const char *why = judge_host(x);
  if (!why && !(why = judge_path(x)) && !(why = judge_query(x)))
    why = rule_hit(x, SCOPE_TEXT, zhi_str_trim(text));
  bool twin = why && strcmp(why, "mobile") == 0; /* also in the needed places */
  return why && !twin && is_needed(x) ? NULL : why;
}

/* --- the shape of the URL ------------------------------------------------------------------------------- */

static bool counts_as_repeat(struct zhi_str segment) {
  if (segment.len == 0)
    return false;
  for (size_t i = 0; i < segment.len; i++)
    if (segment.p[i] < '0' || segment.p[i] > '9')
      return true;
  return segment.len > SMALL_NUMBER_DIGITS;
}

/* Three times in a row: one segment, or a run of two or three; or one segment four times anywhere. */
static bool path_repeats(struct zhi_str path) {
  struct zhi_str seg[ZHI_PATH_SEGMENTS_MAX + 1], rest = path;
  size_t n = 0;
  while (rest.p) {
    struct zhi_str s = zhi_str_cut(&rest, '/');
    if (!s.len)
      continue;
    if (n == ZHI_PATH_SEGMENTS_MAX)
      return true;
    seg[n++] = s;
  }
  for (size_t i = 0; i < n; i++) {
    if (!counts_as_repeat(seg[i]))
      continue;
    size_t same = 0;
    for (size_t j = 0; j < n; j++)
      same += zhi_str_eq(seg[i], seg[j]);
    if (same >= SEGMENT_TOTAL_MAX)
      return true;
    for (size_t run = 1; run <= 3; run++) {
      size_t k = 0;
      while (i + run + k < n && zhi_str_eq(seg[i + k], seg[i + run + k]))
        k++;
      if (k >= run * (ZHI_PATH_REPEATS_MAX - 1))
        return true;
    }
  }
  return false;
}

static size_t occurrences(struct zhi_str s, const char *what) {
  size_t n = 0;
  for (const char *at; (at = find(s, what)) != NULL; n++)
    s = zhi_str_sub(s, (size_t)(at - s.p) + strlen(what), s.len);
  return n;
}

static bool query_grows(struct zhi_str query) {
  struct zhi_str names[ZHI_QUERY_PARAMS_MAX + 1], rest = query;
  size_t n = 0;
  while (rest.p) {
    struct zhi_str pair = zhi_str_cut(&rest, '&');
    if (!pair.len)
      continue;
    if (n == ZHI_QUERY_PARAMS_MAX)
      return true;
    struct zhi_str name = zhi_str_cut(&pair, '=');
    size_t same = 1;
    for (size_t i = 0; i < n; i++)
      same += zhi_str_eq(names[i], name);
    if (same >= PARAM_REPEAT_MAX && !zhi_str_ends(name, "[]") && !zhi_str_ends(name, "%5B%5D"))
      return true;
    names[n++] = name;
  }
  return occurrences(query, "http") >= NESTED_URLS_MAX;
}

/* What a template engine or a script would have replaced. */
static bool is_template(struct zhi_str s) {
  static const char *const signs[] = {"${", "$%7b", "{{", "%7b%7b", "[!--", "%5b!--",
                                      "<%", "%3c%", "'+", "+'",     "%22+", "+%22"};
  bool may = false;
  for (size_t i = 0; i < s.len && !may; i++)
    may = s.p[i] == '$' || s.p[i] == '{' || s.p[i] == '[' || s.p[i] == '<' || s.p[i] == '\'' ||
          (s.p[i] == '%' && i + 2 < s.len && strchr("7532", s.p[i + 1]) &&
           strchr("bBcC2", s.p[i + 2]));
  for (size_t i = 0; may && i < sizeof signs / sizeof signs[0]; i++)
    if (find(s, signs[i]))
      return true;
  return zhi_str_ends(s, "/undefined") || zhi_str_ends(s, "=undefined");
}

static const char *judge_shape(const struct subject *x) {
  if (x->url->href.len > LONG_URL_BYTES)
    return "too_long";
  if (is_template(x->path_query))
    return "template";
  if (path_repeats(x->url->path))
    return "trap_path";
  return x->url->query.len && query_grows(x->url->query) ? "trap_query" : NULL;
}

/* --- decision --------------------------------------------------------------------------------------------- */

static bool matches(const struct patterns *p, const struct subject *x) {
  for (size_t i = 0; i < p->n; i++)
    if (zhi_pattern_match(p->v[i], x->path_query) ||
        zhi_pattern_match(p->v[i], zhi_url_without_fragment(x->url)))
      return true;
  return false;
}

static unsigned char kind_of(enum zhi_link_kind k) {
  return k == ZHI_LINK_REQUISITE    ? SCOPE_REQUISITES
         : k == ZHI_LINK_ATTACHMENT ? SCOPE_FILES
                                    : SCOPE_PAGES;
}

/* Lists and portals first: they name the documents. */
static enum zhi_priority priority_of(const struct zhi_url *u, enum zhi_link_kind k) {
  struct zhi_str stem, ext;
  switch (k) {
  case ZHI_LINK_REQUISITE: return ZHI_PRIO_REQUISITE;
  case ZHI_LINK_ATTACHMENT: return ZHI_PRIO_ATTACHMENT;
  case ZHI_LINK_SPECULATIVE: return ZHI_PRIO_SPECULATIVE;
  case ZHI_LINK_LIST_PAGE: return ZHI_PRIO_LIST;
  case ZHI_LINK_PAGE:
  case ZHI_LINK_FRAME: break;
  }
  split_name(u->path, &stem, &ext);
  bool portal = stem.len == 0 || zhi_str_iis(stem, "index") || zhi_str_iis(stem, "default") ||
                zhi_str_iis(stem, "list") || zhi_str_istarts(stem, "index_") ||
                zhi_str_istarts(stem, "list_");
  return portal ? ZHI_PRIO_LIST : ZHI_PRIO_PAGE;
}

/* May a URL off the cluster be fetched for its parent? */
static const char *judge_off_host(const struct subject *x, const struct zhi_scope_link *link) {
  bool part = x->kind != SCOPE_PAGES && link->parent_in_scope;
  return part ? NULL : "off_scope";
}

static const char *judge(struct subject *x, const struct zhi_scope_link *link, bool in_cluster) {
  const struct zhi_config *c = x->s->c;
  const char *why = in_cluster ? NULL : judge_off_host(x, link);
  if (why)
    return why;
  if (x->kind == SCOPE_REQUISITES && !c->scope.requisites)
    return "requisites_off";
  if (x->kind == SCOPE_FILES && !c->scope.attachments)
    return "attachments_off";
  if (in_cluster && x->s->include.n && x->kind == SCOPE_PAGES && !matches(&x->s->include, x))
    return "off_path";
  if (matches(&x->s->exclude, x))
    return "config_exclude";
  if (link->nofollow && c->robots.nofollow && x->kind == SCOPE_PAGES)
    return "nofollow";
  if ((int64_t)link->depth > c->scope.max_depth + (x->kind != SCOPE_PAGES))
    return "too_deep";
  if (matches(&x->s->allow, x))
    return NULL;
  if ((why = judge_shape(x)) != NULL)
    return why;
  return judge_table(x, link->text);
}

void zhi_scope_decide(const struct zhi_scope *s, const struct zhi_url *url,
                      const struct zhi_scope_link *link, struct zhi_scope_decision *out) {
  struct subject x = {s, url, path_query_of(url), kind_of(link->kind), false};
  bool in_cluster = link->as_member || zhi_scope_has_host(s, url->host);
  *out = (struct zhi_scope_decision){
      NULL, link->seed ? ZHI_PRIO_SEED : priority_of(url, link->kind), !in_cluster};
  if (!zhi_url_is_http(url) || url->host.len == 0)
    out->reason = "scheme";
  else if (url->href.len > ZHI_URL_MAX_BYTES)
    out->reason = "too_long";
  else if (url->username.len || url->password.len)
    out->reason = "credentials";
  else if (!link->seed)
    out->reason = judge(&x, link, in_cluster);
}

const char *zhi_scope_explain(const char *reason) {
  for (const struct scope_reason *r = zhi_scope_reasons; r->code; r++)
    if (strcmp(r->code, reason) == 0)
      return r->text;
  return reason;
}
