/* Lines and words of a text. Chinese is split by ICU's dictionary; a stretch of noise (a counter with its number) is one
 * word that equals every other of its kind and label. White space is no difference, except a table's cell borders and
 * spaces between Latin words or numbers. */
#include <stdlib.h>
#include <unicode/ubrk.h>

#include "base/diff.h"
#include "zhi/digest.h"

/* --- lines ------------------------------------------------------------------------------------------------------- */

struct zhi_diff_line *zhi_diff_lines(struct zhi_arena *arena, struct zhi_str text, size_t *count) {
  size_t n = text.len > 0;
  for (size_t i = 0; i < text.len && n < ZHI_DIFF_MAX_LINES; i++)
    n += text.p[i] == '\n';
  struct zhi_diff_line *lines = zhi_arena_zalloc(arena, (n + 1) * sizeof *lines);
  bool related = false; /* under such a heading */
  for (size_t i = 0; i < n; i++) {
    lines[i].text = i + 1 < n ? zhi_str_cut(&text, '\n') : text;
    struct zhi_str line = zhi_str_trim(lines[i].text);
    lines[i].noise = zhi_noise_line(line);
    related = zhi_noise_heads_related(line) || (related && zhi_noise_may_be_link(line));
    if (related && lines[i].noise == ZHI_NOISE_NONE)
      lines[i].noise = ZHI_NOISE_RELATED;
  }
  *count = n;
  return lines;
}

/* --- pieces: text and noise ---------------------------------------------------------------------------------------- */

struct piece {
  uint32_t from, to;
  uint32_t var_from, var_to; /* what changes, of noise */
  enum zhi_noise_kind noise;
};

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* The next piece from `at` on: noise there, or text up to the next noise. */
static struct piece next_piece(const struct zhi_diff_line *l, uint32_t at) {
  struct zhi_str s = l->text;
  bool in_number = at > 0 && is_digit(s.p[at - 1]);
  for (size_t i = at; i < s.len; i++) {
    enum zhi_noise_kind kind = ZHI_NOISE_NUMBER;
    size_t from = 0, to = 0, n = 0;
    if (l->noise == ZHI_NOISE_NUMBER && is_digit(s.p[i])) {
      while (i + n < s.len && is_digit(s.p[i + n]))
        n++;
      to = n;
    } else if (!in_number) {
      n = zhi_noise_at(zhi_str_sub(s, i, s.len), &kind, &from, &to);
    }
    in_number = is_digit(s.p[i]);
    if (!n)
      continue;
    if (i > at)
      return (struct piece){at, (uint32_t)i, 0, 0, ZHI_NOISE_NONE};
    return (struct piece){at, (uint32_t)(i + n), (uint32_t)(i + from), (uint32_t)(i + to), kind};
  }
  return (struct piece){at, (uint32_t)s.len, 0, 0, ZHI_NOISE_NONE};
}

static size_t space_at(struct zhi_str s, size_t i) {
  static const char *const wide[] = {"\xc2\xa0",     "\xe3\x80\x80", "\xe2\x80\x8b",
                                     "\xe2\x80\x83", "\xe2\x80\x82", "\xef\xbb\xbf"};
  unsigned char c = (unsigned char)s.p[i];
  if (c < 0x80)
    return c == ' ' || c == '\r' || c == 0x1f;
  for (size_t k = 0; k < sizeof wide / sizeof *wide; k++)
    if (zhi_str_starts(zhi_str_sub(s, i, s.len), wide[k]))
      return strlen(wide[k]);
  return 0;
}

static bool is_latin(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Append `s` as the comparison sees it. */
static void add_plain(struct zhi_buf *b, struct zhi_str s) {
  bool gap = false;
  for (size_t i = 0; i < s.len;) {
    size_t n = space_at(s, i);
    if (n) {
      gap = true;
      i += n;
      continue;
    }
    if (gap && b->len && is_latin(b->p[b->len - 1]) && is_latin(s.p[i]))
      zhi_buf_addc(b, ' ');
    gap = false;
    zhi_buf_addc(b, s.p[i++]);
  }
}

/* The label of a noise, and what kind it is. */
static void add_noise(struct zhi_buf *b, struct zhi_str line, const struct piece *p) {
  zhi_buf_addf(b, "\x01%d", (int)p->noise);
  add_plain(b, zhi_str_sub(line, p->from, p->var_from));
  add_plain(b, zhi_str_sub(line, p->var_to, p->to));
  zhi_buf_addc(b, '\x01');
}

uint64_t zhi_diff_line_id(struct zhi_arena *arena, const struct zhi_diff_line *line) {
  struct zhi_buf b;
  struct zhi_str view;
  zhi_arena_check(arena);
  zhi_buf_init(&b, 2 * line->text.len + 64);
  if (line->noise != ZHI_NOISE_NONE && line->noise != ZHI_NOISE_NUMBER) {
    zhi_buf_addf(&b, "\x01line%d", (int)line->noise);
  } else {
    for (uint32_t at = 0; at < line->text.len;) {
      struct piece p = next_piece(line, at);
      if (p.noise)
        add_noise(&b, line->text, &p);
      else
        add_plain(&b, zhi_str_sub(line->text, p.from, p.to));
      at = p.to;
    }
  }
  view = b.failed ? line->text : zhi_buf_view(&b);
  uint64_t id = zhi_hash64(view);
  zhi_buf_release(&b);
  return id;
}

/* --- words ---------------------------------------------------------------------------------------------------------- */

struct diff_splitter {
  UBreakIterator *words;
  UText text;
};

struct diff_splitter *zhi_diff_splitter_new(void) {
  UErrorCode u = U_ZERO_ERROR;
  struct diff_splitter *s = calloc(1, sizeof *s);
  if (!s)
    return NULL;
  s->text = (UText)UTEXT_INITIALIZER;
  s->words = ubrk_open(UBRK_WORD, "zh", NULL, 0, &u);
  if (U_SUCCESS(u))
    return s;
  free(s);
  return NULL;
}

void zhi_diff_splitter_free(struct diff_splitter *s) {
  if (!s)
    return;
  ubrk_close(s->words);
  utext_close(&s->text);
  free(s);
}

struct list {
  struct zhi_arena *arena;
  struct zhi_str line;
  struct diff_word *words;
  size_t count, cap;
};

static struct diff_word *add_word(struct list *l, uint32_t from, uint32_t to) {
  if (l->count == l->cap) {
    size_t cap = l->cap ? 2 * l->cap : 64;
    l->words =
        zhi_arena_grow(l->arena, l->words, l->cap * sizeof *l->words, cap * sizeof *l->words);
    l->cap = cap;
  }
  struct diff_word *w = &l->words[l->count++];
  *w = (struct diff_word){.from = from, .to = to};
  return w;
}

static bool is_punctuation(unsigned cp) {
  return (cp < 0x80 && !is_latin((char)cp)) || (cp >= 0x2010 && cp <= 0x2027) ||
         (cp >= 0x3001 && cp <= 0x301f && cp != 0x3007) || (cp >= 0xff01 && cp <= 0xff0f) ||
         (cp >= 0xff1a && cp <= 0xff20);
}

static void add_text_word(struct list *l, uint32_t from, uint32_t to) {
  struct zhi_str s = zhi_str_sub(l->line, from, to);
  size_t space = space_at(s, 0);
  if (space == s.len && l->count) { /* white space belongs to the word before it */
    l->words[l->count - 1].to = to;
    return;
  }
  unsigned cp = 0;
  zhi_utf8_next(s.p, s.len, &cp);
  struct diff_word *w = add_word(l, from, to);
  w->boundary = space || is_punctuation(cp);
  w->id = space ? zhi_hash64(ZHI_STR(" ")) : zhi_hash64(s);
}

/* Every character a word of its own, numbers and Latin words whole. */
static void split_plainly(struct list *l, uint32_t at, uint32_t to) {
  while (at < to) {
    unsigned cp;
    uint32_t n = (uint32_t)zhi_utf8_next(l->line.p + at, to - at, &cp);
    while (is_latin(l->line.p[at]) && at + n < to && is_latin(l->line.p[at + n]))
      n++;
    add_text_word(l, at, at + n);
    at += n;
  }
}

static void split(struct list *l, struct diff_splitter *s, uint32_t from, uint32_t to) {
  UErrorCode u = U_ZERO_ERROR;
  if (s) {
    utext_openUTF8(&s->text, l->line.p + from, (int64_t)(to - from), &u);
    ubrk_setUText(s->words, &s->text, &u);
  }
  if (!s || U_FAILURE(u)) {
    split_plainly(l, from, to);
    return;
  }
  int32_t start = ubrk_first(s->words), end;
  while ((end = ubrk_next(s->words)) != UBRK_DONE) {
    add_text_word(l, from + (uint32_t)start, from + (uint32_t)end);
    start = end;
  }
  if (from + (uint32_t)start < to)
    split_plainly(l, from + (uint32_t)start, to);
}

struct diff_word *zhi_diff_words(struct zhi_arena *arena, struct diff_splitter *s,
                                 const struct zhi_diff_line *line, size_t *count) {
  struct list l = {.arena = arena, .line = line->text};
  zhi_arena_check(arena);
  for (uint32_t at = 0; at < line->text.len;) {
    struct piece p = next_piece(line, at);
    if (p.noise) {
      struct diff_word *w = add_word(&l, p.from, p.to);
      struct zhi_buf b;
      zhi_buf_init(&b, 4096);
      add_noise(&b, line->text, &p);
      w->noise = p.noise;
      w->id = zhi_hash64(zhi_buf_view(&b));
      zhi_buf_release(&b);
    } else {
      split(&l, s, p.from, p.to);
    }
    at = p.to;
  }
  *count = l.count;
  return l.words;
}
