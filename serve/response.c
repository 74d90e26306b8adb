/* A response: status, type, a few headers, a body. */
#include <stdlib.h>

#include "serve/http.h"

void serve_response_init(struct serve_response *rs) {
  *rs = (struct serve_response){.status = 200, .type = "text/html; charset=utf-8"};
  zhi_buf_init(&rs->body, SERVE_BODY_MAX);
}

void serve_response_release(struct serve_response *rs) {
  zhi_buf_release(&rs->body);
  for (size_t i = 0; i < rs->header_count; i++)
    free(rs->header[i].value);
  rs->header_count = 0;
  if (rs->stream.release)
    rs->stream.release(rs->stream.ctx);
  rs->stream = (struct serve_stream){0};
}

/* A line break would begin another header: what has one is left out. */
void serve_set_header(struct serve_response *rs, const char *name, struct zhi_str value) {
  for (size_t i = 0; i < value.len; i++)
    if ((unsigned char)value.p[i] < ' ' || value.p[i] == 0x7F)
      return;
  struct zhi_buf b;
  size_t i = 0;
  while (i < rs->header_count && strcmp(rs->header[i].name, name) != 0)
    i++;
  if (i == SERVE_HEADER_MAX)
    return;
  zhi_buf_init(&b, SERVE_TARGET_MAX * 4);
  zhi_buf_addstr(&b, value);
  char *owned = zhi_buf_take(&b);
  if (!owned)
    return;
  if (i == rs->header_count)
    rs->header[rs->header_count++].name = name;
  else
    free(rs->header[i].value);
  rs->header[i].value = owned;
}

void serve_drop_header(struct serve_response *rs, const char *name) {
  for (size_t i = 0; i < rs->header_count; i++)
    if (strcmp(rs->header[i].name, name) == 0) {
      free(rs->header[i].value);
      rs->header[i] = rs->header[--rs->header_count];
      return;
    }
}

void serve_redirect(struct serve_response *rs, int status, struct zhi_str to) {
  rs->status = status;
  zhi_buf_clear(&rs->body);
  serve_set_header(rs, "Location", to);
}
