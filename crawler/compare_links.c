/* Links of two readings of a page against one another.
 *
 * Two links are one when their addresses have one URL key, without what only names a visit, and their texts are equal
 * without white space and counters. What is left after that is paired by its text (the target changed), then by its
 * key (the text changed); the rest was added or removed. Links that are no content of the page are paired apart and
 * told as masked, also where a link moved from the one to the other. Pairing is by sorted hashes: n log n, and memory
 * by the number of links. */
#include <stdlib.h>

#include "crawler/compare.h"
#include "crawler/scope.h"
#include "zhi/json.h"
#include "zhi/limits.h"
#include "zhi/url.h"

enum { ROWS_MAX = 2000, KEY_MAX = 1 << 16 };

struct link {
  const struct zhi_anchor *anchor;
  uint64_t key, label;        /* hashes */
  enum zhi_noise_kind masked; /* in its text */
  struct link *other;         /* its pair */
};
struct readings {
  struct link *a, *b;
  size_t n, m;
};
struct slot {
  uint64_t hash;
  struct link *link;
};
enum by { BY_BOTH, BY_LABEL, BY_KEY };

/* --- what a link is known by --------------------------------------------------------------------------------------- */

static bool is_counter(struct zhi_str pair) {
  static const char *const names[] = {"hits",  "hit", "click",  "clicks",    "views",
                                      "count", "pv",  "visits", "readcount", "viewcount"};
  struct zhi_str value = pair, name = zhi_str_cut(&value, '=');
  for (size_t i = 0; i < value.len; i++)
    if (value.p[i] < '0' || value.p[i] > '9')
      return false;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (zhi_str_iis(name, names[i]))
      return value.len > 0;
  return false;
}

static void drop_counters(struct zhi_str url, struct zhi_buf *out) {
  const char *query = memchr(url.p, '?', url.len);
  zhi_buf_clear(out);
  zhi_buf_addstr(out, query ? zhi_str_n(url.p, (size_t)(query - url.p)) : url);
  struct zhi_str rest =
      query ? zhi_str_sub(url, (size_t)(query - url.p) + 1, url.len) : ZHI_STR_NONE;
  for (char before = '?'; rest.p;) {
    struct zhi_str pair = zhi_str_cut(&rest, '&');
    if (is_counter(pair))
      continue;
    zhi_buf_addc(out, before);
    zhi_buf_addstr(out, pair);
    before = '&';
  }
}

static uint64_t hash_of(const struct zhi_buf *b) { return zhi_hash128(zhi_buf_view(b)).lo; }

/* The address without what changes by itself. */
static uint64_t key_of(struct zhi_str url, struct zhi_buf *room, struct zhi_buf *key) {
  struct zhi_url u;
  zhi_buf_clear(key);
  if (zhi_url_parse(url, NULL, NULL, &u, NULL))
    return zhi_hash128(url).lo;
  zhi_scope_clean(&u, room);
  zhi_url_release(&u);
  drop_counters(zhi_buf_view(room), key);
  zhi_buf_clear(room);
  zhi_surt(zhi_buf_view(key), room);
  return hash_of(room);
}

/* The text without white space and counters. */
static uint64_t label_of(struct zhi_str text, struct zhi_buf *room, enum zhi_noise_kind *masked) {
  bool in_number = false;
  zhi_buf_clear(room);
  *masked = ZHI_NOISE_NONE;
  for (size_t i = 0; i < text.len; i++) {
    struct zhi_str rest = zhi_str_sub(text, i, text.len);
    enum zhi_noise_kind kind;
    size_t from, to, n = in_number ? 0 : zhi_noise_at(rest, &kind, &from, &to);
    in_number = !n && rest.p[0] >= '0' && rest.p[0] <= '9';
    if (n) {
      zhi_buf_addstr(room, zhi_str_sub(rest, 0, from));
      zhi_buf_addstr(room, zhi_str_sub(rest, to, n));
      *masked = kind;
      i += n - 1;
    } else if ((unsigned char)rest.p[0] > ' ') {
      zhi_buf_addc(room, rest.p[0]);
    }
  }
  return room->len ? hash_of(room) : 0;
}

static struct link *links_of(const struct zhi_anchor *anchors, size_t n) {
  struct link *links = calloc(n + 1, sizeof *links);
  struct zhi_buf room, key;
  zhi_buf_init(&room, KEY_MAX);
  zhi_buf_init(&key, KEY_MAX);
  for (size_t i = 0; links && i < n; i++) {
    links[i].anchor = &anchors[i];
    links[i].key = key_of(anchors[i].url, &room, &key);
    links[i].label = label_of(anchors[i].text, &room, &links[i].masked);
  }
  zhi_buf_release(&room);
  zhi_buf_release(&key);
  return links;
}

static bool is_content(const struct link *l) { return !l->anchor->noise; }

/* --- pairs --------------------------------------------------------------------------------------------------------- */

static uint64_t hash_by(const struct link *l, enum by by) {
  return by == BY_KEY     ? l->key
         : by == BY_LABEL ? l->label
                          : l->key ^ (l->label * UINT64_C(0x9e3779b97f4a7c15));
}

static int by_hash(const void *p, const void *q) {
  const struct slot *x = p, *y = q;
  if (x->hash != y->hash)
    return x->hash < y->hash ? -1 : 1;
  return (x->link > y->link) - (x->link < y->link); /* one array: its order */
}

static size_t gather(struct link *links, size_t n, bool content, enum by by, struct slot *out) {
  size_t count = 0;
  for (size_t i = 0; i < n; i++)
    if (!links[i].other && is_content(&links[i]) == content &&
        (by != BY_LABEL || links[i].label)) /* a picture has none */
      out[count++] = (struct slot){hash_by(&links[i], by), &links[i]};
  qsort(out, count, sizeof *out, by_hash);
  return count;
}

/* Pair what has no pair yet, equals in their order. */
static void pair(struct readings *x, bool content_a, bool content_b, enum by by, struct slot *s) {
  struct slot *t = s + x->n;
  size_t n = gather(x->a, x->n, content_a, by, s), m = gather(x->b, x->m, content_b, by, t);
  for (size_t i = 0, k = 0; i < n && k < m;) {
    if (s[i].hash == t[k].hash) {
      s[i].link->other = t[k].link;
      t[k++].link->other = s[i++].link;
    } else if (s[i].hash < t[k].hash) {
      i++;
    } else {
      k++;
    }
  }
}

/* The same link twice in one reading is one. */
static size_t unique(struct link *links, size_t n, struct slot *s) {
  size_t kept = 0;
  for (int content = 0; content < 2; content++) {
    size_t count = gather(links, n, content, BY_BOTH, s);
    for (size_t i = 1; i < count; i++)
      if (s[i].hash == s[i - 1].hash)
        s[i].link->other = s[i].link; /* to be left out */
  }
  for (size_t i = 0; i < n; i++)
    if (!links[i].other)
      links[kept++] = links[i];
  return kept;
}

static void pair_all(struct readings *x, struct slot *s) {
  pair(x, true, true, BY_BOTH, s);
  pair(x, false, false, BY_BOTH, s);
  pair(x, true, false, BY_BOTH, s); /* moved on the page */
  pair(x, false, true, BY_BOTH, s);
  for (int content = 0; content < 2; content++) {
    pair(x, content, content, BY_LABEL, s);
    pair(x, content, content, BY_KEY, s);
  }
}

/* --- rows ---------------------------------------------------------------------------------------------------------- */

/* Why the difference between the two is none; *differ false: there is not even one. */
static enum zhi_noise_kind noise_of(const struct link *a, const struct link *b, bool *differ) {
  *differ = true;
  if (!a || !b)
    return (a ? a : b)->anchor->noise;
  if (is_content(a) != is_content(b))
    return ZHI_NOISE_MOVED;
  bool one_url = zhi_str_eq(a->anchor->url, b->anchor->url);
  if (a->key == b->key && a->label == b->label) {
    bool one_text = !a->masked || zhi_str_eq(a->anchor->text, b->anchor->text);
    *differ = !one_url || !one_text;
    return !one_url ? ZHI_NOISE_ADDRESS : a->masked;
  }
  return b->anchor->noise;
}

static const char *change_of(const struct link *a, const struct link *b) {
  return !a ? "added" : !b ? "removed" : a->key != b->key ? "retargeted" : "renamed";
}

static json_t *row_of(const struct link *a, const struct link *b, enum zhi_noise_kind noise) {
  const struct link *l = b ? b : a;
  json_t *o = json_pack("{s:s, s:o}", "change", noise ? "masked" : change_of(a, b), "text",
                        zhi_json_str(l->anchor->text));
  if (a)
    json_object_set_new(o, "from", zhi_json_str(a->anchor->url));
  if (b)
    json_object_set_new(o, "to", zhi_json_str(b->anchor->url));
  if (a && b && a->label != b->label)
    json_object_set_new(o, "from_text", zhi_json_str(a->anchor->text));
  if (noise)
    json_object_set_new(o, "noise", zhi_noise_json(noise));
  return o;
}

struct rows {
  json_t *list;
  const char *change; /* the ones to add now */
  int64_t changes, masked, left_out;
};

static void add(struct rows *x, const struct link *a, const struct link *b) {
  bool differ;
  enum zhi_noise_kind noise = noise_of(a, b, &differ);
  if (!differ || strcmp(noise ? "masked" : change_of(a, b), x->change) != 0)
    return;
  x->changes += !noise;
  x->masked += noise != ZHI_NOISE_NONE;
  if (json_array_size(x->list) < ROWS_MAX)
    json_array_append_new(x->list, row_of(a, b, noise));
  else
    x->left_out++;
}

/* What was led elsewhere comes first, what is masked last. */
static void add_rows(struct rows *x, const struct readings *r) {
  static const char *const order[] = {"retargeted", "removed", "added", "renamed", "masked"};
  for (size_t k = 0; k < sizeof order / sizeof *order; k++) {
    x->change = order[k];
    for (size_t i = 0; i < r->n; i++)
      if (!r->a[i].other)
        add(x, &r->a[i], NULL);
    for (size_t i = 0; i < r->m; i++)
      add(x, r->b[i].other, &r->b[i]);
  }
}

static void count(json_t *c, const char *name, int64_t more) {
  json_object_set_new(c, name, json_integer(json_integer_value(json_object_get(c, name)) + more));
}

static void settle(json_t *c, const struct rows *x) {
  const char *verdict = json_string_value(json_object_get(c, "verdict"));
  count(c, "changes", x->changes);
  count(c, "masked", x->masked);
  count(c, "links_left_out", x->left_out);
  if (x->changes)
    json_object_set_new(c, "verdict", json_string("changed"));
  else if (x->masked && verdict && strcmp(verdict, "same") == 0)
    json_object_set_new(c, "verdict", json_string("noise"));
}

enum zhi_code zhi_compare_links(json_t *comparison, const struct zhi_anchor *a, size_t n,
                                const struct zhi_anchor *b, size_t m, struct zhi_err *e) {
  struct readings r = {links_of(a, n), links_of(b, m), n, m};
  struct slot *slots = calloc(n + m + 1, sizeof *slots);
  struct rows x = {.list = json_array()};
  enum zhi_code rc =
      r.a && r.b && slots && x.list ? ZHI_OK : zhi_fail(e, ZHI_ENOMEM, "out of memory for links");
  if (!rc) {
    r.n = unique(r.a, n, slots);
    r.m = unique(r.b, m, slots);
    pair_all(&r, slots);
    add_rows(&x, &r);
    json_object_set(comparison, "links", x.list);
    settle(comparison, &x);
  }
  json_decref(x.list);
  free(slots);
  free(r.a);
  free(r.b);
  return rc;
}
