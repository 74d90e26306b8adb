/* Registrable domains by the Public Suffix List that libpsl carries. */
#include <libpsl.h>

#include "zhi/url.h"

enum { HOST_MAX = 255 };

static bool is_address(struct zhi_str host) {
  char last = host.len ? host.p[host.len - 1] : '\0';
  return last == ']' || (last >= '0' && last <= '9');
}

struct zhi_str zhi_registrable(struct zhi_str host) {
  char name[HOST_MAX + 1];
  size_t dots = 0;
  while (dots < host.len && host.p[host.len - 1 - dots] == '.')
    dots++;
  struct zhi_str bare = zhi_str_sub(host, 0, host.len - dots);
  if (!bare.len || bare.len > HOST_MAX || is_address(bare))
    return host;
  for (size_t i = 0; i < bare.len; i++)
    name[i] = (char)(bare.p[i] >= 'A' && bare.p[i] <= 'Z' ? bare.p[i] | 0x20 : bare.p[i]);
  name[bare.len] = '\0';
  const char *found = psl_registrable_domain(psl_builtin(), name);
  return found ? zhi_str_sub(host, (size_t)(found - name), bare.len) : host;
}
