/* Search: the full text of one archive or several, from an index beside each catalogue (search.db).
 *
 * The index is derived: it may be deleted, and is made or brought up to date by zhi_search_update. Chinese is found by
 * any stretch of characters, one or more; full and half width, upper and lower case, traditional and simplified forms
 * are the same. Query language: docs/search.md. Thread: a handle belongs to one thread. */
#ifndef ZHI_SEARCH_H
#define ZHI_SEARCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "zhi/str.h"

struct zhi_search_done {
  int64_t added, dropped, total; /* versions of documents */
  bool fresh;                    /* nothing was to be done */
};
/* Make the index, or bring it up to date: all or nothing; a killed run leaves the old one. `again`: make it anew.
 * ZHI_ECONFLICT: another process is at it; ZHI_EIO: the folder cannot be written, …; ZHI_EPARSE: a damaged catalogue. */
ZHI_NODISCARD enum zhi_code zhi_search_update(const char *dir, bool again,
                                              struct zhi_search_done *done, struct zhi_err *e);

struct zhi_search;
/* Open archives for searching. `may_update`: an index that is missing or older than its catalogue is brought up to
 * date first; where that cannot be, an old one is used as it is, and for a missing one,
 * or one of another version of the program, one is made in a temporary file. Without
 * it, an index that is missing is ZHI_EUSAGE. `warn` (may be NULL) is told what was odd. */
struct zhi_search_options {
  bool may_update;
  void (*warn)(void *ctx, const char *text);
  void *ctx;
};
ZHI_NODISCARD enum zhi_code zhi_search_open(const char *const *dirs, size_t count,
                                            const struct zhi_search_options *o,
                                            struct zhi_search **out, struct zhi_err *e);
void zhi_search_close(struct zhi_search *s);

struct zhi_search_ask {
  struct zhi_str query;
  int64_t limit, offset;
  bool all_versions; /* a row for every version that has it, not one a document */
  bool facets;       /* count values, too */
  bool by_date;      /* newest first, not the best first */
};
/* A new object (docs/search.md, "JSON"):
 *   {"query", "total", "stale", "results": [{"archive", "id" (version, as browse.h has it), "url", "host", "title",
 *    "publisher", "doc_no", "date", "kind", "validity", "column", "version", "state", "captured_at", "first_seen",
 *    "last_seen", "versions", "current", "title_marks", "snippet", "found_in", "score"}],
 *    "facets": {"host": [{"value", "count"}], "publisher", "year", "topic", "validity", "kind"}}
 * title_marks and snippet are arrays of [text, marked]. first_seen and last_seen span the versions that match.
 * ZHI_EUSAGE: the query is malformed or names an unknown field (the message suggests one). */
ZHI_NODISCARD enum zhi_code zhi_search_query(struct zhi_search *s, const struct zhi_search_ask *ask,
                                             json_t **out, struct zhi_err *e);

#endif
