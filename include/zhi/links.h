/* Links of a page, a style sheet, an XML answer or a script, in document order, each URL once.
 *
 * Sources: elements and their attributes, srcset, lazy-loading attributes, CSS, meta refresh, link idioms of
 * scripts and event handlers, HTML inside scripts and CDATA. Repeated URLs are merged: the first place counts
 * for the order, the first text that is not empty for the text, "follow" wins over nofollow, and a page or
 * attachment over a requisite over a guess.
 * Everything lives in the arena, which must have an escape (arena.h); nothing leaks when it is taken.
 * Caps: ZHI_PAGE_MAX_LINKS, ZHI_URL_MAX_BYTES. Thread: any; no shared state. */
#ifndef ZHI_LINKS_H
#define ZHI_LINKS_H

#include "zhi/doc.h"
#include "zhi/encoding.h"
#include "zhi/html.h"

struct zhi_links {
  struct zhi_link *items;
  size_t count;
  struct zhi_str base;    /* what relative URLs were resolved against */
  bool nofollow, noindex; /* meta robots */
  bool capped;            /* ZHI_PAGE_MAX_LINKS was reached */
  size_t too_long;        /* URLs over ZHI_URL_MAX_BYTES, left out */
};

struct zhi_links_in {
  struct zhi_str url;             /* of the page, absolute */
  const struct zhi_encoding *enc; /* of the page, for queries; NULL = UTF-8 */
  struct zhi_str text;            /* decoded source, UTF-8 */
};

/* `in->text` is what `h` was parsed from (looked at where the tree drops markup: links inside <select>). */
void zhi_links_html(struct zhi_arena *a, const struct zhi_links_in *in, const struct zhi_html *h,
                    struct zhi_links *out);
/* The same from tokens, without a tree: for pages over the budget. Linear. `text`, unless NULL, gets the page's
 * text without tags, blocks as lines, cut at 256 KiB. */
void zhi_links_scan(struct zhi_arena *a, const struct zhi_links_in *in, struct zhi_links *out,
                    struct zhi_str *text);
void zhi_links_css(struct zhi_arena *a, const struct zhi_links_in *in, struct zhi_links *out);
/* Feeds and XML list answers: link, loc, guid, url, href …, and HTML in CDATA or escaped. */
void zhi_links_xml(struct zhi_arena *a, const struct zhi_links_in *in, struct zhi_links *out);

/* One reference as pages write it → an absolute http(s) URL without fragment, or the NULL view: repaired
 * (below), resolved, checked. For list items and attachments outside the above. */
struct zhi_str zhi_link_resolve(struct zhi_arena *a, struct zhi_str base,
                                const struct zhi_encoding *enc, struct zhi_str raw);
/* Slips of hand mended: "http:/host", "http//host", "http://http://host", "/http://host", "www.host.cn/x",
 * white space and quotes around, full-width colons. A view of `raw` or arena memory; the NULL view for what
 * is no link at all (templates, "javascript:", "undefined"). */
struct zhi_str zhi_link_clean(struct zhi_arena *a, struct zhi_str raw);
/* The attachment type a URL names by its path, or by a parameter of a download servlet ("pdf", lower case, a
 * static string); NULL when it names none. */
const char *zhi_attachment_type(struct zhi_str url);

#endif
