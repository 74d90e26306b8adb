/* JSON: web text is not always UTF-8, jansson's strings must be. */
#include "zhi/json.h"

json_t *zhi_json_str(struct zhi_str s) {
  struct zhi_buf b;
  if (!s.p)
    return json_null();
  if (zhi_utf8_valid(s, NULL))
    return json_stringn_nocheck(s.p, s.len);
  zhi_buf_init(&b, s.len * 3 + 8);
  for (size_t i = 0; i < s.len;) {
    unsigned cp;
    i += zhi_utf8_next(s.p + i, s.len - i, &cp);
    zhi_buf_add_utf8(&b, cp);
  }
  json_t *v = b.failed ? NULL : json_stringn_nocheck(b.p, b.len);
  zhi_buf_release(&b);
  return v;
}
