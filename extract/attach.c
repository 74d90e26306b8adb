/* Attachments: links to files, from the body, from attachment boxes beside it, from download servlets and
 * script viewers. Links of the site's frame (header, footer, sidebars) are not the document's. */
#include "extract/ctx.h"

enum { ATTACH_MAX = 500, EXT_MAX = 5 };

static const char *const types[] = {
    "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "wps",  "et",  "dps",  "ofd",  "zip", "rar",
    "7z",  "rtf", "csv",  "ceb", "tar",  "gz",  "tif",  "tiff", "dwg", "xlsm", "docm", "wpt"};
static const char *const servlets[] = {"downfile.jsp",        "download.jsp",    "downloadattach",
                                       "download.do",         "filedownload",    "downloadfile",
                                       "virtual_attach_file", "/download?",      "attachdownload",
                                       "downloadservlet",     "showvsbpdfiframe"};

static struct zhi_str extension(struct zhi_arena *a, struct zhi_str name) {
  size_t i = name.len;
  while (i && name.p[i - 1] != '.' && name.p[i - 1] != '/' && name.len - i <= EXT_MAX)
    i--;
  if (!i || name.p[i - 1] != '.' || i == name.len)
    return ZHI_STR_NONE;
  struct zhi_str e = zhi_arena_str(a, zhi_str_sub(name, i, name.len));
  char *p = (char *)(uintptr_t)e.p;
  for (size_t k = 0; k < e.len; k++)
    p[k] = (char)(p[k] >= 'A' && p[k] <= 'Z' ? p[k] | 32 : p[k]);
  for (size_t k = 0; k < sizeof types / sizeof *types; k++)
    if (zhi_str_is(e, types[k]))
      return e;
  return ZHI_STR_NONE;
}

static struct zhi_str path_of(struct zhi_str url) {
  for (size_t i = 0; i < url.len; i++)
    if (url.p[i] == '?' || url.p[i] == '#')
      return zhi_str_sub(url, 0, i);
  return url;
}

/* Does the URL name a download servlet (a file without an extension in its path)? */
static bool is_download(struct zhi_str url) {
  for (size_t i = 0; i < sizeof servlets / sizeof *servlets; i++)
    if (zhi_str_ifind(url, servlets[i]))
      return true;
  return false;
}

/* Lower-case extension of a document or archive from the URL's path, its query or the link's name; NULL view when it is
 * none of those. */
static struct zhi_str file_type(struct zhi_arena *a, struct zhi_str url, struct zhi_str name) {
  struct zhi_str e = extension(a, path_of(url));
  if (e.p)
    return e;
  e = extension(a, url); /* …?filename=x.pdf */
  return e.p ? e : extension(a, zhi_str_trim(name));
}

static void add(struct zhi_ctx *c, struct zhi_str href, struct zhi_str name, size_t *cap) {
  struct zhi_doc *d = c->doc;
  bool servlet = is_download(href);
  struct zhi_str type = file_type(c->a, href, servlet ? name : ZHI_STR_NONE);
  if (!type.p && !servlet)
    return;
  struct zhi_str url = zhi_ctx_resolve(c, href);
  if (!url.p || d->attachment_count >= ATTACH_MAX)
    return;
  for (size_t i = 0; i < d->attachment_count; i++)
    if (zhi_str_eq(d->attachments[i].url, url))
      return;
  struct zhi_attachment *x = ZHI_PUSH(c, d->attachments, d->attachment_count, *cap);
  *x = (struct zhi_attachment){url, name, type.p ? type : ZHI_STR("")};
}

struct zhi_str zhi_link_label(struct zhi_ctx *c, uint32_t i) {
  const struct zhi_node *n = &c->html.nodes[i];
  struct zhi_str t = zhi_collapse(c->a, zhi_flat_text(&c->flat, i));
  if (!t.len)
    t = zhi_collapse(c->a, zhi_node_attr(n, "title"));
  return t.len ? t : zhi_collapse(c->a, zhi_node_attr(n, "download"));
}

/* 'x.pdf' in showVsbpdfIframe("x.pdf",…), openFile('…'). */
static void quoted_file(struct zhi_ctx *c, struct zhi_str s, struct zhi_str name, size_t *cap) {
  for (size_t i = 0; i < s.len; i++) {
    char q = s.p[i];
    if (q != '\'' && q != '"')
      continue;
    size_t k = i + 1;
    while (k < s.len && s.p[k] != q && s.p[k] != '\n')
      k++;
    struct zhi_str word = zhi_str_sub(s, i + 1, k);
    if (k < s.len && word.len < 400 && word.len > 4 && extension(c->a, path_of(word)).p)
      add(c, word, name.len ? name : word, cap);
    i = k;
  }
}

/* Has the link text or a picture? An empty <a> is what an editor leaves behind. */
static bool is_shown(const struct zhi_ctx *c, uint32_t i) {
  if (zhi_flat_len(&c->flat, i) > 0)
    return true;
  for (uint32_t k = i + 1; k < c->html.nodes[i].end; k++)
    if (zhi_node_is(&c->html.nodes[k], ZHI_TAG_IMG))
      return true;
  return false;
}

bool zhi_in_site_frame(const struct zhi_ctx *c, uint32_t i) {
  for (uint32_t p = i; p && p != c->html.body; p = c->html.nodes[p].parent) {
    const struct zhi_node *n = &c->html.nodes[p];
    if (n->tag == ZHI_TAG_FOOTER || n->tag == ZHI_TAG_NAV || n->tag == ZHI_TAG_HEADER)
      return true;
    if (n->attr_count && (zhi_attr_has(n, "class", "foot") || zhi_attr_has(n, "id", "foot") ||
                          zhi_attr_has(n, "class", "nav")))
      return true;
  }
  return false;
}

void zhi_find_attachments(struct zhi_ctx *c) {
  size_t cap = 0;
  uint32_t from = c->main ? c->main : c->html.body;
  for (uint32_t i = from; i < c->html.count; i++) {
    const struct zhi_node *n = &c->html.nodes[i];
    if (n->kind != ZHI_NODE_ELEMENT)
      continue;
    bool inside = c->main && i < c->html.nodes[c->main].end;
    struct zhi_str href = zhi_node_attr(n, n->tag == ZHI_TAG_A ? "href" : "src");
    if (n->tag == ZHI_TAG_A && href.len) {
      if (!inside && zhi_in_site_frame(c, i))
        continue;
      if (zhi_str_istarts(href, "javascript:"))
        quoted_file(c, href, zhi_link_label(c, i), &cap);
      else if (is_shown(c, i))
        add(c, href, zhi_link_label(c, i), &cap);
    } else if (inside && (n->tag == ZHI_TAG_IFRAME || n->tag == ZHI_TAG_EMBED) && href.len) {
      add(c, href, ZHI_STR(""), &cap);
    } else if (inside && n->tag == ZHI_TAG_SCRIPT && n->end > i + 1 &&
               zhi_str_ifind(c->html.nodes[i + 1].text, "pdf")) {
      quoted_file(c, c->html.nodes[i + 1].text, ZHI_STR(""), &cap);
    }
  }
}
