/* What a parsed URL says of itself: its scheme, its port, its origin. */
#include "base/url_internal.h"
#include "zhi/url.h"

static const struct {
  const char *name;
  uint16_t port;
} special_schemes[] = {{"http", 80}, {"https", 443}, {"file", 0},
                       {"ftp", 21},  {"ws", 80},     {"wss", 443}};

int zhi_special_port(struct zhi_str scheme) {
  for (size_t i = 0; i < sizeof special_schemes / sizeof *special_schemes; i++)
    if (zhi_str_is(scheme, special_schemes[i].name))
      return special_schemes[i].port;
  return -1;
}

bool zhi_url_is_http(const struct zhi_url *u) {
  return zhi_str_is(u->scheme, "http") || zhi_str_is(u->scheme, "https");
}

uint16_t zhi_url_port(const struct zhi_url *u) {
  unsigned long long v;
  if (zhi_str_u64(u->port, 65535, &v))
    return (uint16_t)v;
  int port = zhi_special_port(u->scheme);
  return port < 0 ? 0 : (uint16_t)port;
}

void zhi_url_origin(const struct zhi_url *u, struct zhi_buf *out) {
  zhi_buf_addstr(out, u->scheme);
  zhi_buf_adds(out, "://");
  zhi_buf_addstr(out, u->host);
  if (u->port.len) {
    zhi_buf_addc(out, ':');
    zhi_buf_addstr(out, u->port);
  }
}

struct zhi_str zhi_url_without_fragment(const struct zhi_url *u) {
  struct zhi_str href = zhi_buf_view(&u->href);
  if (u->fragment.p)
    href.len = (size_t)(u->fragment.p - href.p) - 1;
  return href;
}
