/* Articles over several pages, t20180329_123.html, t20180329_123_1.html …: one document, known by its first page.
 *
 * A page is a part when its name is another page's with _N behind it and the page says so itself: by TRS's pager call
 * with that name, or by a link to it. The first page's call names the parts, which no link does. */
#include "extract/adapters/adapters.h"

enum { PARTS_MAX = 60, DIGITS_MIN = 4 };

/* The page's file name: stem "t20180329_123_1", extension "html"; for a part also base and number. */
struct name {
  struct zhi_str dir, stem, ext, base;
  int number; /* 0: none */
};

static size_t digits_in(struct zhi_str s) {
  size_t n = 0;
  for (size_t i = 0; i < s.len; i++)
    n += s.p[i] >= '0' && s.p[i] <= '9';
  return n;
}

static bool read_name(const struct zhi_ctx *c, struct name *out) {
  struct zhi_str url = c->page->url;
  size_t slash = url.len, dot = url.len;
  if (c->url_query)
    return false;
  while (slash && url.p[slash - 1] != '/')
    slash--;
  for (size_t i = slash; i < url.len; i++)
    dot = url.p[i] == '.' ? i : dot;
  *out = (struct name){.dir = zhi_str_sub(url, 0, slash),
                       .stem = zhi_str_sub(url, slash, dot),
                       .ext = zhi_str_sub(url, dot < url.len ? dot + 1 : dot, url.len)};
  size_t i = out->stem.len;
  while (i && out->stem.p[i - 1] >= '0' && out->stem.p[i - 1] <= '9')
    i--;
  unsigned long long n;
  if (i > 1 && out->stem.p[i - 1] == '_' &&
      zhi_str_u64(zhi_str_sub(out->stem, i, out->stem.len), PARTS_MAX, &n) && n > 0) {
    out->base = zhi_str_sub(out->stem, 0, i - 1);
    out->number = (int)n;
  }
  return out->ext.len && digits_in(out->stem) >= DIGITS_MIN;
}

static struct zhi_str url_of(struct zhi_ctx *c, const struct name *n, struct zhi_str stem,
                             int part) {
  if (part)
    return zhi_arena_printf(c->a, "%.*s%.*s_%d.%.*s", ZHI_STR_ARGS(n->dir), ZHI_STR_ARGS(stem),
                            part, ZHI_STR_ARGS(n->ext));
  return zhi_arena_printf(c->a, "%.*s%.*s.%.*s", ZHI_STR_ARGS(n->dir), ZHI_STR_ARGS(stem),
                          ZHI_STR_ARGS(n->ext));
}

static bool links_to(const struct zhi_doc *d, struct zhi_str url) {
  for (size_t i = 0; i < d->link_count; i++)
    if (zhi_str_eq(d->links[i].url, url))
      return true;
  return false;
}

/* Parts 1 to total - 1 as links of the page. */
static void add_links(struct zhi_ctx *c, const struct name *n, int total) {
  struct zhi_doc *d = c->doc;
  size_t count = (size_t)(total < PARTS_MAX ? total : PARTS_MAX);
  struct zhi_link *all = zhi_arena_alloc(c->a, (d->link_count + count) * sizeof *all);
  if (d->link_count)
    memcpy(all, d->links, d->link_count * sizeof *all);
  d->links = all;
  for (int part = 1; part < (int)count; part++) {
    struct zhi_str url = url_of(c, n, n->stem, part);
    if (!links_to(d, url))
      d->links[d->link_count++] = (struct zhi_link){.url = url, .text = ZHI_STR("")};
  }
}

void zhi_find_parts(struct zhi_ctx *c) {
  struct name n;
  struct zhi_call k;
  if (c->doc->kind != ZHI_KIND_DOCUMENT || !read_name(c, &n))
    return;
  bool call = zhi_script_call(c, "createPageHTML", &k) && k.count >= 4 && !k.quoted[0];
  if (call && zhi_str_eq(k.arg[2], n.stem)) {
    if (zhi_str_int(k.arg[0]) > 1)
      add_links(c, &n, zhi_str_int(k.arg[0]));
    return;
  }
  if (!n.number || digits_in(n.base) < DIGITS_MIN)
    return;
  struct zhi_str first = url_of(c, &n, n.base, 0);
  if ((call && zhi_str_eq(k.arg[2], n.base)) || links_to(c->doc, first))
    c->doc->part_of = first, c->doc->part = n.number;
}
