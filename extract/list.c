/* List items: the links that stand in places of one shape.
 *
 * Every element gets a signature of its path, tags and classes without numbers, made from its parent's in one
 * walk; links of one signature are one group, whatever lists they are split over. A group's weight is its
 * text and its dates: menus are short and have none. */
#include "extract/adapters/adapters.h"

enum { ITEM_MIN_BYTES = 9, TITLE_MAX_BYTES = 1500, GROUPS_MAX = 512, BLOCKS_MAX = 256 };

struct item {
  uint32_t a, box; /* link; li, tr, dd … around it */
  uint64_t sig;
};

struct group {
  uint64_t sig;
  uint32_t first, count, dated, bytes; /* first: of its items */
};

static uint64_t mix(uint64_t h, uint64_t v) {
  h ^= v + 0x9e3779b97f4a7c15ULL + (h << 6) + (h >> 2);
  return h * 0xff51afd7ed558ccdULL;
}

static bool class_counts(uint8_t tag) {
  return tag == ZHI_TAG_DIV || tag == ZHI_TAG_UL || tag == ZHI_TAG_OL || tag == ZHI_TAG_TABLE ||
         tag == ZHI_TAG_DL || tag == ZHI_TAG_SECTION;
}

static void signatures(const struct zhi_flat *f, uint64_t *sig) {
  const struct zhi_html *h = f->h;
  sig[0] = 1;
  for (uint32_t i = 1; i < h->count; i++) {
    const struct zhi_node *n = &h->nodes[i];
    if (n->kind != ZHI_NODE_ELEMENT)
      continue;
    uint64_t s = mix(sig[n->parent], n->tag);
    struct zhi_str cls = class_counts(n->tag) ? zhi_node_attr(n, "class") : ZHI_STR_NONE;
    sig[i] = cls.len ? mix(s, zhi_hash64(cls)) : s;
  }
}

static uint32_t box_of(const struct zhi_flat *f, uint32_t a) {
  const struct zhi_html *h = f->h;
  uint32_t first = 0;
  for (uint32_t i = h->nodes[a].parent, k = 0; i && i != h->body && k < 6;
       i = h->nodes[i].parent, k++) {
    uint8_t t = h->nodes[i].tag;
    if (t == ZHI_TAG_LI || t == ZHI_TAG_TR || t == ZHI_TAG_DL || t == ZHI_TAG_DD)
      return i;
    if (t == ZHI_TAG_UL || t == ZHI_TAG_OL || t == ZHI_TAG_TABLE)
      break;
    if (!first && zhi_is_block(f, i))
      first = i;
  }
  return first ? first : a;
}

static bool date_of(const struct zhi_flat *f, const struct item *it, struct zhi_date *d) {
  uint32_t from = zhi_flat_start(f, it->box), to = f->to[it->box];
  if (to - from > 1500)
    to = from + 1500;
  uint32_t end = f->to[it->a], start = zhi_flat_start(f, it->a);
  if (end < to &&
      zhi_date_find(zhi_str_n(f->text + end, to - end), ZHI_PRECISION_DAY, d, NULL, NULL))
    return true;
  if (from < start &&
      zhi_date_find(zhi_str_n(f->text + from, start - from), ZHI_PRECISION_DAY, d, NULL, NULL))
    return true;
  size_t at;
  struct zhi_str t = zhi_str_n(f->text + start, end - start);
  const char *nl = memchr(t.p, '\n', t.len); /* a link around several lines: the date has its own */
  if (nl &&
      zhi_date_find(zhi_str_n(nl, (size_t)(t.p + t.len - nl)), ZHI_PRECISION_DAY, d, NULL, NULL))
    return true;
  return zhi_date_find(t, ZHI_PRECISION_DAY, d, NULL, &at) && t.len - at <= 3;
}

static bool is_pager(struct zhi_str t) {
  return zhi_str_int(t) >= 0 || zhi_str_find(t, ZHI_STR("一页")) || zhi_str_is(t, "首页") ||
         zhi_str_is(t, "尾页");
}

static uint32_t gather(struct zhi_ctx *c, const struct zhi_flat *f, const uint64_t *sig,
                       struct item **out) {
  struct item *items = NULL;
  uint32_t n = 0, cap = 0;
  for (uint32_t i = f->h->body; i < f->h->count; i++) {
    const struct zhi_node *a = &f->h->nodes[i];
    if (!zhi_node_is(a, ZHI_TAG_A) || (f->flags[i] & ZHI_FLAT_OUT))
      continue;
    uint32_t len = zhi_flat_len(f, i);
    if (len < ITEM_MIN_BYTES || len > TITLE_MAX_BYTES || is_pager(zhi_flat_text(f, i)))
      continue;
    struct item *it = ZHI_PUSH(c, items, n, cap);
    *it = (struct item){i, box_of(f, i), sig[i]};
    /* one link a row and shape, the longest; any other block may hold many */
    uint8_t t = f->h->nodes[it->box].tag;
    bool row = t == ZHI_TAG_LI || t == ZHI_TAG_TR || t == ZHI_TAG_DL || t == ZHI_TAG_DD;
    if (!row && n >= 2 && it[-1].box == it->box)
      it[-1].box = it[-1].a, it->box = i;
    if (n >= 2 && it[-1].box == it->box && it[-1].sig == it->sig) {
      if (zhi_flat_len(f, it[-1].a) < len)
        it[-1] = *it;
      n--;
    }
  }
  *out = items;
  return n;
}

static uint64_t weight(const struct group *g) {
  uint32_t mean = g->count ? g->bytes / g->count : 0;
  uint64_t w = g->bytes + 90ULL * g->dated;
  if (mean < 18 && !g->dated)
    w /= 6;
  return w;
}

static bool heavier(const struct group *a, const struct group *b) {
  uint64_t x = weight(a), y = weight(b);
  return x > y || (x == y && a->first < b->first);
}

/* The heaviest group, the earlier of equals; of those that have at least `min` and at most `max` items. */
static const struct group *best_group(struct zhi_ctx *c, const struct zhi_flat *f,
                                      const struct item *items, uint32_t n, size_t min,
                                      size_t max) {
  struct group *g = zhi_arena_zalloc(c->a, GROUPS_MAX * sizeof *g), *best = NULL;
  struct zhi_date d;
  for (uint32_t i = 0; i < n; i++) {
    uint32_t k = (uint32_t)(items[i].sig % GROUPS_MAX), tries = 0;
    while (g[k].count && g[k].sig != items[i].sig && tries++ < GROUPS_MAX)
      k = (k + 1) % GROUPS_MAX;
    if (tries >= GROUPS_MAX)
      continue;
    uint32_t len = zhi_flat_len(f, items[i].a);
    g[k].sig = items[i].sig;
    g[k].first = g[k].count ? g[k].first : i;
    g[k].count++;
    g[k].bytes += len < 120 ? len : 120;
    g[k].dated += date_of(f, &items[i], &d);
  }
  for (uint32_t k = 0; k < GROUPS_MAX; k++)
    if (g[k].count >= min && g[k].count <= max && (!best || heavier(&g[k], best)))
      best = &g[k];
  return best;
}

static void add_item(struct zhi_ctx *c, const struct zhi_flat *f, const struct item *it,
                     size_t *cap) {
  struct zhi_list *l = &c->doc->list;
  const struct zhi_node *a = &f->h->nodes[it->a];
  struct zhi_list_item *x = ZHI_PUSH(c, l->items, l->item_count, *cap);
  struct zhi_str text = zhi_flat_text(f, it->a),
                 title = zhi_collapse(c->a, zhi_node_attr(a, "title"));
  struct zhi_date d;
  char date[ZHI_DATE_TEXT_SIZE];
  const char *nl = memchr(text.p, '\n', text.len);
  if (nl && nl > text.p + ITEM_MIN_BYTES)
    text.len = (size_t)(nl - text.p);
  text = zhi_collapse(c->a, text);
  x->title = title.len > text.len ? title : text;
  x->url = zhi_ctx_resolve(c, zhi_node_attr(a, "href"));
  if (!x->url.p)
    x->url = ZHI_STR("");
  x->date = ZHI_STR("");
  if (date_of(f, it, &d) || (zhi_date_in_url(x->url, &d) && d.precision >= ZHI_PRECISION_DAY)) {
    zhi_date_format(&d, false, date);
    x->date = zhi_arena_str(c->a, zhi_str_of(date));
  }
}

void zhi_list_add(struct zhi_ctx *c, uint32_t link, uint32_t box, size_t *cap) {
  if (c->doc->list.item_count < ZHI_LIST_MAX_ITEMS)
    add_item(c, &c->flat, &(struct item){.a = link, .box = box}, cap);
}

/* How many separate blocks of links with telling text does the page have? A portal's front page has many. */
static uint32_t count_blocks(struct zhi_ctx *c, const struct zhi_flat *f, const struct item *items,
                             uint32_t n) {
  struct {
    uint32_t node, count, bytes;
  } *b = zhi_arena_zalloc(c->a, BLOCKS_MAX * sizeof *b);
  uint32_t blocks = 0;
  for (uint32_t i = 0; i < n; i++) {
    uint32_t up = f->h->nodes[items[i].box].parent, k = up % BLOCKS_MAX, tries = 0;
    while (b[k].node && b[k].node != up && tries++ < BLOCKS_MAX)
      k = (k + 1) % BLOCKS_MAX;
    if (tries >= BLOCKS_MAX)
      break;
    b[k].node = up;
    b[k].count++;
    b[k].bytes += zhi_flat_len(f, items[i].a);
  }
  for (uint32_t k = 0; k < BLOCKS_MAX; k++)
    blocks += b[k].count >= 3 && b[k].bytes / b[k].count >= 36;
  return blocks;
}

/* The list's items, at least `min` and at most `max`. False, and nothing changed: no group has so many. */
static bool find_items(struct zhi_ctx *c, const struct zhi_flat *f, size_t min, size_t max) {
  uint64_t *sig = zhi_arena_zalloc(c->a, (f->h->count + 1) * sizeof *sig);
  struct item *items;
  size_t cap = 0;
  signatures(f, sig);
  uint32_t n = gather(c, f, sig, &items);
  const struct group *g = best_group(c, f, items, n, min, max);
  if (!g && min > 1)
    return false;
  c->doc->list.items = NULL;
  c->doc->list.item_count = 0;
  c->item_parents = zhi_arena_alloc(c->a, ZHI_LIST_MAX_ITEMS * sizeof *c->item_parents);
  for (uint32_t i = 0; g && i < n && c->doc->list.item_count < ZHI_LIST_MAX_ITEMS; i++)
    if (items[i].sig == g->sig) {
      add_item(c, f, &items[i], &cap);
      c->item_parents[c->doc->list.item_count - 1] = f->h->nodes[items[i].box].parent;
    }
  c->list_blocks = count_blocks(c, f, items, n);
  c->list_dated = g ? g->dated : 0;
  c->list_bytes = g ? g->bytes : 0;
  return true;
}

void zhi_list_items(struct zhi_ctx *c, const struct zhi_flat *f) { find_items(c, f, 1, SIZE_MAX); }

struct zhi_list_page *zhi_list_page(struct zhi_ctx *c, struct zhi_str href) {
  struct zhi_list *l = &c->doc->list;
  struct zhi_str url = zhi_ctx_resolve(c, href);
  if (!url.p || !href.p || l->request_count >= ZHI_LIST_MAX_PAGES)
    return NULL;
  struct zhi_list_page *p = ZHI_PUSH(c, l->requests, l->request_count, c->request_cap);
  *p = (struct zhi_list_page){.url = url};
  return p;
}

static bool has_dates(const struct zhi_list *l) {
  for (size_t i = 0; i < l->item_count; i++)
    if (l->items[i].date.len)
      return true;
  return false;
}

/* The declared totals give the size of a page; when more items of one shape were found (tabs, side lists), the list is
 * the one container that has just as many; when they bear no date (a tree of columns), the one shape. */
static void keep_declared(struct zhi_ctx *c) {
  struct zhi_list *l = &c->doc->list;
  if (l->pages < 2 || l->total < l->pages)
    return;
  size_t size = (size_t)((l->total + l->pages - 1) / l->pages), n = l->item_count;
  if (n * 4 <= size * 5)
    return;
  for (size_t i = 0; i < n;) {
    size_t k = i;
    while (k < n && c->item_parents[k] == c->item_parents[i])
      k++;
    if (k - i == size) {
      l->items += i;
      l->item_count = size;
      return;
    }
    i = k;
  }
  if (!has_dates(l))
    find_items(c, &c->flat, size, (size_t)((l->total - 1) / (l->pages - 1)));
}

void zhi_find_list(struct zhi_ctx *c) {
  struct zhi_list *l = &c->doc->list;
  zhi_list_items(c, &c->flat);
  l->adapter = zhi_adapters_fill(c);
  c->has_pager = l->adapter != NULL;
  zhi_judge_guess(c);
  keep_declared(c);
}
