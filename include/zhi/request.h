/* Requests that are more than a URL: what list adapters ask for.
 *
 * Most requests are a GET of a URL and nothing else. A list's further pages often are a POST, or a GET that needs
 * headers, and their answer can be read by the adapter that asked for it only. All that is beyond the URL is a
 * zhi_ask; one of NULL views is a plain GET. Strings are borrowed. Thread: any. */
#ifndef ZHI_REQUEST_H
#define ZHI_REQUEST_H

#include "zhi/arena.h"
#include "zhi/str.h"

#define ZHI_FORM_TYPE "application/x-www-form-urlencoded"

struct zhi_ask {
  struct zhi_str body; /* NULL view: GET; else the bytes to POST, may be empty */
  struct zhi_str
      headers; /* "Name: value\n" each; Content-Type (a form without one), X-Requested-With, Referer */
  struct zhi_str
      asker; /* list adapter that reads the answer, and behind a space what it must remember */
};

static inline bool zhi_ask_is_post(const struct zhi_ask *a) { return a->body.p != NULL; }
/* All of it in the arena. */
struct zhi_ask zhi_ask_copy(struct zhi_arena *a, const struct zhi_ask *ask);
/* Value of a header (name without case); NULL view when missing. */
struct zhi_str zhi_ask_header(const struct zhi_ask *a, const char *name);
/* What an asker needs for itself alone, from its words: from " #" on. Two that ask for one URL with different such words
 * both get an answer. Empty view: nothing. */
struct zhi_str zhi_ask_own(const struct zhi_ask *a);
/* Is the URL alone the request's identity? */
static inline bool zhi_ask_is_plain(const struct zhi_ask *a) {
  return !zhi_ask_is_post(a) && !zhi_ask_own(a).len;
}
/* What makes the request one of its own, appended to out: the URL, for a POST also its body without a form's state
 * fields (__VIEWSTATE and the like, which differ from visit to visit), and what its asker needs for itself. No two
 * requests share it with a plain GET. */
void zhi_ask_identity(struct zhi_str url, const struct zhi_ask *a, struct zhi_buf *out);

/* URL under which archives index the request, appended to out: for a POST "…?__wb_method=POST&…" with the body as a
 * query, as pywb and cdxj-indexer make it (forms unquoted, JSON flattened, the rest in base64, at most 4096
 * characters); for other methods the URL itself. `query`, unless NULL, is the part made of the body (view into out). */
void zhi_request_url(struct zhi_str url, struct zhi_str method, struct zhi_str content_type,
                     struct zhi_str body, struct zhi_buf *out, struct zhi_str *query);
void zhi_ask_url(struct zhi_str url, const struct zhi_ask *a, struct zhi_buf *out);

/* Append `s` as one value of a form or query: all but letters, digits and "-._~" percent-encoded, a space as "+". */
void zhi_form_escape(struct zhi_str s, struct zhi_buf *out);
/* Append "name=value", with "&" before it unless it is the first. */
void zhi_form_add(struct zhi_buf *out, const char *name, struct zhi_str value);
/* The raw value of a field in a form or query; NULL view when missing. */
struct zhi_str zhi_form_value(struct zhi_str form, const char *name);
/* The form, or URL with its query, with the field set to `value` (both as they stand in it), appended to out. */
void zhi_form_set(struct zhi_str form, struct zhi_str name, struct zhi_str value,
                  struct zhi_buf *out);
/* A value without its escapes, appended to out. */
void zhi_form_unescape(struct zhi_str s, struct zhi_buf *out);

#endif
