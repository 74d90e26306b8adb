/* Link collector: dedupe, resolve, merge, in document order.
 *
 * Navigation repeats the same href hundreds of times in a site and dozens of times in a page, and parsing a URL
 * costs more than hashing one: a table of strings already met, as written and as resolved, comes first. The
 * base URL and the one being parsed own malloc'd memory while the arena may longjmp at any allocation, so
 * links_run catches the escape, releases them, and passes it on. */
#include "extract/links.h"

#include <string.h>
#include <xxhash.h>

#include "zhi/limits.h"

enum { FIRST_SLOTS = 512, FIRST_LINKS = 256, NO_LINK = 0 };

const char *zhi_link_kind_name(enum zhi_link_kind k) {
  static const char *const names[] = {[ZHI_LINK_PAGE] = "page",
                                      [ZHI_LINK_REQUISITE] = "requisite",
                                      [ZHI_LINK_ATTACHMENT] = "attachment",
                                      [ZHI_LINK_FRAME] = "frame",
                                      [ZHI_LINK_LIST_PAGE] = "list_page",
                                      [ZHI_LINK_SPECULATIVE] = "speculative"};
  return (unsigned)k < sizeof names / sizeof *names ? names[k] : "";
}

static struct link_slot *slot_of(const struct collector *c, struct zhi_str key, uint64_t hash) {
  size_t mask = c->slot_cap - 1, i = (size_t)hash & mask;
  while (c->slots[i].key.p && (c->slots[i].hash != hash || !zhi_str_eq(c->slots[i].key, key)))
    i = (i + 1) & mask;
  return &c->slots[i];
}

/* The first table comes with the first link: most runs resolve a single URL and need none. */
static void slots_grow(struct collector *c) {
  struct link_slot *old = c->slots;
  size_t old_cap = c->slot_cap;
  c->slot_cap = old_cap ? old_cap * 2 : FIRST_SLOTS;
  c->slots = zhi_arena_zalloc(c->arena, c->slot_cap * sizeof *c->slots);
  for (size_t i = 0; i < old_cap; i++)
    if (old[i].key.p)
      *slot_of(c, old[i].key, old[i].hash) = old[i];
}

static struct link_slot *slot_for(struct collector *c, struct zhi_str key, bool *fresh) {
  if ((c->slot_count + 2) * 4 > c->slot_cap * 3)
    slots_grow(c);
  uint64_t hash = XXH3_64bits(key.p, key.len);
  struct link_slot *s = slot_of(c, key, hash);
  *fresh = !s->key.p;
  if (*fresh) {
    *s = (struct link_slot){.key = key, .hash = hash, .link = NO_LINK};
    c->slot_count++;
  }
  return s;
}

static const unsigned char rank_of_kind[] = {
    [ZHI_LINK_SPECULATIVE] = 0, [ZHI_LINK_REQUISITE] = 1, [ZHI_LINK_PAGE] = 2,
    [ZHI_LINK_FRAME] = 3,       [ZHI_LINK_LIST_PAGE] = 4, [ZHI_LINK_ATTACHMENT] = 5,
};

static struct zhi_link *merge(struct zhi_link *l, enum zhi_link_kind kind, bool nofollow) {
  if (rank_of_kind[kind] > rank_of_kind[l->kind])
    l->kind = kind;
  l->nofollow &= nofollow;
  return l;
}

/* A file that is an attachment is one wherever the link to it stands, unless it is part of the page's look. */
static enum zhi_link_kind kind_of(struct zhi_str url, enum zhi_link_kind kind) {
  if (kind == ZHI_LINK_PAGE || kind == ZHI_LINK_FRAME || kind == ZHI_LINK_SPECULATIVE)
    if (zhi_attachment_type(url))
      return ZHI_LINK_ATTACHMENT;
  return kind;
}

/* The URL of an absolute or relative reference in c->scratch; false when it is none we could request. */
static bool resolve(struct collector *c, struct zhi_str raw, struct zhi_str *url) {
  c->scratch_live = true;
  if (zhi_url_parse_into(raw, c->base_live ? &c->base : NULL, c->enc, &c->scratch, NULL) !=
          ZHI_OK ||
      !zhi_url_is_http(&c->scratch) || c->scratch.host.len == 0)
    return false;
  *url = zhi_url_without_fragment(&c->scratch);
  if (url->len > ZHI_URL_MAX_BYTES) {
    c->too_long++;
    return false;
  }
  return true;
}

static struct zhi_link *new_link(struct collector *c, struct zhi_str url, enum zhi_link_kind kind,
                                 bool nofollow) {
  if (c->count == c->cap) {
    size_t cap = c->cap ? c->cap * 2 : FIRST_LINKS;
    c->items =
        zhi_arena_grow(c->arena, c->items, c->cap * sizeof *c->items, cap * sizeof *c->items);
    c->cap = cap;
  }
  struct zhi_link *l = &c->items[c->count++];
  *l = (struct zhi_link){
      .url = url, .kind = kind_of(url, kind), .text = ZHI_STR(""), .nofollow = nofollow};
  return l;
}

struct zhi_link *links_add(struct collector *c, struct zhi_str raw, enum zhi_link_kind kind,
                           bool nofollow) {
  bool fresh;
  if (!raw.p)
    return NULL;
  if (raw.len > (size_t)ZHI_URL_MAX_BYTES * 4) {
    c->too_long += !zhi_str_istarts(raw, "data:");
    return NULL;
  }
  nofollow |= c->nofollow;
  struct link_slot *by_raw = slot_for(c, raw, &fresh);
  if (!fresh)
    return by_raw->link ? merge(&c->items[by_raw->link - 1], kind, nofollow) : NULL;
  struct zhi_str url, clean = zhi_link_clean(c->arena, raw);
  if (!clean.p || !resolve(c, clean, &url))
    return NULL;
  if (c->count >= ZHI_PAGE_MAX_LINKS) {
    c->capped = true;
    return NULL;
  }
  uint64_t raw_hash = by_raw->hash;
  url = zhi_arena_str(c->arena, url);
  struct link_slot *by_url = slot_for(c, url, &fresh); /* may move the table */
  struct zhi_link *l;
  if (fresh || by_url->link == NO_LINK) { /* the second: raw and url are the same text */
    l = new_link(c, url, kind, nofollow);
    by_url->link = (uint32_t)c->count;
  } else {
    l = merge(&c->items[by_url->link - 1], kind, nofollow);
  }
  slot_of(c, raw, raw_hash)->link = by_url->link;
  return l;
}

void links_set_base(struct collector *c, struct zhi_str raw) {
  struct zhi_str url, clean = zhi_link_clean(c->arena, raw);
  if (!clean.p || !resolve(c, clean, &url))
    return;
  if (!c->base_live)
    zhi_url_init(&c->base);
  c->base_live = true;
  if (zhi_url_parse_into(url, NULL, c->enc, &c->base, NULL) != ZHI_OK) { /* it parsed just now */
    zhi_url_release(&c->base);
    c->base_live = false;
  }
}

static void release(struct collector *c) {
  if (c->base_live)
    zhi_url_release(&c->base);
  if (c->scratch_live)
    zhi_url_release(&c->scratch);
  c->base_live = c->scratch_live = false;
}

static struct collector *begin(struct zhi_arena *a, const struct zhi_links_in *in) {
  struct collector *c = zhi_arena_zalloc(a, sizeof *c);
  c->arena = a;
  c->enc = in->enc;
  c->source = in->text.p ? in->text : ZHI_STR("");
  zhi_url_init(&c->scratch);
  return c;
}

void links_run(struct zhi_arena *a, const struct zhi_links_in *in, links_work *work, void *arg,
               struct zhi_links *out) {
  struct collector *c = begin(a, in);
  jmp_buf mine, *outer = a->escape;
  a->escape = &mine;
  if (setjmp(mine)) {
    release(c);
    a->escape = outer;
    longjmp(*outer, (int)a->why);
  }
  links_set_base(c, in->url);
  work(c, arg);
  *out = (struct zhi_links){.items = c->items,
                            .count = c->count,
                            .nofollow = c->nofollow,
                            .noindex = c->noindex,
                            .capped = c->capped,
                            .too_long = c->too_long};
  out->base = c->base_live ? zhi_arena_str(a, zhi_url_without_fragment(&c->base)) : in->url;
  release(c);
  a->escape = outer;
}

/* --- small entry points ---------------------------------------------------------------------------- */

struct single {
  struct zhi_str raw, url;
};

static void work_single(struct collector *c, void *arg) {
  struct single *s = arg;
  struct zhi_str url, clean = zhi_link_clean(c->arena, s->raw);
  if (clean.p && resolve(c, clean, &url))
    s->url = zhi_arena_str(c->arena, url);
}

struct zhi_str zhi_link_resolve(struct zhi_arena *a, struct zhi_str base,
                                const struct zhi_encoding *enc, struct zhi_str raw) {
  struct single s = {.raw = raw, .url = ZHI_STR_NONE};
  struct zhi_links out;
  links_run(a, &(struct zhi_links_in){.url = base, .enc = enc}, work_single, &s, &out);
  return s.url;
}

static void work_css(struct collector *c, void *arg) {
  (void)arg;
  links_style(c, c->source);
}

void zhi_links_css(struct zhi_arena *a, const struct zhi_links_in *in, struct zhi_links *out) {
  links_run(a, in, work_css, NULL, out);
}
