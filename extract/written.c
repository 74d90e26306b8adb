/* Values that scripts write: where the page has none of its own, document.write("V") in its place or
 * $("#id").html("V") anywhere. No JavaScript is run. */
#include "extract/ctx.h"

enum { WRITTEN_MAX = 600 };

/* A string literal of a script at p that is a text: no markup. */
static struct zhi_str literal_at(const char *p, const char *end) {
  while (p < end && *p == ' ')
    p++;
  if (p >= end || (*p != '"' && *p != '\''))
    return ZHI_STR_NONE;
  const char *close = memchr(p + 1, *p, (size_t)(end - p - 1));
  if (!close || memchr(p + 1, '<', (size_t)(close - p - 1)) || close - p >= WRITTEN_MAX)
    return ZHI_STR_NONE;
  return zhi_str_n(p + 1, (size_t)(close - p - 1));
}

/* The text that a script writes in the place of an empty value: document.write("V"). */
static struct zhi_str written_by(struct zhi_str script) {
  static const char *const calls[] = {"document.write(", "document.writeln("};
  struct zhi_str v = ZHI_STR_NONE;
  for (size_t k = 0; k < 2 && !v.p; k++) {
    const char *p = zhi_str_find(script, zhi_str_of(calls[k]));
    if (p)
      v = literal_at(p + strlen(calls[k]), script.p + script.len);
  }
  return v;
}

/* What a script puts into the element of that id: $("#id").html("V"), getElementById("id").innerHTML="V". */
static struct zhi_str put_into(struct zhi_str script, struct zhi_str id) {
  static const char *const ways[] = {
      ".html(", ".text(", ".val(", ".innerHTML=", ".innerText=", ".innerHTML =", ".innerText ="};
  const char *p, *end = script.p + script.len;
  for (; (p = zhi_str_find(script, id)); script = zhi_str_n(p, (size_t)(end - p))) {
    char before = p > script.p ? p[-1] : 0;
    p += id.len;
    if ((before != '#' && before != '"' && before != '\'') || end - p < 3 ||
        (*p != '"' && *p != '\'') || p[1] != ')')
      continue;
    struct zhi_str call = zhi_str_n(p + 2, (size_t)(end - p - 2));
    for (size_t k = 0; k < sizeof ways / sizeof *ways; k++)
      if (zhi_str_starts(call, ways[k]))
        return literal_at(call.p + strlen(ways[k]), end);
  }
  return ZHI_STR_NONE;
}

/* The same over all scripts; *left bounds the bytes that are looked through for a page. */
static struct zhi_str put_by_script(const struct zhi_html *html, struct zhi_str id, size_t *left) {
  struct zhi_str v = ZHI_STR_NONE;
  for (uint32_t i = html->body; i < html->count && !v.p && id.len; i++) {
    if (!zhi_node_is(&html->nodes[i], ZHI_TAG_SCRIPT) || html->nodes[i].end == i + 1)
      continue;
    struct zhi_str script = html->nodes[i + 1].text;
    if (script.len > *left)
      return ZHI_STR_NONE;
    *left -= script.len;
    v = put_into(script, id);
  }
  return v;
}

struct zhi_str zhi_script_value(const struct zhi_html *html, uint32_t from, uint32_t end,
                                size_t *left) {
  struct zhi_str v = ZHI_STR_NONE;
  for (uint32_t i = from; i < end && !v.p; i++)
    if (zhi_node_is(&html->nodes[i], ZHI_TAG_SCRIPT) && html->nodes[i].end > i + 1)
      v = written_by(html->nodes[i + 1].text);
    else if (html->nodes[i].attr_count)
      v = put_by_script(html, zhi_node_attr(&html->nodes[i], "id"), left);
  return v;
}
