/* Any pager: links whose text is a page number, or 下一页 and 尾页. Two such links show where the number stands in
 * the URL and whether it counts up or down; with the declared or the largest number of pages that gives every
 * page's URL. */
#include "extract/adapters/adapters.h"

enum { LINKS_MAX = 64, SLOPE_MAX = 100 /* records a page, where the URL counts those */ };

struct link {
  int page; /* 0: 下一页, -1: 尾页, -2: 首页 */
  struct zhi_str url;
};

static int page_of_text(struct zhi_str t) {
  static const struct {
    const char *word;
    int page;
  } words[] = {{"下一页", 0}, {"下页", 0},  {"后一页", 0},    {"后页", 0},
               {"尾页", -1},  {"末页", -1}, {"最后一页", -1}, {"最后页", -1},
               {">", 0},      {">>", -1},   {"›", 0},         {"»", -1}};
  while (t.len && (*t.p == '[' || *t.p == '<'))
    t = zhi_str_trim(zhi_str_sub(t, 1, t.len));
  while (t.len > 1 && t.p[t.len - 1] == ']')
    t = zhi_str_trim(zhi_str_sub(t, 0, t.len - 1));
  int n = t.len <= 5 ? zhi_str_int(t) : -1;
  if (n > 0)
    return n;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (zhi_str_is(t, words[i].word) ||
        (t.len > strlen(words[i].word) && t.len < 16 && words[i].word[1] &&
         (unsigned char)words[i].word[0] > 128 && zhi_str_starts(t, words[i].word)))
      return words[i].page;
  return -9;
}

static struct zhi_str quoted_url(struct zhi_str s) {
  for (size_t i = 0; i < s.len; i++) {
    if (s.p[i] != '\'' && s.p[i] != '"')
      continue;
    size_t k = i + 1;
    while (k < s.len && s.p[k] != s.p[i])
      k++;
    struct zhi_str w = zhi_str_sub(s, i + 1, k);
    if (memchr(w.p, '.', w.len) || memchr(w.p, '/', w.len) || memchr(w.p, '?', w.len))
      return w;
    i = k;
  }
  return ZHI_STR_NONE;
}

/* The address that a link of a pager leads to: its href, else one in its handler. */
static struct zhi_str url_of(struct zhi_ctx *c, const struct zhi_node *a) {
  struct zhi_str href = zhi_node_attr(a, "href"), url = ZHI_STR_NONE;
  if (href.len && *href.p != '#' && !zhi_str_istarts(href, "javascript:"))
    url = zhi_ctx_resolve(c, href);
  if (url.p)
    return url;
  struct zhi_str code = zhi_node_attr(a, "onclick");
  href = quoted_url(code.len ? code : zhi_node_attr(a, "tagname"));
  if (!href.p)
    href = zhi_node_attr(a, "tagname");
  return zhi_ctx_resolve(c, href);
}

/* <option value="/list_2.html">2</option>, also 第2页, of a select that turns pages. */
static struct link link_of_option(struct zhi_ctx *c, uint32_t i) {
  const struct zhi_node *n = &c->html.nodes[i], *text = i + 1 < n->end ? n + 1 : NULL;
  struct zhi_str value = zhi_node_attr(n, "value"),
                 t = text && text->kind == ZHI_NODE_TEXT ? zhi_str_trim(text->text) : ZHI_STR("");
  if (t.len > 6 && zhi_str_starts(t, "第") && zhi_str_ends(t, "页"))
    t = zhi_str_trim(zhi_str_sub(t, 3, t.len - 3));
  int page = t.len <= 5 ? zhi_str_int(t) : -1;
  bool address = value.len && (memchr(value.p, '/', value.len) || memchr(value.p, '.', value.len));
  if (page <= 0 || !address)
    return (struct link){0, ZHI_STR_NONE};
  return (struct link){page, zhi_ctx_resolve(c, value)};
}

static int collect(struct zhi_ctx *c, struct link *out) {
  int n = 0;
  for (uint32_t i = c->html.body; i < c->html.count; i++) {
    const struct zhi_node *a = &c->html.nodes[i];
    struct link l = {0, ZHI_STR_NONE};
    if (zhi_node_is(a, ZHI_TAG_OPTION)) {
      l = link_of_option(c, i);
    } else if (zhi_node_is(a, ZHI_TAG_A) || zhi_node_is(a, ZHI_TAG_SPAN) ||
               zhi_node_is(a, ZHI_TAG_LI)) {
      uint32_t len = zhi_flat_len(&c->flat, i);
      l.page = len > 0 && len <= 15 ? page_of_text(zhi_str_trim(zhi_flat_text(&c->flat, i))) : -9;
      if (l.page != -9)
        l.url = url_of(c, a);
    }
    if (l.url.p) /* of too many the last one counts: it tells how many pages there are */
      out[n < LINKS_MAX ? n++ : LINKS_MAX - 1] = l;
  }
  return n;
}

struct pattern {
  struct zhi_str head, tail;
  int slope, offset; /* number in the URL = slope × page + offset */
};

/* Does byte `at` lie behind the host? A number in a host's name is no page's. */
static bool is_in_path(struct zhi_str url, size_t at) {
  int slashes = 0;
  for (size_t i = 0; i < at; i++)
    slashes += url.p[i] == '/';
  return slashes > 2;
}

/* Where do two URLs differ? One number in each, the rest equal. */
static bool differ(struct zhi_str a, struct zhi_str b, struct pattern *p, int *x, int *y) {
  size_t i = 0, k = 0, n = a.len < b.len ? a.len : b.len;
  while (i < n && a.p[i] == b.p[i])
    i++;
  while (i && a.p[i - 1] >= '0' && a.p[i - 1] <= '9')
    i--;
  while (k < n - i && a.p[a.len - 1 - k] == b.p[b.len - 1 - k])
    k++;
  while (k && a.p[a.len - k] >= '0' && a.p[a.len - k] <= '9')
    k--;
  *x = zhi_str_int(zhi_str_sub(a, i, a.len - k));
  *y = zhi_str_int(zhi_str_sub(b, i, b.len - k));
  p->head = zhi_str_sub(a, 0, i);
  p->tail = zhi_str_sub(a, a.len - k, a.len);
  return *x >= 0 && *y >= 0 && *x != *y && is_in_path(a, i);
}

static bool from_pairs(const struct link *l, int n, struct pattern *p) {
  for (int i = 0; i < n; i++)
    for (int k = i + 1; k < n; k++) {
      int x, y;
      if (l[i].page < 2 || l[k].page < 2 || l[i].page == l[k].page ||
          !differ(l[i].url, l[k].url, p, &x, &y))
        continue;
      int run = l[k].page - l[i].page, rise = y - x;
      if (rise % run || rise / run > SLOPE_MAX || rise / run < -1)
        continue;
      p->slope = rise / run;
      p->offset = x - p->slope * l[i].page;
      return true;
    }
  return false;
}

/* "list2.html", "page2": the number ends a word for pages. */
static bool is_page_name(struct zhi_str url, size_t at) {
  static const char *const names[] = {"list", "page", "index"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (zhi_str_ends(zhi_str_sub(url, 0, at), names[i]))
      return true;
  return false;
}

/* One link alone: its page number, or that less one, stands last in the URL's last segment or its query. */
static bool from_one(struct zhi_str url, int page, struct pattern *p) {
  for (size_t end = url.len; end > 0; end--) {
    if (url.p[end - 1] < '0' || url.p[end - 1] > '9')
      continue;
    size_t from = end;
    while (from && url.p[from - 1] >= '0' && url.p[from - 1] <= '9')
      from--;
    int n = zhi_str_int(zhi_str_sub(url, from, end));
    bool place =
        is_in_path(url, from) && (strchr("_/=-", url.p[from - 1]) || is_page_name(url, from));
    if (n >= 0 && (n == page || n == page - 1) && place) {
      *p = (struct pattern){zhi_str_sub(url, 0, from), zhi_str_sub(url, end, url.len), 1, n - page};
      return true;
    }
    end = from + 1;
  }
  return false;
}

static int number_in(struct zhi_str url, const struct pattern *p) {
  if (url.len <= p->head.len + p->tail.len || memcmp(url.p, p->head.p, p->head.len) != 0 ||
      memcmp(url.p + url.len - p->tail.len, p->tail.p, p->tail.len) != 0)
    return -1;
  return zhi_str_int(zhi_str_sub(url, p->head.len, url.len - p->tail.len));
}

static void write_pages(struct zhi_ctx *c, const struct pattern *p, int pages,
                        struct zhi_str first) {
  int n = pages < ZHI_LIST_MAX_PAGES ? pages : ZHI_LIST_MAX_PAGES;
  if (first.p)
    zhi_list_page(c, first);
  for (int k = first.p ? 2 : 1; k <= n; k++) {
    int number = p->slope * k + p->offset;
    if (number > 0) /* page 1 as number 0 has an address of its own */
      zhi_list_page(c, zhi_arena_printf(c->a, "%.*s%d%.*s", ZHI_STR_ARGS(p->head), number,
                                        ZHI_STR_ARGS(p->tail)));
  }
}

static int first_number(const struct zhi_ctx *c, enum zhi_words list) {
  const struct zhi_word_list *w = &c->fam->words[list];
  for (int i = 0; i < w->count; i++) {
    int n = zhi_script_number(c, w->word[i].p);
    if (n > 0)
      return n;
  }
  return 0;
}

/* laypage({pages: 3, curr: 1, count: 25}): "count" is too common a word to be looked for anywhere else. */
static int laypage_count(const struct zhi_ctx *c) {
  struct zhi_call k;
  if (!zhi_script_call(c, "laypage", &k) && !zhi_script_call(c, "laypage.render", &k))
    return 0;
  for (int i = 0; i < k.count; i++) {
    struct zhi_str value = k.arg[i], name = zhi_str_trim(zhi_str_cut(&value, ':'));
    if (zhi_str_is(name, "count") && value.len)
      return zhi_str_int(value);
  }
  return 0;
}

void zhi_script_totals(const struct zhi_ctx *c, int *pages, int *total, int *size) {
  *pages = first_number(c, ZHI_WORDS_SCRIPT_PAGES);
  *total = first_number(c, ZHI_WORDS_SCRIPT_TOTAL);
  if (*total <= 0)
    *total = laypage_count(c);
  *size = first_number(c, ZHI_WORDS_SCRIPT_SIZE);
}

/* location.href = "/a/" + (pageIndex + 1) + ".html" in a script. */
static bool from_script(struct zhi_ctx *c, struct pattern *p) {
  struct zhi_slotted url;
  if (!zhi_location_pattern(c, &url, &p->slope, &p->offset))
    return false;
  struct zhi_str whole = zhi_ctx_resolve(c, url.head); /* as the page's own address is */
  p->head = whole.p ? whole : url.head;
  p->tail = url.tail;
  return true;
}

/* Empire CMS shows the number of records alone: <a title="Total record"><b>852</b></a>. */
static int titled_total(const struct zhi_ctx *c) {
  for (uint32_t i = c->html.body; i < c->html.count; i++)
    if (zhi_node_is(&c->html.nodes[i], ZHI_TAG_A) &&
        (zhi_attr_has(&c->html.nodes[i], "title", "总数") ||
         zhi_attr_has(&c->html.nodes[i], "title", "Total record")))
      return zhi_str_int(zhi_flat_text(&c->flat, i));
  return -1;
}

/* A number may be anything's: one link alone tells of a pager by what stands beside it, or by being 2. */
static bool is_pager(const struct link *l, int n, bool declared) {
  int words = 0, numbers = 0, first = 0;
  for (int i = 0; i < n; i++) {
    words += l[i].page <= 0;
    if (l[i].page > 0 && numbers++ == 0)
      first = l[i].page;
  }
  return declared || words || numbers > 1 || first == 2;
}

/* What links of a pager give away. */
static bool from_links(const struct link *l, int n, int page, int pages, bool declared,
                       struct pattern *p) {
  struct link m[LINKS_MAX];
  for (int i = 0; i < n; i++) { /* the next and the last page have numbers too */
    m[i] = l[i];
    m[i].page = l[i].page == 0                 ? (page > 0 ? page : 1) + 1
                : l[i].page == -1 && pages > 1 ? pages
                                               : l[i].page;
  }
  bool found = from_pairs(m, n, p), pager = is_pager(l, n, declared);
  for (int i = 0; i < n && pager && !found; i++)
    if (l[i].page >= 2)
      found = from_one(l[i].url, l[i].page, p);
  for (int i = 0; i < n && !found; i++)
    if (l[i].page == 0)
      found = from_one(l[i].url, (page > 0 ? page : 1) + 1, p);
  for (int i = 0; i < n && pages > 1 && !found; i++)
    if (l[i].page == -1)
      found = from_one(l[i].url, pages, p);
  return found;
}

static int page_in(struct zhi_str url, const struct pattern *p) {
  int v = number_in(url, p);
  return v >= 0 && p->slope > 0 ? (v - p->offset) / p->slope : v;
}

/* The largest page that is linked; whether links to the last and the next one are there. */
static int largest_of(const struct link *l, int n, const struct pattern *p, bool found,
                      bool *has_last, bool *has_next) {
  int largest = 0;
  *has_last = *has_next = false;
  for (int i = 0; i < n; i++) {
    *has_last = *has_last || l[i].page == -1;
    *has_next = *has_next || l[i].page == 0;
    int v = found && l[i].page == -1 ? number_in(l[i].url, p) : -1;
    int k = v >= 0 && p->slope > 0 ? (v - p->offset) / p->slope : l[i].page;
    largest = found && k > largest ? k : largest;
  }
  return largest;
}

/* Declared totals, from the text, else from scripts; true when the text told the pages. */
static bool totals_of(const struct zhi_ctx *c, int *pages, int *total) {
  *pages = c->said_pages;
  *total = c->said_total;
  bool declared = *pages > 0;
  if (!declared) {
    int t, size;
    zhi_script_totals(c, pages, &t, &size);
    *total = *total > 0 ? *total : t;
    if (*pages <= 0 && *total > 0 && size > 0)
      *pages = (*total + size - 1) / size;
  }
  if (*total <= 0)
    *total = titled_total(c);
  return declared;
}

bool zhi_adapter_generic(struct zhi_ctx *c) {
  struct link l[LINKS_MAX];
  struct zhi_list *list = &c->doc->list;
  struct pattern p = {0};
  int n = collect(c, l), page = c->said_page, pages, total;
  bool declared = totals_of(c, &pages, &total), has_last, has_next;
  bool found = from_links(l, n, page, pages, pages > 0 || total > 0, &p);
  int largest = largest_of(l, n, &p, found, &has_last, &has_next);
  int own = found ? page_in(c->doc->url, &p) : -1;
  if (!found && pages > 1 && (found = from_script(c, &p)))
    own = page_in(c->doc->url, &p);
  if (!declared && found && !has_next && !has_last && own > largest) { /* this is the last page */
    pages = own;
    has_last = true;
  }
  if (!declared && found && has_last && largest > pages)
    pages = largest;
  if (!found && pages <= 0 && total <= 0)
    return false;
  zhi_list_totals(c, page > 0 ? page : own > 0 ? own : 1, pages, total, 0);
  if (!found || list->pages == 1)
    return true;
  struct zhi_str first = list->page == 1 ? c->doc->url : ZHI_STR_NONE;
  for (int i = 0; i < n && !first.p; i++)
    if (l[i].page == 1)
      first = l[i].url;
  write_pages(c, &p, pages > largest ? pages : largest, first);
  return true;
}
