/* Text of pages where it must not be more than text: in HTML and XML, on a terminal. */
#include "zhi/markup.h"

void zhi_markup_text(struct zhi_buf *out, struct zhi_str s) {
  for (size_t i = 0; i < s.len;) {
    unsigned cp;
    i += zhi_utf8_next(s.p + i, s.len - i, &cp);
    switch (cp) {
    case '&': zhi_buf_adds(out, "&amp;"); break;
    case '<': zhi_buf_adds(out, "&lt;"); break;
    case '>': zhi_buf_adds(out, "&gt;"); break;
    case '"': zhi_buf_adds(out, "&quot;"); break;
    case '\'': zhi_buf_adds(out, "&#39;"); break;
    default:
      if ((cp < 0x20 && cp != '\t' && cp != '\n') || cp == 0xFFFE || cp == 0xFFFF)
        cp = 0xFFFD;
      zhi_buf_add_utf8(out, cp);
    }
  }
}

void zhi_plain_text(struct zhi_buf *out, struct zhi_str s) {
  for (size_t i = 0; i < s.len;) {
    unsigned cp;
    i += zhi_utf8_next(s.p + i, s.len - i, &cp);
    bool control = (cp < 0x20 && cp != '\t') || (cp >= 0x7f && cp < 0xa0);
    bool turns = (cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069);
    zhi_buf_add_utf8(out, control || turns ? 0xFFFD : cp);
  }
}
