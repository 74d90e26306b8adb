/* Links of elements, and the walk over the tree that meets them.
 *
 * One look at each attribute: its first letter and length rule nearly all out. What an attribute means depends on
 * its element in a few cases only (href, content, value, data-*), each a function below. */
#include <string.h>

#include "extract/links.h"
#include "zhi/css.h"
#include "zhi/limits.h"

enum {
  LABEL_BYTES = 300,
  CHECK_NODES = 4096,
  FRAME_PAGE_LINKS = 10,
  SELECT_BYTES = 65536,
  SELECTS_BYTES = 4 * 1024 * 1024
};

/* --- style ----------------------------------------------------------------------------------------- */

static void css_url(void *ctx, struct zhi_str url, bool import) {
  (void)import;
  struct collector *c = ctx;
  if (*url.p != '#') /* an SVG filter of this page */
    links_add(c, url, ZHI_LINK_REQUISITE, false);
}

void links_style(struct collector *c, struct zhi_str css) {
  zhi_css_urls(c->arena, css, css_url, c);
}

/* --- attributes ------------------------------------------------------------------------------------ */

static bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

/* Is `word` one of the words of `list`, which white space or `sep` separate? Case-insensitive. */
static bool has_word(struct zhi_str list, const char *word, char sep) {
  for (size_t i = 0; i < list.len;) {
    while (i < list.len && (is_space(list.p[i]) || list.p[i] == sep))
      i++;
    size_t start = i;
    while (i < list.len && !is_space(list.p[i]) && list.p[i] != sep)
      i++;
    if (i > start && zhi_str_iis(zhi_str_sub(list, start, i), word))
      return true;
  }
  return false;
}

static void requisite(struct collector *c, struct zhi_str url) {
  url = zhi_str_trim(url);
  if (url.len && *url.p != '#')
    links_add(c, url, ZHI_LINK_REQUISITE, false);
}

/* HTML Standard, "parse a srcset attribute": candidates at commas, each a URL and an optional descriptor. */
static void srcset(struct collector *c, struct zhi_str v) {
  size_t i = 0;
  while (i < v.len) {
    while (i < v.len && (is_space(v.p[i]) || v.p[i] == ','))
      i++;
    size_t start = i, end;
    while (i < v.len && !is_space(v.p[i]))
      i++;
    for (end = i; end > start && v.p[end - 1] == ','; end--) {
    }
    if (end > start)
      requisite(c, zhi_str_sub(v, start, end));
    if (end < i)
      continue; /* the comma ended the candidate */
    for (int depth = 0; i < v.len && (v.p[i] != ',' || depth > 0); i++)
      depth += (v.p[i] == '(') - (v.p[i] == ')' && depth > 0);
  }
}

static bool nofollow(const struct zhi_node *n) {
  struct zhi_str rel = zhi_node_attr(n, "rel");
  return rel.len && has_word(rel, "nofollow", ' ');
}

/* The label of a link: its text, else its title, else its picture's. */
static void set_text(struct zhi_link *l, const struct zhi_node *n, links_text_fn *text, void *ctx) {
  if (!l || l->text.len)
    return;
  struct zhi_str title = zhi_str_trim(zhi_node_attr(n, "title"));
  struct zhi_str label = text ? text(ctx) : ZHI_STR_NONE;
  if (!label.len || ((zhi_str_ends(label, "...") || zhi_str_ends(label, "\xE2\x80\xA6")) &&
                     title.len > label.len))
    label = title;
  if (!label.len)
    label = zhi_node_attr(n, "alt");
  if (label.len && label.len <= ZHI_FIELD_MAX_BYTES)
    l->text = label;
}

/* "javascript:openWindow(%22/a.html%22)": the code, percent-bytes decoded. */
static void javascript_url(struct collector *c, struct zhi_str v) {
  char *code = zhi_arena_alloc(c->arena, v.len + 1);
  size_t n = 0;
  for (size_t i = 11; i < v.len; i++) {
    bool quote = v.p[i] == '%' && i + 2 < v.len && v.p[i + 1] == '2' &&
                 (v.p[i + 2] == '2' || v.p[i + 2] == '7');
    code[n++] = quote ? (v.p[i + 2] == '2' ? '"' : '\'') : v.p[i];
    i += quote ? 2 : 0;
  }
  links_script(c, zhi_str_n(code, n), true);
}

/* A download servlet without an extension in its URL: the label names the file. */
static bool is_download(struct zhi_str url, struct zhi_str label) {
  static const char *const words[] = {"download", "downfile", "attach", "filedown",
                                      "virtual_attach"};
  if (!zhi_attachment_type(label))
    return false;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (zhi_str_ifind(url, words[i]))
      return true;
  return false;
}

static void anchor(struct collector *c, const struct zhi_node *n, struct zhi_str href,
                   links_text_fn *text, void *ctx) {
  struct zhi_str v = zhi_str_trim(href);
  if (zhi_str_istarts(v, "javascript:")) {
    if (v.len <= ZHI_MIB(1))
      javascript_url(c, v);
    return;
  }
  struct zhi_str rel = zhi_node_attr(n, "rel");
  bool pager = rel.len && (has_word(rel, "next", ' ') || has_word(rel, "prev", ' '));
  struct zhi_link *l = links_add(c, v, pager ? ZHI_LINK_LIST_PAGE : ZHI_LINK_PAGE, nofollow(n));
  set_text(l, n, text, ctx);
  if (l && l->kind == ZHI_LINK_PAGE && is_download(l->url, l->text))
    l->kind = ZHI_LINK_ATTACHMENT;
}

static void link_element(struct collector *c, const struct zhi_node *n, struct zhi_str href) {
  static const char *const parts[] = {"stylesheet", "icon",          "apple-touch-icon",
                                      "preload",    "mask-icon",     "apple-touch-icon-precomposed",
                                      "manifest",   "modulepreload", "image_src",
                                      "fluid-icon", "import"};
  static const char *const nothing[] = {"dns-prefetch",  "preconnect",     "pingback",
                                        "profile",       "edituri",        "wlwmanifest",
                                        "openid.server", "openid.delegate"};
  struct zhi_str rel = zhi_node_attr(n, "rel");
  for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++)
    if (has_word(rel, nothing[i], ' '))
      return;
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    if (has_word(rel, parts[i], ' ')) {
      requisite(c, href);
      return;
    }
  if (has_word(rel, "next", ' ') || has_word(rel, "prev", ' '))
    links_add(c, href, ZHI_LINK_LIST_PAGE, false);
  else if (!rel.len)
    requisite(c, href); /* <link type=text/css href=…> */
  else
    links_add(c, href, ZHI_LINK_PAGE, nofollow(n)); /* alternate, canonical, shortlink, … */
}

static void href(struct collector *c, const struct zhi_node *n, struct zhi_str v,
                 links_text_fn *text, void *ctx) {
  if (n->tag == ZHI_TAG_A || n->tag == ZHI_TAG_AREA)
    anchor(c, n, v, text, ctx);
  else if (n->tag == ZHI_TAG_LINK)
    link_element(c, n, v);
  else if (zhi_str_is(n->text, "image") || zhi_str_is(n->text, "use"))
    requisite(c, v);
}

/* "0;url=u", "2; URL = 'u'", "0,u" (HTML Standard, "shared declarative refresh steps", a little laxer). */
static void refresh(struct collector *c, struct zhi_str v) {
  size_t i = 0;
  while (i < v.len && (is_space(v.p[i]) || (v.p[i] >= '0' && v.p[i] <= '9') || v.p[i] == '.'))
    i++;
  bool number = i > 0;
  while (i < v.len && (is_space(v.p[i]) || v.p[i] == ';' || v.p[i] == ','))
    i++;
  struct zhi_str url = zhi_str_sub(v, i, v.len);
  if (zhi_str_istarts(url, "url")) {
    struct zhi_str rest = zhi_str_trim(zhi_str_sub(url, 3, url.len));
    if (rest.len && *rest.p == '=')
      url = zhi_str_trim(zhi_str_sub(rest, 1, rest.len));
  } else if (!number) {
    return;
  }
  if (url.len > 1 && (*url.p == '"' || *url.p == '\'')) {
    const char *close = memchr(url.p + 1, *url.p, url.len - 1);
    url = zhi_str_n(url.p + 1, close ? (size_t)(close - url.p) - 1 : url.len - 1);
  }
  if (url.len)
    links_add(c, url, ZHI_LINK_PAGE, false);
}

static void meta(struct collector *c, const struct zhi_node *n, struct zhi_str content) {
  struct zhi_str name = zhi_node_attr(n, "name");
  if (zhi_str_iis(zhi_str_trim(zhi_node_attr(n, "http-equiv")), "refresh"))
    refresh(c, content);
  if (zhi_str_iis(zhi_str_trim(name), "robots")) {
    bool none = has_word(content, "none", ',');
    c->nofollow |= none || has_word(content, "nofollow", ',');
    c->noindex |= none || has_word(content, "noindex", ',');
  }
}

static void value(struct collector *c, const struct zhi_node *n, struct zhi_str v) {
  if (n->tag == ZHI_TAG_OPTION && links_url_like(v)) {
    links_add(c, v, ZHI_LINK_PAGE, false);
  } else if (n->tag == ZHI_TAG_PARAM) {
    struct zhi_str name = zhi_node_attr(n, "name");
    if (zhi_str_iis(name, "movie") || zhi_str_iis(name, "src") || zhi_str_iis(name, "filename") ||
        zhi_str_iis(name, "url"))
      requisite(c, v);
  }
}

/* "b.png", "pics/b.jpg?v=1": enough where a picture is expected. */
static bool is_picture_file(struct zhi_str v) {
  static const char *const types[] = {".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".svg"};
  if (v.len < 5 || v.len > ZHI_URL_MAX_BYTES || memchr(v.p, ' ', v.len))
    return false;
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (zhi_str_ifind(v, types[i]))
      return true;
  return false;
}

/* data-src, data-original, data-href … : a picture's are pictures, others' what they look like. */
static void data_attribute(struct collector *c, const struct zhi_node *n, struct zhi_str name,
                           struct zhi_str v) {
  static const char *const pictures[] = {"bg",     "background",       "image",    "img",
                                         "poster", "background-image", "original", "lazyload",
                                         "lazy",   "lazy-src"};
  v = zhi_str_trim(v);
  if (zhi_str_is(name, "data-srcset") || zhi_str_is(name, "data-lazy-srcset")) {
    srcset(c, v);
    return;
  }
  bool part = n->tag != ZHI_TAG_A && n->tag != ZHI_TAG_AREA &&
              (n->tag == ZHI_TAG_IMG || n->tag == ZHI_TAG_SOURCE || n->tag == ZHI_TAG_VIDEO ||
               n->tag == ZHI_TAG_AUDIO || n->tag == ZHI_TAG_SCRIPT || n->tag == ZHI_TAG_LINK);
  for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++)
    part |= zhi_str_is(zhi_str_sub(name, 5, name.len), pictures[i]);
  if (part && (links_url_like(v) || is_picture_file(v)))
    requisite(c, v);
  else if (!part && links_url_like(v))
    links_add(c, v, n->tag == ZHI_TAG_IFRAME ? ZHI_LINK_FRAME : ZHI_LINK_PAGE, nofollow(n));
}

static void attribute(struct collector *c, const struct zhi_node *n, const struct zhi_attr *a,
                      links_text_fn *text, void *ctx) {
  struct zhi_str name = a->name, v = a->value;
  switch (name.len ? name.p[0] : '\0') {
  case 'h':
    if (zhi_str_is(name, "href"))
      href(c, n, v, text, ctx);
    break;
  case 's':
    if (zhi_str_is(name, "src") && (n->tag == ZHI_TAG_IFRAME || n->tag == ZHI_TAG_FRAME))
      links_add(c, zhi_str_trim(v), zhi_str_trim(v).len ? ZHI_LINK_FRAME : ZHI_LINK_SPECULATIVE,
                false);
    else if (zhi_str_is(name, "src"))
      requisite(c, v);
    else if (zhi_str_is(name, "srcset"))
      srcset(c, v);
    else if (zhi_str_is(name, "style") && v.len > 5 && memchr(v.p, '(', v.len))
      links_style(c, v);
    break;
  case 'd':
    if (name.len > 5 && zhi_str_starts(name, "data-"))
      data_attribute(c, n, name, v);
    else if (zhi_str_is(name, "data") && n->tag == ZHI_TAG_OBJECT)
      requisite(c, v);
    else if (zhi_str_is(name, "dynsrc"))
      requisite(c, v);
    break;
  case 'b':
    if (zhi_str_is(name, "background"))
      requisite(c, v);
    break;
  case 'p':
    if (zhi_str_is(name, "poster"))
      requisite(c, v);
    break;
  case 'l':
    if (zhi_str_is(name, "lowsrc") || zhi_str_is(name, "lazy-src") || zhi_str_is(name, "lazyload"))
      requisite(c, v);
    break;
  case 'o':
    if (name.len > 4 && name.p[1] == 'n' && v.len > 8)
      links_script(c, v, true);
    else if (zhi_str_is(name, "original") || zhi_str_is(name, "original-src"))
      requisite(c, v);
    break;
  case 'c':
    if (zhi_str_is(name, "content") && n->tag == ZHI_TAG_META)
      meta(c, n, v);
    break;
  case 'v':
    if (zhi_str_is(name, "value"))
      value(c, n, v);
    break;
  case '_':
    if (zhi_str_is(name, "_src") && n->tag == ZHI_TAG_IMG) /* UEditor's copy of src */
      requisite(c, v);
    break;
  default: break;
  }
}

void links_element(struct collector *c, const struct zhi_node *n, links_text_fn *text, void *ctx) {
  for (unsigned i = 0; i < n->attr_count; i++)
    attribute(c, n, &n->attrs[i], text, ctx);
}

/* --- the tree -------------------------------------------------------------------------------------- */

struct walk {
  struct collector *c;
  const struct zhi_html *h;
  uint32_t at;
  bool frames;
  size_t selects; /* bytes of source looked at for links in <select> */
};

static struct zhi_str anchor_text(void *ctx) {
  struct walk *w = ctx;
  return zhi_html_text_max(w->c->arena, w->h, w->at, LABEL_BYTES);
}

/* Markup that the parser drops: links inside <select> and <option>. */
static void select_source(struct walk *w, const struct zhi_node *n) {
  struct zhi_str rest = zhi_str_sub(w->c->source, n->offset, w->c->source.len);
  if (!n->offset || !zhi_str_istarts(rest, "<select") || w->selects > SELECTS_BYTES)
    return;
  rest = zhi_str_sub(rest, 7, 7 + SELECT_BYTES);
  const char *end = zhi_str_ifind(rest, "</select");
  rest.len = end ? (size_t)(end - rest.p) : rest.len;
  w->selects += rest.len;
  if (end && zhi_str_ifind(rest, "<a"))
    links_fragment(w->c, rest);
}

static void content(struct walk *w, const struct zhi_node *n) {
  if (n->kind == ZHI_NODE_COMMENT && zhi_str_starts(n->text, "[CDATA["))
    links_fragment(w->c, n->text);
  if (n->kind != ZHI_NODE_ELEMENT)
    return;
  const struct zhi_node *child = n->end > w->at + 1 ? n + 1 : NULL;
  if (n->tag == ZHI_TAG_SCRIPT && child)
    links_script(w->c, child->text, false);
  else if (n->tag == ZHI_TAG_STYLE && child)
    links_style(w->c, child->text);
  else if (n->tag == ZHI_TAG_SELECT)
    select_source(w, n);
  w->frames |= n->tag == ZHI_TAG_FRAME;
}

/* A page of frames with something in front of its <frameset>: the parser drops them, the site needs them. */
static void dropped_frames(struct walk *w) {
  struct zhi_str rest = w->c->source;
  const char *at;
  if (w->frames || w->c->count >= FRAME_PAGE_LINKS)
    return;
  while ((at = zhi_str_ifind(rest, "<frame"))) {
    rest = zhi_str_sub(rest, (size_t)(at - rest.p), rest.len);
    const char *end = memchr(rest.p, '>', rest.len);
    struct zhi_str tag = zhi_str_n(rest.p, end ? (size_t)(end - rest.p) + 1 : rest.len);
    links_fragment(w->c, tag);
    rest = zhi_str_sub(rest, tag.len, rest.len);
  }
}

/* <base href> and meta robots hold for the whole page, wherever they stand. */
static void page_wide(struct collector *c, const struct zhi_html *h) {
  bool base = false;
  for (uint32_t i = 1; i < h->count; i++) {
    const struct zhi_node *n = &h->nodes[i];
    if (zhi_node_is(n, ZHI_TAG_BASE) && !base) {
      struct zhi_str v = zhi_node_attr(n, "href");
      if (v.p) {
        links_set_base(c, v);
        base = true;
      }
    } else if (zhi_node_is(n, ZHI_TAG_META) && zhi_node_attr(n, "content").p &&
               zhi_str_iis(zhi_node_attr(n, "name"), "robots")) {
      meta(c, n, zhi_node_attr(n, "content"));
    }
  }
}

static void work_html(struct collector *c, void *arg) {
  const struct zhi_html *h = arg;
  struct walk w = {.c = c, .h = h};
  page_wide(c, h);
  for (w.at = 1; w.at < h->count; w.at++) {
    const struct zhi_node *n = &h->nodes[w.at];
    if (w.at % CHECK_NODES == 0)
      zhi_arena_check(c->arena);
    if (n->attr_count)
      links_element(c, n, anchor_text, &w);
    content(&w, n);
  }
  dropped_frames(&w);
}

void zhi_links_html(struct zhi_arena *a, const struct zhi_links_in *in, const struct zhi_html *h,
                    struct zhi_links *out) {
  links_run(a, in, work_html, (void *)(uintptr_t)h, out);
}
