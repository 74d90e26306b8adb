/* JSON: web text is not always UTF-8, jansson's strings must be. */
#include "zhi/json.h"

#include <stdlib.h>

static _Thread_local unsigned long lost_here;

static void *take(size_t n) {
  void *p = malloc(n);
  lost_here += p == NULL;
  return p;
}

void zhi_json_begin(void) { json_set_alloc_funcs(take, free); }

unsigned long zhi_json_lost(void) { return lost_here; }

enum zhi_code zhi_json_whole(unsigned long lost, const char *what, struct zhi_err *e) {
  return lost_here == lost ? ZHI_OK : zhi_fail(e, ZHI_ENOMEM, "out of memory for %s", what);
}

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
  lost_here += b.failed;
  json_t *v = b.failed ? NULL : json_stringn_nocheck(b.p, b.len);
  zhi_buf_release(&b);
  return v;
}

void zhi_json_add_string(struct zhi_buf *out, struct zhi_str s) {
  size_t plain = 0;
  zhi_buf_addc(out, '"');
  for (size_t i = 0; i < s.len;) {
    unsigned char c = (unsigned char)s.p[i];
    if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
      i++;
      continue;
    }
    unsigned cp = 0;
    size_t n = c >= 0x80 ? zhi_utf8_next(s.p + i, s.len - i, &cp) : 1;
    if (c >= 0x80 && cp != 0xFFFD) {
      i += n;
      continue;
    }
    zhi_buf_add(out, s.p + plain, i - plain);
    if (c == '"' || c == '\\') {
      zhi_buf_addc(out, '\\');
      zhi_buf_addc(out, (char)c);
    } else if (c < 0x20) {
      zhi_buf_addf(out, "\\u%04x", c);
    } else {
      zhi_buf_add_utf8(out, cp);
    }
    i += n;
    plain = i;
  }
  zhi_buf_add(out, s.p + plain, s.len - plain);
  zhi_buf_addc(out, '"');
}

const char *zhi_json_text(const json_t *o, const char *key) {
  const char *s = json_string_value(json_object_get(o, key));
  return s ? s : "";
}
