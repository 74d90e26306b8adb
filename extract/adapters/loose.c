/* JSON as templates write it: names without quotes or in single ones, commas that nothing follows, line ends and tabs
 * within strings, escapes that JSON has not. Rewritten in one pass; what is no such text comes out no better. */
#include "extract/adapters/adapters.h"

#include <string.h>

struct loose {
  struct zhi_str s;
  size_t at;
  char *out; /* three bytes for each of s are enough */
  size_t len;
};

static void put(struct loose *w, char ch) { w->out[w->len++] = ch; }

static bool is_hex(const struct loose *w, size_t at) {
  for (size_t i = at; i < at + 4; i++)
    if (i >= w->s.len || !strchr("0123456789abcdefABCDEF", w->s.p[i]) || !w->s.p[i])
      return false;
  return true;
}

/* A backslash and what it escapes; what JSON does not know stands for itself. */
static void put_escape(struct loose *w) {
  char ch = w->at + 1 < w->s.len ? w->s.p[w->at + 1] : 0;
  bool known = ch && (strchr("\"\\/bfnrt", ch) || (ch == 'u' && is_hex(w, w->at + 2)));
  w->at++;
  if (!known)
    return; /* the next character is copied as any other */
  put(w, '\\');
  put(w, ch);
  w->at++;
}

static void put_string(struct loose *w) {
  char quote = w->s.p[w->at++];
  put(w, '"');
  while (w->at < w->s.len && w->s.p[w->at] != quote) {
    char ch = w->s.p[w->at];
    if (ch == '\\') {
      bool own = w->at + 1 < w->s.len && w->s.p[w->at + 1] == '\'';
      put_escape(w);
      if (own)
        put(w, w->s.p[w->at++]);
      continue;
    }
    if (ch == '"')
      put(w, '\\');
    put(w, (unsigned char)ch < ' ' ? ' ' : ch);
    w->at++;
  }
  w->at++;
  put(w, '"');
}

/* A number, or a word: a name when a colon follows it. */
static void put_word(struct loose *w) {
  size_t from = w->at, to;
  while (w->at < w->s.len && (zhi_is_word(w->s.p[w->at]) || strchr("+-.", w->s.p[w->at])))
    w->at++;
  to = w->at;
  while (w->at < w->s.len && (unsigned char)w->s.p[w->at] <= ' ')
    w->at++;
  bool name = w->at < w->s.len && w->s.p[w->at] == ':';
  struct zhi_str word = zhi_str_sub(w->s, from, to);
  if (zhi_str_is(word, "undefined"))
    word = ZHI_STR("null");
  if (name)
    put(w, '"');
  memcpy(w->out + w->len, word.p, word.len);
  w->len += word.len;
  if (name)
    put(w, '"');
}

/* A comma, unless the bracket or the next comma comes at once. */
static void put_comma(struct loose *w) {
  char before = w->len ? w->out[w->len - 1] : '[';
  w->at++;
  while (w->at < w->s.len && (unsigned char)w->s.p[w->at] <= ' ')
    w->at++;
  char next = w->at < w->s.len ? w->s.p[w->at] : ']';
  if (!strchr("[{,", before) && !strchr("]},", next))
    put(w, ',');
}

struct zhi_str zhi_json_loose(struct zhi_arena *a, struct zhi_str s) {
  struct loose w = {.s = s, .out = zhi_arena_alloc(a, s.len * 3 + 8)};
  while (w.at < s.len) {
    char ch = s.p[w.at];
    if (ch == '"' || ch == '\'') {
      put_string(&w);
    } else if (ch == ',') {
      put_comma(&w);
    } else if (zhi_is_word(ch) || ch == '-') {
      put_word(&w);
    } else {
      if ((unsigned char)ch > ' ')
        put(&w, ch);
      w.at++;
    }
  }
  return zhi_str_n(w.out, w.len);
}
