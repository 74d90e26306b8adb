/* Where further pages stand: asking for them, counting on in a request, patterns and guesses.
 *
 * What an adapter asks for is remembered with the request as words: the family, the digest of page 1's items, that of
 * the page before, and "+" when the number of pages was not known, so that the answer goes on. An answer whose items
 * are those of page 1 or of the page before ends it: a server that shows the last page for ever stops no crawl. */
#include <stdio.h>
#include <string.h>

#include "extract/adapters/adapters.h"

enum { WORD_FAMILY, WORD_FIRST, WORD_BEFORE, WORD_ON };
/* Of a guess: "guess", digest of page 1's items, 1 or -1, number of pages, this page, digest of the page before. */
enum { GUESS_FIRST = 1, GUESS_STEP, GUESS_PAGES, GUESS_PAGE, GUESS_BEFORE };
enum { URL_BYTES = 32 << 10 };

/* Of the items' URLs. */
static uint64_t items_digest(const struct zhi_ctx *c) {
  uint64_t h = 0;
  for (size_t i = 0; i < c->doc->list.item_count; i++)
    h = h * 31 + zhi_hash64(c->doc->list.items[i].url);
  return h;
}

struct zhi_str zhi_asker_word(const struct zhi_ctx *c, int n) {
  struct zhi_str rest = c->page->ask.asker;
  for (int i = 0; i <= n && rest.len; i++) {
    struct zhi_str word = zhi_str_cut(&rest, ' ');
    if (i == n)
      return word;
  }
  return ZHI_STR("");
}

static struct zhi_str hex(struct zhi_ctx *c, uint64_t v) {
  return zhi_arena_printf(c->a, "%016llx", (unsigned long long)v);
}

/* Items seen before, as far as the request remembers. */
bool zhi_answer_repeats(struct zhi_ctx *c) {
  struct zhi_str own = hex(c, items_digest(c));
  return zhi_str_eq(own, zhi_asker_word(c, WORD_FIRST)) ||
         zhi_str_eq(own, zhi_asker_word(c, WORD_BEFORE));
}

static struct zhi_str remembered(struct zhi_ctx *c, const char *name) {
  struct zhi_str own = hex(c, items_digest(c)), first = zhi_asker_word(c, WORD_FIRST);
  return zhi_arena_printf(c->a, "%s %.*s %s%s", name, ZHI_STR_ARGS(first.len ? first : own), own.p,
                          c->doc->list.pages > 0 ? "" : " +");
}

bool zhi_list_ask(struct zhi_ctx *c, struct zhi_str url, struct zhi_str body, const char *type) {
  struct zhi_str referer = zhi_ask_header(&c->page->ask, "Referer");
  struct zhi_list_page *p = zhi_list_page(c, url);
  if (!p)
    return false;
  p->ask.body = body;
  p->ask.headers =
      zhi_arena_printf(c->a, "X-Requested-With: XMLHttpRequest\nReferer: %.*s\n%s%s%s",
                       ZHI_STR_ARGS(referer.len ? referer : c->doc->url),
                       type ? "Content-Type: " : "", type ? type : "", type ? "\n" : "");
  p->ask.asker = remembered(c, c->family >= 0 ? c->fam->family[c->family].name : "generic");
  c->asks = true;
  return true;
}

void zhi_list_totals(struct zhi_ctx *c, int page, int pages, int total, int size) {
  struct zhi_list *l = &c->doc->list;
  if (pages <= 0 && total > 0 && size > 0)
    pages = (total + size - 1) / size;
  if (pages > 1000000)
    pages = 0;
  l->page = page > 0 ? page : 0;
  l->pages = pages > 0 ? pages : 0;
  l->total = total > 0 ? total : 0;
}

/* --- the page's number in a request ------------------------------------------------------------------- */

static size_t skip_any(struct zhi_str s, size_t at, const char *const *marks, size_t n) {
  for (bool again = true; again;) {
    again = false;
    for (size_t i = 0; i < n; i++)
      if (zhi_str_istarts(zhi_str_sub(s, at, s.len), marks[i])) {
        at += strlen(marks[i]);
        again = true;
      }
  }
  return at;
}

/* Is there "word = digits" at `at`, in whatever coat? */
static bool slot_at(struct zhi_str s, size_t at, size_t word_len, struct zhi_slotted *out,
                    int *value) {
  static const char *const between[] = {"\"", "'", ":", "=", "%22", "%3a", " ", "%20"};
  bool escaped = at >= 3 && memcmp(s.p + at - 3, "%22", 3) == 0;
  if (at > 0 && zhi_is_word(s.p[at - 1]) && !escaped)
    return false;
  size_t from = skip_any(s, at + word_len, between, sizeof between / sizeof *between), to = from;
  if (from == at + word_len)
    return false;
  while (to < s.len && to - from < 9 && s.p[to] >= '0' && s.p[to] <= '9')
    to++;
  if (to == from || (to < s.len && zhi_is_word(s.p[to])))
    return false;
  *out = (struct zhi_slotted){zhi_str_sub(s, 0, from), zhi_str_sub(s, to, s.len)};
  if (!out->tail.p)
    out->tail = ZHI_STR("");
  *value = zhi_str_int(zhi_str_sub(s, from, to));
  return true;
}

/* The number that is called by the earliest word of a list. */
static bool find_slot(const struct zhi_ctx *c, struct zhi_str text, enum zhi_words list,
                      struct zhi_slotted *out, int *value) {
  const char *mark = text.len ? memchr(text.p, '?', text.len) : NULL;
  for (int i = 0; i < c->fam->words[list].count; i++) {
    struct zhi_str word = c->fam->words[list].word[i];
    size_t from = mark ? (size_t)(mark - text.p) : 0;
    for (const char *p; (p = zhi_str_ifind(zhi_str_sub(text, from, text.len), word.p)) != NULL;) {
      size_t at = (size_t)(p - text.p);
      if (slot_at(text, at, word.len, out, value))
        return true;
      from = at + word.len;
    }
  }
  return false;
}

bool zhi_page_slot(const struct zhi_ctx *c, struct zhi_str text, struct zhi_slotted *out,
                   int *value, bool *offset) {
  *offset = false;
  if (find_slot(c, text, ZHI_WORDS_PAGE, out, value))
    return true;
  *offset = true;
  return find_slot(c, text, ZHI_WORDS_OFFSET, out, value);
}

struct zhi_str zhi_shift_end(struct zhi_ctx *c, struct zhi_str text, int by) {
  struct zhi_slotted slot;
  int end;
  if (by == 0 || !find_slot(c, text, ZHI_WORDS_END, &slot, &end))
    return text;
  return zhi_arena_printf(c->a, "%.*s%d%.*s", ZHI_STR_ARGS(slot.head), end + by,
                          ZHI_STR_ARGS(slot.tail));
}

void zhi_answer_follow(struct zhi_ctx *c) {
  struct zhi_list *l = &c->doc->list;
  const struct zhi_ask *ask = &c->page->ask;
  struct zhi_slotted slot;
  int n;
  bool offset, post = zhi_ask_is_post(ask);
  if (l->item_count == 0)
    return;
  if (zhi_answer_repeats(c)) {
    zhi_ctx_finding(c, "list_repeats",
                    ZHI_STR("the same items as on a page before: nothing more asked for"));
    return;
  }
  if (!zhi_page_slot(c, post ? ask->body : c->page->url, &slot, &n, &offset))
    return;
  if (l->pages <= 0 && l->total > 0) {
    int size = 0;
    if (!find_slot(c, post ? ask->body : c->page->url, ZHI_WORDS_SIZE,
                   &(struct zhi_slotted){ZHI_STR_NONE, ZHI_STR_NONE}, &size) ||
        size <= 0)
      size = n <= 1 ? (int)l->item_count : 0;
    zhi_list_totals(c, l->page, 0, l->total, size);
  }
  bool on = ask->asker.len ? zhi_str_is(zhi_asker_word(c, WORD_ON), "+") : n <= 1;
  int step = offset ? (int)l->item_count : 1, last = n + step;
  if (!on || n > ZHI_LIST_MAX_PAGES * step)
    return;
  if (l->pages > 0)
    last = offset ? (l->pages - 1) * step : n == 0 && l->page <= 1 ? l->pages - 1 : l->pages;
  struct zhi_str type = zhi_ask_header(ask, "Content-Type");
  for (int k = n + step; k <= last && l->request_count < ZHI_LIST_MAX_PAGES; k += step) {
    struct zhi_str text =
        zhi_arena_printf(c->a, "%.*s%d%.*s", ZHI_STR_ARGS(slot.head), k, ZHI_STR_ARGS(slot.tail));
    if (offset)
      text = zhi_shift_end(c, text, k - n);
    zhi_list_ask(c, post ? c->page->url : text, post ? text : ZHI_STR_NONE,
                 type.len ? zhi_arena_str(c->a, type).p : NULL);
  }
}

/* --- patterns --------------------------------------------------------------------------------------------- */

struct place {
  struct zhi_str dir, stem, ext;
};

static struct place place_of(struct zhi_str url) {
  const char *query = memchr(url.p, '?', url.len);
  struct zhi_str u = query ? zhi_str_sub(url, 0, (size_t)(query - url.p)) : url;
  size_t slash = u.len, dot = u.len;
  while (slash && u.p[slash - 1] != '/')
    slash--;
  while (dot > slash && u.p[dot - 1] != '.')
    dot--;
  struct place p = {.dir = zhi_str_sub(u, 0, slash), .stem = u, .ext = ZHI_STR("")};
  if (dot > slash) {
    p.stem = zhi_str_sub(u, 0, dot - 1);
    p.ext = zhi_str_sub(u, dot - 1, u.len);
  } else if (slash == u.len) {
    p.stem = ZHI_STR_NONE; /* a folder: its index.html */
    p.ext = ZHI_STR(".html");
  }
  return p;
}

static bool put_token(struct zhi_buf *b, struct zhi_str t, const struct place *p, int n, int last) {
  if (zhi_str_is(t, "dir")) {
    zhi_buf_addstr(b, p->dir);
  } else if (zhi_str_is(t, "stem") && p->stem.p) {
    zhi_buf_addstr(b, p->stem);
  } else if (zhi_str_is(t, "stem")) {
    zhi_buf_addstr(b, p->dir);
    zhi_buf_adds(b, "index");
  } else if (zhi_str_is(t, "ext")) {
    zhi_buf_addstr(b, p->ext);
  } else if (zhi_str_is(t, "n")) {
    zhi_buf_addf(b, "%d", n);
  } else if (zhi_str_is(t, "n-1")) {
    zhi_buf_addf(b, "%d", n - 1);
  } else if (zhi_str_is(t, "last-n+1") && last > 0) {
    zhi_buf_addf(b, "%d", last - n + 1);
  } else {
    return false;
  }
  return true;
}

/* Page n's address by a pattern of config/adapters.yaml; `last`: number of pages, 0 unknown. NULL view: not to be made. */
static struct zhi_str page_url(struct zhi_ctx *c, struct zhi_str pattern, int n, int last) {
  struct place p = place_of(c->doc->url);
  struct zhi_buf b, set;
  bool ok = true;
  zhi_buf_init(&b, URL_BYTES);
  zhi_buf_init(&set, URL_BYTES);
  for (struct zhi_str rest = pattern; rest.len && ok;) {
    struct zhi_str text = zhi_str_cut(&rest, '{');
    zhi_buf_addstr(&b, text);
    if (rest.len)
      ok = put_token(&b, zhi_str_cut(&rest, '}'), &p, n, last);
  }
  struct zhi_str s = zhi_buf_view(&b);
  if (s.len && *s.p == '?') { /* one parameter of the own address */
    struct zhi_str value = zhi_str_sub(s, 1, s.len), name = zhi_str_cut(&value, '=');
    zhi_form_set(c->doc->url, name, value, &set);
    s = zhi_buf_view(&set);
  }
  struct zhi_str out =
      ok && s.len && !b.failed && !set.failed ? zhi_arena_str(c->a, s) : ZHI_STR_NONE;
  zhi_buf_release(&b);
  zhi_buf_release(&set);
  return out;
}

static bool by_family(struct zhi_ctx *c, uint64_t families) {
  struct zhi_list *l = &c->doc->list;
  for (int f = 0; f < c->fam->count; f++) {
    const struct zhi_family *x = &c->fam->family[f];
    if (!(families >> f & 1) || !x->next_count)
      continue;
    for (int k = 2; k <= l->pages && k <= ZHI_LIST_MAX_PAGES; k++)
      for (int i = 0; i < x->next_count; i++)
        zhi_list_page(c, page_url(c, x->next[i], k, l->pages));
    c->family = f;
    return l->request_count > 0;
  }
  return false;
}

static bool is_index(struct zhi_str url) {
  struct place p = place_of(url);
  return !p.stem.p || zhi_str_ends(p.stem, "/index") || zhi_str_ends(p.stem, "/default");
}

static struct zhi_str guess_words(struct zhi_ctx *c, struct zhi_str first, int step, int pages,
                                  int k) {
  return zhi_arena_printf(c->a, "guess %.*s %d %d %d %s", ZHI_STR_ARGS(first), step, pages, k,
                          hex(c, items_digest(c)).p);
}

/* The last number in the address. */
static bool last_number(struct zhi_str url, struct zhi_slotted *out, int *n) {
  size_t to = url.len;
  while (to && !(url.p[to - 1] >= '0' && url.p[to - 1] <= '9'))
    to--;
  size_t from = to;
  while (from && url.p[from - 1] >= '0' && url.p[from - 1] <= '9')
    from--;
  *n = zhi_str_int(zhi_str_sub(url, from, to));
  *out = (struct zhi_slotted){zhi_str_sub(url, 0, from), zhi_str_sub(url, to, url.len)};
  return *n >= 0;
}

/* Page 1 is x-1.html, list1.html: page 2 has the next number. */
static bool guess_number(struct zhi_ctx *c) {
  static const char *const before[] = {"-", "_", "list", "page", "index", "Index"};
  struct zhi_slotted slot;
  int n;
  if (c->url_query || !last_number(c->doc->url, &slot, &n) || n != 1)
    return false;
  for (size_t i = 0; i < sizeof before / sizeof *before; i++)
    if (zhi_str_ends(slot.head, before[i])) {
      struct zhi_list_page *p = zhi_list_page(
          c, zhi_arena_printf(c->a, "%.*s2%.*s", ZHI_STR_ARGS(slot.head), ZHI_STR_ARGS(slot.tail)));
      if (p)
        p->ask.asker = guess_words(c, hex(c, items_digest(c)), 1, c->doc->list.pages, 2);
      return p != NULL;
    }
  return false;
}

void zhi_guess_pages(struct zhi_ctx *c, uint64_t families) {
  struct zhi_list *l = &c->doc->list;
  bool first = l->page <= 1,
       more = l->pages > 1 || (l->pages == 0 && l->total > 0 && (size_t)l->total > l->item_count);
  if (l->total > 0 && (size_t)l->total <= l->item_count)
    return;
  if (c->asks || l->request_count > 1 || !first || !more || l->item_count == 0 ||
      c->page->ask.asker.len)
    return;
  if ((l->pages > 1 && by_family(c, families)) || guess_number(c))
    return;
  enum zhi_words list = c->url_query            ? ZHI_WORDS_GUESS_QUERY
                        : is_index(c->doc->url) ? ZHI_WORDS_GUESS_INDEX
                                                : ZHI_WORDS_GUESS_FILE;
  const struct zhi_word_list *w = &c->fam->words[list];
  for (int i = 0; i < w->count; i++) {
    struct zhi_list_page *p = zhi_list_page(c, page_url(c, w->word[i], 2, l->pages));
    bool down = zhi_str_find(w->word[i], ZHI_STR("last")) != NULL;
    if (p)
      p->ask.asker = guess_words(c, hex(c, items_digest(c)), down ? -1 : 1, l->pages, 2);
  }
}

/* It was right: the rest by the same rule. */
static void go_on(struct zhi_ctx *c) {
  int step = zhi_str_is(zhi_asker_word(c, GUESS_STEP), "-1") ? -1 : 1;
  int pages = zhi_str_int(zhi_asker_word(c, GUESS_PAGES)),
      k = zhi_str_int(zhi_asker_word(c, GUESS_PAGE)), n;
  struct zhi_slotted slot;
  if (k < 2 || k >= ZHI_LIST_MAX_PAGES || !last_number(c->page->url, &slot, &n) ||
      (pages > 0 && k > 2))
    return;
  for (int to = pages > 0 ? pages : k + 1, i = k + 1; i <= to && n + step * (i - k) >= 0; i++) {
    struct zhi_list_page *p =
        zhi_list_page(c, zhi_arena_printf(c->a, "%.*s%d%.*s", ZHI_STR_ARGS(slot.head),
                                          n + step * (i - k), ZHI_STR_ARGS(slot.tail)));
    if (p)
      p->ask.asker = guess_words(c, zhi_asker_word(c, GUESS_FIRST), step, pages, i);
  }
}

void zhi_judge_guess(struct zhi_ctx *c) {
  struct zhi_list *l = &c->doc->list;
  if (!zhi_str_is(zhi_asker_word(c, 0), "guess"))
    return;
  struct zhi_str own = hex(c, items_digest(c));
  if (l->item_count && !zhi_str_eq(own, zhi_asker_word(c, GUESS_FIRST)) &&
      !zhi_str_eq(own, zhi_asker_word(c, GUESS_BEFORE))) {
    int k = zhi_str_int(zhi_asker_word(c, GUESS_PAGE));
    if (l->page <= 1 && k > 1)
      l->page = k;
    if (l->request_count <= 1)
      go_on(c);
    return;
  }
  l->request_count = 0;
  l->role = ZHI_LIST_NONE;
  zhi_ctx_finding(c, "guess_refused", ZHI_STR("a guessed page of a list has nothing new"));
}
