/* Token scanner: tags, attributes and text of HTML or XML without a tree, in one linear pass.
 *
 * For pages that would cost the parser too much, and for markup met inside something else: CDATA, script
 * strings, <select>, feeds. Follows the tokenizer of the HTML Standard where it matters for links (quotes,
 * comments, raw text of script and style) and never looks back. */
#include <string.h>

#include "extract/scan.h"
#include "zhi/limits.h"

enum { LABEL_BYTES = 300, DEPTH_MAX = 4, TEXT_BYTES = 256 * 1024 };

static bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}
static bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/* --- character references -------------------------------------------------------------------------- */

static const struct {
  const char *name;
  unsigned cp;
} entities[] = {{"amp", '&'},     {"lt", '<'},       {"gt", '>'},      {"quot", '"'},
                {"apos", '\''},   {"nbsp", 0xA0},    {"ensp", 0x2002}, {"emsp", 0x2003},
                {"middot", 0xB7}, {"ldquo", 0x201C}, {"rdquo", 0x201D}};

/* At '&': length of the reference (0: none) and its code point. */
static size_t reference(struct zhi_str s, unsigned *cp) {
  if (s.len > 3 && s.p[1] == '#') {
    bool hex = (s.p[2] | 0x20) == 'x';
    size_t i = hex ? 3 : 2, start = i;
    unsigned v = 0;
    for (; i < s.len && i < 12; i++) {
      unsigned char ch = (unsigned char)s.p[i], low = ch | 0x20;
      if (ch >= '0' && ch <= '9')
        v = v * (hex ? 16 : 10) + ch - '0';
      else if (hex && low >= 'a' && low <= 'f')
        v = v * 16 + low - 'a' + 10;
      else
        break;
      if (v > 0x10FFFF)
        v = 0x110000;
    }
    *cp = v && v <= 0x10FFFF ? v : 0xFFFD;
    return i == start ? 0 : i + (i < s.len && s.p[i] == ';');
  }
  for (size_t k = 0; k < sizeof entities / sizeof *entities; k++) {
    size_t n = strlen(entities[k].name);
    if (s.len > n + 1 && s.p[n + 1] == ';' && memcmp(s.p + 1, entities[k].name, n) == 0) {
      *cp = entities[k].cp;
      return n + 2;
    }
  }
  return 0;
}

static size_t put_utf8(char *out, unsigned cp) {
  if (cp < 0x80) {
    out[0] = (char)cp;
    return 1;
  }
  if (cp >= 0xD800 && cp <= 0xDFFF)
    cp = 0xFFFD;
  size_t n = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
  for (size_t i = n - 1; i > 0; i--, cp >>= 6)
    out[i] = (char)(0x80 | (cp & 0x3F));
  out[0] = (char)((0xF00u >> n) | cp);
  return n;
}

struct zhi_str scan_unescape(struct zhi_arena *a, struct zhi_str s) {
  if (!s.len || !memchr(s.p, '&', s.len))
    return s;
  char *out = zhi_arena_alloc(a, s.len + 4); /* a reference is never shorter than its character */
  size_t n = 0;
  for (size_t i = 0; i < s.len;) {
    unsigned cp;
    size_t took = s.p[i] == '&' ? reference(zhi_str_sub(s, i, s.len), &cp) : 0;
    if (took) {
      n += put_utf8(out + n, cp);
      i += took;
    } else {
      out[n++] = s.p[i++];
    }
  }
  return zhi_str_n(out, n);
}

/* --- tags ------------------------------------------------------------------------------------------ */

static struct zhi_str lower(struct zhi_arena *a, struct zhi_str s) {
  size_t i = 0;
  while (i < s.len && !(s.p[i] >= 'A' && s.p[i] <= 'Z'))
    i++;
  if (i == s.len)
    return s;
  char *out = zhi_arena_alloc(a, s.len);
  for (i = 0; i < s.len; i++)
    out[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] | 0x20) : s.p[i];
  return zhi_str_n(out, s.len);
}

static uint8_t tag_of(struct zhi_str name) {
  static const struct {
    const char *name;
    uint8_t tag;
  } tags[] = {
      {"a", ZHI_TAG_A},           {"img", ZHI_TAG_IMG},       {"script", ZHI_TAG_SCRIPT},
      {"link", ZHI_TAG_LINK},     {"option", ZHI_TAG_OPTION}, {"style", ZHI_TAG_STYLE},
      {"meta", ZHI_TAG_META},     {"iframe", ZHI_TAG_IFRAME}, {"frame", ZHI_TAG_FRAME},
      {"area", ZHI_TAG_AREA},     {"base", ZHI_TAG_BASE},     {"embed", ZHI_TAG_EMBED},
      {"object", ZHI_TAG_OBJECT}, {"param", ZHI_TAG_PARAM},   {"input", ZHI_TAG_INPUT},
      {"source", ZHI_TAG_SOURCE}, {"video", ZHI_TAG_VIDEO},   {"audio", ZHI_TAG_AUDIO},
      {"track", ZHI_TAG_TRACK},   {"td", ZHI_TAG_TD},         {"tr", ZHI_TAG_TR},
      {"p", ZHI_TAG_P},           {"br", ZHI_TAG_BR},         {"div", ZHI_TAG_DIV},
      {"li", ZHI_TAG_LI},         {"title", ZHI_TAG_TITLE},   {"select", ZHI_TAG_SELECT},
      {"th", ZHI_TAG_TH},         {"h1", ZHI_TAG_H1},         {"h2", ZHI_TAG_H2},
      {"h3", ZHI_TAG_H3},         {"h4", ZHI_TAG_H4},         {"table", ZHI_TAG_TABLE},
      {"dt", ZHI_TAG_DT},         {"dd", ZHI_TAG_DD},         {"ul", ZHI_TAG_UL},
  };
  for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
    if (zhi_str_is(name, tags[i].name))
      return tags[i].tag;
  return ZHI_TAG_OTHER;
}

static bool attribute(struct scanner *s, struct zhi_str *name, struct zhi_str *value) {
  while (s->p < s->end && (is_space(*s->p) || *s->p == '/'))
    s->p++;
  if (s->p >= s->end || *s->p == '>')
    return false;
  const char *start = s->p++;
  while (s->p < s->end && *s->p != '=' && *s->p != '>' && *s->p != '/' && !is_space(*s->p))
    s->p++;
  *name = zhi_str_n(start, (size_t)(s->p - start));
  *value = ZHI_STR("");
  while (s->p < s->end && is_space(*s->p))
    s->p++;
  if (s->p >= s->end || *s->p != '=')
    return true;
  s->p++;
  while (s->p < s->end && is_space(*s->p))
    s->p++;
  if (s->p >= s->end)
    return true;
  if (*s->p == '"' || *s->p == '\'') {
    char quote = *s->p++;
    const char *close = memchr(s->p, quote, (size_t)(s->end - s->p));
    if (!close) { /* the tag never ends: there is no such element */
      s->p = s->end;
      return false;
    }
    *value = zhi_str_n(s->p, (size_t)(close - s->p));
    s->p = close + 1;
    return true;
  }
  start = s->p;
  while (s->p < s->end && !is_space(*s->p) && *s->p != '>')
    s->p++;
  *value = zhi_str_n(start, (size_t)(s->p - start));
  return true;
}

bool scan_tag(struct scanner *s) {
  size_t n = 0;
  while (s->p < s->end && *s->p != '>' && *s->p != '/' && !is_space(*s->p)) {
    char ch = *s->p++;
    if (n < SCAN_NAME_MAX)
      s->name[n++] = ch >= 'A' && ch <= 'Z' ? (char)(ch | 0x20) : ch;
  }
  struct zhi_str name = zhi_str_n(s->name, n), a, v;
  uint16_t count = 0;
  while (attribute(s, &a, &v))
    if (count < SCAN_ATTRS_MAX)
      s->attrs[count++] = (struct zhi_attr){lower(s->c->arena, a), scan_unescape(s->c->arena, v)};
  if (s->p >= s->end)
    return false;
  s->p++;
  s->node = (struct zhi_node){.kind = ZHI_NODE_ELEMENT,
                              .tag = tag_of(name),
                              .attr_count = count,
                              .text = name,
                              .attrs = s->attrs};
  return true;
}

/* --- text ------------------------------------------------------------------------------------------ */

static void add_text(struct zhi_arena *a, struct zhi_buf *out, struct zhi_str raw) {
  if (out->len >= TEXT_BYTES)
    return;
  struct zhi_str s = scan_unescape(a, zhi_str_sub(raw, 0, TEXT_BYTES));
  for (size_t i = 0; i < s.len; i++) {
    bool space = is_space(s.p[i]);
    if (!space)
      zhi_buf_addc(out, s.p[i]);
    else if (out->len && out->p[out->len - 1] != ' ' && out->p[out->len - 1] != '\n')
      zhi_buf_addc(out, ' ');
  }
}

/* Cells end in a space, blocks in a line. */
static void line_break(struct zhi_buf *out, uint8_t t) {
  bool at_edge = out->len == 0 || out->p[out->len - 1] == '\n';
  if (at_edge || out->len >= TEXT_BYTES)
    return;
  switch ((enum zhi_tag)t) {
  case ZHI_TAG_TD:
  case ZHI_TAG_TH: zhi_buf_addc(out, ' '); break;
  case ZHI_TAG_P:
  case ZHI_TAG_BR:
  case ZHI_TAG_DIV:
  case ZHI_TAG_LI:
  case ZHI_TAG_TR:
  case ZHI_TAG_TITLE:
  case ZHI_TAG_OPTION:
  case ZHI_TAG_H1:
  case ZHI_TAG_H2:
  case ZHI_TAG_H3:
  case ZHI_TAG_H4:
  case ZHI_TAG_TABLE:
  case ZHI_TAG_DT:
  case ZHI_TAG_DD:
  case ZHI_TAG_UL: zhi_buf_addc(out, '\n'); break;
  default: break;
  }
}

/* At "</": what the end tag breaks. */
static void end_tag(struct scanner *s) {
  char name[8];
  size_t n = 0;
  for (const char *p = s->p + 2; p < s->end && n < sizeof name && *p != '>' && !is_space(*p); p++)
    name[n++] = *p >= 'A' && *p <= 'Z' ? (char)(*p | 0x20) : *p;
  line_break(s->text, tag_of(zhi_str_n(name, n)));
}

/* The label behind an <a …>: text up to </a> or the next <a, tags left out. */
static struct zhi_str label(void *ctx) {
  struct scanner *s = ctx;
  char *out = zhi_arena_alloc(s->c->arena, LABEL_BYTES + 8);
  size_t n = 0, left = (size_t)(s->end - s->p);
  const char *p = s->p, *end = s->p + (left > LABEL_BYTES * 8 ? LABEL_BYTES * 8 : left);
  bool gap = false;
  while (p < end && n < LABEL_BYTES) {
    if (*p == '<') {
      bool a = end - p > 2 && ((p[1] | 0x20) == 'a' || (p[1] == '/' && (p[2] | 0x20) == 'a')) &&
               (end - p < 4 || !is_alpha(p[p[1] == '/' ? 3 : 2]));
      const char *close = a ? NULL : memchr(p, '>', (size_t)(end - p));
      if (!close)
        break;
      p = close + 1;
    } else if (is_space(*p)) {
      gap = true;
      p++;
    } else {
      if (gap && n)
        out[n++] = ' ';
      gap = false;
      out[n++] = *p++;
    }
  }
  while (n && n >= LABEL_BYTES && ((unsigned char)out[n - 1] & 0xC0) == 0x80)
    n--; /* not in the middle of a character */
  if (n >= LABEL_BYTES - 4 && n && (unsigned char)out[n - 1] >= 0xC0)
    n--;
  return zhi_str_trim(scan_unescape(s->c->arena, zhi_str_n(out, n)));
}

/* --- the pass -------------------------------------------------------------------------------------- */

/* The raw text of <script> or <style> up to its end tag. */
static struct zhi_str raw_text(struct scanner *s, const char *end_tag) {
  struct zhi_str rest = zhi_str_n(s->p, (size_t)(s->end - s->p));
  const char *close = zhi_str_ifind(rest, end_tag);
  struct zhi_str raw = zhi_str_n(s->p, close ? (size_t)(close - s->p) : rest.len);
  s->p += raw.len;
  return raw;
}

static void element(struct scanner *s) {
  links_element(s->c, &s->node, label, s);
  if (s->text)
    line_break(s->text, s->node.tag);
  if (s->node.tag == ZHI_TAG_SCRIPT)
    links_script(s->c, raw_text(s, "</script"), false);
  else if (s->node.tag == ZHI_TAG_STYLE)
    links_style(s->c, raw_text(s, "</style"));
}

void scan_past(struct scanner *s, const char *mark) {
  const char *hit = zhi_str_find(zhi_str_n(s->p, (size_t)(s->end - s->p)), zhi_str_of(mark));
  s->p = hit ? hit + strlen(mark) : s->end;
}

bool scan_at(const struct scanner *s, const char *word) {
  size_t n = strlen(word);
  return (size_t)(s->end - s->p) >= n && memcmp(s->p, word, n) == 0;
}

void scan_markup(struct collector *c, struct zhi_str html, struct zhi_buf *text) {
  struct scanner *s = zhi_arena_zalloc(c->arena, sizeof *s);
  s->c = c;
  s->p = html.p;
  s->end = html.p + html.len;
  s->text = text;
  while (s->p < s->end) {
    const char *lt = memchr(s->p, '<', (size_t)(s->end - s->p));
    if (text)
      add_text(c->arena, text, zhi_str_n(s->p, (size_t)((lt ? lt : s->end) - s->p)));
    if (!lt)
      return;
    s->p = lt;
    if (scan_at(s, "<![CDATA[")) {
      s->p += 9; /* its content is markup of the page to be */
    } else if (scan_at(s, "<!--")) {
      s->p += 2;
      scan_past(s, "-->");
    } else if (s->end - lt > 1 && is_alpha(lt[1])) {
      s->p++;
      if (scan_tag(s))
        element(s);
    } else if (s->end - lt > 1 && (lt[1] == '/' || lt[1] == '!' || lt[1] == '?')) {
      if (text && lt[1] == '/')
        end_tag(s);
      scan_past(s, ">");
    } else {
      s->p++;
    }
  }
}

void links_fragment(struct collector *c, struct zhi_str html) {
  if (c->depth >= DEPTH_MAX)
    return;
  c->depth++;
  scan_markup(c, html, NULL);
  c->depth--;
}

/* --- whole pages ----------------------------------------------------------------------------------- */

struct scan_job {
  struct zhi_buf text;
  bool want_text;
};

static void work_scan(struct collector *c, void *arg) {
  struct scan_job *job = arg;
  scan_markup(c, c->source, job->want_text ? &job->text : NULL);
}

void zhi_links_scan(struct zhi_arena *a, const struct zhi_links_in *in, struct zhi_links *out,
                    struct zhi_str *text) {
  struct scan_job *job = zhi_arena_zalloc(a, sizeof *job);
  job->want_text = text != NULL;
  zhi_buf_init(&job->text, TEXT_BYTES + 1024);
  jmp_buf mine, *outer = a->escape;
  a->escape = &mine;
  if (setjmp(mine)) {
    zhi_buf_release(&job->text);
    a->escape = outer;
    longjmp(*outer, (int)a->why);
  }
  links_run(a, in, work_scan, job, out);
  if (text)
    *text = zhi_arena_str(a, zhi_str_trim(zhi_buf_view(&job->text)));
  a->escape = outer;
  zhi_buf_release(&job->text);
}
