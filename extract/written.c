/* Values that scripts write: where the page has none of its own, document.write("V") in its place, bare, of a variable
 * or behind a guard if("" != "V"), or $("#id").html("V") anywhere. No JavaScript is run. Forms that only show, <input readonly value=V>, are as good. */
#include "extract/ctx.h"

enum { WRITTEN_MAX = 600 };

static const char *skip_space(const char *p, const char *end) {
  while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
    p++;
  return p;
}

/* The string literal at p, without its quotes; the NULL view when there is none. *behind gets what follows it. */
static struct zhi_str literal(const char *p, const char *end, const char **behind) {
  p = skip_space(p, end);
  if (p >= end || (*p != '"' && *p != '\''))
    return ZHI_STR_NONE;
  const char *close = memchr(p + 1, *p, (size_t)(end - p - 1));
  if (!close || close - p >= WRITTEN_MAX)
    return ZHI_STR_NONE;
  *behind = close + 1;
  return zhi_str_n(p + 1, (size_t)(close - p - 1));
}

/* The same when it is a text: no markup. */
static struct zhi_str literal_at(const char *p, const char *end) {
  struct zhi_str v = literal(p, end, &p);
  return v.len && memchr(v.p, '<', v.len) ? ZHI_STR_NONE : v;
}

/* if ("A" != "B") before the call at `at`: is it plainly false? */
static bool guarded_off(struct zhi_str script, const char *at) {
  const char *from = at - script.p > 80 ? at - 80 : script.p, *p = NULL, *end = at;
  for (const char *q = from; q + 3 < at; q++)
    if (q[0] == 'i' && q[1] == 'f' && (q[2] == '(' || q[2] == ' '))
      p = q;
    else if (*q == ';' || *q == '}')
      p = NULL;
  if (!p || !(p = memchr(p, '(', (size_t)(at - p))))
    return false;
  struct zhi_str a = literal(p + 1, end, &p);
  if (!a.p)
    return false;
  p = skip_space(p, end);
  bool differ = p + 1 < end && p[0] == '!' && p[1] == '=';
  if (!differ && !(p + 1 < end && p[0] == '=' && p[1] == '='))
    return false;
  while (p < end && (*p == '=' || *p == '!'))
    p++;
  struct zhi_str b = literal(p, end, &p);
  return b.p && zhi_str_eq(a, b) == differ;
}

static bool is_word(char ch) {
  return (ch >= '0' && ch <= '9') || ((ch | 32) >= 'a' && (ch | 32) <= 'z') || ch == '_';
}

/* The string that NAME, which stands at p, is set to in the script; the NULL view when that is not told. */
static struct zhi_str variable(struct zhi_str script, const char *p) {
  const char *end = script.p + script.len, *to = p;
  while (to < end && is_word(*to))
    to++;
  struct zhi_str name = zhi_str_n(p, (size_t)(to - p)), rest = script;
  while (name.len && (p = zhi_str_find(rest, name)) != NULL) {
    const char *q = skip_space(p + name.len, end);
    rest = zhi_str_n(p + name.len, (size_t)(end - p) - name.len);
    if (q + 1 < end && *q == '=' && q[1] != '=')
      return literal(q + 1, end, &q);
  }
  return ZHI_STR_NONE;
}

/* document.write("V") or of a variable: the first that is not guarded off, not empty, and writes no markup. What
 * comes behind one that cannot be told is not it. */
static struct zhi_str written_by(struct zhi_str script) {
  struct zhi_str rest = script, mark = ZHI_STR("document.write");
  for (const char *p; (p = zhi_str_find(rest, mark)) != NULL;) {
    const char *end = script.p + script.len, *open = p + mark.len;
    rest = zhi_str_n(open, (size_t)(end - open));
    if (zhi_str_starts(rest, "ln"))
      open += 2;
    if (open >= end || *open != '(' || guarded_off(script, p))
      continue;
    struct zhi_str v = literal(open + 1, end, &open);
    if (!v.p)
      v = variable(script, skip_space(open + 1, end));
    if (!v.p)
      return v;
    if (v.len && !memchr(v.p, '<', v.len))
      return v;
  }
  return ZHI_STR_NONE;
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

/* The value of a field that is shown in a form, <input readonly value=V>; the NULL view when it is none. */
static struct zhi_str shown_in_form(const struct zhi_html *html, uint32_t i) {
  const struct zhi_node *n = &html->nodes[i];
  struct zhi_str type = zhi_node_attr(n, "type");
  if (!zhi_node_attr(n, "readonly").p && !zhi_node_attr(n, "disabled").p)
    return ZHI_STR_NONE;
  if (n->tag == ZHI_TAG_TEXTAREA)
    return n->end > i + 1 && n[1].kind == ZHI_NODE_TEXT ? n[1].text : ZHI_STR_NONE;
  return n->tag == ZHI_TAG_INPUT && (!type.len || zhi_str_iis(type, "text"))
             ? zhi_node_attr(n, "value")
             : ZHI_STR_NONE;
}

bool zhi_script_value(const struct zhi_html *html, uint32_t from, uint32_t end, size_t *left,
                      struct zhi_str *out) {
  bool script = false;
  *out = ZHI_STR_NONE;
  for (uint32_t i = from; i < end && !out->p; i++)
    if (zhi_node_is(&html->nodes[i], ZHI_TAG_SCRIPT) && html->nodes[i].end > i + 1) {
      *out = written_by(html->nodes[i + 1].text);
      script = true;
    } else if (html->nodes[i].attr_count) {
      *out = shown_in_form(html, i);
      if (!out->p)
        *out = put_by_script(html, zhi_node_attr(&html->nodes[i], "id"), left);
    }
  return script || out->p;
}
