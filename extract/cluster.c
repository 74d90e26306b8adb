/* Navigation of a cluster of sites: links to other hosts and the caption they stand under.
 *
 * A caption is a short text without such links in it that names a group of sites (cluster_table.c); it speaks for the
 * links that follow it within its parent. One walk in document order keeps the last caption of every open element, so
 * that a link finds its own by climbing: the nearest wins. Besides that: the first option or group of a select, the
 * k-th tab of the k-th pane, the title of a page that is all navigation, names in scripts. Whether a site belongs to
 * the cluster is not decided here. */
#include "extract/cluster.h"

enum {
  CAPTION_MAX = 60,
  TABS_MAX = 400,
  NAME_MAX = 120,
  SITES_MAX = 1000,
  LEVELS_MAX = 12,
  SLOTS = 2048
};

struct walk {
  struct zhi_ctx *c;
  const struct zhi_html *h;
  struct zhi_str host;  /* the page's */
  struct zhi_str *refs; /* of a node: the other host's URL, or the NULL view */
  uint32_t *before;     /* how many nodes before this one have one */
  uint32_t *caption;    /* of an element: its last child that is a caption; 0 = none */
};

const char *zhi_site_group_name(enum zhi_site_group g) {
  static const char *const names[] = {"unknown", "foreign", "sibling", "own"};
  return g >= 0 && g <= ZHI_GROUP_OWN ? names[g] : "unknown";
}

enum zhi_site_group zhi_cluster_group(struct zhi_str text) {
  text = zhi_str_trim(text);
  if (text.len < 6 || text.len > CAPTION_MAX)
    return ZHI_GROUP_UNKNOWN;
  for (const struct cluster_caption *k = zhi_cluster_captions; k->word; k++)
    if (zhi_str_find(text, zhi_str_of(k->word)))
      return k->group;
  return ZHI_GROUP_UNKNOWN;
}

/* Host of "http://host…" or "//host…"; empty when there is none. */
static struct zhi_str host_of(struct zhi_str url) {
  const char *at = zhi_str_find(url, ZHI_STR("//"));
  size_t i = at ? (size_t)(at - url.p) + 2 : url.len, from = i;
  while (i < url.len && !strchr("/?#: \"'", url.p[i]))
    i++;
  return zhi_str_sub(url, from, i);
}

/* A reference to another host in an attribute: the address itself, or one inside a call. */
static struct zhi_str address_in(struct zhi_str v) {
  const char *at = zhi_str_ifind(v, "http://");
  if (!at)
    at = zhi_str_ifind(v, "https://");
  if (!at)
    return zhi_str_starts(v, "//") ? v : ZHI_STR_NONE;
  struct zhi_str s = zhi_str_sub(v, (size_t)(at - v.p), v.len);
  size_t n = 0;
  while (n < s.len && (unsigned char)s.p[n] > ' ' && !strchr("\"'\\<>)", s.p[n]))
    n++;
  return zhi_str_sub(s, 0, n);
}

static bool is_other(struct zhi_str host, struct zhi_str url) {
  struct zhi_str other = host_of(url);
  return other.len > 3 && memchr(other.p, '.', other.len) && !zhi_str_ieq(other, host);
}

static struct zhi_str reference(const struct walk *w, const struct zhi_node *n) {
  struct zhi_str v;
  if (zhi_node_is(n, ZHI_TAG_A) || zhi_node_is(n, ZHI_TAG_AREA))
    v = address_in(zhi_node_attr(n, "href"));
  else if (zhi_node_is(n, ZHI_TAG_OPTION))
    v = address_in(zhi_node_attr(n, "value"));
  else
    return ZHI_STR_NONE;
  if (!v.p)
    v = address_in(zhi_node_attr(n, "onclick"));
  return v.p && is_other(w->host, v) ? v : ZHI_STR_NONE;
}

/* Are there other hosts' links in [from, to)? */
static bool has_refs(const struct walk *w, uint32_t from, uint32_t to) {
  return w->before[to] > w->before[from];
}

static bool is_element(const struct walk *w, uint32_t i) {
  return w->h->nodes[i].kind == ZHI_NODE_ELEMENT;
}

static struct zhi_str text_of(const struct walk *w, uint32_t i) {
  return zhi_str_trim(zhi_flat_text(&w->c->flat, i));
}

/* The k-th element child; 0 when there are fewer. */
static uint32_t child(const struct walk *w, uint32_t i, uint32_t k) {
  uint32_t x = zhi_html_first_child(w->h, i);
  while (x && k--)
    x = zhi_html_next_sibling(w->h, x);
  return x;
}

/* Which element child of its parent is i? */
static uint32_t place_of(const struct walk *w, uint32_t i) {
  uint32_t k = 0;
  for (uint32_t x = zhi_html_first_child(w->h, w->h->nodes[i].parent); x && x < i && k < LEVELS_MAX;
       x = zhi_html_next_sibling(w->h, x))
    k++;
  return k;
}

/* Heads of tabs: two children and more that are captions, and no other host's link. */
static bool is_tabs(const struct walk *w, uint32_t i) {
  uint32_t n = 0, k = 0;
  if (!is_element(w, i) || zhi_flat_len(&w->c->flat, i) > TABS_MAX)
    return false;
  for (uint32_t x = zhi_html_first_child(w->h, i); x && k < LEVELS_MAX;
       x = zhi_html_next_sibling(w->h, x), k++)
    n += zhi_cluster_group(text_of(w, x)) != ZHI_GROUP_UNKNOWN;
  return n >= 2;
}

static bool is_caption(const struct walk *w, uint32_t i) {
  const struct zhi_node *n = &w->h->nodes[i];
  if (n->kind != ZHI_NODE_ELEMENT && n->kind != ZHI_NODE_TEXT)
    return false;
  uint32_t end = n->end > i ? n->end : i + 1;
  if (has_refs(w, i, end) || !has_refs(w, end, w->h->nodes[n->parent].end))
    return false;
  uint32_t len = zhi_flat_len(&w->c->flat, i);
  if (len < 6 || len > TABS_MAX)
    return false;
  return (len <= CAPTION_MAX && zhi_cluster_group(text_of(w, i)) != ZHI_GROUP_UNKNOWN) ||
         is_tabs(w, i);
}

/* The caption `cap` as it speaks for x, a later child of the same parent, and y, the child of x towards the link. */
static struct zhi_str speaks(const struct walk *w, uint32_t cap, uint32_t x, uint32_t y) {
  if (!is_tabs(w, cap))
    return text_of(w, cap);
  uint32_t first = zhi_html_next_sibling(w->h, cap);
  bool one_box = first == x && !zhi_html_next_sibling(w->h, x) && y;
  uint32_t k = one_box ? place_of(w, y) : place_of(w, x) - place_of(w, cap) - 1;
  uint32_t tab = child(w, cap, k);
  return tab ? text_of(w, tab) : ZHI_STR("");
}

static struct zhi_str caption_of(const struct walk *w, uint32_t i) {
  uint32_t below = 0;
  for (uint32_t x = i, k = 0; x && k < LEVELS_MAX; below = x, x = w->h->nodes[x].parent, k++) {
    uint32_t cap = w->caption[w->h->nodes[x].parent];
    if (cap && cap < x)
      return speaks(w, cap, x, below);
  }
  return ZHI_STR("");
}

/* An option's: its group's label, or the first option, which leads nowhere; else that of the select. */
static struct zhi_str option_caption(const struct walk *w, uint32_t i) {
  uint32_t s = w->h->nodes[i].parent, first;
  if (zhi_node_is(&w->h->nodes[s], ZHI_TAG_OPTGROUP)) {
    struct zhi_str label = zhi_node_attr(&w->h->nodes[s], "label");
    if (label.len)
      return label;
    s = w->h->nodes[s].parent;
  }
  first = zhi_html_first_child(w->h, s);
  struct zhi_str said = ZHI_STR("");
  if (first && first != i && !w->refs[first].p)
    said = zhi_html_text_max(w->c->a, w->h, first, CAPTION_MAX);
  if (zhi_cluster_group(said) != ZHI_GROUP_UNKNOWN)
    return said;
  struct zhi_str around = caption_of(w, s);
  return around.len ? around : said;
}

static struct zhi_str name_of(const struct walk *w, uint32_t i) {
  const struct zhi_node *n = &w->h->nodes[i];
  struct zhi_str name = zhi_html_text_max(w->c->a, w->h, i, NAME_MAX);
  static const char *const attrs[] = {"title", "alt"};
  for (size_t k = 0; !name.len && k < 2; k++)
    name = zhi_node_attr(n, attrs[k]);
  for (uint32_t x = i + 1; !name.len && x < n->end && x < i + 8; x++)
    if (zhi_node_is(&w->h->nodes[x], ZHI_TAG_IMG))
      name = zhi_node_attr(&w->h->nodes[x], "alt");
  return name;
}

void zhi_cluster_add(struct zhi_ctx *c, struct zhi_str host, const struct zhi_neighbour *s) {
  struct zhi_doc *d = c->doc;
  if (d->site_count >= SITES_MAX || !is_other(host, s->url))
    return;
  struct zhi_neighbour x = *s;
  x.url = zhi_ctx_resolve(c, s->url);
  if (!x.url.p)
    return;
  if (!c->site_seen)
    c->site_seen = zhi_arena_zalloc(c->a, SLOTS * sizeof *c->site_seen);
  uint64_t key = zhi_hash64(host_of(x.url)) + (uint64_t)x.group + 1;
  size_t slot = key % SLOTS;
  while (c->site_seen[slot] && c->site_seen[slot] != key)
    slot = (slot + 1) % SLOTS;
  if (c->site_seen[slot])
    return;
  c->site_seen[slot] = key;
  x.name = zhi_collapse(c->a, zhi_str_clip(x.name, NAME_MAX));
  x.caption = zhi_collapse(c->a, x.caption);
  *ZHI_PUSH(c, d->sites, d->site_count, c->site_cap) = x;
}

static void take(struct walk *w, uint32_t i) {
  const struct zhi_node *n = &w->h->nodes[i];
  bool option = zhi_node_is(n, ZHI_TAG_OPTION), area = zhi_node_is(n, ZHI_TAG_AREA);
  struct zhi_neighbour s = {.url = w->refs[i],
                            .name = name_of(w, i),
                            .caption = option ? option_caption(w, i) : caption_of(w, i),
                            .place = option ? "select"
                                     : area ? "map"
                                            : "navigation"};
  bool site_map = zhi_is_site_map(w->c);
  s.group = zhi_cluster_group(s.caption);
  if (s.group == ZHI_GROUP_UNKNOWN && !option) { /* a page that is all navigation */
    enum zhi_site_group g = zhi_cluster_group(w->c->head_title);
    if (g == ZHI_GROUP_OWN || site_map) {
      s.group = g;
      s.caption = zhi_str_clip(w->c->head_title, CAPTION_MAX);
      s.place = "site_map";
    }
  }
  if (s.group != ZHI_GROUP_UNKNOWN || option || area || site_map)
    zhi_cluster_add(w->c, w->host, &s);
}

void zhi_find_cluster(struct zhi_ctx *c) {
  const struct zhi_html *h = &c->html;
  struct walk w = {.c = c, .h = h, .host = host_of(c->page->url)};
  uint32_t n = 0;
  w.refs = zhi_arena_zalloc(c->a, (h->count + 1) * sizeof *w.refs);
  w.before = zhi_arena_alloc(c->a, (h->count + 2) * sizeof *w.before);
  for (uint32_t i = 0; i < h->count; i++) {
    w.before[i] = n;
    w.refs[i] = reference(&w, &h->nodes[i]);
    n += w.refs[i].p != NULL;
  }
  w.before[h->count] = w.before[h->count + 1] = n;
  if (n) {
    w.caption = zhi_arena_zalloc(c->a, (h->count + 1) * sizeof *w.caption);
    for (uint32_t i = 1; i < h->count; i++) {
      if (w.refs[i].p)
        take(&w, i);
      else if (is_caption(&w, i))
        w.caption[h->nodes[i].parent] = i;
    }
  }
  for (uint32_t i = 0; i < h->count; i++)
    if (zhi_node_is(&h->nodes[i], ZHI_TAG_SCRIPT) && i + 1 < h->nodes[i].end)
      zhi_cluster_script(c, w.host, h->nodes[i + 1].text);
}
