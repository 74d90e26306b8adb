/* Answers to scripts: what a list's page fetches to fill itself.
 *
 * Whatever the family, an answer is one of few things, also nested: JSON whose rows name URL, title and date by words
 * of config/adapters.yaml; JSON with HTML in a string; XML with HTML in CDATA; a fragment of HTML; any of these as
 * JSONP. The reader takes it apart; what is asked for next is the family's. The JSON tree is the extractor's to release,
 * so the arena's escape may be taken at any time. */
#include <jansson.h>
#include <string.h>

#include "extract/adapters/adapters.h"
#include "zhi/clock.h"
#include "zhi/limits.h"

enum { JSON_DEPTH = 12, NESTING = 3, JSON_NODES_MAX = 200000 };
#define JSON_MAX_BYTES ZHI_MIB(8)

struct walk {
  struct zhi_ctx *c;
  const json_t *rows; /* best array of records */
  size_t score;
  struct zhi_str html;   /* longest string with markup */
  int found[4], rank[4]; /* total, pages, size, page */
  size_t nodes;
};

static struct zhi_str json_text(const json_t *v) {
  return json_is_string(v) ? zhi_str_n(json_string_value(v), json_string_length(v)) : ZHI_STR_NONE;
}

static int json_int(const json_t *v) {
  if (json_is_integer(v)) {
    json_int_t n = json_integer_value(v);
    return n >= 0 && n <= 100000000 ? (int)n : -1;
  }
  return json_is_string(v) ? zhi_str_int(json_text(v)) : -1;
}

/* The member that is called by the earliest word of a list. */
static const json_t *member(const struct zhi_ctx *c, const json_t *o, enum zhi_words list) {
  const json_t *best = NULL, *v;
  const char *key;
  int best_rank = ZHI_WORDS_MAX;
  json_object_foreach((json_t *)(uintptr_t)o, key, v) {
    int rank = zhi_word_rank(c->fam, list, zhi_str_of(key));
    if (rank >= 0 && rank < best_rank && (json_is_string(v) || json_is_integer(v))) {
      best = v;
      best_rank = rank;
    }
  }
  return best;
}

/* A record, or the one object in it that is one ({"source": {…}}). */
static const json_t *record(const struct zhi_ctx *c, const json_t *o) {
  const char *key;
  const json_t *v;
  if (!json_is_object(o))
    return NULL;
  if (json_text(member(c, o, ZHI_WORDS_URL)).len)
    return o;
  json_object_foreach((json_t *)(uintptr_t)o, key, v) {
    if (json_is_object(v) && json_text(member(c, v, ZHI_WORDS_URL)).len)
      return v;
  }
  return NULL;
}

static void weigh_rows(struct walk *w, const json_t *array) {
  size_t n = json_array_size(array), score = 0;
  for (size_t i = 0; i < n && i < 8; i++) {
    const json_t *r = record(w->c, json_array_get(array, i));
    if (r)
      score += 1u + (json_text(member(w->c, r, ZHI_WORDS_TITLE)).len ? 2u : 0u) +
               (member(w->c, r, ZHI_WORDS_DATE) ? 1u : 0u);
  }
  score *= n;
  if (score > w->score) {
    w->rows = array;
    w->score = score;
  }
}

static void weigh_number(struct walk *w, const char *key, const json_t *v) {
  static const enum zhi_words lists[] = {ZHI_WORDS_TOTAL, ZHI_WORDS_PAGES, ZHI_WORDS_SIZE,
                                         ZHI_WORDS_PAGE};
  int n = json_int(v);
  if (n < 0)
    return;
  for (int i = 0; i < 4; i++) {
    int rank = zhi_word_rank(w->c->fam, lists[i], zhi_str_of(key));
    if (rank >= 0 && (w->rank[i] < 0 || rank < w->rank[i])) {
      w->found[i] = n;
      w->rank[i] = rank;
    }
  }
}

static bool is_markup(struct zhi_str s) {
  return s.len > 20 && (zhi_str_ifind(s, "<a ") || zhi_str_ifind(s, "<li") ||
                        zhi_str_find(s, ZHI_STR("<![CDATA[")));
}

static void walk(struct walk *w, const json_t *v, int depth) {
  const char *key;
  const json_t *x;
  size_t i;
  if (depth > JSON_DEPTH || w->nodes++ > JSON_NODES_MAX)
    return;
  if (json_is_string(v)) {
    struct zhi_str s = json_text(v);
    if (s.len > w->html.len && is_markup(s))
      w->html = s;
  } else if (json_is_array(v)) {
    weigh_rows(w, v);
    json_array_foreach(v, i, x) if (!json_is_object(x) || !record(w->c, x)) walk(w, x, depth + 1);
  } else if (json_is_object(v)) {
    json_object_foreach((json_t *)(uintptr_t)v, key, x) {
      weigh_number(w, key, x);
      walk(w, x, depth + 1);
    }
  }
}

/* --- rows --------------------------------------------------------------------------------------------- */

/* Milliseconds or seconds since 1970, or any text with a date, as YYYY-MM-DD in China. */
static struct zhi_str row_date(struct zhi_ctx *c, const json_t *v) {
  struct zhi_date d;
  char text[ZHI_DATE_TEXT_SIZE];
  struct zhi_str s = json_is_integer(v)
                         ? zhi_arena_printf(c->a, "%lld", (long long)json_integer_value(v))
                         : json_text(v);
  unsigned long long n;
  if (!s.len)
    return ZHI_STR("");
  if (zhi_str_u64(s, 99999999999999ULL, &n) && n >= 100000000) {
    int64_t ms = (int64_t)(n >= 100000000000ULL ? n : n * 1000) + 8 * 3600 * 1000;
    char iso[ZHI_ISO_SIZE];
    zhi_time_iso(ms, iso);
    return zhi_arena_str(c->a, zhi_str_n(iso, 10));
  }
  if (!zhi_date_find(s, ZHI_PRECISION_DAY, &d, NULL, NULL))
    return ZHI_STR("");
  zhi_date_format(&d, false, text);
  return zhi_arena_str(c->a, zhi_str_of(text));
}

/* Strings of a record that name a file: its attachments. */
static void row_files(struct zhi_ctx *c, const json_t *v, size_t *cap, int depth) {
  const char *key;
  const json_t *x;
  size_t i;
  if (depth > 3 || c->doc->link_count >= ZHI_PAGE_MAX_LINKS)
    return;
  if (json_is_object(v)) {
    json_object_foreach((json_t *)(uintptr_t)v, key, x) row_files(c, x, cap, depth + 1);
  } else if (json_is_array(v)) {
    json_array_foreach(v, i, x) row_files(c, x, cap, depth + 1);
  } else if (json_is_string(v)) {
    struct zhi_str s = json_text(v);
    bool path = s.len > 4 && s.len < 600 && (memchr(s.p, '/', s.len) || memchr(s.p, '.', s.len)) &&
                !memchr(s.p, ' ', s.len) && !memchr(s.p, '<', s.len) && memchr(s.p, '/', s.len);
    struct zhi_str url = path ? zhi_ctx_resolve(c, zhi_arena_str(c->a, s)) : ZHI_STR_NONE;
    if (url.p && zhi_attachment_type(url))
      *ZHI_PUSH(c, c->doc->links, c->doc->link_count, *cap) =
          (struct zhi_link){.url = url, .kind = ZHI_LINK_ATTACHMENT, .text = ZHI_STR("")};
  }
}

static void take_rows(struct zhi_ctx *c, const json_t *rows) {
  struct zhi_list *l = &c->doc->list;
  size_t i, cap = 0, link_cap = 0;
  const json_t *v;
  c->doc->links = NULL;
  c->doc->link_count = 0;
  json_array_foreach(rows, i, v) {
    const json_t *r = record(c, v);
    struct zhi_str url =
        r ? zhi_ctx_resolve(c, zhi_arena_str(c->a, json_text(member(c, r, ZHI_WORDS_URL))))
          : ZHI_STR_NONE;
    if (!url.p || l->item_count >= ZHI_LIST_MAX_ITEMS)
      continue;
    struct zhi_list_item *x = ZHI_PUSH(c, l->items, l->item_count, cap);
    struct zhi_str title = json_text(member(c, r, ZHI_WORDS_TITLE));
    *x = (struct zhi_list_item){
        .url = url,
        .title = title.len ? zhi_strip_tags(c->a, zhi_arena_str(c->a, title)) : ZHI_STR(""),
        .date = row_date(c, member(c, r, ZHI_WORDS_DATE))};
    row_files(c, v, &link_cap, 0);
  }
}

/* --- fragments ------------------------------------------------------------------------------------------ */

/* Sections of CDATA are one fragment of HTML. */
struct zhi_str zhi_cdata(struct zhi_ctx *c, struct zhi_str s) {
  struct zhi_str open = ZHI_STR("<![CDATA["), close = ZHI_STR("]]>"), rest = s;
  char *html = zhi_arena_alloc(c->a, s.len + 1);
  size_t w = 0;
  for (const char *p; (p = zhi_str_find(rest, open)) != NULL;) {
    rest = zhi_str_n(p + open.len, (size_t)(s.p + s.len - p) - open.len);
    const char *e = zhi_str_find(rest, close);
    size_t n = e ? (size_t)(e - rest.p) : rest.len;
    memcpy(html + w, rest.p, n);
    w += n;
    rest = zhi_str_sub(rest, n, rest.len);
  }
  return zhi_str_n(html, w);
}

static int tag_number(struct zhi_str s, const char *tag) {
  const char *p = zhi_str_find(s, zhi_str_of(tag));
  if (!p)
    return 0;
  p += strlen(tag);
  struct zhi_str n = zhi_str_n(p, 0);
  while (n.p + n.len < s.p + s.len && n.p[n.len] >= '0' && n.p[n.len] <= '9')
    n.len++;
  int v = zhi_str_int(n);
  return v > 0 ? v : 0;
}

void zhi_store_totals(struct zhi_str xml, int *pages, int *total) {
  *pages = tag_number(xml, "<totalpage>");
  *total = tag_number(xml, "<totalrecord>");
}

void zhi_fragment_items(struct zhi_ctx *c, struct zhi_str html, bool whole) {
  struct zhi_html h;
  struct zhi_flat f;
  struct zhi_links links;
  struct zhi_links_in in = {c->base, c->enc, html};
  zhi_html_parse(c->a, html, &h);
  zhi_flat_build(&f, c->a, &h);
  zhi_list_items(c, &f);
  if (!whole)
    return;
  c->html = h;
  c->flat = f;
  zhi_links_html(c->a, &in, &h, &links);
  c->doc->links = links.items;
  c->doc->link_count = links.count;
}

/* --- the whole -------------------------------------------------------------------------------------------- */

/* A tree of JSON, or of what templates write for it. */
static json_t *load_json(struct zhi_ctx *c, struct zhi_str s) {
  json_t *j = json_loadb(s.p, s.len, JSON_DECODE_ANY, NULL);
  if (j)
    return j;
  s = zhi_json_loose(c->a, s);
  return json_loadb(s.p, s.len, JSON_DECODE_ANY, NULL);
}

/* callback({…}); → {…} */
static struct zhi_str without_padding(struct zhi_str s) {
  size_t i = 0;
  while (i < s.len && i < 80 && (zhi_is_word(s.p[i]) || s.p[i] == '.'))
    i++;
  if (i == 0 || i >= s.len || s.p[i] != '(')
    return s;
  size_t end = s.len;
  while (end > i && s.p[end - 1] != ')')
    end--;
  return end > i + 1 ? zhi_str_trim(zhi_str_sub(s, i + 1, end - 1)) : s;
}

static bool read_text(struct zhi_ctx *c, struct zhi_str s, int nesting);

static bool read_json(struct zhi_ctx *c, struct zhi_str s, int nesting) {
  struct walk w = {.c = c, .rank = {-1, -1, -1, -1}};
  if (s.len > JSON_MAX_BYTES)
    return false;
  json_t *j = load_json(c, s);
  if (!j)
    return false;
  if (*c->json) { /* what is inside a string of the other */
    json_t *both = json_pack("[o,o]", *c->json, j);
    *c->json = both ? both : NULL;
    if (!both)
      return false;
  } else {
    *c->json = j;
  }
  if (json_is_string(j))
    return nesting < NESTING && read_text(c, json_text(j), nesting + 1);
  walk(&w, j, 0);
  if (w.rows)
    take_rows(c, w.rows);
  else if (w.html.len && nesting < NESTING)
    read_text(c, w.html, nesting + 1);
  struct zhi_list *l = &c->doc->list;
  zhi_list_totals(c, w.rank[3] >= 0 ? w.found[3] : l->page, w.rank[1] >= 0 ? w.found[1] : l->pages,
                  w.rank[0] >= 0 ? w.found[0] : l->total, w.rank[2] >= 0 ? w.found[2] : 0);
  return w.rows || w.html.len || w.rank[0] >= 0;
}

static bool read_text(struct zhi_ctx *c, struct zhi_str s, int nesting) {
  int page, pages, total;
  s = without_padding(zhi_str_trim(s));
  if (!s.len)
    return false;
  if (strchr("{[\"", *s.p))
    return read_json(c, s, nesting);
  bool xml =
      zhi_str_find(s, ZHI_STR("<![CDATA[")) || zhi_str_ifind(zhi_str_sub(s, 0, 300), "<datastore");
  if (!xml && *s.p != '<')
    return false;
  bool whole_page = zhi_str_ifind(zhi_str_sub(s, 0, 2048), "<body") != NULL;
  if (whole_page) /* an error page, a log-in: nothing that was asked for */
    return false;
  zhi_fragment_items(c, xml ? zhi_cdata(c, s) : s, true);
  if (xml)
    zhi_store_totals(s, &pages, &total), page = 0;
  else
    zhi_declared_totals(c, &page, &pages, &total);
  zhi_list_totals(c, page, pages, total, 0);
  return c->doc->list.item_count || xml || total || pages;
}

bool zhi_is_answer(struct zhi_ctx *c) {
  struct zhi_str asker = c->page->ask.asker;
  c->family = -1;
  if (asker.len)
    c->family = zhi_family_named(c->fam, zhi_asker_word(c, 0));
  else
    c->family = zhi_family_of_answer(c->fam, c->page->url);
  return c->family >= 0 && !zhi_adapter_asks_pages(c, c->family);
}

bool zhi_read_answer(struct zhi_ctx *c) {
  struct zhi_str referer = zhi_ask_header(&c->page->ask, "Referer");
  c->base = referer.len ? referer : c->base;
  if (zhi_ask_own(&c->page->ask).len)
    return zhi_adapter_script(c);
  if (!read_text(c, c->source, 0))
    return false;
  struct zhi_slotted slot;
  int n;
  bool offset;
  const struct zhi_ask *ask = &c->page->ask;
  if (c->doc->list.page <= 0 &&
      zhi_page_slot(c, ask->body.p ? ask->body : c->page->url, &slot, &n, &offset) && !offset)
    c->doc->list.page = n;
  if (c->doc->list.page <= 0)
    c->doc->list.page = 1;
  zhi_adapter_answer(c);
  return true;
}
