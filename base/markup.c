/* Text in HTML and XML. */
#include "zhi/compare_view.h"

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
