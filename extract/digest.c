/* The text digest: what a page says, for telling whether it was edited.
 *
 * It covers the body text and, behind it, the facts by which a document is known and its force told (a table says
 * 有效 or 废止 and no sentence does), and every sentence and longer remark that stands elsewhere on the page and is no
 * link: a notice under the text, a correction in the footer. What changes by itself is masked: numbers of hits,
 * today's date. What was masked is kept in doc->masked, so that nobody has to guess why two readings count as one. */
#include "extract/ctx.h"
#include "zhi/noise.h"

enum { SENTENCE_MIN_BYTES = 12, REMARK_MIN_BYTES = 36, MASKED_MAX = 64, DAY_BYTES = 10 };

static const enum zhi_field facts[] = {
    ZHI_F_TITLE,          ZHI_F_DOC_NO,         ZHI_F_VALIDITY,    ZHI_F_DATE_WRITTEN,
    ZHI_F_DATE_PUBLISHED, ZHI_F_DATE_EFFECTIVE, ZHI_F_DATE_EXPIRED};
static const char *const sentence_ends[] = {"。", "；", "！", "？"};

struct mask {
  struct zhi_ctx *c;
  char *out; /* never longer than what it is made of, and a line end a sentence */
  size_t len;
  uint32_t cap;
  struct zhi_noise_firsts firsts;
};

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static void put(struct mask *m, const char *p, size_t n) {
  memcpy(m->out + m->len, p, n);
  m->len += n;
}

static void keep_masked(struct mask *m, struct zhi_str s) {
  struct zhi_doc *d = m->c->doc;
  if (d->masked_count < MASKED_MAX)
    *(struct zhi_str *)ZHI_PUSH(m->c, d->masked, d->masked_count, m->cap) =
        zhi_arena_str(m->c->a, s);
}

static void add_masked(struct mask *m, struct zhi_str s) {
  bool in_number = false;
  for (size_t i = 0; i < s.len;) {
    size_t start = i;
    i = zhi_noise_next(&m->firsts, s, i);
    put(m, s.p + start, i - start);
    in_number = in_number && i == start;
    if (i == s.len)
      break;
    struct zhi_str rest = zhi_str_sub(s, i, s.len);
    enum zhi_noise_kind kind;
    size_t from = 0, to = 0, n = in_number ? 0 : zhi_noise_at(rest, &kind, &from, &to);
    if (n) {
      keep_masked(m, zhi_str_sub(rest, 0, n));
      put(m, rest.p, from);
      put(m, "#", 1);
      put(m, rest.p + to, n - to);
      i += n;
      continue;
    }
    in_number = is_digit(rest.p[0]);
    put(m, rest.p, 1);
    i++;
  }
}

static bool has_one_of(struct zhi_str s, const char *const *words, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (zhi_str_find(s, zhi_str_of(words[i])))
      return true;
  return false;
}

static bool is_sentence(struct zhi_str s) {
  return s.len >= SENTENCE_MIN_BYTES &&
         has_one_of(s, sentence_ends, sizeof sentence_ends / sizeof *sentence_ends);
}

/* Longer than a caption, and neither date nor weather. */
static bool is_remark(struct zhi_str s) {
  static const char *const of_the_day[] = {"星期", "农历", "℃", "今天", "当前", "在线"};
  return s.len >= REMARK_MIN_BYTES &&
         !has_one_of(s, of_the_day, sizeof of_the_day / sizeof *of_the_day);
}

/* Numbers beside the text are counters more often than not. */
static void add_without_numbers(struct mask *m, struct zhi_str s) {
  for (size_t i = 0; i < s.len; i++)
    if (!is_digit(s.p[i]))
      put(m, s.p + i, 1);
}

/* The first sentence or remark outside the text from node *i on, which is set behind it. */
static bool next_beside(const struct zhi_ctx *c, uint32_t *i, struct zhi_str *text,
                        bool *is_whole_sentence) {
  while (*i < c->html.count) {
    uint32_t at = *i;
    *i = at == c->main ? c->html.nodes[at].end : at + 1;
    uint8_t out = ZHI_FLAT_LINK | ZHI_FLAT_OUT;
    if (at == c->main || c->html.nodes[at].kind != ZHI_NODE_TEXT || (c->flat.flags[at] & out))
      continue;
    *text = zhi_flat_text(&c->flat, at);
    *is_whole_sentence = is_sentence(*text);
    if (*is_whole_sentence || is_remark(*text))
      return true;
  }
  return false;
}

static void add_outer_text(struct mask *m) {
  uint32_t i = m->c->html.body;
  struct zhi_str s;
  bool sentence;
  while (next_beside(m->c, &i, &s, &sentence)) {
    put(m, "\n", 1);
    (sentence ? add_masked : add_without_numbers)(m, s);
  }
}

/* What the digest covers beside the text, for showing where it differs: numbers of remarks are left out here, too. */
void zhi_find_beside(struct zhi_ctx *c) {
  struct mask m = {.c = c};
  uint32_t i = c->html.body;
  struct zhi_str s;
  bool sentence;
  m.out = zhi_arena_alloc(c->a, 2 * (size_t)c->flat.len + 1);
  while (next_beside(c, &i, &s, &sentence)) {
    if (sentence)
      put(&m, s.p, s.len);
    else
      add_without_numbers(&m, s);
    put(&m, "\n", 1);
  }
  c->doc->beside = zhi_str_n(m.out, m.len);
}

static size_t facts_max(const struct zhi_doc *d) {
  size_t n = 0;
  for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
    n += d->fields[facts[i]].value.len + 1;
  return n;
}

static void add_facts(struct mask *m) {
  for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
    struct zhi_str v = m->c->doc->fields[facts[i]].value;
    if (!v.len)
      continue;
    put(m, "\n", 1);
    put(m, v.p,
        zhi_field_table[facts[i]].type == ZHI_FT_DATETIME && v.len > DAY_BYTES ? DAY_BYTES : v.len);
  }
}

void zhi_text_digest(struct zhi_ctx *c) {
  struct mask m = {.c = c};
  char digest[ZHI_DIGEST_TEXT_SIZE];
  if (!c->doc->text.len)
    return; /* the payload decides alone */
  zhi_noise_firsts(&m.firsts);
  m.out = zhi_arena_alloc(c->a, c->doc->text.len + 2 * c->flat.len + facts_max(c->doc) + 1);
  add_masked(&m, c->doc->text);
  add_facts(&m);
  add_outer_text(&m);
  if (zhi_sha256_text(zhi_str_n(m.out, m.len), digest, NULL) == ZHI_OK)
    c->doc->text_digest = zhi_arena_str(c->a, zhi_str_of(digest));
}
