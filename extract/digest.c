/* The text digest: what a page says, for telling whether it was edited.
 *
 * It covers the body text and, behind it, every sentence and longer remark that stands elsewhere on the page and is
 * no link: a notice under the text, a correction in the footer. What changes by itself is masked: numbers of hits,
 * today's date. What was masked is kept in doc->masked, so that nobody has to guess why two readings count as one. */
#include "extract/ctx.h"

enum {
  DIGITS_MAX = 12,
  NOW_MAX_BYTES = 96,
  SENTENCE_MIN_BYTES = 12,
  REMARK_MIN_BYTES = 36,
  MASKED_MAX = 64
};

/* Labels of counters, before ("浏览次数：12") or behind ("12 次浏览") their number. */
static const char *const counters[] = {
    "浏览次数", "浏览量", "浏览数", "浏览人数", "点击次数", "点击量", "点击数",   "点击率",
    "阅读次数", "阅读量", "阅读数", "阅读人数", "访问次数", "访问量", "访问人数", "下载次数",
    "下载量",   "点赞数", "评论数", "播放次数", "播放量",   "人气",   "浏览",     "点击",
    "阅读",     "访问",   "次浏览", "次阅读",   "次点击",   "次访问", "次下载",   "人浏览"};
/* What follows is the time of reading. */
static const char *const nows[] = {"今天是",   "现在是",   "当前时间",
                                   "当前日期", "现在时间", "您好，今天是"};
static const char *const sentence_ends[] = {"。", "；", "！", "？"};

struct mask {
  struct zhi_ctx *c;
  char *out; /* never longer than what it is made of, and a line end a sentence */
  size_t len;
  uint32_t cap;
  bool begins[256]; /* by key_of(): first characters of what is masked */
};

/* A key of the Han character at p, of three bytes. */
static uint8_t key_of(const char *p) { return (uint8_t)((uint8_t)p[1] * 31u + (uint8_t)p[2]); }

static void note_firsts(struct mask *m, const char *const *words, size_t n) {
  for (size_t i = 0; i < n; i++)
    m->begins[key_of(words[i])] = true;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* May what is masked begin at s.p[i]? All of it begins with a digit or a Han character. */
static bool may_begin(const struct mask *m, struct zhi_str s, size_t i) {
  return is_digit(s.p[i]) || ((unsigned char)s.p[i] >= 0xe4 && (unsigned char)s.p[i] <= 0xe9 &&
                              s.len - i >= 3 && m->begins[key_of(s.p + i)]);
}

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

/* Bytes of one of `words` at the start of `s`; 0 when none stands there. */
static size_t word_at(struct zhi_str s, const char *const *words, size_t n) {
  size_t best = 0;
  for (size_t i = 0; i < n; i++)
    if (words[i][0] == s.p[0] && zhi_str_starts(s, words[i]) && strlen(words[i]) > best)
      best = strlen(words[i]);
  return best;
}

/* White space, colons and opening brackets. */
static size_t skip_between(struct zhi_str s) {
  static const char *const marks[] = {"：", ":", "（", "(", "【", "[", " ", "\xc2\xa0", "　"};
  size_t i = 0;
  for (int n = 0; n < 4 && i < s.len; n++) {
    size_t k = word_at(zhi_str_sub(s, i, s.len), marks, sizeof marks / sizeof *marks);
    if (!k)
      break;
    i += k;
  }
  return i;
}

static size_t digits_at(struct zhi_str s) {
  size_t i = 0;
  while (i < s.len && i < DIGITS_MAX && is_digit(s.p[i]))
    i++;
  return i;
}

/* A counter at the start of `s`: its bytes, and where in it the number is. */
static size_t counter_at(struct zhi_str s, size_t *from, size_t *to) {
  size_t n = digits_at(s);
  if (n) { /* the number first */
    struct zhi_str rest = zhi_str_sub(s, n, s.len);
    size_t gap = skip_between(rest);
    rest = zhi_str_sub(rest, gap, rest.len);
    size_t word = rest.len ? word_at(rest, counters, sizeof counters / sizeof *counters) : 0;
    bool behind = word && (zhi_str_starts(rest, "次") || zhi_str_starts(rest, "人"));
    *from = 0;
    *to = n;
    return behind ? n + gap + word : 0;
  }
  size_t word = word_at(s, counters, sizeof counters / sizeof *counters);
  struct zhi_str rest = zhi_str_sub(s, word, s.len);
  size_t gap = word ? skip_between(rest) : 0;
  n = gap ? digits_at(zhi_str_sub(rest, gap, rest.len)) : 0;
  *from = word + gap;
  *to = word + gap + n;
  return n ? word + gap + n : 0;
}

static size_t now_at(struct zhi_str s) {
  size_t n = word_at(s, nows, sizeof nows / sizeof *nows);
  while (n && n < s.len && n < NOW_MAX_BYTES && s.p[n] != '\n')
    n++;
  return n;
}

static void add_masked(struct mask *m, struct zhi_str s) {
  bool in_number = false;
  for (size_t i = 0; i < s.len;) {
    size_t start = i;
    while (i < s.len && !may_begin(m, s, i))
      i++;
    put(m, s.p + start, i - start);
    in_number = in_number && i == start;
    if (i == s.len)
      break;
    struct zhi_str rest = zhi_str_sub(s, i, s.len);
    size_t from = 0, to = 0, n = in_number ? 0 : counter_at(rest, &from, &to);
    if (!n && (unsigned char)rest.p[0] >= 0x80)
      n = to = now_at(rest);
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

static void add_outer_text(struct mask *m) {
  const struct zhi_ctx *c = m->c;
  for (uint32_t i = c->html.body; i < c->html.count; i++) {
    if (i == c->main) {
      i = c->html.nodes[i].end - 1;
      continue;
    }
    uint8_t out = ZHI_FLAT_LINK | ZHI_FLAT_OUT;
    if (c->html.nodes[i].kind != ZHI_NODE_TEXT || (c->flat.flags[i] & out))
      continue;
    struct zhi_str s = zhi_flat_text(&c->flat, i);
    bool sentence = is_sentence(s);
    if (!sentence && !is_remark(s))
      continue;
    put(m, "\n", 1);
    (sentence ? add_masked : add_without_numbers)(m, s);
  }
}

void zhi_text_digest(struct zhi_ctx *c) {
  struct mask m = {.c = c};
  char digest[ZHI_DIGEST_TEXT_SIZE];
  if (!c->doc->text.len)
    return; /* the payload decides alone */
  note_firsts(&m, counters, sizeof counters / sizeof *counters);
  note_firsts(&m, nows, sizeof nows / sizeof *nows);
  m.out = zhi_arena_alloc(c->a, c->doc->text.len + 2 * c->flat.len + 1);
  add_masked(&m, c->doc->text);
  add_outer_text(&m);
  if (zhi_sha256_text(zhi_str_n(m.out, m.len), digest, NULL) == ZHI_OK)
    c->doc->text_digest = zhi_arena_str(c->a, zhi_str_of(digest));
}
