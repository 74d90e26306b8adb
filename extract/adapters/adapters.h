/* List adapters: one file a CMS family, one row in adapters.c. An adapter reads from a list page how many pages
 * and records the column has, and gives the URL of every page. Bounded: ZHI_LIST_MAX_PAGES. */
#ifndef ZHI_EXTRACT_ADAPTERS_H
#define ZHI_EXTRACT_ADAPTERS_H

#include "extract/ctx.h"

enum { ZHI_LIST_MAX_PAGES = 3000, ZHI_LIST_MAX_ITEMS = 2000 };

struct zhi_adapter {
  const char *name; /* of its family in config/adapters.yaml */
  /* A page with the family's signs: fills doc->list (pages, total, page, requests; items when they are not in the page's
   * own markup). False: not this family after all, nothing touched. NULL: its pager is read as any other. */
  bool (*fill)(struct zhi_ctx *c);
  /* An answer to a script, whose items and totals were read: asks for further pages. NULL: as any other
   * (zhi_answer_follow). */
  void (*answer)(struct zhi_ctx *c);
  /* A script file that a page needed to be read first (zhi_ask_own says for what): asks for the list. */
  bool (*script)(struct zhi_ctx *c);
  bool pages; /* what it asks for are whole pages, read as such */
};
/* Fills doc->list from the first adapter that fits. Its family's name; NULL: the page has no pager. */
const char *zhi_adapters_fill(struct zhi_ctx *c);
/* Is this page an answer to a script, by who asked for it or by its address? Sets c->family. */
bool zhi_is_answer(struct zhi_ctx *c);
/* Reads it: items, totals, further pages, links. False: it is not what was expected, nothing touched. */
bool zhi_read_answer(struct zhi_ctx *c);
/* Page 2 was guessed (zhi_guess_pages) and this is the answer: keep what it says when it is new. */
void zhi_judge_guess(struct zhi_ctx *c);

bool zhi_adapter_trs(struct zhi_ctx *c);
bool zhi_adapter_hanweb(struct zhi_ctx *c);
void zhi_answer_hanweb(struct zhi_ctx *c);
bool zhi_adapter_vsb(struct zhi_ctx *c);
bool zhi_adapter_gkmlpt(struct zhi_ctx *c);
void zhi_answer_gkmlpt(struct zhi_ctx *c);
bool zhi_adapter_jpaas(struct zhi_ctx *c);
void zhi_answer_jpaas(struct zhi_ctx *c);
bool zhi_adapter_ucap(struct zhi_ctx *c);
bool zhi_adapter_lonsun(struct zhi_ctx *c);
bool zhi_adapter_epoint(struct zhi_ctx *c);
bool zhi_script_epoint(struct zhi_ctx *c);
bool zhi_adapter_henan(struct zhi_ctx *c);
bool zhi_adapter_jeaf(struct zhi_ctx *c);
bool zhi_adapter_ajax(
    struct zhi_ctx *c); /* whatever request of a script has a place for the page's number */
bool zhi_adapter_form(struct zhi_ctx *c); /* a form with a hidden field for it */
bool zhi_adapter_aspnet(struct zhi_ctx *c);
bool zhi_adapter_generic(struct zhi_ctx *c);

/* --- shared by adapters ---------------------------------------------------------------------------------- */
/* Fill c->scripts, which the following read; once a page. */
void zhi_collect_scripts(struct zhi_ctx *c);
/* The call `name(…)` in any script, not its definition and not in a line comment: its arguments, quotes removed.
 * Returns how many; 0 when there is none. quoted[i] says whether argument i was a string. */
enum { ZHI_CALL_ARGS = 10 };
struct zhi_call {
  struct zhi_str arg[ZHI_CALL_ARGS];
  bool quoted[ZHI_CALL_ARGS];
  int count;
};
bool zhi_script_call(const struct zhi_ctx *c, const char *name, struct zhi_call *out);
/* The number behind `key` (`var countPage = 25`, `totalPage: "25"`) in any script; -1 when there is none. */
int zhi_script_number(const struct zhi_ctx *c, const char *key);
/* Cut *s behind its first quoted word; false when a closing bracket or the end comes first. */
bool zhi_cut_quoted(struct zhi_str *s, struct zhi_str *out);
/* The quoted or bare word behind `key`. NULL view when there is none. */
struct zhi_str zhi_script_word(const struct zhi_ctx *c, const char *key);
int zhi_str_int(struct zhi_str s);
/* A character of identifiers. */
static inline bool zhi_is_word(char ch) {
  return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') ||
         ch == '_' || ch == '$';
}
/* Append a list page by its URL (resolved against the page). Its request, to be made more than a GET; NULL when it is
 * no URL, or one too many. */
struct zhi_list_page *zhi_list_page(struct zhi_ctx *c, struct zhi_str href);
/* Ask for a list page as a script of the page would: with X-Requested-With and Referer, its answer for c->family.
 * `body` NULL view: GET; `type` NULL: a form. False: no URL, or one too many. */
bool zhi_list_ask(struct zhi_ctx *c, struct zhi_str url, struct zhi_str body, const char *type);
/* Totals made consistent: pages from total and size. */
void zhi_list_totals(struct zhi_ctx *c, int page, int pages, int total, int size);
/* Number of pages and records, and of records a page, by the usual names in scripts. */
void zhi_script_totals(const struct zhi_ctx *c, int *pages, int *total, int *size);
/* Further pages by the request of this answer: the number in it counted on; all when they are declared, else one
 * while the items are new. */
void zhi_answer_follow(struct zhi_ctx *c);
/* A text with a place for a page's number, or without one. */
struct zhi_slotted {
  struct zhi_str head, tail; /* tail.p NULL: no place */
};
/* Where a form, a query or JSON (also escaped) has the page's number: what stands before and behind it. `offset`: it
 * counts records. False: nowhere. */
bool zhi_page_slot(const struct zhi_ctx *c, struct zhi_str text, struct zhi_slotted *out,
                   int *value, bool *offset);
/* The request with the number of its last record (endrecord) moved on; `text` itself when it has none. */
struct zhi_str zhi_shift_end(struct zhi_ctx *c, struct zhi_str text, int by);
/* What a function of the page's scripts makes of a page's number: an address before and behind slope × page + offset.
 * False: no function turns pages. */
bool zhi_location_pattern(const struct zhi_ctx *c, struct zhi_slotted *out, int *slope,
                          int *offset);
/* JavaScript's way to write the same as JSON's. */
struct zhi_str zhi_json_loose(struct zhi_arena *a, struct zhi_str s);
/* Sections of CDATA are one fragment of HTML. */
struct zhi_str zhi_cdata(struct zhi_ctx *c, struct zhi_str xml);
/* <totalpage> and <totalrecord>; 0: not told. */
void zhi_store_totals(struct zhi_str xml, int *pages, int *total);
/* Items of a fragment; `whole`: it is all there is, its links and text count too. */
void zhi_fragment_items(struct zhi_ctx *c, struct zhi_str html, bool whole);
/* 共12页, 共123条, 第1/12页 and the like in the text; 0: not told. */
void zhi_declared_totals(const struct zhi_ctx *c, int *page, int *pages, int *total);
bool zhi_adapter_script(struct zhi_ctx *c);
/* Does the family ask for whole pages? */
bool zhi_adapter_asks_pages(const struct zhi_ctx *c, int family);
/* The family's own way with an answer, or zhi_answer_follow. */
void zhi_adapter_answer(struct zhi_ctx *c);
/* The page says that it has more pages, and not where: by the family's `next`, or by guesses for page 2. */
void zhi_guess_pages(struct zhi_ctx *c, uint64_t families);
/* Are the answer's items those of page 1, or of the page before it? */
bool zhi_answer_repeats(struct zhi_ctx *c);
/* A word of what the asker was to remember: 0 is its name. "" when there is none. */
struct zhi_str zhi_asker_word(const struct zhi_ctx *c, int n);
/* Items of a tree, as list.c finds them. */
void zhi_list_items(struct zhi_ctx *c, const struct zhi_flat *f);
/* Append the item whose link is node `link` and whose row is node `box`; *cap starts as 0. */
void zhi_list_add(struct zhi_ctx *c, uint32_t link, uint32_t box, size_t *cap);

#endif
