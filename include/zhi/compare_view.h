/* Views of a comparison (compare.h) for people. Pure functions of its JSON; everything in it is taken for hostile and
 * escaped. Thread: any. */
#ifndef ZHI_COMPARE_VIEW_H
#define ZHI_COMPARE_VIEW_H

#include <jansson.h>
#include <stdbool.h>

#include "zhi/str.h"

/* Append lines for a terminal; without colour removed words stand as [-so-], added ones as {+so+}. */
void zhi_compare_text(const json_t *comparison, bool colour, struct zhi_buf *out);

enum zhi_view_lang { ZHI_VIEW_ZH, ZHI_VIEW_EN, ZHI_VIEW_BOTH };
/* Append <div class=zhi-diff>…</div>: side by side, or inline when the reader chooses so or the screen is narrow,
 * without a script. Its style is zhi_compare_css, once a page. */
void zhi_compare_html(const json_t *comparison, enum zhi_view_lang lang, struct zhi_buf *out);
extern const char zhi_compare_css[];
/* How many of its links are masked for this reason. */
size_t zhi_compare_masked_links(const json_t *links, const char *noise_kind);
/* Append a page of its own, of nothing but itself: no script, nothing fetched. */
void zhi_compare_page(const json_t *comparison, struct zhi_buf *out);

#endif
