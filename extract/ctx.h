/* What the parts of extraction share about one page. Everything lives in the arena. */
#ifndef ZHI_EXTRACT_CTX_H
#define ZHI_EXTRACT_CTX_H

#include "extract/adapters/families.h"
#include "extract/flat.h"
#include "extract/labels.h"
#include "extract/values.h"
#include "zhi/date.h"
#include "zhi/doc.h"
#include "zhi/links.h"

/* One way a field may have its value. */
struct zhi_candidate {
  enum zhi_field field;
  struct zhi_str raw; /* without label; empty: shown but empty */
  const char *source; /* as in zhi_field_value */
  float confidence;   /* before agreement */
  uint32_t pos;       /* place in the flat text; 0 when not from it */
  uint32_t node;      /* of the tree, when there is no place in the text; 0: neither */
  bool yes_no, won;
  const char *why; /* it won or lost; set when fields are settled */
};

/* A label found in the flat text, with its value's range. */
struct zhi_hit {
  const struct zhi_label *label; /* NULL: an unknown label, or a date without one */
  uint32_t pos, after;           /* label's first byte; first byte behind it and its colon */
  uint32_t node;                 /* text node of pos */
  uint32_t elem;        /* outermost element that is the label and nothing more; 0 when none */
  uint32_t from, to;    /* value in the flat text; from == to: empty */
  uint32_t run;         /* hits that follow one another with nothing else between */
  uint32_t block_bytes; /* text of the block around it */
  bool colon, date, in_link, value_cell, far; /* far: the value stands on another line */
  bool beside;                                /* … in another block */
  const char *source;
  struct zhi_str written; /* the value when a script writes it; the NULL view otherwise */
};

/* What a config says of the site. */
struct zhi_site {
  struct zhi_str code, name; /* of its division; may be empty */
};

struct zhi_ctx {
  struct zhi_arena *a;
  const struct zhi_page *page;
  struct zhi_str source; /* the page, decoded */
  struct zhi_html html;
  struct zhi_flat flat;
  const struct zhi_labels *labels;
  struct zhi_doc *doc;
  struct zhi_str base;     /* what the page's links are resolved against */
  struct zhi_str url_path; /* of the page's URL, without query */
  bool url_query;          /* it has one */
  const struct zhi_encoding *enc;
  struct zhi_hit *hits;
  uint32_t hit_count, hit_cap;
  struct zhi_candidate *cands;
  uint32_t cand_count, cand_cap;
  uint32_t main; /* node of the body container; 0: none found */
  uint32_t main_score;
  bool main_known;           /* by a known id or class */
  uint32_t title_pos;        /* place of the shown title; UINT32_MAX: not found */
  uint32_t body_pos;         /* where the body text begins */
  struct zhi_str head_title; /* <title> */
  struct zhi_str *scripts;   /* texts of the page's scripts */
  uint32_t script_count;
  uint64_t official;               /* bit a field: the guide's own spelling of its tag is there */
  uint32_t list_dated, list_bytes; /* of the best group of links */
  uint32_t *item_parents;          /* of list items: the element their rows stand in */
  uint32_t list_blocks;            /* separate blocks of links with telling text */
  int said_page, said_pages, said_total; /* declared in the text; 0: not told */
  bool has_pager;
  const struct zhi_families *fam;
  int family;       /* whose adapter is at work, or whose answer this is; -1: none */
  bool asks;        /* further pages are asked for as a script would */
  uint32_t lookups; /* of variables in scripts */
  json_t **json;    /* of an answer; the extractor releases it */
  size_t request_cap, site_cap;
  uint64_t *site_seen; /* hosts and groups of doc->sites, by hash */
  struct zhi_overrides *overrides;
  const struct zhi_site *site;
};

/* Grow an arena array by one element. */
#define ZHI_PUSH(c, array, count, cap)                                                             \
  ((count) == (cap) ? ((array) = zhi_arena_grow((c)->a, (array), (cap) * sizeof *(array),          \
                                                ((cap) ? (cap)*2 : 32) * sizeof *(array)),         \
                       (cap) = (cap) ? (cap)*2 : 32)                                               \
                    : 0,                                                                           \
   &(array)[(count)++])

void zhi_ctx_finding(struct zhi_ctx *c, const char *code, struct zhi_str text);
/* Valid until the next one. */
struct zhi_candidate *zhi_ctx_candidate(struct zhi_ctx *c, enum zhi_field f, struct zhi_str raw,
                                        const char *source, float confidence, uint32_t pos);
/* Absolute URL of an href; NULL view when it is not one that can be fetched. */
struct zhi_str zhi_ctx_resolve(struct zhi_ctx *c, struct zhi_str href);
/* Text without markup, white space collapsed. */
struct zhi_str zhi_strip_tags(struct zhi_arena *a, struct zhi_str s);
/* Has the attribute `name` the part `part`, without case? */
bool zhi_attr_has(const struct zhi_node *n, const char *name, const char *part);

void zhi_scan_labels(struct zhi_ctx *c); /* hits.c: hits and their values */
/* written.c: what a script writes between nodes `from` and `end`, or puts into an element there; *left bounds the bytes
 * of scripts that are looked through. True: a script stands there, or fills something in. */
bool zhi_script_value(const struct zhi_html *html, uint32_t from, uint32_t end, size_t *left,
                      struct zhi_str *out);
void zhi_find_main(struct zhi_ctx *c); /* text.c */
void zhi_body_text(struct zhi_ctx *c); /* text.c: doc->text */
/* text.c: is a node of the body container no part of the text: a toolbar, a pager, something hidden? */
bool zhi_is_beside_text(const struct zhi_ctx *c, uint32_t i);
void zhi_text_digest(
    struct zhi_ctx *c); /* digest.c: doc->text_digest, doc->masked; after the fields */
void zhi_find_title(struct zhi_ctx *c); /* title.c */
void zhi_page_candidates(
    struct zhi_ctx *c); /* meta.c: meta tags, hidden inputs, scripts, footers, URL */
void zhi_hit_candidates(struct zhi_ctx *c);      /* fields.c */
void zhi_override_candidates(struct zhi_ctx *c); /* override.c: what the config's XPath found */
/* override.c: the items that the config's XPath found replace the list's; false when there are none. */
bool zhi_override_list(struct zhi_ctx *c);
void zhi_resolve_fields(struct zhi_ctx *c); /* fields.c */
/* fields.c: the value in its field's own form; NULL view when it cannot be read as that. Sets precision and
 * suspect of *v. */
struct zhi_str zhi_field_normalise(struct zhi_ctx *c, const struct zhi_candidate *k,
                                   struct zhi_field_value *v);
void zhi_script_candidates(struct zhi_ctx *c); /* named.c: variables, hidden inputs, records */
void zhi_titled_candidates(struct zhi_ctx *c); /* titled.c: labels in title attributes, own tags */
void zhi_find_parts(
    struct zhi_ctx *c); /* parts.c: doc->part_of, links to an article's further pages */
void zhi_find_division(struct zhi_ctx *c); /* division.c: its code and name, when kind is known */
void zhi_find_annual(struct zhi_ctx *c);   /* annual.c: doc->annual */
void zhi_explain(struct zhi_ctx *c);       /* explain.c: doc->candidates */
void zhi_find_anchors(struct zhi_ctx *c);  /* anchors.c: doc->anchors; after everything else */
void zhi_find_beside(struct zhi_ctx *c);   /* digest.c: doc->beside */
void zhi_drop_item_fields(struct zhi_doc *d); /* fields.c: of lists, homes and challenges */
/* A document whatever its lists: known before they are looked at (kind.c). */
bool zhi_is_plain_document(const struct zhi_ctx *c);
void zhi_find_kind(struct zhi_ctx *c);        /* kind.c */
void zhi_find_attachments(struct zhi_ctx *c); /* attach.c */
/* attach.c: does it stand in the site's frame (header, footer, menus)? */
bool zhi_in_site_frame(const struct zhi_ctx *c, uint32_t i);
/* attach.c: the text of a link, else its title */
struct zhi_str zhi_link_label(struct zhi_ctx *c, uint32_t i);
void zhi_find_list(struct zhi_ctx *c);         /* list.c */
bool zhi_is_site_map(const struct zhi_ctx *c); /* kind.c */
void zhi_find_cluster(struct zhi_ctx *c);      /* cluster.c: doc->sites */
void zhi_find_blocked(struct zhi_ctx *c);      /* blocked.c: sets doc->blocked or kind soft_404 */

#endif
