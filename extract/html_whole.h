/* The tree without condensing (condense.h): what the other is held to. */
#ifndef ZHI_EXTRACT_HTML_WHOLE_H
#define ZHI_EXTRACT_HTML_WHOLE_H

#include "zhi/html.h"

/* zhi_html_parse with all of the text read by Gumbo; the same tree, slower. text.p is not NULL. */
void zhi_html_parse_whole(struct zhi_arena *a, struct zhi_str text, struct zhi_html *out);

#endif
