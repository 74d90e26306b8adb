/* Transfer coding "chunked" (RFC 9112 7.1) undone, for records whose writers kept it. Strict about what it takes for
 * chunks, because many records say chunked and are not; tolerant of an end that is missing. */
#include "zhi/warc.h"

enum { SIZE_DIGITS_MAX = 15, LINE_MAX = 1024 };

/* The size line at *rest: taken off it; false when it is none. */
static bool take_size(struct zhi_str *rest, uint64_t *size) {
  size_t i = 0;
  *size = 0;
  for (; i < rest->len && i <= SIZE_DIGITS_MAX; i++) {
    char c = rest->p[i];
    int digit = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : -1;
    if (digit < 0)
      break;
    *size = *size * 16 + (unsigned)digit;
  }
  if (i == 0 || i > SIZE_DIGITS_MAX)
    return false;
  struct zhi_str line = zhi_str_sub(*rest, i, i + LINE_MAX);
  const char *end = line.len ? memchr(line.p, '\n', line.len) : NULL;
  struct zhi_str rest_of_line =
      zhi_str_trim(zhi_str_sub(line, 0, end ? (size_t)(end - line.p) : 0));
  if (!end || (rest_of_line.len && rest_of_line.p[0] != ';')) /* an extension */
    return false;
  i = (size_t)(end - rest->p);
  *rest = zhi_str_sub(*rest, i + 1, rest->len);
  return true;
}

static bool take_line_end(struct zhi_str *rest) {
  size_t n = rest->len && rest->p[0] == '\r' ? 1 : 0;
  if (n >= rest->len || rest->p[n] != '\n')
    return false;
  *rest = zhi_str_sub(*rest, n + 1, rest->len);
  return true;
}

bool zhi_http_dechunk(struct zhi_str body, struct zhi_buf *out) {
  size_t before = out->len;
  uint64_t size;
  bool first = true;
  while (body.len) {
    if (!take_size(&body, &size)) {
      if (first)
        break;
      return true; /* cut off in the middle of a size, or garbage behind */
    }
    if (size == 0)
      return true;
    bool whole = size <= body.len;
    zhi_buf_addstr(out, zhi_str_sub(body, 0, whole ? (size_t)size : body.len));
    body = zhi_str_sub(body, whole ? (size_t)size : body.len, body.len);
    if (!whole || !body.len)
      return true;
    if (!take_line_end(&body)) {
      if (!first)
        return true;
      break;
    }
    first = false;
  }
  if (!body.len && !first)
    return true;
  zhi_buf_truncate(out, before);
  return false;
}
