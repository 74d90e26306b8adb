/* URLs of a style sheet: url(), @import, src of @font-face; CSS Syntax Level 3 tokens, no grammar. */
#ifndef ZHI_CSS_H
#define ZHI_CSS_H

#include <stdbool.h>

#include "zhi/arena.h"
#include "zhi/str.h"

/* Called for each URL in order, unescaped, white space around it taken off; never empty. `import`: it is a
 * style sheet. The view is valid until the next call or lives in the arena. */
typedef void zhi_css_url_fn(void *ctx, struct zhi_str url, bool import);

/* `text`: a whole style sheet, or the value of a style attribute; UTF-8. Linear; unfinished tokens at the
 * end are dropped. The arena holds unescaped copies only. */
void zhi_css_urls(struct zhi_arena *a, struct zhi_str text, zhi_css_url_fn *fn, void *ctx);

#endif
