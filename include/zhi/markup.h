/* Text of pages where it must not be more than text. Thread: any. */
#ifndef ZHI_MARKUP_H
#define ZHI_MARKUP_H

#include "zhi/str.h"

/* Append text for an HTML or XML page, content or quoted attribute: escaped; characters that XML forbids become
 * U+FFFD. */
void zhi_markup_text(struct zhi_buf *out, struct zhi_str s);
/* Append text for a terminal, on one line: what moves the cursor or turns the direction becomes U+FFFD. */
void zhi_plain_text(struct zhi_buf *out, struct zhi_str s);

#endif
