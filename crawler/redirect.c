/* Redirects, judged by the names of the pages they lead to. */
#include "crawler/redirect.h"

enum { NAME_MAX_BYTES = 16 };

/* The last part of a path in lower case, without what follows a dot. */
static void page_name(const struct zhi_url *u, char out[NAME_MAX_BYTES]) {
  struct zhi_str p = u->path;
  size_t i = p.len, n = 0;
  while (i > 0 && p.p[i - 1] != '/')
    i--;
  for (; i < p.len && p.p[i] != '.' && n < NAME_MAX_BYTES - 1; i++)
    out[n++] = (char)((unsigned char)p.p[i] >= 'A' && p.p[i] <= 'Z' ? p.p[i] + 32 : p.p[i]);
  out[n] = '\0';
}

static bool is_home(const struct zhi_url *u) {
  char name[NAME_MAX_BYTES];
  page_name(u, name);
  const char *slash = u->path.len > 1 ? memchr(u->path.p + 1, '/', u->path.len - 1) : NULL;
  return !slash && (!name[0] || strcmp(name, "index") == 0 || strcmp(name, "default") == 0 ||
                    strcmp(name, "main") == 0);
}

bool zhi_redirect_is_gone(const struct zhi_url *from, const struct zhi_url *to) {
  char name[NAME_MAX_BYTES];
  page_name(to, name);
  return (is_home(to) && !is_home(from)) || strncmp(name, "404", 3) == 0 ||
         strncmp(name, "error", 5) == 0 || strcmp(name, "notfound") == 0;
}
