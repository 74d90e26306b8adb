/* Inside link extraction: the collector that every source of links feeds. */
#ifndef EXTRACT_LINKS_H
#define EXTRACT_LINKS_H

#include "zhi/links.h"
#include "zhi/url.h"

struct link_slot {
  struct zhi_str key; /* as written, or resolved */
  uint64_t hash;
  uint32_t link; /* index + 1; NO_LINK: known to be none */
};

struct collector {
  struct zhi_arena *arena;
  const struct zhi_encoding *enc;
  struct zhi_str source; /* decoded text of the page */
  struct zhi_url base;
  struct zhi_url scratch; /* being resolved */
  bool base_live, scratch_live;
  bool nofollow; /* meta robots of this page */
  struct zhi_link *items;
  size_t count, cap;
  struct link_slot *slots;
  size_t slot_count, slot_cap; /* a power of two */
  bool capped, noindex;
  int depth; /* of markup inside scripts inside markup … */
  size_t too_long;
};

/* Every entry point runs its work through this: base and scratch URL are released whatever happens. */
typedef void links_work(struct collector *c, void *arg);
void links_run(struct zhi_arena *a, const struct zhi_links_in *in, links_work *work, void *arg,
               struct zhi_links *out);

/* Add a reference; returns the link (new or known) or NULL when it is none. The pointer is valid until the next
 * call. `nofollow` as the element says. */
struct zhi_link *links_add(struct collector *c, struct zhi_str raw, enum zhi_link_kind kind,
                           bool nofollow);
/* <base href>: the first that is http counts. */
void links_set_base(struct collector *c, struct zhi_str raw);
/* Does this text look like a reference at all: an absolute URL, a path, a file with a page's or an
 * attachment's extension? For option values, data attributes, script strings. */
bool links_url_like(struct zhi_str s);
/* Does it end (before a query) in an extension of pages (html shtml jsp …) or attachments? */
bool links_has_page_extension(struct zhi_str s);

/* One element, from the tree or from the scanner. `anchor_text` is asked for only when it is needed. */
typedef struct zhi_str links_text_fn(void *ctx);
void links_element(struct collector *c, const struct zhi_node *n, links_text_fn *text, void *ctx);
/* Content of <style>, of <script> (type may be NULL), of a style attribute. */
void links_style(struct collector *c, struct zhi_str css);
void links_script(struct collector *c, struct zhi_str js, bool handler);
/* Markup met inside something else: CDATA, <select>, strings of scripts. */
void links_fragment(struct collector *c, struct zhi_str html);

/* The scanner: calls links_element for each tag; `text` may be NULL. */
void scan_markup(struct collector *c, struct zhi_str html, struct zhi_buf *text);
/* Character references resolved; the same view when there are none. */
struct zhi_str scan_unescape(struct zhi_arena *a, struct zhi_str s);

#endif
