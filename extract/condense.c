/* Condensing a page for the parser: see condense.h.
 *
 * The scanner follows WHATWG HTML 13.2.5 in the data state, in tags, in comments and in raw text, and stops
 * condensing (the rest is copied as it stands) as soon as it cannot be sure what state the parser's tokenizer is in:
 * that depends on the tree where <svg>, <math>, <select>, <template> or <frameset> are about. What is replaced:
 *  - text from its first character that is not white space up to the next '<' or '&': the tree construction asks of
 *    characters only whether they are white space, and what comes after one that is not is treated alike;
 *  - the content of script, style, title and the like, whose end the scanner finds as the tokenizer does;
 *  - attributes, except where the tree construction looks at them: <input type>, formatting elements, of which it
 *    counts equal ones, <html> and <body>, which it merges. All of a tag's become one where they are written in the
 *    usual way without character references; otherwise each value does;
 *  - the content of comments.
 * Never replaced: bytes that are not UTF-8, NUL, and code points that Gumbo changes to U+FFFD. CR and CR LF within a
 * stretch become LF when it is put back, as the tokenizer has it (13.2.3.5). Names of tags stay. */
#include "extract/condense.h"

enum {
  MARK_BYTES = 4,
  MIN_BYTES = MARK_BYTES, /* so that nothing gets longer */
  LONG_NUMBER = 8,        /* bytes of "#x10ffff" and "#1114111": none shorter is too large */
  MAX_ATTRIBUTES = 32,    /* of a tag that become one: each is compared with each */
  FIRST_STRETCHES = 512,
  MAX_STRETCHES = 0xfff0, /* characters of plane 16, without its two that are none */
  MARK_LEAD = 0xf4        /* first byte of every character of plane 16, and of no other */
};

/* Where a byte is plain: decides nothing. */
enum {
  TEXT = 1,
  RAW = 2,
  ESCAPED = 4, /* script text with <!-- in it */
  DOUBLE = 8,
  SINGLE = 16,
  BARE = 32,
  COMMENT = 64,
  KEEP = 0, /* nothing is, character references are looked at all the same */
  ALL = 127,
  LONG = 128 /* leads a sequence of two or three bytes */
};

#define T8(x)  x, x, x, x, x, x, x, x
#define T16(x) T8(x), T8(x)
// clang-format off
static const uint8_t plain[256] = {
    T8(0), 0, ALL & ~BARE, ALL & ~BARE, 0, ALL & ~BARE, ALL & ~BARE, 0, 0, T16(0),
    ALL & ~BARE, ALL, ALL & ~(DOUBLE | BARE), ALL, ALL, ALL, RAW | ESCAPED | COMMENT, ALL & ~(SINGLE | BARE), /* '(' */
    ALL, ALL, ALL, ALL, ALL, ALL & ~ESCAPED, ALL, ALL,
    T8(ALL), ALL, ALL, ALL, ALL, RAW | DOUBLE | SINGLE | COMMENT, ALL & ~BARE, ALL & ~(ESCAPED | BARE), ALL,
    T16(ALL), T16(ALL),
    ALL & ~BARE, ALL, ALL, ALL, ALL, ALL, ALL, ALL, T8(ALL), T8(ALL), ALL, ALL, ALL, ALL, ALL, ALL, ALL, 0,
    T16(0), T16(0), T16(0), T16(0),
    0, 0, LONG, LONG, LONG, LONG, LONG, LONG, T8(LONG), T16(LONG), T16(LONG), T16(0)};
// clang-format on

struct scan {
  struct zhi_arena *a;
  struct zhi_condensed *c;
  const char *p, *end;
  char *out;
  bool lost;    /* the state is not known for sure: copy the rest */
  bool select;  /* within <select>, where most raw text elements are ignored */
  bool foreign; /* within <svg> */
};

static bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool is_alpha(char c) { return (unsigned char)((c | 0x20) - 'a') < 26; }

static bool is_alnum(char c) { return is_alpha(c) || (c >= '0' && c <= '9'); }

static bool is_name(char c) { return is_alnum(c) || c == '-' || c == '_' || c == ':'; }

static bool is_more(char c) { return ((unsigned char)c & 0xc0) == 0x80; }

/* Bytes of the sequence at p when it is well formed and Gumbo lets it be, or 0. */
static size_t sequence(const char *p, const char *end) {
  unsigned char c = (unsigned char)*p, next;
  if (end - p < 2 || !is_more(p[1]))
    return 0;
  next = (unsigned char)p[1];
  if (c < 0xe0)
    return c > 0xc2 || next >= 0xa0 ? 2 : 0; /* not U+0080 to 9F */
  if (end - p < 3 || !is_more(p[2]))
    return 0;
  if ((c == 0xe0 && next < 0xa0) || (c == 0xed && next > 0x9f))
    return 0;
  return c == 0xef && (next == 0xb7 || next == 0xbf) ? 0 : 3; /* the noncharacters are in there */
}

static const char *plain_end(const char *p, const char *end, unsigned where) {
  while (p < end) {
    unsigned k = plain[(unsigned char)*p];
    if (k & where) {
      p++;
    } else if (k == LONG) {
      size_t n = sequence(p, end);
      if (!n)
        break;
      p += n;
    } else {
      break;
    }
  }
  return p;
}

static void copy_spaces(struct scan *s) {
  while (s->p < s->end && is_space(*s->p))
    *s->out++ = *s->p++;
}

static void copy_to(struct scan *s, const char *to) {
  size_t n = (size_t)(to - s->p);
  memcpy(s->out, s->p, n);
  s->out += n;
  s->p = to;
}

static void replace_to(struct scan *s, const char *to) {
  struct zhi_condensed *c = s->c;
  while (s->p < to &&
         (*s->p == '\r' || *s->p == '\n')) /* a text that CR LF begins starts at its LF */
    *s->out++ = *s->p++;
  if (to - s->p < MIN_BYTES || c->count == MAX_STRETCHES) {
    copy_to(s, to);
    return;
  }
  if (c->count == c->cap) {
    uint32_t cap = c->cap * 2;
    c->stretches = zhi_arena_grow(s->a, c->stretches, c->cap * sizeof *c->stretches,
                                  cap * sizeof *c->stretches);
    c->cap = cap;
  }
  const char *source = c->source.p;
  uint32_t n = c->count++;
  c->stretches[n] = (struct zhi_stretch){.from = (uint32_t)(s->p - source),
                                         .to = (uint32_t)(to - source),
                                         .at = (uint32_t)(s->out - c->text.p)};
  *s->out++ = (char)MARK_LEAD;
  *s->out++ = (char)(0x80 | n >> 12);
  *s->out++ = (char)(0x80 | (n >> 6 & 0x3f));
  *s->out++ = (char)(0x80 | (n & 0x3f));
  s->p = to;
}

/* The end of what may be a character reference, s->p at its '&'. Behind a number that is none Gumbo drops a character,
 * whatever it is: what comes then cannot be told. */
static const char *reference_end(struct scan *s, const char *end) {
  const char *start = s->p + 1, *p = start;
  while (p < end && (is_alnum(*p) || *p == '#' || *p == '='))
    p++;
  if (p < end && *p == ';')
    return p + 1;
  s->lost = start < end && *start == '#' && p - start >= LONG_NUMBER;
  return p;
}

/* Up to `end`: what is plain there is replaced, the rest copied. After '&' stands what may be the name of a character,
 * after '<' what may be that of a tag. */
static void condense_to(struct scan *s, const char *end, unsigned where) {
  while (s->p < end && !s->lost) {
    if (where == TEXT)
      copy_spaces(s);
    if (where == KEEP) {
      const char *to = memchr(s->p, '&', (size_t)(end - s->p));
      copy_to(s, to ? to : end);
    } else {
      replace_to(s, plain_end(s->p, end, where));
    }
    if (s->p == end)
      break;
    const char *q = s->p + 1;
    if (*s->p == '&') {
      q = reference_end(s, end);
    } else if (*s->p == '<') {
      while (q < end && (is_alpha(*q) || *q == '/' || *q == '!' || *q == '-'))
        q++;
    }
    copy_to(s, q);
  }
}

/* --- raw text ---------------------------------------------------------------------------------------- */

struct element {
  const char *name;
  enum { RAW_TEXT = 1, RCDATA, SCRIPT, SELECT, FOREIGN, COMPARED, LOST } is;
};

static const struct element elements[] = /* by length of name */
    {{"b", COMPARED},        {"i", COMPARED},     {"s", COMPARED},       {"u", COMPARED},
     {"em", COMPARED},       {"tt", COMPARED},    {"big", COMPARED},     {"svg", FOREIGN},
     {"xmp", RAW_TEXT},      {"body", COMPARED},  {"code", COMPARED},    {"desc", LOST},
     {"font", COMPARED},     {"html", COMPARED},  {"math", LOST},        {"nobr", COMPARED},
     {"input", COMPARED},    {"small", COMPARED}, {"style", RAW_TEXT},   {"title", RCDATA},
     {"iframe", RAW_TEXT},   {"script", SCRIPT},  {"select", SELECT},    {"strike", COMPARED},
     {"strong", COMPARED},   {"isindex", LOST},   {"noembed", RAW_TEXT}, {"frameset", LOST},
     {"noframes", RAW_TEXT}, {"template", LOST},  {"textarea", RCDATA},  {"plaintext", LOST},
     {"foreignobject", LOST}};

/* Where the names of each length begin; the last is the end. */
static const uint8_t first_of_length[] = {0, 0, 4, 6, 9, 16, 20, 25, 27, 31, 32, 32, 32, 32, 33};
_Static_assert(sizeof elements / sizeof *elements == 33, "first_of_length goes with elements");

static const struct element *element_of(struct zhi_str name) {
  if (name.len > sizeof first_of_length - 2)
    return NULL;
  char c = (char)(*name.p | 0x20);
  for (unsigned i = first_of_length[name.len]; i < first_of_length[name.len + 1]; i++)
    if (elements[i].name[0] == c && zhi_str_iis(name, elements[i].name))
      return &elements[i];
  return NULL;
}

/* Does the text at p, up to end, go on with this name and then leave it? */
static bool has_name(const char *p, const char *end, struct zhi_str name) {
  if ((size_t)(end - p) <= name.len || !zhi_str_ieq(zhi_str_n(p, name.len), name))
    return false;
  char after = p[name.len];
  return is_space(after) || after == '/' || after == '>';
}

/* Where the raw text of this element ends: at its end tag, or with the page. */
static const char *raw_end(const char *p, const char *end, struct zhi_str name) {
  for (; (p = memchr(p, '<', (size_t)(end - p))); p++)
    if (end - p > 2 && p[1] == '/' && has_name(p + 2, end, name))
      return p;
  return end;
}

static void raw_text(struct scan *s, const struct element *e) {
  struct zhi_str name = zhi_str_of(e->name);
  const char *end = raw_end(s->p, s->end, name);
  unsigned where = e->is == RCDATA ? TEXT : RAW;
  if (e->is == SCRIPT && memmem(s->p, (size_t)(end - s->p), "<!--", 4)) {
    where = ESCAPED;
    for (const char *p = s->p; (p = memchr(p, '<', (size_t)(end - p))); p++)
      if (has_name(p + 1, s->end, name)) { /* its end may be no end: 13.2.5.26 */
        s->lost = true;
        return;
      }
  }
  condense_to(s, end, where);
}

/* --- markup ------------------------------------------------------------------------------------------ */

/* An attribute's value, s->p behind the '='. */
static void value(struct scan *s, bool keep) {
  copy_spaces(s);
  if (s->p == s->end)
    return;
  const char *end = s->p;
  unsigned where = BARE;
  char quote = *s->p;
  if (quote == '"' || quote == '\'') {
    *s->out++ = *s->p++;
    end = memchr(s->p, quote, (size_t)(s->end - s->p));
    where = quote == '"' ? DOUBLE : SINGLE;
    if (!end)
      end = s->end;
  } else {
    while (end < s->end && !is_space(*end) && *end != '>')
      end++;
  }
  condense_to(s, end, keep ? KEEP : where);
  if (where != BARE && s->p < s->end && !s->lost)
    *s->out++ = *s->p++;
}

/* The rest of a tag behind its name, to its '>' or the page's end. */
static void attributes(struct scan *s, bool keep) {
  while (s->p < s->end && !s->lost) {
    while (s->p < s->end && (is_space(*s->p) || *s->p == '/'))
      *s->out++ = *s->p++;
    if (s->p == s->end)
      return;
    if (*s->p == '>') {
      *s->out++ = *s->p++;
      return;
    }
    if (*s->p == '=') { /* a name by the standard, none to some parsers */
      s->lost = true;
      return;
    }
    while (s->p < s->end && !is_space(*s->p) && *s->p != '/' && *s->p != '>' && *s->p != '=')
      *s->out++ = *s->p++;
    copy_spaces(s);
    if (s->p < s->end && *s->p == '=') {
      *s->out++ = *s->p++;
      value(s, keep);
    }
  }
}

static bool has(const struct zhi_str *names, unsigned n, struct zhi_str name) {
  while (n && !zhi_str_ieq(names[n - 1], name))
    n--;
  return n > 0;
}

/* The end of the attributes at p, which is behind white space, when they are of the usual form and no name comes twice; NULL otherwise.
 * *names: the first one's beginning. */
static const char *usual_attributes(const char *p, const char *end, const char **names) {
  struct zhi_str seen[MAX_ATTRIBUTES];
  *names = NULL;
  for (unsigned n = 0; n < MAX_ATTRIBUTES; n++) {
    while (p < end && is_space(*p))
      p++;
    if (p == end)
      return NULL;
    if (*p == '>' || (*p == '/' && end - p > 1 && p[1] == '>'))
      return p;
    const char *name = p;
    *names = *names ? *names : p;
    while (p < end && is_name(*p))
      p++;
    seen[n] = zhi_str_n(name, (size_t)(p - name));
    if (p == name || has(seen, n, seen[n]))
      return NULL;
    while (p < end && is_space(*p))
      p++;
    if (p == end || *p != '=')
      continue;
    for (p++; p < end && is_space(*p);)
      p++;
    if (p == end)
      return NULL;
    char quote = *p;
    if (quote == '"' || quote == '\'') {
      p = plain_end(p + 1, end, quote == '"' ? DOUBLE : SINGLE);
      if (p == end || *p != quote)
        return NULL;
      p++;
    } else {
      const char *value = p;
      p = plain_end(p, end, BARE);
      if (p == value || p == end || !(is_space(*p) || *p == '>'))
        return NULL;
    }
  }
  return NULL;
}

/* All attributes of a tag as one without a value, named by its character. */
static bool fold_attributes(struct scan *s) {
  const char *names, *to = usual_attributes(s->p, s->end, &names);
  if (!to || !names || names == s->p || to - names < MIN_BYTES || s->c->count == MAX_STRETCHES)
    return false;
  *s->out++ = ' ';
  s->p = names;
  replace_to(s, to);
  copy_to(s, to + (*to == '/' ? 2 : 1));
  return true;
}

static struct zhi_str tag_name(struct scan *s) {
  const char *start = s->p;
  while (s->p < s->end && !is_space(*s->p) && *s->p != '/' && *s->p != '>')
    *s->out++ = *s->p++;
  return zhi_str_n(start, (size_t)(s->p - start));
}

/* Does the element make it unsure what follows? */
static bool loses(const struct scan *s, const struct element *e) {
  switch (e->is) {
  case LOST: return true;
  case FOREIGN:
  case SCRIPT: return s->foreign;
  case RAW_TEXT: return s->foreign || s->select;
  case RCDATA: return s->foreign || (s->select && strcmp(e->name, "textarea") != 0);
  default: return false;
  }
}

static void start_tag(struct scan *s) {
  *s->out++ = *s->p++;
  const struct element *e = element_of(tag_name(s));
  s->lost = e && loses(s, e);
  if (s->lost)
    return;
  bool keep = s->foreign || (e && (e->is == COMPARED || e->is == FOREIGN));
  if (keep || !fold_attributes(s))
    attributes(s, keep);
  if (!e || s->lost)
    return;
  s->select = s->select || e->is == SELECT;
  s->foreign = s->foreign || e->is == FOREIGN;
  if (e->is == SCRIPT || e->is == RAW_TEXT || e->is == RCDATA)
    raw_text(s, e);
}

static void end_tag(struct scan *s) {
  copy_to(s, s->p + 2);
  const struct element *e = element_of(tag_name(s));
  bool bare = s->p < s->end && *s->p == '>'; /* Gumbo knows </svg >, with a space, for nothing */
  attributes(s, true);
  if (e && e->is == SELECT)
    s->select = false;
  if (e && e->is == FOREIGN && bare)
    s->foreign = false;
}

static void comment(struct scan *s) {
  const char *from = s->p + 4;
  const char *end = memmem(from, (size_t)(s->end - from), "-->", 3);
  if (!end || from[0] == '>' || (from[0] == '-' && from[1] == '>') ||
      memmem(from, (size_t)(end - from), "--!>", 4)) { /* it may end elsewhere */
    s->lost = true;
    return;
  }
  copy_to(s, from);
  condense_to(s, end, COMMENT);
  copy_to(s, end + 3);
}

static void markup(struct scan *s) {
  const char *p = s->p;
  size_t left = (size_t)(s->end - p);
  if (left > 1 && is_alpha(p[1])) {
    start_tag(s);
  } else if (left > 2 && p[1] == '/' && is_alpha(p[2])) {
    end_tag(s);
  } else if (left > 4 && memcmp(p, "<!--", 4) == 0) {
    comment(s);
  } else if (left > 1 && (p[1] == '!' || p[1] == '?' || p[1] == '/')) {
    if (s->foreign) { /* a CDATA section, perhaps */
      s->lost = true;
      return;
    }
    const char *end = memchr(p, '>', left); /* of a doctype or a bogus comment */
    copy_to(s, end ? end + 1 : s->end);
  } else {
    *s->out++ = *s->p++;
  }
}

static void text(struct scan *s) {
  const char *end = memchr(s->p, '<', (size_t)(s->end - s->p));
  if (!end)
    end = s->end;
  condense_to(s, end, TEXT);
}

void zhi_condense(struct zhi_arena *a, struct zhi_str source, struct zhi_condensed *out) {
  *out = (struct zhi_condensed){.source = source, .text = source};
  if (!source.len || memchr(source.p, MARK_LEAD, source.len))
    return;
  struct scan s = {.a = a, .c = out, .p = source.p, .end = source.p + source.len};
  s.out = zhi_arena_alloc(a, source.len + 1);
  out->text.p = s.out;
  out->cap = FIRST_STRETCHES;
  out->stretches = zhi_arena_alloc(a, out->cap * sizeof *out->stretches);
  while (s.p < s.end && !s.lost) {
    if (*s.p == '<')
      markup(&s);
    else
      text(&s);
  }
  copy_to(&s, s.end);
  *s.out = '\0';
  out->text.len = (size_t)(s.out - out->text.p);
}

/* --- putting back ------------------------------------------------------------------------------------ */

/* Copy with CR LF and CR as LF, in place, too; returns the end of what was written. */
static char *put(char *out, const char *p, const char *end) {
  for (const char *cr; (cr = memchr(p, '\r', (size_t)(end - p))); p = cr + 1) {
    memmove(out, p, (size_t)(cr - p));
    out += cr - p;
    if (cr + 1 == end || cr[1] != '\n')
      *out++ = '\n';
  }
  memmove(out, p, (size_t)(end - p));
  return out + (end - p);
}

static const struct zhi_stretch *stretch_at(const struct zhi_condensed *c, const char *mark) {
  return &c->stretches[(uint32_t)(mark[1] & 0x3f) << 12 | (uint32_t)(mark[2] & 0x3f) << 6 |
                       (uint32_t)(mark[3] & 0x3f)];
}

struct zhi_str zhi_condensed_expand(struct zhi_arena *a, const struct zhi_condensed *c,
                                    struct zhi_str s) {
  const char *end = s.p + s.len, *source = c->source.p;
  const char *first = c->count ? memchr(s.p, MARK_LEAD, s.len) : NULL;
  if (!first)
    return s;
  size_t bytes = s.len;
  for (const char *m = first; m; m = memchr(m, MARK_LEAD, (size_t)(end - m))) {
    const struct zhi_stretch *t = stretch_at(c, m);
    bytes += t->to - t->from;
    m += MARK_BYTES;
  }
  char *text = zhi_arena_alloc(a, bytes + 1), *out = text;
  const char *p = s.p;
  for (const char *m = first; m; m = memchr(p, MARK_LEAD, (size_t)(end - p))) {
    const struct zhi_stretch *t = stretch_at(c, m);
    memcpy(out, p, (size_t)(m - p));
    out = put(out + (m - p), source + t->from, source + t->to);
    p = m + MARK_BYTES;
  }
  memcpy(out, p, (size_t)(end - p));
  out += end - p;
  *out = '\0';
  return zhi_str_n(text, (size_t)(out - text));
}

/* The next attribute of *at up to end, a copy of what usual_attributes() let pass: names become lower case, and each
 * string is ended in place. */
static struct zhi_attr next_attribute(char **at, char *end) {
  char *p = *at, *name = p, *stop;
  for (; p < end && is_name(*p); p++)
    *p = *p >= 'A' && *p <= 'Z' ? (char)(*p | 0x20) : *p;
  struct zhi_attr attr = {.name = zhi_str_n(name, (size_t)(p - name)), .value = ZHI_STR("")};
  for (stop = p; p < end && is_space(*p);)
    p++;
  if (p < end && *p == '=') {
    for (p++; is_space(*p);)
      p++;
    char quote = *p == '"' || *p == '\'' ? *p++ : '\0';
    char *value = p;
    while (p < end && (quote ? *p != quote : !is_space(*p)))
      p++;
    char *last = put(value, value, p);
    p += p < end;
    *last = '\0';
    attr.value = zhi_str_n(value, (size_t)(last - value));
  }
  *stop = '\0';
  while (p < end && is_space(*p))
    p++;
  *at = p;
  return attr;
}

const struct zhi_attr *zhi_condensed_attrs(struct zhi_arena *a, const struct zhi_condensed *c,
                                           const char *name, uint16_t *count) {
  *count = 0;
  if (!c->count || (unsigned char)*name != MARK_LEAD)
    return NULL;
  const struct zhi_stretch *t = stretch_at(c, name);
  size_t n = t->to - t->from;
  char *copy = (char *)zhi_arena_str(a, zhi_str_n(c->source.p + t->from, n)).p, *end = copy + n;
  struct zhi_attr found[MAX_ATTRIBUTES];
  uint16_t used = 0;
  while (copy < end && used < MAX_ATTRIBUTES)
    found[used++] = next_attribute(&copy, end);
  struct zhi_attr *attrs = zhi_arena_alloc(a, used * sizeof *attrs);
  memcpy(attrs, found, used * sizeof *attrs);
  *count = used;
  return attrs;
}

uint32_t zhi_condensed_offset(struct zhi_condensed *c, uint32_t at) {
  uint32_t i = c->cursor;
  while (i < c->count && c->stretches[i].at < at)
    i++;
  while (i && c->stretches[i - 1].at >= at)
    i--;
  c->cursor = i;
  if (!i)
    return at;
  const struct zhi_stretch *t = &c->stretches[i - 1];
  return t->to + (at - t->at - MARK_BYTES);
}
