/* robots.txt of any bytes; and the pattern matcher against the plainest one there is. */
#include <stdint.h>
#include <stdlib.h>

#include "zhi/robots.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PATTERN_MAX = 12, PATH_MAX_BYTES = 24 };

/* Is there a way to match? ok[i]: some way to spend the pattern so far ends after i bytes of the path. */
static bool plain(const char *p, size_t pn, const char *s, size_t sn) {
  bool ok[PATH_MAX_BYTES + 2] = {true};
  for (size_t k = 0; k < pn; k++) {
    if (p[k] == '$' && k + 1 == pn)
      return ok[sn];
    if (p[k] == '*') {
      for (size_t i = 1; i <= sn; i++)
        ok[i] = ok[i] || ok[i - 1];
      continue;
    }
    for (size_t i = sn; i > 0; i--)
      ok[i] = ok[i - 1] && s[i - 1] == p[k];
    ok[0] = false;
  }
  for (size_t i = 0; i <= sn; i++)
    if (ok[i])
      return true; /* a pattern is a prefix */
  return false;
}

static void compare(const uint8_t *data, size_t size) {
  static const char alphabet[] = "aab/*$*a";
  char pattern[PATTERN_MAX], path[PATH_MAX_BYTES];
  size_t pn = 0, sn = 0;
  for (; pn < PATTERN_MAX && pn < size; pn++)
    pattern[pn] = alphabet[data[pn] & 7];
  for (size_t i = pn; sn < PATH_MAX_BYTES && i < size; i++)
    path[sn++] = alphabet[data[i] & 3];
  struct zhi_pattern *p = NULL;
  if (zhi_pattern_new(zhi_str_n(pattern, pn), &p, NULL))
    return;
  if (zhi_pattern_match(p, zhi_str_n(path, sn)) != plain(pattern, pn, path, sn))
    abort();
  zhi_pattern_free(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct zhi_robots *r = NULL;
  struct zhi_str text = zhi_str_n((const char *)data, size);
  compare(data, size);
  if (zhi_robots_parse(text, ZHI_STR("xianzhi"), &r, NULL))
    return 0;
  size_t line = 0;
  zhi_robots_allowed(r, zhi_str_sub(text, 0, 200), &line);
  zhi_robots_allowed(r, zhi_str_sub(text, size / 2, size / 2 + 200), NULL);
  if (!zhi_robots_allowed(r, ZHI_STR("http://x/robots.txt"), &line) || line != 0)
    abort();
  if (zhi_robots_crawl_delay_ms(r) < -1)
    abort();
  for (size_t i = 0; i < zhi_robots_sitemap_count(r); i++)
    if (zhi_robots_sitemap(r, i).len == 0)
      abort();
  zhi_robots_free(r);
  return 0;
}
