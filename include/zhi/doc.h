/* Document: what extraction makes of one capture. A pure function of bytes, URL and headers.
 *
 * zhi_extract parses a page once: charset → UTF-8 → tree → links, fields, text, attachments, list items,
 * findings. All of the result lives in the extractor's arena and is valid until the next call.
 * Thread: one extractor per worker thread. */
#ifndef ZHI_DOC_H
#define ZHI_DOC_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "zhi/annual.h"
#include "zhi/arena.h"
#include "zhi/digest.h"
#include "zhi/fields.h"
#include "zhi/noise.h"
#include "zhi/request.h"
#include "zhi/str.h"

enum zhi_kind {
  ZHI_KIND_OTHER, /* also everything that is not HTML */
  ZHI_KIND_HOME,
  ZHI_KIND_LIST,
  ZHI_KIND_DOCUMENT,
  ZHI_KIND_BLOCKED,
  ZHI_KIND_SOFT_404
};
const char *zhi_kind_name(enum zhi_kind k);

enum zhi_field_state { ZHI_FIELD_ABSENT = 0, ZHI_FIELD_PRESENT, ZHI_FIELD_EMPTY };
enum zhi_precision {
  ZHI_PRECISION_NONE = 0,
  ZHI_PRECISION_YEAR,
  ZHI_PRECISION_MONTH,
  ZHI_PRECISION_DAY,
  ZHI_PRECISION_MINUTE,
  ZHI_PRECISION_SECOND
};
const char *
zhi_precision_name(enum zhi_precision p); /* "year" … "day" "minute" "second"; "" for none */

struct zhi_field_value {
  enum zhi_field_state state;
  struct zhi_str value;         /* normalised; NULL view when empty or not to be normalised */
  struct zhi_str raw;           /* the value's text without its label */
  const char *source;           /* "meta" "table" "list" "dl" "inline" "script" "text" "title" "url"
                     * "override": the config's XPath; "config": its words */
  float confidence;             /* 0–1 */
  enum zhi_precision precision; /* dates */
  bool suspect;                 /* dates: probably a default of the CMS */
};

enum zhi_link_kind {
  ZHI_LINK_PAGE,       /* <a>, <area>, <option>, onclick, frames, meta refresh, scripts */
  ZHI_LINK_REQUISITE,  /* style sheet, script, image, font, media */
  ZHI_LINK_ATTACHMENT, /* pdf doc docx xls xlsx ppt pptx wps et ofd zip rar … */
  ZHI_LINK_FRAME,      /* iframe, frame: a page that is part of this one */
  ZHI_LINK_LIST_PAGE,  /* a further page of this list */
  ZHI_LINK_SPECULATIVE /* a string in a script that looks like a URL: lowest priority */
};
const char *zhi_link_kind_name(enum zhi_link_kind k); /* "page" "requisite" … */

struct zhi_link {
  struct zhi_str url; /* absolute, WHATWG-serialised, no fragment, ≤ ZHI_URL_MAX_BYTES */
  enum zhi_link_kind kind;
  struct zhi_str text; /* anchor text or title attribute, collapsed; may be empty */
  bool nofollow;       /* rel=nofollow, or meta robots nofollow */
};

/* A link as readers see it, for comparing two readings of a page. */
struct zhi_anchor {
  struct zhi_str url, text;  /* absolute, without fragment; what is shown of it, may be empty */
  enum zhi_noise_kind noise; /* NONE: of the page's own content; else why it is not */
};

struct zhi_attachment {
  struct zhi_str url, name;
  struct zhi_str type; /* lower-case extension without dot; may be empty */
};

struct zhi_list_item {
  struct zhi_str url, title, date; /* date as YYYY-MM-DD, may be empty */
};

/* One page of a list: what to ask for it. */
struct zhi_list_page {
  struct zhi_str url;  /* absolute */
  struct zhi_str name; /* of its list, where a page names several; may be a NULL view */
  struct zhi_ask ask;  /* NULL views: a plain GET */
};

/* What a page is to the list it names. */
enum zhi_list_role {
  ZHI_LIST_PAGE, /* one of its pages */
  ZHI_LIST_HEAD, /* the column's own page: all rows come as answers, and links here are not items */
  ZHI_LIST_NONE  /* no page of it: a directory of several lists, or a guess that was wrong */
};

struct zhi_list {
  enum zhi_list_role role;
  const char *adapter; /* "trs", "hanweb", …, "generic"; NULL: this page is not a list */
  struct zhi_list_item *items;
  size_t item_count;
  int page, pages, total;         /* 1-based; 0 = not told */
  struct zhi_list_page *requests; /* every list page that can be told from this one */
  size_t request_count;
};

/* Another site that the page names in its navigation, and under what caption. */
enum zhi_site_group {
  ZHI_GROUP_UNKNOWN, /* no caption that says it */
  ZHI_GROUP_FOREIGN, /* ministries, the province, media, friends */
  ZHI_GROUP_SIBLING, /* other counties and districts */
  ZHI_GROUP_OWN      /* departments, townships, units of this government */
};
const char *zhi_site_group_name(enum zhi_site_group g); /* "unknown" "foreign" "sibling" "own" */
struct zhi_neighbour {
  struct zhi_str url, name, caption; /* name and caption may be empty */
  enum zhi_site_group group;
  const char *place; /* "navigation" "select" "map" "script" "site_map" */
};

struct zhi_finding {
  const char *code; /* "html_budget", "charset_conflict", "date_default_suspect", … */
  struct zhi_str text;
};

/* One way a field might have had its value, for --explain. */
struct zhi_doc_candidate {
  enum zhi_field field;
  struct zhi_str raw, value; /* as in zhi_field_value */
  const char *source;
  float confidence;    /* before agreement */
  uint32_t line;       /* of the decoded page, from 1; 0: not from its markup */
  struct zhi_str path; /* elements down to it: "html/body/div#zoom/p"; may be empty */
  bool won;
  const char *why; /* it won or lost */
};

struct zhi_doc {
  struct zhi_str url; /* as requested */
  enum zhi_kind kind;
  struct zhi_str charset;     /* WHATWG name, "" when not text */
  const char *charset_source; /* "bom" "header" "meta" "utf8" "detected" "default" */
  struct zhi_field_value fields[ZHI_FIELD_COUNT];
  struct zhi_str text; /* body text, blocks as lines */
  struct zhi_str
      text_digest; /* sha256:… of the text, and of sentences elsewhere on the page, without what changes by
                                 itself; "" without text */
  struct zhi_str *masked; /* what was left out for that: "浏览次数：12" */
  uint32_t masked_count;
  struct zhi_link *links;
  size_t link_count;
  struct zhi_anchor *anchors; /* only when asked for: in document order, without attachments */
  size_t anchor_count;        /* at most ZHI_PAGE_MAX_ANCHORS */
  struct zhi_str
      beside; /* only when asked for: sentences and remarks outside the text, a line each */
  struct zhi_attachment *attachments;
  size_t attachment_count;
  struct zhi_list list;
  struct zhi_neighbour *sites; /* each host once a caption group, in document order */
  size_t site_count;
  struct zhi_finding *findings;
  size_t finding_count;
  uint64_t
      shape; /* hash of structure and title; pages of one template and title share it; 0 = none */
  bool noindex; /* meta robots */
  bool blocked; /* kind BLOCKED: `blocked_by` names the product */
  const char *blocked_by;
  struct zhi_str
      part_of; /* of a further page of an article: URL of its first; else the NULL view */
  int part;    /* … and the number in its name */
  const struct zhi_annual *annual;      /* NULL: not an annual report on disclosure */
  struct zhi_doc_candidate *candidates; /* only when asked to explain; by field */
  size_t candidate_count;
};

struct zhi_page {
  struct zhi_str url;          /* absolute */
  struct zhi_str body;         /* content coding removed */
  struct zhi_str content_type; /* header value, may be empty */
  struct zhi_str http_charset; /* charset parameter of Content-Type; NULL view when none */
  struct zhi_str cookie;       /* the first Set-Cookie value; may be empty */
  int status;                  /* HTTP status, 0 = not known (taken as 200) */
  struct zhi_ask
      ask; /* how it was asked for: its asker reads the answer, links are relative to its Referer */
  int64_t fetched_ms; /* UTC; 0 = not known: no date is in the future */
  bool explain;       /* fill doc->candidates */
  bool compared;      /* fill doc->anchors and doc->beside */
};

struct zhi_extractor;
ZHI_NODISCARD enum zhi_code zhi_extractor_new(struct zhi_extractor **out, struct zhi_err *e);
void zhi_extractor_free(struct zhi_extractor *x);
/* XPath 1.0 that beats every other way to find a field, or to tell the items of a list. `name`: "FIELD" or
 * "list_items", on one host only "HOST/FIELD", "HOST/list_items". A page where the items' expression finds links is
 * a list. ZHI_EUSAGE: what is wrong with name or expression. */
ZHI_NODISCARD enum zhi_code zhi_extractor_override(struct zhi_extractor *x, struct zhi_str name,
                                                   struct zhi_str xpath, struct zhi_err *e);
/* The division (six digits of GB/T 2260) that the site is of, for pages that do not say; either may be empty.
 * At most 7 and 127 bytes are kept. */
void zhi_extractor_division(struct zhi_extractor *x, struct zhi_str code, struct zhi_str name);
/* Would that be taken? */
ZHI_NODISCARD enum zhi_code zhi_override_check(struct zhi_str name, struct zhi_str xpath,
                                               struct zhi_err *e);
/* ZHI_ENOMEM only; whatever the page is, *out is a document (kind other at the least). */
ZHI_NODISCARD enum zhi_code zhi_extract(struct zhi_extractor *x, const struct zhi_page *page,
                                        const struct zhi_doc **out, struct zhi_err *e);
/* The JSON form of docs/formats.md (one object; a new reference; NULL when out of memory). */
json_t *zhi_doc_json(const struct zhi_doc *d, bool with_text);
/* Only the fields part of it. */
json_t *zhi_doc_fields_json(const struct zhi_doc *d);
/* Its arrays of attachments, findings and masked parts. */
json_t *zhi_doc_attachments_json(const struct zhi_doc *d);
json_t *zhi_doc_findings_json(const struct zhi_doc *d);
json_t *zhi_doc_masked_json(const struct zhi_doc *d);
/* {"url", "kind", "fields": {NAME: [{"value", "raw", "source", "confidence", "line", "path", "won", "why"}]}} of a
 * document made with `explain`. */
json_t *zhi_doc_explain_json(const struct zhi_doc *d);

/* Changes whenever the same bytes may give another document. */
extern const char *const zhi_extractor_version;

#endif
