/* Compare: what differs between two captures of a URL, as JSON (docs/formats.md, "A comparison"): facts first, then
 * attachments, then the text; what is noise is there as masked, with its reason. Everything that shows a comparison
 * shows this. Nothing of what is taken down is compared. Thread: the handle's. */
#ifndef ZHI_COMPARE_H
#define ZHI_COMPARE_H

#include <jansson.h>

#include "zhi/store.h"

/* `from` and `to` are times, as exact as they are given (2018, 2018-03, 20180329, 2018-03-29T08:00:00Z …; UTC): the last
 * capture up to then is taken, or the first of all. Both empty: the latest version and the last capture of the one
 * before it; with one version, its first and last captures. Each side is whole when there was but one capture; then
 * both are that one. *out is a new reference.
 * ZHI_EUSAGE: not a time; ZHI_EOF: never captured, with the nearest URL that was. */
ZHI_NODISCARD enum zhi_code zhi_compare(struct zhi_store *s, struct zhi_str url,
                                        struct zhi_str from, struct zhi_str to, json_t **out,
                                        struct zhi_err *e);

/* Add to a comparison what differs between what stands beside the text on either page (doc.h, `beside`): "beside", rows
 * as those of "text", only those that differ. Counts and verdict stay as they are. ZHI_ELIMIT: too large. */
ZHI_NODISCARD enum zhi_code zhi_compare_beside(json_t *comparison, struct zhi_str a,
                                               struct zhi_str b, struct zhi_err *e);

/* A capture of a URL that brought content, with the version it shows; NULL strings are none. The arena's. */
struct zhi_shown {
  int64_t capture_id, url_id, crawl_id, fetched_ms;
  const char *url, *url_key, *crawl, *payload_digest, *record_id, *warc_file, *verdict, *ip, *mime;
  int64_t status, warc_offset, warc_length, original_id;
  int64_t version_id, version,
      content_id; /* first capture, number, last capture with a document of its own */
};
/* The last one up to `until` (a time as above; empty: the last of all). Errors as zhi_compare. */
ZHI_NODISCARD enum zhi_code zhi_shown_at(struct zhi_store *s, struct zhi_str url,
                                         struct zhi_str until, struct zhi_arena *a,
                                         struct zhi_shown *out, struct zhi_err *e);
/* The capture whose body a revisit repeats. *found false: `c` is no revisit, or it is not there. */
ZHI_NODISCARD enum zhi_code zhi_shown_original(struct zhi_store *s, const struct zhi_shown *c,
                                               struct zhi_arena *a, struct zhi_shown *out,
                                               bool *found, struct zhi_err *e);
/* ZHI_EOF, saying that the URL was never captured, and the nearest one that was. */
ZHI_NODISCARD enum zhi_code zhi_never_captured(struct zhi_store *s, struct zhi_str url,
                                               struct zhi_err *e);

/* What became of two values of each field, the weightiest first: [{name, zh, en, change, from, to, weight, noise?}].
 * `a` and `b` are document.fields; NULL: no document. A new reference. */
json_t *zhi_compare_fields(const json_t *a, const json_t *b);

#endif
