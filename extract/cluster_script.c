/* Sites named in scripts: arrays of names and addresses, options and links that a script writes.
 *
 * Only strings matter. The last text that is a caption speaks for the addresses behind it; an address' name is the
 * text right behind it, or else the one right before. */
#include "extract/cluster.h"

enum { SCRIPT_MAX = 256 * 1024, NEAR = 48, RUN_MAX = 120 };

static bool is_text(char ch) { return (unsigned char)ch >= 0x80; }

/* A run of text from `at`: letters of any script and what stands between them in a name. */
static struct zhi_str run_at(struct zhi_str s, size_t at) {
  size_t n = at;
  while (n < s.len && n - at < RUN_MAX &&
         (is_text(s.p[n]) || (s.p[n] != ' ' && strchr("()/-", s.p[n]) && n > at)))
    n++;
  return zhi_str_clip(zhi_str_sub(s, at, s.len), n - at);
}

/* Text behind an address that ends at `at`, within the next few marks; NULL view when another address comes first. */
static struct zhi_str name_behind(struct zhi_str s, size_t at) {
  for (size_t i = at; i < s.len && i < at + NEAR; i++) {
    if (is_text(s.p[i]))
      return run_at(s, i);
    if (s.p[i] == '}' || s.p[i] == ']' || s.p[i] == ';' ||
        zhi_str_istarts(zhi_str_sub(s, i, s.len), "http"))
      break;
  }
  return ZHI_STR_NONE;
}

void zhi_cluster_script(struct zhi_ctx *c, struct zhi_str host, struct zhi_str script) {
  struct zhi_str caption = ZHI_STR(""), last = ZHI_STR("");
  size_t last_end = 0;
  script = zhi_str_clip(script, SCRIPT_MAX);
  if (!zhi_str_find(script, ZHI_STR(".gov.cn")))
    return;
  for (size_t i = 0; i < script.len;) {
    struct zhi_str rest = zhi_str_sub(script, i, script.len);
    if (is_text(script.p[i])) {
      last = run_at(script, i);
      last_end = i += last.len;
      if (zhi_cluster_group(last) != ZHI_GROUP_UNKNOWN)
        caption = last;
    } else if (script.p[i] == 'h' &&
               (zhi_str_starts(rest, "http://") || zhi_str_starts(rest, "https://"))) {
      size_t n = 0;
      while (n < rest.len && (unsigned char)rest.p[n] > ' ' && !is_text(rest.p[n]) &&
             !strchr("\"'\\<>),;", rest.p[n]))
        n++;
      struct zhi_neighbour s = {
          .url = zhi_str_sub(rest, 0, n), .caption = caption, .place = "script"};
      s.name = name_behind(script, i + n);
      if (!s.name.p)
        s.name = i - last_end < NEAR ? last : ZHI_STR("");
      s.group = zhi_cluster_group(caption);
      if (s.group != ZHI_GROUP_UNKNOWN || s.name.len)
        zhi_cluster_add(c, host, &s);
      i += n;
    } else {
      i++;
    }
  }
}
