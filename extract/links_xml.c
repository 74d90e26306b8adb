/* Links of XML: feeds, sitemaps met as pages, and the list answers of CMSs, whose rows are HTML in CDATA or escaped.
 *
 * No XML parser: the answers are malformed too often (bare &, wrong encodings, HTML entities), and what counts
 * is the text of a few elements and the value of a few attributes. */
#include <string.h>

#include "extract/scan.h"

/* Local names whose text is a reference. */
static bool is_reference(struct zhi_str name) {
  static const char *const names[] = {"link",   "loc",     "url",       "href",
                                      "guid",   "infourl", "nextgroup", "linkurl",
                                      "docurl", "puburl",  "htmlurl"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (zhi_str_is(name, names[i]))
      return true;
  return false;
}

static struct zhi_str local_name(struct zhi_str name) {
  const char *colon = name.len ? memchr(name.p, ':', name.len) : NULL;
  return colon ? zhi_str_sub(name, (size_t)(colon - name.p) + 1, name.len) : name;
}

static bool is_picture(struct zhi_str url) {
  static const char *const ends[] = {".jpg", ".jpeg", ".png", ".gif", ".ico", ".svg", ".webp"};
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
    if (zhi_str_ends(url, ends[i]))
      return true;
  return false;
}

/* Text of an element: markup to be scanned, or a reference if the element's name says so. */
static void content(struct collector *c, struct zhi_str element, struct zhi_str raw, bool cdata) {
  raw = zhi_str_trim(raw);
  if (raw.len < 2)
    return;
  bool markup = cdata && memchr(raw.p, '<', raw.len);
  struct zhi_str text = markup ? raw : scan_unescape(c->arena, raw);
  if (markup || memchr(text.p, '<', text.len)) {
    links_fragment(c, text);
    return;
  }
  bool guid = zhi_str_is(element, "guid");
  if (is_reference(element) && (!guid || zhi_str_istarts(text, "http")))
    links_add(c, text, is_picture(text) ? ZHI_LINK_REQUISITE : ZHI_LINK_PAGE, false);
}

static void attributes(struct collector *c, const struct zhi_node *n) {
  struct zhi_str rel = zhi_node_attr(n, "rel");
  if (zhi_str_is(rel, "hub") || zhi_str_is(rel, "preconnect"))
    return;
  for (unsigned i = 0; i < n->attr_count; i++) {
    struct zhi_str name = local_name(n->attrs[i].name), v = n->attrs[i].value;
    if (zhi_str_is(name, "src") || (zhi_str_is(name, "href") && is_picture(v)))
      links_add(c, v, ZHI_LINK_REQUISITE, false);
    else if (zhi_str_is(name, "href") || zhi_str_is(name, "url") || zhi_str_is(name, "resource"))
      links_add(c, v, ZHI_LINK_PAGE, false);
  }
}

/* <?xml-stylesheet href="a.xsl"?> */
static void instruction(struct scanner *s) {
  if (scan_at(s, "<?xml-stylesheet")) {
    s->p += 2;
    if (scan_tag(s))
      links_add(s->c, zhi_node_attr(&s->node, "href"), ZHI_LINK_REQUISITE, false);
    return;
  }
  scan_past(s, ">");
}

static void work_xml(struct collector *c, void *arg) {
  (void)arg;
  struct scanner *s = zhi_arena_zalloc(c->arena, sizeof *s);
  char open_name[SCAN_NAME_MAX];
  struct zhi_str open = ZHI_STR("");
  s->c = c;
  s->p = c->source.p;
  s->end = s->p + c->source.len;
  while (s->p < s->end) {
    const char *lt = memchr(s->p, '<', (size_t)(s->end - s->p));
    if (!lt)
      return;
    content(c, open, zhi_str_n(s->p, (size_t)(lt - s->p)), false);
    s->p = lt;
    if (scan_at(s, "<![CDATA[")) {
      const char *start = s->p + 9;
      scan_past(s, "]]>");
      const char *end = s->p - start >= 3 && memcmp(s->p - 3, "]]>", 3) == 0 ? s->p - 3 : s->p;
      content(c, open, zhi_str_n(start, (size_t)(end - start)), true);
    } else if (scan_at(s, "<!--")) {
      scan_past(s, "-->");
    } else if (scan_at(s, "<?")) {
      instruction(s);
    } else if (s->end - lt > 1 && lt[1] != '/' && lt[1] != '!' && (unsigned char)lt[1] > ' ') {
      s->p++;
      if (!scan_tag(s))
        return;
      attributes(c, &s->node);
      open = local_name(s->node.text);
      memcpy(open_name, open.p, open.len);
      open.p = open_name;
    } else {
      scan_past(s, ">");
      open = ZHI_STR("");
    }
  }
}

void zhi_links_xml(struct zhi_arena *a, const struct zhi_links_in *in, struct zhi_links *out) {
  links_run(a, in, work_xml, NULL, out);
}
