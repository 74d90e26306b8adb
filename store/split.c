/* Words of the index.
 *
 * Chinese has no spaces, so a run of its characters becomes overlapping pairs and, alone, its last character:
 * 财政局 is 财政 政局 局. Thus every character begins one word, every two that stand together are one word, and
 * a longer stretch is a phrase of pairs that can stand nowhere else. Letters and digits are words as they are.
 * Punctuation and line ends leave a mark between words, so that no phrase reaches over them; white space ends a run.
 * Each character is folded by itself before: NFKC, lower case, traditional to simplified. The tokenizer built into
 * every SQLite then finds just these words again. */
#include "store/split.h"

#include <stdlib.h>
#include <unicase.h>
#include <unicode/utrans.h>
#include <unictype.h>
#include <uninorm.h>

enum {
  PLANE = 0x10000,
  SEVERAL = 1, /* in `to`: not one character of the plane */
  HAN_FIRST = 0x4E00,
  HAN_LAST = 0x9FFF,
  WORD_MAX = 64,
  FOLDED_MAX = 24 /* characters that one becomes, at most: U+FDFA is 18 */
};

struct zhi_fold {
  uint16_t simple[PLANE]; /* 0: as it is */
  uint16_t to[PLANE];     /* 0: not met yet */
  uint8_t kind[PLANE];    /* 0: not met yet */
};

static void load_pairs(struct zhi_fold *f) {
  static const UChar id[] = u"Traditional-Simplified";
  UErrorCode status = U_ZERO_ERROR;
  UTransliterator *t = utrans_openU(id, -1, UTRANS_FORWARD, NULL, 0, NULL, &status);
  for (unsigned c = 0x3400; c <= HAN_LAST && U_SUCCESS(status); c++) {
    UChar text[8] = {(UChar)c};
    int32_t len = 1, limit = 1;
    utrans_transUChars(t, text, &len, 8, 0, &limit, &status);
    if (U_SUCCESS(status) && len == 1 && text[0] != c)
      zhi_fold_pair(f, c, text[0]);
  }
  if (t)
    utrans_close(t);
}

enum zhi_code zhi_fold_new(bool simplify, struct zhi_fold **out, struct zhi_err *e) {
  struct zhi_fold *f = calloc(1, sizeof *f);
  if (!f)
    return zhi_fail(e, ZHI_ENOMEM, "out of memory for folding characters");
  if (simplify)
    load_pairs(f);
  *out = f;
  return ZHI_OK;
}

void zhi_fold_free(struct zhi_fold *f) { free(f); }

void zhi_fold_pair(struct zhi_fold *f, unsigned from, unsigned to) {
  if (from < PLANE && to < PLANE && to > SEVERAL)
    f->simple[from] = (uint16_t)to;
}

bool zhi_fold_each(const struct zhi_fold *f, unsigned *from, unsigned *to) {
  for (unsigned c = *from + 1; c < PLANE; c++)
    if (f->simple[c]) {
      *from = c;
      *to = f->simple[c];
      return true;
    }
  return false;
}

static unsigned simplified(const struct zhi_fold *f, unsigned c) {
  return c < PLANE && f->simple[c] ? f->simple[c] : c;
}

static size_t fold_slowly(const struct zhi_fold *f, unsigned c, uint32_t out[FOLDED_MAX]) {
  uint32_t in[1] = {c};
  size_t n = FOLDED_MAX;
  uint32_t *p = u32_casefold(in, 1, NULL, UNINORM_NFKC, out, &n);
  if (!p || p != out) { /* longer than any is */
    free(p);
    out[0] = c;
    n = 1;
  }
  for (size_t i = 0; i < n; i++)
    out[i] = simplified(f, out[i]);
  return n;
}

static size_t fold(struct zhi_fold *f, unsigned c, uint32_t out[FOLDED_MAX]) {
  out[0] = c;
  if (c < 0x80) {
    if (c >= 'A' && c <= 'Z')
      out[0] = c + 32;
    return 1;
  }
  if (c >= HAN_FIRST && c <= HAN_LAST) {
    out[0] = simplified(f, c);
    return 1;
  }
  if (c >= PLANE)
    return fold_slowly(f, c, out);
  if (f->to[c] > SEVERAL) {
    out[0] = f->to[c];
    return 1;
  }
  size_t n = fold_slowly(f, c, out);
  f->to[c] = n == 1 && out[0] < PLANE && out[0] > SEVERAL ? (uint16_t)out[0] : SEVERAL;
  return n;
}

/* --- kinds of characters ------------------------------------------------------------------------------------ */

enum kind { KIND_NEW, KIND_HAN, KIND_WORD, KIND_SPACE, KIND_BREAK };

static bool is_han(unsigned c) {
  return (c >= 0x2E80 && c <= 0x2FDF) || c == 0x3005 || c == 0x3007 ||
         (c >= 0x3040 && c <= 0x30FF && c != 0x30FB) || (c >= 0x3100 && c <= 0x312F) ||
         (c >= 0x3400 && c <= 0x4DBF) || (c >= HAN_FIRST && c <= HAN_LAST) ||
         (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xE000 && c <= 0xFAFF) ||
         (c >= 0x20000 && c <= 0x3FFFF);
}

static enum kind judge(unsigned c) {
  if (is_han(c))
    return KIND_HAN;
  if (c == '\n' || c == '\r')
    return KIND_BREAK;
  if (uc_is_property_white_space(c) || uc_is_general_category(c, UC_OTHER))
    return KIND_SPACE;
  if (uc_is_general_category(c, UC_LETTER) || uc_is_general_category(c, UC_NUMBER) ||
      uc_is_general_category(c, UC_MARK))
    return KIND_WORD;
  return KIND_BREAK;
}

static enum kind kind_of(struct zhi_fold *f, unsigned c) {
  if (c >= HAN_FIRST && c <= HAN_LAST)
    return KIND_HAN;
  if (c >= PLANE)
    return judge(c);
  if (!f->kind[c])
    f->kind[c] = (uint8_t)judge(c);
  return (enum kind)f->kind[c];
}

void zhi_fold_text(struct zhi_fold *f, struct zhi_str text, struct zhi_buf *out) {
  uint32_t folded[FOLDED_MAX];
  bool space = false;
  for (size_t i = 0; i < text.len;) {
    unsigned c;
    i += zhi_utf8_next(text.p + i, text.len - i, &c);
    size_t n = fold(f, c, folded);
    for (size_t k = 0; k < n; k++) {
      if (kind_of(f, folded[k]) == KIND_SPACE || folded[k] == '\n' || folded[k] == '\r') {
        space = out->len > 0;
        continue;
      }
      if (space)
        zhi_buf_addc(out, ' ');
      space = false;
      zhi_buf_add_utf8(out, folded[k]);
    }
  }
}

/* --- words ---------------------------------------------------------------------------------------------------- */

struct splitter {
  void (*fn)(void *ctx, const struct zhi_token *t);
  void *ctx;
  char word[WORD_MAX + 8]; /* letters gathered; or the Chinese character before this one */
  size_t len, from, to;
  bool han;    /* `word` is a Chinese character */
  bool paired; /* of which a pair was made */
  bool marked; /* the last word was a break */
};

static void emit(struct splitter *s, const char *p, size_t len, size_t from, size_t to) {
  struct zhi_token t = {zhi_str_n(p, len), from, to};
  s->fn(s->ctx, &t);
  s->marked = false;
}

static void flush(struct splitter *s) {
  if (s->len)
    emit(s, s->word, s->len, s->from, s->to);
  s->len = 0;
  s->han = s->paired = false;
}

static size_t put_utf8(char out[4], unsigned c) {
  if (c < 0x80) {
    out[0] = (char)c;
    return 1;
  }
  size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  for (size_t i = n; i-- > 1; c >>= 6)
    out[i] = (char)(0x80 | (c & 0x3F));
  out[0] = (char)((n == 2 ? 0xC0 : n == 3 ? 0xE0 : 0xF0) | c);
  return n;
}

static void take_han(struct splitter *s, unsigned c, size_t from, size_t to) {
  char one[4];
  size_t n = put_utf8(one, c);
  if (s->len && !s->han)
    flush(s);
  if (s->len) {
    memcpy(s->word + s->len, one, n);
    emit(s, s->word, s->len + n, s->from, to);
    s->paired = true;
  }
  memcpy(s->word, one, n);
  s->len = n;
  s->from = from;
  s->to = to;
  s->han = true;
}

static void take_letter(struct splitter *s, unsigned c, size_t from, size_t to) {
  if (s->han || s->len >= WORD_MAX)
    flush(s);
  if (!s->len)
    s->from = from;
  s->len += put_utf8(s->word + s->len, c);
  s->to = to;
}

static void take(struct splitter *s, enum kind kind, unsigned c, size_t from, size_t to) {
  switch (kind) {
  case KIND_HAN: take_han(s, c, from, to); break;
  case KIND_WORD: take_letter(s, c, from, to); break;
  case KIND_BREAK:
    flush(s);
    if (!s->marked)
      emit(s, ZHI_SPLIT_BREAK, 1, from, to);
    s->marked = true;
    break;
  case KIND_SPACE:
  case KIND_NEW: flush(s); break;
  }
}

void zhi_split(struct zhi_fold *f, struct zhi_str text, enum zhi_split_mode mode,
               void (*fn)(void *ctx, const struct zhi_token *t), void *ctx, bool *single) {
  struct splitter s = {.fn = fn, .ctx = ctx, .marked = true};
  uint32_t folded[FOLDED_MAX];
  for (size_t i = 0; i < text.len;) {
    unsigned c;
    size_t from = i;
    i += zhi_utf8_next(text.p + i, text.len - i, &c);
    size_t n = fold(f, c, folded);
    for (size_t k = 0; k < n; k++)
      take(&s, kind_of(f, folded[k]), folded[k], from, i);
  }
  if (single)
    *single = s.han && !s.paired;
  if (mode == ZHI_SPLIT_QUERY && s.han && s.paired)
    s.len = 0;
  flush(&s);
}

static void add_word(void *ctx, const struct zhi_token *t) {
  zhi_buf_addstr(ctx, t->word);
  zhi_buf_addc(ctx, ' ');
}

void zhi_split_add(struct zhi_fold *f, struct zhi_str text, struct zhi_buf *out) {
  zhi_split(f, text, ZHI_SPLIT_TEXT, add_word, out, NULL);
}
